/* passage_lines.c - the passages line by line beside the question: a sentence, or a row of a table with its head.
 *
 * Only the lines that share most words with the question, stand in the best passages, or have what the reader takes for an answer get a vector: that
 * is what costs. */
#include "passage_lines.h"
#include "rival_words.h"
#include "span_edges.h"
#include "spans.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 400, LINE_BYTES = 400, ABOVE_BYTES = 120, QUESTION_REACH = 3 };
/* Lines that are compared by meaning and may have the answer; fewer where a reader, which costs as much, tells which promise most. */
enum { LINES_COMPARED = 40, LINES_COMPARED_READ = 32 };

/* ---- tables and questions ---- */

/* A question is no answer, unless it is one that is asked for. */
static bool asks_for_questions(const struct asking *asking)
{
    struct slice asked = asking->answer->asked;
    return memmem(asked.data, asked.size, "question", strlen("question")) != NULL ||
           memmem(asked.data, asked.size, "ask ", strlen("ask ")) != NULL;
}

/* The question that the sentence may answer: one of the few before it. */
static const struct ask_sentence *question_before(const struct ask_passage *passage, size_t sentence)
{
    for (size_t i = sentence; i > 0 && i + QUESTION_REACH > sentence; i--)
        if (line_is_question(passage->sentences[i - 1].text))
            return passage->sentences[i - 1].is_order ? NULL : &passage->sentences[i - 1];
    return NULL;
}

/* The sentence is one of the headings above it and nothing more: it says what follows, and answers nothing. One with a number or a colon may. */
static bool is_heading(struct slice sentence, struct slice above)
{
    struct slice line;
    while (sentence.size > 0 && byte_among(sentence.data[0], "#*_ "))
        sentence = slice_range(sentence, 1, sentence.size);
    while (sentence.size > 0 && byte_among(sentence.data[sentence.size - 1], "#*_ "))
        sentence.size--;
    for (size_t i = 0; i < sentence.size; i++)
        if (byte_among(sentence.data[i], ".:!0123456789"))
            return false;
    while (slice_next(&above, '\n', &line))
        if (slice_equal(slice_trim(line), sentence))
            return true;
    return false;
}

/* The row with its head, and the title that stands above it. */
static struct line line_of_row(const struct ask_passage *passage, const struct table_rows *table, size_t sentence)
{
    size_t title = table_title_above(passage, table, sentence);
    bool is_headed = sentence > table->first;
    return (struct line){.is_row = true,
                         .table = table,
                         .head = is_headed ? table->head : SLICE(""),
                         .title = title < passage->sentence_count ? &passage->sentences[title] : NULL};
}

static size_t list_lines(struct asking *asking, struct line *lines)
{
    size_t count = 0;
    bool keeps_questions = asks_for_questions(asking);
    for (size_t i = 0; i < asking->passage_count; i++) {
        const struct ask_passage *passage = &asking->passages[i];
        struct table_rows *table = NULL; /* that this sentence is in, or the one before */
        struct slice above = text_above(asking, passage);
        for (size_t j = 0; j < passage->sentence_count && count < LINES_MAX; j++) {
            const struct ask_sentence *sentence = &passage->sentences[j];
            bool is_row = table_is_row(passage, j);
            if (is_row && (table == NULL || j >= table->end)) {
                table = arena_alloc(asking->arena, 1, sizeof(*table));
                *table = table_rows_at(asking, passage, j);
            }
            bool is_head = is_row && j < table->first + table->heads;
            bool is_question = !is_row && !keeps_questions && line_is_question(sentence->text);
            if (sentence->is_order || sentence->terms.count == 0 || is_head || is_question ||
                (!is_row && is_heading(sentence->text, above)))
                continue;
            lines[count] = is_row ? line_of_row(passage, table, j) : (struct line){.question = question_before(passage, j)};
            lines[count].passage = i;
            lines[count++].sentence = j;
        }
    }
    return count;
}

const struct line *lines_all(struct asking *asking, size_t *count)
{
    struct line *all = arena_alloc(asking->arena, LINES_MAX, sizeof(*all));
    *count = list_lines(asking, all);
    return all;
}

/* ---- what of a line may answer ---- */

static bool has_asked(const struct asking *asking, const struct terms *terms)
{
    for (size_t i = 0; i < terms->count; i++)
        if (terms_have(&asking->question, terms->items[i]))
            return true;
    return false;
}

size_t line_open_parts(struct asking *asking, const struct line *line, struct line_part parts[CELLS_MAX])
{
    const struct ask_passage *passage = &asking->passages[line->passage];
    struct slice text = passage->sentences[line->sentence].text, key, value;
    if (line->is_row)
        return line_row_parts(text, line->head, parts);
    if (line_is_label(text))
        return 0;
    parts[0] = (struct line_part){.text = text, .whole = text};
    struct slice comment;
    if (line_assigns(text, &key, &value, &comment)) {
        parts[0] = (struct line_part){.head = key, .text = value, .whole = text};
        parts[1] = (struct line_part){.text = comment, .whole = text};
        return comment.size > 0 ? 2 : 1;
    }
    if (line_split(text, &key, &value)) {
        enum text_language language = text_language_named(passage->hit->language);
        struct terms in_key = terms_of(asking, key, language), in_value = terms_of(asking, value, language);
        bool has_digit = false; /* "Out of office - #1810: for absences …" */
        for (size_t i = 0; i < key.size; i++)
            has_digit = has_digit || (key.data[i] >= '0' && key.data[i] <= '9');
        if (!has_digit && (has_asked(asking, &in_key) || !has_asked(asking, &in_value)))
            parts[0] = (struct line_part){.head = key, .text = value, .whole = text};
    }
    return 1;
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

/* In any of `count` places. */
static double share_of(const struct asking *asking, const struct terms *const *places, size_t count)
{
    double all = 0, found = 0;
    for (size_t i = 0; i < asking->question.count; i++) {
        bool there = false;
        for (size_t j = 0; j < count && !there; j++)
            there = terms_have(places[j], asking->question.items[i]);
        all += asking->weights[i];
        found += there ? asking->weights[i] : 0;
    }
    return all > 0 ? found / all : 0;
}

double words_share(const struct asking *asking, const struct terms *there)
{
    return share_of(asking, &there, 1);
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
    const struct terms *places[4] = {terms, &passage->above};
    size_t count = 2;
    struct terms around;
    if (line->question != NULL)
        places[count++] = &line->question->terms;
    if (line->title != NULL)
        places[count++] = &line->title->terms;
    if (line->is_row && line->table->around.size > 0) {
        around = rival_terms(asking, line->passage, line->table->around);
        places[count++] = &around;
    }
    line->values[FEATURE_WORDS] = share_of(asking, places, count);
    line->values[FEATURE_OWN_WORDS] = words_share(asking, terms);
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
    const struct ask_request *request = asking->request;
    const struct slice whose = request->secret.data != NULL ? request->secret : request->principal;
    if (count == 0 || !features_know_meaning(asking))
        return true;
    all[0] = asking->answer->asked;
    for (size_t i = 0; i < count; i++)
        all[i + 1] = texts[i];
    if (!embed_again(request->embedder, whose, all, count + 1, &vectors, &dimensions, error))
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

/* The headings, the question it may answer or the title above the row, and the line, as a passage is embedded. */
static struct slice with_headings(struct asking *asking, const struct line *line)
{
    const struct ask_passage *passage = &asking->passages[line->passage];
    struct slice above = slice_cut(text_above(asking, passage), ABOVE_BYTES),
                 question = slice_cut(line->question != NULL ? line->question->text
                                      : line->title != NULL  ? line->title->text
                                                             : SLICE(""),
                                      ABOVE_BYTES),
                 text = slice_cut(passage->sentences[line->sentence].text, LINE_BYTES);
    return slice_from(arena_format(asking->arena, SLICE_FORMAT "\n" SLICE_FORMAT "%s" SLICE_FORMAT, SLICE_ARGUMENT(above),
                                   SLICE_ARGUMENT(question), question.size > 0 ? "\n" : "", SLICE_ARGUMENT(text)));
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

/* In a language that the reader did not learn, what it marks is often a word or two of what was meant. */
static bool is_trusted(const struct asking *asking, const struct line *line, struct slice part, struct slice span,
                       unsigned asked)
{
    const struct slice language = asking->passages[line->passage].hit->language;
    struct span thing;
    if (!reader_info(asking->request->reader)->is_builtin || language.size == 0 || slice_equal_text(language, "en"))
        return true;
    return span_is_clause(part, span) || (asked != SPAN_NONE && spans_find(asking->answer->asked, span, asked, &thing, 1) > 0);
}

/* The best span in what of the line may answer. */
static void read_line(struct asking *asking, struct line *line, unsigned asked)
{
    const struct ask_passage *passage = &asking->passages[line->passage];
    struct line_part parts[CELLS_MAX];
    size_t count = line_open_parts(asking, line, parts);
    float best = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        struct slice part = parts[i].text;
        size_t start = passage_offset(passage, part);
        struct reader_answer read = reader_marks_best(&asking->marks[line->passage], start, start + part.size);
        if (read.end == 0 || read.score <= best)
            continue;
        struct slice span = span_whole(part, slice_range(part, read.start - start, read.end - start));
        best = read.score;
        line->read = span.size > 0 && is_trusted(asking, line, part, span, asked) ? span : SLICE("");
        line->read_score = reading_feature(read.score);
    }
}

static void compare_reading(struct asking *asking, struct line *lines, size_t count)
{
    unsigned asked = span_asked(asking->answer->asked);
    for (size_t i = 0; i < count; i++) {
        const struct ask_passage *passage = &asking->passages[lines[i].passage];
        struct slice text = passage->sentences[lines[i].sentence].text;
        size_t start = passage_offset(passage, text);
        struct reader_answer best = reader_marks_best(&asking->marks[lines[i].passage], start, start + text.size);
        lines[i].values[FEATURE_READ_LINE] = reading_feature(best.score);
        read_line(asking, &lines[i], asked);
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
