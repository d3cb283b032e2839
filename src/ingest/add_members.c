/* add_members.c - the documents in a container: each is one of its own, at a path below the container's. A container in a container is opened
 * too, but none in that. */
#include "adding.h"
#include "archive.h"
#include <assert.h>
#include <string.h>

enum { DEPTH_MAX = 2 };

struct walking {
    struct adding *adding;
    struct open_container *container;
    struct slice prefix; /* below the container: "" or "inner.zip/" */
    unsigned depth;
    bool is_stopped; /* not by what is read, but by the work as a whole */
};

/* The member's path below the outermost container. */
static struct slice inner_path(const struct walking *walking, struct slice path, struct arena *arena)
{
    const char *joined = arena_format(arena, SLICE_FORMAT SLICE_FORMAT, SLICE_ARGUMENT(walking->prefix), SLICE_ARGUMENT(path));
    return slice_from(joined);
}

static const char *stored_path(const struct walking *walking, struct slice inner, struct arena *arena)
{
    return arena_format(arena, "%s/" SLICE_FORMAT, walking->container->file->stored, SLICE_ARGUMENT(inner));
}

/* What cannot be read now stays as it was. */
static bool note_met(struct walking *walking, const char *stored)
{
    struct known_document *known = find_known(walking->adding, stored);
    if (known != NULL)
        known->found = true;
    return known != NULL;
}

/* Documents of a container within this one. */
static void note_met_below(struct walking *walking, const char *stored)
{
    const struct known_container *known = walking->container->known;
    for (size_t i = 0; known != NULL && i < known->count; i++) {
        struct known_document *document = &walking->adding->known[known->first + i];
        if (path_is_below(document->path, stored))
            document->found = true;
    }
}

static void tell_refused(struct walking *walking, struct slice inner, const struct error *why, bool is_odd)
{
    struct error error = *why;
    const char *stored = stored_path(walking, inner, &walking->adding->walk.arena);
    bool is_known = note_met(walking, stored);
    error_wrap(&error, is_odd ? "passed over \"%s\"" : "could not read \"%s\"", stored);
    walking->container->is_failed = walking->container->is_failed || !is_odd;
    count_failure(walking->adding, is_odd && !is_known ? INGEST_SKIPPED : INGEST_FAILED, stored, &error);
}

static void refuse(void *context, struct slice path, const struct error *why, bool is_odd)
{
    struct walking *walking = context;
    tell_refused(walking, inner_path(walking, path, &walking->adding->walk.arena), why, is_odd);
}

static bool visit_container(struct walking *walking, enum file_format format, struct slice source, const char *name,
                            struct error *error);

static bool visit_inner(struct walking *walking, enum file_format format, struct slice source, struct slice inner,
                        struct error *error)
{
    struct arena *arena = &walking->adding->walk.arena;
    struct error why;
    const char *stored = stored_path(walking, inner, arena);
    if (walking->depth == DEPTH_MAX) {
        error_set(&why, ERROR_LIMIT, "it is an archive within an archive within an archive");
        error_hint(&why, "Unpack the outer one, and add the folder.");
        tell_refused(walking, inner, &why, false);
        return true;
    }
    struct walking below = *walking;
    below.prefix = slice_from(arena_format(arena, SLICE_FORMAT "/", SLICE_ARGUMENT(inner)));
    below.depth++;
    if (visit_container(&below, format, source, stored, &why))
        return true;
    walking->is_stopped = below.is_stopped;
    if (below.is_stopped) {
        *error = why;
        return false;
    }
    note_met_below(walking, stored);
    tell_refused(walking, inner, &why, false);
    return true;
}

static bool each(void *context, struct slice path, struct buffer *content, struct error *error)
{
    struct walking *walking = context;
    struct arena *arena = &walking->adding->walk.arena;
    struct slice source = buffer_slice(content), inner = inner_path(walking, path, arena);
    const char *stored = stored_path(walking, inner, arena);
    struct error why;
    if (strlen(stored) >= LIMIT_PATH_BYTES || strlen(walking->container->file->path) + 1 + inner.size >= LIMIT_PATH_BYTES) {
        error_set(&why, ERROR_LIMIT, "its path is longer than %zu bytes", LIMIT_PATH_BYTES);
        tell_refused(walking, inner, &why, false);
        return true;
    }
    size_t head = source.size < FORMAT_HEAD_BYTES ? source.size : FORMAT_HEAD_BYTES;
    struct file_kind kind = format_of(slice_range(source, 0, head), stored);
    if (kind.format == FORMAT_ZIP)
        kind = container_kind_of_zip(source);
    if (format_is_container(kind.format))
        return visit_inner(walking, kind.format, source, inner, error);
    (void)note_met(walking, stored);
    walking->is_stopped = !batch_add_member(walking->adding, walking->container, inner, content, error);
    return !walking->is_stopped;
}

static bool visit_container(struct walking *walking, enum file_format format, struct slice source, const char *name,
                            struct error *error)
{
    const struct container_visitor visitor = {each, refuse, walking, walking->adding->project->settings.document_bytes_max};
    return container_visit(format, source, name, &visitor, error);
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
        .row = {.path = slice_from(file->stored),
                .size = document->size,
                .modified_ns = document->modified_ns,
                .checked_ns = document->checked_ns},
    };
    memcpy(container->row.hash, document->hash, sizeof(container->row.hash));
    struct walking walking = {.adding = adding, .container = container, .prefix = {"", 0}, .depth = 1};
    container->is_whole = visit_container(&walking, loaded->format, buffer_slice(&loaded->content), file->stored, error);
    if (walking.is_stopped)
        return false;
    if (!container->is_whole) {
        error_wrap(error, "could not read all of \"%s\"", file->stored);
        count_failure(adding, INGEST_FAILED, file->stored, error);
    }
    adding->report->bytes += (size_t)document->size;
    adding->closing = memory_more(adding->closing, adding->closing_count, &adding->closing_capacity,
                                  sizeof(struct open_container *));
    adding->closing[adding->closing_count++] = container;
    return true;
}

bool members_close(struct adding *adding, struct open_container *container, struct error *error)
{
    struct store *store = adding->project->store;
    const struct known_container *known = container->known;
    container->row.recipe = container->is_whole && !container->is_failed ? adding->recipe : 0;
    if (!store_put_container(store, &container->row, &container->id, error))
        return false;
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
