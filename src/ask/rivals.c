/* rivals.c - cells of a table that cannot be meant, because the question names another row or column.
 *
 *     who       | may take X-rays          "May hygienists take X-rays?" names the second row: "yes" is no answer
 *     Dentist   | yes
 *     Hygienist | only with form RX-2
 *
 * So do ranges that a number of the question lies in, or does not (ranges.h). */
#include "rivals.h"
#include "ranges.h"
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

/* `row` of the passage, which is of the line's table. */
static bool is_rival(struct asking *asking, const struct line *line, const struct ask_passage *passage, size_t row)
{
    const struct ask_sentence *mine = &asking->passages[line->passage].sentences[line->sentence],
                              *other = &passage->sentences[row];
    struct line_part own[CELLS_MAX], parts[CELLS_MAX];
    size_t others = line_row_parts(other->text, line->head, parts);
    if (other == mine || other->is_order || (line->head.size > 0 && slice_equal(other->text, line->head)) || others < 2)
        return false;
    size_t cells = line_row_parts(mine->text, line->head, own);
    for (size_t i = 0; i < cells && i < others; i++) /* ranges that the question has a number for */
        if (range_is_rival(asking->answer->asked, own[i].text, parts[i].text))
            return true;
    struct terms key = terms_at(asking, line->passage, parts[0].text);
    return is_named(asking, &key) && asked_beyond(asking, &key, &mine->terms) > 0 &&
           asked_beyond(asking, &mine->terms, &other->terms) == 0;
}

/* The table goes on in the passage, which is of the same document and has the same head: where that stands; `sentence_count`: nowhere. */
static size_t head_in(const struct asking *asking, const struct line *line, const struct ask_passage *passage)
{
    if (line->head.size == 0 || passage == &asking->passages[line->passage] ||
        !slice_equal(passage->hit->path, asking->passages[line->passage].hit->path))
        return passage->sentence_count;
    size_t at = 0;
    while (at < passage->sentence_count && !slice_equal(passage->sentences[at].text, line->head))
        at++;
    return at;
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
        if (is_rival(asking, line, passage, row))
            return true;
    for (size_t i = 0; i < asking->passage_count; i++) {
        const struct ask_passage *other = &asking->passages[i];
        for (size_t row = head_in(asking, line, other) + 1;
             row < other->sentence_count && line_has_bar(other->sentences[row].text); row++)
            if (is_rival(asking, line, other, row))
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
    struct terms head = terms_at(asking, line->passage, part->head), cell = terms_at(asking, line->passage, part->text);
    return (is_named(asking, &head) && !is_named(asking, &cell)) || is_named_short(asking, part->head);
}

/* Words of them that the question does not have; numbers are none. */
static size_t not_asked(const struct asking *asking, const struct terms *words)
{
    size_t count = 0;
    for (size_t i = 0; i < words->count; i++)
        count += !span_is_digit(words->items[i], 0) && !terms_have(&asking->question, words->items[i]);
    return count;
}

/* "associates" is asked for, and "senior associates" is narrower. */
static bool is_narrower(const struct asking *asking, const struct terms *mine, const struct terms *other)
{
    static const struct terms none = {0};
    return not_asked(asking, mine) > 0 && not_asked(asking, other) == 0 && asked_beyond(asking, other, &none) > 0 &&
           asked_beyond(asking, other, mine) == 0 && asked_beyond(asking, mine, other) == 0;
}

/* Beside the column at `named`, a cell tells whose row this is: what stands in the first one then names it, and is no answer. */
static bool is_row_named(struct asking *asking, const struct line *line, const struct line_part *parts, size_t count,
                         size_t named)
{
    static const struct terms none = {0};
    for (size_t i = 0; i < count; i++) {
        struct terms cell = i != named ? terms_at(asking, line->passage, parts[i].text) : none;
        if (asked_beyond(asking, &cell, &none) > 0)
            return true;
    }
    return false;
}

bool column_has_rival(struct asking *asking, const struct line *line, const struct line_part *parts, size_t count,
                      size_t column)
{
    static const struct terms none = {0};
    struct terms mine = terms_at(asking, line->passage, parts[column].head);
    if (mine.count == 0 || is_named_short(asking, parts[column].head))
        return false;
    for (size_t i = 1; i < count; i++) {
        struct terms other = i != column ? terms_at(asking, line->passage, parts[i].head) : none;
        bool is_alike = column > 0 && are_alike(&mine, &other) && asked_beyond(asking, &other, &mine) > 0 &&
                        asked_beyond(asking, &mine, &other) == 0;
        if (i != column && column > 0 && range_is_rival(asking->answer->asked, parts[column].head, parts[i].head))
            return true;
        if (is_alike || (i != column && column > 0 && is_narrower(asking, &mine, &other)))
            return true;
        if (i != column && asked_beyond(asking, &mine, &none) == 0 && is_column_named(asking, line, &parts[i]) &&
            (column > 0 || is_row_named(asking, line, parts, count, i)))
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

static bool ends_with_digit(struct slice text)
{
    text = slice_trim(text);
    return text.size > 0 && (span_is_digit(text, text.size - 1) || (unsigned char)text.data[text.size - 1] >= 0x80 ||
                             text.data[text.size - 1] == '%');
}

/* "associates £295 and trainees £160 an hour": what stands behind the last value is of all of them. */
static void cut_rate(struct slice *pieces, size_t count)
{
    struct slice *last = count > 1 && ends_with_digit(pieces[count - 2]) ? &pieces[count - 1] : NULL;
    size_t end = last != NULL && has_digit(*last) ? last->size : 0;
    while (end > 0 && !span_is_digit(*last, end - 1))
        end--;
    if (end > 0)
        last->size = end;
}

bool span_has_rival(struct asking *asking, const struct line *line, struct slice text, struct slice span)
{
    struct slice pieces[PIECES_MAX];
    size_t count = cut_series(text, pieces), own = count;
    struct terms words[PIECES_MAX];
    struct slice whole = count > 0 ? pieces[count - 1] : text;
    cut_rate(pieces, count);
    for (size_t i = 0; i < count; i++) {
        words[i] = terms_at(asking, line->passage, pieces[i]);
        const char *end = i + 1 == count ? whole.data + whole.size : pieces[i].data + pieces[i].size;
        if (span.data >= pieces[i].data && span.data + span.size <= end)
            own = i;
    }
    for (size_t i = 0; i < count && own < count; i++) {
        bool is_value = i != own && has_digit(pieces[i]);
        if (is_value &&
            ((asked_beyond(asking, &words[i], &words[own]) > 0 && asked_beyond(asking, &words[own], &words[i]) == 0) ||
             is_narrower(asking, &words[own], &words[i]) || range_is_rival(asking->answer->asked, pieces[own], pieces[i])))
            return true;
    }
    return false;
}
