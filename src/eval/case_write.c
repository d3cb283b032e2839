/* case_write.c - one more test case, at the end of the project's own file of them (cases.c and answer_cases.c read it). */
#include "eval.h"
#include "codec/codec.h"
#include "files.h"
#include "runs.h"
#include <string.h>

#define CASES_LOCK PROJECT_STATE "/cases.lock"

struct case_search {
    const char *path;
    struct slice question;
};

/* One question twice would be counted twice, or want two things. */
static bool refuse_same(void *context, const struct json_value *object, size_t line, struct error *error)
{
    const struct case_search *search = context;
    const struct json_value *question = json_get(object, json_get(object, "question") != NULL ? "question" : "input");
    if (question == NULL || question->kind != JSON_TEXT || !slice_equal(slice_trim(question->text), search->question))
        return true;
    error_set(error, ERROR_CONFLICT, "line %zu of the test cases asks this already", line);
    return error_hint(error, "Change that line of \"%s\" if it wants something else.", path_name(search->path).data);
}

static void write_member(struct json_writer *json, const char *key, struct slice text)
{
    json_key(json, key);
    if (text.data != NULL)
        json_text(json, text);
    else
        json_null(json);
}

/* The lines that there are; refused where one asks the same. */
static bool count_lines(const char *path, struct slice question, size_t *lines, struct error *error)
{
    struct buffer text;
    struct case_search search = {path, question};
    *lines = 0;
    if (!file_exists(path))
        return true;
    buffer_init(&text, LIMIT_CASES_BYTES);
    bool ok = file_read(path, LIMIT_CASES_BYTES, &text, error) &&
              files_each_line(buffer_slice(&text), path, refuse_same, &search, error);
    for (size_t i = 0; i < text.size; i++)
        *lines += text.data[i] == '\n' || i + 1 == text.size;
    buffer_release(&text);
    return ok;
}

static bool append_case(const char *path, const struct eval_new_case *item, size_t *line, struct error *error)
{
    struct buffer text;
    struct json_writer json;
    if (!count_lines(path, item->question, line, error))
        return false;
    buffer_init(&text, LIMIT_CASES_BYTES);
    json_writer_init(&json, &text);
    json_object_begin(&json);
    write_member(&json, "question", item->question);
    write_member(&json, "answer", item->answer);
    write_member(&json, "source", item->source);
    json_object_end(&json);
    bool ok = buffer_finish(&text, "the test case", error) && file_append_line(path, buffer_slice(&text), error);
    buffer_release(&text);
    *line += 1;
    return ok;
}

bool eval_add_case(struct project *project, const struct eval_new_case *item, size_t *line, struct error *error)
{
    struct arena arena;
    struct file_lock lock;
    struct eval_new_case trimmed = *item;
    trimmed.question = slice_trim(item->question);
    if (trimmed.question.size == 0)
        return error_set(error, ERROR_INVALID, "a test case without a question");
    arena_init(&arena);
    bool ok = file_lock_wait(&lock, path_join(&arena, project->root, CASES_LOCK), "the test cases", error);
    if (ok) {
        ok = append_case(path_join(&arena, project->root, project->settings.tests), &trimmed, line, error);
        file_lock_release(&lock);
    }
    arena_release(&arena);
    return ok;
}
