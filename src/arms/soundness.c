/* soundness.c - what must hold before a verdict means anything. */
#include "alike/alike.h"
#include "arms_parts.h"
#include <math.h>
#include <stdlib.h>

#define LIKE_LEAST 0.7
enum { CASES_FEW = 20, NAMED_MOST = 5 };

void deciding_check(struct deciding *deciding, const char *name, bool ok, const char *message)
{
    if (deciding->check_count < CHECKS_MAX)
        deciding->checks[deciding->check_count++] = (struct check){name, message, ok};
}

/* ---- examples that are like test cases ---- */

/* Marks examples whose group holds a question: groups are named by their lowest text, and questions come first. */
static bool mark_like(struct deciding *deciding, bool *is_like, struct error *error)
{
    size_t questions = deciding->cases.count, count = questions + deciding->examples.count;
    struct slice *parts = memory_alloc(count + 1, sizeof(*parts));
    struct alike_text *texts = memory_alloc(count + 1, sizeof(*texts));
    struct alike_found found = {0};
    for (size_t i = 0; i < count; i++) {
        parts[i] = i < questions ? deciding->cases.items[i].question : deciding->examples.inputs[i - questions];
        texts[i] = (struct alike_text){&parts[i], 1};
    }
    const struct alike_search search = {
        .texts = texts, .count = count, .least = LIKE_LEAST, .words_least = 4, .pool = deciding->project->pool};
    bool ok = alike_find(&search, &found, error);
    for (size_t i = questions; ok && i < count; i++)
        is_like[i - questions] = is_like[i - questions] || found.groups[i] < questions;
    if (ok)
        alike_found_release(&found);
    free(parts);
    free(texts);
    return ok;
}

static void mark_same(struct deciding *deciding, bool *is_like)
{
    struct map questions;
    struct arena arena;
    arena_init(&arena);
    map_init(&questions, deciding->cases.count + 1);
    for (size_t i = 0; i < deciding->cases.count; i++)
        map_put(&questions, words_normalized(deciding->cases.items[i].question, &arena), NULL);
    for (size_t i = 0; i < deciding->examples.count; i++)
        if (map_get(&questions, words_normalized(deciding->examples.inputs[i], &arena)) != NULL) {
            is_like[i] = true;
            deciding->overlapping_same++;
        }
    map_release(&questions);
    arena_release(&arena);
}

bool check_overlap(struct deciding *deciding, struct error *error)
{
    struct pairs *pairs = &deciding->examples;
    bool *is_like = memory_alloc(pairs->count + 1, sizeof(*is_like));
    size_t kept = 0, count = pairs->count;
    mark_same(deciding, is_like);
    bool ok = mark_like(deciding, is_like, error);
    for (size_t i = 0; ok && i < count; i++) {
        if (is_like[i])
            continue;
        pairs->inputs[kept] = pairs->inputs[i];
        pairs->outputs[kept++] = pairs->outputs[i];
    }
    free(is_like);
    if (!ok)
        return false;
    deciding->overlapping = count - kept;
    pairs->count = kept;
    if (count == 0)
        return true;
    deciding_check(deciding, "examples and test cases are apart", deciding->overlapping == 0,
                   deciding->overlapping == 0
                       ? "no example is like a test case"
                       : arena_format(deciding->arena,
                                      "%zu of %zu examples are like a test case (%zu the same): they were left out of training "
                                      "and of prompts",
                                      deciding->overlapping, count, deciding->overlapping_same));
    return true;
}

/* ---- evidence ---- */

/* The cases of a source: numbers of links plus one. */
struct source_link {
    size_t of_case, next; /* next: 0 is the end */
};

struct looking {
    struct deciding *deciding;
    struct map sources; /* path → first link plus one */
    struct source_link *links;
    size_t link_count, link_capacity;
};

static void link_sources(struct looking *looking)
{
    struct deciding *deciding = looking->deciding;
    for (size_t i = 0; i < deciding->cases.count; i++)
        for (size_t j = 0; j < deciding->cases.items[i].source_count; j++) {
            struct map_entry *entry = map_put(&looking->sources, deciding->cases.items[i].sources[j], NULL);
            if (entry == NULL)
                continue;
            looking->links = arena_more(deciding->arena, looking->links, looking->link_count, &looking->link_capacity,
                                        sizeof(*looking->links));
            looking->links[looking->link_count++] = (struct source_link){i, (size_t)entry->value};
            entry->value = looking->link_count;
        }
}

static bool look_at(void *context, const struct store_passage *passage, const struct store_document *document,
                    struct error *error)
{
    struct looking *looking = context;
    struct deciding *deciding = looking->deciding;
    const struct map_entry *entry = map_get(&looking->sources, document->path);
    (void)error;
    for (size_t at = entry != NULL ? (size_t)entry->value : 0; at > 0; at = looking->links[at - 1].next) {
        size_t number = looking->links[at - 1].of_case;
        struct gold_places *gold = &deciding->gold[number];
        gold->is_there = true;
        if (!case_facts_stand_in(&deciding->cases.items[number], passage->text, GRADE_CONTAINS))
            continue;
        gold->passages = arena_more(deciding->arena, gold->passages, gold->count, &gold->capacity, sizeof(*gold->passages));
        gold->passages[gold->count++] = passage->id;
    }
    return true;
}

static void name_case(struct buffer *names, size_t *named, size_t line)
{
    if (*named < NAMED_MOST)
        buffer_format(names, "%s%zu", *named == 0 ? "" : ", ", line);
    else if (*named == NAMED_MOST)
        buffer_append_text(names, " …");
    (*named)++;
}

static void tell_evidence(struct deciding *deciding)
{
    struct buffer gone, silent;
    size_t looked = 0, gone_count = 0, silent_count = 0;
    buffer_init(&gone, KIB);
    buffer_init(&silent, KIB);
    for (size_t i = 0; i < deciding->cases.count; i++) {
        const struct answer_case *item = &deciding->cases.items[i];
        if (item->source_count == 0 || item->gold_count == 0)
            continue;
        looked++;
        if (!deciding->gold[i].is_there)
            name_case(&gone, &gone_count, item->line);
        else if (deciding->gold[i].count == 0)
            name_case(&silent, &silent_count, item->line);
    }
    struct buffer message;
    buffer_init(&message, 4 * KIB);
    if (looked == 0)
        buffer_append_text(&message, "no test case names what proves its answer: `source`");
    else if (gone_count + silent_count == 0)
        buffer_format(&message, "what proves the answer of %zu cases stands in the documents", looked);
    if (gone_count > 0)
        buffer_format(&message, "the source of %zu of %zu cases is not among the documents (line%s %s)", gone_count, looked,
                      gone_count == 1 ? "" : "s", buffer_text(&gone));
    if (silent_count > 0)
        buffer_format(&message, "%sin the source of %zu of %zu cases no passage holds the answer (line%s %s)",
                      gone_count > 0 ? "; " : "", silent_count, looked, silent_count == 1 ? "" : "s", buffer_text(&silent));
    deciding_check(deciding, "evidence in the knowledge base", looked > 0 && gone_count + silent_count == 0,
                   arena_text(deciding->arena, buffer_slice(&message)));
    buffer_release(&message);
    buffer_release(&gone);
    buffer_release(&silent);
}

bool check_evidence(struct deciding *deciding, struct error *error)
{
    struct looking looking = {.deciding = deciding};
    map_init(&looking.sources, UINT32_MAX / 4);
    deciding->gold = arena_alloc(deciding->arena, deciding->cases.count, sizeof(*deciding->gold));
    link_sources(&looking);
    bool ok = store_each_passage(deciding->project->store, 1, INT64_MAX, look_at, &looking, error);
    map_release(&looking.sources);
    if (ok)
        tell_evidence(deciding);
    return ok;
}

/* ---- numbers ---- */

static size_t count_repeats(const struct deciding *deciding)
{
    struct map questions;
    struct arena arena;
    arena_init(&arena);
    map_init(&questions, UINT32_MAX / 4);
    for (size_t i = 0; i < deciding->cases.count; i++)
        map_put(&questions, words_normalized(deciding->cases.items[i].question, &arena), NULL);
    size_t repeats = deciding->cases.count - questions.count;
    map_release(&questions);
    arena_release(&arena);
    return repeats;
}

void check_numbers(struct deciding *deciding)
{
    size_t test = deciding->test_count, unanswered = 0;
    double points = fmin(ceil(100 * statistics_detectable(0.5, test)), 100); /* where arms differ on every fourth case */
    size_t repeats = count_repeats(deciding);
    for (size_t i = 0; i < test; i++)
        unanswered += test_case(deciding, i)->gold_count == 0;
    if (repeats > 0)
        deciding_check(deciding, "test cases that differ", false,
                       arena_format(deciding->arena, "%zu of %zu ask%s what another one asks: they tell nothing new", repeats,
                                    deciding->cases.count, repeats == 1 ? "s" : ""));
    deciding_check(deciding, "enough test cases", test >= CASES_FEW,
                   arena_format(deciding->arena,
                                "%zu test cases tell differences of about %.0f points where approaches differ on every "
                                "fourth; %zu are for choosing how to ask",
                                test, points, deciding->development_count));
    deciding_check(deciding, "cases that nothing answers", unanswered > 0,
                   unanswered > 0
                       ? arena_format(deciding->arena, "%zu of %zu: whether it abstains is measured", unanswered, test)
                       : "none: whether it abstains where it should was not measured");
    if (deciding->examples.count > 0)
        deciding_check(deciding, "form of the examples", true,
                       arena_format(deciding->arena, "%s%s", learned_form_words(&deciding->form, deciding->arena),
                                    deciding->form_asked               ? ": answers must have it"
                                    : deciding->form.kind == FORM_NONE ? ""
                                                                       : ": it is not asked of these test cases"));
}
