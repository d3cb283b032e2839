/* tune_reader_write.c - a reader's folder: PEFT's files, and provenance.json with what the scores are worth. */
#include "tune_reader.h"
#include "codec/codec.h"

static void write_reals(struct json_writer *json, const char *const *keys, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_key(json, keys[i]);
        json_real(json, values[i], 9);
    }
}

static void write_found(struct json_writer *json, const size_t found[READER_FOUND_PARTS])
{
    const struct json_integer_member parts[] = {{"train", (int64_t)found[READER_FOUND_TRAIN]},
                                                {"validation", (int64_t)found[READER_FOUND_VALIDATION]},
                                                {"test", (int64_t)found[READER_FOUND_CASES]}};
    json_key(json, "found_passages");
    json_object_begin(json);
    json_integers(json, parts, ARRAY_COUNT(parts));
    json_object_end(json);
}

static void write_recipe(struct json_writer *json, const struct reader_tuning *reader)
{
    static const char *const keys[] = {"alpha", "learning_rate", "warmup", "dropout", "clip"};
    const struct train_recipe *recipe = &reader->recipe;
    const struct json_integer_member numbers[] = {{"rank", (int64_t)recipe->lora.rank},
                                                  {"epochs", (int64_t)recipe->epochs},
                                                  {"steps", (int64_t)reader->result.steps},
                                                  {"best_step", (int64_t)reader->result.best_step},
                                                  {"batch", (int64_t)recipe->batch_examples},
                                                  {"tokens_max", (int64_t)reader->tokens_max},
                                                  {"seed", (int64_t)reader->seed},
                                                  {"train", (int64_t)reader->train.count},
                                                  {"validation", (int64_t)reader->validation.count}};
    const double values[] = {(double)recipe->lora.alpha, (double)recipe->learning_rate, (double)recipe->warmup,
                             (double)recipe->dropout, (double)recipe->clip};
    json_key(json, "recipe");
    json_object_begin(json);
    json_integers(json, numbers, ARRAY_COUNT(numbers));
    write_reals(json, keys, values, ARRAY_COUNT(keys));
    const struct json_text_member texts[] = {{"targets", "all-linear"},
                                             {"schedule", "linear"},
                                             {"from", tuning_kept_from(&reader->tuning, reader->options->from, reader->from)}};
    json_texts(json, texts, ARRAY_COUNT(texts) - (reader->options->from == NULL));
    if (reader->options->schema != NULL)
        json_texts(json, &(struct json_text_member){"schema", tuning_kept_path(&reader->tuning, reader->options->schema)}, 1);
    json_integers(json, &(struct json_integer_member){"steps_most", (int64_t)reader->options->steps},
                  reader->options->steps > 0);
    if (reader->options->with_context)
        write_found(json, reader->found);
    tuning_write_choices(json, recipe);
    json_object_end(json);
}

static void write_reading(struct json_writer *json, const char *key, const struct assay_tune_reading *reading)
{
    static const char *const keys[] = {"exact",      "exact_low",   "exact_high", "f1",        "f1_low",   "f1_high", "f1_all",
                                       "f1_all_low", "f1_all_high", "exact_all",  "abstained", "answered", "auc",     "valid"};
    const double values[] = {reading->exact,       reading->exact_low, reading->exact_high, reading->f1,
                             reading->f1_low,      reading->f1_high,   reading->f1_all,     reading->f1_all_low,
                             reading->f1_all_high, reading->exact_all, reading->abstained,  reading->answered,
                             reading->auc,         reading->valid};
    json_key(json, key);
    json_object_begin(json);
    write_reals(json, keys, values, ARRAY_COUNT(keys));
    json_object_end(json);
}

static void write_provenance(struct buffer *out, const struct reader_tuning *reader, const char *name)
{
    static const char *const keys[] = {"threshold", "chance_slope", "chance_offset"};
    const struct assay_tune_report *report = &reader->tuning.tuned->report;
    struct json_writer json;
    json_writer_init(&json, out);
    tuning_begin_provenance(&json, &reader->tuning, name, reader->writes ? "writer" : "reader", "lora");
    if (reader->writes) {
        json_key(&json, "passages");
        json_text(&json, slice_from(writer_passages_name(reader->passages)));
    }
    write_recipe(&json, reader);
    write_reals(&json, keys, (const double[]){reader->threshold, reader->chance.slope, reader->chance.offset},
                ARRAY_COUNT(keys));
    json_key(&json, "scores");
    json_object_begin(&json);
    const struct json_integer_member counts[] = {{"cases", (int64_t)report->cases},
                                                 {"unanswerable", (int64_t)report->unanswerable_cases}};
    json_integers(&json, counts, ARRAY_COUNT(counts));
    write_reading(&json, "before", report->reading_before);
    write_reading(&json, "after", report->reading);
    tuning_write_general(&json, report);
    json_object_end(&json);
    json_object_end(&json);
    buffer_append_byte(out, '\n');
}

static bool write_files(void *context, const char *folder, const char *name, struct error *error)
{
    struct reader_tuning *reader = context;
    struct buffer bytes;
    buffer_init(&bytes, LIMIT_JSON_BYTES);
    write_provenance(&bytes, reader, name);
    bool ok = trainer_save(reader->trainer, folder, error) && (!reader->writes || writer_tuning_put(reader, folder, error)) &&
              buffer_finish(&bytes, "the provenance", error) &&
              file_replace(path_join(&reader->tuning.tuned->arena, folder, "provenance.json"), buffer_slice(&bytes), error);
    buffer_release(&bytes);
    return ok;
}

bool reader_tuning_write(struct reader_tuning *reader, struct error *error)
{
    struct error ignored;
    if (!tuning_write_folder(&reader->tuning, reader->name, write_files, reader, error))
        return false;
    if (!reader->options->now) /* the adapter is in its place: what is left of the training does no harm */
        (void)!folder_remove(reader->work, &ignored);
    return true;
}
