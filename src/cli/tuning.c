/* tuning.c - what every kind of tuning does here: options, progress, and what is told of the data.
 *
 *   options ─▶ the kind's function of the library, with a progress bar ─▶ the data, then what the kind tells of what was learned */
#include "tuning.h"
#include <math.h>
#include <stdlib.h>

enum { REJECTED_SHOWN = 10, PLACES_SHOWN = 4 };

/* ---- one document ---- */

void tuning_write_reals(struct json_writer *json, const char *const *keys, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_key(json, keys[i]);
        json_real(json, values[i], 6);
    }
}

const char *tuning_interval_text(char text[INTERVAL_TEXT_BYTES], double low, double high, bool is_change)
{
    if (!isfinite(low) || !isfinite(high))
        return "–";
    snprintf(text, INTERVAL_TEXT_BYTES, is_change ? "%+.3f … %+.3f" : "%.3f … %.3f", low, high);
    return text;
}

void tuning_write_interval(struct json_writer *json, const char *key, double low, double high)
{
    json_pair(json, key, low, high, 6);
}

static void write_place(struct json_writer *json, const struct assay_tune_place *place)
{
    json_object_begin(json);
    const struct json_integer_member lines[] = {{"line", (int64_t)place->line}, {"other_line", (int64_t)place->other_line}};
    json_integers(json, lines, place->other_line > 0 ? 2 : 1);
    json_key(json, "in_test");
    json_bool(json, place->in_test);
    if (place->other_line > 0) {
        json_key(json, "other_in_test");
        json_bool(json, place->other_in_test);
    }
    json_key(json, "text");
    json_text(json, slice_from(place->text));
    json_object_end(json);
}

static void write_finding(struct json_writer *json, const struct assay_tune_finding *finding)
{
    json_object_begin(json);
    const struct json_text_member texts[] = {
        {"kind", finding->kind}, {"severity", finding->severity}, {"message", finding->message}, {"remedy", finding->remedy}};
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_key(json, "blocks");
    json_bool(json, finding->blocks);
    json_key(json, "count");
    json_integer(json, (int64_t)finding->count);
    json_key(json, "places");
    json_array_begin(json);
    for (size_t i = 0; i < finding->place_count; i++)
        write_place(json, &finding->places[i]);
    json_array_end(json);
    json_object_end(json);
}

static void write_examples(struct json_writer *json, const struct assay_tune_report *report)
{
    json_key(json, "examples");
    json_object_begin(json);
    const struct json_integer_member counts[] = {
        {"train", (int64_t)report->train},   {"validation", (int64_t)report->validation},
        {"test", (int64_t)report->cases},    {"records", (int64_t)report->records},
        {"usable", (int64_t)report->usable}, {"rejected_count", (int64_t)report->rejected}};
    json_integers(json, counts, ARRAY_COUNT(counts));
    json_key(json, "read_as");
    json_text(json, slice_from(report->stated));
    json_key(json, "rejected");
    json_array_begin(json);
    for (size_t i = 0; i < report->rejection_count; i++) {
        json_object_begin(json);
        json_key(json, "line");
        json_integer(json, (int64_t)report->rejections[i].line);
        const struct json_text_member texts[] = {{"kind", report->rejections[i].fault},
                                                 {"reason", report->rejections[i].reason}};
        json_texts(json, texts, ARRAY_COUNT(texts));
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
}

static void write_data(struct json_writer *json, const struct assay_tune_report *report)
{
    json_key(json, "tokens");
    json_object_begin(json);
    const struct json_integer_member tokens[] = {{"median", (int64_t)report->tokens_median},
                                                 {"p95", (int64_t)report->tokens_p95},
                                                 {"most", (int64_t)report->tokens_most}};
    json_integers(json, tokens, ARRAY_COUNT(tokens));
    json_object_end(json);
    json_key(json, "findings");
    json_array_begin(json);
    for (size_t i = 0; i < report->finding_count; i++)
        write_finding(json, &report->findings[i]);
    json_array_end(json);
    json_key(json, "labels");
    json_array_begin(json);
    for (size_t i = 0; i < report->label_count; i++) {
        static const char *const keys[] = {"precision", "recall", "f1"};
        const struct assay_tune_label *label = &report->labels[i];
        const double values[] = {label->precision, label->recall, label->f1};
        json_object_begin(json);
        json_key(json, "label");
        json_text(json, slice_from(label->name));
        const struct json_integer_member counts[] = {{"examples", (int64_t)label->examples}, {"cases", (int64_t)label->cases}};
        json_integers(json, counts, ARRAY_COUNT(counts));
        if (report->adapter != NULL)
            tuning_write_reals(json, keys, values, ARRAY_COUNT(keys));
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_rival(struct json_writer *json, const struct assay_tune_rival *rival)
{
    static const char *const keys[] = {"before", "after", "change"};
    if (rival == NULL)
        return;
    json_key(json, "rival");
    json_object_begin(json);
    json_texts(json, (const struct json_text_member[]){{"name", rival->name}, {"measure", rival->measure}}, 2);
    json_text_or_null(json, "unmeasured", rival->unmeasured);
    if (rival->unmeasured == NULL) {
        tuning_write_reals(json, keys, (const double[]){rival->before, rival->after, rival->change}, ARRAY_COUNT(keys));
        tuning_write_interval(json, "change_interval", rival->change_low, rival->change_high);
        json_key(json, "fair");
        json_bool(json, rival->is_fair);
    }
    json_key(json, "replaced");
    json_bool(json, rival->is_replaced);
    json_object_end(json);
}

static void write_general(struct json_writer *json, const struct assay_tune_general *general)
{
    if (general == NULL)
        return;
    json_key(json, "general");
    json_object_begin(json);
    json_texts(json, &(struct json_text_member){"measure", general->measure}, 1);
    json_integers(json, &(struct json_integer_member){"texts", (int64_t)general->texts}, 1);
    json_key(json, "before");
    if (general->before < 0)
        json_null(json);
    else
        json_real(json, general->before, 6);
    tuning_write_reals(json, (const char *const[]){"after"}, &general->after, 1);
    json_object_end(json);
}

static void write_rates(struct json_writer *json, const struct assay_tune_report *report)
{
    static const char *const keys[] = {"usual", "suggested"};
    if (report->rates == NULL)
        return;
    json_key(json, "learning_rate");
    json_object_begin(json);
    tuning_write_reals(json, keys, (const double[]){report->rate_usual, report->rate_suggested},
                       1 + (report->rate_suggested > 0));
    json_key(json, "tried"); /* each: the rate, and the loss behind it */
    json_array_begin(json);
    for (size_t i = 0; i < report->rate_count; i++) {
        json_array_begin(json);
        json_real(json, report->rates[i].rate, 4);
        json_real(json, report->rates[i].loss, 6);
        json_array_end(json);
    }
    json_array_end(json);
    json_object_end(json);
}

static enum exit_code print_json(const struct invocation *invocation, const struct tuning_kind *kind,
                                 const struct assay_tune_report *report)
{
    struct buffer buffer;
    struct json_writer json;
    buffer_init(&buffer, LIMIT_JSON_BYTES);
    json_writer_init(&json, &buffer);
    json_object_begin(&json);
    json_key(&json, "adapter");
    if (report->adapter != NULL)
        json_text(&json, slice_from(report->adapter));
    else
        json_null(&json);
    write_examples(&json, report);
    write_data(&json, report);
    kind->write_learned(&json, report);
    write_rates(&json, report);
    write_rival(&json, report->rival);
    write_general(&json, report->general);
    if (report->pageless != NULL)
        json_texts(&json, &(struct json_text_member){"pageless", report->pageless}, 1);
    json_key(&json, "peak_bytes");
    json_integer(&json, (int64_t)report->peak_bytes);
    json_key(&json, "took_ms");
    json_real(&json, report->took_ms, 6);
    json_object_end(&json);
    enum exit_code code = output_json(invocation, &buffer);
    buffer_release(&buffer);
    return code;
}

/* ---- for people ---- */

static void print_place(const struct assay_tune_place *place)
{
    fputs("   ", stdout);
    if (place->line > 0)
        printf("%sline %zu", place->in_test ? "test " : "", place->line);
    if (place->other_line > 0)
        printf(" and %sline %zu", place->other_in_test ? "test " : "", place->other_line);
    if (place->text[0] != '\0') {
        fputs(place->line > 0 ? ": " : "", stdout);
        output_text(stdout, slice_from(place->text));
    }
    putchar('\n');
}

static void print_finding(const struct assay_tune_finding *finding)
{
    bool colour = output_has_colour();
    printf("\n%s%s%s, %s: ", colour ? STYLE_BOLD : "", finding->kind, colour ? STYLE_PLAIN : "", finding->severity);
    output_text(stdout, slice_from(finding->message));
    putchar('\n');
    for (size_t i = 0; i < finding->place_count && i < PLACES_SHOWN; i++)
        print_place(&finding->places[i]);
    if (finding->place_count > PLACES_SHOWN)
        printf("   … %zu in all\n", finding->count);
    printf("   → %s\n", finding->remedy);
}

static void print_data(const struct assay_tune_report *report)
{
    char examples[NUMBER_TEXT_BYTES], usable[NUMBER_TEXT_BYTES], next[NUMBER_TEXT_BYTES];
    printf("Read as ");
    output_text(stdout, slice_from(report->stated));
    printf(": %s example%s, %s usable", number_text(examples, report->examples), report->examples == 1 ? "" : "s",
           number_text(usable, report->usable));
    if (report->label_count > 0)
        printf(", %zu label%s", report->label_count, report->label_count == 1 ? "" : "s");
    else
        printf(", %s without an answer", number_text(next, report->unanswerable));
    if (report->tokens_most > 0)
        printf("; a text has %zu tokens (median), %zu at the most", report->tokens_median, report->tokens_most);
    putchar('\n');
    if (report->note != NULL)
        printf("Note: %s.\n", report->note);
    if (report->floor != NULL)
        printf("So many are %s.", report->floor);
    if (report->floor_next > 0)
        printf("%sThe next step is %s.", report->floor != NULL ? " " : "", number_text(next, report->floor_next));
    putchar('\n');
    for (size_t i = 0; i < report->finding_count; i++)
        print_finding(&report->findings[i]);
    if (report->finding_count == 0)
        puts("Nothing is wrong with them.");
}

static void print_rejected(const struct assay_tune_report *report)
{
    for (size_t i = 0; i < report->rejection_count && i < REJECTED_SHOWN; i++) {
        fprintf(stderr, "assay: line %zu is no example: ", report->rejections[i].line);
        output_text(stderr, slice_from(report->rejections[i].reason));
        fputc('\n', stderr);
    }
    if (report->rejected > REJECTED_SHOWN)
        fprintf(stderr, "assay: %zu more lines are none; --json tells them\n", report->rejected - REJECTED_SHOWN);
}

/* Every fifth one, with a bar as long as its loss. */
static void print_rates(const struct assay_tune_report *report)
{
    enum { APART = 5, WIDEST = 40 };
    double most = 0, suggested = report->rate_suggested;
    for (size_t i = 0; i < report->rate_count; i++)
        most = report->rates[i].loss > most ? report->rates[i].loss : most;
    printf("\n%13s %9s\n", "learning rate", "loss");
    for (size_t i = 0; i < report->rate_count; i += APART) {
        const struct assay_tune_rate *rate = &report->rates[i];
        printf("%13.1e %9.4f  ", rate->rate, rate->loss);
        for (size_t bar = 0; (double)bar + 0.5 < WIDEST * rate->loss / most; bar++)
            putchar('#');
        putchar('\n');
    }
    if (!(suggested > 0))
        puts("\nNo rate made the loss fall: there is nothing to suggest. More examples may help, or larger batches.");
    else
        printf("\nSuggested: %.2g, where the loss falls fastest; usual is %.2g. Nothing was kept.\n", suggested,
               report->rate_usual);
}

static void print_general(const struct assay_tune_general *general)
{
    bool abstains = strcmp(general->measure, "abstained") == 0;
    printf("\nGeneral %s, of which it learned nothing: it %s %.1f %%",
           abstains ? "texts that it has no answer to" : "questions",
           abstains ? "abstains from" : "finds what answers them first for", 100 * general->after);
    if (general->before >= 0)
        printf(", before %.1f %%", 100 * general->before);
    printf(" (of %zu).\n", general->texts);
}

/* There is one where steps were recorded. */
static void print_page(const struct assay_tune_report *report)
{
    struct arena arena;
    if (report->pageless != NULL) {
        fputs("The page of how the training went could not be written, and all else is kept: ", stdout);
        output_text(stdout, slice_from(report->pageless));
        putchar('\n');
        return;
    }
    arena_init(&arena);
    const char *page = path_join(&arena, report->adapter, "training.html");
    if (file_exists(page)) {
        fputs("How the training went: ", stdout);
        output_text(stdout, slice_from(page));
        putchar('\n');
    }
    arena_release(&arena);
}

static void print_rival(const struct assay_tune_rival *rival)
{
    char interval[INTERVAL_TEXT_BYTES];
    if (rival->unmeasured != NULL) {
        printf("\n%s could not be asked: ", rival->name);
        output_text(stdout, slice_from(rival->unmeasured));
        printf(".\nThe new one is in its place.\n");
        return;
    }
    printf("\nOn the same cases %s has %s %.3f, the new one %.3f: a change of %+.3f (%s).\n", rival->name, rival->measure,
           rival->before, rival->after, rival->change,
           tuning_interval_text(interval, rival->change_low, rival->change_high, true));
    if (!rival->is_fair)
        printf("What %s was measured with is not known: it may have learned from some of these cases, and look better than it "
               "is.\n",
               rival->name);
    if (rival->is_replaced)
        printf("The new one is in the place of %s.\n", rival->name);
    else
        printf(
            "It is worse, so %s stays, and the new one lies beside it. `assay tune again %s --take` puts it in all the same.\n",
            rival->name, rival->name);
}

/* One that did not take the place of another one misses what it was made for. */
static enum exit_code code_of(const struct assay_tune_report *report)
{
    return report->rival != NULL && !report->rival->is_replaced ? EXIT_TARGET_MISSED : EXIT_DONE;
}

static enum exit_code tell(const struct invocation *invocation, const struct tuning_kind *kind,
                           const struct assay_tune_report *report)
{
    if (invocation->json) {
        enum exit_code code = print_json(invocation, kind, report);
        return code != EXIT_DONE ? code : code_of(report);
    }
    if (!invocation->quiet)
        print_rejected(report);
    print_data(report);
    if (report->adapter != NULL) {
        kind->print_learned(report);
        print_page(report);
    }
    if (report->general != NULL)
        print_general(report->general);
    if (report->rates != NULL)
        print_rates(report);
    if (report->rival != NULL)
        print_rival(report->rival);
    return code_of(report);
}

/* ---- options ---- */

bool tuning_read_part(const struct invocation *invocation, const char *name, double most, double *part)
{
    const char *text = invocation_option(invocation, name);
    *part = 0;
    if (text == NULL || (slice_to_double(slice_from(text), part) && *part > 0 && *part <= most))
        return true;
    (void)wrong_use(invocation, "A number, as 0.1; --help says what is usual.",
                    "\"--%s\" is \"%.60s\", expected a number above 0 and up to %g", name, text, most);
    return false;
}

bool tuning_read_training(const struct invocation *invocation, struct assay_tune_reader_options *options)
{
    enum { EPOCHS_MOST = 1000, RANK_MOST = 1024, BATCH_MOST = 65536 };
    options->from = invocation_option(invocation, "from");
    options->resume = invocation_option(invocation, "resume") != NULL;
    options->now = invocation_option(invocation, "now") != NULL;
    return tuning_read_part(invocation, "rate", 1, &options->learning_rate) &&
           tuning_read_part(invocation, "dropout", 0.9, &options->dropout) &&
           invocation_number(invocation, "epochs", 1, EPOCHS_MOST, 0, &options->epochs) &&
           invocation_number(invocation, "steps", 1, SIZE_MAX / 2, 0, &options->steps) &&
           invocation_number(invocation, "rank", 1, RANK_MOST, 0, &options->rank) &&
           invocation_number(invocation, "batch", 1, BATCH_MOST, 0, &options->batch);
}

bool tuning_read_common(const struct invocation *invocation, struct assay_tune_options *common)
{
    size_t seed;
    common->test = invocation_option(invocation, "test");
    common->name = invocation_option(invocation, "name");
    common->model = invocation_option(invocation, "model");
    common->check = invocation_option(invocation, "check") != NULL;
    common->find_rate = invocation_option(invocation, "find-rate") != NULL;
    common->recompute = invocation_option(invocation, "recompute") != NULL;
    common->dora = invocation_option(invocation, "dora") != NULL;
    common->moments_8bit = invocation_option(invocation, "moments-8bit") != NULL;
    common->replace = invocation_option(invocation, "replace") != NULL;
    bool ok = invocation_number(invocation, "seed", 1, SIZE_MAX / 2, 1, &seed) &&
              invocation_number(invocation, "threads", 1, LIMIT_THREADS, 0, &common->threads);
    common->seed = seed;
    return ok;
}

/* ---- the run ---- */

static bool on_progress(void *context, const char *stage, size_t done, size_t total)
{
    progress_step(context, stage, done, total);
    return !interrupted();
}

/* One of several processes, not the first, is silent, and stops when the first does: mpirun ends it. */
static bool on_help(void *context, const char *stage, size_t done, size_t total)
{
    (void)context, (void)stage, (void)done, (void)total;
    return true;
}

assay_on_progress *tuning_progress(void)
{
    return assay_tune_helps() ? on_help : on_progress;
}

enum exit_code tuning_outcome(struct invocation *invocation, const struct tuning_kind *kind, const struct assay_tuned *tuned,
                              const struct assay_error *error)
{
    if (tuned != NULL)
        return tell(invocation, kind, assay_tuned_report(tuned));
    if (assay_tune_helps() && error->kind == ASSAY_CANCELLED)
        return EXIT_DONE;
    if (assay_tune_helps() && error->kind != ASSAY_NO_MEMORY &&
        error->kind != ASSAY_IO) /* the first has it too, and tells it */
        return EXIT_FAILED;
    return output_failure(invocation, error);
}

enum exit_code tuning_run(struct invocation *invocation, const struct tuning_kind *kind,
                          struct assay_tune_reader_options *options)
{
    struct progress progress;
    struct assay *assay = NULL;
    struct assay_tuned *tuned = NULL;
    struct assay_error error;
    options->common.data = invocation->arguments[0];
    if (!tuning_read_common(invocation, &options->common))
        return EXIT_WRONG_USE;
    if (assay_tune_helps() && (options->common.check || options->common.find_rate || options->now)) /* nothing is trained */
        return EXIT_DONE;
    if (!assay_open(&assay, &(struct assay_open_options){.folder = invocation_option(invocation, "project")}, &error))
        return output_failure(invocation, &error);
    options->common.on_progress = tuning_progress();
    options->common.context = &progress;
    progress_init(&progress, invocation);
    interrupt_watch();
    if (!kind->tune(assay, options, &tuned, &error))
        tuned = NULL;
    progress_clear(&progress);
    enum exit_code code = tuning_outcome(invocation, kind, tuned, &error);
    assay_tuned_free(tuned);
    assay_close(assay);
    return code;
}
