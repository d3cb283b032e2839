/* rtf.c - Rich Text Format (version 1.9.1) as a person reads it.
 *
 *   {\rtf1\ansi\ansicpg1252 {\fonttbl …}{\stylesheet …}{\info …} text \'e9 \u233? {\b bold} \par …}
 *    │                                                                │     │
 *    a group has the state of the one that it stands in              a byte in the font's code page; a character, and so many
 *    at its beginning: kind of text, font, hidden or not             others (\uc) for programs that know none
 *
 * Words that mean nothing for the text are passed over, and so are groups that begin with \* and an unknown word, pictures, objects,
 * comments, headers and footers, and what tracked changes deleted. Groups deeper than GROUPS_MAX share the state of the last one. A document
 * may end anywhere: what stands there is read. */
#include "docx_styles.h"
#include "rtf_table.h"
#include "rtf_words.h"
#include "symbol_font.h"
#include "utf8.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GROUPS_MAX = 512, FRAMES_MAX = 16, FONTS = 1 << 15, STYLES = 1 << 12, WORD_BYTES_MAX = 32, UNICODE_SKIP_MAX = 64 };

enum place { IN_TEXT, IN_NOTHING, IN_FONTS, IN_STYLES, IN_INFO, IN_HEAD, IN_TWICE };

struct group {
    enum place place;
    unsigned font;
    unsigned unicode_skip;
    bool is_hidden, is_deleted, is_html_only, is_bold;
    bool is_frame; /* it began a note or a box: its end ends a paragraph */
};

enum { FONT_PLAIN, FONT_SYMBOL, FONT_WINGDINGS };

struct font {
    unsigned short page; /* 0: that of the document */
    unsigned char signs;
};

struct paragraph {
    size_t start; /* in the text */
    struct docx_style style;
    unsigned outline, item_level;
    bool is_item, is_in_table;
    bool has_plain; /* text that is not bold */
    bool is_begun; /* a note or box stands in it, and is held until it ends */
};

struct rtf {
    struct slice source;
    size_t at;
    struct office_text out;
    struct buffer text;  /* of the paragraphs that are open, one behind the other */
    struct buffer bytes; /* not decoded yet */
    struct buffer name;  /* of a font or style; or what the document says of itself */
    struct group groups[GROUPS_MAX];
    size_t depth, too_deep; /* of groups that are open; of those so many have no state of their own */
    struct paragraph paragraphs[FRAMES_MAX];
    size_t frames; /* paragraphs that are open behind the first */
    unsigned page, default_font, font, style;
    unsigned skip_left; /* characters for programs without Unicode */
    uint32_t high_half; /* of a pair of surrogates */
    bool is_optional;   /* behind \* */
    enum rtf_head head;
    unsigned time[5];
    bool has_row, in_table; /* \trowd came; one is open */
    struct rtf_table table;
    struct font fonts[FONTS];
    struct docx_style styles[STYLES + 1]; /* the last one is what higher numbers define, and nobody has */
};

static struct group *group_at_hand(struct rtf *rtf)
{
    return &rtf->groups[rtf->depth > 0 ? rtf->depth - 1 : 0];
}

static struct paragraph *paragraph_at_hand(struct rtf *rtf)
{
    return &rtf->paragraphs[rtf->frames];
}

/* ---- characters ---- */

static bool is_shown(struct rtf *rtf)
{
    const struct group *group = group_at_hand(rtf);
    return group->place == IN_TEXT && !group->is_hidden && !group->is_deleted && !group->is_html_only;
}

/* Where characters go; NULL: nowhere. */
static struct buffer *target(struct rtf *rtf)
{
    const struct group *group = group_at_hand(rtf);
    if (is_shown(rtf))
        return &rtf->text;
    return group->place == IN_FONTS || group->place == IN_STYLES || group->place == IN_HEAD ? &rtf->name : NULL;
}

static void note_weight(struct rtf *rtf, uint32_t character)
{
    bool is_plain = character > ' ' && is_shown(rtf) && !group_at_hand(rtf)->is_bold;
    rtf->table.row_is_plain = rtf->table.row_is_plain || is_plain;
    paragraph_at_hand(rtf)->has_plain = paragraph_at_hand(rtf)->has_plain || is_plain;
}

static void put(struct rtf *rtf, uint32_t character)
{
    char bytes[UTF8_BYTES_MAX];
    struct buffer *out = target(rtf);
    bool is_one = character <= 0x10FFFF && (character & ~UINT32_C(0x7FF)) != 0xD800;
    note_weight(rtf, character);
    if (out != NULL)
        buffer_append_slice(out, (struct slice){bytes, utf8_encode(is_one ? character : 0xFFFD, bytes)});
}

static const struct font *font_at_hand(struct rtf *rtf)
{
    unsigned number = group_at_hand(rtf)->font;
    return &rtf->fonts[number < FONTS ? number : 0];
}

/* The code page that bytes are in now. */
static unsigned page_at_hand(struct rtf *rtf)
{
    const struct font *font = font_at_hand(rtf);
    return font->page != 0 && group_at_hand(rtf)->place != IN_HEAD ? font->page : rtf->page;
}

static uint32_t sign_of(const struct font *font, uint32_t code)
{
    return symbol_character(font->signs == FONT_WINGDINGS ? SLICE("Wingdings") : SLICE("Symbol"), code);
}

static void decode_bytes(struct rtf *rtf)
{
    struct error ignored;
    struct buffer *out = target(rtf);
    struct slice bytes = buffer_slice(&rtf->bytes);
    unsigned page = page_at_hand(rtf);
    if (bytes.size == 0)
        return;
    for (size_t i = 0; page == RTF_PAGE_SYMBOL && i < bytes.size; i++) {
        uint32_t sign = sign_of(font_at_hand(rtf), (unsigned char)bytes.data[i]);
        if (sign != 0)
            put(rtf, sign);
    }
    if (page != RTF_PAGE_SYMBOL && out != NULL && !encoding_to_utf8(bytes, rtf_code_page(page), out, &ignored))
        buffer_append_text(out, "\xEF\xBF\xBD");
    buffer_clear(&rtf->bytes);
}

static void read_byte(struct rtf *rtf, char byte)
{
    unsigned page = page_at_hand(rtf);
    bool is_double = page == 932 || page == 936 || page == 949 || page == 950;
    if (rtf->skip_left > 0) {
        rtf->skip_left--;
        return;
    }
    rtf->high_half = 0;
    if (target(rtf) == NULL)
        return;
    note_weight(rtf, (unsigned char)byte);
    if ((unsigned char)byte < 0x80 && page != RTF_PAGE_SYMBOL && !(is_double && rtf->bytes.size > 0)) {
        decode_bytes(rtf);
        buffer_append_byte(target(rtf), byte);
    } else {
        buffer_append_byte(&rtf->bytes, byte);
    }
}

static void read_unicode(struct rtf *rtf, long value)
{
    uint32_t code = (uint32_t)value & 0xFFFF;
    rtf->skip_left = group_at_hand(rtf)->unicode_skip;
    if (code >= 0xD800 && code < 0xDC00) {
        rtf->high_half = code;
        return;
    }
    if (code >= 0xDC00 && code < 0xE000 && rtf->high_half != 0)
        code = 0x10000 + ((rtf->high_half & 0x3FF) << 10) + (code & 0x3FF);
    rtf->high_half = 0;
    if (code >= 0xF000 && code < 0xF100 && page_at_hand(rtf) == RTF_PAGE_SYMBOL)
        code = sign_of(font_at_hand(rtf), code);
    if (code != 0)
        put(rtf, code);
}

static void read_character(struct rtf *rtf, uint32_t character)
{
    if (rtf->skip_left > 0) {
        rtf->skip_left--;
        return;
    }
    rtf->high_half = 0;
    put(rtf, character);
}

/* ---- tables ---- */

static bool is_in_row(struct rtf *rtf)
{
    bool is_layout = rtf->has_row && rtf->table.shape_count == 1 &&
                     !rtf->in_table; /* one column is there for the page's look */
    return (rtf->has_row || paragraph_at_hand(rtf)->is_in_table) && !is_layout && rtf->frames == 0;
}

static void end_row(struct rtf *rtf)
{
    if (rtf->in_table)
        rtf_table_row_end(&rtf->table, &rtf->out);
    rtf->has_row = false;
}

static void end_table(struct rtf *rtf)
{
    if (rtf->in_table)
        rtf_table_end(&rtf->table, &rtf->out);
    rtf->in_table = false;
}

/* ---- paragraphs ---- */

static enum block_kind kind_of(const struct paragraph *paragraph, unsigned *level)
{
    const struct docx_style *style = &paragraph->style;
    unsigned outline = paragraph->outline != DOCX_LEVEL_UNSET ? paragraph->outline : style->outline;
    if (outline < DOCX_LEVEL_BODY) {
        *level = outline < 6 ? outline + 1 : 6;
        return BLOCK_HEADING;
    }
    if (paragraph->is_item || style->is_numbered) {
        *level = 1 + (paragraph->is_item ? paragraph->item_level : style->item_level);
        return BLOCK_ITEM;
    }
    *level = paragraph->has_plain ? 0 : OFFICE_BOLD;
    return style->is_code ? BLOCK_CODE : BLOCK_PARAGRAPH;
}

static void end_paragraph(struct rtf *rtf)
{
    struct paragraph *paragraph = paragraph_at_hand(rtf);
    struct slice text = slice_range(buffer_slice(&rtf->text), paragraph->start, rtf->text.size);
    unsigned level;
    enum block_kind kind = kind_of(paragraph, &level);
    if (paragraph->style.is_contents)
        text = SLICE("");
    if (is_in_row(rtf))
        rtf->in_table = true;
    else if (rtf->frames == 0)
        end_table(rtf);
    if (rtf->in_table) {
        rtf_table_add(&rtf->table, text);
        kind = BLOCK_PARAGRAPH;
        text = SLICE("");
    } else
        rtf->table.row_is_plain = false; /* what stood before it was none of its row */
    if (paragraph->is_begun)
        office_paragraph_end(&rtf->out, kind, level, text);
    else
        office_paragraph(&rtf->out, kind, level, text);
    paragraph->is_begun = paragraph->has_plain = false;
    rtf->text.size = paragraph->start;
}

static void make_plain(struct paragraph *paragraph)
{
    *paragraph = (struct paragraph){.start = paragraph->start,
                                    .style = {.outline = DOCX_LEVEL_UNSET},
                                    .outline = DOCX_LEVEL_UNSET,
                                    .is_begun = paragraph->is_begun};
}

/* A note, or a box: its paragraphs are held until the one in which it stands has ended. */
static void begin_frame(struct rtf *rtf, struct group *group)
{
    struct paragraph *outer = paragraph_at_hand(rtf);
    if (rtf->frames + 1 >= FRAMES_MAX || group->place != IN_TEXT || group->is_frame)
        return;
    if (is_in_row(rtf))
        end_paragraph(rtf); /* what stands before it in the cell */
    else if (rtf->frames == 0)
        end_table(rtf);
    if (!outer->is_begun)
        office_paragraph_begin(&rtf->out);
    outer->is_begun = group->is_frame = true;
    rtf->frames++;
    *paragraph_at_hand(rtf) = (struct paragraph){.start = rtf->text.size};
    make_plain(paragraph_at_hand(rtf));
}

static void end_frame(struct rtf *rtf)
{
    end_paragraph(rtf);
    rtf->frames--;
}

static void end_cell(struct rtf *rtf)
{
    if (rtf->frames > 0) {
        put(rtf, ' ');
        return;
    }
    end_paragraph(rtf);
    rtf_table_cell_end(&rtf->table);
}

/* ---- what the document says of itself ---- */

static void end_head(struct rtf *rtf)
{
    static const char *const names[] = {"title", "creator", "subject", "keywords", "created", "modified"};
    char time[32];
    struct slice value = buffer_slice(&rtf->name);
    if (rtf->head >= RTF_CREATED) {
        const unsigned *t = rtf->time;
        int size = snprintf(time, sizeof(time), "%04u-%02u-%02uT%02u:%02u:00", t[0] % 10000, t[1] % 100, t[2] % 100, t[3] % 100,
                            t[4] % 100);
        value = (struct slice){time, t[0] > 0 ? (size_t)size : 0};
    }
    property_add(rtf->out.extract, slice_from(names[rtf->head]), value);
    buffer_clear(&rtf->name);
}

/* ---- fonts and styles ---- */

static void end_font(struct rtf *rtf)
{
    struct slice name = slice_trim(buffer_slice(&rtf->name));
    struct font *font = &rtf->fonts[rtf->font];
    bool is_symbol = slice_equal_text(name, "Symbol");
    if (is_symbol || slice_starts_with(name, SLICE("Wingdings"))) {
        font->signs = is_symbol ? FONT_SYMBOL : FONT_WINGDINGS;
        font->page = RTF_PAGE_SYMBOL;
    }
    buffer_clear(&rtf->name);
}

static void end_style(struct rtf *rtf)
{
    if (rtf->style > 0) /* 0 is that of what has none */
        docx_style_take_name(&rtf->styles[rtf->style], slice_trim(buffer_slice(&rtf->name)));
    rtf->style = 0;
    buffer_clear(&rtf->name);
}

/* ---- groups ---- */

static void begin_group(struct rtf *rtf)
{
    decode_bytes(rtf);
    rtf->skip_left = 0;
    rtf->is_optional = false;
    if (rtf->depth == GROUPS_MAX) {
        rtf->too_deep++;
        return;
    }
    rtf->groups[rtf->depth] = rtf->groups[rtf->depth > 0 ? rtf->depth - 1 : 0];
    struct group *group = &rtf->groups[rtf->depth++];
    group->is_frame = false;
    if (group->place == IN_TWICE)
        group->place = IN_NOTHING;
}

/* False: it was the document's own. */
static bool end_group(struct rtf *rtf)
{
    decode_bytes(rtf);
    rtf->skip_left = 0;
    if (rtf->too_deep > 0) {
        rtf->too_deep--;
        return true;
    }
    const struct group *group = group_at_hand(rtf);
    enum place outer = rtf->depth > 1 ? rtf->groups[rtf->depth - 2].place : IN_TEXT;
    if (group->is_frame)
        end_frame(rtf);
    if (group->place == IN_HEAD && outer != IN_HEAD)
        end_head(rtf);
    if ((group->place == IN_FONTS || group->place == IN_STYLES) && outer != group->place)
        buffer_clear(&rtf->name);
    rtf->depth -= rtf->depth > 0;
    return rtf->depth > 0;
}

static void begin_list(struct rtf *rtf, struct group *group, enum place place)
{
    if (group->place != IN_TEXT)
        return;
    group->place = place;
    buffer_clear(&rtf->name);
}

static void begin_head(struct rtf *rtf, struct group *group, const struct rtf_word *word)
{
    if (group->place != IN_INFO)
        return;
    group->place = IN_HEAD;
    rtf->head = (enum rtf_head)word->value;
    memset(rtf->time, 0, sizeof(rtf->time));
    buffer_clear(&rtf->name);
}

/* ---- words ---- */

static unsigned number_of(long value, unsigned max)
{
    return value >= 0 && (unsigned long)value < max ? (unsigned)value : 0;
}

/* What kind of text the group at hand holds. */
static bool read_destination(struct rtf *rtf, const struct rtf_word *word)
{
    struct group *group = group_at_hand(rtf);
    switch (word->action) {
    case RTF_SKIP:
        group->place = IN_NOTHING;
        return true;
    case RTF_MARKER:
        paragraph_at_hand(rtf)->is_item = paragraph_at_hand(rtf)->is_item || group->place == IN_TEXT;
        group->place = IN_NOTHING;
        return true;
    case RTF_KEEP:
        return true;
    case RTF_FONTS:
        begin_list(rtf, group, IN_FONTS);
        return true;
    case RTF_STYLES:
        begin_list(rtf, group, IN_STYLES);
        return true;
    case RTF_INFO:
        group->place = group->place == IN_TEXT ? IN_INFO : IN_NOTHING;
        return true;
    case RTF_HEAD:
    case RTF_TIME:
        begin_head(rtf, group, word);
        return true;
    case RTF_NOTE:
        begin_frame(rtf, group);
        return true;
    case RTF_TWICE:
        group->place = group->place == IN_TEXT ? IN_TWICE : group->place;
        return true;
    case RTF_TWICE_NEW: /* within a group that was begun in one that says everything twice */
        if (rtf->depth > 1 && rtf->groups[rtf->depth - 2].place == IN_TWICE)
            group->place = IN_TEXT;
        return true;
    default:
        return false;
    }
}

static bool read_font_word(struct rtf *rtf, const struct rtf_word *word, long value)
{
    struct group *group = group_at_hand(rtf);
    struct font *font = &rtf->fonts[rtf->font];
    switch (word->action) {
    case RTF_FONT:
        group->font = number_of(value, FONTS);
        rtf->font = group->place == IN_FONTS ? group->font : rtf->font;
        return true;
    case RTF_FONT_CHARSET:
        if (group->place == IN_FONTS)
            font->page = (unsigned short)rtf_charset_page(number_of(value, 256));
        return true;
    case RTF_FONT_CODES:
        if (group->place == IN_FONTS)
            font->page = (unsigned short)number_of(value, 65536);
        return true;
    case RTF_DEFAULT_FONT:
        rtf->default_font = group->font = number_of(value, FONTS);
        return true;
    case RTF_PAGE_OF_CODES:
        rtf->page = word->value != 0 ? word->value : number_of(value, 65536);
        return true;
    default:
        return false;
    }
}

static bool read_style_word(struct rtf *rtf, const struct rtf_word *word, long value)
{
    struct paragraph of_no_text = {0}; /* comments have paragraphs, too */
    struct paragraph *paragraph = group_at_hand(rtf)->place == IN_TEXT ? paragraph_at_hand(rtf) : &of_no_text;
    bool is_style = group_at_hand(rtf)->place == IN_STYLES;
    struct docx_style *style = &rtf->styles[rtf->style];
    unsigned level = number_of(value, DOCX_LEVEL_BODY + 1);
    switch (word->action) {
    case RTF_PARAGRAPH_STYLE:
        if (is_style)
            rtf->style = value >= 0 && value < STYLES ? (unsigned)value : STYLES;
        else
            paragraph->style = rtf->styles[number_of(value, STYLES)];
        return true;
    case RTF_OUTLINE:
        *(is_style ? &style->outline : &paragraph->outline) = value >= 0 && value <= DOCX_LEVEL_BODY ? level : DOCX_LEVEL_UNSET;
        return true;
    case RTF_LIST:
        *(is_style ? &style->is_numbered : &paragraph->is_item) = value > 0;
        return true;
    case RTF_LIST_LEVEL:
        *(is_style ? &style->item_level : &paragraph->item_level) = level;
        return true;
    case RTF_PARAGRAPH_PLAIN:
        if (!is_style)
            make_plain(paragraph);
        return true;
    case RTF_IN_TABLE:
        paragraph->is_in_table = value != 0;
        return true;
    default:
        return false;
    }
}

static bool read_text_word(struct rtf *rtf, const struct rtf_word *word, long value)
{
    struct group *group = group_at_hand(rtf);
    switch (word->action) {
    case RTF_CHARACTER:
        read_character(rtf, word->value);
        return true;
    case RTF_UNICODE:
        read_unicode(rtf, value);
        return true;
    case RTF_UNICODE_SKIP:
        group->unicode_skip = number_of(value, UNICODE_SKIP_MAX);
        return true;
    case RTF_TEXT_PLAIN:
        group->is_hidden = group->is_deleted = group->is_bold = false;
        group->font = group->place == IN_TEXT ? rtf->default_font : group->font;
        return true;
    case RTF_HIDDEN:
        group->is_hidden = value != 0;
        return true;
    case RTF_BOLD:
        group->is_bold = value != 0;
        return true;
    case RTF_DELETED:
        group->is_deleted = value != 0;
        return true;
    case RTF_HTML_ONLY:
        group->is_html_only = value != 0;
        return true;
    case RTF_BYTES:
        rtf->at += number_of(value, UINT32_MAX) < rtf->source.size - rtf->at ? number_of(value, UINT32_MAX)
                                                                             : rtf->source.size - rtf->at;
        return true;
    case RTF_TIME_PART:
        rtf->time[word->value] = number_of(value, 10000);
        return true;
    default:
        return false;
    }
}

static void read_structure_word(struct rtf *rtf, const struct rtf_word *word, long value)
{
    if (group_at_hand(rtf)->place != IN_TEXT)
        return;
    switch (word->action) {
    case RTF_PARAGRAPH_END:
        end_paragraph(rtf);
        break;
    case RTF_ROW_BEGIN:
        rtf->has_row = rtf->frames == 0 || rtf->has_row;
        rtf_table_shape(&rtf->table);
        break;
    case RTF_ROW_HEAD:
        rtf->table.is_head = true;
        break;
    case RTF_CELL_MERGE:
        rtf_table_shape_merge(&rtf->table, word->value);
        break;
    case RTF_CELL_DEFINED:
        rtf_table_shape_cell(&rtf->table, value);
        break;
    case RTF_CELL_END:
        end_cell(rtf);
        break;
    case RTF_INNER_CELL_END:
        put(rtf, ' ');
        break;
    case RTF_ROW_END:
        if (rtf->frames == 0)
            end_row(rtf);
        break;
    default:
        break;
    }
}

static void read_word(struct rtf *rtf, struct slice name, bool has_value, long value)
{
    const struct rtf_word *word = rtf_word(name);
    bool is_optional = rtf->is_optional;
    rtf->is_optional = false;
    if (word == NULL) {
        if (is_optional)
            group_at_hand(rtf)->place = IN_NOTHING;
        return;
    }
    bool is_character = word->action == RTF_CHARACTER;
    if (rtf->skip_left > 0 && !is_character)
        rtf->skip_left--; /* a word stands for one character, too */
    value = has_value ? value : word->action == RTF_FONT || word->action == RTF_UNICODE ? 0 : 1;
    if (!read_destination(rtf, word) && !read_font_word(rtf, word, value) && !read_style_word(rtf, word, value) &&
        !read_text_word(rtf, word, value))
        read_structure_word(rtf, word, value);
}

/* ---- the bytes ---- */

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char small = (char)(c | 0x20);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

static char next_byte(struct rtf *rtf)
{
    return rtf->at < rtf->source.size ? rtf->source.data[rtf->at] : '\0';
}

static void read_hexadecimal(struct rtf *rtf)
{
    struct slice rest = slice_range(rtf->source, rtf->at, rtf->source.size);
    int high = rest.size >= 2 ? digit_of(rest.data[0]) : -1, low = rest.size >= 2 ? digit_of(rest.data[1]) : -1;
    if (high < 0 || low < 0)
        return;
    rtf->at += 2;
    read_byte(rtf, (char)(high << 4 | low));
}

/* Behind a backslash: one character that is no letter. */
static void read_symbol(struct rtf *rtf, char symbol)
{
    rtf->at++;
    if (symbol == '\'') { /* bytes of one character may follow each other */
        read_hexadecimal(rtf);
        return;
    }
    decode_bytes(rtf);
    if (symbol == '*')
        rtf->is_optional = true;
    else if (symbol == '\\' || symbol == '{' || symbol == '}')
        read_character(rtf, (unsigned char)symbol);
    else if (symbol == '~')
        read_character(rtf, 0xA0);
    else if (symbol == '_')
        read_character(rtf, '-');
    else if ((symbol == '\n' || symbol == '\r') && group_at_hand(rtf)->place == IN_TEXT)
        end_paragraph(rtf);
    else if (symbol == '\t')
        read_character(rtf, '\t');
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void read_control(struct rtf *rtf)
{
    if (!is_letter(next_byte(rtf))) {
        if (rtf->at < rtf->source.size)
            read_symbol(rtf, next_byte(rtf));
        return;
    }
    size_t start = rtf->at;
    while (is_letter(next_byte(rtf)) && rtf->at - start < WORD_BYTES_MAX)
        rtf->at++;
    struct slice name = slice_range(rtf->source, start, rtf->at);
    bool is_negative = next_byte(rtf) == '-', has_value = false;
    long value = 0;
    rtf->at += is_negative;
    for (; next_byte(rtf) >= '0' && next_byte(rtf) <= '9'; rtf->at++) {
        value = value < 1000000000 ? 10 * value + (next_byte(rtf) - '0') : value;
        has_value = true;
    }
    rtf->at += next_byte(rtf) == ' ';
    decode_bytes(rtf);
    read_word(rtf, name, has_value, is_negative ? -value : value);
}

static void read_plain(struct rtf *rtf, char byte)
{
    enum place place = group_at_hand(rtf)->place;
    if (byte == '\n' || byte == '\r' || byte == '\0')
        return;
    if (byte != ';' || (place != IN_FONTS && place != IN_STYLES)) {
        read_byte(rtf, byte);
        return;
    }
    decode_bytes(rtf); /* the end of its name */
    if (place == IN_FONTS)
        end_font(rtf);
    else
        end_style(rtf);
}

static void read_all(struct rtf *rtf)
{
    bool is_open = true;
    while (is_open && rtf->at < rtf->source.size && !rtf->out.extract->text.failed && !rtf->text.failed) {
        char byte = rtf->source.data[rtf->at++];
        if (byte == '{')
            begin_group(rtf);
        else if (byte == '}')
            is_open = end_group(rtf);
        else if (byte == '\\')
            read_control(rtf);
        else
            read_plain(rtf, byte);
    }
    while (rtf->depth > 0)
        (void)end_group(rtf);
    if (is_open)
        extract_note(rtf->out.extract, "it ends within a group, and may be cut off");
}

bool rtf_is(struct slice source)
{
    return slice_starts_with(source, SLICE("{\\rtf"));
}

bool rtf_read(struct slice source, struct extract *extract, struct error *error)
{
    if (!rtf_is(source))
        return error_set(error, ERROR_INVALID, "it is not an RTF document: it does not begin with {\\rtf");
    struct rtf *rtf = memory_alloc(1, sizeof(*rtf));
    rtf->source = source;
    rtf->page = 1252;
    rtf->groups[0].unicode_skip = 1;
    for (size_t i = 0; i < ARRAY_COUNT(rtf->styles); i++)
        rtf->styles[i].outline = DOCX_LEVEL_UNSET;
    office_text_init(&rtf->out, extract);
    rtf_table_init(&rtf->table, extract->text.size_max);
    buffer_init(&rtf->text, extract->text.size_max);
    buffer_init(&rtf->bytes, source.size + 1);
    buffer_init(&rtf->name, extract->text.size_max);
    make_plain(paragraph_at_hand(rtf));
    read_all(rtf);
    end_paragraph(rtf);
    end_table(rtf);
    office_text_end(&rtf->out);
    extract->text.failed = extract->text.failed || rtf->text.failed;
    office_text_release(&rtf->out);
    rtf_table_release(&rtf->table);
    buffer_release(&rtf->text);
    buffer_release(&rtf->bytes);
    buffer_release(&rtf->name);
    free(rtf);
    return extract_finish(extract, error);
}
