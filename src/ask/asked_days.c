/* asked_days.c - what is told of days of the week, in a series of them, and whether it is of the day that is asked for.
 *
 *   Mon–Thu 8:00–17:00, Fri 8:00–13:00, closed on Sundays         days, then what holds:   │ days value │ days value │
 *   8:00–17:00 from Monday to Thursday, 8:00–13:00 on Friday      the other way round:     │ value days │ value days │
 *
 * A series where one has no value of its own, and a line with "every day", "other days" or "except", tells nothing for sure. */
#include "asked_days.h"
#include "line_parts.h"
#include "span_parts.h"
#include <string.h>

enum { DAYS = 7, BLOCKS_MAX = 24, WEEKEND = 3U << 5, WORKDAYS = (1U << 5) - 1, SMALL_WORDS_MOST = 2 };

static const char *const day_names[DAYS] = {
    "monday|mondays|montag|montags|lundi|lundis|lunes|lunedì|maandag|maandags|segunda",
    "tuesday|tuesdays|dienstag|dienstags|mardi|mardis|martes|martedì|dinsdag|dinsdags|terça",
    "wednesday|wednesdays|mittwoch|mittwochs|mercredi|mercredis|miércoles|mercoledì|woensdag|woensdags|quarta",
    "thursday|thursdays|donnerstag|donnerstags|jeudi|jeudis|jueves|giovedì|donderdag|donderdags|quinta",
    "friday|fridays|freitag|freitags|vendredi|vendredis|viernes|venerdì|vrijdag|vrijdags|sexta",
    "saturday|saturdays|samstag|samstags|sonnabend|sonnabends|samedi|samedis|sábado|sábados|sabato|zaterdag|zaterdags",
    "sunday|sundays|sonntag|sonntags|dimanche|dimanches|domingo|domingos|domenica|zondag|zondags"};
static const char *const short_names[DAYS] = {
    "Mon|Mo|lun", "Tues|Tue|Di|mar", "Wed|Mi|mer", "Thurs|Thur|Thu|Do|jeu",
    "Fri|Fr|ven", "Sat|Sa|sam",      "Sun|So|dim"}; /* in small letters with a full stop */
static const char weekends[] = "weekend|weekends|wochenende|wochenenden", workdays[] = "weekday|weekdays|werktags|wochentags";

static const char to[] = "–|-| – | - | to | through | till | until | bis | au | à | a | al | t/m | tot en met | tot | até a ";
static const char with[] = ", and |, und |, | and | & | und | et | y | e | en |/| + | or | oder ";
static const char articles[] = "on |los |las |el |le |les |the |am |im |den |il |la |op |de |à |a |at ";
static const char
    closed[] = "closed|geschlossen|ruhetag|fermé|fermée|fermés|cerrado|cerrada|chiuso|chiusa|gesloten|fechado|fechada";
static const char
    unclear[] = "except|excluding|apart|unless|daily|every|other|others|otherwise|rest|außer|ausgenommen|täglich|"
                "jeden|übrigen|übrige|sonst|sauf|excepté|tous|autres|quotidien|excepto|salvo|todos|demás|resto|tranne|"
                "eccetto|ogni|altri|behalve|dagelijks|overige|anders|all|alle|not|nicht";

/* ---- days ---- */

/* Of the short names that are words too, only those with a day or an hour right behind them. */
static bool tells_short(struct slice text, size_t start, size_t end)
{
    bool has_stop = span_starts(text, end, ".");
    if (text.data[start] >= 'a' && !has_stop)
        return false;
    size_t at = end + has_stop + span_starts(text, end, ":");
    size_t sign = span_one_at(text, at, to);
    at += sign > 0 ? sign : span_one_at(text, at, with);
    at += span_blank_at(text, at);
    struct span_word word = span_word_at(text, at);
    for (size_t i = 0; i < DAYS; i++)
        if (span_is_one_of(short_names[i], slice_range(text, word.start, word.end)) || span_word_is(&word, day_names[i]))
            return true;
    return span_is_digit(text, at);
}

/* The day at `at`: its bits, and where it ends. `is_joined`: to one before it. */
static unsigned day_at(struct slice text, size_t at, bool is_joined, size_t *end)
{
    struct span_word word = span_word_at(text, at);
    if (word.size == 0 || span_letter_before(text, at))
        return 0;
    *end = word.end;
    if (span_word_is(&word, weekends) || span_word_is(&word, workdays))
        return span_word_is(&word, weekends) ? WEEKEND : WORKDAYS;
    for (size_t i = 0; i < DAYS; i++) {
        if (span_word_is(&word, day_names[i])) {
            *end += span_one_at(text, word.end, "-feira");
            return 1U << i;
        }
        if (span_is_one_of(short_names[i], slice_range(text, word.start, word.end)) &&
            (is_joined || tells_short(text, at, word.end))) {
            *end += span_starts(text, word.end, ".");
            return 1U << i;
        }
    }
    return 0;
}

static unsigned from_to(unsigned first, unsigned last)
{
    unsigned days = first;
    for (unsigned day = first; day != last && (first & (first - 1)) == 0 && (last & (last - 1)) == 0;) {
        day = day == 1U << (DAYS - 1) ? 1U : day << 1;
        days |= day;
    }
    return days | last;
}

/* "Monday to Thursday and Saturday". `is_sure`: a short name stands for a day there, "Sun". */
static unsigned group_read(struct slice text, size_t at, bool is_sure, size_t *end)
{
    unsigned days = day_at(text, at, is_sure, end), last = days;
    while (days != 0) {
        size_t range = span_one_at(text, *end, to), next = *end + (range > 0 ? range : span_one_at(text, *end, with)), behind;
        if (next == *end)
            break;
        next += span_one_at(text, next, articles);
        unsigned more = day_at(text, next, true, &behind);
        if (more == 0)
            break;
        days |= range > 0 ? from_to(last, more) : more;
        last = more;
        *end = behind;
    }
    return days;
}

static unsigned group_at(struct slice text, size_t at, size_t *end)
{
    return group_read(text, at, false, end);
}

/* The next group of days from `*at` on, which goes behind it: its days, 0 at the end; `*start`: where it begins. */
static unsigned next_group(struct slice text, size_t *at, size_t *start)
{
    while (*at < text.size) {
        size_t end;
        unsigned days = group_at(text, *at, &end);
        *start = *at;
        if (days == 0)
            end = span_letters_end(text, *at);
        *at = end == *at ? *at + 1 : end;
        if (days != 0)
            return days;
    }
    return 0;
}

bool days_alone(struct slice text)
{
    size_t end;
    return group_at(text, 0, &end) != 0 && end == text.size;
}

unsigned days_asked(struct slice question)
{
    static const char before[] = "on|at|every|open|opens|close|closes|closed|am|an|geöffnet|offen|le|les|el|los|op|il|la|di|"
                                 "na|no|aos|ouvert|ouverte|abierto|abierta|aperto|aperta|geopend|a|the|het|in";
    unsigned days = 0, group;
    for (size_t end = 0, at; (group = next_group(question, &end, &at)) != 0;) {
        struct span_word word = span_word_before(question, at, NULL), day = span_word_at(question, at);
        struct span_word next = span_word_at(question, end + span_blank_at(question, end));
        bool is_adverb = day.size > 4 && day.bytes[day.size - 1] == 's' &&
                         !span_word_is(&word, "for|by|until|before|after|from");
        bool is_thing = span_word_is(&word, "the|a|het") && next.size > 0 && !span_is_function_word(&next) &&
                        (group & (group - 1)) == 0; /* "the Friday market" */
        if ((!span_word_is(&word, before) && !is_adverb && at > 0) || is_thing || days != 0)
            return 0;
        days = group;
    }
    return days;
}

/* ---- columns and rows of a timetable ---- */

/* Of one group of days the question has, wherever it stands: "the first Sunday ferry". */
static unsigned days_named(struct slice question)
{
    unsigned days = 0, group;
    for (size_t end = 0, at; (group = next_group(question, &end, &at)) != 0;) {
        struct span_word word = span_word_before(question, at, NULL);
        if (days != 0 ||
            span_word_is(&word, "before|after|until|till|by|since|vor|nach|bis|avant|après|antes|después|prima|dopo|voor|na"))
            return 0;
        days = group;
    }
    return days;
}

bool days_are_named(struct slice question, struct slice text)
{
    size_t end;
    return (group_read(text, 0, true, &end) & days_named(question)) != 0;
}

bool days_are_rival(struct slice question, struct slice mine, struct slice other)
{
    size_t end;
    unsigned asked = days_named(question), own = asked != 0 ? group_read(mine, 0, true, &end) : 0;
    return own != 0 && (own & asked) == 0 && (group_read(other, 0, true, &end) & asked) != 0;
}

struct slice days_leading(struct arena *arena, struct slice line, enum text_language language)
{
    size_t end, skipped = language == LANGUAGE_GERMAN ? 2 : 0; /* of the names in day_names */
    unsigned days = group_read(line, 0, line_has_bar(line), &end);
    const char *names = "";
    for (size_t i = 0; i < DAYS; i++) {
        struct slice rest = slice_from(day_names[i]), name = SLICE("");
        for (size_t j = 0; j <= skipped; j++)
            (void)slice_next(&rest, '|', &name);
        if ((days & (1U << i)) != 0)
            names = arena_format(arena, "%s" SLICE_FORMAT " ", names, SLICE_ARGUMENT(name));
    }
    return slice_from(names);
}

/* ---- what holds on them ---- */

struct block {
    size_t start, end;
    unsigned days; /* 0: a value */
    bool is_whole; /* "closed on Sundays": both */
};

struct blocks {
    struct block items[BLOCKS_MAX];
    size_t count;
    bool is_unclear;
};

/* "closed on Sundays", at the word: where the days end; 0: none follow. */
static unsigned closed_days(struct slice line, size_t at, size_t *end)
{
    size_t next = span_letters_end(line, at);
    for (size_t i = 0; i <= SMALL_WORDS_MOST; i++) {
        next += span_blank_at(line, next);
        unsigned days = group_at(line, next, end);
        struct span_word word = span_word_at(line, next);
        if (days != 0 || word.size == 0 || !span_is_function_word(&word))
            return days;
        next = word.end;
    }
    return 0;
}

static void add_block(struct blocks *blocks, struct block block)
{
    struct block *last = blocks->count > 0 ? &blocks->items[blocks->count - 1] : NULL;
    if (last != NULL && last->days == 0 && block.days == 0)
        last->end = block.end;
    else if (blocks->count < BLOCKS_MAX)
        blocks->items[blocks->count++] = block;
    else
        blocks->is_unclear = true;
}

static void read_blocks(struct slice line, struct blocks *blocks)
{
    *blocks = (struct blocks){0};
    for (size_t at = 0, end; at < line.size; at = end == at ? at + 1 : end) {
        struct span_word word = span_word_at(line, at);
        unsigned days = group_at(line, at, &end);
        if (days != 0) {
            add_block(blocks, (struct block){at, end, days, false});
            continue;
        }
        end = word.size > 0 ? span_letters_end(line, at) : span_digits_end(line, at);
        blocks->is_unclear = blocks->is_unclear || span_word_is(&word, unclear);
        if (span_word_is(&word, closed)) {
            days = closed_days(line, at, &end);
            end = days != 0 ? end : span_letters_end(line, at);
            add_block(blocks, (struct block){at, end, days, days != 0});
        } else if (word.size == 0 && end > at) {
            add_block(blocks, (struct block){at, end, 0, false});
        }
    }
}

/* The days that hold for what stands at `at`; 0: that is not plain. */
static unsigned days_of(const struct blocks *blocks, size_t at)
{
    size_t first = 0;
    while (first < blocks->count && blocks->items[first].is_whole)
        first++;
    bool is_days_first = first < blocks->count && blocks->items[first].days != 0;
    unsigned found = 0;
    for (size_t i = 0; i < blocks->count; i++) {
        const struct block *block = &blocks->items[i], *next = i + 1 < blocks->count ? &blocks->items[i + 1] : NULL;
        if (block->is_whole) {
            found = at >= block->start && at < block->end ? block->days : found;
            continue;
        }
        if (next == NULL || next->is_whole || (block->days != 0) != is_days_first || (next->days == 0) != is_days_first)
            return 0;
        bool is_here = at >= block->start && at < next->end;
        found = is_here ? block->days | next->days : found;
        i++;
    }
    return found;
}

static unsigned all_days(const struct blocks *blocks)
{
    unsigned all = 0;
    for (size_t i = 0; i < blocks->count; i++)
        all |= blocks->items[i].days;
    return all;
}

bool days_are_told(unsigned asked, struct slice line)
{
    struct blocks blocks;
    bool has_value = false;
    read_blocks(line, &blocks);
    for (size_t i = 0; i < blocks.count; i++)
        has_value = has_value || blocks.items[i].days == 0 || blocks.items[i].is_whole;
    return has_value && (all_days(&blocks) & asked) != 0;
}

bool days_are_others(unsigned asked, struct slice line, struct slice part)
{
    struct blocks blocks;
    if (asked == 0 || part.size == 0 || part.data < line.data || part.data >= line.data + line.size)
        return false;
    read_blocks(line, &blocks);
    unsigned all = all_days(&blocks);
    bool tells = false; /* the part has a value */
    size_t start = (size_t)(part.data - line.data), last = start + part.size - 1;
    for (size_t i = 0; i < blocks.count; i++)
        tells = tells || ((blocks.items[i].days == 0 || blocks.items[i].is_whole) && blocks.items[i].start <= last &&
                          blocks.items[i].end > start);
    if (blocks.is_unclear || all == 0 || !tells)
        return false;
    if ((all & asked) == 0)
        return true;
    unsigned held = days_of(&blocks, start) | days_of(&blocks, last);
    return held != 0 && (held & asked) == 0;
}
