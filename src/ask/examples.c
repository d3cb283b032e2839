/* examples.c - which of a project's examples a model is shown beside a question.
 *
 *   next = the one with the greatest  0.7 · likeness to the question - 0.3 · greatest likeness to one chosen before     (MMR)
 *
 * Likeness is the cosine of words, weighed by how rare they are among the examples. */
#include "prompt.h"
#include "codec/codec.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define QUESTION_WEIGHT 0.7
enum { EXAMPLES_READ_MAX = 2000 }; /* of a longer file the first ones */

struct example {
    struct slice input, output;
    struct terms terms;
    double length; /* of its vector */
};

struct examples {
    struct asking *asking;
    struct example *items;
    size_t count, capacity;
    struct map documents; /* term → how many examples have it */
};

static double weight_of(const struct examples *examples, struct slice term)
{
    const struct map_entry *entry = map_get(&examples->documents, term);
    double have = entry != NULL ? (double)entry->value : 0;
    return log(1 + ((double)examples->count + 1) / (have + 0.5));
}

static double length_of(const struct examples *examples, const struct terms *terms)
{
    double sum = 0;
    for (size_t i = 0; i < terms->count; i++) {
        double weight = weight_of(examples, terms->items[i]);
        sum += weight * weight;
    }
    return sqrt(sum);
}

static double likeness(const struct examples *examples, const struct terms *a, double a_length, const struct terms *b,
                       double b_length)
{
    double sum = 0;
    for (size_t i = 0; i < a->count; i++) {
        double weight = terms_have(b, a->items[i]) ? weight_of(examples, a->items[i]) : 0;
        sum += weight * weight;
    }
    return a_length > 0 && b_length > 0 ? sum / (a_length * b_length) : 0;
}

/* The last message of one role: what was asked, and what was answered, in a conversation. */
static struct slice last_of(const struct json_value *messages, const char *role)
{
    struct slice text = {0};
    for (size_t i = 0; i < messages->count; i++) {
        const struct json_value *who = json_get(&messages->items[i], "role"),
                                *content = json_get(&messages->items[i], "content");
        if (who != NULL && who->kind == JSON_TEXT && slice_equal_text(who->text, role) && content != NULL &&
            content->kind == JSON_TEXT)
            text = content->text;
    }
    return text;
}

static struct slice text_member(const struct json_value *object, const char *key, const char *other)
{
    const struct json_value *value = json_get(object, key);
    if (value == NULL)
        value = json_get(object, other);
    return value != NULL && value->kind == JSON_TEXT ? value->text : (struct slice){0};
}

static void take_example(struct examples *examples, const struct json_value *value)
{
    const struct json_value *messages = json_get(value, "messages");
    bool talks = messages != NULL && messages->kind == JSON_ARRAY;
    struct arena *arena = examples->asking->arena;
    struct example example = {.input = talks ? last_of(messages, "user") : text_member(value, "input", "text"),
                              .output = talks ? last_of(messages, "assistant") : text_member(value, "output", "label")};
    if (example.input.size == 0 || example.output.size == 0)
        return;
    example.input = arena_slice(arena, example.input);
    example.output = arena_slice(arena, example.output);
    example.terms = terms_of(examples->asking, example.input, text_language_of(example.input));
    for (size_t i = 0; i < example.terms.count; i++) {
        struct map_entry *entry = map_put(&examples->documents, example.terms.items[i], NULL);
        if (entry != NULL)
            entry->value++;
    }
    examples->items = arena_more(arena, examples->items, examples->count, &examples->capacity, sizeof(*examples->items));
    examples->items[examples->count++] = example;
}

static bool read_examples(struct examples *examples, struct slice source, const char *name, struct error *error)
{
    struct slice rest = source, line;
    struct arena scratch;
    bool ok = true;
    arena_init(&scratch);
    while (ok && examples->count < EXAMPLES_READ_MAX && slice_next(&rest, '\n', &line)) {
        struct json_value value;
        if (slice_trim(line).size == 0)
            continue;
        arena_clear(&scratch);
        ok = json_read(line, name, &scratch, &value, error);
        if (ok)
            take_example(examples, &value);
    }
    arena_release(&scratch);
    return ok;
}

static void pick_alike(struct examples *examples, size_t most, struct prompt_example *out, size_t *count)
{
    const struct terms *question = &examples->asking->question;
    double *nearest = memory_alloc(examples->count + 1, sizeof(*nearest)); /* likeness to what was chosen; 2: chosen itself */
    double question_length = length_of(examples, question);
    for (size_t i = 0; i < examples->count; i++)
        examples->items[i].length = length_of(examples, &examples->items[i].terms);
    while (*count < most && *count < examples->count) {
        size_t best = SIZE_MAX;
        double best_score = 0;
        for (size_t i = 0; i < examples->count; i++) {
            const struct example *item = &examples->items[i];
            double score = QUESTION_WEIGHT * likeness(examples, question, question_length, &item->terms, item->length) -
                           (1 - QUESTION_WEIGHT) * nearest[i];
            if (nearest[i] <= 1 && (best == SIZE_MAX || score > best_score)) {
                best = i;
                best_score = score;
            }
        }
        if (best == SIZE_MAX)
            break;
        const struct example *chosen = &examples->items[best];
        out[(*count)++] = (struct prompt_example){chosen->input, chosen->output};
        for (size_t i = 0; i < examples->count; i++) {
            const struct example *item = &examples->items[i];
            double like = likeness(examples, &chosen->terms, chosen->length, &item->terms, item->length);
            nearest[i] = like > nearest[i] ? like : nearest[i];
        }
        nearest[best] = 2;
    }
    free(nearest);
}

bool examples_pick(struct asking *asking, bool fixed, size_t most, struct prompt_example *out, size_t *count,
                   struct error *error)
{
    struct examples examples = {.asking = asking};
    struct buffer content;
    const char *path = path_join(asking->arena, asking->project->root, asking->project->settings.examples);
    *count = 0;
    if (!file_exists(path))
        return true;
    buffer_init(&content, LIMIT_EXAMPLES_BYTES);
    map_init(&examples.documents, UINT32_MAX / 4);
    bool ok = file_read(path, LIMIT_EXAMPLES_BYTES, &content, error) &&
              read_examples(&examples, buffer_slice(&content), path, error);
    for (size_t i = 0; ok && fixed && i < most && i < examples.count; i++)
        out[(*count)++] = (struct prompt_example){examples.items[i].input, examples.items[i].output};
    if (ok && !fixed)
        pick_alike(&examples, most, out, count);
    map_release(&examples.documents);
    buffer_release(&content);
    return ok || error_wrap(error, "could not read the examples for the prompt");
}
