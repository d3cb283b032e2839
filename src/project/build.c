/* build.c - passages of the catalog into index segments, on all threads.
 *
 *   catalog ─read─▶ chunks of 2,048 to 8,192 passages ─▶ [thread: analyze, build, encode] ─▶ segments, in order
 *
 * The catalog is read by one thread at a time: a round of chunks, while the others build those of the round before. Which thread builds a chunk
 * does not show in it.
 *
 * Who writes many passages can have chunks of them built ahead, from what is in memory, by threads that would wait for the catalog: they lie by
 * until the index is brought to the catalog's state, which then builds what is between them. */
#include "parts.h"
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_LEAST = 2048, CHUNK_MOST = PROJECT_AHEAD_MOST, CHUNKS_PER_THREAD = 2 };

#define KEPT_TEXT_BYTES (4 * MIB) /* for the texts of the next chunk */

struct chunk_passage {
    int64_t id;
    enum text_language language;
    struct slice text; /* as passage_index_text gives it */
    struct passage_ends ends;
};

struct chunk {
    struct chunk_passage *passages;
    size_t count, capacity;
    struct buffer texts; /* all texts of the chunk */
    struct buffer encoded;
    bool ok;
    struct error error;
};

struct thread_tools {
    struct analyzer *analyzer;
    struct segment_builder *builder;
    uint32_t numbering; /* of the analyzer's terms, which the builder knows */
    struct slice *terms;
    uint32_t *places, *numbers; /* of each term: which word of its field it is, and which term */
    size_t term_capacity, place_capacity, number_capacity;
};

/* Passages first … last, built ahead. */
struct ahead {
    int64_t first, last;
    struct buffer encoded;
};

struct builder_set {
    size_t thread_count;
    pthread_mutex_t lock; /* of what is built ahead */
    struct ahead *ahead;  /* in order of their passages */
    size_t ahead_count, ahead_capacity;
    struct thread_tools *tools;
    struct chunk *chunks[2]; /* of a round that is read, and of one that is built */
    size_t chunk_count;      /* that can be filled in one round */
};

struct builder_set *builder_set_create(size_t thread_count)
{
    struct builder_set *set = memory_alloc(1, sizeof(*set));
    set->thread_count = thread_count;
    pthread_mutex_init(&set->lock, NULL);
    set->tools = memory_alloc(thread_count, sizeof(*set->tools));
    set->chunk_count = thread_count * CHUNKS_PER_THREAD;
    for (size_t side = 0; side < 2; side++) {
        set->chunks[side] = memory_alloc(set->chunk_count, sizeof(struct chunk));
        for (size_t i = 0; i < set->chunk_count; i++) {
            buffer_init(&set->chunks[side][i].texts, LIMIT_SEGMENT_BYTES);
            buffer_init(&set->chunks[side][i].encoded, LIMIT_SEGMENT_BYTES);
        }
    }
    for (size_t i = 0; i < thread_count; i++)
        set->tools[i] = (struct thread_tools){.analyzer = analyzer_create(), .builder = segment_builder_create()};
    for (size_t i = 0; i < thread_count; i++)
        segment_builder_keep_positions(set->tools[i].builder);
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
        free(set->tools[i].numbers);
    }
    for (size_t side = 0; side < 2; side++) {
        for (size_t i = 0; i < set->chunk_count; i++) {
            free(set->chunks[side][i].passages);
            buffer_release(&set->chunks[side][i].texts);
            buffer_release(&set->chunks[side][i].encoded);
        }
        free(set->chunks[side]);
    }
    for (size_t i = 0; i < set->ahead_count; i++)
        buffer_release(&set->ahead[i].encoded);
    free(set->ahead);
    pthread_mutex_destroy(&set->lock);
    free(set->tools);
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
    if (analyzer_numbering(tools->analyzer) != tools->numbering)
        segment_builder_forget_numbers(tools->builder);
    tools->numbering = analyzer_numbering(tools->analyzer);
    while (analyzer_next(tools->analyzer, &term)) {
        size_t *in_field = &counts[field_at(passage, term.start)];
        place = *in_field == 0 ? 0 : place + (term.start != word_start); /* terms of one word share its place */
        word_start = term.start;
        tools->terms = memory_more(tools->terms, count, &tools->term_capacity, sizeof(*tools->terms));
        tools->places = memory_more(tools->places, count, &tools->place_capacity, sizeof(*tools->places));
        tools->numbers = memory_more(tools->numbers, count, &tools->number_capacity, sizeof(*tools->numbers));
        tools->terms[count] = term.term;
        tools->numbers[count] = term.number;
        tools->places[count++] = place;
        ++*in_field;
    }
    struct index_text texts[INDEX_FIELDS];
    size_t at = 0;
    for (size_t i = 0; i < INDEX_FIELDS; i++) {
        texts[i] = (struct index_text){order[i], tools->terms + at, counts[order[i]], tools->places + at, tools->numbers + at};
        at += counts[order[i]];
    }
    if (count == 0)
        return segment_builder_add(tools->builder, (passage_id)passage->id, NULL, 0, error);
    return segment_builder_add_texts(tools->builder, (passage_id)passage->id, texts, INDEX_FIELDS, error);
}

static void build_chunk(struct thread_tools *tools, struct chunk *chunk)
{
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
    size_t passages = segment_passage_count(segment), bytes = segment_size_bytes(segment);
    if (!index_add_segment(project->index, segment, error)) {
        segment_close(segment);
        return false;
    }
    project->parts = memory_more(project->parts, project->part_count, &project->part_capacity, sizeof(*project->parts));
    project->parts[project->part_count++] = (struct index_part){first, last, passages,
                                                                file ? memory_copy_text(file, strlen(file)) : NULL, bytes};
    return true;
}

/* Passages first … last, of which those from `next` on were not read yet. */
struct building {
    struct project *project;
    struct builder_set *set;
    size_t chunk_passages;
    int64_t next, last;
    struct chunk *filling, *building; /* of this round, and of the one before */
    size_t filled, built;             /* of their chunks */
    bool reads;                       /* while the others are built */
    bool ok;                          /* reading was */
    struct error error;
};

/* Texts are appended to the chunk's buffer, which may move: offsets first, pointers when the chunk is full. */
static bool add_passage(struct chunk *chunk, const struct project_text *text, struct error *error)
{
    size_t before = chunk->texts.size;
    const char *moved_from = chunk->texts.data;
    struct passage_ends ends = passage_index_text(&chunk->texts, text->title, text->headings, text->text);
    if (!buffer_finish(&chunk->texts, "the text of a chunk of passages", error))
        return false;
    if (chunk->texts.data != moved_from) {
        size_t at = 0;
        for (size_t i = 0; i < chunk->count; i++) {
            chunk->passages[i].text.data = chunk->texts.data + at;
            at += chunk->passages[i].text.size;
        }
    }
    chunk->passages = memory_more(chunk->passages, chunk->count, &chunk->capacity, sizeof(*chunk->passages));
    chunk->passages[chunk->count++] = (struct chunk_passage){text->passage,
                                                             text_language_indexed(text_language_named(text->language)),
                                                             {chunk->texts.data + before, chunk->texts.size - before},
                                                             ends};
    return true;
}

static bool take_passage(void *context, const struct store_passage *passage, const struct store_document *document,
                         struct error *error)
{
    struct building *building = context;
    if (building->filled == 0 || building->filling[building->filled - 1].count == building->chunk_passages)
        building->filled++;
    assert(building->filled <= building->set->chunk_count);
    const struct project_text text = {passage->id, document->language, document->title, passage->headings, passage->text};
    return add_passage(&building->filling[building->filled - 1], &text, error);
}

/* Fills a round. There are at most as many passages as numbers. */
static void read_round(struct building *building)
{
    int64_t most = (int64_t)(building->set->chunk_count * building->chunk_passages), first = building->next;
    int64_t last = building->last - first < most ? building->last : first + most - 1;
    building->next = last + 1;
    building->ok = store_each_passage(building->project->store, first, last, take_passage, building, &building->error);
}

static void work(void *context, size_t index, size_t thread)
{
    struct building *building = context;
    if (building->reads && index == 0)
        read_round(building);
    else
        build_chunk(&building->set->tools[thread], &building->building[index - building->reads]);
}

static void empty_chunks(struct chunk *chunks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        chunks[i].count = 0;
        buffer_clear(&chunks[i].encoded);
        buffer_clear(&chunks[i].texts);
        if (chunks[i].texts.capacity > KEPT_TEXT_BYTES)
            buffer_release(&chunks[i].texts);
    }
}

static bool append_built(struct building *building, struct error *error)
{
    bool ok = true;
    for (size_t i = 0; i < building->built; i++) {
        struct chunk *chunk = &building->building[i];
        struct segment *segment;
        if (ok && !chunk->ok) {
            *error = chunk->error;
            ok = false;
        }
        ok = ok && segment_open_bytes(&segment, &chunk->encoded, "memory segment", error);
        if (ok) {
            buffer_init(&chunk->encoded, LIMIT_SEGMENT_BYTES); /* the segment has taken the bytes over */
            ok = parts_append(building->project, segment, chunk->passages[0].id, chunk->passages[chunk->count - 1].id, NULL,
                              error);
        }
    }
    empty_chunks(building->building, building->built);
    return ok;
}

/* Builds the round that was read, and reads the next one meanwhile. */
static bool build_round(struct building *building, struct error *error)
{
    struct chunk *free_again = building->building;
    building->building = building->filling;
    building->built = building->filled;
    building->filling = free_again;
    building->filled = 0;
    building->reads = building->ok && building->next <= building->last;
    pool_parallel_for(building->project->pool, building->built + building->reads, work, building);
    return append_built(building, error);
}

static struct builder_set *builders_of(struct project *project)
{
    if (project->builders == NULL)
        project->builders = builder_set_create(pool_thread_count(project->pool));
    return project->builders;
}

static bool build_range(struct project *project, int64_t first, int64_t last, struct error *error)
{
    if (first > last)
        return true;
    struct builder_set *set = builders_of(project);
    size_t share = (size_t)(last - first) / (2 * set->chunk_count) + 1;
    struct building building = {.project = project,
                                .set = set,
                                .chunk_passages = share < CHUNK_LEAST  ? CHUNK_LEAST
                                                  : share > CHUNK_MOST ? CHUNK_MOST
                                                                       : share,
                                .next = first,
                                .last = last,
                                .filling = set->chunks[0],
                                .building = set->chunks[1]};
    read_round(&building);
    bool ok = true;
    while (ok && building.ok && (building.filled > 0 || building.next <= last))
        ok = build_round(&building, error);
    empty_chunks(building.filling, building.filled); /* where something failed */
    if (ok && !building.ok)
        *error = building.error;
    return ok && building.ok;
}

/* ---- ahead ---- */

void project_ahead_begin(struct project *project)
{
    (void)builders_of(project);
}

static void keep_ahead(struct builder_set *set, struct chunk *chunk)
{
    const struct ahead built = {chunk->passages[0].id, chunk->passages[chunk->count - 1].id, chunk->encoded};
    pthread_mutex_lock(&set->lock);
    set->ahead = memory_more(set->ahead, set->ahead_count, &set->ahead_capacity, sizeof(*set->ahead));
    size_t at = set->ahead_count++;
    for (; at > 0 && set->ahead[at - 1].first > built.first; at--)
        set->ahead[at] = set->ahead[at - 1];
    set->ahead[at] = built;
    pthread_mutex_unlock(&set->lock);
    buffer_init(&chunk->encoded, LIMIT_SEGMENT_BYTES);
}

void project_build_ahead(struct project *project, size_t thread, const struct project_text *texts, size_t count)
{
    struct builder_set *set = project->builders;
    struct chunk chunk = {.ok = true};
    buffer_init(&chunk.texts, LIMIT_SEGMENT_BYTES);
    buffer_init(&chunk.encoded, LIMIT_SEGMENT_BYTES);
    for (size_t i = 0; i < count && chunk.ok; i++)
        chunk.ok = add_passage(&chunk, &texts[i], &chunk.error);
    if (chunk.ok && count > 0)
        build_chunk(&set->tools[thread], &chunk);
    if (chunk.ok && count > 0)
        keep_ahead(set, &chunk);
    free(chunk.passages);
    buffer_release(&chunk.texts);
    buffer_release(&chunk.encoded);
}

static bool append_ahead(struct project *project, struct ahead *built, struct error *error)
{
    struct segment *segment;
    if (!segment_open_bytes(&segment, &built->encoded, "memory segment", error))
        return false;
    buffer_init(&built->encoded, LIMIT_SEGMENT_BYTES); /* the segment has taken the bytes over */
    return parts_append(project, segment, built->first, built->last, NULL, error);
}

bool parts_build(struct project *project, int64_t first, int64_t last, struct error *error)
{
    struct builder_set *set = project->builders;
    size_t at = 0;
    bool ok = true;
    for (; set != NULL && at < set->ahead_count && set->ahead[at].last <= last; at++) {
        struct ahead *built = &set->ahead[at];
        if (ok && built->first >= first) { /* else others were built in the place of it */
            ok = build_range(project, first, built->first - 1, error) && append_ahead(project, built, error);
            first = built->last + 1;
        }
        buffer_release(&built->encoded);
    }
    if (at > 0) {
        set->ahead_count -= at;
        memmove(set->ahead, set->ahead + at, set->ahead_count * sizeof(*set->ahead));
    }
    return ok && build_range(project, first, last, error);
}
