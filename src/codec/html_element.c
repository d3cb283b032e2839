#include "html_element.h"

/* In order of their bytes. */
static const struct html_element elements[] = {
    {"a", HTML_LINK, 0, false, HTML_DATA},
    {"address", HTML_BLOCK, 0, false, HTML_DATA},
    {"area", HTML_INLINE, 0, true, HTML_DATA},
    {"article", HTML_MAIN, 0, false, HTML_DATA},
    {"aside", HTML_AROUND, 0, false, HTML_DATA},
    {"audio", HTML_HIDDEN, 0, false, HTML_DATA},
    {"base", HTML_INLINE, 0, true, HTML_DATA},
    {"blockquote", HTML_BLOCK, 0, false, HTML_DATA},
    {"body", HTML_BLOCK, 0, false, HTML_DATA},
    {"br", HTML_BREAK, 0, true, HTML_DATA},
    {"button", HTML_HIDDEN, 0, false, HTML_DATA},
    {"canvas", HTML_HIDDEN, 0, false, HTML_DATA},
    {"caption", HTML_BLOCK, 0, false, HTML_DATA},
    {"center", HTML_BLOCK, 0, false, HTML_DATA},
    {"col", HTML_INLINE, 0, true, HTML_DATA},
    {"datalist", HTML_HIDDEN, 0, false, HTML_DATA},
    {"dd", HTML_BLOCK, 0, false, HTML_DATA},
    {"details", HTML_BLOCK, 0, false, HTML_DATA},
    {"dialog", HTML_BLOCK, 0, false, HTML_DATA},
    {"dir", HTML_LIST, 0, false, HTML_DATA},
    {"div", HTML_BLOCK, 0, false, HTML_DATA},
    {"dl", HTML_BLOCK, 0, false, HTML_DATA},
    {"dt", HTML_BLOCK, 0, false, HTML_DATA},
    {"embed", HTML_INLINE, 0, true, HTML_DATA},
    {"fieldset", HTML_BLOCK, 0, false, HTML_DATA},
    {"figcaption", HTML_BLOCK, 0, false, HTML_DATA},
    {"figure", HTML_BLOCK, 0, false, HTML_DATA},
    {"footer", HTML_EDGE, 0, false, HTML_DATA},
    {"form", HTML_BLOCK, 0, false, HTML_DATA},
    {"frame", HTML_INLINE, 0, true, HTML_DATA},
    {"h1", HTML_HEADING, 1, false, HTML_DATA},
    {"h2", HTML_HEADING, 2, false, HTML_DATA},
    {"h3", HTML_HEADING, 3, false, HTML_DATA},
    {"h4", HTML_HEADING, 4, false, HTML_DATA},
    {"h5", HTML_HEADING, 5, false, HTML_DATA},
    {"h6", HTML_HEADING, 6, false, HTML_DATA},
    {"header", HTML_EDGE, 0, false, HTML_DATA},
    {"hr", HTML_RULE, 0, true, HTML_DATA},
    {"html", HTML_ROOT, 0, false, HTML_DATA},
    {"iframe", HTML_HIDDEN, 0, false, HTML_RAWTEXT},
    {"img", HTML_INLINE, 0, true, HTML_DATA},
    {"input", HTML_INLINE, 0, true, HTML_DATA},
    {"legend", HTML_BLOCK, 0, false, HTML_DATA},
    {"li", HTML_ITEM, 0, false, HTML_DATA},
    {"link", HTML_INLINE, 0, true, HTML_DATA},
    {"listing", HTML_PRE, 0, false, HTML_DATA},
    {"main", HTML_MAIN, 0, false, HTML_DATA},
    {"math", HTML_INLINE, 0, false, HTML_DATA},
    {"menu", HTML_LIST, 0, false, HTML_DATA},
    {"meta", HTML_INLINE, 0, true, HTML_DATA},
    {"nav", HTML_AROUND, 0, false, HTML_DATA},
    {"noembed", HTML_HIDDEN, 0, false, HTML_RAWTEXT},
    {"noframes", HTML_HIDDEN, 0, false, HTML_RAWTEXT},
    {"noscript", HTML_HIDDEN, 0, false, HTML_DATA},
    {"object", HTML_HIDDEN, 0, false, HTML_DATA},
    {"ol", HTML_LIST, 0, false, HTML_DATA},
    {"optgroup", HTML_BLOCK, 0, false, HTML_DATA},
    {"option", HTML_BLOCK, 0, false, HTML_DATA},
    {"p", HTML_BLOCK, 0, false, HTML_DATA},
    {"param", HTML_INLINE, 0, true, HTML_DATA},
    {"plaintext", HTML_PRE, 0, false, HTML_PLAINTEXT},
    {"pre", HTML_PRE, 0, false, HTML_DATA},
    {"script", HTML_HIDDEN, 0, false, HTML_SCRIPT},
    {"section", HTML_BLOCK, 0, false, HTML_DATA},
    {"select", HTML_HIDDEN, 0, false, HTML_DATA},
    {"source", HTML_INLINE, 0, true, HTML_DATA},
    {"style", HTML_HIDDEN, 0, false, HTML_RAWTEXT},
    {"summary", HTML_BLOCK, 0, false, HTML_DATA},
    {"svg", HTML_HIDDEN, 0, false, HTML_DATA},
    {"table", HTML_TABLE, 0, false, HTML_DATA},
    {"tbody", HTML_TABLE, 0, false, HTML_DATA},
    {"td", HTML_CELL, 0, false, HTML_DATA},
    {"template", HTML_HIDDEN, 0, false, HTML_DATA},
    {"textarea", HTML_HIDDEN, 0, false, HTML_RCDATA},
    {"tfoot", HTML_TABLE, 0, false, HTML_DATA},
    {"th", HTML_CELL_HEAD, 0, false, HTML_DATA},
    {"thead", HTML_TABLE, 0, false, HTML_DATA},
    {"title", HTML_TITLE, 0, false, HTML_RCDATA},
    {"tr", HTML_ROW, 0, false, HTML_DATA},
    {"track", HTML_INLINE, 0, true, HTML_DATA},
    {"ul", HTML_LIST, 0, false, HTML_DATA},
    {"video", HTML_HIDDEN, 0, false, HTML_DATA},
    {"wbr", HTML_INLINE, 0, true, HTML_DATA},
    {"xmp", HTML_PRE, 0, false, HTML_RAWTEXT},
};

static int compare(const char *known, struct slice name)
{
    for (size_t i = 0; i < name.size; i++)
        if (known[i] == '\0' || known[i] != name.data[i])
            return (unsigned char)known[i] < (unsigned char)name.data[i] || known[i] == '\0' ? -1 : 1;
    return known[name.size] == '\0' ? 0 : 1;
}

const struct html_element *html_element(struct slice name)
{
    static const struct html_element other = {"", HTML_INLINE, 0, false, HTML_DATA};
    size_t low = 0, high = ARRAY_COUNT(elements);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(elements[middle].name, name);
        if (order == 0)
            return &elements[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return &other;
}
