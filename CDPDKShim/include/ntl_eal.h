// The Environment Abstraction Layer: start, lcores, time, the stop flag.
#pragma once

#include <rte_cycles.h>
#include <rte_pause.h>
#include <stdbool.h>
#include <stdint.h>

static inline uint64_t ntl_cycles(void) {
    return rte_rdtsc();
}

static inline void ntl_pause(void) {
    rte_pause();
}

// 0, or a negative errno. argv is EAL's to keep and change.
int ntl_eal_init(int argc, char **argv);
int ntl_eal_cleanup(void);
const char *ntl_eal_version(void);
bool ntl_eal_has_hugepages(void);
uint64_t ntl_cycles_per_second(void);
const char *ntl_strerror(int error);
// The error of the last DPDK call of this thread, positive.
int ntl_errno(void);

// The first CPU that the calling thread may run on.
int ntl_first_allowed_cpu(void);
unsigned int ntl_lcore_main(void);
// The next enabled lcore that is not main, after previous (UINT32_MAX to begin); UINT32_MAX at the end.
unsigned int ntl_lcore_next(unsigned int previous);
int ntl_lcore_socket(unsigned int lcore);
int ntl_lcore_launch(unsigned int lcore, int (*function)(void *), void *argument);
void ntl_lcore_wait(unsigned int lcore);
// Sleeps in the calling thread.
void ntl_sleep_us(unsigned int microseconds);

// From now on SIGINT and SIGTERM set the flag that ntl_stop_requested reads, and SIGHUP the one that
// ntl_take_reload_request reads and clears.
void ntl_catch_signals(void);
int ntl_stop_requested(void);
int ntl_take_reload_request(void);
