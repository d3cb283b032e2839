/* candidates.c - what may be the answer: of each line the whole of it, its cells or value, and in these numbers, names and codes.
 *
 *   "Klinkpay | 2 working days"                       cells, the head of their columns, and "2 working days" as a duration
 *   "Duration: 75 minutes"                            the value, and what stands in it; the key is as a column's head
 *   "Parcels are kept for 30 days."                   the sentence, and "30 days"
 *
 * Where a reader has read the passages, also the span that it finds best in the line. */
#include "passage_lines.h"
#include "spans.h"
#include <math.h>
#include <string.h>

enum { CANDIDATES_MAX = 1200, SPANS_MAX = 12, HEADS_MAX = 48, KEY_BYTES = 48, PART_BYTES = 300 };

struct list {
    struct asking *asking;
    struct candidate *items;
    size_t count;
    unsigned asked;
    const struct line *line; /* that is looked at */
    struct slice text; /* of it */
    /* heads of columns, each once, and how near they are to the question */
    struct slice heads[HEADS_MAX];
    double head_meanings[HEADS_MAX];
    size_t head_count;
};

/* ---- one candidate ---- */

/* F1 of the bytes that both have. */
static double overlap(struct slice a, struct slice b)
{
    const char *start = a.data > b.data ? a.data : b.data,
               *end = a.data + a.size < b.data + b.size ? a.data + a.size : b.data + b.size;
    return end > start ? 2 * (double)(end - start) / (double)(a.size + b.size) : 0;
}

static void add_reading(const struct list *list, struct candidate *item)
{
    const struct asking *asking = list->asking;
    size_t start = passage_offset(&asking->passages[item->passage], item->text);
    float score = reader_marks_score(&asking->marks[item->passage], start, start + item->text.size);
    item->values[FEATURE_READ] = reading_feature(score);
    item->values[FEATURE_READ_WORDS] = list->line->read.size > 0 ? overlap(item->text, list->line->read) : 0;
}

static struct candidate *add(struct list *list, struct slice text)
{
    if (list->count == CANDIDATES_MAX || text.size == 0 || text.size > PART_BYTES)
        return NULL;
    struct candidate *item = &list->items[list->count++];
    *item = (struct candidate){.passage = list->line->passage, .sentence = list->line->sentence, .text = text};
    memcpy(item->values, list->line->values, sizeof(item->values));
    item->values[FEATURE_LENGTH] = log(1 + (double)text.size);
    if (features_know_reading(list->asking))
        add_reading(list, item);
    return item;
}

static enum text_language language_at(const struct list *list)
{
    return text_language_indexed(text_language_named(list->asking->passages[list->line->passage].hit->language));
}

static struct terms terms_at(struct list *list, struct slice text)
{
    return terms_of(list->asking, text, language_at(list));
}

static double echo_of(struct list *list, struct slice text)
{
    struct terms terms = terms_at(list, text);
    size_t have = 0;
    for (size_t i = 0; i < terms.count; i++)
        have += terms_have(&list->asking->question, terms.items[i]);
    return terms.count > 0 ? (double)have / (double)terms.count : 0;
}

/* How near the words of the question stand to a part of the line. */
static double nearness(struct list *list, struct slice part)
{
    struct text_term term;
    size_t start = (size_t)(part.data - list->text.data), end = start + part.size;
    double sum = 0;
    analyzer_start(list->asking->analyzer, list->text, language_at(list));
    while (analyzer_next(list->asking->analyzer, &term)) {
        if ((term.start >= start && term.start < end) || !terms_have(&list->asking->question, term.term))
            continue;
        size_t away = term.start < start ? start - term.start : term.start - end;
        sum += exp(-(double)away / 30);
    }
    return sum / (1 + sum);
}

/* ---- what stands in a part of a line ---- */

/* Adds what in `part` is of a kind that was asked for. `alone`: the kind of bare numbers there. `like`: what its cell has. */
static void add_parts(struct list *list, struct slice part, enum span_kind alone, const double like[FEATURES])
{
    struct span spans[SPANS_MAX];
    size_t count = spans_find(list->asking->answer->asked, part, list->asked, spans, SPANS_MAX);
    for (size_t i = 0; i < count; i++) {
        struct candidate *item = add(list, spans[i].text);
        if (item == NULL)
            return;
        bool is_bare = spans[i].kind == SPAN_COUNT && alone != SPAN_NONE;
        item->values[FEATURE_FITS] = span_fits(list->asked, is_bare ? alone : spans[i].kind);
        item->values[FEATURE_NEAR] = nearness(list, spans[i].text);
        const char *unit = spans[i].bare.data + spans[i].bare.size, *end = part.data + part.size;
        item->values[FEATURE_UNIT] = spans[i].kind != SPAN_NAME && unit < end &&
                                     echo_of(list, slice_cut((struct slice){unit, (size_t)(end - unit)}, 12)) > 0;
        for (size_t f = FEATURE_CELL; f <= FEATURE_ROW_WORDS; f++)
            item->values[f] = like[f];
    }
}

static void add_sentence(struct list *list)
{
    static const double plain[FEATURES] = {0};
    struct candidate *whole = add(list, list->text);
    if (whole != NULL) {
        whole->values[FEATURE_WHOLE] = 1;
        whole->values[FEATURE_LACKS] = list->asked != 0;
        whole->values[FEATURE_ECHO] = echo_of(list, list->text);
    }
    add_parts(list, list->text, SPAN_NONE, plain);
}

/* ---- cells ---- */

static double head_meaning(const struct list *list, struct slice head)
{
    for (size_t i = 0; i < list->head_count; i++)
        if (slice_equal(list->heads[i], head))
            return list->head_meanings[i];
    return 0;
}

static void add_cell(struct list *list, struct slice cell, struct slice head, bool is_key, double row_words)
{
    struct terms words = terms_at(list, head);
    struct candidate values = {0};
    values.values[FEATURE_CELL] = 1;
    values.values[FEATURE_KEY] = is_key;
    values.values[FEATURE_COLUMN] = head_meaning(list, head);
    values.values[FEATURE_COLUMN_WORDS] = words_share(list->asking, &words);
    values.values[FEATURE_ROW_WORDS] = row_words;
    struct candidate *item = add(list, cell);
    if (item != NULL) {
        struct span span;
        size_t found = spans_find(list->asking->answer->asked, cell, list->asked, &span, 1);
        for (size_t f = FEATURE_CELL; f <= FEATURE_ROW_WORDS; f++)
            item->values[f] = values.values[f];
        bool is_span = found == 1 && 2 * span.text.size >= cell.size;
        enum span_kind kind = is_span && span.kind == SPAN_COUNT ? span_of_head(head) : is_span ? span.kind : SPAN_NONE;
        item->values[FEATURE_FITS] = is_span ? span_fits(list->asked, kind) : 0;
        item->values[FEATURE_LACKS] = list->asked != 0 && item->values[FEATURE_FITS] == 0;
        item->values[FEATURE_ECHO] = echo_of(list, cell);
        item->values[FEATURE_UNIT] = is_span && echo_of(list, head) > 0;
        if (is_span && span.text.size == cell.size)
            return;
    }
    add_parts(list, cell, span_of_head(head), values.values);
}

static void add_row(struct list *list)
{
    struct slice cells[CELLS_MAX], heads[CELLS_MAX];
    size_t count = line_cells(list->text, cells);
    size_t head_count = list->line->head.size > 0 ? line_cells(list->line->head, heads) : 0;
    for (size_t i = 0; i < count; i++) {
        struct terms others = {0};
        double row_words = 0;
        for (size_t j = 0; j < count; j++)
            if (j != i) {
                others = terms_at(list, cells[j]);
                row_words += words_share(list->asking, &others);
            }
        add_cell(list, cells[i], i < head_count ? heads[i] : SLICE(""), i == 0, row_words > 1 ? 1 : row_words);
    }
}

/* "Duration: 75 minutes": the key and what stands behind it. */
static bool split_value(struct slice text, struct slice *key, struct slice *value)
{
    size_t colon;
    if (!slice_find(text, ':', &colon) || colon == 0 || colon > KEY_BYTES || colon + 2 >= text.size ||
        text.data[colon + 1] != ' ')
        return false;
    *key = slice_trim(slice_range(text, 0, colon));
    *value = slice_trim(slice_range(text, colon + 1, text.size));
    return value->size > 0;
}

/* ---- all ---- */

static void note_head(struct list *list, struct slice head)
{
    for (size_t i = 0; i < list->head_count; i++)
        if (slice_equal(list->heads[i], head))
            return;
    if (list->head_count < HEADS_MAX && head.size > 0)
        list->heads[list->head_count++] = head;
}

static void note_heads(struct list *list, const struct line *line)
{
    struct slice cells[CELLS_MAX], key, value;
    size_t count = line->head.size > 0 ? line_cells(line->head, cells) : 0;
    for (size_t i = 0; i < count; i++)
        note_head(list, cells[i]);
    if (!line->is_row && split_value(list->asking->passages[line->passage].sentences[line->sentence].text, &key, &value))
        note_head(list, key);
}

/* The reader's span, unless it is one already. */
static void add_read(struct list *list, size_t first)
{
    struct slice text = slice_trim(list->line->read);
    for (size_t i = first; i < list->count; i++)
        if (list->items[i].text.data == text.data && list->items[i].text.size == text.size)
            return;
    struct candidate *item = add(list, text);
    if (item == NULL)
        return;
    struct span span;
    bool is_span = spans_find(list->asking->answer->asked, text, list->asked, &span, 1) == 1 && 2 * span.text.size >= text.size;
    item->values[FEATURE_FITS] = is_span ? span_fits(list->asked, span.kind) : 0;
    item->values[FEATURE_LACKS] = list->asked != 0 && item->values[FEATURE_FITS] == 0;
    item->values[FEATURE_ECHO] = echo_of(list, text);
    item->values[FEATURE_NEAR] = nearness(list, text);
}

static void add_parts_of(struct list *list, const struct line *line)
{
    struct slice key, value;
    if (line->is_row) {
        add_row(list);
        return;
    }
    add_sentence(list);
    if (split_value(list->text, &key, &value))
        add_cell(list, value, key, false, 0);
}

static void add_line(struct list *list, const struct line *line)
{
    size_t first = list->count;
    list->line = line;
    list->text = list->asking->passages[line->passage].sentences[line->sentence].text;
    add_parts_of(list, line);
    if (line->read.size > 0)
        add_read(list, first);
}

bool candidates_list(struct asking *asking, struct candidate **items, size_t *count, struct error *error)
{
    struct list *list = arena_alloc(asking->arena, 1, sizeof(*list));
    struct line *lines;
    size_t line_count;
    *list = (struct list){.asking = asking, .asked = span_asked(asking->answer->asked)};
    list->items = arena_alloc(asking->arena, CANDIDATES_MAX, sizeof(*list->items));
    if (!lines_of(asking, &lines, &line_count, error))
        return false;
    for (size_t i = 0; i < line_count; i++)
        note_heads(list, &lines[i]);
    if (!meanings_of(asking, list->heads, list->head_count, list->head_meanings, error))
        return false;
    for (size_t i = 0; i < line_count; i++)
        add_line(list, &lines[i]);
    *items = list->items;
    *count = list->count;
    return true;
}
