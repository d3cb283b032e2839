/* tune_parts.c - examples divided into those to learn from, to choose by and to measure with; and the folder of a training's checkpoints. */
#include "tune_parts.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SHARE_HELD 0.1 /* for choosing, and for measuring where no test is given */

/* ---- parts ---- */

static void take_part(const struct examples *examples, const uint8_t *parts, uint8_t part, struct tuning_part *out)
{
    *out = (struct tuning_part){.examples = examples, .items = memory_alloc(examples->count + 1, sizeof(*out->items))};
    for (size_t i = 0; i < examples->count; i++)
        if (parts[i] == part)
            out->items[out->count++] = (uint32_t)i;
}

bool tuning_divide_parts(struct tuning *tuning, size_t held_most, const char *what, struct tuning_parts *parts,
                         struct error *error)
{
    enum { PART_CASES = 100 };
    const struct examples *examples = &tuning->examples;
    bool has_test = tuning->options->test != NULL;
    if (!tuning_refuse_blocked(tuning, error))
        return false;
    uint8_t *marks = memory_alloc(examples->count + 1, 1);
    double most = (double)held_most / (double)(tuning->checks.usable + 1);
    if (!tuning_split(tuning, most < SHARE_HELD ? most : SHARE_HELD, marks, PART_CASES, error)) {
        free(marks);
        return false;
    }
    take_part(examples, marks, SPLIT_TRAIN, &parts->train);
    take_part(examples, marks, SPLIT_HELD, &parts->validation);
    if (has_test) {
        uint8_t *all = memory_alloc(tuning->test.count + 1, 1);
        take_part(&tuning->test, all, 0, &parts->cases);
        free(all);
    } else {
        take_part(examples, marks, PART_CASES, &parts->cases);
    }
    free(marks);
    tuning->train = parts->train.count;
    tuning->validation = parts->validation.count;
    tuning->cases = parts->cases.count;
    if (tuning->train > 0 && tuning->validation > 0 && tuning->cases > 0)
        return true;
    error_set(error, ERROR_INVALID, "\"%s\" has too few usable %s to hold some out: %zu", tuning->options->data, what,
              tuning->checks.usable);
    return error_hint(
        error, "Three that differ are the least, and for a reader some ten passages; --check tells what is left out and why.");
}

void tuning_parts_release(struct tuning_parts *parts)
{
    free(parts->train.items);
    free(parts->validation.items);
    free(parts->cases.items);
    *parts = (struct tuning_parts){0};
}

/* ---- checkpoints ---- */

bool tuning_find_work(struct tuning *tuning, const struct tuning_going_on *going_on, const char **work, struct error *error)
{
    const char *folder;
    struct arena *arena = &tuning->tuned->arena;
    if (!adapter_folder(tuning->assay, going_on->name, arena, &folder, error))
        return false;
    *work = arena_format(arena, "%s~training", folder); /* no adapter is called so */
    bool is_there = file_exists(path_join(arena, *work, "checkpoint"));
    bool wants = going_on->resume || going_on->now;
    if (is_there && !wants && !tuning->options->replace) {
        error_set(error, ERROR_CONFLICT, "a training of \"%.64s\" was stopped before its end", going_on->name);
        return error_hint(error,
                          going_on->cannot_end_early
                              ? "Go on with --resume, or begin anew with --replace."
                              : "Go on with --resume, begin anew with --replace, or keep what it has reached with --now.");
    }
    if (!is_there && wants)
        return error_set(error, ERROR_NOT_FOUND, "no training of \"%.64s\" was stopped: there is no checkpoint",
                         going_on->name);
    return true;
}

/* ---- several at once ---- */

static bool is_removed(const struct file_lock *lock)
{
    struct stat status;
    return fstat(lock->descriptor, &status) != 0 || status.st_nlink == 0;
}

bool tuning_lock(struct tuning *tuning, const char *name, const char *folder, struct error *error)
{
    struct arena *arena = &tuning->tuned->arena;
    const char *path = arena_format(arena, "%s~training.lock", folder),
               *purpose = arena_format(arena, "assay tune, \"%s\"", name);
    if (!folder_create(arena_text(arena, path_folder(folder)), error))
        return false;
    for (;;) {
        if (!file_lock_take(&tuning->lock, path, purpose, error)) {
            if (error->kind != ERROR_CONFLICT)
                return false;
            error_wrap(error, "another training of \"%.64s\" is under way", name);
            return error_hint(
                error,
                "Wait until it has ended, stop it (Ctrl-C, or `kill` and its number), or choose another name with --name.");
        }
        if (!is_removed(&tuning->lock))
            return true;
        file_lock_release(&tuning->lock); /* of one that has ended meanwhile: it is another's file by now */
    }
}

void tuning_unlock(struct tuning *tuning)
{
    struct arena *arena = &tuning->tuned->arena;
    struct error ignored;
    if (tuning->lock.descriptor >= 0) /* while it is held: who has opened it just now finds that it is removed */
        (void)!file_remove(arena_format(arena, "%s.lock", tuning->checkpoints), &ignored);
    file_lock_release(&tuning->lock);
}

static bool hash_provenance(const char *folder, struct arena *arena, char digits[SHA256_DIGITS_BYTES])
{
    struct buffer text;
    struct error ignored;
    buffer_init(&text, LIMIT_MODEL_CONFIG_BYTES);
    bool ok = file_read(path_join(arena, folder, "provenance.json"), LIMIT_MODEL_CONFIG_BYTES, &text, &ignored);
    if (ok)
        sha256_digits(digits, text.data, text.size);
    buffer_release(&text);
    return ok;
}

bool tuning_note_early(const struct tuning *tuning, const char *folder, struct error *error)
{
    char digits[SHA256_DIGITS_BYTES];
    struct arena *arena = &tuning->tuned->arena;
    if (!hash_provenance(folder, arena, digits) || !file_exists(tuning->checkpoints)) /* it has ended meanwhile */
        return true;
    return file_replace(path_join(arena, tuning->checkpoints, "kept"), slice_from(digits), error);
}

bool tuning_is_early(const struct tuning *tuning, const char *folder)
{
    char digits[SHA256_DIGITS_BYTES];
    struct buffer noted;
    struct error ignored;
    struct arena *arena = &tuning->tuned->arena;
    const char *path = path_join(arena, tuning->checkpoints, "kept");
    buffer_init(&noted, SHA256_DIGITS_BYTES);
    bool is = file_exists(path) && file_read(path, SHA256_DIGITS_BYTES, &noted, &ignored) &&
              hash_provenance(folder, arena, digits) && slice_equal_text(buffer_slice(&noted), digits);
    buffer_release(&noted);
    return is;
}

/* ---- what a training begins with ---- */

const char *tuning_kept_from(const struct tuning *tuning, const char *from, const char *folder)
{
    return from != NULL && from == folder ? tuning_kept_path(tuning, from) : from;
}

bool tuning_find_from(struct tuning *tuning, const char *from, const char *kind, const char **folder, struct error *error)
{
    struct arena *arena = &tuning->tuned->arena;
    bool by_reader = strcmp(kind, "reader") != 0; /* its layers find what others write, or put first */
    if (from == NULL)
        return true;
    *folder = from;
    if (strcmp(from, "builtin") == 0)
        return adapter_find(kind, NULL, arena, folder, error);
    if (slice_starts_with(slice_from(from), SLICE("builtin:")) &&
        (strcmp(from + strlen("builtin:"), kind) == 0 || (by_reader && strcmp(from, "builtin:reader") == 0)))
        return adapter_find(from + strlen("builtin:"), NULL, arena, folder, error);
    if (file_exists(path_join(arena, from, "adapter_config.json")))
        return true;
    if (!adapter_folder(tuning->assay, from, arena, folder, error))
        return false;
    if (file_exists(path_join(arena, *folder, "adapter_config.json")))
        return true;
    error_set(error, ERROR_NOT_FOUND, "there is no adapter \"%.80s\" to begin with", from);
    return error_hint(error, "Give the name of an adapter of the project, its folder, or \"builtin%s\".",
                      by_reader ? ":reader" : "");
}
