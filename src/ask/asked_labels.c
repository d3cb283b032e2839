/* asked_labels.c - a word and the mark behind it, or a place in an order before it, tell one of several of a kind. Where another of them is told of, this one
 * is not meant.
 *
 *   "the price for zone G"       Zone | Postcodes | Price        the column has E: what is in its row is of another zone, though G stands there, too
 *                                E    | EH, G, KY | 97.00
 *   "bank rate, band 6"          Band 5: £19.82 on weekdays      another band
 *   "price of a third permit"    The second permit costs £140    another permit
 *
 * A range or a list that has the mark tells of it ("zones A–H", "bands 5 and 6"), and so does any other place of the line that does. */
#include "asked_labels.h"
#include "line_parts.h"
#include "span_parts.h"
#include "text/text.h"
#include <string.h>

enum {
    WORDS_MAX = 96,
    LABELS_MAX = 4,
    WORD_LEAST = 3,
    ENDING_MAX = 2,
    DIGITS_MAX = 4,
    HEAD_WORDS = 2,
    CELL_BYTES = 24,
    DASH_BYTES = 5
};

struct label {
    struct slice word;
    struct slice mark; /* empty: it is told by its place */
    size_t place; /* "third": 3 */
};

/* Behind these a number is an amount, an age or a time. */
static const char amounts[] = "over|under|above|below|than|least|most|about|around|only|max|maximum|min|minimum|cost|costs|"
                              "costing|pay|pays|paid|earn|get|gets|take|takes|need|needs|want|wants|have|has|had|with|after|"
                              "before|until|from|every|per|plus|times|age|aged|ages|old|year|years|month|months|week|weeks|"
                              "day|days|hour|hours|minute|minutes|alter|jahre|jahr|tag|tage|monat|monate|über|unter|ab|bis|"
                              "von|seit|nach|vor|mindestens|höchstens|kostet|kosten|moins|ans|jours|mois|coûte|coûtent|más|"
                              "menos|años|días|cuesta|cuestan|anni|giorni|costa|jaar|dagen|kost|vanaf|just|exactly|within";
/* Before the word: no label but where a range begins. */
static const char thresholds[] =
    "from|over|above|under|below|until|till|to|least|than|ab|bis|über|unter|von|mindestens|desde|hasta|dès|depuis|"
    "jusqu|vanaf|tot|oltre|fino";

/* ---- words ---- */

static size_t words_of(struct slice text, struct slice words[WORDS_MAX])
{
    struct text_words walk = {.text = text};
    struct slice word;
    bool is_word;
    size_t count = 0;
    while (count < WORDS_MAX && text_words_next(&walk, &word, &is_word))
        if (is_word)
            words[count++] = word;
    return count;
}

static char small(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
}

static bool is_letter(char byte)
{
    return small(byte) >= 'a' && small(byte) <= 'z';
}

/* "Zone", "zones": the same but for an ending. */
static bool is_same_word(struct slice a, struct slice b)
{
    size_t least = a.size < b.size ? a.size : b.size, most = a.size < b.size ? b.size : a.size;
    if (least < WORD_LEAST || most - least > ENDING_MAX)
        return false;
    for (size_t i = 0; i < least; i++)
        if (small(a.data[i]) != small(b.data[i]))
            return false;
    return true;
}

static size_t place_of(struct slice word)
{
    static const char *const places[] = {
        "first|1st|erste|ersten|erster|erstes|premier|première|primero|primera|primo|prima|eerste",
        "second|2nd|zweite|zweiten|zweiter|zweites|deuxième|second|seconde|segundo|segunda|secondo|seconda|tweede",
        "third|3rd|dritte|dritten|dritter|drittes|troisième|tercero|tercer|tercera|terzo|terza|derde",
        "fourth|4th|vierte|vierten|vierter|viertes|quatrième|cuarto|cuarta|quarto|quarta|vierde",
        "fifth|5th|fünfte|fünften|fünfter|fünftes|cinquième|quinto|quinta|vijfde",
        "sixth|6th|sechste|sechsten|sechster|sechstes|sixième|sexto|sexta|sesto|sesta|zesde"};
    char bytes[SPAN_WORD_BYTES];
    if (word.size >= sizeof(bytes))
        return 0;
    for (size_t i = 0; i < word.size; i++)
        bytes[i] = small(word.data[i]);
    for (size_t i = 0; i < ARRAY_COUNT(places); i++)
        if (span_is_one_of(places[i], (struct slice){bytes, word.size}))
            return i + 1;
    return 0;
}

/* Few digits, or a letter alone; what has decimals is mostly measured. */
static bool is_mark(struct slice word)
{
    if (word.size == 1 && is_letter(word.data[0]))
        return true;
    return word.size > 0 && word.size <= DIGITS_MAX && span_digits_end(word, 0) == word.size && !span_is_year(word);
}

static bool are_alike(struct slice a, struct slice b)
{
    return is_letter(a.data[0]) == is_letter(b.data[0]);
}

static bool is_same_mark(struct slice a, struct slice b)
{
    while (a.size > 1 && a.data[0] == '0')
        a = slice_range(a, 1, a.size);
    while (b.size > 1 && b.data[0] == '0')
        b = slice_range(b, 1, b.size);
    bool same = a.size == b.size;
    for (size_t i = 0; i < a.size && same; i++)
        same = small(a.data[i]) == small(b.data[i]);
    return same;
}

static struct slice between(struct slice first, struct slice second)
{
    const char *end = first.data + first.size;
    return (struct slice){end, second.data > end ? (size_t)(second.data - end) : 0};
}

static bool is_dash(struct slice gap)
{
    gap = slice_trim(gap);
    return gap.size > 0 && gap.size <= DASH_BYTES && (span_is_one_of("-|–|—|to|bis|..|…", gap));
}

/* "A–F" has C, "1–9" has 5. */
static bool lies_between(struct slice mark, struct slice low, struct slice high)
{
    if (!are_alike(mark, low) || !are_alike(mark, high))
        return false;
    if (is_letter(mark.data[0]))
        return small(mark.data[0]) >= small(low.data[0]) && small(mark.data[0]) <= small(high.data[0]);
    return mark.size >= low.size && mark.size <= high.size &&
           (mark.size > low.size || memcmp(mark.data, low.data, mark.size) >= 0) &&
           (mark.size < high.size || memcmp(mark.data, high.data, mark.size) <= 0);
}

/* ---- what is asked for ---- */

static bool is_kind(struct slice word)
{
    struct span_word read = span_word_at(word, 0);
    return word.size >= WORD_LEAST && read.size > 0 && span_letters_end(word, 0) == word.size &&
           !span_is_function_word(&read) && !span_word_is(&read, amounts) && !span_is_month(&read) && place_of(word) == 0;
}

/* A number with a unit behind it is an amount, and "a" is mostly a word. */
static bool is_asked_mark(struct slice question, struct slice mark)
{
    static const char vowels[] = "aeiouyI";
    size_t end = (size_t)(mark.data - question.data) + mark.size, unit = end + span_blank_at(question, end);
    if (!is_mark(mark) || (mark.size == 1 && byte_among(mark.data[0], vowels)))
        return false;
    if (is_letter(mark.data[0]))
        return end == question.size || !byte_among(question.data[end], "'-&/");
    const struct span_unit *of = span_unit_of(slice_range(question, unit, span_letters_end(question, unit)));
    return (end == question.size || !byte_among(question.data[end], "-/:%&+")) && span_currency_at(question, unit) == 0 &&
           span_share_at(question, unit) == 0 && (of == NULL || of->kind == SPAN_DURATION); /* "band 6 nights" */
}

static size_t labels_find(struct slice question, struct label labels[LABELS_MAX])
{
    struct slice words[WORDS_MAX];
    size_t count = words_of(question, words), found = 0;
    for (size_t i = 0; i + 1 < count && found < LABELS_MAX; i++) {
        if (!slice_equal_text(between(words[i], words[i + 1]), " "))
            continue;
        if (is_kind(words[i]) && is_asked_mark(question, words[i + 1]))
            labels[found++] = (struct label){.word = words[i], .mark = words[i + 1]};
        else if (place_of(words[i]) > 0 && is_kind(words[i + 1]))
            labels[found++] = (struct label){.word = words[i + 1], .place = place_of(words[i])};
    }
    return found;
}

/* ---- what a text tells ---- */

struct telling {
    bool has, has_other;
};

static void read_marks(const struct label *label, const struct slice *words, size_t count, bool is_cell,
                       struct telling *telling)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_mark(words[i]) || !are_alike(words[i], label->mark))
            continue;
        bool is_same = is_same_mark(words[i], label->mark);
        bool is_range = i + 1 < count && is_mark(words[i + 1]) && is_dash(between(words[i], words[i + 1]));
        bool is_behind = i > 0 && is_same_word(words[i - 1], label->word) && between(words[i - 1], words[i]).size == 1;
        struct span_word before = i > 1 ? span_word_at(words[i - 2], 0) : (struct span_word){0};
        telling->has = telling->has || is_same || (is_range && lies_between(label->mark, words[i], words[i + 1]));
        telling->has_other = telling->has_other || (!is_same && (is_cell || (is_behind && !span_word_is(&before, thresholds))));
    }
}

static void read_places(const struct label *label, const struct slice *words, size_t count, struct telling *telling)
{
    for (size_t i = 0; i + 1 < count; i++) {
        size_t place = place_of(words[i]);
        telling->has = telling->has || place == label->place;
        telling->has_other = telling->has_other ||
                             (place > 0 && place != label->place && is_same_word(words[i + 1], label->word));
    }
}

static void read_text(const struct label *label, struct slice text, bool is_cell, struct telling *telling)
{
    struct slice words[WORDS_MAX];
    size_t count = words_of(text, words);
    if (label->place > 0)
        read_places(label, words, count, telling);
    else
        read_marks(label, words, count, is_cell, telling);
}

/* A head that is the word, with one beside it at the most and no number: "Zone", "Band no." */
static bool is_head_of(const struct label *label, struct slice head)
{
    struct slice words[WORDS_MAX];
    size_t count = words_of(head, words);
    bool is_one = false;
    for (size_t i = 0; i < head.size; i++)
        if (span_is_digit(head, i))
            return false;
    for (size_t i = 0; i < count && count <= HEAD_WORDS; i++)
        is_one = is_one || is_same_word(words[i], label->word);
    return is_one;
}

/* Marks, the word, and what parts them or joins them to a range; "> 3.0" and "24 h" are measured. */
static bool is_cell_of_marks(const struct label *label, struct slice cell)
{
    struct slice words[WORDS_MAX];
    size_t count = words_of(cell, words);
    for (size_t i = 0; i < count; i++)
        if (!is_mark(words[i]) && !is_same_word(words[i], label->word))
            return false;
    for (size_t i = 0; i < cell.size; i++)
        if (byte_among(cell.data[i], "<>=%+~.") || span_starts(cell, i, "≤") || span_starts(cell, i, "≥"))
            return false;
    return count > 0 && cell.size <= CELL_BYTES;
}

/* The cell below a head of that word tells, whatever else stands in the row. */
static bool read_cell(const struct label *label, struct slice head, struct slice text, struct telling *telling)
{
    struct line_part parts[CELLS_MAX];
    bool is_row = head.size > 0 || line_has_bar(text);
    size_t count = is_row && label->place == 0 ? line_row_parts(text, head, parts) : 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_head_of(label, parts[i].head) || !is_cell_of_marks(label, parts[i].text))
            continue;
        read_text(label, parts[i].text, true, telling);
        if (telling->has || telling->has_other)
            return true;
    }
    return false;
}

/* Of a text without the word, "6" may be 6 of anything. */
static bool has_kind(const struct label *label, struct slice text)
{
    struct slice words[WORDS_MAX];
    size_t count = words_of(text, words);
    for (size_t i = 0; i < count; i++)
        if (is_same_word(words[i], label->word))
            return true;
    return false;
}

enum label_telling labels_told(struct slice question, struct slice head, struct slice text, struct slice above)
{
    struct label labels[LABELS_MAX];
    size_t count = labels_find(question, labels);
    enum label_telling told = count > 0 ? LABEL_TOLD : LABEL_NONE;
    for (size_t i = 0; i < count; i++) {
        struct telling telling = {0};
        if (!read_cell(&labels[i], head, text, &telling)) {
            read_text(&labels[i], text, false, &telling);
            read_text(&labels[i], above, false, &telling);
            telling.has = telling.has &&
                          (has_kind(&labels[i], text) || has_kind(&labels[i], above) || has_kind(&labels[i], head));
        }
        if (telling.has_other && !telling.has)
            return LABEL_ANOTHER;
        told = telling.has ? told : LABEL_UNTOLD;
    }
    return told;
}

enum label_telling labels_told_at(struct asking *asking, size_t passage, size_t sentence, struct slice head)
{
    const struct ask_passage *place = &asking->passages[passage];
    return labels_told(asking->answer->asked, head, place->sentences[sentence].text, text_above(asking, place));
}
