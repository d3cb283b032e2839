#include "rtf_words.h"
#include "encoding.h"
#include "rtf_table.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct rtf_word words[] = {
    /* by name */
    {"ansicpg", RTF_PAGE_OF_CODES, 0},
    {"atnauthor", RTF_SKIP, 0},
    {"atnid", RTF_SKIP, 0},
    {"author", RTF_HEAD, RTF_AUTHOR},
    {"b", RTF_BOLD, 0},
    {"bin", RTF_BYTES, 0},
    {"bullet", RTF_CHARACTER, 0x2022},
    {"cell", RTF_CELL_END, 0},
    {"cellx", RTF_CELL_DEFINED, 0},
    {"clmgf", RTF_CELL_MERGE, RTF_ACROSS_FIRST},
    {"clmrg", RTF_CELL_MERGE, RTF_ACROSS_NEXT},
    {"clvmgf", RTF_CELL_MERGE, RTF_DOWN_FIRST},
    {"clvmrg", RTF_CELL_MERGE, RTF_DOWN_NEXT},
    {"colortbl", RTF_SKIP, 0},
    {"cpg", RTF_FONT_CODES, 0},
    {"creatim", RTF_TIME, RTF_CREATED},
    {"deff", RTF_DEFAULT_FONT, 0},
    {"deleted", RTF_DELETED, 0},
    {"do", RTF_SKIP, 0},
    {"dptxbxtext", RTF_NOTE, 0},
    {"dy", RTF_TIME_PART, 2},
    {"emdash", RTF_CHARACTER, 0x2014},
    {"emspace", RTF_CHARACTER, 0x2003},
    {"endash", RTF_CHARACTER, 0x2013},
    {"enspace", RTF_CHARACTER, 0x2002},
    {"f", RTF_FONT, 0},
    {"fcharset", RTF_FONT_CHARSET, 0},
    {"filetbl", RTF_SKIP, 0},
    {"fldinst", RTF_SKIP, 0},
    {"fonttbl", RTF_FONTS, 0},
    {"footer", RTF_SKIP, 0},
    {"footerf", RTF_SKIP, 0},
    {"footerl", RTF_SKIP, 0},
    {"footerr", RTF_SKIP, 0},
    {"footnote", RTF_NOTE, 0},
    {"ftncn", RTF_SKIP, 0},
    {"ftnsep", RTF_SKIP, 0},
    {"ftnsepc", RTF_SKIP, 0},
    {"header", RTF_SKIP, 0},
    {"headerf", RTF_SKIP, 0},
    {"headerl", RTF_SKIP, 0},
    {"headerr", RTF_SKIP, 0},
    {"hr", RTF_TIME_PART, 3},
    {"htmlrtf", RTF_HTML_ONLY, 0},
    {"ilvl", RTF_LIST_LEVEL, 0},
    {"info", RTF_INFO, 0},
    {"intbl", RTF_IN_TABLE, 0},
    {"itap", RTF_IN_TABLE, 0},
    {"keywords", RTF_HEAD, RTF_KEYWORDS},
    {"ldblquote", RTF_CHARACTER, 0x201C},
    {"line", RTF_CHARACTER, '\n'},
    {"listtext", RTF_MARKER, 0},
    {"lquote", RTF_CHARACTER, 0x2018},
    {"ls", RTF_LIST, 0},
    {"mac", RTF_PAGE_OF_CODES, 10000},
    {"min", RTF_TIME_PART, 4},
    {"mmath", RTF_KEEP, 0},
    {"mo", RTF_TIME_PART, 1},
    {"moMath", RTF_KEEP, 0},
    {"moMathPara", RTF_KEEP, 0},
    {"nestcell", RTF_INNER_CELL_END, 0},
    {"nestrow", RTF_INNER_CELL_END, 0},
    {"nonesttables", RTF_SKIP, 0},
    {"outlinelevel", RTF_OUTLINE, 0},
    {"page", RTF_PARAGRAPH_END, 0},
    {"par", RTF_PARAGRAPH_END, 0},
    {"pard", RTF_PARAGRAPH_PLAIN, 0},
    {"pc", RTF_PAGE_OF_CODES, 437},
    {"pca", RTF_PAGE_OF_CODES, 850},
    {"pict", RTF_SKIP, 0},
    {"plain", RTF_TEXT_PLAIN, 0},
    {"pntext", RTF_MARKER, 0},
    {"private", RTF_SKIP, 0},
    {"qmspace", RTF_CHARACTER, 0x2005},
    {"rdblquote", RTF_CHARACTER, 0x201D},
    {"revtim", RTF_TIME, RTF_MODIFIED},
    {"row", RTF_ROW_END, 0},
    {"rquote", RTF_CHARACTER, 0x2019},
    {"rxe", RTF_SKIP, 0},
    {"s", RTF_PARAGRAPH_STYLE, 0},
    {"sect", RTF_PARAGRAPH_END, 0},
    {"shpinst", RTF_KEEP, 0},
    {"shprslt", RTF_SKIP, 0},
    {"shptxt", RTF_NOTE, 0},
    {"sp", RTF_SKIP, 0},
    {"stylesheet", RTF_STYLES, 0},
    {"subject", RTF_HEAD, RTF_SUBJECT},
    {"tab", RTF_CHARACTER, '\t'},
    {"tc", RTF_SKIP, 0},
    {"tcn", RTF_SKIP, 0},
    {"title", RTF_HEAD, RTF_TITLE},
    {"trhdr", RTF_ROW_HEAD, 0},
    {"trowd", RTF_ROW_BEGIN, 0},
    {"txe", RTF_SKIP, 0},
    {"u", RTF_UNICODE, 0},
    {"uc", RTF_UNICODE_SKIP, 0},
    {"ud", RTF_TWICE_NEW, 0},
    {"upr", RTF_TWICE, 0},
    {"v", RTF_HIDDEN, 0},
    {"xe", RTF_SKIP, 0},
    {"yr", RTF_TIME_PART, 0},
    {"zwbo", RTF_CHARACTER, 0x200B},
    {"zwj", RTF_CHARACTER, 0x200D},
    {"zwnj", RTF_CHARACTER, 0x200C},
};

static int by_name(const void *key, const void *entry)
{
    const struct slice *name = key;
    const struct rtf_word *word = entry;
    return slice_compare(*name, slice_from(word->name));
}

const struct rtf_word *rtf_word(struct slice name)
{
    return bsearch(&name, words, ARRAY_COUNT(words), sizeof(*words), by_name);
}

const char *rtf_code_page(unsigned number)
{
    char label[16];
    struct encoding encoding;
    int size = snprintf(label, sizeof(label), number == 65001 ? "utf-8" : number == 10000 ? "macintosh" : "cp%u", number);
    return encoding_find((struct slice){label, (size_t)size}, &encoding) ? encoding.name : "windows-1252";
}

unsigned rtf_charset_page(unsigned charset)
{
    static const struct {
        unsigned short charset, page;
    } pages[] = {
        {2, RTF_PAGE_SYMBOL}, {77, 10000}, {128, 932},  {129, 949},  {134, 936},  {136, 950},
        {161, 1253},          {162, 1254}, {163, 1258}, {177, 1255}, {178, 1256}, {186, 1257},
        {204, 1251},          {222, 874},  {238, 1250}, {254, 437},  {255, 850},
    };
    for (size_t i = 0; i < ARRAY_COUNT(pages); i++)
        if (pages[i].charset == charset)
            return pages[i].page;
    return 0;
}
