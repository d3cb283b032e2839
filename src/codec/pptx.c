/* pptx.c - PowerPoint presentations (Office Open XML, ECMA-376 part 1, PresentationML), slide by slide.
 *
 *   presentation.xml     p:sldIdLst: the slides' order, as relationships
 *   slide                p:sp: a shape; its p:ph says what it is there for; its text is a:p with a:t
 *                        a:tbl: a table; p:grpSp: shapes in shapes; dgm:relIds: a diagram, whose text is a part of its own; c:chart:
 *                        a chart, another
 *   notesSlide           what the speaker says, of which only the body is text
 *
 * A slide's title comes first wherever it lies; of a slide without one the uppermost short text is it, where it stands in the upper quarter.
 * A slide with nothing but a title begins a section: its heading is of level 1, others' of 2.
 * Dates, footers and numbers of slides are left out. */
#include "block.h"
#include "office_chart.h"
#include "raised.h"
#include <stdlib.h>
#include <string.h>

enum {
    SLIDE_ID = 1,
    SHAPE,
    GROUP,
    OFFSET,
    SIZE,
    PLACEHOLDER,
    PARAGRAPH,
    PARAGRAPH_PROPERTIES,
    LIST_STYLE,
    BULLET,
    NO_BULLET,
    RUN,
    RUN_PROPERTIES,
    TEXT,
    BREAK,
    TABLE,
    ROW,
    CELL,
    DIAGRAM,
    CHART,
    ALTERNATES,
    CHOICE,
    FALLBACK
};

static const struct xml_word words[] = {
    {XML_PRESENTATION, "sldId", SLIDE_ID},
    {XML_PRESENTATION, "sp", SHAPE},
    {XML_PRESENTATION, "graphicFrame", SHAPE},
    {XML_PRESENTATION, "grpSp", GROUP},
    {XML_DRAWING, "off", OFFSET},
    {XML_PRESENTATION, "sldSz", SIZE},
    {XML_PRESENTATION, "ph", PLACEHOLDER},
    {XML_DRAWING, "p", PARAGRAPH},
    {XML_DRAWING, "pPr", PARAGRAPH_PROPERTIES},
    {XML_DRAWING, "lstStyle", LIST_STYLE},
    {XML_DRAWING, "buChar", BULLET},
    {XML_DRAWING, "buAutoNum", BULLET},
    {XML_DRAWING, "buBlip", BULLET},
    {XML_DRAWING, "buNone", NO_BULLET},
    {XML_DRAWING, "r", RUN},
    {XML_DRAWING, "rPr", RUN_PROPERTIES},
    {XML_DRAWING, "t", TEXT},
    {XML_MATH, "t", TEXT},
    {XML_DRAWING, "br", BREAK},
    {XML_DRAWING, "tbl", TABLE},
    {XML_DRAWING, "tr", ROW},
    {XML_DRAWING, "tc", CELL},
    {XML_DIAGRAM, "relIds", DIAGRAM},
    {XML_CHART, "chart", CHART},
    {XML_COMPATIBILITY, "AlternateContent", ALTERNATES},
    {XML_COMPATIBILITY, "Choice", CHOICE},
    {XML_COMPATIBILITY, "Fallback", FALLBACK},
};

enum { BOLD_HEADING_BYTES_MAX = 120, USUAL_HEIGHT = 6858000 };

enum purpose { PURPOSE_NONE, PURPOSE_TITLE, PURPOSE_MAIN_TITLE, PURPOSE_SUBTITLE, PURPOSE_BODY, PURPOSE_AROUND };
enum bullet { BULLET_UNSET, BULLET_SHOWN, BULLET_ABSENT };

struct pptx {
    struct package package;
    struct office_text out;
    struct xml xml;
    struct slice *slides; /* parts, in their order */
    size_t slide_count, slide_capacity;
    struct embedded {
        struct slice id; /* of the relation */
        bool is_chart;
    } *embedded; /* diagrams and charts of the slide at hand */
    size_t embedded_count, embedded_capacity;
    struct office_charts told_charts;
    struct buffer title;
    bool has_main_title, has_body_text;
    bool in_notes;
    uint64_t height; /* of all slides */
    /* The shape at hand: where its blocks begin, and where it lies; the uppermost one with text. */
    size_t groups, shape_first;
    uint64_t top;
    bool has_top;
    struct uppermost {
        size_t first, end;
        uint64_t top;
    } uppermost;
    /* The shape and the paragraph at hand. */
    enum purpose purpose;
    bool in_list_style;
    enum bullet shape_bullet, bullet;
    unsigned level;
    struct buffer text;
    size_t paragraph_depth; /* of the paragraph in the XML; 0: outside */
    bool is_struck; /* the run at hand, as the two that follow */
    enum raised raised;
    bool in_text, is_bold, has_bold, has_plain; /* the run at hand; what the paragraph has */
    bool is_branch_taken[LIMIT_XML_DEPTH + 1];
    size_t column; /* of the table's row, behind the cell at hand */
};

static enum purpose purpose_of(struct slice type)
{
    static const struct {
        const char *type;
        enum purpose purpose;
    } types[] = {
        {"title", PURPOSE_TITLE}, {"ctrTitle", PURPOSE_MAIN_TITLE}, {"subTitle", PURPOSE_SUBTITLE}, {"dt", PURPOSE_AROUND},
        {"ftr", PURPOSE_AROUND},  {"sldNum", PURPOSE_AROUND},       {"hdr", PURPOSE_AROUND},        {"sldImg", PURPOSE_AROUND},
    };
    for (size_t i = 0; i < ARRAY_COUNT(types); i++)
        if (slice_equal_text(type, types[i].type))
            return types[i].purpose;
    return PURPOSE_BODY;
}

static void begin_paragraph(struct pptx *pptx)
{
    buffer_clear(&pptx->text);
    pptx->paragraph_depth = pptx->xml.depth;
    pptx->bullet = BULLET_UNSET;
    pptx->level = 0;
    pptx->has_bold = pptx->has_plain = false;
}

static void add_text(struct pptx *pptx, struct slice text)
{
    char small[RAISED_BYTES_MAX];
    size_t small_size = raised_write(pptx->raised, buffer_slice(&pptx->text), text, small);
    if (pptx->is_struck)
        return;
    buffer_append_slice(&pptx->text, small_size > 0 ? (struct slice){small, small_size} : text);
    if (slice_trim(text).size > 0)
        *(pptx->is_bold ? &pptx->has_bold : &pptx->has_plain) = true;
}

static bool is_title(const struct pptx *pptx)
{
    return pptx->purpose == PURPOSE_TITLE || pptx->purpose == PURPOSE_MAIN_TITLE;
}

/* Titles may have several lines, and are one heading. */
static void add_to_title(struct pptx *pptx, struct slice text)
{
    if (slice_trim(text).size == 0)
        return;
    if (pptx->title.size > 0)
        buffer_append_byte(&pptx->title, ' ');
    for (size_t i = 0; i < text.size; i++)
        buffer_append_byte(&pptx->title, text.data[i] == '\n' ? ' ' : text.data[i]);
    pptx->has_main_title = pptx->has_main_title || pptx->purpose == PURPOSE_MAIN_TITLE;
}

/* A short line of a slide's body, all bold and without a bullet: what people write above a part of it. */
static bool is_bold_heading(const struct pptx *pptx, struct slice text, bool is_item)
{
    size_t at;
    return !is_item && pptx->purpose == PURPOSE_BODY && !pptx->in_notes && pptx->has_bold && !pptx->has_plain &&
           text.size > 0 && text.size <= BOLD_HEADING_BYTES_MAX && text.data[text.size - 1] != '.' &&
           !slice_find(text, '\n', &at);
}

static void end_paragraph(struct pptx *pptx)
{
    struct slice text = slice_trim(buffer_slice(&pptx->text));
    enum bullet bullet = pptx->bullet != BULLET_UNSET ? pptx->bullet : pptx->shape_bullet;
    bool is_item = bullet == BULLET_SHOWN || (bullet == BULLET_UNSET && pptx->purpose == PURPOSE_BODY && !pptx->in_notes);
    pptx->paragraph_depth = 0;
    if (pptx->purpose == PURPOSE_AROUND || (pptx->in_notes && pptx->purpose != PURPOSE_BODY))
        return;
    if (is_title(pptx) && !pptx->in_notes && pptx->out.tables == 0) {
        add_to_title(pptx, text);
        return;
    }
    pptx->has_body_text = pptx->has_body_text || (text.size > 0 && pptx->purpose != PURPOSE_SUBTITLE);
    if (is_bold_heading(pptx, text, is_item))
        office_paragraph(&pptx->out, BLOCK_HEADING, 3, text);
    else
        office_paragraph(&pptx->out, is_item ? BLOCK_ITEM : BLOCK_PARAGRAPH, is_item ? pptx->level + 1 : 0, text);
}

static void begin_shape(struct pptx *pptx)
{
    pptx->shape_first = pptx->out.held_count;
    pptx->has_top = false;
    pptx->purpose = PURPOSE_NONE;
    pptx->shape_bullet = BULLET_UNSET;
}

/* Shapes of a group lie in a space of its own. */
static void read_offset(struct pptx *pptx)
{
    if (!pptx->has_top && pptx->groups == 0)
        pptx->has_top = slice_to_u64(xml_get(&pptx->xml, XML_NONE, "y"), &pptx->top);
}

static void end_shape(struct pptx *pptx)
{
    struct uppermost *uppermost = &pptx->uppermost;
    bool is_above = pptx->has_top && (uppermost->end == 0 || pptx->top < uppermost->top);
    if (is_above && !pptx->in_notes && pptx->out.held_count > pptx->shape_first)
        *uppermost = (struct uppermost){pptx->shape_first, pptx->out.held_count, pptx->top};
    begin_shape(pptx);
}

/* The slide has no title, but a text at its upper edge that looks like one. */
static void take_uppermost(struct pptx *pptx)
{
    const struct uppermost *uppermost = &pptx->uppermost;
    if (pptx->title.size > 0 || uppermost->end != uppermost->first + 1 || pptx->out.held_count < 2 ||
        uppermost->top > pptx->height / 4)
        return;
    struct held_block *block = &pptx->out.held[uppermost->first];
    struct slice text = slice_range(buffer_slice(&pptx->out.held_text), block->start, block->end);
    if (block->kind == BLOCK_CODE || block->kind == BLOCK_TABLE_HEAD || block->kind == BLOCK_TABLE_ROW || !block_is_name(text))
        return;
    buffer_append_slice(&pptx->title, text);
    block->end = block->start; /* it has been told */
}

static void read_properties(struct pptx *pptx)
{
    uint64_t level;
    if (slice_to_u64(xml_get(&pptx->xml, XML_NONE, "lvl"), &level) && level < 9)
        pptx->level = (unsigned)level;
}

/* Bold; crossed out, which no longer holds; above or below the line, in thousandths of a percent. */
static void read_run_properties(struct pptx *pptx)
{
    struct slice strike = xml_get(&pptx->xml, XML_NONE, "strike"), baseline = xml_get(&pptx->xml, XML_NONE, "baseline");
    bool is_none = baseline.size == 0 || baseline.data[0] == '0';
    pptx->is_bold = xml_is_true(&pptx->xml, "b");
    pptx->is_struck = strike.size > 0 && !slice_equal_text(strike, "noStrike");
    pptx->raised = is_none ? RAISED_NOT : baseline.data[0] == '-' ? RAISED_DOWN : RAISED_UP;
}

static void take_bullet(struct pptx *pptx, enum bullet bullet)
{
    if (pptx->in_list_style)
        pptx->shape_bullet = bullet;
    else if (pptx->paragraph_depth > 0)
        pptx->bullet = bullet;
}

static void note_embedded(struct pptx *pptx)
{
    bool is_chart = pptx->xml.code == CHART;
    struct slice id = xml_get(&pptx->xml, XML_RELATION, is_chart ? "id" : "dm");
    pptx->embedded = memory_more(pptx->embedded, pptx->embedded_count, &pptx->embedded_capacity, sizeof(*pptx->embedded));
    pptx->embedded[pptx->embedded_count++] = (struct embedded){arena_slice(&pptx->package.arena, id), is_chart};
}

/* One branch of what is written several times for several programs: the first choice, else the fallback. */
static void read_branch(struct pptx *pptx)
{
    bool *is_taken = &pptx->is_branch_taken[pptx->xml.depth - 1];
    if (*is_taken)
        xml_skip(&pptx->xml);
    *is_taken = true;
}

/* Cells that others reach into are written, too, and have no text of their own. */
static void begin_cell(struct pptx *pptx)
{
    uint64_t columns, rows;
    struct xml *xml = &pptx->xml;
    size_t column = pptx->column++;
    if (xml_is_true(xml, "hMerge") || xml_is_true(xml, "vMerge"))
        return;
    if (!slice_to_u64(xml_get(xml, XML_NONE, "gridSpan"), &columns))
        columns = 1;
    if (!slice_to_u64(xml_get(xml, XML_NONE, "rowSpan"), &rows))
        rows = 1;
    office_cell_begin(&pptx->out, column, (size_t)columns, (size_t)rows);
}

static void read_start(struct pptx *pptx)
{
    switch (pptx->xml.code) {
    case SHAPE:
        begin_shape(pptx);
        break;
    case GROUP:
        pptx->groups++;
        break;
    case OFFSET:
        read_offset(pptx);
        break;
    case PLACEHOLDER:
        pptx->purpose = purpose_of(xml_get(&pptx->xml, XML_NONE, "type"));
        break;
    case PARAGRAPH:
        begin_paragraph(pptx);
        break;
    case PARAGRAPH_PROPERTIES:
        read_properties(pptx);
        break;
    case LIST_STYLE:
        pptx->in_list_style = true;
        break;
    case BULLET:
        take_bullet(pptx, BULLET_SHOWN);
        break;
    case NO_BULLET:
        take_bullet(pptx, BULLET_ABSENT);
        break;
    case RUN:
        pptx->is_bold = pptx->is_struck = false;
        pptx->raised = RAISED_NOT;
        break;
    case RUN_PROPERTIES:
        read_run_properties(pptx);
        break;
    case TEXT:
        pptx->in_text = true;
        break;
    case BREAK:
        buffer_append_byte(&pptx->text, '\n');
        break;
    case TABLE:
        office_table_begin(&pptx->out);
        break;
    case ROW:
        pptx->column = 0;
        office_row_begin(&pptx->out, 1);
        break;
    case CELL:
        begin_cell(pptx);
        break;
    case DIAGRAM:
    case CHART:
        note_embedded(pptx);
        break;
    case ALTERNATES:
        pptx->is_branch_taken[pptx->xml.depth] = false;
        break;
    case CHOICE:
    case FALLBACK:
        read_branch(pptx);
        break;
    default:
        break;
    }
}

static void read_end(struct pptx *pptx)
{
    switch (pptx->xml.code) {
    case SHAPE:
        end_shape(pptx);
        break;
    case GROUP:
        pptx->groups -= pptx->groups > 0;
        break;
    case PARAGRAPH:
        if (pptx->paragraph_depth == pptx->xml.depth)
            end_paragraph(pptx);
        break;
    case LIST_STYLE:
        pptx->in_list_style = false;
        break;
    case TEXT:
        pptx->in_text = false;
        break;
    case ROW:
        office_row_end(&pptx->out);
        break;
    case TABLE:
        office_table_end(&pptx->out);
        break;
    default:
        break;
    }
}

/* A slide, notes or a diagram: all have paragraphs of one kind. */
static bool read_shapes(struct pptx *pptx, struct slice part, struct error *error)
{
    struct buffer content;
    bool ok = package_part(&pptx->package, part, &content, error);
    if (ok) {
        begin_shape(pptx);
        pptx->in_text = pptx->in_list_style = false;
        pptx->paragraph_depth = 0;
        xml_init(&pptx->xml, buffer_slice(&content), arena_text(&pptx->package.arena, part), words, ARRAY_COUNT(words));
        while (!pptx->out.extract->text.failed && xml_next(&pptx->xml)) {
            if (pptx->xml.kind == XML_START)
                read_start(pptx);
            else if (pptx->xml.kind == XML_END)
                read_end(pptx);
            else if (pptx->in_text)
                add_text(pptx, pptx->xml.text);
        }
        ok = xml_finish(&pptx->xml, error);
        xml_release(&pptx->xml);
    }
    buffer_release(&content);
    return ok;
}

static bool read_embedded(struct pptx *pptx, const struct relations *relations, struct error *error)
{
    size_t count = pptx->embedded_count;
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        const struct relation *part = relation_of_id(relations, pptx->embedded[i].id);
        if (part == NULL || !package_has(&pptx->package, part->target))
            continue;
        if (!pptx->embedded[i].is_chart)
            ok = read_shapes(pptx, part->target, error);
        else if (office_chart_tell(&pptx->told_charts, &pptx->package, part->target, &pptx->out))
            pptx->has_body_text = true;
    }
    return ok;
}

static bool read_notes(struct pptx *pptx, const struct relations *relations, struct error *error)
{
    const struct relation *notes = relation_of_type(relations, "notesSlide");
    if (notes == NULL || !package_has(&pptx->package, notes->target))
        return true;
    pptx->in_notes = true;
    bool ok = read_shapes(pptx, notes->target, error);
    pptx->in_notes = false;
    return ok;
}

static bool read_slide(struct pptx *pptx, struct slice part, struct error *error)
{
    struct relations relations;
    buffer_clear(&pptx->title);
    pptx->has_main_title = pptx->has_body_text = false;
    pptx->embedded_count = pptx->groups = 0;
    pptx->uppermost = (struct uppermost){0};
    if (!relations_read(&pptx->package, part, &relations, error))
        return false;
    office_paragraph_begin(&pptx->out); /* the title is one that all else is held behind */
    bool ok = read_shapes(pptx, part, error) && read_embedded(pptx, &relations, error);
    bool is_section = pptx->has_main_title || !pptx->has_body_text;
    pptx->out.tables = 0;
    take_uppermost(pptx);
    office_paragraph_end(&pptx->out, BLOCK_HEADING, is_section ? 1 : 2, buffer_slice(&pptx->title));
    return ok && read_notes(pptx, &relations, error);
}

static bool list_slides(struct pptx *pptx, struct slice part, const struct relations *relations, struct error *error)
{
    struct buffer content;
    bool ok = package_part(&pptx->package, part, &content, error);
    if (ok) {
        xml_init(&pptx->xml, buffer_slice(&content), arena_text(&pptx->package.arena, part), words, ARRAY_COUNT(words));
        while (ok && xml_next(&pptx->xml)) {
            const struct xml *xml = &pptx->xml;
            if (xml->kind == XML_START && xml->depth == 1 &&
                (xml->space != XML_PRESENTATION || !slice_equal_text(xml->name, "presentation")))
                ok = package_refuse_root("a PowerPoint presentation", xml->name, error);
            if (xml->kind == XML_START && xml->code == SIZE &&
                !slice_to_u64(xml_get(&pptx->xml, XML_NONE, "cy"), &pptx->height))
                pptx->height = USUAL_HEIGHT;
            if (xml->kind != XML_START || xml->code != SLIDE_ID)
                continue;
            const struct relation *slide = relation_of_id(relations, xml_get(&pptx->xml, XML_RELATION, "id"));
            if (slide == NULL || !package_has(&pptx->package, slide->target))
                continue;
            pptx->slides = memory_more(pptx->slides, pptx->slide_count, &pptx->slide_capacity, sizeof(*pptx->slides));
            pptx->slides[pptx->slide_count++] = slide->target;
        }
        ok = ok && xml_finish(&pptx->xml, error);
        xml_release(&pptx->xml);
    }
    buffer_release(&content);
    return ok;
}

static bool read_parts(struct pptx *pptx, struct error *error)
{
    struct package *package = &pptx->package;
    struct relations outer, inner;
    if (!relations_read(package, SLICE(""), &outer, error))
        return false;
    struct slice main = package_main(package, &outer, "ppt/presentation.xml");
    if (main.size == 0)
        return error_set(error, ERROR_INVALID, "it is not a PowerPoint presentation: it has no ppt/presentation.xml");
    if (!relations_read(package, main, &inner, error) || !list_slides(pptx, main, &inner, error))
        return false;
    for (size_t i = 0; i < pptx->slide_count && !pptx->out.extract->text.failed; i++) {
        pptx->out.page = (unsigned)i + 1;
        if (!read_slide(pptx, pptx->slides[i], error))
            return false;
    }
    package_properties(package, &outer, pptx->out.extract);
    return true;
}

bool pptx_read(struct slice source, struct extract *extract, struct error *error)
{
    struct pptx *pptx = memory_alloc(1, sizeof(*pptx));
    bool ok = package_open(&pptx->package, source, "a PowerPoint presentation", error);
    if (ok) {
        office_text_init(&pptx->out, extract);
        pptx->height = USUAL_HEIGHT;
        buffer_init(&pptx->text, LIMIT_DOCUMENT_BYTES_MAX);
        buffer_init(&pptx->title, LIMIT_DOCUMENT_BYTES_MAX);
        ok = read_parts(pptx, error) && extract_finish(extract, error);
        office_text_release(&pptx->out);
        buffer_release(&pptx->text);
        buffer_release(&pptx->title);
        package_release(&pptx->package);
    }
    free(pptx->slides);
    free(pptx->embedded);
    office_charts_release(&pptx->told_charts);
    free(pptx);
    return ok;
}
