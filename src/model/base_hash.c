/* base_hash.c - the hash of a base's weights. */
#include "base_hash.h"
#include <sodium.h>

bool base_hash(const char *folder, char hash[BASE_HASH_BYTES], struct error *error)
{
    struct arena arena;
    struct file_map map = {0};
    unsigned char digest[SHA256_BYTES];
    arena_init(&arena);
    const char *whole = path_join(&arena, folder, "model.safetensors");
    const char *parts = path_join(&arena, folder, "model.safetensors.index.json");
    bool ok = file_map_open(&map, !file_exists(whole) && file_exists(parts) ? parts : whole, error);
    if (ok) {
        sha256(digest, map.data, map.size);
        sodium_bin2hex(hash, BASE_HASH_BYTES, digest, sizeof(digest));
        file_map_rest(&map);
    }
    file_map_close(&map);
    arena_release(&arena);
    return ok || error_wrap(error, "could not read the base \"%s\"", folder);
}
