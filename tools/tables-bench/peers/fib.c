#include "CPeers.h"

#include <rte_memory.h>

struct rte_fib *peers_fib(const char *name, uint32_t routes, uint32_t groups, enum rte_fib_dir24_8_nh_sz entry) {
    struct rte_fib_conf conf = {
        .type = RTE_FIB_DIR24_8,
        .max_routes = (int)routes,
        .dir24_8 = {.nh_sz = entry, .num_tbl8 = groups},
    };
    return rte_fib_create(name, SOCKET_ID_ANY, &conf);
}

struct rte_fib6 *peers_fib6(const char *name, uint32_t routes, uint32_t groups, enum rte_fib_trie_nh_sz entry) {
    struct rte_fib6_conf conf = {
        .type = RTE_FIB6_TRIE,
        .max_routes = (int)routes,
        .trie = {.nh_sz = entry, .num_tbl8 = groups},
    };
    return rte_fib6_create(name, SOCKET_ID_ANY, &conf);
}
