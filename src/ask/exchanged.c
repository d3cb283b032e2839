/* exchanged.c - the same question of something else: what stands in the place of what.
 *
 *   How heavy is the KX-20?              And the KX-35?               a code for a code, a name for a name
 *   How much is a simple extraction?     And a surgical extraction?   what is said of the same word
 *   What is the maximum voltage?         And the minimum?             words that end alike, as compounds do
 *   What does it cost for adults?        And for children?            what stands behind the same small word
 *   How long is the refund window?       And for members?             nothing: it goes behind
 *
 * The question keeps its words that ask, and with them the kind of thing that is asked for. */
#include "exchanged.h"
#include "asked_names.h"
#include "span_parts.h"
#include <string.h>
#include <strings.h>

enum { PIECES_MAX = 40, FRAGMENT_WORDS = 8, ENDING_BYTES = 4, ALIKE_BYTES = 6 };

static const char continuing[] = "and|but|or|so|then|und|oder|aber|dann|et|ou|mais|y|o|pero|e|en|maar|och|men|i|a";
static const char pairs[] = "what about|how about|was ist mit|wie ist es mit|wie sieht es mit|qué pasa con|qu'en est-il de";
static const char asking_words[] =
    "what|which|who|whom|whose|when|where|why|how|was|welche|welcher|welches|wer|wem|wen|wann|wo|warum|wie|wieviel|qui|que|"
    "quel|quelle|quels|quelles|quand|où|pourquoi|comment|combien|qué|cuál|cuáles|quién|cuándo|dónde|cómo|cuánto|cuánta|"
    "cuántos|cuántas|cosa|quale|quali|chi|dove|perché|come|quanto|quanti|wat|welke|waar|wanneer|waarom|hoe|hoeveel|"
    "is|are|do|does|did|can|may|must|will|has|have|ist|sind|kann|darf|muss|hat|est|sont|peut|es|son|puede|hay";
static const char prepositions[] =
    "for|of|in|on|at|to|with|from|by|after|before|without|under|over|during|per|within|für|von|vom|im|am|auf|bei|beim|mit|"
    "nach|aus|zu|zum|zur|ohne|pour|de|du|des|en|à|au|aux|avec|sans|dans|chez|para|por|del|con|sin|al|di|da|della|nel|van|"
    "voor|met|bij|naar|op|em|com|sem";

struct pieces {
    struct slice text, items[PIECES_MAX];
    bool is_small[PIECES_MAX]; /* a word like "of" */
    size_t count;
};

struct slot { /* pieces [first, end) */
    size_t first, end;
};

static bool is_around(char byte)
{
    return byte_among(byte, " \t\n,.;:!?()\"");
}

static size_t mark_at(struct slice text, size_t at)
{
    return slice_starts_with(slice_range(text, at, text.size), SLICE("¿")) ? strlen("¿") : 0;
}

static void cut_pieces(struct slice text, struct pieces *pieces)
{
    *pieces = (struct pieces){.text = text};
    for (size_t at = 0; at < text.size && pieces->count < PIECES_MAX;) {
        size_t skipped = is_around(text.data[at]) ? 1 : mark_at(text, at), end = at;
        if (skipped > 0) {
            at += skipped;
            continue;
        }
        while (end < text.size && text.data[end] != ' ' &&
               (!is_around(text.data[end]) || (end + 1 < text.size && !is_around(text.data[end + 1]))))
            end++;
        struct slice piece = slice_range(text, at, end);
        struct span_word word = span_word_at(piece, 0);
        pieces->is_small[pieces->count] = word.size == piece.size &&
                                          (span_is_function_word(&word) || span_word_is(&word, prepositions));
        pieces->items[pieces->count++] = piece;
        at = end;
    }
}

static bool piece_is(struct slice piece, const char *alternatives)
{
    struct span_word word = span_word_at(piece, 0);
    return word.size == piece.size && span_word_is(&word, alternatives);
}

static bool are_same(struct slice a, struct slice b)
{
    return a.size == b.size && strncasecmp(a.data, b.data, a.size) == 0;
}

/* Without "and", "what about" and the marks around. */
static struct slice core_of(struct slice fragment)
{
    while (fragment.size > 0 && (is_around(fragment.data[0]) || mark_at(fragment, 0) > 0))
        fragment = slice_range(fragment, is_around(fragment.data[0]) ? 1 : mark_at(fragment, 0), fragment.size);
    while (fragment.size > 0 && is_around(fragment.data[fragment.size - 1]))
        fragment.size--;
    struct span_word first = span_word_at(fragment, 0);
    if (span_word_is(&first, continuing) && first.end + 1 < fragment.size && fragment.data[first.end] == ' ')
        fragment = slice_trim(slice_range(fragment, first.end, fragment.size));
    struct slice rest = slice_from(pairs), pair;
    while (slice_next(&rest, '|', &pair))
        if (pair.size + 1 < fragment.size && strncasecmp(fragment.data, pair.data, pair.size) == 0 &&
            fragment.data[pair.size] == ' ')
            return slice_trim(slice_range(fragment, pair.size, fragment.size));
    return fragment;
}

static size_t words_in(const struct pieces *pieces)
{
    size_t count = 0;
    for (size_t i = 0; i < pieces->count; i++)
        count += !pieces->is_small[i];
    return count;
}

/* ---- what is replaced ---- */

static bool lies_in(struct slice name, struct slice piece)
{
    return name.data >= piece.data && name.data < piece.data + piece.size;
}

/* A code for the only code, a name for the only name. */
static bool find_name(const struct pieces *before, const struct pieces *part, struct slot *slot)
{
    struct slice names[NAMES_MAX], old[NAMES_MAX];
    size_t count = names_find(part->text, names), old_count = names_find(before->text, old), found = 0;
    if (count != 1 || words_in(part) != 1)
        return false;
    for (size_t i = 0; i < old_count; i++)
        for (size_t j = 0; j < before->count && is_code(old[i]) == is_code(names[0]); j++)
            if (lies_in(old[i], before->items[j])) {
                *slot = (struct slot){j, j + 1};
                found++;
            }
    return found == 1;
}

/* What is said of a word that both have, from the small word before it on. */
static bool find_same_word(const struct pieces *before, const struct pieces *part, struct slot *slot)
{
    for (size_t i = 0; i < part->count; i++)
        for (size_t j = before->count; j > 0 && !part->is_small[i]; j--) {
            if (!are_same(before->items[j - 1], part->items[i]) || words_in(part) < 2)
                continue;
            size_t first = j - 1;
            while (first > 1 && !before->is_small[first - 1])
                first--;
            bool takes_small = first > 0 && (part->is_small[0] || piece_is(before->items[first - 1], prepositions));
            bool counts = j < before->count && span_is_digit(before->items[j], 0); /* "stage 1" */
            *slot = (struct slot){first - (takes_small && first > 1), j + counts};
            return true;
        }
    return false;
}

static size_t ending_of_both(struct slice a, struct slice b)
{
    size_t same = 0;
    while (same < a.size && same < b.size && (a.data[a.size - 1 - same] | 0x20) == (b.data[b.size - 1 - same] | 0x20))
        same++;
    return same;
}

/* "maximum" and "minimum", "Reihengrab" and "Urnengrab". */
static bool find_like(const struct pieces *before, const struct pieces *part, struct slot *slot)
{
    size_t best = ENDING_BYTES - 1;
    for (size_t i = 0; i < part->count && words_in(part) == 1; i++)
        for (size_t j = 0; j < before->count && !part->is_small[i]; j++) {
            struct slice old = before->items[j], new = part->items[i];
            size_t same = ending_of_both(old, new);
            if (old.size < ALIKE_BYTES || new.size < ALIKE_BYTES || same <= best)
                continue;
            best = same;
            *slot = (struct slot){j, j + 1};
        }
    return best >= ENDING_BYTES;
}

/* Where what follows the small word at `first` ends: at the next one that leads something in. */
static size_t phrase_end(const struct pieces *before, size_t first)
{
    size_t end = first + 1;
    while (end < before->count && before->is_small[end] && !piece_is(before->items[end], asking_words))
        end++;
    while (end < before->count) {
        bool counts = end + 1 < before->count && span_is_digit(before->items[end + 1], 0); /* "over 65", "de 65 años" */
        if (before->is_small[end] && !counts)
            break;
        end++;
    }
    return end;
}

static bool has_code_in(const struct pieces *before, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        for (size_t j = 0; j < before->items[i].size; j++)
            if (span_is_digit(before->items[i], j) && !span_is_digit(before->items[i], 0))
                return true;
    return false;
}

/* What stands behind the same small word, when there is but one. */
static bool find_small(const struct pieces *before, const struct pieces *part, struct slot *slot)
{
    for (size_t i = 0; i + 1 < part->count; i++) {
        size_t found = 0;
        if (!part->is_small[i] || (i > 0 && !piece_is(part->items[i], prepositions)))
            continue;
        for (size_t j = 1; j + 1 < before->count; j++) {
            size_t end = phrase_end(before, j);
            bool is_other = !piece_is(part->items[i], prepositions) && has_code_in(before, j, end);
            if (!are_same(before->items[j], part->items[i]) || is_other)
                continue;
            *slot = (struct slot){j, end};
            found++;
        }
        if (found == 1)
            return true;
    }
    return false;
}

/* "How much is a wash?", "And drying?": the thing that the question ends with. */
static bool find_last(const struct pieces *before, const struct pieces *part, struct slot *slot)
{
    static const char articles[] = "a|an|the|ein|eine|der|die|das|un|une|le|la|una|el|il|lo|een|het|um|uma";
    size_t count = before->count;
    bool is_thing = count > 2 && !part->is_small[0] && !before->is_small[count - 1] &&
                    piece_is(before->items[count - 2], articles);
    if (is_thing)
        *slot = (struct slot){count - 2, count};
    return is_thing;
}

/* ---- all ---- */

static void put_pieces(struct buffer *out, const struct pieces *pieces, size_t first, size_t end)
{
    if (first >= end)
        return;
    const char *start = first > 0 ? pieces->items[first].data : pieces->text.data,
               *last = pieces->items[end - 1].data + pieces->items[end - 1].size;
    if (out->size > 0)
        buffer_append_byte(out, ' ');
    buffer_append_slice(out, (struct slice){start, (size_t)(last - start)});
}

/* `*from`: what of the part goes there. Small words before a name are there already. */
static struct slot slot_for(const struct pieces *before, const struct pieces *part, size_t *from)
{
    struct slot slot = {before->count, before->count}; /* behind it all */
    bool is_name = find_name(before, part, &slot);
    *from = 0;
    if (!is_name && find_same_word(before, part, &slot))
        return slot;
    if (!is_name && !find_like(before, part, &slot)) {
        (void)(find_small(before, part, &slot) || find_last(before, part, &slot));
        return slot;
    }
    while (part->is_small[*from])
        ++*from;
    return slot;
}

bool exchange(struct slice before, struct slice fragment, struct buffer *out)
{
    struct pieces old, part;
    size_t from;
    cut_pieces(core_of(fragment), &part);
    cut_pieces(before, &old);
    bool is_fragment = part.count <= FRAGMENT_WORDS && old.count > 1 && old.count < PIECES_MAX &&
                       words_in(&part) > 0; /* more than there is room for would lose its end */
    for (size_t i = 0; i < part.count; i++)
        is_fragment = is_fragment && !piece_is(part.items[i], asking_words);
    if (!is_fragment)
        return false;
    struct slot slot = slot_for(&old, &part, &from);
    put_pieces(out, &old, 0, slot.first);
    put_pieces(out, &part, from, part.count);
    put_pieces(out, &old, slot.end, old.count);
    buffer_append_byte(out, '?');
    return true;
}
