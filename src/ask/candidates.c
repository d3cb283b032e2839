/* candidates.c - what may be the answer: of each line the whole of it, its cells or value, and in these numbers, names and codes.
 *
 *   "Klinkpay | 2 working days"                       cells, the head of their columns, and "2 working days" as a duration
 *   "Duration: 75 minutes"                            the value, and what stands in it; the key is as a column's head
 *   "Parcels are kept for 30 days."                   the sentence, and "30 days"
 *
 * Where a reader has read the passages, also the span that it finds best in the line. A question that no thing answers (asked_shape.h) has whole sentences and
 * cells alone, lists, and all that stands below a question that is the same; a line that leads a list in is answered by its items. */
#include "asked_days.h"
#include "asked_labels.h"
#include "asked_names.h"
#include "kept_kinds.h"
#include "line_runs.h"
#include "opposites.h"
#include "passage_lines.h"
#include "plain_kinds.h"
#include "pronouns.h"
#include "quoted.h"
#include "rival_words.h"
#include "rivals.h"
#include "span_edges.h"
#include "span_parts.h"
#include "spans.h"
#include "steps.h"
#include "told_further.h"
#include <math.h>
#include <string.h>

enum { CANDIDATES_MAX = 1200, SPANS_MAX = 12, HEADS_MAX = 48, PART_BYTES = 300, WHOLE_BYTES = 600, SHORT_BYTES = 24 };

/* Of the question's words, rare ones counting more: in a question of the document's that asks the same, and around a verdict on it. */
#define SHARE_OF_SAME 0.6
#define SHARE_OF_VERDICT 0.5
/* About what a word of the question in the line counts for. */
#define FAVOUR_OF_ACTION 0.6

struct list {
    struct asking *asking;
    struct candidate *items;
    size_t count;
    enum answer_shape shape;
    unsigned asked; /* kinds; none where whole sentences are */
    bool has_blank; /* the cell that is asked for is there, with nothing in it: */
    size_t blank_passage; /* in this one */
    const struct line *line; /* that is looked at */
    struct slice text; /* of it */
    /* heads of columns, each once, and how near they are to the question */
    struct slice heads[HEADS_MAX];
    double head_meanings[HEADS_MAX];
    size_t head_count;
};

/* ---- one candidate ---- */

/* F1 of the bytes that both have. */
static double overlap(struct slice a, struct slice b)
{
    const char *start = a.data > b.data ? a.data : b.data,
               *end = a.data + a.size < b.data + b.size ? a.data + a.size : b.data + b.size;
    return end > start ? 2 * (double)(end - start) / (double)(a.size + b.size) : 0;
}

static void add_reading(const struct list *list, struct candidate *item)
{
    const struct asking *asking = list->asking;
    size_t start = passage_offset(&asking->passages[item->passage], item->text);
    float score = reader_marks_score(&asking->marks[item->passage], start, start + item->text.size);
    item->values[FEATURE_READ] = reading_feature(score);
    item->values[FEATURE_READ_WORDS] = list->line->read.size > 0 ? overlap(item->text, list->line->read) : 0;
}

/* "–" in a cell tells that nothing is there; "✓" tells something. */
static bool is_blank(struct slice text)
{
    static const char *const dashes[] = {"–", "—", "−", "\xC2\xA0"};
    for (size_t at = 0, size; at < text.size; at += size) {
        size = 1;
        if (span_letter_at(text, at) > 0 || span_is_digit(text, at))
            return false;
        if ((unsigned char)text.data[at] < 0x80)
            continue;
        size = 0;
        for (size_t i = 0; i < ARRAY_COUNT(dashes) && size == 0; i++)
            if (slice_starts_with(slice_range(text, at, text.size), slice_from(dashes[i])))
                size = strlen(dashes[i]);
        if (size == 0)
            return false;
    }
    return true;
}

static struct candidate *add(struct list *list, struct slice text)
{
    size_t most = list->shape == SHAPE_ANY ? PART_BYTES : WHOLE_BYTES, sentence = list->line->sentence;
    if (list->count == CANDIDATES_MAX || is_blank(text) || text.size > most || span_is_placeholder(list->text, text))
        return NULL;
    struct candidate *item = &list->items[list->count++];
    *item = (struct candidate){
        .passage = list->line->passage, .sentence = sentence, .last = sentence, .text = text, .head = list->line->head};
    memcpy(item->values, list->line->values, sizeof(item->values));
    item->values[FEATURE_LENGTH] = log(1 + (double)(text.size < PART_BYTES ? text.size : PART_BYTES));
    if (features_know_reading(list->asking))
        add_reading(list, item);
    return item;
}

static enum text_language language_at(const struct list *list)
{
    return text_language_indexed(text_language_named(list->asking->passages[list->line->passage].hit->language));
}

static struct terms terms_at(struct list *list, struct slice text)
{
    return terms_of(list->asking, text, language_at(list));
}

static double echo_of(struct list *list, struct slice text)
{
    struct terms terms = terms_at(list, text);
    size_t have = 0;
    for (size_t i = 0; i < terms.count; i++)
        have += terms_have(&list->asking->question, terms.items[i]);
    return terms.count > 0 ? (double)have / (double)terms.count : 0;
}

/* How near the words of the question stand to a part of the line. */
static double nearness(struct list *list, struct slice part)
{
    struct text_term term;
    size_t start = (size_t)(part.data - list->text.data), end = start + part.size;
    double sum = 0;
    analyzer_start(list->asking->analyzer, list->text, language_at(list));
    while (analyzer_next(list->asking->analyzer, &term)) {
        if ((term.start >= start && term.start < end) || !terms_have(&list->asking->question, term.term))
            continue;
        size_t away = term.start < start ? start - term.start : term.start - end;
        sum += exp(-(double)away / 30);
    }
    return sum / (1 + sum);
}

/* ---- what stands in a part of a line ---- */

/* "3." before a clause counts nothing. */
static bool is_list_number(struct slice part, struct slice span)
{
    size_t start = (size_t)(span.data - part.data), end = start + span.size;
    for (size_t i = 0; i < span.size; i++)
        if (!span_is_digit(span, i))
            return false;
    return start == 0 && end + 2 < part.size && byte_among(part.data[end], ".)") && part.data[end + 1] == ' ' && span.size <= 3;
}

/* "Thu" begins as a name does. */
static bool is_date(struct slice text)
{
    static const char short_days[] = "Mon|Tue|Tues|Wed|Thu|Thur|Thurs|Fri|Sat|Sun|Mo|Di|Mi|Do|Fr|Sa|So";
    struct number number;
    return span_is_one_of(short_days, text) || (span_date_at(text, 0, true, &number) && number.end == text.size);
}

/* A duration, or money, where that alone is asked for, or a share beside it: no other number there is the answer. */
static bool has_exact_kind(const struct list *list, struct slice text)
{
    struct span spans[SPANS_MAX];
    bool is_one_kind = list->asked == SPAN_DURATION || (list->asked & ~(unsigned)SPAN_SHARE) == SPAN_MONEY;
    size_t count = is_one_kind ? spans_find(list->asking->answer->asked, text, list->asked, spans, SPANS_MAX) : 0;
    for (size_t i = 0; i < count; i++)
        if ((spans[i].kind & list->asked) != 0)
            return true;
    return false;
}

/* "Saturdays", where it is asked what is on Saturdays. */
static bool is_asked_day(struct list *list, struct slice text)
{
    return is_date(text) && !span_has_digit(text) && echo_of(list, text) == 1;
}

/* Adds what in `part` is of a kind that was asked for. `alone`: the kind of bare numbers there. `like`: what its cell has. */
static void add_parts(struct list *list, struct slice part, enum span_kind alone, const double like[FEATURES])
{
    struct span spans[SPANS_MAX];
    if (list->shape != SHAPE_ANY)
        return;
    size_t count = spans_find(list->asking->answer->asked, part, list->asked, spans, SPANS_MAX);
    bool has_best = has_exact_kind(list, part);
    for (size_t i = 0; i < count; i++) {
        if ((has_best && (spans[i].kind & list->asked) == 0) ||
            (spans[i].kind == SPAN_NAME && is_date(spans[i].text) && !asks_who(list->asking->answer->asked)) ||
            is_asked_day(list, spans[i].text))
            continue;
        bool is_other = (list->asked == SPAN_DURATION || (list->asked & SPAN_NO_TIME) != 0) &&
                        span_fits(list->asked, spans[i].kind) == 0;
        if (is_other || is_list_number(part, spans[i].text) || is_mark_of_name(list->asking, list->text, spans[i].text))
            continue;
        bool may_have_rival = spans[i].kind != SPAN_NAME && !list->line->is_row;
        if (may_have_rival && span_has_rival(list->asking, list->line, part, spans[i].text))
            continue;
        struct candidate *item = add(list, spans[i].text);
        if (item == NULL)
            return;
        bool is_bare = spans[i].kind == SPAN_COUNT && alone != SPAN_NONE;
        item->values[FEATURE_FITS] = span_fits(list->asked, is_bare ? alone : spans[i].kind);
        item->values[FEATURE_NEAR] = nearness(list, spans[i].text);
        const char *unit = spans[i].bare.data + spans[i].bare.size, *end = part.data + part.size;
        item->values[FEATURE_UNIT] = spans[i].kind != SPAN_NAME && unit < end &&
                                     echo_of(list, slice_cut((struct slice){unit, (size_t)(end - unit)}, 12)) > 0;
        for (size_t f = FEATURE_CELL; f <= FEATURE_ROW_WORDS; f++)
            item->values[f] = like[f];
    }
}

/* "Sundays closed": a value of a series that only words tell. */
static void add_worded(struct list *list, struct slice part)
{
    struct slice text;
    bool is_asked = list->shape == SHAPE_ANY && (list->asked & (SPAN_DATE | SPAN_HOUR | SPAN_MONEY)) != 0;
    struct candidate *item = is_asked && series_worded_value(list->asking, list->line, part, &text) ? add(list, text) : NULL;
    if (item != NULL) {
        item->values[FEATURE_FITS] = 1;
        item->values[FEATURE_NEAR] = nearness(list, text);
        item->values[FEATURE_ECHO] = echo_of(list, text);
    }
}

/* The question of the document's that the line answers: before it, or its heading. Empty: none. */
static struct slice question_of(const struct list *list)
{
    struct slice rest = text_above(list->asking, &list->asking->passages[list->line->passage]), heading = SLICE(""), line;
    while (slice_next(&rest, '\n', &line))
        heading = line;
    return list->line->question != NULL ? list->line->question->text : line_is_question(heading) ? heading : SLICE("");
}

/* The document asks what the user asks, more or less, and this is in the answer: all of it tells how or why. */
static bool answers_same_question(struct list *list)
{
    struct terms terms = terms_at(list, question_of(list));
    return words_share(list->asking, &terms) >= SHARE_OF_SAME;
}

/* "Yes, by card." to a question of the document's that has little to do with the user's. */
static bool is_verdict_elsewhere(const struct list *list)
{
    size_t end = 0;
    while (end < list->text.size && !byte_among(list->text.data[end], ",.!; "))
        end++;
    return question_of(list).size > 0 && line_is_verdict(slice_range(list->text, 0, end)) &&
           list->line->values[FEATURE_WORDS] < SHARE_OF_VERDICT;
}

/* "… is reported to her": whom the sentence before it names, and both are cited. */
static void add_person_meant(struct list *list)
{
    const struct ask_passage *passage = &list->asking->passages[list->line->passage];
    size_t sentence = list->line->sentence;
    struct slice name, pronoun;
    if (list->shape != SHAPE_ANY || (list->asked & SPAN_NAME) == 0 || !asks_who(list->asking->answer->asked) || sentence == 0 ||
        !person_meant(passage->sentences[sentence - 1].text, list->text, &name, &pronoun))
        return;
    struct candidate *item = add(list, name);
    if (item == NULL)
        return;
    item->sentence = sentence - 1;
    item->values[FEATURE_FITS] = 1;
    item->values[FEATURE_NEAR] = nearness(list, pronoun);
}

/* The whole line: as it is, or the list or the pair of sentences that answers in its place. `open`: what things are looked for in. */
static void add_sentence(struct list *list, struct slice open)
{
    static const double plain[FEATURES] = {0};
    const struct ask_passage *passage = &list->asking->passages[list->line->passage];
    size_t sentence = list->line->sentence;
    struct line_run run;
    if (list->shape == SHAPE_TRUTH && is_verdict_elsewhere(list))
        return;
    bool is_run = (list->shape == SHAPE_MANNER && answers_same_question(list) && run_of_answer(passage, sentence, &run)) ||
                  run_below(passage, sentence, &run) ||
                  (list->shape == SHAPE_MANNER && run_of_steps(passage, sentence, &run)) ||
                  (list->shape == SHAPE_TRUTH && run_with_verdict(passage, sentence, &run));
    struct candidate *whole = is_run || !line_is_label(list->text) ? add(list, list->text) : NULL;
    if (whole != NULL) {
        whole->values[FEATURE_WHOLE] = 1;
        whole->values[FEATURE_LACKS] = list->asked != 0;
        whole->values[FEATURE_ECHO] = echo_of(list, list->text);
    }
    if (whole != NULL && is_run) {
        whole->text = run.text;
        whole->sentence = run.first;
        whole->last = run.last;
    }
    if (open.size > 0) {
        add_parts(list, open, SPAN_NONE, plain);
        add_worded(list, open);
        add_person_meant(list);
    }
}

/* ---- cells ---- */

static double head_meaning(const struct list *list, struct slice head)
{
    for (size_t i = 0; i < list->head_count; i++)
        if (slice_equal(list->heads[i], head))
            return list->head_meanings[i];
    return 0;
}

static void add_cell(struct list *list, struct slice cell, struct slice head, bool is_key, double row_words)
{
    struct terms words = terms_at(list, head);
    struct candidate values = {0};
    values.values[FEATURE_CELL] = 1;
    values.values[FEATURE_KEY] = is_key;
    values.values[FEATURE_COLUMN] = head_meaning(list, head);
    values.values[FEATURE_COLUMN_WORDS] = words_share(list->asking, &words);
    values.values[FEATURE_ROW_WORDS] = row_words;
    bool is_stopped = cell.size > 1 && cell.size <= SHORT_BYTES && cell.data[cell.size - 1] == '.' &&
                      memchr(cell.data, '.', cell.size - 1) == NULL; /* "UN 2967." is no sentence */
    cell.size -= is_stopped;
    struct candidate *item = add(list, cell);
    if (item != NULL) {
        struct span span;
        size_t found = spans_find(list->asking->answer->asked, cell, list->asked, &span, 1);
        for (size_t f = FEATURE_CELL; f <= FEATURE_ROW_WORDS; f++)
            item->values[f] = values.values[f];
        bool is_span = found == 1 && 2 * span.text.size >= cell.size;
        enum span_kind kind = is_span && span.kind == SPAN_COUNT ? span_of_head(head) : is_span ? span.kind : SPAN_NONE;
        bool is_free = (list->asked & SPAN_MONEY) != 0 && span_is_free(cell);
        bool is_called = list->asked == SPAN_PHONE && line_is_bare_number(cell) && span_of_head(head) == SPAN_PHONE;
        item->values[FEATURE_FITS] = is_free || is_called ? 1 : is_span ? span_fits(list->asked, kind) : 0;
        item->values[FEATURE_LACKS] = list->asked != 0 && item->values[FEATURE_FITS] == 0;
        item->values[FEATURE_ECHO] = echo_of(list, cell);
        item->values[FEATURE_UNIT] = is_span && echo_of(list, head) > 0;
        if (is_span && span.text.size == cell.size)
            return;
    }
    add_parts(list, cell, span_of_head(head), values.values);
}

/* Numbers in cells that tell no unit have that of their row. */
static void add_units(struct list *list, size_t first, struct slice unit)
{
    for (size_t i = first; i < list->count; i++)
        if (line_is_bare_number(list->items[i].text))
            list->items[i].unit = unit;
}

/* Of "is it so?" a table's row answers as a whole, a record's cell with its key ("Stock: 0"), and a cell alone when it says yes or no. */
static struct slice cell_shown(const struct list *list, const struct line_part *part)
{
    bool is_keyed = part->whole.size > part->text.size;
    return list->shape != SHAPE_TRUTH || line_is_verdict(part->text) ? part->text : is_keyed ? part->whole : SLICE("");
}

/* "9–12": in a table of days it is hours. */
static bool is_hour_range(struct slice text)
{
    size_t first = span_digits_end(text, 0), sign = span_one_at(text, first, "–|-| – | - | to | bis "), second = first + sign;
    size_t last = span_digits_end(text, second);
    return first > 0 && first <= 2 && sign > 0 && last > second && last - second <= 2 && last == text.size;
}

/* A time of a kind that is asked for stands in the cell, and not only the day that is asked for. */
static bool tells_when(const struct list *list, const struct line_part *part)
{
    struct span span;
    const struct slice question = list->asking->answer->asked;
    if (days_are_named(question, part->text))
        return span_has_digit(part->text);
    return is_date(part->text) || ((list->asked & SPAN_HOUR) != 0 && is_hour_range(part->text)) ||
           (spans_find(question, part->text, list->asked & (SPAN_DATE | SPAN_HOUR), &span, 1) > 0 &&
            (span.kind & (SPAN_DATE | SPAN_HOUR)) != 0);
}

/* The column is of places. */
static bool tells_where(const struct list *list, const struct line_part *part)
{
    static const char
        heads[] = "room|place|location|address|where|building|hall|venue|raum|ort|standort|adresse|gebäude|wo|lieu|salle|"
                  "adresse|endroit|lugar|sala|dirección|ubicación|luogo|indirizzo|stanza|plaats|locatie|adres|ruimte";
    struct span_word word = span_word_at(part->head, 0);
    return list->asked == SPAN_NAME && word.end == part->head.size && span_word_is(&word, heads) && !is_blank(part->text) &&
           part->text.size > 0;
}

static bool asks_where(const struct list *list)
{
    struct span_word word = span_word_at(slice_trim(list->asking->answer->asked), 0);
    return span_word_is(&word, "where|wo|où|dónde|donde|dove|waar|onde");
}

/* The column says what is done: "Remedy", "What the user can do". */
static bool tells_what_to_do(const struct list *list, const struct line_part *part)
{
    static const char heads[] = "do|action|actions|remedy|remedies|fix|solution|solutions|measure|measures|response|handling|"
                                "abhilfe|maßnahme|maßnahmen|behebung|lösung|tun|remède|remèdes|mesure|mesures|faire|solución|"
                                "remedio|medida|medidas|rimedio|soluzione|rimedi|oplossing|actie";
    return list->shape == SHAPE_MANNER && asks_what_to_do(list->asking->answer->asked) && part->text.size > 0 &&
           !is_blank(part->text) && span_has_word(part->head, heads);
}

/* Of "when", "where" and "what to do", cells that do not tell it are none where another cell of the row does: they have no head then, and answer nothing. */
static void close_parts(struct list *list, struct line_part *parts, size_t count, bool is_closed[CELLS_MAX])
{
    bool is_when = list->shape == SHAPE_ANY && (list->asked & SPAN_DATE) != 0, is_where = !is_when && asks_where(list);
    size_t telling = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_done = tells_what_to_do(list, &parts[i]), tells = is_done;
        tells = tells || (is_when && tells_when(list, &parts[i])) || (is_where && tells_where(list, &parts[i]));
        struct terms head = terms_at(list, parts[i].head);
        is_closed[i] = !tells && (is_when || list->shape == SHAPE_MANNER ||
                                  words_share(list->asking, &head) <= 0); /* "kept in", where it is asked where it is kept */
        telling += tells;
    }
    for (size_t i = 0; i < count; i++) {
        is_closed[i] = is_closed[i] && telling > 0;
        parts[i].head = is_closed[i] ? SLICE("") : parts[i].head;
    }
}

static enum span_kind time_of(const struct list *list, const struct line_part *part)
{
    struct span span;
    bool is_found = spans_find(list->asking->answer->asked, part->text, list->asked & (SPAN_DATE | SPAN_HOUR), &span, 1) == 1;
    return is_date(part->text) ? SPAN_DATE : is_found && 2 * span.text.size >= part->text.size ? span.kind : SPAN_NONE;
}

/* "When" wants the day beside the hour: what the row has of it goes before hours of the cell. */
static void add_day(struct list *list, size_t first, const struct line_part *parts, size_t count, size_t cell)
{
    if (list->shape != SHAPE_ANY || (list->asked & SPAN_DATE) == 0 || time_of(list, &parts[cell]) != SPAN_HOUR)
        return;
    for (size_t i = 0; i < count; i++)
        if (time_of(list, &parts[i]) == SPAN_DATE)
            for (size_t j = first; j < list->count; j++)
                list->items[j].day = parts[i].text;
}

/* The cell is blank, and the question has a word of its head that stands nowhere else in the row, nor in another head: "hire price of a book box" below
 * "Buy | Hire per week". */
static bool is_blank_asked(struct list *list, const struct line_part *parts, size_t count, size_t column)
{
    static const struct terms none = {0};
    struct terms head = terms_at(list, parts[column].head), others[2 * CELLS_MAX];
    size_t other = 0, named = 0;
    if (column == 0 || (parts[column].text.size > 0 && !is_blank(parts[column].text)))
        return false;
    for (size_t i = 0; i < count; i++) {
        others[other] = i != column ? terms_at(list, parts[i].head) : none;
        if (rival_asked_beyond(list->asking, &others[other++], &head) > 0)
            return false;
        others[other++] = i != column ? terms_at(list, parts[i].text) : none;
    }
    for (size_t i = 0; i < list->asking->question.count; i++) {
        bool is_here = terms_have(&head, list->asking->question.items[i]);
        for (size_t j = 0; j < other && is_here; j++)
            is_here = !terms_have(&others[j], list->asking->question.items[i]);
        named += is_here;
    }
    return named > 0 && rival_asked_beyond(list->asking, &others[1], &none) > 0;
}

static void add_row(struct list *list)
{
    struct line_part parts[CELLS_MAX];
    size_t count = line_open_parts(list->asking, list->line, parts), before = list->count;
    bool is_closed[CELLS_MAX];
    close_parts(list, parts, count, is_closed);
    for (size_t i = 0; i < count; i++) {
        if (is_closed[i] || column_has_rival(list->asking, list->line, parts, count, i))
            continue;
        struct terms others = {0};
        double row_words = 0;
        for (size_t j = 0; j < count; j++)
            if (j != i) {
                others = terms_at(list, parts[j].text);
                row_words += words_share(list->asking, &others);
            }
        size_t first = list->count;
        if (!line_is_question(parts[i].text))
            add_cell(list, cell_shown(list, &parts[i]), parts[i].head, i == 0, row_words > 1 ? 1 : row_words);
        bool is_exact = cell_is_asked(list->asking, list->line, parts, count, i);
        if ((is_exact && (parts[i].text.size == 0 || is_blank(parts[i].text))) || is_blank_asked(list, parts, count, i)) {
            list->has_blank = true;
            list->blank_passage = list->line->passage;
        }
        add_day(list, first, parts, count, i);
        for (; first < list->count; first++)
            list->items[first].is_exact = is_exact;
    }
    add_units(list, before, line_unit(parts, count));
    if (list->shape == SHAPE_TRUTH && !line_is_record(list->text))
        add_sentence(list, SLICE(""));
}

/* ---- all ---- */

static void note_head(struct list *list, struct slice head)
{
    for (size_t i = 0; i < list->head_count; i++)
        if (slice_equal(list->heads[i], head))
            return;
    if (list->head_count < HEADS_MAX && head.size > 0)
        list->heads[list->head_count++] = head;
}

static void note_heads(struct list *list, const struct line *line)
{
    struct line_part parts[CELLS_MAX];
    struct slice key, value;
    size_t count = line->is_row ? line_open_parts(list->asking, line, parts) : 0;
    for (size_t i = 0; i < count; i++)
        note_head(list, parts[i].head);
    if (!line->is_row && line_split(list->asking->passages[line->passage].sentences[line->sentence].text, &key, &value))
        note_head(list, key);
}

/* "not", "Who", "までです" answer nothing. */
static bool says_something(struct list *list, struct slice text)
{
    bool has_kana = false, has_other = false;
    for (size_t at = 0; at < text.size;) {
        uint32_t character;
        at += text_decode(text, at, &character);
        bool is_kana = character >= 0x3041 && character <= 0x309F; /* the syllables of Japanese grammar */
        has_kana = has_kana || is_kana;
        has_other = has_other || !is_kana;
        if (character >= '0' && character <= '9')
            return true;
    }
    return (!has_kana || has_other) && terms_at(list, text).count > 0;
}

/* An object or a text in quotes has values of its own. */
static bool has_pieces(struct slice frame)
{
    for (size_t i = 0; i < frame.size; i++)
        if (byte_among(frame.data[i], "\"'{}"))
            return true;
    return false;
}

/* All of the code in a frame of the source that the span is a part of: a command is one value. */
static struct slice framed(const struct list *list, struct slice span)
{
    enum { FRAME_BYTES = 120 };
    struct slice rest = list->asking->passages[list->line->passage].source, frame;
    for (size_t open, close; slice_find(rest, '`', &open); rest = slice_range(rest, close + 1, rest.size)) {
        rest = slice_range(rest, open + 1, rest.size);
        if (!slice_find(rest, '`', &close))
            return span;
        frame = slice_range(rest, 0, close);
        bool may_be = frame.size > span.size && frame.size <= FRAME_BYTES && memchr(frame.data, '\n', frame.size) == NULL &&
                      memmem(frame.data, frame.size, span.data, span.size) != NULL && !has_pieces(frame);
        const char *found = may_be ? memmem(list->text.data, list->text.size, frame.data, frame.size) : NULL;
        if (found != NULL && found <= span.data && found + frame.size >= span.data + span.size)
            return (struct slice){found, frame.size};
    }
    return span;
}

/* The reader's span, unless it is one already. */
static void add_read(struct list *list, size_t first)
{
    struct slice text = list->line->read;
    if (!says_something(list, text) || is_asked_day(list, text))
        return;
    text = span_widened(list->text, text, list->asked);
    struct slice closed = span_closed(list->text, text);
    text = closed.size <= PART_BYTES ? closed : text;
    text = list->asked == SPAN_NONE ? framed(list, text) : text;
    bool is_number = span_has_digit(text);
    if (is_number && is_mark_of_name(list->asking, list->text, text))
        return;
    if (is_number && !list->line->is_row &&
        (span_has_rival(list->asking, list->line, list->text, text) ||
         (has_exact_kind(list, list->text) && !has_exact_kind(list, text))))
        return;
    for (size_t i = first; i < list->count; i++)
        if (list->items[i].text.data == text.data && list->items[i].text.size == text.size)
            return;
    struct candidate *item = add(list, text);
    if (item == NULL)
        return;
    struct span span;
    bool is_span = spans_find(list->asking->answer->asked, text, list->asked, &span, 1) == 1 && 2 * span.text.size >= text.size;
    item->values[FEATURE_FITS] = is_span ? span_fits(list->asked, span.kind) : 0;
    item->values[FEATURE_LACKS] = list->asked != 0 && item->values[FEATURE_FITS] == 0;
    item->values[FEATURE_ECHO] = echo_of(list, text);
    item->values[FEATURE_NEAR] = nearness(list, text);
    item->values[FEATURE_READ] = list->line->read_score; /* as it was marked */
}

/* What a setting is set to, a bare number with the unit that its comment begins with ("seconds", "MiB, 0 turns it off"), and the comment. */
static void add_assigned(struct list *list, size_t first, struct slice key, struct slice value, struct slice comment)
{
    struct slice unit = slice_range(comment, 0, span_letters_end(comment, 0));
    add_cell(list, value, key, false, 0);
    if (span_unit_of(unit) != NULL)
        add_units(list, first, unit);
    add_cell(list, comment, SLICE(""), false, 0);
}

static void add_parts_of(struct list *list, const struct line *line)
{
    struct slice key, value, comment;
    struct line_part parts[CELLS_MAX];
    if (line->is_row) {
        add_row(list);
        return;
    }
    size_t open = line_open_parts(list->asking, line, parts);
    size_t first = list->count;
    add_sentence(list, open > 0 ? parts[0].text : SLICE(""));
    if (list->shape == SHAPE_ANY && line_assigns(list->text, &key, &value, &comment)) {
        add_assigned(list, first, key, value, comment);
        return;
    }
    if (open > 0 && list->shape == SHAPE_ANY && line_split(list->text, &key, &value))
        add_cell(list, value, key, false, 0);
}

/* In a cell that the question is not about. */
static bool is_read_beside(struct list *list, const struct line *line)
{
    struct line_part parts[CELLS_MAX] = {0};
    size_t count = line->is_row ? line_open_parts(list->asking, line, parts) : 0;
    bool is_closed[CELLS_MAX];
    close_parts(list, parts, count, is_closed);
    for (size_t i = 0; i < count; i++)
        if (overlap(parts[i].text, line->read) > 0 && (is_closed[i] || column_has_rival(list->asking, line, parts, count, i)))
            return true;
    return false;
}

static void add_line(struct list *list, const struct line *line)
{
    size_t first = list->count;
    if ((line->is_row && row_has_rival(list->asking, line)) || lacks_code(list->asking, line->passage) ||
        line_lacks_year(list->asking, line->passage, line->sentence) ||
        (list->shape == SHAPE_ANY && line_is_opposite(list->asking, line->passage, line->sentence)))
        return;
    list->line = line;
    list->text = list->asking->passages[line->passage].sentences[line->sentence].text;
    add_parts_of(list, line);
    if (line->read.size > 0 && list->shape == SHAPE_ANY && !is_read_beside(list, line))
        add_read(list, first);
}

/* What each line tells of what the question names by a mark, and whether only others of its kind are told of. Whether something is so ("is band 8 paid
 * overtime?") is mostly told without the mark. */
static enum label_telling *note_labels(struct list *list, const struct line *lines, size_t count)
{
    enum label_telling *told = arena_alloc(list->asking->arena, count + 1, sizeof(*told));
    struct labels labels = list->shape == SHAPE_TRUTH ? (struct labels){0} : labels_find(list->asking->answer->asked);
    bool is_told = false, is_other = false;
    for (size_t i = 0; i < count; i++) {
        told[i] = labels_told_at(list->asking, &labels, lines[i].passage, lines[i].sentence, lines[i].head);
        is_told = is_told || told[i] == LABEL_TOLD;
        is_other = is_other || told[i] == LABEL_ANOTHER;
    }
    list->asking->is_label_elsewhere = is_other && !is_told;
    return told;
}

/* Where the cell that is asked for has nothing, other cells beside it do not have it either; what sentences and other tables say may. */
static void drop_cells(struct list *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count && list->has_blank; i++)
        if (list->items[i].is_exact)
            return;
    for (size_t i = 0; i < list->count && list->has_blank; i++)
        if (list->items[i].passage != list->blank_passage ||
            !line_has_bar(list->asking->passages[list->items[i].passage].sentences[list->items[i].sentence].text))
            list->items[kept++] = list->items[i];
    list->count = list->has_blank ? kept : list->count;
}

/* "How do I restore it?" asks for what is done: "Backups are made daily." tells it less than "Press Restore." */
static void favour_actions(struct list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct candidate *item = &list->items[i];
        bool is_list = item->last > item->sentence;
        if (is_list || tells_action(&list->asking->passages[item->passage], item->sentence))
            item->favour = FAVOUR_OF_ACTION;
    }
}

bool candidates_list(struct asking *asking, struct candidate **items, size_t *count, struct error *error)
{
    struct list *list = arena_alloc(asking->arena, 1, sizeof(*list));
    struct line *lines;
    size_t line_count;
    *list = (struct list){.asking = asking, .shape = shape_asked(asking->answer->asked)};
    list->asked = list->shape == SHAPE_ANY ? span_asked(asking->answer->asked) : SPAN_NONE;
    list->items = arena_alloc(asking->arena, CANDIDATES_MAX, sizeof(*list->items));
    if (!lines_of(asking, &lines, &line_count, error))
        return false;
    for (size_t i = 0; i < line_count; i++)
        note_heads(list, &lines[i]);
    if (!meanings_of(asking, list->heads, list->head_count, list->head_meanings, error))
        return false;
    const enum label_telling *told = note_labels(list, lines, line_count);
    for (size_t i = 0; i < line_count; i++)
        if (told[i] != LABEL_ANOTHER)
            add_line(list, &lines[i]);
    drop_cells(list);
    list->count = kinds_kept(asking, list->asked, list->items, list->count);
    list->count = steps_kept(asking, list->items, list->count);
    if (list->shape == SHAPE_MANNER) {
        list->count = quoted_kept(asking, list->items, echoes_dropped(list->items, list->count));
        list->count = causes_kept(asking, list->items, list->count);
    }
    if (wide_asked(asking->answer->asked) == WIDE_STEPS)
        favour_actions(list);
    *items = list->items;
    *count = list->count;
    return true;
}
