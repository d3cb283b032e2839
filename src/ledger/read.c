/* read.c - entries for readers: found, proved against their hash, and opened where their key is still there. */
#include "log_parts.h"

/* What is personal in an entry, if it can be had. */
static bool open_content(struct ledger *ledger, const struct line *line, struct arena *arena, struct buffer *plain,
                         struct ledger_entry *entry, struct json_value *personal, struct error *error)
{
    unsigned char key[KEY_BYTES];
    enum key_state state;
    char commitment[LEDGER_HASH_TEXT_BYTES];
    struct slice sealed = text_member(&line->root, "sealed");
    struct error ignored;
    entry->state = LEDGER_NO_CONTENT;
    if (sealed.size == 0)
        return true;
    if (!key_load(ledger, line->number, key, &state, error))
        return false;
    entry->state = state == KEY_NONE ? LEDGER_CONTENT_ERASED : LEDGER_CONTENT_LOST;
    if (state != KEY_THERE)
        return true;
    key_commitment(key, commitment);
    buffer_clear(plain);
    if (slice_equal_text(text_member(&line->root, "key"), commitment) && unseal(sealed, line->number, key, plain) &&
        json_read(buffer_slice(plain), "an entry's content", arena, personal, &ignored)) {
        entry->state = LEDGER_HAS_CONTENT;
        entry->content = buffer_slice(plain);
        entry->personal = personal;
    }
    return true;
}

static bool visit_line(struct ledger *ledger, const struct line *line, struct arena *arena, struct buffer *plain,
                       ledger_visit *each, void *context, struct error *error)
{
    struct json_value personal;
    struct ledger_entry entry = {
        .number = line->number, .kind = line->kind, .at_ns = line->at_ns, .document = line->document, .record = &line->root};
    hash_text(&line->hash, entry.hash);
    return open_content(ledger, line, arena, plain, &entry, &personal, error) && each(context, &entry, error);
}

/* A last one that is not whole is one that a crash left, of which nobody was told, unless the log had so many entries when it was opened. */
static bool tell_damaged(struct ledger *ledger, const struct walk *walk, uint64_t number, uint64_t told, const char *why,
                         struct error *error)
{
    uint64_t whole = 0;
    if (!file_size(ledger->entries, &whole, error))
        return false;
    if (walk->at >= whole && number > told)
        return true;
    error_set(error, ERROR_CORRUPT, "entry %llu of the audit log is damaged: %s", (unsigned long long)number, why);
    return error_hint(error, "`assay log verify` looks at all of them.");
}

bool ledger_each(struct ledger *ledger, uint64_t first, uint64_t last, ledger_visit *each, void *context, struct error *error)
{
    struct arena arena;
    struct buffer plain;
    struct walk walk;
    struct slice source;
    struct ledger_end end;
    uint64_t rest = 0;
    bool found = true, is_told = false;
    bool ok = end_load(ledger, &end, &is_told, error);
    arena_init(&arena);
    buffer_init(&plain, ENTRY_BYTES_MAX);
    walk_begin(&walk, ledger, 0);
    for (uint64_t number = 1; ok && number <= last; number++) {
        struct line line;
        const char *why = "another entry stands in its place";
        ok = walk_next(&walk, &source, &found, &rest, error);
        if (ok && !found && number <= end.tree.size)
            ok = tell_damaged(ledger, &walk, number, end.tree.size, "the log ends before it", error);
        if (!ok || !found)
            break;
        if (number < first)
            continue;
        arena_clear(&arena);
        if (!line_read(source, &arena, &line, &why) || line.number != number) {
            ok = tell_damaged(ledger, &walk, number, end.tree.size, why, error);
            break;
        }
        ok = visit_line(ledger, &line, &arena, &plain, each, context, error);
    }
    walk_end(&walk);
    buffer_release(&plain);
    arena_release(&arena);
    return ok;
}

struct finding {
    ledger_visit *take;
    void *context;
    bool found;
};

static bool take_found(void *context, const struct ledger_entry *entry, struct error *error)
{
    struct finding *finding = context;
    finding->found = true;
    return finding->take(finding->context, entry, error);
}

bool no_entry(uint64_t number, struct error *error)
{
    error_set(error, ERROR_NOT_FOUND, "the audit log has no entry %llu", (unsigned long long)number);
    return error_hint(error, "`assay log list` shows those that there are.");
}

bool ledger_find(struct ledger *ledger, uint64_t number, ledger_visit *take, void *context, struct error *error)
{
    struct finding finding = {take, context, false};
    if (!ledger_each(ledger, number, number, take_found, &finding, error))
        return false;
    return finding.found || no_entry(number, error);
}

bool ledger_text(struct ledger *ledger, struct slice hash, struct buffer *out, bool *found, struct error *error)
{
    struct arena arena;
    struct tree_hash ignored;
    *found = false;
    if (!hash_read(hash, &ignored))
        return true;
    arena_init(&arena);
    const char *path = text_path(ledger, &arena, hash);
    *found = file_exists(path);
    bool ok = !*found || file_read(path, ENTRY_BYTES_MAX, out, error);
    arena_release(&arena);
    return ok;
}
