/* tune_pairs.c - the part of assay.h that trains rerankers and embedding models: the data, and the steps in their order.
 *
 * While it learns, .assay/adapters/NAME~training holds its checkpoints; it is removed when the adapter is in its place. */
#include "tune_pairs.h"
#include "text/text.h"
#include <stdlib.h>

enum { HELD_MOST = 500 /* questions for choosing, and as many for measuring */, TOKENS_USUAL = 256 };

/* ---- data ---- */

static bool open_pairs(const char *path, const char *judgements, struct examples *examples, struct error *error)
{
    if (!examples_open(examples, path, &(struct examples_options){.format = EXAMPLES_AUTO, .judgements = judgements}, error))
        return false;
    if (examples->shape == EXAMPLES_PAIRED)
        return true;
    error_set(error, ERROR_INVALID, "\"%s\" is %s, expected questions with texts that answer them", path, examples->stated);
    return error_hint(error, "Give lines {\"query\", \"positives\", \"negatives\"}, or a folder in BEIR's layout.");
}

static bool read_data(struct pairs_tuning *pairs, struct error *error)
{
    struct tuning *tuning = &pairs->tuning;
    const char *test = tuning->options->test;
    struct tokenizer *tokenizer = NULL;
    struct error why;
    if (!open_pairs(tuning->options->data, "train", &tuning->examples, error) ||
        (test != NULL && !open_pairs(test, "test", &tuning->test, error)))
        return false;
    bool has_base = tuning_find_base(tuning, &why) &&
                    model_read_tokenizer(&tokenizer, &pairs->tokens_max, tuning->base_folder, &why);
    if (!has_base && !tuning->options->check) {
        *error = why;
        return false;
    }
    if (pairs->tokens_max > TOKENS_USUAL)
        pairs->tokens_max = TOKENS_USUAL;
    const struct check_request request = {.examples = &tuning->examples,
                                          .test = test != NULL ? &tuning->test : NULL,
                                          .tokenizer = has_base ? tokenizer : NULL,
                                          .pool = tuning->pool,
                                          .step = tuning_step,
                                          .context = tuning};
    bool ok = check_examples(&request, &tuning->checks, error);
    if (has_base)
        tokenizer_free(tokenizer);
    if (!ok)
        return false;
    tuning_fill_checks(tuning);
    tuning->tuned->report.is_embedding = pairs->embeds;
    return true;
}

/* ---- the steps ---- */

static bool train(struct pairs_tuning *pairs, struct error *error)
{
    struct tuning *tuning = &pairs->tuning;
    struct assay_tune_report *report = &tuning->tuned->report;
    if (!tuning_divide_parts(tuning, HELD_MOST, "questions", &pairs->parts, error) || !tuning_hash_base(tuning, error) ||
        !model_open(&tuning->model, tuning->base_folder, &(struct model_options){.pool = tuning->pool}, error))
        return false;
    report->train = tuning->train;
    report->validation = tuning->validation;
    report->cases = tuning->cases;
    report->base = arena_text(&tuning->tuned->arena, path_name(tuning->base_folder));
    report->method = "lora";
    return pairs_mine(pairs, error) && pairs_learn(pairs, error);
}

static bool run(struct pairs_tuning *pairs, struct error *error)
{
    struct tuning *tuning = &pairs->tuning;
    const struct tuning_going_on going_on = {.name = pairs->name, .resume = pairs->options->resume, .now = pairs->options->now};
    bool checks = tuning->options->check, keeps = !checks && !tuning->options->find_rate;
    return (!keeps ||
            (tuning_check_name(tuning, pairs->name, error) && tuning_find_work(tuning, &going_on, &pairs->work, error))) &&
           (checks || tuning_find_from(tuning, pairs->options->from, "reranker", &pairs->from, error)) &&
           read_data(pairs, error) && (checks || train(pairs, error)) && (!keeps || pairs_write(pairs, error));
}

static void release(struct pairs_tuning *pairs)
{
    trainer_free(pairs->trainer);
    free(pairs->examples);
    free(pairs->targets);
    texts_release(&pairs->texts);
    tuning_parts_release(&pairs->parts);
}

static bool tune_pairs(struct assay *assay, const struct assay_tune_reader_options *options, bool embeds,
                       struct assay_tuned **tuned, struct assay_error *error)
{
    struct error inner;
    struct pairs_tuning pairs = {.options = options, .embeds = embeds};
    tuning_begin(&pairs.tuning, assay, &options->common);
    pairs.tuning.ends_early = options->now;
    pairs.tuning.method = CLASSIFIER_LORA; /* the folder is written by the trainer */
    pairs.name = options->common.name != NULL ? options->common.name : embeds ? "embed" : "reranker";
    pairs.seed = options->common.seed != 0 ? options->common.seed : 1;
    while (pairs.width_count < TRAIN_WIDTHS && embeds && options->widths[pairs.width_count] > 0)
        pairs.width_count++;
    pairs.negatives = options->negatives > 0 ? options->negatives : embeds ? 1 : 7;
    bool ok = run(&pairs, &inner);
    release(&pairs);
    return tuning_end(&pairs.tuning, ok, tuned, &inner, error);
}

bool assay_tune_rerank(struct assay *assay, const struct assay_tune_reader_options *options, struct assay_tuned **tuned,
                       struct assay_error *error)
{
    return tune_pairs(assay, options, false, tuned, error);
}

bool assay_tune_embed(struct assay *assay, const struct assay_tune_reader_options *options, struct assay_tuned **tuned,
                      struct assay_error *error)
{
    return tune_pairs(assay, options, true, tuned, error);
}
