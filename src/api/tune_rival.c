/* tune_rival.c - an adapter and the one that was trained before it, measured on the same cases, of which neither has learned.
 *
 *   .assay/adapters/NAME/held.txt    a line for each example that it was measured with: 16 hexadecimal digits of a hash of what it asks
 *
 * Who is compared with NAME holds the same ones out again, with all that must stay beside them. */
#include "eval/eval.h"
#include "tune.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { HASH_BYTES = 8, HASH_TEXT_BYTES = 2 * HASH_BYTES };
#define HELD_FILE "held.txt"

static uint64_t seed_of(const struct tuning *tuning)
{
    return tuning->options->seed != 0 ? tuning->options->seed : 1;
}

/* ---- which cases ---- */

static void name_case(const struct example *example, char name[HASH_TEXT_BYTES + 1])
{
    unsigned char hashes[2 * SHA256_BYTES], hash[SHA256_BYTES];
    sha256(hashes, example->text.data, example->text.size);
    sha256(hashes + SHA256_BYTES, example->context.data, example->context.size);
    sha256(hash, hashes, sizeof(hashes));
    sodium_bin2hex(name, HASH_TEXT_BYTES + 1, hash, HASH_BYTES);
}

static void note_held(struct tuning *tuning, const uint8_t *parts, uint8_t part)
{
    char name[HASH_TEXT_BYTES + 1];
    for (size_t i = 0; i < tuning->examples.count; i++) {
        if (parts[i] != part)
            continue;
        name_case(&tuning->examples.items[i], name);
        buffer_append_text(&tuning->held, name);
        buffer_append_byte(&tuning->held, '\n');
    }
}

const char *tuning_rival_folder(struct tuning *tuning)
{
    const char *folder = NULL;
    struct error ignored;
    if (tuning->options->rival == NULL ||
        !adapter_folder(tuning->assay, tuning->options->rival, &tuning->tuned->arena, &folder, &ignored))
        return NULL;
    return folder;
}

static uint8_t *mark_kept(const struct examples *examples, struct slice list)
{
    struct map names;
    struct slice line;
    char name[HASH_TEXT_BYTES + 1];
    uint8_t *kept = memory_alloc(examples->count + 1, 1);
    map_init(&names, list.size / (HASH_TEXT_BYTES + 1) + 1);
    while (slice_next(&list, '\n', &line))
        if (line.size == HASH_TEXT_BYTES)
            (void)map_put(&names, line, NULL);
    for (size_t i = 0; i < examples->count; i++) {
        name_case(&examples->items[i], name);
        kept[i] = map_get(&names, slice_from(name)) != NULL;
    }
    map_release(&names);
    return kept;
}

static bool find_kept(struct tuning *tuning, uint8_t **kept, struct error *error)
{
    const char *folder = tuning_rival_folder(tuning);
    const char *path = folder != NULL ? path_join(&tuning->tuned->arena, folder, HELD_FILE) : NULL;
    struct buffer list;
    *kept = NULL;
    if (path == NULL ||
        !file_exists(path)) /* it was trained before there were such lists, or measured with a test of its own */
        return true;
    buffer_init(&list, LIMIT_JSON_BYTES);
    bool ok = file_read(path, LIMIT_JSON_BYTES, &list, error);
    if (ok)
        *kept = mark_kept(&tuning->examples, buffer_slice(&list));
    tuning->is_fair = ok;
    buffer_release(&list);
    return ok;
}

bool tuning_write_held(struct tuning *tuning, const char *folder, struct error *error)
{
    return tuning->held.size == 0 ||
           (buffer_finish(&tuning->held, "the list of what is held out", error) &&
            file_replace(path_join(&tuning->tuned->arena, folder, HELD_FILE), buffer_slice(&tuning->held), error));
}

bool tuning_split(struct tuning *tuning, double share, uint8_t *parts, uint8_t cases, struct error *error)
{
    const struct examples *examples = &tuning->examples;
    struct split_request request = {.examples = examples,
                                    .groups = tuning->checks.groups,
                                    .marks = tuning->checks.marks,
                                    .share = share,
                                    .seed = seed_of(tuning)};
    uint8_t *kept = NULL;
    memset(parts, SPLIT_TRAIN, examples->count);
    if (tuning->options->test == NULL) {
        if (!find_kept(tuning, &kept, error))
            return false;
        request.kept = kept;
        split_examples(&request, parts);
        for (size_t i = 0; i < examples->count; i++)
            parts[i] = parts[i] == SPLIT_HELD ? cases : parts[i];
        note_held(tuning, parts, cases);
        request.kept = NULL;
        request.seed++;
    }
    split_examples(&request, parts);
    free(kept);
    return true;
}

/* ---- both of them ---- */

static struct assay_tune_rival *make_rival(struct tuning *tuning, const char *measure)
{
    struct assay_tune_rival *rival = &tuning->tuned->rival;
    *rival = (struct assay_tune_rival){.name = tuning->options->rival, .measure = measure};
    rival->is_fair = tuning->is_fair || tuning->options->test != NULL;
    tuning->tuned->report.rival = rival;
    return rival;
}

void tuning_tell_unmeasured(struct tuning *tuning, const char *measure, const struct error *why)
{
    make_rival(tuning, measure)->unmeasured = arena_text(&tuning->tuned->arena, slice_from(why->message));
}

void tuning_tell_rival(struct tuning *tuning, const char *measure, const double *before, const double *after, size_t count)
{
    struct assay_tune_rival *rival = make_rival(tuning, measure);
    struct statistics_interval change;
    double *differences = memory_alloc(count + 1, sizeof(*differences));
    for (size_t i = 0; i < count; i++) {
        rival->before += before[i] / (double)count;
        rival->after += after[i] / (double)count;
        differences[i] = after[i] - before[i];
    }
    const struct clustered clustered = {.values = differences, .count = count, .seed = seed_of(tuning)};
    statistics_difference_interval(&clustered, &change);
    rival->change = statistics_mean(&clustered);
    rival->change_low = change.low;
    rival->change_high = change.high;
    free(differences);
}
