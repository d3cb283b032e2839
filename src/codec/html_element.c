#include "html_element.h"

/* In order of their bytes. */
static const struct html_element elements[] = {
    {"a", HTML_LINK, 0, false},          {"address", HTML_BLOCK, 0, false},    {"area", HTML_INLINE, 0, true},
    {"article", HTML_MAIN, 0, false},    {"aside", HTML_AROUND, 0, false},     {"audio", HTML_HIDDEN, 0, false},
    {"base", HTML_INLINE, 0, true},      {"blockquote", HTML_BLOCK, 0, false}, {"body", HTML_BLOCK, 0, false},
    {"br", HTML_BREAK, 0, true},         {"button", HTML_HIDDEN, 0, false},    {"canvas", HTML_HIDDEN, 0, false},
    {"caption", HTML_BLOCK, 0, false},   {"center", HTML_BLOCK, 0, false},     {"col", HTML_INLINE, 0, true},
    {"datalist", HTML_HIDDEN, 0, false}, {"dd", HTML_BLOCK, 0, false},         {"details", HTML_BLOCK, 0, false},
    {"dialog", HTML_BLOCK, 0, false},    {"dir", HTML_LIST, 0, false},         {"div", HTML_BLOCK, 0, false},
    {"dl", HTML_BLOCK, 0, false},        {"dt", HTML_BLOCK, 0, false},         {"embed", HTML_INLINE, 0, true},
    {"fieldset", HTML_BLOCK, 0, false},  {"figcaption", HTML_BLOCK, 0, false}, {"figure", HTML_BLOCK, 0, false},
    {"footer", HTML_EDGE, 0, false},     {"form", HTML_BLOCK, 0, false},       {"frame", HTML_INLINE, 0, true},
    {"h1", HTML_HEADING, 1, false},      {"h2", HTML_HEADING, 2, false},       {"h3", HTML_HEADING, 3, false},
    {"h4", HTML_HEADING, 4, false},      {"h5", HTML_HEADING, 5, false},       {"h6", HTML_HEADING, 6, false},
    {"header", HTML_EDGE, 0, false},     {"hr", HTML_RULE, 0, true},           {"html", HTML_ROOT, 0, false},
    {"iframe", HTML_HIDDEN, 0, false},   {"img", HTML_INLINE, 0, true},        {"input", HTML_INLINE, 0, true},
    {"legend", HTML_BLOCK, 0, false},    {"li", HTML_ITEM, 0, false},          {"link", HTML_INLINE, 0, true},
    {"listing", HTML_PRE, 0, false},     {"main", HTML_MAIN, 0, false},        {"math", HTML_INLINE, 0, false},
    {"menu", HTML_LIST, 0, false},       {"meta", HTML_INLINE, 0, true},       {"nav", HTML_AROUND, 0, false},
    {"noembed", HTML_HIDDEN, 0, false},  {"noframes", HTML_HIDDEN, 0, false},  {"noscript", HTML_HIDDEN, 0, false},
    {"object", HTML_HIDDEN, 0, false},   {"ol", HTML_LIST, 0, false},          {"optgroup", HTML_BLOCK, 0, false},
    {"option", HTML_BLOCK, 0, false},    {"p", HTML_BLOCK, 0, false},          {"param", HTML_INLINE, 0, true},
    {"plaintext", HTML_PRE, 0, false},   {"pre", HTML_PRE, 0, false},          {"script", HTML_HIDDEN, 0, false},
    {"section", HTML_BLOCK, 0, false},   {"select", HTML_HIDDEN, 0, false},    {"source", HTML_INLINE, 0, true},
    {"style", HTML_HIDDEN, 0, false},    {"summary", HTML_BLOCK, 0, false},    {"svg", HTML_HIDDEN, 0, false},
    {"table", HTML_TABLE, 0, false},     {"tbody", HTML_TABLE, 0, false},      {"td", HTML_CELL, 0, false},
    {"template", HTML_HIDDEN, 0, false}, {"textarea", HTML_HIDDEN, 0, false},  {"tfoot", HTML_TABLE, 0, false},
    {"th", HTML_CELL_HEAD, 0, false},    {"thead", HTML_TABLE, 0, false},      {"title", HTML_TITLE, 0, false},
    {"tr", HTML_ROW, 0, false},          {"track", HTML_INLINE, 0, true},      {"ul", HTML_LIST, 0, false},
    {"video", HTML_HIDDEN, 0, false},    {"wbr", HTML_INLINE, 0, true},        {"xmp", HTML_PRE, 0, false},
};

const struct html_element *html_element(struct slice name)
{
    static const struct html_element other = {"", HTML_INLINE, 0, false};
    size_t low = 0, high = ARRAY_COUNT(elements);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_compare(slice_from(elements[middle].name), name);
        if (order == 0)
            return &elements[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return &other;
}
