#include "CDPDKShim.h"

#include <rte_malloc.h>

_Static_assert(sizeof(rte_spinlock_t) == sizeof(uint32_t), "rte_spinlock_t has grown");

void *ntl_rcu_create(uint32_t readers) {
    struct rte_rcu_qsbr *rcu = rte_zmalloc("needletail-rcu", rte_rcu_qsbr_get_memsize(readers), RTE_CACHE_LINE_SIZE);
    if (rcu != NULL)
        rte_rcu_qsbr_init(rcu, readers);
    return rcu;
}

void ntl_rcu_free(void *rcu) {
    rte_free(rcu);
}

uint64_t ntl_rcu_start(void *rcu) {
    return rte_rcu_qsbr_start(rcu);
}

bool ntl_rcu_is_over(void *rcu, uint64_t token) {
    return rte_rcu_qsbr_check(rcu, token, false) != 0;
}
