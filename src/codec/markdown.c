/* markdown.c - Markdown into blocks, over md4c's events.
 *
 * md4c hands text out as pointers into the source (only breaks and the like are its own), so each piece of text knows where it
 * stands. What is not text for a reader (link targets, HTML tags, images' addresses) is left out. Raw HTML keeps its text. */
#include "block.h"
#include "entity.h"
#include <md4c.h>
#include <string.h>

struct markdown {
    struct block_collector collector;
    unsigned item_depth;
    unsigned item_starts; /* items entered whose first block has not ended */
    bool in_table_head;
    bool in_html_tag; /* inside <…> of a raw HTML block */
    size_t cell;      /* number of this cell in its row */
};

static void end_text_block(struct markdown *markdown, enum block_kind kind, unsigned level)
{
    size_t before = markdown->collector.out->count;
    bool is_item = kind == BLOCK_PARAGRAPH && markdown->item_starts > 0;
    if (is_item) {
        kind = BLOCK_ITEM;
        level = markdown->item_depth;
    }
    block_end(&markdown->collector, kind, level);
    if (is_item && markdown->collector.out->count > before)
        markdown->item_starts = 0;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *context)
{
    struct markdown *markdown = context;
    (void)detail;
    switch (type) {
    case MD_BLOCK_UL:
    case MD_BLOCK_OL: /* a tight item's own text ends where its inner list begins */
        end_text_block(markdown, BLOCK_PARAGRAPH, 0);
        break;
    case MD_BLOCK_LI:
        markdown->item_depth++;
        markdown->item_starts = 1;
        break;
    case MD_BLOCK_THEAD:
        markdown->in_table_head = true;
        break;
    case MD_BLOCK_TR:
        markdown->cell = 0;
        break;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD:
        if (markdown->cell++ > 0)
            block_add_text(&markdown->collector, SLICE(" | "), SIZE_MAX);
        break;
    case MD_BLOCK_CODE:
    case MD_BLOCK_QUOTE:
    case MD_BLOCK_H:
    case MD_BLOCK_P:
    case MD_BLOCK_TABLE:
        end_text_block(markdown, BLOCK_PARAGRAPH, 0);
        break;
    default:
        break;
    }
    return 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *context)
{
    struct markdown *markdown = context;
    switch (type) {
    case MD_BLOCK_LI:
        end_text_block(markdown, BLOCK_PARAGRAPH, 0);
        markdown->item_depth--;
        markdown->item_starts = 0;
        break;
    case MD_BLOCK_H:
        block_end(&markdown->collector, BLOCK_HEADING, ((MD_BLOCK_H_DETAIL *)detail)->level);
        break;
    case MD_BLOCK_CODE:
        block_end(&markdown->collector, BLOCK_CODE, 0);
        break;
    case MD_BLOCK_TR:
        block_end(&markdown->collector, markdown->in_table_head ? BLOCK_TABLE_HEAD : BLOCK_TABLE_ROW, 0);
        break;
    case MD_BLOCK_THEAD:
        markdown->in_table_head = false;
        break;
    case MD_BLOCK_HTML:
        markdown->in_html_tag = false;
        end_text_block(markdown, BLOCK_PARAGRAPH, 0);
        break;
    case MD_BLOCK_P:
    case MD_BLOCK_QUOTE:
        end_text_block(markdown, BLOCK_PARAGRAPH, 0);
        break;
    default:
        break;
    }
    return 0;
}

static int ignore_span(MD_SPANTYPE type, void *detail, void *context)
{
    (void)type;
    (void)detail;
    (void)context;
    return 0;
}

/* Where md4c's text stands in the source; SIZE_MAX for its own constants. */
static size_t place_of(const struct markdown *markdown, const char *text, size_t size)
{
    uintptr_t begin = (uintptr_t)markdown->collector.source.data;
    uintptr_t place = (uintptr_t)text;
    if (place < begin || place - begin > markdown->collector.source.size - size)
        return SIZE_MAX;
    return (size_t)(place - begin);
}

/* Adds what stands outside <…>. A tag may go on in the next piece. */
static void add_html(struct markdown *markdown, struct slice html)
{
    size_t place = place_of(markdown, html.data, html.size);
    size_t start = 0;
    for (size_t i = 0; i <= html.size; i++) {
        bool at_end = i == html.size;
        if (!markdown->in_html_tag && (at_end || html.data[i] == '<')) {
            block_add_text(&markdown->collector, slice_range(html, start, i), place == SIZE_MAX ? SIZE_MAX : place + start);
            markdown->in_html_tag = !at_end;
        } else if (!at_end && markdown->in_html_tag && html.data[i] == '>') {
            markdown->in_html_tag = false;
            start = i + 1;
        }
    }
}

static int add_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *context)
{
    struct markdown *markdown = context;
    struct slice slice = {text, size};
    char decoded[ENTITY_BYTES_MAX];
    switch (type) {
    case MD_TEXT_NULLCHAR:
        block_add_text(&markdown->collector, SLICE("\xEF\xBF\xBD"), SIZE_MAX);
        break;
    case MD_TEXT_BR:
        block_add_text(&markdown->collector, SLICE("\n"), SIZE_MAX);
        break;
    case MD_TEXT_SOFTBR:
        block_add_text(&markdown->collector, SLICE(" "), SIZE_MAX);
        break;
    case MD_TEXT_ENTITY: {
        size_t decoded_size = entity_decode(slice, decoded);
        struct slice character = decoded_size > 0 ? (struct slice){decoded, decoded_size} : slice;
        block_add_text(&markdown->collector, character, place_of(markdown, text, size));
        break;
    }
    case MD_TEXT_HTML:
        add_html(markdown, slice);
        break;
    default:
        block_add_text(&markdown->collector, slice, place_of(markdown, text, size));
        break;
    }
    return 0;
}

/* The bytes of a YAML head, "---" lines included; 0 when there is none. */
static size_t head_size(struct slice source)
{
    struct slice rest = source, line;
    if (!slice_next(&rest, '\n', &line) || !slice_equal_text(slice_trim(line), "---"))
        return 0;
    while (slice_next(&rest, '\n', &line))
        if (slice_equal_text(slice_trim(line), "---") || slice_equal_text(slice_trim(line), "..."))
            return (size_t)(rest.data - source.data);
    return 0;
}

static struct slice head_text(const struct yaml_node *head, const char *key)
{
    const struct yaml_node *node = yaml_get(head, key);
    return node != NULL && node->kind == YAML_SCALAR ? slice_trim(node->text) : SLICE("");
}

/* Reads title and language from the head. One that is not YAML is text like any other: returns 0 then. */
static size_t read_head(struct slice source, struct arena *arena, struct blocks *blocks)
{
    size_t size = head_size(source);
    if (size == 0)
        return 0;
    struct slice rest = slice_range(source, 0, size), first, inside;
    (void)slice_next(&rest, '\n', &first);
    inside = slice_trim(rest);
    if (inside.size < 3)
        return 0;
    inside.size -= 3; /* the closing line */
    struct yaml_node head;
    struct error ignored;
    if (!yaml_read(inside, "head", arena, &head, &ignored) || head.kind != YAML_MAPPING)
        return 0;
    blocks->title = head_text(&head, "title");
    blocks->language = head_text(&head, "lang");
    if (blocks->language.size == 0)
        blocks->language = head_text(&head, "language");
    return size;
}

bool markdown_read(struct slice source, struct arena *arena, struct blocks *blocks, struct error *error)
{
    if (source.size > UINT32_MAX / 2)
        return error_set(error, ERROR_LIMIT, "Markdown of %zu bytes, the limit is %u", source.size, UINT32_MAX / 2);
    struct markdown markdown = {0};
    struct blocks read;
    block_collector_init(&markdown.collector, source, arena, &read);
    size_t head = read_head(source, arena, &read);
    static const MD_PARSER parser = {
        .flags = MD_DIALECT_GITHUB | MD_FLAG_PERMISSIVEATXHEADERS,
        .enter_block = enter_block,
        .leave_block = leave_block,
        .enter_span = ignore_span,
        .leave_span = ignore_span,
        .text = add_text,
    };
    /* md4c calls back with non-zero only when a callback of ours does, or when memory is out. */
    int status = md_parse(source.data + head, (MD_SIZE)(source.size - head), &parser, &markdown);
    block_end(&markdown.collector, BLOCK_PARAGRAPH, 0);
    block_collector_release(&markdown.collector);
    if (status != 0)
        return error_set(error, ERROR_NO_MEMORY, "no memory to read Markdown of %zu bytes", source.size);
    *blocks = read;
    return true;
}
