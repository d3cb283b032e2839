/* run_calibrate.c - `assay calibrate`: confidences that are shares of right answers. */
#include "output.h"
#include <string.h>

static bool on_progress(void *context, const char *stage, size_t done, size_t total)
{
    progress_step(context, stage, done, total);
    return !interrupted();
}

static void write_real(struct json_writer *json, const char *key, double value)
{
    json_key(json, key);
    json_real(json, value, 9);
}

/* In a table of one row its mean is held against itself: that is no error of confidences. */
static bool has_error(const struct assay_calibration *calibration)
{
    return calibration->bin_count > 1;
}

static void write_error(struct json_writer *json, const char *key, const struct assay_calibration *calibration, double value)
{
    json_key(json, key);
    if (has_error(calibration))
        json_real(json, value, 9);
    else
        json_null(json);
}

static void write_bin(struct json_writer *json, const struct assay_calibration_bin *bin)
{
    json_object_begin(json);
    write_real(json, "from", bin->from);
    write_real(json, "to", bin->to);
    json_integers(json, &(struct json_integer_member){"cases", (int64_t)bin->cases}, 1);
    write_real(json, "confidence", bin->chance);
    write_real(json, "right", bin->right);
    json_object_end(json);
}

static enum exit_code print_json(const struct invocation *invocation, const struct assay_calibration *calibration)
{
    struct buffer out;
    struct json_writer json;
    buffer_init(&out, LIMIT_JSON_BYTES);
    json_writer_init(&json, &out);
    json_object_begin(&json);
    json_texts(&json, &(struct json_text_member){"model", calibration->model}, 1);
    json_integers(
        &json,
        (const struct json_integer_member[]){{"cases", (int64_t)calibration->cases}, {"right", (int64_t)calibration->right}},
        2);
    write_error(&json, "error", calibration, calibration->error);
    write_error(&json, "error_before", calibration, calibration->error_before);
    write_real(&json, "threshold", calibration->threshold);
    write_real(&json, "wanted", calibration->wanted);
    write_real(&json, "precision", calibration->precision.mean);
    json_pair(&json, "precision_interval", calibration->precision.low, calibration->precision.high, 9);
    write_real(&json, "answered", calibration->answered);
    json_key(&json, "table");
    json_array_begin(&json);
    for (size_t i = 0; i < calibration->bin_count; i++)
        write_bin(&json, &calibration->bins[i]);
    json_array_end(&json);
    json_object_end(&json);
    enum exit_code code = output_json(invocation, &out);
    buffer_release(&out);
    return code;
}

static void print_table(const struct assay_calibration *calibration)
{
    puts("confidence        answers  said    right");
    for (size_t i = 0; i < calibration->bin_count; i++) {
        const struct assay_calibration_bin *bin = &calibration->bins[i];
        printf("%.3f to %.3f    %5zu    %.3f   %.3f\n", bin->from, bin->to, bin->cases, bin->chance, bin->right);
    }
    printf("\n%zu answers by ", calibration->cases);
    output_text(stdout, slice_from(calibration->model));
    printf(", %zu right. ", calibration->right);
    if (has_error(calibration))
        printf("Off by %.3f on the average on answers held out; before, by %.3f.\n", calibration->error,
               calibration->error_before);
    else
        puts("These are too few to tell by how much confidences are off: 40 are the least.");
    if (calibration->wanted > 0)
        printf("With answers below %.3f held back, %.3f are right (%.3f to %.3f), and %.0f of 100 questions are answered, of "
               "these "
               "cases, which the limit was chosen on: `assay eval --tests OTHERS.jsonl` shows how it holds on others.\n",
               calibration->threshold, calibration->precision.mean, calibration->precision.low, calibration->precision.high,
               100 * calibration->answered);
    puts("`assay ask` uses it from now on, until test cases, settings, prompt, model or many documents change.");
}

enum exit_code run_calibrate(struct invocation *invocation)
{
    struct assay *assay = NULL;
    struct assay_error error;
    struct progress progress;
    struct assay_calibration calibration;
    const char *precision = invocation_option(invocation, "precision");
    struct assay_calibrate_options options = {.tests = invocation_option(invocation, "tests"),
                                              .mode = invocation_option(invocation, "mode"),
                                              .model = invocation_option(invocation, "model"),
                                              .approach = invocation_option(invocation, "approach"),
                                              .on_progress = on_progress,
                                              .context = &progress};
    if (precision != NULL &&
        (!slice_to_double(slice_from(precision), &options.precision) || !(options.precision > 0 && options.precision <= 1)))
        return wrong_use(invocation, "0.95: of 100 answers 95 shall be right.",
                         "--precision takes a number above 0, up to 1, not \"%s\"", precision);
    if (!assay_open(&assay, &(struct assay_open_options){.folder = invocation_option(invocation, "project")}, &error))
        return output_failure(invocation, &error);
    interrupt_watch();
    progress_init(&progress, invocation);
    bool ok = assay_calibrate(assay, &options, &calibration, &error);
    progress_clear(&progress);
    assay_close(assay);
    if (!ok)
        return output_failure(invocation, &error);
    if (invocation->json)
        return print_json(invocation, &calibration);
    print_table(&calibration);
    return EXIT_DONE;
}
