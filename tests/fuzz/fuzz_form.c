/* fuzz_form.c - any bytes as multipart/form-data: the same parts in whatever pieces they come, or refused either way. */
#include "codec/codec.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct shown {
    struct buffer text;
    bool is_within;
};

static bool show(void *context, const struct http_form_part *part, struct slice data, bool is_last, struct error *error)
{
    struct shown *shown = context;
    (void)error;
    if (!shown->is_within) {
        buffer_append_slice(&shown->text, part->name);
        buffer_append_byte(&shown->text, '|');
        buffer_append_slice(&shown->text, part->filename);
    }
    buffer_append_slice(&shown->text, data);
    buffer_append_text(&shown->text, is_last ? "\n" : "");
    shown->is_within = !is_last;
    return true;
}

static bool feed(struct slice source, size_t step, struct buffer *text)
{
    struct http_form form;
    struct error error;
    struct shown shown = {0};
    buffer_init(&shown.text, 16 * MIB);
    bool ok = http_form_init(&form, SLICE("multipart/form-data; boundary=b"), &error);
    for (size_t at = 0; ok && at < source.size; at += step)
        ok = http_form_feed(&form, slice_range(source, at, source.size - at < step ? source.size : at + step), show, &shown,
                            &error);
    ok = ok && http_form_finish(&form, &error);
    http_form_release(&form);
    *text = shown.text;
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice source = {(const char *)data, size};
    struct buffer whole, pieces;
    bool ok = feed(source, size > 0 ? size : 1, &whole);
    size_t step = size % 7 + 1;
    if (feed(source, step, &pieces) != ok || (ok && !slice_equal(buffer_slice(&whole), buffer_slice(&pieces))))
        abort();
    buffer_release(&whole);
    buffer_release(&pieces);
    /* the Content-Type too comes from anybody */
    struct http_form form;
    struct error error;
    (void)!http_form_init(&form, source, &error);
    http_form_release(&form);
    return 0;
}
