/* html_scan.h - the two looks that every byte of a page's text gets, eight bytes at a time. Private to this room. */
#ifndef CODEC_HTML_SCAN_H
#define CODEC_HTML_SCAN_H

#include "base/base.h"

/* The first "&", "\r" or zero byte from `at` on, or `end`. */
static inline size_t scan_run(const char *data, size_t at, size_t end)
{
    for (; end - at >= 8; at += 8) {
        uint64_t eight = eight_bytes(data + at, 8);
        uint64_t told = eight_equal(eight, '&') | eight_equal(eight, '\r') | eight_equal(eight, '\0');
        if (told != 0)
            return at + eight_first(told);
    }
    while (at < end && data[at] != '&' && data[at] != '\r' && data[at] != '\0')
        at++;
    return at;
}

/* From `at` on: behind ASCII words and the single spaces between them, which are counted. It may stop at such a space too: whoever calls
 * counts that one. */
static inline size_t scan_words(struct slice text, size_t at, size_t *spaces)
{
    while (text.size - at > 8) {
        uint64_t eight = eight_bytes(text.data + at, 8), next = eight_bytes(text.data + at + 1, 8),
                 space = eight_equal(eight, ' ');
        uint64_t told = ~(eight_between(eight, '!', 0x7F) | (space & eight_between(next, '!', 0x7F))) & EIGHT_HIGH;
        uint64_t passed = told == 0 ? UINT64_MAX : (told & -told) - 1; /* what lies before the first one */
        *spaces += (size_t)__builtin_popcountll(space & passed);
        at += told == 0 ? 8 : eight_first(told);
        if (told != 0)
            break;
    }
    while (at < text.size && text.data[at] > ' ' && (unsigned char)text.data[at] < 0x80)
        at++;
    return at;
}

#endif
