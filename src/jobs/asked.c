/* asked.c - which request a job came of, so that what the log says of it later, also after a restart, can be followed back to who asked. */
#include "asked.h"
#include <stdio.h>

bool asked_put(struct jobs *jobs, const char *job, const char *request, struct error *error)
{
    return request == NULL ||
           database_run(jobs, database_query(jobs, error, "INSERT OR REPLACE INTO asked VALUES (?, ?)", "tt", job, request),
                        error);
}

bool asked_put_work(struct jobs *jobs, const char *request, struct error *error)
{
    char job[32];
    snprintf(job, sizeof(job), "work-%lld", (long long)sqlite3_last_insert_rowid(jobs->database));
    return asked_put(jobs, job, request, error);
}

struct asked_copy {
    struct arena *arena;
    const char **request;
};

static bool copy_request(void *context, sqlite3_stmt *row)
{
    const struct asked_copy *copy = context;
    *copy->request = arena_text(copy->arena, slice_from(database_text(row, 0)));
    return false;
}

bool jobs_asked_by(struct jobs *jobs, const char *job, struct arena *arena, const char **request, struct error *error)
{
    struct asked_copy copy = {arena, request};
    *request = "";
    pthread_mutex_lock(&jobs->lock);
    bool ok = database_each(jobs, database_query(jobs, error, "SELECT request FROM asked WHERE job = ?", "t", job),
                            copy_request, &copy, error);
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}
