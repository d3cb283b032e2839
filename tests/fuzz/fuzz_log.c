/* fuzz_log.c - any bytes as a line of the audit log, with its hash made right too, as its head, as a list of heads, and as something sealed. */
#include "ledger/log_parts.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_line(struct slice source)
{
    struct arena arena;
    struct line line;
    struct ledger_end end = {0};
    const char *why = NULL;
    arena_init(&arena);
    if (line_read(source, &arena, &line, &why)) {
        struct tree_hash hash = tree_leaf(line.document);
        if (line.number == 0 || !tree_hash_equal(&hash, &line.hash))
            abort();
        end.tree.size = line.number == 1 ? 0 : 1;
        if (end_take(&end, &line, source.size + 1, &why) && (line.number != end.tree.size || end.bytes != source.size + 1))
            abort();
    } else if (why == NULL) {
        abort();
    }
    arena_release(&arena);
}

static void try_line_with_hash(struct slice document)
{
    struct buffer line;
    char text[LEDGER_HASH_TEXT_BYTES];
    struct tree_hash hash = tree_leaf(document);
    hash_text(&hash, text);
    buffer_init(&line, 16 * MIB);
    buffer_append_text(&line, text);
    buffer_append_byte(&line, ' ');
    buffer_append_slice(&line, document);
    if (!line.failed)
        try_line(buffer_slice(&line));
    buffer_release(&line);
}

/* What is read as a head is written as it was. */
static void try_head(struct slice source)
{
    struct ledger_end end;
    struct buffer out;
    if (!end_read(source, &end))
        return;
    buffer_init(&out, MIB);
    end_write(&end, &out);
    if (!slice_starts_with(source, buffer_slice(&out)))
        abort();
    buffer_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned char key[KEY_BYTES] = {1};
    struct slice source = {(const char *)data, size};
    unsigned char read[KEY_BYTES];
    struct arena arena;
    struct error error;
    struct ledger_head *heads;
    size_t count;
    struct buffer plain;
    arena_init(&arena);
    buffer_init(&plain, MIB);
    try_line(source);
    try_line_with_hash(source);
    try_head(source);
    if (ledger_heads_read(source, "heads", &arena, &heads, &count, &error) && count == 0)
        abort();
    (void)key_read(source, read);
    if (unseal(source, 1, key, &plain)) /* nobody can have sealed it */
        abort();
    buffer_release(&plain);
    arena_release(&arena);
    return 0;
}
