/* explain.c - what the score of one passage is made of: the same words, weights and arithmetic as in a search. */
#include "search.h"
#include <stdlib.h>

static uint32_t frequency_in(const struct scored_word *word, uint32_t document)
{
    uint32_t frequency = 0;
    for (size_t i = 0; i < word->list_count; i++) {
        uint32_t more = scored_list_frequency(&word->lists[i], document);
        frequency = frequency > UINT32_MAX - more ? UINT32_MAX : frequency + more;
    }
    return frequency;
}

static void explain_parts(const struct search *search, const struct scored_word *words, uint32_t document, float norm,
                          struct index_explanation *explanation)
{
    explanation->score = 0;
    explanation->part_count = search->word_count;
    for (size_t i = 0; i < search->word_count; i++) {
        const struct search_word *word = &search->words[i];
        struct index_part_of_score *part = &explanation->parts[i];
        *part = (struct index_part_of_score){word->word, word->field, word->weight, word->documents, 0, 0};
        part->frequency = frequency_in(&words[i], document);
        if (part->frequency == 0)
            continue;
        part->score = score_of(part->frequency, norm, word->weight);
        explanation->score += part->score;
        explanation->is_hit = true;
    }
}

static bool explain_document(const struct search *search, size_t s, uint32_t document, struct index_explanation *explanation,
                             struct error *error)
{
    const struct segment *segment = search->index->segments[s];
    struct scored_word *words = memory_alloc(search->word_count, sizeof(*words));
    struct scored_list *lists = memory_resize(NULL, search->variant_count, sizeof(*lists));
    uint64_t *bitmap = memory_alloc(bitmap_words(segment), sizeof(*bitmap));
    size_t list_count = search_open_lists(search, s, words, lists);
    explanation->length = segment_length(segment, document);
    explanation->mean_length = view_mean_length(search->view);
    explanation->is_hit = false;
    explain_parts(search, words, document, norm_of_length(&search->norm, explanation->length), explanation);
    bool ok = true;
    for (size_t i = 0; i < list_count; i++)
        if (lists[i].probe.failed)
            ok = segment_damaged(segment, error);
    ok = ok && search_filter(search, s, bitmap, error);
    explanation->is_hit = explanation->is_hit && ok && (bitmap[document / 64] >> (document % 64) & 1) != 0;
    free(bitmap);
    free(lists);
    free(words);
    return ok;
}

bool index_explain(const struct index *index, const struct index_query *query, passage_id passage,
                   struct index_explanation *explanation, struct error *error)
{
    struct search search;
    size_t segment;
    uint32_t document;
    bool ok = search_begin(&search, index, query, error);
    if (ok && (!index_find(index, passage, &segment, &document) || !view_sees(&search.view->parts[segment], document)))
        ok = error_set(error, ERROR_NOT_FOUND, "there is no passage %llu", (unsigned long long)passage);
    ok = ok && explain_document(&search, segment, document, explanation, error);
    search_release(&search);
    return ok;
}
