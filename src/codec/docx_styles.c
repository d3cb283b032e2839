#include "docx_styles.h"
#include <stdlib.h>
#include <string.h>

enum { CHAIN_MAX = 32, STYLES_MAX = 100000 };
enum { STYLE = 1, STYLE_NAME, BASED_ON, OUTLINE, NUMBERING, NUMBER, NUMBER_LEVEL, VANISH, BOLD, TABLE_PART, CHANGE };

static const struct xml_word words[] = {
    {XML_WORD, "style", STYLE},        {XML_WORD, "name", STYLE_NAME}, {XML_WORD, "basedOn", BASED_ON},
    {XML_WORD, "outlineLvl", OUTLINE}, {XML_WORD, "numPr", NUMBERING}, {XML_WORD, "numId", NUMBER},
    {XML_WORD, "ilvl", NUMBER_LEVEL},  {XML_WORD, "vanish", VANISH},   {XML_WORD, "pPrChange", CHANGE},
    {XML_WORD, "rPrChange", CHANGE},   {XML_WORD, "b", BOLD},          {XML_WORD, "tblStylePr", TABLE_PART},
};

bool docx_is_on(struct xml *xml)
{
    struct slice value = xml_get(xml, XML_WORD, "val");
    return !slice_equal_text(value, "0") && !slice_equal_text(value, "false") && !slice_equal_text(value, "off");
}

static unsigned level_of(struct slice value, unsigned otherwise)
{
    uint64_t level;
    return slice_to_u64(value, &level) && level <= DOCX_LEVEL_BODY ? (unsigned)level : otherwise;
}

/* "Heading 2" and "heading2" are one. */
static size_t squeeze(struct slice name, char *out, size_t size_max)
{
    size_t size = 0;
    for (size_t i = 0; i < name.size && size < size_max; i++) {
        char c = name.data[i];
        if (c != ' ' && c != '-' && c != '_')
            out[size++] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
    return size;
}

/* The names of the styles that are built in are English in every language. */
void docx_style_take_name(struct docx_style *style, struct slice name)
{
    static const char *const code[] = {"sourcecode",       "htmlpreformatted", "code",    "codeblock",
                                       "preformattedtext", "macrotext",        "verbatim"};
    char bytes[32];
    struct slice plain = {bytes, squeeze(name, bytes, sizeof(bytes))};
    if (slice_equal_text(plain, "title"))
        style->outline = 0;
    bool is_heading = plain.size == 8 && slice_starts_with(plain, SLICE("heading")) && plain.data[7] >= '1' &&
                      plain.data[7] <= '9';
    if (is_heading)
        style->outline = (unsigned)(plain.data[7] - '1');
    style->is_contents = plain.size == 4 && slice_starts_with(plain, SLICE("toc")) && plain.data[3] >= '1' &&
                         plain.data[3] <= '9';
    for (size_t i = 0; i < ARRAY_COUNT(code); i++)
        style->is_code = style->is_code || slice_equal_text(plain, code[i]);
}

static int by_id(const void *a, const void *b)
{
    const struct docx_style *left = a, *right = b;
    int order = slice_compare(left->id, right->id);
    return order != 0 ? order : (left->at > right->at) - (left->at < right->at);
}

static void read_property(struct xml *xml, struct docx_style *style, struct arena *arena)
{
    struct slice value = xml_get(xml, XML_WORD, "val");
    switch (xml->code) {
    case STYLE_NAME:
        docx_style_take_name(style, value);
        break;
    case BASED_ON:
        style->based_on = arena_slice(arena, value);
        break;
    case OUTLINE:
        style->outline = level_of(value, style->outline);
        break;
    case NUMBERING:
        style->has_numbering = style->is_numbered = true;
        break;
    case NUMBER:
        style->is_numbered = !slice_equal_text(value, "0");
        break;
    case NUMBER_LEVEL:
        style->item_level = level_of(value, 0);
        break;
    case VANISH:
        style->says_hidden = true;
        style->is_hidden = docx_is_on(xml);
        break;
    case BOLD:
        style->says_bold = true;
        style->is_bold = docx_is_on(xml);
        break;
    default:
        break;
    }
}

bool docx_styles_read(struct package *package, struct slice part, struct docx_styles *styles, struct error *error)
{
    struct arena *arena = &package->arena;
    struct docx_style *style = NULL;
    struct buffer content;
    struct xml xml;
    size_t capacity = 0;
    *styles = (struct docx_styles){0};
    if (!package_part(package, part, &content, error)) {
        buffer_release(&content);
        return false;
    }
    xml_init(&xml, buffer_slice(&content), arena_text(arena, part), words, ARRAY_COUNT(words));
    while (xml_next(&xml)) {
        if (xml.kind == XML_END && xml.code == STYLE)
            style = NULL;
        if (xml.kind != XML_START)
            continue;
        if (xml.code == CHANGE || xml.code == TABLE_PART) /* a first row's looks, and the like */
            xml_skip(&xml);
        else if (xml.code == STYLE && styles->count < STYLES_MAX) {
            struct slice id = xml_get(&xml, XML_WORD, "styleId");
            styles->items = arena_more(arena, styles->items, styles->count, &capacity, sizeof(*styles->items));
            style = &styles->items[styles->count];
            *style = (struct docx_style){.id = arena_slice(arena, id), .at = styles->count++, .outline = DOCX_LEVEL_UNSET};
        } else if (style != NULL)
            read_property(&xml, style, arena);
    }
    bool ok = xml_finish(&xml, error);
    xml_release(&xml);
    buffer_release(&content);
    if (styles->count > 0)
        qsort(styles->items, styles->count, sizeof(*styles->items), by_id);
    return ok;
}

static const struct docx_style *find(const struct docx_styles *styles, struct slice id)
{
    size_t low = 0, high = styles->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_compare(styles->items[middle].id, id);
        if (order == 0)
            return &styles->items[middle];
        *(order < 0 ? &low : &high) = order < 0 ? middle + 1 : middle;
    }
    return NULL;
}

/* What a style does not say it has from the one that it is based on. The chain may be a circle. */
struct docx_style docx_style(const struct docx_styles *styles, struct slice id)
{
    struct docx_style all = {.outline = DOCX_LEVEL_UNSET};
    const struct docx_style *style = find(styles, id);
    if (style == NULL)
        docx_style_take_name(&all, id);
    for (size_t i = 0; style != NULL && i < CHAIN_MAX; i++) {
        if (all.outline == DOCX_LEVEL_UNSET)
            all.outline = style->outline;
        if (!all.has_numbering && style->has_numbering) {
            all.has_numbering = true;
            all.is_numbered = style->is_numbered;
            all.item_level = style->item_level;
        }
        if (!all.says_hidden && style->says_hidden) {
            all.says_hidden = true;
            all.is_hidden = style->is_hidden;
        }
        if (!all.says_bold && style->says_bold) {
            all.says_bold = true;
            all.is_bold = style->is_bold;
        }
        all.is_code = all.is_code || style->is_code;
        all.is_contents = all.is_contents || style->is_contents;
        style = style->based_on.size > 0 ? find(styles, style->based_on) : NULL;
    }
    return all;
}
