/* hit_editions.c - which results are of a document that another edition has taken the place of, and what becomes of their order.
 *
 *   found          told                           order
 *   ed. 4, p. 7    older; ed. 5 is newer          ed. 5, p. 7
 *   minutes                                       ed. 4, p. 7
 *   ed. 5, p. 7    in force, 0.97 of its score    minutes
 *
 * Nothing is left out, and results of documents without editions keep their order among themselves. Where the question names an edition
 * ("in 2024", "edition 4"), that one is meant. */
#include "hit_editions.h"
#include "collect.h"
#include <string.h>

#define AS_GOOD 0.8 /* of its score is as good a result */

/* Editions that the question may mean, the likelier the higher. */
static int likelihood(const struct hit_edition *edition)
{
    return edition->is_asked ? 2 : edition->state == EDITION_IN_FORCE;
}

static bool tell_edition(const struct edition_marking *marking, struct arena *arena, int64_t document, struct hit_edition *out,
                         struct error *error)
{
    struct project_edition found;
    if (!project_edition(marking->project, marking->principal, document, &found, error))
        return false;
    *out = (struct hit_edition){.state = found.state,
                                .why = arena_slice(arena, found.why),
                                .newer = found.newer,
                                .newer_path = arena_slice(arena, found.newer_path),
                                .is_series = found.is_series,
                                .is_asked = edition_is_named(found.edition, marking->question)};
    return true;
}

/* ---- copies ---- */

struct copy_fetch {
    struct arena *arena;
    struct search_hit hit;
};

static bool take_copy(void *context, const struct store_passage *passage, const struct store_document *document,
                      struct error *error)
{
    struct copy_fetch *fetch = context;
    struct search_hit *hit = &fetch->hit;
    (void)error;
    hit->passage = *passage;
    hit->passage.text = arena_slice(fetch->arena, passage->text);
    hit->passage.headings = arena_slice(fetch->arena, passage->headings);
    hit->path = arena_slice(fetch->arena, document->path);
    hit->title = arena_slice(fetch->arena, document->title);
    hit->language = arena_slice(fetch->arena, document->language);
    hit->is_extracted = document->is_extracted;
    hit->first = hit->last = passage->id;
    return true;
}

/* The result becomes the copy, and the copy what the result was. */
static void exchange(struct search_hit *hit, struct search_copy *copy, const struct search_hit *with)
{
    const struct search_copy before = copy_of(hit);
    hit->passage = with->passage;
    hit->path = with->path;
    hit->title = with->title;
    hit->language = with->language;
    hit->is_extracted = with->is_extracted;
    hit->first = with->first;
    hit->last = with->last;
    hit->edition = with->edition;
    *copy = before;
}

static bool prefer_copy(const struct edition_marking *marking, struct arena *arena, struct search_hit *hit, struct error *error)
{
    bool is_whole = hit->first == hit->last; /* neighbours have no copies as they stand */
    for (size_t i = 0; i < hit->copy_count && is_whole && likelihood(&hit->edition) < 2; i++) {
        struct copy_fetch fetch = {.arena = arena};
        int64_t id = hit->copies[i].passage;
        if (!store_each_passage(marking->project->store, id, id, take_copy, &fetch, error) ||
            !tell_edition(marking, arena, fetch.hit.passage.document, &fetch.hit.edition, error))
            return false;
        if (likelihood(&fetch.hit.edition) > likelihood(&hit->edition))
            exchange(hit, &hit->copies[i], &fetch.hit);
    }
    return true;
}

/* ---- order ---- */

static bool are_editions_of_one(const struct search_hit *a, const struct search_hit *b)
{
    return a->edition.newer == b->passage.document || b->edition.newer == a->passage.document ||
           (a->edition.newer != 0 && a->edition.newer == b->edition.newer);
}

/* The one behind `at` that is to stand in its place; `count`: none. */
static size_t better_behind(const struct search_result *result, size_t at)
{
    const struct search_hit *hit = &result->hits[at];
    for (size_t i = at + 1; i < result->count; i++) {
        const struct search_hit *other = &result->hits[i];
        if (are_editions_of_one(hit, other) && likelihood(&other->edition) > likelihood(&hit->edition) &&
            other->score >= AS_GOOD * hit->score)
            return i;
    }
    return result->count;
}

static void put_better_first(struct search_result *result)
{
    for (size_t at = 0; at < result->count; at++) {
        size_t better = better_behind(result, at);
        if (better == result->count)
            continue;
        struct search_hit moved = result->hits[better];
        memmove(&result->hits[at + 1], &result->hits[at], (better - at) * sizeof(moved));
        result->hits[at] = moved;
    }
}

static bool is_any_not_in_force(const struct search_result *result)
{
    for (size_t i = 0; i < result->count; i++)
        if (result->hits[i].edition.newer != 0 || result->hits[i].edition.state != EDITION_IN_FORCE)
            return true;
    return false;
}

bool mark_editions(const struct edition_marking *marking, struct search_result *result, struct error *error)
{
    bool ok = true;
    for (size_t i = 0; ok && i < result->count; i++) {
        struct search_hit *hit = &result->hits[i];
        size_t same = 0;
        while (same < i && result->hits[same].passage.document != hit->passage.document)
            same++;
        if (same < i)
            hit->edition = result->hits[same].edition;
        else
            ok = tell_edition(marking, &result->arena, hit->passage.document, &hit->edition, error);
    }
    if (!ok || !is_any_not_in_force(result))
        return ok;
    enum edition_age age = edition_age_asked(marking->question);
    for (size_t i = 0; i < result->count; i++) {
        struct hit_edition *edition = &result->hits[i].edition;
        bool is_asked = age == EDITION_AGE_UNSURE || (age == EDITION_AGE_OLD && edition->state != EDITION_IN_FORCE);
        edition->is_asked = edition->is_asked || is_asked;
    }
    for (size_t i = 0; ok && i < result->count && !marking->keep_copies && age == EDITION_AGE_ANY; i++)
        ok = prefer_copy(marking, &result->arena, &result->hits[i], error);
    if (ok)
        put_better_first(result);
    return ok;
}
