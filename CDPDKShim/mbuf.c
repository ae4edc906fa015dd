#include "CDPDKShim.h"

#include <errno.h>
#include <string.h>

#define PIN(field)                                                                                                     \
    _Static_assert(offsetof(ntl_mbuf, field) == offsetof(struct rte_mbuf, field), "rte_mbuf." #field " has moved");    \
    _Static_assert(sizeof(((ntl_mbuf *)0)->field) == sizeof(((struct rte_mbuf *)0)->field),                            \
                   "rte_mbuf." #field " has changed")

PIN(buf_addr);
PIN(data_off);
PIN(refcnt);
PIN(nb_segs);
PIN(port);
PIN(ol_flags);
PIN(packet_type);
PIN(pkt_len);
PIN(data_len);
PIN(vlan_tci);
PIN(vlan_tci_outer);
PIN(buf_len);
PIN(pool);

static struct rte_mbuf *rte(ntl_mbuf *mbuf) {
    return (struct rte_mbuf *)mbuf;
}

void *ntl_pool_create(const char *name, unsigned int count, unsigned int cache, uint16_t data_room, int socket) {
    return rte_pktmbuf_pool_create(name, count, cache, 0, data_room + RTE_PKTMBUF_HEADROOM, socket);
}

void ntl_pool_free(void *pool) {
    rte_mempool_free(pool);
}

unsigned int ntl_pool_in_use(const void *pool) {
    return rte_mempool_in_use_count(pool);
}

unsigned int ntl_pool_size(const void *pool) {
    return ((const struct rte_mempool *)pool)->size;
}

ntl_mbuf *ntl_mbuf_alloc(void *pool) {
    return (ntl_mbuf *)rte_pktmbuf_alloc(pool);
}

void ntl_mbuf_free(ntl_mbuf *mbuf) {
    rte_pktmbuf_free(rte(mbuf));
}

int ntl_mbuf_append(ntl_mbuf *mbuf, void *pool, const uint8_t *bytes, uint32_t count, uint16_t room) {
    struct rte_mbuf *head = rte(mbuf);
    struct rte_mbuf *last = rte_pktmbuf_lastseg(head);

    while (count > 0) {
        uint32_t space = room > last->data_len ? room - last->data_len : 0;
        if (space > rte_pktmbuf_tailroom(last))
            space = rte_pktmbuf_tailroom(last);
        if (space == 0) {
            struct rte_mbuf *next = rte_pktmbuf_alloc(pool);
            if (next == NULL)
                return -ENOMEM;
            next->data_off = 0;
            last->next = next;
            last = next;
            head->nb_segs++;
            continue;
        }
        uint32_t part = count < space ? count : space;
        memcpy(rte_pktmbuf_mtod_offset(last, uint8_t *, last->data_len), bytes, part);
        last->data_len += part;
        head->pkt_len += part;
        bytes += part;
        count -= part;
    }
    return 0;
}

uint32_t ntl_mbuf_read(const ntl_mbuf *mbuf, uint32_t offset, uint32_t count, uint8_t *out) {
    uint32_t done = 0;
    for (const struct rte_mbuf *seg = (const struct rte_mbuf *)mbuf; seg != NULL && done < count; seg = seg->next) {
        if (offset >= seg->data_len) {
            offset -= seg->data_len;
            continue;
        }
        uint32_t part = RTE_MIN(seg->data_len - offset, count - done);
        memcpy(out + done, rte_pktmbuf_mtod_offset(seg, const uint8_t *, offset), part);
        done += part;
        offset = 0;
    }
    return done;
}

int ntl_mbuf_pullup(ntl_mbuf *mbuf, uint32_t count) {
    struct rte_mbuf *head = rte(mbuf);
    if (count <= head->data_len)
        return 0;
    if (count > head->pkt_len || count > head->buf_len)
        return -1;
    if (count - head->data_len > rte_pktmbuf_tailroom(head)) {
        uint16_t start = head->buf_len - count;
        memmove((uint8_t *)head->buf_addr + start, rte_pktmbuf_mtod(head, uint8_t *), head->data_len);
        head->data_off = start;
    }
    while (head->data_len < count) {
        struct rte_mbuf *next = head->next;
        uint16_t part = RTE_MIN((uint32_t)next->data_len, count - head->data_len);
        memcpy(rte_pktmbuf_mtod_offset(head, uint8_t *, head->data_len), rte_pktmbuf_mtod(next, uint8_t *), part);
        head->data_len += part;
        next->data_off += part;
        next->data_len -= part;
        if (next->data_len == 0) {
            head->next = next->next;
            head->nb_segs--;
            rte_pktmbuf_free_seg(next);
        }
    }
    return 0;
}

void ntl_mbuf_truncate(ntl_mbuf *mbuf, uint32_t length) {
    struct rte_mbuf *head = rte(mbuf);
    struct rte_mbuf *seg = head;
    uint32_t left = length;
    uint16_t segments = 1;

    while (seg->data_len < left) {
        left -= seg->data_len;
        seg = seg->next;
        segments++;
    }
    seg->data_len = left;
    if (seg->next != NULL)
        rte_pktmbuf_free(seg->next);
    seg->next = NULL;
    head->nb_segs = segments;
    head->pkt_len = length;
}

void ntl_mbuf_push_front(ntl_mbuf *head, ntl_mbuf *tail, uint16_t skip, uint32_t length, uint16_t room) {
    struct rte_mbuf *front = rte(head);
    struct rte_mbuf *rest = rte(tail);

    front->data_off = front->buf_len - room;
    front->data_len = room;
    front->pkt_len = room + length;
    if (length == 0) {
        rte_pktmbuf_free(rest);
        return;
    }
    rte_pktmbuf_adj(rest, skip);
    ntl_mbuf_truncate(tail, length);
    front->next = rest;
    front->nb_segs = rest->nb_segs + 1;
}
