/* sentences.c - sentence boundaries by the default rules of Unicode Standard Annex #29 (revision 41, Unicode 15.0).
 *
 * A sentence ends behind a paragraph separator, or behind a terminator with what clings to it:
 *
 *     He said "Really?"  Then he left.          SATerm Close* Sp* ParaSep? ÷   (SB9 … SB11)
 *                     └──┴ clings
 *
 * unless a full stop turns out to be inside the sentence (SB6 … SB8): before a digit, between letters, or when the next letter
 * is a small one. The search for that letter stops at the next terminator, so each character is looked at twice at most. What the rules leave to
 * whoever knows the language, abbreviations and ordinals, is told by full_stops.c.
 *
 * A text that has no capital at all, as notes and chats are typed and some collections are stored, would be one sentence by these rules: there a full stop
 * and a blank end one also before a small letter. */
#include "full_stops.h"
#include "word_tables.h"
#include <assert.h>

enum { SMALL_TEXT_LEAST = 200 }; /* in less there may be no sentence that begins */

/* Where the walk stands behind a terminator. */
enum stage { STAGE_INSIDE, STAGE_TERMINATOR, STAGE_CLOSE, STAGE_SPACE };

struct walk {
    struct slice text;
    uint8_t before; /* class before prev, without what only modifies (SB5: Extend, Format) */
    uint8_t prev;
    uint8_t before_terminator;
    enum stage stage;
    bool is_full_stop; /* the terminator is one (ATerm) */
    bool is_small; /* the text has no capital */
    size_t terminator; /* where it stands */
};

static bool is_line_end(uint8_t class)
{
    return class == SENTENCE_CR || class == SENTENCE_LF || class == SENTENCE_SEP;
}

static bool is_modifier(uint8_t class)
{
    return class == SENTENCE_EXTEND || class == SENTENCE_FORMAT;
}

static bool is_terminator(uint8_t class)
{
    return class == SENTENCE_ATERM || class == SENTENCE_STERM;
}

/* SB8: the first letter from `at` on, before any line end or terminator, is a small one. */
static bool small_letter_follows(struct slice text, size_t at)
{
    while (at < text.size) {
        uint32_t character;
        at += text_decode(text, at, &character);
        uint8_t class = character_kind_of(character).sentence;
        if (class == SENTENCE_LOWER)
            return true;
        if (class == SENTENCE_OLETTER || class == SENTENCE_UPPER || is_line_end(class) || is_terminator(class))
            return false;
    }
    return false;
}

/* Behind a terminator: does the sentence go on with the character of class `next` at `at`? (SB6 … SB11) */
static bool goes_on(const struct walk *walk, uint8_t next, size_t at)
{
    assert(walk->stage != STAGE_INSIDE);
    if (next == SENTENCE_SP || is_line_end(next)) /* SB9, SB10 */
        return true;
    if (next == SENTENCE_CLOSE && walk->stage != STAGE_SPACE) /* SB9 */
        return true;
    if (next == SENTENCE_SCONTINUE || is_terminator(next)) /* SB8a */
        return true;
    if (!walk->is_full_stop)
        return false;
    if (walk->stage == STAGE_TERMINATOR) {
        if (next == SENTENCE_NUMERIC) /* SB6 */
            return true;
        bool is_after_letter = walk->before_terminator == SENTENCE_UPPER || walk->before_terminator == SENTENCE_LOWER;
        if (next == SENTENCE_UPPER && is_after_letter) /* SB7 */
            return true;
    }
    if (walk->is_small && walk->stage == STAGE_SPACE && next == SENTENCE_LOWER)
        return !word_may_end(walk->text, walk->terminator);
    return small_letter_follows(walk->text, at); /* SB8 */
}

static void take(struct walk *walk, uint8_t class, size_t at)
{
    walk->before = walk->prev;
    walk->prev = class;
    if (is_terminator(class)) {
        walk->stage = STAGE_TERMINATOR;
        walk->is_full_stop = class == SENTENCE_ATERM;
        walk->before_terminator = walk->before;
        walk->terminator = at;
    } else if (walk->stage != STAGE_INSIDE) {
        if (class == SENTENCE_CLOSE && walk->stage != STAGE_SPACE)
            walk->stage = STAGE_CLOSE;
        else
            walk->stage = class == SENTENCE_SP ? STAGE_SPACE : STAGE_INSIDE;
    }
}

static bool has_no_capital(struct slice text)
{
    for (size_t at = 0; at < text.size;) {
        uint32_t character;
        at += text_decode(text, at, &character);
        if (text_is_capital(character))
            return false;
    }
    return text.size >= SMALL_TEXT_LEAST;
}

bool text_sentences_next(struct text_sentences *sentences, struct slice *sentence)
{
    size_t start = sentences->at, at = start;
    if (start >= sentences->text.size)
        return false;
    if (!sentences->was_looked_at)
        sentences->is_small = has_no_capital(sentences->text);
    sentences->was_looked_at = true;
    struct walk walk = {.text = sentences->text, .is_small = sentences->is_small};
    while (at < walk.text.size) {
        uint32_t character;
        size_t size = text_decode(walk.text, at, &character);
        uint8_t class = character_kind_of(character).sentence;
        if (at > start) {
            if (is_line_end(walk.prev) && !(walk.prev == SENTENCE_CR && class == SENTENCE_LF)) /* SB3, SB4 */
                break;
            bool ends = walk.stage != STAGE_INSIDE && !is_modifier(class) && !goes_on(&walk, class, at);
            if (ends && !full_stop_is_inside(walk.text, start, walk.terminator, at) &&
                !mark_is_inside(walk.text, start, walk.terminator, at))
                break;
        }
        if (at == start || !is_modifier(class)) /* SB5 */
            take(&walk, class, at);
        at += size;
    }
    *sentence = slice_range(walk.text, start, at);
    sentences->at = at;
    return true;
}
