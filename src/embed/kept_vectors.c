/* kept_vectors.c - a table of sets of four: a text's digest chooses the set, and of its four the oldest makes room.
 *
 *   digest ─▶ set │ vector │ vector │ vector │ vector │   next: which of them goes
 */
#include "kept_vectors.h"
#include "base/base.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { SETS = 2048, WAYS = 4, DIGEST_BYTES = 16 };

struct place {
    unsigned char digest[DIGEST_BYTES];
    float *vector; /* NULL: empty */
};

struct kept_vectors {
    size_t dimensions;
    struct place places[SETS][WAYS];
    unsigned char next[SETS];
};

struct kept_vectors *kept_vectors_create(size_t dimensions)
{
    struct kept_vectors *kept = memory_alloc(1, sizeof(*kept));
    kept->dimensions = dimensions;
    return kept;
}

void kept_vectors_free(struct kept_vectors *kept)
{
    for (size_t i = 0; kept != NULL && i < SETS; i++)
        for (size_t j = 0; j < WAYS; j++)
            free(kept->places[i][j].vector);
    free(kept);
}

/* Of both, so that the border between them counts. The set it belongs to. */
static size_t digest_of(struct slice whose, struct slice text, unsigned char digest[DIGEST_BYTES])
{
    crypto_generichash_state state;
    uint64_t size = whose.size;
    uint16_t set;
    crypto_generichash_init(&state, NULL, 0, DIGEST_BYTES);
    crypto_generichash_update(&state, (const unsigned char *)&size, sizeof(size));
    crypto_generichash_update(&state, (const unsigned char *)whose.data, whose.size);
    crypto_generichash_update(&state, (const unsigned char *)text.data, text.size);
    crypto_generichash_final(&state, digest, DIGEST_BYTES);
    memcpy(&set, digest, sizeof(set));
    return set % SETS;
}

const float *kept_vectors_find(const struct kept_vectors *kept, struct slice whose, struct slice text)
{
    unsigned char digest[DIGEST_BYTES];
    const struct place *set = kept->places[digest_of(whose, text, digest)];
    for (size_t i = 0; i < WAYS; i++)
        if (set[i].vector != NULL && memcmp(set[i].digest, digest, DIGEST_BYTES) == 0)
            return set[i].vector;
    return NULL;
}

void kept_vectors_put(struct kept_vectors *kept, struct slice whose, struct slice text, const float *vector)
{
    unsigned char digest[DIGEST_BYTES];
    size_t set = digest_of(whose, text, digest);
    struct place *place = &kept->places[set][kept->next[set]++ % WAYS];
    if (place->vector == NULL)
        place->vector = memory_alloc(kept->dimensions, sizeof(*place->vector));
    memcpy(place->digest, digest, DIGEST_BYTES);
    memcpy(place->vector, vector, kept->dimensions * sizeof(*vector));
}
