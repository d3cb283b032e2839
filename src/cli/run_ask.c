/* run_ask.c - `assay ask`: an answer with its sources beneath, or that the documents have none. */
#include "as_option.h"
#include "output.h"
#include "shape/shape.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NEAREST_SHOWN = 3, SNIPPET_BYTES = 240, INDENT = 4, CONVERSATION_BYTES = 16 << 20, SCHEMA_BYTES = 1 << 20 };

/* One call, read. */
struct asked {
    const struct invocation *invocation;
    struct arena arena;
    struct buffer question, schema, conversation;
    struct assay_turn *turns;
    size_t turn_count, turn_capacity;
};

static bool going(void *context)
{
    (void)context;
    return !interrupted();
}

/* ---- JSON ---- */

static enum exit_code print_json(const struct asked *asked, const struct assay_answer *answer)
{
    struct buffer out;
    struct json_writer json;
    buffer_init(&out, LIMIT_JSON_BYTES);
    json_writer_init(&json, &out);
    shape_answer(&json, answer);
    enum exit_code code = output_json(asked->invocation, &out);
    buffer_release(&out);
    return code;
}

/* ---- for people ---- */

/* A stretch of text on one line, with what ends it. */
static void print_stretch(const char *text, size_t size, const char *behind)
{
    struct slice cut = slice_cut(slice_trim((struct slice){text, size}), SNIPPET_BYTES);
    bool blank = false;
    for (size_t at = 0; at < cut.size; at++) {
        bool is_blank = byte_among(cut.data[at], " \n\t\r");
        if (is_blank && !blank)
            fputc(' ', stdout);
        size_t end = at;
        while (end < cut.size && !byte_among(cut.data[end], " \n\t\r"))
            end++;
        if (end > at)
            output_text(stdout, slice_range(cut, at, end));
        at = end > at ? end - 1 : at;
        blank = is_blank;
    }
    printf("%s%s\n", cut.size < size ? " …" : "", behind);
}

static bool is_html(const char *document)
{
    struct slice path = slice_from(document);
    return slice_ends_with(path, SLICE(".html")) || slice_ends_with(path, SLICE(".htm")) ||
           slice_ends_with(path, SLICE(".xhtml"));
}

static bool is_tag(struct slice text)
{
    char next = text.size > 1 ? text.data[1] : ' ';
    return next == '/' || next == '!' || (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');
}

/* A quote may begin within a tag, whose end it has: "td>36 months". */
static size_t tag_end(struct slice html)
{
    size_t end = 0;
    while (end < html.size && !byte_among(html.data[end], "<> \n\t\r"))
        end++;
    return end < html.size && html.data[end] == '>' ? end + 1 : 0;
}

/* Tags and what is cut of one at the ends: a person reads the words. */
static struct slice without_tags(struct slice html, struct arena *arena)
{
    char *text = arena_alloc(arena, html.size + 1, 1);
    size_t size = 0, close;
    for (size_t at = tag_end(html); at < html.size; at++) {
        struct slice rest = slice_range(html, at, html.size);
        bool tag = html.data[at] == '<' && is_tag(rest);
        text[size++] = tag ? ' ' : html.data[at];
        if (tag)
            at = slice_find(rest, '>', &close) ? at + close : html.size;
    }
    return (struct slice){text, size};
}

static void print_quote(const struct assay_citation *citation)
{
    struct arena arena;
    struct slice quote = {citation->quote, citation->quote_size};
    arena_init(&arena);
    if (!citation->hit->is_extracted && is_html(citation->hit->document))
        quote = without_tags(quote, &arena);
    print_stretch(quote.data, quote.size, "”");
    arena_release(&arena);
}

static void print_sources(const struct assay_answer *answer, bool colour)
{
    for (size_t i = 0; i < answer->citation_count; i++) {
        const struct assay_citation *citation = &answer->citations[i];
        printf("%s[%zu] ", i == 0 ? "\n" : "", i + 1);
        output_place(citation->hit->document, citation->hit->page, citation->hit->is_extracted, citation->line,
                     citation->line_end);
        printf("\n%*s%s“", INDENT, "", colour ? STYLE_DIM : "");
        print_quote(citation);
        fputs(colour ? STYLE_PLAIN : "", stdout);
    }
}

/* What is cited is not in force: that nobody takes it for what holds today. */
static void print_edition(const struct assay_answer *answer)
{
    for (size_t i = 0; i < answer->citation_count; i++) {
        const struct assay_hit *hit = answer->citations[i].hit;
        if (hit->edition == NULL)
            continue;
        fputs("\nNote: ", stdout);
        output_text(stdout, slice_from(hit->document));
        printf(" is %s: ", strcmp(hit->edition, "draft") == 0 ? "not in force yet" : "no longer in force");
        output_text(stdout, slice_from(hit->why));
        putchar('\n');
        return;
    }
}

static void print_otherwise(const struct assay_answer *answer, bool colour)
{
    const struct assay_citation *other = &answer->otherwise;
    if (other->hit == NULL)
        return;
    printf("\n%s says otherwise: ", other->hit->edition != NULL ? "An edition not in force" : "The edition in force");
    output_place(other->hit->document, other->hit->page, other->hit->is_extracted, other->line, other->line_end);
    printf("\n%*s%s“", INDENT, "", colour ? STYLE_DIM : "");
    print_quote(other);
    fputs(colour ? STYLE_PLAIN : "", stdout);
}

static void print_nearest(const struct assay_answer *answer, bool colour)
{
    if (answer->other_language != NULL)
        printf("Not found in the documents, which are in %s: ask in %s.\n", answer->other_language, answer->other_language);
    else
        puts("Not in the documents.");
    for (size_t i = 0; i < answer->hit_count && i < NEAREST_SHOWN; i++) {
        const struct assay_hit *hit = &answer->hits[i];
        fputs(i == 0 ? "\nNearest:\n" : "", stdout);
        printf("%*s", INDENT, "");
        output_place(hit->document, hit->page, hit->is_extracted, hit->line, hit->line_end);
        printf("\n%*s%s", INDENT, "", colour ? STYLE_DIM : "");
        print_stretch(hit->text, hit->text_size, "");
        fputs(colour ? STYLE_PLAIN : "", stdout);
    }
}

static void print_summary(const struct assay_answer *answer)
{
    char time[NUMBER_TEXT_BYTES];
    printf("\n%s, confidence %.2f%s, %s\n", answer->model, answer->confidence,
           answer->is_calibrated ? "" : " (orders answers; not measured as a share of right ones)",
           time_text(time, answer->took_ms));
    if (answer->is_held_back)
        puts("an answer was held back: its confidence is below what `assay calibrate` found to be enough");
    if (shape_withheld(answer))
        puts("the model wrote an answer, which is left out: nothing of it is borne out by a passage (`--unsupported keep` "
             "shows it)");
    if (answer->stale != NULL)
        printf("the fit of confidences is stale: %s changed since; `assay calibrate` makes it anew\n", answer->stale);
    if (answer->currency != NULL)
        printf("%lld tokens in, %lld out: %.6g %s\n", (long long)answer->prompt_tokens, (long long)answer->completion_tokens,
               answer->cost, answer->currency);
    if (answer->passages_cut > 0)
        printf("%zu of %zu passages did not fit into a prompt of %zu tokens\n", answer->passages_cut,
               answer->passages + answer->passages_cut, answer->tokens_budget);
    if (answer->flagged > 0)
        printf("in %zu passage%s, text that reads like an instruction to a model was left out\n", answer->flagged,
               answer->flagged == 1 ? "" : "s");
}

static enum exit_code print_answer(struct asked *asked, struct assay *assay, const struct assay_answer *answer)
{
    bool colour = output_has_colour();
    if (asked->invocation->json)
        return print_json(asked, answer);
    if (answer->abstained && answer->hit_count == 0 && !output_has_documents(assay)) {
        output_no_documents();
        return EXIT_DONE;
    }
    if (answer->abstained) {
        print_nearest(answer, colour);
    } else {
        output_lines(stdout, slice_from(answer->text));
        putchar('\n');
        print_sources(answer, colour);
        print_otherwise(answer, colour);
        print_edition(answer);
    }
    if (!asked->invocation->quiet)
        print_summary(answer);
    return EXIT_DONE;
}

/* ---- the conversation ---- */

static bool read_turn(struct asked *asked, struct slice line, const char *path, struct error *error)
{
    struct json_value value;
    const struct json_value *question, *answer;
    if (!json_read(line, path, &asked->arena, &value, error) ||
        !json_member(&value, path, "question", JSON_TEXT, &question, error) ||
        !json_member(&value, path, "answer", JSON_TEXT, &answer, error))
        return false;
    if (question == NULL)
        return error_set(error, ERROR_INVALID, "a line of \"%.300s\" has no \"question\"", path);
    asked->turns = arena_more(&asked->arena, asked->turns, asked->turn_count, &asked->turn_capacity, sizeof(*asked->turns));
    asked->turns[asked->turn_count++] = (struct assay_turn){arena_text(&asked->arena, question->text),
                                                            answer != NULL ? arena_text(&asked->arena, answer->text)
                                                                           : "It is not in the documents."};
    return true;
}

static bool read_conversation(struct asked *asked, struct error *error)
{
    const char *path = invocation_option(asked->invocation, "conversation");
    if (path == NULL)
        return true;
    if (!file_append_check(path, error)) /* not once it was answered, logged and paid for */
        return error_hint(error, "The answer would be added to it. Nothing was asked; name a file that can be written.");
    if (!file_exists(path))
        return true;
    if (!file_read(path, CONVERSATION_BYTES, &asked->conversation, error))
        return false;
    struct slice rest = buffer_slice(&asked->conversation), line;
    while (slice_next(&rest, '\n', &line))
        if (slice_trim(line).size > 0 && !read_turn(asked, line, path, error))
            return false;
    return true;
}

/* The question and its answer as one more line. */
static bool write_turn(struct asked *asked, const struct assay_answer *answer, struct error *error)
{
    const char *path = invocation_option(asked->invocation, "conversation");
    struct buffer line;
    struct json_writer json;
    if (path == NULL)
        return true;
    buffer_init(&line, LIMIT_JSON_BYTES);
    json_writer_init(&json, &line);
    json_object_begin(&json);
    json_key(&json, "question");
    json_text(&json, buffer_slice(&asked->question));
    json_key(&json, "answer");
    if (answer->text != NULL)
        json_text(&json, slice_from(answer->text));
    else
        json_null(&json);
    json_object_end(&json);
    bool ok = file_append_line(path, buffer_slice(&line), error);
    buffer_release(&line);
    return ok;
}

/* ---- the call ---- */

static bool read_inputs(struct asked *asked, struct error *error)
{
    const struct invocation *invocation = asked->invocation;
    const char *schema = invocation_option(invocation, "schema");
    for (size_t i = 0; i < invocation->argument_count; i++) {
        buffer_append_text(&asked->question, i > 0 ? " " : "");
        buffer_append_text(&asked->question, invocation->arguments[i]);
    }
    return buffer_finish(&asked->question, "the question", error) &&
           (schema == NULL || file_read(schema, SCHEMA_BYTES, &asked->schema, error)) && read_conversation(asked, error);
}

static enum exit_code ask(struct asked *asked, struct assay_ask_options *options)
{
    const struct invocation *invocation = asked->invocation;
    struct assay *assay = NULL;
    struct assay_error error;
    struct assay_answer answer;
    struct error inner = {0};
    const struct assay_open_options open = {.folder = invocation_option(invocation, "project")};
    const char *record = invocation_option(invocation, "record"), *replay = invocation_option(invocation, "replay");
    interrupt_watch();
    if (!assay_open(&assay, &open, &error))
        return output_failure(invocation, &error);
    struct as_option as;
    bool ok = as_option_read(invocation, assay, &as, &error);
    if (ok) {
        options->principal = as.principal;
        options->asker = as.asker;
    }
    if (ok && (record != NULL || replay != NULL) && options->model != NULL)
        ok = assay_llm_open(&options->llm, options->model,
                            &(struct assay_llm_options){.record = record, .replay = replay, .project = assay_folder(assay)},
                            &error);
    enum exit_code code;
    if (ok && assay_ask(assay, buffer_text(&asked->question), options, &answer, &error)) {
        code = print_answer(asked, assay, &answer);
        output_reranker_note(invocation, assay);
        if (!write_turn(asked, &answer, &inner)) {
            output_from_inner(&error, &inner);
            code = output_failure_midway(invocation, true, &error);
        }
        assay_answer_release(&answer);
    } else {
        code = output_failure(invocation, &error);
    }
    assay_llm_close(options->llm);
    assay_close(assay);
    return code;
}

enum exit_code run_ask(struct invocation *invocation)
{
    struct asked asked = {.invocation = invocation};
    struct assay_ask_options options = {.mode = invocation_option(invocation, "mode"),
                                        .filter = invocation_option(invocation, "filter"),
                                        .model = invocation_option(invocation, "model"),
                                        .rerank = invocation_option(invocation, "rerank") != NULL,
                                        .approach = invocation_option(invocation, "approach"),
                                        .unsupported = invocation_option(invocation, "unsupported"),
                                        .going = going,
                                        .context = &asked};
    struct error inner = {0};
    struct assay_error error;
    enum exit_code code;
    if (!invocation_number(invocation, "k", 1, LIMIT_RESULTS, 0, &options.k) ||
        !question_is_given(invocation, "Give it as an argument: assay ask \"How long is the refund window?\""))
        return EXIT_WRONG_USE;
    if ((invocation_option(invocation, "record") != NULL || invocation_option(invocation, "replay") != NULL) &&
        options.model == NULL)
        return wrong_use(invocation, "", "--record and --replay need --model");
    arena_init(&asked.arena);
    buffer_init(&asked.question, LIMIT_QUERY_BYTES * 2);
    buffer_init(&asked.schema, SCHEMA_BYTES);
    buffer_init(&asked.conversation, CONVERSATION_BYTES);
    if (read_inputs(&asked, &inner)) {
        options.schema = asked.schema.size > 0 ? buffer_text(&asked.schema) : NULL;
        options.turns = asked.turns;
        options.turn_count = asked.turn_count;
        code = ask(&asked, &options);
    } else {
        output_from_inner(&error, &inner);
        code = output_failure(invocation, &error);
    }
    buffer_release(&asked.question);
    buffer_release(&asked.schema);
    buffer_release(&asked.conversation);
    arena_release(&asked.arena);
    return code;
}
