/* verify.c - looks at every byte of the log, and names the first entry that is not as it was written.
 *
 *   head → keys → entries, one by one → texts
 *
 * Others may append and erase meanwhile. What the head tells of had its keys written, and written over, before the head: `keys`, read after it,
 * is right for these entries. For those behind it each key is looked up once its entry was seen; one that is to be erased, once nobody erases. */
#include "log_parts.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum { TEXTS_MAX = 1 << 24, IS_SEALED = 1, HAS_KEY = 2, IS_ERASED = 4 /* as the log says */ };
#define KEYS_BYTES_MAX (16 * GIB)

struct verifying {
    struct ledger *ledger;
    struct ledger_report *report;
    void (*each)(void *context, uint64_t number, const char *message);
    void *context;
    struct ledger_end end; /* of what was looked at */
    struct ledger_end told; /* as the head has it */
    bool is_told;
    bool has_no_keys; /* a copy without them: who asked what is not for whoever looks at it */
    const struct ledger_head *heads;
    size_t head_count;
    uint64_t vouched; /* a head from elsewhere fits up to here */
    struct buffer keys;
    unsigned char *flags; /* by entry, from 1 */
    size_t flag_count, flag_capacity;
    struct map texts; /* cited, and by which entry first */
    struct arena arena;
};

static void tell_bad(struct verifying *verifying, uint64_t number, const char *reason)
{
    struct ledger_report *report = verifying->report;
    report->first_bad = number;
    snprintf(report->reason, sizeof(report->reason), "%s", reason);
}

static void tell_problem(struct verifying *verifying, uint64_t number, const char *message)
{
    verifying->report->problems++;
    verifying->each(verifying->context, number, message);
}

/* ---- the tree ---- */

/* The head's root is another one: the peaks narrow it down. */
static void tell_other_root(struct verifying *verifying)
{
    const struct tree *found = &verifying->end.tree, *told = &verifying->told.tree;
    char reason[160];
    uint64_t first = 1, bit = UINT64_C(1) << (TREE_DEPTH_MAX - 1), last = found->size;
    for (size_t i = 0; bit > 0; bit >>= 1) {
        if ((found->size & bit) == 0)
            continue;
        last = first + bit - 1;
        if (!tree_hash_equal(&found->peaks[i], &told->peaks[i]))
            break;
        first += bit;
        i++;
    }
    snprintf(reason, sizeof(reason), "one of entries %llu to %llu is another than was written: the log's head has another root",
             (unsigned long long)first, (unsigned long long)last);
    tell_bad(verifying, first, reason);
}

/* Compares with whatever was written down of a log of this size. */
static bool fits_heads(struct verifying *verifying)
{
    uint64_t size = verifying->end.tree.size;
    struct tree_hash root = tree_root(&verifying->end.tree);
    char text[LEDGER_HASH_TEXT_BYTES], reason[160];
    hash_text(&root, text);
    for (size_t i = 0; i < verifying->head_count; i++) {
        if (verifying->heads[i].entries != size)
            continue;
        if (strcmp(verifying->heads[i].root, text) != 0) {
            snprintf(reason, sizeof(reason),
                     "one of entries %llu to %llu is not in the log that the head of %llu entries was taken from",
                     (unsigned long long)verifying->vouched + 1, (unsigned long long)size, (unsigned long long)size);
            tell_bad(verifying, verifying->vouched + 1, reason);
            return false;
        }
        verifying->vouched = size;
    }
    if (verifying->is_told && verifying->told.tree.size == size) {
        struct tree_hash told = tree_root(&verifying->told.tree);
        if (!tree_hash_equal(&root, &told)) {
            tell_other_root(verifying);
            return false;
        }
    }
    return true;
}

static bool is_head_size(const struct verifying *verifying)
{
    uint64_t size = verifying->end.tree.size;
    bool is_one = verifying->is_told && verifying->told.tree.size == size;
    for (size_t i = 0; i < verifying->head_count && !is_one; i++)
        is_one = verifying->heads[i].entries == size;
    return is_one;
}

/* ---- one entry ---- */

static void mark(struct verifying *verifying, uint64_t number, unsigned flags)
{
    while (verifying->flag_count <= number) {
        verifying->flags = memory_more(verifying->flags, verifying->flag_count, &verifying->flag_capacity, 1);
        verifying->flags[verifying->flag_count++] = 0;
    }
    verifying->flags[number] = (unsigned char)(verifying->flags[number] | flags);
}

/* As the file has it now. */
static enum key_state key_now(struct verifying *verifying, uint64_t number, unsigned char key[KEY_BYTES])
{
    enum key_state state;
    struct error ignored;
    return key_load(verifying->ledger, number, key, &state, &ignored) ? state : KEY_DAMAGED;
}

static enum key_state key_of(struct verifying *verifying, uint64_t number, unsigned char key[KEY_BYTES])
{
    struct slice keys = buffer_slice(&verifying->keys);
    uint64_t at = (number - 1) * KEY_LINE_BYTES;
    if (!verifying->is_told || number > verifying->told.tree.size)
        return key_now(verifying, number, key);
    return at + KEY_LINE_BYTES <= keys.size ? key_read(slice_range(keys, (size_t)at, (size_t)at + KEY_LINE_BYTES), key)
                                            : KEY_DAMAGED;
}

static void look_at_key(struct verifying *verifying, const struct line *line)
{
    unsigned char key[KEY_BYTES];
    char commitment[LEDGER_HASH_TEXT_BYTES];
    struct slice sealed = text_member(&line->root, "sealed");
    struct buffer plain;
    verifying->report->answers++;
    mark(verifying, line->number, IS_SEALED);
    if (verifying->has_no_keys) {
        mark(verifying, line->number, HAS_KEY);
        return;
    }
    enum key_state state = key_of(verifying, line->number, key);
    if (state == KEY_NONE)
        return;
    mark(verifying, line->number, HAS_KEY);
    buffer_init(&plain, ENTRY_BYTES_MAX);
    if (state == KEY_THERE)
        key_commitment(key, commitment);
    if (state == KEY_DAMAGED)
        tell_problem(verifying, line->number, "its key is lost or damaged: what is personal in it cannot be read");
    else if (!slice_equal_text(text_member(&line->root, "key"), commitment) || !unseal(sealed, line->number, key, &plain))
        tell_problem(verifying, line->number,
                     "its key is not the one it was written with: what is personal in it cannot be read");
    sodium_memzero(key, sizeof(key));
    buffer_release(&plain);
}

static void look_at_erased(struct verifying *verifying, const struct line *line)
{
    const struct json_value *runs = json_get(&line->root, "erased");
    for (size_t i = 0; runs != NULL && runs->kind == JSON_ARRAY && i < runs->count; i++) {
        const struct json_value *run = &runs->items[i];
        if (run->kind != JSON_ARRAY || run->count != 2 || run->items[0].integer < 1)
            continue;
        uint64_t first = (uint64_t)run->items[0].integer, last = (uint64_t)run->items[1].integer;
        for (uint64_t number = first; number <= last && number < line->number; number++)
            mark(verifying, number, IS_ERASED);
    }
}

static void look_at_texts(struct verifying *verifying, const struct line *line)
{
    const struct json_value *passages = json_get(&line->root, "passages"), *cited;
    for (size_t i = 0; passages != NULL && passages->kind == JSON_ARRAY && i < passages->count; i++) {
        cited = json_get(&passages->items[i], "cited");
        if (cited == NULL || !cited->boolean)
            continue;
        struct map_entry *text = map_put(&verifying->texts, text_member(&passages->items[i], "text_sha256"), NULL);
        if (text != NULL && (text->value == 0 || (verifying->flags[text->value] & HAS_KEY) == 0))
            text->value = line->number; /* of those that cite it, one that is not erased */
    }
}

/* A crash leaves at most one key more than there are entries. */
static void look_at_surplus(struct verifying *verifying, uint64_t entries, uint64_t keys)
{
    char message[200];
    if (keys <= entries + 1)
        return;
    snprintf(message, sizeof(message), "entries were cut off before it: there were %llu keys for %llu entries",
             (unsigned long long)keys, (unsigned long long)entries);
    tell_problem(verifying, entries + 1, message);
}

static void look_at(struct verifying *verifying, const struct line *line)
{
    if (line->kind == LEDGER_HEAD) {
        int64_t keys = integer_member(&line->root, "keys", 0);
        verifying->report->heads_lost++;
        look_at_surplus(verifying, line->number - 1, keys > 0 ? (uint64_t)keys : 0);
    }
    if (line->kind == LEDGER_ERASED)
        look_at_erased(verifying, line);
    if (line->kind != LEDGER_ANSWER)
        return;
    look_at_key(verifying, line);
    look_at_texts(verifying, line);
}

/* All lines, up to the first that is not as it was written. */
static bool walk_entries(struct verifying *verifying, struct error *error)
{
    struct walk walk;
    struct slice source;
    uint64_t rest = 0, whole = 0;
    bool ok = file_size(verifying->ledger->entries, &whole, error), found = true;
    walk_begin(&walk, verifying->ledger, 0);
    while (ok && verifying->report->first_bad == 0 && (!is_head_size(verifying) || fits_heads(verifying))) {
        struct line line;
        const char *why = "";
        arena_clear(&verifying->arena);
        ok = walk_next(&walk, &source, &found, &rest, error);
        if (!ok || !found)
            break;
        if (line_read(source, &verifying->arena, &line, &why) && end_take(&verifying->end, &line, source.size + 1, &why)) {
            look_at(verifying, &line);
            continue;
        }
        /* The last one, which the head does not know: a crash has left it, or it is being written. */
        bool is_known = verifying->is_told && verifying->end.tree.size < verifying->told.tree.size;
        if (walk.at >= whole && !is_known)
            rest = source.size + 1;
        else
            tell_bad(verifying, verifying->end.tree.size + 1, why);
        break;
    }
    walk_end(&walk);
    verifying->report->torn_bytes = rest;
    return ok;
}

static void look_for_missing(struct verifying *verifying)
{
    uint64_t size = verifying->end.tree.size, wanted = verifying->is_told ? verifying->told.tree.size : 0;
    char reason[128];
    for (size_t i = 0; i < verifying->head_count; i++)
        wanted = verifying->heads[i].entries > wanted ? verifying->heads[i].entries : wanted;
    if (verifying->report->first_bad != 0 || size >= wanted)
        return;
    snprintf(reason, sizeof(reason), "it is not there: the log had %llu entries", (unsigned long long)wanted);
    tell_bad(verifying, size + 1, reason);
}

/* ---- what lies beside ---- */

/* Of a copy without keys what the log itself says is all that is known. */
static void count_erased(struct verifying *verifying)
{
    for (size_t number = 1; number < verifying->flag_count; number++)
        verifying->report->erased += (verifying->flags[number] & IS_SEALED) != 0 && (verifying->flags[number] & IS_ERASED) != 0;
    verifying->each(verifying->context, 0,
                    "this copy has no keys, so what is personal was not looked at; all else is vouched for by the hashes");
}

static void look_at_erasures(struct verifying *verifying)
{
    struct file_lock lock = {.descriptor = -1};
    if (verifying->has_no_keys) {
        count_erased(verifying);
        return;
    }
    for (size_t number = 1; number < verifying->flag_count; number++) {
        unsigned flags = verifying->flags[number];
        unsigned char key[KEY_BYTES];
        if ((flags & IS_SEALED) == 0)
            continue;
        if ((flags & HAS_KEY) != 0 && (flags & IS_ERASED) != 0) {
            struct error ignored; /* a copy that cannot be written has no writer either */
            if (lock.descriptor < 0 && file_exists(verifying->ledger->lock))
                (void)!file_lock_wait(&lock, verifying->ledger->lock, "audit log", &ignored);
            if (key_now(verifying, number, key) == KEY_NONE) /* it was erased while we were reading */
                flags &= ~(unsigned)HAS_KEY;
            sodium_memzero(key, sizeof(key));
            verifying->flags[number] = (unsigned char)flags;
        }
        verifying->report->erased += (flags & HAS_KEY) == 0;
        if ((flags & HAS_KEY) == 0 && (flags & IS_ERASED) == 0 &&
            verifying->report->first_bad == 0) /* else it may say so further on */
            tell_problem(verifying, number, "its key was erased, and the log does not say so");
        if ((flags & HAS_KEY) != 0 && (flags & IS_ERASED) != 0)
            tell_problem(verifying, number, "the log says that it was erased, and its key is still there: erase it again");
    }
    file_lock_release(&lock);
}

/* Those that no other entry cites go with an erasure, maybe after its entry was looked at. */
static bool may_be_gone(struct verifying *verifying, uint64_t number)
{
    unsigned char key[KEY_BYTES];
    if (verifying->has_no_keys)
        return (verifying->flags[number] & IS_ERASED) != 0;
    bool is_erased = (verifying->flags[number] & HAS_KEY) == 0 || key_now(verifying, number, key) == KEY_NONE;
    sodium_memzero(key, sizeof(key));
    return is_erased;
}

static bool look_at_kept_texts(struct verifying *verifying, struct error *error)
{
    struct buffer text;
    bool ok = true;
    buffer_init(&text, ENTRY_BYTES_MAX);
    for (size_t i = 0; i < verifying->texts.count && ok; i++) {
        const struct map_entry *cited = &verifying->texts.entries[i];
        unsigned char hash[LEDGER_HASH_BYTES];
        char name[LEDGER_HASH_TEXT_BYTES], message[160];
        bool found = false;
        buffer_clear(&text);
        ok = ledger_text(verifying->ledger, cited->key, &text, &found, error);
        crypto_hash_sha256(hash, (const unsigned char *)text.data, text.size);
        hash_bytes_text(hash, name);
        bool is_right = found && slice_equal_text(cited->key, name);
        verifying->report->texts += is_right;
        if (!ok || is_right || (!found && may_be_gone(verifying, cited->value)))
            continue;
        snprintf(message, sizeof(message), "the text that it cites, " SLICE_FORMAT ", %s", SLICE_ARGUMENT(cited->key),
                 found ? "is not as it was kept" : "is not there");
        tell_problem(verifying, cited->value, message);
    }
    buffer_release(&text);
    return ok;
}

bool ledger_verify(struct ledger *ledger, const struct ledger_head *heads, size_t head_count,
                   void (*each)(void *context, uint64_t number, const char *message), void *context,
                   struct ledger_report *report, struct error *error)
{
    struct verifying verifying = {
        .ledger = ledger, .report = report, .each = each, .context = context, .heads = heads, .head_count = head_count};
    *report = (struct ledger_report){0};
    verifying.has_no_keys = ledger->options.is_copy && !file_exists(ledger->keys);
    arena_init(&verifying.arena);
    buffer_init(&verifying.keys, KEYS_BYTES_MAX);
    map_init(&verifying.texts, TEXTS_MAX);
    bool ok = end_load(ledger, &verifying.told, &verifying.is_told, error) &&
              (!file_exists(ledger->keys) || file_read(ledger->keys, KEYS_BYTES_MAX, &verifying.keys, error)) &&
              walk_entries(&verifying, error);
    if (ok && !verifying.is_told && verifying.end.tree.size > 0)
        tell_problem(&verifying, 0, "the log's head is lost or damaged: entries missing at its end would not show");
    if (ok) {
        look_for_missing(&verifying);
        if (report->first_bad == 0)
            look_at_surplus(&verifying, verifying.end.tree.size, verifying.keys.size / KEY_LINE_BYTES);
        look_at_erasures(&verifying);
        ok = look_at_kept_texts(&verifying, error);
    }
    struct tree_hash root = tree_root(&verifying.end.tree);
    hash_text(&root, report->root);
    report->entries = verifying.end.tree.size;
    free(verifying.flags);
    map_release(&verifying.texts);
    buffer_release(&verifying.keys);
    arena_release(&verifying.arena);
    return ok;
}
