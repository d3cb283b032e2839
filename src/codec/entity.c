#include "entity.h"
#include "codec.h"
#include "utf8.h"
#include <assert.h>
#include <string.h>

#define CHARACTER_MAX 0x10FFFFU
#define REPLACEMENT 0xFFFDU

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* The value of a digit; 99 for what is none. */
static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (unsigned)((c | 0x20) - 'a' + 10) : 99;
}

static const struct entity_name *find_name(struct slice name)
{
    size_t low = 0, high = entity_name_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct entity_name *entry = &entity_names[middle];
        int order = slice_compare((struct slice){entry->name, entry->size}, name);
        if (order == 0)
            return entry;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static size_t write_name(const struct entity_name *entry, char out[ENTITY_BYTES_MAX])
{
    size_t size = utf8_encode(entry->characters[0], out);
    return entry->characters[1] == 0 ? size : size + utf8_encode(entry->characters[1], out + size);
}

/* What a number stands for: those of Windows' characters that pages write for those of Unicode, and nothing that is no character. */
static uint32_t meant_by(uint32_t number)
{
    static const uint16_t windows[32] = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
                                         0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
                                         0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};
    if (number == 0 || number > CHARACTER_MAX || (number >= 0xD800 && number < 0xE000))
        return REPLACEMENT;
    if (number >= 0x80 && number < 0xA0 && windows[number - 0x80] != 0)
        return windows[number - 0x80];
    return number;
}

/* `text` begins with "&#". */
static size_t read_number(struct slice text, char out[ENTITY_BYTES_MAX], size_t *size)
{
    bool hexadecimal = text.size > 2 && (text.data[2] | 0x20) == 'x';
    unsigned base = hexadecimal ? 16 : 10;
    size_t first = hexadecimal ? 3 : 2, at = first;
    uint32_t number = 0;
    for (; at < text.size && digit_value(text.data[at]) < base; at++)
        number = number > CHARACTER_MAX ? number : number * base + digit_value(text.data[at]);
    if (at == first)
        return 0;
    *size = at + (at < text.size && text.data[at] == ';');
    return utf8_encode(meant_by(number), out);
}

size_t entity_read(struct slice text, bool in_attribute, char out[ENTITY_BYTES_MAX], size_t *size)
{
    if (text.size < 2)
        return 0;
    if (text.data[1] == '#')
        return read_number(text, out, size);
    size_t letters = 0;
    while (1 + letters < text.size && letters < ENTITY_NAME_BYTES_MAX && is_alphanumeric(text.data[1 + letters]))
        letters++;
    size_t longest = letters + (1 + letters < text.size && text.data[1 + letters] == ';');
    for (size_t length = longest; length > 1; length--) {
        const struct entity_name *entry = find_name(slice_range(text, 1, 1 + length));
        if (entry == NULL)
            continue;
        char next = 1 + length < text.size ? text.data[1 + length] : '\0';
        if (in_attribute && text.data[length] != ';' && (next == '=' || is_alphanumeric(next)))
            return 0;
        *size = 1 + length;
        return write_name(entry, out);
    }
    return 0;
}

static_assert((int)HTML_REFERENCE_BYTES == (int)ENTITY_BYTES_MAX, "one size");

size_t html_reference(struct slice text, char out[HTML_REFERENCE_BYTES], size_t *size)
{
    bool is_one = text.size > 1 && text.data[0] == '&';
    return is_one ? entity_read(text, /* in_attribute= */ false, out, size) : 0;
}

size_t entity_decode(struct slice reference, char out[ENTITY_BYTES_MAX])
{
    enum { DIGITS_MAX = 7 };
    if (reference.size < 3 || reference.data[0] != '&' || reference.data[reference.size - 1] != ';')
        return 0;
    if (reference.data[1] == '#') {
        bool hexadecimal = (reference.data[2] | 0x20) == 'x';
        size_t size = 0, written = read_number(reference, out, &size);
        return size == reference.size && reference.size - 3 - hexadecimal <= DIGITS_MAX ? written : 0;
    }
    const struct entity_name *entry = find_name(slice_range(reference, 1, reference.size));
    return entry == NULL ? 0 : write_name(entry, out);
}
