/* run_search.c - `assay search`: passages with the words that matched and the place where they stand. */
#include "as_option.h"
#include "output.h"
#include "shape/shape.h"
#include <string.h>

enum { SNIPPET_BYTES = 420, INDENT = 3 };

static enum exit_code print_json(const struct invocation *invocation, const struct assay_results *results, bool explain)
{
    struct buffer buffer;
    struct json_writer json;
    buffer_init(&buffer, LIMIT_JSON_BYTES);
    json_writer_init(&json, &buffer);
    shape_results(&json, results, &(struct shape_results_options){.explain = explain});
    enum exit_code code = output_json(invocation, &buffer);
    buffer_release(&buffer);
    return code;
}

/* The stretch of the text that holds the most matches, moved to the words' borders. */
static void choose_snippet(const struct assay_hit *hit, size_t *start, size_t *end)
{
    size_t best = 0, best_count = 0;
    for (size_t i = 0, j = 0; i < hit->match_count; i++) {
        while (j < hit->match_count && hit->matches[j].end <= hit->matches[i].start + SNIPPET_BYTES)
            j++;
        if (j - i > best_count) {
            best = i;
            best_count = j - i;
        }
    }
    size_t first = hit->match_count > 0 ? hit->matches[best].start : 0;
    *start = hit->text_size <= SNIPPET_BYTES || first < SNIPPET_BYTES / 4 ? 0 : first - SNIPPET_BYTES / 4;
    while (*start > 0 && *start < first && hit->text[*start - 1] != ' ' && hit->text[*start - 1] != '\n')
        (*start)++;
    *end = hit->text_size - *start <= SNIPPET_BYTES ? hit->text_size : *start + SNIPPET_BYTES;
    while (*end < hit->text_size && hit->text[*end] != ' ' && hit->text[*end] != '\n' &&
           ((unsigned char)hit->text[*end] & 0xC0) != 0xC0)
        (*end)++;
}

/* Characters, near enough for wrapping. */
static size_t columns_of(struct slice word)
{
    size_t columns = 0;
    for (size_t i = 0; i < word.size; i++)
        columns += ((unsigned char)word.data[i] & 0xC0) != 0x80;
    return columns;
}

/* Prints one word, its matching parts in colour. `match` is the first match that may lie in it. */
static void print_word(const struct assay_hit *hit, struct slice word, size_t *match, bool colour)
{
    size_t at = (size_t)(word.data - hit->text), end = at + word.size;
    while (*match < hit->match_count && hit->matches[*match].end <= at)
        (*match)++;
    while (colour && *match < hit->match_count && hit->matches[*match].start < end) {
        const struct assay_match *m = &hit->matches[*match];
        size_t from = m->start > at ? m->start : at, to = m->end < end ? m->end : end;
        output_text(stdout, (struct slice){hit->text + at, from - at});
        fputs(STYLE_MATCH, stdout);
        output_text(stdout, (struct slice){hit->text + from, to - from});
        fputs(STYLE_PLAIN, stdout);
        at = to;
        if (m->end > end)
            break;
        (*match)++;
    }
    output_text(stdout, (struct slice){hit->text + at, end - at});
}

static bool is_gap(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

/* Wraps the text at the terminal's width; its own line breaks (items, rows of tables) are kept. */
static void print_snippet(const struct assay_hit *hit, bool colour)
{
    size_t start, end, column = 0, width = output_width() - INDENT, match = 0;
    choose_snippet(hit, &start, &end);
    printf("%*s%s", INDENT, "", start > 0 ? "… " : "");
    for (size_t at = start; at < end;) {
        size_t size = 0;
        while (at + size < end && !is_gap(hit->text[at + size]))
            size++;
        struct slice word = {hit->text + at, size};
        size_t columns = columns_of(word);
        bool breaks = at > start && hit->text[at - 1] == '\n';
        if (size > 0 && column > 0 && (breaks || column + 1 + columns > width)) {
            printf("\n%*s", INDENT, "");
            column = 0;
        }
        if (size > 0) {
            fputs(column > 0 ? " " : "", stdout);
            print_word(hit, word, &match, colour);
            column += columns + (column > 0);
        }
        at += size + 1;
    }
    puts(end < hit->text_size ? " …" : "");
}

/* "matched: refund ×2, window" with the words as they stand in the text. */
static void print_matched(const struct assay_hit *hit, bool colour)
{
    struct map seen;
    map_init(&seen, LIMIT_QUERY_TERMS);
    for (size_t i = 0; i < hit->match_count; i++) {
        struct slice word = {hit->text + hit->matches[i].start, hit->matches[i].end - hit->matches[i].start};
        struct map_entry *entry = map_put(&seen, word, NULL);
        if (entry != NULL)
            entry->value++;
    }
    if (seen.count > 0)
        printf("%*s%smatched: ", INDENT, "", colour ? STYLE_DIM : "");
    for (size_t i = 0; i < seen.count; i++) {
        fputs(i > 0 ? ", " : "", stdout);
        output_text(stdout, seen.entries[i].key);
        if (seen.entries[i].value > 1)
            printf(" ×%llu", (unsigned long long)seen.entries[i].value);
    }
    if (seen.count > 0)
        puts(colour ? STYLE_PLAIN : "");
    map_release(&seen);
}

/* "words 12.3 (2nd) · meaning 0.61 (5th)" */
static void print_explanation(const struct assay_hit *hit, bool colour)
{
    printf("%*s%s", INDENT, "", colour ? STYLE_DIM : "");
    if (hit->rank_text > 0)
        printf("words: BM25 %.3f, place %zu", hit->score_text, hit->rank_text);
    else
        printf("words: not among the candidates");
    if (hit->rank_vector > 0)
        printf(" · meaning: similarity %.3f, place %zu", hit->score_vector, hit->rank_vector);
    else
        printf(" · meaning: not among the candidates");
    if (hit->is_reranked)
        printf(" · reranker: %.3f", hit->score_rerank);
    for (size_t i = 0; i < hit->part_count; i++) {
        const struct assay_score_part *part = &hit->parts[i];
        printf("\n%*s  %.3f  ", INDENT, "", part->score);
        output_text(stdout, slice_from(part->word));
        printf(" in the %s, %zu time%s; %zu passage%s ha%s it", part->field, part->frequency, part->frequency == 1 ? "" : "s",
               part->documents, part->documents == 1 ? "" : "s", part->documents == 1 ? "s" : "ve");
    }
    puts(colour ? STYLE_PLAIN : "");
}

static void print_copies(const struct assay_hit *hit)
{
    for (size_t i = 0; i < hit->copy_count; i++) {
        if (i == 0)
            printf("%*salso in ", INDENT, "");
        else
            fputs(", ", stdout);
        const struct assay_copy *copy = &hit->copies[i];
        output_place(copy->document, copy->page, copy->is_extracted, copy->line, copy->line_end);
    }
    if (hit->copy_count > 0)
        putchar('\n');
}

/* "superseded: its head says “status: superseded”; in force: docs/v3.md" */
static void print_edition(const struct assay_hit *hit, bool colour)
{
    if (hit->edition == NULL)
        return;
    printf("%*s%s%s: ", INDENT, "", colour ? STYLE_BOLD : "", hit->edition);
    output_text(stdout, slice_from(hit->why));
    if (hit->newer != NULL) {
        fputs("; in force: ", stdout);
        output_text(stdout, slice_from(hit->newer));
    }
    puts(colour ? STYLE_PLAIN : "");
}

static void print_hit(size_t number, const struct assay_hit *hit, bool explain, bool colour)
{
    printf("%zu. %s", number, colour ? STYLE_BOLD : "");
    output_text(stdout, slice_from(hit->title));
    printf("%s  ", colour ? STYLE_PLAIN : "");
    output_place(hit->document, hit->page, hit->is_extracted, hit->line, hit->line_end);
    printf("  %s%.2f%s\n", colour ? STYLE_DIM : "", hit->score, colour ? STYLE_PLAIN : "");
    if (hit->heading_count > 0) {
        printf("%*s%s", INDENT, "", colour ? STYLE_DIM : "");
        for (size_t i = 0; i < hit->heading_count; i++) {
            fputs(i > 0 ? " > " : "", stdout);
            output_text(stdout, slice_from(hit->headings[i]));
        }
        puts(colour ? STYLE_PLAIN : "");
    }
    print_edition(hit, colour);
    print_snippet(hit, colour);
    print_matched(hit, colour);
    print_copies(hit);
    if (explain)
        print_explanation(hit, colour);
    putchar('\n');
}

static void print_timings(const struct assay_results *results)
{
    const struct assay_timings t = assay_results_timings(results);
    printf("%s search: index brought up to date %.2f ms, question embedded %.2f ms, words %.2f ms, vectors %.2f ms, fusion "
           "%.2f ms, "
           "passages %.2f ms, reranked %.2f ms\n",
           assay_results_mode(results), t.refresh_ms, t.embed_ms, t.text_ms, t.vector_ms, t.fuse_ms, t.fetch_ms, t.rerank_ms);
}

static void print_results(const struct invocation *invocation, const struct assay_results *results, bool explain)
{
    char number[NUMBER_TEXT_BYTES], time[NUMBER_TEXT_BYTES];
    size_t count = assay_results_count(results);
    bool colour = output_has_colour();
    for (size_t i = 0; i < count; i++)
        print_hit(i + 1, assay_results_hit(results, i), explain, colour);
    if (assay_results_note(results) != NULL)
        output_warning(assay_results_note(results), "Searched by words alone. Run `assay add`.");
    if (invocation->quiet)
        return;
    if (explain)
        print_timings(results);
    if (count == 0 && assay_results_searched(results) == 0)
        printf("Nothing found: there is no passage that this search may look at.\n");
    else if (count == 0)
        printf("Nothing found in %s passages: none has the words, or the phrases and fields, that were asked for.\n",
               number_text(number, assay_results_searched(results)));
    else
        printf("%zu of %s passages in %s\n", count, number_text(number, assay_results_searched(results)),
               time_text(time, assay_results_took_ms(results)));
}

enum exit_code run_search(struct invocation *invocation)
{
    struct assay *assay = NULL;
    struct assay_error error;
    struct assay_results *results = NULL;
    struct as_option as;
    struct buffer question;
    struct assay_search_options options = {.mode = invocation_option(invocation, "mode"),
                                           .explain = invocation_option(invocation, "explain") != NULL,
                                           .rerank = invocation_option(invocation, "rerank") != NULL,
                                           .filter = invocation_option(invocation, "filter")};
    bool explain = invocation_option(invocation, "explain") != NULL;
    if (!invocation_number(invocation, "k", 1, LIMIT_RESULTS, 0, &options.k) ||
        !question_is_given(invocation, "Give it as an argument: assay search \"refund window\""))
        return EXIT_WRONG_USE;
    buffer_init(&question, LIMIT_QUERY_BYTES * 2);
    for (size_t i = 0; i < invocation->argument_count; i++) {
        buffer_append_text(&question, i > 0 ? " " : "");
        buffer_append_text(&question, invocation->arguments[i]);
    }
    if (question.failed) {
        error = (struct assay_error){.kind = ASSAY_LIMIT, .hint = "Ask a shorter question."};
        snprintf(error.message, sizeof(error.message), "the question has more than %zu bytes", LIMIT_QUERY_BYTES);
    }
    const struct assay_open_options open = {.folder = invocation_option(invocation, "project")};
    bool ok = !question.failed && assay_open(&assay, &open, &error) && as_option_read(invocation, assay, &as, &error);
    options.principal = ok ? as.principal : NULL;
    ok = ok && assay_search(assay, buffer_text(&question), &options, &results, &error);
    enum exit_code code = EXIT_DONE;
    if (!ok)
        code = output_failure(invocation, &error);
    else if (invocation->json)
        code = print_json(invocation, results, explain);
    else
        print_results(invocation, results, explain);
    if (ok)
        output_reranker_note(invocation, assay);
    assay_results_free(results);
    assay_close(assay);
    buffer_release(&question);
    return code;
}
