/* priced_thing.c - "how much is the X?": the words that call the thing, from which an amount of another thing is told apart.
 *
 *   How much does a │dental implant│ cost?       What is the │filing│ fee?       What is the price of │seed potatoes│ a bag?
 *   Was kostet ein │Kinderbett│ pro Nacht?       Combien coûte la │location d'un instrument│ ?
 *
 * The forms are few and plain. Behind the thing, where, when and for whom it is may be told in any words, so that it ends at the first word of grammar. What
 * is no noun ("how much is it to enter?") calls nothing. */
#include "priced_thing.h"
#include "span_parts.h"
#include <string.h>

static const char
    articles[] = "the|a|an|your|our|my|one|ein|eine|einen|einer|der|die|das|den|dem|le|la|les|l|un|une|des|du|el|los|las|"
                 "una|il|lo|i|gli|de|het|een";
static const char pronouns[] = "it|i|we|you|they|he|she|there|that|this|these|those|one|everything|all|es|man|ich|wir|sie|er|"
                               "ça|cela|eso|esto|questo|het|dat";
static const char
    prices[] = "price|prices|cost|costs|fee|fees|charge|charges|rate|tariff|fare|amount|preis|preise|kosten|gebühr|"
               "gebühren|prix|tarif|coût|montant|precio|coste|costo|prezzo|prijs|kost";
static const char
    hires[] = "rent|rental|hire|miete|leihe|loyer|alquiler|affitto|huur"; /* "Was kostet die Miete │der Halle│ ?" */
static const char linking[] = "of|for|de|d|du|des|di|del|della|dello|dell|von|für|van|voor"; /* a price and its thing */
static const char inner[] = "of|de|d|du|des|di|del|della|van|von|un|une|el|la|le|les|los|las|l"; /* within a thing */
static const char ends[] = "already|ready|fully|put|made|bought|sold|delivered|cost|costs|be|pay|pays|paid|get|gets|earn|"
                           "charge|charged|per|pro|par|por|a|kosten|coûter|costar|costare";

enum { WORDS_MAX = 32 };

struct words {
    struct span_word items[WORDS_MAX];
    size_t count;
};

static void read_words(struct slice question, struct words *words)
{
    words->count = 0;
    for (size_t at = 0; at < question.size && words->count < WORDS_MAX;) {
        size_t end = span_letters_end(question, at);
        if (end > at) {
            words->items[words->count] = span_word_at(question, at);
            words->items[words->count++].end = end;
        }
        at = end > at ? end : at + 1;
    }
}

static bool is_at(const struct words *words, size_t at, const char *alternatives)
{
    return at < words->count && span_word_is(&words->items[at], alternatives);
}

/* The place of the first word of the thing; `count`: none of the forms. `*is_named`: "the X", of which X may be a price itself. */
static size_t thing_begins(const struct words *words, bool *is_named)
{
    *is_named = false;
    bool is_how_much = is_at(words, 0, "how") && is_at(words, 1, "much");
    if (is_how_much && is_at(words, 2, "is|are|was|were|s|does|do|did|will|would"))
        return 3;
    if (is_at(words, 0, "what") && is_at(words, 1, "does|do|did|would|will"))
        return 2;
    bool is_what = is_at(words, 0, "what") && is_at(words, 1, "is|are|s|was|were");
    bool is_high = is_at(words, 0, "wie|hoe") && is_at(words, 1, "hoch|teuer|hoog|duur") && is_at(words, 2, "ist|sind|is|zijn");
    bool is_which = is_at(words, 0, "quel|quelle|cuál|qual|quale") && is_at(words, 1, "est|es|è");
    *is_named = is_what || is_high || is_which;
    if (*is_named)
        return is_high ? 3 : 2;
    bool is_price = is_at(words, 0, "was|wat|combien|cuánto|quanto|hoeveel") &&
                    is_at(words, 1, "kostet|kosten|kost|coûte|coûtent|cuesta|cuestan|costa|costano|bedraagt");
    return is_price ? 2 : words->count;
}

/* A verb of French, Spanish or Italian as it stands in a lexicon: "alquilar". */
static bool is_infinitive(const struct span_word *word)
{
    static const char *const endings[] = {"ar", "er", "ir", "are", "ere", "ire", "re"};
    struct slice text = {word->bytes, word->size};
    for (size_t i = 0; i < ARRAY_COUNT(endings); i++)
        if (slice_ends_with(text, slice_from(endings[i])))
            return true;
    return false;
}

/* A blank, a hyphen or an apostrophe alone parts the words. */
static bool is_close(struct slice question, const struct span_word *word, const struct span_word *next)
{
    struct slice between = slice_range(question, word->end, next->start);
    return between.size <= 3 && memchr(between.data, ',', between.size) == NULL &&
           memchr(between.data, '?', between.size) == NULL;
}

static size_t thing_ends(struct slice question, const struct words *words, size_t first)
{
    size_t at = first;
    for (; at < words->count; at++) {
        const struct span_word *word = &words->items[at];
        bool goes_on = at > first && span_word_is(word, inner) && at + 1 < words->count;
        if ((at > first && !is_close(question, &words->items[at - 1], word)) || span_word_is(word, ends) ||
            (!goes_on && span_is_function_word(word)))
            break;
    }
    return at;
}

/* "price of │seed potatoes": the thing behind a price; before it what is told of the price is the thing, "the │filing│ fee". */
static void pass_price(struct slice question, const struct words *words, size_t *first, size_t *end)
{
    for (size_t at = *first; at < *end; at++) {
        if (!is_at(words, at, prices))
            continue;
        if (at > *first) {
            *end = at;
            return;
        }
        *first = *end = at + 1;
        if (!is_at(words, at + 1, linking))
            return;
        *first = at + 2;
        while (is_at(words, *first, articles))
            ++*first;
        *end = is_at(words, *first, pronouns) ? *first : thing_ends(question, words, *first);
        return;
    }
}

struct slice priced_thing(struct slice question)
{
    struct words words;
    bool is_named;
    read_words(question, &words);
    size_t begin = thing_begins(&words, &is_named), first = begin;
    if (is_at(&words, first, pronouns) && !is_at(&words, first, articles))
        return SLICE("");
    while (is_at(&words, first, articles))
        first++;
    bool is_verb = first == begin && first < words.count && !is_at(&words, 0, "how|what|was|wie|wat|hoe|hoeveel") &&
                   is_infinitive(&words.items[first]);
    if (first >= words.count || is_verb)
        return SLICE("");
    bool is_hired = !is_named && is_at(&words, first, hires) && is_at(&words, first + 1, linking);
    for (first += is_hired ? 2 : 0; is_hired && is_at(&words, first, articles);)
        first++;
    size_t end = thing_ends(question, &words, first);
    if (is_named)
        pass_price(question, &words, &first, &end);
    return end > first ? slice_range(question, words.items[first].start, words.items[end - 1].end) : SLICE("");
}

bool priced_by_time(struct slice word, struct slice text)
{
    static const struct {
        const char *words;
        unsigned rank; /* of the unit */
    } times[] = {
        {"annual|yearly|jährlich|jährliche|annuel|annuelle|anual|annuale|jaarlijkse", 7},
        {"monthly|monatlich|monatliche|mensuel|mensuelle|mensual|mensile|maandelijkse|mensal", 6},
        {"weekly|wöchentlich|wöchentliche|hebdomadaire|semanal|settimanale|wekelijkse", 5},
        {"daily|nightly|täglich|tägliche|journalier|diario|diaria|giornaliero|giornaliera|dagelijkse", 4},
        {"hourly|stündlich|stündliche|horaire", 3},
    };
    struct span_word own = span_word_at(word, 0);
    unsigned rank = 0;
    for (size_t i = 0; i < ARRAY_COUNT(times); i++)
        rank = span_word_is(&own, times[i].words) ? times[i].rank : rank;
    for (size_t at = 0, end; rank > 0 && at < text.size; at = end == at ? at + 1 : end) {
        end = span_letters_end(text, at);
        struct span_word told = span_word_at(text, at);
        const struct span_unit *unit = told.size > 0 ? span_unit_of((struct slice){told.bytes, told.size}) : NULL;
        if (unit != NULL && unit->family == SPAN_FAMILY_TIME && unit->rank == rank)
            return true;
    }
    return false;
}
