/* rules.c - sentences that allow, demand, forbid or state something: which of these, and whether they say yes or no.
 *
 *   "Dogs may be brought along."        may, can, is allowed, is permitted        +permission
 *   "Never bring dogs along."           may not, must not, never, is forbidden    −permission
 *   "A helmet is mandatory."            must, has to, is required                 +duty
 *   "No helmet is required."            need not, is not required                 −duty
 *   "The fee is (not) refundable."      is, are                                   ±state
 *
 * What is said under conditions is only compared with what is said under the same ones: their words are noted. Questions, sentences with more
 * than one denial, and those about "it" or "this" are passed over. English. */
#include "claims.h"
#include "sentence.h"

enum { WORDS_LEAST = 4, WORDS_MOST = 32 };

static bool one_of(const struct pieces *pieces, size_t at, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (piece_is(pieces, at, words[i]))
            return true;
    return false;
}
#define ONE_OF(pieces, at, words) one_of(pieces, at, words, ARRAY_COUNT(words))

static size_t next_word(const struct pieces *pieces, size_t at)
{
    at++;
    while (at < pieces->count && !pieces->items[at].is_word)
        at++;
    return at;
}

static bool is_denial(const struct pieces *pieces, size_t at)
{
    static const char *const words[] = {"not",     "never",   "no",      "cannot", "can't",  "can’t",  "don't",
                                        "don’t",   "doesn't", "doesn’t", "isn't",  "isn’t",  "aren't", "aren’t",
                                        "mustn't", "mustn’t", "neither", "nor",    "nobody", "none"};
    return ONE_OF(pieces, at, words);
}

/* A verb that the rule hangs on, with the words that belong to it. */
struct verb {
    enum rule_kind kind;
    bool is_denied;
    size_t end; /* its last piece, plus one */
};

static bool take_participle(const struct pieces *pieces, size_t at, struct verb *verb)
{
    static const char *const allowed[] = {"allowed", "permitted"}, *const forbidden[] = {"forbidden", "prohibited", "banned"};
    static const char *const demanded[] = {"required", "mandatory", "obligatory", "compulsory", "necessary", "needed"};
    bool is_forbidden = ONE_OF(pieces, at, forbidden), is_demanded = ONE_OF(pieces, at, demanded);
    if (!is_forbidden && !is_demanded && !ONE_OF(pieces, at, allowed))
        return false;
    verb->kind = is_demanded ? RULE_DUTY : RULE_PERMISSION;
    verb->is_denied = verb->is_denied != is_forbidden;
    verb->end = at + 1;
    return true;
}

/* "is", "are not", "is no longer allowed". */
static bool take_be(const struct pieces *pieces, size_t at, struct verb *verb)
{
    static const char *const be[] = {"is", "are", "isn't", "isn’t", "aren't", "aren’t"}, *const lightly[] = {
                                                                                             "also",   "always",   "still",
                                                                                             "longer", "strictly", "currently"};
    if (!ONE_OF(pieces, at, be))
        return false;
    *verb = (struct verb){.kind = RULE_STATE, .is_denied = is_denial(pieces, at), .end = at + 1};
    size_t next = next_word(pieces, at);
    while (is_denial(pieces, next) || ONE_OF(pieces, next, lightly)) {
        verb->is_denied = verb->is_denied || is_denial(pieces, next);
        verb->end = next + 1;
        next = next_word(pieces, next);
    }
    (void)take_participle(pieces, next, verb);
    return true;
}

/* "may", "must not", "cannot", "have to", "need not". */
static bool take_modal(const struct pieces *pieces, size_t at, struct verb *verb)
{
    static const char *const may[] = {"may", "can", "cannot", "can't", "can’t"}, *const must[] = {"must", "shall", "mustn't",
                                                                                                  "mustn’t"};
    static const char *const have[] = {"have", "has", "need", "needs"};
    size_t next = next_word(pieces, at);
    bool is_must = ONE_OF(pieces, at, must), is_have = ONE_OF(pieces, at, have);
    *verb = (struct verb){
        .kind = is_must || is_have ? RULE_DUTY : RULE_PERMISSION, .is_denied = is_denial(pieces, at), .end = at + 1};
    if (is_have && !piece_is(pieces, next, "to") && !piece_is(pieces, next, "not"))
        return false;
    if (!is_must && !is_have && !ONE_OF(pieces, at, may))
        return false;
    if (piece_is(pieces, next, "not") || piece_is(pieces, next, "never") || (is_have && piece_is(pieces, next, "to"))) {
        verb->is_denied = verb->is_denied || !piece_is(pieces, next, "to");
        verb->end = next + 1;
    }
    if (verb->is_denied && is_must)
        verb->kind = RULE_PERMISSION; /* "must not" forbids */
    return true;
}

/* "Do not …", "Never …" at the beginning; "do not have to" anywhere. */
static bool take_command(const struct pieces *pieces, size_t at, bool is_first, struct verb *verb)
{
    static const char *const do_words[] = {"do", "does"}, *const joined[] = {"don't", "don’t", "doesn't", "doesn’t"};
    bool is_joined = ONE_OF(pieces, at, joined), is_never = piece_is(pieces, at, "never");
    size_t end = at;
    if (ONE_OF(pieces, at, do_words) && piece_is(pieces, next_word(pieces, at), "not"))
        end = next_word(pieces, at);
    else if (!is_joined && !is_never)
        return false;
    struct verb demanded;
    size_t next = next_word(pieces, end);
    if (!is_never && take_modal(pieces, next, &demanded) && demanded.kind == RULE_DUTY && !demanded.is_denied) {
        *verb = (struct verb){RULE_DUTY, true, demanded.end};
        return true;
    }
    *verb = (struct verb){RULE_PERMISSION, true, end + 1};
    return is_first;
}

static bool is_vague_subject(const struct pieces *pieces, size_t first)
{
    static const char *const words[] = {"it", "this", "that", "they",  "these", "those", "there",
                                        "he", "she",  "what", "which", "who",   "how"};
    struct verb verb;
    if (!ONE_OF(pieces, first, words))
        return false;
    bool is_impersonal = piece_is(pieces, first, "it") && take_be(pieces, next_word(pieces, first), &verb) &&
                         verb.kind != RULE_STATE;
    return !is_impersonal; /* "It is not permitted to …" */
}

static uint32_t conditions_of(const struct pieces *pieces)
{
    static const char *const words[] = {"if",    "unless", "when", "while",   "during", "after",   "before", "until",
                                        "since", "except", "only", "without", "inside", "outside", "within", "once",
                                        "where", "though", "but",  "because", "beyond", "over",    "under",  "instead"};
    uint32_t mask = 0;
    for (size_t i = 0; i < pieces->count; i++)
        for (size_t j = 0; j < ARRAY_COUNT(words); j++)
            if (piece_is(pieces, i, words[j]))
                mask |= 1u << j;
    return mask;
}

bool rule_read(struct slice sentence, struct value *value, uint32_t *conditions)
{
    struct pieces pieces;
    struct verb verb = {.end = 0};
    size_t words = 0, denials = 0, first = SIZE_MAX, at = SIZE_MAX;
    if (sentence.size == 0 || sentence.data[sentence.size - 1] == '?')
        return false;
    pieces_read(&pieces, sentence);
    for (size_t i = 0; i < pieces.count; i++) {
        if (!pieces.items[i].is_word)
            continue;
        first = first == SIZE_MAX ? i : first;
        words++;
        denials += is_denial(&pieces, i);
        if (at == SIZE_MAX &&
            (take_command(&pieces, i, i == first, &verb) || take_modal(&pieces, i, &verb) || take_be(&pieces, i, &verb)))
            at = i;
    }
    static const char *const merely[] = {"just", "only", "merely", "necessarily", "always"};
    if (denials == 1 && at != SIZE_MAX && ONE_OF(&pieces, next_word(&pieces, verb.end - 1), merely))
        return false; /* "is not just for trainees" denies nothing */
    if (at == SIZE_MAX || words < WORDS_LEAST || words > WORDS_MOST || denials > 1 || is_vague_subject(&pieces, first))
        return false;
    bool begins_with_no = piece_is(&pieces, first, "no");
    if (denials == 1 && !verb.is_denied && !begins_with_no)
        return false; /* something else is denied */
    *value = (struct value){.kind = VALUE_RULE,
                            .number = (verb.is_denied || begins_with_no ? -1 : 1) * (double)(verb.kind + 1),
                            .start = pieces.items[at].start,
                            .end = piece_end(&pieces, verb.end - 1)};
    *conditions = conditions_of(&pieces);
    return true;
}

bool rules_contradict(const struct value *a, const struct value *b)
{
    double low = a->number < b->number ? a->number : b->number, high = a->number < b->number ? b->number : a->number;
    return low < 0 && high > 0 && (low == -high || (low == -(RULE_PERMISSION + 1) && high == RULE_DUTY + 1));
}
