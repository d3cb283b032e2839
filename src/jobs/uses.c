/* uses.c - what keys with a quota used today. The file has the truth, and whoever has it open adds to it; so several processes count as one.
 *
 *     file      requests = made by all + set aside by each
 *     here      ahead    = set aside by this handle and not made yet; below 0: made, and not written down yet
 *
 * Reading is a look-up in the file a request, by a statement that is kept; only what is added waits for the disk. */
#include "database.h"

enum { AHEAD_MAX = 100 };

struct use {
    int64_t day; /* that `ahead` is of */
    double ahead;
};

/* A row of the file. */
struct written {
    int64_t day;
    struct jobs_use counts;
};

/* The counts of an earlier day are none. A clock that goes back a little begins nothing; one that was days ahead, and is right again, must not hold
 * the key to that day. */
#define IS_OF_DAY(stored, now) stored " BETWEEN " now " AND " now " + 1"

/* What the file has of the key for the day; `written->day` is the one that it counts on. */
static bool read_written(struct jobs *jobs, const char *key, int64_t day, struct written *written, struct error *error)
{
    static const char find[] = "SELECT day, requests, tokens, money FROM uses WHERE key = ?1 AND " IS_OF_DAY("day", "?2");
    *written = (struct written){.day = day};
    if (jobs->find_use == NULL &&
        sqlite3_prepare_v3(jobs->database, find, -1, SQLITE_PREPARE_PERSISTENT, &jobs->find_use, NULL) != SQLITE_OK)
        return database_fail(jobs, "prepare a statement", error);
    sqlite3_stmt *row = jobs->find_use;
    bool ok = sqlite3_bind_text(row, 1, key, -1, SQLITE_STATIC) == SQLITE_OK && sqlite3_bind_int64(row, 2, day) == SQLITE_OK;
    int code = ok ? sqlite3_step(row) : SQLITE_ERROR;
    if (code == SQLITE_ROW)
        *written = (struct written){
            sqlite3_column_int64(row, 0),
            {sqlite3_column_double(row, 1), sqlite3_column_double(row, 2), sqlite3_column_double(row, 3)}};
    ok = code == SQLITE_ROW || code == SQLITE_DONE || database_fail(jobs, "read what a key used", error);
    sqlite3_reset(row);
    sqlite3_clear_bindings(row);
    return ok;
}

/* What this handle has set aside for the key; NULL on failure. */
static struct use *use_of(struct jobs *jobs, const char *key, int64_t day, struct error *error)
{
    struct map_entry *entry = map_get(&jobs->use_places, slice_from(key));
    if (entry == NULL) {
        entry = map_put(&jobs->use_places, slice_from(key), NULL);
        if (entry == NULL) {
            error_set(error, ERROR_LIMIT, "more than %d keys with quotas have asked since the start", LIMIT_KEYS);
            return NULL;
        }
        jobs->uses = memory_more(jobs->uses, jobs->use_count, &jobs->use_capacity, sizeof(*jobs->uses));
        entry->value = jobs->use_count;
        jobs->uses[jobs->use_count++] = (struct use){.day = day};
    }
    struct use *use = &jobs->uses[entry->value];
    if (use->day != day)
        *use = (struct use){.day = day};
    return use;
}

/* What the key used, without what is set aside here. NULL on failure. */
static struct use *find_use(struct jobs *jobs, const char *key, int64_t day, struct written *written, struct error *error)
{
    if (!read_written(jobs, key, day, written, error))
        return NULL;
    struct use *use = use_of(jobs, key, written->day, error);
    if (use != NULL)
        written->counts.requests -= use->ahead;
    return use;
}

/* clang-format off */
#define OF_THE_DAY(value, other) "iif(" IS_OF_DAY("day", "excluded.day") ", " value ", " other ")"
static const char add_to_uses[] =
    "INSERT INTO uses VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET"
    " requests = excluded.requests + " OF_THE_DAY("requests", "0") ","
    " tokens = excluded.tokens + " OF_THE_DAY("tokens", "0") ","
    " money = excluded.money + " OF_THE_DAY("money", "0") ","
    " day = " OF_THE_DAY("day", "excluded.day");
/* clang-format on */

static bool add_use(struct jobs *jobs, const char *key, int64_t day, const struct jobs_use *more, struct error *error)
{
    return database_run(
        jobs, database_query(jobs, error, add_to_uses, "tirrr", key, day, more->requests, more->tokens, more->money), error);
}

static enum jobs_measure find_used_up(const struct jobs_use *used, const struct jobs_use *most)
{
    return most->requests > 0 && used->requests + 1 > most->requests ? JOBS_REQUESTS
           : most->tokens > 0 && used->tokens >= most->tokens        ? JOBS_TOKENS
           : most->money > 0 && used->money >= most->money           ? JOBS_MONEY
                                                                     : JOBS_NOTHING;
}

/* Sets one more request aside, and some ahead of it, unless others took the last ones since it was read: that is `*used_up` then. */
static bool set_aside(struct jobs *jobs, const char *key, int64_t day, double most, enum jobs_measure *used_up,
                      struct error *error)
{
    double ahead = most / 100 < AHEAD_MAX ? (double)(int64_t)(most / 100) : AHEAD_MAX;
    double taken = 0;
    struct written written;
    if (!database_begin(jobs, error))
        return false;
    bool ok = read_written(jobs, key, day, &written, error);
    double left = most - written.counts.requests;
    if (ok && left >= 1) {
        taken = 1 + ahead < left ? 1 + ahead : left;
        ok = add_use(jobs, key, day, &(struct jobs_use){.requests = taken}, error);
    }
    struct use *use = database_end(jobs, ok, error) ? use_of(jobs, key, written.day, error) : NULL;
    if (use == NULL)
        return false;
    use->ahead += taken;
    *used_up = taken > 0 ? JOBS_NOTHING : JOBS_REQUESTS;
    return true;
}

bool jobs_take_request(struct jobs *jobs, const char *key, int64_t day, const struct jobs_use *most, enum jobs_measure *used_up,
                       struct error *error)
{
    struct written written;
    pthread_mutex_lock(&jobs->lock);
    struct use *use = find_use(jobs, key, day, &written, error);
    bool ok = use != NULL;
    if (ok) {
        *used_up = find_used_up(&written.counts, most);
        if (*used_up == JOBS_NOTHING && most->requests > 0 && use->ahead < 1)
            ok = set_aside(jobs, key, written.day, most->requests, used_up, error);
        if (*used_up == JOBS_NOTHING && ok)
            use->ahead--;
    }
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

bool jobs_take_begun(struct jobs *jobs, const char *key, int64_t day, struct error *error)
{
    struct written written;
    pthread_mutex_lock(&jobs->lock);
    struct use *use = find_use(jobs, key, day, &written, error);
    bool ok = use != NULL, is_aside = ok && use->ahead >= 1;
    if (is_aside)
        use->ahead--;
    else if (ok)
        ok = add_use(jobs, key, written.day, &(struct jobs_use){.requests = 1}, error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

bool jobs_look_at_use(struct jobs *jobs, const char *key, int64_t day, const struct jobs_use *most, enum jobs_measure *used_up,
                      struct error *error)
{
    struct jobs_use used;
    if (!jobs_find_use(jobs, key, day, &used, error))
        return false;
    *used_up = find_used_up(&used, most);
    return true;
}

bool jobs_note_use(struct jobs *jobs, const char *key, int64_t day, double tokens, double money, struct error *error)
{
    struct written written;
    pthread_mutex_lock(&jobs->lock);
    struct use *use = find_use(jobs, key, day, &written, error);
    bool ok = use != NULL;
    if (ok) {
        double requests = use->ahead < 0 ? -use->ahead : 0;
        ok = add_use(jobs, key, written.day, &(struct jobs_use){requests, tokens, money}, error);
        if (ok)
            use->ahead += requests;
    }
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

bool jobs_find_use(struct jobs *jobs, const char *key, int64_t day, struct jobs_use *found, struct error *error)
{
    struct written written;
    pthread_mutex_lock(&jobs->lock);
    bool ok = find_use(jobs, key, day, &written, error) != NULL;
    if (ok)
        *found = written.counts;
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

bool uses_give_back(struct jobs *jobs, struct error *error)
{
    bool ok = true;
    for (size_t i = 0; ok && i < jobs->use_places.count; i++) {
        const struct map_entry *entry = &jobs->use_places.entries[i];
        struct use *use = &jobs->uses[entry->value];
        if (use->ahead <= 0)
            continue;
        struct arena arena;
        arena_init(&arena);
        ok = database_run(jobs,
                          database_query(jobs, error, "UPDATE uses SET requests = requests - ? WHERE key = ? AND day = ?",
                                         "rti", use->ahead, arena_text(&arena, entry->key), use->day),
                          error);
        use->ahead = ok ? 0 : use->ahead;
        arena_release(&arena);
    }
    return ok;
}
