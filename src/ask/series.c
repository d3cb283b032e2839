/* series.c - several values of one sentence, each with what it is said of, and the one that the question names.
 *
 *   "£19.82 weekdays, £25.40 nights and Saturdays"        pieces: "£19.82 weekdays", "£25.40 nights and Saturdays"
 *   "312 homes: Ash 120, Birch 96"                        what leads them in is of all of them
 *   "within 30 min (within 15 min with head injury)"      a piece in brackets says when another value holds
 *   "SpO2 94–98 %, for COPD 88–92 %"                      "for" leans on what stands before the first value
 *
 * A value has a rival where another piece has a word of the question that its own has not, and the other way round none. */
#include "rivals.h"
#include "ranges.h"
#include "rival_words.h"
#include "span_parts.h"
#include "spans.h"
#include <string.h>

enum { PIECES_MAX = 16 };

struct piece {
    struct slice text;
    struct terms words, all; /* its own, and with those of what it leans on */
    bool is_joined; /* "and" stands before it */
    bool is_bracket;
    bool leans;
    size_t base; /* the piece that it leans on; its own place: none */
    bool has_value;
    unsigned kinds; /* of its numbers */
};

struct series {
    struct slice lead; /* before the colon */
    struct piece pieces[PIECES_MAX];
    size_t count;
};

/* ---- what is in a piece ---- */

static bool has_digit(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (span_is_digit(text, i))
            return true;
    return false;
}

/* "Sundays closed", "on Sundays it is paid double" */
static bool has_value_word(struct slice text)
{
    static const char words[] = "closed|free|double|geschlossen|kostenlos|frei|doppelt|fermé|gratuit|"
                                "cerrado|gratis|chiuso|gratuito|gesloten|fechado|zamknięte|stängt";
    return span_has_word(text, words);
}

static bool begins_with_digit(struct slice text)
{
    text = slice_trim(text);
    return span_is_digit(text, 0);
}

static bool ends_with_digit(struct slice text)
{
    text = slice_trim(text);
    return text.size > 0 && (span_is_digit(text, text.size - 1) || (unsigned char)text.data[text.size - 1] >= 0x80 ||
                             text.data[text.size - 1] == '%');
}

static unsigned kinds_in(struct slice text)
{
    struct number number;
    unsigned kinds = 0;
    for (size_t at = 0; span_next_number(text, &at, SPAN_NONE, &number);)
        kinds |= number.kind;
    return kinds;
}

/* A value of one may stand where one of the other does; bare numbers may be of anything that is counted. */
static bool are_kinds_alike(unsigned a, unsigned b)
{
    enum { COUNTED = SPAN_COUNT | SPAN_MEASURE };
    return a == 0 || b == 0 || (a & b) != 0 || ((a & COUNTED) != 0 && (b & COUNTED) != 0);
}

/* What stands before its first value. */
static struct slice before_value(struct slice text)
{
    size_t end = 0;
    while (end < text.size && (!span_is_digit(text, end) || span_letter_before(text, end))) /* "SpO2" has none */
        end = span_is_digit(text, end) ? span_digits_end(text, end) : end + 1;
    while (end > 0 && end < text.size && byte_among(text.data[end - 1], "<>=+-"))
        end--;
    return slice_range(text, 0, end);
}

/* It begins with its value, or with a word that leads in what the value holds for: what it is a value of stands elsewhere. */
static bool is_leaning(struct slice text)
{
    static const char
        leading[] = "for|with|without|on|at|in|from|during|if|when|where|otherwise|but|für|bei|mit|ohne|am|an|im|in|"
                    "wenn|sonst|pour|avec|sans|en|si|dans|le|para|con|sin|per|senza|se|voor|met|bij|op|als|com|sem";
    text = slice_trim(text);
    struct span_word word = span_word_at(text, 0);
    size_t currency = span_currency_at(text, 0);
    return span_is_digit(text, currency + span_blank_at(text, currency)) || span_word_is(&word, leading);
}

/* ---- cutting ---- */

static void add_piece(struct series *series, struct slice text, bool is_joined, bool is_bracket)
{
    struct piece *last = series->count > 0 ? &series->pieces[series->count - 1] : NULL;
    bool is_value = has_digit(text) || has_value_word(text);
    bool is_number_pair = last != NULL && ends_with_digit(last->text) && begins_with_digit(text); /* "between 9 and 12" */
    if (slice_trim(text).size == 0)
        return;
    if (last != NULL && is_joined && (!is_value || !last->has_value || is_number_pair)) {
        const char *end = text.data + text.size; /* "nights and Saturdays" are of one value */
        last->text.size = (size_t)(end - last->text.data);
        last->has_value = last->has_value || is_value;
        return;
    }
    series->pieces[series->count++] = (struct piece){
        .text = text, .is_joined = is_joined, .is_bracket = is_bracket, .has_value = is_value};
}

/* A bracket that closes behind a value and words: where it ends, or 0. */
static size_t bracket_end(struct slice text, size_t at)
{
    if (text.data[at] != '(')
        return 0;
    const char *end = memchr(text.data + at, ')', text.size - at);
    size_t close = end != NULL ? (size_t)(end - text.data) : 0;
    return close > at && has_digit(slice_range(text, at, close)) ? close : 0;
}

static void cut(struct slice text, struct series *series)
{
    size_t start = 0, bracket = 0;
    bool is_joined = false;
    *series = (struct series){0};
    for (size_t i = 0; i <= text.size && series->count < PIECES_MAX; i++) {
        size_t joint = i < text.size && text.data[i] == ' '
                           ? span_one_at(text, i + 1, "and |or |und |oder |et |ou |y |o |e |en ")
                           : 0;
        size_t opened = i < text.size && bracket == 0 ? bracket_end(text, i) : 0;
        bool is_closed = bracket > 0 && i == bracket;
        bool is_mark = i < text.size && byte_among(text.data[i], ",;") && i + 1 < text.size && text.data[i + 1] == ' ';
        if (i < text.size && joint == 0 && opened == 0 && !is_closed && !is_mark)
            continue;
        add_piece(series, slice_range(text, start, i), is_joined, bracket > 0);
        is_joined = joint > 0;
        bracket = opened > 0 ? opened : is_closed ? 0 : bracket;
        start = i + 1 + joint;
        i += joint; /* its last blank begins no other joint: "y en" */
    }
}

/* What leads the series in is of all pieces: what stands before the first colon, unless each piece has a key of its own ("2023: 41, 2024: 33"). */
static void cut_lead(struct series *series)
{
    const struct slice sign = SLICE(": ");
    struct slice *first = &series->pieces[0].text;
    const char *colon = series->count > 0 ? memmem(first->data, first->size, sign.data, sign.size) : NULL;
    if (colon == NULL)
        return;
    size_t end = (size_t)(colon - first->data), keyed = 0;
    struct slice behind = slice_range(*first, end + sign.size, first->size);
    for (size_t i = 1; i < series->count; i++)
        keyed += memmem(series->pieces[i].text.data, series->pieces[i].text.size, sign.data, sign.size) != NULL;
    bool is_key = keyed > 0 && 2 * keyed >= series->count - 1 && memmem(behind.data, behind.size, sign.data, sign.size) == NULL;
    if (is_key)
        return;
    series->lead = slice_range(*first, 0, end);
    *first = behind;
    series->pieces[0].has_value = has_digit(behind) || has_value_word(behind);
}

/* "associates £295 and trainees £160 an hour": what stands behind the last value is of all of them. */
static void cut_rate(struct series *series)
{
    size_t count = series->count;
    bool is_rate = count > 1 && ends_with_digit(series->pieces[count - 2].text);
    struct slice *last = is_rate ? &series->pieces[count - 1].text : NULL;
    size_t end = last != NULL && has_digit(*last) ? last->size : 0;
    while (end > 0 && !span_is_digit(*last, end - 1))
        end--;
    if (end > 0)
        last->size = end;
}

/* The piece that the one at `at` leans on: what stands in brackets on the one before it. */
static size_t base_of(const struct series *series, size_t at)
{
    size_t of = at;
    if (!series->pieces[at].leans || series->pieces[at].is_bracket)
        return at > 0 && series->pieces[at].leans ? at - 1 : at;
    while (of > 0 && (of == at || series->pieces[of].leans))
        of--;
    return of;
}

static void read_series(struct asking *asking, size_t passage, struct slice text, struct series *series)
{
    cut(text, series);
    cut_lead(series);
    cut_rate(series);
    for (size_t i = 0; i < series->count; i++) {
        struct piece *piece = &series->pieces[i];
        piece->words = piece->all = rival_terms(asking, passage, piece->text);
        piece->kinds = kinds_in(piece->text);
        piece->leans = piece->is_bracket || (i > 0 && is_leaning(piece->text));
        piece->base = base_of(series, i);
        if (piece->base == i)
            continue;
        struct slice base = series->pieces[piece->base].text, shared = piece->is_bracket ? base : before_value(base);
        piece->all = rival_terms(asking, passage,
                                 slice_from(arena_format(asking->arena, SLICE_FORMAT " " SLICE_FORMAT, SLICE_ARGUMENT(shared),
                                                         SLICE_ARGUMENT(piece->text))));
    }
}

/* ---- rivals ---- */

/* What the first value is of may be shared by all, so that words of the question there do not tell it from a later one that has another word. */
static bool is_named_later(struct asking *asking, size_t passage, const struct series *series, const struct piece *own,
                           const struct piece *later)
{
    struct terms shared = rival_terms(asking, passage, before_value(series->pieces[own->base].text));
    return rival_asked_beyond(asking, &later->all, &own->all) > 0 && rival_asked_beyond(asking, &own->all, &shared) == 0;
}

static bool is_rival(struct asking *asking, size_t passage, const struct series *series, size_t own, size_t other)
{
    const struct piece *mine = &series->pieces[own], *its = &series->pieces[other];
    bool is_alike = has_digit(its->text) ? are_kinds_alike(mine->kinds, its->kinds) : true;
    if (!its->has_value)
        return false;
    if (rival_asked_beyond(asking, &its->all, &mine->all) > 0 && rival_asked_beyond(asking, &mine->all, &its->all) == 0)
        return true;
    if (rival_is_narrower(asking, &mine->words, &its->words) || range_is_rival(asking->answer->asked, mine->text, its->text))
        return true;
    bool is_later = other > own && is_alike && mine->kinds != 0;
    return is_later && is_named_later(asking, passage, series, mine, its);
}

/* "(within 15 min with head injury)", of which the question says nothing. */
static bool is_aside(struct asking *asking, const struct series *series, size_t own)
{
    static const struct terms none = {0};
    const struct piece *mine = &series->pieces[own], *base = &series->pieces[mine->base];
    return mine->is_bracket && base != mine && base->has_value && mine->kinds != 0 && (base->kinds & mine->kinds) != 0 &&
           rival_not_asked(asking, &mine->words) > 0 && rival_asked_beyond(asking, &mine->words, &none) == 0 &&
           rival_asked_beyond(asking, &base->words, &none) > 0;
}

/* "312 homes: Ash 120, Birch 96": the whole, where one of its parts is asked for. */
static bool is_whole_of_parts(struct asking *asking, size_t passage, const struct series *series, struct slice span)
{
    struct terms lead = rival_terms(asking, passage, series->lead);
    unsigned kinds = kinds_in(span);
    size_t values = 0;
    bool is_named = false;
    for (size_t i = 0; i < series->count; i++) {
        const struct piece *piece = &series->pieces[i];
        values += piece->has_value && are_kinds_alike(kinds, piece->kinds);
        is_named = is_named || (piece->kinds != 0 && are_kinds_alike(kinds, piece->kinds) &&
                                rival_asked_beyond(asking, &piece->words, &lead) > 0);
    }
    return kinds != 0 && values > 1 && is_named;
}

static bool is_within(struct slice part, struct slice whole)
{
    return part.data >= whole.data && part.data + part.size <= whole.data + whole.size;
}

/* It has parts of several pieces, all of which another one is meant by. */
static bool is_across(struct asking *asking, size_t passage, const struct series *series, struct slice span)
{
    bool is_touched[PIECES_MAX] = {false};
    size_t touched = 0;
    for (size_t i = 0; i < series->count; i++) {
        struct slice piece = series->pieces[i].text;
        is_touched[i] = span.data < piece.data + piece.size && span.data + span.size > piece.data;
        touched += is_touched[i];
    }
    for (size_t other = 0; other < series->count && touched > 1; other++) {
        bool is_meant = !is_touched[other];
        for (size_t i = 0; i < series->count && is_meant; i++)
            is_meant = !is_touched[i] || is_rival(asking, passage, series, i, other);
        if (is_meant)
            return true;
    }
    return false;
}

bool span_has_rival(struct asking *asking, const struct line *line, struct slice text, struct slice span)
{
    struct series series;
    read_series(asking, line->passage, text, &series);
    if (series.lead.size > 0 && is_within(span, series.lead))
        return is_whole_of_parts(asking, line->passage, &series, span);
    size_t own = 0;
    if (is_across(asking, line->passage, &series, span))
        return true;
    for (; own < series.count; own++) {
        struct slice piece = series.pieces[own].text;
        if (own + 1 == series.count) /* with what was cut off as of all */
            piece.size = (size_t)(text.data + text.size - piece.data);
        if (is_within(span, piece))
            break;
    }
    if (own == series.count)
        return false;
    for (size_t i = 0; i < series.count; i++)
        if (i != own && is_rival(asking, line->passage, &series, own, i))
            return true;
    return is_aside(asking, &series, own);
}

bool series_worded_value(struct asking *asking, const struct line *line, struct slice text, struct slice *piece)
{
    static const struct terms none = {0};
    struct series series;
    read_series(asking, line->passage, text, &series);
    for (size_t i = 1; i < series.count; i++) {
        const struct piece *mine = &series.pieces[i];
        bool is_named = has_value_word(mine->text) && !has_digit(mine->text) &&
                        rival_asked_beyond(asking, &mine->words, &none) > 0;
        for (size_t j = 0; j < series.count && is_named; j++)
            is_named = j == i || !series.pieces[j].has_value || is_rival(asking, line->passage, &series, j, i);
        if (!is_named)
            continue;
        *piece = slice_trim(mine->text);
        while (piece->size > 0 && byte_among(piece->data[piece->size - 1], ".!"))
            piece->size--;
        return true;
    }
    return false;
}

/* What the question has of the sentence is in the piece, or in what it leans on or follows: another condition is not asked for beside it. */
static bool has_all_asked(struct asking *asking, size_t passage, const struct series *series, size_t at)
{
    struct terms lead = rival_terms(asking, passage, series->lead);
    for (size_t i = 0; i < asking->question.count; i++) {
        struct slice word = asking->question.items[i];
        if (terms_have(&series->pieces[at].all, word) || terms_have(&lead, word))
            continue;
        for (size_t j = 0; j < series->count; j++)
            if (terms_have(&series->pieces[j].words, word))
                return false;
    }
    return true;
}

bool series_named_piece(struct asking *asking, size_t passage, struct slice text, struct slice *piece)
{
    struct series series;
    size_t named = PIECES_MAX, values = 0;
    read_series(asking, passage, text, &series);
    for (size_t i = 0; i < series.count; i++) {
        bool is_alone = series.pieces[i].kinds != 0; /* all others have it as a rival, and it has none */
        for (size_t j = 0; j < series.count && is_alone; j++)
            is_alone = j == i || !series.pieces[j].has_value ||
                       ((series.pieces[i].kinds & series.pieces[j].kinds) != 0 && is_rival(asking, passage, &series, j, i) &&
                        !is_rival(asking, passage, &series, i, j));
        values += series.pieces[i].has_value;
        named = is_alone && named == PIECES_MAX ? i : named;
    }
    if (values < 2 || named == PIECES_MAX || !has_all_asked(asking, passage, &series, named) ||
        memmem(series.pieces[named].text.data, series.pieces[named].text.size, ". ", 2) != NULL)
        return false;
    *piece = series.pieces[named].text;
    if (named + 1 == series.count) /* with what was cut off as of all */
        piece->size = (size_t)(text.data + text.size - piece->data);
    *piece = slice_trim(*piece);
    while (piece->size > 0 && byte_among(piece->data[piece->size - 1], ".!;)"))
        piece->size--;
    return true;
}
