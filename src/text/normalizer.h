/* normalizer.h - the first stage of a tokenizer: text into the form its vocabulary is written in.
 *
 * tokenizer.json nests normalizers; they are read into a flat list of steps, which run one behind the other. BertNormalizer is up
 * to five of them. */
#ifndef TEXT_NORMALIZER_H
#define TEXT_NORMALIZER_H

#include "aligned.h"
#include "codec/codec.h"
#include "pattern.h"

enum normalizer_kind {
    NORMALIZE_CLEAN,      /* without control characters, any white space as a space */
    NORMALIZE_IDEOGRAPHS, /* a space on both sides of a Chinese character */
    NORMALIZE_FORM,       /* NFC, NFD, NFKC, NFKD */
    NORMALIZE_WITHOUT,    /* without the characters of a kind: accents, marks */
    NORMALIZE_LOWER,
    NORMALIZE_STRIP,
    NORMALIZE_REPLACE,
    NORMALIZE_PREPEND,
    NORMALIZE_NMT,
    NORMALIZE_CHARSMAP, /* Precompiled */
    NORMALIZE_BYTES     /* ByteLevel */
};

struct charsmap; /* charsmap.h */

struct normalizer {
    enum normalizer_kind kind;
    bool is_compatible, is_composed; /* of a form */
    uint16_t flags; /* without characters of these: TOKEN_… */
    bool left, right; /* strip */
    struct slice content; /* replace, prepend */
    struct pattern pattern; /* replace */
    const struct charsmap *charsmap;
};

/* The settings of BertNormalizer. */
struct bert_normalizer {
    bool clean_text, handle_chinese_chars, strip_accents, lowercase;
};

struct normalizers {
    struct normalizer *items; /* in the arena */
    size_t count;
    size_t capacity;
    size_t bert_count; /* so many first steps are those of the BertNormalizer `bert`; 0: there is none */
    struct bert_normalizer bert;
};

/* Appends the steps of a normalizer; a null one has none. `name` is for messages. */
bool normalizers_read(struct normalizers *normalizers, const struct json_value *value, const char *name, struct arena *arena,
                      struct error *error) MUST_USE;
void normalizers_release(struct normalizers *normalizers);

void normalizers_apply(const struct normalizers *normalizers, struct token_work *work);

void normalizers_add_bert(struct normalizers *normalizers, const struct bert_normalizer *bert, struct arena *arena);

/* ---- the single steps (normalize_*.c): each appends the changed text of the piece to work->other ---- */

void normalize_clean(struct token_work *work, const struct piece *piece);
void normalize_ideographs(struct token_work *work, const struct piece *piece);
void normalize_without(struct token_work *work, const struct piece *piece, uint16_t flags);
void normalize_lower(struct token_work *work, const struct piece *piece);
void normalize_strip(struct token_work *work, const struct piece *piece, bool left, bool right);
void normalize_nmt(struct token_work *work, const struct piece *piece);
void normalize_bytes(struct token_work *work, const struct piece *piece);
void normalize_form(struct token_work *work, const struct piece *piece, bool is_compatible, bool is_composed);
void normalize_prepend(struct token_work *work, const struct piece *piece, struct slice content);
void normalize_replace(struct token_work *work, const struct piece *piece, const struct pattern *pattern, struct slice content);

/* The lower case of a character: one or two of them. */
size_t character_lower(uint32_t character, uint32_t lower[2]);

/* The full decomposition, or the character itself: how many. */
#define DECOMPOSED_MAX 18 /* U+FDFA */
size_t character_decomposed(uint32_t character, bool is_compatible, uint32_t decomposed[DECOMPOSED_MAX]);

bool character_is_chinese(uint32_t character);

#endif
