/* names.c - sentences that name the holder of an office.
 *
 *   "The manager of the Harrow shop is Priya Nair."     the name last, behind "is"
 *   "The Harrow shop is managed by Priya Nair."         the name last, behind what is done by one person
 *   "Priya Nair manages the Harrow shop."               the name first, and what one person does
 *   "Priya Nair is the manager of the Harrow shop."
 *
 * Who holds it only at times, or until somebody else does, shares it, so that these sentences are passed over; a deputy is an office of its own. */
#include "claims.h"
#include "value_words.h"

#define AMONG(pieces, at, words) piece_among(pieces, at, words, ARRAY_COUNT(words))

enum { NAME_WORDS = 3 }; /* and a title that ends in a full stop */

static const char *const titles[] = {"mr", "mrs", "ms", "dr", "prof", "herr", "frau", "mme", "sr", "sra"};

static struct slice small_letters(struct slice word, char room[64])
{
    size_t size = word.size < 64 ? word.size : 64;
    for (size_t j = 0; j < size; j++)
        room[j] = (char)(word.data[j] >= 'A' && word.data[j] <= 'Z' ? word.data[j] | 0x20 : word.data[j]);
    return (struct slice){room, size};
}

/* "The Warden", "Our Team", "La Oficina": what is no name begins so, or has a word of grammar in it. */
static bool is_grammar(const struct pieces *pieces, size_t at)
{
    static const char *const others[] = {
        "the",  "our",   "your",   "my",      "his",     "no",  "one", "der",  "die", "das", "den",   "dem",    "ein",
        "eine", "unser", "unsere", "ihr",     "ihre",    "le",  "la",  "les",  "un",  "une", "notre", "votre",  "el",
        "los",  "las",   "una",    "nuestro", "nuestra", "het", "een", "onze", "il",  "lo",  "gli",   "nostro", "nostra"};
    char room[64];
    return !piece_is(pieces, at, "will") &&
           (AMONG(pieces, at, others) || text_is_function_word(small_letters(piece_text(pieces, at), room), LANGUAGE_ENGLISH));
}

static bool is_name_word(const struct pieces *pieces, size_t at)
{
    struct slice word = piece_text(pieces, at);
    return piece_is_word(pieces, at) && word.size > 1 && word.data[0] >= 'A' && word.data[0] <= 'Z' &&
           !(word.data[1] >= '0' && word.data[1] <= '9') && !is_grammar(pieces, at);
}

/* Words of a name stand beside each other in the 51 bits that a double holds for sure. */
enum { WORD_BITS = 17 };

static uint64_t word_number(struct slice word)
{
    char room[64];
    uint64_t number = map_hash(small_letters(word, room)) >> (64 - WORD_BITS);
    return number > 0 ? number : 1;
}

/* Its last words are in `number`, the largest first, so that it is equal for the same words in any order, in small letters or capitals, without
 * titles; the last one is `low`. */
static struct value read_value(const struct pieces *pieces, size_t first, size_t end)
{
    uint64_t words[NAME_WORDS] = {0}, last = 0, packed = 0;
    for (size_t i = first; i < end; i++) {
        if (!piece_is_word(pieces, i) || AMONG(pieces, i, titles))
            continue;
        last = word_number(piece_text(pieces, i));
        size_t at = NAME_WORDS - 1;
        for (; at > 0 && words[at - 1] < last; at--)
            words[at] = words[at - 1];
        words[at] = last;
    }
    for (size_t i = 0; i < NAME_WORDS; i++)
        packed = packed << WORD_BITS | words[i];
    return (struct value){.kind = VALUE_NAME,
                          .number = (double)packed,
                          .low = (double)last,
                          .start = pieces->items[first].start,
                          .end = piece_end(pieces, end - 1)};
}

static bool has_words_of(const struct value *name, const struct value *other)
{
    for (uint64_t left = (uint64_t)other->number; left > 0; left >>= WORD_BITS) {
        uint64_t word = left & ((1u << WORD_BITS) - 1), own = (uint64_t)name->number;
        while (own > 0 && (own & ((1u << WORD_BITS) - 1)) != word)
            own >>= WORD_BITS;
        if (word > 0 && own == 0)
            return false;
    }
    return true;
}

bool names_are_same(const struct value *a, const struct value *b)
{
    return a->number == b->number || (a->low == b->low && (has_words_of(a, b) || has_words_of(b, a)));
}

/* A person is named as the holder of an office; a status, or a title, is no person. */
static bool is_office(const struct pieces *pieces, size_t at)
{
    static const char *const offices[] = {
        "manager",
        "contact",
        "owner",
        "head",
        "director",
        "lead",
        "leader",
        "chair",
        "chairman",
        "chairwoman",
        "chairperson",
        "president",
        "ceo",
        "cto",
        "cfo",
        "secretary",
        "treasurer",
        "officer",
        "administrator",
        "supervisor",
        "coordinator",
        "maintainer",
        "representative",
        "deputy",
        "principal",
        "caretaker",
        "responsible",
        "leiter",
        "leiterin",
        "ansprechpartner",
        "ansprechpartnerin",
        "geschäftsführer",
        "geschäftsführerin",
        "vorsitzende",
        "vorsitzender",
        "hausmeister",
        "responsable",
        "directeur",
        "directrice",
        "gérant",
        "encargado",
        "encargada",
        "jefe",
        "jefa",
        "directora",
        "beheerder",
        "voorzitter",
        "responsabile",
        "direttore",
        "direttrice",
    };
    return AMONG(pieces, at, offices);
}

static bool is_event(const struct pieces *pieces, size_t at)
{
    static const char *const events[] = {"tour",     "walk",     "visit",       "class",        "course",    "session",
                                         "workshop", "training", "lesson",      "seminar",      "exercise",  "discussion",
                                         "meeting",  "choir",    "discussions", "negotiations", "interview", "way"};
    return AMONG(pieces, at, events);
}

/* Not always, not alone, or not any more. */
static bool is_limited(const struct pieces *pieces, size_t at)
{
    static const char *const words[] = {
        "until",      "till",      "during", "while", "when",     "if",       "temporarily", "together", "jointly",
        "previously", "formerly",  "was",    "were",  "mornings", "evenings", "weekends",    "bis",      "während",
        "zusammen",   "gemeinsam", "jusqu",  "hasta", "tot",      "war",      "alternately"};
    static const char *const days[] = {"mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays", "sundays"};
    struct slice word = piece_text(pieces, at);
    bool is_year = word.size == 4 && (slice_starts_with(word, SLICE("19")) || slice_starts_with(word, SLICE("20")));
    return AMONG(pieces, at, words) || AMONG(pieces, at, days) || weekday_at(pieces, at) > 0 || is_year;
}

/* An office that stands beside the other one. */
static struct slice second_office(const struct pieces *pieces, size_t count)
{
    static const char *const words[] = {
        "deputy",  "vice",           "assistant",        "acting",           "interim",           "former",
        "co",      "stellvertreter", "stellvertreterin", "stellvertretende", "stellvertretender", "stellvertretenden",
        "adjoint", "adjointe"};
    for (size_t i = 0; i < count; i++)
        if (AMONG(pieces, i, words))
            return SLICE("second");
    return SLICE("");
}

static const char *const own[] = {"this",  "these", "here", "diese", "dieser", "dieses",
                                  "cette", "ce",    "este", "esta",  "deze"}; /* what a page says of itself */

/* What one person does with it. */
static bool is_leading(const struct pieces *pieces, size_t at)
{
    static const char *const verbs[] = {"manages", "leads", "heads", "directs", "chairs", "leitet", "dirige", "leidt"};
    return AMONG(pieces, at, verbs);
}

static bool is_led(const struct pieces *pieces, size_t at)
{
    static const char *const participles[] = {"managed", "led", "headed", "directed", "chaired"};
    return AMONG(pieces, at, participles);
}

/* The name that the pieces up to `end` end with: where it begins, or SIZE_MAX. */
static size_t last_name(const struct pieces *pieces, size_t end)
{
    size_t words = 0, at = end;
    while (words < NAME_WORDS && at >= 2 && is_name_word(pieces, at - 1) && piece_sign(pieces, at - 2) == ' ') {
        at -= 2; /* the word, and the blank before it */
        words++;
    }
    if (words > 0 && at >= 3 && piece_sign(pieces, at - 1) == '.' && AMONG(pieces, at - 2, titles) &&
        piece_sign(pieces, at - 3) == ' ') {
        at -= 3; /* "Dr." */
        words++;
    }
    return words >= 2 && at > 0 ? at + 1 : SIZE_MAX;
}

/* Behind the name that the sentence begins with, at a verb; 0: there is none. */
static size_t first_name(const struct pieces *pieces)
{
    size_t words = 0, at = 0;
    while (words < NAME_WORDS && is_name_word(pieces, at)) {
        bool is_title = AMONG(pieces, at, titles);
        at += is_title && piece_sign(pieces, at + 1) == '.' ? 2 : 1;
        if (piece_sign(pieces, at) != ' ')
            return 0;
        at++;
        words++;
    }
    return words >= 2 ? at : 0;
}

/* "Wine Shop", "Duty Manager", "Parks Council": what its last word names is an office, or many people. */
static bool is_body(const struct pieces *pieces, size_t last)
{
    static const char *const bodies[] = {
        "team",      "council", "office",   "department",  "committee",  "board",    "shop",     "store",
        "club",      "group",   "company",  "ltd",         "limited",    "inc",      "llc",      "gmbh",
        "ag",        "service", "services", "support",     "centre",     "center",   "agency",   "trust",
        "school",    "society", "union",    "desk",        "unit",       "section",  "staff",    "management",
        "reception", "parking", "warden",   "association", "foundation", "partners", "assistant"};
    return AMONG(pieces, last, bodies) || is_office(pieces, last);
}

/* "… is managed by", "… is", "… leitet" before the name at `first`. */
static bool names_last(const struct pieces *pieces, size_t first)
{
    static const char *const verbs[] = {"is", "ist", "est", "es"};
    size_t before = first - 2;
    bool is_office_told = piece_is(pieces, before, "leitet");
    if (piece_is(pieces, before, "by") && before >= 4)
        return is_led(pieces, before - 2) && AMONG(pieces, before - 4, verbs);
    for (size_t i = 0; i < before; i++)
        is_office_told = is_office_told || is_office(pieces, i);
    return is_office_told && (AMONG(pieces, before, verbs) || piece_is(pieces, before, "leitet"));
}

/* "manages the", "is the head of" at the verb behind a name. */
static bool names_first(const struct pieces *pieces, size_t verb)
{
    static const char *const articles[] = {"the", "our", "das", "die", "den", "unser", "unsere", "le", "la", "el", "het", "de"};
    size_t next = verb + 2, events = 0;
    if (piece_sign(pieces, verb + 1) != ' ' || !AMONG(pieces, next, articles))
        return false;
    for (size_t i = next; i < pieces->count; i++)
        events += is_event(pieces, i);
    bool is_holder = piece_is(pieces, verb, "is") && is_office(pieces, next + 2) &&
                     (piece_is(pieces, next + 4, "of") || piece_is(pieces, next + 4, "for"));
    return is_holder || (is_leading(pieces, verb) && events == 0);
}

bool name_read(struct slice sentence, struct value *value)
{
    struct pieces pieces;
    pieces_read(&pieces, sentence);
    size_t end = pieces.count > 0 && piece_sign(&pieces, pieces.count - 1) == '.' ? pieces.count - 1 : pieces.count;
    size_t first = last_name(&pieces, end), verb = first_name(&pieces);
    bool is_last = first != SIZE_MAX && first >= 2 && names_last(&pieces, first);
    if ((!is_last && (verb == 0 || !names_first(&pieces, verb))) || is_body(&pieces, is_last ? end - 1 : verb - 2))
        return false;
    for (size_t i = is_last ? 0 : verb; i < (is_last ? first : end); i++)
        if (AMONG(&pieces, i, own) || is_limited(&pieces, i))
            return false;
    *value = is_last ? read_value(&pieces, first, end) : read_value(&pieces, 0, verb - 1);
    value->unit = second_office(&pieces, pieces.count);
    return true;
}
