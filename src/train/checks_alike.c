/* checks_alike.c - examples, and the test's cases, compared with each other.
 *
 *   exact   a digest of the input, white space aside: the first one that has it
 *   near    room alike finds pairs of inputs from a likeness of 0.7 on; those that hang together are a group
 *
 * The input of a question on a passage is both; as passages have many questions, near ones are not looked for: those on one passage are
 * the group. Texts of fewer than five words are nearly the same when their words are, whatever stands between them and in whatever case. */
#include "alike/alike.h"
#include "checks_parts.h"
#include <assert.h>
#include <stdlib.h>

#define LEAST_LIKE 0.7
#define SAME_WORDS 0.999
enum { WORDS_LEAST = 5 };

bool checking_step(const struct checking *checking, const char *stage, size_t done, size_t total, struct error *error)
{
    const struct check_request *request = checking->request;
    if (request->step == NULL || request->step(request->context, stage, done, total))
        return true;
    return error_set(error, ERROR_CANCELLED, "stopped while %s", stage);
}

void checking_labels(struct checking *checking)
{
    const struct examples *examples = checking->request->examples;
    map_init(&checking->labels, LIMIT_EXAMPLES_LABELS);
    for (size_t i = 0; i < examples->label_count; i++)
        map_put(&checking->labels, examples->labels[i], NULL)->value = i;
}

bool checking_label(const struct checking *checking, struct slice name, uint32_t *label)
{
    const struct map_entry *entry = map_get(&checking->labels, name);
    *label = entry != NULL ? (uint32_t)entry->value : 0;
    return entry != NULL;
}

/* ---- all examples, then the test's ---- */

struct comparing {
    struct checking *checking;
    const struct examples *examples, *test;
    size_t first_count, count;
    struct alike_text *texts;
    struct arena arena;
    uint32_t *firsts; /* of each: the first one with the same input; its own number when it is that */
};

static const struct example *example_at(const struct comparing *comparing, size_t at)
{
    return at < comparing->first_count ? &comparing->examples->items[at] : &comparing->test->items[at - comparing->first_count];
}

static bool is_test(const struct comparing *comparing, size_t at)
{
    return at >= comparing->first_count;
}

/* What a model would be given. */
static struct alike_text input_of(struct arena *arena, const struct example *example)
{
    struct slice *parts = arena_alloc(arena, example->turn_count + 2, sizeof(*parts));
    size_t count = 0;
    for (size_t i = 0; i < example->turn_count; i++)
        if (example->turns[i].role == TURN_USER || example->turns[i].role == TURN_TOOL)
            parts[count++] = example->turns[i].text;
    if (example->turn_count == 0)
        parts[count++] = example->text;
    if (example->context.size > 0)
        parts[count++] = example->context;
    return (struct alike_text){parts, count};
}

static struct slice output_of(const struct example *example)
{
    for (size_t i = example->turn_count; i-- > 0;)
        if (example->turns[i].is_learned)
            return example->turns[i].text;
    return SLICE("");
}

/* The same labels by name, as the test numbers its own; the same answer. */
static bool have_same_output(const struct comparing *comparing, size_t a, size_t b)
{
    const struct example *left = example_at(comparing, a), *right = example_at(comparing, b);
    const struct examples *of_left = is_test(comparing, a) ? comparing->test : comparing->examples;
    const struct examples *of_right = is_test(comparing, b) ? comparing->test : comparing->examples;
    if (left->label_count != right->label_count || !slice_equal(output_of(left), output_of(right)))
        return false;
    for (size_t i = 0; i < left->label_count; i++) {
        bool is_there = false;
        for (size_t j = 0; j < right->label_count; j++)
            is_there = is_there || slice_equal(of_left->labels[left->labels[i]], of_right->labels[right->labels[j]]);
        if (!is_there)
            return false;
    }
    return true;
}

static const char *pair_text(struct checking *checking, const struct example *example, const struct example *second)
{
    const char *text = checking_glance(checking, example->text);
    if (second->where != NULL)
        text = arena_format(&checking->report->arena, "%s%s: %s", example->where != NULL ? "and " : "", second->where, text);
    return example->where == NULL
               ? text
               : arena_format(&checking->report->arena, "%s%s%s", example->where, second->where != NULL ? " " : ": ", text);
}

static void note_pair(struct comparing *comparing, enum check_kind kind, size_t at, size_t other)
{
    const struct example *example = example_at(comparing, at), *second = example_at(comparing, other);
    checking_place(comparing->checking, kind,
                   (struct check_place){.in_test = is_test(comparing, at),
                                        .line = example->line,
                                        .other_in_test = is_test(comparing, other),
                                        .other_line = second->line,
                                        .text = comparing->checking->notes[kind].place_count < PLACES_MAX
                                                    ? pair_text(comparing->checking, example, second)
                                                    : ""});
}

/* ---- the same ---- */

/* The first example, of those to learn from, with the same text and the same labels or answer: its own number when it is that. */
static size_t first_with_output(struct comparing *comparing, struct map *outputs,
                                const unsigned char digest[ALIKE_DIGEST_BYTES], size_t at)
{
    const struct example *example = example_at(comparing, at);
    struct slice output = output_of(example);
    struct alike_text text = {&output, 1};
    unsigned char key[2 * ALIKE_DIGEST_BYTES];
    struct buffer whole;
    bool is_new;
    buffer_init(&whole, LIMIT_JSON_BYTES);
    memcpy(key, digest, ALIKE_DIGEST_BYTES);
    alike_digest(&text, key + ALIKE_DIGEST_BYTES);
    buffer_append(&whole, key, sizeof(key));
    for (size_t i = 0; i < example->label_count; i++)
        buffer_u32(&whole, example->labels[i]);
    struct map_entry *entry = map_put(outputs, buffer_slice(&whole), &is_new);
    if (is_new)
        entry->value = at;
    buffer_release(&whole);
    return (size_t)entry->value;
}

static bool compare_exactly(struct comparing *comparing, struct error *error)
{
    struct check_report *report = comparing->checking->report;
    struct map digests, outputs;
    bool ok = true;
    map_init(&digests, UINT32_MAX / 4);
    map_init(&outputs, UINT32_MAX / 4);
    for (size_t i = 0; ok && i < comparing->count; i++) {
        unsigned char digest[ALIKE_DIGEST_BYTES];
        bool is_new;
        alike_digest(&comparing->texts[i], digest);
        struct map_entry *entry = map_put(&digests, (struct slice){(const char *)digest, sizeof(digest)}, &is_new);
        if (is_new)
            entry->value = i;
        size_t first = (size_t)entry->value;
        comparing->firsts[i] = (uint32_t)first;
        size_t alike = is_test(comparing, i) ? i : first_with_output(comparing, &outputs, digest, i);
        if (is_new)
            continue;
        bool same = have_same_output(comparing, i, first), first_in_test = is_test(comparing, first);
        if (is_test(comparing, i) && !first_in_test) {
            if (!(report->marks[first] & CHECK_MARK_LEAK))
                note_pair(comparing, CHECK_LEAK, first, i);
            report->marks[first] |= CHECK_MARK_LEAK;
        } else if (alike != i) { /* not always of the first: that may have another label */
            note_pair(comparing, CHECK_DUPLICATE, i, alike);
            report->marks[i] |= CHECK_MARK_DUPLICATE;
            continue;
        }
        if (!same && comparing->examples->shape != EXAMPLES_PAIRED && comparing->examples->shape != EXAMPLES_READING)
            note_pair(comparing, CHECK_CONTRADICTION, i, first);
        ok = i % 16384 != 0 || checking_step(comparing->checking, "comparing examples", i, comparing->count, error);
    }
    /* Of several with one text the first was marked for all. */
    for (size_t i = 0; i < comparing->first_count; i++)
        if (comparing->firsts[i] != i)
            report->marks[i] |= report->marks[comparing->firsts[i]] & CHECK_MARK_LEAK;
    map_release(&digests);
    map_release(&outputs);
    return ok;
}

/* ---- nearly the same ---- */

static void note_near(struct comparing *comparing, const struct alike_pair *pair, uint8_t *near_test)
{
    size_t first = pair->first, second = pair->second;
    bool is_labeled = comparing->examples->shape == EXAMPLES_LABELED;
    if (comparing->firsts[second] == comparing->firsts[first])
        return;
    bool same = have_same_output(comparing, first, second);
    if (is_test(comparing, second) && !is_test(comparing, first)) {
        if (!near_test[second - comparing->first_count])
            note_pair(comparing, CHECK_NEAR_LEAK, second, first);
        near_test[second - comparing->first_count] = 1;
    } else if (!is_test(comparing, second)) {
        note_pair(comparing, CHECK_NEAR_DUPLICATE, second, first);
    }
    if (!same && is_labeled)
        note_pair(comparing, (double)pair->likeness >= SAME_WORDS ? CHECK_CONTRADICTION : CHECK_NEAR_CONTRADICTION, second,
                  first);
}

/* The words in small letters with a blank between them; false when there are WORDS_LEAST or more. */
static bool short_words(const struct alike_text *text, struct buffer *words)
{
    size_t count = 0;
    bool within = false;
    buffer_clear(words);
    for (size_t i = 0; i < text->part_count; i++, within = false)
        for (size_t j = 0; j < text->parts[i].size; j++) {
            unsigned char c = (unsigned char)text->parts[i].data[j];
            bool is_letter = c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (is_letter && !within && ++count == WORDS_LEAST)
                return false;
            if (is_letter && !within && count > 1)
                buffer_append_byte(words, ' ');
            if (is_letter)
                buffer_append_byte(words, (char)(c >= 'A' && c <= 'Z' ? c + 32 : c));
            within = is_letter;
        }
    return count > 0 && !words->failed;
}

static void compare_short(struct comparing *comparing, uint8_t *near_test)
{
    struct map seen;
    struct buffer words;
    map_init(&seen, UINT32_MAX / 4);
    buffer_init(&words, 64 * KIB);
    for (size_t i = 0; i < comparing->count; i++) {
        bool is_new;
        if (!short_words(&comparing->texts[i], &words))
            continue;
        struct map_entry *entry = map_put(&seen, buffer_slice(&words), &is_new);
        if (is_new)
            entry->value = i;
        const struct alike_pair pair = {.first = (uint32_t)entry->value, .second = (uint32_t)i, .likeness = 1};
        if (!is_new)
            note_near(comparing, &pair, near_test);
        if (i < comparing->first_count)
            comparing->checking->report->groups[i] = (uint32_t)entry->value;
    }
    buffer_release(&words);
    map_release(&seen);
}

static bool step_alike(void *context, size_t done, size_t total)
{
    const struct check_request *request = ((const struct checking *)context)->request;
    return request->step == NULL || request->step(request->context, "comparing examples", done, total);
}

static bool compare_nearly(struct comparing *comparing, struct error *error)
{
    struct alike_found found;
    const struct alike_search search = {.texts = comparing->texts,
                                        .count = comparing->count,
                                        .least = LEAST_LIKE,
                                        .words_least = WORDS_LEAST,
                                        .pool = comparing->checking->request->pool,
                                        .step = step_alike,
                                        .context = comparing->checking};
    if (!alike_find(&search, &found, error))
        return false;
    uint8_t *near_test = memory_alloc(comparing->count - comparing->first_count + 1, 1);
    for (size_t i = 0; i < found.count; i++)
        note_near(comparing, &found.pairs[i], near_test);
    for (size_t i = 0; i < comparing->first_count; i++) /* the lowest number is an example's, as they stand before the test's */
        comparing->checking->report->groups[i] = found.groups[i];
    compare_short(comparing, near_test);
    free(near_test);
    alike_found_release(&found);
    return true;
}

/* Questions on one passage belong together. */
static void group_by_context(struct comparing *comparing)
{
    struct map contexts;
    map_init(&contexts, UINT32_MAX / 4);
    for (size_t i = 0; i < comparing->first_count; i++) {
        const struct alike_text text = {&comparing->examples->items[i].context, 1};
        unsigned char digest[ALIKE_DIGEST_BYTES];
        bool is_new;
        alike_digest(&text, digest);
        struct map_entry *entry = map_put(&contexts, (struct slice){(const char *)digest, sizeof(digest)}, &is_new);
        if (is_new)
            entry->value = i;
        comparing->checking->report->groups[i] = (uint32_t)entry->value;
    }
    map_release(&contexts);
}

bool checking_compare(struct checking *checking, struct error *error)
{
    struct comparing comparing = {
        .checking = checking, .examples = checking->request->examples, .test = checking->request->test};
    comparing.first_count = comparing.examples->count;
    comparing.count = comparing.first_count + (comparing.test != NULL ? comparing.test->count : 0);
    comparing.texts = memory_alloc(comparing.count + 1, sizeof(*comparing.texts));
    comparing.firsts = memory_alloc(comparing.count + 1, sizeof(*comparing.firsts));
    arena_init(&comparing.arena);
    for (size_t i = 0; i < comparing.count; i++)
        comparing.texts[i] = input_of(&comparing.arena, example_at(&comparing, i));
    bool ok = compare_exactly(&comparing, error);
    if (ok && comparing.examples->shape == EXAMPLES_READING)
        group_by_context(&comparing);
    else
        ok = ok && compare_nearly(&comparing, error);
    arena_release(&comparing.arena);
    free(comparing.texts);
    free(comparing.firsts);
    return ok;
}
