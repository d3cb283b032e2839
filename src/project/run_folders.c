/* run_folders.c - what a measurement leaves: a folder of its own below the project's state.
 *
 *   shop/.assay/runs/0001/report.json, report.html     of `assay decide`
 *                    0002/eval.json                    of `assay eval`
 *
 * Numbers go up and are never used again while a later one is there. Making the folder takes the number: whoever comes second takes the next. */
#include "parts.h"
#include "project.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUN_MOST = 999999, RUN_DIGITS = 4, TRIES = 100 };

static bool is_run(const char *name, uint64_t *number)
{
    const struct slice text = slice_from(name);
    return text.size >= RUN_DIGITS && slice_to_u64(text, number) && *number >= 1 && *number <= RUN_MOST;
}

struct finding {
    const char *folder, *file; /* a run counts when it has this file; NULL: always */
    struct arena *arena;
    uint64_t last;
};

static bool take_name(void *context, const char *name, struct error *error)
{
    struct finding *finding = context;
    uint64_t number;
    (void)error;
    if (!is_run(name, &number) || number <= finding->last)
        return true;
    if (finding->file == NULL ||
        file_exists(path_join(finding->arena, path_join(finding->arena, finding->folder, name), finding->file)))
        finding->last = number;
    return true;
}

static char *run_name(struct arena *arena, uint64_t number)
{
    return arena_format(arena, "%0*llu", RUN_DIGITS, (unsigned long long)number);
}

bool project_run_create(const struct project *project, struct arena *arena, struct project_run *run, struct error *error)
{
    const char *runs = path_join(arena, path_join(arena, project->root, PROJECT_STATE), "runs");
    struct finding finding = {.folder = runs, .arena = arena};
    if (!folder_create(runs, error) || !folder_list(runs, take_name, &finding, error))
        return error_wrap(error, "could not make a folder for the run");
    for (int i = 0; i < TRIES && finding.last < RUN_MOST; i++) {
        const char *name = run_name(arena, ++finding.last), *folder = path_join(arena, runs, name);
        if (folder_create_new(folder, error)) {
            *run = (struct project_run){.folder = folder, .number = name};
            return folder_sync(runs, error);
        }
        if (error->kind != ERROR_CONFLICT)
            return error_wrap(error, "could not make a folder for the run");
    }
    error_set(error, ERROR_LIMIT, "\"%s\" has no number left for a run", runs);
    return error_hint(error, "Remove the folders of old runs.");
}

static bool last_run(const char *runs, const char *file, struct arena *arena, const char **name, struct error *error)
{
    struct finding finding = {.folder = runs, .file = file, .arena = arena};
    if (file_exists(runs) && !folder_list(runs, take_name, &finding, error))
        return false;
    if (finding.last == 0) {
        error_set(error, ERROR_NOT_FOUND, "no run of this project has left \"%s\" yet", file);
        return error_hint(error, strcmp(file, "eval.json") == 0 ? "Run `assay eval` first." : "Run `assay decide` first.");
    }
    *name = run_name(arena, finding.last);
    return true;
}

bool project_run_find(const char *root, const char *run, const char *file, struct arena *arena, const char **path,
                      struct error *error)
{
    const char *runs = path_join(arena, path_join(arena, root, PROJECT_STATE), "runs"), *name = NULL;
    uint64_t number;
    if (strcmp(run, "last") == 0) {
        if (!last_run(runs, file, arena, &name, error))
            return false;
    } else if (slice_to_u64(slice_from(run), &number)) {
        name = run_name(arena, number);
    } else {
        *path = slice_ends_with(slice_from(run), SLICE(".json")) ? run : path_join(arena, run, file);
        return file_exists(*path) || error_set(error, ERROR_NOT_FOUND, "there is no file \"%s\"", *path);
    }
    *path = path_join(arena, path_join(arena, runs, name), file);
    if (file_exists(*path))
        return true;
    error_set(error, ERROR_NOT_FOUND, "run \"%s\" of this project has no \"%s\"", run, file);
    return error_hint(error, "Runs are the folders of \"%s\"; `last` stands for the newest.", runs);
}

struct numbering {
    struct arena *arena;
    uint64_t *numbers;
    size_t count, capacity;
};

static bool note_number(void *context, const char *name, struct error *error)
{
    struct numbering *numbering = context;
    uint64_t number;
    (void)error;
    if (!is_run(name, &number))
        return true;
    numbering->numbers = arena_more(numbering->arena, numbering->numbers, numbering->count, &numbering->capacity,
                                    sizeof(*numbering->numbers));
    numbering->numbers[numbering->count++] = number;
    return true;
}

static int from_the_highest(const void *a, const void *b)
{
    const uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;
    return (first < second) - (first > second);
}

bool project_run_numbers(const char *root, struct arena *arena, const char *const **numbers, size_t *count, struct error *error)
{
    const char *runs = path_join(arena, path_join(arena, root, PROJECT_STATE), "runs");
    struct numbering numbering = {.arena = arena};
    *numbers = NULL;
    *count = 0;
    if (!file_exists(runs))
        return true;
    if (!folder_list(runs, note_number, &numbering, error))
        return false;
    const char **names = arena_alloc(arena, numbering.count, sizeof(*names));
    if (numbering.count > 0)
        qsort(numbering.numbers, numbering.count, sizeof(*numbering.numbers), from_the_highest);
    for (size_t i = 0; i < numbering.count; i++)
        names[i] = run_name(arena, numbering.numbers[i]);
    *numbers = names;
    *count = numbering.count;
    return true;
}
