/* measures_classify.h - how good a classifier is, and how far its confidence can be relied on. Part of train.h.
 *
 * The names and definitions are scikit-learn's: macro means over the labels that occur as truth or answer, a share without cases is 0. */
#ifndef TRAIN_MEASURES_CLASSIFY_H
#define TRAIN_MEASURES_CLASSIFY_H

#include "base/base.h"

struct class_measures {
    size_t support, predicted, hits;
    double precision, recall, f1;
};

struct confusion {
    uint32_t truth, answer;
    size_t count;
};

struct classify_measures {
    size_t count, hits;
    double accuracy, macro_f1, micro_f1;
    struct statistics_interval accuracy_interval; /* Wilson */
    struct class_measures *classes; /* of each label */
    size_t label_count;
    struct confusion *confusions; /* wrong answers, the commonest first */
    size_t confusion_count;
};

/* Of one label each; both below label_count. */
void measure_classes(const uint32_t *truth, const uint32_t *answers, size_t count, size_t label_count,
                     struct classify_measures *measures);
void measure_release(struct classify_measures *measures);

/* Before and after, over the same cases. */
struct classify_change {
    struct paired paired;
    double accuracy; /* after less before */
    struct statistics_interval accuracy_interval; /* Newcombe; holds 0 where the chance is above 0.05 */
    double chance; /* McNemar's exact p */
    double macro_f1;
    /* Paired bootstrap, 10,000 draws (fewer of very many cases). NaN of fewer than 30 cases: draws of a few cases, all right, have no spread. */
    struct statistics_interval macro_f1_interval;
};
void measure_paired(const uint32_t *truth, const uint32_t *before, const uint32_t *after, size_t count,
                    struct classify_change *change); /* without the macro F1 */
void measure_change(const uint32_t *truth, const uint32_t *before, const uint32_t *after, size_t count, size_t label_count,
                    uint64_t seed, struct classify_change *change);

/* ---- confidence ---- */

/* probabilities [count, label_count] = softmax of the logits over a temperature, in place; the likeliest label and its probability. */
void measure_softmax(float *logits, size_t count, size_t label_count, double temperature);
void measure_answers(const float *probabilities, size_t count, size_t label_count, uint32_t *answers, double *confidences);

/* The mean of -log p(truth) under a temperature, and the temperature that makes it least (Guo et al. 2017). */
double measure_log_loss(const float *logits, const uint32_t *truth, size_t count, size_t label_count, double temperature);
double measure_temperature(const float *logits, const uint32_t *truth, size_t count, size_t label_count);

/* The expected calibration error in 15 bins of equal width: how far confidence and accuracy are apart. */
double measure_calibration(const double *confidences, const uint32_t *truth, const uint32_t *answers, size_t count);

/* Below which confidence to abstain, so that of what is answered the wanted share is right, by more than chance (the low end of its 95 % interval is
 * not below it), and as much as possible is answered. */
struct abstain_threshold {
    bool is_reached; /* false: no threshold reaches it; the others are of the best one then */
    double threshold;
    double precision, coverage;
};
void measure_threshold(const double *confidences, const uint32_t *truth, const uint32_t *answers, size_t count, double wanted,
                       struct abstain_threshold *threshold);
/* What a threshold gives on other cases. */
void measure_abstaining(const double *confidences, const uint32_t *truth, const uint32_t *answers, size_t count, double least,
                        struct abstain_threshold *threshold);

#endif
