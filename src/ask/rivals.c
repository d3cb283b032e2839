/* rivals.c - cells of a table that cannot be meant, because the question names another row or column.
 *
 *     who       | may take X-rays          "May hygienists take X-rays?" names the second row: "yes" is no answer
 *     Dentist   | yes
 *     Hygienist | only with form RX-2
 *
 * So do ranges that a number of the question lies in, or does not (ranges.h). */
#include "rivals.h"
#include "asked_days.h"
#include "asked_months.h"
#include "ranges.h"
#include "rival_words.h"
#include "span_parts.h"
#include <string.h>

/* A row of a table, and the words that say what it is about. */
struct rival_row {
    struct slice text;
    struct line_part parts[CELLS_MAX];
    size_t count;
    struct terms key, all; /* of its first cell; of the row and the title above it */
};

static struct rival_row row_at(struct asking *asking, size_t of, const struct ask_passage *passage,
                               const struct table_rows *table, size_t sentence, struct slice head)
{
    const struct ask_sentence *row = &passage->sentences[sentence];
    struct rival_row read = {.text = row->text, .all = row->terms};
    size_t title = table_title_above(passage, table, sentence);
    read.count = line_row_parts(row->text, head, read.parts);
    read.key = rival_terms(asking, of, read.parts[0].text);
    if (title < passage->sentence_count)
        read.all = terms_joined(asking, &row->terms, &passage->sentences[title].terms);
    return read;
}

/* "Operating expenses" is asked for: "Total operating expenses" of the same table is another row. */
static bool is_longer(const struct asking *asking, const struct rival_row *mine, const struct rival_row *other)
{
    for (size_t i = 0; i < other->key.count; i++)
        if (!terms_have(&mine->key, other->key.items[i]))
            return false;
    return rival_is_named(asking, &other->key) && rival_not_asked(asking, &mine->key) > 0 &&
           rival_asked_beyond(asking, &mine->key, &other->key) == 0;
}

/* The row of the line's table is the one that is asked for, and the line's is not. */
static bool is_rival(struct asking *asking, const struct rival_row *mine, const struct rival_row *other)
{
    for (size_t i = 0; i < mine->count && i < other->count; i++) /* ranges that the question has a number for */
        if (range_is_rival(asking->answer->asked, mine->parts[i].text, other->parts[i].text) ||
            months_are_rival(asking->answer->asked, mine->parts[i].text, other->parts[i].text))
            return true;
    if (days_are_rival(asking->answer->asked, mine->parts[0].text, other->parts[0].text))
        return true;
    return (rival_asked_beyond(asking, &other->key, &mine->all) > 0 &&
            rival_asked_beyond(asking, &mine->all, &other->all) == 0) ||
           is_longer(asking, mine, other);
}

/* One of the rows of the table that stand in the passage. */
static bool has_rival_in(struct asking *asking, const struct line *line, const struct rival_row *mine,
                         const struct ask_passage *passage, const struct table_rows *table)
{
    for (size_t i = table->first + table->heads; i < table->end; i++) {
        bool is_mine = passage == &asking->passages[line->passage] && i == line->sentence;
        if (is_mine || passage->sentences[i].is_order || !line_has_bar(passage->sentences[i].text) ||
            (line->head.size > 0 && slice_equal(passage->sentences[i].text, line->head)))
            continue;
        struct rival_row other = row_at(asking, line->passage, passage, table, i, line->head);
        if (other.count > 1 && is_rival(asking, mine, &other))
            return true;
    }
    return false;
}

/* The table goes on in the passage, which is of the same document and has the same head: its rows there. */
static struct table_rows rows_in(struct asking *asking, const struct line *line, const struct ask_passage *passage)
{
    struct table_rows none = {0};
    if (line->head.size == 0 || passage == &asking->passages[line->passage] ||
        !slice_equal(passage->hit->path, asking->passages[line->passage].hit->path))
        return none;
    for (size_t i = 0; i < passage->sentence_count;) {
        struct table_rows table = table_rows_at(asking, passage, i);
        if (table.end > i && slice_equal(table.head, line->head))
            return table;
        i = table.end > i ? table.end : i + 1;
    }
    return none;
}

bool row_has_rival(struct asking *asking, const struct line *line)
{
    const struct ask_passage *passage = &asking->passages[line->passage];
    struct rival_row mine = row_at(asking, line->passage, passage, line->table, line->sentence, line->head);
    if (has_rival_in(asking, line, &mine, passage, line->table))
        return true;
    for (size_t i = 0; i < asking->passage_count; i++) {
        struct table_rows rest = rows_in(asking, line, &asking->passages[i]);
        if (rest.end > 0 && has_rival_in(asking, line, &mine, &asking->passages[i], &rest))
            return true;
    }
    return false;
}

/* They are of one kind: a word stands in both. */
static bool are_alike(const struct terms *a, const struct terms *b)
{
    for (size_t i = 0; i < a->count; i++)
        if (terms_have(b, a->items[i]))
            return true;
    return false;
}

/* "Min", "Max" and the like stand for longer words of a question. */
static bool is_named_short(const struct asking *asking, struct slice head)
{
    static const char shorts[] = "min|max|typ|avg";
    struct span_word word = span_word_at(head, 0);
    if (word.end + 1 < head.size || !span_word_is(&word, shorts))
        return false;
    for (size_t i = 0; i < asking->question.count; i++)
        if (asking->question.items[i].size > word.size && memcmp(asking->question.items[i].data, word.bytes, word.size) == 0)
            return true;
    return false;
}

/* The head of the column stands in the question, all of it, and what stands below does not: "in the plan Pro". */
static bool is_column_named(struct asking *asking, const struct line *line, const struct line_part *part)
{
    struct terms head = rival_terms(asking, line->passage, part->head), cell = rival_terms(asking, line->passage, part->text);
    return (rival_is_named(asking, &head) && !rival_is_named(asking, &cell)) || is_named_short(asking, part->head);
}

/* Beside the column at `named`, a cell tells whose row this is: what stands in the first one then names it, and is no answer. */
static bool is_row_named(struct asking *asking, const struct line *line, const struct line_part *parts, size_t count,
                         size_t named)
{
    static const struct terms none = {0};
    for (size_t i = 0; i < count; i++) {
        struct terms cell = i != named ? rival_terms(asking, line->passage, parts[i].text) : none;
        if (rival_asked_beyond(asking, &cell, &none) > 0)
            return true;
    }
    return false;
}

/* ---- from when, and until when ---- */

/* Words of questions, and heads of columns, for the two ends of a time. */
static const struct {
    const char *asked, *heads;
} ends[] = {
    {"start|starts|started|begin|begins|began|beginnt|beginnen|anfang|commence|commencent|début|empieza|empiezan|comienza|"
     "comienzan|"
     "inizia|iniziano|begint|beginnen|começa|começam|opens",
     "from|start|starts|begin|begins|beginning|opens|von|ab|beginn|de|du|début|desde|inicio|da|dal|dalle|inizio|van|begin|"
     "início|od"},
    {"end|ends|ended|finish|finishes|finished|until|till|closes|bis|endet|enden|ende|jusqu|termine|terminent|finit|fin|hasta|"
     "termina|terminan|acaba|acaban|cierra|fino|finisce|finiscono|tot|eindigt|até|sluit",
     "to|until|till|end|ends|finish|closes|bis|ende|au|à|jusqu|fin|hasta|al|a|alle|fine|tot|einde|eind|até|do"},
};

/* "From", "Valid to": the last word, of two at the most. */
static bool is_end_head(struct slice head, const char *heads)
{
    head = slice_trim(head);
    struct span_word first = span_word_at(head, 0);
    size_t next = first.end + span_blank_at(head, first.end);
    struct span_word second = span_word_at(head, next);
    bool is_short = first.end == head.size || (second.size > 0 && second.end == head.size);
    return is_short && span_word_is(second.size > 0 ? &second : &first, heads);
}

/* Which of `ends` the head is of; their count: none. */
static size_t end_of_head(struct slice head)
{
    size_t which = 0;
    while (which < ARRAY_COUNT(ends) && !is_end_head(head, ends[which].heads))
        which++;
    return which;
}

/* The column has one end of a time, and another column the one that is asked for: "when does it end" of "From | To". */
static bool is_other_end(const struct asking *asking, const struct line_part *parts, size_t count, size_t column)
{
    size_t mine = end_of_head(parts[column].head);
    if (mine == ARRAY_COUNT(ends) || span_has_word(asking->answer->asked, ends[mine].asked) ||
        !span_has_word(asking->answer->asked, ends[1 - mine].asked))
        return false;
    for (size_t i = 0; i < count; i++)
        if (end_of_head(parts[i].head) == 1 - mine)
            return true;
    return false;
}

/* ---- columns ---- */

bool column_has_rival(struct asking *asking, const struct line *line, const struct line_part *parts, size_t count,
                      size_t column)
{
    static const struct terms none = {0};
    struct terms mine = rival_terms(asking, line->passage, parts[column].head);
    if (is_other_end(asking, parts, count, column) ||
        (column > 0 && line->head.size > 0 && range_is_out(asking->answer->asked, parts[column].head)))
        return true;
    if (mine.count == 0 || is_named_short(asking, parts[column].head))
        return false;
    for (size_t i = 1; i < count; i++) {
        struct terms other = i != column ? rival_terms(asking, line->passage, parts[i].head) : none;
        bool is_alike = column > 0 && are_alike(&mine, &other) && rival_asked_beyond(asking, &other, &mine) > 0 &&
                        rival_asked_beyond(asking, &mine, &other) == 0;
        if (i != column && column > 0 &&
            (range_is_rival(asking->answer->asked, parts[column].head, parts[i].head) ||
             months_are_rival(asking->answer->asked, parts[column].head, parts[i].head) ||
             days_are_rival(asking->answer->asked, parts[column].head, parts[i].head)))
            return true;
        if (is_alike || (i != column && column > 0 && rival_is_narrower(asking, &mine, &other)))
            return true;
        if (i != column && rival_asked_beyond(asking, &mine, &none) == 0 && is_column_named(asking, line, &parts[i]) &&
            (column > 0 || is_row_named(asking, line, parts, count, i)))
            return true;
    }
    return false;
}

bool cell_is_asked(struct asking *asking, const struct line *line, const struct line_part *parts, size_t count, size_t column)
{
    const struct terms *question = &asking->question, *above = &asking->passages[line->passage].above;
    struct terms head = rival_terms(asking, line->passage, parts[column].head),
                 cell = rival_terms(asking, line->passage, parts[column].text),
                 first = rival_terms(asking, line->passage, parts[0].head), others[CELLS_MAX] = {0},
                 around = rival_terms(asking, line->passage, line->table->around);
    size_t named = 0;
    if (column == 0 || !rival_is_named(asking, &head) || rival_is_named(asking, &cell))
        return false;
    for (size_t i = 0; i < count; i++)
        if (i != column)
            others[i] = rival_terms(asking, line->passage, parts[i].text);
    for (size_t i = 0; i < question->count; i++) {
        bool is_in_row = false, is_above = terms_have(&head, question->items[i]) || terms_have(&first, question->items[i]);
        for (size_t j = 0; j < count && !is_above; j++)
            is_in_row = is_in_row || terms_have(&others[j], question->items[i]);
        is_above = is_above || terms_have(&around, question->items[i]) ||
                   (line->title != NULL && terms_have(&line->title->terms, question->items[i]));
        if (!is_in_row && !is_above && !terms_have(above, question->items[i]))
            return false;
        named += is_in_row;
    }
    return named > 0;
}
