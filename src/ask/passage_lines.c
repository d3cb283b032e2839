/* passage_lines.c - the passages line by line beside the question: a sentence, or a row of a table with its head.
 *
 * Only the lines that share most words with the question, stand in the best passages, or have what the reader takes for an answer get a vector: that
 * is what costs. */
#include "passage_lines.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 400, LINE_BYTES = 400, ABOVE_BYTES = 120 };
/* Lines that are compared by meaning and may have the answer; fewer where a reader, which costs as much, tells which promise most. */
enum { LINES_COMPARED = 40, LINES_COMPARED_READ = 32 };

/* ---- tables ---- */

static bool is_gap(struct slice row, size_t at)
{
    return row.data[at] == '\t' || (row.data[at] == ' ' && at + 1 < row.size && row.data[at + 1] == ' ');
}

static bool has_gap(struct slice row)
{
    for (size_t i = 0; i < row.size; i++)
        if (is_gap(row, i))
            return true;
    return false;
}

static bool has_bar(struct slice row)
{
    return memchr(row.data, '|', row.size) != NULL;
}

size_t line_cells(struct slice row, struct slice cells[CELLS_MAX])
{
    bool by_bars = has_bar(row);
    size_t count = 0, start = 0;
    for (size_t i = 0; i <= row.size && count < CELLS_MAX; i++) {
        if (i < row.size && !(by_bars ? row.data[i] == '|' : is_gap(row, i)))
            continue;
        cells[count++] = slice_trim(slice_range(row, start, i));
        while (!by_bars && i < row.size && byte_among(row.data[i], " \t"))
            i++;
        start = by_bars ? i + 1 : i;
    }
    return count;
}

static bool has_digit(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] >= '0' && text.data[i] <= '9')
            return true;
    return false;
}

/* The first of rows is their head; of columns that only blanks part, only when it has no number. */
static struct slice head_of(const struct ask_passage *passage, size_t first, size_t row)
{
    struct slice head = passage->sentences[first].text;
    return row > first && !passage->sentences[first].is_order && (has_bar(head) || !has_digit(head)) ? head : SLICE("");
}

static bool is_row_at(const struct ask_passage *passage, size_t sentence)
{
    return sentence < passage->sentence_count &&
           (has_bar(passage->sentences[sentence].text) || has_gap(passage->sentences[sentence].text));
}

static size_t list_lines(struct asking *asking, struct line *lines)
{
    size_t count = 0;
    for (size_t i = 0; i < asking->passage_count; i++) {
        const struct ask_passage *passage = &asking->passages[i];
        size_t first = 0; /* of the rows that this one is among */
        for (size_t j = 0; j < passage->sentence_count && count < LINES_MAX; j++) {
            const struct ask_sentence *sentence = &passage->sentences[j];
            bool is_row = is_row_at(passage, j);
            first = is_row && (j == 0 || !is_row_at(passage, j - 1)) ? j : first;
            bool is_head = is_row && first == j && has_bar(sentence->text) && is_row_at(passage, j + 1);
            if (sentence->is_order || sentence->terms.count == 0 || is_head)
                continue;
            lines[count++] = (struct line){
                .passage = i, .sentence = j, .is_row = is_row, .head = is_row ? head_of(passage, first, j) : SLICE("")};
        }
    }
    return count;
}

/* ---- words ---- */

/* How much a word of the question tells: the fewer lines have it, the more. */
static void weigh_words(struct asking *asking, const struct line *lines, size_t count)
{
    asking->weights = arena_alloc(asking->arena, asking->question.count, sizeof(*asking->weights));
    for (size_t i = 0; i < asking->question.count; i++) {
        size_t have = 0;
        for (size_t j = 0; j < count; j++)
            have += terms_have(&asking->passages[lines[j].passage].sentences[lines[j].sentence].terms,
                               asking->question.items[i]);
        asking->weights[i] = log(1 + ((double)count + 1) / ((double)have + 0.5));
    }
}

static double share_of(const struct asking *asking, const struct terms *own, const struct terms *above)
{
    double all = 0, found = 0;
    for (size_t i = 0; i < asking->question.count; i++) {
        bool there = terms_have(own, asking->question.items[i]) ||
                     (above != NULL && terms_have(above, asking->question.items[i]));
        all += asking->weights[i];
        found += there ? asking->weights[i] : 0;
    }
    return all > 0 ? found / all : 0;
}

double words_share(const struct asking *asking, const struct terms *there)
{
    return share_of(asking, there, NULL);
}

static double passage_words(const struct asking *asking, const struct ask_passage *passage)
{
    double all = 0, found = 0;
    for (size_t i = 0; i < asking->question.count; i++) {
        bool there = terms_have(&passage->above, asking->question.items[i]);
        for (size_t j = 0; j < passage->sentence_count && !there; j++)
            there = terms_have(&passage->sentences[j].terms, asking->question.items[i]);
        all += asking->weights[i];
        found += there ? asking->weights[i] : 0;
    }
    return all > 0 ? found / all : 0;
}

static void compare_words(struct asking *asking, struct line *line)
{
    const struct ask_passage *passage = &asking->passages[line->passage];
    const struct terms *terms = &passage->sentences[line->sentence].terms;
    line->values[FEATURE_WORDS] = share_of(asking, terms, &passage->above);
    line->values[FEATURE_OWN_WORDS] = share_of(asking, terms, NULL);
    line->values[FEATURE_PASSAGE_WORDS] = passage_words(asking, passage);
    line->values[FEATURE_RANK] = 1 / (1 + (double)line->passage);
    line->values[FEATURE_SEARCH] = passage_share(asking, line->passage);
    line->values[FEATURE_PASSAGE] = passage->hit->rank_vector > 0 ? (double)passage->hit->score_vector : 0;
}

/* ---- meaning ---- */

bool request_knows_meaning(const struct ask_request *request, const struct ask_answer *answer)
{
    return request->embedder != NULL && answer->search.mode != RETRIEVE_TEXT && !embedder_is_elsewhere(request->embedder);
}

bool features_know_meaning(const struct asking *asking)
{
    return request_knows_meaning(asking->request, asking->answer);
}

bool meanings_of(struct asking *asking, const struct slice *texts, size_t count, double *values, struct error *error)
{
    struct slice *all = arena_alloc(asking->arena, count + 1, sizeof(*all));
    float *vectors = NULL;
    size_t dimensions = 0;
    if (count == 0 || !features_know_meaning(asking))
        return true;
    const struct passage_model model = embedder_for_passages(asking->request->embedder);
    all[0] = asking->answer->asked;
    for (size_t i = 0; i < count; i++)
        all[i + 1] = texts[i];
    if (!model.embed(model.context, all, count + 1, &vectors, &dimensions, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        const float *vector = vectors + (i + 1) * dimensions;
        values[i] = 0;
        for (size_t j = 0; j < dimensions; j++)
            values[i] += (double)vectors[j] * (double)vector[j];
    }
    free(vectors);
    return true;
}

/* The headings and the line, as a passage is embedded. */
static struct slice with_headings(struct asking *asking, const struct line *line)
{
    const struct ask_passage *passage = &asking->passages[line->passage];
    struct slice above = slice_cut(text_above(asking, passage), ABOVE_BYTES),
                 text = slice_cut(passage->sentences[line->sentence].text, LINE_BYTES);
    char *joined = arena_format(asking->arena, SLICE_FORMAT "\n" SLICE_FORMAT, SLICE_ARGUMENT(above), SLICE_ARGUMENT(text));
    return slice_from(joined);
}

static bool compare_meaning(struct asking *asking, struct line *lines, size_t count, struct error *error)
{
    struct slice *texts = arena_alloc(asking->arena, count + 1, sizeof(*texts));
    double *values = arena_alloc(asking->arena, count + 1, sizeof(*values));
    for (size_t i = 0; i < count; i++)
        texts[i] = with_headings(asking, &lines[i]);
    if (!meanings_of(asking, texts, count, values, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t better = 0;
        for (size_t j = 0; j < count; j++)
            better += values[j] > values[i];
        lines[i].values[FEATURE_MEANING] = values[i];
        lines[i].values[FEATURE_NEAREST] = 1 / (1 + (double)better);
    }
    return true;
}

/* ---- the reader ---- */

bool features_know_reading(const struct asking *asking)
{
    return asking->marks != NULL;
}

/* A difference of logits as a feature: of the size of the others, and never without end. */
double reading_feature(float score)
{
    double tenths = (double)score / 10;
    return tenths < -1.5 ? -1.5 : tenths > 1.5 ? 1.5 : tenths;
}

/* The first `count` of them: there is no line of those behind. */
static bool read_passages(struct asking *asking, size_t count, struct error *error)
{
    if (asking->request->reader == NULL || count == 0)
        return true;
    asking->marks = arena_alloc(asking->arena, count, sizeof(*asking->marks));
    return reader_mark_passages(asking->request->reader, asking->answer->asked, passages_to_read(asking), count, asking->arena,
                                asking->marks, error);
}

static void compare_reading(struct asking *asking, struct line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct ask_passage *passage = &asking->passages[lines[i].passage];
        struct slice text = passage->sentences[lines[i].sentence].text;
        size_t start = passage_offset(passage, text);
        struct reader_answer best = reader_marks_best(&asking->marks[lines[i].passage], start, start + text.size);
        lines[i].read = slice_range(text, best.end > 0 ? best.start - start : 0, best.end > 0 ? best.end - start : 0);
        lines[i].values[FEATURE_READ_LINE] = reading_feature(best.score);
    }
    for (size_t i = 0; i < count; i++) {
        size_t better = 0;
        for (size_t j = 0; j < count; j++)
            better += lines[j].values[FEATURE_READ_LINE] > lines[i].values[FEATURE_READ_LINE];
        lines[i].values[FEATURE_READ_NEAREST] = 1 / (1 + (double)better);
    }
}

/* ---- all of it ---- */

static double promise(const struct line *line)
{
    return line->values[FEATURE_WORDS] + 0.5 * line->values[FEATURE_OWN_WORDS] + 0.5 * line->values[FEATURE_SEARCH] +
           line->values[FEATURE_READ_LINE];
}

static int by_promise(const void *a, const void *b)
{
    const struct line *first = a, *second = b;
    double left = promise(first), right = promise(second);
    if (left != right)
        return left > right ? -1 : 1;
    if (first->passage != second->passage)
        return first->passage < second->passage ? -1 : 1;
    return first->sentence < second->sentence ? -1 : 1;
}

bool lines_of(struct asking *asking, struct line **lines, size_t *count, struct error *error)
{
    struct line *all = arena_alloc(asking->arena, LINES_MAX, sizeof(*all));
    size_t listed = list_lines(asking, all), found = 0;
    bool by_words_alone = !features_know_meaning(asking);
    if (!read_passages(asking, listed > 0 ? all[listed - 1].passage + 1 : 0, error))
        return false;
    weigh_words(asking, all, listed);
    if (features_know_reading(asking))
        compare_reading(asking, all, listed);
    for (size_t i = 0; i < listed; i++) {
        compare_words(asking, &all[i]);
        if (!by_words_alone || all[i].values[FEATURE_PASSAGE_WORDS] > 0) /* then a passage that shares none answers nothing */
            all[found++] = all[i];
    }
    qsort(all, found, sizeof(*all), by_promise);
    *lines = all;
    size_t most = features_know_reading(asking) ? LINES_COMPARED_READ : LINES_COMPARED;
    *count = found < most ? found : most;
    return compare_meaning(asking, all, *count, error);
}
