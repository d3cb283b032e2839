/* term_forms.c - one word into its terms.
 *
 *     bytes ─▶ NFKC ─▶ our own spellings ─▶ words again ─▶ fold ─▶ without article ─▶ singular ─▶ stem ─▶ without accents ─▶ cut
 *
 * NFKC can make several words of a character (U+FDFA is a phrase, U+33A2 is "km2"), so its result is divided into words anew.
 * Folding (case, what is ignorable) comes after that, because the ignorable joiners hold emoji together. Our own spellings, for
 * what people type differently and mean alike, are in `respelled`. What is ASCII needs none of the first steps.
 *
 * Words with a digit are not stemmed: they are codes, versions and amounts. Accents go with the endings, after the stemmer, which reads them:
 * people leave them out on phones and foreign keyboards, and "Zurich" is to find "Zürich". */
#include "term_forms.h"
#include "word_tables.h"
#include <assert.h>
#include <libstemmer.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* The longest expansion, U+FDFA: three bytes become 18 characters; bytes that are not UTF-8 become a character each. */
#define CHARACTERS_MAX (FORMS_WORD_BYTES * 18 / 3)
#define FOLDED_BYTES_MAX (2 * LIMIT_TERM_BYTES) /* room for articles, which go before the cut */

struct term_forms {
    struct sb_stemmer *stemmers[LANGUAGE_COUNT]; /* made when first asked for */
    utf8proc_int32_t characters[CHARACTERS_MAX + 1];
    char normal[CHARACTERS_MAX * 4];
    char plain[2 * LIMIT_TERM_BYTES + 4]; /* a term without its accents */
    char terms[FORMS_TERMS_MAX * (LIMIT_TERM_BYTES + 1)];
    size_t terms_size;
    size_t terms_count;
};

struct term_forms *term_forms_create(void)
{
    _Static_assert(LIMIT_TERM_BYTES <= UINT8_MAX, "a term's size is one byte");
    struct term_forms *forms = memory_resize(NULL, 1, sizeof(*forms)); /* 80 kB of room, which needs no zeros */
    memset(forms->stemmers, 0, sizeof(forms->stemmers));
    forms->terms_size = forms->terms_count = 0;
    return forms;
}

void term_forms_free(struct term_forms *forms)
{
    if (forms == NULL)
        return;
    for (size_t i = 0; i < LANGUAGE_COUNT; i++)
        sb_stemmer_delete(forms->stemmers[i]);
    free(forms);
}

/* At most `size_max` bytes of it, whole characters. */
static struct slice cut(struct slice text, size_t size_max)
{
    if (text.size <= size_max)
        return text;
    size_t size = size_max;
    while (size > 0 && ((unsigned char)text.data[size] & 0xC0) == 0x80)
        size--;
    return slice_range(text, 0, size > 0 ? size : size_max); /* continuation bytes alone are not UTF-8 anyway */
}

/* ---- a folded word into one term ---- */

/* French, Italian and Catalan write short words before a vowel onto the next word: l'île, dell'arte. */
static struct slice without_article(struct slice word, enum text_language language)
{
    static const char *const french[] = {"l", "d",  "j",     "m",      "t",      "s",      "n",
                                         "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", NULL};
    static const char *const italian[] = {"l",    "d",    "c",    "m",    "t",     "s",     "v",    "un",
                                          "gl",   "all",  "dall", "dell", "nell",  "sull",  "coll", "agl",
                                          "dagl", "degl", "negl", "sugl", "quest", "quell", NULL};
    static const char *const catalan[] = {"l", "d", "m", "n", "s", "t", NULL};
    const char *const *articles = language == LANGUAGE_FRENCH    ? french
                                  : language == LANGUAGE_ITALIAN ? italian
                                  : language == LANGUAGE_CATALAN ? catalan
                                                                 : NULL;
    size_t at;
    if (articles == NULL || !slice_find(word, '\'', &at) || at + 1 == word.size)
        return word;
    for (; *articles != NULL; articles++)
        if (slice_equal_text(slice_range(word, 0, at), *articles))
            return slice_range(word, at + 1, word.size);
    return word;
}

/* Turkish puts the endings of names behind an apostrophe: Ankara'nın. */
static struct slice without_name_ending(struct slice word, enum text_language language)
{
    size_t at;
    if (language == LANGUAGE_TURKISH && slice_find(word, '\'', &at) && at > 0)
        return slice_range(word, 0, at);
    return word;
}

/* English words whose plural no ending makes: the stemmer leaves both as they are. Words that are others' as well ("lives", "leaves") are not here. */
static struct slice singular(struct slice word, enum text_language language)
{
    static const struct {
        const char *many, *one;
    } words[] = {{"children", "child"}, {"children's", "child"},    {"people", "person"},     {"people's", "person"},
                 {"women", "woman"},    {"women's", "woman"},       {"men", "man"},           {"men's", "man"},
                 {"feet", "foot"},      {"teeth", "tooth"},         {"mice", "mouse"},        {"geese", "goose"},
                 {"wives", "wife"},     {"knives", "knife"},        {"shelves", "shelf"},     {"halves", "half"},
                 {"thieves", "thief"},  {"criteria", "criterion"},  {"analyses", "analysis"}, {"phenomena", "phenomenon"},
                 {"indices", "index"},  {"appendices", "appendix"}, {"vertices", "vertex"},   {"matrices", "matrix"}};
    for (size_t i = 0; language == LANGUAGE_ENGLISH && i < ARRAY_COUNT(words); i++)
        if (slice_equal_text(word, words[i].many))
            return slice_from(words[i].one);
    return word;
}

static bool has_digit(struct slice word)
{
    for (size_t at = 0; at < word.size;) {
        uint32_t character;
        at += text_decode(word, at, &character);
        if (character_kind_of(character).flags & CHARACTER_DIGIT)
            return true;
    }
    return false;
}

static struct slice stem(struct term_forms *forms, struct slice word, enum text_language language)
{
    if (language == LANGUAGE_UNKNOWN || has_digit(word))
        return word;
    struct sb_stemmer **stemmer = &forms->stemmers[language];
    if (*stemmer == NULL)
        *stemmer = sb_stemmer_new(text_language_code(language), NULL);
    if (*stemmer == NULL) /* a build of the library without this language */
        return word;
    const sb_symbol *result = sb_stemmer_stem(*stemmer, (const sb_symbol *)word.data, (int)word.size);
    int size = result == NULL ? 0 : sb_stemmer_length(*stemmer);
    return size > 0 ? (struct slice){(const char *)result, (size_t)size} : word;
}

/* Letters that no rule of Unicode takes apart, as they are typed without them. */
static const char *plain_letter(uint32_t character)
{
    static const struct {
        uint32_t character;
        const char *plain;
    } letters[] = {{0xE6, "ae"}, {0xF0, "d"},  {0xF8, "o"},  {0xFE, "th"},  {0x111, "d"}, {0x127, "h"},
                   {0x131, "i"}, {0x142, "l"}, {0x14B, "n"}, {0x153, "oe"}, {0x167, "t"}, {0x451, "\u0435"}};
    for (size_t i = 0; i < ARRAY_COUNT(letters); i++)
        if (letters[i].character == character)
            return letters[i].plain;
    return NULL;
}

/* Latin and Greek: elsewhere a mark makes another letter (Cyrillic й) or is the vowel. */
static uint32_t bare_letter(uint32_t character)
{
    bool is_latin = (character >= 0xC0 && character < 0x250) || (character >= 0x1E00 && character < 0x1F00),
         is_greek = (character >= 0x370 && character < 0x400) || (character >= 0x1F00 && character < 0x2000);
    utf8proc_int32_t parts[8] = {0};
    int last = 0;
    if (!is_latin && !is_greek)
        return character;
    utf8proc_ssize_t count = utf8proc_decompose_char((utf8proc_int32_t)character, parts, ARRAY_COUNT(parts), UTF8PROC_DECOMPOSE,
                                                     &last);
    return count > 1 ? (uint32_t)parts[0] : character;
}

/* `room` has twice the term's bytes. */
static struct slice unaccented(struct slice term, char *room)
{
    size_t size = 0;
    for (size_t at = 0; at < term.size;) {
        uint32_t character;
        at += text_decode(term, at, &character);
        const char *plain = character < 0x80 ? NULL : plain_letter(character);
        if (plain != NULL) {
            for (; *plain != '\0'; plain++)
                room[size++] = *plain;
        } else if (character < 0x300 || character > 0x36F) { /* an accent that stands alone goes */
            size += text_encode(character < 0x80 ? character : bare_letter(character), room + size);
        }
    }
    return (struct slice){room, size};
}

struct slice text_without_accents(struct slice folded, struct arena *arena)
{
    char room[2 * LIMIT_TERM_BYTES + 4];
    return arena_slice(arena, cut(unaccented(cut(folded, LIMIT_TERM_BYTES), room), LIMIT_TERM_BYTES));
}

static bool is_ascii(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.data[i] >= 0x80)
            return false;
    return true;
}

static void add_term(struct term_forms *forms, struct slice folded, enum text_language language)
{
    folded = singular(without_name_ending(without_article(folded, language), language), language);
    struct slice term = cut(stem(forms, cut(folded, LIMIT_TERM_BYTES), language), LIMIT_TERM_BYTES);
    if (language != LANGUAGE_UNKNOWN && !is_ascii(term))
        term = cut(unaccented(term, forms->plain), LIMIT_TERM_BYTES);
    if (term.size == 0 || forms->terms_count == FORMS_TERMS_MAX)
        return;
    forms->terms[forms->terms_size++] = (char)term.size;
    memcpy(forms->terms + forms->terms_size, term.data, term.size);
    forms->terms_size += term.size;
    forms->terms_count++;
}

/* ---- what is not ASCII ---- */

/* One spelling for what is meant alike: apostrophes as typed, as printed and as a letter; the Turkish letters for i, whose small
 * and capital forms pair otherwise than in Unicode's rule for all languages; the Romanian letters that old fonts lacked, as the
 * stemmer knows them. */
static uint32_t respelled(uint32_t character, enum text_language language)
{
    switch (character) {
    case 0x2018:
    case 0x2019:
    case 0x02BC:
        return '\'';
    case 0x0130:
        return 'i';
    case 'I':
        return language == LANGUAGE_TURKISH ? 0x0131 : character;
    case 0x0218:
    case 0x0219:
        return language == LANGUAGE_ROMANIAN ? 0x015F : character;
    case 0x021A:
    case 0x021B:
        return language == LANGUAGE_ROMANIAN ? 0x0163 : character;
    default:
        return character;
    }
}

/* Fills forms->characters with `text` (UTF-8), normalised; how many. */
static size_t normalise(struct term_forms *forms, struct slice text, unsigned more_options)
{
    unsigned all = (unsigned)UTF8PROC_STABLE | (unsigned)UTF8PROC_COMPOSE | (unsigned)UTF8PROC_COMPAT | more_options;
    utf8proc_option_t options = (utf8proc_option_t)all;
    utf8proc_ssize_t count = utf8proc_decompose((const utf8proc_uint8_t *)text.data, (utf8proc_ssize_t)text.size,
                                                forms->characters, (utf8proc_ssize_t)CHARACTERS_MAX, options);
    if (count < 0 || (size_t)count > CHARACTERS_MAX)
        return 0;
    count = utf8proc_normalize_utf32(forms->characters, count, options);
    return count < 0 ? 0 : (size_t)count;
}

static void fold_and_add(struct term_forms *forms, struct slice part, enum text_language language)
{
    char folded[FOLDED_BYTES_MAX + 4];
    size_t count = normalise(forms, cut(part, FORMS_WORD_BYTES), (unsigned)UTF8PROC_CASEFOLD | (unsigned)UTF8PROC_IGNORE);
    size_t size = 0;
    for (size_t i = 0; i < count && size < FOLDED_BYTES_MAX; i++)
        size += text_encode((uint32_t)forms->characters[i], folded + size);
    add_term(forms, (struct slice){folded, size}, language);
}

/* NFKC of `word`, respelled, in forms->normal. */
static struct slice make_normal(struct term_forms *forms, struct slice word, enum text_language language)
{
    char clean[FORMS_WORD_BYTES * 3]; /* U+FFFD for each byte that is not UTF-8: the library refuses those */
    size_t size = 0;
    for (size_t at = 0; at < word.size;) {
        uint32_t character;
        at += text_decode(word, at, &character);
        size += text_encode(character, clean + size);
    }
    size_t count = normalise(forms, (struct slice){clean, size}, 0);
    size = 0;
    for (size_t i = 0; i < count; i++)
        size += text_encode(respelled((uint32_t)forms->characters[i], language), forms->normal + size);
    return (struct slice){forms->normal, size};
}

bool term_forms_is_plain(struct slice word, enum text_language language)
{
    for (size_t i = 0; i < word.size; i++)
        if ((unsigned char)word.data[i] >= 0x80 || (language == LANGUAGE_TURKISH && word.data[i] == 'I'))
            return false;
    return true;
}

struct slice term_forms_make(struct term_forms *forms, struct slice word, enum text_language language, size_t *count)
{
    forms->terms_size = forms->terms_count = 0;
    word = cut(word, FORMS_WORD_BYTES);
    if (term_forms_is_plain(word, language)) {
        char folded[FORMS_WORD_BYTES];
        for (size_t i = 0; i < word.size; i++)
            folded[i] = (char)(word.data[i] >= 'A' && word.data[i] <= 'Z' ? word.data[i] | 0x20 : word.data[i]);
        add_term(forms, (struct slice){folded, word.size}, language);
    } else {
        struct text_words words = {.text = make_normal(forms, word, language)};
        struct slice segment, part;
        bool is_word;
        while (text_words_next(&words, &segment, &is_word)) {
            if (!is_word)
                continue;
            struct term_parts parts = term_parts_of(segment);
            while (term_parts_next(&parts, &part))
                fold_and_add(forms, part, language);
        }
    }
    *count = forms->terms_count;
    return (struct slice){forms->terms, forms->terms_size};
}
