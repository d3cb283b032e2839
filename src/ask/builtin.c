/* builtin.c - an answer without a language model: of all that may be the answer, the likeliest.
 *
 *   passages ─▶ lines ─▶ candidates with features ─▶ a small network's sum ─▶ best ─▶ confidence ─▶ answer or none
 *
 * Weights of the choice (choice_weights.h) are fitted by bench/ask_fit.py, those of the chances and thresholds (evidence_weights.h, evidence_network.h) by bench/evidence_fit.py, on
 * questions about other documents than those that are measured with. */
#include "features.h"
#include "asked_labels.h"
#include "asked_names.h"
#include "asked_quarters.h"
#include "asked_shape.h"
#include "by_heading.h"
#include "choice_weights.h"
#include "compared.h"
#include "defined.h"
#include "differing.h"
#include "extreme.h"
#include "enumerated.h"
#include "evidence_network.h"
#include "evidence_weights.h"
#include "found_results.h"
#include "grown.h"
#include "hops.h"
#include "introduced.h"
#include "kept_kinds.h"
#include "line_parts.h"
#include "named_section.h"
#include "outer_times.h"
#include "ranges.h"
#include "rivals.h"
#include "siblings.h"
#include "span_edges.h"
#include "span_parts.h"
#include "spans.h"
#include "strange_rows.h"
#include "told_two.h"
#include "told_whole.h"
#include "two_asked.h"
#include <math.h>
#include <sodium.h>
#include <string.h>

/* What a heading says of the code that is asked for: it is the code's own section, so that little else could be meant. */
#define CHANCE_BY_HEADING 0.6
/* That two rows and a column are those which the question names. */
#define CHANCE_COMPARED 0.6
/* That a sentence which says that the term means something tells what is asked. */
#define CHANCE_DEFINED 0.7
/* That a sentence whose subject is what the question names, and which says what that is, tells it. */
#define CHANCE_INTRODUCED 0.7
/* Where what the question names is told of nowhere: the rest may fit ever so well. */
#define CHANCE_BARRED 0.1
/* Where the best was told of another one of its kind, the next is often the best of what is left of nothing. */
#define CHANCE_BESIDE_SIBLING 0.5

static double weigh(const double *weights, const struct candidate *item)
{
    double sum = 0;
    for (size_t i = 0; i < FEATURES; i++)
        sum += weights[i] * item->values[i];
    return sum;
}

static double sum_of(const struct weights *weights, const struct candidate *item)
{
    double sum = weigh(weights->line, item);
    for (size_t i = 0; i < HIDDEN; i++)
        sum += weights->out[i] * tanh(weigh(weights->in[i], item) + weights->from[i]);
    return sum;
}

struct choice {
    const struct candidate *best; /* NULL: there is none */
    double sum, lead; /* of the best, and over the next one with another text */
};

static struct choice choose(const struct weights *weights, struct candidate *items, size_t count)
{
    struct choice choice = {0};
    double next = 0;
    bool has_next = false;
    for (size_t i = 0; i < count; i++) {
        items[i].sum = sum_of(weights, &items[i]) + items[i].favour;
        bool is_first = choice.best == NULL || (items[i].is_exact && !choice.best->is_exact);
        if (is_first || (items[i].sum > choice.sum && items[i].is_exact == choice.best->is_exact)) {
            choice.best = &items[i];
            choice.sum = items[i].sum;
        }
    }
    for (size_t i = 0; i < count && choice.best != NULL; i++) {
        if (slice_equal(items[i].text, choice.best->text) || (has_next && items[i].sum <= next))
            continue;
        next = items[i].sum;
        has_next = true;
    }
    choice.lead = choice.sum - next; /* over nothing, where it is the only one */
    return choice;
}

static double logistic(double sum)
{
    return 1 / (1 + exp(-sum));
}

static double sum_behind(const double *weights, const double *values, size_t count)
{
    double sum = weights[0];
    for (size_t i = 0; i < count; i++)
        sum += weights[1 + i] * values[i];
    return sum;
}

struct chances {
    double right; /* of the chosen one */
    bool is_likely; /* that the documents hold an answer */
};

static struct chances chances_by_network(const double evidence[EVIDENCES])
{
    const struct evidence_network *network = &evidence_network;
    double seen[EVIDENCE_SEEN];
    for (size_t i = 0; i < EVIDENCES; i++)
        seen[i] = fmax(-EVIDENCE_FAR, fmin(EVIDENCE_FAR, (evidence[i] - network->middle[i]) * network->scale[i]));
    for (size_t i = 0; i < EVIDENCE_UNITS; i++)
        seen[EVIDENCES + i] = tanh(sum_behind(network->in[i], seen, EVIDENCES));
    double held = logistic(sum_behind(network->held, seen, EVIDENCE_SEEN));
    return (struct chances){logistic(sum_behind(network->right, seen, EVIDENCE_SEEN)), held >= network->threshold};
}

/* The network learned from whole questions. What describes a value of a form is none, and it would leave out more of what is there. */
static struct chances chances_of(enum weights_kind kind, bool is_value, const double evidence[EVIDENCES])
{
    if (kind == WEIGHTS_MEANING_READ && !is_value)
        return chances_by_network(evidence);
    const struct evidence_weights *weights = &evidence_fitted[kind];
    double held = logistic(sum_behind(weights->held, evidence, EVIDENCES));
    return (struct chances){logistic(sum_behind(weights->right, evidence, EVIDENCES)), held >= weights->threshold};
}

/* Of "when", the day with its hours; and what else belongs to a part of the sentence. */
static struct slice text_of(const struct asking *asking, const struct candidate *item)
{
    struct slice sentence = asking->passages[item->passage].sentences[item->sentence].text, part = item->text;
    unsigned asked = shape_asked(asking->answer->asked) == SHAPE_ANY ? span_asked(asking->answer->asked) : SPAN_NONE;
    bool is_part = item->values[FEATURE_WHOLE] == 0 && part.data >= sentence.data &&
                   part.data + part.size <= sentence.data + sentence.size;
    if (!is_part)
        return part;
    struct slice end = range_end_asked(asking->answer->asked, part);
    if (!slice_equal(end, part))
        return end;
    size_t start = (size_t)(part.data - sentence.data);
    struct slice line = cell_around(sentence, start, start + part.size);
    struct slice outer = (asked & (SPAN_HOUR | SPAN_DATE)) != 0 ? time_outermost(asking->answer->asked, line, part) : part;
    if (!slice_equal(outer, part))
        return outer;
    if ((asked & SPAN_DATE) != 0)
        part = span_whole_time(asking->answer->asked, line, part);
    return span_grown(asking->answer->asked, asked, line, part);
}

static void put_text(struct asking *asking, struct buffer *text, const struct candidate *item)
{
    struct slice source = asking->passages[item->passage].source;
    if (item->day.size > 0) {
        verbatim(item->day, source, text);
        buffer_append_byte(text, ' ');
    }
    verbatim(text_of(asking, item), source, text);
    if (item->unit.size > 0) {
        buffer_append_byte(text, ' ');
        defang(item->unit, text);
    }
    buffer_format(text, " [%zu]", cite_run(asking, item->passage, item->sentence, item->last));
}

/* "Ada (Linux) and Bob (Windows)", asked for Windows: what stands in brackets behind the name is asked for. */
static bool is_told_apart(struct slice question, struct slice sentence, struct slice name)
{
    size_t at = (size_t)(name.data - sentence.data) + name.size;
    if (name.data < sentence.data || !span_starts(sentence, at, " ("))
        return false;
    for (at += 2; at < sentence.size && sentence.data[at] != ')';) {
        struct span_word word = span_word_at(sentence, at);
        if (word.size >= 3 && span_has_word(question, word.bytes))
            return true;
        at = word.size > 0 ? word.end : at + 1;
    }
    return false;
}

/* A number, or words that all begin as names do. */
static bool is_value_or_name(struct slice part)
{
    struct slice rest = part, word;
    bool is_name = !span_has_digit(part);
    while (is_name && slice_next(&rest, ' ', &word)) {
        bool begins = word.size > 1 && word.data[0] >= 'A' && word.data[0] <= 'Z';
        is_name = begins && word.data[1] >= 'a' && word.data[1] <= 'z';
    }
    return is_name || span_has_digit(part);
}

/* One of several things where all are asked for: all. A whole sentence with several values: what of it the question names, if that is sure. */
static struct candidate fitted_to_asked(struct asking *asking, const struct candidate *best)
{
    struct candidate item = *best;
    const enum wide_kind wide = wide_asked(asking->answer->asked);
    if (wide != WIDE_NONE)
        item = told_whole(asking, wide, best);
    if (wide != WIDE_NONE && (item.passage != best->passage || !slice_equal(item.text, best->text)))
        return item;
    struct slice sentence = asking->passages[item.passage].sentences[item.sentence].text, piece;
    bool may_be = shape_asked(asking->answer->asked) == SHAPE_ANY && item.last == item.sentence &&
                  slice_equal(item.text, sentence) && !line_has_bar(sentence);
    bool is_prose = item.last == item.sentence && item.values[FEATURE_CELL] == 0 && !line_has_bar(sentence);
    if (is_prose && asks_by_title(asking->answer->asked) && !is_value_or_name(item.text))
        item.text = sentence;
    else if (may_be && series_named_piece(asking, item.passage, sentence, &piece))
        item.text = piece;
    else if (asks_for_all(asking->answer->asked))
        item.text = enumeration_around(sentence, item.text);
    else if ((span_asked(asking->answer->asked) & SPAN_NAME) != 0 && shape_asked(asking->answer->asked) == SHAPE_ANY) {
        bool is_who = asks_who(asking->answer->asked);
        if (is_who && is_told_apart(asking->answer->asked, sentence, item.text))
            return item;
        item.text = is_who ? names_around(sentence, item.text) : span_with_number(sentence, item.text);
    }
    return item;
}

static void take_whole(struct asking *asking, const struct candidate *item)
{
    struct ask_answer *answer = asking->answer;
    struct buffer text;
    buffer_init(&text, LIMIT_EXTRACT_BYTES);
    put_text(asking, &text, item);
    answer->text = arena_slice(asking->arena, buffer_slice(&text));
    answer->sentences = 1;
    answer->abstained = false;
    buffer_release(&text);
}

static void take_answer(struct asking *asking, const struct candidate *best)
{
    const struct candidate item = fitted_to_asked(asking, best);
    take_whole(asking, &item);
}

static enum weights_kind weights_for(const struct ask_request *request, const struct ask_answer *answer)
{
    bool reads = request->reader != NULL;
    return !request_knows_meaning(request, answer) ? (reads ? WEIGHTS_WORDS_READ : WEIGHTS_WORDS)
           : reads                                 ? WEIGHTS_MEANING_READ
                                                   : WEIGHTS_MEANING;
}

void builtin_version(const struct ask_request *request, const struct ask_answer *answer, unsigned char hash[STORE_HASH_BYTES])
{
    enum weights_kind kind = weights_for(request, answer);
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)&fitted[kind], sizeof(fitted[kind]));
    crypto_hash_sha256_update(&state, (const unsigned char *)&evidence_fitted[kind], sizeof(evidence_fitted[kind]));
    if (kind == WEIGHTS_MEANING_READ)
        crypto_hash_sha256_update(&state, (const unsigned char *)&evidence_network, sizeof(evidence_network));
    crypto_hash_sha256_final(&state, hash);
}

/* "Who won the world cup in 2018?", and of all its words the passage has "2018": it is of something else that was in that year. */
static bool shares_years_alone(const struct asking *asking, const struct candidate *best)
{
    const struct ask_passage *passage = &asking->passages[best->passage];
    size_t words = 0;
    bool has_year = false;
    for (size_t i = 0; i < asking->question.count; i++) {
        struct slice term = asking->question.items[i];
        bool is_year = span_is_year(term), stands = passage_has(passage, term);
        if (!is_year && stands)
            return false;
        words += !is_year;
        has_year = has_year || (is_year && stands);
    }
    enum text_language language = text_language_indexed(text_language_named(passage->hit->language));
    return words >= 2 && has_year && language == language_of(asking, asking->answer->asked);
}

/* Whatever else speaks for it: what a question for a thing names is told of nowhere, or only others of its kind are; or no number to call is told. Whether
 * something is so may be told without the name. */
static bool is_barred(struct asking *asking, const struct candidate *best)
{
    if (shape_asked(asking->answer->asked) == SHAPE_TRUTH)
        return false;
    unsigned asked = shape_asked(asking->answer->asked) == SHAPE_ANY ? span_asked(asking->answer->asked) : SPAN_NONE;
    struct labels labels = labels_find(asking->answer->asked);
    return names_are_strange(asking) || asking->is_price_elsewhere || shares_years_alone(asking, best) ||
           number_untold(asking, asked, best) || lacks_quarter(asking, &asking->passages[best->passage]) ||
           (asking->is_label_elsewhere &&
            labels_told_at(asking, &labels, best->passage, best->sentence, best->head) == LABEL_UNTOLD);
}

static enum sibling_telling sibling_of(struct asking *asking, const struct siblings *siblings, const struct candidate *item)
{
    return sibling_told(asking, siblings, item->passage, item->sentence, item->head);
}

/* Leaves those out that are told of a sibling of what is asked of. */
static size_t drop_siblings(struct asking *asking, const struct siblings *siblings, struct candidate *items, size_t count)
{
    size_t left = 0, passage = SIZE_MAX, sentence = 0;
    bool is_other = false;
    for (size_t i = 0; i < count; i++) {
        if (items[i].passage != passage || items[i].sentence != sentence)
            is_other = sibling_of(asking, siblings, &items[i]) == SIBLING_ANOTHER;
        passage = items[i].passage;
        sentence = items[i].sentence;
        if (!is_other)
            items[left++] = items[i];
    }
    return left;
}

/* The best, and where that is told of a sibling the best of the rest, which has to be told of what is asked of, and of the
 * kind that is asked for. `*least`: so likely it has to be. */
static struct choice choose_asked(struct asking *asking, const struct weights *weights, struct candidate *items, size_t *count,
                                  double *least)
{
    struct choice choice = choose(weights, items, *count);
    *least = 0;
    if (choice.best == NULL || shape_asked(asking->answer->asked) == SHAPE_TRUTH || asking->is_quote_told)
        return choice;
    const struct siblings siblings = siblings_find(asking);
    if (sibling_of(asking, &siblings, choice.best) != SIBLING_ANOTHER)
        return choice;
    *least = 1;
    size_t left = drop_siblings(asking, &siblings, items, *count);
    if (left == 0)
        return choice;
    *count = left;
    choice = choose(weights, items, left);
    bool is_told = sibling_of(asking, &siblings, choice.best) == SIBLING_TOLD && choice.best->values[FEATURE_LACKS] == 0;
    bool is_manner = shape_asked(asking->answer->asked) == SHAPE_MANNER; /* the steps need not name it once more */
    *least = is_told || is_manner ? CHANCE_BESIDE_SIBLING : 1;
    return choice;
}

typedef bool may_answer(void *context, struct slice text);

/* `is_value`: of a form, of which what describes it names nothing. */
static bool choose_by(struct asking *asking, may_answer *may, void *context, bool is_value, struct builtin_choice *chosen,
                      struct error *error)
{
    struct candidate *items;
    size_t count, left = 0;
    *chosen = (struct builtin_choice){0};
    if (!candidates_list(asking, &items, &count, error))
        return false;
    for (size_t i = 0; i < count; i++)
        if (may == NULL || may(context, items[i].text))
            items[left++] = items[i];
    enum weights_kind kind = weights_for(asking->request, asking->answer);
    double least = 0;
    struct choice choice = !is_value ? choose_asked(asking, &fitted[kind], items, &left, &least)
                                     : choose(&fitted[kind], items, left);
    if (choice.best == NULL)
        return true;
    double *evidence = arena_alloc(asking->arena, EVIDENCES, sizeof(*evidence));
    if (!evidence_find(asking, items, left, choice.best, choice.sum, choice.lead, evidence, error))
        return false;
    chosen->best = choice.best;
    chosen->evidence = evidence;
    const struct chances chances = chances_of(kind, is_value, evidence);
    chosen->chance = chances.right;
    bool is_strange = false;
    if (!is_value && shape_asked(asking->answer->asked) != SHAPE_TRUTH &&
        !named_is_strange(asking, choice.best, &is_strange, error))
        return false;
    bool is_out = chosen->chance < least || is_strange || (!is_value && is_barred(asking, choice.best));
    if (is_out)
        chosen->chance = fmin(chosen->chance, CHANCE_BARRED);
    chosen->is_likely = (chances.is_likely || asking->is_quote_told) && !is_out;
    return true;
}

bool builtin_choose(struct asking *asking, may_answer *may, void *context, struct builtin_choice *chosen, struct error *error)
{
    return choose_by(asking, may, context, may != NULL, chosen, error);
}

bool builtin_choose_among(struct asking *asking, const size_t *places, size_t count, may_answer *may,
                          struct builtin_choice *chosen, struct error *error)
{
    struct ask_passage *all = asking->passages, *some = arena_alloc(asking->arena, count + 1, sizeof(*some));
    const size_t all_count = asking->passage_count;
    struct reader_marks *marks = asking->marks;
    double *weights = asking->weights;
    for (size_t i = 0; i < count; i++)
        some[i] = all[places[i]];
    asking->passages = some;
    asking->passage_count = count;
    bool ok = choose_by(asking, may, NULL, false, chosen, error);
    asking->passages = all;
    asking->passage_count = all_count;
    asking->marks = marks;
    asking->weights = weights;
    if (!ok || chosen->best == NULL)
        return ok;
    struct candidate *best = arena_alloc(asking->arena, 1, sizeof(*best));
    *best = *chosen->best;
    best->passage = places[best->passage];
    chosen->best = best;
    return true;
}

const char *builtin_name(const struct ask_request *request)
{
    return request->reader != NULL ? "builtin:reader" : "builtin:sentence";
}

/* The whole sentence that one answer is of, where it has what the other question asks for, too; else that answer stays as it is. */
static bool widen_to_both(const struct asking *asking, struct candidate *item, struct slice other)
{
    struct slice sentence = asking->passages[item->passage].sentences[item->sentence].text;
    struct span span;
    unsigned asked = span_asked(other);
    bool has_both = asked != SPAN_NONE && !line_has_bar(sentence) && item->last == item->sentence &&
                    spans_find(other, sentence, asked, &span, 1) == 1 && span_fits(asked, span.kind) == 1 &&
                    memmem(item->text.data, item->text.size, span.text.data, span.text.size) == NULL;
    if (has_both)
        item->text = sentence;
    return has_both;
}

/* Chooses an answer to each, by its own words where they say enough. */
static bool choose_both(struct asking *asking, const struct slice halves[2], struct builtin_choice chosen[2],
                        struct error *error)
{
    struct ask_answer *answer = asking->answer;
    const struct slice asked = answer->asked;
    const struct terms question = asking->question;
    bool ok = true;
    for (size_t i = 0; i < 2 && ok; i++) {
        struct terms own = question_terms(asking, halves[i], language_of(asking, asked));
        answer->asked = halves[i];
        asking->question = own.count > 1 && !two_points_back(halves[i]) ? own : question;
        ok = builtin_choose(asking, NULL, NULL, &chosen[i], error);
    }
    answer->asked = asked;
    asking->question = question;
    return ok;
}

/* Of two questions in one: one answer that tells both, or both. False: one of them is not likely enough, or where only nouns tell that there are two, no
 * value. */
static bool answer_both(struct asking *asking, const struct slice halves[2], bool are_nouns, bool *done, struct error *error)
{
    struct ask_answer *answer = asking->answer;
    struct builtin_choice chosen[2];
    *done = false;
    if (!choose_both(asking, halves, chosen, error))
        return false;
    if (!chosen[0].is_likely || !chosen[1].is_likely)
        return true;
    bool are_values = chosen[0].best->values[FEATURE_WHOLE] + chosen[1].best->values[FEATURE_WHOLE] == 0;
    if (are_nouns && (!are_values || slice_equal(chosen[0].best->text, chosen[1].best->text)))
        return true;
    struct candidate items[2] = {*chosen[0].best, *chosen[1].best};
    bool is_same = items[0].passage == items[1].passage && items[0].sentence == items[1].sentence;
    struct slice sentence = asking->passages[items[0].passage].sentences[items[0].sentence].text;
    if (is_same && !line_has_bar(sentence) && items[0].last == items[0].sentence && items[1].last == items[1].sentence)
        items[0].text = sentence;
    bool is_one = slice_equal(items[0].text, sentence) && is_same;
    is_one = is_one || widen_to_both(asking, &items[0], halves[1]);
    struct buffer text;
    buffer_init(&text, 2 * LIMIT_EXTRACT_BYTES);
    put_text(asking, &text, &items[0]);
    if (!is_one) {
        buffer_append_byte(&text, ' ');
        put_text(asking, &text, &items[1]);
    }
    answer->text = arena_slice(asking->arena, buffer_slice(&text));
    answer->sentences = is_one ? 1 : 2;
    answer->abstained = false;
    answer->confidence = fmin(chosen[0].chance, chosen[1].chance);
    buffer_release(&text);
    *done = true;
    return true;
}

/* One that asks for two things: `*done` tells whether it was answered. */
static bool answer_two(struct asking *asking, bool *done, struct error *error)
{
    struct slice halves[2];
    const struct slice asked = asking->answer->asked;
    const enum text_language language = language_of(asking, asked);
    *done = false;
    if (two_asked(asked, halves)) {
        const size_t said[2] = {terms_of(asking, halves[0], language).count, terms_of(asking, halves[1], language).count};
        two_made_whole(asking->arena, halves, said);
        return answer_both(asking, halves, false, done, error);
    }
    const bool asks_truth = shape_asked(asked) == SHAPE_TRUTH; /* "Salt and the health of cats: is there a link?" is one */
    return asks_truth || !two_named(asking->arena, asked, halves) || answer_both(asking, halves, true, done, error);
}

/* Rows, columns or things, each with its value; without a key a sentence tells whose it is. */
static void put_compared(struct asking *asking, const struct compared *sides, size_t count)
{
    struct ask_answer *answer = asking->answer;
    struct buffer text;
    buffer_init(&text, 2 * LIMIT_EXTRACT_BYTES);
    for (size_t i = 0; i < count; i++) {
        buffer_format(&text, "%s", i > 0 ? " " : "");
        if (sides[i].key.size > 0) {
            verbatim(sides[i].key, asking->passages[sides[i].item.passage].source, &text);
            buffer_format(&text, ": ");
        }
        put_text(asking, &text, &sides[i].item);
    }
    answer->text = arena_slice(asking->arena, buffer_slice(&text));
    answer->sentences = count;
    answer->abstained = false;
    answer->confidence = CHANCE_COMPARED;
    buffer_release(&text);
}

static bool holds(struct slice text, struct slice part)
{
    return part.size > 0 && memmem(text.data, text.size, part.data, part.size) != NULL;
}

/* What tells of both is not told again for one of them. */
static size_t without_repeated(struct compared sides[2])
{
    if (sides[0].key.size + sides[1].key.size > 0)
        return 2;
    if (holds(sides[0].item.text, sides[1].item.text))
        return 1;
    if (!holds(sides[1].item.text, sides[0].item.text))
        return 2;
    sides[0] = sides[1];
    return 1;
}

/* Both rows, or both things, that the question compares or sets against each other. */
static bool answer_compared(struct asking *asking, const struct named_two *two)
{
    struct compared sides[2];
    bool is_compared = compare_rows(asking, sides) || differing_find(asking, sides);
    size_t count = is_compared ? 2 : told_two(asking, two, sides);
    if (count > 0)
        put_compared(asking, sides, count == 2 ? without_repeated(sides) : count);
    return count > 0;
}

/* Who or what it is that the question names, where a section of its own does not tell it. What stands beside the name is told of in the place of a likely answer alone. */
static bool answer_introduced(struct asking *asking, const struct builtin_choice *chosen)
{
    struct candidate item;
    size_t section;
    enum introducing introducing = introduction_find(asking, chosen->best, &item),
                     least = chosen->is_likely ? INTRODUCES_BESIDE : INTRODUCES_PLAINLY;
    least -= asks_who(asking->answer->asked); /* there are fewer of a name than of a word */
    bool has_section = chosen->is_likely && wide_asked(asking->answer->asked) == WIDE_WHAT && introduction_of(asking, &section);
    bool is_told_there = has_section && (introducing < INTRODUCES_PLAINLY || item.passage == section);
    if (is_told_there || introducing < least)
        return false;
    take_whole(asking, &item);
    asking->answer->confidence = fmax(chosen->chance, CHANCE_INTRODUCED);
    return true;
}

/* What was chosen, or what the one thing's own section says of the code that is asked for. */
static void answer_chosen(struct asking *asking, const struct named_two *two, const struct builtin_choice *chosen)
{
    struct ask_answer *answer = asking->answer;
    struct candidate headed, item;
    answer->confidence = chosen->chance;
    if (heading_answers(asking, &headed)) {
        answer->confidence = fmax(chosen->chance, CHANCE_BY_HEADING);
        take_answer(asking, &headed);
        return;
    }
    if (answer_introduced(asking, chosen))
        return;
    if (!chosen->is_likely) {
        answer->other_language = other_language(asking);
        return;
    }
    item = *chosen->best;
    if (told_of_two(asking, two, &item))
        take_answer(asking, &item);
    else
        answer->confidence = fmin(chosen->chance, CHANCE_BARRED);
}

/* The row or column that has most or least of what is asked of, with its value. */
static bool answer_extreme(struct asking *asking, bool *done, struct error *error)
{
    struct compared extreme;
    if (!extreme_find(asking, &extreme, done, error))
        return false;
    if (*done)
        put_compared(asking, &extreme, 1);
    return true;
}

/* The sentence that says what a term means. */
static bool answer_defined(struct asking *asking)
{
    struct candidate item;
    bool is_defined = definition_answers(asking, &item);
    if (is_defined) {
        take_whole(asking, &item);
        asking->answer->confidence = CHANCE_DEFINED;
    }
    return is_defined;
}

/* What is asked of a thing that the question only describes, with the sentence that tells which thing it is. */
static void put_hop(struct asking *asking, const struct hop *hop)
{
    struct ask_answer *answer = asking->answer;
    const struct slice asked = answer->asked;
    answer->asked = hop->asked;
    take_answer(asking, &hop->answer);
    answer->asked = asked;
    answer->confidence = hop->chance;
    size_t mark = cite_run(asking, hop->bridge.passage, hop->bridge.sentence, hop->bridge.last);
    answer->text = slice_from(arena_format(asking->arena, SLICE_FORMAT " [%zu]", SLICE_ARGUMENT(answer->text), mark));
}

/* The one that is likeliest of all. */
static bool answer_likeliest(struct asking *asking, const struct named_two *two, struct error *error)
{
    struct builtin_choice chosen;
    struct hop hop;
    bool is_described;
    if (!builtin_choose(asking, NULL, NULL, &chosen, error) || !prefer_findings(asking, &chosen, error) ||
        !hop_follow(asking, &chosen, &hop, &is_described, error))
        return false;
    if (is_described)
        put_hop(asking, &hop);
    else
        answer_chosen(asking, two, &chosen);
    return true;
}

bool answer_builtin(struct asking *asking, struct error *error)
{
    struct ask_answer *answer = asking->answer;
    const struct named_two two = named_two_find(answer->asked);
    struct hop hop;
    answer->model = builtin_name(asking->request);
    answer->abstained = true;
    bool done;
    if (answer_defined(asking) || answer_compared(asking, &two))
        return true;
    if (!hop_find(asking, &hop, &done, error))
        return false;
    if (done) {
        put_hop(asking, &hop);
        return true;
    }
    if (!answer_extreme(asking, &done, error) || (!done && !answer_two(asking, &done, error)))
        return false;
    return done || answer_likeliest(asking, &two, error);
}
