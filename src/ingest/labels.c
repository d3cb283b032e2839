/* labels.c - the rule for labels. labels.csv has a line for a document or a folder:
 *
 *   path,label[,label…]          docs/hr,hr          docs/hr/public.md,public          "docs/a, b.md",legal
 *
 * The longest path that is the document or a folder above it counts, and no other; a document that no line fits has no label, and so has
 * one whose line names none. Empty lines, lines that begin with #, and a first line `path,label` are not read. A field in double quotes may
 * hold commas, and quotes that are doubled. */
#include "labels.h"
#include "ingest.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct label_line {
    struct slice *labels;
    size_t count;
    size_t number; /* in the file, from 1 */
    const char *path; /* as it stands there */
    bool is_met;      /* a document lies there, or below */
};

static bool fail_line(const struct label_rule *rule, size_t number, const char *what, struct error *error)
{
    error_set(error, ERROR_INVALID, "%s:%zu: %s", rule->project->settings.labels_file, number, what);
    return error_hint(error, "A line is a path and its labels, with commas between them: docs/hr,hr,managers");
}

/* Takes the next field off a line; `*ok` false when a quote has no end. */
static bool next_field(struct label_rule *rule, struct slice *rest, struct slice *field, bool *ok)
{
    struct slice text = slice_trim(*rest);
    if (text.size == 0 || text.data[0] != '"') {
        bool found = slice_next(rest, ',', field);
        *field = slice_trim(*field);
        return found;
    }
    char *out = arena_alloc(&rule->arena, text.size, 1);
    size_t size = 0, at = 1;
    while (at < text.size && (text.data[at] != '"' || (at + 1 < text.size && text.data[at + 1] == '"'))) {
        at += text.data[at] == '"';
        out[size++] = text.data[at++];
    }
    *field = (struct slice){out, size};
    struct slice behind = at < text.size ? slice_trim(slice_range(text, at + 1, text.size)) : SLICE("");
    *ok = at < text.size && (behind.size == 0 || behind.data[0] == ',');
    *rest = behind.size > 0 ? slice_range(behind, 1, behind.size) : behind;
    return true;
}

static bool check_label(const struct label_rule *rule, size_t number, struct slice label, struct error *error)
{
    size_t bad_at;
    if (label.size > LIMIT_LABEL_BYTES)
        return fail_line(rule, number, "a label is longer than 255 bytes", error);
    if (!text_is_utf8(label, &bad_at))
        return fail_line(rule, number, "a label is not UTF-8", error);
    for (size_t i = 0; i < label.size; i++)
        if ((unsigned char)label.data[i] < ' ' || label.data[i] == 0x7F)
            return fail_line(rule, number, "a label has a control character", error);
    return true;
}

static bool put_line(struct label_rule *rule, struct slice path, const struct label_line *line, struct error *error)
{
    if (path.size == 0 || path.size >= LIMIT_PATH_BYTES || memchr(path.data, '\0', path.size) != NULL)
        return fail_line(rule, line->number, "the path is empty, too long, or no path", error);
    const char *text = arena_text(&rule->arena, path), *absolute = walk_address(&rule->arena, text);
    if (absolute == NULL)
        absolute = path_normal(&rule->arena, rule->project->root, text);
    struct map_entry *entry = map_put(&rule->paths, slice_from(absolute), NULL);
    if (entry == NULL)
        return error_set(error, ERROR_LIMIT, "%s has too many lines", rule->project->settings.labels_file);
    if (entry->value != 0) {
        char what[64];
        snprintf(what, sizeof(what), "this path stands in line %zu too", rule->lines[entry->value - 1].number);
        return fail_line(rule, line->number, what, error);
    }
    rule->lines = memory_more(rule->lines, rule->line_count, &rule->line_capacity, sizeof(*rule->lines));
    rule->lines[rule->line_count] = *line;
    rule->lines[rule->line_count++].path = text;
    entry->value = rule->line_count;
    return true;
}

static bool read_line(struct label_rule *rule, struct slice text, size_t number, struct error *error)
{
    struct label_line line = {.number = number};
    struct slice path, label;
    size_t capacity = 0;
    bool ok = true;
    if (!next_field(rule, &text, &path, &ok))
        return fail_line(rule, number, "there is no path", error);
    while (ok && next_field(rule, &text, &label, &ok)) {
        if (label.size == 0)
            continue;
        if (!check_label(rule, number, label, error))
            return false;
        if (line.count == LIMIT_KEY_GROUPS)
            return fail_line(rule, number, "there are more than 64 labels", error);
        line.labels = arena_more(&rule->arena, line.labels, line.count, &capacity, sizeof(*line.labels));
        line.labels[line.count++] = arena_slice(&rule->arena, label);
    }
    if (!ok)
        return fail_line(rule, number, "a quote has no end, or text behind it", error);
    if (number == 1 && slice_equal_text(path, "path"))
        return true; /* a head line */
    return put_line(rule, path, &line, error);
}

static bool read_lines(struct label_rule *rule, struct slice text, struct error *error)
{
    struct slice line;
    if (slice_starts_with(text, SLICE("\xEF\xBB\xBF")))
        text = slice_range(text, 3, text.size);
    for (size_t number = 1; slice_next(&text, '\n', &line); number++) {
        line = slice_trim(line);
        if (line.size > 0 && line.data[0] != '#' && !read_line(rule, line, number, error))
            return false;
    }
    return true;
}

bool ingest_check_labels(const struct project *project, struct slice text, struct error *error)
{
    struct label_rule rule = {.project = project};
    arena_init(&rule.arena);
    map_init(&rule.paths, UINT32_MAX / 4);
    bool ok = text.size <= LIMIT_LABELS_FILE_BYTES
                  ? read_lines(&rule, text, error)
                  : error_set(error, ERROR_LIMIT, "the list of labels is longer than %zu bytes",
                              (size_t)LIMIT_LABELS_FILE_BYTES);
    label_rule_release(&rule);
    return ok;
}

bool label_rule_read(struct label_rule *rule, const struct project *project, struct error *error)
{
    const struct settings *settings = &project->settings;
    struct buffer file, identity;
    *rule = (struct label_rule){.project = project};
    arena_init(&rule->arena);
    map_init(&rule->paths, UINT32_MAX / 4);
    buffer_init(&file, LIMIT_LABELS_FILE_BYTES);
    buffer_init(&identity, 2 * LIMIT_LABELS_FILE_BYTES);
    rule->roots = arena_alloc(&rule->arena, settings->document_count, sizeof(char *));
    buffer_format(&identity, "labels 1 %d", (int)settings->access);
    for (size_t i = 0; i < settings->document_count; i++) {
        rule->roots[i] = path_normal(&rule->arena, project->root, settings->documents[i]);
        buffer_format(&identity, " %zu:%s", strlen(settings->documents[i]), settings->documents[i]);
    }
    bool ok = true;
    if (settings->access == ACCESS_FROM_FILE) {
        const char *path = path_join(&rule->arena, project->root, settings->labels_file);
        ok = file_read(path, LIMIT_LABELS_FILE_BYTES, &file, error) || error_wrap(error, "could not read access.labels");
        ok = ok && read_lines(rule, buffer_slice(&file), error);
        buffer_append_slice(&identity, buffer_slice(&file));
    }
    ok = ok && buffer_finish(&identity, "the rule for labels", error);
    if (ok)
        rule->number = (int64_t)(map_hash(buffer_slice(&identity)) >> 1 | 1);
    buffer_release(&file);
    buffer_release(&identity);
    return ok;
}

void label_rule_release(struct label_rule *rule)
{
    if (rule->project == NULL)
        return; /* it was not read */
    map_release(&rule->paths);
    free(rule->lines);
    arena_release(&rule->arena);
    *rule = (struct label_rule){0};
}

/* The first folder below the one that the settings name, however the document was added. */
static struct slice folder_label(const struct label_rule *rule, const char *path)
{
    for (size_t i = 0; i < rule->project->settings.document_count; i++) {
        const char *folder = rule->roots[i];
        if (!path_is_below(path, folder))
            continue;
        size_t at, size = strlen(folder);
        struct slice rest = slice_from(path + size);
        while (rest.size > 0 && rest.data[0] == '/')
            rest = slice_range(rest, 1, rest.size);
        return slice_find(rest, '/', &at) ? slice_range(rest, 0, at) : SLICE(STORE_PUBLIC);
    }
    return SLICE("other");
}

static struct label_list one_label(struct label_rule *rule, struct slice label)
{
    struct slice *labels = arena_alloc(&rule->arena, 1, sizeof(*labels));
    *labels = label;
    return (struct label_list){labels, 1};
}

struct label_list label_rule_apply(struct label_rule *rule, const char *path, const struct label_list *stated)
{
    switch (rule->project->settings.access) {
    case ACCESS_PUBLIC:
        return stated != NULL ? *stated : one_label(rule, SLICE(STORE_PUBLIC));
    case ACCESS_FROM_FOLDER:
        return stated != NULL ? *stated : one_label(rule, folder_label(rule, path));
    case ACCESS_FROM_FILE:
        break;
    }
    const struct map_entry *entry = walk_find_above(&rule->paths, path);
    if (entry == NULL)
        return (struct label_list){NULL, 0};
    const struct label_line *line = &rule->lines[entry->value - 1];
    return (struct label_list){line->labels, line->count};
}

void label_rule_meet(struct label_rule *rule, const char *path)
{
    const struct map_entry *entry;
    while ((entry = walk_find_above(&rule->paths, path)) != NULL) {
        struct label_line *line = &rule->lines[entry->value - 1];
        if (line->is_met || entry->key.size == 1) { /* then all above it are */
            line->is_met = true;
            break;
        }
        line->is_met = true;
        path = arena_text(&rule->arena, path_folder(arena_text(&rule->arena, entry->key)));
    }
}

void label_rule_each_unmet(const struct label_rule *rule, void (*each)(void *context, const char *message), void *context)
{
    struct arena arena;
    arena_init(&arena);
    for (size_t i = 0; i < rule->line_count; i++)
        if (!rule->lines[i].is_met)
            each(context,
                 arena_format(&arena, "line %zu fits no document: \"%s\"", rule->lines[i].number, rule->lines[i].path));
    arena_release(&arena);
}
