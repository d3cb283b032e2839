/* fuzz_xml.c - any bytes as XML: tags that nest, text and values within bounds, or a reason. */
#include "codec/xml.h"
#include <stdlib.h>

#define REQUIRE(condition)                                                                                                     \
    do {                                                                                                                       \
        if (!(condition))                                                                                                      \
            abort();                                                                                                           \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile size_t sum; /* so that every byte is looked at */

static size_t sum_of(struct slice text)
{
    size_t all = 0;
    for (size_t i = 0; i < text.size; i++)
        all += (unsigned char)text.data[i];
    return all;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct xml_word words[] = {{XML_WORD, "p", 1}, {XML_WORD, "t", 2}, {XML_ODF_TEXT, "p", 3}, {XML_NONE, "a", 4}};
    static struct xml xml;
    struct error error = {0};
    size_t depth = 0, text_bytes = 0;
    xml_init(&xml, (struct slice){(const char *)data, size}, "part", words, ARRAY_COUNT(words));
    while (xml_next(&xml)) {
        REQUIRE(xml.kind == XML_TEXT || (xml.depth > 0 && xml.name.size > 0 && xml.code >= 0 && xml.code <= 4));
        REQUIRE(xml.kind != XML_START || xml.depth == ++depth);
        REQUIRE(xml.kind != XML_END || xml.depth == depth--);
        if (xml.kind == XML_TEXT) {
            text_bytes += xml.text.size;
            sum = sum + sum_of(xml.text);
        } else if (xml.kind == XML_START) {
            struct slice a = xml_get(&xml, XML_NONE, "a"), b = xml_get(&xml, XML_WORD, "val");
            sum = sum + sum_of(a) + sum_of(b) + sum_of(xml_get(&xml, XML_NONE, "a"));
        }
    }
    REQUIRE(xml_finish(&xml, &error) ? depth == 0 : error.message[0] != '\0');
    REQUIRE(text_bytes <= 2 * size + 1);
    xml_release(&xml);
    return 0;
}
