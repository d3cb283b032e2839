/* test_codec_docx.c - Word documents made here, part by part, and what a person would read in them. */
#include "compare.h"
#include "office_files.h"
#include <stdlib.h>
#include <string.h>

#define WORD OFFICE_SPACE "wordprocessingml/2006/main"
#define STRICT "http://purl.oclc.org/ooxml/wordprocessingml/main"
#define DOCUMENT(body)                                                                                                         \
    "<?xml version=\"1.0\"?><w:document xmlns:w=\"" WORD "\" xmlns:m=\"" OFFICE_SPACE "officeDocument/2006/math\""             \
    " xmlns:mc=\"" OFFICE_SPACE "markup-compatibility/2006\"><w:body>" body "</w:body></w:document>"
#define P(text) "<w:p>" R(text) "</w:p>"
#define R(text) "<w:r><w:t>" text "</w:t></w:r>"
#define STYLED(style, text) "<w:p><w:pPr><w:pStyle w:val=\"" style "\"/></w:pPr>" R(text) "</w:p>"
#define CELL(text) "<w:tc>" P(text) "</w:tc>"
#define RELATIONS(list) "<Relationships xmlns=\"" OFFICE_PACKAGE "\">" list "</Relationships>"
#define RELATION(id, type, target) "<Relationship Id=\"" id "\" Type=\"" OFFICE_RELATIONS "/" type "\" Target=\"" target "\"/>"
#define STYLE(id, inside) "<w:style w:type=\"paragraph\" w:styleId=\"" id "\">" inside "</w:style>"
#define STYLES(list) "<w:styles xmlns:w=\"" WORD "\">" list "</w:styles>"

static void expect_body(const char *document, const char *wanted)
{
    office_expect(docx_read, (struct office_part[]){{"word/document.xml", document}, {NULL, NULL}}, wanted);
}

static void paragraphs_and_runs(void **state)
{
    (void)state;
    expect_body(DOCUMENT(P("One") "<w:p>" R("two ") R("three") "</w:p><w:p/>" P("  ")),
                "paragraph: One\nparagraph: two three\n");
    expect_body(DOCUMENT("<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:cr/><w:t>d</w:t><w:noBreakHyphen/>"
                         "<w:t>e</w:t><w:softHyphen/><w:t>f</w:t></w:r></w:p>"),
                "paragraph: a\tb\nc\nd-ef\n");
    expect_body(DOCUMENT("<w:p><w:pPr><w:tabs><w:tab w:val=\"left\"/></w:tabs></w:pPr><w:hyperlink>" R(
                    "link") "</w:hyperlink>"
                            "<w:smartTag>" R(" tag") "</w:smartTag><w:sdt><w:sdtPr><w:alias/></w:sdtPr><w:sdtContent>" R(
                                " control") "</w:sdtContent></w:sdt><m:oMath><m:r><m:t> x=1</m:t></m:r></m:oMath></w:p>"),
                "paragraph: link tag control x=1\n");
    expect_body(DOCUMENT("<w:p><w:r><w:sym w:font=\"Symbol\" w:char=\"F061\"/><w:sym w:font=\"Wingdings\" w:char=\"F0FC\"/>"
                         "<w:sym w:font=\"Other\" w:char=\"F0FC\"/><w:sym w:font=\"Arial\" w:char=\"00E9\"/></w:r></w:p>"),
                "paragraph: \xCE\xB1\xE2\x9C\x93\xC3\xA9\n");
}

#define BOLD_RUN(text) "<w:r><w:rPr><w:b/></w:rPr><w:t>" text "</w:t></w:r>"
#define BOLD(text) "<w:p>" BOLD_RUN(text) "</w:p>"

/* Short bold lines are headings where other text follows; not sentences, keys with values, many lines, or a name at the end. */
static void bold_lines(void **state)
{
    (void)state;
    expect_body(DOCUMENT(BOLD("House rules") P("") P("All must know them.") BOLD("Quiet hours") P("From ten.")
                             BOLD("Waste:") "<w:p>" BOLD_RUN("Tuesdays") R(" at six.") "</w:p>" P("Yours") BOLD("Ann Meier")),
                "heading 1: House rules\nparagraph: All must know them.\nheading 1: Quiet hours\nparagraph: From ten.\n"
                "heading 1: Waste:\nparagraph: Tuesdays at six.\nparagraph: Yours\nparagraph: Ann Meier\n");
    expect_body(DOCUMENT(STYLED("Heading2", "Two") BOLD("Below") P("text") BOLD("Do not run.") P("a") BOLD("Total: 40 EUR")
                             P("b") BOLD("Above") STYLED("Heading2", "Next")),
                "heading 2: Two\nheading 3: Below\nparagraph: text\nparagraph: Do not run.\nparagraph: a\n"
                "paragraph: Total: 40 EUR\nparagraph: b\nparagraph: Above\nheading 2: Next\n");
    expect_body(DOCUMENT(BOLD("Meier Ltd") BOLD("Main Street 4") BOLD("Lund") BOLD("Sweden") P("Dear all") BOLD("Title")
                             BOLD("Part") P("text")),
                "paragraph: Meier Ltd\nparagraph: Main Street 4\nparagraph: Lund\nparagraph: Sweden\nparagraph: Dear all\n"
                "heading 1: Title\nheading 2: Part\nparagraph: text\n");
    expect_body(DOCUMENT(BOLD("Rowing Club") BOLD("Statutes") P("text") BOLD("The roof is mended by 3 June") BOLD("Feast")
                             P("text") BOLD("Ann Berg") BOLD("Tel 030 1234") P("is there")),
                "heading 1: Rowing Club\nheading 2: Statutes\nparagraph: text\nparagraph: The roof is mended by 3 June\n"
                "heading 2: Feast\nparagraph: text\nparagraph: Ann Berg\nparagraph: Tel 030 1234\nparagraph: is there\n");
}

/* Amounts, dates, signs and sentences that are bold are text; lines that were many are so up to the next table only. */
static void bold_texts(void **state)
{
    (void)state;
    expect_body(DOCUMENT(BOLD("40 EUR") P("a day") BOLD("(c) 2024") P("a") BOLD("10 - 12 Uhr") P("b") BOLD("3 May 2024") P("c")
                             BOLD("Tickets cost 3 EUR") P("d") BOLD("Please note that we are closed in the whole of May") P("e")
                                 BOLD("Where can I leave my old boat when I do not want it?") P("f")),
                "paragraph: 40 EUR\nparagraph: a day\nparagraph: (c) 2024\nparagraph: a\nparagraph: 10 - 12 Uhr\nparagraph: b\n"
                "paragraph: 3 May 2024\nparagraph: c\nparagraph: Tickets cost 3 EUR\nparagraph: d\n"
                "paragraph: Please note that we are closed in the whole of May\nparagraph: e\n"
                "heading 1: Where can I leave my old boat when I do not want it?\nparagraph: f\n");
    expect_body(
        DOCUMENT(P("a") BOLD("One") BOLD("Two") BOLD("Three") "<w:tbl><w:tr><w:tc>" P("x") "</w:tc><w:tc>" P(
            "y") "</w:tc></w:tr></w:tbl>" BOLD("Below") P("b")),
        "paragraph: a\nparagraph: One\nparagraph: Two\nparagraph: Three\nhead: x | y\nheading 1: Below\nparagraph: b\n");
}

static void placeholders_are_left_out(void **state)
{
    (void)state;
    expect_body(DOCUMENT("<w:p>" R("Name: ") "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>" R(
                    "Click here to enter text.") "</w:sdtContent></w:sdt><w:sdt><w:sdtPr><w:text/></"
                                                 "w:sdtPr><w:sdtContent>" R("Ann") "</w:sdtContent></w:sdt></w:p>"),
                "paragraph: Name: Ann\n");
}

static void strict_documents_are_read(void **state)
{
    (void)state;
    expect_body("<d:document xmlns:d=\"" STRICT "\"><d:body><d:p><d:r><d:t>strict</d:t></d:r></d:p></d:body></d:document>",
                "paragraph: strict\n");
}

static void styles_make_headings_items_and_code(void **state)
{
    (void)state;
    static const struct office_part parts[] = {
        {"_rels/.rels", RELATIONS(RELATION("a", "officeDocument", "/my/doc.xml"))},
        {"my/_rels/doc.xml.rels", RELATIONS(RELATION("a", "styles", "../s/styles.xml"))},
        {"s/styles.xml",
         STYLES(STYLE("berschrift2", "<w:name w:val=\"heading 2\"/>") STYLE("Mine", "<w:basedOn w:val=\"berschrift2\"/>")
                    STYLE("Deep", "<w:pPr><w:outlineLvl w:val=\"8\"/></w:pPr>")
                        STYLE("Body", "<w:basedOn w:val=\"berschrift2\"/><w:pPr><w:outlineLvl w:val=\"9\"/></w:pPr>")
                            STYLE("Bullets", "<w:pPr><w:numPr><w:ilvl w:val=\"1\"/><w:numId w:val=\"3\"/></w:numPr></w:pPr>")
                                STYLE("Circle", "<w:basedOn w:val=\"Round\"/>") STYLE("Round", "<w:basedOn w:val=\"Circle\"/>")
                                    STYLE("Src", "<w:name w:val=\"Source Code\"/>") STYLE("V1", "<w:name w:val=\"toc 1\"/>")
                                        STYLE("Ghost", "<w:rPr><w:vanish/></w:rPr>"))},
        {"my/doc.xml",
         DOCUMENT(STYLED("berschrift2", "Two") STYLED("Mine", "Mine") STYLED("Deep", "Deep") STYLED("Body", "Body")
                      STYLED("Bullets", "Bullet") STYLED("Circle", "Circle") STYLED("Src", "int a;") STYLED("Src", "int b;")
                          STYLED("V1", "Contents") STYLED("Ghost", "hidden") STYLED("Title", "Title")
                              STYLED("Heading3", "Three") "<w:p><w:pPr><w:outlineLvl w:val=\"0\"/></w:pPr>" R(
                                  "Outline") "</w:p>"
                                             "<w:p><w:pPr><w:pStyle w:val=\"Bullets\"/><w:numPr><w:numId "
                                             "w:val=\"0\"/></w:numPr></w:pPr>" R(
                                                 "none") "</w:p>"
                                                         "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"2\"/><w:numId "
                                                         "w:val=\"7\"/></w:numPr></w:pPr>" R("third") "</w:p>")},
        {NULL, NULL},
    };
    office_expect(
        docx_read, parts,
        "heading 2: Two\nheading 2: Mine\nheading 6: Deep\nparagraph: Body\nitem 2: Bullet\nparagraph: Circle\n"
        "code: int a;\nint b;\nheading 1: Title\nheading 3: Three\nheading 1: Outline\nparagraph: none\nitem 3: third\n");
}

static void what_is_deleted_or_hidden_is_not_told(void **state)
{
    (void)state;
    expect_body(
        DOCUMENT("<w:p><w:ins>" R("kept") "</w:ins><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:moveFrom>" R(
            "from") "</w:moveFrom><w:moveTo>" R(" to") "</w:moveTo></w:p>"
                                                       "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></"
                                                       "w:r><w:r><w:rPr><w:vanish w:val=\"0\"/></w:rPr>"
                                                       "<w:t>shown</w:t></w:r></w:p>"
                                                       "<w:p><w:pPr><w:rPr><w:vanish/></w:rPr><w:pPrChange><w:pPr><w:pStyle "
                                                       "w:val=\"Heading1\"/></w:pPr>"
                                                       "</w:pPrChange></w:pPr>" R(
                                                           "plain") "</w:p>"
                                                                    "<w:p><w:ruby><w:rt>" R("sound") "</w:rt><w:rubyBase>" R(
                                                                        "base") "</w:rubyBase></w:ruby></w:p>"),
        "paragraph: kept to\nparagraph: shown\nparagraph: plain\nparagraph: base\n");
    expect_body(DOCUMENT("<w:p>" R("Price: ") "<w:r><w:rPr><w:strike/></w:rPr><w:t>99</w:t></w:r><w:r><w:rPr><w:dstrike/>"
                                              "</w:rPr><w:t>89</w:t></w:r>" R("79") "</w:p>"),
                "paragraph: Price: 79\n");
}

static void digits_above_the_line(void **state)
{
    (void)state;
    expect_body(DOCUMENT("<w:p>" R("10") "<w:r><w:rPr><w:vertAlign w:val=\"superscript\"/></w:rPr><w:t>6</w:t></w:r>" R(
                    " CO") "<w:r><w:rPr><w:vertAlign w:val=\"subscript\"/></w:rPr><w:t>2</w:t></w:r></w:p>"),
                "paragraph: 10\xE2\x81\xB6 CO2\n");
}

#define MARK(type) "<w:r><w:fldChar w:fldCharType=\"" type "\"/></w:r>"

static void fields_are_their_results(void **state)
{
    (void)state;
    expect_body(DOCUMENT("<w:p>" MARK("begin") "<w:r><w:instrText>IF </w:instrText></w:r>" MARK("begin") R("code")
                             MARK("separate") R("inner, of the code") MARK("end") MARK("separate") R("result") MARK("end")
                                 R(" after") "</w:p>"
                                             "<w:p>" MARK("begin")
                                                 R("never shown") "</w:p>" P("shown") "<w:p><w:fldSimple w:instr=\"PAGE\">" R(
                                                     "7") "</w:fldSimple>" MARK("end") MARK("end") R("!") "</w:p>"),
                "paragraph: result after\nparagraph: shown\nparagraph: 7!\n");
}

static void tables(void **state)
{
    (void)state;
    expect_body(DOCUMENT("<w:tbl><w:tblPr><w:x/></w:tblPr><w:tblGrid><w:gridCol/><w:gridCol/><w:gridCol/></w:tblGrid>"
                         "<w:tr><w:trPr/>" CELL("Method") CELL("Days")
                             CELL("") "</w:tr>"
                                      "<w:tr>" CELL("Card") "<w:tc>" P("5") P("or 6") "</w:tc>" CELL(
                                          "x") "</w:tr>"
                                               "<w:tr>" CELL("") CELL("")
                                                   CELL("last") "</w:tr><w:tr>" CELL("") "</w:tr></w:tbl>" P("after")),
                "head: Method | Days\nrow: Card | 5 or 6 | x\nrow: |  | last\nparagraph: after\n");
    expect_body(DOCUMENT("<w:tbl><w:tblGrid><w:gridCol/></w:tblGrid><w:tr><w:tc>" P("box") STYLED(
                    "Heading2", "in it") "<w:tbl><w:tr>" CELL("a") CELL("b") "</w:tr></w:tbl></w:tc></w:tr></w:tbl>"),
                "paragraph: box\nheading 2: in it\nhead: a | b\n");
    expect_body(DOCUMENT("<w:tbl><w:tr>" CELL("a") "<w:tc><w:tbl><w:tr>" CELL("b")
                             CELL("c") "</w:tr></w:tbl>" P("d") "</w:tc></w:tr></w:tbl>"),
                "head: a | b c d\n");
}

static void text_boxes_are_told_once(void **state)
{
    (void)state;
    expect_body(
        DOCUMENT("<w:p>" R("around ") "<w:r><mc:AlternateContent><mc:Choice><w:drawing><w:txbxContent>" P("in the box")
                     P("more") "</w:txbxContent></w:drawing></mc:Choice><mc:Choice>" P(
                         "another") "</mc:Choice><mc:Fallback><w:pict>"
                                    "<w:txbxContent>" P("in the box") "</w:txbxContent></w:pict></mc:Fallback></"
                                                                      "mc:AlternateContent></w:r>" R("it") "</w:p>" P(
                                                                          "next") "<w:p><mc:AlternateContent><mc:"
                                                                                  "Fallback>" R("only this") "</"
                                                                                                             "mc:Fallback></"
                                                                                                             "mc:"
                                                                                                             "AlternateConte"
                                                                                                             "nt></w:p>"),
        "paragraph: around it\nparagraph: in the box\nparagraph: more\nparagraph: next\nparagraph: only this\n");
}

static void notes_stand_behind_their_paragraph(void **state)
{
    (void)state;
    static const struct office_part parts[] = {
        {"word/_rels/document.xml.rels", RELATIONS(RELATION("a", "footnotes", "footnotes.xml") RELATION(
                                             "b", "endnotes", "endnotes.xml") RELATION("c", "comments", "comments.xml"))},
        {"word/footnotes.xml",
         "<w:footnotes xmlns:w=\"" WORD
         "\"><w:footnote w:id=\"0\" w:type=\"separator\">" P("line") "</w:footnote><w:footnote w:id=\"1\">" P("foot")
             P("more") "</w:footnote><w:footnote w:id=\"2\">" P("never referred to") "</w:footnote></w:footnotes>"},
        {"word/endnotes.xml", "<w:endnotes xmlns:w=\"" WORD "\"><w:endnote w:id=\"1\">" P("end") "</w:endnote></w:endnotes>"},
        {"word/comments.xml", "<w:comments xmlns:w=\"" WORD "\">" P("comment") "</w:comments>"},
        {"word/document.xml", DOCUMENT("<w:p>" R("one") "<w:r><w:endnoteReference w:id=\"1\"/><w:footnoteReference w:id=\"1\"/>"
                                                        "<w:footnoteReference w:id=\"1\"/><w:footnoteReference "
                                                        "w:id=\"0\"/><w:footnoteReference w:id=\"9\"/></w:r></w:p>" P("two"))},
        {NULL, NULL},
    };
    office_expect(docx_read, parts, "paragraph: one\nparagraph: foot\nmore\nparagraph: two\nparagraph: end\n");
}

/* Comments stand behind what they are about, but not those that were resolved. */
static void comments_that_are_open(void **state)
{
#define COMMENTED(text, id) "<w:p>" R(text) "<w:r><w:commentReference w:id=\"" id "\"/></w:r></w:p>"
#define COMMENT(id, paragraph, text)                                                                                           \
    "<w:comment w:id=\"" id "\" w:author=\"Ann Lee\"><w:p x:paraId=\"" paragraph "\">" R(text) "</w:p></w:comment>"
    (void)state;
    static const struct office_part parts[] = {
        {"word/_rels/document.xml.rels",
         RELATIONS(RELATION("a", "comments", "comments.xml") RELATION("b", "commentsExtended", "more.xml"))},
        {"word/comments.xml", "<w:comments xmlns:w=\"" WORD "\" xmlns:x=\"x\">" COMMENT("0", "A", "Only trains.")
                                  COMMENT("1", "B", "Done?") COMMENT("2", "C", "Yes.") "</w:comments>"},
        {"word/more.xml", "<x:commentsEx xmlns:x=\"x\"><x:commentEx x:paraId=\"A\" x:done=\"0\"/><x:commentEx x:paraId=\"B\" "
                          "x:done=\"1\"/><x:commentEx x:paraId=\"C\" x:paraIdParent=\"B\" x:done=\"0\"/></x:commentsEx>"},
        {"word/document.xml", DOCUMENT(COMMENTED("one", "0") COMMENTED("two", "1") COMMENTED("three", "2"))},
        {NULL, NULL},
    };
    office_expect(docx_read, parts,
                  "paragraph: one\nparagraph: Comment by Ann Lee: Only trains.\nparagraph: two\nparagraph: three\n");
    office_damage(docx_read, parts);
    static const struct office_part damaged[] = {
        {"word/_rels/document.xml.rels", RELATIONS(RELATION("a", "comments", "comments.xml"))},
        {"word/comments.xml", "<w:comments xmlns:w=\"" WORD "\"><w:comment w:id=\"0\"><w:tbl><w:tr><w:tc><w:p><w:r>"},
        {"word/document.xml", DOCUMENT(COMMENTED("one", "0") P("two"))},
        {NULL, NULL},
    };
    office_expect(docx_read, damaged, "paragraph: one\nparagraph: two\n");
}

/* Of heads and feet of pages, what tells of the document: once, before the text. */
static void margins_that_tell_of_the_document(void **state)
{
#define MARGIN(text) "<w:hdr xmlns:w=\"" WORD "\">" text "</w:hdr>"
    (void)state;
    static const struct office_part parts[] = {
        {"word/_rels/document.xml.rels", RELATIONS(RELATION("a", "header", "h1.xml") RELATION("b", "header", "h2.xml")
                                                       RELATION("c", "footer", "f.xml") RELATION("d", "footer", "none.xml"))},
        {"word/h1.xml", MARGIN("<w:p><w:r><w:t>North Ltd, Mill Lane 4</w:t><w:tab/><w:t>Version 3.2, valid from 1 May "
                               "2025</w:t></w:r></w:p>" P("Subversion 2"))},
        {"word/h2.xml", MARGIN(P("Version 3.2, valid from 1 May 2025") P("Valid for all"))},
        {"word/f.xml", MARGIN(P("Page 2 of 5") P("Stand: 03/2025") "<w:p><w:r>")},
        {"word/document.xml", DOCUMENT(STYLED("Heading1", "Travel") P("text"))},
        {NULL, NULL},
    };
    office_expect(docx_read, parts, "paragraph: Version 3.2, valid from 1 May 2025\nheading 1: Travel\nparagraph: text\n");
}

/* Lines that only look like it are none, page numbers go, and of sections that differ nobody knows which edition holds. */
static void margins_without_an_edition(void **state)
{
    (void)state;
    static const struct office_part none[] = {
        {"word/_rels/document.xml.rels", RELATIONS(RELATION("a", "header", "h.xml"))},
        {"word/h.xml",
         MARGIN(P("Halle 4, Stand B12") P("Rev. Thomas Miller, Tel. 01632 960123") P("Peer review copy of 12 authors")
                    P("ISO 9001:2015, approved supplier 4711") P("Printed copies are only valid on 30.11.2026")
                        P("Version of the manager, 2 pages") P("Stand 12 in Halle 4"))},
        {"word/document.xml", DOCUMENT(P("text"))},
        {NULL, NULL},
    };
    office_expect(docx_read, none, "paragraph: text\n");
    static const struct office_part some[] = {
        {"word/_rels/document.xml.rels", RELATIONS(RELATION("a", "header", "h.xml") RELATION("b", "footer", "f.xml"))},
        {"word/h.xml", MARGIN(P("Version 3.2"))},
        {"word/f.xml", MARGIN(P("Version 3.2 | Page 2 of 14") P("Travel, Stand: 12. Mai 2025 \xE2\x80\x93 Seite 1 von 3")
                                  P("Rev. 4") P("Valid until May 2026") P("G\xC3\xBCltig ab 01.05.2025"))},
        {"word/document.xml", DOCUMENT(P("text"))},
        {NULL, NULL},
    };
    office_expect(
        docx_read, some,
        "paragraph: Version 3.2\nparagraph: Travel, Stand: 12. Mai 2025\nparagraph: Rev. 4\nparagraph: Valid until May "
        "2026\nparagraph: G\xC3\xBCltig ab 01.05.2025\nparagraph: text\n");
    static const struct office_part sections[] = {
        {"word/_rels/document.xml.rels", RELATIONS(RELATION("a", "header", "h.xml") RELATION("b", "header", "f.xml"))},
        {"word/h.xml", MARGIN(P("Version 1.0") P("Valid from 1 May 2025"))},
        {"word/f.xml", MARGIN(P("Annex A, Version 2.1"))},
        {"word/document.xml", DOCUMENT(P("text"))},
        {NULL, NULL},
    };
    office_expect(docx_read, sections, "paragraph: Valid from 1 May 2025\nparagraph: text\n");
}

/* Behind the table, with the first cell of their row; those in a row without one are left out. */
static void comments_in_tables(void **state)
{
    (void)state;
#define NOTED(text, id) "<w:tc>" COMMENTED(text, id) "</w:tc>"
    static const struct office_part parts[] = {
        {"word/_rels/document.xml.rels", RELATIONS(RELATION("a", "comments", "comments.xml"))},
        {"word/comments.xml", "<w:comments xmlns:w=\"" WORD "\" xmlns:x=\"x\">" COMMENT("0", "A", "150 soon.")
                                  COMMENT("1", "B", "Which?") COMMENT("2", "C", "Closed?") "</w:comments>"},
        {"word/document.xml",
         DOCUMENT("<w:tbl><w:tblGrid><w:gridCol/><w:gridCol/></w:tblGrid><w:tr>" CELL("City")
                      CELL("Price") "</w:tr><w:tr>" CELL("Bonn") NOTED("140", "0") "</w:tr><w:tr>" CELL("")
                          NOTED("90", "1") "</w:tr><w:tr>" NOTED("Kiel", "2") CELL("80") "</w:tr></w:tbl>" P("text"))},
        {NULL, NULL},
    };
    office_expect(docx_read, parts,
                  "head: City | Price\nrow: Bonn | 140\nrow: | 90\nrow: Kiel | 80\nparagraph: Comment "
                  "by Ann Lee on "
                  "\xE2\x80\x9C"
                  "Bonn\xE2\x80\x9D: 150 soon.\nparagraph: Comment by Ann Lee on \xE2\x80\x9CKiel\xE2\x80\x9D: "
                  "Closed?\nparagraph: text\n");
}

static void pages(void **state)
{
    (void)state;
    expect_body(
        DOCUMENT(
            P("one") "<w:p><w:r><w:br w:type=\"page\"/></w:r></w:p><w:p><w:r><w:lastRenderedPageBreak/><w:t>two</w:t>"
                     "</w:r></w:p><w:p>" R("two, ") "<w:r><w:lastRenderedPageBreak/></w:r>" R("three") "</w:p>" P("three")),
        "paragraph p1: one\nparagraph p2: two\nparagraph p2: two, three\nparagraph p3: three\n");
    expect_body(DOCUMENT(P("one") "<w:p><w:r><w:br w:type=\"page\"/></w:r></w:p>" P(
                    "two") "<w:p><w:pPr><w:pageBreakBefore/></w:pPr>" R("three") "</w:p>"),
                "paragraph p1: one\nparagraph p2: two\nparagraph p3: three\n");
}

static void properties(void **state)
{
    (void)state;
    static const struct office_part parts[] = {
        {"_rels/.rels", RELATIONS(RELATION("a", "officeDocument", "word/document.xml")
                                      RELATION("b", "metadata/core-properties", "docProps/core.xml"))},
        {"docProps/core.xml", "<c:coreProperties xmlns:c=\"" OFFICE_SPACE
                              "package/2006/metadata/core-properties\" xmlns:d=\"http://purl.org/dc/elements/1.1/\""
                              " xmlns:t=\"http://purl.org/dc/terms/\"><d:title> Refunds &amp; more "
                              "</d:title><d:creator>Ada</d:creator><d:subject>Money"
                              "</d:subject><c:keywords>card, "
                              "cash;bank</c:keywords><t:created>2024-01-02T03:04:05Z</t:created><t:modified>soon</t:modified>"
                              "<d:language>en-GB</d:language><c:revision>3</c:revision></c:coreProperties>"},
        {"word/document.xml", DOCUMENT(P("text"))},
        {NULL, NULL},
    };
    office_expect(docx_read, parts,
                  "paragraph: text\ntitle: Refunds & more\nlanguage: en-GB\nauthor: Ada\nsubject: Money\nkeywords: card\n"
                  "keywords: cash\nkeywords: bank\ncreated: 2024-01-02T03:04:05Z\n");
}

static void what_is_no_word_document_is_told(void **state)
{
    (void)state;
    struct buffer shown;
    struct error error = {0};
    static const struct office_part none[] = {{"a.txt", "text"}, {NULL, NULL}};
    static const struct office_part other[] = {{"_rels/.rels", RELATIONS(RELATION("a", "officeDocument", "xl/workbook.xml"))},
                                               {"xl/workbook.xml", "<workbook/>"},
                                               {NULL, NULL}};
    static const struct office_part cut[] = {{"word/document.xml", "<w:document xmlns:w=\"" WORD "\"><w:body>"}, {NULL, NULL}};
    static const struct office_part entity[] = {
        {"word/document.xml", "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>" DOCUMENT(P("&b;"))},
        {NULL, NULL}};
    static const struct office_part styles[] = {
        {"word/_rels/document.xml.rels", RELATIONS(RELATION("a", "styles", "styles.xml"))},
        {"word/styles.xml", "<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><x/>"},
        {"word/document.xml", DOCUMENT(P("text"))},
        {NULL, NULL}};
    office_refused(docx_read, none, ERROR_INVALID, "it is not a Word document: it has no word/document.xml");
    office_refused(docx_read, other, ERROR_INVALID, "it is not a Word document, but an Excel workbook");
    office_refused(docx_read, cut, ERROR_CORRUPT, "\"word/document.xml\" is damaged");
    office_refused(docx_read, entity, ERROR_INVALID, "\"word/document.xml\" declares a document type");
    office_refused(docx_read, styles, ERROR_INVALID, "\"word/styles.xml\" declares a document type");
    buffer_init(&shown, MIB);
    expect_error(office_try(docx_read, SLICE("{\\rtf1 text}"), &shown, &error), &error, ERROR_INVALID,
                 "it is not a Word document: it is not a zip archive");
    buffer_release(&shown);
}

static void old_files_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *stream, *part;
    } kinds[] = {{"EncryptedPackage", "encrypted with a password"},
                 {"ENCRYPTEDPACKAGE", "encrypted with a password"},
                 {"WordDocument", "(.doc)"},
                 {"Workbook", "(.xls)"},
                 {"PowerPoint Document", "(.ppt)"},
                 {"Something", "(OLE)"}};
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
        char bytes[1024] = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
        struct error error = {0};
        size_t size = strlen(kinds[i].stream);
        for (size_t j = 0; j < size; j++)
            bytes[640 + 2 * j] = kinds[i].stream[j];
        bytes[640 + 64] = (char)(2 * size + 2);
        bytes[640 + 66] = 2;
        struct buffer shown;
        buffer_init(&shown, MIB);
        assert_true(office_old_is((struct slice){bytes, sizeof(bytes)}));
        expect_error(office_try(docx_read, (struct slice){bytes, sizeof(bytes)}, &shown, &error), &error, ERROR_INVALID,
                     kinds[i].part);
        assert_true(strlen(error.hint) > 0);
        buffer_release(&shown);
    }
}

static void circles_and_depth_end(void **state)
{
    (void)state;
    struct buffer document;
    static const struct office_part circle[] = {
        {"_rels/.rels", RELATIONS(RELATION("a", "officeDocument", "word/document.xml"))},
        {"word/_rels/document.xml.rels",
         RELATIONS(RELATION("a", "styles", "document.xml") RELATION("b", "footnotes", "document.xml")
                       RELATION("c", "officeDocument", "../_rels/.rels"))},
        {"word/document.xml", DOCUMENT(P("text"))},
        {NULL, NULL}};
    office_expect(docx_read, circle, "paragraph: text\n");
    buffer_init(&document, 8 * MIB);
    buffer_append_text(&document, "<w:document xmlns:w=\"" WORD "\">");
    for (size_t i = 0; i < 100000; i++)
        buffer_append_text(&document, i % 2 == 0 ? "<w:p>" : "<w:tbl>");
    const struct office_part deep[] = {{"word/document.xml", buffer_text(&document)}, {NULL, NULL}};
    office_refused(docx_read, deep, ERROR_LIMIT, "too many elements within each other");
    buffer_clear(&document);
    buffer_append_text(&document, "<w:document xmlns:w=\"" WORD "\">");
    for (size_t i = 0; i < 500; i++)
        buffer_append_text(&document, "<w:p>");
    buffer_append_text(&document, R("deep"));
    for (size_t i = 0; i < 500; i++)
        buffer_append_text(&document, "</w:p>");
    buffer_append_text(&document, "</w:document>");
    const struct office_part nested[] = {{"word/document.xml", buffer_text(&document)}, {NULL, NULL}};
    office_expect(docx_read, nested, "paragraph: deep\n");
    buffer_release(&document);
}

static void text_that_does_not_fit(void **state)
{
    (void)state;
    struct buffer document;
    buffer_init(&document, 32 * MIB);
    buffer_append_text(&document, "<w:document xmlns:w=\"" WORD "\">");
    for (size_t i = 0; i < 450000; i++)
        buffer_format(&document, P("%08x"), (unsigned)i * 2654435761u); /* random enough to be no bomb */
    buffer_append_text(&document, "</w:document>");
    const struct office_part parts[] = {{"word/document.xml", buffer_text(&document)}, {NULL, NULL}};
    office_refused(docx_read, parts, ERROR_LIMIT, "the limit is"); /* 3.6 MB of text, and 0.9 MB of line ends */
    buffer_release(&document);
}

static void damage(void **state)
{
    (void)state;
    static const struct office_part parts[] = {
        {"word/_rels/document.xml.rels", RELATIONS(RELATION("a", "styles", "styles.xml"))},
        {"word/styles.xml", STYLES(STYLE("H", "<w:name w:val=\"heading 1\"/>"))},
        {"word/document.xml", DOCUMENT(STYLED("H", "Head") P("text") "<w:tbl><w:tr>" CELL("a") CELL("b") "</w:tr></w:tbl>")},
        {NULL, NULL}};
    office_damage(docx_read, parts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paragraphs_and_runs),
        cmocka_unit_test(bold_lines),
        cmocka_unit_test(bold_texts),
        cmocka_unit_test(placeholders_are_left_out),
        cmocka_unit_test(strict_documents_are_read),
        cmocka_unit_test(styles_make_headings_items_and_code),
        cmocka_unit_test(what_is_deleted_or_hidden_is_not_told),
        cmocka_unit_test(digits_above_the_line),
        cmocka_unit_test(fields_are_their_results),
        cmocka_unit_test(tables),
        cmocka_unit_test(text_boxes_are_told_once),
        cmocka_unit_test(notes_stand_behind_their_paragraph),
        cmocka_unit_test(comments_that_are_open),
        cmocka_unit_test(margins_that_tell_of_the_document),
        cmocka_unit_test(margins_without_an_edition),
        cmocka_unit_test(comments_in_tables),
        cmocka_unit_test(pages),
        cmocka_unit_test(properties),
        cmocka_unit_test(what_is_no_word_document_is_told),
        cmocka_unit_test(old_files_are_told_apart),
        cmocka_unit_test(circles_and_depth_end),
        cmocka_unit_test(text_that_does_not_fit),
        cmocka_unit_test(damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
