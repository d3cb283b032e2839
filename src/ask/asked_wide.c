/* asked_wide.c - questions that a section of a document answers, told by how they begin. English; of others what asked_shape.c knows. */
#include "asked_wide.h"
#include "asked_shape.h"
#include "enumerated.h"
#include "span_parts.h"

/* Behind "how": what is done, and what somebody may do. "How does it work?" is told in prose. */
static const char doing[] = "do|can|could|should|to|must|may|shall|might|would";
static const char
    processes[] = "procedure|procedures|process|processes|steps|instructions|method|workflow|workaround|command|commands";
static const char accounts[] =
    "history|purpose|role|significance|importance|structure|mission|vision|background|focus|meaning|approach|philosophy|"
    "impact|difference|function|overview|aim|goal|story|origin|reason|rationale|scope|advantage|benefit|point";
static const char telling[] = "tell|describe|explain|summarize|summarise|outline";
static const char asking[] = "can|could|would|will|please|you|me";
static const char auxiliary[] = "does|do|did|can|could|should|will";
static const char giving[] = "offer|offers|provide|provides|do|include|includes|cover|covers|say|says|involve|involves|contain|"
                             "contains|mean|means|teach|teaches|focus|address|signify|entail|help";

/* "What is the │ enrolment process for …": one of the words behind, before a preposition ends them. */
static bool names_one(const struct span_words *words, const char *alternatives)
{
    enum { REACH = 6 };
    size_t at = 2;
    if (!span_words_at(words, 0, "what|which") || !span_words_at(words, 1, "is|are|was|were"))
        return false;
    for (; at < words->count && at < REACH; at++)
        if (span_word_is(&words->items[at], alternatives))
            return true;
        else if (span_words_at(words, at, "of|for|in|at|to|on|with|by|from"))
            return false;
    return false;
}

static bool asks_to_tell(const struct span_words *words)
{
    size_t at = 0;
    while (span_words_at(words, at, asking))
        at++;
    bool is_told = span_words_at(words, at, telling) &&
                   (at == 0 || !span_words_at(words, at + 1, "me") || span_words_at(words, at + 2, "about|more"));
    size_t next = at + 1 + span_words_at(words, at + 1, "me|us"); /* "Tell me │ how much …" asks for a thing */
    bool is_thing = span_words_at(words, next, "who|whom|whose|what|when|where|which|whether|if") ||
                    (span_words_at(words, next, "how") &&
                     span_words_at(words, next + 1, "much|many|long|often|old|big|large|far|high|tall|heavy|soon"));
    return is_told && !is_thing;
}

/* "What does X │ offer?", "What does it mean": at the end, or "What does Meaning: … say of …?" */
static bool asks_what_it_does(const struct span_words *words)
{
    if (!span_words_at(words, 0, "what") || !span_words_at(words, 1, auxiliary))
        return false;
    return words->count > 2 && span_words_at(words, words->count - 1, giving);
}

/* "Does X │ have …?", "Is there …?" */
static bool asks_whether_it_exists(const struct span_words *words)
{
    if (span_words_at(words, 0, "is|are|was|were") && span_words_at(words, 1, "there"))
        return true;
    for (size_t i = 1; i < words->count && span_words_at(words, 0, "does|do|did"); i++)
        if (span_word_is(&words->items[i], "have|offer|provide|run|operate|sell|maintain|host"))
            return !span_words_at(words, i + 1, "to"); /* "Do I have to pay?" */
    return false;
}

static bool begins_capital(struct slice question, const struct span_words *words, size_t at)
{
    return at < words->count && span_capital_at(question, words->items[at].start);
}

/* "What is │ the travel policy?": a thing with its name, no share and no amount of something. */
static bool asks_what_it_is(const struct span_words *words, struct slice question)
{
    if (!span_words_at(words, 0, "what") || !span_words_at(words, 1, "is|are") || span_asked(question) != SPAN_NONE)
        return false;
    for (size_t i = 2; i < words->count; i++)
        if (i > 2 && span_words_at(words, i, "at|in") && begins_capital(question, words, i + 1)) /* "… │ at Alder School" */
            return true;
        else if (span_word_is(&words->items[i], "of|for|in|at|to|on|with|by|from|my|your|our|used|called"))
            return false;
    return words->count > 2;
}

enum wide_kind wide_asked(struct slice question)
{
    struct span_words words;
    question = asked_last(question);
    span_words_read(question, &words);
    if (words.count < 2)
        return WIDE_NONE;
    if ((span_words_at(&words, 0, "how") && span_words_at(&words, 1, doing)) || asks_what_to_do(question) ||
        names_one(&words, processes) || (span_words_at(&words, 0, "what|which") && span_words_at(&words, 1, processes)))
        return WIDE_STEPS;
    if (names_one(&words, accounts) || asks_to_tell(&words) || asks_what_it_does(&words))
        return WIDE_PROSE;
    if (asks_whether_it_exists(&words))
        return WIDE_EXISTS;
    if (shape_asked(question) == SHAPE_MANNER)
        return WIDE_WHY;
    if (asks_what_it_is(&words, question) && !asks_for_all(question))
        return WIDE_WHAT;
    enum answer_shape shape = shape_asked(question);
    return shape == SHAPE_TRUTH ? WIDE_TRUTH : shape == SHAPE_ANY && asks_for_all(question) ? WIDE_LIST : WIDE_NONE;
}
