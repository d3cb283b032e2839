/* test_codec.c - JSON out against a small reader of its own; YAML, Markdown and plain text in against what is written here by
 * hand, and against rules that hold for every document (runs, ranges, both directions of block_source). The examples of the
 * CommonMark specification are read where they are at hand. */
#include "compare.h"
#include "codec/codec.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- JSON: a reader that knows only the grammar ---- */

struct reader {
    struct slice text;
    size_t at;
    struct buffer *strings; /* the strings read, decoded, each with a line feed behind */
};

static char peek(const struct reader *reader)
{
    return reader->at < reader->text.size ? reader->text.data[reader->at] : '\0';
}

static bool take(struct reader *reader, const char *word)
{
    size_t size = strlen(word);
    if (reader->text.size - reader->at < size || memcmp(reader->text.data + reader->at, word, size) != 0)
        return false;
    reader->at += size;
    return true;
}

static bool read_string(struct reader *reader)
{
    if (!take(reader, "\""))
        return false;
    while (reader->at < reader->text.size && peek(reader) != '"') {
        unsigned char byte = (unsigned char)reader->text.data[reader->at++];
        if (byte < 0x20)
            return false;
        if (byte != '\\') {
            buffer_append_byte(reader->strings, (char)byte);
            continue;
        }
        static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
        char name = peek(reader);
        reader->at++;
        const char *found = name ? strchr(names, name) : NULL;
        if (found != NULL) {
            buffer_append_byte(reader->strings, values[found - names]);
            continue;
        }
        static const char digits[] = "0123456789abcdef";
        unsigned value = 0;
        for (size_t i = 0; i < 4; i++) {
            const char *digit = name == 'u' && peek(reader) ? strchr(digits, peek(reader)) : NULL;
            if (digit == NULL)
                return false;
            value = value << 4 | (unsigned)(digit - digits);
            reader->at++;
        }
        if (value > 0x7F)
            return false;
        buffer_append_byte(reader->strings, (char)value);
    }
    buffer_append_byte(reader->strings, '\n');
    return take(reader, "\"");
}

static bool read_number(struct reader *reader)
{
    size_t start = reader->at;
    (void)take(reader, "-");
    size_t digits = reader->at;
    while (strchr("0123456789", peek(reader)) != NULL && peek(reader))
        reader->at++;
    if (reader->at == digits || (reader->text.data[digits] == '0' && reader->at > digits + 1))
        return false;
    while (strchr("0123456789.eE+-", peek(reader)) != NULL && peek(reader))
        reader->at++;
    double value;
    return slice_to_double(slice_range(reader->text, start, reader->at), &value);
}

static bool read_value(struct reader *reader)
{
    char first = peek(reader), last = first == '{' ? '}' : ']';
    if (first == '"')
        return read_string(reader);
    if (first != '{' && first != '[')
        return take(reader, "true") || take(reader, "false") || take(reader, "null") || read_number(reader);
    reader->at++;
    if (peek(reader) == last) {
        reader->at++;
        return true;
    }
    for (;;) {
        if (first == '{' && (!read_string(reader) || !take(reader, ":")))
            return false;
        if (!read_value(reader))
            return false;
        if (peek(reader) == last) {
            reader->at++;
            return true;
        }
        if (!take(reader, ","))
            return false;
    }
}

/* `json` is one value; its strings are `strings`. */
static void check_json(struct buffer *json, struct slice strings, uint64_t seed)
{
    struct buffer decoded;
    buffer_init(&decoded, 64 * MIB);
    struct reader reader = {.text = {buffer_text(json), json->size}, .strings = &decoded};
    if (!read_value(&reader) || reader.at != json->size)
        fail_msg("not JSON at byte %zu: %.300s", reader.at, buffer_text(json));
    compare_bytes("strings", buffer_slice(&decoded), strings, seed);
    buffer_release(&decoded);
}

/* What UTF-8 with U+FFFD for each byte that is none looks like: by computing the number of every character. */
static void repaired(struct slice text, struct buffer *out)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *bytes = (const unsigned char *)text.data;
    for (size_t at = 0; at < text.size;) {
        size_t size = 1;
        uint32_t character = bytes[at];
        if (bytes[at] >= 0x80) {
            size = (bytes[at] >> 5) == 6 ? 2 : (bytes[at] >> 4) == 14 ? 3 : (bytes[at] >> 3) == 30 ? 4 : 0;
            character = size ? bytes[at] & (0xFFU >> (size + 1)) : 0;
            bool whole = size > 0 && at + size <= text.size;
            for (size_t i = 1; whole && i < size; i++) {
                whole = bytes[at + i] >= 0x80 && bytes[at + i] < 0xC0;
                character = character << 6 | (bytes[at + i] & 0x3F);
            }
            if (!whole || character < least[size] || character > 0x10FFFF || (character >= 0xD800 && character <= 0xDFFF))
                size = 0;
        }
        if (size == 0)
            buffer_append_text(out, "\xEF\xBF\xBD");
        else
            buffer_append(out, text.data + at, size);
        at += size > 0 ? size : 1;
    }
}

static void check_json_text(struct slice text, uint64_t seed)
{
    struct buffer json, wanted;
    struct json_writer writer;
    buffer_init(&json, 16 * MIB);
    buffer_init(&wanted, 16 * MIB);
    json_writer_init(&writer, &json);
    json_text(&writer, text);
    repaired(text, &wanted);
    buffer_append_byte(&wanted, '\n');
    check_json(&json, buffer_slice(&wanted), seed);
    buffer_release(&json);
    buffer_release(&wanted);
}

static void json_bytes(void **state)
{
    (void)state;
    char bytes[4];
    for (unsigned a = 0; a < 256; a++) { /* every byte, and every pair that can begin or break a character */
        bytes[0] = (char)a;
        check_json_text((struct slice){bytes, 1}, a);
        for (unsigned b = 0x70; b < 256; b += a < 0x80 ? 16 : 1) {
            bytes[1] = (char)b;
            check_json_text((struct slice){bytes, 2}, a << 8 | b);
        }
    }
    static const struct slice cases[] = {SLICE_CONSTANT("\xE0\x9F\xBF"),
                                         SLICE_CONSTANT("\xE0\xA0\x80"),
                                         SLICE_CONSTANT("\xED\x9F\xBF"),
                                         SLICE_CONSTANT("\xED\xA0\x80"),
                                         SLICE_CONSTANT("\xF0\x8F\xBF\xBF"),
                                         SLICE_CONSTANT("\xF0\x90\x80\x80"),
                                         SLICE_CONSTANT("\xF4\x8F\xBF\xBF"),
                                         SLICE_CONSTANT("\xF4\x90\x80\x80"),
                                         SLICE_CONSTANT("a\xE2\x82"),
                                         SLICE_CONSTANT("\xE2\x82"
                                                        "b"),
                                         SLICE_CONSTANT("\0a\0"),
                                         SLICE_CONSTANT("\xC0\x80\xFE\xFF")};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        check_json_text(cases[i], i);
    check_json_text((struct slice){NULL, 0}, 0);
    struct random random;
    uint64_t seed = test_seed();
    random_init(&random, seed);
    for (size_t round = 0; round < 20000; round++) {
        static const unsigned char edges[] = {0x00, 0x1F, 0x22, 0x5C, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC1,
                                              0xC2, 0xDF, 0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF1, 0xF4, 0xF5, 0xFF, 'a'};
        char text[12];
        size_t size = (size_t)random_below(&random, sizeof(text) + 1);
        for (size_t i = 0; i < size; i++)
            text[i] = (char)edges[random_below(&random, sizeof(edges))];
        check_json_text((struct slice){text, size}, seed);
    }
}

static void json_values(void **state)
{
    (void)state;
    struct buffer json;
    struct json_writer writer;
    buffer_init(&json, MIB);
    json_writer_init(&writer, &json);
    json_object_begin(&writer);
    json_key(&writer, "a\"");
    json_array_begin(&writer);
    json_integer(&writer, INT64_MIN);
    json_real(&writer, 0.1, 9);
    json_real(&writer, -0.0, 9);
    json_real(&writer, 1e300, 3);
    json_real(&writer, (double)NAN, 9);
    json_real(&writer, (double)-INFINITY, 9);
    json_object_begin(&writer);
    json_object_end(&writer);
    json_array_begin(&writer);
    json_array_end(&writer);
    json_array_end(&writer);
    json_key(&writer, "b");
    json_bool(&writer, true);
    json_key(&writer, "");
    json_null(&writer);
    json_key(&writer, "c");
    json_text(&writer, SLICE("x\n\x7F"));
    json_object_end(&writer);
    compare_text("object", buffer_slice(&json),
                 "{\"a\\\"\":[-9223372036854775808,0.1,-0,1e+300,null,null,{},[]],\"b\":true,\"\":null,"
                 "\"c\":\"x\\n\\u007f\"}");
    check_json(&json, SLICE("a\"\nb\n\nc\nx\n\x7F\n"), 0);
    buffer_release(&json);
}

static void write_random(struct json_writer *writer, struct random *random, unsigned depth)
{
    uint64_t kind = random_below(random, depth < 8 ? 6 : 4);
    if (kind == 0)
        json_integer(writer, (int64_t)random_u64(random));
    else if (kind == 1)
        json_real(writer, (random_unit(random) - 0.5) * pow(10, (double)random_below(random, 40)), 17);
    else if (kind == 2)
        json_text(writer, SLICE("t"));
    else if (kind == 3)
        json_bool(writer, random_below(random, 2) == 1);
    else {
        (kind == 4 ? json_object_begin : json_array_begin)(writer);
        for (uint64_t i = random_below(random, 5); i > 0; i--) {
            if (kind == 4)
                json_key(writer, "t");
            write_random(writer, random, depth + 1);
        }
        (kind == 4 ? json_object_end : json_array_end)(writer);
    }
}

static void json_nesting(void **state)
{
    (void)state;
    struct random random;
    uint64_t seed = test_seed();
    random_init(&random, seed);
    struct buffer json, decoded;
    buffer_init(&json, 64 * MIB);
    buffer_init(&decoded, 64 * MIB);
    for (size_t round = 0; round < 500; round++) {
        struct json_writer writer;
        buffer_clear(&json);
        buffer_clear(&decoded);
        json_writer_init(&writer, &json);
        write_random(&writer, &random, 0);
        assert_int_equal(writer.depth, 0);
        struct reader reader = {.text = {buffer_text(&json), json.size}, .strings = &decoded};
        if (!read_value(&reader) || reader.at != json.size)
            fail_msg("not JSON at byte %zu (seed %llu): %.300s", reader.at, (unsigned long long)seed, buffer_text(&json));
        for (size_t i = 0; i < decoded.size; i++)
            assert_int_equal(decoded.data[i], i % 2 ? '\n' : 't');
    }
    buffer_release(&json);
    buffer_release(&decoded);
}

/* ---- NumPy ---- */

/* What NumPy 2.4.6 writes before the data. */
static void npy_heads(void **state)
{
    (void)state;
    static const struct {
        size_t rows, columns;
        const char *shape; /* the head from its shape on */
    } cases[] = {
        {3, 4, "(3, 4), }                                                          \n"},
        {0, 384, "(0, 384), }                                                        \n"},
        {5183, 384, "(5183, 384), }                                                     \n"},
        {1000000000000, 1000000, "(1000000000000, 1000000), }                                        \n"},
    };
    struct buffer got, wanted;
    buffer_init(&got, MIB);
    buffer_init(&wanted, MIB);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        buffer_clear(&got);
        buffer_clear(&wanted);
        buffer_append(&wanted, "\x93NUMPY\x01\x00v\x00", 10);
        buffer_append_text(&wanted, "{'descr': '<f4', 'fortran_order': False, 'shape': ");
        buffer_append_text(&wanted, cases[i].shape);
        npy_head(&got, cases[i].rows, cases[i].columns);
        compare_bytes(cases[i].shape, buffer_slice(&got), buffer_slice(&wanted), 0);
        assert_int_equal(got.size, 128);
    }
    buffer_clear(&got);
    npy_head(&got, SIZE_MAX, SIZE_MAX);
    assert_int_equal(got.size % 64, 0);
    assert_int_equal(got.data[got.size - 1], '\n');
    buffer_release(&got);
    buffer_release(&wanted);
}

/* ---- YAML ---- */

/* [a, b] {k=v}, quoted scalars in quotes. */
static void show_node(const struct yaml_node *node, struct buffer *out)
{
    if (node->kind == YAML_SCALAR) {
        buffer_format(out, node->quoted ? "'" SLICE_FORMAT "'" : SLICE_FORMAT, SLICE_ARGUMENT(node->text));
        return;
    }
    buffer_append_byte(out, node->kind == YAML_SEQUENCE ? '[' : '{');
    for (size_t i = 0; i < node->count; i++) {
        if (i > 0)
            buffer_append_byte(out, ' ');
        if (node->kind == YAML_MAPPING)
            buffer_format(out, SLICE_FORMAT "=", SLICE_ARGUMENT(node->keys[i]));
        show_node(&node->items[i], out);
    }
    buffer_append_byte(out, node->kind == YAML_SEQUENCE ? ']' : '}');
}

static void yaml_values(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "{}"},
        {"# nothing\n", "{}"},
        {"---\n", "{}"},
        {"--- # nothing\n...\n", "{}"},
        {"''", "''"},
        {"word", "word"},
        {"a: 1", "{a=1}"},
        {"a:\n", "{a=}"},
        {"a: ''\nb: \"x\\ty\"\nc: 'it''s'\n", "{a='' b='x\ty' c='it's'}"},
        {"a: [1, [2, 3], {x: y}]\n", "{a=[1 [2 3] {x=y}]}"},
        {"a:\n  - 1\n  - b: 2\n    c: 3\n  -\n    - 4\n", "{a=[1 {b=2 c=3} [4]]}"},
        {"a: |\n  one\n  two\nb: >\n  three\n  four\n", "{a='one\ntwo\n' b='three four\n'}"},
        {"a: b # comment\n", "{a=b}"},
        {"\"a b\": c\n1: 2\n", "{a b=c 1=2}"},
        {"[]", "[]"},
        {"a: 1\n---\na: 2\n", "{a=1}"},
        {"a: 1\r\nb: 2\r\n", "{a=1 b=2}"},
        {"\xEF\xBB\xBFx: 1\ny: 2\n", "{x=1 y=2}"},
        {"gr\xC3\xBC\xC3\x9F: \xE2\x82\xAC\n", "{gr\xC3\xBC\xC3\x9F=\xE2\x82\xAC}"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct error error = {0};
        struct arena arena;
        struct buffer shown;
        struct yaml_node root;
        arena_init(&arena);
        buffer_init(&shown, MIB);
        expect_ok(yaml_read(slice_from(cases[i][0]), "y", &arena, &root, &error), &error);
        show_node(&root, &shown);
        compare_text(cases[i][0], buffer_slice(&shown), cases[i][1]);
        buffer_release(&shown);
        arena_release(&arena);
    }
}

static void yaml_places(void **state)
{
    (void)state;
    struct error error = {0};
    struct arena arena;
    struct yaml_node root;
    arena_init(&arena);
    expect_ok(yaml_read(SLICE("# one\na: x\nlist:\n  - y\n  - {k: z}\n"), "y", &arena, &root, &error), &error);
    const struct yaml_node *a = yaml_get(&root, "a"), *list = yaml_get(&root, "list");
    assert_true(a->line == 2 && a->column == 4);
    assert_true(list->items[0].line == 4 && list->items[0].column == 5);
    assert_true(yaml_get(&list->items[1], "k")->line == 5 && yaml_get(&list->items[1], "k")->column == 9);
    assert_null(yaml_get(&root, "b"));
    assert_null(yaml_get(list, "a"));
    arena_release(&arena);
}

static void yaml_refused(void **state)
{
    (void)state;
    static const struct {
        const char *source, *message;
    } cases[] = {
        {"a: 1\nb: 2\na: 3\n", "y:3:1: key \"a\" stands twice"},
        {"x: {k: 1, k: 2}", "y:1:11: key \"k\" stands twice"},
        {"a: &n 1\nb: *n\n", "y:1:4: anchors"},
        {"a: &n [1]\n", "y:1:4: anchors"},
        {"a: &n {b: 1}\n", "y:1:4: anchors"},
        {"&n a: 1\n", "y:1:1: anchors"},
        {"a: *n\n", "y:1:4: aliases"},
        {"a: !!binary aGk=\n", "y:1:4: tags"},
        {"a: !x [1]\n", "y:1:4: tags"},
        {"!x a: 1\n", "y:1:1: tags"},
        {"a: !!map {b: 1}\n", "y:1:4: tags"},
        {"? [a]\n: b\n", "y:1:3: a key is not a plain word"},
        {"a: [1\n", "y:2:1: "},
        {"a: b: c\n", "y:1:5: "},
        {"a: 1\n\tb: 2\n", "y:2:"},
        {"a: 1\nb: \"x\n", "y:3:1: "},
        {"a: 1\nb: 2\nc: \xFF\n", "y:3:4: "},
        {"a: 1\nb: \x01\n", "y:2:4: "},
        {"%YAML 9.9\n---\na: 1\n", "y:1:1: "},
        {"{a: 1}}", "y:1:7: "},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct error error = {0};
        struct arena arena;
        struct yaml_node root;
        arena_init(&arena);
        expect_error(yaml_read(slice_from(cases[i].source), "y", &arena, &root, &error), &error, ERROR_INVALID,
                     cases[i].message);
        assert_int_equal(error.hint[0] != '\0', strstr(error.message, "UTF-8") != NULL);
        arena_release(&arena);
    }
}

static void yaml_limits(void **state)
{
    (void)state;
    struct error error = {0};
    struct arena arena;
    struct buffer text;
    struct yaml_node root;
    arena_init(&arena);
    buffer_init(&text, 4 * MIB);
    for (size_t depth = LIMIT_SETTINGS_DEPTH; depth <= LIMIT_SETTINGS_DEPTH + 1; depth++) {
        buffer_clear(&text);
        for (size_t i = 0; i < depth; i++)
            buffer_append_byte(&text, '[');
        for (size_t i = 0; i < depth; i++)
            buffer_append_byte(&text, ']');
        bool ok = yaml_read(buffer_slice(&text), "y", &arena, &root, &error);
        if (depth <= LIMIT_SETTINGS_DEPTH + 1 && ok)
            continue;
        expect_error(ok, &error, ERROR_INVALID, "is nested too deep");
    }
    buffer_clear(&text);
    for (size_t i = 0; i < 100000; i++)
        buffer_append_byte(&text, '[');
    expect_error(yaml_read(buffer_slice(&text), "y", &arena, &root, &error), &error, ERROR_INVALID, "is nested too deep");
    for (size_t nodes = LIMIT_SETTINGS_NODES - 1; nodes <= LIMIT_SETTINGS_NODES; nodes++) { /* and the list itself */
        buffer_clear(&text);
        for (size_t i = 0; i < nodes; i++)
            buffer_append_text(&text, "- x\n");
        bool ok = yaml_read(buffer_slice(&text), "y", &arena, &root, &error);
        if (nodes < LIMIT_SETTINGS_NODES)
            expect_ok(ok, &error);
        else
            expect_error(ok, &error, ERROR_INVALID, "y:10000:3: has too many values");
    }
    buffer_clear(&text);
    buffer_append_zeros(&text, LIMIT_SETTINGS_BYTES + 1);
    memset(text.data, '\n', text.size);
    expect_error(yaml_read(buffer_slice(&text), "y", &arena, &root, &error), &error, ERROR_LIMIT, "the limit is 1048576");
    text.size--;
    expect_ok(yaml_read(buffer_slice(&text), "y", &arena, &root, &error), &error);
    expect_ok(yaml_read((struct slice){NULL, 0}, "y", &arena, &root, &error), &error);
    buffer_release(&text);
    arena_release(&arena);
}

/* ---- documents: what holds for every one ---- */

static bool is_line_start(struct slice source, size_t at)
{
    return at == 0 || source.data[at - 1] == '\n' || source.data[at - 1] == '\r';
}

static bool is_line_end(struct slice source, size_t at)
{
    return at == source.size || source.data[at] == '\n' || source.data[at] == '\r';
}

/* Where byte `at` of the text stands, by looking at every run. */
static size_t place_by_scan(const struct block *block, size_t at, bool is_end)
{
    size_t before = block->runs[0].source_at; /* then the end of the last run that begins before `at` */
    for (size_t i = 0; i < block->run_count; i++) {
        const struct block_run *run = &block->runs[i];
        if (at >= run->text_at && at < run->text_at + run->size && (!is_end || at > run->text_at))
            return run->size == run->source_size ? run->source_at + (at - run->text_at)
                                                 : run->source_at + (is_end ? run->source_size : 0);
        if (!is_end && run->text_at > at)
            return run->source_at;
        if (run->text_at < at)
            before = run->source_at + run->source_size;
    }
    return before;
}

static void check_block(struct slice source, const struct block *block)
{
    assert_true(slice_trim(block->text).size > 0);
    assert_true(block->run_count > 0 && block->start <= block->end && block->end <= source.size);
    assert_true(is_line_start(source, block->start) && is_line_end(source, block->end));
    assert_int_equal(block->level > 0, block->kind == BLOCK_HEADING || block->kind == BLOCK_ITEM);
    assert_true(block->kind != BLOCK_HEADING || block->level <= 6);
    size_t text_at = 0, source_at = block->start;
    for (size_t i = 0; i < block->run_count; i++) {
        const struct block_run *run = &block->runs[i];
        assert_true(run->text_at >= text_at && run->size <= block->text.size - run->text_at);
        assert_true(run->source_at >= source_at && run->source_at + run->source_size <= block->end);
        text_at = run->text_at + run->size;
        source_at = run->source_at + run->source_size;
        bool same = memcmp(block->text.data + run->text_at, source.data + run->source_at, run->size) == 0;
        if (!same && strchr("&+-0123456789", source.data[run->source_at]) == NULL) /* a digit: <sup>2 */
            fail_msg("run %zu at %zu is \"%.*s\", the source has \"%.*s\"", i, run->source_at, (int)run->size,
                     block->text.data + run->text_at, (int)run->size, source.data + run->source_at);
    }
    size_t step = block->text.size > 20000 ? block->text.size / 1000 : 1;
    for (size_t at = 0; at <= block->text.size; at += step) {
        if (at < block->text.size)
            assert_int_equal(block_source(block, at, false), place_by_scan(block, at, false));
        assert_int_equal(block_source(block, at, true), place_by_scan(block, at, true));
    }
}

static void check_blocks(struct slice source, const struct blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++) {
        check_block(source, &blocks->items[i]);
        assert_true(i == 0 || blocks->items[i].start >= blocks->items[i - 1].start);
    }
}

static void show_blocks(const struct blocks *blocks, struct buffer *out)
{
    static const char *const names[] = {"H", "P", "I", "C", "TH", "TR"};
    for (size_t i = 0; i < blocks->count; i++) {
        const struct block *block = &blocks->items[i];
        buffer_append_text(out, names[block->kind]);
        if (block->level > 0)
            buffer_format(out, "%u", block->level);
        buffer_format(out, " " SLICE_FORMAT "\n", SLICE_ARGUMENT(block->text));
    }
}

struct document_case {
    const char *source;
    const char *wanted; /* as show_blocks shows it */
};

static void check_documents(bool (*read)(struct slice source, struct arena *arena, struct blocks *blocks, struct error *error),
                            const struct document_case *cases, size_t count)
{
    struct buffer shown;
    buffer_init(&shown, MIB);
    for (size_t i = 0; i < count; i++) {
        struct error error = {0};
        struct arena arena;
        struct blocks blocks;
        arena_init(&arena);
        buffer_clear(&shown);
        struct slice source = slice_from(cases[i].source);
        char *exact = memory_alloc(source.size + 1, 1); /* so that a read past the end is seen */
        memcpy(exact, source.data, source.size);
        source.data = exact;
        expect_ok(read(source, &arena, &blocks, &error), &error);
        check_blocks(source, &blocks);
        show_blocks(&blocks, &shown);
        compare_text(cases[i].source, buffer_slice(&shown), cases[i].wanted);
        arena_release(&arena);
        free(exact);
    }
    buffer_release(&shown);
}

static const struct document_case markdown_cases[] = {
    {"", ""},
    {" \n\t\n", ""},
    {"# A #\n## B\n###### C\n#D\n", "H1 A\nH2 B\nH6 C\nP #D\n"},
    {"A\n===\nB *c*\n---\n", "H1 A\nH2 B c\n"},
    {"a\nb  \nc\\\nd\n\ne", "P a b\nc\nd\nP e\n"},
    {"- a\n- b\n  - c\n    1. d\n- e\n", "I1 a\nI1 b\nI2 c\nI3 d\nI1 e\n"},
    {"- a\n\n  b\n\n- c\n\n  - d\n\n    e\n", "I1 a\nP b\nI1 c\nI2 d\nP e\n"},
    {"1. a\n\n   ```\n   x\n   ```\n2. b\n", "I1 a\nC x\n\nI1 b\n"},
    {"- [ ] a\n- [x] b\n", "I1 a\nI1 b\n"},
    {"- # A\n  b\n", "H1 A\nI1 b\n"},
    {"- - a\n  - b\n", "I2 a\nI2 b\n"},
    {"-\n- a\n", "I1 a\n"},
    {"> a\n> b\n>\n> c\n", "P a b\nP c\n"},
    {"> - a\n> # B\n", "I1 a\nH1 B\n"},
    {"```c\nint x;\n\n  y\n```\n", "C int x;\n\n  y\n\n"},
    {"~~~\nopen\n", "C open\n\n"},
    {"    a\n\tb\n\n    c\n", "C a\nb\n\nc\n\n"},
    {"\t\t\t\t\ta", "C                 a\n\n"},
    {"-\t\t\ta", "C       a\n\n"},
    {"| a | b |\n|---|:-:|\n| 1 | *2* |\n| 3 |\n", "TH a | b\nTR 1 | 2\nTR 3\n"},
    {"a|b|c\n---|---|---\n|x|\n| |y|\n", "TH a | b | c\nTR x\nTR  | y\n"},
    {"| a\\|b | c\\|d |\n|---|---|\n| 1 | 2 |\n", "TH a|b | c|d\nTR 1 | 2\n"},
    {"a &amp; b &copy; &#x20AC; &nope; &#0; &AMP\n", "P a & b \xC2\xA9 \xE2\x82\xAC &nope; \xEF\xBF\xBD &AMP\n"},
    {"[text *a*](http://x/ \"title\") ![alt](y.png) <http://z.org> www.w.org\n", "P text a alt http://z.org www.w.org\n"},
    {"[a][r] and [r]\n\n[r]: /url \"no text\"\n", "P a and r\n"},
    {"~~old~~ **new** `code` \\*\n", "P new code *\n"},
    {"Price: ~~99~~ 79, <del>x</del> <s>y</s>1\n\n<s>open\n\nb\n", "P Price: 79, 1\nP b\n"},
    {"| a | b |\n|---|---|\n| ~~1~~ | 2 |\n", "TH a | b\nTR  | 2\n"},
    {"10<sup>6</sup> m<sup>2</sup> CO<sub>2</sub> 1<sup>st</sup>\n", "P 10\xE2\x81\xB6 m\xC2\xB2 CO2 1st\n"},
    {"<div>\na <b>b</b>\n</div>\n\nc <i>d</i>\n", "P \na b\n\n\nP c d\n"},
    {"<!-- a -->\n\nb\n", "P b\n"},
    {"<!-- <b>a</b> > -->\n\nb <!-- <i>c</i> --> d\n", "P b  d\n"},
    {"a<br>b<br/>c<wbr>d\n", "P a b cd\n"},
    {"<table><tr><td>a</td><td>b</td></tr></table>\n", "P a b \n\n"},
    {"<p title=\"a > b\">c</p>\n", "P c \n\n"},
    {"| a |\n|---|\n| b<br>c |\n", "TH a\nTR b c\n"},
    {"a\n***\nb\n", "P a\nP b\n"},
    {"\\# a\n\n1986\\. b\n", "P # a\nP 1986. b\n"},
    {"---\ntitle: T\n---\n# A\n", "H1 A\n"},
    {"---\n---\na\n", "P a\n"},
    {"---\ntitle: [\n---\na\n", "H2 title: [\nP a\n"},
    {"---\ntitle: T\n\na\n", "P title: T\nP a\n"},
    {"---\na\n---\nb\n", "H2 a\nP b\n"},
    {"---\na: &x 1\n---\nb\n", "H2 a: &x 1\nP b\n"},
    {"# A\r\n\r\nb\r\nc\r\n\r\n- d\r\n- e\r\n", "H1 A\nP b c\nI1 d\nI1 e\n"},
    {"a\rb\r\r\n", "P a b\n"},
};

static void markdown_blocks(void **state)
{
    (void)state;
    check_documents(markdown_read, markdown_cases, ARRAY_COUNT(markdown_cases));
}

static void plain_blocks(void **state)
{
    (void)state;
    static const struct document_case cases[] = {
        {"", ""},
        {"\n \n\t\n", ""},
        {"a\n  b  \n\nc", "P a\nb\nP c\n"},
        {"Title\n=====\nText\nmore\n\nSub\n---\n\nThird\n ~~~ \nx", "H1 Title\nP Text\nmore\nH2 Sub\nH3 Third\nP x\n"},
        {"a\nb\n---\n", "P a\nb\n---\n"},
        {"===\n===\n", "P ===\n===\n"},
        {"a\n=-=\n", "P a\n=-=\n"},
        {"a\n==\n", "P a\n==\n"},
        {"- a\n  b\n* c\n\xE2\x80\xA2 d\n1. e\n12) f\n1234. g\n1.h\n",
         "I1 - a\nb\nI1 * c\nI1 \xE2\x80\xA2 d\nI1 1. e\nI1 12) f\n1234. g\n1.h\n"},
        {"a\r\nb\r\n\r\nc\r\n", "P a\nb\nP c\n"},
        {"<b> &amp; # x\n", "P <b> &amp; # x\n"},
        {"= Doc\n:toc:\n\n== A b\ntext\n\n=== C ===\n\n= no\n", "H1 Doc\nP :toc:\nH2 A b\nP text\nH3 C\nP = no\n"},
        /* capitals, numbers above paragraphs, and tables */
        {"STAFF BOOK\n\n1. HOURS\n\nTen to six.\n\n2. LEAVE\nThirty days.\n\n2.1 Sick leave\n\nTell us.\n",
         "H1 STAFF BOOK\nH2 1. HOURS\nP Ten to six.\nH2 2. LEAVE\nP Thirty days.\nH3 2.1 Sick leave\nP Tell us.\n"},
        {"DO NOT RUN\nIN HERE\n\n1. Ask\n\n2. Fill in\n\nWait.\n\nSET_PATH\na\n\n3. Sign\n\n   here\n",
         "P DO NOT RUN\nIN HERE\nI1 1. Ask\nI1 2. Fill in\nP Wait.\nP SET_PATH\na\nI1 3. Sign\nP here\n"},
        {"Item       Price  Stock\n------------------------\nBook A4     3.20     14\nPen                  "
         "30\n----\nAll\t9\t44\n\nb",
         "TH Item | Price | Stock\nTR Book A4 | 3.20 | 14\nTR Pen |  | 30\nTR All | 9 | 44\nP b\n"},
        {"Part  One\n---------\nText\n", "H2 Part  One\nP Text\n"},
        {"a\n== b\n\n==c\n\n== \n\n======= d\n", "P a\n== b\nP ==c\nP ==\nP ======= d\n"},
    };
    check_documents(plain_read, cases, ARRAY_COUNT(cases));
    char line[128]; /* a long line over === is no heading */
    memset(line, 'x', 121);
    memcpy(line + 121, "\n===\n", 6);
    struct error error = {0};
    struct arena arena;
    struct blocks blocks;
    arena_init(&arena);
    expect_ok(plain_read(slice_from(line), &arena, &blocks, &error), &error);
    assert_int_equal(blocks.items[0].kind, BLOCK_PARAGRAPH);
    expect_ok(plain_read(slice_from(line + 1), &arena, &blocks, &error), &error);
    assert_int_equal(blocks.items[0].kind, BLOCK_HEADING);
    expect_ok(plain_read((struct slice){NULL, 0}, &arena, &blocks, &error), &error);
    expect_ok(markdown_read((struct slice){NULL, 0}, &arena, &blocks, &error), &error);
    assert_int_equal(blocks.count, 0);
    arena_release(&arena);
}

/* Transcripts and subtitles, which are plain text too: what is said, by whom. */
static void captions_blocks(void **state)
{
    (void)state;
    static const struct document_case cases[] = {
        {"WEBVTT - call\nKind: captions\n\nNOTE nobody\nsays this\n\nSTYLE\n::cue{}\n\nintro\n00:01.000 --> 00:02.500 "
         "align:start\n"
         "<v Anna Berg>The window\nis <b>30</b> days.\n\n00:00:02.500 --> 00:00:04.000\n<v Anna Berg>In the EU.</v>\n\n"
         "00:04.000 --> 00:05.000\n<v.loud Ben>R&amp;D too? <v Anna Berg>Yes.\n",
         "P Anna Berg: The window is 30 days. In the EU.\nP Ben: R&D too? \nP Anna Berg: Yes.\n"},
        {"\xEF\xBB\xBFWEBVTT\n", ""},
        {"1\r\n00:00:01,000 --> 00:00:02,000\r\nANNA: a <i>b</i> < c\r\n\r\n2\r\n00:00:02,100 --> 00:00:03,000\r\nd\r\n\r\n"
         "3\r\n00:00:09,000 --> 00:00:10,000\r\ne\r\n",
         "P ANNA: a b < c d\nP e\n"},
        {"WEBVTT\n\n00:01.000 --> 00:02.000\nfirst\n\n00:02.000 --> 00:03.000\nfirst\nsecond\n\n00:03.000 --> "
         "00:04.000\nsecond\nthird\n",
         "P first second third\n"},
        {"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Anna>a</v> b\n\n00:02.000 --> 00:03.000\n<v Ben>c\nd\n\n00:03.000 --> "
         "00:04.000\ne\n",
         "P Anna: a\nP b\nP Ben: c d\nP e\n"},
        {"WEBVTT\n\n00:01.000 --> 00:02.000\nno\n\n00:02.501 --> 00:03.000\nno\n\n00:03.500 --> 00:04.000\nno\n", "P no no\n"},
        {"1\n00:00:01,000 --> 00:00:02,000\na\n2\n00:00:02,000 --> 00:00:03,000\nb\n", "P a 2 b\n"},
        {"WEBVTTS\n\n00:01.000 --> 00:02.000\na\n", "H1 WEBVTTS\nP 00:01.000 --> 00:02.000\na\n"},
        {"1\n00:00 -> 00:01\na\n", "P 1\n00:00 -> 00:01\na\n"},
    };
    check_documents(plain_read, cases, ARRAY_COUNT(cases));
}

static void markdown_places(void **state)
{
    (void)state;
    struct error error = {0};
    struct arena arena;
    struct blocks blocks;
    arena_init(&arena);
    /*                      0         10        20         30        40  */
    struct slice source = SLICE("---\ntitle: ' T '\nlang: de\n---\n## H\n\nYou have **30** R&amp;D\r\nlast\n");
    expect_ok(markdown_read(source, &arena, &blocks, &error), &error);
    compare_text("title", blocks.title, "T");
    compare_text("language", blocks.language, "de");
    assert_int_equal(blocks.count, 2);
    const struct block *heading = &blocks.items[0], *text = &blocks.items[1];
    compare_text("heading", slice_range(source, heading->start, heading->end), "## H");
    compare_text("range", slice_range(source, text->start, text->end), "You have **30** R&amp;D\r\nlast");
    compare_text("text", text->text, "You have 30 R&D last");
    size_t at = text->start;
    assert_int_equal(block_source(text, 0, false), at);
    assert_int_equal(block_source(text, 9, false), at + 11);  /* 3 */
    assert_int_equal(block_source(text, 11, true), at + 13);  /* behind 30 */
    assert_int_equal(block_source(text, 11, false), at + 15); /* the space behind ** */
    assert_int_equal(block_source(text, 13, false), at + 17); /* &amp; */
    assert_int_equal(block_source(text, 14, false), at + 22); /* D */
    assert_int_equal(block_source(text, 15, false), at + 25); /* the made space: the next line */
    assert_int_equal(block_source(text, 16, true), at + 23);  /* behind the made space: the end of D */
    assert_int_equal(block_source(text, text->text.size, true), text->end);
    expect_ok(markdown_read(SLICE("---\nlanguage: fr\ntitle: [a]\n...\nx"), &arena, &blocks, &error), &error);
    compare_text("language", blocks.language, "fr");
    compare_text("a title that is a list", blocks.title, "");
    arena_release(&arena);
}

/* ---- the examples of CommonMark ---- */

/* Words of a text: runs without white space, each with a line feed behind. */
static void add_words(struct buffer *out, struct slice text)
{
    bool in_word = false;
    for (size_t i = 0; i < text.size; i++) {
        bool is_space = strchr(" \t\r\n\f\v", text.data[i]) != NULL && text.data[i] != '\0';
        if (!is_space)
            buffer_append_byte(out, text.data[i]);
        else if (in_word)
            buffer_append_byte(out, '\n');
        in_word = !is_space;
    }
    if (in_word)
        buffer_append_byte(out, '\n');
}

static bool is_inline_tag(struct slice tag)
{
    static const char *const names[] = {"a", "em", "strong", "code", "del", "img", "b", "i"};
    if (tag.size > 0 && tag.data[0] == '/')
        tag = slice_range(tag, 1, tag.size);
    size_t size = 0;
    while (size < tag.size && strchr(" \t\n/>", tag.data[size]) == NULL)
        size++;
    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        if (slice_equal_text(slice_range(tag, 0, size), names[i]))
            return true;
    return false;
}

static size_t skip_tag(struct slice html, size_t at)
{
    if (slice_starts_with(slice_range(html, at, html.size), SLICE("<!--"))) {
        const char *end = strstr(html.data + at, "-->");
        return end ? (size_t)(end + 3 - html.data) : html.size;
    }
    char quote = '\0';
    for (; at < html.size; at++) {
        char c = html.data[at];
        if (quote ? c == quote : c == '"' || c == '\'')
            quote = quote ? '\0' : c;
        else if (c == '>' && !quote)
            return at + 1;
    }
    return html.size;
}

/* Behind the end tag of what is crossed out, when its start tag stands here; else `at`. Paragraphs between tags that are blocks of their own are read. */
static size_t skip_struck(struct slice html, size_t at)
{
    struct slice rest = slice_range(html, at, html.size);
    bool is_struck = slice_starts_with(rest, SLICE("<del>")) && !slice_starts_with(rest, SLICE("<del>\n<p>"));
    const char *end = is_struck ? strstr(rest.data, "</del>") : NULL;
    return end != NULL ? (size_t)(end + 6 - html.data) : at;
}

/* The text of the reference's HTML: without tags and what is crossed out, with what pictures say, references decoded. */
static void html_text(struct slice html, struct buffer *out)
{
    static const char *const references[][2] = {{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}, {"&quot;", "\""}};
    for (size_t at = 0; at < html.size;) {
        struct slice rest = slice_range(html, at, html.size);
        size_t known = 0, behind = skip_struck(html, at);
        if (behind > at) {
            at = behind;
            continue;
        }
        while (known < ARRAY_COUNT(references) && !slice_starts_with(rest, slice_from(references[known][0])))
            known++;
        if (known < ARRAY_COUNT(references)) {
            buffer_append_text(out, references[known][1]);
            at += strlen(references[known][0]);
        } else if (html.data[at] == '<') {
            size_t end = skip_tag(html, at);
            struct slice tag = slice_range(html, at, end);
            const char *alt = slice_starts_with(tag, SLICE("<img")) ? strstr(tag.data, "alt=\"") : NULL;
            if (alt != NULL && alt < tag.data + tag.size) {
                const char *close = strchr(alt + 5, '"');
                html_text((struct slice){alt + 5, (size_t)(close - alt - 5)}, out);
            } else if (!is_inline_tag(slice_range(tag, 1, tag.size))) {
                buffer_append_byte(out, ' ');
            }
            at = end;
        } else {
            buffer_append_byte(out, html.data[at++]);
        }
    }
}

/* Copies lines until one that is `last`; "→" stands for a tab. */
static bool take_lines(struct slice *rest, const char *last, struct buffer *out)
{
    struct slice line;
    buffer_clear(out);
    while (slice_next(rest, '\n', &line)) {
        if (slice_equal_text(line, last))
            return true;
        for (size_t i = 0; i < line.size; i++) {
            bool is_tab = slice_starts_with(slice_range(line, i, line.size), SLICE("\xE2\x86\x92"));
            buffer_append_byte(out, is_tab ? '\t' : line.data[i]);
            i += is_tab ? 2 : 0;
        }
        buffer_append_byte(out, '\n');
    }
    return false;
}

static bool example_agrees(struct buffer *markdown, struct buffer *html, size_t number)
{
    struct error error = {0};
    struct arena arena;
    struct blocks blocks;
    struct buffer got, text, wanted;
    arena_init(&arena);
    buffer_init(&got, MIB);
    buffer_init(&text, MIB);
    buffer_init(&wanted, MIB);
    expect_ok(markdown_read(buffer_slice(markdown), &arena, &blocks, &error), &error);
    check_blocks(buffer_slice(markdown), &blocks);
    for (size_t i = 0; i < blocks.count; i++)
        if (blocks.items[i].kind == BLOCK_TABLE_HEAD || blocks.items[i].kind == BLOCK_TABLE_ROW)
            fail_msg("example %zu has no table", number);
        else
            add_words(&got, blocks.items[i].text);
    (void)buffer_text(html);
    html_text(buffer_slice(html), &text);
    add_words(&wanted, buffer_slice(&text));
    bool agrees = slice_equal(buffer_slice(&got), buffer_slice(&wanted));
    if (!agrees && getenv("ASSAY_TEST_VERBOSE") != NULL)
        printf("example %zu:\n%s---- got\n%s---- wanted\n%s", number, buffer_text(markdown), buffer_text(&got),
               buffer_text(&wanted));
    buffer_release(&got);
    buffer_release(&text);
    buffer_release(&wanted);
    arena_release(&arena);
    return agrees;
}

static void commonmark_examples(void **state)
{
    (void)state;
    static const char *const places[] = {SOURCE_ROOT "/../shared/data/commonmark/spec.txt",
                                         SOURCE_ROOT "/../../shared/data/commonmark/spec.txt"};
    const char *path = file_exists(places[0]) ? places[0] : places[1];
    if (!file_exists(path))
        skip();
    struct error error = {0};
    struct buffer spec, markdown, html;
    buffer_init(&spec, 16 * MIB);
    buffer_init(&markdown, MIB);
    buffer_init(&html, MIB);
    expect_ok(file_read(path, 16 * MIB, &spec, &error), &error);
    struct slice rest = buffer_slice(&spec), line;
    size_t examples = 0, agreeing = 0;
    while (slice_next(&rest, '\n', &line)) {
        if (!slice_starts_with(line, SLICE("```````````````````````````````` example")))
            continue;
        assert_true(take_lines(&rest, ".", &markdown));
        assert_true(take_lines(&rest, "````````````````````````````````", &html));
        agreeing += example_agrees(&markdown, &html, ++examples);
    }
    printf("CommonMark: %zu of %zu examples have the words of the reference\n", agreeing, examples);
    assert_true(examples >= 600);
    assert_true(100 * agreeing >= 99 * examples);
    buffer_release(&spec);
    buffer_release(&markdown);
    buffer_release(&html);
}

/* ---- any bytes ---- */

static void any_bytes(void **state)
{
    (void)state;
    static const char *const parts[] = {"# ",  "- ",    "> ",      "```\n",    "\n",   "\n\n", "|",    "---",  "    ", "\t",
                                        "*",   "_",     "`",       "[",        "](",   ")",    "<",    ">",    "<b>",  "<!--",
                                        "-->", "&amp;", "&#",      ";",        "\\",   "\r",   "\r\n", "1. ",  "===",  " word ",
                                        "!",   "~~",    "http://", "\xC3\xA9", "\xE2", "\xFF", "www.", "@x.y", ":",    "<br>"};
    struct random random;
    uint64_t seed = test_seed();
    random_init(&random, seed);
    for (size_t round = 0; round < 5000; round++) {
        struct error error = {0};
        struct arena arena;
        struct blocks blocks;
        struct buffer text;
        arena_init(&arena);
        buffer_init(&text, MIB);
        for (uint64_t i = random_below(&random, 40); i > 0; i--)
            buffer_append_text(&text, parts[random_below(&random, ARRAY_COUNT(parts))]);
        if (random_below(&random, 8) == 0)
            buffer_append_zeros(&text, (size_t)random_below(&random, 2000));
        expect_ok(markdown_read(buffer_slice(&text), &arena, &blocks, &error), &error);
        check_blocks(buffer_slice(&text), &blocks);
        expect_ok(plain_read(buffer_slice(&text), &arena, &blocks, &error), &error);
        check_blocks(buffer_slice(&text), &blocks);
        buffer_release(&text);
        arena_release(&arena);
    }
}

/* A table's short rows are filled up with empty cells: rows times columns of them. */
static void wide_table(void **state)
{
    (void)state;
    struct error error = {0};
    struct arena arena;
    struct blocks blocks;
    struct buffer text;
    arena_init(&arena);
    buffer_init(&text, 16 * MIB);
    for (size_t columns = 100, rows = 1000; columns <= 100000; columns *= 1000, rows *= 100) {
        buffer_clear(&text);
        for (size_t i = 0; i < columns; i++)
            buffer_append_text(&text, "|a");
        buffer_append_byte(&text, '\n');
        for (size_t i = 0; i < columns; i++)
            buffer_append_text(&text, "|---");
        buffer_append_byte(&text, '\n');
        for (size_t i = 0; i < rows; i++)
            buffer_append_text(&text, "|b\n");
        bool ok = markdown_read(buffer_slice(&text), &arena, &blocks, &error);
        if (columns == 100) {
            expect_ok(ok, &error);
            assert_int_equal(blocks.count, rows + 1);
            compare_text("row", blocks.items[1].text, "b");
        } else {
            expect_error(ok, &error, ERROR_LIMIT, "cells");
        }
    }
    buffer_release(&text);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_bytes),          cmocka_unit_test(json_values),  cmocka_unit_test(json_nesting),
        cmocka_unit_test(npy_heads),           cmocka_unit_test(yaml_values),  cmocka_unit_test(yaml_places),
        cmocka_unit_test(yaml_refused),        cmocka_unit_test(yaml_limits),  cmocka_unit_test(markdown_blocks),
        cmocka_unit_test(markdown_places),     cmocka_unit_test(plain_blocks), cmocka_unit_test(captions_blocks),
        cmocka_unit_test(commonmark_examples), cmocka_unit_test(any_bytes),    cmocka_unit_test(wide_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
