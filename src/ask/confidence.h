/* confidence.h - confidences that are shares of right answers, fitted on the project's own test cases. Part of ask.h.
 *
 *   chance = 1 / (1 + exp(-(shift + slope · ln(c / (1 - c)))))        c: the confidence as it comes (Platt 1999)
 *
 *   .assay/calibration/3f1c…   one for each model and approach: what was fitted, how well it holds, and hashes of what it was fitted on. Where one
 *                              of these is another now it is stale: it is told, and not used. The questions are kept as hashes, too, so
 *                              that who measures with the same ones can be told. */
#ifndef ASK_CONFIDENCE_H
#define ASK_CONFIDENCE_H

#include "project/project.h"

enum { CONFIDENCE_BINS_MOST = 10 };

struct confidence_bin {
    double from, to; /* chances in it */
    size_t cases;
    double chance, right; /* means: what was said, and what was so */
};

struct confidence_fit {
    double shift, slope;
    double threshold; /* answers with a lower chance are held back; 0: none */
    double wanted; /* the share of right answers that the threshold is for; 0: none was wanted */
    double precision, precision_low, precision_high,
        answered; /* with it: that share with its interval, and the share of cases that are answered */
    size_t cases, right;
    double error, error_before; /* expected calibration error, on cases held out; and of the confidence as it came */
    struct confidence_bin bins[CONFIDENCE_BINS_MOST];
    size_t bin_count;
    const struct slice *questions; /* that it is fitted on: written, as hashes, and not read */
    size_t question_count;
};

/* What a fit is of. */
struct confidence_subject {
    const char *approach, *model; /* "rag"; "builtin:reader", or as a language model was named */
    unsigned char prompt[STORE_HASH_BYTES]; /* of the templates; zeros: none */
    unsigned char version[STORE_HASH_BYTES]; /* of the model, where it lies here; zeros: not known */
};

double confidence_chance(const struct confidence_fit *fit, double confidence);

/* A logistic regression of one number, pulled towards leaving confidences as they are where there are few cases. */
void confidence_fit_line(const double *confidences, const bool *right, size_t count, double *shift, double *slope);

bool confidence_write(const struct project *project, const struct confidence_subject *subject, const struct confidence_fit *fit,
                      struct error *error) MUST_USE;

struct confidence_state {
    bool found; /* false: there is none, and the rest says nothing */
    const char *stale; /* what has changed since ("the test cases"), in words; NULL: nothing */
    bool is_fitted_on; /* the question is one of those that it was fitted on: how well it holds cannot be seen there */
};
bool confidence_read(const struct project *project, const struct confidence_subject *subject, struct slice question,
                     struct confidence_fit *fit, struct confidence_state *state, struct error *error) MUST_USE;

#endif
