/* add_members.c - the documents in a container, or attached to a mail: each is one of its own, at a path below the container's. */
#include "adding.h"
#include "archive.h"
#include <assert.h>
#include <string.h>

struct walking {
    struct adding *adding;
    struct open_container *container;
};

static const char *stored_path(const struct walking *walking, struct slice path, struct arena *arena)
{
    return arena_format(arena, "%s/" SLICE_FORMAT, walking->container->file->stored, SLICE_ARGUMENT(path));
}

/* The number, among all that are known, of the first document whose path is not before this one, in the container's run of them. */
static size_t first_from(const struct walking *walking, struct slice path)
{
    const struct known_container *known = walking->container->known;
    size_t low = known->first, high = known->first + known->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slice_compare(slice_from(walking->adding->known[middle].path), path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* What cannot be read now stays as it was: the document of this path, or of an archive in the archive all of them. */
static bool note_met(struct walking *walking, const char *stored, struct arena *arena)
{
    const struct known_container *known = walking->container->known;
    struct known_document *document = find_known(walking->adding, stored);
    bool is_known = document != NULL;
    if (is_known)
        document->found = true;
    if (known == NULL || known->count == 0)
        return is_known;
    struct slice below = slice_from(arena_format(arena, "%s/", stored));
    for (size_t i = first_from(walking, below); i < known->first + known->count; i++) {
        document = &walking->adding->known[i];
        if (!slice_starts_with(slice_from(document->path), below))
            break;
        is_known = document->found = true;
    }
    return is_known;
}

static void refuse(void *context, struct slice path, const struct error *why, enum archive_refusal refusal)
{
    struct walking *walking = context;
    struct error error = *why;
    struct arena arena;
    bool is_lost = refusal == ARCHIVE_LOST;
    arena_init(&arena);
    const char *stored = stored_path(walking, path, &arena);
    bool is_told = (refusal != ARCHIVE_NONE && note_met(walking, stored, &arena)) || is_lost;
    error_wrap(&error, is_lost ? "could not read \"%s\"" : "passed over \"%s\"", stored);
    if (is_lost)
        note_failed_member(walking->container, why);
    count_failure(walking->adding, is_told ? INGEST_FAILED : INGEST_SKIPPED, stored, &error);
    arena_release(&arena);
}

static bool take_member(void *context, struct slice path, struct buffer *content, struct error *error)
{
    struct walking *walking = context;
    const struct walk_file *file = walking->container->file;
    struct arena arena;
    if (strlen(file->stored) + 1 + path.size >= LIMIT_PATH_BYTES || strlen(file->path) + 1 + path.size >= LIMIT_PATH_BYTES) {
        struct error why;
        error_set(&why, ERROR_LIMIT, "its path is longer than %zu bytes", LIMIT_PATH_BYTES);
        refuse(walking, path, &why, ARCHIVE_LOST);
        return true;
    }
    arena_init(&arena);
    struct known_document *known = find_known(walking->adding, stored_path(walking, path, &arena));
    arena_release(&arena);
    if (known != NULL)
        known->found = true;
    return batch_add_member(walking->adding, walking->container, path, content, error);
}

static bool go_on(void *context, struct error *error)
{
    const struct walking *walking = context;
    return step(walking->adding, walking->adding->stage, walking->adding->done, walking->adding->total, error);
}

bool members_add(struct adding *adding, const struct walk_file *file, struct loaded *loaded, struct error *error)
{
    struct arena *arena = &adding->walk.arena;
    struct open_container *container = arena_alloc(arena, 1, sizeof(*container));
    const struct store_document *document = &loaded->document;
    struct known_container *known = find_container(adding, file->stored);
    *container = (struct open_container){
        .file = file,
        .known = known,
        .id = known != NULL ? known->id : 0,
        .is_document = loaded->source.size > 0,
        .row = {.path = slice_from(file->stored),
                .size = document->size,
                .modified_ns = document->modified_ns,
                .changed_ns = document->changed_ns,
                .inode = document->inode,
                .checked_ns = document->checked_ns},
    };
    memcpy(container->row.hash, document->hash, sizeof(container->row.hash));
    struct walking walking = {adding, container};
    const struct archive_visitor visitor = {take_member, refuse, go_on, &walking, adding->project->settings.document_bytes_max};
    bool is_stopped;
    struct buffer *source = container->is_document ? &loaded->source : &loaded->content;
    container->is_whole = archive_unpack(&adding->loader.unpacker, loaded->kind.format, source, file->stored, &visitor,
                                         &is_stopped, error);
    if (is_stopped)
        return false;
    if (!container->is_whole) {
        error_wrap(error, "could not read all of \"%s\"", file->stored);
        hint_damaged(error);
        count_failure(adding, INGEST_FAILED, file->stored, error);
    }
    adding->report->bytes += container->is_document ? 0 : (size_t)document->size;
    adding->closing = memory_more(adding->closing, adding->closing_count, &adding->closing_capacity,
                                  sizeof(struct open_container *));
    adding->closing[adding->closing_count++] = container;
    return true;
}

bool members_close(struct adding *adding, struct open_container *container, struct error *error)
{
    struct store *store = adding->project->store;
    const struct known_container *known = container->known;
    bool is_read = container->is_whole && !container->is_failed;
    container->row.recipe = !is_read ? 0 : container->is_partial ? adding->recipe_partial : adding->recipe;
    if (!store_put_container(store, &container->row, &container->id, error))
        return false;
    struct known_document *file = find_known(adding, container->file->stored);
    if (container->is_whole && !container->is_document && file != NULL)
        file->found = false; /* it is no document any more */
    for (size_t i = 0; container->is_whole && known != NULL && i < known->count; i++) {
        struct known_document *document = &adding->known[known->first + i];
        document->leaving = document->container == known->id && !document->found;
        if (document->leaving && !store_remove_document(store, document->id, error))
            return false;
    }
    return true;
}

void members_tell(struct adding *adding, const struct open_container *container)
{
    const struct known_container *known = container->known;
    for (size_t i = 0; known != NULL && i < known->count; i++) {
        struct known_document *document = &adding->known[known->first + i];
        if (!document->leaving || document->gone)
            continue;
        document->gone = true;
        adding->report->removed++;
        acknowledge(adding, INGEST_REMOVED, document->path, NULL);
    }
}
