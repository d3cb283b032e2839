/* rivals.c - cells of a table that cannot be meant, because the question names another row or column.
 *
 *     who       | may take X-rays          "May hygienists take X-rays?" names the second row: "yes" is no answer
 *     Dentist   | yes
 *     Hygienist | only with form RX-2 */
#include "rivals.h"
#include "span_parts.h"
#include <string.h>

static struct terms terms_at(struct asking *asking, size_t passage, struct slice text)
{
    return terms_of(asking, text, text_language_indexed(text_language_named(asking->passages[passage].hit->language)));
}

/* Words of the question that stand in `these` and not in `those`; NULL: in none. */
static size_t asked_beyond(const struct asking *asking, const struct terms *these, const struct terms *those)
{
    size_t count = 0;
    for (size_t i = 0; i < asking->question.count; i++)
        count += terms_have(these, asking->question.items[i]) && !terms_have(those, asking->question.items[i]);
    return count;
}

/* All of them stand in the question. */
static bool is_named(const struct asking *asking, const struct terms *words)
{
    for (size_t i = 0; i < words->count; i++)
        if (!terms_have(&asking->question, words->items[i]))
            return false;
    return words->count > 0;
}

static bool is_rival(struct asking *asking, const struct line *line, size_t row)
{
    const struct ask_passage *passage = &asking->passages[line->passage];
    const struct ask_sentence *mine = &passage->sentences[line->sentence], *other = &passage->sentences[row];
    struct line_part parts[CELLS_MAX];
    if (row == line->sentence || other->is_order || (line->head.size > 0 && slice_equal(other->text, line->head)) ||
        line_row_parts(other->text, line->head, parts) < 2)
        return false;
    struct terms key = terms_at(asking, line->passage, parts[0].text);
    return is_named(asking, &key) && asked_beyond(asking, &key, &mine->terms) > 0 &&
           asked_beyond(asking, &mine->terms, &other->terms) == 0;
}

bool row_has_rival(struct asking *asking, const struct line *line)
{
    const struct ask_passage *passage = &asking->passages[line->passage];
    size_t first = line->sentence, end = line->sentence;
    while (first > 0 && line_has_bar(passage->sentences[first - 1].text))
        first--;
    while (end < passage->sentence_count && line_has_bar(passage->sentences[end].text))
        end++;
    for (size_t row = first; row < end; row++)
        if (is_rival(asking, line, row))
            return true;
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
    struct terms head = terms_at(asking, line->passage, part->head), cell = terms_at(asking, line->passage, part->text);
    return (is_named(asking, &head) && !is_named(asking, &cell)) || is_named_short(asking, part->head);
}

bool column_has_rival(struct asking *asking, const struct line *line, const struct line_part *parts, size_t count,
                      size_t column)
{
    static const struct terms none = {0};
    struct terms mine = terms_at(asking, line->passage, parts[column].head);
    if (column == 0 || mine.count == 0 || is_named_short(asking, parts[column].head))
        return false;
    for (size_t i = 1; i < count; i++) {
        struct terms other = i != column ? terms_at(asking, line->passage, parts[i].head) : none;
        if (are_alike(&mine, &other) && asked_beyond(asking, &other, &mine) > 0 && asked_beyond(asking, &mine, &other) == 0)
            return true;
        if (i != column && asked_beyond(asking, &mine, &none) == 0 && is_column_named(asking, line, &parts[i]))
            return true;
    }
    return false;
}

/* ---- series in a sentence ---- */

enum { PIECES_MAX = 16 };

static size_t cut_series(struct slice text, struct slice pieces[PIECES_MAX])
{
    size_t count = 0, start = 0;
    for (size_t i = 0; i <= text.size && count < PIECES_MAX; i++) {
        size_t joint = i < text.size && text.data[i] == ' '
                           ? span_one_at(text, i + 1, "and |or |und |oder |et |ou |y |o |e |en ")
                           : 0;
        bool is_cut = i == text.size || joint > 0 ||
                      (byte_among(text.data[i], ",;") && i + 1 < text.size && text.data[i + 1] == ' ');
        if (!is_cut && text.data[i] == ':' && count == 0) /* what leads the series in */
            start = i + 1;
        if (!is_cut)
            continue;
        pieces[count++] = slice_range(text, start, i);
        start = i + 1;
    }
    return count;
}

static bool has_digit(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (span_is_digit(text, i))
            return true;
    return false;
}

bool span_has_rival(struct asking *asking, const struct line *line, struct slice text, struct slice span)
{
    struct slice pieces[PIECES_MAX];
    size_t count = cut_series(text, pieces), own = count;
    struct terms words[PIECES_MAX];
    for (size_t i = 0; i < count; i++) {
        words[i] = terms_at(asking, line->passage, pieces[i]);
        if (span.data >= pieces[i].data && span.data + span.size <= pieces[i].data + pieces[i].size)
            own = i;
    }
    for (size_t i = 0; i < count && own < count; i++)
        if (i != own && has_digit(pieces[i]) && asked_beyond(asking, &words[i], &words[own]) > 0 &&
            asked_beyond(asking, &words[own], &words[i]) == 0)
            return true;
    return false;
}
