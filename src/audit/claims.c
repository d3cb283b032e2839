/* claims.c - from sentences to claims, and whether two claims are about the same thing.
 *
 *   "A lost badge is replaced free of charge within 30 days."     value 30 days   terms lost badge replac free charg
 *   "Replacing a lost badge costs nothing for 14 days."           value 14 days   terms lost badge replac free cost
 *
 * They agree by the weight (rareness) of the words that both have. Some differences decide against it: other names, words that exclude each
 * other (north, south), and sentences that are the same but for one exchanged word, which is what they are about. */
#include "claims.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The upper bits of a term: it stands for words of one meaning; it does not tell what a text is about. */
#define SYNONYM ((uint32_t)1 << 31)
#define LIGHT ((uint32_t)1 << 30)

enum {
    VALUES_OF_SENTENCE = 6, /* it has no more of them, or is a row of figures */
    TELLING_LEAST = 3,      /* words of their own that two sentences share, which then speak for themselves */
    TELLING_DEPENDENT = 5,
    TELLING_NAME = 2, /* what one that stands in few passages counts for */
    NAME_PASSAGES = 4,
    NAME_TERMS_LEAST = 3, /* that tell whose name it is */
    UNKNOWN_WORD_LEAST = 4 /* letters of one that may tell a subject, in a language whose articles are not known */
};

#define EVIDENCE_LEAST 1.1 /* weight of what is shared, in that of a word that stands nowhere else */

struct reading {
    const struct pile *pile;
    struct claims *claims;
    struct arena *arena;
    struct analyzer *analyzer;
    uint32_t about[CLAIM_TERMS_MAX];
    size_t about_count;
    bool about_read; /* of the passage at hand */
    struct table table; /* that is being walked in it */
    struct slice question; /* the heading that its first sentence answers; empty: there is none */
};

static struct slice small_letters(struct slice word, char *room, size_t size)
{
    size_t count = word.size < size ? word.size : size;
    for (size_t i = 0; i < count; i++)
        room[i] = (char)(word.data[i] >= 'A' && word.data[i] <= 'Z' ? word.data[i] | 0x20 : word.data[i]);
    return (struct slice){room, count};
}

static uint32_t synonym_term(const char *synonym, bool light)
{
    uint32_t hash = term_hash(slice_from(synonym)) & ~(SYNONYM | LIGHT);
    return hash | SYNONYM | (light ? LIGHT : 0);
}

static bool in_values(size_t start, const struct value *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (start >= values[i].start && start < values[i].end)
            return true;
    return false;
}

static int compare_terms(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static size_t sort_terms(uint32_t *terms, size_t count)
{
    size_t kept = 0;
    qsort(terms, count, sizeof(*terms), compare_terms);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || terms[i] != terms[kept - 1])
            terms[kept++] = terms[i];
    return kept;
}

/* The word that this one makes together with the one behind it, where some document writes it so or it has synonyms; its end comes to `*end`. */
static const char *together_with_next(const struct reading *reading, struct slice text, struct slice word, size_t *end)
{
    char room[16];
    size_t start = *end + 1, at = start;
    bool light;
    while (at < text.size && at - start < sizeof(room) && ((text.data[at] | 0x20) >= 'a' && (text.data[at] | 0x20) <= 'z'))
        at++;
    if (at <= start || !byte_among(text.data[*end], "- "))
        return NULL;
    const char *together = written_together(word, small_letters(slice_range(text, start, at), room, sizeof(room)),
                                            text.data[*end], slice_range(text, at, text.size));
    if (together == NULL || (pile_frequency(reading->pile, term_hash(slice_from(together))) == 0 &&
                             synonym_of(slice_from(together), &light) == NULL))
        return NULL;
    *end = at;
    return together;
}

/* The content words of a text as terms; returns how many. */
static size_t read_terms(struct reading *reading, struct slice text, enum text_language language, const struct value *values,
                         size_t value_count, uint32_t terms[CLAIM_TERMS_MAX])
{
    struct text_term term;
    size_t count = 0, taken = 0;
    analyzer_start(reading->analyzer, text, language);
    while (count < CLAIM_TERMS_MAX && analyzer_next(reading->analyzer, &term)) {
        char room[64];
        struct slice word = small_letters(slice_range(text, term.start, term.end), room, sizeof(room));
        bool light, is_taken = term.start < taken;
        taken = is_taken ? taken : term.end;
        const char *together = is_taken ? NULL : together_with_next(reading, text, word, &taken);
        if (together != NULL) {
            word = slice_from(together);
            term.term = word;
        }
        const char *synonym = synonym_of(word, &light);
        bool is_digit = word.size > 0 && word.data[0] >= '0' && word.data[0] <= '9';
        if (is_taken || is_digit || in_values(term.start, values, value_count) ||
            (synonym == NULL && text_is_function_word(word, language)) || text_is_function_word(word, LANGUAGE_ENGLISH))
            continue;
        terms[count++] = synonym != NULL ? synonym_term(synonym, light)
                                         : (term_hash(term.term) & ~(SYNONYM | LIGHT)) | (is_general(word) ? LIGHT : 0);
    }
    return count > 0 ? sort_terms(terms, count) : 0;
}

static bool comparable(const struct value *value)
{
    return !value->ranged && !(value->kind == VALUE_DATE && value->grain == DATE_YEAR);
}

static uint32_t *copy_terms(struct arena *arena, const uint32_t *terms, size_t count)
{
    uint32_t *copy = arena_alloc(arena, count + 1, sizeof(*copy));
    memcpy(copy, terms, count * sizeof(*copy));
    return copy;
}

/* A word of general use says less than one that this collection's rareness speaks for. */
static double term_weight(const struct pile *pile, uint32_t term)
{
    return (term & SYNONYM) == 0 ? pile_weight(pile, term) : (term & LIGHT) != 0 ? 1 : 2;
}

static double weight_of(const struct pile *pile, const uint32_t *terms, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += term_weight(pile, terms[i]);
    return sum;
}

/* "per month", "a year", "every day" behind the value: a bit for each word of time or person. */
static uint32_t rate_of(struct slice sentence, const struct value *value)
{
    static const char *const units[] = {"second",  "minute", "hour",   "day",   "week",  "month",
                                        "quarter", "year",   "person", "night", "period"};
    static const char *const joins[] = {"per", "a", "an", "each", "every"};
    struct pieces pieces;
    uint32_t rate = 0;
    pieces_read(&pieces, slice_range(sentence, value->end, sentence.size < value->end + 64 ? sentence.size : value->end + 64));
    for (size_t i = 0; i < 10 && i + 2 < pieces.count; i++)
        for (size_t j = 0; j < ARRAY_COUNT(joins); j++)
            for (size_t k = 0; piece_is(&pieces, i, joins[j]) && k < ARRAY_COUNT(units); k++)
                if (piece_is(&pieces, i + 2, units[k]) || piece_is(&pieces, i + 4, units[k])) /* "per pay period" */
                    rate |= (uint32_t)1 << k;
    return rate;
}

/* How many values of the sentence are of this kind and unit. */
static size_t rivals(const struct value *value, const struct value *values, size_t count)
{
    size_t rivals = 0;
    for (size_t i = 0; i < count; i++)
        rivals += values[i].kind == value->kind && values[i].grain == value->grain && slice_equal(values[i].unit, value->unit);
    return rivals;
}

/* The terms of what stands above a passage: its innermost heading and the title. */
static void read_about(struct reading *reading, const struct pile_passage *passage)
{
    const struct pile_document *document = pile_document_of(reading->pile, passage);
    enum text_language language = text_language_indexed(document->language); /* as the pile's terms are counted */
    uint32_t title[CLAIM_TERMS_MAX];
    reading->about_read = true;
    reading->about_count = read_terms(reading, innermost_heading(passage->headings), language, NULL, 0, reading->about);
    size_t more = read_terms(reading, document->title, language, NULL, 0, title);
    for (size_t i = 0; i < more && reading->about_count < CLAIM_TERMS_MAX; i++)
        reading->about[reading->about_count++] = title[i];
    reading->about_count = reading->about_count > 0 ? sort_terms(reading->about, reading->about_count) : 0;
}

static void add_claim(struct reading *reading, const struct claim *claim)
{
    struct claims *claims = reading->claims;
    claims->items = arena_more(reading->arena, claims->items, claims->count, &claims->capacity, sizeof(*claims->items));
    claims->items[claims->count] = *claim;
    claims->items[claims->count++].weight = weight_of(reading->pile, claim->terms, claim->term_count);
}

/* A sentence that names somebody, or something. */
static void read_name(struct reading *reading, uint32_t passage, struct slice sentence)
{
    struct value value;
    uint32_t terms[CLAIM_TERMS_MAX];
    const struct pile *pile = reading->pile;
    enum text_language language = text_language_indexed(pile_document_of(pile, &pile->passages[passage])->language);
    if (!name_read(sentence, &value))
        return;
    size_t term_count = read_terms(reading, sentence, language, &value, 1, terms);
    if (term_count < NAME_TERMS_LEAST)
        return;
    if (!reading->about_read)
        read_about(reading, &pile->passages[passage]);
    add_claim(reading, &(struct claim){.passage = passage,
                                       .sentence = sentence,
                                       .value = value,
                                       .language = language,
                                       .terms = copy_terms(reading->arena, terms, term_count),
                                       .term_count = term_count,
                                       .about = copy_terms(reading->arena, reading->about, reading->about_count),
                                       .about_count = reading->about_count});
}

/* A sentence that lays down a rule. */
static void read_rule(struct reading *reading, uint32_t passage, struct slice sentence)
{
    struct value value;
    uint32_t terms[CLAIM_TERMS_MAX], conditions;
    const struct pile *pile = reading->pile;
    enum text_language language = text_language_indexed(pile_document_of(pile, &pile->passages[passage])->language);
    if (language != LANGUAGE_ENGLISH || !rule_read(sentence, &value, &conditions))
        return;
    size_t term_count = read_terms(reading, sentence, language, &value, 1, terms);
    if (term_count < 2)
        return;
    if (!reading->about_read)
        read_about(reading, &pile->passages[passage]);
    add_claim(reading, &(struct claim){.passage = passage,
                                       .language = language,
                                       .sentence = sentence,
                                       .value = value,
                                       .rate = conditions,
                                       .terms = copy_terms(reading->arena, terms, term_count),
                                       .term_count = term_count,
                                       .about = copy_terms(reading->arena, reading->about, reading->about_count),
                                       .about_count = reading->about_count});
}

/* "Overtime on Sundays is 150 %": the day tells what is paid so, and is a value where nothing else is said. */
static size_t without_days(struct value *values, size_t count, size_t own_start)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (values[i].kind != VALUE_WEEKDAY || values[i].start == own_start)
            values[kept++] = values[i];
    return kept;
}

/* The terms of a sentence, or of a row, for one of its values: without what is only listed before it, with the head of its column, and where it
 * says hardly more than the value, with the question that stands above it. */
static size_t read_value_terms(struct reading *reading, const struct claim *claim, enum text_language language,
                               struct value *values, size_t value_count, uint32_t terms[CLAIM_TERMS_MAX])
{
    size_t start, end, count;
    struct slice more = claim->row != NULL ? table_head_of(&reading->table, claim->sentence, claim->value.start) : SLICE("");
    uint32_t others[CLAIM_TERMS_MAX];
    value_count = without_days(values, value_count, claim->value.start);
    bool is_listed = claim->row == NULL && clause_listed(claim->sentence, &claim->value, &start, &end);
    if (is_listed)
        values[value_count++] = (struct value){.start = start, .end = end};
    count = read_terms(reading, claim->sentence, language, values, value_count, terms);
    if (claim->row == NULL && count < 2)
        more = reading->question;
    if (more.size == 0)
        return count;
    size_t other_count = read_terms(reading, more, language, NULL, 0, others);
    for (size_t i = 0; i < other_count && count < CLAIM_TERMS_MAX; i++)
        terms[count++] = others[i];
    return count > 0 ? sort_terms(terms, count) : 0;
}

/* "A wash is £2.40.": one word is enough in a whole sentence, below a heading that says more. */
static bool can_stand_alone(const struct claim *claim)
{
    return claim->row == NULL && claim->value.kind == VALUE_MONEY && claim->sentence.size > 0 &&
           claim->sentence.data[claim->sentence.size - 1] == '.';
}

/* Reads the values of a sentence, or of a row of the table at hand. */
static void read_sentence(struct reading *reading, uint32_t passage, struct slice sentence, bool is_row)
{
    struct value values[VALUES_MAX];
    uint32_t terms[CLAIM_TERMS_MAX], *row = NULL;
    const struct pile *pile = reading->pile;
    enum text_language language = text_language_indexed(pile_document_of(pile, &pile->passages[passage])->language);
    size_t count = values_read(sentence, language, values), useful = 0, row_count = 0, days = 0;
    for (size_t i = 0; i < count; i++)
        useful += comparable(&values[i]);
    for (size_t i = 0; i < count; i++)
        days += values[i].kind == VALUE_WEEKDAY;
    if (useful == 0 || count - days > VALUES_OF_SENTENCE || clause_is_example(sentence)) /* or a row of figures */
        return;
    if (is_row) {
        row_count = read_terms(reading, sentence, language, values, count, terms);
        row = copy_terms(reading->arena, terms, row_count);
    }
    bool is_dependent = clause_depends(sentence);
    enum clause_tense tense = is_row ? TENSE_NONE : clause_tense_of(sentence, language);
    for (size_t i = 0; i < count; i++) {
        if (!comparable(&values[i]) || rivals(&values[i], values, count) > 1)
            continue;
        struct value others[VALUES_MAX + 1];
        memcpy(others, values, count * sizeof(*others));
        struct claim claim = {.passage = passage,
                              .language = language,
                              .sentence = sentence,
                              .value = values[i],
                              .row = row,
                              .row_count = row_count,
                              .tense = tense,
                              .is_dependent = is_dependent};
        claim.term_count = read_value_terms(reading, &claim, language, others, count, terms);
        if (!reading->about_read)
            read_about(reading, &pile->passages[passage]);
        if (claim.term_count < (can_stand_alone(&claim) && reading->about_count > 0 ? 1 : 2))
            continue;
        claim.rate = rate_of(sentence, &values[i]);
        claim.terms = copy_terms(reading->arena, terms, claim.term_count);
        claim.about = copy_terms(reading->arena, reading->about, reading->about_count);
        claim.about_count = reading->about_count;
        add_claim(reading, &claim);
    }
}

static bool looks_like_code(struct slice sentence)
{
    for (size_t i = 0; i < sentence.size; i++)
        if (byte_among(sentence.data[i], "=<>\\;") &&
            !(sentence.data[i] == ';' && i + 1 < sentence.size && sentence.data[i + 1] == ' '))
            return true;
    return false;
}

static void read_passage(struct reading *reading, uint32_t number)
{
    const struct pile *pile = reading->pile;
    const struct pile_passage *passage = &pile->passages[number];
    const struct pile_document *document = pile_document_of(pile, passage);
    struct sentence_walk walk;
    struct slice sentence;
    if (passage->is_copy || slice_equal_text(document->format, "csv"))
        return;
    struct slice heading = slice_trim(innermost_heading(passage->headings));
    reading->question = slice_ends_with(heading, SLICE("?")) ? heading : SLICE("");
    reading->about_read = false;
    reading->table = (struct table){0};
    sentence_walk_start(&walk, passage->text, reading->arena);
    while (sentence_walk_next(&walk, &sentence)) {
        bool is_row = table_take(&reading->table, sentence, text_language_indexed(document->language));
        if (sentence.size < 600 && !looks_like_code(sentence)) {
            read_sentence(reading, number, sentence, is_row);
            read_rule(reading, number, sentence);
            read_name(reading, number, sentence);
        }
        reading->question = SLICE(""); /* the first sentence answers it */
    }
}

bool claims_read(struct claims *claims, const struct pile *pile, struct arena *arena, struct error *error)
{
    struct reading reading = {.pile = pile, .claims = claims, .arena = arena, .analyzer = analyzer_create()};
    bool ok = true;
    *claims = (struct claims){0};
    for (size_t i = 0; ok && i < pile->passage_count; i++) {
        read_passage(&reading, (uint32_t)i);
        ok = i % 1024 != 0 || pile_step(pile, "reading values", i, pile->passage_count, error);
    }
    analyzer_free(reading.analyzer);
    return ok;
}

/* ---- agreement ---- */

static bool has_term(const uint32_t *terms, size_t count, uint32_t term)
{
    for (size_t i = 0; i < count; i++)
        if (terms[i] == term)
            return true;
    return false;
}

/* Small letters of the words, for looking at them one by one. */
struct wording {
    struct pieces pieces;
    struct differ_words words;
    uint32_t numbers[DIFFER_WORDS_MAX]; /* equal for words that say the same; a value is one word */
    bool is_content[DIFFER_WORDS_MAX];
    bool is_name[DIFFER_WORDS_MAX]; /* written with a capital within the sentence, or with a sign or digit in it */
    size_t count;
};

/* The word that number `i` makes with the next one. */
static const char *together_at(const struct wording *wording, size_t i)
{
    char room[64], next_room[64];
    if (i + 1 >= wording->words.count || wording->words.items[i + 1] != wording->words.items[i] + 2)
        return NULL;
    char sign = piece_sign(&wording->pieces, wording->words.items[i] + 1);
    struct slice word = piece_text(&wording->pieces, wording->words.items[i]),
                 next = piece_text(&wording->pieces, wording->words.items[i + 1]);
    if (sign != ' ' && sign != '-')
        return NULL;
    struct slice text = wording->pieces.text;
    return written_together(small_letters(word, room, sizeof(room)), small_letters(next, next_room, sizeof(next_room)), sign,
                            slice_range(text, piece_end(&wording->pieces, wording->words.items[i + 1]), text.size));
}

static void read_wording(struct wording *wording, const struct claim *claim)
{
    bool value_taken = false;
    pieces_read(&wording->pieces, claim->sentence);
    differ_take(&wording->words, &wording->pieces);
    wording->count = 0;
    for (size_t i = 0; i < wording->words.count; i++) {
        char room[64];
        size_t at = wording->words.items[i], start = wording->pieces.items[at].start;
        struct slice text = piece_text(&wording->pieces, at), word = small_letters(text, room, sizeof(room));
        bool in_value = start >= claim->value.start && start < claim->value.end;
        if (in_value && value_taken)
            continue;
        value_taken = value_taken || in_value;
        bool light;
        const char *together = in_value ? NULL : together_at(wording, i);
        word = together != NULL ? slice_from(together) : word;
        i += together != NULL;
        const char *synonym = synonym_of(word, &light);
        if (synonym == NULL && word.size > 3 && word.data[word.size - 1] == 's') /* plurals */
            word.size--;
        bool number = word.size > 0 && word.data[0] >= '0' && word.data[0] <= '9';
        bool capital = text.size > 1 && text.data[0] >= 'A' && text.data[0] <= 'Z' && i > 0 &&
                       piece_sign(&wording->pieces, at > 1 ? at - 2 : 0) != '.' && piece_sign(&wording->pieces, at - 1) == ' ';
        wording->numbers[wording->count] = in_value ? 1 : synonym != NULL ? term_hash(slice_from(synonym)) : term_hash(word);
        wording->is_content[wording->count] = !in_value && !light && !text_is_function_word(word, LANGUAGE_ENGLISH) &&
                                              !text_is_function_word(word, claim->language) && !is_general(word) &&
                                              (claim->language != LANGUAGE_UNKNOWN || word.size >= UNKNOWN_WORD_LEAST);
        wording->is_name[wording->count] = !in_value && (capital || number);
        wording->words.items[wording->count++] = (uint16_t)at;
    }
    wording->words.count = wording->count;
}

static bool has_number(const struct wording *wording, uint32_t number)
{
    for (size_t i = 0; i < wording->count; i++)
        if (wording->numbers[i] == number)
            return true;
    return false;
}

/* Names that only one of them has. */
static bool has_own_name(const struct wording *a, const struct wording *b)
{
    for (size_t i = 0; i < a->count; i++)
        if (a->is_name[i] && !has_number(b, a->numbers[i]))
            return true;
    return false;
}

/* A word of one excludes a word of the other, and the other has not both. */
static bool contrasts(const struct wording *a, const struct wording *b)
{
    for (size_t i = 0; i < a->count; i++) {
        char room[64], other_room[64];
        unsigned set, member, other_set, other_member;
        struct slice word = small_letters(piece_text(&a->pieces, a->words.items[i]), room, sizeof(room));
        if (!contrast_of(word, &set, &member) || has_number(b, a->numbers[i]))
            continue;
        for (size_t j = 0; j < b->count; j++) {
            struct slice other = small_letters(piece_text(&b->pieces, b->words.items[j]), other_room, sizeof(other_room));
            if (contrast_of(other, &other_set, &other_member) && set == other_set && member != other_member &&
                !has_number(a, b->numbers[j]))
                return true;
        }
    }
    return false;
}

/* Words of a part that tell what it is about, and that the other sentence has nowhere. */
static size_t content_of(const struct wording *wording, size_t first, size_t end, const struct wording *other)
{
    size_t count = 0;
    for (size_t i = first; i < end; i++)
        count += wording->is_content[i] && !has_number(other, wording->numbers[i]);
    return count;
}

/* The same sentence but for a word or two exchanged: these are what it is about. */
static bool exchanges_subject(const struct wording *a, const struct wording *b)
{
    struct differ_part parts[DIFFER_PARTS_MAX];
    size_t shared, count = differ_align(a->numbers, a->count, b->numbers, b->count, parts, &shared);
    size_t longer = a->count > b->count ? a->count : b->count;
    if (shared * 2 < longer)
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t one = content_of(a, parts[i].first, parts[i].first_end, b);
        size_t other = content_of(b, parts[i].second, parts[i].second_end, a);
        if (one > 0 && other > 0 && one <= 2 && other <= 2)
            return true;
    }
    return false;
}

/* Half the weight of a's own terms that stand above b; `*telling` counts those that are no words of general use. */
static double weight_above(const struct pile *pile, const struct claim *a, const struct claim *b, size_t *telling)
{
    double above = 0;
    for (size_t i = 0; i < a->term_count; i++)
        if (!has_term(b->terms, b->term_count, a->terms[i]) && has_term(b->about, b->about_count, a->terms[i])) {
            above += term_weight(pile, a->terms[i]) / 2;
            *telling += (a->terms[i] & SYNONYM) == 0;
        }
    return above;
}

/* Half the weight of what stands above both and is said in neither sentence: they stand below the same heading. Within one document many things
 * do, and dates and addresses are of many. */
static double weight_above_both(const struct pile *pile, const struct claim *a, const struct claim *b, size_t *telling)
{
    double above = 0;
    bool is_within = pile->passages[a->passage].document == pile->passages[b->passage].document;
    if (is_within || (a->value.kind > VALUE_DURATION && a->value.kind != VALUE_COUNT))
        return 0;
    for (size_t i = 0; i < a->about_count; i++) {
        uint32_t term = a->about[i];
        if (has_term(b->about, b->about_count, term) && !has_term(a->terms, a->term_count, term) &&
            !has_term(b->terms, b->term_count, term)) {
            above += term_weight(pile, term) / 2;
            *telling += (term & SYNONYM) == 0;
        }
    }
    return above;
}

double claims_agree(const struct pile *pile, const struct claim *a, const struct claim *b)
{
    double shared = 0;
    size_t telling = 0, i = 0, j = 0;
    while (i < a->term_count && j < b->term_count) {
        uint32_t one = a->terms[i], other = b->terms[j];
        if (one == other) {
            shared += term_weight(pile, one);
            telling += (one & SYNONYM) == 0 || (one & LIGHT) == 0;
        }
        i += one <= other;
        j += other <= one;
    }
    size_t telling_above = 0;
    double above = weight_above(pile, a, b, &telling_above) + weight_above(pile, b, a, &telling_above) +
                   weight_above_both(pile, a, b, &telling_above);
    if (telling == 0 || telling + telling_above < 2 || shared + above < EVIDENCE_LEAST * log(1 + (double)pile->passage_count))
        return 0;
    double smaller = a->weight < b->weight ? a->weight : b->weight, all = a->weight + b->weight - shared;
    double overlap = (shared + above) / smaller, likeness = (shared + above) / all;
    return 0.5 * (overlap < 1 ? overlap : 1) + 0.5 * (likeness < 1 ? likeness : 1);
}

/* A term of both lists that stands for itself. */
static bool share_telling(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count)
{
    for (size_t i = 0; i < a_count; i++)
        if ((a[i] & SYNONYM) == 0 && has_term(b, b_count, a[i]))
            return true;
    return false;
}

/* A row speaks of what its own cells name. */
static bool row_fits(const struct claim *row, const struct claim *other)
{
    return row->row == NULL || share_telling(row->row, row->row_count, other->terms, other->term_count) ||
           share_telling(row->row, row->row_count, other->about, other->about_count);
}

static bool is_fragment(const struct claim *claim)
{
    return !byte_among(claim->sentence.data[claim->sentence.size - 1], ".!?");
}

/* "RAM: 8 GB" below headings that differ: each is of the thing that its own page is about. */
static bool are_of_two_things(const struct claim *a, const struct claim *b)
{
    bool same_about = a->about_count == b->about_count &&
                      (a->about_count == 0 || memcmp(a->about, b->about, a->about_count * sizeof(*a->about)) == 0);
    return !same_about && is_fragment(a) && is_fragment(b);
}

/* How far the words that both share tell what they are about. One that hardly stands elsewhere is the name of it; of cases there may be several. */
static size_t count_telling(const struct pile *pile, const struct claim *a, const struct claim *b, bool is_dependent)
{
    size_t telling = 0;
    for (size_t i = 0; i < a->term_count; i++) {
        uint32_t term = a->terms[i];
        if ((term & LIGHT) == 0 && has_term(b->terms, b->term_count, term))
            telling += !is_dependent && (term & SYNONYM) == 0 && pile_frequency(pile, term) <= NAME_PASSAGES ? TELLING_NAME : 1;
    }
    return telling;
}

/* What is above one of them alone, and that the other says nowhere. */
static bool has_own_title(const struct claim *a, const struct claim *b)
{
    for (size_t i = 0; i < a->about_count; i++)
        if ((a->about[i] & SYNONYM) == 0 && !has_term(b->about, b->about_count, a->about[i]) &&
            !has_term(b->terms, b->term_count, a->about[i]))
            return true;
    return false;
}

/* Each page of a row of them ("Branch Leeds", "Branch York") has its own: who is in charge, the day, the port. */
static bool are_of_pages_alike(const struct claim *a, const struct claim *b)
{
    bool is_own = a->value.kind == VALUE_NAME || a->value.kind == VALUE_VERSION || a->value.kind == VALUE_WEEKDAY;
    return is_own && share_telling(a->about, a->about_count, b->about, b->about_count) && has_own_title(a, b) &&
           has_own_title(b, a);
}

/* Words that name a part of a company, or only with the word before them: the "Legal department", but not "our team". */
static bool names_part(struct slice word, bool *needs_name)
{
    static const char *const names[] = {"sales",     "support",   "warehouse", "payroll",   "accounting", "purchasing",
                                        "marketing", "personnel", "finance",   "reception", "shop",       "store",
                                        "helpdesk",  "hr",        "vertrieb",  "personal",  "einkauf",    "buchhaltung",
                                        "lager",     "empfang",   "it"};
    static const char *const kinds[] = {"department", "team", "office", "desk", "branch", "service", "abteilung"};
    *needs_name = false;
    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        if (slice_equal_text(word, names[i]))
            return true;
    *needs_name = true;
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
        if (slice_equal_text(word, kinds[i]))
            return true;
    return false;
}

/* Words that stand before "office" and are no name of it. */
static bool is_no_name(struct slice word)
{
    static const char *const words[] = {"contact", "call", "ask", "phone", "reach", "meet", "visit", "kontakt"};
    for (size_t i = 0; i < ARRAY_COUNT(words); i++)
        if (slice_equal_text(word, words[i]))
            return true;
    return word.size == 0 || text_is_function_word(word, LANGUAGE_ENGLISH) || text_is_function_word(word, LANGUAGE_GERMAN);
}

/* The hash of the part of a company that a heading names, which has a number of its own: "sales", "legal"; 0: none. */
static uint32_t part_named(struct slice text)
{
    struct text_words words = {.text = text};
    struct slice word, before = {"", 0};
    bool is_word, needs_name;
    char rooms[2][32];
    for (size_t count = 0; text_words_next(&words, &word, &is_word);) {
        bool is_pronoun = slice_equal_text(word, "it") || slice_equal_text(word, "It");
        if (!is_word)
            continue;
        struct slice small = small_letters(word, rooms[count++ % 2], sizeof(rooms[0]));
        bool is_part = !is_pronoun && names_part(small, &needs_name);
        if (is_part && (!needs_name || !is_no_name(before)))
            return term_hash(needs_name ? before : small);
        before = is_part ? (struct slice){"", 0} : small;
    }
    return 0;
}

/* A sentence that names a part, however loosely ("our office"), tells its number anywhere. */
static bool has_part(struct slice sentence)
{
    struct text_words words = {.text = sentence};
    struct slice word;
    bool is_word, needs_name;
    char room[32];
    while (text_words_next(&words, &word, &is_word))
        if (is_word && !slice_equal_text(word, "it") && !slice_equal_text(word, "It") &&
            names_part(small_letters(word, room, sizeof(room)), &needs_name))
            return true;
    return false;
}

static uint32_t part_above(const struct pile *pile, const struct claim *claim)
{
    const struct pile_passage *passage = &pile->passages[claim->passage];
    uint32_t part = part_named(innermost_heading(passage->headings));
    return part != 0 ? part : part_named(pile_document_of(pile, passage)->title);
}

/* "Call us on …" on the pages of two departments: each has its own number. */
static bool are_of_two_parts(const struct pile *pile, const struct claim *a, const struct claim *b)
{
    bool is_address = a->value.kind == VALUE_PHONE || a->value.kind == VALUE_EMAIL;
    if (!is_address || has_part(a->sentence) || has_part(b->sentence))
        return false;
    uint32_t part = part_above(pile, a), other = part_above(pile, b);
    return part != 0 && other != 0 && (part != other || (has_own_title(a, b) && has_own_title(b, a)));
}

bool claims_share_context(const struct pile *pile, const struct claim *a, const struct claim *b)
{
    bool is_dependent = a->is_dependent || b->is_dependent;
    if (a->value.kind == VALUE_RULE)
        return true;
    bool is_then_and_now = a->tense != b->tense && a->tense != TENSE_NONE && b->tense != TENSE_NONE;
    if (is_then_and_now || are_of_pages_alike(a, b) || are_of_two_parts(pile, a, b))
        return false;
    if (are_of_two_things(a, b) || !row_fits(a, b) || !row_fits(b, a))
        return false;
    return count_telling(pile, a, b, is_dependent) >= (is_dependent ? TELLING_DEPENDENT : TELLING_LEAST) ||
           share_telling(a->about, a->about_count, b->about, b->about_count) ||
           share_telling(a->terms, a->term_count, b->about, b->about_count) ||
           share_telling(b->terms, b->term_count, a->about, a->about_count);
}

bool claims_same_words(const struct claim *a, const struct claim *b)
{
    return a->term_count == b->term_count && memcmp(a->terms, b->terms, a->term_count * sizeof(*a->terms)) == 0;
}

/* An oldest version is of one program, on one device, for one use: "the watch app", "to print the app needs". Any word that one of them has alone
 * makes it another, unless it tells only that something is needed. */
static bool needs_for_another(const struct wording *a, const struct wording *b)
{
    static const char *const needed[] = {"least",   "minimum",   "version", "versions", "run",      "runs",  "running",
                                         "install", "installed", "works",   "work",     "computer", "system"};
    for (size_t i = 0; i < a->count; i++)
        if (a->is_content[i] && !has_number(b, a->numbers[i]) &&
            !piece_among(&a->pieces, a->words.items[i], needed, ARRAY_COUNT(needed)))
            return true;
    return false;
}

/* Ports and extensions are numbers, and no versions. */
static bool is_oldest_version(const struct claim *claim)
{
    struct slice unit = claim->value.unit;
    return claim->value.kind == VALUE_VERSION && unit.size > 0 && !slice_equal_text(unit, "port") &&
           !slice_equal_text(unit, "extension");
}

bool claims_differ_in_subject(const struct claim *a, const struct claim *b)
{
    struct wording one, other;
    read_wording(&one, a);
    read_wording(&other, b);
    return (has_own_name(&one, &other) && has_own_name(&other, &one)) || contrasts(&one, &other) ||
           exchanges_subject(&one, &other) ||
           (is_oldest_version(a) && (needs_for_another(&one, &other) || needs_for_another(&other, &one)));
}
