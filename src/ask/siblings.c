/* siblings.c - a line has the words of the question but one, and in the place of that one a sibling: what it tells is true of the sibling.
 *
 *   "When did Dr Wrona join?"           Dr Leila Saffari joined us in March 2024.          a title, and another name
 *   "dilution of anti-tubulin"          anti-pERK | rabbit | 1:1,000                       one half of a word with a hyphen, and another
 *   "visiting times on Rowan Ward"      # Maple Ward                                       a word, and another name beside it
 *   "lead of the platform team"         Owner: Fulfilment team. Lead: Yusuf Demir.         what there are several of
 *   "rolling fee for road cargo"        a rolling fee of EUR 75 for sea                    see contrasts.h
 *
 * Others tell of another label, paragraph or number (asked_labels.h, other_leads.h, other_counts.h).
 *
 * A line that has neither goes on about what was named before it, and a line that has both tells of both. */
#include "siblings.h"
#include "asked_words.h"
#include "line_parts.h"
#include "other_counts.h"
#include "span_parts.h"
#include "text/text.h"
#include <string.h>

enum { HALF_LEAST = 4, KIND_LEAST = 3, ENDING_MAX = 2 };

/* ---- words ---- */

/* Three words that follow one another, and what parts them. */
struct near {
    struct slice before, word, behind;
    bool by_hyphen, behind_hyphen; /* one joins it to the one before, to the one behind */
    bool is_beside, is_beside_behind; /* nothing but a blank is between */
};

struct nears {
    struct text_words walk;
    struct slice words[2]; /* the last one given, and the next */
    bool has_next;
};

static struct slice gap_between(struct slice first, struct slice second)
{
    if (first.size == 0 || second.size == 0)
        return SLICE("");
    const char *end = first.data + first.size;
    return (struct slice){end, (size_t)(second.data - end)};
}

static struct nears nears_of(struct slice text)
{
    struct nears nears = {.walk = {.text = text}};
    nears.has_next = word_next(&nears.walk, &nears.words[1]);
    return nears;
}

static bool nears_next(struct nears *nears, struct near *near)
{
    if (!nears->has_next)
        return false;
    near->before = nears->words[0];
    near->word = nears->words[1];
    nears->has_next = word_next(&nears->walk, &near->behind);
    nears->words[0] = near->word;
    nears->words[1] = near->behind;
    struct slice left = gap_between(near->before, near->word), right = gap_between(near->word, near->behind);
    near->by_hyphen = slice_equal_text(left, "-");
    near->behind_hyphen = slice_equal_text(right, "-");
    near->is_beside = slice_equal_text(left, " ") || slice_equal_text(left, ". "); /* "Dr. Wrona" */
    near->is_beside_behind = slice_equal_text(right, " ");
    return true;
}

static bool is_capital(struct slice word)
{
    uint32_t character;
    if (word.size == 0)
        return false;
    (void)text_decode(word, 0, &character);
    return text_is_capital(character);
}

static bool is_function_word(struct slice word)
{
    struct span_word read = span_word_at(word, 0);
    return read.size == 0 || span_is_function_word(&read);
}

/* The same but for an ending, in small letters or capitals. */
static bool is_same(struct slice a, struct slice b)
{
    size_t least = a.size < b.size ? a.size : b.size, most = a.size < b.size ? b.size : a.size;
    if (least < KIND_LEAST || most - least > ENDING_MAX)
        return slice_equal(a, b); /* too short for an ending */
    for (size_t i = 0; i < least; i++)
        if (byte_small(a.data[i]) != byte_small(b.data[i]))
            return false;
    return true;
}

/* ---- what the question names ---- */

/* A name within the question: it does not begin it, nor is it a day, a month or a language. */
static bool is_name(struct slice question, struct slice word)
{
    static const char
        usual[] = "monday|tuesday|wednesday|thursday|friday|saturday|sunday|christmas|easter|english|german|french|"
                  "spanish|italian|dutch|i|pdf|id|eu|uk|usa|url|api|vat";
    struct span_word small = span_word_at(word, 0);
    return is_capital(word) && word.data > question.data && word.size >= KIND_LEAST && small.size > 0 &&
           !span_is_function_word(&small) && !span_word_is(&small, usual) && !span_is_month(&small);
}

/* "our team" and "small teams" tell none apart. */
static bool is_mark_of_several(struct slice word)
{
    static const char
        usual[] = "our|your|my|their|his|her|its|this|that|these|those|each|every|any|all|no|whole|other|another|same|"
                  "which|what|whose|own|new|old|small|large|big|one|two|three|first|last|next|current|care|per";
    struct span_word read = span_word_at(word, 0);
    return word.size >= KIND_LEAST && !is_function_word(word) && !span_word_is(&read, usual);
}

static bool is_kind(struct slice word)
{
    return word.size >= KIND_LEAST && !span_is_digit(word, 0) && !is_function_word(word) && !span_is_title(word);
}

/* The name at that place with the words of capital letters that go before it, and those that go on behind it. */
static struct slice whole_name(struct slice text, struct slice name)
{
    struct nears nears = nears_of(text);
    struct near near;
    const char *start = NULL, *end = NULL;
    while (nears_next(&nears, &near)) {
        bool goes_on = end != NULL && near.is_beside && near.before.data + near.before.size == end && is_capital(near.word);
        if (end > name.data && !goes_on)
            break;
        if (!goes_on)
            start = near.word.data;
        end = near.word.data + near.word.size;
        if (!is_capital(near.word) || is_function_word(near.word) || span_is_title(near.word))
            end = start = NULL;
    }
    return start != NULL && start <= name.data ? (struct slice){start, (size_t)(end - start)} : name;
}

static void add_pair(struct pair *pairs, size_t *count, struct pair pair)
{
    if (*count < PAIRS_MAX)
        pairs[(*count)++] = pair;
}

static size_t pairs_find(struct slice question, bool is_german, struct pair pairs[PAIRS_MAX])
{
    struct nears nears = nears_of(question);
    struct near near;
    size_t count = 0;
    while (nears_next(&nears, &near)) {
        struct slice kind = near.before, mark = near.word;
        bool is_titled = near.is_beside && span_is_title(kind) && is_capital(mark);
        if (is_titled)
            add_pair(pairs, &count, (struct pair){.joint = JOINT_TITLE, .kind = kind, .mark = whole_name(question, mark)});
        if (near.by_hyphen && kind.size >= HALF_LEAST && !span_is_digit(mark, 0))
            add_pair(pairs, &count, (struct pair){.joint = JOINT_HYPHEN, .kind = kind, .mark = mark});
        if (near.by_hyphen && mark.size >= HALF_LEAST && !span_is_digit(kind, 0))
            add_pair(pairs, &count, (struct pair){.joint = JOINT_HYPHEN, .kind = mark, .mark = kind, .is_before = true});
        if (is_titled || !near.is_beside)
            continue;
        if (has_several(mark) && is_mark_of_several(kind) && !is_capital(kind))
            add_pair(pairs, &count, (struct pair){.joint = JOINT_SEVERAL, .kind = mark, .mark = kind, .is_before = true});
        if (is_name(question, mark) && is_kind(kind) && (!is_german || is_capital(kind)))
            add_pair(pairs, &count, (struct pair){.joint = JOINT_NAME, .kind = kind, .mark = whole_name(question, mark)});
        if (is_name(question, kind) && is_kind(mark) && !is_german)
            add_pair(pairs, &count,
                     (struct pair){.joint = JOINT_NAME, .kind = mark, .mark = whole_name(question, kind), .is_before = true});
    }
    return count;
}

/* ---- what a text tells ---- */

/* One of the mark's words but the kind. */
static bool is_of_mark(const struct pair *pair, struct slice word)
{
    struct text_words walk = {.text = pair->mark};
    struct slice part;
    while (word_next(&walk, &part))
        if (part.data != pair->kind.data && (is_same(word, part) || words_are_nearly_one(word, part)))
            return true;
    return false;
}

/* The mark of the pair stands there, in any spelling. */
static bool tells_mark(const struct pair *pair, struct slice text)
{
    struct nears nears = nears_of(text);
    struct near near;
    while (nears_next(&nears, &near)) {
        if (is_of_mark(pair, near.word))
            return true;
        bool is_pair = pair->joint == JOINT_HYPHEN && near.before.size > 0 &&
                       is_same(near.word, pair->is_before ? pair->kind : pair->mark) &&
                       slice_equal(near.before, pair->is_before ? pair->mark : pair->kind);
        if (is_pair) /* "in ground", too short for the above */
            return true;
    }
    return false;
}

/* Another mark beside the kind. */
static bool is_another(const struct pair *pair, const struct near *near, struct slice text)
{
    bool is_title = pair->joint == JOINT_TITLE ? span_is_title(near->word) : is_same(near->word, pair->kind);
    struct slice mark = pair->is_before ? near->before : near->behind;
    bool is_joined = pair->joint == JOINT_HYPHEN ? (pair->is_before ? near->by_hyphen : near->behind_hyphen)
                                                 : (pair->is_before ? near->is_beside : near->is_beside_behind);
    if (pair->joint == JOINT_TITLE) /* "Dr. Wrona" */
        is_joined = slice_equal_text(gap_between(near->word, near->behind), " ") ||
                    slice_equal_text(gap_between(near->word, near->behind), ". ");
    if (!is_title || !is_joined || mark.size == 0 || span_is_digit(mark, 0))
        return false;
    if (pair->joint == JOINT_HYPHEN)
        return true;
    if (pair->joint == JOINT_SEVERAL)
        return is_mark_of_several(mark);
    return is_capital(mark) && mark.size >= KIND_LEAST && !is_function_word(mark) && mark.data > text.data;
}

static bool tells_another(const struct pair *pair, struct slice text)
{
    struct nears nears = nears_of(text);
    struct near near;
    while (nears_next(&nears, &near))
        if (is_another(pair, &near, text))
            return true;
    return false;
}

static bool tells_pair(const struct pair *pair, struct slice text)
{
    struct nears nears = nears_of(text);
    struct near near;
    while (nears_next(&nears, &near))
        if (near.is_beside && is_same(near.word, pair->kind) && is_of_mark(pair, near.before))
            return true;
    return false;
}

/* Names beside the word tell its kind apart: in sentences, where capitals are no heading's, another one stands at the least. Before the word they do where the one
 * that is asked of stands so, too: "the Portuguese container" may be that of any name. */
static bool has_siblings(struct asking *asking, const struct pair *pair)
{
    bool has_other = pair->joint != JOINT_NAME, has_own = has_other || !pair->is_before;
    for (size_t i = 0; i < asking->passage_count && !(has_own && has_other); i++) {
        const struct ask_passage *passage = &asking->passages[i];
        has_own = has_own || tells_pair(pair, text_above(asking, passage));
        for (size_t j = 0; j < passage->sentence_count && !(has_own && has_other); j++) {
            has_own = has_own || tells_pair(pair, passage->sentences[j].text);
            has_other = has_other || tells_another(pair, passage->sentences[j].text);
        }
    }
    return has_own && has_other;
}

/* ---- lines ---- */

struct place {
    const struct ask_passage *passage;
    struct slice line, above, head;
};

/* "Owner: Fulfilment team. │Tech lead Yusuf Demir.│": in the sentences before it on its line. */
static enum sibling_telling several_before(const struct pair *pair, const struct place *place, size_t sentence)
{
    for (size_t at = sentence; at > 0; at--) {
        struct slice before = place->passage->sentences[at - 1].text, text = place->passage->sentences[at].text;
        if (memchr(before.data, '\n', (size_t)(text.data - before.data)) != NULL || line_has_bar(text))
            break;
        if (tells_mark(pair, before))
            return SIBLING_TOLD;
        if (tells_another(pair, before))
            return SIBLING_ANOTHER;
    }
    return SIBLING_UNTOLD;
}

static enum sibling_telling pair_told(const struct pair *pair, const struct place *place, size_t sentence)
{
    if (tells_mark(pair, place->line) || tells_mark(pair, place->above) || tells_mark(pair, place->head))
        return SIBLING_TOLD;
    bool is_other = tells_another(pair, place->line) || (pair->joint == JOINT_NAME && tells_another(pair, place->above));
    if (!is_other && pair->joint == JOINT_SEVERAL)
        return several_before(pair, place, sentence);
    return is_other ? SIBLING_ANOTHER : SIBLING_UNTOLD;
}

/* A heading tells of all below it, unless the text there tells of the one that is asked of, too. */
static bool is_headed_by_other(const struct contrast *contrast, const struct place *place)
{
    struct slice rest = place->above, line;
    bool is_other = false;
    while (slice_next(&rest, '\n', &line))
        is_other = is_other || contrast_other_told(contrast, line);
    for (size_t i = 0; i < place->passage->sentence_count && is_other; i++)
        is_other = !contrast_told(contrast, place->passage->sentences[i].text);
    return is_other;
}

static enum sibling_telling contrast_telling(const struct contrast *contrast, const struct place *place)
{
    struct slice rest = place->above, line;
    bool is_told = contrast_told(contrast, place->line) || contrast_told(contrast, place->head);
    while (slice_next(&rest, '\n', &line))
        is_told = is_told || contrast_told(contrast, line);
    if (is_told)
        return SIBLING_TOLD;
    bool is_other = contrast_other_told(contrast, place->line) || is_headed_by_other(contrast, place);
    return is_other ? SIBLING_ANOTHER : SIBLING_UNTOLD;
}

/* A sentence that names none of the kind is about the one that its paragraph named last: "Lamp (model 180 only). One blink: …" */
static enum label_telling label_told(const struct labels *labels, const struct place *place, size_t sentence)
{
    enum label_telling told = labels_told(labels, place->head, place->line, place->above);
    for (size_t at = sentence; at > 0 && told == LABEL_UNTOLD; at--) {
        struct slice before = place->passage->sentences[at - 1].text, text = place->passage->sentences[at].text;
        if (memchr(before.data, '\n', (size_t)(text.data - before.data)) != NULL || line_has_bar(text))
            break;
        told = labels_told(labels, SLICE(""), before, SLICE(""));
    }
    return told;
}

struct siblings siblings_find(struct asking *asking)
{
    const struct slice question = asking->answer->asked;
    struct siblings siblings = {.labels = labels_asked(asking), .leads = leads_find(asking)};
    siblings.has_count = count_asked(question, &siblings.count);
    size_t count = pairs_find(question, text_language_of(question) == LANGUAGE_GERMAN, siblings.pairs);
    siblings.contrast_count = contrasts_find(question, siblings.contrasts);
    for (size_t i = 0; i < count; i++)
        if (has_siblings(asking, &siblings.pairs[i]))
            siblings.pairs[siblings.pair_count++] = siblings.pairs[i];
    return siblings;
}

static enum sibling_telling labels_telling(const struct siblings *siblings, const struct place *place, size_t sentence)
{
    enum label_telling told = label_told(&siblings->labels, place, sentence);
    return told == LABEL_ANOTHER ? SIBLING_ANOTHER : told == LABEL_TOLD ? SIBLING_TOLD : SIBLING_UNTOLD;
}

static enum sibling_telling leads_telling(struct asking *asking, const struct siblings *siblings, size_t passage,
                                          size_t sentence)
{
    enum lead_telling told = lead_told(asking, &siblings->leads, passage, sentence);
    return told == LEAD_ANOTHER ? SIBLING_ANOTHER : told == LEAD_TOLD ? SIBLING_TOLD : SIBLING_UNTOLD;
}

enum sibling_telling sibling_told(struct asking *asking, const struct siblings *siblings, size_t passage, size_t sentence,
                                  struct slice head)
{
    enum { LABELS, LEADS, COUNT, WAYS };
    const struct ask_passage *of = &asking->passages[passage];
    const struct place place = {
        .passage = of, .line = of->sentences[sentence].text, .above = text_above(asking, of), .head = head};
    const bool ways[WAYS] = {siblings->labels.count > 0, siblings->leads.count > 0, siblings->has_count};
    size_t named = siblings->pair_count + siblings->contrast_count, told = 0;
    enum sibling_telling telling = SIBLING_UNTOLD;
    for (size_t i = 0; i < siblings->pair_count && telling != SIBLING_ANOTHER; i++, told += telling == SIBLING_TOLD)
        telling = pair_told(&siblings->pairs[i], &place, sentence);
    for (size_t i = 0; i < siblings->contrast_count && telling != SIBLING_ANOTHER; i++, told += telling == SIBLING_TOLD)
        telling = contrast_telling(&siblings->contrasts[i], &place);
    for (size_t way = 0; way < WAYS && telling != SIBLING_ANOTHER; way++) {
        if (!ways[way])
            continue;
        telling = way == LABELS  ? labels_telling(siblings, &place, sentence)
                  : way == LEADS ? leads_telling(asking, siblings, passage, sentence)
                                 : count_told(&siblings->count, place.line, place.above);
        named++;
        told += telling == SIBLING_TOLD;
    }
    return telling == SIBLING_ANOTHER ? SIBLING_ANOTHER : told == named ? SIBLING_TOLD : SIBLING_UNTOLD;
}
