/* differing.c - what is told of two things that a question sets against each other.
 *
 *   ## Law Library                      "How does the Law Library differ from the Map Room?"
 *   Statutes and case law. Open late.     ▶  Law Library: Statutes and case law. Open late. Map Room: Charts and atlases.
 *   ## Map Room
 *   Charts and atlases.
 *
 * A thing is told of in the section whose heading has its own words, those that the other thing does not have, or in the line that begins with them. Nobody
 * is told what the difference is: both are quoted. */
#include "differing.h"
#include "line_parts.h"
#include "line_runs.h"
#include "named_section.h"
#include "rival_words.h"
#include "table_rows.h"

enum { SIDE_BYTES = 320, SPLITS_MAX = 6, NAME_BYTES = 60 };

/* So much of a thing's own words has to stand in its place, rare words counting more. */
#define OWN_LEAST 0.65
#define BY_HEADING 2.0
#define BY_TITLE 1.5
#define BY_LINE 1.0

struct thing {
    struct terms words, own; /* own: that the other thing does not have */
};

struct place {
    double score; /* 0: none */
    size_t passage, first, last;
    struct slice label; /* empty: the text names it */
};

/* ---- the question ---- */

static const char differing[] = "differ|differs|different|compare|compares|compared|distinct|distinguished|vary|varies";
static const char differences[] = "difference|differences|distinction|comparison|contrast|unterschied|unterschiede";
static const char behind[] = "from|to|with|than|against";
static const char
    no_thing[] = "other|others|typical|similar|competing|rival|most|usual|ordinary|previous"; /* "… from │ other shops" */
static const char ends[] = "at|in|for|on|when|within|regarding|offered|under";

struct split {
    struct slice first, second;
};

/* The words from `from` on, up to `to`; without what says where or in what they differ. */
static struct slice side_text(struct slice asked, const struct span_words *words, size_t from, size_t to)
{
    size_t end = from + 1;
    if (span_words_at(words, from, no_thing))
        return SLICE("");
    while (end < to && !span_word_is(&words->items[end], ends))
        end++;
    if (from >= to)
        return SLICE("");
    return slice_range(asked, words->items[from].start, end < words->count ? words->items[end].start : asked.size);
}

/* "the cost of │ an engine": what is told of both is no part of the name, which begins with an article or a capital letter. */
static struct slice without_aspect(struct slice text)
{
    struct span_words words;
    span_words_read(text, &words);
    for (size_t i = 1; i + 1 < words.count; i++) {
        char byte = text.data[words.items[i - 1].start], next = text.data[words.items[i + 1].start];
        if (byte >= 'A' && byte <= 'Z')
            break;
        bool begins = span_word_is(&words.items[i + 1], "the|a|an") || (next >= 'A' && next <= 'Z');
        if (begins && span_word_is(&words.items[i], "of|for"))
            return slice_range(text, words.items[i + 1].start, text.size);
    }
    return text;
}

/* At each "and" between the words: a name may have one of its own. */
static size_t split_at_ands(struct slice asked, const struct span_words *words, size_t from, size_t to,
                            struct split splits[SPLITS_MAX])
{
    size_t count = 0;
    for (size_t i = from + 1; i + 1 < to && count < SPLITS_MAX; i++)
        if (span_word_is(&words->items[i], "and|vs|versus|und"))
            splits[count++] = (struct split){slice_range(asked, words->items[from].start, words->items[i].start),
                                             side_text(asked, words, i + 1, to)};
    return count;
}

/* "A │ from │ B": at the first of the words that join them. */
static size_t split_at_joint(struct slice asked, const struct span_words *words, size_t from, const char *joints,
                             struct split splits[SPLITS_MAX])
{
    for (size_t i = from + 1; i + 1 < words->count; i++)
        if (span_word_is(&words->items[i], joints)) {
            size_t end = i - span_words_at(words, i - 1, "apart");
            splits[0] = (struct split){slice_range(asked, words->items[from].start, words->items[end].start),
                                       side_text(asked, words, i + 1, words->count)};
            return splits[0].second.size > 0;
        }
    return 0;
}

/* "What sets A apart from B?", "Wie unterscheidet sich A von B?", "Wie unterscheiden sich A und B?" */
static size_t read_apart(struct slice asked, const struct span_words *words, struct split splits[SPLITS_MAX])
{
    if (span_words_at(words, 0, "what") && span_words_at(words, 1, "sets|distinguishes|separates"))
        return split_at_joint(asked, words, 2, "from", splits);
    if (!span_words_at(words, 0, "wie") || !span_words_at(words, 1, "unterscheidet|unterscheiden") ||
        !span_words_at(words, 2, "sich"))
        return 0;
    size_t count = split_at_joint(asked, words, 3, "von|vom", splits);
    return count > 0 ? count : split_at_ands(asked, words, 3, words->count, splits);
}

/* The ways to read the question as one of two things; 0: it is none. */
static size_t read_splits(struct slice asked, const struct span_words *words, struct split splits[SPLITS_MAX])
{
    bool is_how = span_words_at(words, 0, "how") && span_words_at(words, 1, "do|does|did|is|are|was|were|would|can");
    for (size_t i = 1; i < words->count; i++) {
        bool is_verb = is_how && i > 2 && span_word_is(&words->items[i], differing);
        bool is_noun = !is_how && span_word_is(&words->items[i], differences);
        if (is_verb && span_words_at(words, i + 1, behind)) {
            splits[0] = (struct split){slice_range(asked, words->items[2].start, words->items[i].start),
                                       side_text(asked, words, i + 2, words->count)};
            return splits[0].second.size > 0;
        }
        if (is_how && i > 2 && span_word_is(&words->items[i], "change|changes") && span_words_at(words, i + 1, "from"))
            return split_at_joint(asked, words, i + 2, "to", splits);
        if ((is_verb || is_noun) && span_words_at(words, i + 1, "between|zwischen"))
            return split_at_ands(asked, words, i + 2, words->count, splits);
        if (is_verb)
            return split_at_ands(asked, words, 2, i, splits);
    }
    return read_apart(asked, words, splits);
}

/* ---- where a thing is told of ---- */

static double share_of_own(const struct asking *asking, const struct thing *thing, const struct terms *there)
{
    double all = 0, found = 0;
    for (size_t i = 0; i < thing->own.count; i++) {
        double weight = 0.1 + asked_weight(asking, thing->own.items[i]);
        all += weight;
        found += terms_have(there, thing->own.items[i]) ? weight : 0;
    }
    return all > 0 ? found / all : 0;
}

static bool names(const struct asking *asking, const struct terms *there, const struct thing *thing, const struct thing *other)
{
    return share_of_own(asking, thing, there) >= OWN_LEAST && share_of_own(asking, other, there) < OWN_LEAST;
}

/* A sentence of the passage names it. */
static bool tells_of(const struct asking *asking, const struct ask_passage *passage, const struct thing *thing)
{
    for (size_t i = 0; i < passage->sentence_count; i++)
        if (share_of_own(asking, thing, &passage->sentences[i].terms) >= OWN_LEAST)
            return true;
    return false;
}

/* The heading has words of the thing that no title has, and all but a few of its words stand there or in the title. */
static bool heads(struct asking *asking, size_t passage, const struct terms *heading, const struct thing *thing,
                  const struct thing *other)
{
    const struct terms title = title_terms(asking, passage), both = terms_joined(asking, heading, &title);
    bool has_own = false;
    for (size_t i = 0; i < thing->own.count; i++)
        has_own = has_own || (terms_have(heading, thing->own.items[i]) && !terms_have(&title, thing->own.items[i]));
    if (!has_own || !names(asking, &both, thing, other))
        return false;
    return share_of_own(asking, thing, &both) > 0.99 || !tells_of(asking, &asking->passages[passage], other);
}

/* How much of the whole question a passage has: of two sections with that heading the nearer one is meant. */
static double share_of_question(const struct asking *asking, const struct ask_passage *passage, const struct terms *there)
{
    double all = 0.1, found = 0;
    for (size_t i = 0; i < asking->question.count; i++) {
        double weight = asked_weight(asking, asking->question.items[i]);
        bool stands = terms_have(&passage->above, asking->question.items[i]) || terms_have(there, asking->question.items[i]);
        all += weight;
        found += stands ? weight : 0;
    }
    return found / all;
}

static void take_better(struct place *best, struct place place)
{
    if (place.score > best->score)
        *best = place;
}

/* The section's beginning, without its heading once more. */
static struct place section_place(const struct ask_passage *passage, size_t number, struct slice heading)
{
    size_t first = passage->sentence_count > 1 && slice_equal(passage->sentences[0].text, heading), last = first;
    while (last + 1 < passage->sentence_count && text_of_sentences(passage, first, last + 1).size <= SIDE_BYTES)
        last++;
    return (struct place){.passage = number, .first = first, .last = last, .label = heading};
}

/* What the line begins with: its first cell, or what stands before a colon. */
static struct slice line_beginning(struct slice text)
{
    struct slice cells[CELLS_MAX], key, value;
    if (line_has_bar(text) && line_cells(text, cells) > 1)
        return cells[0];
    return line_split(text, &key, &value) ? key : text.size <= NAME_BYTES ? text : SLICE("");
}

/* The line, and where it is a name alone what stands right below. */
static struct place line_place(const struct ask_passage *passage, size_t number, size_t sentence)
{
    struct slice text = passage->sentences[sentence].text, key, value;
    struct place place = {.passage = number, .first = sentence, .last = sentence};
    bool is_name = !line_has_bar(text) && !line_split(text, &key, &value);
    for (size_t i = sentence + 1; is_name && i < passage->sentence_count && lines_between(passage, i) < 2 &&
                                  text_of_sentences(passage, sentence, i).size <= SIDE_BYTES;
         i++)
        place.last = i;
    return place;
}

static struct place find_place(struct asking *asking, const struct thing *thing, const struct thing *other)
{
    struct place best = {0};
    for (size_t i = 0; i < asking->passage_count; i++) {
        const struct ask_passage *passage = &asking->passages[i];
        struct slice heading = lowest_heading(passage);
        struct terms words = rival_terms(asking, i, heading);
        if (passage->has_order || passage->sentence_count == 0 || order_is(heading))
            continue;
        const struct terms title = title_terms(asking, i);
        const double by = heads(asking, i, &words, thing, other) ? BY_HEADING
                          : names(asking, &title, thing, other)  ? BY_TITLE
                                                                 : 0;
        if (by > 0) {
            struct place place = section_place(passage, i, heading);
            place.score = by + share_of_question(asking, passage, &words) - 0.02 * (double)rival_not_asked(asking, &words);
            take_better(&best, place);
        }
        for (size_t j = 0; j < passage->sentence_count; j++) {
            words = rival_terms(asking, i, line_beginning(passage->sentences[j].text));
            if (slice_equal(passage->sentences[j].text, heading) || !names(asking, &words, thing, other))
                continue;
            struct place place = line_place(passage, i, j);
            place.score = BY_LINE + share_of_question(asking, passage, &passage->sentences[j].terms);
            take_better(&best, place);
        }
    }
    return best;
}

static struct terms beyond(struct asking *asking, const struct terms *words, const struct terms *other)
{
    struct terms own = {arena_alloc(asking->arena, words->count + 1, sizeof(*own.items)), 0};
    for (size_t i = 0; i < words->count; i++)
        if (!terms_have(other, words->items[i]))
            own.items[own.count++] = words->items[i];
    return own;
}

static struct compared side_of(struct asking *asking, const struct place *place)
{
    struct compared side = {.key = place->label};
    side.item = (struct candidate){.passage = place->passage, .sentence = place->first, .last = place->last};
    side.item.text = text_of_sentences(&asking->passages[place->passage], place->first, place->last);
    side.item.values[FEATURE_WHOLE] = 1;
    return side;
}

static bool find_both(struct asking *asking, const struct split *split, struct compared sides[2])
{
    enum text_language language = language_of(asking, asking->answer->asked);
    struct thing things[2] = {{.words = terms_of(asking, without_aspect(split->first), language)},
                              {.words = terms_of(asking, without_aspect(split->second), language)}};
    things[0].own = beyond(asking, &things[0].words, &things[1].words);
    things[1].own = beyond(asking, &things[1].words, &things[0].words);
    if (things[0].own.count == 0 || things[1].own.count == 0)
        return false;
    const struct place first = find_place(asking, &things[0], &things[1]), second = find_place(asking, &things[1], &things[0]);
    bool is_same = first.passage == second.passage && first.first == second.first;
    if (first.score <= 0 || second.score <= 0 || is_same)
        return false;
    sides[0] = side_of(asking, &first);
    sides[1] = side_of(asking, &second);
    return true;
}

bool differing_find(struct asking *asking, struct compared sides[2])
{
    struct span_words words;
    struct split splits[SPLITS_MAX];
    span_words_read(asking->answer->asked, &words);
    size_t count = read_splits(asking->answer->asked, &words, splits);
    for (size_t i = 0; i < count; i++)
        if (find_both(asking, &splits[i], sides))
            return true;
    return false;
}

size_t differing_texts(struct slice question, struct slice texts[2])
{
    struct span_words words;
    struct split splits[SPLITS_MAX];
    span_words_read(question, &words);
    if (read_splits(question, &words, splits) == 0)
        return 0;
    texts[0] = splits[0].first;
    texts[1] = splits[0].second;
    return 2;
}
