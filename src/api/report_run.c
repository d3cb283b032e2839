/* report_run.c - the part of assay.h about runs: where they are kept, and what `assay decide` measured in them. */
#include "tell.h"
#include "report/report.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool copy_path(char out[ASSAY_PATH_BYTES], const char *path, struct error *error)
{
    const size_t size = strlen(path);
    if (size >= ASSAY_PATH_BYTES)
        return error_set(error, ERROR_LIMIT, "a path of a run has more than %d bytes", ASSAY_PATH_BYTES - 1);
    memcpy(out, path, size + 1);
    return true;
}

bool assay_run_create(const struct assay *assay, struct assay_run *run, struct assay_error *error)
{
    struct arena arena;
    struct error inner;
    struct project_run made;
    arena_init(&arena);
    bool ok = project_run_create(assay->project, &arena, &made, &inner) && copy_path(run->folder, made.folder, &inner);
    if (ok)
        snprintf(run->number, sizeof(run->number), "%s", made.number);
    arena_release(&arena);
    return finish(ok, &inner, error);
}

bool assay_run_find(const struct assay *assay, const char *run, const char *file, char path[ASSAY_PATH_BYTES],
                    struct assay_error *error)
{
    struct arena arena;
    struct error inner;
    const char *found;
    arena_init(&arena);
    bool ok = project_run_find(assay->project->root, run, file, &arena, &found, &inner) && copy_path(path, found, &inner);
    arena_release(&arena);
    return finish(ok, &inner, error);
}

/* What the run of this number has left: nothing that is told of one that was stopped before its report. */
static bool describe_run(const struct assay *assay, struct arena *arena, const char *number, struct assay_recorded *run)
{
    static const struct {
        const char *file, *kind;
    } kinds[] = {{"report.json", "decide"}, {"eval.json", "eval"}};
    struct error ignored;
    const char *path, *page;
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
        struct stat about;
        char made[CLOCK_TEXT_BYTES];
        if (!project_run_find(assay->project->root, number, kinds[i].file, arena, &path, &ignored) || stat(path, &about) != 0)
            continue;
        clock_text((int64_t)about.st_mtim.tv_sec * 1000000000, made);
        *run = (struct assay_recorded){
            .number = number,
            .kind = kinds[i].kind,
            .made = arena_text(arena, slice_from(made)),
            .has_page = project_run_find(assay->project->root, number, "report.html", arena, &page, &ignored)};
        return true;
    }
    return false;
}

bool assay_run_list(const struct assay *assay, bool (*each)(void *context, const struct assay_recorded *run), void *context,
                    struct assay_error *error)
{
    struct arena arena;
    struct error inner;
    const char *const *numbers;
    size_t count;
    arena_init(&arena);
    bool ok = project_run_numbers(assay->project->root, &arena, &numbers, &count, &inner);
    for (size_t i = 0; ok && i < count; i++) {
        struct assay_recorded run;
        if (describe_run(assay, &arena, numbers[i], &run))
            ok = each(context, &run) || error_set(&inner, ERROR_CANCELLED, "the listing was stopped");
    }
    arena_release(&arena);
    return finish(ok, &inner, error);
}

/* A run by its number in the project, or a path to it; a path needs no project. */
static bool find_run(const char *folder, const char *run, struct arena *arena, const char **path, struct error *error)
{
    const char *root = ".";
    const bool is_path = file_exists(run) && (slice_ends_with(slice_from(run), SLICE(".json")) || strchr(run, '/') != NULL);
    return (is_path || project_locate(folder, arena, &root, error)) &&
           project_run_find(root, run, "report.json", arena, path, error);
}

bool assay_report_write(const struct assay_report_options *options, char path[ASSAY_PATH_BYTES], struct assay_error *error)
{
    struct arena arena;
    struct buffer text, html;
    struct error inner;
    const char *json_path = NULL, *html_path = options->html;
    arena_init(&arena);
    buffer_init(&text, LIMIT_REPORT_BYTES);
    buffer_init(&html, LIMIT_JSON_BYTES);
    bool ok = find_run(options->folder, options->run != NULL ? options->run : "last", &arena, &json_path, &inner);
    if (ok && html_path == NULL)
        html_path = path_join(&arena, arena_text(&arena, path_folder(json_path)), "report.html");
    ok = ok && copy_path(path, html_path, &inner) && file_read(json_path, LIMIT_REPORT_BYTES, &text, &inner) &&
         report_html(buffer_slice(&text), json_path, &html, &inner) && file_replace(html_path, buffer_slice(&html), &inner);
    buffer_release(&html);
    buffer_release(&text);
    arena_release(&arena);
    return finish(ok, &inner, error);
}

/* ---- two runs ---- */

static void tell_arm(const struct assay_comparison_options *options, struct arena *arena, const struct report_arm_change *inner)
{
    const struct assay_arm_change outer = {.arm = arena_text(arena, inner->arm),
                                           .in_first = inner->in_first,
                                           .in_second = inner->in_second,
                                           .first = inner->first,
                                           .second = inner->second,
                                           .paired = inner->paired,
                                           .difference = {inner->difference, inner->interval.low, inner->interval.high},
                                           .chance = inner->chance,
                                           .test = inner->is_paired_yes_no ? "mcnemar" : "sign_flip",
                                           .gained = inner->gained,
                                           .lost = inner->lost};
    options->on_arm(options->context, &outer);
}

static void tell_case(const struct assay_comparison_options *options, struct arena *arena,
                      const struct report_case_change *inner)
{
    const struct assay_case_change outer = {.arm = arena_text(arena, inner->arm),
                                            .question = arena_text(arena, inner->question),
                                            .right_before = inner->right_before,
                                            .right_after = inner->right_after,
                                            .before = inner->before.size > 0 ? arena_text(arena, inner->before) : NULL,
                                            .after = inner->after.size > 0 ? arena_text(arena, inner->after) : NULL};
    options->on_case(options->context, &outer);
}

static void tell_comparison(const struct assay_comparison_options *options, struct arena *arena,
                            const struct report_comparison *inner, struct assay_comparison *comparison)
{
    *comparison = (struct assay_comparison){.first_cases = inner->first_cases,
                                            .second_cases = inner->second_cases,
                                            .shared_cases = inner->shared_cases,
                                            .same_cases = inner->same_cases,
                                            .knows_documents = inner->has_documents_hash,
                                            .same_documents = inner->same_documents};
    const struct slice first = slice_cut(inner->first_approach, sizeof(comparison->first_approach) - 1);
    const struct slice second = slice_cut(inner->second_approach, sizeof(comparison->second_approach) - 1);
    memcpy(comparison->first_approach, first.data, first.size);
    memcpy(comparison->second_approach, second.data, second.size);
    for (size_t i = 0; options->on_arm != NULL && i < inner->arm_count; i++)
        tell_arm(options, arena, &inner->arms[i]);
    for (size_t i = 0; options->on_case != NULL && i < inner->case_count; i++)
        tell_case(options, arena, &inner->cases[i]);
}

bool assay_report_compare(const struct assay_comparison_options *options, struct assay_comparison *comparison,
                          struct assay_error *error)
{
    struct arena arena;
    struct buffer first, second;
    struct error inner;
    struct report_comparison found;
    const char *first_path = NULL, *second_path = NULL;
    arena_init(&arena);
    buffer_init(&first, LIMIT_REPORT_BYTES);
    buffer_init(&second, LIMIT_REPORT_BYTES);
    bool ok = find_run(options->folder, options->first, &arena, &first_path, &inner) &&
              find_run(options->folder, options->second, &arena, &second_path, &inner) &&
              file_read(first_path, LIMIT_REPORT_BYTES, &first, &inner) &&
              file_read(second_path, LIMIT_REPORT_BYTES, &second, &inner) &&
              report_compare(buffer_slice(&first), first_path, buffer_slice(&second), second_path, &arena, &found, &inner);
    if (ok)
        tell_comparison(options, &arena, &found, comparison);
    buffer_release(&second);
    buffer_release(&first);
    arena_release(&arena);
    return finish(ok, &inner, error);
}
