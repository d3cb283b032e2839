/* erase.c - making what is personal unreadable for ever, by writing over its key. The entries stay, so the chain and the tree do too.
 *
 * First the log says which entries are erased, durably; then their keys go. A crash between the two leaves a key that ought to be gone, which
 * `assay log verify` tells and the same command mends. */
#include "log_parts.h"
#include <stdlib.h>

#define DAY_NS (INT64_C(86400) * 1000000000)

/* Numbers of entries, ascending. */
struct numbers {
    uint64_t *items;
    size_t count, capacity;
};

static void add_number(struct numbers *numbers, uint64_t number)
{
    numbers->items = memory_more(numbers->items, numbers->count, &numbers->capacity, sizeof(*numbers->items));
    numbers->items[numbers->count++] = number;
}

/* "erased":[[3,3],[7,12]]: runs of numbers, so that a year's entries take one line. */
static bool write_erased(void *context, uint64_t number, struct json_writer *json, struct error *error)
{
    const struct numbers *numbers = context;
    (void)number;
    (void)error;
    json_key(json, "erased");
    json_array_begin(json);
    for (size_t i = 0; i < numbers->count;) {
        size_t last = i;
        while (last + 1 < numbers->count && numbers->items[last + 1] == numbers->items[last] + 1)
            last++;
        json_array_begin(json);
        json_integer(json, (int64_t)numbers->items[i]);
        json_integer(json, (int64_t)numbers->items[last]);
        json_array_end(json);
        i = last + 1;
    }
    json_array_end(json);
    return true;
}

static bool erase_numbers(struct ledger *ledger, struct ledger_end *end, struct numbers *numbers, struct error *error)
{
    const struct entry_writer writer = {.kind = "erased", .write = write_erased, .context = numbers};
    struct error ignored;
    if (numbers->count == 0)
        return true;
    bool ok = entry_append(ledger, end, &writer, error);
    for (size_t i = 0; i < numbers->count && ok; i++)
        ok = key_write(ledger, numbers->items[i], NULL, i + 1 == numbers->count, error); /* the last one syncs all */
    if (ok)
        (void)!end_save(ledger, end, &ignored);
    return ok;
}

bool erase_by_age(struct ledger *ledger, struct ledger_end *end, struct error *error)
{
    struct numbers old = {0};
    struct arena arena;
    struct walk walk;
    bool ok = true, is_due = false, found = false;
    int64_t now_ns = clock_wall_ns(), limit_ns = now_ns - (int64_t)ledger->options.keep_days * DAY_NS;
    size_t certain = 0; /* of `old` */
    if (ledger->options.keep_days == 0)
        return true;
    arena_init(&arena);
    walk_begin(&walk, ledger, end->kept_at);
    uint64_t kept = end->kept, kept_at = end->kept_at, rest = 0;
    for (uint64_t number = kept; ok && number < end->tree.size; number++) {
        struct line line;
        struct slice source;
        const char *why;
        arena_clear(&arena);
        ok = walk_next(&walk, &source, &found, &rest, error);
        /* A damaged one keeps nobody from asking: `assay log verify` tells it. */
        if (!ok || !found || !line_read(source, &arena, &line, &why))
            break;
        bool is_ahead = line.at_ns > now_ns; /* the clock was wrong: it is older than what stands behind it */
        is_due = is_due || (!is_ahead && line.at_ns < limit_ns - DAY_NS); /* once a day is often enough */
        if (!is_ahead && (line.at_ns >= limit_ns || !is_due))
            break;
        if (line.kind == LEDGER_ANSWER)
            add_number(&old, line.number);
        if (is_ahead)
            continue;
        certain = old.count;
        kept = number + 1;
        kept_at = walk.at;
    }
    old.count = certain;
    if (ok && is_due) {
        end->kept = kept;
        end->kept_at = kept_at;
        ok = erase_numbers(ledger, end, &old, error);
    }
    free(old.items);
    walk_end(&walk);
    arena_release(&arena);
    return ok;
}

/* ---- by request ---- */

struct choosing {
    const struct ledger_erase *which;
    struct numbers chosen;
    struct map cited; /* texts of entries that are kept */
    struct map loose; /* of entries that are erased */
};

enum { TEXTS_MAX = 1 << 24 };

static bool is_chosen(const struct ledger_erase *which, const struct ledger_entry *entry)
{
    bool has_number = which->numbers == NULL;
    for (size_t i = 0; i < which->number_count && !has_number; i++)
        has_number = which->numbers[i] == entry->number;
    return has_number && (which->before_ns == 0 || entry->at_ns < which->before_ns) &&
           (which->asker.size == 0 ||
            (entry->personal != NULL && slice_equal(text_member(entry->personal, "asker"), which->asker)));
}

static void note_texts(struct map *texts, const struct ledger_entry *entry)
{
    const struct json_value *passages = json_get(entry->record, "passages"), *cited;
    for (size_t i = 0; passages != NULL && passages->kind == JSON_ARRAY && i < passages->count; i++)
        if ((cited = json_get(&passages->items[i], "cited")) != NULL && cited->boolean)
            (void)map_put(texts, text_member(&passages->items[i], "text_sha256"), NULL);
}

static bool choose(void *context, const struct ledger_entry *entry, struct error *error)
{
    struct choosing *choosing = context;
    if (!ledger_is_sound(entry, error)) /* whose it was, and which texts it cites, nobody knows */
        return false;
    if (entry->kind != LEDGER_ANSWER)
        return true;
    bool goes = entry->state != LEDGER_CONTENT_ERASED && is_chosen(choosing->which, entry);
    if (goes)
        add_number(&choosing->chosen, entry->number);
    note_texts(goes || entry->state == LEDGER_CONTENT_ERASED ? &choosing->loose : &choosing->cited, entry);
    return true;
}

/* Texts that only erased entries cite. */
static bool sweep_texts(struct ledger *ledger, const struct choosing *choosing, struct error *error)
{
    struct arena arena;
    struct tree_hash ignored;
    bool ok = true;
    arena_init(&arena);
    for (size_t i = 0; i < choosing->loose.count && ok; i++) {
        struct slice hash = choosing->loose.entries[i].key;
        if (hash_read(hash, &ignored) && map_get(&choosing->cited, hash) == NULL)
            ok = file_remove(text_path(ledger, &arena, hash), error);
    }
    arena_release(&arena);
    return ok;
}

static bool all_are_there(const struct ledger_erase *which, uint64_t last, struct error *error)
{
    for (size_t i = 0; i < which->number_count; i++)
        if (which->numbers[i] < 1 || which->numbers[i] > last)
            return no_entry(which->numbers[i], error);
    return true;
}

bool ledger_erase(struct ledger *ledger, const struct ledger_erase *which, uint64_t *erased, struct error *error)
{
    struct choosing choosing = {.which = which};
    struct ledger_end end;
    struct file_lock lock;
    map_init(&choosing.cited, TEXTS_MAX);
    map_init(&choosing.loose, TEXTS_MAX);
    bool ok = ledger_lock(ledger, &lock, error) && end_find(ledger, &end, error) &&
              all_are_there(which, end.tree.size, error) && ledger_each(ledger, 1, end.tree.size, choose, &choosing, error) &&
              erase_numbers(ledger, &end, &choosing.chosen, error) && sweep_texts(ledger, &choosing, error);
    *erased = choosing.chosen.count;
    file_lock_release(&lock);
    map_release(&choosing.cited);
    map_release(&choosing.loose);
    free(choosing.chosen.items);
    return ok;
}
