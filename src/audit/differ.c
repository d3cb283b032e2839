/* differ.c - the longest common subsequence, by the textbook's table: texts are short here. */
#include "differ.h"
#include <string.h>

enum { SHOWN = 3, SHOWN_BYTES = 60 };

void differ_take(struct differ_words *words, const struct pieces *pieces)
{
    words->count = 0;
    for (size_t i = 0; i < pieces->count && words->count < DIFFER_WORDS_MAX; i++)
        if (pieces->items[i].is_word)
            words->items[words->count++] = (uint16_t)i;
}

size_t differ_align(const uint32_t *first, size_t first_count, const uint32_t *second, size_t second_count,
                    struct differ_part parts[DIFFER_PARTS_MAX], size_t *shared)
{
    uint8_t lengths[DIFFER_WORDS_MAX + 1][DIFFER_WORDS_MAX + 1]; /* of the common subsequence of what stands behind */
    memset(lengths, 0, sizeof(lengths));
    for (size_t i = first_count; i-- > 0;)
        for (size_t j = second_count; j-- > 0;) {
            uint8_t skip = lengths[i + 1][j] > lengths[i][j + 1] ? lengths[i + 1][j] : lengths[i][j + 1];
            lengths[i][j] = first[i] == second[j] ? (uint8_t)(lengths[i + 1][j + 1] + 1) : skip;
        }
    size_t i = 0, j = 0, count = 0;
    *shared = lengths[0][0];
    while (i < first_count || j < second_count) {
        struct differ_part part = {i, i, j, j};
        while ((i < first_count || j < second_count) && !(i < first_count && j < second_count && first[i] == second[j])) {
            bool take_first = j == second_count || (i < first_count && lengths[i + 1][j] >= lengths[i][j + 1]);
            i += take_first;
            j += !take_first;
        }
        part.first_end = i;
        part.second_end = j;
        if (part.first_end > part.first || part.second_end > part.second)
            parts[count++] = part;
        while (i < first_count && j < second_count && first[i] == second[j]) {
            i++;
            j++;
        }
    }
    return count;
}

static uint32_t number_of(const struct pieces *pieces, size_t at)
{
    return (uint32_t)map_hash(piece_text(pieces, at));
}

static struct slice run_of(const struct pieces *pieces, const struct differ_words *words, size_t first, size_t end)
{
    if (first == end)
        return SLICE("–");
    struct slice run = slice_range(pieces->text, pieces->items[words->items[first]].start,
                                   pieces->items[words->items[end - 1]].end);
    for (; run.size > SHOWN_BYTES && end > first + 1; end--) /* whole words only */
        run = slice_range(pieces->text, pieces->items[words->items[first]].start, pieces->items[words->items[end - 2]].end);
    return run;
}

const char *differ_show(struct slice first, struct slice second, struct arena *arena)
{
    struct pieces pieces[2];
    struct differ_words words[2];
    uint32_t numbers[2][DIFFER_WORDS_MAX];
    struct differ_part parts[DIFFER_PARTS_MAX];
    size_t shared;
    const char *shown = "";
    pieces_read(&pieces[0], first);
    pieces_read(&pieces[1], second);
    for (size_t side = 0; side < 2; side++) {
        differ_take(&words[side], &pieces[side]);
        for (size_t i = 0; i < words[side].count; i++)
            numbers[side][i] = number_of(&pieces[side], words[side].items[i]);
    }
    size_t count = differ_align(numbers[0], words[0].count, numbers[1], words[1].count, parts, &shared);
    for (size_t i = 0; i < count && i < SHOWN; i++) {
        struct slice one = run_of(&pieces[0], &words[0], parts[i].first, parts[i].first_end);
        struct slice other = run_of(&pieces[1], &words[1], parts[i].second, parts[i].second_end);
        shown = arena_format(arena, "%s%s“" SLICE_FORMAT "” / “" SLICE_FORMAT "”", shown, i == 0 ? "; they differ in " : ", ",
                             SLICE_ARGUMENT(one), SLICE_ARGUMENT(other));
    }
    return shown;
}
