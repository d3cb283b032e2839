/* fuzz_encoding.c - any bytes: the encoding found, all of it as UTF-8 whatever it is called. */
#include "check_blocks.h"
#include "codec/codec.h"
#include "text/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text_in(struct slice source, const char *name)
{
    struct buffer text;
    struct error error = {0};
    size_t bad_at;
    buffer_init(&text, 3 * source.size + 1);
    REQUIRE(encoding_to_utf8(source, name, &text, &error));
    REQUIRE(text_is_utf8(buffer_slice(&text), &bad_at));
    buffer_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"utf-8",     "utf-16le",     "utf-16be",    "utf-32le", "utf-32be",
                                        "shift_jis", "euc-jp",       "iso-2022-jp", "gb18030",  "big5",
                                        "euc-kr",    "windows-1255", "macintosh",   "koi8-u"};
    if (size < 1)
        return 0;
    struct slice source = {(const char *)data + 1, size - 1};
    const char *found = NULL, *again = NULL, *named = names[data[0] % ARRAY_COUNT(names)];
    if (encoding_detect(source, html_encoding(source), &found))
        check_text_in(source, found);
    if (encoding_detect(source, slice_from(named), &again))
        check_text_in(source, again);
    check_text_in(source, named);
    return 0;
}
