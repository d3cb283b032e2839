/* uses.c - what keys with a quota used today. Counts are in memory; of requests, the file has as many as were counted, or some more. */
#include "database.h"

enum { AHEAD_MAX = 100 };

struct use {
    int64_t day;
    struct jobs_use counts;
    double requests_kept; /* as the file has them; not below counts.requests when a request is let through */
};

static bool visit_use(void *context, sqlite3_stmt *row)
{
    struct use *use = context;
    *use = (struct use){sqlite3_column_int64(row, 0),
                        {sqlite3_column_double(row, 1), sqlite3_column_double(row, 2), sqlite3_column_double(row, 3)},
                        sqlite3_column_double(row, 1)};
    return true;
}

/* The key's counts of the day; those of an earlier one begin anew. A clock that goes back a little begins nothing; one that was days ahead, and is right
 * again, must not hold the key to that day. NULL on failure. */
static struct use *use_of(struct jobs *jobs, const char *key, int64_t day, struct error *error)
{
    struct map_entry *entry = map_get(&jobs->use_places, slice_from(key));
    if (entry == NULL) {
        struct use read = {.day = day};
        static const char find[] = "SELECT day, requests, tokens, money FROM uses WHERE key = ?";
        if (!database_each(jobs, database_query(jobs, error, find, "t", key), visit_use, &read, error))
            return NULL;
        entry = map_put(&jobs->use_places, slice_from(key), NULL);
        if (entry == NULL) {
            error_set(error, ERROR_LIMIT, "more than %d keys with quotas have asked since the start", LIMIT_KEYS);
            return NULL;
        }
        jobs->uses = memory_more(jobs->uses, jobs->use_count, &jobs->use_capacity, sizeof(*jobs->uses));
        entry->value = jobs->use_count;
        jobs->uses[jobs->use_count++] = read;
    }
    struct use *use = &jobs->uses[entry->value];
    if (use->day < day || use->day > day + 1)
        *use = (struct use){.day = day};
    return use;
}

static bool put_use(struct jobs *jobs, const char *key, const struct use *use, struct error *error)
{
    return database_run(jobs,
                        database_query(jobs, error, "INSERT OR REPLACE INTO uses VALUES (?, ?, ?, ?, ?)", "tirrr", key,
                                       use->day, use->requests_kept, use->counts.tokens, use->counts.money),
                        error);
}

static enum jobs_measure find_used_up(const struct jobs_use *used, const struct jobs_use *most)
{
    return most->requests > 0 && used->requests + 1 > most->requests ? JOBS_REQUESTS
           : most->tokens > 0 && used->tokens >= most->tokens        ? JOBS_TOKENS
           : most->money > 0 && used->money >= most->money           ? JOBS_MONEY
                                                                     : JOBS_NOTHING;
}

/* Writes down one more request, and some ahead of it. */
static bool keep_ahead(struct jobs *jobs, const char *key, struct use *use, double most, struct error *error)
{
    double ahead = most / 100 < AHEAD_MAX ? most / 100 : AHEAD_MAX;
    double before = use->requests_kept, next = use->counts.requests + 1 + (double)(int64_t)ahead;
    if (use->counts.requests + 1 <= before)
        return true;
    use->requests_kept = next < most ? next : most;
    if (put_use(jobs, key, use, error))
        return true;
    use->requests_kept = before;
    return false;
}

bool jobs_take_request(struct jobs *jobs, const char *key, int64_t day, const struct jobs_use *most, enum jobs_measure *used_up,
                       struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    struct use *use = use_of(jobs, key, day, error);
    bool ok = use != NULL;
    if (ok) {
        *used_up = find_used_up(&use->counts, most);
        if (*used_up == JOBS_NOTHING && most->requests > 0)
            ok = keep_ahead(jobs, key, use, most->requests, error);
        if (*used_up == JOBS_NOTHING && ok)
            use->counts.requests++;
    }
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

bool jobs_look_at_use(struct jobs *jobs, const char *key, int64_t day, const struct jobs_use *most, enum jobs_measure *used_up,
                      struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    const struct use *use = use_of(jobs, key, day, error);
    if (use != NULL)
        *used_up = find_used_up(&use->counts, most);
    pthread_mutex_unlock(&jobs->lock);
    return use != NULL;
}

bool jobs_note_use(struct jobs *jobs, const char *key, int64_t day, double tokens, double money, struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    struct use *use = use_of(jobs, key, day, error);
    bool ok = use != NULL;
    if (ok) {
        use->counts.tokens += tokens;
        use->counts.money += money;
        if (use->requests_kept < use->counts.requests)
            use->requests_kept = use->counts.requests;
        ok = put_use(jobs, key, use, error);
    }
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

bool jobs_find_use(struct jobs *jobs, const char *key, int64_t day, struct jobs_use *found, struct error *error)
{
    pthread_mutex_lock(&jobs->lock);
    const struct use *use = use_of(jobs, key, day, error);
    if (use != NULL)
        *found = use->counts;
    pthread_mutex_unlock(&jobs->lock);
    return use != NULL;
}

bool uses_keep(struct jobs *jobs, struct error *error)
{
    bool ok = true;
    for (size_t i = 0; ok && i < jobs->use_places.count; i++) {
        const struct map_entry *entry = &jobs->use_places.entries[i];
        struct use *use = &jobs->uses[entry->value];
        if (use->requests_kept <= use->counts.requests)
            continue;
        use->requests_kept = use->counts.requests;
        struct arena arena;
        arena_init(&arena);
        ok = put_use(jobs, arena_text(&arena, entry->key), use, error);
        arena_release(&arena);
    }
    return ok;
}
