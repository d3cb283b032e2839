/* examples_parts.h - what the readers of examples share. Private to train. */
#ifndef TRAIN_EXAMPLES_PARTS_H
#define TRAIN_EXAMPLES_PARTS_H

#include "codec/codec.h"
#include "examples.h"

struct examples_reader {
    struct examples *examples;
    const struct examples_options *options;
    const char *name; /* of the file */
    struct slice source; /* of all texts that need no copy */
    struct slice record; /* the bytes that `at` and `end` of the record's values count in */
    struct arena scratch; /* of one record */
    struct map labels; /* name → number in examples->labels */
    const char *text_name, *label_name; /* as they were found */
    size_t capacity, rejected_capacity, label_capacity;
    size_t line;
    size_t composed; /* labels that were written in parts, "e" and an accent: taken as the same in whole characters */
    char where[96]; /* of the record, where a line may have many: "data[0].paragraphs[3].qas[1]"; else empty */
};

/* Tells that the record of the current line is none; always false. */
bool example_reject(struct examples_reader *reader, enum example_fault fault, const char *format, ...) PRINTF_LIKE(3, 4);

/* One thing more to know of how they were read; it lives as long as they do. */
void example_note(struct examples_reader *reader, const char *note);

/* A text that lives as long as the examples. */
struct slice example_keep(struct examples_reader *reader, struct slice text);
struct slice example_join(struct examples_reader *reader, struct slice first, struct slice between, struct slice second);

/* A member's text, trimmed and kept; rejects what is missing, another kind, empty or too long. */
bool example_text(struct examples_reader *reader, const struct json_value *object, const char *key, struct slice *text);
bool example_check_text(struct examples_reader *reader, const char *key, struct slice *text);

/* One more example, on the current line; false: there are too many. */
bool example_add(struct examples_reader *reader, struct example example, struct error *error) MUST_USE;

/* The form that an object is a record of; EXAMPLES_AUTO: none. Finds the names of text and label too. */
enum examples_format example_format_of(struct examples_reader *reader, const struct json_value *object);
enum examples_shape example_shape_of(enum examples_format format);

/* What a column of that name holds, in small letters, as far as names tell. */
enum example_name { EXAMPLE_NAME_OTHER, EXAMPLE_NAME_TEXT, EXAMPLE_NAME_LABEL };
enum example_name example_name_of(const struct examples_reader *reader, struct slice name);

/* A record as an example. False: `error` says why reading ends; a rejected record is true. */
bool example_take(struct examples_reader *reader, const struct json_value *value, struct error *error) MUST_USE;

bool example_take_turns(struct examples_reader *reader, const struct json_value *object, struct example *example);

/* Whole files of another build. */
bool examples_take_squad(struct examples_reader *reader, const struct json_value *root, struct error *error) MUST_USE;
bool examples_read_table(struct examples_reader *reader, struct error *error) MUST_USE;
bool examples_open_folder(struct examples_reader *reader, const char *path, struct error *error) MUST_USE;

/* Lines of JSON: take() for each object; what is no object is rejected. */
bool examples_each_line(struct examples_reader *reader, struct slice text,
                        bool (*take)(struct examples_reader *reader, const struct json_value *object, struct error *error),
                        struct error *error) MUST_USE;

void examples_order_labels(struct examples *examples); /* their order must not depend on that of the examples */

bool examples_file(const char *path, struct buffer *out, unsigned char hash[32], struct error *error) MUST_USE;

#endif
