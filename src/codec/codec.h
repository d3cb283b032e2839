/* codec.h - bytes into values and back: JSON out, YAML in, Markdown and plain text in. Pure: no files, no state, any bytes. */
#ifndef CODEC_CODEC_H
#define CODEC_CODEC_H

#include "base/base.h"

/* ---- JSON, written ---- */

/* Writes one document into a buffer; commas and nesting are kept by the writer. Text that is not UTF-8 is written with U+FFFD. */
struct json_writer {
    struct buffer *out;
    unsigned depth;
    bool comma; /* a value stands before the next one */
    bool after_key; /* a key was written, its value follows */
};

void json_writer_init(struct json_writer *json, struct buffer *out);
void json_object_begin(struct json_writer *json);
void json_object_end(struct json_writer *json);
void json_array_begin(struct json_writer *json);
void json_array_end(struct json_writer *json);
void json_key(struct json_writer *json, const char *key);
void json_text(struct json_writer *json, struct slice text);
void json_integer(struct json_writer *json, int64_t value);
void json_real(struct json_writer *json, double value, int digits); /* `digits` significant; not finite: null */
void json_bool(struct json_writer *json, bool value);
void json_null(struct json_writer *json);

/* Several members of an object at once. */
struct json_integer_member {
    const char *key;
    int64_t value;
};
void json_integers(struct json_writer *json, const struct json_integer_member *members, size_t count);

struct json_text_member {
    const char *key;
    const char *text;
};
void json_texts(struct json_writer *json, const struct json_text_member *members, size_t count);

/* ---- YAML, read ---- */

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

/* A value with its place, as a tree in the reader's arena. */
struct yaml_node {
    enum yaml_kind kind;
    struct slice text; /* of a scalar */
    bool quoted; /* it was written in quotes: "12" is text, "null" too */
    size_t count; /* of a sequence's items or a mapping's pairs */
    struct slice *keys; /* of a mapping */
    struct yaml_node *items;
    size_t line, column; /* from 1 */
};

/* Reads the first document of `source`; an empty one is a mapping without pairs. Anchors, aliases and tags are refused, and so are
 * a key that stands twice and anything past LIMIT_SETTINGS_*. `name` is for messages. */
bool yaml_read(struct slice source, const char *name, struct arena *arena, struct yaml_node *root,
               struct error *error) MUST_USE;

const struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key); /* NULL when absent */

/* ---- documents, read ---- */

enum block_kind { BLOCK_HEADING, BLOCK_PARAGRAPH, BLOCK_ITEM, BLOCK_CODE, BLOCK_TABLE_HEAD, BLOCK_TABLE_ROW };

/* A part of a block's text and where it stands in the source: byte for byte, or as one reference ("&amp;") of another size. */
struct block_run {
    size_t text_at;
    size_t source_at;
    size_t size;
    size_t source_size;
};

/* A run of text that belongs together, in reading order:
 *
 *   source  ## Refunds ⏎⏎ You have **30 days**, then … ⏎
 *              └heading┘  └start                      └end      the block's whole lines
 *   text    "You have 30 days, then …"                          as a person reads it
 *   runs    [You have ][30 days][, then …]                      which bytes came from where
 */
struct block {
    enum block_kind kind;
    unsigned level; /* 1 … 6 of a heading, depth from 1 of an item */
    struct slice text;
    size_t start, end; /* bytes in the source, whole lines */
    const struct block_run *runs;
    size_t run_count;
};

struct blocks {
    struct block *items;
    size_t count;
    struct slice title; /* stated by the document itself, else empty */
    struct slice language; /* the same: "en" */
};

/* Where byte `text_at` of the block's text stands in the source; for bytes that do not, the next one that does (or, with
 * `is_end`, the end of the last one before, if there is one). */
size_t block_source(const struct block *block, size_t text_at, bool is_end);

/* Markdown (CommonMark, GitHub's tables, task lists, strike-through and bare links), with a YAML head. */
bool markdown_read(struct slice source, struct arena *arena, struct blocks *blocks, struct error *error) MUST_USE;

/* Plain text: paragraphs by blank lines; a short line that is underlined by === or --- is a heading. */
bool plain_read(struct slice source, struct arena *arena, struct blocks *blocks, struct error *error) MUST_USE;

#endif
