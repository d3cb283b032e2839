#include "package.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool package_open(struct package *package, struct slice source, const char *kind, struct error *error)
{
    package->part_count = 0;
    arena_init(&package->arena);
    bool ok = office_old_is(source) ? office_old_refuse(source, error)
                                    : zip_open(source, LIMIT_DOCUMENT_BYTES_MAX, &package->arena, &package->zip, error);
    if (!ok && error->kind == ERROR_INVALID && !office_old_is(source) && !zip_is(source))
        error_set(error, ERROR_INVALID, "it is not %s: it is not a zip archive", kind);
    if (!ok)
        arena_release(&package->arena);
    return ok;
}

void package_release(struct package *package)
{
    arena_release(&package->arena);
}

bool package_has(const struct package *package, struct slice name)
{
    return zip_find(&package->zip, name) != NULL;
}

bool package_part(struct package *package, struct slice name, struct buffer *out, struct error *error)
{
    const struct zip_entry *entry = zip_find(&package->zip, name);
    buffer_init(out, LIMIT_DOCUMENT_BYTES_MAX);
    if (entry == NULL)
        return error_set(error, ERROR_INVALID, "it has no part \"" SLICE_FORMAT "\"", SLICE_ARGUMENT(name));
    if (package->part_count++ > 2 * package->zip.count)
        return error_set(error, ERROR_LIMIT, "its parts are used more often than there are any");
    return zip_read_entry(&package->zip, entry, LIMIT_DOCUMENT_BYTES_MAX, out, error);
}

/* ---- names ---- */

static unsigned hex_digit(char c)
{
    return c >= '0' && c <= '9'                     ? (unsigned)(c - '0')
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (unsigned)((c | 0x20) - 'a' + 10)
                                                    : 16;
}

/* Appends one step of a path; ".." takes the last one away. */
static size_t append_step(char *path, size_t size, struct slice step)
{
    if (step.size == 0 || slice_equal_text(step, "."))
        return size;
    if (slice_equal_text(step, "..")) {
        while (size > 0 && path[size - 1] != '/')
            size--;
        return size > 0 ? size - 1 : 0;
    }
    if (size > 0)
        path[size++] = '/';
    for (size_t i = 0; i < step.size; i++) {
        unsigned high = step.data[i] == '%' && i + 2 < step.size ? hex_digit(step.data[i + 1]) : 16;
        unsigned low = high < 16 ? hex_digit(step.data[i + 2]) : 16;
        bool is_escape = high < 16 && low < 16;
        path[size++] = is_escape ? (char)(high << 4 | low) : step.data[i];
        i += is_escape ? 2 : 0;
    }
    return size;
}

struct slice package_resolve(struct arena *arena, struct slice from, struct slice target)
{
    size_t end, size = 0;
    struct slice rest = from, step;
    char *path = arena_alloc(arena, from.size + target.size + 2, 1);
    if (slice_find(target, '#', &end))
        target.size = end;
    while (rest.size > 0 && rest.data[rest.size - 1] != '/') /* its folder */
        rest.size--;
    bool is_absolute = target.size > 0 && target.data[0] == '/';
    if (!is_absolute && rest.size > 0) {
        memcpy(path, rest.data, rest.size - 1);
        size = rest.size - 1;
    }
    while (slice_next(&target, '/', &step))
        size = append_step(path, size, step);
    return (struct slice){path, size};
}

/* ---- relationships ---- */

enum { RELATION = 1 };

static const struct xml_word relation_words[] = {{XML_PACKAGE, "Relationship", RELATION}};

static struct slice last_part(struct slice address)
{
    size_t start = address.size;
    while (start > 0 && address.data[start - 1] != '/')
        start--;
    return slice_range(address, start, address.size);
}

enum { RELATIONS_MAX = 1000000 }; /* links lead out of a document by them too */

static void read_relation(struct xml *xml, struct package *package, struct slice part, struct relations *relations,
                          size_t *capacity)
{
    struct arena *arena = &package->arena;
    struct slice id = xml_get(xml, XML_NONE, "Id"), type = xml_get(xml, XML_NONE, "Type"),
                 target = xml_get(xml, XML_NONE, "Target"), mode = xml_get(xml, XML_NONE, "TargetMode");
    if (relations->count >= RELATIONS_MAX)
        return;
    bool is_inside = !slice_equal_text(mode, "External") && target.data != NULL;
    relations->items = arena_more(arena, relations->items, relations->count, capacity, sizeof(*relations->items));
    relations->items[relations->count++] = (struct relation){
        .id = arena_slice(arena, id),
        .type = arena_slice(arena, last_part(type)),
        .target = is_inside ? package_resolve(arena, part, target) : SLICE(""),
    };
}

static int by_id(const void *a, const void *b)
{
    const struct relation *const *left = a, *const *right = b;
    return slice_compare((*left)->id, (*right)->id);
}

static void sort_relations(struct package *package, struct relations *relations)
{
    relations->by_id = arena_alloc(&package->arena, relations->count + 1, sizeof(*relations->by_id));
    for (size_t i = 0; i < relations->count; i++)
        relations->by_id[i] = &relations->items[i];
    qsort(relations->by_id, relations->count, sizeof(*relations->by_id), by_id);
}

bool relations_read(struct package *package, struct slice part, struct relations *relations, struct error *error)
{
    struct buffer content;
    struct xml xml;
    size_t capacity = 0, folder = part.size - last_part(part).size;
    const char *name = arena_format(&package->arena, SLICE_FORMAT "_rels/" SLICE_FORMAT ".rels", (int)folder, part.data,
                                    SLICE_ARGUMENT(last_part(part)));
    *relations = (struct relations){0};
    if (!package_has(package, slice_from(name)))
        return true;
    if (!package_part(package, slice_from(name), &content, error)) {
        buffer_release(&content);
        return false;
    }
    xml_init(&xml, buffer_slice(&content), name, relation_words, ARRAY_COUNT(relation_words));
    while (xml_next(&xml))
        if (xml.kind == XML_START && xml.code == RELATION)
            read_relation(&xml, package, part, relations, &capacity);
    bool ok = xml_finish(&xml, error);
    xml_release(&xml);
    buffer_release(&content);
    sort_relations(package, relations);
    return ok;
}

const struct relation *relation_of_id(const struct relations *relations, struct slice id)
{
    size_t low = 0, high = relations->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_compare(relations->by_id[middle]->id, id);
        if (order == 0)
            return relations->by_id[middle];
        *(order < 0 ? &low : &high) = order < 0 ? middle + 1 : middle;
    }
    return NULL;
}

const struct relation *relation_of_type(const struct relations *relations, const char *type)
{
    for (size_t i = 0; i < relations->count; i++)
        if (slice_equal_text(relations->items[i].type, type) && relations->items[i].target.size > 0)
            return &relations->items[i];
    return NULL;
}

struct slice package_main(struct package *package, const struct relations *relations, const char *usual)
{
    const struct relation *stated = relation_of_type(relations, "officeDocument");
    if (stated != NULL && package_has(package, stated->target))
        return stated->target;
    return package_has(package, slice_from(usual)) ? slice_from(usual) : SLICE("");
}

bool package_refuse_root(const char *kind, struct slice root, struct error *error)
{
    static const struct {
        const char *root, *what;
    } kinds[] = {
        {"document", "a Word document"}, {"workbook", "an Excel workbook"}, {"presentation", "a PowerPoint presentation"}};
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
        if (slice_equal_text(root, kinds[i].root))
            return error_set(error, ERROR_INVALID, "it is not %s, but %s", kind, kinds[i].what);
    root.size = root.size < 40 ? root.size : 40;
    return error_set(error, ERROR_INVALID, "it is not %s: its main part is a \"" SLICE_FORMAT "\"", kind, SLICE_ARGUMENT(root));
}

/* ---- properties ---- */

static bool is_date(struct slice text)
{
    static const char shape[] = "dddd-dd-dd";
    for (size_t i = 0; i < sizeof(shape) - 1; i++)
        if (i >= text.size || (shape[i] == 'd' ? text.data[i] < '0' || text.data[i] > '9' : text.data[i] != shape[i]))
            return false;
    return true;
}

/* "a, b; c": each by itself. */
static void add_list(struct extract *extract, const char *key, struct slice value)
{
    size_t start = 0;
    for (size_t at = 0; at <= value.size; at++)
        if (at == value.size || value.data[at] == ',' || value.data[at] == ';') {
            extract_head(extract, key, slice_range(value, start, at));
            start = at + 1;
        }
}

void property_add(struct extract *extract, struct slice name, struct slice value)
{
    static const struct {
        const char *name, *key;
        enum { PLAIN, LIST, DATE } form;
    } properties[] = {
        {"creator", "author", PLAIN},          {"initial-creator", "author", PLAIN}, {"subject", "subject", PLAIN},
        {"description", "description", PLAIN}, {"category", "category", PLAIN},      {"publisher", "publisher", PLAIN},
        {"keywords", "keywords", LIST},        {"keyword", "keywords", PLAIN},       {"created", "created", DATE},
        {"creation-date", "created", DATE},    {"modified", "modified", DATE},       {"date", "modified", DATE},
    };
    struct blocks *blocks = &extract->blocks;
    value = slice_trim(value);
    if (slice_equal_text(name, "title") && blocks->title.size == 0 && !slice_equal_text(value, "PowerPoint Presentation"))
        blocks->title = arena_line(extract->arena, value); /* what PowerPoint writes when nobody wrote one is none */
    else if (slice_equal_text(name, "language") && blocks->language.size == 0)
        blocks->language = arena_line(extract->arena, value);
    for (size_t i = 0; i < ARRAY_COUNT(properties); i++) {
        if (!slice_equal_text(name, properties[i].name))
            continue;
        if (properties[i].form == LIST)
            add_list(extract, properties[i].key, value);
        else if (properties[i].form == PLAIN || is_date(value))
            extract_head(extract, properties[i].key, value);
        return;
    }
}

void package_properties(struct package *package, const struct relations *relations, struct extract *extract)
{
    const struct relation *core = relation_of_type(relations, "core-properties");
    struct buffer content, value;
    struct xml xml;
    struct error ignored;
    if (core == NULL || !package_has(package, core->target))
        return;
    buffer_init(&value, LIMIT_DOCUMENT_BYTES_MAX);
    if (package_part(package, core->target, &content, &ignored)) {
        xml_init(&xml, buffer_slice(&content), "core properties", NULL, 0);
        while (xml_next(&xml)) {
            if (xml.kind != XML_START || xml.depth != 2)
                continue;
            struct slice name = xml.name; /* in the part */
            bool is_known = xml.space == XML_DC || xml.space == XML_TERMS || xml.space == XML_CORE;
            buffer_clear(&value);
            xml_text_into(&xml, &value);
            if (is_known)
                property_add(extract, name, buffer_slice(&value));
        }
        xml_release(&xml);
    }
    buffer_release(&content);
    buffer_release(&value);
}
