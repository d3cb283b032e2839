/* print_reader.c - what the readers of codec and the cleaners of text make of bytes, for comparing with others.
 *
 *   stdin    cases { MODE NAME SIZE \n SIZE bytes }      NAME: an encoding that is declared, or a file's name; "-" for none
 *   stdout   a JSON object for each, a line each */
#include "codec/codec.h"
#include "text/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_encoding(struct json_writer *json, const char *name, struct slice source)
{
    const char *found = "";
    struct error error = {0};
    struct buffer text;
    buffer_init(&text, 3 * source.size + 1);
    struct slice declared = strcmp(name, "-") == 0 ? html_encoding(source) : slice_from(name);
    bool is_text = encoding_detect(source, declared, &found);
    json_texts(json, &(struct json_text_member){"encoding", is_text ? found : "none"}, 1);
    if (is_text && encoding_to_utf8(source, found, &text, &error)) {
        json_key(json, "text");
        json_text(json, buffer_slice(&text));
    }
    buffer_release(&text);
}

static void print_extract(struct json_writer *json, const struct extract *extract)
{
    static const char *const kinds[] = {"heading", "paragraph", "item", "code", "head", "row"}; /* ORDER block_kind */
    json_key(json, "title");
    json_text(json, extract->blocks.title);
    json_key(json, "head");
    json_object_begin(json);
    for (size_t i = 0; i < extract->blocks.head_count; i++) {
        char key[64];
        snprintf(key, sizeof(key), SLICE_FORMAT, SLICE_ARGUMENT(extract->blocks.head[i].key));
        json_key(json, key);
        json_text(json, extract->blocks.head[i].text);
    }
    json_object_end(json);
    json_key(json, "blocks");
    json_array_begin(json);
    for (size_t i = 0; i < extract->blocks.count; i++) {
        json_array_begin(json);
        json_text(json, slice_from(kinds[extract->blocks.items[i].kind]));
        json_integer(json, extract->blocks.items[i].level);
        json_text(json, extract->blocks.items[i].text);
        json_array_end(json);
    }
    json_array_end(json);
}

static bool print_part(void *context, const struct mail_part *part, struct error *error)
{
    struct json_writer *json = context;
    (void)error;
    json_array_begin(json);
    json_text(json, part->name);
    json_text(json, part->type);
    json_integer(json, (int64_t)part->bytes.size);
    json_array_end(json);
    return true;
}

static void print_mail(struct json_writer *json, struct slice source)
{
    struct arena arena;
    struct extract extract;
    struct error error = {0};
    arena_init(&arena);
    extract_init(&extract, &arena, 16 * source.size + MIB);
    if (mail_read(source, &extract, &error) && extract_finish(&extract, &error))
        print_extract(json, &extract);
    json_key(json, "parts");
    json_array_begin(json);
    if (!mail_each_part(source, &arena, print_part, json, &error))
        json_text(json, slice_from(error.message));
    json_array_end(json);
    extract_release(&extract);
    arena_release(&arena);
}

static void print_blocks(struct json_writer *json, const struct blocks *blocks)
{
    json_key(json, "blocks");
    json_array_begin(json);
    for (size_t i = 0; i < blocks->count; i++) {
        const struct block *block = &blocks->items[i];
        json_array_begin(json);
        json_integer(json, (int64_t)block->kind);
        json_integer(json, block->level);
        json_text(json, block->text);
        json_integer(json, (int64_t)block->start);
        json_integer(json, (int64_t)block->end);
        json_array_end(json);
    }
    json_array_end(json);
}

static void print_code(struct json_writer *json, const char *name, struct slice source)
{
    struct arena arena;
    struct blocks blocks;
    struct error error = {0};
    arena_init(&arena);
    if (code_read(source, name, &arena, &blocks, &error))
        print_blocks(json, &blocks);
    arena_release(&arena);
}

static bool print_place(void *context, enum sensitive_kind kind, size_t start, size_t end)
{
    struct json_writer *json = context;
    json_array_begin(json);
    json_text(json, slice_from(sensitive_kind_name(kind)));
    json_integer(json, (int64_t)start);
    json_integer(json, (int64_t)end);
    json_array_end(json);
    return true;
}

static void print_sensitive(struct json_writer *json, struct slice source)
{
    json_key(json, "found");
    json_array_begin(json);
    (void)sensitive_each(source, print_place, json);
    json_array_end(json);
}

static void print_clean(struct json_writer *json, struct slice source)
{
    struct arena arena;
    struct clean_counts counts = {0};
    arena_init(&arena);
    json_key(json, "text");
    json_text(json, clean_text(source, CLEAN_MOJIBAKE, &arena, &counts));
    json_key(json, "mojibake");
    json_integer(json, (int64_t)counts.mojibake);
    arena_release(&arena);
}

static void print_case(const char *mode, const char *name, struct slice source)
{
    struct buffer out;
    struct json_writer json;
    buffer_init(&out, LIMIT_JSON_BYTES);
    json_writer_init(&json, &out);
    json_object_begin(&json);
    if (strcmp(mode, "encoding") == 0)
        print_encoding(&json, name, source);
    else if (strcmp(mode, "mail") == 0)
        print_mail(&json, source);
    else if (strcmp(mode, "code") == 0)
        print_code(&json, name, source);
    else if (strcmp(mode, "sensitive") == 0)
        print_sensitive(&json, source);
    else if (strcmp(mode, "mojibake") == 0)
        print_clean(&json, source);
    json_object_end(&json);
    printf(SLICE_FORMAT "\n", SLICE_ARGUMENT(buffer_slice(&out)));
    buffer_release(&out);
}

/* The next word of a case's first line. */
static bool take_word(struct slice *rest, char out[256])
{
    struct slice word;
    if (!slice_next(rest, ' ', &word) || word.size >= 256)
        return false;
    snprintf(out, 256, SLICE_FORMAT, SLICE_ARGUMENT(word));
    return true;
}

int main(void)
{
    char line[1024], mode[256], name[256];
    uint64_t size;
    while (fgets(line, sizeof(line), stdin) != NULL) {
        struct slice rest = slice_trim(slice_from(line));
        if (!take_word(&rest, mode) || !take_word(&rest, name) || !slice_to_u64(rest, &size) || size > LIMIT_DOCUMENT_BYTES_MAX)
            return 1;
        char *bytes = malloc((size_t)size + 1);
        if (bytes == NULL || fread(bytes, 1, (size_t)size, stdin) != size)
            return 1;
        print_case(mode, name, (struct slice){bytes, (size_t)size});
        free(bytes);
    }
    return 0;
}
