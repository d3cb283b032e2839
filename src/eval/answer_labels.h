/* answer_labels.h - answers that are labels: how often each is the right one, and which are taken for which. Part of eval.h. */
#ifndef EVAL_ANSWER_LABELS_H
#define EVAL_ANSWER_LABELS_H

#include "base/base.h"

enum { LABEL_CONFUSIONS_MAX = 20, LABEL_BYTES = 64, LABELS_MOST = 200 };

struct label_confusion {
    char truth[LABEL_BYTES], answer[LABEL_BYTES]; /* answer empty: none of the labels, or nothing */
    size_t cases;
};

/* Answers are compared as `exact` compares them. What is none of the labels is wrong, and no label of its own: means are over the labels wanted. */
struct label_report {
    bool is_told; /* the answers wanted are labels */
    size_t cases, labels, unlabelled; /* unlabelled: answers that are none of the labels, or nothing */
    double accuracy, macro_f1;
    struct statistics_interval accuracy_interval, macro_f1_interval; /* 95 %, over documents */
    struct label_confusion confusions[LABEL_CONFUSIONS_MAX]; /* the commonest first */
    size_t confusion_count;
};

struct label_case {
    struct slice wanted, answer; /* answer empty: none */
    uint32_t document; /* cases of one hang together */
    const struct slice *others; /* right too: such an answer counts as the one wanted */
    size_t other_count;
};

/* Labels are short texts, two at least, that come three times each in the mean, each twice at the least in nine of ten cases. */
void eval_labels(const struct label_case *cases, size_t count, uint64_t seed, struct label_report *report);

#endif
