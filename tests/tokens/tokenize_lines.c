/* tokenize_lines.c - the tokens of lines that another program checks: tokenize_lines TOKENIZER [vocab|vocab-cased] <LINES >TOKENS
 *
 *   in   kind u8 · tokens_max u32 · size u32 · text · [size u32 · text]       kind: bit 0 a pair, bit 1 bare, bit 2 only timed
 *   out  count u32 · { id u32 · start u32 · end u32 · type u8 · special u8 } …      bit 3 of kind: decoded text instead:
 *        size u32 · text                                                       in: kind u8 · keep_special u32 · count u32 · ids
 *
 * With the argument "time" it reads all lines first, tokenizes them ten times and prints the best time in nanoseconds. */
#include "text/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KIND_PAIR = 1, KIND_BARE = 2, KIND_DECODE = 8, ROUNDS = 10 };

struct program {
    struct tokenizer *tokenizer;
    struct tokenizer_workspace *workspace;
    struct tokens tokens;
    struct buffer out;
};

static struct slice read_text(struct bytes *in)
{
    uint32_t size = bytes_u32(in);
    return bytes_slice(in, size);
}

static void write_tokens(struct program *program)
{
    struct tokens *tokens = &program->tokens;
    buffer_u32(&program->out, (uint32_t)tokens->count);
    for (size_t i = 0; i < tokens->count; i++) {
        buffer_u32(&program->out, tokens->ids[i]);
        buffer_u32(&program->out, tokens->starts[i]);
        buffer_u32(&program->out, tokens->ends[i]);
        buffer_append_byte(&program->out, (char)tokens->types[i]);
        buffer_append_byte(&program->out, (char)tokens->special[i]);
    }
}

static void decode(struct program *program, struct bytes *in)
{
    bool keeps_special = bytes_u32(in) != 0;
    uint32_t count = bytes_u32(in);
    uint32_t *ids = memory_alloc((size_t)count + 1, sizeof(*ids));
    for (uint32_t i = 0; i < count; i++)
        ids[i] = bytes_u32(in);
    size_t at = program->out.size;
    buffer_u32(&program->out, 0);
    tokenizer_decode(program->tokenizer, ids, count, keeps_special, &program->out);
    buffer_patch_u32(&program->out, at, (uint32_t)(program->out.size - at - 4));
    free(ids);
}

static void answer(struct program *program, struct bytes *in, bool is_written)
{
    uint8_t kind = bytes_u8(in);
    if (kind & KIND_DECODE) {
        decode(program, in);
        return;
    }
    struct tokenizer_options options = {.bare = kind & KIND_BARE, .tokens_max = bytes_u32(in)};
    struct slice text = read_text(in), pair = {0};
    if (kind & KIND_PAIR)
        pair = read_text(in);
    tokenizer_encode(program->tokenizer, program->workspace, text, kind & KIND_PAIR ? &pair : NULL, &options, &program->tokens);
    if (is_written)
        write_tokens(program);
}

static void time_rounds(struct program *program, struct slice lines)
{
    uint64_t best = UINT64_MAX;
    for (int round = 0; round < ROUNDS; round++) {
        struct bytes in = bytes_from(lines);
        uint64_t start = clock_now_ns();
        while (bytes_left(&in) > 0 && !in.failed)
            answer(program, &in, false);
        uint64_t took = clock_now_ns() - start;
        best = took < best ? took : best;
    }
    printf("%llu\n", (unsigned long long)best);
}

static bool read_tokenizer(struct program *program, const char *path, const char *kind, struct error *error)
{
    struct buffer file;
    buffer_init(&file, LIMIT_TOKENIZER_BYTES);
    bool ok = file_read(path, LIMIT_TOKENIZER_BYTES, &file, error);
    uint64_t start = clock_now_ns();
    if (ok && strncmp(kind, "vocab", 5) == 0)
        ok = tokenizer_read_vocabulary(&program->tokenizer, buffer_slice(&file),
                                       &(struct vocabulary_settings){.is_cased = strcmp(kind, "vocab") != 0}, path, error);
    else if (ok)
        ok = tokenizer_read(&program->tokenizer, buffer_slice(&file), path, error);
    if (strcmp(kind, "time") == 0)
        fprintf(stderr, "read in %.2f ms\n", clock_ms_since(start));
    buffer_release(&file);
    return ok;
}

int main(int argument_count, char **arguments)
{
    struct program program = {0};
    struct error error = {0};
    const char *kind = argument_count > 2 ? arguments[2] : "json";
    if (argument_count < 2 || !read_tokenizer(&program, arguments[1], kind, &error)) {
        fprintf(stderr, "%s\n%s\n", argument_count < 2 ? "usage: tokenize_lines TOKENIZER [KIND]" : error.message, error.hint);
        return 2;
    }
    program.workspace = tokenizer_workspace_create();
    tokens_init(&program.tokens);
    struct buffer lines;
    buffer_init(&lines, 4 * GIB);
    buffer_init(&program.out, 4 * GIB);
    char *room;
    size_t got = 0;
    while ((room = buffer_reserve(&lines, MIB)) != NULL && (got = fread(room, 1, MIB, stdin)) > 0)
        lines.size += got;
    if (strcmp(kind, "time") == 0) {
        time_rounds(&program, buffer_slice(&lines));
    } else {
        struct bytes in = bytes_from(buffer_slice(&lines));
        while (bytes_left(&in) > 0 && !in.failed)
            answer(&program, &in, true);
        fwrite(program.out.data, 1, program.out.size, stdout);
    }
    buffer_release(&lines);
    buffer_release(&program.out);
    tokens_release(&program.tokens);
    tokenizer_workspace_free(program.workspace);
    tokenizer_free(program.tokenizer);
    return 0;
}
