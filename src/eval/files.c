/* files.c - reads what BEIR's collections come as: corpus and questions in JSON lines, judgements in a table. */
#include "files.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool files_read(const char *path, struct buffer *out, struct error *error)
{
    struct buffer packed;
    buffer_init(&packed, LIMIT_COLLECTION_BYTES);
    bool ok = file_read(path, LIMIT_COLLECTION_BYTES, &packed, error);
    if (ok && gzip_is(buffer_slice(&packed)))
        ok = gzip_read(buffer_slice(&packed), path, out, error);
    else if (ok) {
        buffer_append_slice(out, buffer_slice(&packed));
        ok = buffer_finish(out, path, error);
    }
    buffer_release(&packed);
    return ok;
}

/* A reader of one line calls it the first: "FILE:7:1:30: …" is said as "FILE:7:30: …". */
static bool name_line(const char *path, size_t line, struct error *error)
{
    char *text = error->message, start[LIMIT_PATH_BYTES + 32];
    int size = snprintf(start, sizeof(start), "%s:%zu:", path, line);
    if (size > 0 && (size_t)size < sizeof(start) && strncmp(text, start, (size_t)size) == 0 &&
        strncmp(text + size, "1:", 2) == 0)
        memmove(text + size, text + size + 2, strlen(text + size + 2) + 1);
    return false;
}

bool files_each_line(struct slice text, const char *path,
                     bool (*each)(void *context, const struct json_value *object, size_t line, struct error *error),
                     void *context, struct error *error)
{
    struct arena arena;
    static const struct slice mark = SLICE_CONSTANT("\xEF\xBB\xBF"); /* editors put it before the first line */
    struct slice rest = slice_starts_with(text, mark) ? slice_range(text, mark.size, text.size) : text, part;
    bool ok = true;
    arena_init(&arena);
    for (size_t line = 1; ok && slice_next(&rest, '\n', &part); line++) {
        struct json_value root;
        if (slice_trim(part).size == 0)
            continue;
        arena_clear(&arena);
        ok = json_read(part, arena_format(&arena, "%s:%zu", path, line), &arena, &root, error) || name_line(path, line, error);
        if (ok && root.kind != JSON_OBJECT)
            ok = error_set(error, ERROR_INVALID, "%s:%zu: %s, expected an object", path, line, json_kind_name(root.kind));
        ok = ok && each(context, &root, line, error);
    }
    arena_release(&arena);
    return ok;
}

bool files_text(const struct json_value *object, const char *path, size_t line, const char *key, struct slice *text,
                struct error *error)
{
    const struct json_value *value = json_get(object, key);
    if (value == NULL)
        return error_set(error, ERROR_INVALID, "%s:%zu: \"%s\" is missing", path, line, key);
    if (value->kind != JSON_TEXT)
        return error_set(error, ERROR_INVALID, "%s:%zu: \"%s\" is %s, expected a text", path, line, key,
                         json_kind_name(value->kind));
    *text = value->text;
    return true;
}

struct question_reading {
    struct judged *judged;
    struct arena *arena;
    const char *path;
    size_t capacity;
};

static bool take_question(void *context, const struct json_value *object, size_t line, struct error *error)
{
    struct question_reading *reading = context;
    struct judged *judged = reading->judged;
    struct question question = {0};
    if (!files_text(object, reading->path, line, "_id", &question.id, error) ||
        !files_text(object, reading->path, line, "text", &question.text, error))
        return false;
    judged->questions = memory_more(judged->questions, judged->question_count, &reading->capacity, sizeof(*judged->questions));
    question.id = arena_slice(reading->arena, question.id);
    question.text = arena_slice(reading->arena, question.text);
    judged->questions[judged->question_count++] = question;
    return true;
}

/* "query-id TAB corpus-id TAB score", or the four columns of trec_eval: question, 0, document, judgement. */
static bool split_judgement(struct slice line, struct judgement *judgement)
{
    struct slice rest = line, parts[4];
    size_t count = 0;
    while (count < 4 && slice_next(&rest, '\t', &parts[count]))
        count++;
    if (count < 3 || rest.size > 0)
        return false;
    judgement->question = parts[0];
    judgement->document = parts[count - 2];
    return slice_to_double(slice_trim(parts[count - 1]), &judgement->gain);
}

static bool read_judgements(struct slice text, const char *path, struct arena *arena, struct judged *judged,
                            struct error *error)
{
    struct slice rest = text, part;
    size_t capacity = 0;
    for (size_t line = 1; slice_next(&rest, '\n', &part); line++) {
        struct judgement judgement;
        if (slice_trim(part).size == 0)
            continue;
        if (!split_judgement(part, &judgement)) {
            if (line == 1)
                continue; /* the head */
            error_set(error, ERROR_INVALID, "%s:%zu: not a judgement", path, line);
            return error_hint(error, "Each line is question, document and a number, with tabs between.");
        }
        judgement.question = arena_slice(arena, judgement.question);
        judgement.document = arena_slice(arena, judgement.document);
        judged->judgements = memory_more(judged->judgements, judged->judgement_count, &capacity, sizeof(*judged->judgements));
        judged->judgements[judged->judgement_count++] = judgement;
    }
    return true;
}

static int by_question(const void *a, const void *b)
{
    const struct judgement *left = a, *right = b;
    int order = slice_compare(left->question, right->question);
    return order != 0 ? order : slice_compare(left->document, right->document);
}

/* A judgement that stands twice counts once; two that differ are an error. They are in order of questions and documents. */
static bool drop_repeated(struct judged *judged, const char *path, struct error *error)
{
    size_t kept = 0;
    for (size_t i = 0; i < judged->judgement_count; i++) {
        struct judgement *next = &judged->judgements[i];
        bool is_repeated = kept > 0 && by_question(next, next - 1) == 0;
        if (is_repeated && next->gain != judged->judgements[kept - 1].gain) {
            error_set(error, ERROR_INVALID,
                      "%s: question \"" SLICE_FORMAT "\" and document \"" SLICE_FORMAT "\" have two judgements", path,
                      SLICE_ARGUMENT(next->question), SLICE_ARGUMENT(next->document));
            return error_hint(error, "Leave one of them out.");
        }
        if (!is_repeated)
            judged->judgements[kept++] = *next;
    }
    judged->judgement_count = kept;
    return true;
}

/* Gives each question its run of judgements, which are in order of questions and documents. */
static void match_judgements(struct judged *judged)
{
    for (size_t i = 0; i < judged->question_count; i++) {
        struct question *question = &judged->questions[i];
        size_t low = 0, high = judged->judgement_count;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (slice_compare(judged->judgements[middle].question, question->id) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        question->first = low;
        while (low < judged->judgement_count && slice_equal(judged->judgements[low].question, question->id))
            low++;
        question->count = low - question->first;
    }
}

bool files_read_judged(const char *queries, const char *qrels, struct arena *arena, struct judged *judged, struct error *error)
{
    struct buffer text;
    struct question_reading reading = {judged, arena, queries, 0};
    buffer_init(&text, LIMIT_COLLECTION_BYTES);
    *judged = (struct judged){0};
    bool ok = files_read(queries, &text, error) &&
              files_each_line(buffer_slice(&text), queries, take_question, &reading, error);
    buffer_clear(&text);
    ok = ok && files_read(qrels, &text, error) && read_judgements(buffer_slice(&text), qrels, arena, judged, error);
    buffer_release(&text);
    if (ok && judged->judgement_count > 0)
        qsort(judged->judgements, judged->judgement_count, sizeof(*judged->judgements), by_question);
    ok = ok && drop_repeated(judged, qrels, error);
    if (ok)
        match_judgements(judged);
    else
        files_free_judged(judged);
    return ok;
}

void files_free_judged(struct judged *judged)
{
    free(judged->questions);
    free(judged->judgements);
    *judged = (struct judged){0};
}

double files_gain(const struct judged *judged, const struct question *question, struct slice document)
{
    size_t low = question->first, high = question->first + question->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_compare(judged->judgements[middle].document, document);
        if (order == 0)
            return judged->judgements[middle].gain;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}
