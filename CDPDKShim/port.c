#include "CDPDKShim.h"

#include <errno.h>
#include <net/if.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_eth_ring.h>
#include <rte_ring.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int ntl_port_by_name(const char *name, uint16_t *port) {
    return rte_eth_dev_get_port_by_name(name, port);
}

int ntl_port_probe(const char *devargs, const char *name, uint16_t *port) {
    int error = rte_dev_probe(devargs);
    if (error < 0)
        return error;
    return ntl_port_by_name(name, port);
}

int ntl_port_get_info(uint16_t port, ntl_port_info *out) {
    struct rte_eth_dev_info info;
    struct rte_ether_addr mac;
    int error = rte_eth_dev_info_get(port, &info);
    if (error < 0)
        return error;
    if ((error = rte_eth_macaddr_get(port, &mac)) < 0)
        return error;

    memset(out, 0, sizeof(*out));
    strncpy(out->driver, info.driver_name, sizeof(out->driver) - 1);
    out->socket = rte_eth_dev_socket_id(port);
    out->min_mtu = info.min_mtu;
    out->max_mtu = info.max_mtu;
    out->max_rx_pktlen = info.max_rx_pktlen;
    out->max_rx_queues = info.max_rx_queues;
    out->max_tx_queues = info.max_tx_queues;
    out->rx_offloads = info.rx_offload_capa;
    out->tx_offloads = info.tx_offload_capa;
    out->rss = info.flow_type_rss_offloads;
    memcpy(out->mac, mac.addr_bytes, sizeof(out->mac));
    out->if_index = info.if_index;
    return 0;
}

static int configure_queues(uint16_t port, const ntl_port_conf *conf, const char **step) {
    int socket = rte_eth_dev_socket_id(port);
    int error;

    *step = "rte_eth_rx_queue_setup";
    for (uint16_t queue = 0; queue < conf->rx_queues; queue++) {
        error = rte_eth_rx_queue_setup(port, queue, conf->rx_descriptors, socket, NULL, conf->pool);
        if (error < 0)
            return error;
    }
    *step = "rte_eth_tx_queue_setup";
    for (uint16_t queue = 0; queue < conf->tx_queues; queue++) {
        error = rte_eth_tx_queue_setup(port, queue, conf->tx_descriptors, socket, NULL);
        if (error < 0)
            return error;
    }
    return 0;
}

int ntl_port_configure(uint16_t port, ntl_port_conf *conf, const char **step) {
    struct rte_eth_conf eth = {0};
    eth.rxmode.mtu = conf->mtu;
    eth.rxmode.offloads = conf->rx_offloads;
    eth.txmode.offloads = conf->tx_offloads;
    if (conf->rss != 0) {
        eth.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
        eth.rx_adv_conf.rss_conf.rss_hf = conf->rss;
    }

    *step = "rte_eth_dev_configure";
    int error = rte_eth_dev_configure(port, conf->rx_queues, conf->tx_queues, &eth);
    if (error < 0)
        return error;
    *step = "rte_eth_dev_adjust_nb_rx_tx_desc";
    error = rte_eth_dev_adjust_nb_rx_tx_desc(port, &conf->rx_descriptors, &conf->tx_descriptors);
    if (error < 0)
        return error;
    return configure_queues(port, conf, step);
}

int ntl_port_set_mac(uint16_t port, const uint8_t mac[6]) {
    struct rte_ether_addr address;
    memcpy(address.addr_bytes, mac, sizeof(address.addr_bytes));
    return rte_eth_dev_default_mac_addr_set(port, &address);
}

int ntl_port_set_mtu(uint16_t port, uint16_t mtu) {
    return rte_eth_dev_set_mtu(port, mtu);
}

uint16_t ntl_port_get_mtu(uint16_t port) {
    uint16_t mtu;
    return rte_eth_dev_get_mtu(port, &mtu) == 0 ? mtu : 0;
}

int ntl_port_set_promiscuous(uint16_t port, bool on) {
    return on ? rte_eth_promiscuous_enable(port) : rte_eth_promiscuous_disable(port);
}

int ntl_port_set_allmulticast(uint16_t port) {
    return rte_eth_allmulticast_enable(port);
}

int ntl_port_start(uint16_t port) {
    return rte_eth_dev_start(port);
}

int ntl_port_stop(uint16_t port) {
    return rte_eth_dev_stop(port);
}

int ntl_port_close(uint16_t port) {
    return rte_eth_dev_close(port);
}

int ntl_port_get_link(uint16_t port, ntl_port_link *out) {
    struct rte_eth_link link;
    int error = rte_eth_link_get_nowait(port, &link);
    if (error < 0)
        return error;
    out->up = link.link_status == RTE_ETH_LINK_UP;
    out->speed_mbps = link.link_speed;
    return 0;
}

bool ntl_interface_is_running(unsigned int if_index) {
    struct ifreq request = {0};
    if (if_indextoname(if_index, request.ifr_name) == NULL)
        return false;
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return false;
    int error = ioctl(descriptor, SIOCGIFFLAGS, &request);
    close(descriptor);
    return error == 0 && (request.ifr_flags & IFF_UP) && (request.ifr_flags & IFF_RUNNING);
}

int ntl_port_get_stats(uint16_t port, ntl_port_stats *out) {
    struct rte_eth_stats stats;
    int error = rte_eth_stats_get(port, &stats);
    if (error < 0)
        return error;
    *out = (ntl_port_stats){stats.ipackets,  stats.ibytes,   stats.imissed, stats.ierrors,
                            stats.rx_nombuf, stats.opackets, stats.obytes,  stats.oerrors};
    return 0;
}

int ntl_memory_port_create(const char *name, unsigned int size, ntl_memory_port *out) {
    char ring_name[RTE_RING_NAMESIZE];
    struct rte_ring *rings[2];
    for (int i = 0; i < 2; i++) {
        snprintf(ring_name, sizeof(ring_name), "%.20s.%s", name, i == 0 ? "rx" : "tx");
        rings[i] = rte_ring_create(ring_name, size, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
        if (rings[i] == NULL)
            return -rte_errno;
    }
    int port = rte_eth_from_rings(name, &rings[0], 1, &rings[1], 1, SOCKET_ID_ANY);
    if (port < 0)
        return -rte_errno;
    *out = (ntl_memory_port){.port = port, .rx = rings[0], .tx = rings[1]};
    return 0;
}

bool ntl_memory_port_put(ntl_memory_port port, ntl_mbuf *mbuf) {
    return rte_ring_sp_enqueue(port.rx, mbuf) == 0;
}

ntl_mbuf *ntl_memory_port_take(ntl_memory_port port) {
    void *mbuf = NULL;
    return rte_ring_sc_dequeue(port.tx, &mbuf) == 0 ? mbuf : NULL;
}
