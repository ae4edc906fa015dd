// What Swift cannot see or call of DPDK: inline functions, macros, over-aligned structs. Nothing here knows a packet
// header, a route or a policy. Differences between DPDK versions (22.11 to 25.11) end in this module.
#pragma once

#include "ntl_eal.h"
#include "ntl_mbuf.h"
#include "ntl_port.h"
#include "ntl_ring.h"
#include "ntl_sync.h"
