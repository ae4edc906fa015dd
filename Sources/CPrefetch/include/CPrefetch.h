// What Swift has no word for; apart from DPDK's shim, as the lookup tables know nothing of DPDK.
#pragma once

// Starts to fetch the cache line at address; any address will do.
static inline void ntl_prefetch_line(const void *address) {
    __builtin_prefetch(address);
}
