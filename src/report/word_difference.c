/* word_difference.c - two texts word by word: what only one of them has is marked.
 *
 *   wanted  within 30 days of delivery          within 30 <del>days</del> <ins>working days</ins> of delivery
 *   given   within 30 working days of delivery
 *
 * By the longest common run of words, found by the usual table; so texts have WORDS_MAX words at the most. */
#include "page.h"
#include <stdlib.h>

enum { WORDS_MAX = 400 };

struct words {
    struct slice items[WORDS_MAX];
    size_t count;
};

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

static bool cut(struct slice text, struct words *words)
{
    size_t at = 0;
    words->count = 0;
    while (at < text.size) {
        while (at < text.size && is_blank(text.data[at]))
            at++;
        const size_t start = at;
        while (at < text.size && !is_blank(text.data[at]))
            at++;
        if (at == start)
            break;
        if (words->count == WORDS_MAX)
            return false;
        words->items[words->count++] = slice_range(text, start, at);
    }
    return true;
}

/* lengths[i][j]: the longest common run of first[i …] and second[j …], in rows of second.count + 1. */
static void fill(const struct words *first, const struct words *second, uint16_t *lengths)
{
    const size_t row = second->count + 1;
    for (size_t i = first->count; i-- > 0;)
        for (size_t j = second->count; j-- > 0;) {
            const uint16_t down = lengths[(i + 1) * row + j], right = lengths[i * row + j + 1];
            lengths[i * row + j] = slice_equal(first->items[i], second->items[j])
                                       ? (uint16_t)(lengths[(i + 1) * row + j + 1] + 1)
                                   : down >= right ? down
                                                   : right;
        }
}

static void say_word(struct page *page, const char *tag, const char **open, struct slice word)
{
    if (*open != tag) {
        if (*open != NULL)
            buffer_format(page->out, "</%s>", *open);
        page_html(page, " ");
        if (tag != NULL)
            buffer_format(page->out, "<%s>", tag);
        *open = tag;
    } else {
        page_html(page, " ");
    }
    page_say(page, word);
}

static void say_all(struct page *page, const struct words *first, const struct words *second, const uint16_t *lengths)
{
    static const char *const only_first = "del", *const only_second = "ins";
    const size_t row = second->count + 1;
    const char *open = NULL;
    size_t i = 0, j = 0;
    while (i < first->count || j < second->count) {
        if (i < first->count && j < second->count && slice_equal(first->items[i], second->items[j])) {
            say_word(page, NULL, &open, second->items[j++]);
            i++;
        } else if (i < first->count && (j == second->count || lengths[(i + 1) * row + j] >= lengths[i * row + j + 1])) {
            say_word(page, only_first, &open, first->items[i++]);
        } else {
            say_word(page, only_second, &open, second->items[j++]);
        }
    }
    if (open != NULL)
        buffer_format(page->out, "</%s>", open);
}

void page_difference(struct page *page, struct slice wanted, struct slice given)
{
    struct words first, second;
    if (!cut(wanted, &first) || !cut(given, &second))
        return;
    uint16_t *lengths = memory_alloc((first.count + 1) * (second.count + 1), sizeof(*lengths));
    fill(&first, &second, lengths);
    page_html(page, "<p class=\"difference\"><span class=\"what\">Against the answer wanted</span>");
    say_all(page, &first, &second, lengths);
    page_html(page, "</p>\n");
    free(lengths);
}
