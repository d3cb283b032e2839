/* grade_lines.c - reads {"golds": [...], "answer": text or null} a line, prints the grades as JSON: for comparisons. */
#include "eval/eval.h"
#include <stdio.h>
#include <stdlib.h>

static void print_grades(const struct json_value *root)
{
    const struct json_value *golds = json_get(root, "golds"), *answer = json_get(root, "answer");
    struct slice texts[64];
    struct grade_scores scores;
    size_t count = golds != NULL && golds->count < 64 ? golds->count : 0;
    for (size_t i = 0; i < count; i++)
        texts[i] = golds->items[i].text;
    bool has_answer = answer != NULL && answer->kind == JSON_TEXT;
    grade_answer(&(struct grade_gold){texts, count, 0}, has_answer ? &answer->text : NULL, &scores);
    printf("{");
    for (size_t i = 0; i < GRADE_MEASURES; i++)
        printf("%s\"%s\": %.17g", i > 0 ? ", " : "", grade_measure_names[i], scores.values[i]);
    puts("}");
}

int main(void)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    while ((size = getline(&line, &capacity, stdin)) > 0) {
        struct arena arena;
        struct json_value root;
        struct error error;
        arena_init(&arena);
        if (!json_read((struct slice){line, (size_t)size}, "line", &arena, &root, &error)) {
            fprintf(stderr, "%s\n", error.message);
            return 1;
        }
        print_grades(&root);
        arena_release(&arena);
    }
    free(line);
    return 0;
}
