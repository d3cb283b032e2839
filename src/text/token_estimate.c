/* token_estimate.c - how many tokens an embedding model's tokenizer makes of a text, without having the tokenizer.
 *
 * WordPiece splits at white space and at each mark, and a word into the longest pieces it knows; common words are one piece.
 * So the estimate adds, in sixteenths of a token: each mark and each ideograph one token; a word by its number of letters, as
 * measured with bert-base-uncased over six English collections (news, encyclopedia, science, manuals, contracts, web help):
 *
 *     letters   1     4     8     10    12    15    16 and more
 *     tokens    1.0   1.1   1.25  1.5   1.9   3.4   0.6 for each letter more
 *
 * Words in capitals split more (product codes, constants), digits into pairs and triples. For single collections of English
 * the sum is 0 to 11 % high; passages cut by it rather end too early than too late. For alphabets other than the Latin one it
 * follows multilingual tokenizers, about three letters a token. */
#include "text.h"
#include "word_tables.h"
#include <string.h>

#define SIXTEENTHS 16
#define LAST_LATIN_LETTER 0x24F

static const uint8_t latin_word_cost[] = {0, 16, 16, 17, 17, 18, 19, 19, 20, 22, 24, 28, 31, 33, 43, 54};
#define LATIN_LETTER_COST 10   /* each letter behind the table's end */
#define CAPITALS_LETTER_COST 4 /* more for each letter of a word with capitals inside */
#define OTHER_LETTER_COST 6    /* each letter but the first, of other alphabets */
static const uint8_t number_cost[] = {0, 16, 16, 20, 20};
#define DIGIT_COST 9

/* A run of letters, or of digits. */
struct run {
    size_t count; /* characters in it; 0: no run */
    bool is_number, is_latin, has_inner_capital;
};

static size_t run_cost(const struct run *run)
{
    size_t count = run->count;
    if (run->is_number) {
        size_t last = ARRAY_COUNT(number_cost) - 1;
        return count <= last ? number_cost[count] : number_cost[last] + (count - last) * DIGIT_COST;
    }
    if (!run->is_latin)
        return count == 0 ? 0 : SIXTEENTHS + (count - 1) * OTHER_LETTER_COST;
    size_t last = ARRAY_COUNT(latin_word_cost) - 1;
    size_t cost = count <= last ? latin_word_cost[count] : latin_word_cost[last] + (count - last) * LATIN_LETTER_COST;
    return run->has_inner_capital ? cost + count * CAPITALS_LETTER_COST : cost;
}

/* Puts a letter or digit to the run; returns the cost of the run before when it is of the other sort. */
static size_t run_take(struct run *run, uint32_t character, struct character_kind kind)
{
    bool is_number = (kind.flags & CHARACTER_DIGIT) != 0;
    size_t cost = 0;
    if (run->count == 0 || run->is_number != is_number) {
        cost = run_cost(run);
        *run = (struct run){.is_number = is_number, .is_latin = true};
    } else if (kind.sentence == SENTENCE_UPPER) {
        run->has_inner_capital = true;
    }
    run->count++;
    run->is_latin = run->is_latin && character <= LAST_LATIN_LETTER;
    return cost;
}

/* ---- ASCII, 64 bytes at a time ---- */

enum { WINDOW_BYTES = 64 };

/* What stands where: a bit for each byte, the first one lowest. */
struct window {
    uint64_t letters, capitals, digits, marks, beyond;
};

static struct window look(const char *data, size_t size)
{
    struct window window = {0};
    for (size_t at = 0; at < size; at += 8) {
        char last[8] = {0};
        if (size - at < 8)
            memcpy(last, data + at, size - at);
        uint64_t eight = eight_bytes(size - at < 8 ? last : data + at, 8);
        uint64_t capitals = eight_between(eight, 'A', 'Z'), letters = capitals | eight_between(eight, 'a', 'z');
        uint64_t digits = eight_between(eight, '0', '9'), marks = eight_between(eight, '!', '~') & ~(letters | digits);
        window.letters |= eight_bits(letters) << at;
        window.capitals |= eight_bits(capitals) << at;
        window.digits |= eight_bits(digits) << at;
        window.marks |= eight_bits(marks) << at;
        window.beyond |= eight_bits(eight & EIGHT_HIGH) << at;
    }
    return window;
}

/* How many of the bits before `end` are set, the last one and those next to it. */
static size_t run_before(uint64_t bits, size_t end)
{
    uint64_t others = end == 0 ? UINT64_MAX : ~(bits << (WINDOW_BYTES - end));
    return others == 0 ? WINDOW_BYTES : (size_t)__builtin_clzll(others);
}

static size_t runs_cost(uint64_t bits, uint64_t capitals, bool is_number)
{
    size_t cost = 0;
    while (bits != 0) {
        size_t at = (size_t)__builtin_ctzll(bits);
        uint64_t from = bits >> at, others = ~from;
        size_t count = others == 0 ? WINDOW_BYTES : (size_t)__builtin_ctzll(others);
        uint64_t run = UINT64_MAX >> (WINDOW_BYTES - count);
        bool has_inner_capital = (capitals >> at & run & ~UINT64_C(1)) != 0;
        cost += run_cost(&(struct run){count, is_number, true, has_inner_capital});
        bits &= ~(run << at);
    }
    return cost;
}

/* A run of letters or digits that fills a window; where it ends. */
static size_t read_long_run(struct slice text, size_t at, struct run *run)
{
    *run = (struct run){.is_latin = true, .is_number = (unsigned char)(text.data[at] - '0') < 10};
    for (; at < text.size; at++, run->count++) {
        unsigned char byte = (unsigned char)text.data[at];
        bool is_digit = (unsigned char)(byte - '0') < 10;
        if (run->is_number ? !is_digit : (unsigned char)((byte | 0x20) - 'a') >= 26)
            break;
        run->has_inner_capital = run->has_inner_capital || (!is_digit && run->count > 0 && (byte & 0x20) == 0);
    }
    return at;
}

/* Most of what is read: the ASCII characters from `at` on, as far as they make whole runs. Adds their cost; where it ends. A run that a
 * character beyond ASCII follows may go on in it, and is left. */
static size_t add_ascii(struct slice text, size_t at, size_t *sum)
{
    while (at < text.size && (unsigned char)text.data[at] < 0x80) {
        size_t count = text.size - at < WINDOW_BYTES ? text.size - at : WINDOW_BYTES;
        struct window window = look(text.data + at, count);
        size_t end = window.beyond != 0 ? (size_t)__builtin_ctzll(window.beyond) : count;
        if (at + end < text.size) { /* what reaches the end may go on behind it */
            size_t letters = run_before(window.letters, end);
            end -= letters > 0 ? letters : run_before(window.digits, end);
        }
        uint64_t kept = end == 0 ? 0 : UINT64_MAX >> (WINDOW_BYTES - end);
        *sum += SIXTEENTHS * (size_t)__builtin_popcountll(window.marks & kept) +
                runs_cost(window.letters & kept, window.capitals, false) + runs_cost(window.digits & kept, 0, true);
        at += end;
        if (window.beyond != 0)
            return at;
        if (end == 0) {
            struct run run;
            size_t run_end = read_long_run(text, at, &run);
            if (run_end < text.size && (unsigned char)text.data[run_end] >= 0x80)
                return at;
            *sum += run_cost(&run);
            at = run_end;
        }
    }
    return at;
}

size_t text_token_estimate(struct slice text)
{
    size_t sum = 0;
    struct run run = {0};
    for (size_t at = 0; at < text.size;) {
        uint32_t character;
        if (run.count == 0) {
            at = add_ascii(text, at, &sum);
            if (at == text.size)
                break;
        }
        at += text_decode(text, at, &character);
        struct character_kind kind = character_kind_of(character);
        if (kind.word == WORD_EXTEND || kind.word == WORD_FORMAT || kind.word == WORD_ZWJ)
            continue; /* accents and the like are stripped, or of their letter's piece */
        if ((kind.flags & (CHARACTER_LETTER | CHARACTER_DIGIT)) && !(kind.flags & CHARACTER_SYLLABLE)) {
            sum += run_take(&run, character, kind);
            continue;
        }
        sum += run_cost(&run);
        run = (struct run){0};
        if (kind.flags & (CHARACTER_MARK | CHARACTER_SYLLABLE))
            sum += SIXTEENTHS;
    }
    sum += run_cost(&run);
    return (sum + SIXTEENTHS - 1) / SIXTEENTHS;
}
