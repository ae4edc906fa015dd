// What threads share: published pointers, flags, quiescent states, locks for queues that workers must share.
#pragma once

#include <rte_rcu_qsbr.h>
#include <rte_spinlock.h>
#include <stdbool.h>
#include <stdint.h>

static inline const void *ntl_load_acquire(const void *const *slot) {
    return __atomic_load_n(slot, __ATOMIC_ACQUIRE);
}

static inline void ntl_store_release(const void **slot, const void *value) {
    __atomic_store_n(slot, value, __ATOMIC_RELEASE);
}

static inline uint32_t ntl_load_relaxed32(const uint32_t *slot) {
    return __atomic_load_n(slot, __ATOMIC_RELAXED);
}

static inline void ntl_store_relaxed32(uint32_t *slot, uint32_t value) {
    __atomic_store_n(slot, value, __ATOMIC_RELAXED);
}

static inline uint64_t ntl_load_relaxed64(const uint64_t *slot) {
    return __atomic_load_n(slot, __ATOMIC_RELAXED);
}

// Adds to a counter that one thread writes and others read.
static inline void ntl_count(uint64_t *counter, uint64_t amount) {
    __atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + amount, __ATOMIC_RELAXED);
}

// RCU by quiescent states (rte_rcu_qsbr). Reader ids are 0 ..< readers of ntl_rcu_create.
void *ntl_rcu_create(uint32_t readers);
void ntl_rcu_free(void *rcu);

static inline void ntl_rcu_online(void *rcu, uint32_t reader) {
    rte_rcu_qsbr_thread_register((struct rte_rcu_qsbr *)rcu, reader);
    rte_rcu_qsbr_thread_online((struct rte_rcu_qsbr *)rcu, reader);
}

static inline void ntl_rcu_offline(void *rcu, uint32_t reader) {
    rte_rcu_qsbr_thread_offline((struct rte_rcu_qsbr *)rcu, reader);
    rte_rcu_qsbr_thread_unregister((struct rte_rcu_qsbr *)rcu, reader);
}

static inline void ntl_rcu_quiescent(void *rcu, uint32_t reader) {
    rte_rcu_qsbr_quiescent((struct rte_rcu_qsbr *)rcu, reader);
}

uint64_t ntl_rcu_start(void *rcu);
bool ntl_rcu_is_over(void *rcu, uint64_t token);

// A lock for a transmit queue that several workers share because the device has fewer queues than there are workers.
// Taken once a burst.
static inline void ntl_lock(uint32_t *lock) {
    rte_spinlock_lock((rte_spinlock_t *)lock);
}

static inline void ntl_unlock(uint32_t *lock) {
    rte_spinlock_unlock((rte_spinlock_t *)lock);
}
