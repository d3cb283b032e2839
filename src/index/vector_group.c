/* vector_group.c - groups of about ROWS rows: of each place some vectors, evenly taken, are the first means; every vector goes to the nearest, the
 * means are made anew of what came to them, and both is done once more (Lloyd 1982, two rounds). Where vectors are hardly nearer to these means than to that
 * of the whole place, it stays one group: more means would cost more than they tell.
 *
 * Sums are in whole numbers, and no thread has a part in another's place: the same bits on every processor, with any number of threads. */
#include "vector_group.h"
#include "vector_order.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROWS = 64,
    GROUPS_MAX = 64, /* of one place: one may have all vectors, as it does where they are equal */
    ROUNDS = 2,
    ONE = 65536, /* the weight of the largest factor */
};

/* The squares of what vectors differ by from their means must become less than so much of what they are from one mean. */
#define NEARER 0.875

struct splitter {
    struct vector_groups *groups;
    const struct vector_space *space;
    uint32_t *places; /* vector → place, then group */
    uint32_t *members; /* vectors of one place after those of the other */
    uint32_t *starts; /* place → its first member; and the end */
    uint32_t *firsts; /* place → its first group; and the count of all */
    _Atomic bool failed;
};

static double square_of(const int8_t *high, float factor, size_t stride)
{
    return (double)factor * (double)factor * kernels()->dot_i8(high, high, stride);
}

/* The mean of those of some vectors that belong to a group. `sums` is room for a row. Gives the sum of their squares less that of what they differ by from
 * it, as make_one and make_many do; from the sums, as the mean is rounded by more than vectors of a tight group differ by. */
static double make_mean(const struct splitter *splitter, uint32_t group, const uint32_t *members, size_t count, int64_t *sums)
{
    const struct vector_space *space = splitter->space;
    int8_t *mean = splitter->groups->means + group * space->stride;
    float largest = 0;
    size_t own = 0;
    int64_t most = 0;
    for (size_t m = 0; m < count; m++)
        if (splitter->places[members[m]] == group) {
            largest = fmaxf(largest, space->factors[members[m]]);
            own++;
        }
    memset(sums, 0, space->stride * sizeof(*sums));
    for (size_t m = 0; m < count && largest > 0; m++) {
        const int8_t *high = space->high + members[m] * space->stride;
        if (splitter->places[members[m]] != group)
            continue;
        int32_t weight = (int32_t)lrint(ONE * (double)space->factors[members[m]] / (double)largest);
        for (size_t i = 0; i < space->stride; i++)
            sums[i] += weight * high[i];
    }
    for (size_t i = 0; i < space->stride; i++)
        most = llabs(sums[i]) > most ? llabs(sums[i]) : most;
    for (size_t i = 0; i < space->stride; i++)
        mean[i] = most > 0 ? (int8_t)lrint(127.0 * (double)sums[i] / (double)most) : 0;
    splitter->groups->factors[group] = most > 0 ? (float)((double)largest * (double)most / (127.0 * ONE * (double)own)) : 0;
    const float factor = splitter->groups->factors[group];
    double product = 0; /* not in whole numbers: of many vectors it is too large */
    for (size_t i = 0; i < space->stride; i++)
        product += (double)sums[i] * mean[i];
    return 2 * (double)largest / ONE * (double)factor * product - (double)own * square_of(mean, factor, space->stride);
}

/* Gives each of some vectors the nearest of `width` groups from `first` on. */
static void choose_groups(const struct splitter *splitter, uint32_t first, size_t width, const uint32_t *members, size_t count)
{
    const struct vector_space *space = splitter->space;
    const int8_t *means = splitter->groups->means + first * space->stride;
    const float *factors = splitter->groups->factors + first;
    float halves[GROUPS_MAX]; /* of their squares */
    int32_t sums[GROUPS_MAX];
    for (size_t j = 0; j < width; j++)
        halves[j] = factors[j] * factors[j] *
                    (float)kernels()->dot_i8(means + j * space->stride, means + j * space->stride, space->stride) / 2;
    for (size_t m = 0; m < count; m++) {
        float best = -INFINITY;
        kernels()->dots_i8(sums, space->high + members[m] * space->stride, 1, means, NULL, width, space->stride);
        for (size_t j = 0; j < width; j++) {
            float score = space->factors[members[m]] * factors[j] * (float)sums[j] - halves[j];
            if (score > best) {
                best = score;
                splitter->places[members[m]] = first + (uint32_t)j;
            }
        }
    }
}

static double make_one(const struct splitter *splitter, uint32_t group, const uint32_t *members, size_t count, int64_t *sums)
{
    for (size_t m = 0; m < count; m++)
        splitter->places[members[m]] = group;
    return make_mean(splitter, group, members, count, sums);
}

static double make_many(const struct splitter *splitter, uint32_t first, size_t width, const uint32_t *members, size_t count,
                        int64_t *sums)
{
    const struct vector_space *space = splitter->space;
    double less = 0;
    for (size_t j = 0; j < width; j++) {
        uint32_t seed = members[j * count / width];
        memcpy(splitter->groups->means + (first + j) * space->stride, space->high + seed * space->stride, space->stride);
        splitter->groups->factors[first + j] = space->factors[seed];
    }
    for (int round = 0; round < ROUNDS; round++) {
        choose_groups(splitter, first, width, members, count);
        less = 0;
        for (uint32_t j = 0; j < width; j++)
            less += make_mean(splitter, first + j, members, count, sums);
    }
    return less;
}

static void split_place(void *context, size_t place, size_t thread)
{
    (void)thread;
    struct splitter *splitter = context;
    const struct vector_space *space = splitter->space;
    const uint32_t *members = splitter->members + splitter->starts[place];
    size_t count = splitter->starts[place + 1] - splitter->starts[place];
    uint32_t first = splitter->firsts[place], width = splitter->firsts[place + 1] - first;
    int64_t *sums = memory_try(space->stride, sizeof(*sums));
    double squares = 0;
    if (sums == NULL) {
        splitter->failed = true;
        return;
    }
    for (size_t m = 0; m < count; m++)
        squares += square_of(space->high + members[m] * space->stride, space->factors[members[m]], space->stride);
    double one = count > 0 ? squares - make_one(splitter, first, members, count, sums) : 0;
    if (width > 1 && squares - make_many(splitter, first, width, members, count, sums) > NEARER * one)
        make_one(splitter, first, members, count, sums);
    free(sums);
}

/* Leaves out groups of nothing; the others keep their order. `numbers` is room for all. */
static void close_ranks(const struct splitter *splitter, uint32_t *numbers, uint32_t count)
{
    struct vector_groups *groups = splitter->groups;
    size_t stride = splitter->space->stride;
    uint32_t kept = 0;
    memset(numbers, 0, groups->count * sizeof(*numbers));
    for (uint32_t i = 0; i < count; i++)
        numbers[splitter->places[i]] = 1;
    for (uint32_t group = 0; group < groups->count; group++) {
        if (numbers[group] == 0)
            continue;
        memmove(groups->means + kept * stride, groups->means + group * stride, stride);
        groups->factors[kept] = groups->factors[group];
        numbers[group] = kept++;
    }
    for (uint32_t i = 0; i < count; i++)
        splitter->places[i] = numbers[splitter->places[i]];
    groups->count = kept;
}

/* Members by place, in their order. */
static void sort_members(const struct splitter *splitter, uint32_t place_count, uint32_t count)
{
    uint32_t *starts = splitter->starts;
    memset(starts, 0, ((size_t)place_count + 1) * sizeof(*starts));
    for (uint32_t i = 0; i < count; i++)
        starts[splitter->places[i]]++;
    uint32_t end = 0;
    for (uint32_t place = 0; place < place_count; place++) {
        end += starts[place];
        starts[place] = end;
    }
    starts[place_count] = count;
    for (uint32_t i = count; i > 0; i--)
        splitter->members[--starts[splitter->places[i - 1]]] = i - 1;
}

static uint32_t count_groups(const struct splitter *splitter, uint32_t place_count)
{
    uint32_t groups = 0;
    for (uint32_t place = 0; place < place_count; place++) {
        uint32_t members = splitter->starts[place + 1] - splitter->starts[place], wanted = (members + ROWS / 2) / ROWS;
        splitter->firsts[place] = groups;
        groups += members == 0 ? 0 : wanted < 1 ? 1 : wanted < GROUPS_MAX ? wanted : GROUPS_MAX;
    }
    splitter->firsts[place_count] = groups;
    return groups;
}

bool vector_groups_make(struct vector_groups *groups, uint32_t *places, uint32_t place_count, const struct vector_space *space,
                        uint32_t count, struct pool *pool)
{
    struct splitter splitter = {.groups = groups, .space = space};
    splitter.places = places;
    splitter.members = memory_try(count, sizeof(*splitter.members));
    splitter.starts = memory_try((size_t)place_count + 1, sizeof(*splitter.starts));
    splitter.firsts = memory_try((size_t)place_count + 1, sizeof(*splitter.firsts));
    bool ok = splitter.members != NULL && splitter.starts != NULL && splitter.firsts != NULL;
    if (ok) {
        sort_members(&splitter, place_count, count);
        groups->count = count_groups(&splitter, place_count);
        groups->means = memory_large(groups->count, space->stride);
        groups->factors = memory_try(groups->count, sizeof(*groups->factors));
        ok = groups->means != NULL && groups->factors != NULL;
    }
    if (ok) {
        vector_each(pool, place_count, split_place, &splitter);
        close_ranks(&splitter, splitter.members, count);
    }
    free(splitter.members);
    free(splitter.starts);
    free(splitter.firsts);
    return ok && !splitter.failed;
}

void vector_groups_release(struct vector_groups *groups)
{
    free(groups->means);
    free(groups->factors);
    *groups = (struct vector_groups){0};
}
