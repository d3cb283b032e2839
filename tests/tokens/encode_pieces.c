/* encode_pieces.c - tokens of pieces by a tokenizer's model alone, for compare_pieces.py.
 *
 *   encode_pieces (bpe | unigram) MODEL.json [REPEATS]
 *
 * MODEL.json holds the "model" object of tokenizer.json. On standard input: pieces, each a u32 of its size and its bytes. On
 * standard output: for each piece a u32 of its tokens, and three u32 for each: number, start, end. All little endian. With
 * REPEATS nothing but the processor's seconds for the JSON, the model, and all pieces so often, and the number of tokens. */
#include "text/bpe.h"
#include "text/unigram.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct model {
    struct bpe *bpe;
    struct bpe_workspace *bpe_workspace;
    struct unigram *unigram;
    struct unigram_workspace *unigram_workspace;
};

static void encode(const struct model *model, struct slice piece, struct piece_tokens *tokens)
{
    if (model->bpe)
        bpe_encode(model->bpe, model->bpe_workspace, piece, tokens);
    else
        unigram_encode(model->unigram, model->unigram_workspace, piece, tokens);
}

static int fail(const struct error *error)
{
    fprintf(stderr, "encode_pieces: %s\n", error->message);
    return 1;
}

static bool read_input(struct buffer *input)
{
    buffer_init(input, 4 * GIB);
    for (;;) {
        char *room = buffer_reserve(input, MIB);
        if (room == NULL)
            return false;
        size_t got = fread(room, 1, MIB, stdin);
        input->size += got;
        if (got == 0)
            return !ferror(stdin);
    }
}

static void write_tokens(const struct piece_tokens *tokens)
{
    uint32_t count = (uint32_t)tokens->count;
    fwrite(&count, sizeof(count), 1, stdout);
    fwrite(tokens->items, sizeof(*tokens->items), tokens->count, stdout);
}

/* All pieces once; the number of tokens. */
static size_t encode_all(const struct model *model, struct slice input, bool is_written)
{
    struct bytes bytes = bytes_from(input);
    struct piece_tokens tokens;
    piece_tokens_init(&tokens);
    size_t total = 0;
    while (bytes_left(&bytes) > 0) {
        struct slice piece = bytes_slice(&bytes, bytes_u32(&bytes));
        if (bytes.failed)
            break;
        tokens.count = 0;
        encode(model, piece, &tokens);
        total += tokens.count;
        if (is_written)
            write_tokens(&tokens);
    }
    piece_tokens_release(&tokens);
    return total;
}

static double seconds(clock_t ticks)
{
    return (double)ticks / CLOCKS_PER_SEC;
}

int main(int argument_count, char **arguments)
{
    struct error error;
    struct file_map file;
    struct arena arena;
    struct json_value root;
    struct model model = {0};
    struct buffer input;
    if (argument_count < 3 || !read_input(&input))
        return 2;
    clock_t started = clock();
    arena_init(&arena);
    if (!file_map_open(&file, arguments[2], &error) ||
        !json_read((struct slice){(const char *)file.data, file.size}, arguments[2], &arena, &root, &error))
        return fail(&error);
    clock_t parsed = clock();
    bool is_bpe = strcmp(arguments[1], "bpe") == 0;
    if (!(is_bpe ? bpe_read(&model.bpe, &root, "model", &error) : unigram_read(&model.unigram, &root, "model", &error)))
        return fail(&error);
    arena_release(&arena);
    file_map_close(&file);
    clock_t read = clock();
    model.bpe_workspace = bpe_workspace_create();
    model.unigram_workspace = unigram_workspace_create();
    size_t total = 0;
    uint64_t repeats = 0;
    if (argument_count > 3 && slice_to_u64(slice_from(arguments[3]), &repeats)) {
        for (uint64_t i = 0; i < repeats; i++)
            total += encode_all(&model, buffer_slice(&input), false);
        printf("%.6f %.6f %.6f %zu\n", seconds(parsed - started), seconds(read - parsed), seconds(clock() - read), total);
    } else {
        encode_all(&model, buffer_slice(&input), true);
    }
    bpe_workspace_free(model.bpe_workspace);
    unigram_workspace_free(model.unigram_workspace);
    bpe_free(model.bpe);
    unigram_free(model.unigram);
    buffer_release(&input);
    return 0;
}
