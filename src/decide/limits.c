/* limits.c - which limits an arm keeps, and those that rule it out in words. */
#include "verdict_parts.h"

const char *const limit_names[LIMIT_KINDS] = {"latency_p95_ms", "cost_per_month", "private", "citations", "knowledge_changes"};

static bool meets(const struct verdict_limits *limits, const struct arm *arm, enum limit_kind kind)
{
    switch (kind) {
    case LIMIT_LATENCY:
        return limits->latency_p95_ms <= 0 || arm->latency_p95_ms <= limits->latency_p95_ms;
    case LIMIT_COST:
        return limits->cost_per_month <= 0 || arm->cost_per_month <= limits->cost_per_month;
    case LIMIT_PRIVACY:
        return !limits->is_private || arm->is_private;
    case LIMIT_CITATIONS:
        return !limits->citations || arm->cites;
    default:
        return arm->stale_share <= limits->stale_share_most;
    }
}

bool limits_met(const struct verdict_limits *limits, const struct arm *arm, bool met[LIMIT_KINDS])
{
    bool all = true;
    for (size_t i = 0; i < LIMIT_KINDS; i++) {
        met[i] = meets(limits, arm, (enum limit_kind)i);
        all = all && met[i];
    }
    return all;
}

/* What one limit allows and the arm takes. */
static const char *limit_text(const struct verdict_limits *limits, const struct arm *arm, enum limit_kind kind,
                              struct arena *arena)
{
    switch (kind) {
    case LIMIT_LATENCY:
        return arena_format(arena, "%s %.0f (it takes %.0f)", limit_names[kind], limits->latency_p95_ms, arm->latency_p95_ms);
    case LIMIT_COST:
        return arena_format(arena,
                            arm->cost_people > 0 ? "%s %.4g (it takes %.4g, %.4g of it people's hours of upkeep)"
                                                 : "%s %.4g (it takes %.4g)",
                            limit_names[kind], limits->cost_per_month, arm->cost_per_month, arm->cost_people);
    case LIMIT_PRIVACY:
        return arena_format(arena, "%s (its model runs elsewhere)", limit_names[kind]);
    case LIMIT_CITATIONS:
        return arena_format(arena, "%s (too few of its answers name their sources)", limit_names[kind]);
    default:
        return arena_format(arena, "%s (%.2f of its answers are old after a change, %.2f may be)", limit_names[kind],
                            arm->stale_share, limits->stale_share_most);
    }
}

const char *limits_broken(const struct verdict_limits *limits, const struct arm *arm, struct arena *arena)
{
    const char *text = NULL;
    for (size_t i = 0; i < LIMIT_KINDS; i++)
        if (!meets(limits, arm, (enum limit_kind)i)) {
            const char *one = limit_text(limits, arm, (enum limit_kind)i, arena);
            text = text != NULL ? arena_format(arena, "%s, %s", text, one) : one;
        }
    return text;
}
