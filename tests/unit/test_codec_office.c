/* test_codec_office.c - presentations, workbooks, OpenDocument files and books made here, part by part. */
#include "compare.h"
#include "office_files.h"
#include "codec/number_format.h"
#include <stdlib.h>
#include <string.h>

#define RELATIONS(list) "<Relationships xmlns=\"" OFFICE_PACKAGE "\">" list "</Relationships>"
#define RELATION(id, type, target) "<Relationship Id=\"" id "\" Type=\"" OFFICE_RELATIONS "/" type "\" Target=\"" target "\"/>"

/* ---- presentations ---- */

#define SLIDE(shapes)                                                                                                          \
    "<p:sld xmlns:p=\"" OFFICE_SPACE "presentationml/2006/main\" xmlns:a=\"" OFFICE_SPACE                                      \
    "drawingml/2006/main\" xmlns:r=\"" OFFICE_RELATIONS "\" xmlns:d=\"" OFFICE_SPACE                                           \
    "drawingml/2006/diagram\" xmlns:mc=\"" OFFICE_SPACE "markup-compatibility/2006\"><p:cSld><p:spTree>" shapes                \
    "</p:spTree></p:cSld></p:sld>"
#define SHAPE(placeholder, text)                                                                                               \
    "<p:sp><p:nvSpPr><p:nvPr>" placeholder "</p:nvPr></p:nvSpPr><p:txBody>" text "</p:txBody></p:sp>"
#define LINE(text) "<a:p><a:r><a:t>" text "</a:t></a:r></a:p>"
#define DECK(slides)                                                                                                           \
    "<p:presentation xmlns:p=\"" OFFICE_SPACE "presentationml/2006/main\" xmlns:r=\"" OFFICE_RELATIONS                         \
    "\"><p:sldIdLst>" slides "</p:sldIdLst></p:presentation>"

static const struct office_part deck[] = {
    {"ppt/presentation.xml", DECK("<p:sldId r:id=\"b\"/><p:sldId r:id=\"a\"/><p:sldId r:id=\"none\"/><p:sldId r:id=\"c\"/>")},
    {"ppt/_rels/presentation.xml.rels", RELATIONS(RELATION("a", "slide", "slides/1.xml") RELATION(
                                            "b", "slide", "/ppt/slides/2.xml") RELATION("c", "slide", "slides/3.xml"))},
    {"ppt/slides/2.xml",
     SLIDE(SHAPE("<p:ph type=\"subTitle\"/>", LINE("of all")) SHAPE("<p:ph type=\"ctrTitle\"/>", LINE("The") LINE("deck")))},
    {"ppt/slides/1.xml",
     SLIDE(
         SHAPE("<p:ph idx=\"1\"/>",
               LINE("first") "<a:p><a:pPr lvl=\"1\"/><a:r><a:t>sec</a:t></a:r><a:r><a:t>ond</a:t></a:r></a:p>"
                             "<a:p><a:pPr><a:buNone/></a:pPr><a:r><a:rPr b=\"1\"/><a:t>Bold</a:t></a:r></a:p>"
                             "<a:p><a:pPr><a:buNone/></a:pPr><a:r><a:t>plain</a:t></a:r><a:br/><a:fld><a:t>field</a:t></"
                             "a:fld></a:p>") SHAPE("<p:ph type=\"title\"/>", LINE("Points"))
             SHAPE("<p:ph type=\"sldNum\"/>", LINE("7")) "<p:grpSp><p:grpSp>" SHAPE(
                 "",
                 LINE(
                     "in a group")) "</p:grpSp></p:grpSp>"
                                    "<mc:AlternateContent><mc:Choice>" SHAPE("", LINE("new")) "</mc:Choice><mc:Fallback>" SHAPE(
                                        "",
                                        LINE("old")) "</mc:Fallback></mc:AlternateContent>"
                                                     "<p:graphicFrame><a:tbl><a:tr><a:tc>" LINE("a") "</a:tc><a:tc>" LINE(
                                                         "b") "</a:tc></a:tr><a:tr><a:tc/><a:tc>" LINE("c") "</a:tc></a:tr></"
                                                                                                            "a:tbl></"
                                                                                                            "p:graphicFrame><p:"
                                                                                                            "graphicFrame><d:"
                                                                                                            "relIds "
                                                                                                            "r:dm=\"d\"/></"
                                                                                                            "p:"
                                                                                                            "graphicFrame"
                                                                                                            ">" SHAPE("",
                                                                                                                      "<a:p><a:"
                                                                                                                      "pPr><a:"
                                                                                                                      "buChar "
                                                                                                                      "char=\"-"
                                                                                                                      "\"/></"
                                                                                                                      "a:pPr><"
                                                                                                                      "a:r><a:"
                                                                                                                      "t>dash</"
                                                                                                                      "a:t></"
                                                                                                                      "a:r></"
                                                                                                                      "a:p>"))},
    {"ppt/slides/_rels/1.xml.rels",
     RELATIONS(RELATION("n", "notesSlide", "../notes/n.xml") RELATION("d", "diagramData", "../diagrams/d.xml"))},
    {"ppt/notes/n.xml",
     SLIDE(SHAPE("<p:ph type=\"sldImg\"/>", LINE("image")) SHAPE("<p:ph type=\"body\"/>", LINE("say this")))},
    {"ppt/diagrams/d.xml", "<d:dataModel xmlns:d=\"" OFFICE_SPACE "drawingml/2006/diagram\" xmlns:a=\"" OFFICE_SPACE
                           "drawingml/2006/main\"><d:pt><d:t>" LINE("node") "</d:t></d:pt></d:dataModel>"},
    {"ppt/slides/3.xml",
     SLIDE(SHAPE("<p:ph type=\"title\"/>", "<a:p><a:r><a:t>New</a:t></a:r><a:br/><a:r><a:t>part</a:t></a:r></a:p>"))},
    {NULL, NULL},
};

static void presentations(void **state)
{
    (void)state;
    office_expect(
        pptx_read, deck,
        "heading 1 p1: The deck\nparagraph p1: of all\n"
        "heading 2 p2: Points\nitem 1 p2: first\nitem 2 p2: second\nheading 3 p2: Bold\nparagraph p2: plain\nfield\n"
        "paragraph p2: in a group\nparagraph p2: new\nhead p2: a | b\nrow p2: | c\nitem 1 p2: dash\nparagraph p2: node\n"
        "paragraph p2: say this\nheading 1 p3: New part\n");
    static const struct office_part word[] = {{"ppt/presentation.xml", "<w:document xmlns:w=\"x\"/>"}, {NULL, NULL}};
    office_refused(pptx_read, word, ERROR_INVALID, "it is not a PowerPoint presentation, but a Word document");
    static const struct office_part none[] = {{"x", "x"}, {NULL, NULL}};
    office_refused(pptx_read, none, ERROR_INVALID, "it has no ppt/presentation.xml");
}

static void titles_that_programs_make_up(void **state)
{
    (void)state;
    static const struct {
        const char *title, *shown;
    } cases[] = {
        {"Slide 1", ""}, {"PowerPoint Presentation", ""}, {"Slide one", "title: Slide one\n"}, {"Slide ", "title: Slide\n"}};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct buffer core;
        buffer_init(&core, KIB);
        buffer_format(&core,
                      "<c:coreProperties xmlns:c=\"" OFFICE_SPACE "package/2006/metadata/core-properties\" "
                      "xmlns:d=\"http://purl.org/dc/elements/1.1/\"><d:title>%s</d:title></c:coreProperties>",
                      cases[i].title);
        const struct office_part parts[] = {
            {"_rels/.rels", RELATIONS(RELATION("a", "metadata/core-properties", "core.xml"))},
            {"core.xml", buffer_text(&core)},
            {"ppt/presentation.xml", DECK("")},
            {NULL, NULL},
        };
        office_expect(pptx_read, parts, cases[i].shown);
        buffer_release(&core);
    }
}

/* One slide that is named again and again. */
static void slides_that_repeat_are_refused(void **state)
{
    (void)state;
    struct buffer list;
    buffer_init(&list, MIB);
    buffer_append_text(&list, "<p:presentation xmlns:p=\"" OFFICE_SPACE "presentationml/2006/main\" xmlns:r=\"" OFFICE_RELATIONS
                              "\">");
    for (size_t i = 0; i < 1000; i++)
        buffer_append_text(&list, "<p:sldId r:id=\"a\"/>");
    buffer_append_text(&list, "</p:presentation>");
    const struct office_part parts[] = {{"ppt/presentation.xml", buffer_text(&list)},
                                        {"ppt/_rels/presentation.xml.rels", RELATIONS(RELATION("a", "slide", "s.xml"))},
                                        {"ppt/s.xml", SLIDE(SHAPE("", LINE("again")))},
                                        {NULL, NULL}};
    office_refused(pptx_read, parts, ERROR_LIMIT, "its parts are used more often than there are any");
    buffer_release(&list);
}

/* ---- charts ---- */

#define POINTS(tag, cache, format, a, b)                                                                                       \
    "<c:" tag "><c:ref><c:f>S!A1</c:f><c:" cache ">" format "<c:pt idx=\"0\"><c:v>" a "</c:v></c:pt><c:pt idx=\"2\"><c:v>" b   \
    "</c:v></c:pt></c:" cache "></c:ref></c:" tag ">"
#define NAMED(name) "<c:tx><c:strRef><c:strCache><c:pt idx=\"0\"><c:v>" name "</c:v></c:pt></c:strCache></c:strRef></c:tx>"
#define SHARES "<c:formatCode>0.0%</c:formatCode>"
#define CHART                                                                                                                  \
    "<c:chartSpace xmlns:c=\"" OFFICE_SPACE "drawingml/2006/chart\" xmlns:a=\"" OFFICE_SPACE                                   \
    "drawingml/2006/main\"><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Accidents "                                          \
    "</a:t></a:r><a:r><a:t>2026</a:t></a:r></a:p>"                                                                             \
    "</c:rich></c:tx></c:title><c:plotArea><c:barChart><c:ser>" NAMED("Injuries") POINTS("cat", "strCache", "", "Q1", "Q3")    \
        POINTS("val", "numCache", "", "2", "3") "</c:ser><c:ser>" NAMED("Share") POINTS("cat", "strCache", "", "Q1", "Q3")     \
            POINTS("val", "numCache", SHARES, "0.4", "0.125") "</c:ser></c:barChart>"                                          \
                                                              "<c:valAx><c:title><c:tx><c:rich><a:p><a:r><a:t>axis</a:t></"    \
                                                              "a:r></a:p></c:rich></c:tx></c:title></c:valAx>"                 \
                                                              "</c:plotArea></c:chart></c:chartSpace>"
#define CHART_FRAME                                                                                                            \
    "<p:graphicFrame><a:graphic><c:chart xmlns:c=\"" OFFICE_SPACE                                                              \
    "drawingml/2006/chart\" r:id=\"c\"/></a:graphic></p:graphicFrame>"

static const struct office_part deck_with_chart[] = {
    {"ppt/presentation.xml", DECK("<p:sldId r:id=\"a\"/>")},
    {"ppt/_rels/presentation.xml.rels", RELATIONS(RELATION("a", "slide", "slides/1.xml"))},
    {"ppt/slides/1.xml", SLIDE(CHART_FRAME SHAPE("<p:ph type=\"title\"/>", LINE("Safety")))},
    {"ppt/slides/_rels/1.xml.rels", RELATIONS(RELATION("c", "chart", "../charts/1.xml"))},
    {"ppt/charts/1.xml", CHART},
    {NULL, NULL},
};

static const struct office_part text_with_chart[] = {
    {"word/document.xml",
     "<w:document xmlns:w=\"" OFFICE_SPACE "wordprocessingml/2006/main\" xmlns:r=\"" OFFICE_RELATIONS
     "\" xmlns:c=\"" OFFICE_SPACE
     "drawingml/2006/chart\"><w:body><w:p><w:r><w:t>Before</w:t><w:drawing><c:chart r:id=\"c\"/></w:drawing></w:r></w:p>"
     "<w:p><w:r><w:t>After</w:t><w:drawing><c:chart r:id=\"none\"/></w:drawing></w:r></w:p></w:body></w:document>"},
    {"word/_rels/document.xml.rels", RELATIONS(RELATION("c", "chart", "charts/1.xml"))},
    {"word/charts/1.xml", CHART},
    {NULL, NULL},
};

/* Charts that cannot be read, and one that is referred to again and again: the text stays. */
#define CHART_SPACES "xmlns:r=\"" OFFICE_RELATIONS "\" xmlns:c=\"" OFFICE_SPACE "drawingml/2006/chart\""
#define CHART_TEXT(body)                                                                                                       \
    "<w:document xmlns:w=\"" OFFICE_SPACE "wordprocessingml/2006/main\" " CHART_SPACES "><w:body>" body "</w:body></"          \
    "w:document>"
#define CHARTED(text, id) "<w:p><w:r><w:t>" text "</w:t><w:drawing><c:chart r:id=\"" id "\"/></w:drawing></w:r></w:p>"

static const struct office_part text_with_damaged_charts[] = {
    {"word/document.xml", CHART_TEXT(CHARTED("a", "cut") CHARTED("b", "empty") CHARTED("c", "good") CHARTED("d", "good"))},
    {"word/_rels/document.xml.rels",
     RELATIONS(RELATION("cut", "chart", "cut.xml") RELATION("empty", "chart", "empty.xml") RELATION("good", "chart", "1.xml"))},
    {"word/cut.xml", "<c:chartSpace xmlns:c=\"" OFFICE_SPACE "drawingml/2006/chart\"><c:chart>"},
    {"word/empty.xml", ""},
    {"word/1.xml", CHART},
    {NULL, NULL},
};

static const struct office_part deck_with_damaged_chart[] = {
    {"ppt/presentation.xml", DECK("<p:sldId r:id=\"a\"/>")},
    {"ppt/_rels/presentation.xml.rels", RELATIONS(RELATION("a", "slide", "slides/1.xml"))},
    {"ppt/slides/1.xml", SLIDE(CHART_FRAME SHAPE("", LINE("text")))},
    {"ppt/slides/_rels/1.xml.rels", RELATIONS(RELATION("c", "chart", "../charts/1.xml"))},
    {"ppt/charts/1.xml", "<c:chartSpace"},
    {NULL, NULL},
};

#define BOX(y, text)                                                                                                           \
    "<p:sp><p:spPr><a:xfrm><a:off x=\"0\" y=\"" y "\"/></a:xfrm></p:spPr><p:txBody>" LINE(text) "</p:txBody></p:sp>"

/* A slide without a title is called by its uppermost text, when that is a short one at its upper edge; shapes in groups lie elsewhere. */
static const struct office_part untitled[] = {
    {"ppt/presentation.xml", DECK("<p:sldId r:id=\"a\"/><p:sldId r:id=\"b\"/>")},
    {"ppt/_rels/presentation.xml.rels", RELATIONS(RELATION("a", "slide", "1.xml") RELATION("b", "slide", "2.xml"))},
    {"ppt/1.xml", SLIDE(BOX("2000000", "Visitors sign in") "<p:pic><a:off y=\"0\"/></p:pic><p:grpSp>" BOX(
                      "0", "in a group") "</p:grpSp>" BOX("300000", "Who needs what?"))},
    {"ppt/2.xml", SLIDE(BOX("100", "All visitors sign in at the gate.") BOX("3000000", "Low"))},
    {NULL, NULL},
};

static void slides_without_titles(void **state)
{
    (void)state;
    office_expect(pptx_read, untitled,
                  "heading 2 p1: Who needs what?\nparagraph p1: Visitors sign in\nparagraph p1: in a group\n"
                  "paragraph p2: All visitors sign in at the gate.\nparagraph p2: Low\n");
}

/* More often than there are parts. */
static void chart_again_and_again(void **state)
{
    (void)state;
    enum { TIMES = 2000 };
    struct buffer body, wanted;
    buffer_init(&body, MIB);
    buffer_init(&wanted, MIB);
    buffer_append_text(&body, "<w:document xmlns:w=\"" OFFICE_SPACE "wordprocessingml/2006/main\" " CHART_SPACES "><w:body>");
    for (size_t i = 0; i < TIMES; i++) {
        buffer_append_text(&body, CHARTED("a", "c"));
        buffer_append_text(&wanted, "paragraph: a\n");
        buffer_append_text(&wanted, i > 0 ? ""
                                          : "paragraph: Accidents 2026\nhead: | Injuries | Share\nrow: Q1 | 2 | 40.0%\n"
                                            "row: Q3 | 3 | 12.5%\n");
    }
    buffer_append_text(&body, "</w:body></w:document>");
    buffer_append_byte(&body, '\0');
    buffer_append_byte(&wanted, '\0');
    const struct office_part parts[] = {{"word/document.xml", (const char *)body.data},
                                        {"word/_rels/document.xml.rels", RELATIONS(RELATION("c", "chart", "1.xml"))},
                                        {"word/1.xml", CHART},
                                        {NULL, NULL}};
    office_expect(docx_read, parts, (const char *)wanted.data);
    buffer_release(&body);
    buffer_release(&wanted);
}

static void charts(void **state)
{
    (void)state;
    office_expect(pptx_read, deck_with_chart,
                  "heading 2 p1: Safety\nparagraph p1: Accidents 2026\nhead p1: | Injuries | Share\nrow p1: Q1 | 2 | 40.0%\n"
                  "row p1: Q3 | 3 | 12.5%\n");
    office_expect(docx_read, text_with_chart,
                  "paragraph: Before\nparagraph: Accidents 2026\nhead: | Injuries | Share\nrow: Q1 | 2 | 40.0%\n"
                  "row: Q3 | 3 | 12.5%\nparagraph: After\n");
    office_expect(docx_read, text_with_damaged_charts,
                  "paragraph: a\nparagraph: b\nparagraph: c\nparagraph: Accidents 2026\nhead: | Injuries | Share\n"
                  "row: Q1 | 2 | 40.0%\nrow: Q3 | 3 | 12.5%\nparagraph: d\n");
    office_expect(pptx_read, deck_with_damaged_chart, "paragraph p1: text\n");
    office_damage(pptx_read, deck_with_chart);
    office_damage(docx_read, text_with_chart);
}

/* ---- workbooks ---- */

#define SHEETS OFFICE_SPACE "spreadsheetml/2006/main"
#define SHEET(rows) "<worksheet xmlns=\"" SHEETS "\"><sheetData>" rows "</sheetData></worksheet>"

static const struct office_part book[] = {
    {"_rels/.rels", RELATIONS(RELATION("a", "officeDocument", "xl/workbook.xml"))},
    {"xl/workbook.xml",
     "<workbook xmlns=\"" SHEETS "\" xmlns:r=\"" OFFICE_RELATIONS "\"><sheets><sheet name=\"Prices &amp; more\" r:id=\"b\"/>"
     "<sheet name=\"Chart\" r:id=\"c\"/><sheet name=\"Empty\" r:id=\"a\"/><sheet name=\"Hidden\" state=\"veryHidden\" "
     "r:id=\"b\"/></sheets></workbook>"},
    {"xl/_rels/workbook.xml.rels",
     RELATIONS(RELATION("a", "worksheet", "worksheets/1.xml") RELATION("b", "worksheet", "worksheets/2.xml") RELATION(
         "c", "chartsheet", "chart.xml") RELATION("d", "styles", "styles.xml") RELATION("e", "sharedStrings", "strings.xml"))},
    {"xl/chart.xml", "<chartsheet/>"},
    {"xl/styles.xml", "<styleSheet xmlns=\"" SHEETS
                      "\"><numFmts><numFmt numFmtId=\"164\" formatCode=\"dd/mm/yy\\ hh:mm\"/></numFmts><cellStyleXfs><xf "
                      "numFmtId=\"9\"/></cellStyleXfs><cellXfs><xf/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/><xf "
                      "numFmtId=\"10\"/></cellXfs></styleSheet>"},
    {"xl/strings.xml",
     "<sst xmlns=\"" SHEETS "\"><si><t>Name</t></si><si><r><t>Pri</t></r><r><t>ce</t></r><rPh><t>sound</t></rPh></si>"
     "<si><t>line_x000A_break _x00_ _x005F_x000A_</t></si></sst>"},
    {"xl/worksheets/2.xml", SHEET("<row r=\"2\"><c r=\"B2\" t=\"s\"><v>0</v></c><c r=\"C2\" t=\"s\"><v>1</v></c><c r=\"E2\" "
                                  "t=\"inlineStr\"><is><t>In</t></is></c></row>"
                                  "<row r=\"3\"><c r=\"B3\" t=\"s\"><v>2</v></c><c r=\"C3\" s=\"3\"><v>0.125</v></c><c "
                                  "r=\"D3\" s=\"1\"><f>TODAY()</f><v>45000</v></c>"
                                  "<c r=\"E3\" s=\"2\"><v>45000.75</v></c></row>"
                                  "<row><c t=\"b\"><v>1</v></c><c t=\"e\"><v>#N/A</v></c><c "
                                  "t=\"str\"><f>A1</f><v>text</v></c><c><v>0.30000000000000004</v></c></row>"
                                  "<row r=\"9\"><c r=\"A9\" t=\"str\"><v>left</v></c><c r=\"B9\" "
                                  "t=\"str\"><v>names</v></c></row><row><c><v>1</v></c><c><v>2</v></c></row>"
                                  "<row r=\"20\"><c r=\"B20\" t=\"s\"><v>99</v></c><c r=\"XFD20\"><v>5</v></c></row>")},
    {"xl/worksheets/1.xml", SHEET("")},
    {NULL, NULL},
};

static void workbooks(void **state)
{
    (void)state;
    office_expect(
        xlsx_read, book,
        "heading 1 p1: Prices & more\nhead p1: Name | Price |  | In\n"
        "row p1: line break _x00_ _x000A_ | 12.50% | 2023-03-15 | 2023-03-15 18:00\nrow p1: TRUE | #N/A | text | 0.3\n"
        "head p1: left | names\nrow p1: 1 | 2\nrow p1: |  |  |  |  |  |  |  |  |  |  |  |  |  |  |  | 5\nheading 1 p2: "
        "Empty\nnote: the hidden sheet “Hidden” was left out\n");
    static const struct office_part none[] = {{"x", "x"}, {NULL, NULL}};
    office_refused(xlsx_read, none, ERROR_INVALID, "it is not an Excel workbook: it has no xl/workbook.xml");
}

#define T(place, text) "<c r=\"" place "\" t=\"str\"><v>" text "</v></c>"
#define N(place, number) "<c r=\"" place "\"><v>" number "</v></c>"
#define ROW(number, cells) "<row r=\"" number "\">" cells "</row>"
#define BOOK                                                                                                                   \
    "<workbook xmlns=\"" SHEETS "\" xmlns:r=\"" OFFICE_RELATIONS "\"><sheets><sheet name=\"S\" "                               \
    "r:id=\"a\"/></sheets></workbook>"

static void expect_sheet(const char *sheet, const char *wanted)
{
    office_expect(xlsx_read,
                  (struct office_part[]){{"xl/workbook.xml", BOOK},
                                         {"xl/_rels/workbook.xml.rels", RELATIONS(RELATION("a", "worksheet", "1.xml"))},
                                         {"xl/1.xml", sheet},
                                         {NULL, NULL}},
                  wanted);
}

/* Two tables, where one is longer, or both have the same names. */
static void tables_side_by_side(void **state)
{
    (void)state;
    expect_sheet(SHEET(ROW("1", T("A1", "Region") T("B1", "Units") T("D1", "Product") T("E1", "Stock"))
                           ROW("2", T("A2", "North") N("B2", "10") T("D2", "Bolt") N("E2", "500"))
                               ROW("3", T("A3", "South") N("B3", "20") T("D3", "Nut") N("E3", "700"))
                                   ROW("4", T("D4", "Glue") N("E4", "3"))),
                 "heading 1 p1: S\nhead p1: Region | Units\nrow p1: North | 10\nrow p1: South | 20\nhead p1: Product | Stock\n"
                 "row p1: Bolt | 500\nrow p1: Nut | 700\nrow p1: Glue | 3\n");
    expect_sheet(SHEET(ROW("1", T("A1", "May") T("D1", "June"))
                           ROW("2", T("A2", "Item") T("B2", "Price") T("D2", "Item") T("E2", "Price"))
                               ROW("3", T("A3", "Tea") N("B3", "2") T("D3", "Tea") N("E3", "3"))
                                   ROW("4", T("A4", "Cake") N("B4", "4") T("D4", "Cake") N("E4", "5"))),
                 "heading 1 p1: S\nheading 2 p1: May\nhead p1: Item | Price\nrow p1: Tea | 2\nrow p1: Cake | 4\n"
                 "heading 1 p1: S\nheading 2 p1: June\nhead p1: Item | Price\nrow p1: Tea | 3\nrow p1: Cake | 5\n");
    expect_sheet(SHEET(ROW("1", T("A1", "Order") T("B1", "State") T("D1", "Code") T("E1", "Meaning"))
                           ROW("2", N("A2", "1") T("B2", "P") T("D2", "P") T("E2", "paid"))
                               ROW("3", N("A3", "2") T("B3", "O") T("D3", "O") T("E3", "open"))
                                   ROW("4", N("A4", "3") T("B4", "P")) ROW("5", N("A5", "4") T("B5", "O"))),
                 "heading 1 p1: S\nhead p1: Order | State\nrow p1: 1 | P\nrow p1: 2 | O\nrow p1: 3 | P\nrow p1: 4 | O\n"
                 "head p1: Code | Meaning\nrow p1: P | paid\nrow p1: O | open\n");
    expect_sheet(SHEET(ROW("1", T("A1", "Hours") T("D1", "Prices"))
                           ROW("2", T("A2", "Day") T("B2", "Open") T("D2", "Ticket") T("E2", "EUR"))
                               ROW("3", T("A3", "Mon") T("B3", "9-17") T("D3", "Adult") N("E3", "12"))
                                   ROW("4", T("A4", "Tue") T("B4", "9-17") T("D4", "Child") N("E4", "6"))
                                       ROW("5", T("A5", "Sat") T("B5", "9-12"))),
                 "heading 1 p1: S\nheading 2 p1: Hours\nhead p1: Day | Open\nrow p1: Mon | 9-17\nrow p1: Tue | 9-17\n"
                 "row p1: Sat | 9-12\nheading 1 p1: S\nheading 2 p1: Prices\nhead p1: Ticket | EUR\nrow p1: Adult | 12\n"
                 "row p1: Child | 6\n");
}

/* One table with a gap: what is on the right are values, or more of the same rows. */
static void tables_with_a_gap(void **state)
{
    (void)state;
    expect_sheet(SHEET(ROW("1", T("A1", "Region") T("B1", "Head") N("D1", "2023") N("E1", "2024"))
                           ROW("2", T("A2", "North") T("B2", "Ann") N("D2", "1") N("E2", "2"))
                               ROW("3", T("A3", "South") T("B3", "Bea") N("D3", "3") N("E3", "4"))),
                 "heading 1 p1: S\nhead p1: Region | Head |  | 2023 | 2024\nrow p1: North | Ann |  | 1 | 2\n"
                 "row p1: South | Bea |  | 3 | 4\n");
    expect_sheet(SHEET(ROW("1", T("A1", "Person") T("B1", "Age") T("D1", "Insurer") T("E1", "Plan"))
                           ROW("2", T("A2", "Ann") N("B2", "33") T("D2", "TK") T("E2", "A"))
                               ROW("3", T("A3", "Bea") N("B3", "34") T("D3", "AOK") T("E3", "B"))
                                   ROW("4", T("A4", "Cid") N("B4", "35"))),
                 "heading 1 p1: S\nhead p1: Person | Age |  | Insurer | Plan\nrow p1: Ann | 33 |  | TK | A\n"
                 "row p1: Bea | 34 |  | AOK | B\nrow p1: Cid | 35\n");
    expect_sheet(SHEET(ROW("1", T("A1", "Item") T("B1", "Day") T("D1", "Kind") T("E1", "EUR"))
                           ROW("2", T("A2", "Drill") T("B2", "May") T("D2", "Tools") N("E2", "71.3"))
                               ROW("3", T("A3", "Train") T("B3", "May") T("D3", "Travel") N("E3", "89"))
                                   ROW("4", T("D4", "Net") N("E4", "160.3")) ROW("5", T("D5", "Tax") N("E5", "10"))),
                 "heading 1 p1: S\nhead p1: Item | Day |  | Kind | EUR\nrow p1: Drill | May |  | Tools | 71.3\n"
                 "row p1: Train | May |  | Travel | 89\nrow p1: |  |  | Net | 160.3\nrow p1: |  |  | Tax | 10\n");
    expect_sheet(SHEET(ROW("1", T("A1", "Task") T("B1", "Who") T("D1", "From")
                                    T("E1", "To")) ROW("2", T("A2", "a") T("B2", "Ann") T("D2", "May") T("E2", "June"))
                           ROW("3", T("A3", "b") T("B3", "Bea") T("D3", "June") T("E3", "July")) ROW("4", T("D4", "*planned"))),
                 "heading 1 p1: S\nhead p1: Task | Who |  | From | To\nrow p1: a | Ann |  | May | June\n"
                 "row p1: b | Bea |  | June | July\nrow p1: |  |  | *planned\n");
    expect_sheet(SHEET(ROW("1", T("A1", "Laptop") T("B1", "Room") T("D1", "With") T("E1", "Since"))
                           ROW("2", T("A2", "L1") T("B2", "1") T("D2", "Ann") T("E2", "May"))
                               ROW("3", T("A3", "L2") T("B3", "2") T("D3", "Bea") T("E3", "June"))
                                   ROW("4", T("A4", "L3") T("B4", "3")) ROW("5", T("A5", "L4") T("B5", "4"))),
                 "heading 1 p1: S\nhead p1: Laptop | Room |  | With | Since\nrow p1: L1 | 1 |  | Ann | May\n"
                 "row p1: L2 | 2 |  | Bea | June\nrow p1: L3 | 3\nrow p1: L4 | 4\n");
}

/* What was noted at cells stands behind the table. */
static void notes_at_cells(void **state)
{
    (void)state;
#define NOTED(author, place, text)                                                                                             \
    "<comment ref=\"" place "\" authorId=\"" author "\"><text><r><t>" text "</t></r></text></comment>"
    static const struct office_part parts[] = {
        {"xl/workbook.xml", BOOK},
        {"xl/_rels/workbook.xml.rels", RELATIONS(RELATION("a", "worksheet", "1.xml"))},
        {"xl/1.xml", SHEET(ROW("1", T("A1", "Item") T("B1", "Price")) ROW("2", T("A2", "Bolt") N("B2", "2"))
                               ROW("3", T("A3", "Nut") "<c r=\"B3\"/>"))},
        {"xl/_rels/1.xml.rels", RELATIONS(RELATION("a", "comments", "notes.xml"))},
        {"xl/notes.xml",
         "<comments xmlns=\"" SHEETS "\"><authors><author>Ann</author><author>tc={1}</author></authors><commentList>" NOTED(
             "0", "B2", "Ann:\nuntil\nJune") NOTED("1", "A3", "[Thread]\n\nGet it.\n\nComment:\n    sold out\nReply:\n    no")
             NOTED("0", "B3", "ask") NOTED("0", "AB9", "far off") "</commentList></comments>"},
        {NULL, NULL}};
    office_expect(xlsx_read, parts,
                  "heading 1 p1: S\nhead p1: Item | Price\nrow p1: Bolt | 2\nrow p1: Nut\nparagraph p1: Bolt (2): until June\n"
                  "paragraph p1: Nut: sold out no\nparagraph p1: Nut: ask\nparagraph p1: far off\n");
    office_damage(xlsx_read, parts);
}

static void numbers_as_they_are_shown(void **state)
{
    (void)state;
    static const struct {
        const char *code, *number, *shown;
    } cases[] = {
        {"General", "1234.5", "1234.5"},
        {"general", "0.1", "0.1"},
        {"", "12", "12"},
        {"0", "2.5", "2"},
        {"0.00", "2.345", "2.35"},
        {"#,##0", "1234567.4", "1,234,567"},
        {"#,##0.00;[Red]-#,##0.00", "-1234.5", "-1,234.50"},
        {"#,##0", "999", "999"},
        {"0", "-0.2", "0"},
        {"0%", "0.256", "26%"},
        {"0.0\\ %", "0.256", "25.6% "},
        {"\"$\"#,##0.00_);(\"$\"#,##0.00)", "1200", "$1,200.00"},
        {"[$\xE2\x82\xAC-407] #,##0", "5", "\xE2\x82\xAC 5"},
        {"#,##0\\ \xE2\x82\xAC", "5", "5 \xE2\x82\xAC"},
        {"0.00E+00", "12345", "1.23E+04"},
        {"# ?/?", "0.5", "0.5"},
        {"0,", "1234567", "1234567"},
        {"@", "7", "7"},
        {"yyyy-mm-dd", "1", "1900-01-01"},
        {"yyyy-mm-dd", "59", "1900-02-28"},
        {"yyyy-mm-dd", "60", "1900-02-29"},
        {"yyyy-mm-dd", "61", "1900-03-01"},
        {"yyyy-mm-dd", "45351", "2024-02-29"},
        {"d mmm yy", "2958465", "9999-12-31"},
        {"d mmm yy", "2958466", "2958466"},
        {"d mmm yy", "-1", "-1"},
        {"m/d/yy h:mm AM/PM", "45351.5", "2024-02-29 12:00"},
        {"[$-F800]dddd\\,\\ mmmm\\ dd", "45351", "2024-02-29"},
        {"h:mm:ss", "0.999988426", "23:59:59"},
        {"h:mm", "45351.25", "06:00"},
        {"[h]:mm", "1.5", "36:00"},
        {"mmm", "45351", "2024-02-29"},
        {"yyyy", "45351.9999999", "2024-03-01"},
        {"0.00", "text", "text"},
        {"0.00", "1e400", "1e400"},
        {"0.00", "1e20", "1e20"},
        {"\"unfinished", "1", "1"},
        {"[unfinished", "1", "1"},
        {"0.0000000000000000000000", "1", "1.000000000000000"},
    };
    struct buffer shown;
    buffer_init(&shown, KIB);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct number_format format = number_format_read(slice_from(cases[i].code));
        buffer_clear(&shown);
        number_show(&format, slice_from(cases[i].number), false, &shown);
        compare_text(cases[i].code, buffer_slice(&shown), cases[i].shown);
    }
    struct number_format date = number_format_built_in(14), plain = number_format_built_in(49);
    assert_int_equal(plain.kind, NUMBER_PLAIN);
    buffer_clear(&shown);
    number_show(&date, SLICE("0"), true, &shown);
    compare_text("from 1904", buffer_slice(&shown), "1904-01-01");
    buffer_release(&shown);
}

/* ---- OpenDocument ---- */

#define ODF "urn:oasis:names:tc:opendocument:xmlns:"
#define CONTENT(body)                                                                                                          \
    "<office:document-content xmlns:office=\"" ODF "office:1.0\" xmlns:text=\"" ODF "text:1.0\" xmlns:table=\"" ODF            \
    "table:1.0\" xmlns:draw=\"" ODF "drawing:1.0\" xmlns:presentation=\"" ODF "presentation:1.0\" xmlns:style=\"" ODF          \
    "style:1.0\" xmlns:svg=\"" ODF "svg-compatible:1.0\"><office:automatic-styles>"                                            \
    "<style:style style:name=\"P1\" style:parent-style-name=\"Title\"/><style:style style:name=\"P2\" "                        \
    "style:parent-style-name=\"Preformatted_20_Text\"/><style:style style:name=\"P3\" style:parent-style-name=\"P3\"/>"        \
    "<style:style style:name=\"T1\"><style:text-properties text:display=\"none\"/></style:style></office:automatic-styles>"    \
    "<office:body>" body "</office:body></office:document-content>"
#define TEXT(text) "<text:p>" text "</text:p>"
#define ANNOTATION(more, text)                                                                                                 \
    "<office:annotation xmlns:x=\"x\"" more "><dc:creator xmlns:dc=\"http://purl.org/dc/elements/1.1/\">Ann</dc:creator>" text \
    "</office:annotation>"
#define TABLE_CELL(text) "<table:table-cell>" TEXT(text) "</table:table-cell>"

static const struct office_part open_text[] = {
    {"content.xml",
     CONTENT("<office:text><text:tracked-changes>" TEXT(
         "deleted") "</text:tracked-changes><text:p text:style-name=\"P1\">Title</text:p>"
                    "<text:table-of-content>" TEXT(
                        "contents") "</text:table-of-content><text:h text:outline-level=\"2\">Two</text:h>"
                                    "<text:p text:style-name=\"P3\">a  \n b<text:s "
                                    "text:c=\"2\"/>c<text:tab/>d<text:line-break/>e<text:span>f"
                                    "</text:span><text:span "
                                    "text:style-name=\"T1\">hidden</text:span>" ANNOTATION("", TEXT("remark")) ANNOTATION(
                                        " x:resolved=\"true\"",
                                        TEXT(
                                            "done")) "<text:note><text:note-citation>1</"
                                                     "text:note-citation><text:note-body>" TEXT(
                                                         "note") "</text:note-body></"
                                                                 "text:note>g</"
                                                                 "text:p><text:p "
                                                                 "text:style-name=\"P2\">"
                                                                 "code 1</text:p><text:p "
                                                                 "text:style-name=\"P2\">"
                                                                 "code 2</text:p>"
                                                                 "<text:list><text:list-"
                                                                 "item>" TEXT("one") TEXT(
                                                                     "m"
                                                                     "o"
                                                                     "r"
                                                                     "e") "<text:list><text:list-"
                                                                          "item>" TEXT(
                                                                              "inner") "</"
                                                                                       "text:list-"
                                                                                       "item></"
                                                                                       "text:list>"
                                                                                       "</"
                                                                                       "text:list-"
                                                                                       "item></"
                                                                                       "text:list>"
                                                                                       "<"
                                                                                       "text:soft-"
                                                                                       "page-"
                                                                                       "break/"
                                                                                       ">" TEXT(
                                                                                           "<dr"
                                                                                           "aw:"
                                                                                           "fra"
                                                                                           "me>"
                                                                                           "<sv"
                                                                                           "g:"
                                                                                           "tit"
                                                                                           "le>"
                                                                                           "tit"
                                                                                           "le<"
                                                                                           "/"
                                                                                           "svg"
                                                                                           ":ti"
                                                                                           "tle"
                                                                                           "><"
                                                                                           "dra"
                                                                                           "w:"
                                                                                           "tex"
                                                                                           "t-"
                                                                                           "box"
                                                                                           ">" TEXT(
                                                                                               "bo"
                                                                                               "x") "<"
                                                                                                    "/"
                                                                                                    "d"
                                                                                                    "r"
                                                                                                    "a"
                                                                                                    "w"
                                                                                                    ":"
                                                                                                    "t"
                                                                                                    "e"
                                                                                                    "x"
                                                                                                    "t"
                                                                                                    "-"
                                                                                                    "b"
                                                                                                    "o"
                                                                                                    "x"
                                                                                                    ">"
                                                                                                    "<"
                                                                                                    "/"
                                                                                                    "d"
                                                                                                    "r"
                                                                                                    "a"
                                                                                                    "w"
                                                                                                    ":"
                                                                                                    "f"
                                                                                                    "r"
                                                                                                    "a"
                                                                                                    "m"
                                                                                                    "e"
                                                                                                    ">"
                                                                                                    "a"
                                                                                                    "r"
                                                                                                    "o"
                                                                                                    "u"
                                                                                                    "n"
                                                                                                    "d") "<table:table><table:"
                                                                                                         "table-column "
                                                                                                         "table:number-columns-"
                                                                                                         "repeated=\"3\"/"
                                                                                                         "><table:table-header-"
                                                                                                         "rows><table:table-"
                                                                                                         "row>" TABLE_CELL("a") TABLE_CELL("b") TABLE_CELL(
                                                                                                             "c") "</"
                                                                                                                  "tab"
                                                                                                                  "le:"
                                                                                                                  "tab"
                                                                                                                  "le-"
                                                                                                                  "row"
                                                                                                                  "></"
                                                                                                                  "tab"
                                                                                                                  "le:"
                                                                                                                  "tab"
                                                                                                                  "le-"
                                                                                                                  "hea"
                                                                                                                  "der"
                                                                                                                  "-ro"
                                                                                                                  "ws>"
                                                                                                                  "<"
                                                                                                                  "tab"
                                                                                                                  "le:"
                                                                                                                  "tab"
                                                                                                                  "le-"
                                                                                                                  "row"
                                                                                                                  ">" TABLE_CELL("1") "<table:covered-table-cell/>" TABLE_CELL(
                                                                                                                      "3") "</"
                                                                                                                           "tab"
                                                                                                                           "l"
                                                                                                                           "e:"
                                                                                                                           "tab"
                                                                                                                           "l"
                                                                                                                           "e-"
                                                                                                                           "row"
                                                                                                                           ">"
                                                                                                                           "</"
                                                                                                                           "tab"
                                                                                                                           "l"
                                                                                                                           "e:"
                                                                                                                           "tab"
                                                                                                                           "l"
                                                                                                                           "e>"
                                                                                                                           "<ta"
                                                                                                                           "b"
                                                                                                                           "le:"
                                                                                                                           "tab"
                                                                                                                           "l"
                                                                                                                           "e><"
                                                                                                                           "tab"
                                                                                                                           "l"
                                                                                                                           "e:"
                                                                                                                           "tab"
                                                                                                                           "l"
                                                                                                                           "e-"
                                                                                                                           "col"
                                                                                                                           "u"
                                                                                                                           "mn/"
                                                                                                                           "><"
                                                                                                                           "tab"
                                                                                                                           "l"
                                                                                                                           "e:"
                                                                                                                           "tab"
                                                                                                                           "l"
                                                                                                                           "e-"
                                                                                                                           "row"
                                                                                                                           ">" TABLE_CELL(
                                                                                                                               "layout") "</"
                                                                                                                                         "table:"
                                                                                                                                         "table-"
                                                                                                                                         "row></"
                                                                                                                                         "table:"
                                                                                                                                         "table>"
                                                                                                                                         "<text:"
                                                                                                                                         "section"
                                                                                                                                         " text:"
                                                                                                                                         "display"
                                                                                                                                         "=\"none"
                                                                                                                                         "\""
                                                                                                                                         ">" TEXT(
                                                                                                                                             "hid"
                                                                                                                                             "de"
                                                                                                                                             "n") "</text:section></office:text>")},
    {"meta.xml", "<office:document-meta xmlns:office=\"" ODF "office:1.0\" xmlns:meta=\"" ODF "meta:1.0\" xmlns:dc=\""
                 "http://purl.org/dc/elements/1.1/\"><office:meta><dc:title>Stated</dc:title><dc:creator>Last</dc:creator>"
                 "<meta:initial-creator>First</meta:initial-creator><meta:creation-date>2024-01-02</"
                 "meta:creation-date><dc:date>"
                 "2024-02-03</dc:date><meta:keyword>word</meta:keyword></office:meta></office:document-meta>"},
    {NULL, NULL},
};

static void open_texts(void **state)
{
    (void)state;
    office_expect(
        odf_read, open_text,
        "heading 1 p1: Title\nheading 2 p1: Two\nparagraph p1: a b  c\td\nefg\nparagraph p1: Comment by Ann: remark\nparagraph "
        "p1: note\ncode p1: code 1\ncode 2\n"
        "item 1 p1: one\nparagraph p1: more\nitem 2 p1: inner\nparagraph p2: around\nparagraph p2: box\nhead p2: a | b | c\n"
        "row p2: 1 |  | 3\nparagraph p2: layout\ntitle: Stated\nauthor: First\ncreated: 2024-01-02\nmodified: 2024-02-03\n"
        "keywords: word\n");
}

#define BOLD_STYLES                                                                                                            \
    "<office:document-content xmlns:office=\"" ODF "office:1.0\" xmlns:text=\"" ODF "text:1.0\" xmlns:table=\"" ODF            \
    "table:1.0\" xmlns:style=\"" ODF "style:1.0\" xmlns:fo=\"" ODF "xsl-fo-compatible:1.0\"><office:automatic-styles>"         \
    "<style:style style:name=\"B\"><style:text-properties fo:font-weight=\"bold\"/></style:style>"                             \
    "<style:style style:name=\"P\" style:parent-style-name=\"B\"/><style:style style:name=\"N\" "                              \
    "style:parent-style-name=\"B\">"                                                                                           \
    "<style:text-properties fo:font-weight=\"normal\"/></style:style></office:automatic-styles>"
#define BOLD_CELL(text) "<table:table-cell><text:p text:style-name=\"P\">" text "</text:p></table:table-cell>"
#define PLAIN_CELL(text) "<table:table-cell><text:p>" text "</text:p></table:table-cell>"
#define BOLD_ROW "<table:table-row>" BOLD_CELL("House") BOLD_CELL("Day") "</table:table-row>"

static const struct office_part open_bold[] = {
    {"mimetype", "application/vnd.oasis.opendocument.text"},
    {"content.xml", BOLD_STYLES
     "<office:body><office:text><text:p text:style-name=\"P\">House rules</text:p><text:p>Be kind.</text:p>"
     "<text:p><text:span text:style-name=\"B\">Quiet <text:span>hours</text:span></text:span></text:p><text:p>From "
     "ten.</text:p>"
     "<text:p text:style-name=\"P\">Not <text:span text:style-name=\"N\">all</text:span></text:p><text:p>text</text:p>"
     "<table:table><table:table-column table:number-columns-repeated=\"2\"/>" BOLD_ROW "<table:table-row>" PLAIN_CELL("A")
         PLAIN_CELL("Friday") "</table:table-row>" BOLD_ROW
                              "</table:table></office:text></office:body></office:document-content>"},
    {NULL, NULL},
};

static void open_texts_with_bold_lines(void **state)
{
    (void)state;
    office_expect(odf_read, open_bold,
                  "heading 1: House rules\nparagraph: Be kind.\nheading 1: Quiet hours\nparagraph: From ten.\n"
                  "paragraph: Not all\nparagraph: text\nhead: House | Day\nrow: A | Friday\n");
}

static const struct office_part open_slides[] = {
    {"content.xml",
     CONTENT("<office:presentation><draw:page><draw:frame "
             "presentation:class=\"outline\"><text:list><text:list-item>" TEXT(
                 "point") "</text:list-item></text:list></draw:frame><draw:frame "
                          "presentation:class=\"title\">" TEXT(
                              "Title") "</draw:frame><draw:frame "
                                       "presentation:class=\"page-"
                                       "number\">" TEXT(
                                           "7") "</draw:frame>"
                                                "<presentation:"
                                                "notes><draw:frame "
                                                "presentation:"
                                                "class="
                                                "\"notes\">" TEXT(
                                                    "say this") "</"
                                                                "dr"
                                                                "aw"
                                                                ":f"
                                                                "ra"
                                                                "me"
                                                                "><"
                                                                "/p"
                                                                "re"
                                                                "se"
                                                                "nt"
                                                                "at"
                                                                "io"
                                                                "n:"
                                                                "no"
                                                                "te"
                                                                "s>"
                                                                "</"
                                                                "dr"
                                                                "aw"
                                                                ":p"
                                                                "ag"
                                                                "e>"
                                                                "<d"
                                                                "ra"
                                                                "w:"
                                                                "pa"
                                                                "ge"
                                                                "><"
                                                                "dr"
                                                                "aw"
                                                                ":f"
                                                                "ra"
                                                                "me"
                                                                " p"
                                                                "re"
                                                                "se"
                                                                "nt"
                                                                "at"
                                                                "io"
                                                                "n:"
                                                                "cl"
                                                                "as"
                                                                "s="
                                                                "\""
                                                                "ti"
                                                                "tl"
                                                                "e"
                                                                "\""
                                                                ">" TEXT(
                                                                    "Part") "</draw:frame></draw:page></office:presentation>")},
    {NULL, NULL}};

static const struct office_part open_sheets[] = {
    {"content.xml",
     CONTENT("<office:spreadsheet><table:table table:name=\"One\"><table:table-row>" TABLE_CELL(
         "a") "<table:table-cell table:number-columns-repeated=\"2\"/>" TABLE_CELL("d") "</table:table-row>"
                                                                                        "<table:table-row "
                                                                                        "table:number-rows-repeated="
                                                                                        "\"1000000\"><table:table-cell "
                                                                                        "table:number-columns-repeated="
                                                                                        "\"16384\"/></table:table-row></"
                                                                                        "table:table><table:table "
                                                                                        "table:name=\"Two\">"
                                                                                        "<table:table-row>" TABLE_CELL(
                                                                                            "x") "</table:table-row></"
                                                                                                 "table:table></"
                                                                                                 "office:spreadsheet>")},
    {NULL, NULL}};

static void open_presentations_and_spreadsheets(void **state)
{
    (void)state;
    office_expect(odf_read, open_slides, "heading 2 p1: Title\nitem 1 p1: point\nparagraph p1: say this\nheading 1 p2: Part\n");
    office_expect(odf_read, open_sheets, "heading 1 p1: One\nhead p1: a |  |  | d\nheading 1 p2: Two\nparagraph p2: x\n");
}

static void open_documents_that_are_not_read(void **state)
{
    (void)state;
    static const struct office_part none[] = {{"mimetype", "x"}, {NULL, NULL}};
    static const struct office_part encrypted[] = {
        {"META-INF/manifest.xml",
         "<m:manifest xmlns:m=\"" ODF "manifest:1.0\"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>"},
        {"content.xml", "\x01\x02"},
        {NULL, NULL}};
    static const struct office_part typed[] = {
        {"content.xml", "<!DOCTYPE office:document-content PUBLIC \"x\" \"office.dtd\"><x/>"}, {NULL, NULL}};
    office_refused(odf_read, none, ERROR_INVALID, "it is not an OpenDocument file: it has no content.xml");
    office_refused(odf_read, encrypted, ERROR_INVALID, "encrypted with a password");
    office_refused(odf_read, typed, ERROR_INVALID, "declares a document type");
}

/* ---- books ---- */

#define CONTAINER "<container xmlns=\"" ODF "container\"><rootfiles><rootfile full-path=\"OPS/p.opf\"/></rootfiles></container>"
#define OPF(inside)                                                                                                            \
    "<package xmlns=\"http://www.idpf.org/2007/opf\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">" inside "</package>"
#define PAGE(id, href) "<item id=\"" id "\" href=\"" href "\" media-type=\"application/xhtml+xml\"/>"

static const struct office_part novel[] = {
    {"META-INF/container.xml", CONTAINER},
    {"META-INF/encryption.xml", "<e:encryption xmlns:e=\"http://www.w3.org/2001/04/xmlenc#\"><e:EncryptionMethod "
                                "Algorithm=\"http://www.idpf.org/2008/embedding\"/></e:encryption>"},
    {"OPS/p.opf", OPF("<metadata><dc:title>The book</dc:title><dc:title>and its "
                      "subtitle</dc:title><dc:creator>A</dc:creator><dc:creator>B</dc:creator>"
                      "<dc:language>fr</dc:language><dc:date>2020-05-06</dc:date><meta "
                      "property=\"dcterms:modified\">2021-01-01T00:00:00Z</meta>"
                      "</metadata><manifest>" PAGE("two", "two.xhtml") PAGE(
                          "one", "text/ch%201.xhtml#start") "<item id=\"nav\" href=\"nav.xhtml\" "
                                                            "media-type=\"application/xhtml+xml\" properties=\"scripted nav\"/>"
                                                            "<item id=\"pic\" href=\"p.svg\" "
                                                            "media-type=\"image/svg+xml\"/></manifest><spine><itemref "
                                                            "idref=\"nav\"/><itemref idref=\"one\"/>"
                                                            "<itemref idref=\"missing\"/><itemref idref=\"two\" "
                                                            "linear=\"no\"/><itemref idref=\"one\"/></spine>")},
    {"OPS/text/ch 1.xhtml",
     "<?xml version=\"1.0\"?><!DOCTYPE html><html><head><title/><script src=\"x\"/></head><body><h1>One</h1><p/>"
     "<p>a &eacute; &amp; b</p><ul><li>item</li></ul></body></html>"},
    {"OPS/two.xhtml", "<html><body><h2>Two</h2><p>text</p></body></html>"},
    {"OPS/nav.xhtml", "<html><body><p>contents</p></body></html>"},
    {NULL, NULL},
};

static void books(void **state)
{
    (void)state;
    office_expect(epub_read, novel,
                  "heading 1: One\nparagraph: a \xC3\xA9 & b\nitem 1: item\nheading 2: Two\nparagraph: text\ntitle: The "
                  "book\nlanguage: fr\n"
                  "author: A\nauthor: B\ncreated: 2020-05-06\nmodified: 2021-01-01T00:00:00Z\n");
}

static void books_that_are_not_read(void **state)
{
    (void)state;
    static const struct office_part none[] = {{"a.xhtml", "<p>x"}, {NULL, NULL}};
    static const struct office_part lost[] = {{"META-INF/container.xml", CONTAINER}, {NULL, NULL}};
    static const struct office_part locked[] = {
        {"META-INF/container.xml", CONTAINER},
        {"META-INF/encryption.xml", "<e:encryption xmlns:e=\"http://www.w3.org/2001/04/xmlenc#\"><e:EncryptionMethod "
                                    "Algorithm=\"http://www.w3.org/2001/04/xmlenc#aes256-cbc\"/></e:encryption>"},
        {"OPS/p.opf", OPF("")},
        {NULL, NULL}};
    office_refused(epub_read, none, ERROR_INVALID, "it is not an EPUB book: it has no META-INF/container.xml");
    office_refused(epub_read, lost, ERROR_INVALID, "the package document that it names is not there");
    office_refused(epub_read, locked, ERROR_INVALID, "the book is encrypted");
}

static void damage(void **state)
{
    (void)state;
    static const struct office_part text[] = {{"content.xml", CONTENT("<office:text>" TEXT("text") "</office:text>")},
                                              {NULL, NULL}};
    static const struct office_part pages[] = {
        {"META-INF/container.xml", CONTAINER},
        {"OPS/p.opf", OPF("<item id=\"a\" href=\"a.html\" media-type=\"text/html\"/><itemref idref=\"a\"/>")},
        {"OPS/a.html", "<p>text"},
        {NULL, NULL}};
    office_damage(pptx_read, deck);
    office_damage(xlsx_read, book);
    office_damage(odf_read, text);
    office_damage(epub_read, pages);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(presentations),
        cmocka_unit_test(titles_that_programs_make_up),
        cmocka_unit_test(slides_that_repeat_are_refused),
        cmocka_unit_test(slides_without_titles),
        cmocka_unit_test(charts),
        cmocka_unit_test(chart_again_and_again),
        cmocka_unit_test(workbooks),
        cmocka_unit_test(tables_side_by_side),
        cmocka_unit_test(tables_with_a_gap),
        cmocka_unit_test(notes_at_cells),
        cmocka_unit_test(numbers_as_they_are_shown),
        cmocka_unit_test(open_texts),
        cmocka_unit_test(open_texts_with_bold_lines),
        cmocka_unit_test(open_presentations_and_spreadsheets),
        cmocka_unit_test(open_documents_that_are_not_read),
        cmocka_unit_test(books),
        cmocka_unit_test(books_that_are_not_read),
        cmocka_unit_test(damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
