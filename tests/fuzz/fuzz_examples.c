/* fuzz_examples.c - any bytes as examples, in every form; what is taken is whole. */
#include "train/train.h"
#include <stdlib.h>

#define REQUIRE(condition)                                                                                                     \
    do {                                                                                                                       \
        if (!(condition))                                                                                                      \
            abort();                                                                                                           \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile unsigned char sum; /* so that every byte of every text is read */

static void check_text(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        sum = (unsigned char)(sum + (unsigned char)text.data[i]);
}

static void check_example(const struct examples *examples, const struct example *example)
{
    REQUIRE(example->line > 0);
    check_text(example->text);
    REQUIRE(examples->shape == EXAMPLES_TURNS || example->text.size > 0);
    for (size_t i = 0; i < example->label_count; i++)
        REQUIRE(example->labels[i] < examples->label_count && (i == 0 || example->labels[i - 1] < example->labels[i]));
    for (size_t i = 0; i < example->turn_count; i++) {
        check_text(example->turns[i].text);
        check_text(example->turns[i].calls);
    }
    for (size_t i = 0; i < example->positive_count; i++)
        check_text(example->positives[i]);
    for (size_t i = 0; i < example->negative_count; i++)
        check_text(example->negatives[i]);
    for (size_t i = 0; i < example->answer_count; i++) {
        const struct example_answer *answer = &example->answers[i];
        REQUIRE(answer->start + answer->text.size <= example->context.size);
        REQUIRE(answer->text.data == example->context.data + answer->start);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct examples examples;
    struct error error = {0};
    struct examples_options options = {.format = (enum examples_format)(data[0] % EXAMPLES_FORMATS),
                                       .wants_labels = data[0] >= 128};
    struct slice source = {(const char *)data + 1, size - 1};
    if (examples_read(&examples, source, "input", &options, &error)) {
        REQUIRE(examples.count > 0 && examples.format != EXAMPLES_AUTO);
        for (size_t i = 0; i < examples.count; i++)
            check_example(&examples, &examples.items[i]);
        for (size_t i = 0; i < examples.rejected_count; i++)
            REQUIRE(examples.rejected[i].line > 0 && examples.rejected[i].reason[0] != '\0');
    } else {
        REQUIRE(error.kind != ERROR_NONE && error.message[0] != '\0');
    }
    examples_release(&examples);
    return 0;
}
