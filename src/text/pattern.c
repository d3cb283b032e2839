/* pattern.c - texts and regular expressions, matched from left to right.
 *
 * Ruby's "^" and "$" mean each line, so they do in PCRE2's options here.
 *
 * Encoding cannot fail and must end. A search that needs too many steps at one place counts as "no more matches in this piece".
 * An expression that was found slow when it was read (pattern_speed.h) is tried at WINDOW_STARTS places at a time and sees no more
 * than WINDOW_BYTES, so that its time is bounded by the text's size; matches longer than that are then cut. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "pattern.h"
#include "members.h"
#include "pattern_speed.h"
#include "pattern_syntax.h"
#include "text.h"
#include "token_tables.h"
#include <assert.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 2000000u
#define STEPS_MAX_SLOW 4000u
#define STACK_BYTES_MAX (4 * MIB)
#define OPTIONS (PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT)
enum { WINDOW_STARTS = 256, WINDOW_BYTES = 1024 };

struct pattern_work {
    pcre2_match_data *match;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
    char *copy; /* of a text with new characters, with old ones in their place */
    size_t copy_capacity;
};

static struct pattern_work *pattern_work_create(void)
{
    struct pattern_work *work = memory_alloc(1, sizeof(*work));
    work->match = pcre2_match_data_create(1, NULL);
    work->context = pcre2_match_context_create(NULL);
    work->stack = pcre2_jit_stack_create(32 * KIB, STACK_BYTES_MAX, NULL);
    if (work->context != NULL) {
        pcre2_set_match_limit(work->context, STEPS_MAX);
        pcre2_set_depth_limit(work->context, STEPS_MAX);
        pcre2_set_heap_limit(work->context, (uint32_t)(STACK_BYTES_MAX / KIB));
        pcre2_jit_stack_assign(work->context, NULL, work->stack);
    }
    return work;
}

void pattern_work_free(struct pattern_work *work)
{
    if (work == NULL)
        return;
    pcre2_match_data_free(work->match);
    pcre2_match_context_free(work->context);
    pcre2_jit_stack_free(work->stack);
    free(work->copy);
    free(work);
}

static bool compile(struct pattern *pattern, struct slice expression, const char *name, struct error *error)
{
    int code = 0;
    PCRE2_SIZE at = 0;
    struct buffer translated;
    buffer_init(&translated, 32 * LIMIT_TOKENIZER_TEXT_BYTES);
    if (!pattern_translate(expression, name, &translated, error)) {
        buffer_release(&translated);
        return false;
    }
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    pcre2_code *compiled = NULL;
    if (context != NULL) {
        pcre2_set_parens_nest_limit(context, 100);
        compiled = pcre2_compile((PCRE2_SPTR)buffer_text(&translated), translated.size, OPTIONS, &code, &at, context);
        pcre2_compile_context_free(context);
    }
    if (compiled != NULL)
        pattern->is_slow = pattern_is_slow(buffer_slice(&translated), OPTIONS);
    buffer_release(&translated);
    if (compiled == NULL) {
        unsigned char reason[120] = "there is no memory for it";
        if (context != NULL)
            pcre2_get_error_message(code, reason, sizeof(reason));
        return error_set(error, ERROR_INVALID, "cannot read the regular expression of %s at byte %zu: %s", name,
                         context != NULL ? (size_t)at : 0, (const char *)reason);
    }
    pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE); /* without, it is interpreted */
    pattern->code = compiled;
    return true;
}

bool pattern_read(struct pattern *pattern, const struct json_value *value, const char *name, struct arena *arena,
                  struct error *error)
{
    struct slice text = {0}, expression = {0};
    *pattern = (struct pattern){0};
    if (value->kind == JSON_TEXT) { /* as older files have it */
        if (value->text.size > LIMIT_TOKENIZER_TEXT_BYTES)
            return error_set(error, ERROR_LIMIT, "the pattern of %s has %zu bytes, the limit is %zu", name, value->text.size,
                             LIMIT_TOKENIZER_TEXT_BYTES);
        pattern->text = arena_slice(arena, value->text);
        return true;
    }
    if (value->kind != JSON_OBJECT || (json_get(value, "String") == NULL) == (json_get(value, "Regex") == NULL))
        return error_set(error, ERROR_INVALID, "the pattern of %s is not {\"String\": ...} or {\"Regex\": ...}", name);
    if (!member_text(value, name, "String", /* is_required= */ false, arena, &text, error) ||
        !member_text(value, name, "Regex", /* is_required= */ false, arena, &expression, error))
        return false;
    pattern->text = text;
    return json_get(value, "Regex") == NULL || compile(pattern, expression, name, error);
}

void pattern_release(struct pattern *pattern)
{
    pcre2_code_free(pattern->code);
    pattern->code = NULL;
}

static bool match_once(const struct pattern *pattern, struct pattern_work *work, struct slice text, size_t at, uint32_t options,
                       size_t *start, size_t *end)
{
    if (pcre2_match(pattern->code, (PCRE2_SPTR)text.data, text.size, at, PCRE2_NO_UTF_CHECK | options, work->match,
                    work->context) < 0)
        return false;
    const PCRE2_SIZE *places = pcre2_get_ovector_pointer(work->match);
    *start = places[0];
    *end = places[1];
    return *start <= *end && *start >= at; /* \K can turn it round */
}

static size_t character_start(struct slice text, size_t at)
{
    while (at < text.size && at > 0 && ((unsigned char)text.data[at] & 0xC0) == 0x80)
        at--;
    return at < text.size ? at : text.size;
}

/* Window by window. */
static bool find_slowly(const struct pattern *pattern, struct pattern_work *work, struct slice text, size_t at, size_t *start,
                        size_t *end)
{
    bool is_found = false;
    pcre2_set_match_limit(work->context, STEPS_MAX_SLOW);
    for (size_t next; !is_found && at <= text.size; at = next) {
        next = character_start(text, at + WINDOW_STARTS);
        struct slice window = slice_range(text, 0, character_start(text, at + WINDOW_BYTES));
        pcre2_set_offset_limit(work->context, next);
        is_found = match_once(pattern, work, window, at, window.size < text.size ? PCRE2_NOTEOL : 0, start, end);
        if (next >= text.size)
            break;
    }
    pcre2_set_match_limit(work->context, STEPS_MAX);
    pcre2_set_offset_limit(work->context, PCRE2_UNSET);
    return is_found;
}

/* The next match from `at` on. */
static bool find(const struct pattern *pattern, struct pattern_work *work, struct slice text, size_t at, size_t *start,
                 size_t *end)
{
    if (pattern->code == NULL) {
        const char *found = memmem(text.data + at, text.size - at, pattern->text.data, pattern->text.size);
        if (found == NULL)
            return false;
        *start = (size_t)(found - text.data);
        *end = *start + pattern->text.size;
        return true;
    }
    if (work->match == NULL)
        return false;
    if (pattern->is_slow)
        return find_slowly(pattern, work, text, at, start, end);
    return match_once(pattern, work, text, at, 0, start, end);
}

/* The text with an old character in the place of each that the library may not know, all of the same sizes. */
static struct slice familiar(struct pattern_work *work, struct slice text)
{
    bool is_copied = false;
    for (size_t at = 0; at < text.size;) {
        uint32_t character;
        size_t size = text_decode(text, at, &character);
        if (token_kind_of(character).flags & TOKEN_NEWER) {
            if (!is_copied && work->copy_capacity < text.size) {
                work->copy = memory_resize(work->copy, text.size, 1);
                work->copy_capacity = text.size;
            }
            if (!is_copied)
                memcpy(work->copy, text.data, text.size);
            is_copied = true;
            size_t low = 0, high = token_stand_in_count;
            while (low + 1 < high) {
                size_t middle = (low + high) / 2;
                if (token_stand_ins[middle].first <= character)
                    low = middle;
                else
                    high = middle;
            }
            char bytes[4];
            size_t written = text_encode(token_stand_ins[low].other, bytes);
            assert(written == size && token_stand_ins[low].last >= character);
            memcpy(work->copy + at, bytes, written);
        }
        at += size;
    }
    return is_copied ? (struct slice){work->copy, text.size} : text;
}

void pattern_spans(const struct pattern *pattern, struct pattern_work **work, struct slice text, struct spans *spans)
{
    size_t at = 0, done = 0, start, end;
    bool is_first = true;
    if (*work == NULL && pattern->code != NULL)
        *work = pattern_work_create();
    if (pattern->code != NULL)
        text = familiar(*work, text);
    while (at <= text.size && find(pattern, *work, text, at, &start, &end)) {
        bool is_repeated = start == end && !is_first && start == done;
        if (!is_repeated) { /* an empty match right behind a match is none */
            if (start > done)
                spans_append(spans, done, start, false);
            spans_append(spans, start, end, true);
            done = end;
            is_first = false;
        }
        at = end;
        if (start == end) {
            uint32_t character;
            at += end < text.size ? text_decode(text, end, &character) : 1;
        }
    }
    if (done < text.size)
        spans_append(spans, done, text.size, false);
}
