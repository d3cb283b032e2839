/* eval_record.c - keeps what `assay eval` found of each case, and writes it down as a run. */
#include "eval_record.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { EVAL_FORMAT = 1 };

const char *record_measure_name(size_t measure)
{
    if (measure >= RECORD_FORMS)
        return assay_form_name((enum assay_form)(measure - RECORD_FORMS));
    return measure < ASSAY_MEASURES ? assay_measure_name((enum assay_measure)measure)
                                    : assay_grade_name((enum assay_grade)(measure - ASSAY_MEASURES));
}

bool record_is_measured(const struct case_record *item, size_t measure)
{
    return measure < ASSAY_MEASURES ? item->has_retrieval : item->has_answer && item->values[measure] >= 0;
}

static const char *kept(struct eval_record *record, const char *text)
{
    return text != NULL ? arena_text(record->arena, slice_from(text)) : NULL;
}

static int by_line(const void *a, const void *b)
{
    const struct case_record *first = a, *second = b;
    return (first->line > second->line) - (first->line < second->line);
}

/* The case of a line, made when it is not there. */
static struct case_record *case_of(struct eval_record *record, size_t line, const char *question)
{
    const struct case_record wanted = {.line = line};
    struct case_record *found = record->retrieved > 0
                                    ? bsearch(&wanted, record->cases, record->retrieved, sizeof(wanted), by_line)
                                    : NULL;
    if (found != NULL)
        return found;
    record->cases = arena_more(record->arena, record->cases, record->count, &record->capacity, sizeof(*record->cases));
    record->cases[record->count] = (struct case_record){.line = line, .question = kept(record, question)};
    return &record->cases[record->count++];
}

void record_retrieval(struct eval_record *record, const struct assay_eval_case *item)
{
    struct case_record *kept_case = case_of(record, item->line, item->question);
    kept_case->has_retrieval = true;
    kept_case->rank = item->rank;
    kept_case->found = kept(record, item->found);
    kept_case->missed = kept(record, item->why);
    for (size_t i = 0; i < ASSAY_MEASURES; i++)
        kept_case->values[i] = item->measures[i];
    record->retrieved = record->count;
}

void record_answer(struct eval_record *record, const struct assay_graded_case *graded)
{
    struct case_record *kept_case = case_of(record, graded->line, graded->question);
    kept_case->has_answer = true;
    kept_case->answer = kept(record, graded->failure != NULL ? graded->failure : graded->answer);
    kept_case->wanted = kept(record, graded->wanted);
    kept_case->why = kept(record, graded->why);
    kept_case->reason = kept(record, graded->reason);
    kept_case->took_ms = graded->took_ms;
    for (size_t i = 0; i < ASSAY_GRADES; i++)
        kept_case->values[ASSAY_MEASURES + i] = graded->grades[i];
    for (size_t i = 0; i < ASSAY_FORMS; i++)
        kept_case->values[RECORD_FORMS + i] = graded->forms[i];
}

static void mark_repeats(struct eval_record *record)
{
    struct map questions;
    map_init(&questions, LIMIT_JSON_VALUES);
    record->repeats = 0;
    for (size_t i = 0; i < record->count; i++) {
        bool is_new = true;
        (void)map_put(&questions, slice_trim(slice_from(record->cases[i].question)), &is_new);
        record->cases[i].is_repeat = !is_new;
        record->repeats += !is_new;
    }
    map_release(&questions);
}

void record_finish(struct eval_record *record, const struct assay_eval_report *report,
                   const struct assay_answers_report *answers)
{
    if (record->count > 0)
        qsort(record->cases, record->count, sizeof(*record->cases), by_line);
    mark_repeats(record);
    for (size_t i = 0; i < RECORD_FORMS; i++) {
        const bool is_retrieval = i < ASSAY_MEASURES;
        const struct assay_interval *grade = is_retrieval ? NULL : &answers->grades[i - ASSAY_MEASURES];
        record->means[i] = is_retrieval ? report->measures[i] : grade->mean;
        record->low[i] = is_retrieval ? report->low[i] : grade->low;
        record->high[i] = is_retrieval ? report->high[i] : grade->high;
        record->has[i] = is_retrieval ? report->cases > 0 : answers->cases > 0 && record->means[i] >= 0;
    }
    for (size_t i = 0; i < ASSAY_FORMS; i++) {
        record->has[RECORD_FORMS + i] = answers->form_cases[i] > 0;
        record->means[RECORD_FORMS + i] = answers->forms[i].mean;
        record->low[RECORD_FORMS + i] = answers->forms[i].low;
        record->high[RECORD_FORMS + i] = answers->forms[i].high;
    }
}

/* ---- as a file ---- */

static void write_text(struct json_writer *json, const char *key, const char *text)
{
    json_key(json, key);
    if (text != NULL)
        json_text(json, slice_from(text));
    else
        json_null(json);
}

static void write_case(struct json_writer *json, const struct case_record *item)
{
    json_object_begin(json);
    json_key(json, "line");
    json_integer(json, (int64_t)item->line);
    write_text(json, "question", item->question);
    if (item->has_retrieval) {
        json_key(json, "rank");
        if (item->rank > 0)
            json_integer(json, (int64_t)item->rank);
        else
            json_null(json);
        write_text(json, "found", item->found);
        write_text(json, "missed", item->missed);
    }
    if (item->has_answer) {
        write_text(json, "answer", item->answer);
        write_text(json, "wanted", item->wanted);
        write_text(json, "why", item->why);
        json_key(json, "took_ms");
        json_real(json, item->took_ms, 6);
    }
    for (size_t i = 0; i < RECORD_MEASURES; i++)
        if (record_is_measured(item, i)) {
            json_key(json, record_measure_name(i));
            json_real(json, item->values[i], 17);
        }
    json_object_end(json);
}

static void write_record(const struct eval_record *record, struct json_writer *json)
{
    char made[32];
    const time_t now = time(NULL);
    struct tm parts;
    if (gmtime_r(&now, &parts) == NULL || strftime(made, sizeof(made), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        made[0] = '\0';
    json_object_begin(json);
    json_key(json, "format");
    json_integer(json, EVAL_FORMAT);
    write_text(json, "made", made);
    write_text(json, "program", "assay " ASSAY_VERSION);
    write_text(json, "tests", record->tests);
    write_text(json, "model", record->model);
    json_key(json, "measures");
    json_object_begin(json);
    for (size_t i = 0; i < RECORD_MEASURES; i++)
        if (record->has[i]) {
            json_key(json, record_measure_name(i));
            json_real(json, record->means[i], 17);
        }
    json_object_end(json);
    json_key(json, "intervals");
    json_object_begin(json);
    for (size_t i = 0; i < RECORD_MEASURES; i++)
        if (record->has[i])
            json_pair(json, record_measure_name(i), record->low[i], record->high[i], 12);
    json_object_end(json);
    json_key(json, "cases");
    json_array_begin(json);
    for (size_t i = 0; i < record->count; i++)
        write_case(json, &record->cases[i]);
    json_array_end(json);
    json_object_end(json);
    buffer_append_byte(json->out, '\n');
}

bool eval_record_keep(const struct eval_record *record, const struct assay *assay, char number[16], struct assay_error *error)
{
    struct assay_run run;
    struct json_writer json;
    struct buffer buffer;
    struct error inner;
    if (!assay_run_create(assay, &run, error))
        return false;
    buffer_init(&buffer, LIMIT_JSON_BYTES);
    json_writer_init(&json, &buffer);
    write_record(record, &json);
    const char *path = path_join(record->arena, run.folder, "eval.json");
    bool ok = buffer_finish(&buffer, "the record of the run", &inner) && file_replace(path, buffer_slice(&buffer), &inner);
    buffer_release(&buffer);
    memcpy(number, run.number, sizeof(run.number));
    if (!ok)
        output_from_inner(error, &inner);
    return ok;
}
