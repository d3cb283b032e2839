/* checks.c - the findings of a set of examples that need one look at each: numbers, labels, lengths, secrets. Those that compare texts with
 * each other are in checks_alike.c. */
#include "checks_parts.h"
#include "text/text.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <utf8proc.h>

const struct check_floor check_floors[CHECK_FLOORS] = {
    {50, "the least that tuning can work with"},
    {100, "enough for a first try at a simple task"},
    {200, "enough to change behaviour in a basic task"},
    {1000, "enough for a change that can be relied on"},
    {5000, "better still: a demanding task, or many labels"},
};

enum { CLASS_LEAST = 10, CLASS_NONE = 2, IMBALANCE_TIMES = 20 };

const char *check_kind_name(enum check_kind kind)
{
    static const char *const names[CHECK_KINDS] = {
        "few_examples", "one_label",     "undivided", "rejected",       "contradiction",      "leak",
        "near_leak",    "unknown_label", "duplicate", "near_duplicate", "near_contradiction", "small_class",
        "label_case",   "imbalance",     "too_long",  "secret",         "personal_data"};
    return names[kind];
}

const char *check_severity_name(enum check_severity severity)
{
    static const char *const names[] = {"high", "medium", "low"};
    return names[severity];
}

void checking_place(struct checking *checking, enum check_kind kind, struct check_place place)
{
    struct check_notes *notes = &checking->notes[kind];
    notes->count++;
    if (notes->place_count < PLACES_MAX)
        notes->places[notes->place_count++] = place;
}

const char *checking_glance(struct checking *checking, struct slice text)
{
    enum { GLANCE_BYTES = 80 };
    struct arena *arena = &checking->report->arena;
    size_t end = text.size;
    if (end > GLANCE_BYTES)
        for (end = GLANCE_BYTES; end > 0 && ((unsigned char)text.data[end] & 0xC0) == 0x80;)
            end--;
    struct slice shown = arena_line(arena, slice_range(text, 0, end));
    return arena_format(arena, SLICE_FORMAT "%s", SLICE_ARGUMENT(shown), end < text.size ? "…" : "");
}

const char *checking_where(struct checking *checking, const struct example *example, const char *text)
{
    return example->where == NULL ? text : arena_format(&checking->report->arena, "%s: %s", example->where, text);
}

PRINTF_LIKE(5, 6)
static void add_finding(struct checking *checking, enum check_kind kind, enum check_severity severity, const char *remedy,
                        const char *format, ...)
{
    struct check_report *report = checking->report;
    const struct check_notes *notes = &checking->notes[kind];
    struct check_place *places = arena_alloc(&report->arena, notes->place_count + 1, sizeof(*places));
    char message[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    if (notes->place_count > 0)
        memcpy(places, notes->places, notes->place_count * sizeof(*places));
    report->findings[report->finding_count++] = (struct check_finding){
        .kind = kind,
        .severity = severity,
        .count = notes->count,
        .message = arena_text(&report->arena, slice_from(message)),
        .remedy = remedy,
        .places = places,
        .place_count = notes->place_count};
}

/* ---- labels ---- */

static void count_labels(struct checking *checking)
{
    const struct examples *examples = checking->request->examples, *test = checking->request->test;
    struct check_report *report = checking->report;
    report->label_count = examples->label_count;
    report->labels = arena_alloc(&report->arena, examples->label_count + 1, sizeof(*report->labels));
    for (size_t i = 0; i < examples->label_count; i++)
        report->labels[i].name = examples->labels[i];
    for (size_t i = 0; i < examples->count; i++)
        for (size_t j = 0; report->marks[i] == 0 && j < examples->items[i].label_count; j++)
            report->labels[examples->items[i].labels[j]].count++;
    for (size_t i = 0; test != NULL && i < test->count; i++)
        for (size_t j = 0; j < test->items[i].label_count; j++) {
            uint32_t label;
            if (checking_label(checking, test->labels[test->items[i].labels[j]], &label))
                report->labels[label].test_count++;
            else
                checking_place(checking, CHECK_UNKNOWN_LABEL,
                               (struct check_place){.in_test = true,
                                                    .line = test->items[i].line,
                                                    .text = checking_glance(checking, test->labels[test->items[i].labels[j]])});
        }
}

static void check_classes(struct checking *checking)
{
    struct check_report *report = checking->report;
    size_t most = 0, least = SIZE_MAX, single = 0;
    for (size_t i = 0; i < report->label_count; i++) {
        const struct check_label *label = &report->labels[i];
        most = label->count > most ? label->count : most;
        least = label->count < least ? label->count : least;
        single += label->count < CLASS_NONE;
        if (label->count < CLASS_LEAST)
            checking_place(checking, CHECK_SMALL_CLASS,
                           (struct check_place){.text = arena_format(&report->arena, "%s: %zu",
                                                                     checking_glance(checking, label->name), label->count)});
    }
    if (report->label_count == 1) {
        checking->notes[CHECK_ONE_LABEL].count = 1;
        add_finding(checking, CHECK_ONE_LABEL, CHECK_HIGH, "Add examples of what it is to be told apart from.",
                    "all examples have the label \"%s\"", checking_glance(checking, report->labels[0].name));
        report->findings[report->finding_count - 1].blocks = true;
    }
    size_t small = checking->notes[CHECK_SMALL_CLASS].count;
    if (small > 0)
        add_finding(checking, CHECK_SMALL_CLASS, single > 0 ? CHECK_HIGH : CHECK_MEDIUM,
                    "Collect more for them, or join labels that mean nearly the same.",
                    "%zu of %zu labels %s fewer than %d examples%s", small, report->label_count, small == 1 ? "has" : "have",
                    CLASS_LEAST, single > 0 ? ", some none to measure with" : "");
    if (report->label_count > 1 && most >= IMBALANCE_TIMES * (least > 0 ? least : 1)) {
        checking->notes[CHECK_IMBALANCE].count = 1;
        add_finding(checking, CHECK_IMBALANCE, CHECK_MEDIUM,
                    "Read the macro F1 rather than the accuracy, collect more of the rare labels, or weigh them.",
                    "the commonest label has %zu examples, the rarest %zu", most, least);
    }
}

static struct slice in_small_letters(struct arena *arena, struct slice text)
{
    enum { CHARACTER_BYTES_MOST = 4 };
    char *out = arena_alloc(arena, CHARACTER_BYTES_MOST * text.size + 1, 1);
    size_t size = 0;
    for (size_t at = 0; at < text.size;) {
        uint32_t character;
        at += text_decode(text, at, &character);
        size += text_encode((uint32_t)utf8proc_tolower((utf8proc_int32_t)character), out + size);
    }
    return (struct slice){out, size};
}

/* Labels that are the same in small letters: "Bug, bug" and "Bug: 40, bug: 3". */
struct same_letters {
    size_t labels;
    const char *names, *counts;
};

static void check_letters(struct checking *checking)
{
    struct check_report *report = checking->report;
    struct arena *arena = &report->arena;
    struct same_letters *groups = arena_alloc(arena, report->label_count + 1, sizeof(*groups));
    const char *first = NULL;
    struct map seen; /* in small letters → its group */
    map_init(&seen, LIMIT_EXAMPLES_LABELS);
    for (size_t i = 0; i < report->label_count; i++) {
        const char *name = checking_glance(checking, report->labels[i].name);
        bool is_new;
        struct map_entry *entry = map_put(&seen, in_small_letters(arena, report->labels[i].name), &is_new);
        if (is_new)
            entry->value = seen.count - 1;
        struct same_letters *group = &groups[entry->value];
        group->names = is_new ? name : arena_format(arena, "%s, %s", group->names, name);
        group->counts = arena_format(arena, "%s%s%s: %zu", is_new ? "" : group->counts, is_new ? "" : ", ", name,
                                     report->labels[i].count);
        group->labels++;
    }
    for (size_t i = 0; i < seen.count; i++)
        if (groups[i].labels > 1) {
            first = first == NULL ? groups[i].names : first;
            checking_place(checking, CHECK_LABEL_CASE, (struct check_place){.text = groups[i].counts});
        }
    map_release(&seen);
    if (first != NULL)
        add_finding(checking, CHECK_LABEL_CASE, CHECK_HIGH,
                    "Write them in one way if they mean the same: each is learned as a label of its own.",
                    "labels differ only in case: %s%s", first,
                    checking->notes[CHECK_LABEL_CASE].count > 1 ? ", and others" : "");
}

/* ---- lengths, secrets ---- */

typedef void text_visitor(struct checking *checking, struct slice text);

/* All texts of an example, one after the other. */
static void each_text(struct checking *checking, const struct example *example, text_visitor *visit)
{
    if (example->turn_count == 0)
        visit(checking, example->text);
    if (example->context.size > 0)
        visit(checking, example->context);
    for (size_t i = 0; i < example->turn_count; i++)
        visit(checking, example->turns[i].text);
    for (size_t i = 0; i < example->positive_count; i++)
        visit(checking, example->positives[i]);
    for (size_t i = 0; i < example->negative_count; i++)
        visit(checking, example->negatives[i]);
}

static void count_tokens(struct checking *checking, struct slice text)
{
    checking->tokens += token_meter_count(checking->meter, text);
}

/* What is read at once: all texts, but of a question with texts that answer it or do not one after the other. */
static size_t read_tokens(struct checking *checking, const struct example *example)
{
    enum { SPECIAL_TOKENS = 2 };
    struct example asked = *example;
    size_t most = 0;
    asked.positive_count = asked.negative_count = 0;
    checking->tokens = SPECIAL_TOKENS;
    each_text(checking, &asked, count_tokens);
    for (size_t i = 0; i < example->positive_count + example->negative_count; i++) {
        size_t at = i - example->positive_count,
               tokens = token_meter_count(checking->meter,
                                          i < example->positive_count ? example->positives[i] : example->negatives[at]);
        most = tokens > most ? tokens : most;
    }
    return checking->tokens + most;
}

static int by_size(const void *a, const void *b)
{
    const uint32_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static bool check_lengths(struct checking *checking, struct error *error)
{
    const struct examples *examples = checking->request->examples;
    struct check_report *report = checking->report;
    if (checking->request->tokenizer == NULL)
        return true;
    uint32_t *sizes = memory_alloc(examples->count + 1, sizeof(*sizes));
    checking->meter = token_meter_create(checking->request->tokenizer);
    bool ok = true;
    for (size_t i = 0; ok && i < examples->count; i++) {
        const struct example *example = &examples->items[i];
        size_t tokens = read_tokens(checking, example);
        sizes[i] = tokens < UINT32_MAX ? (uint32_t)tokens : UINT32_MAX;
        if (checking->request->tokens_max > 0 && tokens > checking->request->tokens_max)
            checking_place(checking, CHECK_TOO_LONG,
                           (struct check_place){
                               .line = example->line,
                               .text = checking_where(checking, example, arena_format(&report->arena, "%zu tokens", tokens))});
        ok = i % 4096 != 0 || checking_step(checking, "counting tokens", i, examples->count, error);
    }
    if (ok && examples->count > 0) {
        qsort(sizes, examples->count, sizeof(*sizes), by_size);
        report->tokens_median = sizes[examples->count / 2];
        report->tokens_p95 = sizes[(examples->count - 1) * 95 / 100];
        report->tokens_most = sizes[examples->count - 1];
    }
    size_t longer = checking->notes[CHECK_TOO_LONG].count;
    if (ok && longer > 0)
        add_finding(
            checking, CHECK_TOO_LONG, longer * 10 > examples->count ? CHECK_HIGH : CHECK_MEDIUM,
            "What lies behind the limit is not read: shorten the texts to what matters, or take a base that reads more.",
            "%zu example%s longer than the %zu tokens that the model reads", longer, longer == 1 ? " is" : "s are",
            checking->request->tokens_max);
    token_meter_free(checking->meter);
    free(sizes);
    return ok;
}

static bool note_sensitive(void *context, enum sensitive_kind kind, size_t start, size_t end)
{
    struct checking *checking = context;
    bool is_secret = kind == SENSITIVE_PRIVATE_KEY || kind == SENSITIVE_ACCESS_KEY || kind == SENSITIVE_TOKEN ||
                     kind == SENSITIVE_SECRET;
    (void)start;
    (void)end;
    enum check_kind found = is_secret ? CHECK_SECRET : CHECK_PERSONAL;
    if (checking->sensitive[found - CHECK_SECRET] == NULL)
        checking->sensitive[found - CHECK_SECRET] = sensitive_kind_name(kind);
    return true;
}

static void find_sensitive(struct checking *checking, struct slice text)
{
    (void)sensitive_each(text, note_sensitive, checking);
}

static bool check_sensitive(struct checking *checking, struct error *error)
{
    const struct examples *examples = checking->request->examples;
    for (size_t i = 0; i < examples->count; i++) {
        checking->sensitive[0] = checking->sensitive[1] = NULL;
        each_text(checking, &examples->items[i], find_sensitive);
        for (size_t j = 0; j < 2; j++)
            if (checking->sensitive[j] != NULL)
                checking_place(
                    checking, (enum check_kind)(CHECK_SECRET + j),
                    (struct check_place){.line = examples->items[i].line,
                                         .text = checking_where(checking, &examples->items[i], checking->sensitive[j])});
        if (i % 4096 == 0 && !checking_step(checking, "looking for secrets", i, examples->count, error))
            return false;
    }
    size_t secrets = checking->notes[CHECK_SECRET].count, personal = checking->notes[CHECK_PERSONAL].count;
    if (secrets > 0)
        add_finding(checking, CHECK_SECRET, CHECK_HIGH,
                    "Take them out, and change them where they are in use: a tuned model can repeat what it has learned.",
                    "%zu example%s what looks like a key or a password", secrets, secrets == 1 ? " has" : "s have");
    if (personal > 0)
        add_finding(checking, CHECK_PERSONAL, CHECK_MEDIUM,
                    "Replace them by placeholders unless there is a legal ground to train on them.",
                    "%zu example%s personal data", personal, personal == 1 ? " has" : "s have");
    return true;
}

/* ---- numbers ---- */

static void check_count(struct checking *checking)
{
    struct check_report *report = checking->report;
    const struct examples *examples = checking->request->examples;
    for (size_t i = 0; i < examples->count; i++)
        report->usable += report->marks[i] == 0;
    while (report->floor < CHECK_FLOORS && report->usable >= check_floors[report->floor].least)
        report->floor++;
    if (report->usable < check_floors[0].least) {
        checking->notes[CHECK_FEW].count = 1;
        add_finding(checking, CHECK_FEW, CHECK_HIGH, "Use them as examples in the prompt, and collect more before tuning.",
                    "%zu usable example%s: fewer than %zu, %s", report->usable, report->usable == 1 ? "" : "s",
                    check_floors[0].least, check_floors[0].meaning);
    } else if (report->usable < check_floors[2].least) {
        checking->notes[CHECK_FEW].count = 1;
        add_finding(checking, CHECK_FEW, CHECK_MEDIUM, "Measure against a prompt with the same examples before relying on it.",
                    "%zu usable examples: %zu are %s", report->usable, check_floors[2].least, check_floors[2].meaning);
    }
    size_t rejected = examples->records - examples->count;
    if (rejected > 0) {
        for (size_t i = 0; i < examples->rejected_count; i++)
            checking_place(checking, CHECK_REJECTED,
                           (struct check_place){.line = examples->rejected[i].line, .text = examples->rejected[i].reason});
        checking->notes[CHECK_REJECTED].count = rejected;
        add_finding(checking, CHECK_REJECTED, rejected * 20 > examples->records ? CHECK_HIGH : CHECK_MEDIUM,
                    "Put these lines right, or take them out.", "%zu of %zu records cannot be used", rejected,
                    examples->records);
    }
}

/* What is learned from, chosen by and measured with are of groups of their own. Of labels each has its own share held out, which a split tells. */
static void check_groups(struct checking *checking)
{
    struct check_report *report = checking->report;
    const struct examples *examples = checking->request->examples;
    size_t wanted = checking->request->test != NULL ? 2 : 3, count = 0;
    bool *seen = memory_alloc(examples->count + 1, sizeof(*seen));
    for (size_t i = 0; i < examples->count; i++) {
        count += report->marks[i] == 0 && !seen[report->groups[i]];
        seen[report->groups[i]] = seen[report->groups[i]] || report->marks[i] == 0;
    }
    free(seen);
    if (examples->shape == EXAMPLES_LABELED || count >= wanted || report->usable < wanted)
        return;
    checking->notes[CHECK_UNDIVIDED].count = report->usable;
    add_finding(
        checking, CHECK_UNDIVIDED, CHECK_HIGH,
        "Nearly the same ones, and those of one group, stay together: add some that differ, in words as well as in numbers "
        "and names.",
        "the %zu usable examples are so much alike that they form %zu group%s, and %zu are the least to hold some out",
        report->usable, count, count == 1 ? "" : "s", wanted);
    report->findings[report->finding_count - 1].blocks = true;
}

static void tell_alike(struct checking *checking)
{
    const struct check_notes *notes = checking->notes;
    bool is_labeled = checking->request->examples->shape == EXAMPLES_LABELED;
    if (notes[CHECK_CONTRADICTION].count > 0)
        add_finding(checking, CHECK_CONTRADICTION, is_labeled ? CHECK_HIGH : CHECK_LOW,
                    is_labeled ? "Decide which label holds; if both do, the labels overlap: say where one ends."
                               : "Fine where several answers are right; else decide which one holds.",
                    "%zu example%s the text of an earlier one and another %s", notes[CHECK_CONTRADICTION].count,
                    notes[CHECK_CONTRADICTION].count == 1 ? " has" : "s have", is_labeled ? "label" : "answer");
    if (notes[CHECK_NEAR_CONTRADICTION].count > 0)
        add_finding(checking, CHECK_NEAR_CONTRADICTION, CHECK_LOW, "Look whether one of the labels is a mistake.",
                    "%zu example%s nearly the text of another one and another label", notes[CHECK_NEAR_CONTRADICTION].count,
                    notes[CHECK_NEAR_CONTRADICTION].count == 1 ? " has" : "s have");
    if (notes[CHECK_LEAK].count > 0)
        add_finding(
            checking, CHECK_LEAK, CHECK_HIGH, "They are left out of the training, so that the test measures what was not seen.",
            "%zu example%s in the test too", notes[CHECK_LEAK].count, notes[CHECK_LEAK].count == 1 ? " stands" : "s stand");
    if (notes[CHECK_NEAR_LEAK].count > 0)
        add_finding(checking, CHECK_NEAR_LEAK, CHECK_MEDIUM,
                    "The test is easier than life by them: take one of each pair out where they have one source.",
                    "%zu test case%s nearly the text of an example", notes[CHECK_NEAR_LEAK].count,
                    notes[CHECK_NEAR_LEAK].count == 1 ? " has" : "s have");
    if (notes[CHECK_UNKNOWN_LABEL].count > 0)
        add_finding(checking, CHECK_UNKNOWN_LABEL, CHECK_HIGH, "Add examples of it, or put its name right.",
                    "%zu test case%s a label that no example has", notes[CHECK_UNKNOWN_LABEL].count,
                    notes[CHECK_UNKNOWN_LABEL].count == 1 ? " has" : "s have");
    if (notes[CHECK_DUPLICATE].count > 0)
        add_finding(checking, CHECK_DUPLICATE, CHECK_LOW, "They count once: the later ones are left out of the training.",
                    "%zu example%s an earlier one again", notes[CHECK_DUPLICATE].count,
                    notes[CHECK_DUPLICATE].count == 1 ? " is" : "s are");
    if (notes[CHECK_NEAR_DUPLICATE].count > 0)
        add_finding(checking, CHECK_NEAR_DUPLICATE, CHECK_LOW,
                    "They stay on one side of the split. Texts that differ more would teach more.",
                    "%zu example%s nearly an earlier one again", notes[CHECK_NEAR_DUPLICATE].count,
                    notes[CHECK_NEAR_DUPLICATE].count == 1 ? " is" : "s are");
}

static int by_severity(const void *a, const void *b)
{
    const struct check_finding *left = a, *right = b;
    int order = (int)right->blocks - (int)left->blocks;
    if (order == 0)
        order = (left->severity > right->severity) - (left->severity < right->severity);
    return order != 0 ? order : (left->kind > right->kind) - (left->kind < right->kind);
}

/* ---- groups with a name ---- */

static uint32_t lowest(uint32_t *groups, uint32_t i)
{
    while (groups[i] != i)
        i = groups[i] = groups[groups[i]];
    return i;
}

/* Examples of one name stay together too, and so do those that are alike with any of them. */
static void join_named(const struct examples *examples, uint32_t *groups)
{
    struct map names;
    map_init(&names, UINT32_MAX / 4);
    for (size_t i = 0; i < examples->count; i++) {
        bool is_new;
        struct map_entry *entry = examples->items[i].group.size > 0 ? map_put(&names, examples->items[i].group, &is_new) : NULL;
        if (entry == NULL)
            continue;
        if (is_new)
            entry->value = i;
        uint32_t a = lowest(groups, (uint32_t)entry->value), b = lowest(groups, (uint32_t)i);
        groups[a > b ? a : b] = a > b ? b : a;
    }
    for (size_t i = 0; i < examples->count; i++)
        groups[i] = lowest(groups, (uint32_t)i);
    map_release(&names);
}

bool check_examples(const struct check_request *request, struct check_report *report, struct error *error)
{
    struct checking checking = {.request = request, .report = report};
    *report = (struct check_report){.examples = request->examples->count,
                                    .test_examples = request->test != NULL ? request->test->count : 0};
    arena_init(&report->arena);
    report->findings = arena_alloc(&report->arena, CHECK_KINDS, sizeof(*report->findings));
    report->groups = memory_alloc(request->examples->count + 1, sizeof(*report->groups));
    report->marks = memory_alloc(request->examples->count + 1, sizeof(*report->marks));
    checking_labels(&checking);
    bool ok = checking_compare(&checking, error);
    if (ok) {
        join_named(request->examples, report->groups);
        count_labels(&checking);
        tell_alike(&checking);
        check_count(&checking);
        check_groups(&checking);
        check_classes(&checking);
        check_letters(&checking);
        ok = check_lengths(&checking, error) && check_sensitive(&checking, error);
    }
    if (ok)
        qsort(report->findings, report->finding_count, sizeof(*report->findings), by_severity);
    map_release(&checking.labels);
    return ok;
}

void check_release(struct check_report *report)
{
    free(report->groups);
    free(report->marks);
    arena_release(&report->arena);
    *report = (struct check_report){0};
}
