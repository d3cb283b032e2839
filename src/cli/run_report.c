/* run_report.c - `assay report open`, `assay report compare`: what `assay decide` found, as a page and beside another run. */
#include "output.h"
#include <stdlib.h>
#include <string.h>

enum exit_code run_report_open(struct invocation *invocation)
{
    struct assay_error error;
    char path[ASSAY_PATH_BYTES];
    const struct assay_report_options options = {.folder = invocation_option(invocation, "project"),
                                                 .run = invocation->argument_count > 0 ? invocation->arguments[0] : "last",
                                                 .html = invocation_option(invocation, "out")};
    if (!assay_report_write(&options, path, &error))
        return output_failure(invocation, &error);
    if (invocation->json) {
        struct buffer buffer;
        struct json_writer json;
        buffer_init(&buffer, LIMIT_JSON_BYTES);
        json_writer_init(&json, &buffer);
        json_object_begin(&json);
        json_key(&json, "page");
        json_text(&json, slice_from(path));
        json_object_end(&json);
        enum exit_code code = output_json(invocation, &buffer);
        buffer_release(&buffer);
        return code;
    }
    output_text(stdout, slice_from(path));
    putchar('\n');
    return EXIT_DONE;
}

/* ---- two runs ---- */

struct comparing {
    struct arena arena;
    struct assay_arm_change *arms;
    size_t arm_count, arm_capacity;
    struct assay_case_change *cases;
    size_t case_count, case_capacity;
};

static const char *kept_text(struct comparing *comparing, const char *text)
{
    return text != NULL ? arena_text(&comparing->arena, slice_from(text)) : NULL;
}

static void on_arm(void *context, const struct assay_arm_change *change)
{
    struct comparing *comparing = context;
    comparing->arms = arena_more(&comparing->arena, comparing->arms, comparing->arm_count, &comparing->arm_capacity,
                                 sizeof(*comparing->arms));
    struct assay_arm_change *kept = &comparing->arms[comparing->arm_count++];
    *kept = *change;
    kept->arm = kept_text(comparing, change->arm);
}

static void on_case(void *context, const struct assay_case_change *change)
{
    struct comparing *comparing = context;
    comparing->cases = arena_more(&comparing->arena, comparing->cases, comparing->case_count, &comparing->case_capacity,
                                  sizeof(*comparing->cases));
    comparing->cases[comparing->case_count++] = (struct assay_case_change){.arm = kept_text(comparing, change->arm),
                                                                           .question = kept_text(comparing, change->question),
                                                                           .right_before = change->right_before,
                                                                           .right_after = change->right_after,
                                                                           .before = kept_text(comparing, change->before),
                                                                           .after = kept_text(comparing, change->after)};
}

static void write_score(struct json_writer *json, const char *key, double score)
{
    json_key(json, key);
    if (score >= 0)
        json_real(json, score, 9);
    else
        json_null(json);
}

static void write_arm(struct json_writer *json, const struct assay_arm_change *change)
{
    json_object_begin(json);
    json_key(json, "name");
    json_text(json, slice_from(change->arm));
    write_score(json, "first", change->first);
    write_score(json, "second", change->second);
    const struct json_integer_member counts[] = {
        {"paired", (int64_t)change->paired}, {"gained", (int64_t)change->gained}, {"lost", (int64_t)change->lost}};
    json_integers(json, counts, ARRAY_COUNT(counts));
    if (change->paired > 0) {
        json_key(json, "difference");
        json_real(json, change->difference.mean, 9);
        json_pair(json, "interval", change->difference.low, change->difference.high, 9);
        json_key(json, "chance");
        json_real(json, change->chance, 9);
        json_key(json, "test");
        json_text(json, slice_from(change->test));
    }
    json_object_end(json);
}

static void write_answer(struct json_writer *json, const char *key, const char *answer)
{
    json_key(json, key);
    if (answer != NULL)
        json_text(json, slice_from(answer));
    else
        json_null(json);
}

static void write_case(struct json_writer *json, const struct assay_case_change *change)
{
    json_object_begin(json);
    const struct json_text_member texts[] = {
        {"arm", change->arm}, {"question", change->question}, {"became", change->right_after ? "right" : "wrong"}};
    json_texts(json, texts, ARRAY_COUNT(texts));
    write_answer(json, "before", change->before);
    write_answer(json, "after", change->after);
    json_object_end(json);
}

static enum exit_code print_comparison_json(const struct invocation *invocation, const struct comparing *comparing,
                                            const struct assay_comparison *comparison)
{
    struct buffer buffer;
    struct json_writer json;
    buffer_init(&buffer, LIMIT_JSON_BYTES);
    json_writer_init(&json, &buffer);
    json_object_begin(&json);
    json_key(&json, "verdicts");
    json_array_begin(&json);
    json_text(&json, slice_from(comparison->first_approach));
    json_text(&json, slice_from(comparison->second_approach));
    json_array_end(&json);
    const struct json_integer_member counts[] = {{"first_cases", (int64_t)comparison->first_cases},
                                                 {"second_cases", (int64_t)comparison->second_cases},
                                                 {"shared_cases", (int64_t)comparison->shared_cases}};
    json_integers(&json, counts, ARRAY_COUNT(counts));
    json_key(&json, "same_documents");
    if (comparison->knows_documents)
        json_bool(&json, comparison->same_documents);
    else
        json_null(&json);
    json_key(&json, "arms");
    json_array_begin(&json);
    for (size_t i = 0; i < comparing->arm_count; i++)
        write_arm(&json, &comparing->arms[i]);
    json_array_end(&json);
    json_key(&json, "cases");
    json_array_begin(&json);
    for (size_t i = 0; i < comparing->case_count; i++)
        write_case(&json, &comparing->cases[i]);
    json_array_end(&json);
    json_object_end(&json);
    enum exit_code code = output_json(invocation, &buffer);
    buffer_release(&buffer);
    return code;
}

static void print_score(double score)
{
    if (score >= 0)
        printf("  %.3f", score);
    else
        fputs("      -", stdout);
}

static void print_arm(const struct assay_arm_change *change)
{
    output_text(stdout, slice_from(change->arm));
    printf("%*s", (int)(strlen(change->arm) < 8 ? 8 - strlen(change->arm) : 1), "");
    print_score(change->first);
    print_score(change->second);
    if (!change->in_first || !change->in_second)
        printf("   only in the %s run", change->in_first ? "first" : "second");
    else if (change->paired == 0)
        fputs("   no case was scored in both", stdout);
    else
        printf("  %+.3f (%+.3f to %+.3f)  %zu became right, %zu wrong; by chance in %.1f of 100 runs", change->difference.mean,
               change->difference.low, change->difference.high, change->gained, change->lost, change->chance * 100);
    putchar('\n');
}

static void print_case(const struct assay_case_change *change)
{
    printf("%s ", change->right_after ? "+" : "-");
    output_text(stdout, slice_from(change->arm));
    fputs(": ", stdout);
    output_text(stdout, slice_from(change->question));
    fputs("\n    before ", stdout);
    output_text(stdout, slice_from(change->before != NULL ? change->before : "no answer"));
    fputs("\n    after  ", stdout);
    output_text(stdout, slice_from(change->after != NULL ? change->after : "no answer"));
    putchar('\n');
}

static void print_comparison(const struct comparing *comparing, const struct assay_comparison *comparison)
{
    for (size_t i = 0; i < comparing->case_count; i++)
        print_case(&comparing->cases[i]);
    if (comparing->case_count > 0)
        putchar('\n');
    puts("            first second  difference (95 %)");
    for (size_t i = 0; i < comparing->arm_count; i++)
        print_arm(&comparing->arms[i]);
    if (!comparison->same_cases)
        puts("Scores are of all cases of a run, differences of the cases that both have.");
    fputs("verdict: ", stdout);
    output_text(stdout, slice_from(comparison->first_approach));
    fputs(strcmp(comparison->first_approach, comparison->second_approach) == 0 ? ", as before" : ", now ", stdout);
    if (strcmp(comparison->first_approach, comparison->second_approach) != 0)
        output_text(stdout, slice_from(comparison->second_approach));
    if (comparison->same_cases)
        printf("; the same %zu cases", comparison->shared_cases);
    else
        printf("; %zu cases are in both (of %zu and %zu)", comparison->shared_cases, comparison->first_cases,
               comparison->second_cases);
    if (comparison->knows_documents)
        fputs(comparison->same_documents ? "; the same documents" : "; the documents have changed", stdout);
    putchar('\n');
}

enum exit_code run_report_compare(struct invocation *invocation)
{
    struct assay_error error;
    struct assay_comparison comparison;
    struct comparing comparing = {0};
    const struct assay_comparison_options options = {.folder = invocation_option(invocation, "project"),
                                                     .first = invocation->arguments[0],
                                                     .second = invocation->arguments[1],
                                                     .on_arm = on_arm,
                                                     .on_case = on_case,
                                                     .context = &comparing};
    enum exit_code code = EXIT_DONE;
    arena_init(&comparing.arena);
    if (!assay_report_compare(&options, &comparison, &error))
        code = output_failure(invocation, &error);
    else if (invocation->json)
        code = print_comparison_json(invocation, &comparing, &comparison);
    else
        print_comparison(&comparing, &comparison);
    arena_release(&comparing.arena);
    return code;
}
