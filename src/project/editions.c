/* editions.c - which documents are editions of one, and which of them is in force, for one state of the catalog.
 *
 *   a document ─▶ what it says of itself (edition/)          kept for one generation of the catalog, as views are
 *              ─▶ others of its family, by their names        a part of the name finds them in the catalog
 *              ─▶ those that the asker may see ─▶ the newest that is in force
 *
 * Nothing of it is stored: it follows from paths, titles, heads and first words, so that an older project has it, too. What the asker may not
 * see has no part in it. */
#include "parts.h"
#include <stdlib.h>

#define KEPT_BYTES_MAX (64 * MIB)
enum { OPENING_BYTES = 2000 };

/* Another document that may be of the family, as far as its path and title tell. */
struct relative {
    int64_t document;
    struct edition edition;
};

struct known_edition {
    struct edition edition;
    struct slice path, title;
    struct relative *family; /* in order of their numbers */
    size_t family_count, family_capacity;
    bool has_family; /* they were looked for */
    bool has_text; /* it has passages */
};

struct replacement {
    int64_t by;
    struct slice what; /* as its head has it */
};

struct project_editions {
    struct arena arena;
    struct map numbers; /* a document's number → of `known`, plus one */
    struct known_edition **known;
    size_t count, capacity;
    struct replacement *replacements;
    size_t replacement_count, replacement_capacity;
    bool has_replacements;
};

void editions_clear(struct project *project)
{
    struct project_editions *editions = project->editions;
    if (editions == NULL)
        return;
    map_release(&editions->numbers);
    arena_release(&editions->arena);
    free(editions);
    project->editions = NULL;
}

static struct project_editions *editions_of(struct project *project)
{
    if (project->editions != NULL && project->editions->arena.size > KEPT_BYTES_MAX)
        editions_clear(project);
    if (project->editions == NULL) {
        project->editions = memory_alloc(1, sizeof(*project->editions));
        arena_init(&project->editions->arena);
        map_init(&project->editions->numbers, UINT32_MAX / 4);
    }
    return project->editions;
}

/* ---- one document ---- */

struct reading {
    struct arena *arena;
    struct known_edition *known;
    struct slice opening;
};

static bool take_opening(void *context, const struct store_passage *passage, const struct store_document *document,
                         struct error *error)
{
    struct reading *reading = context;
    (void)error;
    reading->known->path = arena_slice(reading->arena, document->path);
    reading->known->title = arena_slice(reading->arena, document->title);
    reading->opening = arena_slice(reading->arena, slice_cut(passage->text, OPENING_BYTES));
    reading->known->has_text = true;
    return true;
}

static void take_statement(void *context, struct slice key, struct slice text)
{
    struct reading *reading = context;
    edition_read_head(&reading->known->edition, key, arena_slice(reading->arena, text), reading->arena);
}

static bool read_document(struct project *project, int64_t document, struct known_edition *known, struct error *error)
{
    struct reading reading = {.arena = &project->editions->arena, .known = known};
    const struct store_passage_range first = {.skip = 0, .most = 1};
    if (!store_each_passage_of(project->store, document, &first, take_opening, &reading, error))
        return false;
    edition_read(&known->edition, known->path, known->title, reading.arena);
    if (!store_each_statement(project->store, document, take_statement, &reading, error))
        return false;
    edition_read_opening(&known->edition, reading.opening, reading.arena);
    return true;
}

static bool know(struct project *project, int64_t document, struct known_edition **known, struct error *error)
{
    struct project_editions *editions = project->editions;
    struct map_entry *entry = map_put(&editions->numbers, (struct slice){(const char *)&document, sizeof(document)}, NULL);
    if (entry->value > 0) {
        *known = editions->known[entry->value - 1];
        return true;
    }
    *known = arena_alloc(&editions->arena, 1, sizeof(**known));
    if (!read_document(project, document, *known, error))
        return false;
    editions->known = arena_more(&editions->arena, editions->known, editions->count, &editions->capacity,
                                 sizeof(*editions->known));
    editions->known[editions->count++] = *known;
    map_put(&editions->numbers, (struct slice){(const char *)&document, sizeof(document)}, NULL)->value = editions->count;
    return true;
}

/* ---- its family ---- */

/* The longest word of it that is ASCII alone: SQLite knows no other small letters. */
static struct slice longest_word(struct slice text)
{
    struct slice best = SLICE("");
    for (size_t at = 0; at < text.size;) {
        size_t end = at;
        while (end < text.size && ((text.data[end] | 0x20) >= 'a' && (text.data[end] | 0x20) <= 'z'))
            end++;
        if (end - at > best.size)
            best = slice_range(text, at, end);
        at = end > at ? end : at + 1;
    }
    return best.size > 2 ? best : SLICE("");
}

static struct slice name_of(struct slice family)
{
    size_t at;
    while (slice_find(family, '/', &at))
        family = slice_range(family, at + 1, family.size);
    return family;
}

struct family_walk {
    struct arena *arena, *passing;
    struct known_edition *known;
    int64_t self;
};

static void take_like(void *context, int64_t document, struct slice path, struct slice title)
{
    struct family_walk *walk = context;
    struct known_edition *known = walk->known;
    struct edition other;
    const struct edition *own = &known->edition;
    if (document == walk->self)
        return;
    edition_read(&other, path, title, walk->passing);
    if (!edition_same_family(own, &other) && (own->replaced_by.size == 0 || !edition_is_called(own->replaced_by, path, title)))
        return;
    known->family = arena_more(walk->arena, known->family, known->family_count, &known->family_capacity,
                               sizeof(*known->family));
    other.family = arena_slice(walk->arena, other.family);
    other.title = arena_slice(walk->arena, other.title);
    known->family[known->family_count++] = (struct relative){document, other};
}

/* It has something that another could be newer than. */
static bool may_have_newer(const struct edition *edition)
{
    const struct edition_marks *marks = &edition->marks;
    return marks->parts > 0 || marks->date != 0 || marks->is_old || marks->may_be_old || edition->from != EDITION_NO_DAY ||
           edition->state != EDITION_IN_FORCE || edition->until != EDITION_NO_DAY;
}

static bool find_family(struct project *project, int64_t document, struct known_edition *known, struct error *error)
{
    const struct edition *edition = &known->edition;
    known->has_family = true;
    if (!may_have_newer(edition))
        return true;
    struct slice name = longest_word(name_of(edition->family));
    const struct slice texts[STORE_TEXTS_LIKE] = {name.size > 0 ? name : longest_word(edition->family),
                                                  longest_word(edition->title), longest_word(edition->replaced_by)};
    struct arena passing;
    arena_init(&passing);
    struct family_walk walk = {.arena = &project->editions->arena, .passing = &passing, .known = known, .self = document};
    bool ok = store_each_document_like(project->store, texts, take_like, &walk, error);
    arena_release(&passing);
    return ok;
}

static void take_replacement(void *context, int64_t document, struct slice text)
{
    struct project_editions *editions = context;
    editions->replacements = arena_more(&editions->arena, editions->replacements, editions->replacement_count,
                                        &editions->replacement_capacity, sizeof(*editions->replacements));
    editions->replacements[editions->replacement_count++] = (struct replacement){document, arena_slice(&editions->arena, text)};
}

static bool find_replacements(struct project *project, struct error *error)
{
    static const struct slice keys[] = {SLICE_CONSTANT("replaces"),   SLICE_CONSTANT("Replaces"),  SLICE_CONSTANT("supersedes"),
                                        SLICE_CONSTANT("Supersedes"), SLICE_CONSTANT("obsoletes"), SLICE_CONSTANT("ersetzt"),
                                        SLICE_CONSTANT("Ersetzt"),    SLICE_CONSTANT("remplace"),  SLICE_CONSTANT("sustituye"),
                                        SLICE_CONSTANT("reemplaza"),  SLICE_CONSTANT("vervangt")};
    struct project_editions *editions = project->editions;
    bool ok = true;
    for (size_t i = 0; ok && !editions->has_replacements && i < ARRAY_COUNT(keys); i++)
        ok = store_each_stating(project->store, keys[i], take_replacement, editions, error);
    editions->has_replacements = ok;
    return ok;
}

/* ---- which one is in force ---- */

static int64_t today(void)
{
    return clock_wall_ns() / 1000000000 / 86400;
}

struct search_newer {
    struct project *project;
    const struct store_principal *principal;
    const struct known_edition *own, *best; /* best NULL: none yet */
    int64_t best_number;
};

static bool try_newer(struct search_newer *newer, int64_t document, bool is_said, struct error *error)
{
    struct known_edition *other;
    bool may;
    if (!store_may_see(newer->project->store, newer->principal, document, &may, error))
        return false;
    if (!may)
        return true;
    if (!know(newer->project, document, &other, error))
        return false;
    const struct edition *own = &newer->own->edition;
    bool is_named = is_said || (own->replaced_by.size > 0 && edition_is_called(own->replaced_by, other->path, other->title));
    bool is_newer = is_named || (edition_same_family(own, &other->edition) && edition_compare(own, &other->edition) > 0);
    bool is_better = newer->best == NULL || edition_compare(&newer->best->edition, &other->edition) > 0;
    if (other->has_text && is_newer && is_better && edition_state_on(&other->edition, today()) == EDITION_IN_FORCE) {
        newer->best = other;
        newer->best_number = document;
    }
    return true;
}

/* By the names alone it is not ruled out. */
static bool may_be_newer(const struct search_newer *newer, const struct edition *other)
{
    if (!edition_same_family(&newer->own->edition, other)) /* its head names it */
        return true;
    return edition_compare(&newer->own->edition, other) >= 0 &&
           (newer->best == NULL || edition_compare(&newer->best->edition, other) >= 0);
}

static void tell(struct project_edition *out, const struct known_edition *own, const struct search_newer *newer)
{
    const struct edition *edition = &own->edition;
    out->state = edition_state_on(edition, today());
    out->why = out->state == EDITION_EXPIRED                                 ? edition->until_text
               : out->state == EDITION_DRAFT && edition->state != out->state ? SLICE("it holds from a later day on")
                                                                             : edition->why;
    out->edition = edition;
    if (newer->best == NULL)
        return;
    out->newer = newer->best_number;
    out->newer_path = newer->best->path;
    out->is_series = edition_is_dated(edition) && edition_is_dated(&newer->best->edition) && !edition->marks.may_be_old;
    if (out->state == EDITION_IN_FORCE && !out->is_series)
        out->state = EDITION_OLDER;
}

bool project_edition(struct project *project, const struct store_principal *principal, int64_t document,
                     struct project_edition *out, struct error *error)
{
    struct project_editions *editions = editions_of(project);
    struct known_edition *own;
    *out = (struct project_edition){0};
    if (!know(project, document, &own, error) || !find_replacements(project, error) ||
        (!own->has_family && !find_family(project, document, own, error)))
        return false;
    struct search_newer newer = {.project = project, .principal = principal, .own = own};
    for (size_t i = own->family_count; i-- > 0;) /* what came last is the newest, as a rule */
        if (may_be_newer(&newer, &own->family[i].edition) && !try_newer(&newer, own->family[i].document, false, error))
            return false;
    bool is_replaced = false;
    for (size_t i = 0; i < editions->replacement_count; i++) {
        const struct replacement *item = &editions->replacements[i];
        if (item->by == document || !edition_is_called(item->what, own->path, own->title))
            continue;
        const struct known_edition *before = newer.best;
        if (!try_newer(&newer, item->by, true, error))
            return false;
        is_replaced = is_replaced || newer.best != before;
    }
    tell(out, own, &newer);
    if (is_replaced && out->state == EDITION_IN_FORCE)
        out->state = EDITION_OLDER;
    return true;
}
