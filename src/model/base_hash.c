/* base_hash.c - the hash of a base's weights. */
#include "base_hash.h"
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
