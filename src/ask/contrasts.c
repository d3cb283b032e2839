/* contrasts.c - pairs and rows of words of which a text that tells of one says nothing of the others.
 *
 *   "Import customs declaration?"      Export customs declaration: 55 for the first three lines
 *   "When does it leave in winter?"    Summer (1 May - 30 Sep) | 10:00
 *
 * Only words that have no other sense in the languages that are read, and none for parties who deal with each other: "the rent is due to the
 * landlord" is what the tenant pays. */
#include "contrasts.h"
#include "asked_words.h"
#include "span_parts.h"
#include "text/text.h"

enum { MEMBERS_MAX = 4 };

static const char *const groups[][MEMBERS_MAX] = {
    {"sea|ocean", "air", "road", "rail"}, /* the first one: see is_mode */
    {"import|imports|imported|importing|einfuhr|importation|importación|invoer",
     "export|exports|exported|exporting|ausfuhr|exportation|exportación|uitvoer"},
    {"summer|summers|sommer|sommers|verano|zomer", "winter|winters|hiver|invierno|inverno",
     "frühling|frühjahr|printemps|primavera", "autumn|herbst|automne|otoño|autunno|herfst"},
    {"indoor|indoors|hallenbad", "outdoor|outdoors|freibad"},
    {"soprano|sopranos", "altos", "tenor|tenors", "basses"},
    {"breakfast|frühstück|desayuno|ontbijt", "lunch|mittagessen|almuerzo|middageten",
     "dinner|supper|abendessen|cena|avondeten"},
    {"petrol|benzin|gasoline", "diesel", "electric|elektrisch"},
    {"herren|hommes|hombres", "women|damen|frauen|femmes|mujeres"},
    {"boys|garçons", "girls|filles"},
};

/* Ways that goods go: "by air", "sea freight", "Sea: 2 SDR"; an address has a road, and a room air. */
static bool is_mode(struct slice text, const char *member)
{
    static const char goods[] = "freight|cargo|shipment|shipments|transport|haulage|carriage|waybill",
                      ways[] = "by|for|via|per";
    struct text_words walk = {.text = text};
    struct slice word;
    struct span_word before = {0};
    while (word_next(&walk, &word)) {
        struct span_word this = span_word_at(word, 0);
        size_t end = (size_t)(word.data - text.data) + word.size;
        bool is_here = this.size > 0 && span_word_is(&this, member), is_key = before.size == 0 && span_starts(text, end, ":");
        if (is_here && (is_key || (before.size > 0 && span_word_is(&before, ways))))
            return true;
        if (before.size > 0 && span_word_is(&before, member) && this.size > 0 && span_word_is(&this, goods))
            return true;
        before = this;
    }
    return false;
}

static bool has_member(size_t group, size_t member, struct slice text)
{
    const char *words = groups[group][member];
    return words != NULL && (group == 0 ? is_mode(text, words) : span_has_word(text, words));
}

size_t contrasts_find(struct slice question, struct contrast contrasts[CONTRASTS_MAX])
{
    size_t count = 0;
    for (size_t group = 0; group < ARRAY_COUNT(groups) && count < CONTRASTS_MAX; group++) {
        size_t found = 0, members = 0;
        for (size_t i = 0; i < MEMBERS_MAX; i++)
            if (has_member(group, i, question)) {
                found = i;
                members++;
            }
        if (members == 1)
            contrasts[count++] = (struct contrast){.group = group, .member = found};
    }
    return count;
}

bool contrast_told(const struct contrast *contrast, struct slice text)
{
    return has_member(contrast->group, contrast->member, text);
}

bool contrast_other_told(const struct contrast *contrast, struct slice text)
{
    for (size_t i = 0; i < MEMBERS_MAX; i++)
        if (i != contrast->member && has_member(contrast->group, i, text))
            return true;
    return false;
}
