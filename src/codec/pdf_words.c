/* pdf_words.c - lines into one text: is the hyphen at a line's end part of the word?
 *
 *   vehi-⏎cles        →  vehicles         "vehi-cles" stands nowhere else
 *   real-⏎time        →  real-time        "real-time" stands elsewhere, or both "real" and "time" do, and "realtime" nowhere
 *   Meyer-⏎Lindt      →  Meyer-Lindt      a capital behind it: two words
 *
 * A soft hyphen says itself that it belongs to the line. */
#include "pdf_page.h"
#include "utf8.h"
#include <string.h>

enum { WORDS_MAX = 1 << 20, WORD_BYTES_MAX = 64 };

static bool is_letter(char c)
{
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (unsigned char)c >= 0x80;
}

static bool is_word_byte(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
}

/* In small letters where they are ASCII; false when it is too long to be a word. */
static bool fold(struct slice word, char out[WORD_BYTES_MAX], struct slice *folded)
{
    if (word.size == 0 || word.size > WORD_BYTES_MAX)
        return false;
    for (size_t i = 0; i < word.size; i++)
        out[i] = word.data[i] >= 'A' && word.data[i] <= 'Z' ? (char)(word.data[i] | 0x20) : word.data[i];
    *folded = (struct slice){out, word.size};
    return true;
}

static void add_word(struct pdf_words *words, struct slice word)
{
    char bytes[WORD_BYTES_MAX];
    struct slice folded;
    if (fold(word, bytes, &folded))
        (void)map_put(&words->seen, folded, NULL); /* a full map knows fewer words */
}

void pdf_words_init(struct pdf_words *words, const struct pdf_lines *lines)
{
    map_init(&words->seen, WORDS_MAX);
    for (size_t i = 0; i < lines->count; i++) {
        struct slice text = lines->items[i].text;
        bool was_cut = i > 0 && slice_ends_with(lines->items[i - 1].text, SLICE("-"));
        for (size_t at = 0, end; at < text.size; at = end + 1) {
            for (end = at; end < text.size && is_word_byte(text.data[end]);)
                end++;
            bool is_half = (at == 0 && was_cut) || (end == text.size && end > at && text.data[end - 1] == '-');
            if (!is_half)
                add_word(words, slice_range(text, at, end));
        }
    }
}

void pdf_words_release(struct pdf_words *words)
{
    map_release(&words->seen);
}

/* first, `between` and second as one word: is it there? */
static bool is_seen(const struct pdf_words *words, struct slice first, const char *between, struct slice second)
{
    char joined[2 * WORD_BYTES_MAX + 2], bytes[WORD_BYTES_MAX];
    struct slice folded;
    struct slice mark = slice_from(between);
    if (first.size > WORD_BYTES_MAX || second.size > WORD_BYTES_MAX)
        return false;
    memcpy(joined, first.data, first.size);
    memcpy(joined + first.size, mark.data, mark.size);
    memcpy(joined + first.size + mark.size, second.data, second.size);
    return fold((struct slice){joined, first.size + mark.size + second.size}, bytes, &folded) &&
           map_get(&words->seen, folded) != NULL;
}

static struct slice last_word(struct slice text)
{
    size_t start = text.size;
    while (start > 0 && is_word_byte(text.data[start - 1]))
        start--;
    return slice_range(text, start, text.size);
}

static struct slice first_word(struct slice text)
{
    size_t end = 0;
    while (end < text.size && is_word_byte(text.data[end]))
        end++;
    while (end > 0 && text.data[end - 1] == '-')
        end--;
    return slice_range(text, 0, end);
}

/* Whether the hyphen between `before` (without it) and `after` is the line's and not the word's. */
static bool is_line_hyphen(struct slice before, struct slice after, const struct pdf_words *words)
{
    struct slice first = last_word(before), second = first_word(after);
    const struct slice nothing = {"", 0};
    if (first.size == 0 || second.size == 0 || !is_letter(first.data[first.size - 1]))
        return false;
    if (!((second.data[0] >= 'a' && second.data[0] <= 'z') || (unsigned char)second.data[0] >= 0x80))
        return false;
    if (is_seen(words, first, "", second))
        return true;
    if (is_seen(words, first, "-", second))
        return false;
    return !(first.size > 2 && second.size > 2 && is_seen(words, first, "", nothing) && is_seen(words, second, "", nothing));
}

/* Chinese and Japanese have no spaces between words. */
static bool is_unspaced(struct slice text, bool at_end)
{
    size_t at = 0;
    if (at_end)
        for (at = text.size - 1; at > 0 && ((unsigned char)text.data[at] & 0xC0) == 0x80;)
            at--;
    unsigned char lead = (unsigned char)text.data[at];
    if (utf8_size(text, at) != 3 || lead < 0xE2 || (lead == 0xE2 && (unsigned char)text.data[at + 1] < 0xBA))
        return false; /* below U+2E80 */
    return lead < 0xEA || lead == 0xEF; /* Hangul, from U+AC00, has spaces */
}

void pdf_join(struct buffer *out, struct slice text, const struct pdf_words *words)
{
    static const struct slice soft = {"\xC2\xAD", 2};
    struct slice before = buffer_slice(out);
    if (before.size > 0 && text.size > 0 && before.data[before.size - 1] != '\n') {
        if (slice_ends_with(before, soft))
            out->size -= soft.size;
        else if (before.size > 1 && slice_ends_with(before, SLICE("-"))) {
            before = slice_range(before, 0, before.size - 1);
            if (is_line_hyphen(before, text, words))
                out->size--;
            else if (!is_word_byte(before.data[before.size - 1])) /* a dash, with a space before it */
                buffer_append_byte(out, ' ');
        } else if (!(is_unspaced(before, true) && is_unspaced(text, false)))
            buffer_append_byte(out, ' ');
    }
    /* Soft hyphens within a line were places where it might have ended. */
    for (size_t at = 0; at < text.size; at++) {
        bool is_soft = at + 1 < text.size && memcmp(text.data + at, soft.data, soft.size) == 0 && at + soft.size < text.size;
        if (is_soft)
            at++;
        else
            buffer_append_byte(out, text.data[at]);
    }
}

/* ---- marks of list items ---- */

static const char *const bullets[] = {"•", "●", "○", "■", "□", "▪", "▫", "‣", "⁃", "∙", "◦", "➢",
                                      "➤", "►", "▶", "✓", "✔", "❖", "◆", "◇", "★", "☐", "☑", "·"};
static const char *const dashes[] = {"-", "–", "—", "*"};

static size_t begins_with(struct slice text, const char *const *marks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_starts_with(text, slice_from(marks[i])))
            return strlen(marks[i]);
    return 0;
}

/* "3." "12)" "(a)" "b." "iv)" "2.1.": at most three letters or a number of three digits, and then a point or parenthesis. */
static size_t enumerator(struct slice text)
{
    size_t at = 0, letters = 0, digits = 0;
    bool is_open = text.size > 0 && text.data[0] == '(';
    for (at = is_open; at < text.size; at++) {
        char c = text.data[at];
        bool is_digit = c >= '0' && c <= '9', is_roman = strchr("ivx", c | 0x20) != NULL && c != '\0';
        if (is_digit && letters == 0 && digits < 3)
            digits++;
        else if (digits == 0 && (c | 0x20) >= 'a' && (c | 0x20) <= 'z' && (letters == 0 || (is_roman && letters < 4)))
            letters++;
        else
            break;
    }
    if (at >= text.size || letters + digits == 0)
        return 0;
    bool is_closed = text.data[at] == ')' || (text.data[at] == '.' && !is_open);
    return is_closed ? at + 1 : 0;
}

struct pdf_mark pdf_mark_of(struct slice text)
{
    struct pdf_mark mark = {PDF_MARK_BULLET, begins_with(text, bullets, ARRAY_COUNT(bullets))};
    if (mark.size == 0)
        mark = (struct pdf_mark){PDF_MARK_DASH, begins_with(text, dashes, ARRAY_COUNT(dashes))};
    if (mark.size == 0)
        mark = (struct pdf_mark){PDF_MARK_NUMBER, enumerator(text)};
    size_t end = mark.size;
    while (end < text.size && text.data[end] == ' ')
        end++;
    bool is_apart = end > mark.size || end == text.size || mark.kind == PDF_MARK_BULLET;
    return mark.size > 0 && is_apart ? (struct pdf_mark){mark.kind, end} : (struct pdf_mark){PDF_MARK_NONE, 0};
}
