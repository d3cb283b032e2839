/* passage_text.c - passages as reader and writer see them: their text, orders blanked out. */
#include "ask_parts.h"
#include <string.h>

struct slice passage_copy(const struct ask_passage *passage)
{
    if (passage->sentence_count == 0)
        return (struct slice){0};
    const struct slice *first = &passage->sentences[0].text, *last = &passage->sentences[passage->sentence_count - 1].text;
    const char *begin = first->data - passage->first_at;
    return (struct slice){begin, (size_t)(last->data + last->size - begin)};
}

struct slice passage_to_read(struct asking *asking, const struct ask_passage *passage)
{
    struct slice copy = passage_copy(passage);
    if (!passage->has_order)
        return copy;
    char *text = arena_text(asking->arena, copy);
    for (size_t i = 0; i < passage->sentence_count; i++)
        if (passage->sentences[i].is_order)
            memset(text + (passage->sentences[i].text.data - copy.data), ' ', passage->sentences[i].text.size);
    return (struct slice){text, copy.size};
}

/* Or that begins next behind it. */
size_t passage_sentence_at(const struct ask_passage *passage, size_t at)
{
    struct slice copy = passage_copy(passage);
    for (size_t i = 0; i + 1 < passage->sentence_count; i++)
        if ((size_t)(passage->sentences[i].text.data - copy.data) + passage->sentences[i].text.size > at)
            return i;
    return passage->sentence_count - 1;
}

double passage_share(const struct asking *asking, size_t passage)
{
    double best = asking->passages[0].hit->score;
    return best > 0 ? asking->passages[passage].hit->score / best : 0;
}
