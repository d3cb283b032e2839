/* lines.c - reads ahead into one buffer and cuts it at line ends. */
#include "lines.h"
#include "limits.h"
#include "memory.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_BYTES = 256 * 1024, BATCH_BYTES = 1024 * 1024 };

static const char *const standard_input[] = {"-"};

static bool is_standard_input(const char *path)
{
    return strcmp(path, "-") == 0;
}

void lines_init(struct lines *lines, const char *const *paths, size_t path_count)
{
    *lines = (struct lines){.paths = paths, .path_count = path_count, .descriptor = -1};
    if (path_count == 0) {
        lines->paths = standard_input;
        lines->path_count = 1;
    }
    for (size_t i = 0; i < lines->path_count; i++) {
        struct stat status;
        const char *path = lines->paths[i];
        int told = is_standard_input(path) ? fstat(STDIN_FILENO, &status) : stat(path, &status);
        if (told != 0 || !S_ISREG(status.st_mode)) {
            lines->total = 0;
            return;
        }
        lines->total += (uint64_t)status.st_size;
    }
}

static void close_input(struct lines *lines)
{
    if (lines->descriptor > STDIN_FILENO)
        close(lines->descriptor);
    lines->descriptor = -1;
}

void lines_release(struct lines *lines)
{
    close_input(lines);
    free(lines->data);
    free(lines->items);
    *lines = (struct lines){.descriptor = -1};
}

static bool open_input(struct lines *lines, struct error *error)
{
    const char *path = lines->paths[lines->path_at++];
    assert(lines->descriptor < 0 && lines->start == lines->end);
    lines->name = is_standard_input(path) ? "standard input" : path;
    lines->next = 1;
    lines->descriptor = is_standard_input(path) ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (lines->descriptor < 0)
        return error_system(error, "could not open \"%s\"", path);
    return true;
}

/* Reads once behind what is there; `*got` 0 at the file's end. */
static bool read_more(struct lines *lines, size_t *got, struct error *error)
{
    if (lines->capacity - lines->end < READ_BYTES) {
        lines->capacity = memory_grown(lines->capacity, lines->end + READ_BYTES);
        lines->data = memory_resize(lines->data, lines->capacity, 1);
    }
    ssize_t size;
    do
        size = read(lines->descriptor, lines->data + lines->end, READ_BYTES);
    while (size < 0 && errno == EINTR);
    if (size < 0)
        return error_system(error, "could not read \"%s\" at line %zu", lines->name, lines->next);
    *got = (size_t)size;
    lines->end += (size_t)size;
    return true;
}

static bool is_readable_now(int descriptor)
{
    struct pollfd poll_for = {.fd = descriptor, .events = POLLIN};
    return poll(&poll_for, 1, 0) != 0;
}

/* Takes data[start … end-1] as a line. Its slice holds the place in `data` until the batch is whole, since `data` may move. */
static bool take_line(struct lines *lines, size_t end, size_t *count, struct error *error)
{
    size_t size = end - lines->start;
    bool has_return = size > 0 && lines->data[end - 1] == '\r' && end < lines->end;
    if (size - has_return > LIMIT_TEXT_BYTES) {
        error_set(error, ERROR_LIMIT, "line %zu of \"%s\" has more than %zu bytes", lines->next, lines->name, LIMIT_TEXT_BYTES);
        return error_hint(error, "Each line is one text; is there a file without line ends?");
    }
    lines->items = memory_more(lines->items, *count, &lines->item_capacity, sizeof(*lines->items));
    lines->items[(*count)++] = (struct slice){(const char *)(uintptr_t)lines->start, size - has_return};
    lines->start = end < lines->end ? end + 1 : end;
    lines->taken += lines->start - (end - size);
    lines->next++;
    return true;
}

/* Takes the lines of the open file: as many as fit, or as are there. */
static bool take_lines(struct lines *lines, size_t count_max, size_t *count, struct error *error)
{
    size_t seen = lines->start; /* no line end stands in data[start … seen-1] */
    while (*count < count_max && lines->start < BATCH_BYTES) {
        const char *found = seen < lines->end ? memchr(lines->data + seen, '\n', lines->end - seen) : NULL;
        if (found != NULL) {
            if (!take_line(lines, (size_t)(found - lines->data), count, error))
                return false;
            seen = lines->start;
            continue;
        }
        size_t got = 0;
        seen = lines->end;
        if (lines->end - lines->start > LIMIT_TEXT_BYTES + 1)
            return take_line(lines, lines->end, count, error); /* which refuses it */
        if (*count > 0 && !is_readable_now(lines->descriptor))
            return true;
        if (!read_more(lines, &got, error))
            return false;
        if (got == 0) {
            close_input(lines);
            return lines->start == lines->end || take_line(lines, lines->end, count, error);
        }
    }
    return true;
}

bool lines_next(struct lines *lines, size_t count_max, const struct slice **batch, size_t *count, struct error *error)
{
    assert(count_max > 0);
    size_t found = 0;
    if (lines->start > 0)
        memmove(lines->data, lines->data + lines->start, lines->end - lines->start);
    lines->end -= lines->start;
    lines->start = 0;
    while (found == 0 && (lines->descriptor >= 0 || lines->path_at < lines->path_count)) {
        if (lines->descriptor < 0 && !open_input(lines, error))
            return false;
        lines->first = lines->next;
        if (!take_lines(lines, count_max, &found, error))
            return false;
    }
    for (size_t i = 0; i < found; i++)
        lines->items[i].data = lines->data + (uintptr_t)lines->items[i].data;
    *batch = lines->items;
    *count = found;
    return true;
}
