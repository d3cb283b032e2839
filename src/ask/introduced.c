/* introduced.c - the sentence or row that tells who or what it is that a question names.
 *
 *   "What is the relay?"     The relay restarts every night.
 *                            The relay is the server that hands out print jobs.      ▶ its subject, a form of "be", an article
 *   "What is an IC?"         An incident commander (IC) coordinates the response.    ▶ in brackets behind what it is short for
 *   "Who is Greta Holm?"     The finance lead is Greta Holm.                         ▶ behind a form of "be"
 *   "Who is Tom Birch?"      Tom Birch, our head of support, is on leave.            ▶ between commas
 *                            | Tom Birch | Head of support | 4410 |                  ▶ the cell that tells what a person does
 *
 * What names something, and says of it only what it did, is found by its words as any other answer is. */
#include "introduced.h"
#include "line_parts.h"
#include "span_parts.h"
#include "table_rows.h"

enum { NAME_WORDS_MAX = 6, BRACKET_BYTES_MAX = 100, LEAD_BYTES_MAX = 60, SURNAMES_MAX = 2 };

static const char persons[] = "who|wer|qui|quién|chi|wie";
static const char things[] = "what|was|wat|qué|cosa";
static const char being[] = "is|are|was|were|ist|sind|war|waren|est|sont|était|es|son|era|fue|è|sono|zijn";
static const char
    articles[] = "a|an|the|one|our|their|his|her|ein|eine|einer|eines|der|die|das|unser|unsere|un|une|le|la|les|notre|una|uno|"
                 "el|los|las|il|lo|i|gli|een|het|de";
static const char adverbs[] = "also|currently|now|still|not|auch|derzeit|aussi|también|anche|ook";
static const char parting[] =
    "of|for|in|at|to|on|with|by|from|my|your|used|called|and|or|about|von|für|im|mit|pour|du|des|dans|de|para|del|di|van|voor|"
    "meant|responsible|allowed|eligible";

struct named {
    struct slice text; /* without its article */
    bool is_person, is_capital, is_several; /* asked with "who"; one of its words begins with a capital; it has several words */
    bool is_use; /* "What is … for?", "What does … do?" */
};

/* ---- the question ---- */

/* One behind the last word of the name: "│is the relay│ used for?", "does the relay │do?". */
static size_t name_end(const struct span_words *words, bool *is_use)
{
    size_t count = words->count;
    bool does = span_words_at(words, 0, "what") && span_words_at(words, 1, "does|do");
    *is_use = true;
    if (does)
        return span_words_at(words, count - 1, "do") ? count - 1 : 0;
    if (span_words_at(words, 0, "what") && span_words_at(words, count - 1, "for"))
        return count - 1 - span_words_at(words, count - 2, "used|there|good");
    *is_use = false;
    return count;
}

static bool read_named(struct slice question, struct named *named)
{
    struct span_words words;
    span_words_read(question, &words);
    *named = (struct named){.is_person = span_words_at(&words, 0, persons)};
    if (words.count < 3 || (!named->is_person && !span_words_at(&words, 0, things)))
        return false;
    size_t end = name_end(&words, &named->is_use), first = 2 + span_words_at(&words, 2, articles);
    if ((!named->is_use && !span_words_at(&words, 1, being)) || end <= first || end - first > NAME_WORDS_MAX)
        return false;
    for (size_t i = first; i < end; i++) {
        bool is_capital = span_capital_at(question, words.items[i].start);
        if (!is_capital && span_word_is(&words.items[i], parting))
            return false;
        named->is_capital = named->is_capital || is_capital;
    }
    size_t stop = end < words.count ? words.items[end].start : question.size;
    while (stop > words.items[first].start && byte_among(question.data[stop - 1], "?!. "))
        stop--;
    named->text = slice_range(question, words.items[first].start, stop);
    named->is_several = end - first > 1;
    return true;
}

/* ---- a sentence ---- */

static size_t blanks_end(struct slice text, size_t at)
{
    while (at < text.size && span_blank_at(text, at) > 0)
        at += span_blank_at(text, at);
    return at;
}

/* Behind what stands in brackets, "(born …; 26 March 1948)"; the same place: nothing does. */
static size_t bracket_end(struct slice text, size_t at)
{
    size_t open = blanks_end(text, at), depth = 0;
    for (size_t i = open; i < text.size && i - open < BRACKET_BYTES_MAX; i++) {
        depth += text.data[i] == '(';
        if (depth == 0)
            break;
        depth -= text.data[i] == ')';
        if (depth == 0)
            return i + 1;
    }
    return at;
}

/* Every word of it begins with a capital there. */
static bool stands_as_name(struct slice text, size_t start, size_t end)
{
    for (size_t at = start; at < end;) {
        size_t next = span_letters_end(text, at);
        if (next > at && !span_capital_at(text, at) && (unsigned char)text.data[at] < 0x80)
            return false;
        at = next > at ? next : at + 1;
    }
    return true;
}

/* Behind the other names of a person: "Ines │Marlow│ leads". */
static size_t surnames_end(struct slice text, size_t at)
{
    for (size_t i = 0; i < SURNAMES_MAX; i++) {
        size_t next = blanks_end(text, at);
        if (next == at || next >= text.size || !span_capital_at(text, next))
            break;
        at = span_letters_end(text, next);
    }
    return at;
}

/* "is a", "was also the", "stands for" */
static bool is_told_behind(struct slice text, size_t at)
{
    struct span_word verb = span_word_at(text, blanks_end(text, at));
    if (verb.size == 0)
        return false;
    size_t behind = blanks_end(text, verb.end);
    struct span_word next = span_word_at(text, behind);
    if (span_word_is(&verb, "stands") && span_word_is(&next, "for"))
        return true;
    if (!span_word_is(&verb, being) || next.size == 0)
        return false;
    if (span_word_is(&next, adverbs) && !span_word_is(&next, "not"))
        next = span_word_at(text, blanks_end(text, next.end));
    return next.size > 0 && span_word_is(&next, articles);
}

/* ", our head of support,", " – warehouse", ": warehouse" */
static bool is_told_beside(const struct named *named, struct slice text, size_t at)
{
    static const char *const marks[] = {" – ", " — ", " - ", ": "};
    for (size_t i = 0; i < ARRAY_COUNT(marks); i++)
        if (span_starts(text, at, marks[i]))
            return true;
    if (!span_starts(text, at, ", "))
        return false;
    struct span_word next = span_word_at(text, at + 2);
    return span_word_is(&next, articles) || (named->is_person && span_word_is(&next, "who|head|chief|director|manager"));
}

/* What stands before the name says nothing: marks of a list, an article. */
static bool begins_there(struct slice text, size_t at)
{
    struct span_words before;
    span_words_read(slice_range(text, 0, at), &before);
    return before.count == 0 || (before.count == 1 && span_word_is(&before.items[0], articles));
}

/* "The finance lead is │Greta Holm│." */
static bool ends_there(struct slice text, size_t at, size_t end)
{
    struct span_word before = span_word_before(text, at, NULL);
    struct span_word first = span_word_at(text, 0);
    bool is_keyed = at > 1 && span_starts(text, at - 2, ": ") && at <= LEAD_BYTES_MAX; /* "Head of support: │Mara Voss│" */
    return (is_keyed || (span_word_is(&before, being) && span_word_is(&first, articles))) &&
           (end >= text.size || byte_among(text.data[end], ".,;(") || span_starts(text, end, " ("));
}

/* Words in small letters follow: "│ leads the design team" */
static bool is_clause(struct slice text, size_t at)
{
    size_t behind = blanks_end(text, at);
    return behind > at && behind < text.size && text.data[behind] >= 'a' && text.data[behind] <= 'z' &&
           span_letters_end(text, behind) < text.size;
}

static enum introducing introduces_at(const struct named *named, struct slice text, size_t at)
{
    size_t end = at + named->text.size;
    if (named->is_person && (!stands_as_name(text, at, end) || (!named->is_capital && !named->is_several)))
        return INTRODUCES_NOT;
    if (!begins_there(text, at)) {
        bool is_short = at > 0 && text.data[at - 1] == '(' && end < text.size && text.data[end] == ')' &&
                        span_capital_at(text, at) && at <= LEAD_BYTES_MAX;
        return is_short || (named->is_person && ends_there(text, at, end)) ? INTRODUCES_BESIDE : INTRODUCES_NOT;
    }
    if (named->is_person)
        end = surnames_end(text, end);
    size_t behind = bracket_end(text, end);
    if (is_told_behind(text, behind))
        return INTRODUCES_PLAINLY;
    if (behind > end || is_told_beside(named, text, end))
        return INTRODUCES_BESIDE;
    return named->is_person && is_clause(text, end) ? INTRODUCES_AS_SUBJECT : INTRODUCES_NOT;
}

/* What a thing is for tells only what says so. */
static bool tells_use(struct slice text)
{
    return span_has_word(text, "that|which|who|for|to|used|where");
}

static enum introducing introducing_of(const struct named *named, struct slice text)
{
    enum introducing most = INTRODUCES_NOT;
    for (size_t at = 0; at + named->text.size <= text.size && at <= BRACKET_BYTES_MAX; at++) {
        enum introducing one = span_term_at(text, at, named->text) ? introduces_at(named, text, at) : INTRODUCES_NOT;
        most = one > most ? one : most;
    }
    return named->is_use && (most != INTRODUCES_PLAINLY || !tells_use(text)) ? INTRODUCES_NOT : most;
}

/* ---- a row ---- */

static bool may_be_role(struct slice cell)
{
    return cell.size > 1 && !span_has_digit(cell) && memchr(cell.data, '@', cell.size) == NULL;
}

static bool has_name(struct slice text, const struct named *named)
{
    for (size_t at = 0; at < text.size; at++)
        if (span_term_at(text, at, named->text) && stands_as_name(text, at, at + named->text.size))
            return true;
    return false;
}

/* The cell of the person's row that tells what he or she does: below such a head, else the first one with words alone. */
static bool role_in_row(struct asking *asking, const struct named *named, size_t passage, size_t sentence, struct slice *role)
{
    static const char heads[] = "role|roles|title|position|job|function|responsibility|responsibilities|duty|duties|"
                                "funktion|rolle|aufgabe|position|stelle|fonction|poste|rôle|cargo|puesto|ruolo|functie|rol";
    const struct ask_passage *there = &asking->passages[passage];
    const struct slice row = there->sentences[sentence].text;
    struct slice cells[CELLS_MAX];
    struct line_part parts[CELLS_MAX];
    if (!named->is_person || !has_name(row, named) || !line_has_bar(row) || line_cells(row, cells) < 2)
        return false;
    const struct table_rows rows = table_rows_at(asking, there, sentence);
    size_t count = line_row_parts(row, rows.head, parts), first = SIZE_MAX, named_at = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].text.size == named->text.size && span_term_at(parts[i].text, 0, named->text))
            named_at = i;
        else if (may_be_role(parts[i].text) && span_has_word(parts[i].head, heads) && (first == SIZE_MAX || named_at < i))
            first = i;
    }
    for (size_t i = 0; i < count && first == SIZE_MAX; i++)
        if (i != named_at && may_be_role(parts[i].text))
            first = i;
    if (named_at == SIZE_MAX || first == SIZE_MAX)
        return false;
    *role = parts[first].text;
    return true;
}

enum introducing introduction_find(struct asking *asking, const struct candidate *best, struct candidate *item)
{
    struct named named;
    enum introducing most = INTRODUCES_NOT;
    if (!read_named(asking->answer->asked, &named))
        return INTRODUCES_NOT;
    for (size_t i = 0; i < asking->passage_count; i++)
        for (size_t j = 0; j < asking->passages[i].sentence_count; j++) {
            const struct ask_sentence *sentence = &asking->passages[i].sentences[j];
            struct slice text = sentence->text;
            bool is_role = role_in_row(asking, &named, i, j, &text);
            bool may_be = !sentence->is_order && (is_role || !line_has_bar(text)) && !line_is_question(text);
            enum introducing one = !may_be ? INTRODUCES_NOT : is_role ? INTRODUCES_BESIDE : introducing_of(&named, text);
            bool is_own = best != NULL && best->passage == i && best->sentence == j;
            if (one == INTRODUCES_NOT && may_be && is_own && named.is_person && has_name(text, &named))
                one = INTRODUCES_AS_SUBJECT; /* "run by Ilan Petrov and Joy Adler": names alone tell nobody who that is */
            if (one < most || one == INTRODUCES_NOT || (one == most && !is_own))
                continue;
            most = one;
            *item = (struct candidate){.passage = i, .sentence = j, .last = j, .text = text};
            item->values[FEATURE_WHOLE] = !is_role;
        }
    return most;
}
