#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

int ntl_tap_open(const char *name) {
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | (short)IFF_TUN_EXCL};
    int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

    if (tap < 0)
        return -errno;
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    if (ioctl(tap, TUNSETIFF, &request) < 0) {
        int error = errno;
        close(tap);
        return -error;
    }
    return tap;
}

int ntl_tap_set_carrier(int tap, bool is_up) {
    int value = is_up;
    return ioctl(tap, TUNSETCARRIER, &value) < 0 ? -errno : 0;
}

int ntl_epoll_open(void) {
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    return epoll < 0 ? -errno : epoll;
}

int ntl_epoll_add(int epoll, int descriptor) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) < 0 ? -errno : 0;
}

int ntl_epoll_ready(int epoll, int *descriptors, int count) {
    struct epoll_event events[32];
    const int most = sizeof(events) / sizeof(events[0]);
    int ready = epoll_wait(epoll, events, count < most ? count : most, 0);

    for (int i = 0; i < ready; i++)
        descriptors[i] = events[i].data.fd;
    return ready < 0 ? -errno : ready;
}

int ntl_namespace_open(const char *path) {
    int netns = open(path != NULL ? path : "/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    return netns < 0 ? -errno : netns;
}

int ntl_namespace_enter(int netns) {
    return setns(netns, CLONE_NEWNET) < 0 ? -errno : 0;
}
