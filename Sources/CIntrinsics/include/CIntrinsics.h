// Instructions that Swift has no word for; apart from DPDK's shim, as the lookup tables know nothing of DPDK.
#pragma once

#include <stdint.h>
#ifdef __AVX2__
#include <immintrin.h>
#endif

// Starts to fetch the cache line at address; any address will do.
static inline void ntl_prefetch_line(const void *address) {
    __builtin_prefetch(address);
}

// Where the 4 bytes are, counted in bytes from node, that belong to the first number which address agrees with. Of the
// 16-bit numbers at node, the first says where the 4 bytes of the second are, less 4; those of the others follow. A
// number agrees if it has the same bits as address in front of its lowest 1; 0 agrees with all, and one of the numbers
// 1 to 15 must be 0. node is aligned to 32 bytes. What follows the 0 means nothing and may change meanwhile, which a
// sanitizer cannot know.
__attribute__((no_sanitize("thread"))) static inline uint32_t ntl_first_match(const void *node, uint16_t address) {
    const uint16_t *numbers = (const uint16_t *)node;
#ifdef __AVX2__
    __m256i all = _mm256_load_si256((const __m256i *)node);
    __m256i rest = _mm256_xor_si256(all, _mm256_add_epi16(all, _mm256_set1_epi16(-1)));
    __m256i different = _mm256_andnot_si256(rest, _mm256_xor_si256(all, _mm256_set1_epi16((int16_t)address)));
    uint32_t bytes = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi16(different, _mm256_setzero_si256()));
    return numbers[0] + (uint32_t)__builtin_ctz(bytes & ~3U) * 2;
#else
    uint32_t position = 1;
    while ((numbers[position] ^ address) & ~(numbers[position] ^ (numbers[position] - 1)) & 0xffff)
        position++;
    return numbers[0] + position * 4;
#endif
}
