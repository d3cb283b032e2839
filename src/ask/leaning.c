/* leaning.c - a question leans on those before when it points back ("it", "those"), begins as a continuation ("and", "what about"), or has next to no
 * words of its own.
 *
 * Many of the words that point back also do not: "is there", "it takes to", "rules that apply", "das Paket", "est-ce que". What stands beside them
 * tells. In English, German, French, Spanish, Italian and Dutch. */
#include "leaning.h"
#include "span_parts.h"
#include "text/text.h"
#include <string.h>

enum { WORDS_MAX = 60, OWN_WORDS_LEAST = 2, WHOLE_WORDS_LEAST = 3 };

struct walk {
    struct span_word words[WORDS_MAX];
    size_t count;
    struct slice text;
    enum text_language language;
};

static const char continuing[] =
    "and|but|or|so|also|und|oder|aber|et|ou|mais|y|o|pero|e|en|maar|what about|how about|was ist mit|wie ist es mit|"
    "wie sieht es mit|qu'en est-il|et pour|qué pasa con|y qué pasa con|e per";
static const char
    asking_words[] = "what|which|who|whom|whose|when|where|why|how|was|welche|welcher|welches|wer|wem|wen|wann|wo|warum|wie|"
                     "wieviel|qui|que|quel|"
                     "quelle|quels|quelles|quand|où|pourquoi|comment|combien|qué|cuál|cuáles|quién|cuándo|dónde|cómo|cuánto|"
                     "cuánta|cuántos|cuántas|"
                     "che|cosa|quale|quali|chi|dove|perché|come|quanto|quanti|wat|wie|welke|waar|wanneer|waarom|hoe|hoeveel";
static const char times[] =
    "year|years|month|week|quarter|morning|afternoon|evening|weekend|season|time|day|way|summer|winter|jahr|monat|woche|"
    "quartal|année|mois|semaine|año|mes|semana|anno|mese|settimana|jaar|maand";

static bool is_at(const struct walk *walk, size_t at, const char *alternatives)
{
    return at < walk->count && span_word_is(&walk->words[at], alternatives);
}

static bool is_before(const struct walk *walk, size_t at, const char *alternatives)
{
    return at > 0 && is_at(walk, at - 1, alternatives);
}

static bool is_capital(const struct walk *walk, size_t at)
{
    unsigned char byte = at < walk->count ? (unsigned char)walk->text.data[walk->words[at].start] : 0;
    unsigned char next = byte == 0xC3 ? (unsigned char)walk->text.data[walk->words[at].start + 1] : 0;
    return (byte >= 'A' && byte <= 'Z') || (next >= 0x80 && next <= 0x9E);
}

static void read_words(struct walk *walk)
{
    struct slice text = walk->text;
    for (size_t at = 0; at < text.size && walk->count < WORDS_MAX;) {
        struct span_word word = span_word_at(text, at);
        if (word.size == 0) {
            at++;
            continue;
        }
        walk->words[walk->count++] = word;
        at = span_letters_end(text, at);
    }
}

/* ---- words that point back ---- */

/* "It takes to …", "is it allowed to …": what is meant comes behind. */
static bool is_empty_subject(const struct walk *walk, size_t at)
{
    static const char
        states[] = "possible|allowed|permitted|necessary|required|legal|mandatory|true|safe|ok|okay|worth|better|important";
    bool is_said = is_at(walk, at + 1, "take|takes|took|cost|costs|cost") || is_at(walk, at + 1, states) ||
                   (is_at(walk, at + 1, "is|was") && is_at(walk, at + 2, states));
    for (size_t i = at + 2; is_said && i < walk->count; i++)
        if (is_at(walk, i, "to|that|for|if|when"))
            return true;
    return false;
}

static bool points_in_english(const struct walk *walk, size_t at)
{
    static const char being[] = "is|are|was|were|will|be|been|has|have|any|isn|aren|should|must|can|does";
    static const char holding[] =
        "is|are|was|were|does|do|did|can|will|would|could|should|for|of|about|with|to|in|on|at|by|from|after|before|than|like|"
        "and|or|but|if|so|what|how|why|when|where|without|under|during";
    if (is_at(walk, at, "it"))
        return !is_empty_subject(walk, at);
    if (is_at(walk, at, "its|they|them|their|theirs|he|she|him|her|his|hers|these|those|ones"))
        return true;
    if (is_at(walk, at, "this"))
        return !is_at(walk, at + 1, times);
    if (is_at(walk, at, "that")) /* "rules that apply" does not */
        return (at == 0 || is_before(walk, at, holding)) && !is_at(walk, at + 1, times);
    if (is_at(walk, at, "there"))
        return !is_before(walk, at, being) && !is_at(walk, at + 1, being);
    if (is_at(walk, at, "then"))
        return at == 0 || at + 1 == walk->count;
    if (is_at(walk, at, "same"))
        return at + 1 == walk->count || is_at(walk, at + 1, "for|in|with|of|thing|one|apply|true|go");
    return is_at(walk, at, "one") && is_before(walk, at, "the|that|this|which|other|another|each");
}

static bool points_in_german(const struct walk *walk, size_t at)
{
    if (is_at(walk, at, "es"))
        return !is_at(walk, at + 1,
                      "gibt|gab|geht|ist|möglich|erlaubt|nötig|erforderlich|verboten|einen|eine|ein|keine|keinen") &&
               !is_before(walk, at, "gibt|gab|geht|dauert");
    if (is_at(walk, at, "sie")) /* and not the polite one */
        return !is_capital(walk, at) || (at == 0 && !is_at(walk, 1, "haben|können|bieten|sind"));
    if (is_at(walk, at, "das")) /* no article */
        return !is_capital(walk, at + 1) && !is_capital(walk, at + 2);
    if (is_at(walk, at, "diese|dieser|dieses|diesen|diesem"))
        return !is_at(walk, at + 1, times);
    return is_at(walk, at, "er|ihn|ihm|dort|dafür|damit|davon|dazu|darüber|dabei|deren|dessen");
}

static bool points_in_french(const struct walk *walk, size_t at)
{
    if (is_at(walk, at, "il|elle|ils|elles")) {
        bool is_turned = at > 0 && walk->words[at].start > 0 && walk->text.data[walk->words[at].start - 1] == '-';
        if (is_turned && at > 2) /* "Quand l'offre expire-t-elle ?" has what it means before */
            return false;
        return !is_before(walk, at, "t|est|faut|existe") && !is_at(walk, at + 1, "y|faut|est|existe");
    }
    if (is_at(walk, at, "ce"))
        return !is_at(walk, at + 1, "que|qu|qui") && !is_before(walk, at, "est|qu") && !is_at(walk, at + 1, times);
    return is_at(walk, at, "cela|ça|celui|celle|ceux|celles|cette|cet|ces") && !is_at(walk, at + 1, times);
}

static bool points(const struct walk *walk, size_t at)
{
    switch (walk->language) {
    case LANGUAGE_GERMAN:
        return points_in_german(walk, at);
    case LANGUAGE_FRENCH:
        return points_in_french(walk, at);
    case LANGUAGE_SPANISH:
        return is_at(walk, at, "eso|esto|ese|esa|este|esta|esos|esas|estos|estas|ellos|ellas|él|ella|allí|ahí") &&
               !is_at(walk, at + 1, times);
    case LANGUAGE_ITALIAN:
        return is_at(walk, at, "questo|questa|questi|queste|quello|quella|quelli|quelle|esso|essa|lì") &&
               !is_at(walk, at + 1, times);
    case LANGUAGE_DUTCH:
        return is_at(walk, at, "deze|dit|die|daar|hij|zij|hen|hun") && !is_at(walk, at + 1, times);
    default:
        return points_in_english(walk, at);
    }
}

static bool points_back(const struct walk *walk)
{
    for (size_t i = 0; i < walk->count; i++)
        if (points(walk, i))
            return true;
    return false;
}

/* ---- continuations and fragments ---- */

static bool continues(struct slice question)
{
    struct slice rest = slice_from(continuing), part;
    while (slice_next(&rest, '|', &part)) {
        size_t same = 0;
        while (same < part.size && same < question.size && (question.data[same] | 0x20) == (part.data[same] | 0x20))
            same++;
        if (same == part.size && same < question.size && question.data[same] == ' ')
            return true;
    }
    return false;
}

/* "And who pays the courier in Norway?" is a whole question behind its "and". */
static bool is_whole_behind(const struct walk *walk, size_t own)
{
    return own >= WHOLE_WORDS_LEAST && is_at(walk, 1, asking_words) && !is_at(walk, 1, "about");
}

/* Of questions too short to tell it otherwise. */
static enum text_language language_by_first(const struct walk *walk)
{
    static const char english[] = "it|he|she|there|this|that|the|a|an|your|my|his|her|their|our|they|any";
    if (is_at(walk, 0, "wie|wo|wann|wer|welche|welcher|welches|warum|gibt|kann|ist|gilt|muss|darf|und") ||
        (is_at(walk, 0, "was") && !is_at(walk, 1, english)))
        return LANGUAGE_GERMAN;
    if (is_at(walk, 0, "est|et|combien|quand|quel|quelle|où|qui|comment|pourquoi"))
        return LANGUAGE_FRENCH;
    if (is_at(walk, 0, "qué|cuál|cuándo|cuánto|cómo|dónde|quién|y"))
        return LANGUAGE_SPANISH;
    return LANGUAGE_UNKNOWN;
}

/* "Who is the director?", "What is overtime?", "How much is a meal?" */
static bool is_whole_with_one(const struct walk *walk)
{
    bool begins_anew = is_at(walk, 0, "who|wer|qui|quién|chi") ||
                       (is_at(walk, 0, "what|was") && is_at(walk, 1, "is|are|ist|sind") && walk->count == 3);
    for (size_t i = 1; i + 1 < walk->count && !begins_anew; i++)
        begins_anew = is_at(walk, 0, asking_words) && is_at(walk, i, "a|an|ein|eine|einen|un|une|una|een");
    return begins_anew;
}

enum leaning leaning_of(struct asking *asking, struct slice question)
{
    struct walk walk = {.text = slice_trim(question), .language = text_language_of(question)};
    if (slice_starts_with(walk.text, SLICE("¿")))
        walk.text = slice_range(walk.text, strlen("¿"), walk.text.size);
    read_words(&walk);
    walk.language = walk.language == LANGUAGE_UNKNOWN ? language_by_first(&walk) : walk.language;
    size_t own = terms_of(asking, walk.text, walk.language).count;
    if (continues(walk.text) && !is_whole_behind(&walk, own))
        return LEANS_AS_ANOTHER;
    if (points_back(&walk))
        return LEANS;
    return own < OWN_WORDS_LEAST && !(own == 1 && is_whole_with_one(&walk)) ? LEANS : LEANS_NOT;
}
