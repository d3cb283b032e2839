/* sealed.c - what is personal in an entry, under a key of its own: XChaCha20-Poly1305, with the entry's number as what is vouched for besides. The
 * log has the ciphertext and the SHA-256 of the key; the file `keys` has the key, at a place that follows from the number:
 *
 *   64 hexadecimal digits ⏎     65 bytes an entry
 *   64 times "-" ⏎              no key: nothing is personal in it, or it was erased. It is written before such an entry: the key of one that a
 *                               crash tore off, whose bytes are kept, opens nothing then */
#include "log_parts.h"
#include <sodium.h>
#include <stdio.h>

_Static_assert(KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "the size of a key");

enum { NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES };

static size_t number_text(uint64_t number, char text[24])
{
    return (size_t)snprintf(text, 24, "%llu", (unsigned long long)number);
}

bool seal(struct slice plain, uint64_t number, const unsigned char key[KEY_BYTES], struct buffer *sealed, struct error *error)
{
    struct buffer raw;
    char beside[24];
    unsigned long long size = 0;
    size_t beside_size = number_text(number, beside);
    buffer_init(&raw, ENTRY_BYTES_MAX);
    unsigned char *room = buffer_reserve(&raw, NONCE_BYTES + plain.size + TAG_BYTES);
    size_t text_size = sodium_base64_ENCODED_LEN(NONCE_BYTES + plain.size + TAG_BYTES, sodium_base64_VARIANT_ORIGINAL);
    char *text = room != NULL ? buffer_reserve(sealed, text_size) : NULL;
    if (text != NULL) {
        randombytes_buf(room, NONCE_BYTES);
        crypto_aead_xchacha20poly1305_ietf_encrypt(room + NONCE_BYTES, &size, (const unsigned char *)plain.data, plain.size,
                                                   (const unsigned char *)beside, beside_size, NULL, room, key);
        sodium_bin2base64(text, text_size, room, NONCE_BYTES + (size_t)size, sodium_base64_VARIANT_ORIGINAL);
        sealed->size += text_size - 1;
    }
    bool ok = buffer_finish(&raw, "an entry of the log", error) && buffer_finish(sealed, "an entry of the log", error);
    buffer_release(&raw);
    return ok;
}

bool unseal(struct slice sealed, uint64_t number, const unsigned char key[KEY_BYTES], struct buffer *plain)
{
    struct buffer raw;
    char beside[24];
    size_t size = 0, beside_size = number_text(number, beside);
    unsigned long long plain_size = 0;
    bool ok = false;
    buffer_init(&raw, ENTRY_BYTES_MAX);
    unsigned char *room = buffer_reserve(&raw, sealed.size);
    if (room != NULL &&
        sodium_base642bin(room, sealed.size, sealed.data, sealed.size, NULL, &size, NULL, sodium_base64_VARIANT_ORIGINAL) ==
            0 &&
        size >= NONCE_BYTES + TAG_BYTES) {
        unsigned char *out = buffer_reserve(plain, size);
        ok = out != NULL &&
             crypto_aead_xchacha20poly1305_ietf_decrypt(out, &plain_size, NULL, room + NONCE_BYTES, size - NONCE_BYTES,
                                                        (const unsigned char *)beside, beside_size, room, key) == 0;
        plain->size += ok ? (size_t)plain_size : 0;
    }
    buffer_release(&raw);
    return ok;
}

void key_commitment(const unsigned char key[KEY_BYTES], char text[LEDGER_HASH_TEXT_BYTES])
{
    unsigned char hash[LEDGER_HASH_BYTES];
    crypto_hash_sha256(hash, key, KEY_BYTES);
    hash_bytes_text(hash, text);
}

bool key_write(struct ledger *ledger, uint64_t number, const unsigned char *key, bool durable, struct error *error)
{
    char line[KEY_LINE_BYTES + 1];
    if (key != NULL)
        sodium_bin2hex(line, sizeof(line), key, KEY_BYTES);
    else
        memset(line, '-', KEY_LINE_BYTES - 1);
    line[KEY_LINE_BYTES - 1] = '\n';
    bool ok = file_write_at(ledger->keys, (number - 1) * KEY_LINE_BYTES, (struct slice){line, KEY_LINE_BYTES}, durable, error);
    sodium_memzero(line, sizeof(line));
    return ok;
}

enum key_state key_read(struct slice line, unsigned char key[KEY_BYTES])
{
    struct tree_hash read = {{0}};
    size_t dashes = 0;
    if (line.size != KEY_LINE_BYTES || line.data[KEY_LINE_BYTES - 1] != '\n')
        return KEY_DAMAGED;
    while (dashes < KEY_LINE_BYTES - 1 && line.data[dashes] == '-')
        dashes++;
    if (dashes == KEY_LINE_BYTES - 1)
        return KEY_NONE;
    if (!hash_read(slice_range(line, 0, KEY_LINE_BYTES - 1), &read))
        return KEY_DAMAGED;
    memcpy(key, read.bytes, KEY_BYTES);
    return KEY_THERE;
}

bool key_load(struct ledger *ledger, uint64_t number, unsigned char key[KEY_BYTES], enum key_state *state, struct error *error)
{
    struct buffer line;
    buffer_init(&line, KEY_LINE_BYTES);
    *state = KEY_DAMAGED;
    bool ok = !file_exists(ledger->keys) ||
              file_read_at(ledger->keys, (number - 1) * KEY_LINE_BYTES, KEY_LINE_BYTES, &line, error);
    if (ok)
        *state = key_read(buffer_slice(&line), key);
    buffer_release(&line);
    return ok;
}
