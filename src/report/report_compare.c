/* report_compare.c - two runs side by side: approaches' scores over the cases that both have, with what chance leaves of the difference, and the
 * cases that changed.
 *
 *   a case is the same when its question is: runs number their cases by files that may have changed in between */
#include "page.h"
#include <stdlib.h>

enum { DRAWS = 10000, SEED = 1 };

struct run {
    struct page page; /* for its readers */
    struct json_value root;
    const struct json_value *cases; /* NULL: none */
    struct slice *questions; /* of each case */
    const char *name;
};

struct comparing {
    struct arena *arena;
    struct run first, second;
    size_t *partner; /* of each case of the second: the first's, or SIZE_MAX */
    struct report_comparison *comparison;
    size_t arm_capacity, case_capacity;
};

static bool open_run(struct run *run, struct slice json, const char *name, struct arena *arena, struct error *error)
{
    if (!report_read(json, name, arena, &run->root, error))
        return false;
    run->page = (struct page){.arena = arena, .root = &run->root, .name = name, .error = error};
    run->cases = page_array(&run->page, &run->root, "cases");
    const size_t count = run->cases != NULL ? run->cases->count : 0;
    run->questions = arena_alloc(arena, count + 1, sizeof(*run->questions));
    for (size_t i = 0; i < count; i++) {
        const struct json_value *item = page_item(&run->page, run->cases, i, JSON_OBJECT, "cases");
        run->questions[i] = page_text(&run->page, item, "question");
    }
    return !run->page.failed;
}

static size_t case_count(const struct run *run)
{
    return run->cases != NULL ? run->cases->count : 0;
}

/* ---- which cases are the same ---- */

struct question_at {
    struct slice question;
    size_t at;
};

static int by_question(const void *a, const void *b)
{
    const struct question_at *first = a, *second = b;
    const int order = slice_compare(first->question, second->question);
    return order != 0 ? order : (first->at > second->at) - (first->at < second->at);
}

static struct question_at *sorted(const struct run *run, struct arena *arena)
{
    const size_t count = case_count(run);
    struct question_at *items = arena_alloc(arena, count + 1, sizeof(*items));
    for (size_t i = 0; i < count; i++)
        items[i] = (struct question_at){run->questions[i], i};
    qsort(items, count, sizeof(*items), by_question);
    return items;
}

/* Both in order of their questions: one walk. A question that stands twice is met twice. */
static void pair_cases(struct comparing *comparing)
{
    const size_t first_count = case_count(&comparing->first), second_count = case_count(&comparing->second);
    const struct question_at *first = sorted(&comparing->first, comparing->arena);
    const struct question_at *second = sorted(&comparing->second, comparing->arena);
    struct report_comparison *comparison = comparing->comparison;
    comparing->partner = arena_alloc(comparing->arena, second_count + 1, sizeof(*comparing->partner));
    for (size_t i = 0; i < second_count; i++)
        comparing->partner[i] = SIZE_MAX;
    for (size_t i = 0, j = 0; i < first_count && j < second_count;) {
        const int order = slice_compare(first[i].question, second[j].question);
        if (order == 0) {
            comparing->partner[second[j++].at] = first[i++].at;
            comparison->shared_cases++;
        } else if (order < 0) {
            i++;
        } else {
            j++;
        }
    }
    comparison->first_cases = first_count;
    comparison->second_cases = second_count;
    comparison->same_cases = comparison->shared_cases == first_count && first_count == second_count;
}

/* ---- one approach ---- */

struct outcome {
    bool is_known, right;
    double score;
    struct slice answer;
};

static struct outcome outcome_of(struct run *run, size_t i, struct slice arm)
{
    const struct json_value *arms = page_object(&run->page, &run->cases->items[i], "arms");
    struct outcome outcome = {0};
    for (size_t j = 0; arms != NULL && j < arms->count; j++) {
        const struct json_value *item = &arms->items[j];
        if (!slice_equal(arms->keys[j], arm))
            continue;
        if (item->kind != JSON_OBJECT) {
            page_fail(&run->page, "cases.arms", "an object of objects");
            break;
        }
        const enum page_truth right = page_truth(&run->page, item, "right");
        outcome.right = right == PAGE_YES;
        outcome.is_known = page_share(&run->page, item, "score", &outcome.score);
        if (!outcome.is_known && right != PAGE_NOT_TOLD) {
            outcome.is_known = true;
            outcome.score = outcome.right ? 1 : 0;
        } else if (right == PAGE_NOT_TOLD) {
            outcome.right = outcome.score >= 1;
        }
        outcome.answer = page_text(&run->page, item, "answer");
    }
    return outcome;
}

static void note_case(struct comparing *comparing, struct slice arm, size_t i, const struct outcome *before,
                      const struct outcome *after)
{
    struct report_comparison *comparison = comparing->comparison;
    comparison->cases = arena_more(comparing->arena, comparison->cases, comparison->case_count, &comparing->case_capacity,
                                   sizeof(*comparison->cases));
    comparison->cases[comparison->case_count++] = (struct report_case_change){.arm = arm,
                                                                              .question = comparing->second.questions[i],
                                                                              .right_before = before->right,
                                                                              .right_after = after->right,
                                                                              .before = before->answer,
                                                                              .after = after->answer};
}

static void judge(struct report_arm_change *change, const double *differences, const struct paired *paired)
{
    const struct clustered clustered = {.values = differences, .count = change->paired, .seed = SEED};
    if (change->paired == 0)
        return;
    if (change->is_paired_yes_no) {
        change->difference = statistics_newcombe(paired, &change->interval);
        change->chance = statistics_mcnemar(paired);
    } else {
        change->difference = statistics_mean(&clustered);
        statistics_clustered(&clustered, &change->interval);
        change->chance = statistics_sign_flip(&clustered);
    }
}

static void compare_arm(struct comparing *comparing, struct report_arm_change *change)
{
    const size_t count = case_count(&comparing->second);
    double *differences = arena_alloc(comparing->arena, count + 1, sizeof(*differences));
    struct paired paired = {0};
    change->is_paired_yes_no = true;
    for (size_t i = 0; i < count; i++) {
        if (comparing->partner[i] == SIZE_MAX)
            continue;
        const struct outcome before = outcome_of(&comparing->first, comparing->partner[i], change->arm);
        const struct outcome after = outcome_of(&comparing->second, i, change->arm);
        if (!before.is_known || !after.is_known)
            continue;
        const bool whole = (before.score <= 0 || before.score >= 1) && (after.score <= 0 || after.score >= 1);
        change->is_paired_yes_no = change->is_paired_yes_no && whole;
        const bool first_right = before.score >= 1, second_right = after.score >= 1;
        paired.both += first_right && second_right;
        paired.first_only += first_right && !second_right;
        paired.second_only += !first_right && second_right;
        paired.neither += !first_right && !second_right;
        differences[change->paired++] = after.score - before.score;
        change->gained += !before.right && after.right;
        change->lost += before.right && !after.right;
        if (before.right != after.right)
            note_case(comparing, change->arm, i, &before, &after);
    }
    judge(change, differences, &paired);
}

/* ---- all of them ---- */

static struct report_arm_change *find_arm(struct comparing *comparing, struct slice name)
{
    struct report_comparison *comparison = comparing->comparison;
    for (size_t i = 0; i < comparison->arm_count; i++)
        if (slice_equal(comparison->arms[i].arm, name))
            return &comparison->arms[i];
    comparison->arms = arena_more(comparing->arena, comparison->arms, comparison->arm_count, &comparing->arm_capacity,
                                  sizeof(*comparison->arms));
    comparison->arms[comparison->arm_count] = (struct report_arm_change){.arm = name, .first = -1, .second = -1};
    return &comparison->arms[comparison->arm_count++];
}

static void take_arms(struct comparing *comparing, struct run *run, bool is_second)
{
    const struct json_value *arms = page_array(&run->page, &run->root, "arms");
    for (size_t i = 0; arms != NULL && i < arms->count; i++) {
        const struct json_value *arm = page_item(&run->page, arms, i, JSON_OBJECT, "arms");
        if (arm == NULL)
            break;
        struct report_arm_change *change = find_arm(comparing, arm_name(&run->page, arm));
        double score = -1;
        if (!page_share(&run->page, arm, "score", &score))
            score = -1;
        *(is_second ? &change->in_second : &change->in_first) = true;
        *(is_second ? &change->second : &change->first) = score;
    }
}

static struct slice approach_of(struct run *run)
{
    return page_text(&run->page, page_object(&run->page, &run->root, "verdict"), "approach");
}

static struct slice documents_hash(struct run *run)
{
    return page_text(&run->page, page_object(&run->page, page_object(&run->page, &run->root, "data"), "hashes"), "documents");
}

bool report_compare(struct slice first, const char *first_name, struct slice second, const char *second_name,
                    struct arena *arena, struct report_comparison *comparison, struct error *error)
{
    struct comparing comparing = {.arena = arena, .comparison = comparison};
    *comparison = (struct report_comparison){0};
    if (!open_run(&comparing.first, first, first_name, arena, error) ||
        !open_run(&comparing.second, second, second_name, arena, error))
        return false;
    comparison->first_approach = approach_of(&comparing.first);
    comparison->second_approach = approach_of(&comparing.second);
    const struct slice before = documents_hash(&comparing.first), after = documents_hash(&comparing.second);
    comparison->has_documents_hash = before.size > 0 && after.size > 0;
    comparison->same_documents = slice_equal(before, after);
    pair_cases(&comparing);
    take_arms(&comparing, &comparing.first, false);
    take_arms(&comparing, &comparing.second, true);
    for (size_t i = 0; i < comparison->arm_count; i++)
        if (comparison->arms[i].in_first && comparison->arms[i].in_second)
            compare_arm(&comparing, &comparison->arms[i]);
    return !comparing.first.page.failed && !comparing.second.page.failed;
}
