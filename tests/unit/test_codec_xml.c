/* test_codec_xml.c - XML into tags and text: what is right, and that nothing can be declared, nested or grown without end. */
#include "compare.h"
#include "codec/xml.h"
#include <stdlib.h>
#include <string.h>

enum { WORD_P = 1, WORD_R, ODF_P };

static const struct xml_word words[] = {{XML_WORD, "p", WORD_P}, {XML_WORD, "r", WORD_R}, {XML_ODF_TEXT, "p", ODF_P}};

/* "(1:p a=…" for a start, ")1:p" for an end, "[text]"; then the error, if any. */
static void show(struct slice source, struct buffer *shown)
{
    struct xml *xml = memory_alloc(1, sizeof(*xml));
    struct error error = {0};
    char *exact = memory_alloc(source.size + 1, 1);
    memcpy(exact, source.data, source.size);
    buffer_clear(shown);
    xml_init(xml, (struct slice){exact, source.size}, "part.xml", words, ARRAY_COUNT(words));
    while (xml_next(xml)) {
        if (xml->kind == XML_TEXT) {
            buffer_format(shown, "[" SLICE_FORMAT "]", SLICE_ARGUMENT(xml->text));
            continue;
        }
        buffer_format(shown, "%s%d:" SLICE_FORMAT, xml->kind == XML_START ? "(" : ")", xml->code, SLICE_ARGUMENT(xml->name));
        struct slice plain = xml->kind == XML_START ? xml_get(xml, XML_NONE, "a") : (struct slice){NULL, 0};
        struct slice spaced = xml->kind == XML_START ? xml_get(xml, XML_WORD, "a") : (struct slice){NULL, 0};
        if (plain.data != NULL)
            buffer_format(shown, " a=" SLICE_FORMAT, SLICE_ARGUMENT(plain));
        if (spaced.data != NULL)
            buffer_format(shown, " w:a=" SLICE_FORMAT, SLICE_ARGUMENT(spaced));
    }
    if (!xml_finish(xml, &error))
        buffer_format(shown, "!%s: %s", error_kind_name(error.kind), error.message);
    xml_release(xml);
    free(xml);
    free(exact);
}

static void expect_shown(struct slice source, const char *wanted)
{
    struct buffer shown;
    buffer_init(&shown, MIB);
    show(source, &shown);
    compare_text("tokens", buffer_slice(&shown), wanted);
    buffer_release(&shown);
}

#define TRANSITIONAL "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
#define STRICT "http://purl.oclc.org/ooxml/wordprocessingml/main"

static void tags_and_text(void **state)
{
    (void)state;
    expect_shown(SLICE("<?xml version='1.0' encoding=\"UTF-8\"?><!-- c -->\n<x><y/>a<![CDATA[<b>&]]><!-- < -->c</x >\n<?end?>"),
                 "(0:x(0:y)0:y[a][<b>&][c])0:x");
    expect_shown(SLICE("<x>&lt;&amp;amp;&#65;&#x20AC;&quot;&apos;&gt;</x>"), "(0:x[<&amp;A\xE2\x82\xAC\"'>])0:x");
    expect_shown(SLICE("\xEF\xBB\xBF<x a = '1&amp;\"' b=\"&lt;\"\n/>"), "(0:x a=1&\")0:x");
}

static void prefixes_are_resolved(void **state)
{
    (void)state;
    expect_shown(SLICE("<w:p xmlns:w='" TRANSITIONAL "' w:a='1' a='2'><w:r/></w:p>"), "(1:p a=2 w:a=1(2:r)2:r)1:p");
    expect_shown(SLICE("<p xmlns='" STRICT "'><q:r xmlns:q='" TRANSITIONAL "'/><q:r/></p>"), "(1:p(2:r)2:r(0:r)0:r)1:p");
    expect_shown(SLICE("<w:p xmlns:w='" STRICT "'><w:p xmlns:w='urn:oasis:names:tc:opendocument:xmlns:text:1.0'><w:r/></w:p>"
                       "<w:r/><p xmlns='urn:other'/></w:p>"),
                 "(1:p(3:p(0:r)0:r)3:p(2:r)2:r(0:p)0:p)1:p");
    expect_shown(SLICE("<w:p xmlns:w='urn:other' w:a='1'/>"), "(0:p)0:p");
}

static void utf16_is_read(void **state)
{
    (void)state;
    expect_shown((struct slice){"\xFF\xFE<\0x\0>\0\xAC\x20=\xD8\x0A\xDE\x3D\xD8<\0/\0x\0>\0", 24},
                 "(0:x[\xE2\x82\xAC\xF0\x9F\x98\x8A\xEF\xBF\xBD])0:x");
    expect_shown((struct slice){"\xFE\xFF\0<\0x\0/\0>", 10}, "(0:x)0:x");
    expect_shown((struct slice){"<\0x\0/\0>\0", 8}, "(0:x)0:x");
    expect_shown(SLICE("<?xml version=\"1.0\" encoding='ISO-8859-1'?><x/>"),
                 "!invalid: \"part.xml\" is in the encoding \"ISO-8859-1\", expected UTF-8 or UTF-16");
}

static void document_types_are_refused(void **state)
{
    (void)state;
    static const char refusal[] = "!invalid: \"part.xml\" declares a document type (DOCTYPE), which is refused, at byte 0";
    expect_shown(SLICE("<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]><x>&c;</x>"),
                 refusal);
    expect_shown(SLICE("<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>"), refusal);
    expect_shown(SLICE("<!DOCTYPE x><x/>"), refusal);
    expect_shown(SLICE("<x>&a;</x>"),
                 "(0:x!corrupt: \"part.xml\" is damaged at byte 3: it uses an entity that is not one of XML's five");
}

static void damage_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *source, *wanted;
    } cases[] = {
        {"", "it ends early"},
        {"text", "text stands outside"},
        {"<x>", "it ends early"},
        {"<x></y>", "closed that is not open"},
        {"</x>", "closed that is not open"},
        {"<x/><y/>", "something stands behind its end"},
        {"<x/>y", "text stands outside"},
        {"<x a></x>", "has no value"},
        {"<x a=1></x>", "not in quotes"},
        {"<x a='1></x>", "not in quotes"},
        {"<x a='1'", "ends in a tag"},
        {"<x/", "does not end with >"},
        {"<x><!-- ", "ends in a comment"},
        {"<x><![CDATA[a]]", "is damaged"},
        {"<x>a & b</x>", "without its ;"},
        {"<x>&#0;</x>", "not one of XML's five"},
        {"<x>&#xD800;</x>", "not one of XML's five"},
        {"<x>&#x110000;</x>", "not one of XML's five"},
        {"<x>&#99999999;</x>", "not one of XML's five"},
        {"<>", "no name"},
    };
    struct buffer shown;
    buffer_init(&shown, MIB);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        show(slice_from(cases[i].source), &shown);
        if (strstr(buffer_text(&shown), cases[i].wanted) == NULL || strstr(buffer_text(&shown), "!corrupt") == NULL)
            fail_msg("%s: %s, expected %s", cases[i].source, buffer_text(&shown), cases[i].wanted);
    }
    buffer_release(&shown);
}

static void depth_and_attributes_are_bounded(void **state)
{
    (void)state;
    struct buffer source, shown;
    buffer_init(&source, MIB);
    buffer_init(&shown, MIB);
    for (size_t i = 0; i < 100000; i++)
        buffer_append_text(&source, "<x>");
    show(buffer_slice(&source), &shown);
    assert_non_null(strstr(buffer_text(&shown), "!limit: \"part.xml\" has too many elements within each other"));
    buffer_clear(&source);
    buffer_append_text(&source, "<x");
    for (size_t i = 0; i <= LIMIT_XML_ATTRIBUTES; i++)
        buffer_format(&source, " a%zu=''", i);
    buffer_append_text(&source, "/>");
    show(buffer_slice(&source), &shown);
    assert_non_null(strstr(buffer_text(&shown), "too many attributes"));
    buffer_clear(&source);
    buffer_append_text(&source, "<x");
    for (size_t i = 0; i <= LIMIT_XML_ATTRIBUTES; i++)
        buffer_format(&source, " xmlns:a%zu='b'", i);
    buffer_append_text(&source, "/>");
    show(buffer_slice(&source), &shown);
    assert_non_null(strstr(buffer_text(&shown), "too many prefixes"));
    buffer_release(&source);
    buffer_release(&shown);
}

static void parts_are_skipped_and_gathered(void **state)
{
    (void)state;
    struct xml xml;
    struct buffer out;
    struct error error = {0};
    buffer_init(&out, 100);
    xml_init(&xml, SLICE("<x><y>no<y/></y><z>a<b>&amp;</b>c</z>d</x>"), "part.xml", words, ARRAY_COUNT(words));
    while (xml_next(&xml)) {
        if (xml.kind == XML_START && slice_equal_text(xml.name, "y"))
            xml_skip(&xml);
        else if (xml.kind == XML_START && slice_equal_text(xml.name, "z"))
            xml_text_into(&xml, &out);
        else if (xml.kind == XML_TEXT)
            buffer_append_slice(&out, xml.text);
    }
    expect_ok(xml_finish(&xml, &error), &error);
    compare_text("text", buffer_slice(&out), "a&cd");
    xml_release(&xml);
    buffer_release(&out);
}

/* Values stay good while others are decoded. */
static void values_live_until_the_next_token(void **state)
{
    (void)state;
    struct buffer source;
    struct xml xml;
    struct error error = {0};
    buffer_init(&source, MIB);
    buffer_append_text(&source, "<x a='&lt;1' b='");
    for (size_t i = 0; i < 5000; i++)
        buffer_append_text(&source, "&amp;");
    buffer_append_text(&source, "'/>");
    xml_init(&xml, buffer_slice(&source), "part.xml", words, ARRAY_COUNT(words));
    assert_true(xml_next(&xml));
    struct slice a = xml_get(&xml, XML_NONE, "a"), b = xml_get(&xml, XML_NONE, "b"), again = xml_get(&xml, XML_NONE, "a");
    compare_text("a", a, "<1");
    assert_ptr_equal(a.data, again.data);
    assert_int_equal(b.size, 5000);
    while (xml_next(&xml))
        ;
    expect_ok(xml_finish(&xml, &error), &error);
    xml_release(&xml);
    buffer_release(&source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_and_text),
        cmocka_unit_test(prefixes_are_resolved),
        cmocka_unit_test(utf16_is_read),
        cmocka_unit_test(document_types_are_refused),
        cmocka_unit_test(damage_is_told),
        cmocka_unit_test(depth_and_attributes_are_bounded),
        cmocka_unit_test(parts_are_skipped_and_gathered),
        cmocka_unit_test(values_live_until_the_next_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
