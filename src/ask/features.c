/* features.c - each sentence of the passages beside the question. */
#include "features.h"
#include "spans.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SENTENCES_MAX = 160, SENTENCE_BYTES = 800 };

/* ---- words ---- */

/* How much a word of the question tells: the fewer sentences have it, the more. */
static double *weigh_words(struct asking *asking, const struct candidate_sentence *items, size_t count)
{
    double *weights = arena_alloc(asking->arena, asking->question.count, sizeof(*weights));
    for (size_t i = 0; i < asking->question.count; i++) {
        size_t have = 0;
        for (size_t j = 0; j < count; j++)
            have += terms_have(&asking->passages[items[j].passage].sentences[items[j].sentence].terms,
                               asking->question.items[i]);
        weights[i] = log(1 + ((double)count + 1) / ((double)have + 0.5));
    }
    return weights;
}

static double share_of(const struct asking *asking, const double *weights, const struct terms *own, const struct terms *above)
{
    double all = 0, found = 0;
    for (size_t i = 0; i < asking->question.count; i++) {
        bool there = terms_have(own, asking->question.items[i]) ||
                     (above != NULL && terms_have(above, asking->question.items[i]));
        all += weights[i];
        found += there ? weights[i] : 0;
    }
    return all > 0 ? found / all : 0;
}

/* ---- vectors ---- */

static struct slice with_headings(struct asking *asking, const struct candidate_sentence *item)
{
    const struct ask_passage *passage = &asking->passages[item->passage];
    struct buffer text;
    buffer_init(&text, LIMIT_EXTRACT_BYTES);
    buffer_append_slice(&text, text_above(asking, passage));
    buffer_append_text(&text, "\n");
    buffer_append_slice(&text, slice_cut(passage->sentences[item->sentence].text, SENTENCE_BYTES));
    struct slice copy = arena_slice(asking->arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

bool features_know_meaning(const struct asking *asking)
{
    return asking->request->embedder != NULL && asking->answer->search.mode != RETRIEVE_TEXT;
}

/* The first vector is the question's. */
static bool compare_meaning(struct asking *asking, struct candidate_sentence *items, size_t count, struct error *error)
{
    struct slice *texts = arena_alloc(asking->arena, count + 1, sizeof(*texts));
    float *vectors = NULL;
    size_t dimensions = 0;
    if (!features_know_meaning(asking))
        return true;
    const struct passage_model model = embedder_for_passages(asking->request->embedder);
    texts[0] = asking->answer->asked;
    for (size_t i = 0; i < count; i++)
        texts[i + 1] = with_headings(asking, &items[i]);
    if (!model.embed(model.context, texts, count + 1, &vectors, &dimensions, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        const float *vector = vectors + (i + 1) * dimensions;
        double sum = 0;
        for (size_t j = 0; j < dimensions; j++)
            sum += (double)vectors[j] * (double)vector[j];
        items[i].features.values[FEATURE_MEANING] = sum;
    }
    free(vectors);
    return true;
}

/* ---- all of them ---- */

static size_t list_sentences(struct asking *asking, struct candidate_sentence *items)
{
    size_t count = 0;
    for (size_t i = 0; i < asking->passage_count; i++)
        for (size_t j = 0; j < asking->passages[i].sentence_count && count < SENTENCES_MAX; j++)
            if (!asking->passages[i].sentences[j].is_order && asking->passages[i].sentences[j].terms.count > 0)
                items[count++] = (struct candidate_sentence){.passage = i, .sentence = j};
    return count;
}

static void compare_words(struct asking *asking, struct candidate_sentence *items, size_t count)
{
    const double *weights = weigh_words(asking, items, count);
    enum span_kind kind = span_asked(asking->request->question);
    for (size_t i = 0; i < count; i++) {
        const struct ask_passage *passage = &asking->passages[items[i].passage];
        const struct ask_sentence *sentence = &passage->sentences[items[i].sentence];
        double *values = items[i].features.values;
        struct slice span;
        bool has = kind != SPAN_NONE && span_find(asking->request->question, sentence->text, kind, 0, &span);
        values[FEATURE_WORDS] = share_of(asking, weights, &sentence->terms, &passage->above);
        values[FEATURE_OWN_WORDS] = share_of(asking, weights, &sentence->terms, NULL);
        values[FEATURE_HAS_KIND] = has;
        values[FEATURE_LACKS_KIND] = kind != SPAN_NONE && !has;
        values[FEATURE_RANK] = 1 / (1 + (double)items[i].passage);
        values[FEATURE_PASSAGE] = passage->hit->rank_vector > 0 ? (double)passage->hit->score_vector : 0;
    }
}

bool features_of(struct asking *asking, struct candidate_sentence **items, size_t *count, struct error *error)
{
    struct candidate_sentence *list = arena_alloc(asking->arena, SENTENCES_MAX, sizeof(*list));
    *count = list_sentences(asking, list);
    *items = list;
    compare_words(asking, list, *count);
    return *count == 0 || compare_meaning(asking, list, *count, error);
}
