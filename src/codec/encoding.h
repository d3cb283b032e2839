/* encoding.h - characters out of bytes of any encoding. Private to this room. */
#ifndef CODEC_ENCODING_H
#define CODEC_ENCODING_H

#include "codec.h"
#include "encoding_tables.h"

enum encoding_family {
    ENCODING_UTF8,
    ENCODING_UTF16LE,
    ENCODING_UTF16BE,
    ENCODING_UTF32LE,
    ENCODING_UTF32BE,
    ENCODING_SINGLE,
    ENCODING_SHIFT_JIS,
    ENCODING_EUC_JP,
    ENCODING_ISO_2022_JP,
    ENCODING_GB18030,
    ENCODING_BIG5,
    ENCODING_EUC_KR
};

struct encoding {
    const char *name;
    enum encoding_family family;
    const char16_t *upper; /* of ENCODING_SINGLE: what 0x80 … 0xFF stand for */
};

#define ENCODING_BAD 0xFFFD /* bytes that stand for nothing */
#define ENCODING_NOTHING UINT32_MAX /* an escape, which is no character */

enum decoder_state { DECODER_ASCII, DECODER_JIS, DECODER_KATAKANA };

struct decoder {
    struct encoding encoding;
    struct slice source;
    size_t at;
    enum decoder_state state; /* of ISO-2022-JP */
};

bool encoding_find(struct slice label, struct encoding *encoding);
void decoder_init(struct decoder *decoder, const struct encoding *encoding, struct slice source);

/* The next character, U+FFFD for bytes that stand for nothing; false at the end. */
bool decoder_next(struct decoder *decoder, uint32_t *character);

/* Bytes of the byte order mark of that encoding at the beginning; 0 when there is none. */
size_t encoding_mark_size(struct slice source, const char *name);

/* How unlikely it is that somebody wrote the text that the bytes are in that encoding, in the best of the languages that we know: eighths of
 * a natural logarithm; UINT64_MAX when too many of the bytes stand for nothing. */
uint64_t encoding_cost(struct slice source, const struct encoding *encoding);

#endif
