/* case_members.c - names that nobody knows. A case may have members of its own; one whose name is nearly a known one is a slip of the pen, and the
 * case would be measured without it, unnoticed. */
#include "case_members.h"
#include "files.h"
#include "text/text.h"
#include <string.h>

enum { SHORT_NAME = 4 /* letters, of which one may differ; of longer ones two */ };

static const char *const members[] = {"question", "input",  "answer", "expected", "source",
                                      "tags",     "checks", "quote",  "evidence"};
static const char *const checks_known[] = {"answer", "tolerance", "pattern", "schema", "style"};

static const char *nearest(struct slice name, const char *const *known, size_t count, size_t *distance)
{
    const char *best = known[0];
    *distance = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        size_t away = slice_distance(name, slice_from(known[i]), 100);
        if (away < *distance) {
            best = known[i];
            *distance = away;
        }
    }
    return best;
}

bool case_members_check(const struct json_value *object, const char *name, struct error *error)
{
    for (size_t i = 0; i < object->count; i++) {
        struct slice key = object->keys[i];
        size_t distance;
        const char *known = nearest(key, members, ARRAY_COUNT(members), &distance);
        if (distance == 0 || distance > (key.size > SHORT_NAME ? 2u : 1u) || json_get(object, known) != NULL)
            continue;
        error_set(error, ERROR_INVALID, "%s: unknown member \"" SLICE_FORMAT "\" of a test case", name, SLICE_ARGUMENT(key));
        return error_hint(error, "Did you mean \"%s\"? Members of your own may have any name that is less like one of these.",
                          known);
    }
    return true;
}

#define CASE_FORM "{\"question\": \"…\", \"answer\": \"…\", \"source\": \"docs/…\"}"

/* Whether the first line is the head of a table, as programs for sheets save them. */
static bool is_table(struct slice text)
{
    struct slice line;
    return slice_next(&text, '\n', &line) && slice_has_letters(line, SLICE("question")) && !slice_has_letters(line, SLICE("{"));
}

struct case_walk {
    bool (*each)(void *context, const struct json_value *object, size_t line, struct error *error);
    void *context;
    bool is_case; /* the line that is wrong has a question: it is the case that is wrong, not the form */
};

static bool take_object(void *context, const struct json_value *object, size_t line, struct error *error)
{
    struct case_walk *walk = context;
    walk->is_case = false;
    if (walk->each(walk->context, object, line, error))
        return true;
    const struct json_value *question = json_get(object, "question"), *input = json_get(object, "input");
    const struct json_value *asked = question != NULL ? question : input;
    walk->is_case = error->hint[0] != '\0' || (asked != NULL && asked->kind == JSON_TEXT && slice_trim(asked->text).size > 0);
    return false;
}

/* JSON is UTF-8; a zero byte is half a character of UTF-16. */
static bool refuse_encoding(struct slice text, const char *path, struct error *error)
{
    size_t at = 0, line = 1;
    const char *encoding = NULL;
    bool is_found = encoding_detect(text, SLICE(""), &encoding) && strcmp(encoding, "utf-8") != 0;
    if (text_is_utf8(text, &at) && !(is_found && memchr(text.data, 0, text.size) != NULL))
        return true;
    for (size_t i = 0; i < at && i < text.size; i++)
        line += text.data[i] == '\n';
    error_set(error, ERROR_INVALID, "%s:%zu: the file is not in UTF-8%s%s", path, line, is_found ? ", it looks like " : "",
              is_found ? encoding : "");
    return error_hint(error, "Save it as UTF-8.");
}

bool case_lines_read(const char *path,
                     bool (*each)(void *context, const struct json_value *object, size_t line, struct error *error),
                     void *context, struct error *error)
{
    struct buffer text;
    struct case_walk walk = {.each = each, .context = context};
    buffer_init(&text, LIMIT_COLLECTION_BYTES);
    bool ok = files_read(path, &text, error);
    bool is_form = ok || error->kind == ERROR_NOT_FOUND;
    if (ok && slice_trim(buffer_slice(&text)).size == 0)
        ok = error_set(error, ERROR_INVALID, "\"%s\" has no test cases: it is empty", path);
    if (ok && !refuse_encoding(buffer_slice(&text), path, error))
        ok = is_form = false;
    ok = ok && files_each_line(buffer_slice(&text), path, take_object, &walk, error);
    if (!ok && is_form && !walk.is_case)
        error_hint(error, "%s, one a line: " CASE_FORM ".",
                   is_table(buffer_slice(&text)) ? "This is a table; test cases are objects of JSON"
                                                 : "Write test cases there");
    buffer_release(&text);
    return ok;
}

bool case_question(const struct json_value *object, const char *path, size_t line, struct slice *question, struct error *error)
{
    const char *key = json_get(object, "question") == NULL && json_get(object, "input") != NULL ? "input" : "question";
    return files_text(object, path, line, key, question, error) &&
           (slice_trim(*question).size > 0 || error_set(error, ERROR_INVALID, "%s:%zu: \"%s\" is empty", path, line, key));
}

bool case_members_check_checks(const struct json_value *checks, const char *name, struct error *error)
{
    for (size_t i = 0; i < checks->count; i++) {
        size_t distance;
        const char *known = nearest(checks->keys[i], checks_known, ARRAY_COUNT(checks_known), &distance);
        if (distance == 0)
            continue;
        error_set(error, ERROR_INVALID, "%s: unknown check \"" SLICE_FORMAT "\"", name, SLICE_ARGUMENT(checks->keys[i]));
        return distance <= 3 ? error_hint(error, "Did you mean \"%s\"?", known)
                             : error_hint(error, "Known are answer, tolerance, pattern, schema and style.");
    }
    return true;
}

void case_clusters_init(struct case_clusters *clusters)
{
    clusters->count = 0;
    map_init(&clusters->sources, LIMIT_JSON_VALUES);
    map_init(&clusters->questions, LIMIT_JSON_VALUES);
}

uint32_t case_clusters_number(struct case_clusters *clusters, const struct slice *source, struct slice question)
{
    bool is_new = true;
    struct map_entry *entry = source != NULL ? map_put(&clusters->sources, *source, &is_new)
                                             : map_put(&clusters->questions, slice_trim(question), &is_new);
    if (entry == NULL || is_new) {
        if (entry != NULL)
            entry->value = clusters->count;
        return clusters->count++;
    }
    return (uint32_t)entry->value;
}

void case_clusters_release(struct case_clusters *clusters)
{
    map_release(&clusters->sources);
    map_release(&clusters->questions);
}
