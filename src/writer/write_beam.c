/* write_beam.c - token by token: of each line that is followed the likeliest next tokens, and of all of those the best lines.
 *
 * A line is worth log p divided by tokens^LENGTH, so that longer ones have a chance; with one line that is greedy decoding. A form (form.h) says
 * which tokens may come. */
#include "writer_parts.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH 0.6

struct candidate {
    size_t line;
    uint32_t token;
    double log_p;
};

struct beam {
    const struct write_search *search;
    struct write_line *lines, *next; /* [beams] each */
    size_t live;
    struct candidate *candidates; /* [beams, 2 · beams] */
    size_t candidate_count;
    float *states, *p; /* [beams, hidden], [beams, vocabulary] */
    uint8_t *allowed; /* [vocabulary] */
    struct write_line *best;
    double best_worth;
    size_t finished;
};

static double worth(const struct write_line *line)
{
    return line->log_p / pow((double)(line->count + 1), LENGTH);
}

static bool beam_init(struct beam *beam, const struct write_search *search, struct write_line *best, struct error *error)
{
    const struct writer *writer = search->writer;
    size_t beams = search->beams;
    *beam = (struct beam){.search = search, .best = best, .best_worth = -(double)INFINITY, .live = 1};
    beam->lines = memory_alloc(beams, sizeof(*beam->lines));
    beam->next = memory_alloc(beams, sizeof(*beam->next));
    beam->candidates = memory_alloc(2 * beams * beams, sizeof(*beam->candidates));
    beam->states = memory_alloc(beams * writer->hidden, sizeof(float));
    beam->p = memory_alloc(beams * writer->vocabulary, sizeof(float));
    beam->allowed = memory_alloc(writer->vocabulary, 1);
    for (size_t i = 0; i < 2 * beams; i++) {
        struct write_line *line = i < beams ? &beam->lines[i] : &beam->next[i - beams];
        if (!text_memory_init(&line->memory, model_info(writer->model), writer->info.target_max + 1, &search->source->memory,
                              error))
            return false;
    }
    return true;
}

static void beam_release(struct beam *beam)
{
    for (size_t i = 0; i < beam->search->beams; i++) {
        text_memory_release(&beam->lines[i].memory);
        text_memory_release(&beam->next[i].memory);
    }
    free(beam->lines);
    free(beam->next);
    free(beam->candidates);
    free(beam->states);
    free(beam->p);
    free(beam->allowed);
}

/* Which tokens may come behind the line; false: none. */
static bool allow(struct beam *beam, const struct write_line *line)
{
    const struct write_search *search = beam->search;
    const struct write_source *source = search->source;
    size_t vocabulary = search->writer->vocabulary;
    bool is_full = line->count == search->writer->info.target_max;
    if (search->form != NULL) {
        size_t left = search->writer->info.target_max - line->count;
        return form_allows(search->form, line->ids, line->count, left, source->end, beam->allowed);
    }
    memset(beam->allowed, !is_full, vocabulary);
    beam->allowed[source->end] = line->count > 0; /* whether to answer was decided before */
    beam->allowed[source->start] = 0;
    return true;
}

/* The likeliest 2 · beams tokens behind line `number`. */
static void add_candidates(struct beam *beam, size_t number)
{
    const struct write_line *line = &beam->lines[number];
    size_t most = 2 * beam->search->beams, first = beam->candidate_count, vocabulary = beam->search->writer->vocabulary;
    const float *p = beam->p + number * vocabulary;
    if (!allow(beam, line))
        return;
    for (size_t v = 0; v < vocabulary; v++) {
        if (!beam->allowed[v])
            continue;
        double log_p = line->log_p + log(fmax((double)p[v], 1e-30));
        size_t at = beam->candidate_count;
        if (at - first == most && !(log_p > beam->candidates[at - 1].log_p))
            continue;
        at -= at - first == most;
        while (at > first && log_p > beam->candidates[at - 1].log_p) {
            beam->candidates[at] = beam->candidates[at - 1];
            at--;
        }
        beam->candidates[at] = (struct candidate){number, (uint32_t)v, log_p};
        beam->candidate_count += beam->candidate_count - first < most;
    }
}

static int by_log_p(const void *a, const void *b)
{
    const struct candidate *one = a, *other = b;
    if (one->log_p > other->log_p || one->log_p < other->log_p)
        return one->log_p > other->log_p ? -1 : 1;
    if (one->line != other->line)
        return one->line < other->line ? -1 : 1;
    return one->token < other->token ? -1 : 1;
}

static void keep_finished(struct beam *beam, const struct candidate *candidate)
{
    const struct write_line *line = &beam->lines[candidate->line];
    struct write_line ended = {.count = line->count, .log_p = candidate->log_p};
    beam->finished++;
    if (!(worth(&ended) > beam->best_worth))
        return;
    beam->best_worth = worth(&ended);
    memcpy(beam->best->ids, line->ids, line->count * sizeof(*line->ids));
    beam->best->count = line->count;
    beam->best->log_p = candidate->log_p;
}

static void choose(struct beam *beam)
{
    size_t beams = beam->search->beams, live = 0;
    qsort(beam->candidates, beam->candidate_count, sizeof(*beam->candidates), by_log_p);
    for (size_t i = 0; i < beam->candidate_count && live < beams && beam->finished < beams; i++) {
        const struct candidate *candidate = &beam->candidates[i];
        if (candidate->token == beam->search->source->end) {
            keep_finished(beam, candidate);
            continue;
        }
        const struct write_line *from = &beam->lines[candidate->line];
        struct write_line *line = &beam->next[live++];
        text_memory_copy(&line->memory, &from->memory);
        memcpy(line->ids, from->ids, from->count * sizeof(*line->ids));
        line->ids[from->count] = candidate->token;
        line->count = from->count + 1;
        line->log_p = candidate->log_p;
    }
    struct write_line *before = beam->lines;
    beam->lines = beam->next;
    beam->next = before;
    beam->live = beam->finished < beams ? live : 0;
}

static bool step(struct beam *beam, struct error *error)
{
    struct writer *writer = beam->search->writer;
    struct text_memory *memories[WRITER_BEAMS_MAX];
    uint32_t ids[WRITER_BEAMS_MAX];
    for (size_t i = 0; i < beam->live; i++) {
        struct write_line *line = &beam->lines[i];
        memories[i] = &line->memory;
        ids[i] = line->count > 0 ? line->ids[line->count - 1] : beam->search->source->start;
    }
    if (!rows_behind(writer, memories, beam->live, ids, 1, beam->states, error) ||
        !next_tokens(writer, beam->search->source, beam->states, beam->live, beam->p, error))
        return false;
    beam->candidate_count = 0;
    for (size_t i = 0; i < beam->live; i++)
        add_candidates(beam, i);
    choose(beam);
    return true;
}

bool write_best(const struct write_search *search, struct write_line *best, bool *found, struct error *error)
{
    struct beam beam;
    bool ok = beam_init(&beam, search, best, error);
    while (ok && beam.live > 0)
        ok = step(&beam, error);
    *found = beam.finished > 0;
    beam_release(&beam);
    return ok;
}
