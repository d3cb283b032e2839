/* docx_remarks.c - commentsExtended:  commentEx paraId="0A" done="1"   /   commentEx paraId="0B" paraIdParent="0A", an answer to it */
#include "docx_remarks.h"
#include <string.h>

enum { COMMENT_MORE = 1 };

static const struct xml_word words[] = {{XML_OTHER, "commentEx", COMMENT_MORE}};

void docx_resolved_read(struct package *package, struct slice part, struct map *done)
{
    struct buffer content;
    struct error ignored;
    struct xml xml;
    if (package_part(package, part, &content, &ignored)) {
        xml_init(&xml, buffer_slice(&content), "resolved comments", words, ARRAY_COUNT(words));
        while (xml_next(&xml)) {
            if (xml.kind != XML_START || xml.code != COMMENT_MORE)
                continue;
            struct slice id = xml_get(&xml, XML_OTHER, "paraId"), parent = xml_get(&xml, XML_OTHER, "paraIdParent"),
                         state = xml_get(&xml, XML_OTHER, "done");
            bool is_done = slice_equal_text(state, "1") || slice_equal_text(state, "true") ||
                           (parent.size > 0 && map_get(done, parent) != NULL);
            if (is_done && id.size > 0)
                (void)map_put(done, id, NULL);
        }
        xml_release(&xml);
    }
    buffer_release(&content);
}

/* ---- what margins tell ---- */

/* Words that tell of an edition, and what may stand between them and its number or date. */
static const struct edition_word {
    const char *word;
    const char *links[7];
    bool is_dated; /* only a date comes behind it: "Stand B12" is a place at a fair */
    bool is_linked; /* and not without one of those */
} edition_words[] = {
    {"version", {"no.", "nr.", "of", "vom", "v"}, false, false},
    {"revision", {"no.", "nr."}, false, false},
    {"rev", {"no.", "nr."}, false, false},
    {"edition", {"no.", "of"}, false, false},
    {"issue", {"no.", "of"}, false, false},
    {"ausgabe", {"nr.", "vom"}, false, false},
    {"fassung", {"nr.", "vom"}, false, false},
    {"revisionsstand", {"nr.", "vom"}, false, false},
    {"versi\xC3\xB3n", {"n.\xC2\xBA", "v"}, false, false},
    {"r\xC3\xA9vision", {"n\xC2\xB0"}, false, false},
    {"versione", {"n.", "v"}, false, false},
    {"versie", {"nr.", "v"}, false, false},
    {"stand", {"vom"}, true, false},
    {"as of", {NULL}, true, false},
    {"valid", {"from", "until", "till", "as of", "since"}, true, true},
    {"effective", {"from", "as of", "since", "date", "on"}, true, false},
    {"approved", {"on"}, true, false},
    {"updated", {"on"}, true, false},
    {"reviewed", {"on"}, true, false},
    {"g\xC3\xBCltig", {"ab", "seit", "bis", "vom", "von"}, true, true},
    {"freigegeben", {"am"}, true, false},
    {"vigente", {"desde el", "desde", "hasta el", "hasta"}, true, true},
    {"valable", {"\xC3\xA0 partir du", "du", "jusqu'au"}, true, true},
    {"geldig", {"vanaf", "tot"}, true, true},
};

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_letter(char byte)
{
    return (unsigned char)byte >= 0x80 || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
}

/* Takes `word` off the line's beginning, whatever the case of its ASCII letters; what comes then is no letter. */
static bool take_word(struct slice *line, const char *word)
{
    size_t size = strlen(word);
    if (line->size < size || (line->size > size && is_letter(line->data[size]) && is_letter(word[size - 1]) && size > 1))
        return false;
    for (size_t i = 0; i < size; i++)
        if (line->data[i] != word[i] && (!is_letter(word[i]) || (line->data[i] | 0x20) != word[i]))
            return false;
    *line = slice_range(*line, size, line->size);
    return true;
}

static void skip_signs(struct slice *line)
{
    while (line->size > 0 && byte_among(line->data[0], " .:"))
        *line = slice_range(*line, 1, line->size);
}

static bool begins_with_year(struct slice line)
{
    return line.size >= 4 && (line.data[0] == '1' || line.data[0] == '2') && is_digit(line.data[1]) && is_digit(line.data[2]) &&
           is_digit(line.data[3]) && (line.size == 4 || !is_digit(line.data[4]));
}

/* "May 2025", "Mai. 2025", "May 1, 2025" */
static bool begins_with_month(struct slice line)
{
    static const char *const months[] = {"jan", "feb", "mar",        "m\xC3\xA4r", "apr", "may",        "mai",        "jun",
                                         "jul", "aug", "sep",        "oct",        "okt", "nov",        "dec",        "dez",
                                         "ene", "abr", "ago",        "dic",        "gen", "mag",        "giu",        "lug",
                                         "set", "ott", "f\xC3\xA9v", "avr",        "jui", "ao\xC3\xBB", "d\303\251c", "mei"};
    size_t at = 0;
    bool is_month = false;
    for (size_t i = 0; i < ARRAY_COUNT(months); i++) {
        size_t size = strlen(months[i]);
        is_month = is_month || (line.size > size && (line.data[0] | 0x20) == months[i][0] &&
                                memcmp(line.data + 1, months[i] + 1, size - 1) == 0);
    }
    while (is_month && at < line.size && is_letter(line.data[at]))
        at++;
    while (is_month && at < line.size && byte_among(line.data[at], " .,"))
        at++;
    size_t day = at;
    while (at < line.size && is_digit(line.data[at]) && at < day + 2)
        at++;
    if (at < line.size && !byte_among(line.data[at], " ,"))
        at = day;
    while (is_month && at < line.size && byte_among(line.data[at], " ,"))
        at++;
    return is_month && begins_with_year(slice_range(line, at, line.size));
}

/* "12.05.2026", "05/2026", "1 May 2025", "Mai 2026", "2026" */
static bool begins_with_date(struct slice line)
{
    size_t digits = 0, signs = 0, at = 0;
    for (; at < line.size && (is_digit(line.data[at]) || byte_among(line.data[at], "./-")); at++) {
        digits += is_digit(line.data[at]);
        signs += !is_digit(line.data[at]) && at + 1 < line.size && is_digit(line.data[at + 1]);
    }
    if (digits > 2)
        return signs > 0 ? digits >= 4 : begins_with_year(line);
    while (at < line.size && line.data[at] == ' ')
        at++;
    return signs == 0 && begins_with_month(slice_range(line, at, line.size));
}

static bool tells_edition(struct slice line, const struct edition_word *edition)
{
    bool is_linked = false;
    if (!take_word(&line, edition->word))
        return false;
    skip_signs(&line);
    for (size_t i = 0; !is_linked && i < ARRAY_COUNT(edition->links) && edition->links[i] != NULL; i++)
        is_linked = take_word(&line, edition->links[i]);
    skip_signs(&line);
    bool is_number = line.size > 0 && is_digit(line.data[0]);
    return (is_linked || !edition->is_linked) && (begins_with_date(line) || (is_number && !edition->is_dated));
}

/* Cuts "Page 2 of 14" off, with the signs before it. */
static struct slice without_page(struct slice line)
{
    static const char *const pages[] = {"page ", "seite ", "p\xC3\xA1gina ", "pagina "};
    static const char *const signs[] = {" ", ",", ";", "/", "-", "(", "\xE2\x80\x93", "\xE2\x80\x94"};
    size_t end = line.size;
    for (size_t at = 0; at < line.size && end == line.size; at++)
        for (size_t i = 0; i < ARRAY_COUNT(pages) && (at == 0 || !is_letter(line.data[at - 1])); i++) {
            struct slice behind = slice_range(line, at, line.size);
            if (take_word(&behind, pages[i]) && behind.size > 0 && is_digit(behind.data[0]))
                end = at;
        }
    if (end == line.size)
        return line;
    line = slice_range(line, 0, end);
    for (size_t i = 0; i < ARRAY_COUNT(signs); i++)
        if (slice_ends_with(line, slice_from(signs[i]))) {
            line = slice_range(line, 0, line.size - strlen(signs[i]));
            i = SIZE_MAX; /* from the first one again */
        }
    return line;
}

static bool is_edition(struct slice line, size_t *word)
{
    enum { BYTES_MAX = 160 };
    for (size_t at = 0; at < line.size && line.size <= BYTES_MAX; at++)
        for (*word = 0; *word < ARRAY_COUNT(edition_words) && (at == 0 || byte_among(line.data[at - 1], " (,;-")); ++*word)
            if (tells_edition(slice_range(line, at, line.size), &edition_words[*word]))
                return true;
    return false;
}

bool docx_edition_next(struct slice *rest, struct slice *piece, size_t *word)
{
    while (rest->size > 0) {
        size_t end = 0;
        while (end < rest->size && !byte_among(rest->data[end], "\t\n|"))
            end++;
        *piece = without_page(slice_trim(slice_range(*rest, 0, end)));
        *rest = slice_range(*rest, end < rest->size ? end + 1 : end, rest->size);
        if (is_edition(*piece, word))
            return true;
    }
    return false;
}
