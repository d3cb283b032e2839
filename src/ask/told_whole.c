/* told_whole.c - what is asked of at length is told by a section, of which the likeliest answer is a part.
 *
 *   ## Starting an electric car      "How do I start an electric car?"
 *   Put the key on the dashboard.
 *   [Press the brake pedal.]         the likeliest sentence ▶ all of the list
 *   Press Start and wait for READY.
 *
 * A list is lines below each other, no blank line between. What is longer than a person reads at once is cut at a line. */
#include "told_whole.h"
#include "line_parts.h"
#include "line_runs.h"
#include "named_section.h"
#include "rival_words.h"
#include "span_parts.h"
#include "table_rows.h"
#include "told_further.h"
#include <string.h>

enum { WHOLE_BYTES = 1000, PROSE_BYTES = 600, RECORD_BYTES = 80, SHORT_BYTES = 300 };

/* Of a label's words of the question, by how rare they are in the project. */
#define ASKED_LEAST 1.0

static bool begins_line(const struct ask_passage *passage, size_t sentence)
{
    return sentence == 0 || lines_between(passage, sentence) > 0;
}

static bool may_be_told(const struct ask_passage *passage, size_t sentence)
{
    const struct ask_sentence *item = &passage->sentences[sentence];
    return !item->is_order && !line_has_bar(item->text);
}

static struct candidate run_from(const struct ask_passage *passage, const struct candidate *best, size_t first, size_t last)
{
    struct candidate item = *best;
    item.sentence = first;
    item.last = last;
    item.text = text_of_sentences(passage, first, last);
    item.unit = item.day = SLICE("");
    item.values[FEATURE_WHOLE] = 1;
    return item;
}

/* The lines around the sentence: those below it, and those above. */
static bool list_around(const struct ask_passage *passage, const struct candidate *best, struct candidate *item)
{
    size_t first = best->sentence, last = best->last, lines = 1;
    while (first > 0 && may_be_told(passage, first - 1) && lines_between(passage, first) < 2)
        lines += lines_between(passage, first--) > 0;
    if (first > 0 && may_be_told(passage, first - 1) && line_leads_in(passage->sentences[first - 1].text))
        first--; /* "The steps are:" and a blank line */
    for (size_t i = last + 1; i < passage->sentence_count && may_be_told(passage, i) && lines_between(passage, i) < 2; i++) {
        lines += lines_between(passage, i) > 0;
        last = i;
    }
    while (last > best->last && text_of_sentences(passage, first, last).size > WHOLE_BYTES)
        last--;
    while (first < best->sentence && text_of_sentences(passage, first, last).size > WHOLE_BYTES)
        first++;
    while (first < best->sentence && !begins_line(passage, first))
        first++;
    *item = run_from(passage, best, first, last);
    return lines > 1 && last > first;
}

static bool is_within(struct slice part, struct slice sentence)
{
    return part.data >= sentence.data && part.data + part.size <= sentence.data + sentence.size;
}

/* Words of the question stand there that no title has, and that few passages of the project have. */
static double asked_beyond_title(struct asking *asking, size_t passage, const struct terms *words)
{
    const struct terms title = title_terms(asking, passage);
    double sum = 0;
    for (size_t i = 0; i < words->count; i++)
        if (terms_have(&asking->question, words->items[i]) && !terms_have(&title, words->items[i]))
            sum += asked_weight(asking, words->items[i]);
    return sum;
}

static bool is_asked(struct asking *asking, size_t passage, struct slice text)
{
    const struct terms words = rival_terms(asking, passage, text);
    return asked_beyond_title(asking, passage, &words) >= ASKED_LEAST;
}

/* "Prerequisites: MAT 101", asked for prerequisites. */
static bool is_keyed(struct asking *asking, const struct candidate *best, struct slice line)
{
    struct slice key, value;
    return line_split(line, &key, &value) && !span_has_digit(key) && is_asked(asking, best->passage, key);
}

/* The items below a line that leads in, where that is what is asked for: "Prerequisites:". */
static bool list_below_label(struct asking *asking, const struct candidate *best, struct candidate *item)
{
    const struct ask_passage *passage = &asking->passages[best->passage];
    struct line_run run;
    size_t label = best->sentence;
    while (label > 0 && may_be_told(passage, label) && lines_between(passage, label) < 3 &&
           !line_leads_in(passage->sentences[label].text))
        label--;
    if (label == best->sentence || !is_asked(asking, best->passage, passage->sentences[label].text) ||
        !run_below(passage, label, &run) || run.last < best->sentence)
        return false;
    *item = run_from(passage, best, label, run.last);
    item->text = run.text;
    return true;
}

/* What stands behind, or below, a label of the section that the question names beyond the headings: "Prerequisites: MAT 101". */
static bool labelled_in(struct asking *asking, const struct candidate *best, size_t number, struct candidate *item)
{
    const struct ask_passage *passage = &asking->passages[number];
    struct line_run run;
    for (size_t i = 0; i < passage->sentence_count; i++) {
        struct slice line = passage->sentences[i].text, key, value;
        bool is_keyed = line_split(line, &key, &value), leads = !is_keyed && line_leads_in(line);
        const struct terms words = rival_terms(asking, number, is_keyed ? key : line);
        if (passage->sentences[i].is_order || (!is_keyed && !leads) || rival_asked_beyond(asking, &words, &passage->above) == 0)
            continue;
        *item = run_from(passage, best, i, i);
        item->passage = number;
        if (leads && run_below(passage, i, &run)) {
            *item = run_from(passage, best, run.first, run.last);
            item->passage = number;
            item->text = run.text;
        }
        return is_keyed || item->last > item->sentence;
    }
    return false;
}

/* The line is the section's heading once more, as slides and pages have it. */
static bool repeats_heading(const struct ask_passage *passage)
{
    struct slice heading = lowest_heading(passage);
    return passage->sentence_count > 1 && slice_equal(passage->sentences[0].text, heading);
}

/* All of a section, or what of it a person reads at once. */
static struct candidate section_told(struct asking *asking, const struct candidate *best, size_t number, size_t most)
{
    const struct ask_passage *passage = &asking->passages[number];
    size_t first = repeats_heading(passage), last = first;
    while (last + 1 < passage->sentence_count && !passage->sentences[last + 1].is_order &&
           text_of_sentences(passage, first, last + 1).size <= most)
        last++;
    struct candidate item = run_from(passage, best, first, last);
    item.passage = number;
    return item;
}

/* "Founded: 1964" tells of a thing's history, and so do the lines around it. */
static bool is_record(const struct ask_passage *passage, const struct candidate *best)
{
    struct slice key, value, line = passage->sentences[best->sentence].text;
    return line.size <= RECORD_BYTES && line_split(line, &key, &value);
}

/* The sentence of a section that has most of the question's words beyond its headings; of none the section's beginning. */
static struct candidate nearest_told(struct asking *asking, const struct candidate *best, size_t number)
{
    const struct ask_passage *passage = &asking->passages[number];
    struct candidate item = section_told(asking, best, number, SHORT_BYTES);
    size_t most = 0;
    for (size_t i = 0; i < passage->sentence_count; i++) {
        size_t asked = rival_asked_beyond(asking, &passage->sentences[i].terms, &passage->above);
        if (passage->sentences[i].is_order || asked <= most)
            continue;
        most = asked;
        item = run_from(passage, best, i, i);
        item.passage = number;
    }
    return item;
}

/* What of its own section is told with it. */
static struct candidate widened(struct asking *asking, enum wide_kind kind, const struct candidate *best)
{
    const struct ask_passage *passage = &asking->passages[best->passage];
    const struct slice line = passage->sentences[best->sentence].text;
    struct candidate item, whole = run_from(passage, best, best->sentence, best->last);
    if (line_has_bar(line))
        return kind == WIDE_LIST ? *best : whole;
    if (kind == WIDE_LIST && list_below_label(asking, best, &item))
        return item;
    if (kind == WIDE_LIST && is_keyed(asking, best, line))
        return *best;
    bool is_told_short = kind == WIDE_STEPS || kind == WIDE_PROSE;
    if (is_told_short && !passage->has_order && heading_is_named(asking, best->passage) &&
        passage->hit->passage.text.size <= SHORT_BYTES && !table_is_row(passage, 0))
        return section_told(asking, best, best->passage, SHORT_BYTES);
    bool is_list = kind == WIDE_STEPS || kind == WIDE_LIST || (kind == WIDE_PROSE && is_record(passage, best));
    if (is_list && heading_is_named(asking, best->passage) && list_around(passage, best, &item))
        return item;
    return kind == WIDE_LIST ? *best : whole;
}

/* Of "Is there a …?" the section that is headed by it, where the line by itself does not say what is there: "Location: Oak Lane". */
static struct candidate existing(struct asking *asking, const struct candidate *best)
{
    const struct ask_passage *passage = &asking->passages[best->passage];
    size_t named = named_section(asking, best);
    if (named == best->passage && (passage->has_order || !heading_is_named(asking, named) || !is_record(passage, best) ||
                                   is_asked(asking, named, passage->sentences[best->sentence].text)))
        return *best;
    return nearest_told(asking, best, named);
}

/* The items below a line that says what is done with them: "To switch it off, set the variable to zero in one of:". */
static bool items_alone(const struct ask_passage *passage, const struct candidate *best)
{
    struct slice lead = passage->sentences[best->sentence].text;
    return best->text.data >= lead.data + lead.size && line_leads_in(lead) && !line_is_label(lead);
}

struct candidate told_whole(struct asking *asking, enum wide_kind kind, const struct candidate *best)
{
    const struct ask_passage *passage = &asking->passages[best->passage];
    struct candidate item;
    size_t named;
    if (kind == WIDE_EXISTS)
        return existing(asking, best);
    if (kind == WIDE_WHAT)
        return introduction_of(asking, &named) ? section_told(asking, best, named, PROSE_BYTES) : *best;
    if (kind == WIDE_TRUTH)
        return items_alone(passage, best) ? run_from(passage, best, best->sentence, best->last)
                                          : told_further(asking, kind, best);
    named = named_section(asking, best);
    if (named != best->passage && kind == WIDE_LIST && labelled_in(asking, best, named, &item))
        return item;
    bool is_prose = kind == WIDE_STEPS || kind == WIDE_WHY; /* no table tells it */
    if (named != best->passage && !(is_prose && table_is_row(&asking->passages[named], 0)))
        return section_told(asking, best, named, kind == WIDE_PROSE || kind == WIDE_WHY ? PROSE_BYTES : WHOLE_BYTES);
    if (best->last > best->sentence || !is_within(best->text, passage->sentences[best->sentence].text))
        return is_prose && items_alone(passage, best) ? run_from(passage, best, best->sentence, best->last) : *best;
    item = widened(asking, kind, best);
    return told_further(asking, kind, &item);
}
