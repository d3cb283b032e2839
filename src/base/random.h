/* random.h - repeatable chance: the same seed gives the same numbers everywhere (xoshiro256**, seeded by splitmix64).
 * Never for secrets. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state[4];
};

void random_init(struct random *random, uint64_t seed);
uint64_t random_u64(struct random *random);
uint64_t random_below(struct random *random, uint64_t bound); /* 0 … bound-1, without bias; bound > 0 */
double random_unit(struct random *random);                    /* 0 ≤ x < 1 */

#endif
