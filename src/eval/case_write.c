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
static bool count_lines(const char *path, const char *name, struct slice question, size_t *lines, struct error *error)
{
    struct buffer text;
    struct case_search search = {path, question};
    *lines = 0;
    if (!file_exists(path))
        return true;
    buffer_init(&text, LIMIT_CASES_BYTES);
    bool ok = file_read(path, LIMIT_CASES_BYTES, &text, error) &&
              files_each_line(buffer_slice(&text), name, refuse_same, &search, error);
    for (size_t i = 0; i < text.size; i++)
        *lines += text.data[i] == '\n' || i + 1 == text.size;
    buffer_release(&text);
    return ok;
}

static bool append_case(const char *path, const char *name, const struct eval_new_case *item, size_t *line, struct error *error)
{
    struct buffer text;
    struct json_writer json;
    if (!count_lines(path, name, item->question, line, error))
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

/* ---- lines that are there ---- */

struct line_walk {
    bool (*each)(void *context, size_t line, const struct json_value *object, struct error *error);
    void *context;
};

static bool visit_line(void *context, const struct json_value *object, size_t line, struct error *error)
{
    const struct line_walk *walk = context;
    return walk->each(walk->context, line, object, error);
}

bool eval_each_case_line(struct project *project,
                         bool (*each)(void *context, size_t line, const struct json_value *object, struct error *error),
                         void *context, struct error *error)
{
    struct arena arena;
    struct buffer text;
    struct line_walk walk = {each, context};
    arena_init(&arena);
    buffer_init(&text, LIMIT_CASES_BYTES);
    const char *path = path_join(&arena, project->root, project->settings.tests);
    bool ok = !file_exists(path) || (file_read(path, LIMIT_CASES_BYTES, &text, error) &&
                                     files_each_line(buffer_slice(&text), project->settings.tests, visit_line, &walk, error));
    buffer_release(&text);
    arena_release(&arena);
    return ok;
}

static const char *either_key(const struct json_value *object, const char *usual, const char *other)
{
    return json_get(object, usual) == NULL && json_get(object, other) != NULL ? other : usual;
}

static bool is_key(struct slice key, const char *first, const char *second, const char *third)
{
    return slice_equal_text(key, first) || slice_equal_text(key, second) || slice_equal_text(key, third);
}

/* The case, with whatever else its line had. */
static void write_changed(const struct json_value *object, const struct eval_new_case *item, struct buffer *out)
{
    struct json_writer json;
    const char *question = either_key(object, "question", "input"), *answer = either_key(object, "answer", "expected");
    struct arena arena;
    arena_init(&arena);
    json_writer_init(&json, out);
    json_object_begin(&json);
    write_member(&json, question, slice_trim(item->question));
    if (!item->keeps_rest) {
        write_member(&json, answer, item->answer);
        write_member(&json, "source", item->source);
    }
    for (size_t i = 0; i < object->count; i++) {
        struct slice key = object->keys[i];
        bool is_old = is_key(key, answer, "source", "quote") ||
                      slice_equal_text(key, "evidence"); /* proofs of another answer */
        if (slice_equal_text(key, question) || (is_old && !item->keeps_rest))
            continue;
        json_key(&json, arena_text(&arena, object->keys[i]));
        json_again(&json, &object->items[i]);
    }
    json_object_end(&json);
    arena_release(&arena);
}

struct case_change {
    const char *path;
    size_t line;
    const struct eval_case_was *was;
    const struct eval_new_case *item; /* NULL: the line goes */
    struct buffer *out;
    bool is_found;
};

static bool is_as_seen(const struct case_change *change, const struct json_value *object)
{
    const struct json_value *question = json_get(object, either_key(object, "question", "input"));
    char mark[SHA256_DIGITS_BYTES];
    struct buffer text;
    struct json_writer json;
    if (question == NULL || question->kind != JSON_TEXT ||
        !slice_equal(slice_trim(question->text), slice_trim(change->was->question)))
        return false;
    if (change->was->mark == NULL)
        return true;
    buffer_init(&text, LIMIT_CASES_BYTES);
    json_writer_init(&json, &text);
    json_again(&json, object);
    sha256_digits(mark, text.data, text.size);
    buffer_release(&text);
    return strcmp(mark, change->was->mark) == 0;
}

static bool copy_line(struct case_change *change, struct slice part, size_t line, struct arena *arena, struct error *error)
{
    struct json_value object;
    if (line != change->line) {
        buffer_append_slice(change->out, part);
        buffer_append_byte(change->out, '\n');
        return true;
    }
    if (!json_read(part, change->path, arena, &object, error))
        return false;
    if (!is_as_seen(change, &object))
        return true; /* it is not found then */
    change->is_found = true;
    if (change->item != NULL) {
        write_changed(&object, change->item, change->out);
        buffer_append_byte(change->out, '\n');
    }
    return true;
}

static bool rewrite(struct case_change *change, struct error *error)
{
    struct buffer text;
    struct arena arena;
    struct slice rest, part;
    arena_init(&arena);
    buffer_init(&text, LIMIT_CASES_BYTES);
    bool ok = file_read(change->path, LIMIT_CASES_BYTES, &text, error);
    rest = buffer_slice(&text);
    for (size_t line = 1; ok && slice_next(&rest, '\n', &part); line++) {
        struct case_search search = {change->path,
                                     change->item != NULL ? slice_trim(change->item->question) : (struct slice){0}};
        struct json_value object;
        struct error ignored;
        ok = copy_line(change, part, line, &arena, error);
        if (ok && change->item != NULL && line != change->line && json_read(part, "", &arena, &object, &ignored))
            ok = refuse_same(&search, &object, line, error);
        arena_clear(&arena);
    }
    if (ok && !change->is_found) {
        error_set(error, ERROR_CONFLICT, "line %zu of the test cases is not this case any more: somebody else has changed it",
                  change->line);
        ok = error_hint(error, "Read the test cases again.");
    }
    ok = ok && buffer_finish(change->out, "the test cases", error) &&
         file_replace(change->path, buffer_slice(change->out), error);
    buffer_release(&text);
    arena_release(&arena);
    return ok;
}

bool eval_change_case(struct project *project, size_t line, const struct eval_case_was *was, const struct eval_new_case *item,
                      struct error *error)
{
    struct arena arena;
    struct file_lock lock;
    struct buffer out;
    if (item != NULL && slice_trim(item->question).size == 0)
        return error_set(error, ERROR_INVALID, "a test case without a question");
    arena_init(&arena);
    buffer_init(&out, LIMIT_CASES_BYTES);
    struct case_change change = {
        .path = path_join(&arena, project->root, project->settings.tests), .line = line, .was = was, .item = item, .out = &out};
    bool ok = file_lock_wait(&lock, path_join(&arena, project->root, CASES_LOCK), "the test cases", error);
    if (ok) {
        ok = file_exists(change.path) ? rewrite(&change, error) : error_set(error, ERROR_NOT_FOUND, "there are no test cases");
        file_lock_release(&lock);
    }
    buffer_release(&out);
    arena_release(&arena);
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
        const char *name = project->settings.tests;
        ok = append_case(path_join(&arena, project->root, name), name, &trimmed, line, error);
        file_lock_release(&lock);
    }
    arena_release(&arena);
    return ok;
}
