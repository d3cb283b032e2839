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

static bool is_name_word(const struct pieces *pieces, size_t at)
{
    struct slice word = piece_text(pieces, at);
    return piece_is_word(pieces, at) && word.size > 1 && word.data[0] >= 'A' && word.data[0] <= 'Z' &&
           !(word.data[1] >= '0' && word.data[1] <= '9');
}

/* Equal for the same words in any order, in small letters or capitals, without titles. */
static double name_number(const struct pieces *pieces, size_t first, size_t end)
{
    static const char *const titles[] = {"mr", "mrs", "ms", "dr", "prof", "herr", "frau", "mme", "sr", "sra"};
    uint64_t sum = 0;
    for (size_t i = first; i < end; i++) {
        char small[64];
        struct slice word = piece_text(pieces, i);
        size_t size = word.size < sizeof(small) ? word.size : sizeof(small);
        if (!piece_is_word(pieces, i) || AMONG(pieces, i, titles))
            continue;
        for (size_t j = 0; j < size; j++)
            small[j] = (char)(word.data[j] >= 'A' && word.data[j] <= 'Z' ? word.data[j] | 0x20 : word.data[j]);
        sum += map_hash((struct slice){small, size}) >> 14;
    }
    return (double)sum;
}

/* A person is named as the holder of an office; a status, or a title, is no person. */
static bool is_office(const struct pieces *pieces, size_t at)
{
    static const char *const offices[] = {
        "manager",
        "contact",
        "owner",
        "head",
        "director",
        "lead",
        "leader",
        "chair",
        "chairman",
        "chairwoman",
        "chairperson",
        "president",
        "ceo",
        "cto",
        "cfo",
        "secretary",
        "treasurer",
        "officer",
        "administrator",
        "supervisor",
        "coordinator",
        "maintainer",
        "representative",
        "deputy",
        "principal",
        "caretaker",
        "responsible",
        "leiter",
        "leiterin",
        "ansprechpartner",
        "ansprechpartnerin",
        "geschäftsführer",
        "geschäftsführerin",
        "vorsitzende",
        "vorsitzender",
        "hausmeister",
        "responsable",
        "directeur",
        "directrice",
        "gérant",
        "encargado",
        "encargada",
        "jefe",
        "jefa",
        "directora",
        "beheerder",
        "voorzitter",
        "responsabile",
        "direttore",
        "direttrice",
    };
    return AMONG(pieces, at, offices);
}

bool name_read(struct slice sentence, struct value *value)
{
    static const char *const verbs[] = {"is", "ist", "est", "es"};
    static const char *const own[] = {"this",  "these", "here", "diese", "dieser", "dieses",
                                      "cette", "ce",    "este", "esta",  "deze"};
    enum { NAME_WORDS = 3 };
    struct pieces pieces;
    size_t words = 0;
    pieces_read(&pieces, sentence);
    size_t end = pieces.count > 0 && piece_sign(&pieces, pieces.count - 1) == '.' ? pieces.count - 1 : pieces.count, at = end;
    while (words < NAME_WORDS && at >= 2 && is_name_word(&pieces, at - 1) && piece_sign(&pieces, at - 2) == ' ') {
        at -= 2; /* the word, and the blank before it */
        words++;
    }
    bool is_named = words >= 2 && at > 0 && AMONG(&pieces, at - 1, verbs), has_office = false;
    for (size_t i = 0; is_named && i < at; i++) {
        is_named = !AMONG(&pieces, i, own); /* what a page says of itself */
        has_office = has_office || is_office(&pieces, i);
    }
    if (!is_named || !has_office)
        return false;
    *value = (struct value){.kind = VALUE_NAME, .start = pieces.items[at + 1].start, .end = piece_end(&pieces, end - 1)};
    value->number = name_number(&pieces, at + 1, end);
    return true;
}
