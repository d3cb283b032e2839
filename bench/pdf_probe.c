/* pdf_probe.c - reads PDF files as `assay add` does, and writes their text: for pdf_quality.py.
 *
 *   pdf_probe [--blocks] [--threads N] FILE...     each file's text behind a line "==== FILE seconds"; --blocks: kind, level and page too
 *
 * A file that ends with .md is read as Markdown, to be compared with. */
#include "base/base.h"
#include "ingest/pdf.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct task {
    const char *path;
    struct arena arena;
    struct extract extract;
    struct buffer source;
    struct error error;
    double seconds;
    bool ok;
};

static void read_one(void *context, size_t index, size_t thread)
{
    struct task *task = (struct task *)context + index;
    (void)thread;
    uint64_t start_ns = clock_now_ns();
    arena_init(&task->arena);
    buffer_init(&task->source, LIMIT_DOCUMENT_BYTES_MAX);
    extract_init(&task->extract, &task->arena, LIMIT_DOCUMENT_BYTES_MAX);
    task->ok = file_read(task->path, LIMIT_DOCUMENT_BYTES_MAX, &task->source, &task->error);
    struct slice source = buffer_slice(&task->source);
    if (task->ok && slice_equal_text(path_extension(task->path), "md"))
        task->ok = markdown_read(source, &task->arena, &task->extract.blocks, &task->error);
    else if (task->ok)
        task->ok = pdf_read(source, task->path, &task->extract, &task->error);
    task->seconds = clock_ms_since(start_ns) / 1000;
}

static void print_text(const struct blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++)
        printf("%.*s\n\n", (int)blocks->items[i].text.size, blocks->items[i].text.data);
}

static void print_blocks(const struct blocks *blocks)
{
    static const char *const kinds[] = {"heading", "paragraph", "item", "code", "table head", "table row"};
    printf("title: %.*s\n", (int)blocks->title.size, blocks->title.data);
    for (size_t i = 0; i < blocks->head_count; i++)
        printf("%.*s: %.*s\n", (int)blocks->head[i].key.size, blocks->head[i].key.data, (int)blocks->head[i].text.size,
               blocks->head[i].text.data);
    for (size_t i = 0; i < blocks->count; i++) {
        const struct block *block = &blocks->items[i];
        printf("[%s %u, page %u] %.*s\n", kinds[block->kind], block->level, block->page, (int)block->text.size,
               block->text.data);
    }
}

int main(int argc, char **argv)
{
    bool shows_blocks = false;
    uint64_t threads = 0;
    int first = 1;
    for (; first < argc && argv[first][0] == '-'; first++) {
        if (strcmp(argv[first], "--blocks") == 0)
            shows_blocks = true;
        else if (strcmp(argv[first], "--threads") != 0 || ++first == argc || !slice_to_u64(slice_from(argv[first]), &threads))
            return 2;
    }
    size_t count = (size_t)(argc - first);
    struct task *tasks = memory_alloc(count + 1, sizeof(*tasks));
    struct pool *pool = pool_create((size_t)threads);
    uint64_t start_ns = clock_now_ns();
    for (size_t i = 0; i < count; i++)
        tasks[i].path = argv[(size_t)first + i];
    pool_parallel_for(pool, count, read_one, tasks);
    fprintf(stderr, "%zu files in %.3f s\n", count, clock_ms_since(start_ns) / 1000);
    for (size_t i = 0; i < count; i++) {
        struct task *task = &tasks[i];
        printf("==== %s %.4f\n", task->path, task->seconds);
        if (!task->ok)
            printf("refused: %s%s%s\n", task->error.message, task->error.hint[0] ? " | " : "", task->error.hint);
        else if (shows_blocks)
            print_blocks(&task->extract.blocks);
        else
            print_text(&task->extract.blocks);
        extract_release(&task->extract);
        buffer_release(&task->source);
        arena_release(&task->arena);
    }
    pool_free(pool);
    free(tasks);
    return 0;
}
