/* pattern_speed.c - whether an expression can take time that grows faster than the text.
 *
 * It is compiled to tell of each step it tries, without the optimizations that hide steps, and searches texts of one character or
 * two repeated, with another at the end. A linear one takes some steps for each character; (a+)+$ and a+b take thousands. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "pattern_speed.h"
#include <pcre2.h>
#include <string.h>

enum { TEXT_BYTES = 512, STEPS_PER_BYTE = 48 };

static int count_step(pcre2_callout_block *block, void *context)
{
    size_t *left = context;
    (void)block;
    if (*left == 0)
        return PCRE2_ERROR_CALLOUT;
    (*left)--;
    return 0;
}

/* All matches of the text, within its steps? */
static bool search_all(const pcre2_code *code, pcre2_match_data *match, pcre2_match_context *context, const char *text,
                       size_t *left)
{
    size_t at = 0;
    *left = (size_t)TEXT_BYTES * STEPS_PER_BYTE;
    while (at < TEXT_BYTES) {
        int result = pcre2_match(code, (PCRE2_SPTR)text, TEXT_BYTES, at, PCRE2_NO_UTF_CHECK, match, context);
        if (result == PCRE2_ERROR_NOMATCH)
            return true;
        if (result < 0)
            return false;
        size_t end = pcre2_get_ovector_pointer(match)[1];
        at = end > at ? end : at + 1;
    }
    return true;
}

static bool is_slow(const pcre2_code *code, struct slice expression, pcre2_match_data *match, pcre2_match_context *context)
{
    static const char usual[] = "aA1 \n!'_-.x";
    char text[TEXT_BYTES];
    size_t left = 0, usual_count = sizeof(usual) - 1, count = usual_count + (expression.size < 64 ? expression.size : 64);
    pcre2_set_callout(context, count_step, &left);
    for (size_t i = 0; i < count; i++) {
        char byte = i < usual_count ? usual[i] : expression.data[i - usual_count];
        if ((unsigned char)byte >= 0x80)
            continue;
        for (int is_alternating = 0; is_alternating < 2; is_alternating++) {
            memset(text, byte, sizeof(text));
            for (size_t j = 1; is_alternating && j < sizeof(text); j += 2)
                text[j] = byte == ' ' ? 'a' : ' ';
            text[sizeof(text) - 1] = '!';
            if (!search_all(code, match, context, text, &left))
                return true;
            text[sizeof(text) - 1] = 'z';
            if (!search_all(code, match, context, text, &left))
                return true;
        }
    }
    return false;
}

bool pattern_is_slow(struct slice expression, uint32_t options)
{
    int code_of_error;
    PCRE2_SIZE at;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)expression.data, expression.size,
                                     options | PCRE2_AUTO_CALLOUT | PCRE2_NO_AUTO_POSSESS, &code_of_error, &at, NULL);
    pcre2_match_data *match = pcre2_match_data_create(1, NULL);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    bool is_known = code != NULL && match != NULL && context != NULL;
    bool result = !is_known || is_slow(code, expression, match, context);
    pcre2_code_free(code);
    pcre2_match_data_free(match);
    pcre2_match_context_free(context);
    return result;
}
