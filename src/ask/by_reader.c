/* by_reader.c - an answer without a language model: the words of a passage that the project's own reader takes for the answer.
 *
 *   passages ─▶ their text, orders blanked out ─▶ reader ─▶ a span and its chance, of each ─▶ the likeliest ─▶ answer, its sentence cited */
#include "ask_parts.h"
#include "reader/reader.h"
#include <string.h>

/* The copy that the passage's sentences lie in. */
static struct slice copy_of(const struct ask_passage *passage)
{
    if (passage->sentence_count == 0)
        return (struct slice){0};
    const struct slice *first = &passage->sentences[0].text, *last = &passage->sentences[passage->sentence_count - 1].text;
    const char *begin = first->data - passage->first_at;
    return (struct slice){begin, (size_t)(last->data + last->size - begin)};
}

struct slice passage_to_read(struct asking *asking, const struct ask_passage *passage)
{
    struct slice copy = copy_of(passage);
    if (!passage->has_order)
        return copy;
    char *text = arena_text(asking->arena, copy);
    for (size_t i = 0; i < passage->sentence_count; i++)
        if (passage->sentences[i].is_order)
            memset(text + (passage->sentences[i].text.data - copy.data), ' ', passage->sentences[i].text.size);
    return (struct slice){text, copy.size};
}

size_t passage_offset(const struct ask_passage *passage, struct slice part)
{
    return (size_t)(part.data - copy_of(passage).data);
}

struct reader_passage *passages_to_read(struct asking *asking)
{
    struct reader_passage *texts = arena_alloc(asking->arena, asking->passage_count, sizeof(*texts));
    for (size_t i = 0; i < asking->passage_count; i++)
        texts[i] = (struct reader_passage){passage_to_read(asking, &asking->passages[i]),
                                           text_above(asking, &asking->passages[i])};
    return texts;
}

/* Or that begins next behind it. */
size_t passage_sentence_at(const struct ask_passage *passage, size_t at)
{
    struct slice copy = copy_of(passage);
    for (size_t i = 0; i + 1 < passage->sentence_count; i++)
        if ((size_t)(passage->sentences[i].text.data - copy.data) + passage->sentences[i].text.size > at)
            return i;
    return passage->sentence_count - 1;
}

static void take_span(struct asking *asking, size_t number, const struct reader_answer *read)
{
    struct ask_answer *answer = asking->answer;
    const struct ask_passage *passage = &asking->passages[number];
    struct slice span = slice_range(copy_of(passage), read->start, read->end);
    struct buffer text;
    buffer_init(&text, LIMIT_EXTRACT_BYTES);
    verbatim(slice_trim(span), passage->source, &text);
    buffer_format(&text, " [%zu]", cite(asking, number, passage_sentence_at(passage, read->start)));
    answer->text = arena_slice(asking->arena, buffer_slice(&text));
    answer->sentences = 1;
    answer->abstained = false;
    buffer_release(&text);
}

double passage_share(const struct asking *asking, size_t passage)
{
    double best = asking->passages[0].hit->score;
    return best > 0 ? asking->passages[passage].hit->score / best : 0;
}

/* How much the search's opinion of a passage counts beside the reader's, whose scores are differences of logits. */
#define SEARCH_WEIGHT 10.0

/* The answer's place among others. The reader sees one passage alone: of two that read alike, the one that the search finds fits better is right. */
static double place_of(const struct asking *asking, size_t passage, const struct reader_answer *read)
{
    return (double)read->score + SEARCH_WEIGHT * passage_share(asking, passage);
}

bool answer_by_reader(struct asking *asking, struct error *error)
{
    struct ask_answer *answer = asking->answer;
    size_t count = asking->passage_count, best = SIZE_MAX;
    struct reader_answer *read = arena_alloc(asking->arena, count, sizeof(*read));
    answer->model = "builtin:reader";
    answer->abstained = true;
    answer->is_calibrated = true;
    if (!reader_read(asking->request->reader, answer->asked, passages_to_read(asking), count, read, error))
        return false;
    for (size_t i = 0; i < count; i++) /* equal ones: the search's order */
        if (read[i].end > read[i].start &&
            (best == SIZE_MAX || place_of(asking, i, &read[i]) > place_of(asking, best, &read[best])))
            best = i;
    if (best == SIZE_MAX)
        return true;
    answer->confidence = read[best].chance;
    if (read[best].answers)
        take_span(asking, best, &read[best]);
    return true;
}
