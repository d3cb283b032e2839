#include "utf8_repair.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

void utf8_repair_release(struct utf8_repair *repair)
{
    free(repair->bytes);
    free(repair->places);
    *repair = (struct utf8_repair){0};
}

/* Bytes at `at` that begin a character but do not end it; 1 when not even the first does. */
static size_t broken_size(struct slice text, size_t at)
{
    const unsigned char *bytes = (const unsigned char *)text.data + at;
    size_t left = text.size - at;
    unsigned char lead = bytes[0];
    unsigned char low = lead == 0xE0   ? 0xA0
                        : lead == 0xF0 ? 0x90
                                       : 0x80,
                  high = lead == 0xED   ? 0x9F
                         : lead == 0xF4 ? 0x8F
                                        : 0xBF;
    if (lead < 0xE0 || lead > 0xF4 || left < 2 || bytes[1] < low || bytes[1] > high)
        return 1;
    return lead >= 0xF0 && left > 2 && (bytes[2] & 0xC0) == 0x80 ? 3 : 2;
}

struct slice utf8_repaired(struct utf8_repair *repair, struct slice text)
{
    static const char replacement[] = "\xEF\xBF\xBD";
    size_t bad_at;
    repair->is_used = false;
    if (text_is_utf8(text, &bad_at))
        return text;
    repair->is_used = true;
    repair->size = 0;
    if (repair->capacity < 3 * text.size + 1) {
        repair->capacity = 3 * text.size + 1;
        repair->bytes = memory_resize(repair->bytes, repair->capacity, 1);
        repair->places = memory_resize(repair->places, repair->capacity, sizeof(*repair->places));
    }
    for (size_t at = 0; at < text.size;) {
        uint32_t character;
        size_t size = text_decode(text, at, &character);
        bool is_broken = size == 1 && (unsigned char)text.data[at] >= 0x80;
        const char *bytes = is_broken ? replacement : text.data + at;
        size_t written = is_broken ? 3 : size;
        for (size_t i = 0; i < written; i++) {
            repair->bytes[repair->size] = bytes[i];
            repair->places[repair->size++] = (uint32_t)at;
        }
        at += is_broken ? broken_size(text, at) : size;
    }
    repair->places[repair->size] = (uint32_t)text.size;
    return (struct slice){repair->bytes, repair->size};
}
