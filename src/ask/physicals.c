/* physicals.c - by words: "how heavy", and behind numbers "kg". Those of English, some of German, French and Spanish. */
#include "physicals.h"
#include "span_parts.h"
#include <string.h>

struct physical_words {
    const char *asked, *units;
    unsigned asked_for, unit;
};

static const struct physical_words physicals[] = {
    {"temperature|temperatures|hot|cold|warm|temperatur|heiß|kalt|température", "degrees|degree|grad|K", PHYSICAL_HEAT,
     PHYSICAL_HEAT},
    {"heavy|weigh|weighs|weight|schwer|wiegt|gewicht|poids|pèse|pesa|peso", "kg|g|mg|t|lb|lbs|oz|pounds|grams|kilograms|tonnes",
     PHYSICAL_MASS, PHYSICAL_MASS},
    {"litre|litres|liter|liters|volume|volumen", "l|ml|cl|L|litre|litres|liter|liters", PHYSICAL_VOLUME, PHYSICAL_VOLUME},
    {"tall|wide|width|height|deep|depth|thick|distance|breit|tief", "mm|cm|m|km|inch|inches|ft|feet|miles|metres|meters",
     PHYSICAL_LENGTH, PHYSICAL_LENGTH},
    {"long|lange|lang", "", PHYSICAL_TIME | PHYSICAL_LENGTH, 0},
    {"often|soon|old|when|wann|oft|alt",
     "s|sec|min|h|hrs|hr|minutes|minute|hours|hour|days|day|weeks|week|months|month|years|year", PHYSICAL_TIME, PHYSICAL_TIME},
};

/* The physicals that words of the text tell: what is asked for, or behind numbers the units. */
static unsigned physical_of(struct slice text, bool of_units)
{
    enum { NAMED_BYTES = 4 };
    unsigned found = 0;
    for (size_t at = 0; at < text.size; at++) {
        bool is_behind = at > 0 &&
                         (span_is_digit(text, at - 1) || (text.data[at - 1] == ' ' && at > 1 && span_is_digit(text, at - 2)));
        if ((at > 0 && span_letter_before(text, at)) || (of_units && !is_behind))
            continue;
        struct slice word = slice_range(text, at, span_letters_end(text, at));
        for (size_t i = 0; i < ARRAY_COUNT(physicals); i++) {
            const struct physical_words *known = &physicals[i];
            bool is_named = !of_units && word.size >= NAMED_BYTES && span_is_one_of(known->units, word); /* "how many weeks" */
            if (word.size > 0 && span_is_one_of(of_units ? known->units : known->asked, word))
                found |= of_units ? known->unit : known->asked_for;
            else if (is_named)
                found |= known->unit;
        }
        if (of_units && span_starts(text, at, "°"))
            found |= PHYSICAL_HEAT;
    }
    return found;
}

/* "How long do they take?", and not "how long does the rope have to be?"; how long a thing "has to be in the ground" is doubtful. */
static bool asks_how_long_it_takes(struct slice question)
{
    struct span_word words[3] = {0}; /* the newest first */
    bool is_time = false, has_to_be = false;
    for (size_t at = 0, end; at < question.size; at = end == at ? at + 1 : end) {
        end = span_letters_end(question, at);
        if (end == at)
            continue;
        memmove(words + 1, words, 2 * sizeof(*words));
        words[0] = span_word_at(question, at);
        has_to_be = has_to_be || (span_word_is(&words[1], "to") && span_word_is(&words[0], "be"));
        is_time = is_time ||
                  (span_word_is(&words[2], "how") && span_word_is(&words[1], "long") && span_word_is(&words[0], "do|does|did"));
    }
    return is_time && !has_to_be && !span_word_is(&words[0], "be|measure|reach|stretch|grow|get");
}

unsigned physicals_asked(struct slice question)
{
    unsigned asked = physical_of(question, false);
    return asks_how_long_it_takes(question) ? asked & ~(unsigned)PHYSICAL_LENGTH : asked;
}

unsigned physicals_told(struct slice text)
{
    return physical_of(text, true);
}

unsigned physicals_of_unit(struct slice word)
{
    unsigned found = 0;
    for (size_t i = 0; i < ARRAY_COUNT(physicals); i++)
        found |= span_is_one_of(physicals[i].units, word) ? physicals[i].unit : 0;
    return found;
}
