/* orders_probe.c - which sentences of texts read like orders to a model. For bench/injection.py and orders_fit.py, which build it.
 *
 *   orders_probe [buckets] < texts, a NUL behind each
 *
 * Writes a line a text: a 2 for each sentence that surely is one, a 1 where it likely is and a 0 where it is not, and behind a tab each the sentences. With "buckets": those of the text's first window. */
#include "ask/ask_parts.h"
#include "ask/order_score.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_sentence(struct slice sentence)
{
    putchar('\t');
    for (size_t i = 0; i < sentence.size; i++)
        putchar(sentence.data[i] == '\t' || sentence.data[i] == '\n' || sentence.data[i] == '\r' ? ' ' : sentence.data[i]);
}

static void print_orders(struct slice text, struct analyzer *analyzer)
{
    struct ask_answer answer = {0};
    arena_init(&answer.arena);
    struct search_hit hit = {.passage.text = text};
    struct asking asking = {.answer = &answer, .arena = &answer.arena, .analyzer = analyzer};
    struct ask_passage passage = {.hit = &hit};
    passages_read(&asking, &passage, 1);
    for (size_t i = 0; i < passage.sentence_count; i++)
        putchar('0' + passage.sentences[i].is_likely_order + passage.sentences[i].is_sure_order);
    for (size_t i = 0; i < passage.sentence_count; i++)
        print_sentence(passage.sentences[i].text);
    arena_release(&answer.arena);
}

static void print_buckets(struct slice text)
{
    struct order_buckets buckets = {.count = 0};
    size_t at = 0;
    (void)order_buckets_next(text, &at, &buckets); /* nothing to see: no bucket */
    for (size_t i = 0; i < buckets.count; i++)
        printf("%s%u", i > 0 ? " " : "", buckets.items[i]);
}

int main(int argc, char **argv)
{
    bool wants_buckets = argc > 1 && strcmp(argv[1], "buckets") == 0;
    struct analyzer *analyzer = analyzer_create();
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    while ((size = getdelim(&line, &capacity, '\0', stdin)) > 0) {
        struct slice text = {line, (size_t)size - (line[size - 1] == '\0')};
        if (wants_buckets)
            print_buckets(text);
        else
            print_orders(text, analyzer);
        putchar('\n');
    }
    free(line);
    analyzer_free(analyzer);
    return 0;
}
