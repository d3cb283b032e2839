/* codec.h - bytes into values and back: JSON in and out, safetensors in and out, YAML in, NumPy out; archives, Markdown, HTML, CSV, plain text and
 * office documents in. Pure: no files, no state, any bytes. */
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
void json_raw(struct json_writer *json, struct slice document); /* one that is JSON already */
void json_integer(struct json_writer *json, int64_t value);
void json_real(struct json_writer *json, double value, int digits); /* `digits` significant; not finite: null */
void json_float(struct json_writer *json, float value); /* as many digits as are read back to the same; not finite: null */
void json_base64(struct json_writer *json, struct slice bytes);
void json_bool(struct json_writer *json, bool value);
void json_null(struct json_writer *json);

/* Several members of an object at once. */
struct json_integer_member {
    const char *key;
    int64_t value;
};
void json_integers(struct json_writer *json, const struct json_integer_member *members, size_t count);
void json_pair(struct json_writer *json, const char *key, double first, double second,
               int digits); /* a list: an interval, say */

struct json_text_member {
    const char *key;
    const char *text;
};
void json_texts(struct json_writer *json, const struct json_text_member *members, size_t count);
void json_text_or_null(struct json_writer *json, const char *key, const char *text); /* a member; NULL: null */

/* ---- JSON, read ---- */

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_TEXT, JSON_ARRAY, JSON_OBJECT };

/* A value as a tree: texts point into the source where nothing was escaped, else into the reader's arena. */
struct json_value {
    enum json_kind kind;
    bool boolean;
    bool is_integer; /* a number without fraction and exponent, within int64_t */
    int64_t integer; /* then; else 0 */
    double real; /* every number */
    struct slice text; /* of a number: as it is written */
    size_t count; /* of an array's items or an object's members */
    const struct slice *keys; /* of an object, in the source's order */
    const struct json_value *items;
    size_t at, end; /* its bytes in the source */
};

/* Reads one document (RFC 8259, UTF-8, nothing behind it but white space). Refused: nesting past LIMIT_JSON_DEPTH, more than
 * LIMIT_JSON_VALUES values, lone surrogates. A key that stands twice is kept twice; json_get finds the last. `source` must live as
 * long as the tree. `name` is for messages, which tell line and column; with "" they say "line 1, character 5". */
bool json_read(struct slice source, const char *name, struct arena *arena, struct json_value *root,
               struct error *error) MUST_USE;

/* The same with fewer values at most. */
bool json_read_few(struct slice source, const char *name, size_t values_max, struct arena *arena, struct json_value *root,
                   struct error *error) MUST_USE;

void json_again(struct json_writer *json,
                const struct json_value *value); /* writes a value that was read; its numbers as they stood */

const struct json_value *json_get(const struct json_value *object, const char *key); /* NULL when absent or not an object */
struct slice json_text_at(const struct json_value *object,
                          const char *key); /* empty when absent or no text; `object` may be NULL */

/* The member of that kind, or NULL when it is absent or null; another kind is an error that names `name`, key and both kinds. */
bool json_member(const struct json_value *object, const char *name, const char *key, enum json_kind kind,
                 const struct json_value **value, struct error *error) MUST_USE;
const char *json_kind_name(enum json_kind kind); /* "a number" */

/* Whether a value follows a JSON Schema (json_schema.c lists the rules that are known; another one is an error). False: the message says where and
 * why ("$.category is none of the values that the schema lists"). */
bool json_follows(const struct json_value *value, const struct json_value *schema, struct error *error) MUST_USE;
/* The same for many values, or parts of a schema: `root` is what a "$ref" counts from, `steps` what all of it took so far, which is bounded. `is_broken`: it
 * is the schema that is wrong, has a rule that is not known, or takes too long; no value can be seen to follow it. */
struct json_fit {
    const struct json_value *root;
    size_t steps;
    bool is_broken;
};
bool json_fits(struct json_fit *fit, const struct json_value *value, const struct json_value *schema,
               struct error *error) MUST_USE;

/* What a "$ref" of the schema `root` leads to; NULL: nothing. */
const struct json_value *json_schema_target(const struct json_value *root, const struct json_value *reference);

/* ---- regular expressions (expression.c) ---- */

enum expression_classes {
    EXPRESSION_UNICODE, /* \d, \w and the like have all letters and digits that there are */
    EXPRESSION_PLAIN /* those of ASCII alone, as in a JSON Schema; $ stands at the very end */
};

/* It may match anywhere in a text: anchors are its own. Bounded: one that takes too long does not match, and has given up. What is no UTF-8, and all
 * behind it, is not looked at. */
struct expression;
bool expression_create(struct expression **expression, enum expression_classes classes, struct slice text,
                       struct error *error) MUST_USE;
bool expression_matches(struct expression *expression, struct slice text, bool *gave_up);
void expression_free(struct expression *expression); /* NULL is fine */

/* ---- HTTP/1.1 requests, read ----
 *
 *   POST /v1/search?k=3 HTTP/1.1⏎     method, target = path ["?" query], version
 *   Host: 127.0.0.1:8080⏎             fields, a line each
 *   Transfer-Encoding: chunked⏎
 *   ⏎
 *   5⏎hello⏎0⏎⏎                       the body: so many bytes as Content-Length says, or chunks
 *
 * Strict, because whoever stands between must see the same requests as we do: lines end by CR LF; folded lines, blanks around a field's
 * name, control characters, more than one Host or Content-Length, Content-Length beside Transfer-Encoding, and any coding but one
 * "chunked" are refused. Bytes may come in any pieces; each is looked at once. */

enum http_progress { HTTP_MORE, HTTP_DONE, HTTP_REFUSED };
enum { HTTP_FIELDS_MAX = 100, HTTP_HEAD_BYTES_MAX = 32 * 1024, HTTP_TARGET_BYTES_MAX = 8 * 1024, HTTP_METHOD_BYTES_MAX = 32 };

struct http_span {
    uint16_t start, end; /* bytes of the head */
};

struct http_field {
    struct http_span name, value;
};

struct http_head {
    struct http_span method, target, host; /* host: the Host field's value; empty when there is none */
    unsigned minor; /* of HTTP/1.0 and HTTP/1.1 */
    struct http_field fields[HTTP_FIELDS_MAX];
    unsigned field_count;
    uint64_t content_length;
    bool has_length, is_chunked, is_kept_alive, wants_continue;
    unsigned status; /* of what was refused: 400, 414, 417, 431, 501, 505 */
    const char *reason; /* "a line ends without a carriage return" */
    size_t size; /* bytes of the head, when it is done */
    size_t line, scanned; /* private: where the line begins that is not whole yet, and what was looked at of it */
    bool has_request_line, closes, keeps; /* private */
};

void http_head_init(struct http_head *head);
/* `source`: all that came of the request until now, the same bytes from the start each time. Behind head->size the body begins. */
enum http_progress http_head_read(struct http_head *head, struct slice source);
struct slice http_text(struct slice source, struct http_span span);
/* The value of the field of that name, in any case, when it stands there once; empty data NULL when it does not stand there. False: it stands
 * there more than once. */
bool http_field(const struct http_head *head, struct slice source, const char *name, struct slice *value);
bool http_has_body(const struct http_head *head);

struct http_chunks {
    enum {
        CHUNK_SIZE,
        CHUNK_EXTENSION,
        CHUNK_SIZE_LF,
        CHUNK_DATA,
        CHUNK_DATA_CR,
        CHUNK_DATA_LF,
        CHUNK_TRAILER,
        CHUNK_TRAILER_LF
    } state;
    uint64_t left; /* of the chunk */
    unsigned digits; /* of its size */
    size_t beside; /* bytes of extensions and trailers */
    size_t line; /* bytes of the trailer's line, or of the extension */
    bool is_last, has_colon, is_quoted, is_escaped;
    unsigned status;
    const char *reason;
};

void http_chunks_init(struct http_chunks *chunks);
/* Takes what it can use of `source`, `*used` bytes, and appends the data to `out`, whose maximum is the limit (then status is 413). */
enum http_progress http_chunks_read(struct http_chunks *chunks, struct slice source, size_t *used, struct buffer *out);

/* "%41" and the like into bytes; false for a percent sign without two hexadecimal digits, and for a zero byte. */
bool http_decode(struct slice text, struct arena *arena, struct slice *decoded);

/* ---- multipart/form-data, read ----
 *
 *   --BOUNDARY⏎                                                            strictly so: nothing stands before the first
 *   Content-Disposition: form-data; name="file"; filename="refunds.md"⏎
 *   ⏎
 *   # Refunds …⏎                                                           any bytes; the line end belongs to the boundary
 *   --BOUNDARY--⏎
 *
 * Bytes may come in any pieces, and a part's data is handed on in pieces. */

enum { HTTP_FORM_PIECE_BYTES = 16 * 1024 };

struct http_form_part {
    struct slice name;
    struct slice filename; /* data NULL: it is no file. As it was sent: it may be anything, "../x" too */
};

/* A piece of a part's data; `is_last`: the part ends with it. False stops, with the error set. */
typedef bool http_form_take(void *context, const struct http_form_part *part, struct slice data, bool is_last,
                            struct error *error);

struct http_form {
    enum { FORM_START, FORM_BETWEEN, FORM_HEAD, FORM_DATA, FORM_END } state;
    struct arena arena;
    struct slice delimiter;
    struct buffer held;
    struct http_form_part part;
    size_t part_count;
};

/* `type`: the request's Content-Type. To be released whether it succeeds or not. */
bool http_form_init(struct http_form *form, struct slice type, struct error *error) MUST_USE;
void http_form_release(struct http_form *form);
bool http_form_feed(struct http_form *form, struct slice bytes, http_form_take *take, void *context,
                    struct error *error) MUST_USE;
bool http_form_finish(const struct http_form *form, struct error *error) MUST_USE; /* all of it came */

/* ---- server-sent events, read ---- */

/* text/event-stream, as the HTML standard reads it, from bytes that come in pieces.
 *
 *   event: delta⏎            name  "delta"
 *   data: {"a":⏎             data  "{"a":\n1}"       handed on at the empty line
 *   data: 1}⏎
 *   : a comment⏎
 *   ⏎
 *
 * Lines end with LF, CR LF or CR; "id" and "retry" are read over, because nothing here reconnects. What stands behind the last empty line
 * is no event. */
struct event_stream {
    struct buffer line, name, data;
    bool after_return; /* a line feed that follows belongs to the line end before */
    bool has_begun; /* a byte order mark is only at the start */
};

/* Returns false to stop; event_stream_feed then returns false with the error that it has set. `name` is "message" when the event has none. */
typedef bool event_take(void *context, struct slice name, struct slice data, struct error *error);

void event_stream_init(struct event_stream *stream, size_t event_bytes_max);
void event_stream_release(struct event_stream *stream);

/* Takes the next bytes. A line or an event larger than event_bytes_max is ERROR_LIMIT. */
bool event_stream_feed(struct event_stream *stream, struct slice bytes, event_take *take, void *context,
                       struct error *error) MUST_USE;

/* ---- gzip, read ---- */

bool gzip_is(struct slice source); /* by its first bytes */

/* Appends the unpacked bytes; what does not fit into `out` is ERROR_LIMIT. `name` is for messages. */
bool gzip_read(struct slice source, const char *name, struct buffer *out, struct error *error) MUST_USE;

/* ---- zip, read ---- */

struct zip_entry {
    struct slice name; /* as it stands in the archive, whatever that is: see zip_name_is_safe */
    size_t size; /* unpacked: reading gives that many bytes or fails */
    size_t packed_size;
    uint32_t sum; /* CRC-32 of the unpacked bytes */
    unsigned method;
    bool is_folder, is_link, is_encrypted;
    size_t header_at, data_at; /* in the archive */
};

struct zip {
    struct slice source;
    const struct zip_entry *items; /* in the directory's order */
    size_t count;
    const struct zip_entry **by_name;
    size_t unpacked_left; /* of unpacked_max, for all reads together */
    size_t unpacked_max;
};

bool zip_is(struct slice source); /* by its first bytes */

/* Reads the directory and proves each entry: where it lies, that its own header says the same, that none overlaps another. Refused are
 * more than LIMIT_ARCHIVE_ENTRIES, parts of split archives, and bytes behind the end. Nothing is unpacked. `source` must live as
 * long as the entries; all reads together may unpack `unpacked_max` bytes. */
bool zip_open(struct slice source, size_t unpacked_max, struct arena *arena, struct zip *zip, struct error *error) MUST_USE;

/* The last entry of that name, letters of both cases being one; NULL when there is none. */
const struct zip_entry *zip_find(const struct zip *zip, struct slice name);

/* Appends the unpacked bytes, whose sum is checked. Refused by name: what is encrypted, methods other than stored and deflate, more than
 * `size_max` bytes, what grows LIMIT_ARCHIVE_RATIO times past its first 8 MiB. */
bool zip_read_entry(struct zip *zip, const struct zip_entry *entry, size_t size_max, struct buffer *out,
                    struct error *error) MUST_USE;

/* Whether the name stays below the folder that it is joined to: no "..", no beginning at the root or a drive (backslashes count as
 * slashes), no control characters. For tar's names too. */
bool zip_name_is_safe(struct slice name);

/* ---- tar, read ---- */

enum tar_kind { TAR_FILE, TAR_FOLDER, TAR_LINK, TAR_OTHER }; /* of both kinds of links; devices and whatever else there is */

struct tar_entry {
    struct slice name; /* as it stands in the archive: see zip_name_is_safe */
    struct slice content; /* in the archive, not a copy */
    enum tar_kind kind;
};

struct tar {
    struct slice source;
    struct arena *arena; /* for names that stand in two parts */
    size_t at;
    size_t count; /* of headers read */
};

bool tar_is(struct slice source); /* by the sum in its first header */
void tar_open(struct tar *tar, struct slice source, struct arena *arena);

/* The next entry (ustar, GNU's and pax's long names and sizes), or `*is_end`. Every size is proved to lie within the archive, every
 * header's sum is checked; more than LIMIT_ARCHIVE_ENTRIES are refused. A .tar.gz is gzip_read before. */
bool tar_next(struct tar *tar, struct tar_entry *entry, bool *is_end, struct error *error) MUST_USE;

/* ---- Git's index, read ---- */

/* The names of the files that Git keeps of a working tree, in order of their bytes; those of submodules are their folders'. */
struct git_index {
    struct slice *names; /* in the source, or the arena */
    size_t count;
};

/* Versions 2, 3 and 4, of repositories with SHA-1 and SHA-256. ERROR_INVALID: a form that is not read, such as an index split over two
 * files. */
bool git_index_read(struct slice source, struct arena *arena, struct git_index *index, struct error *error) MUST_USE;

/* Whether this is one of the names, or a folder above one. */
bool git_index_has(const struct git_index *index, struct slice path, struct arena *arena);

/* ---- safetensors, read ---- */

enum tensor_type {
    TENSOR_F64,
    TENSOR_F32,
    TENSOR_F16,
    TENSOR_BF16,
    TENSOR_I64,
    TENSOR_I32,
    TENSOR_I16,
    TENSOR_I8,
    TENSOR_U8,
    TENSOR_BOOL
};

#define TENSOR_DIMENSIONS_MAX 8

struct tensor {
    struct slice name;
    enum tensor_type type;
    size_t dimensions;
    size_t shape[TENSOR_DIMENSIONS_MAX];
    size_t count; /* of values: the product of the shape */
    const unsigned char *data; /* in the file; aligned to nothing */
    size_t size; /* bytes: count times the type's size, proved */
};

struct safetensors {
    struct tensor *items; /* by name */
    size_t count;
};

/* Reads the head of a mapped file and proves every size and offset once: after it, all of each tensor lies inside `file`. Refused as
 * in the reference: heads past 100,000,000 bytes, unknown types, products that overflow, offsets that do not fit type and shape,
 * gaps, overlaps, bytes behind the last tensor, names that stand twice. */
bool safetensors_read(struct slice file, const char *name, struct arena *arena, struct safetensors *tensors,
                      struct error *error) MUST_USE;
const struct tensor *safetensors_get(const struct safetensors *tensors, const char *name); /* NULL when absent */
size_t tensor_type_size(enum tensor_type type);
const char *tensor_type_name(enum tensor_type type); /* "f32" */

/* out[0 … count-1] = the tensor's values from number `first` on, as f32. Only for F32, F16, BF16. */
void tensor_to_f32(const struct tensor *tensor, size_t first, size_t count, float *out);

/* ---- safetensors, written ---- */

struct tensor_head {
    const char *name;
    size_t rows, columns; /* columns 0: one dimension */
};

/* The head of a file of f32 tensors; behind it belong their numbers in little endian, in the same order, without gaps. `metadata`: pairs
 * of key and text, `metadata_count` texts in all. */
void safetensors_head(struct buffer *out, const struct tensor_head *tensors, size_t count, const char *const *metadata,
                      size_t metadata_count);

/* ---- NumPy, written ---- */

/* The head of a .npy file (version 1.0); behind it belong rows times columns f32 in little endian, row by row. */
void npy_head(struct buffer *out, size_t rows, size_t columns);

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

/* ---- encodings ---- */

/* The encoding that the bytes of a text are in: by its byte order mark, by being valid UTF-8, by the zero bytes of UTF-16 and UTF-32, by
 * `declared` (what a page, a head or a file says; may be empty) when that fits, else the one in which it is likeliest to have been written.
 * False: it is no text. `*name` is as the Encoding standard writes it, in small letters ("utf-8", "windows-1252", "shift_jis"). */
bool encoding_detect(struct slice source, struct slice declared, const char **name);

/* The encoding's own name for what people call it ("latin1", "CP1252"); NULL when it is none that we can read. */
const char *encoding_named(struct slice label);

/* Appends the text in UTF-8, without a byte order mark; bytes that stand for nothing become U+FFFD. `name` as encoding_detect told it, or
 * any that encoding_named knows. Appends at most three times the bytes. */
bool encoding_to_utf8(struct slice source, const char *name, struct buffer *out, struct error *error) MUST_USE;

/* Whether HTML has an element of this name, in small letters. */
bool html_names_element(struct slice name);

/* What a page of HTML, or XML, says in its first 1,024 bytes that its encoding is (<meta charset>, <meta http-equiv>, <?xml encoding?>):
 * for encoding_detect. Empty when it says nothing. */
struct slice html_encoding(struct slice source);

/* The character reference that `text` begins with ("&amp;", "&#228;"), as a page is read: bytes written to `out`, and in `*size` those it takes; 0: none. */
enum { HTML_REFERENCE_BYTES = 8 };
size_t html_reference(struct slice text, char out[HTML_REFERENCE_BYTES], size_t *size);

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
    size_t start, end; /* bytes in the source: whole lines, but for HTML */
    unsigned page; /* from 1; 0: the source has no pages */
    uint32_t run_count; /* beside it, so that there is no gap: a document may have millions of blocks */
    const struct block_run *runs;
};

/* One value that a document states about itself in its head; a list has several with one key. */
struct head_value {
    struct slice key, text;
    bool quoted; /* it was written in quotes: "12" is text */
};

struct blocks {
    struct block *items;
    size_t count;
    struct slice title; /* stated by the document itself, else empty */
    struct slice language; /* the same: "en" */
    const struct head_value *head; /* all that is a single value or a list of them */
    size_t head_count;
    bool states_access; /* the head has the key "access", whatever its value is */
    bool is_parsed; /* source code whose parts a parser has told */
};

/* Where byte `text_at` of the block's text stands in the source; for bytes that do not, the next one that does (or, with
 * `is_end`, the end of the last one before, if there is one). */
size_t block_source(const struct block *block, size_t text_at, bool is_end);

/* Markdown (CommonMark, GitHub's tables, task lists, strike-through and bare links), with a YAML head. A head that cannot be read is
 * text like any other, unless it seems to say who may see the document (a line that begins with "access:"): that is ERROR_INVALID. */
bool markdown_read(struct slice source, struct arena *arena, struct blocks *blocks, struct error *error) MUST_USE;

/* HTML: the page's main part as a person reads it, without navigation, scripts and what is hidden. Any bytes can be read. */
bool html_read(struct slice source, struct arena *arena, struct blocks *blocks, struct error *error) MUST_USE;

/* Values separated by commas, tabs, semicolons or bars (RFC 4180): a block a record, each value behind its column's name. */
bool csv_read(struct slice source, struct arena *arena, struct blocks *blocks, struct error *error) MUST_USE;

/* The same table value by value, for who reads data and not text. Lines beyond a quote that nothing closes are not lost: from there on a
 * quote holds no longer than its line. */
struct csv_value;
struct csv_rows {
    struct slice source;
    size_t at, next_line;
    char separator; /* the one that divides the first rows most evenly */
    bool no_quoted_lines; /* such a quote was met */
    struct csv_value *raw;
    struct slice *values; /* of the row, without quotes; those past 1,024 are left out */
    size_t count;
    size_t line; /* on which the row begins, from 1 */
    bool is_unclosed; /* the row has an open quote, and no values */
};
void csv_rows_open(struct csv_rows *rows, struct slice source, struct arena *arena);
bool csv_rows_next(struct csv_rows *rows, struct arena *arena); /* false at the end; values live in the source or the arena */

/* JSON as a document: members as "key: value" lines, objects below headings (deeper than four of them as "a.b: value"), arrays of objects as
 * records, each one BLOCK_TABLE_ROW. Members called title, text, body or content stand as they are, without their keys; "title" or "name" is
 * the document's title. What is no JSON but a JSON value a line is read as such. `name` is for messages. */
bool json_document_read(struct slice source, const char *name, struct arena *arena, struct blocks *blocks,
                        struct error *error) MUST_USE;

/* Lines that could not be read. */
struct broken_lines {
    size_t count;
    size_t first_line; /* from 1; 0: all could be read */
    char reason[256]; /* of the first one */
};

/* A JSON value a line (jsonl): a record each. A line that is no JSON costs only itself; when all are, that is ERROR_INVALID. */
bool json_lines_read(struct slice source, const char *name, struct arena *arena, struct blocks *blocks,
                     struct broken_lines *broken, struct error *error) MUST_USE;

/* Plain text: paragraphs by blank lines; a short line underlined by === or ---, or written == x, is a heading. Transcripts (WebVTT, SubRip) too. */
bool plain_read(struct slice source, struct arena *arena, struct blocks *blocks, struct error *error) MUST_USE;

/* Source code: a heading (its signature) and a BLOCK_CODE for each function, class and method, comments above it included; licence, imports
 * and what else is no definition in blocks of code of their own. Levels are those of nesting. `name` is the file's: its ending tells the
 * language, else the first line ("#!"). What is no language that is known is read as plain text. */
bool code_read(struct slice source, const char *name, struct arena *arena, struct blocks *blocks, struct error *error) MUST_USE;

/* A function, class or method that a parser of the language has found, in bytes of the source. Each stands behind what it is in. */
struct code_part {
    uint32_t start; /* of the comments and annotations above it */
    uint32_t body; /* of its signature */
    uint32_t end;
    uint32_t level; /* of nesting, from 0 */
};

/* The same with parts that were found already: whatever they are, each line is in a block once. What is between them is read as above. */
bool code_read_parts(struct slice source, const char *name, const struct code_part *parts, size_t part_count,
                     struct arena *arena, struct blocks *blocks, struct error *error) MUST_USE;
const char *code_language(struct slice source, const char *name); /* "python"; NULL: none that is known */

/* ---- documents whose bytes are not their text ---- */

/* What a reader makes of a PDF or an office document: its text in reading order, and the blocks that stand in it. This text takes the place
 * of the source: it is stored, and ranges of passages count in it.
 *
 *   text    Refunds⏎⏎You have 30 days …⏎⏎Method | Days⏎Card | 5⏎
 *   blocks  [heading] [paragraph        ] [table head ] [table row]
 */
struct extract {
    struct arena *arena;
    struct buffer text;
    struct blocks blocks; /* their texts, runs and places are there after extract_finish */
    size_t block_capacity;
    size_t head_capacity;
    const char **notes; /* what a person should know of how it was read */
    size_t note_count, note_capacity;
};

void extract_init(struct extract *extract, struct arena *arena, size_t text_max);
void extract_release(struct extract *extract);

/* Adds a block: white space at its ends goes, and one without text is none. Bytes that are not UTF-8, and control characters but line
 * ends and tabs, become U+FFFD. `page` from 1, or 0. */
void extract_block(struct extract *extract, enum block_kind kind, unsigned level, unsigned page, struct slice text);

/* Adds what the document states about itself ("author", "created"); an empty value is none. */
void extract_head(struct extract *extract, const char *key, struct slice text);

/* Notes something for the person who adds the document: "pages 3 and 4 hold only images". Past LIMIT_EXTRACT_NOTES nothing is noted. */
void extract_note(struct extract *extract, const char *format, ...) PRINTF_LIKE(2, 3);

/* Ends the text, and gives the blocks their places in it; false when it did not fit into text_max. */
bool extract_finish(struct extract *extract, struct error *error) MUST_USE;

/* A finished extract in bytes, to be handed from the process that reads a document to the one that keeps it; and back. The bytes may come
 * from a process that was taken over: all that the rest of the program relies on is checked (ERROR_CORRUPT). `extract` was initialised. */
void extract_encode(const struct extract *extract, struct buffer *out);
bool extract_decode(struct slice source, struct extract *extract, struct error *error) MUST_USE;

/* ---- office documents, read ---- */

/* Word documents (also .docm): headings, paragraphs, items, tables, notes behind the paragraph that has them; insertions, but not what
 * tracked changes deleted; without comments, headers, footers and hidden text. Pages where the document tells them.
 *
 * This and the readers below end the extract (extract_finish). ERROR_INVALID: not such a document, encrypted, or in a form that is not read
 * (the message says which); ERROR_CORRUPT: damaged; ERROR_LIMIT: too large. */
bool docx_read(struct slice source, struct extract *extract, struct error *error) MUST_USE;

/* PowerPoint presentations: slides in their order (their number is the page), the title first, then shapes in the order in which they lie
 * above each other, tables, diagrams, and the speaker's notes. */
bool pptx_read(struct slice source, struct extract *extract, struct error *error) MUST_USE;

/* Excel workbooks: a heading and a table for each sheet (its number is the page), numbers, dates and percents as they are shown, formulas as
 * what they last came to. */
bool xlsx_read(struct slice source, struct extract *extract, struct error *error) MUST_USE;

/* OpenDocument texts, presentations and spreadsheets (.odt, .odp, .ods), in the same manner. */
bool odf_read(struct slice source, struct extract *extract, struct error *error) MUST_USE;

/* Books in EPUB (2 and 3): the chapters in the order of the spine, each as html_read would read it. Encrypted books are refused. */
bool epub_read(struct slice source, struct extract *extract, struct error *error) MUST_USE;

/* Rich Text Format: headings by their styles or outline levels, items, tables, notes behind the paragraph that has them; insertions, but not
 * what tracked changes deleted; without comments, headers, footers, pictures, objects and hidden text. */
bool rtf_read(struct slice source, struct extract *extract, struct error *error) MUST_USE;
bool rtf_is(struct slice source);

/* Jupyter notebooks: cells of Markdown, code, and what the code wrote, as text. */
bool notebook_read(struct slice source, struct extract *extract, struct error *error) MUST_USE;

/* Files of office programs from before 2007, and today's encrypted ones: by their first bytes. Refusing them says which they are and what to
 * do; the readers above do it themselves. Always false. */
bool office_old_is(struct slice source);
bool office_old_refuse(struct slice source, struct error *error);

/* ---- mail ---- */

/* A mail (RFC 5322, MIME) into an extract: the subject as a heading, who wrote it to whom and when, then its text: paragraphs, and the
 * signature apart; mails that are quoted to the end below headings ("On Monday, Ann wrote:"); mails within it below headings of their own; names of what is attached. The head gets from, to, cc, date
 * ("2024-05-01T10:30:00Z"), subject, message_id, in_reply_to. Any bytes can be read. The caller calls extract_finish. */
bool mail_read(struct slice source, struct extract *extract, struct error *error) MUST_USE;

/* Whether a heading of such a text stands above a mail that is quoted in it. */
bool mail_is_quote(struct slice heading);

/* A file that is attached to a mail, or to a mail within it. */
struct mail_part {
    struct slice name; /* as the mail says: a path of nobody's choosing; may be empty */
    struct slice type; /* "application/pdf" */
    struct slice bytes; /* decoded; good until the visitor returns */
    bool is_inline; /* a part of the page that refers to it, or shown within the text */
};

/* False ends the walk; then the visitor has filled in `error`. */
typedef bool mail_part_visitor(void *context, const struct mail_part *part, struct error *error);

/* Calls `visit` for each file attached, pictures of a page too. False when it did. */
bool mail_each_part(struct slice source, struct arena *arena, mail_part_visitor *visit, void *context,
                    struct error *error) MUST_USE;

/* Many mails in one file, each behind a line "From …" (mboxo, mboxrd). `number` counts from 0; `message` is good until the visitor returns. */
typedef bool mbox_visitor(void *context, size_t number, struct slice message, struct error *error);
bool mbox_is(struct slice source); /* by its first line */
bool mbox_each(struct slice source, mbox_visitor *visit, void *context, struct error *error) MUST_USE;

/* ---- PDF, as poppler's programs tell it ---- */

/* What pdfinfo -rawdates writes: title, author, subject, keywords, created and modified (as ISO 8601) into the extract. */
struct pdf_info {
    uint64_t page_count; /* as the document says: it may be anything */
};
void pdf_info_read(struct slice program_output, struct extract *extract, struct pdf_info *info);

/* What pdftohtml -xml writes: the text in reading order with its headings, paragraphs, items, tables and code, each with its page. Columns are
 * followed, words that a line's end divided are joined, running heads, feet and page numbers left out. Any bytes can be read. Ends with
 * extract_finish. */
bool pdf_layout_read(struct slice program_output, struct extract *extract, struct error *error) MUST_USE;

/* The pages without any text, in ascending order; the array lives in the arena. */
struct pdf_empty {
    unsigned *pages;
    size_t count;
    size_t page_count; /* of all pages */
};
bool pdf_pages_empty(struct slice program_output, struct arena *arena, struct pdf_empty *empty, struct error *error) MUST_USE;

/* A page as tesseract tells it (its "tsv", of an image drawn at `dpi`), as pdftohtml would have: appended behind the XML of the others. */
void pdf_ocr_write(struct slice tsv, unsigned page, unsigned dpi, struct buffer *xml);

/* ---- the web ---- */

/* An address on the web in its one spelling. */
struct url {
    struct slice text; /* all of it: "https://example.com/a?b" */
    struct slice target; /* path and query: "/a?b" */
    struct slice host; /* in small letters; an IPv6 address in brackets */
    bool is_secure; /* https */
    unsigned port;
    unsigned char address[16]; /* of a host that is one, as it goes over the network; address_size 4 or 16, else 0 */
    size_t address_size;
};

bool url_is_web(struct slice text); /* by how it begins */

/* Reads an address as the URL standard says, or a reference to be followed from `base` (NULL: none). ERROR_INVALID: it is none of http or https,
 * or holds a name or a password; ERROR_LIMIT: longer than LIMIT_URL_BYTES. All lives in the arena. */
bool url_parse(struct slice text, const struct url *base, struct arena *arena, struct url *url, struct error *error) MUST_USE;

struct robots_rule;

/* What a robots.txt (RFC 9309) says to the program of that name, and to all. */
struct robots {
    const struct robots_rule *rules;
    size_t rule_count;
    unsigned delay_ms; /* between two requests; 0: it says nothing */
    const struct slice *sitemaps;
    size_t sitemap_count;
};

/* Any bytes can be read; the first 500 KiB are. */
void robots_read(struct slice source, struct slice agent, struct arena *arena, struct robots *robots);
bool robots_allows(const struct robots *robots, struct slice target); /* a url's target */

enum sitemap_kind { SITEMAP_NONE, SITEMAP_PAGES, SITEMAP_INDEX };

struct sitemap {
    enum sitemap_kind kind; /* NONE: it is some other document */
    struct slice *locations; /* of pages, or of further sitemaps, as they are written */
    size_t count;
    bool is_cut; /* there were more than LIMIT_SITEMAP_ENTRIES */
};

/* ERROR_CORRUPT, ERROR_INVALID: damaged XML, or with a document type; ERROR_LIMIT: larger than LIMIT_SITEMAP_BYTES. */
bool sitemap_read(struct slice source, struct arena *arena, struct sitemap *sitemap, struct error *error) MUST_USE;

#endif
