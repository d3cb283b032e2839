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

/* In lower case, runs of anything but letters and digits as one blank, with a blank at both ends: as which words are looked for. */
static struct slice plain(struct slice text, struct buffer *out)
{
    buffer_clear(out);
    buffer_append_byte(out, ' ');
    for (size_t i = 0; i < text.size; i++) {
        const char byte = text.data[i];
        const bool is_word = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || (byte & 0x80) != 0;
        if (is_word || (byte >= 'A' && byte <= 'Z'))
            buffer_append_byte(out, is_word ? byte : (char)(byte - 'A' + 'a'));
        else if (out->data[out->size - 1] != ' ')
            buffer_append_byte(out, ' ');
    }
    if (out->data[out->size - 1] != ' ')
        buffer_append_byte(out, ' ');
    return buffer_slice(out);
}

static bool holds(struct slice whole, struct slice part)
{
    return part.size > 1 && memmem(whole.data, whole.size, part.data, part.size) != NULL;
}

/* Might the passage answer the question? */
static bool may_answer(const struct example *example, struct slice passage)
{
    struct buffer whole, part;
    buffer_init(&whole, SIZE_MAX);
    buffer_init(&part, SIZE_MAX);
    const struct slice plain_passage = plain(passage, &whole), plain_context = plain(example->context, &part);
    bool may = holds(plain_passage, plain_context) || holds(plain_context, plain_passage);
    for (size_t i = 0; i < example->answer_count && !may; i++)
        may = holds(plain_passage, plain(example->answers[i].text, &part));
    buffer_release(&part);
    buffer_release(&whole);
    return may;
}

struct adding {
    struct reader_tuning *reader;
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
        if (may_answer(example, text))
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
    for (size_t i = 0; i < part->count; i++) {
        const struct example *example = &part->examples->items[part->items[i]];
        if (!tuning_step(&reader->tuning, stage, i, part->count))
            return tuning_stopped(stage, error);
        adding.items[adding.count++] = *example;
        if (example->answer_count > 0 && !add_found(&adding, example, error))
            return false;
    }
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
