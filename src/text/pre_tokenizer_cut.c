/* pre_tokenizer_cut.c - the pre-tokenizers that cut a piece: first into spans that match and spans that do not, then these into
 * pieces, as the behavior says. */
#include "pre_tokenizer.h"
#include "text.h"
#include "token_tables.h"
#include <assert.h>

static uint16_t flags_at(struct slice text, size_t at, size_t *size)
{
    uint32_t character;
    *size = text_decode(text, at, &character);
    return token_kind_of(character).flags;
}

/* ---- spans ---- */

static void span_characters(const struct pre_tokenizer *pre_tokenizer, struct slice text, struct spans *spans)
{
    size_t done = 0, size;
    for (size_t at = 0; at < text.size; at += size) {
        uint32_t character;
        size = text_decode(text, at, &character);
        bool is_match = pre_tokenizer->kind == CUT_DELIMITER ? character == pre_tokenizer->character
                                                             : token_kind_of(character).flags & pre_tokenizer->flags;
        if (!is_match)
            continue;
        if (done < at)
            spans_append(spans, done, at, false);
        done = at + size;
        spans_append(spans, at, done, true);
    }
    if (done < text.size)
        spans_append(spans, done, text.size, false);
}

static unsigned whitespace_class(uint16_t flags)
{
    return flags & TOKEN_WORD ? 1 : flags & TOKEN_SPACE ? 0 : 2;
}

/* The pattern \w+|[^\w\s]+, of which the matches are kept. */
static void span_whitespace(struct slice text, struct spans *spans)
{
    for (size_t start = 0; start < text.size;) {
        size_t size;
        unsigned class = whitespace_class(flags_at(text, start, &size));
        size_t end = start + size;
        while (end < text.size && whitespace_class(flags_at(text, end, &size)) == class)
            end += size;
        spans_append(spans, start, end, class == 0);
        start = end;
    }
}

enum gpt2_class { GPT2_SPACE, GPT2_LETTER, GPT2_NUMBER, GPT2_OTHER };

static enum gpt2_class gpt2_class(uint16_t flags)
{
    return flags & TOKEN_LETTER   ? GPT2_LETTER
           : flags & TOKEN_NUMBER ? GPT2_NUMBER
           : flags & TOKEN_SPACE  ? GPT2_SPACE
                                  : GPT2_OTHER;
}

static size_t gpt2_run(struct slice text, size_t at, enum gpt2_class class)
{
    size_t size;
    while (at < text.size && gpt2_class(flags_at(text, at, &size)) == class)
        at += size;
    return at;
}

static size_t contraction_size(struct slice text, size_t at)
{
    static const struct slice contractions[] = {SLICE_CONSTANT("'s"),  SLICE_CONSTANT("'t"), SLICE_CONSTANT("'re"),
                                                SLICE_CONSTANT("'ve"), SLICE_CONSTANT("'m"), SLICE_CONSTANT("'ll"),
                                                SLICE_CONSTANT("'d")};
    if (text.data[at] != '\'')
        return 0;
    for (size_t i = 0; i < ARRAY_COUNT(contractions); i++)
        if (slice_starts_with(slice_range(text, at, text.size), contractions[i]))
            return contractions[i].size;
    return 0;
}

/* The pattern 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+ */
static size_t gpt2_match(struct slice text, size_t at)
{
    size_t size = contraction_size(text, at), first_size, next_size;
    if (size > 0)
        return at + size;
    enum gpt2_class class = gpt2_class(flags_at(text, at, &first_size));
    size_t behind = at + first_size;
    if (class != GPT2_SPACE)
        return gpt2_run(text, behind, class);
    if (text.data[at] == ' ' && behind < text.size) {
        enum gpt2_class next = gpt2_class(flags_at(text, behind, &next_size));
        if (next != GPT2_SPACE)
            return gpt2_run(text, behind + next_size, next);
    }
    size_t end = gpt2_run(text, behind, GPT2_SPACE);
    if (end == text.size || end == behind)
        return end;
    do /* the last space goes with what follows */
        end--;
    while (((unsigned char)text.data[end] & 0xC0) == 0x80);
    return end;
}

static void span_gpt2(struct slice text, struct spans *spans)
{
    for (size_t at = 0; at < text.size;) {
        size_t end = gpt2_match(text, at);
        assert(end > at);
        spans_append(spans, at, end, true);
        at = end;
    }
}

static void span_length(struct slice text, size_t length, struct spans *spans)
{
    size_t start = 0, at = 0, size;
    for (size_t count = 1; at < text.size; count++) {
        flags_at(text, at, &size);
        at += size;
        if (count % length == 0 || at == text.size) {
            spans_append(spans, start, at, true);
            start = at;
        }
    }
}

/* Runs of a script; what goes with all scripts does not end one. What stands before the first script is lost, as in the
 * package. */
static void span_scripts(struct slice text, struct spans *spans)
{
    unsigned last = 0;
    size_t start = 0, size;
    for (size_t at = 0; at < text.size; at += size) {
        uint32_t character;
        size = text_decode(text, at, &character);
        unsigned script = token_script_of(character);
        if (script == 0 || script == last)
            continue;
        if (last != 0)
            spans_append(spans, start, at, false);
        start = at;
        last = script;
    }
    if (last != 0)
        spans_append(spans, start, text.size, false);
}

/* ---- spans into pieces ---- */

/* Joins spans; what is to be removed stays marked as a match. */
static void join_spans(struct spans *spans, enum split_behavior behavior)
{
    struct span *items = spans->items;
    size_t count = 0;
    bool was_match = false;
    for (size_t i = 0; i < spans->count; i++) {
        struct span span = items[i];
        bool is_joined = behavior == SPLIT_CONTIGUOUS ? span.is_match == was_match : span.is_match && !was_match;
        was_match = span.is_match;
        if (is_joined && count > 0)
            items[count - 1].end = span.end;
        else
            items[count++] = (struct span){span.start, span.end, false};
    }
    spans->count = count;
}

static void join_with_next(struct spans *spans)
{
    struct span *items = spans->items;
    size_t first = spans->count; /* filled from the back */
    bool was_match = false;
    for (size_t i = spans->count; i > 0; i--) {
        struct span span = items[i - 1];
        bool is_joined = span.is_match && !was_match;
        was_match = span.is_match;
        if (is_joined && first < spans->count)
            items[first].start = span.start;
        else
            items[--first] = (struct span){span.start, span.end, false};
    }
    spans->count -= first;
    for (size_t i = 0; i < spans->count; i++)
        items[i] = items[first + i];
}

static void keep_spans(struct token_work *work, const struct piece *piece, enum split_behavior behavior)
{
    struct spans *spans = &work->spans;
    if (behavior == SPLIT_CONTIGUOUS || behavior == SPLIT_MERGED_WITH_PREVIOUS)
        join_spans(spans, behavior);
    else if (behavior == SPLIT_MERGED_WITH_NEXT)
        join_with_next(spans);
    for (size_t i = 0; i < spans->count; i++)
        if (behavior != SPLIT_REMOVED || !spans->items[i].is_match)
            token_work_keep(work, piece, piece->start + spans->items[i].start, piece->start + spans->items[i].end);
}

void cut_piece(const struct pre_tokenizer *pre_tokenizer, struct token_work *work, const struct piece *piece)
{
    struct slice text = {work->text.bytes + piece->start, piece->end - piece->start};
    struct spans *spans = &work->spans;
    spans->count = 0;
    switch (pre_tokenizer->kind) {
    case CUT_WHITESPACE:
        span_whitespace(text, spans);
        break;
    case CUT_GPT2:
        span_gpt2(text, spans);
        break;
    case CUT_SCRIPTS:
        span_scripts(text, spans);
        break;
    case CUT_LENGTH:
        span_length(text, pre_tokenizer->length, spans);
        break;
    case CUT_PATTERN:
        pattern_spans(&pre_tokenizer->pattern, &work->pattern, text, spans);
        break;
    default:
        span_characters(pre_tokenizer, text, spans);
        break;
    }
    for (size_t i = 0; pre_tokenizer->is_inverted && i < spans->count; i++)
        spans->items[i].is_match = !spans->items[i].is_match;
    keep_spans(work, piece, pre_tokenizer->behavior);
}
