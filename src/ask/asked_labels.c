/* asked_labels.c - a word and the mark behind it, or a place in an order before it, tell one of several of a kind. Where another of them is told of, this one
 * is not meant.
 *
 *   "the price for zone G"       Zone | Postcodes | Price        the column has E: what is in its row is of another zone, though G stands there, too
 *                                E    | EH, G, KY | 97.00
 *   "bank rate, band 6"          Band 5: £19.82 on weekdays      another band
 *   "price of a third permit"    The second permit costs £140    another permit
 *
 * A wrong bar loses a right answer, so that little is one. Only kinds that are told apart by marks count: of "6 books" and "Android 14" the number is an amount
 * or a threshold. A range or a list that has the mark tells of it ("zones A–H", "bands 4 to 7"), in any spelling ("phase II", "the second phase"), and so does
 * what is said of others without their marks ("class 3 and up", "every further permit"). */
#include "asked_labels.h"
#include "asked_words.h"
#include "line_parts.h"
#include "span_parts.h"
#include "text/text.h"
#include <string.h>

enum {
    WORD_LEAST = 3,
    ENDING_MAX = 2,
    DIGITS_MAX = 3,
    HEAD_WORDS = 2,
    CELL_BYTES = 24,
    GAP_BYTES = 12,
    REACH = 4, /* words from the low end of a range to the high one: "row 1 up to row 9" */
    ROMAN_MAX = 39
};

/* What has marks, each word also with another ending. */
static const char kinds[] = "zone|zones|band|bands|class|classes|level|levels|tier|tiers|group|groups|edition|editions|phase|"
                            "phases|step|steps|section|sections|chapter|chapters|part|parts|ward|wards|bay|bays|room|rooms|"
                            "floor|floors|gate|gates|platform|platforms|terminal|terminals|unit|units|grade|grades|stage|"
                            "stages|category|categories|permit|permits|bracket|brackets|"
                            "zonen|tarifzone|tarifstufe|preisstufe|klasse|klassen|steuerklasse|stufe|stufen|gruppe|gruppen|"
                            "entgeltgruppe|ausgabe|auflage|phasen|schritt|abschnitt|kapitel|teil|station|raum|zimmer|stock|"
                            "etage|stockwerk|gleis|tor|kategorie|pflegegrad|"
                            "classe|niveau|groupe|édition|étape|chapitre|partie|salle|étage|quai|catégorie|"
                            "zona|zonas|clase|nivel|grupo|edición|fase|etapa|capítulo|parte|sala|planta|andén|categoría|"
                            "livello|gruppo|edizione|tappa|capitolo|stanza|piano|binario|categoria|"
                            "zones|klas|groep|editie|stap|hoofdstuk|deel|kamer|verdieping|perron|categorie";
/* A range begins or ends there, or its one end: "from zone 3", "class 3 and up", "grade 3 or higher". */
static const char thresholds[] =
    "from|over|above|under|below|until|till|to|least|than|ab|bis|über|unter|von|mindestens|desde|hasta|dès|depuis|"
    "jusqu|vanaf|tot|oltre|fino|since|beyond|behind|after|before|up|most|seit|nach|vor|höchstens|partir|od|do";
static const char joins[] = "or|and|oder|und|et|ou|o|y|e|of|en|lub|i";
static const char
    onwards[] = "newer|later|above|more|higher|up|upwards|over|older|beyond|below|lower|less|under|fewer|down|earlier|höher|"
                "höhere|höheren|höherer|mehr|neuer|älter|aufwärts|darüber|niedriger|weniger|darunter|plus|más|superior|"
                "superiores|supérieur|supérieure|supérieurs|superiore|superiori|oltre|più|hoger|meer|moins|menos|meno|lager|"
                "minder|wyżej|więcej";
/* What is said of others, or of all. */
static const char others[] =
    "further|additional|other|others|else|remaining|rest|every|each|any|all|both|everybody|everyone|weitere|weiteren|"
    "weiterer|weiteres|andere|anderen|übrige|übrigen|restliche|restlichen|jede|jeder|jedes|jeden|alle|allen|"
    "sonstige|zusätzliche|zusätzlichen|suivant|suivante|suivants|suivantes|autre|autres|chaque|tout|tous|toute|"
    "toutes|supplémentaire|supplémentaires|siguiente|siguientes|otro|otra|otros|otras|cada|todo|toda|todos|todas|"
    "demás|adicional|adicionales|altro|altra|altri|altre|ogni|tutti|tutte|successivi|successive|ulteriore|"
    "ulteriori|ander|overige|elk|elke|volgende|iedere|extra|outer|inner|upper|higher|lower|każdy|każda|każde|"
    "wszystkie|kolejny|kolejna|kolejne|inne|pozostałe";
/* Behind a mark these are counted or timed: "room 20 people" asks for the room of so many. */
static const char counted[] = "am|pm|uhr|people|persons|guests|users|members|pupils|children|students|seats|personen|leute|"
                              "gäste|kinder|schüler|plätze|personnes|personas|persone|personen";

/* ---- words ---- */

/* The word behind what was read. */
static struct slice word_behind(const struct text_words *walk)
{
    struct text_words ahead = *walk;
    struct slice word;
    (void)word_next(&ahead, &word);
    return word;
}

static bool is_letter(char byte)
{
    return byte_small(byte) >= 'a' && byte_small(byte) <= 'z';
}

static bool is_among(struct slice word, const char *alternatives)
{
    struct span_word read = word.size > 0 ? span_word_at(word, 0) : (struct span_word){0};
    return read.size > 0 && read.end == word.size && span_word_is(&read, alternatives);
}

/* "Zone", "zones": the same but for an ending. */
static bool is_same_word(struct slice a, struct slice b)
{
    size_t least = a.size < b.size ? a.size : b.size, most = a.size < b.size ? b.size : a.size;
    if (least < WORD_LEAST || most - least > ENDING_MAX)
        return false;
    for (size_t i = 0; i < least; i++)
        if (byte_small(a.data[i]) != byte_small(b.data[i]))
            return false;
    return true;
}

static struct slice between(struct slice first, struct slice second)
{
    const char *end = first.data + first.size;
    return (struct slice){end, second.data > end ? (size_t)(second.data - end) : 0};
}

static bool stand_together(struct slice first, struct slice second)
{
    return second.size > 0 && slice_equal_text(between(first, second), " ");
}

/* ---- marks ---- */

struct mark {
    char letter; /* small; 0: none */
    unsigned number; /* 0: none */
};

static unsigned place_of(struct slice word)
{
    static const char *const places[] = {
        "first|1st|erste|ersten|erster|erstes|premier|première|primero|primera|primer|primo|prima|eerste",
        "second|2nd|zweite|zweiten|zweiter|zweites|deuxième|seconde|segundo|segunda|secondo|seconda|tweede",
        "third|3rd|dritte|dritten|dritter|drittes|troisième|tercero|tercer|tercera|terzo|terza|derde",
        "fourth|4th|vierte|vierten|vierter|viertes|quatrième|cuarto|cuarta|quarto|quarta|vierde",
        "fifth|5th|fünfte|fünften|fünfter|fünftes|cinquième|quinto|quinta|vijfde",
        "sixth|6th|sechste|sechsten|sechster|sechstes|sixième|sexto|sexta|sesto|sesta|zesde"};
    char bytes[SPAN_WORD_BYTES];
    if (word.size >= sizeof(bytes))
        return 0;
    for (size_t i = 0; i < word.size; i++)
        bytes[i] = byte_small(word.data[i]);
    for (size_t i = 0; i < ARRAY_COUNT(places); i++)
        if (span_is_one_of(places[i], (struct slice){bytes, word.size}))
            return (unsigned)i + 1;
    return 0;
}

static unsigned spelled(struct slice word)
{
    static const char *const numbers[] = {
        "one|eins",
        "two|zwei|deux|dos|due|twee",
        "three|drei|trois|tres|tre|drie",
        "four|vier|quatre|cuatro|quattro",
        "five|fünf|cinq|cinco|cinque|vijf",
        "six|sechs|seis|sei|zes",
        "seven|sieben|sept|siete|sette|zeven",
        "eight|acht|huit|ocho|otto",
        "nine|neun|neuf|nueve|nove|negen",
        "ten|zehn|dix|diez|dieci|tien",
    };
    for (size_t i = 0; i < ARRAY_COUNT(numbers); i++)
        if (is_among(word, numbers[i]))
            return (unsigned)i + 1;
    return 0;
}

/* "VI"; in small letters it is a word. */
static unsigned roman(struct slice word)
{
    static const char signs[] = "IVX";
    static const unsigned values[] = {1, 5, 10};
    unsigned sum = 0, last = ROMAN_MAX;
    for (size_t i = 0; i < word.size; i++) {
        const char *sign = memchr(signs, word.data[i], sizeof(signs) - 1);
        if (sign == NULL)
            return 0;
        unsigned value = values[sign - signs];
        sum += value > last ? value - 2 * last : value;
        last = value;
    }
    return sum <= ROMAN_MAX ? sum : 0;
}

/* Few digits, a letter alone, or a number that is spelled in another way. Small vowels and "I" are words: "zone a child pays". What has decimals is mostly
 * measured. */
static struct mark mark_of(struct slice word)
{
    struct mark mark = {0};
    if (word.size == 0)
        return mark;
    if (word.size <= DIGITS_MAX && span_digits_end(word, 0) == word.size) {
        for (size_t i = 0; i < word.size; i++)
            mark.number = 10 * mark.number + (unsigned)(word.data[i] - '0');
        return mark;
    }
    mark.number = roman(word);
    if (word.size == 1 && is_letter(word.data[0]) && !byte_among(word.data[0], "aeiouyI"))
        mark.letter = byte_small(word.data[0]);
    else if (mark.number == 0)
        mark.number = place_of(word) > 0 ? place_of(word) : spelled(word);
    return mark;
}

static bool is_mark(struct mark mark)
{
    return mark.letter != 0 || mark.number > 0;
}

static bool are_same(struct mark mark, const struct label *label)
{
    return (mark.letter != 0 && mark.letter == label->letter) || (mark.number > 0 && mark.number == label->number);
}

/* Both are letters or both numbers. */
static bool are_alike(struct mark mark, const struct label *label)
{
    return label->letter != 0 ? mark.letter != 0 : mark.number > 0;
}

static bool is_range_gap(struct slice gap, struct slice kind)
{
    static const char signs[] = "-|–|—|to|bis|..|…|through|thru|till|until|up to|a|à|al|hasta|t/m|tot|do|tot en met|jusqu'à";
    struct slice rest = slice_trim(gap);
    if (kind.size > 0) /* "row 1 to row 9" */
        rest = slice_trim((struct slice){gap.data, (size_t)(kind.data - gap.data)});
    return rest.size > 0 && rest.size <= GAP_BYTES && span_is_one_of(signs, rest);
}

/* "A–F" has C, "1 to 9" has 5: the mark that was read begins a range that has the label's. */
static bool begins_range(const struct text_words *walk, struct slice first, const struct label *label)
{
    struct text_words ahead = *walk;
    struct slice word, kind = SLICE("");
    struct mark low = mark_of(first);
    for (size_t i = 0; i < REACH && word_next(&ahead, &word); i++) {
        struct mark high = mark_of(word);
        if (is_same_word(word, label->word))
            kind = word;
        if (!are_alike(high, label) || !is_range_gap(between(first, word), kind))
            continue;
        return label->letter != 0 ? label->letter >= low.letter && label->letter <= high.letter
                                  : label->number >= low.number && label->number <= high.number;
    }
    return false;
}

/* "3+", "3 and up", "3 or newer", "3 plus". */
static bool goes_onwards(const struct text_words *walk, struct slice mark)
{
    struct text_words ahead = *walk;
    struct slice word, end = {mark.data + mark.size, 0};
    size_t left = (size_t)(walk->text.data + walk->text.size - end.data);
    if (left > 0 && end.data[0] == '+')
        return true;
    if (!word_next(&ahead, &word))
        return false;
    return is_among(word, onwards) || (is_among(word, joins) && is_among(word_behind(&ahead), onwards));
}

/* ---- what is asked for ---- */

static bool is_kind(struct slice word)
{
    return word.size >= WORD_LEAST && is_among(word, kinds);
}

/* A number with a unit behind it is an amount. */
static bool is_asked_mark(struct slice question, struct slice word, struct slice behind)
{
    size_t end = (size_t)(word.data - question.data) + word.size, unit = end + span_blank_at(question, end);
    struct mark mark = mark_of(word);
    if (!is_mark(mark) || place_of(word) > 0 || spelled(word) > 0 || is_among(behind, counted)) /* "when is the section due" */
        return false;
    if (is_letter(word.data[0]))
        return end == question.size || (!byte_among(question.data[end], "'-&/") && !span_starts(question, end, "’"));
    const struct span_unit *of = span_unit_of(slice_range(question, unit, span_letters_end(question, unit)));
    return (end == question.size || !byte_among(question.data[end], "-/:%&+")) && span_currency_at(question, unit) == 0 &&
           span_share_at(question, unit) == 0 && (of == NULL || of->kind == SPAN_DURATION); /* "band 6 nights" */
}

/* ---- kinds that the passages have ---- */

/* Behind these a number is an amount, an age or a time: "seats 8", "over 18", "day 3". */
static const char unmarked[] =
    "age|aged|ages|alter|edad|âge|over|under|about|around|approximately|only|just|another|least|most|ab|bis|circa|etwa|"
    "seat|seats|sleeps|sleep|costs|cost|takes|take|fits|fit|holds|hold|carries|carry|need|needs|get|"
    "last|lasts|first|next|number|numbers|no|nr|phone|telephone|tel|fax|extension|ext|size|sizes|year|years|jahr|"
    "jahre|total|max|maximum|min|minimum|page|pages|seite|article|articles|version|versions|question|questions|book|books";

struct marks {
    struct mark first;
    size_t distinct; /* two: and more */
};

static void note_mark(struct marks *marks, struct mark mark)
{
    bool is_first = marks->distinct == 0, is_same = marks->first.letter == mark.letter && marks->first.number == mark.number;
    marks->first = is_first ? mark : marks->first;
    marks->distinct += is_first || (!is_same && marks->distinct == 1);
}

/* "150" of a text with units beside the numbers: "Torrent 150 V" counts none. */
static bool is_written_mark(struct slice text, struct slice word, bool is_letter_asked)
{
    size_t end = (size_t)(word.data - text.data) + word.size, unit = end + span_blank_at(text, end);
    struct mark mark = mark_of(word);
    if (!is_mark(mark) || place_of(word) > 0 || spelled(word) > 0 || is_letter(word.data[0]) != is_letter_asked ||
        (is_letter(word.data[0]) && word.data[0] == byte_small(word.data[0])))
        return false;
    return (end == text.size || !byte_among(text.data[end], "%&'")) && span_currency_at(text, unit) == 0 &&
           span_share_at(text, unit) == 0 && span_unit_of(slice_range(text, unit, span_letters_end(text, unit))) == NULL;
}

static void note_marks(struct slice text, struct slice kind, bool is_letter_asked, struct marks *marks)
{
    struct text_words walk = {.text = text};
    struct slice word, before = SLICE("");
    for (; word_next(&walk, &word); before = word)
        if (before.size > 0 && stand_together(before, word) && is_same_word(before, kind) &&
            is_written_mark(text, word, is_letter_asked))
            note_mark(marks, mark_of(word));
}

/* Two of it are told apart by marks as the one that is asked of has. */
static bool is_learned_kind(struct asking *asking, struct slice word, struct slice mark)
{
    struct span_word read = span_word_at(word, 0);
    struct marks marks = {0};
    bool is_letter_asked = is_letter(mark.data[0]),
         is_model = slice_equal_text(word, "the") && mark.size == DIGITS_MAX; /* "the 777" */
    if (word.size < WORD_LEAST || read.size == 0 || (span_is_function_word(&read) && !is_model) ||
        span_word_is(&read, unmarked) || span_is_month(&read) || span_unit_of(word) != NULL ||
        (is_letter_asked && mark.data[0] == byte_small(mark.data[0])))
        return false;
    for (size_t i = 0; i < asking->passage_count && marks.distinct < 2; i++) {
        const struct ask_passage *passage = &asking->passages[i];
        note_marks(text_above(asking, passage), word, is_letter_asked, &marks);
        for (size_t j = 0; j < passage->sentence_count && marks.distinct < 2; j++)
            note_marks(passage->sentences[j].text, word, is_letter_asked, &marks);
    }
    return marks.distinct > 1;
}

bool is_mark_of_name(struct asking *asking, struct slice line, struct slice digits)
{
    size_t start = digits.data >= line.data && digits.data < line.data + line.size ? (size_t)(digits.data - line.data) : 0;
    struct span_word before = span_word_before(line, start, NULL);
    if (before.size == 0 || before.end + 1 != start || span_digits_end(digits, 0) != digits.size ||
        line.data[before.start] == byte_small(line.data[before.start]))
        return false;
    return is_learned_kind(asking, slice_range(line, before.start, before.end), digits);
}

/* "the third car permit": the word behind the one that the place stands before. */
static struct slice placed_behind(const struct text_words *walk, struct slice next)
{
    struct span_word read = span_word_at(next, 0);
    struct slice kind = word_behind(walk);
    return read.size > 0 && !span_is_function_word(&read) && stand_together(next, kind) ? kind : SLICE("");
}

/* `learned`: decides of other words whether they are kinds; NULL: none is. */
static struct labels find_labels(struct slice question, struct asking *learned)
{
    struct labels labels = {0};
    struct text_words walk = {.text = question};
    struct slice word, next;
    for (bool is_there = word_next(&walk, &word); is_there && labels.count < LABELS_MAX; word = next) {
        is_there = word_next(&walk, &next);
        if (!stand_together(word, next))
            continue;
        struct mark mark = mark_of(next);
        bool is_kind_here = is_kind(word) || (learned != NULL && is_mark(mark) && is_learned_kind(learned, word, next));
        if (is_kind_here && is_asked_mark(question, next, word_behind(&walk)))
            labels.items[labels.count++] = (struct label){.word = word, .letter = mark.letter, .number = mark.number};
        else if (place_of(word) > 0) {
            struct slice kind = is_kind(next) ? next : placed_behind(&walk, next);
            if (is_kind(kind))
                labels.items[labels.count++] = (struct label){.word = kind, .number = place_of(word)};
        }
    }
    return labels;
}

struct labels labels_find(struct slice question)
{
    return find_labels(question, NULL);
}

struct labels labels_asked(struct asking *asking)
{
    return find_labels(asking->answer->asked, asking);
}

/* ---- what a text tells ---- */

struct telling {
    bool has, has_other;
    bool has_kind; /* of a text without the word, "6" may be 6 of anything */
};

/* It names one of the kind, and not the label's: "Band 5", "the second permit", "the second car permit". */
static bool is_another(const struct label *label, const struct text_words *walk, struct slice before, struct slice word)
{
    struct text_words ahead = *walk;
    struct slice behind;
    struct mark mark = mark_of(word);
    bool is_word = word.size == 1 &&
                   (word.data[0] == 'I' || (is_letter(word.data[0]) && word.data[0] == byte_small(word.data[0])));
    if (!are_alike(mark, label) || are_same(mark, label) || is_word || spelled(word) > 0)
        return false;
    bool is_place = place_of(word) > 0 && word_next(&ahead, &behind) && stand_together(word, behind) &&
                    (is_same_word(behind, label->word) || is_same_word(placed_behind(&ahead, behind), label->word));
    return is_place ||
           (place_of(word) == 0 && before.size > 0 && is_same_word(before, label->word) && stand_together(before, word));
}

static void read_text(const struct label *label, struct slice text, bool is_cell, struct telling *telling)
{
    struct text_words walk = {.text = text};
    struct slice word, before = SLICE(""), earlier = SLICE("");
    for (; word_next(&walk, &word); earlier = before, before = word) {
        struct mark mark = mark_of(word);
        bool is_kind_here = is_same_word(word, label->word);
        telling->has_kind = telling->has_kind || is_kind_here;
        telling->has = telling->has || is_among(word, others);
        if (!are_alike(mark, label))
            continue;
        bool is_behind = is_same_word(before, label->word);
        telling->has = telling->has || are_same(mark, label) || begins_range(&walk, word, label) ||
                       ((is_behind || is_cell) && goes_onwards(&walk, word)) || (is_behind && is_among(earlier, thresholds));
        telling->has_other = telling->has_other || (is_cell && !are_same(mark, label)) ||
                             is_another(label, &walk, before, word);
    }
}

/* A head that is the word, with one beside it at the most and no number: "Zone", "Band no." */
static bool is_head_of(const struct label *label, struct slice head)
{
    struct text_words walk = {.text = head};
    struct slice word;
    size_t count = 0;
    bool is_one = false;
    for (size_t i = 0; i < head.size; i++)
        if (span_is_digit(head, i))
            return false;
    for (; word_next(&walk, &word); count++)
        is_one = is_one || is_same_word(word, label->word);
    return is_one && count <= HEAD_WORDS;
}

/* Marks, the word, and what parts them or joins them to a range; "> 3.0" and "24 h" are measured. */
static bool is_cell_of_marks(const struct label *label, struct slice cell)
{
    struct text_words walk = {.text = cell};
    struct slice word;
    size_t count = 0;
    for (; word_next(&walk, &word); count++)
        if (!is_mark(mark_of(word)) && !(word.size == 1 && is_letter(word.data[0])) && !is_same_word(word, label->word))
            return false;
    for (size_t i = 0; i < cell.size; i++)
        if (byte_among(cell.data[i], "<>=%~.") || span_starts(cell, i, "≤") || span_starts(cell, i, "≥"))
            return false;
    return count > 0 && cell.size <= CELL_BYTES;
}

/* The cell below a head of that word tells, whatever else stands in the row. */
static bool read_cell(const struct label *label, struct slice head, struct slice text, struct telling *telling)
{
    struct line_part parts[CELLS_MAX];
    bool is_row = head.size > 0 || line_has_bar(text);
    size_t count = is_row ? line_row_parts(text, head, parts) : 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_head_of(label, parts[i].head) || !is_cell_of_marks(label, parts[i].text))
            continue;
        read_text(label, parts[i].text, true, telling);
        if (telling->has || telling->has_other)
            return true;
    }
    return false;
}

enum label_telling labels_told(const struct labels *labels, struct slice head, struct slice text, struct slice above)
{
    enum label_telling told = labels->count > 0 ? LABEL_TOLD : LABEL_NONE;
    for (size_t i = 0; i < labels->count; i++) {
        const struct label *label = &labels->items[i];
        struct telling telling = {0}, of_head = {0};
        if (!read_cell(label, head, text, &telling)) {
            read_text(label, text, false, &telling);
            read_text(label, above, false, &telling);
            read_text(label, head, false, &of_head);
            bool is_column = of_head.has && of_head.has_other; /* "Class A", "Class B": columns are told apart, not rows */
            telling.has = is_column || (telling.has && (telling.has_kind || of_head.has_kind));
            telling.has_other = telling.has_other || of_head.has_other; /* "Borealis 6", "Borealis 9" */
        }
        if (telling.has_other && !telling.has)
            return LABEL_ANOTHER;
        told = telling.has ? told : LABEL_UNTOLD;
    }
    return told;
}

enum label_telling labels_told_at(struct asking *asking, const struct labels *labels, size_t passage, size_t sentence,
                                  struct slice head)
{
    const struct ask_passage *place = &asking->passages[passage];
    return labels_told(labels, head, place->sentences[sentence].text, text_above(asking, place));
}
