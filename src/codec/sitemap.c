/* sitemap.c - the pages that a site says it has (sitemaps.org): XML, a list of pages or of further sitemaps, or text with an address a line.
 *
 *   <urlset><url><loc>https://example.com/a</loc>…            SITEMAP_PAGES
 *   <sitemapindex><sitemap><loc>https://example.com/1.xml.gz</loc>…      SITEMAP_INDEX
 *
 * Only a <loc> at that depth counts: those of pictures and films stand deeper. */
#include "codec.h"
#include "xml.h"
#include <stdlib.h>

enum { LOC = 1, URLSET, INDEX, URL, SITEMAP };
enum { DEPTH_ROOT = 1, DEPTH_ITEM, DEPTH_LOCATION };

static void add_location(struct sitemap *sitemap, size_t *capacity, struct arena *arena, struct slice text)
{
    text = slice_trim(text);
    if (text.size == 0)
        return;
    if (sitemap->count == LIMIT_SITEMAP_ENTRIES) {
        sitemap->is_cut = true;
        return;
    }
    sitemap->locations = arena_more(arena, sitemap->locations, sitemap->count, capacity, sizeof(*sitemap->locations));
    sitemap->locations[sitemap->count++] = arena_slice(arena, text);
}

static void take_start(struct xml *xml, struct sitemap *sitemap, size_t *capacity, struct arena *arena, struct buffer *text)
{
    if (xml->depth == DEPTH_ROOT)
        sitemap->kind = xml->code == URLSET ? SITEMAP_PAGES : xml->code == INDEX ? SITEMAP_INDEX : SITEMAP_NONE;
    int item = sitemap->kind == SITEMAP_PAGES ? URL : SITEMAP;
    if (xml->depth == DEPTH_ITEM && xml->code != item) {
        xml_skip(xml);
    } else if (xml->depth == DEPTH_LOCATION && xml->code == LOC) {
        buffer_clear(text);
        xml_text_into(xml, text);
        add_location(sitemap, capacity, arena, buffer_slice(text));
    } else if (xml->depth == DEPTH_LOCATION) {
        xml_skip(xml);
    }
}

static bool read_xml(struct slice source, struct arena *arena, struct sitemap *sitemap, struct error *error)
{
    static const struct xml_word words[] = {{XML_OTHER, "loc", LOC},
                                            {XML_NONE, "loc", LOC},
                                            {XML_OTHER, "urlset", URLSET},
                                            {XML_NONE, "urlset", URLSET},
                                            {XML_OTHER, "url", URL},
                                            {XML_NONE, "url", URL},
                                            {XML_OTHER, "sitemapindex", INDEX},
                                            {XML_NONE, "sitemapindex", INDEX},
                                            {XML_OTHER, "sitemap", SITEMAP},
                                            {XML_NONE, "sitemap", SITEMAP}};
    struct xml *xml = memory_alloc(1, sizeof(*xml));
    struct buffer text;
    size_t capacity = 0;
    buffer_init(&text, LIMIT_SITEMAP_BYTES);
    xml_init(xml, source, "sitemap", words, ARRAY_COUNT(words));
    while (xml_next(xml)) {
        if (xml->kind == XML_START)
            take_start(xml, sitemap, &capacity, arena, &text);
        if (xml->kind == XML_START && xml->depth == DEPTH_ROOT && sitemap->kind == SITEMAP_NONE)
            break; /* some other document */
    }
    bool ok = sitemap->kind == SITEMAP_NONE || xml_finish(xml, error);
    xml_release(xml);
    buffer_release(&text);
    free(xml);
    return ok;
}

/* A text that holds nothing but addresses, one a line. */
static void read_lines(struct slice source, struct arena *arena, struct sitemap *sitemap)
{
    struct slice rest = source, line;
    size_t capacity = 0;
    while (slice_next(&rest, '\n', &line)) {
        line = slice_trim(line);
        if (line.size > 0 && (!url_is_web(line) || line.size > LIMIT_URL_BYTES))
            return;
    }
    while (slice_next(&source, '\n', &line))
        add_location(sitemap, &capacity, arena, line);
    if (sitemap->count > 0)
        sitemap->kind = SITEMAP_PAGES;
}

bool sitemap_read(struct slice source, struct arena *arena, struct sitemap *sitemap, struct error *error)
{
    *sitemap = (struct sitemap){0};
    if (source.size > LIMIT_SITEMAP_BYTES)
        return error_set(error, ERROR_LIMIT, "a sitemap has %zu bytes, the limit is %zu", source.size, LIMIT_SITEMAP_BYTES);
    struct slice text = slice_without_mark(source);
    if (!slice_starts_with(slice_trim(text), SLICE("<"))) {
        read_lines(text, arena, sitemap);
        return true;
    }
    return read_xml(source, arena, sitemap, error);
}
