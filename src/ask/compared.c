/* compared.c - two rows of a table that a question compares, by the column that it names.
 *
 *   Plan   | Burst        "Does Scale or Growth have the higher burst?"  ▶  Scale: 300, Growth: 60
 *   Growth | 60
 *   Scale  | 300
 *
 * Both values are told, so that nobody has to trust the comparison. Rows of other tables, and what is compared in sentences, are left to the usual way. */
#include "compared.h"
#include "passage_lines.h"
#include "rival_words.h"
#include "rivals.h"
#include "span_parts.h"
#include "spans.h"
#include <string.h>

static const char or_words[] = "or|oder|ou|o|than|als";

static const struct {
    const char *words;
    bool is_less, is_money;
} comparatives[] = {
    {"cheaper|cheapest|billiger|günstiger|billigste|billigsten|günstigste|günstigsten|barato|barata|economico", true, true},
    {"dearer|expensive|dearest|teurer|teuerste|teuersten|cher|chère|caro|cara", false, true},
    {"lower|less|fewer|shorter|smaller|lighter|earlier|younger|lowest|shortest|smallest|least|fewest|lightest|earliest|"
     "youngest|wenigsten|wenigste|niedrigste|niedrigsten|kleinste|kleinsten|kürzeste|kürzesten|weniger|kürzer|kleiner|leichter|"
     "niedriger|"
     "früher|moins|menos|meno",
     true, false},
    {"higher|more|longer|bigger|larger|greater|heavier|later|older|highest|longest|largest|most|biggest|greatest|heaviest|"
     "oldest|latest|mehr|länger|größer|höher|schwerer|meisten|höchsten|höchste|größte|größten|längste|längsten|"
     "später|"
     "plus|más|più|mais",
     false, false},
};

enum { SIDES_MAX = 32 };

struct asked_pair {
    struct terms first, second; /* words of the question before "or", and behind */
    bool is_less, is_money;
};

struct table_row {
    const struct line *line;
    struct line_part parts[CELLS_MAX];
    size_t count;
};

struct side {
    const struct line *line;
    struct slice key, head, cell;
    size_t named; /* words of the key that are of this side alone */
};

/* ---- the question ---- */

bool comparative_is(const struct span_word *word, bool *is_less, bool *is_money)
{
    for (size_t i = 0; i < ARRAY_COUNT(comparatives) && word->size > 0; i++)
        if (span_word_is(word, comparatives[i].words)) {
            *is_less = comparatives[i].is_less;
            *is_money = comparatives[i].is_money;
            return true;
        }
    return false;
}

/* "more than 3", "or longer": nothing that is compared. */
static bool is_bound(struct slice asked, size_t at)
{
    at += span_blank_at(asked, at);
    struct span_word word = span_word_at(asked, at);
    bool is_less, is_money;
    return comparative_is(&word, &is_less, &is_money) || (span_is_digit(asked, at) && !span_letter_before(asked, at));
}

static bool read_pair(struct asking *asking, struct asked_pair *pair)
{
    const struct slice asked = asking->answer->asked;
    const enum text_language language = language_of(asking, asked);
    size_t or_at = 0, or_end = 0, which = ARRAY_COUNT(comparatives);
    for (size_t at = 0; at < asked.size;) {
        struct span_word word = span_word_at(asked, at);
        if (span_word_is(&word, or_words) && at > 0) {
            or_at = word.start;
            or_end = word.end;
        }
        for (size_t i = 0; i < ARRAY_COUNT(comparatives) && word.size > 0; i++)
            which = i < which && span_word_is(&word, comparatives[i].words) ? i : which; /* "más caro" is of money */
        at = word.size > 0 ? span_letters_end(asked, at) : at + 1;
    }
    if (or_at == 0 || which == ARRAY_COUNT(comparatives) || is_bound(asked, or_end))
        return false;
    *pair = (struct asked_pair){.first = terms_of(asking, slice_range(asked, 0, or_at), language),
                                .second = terms_of(asking, slice_range(asked, or_end, asked.size), language),
                                .is_less = comparatives[which].is_less,
                                .is_money = comparatives[which].is_money};
    return true;
}

/* ---- rows ---- */

/* Words of the key that are in `these` and not in `those`. */
static size_t named_alone(const struct terms *key, const struct terms *these, const struct terms *those)
{
    size_t count = 0;
    for (size_t i = 0; i < key->count; i++)
        count += terms_have(these, key->items[i]) && !terms_have(those, key->items[i]);
    return count;
}

static bool has_digit(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (span_is_digit(text, i))
            return true;
    return false;
}

static bool has_currency(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (span_currency_at(text, i) > 0)
            return true;
    return false;
}

/* The question has the word, or its plural: "HCAs". */
static bool is_asked(const struct asking *asking, struct slice word)
{
    for (size_t i = 0; i < asking->question.count; i++) {
        struct slice asked = asking->question.items[i];
        bool is_plural = asked.size == word.size + 1 && word.size > 1 && asked.data[word.size] == 's';
        if (slice_starts_with(asked, word) && (asked.size == word.size || is_plural))
            return true;
    }
    return false;
}

/* The one column of numbers whose head the question names best, else the first with prices where they are asked for; `count`: none, or several. */
static size_t column_of(struct asking *asking, const struct asked_pair *pair, const struct table_row *row)
{
    const size_t count = row->count;
    size_t best = count, most = 0, ties = 0, price = count;
    for (size_t i = 0; i < count; i++) {
        struct terms head = rival_terms(asking, row->line->passage, row->parts[i].head);
        size_t named = 0;
        for (size_t j = 0; j < head.count; j++)
            named += is_asked(asking, head.items[j]);
        if (!has_digit(row->parts[i].text))
            continue;
        bool is_price = pair->is_money && (span_of_head(row->parts[i].head) == SPAN_MONEY || has_currency(row->parts[i].text));
        price = is_price && price == count ? i : price;
        if (named == 0 || named < most)
            continue;
        ties = named == most ? ties + 1 : 0;
        most = named;
        best = i;
    }
    return best == count ? price : ties == 0 ? best : count;
}

/* The row is of that side (0, 1) by the cell that has most words that stand on it alone. */
static bool is_of_side(struct asking *asking, const struct asked_pair *pair, size_t of, const struct table_row *row,
                       struct side *side)
{
    const size_t count = row->count;
    const struct terms *mine = of == 0 ? &pair->first : &pair->second, *other = of == 0 ? &pair->second : &pair->first;
    size_t best = count, most = 0, column = column_of(asking, pair, row);
    for (size_t i = 0; i < count && column < count; i++) {
        struct terms key = rival_terms(asking, row->line->passage, row->parts[i].text);
        size_t named = i != column ? named_alone(&key, mine, other) : 0;
        best = named > most ? i : best;
        most = named > most ? named : most;
    }
    if (most > 0)
        *side = (struct side){row->line, row->parts[best].text, row->parts[column].head, row->parts[column].text, most};
    return most > 0;
}

/* "Import or export": two columns of the row, and what else of it the question has; 0: it has not both. */
static size_t columns_of(struct asking *asking, const struct asked_pair *pair, const struct table_row *row,
                         struct side sides[2])
{
    const size_t count = row->count;
    size_t columns[2] = {count, count};
    for (size_t i = 1; i < count; i++) {
        struct terms head = rival_terms(asking, row->line->passage, row->parts[i].head);
        size_t first = named_alone(&head, &pair->first, &pair->second),
               second = named_alone(&head, &pair->second, &pair->first);
        if ((first > 0) == (second > 0) || !has_digit(row->parts[i].text))
            continue;
        size_t of = first > 0 ? 0 : 1;
        if (columns[of] < count) /* several */
            return 0;
        columns[of] = i;
    }
    if (columns[0] == count || columns[1] == count || row_has_rival(asking, row->line))
        return 0;
    const struct terms *words = &asking->passages[row->line->passage].sentences[row->line->sentence].terms;
    size_t named = 0;
    for (size_t i = 0; i < asking->question.count; i++)
        named += terms_have(words, asking->question.items[i]);
    for (size_t i = 0; i < 2; i++)
        sides[i] = (struct side){row->line, row->parts[columns[i]].head, SLICE(""), row->parts[columns[i]].text, named};
    return named;
}

/* ---- both ---- */

static bool value_of(struct slice cell, double *value)
{
    struct number number;
    size_t at = 0;
    bool ok = span_next_number(cell, &at, SPAN_NONE, &number);
    *value = ok ? number.value : 0;
    return ok;
}

static struct compared compared_of(const struct side *side)
{
    const size_t sentence = side->line->sentence;
    return (struct compared){
        .key = side->key, .item = {.passage = side->line->passage, .sentence = sentence, .last = sentence, .text = side->cell}};
}

struct found {
    struct side rows[2][SIDES_MAX];
    size_t counts[2];
    struct side columns[2];
    size_t columns_named; /* 0: there are none */
};

static void find_sides(struct asking *asking, const struct asked_pair *pair, struct found *found)
{
    size_t line_count;
    const struct line *lines = lines_all(asking, &line_count);
    *found = (struct found){0};
    for (size_t i = 0; i < line_count; i++) {
        struct table_row row = {.line = &lines[i]};
        struct side side, columns[2];
        const struct slice text = asking->passages[lines[i].passage].sentences[lines[i].sentence].text;
        row.count = lines[i].is_row ? line_row_parts(text, lines[i].head, row.parts) : 0;
        for (size_t of = 0; of < 2; of++)
            if (found->counts[of] < SIDES_MAX && is_of_side(asking, pair, of, &row, &side))
                found->rows[of][found->counts[of]++] = side;
        size_t named = columns_of(asking, pair, &row, columns);
        if (named > found->columns_named) {
            found->columns_named = named;
            memcpy(found->columns, columns, sizeof(columns));
        }
    }
}

/* "Surgical extraction" and "simple extraction" are of one kind. */
static bool share_word(struct asking *asking, const struct side *a, const struct side *b)
{
    struct terms first = rival_terms(asking, a->line->passage, a->key), second = rival_terms(asking, b->line->passage, b->key);
    for (size_t i = 0; i < first.count; i++)
        if (terms_have(&second, first.items[i]))
            return true;
    return false;
}

/* Of one row each, in one column of one document, those with most words of their sides. */
static bool choose_rows(struct asking *asking, const struct found *found, struct side chosen[2])
{
    size_t best = 0;
    for (size_t i = 0; i < found->counts[0]; i++)
        for (size_t j = 0; j < found->counts[1]; j++) {
            const struct side *a = &found->rows[0][i], *b = &found->rows[1][j];
            const struct search_hit *first = asking->passages[a->line->passage].hit,
                                    *second = asking->passages[b->line->passage].hit;
            size_t named = 2 * (a->named + b->named) + share_word(asking, a, b);
            if (a->line == b->line || !slice_equal(a->head, b->head) || !slice_equal(first->path, second->path) ||
                named <= best)
                continue;
            best = named;
            chosen[0] = *a;
            chosen[1] = *b;
        }
    return best > 0;
}

bool compare_rows(struct asking *asking, struct compared sides[2])
{
    struct asked_pair pair;
    struct side chosen[2];
    double values[2];
    if (!read_pair(asking, &pair))
        return false;
    struct found *found = arena_alloc(asking->arena, 1, sizeof(*found));
    find_sides(asking, &pair, found);
    if (!choose_rows(asking, found, chosen)) {
        if (found->columns_named == 0)
            return false;
        memcpy(chosen, found->columns, sizeof(chosen));
    }
    bool is_told = value_of(chosen[0].cell, &values[0]) && value_of(chosen[1].cell, &values[1]);
    bool is_second = is_told && (pair.is_less ? values[1] < values[0] : values[1] > values[0]);
    sides[0] = compared_of(&chosen[is_second ? 1 : 0]);
    sides[1] = compared_of(&chosen[is_second ? 0 : 1]);
    return true;
}
