/* case_members.c - names that nobody knows. A case may have members of its own; one whose name is nearly a known one is a slip of the pen, and the
 * case would be measured without it, unnoticed. */
#include "case_members.h"
#include <string.h>

enum { SHORT_NAME = 4 /* letters, of which one may differ; of longer ones two */ };

static const char *const members[] = {"question", "input",  "answer", "expected", "source",
                                      "tags",     "checks", "quote",  "evidence"};
static const char *const checks_known[] = {"answer", "tolerance", "pattern", "schema", "style"};

static const char *nearest(struct slice name, const char *const *known, size_t count, size_t *distance)
{
    const char *best = known[0];
    *distance = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        size_t away = slice_distance(name, slice_from(known[i]), 100);
        if (away < *distance) {
            best = known[i];
            *distance = away;
        }
    }
    return best;
}

bool case_members_check(const struct json_value *object, const char *name, struct error *error)
{
    for (size_t i = 0; i < object->count; i++) {
        struct slice key = object->keys[i];
        size_t distance;
        const char *known = nearest(key, members, ARRAY_COUNT(members), &distance);
        if (distance == 0 || distance > (key.size > SHORT_NAME ? 2u : 1u) || json_get(object, known) != NULL)
            continue;
        error_set(error, ERROR_INVALID, "%s: unknown member \"" SLICE_FORMAT "\" of a test case", name, SLICE_ARGUMENT(key));
        return error_hint(error, "Did you mean \"%s\"? Members of your own may have any name that is less like one of these.",
                          known);
    }
    return true;
}

bool case_members_check_checks(const struct json_value *checks, const char *name, struct error *error)
{
    for (size_t i = 0; i < checks->count; i++) {
        size_t distance;
        const char *known = nearest(checks->keys[i], checks_known, ARRAY_COUNT(checks_known), &distance);
        if (distance == 0)
            continue;
        error_set(error, ERROR_INVALID, "%s: unknown check \"" SLICE_FORMAT "\"", name, SLICE_ARGUMENT(checks->keys[i]));
        return distance <= 3 ? error_hint(error, "Did you mean \"%s\"?", known)
                             : error_hint(error, "Known are answer, tolerance, pattern, schema and style.");
    }
    return true;
}
