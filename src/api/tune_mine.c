/* tune_mine.c - for each question the texts that are likest to what answers it: those given as negatives, else those that the project's own
 * search finds, else the nearest among the data's texts.
 *
 * The project's search is asked where it finds what answers the questions chosen by: else the documents are others than the examples are
 * about, and what it finds would be far from them. */
#include "tune_pairs.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FOUND_LEAST 0.2 /* share of questions whose answer the project's search finds */
enum { LEAST_ALIKE = 24 /* bytes of a text that may stand for a longer one that holds it */ };

/* ---- texts ---- */

static void add_example(struct text_set *texts, const struct example *example)
{
    for (size_t i = 0; i < example->positive_count; i++)
        texts_add(texts, example->positives[i]);
    for (size_t i = 0; i < example->negative_count; i++)
        texts_add(texts, example->negatives[i]);
}

static void add_texts(struct pairs_tuning *pairs, const struct examples *examples)
{
    for (size_t i = 0; i < examples->count; i++)
        add_example(&pairs->texts, &examples->items[i]);
    for (size_t i = 0; i < examples->corpus_count; i++)
        texts_add(&pairs->texts, examples->corpus[i]);
    pairs->texts.own = pairs->texts.count;
}

static void begin_part(struct pairs_tuning *pairs, const struct tuning_part *part, struct pair_part *out)
{
    struct arena *arena = &pairs->tuning.tuned->arena;
    *out = (struct pair_part){.part = part, .count = part->count};
    out->questions = arena_alloc(arena, part->count + 1, sizeof(*out->questions));
    for (size_t i = 0; i < part->count; i++) {
        const struct example *example = &part->examples->items[part->items[i]];
        struct pair_question *question = &out->questions[i];
        *question = (struct pair_question){.text = example->text, .positive_count = example->positive_count};
        question->positives = arena_alloc(arena, example->positive_count + 1, sizeof(*question->positives));
        for (size_t j = 0; j < example->positive_count; j++)
            question->positives[j] = texts_add(&pairs->texts, example->positives[j]);
    }
}

static bool is_positive(const struct pair_question *question, uint32_t text)
{
    for (size_t i = 0; i < question->positive_count; i++)
        if (question->positives[i] == text)
            return true;
    return false;
}

/* ---- by the project's search ---- */

/* In lower case (of ASCII), runs of white space as one blank: as which two texts are the same. */
static struct slice plain(struct arena *arena, struct slice text)
{
    char *out = arena_alloc(arena, text.size + 1, 1);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.data[i];
        bool is_space = byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
        if (is_space && (size == 0 || out[size - 1] == ' '))
            continue;
        out[size++] = is_space ? ' ' : byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
    }
    return slice_trim((struct slice){out, size});
}

static bool stands_in(struct slice part, struct slice whole)
{
    return part.size >= LEAST_ALIKE && memmem(whole.data, whole.size, part.data, part.size) != NULL;
}

static bool answers(const struct pair_question *question, const struct text_set *texts, struct slice found, struct arena *arena)
{
    struct slice other = plain(arena, found);
    for (size_t i = 0; i < question->positive_count; i++) {
        struct slice positive = plain(arena, texts->items[question->positives[i]]);
        if (slice_equal(positive, other) || stands_in(positive, other) || stands_in(other, positive))
            return true;
    }
    return false;
}

static bool search(struct pairs_tuning *pairs, struct pair_question *question, struct error *error)
{
    struct assay *assay = pairs->tuning.assay;
    struct arena *arena = &pairs->tuning.tuned->arena;
    struct search_result result;
    struct buffer text;
    const struct search_request request = {
        .question = slice_cut(question->text, LIMIT_QUERY_BYTES), .k = PAIR_DEPTH, .embedder = assay->embedder, .plain = true};
    bool ok = answer_search(assay->project, &request, &result, error);
    question->candidates = arena_alloc(arena, PAIR_DEPTH, sizeof(*question->candidates));
    question->candidate_count = 0;
    buffer_init(&text, SIZE_MAX);
    for (size_t i = 0; i < result.count && ok; i++) {
        const struct search_hit *hit = &result.hits[i];
        buffer_clear(&text);
        passage_index_text(&text, hit->title, hit->passage.headings, hit->passage.text);
        struct slice found = slice_trim(buffer_slice(&text));
        const struct map_entry *known = map_get(&pairs->texts.by_text, found);
        question->candidates[question->candidate_count++] = (struct pair_candidate){
            known != NULL ? (uint32_t)known->value : texts_add(&pairs->texts, arena_slice(arena, found)),
            answers(question, &pairs->texts, hit->passage.text, &result.arena)};
    }
    buffer_release(&text);
    search_result_release(&result);
    return ok;
}

static bool search_part(struct pairs_tuning *pairs, struct pair_part *part, struct error *error)
{
    static const char stage[] = "searching for near misses";
    for (size_t i = 0; i < part->count; i++)
        if (!(tuning_step(&pairs->tuning, stage, i, part->count) || tuning_stopped(stage, error)) ||
            !search(pairs, &part->questions[i], error))
            return false;
    return true;
}

static bool try_search(struct pairs_tuning *pairs, struct error *error)
{
    struct store_counts counts;
    size_t found = 0;
    if (!store_count(pairs->tuning.assay->project->store, &counts, error))
        return false;
    if (counts.passages == 0)
        return true;
    if (!search_part(pairs, &pairs->validation, error))
        return false;
    for (size_t i = 0; i < pairs->validation.count; i++) {
        const struct pair_question *question = &pairs->validation.questions[i];
        bool any = false;
        for (size_t j = 0; j < question->candidate_count; j++)
            any = any || question->candidates[j].answers;
        found += any;
    }
    pairs->by_search = (double)found >= FOUND_LEAST * (double)pairs->validation.count;
    return true;
}

/* ---- among the data's texts ---- */

static bool embed_own(struct pairs_tuning *pairs, struct error *error)
{
    uint32_t *all = memory_alloc(pairs->texts.own + 1, sizeof(*all));
    for (size_t i = 0; i < pairs->texts.own; i++)
        all[i] = (uint32_t)i;
    bool ok = texts_embed(&pairs->texts, pairs->tuning.model, all, pairs->texts.own, &pairs->tuning, error);
    free(all);
    return ok;
}

static void take_nearest(struct pairs_tuning *pairs, struct pair_question *question, const float *vector)
{
    uint32_t numbers[PAIR_DEPTH];
    question->candidate_count = texts_nearest(&pairs->texts, vector, PAIR_DEPTH, numbers);
    question->candidates = arena_alloc(&pairs->tuning.tuned->arena, PAIR_DEPTH, sizeof(*question->candidates));
    for (size_t i = 0; i < question->candidate_count; i++)
        question->candidates[i] = (struct pair_candidate){numbers[i], is_positive(question, numbers[i])};
}

static bool nearest_part(struct pairs_tuning *pairs, struct pair_part *part, struct error *error)
{
    enum { AT_ONCE = 256 };
    static const char stage[] = "looking for near misses";
    struct model *model = pairs->tuning.model;
    size_t dimensions = model_info(model)->dimensions;
    struct slice texts[AT_ONCE];
    float *vectors = memory_alloc(AT_ONCE, dimensions * sizeof(*vectors));
    bool ok = true;
    for (size_t at = 0; at < part->count && ok; at += AT_ONCE) {
        size_t count = part->count - at < AT_ONCE ? part->count - at : AT_ONCE;
        for (size_t i = 0; i < count; i++)
            texts[i] = part->questions[at + i].text;
        ok = (tuning_step(&pairs->tuning, stage, at, part->count) || tuning_stopped(stage, error)) &&
             texts_vectors(model, texts, count, vectors, error);
        for (size_t i = 0; i < count && ok; i++)
            take_nearest(pairs, &part->questions[at + i], vectors + i * dimensions);
    }
    free(vectors);
    return ok;
}

/* ---- given ---- */

/* Those that are held out are put into the order of the base's vectors, so that there is one to compare with. */
static bool order_given(struct pairs_tuning *pairs, struct pair_question *question, struct error *error)
{
    struct text_set some = {0};
    uint32_t *numbers = memory_alloc(question->candidate_count + 1, sizeof(*numbers));
    float *vector = memory_alloc(1, model_info(pairs->tuning.model)->dimensions * sizeof(*vector));
    for (size_t i = 0; i < question->candidate_count; i++)
        texts_add(&some, pairs->texts.items[question->candidates[i].text]);
    some.own = some.count;
    for (size_t i = 0; i < some.count; i++)
        numbers[i] = (uint32_t)i;
    bool ok = texts_embed(&some, pairs->tuning.model, numbers, some.count, &pairs->tuning, error) &&
              texts_vectors(pairs->tuning.model, &question->text, 1, vector, error);
    if (ok) {
        question->candidate_count = texts_nearest(&some, vector, some.count, numbers);
        for (size_t i = 0; i < question->candidate_count; i++) {
            uint32_t text = texts_add(&pairs->texts, some.items[numbers[i]]);
            question->candidates[i] = (struct pair_candidate){text, is_positive(question, text)};
        }
    }
    texts_release(&some);
    free(vector);
    free(numbers);
    return ok;
}

static bool take_given(struct pairs_tuning *pairs, struct pair_part *part, bool ordered, struct error *error)
{
    static const char stage[] = "embedding what is held out";
    for (size_t i = 0; i < part->count; i++) {
        struct pair_question *question = &part->questions[i];
        const struct example *example = &part->part->examples->items[part->part->items[i]];
        if (example->negative_count == 0)
            continue;
        size_t count = 0;
        question->candidates = arena_alloc(&pairs->tuning.tuned->arena, example->positive_count + example->negative_count,
                                           sizeof(*question->candidates));
        for (size_t j = 0; j < question->positive_count; j++)
            question->candidates[count++] = (struct pair_candidate){question->positives[j], true};
        for (size_t j = 0; j < example->negative_count; j++) {
            uint32_t text = texts_add(&pairs->texts, example->negatives[j]);
            if (!is_positive(question, text))
                question->candidates[count++] = (struct pair_candidate){text, false};
        }
        question->candidate_count = count;
        if (ordered && (!(tuning_step(&pairs->tuning, stage, i, part->count) || tuning_stopped(stage, error)) ||
                        !order_given(pairs, question, error)))
            return false;
    }
    return true;
}

static bool all_given(const struct pair_part *part)
{
    for (size_t i = 0; i < part->count; i++)
        if (part->part->examples->items[part->part->items[i]].negative_count == 0)
            return false;
    return true;
}

/* ---- all ---- */

bool pairs_mine(struct pairs_tuning *pairs, struct error *error)
{
    struct pair_part *const parts[] = {&pairs->validation, &pairs->train, &pairs->cases};
    struct assay_tune_report *report = &pairs->tuning.tuned->report;
    const struct tuning_parts *divided = &pairs->parts;
    add_texts(pairs, &pairs->tuning.examples);
    if (pairs->tuning.options->test != NULL)
        add_texts(pairs, &pairs->tuning.test);
    begin_part(pairs, &divided->train, &pairs->train);
    begin_part(pairs, &divided->validation, &pairs->validation);
    begin_part(pairs, &divided->cases, &pairs->cases);
    bool given = all_given(&pairs->train) && all_given(&pairs->validation) && all_given(&pairs->cases), ok = true;
    report->mined = given ? "given" : "texts";
    if (!given) {
        ok = try_search(pairs, error);
        if (ok && pairs->by_search)
            report->mined = "search";
        if (ok && !pairs->by_search)
            ok = embed_own(pairs, error);
    }
    for (size_t i = 0; i < ARRAY_COUNT(parts) && ok && !given; i++)
        ok = !pairs->by_search ? nearest_part(pairs, parts[i], error) : i == 0 || search_part(pairs, parts[i], error);
    for (size_t i = 0; i < ARRAY_COUNT(parts) && ok; i++)
        ok = take_given(pairs, parts[i], parts[i] != &pairs->train && !pairs->embeds, error);
    report->texts = pairs->texts.own;
    return ok;
}
