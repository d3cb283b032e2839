/* encoding.c - bytes of any encoding into characters, one after the other.
 *
 * Encodings of one byte are rows of 128 characters; those of two are tables by first and second byte (encoding_tables.c). Bytes that stand
 * for nothing are one U+FFFD, and the next character begins behind the first of them that could not be part of one, as browsers do it. */
#include "encoding.h"
#include "utf8.h"
#include <assert.h>

enum { BAD = ENCODING_BAD };

static const struct encoding wide_encodings[] = {
    {"utf-8", ENCODING_UTF8, NULL},       {"utf-16le", ENCODING_UTF16LE, NULL},        {"utf-16be", ENCODING_UTF16BE, NULL},
    {"utf-32le", ENCODING_UTF32LE, NULL}, {"utf-32be", ENCODING_UTF32BE, NULL},        {"shift_jis", ENCODING_SHIFT_JIS, NULL},
    {"euc-jp", ENCODING_EUC_JP, NULL},    {"iso-2022-jp", ENCODING_ISO_2022_JP, NULL}, {"gb18030", ENCODING_GB18030, NULL},
    {"big5", ENCODING_BIG5, NULL},        {"euc-kr", ENCODING_EUC_KR, NULL},
};

/* Other names that are met, without "-", "_", "." and spaces. What says ISO-8859-1 or ASCII is nearly always windows-1252, and so on. */
static const struct {
    const char *label, *name;
} labels[] = {
    {"unicode11utf8", "utf-8"},
    {"utf16", "utf-16le"},
    {"unicode", "utf-16le"},
    {"ucs2", "utf-16le"},
    {"utf32", "utf-32le"},
    {"ascii", "windows-1252"},
    {"usascii", "windows-1252"},
    {"ansix341968", "windows-1252"},
    {"iso88591", "windows-1252"},
    {"88591", "windows-1252"},
    {"latin1", "windows-1252"},
    {"l1", "windows-1252"},
    {"cp819", "windows-1252"},
    {"latin2", "iso-8859-2"},
    {"l2", "iso-8859-2"},
    {"latin9", "iso-8859-15"},
    {"iso88599", "windows-1254"},
    {"latin5", "windows-1254"},
    {"cyrillic", "iso-8859-5"},
    {"greek", "iso-8859-7"},
    {"hebrew", "iso-8859-8"},
    {"iso88598i", "iso-8859-8"},
    {"arabic", "iso-8859-6"},
    {"iso885911", "windows-874"},
    {"tis620", "windows-874"},
    {"koi8", "koi8-r"},
    {"koi", "koi8-r"},
    {"mac", "macintosh"},
    {"macroman", "macintosh"},
    {"xmacroman", "macintosh"},
    {"cp866", "ibm866"},
    {"866", "ibm866"},
    {"cp850", "ibm850"},
    {"850", "ibm850"},
    {"cp852", "ibm852"},
    {"852", "ibm852"},
    {"cp437", "ibm437"},
    {"437", "ibm437"},
    {"cp858", "ibm858"},
    {"858", "ibm858"},
    {"sjis", "shift_jis"},
    {"xsjis", "shift_jis"},
    {"mskanji", "shift_jis"},
    {"windows31j", "shift_jis"},
    {"cp932", "shift_jis"},
    {"ms932", "shift_jis"},
    {"xeucjp", "euc-jp"},
    {"jis", "iso-2022-jp"},
    {"csiso2022jp", "iso-2022-jp"},
    {"gb2312", "gb18030"},
    {"gb231280", "gb18030"},
    {"gbk", "gb18030"},
    {"xgbk", "gb18030"},
    {"cp936", "gb18030"},
    {"euccn", "gb18030"},
    {"big5hkscs", "big5"},
    {"xxbig5", "big5"},
    {"cp950", "big5"},
    {"ksc56011987", "euc-kr"},
    {"ksc5601", "euc-kr"},
    {"cp949", "euc-kr"},
    {"uhc", "euc-kr"},
    {"korean", "euc-kr"},
};

enum { LABEL_MAX = 32 };

/* Small letters and digits only, with a zero byte behind; empty when it does not fit. */
static void plain_label(struct slice label, char out[LABEL_MAX])
{
    size_t size = 0;
    for (size_t i = 0; i < label.size; i++) {
        char c = label.data[i];
        bool is_upper = c >= 'A' && c <= 'Z', is_kept = is_upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (is_kept && size == LABEL_MAX - 1)
            size = 0;
        if (is_kept)
            out[size++] = is_upper ? (char)(c + 'a' - 'A') : c;
    }
    out[size] = '\0';
}

static bool is_labelled(const char plain[LABEL_MAX], const char *name)
{
    char other[LABEL_MAX];
    plain_label(slice_from(name), other);
    struct slice rest = slice_from(plain);
    return slice_equal_text(rest, other) ||
           (slice_starts_with(slice_from(other), SLICE("windows")) &&
            (slice_starts_with(rest, SLICE("cp")) || slice_starts_with(rest, SLICE("xcp"))) &&
            slice_equal(slice_range(rest, rest.data[0] == 'x' ? 3 : 2, rest.size), slice_from(other + 7)));
}

bool encoding_find(struct slice label, struct encoding *encoding)
{
    char plain[LABEL_MAX];
    plain_label(label, plain);
    if (plain[0] == '\0')
        return false;
    for (size_t i = 0; i < ARRAY_COUNT(labels); i++)
        if (slice_equal_text(slice_from(plain), labels[i].label))
            return encoding_find(slice_from(labels[i].name), encoding);
    for (size_t i = 0; i < ARRAY_COUNT(wide_encodings); i++)
        if (is_labelled(plain, wide_encodings[i].name)) {
            *encoding = wide_encodings[i];
            return true;
        }
    for (size_t i = 0; i < SINGLE_BYTES; i++)
        if (is_labelled(plain, single_bytes[i].name)) {
            *encoding = (struct encoding){single_bytes[i].name, ENCODING_SINGLE, single_bytes[i].upper};
            return true;
        }
    return false;
}

const char *encoding_named(struct slice label)
{
    struct encoding encoding;
    return encoding_find(label, &encoding) ? encoding.name : NULL;
}

void decoder_init(struct decoder *decoder, const struct encoding *encoding, struct slice source)
{
    *decoder = (struct decoder){.encoding = *encoding, .source = source};
}

/* ---- one character of each family; the bytes it took ---- */

static unsigned byte_at(const struct decoder *decoder, size_t offset)
{
    return decoder->at + offset < decoder->source.size ? (unsigned char)decoder->source.data[decoder->at + offset] : 0;
}

static size_t left_of(const struct decoder *decoder)
{
    return decoder->source.size - decoder->at;
}

/* What stands for nothing takes its second byte along unless that is ASCII. */
static size_t bad_pair(const struct decoder *decoder, uint32_t *character)
{
    *character = BAD;
    return left_of(decoder) > 1 && byte_at(decoder, 1) >= 0x80 ? 2 : 1;
}

static size_t next_utf8(const struct decoder *decoder, uint32_t *character)
{
    size_t size = utf8_size(decoder->source, decoder->at);
    if (size == 0) {
        *character = BAD;
        return 1;
    }
    static const unsigned char masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    *character = byte_at(decoder, 0) & masks[size];
    for (size_t i = 1; i < size; i++)
        *character = *character << 6 | (byte_at(decoder, i) & 0x3F);
    return size;
}

static uint32_t unit_at(const struct decoder *decoder, size_t offset, bool is_big)
{
    unsigned first = byte_at(decoder, offset), second = byte_at(decoder, offset + 1);
    return is_big ? first << 8 | second : second << 8 | first;
}

static size_t next_utf16(const struct decoder *decoder, bool is_big, uint32_t *character)
{
    *character = BAD;
    if (left_of(decoder) < 2)
        return 1;
    uint32_t unit = unit_at(decoder, 0, is_big), low = left_of(decoder) >= 4 ? unit_at(decoder, 2, is_big) : 0;
    if (unit < 0xD800 || unit > 0xDFFF) {
        *character = unit;
        return 2;
    }
    if (unit > 0xDBFF || low < 0xDC00 || low > 0xDFFF)
        return 2;
    *character = 0x10000 + ((unit & 0x3FF) << 10 | (low & 0x3FF));
    return 4;
}

static size_t next_utf32(const struct decoder *decoder, bool is_big, uint32_t *character)
{
    *character = BAD;
    if (left_of(decoder) < 4)
        return left_of(decoder);
    uint32_t first = unit_at(decoder, 0, is_big), second = unit_at(decoder, 2, is_big);
    uint32_t value = is_big ? first << 16 | second : second << 16 | first;
    if (value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF))
        *character = value;
    return 4;
}

/* A pair of bytes that are both above 0x7F: rows and columns of JIS from 0xA1, as EUC-JP and ISO-2022-JP have them. */
static uint32_t jis_character(unsigned row, unsigned column)
{
    if (row < 0xA1 || row > 0xFE || column < 0xA1 || column > 0xFE)
        return BAD;
    unsigned place = (row - 0xA1) * 94 + column - 0xA1; /* two rows of it are one of Shift_JIS */
    return jis_table[place / JIS_COLUMNS][place % JIS_COLUMNS];
}

static size_t next_shift_jis(const struct decoder *decoder, uint32_t *character)
{
    unsigned lead = byte_at(decoder, 0), trail = byte_at(decoder, 1);
    if (lead >= 0xA1 && lead <= 0xDF) {
        *character = 0xFF61 + lead - 0xA1;
        return 1;
    }
    if (lead == 0x80 || lead == 0xA0 || lead > 0xFC || left_of(decoder) < 2 || trail < 0x40 || trail == 0x7F || trail > 0xFC) {
        *character = BAD;
        return 1;
    }
    unsigned row = lead < 0xA0 ? lead - 0x81 : lead - 0xE0 + 31, column = trail - 0x40 - (trail > 0x7F);
    *character = jis_table[row][column];
    return *character == BAD ? bad_pair(decoder, character) : 2;
}

static size_t next_euc_jp(const struct decoder *decoder, uint32_t *character)
{
    unsigned lead = byte_at(decoder, 0), second = byte_at(decoder, 1), third = byte_at(decoder, 2);
    if (lead == 0x8E && second >= 0xA1 && second <= 0xDF) {
        *character = 0xFF61 + second - 0xA1;
        return 2;
    }
    if (lead == 0x8F && second >= 0xA1 && second <= 0xFE && third >= 0xA1 && third <= 0xFE) {
        *character = jis_more_table[second - 0xA1][third - 0xA1];
        return 3;
    }
    *character = jis_character(lead, second);
    return *character == BAD ? bad_pair(decoder, character) : 2;
}

static uint32_t four_byte_character(uint32_t number)
{
    if (number >= 189000)
        return number - 189000 <= 0xFFFFF ? 0x10000 + number - 189000 : BAD;
    size_t low = 0, high = four_byte_run_count; /* the first run that begins behind the number */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (four_byte_runs[middle].number <= number)
            low = middle + 1;
        else
            high = middle;
    }
    uint32_t character = low > 0 ? four_byte_runs[low - 1].first + (number - four_byte_runs[low - 1].number) : BAD;
    return character < 0xD800 || (character > 0xDFFF && character <= 0xFFFF) ? character : BAD;
}

static size_t next_gb18030(const struct decoder *decoder, uint32_t *character)
{
    unsigned lead = byte_at(decoder, 0), second = byte_at(decoder, 1);
    unsigned third = byte_at(decoder, 2), fourth = byte_at(decoder, 3);
    if (lead == 0x80 && left_of(decoder) > 0) {
        *character = 0x20AC; /* of windows' GBK */
        return 1;
    }
    bool is_four = second >= 0x30 && second <= 0x39 && third >= 0x81 && third <= 0xFE && fourth >= 0x30 && fourth <= 0x39;
    if (lead <= 0xFE && is_four) {
        *character = four_byte_character((((lead - 0x81) * 10 + second - 0x30) * 126 + third - 0x81) * 10 + fourth - 0x30);
        return 4;
    }
    if (lead > 0xFE || second < 0x40 || second == 0x7F || second > 0xFE)
        return bad_pair(decoder, character);
    *character = gb_table[lead - 0x81][second - 0x40 - (second > 0x7F)];
    return *character == BAD ? bad_pair(decoder, character) : 2;
}

static size_t next_big5(const struct decoder *decoder, uint32_t *character)
{
    unsigned lead = byte_at(decoder, 0), second = byte_at(decoder, 1);
    bool is_low = second >= 0x40 && second <= 0x7E, is_high = second >= 0xA1 && second <= 0xFE;
    if (lead < 0x81 || lead > 0xFE || (!is_low && !is_high))
        return bad_pair(decoder, character);
    *character = big5_table[lead - 0x81][is_low ? second - 0x40 : second - 0xA1 + 63];
    return *character == BAD ? bad_pair(decoder, character) : 2;
}

static size_t next_euc_kr(const struct decoder *decoder, uint32_t *character)
{
    unsigned lead = byte_at(decoder, 0), second = byte_at(decoder, 1);
    if (lead < 0x81 || lead > 0xFD || second < 0x41 || second > 0xFE)
        return bad_pair(decoder, character);
    *character = korean_table[lead - 0x81][second - 0x41];
    return *character == BAD ? bad_pair(decoder, character) : 2;
}

/* Escapes say what follows: ASCII, JIS X 0208, or katakana of one byte. */
static size_t next_iso_2022_jp(struct decoder *decoder, uint32_t *character)
{
    static const struct {
        struct slice escape;
        enum decoder_state state;
    } escapes[] = {
        {SLICE_CONSTANT("\x1B(B"), DECODER_ASCII},    {SLICE_CONSTANT("\x1B(J"), DECODER_ASCII},
        {SLICE_CONSTANT("\x1B$B"), DECODER_JIS},      {SLICE_CONSTANT("\x1B$@"), DECODER_JIS},
        {SLICE_CONSTANT("\x1B(I"), DECODER_KATAKANA},
    };
    struct slice rest = slice_range(decoder->source, decoder->at, decoder->source.size);
    for (size_t i = 0; i < ARRAY_COUNT(escapes); i++)
        if (slice_starts_with(rest, escapes[i].escape)) {
            decoder->state = escapes[i].state;
            *character = ENCODING_NOTHING;
            return escapes[i].escape.size;
        }
    unsigned lead = byte_at(decoder, 0), second = byte_at(decoder, 1);
    *character = lead < 0x80 ? lead : BAD;
    if (decoder->state == DECODER_KATAKANA && lead >= 0x21 && lead <= 0x5F)
        *character = 0xFF61 + lead - 0x21;
    if (lead == '\n')
        decoder->state = DECODER_ASCII;
    if (decoder->state != DECODER_JIS || lead < 0x21 || lead > 0x7E || second < 0x21 || second > 0x7E)
        return 1;
    *character = jis_character(lead | 0x80, second | 0x80);
    return 2;
}

static size_t next_high(struct decoder *decoder, uint32_t *character)
{
    switch (decoder->encoding.family) {
    case ENCODING_SINGLE:
        *character = decoder->encoding.upper[byte_at(decoder, 0) - 0x80];
        return 1;
    case ENCODING_SHIFT_JIS:
        return next_shift_jis(decoder, character);
    case ENCODING_EUC_JP:
        return next_euc_jp(decoder, character);
    case ENCODING_GB18030:
        return next_gb18030(decoder, character);
    case ENCODING_BIG5:
        return next_big5(decoder, character);
    case ENCODING_EUC_KR:
        return next_euc_kr(decoder, character);
    default:
        return next_utf8(decoder, character);
    }
}

static size_t next_size(struct decoder *decoder, uint32_t *character)
{
    switch (decoder->encoding.family) {
    case ENCODING_UTF16LE:
    case ENCODING_UTF16BE:
        return next_utf16(decoder, decoder->encoding.family == ENCODING_UTF16BE, character);
    case ENCODING_UTF32LE:
    case ENCODING_UTF32BE:
        return next_utf32(decoder, decoder->encoding.family == ENCODING_UTF32BE, character);
    case ENCODING_ISO_2022_JP:
        return next_iso_2022_jp(decoder, character);
    default:
        *character = byte_at(decoder, 0);
        return *character < 0x80 ? 1 : next_high(decoder, character);
    }
}

bool decoder_next(struct decoder *decoder, uint32_t *character)
{
    do {
        if (decoder->at >= decoder->source.size)
            return false;
        decoder->at += next_size(decoder, character);
        assert(decoder->at <= decoder->source.size);
    } while (*character == ENCODING_NOTHING);
    return true;
}

size_t encoding_mark_size(struct slice source, const char *name)
{
    static const struct {
        const char *name;
        struct slice mark;
    } marks[] = {
        {"utf-8", SLICE_CONSTANT("\xEF\xBB\xBF")},    {"utf-32le", SLICE_CONSTANT("\xFF\xFE\0\0")},
        {"utf-32be", SLICE_CONSTANT("\0\0\xFE\xFF")}, {"utf-16le", SLICE_CONSTANT("\xFF\xFE")},
        {"utf-16be", SLICE_CONSTANT("\xFE\xFF")},
    };
    for (size_t i = 0; i < ARRAY_COUNT(marks); i++)
        if (slice_equal_text(slice_from(marks[i].name), name) && slice_starts_with(source, marks[i].mark))
            return marks[i].mark.size;
    return 0;
}

bool encoding_to_utf8(struct slice source, const char *name, struct buffer *out, struct error *error)
{
    struct encoding encoding;
    struct decoder decoder;
    uint32_t character;
    if (!encoding_find(slice_from(name), &encoding))
        return error_set(error, ERROR_INVALID, "unrecognized encoding \"%s\"", name);
    decoder_init(&decoder, &encoding, source);
    decoder.at = encoding_mark_size(source, encoding.name);
    while (!out->failed && decoder_next(&decoder, &character)) {
        char bytes[UTF8_BYTES_MAX];
        buffer_append(out, bytes, utf8_encode(character, bytes));
    }
    return buffer_finish(out, "the text in UTF-8", error);
}
