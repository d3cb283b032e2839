/* grade_pattern.c - a regular expression that answers must match, by PCRE2 and within bounds: who writes test cases may write an expression
 * whose time explodes. */
#include "grade.h"
#include <stdlib.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { EXPRESSION_BYTES = 16384, MATCH_STEPS = 1000000, MATCH_KIB = 20000 };

struct grade_pattern {
    pcre2_code *code;
    pcre2_match_context *bounds;
    pcre2_match_data *match;
};

bool grade_pattern_create(struct grade_pattern **pattern, struct slice expression, struct error *error)
{
    int number;
    PCRE2_SIZE at;
    if (expression.size > EXPRESSION_BYTES)
        return error_set(error, ERROR_LIMIT, "the pattern has %zu bytes, the limit is %d", expression.size, EXPRESSION_BYTES);
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)expression.data, expression.size,
                                     PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &number, &at, NULL);
    if (code == NULL) {
        PCRE2_UCHAR why[120];
        pcre2_get_error_message(number, why, sizeof(why));
        return error_set(error, ERROR_INVALID, "pattern \"" SLICE_FORMAT "\": %s, at byte %zu", SLICE_ARGUMENT(expression),
                         (const char *)why, (size_t)at);
    }
    struct grade_pattern *made = memory_alloc(1, sizeof(*made));
    *made = (struct grade_pattern){code, pcre2_match_context_create(NULL), pcre2_match_data_create(1, NULL)};
    if (made->bounds == NULL || made->match == NULL) {
        grade_pattern_free(made);
        return error_set(error, ERROR_NO_MEMORY, "there is no memory for a pattern");
    }
    pcre2_set_match_limit(made->bounds, MATCH_STEPS);
    pcre2_set_heap_limit(made->bounds, MATCH_KIB);
    *pattern = made;
    return true;
}

bool grade_pattern_matches(struct grade_pattern *pattern, struct slice text, bool *gave_up)
{
    size_t bad_at;
    *gave_up = false;
    if (!text_is_utf8(text, &bad_at))
        text.size = bad_at; /* what stands before it can match */
    int found = pcre2_match(pattern->code, (PCRE2_SPTR)(text.data != NULL ? text.data : ""), text.size, 0, 0, pattern->match,
                            pattern->bounds);
    *gave_up = found < 0 && found != PCRE2_ERROR_NOMATCH;
    return found >= 0;
}

void grade_pattern_free(struct grade_pattern *pattern)
{
    if (pattern == NULL)
        return;
    pcre2_match_data_free(pattern->match);
    pcre2_match_context_free(pattern->bounds);
    pcre2_code_free(pattern->code);
    free(pattern);
}
