// Packet buffers. Swift refuses struct rte_mbuf ("record is over aligned"), so it reads this mirror of the leading
// fields, which the assertions in mbuf.c pin to the installed DPDK.
#pragma once

#include <rte_mbuf.h>
#include <stdint.h>

typedef struct ntl_mbuf {
    uint8_t *buf_addr;
    uint64_t iova_or_next;
    uint16_t data_off;
    uint16_t refcnt;
    uint16_t nb_segs;
    uint16_t port;
    uint64_t ol_flags;
    uint32_t packet_type;
    uint32_t pkt_len;
    uint16_t data_len;
    uint16_t vlan_tci;
    uint32_t rss;
    uint32_t hash_high;
    uint16_t vlan_tci_outer;
    uint16_t buf_len;
    void *pool;
} ntl_mbuf;

// The device checked the IPv4 header checksum of the outermost header.
static const uint64_t NTL_RX_IP_CKSUM_MASK = RTE_MBUF_F_RX_IP_CKSUM_MASK;
static const uint64_t NTL_RX_IP_CKSUM_BAD = RTE_MBUF_F_RX_IP_CKSUM_BAD;
static const uint64_t NTL_RX_IP_CKSUM_GOOD = RTE_MBUF_F_RX_IP_CKSUM_GOOD;

static inline void ntl_free_bulk(ntl_mbuf **mbufs, unsigned int count) {
    rte_pktmbuf_free_bulk((struct rte_mbuf **)mbufs, count);
}

// A pool of count buffers for one NUMA node; null with rte_errno set when memory ends.
void *ntl_pool_create(const char *name, unsigned int count, unsigned int cache, uint16_t data_room, int socket);
void ntl_pool_free(void *pool);
unsigned int ntl_pool_in_use(const void *pool);
unsigned int ntl_pool_size(const void *pool);

// One empty buffer; null when the pool is empty.
ntl_mbuf *ntl_mbuf_alloc(void *pool);
void ntl_mbuf_free(ntl_mbuf *mbuf);

// Appends bytes at the end of the packet, chaining further buffers of room bytes each from the pool as they are
// needed. 0, or -ENOMEM when the pool is empty.
int ntl_mbuf_append(ntl_mbuf *mbuf, void *pool, const uint8_t *bytes, uint32_t count, uint16_t room);

// Copies the packet's bytes from offset on; returns how many were copied.
uint32_t ntl_mbuf_read(const ntl_mbuf *mbuf, uint32_t offset, uint32_t count, uint8_t *out);

// Makes the first count bytes contiguous in the first buffer. 0, or -1 when the packet is shorter or the buffer too
// small: the packet is then unchanged.
int ntl_mbuf_pullup(ntl_mbuf *mbuf, uint32_t count);

// Cuts the packet's tail so that length bytes remain, freeing buffers left empty. length is 1 or more and no more than
// the packet holds.
void ntl_mbuf_truncate(ntl_mbuf *mbuf, uint32_t length);

// Makes head, an empty buffer, the first of the packet tail, which loses its first skip bytes and keeps length bytes
// after them. The last room bytes of head's buffer become the packet's first.
void ntl_mbuf_push_front(ntl_mbuf *head, ntl_mbuf *tail, uint16_t skip, uint32_t length, uint16_t room);
