// The one thing that the lookup tables need and Swift has no word for.
#pragma once

// Starts to fetch the cache line at address; any address will do.
static inline void ntl_prefetch_line(const void *address) {
    __builtin_prefetch(address);
}
