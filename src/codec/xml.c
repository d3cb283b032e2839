#include "xml.h"
#include "utf8.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    enum xml_space space;
} spaces[] = {
    {"http://www.w3.org/XML/1998/namespace", XML_XML},
    /* Office Open XML, as everybody writes it and as the standard's strict form has it */
    {"http://schemas.openxmlformats.org/wordprocessingml/2006/main", XML_WORD},
    {"http://purl.oclc.org/ooxml/wordprocessingml/main", XML_WORD},
    {"http://schemas.openxmlformats.org/drawingml/2006/main", XML_DRAWING},
    {"http://purl.oclc.org/ooxml/drawingml/main", XML_DRAWING},
    {"http://schemas.openxmlformats.org/presentationml/2006/main", XML_PRESENTATION},
    {"http://purl.oclc.org/ooxml/presentationml/main", XML_PRESENTATION},
    {"http://schemas.openxmlformats.org/spreadsheetml/2006/main", XML_SHEET},
    {"http://purl.oclc.org/ooxml/spreadsheetml/main", XML_SHEET},
    {"http://schemas.openxmlformats.org/drawingml/2006/diagram", XML_DIAGRAM},
    {"http://purl.oclc.org/ooxml/drawingml/diagram", XML_DIAGRAM},
    {"http://schemas.openxmlformats.org/drawingml/2006/chart", XML_CHART},
    {"http://purl.oclc.org/ooxml/drawingml/chart", XML_CHART},
    {"http://schemas.openxmlformats.org/officeDocument/2006/math", XML_MATH},
    {"http://purl.oclc.org/ooxml/officeDocument/math", XML_MATH},
    {"http://schemas.openxmlformats.org/officeDocument/2006/relationships", XML_RELATION},
    {"http://purl.oclc.org/ooxml/officeDocument/relationships", XML_RELATION},
    {"http://schemas.openxmlformats.org/package/2006/relationships", XML_PACKAGE},
    {"http://schemas.openxmlformats.org/package/2006/metadata/core-properties", XML_CORE},
    {"http://schemas.openxmlformats.org/markup-compatibility/2006", XML_COMPATIBILITY},
    {"http://purl.org/dc/elements/1.1/", XML_DC},
    {"http://purl.org/dc/terms/", XML_TERMS},
    /* OpenDocument */
    {"urn:oasis:names:tc:opendocument:xmlns:office:1.0", XML_ODF_OFFICE},
    {"urn:oasis:names:tc:opendocument:xmlns:text:1.0", XML_ODF_TEXT},
    {"urn:oasis:names:tc:opendocument:xmlns:table:1.0", XML_ODF_TABLE},
    {"urn:oasis:names:tc:opendocument:xmlns:drawing:1.0", XML_ODF_DRAW},
    {"urn:oasis:names:tc:opendocument:xmlns:presentation:1.0", XML_ODF_PRESENTATION},
    {"urn:oasis:names:tc:opendocument:xmlns:style:1.0", XML_ODF_STYLE},
    {"urn:oasis:names:tc:opendocument:xmlns:meta:1.0", XML_ODF_META},
    {"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0", XML_ODF_MANIFEST},
    {"urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0", XML_ODF_SVG},
    {"urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0", XML_ODF_FORMAT},
    /* books */
    {"urn:oasis:names:tc:opendocument:xmlns:container", XML_CONTAINER},
    {"http://www.idpf.org/2007/opf", XML_OPF},
    {"http://www.w3.org/2001/04/xmlenc#", XML_ENCRYPTION},
};

static bool fail(struct xml *xml, enum error_kind kind, const char *what)
{
    if (!xml->has_failed)
        error_set(&xml->failure, kind, "\"%s\" %s at byte %zu", xml->part, what, xml->at);
    xml->has_failed = true;
    return false;
}

static bool malformed(struct xml *xml, const char *what)
{
    if (!xml->has_failed)
        error_set(&xml->failure, ERROR_CORRUPT, "\"%s\" is damaged at byte %zu: %s", xml->part, xml->at, what);
    xml->has_failed = true;
    return false;
}

/* ---- words ---- */

static unsigned slot_of(struct slice name)
{
    unsigned first = (unsigned char)name.data[0], last = (unsigned char)name.data[name.size - 1],
             middle = (unsigned char)name.data[name.size / 2];
    return ((unsigned)name.size * 37 + first * 5 + middle * 17 + last * 113) % XML_SLOTS;
}

static void learn_words(struct xml *xml, const struct xml_word *words, size_t count)
{
    assert(count <= XML_WORDS_MAX);
    xml->words = words;
    for (size_t i = 0; i < count; i++) {
        unsigned slot = slot_of(slice_from(words[i].name));
        while (xml->slots[slot] != 0)
            slot = (slot + 1) % XML_SLOTS;
        xml->slots[slot] = (uint8_t)(i + 1);
    }
}

static int code_of(const struct xml *xml, enum xml_space space, struct slice name)
{
    for (unsigned slot = slot_of(name); xml->slots[slot] != 0; slot = (slot + 1) % XML_SLOTS) {
        const struct xml_word *word = &xml->words[xml->slots[slot] - 1];
        if (word->space == space && slice_equal(slice_from(word->name), name))
            return word->code;
    }
    return 0;
}

/* ---- the source ---- */

static void convert(struct xml *xml, struct slice source, bool is_little)
{
    const unsigned char *bytes = (const unsigned char *)source.data;
    char character[UTF8_BYTES_MAX];
    buffer_init(&xml->converted, 2 * source.size + 1); /* two bytes become at most three */
    for (size_t at = 0; at + 1 < source.size; at += 2) {
        uint32_t unit = is_little ? (uint32_t)(bytes[at] | bytes[at + 1] << 8) : (uint32_t)(bytes[at] << 8 | bytes[at + 1]);
        if (unit >= 0xD800 && unit < 0xDC00 && at + 3 < source.size) {
            uint32_t low = is_little ? (uint32_t)(bytes[at + 2] | bytes[at + 3] << 8)
                                     : (uint32_t)(bytes[at + 2] << 8 | bytes[at + 3]);
            if (low >= 0xDC00 && low < 0xE000) {
                unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                at += 2;
            }
        }
        if (unit >= 0xD800 && unit < 0xE000)
            unit = 0xFFFD;
        buffer_append(&xml->converted, character, utf8_encode(unit, character));
    }
    xml->source = buffer_slice(&xml->converted);
}

static bool equal_in_any_case(struct slice text, const char *lower)
{
    if (text.size != strlen(lower))
        return false;
    for (size_t i = 0; i < text.size; i++)
        if ((text.data[i] >= 'A' && text.data[i] <= 'Z' ? text.data[i] | 0x20 : text.data[i]) != lower[i])
            return false;
    return true;
}

/* What the declaration says of the encoding, which for bytes must be UTF-8 or a part of it. */
static void check_declaration(struct xml *xml)
{
    size_t end, quote;
    if (!slice_starts_with(xml->source, SLICE("<?xml")) || !slice_find(xml->source, '>', &end))
        return;
    struct slice line = slice_range(xml->source, 0, end);
    const char *found = memmem(line.data, line.size, "encoding", 8);
    if (found == NULL || xml->converted.size > 0)
        return;
    struct slice rest = slice_range(line, (size_t)(found - line.data) + 8, line.size);
    while (rest.size > 0 && rest.data[0] != '"' && rest.data[0] != '\'')
        rest = slice_range(rest, 1, rest.size);
    if (rest.size == 0 || !slice_find(slice_range(rest, 1, rest.size), rest.data[0], &quote))
        return;
    struct slice encoding = slice_range(rest, 1, 1 + quote);
    if (equal_in_any_case(encoding, "utf-8") || equal_in_any_case(encoding, "utf8") ||
        equal_in_any_case(encoding, "us-ascii") || equal_in_any_case(encoding, "ascii"))
        return;
    char shown[UTF8_SHOWN_BYTES];
    error_set(&xml->failure, ERROR_INVALID, "\"%s\" is in the encoding \"%s\", expected UTF-8 or UTF-16", xml->part,
              utf8_shown(encoding, shown));
    xml->has_failed = true;
}

void xml_init(struct xml *xml, struct slice source, const char *part, const struct xml_word *words, size_t count)
{
    *xml = (struct xml){.part = part};
    buffer_init(&xml->converted, 1);
    buffer_init(&xml->decoded, 2 * source.size + 64);
    learn_words(xml, words, count);
    xml->source = slice_without_mark(source);
    if (slice_starts_with(source, SLICE("\xFF\xFE")) || slice_starts_with(source, SLICE("\xFE\xFF")))
        convert(xml, slice_range(source, 2, source.size), source.data[0] == '\xFF');
    else if (slice_starts_with(source, SLICE("<\0")) || slice_starts_with(source, SLICE("\0<")))
        convert(xml, source, source.data[0] == '<');
    check_declaration(xml);
}

void xml_release(struct xml *xml)
{
    buffer_release(&xml->converted);
    buffer_release(&xml->decoded);
}

/* ---- references ---- */

static uint32_t number_of(struct slice digits)
{
    bool is_hex = digits.size > 0 && digits.data[0] == 'x';
    uint32_t value = 0, base = is_hex ? 16 : 10;
    for (size_t i = is_hex; i < digits.size && value <= 0x10FFFF; i++) {
        char c = digits.data[i];
        uint32_t digit = c >= '0' && c <= '9'                     ? (uint32_t)(c - '0')
                         : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (uint32_t)((c | 0x20) - 'a' + 10)
                                                                  : 99;
        if (digit >= base)
            return 0;
        value = value * base + digit;
    }
    return value > 0x10FFFF || (value >= 0xD800 && value < 0xE000) ? 0 : value;
}

/* Between & and ;. */
static bool append_reference(struct xml *xml, struct slice name)
{
    static const struct {
        const char *name;
        char character;
    } entities[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    char character[UTF8_BYTES_MAX];
    for (size_t i = 0; i < ARRAY_COUNT(entities); i++)
        if (slice_equal_text(name, entities[i].name)) {
            buffer_append_byte(&xml->decoded, entities[i].character);
            return true;
        }
    uint32_t number = name.size > 1 && name.data[0] == '#' ? number_of(slice_range(name, 1, name.size)) : 0;
    if (number == 0)
        return malformed(xml, "it uses an entity that is not one of XML's five");
    buffer_append(&xml->decoded, character, utf8_encode(number, character));
    return true;
}

/* The text without references: itself, where it holds none, else behind what is in `decoded` already. */
static struct slice decode(struct xml *xml, struct slice text)
{
    enum { REFERENCE_BYTES_MAX = 12 };
    size_t start = xml->decoded.size, amp, end;
    if (!slice_find(text, '&', &amp))
        return text;
    while (slice_find(text, '&', &amp)) {
        buffer_append_slice(&xml->decoded, slice_range(text, 0, amp));
        text = slice_range(text, amp + 1, text.size);
        if (!slice_find(slice_range(text, 0, text.size < REFERENCE_BYTES_MAX ? text.size : REFERENCE_BYTES_MAX), ';', &end)) {
            malformed(xml, "it has an & without its ;");
            return SLICE("");
        }
        if (!append_reference(xml, slice_range(text, 0, end)))
            return SLICE("");
        text = slice_range(text, end + 1, text.size);
    }
    buffer_append_slice(&xml->decoded, text);
    return slice_range(buffer_slice(&xml->decoded), start, xml->decoded.size);
}

/* ---- names and namespaces ---- */

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static void skip_space(struct xml *xml)
{
    while (xml->at < xml->source.size && is_space(xml->source.data[xml->at]))
        xml->at++;
}

static struct slice take_name(struct xml *xml)
{
    static const bool ends_name[256] = {['\t'] = true, ['\n'] = true, ['\r'] = true, [' '] = true, ['/'] = true,
                                        ['>'] = true,  ['='] = true,  ['<'] = true,  ['"'] = true, ['\''] = true};
    const struct slice *source = &xml->source;
    size_t start = xml->at, at = start;
    while (at < source->size && !ends_name[(unsigned char)source->data[at]])
        at++;
    xml->at = at;
    return slice_range(*source, start, at);
}

/* "w:p" into "w" and "p"; without a colon the prefix is empty. */
static void split_name(struct slice name, struct slice *prefix, struct slice *local)
{
    size_t colon;
    bool has_prefix = slice_find(name, ':', &colon) && colon + 1 < name.size;
    *prefix = slice_range(name, 0, has_prefix ? colon : 0);
    *local = slice_range(name, has_prefix ? colon + 1 : 0, name.size);
}

static enum xml_space look_up(const struct xml *xml, struct slice prefix)
{
    for (size_t i = xml->binding_count; i > 0; i--)
        if (slice_equal(xml->bindings[i - 1].prefix, prefix))
            return xml->bindings[i - 1].space;
    if (slice_equal_text(prefix, "xml"))
        return XML_XML;
    return prefix.size == 0 ? XML_NONE : XML_OTHER;
}

/* Most elements have the prefix of the one before, and Word declares thirty. */
static enum xml_space resolve(struct xml *xml, struct slice prefix)
{
    if (!xml->has_last || !slice_equal(xml->last_prefix, prefix)) {
        xml->last_space = look_up(xml, prefix);
        xml->last_prefix = prefix;
        xml->has_last = true;
    }
    return xml->last_space;
}

static enum xml_space space_named(struct slice name)
{
    name = slice_trim(name);
    for (size_t i = 0; i < ARRAY_COUNT(spaces); i++)
        if (slice_equal_text(name, spaces[i].name))
            return spaces[i].space;
    return name.size == 0 ? XML_NONE : XML_OTHER;
}

/* xmlns="…" and xmlns:prefix="…" */
static bool bind(struct xml *xml, struct slice name, struct slice value)
{
    struct slice prefix = name.size == 5 ? slice_range(name, 5, 5) : slice_range(name, 6, name.size);
    if (xml->binding_count == LIMIT_XML_ATTRIBUTES)
        return fail(xml, ERROR_LIMIT, "declares too many prefixes");
    xml->has_last = false;
    xml->bindings[xml->binding_count].prefix = prefix;
    xml->bindings[xml->binding_count++].space = space_named(decode(xml, value));
    return !xml->has_failed;
}

/* ---- tags ---- */

static bool read_attribute(struct xml *xml)
{
    const struct slice *source = &xml->source;
    struct slice name = take_name(xml);
    size_t size;
    skip_space(xml);
    if (name.size == 0 || xml->at >= source->size || source->data[xml->at] != '=')
        return malformed(xml, "an attribute has no value");
    xml->at++;
    skip_space(xml);
    char quote = xml->at < source->size ? source->data[xml->at] : '\0';
    if ((quote != '"' && quote != '\'') || !slice_find(slice_range(*source, xml->at + 1, source->size), quote, &size))
        return malformed(xml, "an attribute's value is not in quotes");
    struct slice value = slice_range(*source, xml->at + 1, xml->at + 1 + size);
    xml->at += size + 2;
    if (slice_equal_text(name, "xmlns") || slice_starts_with(name, SLICE("xmlns:")))
        return bind(xml, name, value);
    if (xml->attribute_count == LIMIT_XML_ATTRIBUTES)
        return fail(xml, ERROR_LIMIT, "has an element with too many attributes");
    struct xml_attribute *attribute = &xml->attributes[xml->attribute_count++];
    *attribute = (struct xml_attribute){.name = name, .value = value};
    return true;
}

static void set_element(struct xml *xml, enum xml_kind kind)
{
    const struct xml_open *open = &xml->open[xml->depth - 1];
    struct slice prefix;
    xml->kind = kind;
    xml->space = open->space;
    xml->code = open->code;
    split_name(open->name, &prefix, &xml->name);
}

/* Behind "<". */
static bool read_start(struct xml *xml)
{
    const struct slice *source = &xml->source;
    struct slice name = take_name(xml), prefix, local;
    if (name.size == 0)
        return malformed(xml, "a tag has no name");
    if (xml->depth == 0 && xml->has_root)
        return malformed(xml, "something stands behind its end");
    if (xml->depth == LIMIT_XML_DEPTH)
        return fail(xml, ERROR_LIMIT, "has too many elements within each other");
    size_t start = xml->at - name.size;
    struct xml_open *open = &xml->open[xml->depth];
    *open = (struct xml_open){.name = name, .bindings = xml->binding_count};
    xml->attribute_count = 0;
    for (;;) {
        skip_space(xml);
        if (xml->at >= source->size)
            return malformed(xml, "it ends in a tag");
        char c = source->data[xml->at];
        if (c == '>' || c == '/')
            break;
        if (!read_attribute(xml))
            return false;
    }
    xml->is_empty_element = source->data[xml->at] == '/';
    xml->at += xml->is_empty_element;
    if (xml->at >= source->size || source->data[xml->at] != '>')
        return malformed(xml, "a tag does not end with >");
    xml->at++;
    xml->tag_size = xml->at - start;
    buffer_clear(&xml->decoded);
    split_name(name, &prefix, &local);
    open->space = resolve(xml, prefix);
    open->code = code_of(xml, open->space, local);
    xml->depth++;
    xml->has_root = true;
    set_element(xml, XML_START);
    return true;
}

/* Behind "</". */
static bool read_end(struct xml *xml)
{
    struct slice name = take_name(xml);
    skip_space(xml);
    if (xml->at >= xml->source.size || xml->source.data[xml->at] != '>')
        return malformed(xml, "a tag does not end with >");
    if (xml->depth == 0 || !slice_equal(name, xml->open[xml->depth - 1].name))
        return malformed(xml, "an element is closed that is not open");
    xml->at++;
    set_element(xml, XML_END);
    xml->has_ended = true;
    return true;
}

/* Passes over what goes up to `end`. */
static bool skip_to(struct xml *xml, const char *end)
{
    struct slice rest = slice_range(xml->source, xml->at, xml->source.size);
    const char *found = memmem(rest.data, rest.size, end, strlen(end));
    if (found == NULL)
        return malformed(xml, "it ends in a comment or an instruction");
    xml->at += (size_t)(found - rest.data) + strlen(end);
    return true;
}

static bool read_characters(struct xml *xml)
{
    struct slice rest = slice_range(xml->source, xml->at, xml->source.size);
    size_t size;
    if (!slice_find(rest, '<', &size))
        size = rest.size;
    struct slice text = slice_range(rest, 0, size);
    xml->text = decode(xml, text);
    if (xml->depth == 0 && slice_trim(text).size > 0)
        return malformed(xml, "text stands outside of its elements");
    xml->at += size;
    xml->kind = XML_TEXT;
    return !xml->has_failed;
}

static bool read_section(struct xml *xml)
{
    size_t start = xml->at + 9;
    xml->at = start;
    if (xml->depth == 0 || !skip_to(xml, "]]>"))
        return malformed(xml, "text stands outside of its elements");
    xml->text = slice_range(xml->source, start, xml->at - 3);
    xml->kind = XML_TEXT;
    return true;
}

/* What the element before left behind. */
static void close_element(struct xml *xml)
{
    xml->depth--;
    if (xml->binding_count != xml->open[xml->depth].bindings)
        xml->has_last = false;
    xml->binding_count = xml->open[xml->depth].bindings;
    xml->has_ended = false;
}

/* What begins with "<!" or "<?" and is no tag; `*is_token` when it is text. */
static bool read_markup(struct xml *xml, bool *is_token)
{
    struct slice rest = slice_range(xml->source, xml->at, xml->source.size);
    *is_token = slice_starts_with(rest, SLICE("<![CDATA["));
    if (*is_token)
        return read_section(xml);
    if (rest.data[1] == '?')
        return skip_to(xml, "?>");
    if (slice_starts_with(rest, SLICE("<!--")))
        return skip_to(xml, "-->");
    return fail(xml, ERROR_INVALID, "declares a document type (DOCTYPE), which is refused,");
}

bool xml_next(struct xml *xml)
{
    const struct slice *source = &xml->source;
    bool is_token = false;
    buffer_clear(&xml->decoded);
    if (xml->has_ended)
        close_element(xml);
    if (xml->has_failed)
        return false;
    if (xml->is_empty_element) {
        xml->is_empty_element = false;
        set_element(xml, XML_END);
        xml->has_ended = true;
        return true;
    }
    while (xml->at < source->size) {
        char next = xml->at + 1 < source->size ? source->data[xml->at + 1] : '\0';
        if (source->data[xml->at] != '<') {
            if (!read_characters(xml))
                return false;
            is_token = xml->depth > 0;
        } else if (next == '/') {
            xml->at += 2;
            return read_end(xml);
        } else if (next != '!' && next != '?') {
            xml->at++;
            return read_start(xml);
        } else if (!read_markup(xml, &is_token))
            return false;
        if (is_token)
            return true;
    }
    return (xml->depth == 0 && xml->has_root) ? false : malformed(xml, "it ends early");
}

bool xml_finish(const struct xml *xml, struct error *error)
{
    if (!xml->has_failed)
        return true;
    *error = xml->failure;
    return false;
}

/* Once for each: room for all of the tag is there before, so values that were handed out stay where they are. */
static void decode_attribute(struct xml *xml, size_t i)
{
    size_t amp;
    if (xml->attributes[i].is_decoded || !slice_find(xml->attributes[i].value, '&', &amp))
        return;
    if (xml->decoded.size == 0 && buffer_reserve(&xml->decoded, xml->tag_size) == NULL)
        return;
    xml->attributes[i].value = decode(xml, xml->attributes[i].value);
    xml->attributes[i].is_decoded = true;
}

struct slice xml_get(struct xml *xml, enum xml_space space, const char *name)
{
    size_t size = strlen(name);
    for (size_t i = 0; i < xml->attribute_count; i++) {
        struct slice written = xml->attributes[i].name, prefix, local;
        if (written.size < size || memcmp(written.data + written.size - size, name, size) != 0)
            continue;
        split_name(written, &prefix, &local);
        if (local.size == size && (prefix.size == 0 ? XML_NONE : resolve(xml, prefix)) == space) {
            decode_attribute(xml, i);
            return xml->attributes[i].value;
        }
    }
    return (struct slice){NULL, 0};
}

bool xml_is_true(struct xml *xml, const char *name)
{
    struct slice value = xml_get(xml, XML_NONE, name);
    return slice_equal_text(value, "1") || slice_equal_text(value, "true");
}

void xml_skip(struct xml *xml)
{
    size_t depth = xml->depth;
    while (xml_next(xml) && !(xml->kind == XML_END && xml->depth == depth))
        ;
}

void xml_text_into(struct xml *xml, struct buffer *out)
{
    size_t depth = xml->depth;
    while (xml_next(xml) && !(xml->kind == XML_END && xml->depth == depth))
        if (xml->kind == XML_TEXT)
            buffer_append_slice(out, xml->text);
}
