/* diff.c - what changed between two texts, line by line: the longest common subsequence stays.
 *
 *   longest[i][j] = the most lines that before[i…] and after[j…] have in common, in order */
#include "templates.h"
#include <stdlib.h>

static bool cut_lines(struct slice text, struct arena *arena, struct slice **lines, size_t *count, struct error *error)
{
    struct slice rest = text, line;
    size_t capacity = 0;
    *lines = NULL;
    *count = 0;
    while (slice_next(&rest, '\n', &line)) {
        if (*count == ASK_DIFF_LINES)
            return error_set(error, ERROR_LIMIT, "a text to compare has more than %d lines", ASK_DIFF_LINES);
        *lines = arena_more(arena, *lines, *count, &capacity, sizeof(**lines));
        (*lines)[(*count)++] = line;
    }
    return true;
}

bool ask_diff(struct slice before, struct slice after, struct arena *arena, struct ask_change **changes, size_t *count,
              struct error *error)
{
    struct slice *old, *new;
    size_t old_count, new_count;
    if (!cut_lines(before, arena, &old, &old_count, error) || !cut_lines(after, arena, &new, &new_count, error))
        return false;
    size_t width = new_count + 1;
    uint16_t *longest = memory_alloc((old_count + 1) * width, sizeof(*longest)); /* at most 2001² */
    for (size_t i = old_count; i-- > 0;)
        for (size_t j = new_count; j-- > 0;) {
            uint16_t without_old = longest[(i + 1) * width + j], without_new = longest[i * width + j + 1];
            longest[i * width + j] = slice_equal(old[i], new[j]) ? (uint16_t)(longest[(i + 1) * width + j + 1] + 1)
                                     : without_old > without_new ? without_old
                                                                 : without_new;
        }
    *changes = arena_alloc(arena, old_count + new_count + 1, sizeof(**changes));
    *count = 0;
    for (size_t i = 0, j = 0; i < old_count || j < new_count;) {
        if (i < old_count && j < new_count && slice_equal(old[i], new[j])) {
            (*changes)[(*count)++] = (struct ask_change){ASK_LINE_SAME, old[i++]};
            j++;
        } else if (j == new_count || (i < old_count && longest[(i + 1) * width + j] >= longest[i * width + j + 1])) {
            (*changes)[(*count)++] = (struct ask_change){ASK_LINE_GONE, old[i++]};
        } else {
            (*changes)[(*count)++] = (struct ask_change){ASK_LINE_NEW, new[j++]};
        }
    }
    free(longest);
    return true;
}
