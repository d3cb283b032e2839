/* asked_shape.c - questions that only whole sentences answer, told by how they begin.
 *
 *   Sealed cartridges: can they be refilled?        behind a colon, a dash or the end of a sentence begins what is asked
 *   Night deliveries to shops: a lasting relief?    "is it a …?"
 *   Evenness of the glaze in large kilns?           a title with a question mark, which a word or two do not answer
 *
 * Known for English, German, French, Spanish, Italian, Dutch, Portuguese and Japanese, partly for Polish and Swedish; any other question may be answered by a thing. */
#include "asked_shape.h"
#include "span_parts.h"
#include "text/text.h"
#include <string.h>

enum {
    TITLED_BYTES_MAX = 1000,
    WORDS_MAX = 40,
    WORD_BYTES = 24,
    TITLE_WORDS_LEAST = 5,
    ASKED_WORDS_LEAST = 4 /* no "What is it?" */
};

/* First words, in small letters. Those of `truths_marked` are also others' words: they need a question mark. */
static const char
    truths[] = "is|are|was|were|do|does|did|can|could|may|might|must|shall|should|will|would|has|have|had|am|isn't|"
               "aren't|don't|doesn't|can't|cannot";
static const char truths_marked[] =
    "darf|dürfen|kann|können|könnte|muss|müssen|muß|soll|sollen|ist|sind|gibt|hat|haben|habe|hatte|wird|werden|bin|war|waren|"
    "bekomme|brauche|gilt|gelten|lässt|" /* German */
    "est|peut|peux|puis|pouvons|pouvez|dois|doit|faut|existe|" /* French */
    "puedo|puede|pueden|podemos|se|hay|está|están|es|son|tiene|tienen|tengo|hace|debo|admiten|aceptan|" /* Spanish */
    "posso|può|possono|c'è|ci|è|sono|deve|devo|ha|hanno|avete|si|" /* Italian */
    "mag|mogen|kan|kunnen|zijn|heeft|hebben|moet|moeten|wordt|worden|" /* Dutch */
    "pode|podem|há|são|tem|têm|preciso|aceitam"; /* Portuguese */
static const char manners[] =
    "why|dlaczego|varför|perche|perchè|warum|weshalb|wieso|pourquoi|perché|waarom|summarize|summarise|explain|outline|compare|"
    "describe|erkläre|beschreibe|explique|spiega";
static const char after_how[] = "do|does|did|can|could|to|should|would|may|must|kann|können|muss|soll|funktioniert|geht|werden|"
                                "puis|peut|faire|fonctionne|puedo|puede|se|hago|posso|si|funziona|kan|werkt|fazer";
static const char hows[] = "how|wie|comment|cómo|como|come|hoe|jak|hur";
/* That ask for something else: "Depuis quand dirige-t-elle …", and behind one of `telling` "Can you tell me who …" */
static const char
    inner[] = "who|whom|whose|what|which|when|where|wer|wem|wen|welche|welcher|welches|wann|qui|quel|quelle|quand|où|combien|"
              "cuánto|cuándo|quién|quanto|quando|chi|hoeveel|wanneer|wie";
static const char telling[] = "tell|me|us|know|say|explain|sagen|mir|uns|weiß|wissen|dire|decirme|decir|dirmi|zeggen|dizer";
static const char subjects[] = "il|ils|elle|elles|on|je|vous|nous|tu"; /* French, behind the verb: "sont-ils" */

struct words {
    char items[WORDS_MAX][WORD_BYTES];
    size_t count;
};

static bool any_is(const struct words *words, size_t from, const char *alternatives)
{
    for (size_t i = from; i < words->count; i++)
        if (span_is_one_of(alternatives, slice_from(words->items[i])))
            return true;
    return false;
}

static bool tells_inner(const struct words *words)
{
    for (size_t i = 1; i < words->count; i++)
        if (span_is_one_of(telling, slice_from(words->items[i - 1])) &&
            (span_is_one_of(inner, slice_from(words->items[i])) || span_is_one_of(hows, slice_from(words->items[i]))))
            return true;
    return false;
}

static void put_word(struct words *words, struct slice word)
{
    size_t size = word.size < WORD_BYTES ? word.size : WORD_BYTES - 1;
    for (size_t i = 0; i < size; i++) {
        char byte = word.data[i];
        words->items[words->count][i] = (char)(byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte);
    }
    words->items[words->count++][size] = '\0';
}

static void read_words(struct slice text, struct words *words)
{
    struct text_words walk = {.text = text};
    struct slice word;
    bool is_word;
    words->count = 0;
    while (words->count < WORDS_MAX && text_words_next(&walk, &word, &is_word))
        if (is_word)
            put_word(words, word);
}

static bool ends_with_mark(struct slice text)
{
    return text.size > 0 && (text.data[text.size - 1] == '?' || slice_ends_with(text, SLICE("？")));
}

static bool holds_any(struct slice text, const char *const *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (memmem(text.data, text.size, parts[i], strlen(parts[i])) != NULL)
            return true;
    return false;
}

/* "…ですか", without a word that asks for a thing. */
static bool is_japanese_truth(struct slice question)
{
    static const char *const asking[] = {"何",     "いつ", "誰",   "だれ", "どこ", "いくら",
                                         "いくつ", "どう", "どの", "どれ", "なぜ", "なん"};
    while (question.size > 0 && (ends_with_mark(question) || question.data[question.size - 1] == ' '))
        question.size -= question.data[question.size - 1] == '?' || question.data[question.size - 1] == ' ' ? 1 : strlen("？");
    return slice_ends_with(question, SLICE("か")) && !holds_any(question, asking, ARRAY_COUNT(asking));
}

/* "les chats sont-ils admis ?", "peut-on annuler ?" */
static bool is_turned_round(const struct words *words, struct slice question)
{
    struct slice rest = question, piece;
    if (any_is(words, 0, inner) || any_is(words, 0, hows) || any_is(words, 0, manners))
        return false;
    while (slice_next(&rest, ' ', &piece)) {
        const char *dash = memrchr(piece.data, '-', piece.size);
        if (dash != NULL && dash > piece.data &&
            span_is_one_of(subjects, slice_range(piece, (size_t)(dash - piece.data) + 1, piece.size)))
            return true;
    }
    return false;
}

static bool is_word(const struct words *words, size_t at, const char *alternatives)
{
    return at < words->count && span_is_one_of(alternatives, slice_from(words->items[at]));
}

/* "Was kostet …?" asks for a thing, "Was it …?" whether something is so. */
static bool is_german_what(const struct words *words)
{
    static const char verbs[] =
        "ist|sind|war|waren|kostet|kosten|kostete|muss|muß|müssen|darf|dürfen|kann|können|soll|sollen|sollte|wird|werden|"
        "würde|gilt|gelten|gibt|hat|haben|heißt|bedeutet|bedeuten|passiert|geschieht|brauche|brauchen|braucht|bekomme|"
        "bekommen|bekommt|zahle|zahlen|zahlt|steht|stehen|bringt|enthält|macht|machen|mache|tun|tue|tut|für|beträgt|"
        "gehört|fehlt|sagt|verdient|wiegt";
    return is_word(words, 0, "was") && is_word(words, 1, verbs);
}

static bool asks_truth(const struct words *words, struct slice question)
{
    struct slice first = slice_from(words->items[0]);
    bool is_marked = ends_with_mark(question);
    if (is_german_what(words))
        return false;
    if (span_is_one_of(truths, first) || (is_marked && span_is_one_of(truths_marked, first)))
        return !tells_inner(words);
    return is_marked && (is_turned_round(words, question) || is_japanese_truth(question));
}

/* "what shall I do", "what happens", "was passiert", "¿qué hago?" from word `at` on */
static bool is_what_to_do(const struct words *words, size_t at)
{
    bool is_done = is_word(words, at + 1, "do|should|can|must|shall|could") &&
                   is_word(words, at + 2, "i|we|you|one|they|people") && is_word(words, at + 3, "do");
    bool is_english = is_word(words, at, "what"); /* "what is the fare?" */
    for (size_t i = at + 1; i < words->count && i <= at + 4 && !is_english; i++)
        is_done = is_done || is_word(words, i, "tun|machen|hacer|faire|fare|doen");
    return is_word(words, at, "what|was|qué|que|cosa|wat") &&
           (is_done || is_word(words, at + 1, "happens|happened|passiert|geschieht|pasa|succede|gebeurt|acontece") ||
            is_word(words, at + 1, "hago|hacemos|faccio|mache|tue|machen|tun"));
}

/* "What do I do if …", "If it leaks, what happens?", "por qué" */
static bool asks_what_happens(const struct words *words)
{
    for (size_t i = 0; i < words->count; i++)
        if (is_what_to_do(words, i))
            return true;
    if (is_word(words, 0, "what|what's") &&
        (any_is(words, 1, "consequence|consequences|implications|repercussions|wrong") ||
         (is_word(words, words->count - 1, "on") && is_word(words, words->count - 2, "going"))))
        return true; /* "What's going on?", "What have I done wrong?" */
    if (words->count > 2 && is_word(words, words->count - 2, "what|was|et|qué|wat") &&
        is_word(words, words->count - 1, "now|then|nun|jetzt|dann|maintenant|ahora|nu")) /* "It leaks, what now?" */
        return true;
    return (is_word(words, 0, "what") && is_word(words, 1, "if")) ||
           (is_word(words, 0, "por") && is_word(words, 1, "qué|que")) ||
           (is_word(words, 0, "pour") && is_word(words, 1, "quelle|quelles") && is_word(words, 2, "raison|raisons"));
}

static bool ends_with_any(struct slice word, const char *endings)
{
    struct slice rest = slice_from(endings), ending;
    while (slice_next(&rest, '|', &ending))
        if (word.size > ending.size + 1 && slice_ends_with(word, ending))
            return true;
    return false;
}

/* "Comment installer …", "Cómo cambiar …", "Wie beantrage ich …", "Hoe zeg ik … op": how something is done, by the verb behind. */
static bool asks_how_to(const struct words *words)
{
    static const struct {
        const char *how, *endings;
    } infinitives[] = {{"comment", "er|ir|re"},
                       {"cómo|como", "ar|er|ir|arse|erse|irse"},
                       {"come", "are|ere|ire|arsi|ersi|irsi"},
                       {"jak", "ć"}};
    struct slice first = slice_from(words->items[0]), second = slice_from(words->items[1]);
    for (size_t i = 0; i < ARRAY_COUNT(infinitives); i++)
        if (span_is_one_of(infinitives[i].how, first) && ends_with_any(second, infinitives[i].endings))
            return true;
    return words->count > 2 && span_is_one_of("wie|hoe|hur", first) &&
           span_is_one_of("ich|wir|man|ik|we|je|jag|vi", slice_from(words->items[2])) &&
           !span_is_one_of("alt|groß|oud|groot|gammal", second);
}

bool asks_what_to_do(struct slice question)
{
    struct words words;
    read_words(slice_trim(question), &words);
    return asks_what_happens(&words) && any_is(&words, 0, "do|tun|tue|machen|mache|faire|hacer|hago|fare|faccio|doen|fazer");
}

/* ---- questions behind what they are about ---- */

/* Where the text behind a mark that ends the lead begins; 0: none does at `at`. `*is_comma`: it is no more than a comma. */
static size_t behind_mark(struct slice text, size_t at, bool *is_comma)
{
    static const char *const marks[] = {": ", ". ", "? ", "! ", "; ", ", ", "--", " - ", "–", "—"};
    size_t end = 0;
    for (size_t i = 0; i < ARRAY_COUNT(marks) && end == 0; i++)
        if (slice_starts_with(slice_range(text, at, text.size), slice_from(marks[i]))) {
            end = at + strlen(marks[i]);
            *is_comma = marks[i][0] == ',';
        }
    while (end > 0 && end < text.size && text.data[end] == ' ')
        end++;
    return end;
}

/* "is it", "do I", "can the": behind a comma, which parts also what is no clause. */
static bool is_clause_asked(const struct words *words)
{
    return is_word(words, 1, "it|this|that|they|these|those|there|i|we|you|he|she|one|the|a|an|my|our|your|its|their|any|all");
}

/* The question stands behind what it is about: "X: is it Y?", "X. Are they Y?", "X: an Y?". What comes before asks for nothing. */
static bool asks_truth_behind(struct slice question)
{
    struct words lead, tail;
    bool is_comma = false;
    if (question.size > TITLED_BYTES_MAX) /* each of its marks is looked behind */
        return false;
    for (size_t at = 1; at < question.size && ends_with_mark(question); at++) {
        size_t behind = behind_mark(question, at, &is_comma);
        if (behind == 0)
            continue;
        struct slice asked = slice_range(question, behind, question.size);
        read_words(slice_range(question, 0, at), &lead);
        read_words(asked, &tail);
        if (lead.count == 0 || tail.count < 2 || any_is(&lead, 0, inner) || any_is(&lead, 0, hows) || any_is(&lead, 0, manners))
            continue;
        if (is_comma && (!is_clause_asked(&tail) || any_is(&tail, 0, inner)))
            continue;
        bool is_named = !is_comma && is_word(&tail, 0, "a|an") && !any_is(&tail, 1, inner);
        if (is_named || asks_truth(&tail, asked))
            return true;
    }
    return false;
}

/* Where the last of several sentences begins. */
static size_t last_sentence(struct slice text)
{
    size_t start = 0;
    for (size_t at = 1; at + 1 < text.size; at++)
        if (text.data[at] == ' ' && byte_among(text.data[at - 1], ".!?"))
            start = at + 1;
    return start;
}

struct slice asked_last(struct slice question)
{
    struct words words;
    question = slice_trim(question);
    struct slice last = slice_trim(slice_range(question, last_sentence(question), question.size));
    read_words(last, &words);
    bool is_asked = ends_with_mark(last) && words.count >= ASKED_WORDS_LEAST &&
                    (is_word(&words, 0, inner) || is_word(&words, 0, hows) || is_word(&words, 0, manners));
    return is_asked ? last : question;
}

/* "Workaround?", "Any fix?" */
static bool asks_for_way_out(const struct words *words)
{
    return words->count > 0 && words->count <= 3 &&
           is_word(words, words->count - 1, "workaround|workarounds|fix|solution|ideas|abhilfe|lösung");
}

enum answer_shape shape_asked(struct slice question)
{
    struct words words;
    question = asked_last(question);
    read_words(slice_range(question, last_sentence(question), question.size), &words);
    if (ends_with_mark(question) && asks_for_way_out(&words))
        return SHAPE_MANNER;
    read_words(question, &words);
    if (words.count < 2)
        return is_japanese_truth(question) && ends_with_mark(question) ? SHAPE_TRUTH : SHAPE_ANY;
    struct slice first = slice_from(words.items[0]), second = slice_from(words.items[1]);
    if (asks_what_happens(&words) || asks_how_to(&words) || span_is_one_of(manners, first) ||
        (span_is_one_of(hows, first) && span_is_one_of(after_how, second)))
        return SHAPE_MANNER;
    return asks_truth(&words, question) || asks_truth_behind(question) ? SHAPE_TRUTH : SHAPE_ANY;
}

bool asks_by_title(struct slice question)
{
    struct words words;
    question = slice_trim(question);
    read_words(question, &words);
    bool asks_for_thing = any_is(&words, 0, inner) || any_is(&words, 0, hows) || any_is(&words, 0, manners) ||
                          any_is(&words, 0, telling) || span_asked(question) != SPAN_NONE;
    return words.count >= TITLE_WORDS_LEAST && ends_with_mark(question) && !asks_for_thing &&
           shape_asked(question) == SHAPE_ANY;
}
