/* shape.c - see shape.h. */
#include "shape.h"

void shape_page(struct json_writer *json, size_t page)
{
    json_key(json, "page");
    if (page > 0)
        json_integer(json, (int64_t)page);
    else
        json_null(json);
}

void shape_cost(struct json_writer *json, double cost, const char *currency)
{
    json_key(json, "cost");
    if (cost >= 0)
        json_real(json, cost, 10);
    else
        json_null(json);
    if (currency != NULL)
        json_texts(json, &(struct json_text_member){"currency", currency}, 1);
}

/* ---- hits ---- */

static void write_score(struct json_writer *json, const char *name, double score, size_t rank)
{
    json_key(json, name);
    if (rank > 0)
        json_real(json, score, 9);
    else
        json_null(json);
}

/* With `explain`: the place in each of the two searches. */
static void write_ranks(struct json_writer *json, const struct assay_hit *hit)
{
    const struct {
        const char *name;
        size_t rank;
    } ranks[] = {{"text", hit->rank_text}, {"vector", hit->rank_vector}};
    json_key(json, "ranks");
    json_object_begin(json);
    for (size_t i = 0; i < ARRAY_COUNT(ranks); i++) {
        json_key(json, ranks[i].name);
        if (ranks[i].rank > 0)
            json_integer(json, (int64_t)ranks[i].rank);
        else
            json_null(json);
    }
    json_object_end(json);
}

/* With `explain`: what each word of the question gave. */
static void write_parts(struct json_writer *json, const struct assay_hit *hit)
{
    json_key(json, "words");
    json_array_begin(json);
    for (size_t i = 0; i < hit->part_count; i++) {
        const struct assay_score_part *part = &hit->parts[i];
        const struct json_text_member texts[] = {{"word", part->word}, {"field", part->field}};
        const struct json_integer_member numbers[] = {{"documents", (int64_t)part->documents},
                                                      {"frequency", (int64_t)part->frequency}};
        json_object_begin(json);
        json_texts(json, texts, ARRAY_COUNT(texts));
        json_integers(json, numbers, ARRAY_COUNT(numbers));
        json_key(json, "score");
        json_real(json, part->score, 9);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_copies(struct json_writer *json, const struct assay_hit *hit)
{
    json_key(json, "also");
    json_array_begin(json);
    for (size_t i = 0; i < hit->copy_count; i++) {
        const struct assay_copy *copy = &hit->copies[i];
        const struct json_integer_member members[] = {{"passage", copy->passage},
                                                      {"start", (int64_t)copy->start},
                                                      {"end", (int64_t)copy->end},
                                                      {"line", (int64_t)copy->line},
                                                      {"line_end", (int64_t)copy->line_end}};
        json_object_begin(json);
        json_key(json, "document");
        json_text(json, slice_from(copy->document));
        json_integers(json, members, ARRAY_COUNT(members));
        shape_page(json, copy->page);
        json_key(json, "extracted");
        json_bool(json, copy->is_extracted);
        json_object_end(json);
    }
    json_array_end(json);
}

void shape_edition(struct json_writer *json, const struct assay_hit *hit)
{
    if (hit->edition == NULL)
        return;
    json_key(json, "edition");
    json_object_begin(json);
    json_texts(json, (const struct json_text_member[]){{"state", hit->edition}, {"why", hit->why}}, 2);
    json_key(json, "newer");
    if (hit->newer != NULL)
        json_text(json, slice_from(hit->newer));
    else
        json_null(json);
    json_object_end(json);
}

static void write_place(struct json_writer *json, const struct assay_hit *hit)
{
    json_key(json, "headings");
    json_array_begin(json);
    for (size_t i = 0; i < hit->heading_count; i++)
        json_text(json, slice_from(hit->headings[i]));
    json_array_end(json);
    shape_page(json, hit->page);
    const struct json_integer_member places[] = {{"start", (int64_t)hit->start},
                                                 {"end", (int64_t)hit->end},
                                                 {"line", (int64_t)hit->line},
                                                 {"line_end", (int64_t)hit->line_end}};
    json_integers(json, places, ARRAY_COUNT(places));
}

static void write_text(struct json_writer *json, const struct assay_hit *hit)
{
    json_key(json, "extracted");
    json_bool(json, hit->is_extracted);
    json_key(json, "text");
    json_text(json, (struct slice){hit->text, hit->text_size});
}

void shape_passage(struct json_writer *json, const struct assay_hit *passage)
{
    write_place(json, passage);
    write_text(json, passage);
}

static void write_hit(struct json_writer *json, const struct assay_hit *hit, const struct shape_results_options *options)
{
    json_object_begin(json);
    json_key(json, "passage");
    json_integer(json, hit->passage);
    json_key(json, "document");
    json_text(json, slice_from(hit->document));
    if (options->id_of != NULL)
        json_texts(json, &(struct json_text_member){"file_id", options->id_of(options->context, hit->document)}, 1);
    json_key(json, "title");
    json_text(json, slice_from(hit->title));
    write_place(json, hit);
    write_copies(json, hit);
    shape_edition(json, hit);
    write_text(json, hit);
    json_key(json, "score");
    json_real(json, hit->score, 9);
    json_key(json, "scores");
    json_object_begin(json);
    write_score(json, "text", hit->score_text, hit->rank_text);
    write_score(json, "vector", hit->score_vector, hit->rank_vector);
    write_score(json, "rerank", hit->score_rerank, hit->is_reranked);
    json_object_end(json);
    if (options->explain) {
        write_ranks(json, hit);
        write_parts(json, hit);
    }
    json_key(json, "matches");
    json_array_begin(json);
    for (size_t i = 0; i < hit->match_count; i++) {
        json_array_begin(json);
        json_integer(json, (int64_t)hit->matches[i].start);
        json_integer(json, (int64_t)hit->matches[i].end);
        json_array_end(json);
    }
    json_array_end(json);
    json_object_end(json);
}

static void write_timings(struct json_writer *json, const struct assay_results *results)
{
    const struct assay_timings timings = assay_results_timings(results);
    const struct {
        const char *name;
        double ms;
    } stages[] = {{"refresh_ms", timings.refresh_ms}, {"embed_ms", timings.embed_ms}, {"text_ms", timings.text_ms},
                  {"vector_ms", timings.vector_ms},   {"fuse_ms", timings.fuse_ms},   {"fetch_ms", timings.fetch_ms},
                  {"rerank_ms", timings.rerank_ms}};
    json_key(json, "timings");
    json_object_begin(json);
    for (size_t i = 0; i < ARRAY_COUNT(stages); i++) {
        json_key(json, stages[i].name);
        json_real(json, stages[i].ms, 4);
    }
    json_object_end(json);
}

void shape_results(struct json_writer *json, const struct assay_results *results, const struct shape_results_options *options)
{
    json_object_begin(json);
    json_key(json, "results");
    json_array_begin(json);
    for (size_t i = 0; i < assay_results_count(results); i++)
        write_hit(json, assay_results_hit(results, i), options);
    json_array_end(json);
    json_key(json, "mode");
    json_text(json, slice_from(assay_results_mode(results)));
    if (assay_results_note(results) != NULL) {
        json_key(json, "note");
        json_text(json, slice_from(assay_results_note(results)));
    }
    if (options->explain)
        write_timings(json, results);
    json_key(json, "searched");
    json_integer(json, (int64_t)assay_results_searched(results));
    json_key(json, "took_ms");
    json_real(json, assay_results_took_ms(results), 4);
    json_object_end(json);
}
