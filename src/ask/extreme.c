/* extreme.c - the row or the column of a table that has most, or least, of what a question names.
 *
 *                 | 2019 | 2018         "In which year were inventories larger?"       ▶  2018: 58
 *     Inventories | 43   | 58           "In which year were they less than 50?"        ▶  2019: 43
 *
 *     Plan  | Storage                   "Which plan has the most storage?"             ▶  Scale: 500 GB
 *     Basic | 50 GB
 *     Scale | 500 GB
 *
 * The value is told, so that nobody has to trust the comparison. A table of which a part was not found tells nothing of all its rows; values of
 * different units, and rows without one, do neither. */
#include "extreme.h"
#include "passage_lines.h"
#include "rival_words.h"
#include "span_parts.h"
#include <string.h>

enum { ROWS_MAX = 64 };

static const char
    which_words[] = "which|what|welche|welcher|welches|welchem|welchen|quel|quelle|qué|que|quale|welk|welke|qual",
    is_words[] = "is|are|was|were|s|ist|sind|war|est|sont|es|é", article_words[] = "the|der|die|das|le|la|les|el|il|de|het|o|a",
    time_words[] = "year|years|quarter|month|period|jahr|quartal|monat|année|trimestre|mois|año|mes|anno|mese|jaar|"
                   "kwartaal|maand|ano|mês",
    kinds_of_years[] = "fiscal|financial|calendar|business|tax|reporting", than_words[] = "than|als|que|di|dan|do",
    above_words[] = "above|over|exceed|exceeded|exceeds|exceeding|über", below_words[] = "below|under|unter",
    weak_words[] = "amount|total|value|number|balance|figure|level|ratio";

struct asked_extreme {
    struct slice noun; /* what is asked for one of */
    struct terms what; /* words of the question but for that and what compares */
    bool is_time, is_less, is_money;
    bool has_bound; /* "less than 50" */
    double bound, bare; /* as a number, and without "million" */
};

/* ---- the question ---- */

static void number_behind(struct slice asked, size_t at, struct asked_extreme *extreme)
{
    struct quantity whole, bare;
    extreme->has_bound = quantity_next(asked, &at, &whole);
    if (!extreme->has_bound)
        return;
    size_t from = whole.start, end = whole.start;
    while (end < asked.size && !span_is_digit(asked, end))
        end++;
    while (end < asked.size && span_letter_at(asked, end) == 0)
        end++;
    extreme->bound = whole.value;
    extreme->bare = quantity_next(slice_range(asked, 0, end), &from, &bare) ? bare.value : whole.value;
}

/* What compares, from the word at `first` on: its place; the count of words: nothing does. */
static size_t find_comparative(struct slice asked, const struct span_words *words, size_t first, struct asked_extreme *extreme)
{
    for (size_t i = first; i < words->count; i++) {
        const struct span_word *word = &words->items[i];
        bool is_above = span_word_is(word, above_words), is_below = span_word_is(word, below_words);
        if (is_above || is_below) {
            number_behind(asked, word->end, extreme);
            extreme->is_less = is_below;
            if (extreme->has_bound)
                return i;
        } else if (comparative_is(word, &extreme->is_less, &extreme->is_money)) {
            if (i + 1 < words->count && span_word_is(&words->items[i + 1], than_words))
                number_behind(asked, words->items[i + 1].end, extreme);
            return i;
        }
    }
    return words->count;
}

/* The words that are left when what asks and what compares are taken out: those that say something in the question's language, as the documents' index
 * has them. */
static struct terms rest_of(struct asking *asking, const struct span_words *words, size_t which, size_t noun,
                            size_t comparative)
{
    const struct slice asked = asking->answer->asked;
    const enum text_language own = language_of(asking, asked);
    struct terms rest = {0};
    for (size_t i = 0; i < words->count; i++) {
        const struct span_word *word = &words->items[i];
        struct slice text = slice_range(asked, word->start, word->end);
        bool is_taken = i == which || i == noun || i == comparative || span_word_is(word, kinds_of_years) ||
                        span_word_is(word, is_words) || span_word_is(word, "am");
        if (is_taken || terms_of(asking, text, own).count == 0 || asking->passage_count == 0)
            continue;
        struct terms terms = rival_terms(asking, 0, text);
        rest = terms_joined(asking, &rest, &terms);
    }
    return rest;
}

static bool read_extreme(struct asking *asking, struct asked_extreme *extreme)
{
    const struct slice asked = asking->answer->asked;
    struct span_words words;
    size_t which = 0, noun, comparative;
    *extreme = (struct asked_extreme){0};
    span_words_read(asked, &words);
    while (which < words.count && which < 3 && !span_word_is(&words.items[which], which_words))
        which++;
    if (which >= words.count || which == 3)
        return false;
    noun = which + 1;
    while (noun < words.count &&
           (span_word_is(&words.items[noun], is_words) || span_word_is(&words.items[noun], article_words) ||
            span_word_is(&words.items[noun], kinds_of_years)))
        noun++;
    comparative = find_comparative(asked, &words, noun, extreme);
    if (comparative == noun && noun > which + 1) /* "what is the largest room?" */
        noun++;
    if (noun >= words.count || comparative >= words.count || noun == comparative || span_is_function_word(&words.items[noun]))
        return false;
    const struct span_word *word = &words.items[noun];
    extreme->noun = slice_range(asked, word->start, word->end);
    extreme->is_time = span_word_is(word, time_words);
    extreme->what = rest_of(asking, &words, which, noun, comparative);
    return true;
}

/* ---- values ---- */

struct value {
    double number;
    enum quantity_unit unit;
    bool is_told;
};

static struct value value_of(struct slice cell, bool is_money)
{
    struct quantity quantity, second;
    struct value value = {0};
    size_t at = 0;
    if (is_money && span_has_word(cell, "free|gratis|kostenlos|gratuit"))
        return (struct value){.is_told = true};
    if (!quantity_next(cell, &at, &quantity))
        return value;
    bool has_second = quantity_next(cell, &at, &second); /* "(2 people) £30": which one is meant? */
    bool is_negative = memchr(cell.data, '(', quantity.start) != NULL; /* as accounts have it: "(1.6)" */
    return (struct value){
        .number = is_negative ? -quantity.value : quantity.value, .unit = quantity.unit, .is_told = !has_second};
}

/* As accounts write that there was nothing; in other tables it may be that nobody knows, or that it is not to be had. */
static bool is_nil(struct slice cell)
{
    return slice_equal_text(cell, "—") || slice_equal_text(cell, "–") || slice_equal_text(cell, "-");
}

/* Of `count` values the one that is asked for; `count`: none is for sure. */
static size_t best_beyond(const struct asked_extreme *asked, double bound, const struct value *values, size_t count)
{
    size_t best = count, ties = 0;
    enum quantity_unit unit = QUANTITY_NONE;
    const double sign = asked->is_less ? -1 : 1;
    for (size_t i = 0; i < count; i++) {
        if (!values[i].is_told || (values[i].unit != QUANTITY_NONE && unit != QUANTITY_NONE && values[i].unit != unit))
            return count;
        unit = values[i].unit != QUANTITY_NONE ? values[i].unit : unit;
        double number = sign * values[i].number;
        if (asked->has_bound ? number <= sign * bound : best < count && number < sign * values[best].number)
            continue;
        ties = best < count && (asked->has_bound || number <= sign * values[best].number) ? ties + 1 : 0;
        best = i;
    }
    return ties == 0 && count > 1 ? best : count;
}

/* "170 million" may be 170 in a table of millions. */
static size_t best_of(const struct asked_extreme *asked, const struct value *values, size_t count)
{
    size_t best = best_beyond(asked, asked->bound, values, count);
    return best == count && asked->has_bound ? best_beyond(asked, asked->bare, values, count) : best;
}

/* ---- columns ---- */

/* The only year in the head of a column, else the head where it is a month or a quarter; empty: neither. */
static struct slice time_of(struct slice head)
{
    struct slice year = SLICE("");
    size_t years = 0;
    for (size_t at = 0, end; at < head.size; at = end + 1) {
        end = span_digits_end(head, at);
        struct slice digits = slice_range(head, at, end);
        if (span_is_year(digits)) {
            year = digits;
            years++;
        }
    }
    struct span_word word = span_word_at(head, 0);
    bool is_part = span_is_month(&word) || (head.size > 1 && byte_among(head.data[0], "QqHh") && span_is_digit(head, 1));
    return years > 1 ? SLICE("") : is_part ? slice_trim(head) : year;
}

struct lines_found {
    const struct line *items;
    size_t count;
};

struct row_named {
    const struct line *line;
    size_t named, around; /* words of the question in its key; in what stands above it */
    bool is_tie;
};

/* All that is asked of stands somewhere in the passage. */
static bool is_about(struct asking *asking, const struct asked_extreme *asked, const struct line *line)
{
    const struct ask_passage *passage = &asking->passages[line->passage];
    for (size_t i = 0; i < asked->what.count; i++) {
        bool is_there = span_is_one_of(weak_words, asked->what.items[i]) || terms_have(&passage->above, asked->what.items[i]) ||
                        span_is_digit(asked->what.items[i], 0);
        for (size_t j = 0; j < passage->sentence_count && !is_there; j++)
            is_there = terms_have(&passage->sentences[j].terms, asked->what.items[i]);
        if (!is_there)
            return false;
    }
    return true;
}

static size_t count_in(const struct terms *these, const struct terms *those)
{
    size_t count = 0;
    for (size_t i = 0; i < these->count; i++)
        count += terms_have(those, these->items[i]);
    return count;
}

/* "Net deferred tax assets (Note 20)": without what the brackets say. */
static struct slice without_note(struct slice key)
{
    size_t open;
    bool has_note = key.size > 0 && key.data[key.size - 1] == ')' && slice_find(key, '(', &open) && open > 0;
    return has_note ? slice_trim(slice_range(key, 0, open)) : key;
}

/* The row whose key the question names, by all its words, and most of these; of several the one below the title that it names. */
static struct row_named find_row(struct asking *asking, const struct asked_extreme *asked, const struct lines_found *lines)
{
    struct row_named best = {0};
    for (size_t i = 0; i < lines->count; i++) {
        const struct line *line = &lines->items[i];
        struct line_part parts[CELLS_MAX];
        if (!line->is_row || line->head.size == 0 || line_open_parts(asking, line, parts) < 3)
            continue;
        struct terms key = rival_terms(asking, line->passage, without_note(parts[0].text)),
                     around = rival_terms(asking, line->passage, line->table->around);
        size_t named = count_in(&key, &asked->what);
        struct row_named row = {.line = line, .named = named};
        row.around = count_in(&around, &asked->what) + (line->title != NULL ? count_in(&line->title->terms, &asked->what) : 0);
        if (named == 0 || named < key.count || named < best.named || !is_about(asking, asked, line))
            continue;
        if (named == best.named && row.around == best.around)
            best.is_tie = best.is_tie || line->passage == best.line->passage;
        else if (named > best.named || row.around > best.around)
            best = row;
    }
    return best;
}

static struct compared compared_at(const struct line *line, struct slice key, struct slice cell)
{
    return (struct compared){
        .key = key,
        .item = {
            .passage = line->passage, .sentence = line->sentence, .last = line->sentence, .text = cell, .head = line->head}};
}

static bool column_extreme(struct asking *asking, const struct asked_extreme *asked, const struct lines_found *lines,
                           struct compared *extreme)
{
    struct row_named row = find_row(asking, asked, lines);
    struct line_part parts[CELLS_MAX];
    struct value values[CELLS_MAX];
    size_t columns[CELLS_MAX], told = 0;
    if (row.line == NULL || row.is_tie)
        return false;
    size_t cells = line_open_parts(asking, row.line, parts);
    for (size_t i = 1; i < cells; i++)
        if (time_of(parts[i].head).size > 0) {
            values[told] = is_nil(parts[i].text) ? (struct value){.is_told = true} : value_of(parts[i].text, asked->is_money);
            columns[told++] = i;
        }
    size_t best = best_of(asked, values, told);
    if (best == told)
        return false;
    *extreme = compared_at(row.line, time_of(parts[columns[best]].head), parts[columns[best]].text);
    return true;
}

/* ---- rows ---- */

/* All rows of a table, in whatever passages of its document they stand. */
struct all_rows {
    struct arena *arena;
    struct slice head, headings; /* the table's first row; what stands above its passages */
    struct slice items[ROWS_MAX];
    size_t count;
    bool is_unsure; /* there are more, or rows of another table with the same head: prices in summer, and in winter */
};

static bool take_rows(void *context, const struct store_passage *passage, const struct store_document *document,
                      struct error *error)
{
    struct all_rows *rows = context;
    struct slice rest = passage->text, row;
    bool is_below = false;
    size_t heads = 0;
    (void)document;
    (void)error;
    while (slice_next(&rest, '\n', &row)) {
        row = slice_trim(row);
        bool is_head = slice_equal(row, rows->head);
        if (!line_has_bar(row) || is_head) {
            is_below = is_head || (is_below && row.size > 0);
            heads += is_head;
            rows->is_unsure = rows->is_unsure || heads > 1 || (is_head && !slice_equal(passage->headings, rows->headings));
            continue;
        }
        bool is_known = !is_below;
        for (size_t i = 0; i < rows->count && !is_known; i++)
            is_known = slice_equal(rows->items[i], row);
        rows->is_unsure = rows->is_unsure || (!is_known && rows->count == ROWS_MAX);
        if (!is_known && rows->count < ROWS_MAX)
            rows->items[rows->count++] = arena_slice(rows->arena, row);
    }
    return true;
}

/* The column that the question names best, of numbers; else, where money is asked for, the only one of money. `count`: none. */
static size_t asked_column(struct asking *asking, const struct asked_extreme *asked, const struct terms *what,
                           const struct line *line, const struct line_part *parts, size_t count)
{
    size_t best = count, most = 0, ties = 0, numbers = 0, last = count;
    for (size_t i = 1; i < count; i++) {
        struct terms head = rival_terms(asking, line->passage, parts[i].head);
        size_t named = count_in(&head, what);
        if (!value_of(parts[i].text, asked->is_money).is_told)
            continue;
        bool is_price = span_of_head(parts[i].head) == SPAN_MONEY || value_of(parts[i].text, false).unit >= QUANTITY_EUROS;
        numbers += is_price;
        last = is_price ? i : last;
        ties = named == most ? ties + 1 : named > most ? 0 : ties;
        best = named > most ? i : best;
        most = named > most ? named : most;
    }
    return most > 0 ? (ties == 0 ? best : count) : asked->is_money && numbers == 1 ? last : count;
}

/* Nothing is asked of that neither the column's head nor what stands above the table tells: it would be of some of the rows. */
static bool is_of_all(struct asking *asking, const struct terms *what, const struct line *line, struct slice column)
{
    const struct terms *above = &asking->passages[line->passage].above;
    struct terms head = rival_terms(asking, line->passage, column),
                 around = rival_terms(asking, line->passage, line->table->around);
    for (size_t i = 0; i < what->count; i++)
        if (!terms_have(&head, what->items[i]) && !terms_have(&around, what->items[i]) && !terms_have(above, what->items[i]) &&
            !span_is_one_of(weak_words, what->items[i]))
            return false;
    return true;
}

/* The line of a found passage that is the row. */
static const struct line *line_of(const struct asking *asking, const struct line *like, struct slice row,
                                  const struct lines_found *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        const struct ask_passage *passage = &asking->passages[lines->items[i].passage];
        if (slice_equal(passage->sentences[lines->items[i].sentence].text, row) &&
            slice_equal(passage->hit->path, asking->passages[like->passage].hit->path))
            return &lines->items[i];
    }
    return NULL;
}

/* "Total" is no row among the others. */
static bool is_sum(struct slice key)
{
    struct span_word word = span_word_at(key, 0);
    return word.end == key.size &&
           span_word_is(&word, "total|totals|sum|average|gesamt|summe|insgesamt|durchschnitt|totale|totaal");
}

/* Of the table that the line is a row of; `what` is asked of its rows. */
static bool row_extreme(struct asking *asking, const struct asked_extreme *asked, const struct terms *what,
                        const struct line *line, const struct lines_found *lines, struct compared *extreme, bool *found,
                        struct error *error)
{
    const struct store_passage *passage = &asking->passages[line->passage].hit->passage;
    struct all_rows rows = {.arena = asking->arena, .head = line->head, .headings = passage->headings};
    const struct store_passage_range range = {0, 0};
    struct line_part parts[CELLS_MAX], row[CELLS_MAX];
    struct value values[ROWS_MAX];
    size_t count = 0, cells = line_open_parts(asking, line, parts),
           column = asked_column(asking, asked, what, line, parts, cells);
    if (column == cells || line->table->heads > 1 || !is_of_all(asking, what, line, parts[column].head))
        return true;
    if (!store_each_passage_of(asking->project->store, passage->document, &range, take_rows, &rows, error))
        return false;
    for (size_t i = 0; i < rows.count; i++) {
        bool has_cell = column < line_row_parts(rows.items[i], line->head, row);
        if (has_cell && is_sum(row[0].text))
            continue;
        rows.items[count] = rows.items[i];
        values[count++] = has_cell ? value_of(row[column].text, asked->is_money) : (struct value){0};
    }
    size_t best = rows.is_unsure ? count : best_of(asked, values, count);
    const struct line *told = best < count ? line_of(asking, line, rows.items[best], lines) : NULL;
    if (told == NULL)
        return true;
    (void)line_open_parts(asking, told, row);
    *extreme = compared_at(told, row[0].text, row[column].text);
    *found = true;
    return true;
}

/* What is asked of the rows: "the most storage" of plans; of "the highest price", the price. `*is_asked`: the table has it. */
static struct terms asked_of_rows(struct asking *asking, const struct asked_extreme *asked, const struct line *line,
                                  const struct line_part *parts, size_t count, bool *is_asked)
{
    struct terms noun = rival_terms(asking, line->passage, asked->noun),
                 first = rival_terms(asking, line->passage, parts[0].head);
    *is_asked = count_in(&noun, &first) > 0;
    if (*is_asked)
        return asked->what;
    for (size_t i = 1; i < count; i++) {
        struct terms head = rival_terms(asking, line->passage, parts[i].head);
        *is_asked = *is_asked || count_in(&noun, &head) > 0;
    }
    return terms_joined(asking, &asked->what, &noun);
}

bool extreme_find(struct asking *asking, struct compared *extreme, bool *found, struct error *error)
{
    struct asked_extreme asked;
    struct lines_found lines;
    const struct table_rows *seen = NULL;
    *found = false;
    if (!read_extreme(asking, &asked))
        return true;
    lines.items = lines_all(asking, &lines.count);
    if (asked.is_time && column_extreme(asking, &asked, &lines, extreme)) {
        *found = true;
        return true;
    }
    for (size_t i = 0; i < lines.count && !*found; i++) {
        const struct line *line = &lines.items[i];
        struct line_part parts[CELLS_MAX];
        bool is_asked, is_other = line->is_row && line->table != seen && line->head.size > 0;
        size_t cells = is_other ? line_open_parts(asking, line, parts) : 0;
        if (cells < 2)
            continue;
        seen = line->table;
        struct terms what = asked_of_rows(asking, &asked, line, parts, cells, &is_asked);
        if (is_asked && !row_extreme(asking, &asked, &what, line, &lines, extreme, found, error))
            return false;
    }
    return true;
}
