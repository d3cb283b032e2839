/* text.h - Unicode text into characters, words, sentences, languages, index terms and a model's tokens. Pure: no files, no state but the caller's.
 *
 * Text is UTF-8. Functions that take text from outside accept any bytes: what is not UTF-8 is treated as U+FFFD, byte by byte,
 * and never read past. */
#ifndef TEXT_TEXT_H
#define TEXT_TEXT_H

#include "base/base.h"

/* ---- characters ---- */

/* Decodes the character at `at` (< text.size) and returns its bytes (1 … 4); U+FFFD and 1 for what is not UTF-8. */
size_t text_decode(struct slice text, size_t at, uint32_t *character);
size_t text_encode(uint32_t character, char out[4]);

/* Letters of any script, with the marks that belong to them; capital ones, title case too. */
bool text_is_letter(uint32_t character);
bool text_is_capital(uint32_t character);

/* True when all of it is UTF-8 (no surrogates, no overlong forms); else `*bad_at` is the first byte that is not. */
bool text_is_utf8(struct slice text, size_t *bad_at);

/* ---- words and sentences (Unicode Standard Annex #29, tables of Unicode 15.0) ---- */

/* Walks the segments of the word rule, all of them, spaces and punctuation too. */
struct text_words {
    struct slice text;
    size_t at;
};
/* `*is_word`: it holds a letter, a digit, an ideograph or an emoji. False at the end. */
bool text_words_next(struct text_words *words, struct slice *segment, bool *is_word);

/* Walks the sentences; white space behind a sentence belongs to it, so that the parts add up to the text. Behind "Dr.", "z. B.", "1." before
 * a month and the like a sentence goes on (full_stops.c). Of a text without any capital a small letter begins one, too. */
struct text_sentences {
    struct slice text;
    size_t at;
    bool was_looked_at, is_small; /* whether it has capitals */
};
bool text_sentences_next(struct text_sentences *sentences, struct slice *sentence);

/* How many tokens an embedding model makes of the text, about (within 15 % on prose): for cutting passages. */
size_t text_token_estimate(struct slice text);

/* Counts tokens as a tokenizer makes them, special ones left out, or estimates them where there is none. It remembers the words it has
 * met, so that counting costs little more than looking. Exact for WordPiece; for others a text's parts are counted apart at white
 * space, which is a token or two off. Not for two threads at once. */
struct tokenizer;
struct token_meter;
struct token_meter *token_meter_create(const struct tokenizer *tokenizer) MUST_USE; /* NULL: estimates */
void token_meter_free(struct token_meter *meter); /* NULL is fine */
size_t token_meter_count(struct token_meter *meter, struct slice text); /* `meter` NULL: estimates */

/* ---- tables (table_head.c) ---- */

/* How many of a table's rows are its head, by what stands in them; cells are parted by bars. `is_told`: its source tells that the first one is, and
 * a second may be below it. 0: none is for sure. */
size_t text_table_heads(const struct slice *rows, size_t count, bool is_told);

/* A row of one cell that may say what those below it are of: "Net sales:". No sentence is. */
bool text_table_title(struct slice row);

/* ---- languages ---- */

enum text_language {
    LANGUAGE_UNKNOWN, /* words are folded, neither stemmed nor without accents */
    LANGUAGE_ARABIC,
    LANGUAGE_CATALAN,
    LANGUAGE_DANISH,
    LANGUAGE_GERMAN,
    LANGUAGE_GREEK,
    LANGUAGE_ENGLISH,
    LANGUAGE_SPANISH,
    LANGUAGE_FINNISH,
    LANGUAGE_FRENCH,
    LANGUAGE_HINDI,
    LANGUAGE_HUNGARIAN,
    LANGUAGE_INDONESIAN,
    LANGUAGE_ITALIAN,
    LANGUAGE_DUTCH,
    LANGUAGE_NORWEGIAN,
    LANGUAGE_PORTUGUESE,
    LANGUAGE_ROMANIAN,
    LANGUAGE_RUSSIAN,
    LANGUAGE_SWEDISH,
    LANGUAGE_TAMIL,
    LANGUAGE_TURKISH,
    LANGUAGE_COUNT
};

/* The language most of the text is in, by script and by its commonest short words; LANGUAGE_UNKNOWN when it cannot be told
 * (too little text, none of these languages, code, keywords, tables). Looks at the first 64 KiB; of more than 6 at three parts
 * alone, where these are clearly in one language. */
enum text_language text_language_of(struct slice text);
const char *text_language_code(enum text_language language); /* "en"; "und" for unknown */
enum text_language text_language_named(struct slice code); /* "en", "en-GB", "EN"; LANGUAGE_UNKNOWN when not one of these */

/* The language that a document's words are indexed and looked for in: tables, lists and short pages, of which it cannot be told, are stemmed as
 * English ones, since one ending more or less is the same word in most languages. */
enum text_language text_language_indexed(enum text_language language);

/* A folded word as terms have it. */
struct slice text_without_accents(struct slice folded, struct arena *arena);

/* The same characters, composed as far as they can be (NFC): "e" and an accent are "é". `text` itself where it is so already. */
struct slice text_composed(struct slice text, struct arena *arena);

/* A month's name, or what is short for it, in English, German, French, Spanish, Italian, Dutch or Portuguese; `word` is in small letters. */
bool text_is_month(struct slice word);

/* True for the language's commonest short words ("the", "how"), which say little about a subject. `word` is folded, not stemmed. */
bool text_is_function_word(struct slice word, enum text_language language);

/* ---- index terms ---- */

/* Turns words into terms: NFKC, case folded, without soft hyphens and zero-width characters, apostrophes unified, stemmed by
 * the Snowball stemmer of the language, without accents, at most LIMIT_TERM_BYTES. Words with a digit are not stemmed; "support.refund" and
 * "max_retries" are two words each; French, Italian and Catalan lose their elided articles (l'île). A word can have several
 * terms, which share its place, or none. Keeps a cache of words seen (some 20 MiB at most); not for two threads at once. */
struct analyzer;
struct analyzer *analyzer_create(void) MUST_USE;
void analyzer_free(struct analyzer *analyzer);

/* When a text begins, words seen are forgotten if there are so many or more. */
void analyzer_keep(struct analyzer *analyzer, size_t words);

struct text_term {
    struct slice term; /* good until the next analyzer_start, or analyzer_free */
    size_t start, end; /* its word's bytes in the text */
    uint32_t number; /* no other term has it, from 1; 0: this one has none */
};

/* Begins with a text; then analyzer_next until false. */
void analyzer_start(struct analyzer *analyzer, struct slice text, enum text_language language);
bool analyzer_next(struct analyzer *analyzer, struct text_term *term);

/* Counts up when terms get other numbers than before, which may be when a text begins. */
uint32_t analyzer_numbering(const struct analyzer *analyzer);

/* ---- cleaning ---- */

enum clean_step {
    CLEAN_MOJIBAKE = 1, /* UTF-8 read as windows-1252, also twice: "cafÃ©"; only where the text proves it */
    CLEAN_MARKS = 2, /* marks without width and those that turn the direction of writing go */
    CLEAN_FORM = 4, /* letters and their accents are one character (NFC) */
    CLEAN_HYPHENS = 8, /* words divided at line ends are joined */
    CLEAN_SPACES = 16 /* spaces of any width and number are one, line breaks of any kind are \n */
};

struct clean_counts {
    size_t mojibake, marks, forms, hyphens, spaces; /* changes of each kind */
};

/* Cleans a block's text and keeps its runs: each byte still knows its place in the source. New texts and runs are in the arena. In code only
 * what CLEAN_MOJIBAKE and CLEAN_MARKS find is changed. `document` is searched for how a divided word is written elsewhere. Counts are added. */
struct block; /* codec.h */
void clean_block(struct block *block, unsigned steps, struct slice document, struct arena *arena, struct clean_counts *counts);

/* The text alone. */
struct slice clean_text(struct slice text, unsigned steps, struct arena *arena, struct clean_counts *counts);

/* ---- secrets and personal data ---- */

enum sensitive_kind {
    SENSITIVE_EMAIL,
    SENSITIVE_PHONE,
    SENSITIVE_CARD,
    SENSITIVE_IBAN,
    SENSITIVE_SSN, /* of the United States */
    SENSITIVE_IP_ADDRESS,
    SENSITIVE_PRIVATE_KEY,
    SENSITIVE_ACCESS_KEY, /* one that a service gave out, known by its prefix */
    SENSITIVE_TOKEN, /* a JSON Web Token */
    SENSITIVE_SECRET, /* what stands behind "password =" and the like and looks random */
    SENSITIVE_KIND_COUNT
};

/* False ends the walk. */
typedef bool sensitive_visitor(void *context, enum sensitive_kind kind, size_t start, size_t end);

/* Calls `visit` for each place, in order, none within another. False when it did. */
bool sensitive_each(struct slice text, sensitive_visitor *visit, void *context);
const char *sensitive_kind_name(enum sensitive_kind kind); /* "email", "us_ssn" */
const char *sensitive_kind_label(enum sensitive_kind kind); /* for people: "e-mail address" */
bool sensitive_kind_named(struct slice name, enum sensitive_kind *kind);

#define SENSITIVE_ALL ((1u << SENSITIVE_KIND_COUNT) - 1)
/* What opens doors, or pays. */
#define SENSITIVE_SECRETS                                                                                                      \
    (1u << SENSITIVE_CARD | 1u << SENSITIVE_PRIVATE_KEY | 1u << SENSITIVE_ACCESS_KEY | 1u << SENSITIVE_TOKEN |                 \
     1u << SENSITIVE_SECRET)

/* Appends the text with "[e-mail address]" in place of what is of the kinds (bits 1 << kind). */
void sensitive_mask(struct slice text, uint32_t kinds, struct buffer *out);

/* ---- tokenizers ---- */

/* Text into the numbers a model was trained on, exactly as Hugging Face's `tokenizers` does it from the same tokenizer.json:
 *
 *   text ─▶ added tokens cut out ─▶ normalizer ─▶ pre-tokenizer ─▶ model (WordPiece, BPE, Unigram) ─▶ truncation ─▶ post-processor
 *
 * A tokenizer is read once and then never changes: any number of threads may use it, each with a workspace of its own. What is
 * not UTF-8 is read as one U+FFFD for each maximal part, as browsers and Python's "replace" do. */
struct tokenizer;
bool tokenizer_read(struct tokenizer **tokenizer, struct slice tokenizer_json, const char *name, struct error *error) MUST_USE;

/* From a vocabulary alone (vocab.txt: a token a line), as BERT's; {0} is as usual. */
struct vocabulary_settings {
    bool is_cased; /* letters keep their case */
    enum { ACCENTS_AS_CASE, ACCENTS_GO, ACCENTS_STAY } accents;
    bool keeps_ideographs; /* with their neighbours, as one word */
    bool is_mpnet; /* <s> first </s></s> second </s>, and names as of RoBERTa */
    struct slice unknown, separator, first, padding, mask; /* special tokens; empty: "[UNK]" and so on */
};
bool tokenizer_read_vocabulary(struct tokenizer **tokenizer, struct slice vocabulary,
                               const struct vocabulary_settings *settings, const char *name, struct error *error) MUST_USE;
void tokenizer_free(struct tokenizer *tokenizer);

struct tokenizer_workspace;
struct tokenizer_workspace *tokenizer_workspace_create(void) MUST_USE;
void tokenizer_workspace_free(struct tokenizer_workspace *workspace);

/* One text, or a pair, as tokens. `starts` and `ends` are bytes in the text (of the part that `types` names: 0 or 1 for a pair);
 * both 0 for a token that the post-processor added, which `special` marks. Reused from call to call. */
struct tokens {
    uint32_t *ids;
    uint32_t *starts, *ends;
    uint8_t *types; /* token_type_ids */
    uint8_t *special; /* 1: added by the post-processor */
    size_t count;
    size_t capacity;
    bool is_excess; /* there are none, as tokenizer_check says */
};
void tokens_init(struct tokens *tokens);
void tokens_release(struct tokens *tokens);

struct tokenizer_options {
    bool bare; /* leave out what the post-processor adds */
    size_t tokens_max; /* truncated to so many, those added included; 0: as the file says, else never */
};

/* `pair` may be NULL. Replaces what `tokens` holds. A hostile file can make gigabytes of a text, or hours of looking: such a text has
 * no tokens; where that must be told from an empty one, tokenizer_check complains about it. */
void tokenizer_encode(const struct tokenizer *tokenizer, struct tokenizer_workspace *workspace, struct slice text,
                      const struct slice *pair, const struct tokenizer_options *options, struct tokens *tokens);
bool tokenizer_check(const struct tokenizer *tokenizer, const struct tokens *tokens, struct error *error) MUST_USE;

/* The text of tokens; `keep_special` keeps the special added ones. */
void tokenizer_decode(const struct tokenizer *tokenizer, const uint32_t *ids, size_t count, bool keep_special,
                      struct buffer *out);

size_t tokenizer_count(const struct tokenizer *tokenizer); /* of tokens, added ones included */
bool tokenizer_token(const struct tokenizer *tokenizer, uint32_t id, struct slice *token); /* false: no such number */
bool tokenizer_id(const struct tokenizer *tokenizer, struct slice token, uint32_t *id);
const char *tokenizer_kind(const struct tokenizer *tokenizer); /* "WordPiece" */

/* ---- quantities (quantity.c): "€9.50", "1,500 litres", "two weeks", "2 pm" ---- */

enum quantity_unit {
    QUANTITY_NONE, /* a bare number, or one of things that are counted */
    QUANTITY_SECONDS, /* and all that is a fixed number of them, up to weeks */
    QUANTITY_WORKING_DAYS,
    QUANTITY_MONTHS, /* years too */
    QUANTITY_CLOCK, /* minutes from midnight */
    QUANTITY_GRAMS,
    QUANTITY_METRES,
    QUANTITY_LITRES,
    QUANTITY_CELSIUS,
    QUANTITY_FAHRENHEIT,
    QUANTITY_BYTES,
    QUANTITY_PERCENT,
    QUANTITY_EUROS,
    QUANTITY_DOLLARS,
    QUANTITY_POUNDS,
    QUANTITY_FRANCS
};

struct quantity {
    double value; /* in the unit above */
    enum quantity_unit unit;
    size_t start, end; /* its bytes, unit included */
    double number; /* as it is written, scales ("million") included: 5 of "5 km"; of "14:30", 14.30 */
};

/* The next one from `*at` on; false at the end. Digits within a word ("FH-2026", "H2O") are none. */
bool quantity_next(struct slice text, size_t *at, struct quantity *quantity);

#endif
