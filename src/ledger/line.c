/* line.c - one entry as it stands in the file:
 *
 *   5f0c…9a {"entry":7,"previous":"1be2…","time":"2026-11-26T13:31:30Z","at_ns":…,"kind":"answer",…}⏎
 *   └ 64 hexadecimal digits: SHA-256 of a zero byte and the document, which is the entry's leaf in the tree */
#include "log_parts.h"

enum { READ_BYTES = 16 * 1024, WALK_BYTES = 1024 * 1024 };

static const char *const kind_names[] = {"answer", "erased", "cut", "head"}; /* ORDER ledger_kind */

const struct json_value *member(const struct json_value *object, const char *key)
{
    return object != NULL ? json_get(object, key) : NULL;
}

struct slice text_member(const struct json_value *object, const char *key)
{
    const struct json_value *value = member(object, key);
    return value != NULL && value->kind == JSON_TEXT ? value->text : SLICE("");
}

int64_t integer_member(const struct json_value *object, const char *key, int64_t absent)
{
    const struct json_value *value = member(object, key);
    return value != NULL && value->kind == JSON_NUMBER && value->is_integer ? value->integer : absent;
}

static bool kind_named(struct slice name, enum ledger_kind *kind)
{
    for (size_t i = 0; i < ARRAY_COUNT(kind_names); i++)
        if (slice_equal_text(name, kind_names[i])) {
            *kind = (enum ledger_kind)i;
            return true;
        }
    return false;
}

bool line_read(struct slice source, struct arena *arena, struct line *line, const char **why)
{
    struct error ignored = {0};
    *line = (struct line){0};
    if (source.size <= LINE_START_BYTES || source.data[HASH_TEXT] != ' ' ||
        !hash_read(slice_range(source, 0, HASH_TEXT), &line->hash)) {
        *why = "it does not begin with a hash";
        return false;
    }
    line->document = slice_range(source, LINE_START_BYTES, source.size);
    struct tree_hash hash = tree_leaf(line->document);
    if (!tree_hash_equal(&hash, &line->hash)) {
        *why = "its hash is not that of its bytes";
        return false;
    }
    int64_t number = 0;
    if (json_read(line->document, "an entry", arena, &line->root, &ignored))
        number = integer_member(&line->root, "entry", 0);
    line->number = (uint64_t)number;
    line->at_ns = integer_member(&line->root, "at_ns", 0);
    if (number > 0 && hash_read(text_member(&line->root, "previous"), &line->previous) &&
        kind_named(text_member(&line->root, "kind"), &line->kind))
        return true;
    *why = "it is no entry of a log";
    return false;
}

void walk_begin(struct walk *walk, struct ledger *ledger, uint64_t at)
{
    *walk = (struct walk){.ledger = ledger, .at = at};
    buffer_init(&walk->window, 2 * ENTRY_BYTES_MAX);
}

void walk_end(struct walk *walk)
{
    buffer_release(&walk->window);
}

bool walk_next(struct walk *walk, struct slice *line, bool *found, uint64_t *rest, struct error *error)
{
    const char *entries = walk->ledger->entries;
    struct buffer *window = &walk->window;
    size_t end = 0, seen = walk->start;
    *found = false;
    *rest = 0;
    while (!slice_find(slice_range(buffer_slice(window), seen, window->size), '\n', &end)) {
        size_t left = window->size - walk->start;
        if (walk->start > 0)
            memmove(window->data, window->data + walk->start, left);
        window->size = seen = left;
        walk->start = 0;
        /* An entry is mostly small; whoever walks on reads more at once. */
        size_t step = walk->at == 0 || left > 0 ? WALK_BYTES : READ_BYTES;
        if (left < ENTRY_BYTES_MAX && file_exists(entries) && !file_read_at(entries, walk->at + left, step, window, error))
            return false;
        if (window->size == left) {
            uint64_t whole = 0;
            if (!file_size(entries, &whole, error))
                return false;
            *rest = whole > walk->at ? whole - walk->at : 0;
            return true;
        }
    }
    *line = slice_range(buffer_slice(window), walk->start, seen + end);
    walk->start = seen + end + 1;
    walk->at += line->size + 1;
    *found = true;
    return true;
}

bool end_take(struct ledger_end *end, const struct line *line, size_t size, const char **why)
{
    if (line->number != end->tree.size + 1) {
        *why = "another entry stands in its place";
        return false;
    }
    if (!tree_hash_equal(&line->previous, &end->last)) {
        *why = "it does not follow the entry before it";
        return false;
    }
    tree_add(&end->tree, &line->hash);
    end->last = line->hash;
    end->last_at = end->bytes;
    end->bytes += size;
    return true;
}
