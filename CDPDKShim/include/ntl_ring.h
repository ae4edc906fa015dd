// Packets between a worker and the control thread: rings with one producer and one consumer (rte_ring), and a note on
// each packet that says what for.
#pragma once

#include "ntl_mbuf.h"
#include <rte_ring.h>
#include <stdbool.h>
#include <stdint.h>

// What control and a worker tell each other of a packet, in a dynamic field of its mbuf.
typedef struct ntl_note {
    // An index of the snapshot's next hops.
    uint32_t next_hop;
    uint32_t table;
    uint16_t interface;
    uint8_t kind;
    // The worker that punted the packet.
    uint8_t worker;
    // An IP packet is taken for IPv4, whatever its bytes say.
    bool is_ipv4;
    // The worker made the packet.
    bool is_ours;
} ntl_note;

extern int ntl_note_offset;

// Registers the note with DPDK, once EAL runs and before any packet has one. 0, or -1 with rte_errno set.
int ntl_note_register(void);

static inline ntl_note *ntl_mbuf_note(ntl_mbuf *mbuf) {
    return (ntl_note *)((uint8_t *)mbuf + ntl_note_offset);
}

// A ring of at least count packets; null with rte_errno set when memory ends.
void *ntl_ring_create(const char *name, unsigned int count, int socket);
void ntl_ring_free(void *ring);

// False: the ring is full.
static inline bool ntl_ring_put(void *ring, ntl_mbuf *mbuf) {
    return rte_ring_sp_enqueue((struct rte_ring *)ring, mbuf) == 0;
}

static inline bool ntl_ring_is_empty(const void *ring) {
    return rte_ring_empty((const struct rte_ring *)ring) != 0;
}

// Packets that the ring takes before it is full.
static inline unsigned int ntl_ring_room(const void *ring) {
    return rte_ring_free_count((const struct rte_ring *)ring);
}

static inline unsigned int ntl_ring_take(void *ring, ntl_mbuf **mbufs, unsigned int count) {
    return rte_ring_sc_dequeue_burst((struct rte_ring *)ring, (void **)mbufs, count, NULL);
}
