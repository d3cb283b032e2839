/* run_decide.c - `assay decide`: a row for each approach as it is done, then the verdict with its reasons. */
#include "output.h"
#include <assay_decide.h>
#include <stdlib.h>
#include <string.h>

struct deciding {
    const struct invocation *invocation;
    struct progress progress;
    bool has_head;
    double target;
    struct arena arena;
};

static bool on_progress(void *context, const char *stage, size_t done, size_t total)
{
    struct deciding *deciding = context;
    progress_step(&deciding->progress, stage, done, total);
    return !interrupted();
}

/* ---- the table, as it grows ---- */

static void print_share(double value)
{
    if (value >= 0)
        printf("  %5.2f", value);
    else
        fputs("      –", stdout);
}

/* 0 … 1 in so many cells: the interval as a line, the score as a dot. */
static void print_interval(double score, double low, double high)
{
    enum { CELLS = 20 };
    size_t at = (size_t)(score * (CELLS - 1) + 0.5), from = (size_t)(low * (CELLS - 1) + 0.5),
           to = (size_t)(high * (CELLS - 1) + 0.5);
    for (size_t i = 0; i < CELLS; i++)
        fputs(i == at ? "●" : i >= from && i <= to ? "─" : "·", stdout);
}

/* A line among the messages, for who follows them while the document is not there yet. */
static void tell_follower(const struct deciding *deciding, const struct assay_decided_arm *arm)
{
    if (!deciding->progress.is_followed)
        return;
    fprintf(stderr, "%s: ", arm->name);
    if (arm->why != NULL)
        output_text(stderr, slice_from(arm->why));
    else
        fprintf(stderr, "%.2f (%.2f to %.2f)", arm->score, arm->low, arm->high);
    fputc('\n', stderr);
}

static void on_arm(void *context, const struct assay_decided_arm *arm)
{
    struct deciding *deciding = context;
    char latency[NUMBER_TEXT_BYTES];
    if (deciding->invocation->json) {
        tell_follower(deciding, arm);
        return;
    }
    progress_clear(&deciding->progress);
    if (!deciding->has_head)
        puts("approach  score  0 …                1  interval      knowledge   form  p95       a month");
    deciding->has_head = true;
    printf("%-8s", arm->name);
    if (arm->why != NULL) {
        fputs("  –      ", stdout);
        output_text(stdout, slice_from(arm->why));
        putchar('\n');
    } else {
        printf("  %.2f   ", arm->score);
        print_interval(arm->score, arm->low, arm->high);
        printf("  %.2f to %.2f", arm->low, arm->high);
        fputs("     ", stdout);
        print_share(arm->knowledge);
        print_share(arm->form);
        printf("  %-8s  %.0f\n", time_text(latency, arm->p95_ms), arm->cost_month);
        if (arm->ruled_out != NULL)
            printf("          ruled out by %s\n", arm->ruled_out);
    }
    fflush(stdout);
}

/* ---- the verdict ---- */

static double number_of(const struct json_value *object, const char *key)
{
    const struct json_value *value = json_get(object, key);
    return value != NULL && value->kind == JSON_NUMBER ? value->real : 0;
}

static void print_line(const char *before, struct slice text)
{
    fputs(before, stdout);
    output_text(stdout, text);
    putchar('\n');
}

static void print_list(const struct json_value *list)
{
    for (size_t i = 0; list != NULL && i < list->count; i++)
        print_line("  ", list->items[i].text);
}

static void print_checks(const struct json_value *checks)
{
    for (size_t i = 0; checks != NULL && i < checks->count; i++) {
        const struct json_value *ok = json_get(&checks->items[i], "ok");
        fputs(ok != NULL && ok->boolean ? "  ✓ " : "  ! ", stdout);
        output_text(stdout, json_text_at(&checks->items[i], "check"));
        print_line(": ", json_text_at(&checks->items[i], "message"));
    }
}

static void print_gaps(const struct json_value *root)
{
    const struct json_value *gaps = root != NULL ? json_get(root, "gaps") : NULL;
    double failing = gaps != NULL ? number_of(root, "failing") : 0;
    bool any = false;
    if (gaps == NULL || failing <= 0)
        return;
    const bool is_one = failing < 1.5;
    printf("Why %.0f case%s of ", failing, is_one ? "" : "s");
    output_text(stdout, json_text_at(root, "gaps_of"));
    fputs(is_one ? " fails: " : " fail: ", stdout);
    for (size_t i = 0; i < gaps->count; i++) {
        if (gaps->items[i].real <= 0)
            continue;
        fputs(any ? ", " : "", stdout);
        output_text(stdout, gaps->keys[i]);
        printf(" %.0f %%", 100 * gaps->items[i].real);
        any = true;
    }
    if (number_of(root, "also_behaviour") > 0)
        printf("; of %.0f the form is wrong too", number_of(root, "also_behaviour"));
    putchar('\n');
}

static void print_shares(const struct json_value *root, const char *key, const char *what)
{
    const struct json_value *shares = json_get(root, key);
    if (shares == NULL || shares->count == 0)
        return;
    printf("%s: ", what);
    for (size_t i = 0; i < shares->count; i++) {
        fputs(i > 0 ? ", " : "", stdout);
        output_text(stdout, shares->keys[i]);
        printf(" %.2f", shares->items[i].real);
    }
    putchar('\n');
}

static void print_frameworks(const struct json_value *list)
{
    if (list == NULL)
        return;
    fputs("Rules of thumb say: ", stdout);
    for (size_t i = 0; i < list->count; i++) {
        fputs(i > 0 ? ", " : "", stdout);
        output_text(stdout, json_text_at(&list->items[i], "answer"));
        fputs(" (", stdout);
        output_text(stdout, json_text_at(&list->items[i], "source"));
        putchar(')');
    }
    putchar('\n');
}

static void print_verdict(struct deciding *deciding, const struct json_value *root)
{
    const struct json_value *verdict = json_get(root, "verdict"), *curve = json_get(root, "curve");
    const struct json_value *changes = json_get(verdict, "would_change_if");
    bool colour = output_has_colour();
    (void)deciding;
    fputs("\nVerdict: ", stdout);
    fputs(colour ? STYLE_BOLD : "", stdout);
    output_text(stdout, json_text_at(verdict, "approach"));
    fputs(colour ? STYLE_PLAIN : "", stdout);
    if (number_of(verdict, "confidence") > 0)
        printf(" (confidence %.3g)", number_of(verdict, "confidence"));
    putchar('\n');
    print_list(json_get(verdict, "reasons"));
    if (json_text_at(verdict, "next").size > 0)
        print_line("Next: ", json_text_at(verdict, "next"));
    if (changes != NULL && changes->count > 0) {
        puts("What would change it:");
        print_list(changes);
    }
    print_gaps(root);
    print_gaps(json_get(root, "left"));
    if (curve != NULL && json_text_at(curve, "says").size > 0)
        print_line("Learning curve: ", json_text_at(curve, "says"));
    print_shares(root, "staleness", "Old answers after the documents changed");
    print_shares(root, "brittleness", "Lost when questions are worded otherwise");
    print_frameworks(json_get(root, "frameworks"));
    puts("Checks:");
    print_checks(json_get(root, "checks"));
}

static enum exit_code print_decision(struct deciding *deciding, const struct assay_decision *decision)
{
    struct json_value root;
    struct error inner;
    struct assay_error error;
    const struct slice report = {decision->report.data, decision->report.size};
    if (deciding->invocation->json) {
        struct buffer buffer;
        buffer_init(&buffer, LIMIT_JSON_BYTES);
        buffer_append_slice(&buffer, report);
        enum exit_code code = output_json(deciding->invocation, &buffer);
        buffer_release(&buffer);
        return code;
    }
    if (!json_read(report, "report.json", &deciding->arena, &root, &inner)) {
        output_from_inner(&error, &inner);
        return output_failure(deciding->invocation, &error);
    }
    print_verdict(deciding, &root);
    printf("\n%s/report.json\n%s\n", decision->folder, decision->page);
    if (decision->applied != NULL)
        printf(decision->is_applied ? "assay.yaml is set to it: %s\n" : "assay.yaml is as it was. %s\n", decision->applied);
    return EXIT_DONE;
}

/* ---- the plan ---- */

static enum exit_code print_plan(struct deciding *deciding, struct assay *assay, const struct assay_decide_options *options)
{
    const struct invocation *invocation = deciding->invocation;
    struct assay_error error;
    struct assay_text plan;
    struct json_value root;
    struct error inner;
    if (!assay_decide_plan(assay, options, &plan, &error))
        return output_failure(invocation, &error);
    const struct slice text = {arena_text(&deciding->arena, (struct slice){plan.data, plan.size}), plan.size};
    assay_text_free(&plan);
    if (invocation->json) {
        struct buffer buffer;
        buffer_init(&buffer, LIMIT_JSON_BYTES);
        buffer_append_slice(&buffer, text);
        enum exit_code code = output_json(invocation, &buffer);
        buffer_release(&buffer);
        return code;
    }
    if (!json_read(text, "the plan", &deciding->arena, &root, &inner)) {
        output_from_inner(&error, &inner);
        return output_failure(invocation, &error);
    }
    const struct json_value *arms = json_get(&root, "arms");
    puts("approach  questions  tokens in  tokens out   money  minutes (about)");
    for (size_t i = 0; arms != NULL && i <= arms->count; i++) {
        const struct json_value *row = i < arms->count ? &arms->items[i] : &root;
        printf("%-8s  %9.0f  %9.0f  %10.0f  %6.2f  %7.1f\n",
               i < arms->count ? arena_text(&deciding->arena, json_text_at(row, "name")) : "all", number_of(row, "calls"),
               number_of(row, "input_tokens"), number_of(row, "output_tokens"), number_of(row, "money"),
               number_of(row, "minutes"));
    }
    const struct json_value *skipped = json_get(&root, "skipped");
    for (size_t i = 0; skipped != NULL && i < skipped->count; i++) {
        output_text(stdout, json_text_at(&skipped->items[i], "name"));
        fputs(" will not run: ", stdout);
        output_text(stdout, json_text_at(&skipped->items[i], "why"));
        putchar('\n');
    }
    if (number_of(&root, "training_tokens") > 0) {
        const struct json_value *priced = json_get(&root, "has_training_price");
        printf("Of these the provider's fine-tuning is about %.0f tokens%s.\n", number_of(&root, "training_tokens"),
               priced != NULL && priced->boolean ? ", with its money"
                                                 : "; what they cost is not in the prices, and not counted");
    }
    return EXIT_DONE;
}

/* ---- the run ---- */

/* The command with its options, as it was given: who makes the run again needs it. */
static const char *command_line(struct deciding *deciding)
{
    const struct invocation *invocation = deciding->invocation;
    struct buffer line;
    buffer_init(&line, MIB);
    buffer_append_text(&line, "assay decide");
    for (size_t i = 0; i < OPTIONS_MAX && invocation->command->options[i].name != NULL; i++)
        if (invocation->values[i] != NULL)
            buffer_format(&line, " --%s%s%s", invocation->command->options[i].name, invocation->values[i][0] != '\0' ? " " : "",
                          invocation->values[i]);
    const char *text = arena_text(&deciding->arena, buffer_slice(&line));
    buffer_release(&line);
    return text;
}

static enum exit_code decide(struct deciding *deciding, struct assay *assay, const struct assay_decide_options *options)
{
    const struct invocation *invocation = deciding->invocation;
    struct assay_error error;
    struct assay_decision decision;
    bool ok = assay_decide(assay, options, &decision, &error);
    progress_clear(&deciding->progress);
    if (!ok)
        return output_failure_midway(invocation, deciding->has_head, &error);
    enum exit_code code = print_decision(deciding, &decision);
    if (decision.no_state != NULL)
        output_warning(decision.no_state, "`assay drift` cannot compare with this run.");
    bool is_missed = invocation_option(invocation, "require") != NULL && !decision.is_target_reached;
    assay_decision_release(&decision);
    return code == EXIT_DONE && is_missed ? EXIT_TARGET_MISSED : code;
}

static bool read_options(struct deciding *deciding, struct assay_decide_options *options)
{
    const struct invocation *invocation = deciding->invocation;
    const char *target = invocation_option(invocation, "target");
    size_t seed;
    if (!invocation_number(invocation, "seed", 1, INT32_MAX, 1, &seed))
        return false;
    if (target != NULL &&
        (!slice_to_double(slice_from(target), &deciding->target) || !(deciding->target >= 0 && deciding->target <= 1))) {
        wrong_use(invocation, "A score, as 0.9.", "--target is \"%.60s\", expected a number from 0 to 1", target);
        return false;
    }
    *options = (struct assay_decide_options){.tests = invocation_option(invocation, "tests"),
                                             .mode = invocation_option(invocation, "mode"),
                                             .model = invocation_option(invocation, "model"),
                                             .tuned = invocation_option(invocation, "tuned"),
                                             .hosted = invocation_option(invocation, "hosted"),
                                             .target = target != NULL ? &deciding->target : NULL,
                                             .seed = seed,
                                             .all = invocation_option(invocation, "all") != NULL,
                                             .anew = invocation_option(invocation, "anew") != NULL,
                                             .apply = invocation_option(invocation, "apply") != NULL,
                                             .command = command_line(deciding),
                                             .on_arm = on_arm,
                                             .on_progress = on_progress,
                                             .context = deciding};
    return true;
}

enum exit_code run_decide(struct invocation *invocation)
{
    struct deciding deciding = {.invocation = invocation};
    struct assay_decide_options options;
    struct assay *assay = NULL;
    struct assay_error error;
    arena_init(&deciding.arena);
    progress_init(&deciding.progress, invocation);
    interrupt_watch();
    enum exit_code code = EXIT_WRONG_USE;
    if (read_options(&deciding, &options)) {
        if (!assay_open(&assay, &(struct assay_open_options){.folder = invocation_option(invocation, "project")}, &error))
            code = output_failure(invocation, &error);
        else if (invocation_option(invocation, "plan") != NULL)
            code = print_plan(&deciding, assay, &options);
        else
            code = decide(&deciding, assay, &options);
        assay_close(assay);
    }
    arena_release(&deciding.arena);
    return code;
}
