/* tune_reader_rival.c - the reader, or writer, that was trained before, asked what the new one was measured with. */
#include "reader/reader.h"
#include "tune_reader.h"
#include <stdlib.h>

static bool read_cases(struct reader_tuning *reader, struct reader *rival, struct reading_case *cases, struct error *error)
{
    static const char stage[] = "reading with the one before";
    size_t count = reader->cases.set.items;
    for (size_t i = 0; i < count; i++) {
        const struct example *example = &reader->cases.examples->items[reader->cases.items[i]];
        const struct reader_passage passage = {.text = example->context};
        struct reader_answer answer;
        if (!tuning_step(&reader->tuning, stage, i, count))
            return tuning_stopped(stage, error);
        if (!reader_read(rival, example->text, &passage, 1, &answer, error))
            return false;
        cases[i].is_answerable = example->answer_count > 0;
        cases[i].score = (double)answer.score;
        reading_compare(example, slice_range(example->context, answer.start, answer.end), &cases[i]);
    }
    return true;
}

static bool ask_reader(struct reader_tuning *reader, struct reading_case **cases, double *threshold, struct error *error)
{
    struct reader *rival = NULL;
    const struct reader_options options = {
        .base = reader->tuning.base_folder, .adapter = tuning_rival_folder(&reader->tuning), .pool = reader->tuning.pool};
    *cases = memory_alloc(reader->cases.set.items + 1, sizeof(**cases));
    bool ok = reader_open(&rival, &options, error) && read_cases(reader, rival, *cases, error);
    *threshold = rival != NULL ? reader_info(rival)->threshold : 0;
    reader_close(rival);
    return ok;
}

static bool ask_writer(struct reader_tuning *reader, struct reading_case **cases, double *threshold, struct error *error)
{
    struct writer *rival = NULL;
    double valid;
    const struct writer_options options = {
        .base = reader->tuning.base_folder, .adapter = tuning_rival_folder(&reader->tuning), .pool = reader->tuning.pool};
    bool ok = writer_open(&rival, &options, error) && writer_tuning_ask(reader, rival, &reader->cases, cases, &valid, error);
    *threshold = rival != NULL ? writer_info(rival)->threshold : 0;
    writer_close(rival);
    return ok;
}

void reader_tuning_compare(struct reader_tuning *reader)
{
    static const char measure[] = "F1";
    size_t count = reader->cases.set.items;
    struct reading_case *cases = NULL;
    struct error why;
    double threshold, *before = memory_alloc(count + 1, sizeof(*before));
    bool ok = reader->writes ? ask_writer(reader, &cases, &threshold, &why) : ask_reader(reader, &cases, &threshold, &why);
    for (size_t i = 0; ok && i < count; i++)
        before[i] = reading_value(&cases[i], threshold);
    if (ok)
        tuning_tell_rival(&reader->tuning, measure, before, reader->values, count);
    else
        tuning_tell_unmeasured(&reader->tuning, measure, &why);
    free(cases);
    free(before);
}
