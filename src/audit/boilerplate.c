/* boilerplate.c - lines that stand in many documents: heads, feet, notices, navigation.
 *
 *   lines of all passages ─ hash, passage ─▶ sorted ─▶ runs in many documents ─ by the documents they stand in ─▶ one finding for each set
 *
 * They say nothing of any one of these documents, make their passages alike, and take room before a model. Documents that are copies of each
 * other are told as such, and not here. */
#include "pile.h"
#include <stdlib.h>
#include <string.h>

enum {
    DOCUMENTS_LEAST = 5,
    SHARE_LEAST = 10 /* one document of so many */,
    WORDS_LEAST = 6,
    LINE_BYTES_MAX = 2000,
    PLACES_MAX = 20
};

struct line {
    uint64_t hash;
    uint32_t passage, start;
};

struct line_list {
    struct line *items;
    size_t count, capacity;
};

/* A line that stands in many documents. */
struct repeated {
    uint64_t documents; /* a hash of which these are */
    size_t first, count; /* of the lines, one for each document */
};

static bool has_words(struct slice line)
{
    struct text_words words = {.text = line};
    struct slice segment;
    bool is_word;
    size_t count = 0;
    while (count < WORDS_LEAST && text_words_next(&words, &segment, &is_word))
        count += is_word;
    return count == WORDS_LEAST;
}

static void read_lines(struct line_list *lines, const struct pile *pile, uint32_t number)
{
    struct slice text = pile->passages[number].text, rest = text, line;
    while (slice_next(&rest, '\n', &line)) {
        line = slice_trim(line);
        if (line.size < (size_t)2 * WORDS_LEAST || line.size > LINE_BYTES_MAX || !has_words(line))
            continue;
        lines->items = memory_more(lines->items, lines->count, &lines->capacity, sizeof(*lines->items));
        lines->items[lines->count++] = (struct line){map_hash(line), number, (uint32_t)(line.data - text.data)};
    }
}

static int compare_lines(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->passage != y->passage ? (x->passage > y->passage) - (x->passage < y->passage)
                                    : (x->start > y->start) - (x->start < y->start);
}

/* Keeps the first line of each document in a run of equal ones; the documents' passages follow one another. */
static struct repeated keep_documents(const struct pile *pile, struct line *run, size_t count)
{
    struct repeated repeated = {.documents = 0xcbf29ce484222325u};
    for (size_t i = 0; i < count; i++) {
        uint32_t document = pile->passages[run[i].passage].document;
        if (repeated.count > 0 && pile->passages[run[repeated.count - 1].passage].document == document)
            continue;
        repeated.documents = (repeated.documents ^ document) * 0x100000001b3u;
        run[repeated.count++] = run[i];
    }
    return repeated;
}

static struct slice text_of(const struct pile *pile, const struct line *line)
{
    struct slice rest = pile->passages[line->passage].text, found;
    rest = slice_range(rest, line->start, rest.size);
    return slice_next(&rest, '\n', &found) ? slice_trim(found) : SLICE("");
}

static void tell(const struct pile *pile, struct findings *findings, const struct line *first, size_t count, size_t more)
{
    static const char leave_out[] =
        "Leave it out of what is added (a template's head or foot, a notice, navigation), or keep it in one document.";
    struct audit_place places[PLACES_MAX];
    size_t shown = count < PLACES_MAX ? count : PLACES_MAX;
    struct slice text = text_of(pile, first);
    for (size_t i = 0; i < shown; i++)
        places[i] = place_of(pile, findings, first[i].passage, text_of(pile, &first[i]));
    const char *others = more == 0 ? ""
                                   : arena_format(findings->arena, ", and %zu more line%s with it", more, more == 1 ? "" : "s");
    findings_add(findings, AUDIT_BOILERPLATE, AUDIT_LOW, places, shown, leave_out,
                 "“" SLICE_FORMAT "”%s stands in %zu documents%s", SLICE_ARGUMENT(slice_cut(text, 80)),
                 text.size > 80 ? " …" : "", count, others);
}

static int compare_repeated(const void *a, const void *b)
{
    const struct repeated *x = a, *y = b;
    return x->documents != y->documents ? (x->documents > y->documents) - (x->documents < y->documents)
                                        : (x->first > y->first) - (x->first < y->first);
}

/* Lines that stand in the same documents are one finding, told by the one that stands first. */
static void tell_sets(const struct pile *pile, struct findings *findings, const struct line_list *lines, struct repeated *sets,
                      size_t count)
{
    if (count > 1)
        qsort(sets, count, sizeof(*sets), compare_repeated);
    for (size_t i = 0, end; i < count; i = end) {
        const struct line *first = &lines->items[sets[i].first];
        for (end = i + 1; end < count && sets[end].documents == sets[i].documents; end++) {
            const struct line *other = &lines->items[sets[end].first];
            if (other->passage < first->passage || (other->passage == first->passage && other->start < first->start))
                first = other;
        }
        tell(pile, findings, first, sets[i].count, end - i - 1);
    }
}

bool check_boilerplate(struct pile *pile, struct findings *findings, struct error *error)
{
    struct line_list lines = {0};
    struct repeated *sets = NULL;
    size_t count = 0, capacity = 0, least = pile->document_count / SHARE_LEAST;
    bool ok = true;
    least = least > DOCUMENTS_LEAST ? least : DOCUMENTS_LEAST;
    for (size_t i = 0; ok && i < pile->passage_count; i++) {
        if (!pile->passages[i].is_copy && !pile->passages[i].is_quoted)
            read_lines(&lines, pile, (uint32_t)i);
        ok = i % 4096 != 0 || pile_step(pile, "looking for boilerplate", i, pile->passage_count, error);
    }
    if (ok && lines.count > 1)
        qsort(lines.items, lines.count, sizeof(*lines.items), compare_lines);
    for (size_t first = 0, end; ok && first < lines.count; first = end) {
        for (end = first + 1; end < lines.count && lines.items[end].hash == lines.items[first].hash;)
            end++;
        if (end - first < least)
            continue;
        struct repeated repeated = keep_documents(pile, &lines.items[first], end - first);
        repeated.first = first;
        if (repeated.count < least)
            continue;
        sets = memory_more(sets, count, &capacity, sizeof(*sets));
        sets[count++] = repeated;
    }
    if (ok)
        tell_sets(pile, findings, &lines, sets, count);
    free(lines.items);
    free(sets);
    return ok;
}
