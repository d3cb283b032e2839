/* eval_baseline.c - `assay eval --baseline RUN`: is anything worse than it was, and by more than chance explains?
 *
 * Measures are compared over the cases that both runs have, by their questions: the difference of each case, its mean, an interval by bootstrap, and
 * how often signs turned over by chance bring as much. As many measures are looked at, the chances are Holm's, over those that changed at all: where
 * no case differs, chance can show nothing (Tarone 1990).
 *
 * The flip is two-sided: of n cases that all fall, and no other one, the chance is 2 in 2^n. So five never show anything (2 in 32), and six may (2 in 64). */
#include "eval_record.h"
#include <math.h>
#include <string.h>

#define FEWEST_CASES 6 /* that must be worse before chance explains it in less than STATISTICS_CHANCE */

enum { SEED = 1, WORSE_SHOWN = 20 };

struct reading {
    const char *path;
    struct arena arena;
    struct buffer text;
    struct json_value root;
    const struct json_value *cases;
    struct map by_question; /* number of the case, from 1 on; of those that ask the same, of the first */
};

static bool open_run(struct reading *reading, struct error *error)
{
    const struct json_value *format = NULL;
    if (!file_read(reading->path, LIMIT_REPORT_BYTES, &reading->text, error) ||
        !json_read(buffer_slice(&reading->text), reading->path, &reading->arena, &reading->root, error) ||
        !json_member(&reading->root, reading->path, "format", JSON_NUMBER, &format, error) ||
        !json_member(&reading->root, reading->path, "cases", JSON_ARRAY, &reading->cases, error))
        return false;
    if (format == NULL || format->integer != 1 || reading->cases == NULL)
        return error_set(error, ERROR_INVALID, "\"%s\" is no record of `assay eval` that this program reads", reading->path);
    for (size_t i = 0; i < reading->cases->count; i++) {
        const struct json_value *question = json_get(&reading->cases->items[i], "question");
        bool is_new;
        if (question == NULL || question->kind != JSON_TEXT)
            return error_set(error, ERROR_INVALID, "\"%s\": case %zu has no question", reading->path, i + 1);
        struct map_entry *entry = map_put(&reading->by_question, question->text, &is_new);
        if (entry != NULL && is_new)
            entry->value = i + 1;
    }
    return true;
}

/* The same question's case; NULL: there is none. */
static const struct json_value *partner(const struct reading *reading, const struct case_record *item)
{
    const struct map_entry *entry = map_get(&reading->by_question, slice_from(item->question));
    return entry != NULL && entry->value > 0 ? &reading->cases->items[entry->value - 1] : NULL;
}

static bool value_of(const struct json_value *item, size_t measure, double *value)
{
    const struct json_value *found = json_get(item, record_measure_name(measure));
    if (found == NULL || found->kind != JSON_NUMBER)
        return false;
    *value = found->real;
    return true;
}

/* Measures by which a single case is called worse: found among the first ten, right as strictly graded. */
static bool is_telling(size_t measure)
{
    return measure == ASSAY_RECALL_10 || measure == ASSAY_MEASURES + ASSAY_GRADE_STRICT;
}

/* The chance that at least FEWEST_CASES of so many are worse, where each is with this chance (binomial). */
static double chance_of_enough(size_t count, double chance)
{
    double fewer = 0, term = pow(1 - chance, (double)count);
    for (size_t i = 0; i < FEWEST_CASES; i++) {
        fewer += term;
        term *= (double)(count - i) / (double)(i + 1) * chance / (1 - chance);
    }
    return 1 - fewer;
}

/* From which share of cases that turn from right to wrong enough of them do, in four of five runs. */
static double least_share(size_t count)
{
    double low = 0, high = 1;
    for (int i = 0; i < 40; i++) {
        const double middle = (low + high) / 2;
        if (chance_of_enough(count, middle) < 0.8)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* For one measure alone: Holm's correction asks for more where others changed as well. Each case is a cluster of its own here. A measure that has only
 * 1 and 0 falls by whole cases, of which a few fall by chance; one that has shares may fall a little in many, but nothing tells of that where no
 * case has changed. */
static double detectable(const struct clustered *differences, bool is_whole)
{
    if (differences->count < FEWEST_CASES)
        return (double)INFINITY;
    const double deviation = statistics_deviation(differences), shown = statistics_detectable(deviation, differences->count);
    return fmin(is_whole || deviation <= 0 ? fmax(shown, least_share(differences->count)) : shown, 1);
}

static bool is_whole_number(double value)
{
    return value <= 0 || value >= 1;
}

static void compare_measure(struct baseline *baseline, const struct reading *reading, const struct eval_record *record,
                            size_t measure, double *differences)
{
    struct measure_change *change = &baseline->changes[measure];
    double before;
    bool is_whole = true;
    for (size_t i = 0; i < record->count; i++) {
        const struct case_record *item = &record->cases[i];
        const struct json_value *other = !item->is_repeat && record_is_measured(item, measure) ? partner(reading, item) : NULL;
        if (other == NULL || !value_of(other, measure, &before))
            continue;
        /* Runs of older versions kept twelve digits. */
        const double after = fabs(item->values[measure] - before) < MEASURE_SAME ? before : item->values[measure];
        is_whole = is_whole && is_whole_number(before) && is_whole_number(after);
        change->before += before;
        change->after += after;
        differences[change->cases++] = after - before;
        change->has_changed = change->has_changed || after < before || after > before;
        if (!is_telling(measure) || after >= before)
            continue;
        baseline->worse = arena_more(record->arena, baseline->worse, baseline->worse_count, &baseline->worse_capacity,
                                     sizeof(*baseline->worse));
        baseline->worse[baseline->worse_count++] = (struct case_change){.line = item->line,
                                                                        .question = item->question,
                                                                        .measure = record_measure_name(measure),
                                                                        .before = before,
                                                                        .after = after};
    }
    if (change->cases == 0)
        return;
    const struct clustered clustered = {.values = differences, .count = change->cases, .seed = SEED};
    struct statistics_interval interval;
    statistics_clustered(&clustered, &interval);
    change->before /= (double)change->cases;
    change->after /= (double)change->cases;
    change->difference = statistics_mean(&clustered);
    change->low = interval.low > -1 ? interval.low : -1;
    change->high = interval.high < 1 ? interval.high : 1;
    change->chance = statistics_sign_flip(&clustered);
    change->detectable = detectable(&clustered, is_whole);
}

/* Hits, precision and MAP move with recall: of a case with one right source they are it, or a share of it. Judged too, each would count a drop once more,
 * and make it harder to see one at all. */
static bool is_judged(size_t measure)
{
    const bool is_of_model = measure ==
                             ASSAY_MEASURES + ASSAY_GRADE_SIMILARITY; /* another model has other cosines for the same answers */
    return measure < ASSAY_HIT_5 || (measure >= ASSAY_MEASURES && !is_of_model);
}

static void judge(struct baseline *baseline)
{
    double chances[RECORD_MEASURES], adjusted[RECORD_MEASURES];
    size_t which[RECORD_MEASURES], count = 0;
    for (size_t i = 0; i < RECORD_MEASURES; i++) {
        const size_t cases = baseline->changes[i].cases;
        baseline->shared = cases > baseline->shared ? cases : baseline->shared;
        if (cases == 0 || !baseline->changes[i].has_changed || !is_judged(i))
            continue;
        which[count] = i;
        chances[count++] = baseline->changes[i].chance;
    }
    if (count == 0)
        return;
    statistics_holm(chances, count, adjusted);
    for (size_t i = 0; i < count; i++) {
        struct measure_change *change = &baseline->changes[which[i]];
        change->chance = adjusted[i];
        change->is_regression = change->difference < 0 && change->chance < STATISTICS_CHANCE;
        baseline->regressions += change->is_regression;
    }
}

/* What was answered then, for whoever sets the two side by side. */
static void take_answers(const struct reading *reading, const struct eval_record *record)
{
    for (size_t i = 0; i < record->count; i++) {
        struct case_record *item = &record->cases[i];
        const struct json_value *other = item->has_answer ? partner(reading, item) : NULL;
        const struct json_value *answer = other != NULL ? json_get(other, "answer") : NULL,
                                *why = other != NULL ? json_get(other, "why") : NULL;
        if (answer == NULL || (why != NULL && why->kind == JSON_TEXT && slice_equal_text(why->text, "failed")))
            continue; /* a failure's reason is no answer */
        if (answer->kind == JSON_TEXT)
            item->before = arena_text(record->arena, answer->text);
        else if (answer->kind == JSON_NULL)
            item->before = RECORD_ABSTAINED;
    }
}

static bool compare(struct baseline *baseline, struct reading *reading, const struct eval_record *record, struct error *error)
{
    if (!open_run(reading, error))
        return false;
    const struct json_value *means = json_get(&reading->root, "measures");
    double *differences = arena_alloc(&reading->arena, record->count + 1, sizeof(*differences));
    for (size_t i = 0; i < RECORD_MEASURES; i++) {
        baseline->has[i] = means != NULL && value_of(means, i, &baseline->means[i]);
        compare_measure(baseline, reading, record, i, differences);
    }
    judge(baseline);
    take_answers(reading, record);
    return baseline->shared > 0 || error_set(error, ERROR_INVALID, "\"%s\" has no case in common with this run", reading->path);
}

bool baseline_read(struct baseline *baseline, const struct eval_record *record, const char *path, struct assay_error *error)
{
    struct reading reading = {.path = path};
    struct error inner;
    arena_init(&reading.arena);
    buffer_init(&reading.text, LIMIT_REPORT_BYTES);
    map_init(&reading.by_question, LIMIT_JSON_VALUES);
    bool ok = compare(baseline, &reading, record, &inner);
    map_release(&reading.by_question);
    buffer_release(&reading.text);
    arena_release(&reading.arena);
    if (!ok)
        output_from_inner(error, &inner);
    return ok;
}

/* ---- told ---- */

static void write_number(struct json_writer *json, const char *key, double value)
{
    json_key(json, key);
    json_real(json, value, 9);
}

void baseline_write(const struct baseline *baseline, struct json_writer *json)
{
    json_key(json, "baseline");
    json_object_begin(json);
    json_key(json, "run");
    json_text(json, slice_from(baseline->run));
    json_key(json, "cases");
    json_integer(json, (int64_t)baseline->shared);
    json_key(json, "measures");
    json_object_begin(json);
    for (size_t i = 0; i < RECORD_MEASURES; i++) {
        const struct measure_change *change = &baseline->changes[i];
        if (change->cases == 0)
            continue;
        json_key(json, record_measure_name(i));
        json_object_begin(json);
        write_number(json, "before", change->before);
        write_number(json, "after", change->after);
        write_number(json, "difference", change->difference);
        json_pair(json, "interval", change->low, change->high, 9);
        write_number(json, "chance", change->chance);
        write_number(json, "detectable", change->detectable);
        json_key(json, "regression");
        json_bool(json, change->is_regression);
        json_object_end(json);
    }
    json_object_end(json);
    json_key(json, "worse");
    json_array_begin(json);
    for (size_t i = 0; i < baseline->worse_count; i++) {
        const struct case_change *item = &baseline->worse[i];
        json_object_begin(json);
        json_key(json, "line");
        json_integer(json, (int64_t)item->line);
        const struct json_text_member texts[] = {{"question", item->question}, {"measure", item->measure}};
        json_texts(json, texts, ARRAY_COUNT(texts));
        write_number(json, "before", item->before);
        write_number(json, "after", item->after);
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
}

/* What "nothing is worse" is worth, by a measure of answers, or without answers by one of retrieval. */
static void print_detectable(const struct baseline *baseline)
{
    const size_t strict = ASSAY_MEASURES + ASSAY_GRADE_STRICT,
                 measure = baseline->changes[strict].cases > 0 ? strict : (size_t)ASSAY_RECALL_10;
    const struct measure_change *change = &baseline->changes[measure];
    if (change->cases > 0 && !isfinite(change->detectable))
        printf("%zu cases cannot show that %s is lower, whatever they say: that takes %d\n", change->cases,
               record_measure_name(measure), FEWEST_CASES);
    else if (change->cases > 0)
        printf(
            "%zu cases can show that %s alone is lower by %.2f, mostly not by less; by more where other measures change too\n",
            change->cases, record_measure_name(measure), change->detectable);
}

void baseline_print(const struct baseline *baseline)
{
    printf("\nagainst run %s, over the %zu case%s of both:\n", baseline->run, baseline->shared,
           baseline->shared == 1 ? "" : "s");
    for (size_t i = 0; i < RECORD_MEASURES; i++) {
        const struct measure_change *change = &baseline->changes[i];
        if (change->cases > 0)
            printf("%-12s %.4f to %.4f   %+.4f (%+.4f to %+.4f)%s\n", record_measure_name(i), change->before, change->after,
                   change->difference, change->low, change->high, change->is_regression ? "   worse, not by chance" : "");
    }
    for (size_t i = 0; i < baseline->worse_count && i < WORSE_SHOWN; i++) {
        printf("worse: line %zu, %s %.2f to %.2f: ", baseline->worse[i].line, baseline->worse[i].measure,
               baseline->worse[i].before, baseline->worse[i].after);
        output_text(stdout, slice_from(baseline->worse[i].question));
        putchar('\n');
    }
    if (baseline->worse_count > WORSE_SHOWN)
        printf("… and %zu more: see --json\n", baseline->worse_count - WORSE_SHOWN);
    if (baseline->regressions == 0)
        puts(baseline->worse_count == 0 ? "nothing is worse" : "nothing is worse by more than chance explains");
    if (baseline->regressions == 0)
        print_detectable(baseline);
}

void baseline_tell(const struct baseline *baseline)
{
    for (size_t i = 0; i < RECORD_MEASURES; i++) {
        const struct measure_change *change = &baseline->changes[i];
        if (change->is_regression)
            fprintf(stderr, "assay: %s is worse than in run %s: %.4f before, %.4f now\n", record_measure_name(i), baseline->run,
                    change->before, change->after);
    }
}
