/* enumerated.c - all of what is told one after the other.
 *
 *   "What do I need to sign up?"      Bring a photo identity document, the name of your GP and a list of your medicines.
 *                                           ~~~~~~~~~~~~~~~~~~~~~~~~~                                              the likeliest answer
 *                                           ──────────────────────────────────────────────────────────────────     what is asked for
 *
 * Where the first of them begins cannot be told from an item in the middle: there the answer is what the sentence has from its beginning, or from its colon. */
#include "enumerated.h"
#include "span_parts.h"
#include <string.h>

enum { PLURAL_LEAST = 4 };

static const char which[] = "what|which|quels|quelles|cuáles|quali|quais";
static const char plurals_marked[] = "quels|quelles|cuáles|quali|quais"; /* whatever stands behind them */
static const char
    no_plurals[] = "does|this|is|was|has|his|its|happens|means|causes|counts|costs|applies|comes|goes|makes|needs|"
                   "takes|follows|changes|says|works|status|address|access|process|business|bonus|basis|analysis|"
                   "class|less|hours|times|days|weeks|months|years|tennis|news|series|sales|sports|plus|closes|opens|"
                   "starts|begins|ends|offers|includes|covers|leads|runs";
static const char asking_for[] =
    "do|does|should|must|can|shall|muss|müssen|brauche|brauchen|soll|dois|faut|devo|debo|moet|necesito|preciso|serve";
static const char behind_nouns[] = "do|does|did|are|were|can|could|should|must|may|will|have|need|am";
static const char taken[] =
    "need|bring|bringing|pack|send|provide|submit|show|include|included|includes|prepare|contain|cover|enclose|attach|"
    "mitbringen|brauche|brauchen|einreichen|vorlegen|apporter|fournir|traer|llevar|necesito|presentar|"
    "portare|presentare|serve|meenemen|nodig|levar|preciso";
static const char all_of[] = "are|sind|sont|son|sono|zijn|são";
static const char ands[] = "and |or |und |oder |sowie |et |ou |y |o |e |en |of ";

static bool is_plural(const struct span_word *word)
{
    size_t size = word->size;
    return size >= PLURAL_LEAST && word->bytes[size - 1] == 's' && word->bytes[size - 2] != 's' &&
           word->bytes[size - 2] != 'u' && !span_word_is(word, no_plurals);
}

/* Behind the word that asks: "documents do I …"; and "IP addresses do I …", but not "person leads …", where it is a verb that ends so. */
static bool asks_for_plural(const struct span_words *words, size_t asks)
{
    bool is_next = asks + 1 < words->count && is_plural(&words->items[asks + 1]);
    bool is_second = asks + 3 < words->count && is_plural(&words->items[asks + 2]) &&
                     span_word_is(&words->items[asks + 3], behind_nouns);
    return is_next || is_second;
}

/* "What do I need to bring", "what is included in it", "was muss ich mitbringen" */
static bool asks_what_is_taken(const struct span_words *words, size_t asks)
{
    if (asks + 1 >= words->count || !span_word_is(&words->items[asks], "what|was|que|qué|cosa|wat"))
        return false;
    if (span_word_is(&words->items[asks + 1], "is|s|ist"))
        return asks + 2 < words->count && span_word_is(&words->items[asks + 2], "included|inbegriffen|enthalten");
    for (size_t i = asks + 2; i < words->count && span_word_is(&words->items[asks + 1], asking_for); i++)
        if (span_word_is(&words->items[i], taken))
            return true;
    return false;
}

bool asks_for_all(struct slice question)
{
    struct span_words words;
    span_words_read(question, &words);
    for (size_t i = 0; i < words.count; i++) {
        const struct span_word *next = i + 1 < words.count ? &words.items[i + 1] : NULL;
        if (asks_what_is_taken(&words, i))
            return true;
        if (!span_word_is(&words.items[i], which) || next == NULL)
            continue;
        if (span_word_is(&words.items[i], plurals_marked) || span_word_is(next, all_of) || asks_for_plural(&words, i))
            return true;
    }
    return false;
}

struct slice cell_around(struct slice sentence, size_t start, size_t end)
{
    while (start > 0 && sentence.data[start - 1] != '|')
        start--;
    while (end < sentence.size && sentence.data[end] != '|')
        end++;
    return slice_trim(slice_range(sentence, start, end));
}

static bool is_joined_behind(struct slice text, size_t at)
{
    size_t comma = at < text.size && text.data[at] == ',';
    size_t next = at + comma;
    bool is_parted = next < text.size && text.data[next] == ' ';
    return is_parted && (comma > 0 || span_one_at(text, next + 1, ands) > 0);
}

static bool is_joined_before(struct slice text, size_t at)
{
    if (at < 2 || text.data[at - 1] != ' ')
        return false;
    if (text.data[at - 2] == ',')
        return true;
    size_t word = at - 1;
    while (word > 0 && text.data[word - 1] != ' ')
        word--;
    return word > 0 && span_one_at(text, word, ands) == at - word;
}

struct slice enumeration_around(struct slice sentence, struct slice item)
{
    if (item.data < sentence.data || item.data + item.size > sentence.data + sentence.size || item.size == 0)
        return item;
    size_t at = (size_t)(item.data - sentence.data);
    struct slice text = cell_around(sentence, at, at + item.size);
    if (item.data < text.data || item.data + item.size > text.data + text.size) /* it begins or ends in a blank */
        return item;
    size_t start = (size_t)(item.data - text.data), end = start + item.size;
    bool is_behind = is_joined_behind(text, end), is_before = is_joined_before(text, start);
    if (!is_behind && !is_before)
        return item;
    for (; is_before && start > 0; start--)
        if (start > 1 && text.data[start - 1] == ' ' && text.data[start - 2] == ':') /* no time and no address */
            break;
    end = text.size;
    while (end > start && byte_among(text.data[end - 1], ".!,; "))
        end--;
    return slice_trim(slice_range(text, start, end));
}

/* "Ada (manager)": where what the brackets say of a name ends; `at`: there are none. */
static size_t bracket_end(struct slice text, size_t at)
{
    enum { BRACKET_BYTES = 40 };
    size_t open = at + span_blank_at(text, at), end = open + 1;
    if (open == at || !span_starts(text, open, "("))
        return at;
    while (end < text.size && end - open < BRACKET_BYTES && !byte_among(text.data[end], "()"))
        end++;
    return span_starts(text, end, ")") ? end + 1 : at;
}

/* ", ", " and " between two names, a title may stand before the second; `*is_last`: behind it stands the last one. */
static bool joins_names(struct slice between, bool *is_last)
{
    static const char words[] = "and|or|und|oder|sowie|et|ou|y|o|e|&";
    between = slice_range(between, bracket_end(between, 0), between.size);
    for (struct span_word title; (title = span_word_before(between, between.size, NULL)).size > 0 &&
                                 span_is_title(slice_range(between, title.start, title.end));)
        between = slice_range(between, 0, title.start);
    size_t comma = between.size > 0 && between.data[0] == ',';
    struct slice word = slice_trim(slice_range(between, comma, between.size));
    *is_last = span_is_one_of(words, word);
    return *is_last || (comma > 0 && word.size == 0);
}

/* "… by A and B │ and are valid for a year": what is told behind is of what they do. */
static bool goes_on_of_all(struct slice text, const struct span_word *behind)
{
    struct span_word next = span_word_at(text, behind->end + span_blank_at(text, behind->end));
    return span_word_is(behind, "and|und|et|y|e|en") &&
           span_word_is(&next,
                        "is|are|was|were|has|have|must|can|may|wird|werden|ist|sind|est|sont|es|son|è|sono|wordt|worden|zijn");
}

/* The names from `start` to `end` are one list, and the last begins no clause of its own ("… is Ada Lovelace and Bob Stone is …"): all stand at the
 * beginning, or nothing comes behind them. With a place before or behind, the last may be another's. */
static bool are_alone(struct slice text, size_t start, size_t end)
{
    static const char places[] = "in|at|from|near|à|en|aus|von|nach|im|am|bei|de|da|di";
    struct span_word before = span_word_before(text, start, NULL);
    struct span_word behind = span_word_at(text, end + span_blank_at(text, end));
    bool is_by = span_word_is(&before, "by|with|von|mit|par|avec|por|con"); /* "only by A and B, others need a course" */
    bool is_end = end == text.size || byte_among(text.data[end], is_by ? ".;!?)," : ".;!?)") || span_word_is(&behind, "only") ||
                  (is_by && goes_on_of_all(text, &behind));
    bool is_verb_of_one = behind.size > 0 &&
                          (behind.bytes[behind.size - 1] == 's' || span_word_is(&behind, "ist|hat|est|es|a"));
    bool begins = (start == 0 || (start > 1 && text.data[start - 1] == ' ' && text.data[start - 2] == ':')) && !is_verb_of_one;
    return !span_word_is(&before, places) && !span_word_is(&behind, places) && (is_end || begins);
}

static size_t count_blanks(struct slice text)
{
    size_t count = 0;
    for (size_t at = 0; at < text.size; at++)
        count += text.data[at] == ' ';
    return count;
}

/* "by Ada Stone": the name alone. */
static struct slice bare_name(struct slice text)
{
    struct slice name;
    struct span_word word = span_word_at(text, 0);
    size_t at = word.end, start = word.end + span_blank_at(text, word.end);
    bool is_led = span_word_is(&word, "by|with|from|to|von|mit|bei|an|par|avec|à|por|con|da|door|met") &&
                  span_next_name(text, &at, &name);
    return is_led && name.data == text.data + start && name.size + start == text.size ? name : text;
}

struct slice names_around(struct slice sentence, struct slice name)
{
    enum { NAMES_MOST = 24 };
    name = bare_name(name);
    if (name.data < sentence.data || name.data + name.size > sentence.data + sentence.size || name.size == 0)
        return name;
    size_t at = (size_t)(name.data - sentence.data), start = 0;
    struct slice text = cell_around(sentence, at, at + name.size);
    struct span names[NAMES_MOST];
    size_t count = spans_find(SLICE(""), text, SPAN_NAME, names, NAMES_MOST);
    bool is_last = false, is_closed = false, is_within = false;
    for (size_t i = 0; i < count; i++) {
        const char *end = names[i].text.data + names[i].text.size;
        is_within = is_within || (names[i].text.data == name.data && names[i].text.size == name.size);
        bool is_joined = i + 1 < count && !is_closed && names[i + 1].text.data > end &&
                         count_blanks(names[i + 1].text) <=
                             count_blanks(names[start].text) && /* no "und Vertreter Bob Stone" */
                         joins_names((struct slice){end, (size_t)(names[i + 1].text.data - end)}, &is_last);
        if (is_joined) {
            is_closed = is_last;
            continue;
        }
        size_t first = (size_t)(names[start].text.data - text.data), last = bracket_end(text, (size_t)(end - text.data));
        if (is_within)
            return is_closed && are_alone(text, first, last) ? slice_range(text, first, last) : name;
        start = i + 1;
        is_closed = false;
    }
    return name;
}
