/* split.c - some examples are held out, to measure with.
 *
 * Groups in an order drawn by the seed; each goes to the held-out part if no label of it gets more there than its share. So the shares
 * are met from below, large groups stay among what is learned, and the same seed gives the same split whatever the threads. Those that
 * are kept come first, and need no share. */
#include "checks.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

struct split {
    const struct split_request *request;
    size_t label_count;
    size_t *wanted, *held, *left; /* of each label: examples */
};

/* Labels of an example; one for all where there are none. */
static size_t labels_of(const struct example *example, uint32_t *single, const uint32_t **labels)
{
    *single = 0;
    *labels = example->label_count > 0 ? example->labels : single;
    return example->label_count > 0 ? example->label_count : 1;
}

/* Members of a group lie behind each other in `order`. */
struct group {
    size_t first, count;
    bool is_kept;
};

static void count_labels(const struct split *split, const uint32_t *order, const struct group *group, size_t *counts)
{
    for (size_t i = 0; i < group->count; i++) {
        uint32_t single;
        const uint32_t *labels;
        size_t count = labels_of(&split->request->examples->items[order[group->first + i]], &single, &labels);
        for (size_t j = 0; j < count; j++)
            counts[labels[j]]++;
    }
}

/* Moves the group out when it may; `counts` is zeros before and after. */
static void consider(struct split *split, const uint32_t *order, const struct group *group, size_t *counts, uint8_t *parts)
{
    bool may = true;
    count_labels(split, order, group, counts);
    for (size_t i = 0; i < group->count; i++) {
        uint32_t single;
        const uint32_t *labels;
        size_t count = labels_of(&split->request->examples->items[order[group->first + i]], &single, &labels);
        for (size_t j = 0; j < count; j++) {
            uint32_t label = labels[j];
            may = may && (group->is_kept || split->held[label] + counts[label] <= split->wanted[label]) &&
                  split->left[label] > counts[label];
        }
    }
    for (size_t i = 0; i < group->count; i++) {
        uint32_t single;
        const uint32_t *labels;
        size_t at = order[group->first + i], count = labels_of(&split->request->examples->items[at], &single, &labels);
        for (size_t j = 0; j < count; j++) {
            counts[labels[j]] = 0;
            split->held[labels[j]] += may;
            split->left[labels[j]] -= may;
        }
        parts[at] = may ? SPLIT_HELD : SPLIT_TRAIN;
    }
}

struct member {
    uint32_t group, at;
};

static int by_group(const void *a, const void *b)
{
    const struct member *left = a, *right = b;
    int order = (left->group > right->group) - (left->group < right->group);
    return order != 0 ? order : (left->at > right->at) - (left->at < right->at);
}

static size_t gather(const struct split_request *request, const uint8_t *parts, uint32_t *order, struct group *groups)
{
    size_t count = 0, group_count = 0;
    struct member *members = memory_alloc(request->examples->count + 1, sizeof(*members));
    for (size_t i = 0; i < request->examples->count; i++)
        if (parts[i] == SPLIT_TRAIN && (request->marks == NULL || request->marks[i] == 0))
            members[count++] = (struct member){request->groups != NULL ? request->groups[i] : (uint32_t)i, (uint32_t)i};
    qsort(members, count, sizeof(*members), by_group);
    for (size_t i = 0; i < count; i++) {
        order[i] = members[i].at;
        if (i == 0 || members[i].group != members[i - 1].group)
            groups[group_count++] = (struct group){.first = i};
        struct group *group = &groups[group_count - 1];
        group->count++;
        group->is_kept = group->is_kept || (request->kept != NULL && request->kept[members[i].at] != 0);
    }
    free(members);
    return group_count;
}

static void shuffle(struct group *groups, size_t count, uint64_t seed)
{
    struct random random;
    random_init(&random, seed);
    for (size_t i = count; i > 1; i--) {
        size_t other = (size_t)random_below(&random, i);
        struct group kept = groups[i - 1];
        groups[i - 1] = groups[other];
        groups[other] = kept;
    }
}

void split_examples(const struct split_request *request, uint8_t *parts)
{
    const struct examples *examples = request->examples;
    assert(request->share > 0 && request->share < 1);
    size_t label_count = examples->label_count > 0 ? examples->label_count : 1;
    size_t *numbers = memory_alloc(4 * label_count, sizeof(*numbers)), *counts = numbers + 3 * label_count;
    uint32_t *order = memory_alloc(examples->count + 1, sizeof(*order));
    struct group *groups = memory_alloc(examples->count + 1, sizeof(*groups));
    struct split split = {.request = request,
                          .label_count = label_count,
                          .wanted = numbers,
                          .held = numbers + label_count,
                          .left = numbers + 2 * label_count};
    for (size_t i = 0; i < examples->count; i++)
        if (request->marks != NULL && request->marks[i] != 0)
            parts[i] = SPLIT_NONE;
    size_t group_count = gather(request, parts, order, groups);
    for (size_t i = 0; i < group_count; i++)
        count_labels(&split, order, &groups[i], split.left);
    for (size_t i = 0; i < label_count; i++) {
        double share = request->share * (double)split.left[i];
        split.wanted[i] = share < 1 ? 1 : (size_t)llround(share);
    }
    shuffle(groups, group_count, request->seed);
    for (size_t i = 0; i < group_count; i++)
        if (groups[i].is_kept)
            consider(&split, order, &groups[i], counts, parts);
    for (size_t i = 0; i < group_count; i++)
        if (!groups[i].is_kept)
            consider(&split, order, &groups[i], counts, parts);
    free(groups);
    free(order);
    free(numbers);
}
