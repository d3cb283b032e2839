/* named_two.c - reads the two things out of a question that asks of both, or which of them it is.
 *
 *   Are │Orla Finch│ and │Bram Teal│ both film directors?        What do │Orla Finch│ and │Bram Teal│ have in common?
 *   Which singer is Welsh, │Orla Finch│ or │Bram Teal│?          Which is cheaper, the │Basic│ or the │Pro plan│?
 *
 * A name begins behind a comma, a verb or a word that compares, and ends with its last capital letter, or where the question does. English alone. */
#include "named_two.h"
#include "asked_tokens.h"
#include "compared.h"
#include "span_parts.h"

enum { NAME_TOKENS_MAX = 7, TAIL_TOKENS_MAX = 2 };

static const char verbs[] = "is|are|was|were|do|does|did|have|has|had|can|will|am|be|been|came|come|comes";
static const char
    orders[] = "first|last|older|oldest|elder|eldest|younger|youngest|earlier|earliest|later|latest|newer|newest|sooner";
static const char articles[] = "the|a|an";

static bool compares(const struct asked_tokens *tokens, size_t at)
{
    bool is_less, is_money;
    struct span_word word = span_word_at(tokens->items[at].text, 0);
    return token_is(tokens, at, orders) || comparative_is(&word, &is_less, &is_money);
}

static bool ends_before(const struct asked_tokens *tokens, size_t at)
{
    return token_is(tokens, at, verbs) || token_is(tokens, at, "both|between|either|whether") || compares(tokens, at);
}

/* Where the name that ends before the joint begins; the joint: nowhere. */
static size_t left_start(const struct asked_tokens *tokens, size_t joint)
{
    size_t at = joint;
    while (at > 0 && joint - at <= NAME_TOKENS_MAX && !ends_before(tokens, at - 1) &&
           (at == joint || !tokens->items[at - 1].has_comma))
        at--;
    bool is_bound = at > 0 && joint - at <= NAME_TOKENS_MAX, is_named = is_bound && token_is_named(tokens, joint - 1);
    while (is_bound && at < joint && (token_is(tokens, at, articles) || (is_named && !token_is_named(tokens, at))))
        at++; /* of "the plague in Norway" the name */
    return is_bound ? at : joint;
}

/* Where the name behind the joint ends, one behind its last token; `*start`: where it begins. */
static size_t right_end(const struct asked_tokens *tokens, size_t joint, size_t *start)
{
    size_t at = joint + 1, last = 0;
    while (token_is(tokens, at, articles))
        at++;
    *start = at;
    for (; at < tokens->count && at - *start < NAME_TOKENS_MAX; at++) {
        if (at > *start && ends_before(tokens, at))
            return at;
        if (token_is_named(tokens, at))
            last = at + 1;
        if (tokens->items[at].has_comma)
            return at + 1;
    }
    bool is_end = at == tokens->count && at - (last > 0 ? last : *start) <= TAIL_TOKENS_MAX;
    return is_end ? at : last;
}

static size_t find_word(const struct asked_tokens *tokens, const char *alternatives, size_t from)
{
    while (from < tokens->count && !token_is(tokens, from, alternatives))
        from++;
    return from;
}

static size_t last_word(const struct asked_tokens *tokens, const char *alternatives)
{
    size_t at = tokens->count;
    for (size_t i = 0; i < tokens->count; i++)
        at = token_is(tokens, i, alternatives) ? i : at;
    return at;
}

/* "Which town was it, Bath, Bristol or Wells?" names more than two. */
static bool is_longer_list(const struct asked_tokens *tokens, size_t start)
{
    while (start > 0 && token_is(tokens, start - 1, articles))
        start--;
    bool is_listed = start > 1 && tokens->items[start - 1].has_comma && token_is_named(tokens, start - 1);
    return is_listed && !token_is(tokens, start - 2, verbs);
}

static void read_order(const struct asked_tokens *tokens, size_t first, size_t end, struct named_two *two)
{
    for (size_t i = 0; i < tokens->count && two->order == ORDER_NONE; i++) {
        bool is_less = false, is_money = false;
        struct span_word word = span_word_at(tokens->items[i].text, 0);
        if (i >= first && i < end)
            continue;
        if (token_is(tokens, i, "older|oldest|elder|eldest|younger|youngest")) {
            two->order = ORDER_AGE;
            two->is_more = token_is(tokens, i, "younger|youngest");
        } else if (token_is(tokens, i, "first|last|earlier|earliest|later|latest|newer|newest|sooner")) {
            two->order = ORDER_START;
            two->is_more = token_is(tokens, i, "last|later|latest|newer|newest");
        } else if (comparative_is(&word, &is_less, &is_money)) {
            two->order = ORDER_VALUE;
            two->is_more = !is_less;
            two->is_money = is_money;
        }
    }
}

/* Takes the names beside the joint; false: there are none. */
static bool take_names(const struct asked_tokens *tokens, size_t joint, struct named_two *two, size_t places[4])
{
    if (joint == 0 || joint + 1 >= tokens->count)
        return false;
    places[0] = left_start(tokens, joint);
    places[1] = joint;
    places[3] = right_end(tokens, joint, &places[2]);
    if (places[0] >= joint || places[3] <= places[2])
        return false;
    two->names[0] = tokens_text(tokens, places[0], joint);
    two->names[1] = tokens_text(tokens, places[2], places[3]);
    return true;
}

static bool is_named(const struct asked_tokens *tokens, size_t start, size_t end)
{
    for (size_t i = start; i < end; i++)
        if (token_is_named(tokens, i))
            return true;
    return false;
}

static bool read_choice(const struct asked_tokens *tokens, struct named_two *two)
{
    size_t places[4], joint = last_word(tokens, "or");
    bool begins = token_is(tokens, 0, "which|who|what|whose|between") || (token_is(tokens, 0, verbs) && joint < tokens->count);
    if (token_is(tokens, 0, "between"))
        joint = find_word(tokens, "and", 0);
    if (!begins || joint >= tokens->count || !take_names(tokens, joint, two, places) || is_longer_list(tokens, places[0]))
        return false;
    read_order(tokens, places[0], places[3], two);
    bool are_named = is_named(tokens, places[0], places[1]) && is_named(tokens, places[2], places[3]);
    bool is_behind = places[3] == tokens->count;
    bool is_apart = tokens->items[places[0] - 1].has_comma || token_is(tokens, places[0] - 1, articles);
    if ((token_is(tokens, 0, verbs) && two->order == ORDER_NONE) || (!are_named && (two->order == ORDER_NONE || !is_apart)))
        return false;
    if (is_behind && places[0] > 0)
        two->rest = tokens_text(tokens, 0, places[0]);
    else if (!is_behind)
        two->rest = tokens_text(tokens, places[3], tokens->count);
    two->kind = TWO_CHOICE;
    return true;
}

static bool read_both(const struct asked_tokens *tokens, struct named_two *two)
{
    size_t places[4], joint = find_word(tokens, "and", 0), common = find_word(tokens, "common", 0);
    bool is_common = common < tokens->count && common > 0 && token_is(tokens, common - 1, "in");
    size_t both = find_word(tokens, "both", 0), same = find_word(tokens, "same", 0);
    bool is_asked = token_is(tokens, 0, verbs) && (both < tokens->count || same < tokens->count);
    if ((!is_common && !is_asked) || !take_names(tokens, joint, two, places))
        return false;
    bool are_named = is_named(tokens, places[0], places[1]) && is_named(tokens, places[2], places[3]);
    bool is_closed = token_is(tokens, places[3], "both|have|has"); /* "Are dogs and cats both free?" */
    two->kind = are_named || is_closed ? TWO_BOTH : TWO_NONE;
    two->is_common = is_common;
    return two->kind != TWO_NONE;
}

struct named_two named_two_find(struct slice question)
{
    struct asked_tokens tokens;
    struct named_two two = {0};
    tokens_read(question, &tokens);
    if (tokens.count < 4 || read_both(&tokens, &two))
        return two;
    two = (struct named_two){0};
    if (!read_choice(&tokens, &two))
        two = (struct named_two){0};
    return two;
}
