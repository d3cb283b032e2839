/* tune_pairs_write.c - a reranker's or an embedding model's folder: PEFT's files, and provenance.json with what it is worth. */
#include "tune_pairs.h"

static void write_recipe(struct json_writer *json, const struct pairs_tuning *pairs)
{
    const struct train_recipe *recipe = &pairs->recipe;
    const struct json_integer_member numbers[] = {
        {"rank", (int64_t)recipe->lora.rank},       {"epochs", (int64_t)recipe->epochs},
        {"steps", (int64_t)pairs->result.steps},    {"best_step", (int64_t)pairs->result.best_step},
        {"batch", (int64_t)recipe->batch_examples}, {"negatives", (int64_t)pairs->negatives},
        {"tokens_max", (int64_t)pairs->tokens_max}, {"seed", (int64_t)pairs->seed},
        {"train", (int64_t)pairs->tuning.train},    {"validation", (int64_t)pairs->tuning.validation}};
    const struct {
        const char *key;
        float value;
    } values[] = {{"alpha", recipe->lora.alpha},
                  {"learning_rate", recipe->learning_rate},
                  {"warmup", recipe->warmup},
                  {"dropout", recipe->dropout},
                  {"clip", recipe->clip}};
    json_key(json, "recipe");
    json_object_begin(json);
    json_integers(json, numbers, ARRAY_COUNT(numbers));
    for (size_t i = 0; i < ARRAY_COUNT(values); i++) {
        json_key(json, values[i].key);
        json_real(json, (double)values[i].value, 9);
    }
    const struct json_text_member texts[] = {{"targets", "all-linear"},
                                             {"schedule", "linear"},
                                             {"mined", pairs->tuning.tuned->report.mined},
                                             {"from", tuning_kept_from(&pairs->tuning, pairs->options->from, pairs->from)}};
    json_texts(json, texts, ARRAY_COUNT(texts) - (pairs->options->from == NULL));
    json_integers(json, &(struct json_integer_member){"steps_most", (int64_t)pairs->options->steps}, pairs->options->steps > 0);
    tuning_write_choices(json, recipe);
    if (pairs->width_count > 0) {
        json_key(json, "widths");
        json_array_begin(json);
        for (size_t i = 0; i < pairs->width_count; i++)
            json_integer(json, (int64_t)pairs->options->widths[i]);
        json_array_end(json);
    }
    json_object_end(json);
}

/* recall@10 by the first numbers of each vector, as --json tells it. */
static void write_widths(struct json_writer *json, const struct assay_tune_report *report)
{
    if (report->width_count == 0)
        return;
    json_key(json, "widths");
    json_array_begin(json);
    for (size_t i = 0; i < report->width_count; i++) {
        json_object_begin(json);
        json_integers(json, &(struct json_integer_member){"width", (int64_t)report->widths[i].width}, 1);
        json_key(json, "before");
        json_real(json, report->widths[i].before, 6);
        json_key(json, "after");
        json_real(json, report->widths[i].after, 6);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_ranking(struct json_writer *json, const char *key, const struct assay_tune_ranking *ranking)
{
    const struct {
        const char *key;
        const struct assay_interval *interval;
    } rows[] = {{"ndcg@10", &ranking->ndcg_10}, {"recall@10", &ranking->recall_10}, {"mrr@10", &ranking->mrr_10}};
    json_key(json, key);
    json_object_begin(json);
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        const double numbers[] = {rows[i].interval->mean, rows[i].interval->low, rows[i].interval->high};
        json_key(json, rows[i].key);
        json_array_begin(json);
        for (size_t j = 0; j < ARRAY_COUNT(numbers); j++)
            json_real(json, numbers[j], 9);
        json_array_end(json);
    }
    json_object_end(json);
}

static void write_provenance(struct buffer *out, const struct pairs_tuning *pairs, const char *name)
{
    const struct assay_tune_report *report = &pairs->tuning.tuned->report;
    struct json_writer json;
    json_writer_init(&json, out);
    tuning_begin_provenance(&json, &pairs->tuning, name, pairs->embeds ? "embed" : "rerank", "lora");
    write_recipe(&json, pairs);
    json_key(&json, "scores"); /* each: mean, and its interval */
    json_object_begin(&json);
    const struct json_integer_member counts[] = {{"cases", (int64_t)report->cases}, {"texts", (int64_t)report->texts}};
    json_integers(&json, counts, ARRAY_COUNT(counts));
    write_ranking(&json, "before", report->ranking_before);
    write_ranking(&json, "after", report->ranking);
    write_ranking(&json, "change", report->ranking_change);
    write_widths(&json, report);
    tuning_write_general(&json, report);
    json_object_end(&json);
    json_object_end(&json);
    buffer_append_byte(out, '\n');
}

static bool write_files(void *context, const char *folder, const char *name, struct error *error)
{
    struct pairs_tuning *pairs = context;
    struct buffer bytes;
    if (!trainer_save(pairs->trainer, folder, error) || !pairs_measure(pairs, folder, error) ||
        !pairs_general(pairs, folder, error))
        return false;
    buffer_init(&bytes, LIMIT_JSON_BYTES);
    write_provenance(&bytes, pairs, name);
    bool ok = buffer_finish(&bytes, "the provenance", error) &&
              file_replace(path_join(&pairs->tuning.tuned->arena, folder, "provenance.json"), buffer_slice(&bytes), error);
    buffer_release(&bytes);
    return ok;
}

bool pairs_write(struct pairs_tuning *pairs, struct error *error)
{
    struct error ignored;
    if (!tuning_write_folder(&pairs->tuning, pairs->name, write_files, pairs, error))
        return false;
    if (!pairs->options->now) /* the adapter is in its place: what is left of the training does no harm */
        (void)!folder_remove(pairs->work, &ignored);
    return true;
}
