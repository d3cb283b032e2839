/* html_scan.h - the two looks that every byte of a page's text gets, sixteen bytes at a time where the processor can. They stop early rather
 * than late: whoever calls looks at the byte they stop at, and goes on behind it. Private to this room. */
#ifndef CODEC_HTML_SCAN_H
#define CODEC_HTML_SCAN_H

#include "base/base.h"
#ifdef __SSE2__
#include <emmintrin.h>

enum { SCAN_BYTES = sizeof(__m128i) };

static inline __m128i scan_load(const char *data)
{
    return _mm_loadu_si128((const __m128i *)(const void *)data);
}

static inline unsigned scan_equal(__m128i bytes, char byte)
{
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte)));
}

/* Below it as signed numbers are: those beyond ASCII too. */
static inline unsigned scan_below(__m128i bytes, char byte)
{
    return (unsigned)_mm_movemask_epi8(_mm_cmplt_epi8(bytes, _mm_set1_epi8(byte)));
}
#endif

/* From `at` on: the first "&", "\r" or zero byte, or one before which nothing of these stands. */
static inline size_t scan_run(const char *data, size_t at, size_t end)
{
#ifdef __SSE2__
    for (; end - at >= SCAN_BYTES; at += SCAN_BYTES) {
        __m128i bytes = scan_load(data + at);
        unsigned found = scan_equal(bytes, '&') | scan_equal(bytes, '\r') | scan_equal(bytes, '\0');
        if (found != 0)
            return at + (size_t)__builtin_ctz(found);
    }
#endif
    while (at < end && data[at] != '&' && data[at] != '\r' && data[at] != '\0')
        at++;
    return at;
}

/* From `at` on: past ASCII words with single spaces between them, which are counted too. */
static inline size_t scan_words(struct slice text, size_t at, size_t *spaces)
{
#ifdef __SSE2__
    while (text.size - at > SCAN_BYTES) {
        __m128i bytes = scan_load(text.data + at), next = scan_load(text.data + at + 1);
        unsigned single = scan_equal(bytes, ' ');
        unsigned found = scan_below(bytes, ' ') | (single & scan_below(next, ' ' + 1));
        size_t count = found == 0 ? SCAN_BYTES : (size_t)__builtin_ctz(found);
        *spaces += (size_t)__builtin_popcount(single & ((1u << count) - 1));
        at += count;
        if (found != 0)
            break;
    }
#else
    (void)spaces;
#endif
    while (at < text.size && text.data[at] > ' ' && (unsigned char)text.data[at] < 0x80)
        at++;
    return at;
}

#endif
