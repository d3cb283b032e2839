/* tune.h - one run of fine-tuning, from the examples to the adapter. Private to api. */
#ifndef API_TUNE_H
#define API_TUNE_H

#include "codec/codec.h"
#include "tell.h"
#include "model/model.h"
#include "train/train.h"

struct assay_tuned {
    struct assay_tune_report report;
    struct arena arena; /* what it points to */
    struct assay_tune_rival rival; /* report.rival, where there is one */
};

enum {
    TUNING_MANY = 2000, /* examples from which on fewer rounds do */
    TUNING_GENERAL = 2 * GENERAL_TEXTS /* questions and passages */
};

/* A row is a text with its label: first those to learn from, then those to choose by, then those to measure with. */
struct tuning {
    struct assay *assay;
    uint64_t start;
    const struct assay_tune_options *options;
    struct assay_tuned *tuned;
    struct examples examples, test;
    struct check_report checks;
    struct pool *pool;
    struct model *model;
    const char *base_folder;
    char base_hash[BASE_HASH_BYTES], input_hash[BASE_HASH_BYTES]; /* of its weights; of the form of its inputs */
    size_t labels;
    size_t rows, train, validation, cases;
    struct slice *texts;
    uint32_t *truth; /* `labels` for a label that was never learned: always wrong */
    float *class_weights; /* [labels]; NULL: every example counts alike */
    float *vectors; /* [rows, dimensions] */
    enum classifier_method method;
    enum model_precision precision; /* in which a classifier is measured and used */
    bool is_auto; /* the trained one stays only where it is better on the validation part */
    struct linear_head head;
    float *logits; /* [validation + cases, labels]: of the rows held out, as they will be served */
    float *general_logits; /* [TUNING_GENERAL, labels] */
    double general_before; /* what the regression abstains from of these, where it is compared with */
    uint32_t *before; /* [cases]: answers of what it is compared with; NULL: those by the labels' names */
    struct train_recipe recipe; /* of a trained one */
    struct train_result trained;
    const char *fresh; /* where the adapter is written before it is renamed */
    bool has_fresh;
    const char *checkpoints;
    struct file_lock lock; /* one training of a name at a time */
    bool ends_early; /* keeps what another process may still be training */
    double strength, temperature;
    struct abstain_threshold threshold;
    struct buffer held; /* held.txt, of the adapter */
    bool is_fair; /* what the rival was measured with is known, and held out */
};

/* Begins one, and ends it: tells what it took, hands it out where `ok`, and releases what every kind holds. */
void tuning_begin(struct tuning *tuning, struct assay *assay, const struct assay_tune_options *options);
bool tuning_end(struct tuning *tuning, bool ok, struct assay_tuned **tuned, const struct error *why, struct assay_error *error);

/* tune_rival.c. What is held out, into an adapter's folder. */
bool tuning_write_held(struct tuning *tuning, const char *folder, struct error *error) MUST_USE;

/* The folder of the adapter to compare with, or NULL; and what the two got for each case. `measure` says what; `why`: it could not be asked. */
const char *tuning_rival_folder(struct tuning *tuning);
void tuning_tell_rival(struct tuning *tuning, const char *measure, const double *before, const double *after, size_t count);
void tuning_tell_unmeasured(struct tuning *tuning, const char *measure, const struct error *why);

/* Reads and checks the data; fills the report's part on it. */
bool tuning_read(struct tuning *tuning, struct error *error) MUST_USE;
void tuning_fill_checks(struct tuning *tuning);

/* parts[i] of each example: SPLIT_TRAIN, SPLIT_HELD to choose by, and without a test `cases` to measure with: such a share of each. */
bool tuning_split(struct tuning *tuning, double share, uint8_t *parts, uint8_t cases, struct error *error) MUST_USE;

/* Divides the examples into rows, embeds them, fits and measures. */
bool tuning_divide(struct tuning *tuning, struct error *error) MUST_USE;
bool tuning_embed(struct tuning *tuning, struct error *error) MUST_USE;
bool tuning_fit(struct tuning *tuning, struct error *error) MUST_USE;
bool tuning_train(struct tuning *tuning, struct error *error) MUST_USE; /* and in the regression's place */
double tuning_rate_multiplier(const struct tuning *tuning);
bool tuning_train_rate(struct tuning *tuning, struct error *error) MUST_USE; /* in its place: which learning rate */
bool tuning_measure(struct tuning *tuning, struct error *error) MUST_USE;

/* tune_general.c. Of a classifier: general_logits of the regression; those of a trained one, [TUNING_GENERAL, labels]; and the share of general_logits' answers
 * below a threshold. Of others: questions, none of which its passage answers; and what was found. */
bool tuning_general_fitted(struct tuning *tuning, struct error *error) MUST_USE;
bool tuning_general_trained(struct model *model, float *logits, struct error *error) MUST_USE;
double tuning_general_abstained(const struct tuning *tuning, double threshold);
void tuning_general_questions(struct examples *examples, uint32_t **items, struct arena *arena);
void tuning_tell_abstained(struct tuning *tuning, size_t texts, double before, double after);
void tuning_write_general(struct json_writer *json, const struct assay_tune_report *report);

/* The confidence below which a classifier abstains, chosen on the validation part. */
void tuning_choose_threshold(const struct tuning *tuning, struct abstain_threshold *threshold);

/* Instead of training: tells what loss each learning rate leads to; `usual` is the recipe's. */
bool tuning_find_rate(struct tuning *tuning, struct trainer *trainer, const struct train_example *examples, size_t count,
                      double usual, struct error *error) MUST_USE;

/* Writes the adapter's folder, whole or not at all; of a trained one, whose weights are there already, the rest. */
bool tuning_write(struct tuning *tuning, struct error *error) MUST_USE;

/* The same for what `put` puts into a folder and reads back. */
typedef bool adapter_writer(void *context, const char *folder, const char *name, struct error *error);
bool tuning_write_folder(struct tuning *tuning, const char *name, adapter_writer *put, void *context,
                         struct error *error) MUST_USE;

/* Parts of provenance.json. _choices: those of a recipe that are not the usual ones of all kinds. */
void tuning_write_choices(struct json_writer *json, const struct train_recipe *recipe);
void tuning_begin_provenance(struct json_writer *json, const struct tuning *tuning, const char *name, const char *task,
                             const char *method);

/* A file as provenance.json names it, so that it is found again whatever folder one works in: below the project as seen from there, else absolute. And back. */
const char *tuning_kept_path(const struct tuning *tuning, const char *path);
const char *tuning_found_path(const struct assay *assay, struct arena *arena, const char *kept); /* NULL stays NULL */

/* Where the base lies; refuses examples that nothing can be learned from; refuses a name that is taken. */
bool tuning_hash_base(struct tuning *tuning, struct error *error) MUST_USE;
bool tuning_find_base(struct tuning *tuning, struct error *error) MUST_USE;
bool tuning_refuse_blocked(const struct tuning *tuning, struct error *error) MUST_USE;
bool tuning_check_name(struct tuning *tuning, const char *name, struct error *error) MUST_USE;

void tuning_metrics(struct tuning *tuning, size_t step, size_t steps, uint64_t tokens, double loss);
bool tuning_step(void *context, const char *stage, size_t done, size_t total);
bool tuning_stopped(const char *stage, struct error *error); /* always false */

/* Where an adapter of the project lies; refuses names that could lie elsewhere. */
bool adapter_folder(struct assay *assay, const char *name, struct arena *arena, const char **folder,
                    struct error *error) MUST_USE;

/* The tokens of a text as a model reads it, at most `most`; `tokenizer` NULL: 0. */
struct tokenizer;
size_t tune_token_count(const struct tokenizer *tokenizer, size_t most, struct slice text);

/* The model's folder whose tokens a classifier reads. */
bool classifier_reads_as(struct assay *assay, struct assay_classifier *classifier, const char **folder,
                         struct error *error) MUST_USE;

#endif
