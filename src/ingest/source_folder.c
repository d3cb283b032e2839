/* source_folder.c - files and folders of this machine: the walk finds them, and their size, times and number tell whether they are as they were. */
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
        (void)walk_name(&adding->walk, folders->working,
                        folders->paths[i]); /* all of them first: a link may lead from one into another */
    for (size_t i = 0; i < folders->count; i++)
        walk_path(&adding->walk, folders->working, folders->paths[i]);
    folders->walk = &adding->walk;
    source->files = adding->walk.files;
    source->count = adding->walk.count;
    return true;
}

/* The file is the one that was read, as it was. Not that it is old: one that was unpacked before the last look may have been put in its place since. */
static bool is_same_file(const struct walk_file *file, const struct walk_file *read, int64_t checked_ns)
{
    int64_t before = checked_ns - CLOCK_GRAIN_NS;
    return read->size == file->size && read->modified_ns == file->modified_ns && read->changed_ns == file->changed_ns &&
           read->identity.number == file->identity.number && file->modified_ns < before && file->changed_ns < before;
}

static bool looks_unchanged(const struct adding *adding, const struct walk_file *file, const struct known_document *known,
                            const struct known_container *container)
{
    if (container != NULL) {
        const struct walk_file read = {.size = container->size,
                                       .modified_ns = container->modified_ns,
                                       .changed_ns = container->changed_ns,
                                       .identity.number = (ino_t)container->inode};
        if (!is_current(adding, container) || !is_same_file(file, &read, container->checked_ns))
            return false;
    }
    if (known != NULL) {
        const struct walk_file read = {.size = known->size,
                                       .modified_ns = known->modified_ns,
                                       .changed_ns = known->changed_ns,
                                       .identity.number = (ino_t)known->inode};
        if (known->recipe != adding->recipe || known->container != 0 || !is_same_file(file, &read, known->checked_ns))
            return false;
    }
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
