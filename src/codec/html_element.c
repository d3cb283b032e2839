#include "html_element.h"
#include "codec.h"
#include <assert.h>
#include <pthread.h>

/* In order of their first letters. */
static const struct html_element elements[] = {
    {SLICE_CONSTANT("a"), HTML_LINK, 0, false, HTML_DATA},
    {SLICE_CONSTANT("address"), HTML_BLOCK, 0, false, HTML_DATA},
    {SLICE_CONSTANT("area"), HTML_INLINE, 0, true, HTML_DATA},
    {SLICE_CONSTANT("article"), HTML_MAIN, 0, false, HTML_DATA},
    {SLICE_CONSTANT("aside"), HTML_AROUND, 0, false, HTML_DATA},
    {SLICE_CONSTANT("audio"), HTML_HIDDEN, 0, false, HTML_DATA},
    {SLICE_CONSTANT("b"), HTML_BOLD, 0, false, HTML_DATA},
    {SLICE_CONSTANT("base"), HTML_INLINE, 0, true, HTML_DATA},
    {SLICE_CONSTANT("blockquote"), HTML_BLOCK, 0, false, HTML_DATA},
    {SLICE_CONSTANT("body"), HTML_BLOCK, 0, false, HTML_DATA},
    {SLICE_CONSTANT("br"), HTML_BREAK, 0, true, HTML_DATA},
    {SLICE_CONSTANT("button"), HTML_HIDDEN, 0, false, HTML_DATA},
    {SLICE_CONSTANT("canvas"), HTML_HIDDEN, 0, false, HTML_DATA},
    {SLICE_CONSTANT("caption"), HTML_BLOCK, 0, false, HTML_DATA},
    {SLICE_CONSTANT("center"), HTML_BLOCK, 0, false, HTML_DATA},
    {SLICE_CONSTANT("col"), HTML_INLINE, 0, true, HTML_DATA},
    {SLICE_CONSTANT("datalist"), HTML_HIDDEN, 0, false, HTML_DATA},
    {SLICE_CONSTANT("dd"), HTML_MEANING, 0, false, HTML_DATA},
    {SLICE_CONSTANT("del"), HTML_HIDDEN, 0, false, HTML_DATA},
    {SLICE_CONSTANT("details"), HTML_BLOCK, 0, false, HTML_DATA},
    {SLICE_CONSTANT("dialog"), HTML_BLOCK, 0, false, HTML_DATA},
    {SLICE_CONSTANT("dir"), HTML_LIST, 0, false, HTML_DATA},
    {SLICE_CONSTANT("div"), HTML_BLOCK, 0, false, HTML_DATA},
    {SLICE_CONSTANT("dl"), HTML_BLOCK, 0, false, HTML_DATA},
    {SLICE_CONSTANT("dt"), HTML_TERM, 0, false, HTML_DATA},
    {SLICE_CONSTANT("embed"), HTML_INLINE, 0, true, HTML_DATA},
    {SLICE_CONSTANT("fieldset"), HTML_BLOCK, 0, false, HTML_DATA},
    {SLICE_CONSTANT("figcaption"), HTML_BLOCK, 0, false, HTML_DATA},
    {SLICE_CONSTANT("figure"), HTML_BLOCK, 0, false, HTML_DATA},
    {SLICE_CONSTANT("footer"), HTML_EDGE, 0, false, HTML_DATA},
    {SLICE_CONSTANT("form"), HTML_BLOCK, 0, false, HTML_DATA},
    {SLICE_CONSTANT("frame"), HTML_INLINE, 0, true, HTML_DATA},
    {SLICE_CONSTANT("h1"), HTML_HEADING, 1, false, HTML_DATA},
    {SLICE_CONSTANT("h2"), HTML_HEADING, 2, false, HTML_DATA},
    {SLICE_CONSTANT("h3"), HTML_HEADING, 3, false, HTML_DATA},
    {SLICE_CONSTANT("h4"), HTML_HEADING, 4, false, HTML_DATA},
    {SLICE_CONSTANT("h5"), HTML_HEADING, 5, false, HTML_DATA},
    {SLICE_CONSTANT("h6"), HTML_HEADING, 6, false, HTML_DATA},
    {SLICE_CONSTANT("header"), HTML_EDGE, 0, false, HTML_DATA},
    {SLICE_CONSTANT("hr"), HTML_RULE, 0, true, HTML_DATA},
    {SLICE_CONSTANT("html"), HTML_ROOT, 0, false, HTML_DATA},
    {SLICE_CONSTANT("iframe"), HTML_HIDDEN, 0, false, HTML_RAWTEXT},
    {SLICE_CONSTANT("img"), HTML_INLINE, 0, true, HTML_DATA},
    {SLICE_CONSTANT("input"), HTML_INLINE, 0, true, HTML_DATA},
    {SLICE_CONSTANT("legend"), HTML_BLOCK, 0, false, HTML_DATA},
    {SLICE_CONSTANT("li"), HTML_ITEM, 0, false, HTML_DATA},
    {SLICE_CONSTANT("link"), HTML_INLINE, 0, true, HTML_DATA},
    {SLICE_CONSTANT("listing"), HTML_PRE, 0, false, HTML_DATA},
    {SLICE_CONSTANT("main"), HTML_MAIN, 0, false, HTML_DATA},
    {SLICE_CONSTANT("math"), HTML_INLINE, 0, false, HTML_DATA},
    {SLICE_CONSTANT("menu"), HTML_LIST, 0, false, HTML_DATA},
    {SLICE_CONSTANT("meta"), HTML_INLINE, 0, true, HTML_DATA},
    {SLICE_CONSTANT("nav"), HTML_AROUND, 0, false, HTML_DATA},
    {SLICE_CONSTANT("noembed"), HTML_HIDDEN, 0, false, HTML_RAWTEXT},
    {SLICE_CONSTANT("noframes"), HTML_HIDDEN, 0, false, HTML_RAWTEXT},
    {SLICE_CONSTANT("noscript"), HTML_HIDDEN, 0, false, HTML_DATA},
    {SLICE_CONSTANT("object"), HTML_HIDDEN, 0, false, HTML_DATA},
    {SLICE_CONSTANT("ol"), HTML_LIST, 0, false, HTML_DATA},
    {SLICE_CONSTANT("optgroup"), HTML_BLOCK, 0, false, HTML_DATA},
    {SLICE_CONSTANT("option"), HTML_BLOCK, 0, false, HTML_DATA},
    {SLICE_CONSTANT("p"), HTML_BLOCK, 0, false, HTML_DATA},
    {SLICE_CONSTANT("param"), HTML_INLINE, 0, true, HTML_DATA},
    {SLICE_CONSTANT("plaintext"), HTML_PRE, 0, false, HTML_PLAINTEXT},
    {SLICE_CONSTANT("pre"), HTML_PRE, 0, false, HTML_DATA},
    {SLICE_CONSTANT("s"), HTML_HIDDEN, 0, false, HTML_DATA},
    {SLICE_CONSTANT("script"), HTML_HIDDEN, 0, false, HTML_SCRIPT},
    {SLICE_CONSTANT("section"), HTML_BLOCK, 0, false, HTML_DATA},
    {SLICE_CONSTANT("select"), HTML_HIDDEN, 0, false, HTML_DATA},
    {SLICE_CONSTANT("source"), HTML_INLINE, 0, true, HTML_DATA},
    {SLICE_CONSTANT("strike"), HTML_HIDDEN, 0, false, HTML_DATA},
    {SLICE_CONSTANT("strong"), HTML_BOLD, 0, false, HTML_DATA},
    {SLICE_CONSTANT("style"), HTML_HIDDEN, 0, false, HTML_RAWTEXT},
    {SLICE_CONSTANT("sub"), HTML_BELOW, 0, false, HTML_DATA},
    {SLICE_CONSTANT("summary"), HTML_SUMMARY, 0, false, HTML_DATA},
    {SLICE_CONSTANT("sup"), HTML_ABOVE, 0, false, HTML_DATA},
    {SLICE_CONSTANT("svg"), HTML_HIDDEN, 0, false, HTML_DATA},
    {SLICE_CONSTANT("table"), HTML_TABLE, 0, false, HTML_DATA},
    {SLICE_CONSTANT("tbody"), HTML_TABLE, 0, false, HTML_DATA},
    {SLICE_CONSTANT("td"), HTML_CELL, 0, false, HTML_DATA},
    {SLICE_CONSTANT("template"), HTML_HIDDEN, 0, false, HTML_DATA},
    {SLICE_CONSTANT("textarea"), HTML_HIDDEN, 0, false, HTML_RCDATA},
    {SLICE_CONSTANT("tfoot"), HTML_TABLE, 0, false, HTML_DATA},
    {SLICE_CONSTANT("th"), HTML_CELL_HEAD, 0, false, HTML_DATA},
    {SLICE_CONSTANT("thead"), HTML_TABLE, 0, false, HTML_DATA},
    {SLICE_CONSTANT("title"), HTML_TITLE, 0, false, HTML_RCDATA},
    {SLICE_CONSTANT("tr"), HTML_ROW, 0, false, HTML_DATA},
    {SLICE_CONSTANT("track"), HTML_INLINE, 0, true, HTML_DATA},
    {SLICE_CONSTANT("ul"), HTML_LIST, 0, false, HTML_DATA},
    {SLICE_CONSTANT("video"), HTML_HIDDEN, 0, false, HTML_DATA},
    {SLICE_CONSTANT("wbr"), HTML_INLINE, 0, true, HTML_DATA},
    {SLICE_CONSTANT("xmp"), HTML_PRE, 0, false, HTML_RAWTEXT},
};

enum { LETTERS = 26 };

static uint8_t begins[LETTERS + 1]; /* where the elements of each first letter begin */
static pthread_once_t begins_once = PTHREAD_ONCE_INIT;
_Static_assert(ARRAY_COUNT(elements) <= UINT8_MAX, "places fit a byte");

static void fill_begins(void)
{
    size_t at = 0;
    for (size_t letter = 0; letter < LETTERS; letter++) {
        begins[letter] = (uint8_t)at;
        while (at < ARRAY_COUNT(elements) && elements[at].name.data[0] == (char)('a' + letter))
            at++;
    }
    begins[LETTERS] = (uint8_t)at;
    assert(at == ARRAY_COUNT(elements));
}

const struct html_element *html_element(struct slice name)
{
    static const struct html_element other = {SLICE_CONSTANT(""), HTML_INLINE, 0, false, HTML_DATA};
    size_t letter = name.size > 0 ? (size_t)(unsigned char)name.data[0] - 'a' : LETTERS;
    if (letter >= LETTERS)
        return &other;
    pthread_once(&begins_once, fill_begins);
    for (size_t i = begins[letter]; i < begins[letter + 1]; i++)
        if (slice_equal(name, elements[i].name))
            return &elements[i];
    return &other;
}

bool html_names_element(struct slice name)
{
    static const char *const phrasing[] = {
        "abbr",    "acronym",  "applet",   "b",      "basefont", "bdi",  "bdo",      "bgsound", "big",    "blink", "cite",
        "code",    "colgroup", "data",     "dfn",    "em",       "font", "frameset", "head",    "hgroup", "i",     "image",
        "ins",     "isindex",  "kbd",      "keygen", "label",    "map",  "mark",     "marquee", "meter",  "nobr",  "output",
        "picture", "portal",   "progress", "q",      "rb",       "rp",   "rt",       "rtc",     "ruby",   "samp",  "search",
        "slot",    "small",    "span",     "strong", "time",     "tt",   "u",        "var"};
    if (html_element(name)->name.size > 0)
        return true;
    for (size_t i = 0; i < ARRAY_COUNT(phrasing); i++)
        if (slice_equal_text(name, phrasing[i]))
            return true;
    return false;
}
