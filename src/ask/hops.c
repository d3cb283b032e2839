/* hops.c - what is asked of a thing that the question does not name but describe: two questions, one after the other.
 *
 *   Ada Finch plays for │a│ club  │founded in what year?│
 *   └───── lead ──────┘     noun    behind, with the word that asks
 *
 *   "Ada Finch plays for which club?"  ▶  Conwy Rovers  ▶  "Conwy Rovers founded in what year?"  ▶  1951
 *
 *   Who trains │the│ club │that won the cup?│          "Conwy Rovers", and "Which club won the cup?"  ▶  Conwy Rovers
 *   └ before ┘       noun                             ▶  "Who trains Conwy Rovers?"  ▶  Mira Holt
 *
 * The second kind is asked only where the answer is what was described, which no question asks for. The second answer has to stand in a document, or below a heading, of what the first one named; both are cited. English alone. */
#include "hops.h"
#include "asked_tokens.h"
#include "rival_words.h"
#include "span_parts.h"
#include <math.h>
#include <stdlib.h>

enum { LEAD_TOKENS_LEAST = 2, NOUN_TOKENS_MAX = 5, BRIDGE_BYTES = 60, SEARCHES = 2 };

/* Of each of the two: what is found of the wrong thing is seldom as likely. */
#define CHANCE_LEAST 0.6

static const char beginnings[] =
    "what|which|who|whom|whose|where|when|why|how|is|are|was|were|do|does|did|can|could|may|must|shall|should|will|would|has|"
    "have|had|name|tell|list|give|explain|describe|if|between";
static const char verbs[] = "is|are|was|were|has|have|had|does|did|do|can|could|will|would|also|first|once";
static const char relatives[] = "who|which|that|whose";
static const char participles[] = "born|known|written|built|held|made|led|sung|run|drawn|set|found";
static const char
    behind_participle[] = "in|by|at|on|for|to|from|as|after|with|during|near|since|under|what|which|who|when|where|how|his|her";
static const char no_nouns[] =
    "of|in|on|at|to|for|is|was|are|were|and|or|with|by|from|as|has|had|have|a|an|the|what|which|who|where|when|how";

/* ---- the question ---- */

static bool asks_at(const struct asked_tokens *tokens, size_t at)
{
    bool is_last = at + 1 == tokens->count;
    return token_is(tokens, at, "what") || (token_is(tokens, at, "which") && !is_last && !token_is(tokens, at + 1, verbs)) ||
           (token_is(tokens, at, "who|whom|where|when") && is_last) ||
           (token_is(tokens, at, "how") && token_is(tokens, at + 1, "many|much"));
}

/* A verb that describes the noun before it: "founded in", "living at". */
static bool is_participle(const struct asked_tokens *tokens, size_t at)
{
    struct slice text = tokens->items[at].text;
    bool may_be = token_is(tokens, at, participles) ||
                  (text.size > 4 && (slice_ends_with(text, SLICE("ed")) || slice_ends_with(text, SLICE("ing"))));
    return may_be && !token_is_named(tokens, at) && !token_is(tokens, at, "according|during|regarding|including") &&
           token_is(tokens, at + 1, behind_participle);
}

/* Where what describes the noun behind the article at `article` begins; 0: nowhere before `asking`, the word that asks. */
static size_t description_at(const struct asked_tokens *tokens, size_t article, size_t asking)
{
    for (size_t at = article + 1; at < asking && at <= article + NOUN_TOKENS_MAX; at++) {
        bool is_behind = at > article + 1, is_preposition = at + 1 == asking && token_is(tokens, at, "from|by");
        bool is_name = is_behind && token_is(tokens, article, "the") &&
                       token_is_named(tokens, at - 1); /* it may be whose verb that is */
        if (is_behind && (token_is(tokens, at, relatives) || (is_participle(tokens, at) && !is_name) || is_preposition))
            return at;
        if (tokens->items[at].has_comma || token_is(tokens, at, no_nouns))
            return 0;
    }
    return 0;
}

/* The lead names something, and says something of it: "In 2004" does not. */
static bool is_lead(const struct asked_tokens *tokens, size_t end)
{
    bool is_named = false, says = false;
    for (size_t i = 0; i < end; i++) {
        bool named = token_is_named(tokens, i);
        is_named = is_named || named;
        says = says || (!named && !token_is(tokens, i, no_nouns)) || token_is(tokens, i, "is|was|are|were|has|had");
    }
    return is_named && says;
}

bool hop_read(struct arena *arena, struct slice question, struct hop_asked *asked)
{
    struct asked_tokens tokens;
    size_t asking = 0, article = 0, described = 0;
    tokens_read(question, &tokens);
    if (tokens.count < 6 || tokens.count == ASKED_TOKENS_MAX || token_is(&tokens, 0, beginnings))
        return false;
    for (size_t i = LEAD_TOKENS_LEAST; i < tokens.count; i++)
        asking = asks_at(&tokens, i) ? i : asking;
    for (size_t i = LEAD_TOKENS_LEAST; i < asking; i++) {
        bool may_be = token_is(&tokens, i, "a|an|the") && !token_is(&tokens, i - 1, "is|are|was|were");
        size_t at = may_be ? description_at(&tokens, i, asking) : 0;
        article = at > 0 ? i : article;
        described = at > 0 ? at : described;
    }
    if (described == 0 || !is_lead(&tokens, article))
        return false;
    struct slice lead = tokens_text(&tokens, 0, article), noun = tokens_text(&tokens, article + 1, described);
    size_t from = described + token_is(&tokens, described, relatives);
    *asked = (struct hop_asked){.behind = tokens_text(&tokens, from, tokens.count)};
    asked->first = slice_from(
        arena_format(arena, SLICE_FORMAT " which " SLICE_FORMAT "?", SLICE_ARGUMENT(lead), SLICE_ARGUMENT(noun)));
    return true;
}

/* What describes the noun of "the club that …", "the film in which …" begins there. */
static bool describes_at(const struct asked_tokens *tokens, size_t at)
{
    return token_is(tokens, at, relatives) || token_is(tokens, at, "where") || is_participle(tokens, at) ||
           (token_is(tokens, at, "in|for|on|at|to|from") && token_is(tokens, at + 1, "which|whom"));
}

static size_t object_description(const struct asked_tokens *tokens, size_t article)
{
    for (size_t at = article + 1; at + 2 < tokens->count && at <= article + NOUN_TOKENS_MAX; at++) {
        if (at > article + 1 && describes_at(tokens, at))
            return at;
        if (tokens->items[at].has_comma && !token_is(tokens, at + 1, "who|which"))
            return 0;
        if (token_is(tokens, at, no_nouns))
            return 0;
    }
    return 0;
}

/* Something is asked of it: "Who trains", and no "What is", which asks for itself. */
static bool asks_something(const struct asked_tokens *tokens, size_t end)
{
    bool asks = false;
    for (size_t i = 1; i < end; i++) {
        if (token_is(tokens, i, "name|names|named|title|called"))
            return false;
        asks = asks || (!token_is(tokens, i, no_nouns) && !token_is(tokens, i, verbs));
    }
    return asks;
}

bool hop_read_object(struct arena *arena, struct slice question, struct hop_asked *asked)
{
    struct asked_tokens tokens;
    size_t article = 0, described = 0;
    tokens_read(question, &tokens);
    bool begins = token_is(&tokens, 0, "who|what|which|when|where|how") ||
                  (token_is(&tokens, 0, "in|at|on|under|to|from|for") && token_is(&tokens, 1, "what|which"));
    if (!begins || tokens.count < 6 || tokens.count == ASKED_TOKENS_MAX)
        return false;
    for (size_t i = 2; i < tokens.count && described == 0; i++) {
        described = token_is(&tokens, i, "a|an|the") ? object_description(&tokens, i) : 0;
        article = described > 0 ? i : article;
    }
    if (described == 0 || !asks_something(&tokens, article))
        return false;
    size_t from = described + token_is(&tokens, described, relatives);
    *asked = (struct hop_asked){.before = tokens_text(&tokens, 0, article)};
    asked->first = slice_from(arena_format(arena, "Which " SLICE_FORMAT " " SLICE_FORMAT "?",
                                           SLICE_ARGUMENT(tokens_text(&tokens, article + 1, described)),
                                           SLICE_ARGUMENT(tokens_text(&tokens, from, tokens.count))));
    return true;
}

/* ---- the answers ---- */

/* What an answer is made of, as it was before. */
struct before {
    struct ask_passage *passages;
    size_t passage_count;
    struct search_hit *hits;
    size_t hit_count;
    unsigned char (*versions)[STORE_HASH_BYTES];
    struct slice asked;
    struct terms question;
    struct reader_marks *marks;
    double *weights;
};

static struct before remember(const struct asking *asking)
{
    const struct ask_answer *answer = asking->answer;
    return (struct before){asking->passages, asking->passage_count, answer->search.hits, answer->search.count, answer->versions,
                           answer->asked,    asking->question,      asking->marks,       asking->weights};
}

static void forget(struct asking *asking, const struct before *before)
{
    struct ask_answer *answer = asking->answer;
    asking->passages = before->passages;
    asking->passage_count = before->passage_count;
    answer->search.hits = before->hits;
    answer->search.count = before->hit_count;
    answer->versions = before->versions;
    asking->marks = before->marks;
    asking->weights = before->weights;
}

static size_t place_of(const struct asking *asking, const struct search_hit *hit)
{
    size_t at = 0;
    while (at < asking->passage_count &&
           (asking->passages[at].hit->first > hit->first || asking->passages[at].hit->last < hit->last))
        at++;
    return at;
}

/* Takes in what the search found and the answer has not yet; `places` of all that it found. */
static bool take_in(struct asking *asking, const struct search_result *result, size_t *places, size_t *count,
                    struct error *error)
{
    struct search_hit *added = arena_alloc(asking->arena, result->count + 1, sizeof(*added));
    size_t new = 0;
    for (size_t i = 0; i < result->count; i++)
        if (result->hits[i].edition.state == EDITION_IN_FORCE && place_of(asking, &result->hits[i]) == asking->passage_count)
            added[new ++] = result->hits[i];
    if (!gate_more(asking, added, new, error))
        return false;
    *count = 0;
    for (size_t i = 0; i < result->count; i++) {
        size_t place = place_of(asking, &result->hits[i]);
        if (place < asking->passage_count)
            places[(*count)++] = place;
    }
    return true;
}

/* Searches for the question, and chooses in what is found. */
static bool ask_one(struct asking *asking, struct slice question, struct builtin_choice *chosen, struct error *error)
{
    struct ask_answer *answer = asking->answer;
    if (answer->more == NULL)
        answer->more = memory_alloc(SEARCHES, sizeof(*answer->more));
    struct search_result *result = &answer->more[answer->more_count++];
    *result = (struct search_result){0};
    size_t count;
    if (!search_for(asking, question, result, error))
        return false;
    size_t *places = arena_alloc(asking->arena, result->count + 1, sizeof(*places));
    if (!take_in(asking, result, places, &count, error))
        return false;
    const struct before before = remember(asking);
    answer->asked = question;
    asking->question = question_terms(asking, question, language_of(asking, question));
    bool ok = builtin_choose_among(asking, places, count, NULL, chosen, error);
    answer->asked = before.asked;
    asking->question = before.question;
    return ok;
}

/* A short name that the question does not have: what it describes. */
static bool may_be_bridge(struct asking *asking, const struct builtin_choice *chosen)
{
    const struct candidate *best = chosen->best;
    if (best == NULL || !chosen->is_likely || chosen->chance < CHANCE_LEAST || best->values[FEATURE_WHOLE] > 0 ||
        best->text.size > BRIDGE_BYTES)
        return false;
    struct terms words = rival_terms(asking, best->passage, best->text);
    size_t asked = 0;
    bool is_name = false;
    for (size_t i = 0; i < best->text.size; i++)
        is_name = is_name || (best->text.data[i] >= 'A' && best->text.data[i] <= 'Z');
    for (size_t i = 0; i < words.count; i++)
        asked += terms_have(&asking->question, words.items[i]);
    return is_name && asked < words.count;
}

/* The title or a heading of the passage is what the bridge names, or the sentence names it. */
static bool is_told_of(struct asking *asking, const struct candidate *item, struct slice bridge)
{
    const struct ask_passage *passage = &asking->passages[item->passage];
    struct terms words = rival_terms(asking, item->passage, bridge);
    struct slice rest = text_above(asking, passage), line;
    if (terms_have_all(&passage->sentences[item->sentence].terms, &words))
        return true;
    while (slice_next(&rest, '\n', &line)) {
        struct terms heading = rival_terms(asking, item->passage, line);
        if (terms_have_all(&heading, &words) || terms_have_all(&words, &heading))
            return true;
    }
    return false;
}

/* It says more than the bridge and what is asked of it. */
static bool says_more(struct asking *asking, const struct candidate *item, struct slice asked)
{
    struct terms words = rival_terms(asking, item->passage, item->text), said = rival_terms(asking, item->passage, asked);
    return words.count > 0 && !terms_have_all(&said, &words);
}

/* `wanted`: what the first has to be answered by; empty: anything. */
static bool find_both(struct asking *asking, const struct hop_asked *asked, struct slice wanted, struct hop *hop, bool *found,
                      struct error *error)
{
    struct builtin_choice first, second;
    *found = false;
    if (!ask_one(asking, asked->first, &first, error))
        return false;
    if (!may_be_bridge(asking, &first) || (wanted.size > 0 && !slice_equal(first.best->text, wanted)))
        return true;
    const struct slice bridge = first.best->text;
    hop->asked = slice_trim(
        slice_from(arena_format(asking->arena, SLICE_FORMAT " " SLICE_FORMAT " " SLICE_FORMAT, SLICE_ARGUMENT(asked->before),
                                SLICE_ARGUMENT(bridge), SLICE_ARGUMENT(asked->behind))));
    hop->asked = slice_from(arena_format(asking->arena, SLICE_FORMAT "?", SLICE_ARGUMENT(hop->asked)));
    if (!ask_one(asking, hop->asked, &second, error))
        return false;
    const struct candidate *answer = second.best;
    *found = answer != NULL && second.is_likely && second.chance >= CHANCE_LEAST && is_told_of(asking, answer, bridge) &&
             says_more(asking, answer, hop->asked) &&
             (answer->passage != first.best->passage || answer->sentence != first.best->sentence);
    if (!*found)
        return true;
    hop->bridge = *first.best;
    hop->answer = *answer;
    hop->chance = fmin(first.chance, second.chance);
    return true;
}

static bool hop_try(struct asking *asking, const struct hop_asked *asked, struct slice wanted, struct hop *hop, bool *found,
                    struct error *error)
{
    const struct before before = remember(asking);
    if (!find_both(asking, asked, wanted, hop, found, error))
        return false;
    if (!*found)
        forget(asking, &before);
    return true;
}

/* Passages that the request gives are all there is; other wordings were searched for already. */
static bool may_search(const struct asking *asking)
{
    return asking->request->given == NULL && asking->answer->more == NULL;
}

bool hop_find(struct asking *asking, struct hop *hop, bool *found, struct error *error)
{
    struct hop_asked asked;
    *found = false;
    return !may_search(asking) || !hop_read(asking->arena, asking->answer->asked, &asked) ||
           hop_try(asking, &asked, SLICE(""), hop, found, error);
}

bool hop_follow(struct asking *asking, const struct builtin_choice *chosen, struct hop *hop, bool *found, struct error *error)
{
    struct hop_asked asked;
    *found = false;
    bool may = chosen->is_likely && may_be_bridge(asking, chosen) && may_search(asking) &&
               hop_read_object(asking->arena, asking->answer->asked, &asked);
    return !may || hop_try(asking, &asked, chosen->best->text, hop, found, error);
}
