/* clauses.c - what a sentence says beside its value: the things that are only listed with it, whether it speaks of a case that another sentence names,
 * and rows of tables, whose values are named by the head of their column. */
#include "claims.h"

static size_t word_before(const struct pieces *pieces, size_t at)
{
    while (at-- > 0)
        if (pieces->items[at].is_word)
            return at;
    return SIZE_MAX;
}

#define AMONG(pieces, at, words) piece_among(pieces, at, words, ARRAY_COUNT(words))

bool clause_listed(struct slice sentence, const struct value *value, size_t *start, size_t *end)
{
    static const char *const verbs[] = {"get",   "gets",   "receive", "receives", "have",    "has",      "obtain",
                                        "enjoy", "enjoys", "offer",   "offers",   "include", "includes", "contains"};
    enum { LISTED_WORDS_MAX = 12 };
    struct pieces pieces;
    size_t at = 0, words = 0;
    pieces_read(&pieces, sentence);
    while (at < pieces.count && pieces.items[at].start < value->start)
        at++;
    size_t joining = word_before(&pieces, at);
    if (joining == SIZE_MAX || !piece_is(&pieces, joining, "and"))
        return false;
    for (size_t i = joining; i-- > 0 && words < LISTED_WORDS_MAX;) {
        char sign = piece_sign(&pieces, i);
        words += pieces.items[i].is_word;
        if (!pieces.items[i].is_word && sign != ' ' && sign != ',' && sign != '-')
            return false;
        if (!AMONG(&pieces, i, verbs))
            continue;
        *start = pieces.items[i].end;
        *end = pieces.items[joining].end;
        return true;
    }
    return false;
}

/* "in this case", "in the last case", "in such cases" */
static bool names_a_case(const struct pieces *pieces, size_t at)
{
    static const char *const which[] = {"this",  "that",   "the",   "such", "these", "those",  "a",      "either", "both",
                                        "first", "second", "third", "last", "other", "former", "latter", "same"};
    size_t next = piece_after_blank(pieces, at + 1);
    if (!piece_is(pieces, at, "in"))
        return false;
    while (AMONG(pieces, next, which))
        next = piece_after_blank(pieces, next + 1);
    return piece_is(pieces, next, "case") || piece_is(pieces, next, "cases");
}

bool clause_depends(struct slice sentence)
{
    static const char *const which[] = {"it", "this", "that", "they", "these", "those", "so", "not", "he", "she"};
    struct pieces pieces;
    pieces_read(&pieces, sentence);
    for (size_t i = 0; i < pieces.count; i++) {
        bool is_if = piece_is(&pieces, i, "if") || piece_is(&pieces, i, "unless");
        if (names_a_case(&pieces, i) || piece_is(&pieces, i, "otherwise") ||
            (is_if && AMONG(&pieces, piece_after_blank(&pieces, i + 1), which)))
            return true;
    }
    return false;
}

bool clause_is_example(struct slice sentence)
{
    static const char *const examples[] = {"example", "examples", "instance", "exemple",
                                           "ejemplo", "esempio",  "beispiel", "voorbeeld"};
    static const char *const joins[] = {"for", "par", "por", "per", "zum"};
    static const char *const alone[] = {"beispielsweise", "bijvoorbeeld", "suppose", "imagine", "angenommen"};
    struct pieces pieces;
    pieces_read(&pieces, sentence);
    return AMONG(&pieces, 0, alone) || (AMONG(&pieces, 0, joins) && AMONG(&pieces, 2, examples)) ||
           (AMONG(&pieces, 0, examples) && piece_sign(&pieces, 1) == ':');
}

enum clause_tense clause_tense_of(struct slice sentence, enum text_language language)
{
    static const char *const was[] = {"was", "were", "formerly", "previously"}, *const is[] = {"is",   "are", "has", "have",
                                                                                               "must", "can", "may", "will"};
    static const char *const war[] = {"war", "waren", "früher", "était", "étaient", "era", "eran", "erano"};
    static const char *const ist[] = {"ist",  "sind", "wird", "werden", "muss", "est",
                                      "sont", "es",   "son",  "sono",   "zijn", "wordt"};
    static const char *const changes[] = {"raised",   "increased", "reduced", "lowered",  "changed",    "set",       "moved",
                                          "extended", "shortened", "brought", "cut",      "agreed",     "postponed", "now",
                                          "approved", "fixed",     "decided", "adopted",  "introduced", "doubled",   "halved",
                                          "updated",  "adjusted",  "voted",   "confirmed"};
    static const char *const former[] = {"formerly", "previously"}; /* "was previously fixed at" */
    bool is_english = language == LANGUAGE_ENGLISH || language == LANGUAGE_UNKNOWN;
    struct pieces pieces;
    bool is_past = false, is_present = false, is_changed = false, is_former = false;
    pieces_read(&pieces, sentence);
    for (size_t i = 0; i < pieces.count; i++) {
        is_past = is_past || (is_english ? AMONG(&pieces, i, was) : AMONG(&pieces, i, war));
        is_present = is_present || (is_english ? AMONG(&pieces, i, is) : AMONG(&pieces, i, ist));
        is_changed = is_changed || AMONG(&pieces, i, changes);
        is_former = is_former || AMONG(&pieces, i, former);
    }
    if (is_past == is_present || (is_past && is_changed && !is_former))
        return TENSE_NONE;
    return is_past ? TENSE_PAST : TENSE_PRESENT;
}

/* ---- tables ---- */

static size_t bars_of(struct slice line)
{
    size_t bars = 0;
    for (size_t i = 0; i < line.size; i++)
        bars += line.data[i] == '|';
    return bars;
}

static bool has_amount(struct slice line, enum text_language language)
{
    struct value values[VALUES_MAX];
    size_t count = values_read(line, language, values), days = 0;
    for (size_t i = 0; i < count; i++)
        days += values[i].kind == VALUE_WEEKDAY;
    return count > days;
}

bool table_take(struct table *table, struct slice line, enum text_language language)
{
    size_t bars = bars_of(line);
    bool is_row = bars > 0 && bars == table->bars && table->head.size > 0;
    if (!is_row)
        *table = (struct table){bars > 0 && !has_amount(line, language) ? line : SLICE(""), bars};
    return is_row;
}

struct slice table_head_of(const struct table *table, struct slice row, size_t place)
{
    struct slice rest = table->head, cell = SLICE("");
    for (size_t column = bars_of(slice_range(row, 0, place)) + 1; column > 0; column--)
        if (!slice_next(&rest, '|', &cell))
            return SLICE("");
    return slice_trim(cell);
}
