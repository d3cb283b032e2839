/* fingerprint.c - a model by its bytes: SHA-256 over its files' names, sizes and hashes, in order of names.
 *
 * Files that say nothing about vectors (readme, licence, weights in other forms) do not count, nor does the folder's name: a model that
 * was copied elsewhere is the same one. */
#include "fingerprint.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Counts up when passages are handed to the model in another way, so that vectors are made anew. */
#define RECIPE "assay vectors 1\n"

enum { DEPTH_MAX = 3 };

struct model_files {
    struct arena arena;
    const char *folder; /* that is listed now */
    const char **paths;
    size_t count, capacity;
    unsigned depth;
};

static bool is_part(const char *name)
{
    static const char *const endings[] = {"json", "txt", "safetensors", "model"};
    struct slice ending = path_extension(name);
    for (size_t i = 0; i < ARRAY_COUNT(endings); i++)
        if (slice_equal_text(ending, endings[i]))
            return true;
    return false;
}

static bool note_file(void *context, const char *name, struct error *error)
{
    struct model_files *files = context;
    struct stat status;
    const char *path = path_join(&files->arena, files->folder, name);
    if (stat(path, &status) != 0)
        return errno == ENOENT || error_system(error, "could not look at \"%s\"", path);
    if (S_ISDIR(status.st_mode) && files->depth < DEPTH_MAX) {
        const char *folder = files->folder;
        files->folder = path;
        files->depth++;
        bool ok = folder_list(path, note_file, files, error);
        files->folder = folder;
        files->depth--;
        return ok;
    }
    if (!S_ISREG(status.st_mode) || !is_part(name))
        return true;
    files->paths = memory_more(files->paths, files->count, &files->capacity, sizeof(*files->paths));
    files->paths[files->count++] = path;
    return true;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

typedef bool describe_file(const char *path, struct buffer *out, struct error *error);

static bool describe_status(const char *path, struct buffer *out, struct error *error)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return error_system(error, "could not look at \"%s\"", path);
    buffer_format(out, "%llu %llu %lld %lld.%09ld", (unsigned long long)status.st_dev, (unsigned long long)status.st_ino,
                  (long long)status.st_size, (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
    return true;
}

static bool describe_bytes(const char *path, struct buffer *out, struct error *error)
{
    unsigned char hash[STORE_HASH_BYTES];
    struct file_map map;
    if (!file_map_open(&map, path, error))
        return false;
    sha256(hash, map.data, map.size);
    buffer_append(out, hash, sizeof(hash));
    file_map_close(&map);
    return true;
}

static bool describe(const char *folder, describe_file *each, unsigned char hash[STORE_HASH_BYTES], struct error *error)
{
    struct model_files files = {.folder = folder};
    struct buffer text;
    arena_init(&files.arena);
    buffer_init(&text, MIB);
    buffer_append_text(&text, RECIPE);
    bool ok = folder_list(folder, note_file, &files, error);
    if (files.count > 0)
        qsort(files.paths, files.count, sizeof(*files.paths), by_text);
    for (size_t i = 0; ok && i < files.count; i++) {
        buffer_append_text(&text, files.paths[i] + strlen(folder));
        buffer_append_byte(&text, '\n');
        ok = each(files.paths[i], &text, error);
    }
    ok = ok && buffer_finish(&text, "the list of the model's files", error);
    if (ok)
        sha256(hash, text.data, text.size);
    free(files.paths);
    buffer_release(&text);
    arena_release(&files.arena);
    return ok;
}

/* An adapter's identity is the hash of the base's and its own. */
static bool describe_both(const char *folder, const char *adapter, describe_file *each, unsigned char hash[STORE_HASH_BYTES],
                          struct error *error)
{
    unsigned char both[2][STORE_HASH_BYTES];
    if (adapter == NULL)
        return describe(folder, each, hash, error);
    if (!describe(folder, each, both[0], error) || !describe(adapter, each, both[1], error))
        return false;
    sha256(hash, both[0], sizeof(both));
    return true;
}

bool model_stamp(const char *folder, const char *adapter, unsigned char stamp[STORE_HASH_BYTES], struct error *error)
{
    return describe_both(folder, adapter, describe_status, stamp, error);
}

bool model_fingerprint(const char *folder, const char *adapter, unsigned char fingerprint[STORE_HASH_BYTES],
                       struct error *error)
{
    return describe_both(folder, adapter, describe_bytes, fingerprint, error);
}
