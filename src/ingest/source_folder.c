/* source_folder.c - files and folders of this machine: the walk finds them, and their size and time tell whether they are as they were. */
#include "adding.h"
#include <stdlib.h>

/* A file changed within the clock's grain of the last look may look unchanged: then its bytes decide. */
#define CLOCK_GRAIN_NS 2000000000

struct folders {
    const char *working;
    const char *const *paths;
    size_t count;
    const struct walk *walk; /* after list */
};

static bool list(struct source *source, struct adding *adding, struct error *error)
{
    struct folders *folders = source->state;
    (void)error;
    for (size_t i = 0; i < folders->count; i++)
        walk_path(&adding->walk, folders->working, folders->paths[i]);
    folders->walk = &adding->walk;
    source->files = adding->walk.files;
    source->count = adding->walk.count;
    return true;
}

static bool is_old(const struct walk_file *file, int64_t size, int64_t modified_ns, int64_t checked_ns)
{
    int64_t before = checked_ns - CLOCK_GRAIN_NS;
    return size == file->size && modified_ns == file->modified_ns && modified_ns < before && file->changed_ns < before;
}

static bool looks_unchanged(const struct adding *adding, const struct walk_file *file, const struct known_document *known,
                            const struct known_container *container)
{
    if (container != NULL &&
        (!is_current(adding, container) || !is_old(file, container->size, container->modified_ns, container->checked_ns)))
        return false;
    if (known != NULL && (known->recipe != adding->recipe || known->container != 0 ||
                          !is_old(file, known->size, known->modified_ns, known->checked_ns)))
        return false;
    return known != NULL || container != NULL;
}

static bool fetch(struct source *source, struct adding *adding, const struct walk_file *file,
                  const struct known_document *known, const struct known_container *container, enum source_answer *answer,
                  struct buffer *content, struct error *error)
{
    (void)source;
    (void)content;
    (void)error;
    bool is_same = !file->by_link /* a link may lead elsewhere now */ && looks_unchanged(adding, file, known, container);
    *answer = is_same ? SOURCE_UNCHANGED : SOURCE_FILE;
    return true;
}

static bool covers(const struct source *source, const char *absolute)
{
    const struct folders *folders = source->state;
    return folders->walk != NULL && walk_covers(folders->walk, absolute);
}

static void release(struct source *source)
{
    free(source->state);
}

void source_folder_init(struct source *source, const char *working, const char *const *paths, size_t count)
{
    struct folders *folders = memory_alloc(1, sizeof(*folders));
    *folders = (struct folders){working, paths, count, NULL};
    *source = (struct source){
        .stage = "reading", .state = folders, .list = list, .fetch = fetch, .covers = covers, .release = release};
}
