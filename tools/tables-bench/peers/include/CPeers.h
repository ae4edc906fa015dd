// DPDK's own lookup libraries, which the bench measures beside Needletail's tables.
#pragma once

#include <rte_fib.h>
#include <rte_fib6.h>
#include <stdint.h>

// Empty tables in EAL's memory, with room for `routes` routes and `groups` extension groups (tbl8) of 256 entries; a
// lookup without a route gives 0. NULL, with the reason in rte_errno, if there is not enough memory.
struct rte_fib *peers_fib(const char *name, uint32_t routes, uint32_t groups, enum rte_fib_dir24_8_nh_sz entry);
struct rte_fib6 *peers_fib6(const char *name, uint32_t routes, uint32_t groups, enum rte_fib_trie_nh_sz entry);
