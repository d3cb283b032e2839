#include "utf8.h"
#include <assert.h>
#include <string.h>

size_t utf8_size(struct slice text, size_t at)
{
    assert(at < text.size);
    const unsigned char *s = (const unsigned char *)text.data + at;
    size_t left = text.size - at;
    size_t size = s[0] < 0x80                   ? 1
                  : s[0] >= 0xC2 && s[0] < 0xE0 ? 2
                  : (s[0] & 0xF0) == 0xE0       ? 3
                  : s[0] >= 0xF0 && s[0] < 0xF5 ? 4
                                                : 0;
    if (size == 0 || size > left)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) || (s[0] == 0xF0 && s[1] < 0x90) ||
        (s[0] == 0xF4 && s[1] > 0x8F))
        return 0; /* overlong, surrogate, past U+10FFFF */
    return size;
}

size_t utf8_control_size(struct slice text, size_t at)
{
    assert(at < text.size);
    const unsigned char *s = (const unsigned char *)text.data + at;
    if (s[0] < 0x20 || s[0] == 0x7F)
        return 1;
    return s[0] == 0xC2 && text.size - at > 1 && s[1] >= 0x80 && s[1] < 0xA0 ? 2 : 0;
}

size_t utf8_encode(uint32_t character, char out[UTF8_BYTES_MAX])
{
    assert(character <= 0x10FFFF);
    static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t size = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = size; i-- > 1; character >>= 6)
        out[i] = (char)(0x80 | (character & 0x3F));
    out[0] = (char)(size == 1 ? character : leads[size] | character);
    return size;
}

const char *utf8_shown(struct slice name, char out[UTF8_SHOWN_BYTES])
{
    size_t size = 0;
    for (size_t at = 0; at < name.size && size + UTF8_BYTES_MAX < UTF8_SHOWN_BYTES;) {
        size_t bytes = utf8_size(name, at);
        bool is_shown = bytes > 0 && utf8_control_size(name, at) == 0;
        memcpy(out + size, is_shown ? name.data + at : "?", is_shown ? bytes : 1);
        size += is_shown ? bytes : 1;
        at += bytes > 0 ? bytes : 1;
    }
    out[size] = '\0';
    return out;
}
