/* prove.c - the log's head, and proofs against it for whoever has no more than one. */
#include "log_parts.h"
#include <stdlib.h>

struct leaves {
    struct tree_hash *items;
    size_t count, capacity;
};

/* No tree is made of entries some of which are damaged. */
static bool take_leaf(void *context, const struct ledger_entry *entry, struct error *error)
{
    struct leaves *leaves = context;
    if (!ledger_is_sound(entry, error))
        return false;
    leaves->items = memory_more(leaves->items, leaves->count, &leaves->capacity, sizeof(*leaves->items));
    return hash_read(slice_from(entry->hash), &leaves->items[leaves->count++]);
}

static bool take_number(void *context, const struct ledger_entry *entry, struct error *error)
{
    uint64_t *last = context;
    (void)error;
    *last = entry->number;
    return true;
}

bool ledger_head(struct ledger *ledger, struct ledger_head *head, struct error *error)
{
    struct leaves leaves = {0};
    struct ledger_end end;
    bool is_told = false;
    bool ok = end_load(ledger, &end, &is_told, error);
    struct tree_hash root = tree_root(&end.tree);
    head->entries = end.tree.size;
    if (ok && !is_told) { /* it is lost, or there is none yet */
        ok = ledger_each(ledger, 1, UINT64_MAX, take_leaf, &leaves, error);
        root = tree_root_of(leaves.items, leaves.count);
        head->entries = leaves.count;
        struct error ignored;
        if (!ok && error->kind == ERROR_CORRUPT) /* those who list them need to know how many */
            (void)!ledger_each(ledger, 1, UINT64_MAX, take_number, &head->entries, &ignored);
    }
    hash_text(&root, head->root);
    free(leaves.items);
    return ok;
}

static void write_proof(struct json_writer *json, const struct leaves *leaves, const struct tree_hash *proof, size_t count)
{
    char text[LEDGER_HASH_TEXT_BYTES];
    struct tree_hash root = tree_root_of(leaves->items, leaves->count);
    json_integers(json, &(struct json_integer_member){"entries", (int64_t)leaves->count}, 1);
    hash_text(&root, text);
    json_texts(json, &(struct json_text_member){"root", text}, 1);
    json_key(json, "proof");
    json_array_begin(json);
    for (size_t i = 0; i < count; i++) {
        hash_text(&proof[i], text);
        json_text(json, slice_from(text));
    }
    json_array_end(json);
}

static bool tell_absent(uint64_t number, size_t count, struct error *error)
{
    error_set(error, ERROR_NOT_FOUND, "the audit log has %zu entries, and no entry %llu", count, (unsigned long long)number);
    return error_hint(error, "`assay log list` shows those that there are.");
}

bool ledger_prove(struct ledger *ledger, uint64_t number, struct buffer *out, struct error *error)
{
    struct leaves leaves = {0};
    struct json_writer json;
    struct tree_hash proof[TREE_DEPTH_MAX];
    char text[LEDGER_HASH_TEXT_BYTES];
    bool ok = ledger_each(ledger, 1, UINT64_MAX, take_leaf, &leaves, error);
    if (ok && (number == 0 || number > leaves.count))
        ok = tell_absent(number, leaves.count, error);
    if (ok) {
        size_t count = tree_prove_leaf(leaves.items, leaves.count, (size_t)number - 1, proof);
        hash_text(&leaves.items[number - 1], text);
        json_writer_init(&json, out);
        json_object_begin(&json);
        json_integers(&json,
                      (const struct json_integer_member[]){{"entry", (int64_t)number}, {"leaf_index", (int64_t)number - 1}}, 2);
        json_texts(&json, &(struct json_text_member){"leaf", text}, 1);
        write_proof(&json, &leaves, proof, count);
        json_object_end(&json);
        ok = buffer_finish(out, "a proof", error);
    }
    free(leaves.items);
    return ok;
}

bool ledger_prove_growth(struct ledger *ledger, uint64_t before, struct buffer *out, struct error *error)
{
    struct leaves leaves = {0};
    struct json_writer json;
    struct tree_hash proof[TREE_DEPTH_MAX];
    char text[LEDGER_HASH_TEXT_BYTES];
    bool ok = ledger_each(ledger, 1, UINT64_MAX, take_leaf, &leaves, error);
    if (ok && (before == 0 || before > leaves.count))
        ok = tell_absent(before, leaves.count, error);
    if (ok) {
        size_t count = tree_prove_growth(leaves.items, (size_t)before, leaves.count, proof);
        struct tree_hash root = tree_root_of(leaves.items, (size_t)before);
        hash_text(&root, text);
        json_writer_init(&json, out);
        json_object_begin(&json);
        json_integers(&json, &(struct json_integer_member){"entries_before", (int64_t)before}, 1);
        json_texts(&json, &(struct json_text_member){"root_before", text}, 1);
        write_proof(&json, &leaves, proof, count);
        json_object_end(&json);
        ok = buffer_finish(out, "a proof", error);
    }
    free(leaves.items);
    return ok;
}
