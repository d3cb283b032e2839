/* answer_labels.c - labels wanted and given, counted. */
#include "answer_labels.h"
#include "grade.h"
#include <stdio.h>
#include <stdlib.h>

enum { CASES_LEAST = 10, OF_EACH = 3, DRAWS = 2000 };
#define AGAIN_LEAST 0.9 /* of the cases have a label that another one has too */

struct labelling {
    const struct label_case *cases;
    size_t count;
    struct map numbers; /* of normalized labels, from 1 on */
    struct slice names[LABELS_MOST]; /* as they are first wanted */
    size_t wanted[LABELS_MOST]; /* so often */
    size_t labels;
    uint32_t *truths, *answers; /* numbers of each case; answers: 0 is none */
    size_t *first, *next; /* of a document: its first case, and of a case the next one; counted from 1 on */
    uint32_t documents;
};

/* A label such as "A" has no word that counts, and is itself. */
static struct slice key_of(struct slice text, struct buffer *words)
{
    buffer_init(words, LIMIT_TEXT_BYTES);
    grade_normalize(text, words);
    return words->size > 0 ? buffer_slice(words) : slice_trim(text);
}

/* NULL: it is none, or there are too many. */
static struct map_entry *entry_of(struct labelling *labelling, struct slice text, bool add)
{
    struct buffer words;
    const struct slice key = key_of(text, &words);
    struct map_entry *entry = key.size == 0 ? NULL
                              : add         ? map_put(&labelling->numbers, key, NULL)
                                            : map_get(&labelling->numbers, key);
    buffer_release(&words);
    return entry;
}

/* False: these are no labels. */
static bool number_labels(struct labelling *labelling)
{
    size_t again = 0;
    for (size_t i = 0; i < labelling->count; i++) {
        struct slice wanted = labelling->cases[i].wanted;
        if (wanted.size == 0 || wanted.size >= LABEL_BYTES)
            return false;
        struct map_entry *entry = entry_of(labelling, wanted, /* add= */ true);
        if (entry == NULL || (entry->value == 0 && labelling->labels == LABELS_MOST))
            return false;
        if (entry->value == 0) {
            labelling->names[labelling->labels] = wanted;
            entry->value = ++labelling->labels;
        }
        labelling->truths[i] = (uint32_t)entry->value;
        labelling->wanted[entry->value - 1]++;
    }
    for (size_t i = 0; i < labelling->labels; i++)
        again += labelling->wanted[i] > 1 ? labelling->wanted[i] : 0;
    return labelling->labels >= 2 && OF_EACH * labelling->labels <= labelling->count &&
           (double)again >= AGAIN_LEAST * (double)labelling->count;
}

struct counts {
    size_t right[LABELS_MOST], wanted[LABELS_MOST], given[LABELS_MOST];
};

static double macro_f1_of(const struct counts *counts, size_t labels)
{
    double sum = 0;
    size_t met = 0;
    for (size_t i = 0; i < labels; i++) {
        sum += counts->right[i] > 0 ? 2 * (double)counts->right[i] / (double)(counts->wanted[i] + counts->given[i]) : 0;
        met += counts->wanted[i] > 0;
    }
    return met > 0 ? sum / (double)met : 0;
}

static void count_case(const struct labelling *labelling, size_t number, struct counts *counts)
{
    const uint32_t truth = labelling->truths[number] - 1, answer = labelling->answers[number];
    counts->wanted[truth]++;
    if (answer > 0)
        counts->given[answer - 1]++;
    counts->right[truth] += answer == truth + 1;
}

/* Of the cases of these documents. */
static double macro_f1(void *context, const uint32_t *draw, size_t count)
{
    const struct labelling *labelling = context;
    struct counts counts = {0};
    for (size_t i = 0; i < count; i++)
        for (size_t at = labelling->first[draw[i]]; at > 0; at = labelling->next[at - 1])
            count_case(labelling, at - 1, &counts);
    return macro_f1_of(&counts, labelling->labels);
}

static bool is_same(struct slice a, struct slice b)
{
    struct buffer words_a, words_b;
    const struct slice key_a = key_of(a, &words_a), key_b = key_of(b, &words_b);
    bool same = key_a.size > 0 && slice_equal(key_a, key_b);
    buffer_release(&words_a);
    buffer_release(&words_b);
    return same;
}

/* The number of what was answered; any right answer's is that of the one wanted. 0: it is no label. */
static uint32_t answer_of(struct labelling *labelling, size_t number)
{
    const struct label_case *item = &labelling->cases[number];
    for (size_t i = 0; i < item->other_count; i++)
        if (is_same(item->answer, item->others[i]))
            return labelling->truths[number];
    const struct map_entry *entry = entry_of(labelling, item->answer, /* add= */ false);
    return entry != NULL ? (uint32_t)entry->value : 0;
}

/* Documents without a case are none: what was drawn of them would be missing. */
static void link_documents(struct labelling *labelling)
{
    uint32_t end = 0;
    for (size_t i = 0; i < labelling->count; i++) {
        const uint32_t document = labelling->cases[i].document;
        labelling->next[i] = labelling->first[document];
        labelling->first[document] = i + 1;
        end = document >= end ? document + 1 : end;
    }
    for (uint32_t i = 0; i < end; i++)
        if (labelling->first[i] > 0)
            labelling->first[labelling->documents++] = labelling->first[i];
}

static int by_cases(const void *a, const void *b)
{
    const struct label_confusion *left = a, *right = b;
    int order = (left->cases < right->cases) - (left->cases > right->cases);
    order = order != 0 ? order : strcmp(left->truth, right->truth);
    return order != 0 ? order : strcmp(left->answer, right->answer);
}

static void copy_label(char out[LABEL_BYTES], struct slice text)
{
    snprintf(out, LABEL_BYTES, SLICE_FORMAT, SLICE_ARGUMENT(text));
}

static void tell_confusions(const struct labelling *labelling, struct label_report *report)
{
    const size_t labels = labelling->labels, width = labels + 1;
    size_t *table = memory_alloc(labels * width, sizeof(*table)), count = 0;
    struct label_confusion *found = memory_alloc(labels * width, sizeof(*found));
    for (size_t i = 0; i < labelling->count; i++)
        if (labelling->answers[i] != labelling->truths[i])
            table[(labelling->truths[i] - 1) * width + labelling->answers[i]]++;
    for (size_t i = 0; i < labels; i++)
        for (size_t j = 0; j < width; j++) {
            if (table[i * width + j] == 0)
                continue;
            copy_label(found[count].truth, labelling->names[i]);
            copy_label(found[count].answer, j > 0 ? labelling->names[j - 1] : SLICE(""));
            found[count++].cases = table[i * width + j];
        }
    qsort(found, count, sizeof(*found), by_cases);
    for (size_t i = 0; i < count && i < LABEL_CONFUSIONS_MAX; i++)
        report->confusions[report->confusion_count++] = found[i];
    free(table);
    free(found);
}

static void tell(struct labelling *labelling, uint64_t seed, struct label_report *report)
{
    struct counts counts = {0};
    double *right = memory_alloc(labelling->count, sizeof(*right));
    uint32_t *clusters = memory_alloc(labelling->count, sizeof(*clusters));
    *report = (struct label_report){.is_told = true, .cases = labelling->count, .labels = labelling->labels};
    for (size_t i = 0; i < labelling->count; i++) {
        labelling->answers[i] = answer_of(labelling, i);
        report->unlabelled += labelling->answers[i] == 0;
        right[i] = labelling->answers[i] == labelling->truths[i];
        clusters[i] = labelling->cases[i].document;
        count_case(labelling, i, &counts);
    }
    link_documents(labelling);
    const struct clustered clustered = {right, clusters, labelling->count, seed};
    const struct bootstrap bootstrap = {.count = labelling->documents,
                                        .draws = DRAWS,
                                        .outside = 0.05,
                                        .seed = seed,
                                        .statistic = macro_f1,
                                        .context = labelling};
    report->accuracy = statistics_mean(&clustered);
    statistics_share(&clustered, &report->accuracy_interval);
    report->macro_f1 = macro_f1_of(&counts, labelling->labels);
    statistics_bootstrap(&bootstrap, &report->macro_f1_interval);
    if (report->accuracy <= 0 || report->accuracy >= 1) /* draws of cases that are all the same would be sure of it */
        report->macro_f1_interval = report->accuracy_interval;
    tell_confusions(labelling, report);
    free(right);
    free(clusters);
}

void eval_labels(const struct label_case *cases, size_t count, uint64_t seed, struct label_report *report)
{
    uint32_t documents = 0;
    *report = (struct label_report){0};
    if (count < CASES_LEAST)
        return;
    for (size_t i = 0; i < count; i++)
        documents = cases[i].document >= documents ? cases[i].document + 1 : documents;
    struct labelling *labelling = memory_alloc(1, sizeof(*labelling));
    labelling->cases = cases;
    labelling->count = count;
    labelling->truths = memory_alloc(2 * count, sizeof(*labelling->truths));
    labelling->answers = labelling->truths + count;
    labelling->first = memory_alloc((size_t)documents + count, sizeof(*labelling->first));
    labelling->next = labelling->first + documents;
    map_init(&labelling->numbers, UINT32_MAX / 4);
    if (number_labels(labelling))
        tell(labelling, seed, report);
    map_release(&labelling->numbers);
    free(labelling->truths);
    free(labelling->first);
    free(labelling);
}
