/* test_codec_form.c - forms in any pieces, and those that are none. */
#include "codec/codec.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const char type[] = "multipart/form-data; charset=utf-8; boundary=\"x y\"";
static const char body[] =
    "--x y\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nassistants\r\n"
    "--x y\r\nContent-Type: text/plain\r\ncontent-disposition: form-data; filename=\"a \\\"b\\\".md\"; name=file\r\n\r\n"
    "\r\n--x\r\n-- not the boundary\r\n\r\n--x y\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n\r\n--x y--\r\nbehind";
static const char wanted[] = "[purpose|-]assistants;[file|a \"b\".md]\r\n--x\r\n-- not the boundary\r\n;[|-];";

struct taken {
    struct buffer text;
    bool is_within;
};

static bool take(void *context, const struct http_form_part *part, struct slice data, bool is_last, struct error *error)
{
    struct taken *taken = context;
    (void)error;
    if (!taken->is_within) {
        buffer_format(&taken->text, "[" SLICE_FORMAT "|", SLICE_ARGUMENT(part->name));
        if (part->filename.data != NULL)
            buffer_append_slice(&taken->text, part->filename);
        buffer_append_text(&taken->text, part->filename.data != NULL ? "]" : "-]");
    }
    buffer_append_slice(&taken->text, data);
    buffer_append_text(&taken->text, is_last ? ";" : "");
    taken->is_within = !is_last;
    return true;
}

/* Reads a form in pieces of so many bytes; false: it was refused. */
static bool read_form(const char *content_type, struct slice source, size_t step, struct buffer *text)
{
    struct http_form form;
    struct error error;
    struct taken taken = {0};
    buffer_init(&taken.text, MIB);
    bool ok = http_form_init(&form, slice_from(content_type), &error);
    for (size_t at = 0; ok && at < source.size; at += step)
        ok = http_form_feed(&form, slice_range(source, at, at + step < source.size ? at + step : source.size), take, &taken,
                            &error);
    ok = ok && http_form_finish(&form, &error);
    http_form_release(&form);
    if (text != NULL)
        *text = taken.text;
    else
        buffer_release(&taken.text);
    return ok;
}

static void test_any_pieces(void **state)
{
    (void)state;
    struct slice source = {body, sizeof(body) - 1};
    for (size_t step = 1; step <= source.size; step++) {
        struct buffer text;
        assert_true(read_form(type, source, step, &text));
        assert_string_equal(buffer_text(&text), wanted);
        buffer_release(&text);
    }
}

static void test_every_beginning_is_no_form(void **state)
{
    (void)state;
    size_t whole = (size_t)(strstr(body, "--x y--") - body) + 7;
    for (size_t size = 0; size < whole; size++)
        assert_false(read_form(type, (struct slice){body, size}, 7, NULL));
    assert_true(read_form(type, (struct slice){body, whole}, 7, NULL));
}

static void test_much_data_in_one_part(void **state)
{
    (void)state;
    struct buffer source, text;
    buffer_init(&source, MIB);
    buffer_append_text(&source, "--b\r\nContent-Disposition: form-data; name=\"x\"; filename=\"y\"\r\n\r\n");
    for (size_t i = 0; i < 20000; i++)
        buffer_append_text(&source, "\r\n--\r\n--a");
    buffer_append_text(&source, "\r\n--b--");
    assert_true(read_form("multipart/form-data; boundary=b", buffer_slice(&source), 100000, &text));
    assert_int_equal(text.size, 20000 * 9 + sizeof("[x|y];") - 1);
    buffer_release(&text);
    buffer_release(&source);
}

/* However many parameters a field has, what is kept of it is the ones that are asked for. */
static void test_many_parameters(void **state)
{
    (void)state;
    struct buffer source, type_text;
    struct taken taken = {0};
    struct http_form form;
    struct error error;
    buffer_init(&source, MIB);
    buffer_init(&taken.text, MIB);
    buffer_init(&type_text, MIB);
    for (size_t part = 0; part < 30; part++) {
        buffer_append_text(&source, "--b\r\nContent-Disposition: form-data; name=x");
        for (size_t i = 0; i < 1200; i++)
            buffer_append_text(&source, ";a=");
        buffer_append_text(&source, "\r\n\r\nx\r\n");
    }
    buffer_append_text(&source, "--b--");
    assert_true(http_form_init(&form, SLICE("multipart/form-data; boundary=b"), &error));
    assert_true(http_form_feed(&form, buffer_slice(&source), take, &taken, &error) && http_form_finish(&form, &error));
    assert_true(form.arena.size < 512 * KIB); /* a head is at the most 4 KiB, and two of its texts are kept */
    http_form_release(&form);
    buffer_append_text(&type_text, "multipart/form-data; boundary=b");
    for (size_t i = 0; i < 120; i++)
        buffer_append_text(&type_text, "; a=");
    assert_true(type_text.size < 512 && read_form(buffer_text(&type_text), SLICE("--b--"), 1, NULL));
    buffer_append_text(&type_text, "; and=more");
    assert_true(type_text.size > 512);
    assert_false(read_form(buffer_text(&type_text), SLICE("--b--"), 1, NULL));
    buffer_release(&type_text);
    buffer_release(&taken.text);
    buffer_release(&source);
}

static void test_what_is_refused(void **state)
{
    static const char *const types[] = {"",
                                        "text/plain",
                                        "multipart/form-data",
                                        "multipart/form-data; boundary=",
                                        "multipart/mixed; boundary=b",
                                        "multipart/form-data; boundary=\"b",
                                        "multipart/form-data; boundary=b; boundary=c",
                                        "multipart/form-data; boundary=\"b\"c"};
    static const char *const bodies[] = {
        "\r\n--b\r\n",
        "--c\r\n",
        "--b \r\n",
        "--b\r\n\r\n\r\nx\r\n--b--",
        "--b\r\nno colon\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: attachment; name=\"x\"\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"x\"\r\nContent-Disposition: form-data; name=\"y\"\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"x\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"\x01\"\r\n\r\nx\r\n--b--"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(types); i++)
        assert_false(read_form(types[i], SLICE("--b--"), 1, NULL));
    assert_true(read_form("Multipart/Form-Data;boundary=b", SLICE("--b--"), 1, NULL));
    for (size_t i = 0; i < ARRAY_COUNT(bodies); i++)
        for (size_t step = 1; step < 100; step += 49)
            assert_false(read_form("multipart/form-data; boundary=b", slice_from(bodies[i]), step, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_pieces),
        cmocka_unit_test(test_every_beginning_is_no_form),
        cmocka_unit_test(test_much_data_in_one_part),
        cmocka_unit_test(test_many_parameters),
        cmocka_unit_test(test_what_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
