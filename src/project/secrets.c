/* secrets.c - making keys, revoking them, and knowing one by its secret.
 *
 *   assay_  32 characters       6 characters
 *           160 random bits     the first 30 bits of the SHA-256 of what stands before, so that a slip of the pen is told from a
 *                               wrong key, and scanners can tell a secret from a word
 *
 * Both in base 32 as RFC 4648 has it, in small letters. The catalog keeps the SHA-256 of the whole. */
#include "parts.h"
#include "text/text.h"
#include <assert.h>
#include <sodium.h>
#include <string.h>

enum { RANDOM_BYTES = 20, RANDOM_LETTERS = 32, CHECK_LETTERS = 6, HINT_BYTES = 10 };

static const char prefix[] = "assay_";
_Static_assert(sizeof(prefix) - 1 + RANDOM_LETTERS + CHECK_LETTERS + 1 == PROJECT_SECRET_BYTES, "the size of a secret");

/* Letters for the first 5 * count bits. */
static void write_letters(char *out, const unsigned char *bytes, size_t count)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    for (size_t i = 0; i < count; i++) {
        size_t bit = 5 * i;
        unsigned pair = (unsigned)bytes[bit / 8] << 8 | (bit / 8 + 1 < RANDOM_BYTES ? bytes[bit / 8 + 1] : 0);
        out[i] = letters[pair >> (11 - bit % 8) & 31];
    }
}

static void hash_text(const char *text, size_t size, unsigned char hash[STORE_HASH_BYTES])
{
    crypto_hash_sha256(hash, (const unsigned char *)text, size);
}

static bool make_secret(char secret[PROJECT_SECRET_BYTES], unsigned char hash[STORE_HASH_BYTES], struct error *error)
{
    unsigned char bytes[RANDOM_BYTES];
    size_t size = sizeof(prefix) - 1;
    if (sodium_init() < 0)
        return error_set(error, ERROR_IO, "no random numbers to be had from the system");
    randombytes_buf(bytes, sizeof(bytes));
    memcpy(secret, prefix, size);
    write_letters(secret + size, bytes, RANDOM_LETTERS);
    size += RANDOM_LETTERS;
    hash_text(secret, size, hash);
    write_letters(secret + size, hash, CHECK_LETTERS);
    size += CHECK_LETTERS;
    secret[size] = '\0';
    hash_text(secret, size, hash);
    sodium_memzero(bytes, sizeof(bytes));
    return true;
}

static bool check_secret(struct slice secret, struct error *error)
{
    unsigned char hash[STORE_HASH_BYTES];
    char check[CHECK_LETTERS];
    size_t size = PROJECT_SECRET_BYTES - 1 - CHECK_LETTERS;
    if (secret.size != PROJECT_SECRET_BYTES - 1 || !slice_starts_with(secret, SLICE("assay_"))) {
        error_set(error, ERROR_INVALID, "this is not a key of assay: one begins with assay_ and has %d characters",
                  PROJECT_SECRET_BYTES - 1);
        return error_hint(error, "Copy it once more, from its first character to its last.");
    }
    hash_text(secret.data, size, hash);
    write_letters(check, hash, CHECK_LETTERS);
    if (memcmp(check, secret.data + size, CHECK_LETTERS) == 0)
        return true;
    error_set(error, ERROR_INVALID, "the key is not whole: its last characters do not fit the others");
    return error_hint(error, "Copy it once more, from its first character to its last.");
}

bool project_principal_of(struct project *project, struct slice secret, struct arena *arena, struct store_principal *principal,
                          struct error *error)
{
    unsigned char hash[STORE_HASH_BYTES];
    if (!check_secret(secret, error))
        return false;
    hash_text(secret.data, secret.size, hash);
    return store_principal_of(project->store, hash, clock_wall_ns(), arena, principal, error);
}

static bool is_name_byte(char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte != '\0' && strchr("-_.@", byte) != NULL);
}

static bool note_secret(void *context, enum sensitive_kind kind, size_t start, size_t end)
{
    bool *has_secret = context;
    (void)start;
    (void)end;
    *has_secret = *has_secret || kind == SENSITIVE_PRIVATE_KEY || kind == SENSITIVE_ACCESS_KEY || kind == SENSITIVE_TOKEN ||
                  kind == SENSITIVE_SECRET;
    return true;
}

/* Names stand in logs and lists: a secret that was put in the place of one is not written down, and not repeated. */
static bool check_no_secret(struct slice name, struct error *error)
{
    bool has_secret = slice_starts_with(name, slice_from(prefix)) && name.size >= PROJECT_SECRET_BYTES / 2;
    (void)sensitive_each(name, note_secret, &has_secret);
    if (!has_secret)
        return true;
    error_set(error, ERROR_INVALID, "the name of the new key looks like a secret, and names are shown in logs and lists");
    return error_hint(error, "Give a name that says who or what the key is for: `assay key add shop --groups sales`.");
}

static bool check_name(struct slice name, struct error *error)
{
    if (slice_equal_text(name, "owner")) {
        error_set(error, ERROR_INVALID, "a key cannot be called \"owner\": in the audit log that is who asks without a key");
        return error_hint(error, "Choose another name, such as \"owner-key\".");
    }
    bool ok = name.size > 0 && name.size <= LIMIT_KEY_NAME_BYTES && strchr("-_.@", name.data[0]) == NULL;
    for (size_t i = 0; ok && i < name.size; i++)
        ok = is_name_byte(name.data[i]);
    if (!check_no_secret(name, error))
        return false;
    if (ok)
        return true;
    error_set(error, ERROR_INVALID, "\"%.*s\" cannot be the name of a key", (int)(name.size < 80 ? name.size : 80), name.data);
    return error_hint(error, "A name has 1 to %zu of these: letters, digits, and - _ . @; it begins with a letter or digit",
                      LIMIT_KEY_NAME_BYTES);
}

static bool check_groups(const struct slice *groups, size_t count, struct error *error)
{
    size_t bad_at;
    if (count > LIMIT_KEY_GROUPS)
        return error_set(error, ERROR_LIMIT, "the key has %zu groups, the limit is %zu", count, LIMIT_KEY_GROUPS);
    for (size_t i = 0; i < count; i++) {
        bool ok = groups[i].size > 0 && groups[i].size <= LIMIT_LABEL_BYTES && text_is_utf8(groups[i], &bad_at);
        for (size_t at = 0; ok && at < groups[i].size; at++)
            ok = (unsigned char)groups[i].data[at] >= ' ' && groups[i].data[at] != 0x7F;
        if (!ok) {
            error_set(error, ERROR_INVALID, "group number %zu is empty, too long, or no text of one line", i + 1);
            return error_hint(error, "A group is the name of a label, with at most %zu bytes.", LIMIT_LABEL_BYTES);
        }
    }
    return true;
}

/* Changes keys in a transaction of its own, through a connection that may write, whatever the project was opened for. */
struct key_change {
    struct store *store;
    bool is_own;
};

static bool change_begin(struct project *project, struct key_change *change, struct error *error)
{
    struct arena arena;
    *change = (struct key_change){project->store, project->mode == STORE_READ};
    arena_init(&arena);
    bool ok = !change->is_own || store_open(&change->store, state_path(&arena, project, "assay.db"), STORE_WRITE, error);
    arena_release(&arena);
    if (!ok)
        return false;
    if (store_begin(change->store, STORE_WRITE, error))
        return true;
    if (change->is_own)
        store_close(change->store);
    return false;
}

static bool change_end(struct key_change *change, bool ok, struct error *error)
{
    ok = ok && store_commit(change->store, error);
    store_rollback(change->store);
    if (change->is_own)
        store_close(change->store);
    return ok;
}

bool project_key_add(struct project *project, struct slice name, const struct slice *groups, size_t group_count,
                     int64_t expires_ns, char secret[PROJECT_SECRET_BYTES], struct error *error)
{
    struct store_key key = {.name = name, .created_ns = clock_wall_ns(), .expires_ns = expires_ns};
    struct key_change change;
    struct buffer joined;
    if (!check_name(name, error) || !check_groups(groups, group_count, error))
        return false;
    if (expires_ns != 0 && expires_ns <= key.created_ns)
        return error_set(error, ERROR_INVALID, "the key \"" SLICE_FORMAT "\" would have expired already", SLICE_ARGUMENT(name));
    if (!make_secret(secret, key.hash, error))
        return false;
    buffer_init(&joined, LIMIT_KEY_GROUPS * (LIMIT_LABEL_BYTES + 1));
    for (size_t i = 0; i < group_count; i++) {
        buffer_append_slice(&joined, groups[i]);
        buffer_append_byte(&joined, STORE_GROUP_SEPARATOR);
    }
    key.groups = buffer_slice(&joined);
    key.hint = (struct slice){secret, HINT_BYTES};
    bool ok = change_begin(project, &change, error) && change_end(&change, store_put_key(change.store, &key, error), error);
    buffer_release(&joined);
    return ok;
}

bool project_key_revoke(struct project *project, struct slice name, struct error *error)
{
    struct key_change change;
    return change_begin(project, &change, error) &&
           change_end(&change, store_revoke_key(change.store, name, clock_wall_ns(), error), error);
}
