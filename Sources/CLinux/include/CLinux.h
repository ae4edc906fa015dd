// What Swift cannot see or call of Linux: TAP devices, network namespaces, and the few requests of rtnetlink that a TAP
// device needs. Nothing here knows a port, a VRF or a packet.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Every function answers 0, or what it says, or a negative errno.

// Makes a TAP device in the calling thread's network namespace, which goes when the descriptor is closed. Frames are
// read and written whole and without blocking. Returns the descriptor; -EBUSY where a device has the name already.
int ntl_tap_open(const char *name);
int ntl_tap_set_carrier(int tap, bool is_up);

// Which of several descriptors have something to read.
int ntl_epoll_open(void);
int ntl_epoll_add(int epoll, int descriptor);
// Fills in at most count descriptors without waiting for any; returns how many, 32 at most.
int ntl_epoll_ready(int epoll, int *descriptors, int count);

// The network namespace at a path, or the calling thread's own where it is null. Returns a descriptor.
int ntl_namespace_open(const char *path);
// Moves the calling thread into a network namespace.
int ntl_namespace_enter(int netns);

// A socket of rtnetlink in the calling thread's network namespace. Returns the descriptor.
int ntl_netlink_open(void);
// Sets a device's Ethernet address and MTU, has it take packets that come from its own addresses, and keeps the kernel
// from giving it IPv6 addresses of its own accord if is_ipv6.
int ntl_link_set(int netlink, unsigned int index, const uint8_t mac[6], uint32_t mtu, bool is_ipv6);
int ntl_link_set_up(int netlink, unsigned int index);
// Adds an address of count bytes, in network byte order, with the prefix of its link; or removes it. IPv6 addresses are
// not looked for on the link before. Neither is an error where it is done already.
int ntl_address_set(int netlink, unsigned int index, const uint8_t *address, unsigned int count, uint8_t prefix,
                    bool is_there);
