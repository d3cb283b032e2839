/* anchors.c - places within a page that links name, "handbook.md#opening-hours", and that are not there.
 *
 * How a heading becomes a name differs from site to site (case, signs, accents, numbers behind names that come twice), so only letters and digits are
 * compared, and a name that is a part of a heading's, or has one as a part, is taken for it: what is told has nothing like it in the page.
 * Pages that are made by a program when they are shown ("{{ … }}", "{% … %}") are not judged. */
#include "anchors.h"
#include "codec/codec.h"
#include <stdlib.h>
#include <string.h>

enum {
    ANCHOR_BYTES_MAX = 256,
    PART_LEAST = 3,
    PAGE_ANCHORS_MAX = 1000 /* that are looked at, of those that lead to one page */
};

/* Letters in small, and digits; accents and what else is not ASCII is left out. */
static struct slice plain_name(struct arena *arena, struct slice text)
{
    size_t taken = text.size < ANCHOR_BYTES_MAX ? text.size : ANCHOR_BYTES_MAX, size = 0;
    char *plain = arena_alloc(arena, taken + 1, 1);
    for (size_t i = 0; i < taken; i++) {
        char byte = text.data[i], small = (char)(byte | 0x20);
        if (byte >= '0' && byte <= '9')
            plain[size++] = byte;
        else if ((unsigned char)byte < 0x80 && small >= 'a' && small <= 'z')
            plain[size++] = small;
    }
    return (struct slice){plain, size};
}

/* What can be judged: the name of a heading, no line of code, text to be found, or address of a program. */
static bool is_judged(struct slice fragment)
{
    bool is_line = fragment.size > 1 && fragment.data[0] == 'L' && fragment.data[1] >= '0' && fragment.data[1] <= '9';
    if (fragment.size == 0 || fragment.size > ANCHOR_BYTES_MAX || is_line || slice_equal_text(fragment, "top"))
        return false;
    for (size_t i = 0; i < fragment.size; i++)
        if (byte_among(fragment.data[i], "/:=!&?{}<>$*%") || (unsigned char)fragment.data[i] >= 0x80)
            return false;
    return true;
}

static bool holds(struct slice text, struct slice part)
{
    return part.size <= text.size && memmem(text.data, text.size, part.data, part.size) != NULL;
}

static bool is_alike(struct slice name, struct slice heading)
{
    return holds(heading, name) || (heading.size >= PART_LEAST && holds(name, heading));
}

/* id="x", name='x', {#x}: the page says itself what its places are called. */
static bool is_stated(struct slice source, struct slice fragment)
{
    static const char before[] = "\"'#=";
    const char *at = source.data, *end = source.data + source.size;
    while ((at = memmem(at, (size_t)(end - at), fragment.data, fragment.size)) != NULL) {
        bool begins = at > source.data && byte_among(at[-1], before);
        bool is_target = begins && (at - source.data < 2 || at[-1] != '#' || at[-2] == '{');
        const char *behind = at + fragment.size;
        if (is_target && (behind == end || byte_among(*behind, "\"'} >\n")))
            return true;
        at++;
    }
    return false;
}

static bool is_made(struct slice source)
{
    static const char *const marks[] = {"{{", "{%", "<%", "\n::: ", "\nimport "};
    for (size_t i = 0; i < ARRAY_COUNT(marks); i++)
        if (memmem(source.data, source.size, marks[i], strlen(marks[i])) != NULL)
            return true;
    return false;
}

void anchors_take(struct anchors *anchors, const struct link *link, size_t from)
{
    size_t at;
    if (link->to == NULL || !slice_find(link->target, '#', &at))
        return;
    struct slice fragment = slice_trim(slice_range(link->target, at + 1, link->target.size));
    if (!is_judged(fragment))
        return;
    anchors->items = arena_more(anchors->arena, anchors->items, anchors->count, &anchors->capacity, sizeof(*anchors->items));
    anchors->items[anchors->count++] = (struct anchor){.from = from,
                                                       .to = link->to_number,
                                                       .line = link->line,
                                                       .target = arena_slice(anchors->arena, link->target),
                                                       .fragment = arena_slice(anchors->arena, fragment)};
}

static int compare_anchors(const void *a, const void *b)
{
    const struct anchor *x = a, *y = b;
    if (x->to != y->to)
        return x->to < y->to ? -1 : 1;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return x->line != y->line ? (x->line < y->line ? -1 : 1) : slice_compare(x->fragment, y->fragment);
}

static bool is_there(const struct anchor *anchor, struct slice source, const struct blocks *blocks, struct arena *arena)
{
    arena_clear(arena); /* of the anchor before */
    struct slice name = plain_name(arena, anchor->fragment);
    if (name.size < PART_LEAST || is_stated(source, anchor->fragment))
        return true;
    size_t numbered = name.size; /* "setup-1" is the second "Setup" */
    while (numbered > PART_LEAST && name.data[numbered - 1] >= '0' && name.data[numbered - 1] <= '9')
        numbered--;
    for (size_t i = 0; i < blocks->count; i++) {
        if (blocks->items[i].kind != BLOCK_HEADING)
            continue;
        struct slice heading = plain_name(arena, blocks->items[i].text);
        if (is_alike(name, heading) || is_alike(slice_range(name, 0, numbered), heading))
            return true;
    }
    return false;
}

static void tell(struct findings *findings, const struct pile *pile, const struct anchor *anchor)
{
    static const char mend[] = "Name a heading that is there: whoever follows the link ends at the head of the page.";
    struct audit_place place = place_of_document(&pile->documents[anchor->from]);
    place.line = place.line_end = anchor->line;
    place.text = arena_line(findings->arena, anchor->target);
    findings_add(findings, AUDIT_BROKEN_LINK, AUDIT_LOW, &place, 1, mend,
                 SLICE_FORMAT ":%lld links to “" SLICE_FORMAT "”, a place that is not in that page",
                 SLICE_ARGUMENT(place.document), (long long)anchor->line, SLICE_ARGUMENT(place.text));
}

/* All that lead to one page, which is read once. */
static bool check_page(struct pile *pile, struct findings *findings, const struct anchor *anchors, size_t count,
                       struct buffer *content, struct error *error)
{
    const struct pile_document *page = &pile->documents[anchors[0].to];
    bool is_markdown = slice_equal_text(page->format, "markdown");
    struct arena arena, names;
    struct blocks blocks;
    struct error unread;
    if (!is_markdown && !slice_equal_text(page->format, "html"))
        return true;
    buffer_clear(content);
    if (!store_content(pile->request->project->store, page->id, content, error))
        return false;
    struct slice source = buffer_slice(content);
    if (is_made(source))
        return true;
    arena_init(&arena);
    arena_init(&names); /* of one anchor at a time */
    if ((is_markdown ? markdown_read : html_read)(source, &arena, &blocks, &unread))
        for (size_t i = 0; i < count && i < PAGE_ANCHORS_MAX; i++)
            if (!is_there(&anchors[i], source, &blocks, &names))
                tell(findings, pile, &anchors[i]);
    arena_release(&names);
    arena_release(&arena);
    return true;
}

bool anchors_check(struct anchors *anchors, struct pile *pile, struct findings *findings, struct error *error)
{
    struct buffer content;
    bool ok = true;
    buffer_init(&content, LIMIT_DOCUMENT_BYTES_MAX + MIB);
    if (anchors->count > 1)
        qsort(anchors->items, anchors->count, sizeof(*anchors->items), compare_anchors);
    for (size_t first = 0, end; ok && first < anchors->count; first = end) {
        for (end = first + 1; end < anchors->count && anchors->items[end].to == anchors->items[first].to;)
            end++;
        ok = check_page(pile, findings, anchors->items + first, end - first, &content, error);
    }
    buffer_release(&content);
    return ok;
}
