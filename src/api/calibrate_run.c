/* calibrate_run.c - the part of assay.h that makes confidences shares of right answers. */
#include "ask_reader.h"
#include "ask_writer.h"
#include "eval/eval.h"
#include "priced_llm.h"
#include "search_ranker.h"
#include "tell.h"
#include <string.h>

_Static_assert((int)ASSAY_CALIBRATION_BINS == (int)CONFIDENCE_BINS_MOST, "the same table");

static bool on_step(void *context, const char *stage, size_t done, size_t total)
{
    const struct assay_calibrate_options *options = context;
    return options->on_progress == NULL || options->on_progress(options->context, stage, done, total);
}

static void fill_calibration(const struct confidence_fit *fit, struct assay_calibration *calibration)
{
    *calibration = (struct assay_calibration){.cases = fit->cases,
                                              .right = fit->right,
                                              .error = fit->error,
                                              .error_before = fit->error_before,
                                              .threshold = fit->threshold,
                                              .wanted = fit->wanted,
                                              .precision = {fit->precision, fit->precision_low, fit->precision_high},
                                              .answered = fit->answered,
                                              .bin_count = fit->bin_count};
    for (size_t i = 0; i < fit->bin_count; i++)
        calibration->bins[i] = (struct assay_calibration_bin){fit->bins[i].from, fit->bins[i].to, fit->bins[i].cases,
                                                              fit->bins[i].chance, fit->bins[i].right};
}

bool assay_calibrate(struct assay *assay, const struct assay_calibrate_options *options, struct assay_calibration *calibration,
                     struct assay_error *error)
{
    struct assay_calibrate_options copy = *options;
    struct error inner = {0};
    struct confidence_fit fit;
    char name[sizeof(calibration->model)];
    const struct settings *settings = &assay->project->settings;
    const char *model = options->model != NULL ? options->model : settings->model;
    struct eval_answering run = {
        .project = assay->project, .embedder = assay->embedder, .tests = options->tests, .step = on_step, .context = &copy};
    bool ok = mode_named(options->mode, &run.mode, &inner) && ask_approach_named(options->approach, &run.approach, &inner) &&
              (model_is_builtin(model) ? ask_writer(assay, model, &run.writer, &inner) && ask_reader(assay, &run.reader, &inner)
                                       : priced_llm_open(&run.llm, model, assay->project->root, settings, NULL, &inner)) &&
              search_ranker(assay, /* wanted= */ false, &run.ranker, &inner) &&
              grounding_ranker(assay, run.llm, &run.grounding, &inner) &&
              eval_calibrate(&run, options->precision, &fit, name, &inner);
    llm_close(run.llm);
    if (ok) {
        fill_calibration(&fit, calibration);
        memcpy(calibration->model, name, sizeof(name));
    }
    return finish(ok, &inner, error);
}
