/* encoding_detect.c - which encoding bytes are in: what they say themselves, what is said of them when it fits, and what is likely.
 *
 *   byte order mark ─▶ UTF-8 that is valid ─▶ UTF-32, UTF-16 by their zero bytes ─▶ what was declared ─▶ the likeliest (encoding_cost.c) */
#include "encoding.h"
#include <string.h>

enum {
    SAMPLE_BYTES = 1 << 20, /* what is guessed from */
    FEW = 200, /* one in so many characters may be bad where an encoding was declared, */
    WIDE_BYTES_CUT = 256, /* of UTF-16 that may have lost a byte at its end */
    UTF8_SEQUENCES = 10 /* and one for so many good ones in what is UTF-8 but for some damage */
};

static struct slice sample_of(struct slice source)
{
    return slice_range(source, 0, source.size < SAMPLE_BYTES ? source.size : SAMPLE_BYTES);
}

struct statistics {
    size_t zeros, controls, high;
    size_t sequences, bad; /* of UTF-8: characters beyond ASCII, bytes that are part of none */
    bool has_escapes; /* of ISO-2022-JP */
};

static void take_statistics(struct slice source, struct statistics *statistics)
{
    struct decoder decoder;
    struct encoding utf8;
    uint32_t character;
    *statistics = (struct statistics){0};
    if (!encoding_find(SLICE("utf-8"), &utf8))
        return;
    decoder_init(&decoder, &utf8, source);
    for (size_t at = 0; decoder_next(&decoder, &character); at = decoder.at) {
        bool is_written = decoder.at - at > 1; /* U+FFFD can be written too */
        bool is_space = character >= '\t' && character <= '\r';
        statistics->zeros += character == 0;
        statistics->controls += (character > 0 && character < 0x20 && !is_space && character != 0x1B) || character == 0x7F;
        statistics->high += (unsigned char)source.data[at] >= 0x80;
        statistics->sequences += is_written;
        statistics->bad += character == ENCODING_BAD && !is_written;
        if (character == 0x1B) {
            struct slice rest = slice_range(source, at, source.size);
            statistics->has_escapes = statistics->has_escapes || slice_starts_with(rest, SLICE("\x1B$B")) ||
                                      slice_starts_with(rest, SLICE("\x1B$@")) || slice_starts_with(rest, SLICE("\x1B(J"));
        }
    }
}

/* ---- UTF-16 and UTF-32 without a mark ---- */

struct wide_statistics {
    size_t count, bad, usual; /* `usual`: ASCII, and the marks of Chinese and Japanese */
};

static struct wide_statistics wide_statistics(struct slice source, const char *name)
{
    struct wide_statistics found = {0};
    struct encoding encoding;
    struct decoder decoder;
    uint32_t character;
    if (!encoding_find(slice_from(name), &encoding))
        return found;
    decoder_init(&decoder, &encoding, source);
    while (decoder_next(&decoder, &character)) {
        bool is_space = character >= '\t' && character <= '\r';
        bool is_private = (character >= 0xE000 && character < 0xF900) || character >= 0xF0000;
        found.count++;
        found.bad += (character < 0x20 && !is_space && character != 0x1B) || (character >= 0x7F && character < 0xA0) ||
                     is_private || character == ENCODING_BAD || (character & 0xFFFE) == 0xFFFE;
        found.usual += is_space || (character >= 0x20 && character < 0x7F) || (character >= 0x3000 && character <= 0x3002) ||
                       character == 0xFF0C;
    }
    return found;
}

/* Text in a wide encoding has spaces and line ends, and nothing that is no character; in the other order of bytes it is the reverse. */
static const char *wide_encoding(struct slice sample)
{
    static const char *const names[] = {"utf-32le", "utf-32be", "utf-16le", "utf-16be"};
    const char *best = NULL;
    size_t best_usual = 0;
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        size_t unit = i < 2 ? 4 : 2;
        struct slice whole = slice_range(sample, 0, sample.size - sample.size % unit);
        struct wide_statistics found = wide_statistics(whole, names[i]);
        if (found.count == 0 || (whole.size < sample.size && sample.size < WIDE_BYTES_CUT) || found.bad * FEW > found.count ||
            found.usual * 100 < found.count)
            continue;
        if (found.usual * unit > best_usual) { /* both widths fit nothing but UTF-32 */
            best = names[i];
            best_usual = found.usual * unit;
        }
    }
    return best;
}

/* ---- what was declared ---- */

static bool fits(struct slice source, const struct encoding *encoding)
{
    struct decoder decoder;
    uint32_t character;
    size_t high = 0, bad = 0;
    bool is_wide = encoding->family >= ENCODING_UTF16LE && encoding->family <= ENCODING_UTF32BE;
    decoder_init(&decoder, encoding, source);
    while (decoder_next(&decoder, &character)) {
        high += character >= 0x80;
        bad += character == ENCODING_BAD || (character >= 0x80 && character < 0xA0) || (is_wide && character == 0);
    }
    return bad * FEW <= high;
}

/* ---- the likeliest ---- */

/* In the order in which they are preferred where they read the same, with what must speak for one that is seldom met. */
static const struct {
    const char *name;
    unsigned seldom;
} candidates[] = {
    {"windows-1252", 0}, {"windows-1251", 8}, {"windows-1250", 8},  {"shift_jis", 8},    {"gb18030", 8},
    {"big5", 8},         {"euc-kr", 8},       {"euc-jp", 8},        {"windows-1253", 8}, {"windows-1254", 12},
    {"windows-1255", 8}, {"windows-1256", 8}, {"windows-1257", 12}, {"iso-8859-2", 8},   {"koi8-r", 8},
    {"koi8-u", 10},      {"iso-8859-15", 24}, {"iso-8859-7", 12},   {"iso-8859-5", 24},  {"macintosh", 40},
    {"ibm866", 40},      {"ibm850", 48},      {"ibm852", 52},       {"ibm437", 52},
};

static const char *likeliest(struct slice sample)
{
    const char *best = "windows-1252";
    uint64_t best_cost = UINT64_MAX;
    for (size_t i = 0; i < ARRAY_COUNT(candidates); i++) {
        struct encoding encoding;
        if (!encoding_find(slice_from(candidates[i].name), &encoding))
            continue;
        uint64_t cost = encoding_cost(sample, &encoding);
        if (cost != UINT64_MAX && cost + candidates[i].seldom < best_cost) {
            best_cost = cost + candidates[i].seldom;
            best = encoding.name;
        }
    }
    return best;
}

static const char *marked(struct slice source)
{
    static const char *const names[] = {"utf-8", "utf-32le", "utf-32be", "utf-16le", "utf-16be"};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        bool is_whole = i == 0 || i > 2 || source.size % 4 == 0;
        if (is_whole && encoding_mark_size(source, names[i]) > 0)
            return names[i];
    }
    return NULL;
}

bool encoding_detect(struct slice source, struct slice declared, const char **name)
{
    struct slice sample = sample_of(source);
    struct statistics statistics;
    struct encoding encoding;
    *name = marked(source);
    if (*name != NULL)
        return true;
    take_statistics(sample, &statistics);
    if (sample.size < source.size && statistics.bad > 0 && statistics.bad <= 3 && statistics.sequences > 0)
        statistics.bad = 0; /* the sample ended within a character */
    bool is_odd = statistics.zeros > 0 || statistics.controls > 0;
    if (is_odd)
        *name = wide_encoding(sample);
    if (*name != NULL)
        return true;
    if (statistics.zeros > 0 || statistics.controls * 50 > sample.size)
        return false;
    *name = "utf-8";
    if (statistics.has_escapes && statistics.high == 0)
        *name = "iso-2022-jp";
    if (statistics.bad * UTF8_SEQUENCES <= statistics.sequences)
        return true;
    if (encoding_find(declared, &encoding) && encoding.family != ENCODING_UTF8 && fits(sample, &encoding)) {
        *name = encoding.name;
        return true;
    }
    *name = likeliest(sample);
    return true;
}
