/* test_codec_tables.c - cells over several columns or rows, in every format that has them: each value stands under its heads. */
#include "compare.h"
#include "office_files.h"
#include "codec/codec.h"
#include <string.h>

#define FARES                                                                                                                  \
    "<table><thead><tr><th rowspan=2>Fare</th><th colspan=2>2023</th><th rowspan='2'>Total</th></tr>"                          \
    "<tr><th>Adult</th><th>Child</th></tr></thead>"                                                                            \
    "<tbody><tr><td rowspan=2>Day</td><td "                                                                                    \
    "colspan=2>free</td><td>0</td></tr><tr><td>4</td><td>5</td><td>9</td></tr></tbody></table>"

static void read_page(struct slice source, struct buffer *shown)
{
    static const char *const names[] = {"H", "P", "I", "C", "TH", "TR"}; /* ORDER block_kind */
    struct error error = {0};
    struct arena arena;
    struct blocks blocks;
    arena_init(&arena);
    buffer_clear(shown);
    expect_ok(html_read(source, &arena, &blocks, &error), &error);
    for (size_t i = 0; i < blocks.count; i++) {
        const struct block *block = &blocks.items[i];
        assert_true(block->start < block->end && block->end <= source.size);
        for (size_t at = 0; at < block->text.size; at++)
            assert_true(block_source(block, at, false) <= source.size);
        buffer_format(shown, "%s " SLICE_FORMAT "\n", names[block->kind], SLICE_ARGUMENT(block->text));
    }
    arena_release(&arena);
}

static void pages(void **state)
{
    (void)state;
    static const struct {
        const char *source, *wanted;
    } cases[] = {
        {FARES, "TH Fare | 2023 Adult | 2023 Child | Total\nTR Day | free | free | 0\nTR Day | 4 | 5 | 9\n"},
        {"<table><tr><th></th><th>Basic</th><th>Pro</th></tr><tr><th>Seats</th><td>5</td><td>20</td></tr></table>",
         "TH  | Basic | Pro\nTR Seats | 5 | 20\n"},
        {"<table><tr><th colspan=2>Prices</th></tr><tr><th>Fare<th>Price<tr><td>Day<td>4<tr><th colspan=2>Night<tr><td>x<td>y"
         "</table>",
         "P Prices\nTH Fare | Price\nTR Day | 4\nTR Night\nTR x | y\n"},
        {"<table><tr><td>a<td><td>b<td></tr></table>", "TR a |  | b\n"},
        {"<table><tr><td>Text<td colspan=3>long<tr><td>a<td>1<td>b<td>2</table>", "TR Text | long\nTR a | 1 | b | 2\n"},
        {"<table><tr><th>a<th>b<th>c<tr><td colspan=100>all<tr><td>1<td colspan=0>2<td rowspan=x>3</table>",
         "TH a | b | c\nTR all\nTR 1 | 2 | 3\n"},
        {"<table><tbody><tr><td rowspan=9>a<td>b</tbody><tbody><tr><td>c<td>d</table><table><tr><td>e<td>f</table>",
         "TR a | b\nTR c | d\nTR e | f\n"},
        {"<table><tr><th>a<th>b<tr><td>1<td>2</table><table><tr><th>c<th>d<tr><td>3<td>4</table>",
         "TH a | b\nTR 1 | 2\nTH c | d\nTR 3 | 4\n"},
        {"<table><thead><tr><td>a<td>b</thead><tr><td>1<td>2</table>", "TH a | b\nTR 1 | 2\n"},
    };
    struct buffer shown;
    buffer_init(&shown, MIB);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        read_page(slice_from(cases[i].source), &shown);
        compare_text(cases[i].source, buffer_slice(&shown), cases[i].wanted);
    }
    buffer_release(&shown);
}

/* Spans are a few bytes each, whatever they say: the text may not grow with them beyond what the page's size allows. */
static void hostile_spans(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "<th colspan=1000000000 rowspan=1000000000>a",
        "<tr><th>a<td colspan=1000 rowspan=65534>b",
        "<tr><th rowspan=99999999999999999999>a<th colspan=999>b<th>c",
        "<td>",
        "<tr><td><td>",
    };
    enum { REPEATS = 20000 };
    struct buffer page, shown;
    buffer_init(&page, 64 * MIB);
    buffer_init(&shown, 256 * MIB);
    for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
        buffer_clear(&page);
        buffer_append_text(&page, "<table><tr>");
        for (size_t j = 0; j < REPEATS; j++)
            buffer_append_text(&page, parts[i]);
        buffer_append_text(&page, "<td>end");
        read_page(buffer_slice(&page), &shown);
        assert_true(shown.size < 4 * page.size + 2 * 65536);
        assert_non_null(memmem(shown.data, shown.size, "end", 3));
    }
    buffer_release(&page);
    buffer_release(&shown);
}

/* ---- office documents ---- */

#define WORD_CELL(properties, text) "<w:tc><w:tcPr>" properties "</w:tcPr><w:p><w:r><w:t>" text "</w:t></w:r></w:p></w:tc>"
#define RESTART "<w:vMerge w:val=\"restart\"/>"
#define GO_ON "<w:vMerge/>"
#define WIDE "<w:gridSpan w:val=\"2\"/>"

/* What a cell holds that another one goes on in is not seen; one that says so below none is a cell. */
static const struct office_part word[] = {
    {"word/document.xml",
     "<w:document xmlns:w=\"" OFFICE_SPACE "wordprocessingml/2006/main\"><w:body><w:tbl><w:tblGrid><w:gridCol/><w:gridCol/>"
     "<w:gridCol/></w:tblGrid><w:tr>" WORD_CELL(RESTART, "Fare") WORD_CELL(WIDE, "2023") WORD_CELL(
         RESTART, "Total") "</w:tr>"
                           "<w:tr>" WORD_CELL(GO_ON, "") WORD_CELL("", "Adult") WORD_CELL("", "Child") WORD_CELL(
                               GO_ON, "") "</w:tr>"
                                          "<w:tr>" WORD_CELL(RESTART, "Day") WORD_CELL(WIDE, "free") WORD_CELL(
                                              "", "0") "</w:tr>"
                                                       "<w:tr>" WORD_CELL(GO_ON, "unseen") WORD_CELL("", "4") WORD_CELL("", "5")
                                                           WORD_CELL("",
                                                                     "9") "</w:tr>"
                                                                          "<w:tr>" WORD_CELL(GO_ON, "") WORD_CELL("", "6")
                                                                              WORD_CELL("", "7") WORD_CELL(
                                                                                  "",
                                                                                  "") "</w:tr>"
                                                                                      "<w:tr>" WORD_CELL("", "") WORD_CELL(
                                                                                          "",
                                                                                          "1") WORD_CELL("", "2")
                                                                                          WORD_CELL(
                                                                                              GO_ON,
                                                                                              "3") "</w:tr></w:tbl></w:body></"
                                                                                                   "w:document>"},
    {NULL, NULL},
};

/* A table within a cell that another one goes on in is as little seen as the cell. */
static const struct office_part within_covered[] = {
    {"word/document.xml",
     "<w:document xmlns:w=\"" OFFICE_SPACE "wordprocessingml/2006/main\"><w:body><w:tbl><w:tblGrid><w:gridCol/><w:gridCol/>"
     "</w:tblGrid><w:tr>" WORD_CELL("", "Who") WORD_CELL("", "When") "</w:tr><w:tr>" WORD_CELL(RESTART, "Ann")
         WORD_CELL("", "Monday") "</w:tr><w:tr><w:tc><w:tcPr>" GO_ON
                                 "</w:tcPr><w:tbl><w:tblGrid><w:gridCol/><w:gridCol/></w:tblGrid><w:tr>" WORD_CELL("", "hidden")
                                     WORD_CELL("", "away") "</w:tr></w:tbl><w:p/></w:tc>" WORD_CELL(
                                         "", "Friday") "</w:tr></w:tbl></w:body></w:document>"},
    {NULL, NULL},
};

/* Rows that are equal are dropped where the first is a head for sure. */
#define WORD_ROW(properties, run, a, b)                                                                                        \
    "<w:tr>" properties "<w:tc><w:p><w:r>" run "<w:t>" a "</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r>" run "<w:t>" b             \
    "</w:t></w:r></w:p></w:tc></w:tr>"
#define WORD_SHIFTS(properties, run)                                                                                           \
    {                                                                                                                          \
        {"word/document.xml", "<w:document xmlns:w=\"" OFFICE_SPACE                                                            \
                              "wordprocessingml/2006/main\"><w:body><w:tbl><w:tblGrid><w:gridCol/><w:gridCol/>"                \
                              "</w:tblGrid>" WORD_ROW(properties, run, "Anna", "Early") WORD_ROW("", "", "Bob", "Late")        \
                                  WORD_ROW("", "", "Anna", "Early") "</w:tbl></w:body></w:document>"},                         \
        {NULL, NULL},                                                                                                          \
    }
static const struct office_part unmarked[] = WORD_SHIFTS("", "");
static const struct office_part marked[] = WORD_SHIFTS("<w:trPr><w:tblHeader/></w:trPr>", "");
static const struct office_part bold[] = WORD_SHIFTS("", "<w:rPr><w:b/></w:rPr>");
static const struct office_part never_bold[] = WORD_SHIFTS(
    "<w:trPr><w:tblHeader w:val=\"false\"/><w:trPrChange><w:trPr><w:tblHeader/></w:trPr></w:trPrChange></w:trPr>",
    "<w:rPr><w:b w:val=\"0\"/></w:rPr>");

#define RELATION(id, type, target) "<Relationship Id=\"" id "\" Type=\"" OFFICE_RELATIONS "/" type "\" Target=\"" target "\"/>"
#define SHEETS OFFICE_SPACE "spreadsheetml/2006/main"
#define TEXT_AT(place, text) "<c r=\"" place "\" t=\"str\"><v>" text "</v></c>"
#define NUMBER_AT(place, number) "<c r=\"" place "\"><v>" number "</v></c>"
#define WORKBOOK(sheet)                                                                                                        \
    {"xl/workbook.xml", "<workbook xmlns=\"" SHEETS "\" xmlns:r=\"" OFFICE_RELATIONS                                           \
                        "\"><sheets><sheet name=\"Fares\" r:id=\"a\"/></sheets></workbook>"},                                  \
        {"xl/_rels/workbook.xml.rels",                                                                                         \
         "<Relationships xmlns=\"" OFFICE_PACKAGE "\">" RELATION("a", "worksheet", "1.xml") "</Relationships>"},               \
        {"xl/1.xml", "<worksheet xmlns=\"" SHEETS "\">" sheet "</worksheet>"}, {NULL, NULL},

static const struct office_part excel[] = {
    WORKBOOK("<sheetData><row r=\"1\">" TEXT_AT("B1", "All fares") "</row><row r=\"2\">" TEXT_AT("B2", "Fare")
                 TEXT_AT("C2", "2023") TEXT_AT("E2", "Total") "</row><row r=\"3\">" TEXT_AT("C3", "Adult")
                     TEXT_AT("D3", "Child") "</row><row r=\"4\">" TEXT_AT("B4", "Day") TEXT_AT("C4", "free")
                         NUMBER_AT("E4", "0") "</row><row r=\"5\">" NUMBER_AT("C5", "4") NUMBER_AT("D5", "5")
                             NUMBER_AT("E5", "9") "</row><row r=\"7\">" NUMBER_AT(
                                 "C7", "6") "</row></sheetData>"
                                            "<mergeCells><mergeCell ref=\"B1:E1\"/><mergeCell ref=\"C2:D2\"/><mergeCell "
                                            "ref=\"B2:B3\"/><mergeCell ref=\"E2:E3\"/>"
                                            "<mergeCell ref=\"B4:B7\"/><mergeCell ref=\"C4:D4\"/><mergeCell "
                                            "ref=\"x\"/><mergeCell ref=\"D9:A1\"/></mergeCells>")};

static const struct office_part pairs[] = {WORKBOOK("<sheetData><row r=\"1\">" TEXT_AT("A1", "Price") TEXT_AT(
    "B1", "20 EUR") "</row><row r=\"2\">" TEXT_AT("A2", "Weight") TEXT_AT("B2", "3 kg") "</row></sheetData>")};

static const struct office_part cornerless[] = {WORKBOOK(
    "<sheetData><row r=\"1\">" TEXT_AT("B1", "Basic") TEXT_AT("C1", "Plus") "</row><row r=\"2\">" TEXT_AT("A2", "Price")
        NUMBER_AT("B2", "9") NUMBER_AT("C2", "29") "</row><row r=\"3\">" TEXT_AT("A3", "Users")
            NUMBER_AT("C3", "5") "</row></sheetData>")};

/* A head of two rows with nothing merged, and ranges as names of columns. */
static const struct office_part gaps[] = {WORKBOOK(
    "<sheetData><row r=\"1\">" TEXT_AT("A1", "Zone") TEXT_AT("B1", "Towns") TEXT_AT("C1", "Price")
        TEXT_AT("E1", "Time") "</row><row r=\"2\">" TEXT_AT("C2", "1\xE2\x80\x93"
                                                                  "2 pallets") TEXT_AT("D2", "3+") TEXT_AT("E2", "Transit")
            TEXT_AT("F2", "Queue") "</row><row r=\"3\">" TEXT_AT("A3", "F") TEXT_AT("B3", "Wick") NUMBER_AT("C3", "16")
                NUMBER_AT("D3", "14") TEXT_AT("E3", "3 d") TEXT_AT("F3", "2 h") "</row></sheetData>")};

/* No head of two rows: what stands below is a row of its own, of values, or below an empty column alone. */
static const struct office_part no_gaps[] = {WORKBOOK("<sheetData><row r=\"1\">" TEXT_AT("A1", "Day") TEXT_AT("B1", "Open")
                                                          TEXT_AT("D1", "Note") "</row><row r=\"2\">" TEXT_AT("B2", "9:00")
                                                              TEXT_AT("C2", "12:00") "</row><row r=\"3\">" TEXT_AT("A3", "Tue")
                                                                  TEXT_AT("C3", "late") "</row></sheetData>")};

#define ODF "urn:oasis:names:tc:opendocument:xmlns:"
#define OPEN_CELL(attributes, text) "<table:table-cell " attributes "><text:p>" text "</text:p></table:table-cell>"
#define COVERED "<table:covered-table-cell/>"
#define WIDE_2 "table:number-columns-spanned=\"2\""
#define HIGH_2 "table:number-rows-spanned=\"2\""

static const struct office_part open_sheet[] = {
    {"mimetype", "application/vnd.oasis.opendocument.spreadsheet"},
    {"content.xml",
     "<office:document-content xmlns:office=\"" ODF "office:1.0\" xmlns:text=\"" ODF "text:1.0\" xmlns:table=\"" ODF
     "table:1.0\"><office:body><office:spreadsheet><table:table table:name=\"Fares\"><table:table-row>" OPEN_CELL(
         HIGH_2, "Fare") OPEN_CELL(WIDE_2, "2023")
         COVERED OPEN_CELL(HIGH_2, "Total") "</table:table-row><table:table-row>" COVERED OPEN_CELL("", "Adult")
             OPEN_CELL("", "Child") COVERED
     "</table:table-row><table:table-row>" OPEN_CELL(HIGH_2, "Day") OPEN_CELL("table:number-columns-repeated=\"2\"", "free")
         OPEN_CELL("", "0") "</table:table-row><table:table-row>" COVERED OPEN_CELL("", "4") OPEN_CELL("", "5") OPEN_CELL(
             "", "9") "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"},
    {NULL, NULL},
};

#define SLIDE_CELL(attributes, text)                                                                                           \
    "<a:tc " attributes "><a:txBody><a:p><a:r><a:t>" text "</a:t></a:r></a:p></a:txBody></a:tc>"

static const struct office_part slides[] = {
    {"ppt/presentation.xml", "<p:presentation xmlns:p=\"" OFFICE_SPACE "presentationml/2006/main\" xmlns:r=\"" OFFICE_RELATIONS
                             "\"><p:sldIdLst><p:sldId r:id=\"a\"/></p:sldIdLst></p:presentation>"},
    {"ppt/_rels/presentation.xml.rels",
     "<Relationships xmlns=\"" OFFICE_PACKAGE "\">" RELATION("a", "slide", "1.xml") "</Relationships>"},
    {"ppt/1.xml",
     "<p:sld xmlns:p=\"" OFFICE_SPACE "presentationml/2006/main\" xmlns:a=\"" OFFICE_SPACE "drawingml/2006/main\">"
     "<p:graphicFrame><a:tbl><a:tr>" SLIDE_CELL("rowSpan=\"2\"", "Fare") SLIDE_CELL("gridSpan=\"2\"", "2023") SLIDE_CELL(
         "hMerge=\"1\"", "") SLIDE_CELL("rowSpan=\"2\"", "Total") "</a:tr><a:tr>" SLIDE_CELL("vMerge=\"1\"", "")
         SLIDE_CELL("", "Adult") SLIDE_CELL("", "Child") SLIDE_CELL("vMerge=\"1\"", "") "</a:tr><a:tr>" SLIDE_CELL("", "Day")
             SLIDE_CELL("", "4") SLIDE_CELL("", "5") SLIDE_CELL("", "9") "</a:tr></a:tbl></p:graphicFrame></p:sld>"},
    {NULL, NULL},
};

#define OPEN_SHIFTS(before, behind)                                                                                            \
    {                                                                                                                          \
        {"mimetype", "application/vnd.oasis.opendocument.spreadsheet"},                                                        \
        {"content.xml",                                                                                                        \
         "<office:document-content xmlns:office=\"" ODF "office:1.0\" xmlns:text=\"" ODF "text:1.0\" xmlns:table=\"" ODF       \
         "table:1.0\"><office:body><office:spreadsheet><table:table table:name=\"Shifts\">" before                             \
         "<table:table-row>" OPEN_CELL("", "Anna") OPEN_CELL(                                                                  \
             "", "Early") "</table:table-row>" behind "<table:table-row>" OPEN_CELL("", "Bob")                                 \
             OPEN_CELL("", "Late") "</table:table-row><table:table-row>" OPEN_CELL("", "Anna") OPEN_CELL(                      \
                 "",                                                                                                           \
                 "Early") "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"},    \
        {NULL, NULL},                                                                                                          \
    }
static const struct office_part open_unmarked[] = OPEN_SHIFTS("", "");
static const struct office_part open_marked[] = OPEN_SHIFTS("<table:table-header-rows>", "</table:table-header-rows>");

#define CELL(text) "<c t=\"str\"><v>" text "</v></c>"
#define SHEET_ROW(number, cells) "<row r=\"" number "\">" cells "</row>"
#define REGIONS CELL("Region") CELL("Units")

/* Tables of a sheet, one below the other: each below its name, or by the names of its columns alone. */
static const struct office_part sheet_of_tables[] = {
    WORKBOOK("<sheetData>" SHEET_ROW("1", CELL("January")) SHEET_ROW("2", CELL("as counted")) SHEET_ROW("3", REGIONS)
                 SHEET_ROW("4", CELL("North") CELL("1")) SHEET_ROW("6", CELL("February")) SHEET_ROW("7", REGIONS)
                     SHEET_ROW("8", CELL("North") CELL("2")) SHEET_ROW("9", REGIONS) SHEET_ROW("10", CELL("South") CELL("3"))
                         SHEET_ROW("11", CELL("Shop") CELL("Units")) SHEET_ROW("12", CELL("Lund") CELL("4"))
                             SHEET_ROW("14", CELL("Who") CELL("Where")) SHEET_ROW("15", CELL("Ann") CELL("Desk 1"))
                                 SHEET_ROW("17", CELL("All in boxes")) "</sheetData>")};

/* A group of rows stands below its name, and below the table's head. */
static const struct office_part sheet_of_groups[] = {WORKBOOK(
    "<sheetData>" SHEET_ROW("1", CELL("Article") CELL("Size") CELL("Price")) SHEET_ROW("2", CELL("Vest") CELL("L") CELL("20"))
        SHEET_ROW("4", CELL("Accessories")) SHEET_ROW("5", CELL("Belt") CELL("one") CELL("9"))
            SHEET_ROW("7", "<c r=\"C7\"><v>29</v></c>") "</sheetData>")};

/* A list is no name of what follows, nor is a table wider than the next. */
static const struct office_part sheet_of_lines[] = {WORKBOOK(
    "<sheetData>" SHEET_ROW("1", CELL("Names")) SHEET_ROW("2", CELL("Ann")) SHEET_ROW("3", CELL("Bob")) SHEET_ROW(
        "4", CELL("Cid")) SHEET_ROW("5", CELL("Dan")) SHEET_ROW("7", CELL("Zone") TEXT_AT("B7", "2026") TEXT_AT("D7", "2027"))
        SHEET_ROW("8", TEXT_AT("B8", "in") TEXT_AT("C8", "out") TEXT_AT("D8", "in")) SHEET_ROW(
            "9", CELL("1") CELL("2") CELL("3") CELL("4")) "</sheetData><mergeCells><mergeCell ref=\"B7:C7\"/></mergeCells>")};

/* Rows of texts behind an empty one go on with the table, and a cell alone is a row, or the name of a group between two empty rows. */
#define PEOPLE SHEET_ROW("1", CELL("Name") CELL("Mon") CELL("Tue")) SHEET_ROW("2", CELL("Ann") CELL("early") CELL("late"))
static const struct office_part sheet_with_gaps[] = {
    WORKBOOK("<sheetData>" PEOPLE SHEET_ROW("4", CELL("Ben") CELL("late") CELL("off")) SHEET_ROW("6", CELL("Cid"))
                 SHEET_ROW("7", CELL("Dan") CELL("off") CELL("early")) SHEET_ROW("9", CELL("Week 2"))
                     SHEET_ROW("11", CELL("Ann") CELL("off") CELL("off")) "</sheetData>")};
static const struct office_part sheet_with_numbers_below[] = {WORKBOOK(
    "<sheetData>" PEOPLE SHEET_ROW("4", CELL("Boat") CELL("Age")) SHEET_ROW("5", CELL("Swan") CELL("4")) "</sheetData>")};
static const struct office_part sheet_of_answers[] = {
    WORKBOOK("<sheetData>" SHEET_ROW("1", CELL("Question") CELL("Answer")) SHEET_ROW("2", CELL("When is it?") CELL("At nine"))
                 SHEET_ROW("4", CELL("What is it?") CELL("A feast")) "</sheetData>")};
static const struct office_part sheet_of_a_list[] = {
    WORKBOOK("<sheetData>" SHEET_ROW("1", CELL("Shopping")) SHEET_ROW("2", CELL("Milk")) SHEET_ROW("3", CELL("Eggs"))
                 SHEET_ROW("4", CELL("Tea")) SHEET_ROW("6", CELL("Bread")) SHEET_ROW("7", CELL("Salt")) "</sheetData>")};
static const struct office_part sheet_of_a_form[] = {
    WORKBOOK("<sheetData>" SHEET_ROW("1", CELL("Name") CELL("Ann Berg")) SHEET_ROW("2", CELL("Town") CELL("Lund"))
                 SHEET_ROW("4", CELL("Contact")) SHEET_ROW("6", CELL("Desk") CELL("left")) "</sheetData>")};

static void gaps_in_a_sheet(void **state)
{
    (void)state;
    office_expect(xlsx_read, sheet_with_gaps,
                  "heading 1 p1: Fares\nhead p1: Name | Mon | Tue\nrow p1: Ann | early | late\nrow p1: Ben | late | off\n"
                  "row p1: Cid\nrow p1: Dan | off | early\nheading 3 p1: Week 2\nhead p1: Name | Mon | Tue\n"
                  "row p1: Ann | off | off\n");
    office_expect(xlsx_read, sheet_with_numbers_below,
                  "heading 1 p1: Fares\nhead p1: Name | Mon | Tue\nrow p1: Ann | early | late\nhead p1: Boat | Age\n"
                  "row p1: Swan | 4\n");
    office_expect(
        xlsx_read, sheet_of_answers,
        "heading 1 p1: Fares\nhead p1: Question | Answer\nrow p1: When is it? | At nine\nrow p1: What is it? | A feast\n");
    office_expect(xlsx_read, sheet_of_a_list,
                  "heading 1 p1: Fares\nhead p1: Shopping\nrow p1: Milk\nrow p1: Eggs\nrow p1: Tea\nrow p1: Bread\n"
                  "row p1: Salt\n");
    office_expect(xlsx_read, sheet_of_a_form,
                  "heading 1 p1: Fares\nhead p1: Name | Ann Berg\nrow p1: Town | Lund\nheading 3 p1: Contact\n"
                  "row p1: Desk | left\n");
}

static void tables_of_a_sheet(void **state)
{
    (void)state;
    office_expect(xlsx_read, sheet_of_tables,
                  "heading 1 p1: Fares\nheading 2 p1: January\nparagraph p1: as counted\nhead p1: Region | Units\n"
                  "row p1: North | 1\nheading 2 p1: February\nhead p1: Region | Units\nrow p1: North | 2\n"
                  "row p1: South | 3\nheading 1 p1: Fares\nhead p1: Shop | Units\nrow p1: Lund | 4\nhead p1: Who | Where\n"
                  "row p1: Ann | Desk 1\nparagraph p1: All in boxes\n");
    office_expect(xlsx_read, sheet_of_groups,
                  "heading 1 p1: Fares\nhead p1: Article | Size | Price\nrow p1: Vest | L | 20\nheading 3 p1: Accessories\n"
                  "head p1: Article | Size | Price\nrow p1: Belt | one | 9\nrow p1: |  | 29\n");
    office_expect(xlsx_read, sheet_of_lines,
                  "heading 1 p1: Fares\nhead p1: Names\nrow p1: Ann\nrow p1: Bob\nrow p1: Cid\nrow p1: Dan\n"
                  "head p1: Zone | 2026 in | 2026 out | 2027 in\nrow p1: 1 | 2 | 3 | 4\n");
}

static void office_tables(void **state)
{
    (void)state;
    office_expect(docx_read, word,
                  "head: Fare | 2023 Adult | 2023 Child | Total\nrow: Day | free | free | 0\nrow: Day | 4 | 5 | 9\n"
                  "row: Day | 6 | 7\nrow: | 1 | 2 | 3\n");
    office_expect(docx_read, within_covered, "head: Who | When\nrow: Ann | Monday\nrow: Ann | Friday\n");
    office_expect(docx_read, unmarked, "head: Anna | Early\nrow: Bob | Late\nrow: Anna | Early\n");
    office_expect(docx_read, marked, "head: Anna | Early\nrow: Bob | Late\n");
    office_expect(docx_read, bold, "head: Anna | Early\nrow: Bob | Late\n");
    office_expect(docx_read, never_bold, "head: Anna | Early\nrow: Bob | Late\nrow: Anna | Early\n");
    office_expect(xlsx_read, excel,
                  "heading 1 p1: Fares\nheading 2 p1: All fares\nhead p1: Fare | 2023 Adult | 2023 Child | Total\n"
                  "row p1: Day | free | free | 0\nrow p1: Day | 4 | 5 | 9\nrow p1: Day | 6\n");
    office_expect(xlsx_read, pairs, "heading 1 p1: Fares\nrow p1: Price | 20 EUR\nrow p1: Weight | 3 kg\n");
    office_expect(xlsx_read, cornerless,
                  "heading 1 p1: Fares\nhead p1: | Basic | Plus\nrow p1: Price | 9 | 29\nrow p1: Users |  | 5\n");
    office_expect(xlsx_read, gaps,
                  "heading 1 p1: Fares\nhead p1: Zone | Towns | Price 1\xE2\x80\x93"
                  "2 pallets | Price 3+ | Time Transit | "
                  "Time Queue\nrow p1: F | Wick | 16 | 14 | 3 d | 2 h\n");
    office_expect(xlsx_read, no_gaps,
                  "heading 1 p1: Fares\nhead p1: Day | Open |  | Note\nrow p1: | 9:00 | 12:00\nrow p1: Tue |  | late\n");
    office_expect(odf_read, open_unmarked,
                  "heading 1 p1: Shifts\nhead p1: Anna | Early\nrow p1: Bob | Late\nrow p1: Anna | Early\n");
    office_expect(odf_read, open_marked, "heading 1 p1: Shifts\nhead p1: Anna | Early\nrow p1: Bob | Late\n");
    office_expect(odf_read, open_sheet,
                  "heading 1 p1: Fares\nhead p1: Fare | 2023 Adult | 2023 Child | Total\nrow p1: Day | free | free | 0\n"
                  "row p1: Day | 4 | 5 | 9\n");
    office_expect(pptx_read, slides, "head p1: Fare | 2023 Adult | 2023 Child | Total\nrow p1: Day | 4 | 5 | 9\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pages), cmocka_unit_test(hostile_spans),
                                       cmocka_unit_test(tables_of_a_sheet), cmocka_unit_test(gaps_in_a_sheet),
                                       cmocka_unit_test(office_tables)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
