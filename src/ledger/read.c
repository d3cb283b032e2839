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

/* On its way through the entries. A line that is an entry says itself which one, so what was destroyed, left out or put between costs no others: of what
 * was put between, where no number is missing, `ledger_verify` alone tells. */
struct reading {
    struct ledger *ledger;
    uint64_t first, last; /* what is asked for */
    ledger_visit *each;
    void *context;
    uint64_t told; /* so many there are, says the head */
    uint64_t sound; /* the number of the last line that is an entry in its place */
    uint64_t strays; /* lines since then that are none */
    const char *why; /* of the last of these */
    struct arena arena;
    struct buffer plain;
};

static bool visit_line(struct reading *reading, const struct line *line, struct error *error)
{
    struct json_value personal;
    struct ledger_entry entry = {
        .number = line->number, .kind = line->kind, .at_ns = line->at_ns, .document = line->document, .record = &line->root};
    hash_text(&line->hash, entry.hash);
    return open_content(reading->ledger, line, &reading->arena, &reading->plain, &entry, &personal, error) &&
           reading->each(reading->context, &entry, error);
}

/* Those from here to there, as far as they are asked for. */
static bool visit_damaged(const struct reading *reading, uint64_t from, uint64_t to, const char *why, struct error *error)
{
    uint64_t number = from > reading->first ? from : reading->first;
    for (; number <= to && number <= reading->last; number++) {
        const struct ledger_entry entry = {.number = number,
                                           .kind = LEDGER_DAMAGED,
                                           .why = why,
                                           .state = LEDGER_CONTENT_LOST,
                                           .document = SLICE(""),
                                           .content = SLICE("")};
        if (!reading->each(reading->context, &entry, error))
            return false;
    }
    return true;
}

/* What a line says of itself, unproved; 0: nothing. */
static uint64_t number_told(struct slice source)
{
    static const char begin[] = "{\"entry\":";
    struct slice rest = slice_range(source, source.size < LINE_START_BYTES ? source.size : LINE_START_BYTES, source.size),
                 digits;
    uint64_t number = 0;
    if (!slice_starts_with(rest, slice_from(begin)))
        return 0;
    rest = slice_range(rest, sizeof(begin) - 1, rest.size);
    return slice_next(&rest, ',', &digits) && slice_to_u64(digits, &number) ? number : 0;
}

/* May an entry of this number come next? Some before it may be lost, but no more than have ever had a place in the file. */
static bool fits(const struct reading *reading, uint64_t number)
{
    uint64_t whole = 0;
    struct error ignored;
    if (number <= reading->sound)
        return false;
    return number == reading->sound + 1 || number <= reading->told ||
           (file_size(reading->ledger->entries, &whole, &ignored) && number <= whole / LINE_START_BYTES);
}

static bool take_line(struct reading *reading, struct slice source, struct error *error)
{
    struct line line;
    uint64_t number = number_told(source), next = reading->sound + 1, strays = reading->strays;
    const char *why = "another entry stands in its place";
    if (number >= next && number < reading->first) { /* nobody asks for it */
        reading->sound = number;
        reading->strays = 0;
        return true;
    }
    arena_clear(&reading->arena);
    if (!line_read(source, &reading->arena, &line, &why) || !fits(reading, line.number)) {
        reading->strays++;
        reading->why = why;
        return true;
    }
    reading->sound = line.number;
    reading->strays = 0;
    if (next < line.number &&
        !visit_damaged(reading, next, line.number - 1, strays > 0 ? reading->why : "it is not there", error))
        return false;
    return line.number < reading->first || line.number > reading->last || visit_line(reading, &line, error);
}

/* Behind the last line. A last one that is not whole is one that a crash left, of which nobody was told, unless the head knows of it. */
static bool take_end(struct reading *reading, uint64_t rest, struct error *error)
{
    uint64_t strays = reading->strays - (reading->strays > 0 && rest == 0), last = reading->sound + strays;
    if (last < reading->told)
        last = reading->told;
    return visit_damaged(reading, reading->sound + 1, last, reading->strays > 0 ? reading->why : "the log ends before it",
                         error);
}

bool ledger_each(struct ledger *ledger, uint64_t first, uint64_t last, ledger_visit *each, void *context, struct error *error)
{
    struct reading reading = {.ledger = ledger, .first = first, .last = last, .each = each, .context = context};
    struct walk walk;
    struct slice source;
    struct ledger_end end;
    uint64_t rest = 0;
    bool found = true, is_told = false;
    bool ok = end_load(ledger, &end, &is_told, error);
    reading.told = end.tree.size;
    arena_init(&reading.arena);
    buffer_init(&reading.plain, ENTRY_BYTES_MAX);
    walk_begin(&walk, ledger, 0);
    while (ok && found && reading.sound < last) {
        ok = walk_next(&walk, &source, &found, &rest, error);
        if (ok)
            ok = found ? take_line(&reading, source, error) : take_end(&reading, rest, error);
    }
    walk_end(&walk);
    buffer_release(&reading.plain);
    arena_release(&reading.arena);
    return ok;
}

bool ledger_is_sound(const struct ledger_entry *entry, struct error *error)
{
    if (entry->kind != LEDGER_DAMAGED)
        return true;
    error_set(error, ERROR_CORRUPT, "entry %llu of the audit log is damaged: %s", (unsigned long long)entry->number,
              entry->why);
    return error_hint(error, "`assay log verify` looks at all of them.");
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
    return ledger_is_sound(entry, error) && finding->take(finding->context, entry, error);
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
