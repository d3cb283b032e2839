/* test_codec_pdf.c - what pdftohtml tells of pages, into blocks: pages are written here line by line, as it would. */
#include "codec/codec.h"
#include "compare.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BODY, LARGE, LARGER, CODE, LINE = 18 };

struct paper {
    struct buffer xml;
    unsigned pages;
};

static void paper_init(struct paper *paper)
{
    buffer_init(&paper->xml, 16 * MIB);
    paper->pages = 0;
    buffer_append_text(&paper->xml, "<?xml version=\"1.0\"?>\n<!DOCTYPE pdf2xml SYSTEM \"pdf2xml.dtd\">\n<pdf2xml>\n");
}

static void page(struct paper *paper)
{
    static const char
        fonts[] = "<fontspec id=\"0\" size=\"15\" family=\"AB+Times\"/><fontspec id=\"1\" size=\"18\" family=\"AB+Times\"/>"
                  "<fontspec id=\"2\" size=\"24\" family=\"AB+Times\"/><fontspec id=\"3\" size=\"15\" family=\"Courier\"/>\n";
    buffer_format(&paper->xml, "%s<page number=\"%u\" height=\"1188\" width=\"918\">\n%s", paper->pages > 0 ? "</page>\n" : "",
                  paper->pages + 1, paper->pages == 0 ? fonts : "");
    paper->pages++;
}

/* A piece of text, each character 7 wide. */
static void put(struct paper *paper, int left, int top, int font, const char *text)
{
    buffer_format(&paper->xml, "<text top=\"%d\" left=\"%d\" width=\"%zu\" height=\"15\" font=\"%d\">%s</text>\n", top, left,
                  7 * strlen(text), font, text);
}

static struct extract read_paper(struct paper *paper, struct arena *arena)
{
    struct extract extract;
    struct error error = {0};
    buffer_append_text(&paper->xml, "</page></pdf2xml>\n");
    arena_init(arena);
    extract_init(&extract, arena, 16 * MIB);
    expect_ok(pdf_layout_read(buffer_slice(&paper->xml), &extract, &error), &error);
    buffer_release(&paper->xml);
    return extract;
}

/* "H1 text", "P text", "I2 text", "C text", "T head", "R row", and the page behind "@". */
static char *shown(const struct extract *extract)
{
    static const char letters[] = "HPICTR";
    struct buffer out;
    buffer_init(&out, MIB);
    for (size_t i = 0; i < extract->blocks.count; i++) {
        const struct block *block = &extract->blocks.items[i];
        buffer_format(&out, "%c%.0u%s@%u %.*s\n", letters[block->kind], block->level, "", block->page, (int)block->text.size,
                      block->text.data);
    }
    char *text = memory_copy_text(buffer_text(&out), out.size);
    buffer_release(&out);
    return text;
}

static void expect_blocks(struct paper *paper, const char *wanted)
{
    struct arena arena;
    struct extract extract = read_paper(paper, &arena);
    char *got = shown(&extract);
    assert_string_equal(got, wanted);
    free(got);
    extract_release(&extract);
    arena_release(&arena);
}

#define FULL "this line is as wide as the text of the page goes and then it ends here"

static void headings_and_paragraphs(void **state)
{
    (void)state;
    struct paper paper;
    paper_init(&paper);
    page(&paper);
    put(&paper, 100, 100, LARGER, "Terms of sale");
    put(&paper, 100, 150, LARGE, "Returns");
    put(&paper, 100, 180, BODY, FULL);
    put(&paper, 100, 198, BODY, "and goes on.");
    put(&paper, 100, 216, BODY, "A line ended early: this is another paragraph, as wide as the text goes.");
    put(&paper, 100, 250, BODY, "<b>Damaged parcels</b>");
    put(&paper, 100, 268, BODY, "Bold alone is a heading &amp; this is ﬁne.");
    put(&paper, 100, 310, BODY, "<b>Note:</b>");
    put(&paper, 149, 310, BODY, "bold at the beginning is none.");
    expect_blocks(
        &paper,
        "H1@1 Terms of sale\nH2@1 Returns\nP@1 " FULL " and goes on.\n"
        "P@1 A line ended early: this is another paragraph, as wide as the text goes.\n"
        "H3@1 Damaged parcels\nP@1 Bold alone is a heading & this is fine.\nP@1 Note: bold at the beginning is none.\n");
}

/* Chromium's family writes the blank into the piece before or behind, and leaves no gap. */
static void blanks_within_pieces(void **state)
{
    (void)state;
    struct paper paper;
    paper_init(&paper);
    page(&paper);
    put(&paper, 100, 100, BODY, "The notice period is ");
    put(&paper, 247, 100, BODY, "<b>30 days</b>");
    put(&paper, 345, 100, BODY, " for all");
    put(&paper, 401, 100, BODY, " ");
    put(&paper, 408, 100, BODY, "cust");
    put(&paper, 436, 100, BODY, "omers.");
    expect_blocks(&paper, "P@1 The notice period is 30 days for all customers.\n");
}

static void hyphens(void **state)
{
    (void)state;
    struct paper paper;
    paper_init(&paper);
    page(&paper);
    put(&paper, 100, 100, BODY, "the vehicle and real-time work, with some words more to be a whole line");
    put(&paper, 100, 118, BODY, "of text, and here the next of the words are cut at its end: our vehi-");
    put(&paper, 100, 136, BODY, "cle is read in real-");
    put(&paper, 100, 154, BODY, "time by Meyer-");
    put(&paper, 100, 172, BODY, "Lindt and inter\xC2\xAD");
    put(&paper, 100, 190, BODY, "national people.");
    struct arena arena;
    struct extract extract = read_paper(&paper, &arena);
    const char *text = buffer_text(&extract.text);
    assert_non_null(strstr(text, "our vehicle is read in real-time by Meyer-Lindt and international people."));
    extract_release(&extract);
    arena_release(&arena);
}

static void lists(void **state)
{
    (void)state;
    struct paper paper;
    paper_init(&paper);
    page(&paper);
    put(&paper, 100, 100, BODY, FULL " indeed");
    put(&paper, 110, 136, BODY, "•");
    put(&paper, 130, 136, BODY, "the first item, which is a longer one and goes on in the line below");
    put(&paper, 130, 154, BODY, "its beginning");
    put(&paper, 110, 172, BODY, "• the second");
    put(&paper, 150, 190, BODY, "– below the second");
    put(&paper, 110, 208, BODY, "• the third");
    put(&paper, 110, 244, BODY, "1. one");
    put(&paper, 110, 262, BODY, "2. two");
    expect_blocks(&paper, "P@1 " FULL
                          " indeed\nI1@1 the first item, which is a longer one and goes on in the line below its beginning\n"
                          "I1@1 the second\nI2@1 below the second\nI1@1 the third\nI1@1 1. one\nI1@1 2. two\n");
}

static void columns(void **state)
{
    (void)state;
    struct paper paper;
    struct buffer wanted;
    paper_init(&paper);
    buffer_init(&wanted, MIB);
    page(&paper);
    put(&paper, 100, 100, LARGER, "A title that stands across both of the columns here");
    buffer_append_text(&wanted, "H1@1 A title that stands across both of the columns here\n");
    /* written row by row, as some programs do: the order must come from the places */
    for (int i = 0; i < 12; i++) {
        char text[64];
        snprintf(text, sizeof(text), "left column, line %d of many words", i);
        put(&paper, 100, 150 + LINE * i, BODY, text);
        snprintf(text, sizeof(text), "right column, line %d of many words", i);
        put(&paper, 480, 153 + LINE * i, BODY, text);
    }
    put(&paper, 100, 1140, BODY, "Parish News"); /* no line of the left column */
    put(&paper, 620, 1140, BODY, "Autumn");
    for (int side = 0; side < 2; side++) {
        buffer_append_text(&wanted, side == 0 ? "P@1 " : " ");
        for (int i = 0; i < 12; i++)
            buffer_format(&wanted, "%s%s column, line %d of many words", i > 0 ? " " : "", side == 0 ? "left" : "right", i);
    }
    buffer_append_text(&wanted, "\nP@1 Parish News Autumn\n");
    expect_blocks(&paper, buffer_text(&wanted));
    buffer_release(&wanted);
}

static void tables(void **state)
{
    (void)state;
    struct paper paper;
    paper_init(&paper);
    page(&paper);
    put(&paper, 100, 80, BODY, FULL " and on");
    put(&paper, 320, 120, BODY, "Price, in");
    put(&paper, 100, 138, BODY, "No     Part name");
    put(&paper, 320, 138, BODY, "thousands");
    put(&paper, 460, 138, BODY, "Notes");
    static const struct {
        const char *cells[4];
        int lines;
    } rows[] = {{{"1", "Seats", "18", "varies by the kind"}, 1},
                {{"2", "Locks", "2", "extra"}, 1},
                {{"3", "Mirrors", "9", "both sides"}, 1}};
    for (int i = 0; i < 3; i++) {
        static const int lefts[] = {100, 150, 320, 460};
        for (int c = 0; c < 4; c++)
            put(&paper, lefts[c], 166 + 2 * LINE * i, BODY, rows[i].cells[c]);
        put(&paper, 460, 166 + 2 * LINE * i + LINE, BODY, "below");
    }
    expect_blocks(&paper,
                  "P@1 " FULL
                  " and on\nT@1 No | Part name | Price, in thousands | Notes\nR@1 1 | Seats | 18 | varies by the kind below\n"
                  "R@1 2 | Locks | 2 | extra below\nR@1 3 | Mirrors | 9 | both sides below\n");
}

static void put_row(struct paper *paper, const int *lefts, int top, const char *const *cells, int count);

/* Labels in the middle beside two rows, between their lines, and beside three, in the line of the second; what follows is no label. */
static void labels_beside_rows(void **state)
{
    (void)state;
    static const int lefts[] = {100, 200, 320};
    static const char *const rows[][3] = {{"Ward", "Meal", "Price"}, {"", "Lunch", "4.50"},   {"", "Supper", "3.50"},
                                          {"", "Soup", "2.00"},      {"Staff", "Lunch", "4"}, {"", "Supper", "3"},
                                          {"Guests", "Lunch", "6"}};
    struct paper paper;
    paper_init(&paper);
    page(&paper);
    for (int i = 0; i < 7; i++)
        put_row(&paper, lefts, 100 + 26 * i, rows[i], 3);
    put(&paper, 100, 139, BODY, "Surgery");
    put(&paper, 100, 282, BODY, "Kitchen: ext. 44");
    expect_blocks(&paper,
                  "T@1 Ward | Meal | Price\nR@1 Surgery | Lunch | 4.50\nR@1 Surgery | Supper | 3.50\nR@1 Staff | Soup | 2.00\n"
                  "R@1 Staff | Lunch | 4\nR@1 Staff | Supper | 3\nR@1 Guests | Lunch | 6\nR@1 Kitchen: ext. 44 |  |\n");
}

/* It covers the white between columns, and takes none of them away. */
static void text_right_behind_a_table(void **state)
{
    (void)state;
    static const int lefts[] = {109, 220, 330, 440};
    static const char *const rows[][3 + 1] = {{"Time", "Monday", "Tuesday", "Friday"},
                                              {"8:00", "Maths", "", "Art"},
                                              {"9:45", "", "Sport", "Latin"},
                                              {"11:30", "Music", "Maths", ""}};
    struct paper paper;
    paper_init(&paper);
    page(&paper);
    for (int i = 0; i < 4; i++)
        put_row(&paper, lefts, 100 + 24 * i, rows[i], 4);
    put(&paper, 100, 196, BODY, "The teacher can be seen on Tuesdays, at 13:15.");
    expect_blocks(&paper, "T@1 Time | Monday | Tuesday | Friday\nR@1 8:00 | Maths |  | Art\nR@1 9:45 |  | Sport | Latin\n"
                          "R@1 11:30 | Music | Maths |\nP@1 The teacher can be seen on Tuesdays, at 13:15.\n");
}

/* Numbers end together: the name of two columns stands in the middle between the end of the one before and of the second. */
static void groups_above_numbers(void **state)
{
    (void)state;
    static const char *const rows[][5] = {{"Revenue", "1,204", "1,310", "1,402", "1,455"},
                                          {"Cost", "804", "822", "871", "902"},
                                          {"Profit", "400", "488", "531", "553"}};
    struct paper paper;
    paper_init(&paper);
    page(&paper);
    put(&paper, 386, 300, BODY, "2025"); /* 300 … 400 … 500 */
    put(&paper, 586, 300, BODY, "2026");
    put(&paper, 100, 318, BODY, "EUR thousand");
    for (int c = 1; c <= 4; c++)
        put(&paper, 300 + 100 * c - 14, 318, BODY, c % 2 == 1 ? "Q1" : "Q2");
    for (int i = 0; i < 3; i++) {
        put(&paper, 100, 344 + 24 * i, BODY, rows[i][0]);
        for (int c = 1; c <= 4; c++)
            put(&paper, 300 + 100 * c - 7 * (int)strlen(rows[i][c]), 344 + 24 * i, BODY, rows[i][c]);
    }
    expect_blocks(&paper,
                  "T@1 EUR thousand | 2025 Q1 | 2025 Q2 | 2026 Q1 | 2026 Q2\nR@1 Revenue | 1,204 | 1,310 | 1,402 | 1,455\n"
                  "R@1 Cost | 804 | 822 | 871 | 902\nR@1 Profit | 400 | 488 | 531 | 553\n");
}

static void put_bold(struct paper *paper, int left, int top, int width, const char *text)
{
    buffer_format(&paper->xml, "<text top=\"%d\" left=\"%d\" width=\"%d\" height=\"15\" font=\"0\"><b>%s</b></text>\n", top,
                  left, width, text);
}

/* As browsers print them: bold heads in the middle of their cells, cells that stand so close that they came as one piece, numbers at the right. */
static void printed_tables(void **state)
{
    (void)state;
    struct paper paper;
    paper_init(&paper);
    page(&paper);
    put(&paper, 100, 80, BODY, FULL);
    put(&paper, 100, 98, BODY, FULL);
    put_bold(&paper, 140, 140, 42, "Device");
    put_bold(&paper, 245, 140, 140, "Net weight Booking");
    for (int i = 0; i < 4; i++) {
        static const char *const rows[][3] = {
            {"Drone", "249 g", "portal"}, {"Camera", "6 kg", "desk"}, {"Radar", "", "desk"}, {"Spare", "2 kg", ""}};
        static const int lefts[] = {100, 250, 330};
        for (int c = 0; c < 3; c++)
            if (rows[i][c][0] != '\0')
                put(&paper, lefts[c], 162 + 22 * i, BODY, rows[i][c]);
    }
    put(&paper, 100, 250, BODY, "Laser scanner, spare 90 g");
    put(&paper, 330, 250, BODY, "portal");
    put(&paper, 100, 310, BODY, FULL);
    put(&paper, 100, 328, BODY, FULL);
    put_bold(&paper, 100, 370, 35, "Price");
    put_bold(&paper, 300, 370, 49, "In 2024");
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = {"Day", "Week", "Month"}, *const values[] = {"4", "15", "40"};
        put(&paper, 100, 392 + 22 * i, BODY, names[i]);
        put(&paper, 440, 392 + 22 * i, BODY, values[i]);
    }
    expect_blocks(&paper,
                  "P@1 " FULL " " FULL "\nT@1 Device | Net weight | Booking\nR@1 Drone | 249 g | portal\n"
                  "R@1 Camera | 6 kg | desk\nR@1 Radar |  | desk\nR@1 Spare | 2 kg |\nR@1 Laser scanner, spare | 90 g | "
                  "portal\nP@1 " FULL " " FULL "\nT@1 Price | In 2024\nR@1 Day | 4\nR@1 Week | 15\nR@1 Month | 40\n");
}

static void put_amounts(struct paper *paper, int right, int top, int width, const char *text)
{
    buffer_format(&paper->xml, "<text top=\"%d\" left=\"%d\" width=\"%d\" height=\"15\" font=\"0\">%s</text>\n", top,
                  right - width, width, text);
}

/* At the top of a page, which years are no numbers of; columns so close that two amounts came as one piece; a sum below an amount, and a head whose first cell
 * is empty, are rows of their own. */
static void accounts(void **state)
{
    (void)state;
    static const char *const rows[][4] = {{"", "2019", "2018", "2017"},
                                          {"At the beginning", "$13,162", NULL, "$15,990 $11,401"},
                                          {"Additions", "484", "94", "1,258"},
                                          {"", "13,646", NULL, "16,084 12,659"},
                                          {"Reductions", "(637)", "(2,922)", "—"},
                                          {"At the end", "$13,009", NULL, "$13,162 $12,659"}};
    struct paper paper;
    paper_init(&paper);
    page(&paper);
    for (int i = 0; i < 6; i++) {
        put(&paper, 100, 60 + 19 * i, BODY, rows[i][0][0] != '\0' ? rows[i][0] : " ");
        for (int c = 1; c < 4; c++)
            if (rows[i][c] != NULL)
                put_amounts(&paper, 350 + 60 * c, 60 + 19 * i,
                            7 * (int)strlen(rows[i][c]) + (strchr(rows[i][c], ' ') != NULL ? 4 : 0), rows[i][c]);
    }
    put(&paper, 100, 230, BODY, FULL);
    put(&paper, 100, 248, BODY, "In flats 12 34 and 5 6 nobody lived.");
    expect_blocks(
        &paper,
        "T@1 | 2019 | 2018 | 2017\nR@1 At the beginning | $13,162 | $15,990 | $11,401\nR@1 Additions | 484 | 94 | 1,258\n"
        "R@1 | 13,646 | 16,084 | 12,659\nR@1 Reductions | (637) | (2,922) | —\n"
        "R@1 At the end | $13,009 | $13,162 | $12,659\nP@1 " FULL " In flats 12 34 and 5 6 nobody lived.\n");
}

/* Sums below an invoice, beside their names; a table whose years stand at the top of a page, with few rows below. */
static void invoices(void **state)
{
    (void)state;
    static const char *const rows[][3] = {{"Oak board", "12.50", "50.00"},
                                          {"Screws", "0.05", "10.00"},
                                          {"", "Net", "60.00"},
                                          {"", "VAT 20%", "12.00"},
                                          {"", "Sum", "72.00"}};
    struct paper paper;
    paper_init(&paper);
    page(&paper);
    put(&paper, 100, 80, BODY, FULL);
    for (int i = 0; i < 5; i++) {
        put(&paper, 100, 140 + 19 * i, BODY, rows[i][0][0] != '\0' ? rows[i][0] : " ");
        put(&paper, 300, 140 + 19 * i, BODY, rows[i][1]);
        put(&paper, 400, 140 + 19 * i, BODY, rows[i][2]);
    }
    page(&paper);
    put(&paper, 300, 60, BODY, "2024");
    put(&paper, 400, 60, BODY, "2023");
    put(&paper, 100, 79, BODY, "Members");
    put(&paper, 300, 79, BODY, "412");
    put(&paper, 400, 79, BODY, "398");
    put(&paper, 100, 98, BODY, "Guests");
    put(&paper, 300, 98, BODY, "350");
    put(&paper, 400, 98, BODY, "367");
    expect_blocks(&paper,
                  "P@1 " FULL
                  "\nR@1 Oak board | 12.50 | 50.00\nR@1 Screws | 0.05 | 10.00\nR@1 | Net | 60.00\nR@1 | VAT 20% | 12.00\n"
                  "R@1 | Sum | 72.00\nT@2 | 2024 | 2023\nR@2 Members | 412 | 398\nR@2 Guests | 350 | 367\n");
}

/* Signs of a currency and brackets in columns of their own, as filings have them; three amounts that came as one piece; a name in bold over three columns. */
static void filings(void **state)
{
    (void)state;
    struct paper paper;
    paper_init(&paper);
    page(&paper);
    put(&paper, 100, 80, BODY, FULL);
    put(&paper, 100, 98, BODY, FULL);
    put_bold(&paper, 470, 140, 240, "Years ended December 31,");
    for (int c = 0; c < 3; c++)
        put_bold(&paper, 470 + 100 * c, 162, 40, (const char *const[]){"2019", "2018", "2017"}[c]);
    put(&paper, 100, 184, BODY, "Net sales");
    put_amounts(&paper, 720, 184, 270, "$ 32,136   $ 32,765   $ 31,657");
    put(&paper, 100, 206, BODY, "Cost of sales");
    put(&paper, 100, 228, BODY, "Gain on sale of businesses");
    put(&paper, 100, 250, BODY, "Net income");
    put(&paper, 450, 250, BODY, "$");
    for (int c = 0; c < 3; c++) {
        static const char *const costs[] = {"17,136", "16,682", "16,055"}, *const gains[] = {"(114 )", "(547", "(586"},
                                 *const incomes[] = {"4,582   $", "5,363   $", "4,869"};
        put_amounts(&paper, 520 + 100 * c, 206, 42, costs[c]);
        put_amounts(&paper, 520 + 100 * c, 228, 7 * (int)strlen(gains[c]), gains[c]);
        if (c > 0)
            put(&paper, 524 + 100 * c, 228, BODY, ")");
        put_amounts(&paper, c < 2 ? 558 + 100 * c : 720, 250, c < 2 ? 73 : 35, incomes[c]);
    }
    put(&paper, 100, 310, BODY, FULL);
    expect_blocks(
        &paper,
        "P@1 " FULL " " FULL
        "\nT@1 | Years ended December 31, 2019 | Years ended December 31, 2018 | Years ended December 31, 2017\n"
        "R@1 Net sales | $ 32,136 | $ 32,765 | $ 31,657\nR@1 Cost of sales | 17,136 | 16,682 | 16,055\n"
        "R@1 Gain on sale of businesses | (114) | (547) | (586)\nR@1 Net income | $ 4,582 | $ 5,363 | $ 4,869\nP@1 " FULL "\n");
}

static void put_row(struct paper *paper, const int *lefts, int top, const char *const *cells, int count)
{
    for (int c = 0; c < count; c++)
        if (cells[c][0] != '\0')
            put(paper, lefts[c], top, BODY, cells[c]);
}

/* Names of groups above those of columns, at the left end or in the middle of them, and again at the top of the next page, where rows stand at the same
 * places as on the one before. */
static void heads_of_groups(void **state)
{
    (void)state;
    static const char *const heads[2][7] = {{"Fare", "Adults", "", "Children", ""},
                                            {"", "Weekday", "Sunday", "Weekday", "Sunday"}};
    static const char *const rows[2][7] = {{"Zone 1", "20 EUR", "30 EUR", "10 EUR", "15 EUR"},
                                           {"Zone 2", "22 EUR", "32 EUR", "12 EUR", "17 EUR"}};
    static const int lefts[] = {100, 200, 300, 400, 500}, narrow[] = {100, 200, 280, 360, 440, 520, 600};
    static const char *const days[] = {"", "Mon", "Tue", "Wed", "Mon", "Tue", "Wed"}, *const names[] = {"Ward 1", "Ann", "Bob",
                                                                                                        "Cy",     "Di",  "Ed",
                                                                                                        "Flo"};
    struct paper paper;
    paper_init(&paper);
    for (int number = 0; number < 2; number++) {
        page(&paper);
        put_row(&paper, lefts, 120, heads[0], 5);
        put_row(&paper, lefts, 147, heads[1], 5);
        put_row(&paper, lefts, 174, rows[number], 5);
        put_row(&paper, lefts, 201, rows[1 - number], 5);
        put_row(&paper, lefts, 228, rows[number], 5);
    }
    page(&paper);
    put(&paper, 305, 120, BODY, "Early");
    put(&paper, 548, 120, BODY, "Late");
    put(&paper, 100, 133, BODY, "Ward");
    put_row(&paper, narrow, 147, days, 7);
    put_row(&paper, narrow, 174, names, 7);
    put_row(&paper, narrow, 201, names, 7);
    expect_blocks(&paper, "T@1 Fare | Adults Weekday | Adults Sunday | Children Weekday | Children Sunday\n"
                          "R@1 Zone 1 | 20 EUR | 30 EUR | 10 EUR | 15 EUR\nR@1 Zone 2 | 22 EUR | 32 EUR | 12 EUR | 17 EUR\n"
                          "R@1 Zone 1 | 20 EUR | 30 EUR | 10 EUR | 15 EUR\n"
                          "R@2 Zone 2 | 22 EUR | 32 EUR | 12 EUR | 17 EUR\nR@2 Zone 1 | 20 EUR | 30 EUR | 10 EUR | 15 EUR\n"
                          "R@2 Zone 2 | 22 EUR | 32 EUR | 12 EUR | 17 EUR\n"
                          "T@3 Ward | Early Mon | Early Tue | Early Wed | Late Mon | Late Tue | Late Wed\n"
                          "R@3 Ward 1 | Ann | Bob | Cy | Di | Ed | Flo\nR@3 Ward 1 | Ann | Bob | Cy | Di | Ed | Flo\n");
}

/* Rows that have a name of their own above them, cells of many lines, and cells beside which the others stand at half their height. */
static void rows_of_other_kinds(void **state)
{
    (void)state;
    static const char *const rows[][3] = {{"Room", "Summer", "Winter"},
                                          {"Garden house", "", ""},
                                          {"Single", "90 EUR", "70 EUR"},
                                          {"House by the lake", "", ""},
                                          {"Single", "110 EUR", "95 EUR"}};
    static const int lefts[] = {100, 180, 380}, places[] = {100, 200, 600};
    static const char *const rules[][3] = {{"Rule", "Text", "Fine"},
                                           {"Rule 1", "whoever takes a tool from the shelf brings it", "10 EUR"},
                                           {"Rule 2", "whoever parks at the gate moves the car when", "20 EUR"},
                                           {"Rule 3", "whoever has the key locks the door each night", "30 EUR"}};
    struct paper paper;
    paper_init(&paper);
    page(&paper);
    for (int i = 0; i < 5; i++)
        put_row(&paper, lefts, 100 + 27 * i, rows[i], 3);
    put(&paper, 100, 300, BODY, FULL);
    put(&paper, 100, 318, BODY, FULL);
    for (int i = 0; i < 4; i++) {
        put_row(&paper, places, i == 0 ? 360 : 234 + 153 * i, rules[i], 3);
        for (int line = 1; line < 8 && i > 0; line++)
            put(&paper, 200, 234 + 153 * i + LINE * line, BODY, "somebody asks for it, at once");
    }
    page(&paper);
    put_row(&paper, places, 100, rules[0], 3);
    put_row(&paper, places, 130, rules[1], 3);
    for (int i = 0; i < 3; i++) {
        put(&paper, 200, 160 + 76 * i, BODY, "whoever parks at the gate moves the car away when other");
        put(&paper, 100, 175 + 76 * i, BODY, "Rule 2");
        put(&paper, 600, 175 + 76 * i, BODY, "20 EUR");
        put(&paper, 200, 190 + 76 * i, BODY, "people ask for it");
    }
#define MORE " somebody asks for it, at once"
#define TALL MORE MORE MORE MORE MORE MORE MORE
#define CENTRED "R@2 Rule 2 | whoever parks at the gate moves the car away when other people ask for it | 20 EUR\n"
    expect_blocks(&paper,
                  "T@1 Room | Summer | Winter\nR@1 Garden house |  |\nR@1 Single | 90 EUR | 70 EUR\n"
                  "R@1 House by the lake |  |\nR@1 Single | 110 EUR | 95 EUR\nP@1 " FULL " " FULL
                  "\nT@1 Rule | Text | Fine\nR@1 Rule 1 | whoever takes a tool from the shelf brings it" TALL
                  " | 10 EUR\nR@1 Rule 2 | whoever parks at the gate moves the car when" TALL
                  " | 20 EUR\nR@1 Rule 3 | whoever has the key locks the door each night" TALL
                  " | 30 EUR\nR@2 Rule 1 | whoever takes a tool from the shelf brings it | 10 EUR\n" CENTRED CENTRED CENTRED);
}

static void code(void **state)
{
    (void)state;
    struct paper paper;
    paper_init(&paper);
    page(&paper);
    put(&paper, 100, 80, BODY, FULL);
    put(&paper, 100, 110, CODE, "if ready:");
    put(&paper, 128, 128, CODE, "go(  1 )");
    put(&paper, 100, 180, CODE, "stop()");
    put(&paper, 100, 220, BODY, FULL);
    expect_blocks(&paper, "P@1 " FULL "\nC@1 if ready:\n    go(  1 )\n\nstop()\nP@1 " FULL "\n");
}

/* Four columns that end together, from the left of the first on. */
static void put_priced(struct paper *paper, int top, const char *const cells[4])
{
    static const int rights[] = {0, 330, 480, 600};
    put(paper, 100, top, BODY, cells[0]);
    for (int c = 1; c < 4; c++)
        if (cells[c][0] != '\0')
            put(paper, rights[c] - 7 * (int)strlen(cells[c]), top, BODY, cells[c]);
}

/* A sum below an amount whose row leaves the column of its name empty; the first wide gap below rows of amounts, not below the head. */
static void sums_and_prices(void **state)
{
    (void)state;
    static const char *const rows[][4] = {
        {"Hex key set", "5", "12.00", "60.00"}, {"Delivery", "", "", "15.00"}, {" ", "", "Subtotal", "75.00"}};
    static const char *const prices[][4] = {
        {"Article", "One", "Ten", "Fifty"},         {"Garden hose", "24,90", "22,50", "19,90"},
        {"Watering can", "12,50", "11,00", "9,80"}, {"Rake", "18,00", "16,40", "15,00"},
        {"Spade", "21,00", "19,40", "18,00"},       {"Fork", "22,00", "20,40", "19,00"}};
    struct paper paper;
    paper_init(&paper);
    page(&paper);
    for (int i = 0; i < 3; i++)
        put_priced(&paper, 300 + 19 * i, rows[i]);
    page(&paper);
    for (int i = 0; i < 6; i++)
        put_priced(&paper, 300 + 17 * i + (i > 3 ? 9 : 0), prices[i]);
    expect_blocks(&paper, "R@1 Hex key set | 5 | 12.00 | 60.00\nR@1 Delivery |  |  | 15.00\nR@1 |  | Subtotal | 75.00\n"
                          "T@2 Article | One | Ten | Fifty\nR@2 Garden hose | 24,90 | 22,50 | 19,90\n"
                          "R@2 Watering can | 12,50 | 11,00 | 9,80\nR@2 Rake | 18,00 | 16,40 | 15,00\n"
                          "R@2 Spade | 21,00 | 19,40 | 18,00\nR@2 Fork | 22,00 | 20,40 | 19,00\n");
}

/* Years in bold over the signs and the amounts, which end together: no amount begins left of its year. */
static void years_over_signs(void **state)
{
    (void)state;
    static const char *const rows[][3] = {{"Net sales", "1,204,331", "1,101,920"},
                                          {"Cost of sales", "802,114", "744,500"},
                                          {"Net income", "(12,450 )", "98,017"}};
    struct paper paper;
    paper_init(&paper);
    page(&paper);
    put_bold(&paper, 372, 132, 217, "Year ended December 31,");
    put_bold(&paper, 356, 154, 42, "2023");
    put_bold(&paper, 563, 154, 42, "2022");
    for (int i = 0; i < 3; i++) {
        put(&paper, 54, 175 + 21 * i, BODY, rows[i][0]);
        for (int c = 0; c < 2; c++) {
            if (i != 1)
                put(&paper, 292 + 207 * c, 175 + 21 * i, BODY, "$");
            put_amounts(&paper, (i == 2 && c == 0 ? 470 : 461) + 207 * c, 175 + 21 * i, 8 * (int)strlen(rows[i][1 + c]),
                        rows[i][1 + c]);
        }
    }
    expect_blocks(&paper, "T@1 | Year ended December 31, 2023 | Year ended December 31, 2022\n"
                          "R@1 Net sales | $ 1,204,331 | $ 1,101,920\nR@1 Cost of sales | 802,114 | 744,500\n"
                          "R@1 Net income | $ (12,450) | $ 98,017\n");
}

/* As many texts at one place of each page as make comparing all with all take minutes. */
static void hostile_margins(void **state)
{
    (void)state;
    enum { PAGES = 3, TEXTS = 60000 };
    struct paper paper;
    uint64_t started = clock_now_ns();
    paper_init(&paper);
    for (int i = 0; i < PAGES; i++) {
        page(&paper);
        for (int j = 0; j < TEXTS; j++)
            put(&paper, 100, 40, BODY, (const char *const[]){"0", "1", "2"}[j % 3]);
    }
    expect_blocks(&paper, "");
    assert_true(clock_now_ns() - started < 20 * UINT64_C(1000000000));
}

static void margins_and_pages(void **state)
{
    (void)state;
    struct paper paper;
    struct buffer wanted;
    paper_init(&paper);
    buffer_init(&wanted, MIB);
    for (int i = 0; i < 4; i++) {
        char text[128];
        page(&paper);
        put(&paper, 100, 40, BODY, "Shop terms, version 3");
        snprintf(text, sizeof(text), "Page %d of 4", i + 1);
        put(&paper, 400, 1130, BODY, text);
        static const char *const said[] = {"Refunds", "for goods", "that came", "to you"};
        snprintf(text, sizeof(text), "%s as wide as the text of the page goes and on to where then it", said[i]);
        put(&paper, 100, 100, BODY, text);
        buffer_format(&wanted, "%s%s ", i > 0 ? " " : "P@1 ", text);
        snprintf(text, sizeof(text), "ends, and goes on behind the edge of this very page, %s, with the rest", said[i]);
        put(&paper, 100, 118, BODY, text);
        buffer_append_text(&wanted, text);
    }
    buffer_append_text(&wanted, "\n");
    expect_blocks(&paper, buffer_text(&wanted));
    buffer_release(&wanted);
}

/* Names of fonts and text come from the document, and may say anything. */
static void odd_output(void **state)
{
    (void)state;
    static const char *const odd[] = {
        "",
        "<",
        "<text",
        "<page number=\"1\" width=\"\" height=\"x\"><text top=\"-99999999999\" left=\"1e300\" width=\"-5\">a</text>",
        "<text top=\"1\" left=\"1\" width=\"9\" height=\"9\" font=\"0\">before any page</text>",
        "<page number=\"1\"><fontspec id=\"4294967296\" size=\"1\"/><fontspec id=\"-1\"/><fontspec/><text font=\"77\">x</text>",
        "<page number=\"1\"><text top=\"1\" left=\"1\" width=\"9\" height=\"9\"><b><a href=\"x\">&#0;&#xD800;\xFF</a>",
        "<page number=\"1\"><text>- </text><text>•</text><text>\xC2\xAD</text><text>-</text><text>a</text>",
        "<page number=\"4000000000\"><text>x</text><page number=\"0\"><text>y</text><page number=\"-3\"><text>z</text>",
    };
    for (size_t i = 0; i < ARRAY_COUNT(odd); i++) {
        struct arena arena;
        struct extract extract;
        struct error error = {0};
        arena_init(&arena);
        extract_init(&extract, &arena, MIB);
        expect_ok(pdf_layout_read(slice_from(odd[i]), &extract, &error), &error);
        extract_release(&extract);
        arena_release(&arena);
    }
}

/* Pages that hold very much, in every way that could cost more than its length: the test's own time would run out. */
static void large_pages(void **state)
{
    (void)state;
    for (int kind = 0; kind < 6; kind++) {
        struct paper paper;
        struct arena arena;
        paper_init(&paper);
        page(&paper);
        for (int i = 0; i < 30000; i++) {
            static const int places[][2] = {{0, 1}, {1, 0}, {7, 3}, {300, 2}, {0, 0}, {350, 5}};
            int left = places[kind][0] > 100 ? 100 + (i % 2) * places[kind][0] : 100 + i * places[kind][0],
                top = 100 + i * places[kind][1];
            put(&paper, left, top, BODY, kind == 2 ? "ab-" : kind == 3 ? "a b c d" : "•");
        }
        struct extract extract = read_paper(&paper, &arena);
        extract_release(&extract);
        arena_release(&arena);
    }
}

static void what_it_states(void **state)
{
    (void)state;
    static const char info[] =
        "Title:           Microsoft Word - Terms\nSubject:\nAuthor:          Jane Doe\n"
        "CreationDate:    D:20250730134813+05'30'\nModDate:         D:20251399\nPages:           3\nEncrypted:       no\n";
    struct arena arena;
    struct extract extract;
    struct pdf_info said;
    arena_init(&arena);
    extract_init(&extract, &arena, MIB);
    pdf_info_read(slice_from(info), &extract, &said);
    assert_int_equal(said.page_count, 3);
    compare_text("title", extract.blocks.title, "Terms");
    assert_int_equal(extract.blocks.head_count, 2);
    compare_text("key", extract.blocks.head[0].key, "author");
    compare_text("author", extract.blocks.head[0].text, "Jane Doe");
    compare_text("created", extract.blocks.head[1].text, "2025-07-30T13:48:13+05:30");
    extract_release(&extract);
    static const char *const made_up[] = {"about:blank", "https://host.example/a?print=1", "Untitled"};
    for (size_t i = 0; i < ARRAY_COUNT(made_up); i++) {
        char line[80];
        snprintf(line, sizeof(line), "Title:  %s\n", made_up[i]);
        extract_init(&extract, &arena, MIB);
        pdf_info_read(slice_from(line), &extract, &said);
        assert_int_equal(extract.blocks.title.size, 0);
        extract_release(&extract);
    }
    arena_release(&arena);
}

static void scanned_pages(void **state)
{
    (void)state;
    static const char
        tsv[] = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
                "1\t1\t0\t0\t0\t0\t0\t0\t1700\t2200\t-1\t\n4\t1\t1\t1\t1\t0\t200\t300\t1200\t28\t-1\t\n"
                "5\t1\t1\t1\t1\t1\t200\t300\t200\t40\t96.1\tScanned\n5\t1\t1\t1\t1\t2\t420\t300\t100\t40\t90\t&amp<b>\n"
                "5\t1\t1\t1\t1\t3\t540\t300\t100\t40\t3\tnoise\n";
    struct paper paper;
    paper_init(&paper);
    page(&paper);
    page(&paper);
    put(&paper, 100, 100, BODY, "The second page has text.");
    pdf_ocr_write(slice_from(tsv), 1, 200, &paper.xml);
    struct arena arena;
    struct error error = {0};
    struct pdf_empty empty;
    arena_init(&arena);
    expect_ok(pdf_pages_empty(buffer_slice(&paper.xml), &arena, &empty, &error), &error);
    assert_int_equal(empty.count, 0);
    assert_int_equal(empty.page_count, 2);
    arena_release(&arena);
    expect_blocks(&paper, "P@1 Scanned &amp<b>\nP@2 The second page has text.\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headings_and_paragraphs),
        cmocka_unit_test(hyphens),
        cmocka_unit_test(blanks_within_pieces),
        cmocka_unit_test(lists),
        cmocka_unit_test(columns),
        cmocka_unit_test(tables),
        cmocka_unit_test(labels_beside_rows),
        cmocka_unit_test(text_right_behind_a_table),
        cmocka_unit_test(groups_above_numbers),
        cmocka_unit_test(printed_tables),
        cmocka_unit_test(accounts),
        cmocka_unit_test(filings),
        cmocka_unit_test(invoices),
        cmocka_unit_test(heads_of_groups),
        cmocka_unit_test(rows_of_other_kinds),
        cmocka_unit_test(code),
        cmocka_unit_test(sums_and_prices),
        cmocka_unit_test(years_over_signs),
        cmocka_unit_test(hostile_margins),
        cmocka_unit_test(margins_and_pages),
        cmocka_unit_test(odd_output),
        cmocka_unit_test(large_pages),
        cmocka_unit_test(what_it_states),
        cmocka_unit_test(scanned_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
