/* ask.c - a process that keeps a project open and searches as it is told, one line a request, so that a test can ask many thousand times:
 *
 *   ask FOLDER
 *   KEYNAME or "-" for the owner, or the secret of a key \t FILTER or nothing \t K \t QUESTION
 *
 * Answers one line: "ok", the passages looked through, then path and score of each hit; or "error", the kind and the message. */
#include "base/base.h"
#include <assay.h>
#include <stdio.h>
#include <string.h>

/* Takes the next field off the line. */
static const char *field(char **rest)
{
    char *start = *rest, *end = strchr(start, '\t');
    if (end != NULL) {
        *end = '\0';
        *rest = end + 1;
    } else {
        *rest = start + strlen(start);
    }
    return start;
}

static void answer(struct assay *assay, char *line)
{
    struct assay_results *results = NULL;
    struct assay_error error;
    const char *who = field(&line), *filter = field(&line), *k = field(&line);
    uint64_t count = 0;
    (void)slice_to_u64(slice_from(k), &count); /* anything else: as assay.yaml says */
    struct assay_search_options options = {.k = (size_t)count, .filter = filter[0] != '\0' ? filter : NULL};
    if (strncmp(who, "assay_", 6) == 0)
        options.secret = who;
    else if (strcmp(who, "-") != 0)
        options.principal = who;
    if (!assay_search(assay, line, &options, &results, &error)) {
        printf("error\t%s\t%s\n", assay_error_kind_name(error.kind), error.message);
        return;
    }
    printf("ok\t%zu", assay_results_searched(results));
    for (size_t i = 0; i < assay_results_count(results); i++) {
        const struct assay_hit *hit = assay_results_hit(results, i);
        printf("\t%s\t%a", hit->document, hit->score);
        for (size_t j = 0; j < hit->copy_count; j++)
            printf("\t%s\t%a", hit->copies[j].document, hit->score);
    }
    putchar('\n');
    assay_results_free(results);
}

int main(int argument_count, char **arguments)
{
    static char line[65536];
    struct assay *assay;
    struct assay_error error;
    if (argument_count != 2 || !assay_open(&assay, &(struct assay_open_options){.folder = arguments[1]}, &error)) {
        fprintf(stderr, "ask: %s\n", argument_count == 2 ? error.message : "usage: ask FOLDER");
        return 1;
    }
    while (fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        answer(assay, line);
        fflush(stdout);
    }
    assay_close(assay);
    return 0;
}
