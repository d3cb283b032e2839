/* key_quota.c - quotas of keys as groups, and back. */
#include "key_quota.h"
#include <math.h>
#include <stddef.h>

static const struct {
    const char *start; /* of the group */
    const char *name;
    size_t at; /* in struct assay_quota */
    bool is_whole;
} kinds[QUOTA_KINDS] = {{"@day-requests=", "requests", offsetof(struct assay_quota, requests), true},
                        {"@day-tokens=", "tokens", offsetof(struct assay_quota, tokens), true},
                        {"@day-money=", "money", offsetof(struct assay_quota, money), false}};

static const double amount_max = 1e15;

static double *amount_at(struct assay_quota *quota, size_t kind)
{
    return (double *)(void *)((char *)quota + kinds[kind].at);
}

bool quota_to_groups(const struct assay_quota *quota, struct arena *arena, struct slice *groups, size_t *count,
                     struct error *error)
{
    struct assay_quota given = *quota;
    for (size_t i = 0; i < *count; i++)
        if (quota_take_group(groups[i], &(struct assay_quota){0})) {
            error_set(error, ERROR_INVALID, "\"" SLICE_FORMAT "\" is a quota, and no group", SLICE_ARGUMENT(groups[i]));
            return error_hint(error, "Write it as --quota requests=1000.");
        }
    for (size_t i = 0; i < QUOTA_KINDS; i++) {
        double amount = *amount_at(&given, i);
        if (amount == 0)
            continue;
        if (!(amount > 0 && amount <= amount_max) || (kinds[i].is_whole && amount != floor(amount))) {
            error_set(error, ERROR_INVALID, "the quota \"%s\" is %g, expected %s above 0", kinds[i].name, amount,
                      kinds[i].is_whole ? "a whole number" : "a number");
            return error_hint(error, "A key that may use nothing is one to be revoked.");
        }
        groups[(*count)++] = slice_from(arena_format(arena, "%s%.17g", kinds[i].start, amount));
    }
    return true;
}

bool quota_take_group(struct slice group, struct assay_quota *quota)
{
    for (size_t i = 0; i < QUOTA_KINDS; i++) {
        struct slice start = slice_from(kinds[i].start);
        if (!slice_starts_with(group, start))
            continue;
        double amount = 0;
        /* a number that cannot be read lets nothing through: as if little were allowed */
        bool ok = slice_to_double(slice_range(group, start.size, group.size), &amount) && amount > 0;
        *amount_at(quota, i) = ok ? amount : 1e-9;
        return true;
    }
    return false;
}

bool rights_take_group(struct slice group, struct assay_key_rights *rights)
{
    bool *const places[] = {&rights->is_admin, &rights->may_measure, &rights->may_write};
    static const char *const words[ARRAY_COUNT(places)] = {"@admin", "@metrics", "@write"};
    for (size_t i = 0; i < ARRAY_COUNT(places); i++)
        if (slice_equal_text(group, words[i])) {
            *places[i] = true;
            return true;
        }
    return false;
}
