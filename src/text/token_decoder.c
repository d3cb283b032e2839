#include "token_decoder.h"
#include "byte_level.h"
#include "text.h"
#include "tokenizer_parts.h"
#include "utf8_repair.h"
#include <stdlib.h>
#include <string.h>

void token_texts_init(struct token_texts *texts)
{
    *texts = (struct token_texts){0};
    buffer_init(&texts->bytes, LIMIT_DECODED_BYTES);
}

void token_texts_release(struct token_texts *texts)
{
    buffer_release(&texts->bytes);
    free(texts->ends);
}

void token_texts_end(struct token_texts *texts)
{
    texts->ends = memory_more(texts->ends, texts->count, &texts->capacity, sizeof(*texts->ends));
    texts->ends[texts->count++] = texts->bytes.size;
}

struct slice token_text(const struct token_texts *texts, size_t at)
{
    return slice_range(buffer_slice(&texts->bytes), at > 0 ? texts->ends[at - 1] : 0, texts->ends[at]);
}

/* ---- replacing ---- */

static void append_replaced(struct buffer *out, struct slice text, struct slice from, struct slice to)
{
    while (from.size > 0 && text.size >= from.size) {
        const char *found = memmem(text.data, text.size, from.data, from.size);
        if (found == NULL)
            break;
        size_t at = (size_t)(found - text.data);
        buffer_append(out, text.data, at);
        buffer_append_slice(out, to);
        text = slice_range(text, at + from.size, text.size);
    }
    buffer_append_slice(out, text);
}

/* Takes away what tokenizing put before punctuation and English endings. */
static void append_clean(struct buffer *out, struct slice text)
{
    static const struct slice pairs[][2] = {
        {SLICE_CONSTANT(" ."), SLICE_CONSTANT(".")},     {SLICE_CONSTANT(" ?"), SLICE_CONSTANT("?")},
        {SLICE_CONSTANT(" !"), SLICE_CONSTANT("!")},     {SLICE_CONSTANT(" ,"), SLICE_CONSTANT(",")},
        {SLICE_CONSTANT(" ' "), SLICE_CONSTANT("'")},    {SLICE_CONSTANT(" n't"), SLICE_CONSTANT("n't")},
        {SLICE_CONSTANT(" 'm"), SLICE_CONSTANT("'m")},   {SLICE_CONSTANT(" do not"), SLICE_CONSTANT(" don't")},
        {SLICE_CONSTANT(" 's"), SLICE_CONSTANT("'s")},   {SLICE_CONSTANT(" 've"), SLICE_CONSTANT("'ve")},
        {SLICE_CONSTANT(" 're"), SLICE_CONSTANT("'re")},
    };
    struct buffer now, next;
    buffer_init(&now, LIMIT_DECODED_BYTES);
    buffer_init(&next, LIMIT_DECODED_BYTES);
    buffer_append_slice(&now, text);
    for (size_t i = 0; i < ARRAY_COUNT(pairs); i++) {
        struct buffer other = now;
        buffer_clear(&next);
        append_replaced(&next, buffer_slice(&now), pairs[i][0], pairs[i][1]);
        now = next;
        next = other;
    }
    buffer_append_slice(out, buffer_slice(&now));
    buffer_release(&now);
    buffer_release(&next);
}

/* ---- one decoder: all texts of `in` to `out` ---- */

static void decode_word_piece(const struct token_decoder *decoder, const struct token_texts *in, struct token_texts *out)
{
    struct buffer joined;
    buffer_init(&joined, LIMIT_DECODED_BYTES);
    for (size_t i = 0; i < in->count; i++) {
        struct slice text = token_text(in, i);
        buffer_clear(&joined);
        if (i > 0 && slice_starts_with(text, decoder->text))
            text = slice_range(text, decoder->text.size, text.size);
        else if (i > 0)
            buffer_append_byte(&joined, ' ');
        buffer_append_slice(&joined, text);
        if (decoder->cleans)
            append_clean(&out->bytes, buffer_slice(&joined));
        else
            buffer_append_slice(&out->bytes, buffer_slice(&joined));
        token_texts_end(out);
    }
    buffer_release(&joined);
}

static void append_repaired(struct buffer *out, struct slice bytes)
{
    struct utf8_repair repair = {0};
    buffer_append_slice(out, utf8_repaired(&repair, bytes));
    utf8_repair_release(&repair);
}

static void decode_byte_level(const struct token_texts *in, struct token_texts *out)
{
    struct buffer bytes;
    buffer_init(&bytes, LIMIT_DECODED_BYTES);
    for (size_t i = 0; i < in->count; i++) {
        struct slice text = token_text(in, i);
        size_t before = bytes.size;
        for (size_t at = 0; at < text.size;) {
            uint32_t character;
            uint8_t byte;
            at += text_decode(text, at, &character);
            if (!byte_level_byte(character, &byte)) { /* not byte-level, so it stands for itself */
                bytes.size = before;
                buffer_append_slice(&bytes, text);
                break;
            }
            buffer_append_byte(&bytes, (char)byte);
        }
    }
    append_repaired(&out->bytes, buffer_slice(&bytes));
    token_texts_end(out);
    buffer_release(&bytes);
}

static void decode_metaspace(const struct token_decoder *decoder, const struct token_texts *in, struct token_texts *out)
{
    for (size_t i = 0; i < in->count; i++) {
        struct slice text = token_text(in, i);
        for (size_t at = 0; at < text.size;) {
            uint32_t character;
            size_t size = text_decode(text, at, &character);
            if (character != decoder->character)
                buffer_append(&out->bytes, text.data + at, size);
            else if (i > 0 || decoder->prepend == PREPEND_NEVER)
                buffer_append_byte(&out->bytes, ' ');
            at += size;
        }
        token_texts_end(out);
    }
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "<0x61>" */
static bool byte_of(struct slice text, char *byte)
{
    if (text.size != 6 || memcmp(text.data, "<0x", 3) != 0 || text.data[5] != '>')
        return false;
    int high = hex_value(text.data[3]), low = hex_value(text.data[4]);
    if (text.data[3] == '+' && low >= 0) /* a sign counts as no digit */
        high = 0;
    *byte = (char)(high * 16 + low);
    return high >= 0 && low >= 0;
}

/* Bytes in a row that are UTF-8 become text, others one U+FFFD each. */
static void end_bytes(struct buffer *bytes, struct token_texts *out)
{
    size_t bad_at;
    if (bytes->size > 0 && text_is_utf8(buffer_slice(bytes), &bad_at)) {
        buffer_append_slice(&out->bytes, buffer_slice(bytes));
        token_texts_end(out);
    } else {
        for (size_t i = 0; i < bytes->size; i++) {
            buffer_append_text(&out->bytes, "\xEF\xBF\xBD");
            token_texts_end(out);
        }
    }
    buffer_clear(bytes);
}

static void decode_byte_fallback(const struct token_texts *in, struct token_texts *out)
{
    struct buffer bytes;
    char byte;
    buffer_init(&bytes, LIMIT_DECODED_BYTES);
    for (size_t i = 0; i < in->count; i++) {
        struct slice text = token_text(in, i);
        if (byte_of(text, &byte)) {
            buffer_append_byte(&bytes, byte);
            continue;
        }
        end_bytes(&bytes, out);
        buffer_append_slice(&out->bytes, text);
        token_texts_end(out);
    }
    end_bytes(&bytes, out);
    buffer_release(&bytes);
}

static struct slice stripped(const struct token_decoder *decoder, struct slice text)
{
    char bytes[4];
    struct slice content = {bytes, text_encode(decoder->character, bytes)};
    for (size_t i = 0; i < decoder->start && slice_starts_with(text, content); i++)
        text = slice_range(text, content.size, text.size);
    for (size_t i = 0; i < decoder->stop && slice_ends_with(text, content); i++)
        text = slice_range(text, 0, text.size - content.size);
    return text;
}

static void decode_ctc(const struct token_decoder *decoder, const struct token_texts *in, struct token_texts *out)
{
    struct buffer without_pad, clean;
    buffer_init(&without_pad, LIMIT_DECODED_BYTES);
    buffer_init(&clean, LIMIT_DECODED_BYTES);
    for (size_t i = 0; i < in->count; i++) {
        struct slice text = token_text(in, i);
        if (i > 0 && slice_equal(text, token_text(in, i - 1)))
            continue;
        size_t before = out->bytes.size;
        buffer_clear(&without_pad);
        buffer_clear(&clean);
        append_replaced(&without_pad, text, decoder->text, SLICE(""));
        if (decoder->cleans) {
            append_clean(&clean, buffer_slice(&without_pad));
            append_replaced(&out->bytes, buffer_slice(&clean), decoder->delimiter, SLICE(" "));
        } else {
            buffer_append_slice(&out->bytes, buffer_slice(&without_pad));
        }
        if (out->bytes.size > before)
            token_texts_end(out);
    }
    buffer_release(&without_pad);
    buffer_release(&clean);
}

static void decode_replace(const struct token_decoder *decoder, const struct token_texts *in, struct token_texts *out)
{
    struct pattern_work *work = NULL;
    struct spans spans = {0};
    for (size_t i = 0; i < in->count; i++) {
        struct slice text = token_text(in, i);
        spans.count = 0;
        if (text.size > 0)
            pattern_spans(&decoder->pattern, &work, text, &spans);
        for (size_t j = 0; j < spans.count; j++)
            buffer_append_slice(&out->bytes, spans.items[j].is_match
                                                 ? decoder->text
                                                 : slice_range(text, spans.items[j].start, spans.items[j].end));
        token_texts_end(out);
    }
    pattern_work_free(work);
    free(spans.items);
}

static void decode_each(const struct token_decoder *decoder, const struct token_texts *in, struct token_texts *out)
{
    for (size_t i = 0; i < in->count; i++) {
        struct slice text = token_text(in, i);
        if (decoder->kind == DECODE_STRIP)
            buffer_append_slice(&out->bytes, stripped(decoder, text));
        else if (decoder->kind == DECODE_BPE)
            append_replaced(&out->bytes, text, decoder->text, i + 1 == in->count ? SLICE("") : SLICE(" "));
        else
            buffer_append_slice(&out->bytes, text);
        if (decoder->kind != DECODE_FUSE)
            token_texts_end(out);
    }
    if (decoder->kind == DECODE_FUSE)
        token_texts_end(out);
}

static void apply_one(const struct token_decoder *decoder, const struct token_texts *in, struct token_texts *out)
{
    switch (decoder->kind) {
    case DECODE_WORD_PIECE:
        decode_word_piece(decoder, in, out);
        break;
    case DECODE_BYTE_LEVEL:
        decode_byte_level(in, out);
        break;
    case DECODE_METASPACE:
        decode_metaspace(decoder, in, out);
        break;
    case DECODE_BYTE_FALLBACK:
        decode_byte_fallback(in, out);
        break;
    case DECODE_CTC:
        decode_ctc(decoder, in, out);
        break;
    case DECODE_REPLACE:
        decode_replace(decoder, in, out);
        break;
    case DECODE_BPE:
    case DECODE_STRIP:
    case DECODE_FUSE:
        decode_each(decoder, in, out);
        break;
    }
}

void token_decoders_apply(const struct token_decoders *decoders, struct token_texts *texts, struct buffer *out)
{
    struct token_texts other;
    token_texts_init(&other);
    for (size_t i = 0; i < decoders->count; i++) {
        struct token_texts before = *texts;
        buffer_clear(&other.bytes);
        other.count = 0;
        apply_one(&decoders->items[i], texts, &other);
        *texts = other;
        other = before;
    }
    for (size_t i = 0; i < texts->count; i++) {
        if (!decoders->is_set && i > 0)
            buffer_append_byte(out, ' ');
        buffer_append_slice(out, token_text(texts, i));
    }
    token_texts_release(&other);
}

void tokenizer_decode(const struct tokenizer *tokenizer, const uint32_t *ids, size_t count, bool keep_special,
                      struct buffer *out)
{
    struct token_texts texts;
    struct slice token;
    token_texts_init(&texts);
    for (size_t i = 0; i < count; i++) {
        if (!tokenizer_token(tokenizer, ids[i], &token))
            continue;
        if (!keep_special && map_get(&tokenizer->added.special, token) != NULL)
            continue;
        buffer_append_slice(&texts.bytes, token);
        token_texts_end(&texts);
    }
    token_decoders_apply(&tokenizer->decoders, &texts, out);
    token_texts_release(&texts);
}
