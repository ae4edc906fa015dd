#include "CLinux.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// A request under way: its header, the kind's own header, attributes.
struct request {
    _Alignas(NLMSG_ALIGNTO) uint8_t bytes[512];
};

static struct nlmsghdr *header(struct request *request) {
    return (struct nlmsghdr *)request->bytes;
}

static void *begin(struct request *request, uint16_t type, uint16_t flags, size_t count) {
    memset(request, 0, sizeof(*request));
    *header(request) = (struct nlmsghdr){
        .nlmsg_len = NLMSG_LENGTH(count),
        .nlmsg_type = type,
        .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags,
    };
    return NLMSG_DATA(header(request));
}

static struct rtattr *add(struct request *request, uint16_t type, const void *value, size_t count) {
    uint32_t end = NLMSG_ALIGN(header(request)->nlmsg_len);
    struct rtattr *attribute = (struct rtattr *)(request->bytes + end);

    *attribute = (struct rtattr){.rta_len = RTA_LENGTH(count), .rta_type = type};
    if (count > 0)
        memcpy(RTA_DATA(attribute), value, count);
    header(request)->nlmsg_len = end + RTA_ALIGN(attribute->rta_len);
    return attribute;
}

// Ends an attribute that holds those that were added since.
static void end(struct request *request, struct rtattr *outer) {
    outer->rta_len = request->bytes + header(request)->nlmsg_len - (uint8_t *)outer;
}

// Sends the request and waits for the kernel's word, which comes at once.
static int send_request(int netlink, struct request *request) {
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        uint8_t rest[512];
    } answer;

    if (send(netlink, request, header(request)->nlmsg_len, 0) < 0)
        return -errno;
    ssize_t count = recv(netlink, &answer, sizeof(answer), 0);
    if (count < 0)
        return -errno;
    if ((size_t)count < NLMSG_LENGTH(sizeof(answer.error)) || answer.header.nlmsg_type != NLMSG_ERROR)
        return -EPROTO;
    return answer.error.error;
}

int ntl_netlink_open(void) {
    int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    return netlink < 0 ? -errno : netlink;
}

// The attribute in which a family's settings of a device are.
static int set_family(int netlink, unsigned int index, uint16_t family, uint16_t type, const void *value,
                      size_t count) {
    struct request request;
    struct ifinfomsg *link = begin(&request, RTM_NEWLINK, 0, sizeof(*link));

    link->ifi_index = (int)index;
    struct rtattr *families = add(&request, IFLA_AF_SPEC, NULL, 0);
    struct rtattr *settings = add(&request, family, NULL, 0);
    add(&request, type, value, count);
    end(&request, settings);
    end(&request, families);
    return send_request(netlink, &request);
}

// An ICMP error about what a device's own address sent comes from one of this node's: net.ipv4.conf.*.accept_local.
static int accept_local(int netlink, unsigned int index) {
    struct {
        struct rtattr header;
        uint32_t value;
    } setting = {{.rta_len = sizeof(setting), .rta_type = IPV4_DEVCONF_ACCEPT_LOCAL}, 1};
    return set_family(netlink, index, AF_INET, IFLA_INET_CONF, &setting, sizeof(setting));
}

int ntl_link_set(int netlink, unsigned int index, const uint8_t mac[6], uint32_t mtu, bool is_ipv6) {
    struct request request;
    struct ifinfomsg *link = begin(&request, RTM_NEWLINK, 0, sizeof(*link));
    const uint8_t mode = IN6_ADDR_GEN_MODE_NONE;

    link->ifi_index = (int)index;
    add(&request, IFLA_ADDRESS, mac, 6);
    add(&request, IFLA_MTU, &mtu, sizeof(mtu));
    int result = send_request(netlink, &request);
    if (result == 0)
        result = accept_local(netlink, index);
    if (result == 0 && is_ipv6)
        result = set_family(netlink, index, AF_INET6, IFLA_INET6_ADDR_GEN_MODE, &mode, sizeof(mode));
    return result;
}

int ntl_link_set_up(int netlink, unsigned int index) {
    struct request request;
    struct ifinfomsg *link = begin(&request, RTM_NEWLINK, 0, sizeof(*link));

    link->ifi_index = (int)index;
    link->ifi_flags = IFF_UP;
    link->ifi_change = IFF_UP;
    return send_request(netlink, &request);
}

int ntl_address_set(int netlink, unsigned int index, const uint8_t *address, unsigned int count, uint8_t prefix,
                    bool is_there) {
    struct request request;
    uint16_t flags = is_there ? NLM_F_CREATE | NLM_F_REPLACE : 0;
    struct ifaddrmsg *message = begin(&request, is_there ? RTM_NEWADDR : RTM_DELADDR, flags, sizeof(*message));

    message->ifa_family = count == 4 ? AF_INET : AF_INET6;
    message->ifa_prefixlen = prefix;
    message->ifa_flags = count == 4 ? 0 : IFA_F_NODAD;
    message->ifa_index = index;
    add(&request, IFA_LOCAL, address, count);
    add(&request, IFA_ADDRESS, address, count);
    int result = send_request(netlink, &request);
    return !is_there && result == -EADDRNOTAVAIL ? 0 : result;
}
