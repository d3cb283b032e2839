/* rival_words.c - words of the question in one place and not in another. */
#include "rival_words.h"
#include "span_parts.h"

struct terms rival_terms(struct asking *asking, size_t passage, struct slice text)
{
    return terms_of(asking, text, text_language_indexed(text_language_named(asking->passages[passage].hit->language)));
}

struct terms terms_joined(struct asking *asking, const struct terms *a, const struct terms *b)
{
    struct terms all = {arena_alloc(asking->arena, a->count + b->count, sizeof(*all.items)), a->count};
    for (size_t i = 0; i < a->count; i++)
        all.items[i] = a->items[i];
    for (size_t i = 0; i < b->count; i++)
        if (!terms_have(a, b->items[i]))
            all.items[all.count++] = b->items[i];
    return all;
}

size_t rival_asked_beyond(const struct asking *asking, const struct terms *these, const struct terms *those)
{
    size_t count = 0;
    for (size_t i = 0; i < asking->question.count; i++)
        count += terms_have(these, asking->question.items[i]) && !terms_have(those, asking->question.items[i]);
    return count;
}

bool rival_is_named(const struct asking *asking, const struct terms *words)
{
    for (size_t i = 0; i < words->count; i++)
        if (!terms_have(&asking->question, words->items[i]))
            return false;
    return words->count > 0;
}

size_t rival_not_asked(const struct asking *asking, const struct terms *words)
{
    size_t count = 0;
    for (size_t i = 0; i < words->count; i++)
        count += !span_is_digit(words->items[i], 0) && !terms_have(&asking->question, words->items[i]);
    return count;
}

bool rival_is_narrower(const struct asking *asking, const struct terms *mine, const struct terms *other)
{
    static const struct terms none = {0};
    return rival_not_asked(asking, mine) > 0 && rival_not_asked(asking, other) == 0 &&
           rival_asked_beyond(asking, other, &none) > 0 && rival_asked_beyond(asking, other, mine) == 0 &&
           rival_asked_beyond(asking, mine, other) == 0;
}
