/* revoked.c - documents that say themselves that they are no longer in force, and are searched and answered from all the same.
 *
 *   status: superseded, valid_until: 2024-12-31       a line of the head
 *   "This protocol is no longer valid."               a sentence
 *   "OLD heparin-protocol.md"                         the name
 *
 * One finding a document, of the first of these. */
#include "pile.h"
#include "edition/edition.h"
#include "sentence.h"
#include <string.h>

enum { HEAD_LINES_MAX = 200, SENTENCE_BYTES = 300 };

static const char
    take_out[] = "Remove it, or move it to a folder that is not added; until then what is in force is preferred to it.";

struct head_walk {
    struct pile *pile;
    enum edition_state state; /* as the first line that tells so has it; EDITION_IN_FORCE: none does */
    struct slice key, text;
};

static void take_statement(void *context, struct slice key, struct slice text)
{
    struct head_walk *walk = context;
    struct edition edition = {.from = EDITION_NO_DAY, .until = EDITION_NO_DAY};
    if (walk->state != EDITION_IN_FORCE)
        return;
    edition_read_head(&edition, key, text, walk->pile->arena);
    enum edition_state state = edition_state_on(&edition, walk->pile->request->today);
    if (state != EDITION_SUPERSEDED && state != EDITION_EXPIRED)
        return;
    walk->state = state;
    walk->key = arena_slice(walk->pile->arena, key);
    walk->text = arena_slice(walk->pile->arena, text);
}

/* The line of the source that states the key; the whole document where it is not found. */
static bool place_of_key(struct pile *pile, const struct pile_document *document, struct slice key, struct audit_place *place,
                         struct error *error)
{
    struct buffer content;
    buffer_init(&content, LIMIT_DOCUMENT_BYTES_MAX);
    *place = place_of_document(document);
    bool ok = store_content(pile->request->project->store, document->id, &content, error);
    struct slice rest = buffer_slice(&content), line;
    for (int64_t number = 1; ok && number <= HEAD_LINES_MAX && slice_next(&rest, '\n', &line); number++) {
        struct slice text = slice_trim(line);
        if (!slice_starts_with(text, key) || memchr(text.data, ':', text.size) == NULL)
            continue;
        place->line = place->line_end = number;
        place->start = line.data - content.data;
        place->end = place->start + (int64_t)line.size;
        place->text = arena_slice(pile->arena, text);
        break;
    }
    buffer_release(&content);
    return ok;
}

static bool check_head(struct pile *pile, struct findings *findings, const struct pile_document *document, bool *found,
                       struct error *error)
{
    struct head_walk walk = {.pile = pile};
    struct audit_place place;
    if (!store_each_statement(pile->request->project->store, document->id, take_statement, &walk, error))
        return false;
    *found = walk.state != EDITION_IN_FORCE;
    if (!*found)
        return true;
    if (!place_of_key(pile, document, walk.key, &place, error))
        return false;
    findings_add(findings, AUDIT_STALE, AUDIT_MEDIUM, &place, 1, take_out,
                 SLICE_FORMAT " is no longer in force: its head says “" SLICE_FORMAT ": " SLICE_FORMAT "”",
                 SLICE_ARGUMENT(document->path), SLICE_ARGUMENT(walk.key), SLICE_ARGUMENT(slice_cut(walk.text, 60)));
    return true;
}

/* The first sentence of its passages that says so. */
static bool check_sentences(struct pile *pile, struct findings *findings, const struct pile_document *document)
{
    struct arena arena;
    bool found = false;
    arena_init(&arena);
    for (size_t i = document->first; i < document->first + document->count && !found; i++) {
        struct sentence_walk walk;
        struct slice sentence;
        sentence_walk_start(&walk, pile->passages[i].text, &arena);
        while (!found && sentence_walk_next(&walk, &sentence)) {
            found = sentence.size <= SENTENCE_BYTES && edition_is_revoked_by(sentence);
            if (!found)
                continue;
            const struct audit_place place = place_of(pile, findings, i, sentence);
            findings_add(findings, AUDIT_STALE, AUDIT_MEDIUM, &place, 1, take_out,
                         SLICE_FORMAT " says itself that it is no longer in force", SLICE_ARGUMENT(document->path));
        }
        arena_clear(&arena);
    }
    arena_release(&arena);
    return found;
}

static void check_name(struct pile *pile, struct findings *findings, const struct pile_document *document)
{
    struct edition edition;
    edition_read(&edition, document->path, document->title, pile->arena);
    if (!edition.marks.is_old)
        return;
    const struct audit_place place = place_of_document(document);
    findings_add(findings, AUDIT_STALE, AUDIT_LOW, &place, 1, take_out,
                 SLICE_FORMAT " is no longer in force, by its name or title", SLICE_ARGUMENT(document->path));
}

bool check_revoked(struct pile *pile, struct findings *findings, struct error *error)
{
    for (size_t i = 0; i < pile->document_count; i++) {
        const struct pile_document *document = &pile->documents[i];
        bool found;
        if (!check_head(pile, findings, document, &found, error))
            return false;
        if (!found && !check_sentences(pile, findings, document))
            check_name(pile, findings, document);
    }
    return true;
}
