// Ethernet devices.
#pragma once

#include <rte_ethdev.h>
#include <stdbool.h>
#include <stdint.h>

#include "ntl_mbuf.h"

static inline uint16_t ntl_rx_burst(uint16_t port, uint16_t queue, ntl_mbuf **mbufs, uint16_t count) {
    return rte_eth_rx_burst(port, queue, (struct rte_mbuf **)mbufs, count);
}

static inline uint16_t ntl_tx_burst(uint16_t port, uint16_t queue, ntl_mbuf **mbufs, uint16_t count) {
    return rte_eth_tx_burst(port, queue, (struct rte_mbuf **)mbufs, count);
}

static const uint64_t NTL_RX_IPV4_CKSUM = RTE_ETH_RX_OFFLOAD_IPV4_CKSUM;
static const uint64_t NTL_RX_SCATTER = RTE_ETH_RX_OFFLOAD_SCATTER;
static const uint64_t NTL_RX_RSS_HASH = RTE_ETH_RX_OFFLOAD_RSS_HASH;
static const uint64_t NTL_TX_MULTI_SEGS = RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
static const uint64_t NTL_TX_FAST_FREE = RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
static const uint64_t NTL_RSS_IP_TCP_UDP = (RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP);

typedef struct ntl_port_info {
    char driver[32];
    int socket; // NUMA node, -1 where the device has none
    uint16_t min_mtu, max_mtu;
    uint32_t max_rx_pktlen;
    uint16_t max_rx_queues, max_tx_queues;
    uint64_t rx_offloads, tx_offloads; // capabilities
    uint64_t rss;                      // flow types it can hash
    uint8_t mac[6];
    unsigned int if_index; // the kernel's interface that the device is bound to, 0 for none
} ntl_port_info;

typedef struct ntl_port_conf {
    uint16_t rx_queues, tx_queues;
    uint16_t rx_descriptors, tx_descriptors; // adjusted to the device's limits
    uint32_t mtu;                            // layer-3 bytes
    uint64_t rx_offloads, tx_offloads;
    uint64_t rss; // 0: no RSS
    void *pool;
} ntl_port_conf;

typedef struct ntl_port_stats {
    uint64_t rx_packets, rx_bytes, rx_missed, rx_errors, rx_no_mbuf;
    uint64_t tx_packets, tx_bytes, tx_errors;
} ntl_port_stats;

typedef struct ntl_port_link {
    bool up;
    uint32_t speed_mbps; // UINT32_MAX: unknown
} ntl_port_link;

// Every function that returns int answers 0 or a negative errno.

// Probes a device by its EAL words and gives the number of its port.
int ntl_port_probe(const char *devargs, const char *name, uint16_t *port);
// The number of a port that EAL probed at start.
int ntl_port_by_name(const char *name, uint16_t *port);
int ntl_port_get_info(uint16_t port, ntl_port_info *info);
// Configures the port and its queues; *step names the call that failed.
int ntl_port_configure(uint16_t port, ntl_port_conf *conf, const char **step);
int ntl_port_set_mac(uint16_t port, const uint8_t mac[6]);
int ntl_port_set_mtu(uint16_t port, uint16_t mtu);
// Layer-3 bytes; 0 where the port does not say.
uint16_t ntl_port_get_mtu(uint16_t port);
int ntl_port_set_promiscuous(uint16_t port, bool on);
int ntl_port_set_allmulticast(uint16_t port);
int ntl_port_start(uint16_t port);
int ntl_port_stop(uint16_t port);
int ntl_port_close(uint16_t port);
int ntl_port_get_link(uint16_t port, ntl_port_link *link);
// Whether a kernel's interface of this network namespace is up and has a carrier; false too if it is gone.
bool ntl_interface_is_running(unsigned int if_index);
int ntl_port_get_stats(uint16_t port, ntl_port_stats *stats);

// A port of memory: what is put into rx is received, what is transmitted comes out of tx. Both hold packet buffers and
// are single-threaded at the far side. Returns the port's number or a negative errno.
typedef struct ntl_memory_port {
    uint16_t port;
    void *rx, *tx;
} ntl_memory_port;
int ntl_memory_port_create(const char *name, unsigned int size, ntl_memory_port *out);
bool ntl_memory_port_put(ntl_memory_port port, ntl_mbuf *mbuf);
ntl_mbuf *ntl_memory_port_take(ntl_memory_port port);
