/* arms_settings.c - assay.yaml edited as a person would: one line of one key. */
#include "arms.h"

/* "key: …" at the beginning of a line. */
static bool is_line_of(struct slice line, const char *key)
{
    size_t size = strlen(key);
    return line.size > size && memcmp(line.data, key, size) == 0 && line.data[size] == ':';
}

/* Lines that go on with the value before: blanks in front. */
static bool goes_on(struct slice line)
{
    return line.size > 0 && byte_among(line.data[0], " \t");
}

static void put_setting(const struct arms_setting *setting, struct buffer *out)
{
    buffer_format(out, "%s: %s\n", setting->key, setting->value);
}

void arms_edit_settings(struct slice source, const struct arms_setting *settings, size_t count, struct buffer *out)
{
    struct slice rest = slice_without_mark(source), line; /* it would hide the key of the first line */
    uint32_t done = 0;
    bool skips = false;
    while (slice_next(&rest, '\n', &line)) {
        skips = skips && goes_on(line);
        if (skips)
            continue;
        for (size_t i = 0; i < count; i++)
            if (is_line_of(line, settings[i].key)) {
                put_setting(&settings[i], out);
                done |= 1u << i;
                skips = true;
            }
        if (skips)
            continue;
        buffer_append_slice(out, line);
        buffer_append_byte(out, '\n');
    }
    for (size_t i = 0; i < count; i++)
        if ((done >> i & 1) == 0)
            put_setting(&settings[i], out);
}
