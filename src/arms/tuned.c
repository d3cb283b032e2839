/* tuned.c - what can be learned from a team's examples on this machine, without a model that writes:
 *
 *   labels        by the pipeline of `assay tune classify`
 *   JSON, frames  the form, with a classifier for each field that is a label; the text within is a fact that was retrieved, or else what the example
 *                 most like the question says
 *
 * A model that learns to write (one that was tuned elsewhere, or a local one) takes the place of all this: arm_ways.c. */
#include "arms_parts.h"
#include <math.h>
#include <stdlib.h>

struct words {
    struct slice text; /* normalized, a blank between two words */
    double length; /* of its vector */
};

struct built {
    struct learned_form form; /* of the examples it was made of */
    size_t examples;
    void **learned; /* one a field, or one for the label; NULL: the commonest value stands for it */
    size_t learned_count;
    struct words *words; /* of the examples' inputs */
    struct map documents; /* word → how many examples have it */
};

/* ---- classifiers ---- */

static bool write_data(struct deciding *deciding, const char *path, const struct slice *texts, const struct slice *labels,
                       size_t count, struct error *error)
{
    struct buffer lines;
    struct json_writer json;
    (void)deciding;
    buffer_init(&lines, LIMIT_EXAMPLES_BYTES);
    for (size_t i = 0; i < count; i++) {
        json_writer_init(&json, &lines);
        json_object_begin(&json);
        json_key(&json, "text");
        json_text(&json, texts[i]);
        json_key(&json, "label");
        json_text(&json, labels[i]);
        json_object_end(&json);
        buffer_append_byte(&lines, '\n');
    }
    bool ok = buffer_finish(&lines, "the examples to learn from", error) && file_replace(path, buffer_slice(&lines), error);
    buffer_release(&lines);
    return ok;
}

/* What has too few examples of a label is not learned: that is no failure of the run. */
static bool learn(struct deciding *deciding, const char *path, const struct slice *texts, const struct slice *labels,
                  size_t count, void **learned, struct error *error)
{
    const struct arms_pipeline *pipeline = &deciding->run->pipeline;
    struct error why = {0};
    *learned = NULL;
    if (pipeline->learn == NULL)
        return true;
    if (!write_data(deciding, path, texts, labels, count, error))
        return false;
    if (pipeline->learn(pipeline->context, path, learned, &why) || why.kind == ERROR_INVALID || why.kind == ERROR_NOT_FOUND)
        return true;
    *error = why;
    return false;
}

static bool learn_field(struct deciding *deciding, struct built *built, const struct built_options *options, size_t field,
                        struct error *error)
{
    const char *name = arena_format(deciding->arena, "learn-%s-%zu.jsonl", options->name, field);
    struct slice key = built->form.fields[field].name;
    struct slice *texts = memory_alloc(built->examples, sizeof(*texts)),
                 *labels = memory_alloc(built->examples, sizeof(*labels));
    size_t count = 0;
    struct arena scratch;
    arena_init(&scratch);
    for (size_t i = 0; i < built->examples; i++) {
        struct json_value value;
        struct error ignored = {0};
        if (!json_read(deciding->examples.outputs[i], "an output", &scratch, &value, &ignored) || value.kind != JSON_OBJECT)
            continue;
        for (size_t j = 0; j < value.count; j++)
            if (slice_equal(value.keys[j], key) && value.items[j].kind == JSON_TEXT) {
                texts[count] = deciding->examples.inputs[i];
                labels[count++] = value.items[j].text;
            }
    }
    bool ok = count == 0 || learn(deciding, path_join(deciding->arena, deciding->folder, name), texts, labels, count,
                                  &built->learned[field], error);
    arena_release(&scratch);
    free(texts);
    free(labels);
    return ok;
}

static bool learn_all(struct deciding *deciding, struct built *built, const struct built_options *options, struct error *error)
{
    if (built->form.kind == FORM_LABELS) {
        const char *name = arena_format(deciding->arena, "learn-%s.jsonl", options->name);
        return learn(deciding, path_join(deciding->arena, deciding->folder, name), deciding->examples.inputs,
                     deciding->examples.outputs, built->examples, &built->learned[0], error);
    }
    for (size_t i = 0; built->form.kind == FORM_JSON && i < built->form.field_count; i++)
        if (built->form.fields[i].values.count > 1 && built->form.fields[i].kind == JSON_TEXT &&
            (!deciding_step(deciding, "learning from the examples", i, built->form.field_count, error) ||
             !learn_field(deciding, built, options, i, error)))
            return false;
    return true;
}

/* ---- the example most like a question ---- */

static double weight_of(const struct built *built, struct slice word)
{
    const struct map_entry *entry = map_get(&built->documents, word);
    double have = entry != NULL ? (double)entry->value : 0;
    return log(1 + ((double)built->examples + 1) / (have + 0.5));
}

static void note_words(struct deciding *deciding, struct built *built)
{
    struct slice rest, word;
    built->words = arena_alloc(deciding->arena, built->examples, sizeof(*built->words));
    for (size_t i = 0; i < built->examples; i++) {
        built->words[i].text = words_normalized(deciding->examples.inputs[i], deciding->arena);
        for (rest = built->words[i].text; slice_next(&rest, ' ', &word);) {
            struct map_entry *entry = map_put(&built->documents, word, NULL);
            if (entry != NULL)
                entry->value++;
        }
    }
    for (size_t i = 0; i < built->examples; i++) {
        double sum = 0;
        for (rest = built->words[i].text; slice_next(&rest, ' ', &word);)
            sum += weight_of(built, word) * weight_of(built, word);
        built->words[i].length = sqrt(sum);
    }
}

static size_t nearest(const struct built *built, struct slice question, struct arena *arena)
{
    struct map asked;
    size_t best = 0;
    double best_likeness = -1;
    struct slice rest = words_normalized(question, arena), word;
    map_init(&asked, LIMIT_QUERY_BYTES);
    while (slice_next(&rest, ' ', &word))
        map_put(&asked, word, NULL);
    for (size_t i = 0; i < built->examples; i++) {
        double sum = 0;
        for (rest = built->words[i].text; slice_next(&rest, ' ', &word);)
            sum += map_get(&asked, word) != NULL ? weight_of(built, word) * weight_of(built, word) : 0;
        double likeness = built->words[i].length > 0 ? sum / built->words[i].length : 0;
        if (likeness > best_likeness) {
            best = i;
            best_likeness = likeness;
        }
    }
    map_release(&asked);
    return best;
}

/* ---- made and used ---- */

bool built_make(struct deciding *deciding, const struct built_options *options, struct built **out, struct error *error)
{
    struct built *built = memory_alloc(1, sizeof(*built));
    built->examples = options->examples < deciding->examples.count ? options->examples : deciding->examples.count;
    map_init(&built->documents, UINT32_MAX / 4);
    learned_form_learn(deciding->examples.outputs, built->examples, deciding->arena, &built->form);
    built->learned_count = built->form.field_count + 1;
    built->learned = memory_alloc(built->learned_count, sizeof(*built->learned));
    note_words(deciding, built);
    bool ok = learn_all(deciding, built, options, error);
    if (ok)
        *out = built;
    else
        built_free(deciding, built);
    return ok;
}

void built_free(struct deciding *deciding, struct built *built)
{
    if (built == NULL)
        return;
    for (size_t i = 0; i < built->learned_count; i++)
        if (built->learned[i] != NULL)
            deciding->run->pipeline.drop(deciding->run->pipeline.context, built->learned[i]);
    free(built->learned);
    map_release(&built->documents);
    free(built);
}

/* What could not be learned (there is no embedding model, or a label has too few examples) is said as the example most like the question says it;
 * `like` is its output, or a field of that. */
static bool label_by(struct deciding *deciding, void *learned, const struct form_values *values, struct slice like,
                     struct slice question, struct arena *arena, struct slice *label, struct error *error)
{
    const struct arms_pipeline *pipeline = &deciding->run->pipeline;
    *label = values->count > 0 ? values->items[0] : SLICE("");
    for (size_t i = 0; i < values->count; i++)
        if (slice_equal(values->items[i], like))
            *label = like;
    return learned == NULL || pipeline->label(pipeline->context, learned, question, arena, label, error);
}

static struct slice like_output(struct deciding *deciding, const struct built *built, struct slice question,
                                struct arena *arena)
{
    return built->examples > 0 ? deciding->examples.outputs[nearest(built, question, arena)] : SLICE("");
}

static struct slice field_text(struct slice output, struct slice name, struct arena *arena)
{
    struct json_value root;
    struct error ignored = {0};
    if (!json_read(output, "an output", arena, &root, &ignored))
        return SLICE("");
    const struct json_value *value = json_get(&root, arena_text(arena, name));
    return value != NULL && value->kind == JSON_TEXT ? value->text : SLICE("");
}

bool built_label(struct deciding *deciding, struct built *built, struct slice question, struct arena *arena,
                 struct slice *label, struct error *error)
{
    const bool is_told = built->form.kind == FORM_LABELS && built->learned[0] != NULL;
    *label = is_told ? SLICE("") : like_output(deciding, built, question, arena);
    if (built->form.kind != FORM_LABELS) /* too few examples for labels to be seen as such */
        return true;
    return label_by(deciding, built->learned[0], &built->form.labels, *label, question, arena, label, error);
}

bool built_write(struct deciding *deciding, struct built *built, struct slice question, const struct slice *fact,
                 struct arena *arena, struct slice *text, struct error *error)
{
    const struct learned_form *form = &built->form;
    struct slice *labels = arena_alloc(arena, form->field_count, sizeof(*labels)),
                 like = like_output(deciding, built, question, arena);
    struct buffer out;
    if (form->kind != FORM_JSON && form->kind != FORM_FRAME) {
        *text = fact != NULL ? *fact : like;
        return true;
    }
    for (size_t i = 0; i < form->field_count; i++)
        if (!label_by(deciding, built->learned[i], &form->fields[i].values, field_text(like, form->fields[i].name, arena),
                      question, arena, &labels[i], error))
            return false;
    buffer_init(&out, LIMIT_JSON_BYTES);
    learned_form_write(form, labels, fact != NULL ? *fact : learned_form_fact(form, like, arena), &out);
    *text = arena_slice(arena, buffer_slice(&out));
    buffer_release(&out);
    return true;
}
