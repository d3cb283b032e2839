#include "raised.h"
#include "utf8.h"
#include <string.h>

/* The character's small form; 0: it has none. */
static uint32_t small_form(enum raised raised, unsigned char byte)
{
    static const uint16_t above[] = {0x2070, 0xB9, 0xB2, 0xB3, 0x2074, 0x2075, 0x2076, 0x2077, 0x2078, 0x2079};
    static const char signs[] = "+-=()";
    bool is_up = raised == RAISED_UP;
    const char *sign = byte != 0 ? strchr(signs, byte) : NULL;
    if (byte >= '0' && byte <= '9')
        return is_up ? above[byte - '0'] : 0x2080u + byte - '0';
    return sign != NULL ? (is_up ? 0x207Au : 0x208Au) + (uint32_t)(sign - signs) : 0;
}

size_t raised_write(enum raised raised, struct slice before, struct slice text, char out[RAISED_BYTES_MAX])
{
    static const char minus[] = "\xE2\x88\x92";
    char last = before.size > 0 ? before.data[before.size - 1] : ' ';
    bool is_glued = last != ' ' && last != '\n' && last != '\t', after_digit = last >= '0' && last <= '9';
    size_t size = 0;
    text = slice_trim(text);
    if (raised == RAISED_NOT || text.size > RAISED_TEXT_MAX || !is_glued || (raised == RAISED_DOWN && !after_digit))
        return 0;
    for (size_t at = 0; at < text.size; at++) {
        bool is_minus = slice_starts_with(slice_range(text, at, text.size), slice_from(minus));
        unsigned char byte = is_minus ? '-' : (unsigned char)text.data[at];
        uint32_t character = small_form(raised, byte);
        if (character == 0)
            return 0;
        size += utf8_encode(character, out + size);
        at += is_minus ? sizeof(minus) - 2 : 0;
    }
    return size;
}
