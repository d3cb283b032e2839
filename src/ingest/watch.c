/* watch.c - which folders have changed, by inotify.
 *
 *   roots     what a person named. The folders above each are watched too, for the names that lead to it alone: it may go, and come again
 *   marks     a watch each: of a folder (events name its entries), of a file that a link leads to, of a folder above a root, of .git
 *   changed   folders whose entries have changed, since the last time they were told
 *
 * inotify knows a folder by what it is, not by its name: one that several links lead to has one mark, under the first name, as in the walk.
 * A folder that is moved keeps its marks under the old name; they go when events show it: all marks below are made anew from the roots. */
#include "ingest.h"
#include "walk.h"
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum { QUIET_MS = 40, BURST_MS = 200 };

#define FOLDER_EVENTS                                                                                                          \
    (IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)
#define ABOVE_EVENTS (IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF)
#define GIT_EVENTS (IN_MOVED_TO | IN_CLOSE_WRITE)
#define FILE_EVENTS (IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF)

enum mark_kind {
    MARK_FOLDER,
    MARK_FILE,  /* a link's target: `path` is the link */
    MARK_ABOVE, /* a folder above a root, and in none */
    MARK_GIT,   /* the folder .git, whose file "index" says which files count */
    MARK_GONE
};

struct mark {
    int number; /* inotify's */
    enum mark_kind kind;
    const char *path;
};

struct watch {
    int descriptor;
    struct arena arena;
    const char **roots;
    size_t root_count;
    struct mark *marks;
    size_t mark_count, mark_capacity, alive;
    struct map changed;
    bool all_changed;
    bool is_stale;  /* the marks are to be made anew */
    bool has_links; /* below the roots: then only a walk of all of them gives each document its name */
    const char **told;
    struct arena told_arena;
    struct error warning;
};

/* ---- marks ---- */

static bool refuse_mark(const char *path, struct error *error)
{
    if (errno == ENOSPC) {
        error_set(error, ERROR_LIMIT, "could not watch \"%s\": the system's limit of watches is reached", path);
        return error_hint(error,
                          "Raise it: sudo sysctl fs.inotify.max_user_watches=1048576 (and in /etc/sysctl.d/ to keep it).");
    }
    return error_system(error, "could not watch \"%s\"", path);
}

/* Sorted by number, so that a mark is found at once: numbers only go up. */
static struct mark *mark_of(struct watch *watch, int number)
{
    size_t low = 0, high = watch->mark_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (watch->marks[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < watch->mark_count && watch->marks[low].number == number ? &watch->marks[low] : NULL;
}

/* `*is_new` false: it is watched already, under this name or another. What went before we came is no failure. */
static bool add_mark(struct watch *watch, const char *path, enum mark_kind kind, bool *is_new)
{
    static const uint32_t events[] = {[MARK_FOLDER] = FOLDER_EVENTS | IN_ONLYDIR,
                                      [MARK_FILE] = FILE_EVENTS,
                                      [MARK_ABOVE] = ABOVE_EVENTS | IN_ONLYDIR,
                                      [MARK_GIT] = GIT_EVENTS | IN_ONLYDIR};
    int number = inotify_add_watch(watch->descriptor, path, events[kind] | IN_EXCL_UNLINK | IN_MASK_ADD);
    *is_new = false;
    if (number < 0) {
        bool is_hidden = kind == MARK_ABOVE && errno == EACCES; /* nothing comes or goes there that we could see */
        if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP && !is_hidden && watch->warning.kind == ERROR_NONE)
            (void)refuse_mark(path, &watch->warning);
        return false;
    }
    struct mark *known = mark_of(watch, number);
    if (known != NULL) {
        if (known->kind == MARK_ABOVE && kind == MARK_FOLDER) { /* above a root, and in another one */
            known->kind = MARK_FOLDER;
            *is_new = true;
        }
        return true;
    }
    assert(watch->mark_count == 0 || watch->marks[watch->mark_count - 1].number < number);
    watch->marks = memory_more(watch->marks, watch->mark_count, &watch->mark_capacity, sizeof(*watch->marks));
    watch->marks[watch->mark_count++] = (struct mark){number, kind, arena_text(&watch->arena, slice_from(path))};
    watch->alive++;
    *is_new = true;
    return true;
}

static void mark_below(struct watch *watch, const char *path, unsigned depth);

struct marking {
    struct watch *watch;
    const char *path;
    unsigned depth;
};

static bool mark_entry(void *context, const char *name, struct error *error)
{
    struct marking *marking = context;
    struct stat status;
    bool is_new;
    (void)error;
    if (name[0] == '.')
        return true;
    const char *path = path_join(&marking->watch->told_arena, marking->path, name); /* a mark keeps its own copy */
    if (lstat(path, &status) != 0)
        return true;
    bool is_link = S_ISLNK(status.st_mode);
    marking->watch->has_links |= is_link;
    if (is_link && stat(path, &status) != 0)
        return true;
    if (S_ISDIR(status.st_mode))
        mark_below(marking->watch, path, marking->depth + 1);
    else if (is_link)
        (void)add_mark(marking->watch, path, MARK_FILE, &is_new);
    return true;
}

/* Marks a folder, and those in it. A folder that was met already ends it, so that links in a circle do. */
static void mark_below(struct watch *watch, const char *path, unsigned depth)
{
    struct error ignored; /* one that cannot be listed is told by the walk */
    struct marking marking = {watch, path, depth};
    bool is_new;
    if (depth > LIMIT_FOLDER_DEPTH || !add_mark(watch, path, MARK_FOLDER, &is_new) || !is_new ||
        !folder_list(path, mark_entry, &marking, &ignored))
        return;
    (void)add_mark(watch, path_join(&watch->told_arena, path, ".git"), MARK_GIT, &is_new); /* where there is one */
}

static void mark_root(struct watch *watch, const char *root)
{
    struct stat status;
    bool is_new;
    for (const char *path = root; strcmp(path, "/") != 0;) {
        path = arena_text(&watch->told_arena, path_folder(path));
        (void)add_mark(watch, path, MARK_ABOVE, &is_new);
    }
    if (stat(root, &status) != 0)
        return;
    if (S_ISDIR(status.st_mode))
        mark_below(watch, root, 0);
    else
        (void)add_mark(watch, root, MARK_FILE, &is_new);
}

/* Drops all marks and makes them again: cheap beside the walk that follows, and right whatever was moved. */
static bool mark_all(struct watch *watch, struct error *error)
{
    if (watch->descriptor >= 0)
        close(watch->descriptor);
    watch->descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (watch->descriptor < 0) {
        int why = errno;
        error_system(error, "could not begin to watch");
        return why != EMFILE ? false
                             : error_hint(error, "Raise the limit: sudo sysctl fs.inotify.max_user_instances=512, or end "
                                                 "other programs that watch files.");
    }
    arena_clear(&watch->arena);
    watch->mark_count = watch->alive = 0;
    watch->has_links = false;
    for (size_t i = 0; i < watch->root_count; i++)
        mark_root(watch, watch->roots[i]);
    watch->is_stale = false;
    return true;
}

/* ---- events ---- */

static void note_change(struct watch *watch, const char *path)
{
    if (watch->changed.count >= LIMIT_WATCHED_PATHS || map_put(&watch->changed, slice_from(path), NULL) == NULL)
        watch->all_changed = true;
}

/* A file appears before it is written: its end is told by IN_CLOSE_WRITE. Links, and second names, are complete at once. */
static bool is_complete(const char *path)
{
    struct stat status;
    return lstat(path, &status) != 0 || !S_ISREG(status.st_mode) || status.st_nlink > 1;
}

static void take_entry(struct watch *watch, const struct mark *mark, const struct inotify_event *event)
{
    const char *folder = mark->path, *name = event->name, *path = path_join(&watch->told_arena, folder, name);
    if (mark->kind == MARK_ABOVE) {
        for (size_t i = 0; i < watch->root_count; i++)
            if (path_is_below(watch->roots[i], path))
                watch->is_stale = watch->all_changed = true; /* a root, or a folder above it, came or went: rare */
        return;
    }
    if (mark->kind == MARK_GIT) {
        if (strcmp(name, "index") == 0)
            note_change(watch, arena_text(&watch->told_arena, path_folder(folder)));
        return;
    }
    if (name[0] == '.')
        return;
    bool is_folder = (event->mask & IN_ISDIR) != 0;
    if (is_folder && (event->mask & (IN_MOVED_FROM | IN_DELETE)))
        watch->is_stale = true;
    if (event->mask & (IN_CREATE | IN_MOVED_TO)) {
        struct marking marking = {watch, folder, 0};
        struct error ignored;
        if (!is_folder && (event->mask & IN_CREATE) && !is_complete(path))
            return;
        (void)mark_entry(&marking, name, &ignored);
    }
    note_change(watch, folder);
}

static void take_event(struct watch *watch, const struct inotify_event *event)
{
    if (event->mask & IN_Q_OVERFLOW) {
        watch->is_stale = watch->all_changed = true;
        return;
    }
    struct mark *mark = mark_of(watch, event->wd);
    if (mark == NULL)
        return;
    if (event->mask & IN_IGNORED) {
        watch->alive--;
        mark->kind = MARK_GONE;
        return;
    }
    if (mark->kind == MARK_ABOVE && (event->mask & (IN_MOVE_SELF | IN_DELETE_SELF)))
        watch->is_stale = watch->all_changed = true;
    if (mark->kind == MARK_FILE) {
        if (event->mask & (IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF))
            watch->is_stale = true; /* replaced by another file, as editors do */
        watch->all_changed = true;
        return;
    }
    if (event->len > 0 && mark->kind != MARK_GONE)
        take_entry(watch, mark, event);
}

/* Takes what there is; `*any` when it was something. */
static bool read_events(struct watch *watch, bool *any, struct error *error)
{
    _Alignas(struct inotify_event) char bytes[64 * 1024];
    *any = false;
    for (;;) {
        ssize_t size = read(watch->descriptor, bytes, sizeof(bytes));
        if (size < 0 && (errno == EAGAIN || errno == EINTR))
            return true;
        if (size <= 0)
            return error_system(error, "could not read what has changed");
        *any = true;
        for (size_t at = 0; at < (size_t)size;) {
            const struct inotify_event *event = (const struct inotify_event *)(bytes + at);
            take_event(watch, event);
            at += sizeof(*event) + event->len;
        }
    }
}

/* ---- what is told ---- */

/* The nearest folder above that is there, or the root it lies in. */
static const char *existing(struct watch *watch, const char *path)
{
    char *shorter = arena_text(&watch->told_arena, slice_from(path));
    struct stat status;
    while (stat(shorter, &status) != 0) {
        for (size_t i = 0; i < watch->root_count; i++)
            if (strcmp(watch->roots[i], shorter) == 0)
                return shorter;
        char *slash = strrchr(shorter, '/');
        if (slash == NULL || slash == shorter)
            break;
        *slash = '\0';
    }
    return shorter;
}

static void tell_changes(struct watch *watch, const char *const **paths, size_t *count)
{
    size_t room = watch->changed.count > watch->root_count ? watch->changed.count : watch->root_count;
    watch->told = arena_alloc(&watch->told_arena, room + 1, sizeof(*watch->told));
    *count = 0;
    if (watch->all_changed || watch->has_links) {
        for (size_t i = 0; i < watch->root_count; i++)
            watch->told[(*count)++] = watch->roots[i];
    } else {
        for (size_t i = 0; i < watch->changed.count; i++)
            watch->told[(*count)++] = existing(watch, arena_text(&watch->told_arena, watch->changed.entries[i].key));
    }
    *paths = watch->told;
    map_clear(&watch->changed);
    watch->all_changed = false;
}

static bool has_changes(const struct watch *watch)
{
    return watch->all_changed || watch->changed.count > 0;
}

bool watch_wait(struct watch *watch, unsigned timeout_ms, const char *const **paths, size_t *count, struct error *warning,
                struct error *error)
{
    struct pollfd poller = {.fd = watch->descriptor, .events = POLLIN};
    uint64_t first_ns = 0;
    bool any = true;
    arena_clear(&watch->told_arena);
    *count = 0;
    for (unsigned wait = timeout_ms; any; wait = QUIET_MS) {
        if (poll(&poller, 1, (int)wait) < 0 && errno != EINTR)
            return error_system(error, "could not wait for changes");
        if (!read_events(watch, &any, error))
            return false;
        if (first_ns == 0)
            first_ns = clock_now_ns();
        if (any && clock_ms_since(first_ns) >= BURST_MS)
            break;
    }
    /* Before the folders are told: what happens from here on in a new one is an event again. */
    if (watch->is_stale) { /* events that nobody reads any more are lost with the old marks */
        watch->all_changed = true;
        if (!mark_all(watch, error))
            return false;
    }
    if (has_changes(watch))
        tell_changes(watch, paths, count);
    *warning = watch->warning;
    error_clear(&watch->warning);
    return true;
}

bool watch_open(struct watch **watch, const char *const *paths, size_t path_count, struct error *error)
{
    struct watch *opened = memory_alloc(1, sizeof(*opened));
    opened->descriptor = -1;
    opened->roots = memory_alloc(path_count + 1, sizeof(*opened->roots));
    arena_init(&opened->arena);
    arena_init(&opened->told_arena);
    map_init(&opened->changed, UINT32_MAX / 4);
    for (size_t i = 0; i < path_count; i++) {
        opened->roots[i] = memory_copy_text(paths[i], strlen(paths[i]));
        opened->root_count++;
    }
    bool ok = mark_all(opened, error);
    if (ok && opened->warning.kind != ERROR_NONE) { /* at the beginning nothing is lost by refusing */
        *error = opened->warning;
        ok = false;
    }
    if (!ok) {
        watch_close(opened);
        return false;
    }
    *watch = opened;
    return true;
}

void watch_close(struct watch *watch)
{
    if (watch == NULL)
        return;
    if (watch->descriptor >= 0)
        close(watch->descriptor);
    for (size_t i = 0; i < watch->root_count; i++)
        free((char *)watch->roots[i]);
    free(watch->roots);
    free(watch->marks);
    map_release(&watch->changed);
    arena_release(&watch->arena);
    arena_release(&watch->told_arena);
    free(watch);
}

size_t watch_count(const struct watch *watch)
{
    return watch->alive;
}

bool watch_passes_over(const char *path, const char *project, const char *const *roots, size_t root_count)
{
    size_t sent = walk_sent_size(project, path);
    bool is_named = false;
    for (size_t i = 0; i < root_count; i++)
        is_named = is_named || (path_is_below(path, roots[i]) && strlen(roots[i]) >= sent);
    return sent > 0 && !is_named;
}

const char *watch_whole(const char *path, const char *const *roots, size_t root_count, struct arena *arena)
{
    const char *whole = path;
    for (const char *folder = path; strcmp(folder, "/") != 0; folder = arena_text(arena, path_folder(folder))) {
        bool is_followed = false;
        for (size_t i = 0; i < root_count; i++)
            is_followed = is_followed || path_is_below(folder, roots[i]);
        if (!is_followed)
            break;
        if (file_exists(path_join(arena, folder, ".git")))
            whole = folder;
    }
    return whole;
}
