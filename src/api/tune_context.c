/* tune_context.c - passages of the project beside those of the examples, so that a reader learns in what it is used in (RAFT, Zhang et al. 2024):
 *
 *   question, its passage, its answer ─▶ as it is: the answer can be found
 *          └─▶ the project's search ─▶ what lies near and does not hold the answer ─▶ the same question, without an answer
 *
 * A reader reads one passage at a time. So the examples of what was found are those without the right passage, and there are up to FOUND of them for each
 * with it. A passage that holds one of the answers, or that is the question's own, might answer it and is left out; so is what is found for questions
 * without an answer, of which nobody has said that it does not answer them. */
#include "answer/answer.h"
#include "text/text.h"
#include "tune_reader.h"
#include <string.h>

enum { FOUND = 2, SEARCHED = 8 };

/* Its words, folded, with a blank before, between and behind: as which others are looked for. */
static struct slice plain(struct analyzer *analyzer, struct slice text, struct buffer *out)
{
    struct text_term term;
    buffer_clear(out);
    buffer_append_byte(out, ' ');
    analyzer_start(analyzer, text, LANGUAGE_UNKNOWN);
    while (analyzer_next(analyzer, &term)) {
        buffer_append_slice(out, term.term);
        buffer_append_byte(out, ' ');
    }
    return buffer_slice(out);
}

static bool holds(struct slice whole, struct slice part)
{
    return part.size > 1 && memmem(whole.data, whole.size, part.data, part.size) != NULL;
}

/* Might the passage answer the question? */
static bool may_answer(struct analyzer *analyzer, const struct example *example, struct slice passage)
{
    struct buffer whole, part;
    buffer_init(&whole, SIZE_MAX);
    buffer_init(&part, SIZE_MAX);
    const struct slice plain_passage = plain(analyzer, passage, &whole),
                       plain_context = plain(analyzer, example->context, &part);
    bool may = holds(plain_passage, plain_context) || holds(plain_context, plain_passage);
    for (size_t i = 0; i < example->answer_count && !may; i++) {
        struct slice answer = example->answers[i].text, words = plain(analyzer, answer, &part);
        may = words.size > 1 ? holds(plain_passage, words) /* "$" has no word */
                             : answer.size > 0 && memmem(passage.data, passage.size, answer.data, answer.size) != NULL;
    }
    buffer_release(&part);
    buffer_release(&whole);
    return may;
}

struct adding {
    struct reader_tuning *reader;
    struct analyzer *analyzer;
    struct example *items;
    size_t count;
};

static bool add_found(struct adding *adding, const struct example *example, struct error *error)
{
    struct assay *assay = adding->reader->tuning.assay;
    struct search_result result;
    const struct search_request request = {
        .question = slice_cut(example->text, LIMIT_QUERY_BYTES), .k = SEARCHED, .embedder = assay->embedder, .plain = true};
    bool ok = answer_search(assay->project, &request, &result, error);
    size_t taken = 0;
    for (size_t i = 0; ok && i < result.count && taken < FOUND; i++) {
        const struct slice text = result.hits[i].passage.text;
        if (may_answer(adding->analyzer, example, text))
            continue;
        adding->items[adding->count++] = (struct example){.line = example->line,
                                                          .text = example->text,
                                                          .group = example->group,
                                                          .context = arena_slice(&adding->reader->tuning.tuned->arena, text)};
        taken++;
    }
    search_result_release(&result);
    return ok;
}

bool reader_tuning_add_found(struct reader_tuning *reader, struct reader_part *part, struct error *error)
{
    static const char stage[] = "searching passages";
    struct arena *arena = &reader->tuning.tuned->arena;
    struct adding adding = {.reader = reader,
                            .items = arena_alloc(arena, part->count * (1 + FOUND) + 1, sizeof(*adding.items))};
    bool ok = true;
    adding.analyzer = analyzer_create();
    for (size_t i = 0; ok && i < part->count; i++) {
        const struct example *example = &part->examples->items[part->items[i]];
        adding.items[adding.count++] = *example;
        ok = tuning_step(&reader->tuning, stage, i, part->count)
                 ? example->answer_count == 0 || add_found(&adding, example, error)
                 : tuning_stopped(stage, error);
    }
    analyzer_free(adding.analyzer);
    if (!ok)
        return false;
    struct examples *with = arena_alloc(arena, 1, sizeof(*with));
    uint32_t *numbers = arena_alloc(arena, adding.count + 1, sizeof(*numbers));
    for (size_t i = 0; i < adding.count; i++)
        numbers[i] = (uint32_t)i;
    *with = *part->examples; /* texts stay those of the data */
    with->items = adding.items;
    with->count = adding.count;
    reader->found += adding.count - part->count;
    *part = (struct reader_part){.examples = with, .items = numbers, .count = adding.count};
    return true;
}

bool reader_tuning_check_context(struct reader_tuning *reader, struct error *error)
{
    struct store_counts counts;
    if (!reader->options->with_context)
        return true;
    if (!store_count(reader->tuning.assay->project->store, &counts, error))
        return false;
    if (counts.passages > 0)
        return true;
    error_set(error, ERROR_INVALID, "the project has no passages to learn with");
    return error_hint(error, "Run `assay add` before, or leave --with-context out.");
}
