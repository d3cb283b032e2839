/* key_run.c - the part of include/assay.h about keys. */
#include "tell.h"
#include "key_quota.h"
#include <string.h>

_Static_assert((int)ASSAY_SECRET_BYTES == (int)PROJECT_SECRET_BYTES, "secrets have one size");

#define DAY_NS (INT64_C(86400) * 1000000000)

/* The moment behind the last day. */
static bool read_expiry(const char *date, int64_t *expires_ns, struct error *error)
{
    *expires_ns = 0;
    if (date == NULL)
        return true;
    if (!clock_date(slice_from(date), expires_ns)) {
        error_set(error, ERROR_INVALID, "\"%.60s\" is no date on which a key can expire", date);
        return error_hint(error, "Write it as 2027-01-31: the last day on which the key holds, in UTC.");
    }
    *expires_ns += DAY_NS;
    return true;
}

/* What is told once the key is made: of one that is refused, its groups are beside the point. */
static bool find_unused(struct assay *assay, const struct assay_key_add_options *options, bool *unused, struct error *error)
{
    for (size_t i = 0; i < options->group_count; i++) {
        int64_t documents = 1;
        unused[i] = false;
        if (rights_take_group(slice_from(options->groups[i]), &(struct assay_key_rights){0}))
            continue; /* what it may do, no label */
        if (options->groups[i][0] == '@')
            return error_set(error, ERROR_INVALID, "there is no group \"%s\": those with an @ are @admin, @write and @metrics",
                             options->groups[i]);
        if (!store_count_label(assay->project->store, slice_from(options->groups[i]), &documents, error))
            return false;
        unused[i] = documents == 0;
    }
    return true;
}

bool assay_key_add(struct assay *assay, const struct assay_key_add_options *options, char secret[ASSAY_SECRET_BYTES],
                   struct assay_error *error)
{
    struct error inner;
    struct arena arena;
    int64_t expires_ns;
    arena_init(&arena);
    struct slice *groups = arena_alloc(&arena, options->group_count + QUOTA_KINDS, sizeof(*groups));
    size_t count = options->group_count;
    bool *unused = arena_alloc(&arena, count + 1, sizeof(*unused));
    for (size_t i = 0; i < count; i++)
        groups[i] = slice_from(options->groups[i]);
    bool ok = read_expiry(options->expires, &expires_ns, &inner) &&
              quota_to_groups(&options->quota, &arena, groups, &count, &inner) && find_unused(assay, options, unused, &inner) &&
              project_key_add(assay->project, slice_from(options->name), groups, count, expires_ns, secret, &inner);
    for (size_t i = 0; ok && options->on_unused_group != NULL && i < options->group_count; i++)
        if (unused[i])
            options->on_unused_group(options->context, options->groups[i]);
    arena_release(&arena);
    return finish(ok, &inner, error);
}

struct key_listing {
    bool (*each)(void *context, const struct assay_key *key);
    void *context;
    int64_t now_ns;
    struct arena arena;
};

/* The first `size` characters of a moment's text; NULL for 0. */
static const char *moment_text(struct arena *arena, int64_t wall_ns, size_t size)
{
    char text[CLOCK_TEXT_BYTES];
    if (wall_ns == 0)
        return NULL;
    clock_text(wall_ns, text);
    struct slice whole = slice_from(text);
    return arena_text(arena, slice_range(whole, 0, size < whole.size ? size : whole.size));
}

static bool list_key(void *context, const struct store_key *key, struct error *error)
{
    struct key_listing *listing = context;
    struct arena *arena = &listing->arena;
    struct slice rest = key->groups, group;
    const char **groups = NULL;
    size_t count = 0, capacity = 0;
    struct assay_quota quota = {0};
    arena_clear(arena);
    while (slice_next(&rest, STORE_GROUP_SEPARATOR, &group)) {
        if (quota_take_group(group, &quota))
            continue;
        groups = arena_more(arena, groups, count, &capacity, sizeof(*groups));
        groups[count++] = arena_text(arena, group);
    }
    bool expired = key->expires_ns != 0 && key->expires_ns <= listing->now_ns;
    const struct assay_key outer = {
        .name = arena_text(arena, key->name),
        .hint = arena_text(arena, key->hint),
        .state = key->revoked_ns != 0 ? "revoked"
                 : expired            ? "expired"
                                      : "valid",
        .created = moment_text(arena, key->created_ns, CLOCK_TEXT_BYTES),
        .expires = key->expires_ns != 0 ? moment_text(arena, key->expires_ns - 1, sizeof("2027-01-31") - 1) : NULL,
        .revoked = moment_text(arena, key->revoked_ns, CLOCK_TEXT_BYTES),
        .groups = groups,
        .group_count = count,
        .quota = quota,
    };
    return listing->each(listing->context, &outer) || error_set(error, ERROR_CANCELLED, "the listing was stopped");
}

bool assay_key_list(struct assay *assay, bool (*each)(void *context, const struct assay_key *key), void *context,
                    struct assay_error *error)
{
    struct error inner;
    struct key_listing listing = {.each = each, .context = context, .now_ns = clock_wall_ns()};
    arena_init(&listing.arena);
    bool ok = store_each_key(assay->project->store, list_key, &listing, &inner);
    arena_release(&listing.arena);
    return finish(ok, &inner, error);
}

bool assay_key_revoke(struct assay *assay, const char *name, struct assay_error *error)
{
    struct error inner;
    return finish(project_key_revoke(assay->project, slice_from(name), &inner), &inner, error);
}
