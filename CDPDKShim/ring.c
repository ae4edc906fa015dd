#include "CDPDKShim.h"

#include <rte_mbuf_dyn.h>

int ntl_note_offset;

int ntl_note_register(void) {
    static const struct rte_mbuf_dynfield field = {
        .name = "needletail_note",
        .size = sizeof(ntl_note),
        .align = __alignof__(ntl_note),
    };
    ntl_note_offset = rte_mbuf_dynfield_register(&field);
    return ntl_note_offset < 0 ? -1 : 0;
}

void *ntl_ring_create(const char *name, unsigned int count, int socket) {
    return rte_ring_create(name, count, socket, RING_F_SP_ENQ | RING_F_SC_DEQ | RING_F_EXACT_SZ);
}

void ntl_ring_free(void *ring) {
    rte_ring_free(ring);
}
