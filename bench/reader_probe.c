/* reader_probe.c - the readers of documents alone: what they make of files, one JSON line a file.
 *
 *   reader_probe READER FILE...      {"file", "title", "language", "head", "blocks": [{"kind", "level", "page", "text"}]} or {"file", "error"}
 *   reader_probe --time READER FILE...   {"reader", "files", "bytes", "text_bytes", "ms"}: all of them, read again and again for a second
 *
 *   cc -O2 -D_GNU_SOURCE -I src bench/reader_probe.c build/libassay-core.a … (bench/reader_quality.py does it) */
#include "codec/codec.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef bool block_reader(struct slice source, struct arena *arena, struct blocks *blocks, struct error *error);
typedef bool extract_reader(struct slice source, struct extract *extract, struct error *error);

static const struct {
    const char *name;
    block_reader *blocks;
    extract_reader *extract;
} readers[] = {
    {"md", markdown_read, NULL}, {"html", html_read, NULL}, {"csv", csv_read, NULL},   {"txt", plain_read, NULL},
    {"docx", NULL, docx_read},   {"pptx", NULL, pptx_read}, {"xlsx", NULL, xlsx_read}, {"epub", NULL, epub_read},
    {"odt", NULL, odf_read},     {"odp", NULL, odf_read},   {"ods", NULL, odf_read},
};

static const char *const kinds[] = {"heading", "paragraph", "item", "code", "table_head", "table_row"};

static void show(struct json_writer *json, const struct blocks *blocks)
{
    json_key(json, "title");
    json_text(json, blocks->title);
    json_key(json, "language");
    json_text(json, blocks->language);
    json_key(json, "head");
    json_array_begin(json);
    for (size_t i = 0; i < blocks->head_count; i++) {
        json_array_begin(json);
        json_text(json, blocks->head[i].key);
        json_text(json, blocks->head[i].text);
        json_array_end(json);
    }
    json_array_end(json);
    json_key(json, "blocks");
    json_array_begin(json);
    for (size_t i = 0; i < blocks->count; i++) {
        const struct block *block = &blocks->items[i];
        json_object_begin(json);
        json_key(json, "kind");
        json_text(json, slice_from(kinds[block->kind]));
        json_key(json, "level");
        json_integer(json, block->level);
        json_key(json, "page");
        json_integer(json, block->page);
        json_key(json, "text");
        json_text(json, block->text);
        json_object_end(json);
    }
    json_array_end(json);
}

struct loaded {
    const char *path;
    struct buffer bytes;
};

/* Reads one file; its text's size, and the blocks as JSON where `json` is not NULL. */
static size_t read_one(size_t reader, const struct loaded *file, struct json_writer *json)
{
    struct arena arena;
    struct blocks blocks = {0};
    struct extract extract;
    struct error error = {0};
    struct slice source = buffer_slice(&file->bytes);
    size_t size = 0;
    arena_init(&arena);
    extract_init(&extract, &arena, LIMIT_DOCUMENT_BYTES_MAX);
    bool ok = readers[reader].blocks != NULL ? readers[reader].blocks(source, &arena, &blocks, &error)
                                             : readers[reader].extract(source, &extract, &error);
    if (ok && readers[reader].extract != NULL)
        blocks = extract.blocks;
    for (size_t i = 0; ok && i < blocks.count; i++)
        size += blocks.items[i].text.size;
    if (json != NULL && ok)
        show(json, &blocks);
    if (json != NULL && !ok) {
        json_key(json, "error");
        json_text(json, slice_from(error.message));
        json_key(json, "hint");
        json_text(json, slice_from(error.hint));
        json_key(json, "error_kind");
        json_text(json, slice_from(error_kind_name(error.kind)));
    }
    extract_release(&extract);
    arena_release(&arena);
    return size;
}

static void print_all(size_t reader, const struct loaded *files, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct buffer line;
        struct json_writer json;
        buffer_init(&line, LIMIT_JSON_BYTES);
        json_writer_init(&json, &line);
        json_object_begin(&json);
        json_key(&json, "file");
        json_text(&json, slice_from(files[i].path));
        read_one(reader, &files[i], &json);
        json_object_end(&json);
        puts(buffer_text(&line));
        buffer_release(&line);
    }
}

static void time_all(size_t reader, const struct loaded *files, size_t count)
{
    size_t bytes = 0, text = 0, rounds = 0;
    uint64_t start = clock_now_ns();
    for (; rounds == 0 || clock_ms_since(start) < 1000; rounds++)
        for (size_t i = 0; i < count; i++) {
            bytes += files[i].bytes.size;
            text += read_one(reader, &files[i], NULL);
        }
    printf("{\"reader\": \"%s\", \"files\": %zu, \"bytes\": %zu, \"text_bytes\": %zu, \"ms\": %.2f}\n", readers[reader].name,
           count, bytes / rounds, text / rounds, clock_ms_since(start) / (double)rounds);
}

int main(int argc, char **argv)
{
    int first = 1;
    bool is_timing = argc > first && strcmp(argv[first], "--time") == 0;
    first += is_timing;
    size_t reader = 0;
    while (argc > first && reader < ARRAY_COUNT(readers) && strcmp(readers[reader].name, argv[first]) != 0)
        reader++;
    if (argc < first + 2 || reader == ARRAY_COUNT(readers)) {
        fprintf(stderr, "usage: reader_probe [--time] READER FILE...\nreaders:");
        for (size_t i = 0; i < ARRAY_COUNT(readers); i++)
            fprintf(stderr, " %s", readers[i].name);
        fprintf(stderr, "\n");
        return 2;
    }
    size_t count = (size_t)(argc - first - 1);
    struct loaded *files = memory_alloc(count, sizeof(*files));
    for (size_t i = 0; i < count; i++) {
        struct error error = {0};
        files[i].path = argv[(size_t)first + 1 + i];
        buffer_init(&files[i].bytes, LIMIT_DOCUMENT_BYTES_MAX);
        if (!file_read(files[i].path, LIMIT_DOCUMENT_BYTES_MAX, &files[i].bytes, &error)) {
            fprintf(stderr, "reader_probe: %s\n", error.message);
            return 1;
        }
    }
    (is_timing ? time_all : print_all)(reader, files, count);
    for (size_t i = 0; i < count; i++)
        buffer_release(&files[i].bytes);
    free(files);
    return 0;
}
