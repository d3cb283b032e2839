/* labels.h - which labels a document gets: the rule that assay.yaml names, and what the document states itself. Private. */
#ifndef INGEST_LABELS_H
#define INGEST_LABELS_H

#include "document.h"

struct label_rule {
    const struct project *project;
    struct arena arena;
    const char **roots;    /* the settings' documents, absolute */
    struct map paths;      /* of labels.csv: absolute path → number in lines, plus one */
    struct label_line *lines;
    size_t line_count, line_capacity;
    int64_t number;        /* another rule, another number; never 0 */
};

struct label_list {
    const struct slice *items;
    size_t count;
};

/* Reads labels.csv where the settings name it. To be released also after a failure. */
bool label_rule_read(struct label_rule *rule, const struct project *project, struct error *error) MUST_USE;
void label_rule_release(struct label_rule *rule); /* one of zeros is fine */

/* The labels of the document at this absolute path; `stated` NULL: it states none. Good as long as the rule and `stated`. */
struct label_list label_rule_apply(struct label_rule *rule, const char *path, const struct label_list *stated);

/* There is a document at this absolute path. Of the lines of labels.csv that fit none of those, a message each. */
void label_rule_meet(struct label_rule *rule, const char *path);
void label_rule_each_unmet(const struct label_rule *rule, void (*each)(void *context, const char *message), void *context);

#endif
