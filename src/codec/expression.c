/* expression.c - regular expressions of others, by PCRE2 and within bounds: the time of one may explode. */
#include "codec.h"
#include <stdlib.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { EXPRESSION_BYTES = 16384, MATCH_STEPS = 1000000, MATCH_STEPS_PLAIN = 20000, MATCH_KIB = 20000 };

struct expression {
    pcre2_code *code;
    pcre2_match_context *bounds;
    pcre2_match_data *match;
};

bool expression_create(struct expression **expression, enum expression_classes classes, struct slice text, struct error *error)
{
    int number;
    PCRE2_SIZE at;
    uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | (classes == EXPRESSION_UNICODE ? PCRE2_UCP : PCRE2_DOLLAR_ENDONLY);
    if (text.size > EXPRESSION_BYTES)
        return error_set(error, ERROR_LIMIT, "the pattern has %zu bytes, the limit is %d", text.size, EXPRESSION_BYTES);
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)(text.data != NULL ? text.data : ""), text.size, options, &number, &at, NULL);
    if (code == NULL) {
        PCRE2_UCHAR why[120];
        pcre2_get_error_message(number, why, sizeof(why));
        return error_set(error, ERROR_INVALID, "pattern \"" SLICE_FORMAT "\": %s, at byte %zu", SLICE_ARGUMENT(text),
                         (const char *)why, (size_t)at);
    }
    struct expression *made = memory_alloc(1, sizeof(*made));
    *made = (struct expression){code, pcre2_match_context_create(NULL), pcre2_match_data_create(1, NULL)};
    if (made->bounds == NULL || made->match == NULL) {
        expression_free(made);
        return error_set(error, ERROR_NO_MEMORY, "there is no memory for a pattern");
    }
    pcre2_set_match_limit(made->bounds, classes == EXPRESSION_UNICODE ? MATCH_STEPS : MATCH_STEPS_PLAIN);
    pcre2_set_heap_limit(made->bounds, MATCH_KIB);
    *expression = made;
    return true;
}

static int match(struct expression *expression, struct slice text)
{
    return pcre2_match(expression->code, (PCRE2_SPTR)(text.data != NULL ? text.data : ""), text.size, 0, 0, expression->match,
                       expression->bounds);
}

bool expression_matches(struct expression *expression, struct slice text, bool *gave_up)
{
    int found = match(expression, text);
    if (found <= PCRE2_ERROR_UTF8_ERR1 && found >= PCRE2_ERROR_UTF8_ERR21) /* what stands before it can match */
        found = match(expression, slice_range(text, 0, pcre2_get_startchar(expression->match)));
    *gave_up = found < 0 && found != PCRE2_ERROR_NOMATCH;
    return found >= 0;
}

void expression_free(struct expression *expression)
{
    if (expression == NULL)
        return;
    pcre2_match_data_free(expression->match);
    pcre2_match_context_free(expression->bounds);
    pcre2_code_free(expression->code);
    free(expression);
}
