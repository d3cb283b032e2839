/* path.c - paths as text; nothing here asks the file system. */
#include "file.h"
#include <string.h>

char *path_join(struct arena *arena, const char *folder, const char *name)
{
    if (name[0] == '/' || folder[0] == '\0')
        return arena_text(arena, slice_from(name));
    bool ended = folder[strlen(folder) - 1] == '/';
    return arena_format(arena, "%s%s%s", folder, ended ? "" : "/", name);
}

static const char *last_slash(const char *path)
{
    return strrchr(path, '/');
}

struct slice path_folder(const char *path)
{
    const char *slash = last_slash(path);
    if (slash == NULL)
        return SLICE(".");
    if (slash == path)
        return SLICE("/");
    return (struct slice){path, (size_t)(slash - path)};
}

struct slice path_name(const char *path)
{
    const char *slash = last_slash(path);
    return slice_from(slash == NULL ? path : slash + 1);
}

struct slice path_extension(const char *path)
{
    struct slice name = path_name(path);
    for (size_t i = name.size; i > 1; i--)
        if (name.data[i - 1] == '.')
            return slice_range(name, i, name.size);
    return SLICE("");
}

char *path_normal(struct arena *arena, const char *base, const char *path)
{
    const char *whole = path_join(arena, base, path);
    char *normal = arena_alloc(arena, strlen(whole) + 2, 1);
    size_t size = 0;
    struct slice rest = slice_from(whole), part;
    while (slice_next(&rest, '/', &part)) {
        if (part.size == 0 || slice_equal_text(part, "."))
            continue;
        if (slice_equal_text(part, "..")) {
            while (size > 0 && normal[--size] != '/') {
            }
            continue;
        }
        normal[size++] = '/';
        memcpy(normal + size, part.data, part.size);
        size += part.size;
    }
    if (size == 0)
        normal[size++] = '/';
    normal[size] = '\0';
    return normal;
}

bool path_is_below(const char *path, const char *folder)
{
    size_t size = strlen(folder);
    if (strncmp(path, folder, size) != 0)
        return false;
    return path[size] == '\0' || path[size] == '/' || (size > 0 && folder[size - 1] == '/');
}
