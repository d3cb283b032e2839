/* quota.c - keys that may use so much in a day: what they used stands in server.db (room jobs), by their owner's name there, so that a key which is
 * made again under the name of another begins with nothing used. */
#include "exchange.h"

enum { DAY_S = 86400, RETRY_S_MAX = 60 /* who must wait longer is told not to try */ };

static bool has_quota(const struct exchange *exchange)
{
    const struct assay_quota *quota = &exchange->key.quota;
    return quota->requests > 0 || quota->tokens > 0 || quota->money > 0;
}

static int64_t now_s(void)
{
    return clock_wall_ns() / 1000000000;
}

static void refuse(struct exchange *exchange, enum jobs_measure measure)
{
    const struct assay_quota *quota = &exchange->key.quota;
    const struct {
        const char *type, *what;
        double most;
    } measures[] = {[JOBS_NOTHING] = {"", "", 0},
                    [JOBS_REQUESTS] = {"requests", "requests", quota->requests},
                    [JOBS_TOKENS] = {"tokens", "tokens", quota->tokens},
                    [JOBS_MONEY] = {"insufficient_quota", "units of money", quota->money}};
    exchange->limit_type = measures[measure].type;
    exchange->retry_s = (unsigned)(DAY_S - now_s() % DAY_S);
    exchange->is_final = exchange->retry_s > RETRY_S_MAX;
    pthread_mutex_lock(&exchange->server->lock);
    exchange->server->figures.over_quota++;
    pthread_mutex_unlock(&exchange->server->lock);
    respond_refusal(exchange, 429, measure == JOBS_MONEY ? "insufficient_quota" : "rate_limit_exceeded", NULL,
                    "the key \"%s\" has used its %.15g %s of this day; the next begins in %u seconds, at midnight UTC",
                    exchange->key.name, measures[measure].most, measures[measure].what, exchange->retry_s);
}

static bool check(struct exchange *exchange, bool takes)
{
    const struct assay_quota *quota = &exchange->key.quota;
    const struct jobs_use most = {quota->requests, quota->tokens, quota->money};
    struct jobs *jobs = exchange->server->jobs;
    enum jobs_measure used_up = JOBS_NOTHING;
    struct error inner;
    if (!has_quota(exchange))
        return true;
    if (!(takes ? jobs_take_request(jobs, exchange->owner, now_s() / DAY_S, &most, &used_up, &inner)
                : jobs_look_at_use(jobs, exchange->owner, now_s() / DAY_S, &most, &used_up, &inner)))
        return respond_inner(exchange, &inner);
    if (used_up == JOBS_NOTHING)
        return true;
    refuse(exchange, used_up);
    return false;
}

bool quota_take(struct exchange *exchange)
{
    return check(exchange, /* takes= */ true);
}

void quota_take_begun(const struct exchange *exchange)
{
    struct error inner;
    if (has_quota(exchange) && !jobs_take_begun(exchange->server->jobs, exchange->owner, now_s() / DAY_S, &inner))
        journal_event("error", "%s: %s", exchange->id, inner.message);
}

bool quota_has_room(struct exchange *exchange)
{
    return check(exchange, /* takes= */ false);
}

void quota_note(const struct exchange *exchange, double tokens, double money)
{
    struct error inner;
    if (!has_quota(exchange) || (tokens <= 0 && money <= 0))
        return;
    if (!jobs_note_use(exchange->server->jobs, exchange->owner, now_s() / DAY_S, tokens, money > 0 ? money : 0, &inner))
        journal_event("error", "%s: %s", exchange->id, inner.message);
}

void quota_note_answer(const struct exchange *exchange, const struct assay_answer *answer)
{
    quota_note(exchange, (double)(answer->prompt_tokens + answer->completion_tokens), answer->cost);
}
