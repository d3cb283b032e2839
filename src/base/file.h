/* file.h - the only way durable bytes of our own are written (SQLite writes the catalog itself).
 *
 * Writes go through pwrite/fsync/rename, never through a shared mapping, so that tests can inject faults at each one.
 * A file is replaced whole or not at all:
 *
 *   write path.new-PID-N → fsync it → rename to path → fsync the folder
 *
 * A crash before the rename leaves the old file (and a .new file that the next writer's owner may remove); after it, the new.
 * A failed fsync is never repeated: the second might report success although the data is lost. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "arena.h"
#include "buffer.h"
#include "error.h"
#include <sys/types.h>

/* Appends the whole file. A file larger than `size_max` is refused with ERROR_LIMIT before it is read. */
bool file_read(const char *path, size_t size_max, struct buffer *out, struct error *error) MUST_USE;

/* Which file stands at a path, whatever it is called. */
struct file_identity {
    dev_t device;
    ino_t number;
};

bool file_is_same(const char *path, const struct file_identity *identity); /* links are followed */
/* The same as file_read; ERROR_CONFLICT when another file stands there. `identity` NULL: any. */
bool file_read_same(const char *path, const struct file_identity *identity, size_t size_max, struct buffer *out,
                    struct error *error) MUST_USE;

/* Appends how the file begins: at the most so many bytes. */
bool file_read_head(const char *path, size_t size, struct buffer *out, struct error *error) MUST_USE;

/* A file mapped for reading. Only for files that are replaced, never changed in place. */
struct file_map {
    const unsigned char *data;
    size_t size;
};
bool file_map_open(struct file_map *map, const char *path, struct error *error) MUST_USE;
void file_map_close(struct file_map *map);
void file_map_rest(const struct file_map *map); /* its pages may be taken back until they are read again */

/* Replaces `path` by `content`, durably. */
bool file_replace(const char *path, struct slice content, struct error *error) MUST_USE;
bool file_replace_parts(const char *path, const struct slice *parts, size_t count,
                        struct error *error) MUST_USE; /* behind one another */

/* Adds one line to the end, durably; the file is made when it is not there. A line that a crash left without its end is ended first, so that it
 * spoils no other. One writer at a time. */
bool file_append_line(const char *path, struct slice line, struct error *error) MUST_USE;

/* Whether a line could be added now, before work is done for it; nothing is changed. */
bool file_append_check(const char *path, struct error *error) MUST_USE;

/* ---- files that grow, or are changed in place ---- */

/* 0 for one that is not there. */
bool file_size(const char *path, uint64_t *size, struct error *error) MUST_USE;

/* Appends bytes `at` … `at` + `size` - 1 to `out`; fewer where the file ends before. */
bool file_read_at(const char *path, uint64_t at, size_t size, struct buffer *out, struct error *error) MUST_USE;

/* Writes over what stands there, or behind the end. A file that is not there is made, for its owner alone. `durable`: on the disk when true is
 * returned; else whenever the system likes. */
bool file_write_at(const char *path, uint64_t at, struct slice bytes, bool durable, struct error *error) MUST_USE;

bool file_cut(const char *path, uint64_t size, struct error *error) MUST_USE; /* what stands behind is gone, durably */

/* Bytes that may still be written on the disk of a path; UINT64_MAX where the system does not tell. */
uint64_t file_room(const char *path);

bool file_exists(const char *path);
bool file_remove(const char *path, struct error *error) MUST_USE; /* one that is not there is removed already */
bool folder_create(const char *path, struct error *error) MUST_USE; /* with its parents; an existing one is fine */
/* A folder that was not there: ERROR_CONFLICT when anything is, a link too. Its parent is there; durable once that is synced. */
bool folder_create_new(const char *path, struct error *error) MUST_USE;
bool folder_sync(const char *path, struct error *error) MUST_USE; /* makes creations, renames and removals in it durable */

/* A new file with another's bytes, durable once its folder is synced. A link is refused, so that no copy takes what lies elsewhere. */
bool file_copy(const char *from, const char *to, struct error *error) MUST_USE;

bool folder_move(const char *from, const char *to, struct error *error) MUST_USE; /* durably; refused when `to` is there */

/* Puts the folder `from` in the place of `to`, which may be there and is removed afterwards: at once where the system can exchange names. A
 * crash leaves `to` as it was or as it is to be; where names cannot be exchanged it may leave it aside, as "TO.old-PID". */
bool folder_replace(const char *from, const char *to, struct error *error) MUST_USE;

/* With all in it; one that is not there is removed already. Links are removed and never followed, `path` itself among them. */
bool folder_remove(const char *path, struct error *error) MUST_USE;

/* Tries whether a file can be made in the folder, and tells why not. For libraries that do not say why they could not. */
bool folder_try_write(const char *path, struct error *error) MUST_USE;

/* Calls each(context, name) for the entries, in no order, without "." and "..". */
bool folder_list(const char *path, bool (*each)(void *context, const char *name, struct error *error), void *context,
                 struct error *error) MUST_USE;

/* A lock that ends with its process. The file holds the owner's number and what it does, for the one who is refused. */
struct file_lock {
    int descriptor; /* -1: not held */
};
bool file_lock_take(struct file_lock *lock, const char *path, const char *what, struct error *error) MUST_USE;
/* The same, but waits until whoever holds it has finished: for work that takes moments. */
bool file_lock_wait(struct file_lock *lock, const char *path, const char *what, struct error *error) MUST_USE;
void file_lock_release(struct file_lock *lock);

/* Paths as text. */
char *path_join(struct arena *arena, const char *folder, const char *name) MUST_USE; /* an absolute name stays as it is */
struct slice path_folder(const char *path); /* "a/b" → "a", "a" → ".", "/a" → "/" */
struct slice path_name(const char *path);
struct slice path_extension(const char *path); /* "a/b.MD" → "MD"; empty for none and for ".profile" */

/* `path` without "." and "..", empty parts and a last "/", made absolute from `base` (itself absolute); links are not followed. */
char *path_normal(struct arena *arena, const char *base, const char *path) MUST_USE;

/* True when `path` is `folder` or lies below it; both normal. */
bool path_is_below(const char *path, const char *folder);

#endif
