#define _GNU_SOURCE
#include "CDPDKShim.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_version.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <time.h>

static volatile sig_atomic_t stop_signal;
static volatile sig_atomic_t reload_requested;

int ntl_eal_init(int argc, char **argv) {
    return rte_eal_init(argc, argv) < 0 || ntl_note_register() < 0 ? -rte_errno : 0;
}

int ntl_eal_cleanup(void) {
    return rte_eal_cleanup();
}

const char *ntl_eal_version(void) {
    return rte_version();
}

bool ntl_eal_has_hugepages(void) {
    return rte_eal_has_hugepages() != 0;
}

uint64_t ntl_cycles_per_second(void) {
    return rte_get_tsc_hz();
}

const char *ntl_strerror(int error) {
    return rte_strerror(error < 0 ? -error : error);
}

int ntl_errno(void) {
    return rte_errno;
}

int ntl_first_allowed_cpu(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) != 0)
        return 0;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &set))
            return cpu;
    }
    return 0;
}

unsigned int ntl_lcore_main(void) {
    return rte_get_main_lcore();
}

unsigned int ntl_lcore_next(unsigned int previous) {
    unsigned int lcore = rte_get_next_lcore(previous, 1, 0);
    return lcore < RTE_MAX_LCORE ? lcore : UINT32_MAX;
}

int ntl_lcore_socket(unsigned int lcore) {
    return (int)rte_lcore_to_socket_id(lcore);
}

int ntl_lcore_launch(unsigned int lcore, int (*function)(void *), void *argument) {
    return rte_eal_remote_launch(function, argument, lcore);
}

void ntl_lcore_wait(unsigned int lcore) {
    rte_eal_wait_lcore(lcore);
}

void ntl_sleep_us(unsigned int microseconds) {
    struct timespec pause = {microseconds / 1000000, (long)(microseconds % 1000000) * 1000};
    nanosleep(&pause, NULL);
}

static void on_stop_signal(int number) {
    stop_signal = number;
}

static void on_reload_signal(int number) {
    (void)number;
    reload_requested = 1;
}

void ntl_catch_signals(void) {
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = on_stop_signal;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler = on_reload_signal;
    sigaction(SIGHUP, &action, NULL);
}

int ntl_stop_requested(void) {
    return stop_signal;
}

int ntl_take_reload_request(void) {
    int requested = reload_requested;
    reload_requested = 0;
    return requested;
}
