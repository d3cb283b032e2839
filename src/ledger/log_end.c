/* log_end.c - the file that says where the log ends: so that one entry more costs the same however many there are, and a log that lost its last
 * entries shows.
 *
 * It is written after the entry it tells of is durable, and itself not synced: after a power loss it may be an older one, and the entries behind are
 * read. That it tells of more than there is happens by no crash. */
#include "log_parts.h"
#include <sodium.h>
#include <stdio.h>

enum { HEAD_BYTES = 4096 }; /* one page: read and written at once */

void hash_bytes_text(const unsigned char hash[LEDGER_HASH_BYTES], char text[LEDGER_HASH_TEXT_BYTES])
{
    sodium_bin2hex(text, LEDGER_HASH_TEXT_BYTES, hash, LEDGER_HASH_BYTES);
}

void hash_text(const struct tree_hash *hash, char text[LEDGER_HASH_TEXT_BYTES])
{
    hash_bytes_text(hash->bytes, text);
}

/* Small letters only: one hash has one text. */
bool hash_read(struct slice text, struct tree_hash *hash)
{
    if (text.size != HASH_TEXT)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        char letter = text.data[i];
        bool is_digit = letter >= '0' && letter <= '9';
        if (!is_digit && (letter < 'a' || letter > 'f'))
            return false;
        unsigned value = (unsigned)(is_digit ? letter - '0' : letter - 'a' + 10);
        hash->bytes[i / 2] = (unsigned char)(i % 2 == 0 ? value << 4 : hash->bytes[i / 2] | value);
    }
    return true;
}

static void write_hash(struct buffer *out, const char *name, const struct tree_hash *hash)
{
    char text[LEDGER_HASH_TEXT_BYTES];
    hash_text(hash, text);
    buffer_format(out, "%s %s\n", name, text);
}

static struct tree_hash sum_of(struct slice text)
{
    struct tree_hash sum;
    crypto_hash_sha256(sum.bytes, (const unsigned char *)text.data, text.size);
    return sum;
}

void end_write(const struct ledger_end *end, struct buffer *out)
{
    struct tree_hash root = tree_root(&end->tree);
    buffer_format(out, "assay log head 1\nentries %llu\nbytes %llu\nlast_at %llu\nkept %llu\nkept_at %llu\n",
                  (unsigned long long)end->tree.size, (unsigned long long)end->bytes, (unsigned long long)end->last_at,
                  (unsigned long long)end->kept, (unsigned long long)end->kept_at);
    write_hash(out, "root", &root);
    write_hash(out, "last", &end->last);
    for (size_t i = 0; i < tree_peak_count(end->tree.size); i++)
        write_hash(out, "peak", &end->tree.peaks[i]);
    struct tree_hash sum = sum_of(buffer_slice(out));
    write_hash(out, "sum", &sum);
}

static bool take_number(struct slice *rest, const char *name, uint64_t *number)
{
    struct slice line, word;
    return slice_next(rest, '\n', &line) && slice_next(&line, ' ', &word) && slice_equal_text(word, name) &&
           slice_to_u64(line, number);
}

static bool take_hash(struct slice *rest, const char *name, struct tree_hash *hash)
{
    struct slice line, word;
    return slice_next(rest, '\n', &line) && slice_next(&line, ' ', &word) && slice_equal_text(word, name) &&
           hash_read(line, hash);
}

bool end_read(struct slice source, struct ledger_end *end)
{
    struct slice rest = source, line;
    struct tree_hash root, sum;
    *end = (struct ledger_end){0};
    if (!slice_next(&rest, '\n', &line) || !slice_equal_text(line, "assay log head 1") ||
        !take_number(&rest, "entries", &end->tree.size) || end->tree.size >= UINT64_C(1) << (TREE_DEPTH_MAX - 1) ||
        !take_number(&rest, "bytes", &end->bytes) || !take_number(&rest, "last_at", &end->last_at) ||
        !take_number(&rest, "kept", &end->kept) || !take_number(&rest, "kept_at", &end->kept_at) ||
        !take_hash(&rest, "root", &root) || !take_hash(&rest, "last", &end->last))
        return false;
    for (size_t i = 0; i < tree_peak_count(end->tree.size); i++)
        if (!take_hash(&rest, "peak", &end->tree.peaks[i]))
            return false;
    struct tree_hash right_sum = sum_of(slice_range(source, 0, (size_t)(rest.data - source.data)));
    if (!take_hash(&rest, "sum", &sum) || !tree_hash_equal(&sum, &right_sum))
        return false;
    struct tree_hash right_root = tree_root(&end->tree);
    return slice_trim(rest).size == 0 && tree_hash_equal(&root, &right_root) && end->last_at <= end->bytes &&
           end->bytes <= INT64_MAX && end->kept_at <= end->bytes && end->kept <= end->tree.size;
}

bool end_load(struct ledger *ledger, struct ledger_end *end, bool *is_told, struct error *error)
{
    struct buffer text;
    bool ok = true;
    buffer_init(&text, HEAD_BYTES);
    *is_told = false;
    /* One that is being written this moment may be torn: looked at again. */
    for (int tries = 0; tries < 3 && ok && !*is_told && file_exists(ledger->head); tries++) {
        buffer_clear(&text);
        ok = file_read_at(ledger->head, 0, HEAD_BYTES, &text, error);
        *is_told = ok && end_read(buffer_slice(&text), end);
    }
    if (!*is_told)
        *end = (struct ledger_end){0};
    buffer_release(&text);
    return ok;
}

bool end_save(struct ledger *ledger, const struct ledger_end *end, struct error *error)
{
    struct buffer text;
    buffer_init(&text, HEAD_BYTES);
    end_write(end, &text);
    while (text.size < HEAD_BYTES && !text.failed)
        buffer_append_byte(&text, text.size + 1 < HEAD_BYTES ? ' ' : '\n');
    bool ok = buffer_finish(&text, "the log's head", error) &&
              file_write_at(ledger->head, 0, buffer_slice(&text), false, error);
    buffer_release(&text);
    return ok;
}

static bool read_head_line(struct slice line, struct arena *arena, struct ledger_head *head)
{
    struct tree_hash root;
    struct json_value document;
    struct error ignored;
    struct slice count;
    *head = (struct ledger_head){0};
    if (slice_starts_with(line, SLICE("{"))) {
        if (!json_read(line, "a head", arena, &document, &ignored))
            return false;
        int64_t entries = integer_member(&document, "entries", -1);
        head->entries = (uint64_t)entries;
        line = text_member(&document, "root");
        if (entries < 0)
            return false;
    } else if (!slice_next(&line, ' ', &count) || !slice_to_u64(count, &head->entries)) {
        return false;
    }
    if (!hash_read(line, &root))
        return false;
    hash_text(&root, head->root);
    return true;
}

bool ledger_heads_read(struct slice source, const char *name, struct arena *arena, struct ledger_head **heads, size_t *count,
                       struct error *error)
{
    struct slice line;
    size_t capacity = 0, number = 0;
    *heads = NULL;
    *count = 0;
    while (slice_next(&source, '\n', &line)) {
        struct ledger_head head;
        number++;
        line = slice_trim(line);
        if (line.size == 0)
            continue;
        if (!read_head_line(line, arena, &head)) {
            error_set(error, ERROR_INVALID, "%s:%zu: this is no head of a log", name, number);
            return error_hint(error, "`assay log head` prints one: how many entries, and 64 hexadecimal digits.");
        }
        *heads = arena_more(arena, *heads, *count, &capacity, sizeof(**heads));
        (*heads)[(*count)++] = head;
    }
    return *count > 0 || error_set(error, ERROR_INVALID, "\"%s\" has no head of a log in it", name);
}
