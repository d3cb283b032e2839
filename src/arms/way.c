/* way.c - one question answered in one way, and what the answer is worth. */
#include "arms_parts.h"
#include <stdlib.h>
#include <string.h>

#define UNSUPPORTED_MARK " [not in the documents]" /* that ask puts behind a sentence that no passage bears out */

struct slice words_normalized(struct slice text, struct arena *arena)
{
    struct buffer words;
    buffer_init(&words, LIMIT_TEXT_BYTES);
    grade_normalize(text, &words);
    struct slice copy = arena_slice(arena, buffer_slice(&words));
    buffer_release(&words);
    return copy;
}

const char *way_model(const struct deciding *deciding, const struct way *way)
{
    return way->llm == NULL                   ? NULL
           : way->model != NULL               ? way->model
           : way->llm == deciding->run->tuned ? deciding->run->tuned_model
                                              : deciding->run->model;
}

/* ---- asked ---- */

static struct slice without_unsupported(struct slice text, struct arena *arena)
{
    char *out = arena_alloc(arena, text.size + 1, 1);
    size_t size = 0, mark = strlen(UNSUPPORTED_MARK);
    for (size_t i = 0; i < text.size;) {
        if (text.size - i >= mark && memcmp(text.data + i, UNSUPPORTED_MARK, mark) == 0) {
            i += mark;
            continue;
        }
        out[size++] = text.data[i++];
    }
    return (struct slice){out, size};
}

static bool is_source(const struct answer_case *item, const struct search_hit *hit)
{
    for (size_t i = 0; i < item->source_count; i++)
        if (eval_stands_in(hit, item->sources[i]))
            return true;
    return item->source_count == 0;
}

static void take_passages(const struct answer_case *item, const struct ask_answer *answer, struct arena *arena,
                          struct said *said)
{
    said->passages = arena_alloc(arena, answer->search.count, sizeof(*said->passages));
    for (size_t i = 0; i < answer->search.count; i++) {
        const struct search_hit *hit = &answer->search.hits[i];
        said->passages[said->passage_count++] = (struct said_passage){
            arena_slice(arena, hit->path), arena_slice(arena, hit->passage.text), hit->passage.start, hit->passage.end};
        said->had_evidence = said->had_evidence ||
                             (is_source(item, hit) && case_facts_stand_in(item, hit->passage.text, GRADE_CONTAINS));
    }
    said->citations = arena_alloc(arena, answer->citation_count, sizeof(*said->citations));
    for (size_t i = 0; i < answer->citation_count; i++) {
        const struct ask_citation *citation = &answer->citations[i];
        said->citations[said->citation_count++] = (struct said_passage){
            arena_slice(arena, answer->search.hits[citation->passage].path), arena_slice(arena, citation->quote),
            citation->start, citation->end};
    }
}

static void take_answer(const struct answer_case *item, const struct ask_answer *answer, struct arena *arena, struct said *said)
{
    const struct llm_usage *usage = &answer->usage;
    said->abstained = answer->abstained;
    said->text = answer->abstained ? SLICE("") : without_unsupported(eval_without_marks(answer->text, arena), arena);
    said->input_tokens = (double)(usage->prompt_tokens - usage->cached_tokens);
    said->cached_tokens = (double)usage->cached_tokens;
    said->output_tokens = (double)usage->completion_tokens;
    said->took_ms = answer->retrieve_ms + answer->rerank_ms + answer->generate_ms + answer->kept_ms;
    take_passages(item, answer, arena, said);
}

static bool is_stopped(void *context)
{
    (void)context;
    return false;
}

/* The pipeline of `assay ask`, with the settings that the way is for. */
static bool ask(struct deciding *deciding, const struct way *way, const struct answer_case *item, struct slice question,
                struct said *said, struct error *error)
{
    struct project *project = way->project != NULL ? way->project : deciding->project;
    const struct settings before = project->settings;
    bool free_form = deciding->form_asked || way->schema != NULL || way->keeps;
    struct ask_answer answer = {0};
    const struct ask_request request = {.question = question,
                                        .mode = deciding->run->mode,
                                        .embedder = way->project != NULL ? way->embedder : deciding->run->embedder,
                                        .llm = way->llm,
                                        .writer = way_is_written(way) ? deciding->run->writer : NULL,
                                        .reader = way->llm == NULL ? deciding->run->reader : NULL,
                                        .grounding = deciding->run->grounding,
                                        .approach = way->approach,
                                        .unsupported = free_form ? ASK_KEEP : ASK_MARK,
                                        .schema = way->schema != NULL ? slice_from(way->schema) : (struct slice){0},
                                        .given = way->given,
                                        .given_count = way->given_count,
                                        .temperature = way->llm != NULL ? 0 : -1,
                                        .seed = -1,
                                        .is_cancelled = is_stopped};
    project->settings.examples = deciding->examples_path;
    project->settings.prompt_examples = !way->examples                                    ? PROMPT_EXAMPLES_NONE
                                        : before.prompt_examples == PROMPT_EXAMPLES_FIRST ? PROMPT_EXAMPLES_FIRST
                                                                                          : PROMPT_EXAMPLES_AUTO;
    bool ok = ask_run(project, &request, &answer, error);
    project->settings = before;
    if (ok)
        take_answer(item, &answer, deciding->arena, said);
    deciding->held_in_sample += ok && answer.is_held_back && answer.is_fitted_on;
    ask_answer_release(&answer);
    return ok;
}

static bool make(struct deciding *deciding, const struct way *way, const struct answer_case *item, struct slice question,
                 struct said *said, struct error *error)
{
    struct slice fact;
    uint64_t start = clock_now_ns();
    const bool asks = way->maker == MAKER_ASK || way->retrieves || way->llm != NULL;
    if (asks && !ask(deciding, way, item, question, said, error))
        return false;
    if (way->maker == MAKER_ASK || said->abstained)
        return true;
    double asked_ms = said->took_ms;
    start = asks ? clock_now_ns() : start;
    fact = said->text;
    bool ok = way->maker == MAKER_LABEL
                  ? built_label(deciding, way->built, question, deciding->arena, &said->text, error)
                  : built_write(deciding, way->built, question, asks ? &fact : NULL, deciding->arena, &said->text, error);
    said->took_ms = asked_ms + clock_ms_since(start);
    return ok;
}

bool way_ask(struct deciding *deciding, const struct way *way, const struct answer_case *item, const char *note,
             struct slice question, struct said *said, struct error *error)
{
    struct error why = {0};
    const char *key = arena_format(deciding->arena, "%s|%zu|%s", way->key, item->line, note);
    *said = (struct said){0};
    if (!record_find(deciding->record, key, said)) {
        if (make(deciding, way, item, question, said, &why)) {
            if (!record_keep(deciding->record, key, said, error))
                return false;
        } else if (why.kind == ERROR_CANCELLED || why.kind == ERROR_NO_MEMORY) {
            *error = why;
            return false;
        } else { /* an outcome; asked again when the run is made again */
            *said = (struct said){.failed = true, .failure = arena_text(deciding->arena, slice_from(why.message))};
        }
    }
    grade_said(deciding, item, said);
    return true;
}

/* ---- graded ---- */

/* Negative: no form is asked for. */
static double grade_form(struct deciding *deciding, const struct answer_case *item, const struct answer_form *form,
                         struct slice text)
{
    bool like_examples = deciding->form_fits && wants_style(deciding, item),
         asked = like_examples || form->values[ANSWER_PATTERN] >= 0 || form->values[ANSWER_SCHEMA] >= 0;
    if (!asked)
        return -1;
    return (!like_examples || learned_form_follows(&deciding->form, text)) && form->values[ANSWER_PATTERN] != 0 &&
           form->values[ANSWER_SCHEMA] != 0;
}

static enum answer_check check_of(const struct deciding *deciding, const struct answer_case *item)
{
    return item->measure != CHECK_AUTO ? item->measure : deciding->measure;
}

static bool is_strict(enum answer_check check)
{
    return check == CHECK_STRICT || check == CHECK_EXACT;
}

/* Golds without what is around their one fact. */
static const struct slice *bare_golds(const struct answer_case *item, struct arena *arena)
{
    struct slice *texts = arena_alloc(arena, item->gold_count, sizeof(*texts));
    for (size_t i = 0; i < item->gold_count; i++)
        texts[i] = item->facts[i].count == 1 ? item->facts[i].items[0].text : item->golds[i];
    return texts;
}

/* An answer to a case that has one. */
static void grade_text(struct deciding *deciding, const struct answer_case *item, const struct answer_form *form,
                       struct arena *arena, struct said *said)
{
    const struct grade_gold gold = {item->golds, item->gold_count, item->tolerance},
                            bare = {bare_golds(item, arena), item->gold_count, item->tolerance};
    struct grade_scores whole, fact;
    const enum answer_check check = check_of(deciding, item);
    double value;
    struct slice part = learned_form_fact(&deciding->form, said->text, arena);
    grade_answer(&gold, &said->text, &whole);
    grade_answer(&bare, &part, &fact);
    said->exact = whole.values[GRADE_EXACT];
    said->strict = whole.values[GRADE_STRICT];
    const struct grade_scores *scores = deciding->form.kind == FORM_JSON || deciding->form.kind == FORM_FRAME ? &fact : &whole;
    value = form->is_document ? form->values[ANSWER_FIELDS] : scores->values[eval_measure_of(check, GRADE_RELAXED)];
    said->knowledge = fact.values[GRADE_RELAXED] > 0 || value >= 1 ||
                      (form->is_document && case_facts_stand_in(item, said->text, GRADE_RELAXED));
    said->form = grade_form(deciding, item, form, said->text);
    if (said->form < 0 && is_strict(check) && said->knowledge > 0) /* the right fact, and nothing else */
        said->form = value >= 1;
    said->score = said->form == 0 ? 0 : value;
    said->right = said->score >= 0.5;
}

/* Where there is no answer, its fields are all wrong, as eval has it. */
void grade_said(struct deciding *deciding, const struct answer_case *item, struct said *said)
{
    struct arena arena;
    struct answer_form form;
    arena_init(&arena);
    answer_form_check(item, &deciding->asked, said->failed || said->abstained ? NULL : &said->text, &arena, NULL, &form);
    for (size_t i = 0; i < ANSWER_FORMS; i++)
        said->forms[i] = form.values[i];
    said->form = -1;
    if (!said->failed && (item->gold_count == 0 || said->abstained)) {
        said->score = said->knowledge = said->exact = said->strict = item->gold_count == 0 && said->abstained;
        said->right = said->score > 0;
    } else if (!said->failed) {
        grade_text(deciding, item, &form, &arena, said);
    }
    arena_release(&arena);
}
