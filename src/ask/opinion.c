/* opinion.c - what the overlap of words does not see: "is not" for "is", another's number, a fact turned round.
 *
 *   sentence, the part of the passage around what bears it out by its words ─▶ a cross-encoder that read claims with their evidence ─▶ chance
 *
 * It takes back what words allow when the chance is low. It has learned English alone. */
#include "ask_parts.h"
#include "ranker/ranker.h"
#include <string.h>

#define CHANCE_LEAST 0.1
enum { WINDOW_BYTES = 800, /* what it learned from had up to 130 words */ OTHERS_MAX = 3 };

static size_t size_of(const struct ask_sentence *sentence)
{
    return sentence->is_order ? 0 : sentence->text.size + 1;
}

/* The sentence with those around it, as many as there is room for; none that is an order. */
static struct slice window_around(struct asking *asking, const struct ask_passage *passage, size_t sentence)
{
    struct buffer window;
    size_t from = sentence, to = sentence + 1, size = size_of(&passage->sentences[sentence]);
    for (bool grows = true; grows;) {
        grows = false;
        if (to < passage->sentence_count && size + size_of(&passage->sentences[to]) <= WINDOW_BYTES) {
            size += size_of(&passage->sentences[to++]);
            grows = true;
        }
        if (from > 0 && size + size_of(&passage->sentences[from - 1]) <= WINDOW_BYTES) {
            size += size_of(&passage->sentences[--from]);
            grows = true;
        }
    }
    buffer_init(&window, LIMIT_EXTRACT_BYTES);
    for (size_t i = from; i < to; i++)
        if (!passage->sentences[i].is_order)
            buffer_format(&window, "%s" SLICE_FORMAT, window.size > 0 ? " " : "", SLICE_ARGUMENT(passage->sentences[i].text));
    struct slice text = arena_slice(asking->arena, buffer_slice(&window));
    buffer_release(&window);
    return text;
}

static bool is_border(char byte)
{
    return byte_among(byte, ".,;:!?()\n");
}

/* What follows a clause and takes a part of it back. */
static bool begins_condition(struct slice text)
{
    static const char *const words[] = {"if",   "unless", "except",  "but",   "only", "provided",
                                        "when", "until",  "without", "where", "as",   "not"};
    size_t size = 0;
    text = slice_trim(text);
    while (size < text.size && ((text.data[size] | 0x20) >= 'a' && (text.data[size] | 0x20) <= 'z'))
        size++;
    for (size_t i = 0; i < ARRAY_COUNT(words); i++)
        if (slice_equal_text(slice_range(text, 0, size), words[i]))
            return true;
    return false;
}

static bool begins_there(struct slice before)
{
    struct slice trimmed = slice_trim(before);
    if (trimmed.size == 0 || before.data[before.size - 1] == '\n')
        return true;
    bool is_apart = trimmed.data + trimmed.size < before.data + before.size; /* not the "1." of "1.5" */
    return is_apart && byte_among(trimmed.data[trimmed.size - 1], ".!?:|*-");
}

static bool ends_there(struct slice behind)
{
    if (behind.size == 0 || behind.data[0] == '\n')
        return true;
    bool is_end = is_border(behind.data[0]) &&
                  (behind.size == 1 || byte_among(behind.data[1], " \n\t")); /* not that of "1.5" */
    return is_end && !begins_condition(slice_range(behind, 1, behind.size));
}

/* Whether what is said is a whole sentence of the text, or its beginning up to a comma or the like behind which nothing takes it back: then there is
 * nothing to ask. */
static bool stands_there(struct slice text, struct slice said)
{
    while (said.size > 0 && (is_border(said.data[said.size - 1]) || said.data[said.size - 1] == ' '))
        said.size--;
    for (size_t at = 0; said.size > 0 && at + said.size <= text.size; at++) {
        const char *found = memmem(text.data + at, text.size - at, said.data, said.size);
        if (found == NULL)
            return false;
        at = (size_t)(found - text.data);
        if (begins_there(slice_range(text, 0, at)) && ends_there(slice_range(text, at + said.size, text.size)))
            return true;
    }
    return false;
}

/* False in `*stands`: it is turned round there, as far as the ranker can tell. */
static bool ask_opinion(struct asking *asking, struct slice said, const struct support *support, bool *stands,
                        struct error *error)
{
    struct slice window = window_around(asking, &asking->passages[support->passage], support->sentence);
    float score;
    *stands = stands_there(window, said);
    if (*stands)
        return true;
    if (!ranker_score(asking->request->grounding, window, &said, 1, &score, error))
        return false;
    *stands = ranker_chance(score) >= CHANCE_LEAST;
    return true;
}

bool grounding_check(struct asking *asking, struct slice sentence, struct support *support, struct error *error)
{
    const size_t first = support->passage;
    struct slice said = slice_trim(sentence);
    if (asking->request->grounding == NULL || !support->is_supported || language_of(asking, sentence) != LANGUAGE_ENGLISH)
        return true;
    if (!ask_opinion(asking, said, support, &support->is_supported, error))
        return false;
    for (size_t i = 0, tried = 0; i < asking->passage_count && tried < OTHERS_MAX && !support->is_supported; i++) {
        struct support other = i == first ? *support : support_at(asking, i, sentence);
        if (!other.is_supported)
            continue;
        tried++;
        if (!ask_opinion(asking, said, &other, &other.is_supported, error))
            return false;
        if (other.is_supported)
            *support = other;
    }
    support->is_doubted = !support->is_supported;
    return true;
}
