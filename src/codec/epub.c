/* epub.c - books in EPUB 2 and 3: a zip of pages in XHTML.
 *
 *   META-INF/container.xml    where the package document is
 *   package document (.opf)   metadata; manifest: id ─▶ file; spine: the ids in reading order
 *   chapters                  XHTML, each read as a page
 *
 * Fonts may be obfuscated without the book being encrypted; anything else in META-INF/encryption.xml is. */
#include "html_page.h"
#include "package.h"
#include <stdlib.h>
#include <string.h>

enum { ROOT_FILE = 1, ITEM, ITEM_REFERENCE, META, METHOD };

static const struct xml_word words[] = {
    {XML_CONTAINER, "rootfile", ROOT_FILE},       {XML_OPF, "item", ITEM},
    {XML_OPF, "itemref", ITEM_REFERENCE},         {XML_OPF, "meta", META},
    {XML_ENCRYPTION, "EncryptionMethod", METHOD},
};

struct item {
    struct slice id, part;
    bool is_page; /* XHTML that is not the table of contents */
    bool is_read; /* once, however often the spine names it */
};

struct epub {
    struct package package;
    struct xml xml;
    struct extract *extract;
    struct slice opf; /* its part */
    struct item *items; /* by id, once all are known */
    size_t item_count, item_capacity;
    struct slice *spine; /* ids */
    size_t spine_count, spine_capacity;
    struct buffer value;
};

static bool open_part(struct epub *epub, struct slice part, struct buffer *content, struct error *error)
{
    if (!package_part(&epub->package, part, content, error)) {
        buffer_release(content);
        return false;
    }
    xml_init(&epub->xml, buffer_slice(content), arena_text(&epub->package.arena, part), words, ARRAY_COUNT(words));
    return true;
}

static bool close_part(struct epub *epub, struct buffer *content, struct error *error)
{
    bool ok = xml_finish(&epub->xml, error);
    xml_release(&epub->xml);
    buffer_release(content);
    return ok;
}

static bool find_package(struct epub *epub, struct error *error)
{
    struct buffer content;
    struct slice part = SLICE("META-INF/container.xml");
    if (!package_has(&epub->package, part))
        return error_set(error, ERROR_INVALID, "it is not an EPUB book: it has no META-INF/container.xml");
    if (!open_part(epub, part, &content, error))
        return false;
    while (xml_next(&epub->xml))
        if (epub->xml.kind == XML_START && epub->xml.code == ROOT_FILE && epub->opf.size == 0)
            epub->opf = package_resolve(&epub->package.arena, SLICE(""), xml_get(&epub->xml, XML_NONE, "full-path"));
    if (!close_part(epub, &content, error))
        return false;
    return package_has(&epub->package, epub->opf) ||
           error_set(error, ERROR_INVALID, "it is not an EPUB book: the package document that it names is not there");
}

static bool refuse_encrypted(struct epub *epub, struct error *error)
{
    static const char *const fonts[] = {"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"};
    struct buffer content;
    struct slice part = SLICE("META-INF/encryption.xml");
    bool is_encrypted = false;
    if (!package_has(&epub->package, part))
        return true;
    if (!open_part(epub, part, &content, error))
        return false;
    while (xml_next(&epub->xml)) {
        if (epub->xml.kind != XML_START || epub->xml.code != METHOD)
            continue;
        struct slice algorithm = xml_get(&epub->xml, XML_NONE, "Algorithm");
        is_encrypted = is_encrypted || !(slice_equal_text(algorithm, fonts[0]) || slice_equal_text(algorithm, fonts[1]));
    }
    if (!close_part(epub, &content, error))
        return false;
    if (!is_encrypted)
        return true;
    error_set(error, ERROR_INVALID, "the book is encrypted: only programs that its seller chose can read it");
    return error_hint(error, "Ask the publisher for a copy without protection.");
}

/* ---- the package document ---- */

static bool has_word(struct slice list, const char *word)
{
    struct slice part;
    while (slice_next(&list, ' ', &part))
        if (slice_equal_text(part, word))
            return true;
    return false;
}

static void add_item(struct epub *epub)
{
    struct xml *xml = &epub->xml;
    struct arena *arena = &epub->package.arena;
    struct slice type = xml_get(xml, XML_NONE, "media-type");
    bool is_page = slice_equal_text(type, "application/xhtml+xml") || slice_equal_text(type, "text/html") ||
                   slice_equal_text(type, "text/x-oeb1-document");
    if (epub->item_count >= LIMIT_ARCHIVE_ENTRIES)
        return;
    epub->items = memory_more(epub->items, epub->item_count, &epub->item_capacity, sizeof(*epub->items));
    epub->items[epub->item_count++] = (struct item){
        .id = arena_slice(arena, xml_get(xml, XML_NONE, "id")),
        .part = package_resolve(arena, epub->opf, xml_get(xml, XML_NONE, "href")),
        .is_page = is_page && !has_word(xml_get(xml, XML_NONE, "properties"), "nav"),
    };
}

static void add_to_spine(struct epub *epub)
{
    if (epub->spine_count >= LIMIT_ARCHIVE_ENTRIES)
        return;
    epub->spine = memory_more(epub->spine, epub->spine_count, &epub->spine_capacity, sizeof(*epub->spine));
    epub->spine[epub->spine_count++] = arena_slice(&epub->package.arena, xml_get(&epub->xml, XML_NONE, "idref"));
}

static void add_property(struct epub *epub, struct slice name)
{
    buffer_clear(&epub->value);
    xml_text_into(&epub->xml, &epub->value);
    bool is_date = slice_equal_text(name, "date"); /* when it was published */
    property_add(epub->extract, is_date ? SLICE("created") : name, buffer_slice(&epub->value));
}

static bool read_package(struct epub *epub, struct error *error)
{
    struct buffer content;
    struct xml *xml = &epub->xml;
    if (!open_part(epub, epub->opf, &content, error))
        return false;
    while (xml_next(xml)) {
        if (xml->kind != XML_START)
            continue;
        if (xml->code == ITEM)
            add_item(epub);
        else if (xml->code == ITEM_REFERENCE)
            add_to_spine(epub);
        else if (xml->code == META && slice_equal_text(xml_get(xml, XML_NONE, "property"), "dcterms:modified"))
            add_property(epub, SLICE("modified"));
        else if (xml->space == XML_DC)
            add_property(epub, xml->name);
    }
    return close_part(epub, &content, error);
}

static int by_id(const void *a, const void *b)
{
    const struct item *left = a, *right = b;
    return slice_compare(left->id, right->id);
}

/* ---- chapters ---- */

static bool read_chapter(struct epub *epub, struct slice part, struct error *error)
{
    struct buffer content;
    struct arena arena;
    struct blocks blocks = {0};
    arena_init(&arena);
    bool ok = package_part(&epub->package, part, &content, error) && xhtml_read(buffer_slice(&content), &arena, &blocks, error);
    for (size_t i = 0; ok && i < blocks.count; i++)
        extract_block(epub->extract, blocks.items[i].kind, blocks.items[i].level, 0, blocks.items[i].text);
    arena_release(&arena);
    buffer_release(&content);
    return ok;
}

static bool read_chapters(struct epub *epub, struct error *error)
{
    if (epub->item_count > 0)
        qsort(epub->items, epub->item_count, sizeof(*epub->items), by_id);
    for (size_t i = 0; i < epub->spine_count && epub->item_count > 0; i++) {
        const struct item wanted = {.id = epub->spine[i]};
        struct item *item = bsearch(&wanted, epub->items, epub->item_count, sizeof(*item), by_id);
        if (item == NULL || !item->is_page || item->is_read || !package_has(&epub->package, item->part))
            continue;
        item->is_read = true;
        if (!read_chapter(epub, item->part, error))
            return false;
    }
    return true;
}

bool epub_read(struct slice source, struct extract *extract, struct error *error)
{
    struct epub *epub = memory_alloc(1, sizeof(*epub));
    epub->extract = extract;
    bool ok = package_open(&epub->package, source, "an EPUB book", error);
    if (ok) {
        buffer_init(&epub->value, LIMIT_DOCUMENT_BYTES_MAX);
        ok = find_package(epub, error) && refuse_encrypted(epub, error) && read_package(epub, error) &&
             read_chapters(epub, error) && extract_finish(extract, error);
        buffer_release(&epub->value);
        package_release(&epub->package);
    }
    free(epub->items);
    free(epub->spine);
    free(epub);
    return ok;
}
