/* files.h - judged collections as files. Private to eval. */
#ifndef EVAL_FILES_H
#define EVAL_FILES_H

#include "base/base.h"
#include "codec/codec.h"

/* A whole file, unpacked when it is gzip. */
bool files_read(const char *path, struct buffer *out, struct error *error) MUST_USE;

/* One line of JSON at a time; false from each() stops. `line` counts from 1; empty lines are passed over. */
bool files_each_line(struct slice text, const char *path,
                     bool (*each)(void *context, const struct json_value *object, size_t line, struct error *error),
                     void *context, struct error *error) MUST_USE;

/* A text of an object: NULL is an error that names file and line. */
bool files_text(const struct json_value *object, const char *path, size_t line, const char *key, struct slice *text,
                struct error *error) MUST_USE;

struct question {
    struct slice id, text;
    size_t first, count; /* its judgements */
};

struct judgement {
    struct slice question, document;
    double gain;
};

/* Questions in the order of their file, each with its run of judgements; slices live in the arena. */
struct judged {
    struct question *questions;
    size_t question_count;
    struct judgement *judgements;
    size_t judgement_count;
};
bool files_read_judged(const char *queries, const char *qrels, struct arena *arena, struct judged *judged,
                       struct error *error) MUST_USE;
void files_free_judged(struct judged *judged);

/* The judgement of a document for a question; 0: none. */
double files_gain(const struct judged *judged, const struct question *question, struct slice document);

#endif
