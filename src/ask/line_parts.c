/* line_parts.c - what of a line belongs together: a cell with the head of its column, a value with its key. */
#include "line_parts.h"
#include <string.h>
#include <strings.h>

enum { KEY_BYTES = 48, LABEL_BYTES = 60 };

static bool is_gap(struct slice row, size_t at)
{
    return row.data[at] == '\t' || (row.data[at] == ' ' && at + 1 < row.size && row.data[at + 1] == ' ');
}

bool line_has_gap(struct slice row)
{
    for (size_t i = 0; i < row.size; i++)
        if (is_gap(row, i))
            return true;
    return false;
}

bool line_has_bar(struct slice row)
{
    return row.size > 0 && memchr(row.data, '|', row.size) != NULL;
}

size_t line_cells(struct slice row, struct slice cells[CELLS_MAX])
{
    bool by_bars = line_has_bar(row);
    size_t count = 0, start = 0;
    for (size_t i = 0; i <= row.size && count < CELLS_MAX; i++) {
        if (i < row.size && !(by_bars ? row.data[i] == '|' : is_gap(row, i)))
            continue;
        cells[count++] = slice_trim(slice_range(row, start, i));
        while (!by_bars && i < row.size && byte_among(row.data[i], " \t"))
            i++;
        start = by_bars ? i + 1 : i;
    }
    return count;
}

bool line_split(struct slice text, struct slice *key, struct slice *value)
{
    size_t colon;
    if (!slice_find(text, ':', &colon) || colon == 0 || colon > KEY_BYTES || colon + 2 >= text.size ||
        text.data[colon + 1] != ' ')
        return false;
    if (memchr(text.data, '(', colon) != NULL && memchr(text.data, ')', colon) == NULL) /* "37 in January (December: 52)" */
        return false;
    *key = slice_trim(slice_range(text, 0, colon));
    *value = slice_trim(slice_range(text, colon + 1, text.size));
    return value->size > 0;
}

static bool is_of_key(char byte)
{
    return ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || (byte >= '0' && byte <= '9') || byte_among(byte, "_.-\"'");
}

/* "max_body_kb", "TIMEOUT", "retries": a name that begins no prose. */
static bool is_setting(struct slice key, char sign)
{
    bool has_big = false, has_small = false, has_bar = memchr(key.data, '_', key.size) != NULL;
    for (size_t i = 0; i < key.size; i++) {
        has_big = has_big || (key.data[i] >= 'A' && key.data[i] <= 'Z');
        has_small = has_small || (key.data[i] >= 'a' && key.data[i] <= 'z');
    }
    return has_bar || (sign == '=' && (!has_big || !has_small));
}

/* "debug, info, warn or error", "MiB, 0 turns it off": what else the value may be. */
static bool tells_values(struct slice comment)
{
    static const char *const signs[] = {",", "|", ";", " or ", " oder ", " ou "};
    for (size_t i = 0; i < ARRAY_COUNT(signs) && comment.size > 0; i++)
        if (memmem(comment.data, comment.size, signs[i], strlen(signs[i])) != NULL)
            return true;
    return false;
}

bool line_assigns(struct slice text, struct slice *key, struct slice *value, struct slice *comment)
{
    size_t end = 0, sign, at;
    text = slice_trim(text);
    while (end < text.size && end < KEY_BYTES && is_of_key(text.data[end]))
        end++;
    for (sign = end; sign < text.size && text.data[sign] == ' ';)
        sign++;
    if (end == 0 || sign + 1 >= text.size || !byte_among(text.data[sign], "=:") || text.data[sign + 1] != ' ' ||
        !is_setting(slice_range(text, 0, end), text.data[sign]))
        return false;
    for (at = sign + 1; at < text.size; at++) { /* "#" or "//" behind a blank, and a blank behind it */
        size_t size = text.data[at] == '#' ? 1 : text.data[at] == '/' && at + 1 < text.size && text.data[at + 1] == '/' ? 2 : 0;
        if (size > 0 && byte_among(text.data[at - 1], " \t") && at + size < text.size && text.data[at + size] == ' ')
            break;
    }
    *key = slice_range(text, 0, end);
    *value = slice_trim(slice_range(text, sign + 1, at));
    *comment = at < text.size ? slice_trim(slice_range(text, at, text.size)) : SLICE("");
    while (comment->size > 0 && byte_among(comment->data[0], "#/ "))
        *comment = slice_range(*comment, 1, comment->size);
    return value->size > 0 && !tells_values(*comment) && (comment->size > 0 || text.data[sign] == '=') && !line_has_bar(text);
}

/* Half of the cells at the least: a value may have a bar of its own, or none. */
bool line_is_record(struct slice row)
{
    struct slice cells[CELLS_MAX], key, value;
    if (!line_has_bar(row))
        return false;
    size_t count = line_cells(row, cells), keyed = 0;
    for (size_t i = 0; i < count; i++)
        keyed += line_split(cells[i], &key, &value);
    bool is_first = line_split(cells[0], &key, &value);
    return (2 * keyed >= count && is_first) ||
           (count > 2 && keyed + 1 == count && !is_first); /* whose first column has no head */
}

size_t line_row_parts(struct slice row, struct slice head, struct line_part parts[CELLS_MAX])
{
    struct slice cells[CELLS_MAX], heads[CELLS_MAX];
    size_t count = line_cells(row, cells), head_count = head.size > 0 ? line_cells(head, heads) : 0;
    bool is_record = head_count == 0 && line_is_record(row);
    for (size_t i = 0; i < count; i++) {
        parts[i] = (struct line_part){.head = i < head_count ? heads[i] : SLICE(""), .text = cells[i], .whole = cells[i]};
        if (is_record)
            (void)line_split(cells[i], &parts[i].head, &parts[i].text);
    }
    if (head_count == 0 && !is_record && count == 2)
        parts[1].head = cells[0];
    return count;
}

static bool has_digit(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] >= '0' && text.data[i] <= '9')
            return true;
    return false;
}

bool line_may_be_head(struct slice row)
{
    struct slice cells[CELLS_MAX];
    if (!line_has_bar(row)) /* of columns that only blanks part, only when it has no number */
        return !has_digit(row);
    return !line_is_record(row) && (line_cells(row, cells) != 2 || !has_digit(cells[1]));
}

bool line_looks_like_head(struct slice row, struct slice next)
{
    struct slice cells[CELLS_MAX];
    return line_may_be_head(row) && line_cells(row, cells) > 2 && !has_digit(row) && has_digit(next) && !line_is_record(next);
}

struct slice line_unit(const struct line_part *parts, size_t count)
{
    static const char *const heads[] = {"unit",  "units",   "einheit", "einheiten", "unité", "unités", "unidad", "unidades",
                                        "unità", "unidade", "eenheid", "jednostka", "enhet", "单位",   "単位"};
    for (size_t i = 1; i < count; i++)
        for (size_t j = 0; j < ARRAY_COUNT(heads); j++) {
            const struct slice head = parts[i].head, wanted = slice_from(heads[j]);
            if (head.size == wanted.size && strncasecmp(head.data, wanted.data, wanted.size) == 0)
                return parts[i].text;
        }
    return SLICE("");
}

bool line_is_bare_number(struct slice text)
{
    static const char *const signs[] = {"−", "–", "±", "…"};
    for (size_t at = 0; at < text.size;) {
        size_t size = byte_among(text.data[at], "0123456789.,+-/ ");
        for (size_t i = 0; i < ARRAY_COUNT(signs) && size == 0; i++)
            size = slice_starts_with(slice_range(text, at, text.size), slice_from(signs[i])) ? strlen(signs[i]) : 0;
        if (size == 0)
            return false;
        at += size;
    }
    return has_digit(text);
}

/* Without marks of emphasis and quotes at its end. */
static struct slice without_marks(struct slice text)
{
    while (text.size > 0 && byte_among(text.data[text.size - 1], " *_`\"')"))
        text.size--;
    return text;
}

bool line_leads_in(struct slice text)
{
    text = without_marks(text);
    return text.size > 0 && (text.data[text.size - 1] == ':' || slice_ends_with(text, SLICE("：")));
}

bool line_is_label(struct slice text)
{
    static const char *const pointing[] = {"follow",    "below",   "folgend",  "suivant",
                                           "siguiente", "seguent", "volgende", "seguinte"};
    bool points = text.size <= LABEL_BYTES;
    for (size_t i = 0; i < ARRAY_COUNT(pointing) && !points; i++)
        points = memmem(text.data, text.size, pointing[i], strlen(pointing[i])) != NULL;
    return points && line_leads_in(text);
}

bool line_is_verdict(struct slice text)
{
    static const char *const verdicts[] = {"yes", "no",  "ja",  "nein", "oui",  "non",   "sí",
                                           "sì",  "nee", "sim", "não",  "はい", "いいえ"};
    char small[16];
    while (text.size > 0 && byte_among(text.data[text.size - 1], ".!,* "))
        text.size--;
    if (slice_ends_with(text, SLICE("。")))
        text.size -= strlen("。");
    while (text.size > 0 && text.data[0] == '*')
        text = slice_range(text, 1, text.size);
    if (text.size == 0 || text.size > sizeof(small))
        return false;
    for (size_t i = 0; i < text.size; i++)
        small[i] = (char)(text.data[i] >= 'A' && text.data[i] <= 'Z' ? text.data[i] | 0x20 : text.data[i]);
    for (size_t i = 0; i < ARRAY_COUNT(verdicts); i++)
        if (slice_equal_text((struct slice){small, text.size}, verdicts[i]))
            return true;
    return false;
}

bool line_is_question(struct slice text)
{
    text = without_marks(text);
    return text.size > 0 && (text.data[text.size - 1] == '?' || slice_ends_with(text, SLICE("？")));
}
