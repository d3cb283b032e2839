/* editions.c - which documents are editions of one, and which of them is in force, for one state of the catalog.
 *
 *   a document ─▶ what it says of itself (edition/)          kept for one generation of the catalog, as views are
 *              ─▶ others of its family, by their names        all names are read once, when first one may have another edition
 *              ─▶ those that the asker may see ─▶ the newest that is in force
 *
 * Nothing of it is stored: it follows from paths, titles, heads and first words, so that an older project has it, too. What the asker may not
 * see has no part in it. */
#include "parts.h"
#include <stdlib.h>

#define KEPT_BYTES_MAX (16 * MIB) /* of each handle: a server has some twenty */
enum { OPENING_BYTES = 2000 };

/* Any document, by what its names hash to; 0: it has no such family. */
struct named_document {
    int64_t document;
    uint64_t family, title;
    struct edition_marks marks;
};

struct known_edition {
    struct edition edition;
    struct slice path, title;
    int64_t *called; /* documents that its head names as what replaces it */
    size_t called_count, called_capacity;
    bool has_called; /* they were looked for */
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
    struct named_document *names; /* of all, by their families and then their numbers */
    struct named_document **titles; /* the same by their titles */
    size_t name_count, name_capacity;
    bool has_names;
};

void editions_clear(struct project *project)
{
    struct project_editions *editions = project->editions;
    if (editions == NULL)
        return;
    map_release(&editions->numbers);
    free(editions->names);
    free(editions->titles);
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

static uint64_t hash_of(struct slice name)
{
    return name.size > 0 ? map_hash(name) | 1 : 0;
}

struct name_walk {
    struct project_editions *editions;
    struct arena passing;
};

static void take_name(void *context, int64_t document, struct slice path, struct slice title)
{
    struct name_walk *walk = context;
    struct project_editions *editions = walk->editions;
    struct edition edition;
    edition_read(&edition, path, title, &walk->passing);
    editions->names = memory_more(editions->names, editions->name_count, &editions->name_capacity, sizeof(*editions->names));
    editions->names[editions->name_count++] = (struct named_document){document, hash_of(edition.family), hash_of(edition.title),
                                                                      edition.marks};
    arena_clear(&walk->passing);
}

static int by_number(const struct named_document *a, const struct named_document *b)
{
    return (a->document > b->document) - (a->document < b->document);
}

static int by_family(const void *a, const void *b)
{
    const struct named_document *left = a, *right = b;
    int order = (left->family > right->family) - (left->family < right->family);
    return order != 0 ? order : by_number(left, right);
}

static int by_title(const void *a, const void *b)
{
    const struct named_document *left = *(struct named_document *const *)a, *right = *(struct named_document *const *)b;
    int order = (left->title > right->title) - (left->title < right->title);
    return order != 0 ? order : by_number(left, right);
}

static void sort_names(struct project_editions *editions)
{
    if (editions->name_count == 0)
        return;
    qsort(editions->names, editions->name_count, sizeof(*editions->names), by_family);
    editions->titles = memory_alloc(editions->name_count, sizeof(struct named_document *));
    for (size_t i = 0; i < editions->name_count; i++)
        editions->titles[i] = &editions->names[i];
    qsort(editions->titles, editions->name_count, sizeof(struct named_document *), by_title);
}

static const struct named_document *named_at(const struct project_editions *editions, size_t at, bool by_titles)
{
    return by_titles ? editions->titles[at] : &editions->names[at];
}

static uint64_t key_at(const struct project_editions *editions, size_t at, bool by_titles)
{
    const struct named_document *named = named_at(editions, at, by_titles);
    return by_titles ? named->title : named->family;
}

/* The first whose key is not below `key`. */
static size_t first_of(const struct project_editions *editions, uint64_t key, bool by_titles)
{
    size_t low = 0, high = editions->name_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (key_at(editions, middle, by_titles) < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool read_names(struct project *project, struct error *error)
{
    struct project_editions *editions = project->editions;
    struct name_walk walk = {.editions = editions};
    if (editions->has_names)
        return true;
    arena_init(&walk.passing);
    editions->has_names = store_each_document_like(project->store, SLICE(""), take_name, &walk, error);
    arena_release(&walk.passing);
    if (editions->has_names)
        sort_names(editions);
    else
        editions->name_count = 0;
    return editions->has_names;
}

struct called_walk {
    struct project_editions *editions;
    struct known_edition *known;
};

static void take_called(void *context, int64_t document, struct slice path, struct slice title)
{
    struct called_walk *walk = context;
    struct known_edition *known = walk->known;
    if (!edition_is_called(known->edition.replaced_by, path, title))
        return;
    known->called = arena_more(&walk->editions->arena, known->called, known->called_count, &known->called_capacity,
                               sizeof(*known->called));
    known->called[known->called_count++] = document;
}

static bool find_called(struct project *project, struct known_edition *known, struct error *error)
{
    struct slice called = longest_word(known->edition.replaced_by);
    struct called_walk walk = {project->editions, known};
    bool ok = known->has_called || called.size == 0 ||
              store_each_document_like(project->store, called, take_called, &walk, error);
    known->has_called = known->has_called || ok;
    return ok;
}

/* It has something that another could be newer than. A day or month alone makes a series: what all the log's days are called need not be read. */
static bool may_have_newer(const struct edition *edition)
{
    const struct edition_marks *marks = &edition->marks;
    bool has_year = marks->date != 0 && marks->date % 10000 == 0;
    return marks->parts > 0 || has_year || marks->is_old || marks->may_be_old || edition->from != EDITION_NO_DAY ||
           edition->state != EDITION_IN_FORCE || edition->until != EDITION_NO_DAY;
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
    static const struct slice keys[] = {
        SLICE_CONSTANT("replaces"), SLICE_CONSTANT("supersedes"), SLICE_CONSTANT("obsoletes"), SLICE_CONSTANT("ersetzt"),
        SLICE_CONSTANT("remplace"), SLICE_CONSTANT("sustituye"),  SLICE_CONSTANT("reemplaza"), SLICE_CONSTANT("vervangt"),
        SLICE_CONSTANT("Replaces"), SLICE_CONSTANT("Supersedes"), SLICE_CONSTANT("Obsoletes"), SLICE_CONSTANT("Ersetzt"),
        SLICE_CONSTANT("Remplace"), SLICE_CONSTANT("Sustituye"),  SLICE_CONSTANT("Reemplaza"), SLICE_CONSTANT("Vervangt")};
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
    int64_t own_number, best_number;
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
    return edition_compare(&newer->own->edition, other) >= 0 &&
           (newer->best == NULL || edition_compare(&newer->best->edition, other) >= 0);
}

/* Those of one family, the last ones first: they are the newest, as a rule. */
static bool try_family(struct search_newer *newer, bool by_titles, struct error *error)
{
    const struct project_editions *editions = newer->project->editions;
    const struct edition *own = &newer->own->edition;
    uint64_t family = hash_of(own->family), title = hash_of(own->title), key = by_titles ? title : family;
    size_t first = key != 0 ? first_of(editions, key, by_titles) : 0, end = first;
    while (key != 0 && end < editions->name_count && key_at(editions, end, by_titles) == key)
        end++;
    while (end-- > first) {
        const struct named_document *named = named_at(editions, end, by_titles);
        const struct edition other = {.family = named->family == family ? own->family : SLICE(""),
                                      .title = named->title == title ? own->title : SLICE(""),
                                      .marks = named->marks,
                                      .from = EDITION_NO_DAY,
                                      .until = EDITION_NO_DAY};
        if (named->document != newer->own_number && may_be_newer(newer, &other) &&
            !try_newer(newer, named->document, false, error))
            return false;
    }
    return true;
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
    if (!know(project, document, &own, error) || !find_replacements(project, error) || !find_called(project, own, error))
        return false;
    struct search_newer newer = {.project = project, .principal = principal, .own = own, .own_number = document};
    if (may_have_newer(&own->edition) && (!read_names(project, error) || !try_family(&newer, /* by_titles= */ false, error) ||
                                          !try_family(&newer, /* by_titles= */ true, error)))
        return false;
    for (size_t i = 0; i < own->called_count; i++)
        if (!try_newer(&newer, own->called[i], true, error))
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
