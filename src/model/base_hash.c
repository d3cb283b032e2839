/* base_hash.c - the hashes of a base's weights, and of the form of its inputs. */
#include "base_hash.h"
#include "model.h"
#include "weights.h"
#include <sodium.h>

/* Of a base in one file it is that file's; in parts, that of the hashes of its list and then of each part. */
static bool hash_files(const char *folder, const char *list, unsigned char digest[SHA256_BYTES], struct error *error)
{
    struct weights weights;
    struct buffer digests;
    struct file_map map = {0};
    if (!weights_open(&weights, folder, error))
        return false;
    bool ok = list == NULL || file_map_open(&map, list, error);
    buffer_init(&digests, MIB);
    if (ok && list != NULL) {
        sha256(digest, map.data, map.size);
        buffer_append(&digests, (const char *)digest, SHA256_BYTES);
    }
    for (size_t i = 0; ok && i < weights_file_count(&weights); i++) {
        struct slice file = weights_file(&weights, i);
        sha256(digest, file.data, file.size);
        buffer_append(&digests, (const char *)digest, SHA256_BYTES);
    }
    if (ok && list != NULL)
        sha256(digest, digests.data, digests.size);
    buffer_release(&digests);
    file_map_close(&map);
    weights_rest(&weights);
    weights_close(&weights);
    return ok;
}

bool base_hash(const char *folder, char hash[BASE_HASH_BYTES], struct error *error)
{
    struct arena arena;
    unsigned char digest[SHA256_BYTES];
    arena_init(&arena);
    const char *whole = path_join(&arena, folder, "model.safetensors");
    const char *list = path_join(&arena, folder, "model.safetensors.index.json");
    bool ok = hash_files(folder, !file_exists(whole) && file_exists(list) ? list : NULL, digest, error);
    if (ok)
        sodium_bin2hex(hash, BASE_HASH_BYTES, digest, sizeof(digest));
    arena_release(&arena);
    return ok || error_wrap(error, "could not read the base \"%s\"", folder);
}

static void take_tokens(struct buffer *all, const struct tokens *tokens)
{
    for (size_t i = 0; i < tokens->count; i++)
        buffer_format(all, "%u %u ", tokens->ids[i], tokens->types[i]);
    buffer_append_byte(all, '\n');
}

void input_hash(const struct tokenizer *tokenizer, char hash[BASE_HASH_BYTES])
{
    /* letters large, accented and of another script, digits with marks, and a word that no vocabulary has whole */
    const struct slice first = SLICE("What does the Label for \xC3\x89vora cost, 1,500.25 or 2?"),
                       second = SLICE("The na\xC3\xAFve zorbiquent costs \xE2\x82\xAC"
                                      "9.50 \xE2\x80\x94 \xE6\x97\xA5\xE6\x9C\xAC.\n");
    const struct tokenizer_options options = {.tokens_max = 128};
    struct tokenizer_workspace *workspace = tokenizer_workspace_create();
    struct tokens tokens;
    struct buffer all;
    unsigned char digest[SHA256_BYTES];
    tokens_init(&tokens);
    buffer_init(&all, MIB);
    tokenizer_encode(tokenizer, workspace, second, NULL, &options, &tokens);
    take_tokens(&all, &tokens);
    tokenizer_encode(tokenizer, workspace, first, &second, &options, &tokens);
    take_tokens(&all, &tokens);
    sha256(digest, all.data, all.size);
    sodium_bin2hex(hash, BASE_HASH_BYTES, digest, sizeof(digest));
    buffer_release(&all);
    tokens_release(&tokens);
    tokenizer_workspace_free(workspace);
}

bool input_hash_of(const char *folder, char hash[BASE_HASH_BYTES], struct error *error)
{
    struct tokenizer *tokenizer = NULL;
    size_t tokens_max;
    if (!model_read_tokenizer(&tokenizer, &tokens_max, folder, error))
        return false;
    input_hash(tokenizer, hash);
    tokenizer_free(tokenizer);
    return true;
}
