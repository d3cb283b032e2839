/* build.c - passages of the catalog into index segments, on all threads.
 *
 *   catalog ─read─▶ chunks of 2,048 passages ─▶ [thread: analyze, build, encode] ─▶ segments, in order
 *
 * The catalog is read by one thread; a round of chunks is then built in parallel. Which thread builds a chunk does not show in it. */
#include "parts.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_PASSAGES = 2048, CHUNKS_PER_THREAD = 2 };

struct chunk_passage {
    int64_t id;
    enum text_language language;
    struct slice text; /* as passage_index_text gives it */
    struct passage_ends ends;
};

struct chunk {
    struct chunk_passage passages[CHUNK_PASSAGES];
    size_t count;
    struct buffer texts; /* all texts of the chunk */
    struct buffer encoded;
    bool ok;
    struct error error;
};

struct thread_tools {
    struct analyzer *analyzer;
    struct segment_builder *builder;
    struct slice *terms;
    uint32_t *places; /* of each term: which word of its field */
    size_t term_capacity, place_capacity;
};

struct builder_set {
    size_t thread_count;
    struct thread_tools *tools;
    struct chunk *chunks;
    size_t chunk_count; /* that can be filled in one round */
};

struct builder_set *builder_set_create(size_t thread_count)
{
    struct builder_set *set = memory_alloc(1, sizeof(*set));
    set->thread_count = thread_count;
    set->tools = memory_alloc(thread_count, sizeof(*set->tools));
    set->chunk_count = thread_count * CHUNKS_PER_THREAD;
    set->chunks = memory_alloc(set->chunk_count, sizeof(*set->chunks));
    for (size_t i = 0; i < thread_count; i++)
        set->tools[i] = (struct thread_tools){.analyzer = analyzer_create(), .builder = segment_builder_create()};
    for (size_t i = 0; i < thread_count; i++)
        segment_builder_keep_positions(set->tools[i].builder);
    for (size_t i = 0; i < set->chunk_count; i++) {
        buffer_init(&set->chunks[i].texts, LIMIT_SEGMENT_BYTES);
        buffer_init(&set->chunks[i].encoded, LIMIT_SEGMENT_BYTES);
    }
    return set;
}

void builder_set_free(struct builder_set *set)
{
    if (set == NULL)
        return;
    for (size_t i = 0; i < set->thread_count; i++) {
        analyzer_free(set->tools[i].analyzer);
        segment_builder_free(set->tools[i].builder);
        free(set->tools[i].terms);
        free(set->tools[i].places);
    }
    for (size_t i = 0; i < set->chunk_count; i++) {
        buffer_release(&set->chunks[i].texts);
        buffer_release(&set->chunks[i].encoded);
    }
    free(set->tools);
    free(set->chunks);
    free(set);
}

struct passage_ends passage_index_text(struct buffer *out, struct slice title, struct slice headings, struct slice text)
{
    size_t start = out->size;
    /* The document's title is usually its first heading: once is enough. */
    struct slice rest = headings, first = {"", 0};
    (void)slice_next(&rest, STORE_HEADING_SEPARATOR, &first);
    if (!slice_equal(first, title)) {
        buffer_append_slice(out, title);
        buffer_append_byte(out, '\n');
    }
    for (size_t i = 0; i < headings.size; i++) /* a separator is no letter, but a line break reads better in a debugger */
        buffer_append_byte(out, headings.data[i] == STORE_HEADING_SEPARATOR ? '\n' : headings.data[i]);
    buffer_append_byte(out, '\n');
    struct passage_ends ends = {title.size, out->size - start};
    buffer_append_slice(out, text);
    return ends;
}

static enum index_field field_at(const struct chunk_passage *passage, size_t at)
{
    return at < passage->ends.title ? INDEX_TITLE : at < passage->ends.headings ? INDEX_HEADINGS : INDEX_TEXT;
}

static bool build_passage(struct thread_tools *tools, const struct chunk_passage *passage, struct error *error)
{
    static const enum index_field order[INDEX_FIELDS] = {INDEX_TITLE, INDEX_HEADINGS, INDEX_TEXT};
    struct text_term term;
    size_t count = 0, counts[INDEX_FIELDS] = {0}, word_start = 0;
    uint32_t place = 0;
    analyzer_start(tools->analyzer, passage->text, passage->language);
    while (analyzer_next(tools->analyzer, &term)) {
        size_t *in_field = &counts[field_at(passage, term.start)];
        place = *in_field == 0 ? 0 : place + (term.start != word_start); /* terms of one word share its place */
        word_start = term.start;
        tools->terms = memory_more(tools->terms, count, &tools->term_capacity, sizeof(*tools->terms));
        tools->places = memory_more(tools->places, count, &tools->place_capacity, sizeof(*tools->places));
        tools->terms[count] = term.term;
        tools->places[count++] = place;
        ++*in_field;
    }
    struct index_text texts[INDEX_FIELDS];
    size_t at = 0;
    for (size_t i = 0; i < INDEX_FIELDS; i++) {
        texts[i] = (struct index_text){order[i], tools->terms + at, counts[order[i]], tools->places + at};
        at += counts[order[i]];
    }
    if (count == 0)
        return segment_builder_add(tools->builder, (passage_id)passage->id, NULL, 0, error);
    return segment_builder_add_texts(tools->builder, (passage_id)passage->id, texts, INDEX_FIELDS, error);
}

static void build_chunk(void *context, size_t index, size_t thread)
{
    struct builder_set *set = context;
    struct chunk *chunk = &set->chunks[index];
    struct thread_tools *tools = &set->tools[thread];
    chunk->ok = true;
    for (size_t i = 0; i < chunk->count && chunk->ok; i++)
        chunk->ok = build_passage(tools, &chunk->passages[i], &chunk->error);
    struct error *error = &chunk->error;
    if (!chunk->ok) { /* leave the builder empty for the next one */
        struct error ignored;
        struct buffer rest;
        buffer_init(&rest, LIMIT_SEGMENT_BYTES);
        (void)!segment_builder_encode(tools->builder, &rest, &ignored);
        buffer_release(&rest);
        return;
    }
    chunk->ok = segment_builder_encode(tools->builder, &chunk->encoded, error);
}

bool parts_append(struct project *project, struct segment *segment, int64_t first, int64_t last, const char *file,
                  struct error *error)
{
    size_t passages = segment_passage_count(segment);
    if (!index_add_segment(project->index, segment, error)) {
        segment_close(segment);
        return false;
    }
    project->parts = memory_more(project->parts, project->part_count, &project->part_capacity, sizeof(*project->parts));
    project->parts[project->part_count++] = (struct index_part){first, last, passages,
                                                                file ? memory_copy_text(file, strlen(file)) : NULL};
    return true;
}

struct round {
    struct project *project;
    struct builder_set *set;
    size_t filled; /* chunks with passages */
};

static bool finish_round(struct round *round, struct error *error)
{
    struct builder_set *set = round->set;
    pool_parallel_for(round->project->pool, round->filled, build_chunk, set);
    bool ok = true;
    for (size_t i = 0; i < round->filled; i++) {
        struct chunk *chunk = &set->chunks[i];
        struct segment *segment;
        if (ok && !chunk->ok) {
            *error = chunk->error;
            ok = false;
        }
        ok = ok && segment_open_bytes(&segment, &chunk->encoded, "memory segment", error);
        if (ok) {
            buffer_init(&chunk->encoded, LIMIT_SEGMENT_BYTES); /* the segment has taken the bytes over */
            ok = parts_append(round->project, segment, chunk->passages[0].id, chunk->passages[chunk->count - 1].id, NULL,
                              error);
        }
        buffer_clear(&chunk->encoded);
        buffer_clear(&chunk->texts);
        chunk->count = 0;
    }
    round->filled = 0;
    return ok;
}

/* Texts are appended to the chunk's buffer, which may move: offsets first, pointers when the chunk is full. */
static bool take_passage(void *context, const struct store_passage *passage, const struct store_document *document,
                         struct error *error)
{
    struct round *round = context;
    struct builder_set *set = round->set;
    if (round->filled == 0 || set->chunks[round->filled - 1].count == CHUNK_PASSAGES) {
        if (round->filled == set->chunk_count && !finish_round(round, error))
            return false;
        round->filled++;
    }
    struct chunk *chunk = &set->chunks[round->filled - 1];
    size_t before = chunk->texts.size;
    const char *moved_from = chunk->texts.data;
    struct passage_ends ends = passage_index_text(&chunk->texts, document->title, passage->headings, passage->text);
    if (!buffer_finish(&chunk->texts, "the text of a chunk of passages", error))
        return false;
    if (chunk->texts.data != moved_from) {
        size_t at = 0;
        for (size_t i = 0; i < chunk->count; i++) {
            chunk->passages[i].text.data = chunk->texts.data + at;
            at += chunk->passages[i].text.size;
        }
    }
    chunk->passages[chunk->count++] = (struct chunk_passage){
        passage->id, text_language_named(document->language), {chunk->texts.data + before, chunk->texts.size - before}, ends};
    return true;
}

bool parts_build(struct project *project, int64_t first, int64_t last, struct error *error)
{
    if (first > last)
        return true;
    if (project->builders == NULL)
        project->builders = builder_set_create(pool_thread_count(project->pool));
    struct round round = {project, project->builders, 0};
    bool ok = store_each_passage(project->store, first, last, take_passage, &round, error);
    struct error late;
    bool finished = finish_round(&round, ok ? error : &late);
    return ok && finished;
}
