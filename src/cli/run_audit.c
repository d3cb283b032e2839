/* run_audit.c - `assay audit`: the score, a table by kind, and the worst findings with their places and what to do. */
#include "output.h"
#include "shape/shape.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FINDINGS_SHOWN = 20, PLACES_SHOWN = 4, KINDS_MAX = 32 };

struct auditing {
    const struct invocation *invocation;
    struct progress progress;
    const struct assay_audit_report *report;
    struct slice kinds[KINDS_MAX]; /* to be shown; none: all */
    size_t kind_count;
    size_t limit;
    double score_least; /* of --require; below 0: none */
};

static bool on_progress(void *context, const char *stage, size_t done, size_t total)
{
    struct auditing *auditing = context;
    progress_step(&auditing->progress, stage, done, total);
    return !interrupted();
}

static bool is_shown(const struct auditing *auditing, const char *kind)
{
    bool shown = auditing->kind_count == 0;
    for (size_t i = 0; !shown && i < auditing->kind_count; i++)
        shown = slice_equal_text(auditing->kinds[i], kind);
    return shown;
}

/* ---- one document ---- */

static bool is_shown_kind(void *context, const char *kind)
{
    return is_shown(context, kind);
}

static enum exit_code print_json(struct auditing *auditing)
{
    const struct shape_audit_options options = {.limit = auditing->limit, .is_shown = is_shown_kind, .context = auditing};
    struct buffer buffer;
    struct json_writer json;
    buffer_init(&buffer, LIMIT_JSON_BYTES);
    json_writer_init(&json, &buffer);
    shape_audit(&json, auditing->report, &options);
    enum exit_code code = output_json(auditing->invocation, &buffer);
    buffer_release(&buffer);
    return code;
}

/* ---- for people ---- */

static void print_head(const struct assay_audit_report *report)
{
    char documents[NUMBER_TEXT_BYTES], passages[NUMBER_TEXT_BYTES], tokens[NUMBER_TEXT_BYTES];
    bool colour = output_has_colour();
    if (report->documents == 0) { /* a score of nothing is none */
        output_no_documents();
        return;
    }
    printf("%sScore %.0f of 100%s: %s document%s, %s passages, about %s tokens", colour ? STYLE_BOLD : "", report->score,
           colour ? STYLE_PLAIN : "", number_text(documents, report->documents), report->documents == 1 ? "" : "s",
           number_text(passages, report->passages), number_text(tokens, report->tokens));
    for (size_t i = 0; report->language_count > 1 && i < report->language_count; i++)
        printf("%s%s %zu", i == 0 ? " (" : ", ", report->languages[i].code, report->languages[i].documents);
    puts(report->language_count > 1 ? ")" : "");
    if (report->fits_in_context)
        puts("All of it fits into a context of 100,000 tokens: to put the whole before the model each time, cached, is an "
             "option.");
}

static void print_kinds(const struct auditing *auditing)
{
    bool headed = false;
    for (size_t i = 0; i < auditing->report->kind_count; i++) {
        const struct assay_audit_kind *kind = &auditing->report->kinds[i];
        if (kind->findings == 0 || !is_shown(auditing, kind->name))
            continue;
        if (!headed)
            puts("\nkind             findings  documents  points");
        headed = true;
        printf("%-16s %8zu  %9zu  %6.1f\n", kind->name, kind->findings, kind->documents, kind->cost > 0 ? -kind->cost : 0.0);
    }
}

static void print_place(const struct assay_audit_place *place)
{
    fputs("   ", stdout);
    output_text(stdout, slice_from(place->document));
    if (place->line > 0 && place->line_end > place->line)
        printf(":%zu-%zu", place->line, place->line_end);
    else if (place->line > 0)
        printf(":%zu", place->line);
    if (place->text[0] != '\0') {
        fputs("  ", stdout);
        output_text(stdout, slice_from(place->text));
    }
    putchar('\n');
}

static void print_finding(const struct assay_audit_finding *finding, size_t number)
{
    bool colour = output_has_colour();
    printf("\n%zu. %s%s%s, %s, %.2f points\n   ", number, colour ? STYLE_BOLD : "", finding->kind, colour ? STYLE_PLAIN : "",
           finding->severity, finding->cost);
    output_text(stdout, slice_from(finding->message));
    putchar('\n');
    bool says_more = finding->place_count > 1 || finding->places[0].text[0] != '\0';
    for (size_t i = 0; says_more && i < finding->place_count && i < PLACES_SHOWN; i++)
        print_place(&finding->places[i]);
    if (finding->place_count > PLACES_SHOWN)
        printf("   … and %zu more\n", finding->place_count - PLACES_SHOWN);
    fputs("   → ", stdout);
    output_text(stdout, slice_from(finding->remedy));
    putchar('\n');
}

static void print_report(const struct auditing *auditing)
{
    const struct assay_audit_report *report = auditing->report;
    char time[NUMBER_TEXT_BYTES];
    size_t fitting = 0, shown = 0;
    print_head(report);
    print_kinds(auditing);
    for (size_t i = 0; i < report->finding_count; i++) {
        if (!is_shown(auditing, report->findings[i].kind))
            continue;
        fitting++;
        if (shown < auditing->limit)
            print_finding(&report->findings[i], ++shown);
    }
    if (fitting == 0)
        puts(auditing->kind_count > 0 ? "Nothing of that kind was found." : "Nothing was found.");
    else if (fitting > shown)
        printf("\n%zu more; --limit and --kind show them.\n", fitting - shown);
    if (!auditing->invocation->quiet)
        printf("\nAudited in %s.\n", time_text(time, report->took_ms));
}

/* ---- options ---- */

static bool read_kinds(struct auditing *auditing)
{
    const char *text = invocation_option(auditing->invocation, "kind");
    struct slice rest = slice_from(text != NULL ? text : ""), part;
    while (slice_next(&rest, ',', &part)) {
        bool known = false;
        part = slice_trim(part);
        for (size_t i = 0; assay_audit_kind_name(i) != NULL; i++)
            known = known || slice_equal_text(part, assay_audit_kind_name(i));
        if (!known || auditing->kind_count == KINDS_MAX) {
            (void)wrong_use(auditing->invocation, "See `assay help audit` for the kinds.", "unrecognized kind \"%.60s\"", text);
            return false;
        }
        auditing->kinds[auditing->kind_count++] = part;
    }
    if (text != NULL && auditing->kind_count == 0) {
        (void)wrong_use(auditing->invocation, "See `assay help audit` for the kinds.", "--kind names none");
        return false;
    }
    return true;
}

static bool read_requirement(struct auditing *auditing)
{
    const char *text = invocation_option(auditing->invocation, "require");
    auditing->score_least = -1;
    if (text == NULL)
        return true;
    struct slice rule = slice_trim(slice_from(text));
    if (slice_starts_with(rule, SLICE("score"))) {
        rule = slice_trim(slice_range(rule, 5, rule.size));
        if (slice_starts_with(rule, SLICE(">=")) &&
            slice_to_double(slice_trim(slice_range(rule, 2, rule.size)), &auditing->score_least) &&
            auditing->score_least >= 0 && auditing->score_least <= 100)
            return true;
    }
    (void)wrong_use(auditing->invocation, "Write it as 'score>=80', with a number from 0 to 100.",
                    "unrecognized requirement \"%.60s\"", text);
    return false;
}

static enum exit_code tell(struct auditing *auditing)
{
    enum exit_code code = EXIT_DONE;
    if (auditing->invocation->json)
        code = print_json(auditing);
    else
        print_report(auditing);
    if (code == EXIT_DONE && auditing->report->score < auditing->score_least) {
        if (!auditing->invocation->json)
            fprintf(stderr, "assay: the score is %.0f, wanted are %g\n", auditing->report->score, auditing->score_least);
        code = EXIT_TARGET_MISSED;
    }
    return code;
}

enum exit_code run_audit(struct invocation *invocation)
{
    struct auditing auditing = {.invocation = invocation};
    struct assay *assay = NULL;
    struct assay_audit_result *result = NULL;
    struct assay_error error;
    size_t usual = invocation->json ? SIZE_MAX : FINDINGS_SHOWN;
    if (!read_kinds(&auditing) || !read_requirement(&auditing) ||
        !invocation_number(invocation, "limit", 0, SIZE_MAX / 2, usual, &auditing.limit))
        return EXIT_WRONG_USE;
    if (!assay_open(&assay, &(struct assay_open_options){.folder = invocation_option(invocation, "project")}, &error))
        return output_failure(invocation, &error);
    progress_init(&auditing.progress, invocation);
    interrupt_watch();
    const struct assay_audit_options options = {.today = invocation_option(invocation, "today"),
                                                .deep = invocation_option(invocation, "deep") != NULL,
                                                .on_progress = on_progress,
                                                .context = &auditing};
    bool ok = assay_audit(assay, &options, &result, &error);
    progress_clear(&auditing.progress);
    enum exit_code code = EXIT_DONE;
    if (ok) {
        auditing.report = assay_audit_report(result);
        code = tell(&auditing);
    } else {
        code = output_failure(invocation, &error);
    }
    assay_audit_free(result);
    assay_close(assay);
    return code;
}
