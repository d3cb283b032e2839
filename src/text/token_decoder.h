/* token_decoder.h - tokens back into text. */
#ifndef TEXT_TOKEN_DECODER_H
#define TEXT_TOKEN_DECODER_H

#include "codec/codec.h"
#include "pattern.h"
#include "pre_tokenizer.h"

enum token_decoder_kind {
    DECODE_WORD_PIECE,
    DECODE_BYTE_LEVEL,
    DECODE_METASPACE,
    DECODE_BPE,
    DECODE_BYTE_FALLBACK,
    DECODE_FUSE,
    DECODE_STRIP,
    DECODE_REPLACE,
    DECODE_CTC
};

struct token_decoder {
    enum token_decoder_kind kind;
    struct slice text; /* the prefix, the suffix, what replaces, the pad token */
    struct slice delimiter; /* CTC */
    uint32_t character; /* metaspace, strip */
    size_t start, stop; /* strip */
    bool cleans; /* takes the space before punctuation away */
    enum prepend_scheme prepend;
    struct pattern pattern;
};

struct token_decoders {
    struct token_decoder *items; /* in the arena */
    size_t count, capacity;
    bool is_set; /* without, a space stands between tokens */
};

bool token_decoders_read(struct token_decoders *decoders, const struct json_value *value, const char *name, struct arena *arena,
                         struct error *error) MUST_USE;
void token_decoders_release(struct token_decoders *decoders);

/* Texts one behind the other in a buffer. */
struct token_texts {
    struct buffer bytes;
    size_t *ends;
    size_t count, capacity;
};

void token_texts_init(struct token_texts *texts);
void token_texts_release(struct token_texts *texts);
void token_texts_end(struct token_texts *texts); /* what was appended to bytes since the last is one more */
struct slice token_text(const struct token_texts *texts, size_t at);

/* Takes the texts of the tokens, appends the text they make. */
void token_decoders_apply(const struct token_decoders *decoders, struct token_texts *texts, struct buffer *out);

#endif
