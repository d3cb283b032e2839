/* run_prompt.c - `assay prompt show`, `diff` and `test`: what a language model is told, what changed in it, and which of two does better. */
#include "as_option.h"
#include "output.h"
#include <string.h>

enum { VERSION_SHOWN = 12 };

static bool going(void *context)
{
    (void)context;
    return !interrupted();
}

static bool on_progress(void *context, const char *stage, size_t done, size_t total)
{
    progress_step(context, stage, done, total);
    return !interrupted();
}

/* ---- show ---- */

static void write_place(struct json_writer *json, const struct assay_hit *hit, bool is_in)
{
    json_object_begin(json);
    json_texts(json, &(struct json_text_member){"document", hit->document}, 1);
    json_integers(json,
                  (const struct json_integer_member[]){
                      {"passage", hit->passage}, {"start", (int64_t)hit->start}, {"end", (int64_t)hit->end}},
                  3);
    json_key(json, "cut");
    json_bool(json, !is_in);
    json_object_end(json);
}

static enum exit_code print_prompt_json(const struct invocation *invocation, const struct assay_shown_prompt *prompt)
{
    const struct assay_answer *answer = &prompt->answer;
    const struct json_integer_member numbers[] = {
        {"tokens", (int64_t)answer->tokens},     {"tokens_max", (int64_t)answer->tokens_budget},
        {"examples", (int64_t)answer->examples}, {"examples_cut", (int64_t)answer->examples_cut},
        {"flagged", (int64_t)answer->flagged},
    };
    struct buffer out;
    struct json_writer json;
    buffer_init(&out, LIMIT_JSON_BYTES);
    json_writer_init(&json, &out);
    json_object_begin(&json);
    json_texts(&json, (const struct json_text_member[]){{"version", answer->prompt_version}, {"asked", answer->asked}}, 2);
    json_key(&json, "messages");
    json_array_begin(&json);
    for (size_t i = 0; i < prompt->message_count; i++) {
        const struct assay_message *message = &prompt->messages[i];
        json_object_begin(&json);
        json_texts(&json, &(struct json_text_member){"role", message->role}, 1);
        json_key(&json, "content");
        json_text(&json, (struct slice){message->text.data, message->text.size});
        json_object_end(&json);
    }
    json_array_end(&json);
    json_integers(&json, numbers, ARRAY_COUNT(numbers));
    json_key(&json, "passages");
    json_array_begin(&json);
    for (size_t i = 0; i < answer->hit_count; i++)
        write_place(&json, &answer->hits[i], i < answer->passages);
    json_array_end(&json);
    json_object_end(&json);
    enum exit_code code = output_json(invocation, &out);
    buffer_release(&out);
    return code;
}

static void print_cut(const struct assay_answer *answer)
{
    printf("\nversion %.*s: about %zu of %zu tokens, %zu passage%s, %zu example%s\n", VERSION_SHOWN, answer->prompt_version,
           answer->tokens, answer->tokens_budget, answer->passages, answer->passages == 1 ? "" : "s", answer->examples,
           answer->examples == 1 ? "" : "s");
    if (answer->examples_cut > 0)
        printf("%zu example%s cut: no room\n", answer->examples_cut, answer->examples_cut == 1 ? "" : "s");
    for (size_t i = answer->passages; i < answer->hit_count; i++) {
        const struct assay_hit *hit = &answer->hits[i];
        fputs("cut, no room: ", stdout);
        output_place(hit->document, hit->page, hit->is_extracted, hit->line, hit->line_end);
        putchar('\n');
    }
    if (answer->flagged > 0)
        printf("in %zu passage%s, text that reads like an instruction to a model was left out\n", answer->flagged,
               answer->flagged == 1 ? "" : "s");
}

static enum exit_code print_prompt(const struct invocation *invocation, const struct assay_shown_prompt *prompt)
{
    bool colour = output_has_colour();
    if (invocation->json)
        return print_prompt_json(invocation, prompt);
    for (size_t i = 0; i < prompt->message_count; i++) {
        const struct assay_message *message = &prompt->messages[i];
        printf("%s%s---- %s ----%s\n", i > 0 ? "\n" : "", colour ? STYLE_BOLD : "", message->role, colour ? STYLE_PLAIN : "");
        output_lines(stdout, slice_trim((struct slice){message->text.data, message->text.size}));
        putchar('\n');
    }
    if (!invocation->quiet)
        print_cut(&prompt->answer);
    return EXIT_DONE;
}

enum exit_code run_prompt_show(struct invocation *invocation)
{
    struct assay *assay = NULL;
    struct assay_error error;
    struct assay_shown_prompt prompt;
    struct as_option as;
    struct error inner = {0};
    struct buffer question;
    struct assay_ask_options options = {.mode = invocation_option(invocation, "mode"),
                                        .filter = invocation_option(invocation, "filter"),
                                        .approach = invocation_option(invocation, "approach"),
                                        .going = going};
    if (!invocation_number(invocation, "k", 1, LIMIT_RESULTS, 0, &options.k))
        return EXIT_WRONG_USE;
    buffer_init(&question, LIMIT_QUERY_BYTES * 2);
    for (size_t i = 0; i < invocation->argument_count; i++) {
        buffer_append_text(&question, i > 0 ? " " : "");
        buffer_append_text(&question, invocation->arguments[i]);
    }
    bool ok = buffer_finish(&question, "the question", &inner);
    if (!ok)
        output_from_inner(&error, &inner);
    enum exit_code code = EXIT_DONE;
    ok = ok && assay_open(&assay, &(struct assay_open_options){.folder = invocation_option(invocation, "project")}, &error) &&
         as_option_read(invocation, assay, &as, &error);
    options.principal = ok ? as.principal : NULL;
    ok = ok &&
         assay_prompt_show(assay, buffer_text(&question), invocation_option(invocation, "prompt"), &options, &prompt, &error);
    if (ok) {
        code = print_prompt(invocation, &prompt);
        assay_prompt_release(&prompt);
    } else {
        code = output_failure(invocation, &error);
    }
    assay_close(assay);
    buffer_release(&question);
    return code;
}

/* ---- diff ---- */

struct diff_printing {
    bool is_json, colour;
    const char *part; /* of the last line; NULL: none yet */
    struct buffer text;
    struct json_writer json;
};

static void on_line(void *context, const struct assay_prompt_line *line)
{
    struct diff_printing *printing = context;
    struct slice text = {line->text.data, line->text.size};
    bool begins = printing->part == NULL || strcmp(printing->part, line->part) != 0;
    printing->part = line->part;
    if (printing->is_json) {
        struct json_writer *json = &printing->json;
        json_object_begin(json);
        json_texts(json, &(struct json_text_member){"part", line->part}, 1);
        json_key(json, "change");
        json_text(json, line->sign == ' ' ? SLICE("same") : line->sign == '-' ? SLICE("gone") : SLICE("new"));
        json_key(json, "line");
        json_text(json, text);
        json_object_end(json);
        return;
    }
    if (begins)
        printf("---- %s ----\n", line->part);
    fputs(printing->colour && line->sign != ' ' ? STYLE_BOLD : "", stdout);
    printf("%c ", line->sign);
    output_text(stdout, text);
    puts(printing->colour && line->sign != ' ' ? STYLE_PLAIN : "");
}

static enum exit_code print_diff(const struct invocation *invocation, struct assay *assay, struct diff_printing *printing)
{
    struct assay_prompt_diff diff;
    struct assay_error error;
    json_array_begin(&printing->json);
    if (!assay_prompt_compare(assay, invocation->arguments[0], invocation->arguments[1], on_line, printing, &diff, &error))
        return output_failure_midway(invocation, printing->part != NULL && !printing->is_json, &error);
    json_array_end(&printing->json);
    if (!printing->is_json) {
        if (!invocation->quiet)
            printf("\n%.*s and %.*s: %s\n", VERSION_SHOWN, diff.first, VERSION_SHOWN, diff.second,
                   diff.differ ? "they differ" : "the same");
        return EXIT_DONE;
    }
    struct buffer out;
    struct json_writer json;
    buffer_init(&out, LIMIT_JSON_BYTES);
    json_writer_init(&json, &out);
    json_object_begin(&json);
    json_texts(&json, (const struct json_text_member[]){{"first", diff.first}, {"second", diff.second}}, 2);
    json_key(&json, "differ");
    json_bool(&json, diff.differ);
    json_key(&json, "lines");
    json_raw(&json, buffer_slice(&printing->text));
    json_object_end(&json);
    enum exit_code code = output_json(invocation, &out);
    buffer_release(&out);
    return code;
}

enum exit_code run_prompt_diff(struct invocation *invocation)
{
    struct assay *assay = NULL;
    struct assay_error error;
    struct diff_printing printing = {.is_json = invocation->json, .colour = output_has_colour()};
    if (!assay_open(&assay, &(struct assay_open_options){.folder = invocation_option(invocation, "project")}, &error))
        return output_failure(invocation, &error);
    buffer_init(&printing.text, LIMIT_JSON_BYTES);
    json_writer_init(&printing.json, &printing.text);
    enum exit_code code = print_diff(invocation, assay, &printing);
    buffer_release(&printing.text);
    assay_close(assay);
    return code;
}

/* ---- test ---- */

static void write_difference(struct json_writer *json, const char *name, const struct assay_difference *difference)
{
    const struct {
        const char *key;
        double value;
    } numbers[] = {{"first", difference->first},
                   {"second", difference->second},
                   {"difference", difference->difference},
                   {"chance", difference->chance}};
    json_key(json, name);
    json_object_begin(json);
    for (size_t i = 0; i < ARRAY_COUNT(numbers); i++) {
        json_key(json, numbers[i].key);
        json_real(json, numbers[i].value, 9);
    }
    json_pair(json, "interval", difference->low, difference->high, 9);
    json_integers(json, &(struct json_integer_member){"cases", (int64_t)difference->cases}, 1);
    json_object_end(json);
}

static void write_side(struct json_writer *json, const char *name, const char *version,
                       const struct assay_answers_report *report)
{
    json_key(json, name);
    json_object_begin(json);
    json_texts(json, &(struct json_text_member){"version", version}, 1);
    json_integers(json,
                  (const struct json_integer_member[]){{"prompt_tokens", report->prompt_tokens},
                                                       {"completion_tokens", report->completion_tokens},
                                                       {"cached_tokens", report->cached_tokens},
                                                       {"failed", (int64_t)report->failed}},
                  4);
    json_key(json, "cost");
    if (report->cost >= 0)
        json_real(json, report->cost, 10);
    else
        json_null(json);
    json_object_end(json);
}

static enum exit_code print_test_json(const struct invocation *invocation, const struct assay_prompt_test *test)
{
    struct buffer out;
    struct json_writer json;
    buffer_init(&out, LIMIT_JSON_BYTES);
    json_writer_init(&json, &out);
    json_object_begin(&json);
    json_integers(&json,
                  (const struct json_integer_member[]){{"cases", (int64_t)test->reports[0].cases},
                                                       {"better", (int64_t)test->better},
                                                       {"worse", (int64_t)test->worse}},
                  3);
    json_texts(&json, &(struct json_text_member){"model", test->reports[0].model}, 1);
    write_side(&json, "first", test->first, &test->reports[0]);
    write_side(&json, "second", test->second, &test->reports[1]);
    json_key(&json, "measures");
    json_object_begin(&json);
    for (size_t i = 0; i < ASSAY_GRADES; i++)
        write_difference(&json, assay_grade_name((enum assay_grade)i), &test->grades[i]);
    write_difference(&json, "grounded", &test->grounded);
    json_object_end(&json);
    json_object_end(&json);
    enum exit_code code = output_json(invocation, &out);
    buffer_release(&out);
    return code;
}

static void print_difference(const char *name, const struct assay_difference *difference)
{
    if (difference->cases > 0)
        printf("%-10s %.4f  %.4f   %+.4f   (%+.4f to %+.4f)   chance %.3f\n", name, difference->first, difference->second,
               difference->difference, difference->low, difference->high, difference->chance);
}

static void print_test(const struct assay_prompt_test *test)
{
    const struct assay_difference *f1 = &test->grades[ASSAY_GRADE_F1];
    bool is_clear = f1->low > 0 || f1->high < 0;
    char number[NUMBER_TEXT_BYTES];
    printf("           first   second  second less first\n");
    for (size_t i = 0; i < ASSAY_GRADES; i++)
        print_difference(assay_grade_name((enum assay_grade)i), &test->grades[i]);
    print_difference("grounded", &test->grounded);
    printf("\n%s cases: with the second, %zu better and %zu worse by F1. ", number_text(number, test->reports[0].cases),
           test->better, test->worse);
    puts(!is_clear     ? "What difference there is may be chance."
         : f1->low > 0 ? "The second is better, by more than chance explains."
                       : "The first is better, by more than chance explains.");
    if (test->reports[0].failed + test->reports[1].failed > 0)
        printf("The model failed for %zu and %zu cases, which count as wrong.\n", test->reports[0].failed,
               test->reports[1].failed);
}

enum exit_code run_prompt_test(struct invocation *invocation)
{
    struct assay *assay = NULL;
    struct assay_error error;
    struct progress progress;
    struct assay_prompt_test test;
    const struct assay_answers_options options = {.tests = invocation_option(invocation, "tests"),
                                                  .mode = invocation_option(invocation, "mode"),
                                                  .model = invocation_option(invocation, "model"),
                                                  .approach = invocation_option(invocation, "approach"),
                                                  .on_progress = on_progress,
                                                  .context = &progress};
    if (!assay_open(&assay, &(struct assay_open_options){.folder = invocation_option(invocation, "project")}, &error))
        return output_failure(invocation, &error);
    interrupt_watch();
    progress_init(&progress, invocation);
    bool ok = assay_prompt_test(assay, invocation->arguments[0], invocation->arguments[1], &options, &test, &error);
    progress_clear(&progress);
    assay_close(assay);
    if (!ok)
        return output_failure(invocation, &error);
    if (invocation->json)
        return print_test_json(invocation, &test);
    print_test(&test);
    return EXIT_DONE;
}
