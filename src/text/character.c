/* character.c - UTF-8 into characters and back.
 *
 * Well formed is what table 3-7 of the Unicode Standard lists: the second byte is narrower behind four of the lead bytes, which
 * keeps out overlong forms (E0, F0), surrogates (ED) and what lies past U+10FFFF (F4). */
#include "text.h"
#include "word_tables.h"
#include <assert.h>
#include <string.h>

#define REPLACEMENT_CHARACTER 0xFFFD

/* Bytes that the lead byte asks for; 0 for one that leads nothing. */
static size_t sequence_size(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2)
        return 0;
    if (lead < 0xE0)
        return 2;
    if (lead < 0xF0)
        return 3;
    return lead < 0xF5 ? 4 : 0;
}

static bool second_fits(unsigned char lead, unsigned char second)
{
    switch (lead) {
    case 0xE0:
        return second >= 0xA0 && second <= 0xBF;
    case 0xED:
        return second >= 0x80 && second <= 0x9F;
    case 0xF0:
        return second >= 0x90 && second <= 0xBF;
    case 0xF4:
        return second >= 0x80 && second <= 0x8F;
    default:
        return second >= 0x80 && second <= 0xBF;
    }
}

/* Bytes of the well formed sequence at `at`, or 0. */
static size_t well_formed_size(struct slice text, size_t at)
{
    const unsigned char *bytes = (const unsigned char *)text.data + at;
    size_t size = sequence_size(bytes[0]);
    if (size <= 1)
        return size;
    if (size > text.size - at || !second_fits(bytes[0], bytes[1]))
        return 0;
    for (size_t i = 2; i < size; i++)
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
    return size;
}

size_t text_decode(struct slice text, size_t at, uint32_t *character)
{
    assert(at < text.size);
    const unsigned char *bytes = (const unsigned char *)text.data + at;
    size_t size = well_formed_size(text, at);
    if (size == 0) {
        *character = REPLACEMENT_CHARACTER;
        return 1;
    }
    static const unsigned char lead_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t value = bytes[0] & lead_bits[size];
    for (size_t i = 1; i < size; i++)
        value = value << 6 | (bytes[i] & 0x3F);
    *character = value;
    return size;
}

size_t text_encode(uint32_t character, char out[4])
{
    bool is_scalar = character < 0xD800 || (character > 0xDFFF && character <= 0x10FFFF);
    if (!is_scalar)
        character = REPLACEMENT_CHARACTER;
    if (character < 0x80) {
        out[0] = (char)character;
        return 1;
    }
    size_t size = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = size - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (character & 0x3F));
        character >>= 6;
    }
    out[0] = (char)(leads[size] | character);
    return size;
}

bool text_is_utf8(struct slice text, size_t *bad_at)
{
    size_t at = 0;
    while (at < text.size) {
        /* eight bytes at a time while they are ASCII, as most text is */
        uint64_t eight;
        while (text.size - at >= sizeof(eight)) {
            memcpy(&eight, text.data + at, sizeof(eight));
            if (eight & UINT64_C(0x8080808080808080))
                break;
            at += sizeof(eight);
        }
        if (at == text.size)
            break;
        size_t size = well_formed_size(text, at);
        if (size == 0) {
            *bad_at = at;
            return false;
        }
        at += size;
    }
    return true;
}

bool text_is_letter(uint32_t character)
{
    struct character_kind kind = character_kind_of(character);
    return (kind.flags & CHARACTER_LETTER) != 0 || kind.sentence == SENTENCE_EXTEND;
}

bool text_is_capital(uint32_t character)
{
    return character_kind_of(character).sentence == SENTENCE_UPPER;
}
