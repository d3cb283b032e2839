/* fuzz_mail.c - any bytes as a mail, and as a folder of mails. */
#include "check_blocks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool check_part(void *context, const struct mail_part *part, struct error *error)
{
    (void)error;
    REQUIRE(part->bytes.size <= *(const size_t *)context);
    return true;
}

static bool read_message(void *context, size_t number, struct slice message, struct error *error)
{
    (void)number;
    REQUIRE(message.size <= *(const size_t *)context);
    struct settings settings = {.unit = UNIT_AUTO, .passage_tokens = 64, .passage_overlap = 8};
    struct arena arena;
    struct extract extract;
    arena_init(&arena);
    extract_init(&extract, &arena, 16 * message.size + MIB);
    if (mail_read(message, &extract, error) && extract_finish(&extract, error)) {
        struct slice text = buffer_slice(&extract.text);
        check_blocks(text, &extract.blocks);
        check_cut(text, &extract.blocks, &settings, &arena);
    }
    bool went_on = mail_each_part(message, &arena, check_part, &message.size, error);
    REQUIRE(went_on); /* the visitor never ends it */
    extract_release(&extract);
    arena_release(&arena);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error error = {0};
    struct slice source = {(const char *)data, size};
    REQUIRE(mbox_each(source, read_message, &size, &error));
    return 0;
}
