/* expand.c - terms of the index that are like a given one: those that begin with it, or differ from it in few characters.
 *
 * Each segment's dictionary is walked in order. For likeness the rows of the edit-distance table are kept from term to term: a row depends on
 * the characters up to it, and neighbours in the dictionary share most of theirs (Schulz and Mihov 2002 compute such tables ahead; here the
 * walk is short enough). What a term is worth is counted in the view: a passage that is not seen does not decide which terms are chosen. */
#include "search.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* At most: every byte a character. */
enum { CHARACTERS_MAX = LIMIT_TERM_BYTES };

struct characters {
    uint32_t values[CHARACTERS_MAX];
    size_t count;
};

/* The bytes of each UTF-8 character as one number; a byte that begins none, by itself. */
static void split(struct characters *out, struct slice text)
{
    out->count = 0;
    for (size_t at = 0; at < text.size && out->count < CHARACTERS_MAX;) {
        unsigned char lead = (unsigned char)text.data[at];
        size_t size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        uint32_t value = 0;
        for (size_t end = at + size; at < end && at < text.size; at++)
            value = value << 8 | (unsigned char)text.data[at];
        out->values[out->count++] = value;
    }
}

struct likeness {
    struct characters wanted, term;
    unsigned edits;
    /* rows[i][j]: edits between the first i characters of the term and the first j of what is wanted, cut at edits + 1 */
    uint8_t rows[CHARACTERS_MAX + 1][CHARACTERS_MAX + 1];
    size_t good_rows; /* that belong to the term before */
    size_t dead_from; /* the first row that all later ones cannot mend; CHARACTERS_MAX + 1: none */
};

static uint8_t least(unsigned a, unsigned b, unsigned c)
{
    unsigned least = a < b ? a : b;
    return (uint8_t)(least < c ? least : c);
}

static void likeness_init(struct likeness *likeness, struct slice wanted, unsigned edits)
{
    split(&likeness->wanted, wanted);
    likeness->edits = edits;
    likeness->term.count = 0;
    likeness->good_rows = 0;
    likeness->dead_from = CHARACTERS_MAX + 1;
    for (size_t j = 0; j <= likeness->wanted.count; j++)
        likeness->rows[0][j] = (uint8_t)j;
}

static bool is_like(struct likeness *likeness, struct slice text)
{
    struct characters term;
    split(&term, text);
    size_t shared = 0, width = likeness->wanted.count;
    while (shared < term.count && shared < likeness->good_rows && term.values[shared] == likeness->term.values[shared])
        shared++;
    if (likeness->dead_from <= shared)
        return false; /* the term before broke within what this one shares with it; its rows stay */
    likeness->dead_from = CHARACTERS_MAX + 1;
    likeness->term = term;
    likeness->good_rows = shared;
    for (size_t i = shared; i < term.count; i++) {
        const uint8_t *above = likeness->rows[i];
        uint8_t *row = likeness->rows[i + 1], best;
        best = row[0] = (uint8_t)(i + 1);
        for (size_t j = 1; j <= width; j++) {
            unsigned exchanged = above[j - 1] + (term.values[i] != likeness->wanted.values[j - 1] ? 1u : 0u);
            row[j] = least(exchanged, above[j] + 1u, row[j - 1] + 1u);
            if (i > 0 && j > 1 && term.values[i] == likeness->wanted.values[j - 2] &&
                term.values[i - 1] == likeness->wanted.values[j - 1])
                row[j] = least(row[j], likeness->rows[i - 1][j - 2] + 1u, row[j]);
            best = row[j] < best ? row[j] : best;
        }
        likeness->good_rows = i + 1;
        if (best > likeness->edits) { /* nor can the row before mend it: it is at most one better */
            likeness->dead_from = i + 1;
            return false;
        }
    }
    return likeness->rows[term.count][width] <= likeness->edits;
}

/* ---- gathering ---- */

struct expansion {
    const struct index *index;
    const struct index_view *view;
    enum index_field field;
    enum index_likeness likeness;
    struct slice text;
    struct map terms; /* value: passages that have it and can be seen */
    struct likeness *like;
};

static bool add_term(struct expansion *expansion, size_t s, const struct dictionary_cursor *cursor, struct error *error)
{
    const struct segment *segment = expansion->index->segments[s];
    struct postings_place place;
    if (!segment_place(segment, cursor, &place))
        return segment_damaged(segment, error);
    uint64_t documents = count_visible(segment, &expansion->view->parts[s], &place);
    if (documents == 0)
        return true;
    struct map_entry *entry = map_put(&expansion->terms, (struct slice){cursor->text, cursor->size}, NULL);
    if (entry != NULL) /* there are fewer than the map takes */
        entry->value += documents;
    return true;
}

static bool gather_prefix(struct expansion *expansion, size_t s, struct error *error)
{
    const struct segment *segment = expansion->index->segments[s];
    struct dictionary_cursor cursor = {0};
    struct slice prefix = expansion->text;
    bool more = dictionary_find_from(&cursor, &segment->fields[expansion->field], prefix);
    while (more && cursor.size >= prefix.size && memcmp(cursor.text, prefix.data, prefix.size) == 0) {
        if (!add_term(expansion, s, &cursor, error))
            return false;
        more = dictionary_next(&cursor);
    }
    return cursor.bytes.failed ? segment_damaged(segment, error) : true;
}

static bool gather_like(struct expansion *expansion, size_t s, struct error *error)
{
    const struct segment *segment = expansion->index->segments[s];
    struct dictionary_cursor cursor;
    likeness_init(expansion->like, expansion->text, expansion->like->edits);
    dictionary_start(&cursor, &segment->fields[expansion->field], 0);
    while (dictionary_next(&cursor))
        if (is_like(expansion->like, (struct slice){cursor.text, cursor.size}) && !add_term(expansion, s, &cursor, error))
            return false;
    return cursor.bytes.failed ? segment_damaged(segment, error) : true;
}

static int by_documents(const void *a, const void *b)
{
    const struct map_entry *x = a, *y = b;
    if (x->value != y->value)
        return x->value > y->value ? -1 : 1;
    return slice_compare(x->key, y->key);
}

bool index_expand(const struct index *index, const struct index_view *view, enum index_field field,
                  enum index_likeness likeness, struct slice text, unsigned edits, struct arena *arena, struct slice *terms,
                  size_t max, size_t *count, struct error *error)
{
    assert(field < INDEX_FIELDS && edits <= INDEX_EDITS_MAX);
    struct expansion expansion = {index, view != NULL ? view : &index->live, field, likeness, text, {0}, NULL};
    map_init(&expansion.terms, INT32_MAX);
    if (text.size > LIMIT_TERM_BYTES)
        expansion.text.size = LIMIT_TERM_BYTES;
    if (likeness == INDEX_FUZZY) {
        expansion.like = memory_alloc(1, sizeof(*expansion.like));
        expansion.like->edits = edits;
    }
    bool ok = true;
    for (size_t s = 0; ok && s < index->count; s++)
        if (expansion.view->parts[s].count > 0)
            ok = likeness == INDEX_PREFIX ? gather_prefix(&expansion, s, error) : gather_like(&expansion, s, error);
    if (ok) {
        struct map *map = &expansion.terms;
        if (map->count > 0)
            qsort(map->entries, map->count, sizeof(*map->entries), by_documents); /* and then it is no map any more */
        *count = map->count < max ? map->count : max;
        for (size_t i = 0; i < *count; i++)
            terms[i] = arena_slice(arena, map->entries[i].key);
    }
    map_release(&expansion.terms);
    free(expansion.like);
    return ok;
}
