/* mail_head.c - fields of a head (RFC 5322), what is encoded in them (RFC 2047) and their parameters (RFC 2231). Much of the mail there is
 * keeps to none of these: what cannot be decoded stays as it is written, and bytes beyond ASCII are read as encoding_detect reads them. */
#include "mail_head.h"
#include <string.h>
#include <time.h>

enum { VALUE_BYTES_MAX = 64 * 1024, PARAMETER_PIECES = 64, NAME_BYTES_MAX = 128 };

bool mail_next_line(struct slice *rest, struct slice *line)
{
    size_t end = 0;
    if (rest->size == 0)
        return false;
    while (end < rest->size && rest->data[end] != '\n' && rest->data[end] != '\r')
        end++;
    *line = slice_range(*rest, 0, end);
    bool is_pair = end + 1 < rest->size && rest->data[end] == '\r' && rest->data[end + 1] == '\n';
    *rest = slice_range(*rest, end == rest->size ? end : end + 1 + is_pair, rest->size);
    return true;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

bool slice_equal_lower(struct slice text, const char *wanted)
{
    if (text.size != strlen(wanted))
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (lower(text.data[i]) != wanted[i])
            return false;
    return true;
}

/* Bytes of "Name:" with what stands between them, or 0. */
static size_t field_name(struct slice line, struct slice *name)
{
    size_t end = 0;
    while (end < line.size && end < NAME_BYTES_MAX && line.data[end] > ' ' && line.data[end] < 0x7F && line.data[end] != ':')
        end++;
    *name = slice_range(line, 0, end);
    size_t colon = end;
    while (colon < line.size && (line.data[colon] == ' ' || line.data[colon] == '\t'))
        colon++;
    return end > 0 && colon < line.size && line.data[colon] == ':' ? colon + 1 : 0;
}

void mail_split(struct slice message, struct slice *head, struct slice *body)
{
    struct slice rest = message, line, name;
    size_t end = 0;
    for (bool is_first = true; mail_next_line(&rest, &line); is_first = false) {
        bool is_envelope = is_first && (slice_starts_with(line, SLICE("From ")) || slice_starts_with(line, SLICE(">From ")));
        if (line.size == 0 || (is_first && !is_envelope && field_name(line, &name) == 0)) {
            rest = line.size == 0 ? rest : message;
            break;
        }
        end = message.size - rest.size;
    }
    *head = slice_range(message, 0, end);
    *body = rest;
}

static bool is_folded(struct slice line)
{
    return line.size > 0 && (line.data[0] == ' ' || line.data[0] == '\t');
}

struct slice mail_field(struct slice head, const char *name, struct arena *arena)
{
    struct slice rest = head, line, found;
    while (mail_next_line(&rest, &line)) {
        size_t behind = is_folded(line) ? 0 : field_name(line, &found);
        if (behind == 0 || !slice_equal_lower(found, name))
            continue;
        struct slice first = slice_range(line, behind, line.size), next = rest;
        if (!mail_next_line(&next, &line) || !is_folded(line))
            return slice_trim(slice_range(first, 0, first.size < VALUE_BYTES_MAX ? first.size : VALUE_BYTES_MAX));
        struct buffer value;
        buffer_init(&value, VALUE_BYTES_MAX);
        buffer_append_slice(&value, first);
        while (mail_next_line(&rest, &line) && is_folded(line) && !value.failed) {
            buffer_append_byte(&value, ' ');
            buffer_append_slice(&value, slice_trim(line));
        }
        struct slice whole = slice_trim(arena_slice(arena, buffer_slice(&value)));
        buffer_release(&value);
        return whole;
    }
    return (struct slice){"", 0};
}

/* ---- encoded words ---- */

struct word {
    struct slice charset, text;
    char encoding; /* b or q */
    size_t size; /* of all of it */
};

/* "=?charset?B?text?=" at `at`. Text in which somebody left spaces is taken too. */
static bool read_word(struct slice value, size_t at, struct word *word)
{
    struct slice rest = slice_range(value, at, value.size);
    size_t first, second;
    if (!slice_starts_with(rest, SLICE("=?")))
        return false;
    struct slice behind = slice_range(rest, 2, rest.size);
    if (!slice_find(behind, '?', &first) || first == 0 || first > 64 || first + 2 >= behind.size ||
        behind.data[first + 2] != '?')
        return false;
    word->encoding = lower(behind.data[first + 1]);
    if (word->encoding != 'b' && word->encoding != 'q')
        return false;
    word->charset = slice_range(behind, 0, first);
    if (slice_find(word->charset, '*', &second)) /* RFC 2231: charset*language */
        word->charset = slice_range(word->charset, 0, second);
    size_t start = first + 3, end = start;
    while (end + 1 < behind.size && !(behind.data[end] == '?' && behind.data[end + 1] == '='))
        end++;
    if (end + 1 >= behind.size)
        return false;
    word->text = slice_range(behind, start, end);
    word->size = 2 + end + 2;
    return true;
}

static void append_as_utf8(struct buffer *out, struct slice bytes, struct slice charset)
{
    const char *name;
    struct error error = {0};
    if (!encoding_detect(bytes, charset, &name) || !encoding_to_utf8(bytes, name, out, &error))
        buffer_append_text(out, "\xEF\xBF\xBD");
}

static size_t skip_space(struct slice text, size_t at)
{
    while (at < text.size && (text.data[at] == ' ' || text.data[at] == '\t'))
        at++;
    return at;
}

struct slice mail_decode_words(struct slice value, struct arena *arena)
{
    struct buffer out, bytes, encoded;
    struct word word;
    size_t plain = 0;
    buffer_init(&out, 4 * VALUE_BYTES_MAX);
    buffer_init(&bytes, VALUE_BYTES_MAX);
    buffer_init(&encoded, VALUE_BYTES_MAX);
    for (size_t at = 0; at < value.size;) {
        if (!read_word(value, at, &word)) {
            at++;
            continue;
        }
        append_as_utf8(&out, slice_range(value, plain, at), (struct slice){"", 0});
        struct slice charset = word.charset;
        buffer_clear(&bytes);
        char encoding = word.encoding;
        buffer_clear(&encoded);
        do { /* words that follow each other are one text, which may be cut within a character, or within what is encoded */
            buffer_append_slice(&encoded, word.text);
            plain = at + word.size;
            at = skip_space(value, plain);
        } while (read_word(value, at, &word) && slice_equal(word.charset, charset) && word.encoding == encoding);
        if (encoding == 'b')
            base64_decode(buffer_slice(&encoded), &bytes);
        else
            quoted_printable_decode(buffer_slice(&encoded), true, &bytes);
        append_as_utf8(&out, buffer_slice(&bytes), charset);
        if (read_word(value, at, &word))
            plain = at; /* of another encoding: the space between does not count either */
        at = plain;
    }
    append_as_utf8(&out, slice_range(value, plain, value.size), (struct slice){"", 0});
    struct slice text = arena_slice(arena, slice_trim(buffer_slice(&out)));
    buffer_release(&out);
    buffer_release(&bytes);
    buffer_release(&encoded);
    return text;
}

struct slice mail_field_text(struct slice head, const char *name, struct arena *arena)
{
    return mail_decode_words(mail_field(head, name, arena), arena);
}

/* ---- parameters ---- */

struct slice mail_main_value(struct slice value, struct arena *arena)
{
    size_t end = 0;
    while (end < value.size && value.data[end] != ';' && value.data[end] != ',')
        end++;
    struct slice main = slice_trim(slice_range(value, 0, end < NAME_BYTES_MAX ? end : NAME_BYTES_MAX));
    char *copy = arena_text(arena, main);
    for (size_t i = 0; i < main.size; i++)
        copy[i] = lower(copy[i]);
    return (struct slice){copy, main.size};
}

/* Takes `name=value` off the text behind a ";"; the value without quotes and backslashes is appended to `out`. */
static bool next_parameter(struct slice value, size_t *at, struct slice *name, struct buffer *out)
{
    while (*at < value.size && value.data[*at] != ';')
        ++*at;
    *at = skip_space(value, *at + (*at < value.size));
    if (*at >= value.size)
        return false;
    size_t start = *at;
    while (*at < value.size && value.data[*at] != '=' && value.data[*at] != ';')
        ++*at;
    *name = slice_trim(slice_range(value, start, *at));
    buffer_clear(out);
    if (*at >= value.size || value.data[*at] == ';')
        return true;
    *at = skip_space(value, *at + 1);
    if (*at < value.size && value.data[*at] == '"') {
        for (++*at; *at < value.size && value.data[*at] != '"'; ++*at) {
            if (value.data[*at] == '\\' && *at + 1 < value.size)
                ++*at;
            buffer_append_byte(out, value.data[*at]);
        }
        return true;
    }
    start = *at;
    while (*at < value.size && value.data[*at] != ';')
        ++*at;
    buffer_append_slice(out, slice_trim(slice_range(value, start, *at)));
    return true;
}

/* "name", "name*", "name*0", "name*0*": which piece it is, and whether it is percent-encoded. */
static bool is_piece(struct slice found, const char *name, size_t *piece, bool *is_encoded)
{
    size_t size = strlen(name);
    uint64_t number = 0;
    if (found.size < size || !slice_equal_lower(slice_range(found, 0, size), name))
        return false;
    struct slice rest = slice_range(found, size, found.size);
    *is_encoded = slice_ends_with(rest, SLICE("*"));
    if (*is_encoded)
        rest = slice_range(rest, 0, rest.size - 1);
    if (rest.size > 0 && (rest.data[0] != '*' || !slice_to_u64(slice_range(rest, 1, rest.size), &number)))
        return false;
    *piece = (size_t)number;
    return number < PARAMETER_PIECES;
}

static void percent_decode(struct slice text, struct buffer *out)
{
    struct buffer quoted; /* "%E4" is "=E4" in quoted-printable */
    buffer_init(&quoted, VALUE_BYTES_MAX);
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] == '=')
            buffer_append_text(&quoted, "=3D");
        else
            buffer_append_byte(&quoted, text.data[i] == '%' ? '=' : text.data[i]);
    quoted_printable_decode(buffer_slice(&quoted), false, out);
    buffer_release(&quoted);
}

struct piece {
    struct slice text;
    bool is_there, is_encoded;
};

static struct slice join_pieces(const struct piece *pieces, struct arena *arena)
{
    struct buffer bytes, text;
    struct slice charset = {"", 0}, first = pieces[0].text;
    size_t quote, second;
    buffer_init(&bytes, VALUE_BYTES_MAX);
    buffer_init(&text, 4 * VALUE_BYTES_MAX);
    if (pieces[0].is_encoded && slice_find(first, '\'', &quote) &&
        slice_find(slice_range(first, quote + 1, first.size), '\'', &second)) {
        charset = slice_range(first, 0, quote);
        first = slice_range(first, quote + 1 + second + 1, first.size);
    }
    for (size_t i = 0; i < PARAMETER_PIECES && (pieces[i].is_there || i == 0); i++) {
        struct slice piece = i == 0 ? first : pieces[i].text;
        if (pieces[i].is_encoded)
            percent_decode(piece, &bytes);
        else
            buffer_append_slice(&bytes, piece);
    }
    append_as_utf8(&text, buffer_slice(&bytes), charset);
    struct slice joined = mail_decode_words(arena_slice(arena, slice_trim(buffer_slice(&text))), arena);
    buffer_release(&bytes);
    buffer_release(&text);
    return joined;
}

struct slice mail_parameter(struct slice value, const char *name, struct arena *arena)
{
    struct piece pieces[PARAMETER_PIECES] = {0};
    struct buffer out;
    struct slice found;
    size_t at = 0, piece;
    bool is_encoded, has_any = false;
    buffer_init(&out, VALUE_BYTES_MAX);
    while (next_parameter(value, &at, &found, &out))
        if (is_piece(found, name, &piece, &is_encoded) && !pieces[piece].is_there) {
            pieces[piece] = (struct piece){arena_slice(arena, buffer_slice(&out)), true, is_encoded};
            has_any = true;
        }
    buffer_release(&out);
    return has_any ? join_pieces(pieces, arena) : (struct slice){"", 0};
}

/* ---- dates ---- */

static size_t take_number(struct slice text, size_t *at, unsigned *value)
{
    size_t start = *at;
    *value = 0;
    while (*at < text.size && *at - start < 9 && text.data[*at] >= '0' && text.data[*at] <= '9')
        *value = *value * 10 + (unsigned)(text.data[(*at)++] - '0');
    return *at - start;
}

static size_t skip_to(struct slice text, size_t at, bool digits)
{
    while (at < text.size && (text.data[at] >= '0' && text.data[at] <= '9') != digits)
        at++;
    return at;
}

static unsigned month_named(struct slice name)
{
    static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
    for (unsigned i = 0; i < 12; i++)
        if (name.size >= 3 && slice_equal_lower(slice_range(name, 0, 3), months[i]))
            return i + 1;
    return 0;
}

/* Days from 1970 on, by the civil calendar. */
static int64_t days_from(int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + (int64_t)day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int64_t zone_seconds(struct slice zone)
{
    static const struct {
        const char *name;
        int hours;
    } zones[] = {{"est", -5}, {"edt", -4}, {"cst", -6}, {"cdt", -5}, {"mst", -7}, {"mdt", -6}, {"pst", -8}, {"pdt", -7}};
    unsigned value;
    size_t at = 1;
    if (zone.size >= 5 && (zone.data[0] == '+' || zone.data[0] == '-') && take_number(zone, &at, &value) >= 4)
        return (zone.data[0] == '-' ? -1 : 1) * ((int64_t)(value / 100 % 24) * 3600 + (int64_t)(value % 100) * 60);
    for (size_t i = 0; i < ARRAY_COUNT(zones); i++)
        if (zone.size >= 3 && slice_equal_lower(slice_range(zone, 0, 3), zones[i].name))
            return zones[i].hours * 3600;
    return 0;
}

static void take_behind_colon(struct slice text, size_t *at, unsigned *value)
{
    if (*at < text.size && text.data[*at] == ':') {
        ++*at;
        take_number(text, at, value);
    }
}

struct slice mail_date(struct slice value, struct arena *arena)
{
    unsigned day, year, hour = 0, minute = 0, second = 0;
    size_t at = skip_to(value, 0, true), digits, name_at;
    if (take_number(value, &at, &day) == 0)
        return (struct slice){"", 0};
    for (name_at = at; name_at < value.size && lower(value.data[name_at]) < 'a';)
        name_at++;
    unsigned month = month_named(slice_range(value, name_at, value.size));
    at = skip_to(value, name_at, true);
    digits = take_number(value, &at, &year);
    if (month == 0 || day < 1 || day > 31 || digits < 2 || digits > 4)
        return (struct slice){"", 0};
    year += digits == 2 ? (year < 50 ? 2000 : 1900) : digits == 3 ? 1900 : 0;
    at = skip_to(value, at, true);
    take_number(value, &at, &hour);
    take_behind_colon(value, &at, &minute);
    take_behind_colon(value, &at, &second);
    int64_t days = days_from(year, month, day);
    int64_t seconds = days * 86400 + (hour % 24) * 3600 + (minute % 60) * 60 + second % 60 -
                      zone_seconds(slice_trim(slice_range(value, at, value.size)));
    time_t moment = (time_t)seconds;
    struct tm parts;
    if (gmtime_r(&moment, &parts) == NULL || parts.tm_year < -1900 || parts.tm_year > 8099)
        return (struct slice){"", 0};
    return slice_from(arena_format(arena, "%04d-%02d-%02dT%02d:%02d:%02dZ", parts.tm_year + 1900, parts.tm_mon + 1,
                                   parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec));
}
