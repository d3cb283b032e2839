/* replay.c - feeds stored inputs to a fuzz target, so that what the fuzzer once found is checked by every test run, without
 * libFuzzer: replay_NAME FOLDER. Each input is copied to memory of exactly its size, so that AddressSanitizer sees a read past
 * its end. The empty input is fed too. */
#include "base/base.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct replay {
    const char *folder;
    size_t count;
};

static void feed(struct slice input)
{
    uint8_t *exact = memory_alloc(input.size > 0 ? input.size : 1, 1);
    if (input.size > 0)
        memcpy(exact, input.data, input.size);
    LLVMFuzzerTestOneInput(exact, input.size);
    free(exact);
}

static bool replay_file(void *context, const char *name, struct error *error)
{
    struct replay *replay = context;
    struct arena arena;
    struct buffer content;
    arena_init(&arena);
    buffer_init(&content, LIMIT_DOCUMENT_BYTES_MAX);
    bool ok = file_read(path_join(&arena, replay->folder, name), LIMIT_DOCUMENT_BYTES_MAX, &content, error);
    if (ok) {
        fprintf(stderr, "input %s\n", name); /* the last one told is the one that failed */
        feed(buffer_slice(&content));
        replay->count++;
    }
    buffer_release(&content);
    arena_release(&arena);
    return ok;
}

int main(int argument_count, char **arguments)
{
    if (argument_count != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", arguments[0]);
        return 2;
    }
    struct replay replay = {arguments[1], 0};
    struct error error = {0};
    feed((struct slice){0});
    if (!folder_list(replay.folder, replay_file, &replay, &error)) {
        fprintf(stderr, "could not replay \"%s\": %s\n", replay.folder, error.message);
        return 1;
    }
    if (replay.count == 0) {
        fprintf(stderr, "\"%s\" holds no inputs: add at least one\n", replay.folder);
        return 1;
    }
    printf("%zu inputs\n", replay.count);
    return 0;
}
