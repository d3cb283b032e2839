/* notebook.c - Jupyter notebooks (nbformat 3 and 4) as a person reads them.
 *
 *   {"cells": [{"cell_type": "markdown", "source": ["# Sales\n", "by region"]},      heading Sales, paragraph by region
 *              {"cell_type": "code", "source": "total = 7\nprint(total)",             code      total = 7⏎print(total)
 *               "outputs": [{"output_type": "stream", "text": "7\n"}]}]}              code      7
 *
 * Of an output that is there in several forms, Markdown is read, else plain text; pictures, pages and widgets are not, nor what stands for
 * them ("<Figure size 640x480 with 1 Axes>"). Long outputs are cut. */
#include "codec.h"
#include "utf8.h"
#include <string.h>

enum { OUTPUT_BYTES_MAX = 4096, OUTPUTS_MAX = 64 /* of one cell */ };

struct notebook {
    struct extract *extract;
    struct buffer text; /* of the cell or output at hand */
    size_t cut, left_out; /* outputs */
};

/* A text, or a list of its lines; false: neither. */
static bool take_text(struct notebook *notebook, const struct json_value *value)
{
    buffer_clear(&notebook->text);
    if (value != NULL && value->kind == JSON_TEXT)
        buffer_append_slice(&notebook->text, value->text);
    for (size_t i = 0; value != NULL && value->kind == JSON_ARRAY && i < value->count; i++)
        if (value->items[i].kind == JSON_TEXT)
            buffer_append_slice(&notebook->text, value->items[i].text);
    return notebook->text.size > 0;
}

static bool is_text(const struct json_value *value, const char *text)
{
    return value != NULL && value->kind == JSON_TEXT && slice_equal_text(value->text, text);
}

static void add_blocks(struct notebook *notebook, const struct blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++)
        extract_block(notebook->extract, blocks->items[i].kind, blocks->items[i].level, 0, blocks->items[i].text);
}

static bool add_markdown(struct notebook *notebook, struct slice text, struct error *error)
{
    struct blocks blocks;
    if (!markdown_read(text, notebook->extract->arena, &blocks, error))
        return false;
    add_blocks(notebook, &blocks);
    return true;
}

/* One that is cut off, or in which versions were merged, is text. */
static bool add_text(struct notebook *notebook, struct slice text, const struct error *why, struct error *error)
{
    struct blocks blocks;
    if (!plain_read(text, notebook->extract->arena, &blocks, error))
        return false;
    extract_note(notebook->extract, "it is no JSON, and was read as text: %s", why->message);
    add_blocks(notebook, &blocks);
    return true;
}

/* ---- outputs ---- */

/* Takes the escapes that colour a terminal's text out of it. */
static void drop_escapes(struct buffer *text)
{
    size_t size = 0;
    for (size_t at = 0; at < text->size;) {
        if (text->data[at] != '\x1B' || at + 1 == text->size || text->data[at + 1] != '[') {
            text->data[size++] = text->data[at++];
            continue;
        }
        for (at += 2; at < text->size && ((unsigned char)text->data[at] < '@' || (unsigned char)text->data[at] > '~');)
            at++;
        at += at < text->size;
    }
    text->size = size;
}

/* "<Figure size 640x480 with 1 Axes>", "<IPython.core.display.HTML object>" */
static bool is_stand_in(struct slice text)
{
    size_t at;
    text = slice_trim(text);
    return slice_starts_with(text, SLICE("<")) && slice_ends_with(text, SLICE(">")) && !slice_find(text, '\n', &at);
}

static struct slice cut_output(struct notebook *notebook)
{
    notebook->cut += notebook->text.size > OUTPUT_BYTES_MAX;
    return slice_cut(buffer_slice(&notebook->text), OUTPUT_BYTES_MAX);
}

static void add_output_text(struct notebook *notebook)
{
    drop_escapes(&notebook->text);
    if (!is_stand_in(buffer_slice(&notebook->text)))
        extract_block(notebook->extract, BLOCK_CODE, 0, 0, cut_output(notebook));
}

static bool add_output(struct notebook *notebook, const struct json_value *output, struct error *error)
{
    const struct json_value *data = json_get(output, "data");
    if (is_text(json_get(output, "output_type"), "error") || is_text(json_get(output, "output_type"), "pyerr")) {
        const struct json_value *name = json_get(output, "ename"), *value = json_get(output, "evalue");
        buffer_clear(&notebook->text);
        if (name != NULL && name->kind == JSON_TEXT && value != NULL && value->kind == JSON_TEXT)
            buffer_format(&notebook->text, SLICE_FORMAT ": " SLICE_FORMAT, SLICE_ARGUMENT(name->text),
                          SLICE_ARGUMENT(value->text));
        add_output_text(notebook);
        return true;
    }
    if (data != NULL && take_text(notebook, json_get(data, "text/markdown")))
        return add_markdown(notebook, cut_output(notebook), error);
    if (take_text(notebook, data != NULL ? json_get(data, "text/plain") : json_get(output, "text")))
        add_output_text(notebook);
    return true;
}

/* ---- cells ---- */

static bool add_cell(struct notebook *notebook, const struct json_value *cell, struct error *error)
{
    const struct json_value *type = json_get(cell, "cell_type"), *outputs = json_get(cell, "outputs");
    const struct json_value *source = json_get(cell, "source") != NULL ? json_get(cell, "source") : json_get(cell, "input");
    bool has_text = take_text(notebook, source);
    if (is_text(type, "markdown"))
        return !has_text || add_markdown(notebook, buffer_slice(&notebook->text), error);
    if (is_text(type, "heading")) {
        const struct json_value *level = json_get(cell, "level");
        char digit = level != NULL && level->kind == JSON_NUMBER && level->text.size == 1 ? level->text.data[0] : '1';
        extract_block(notebook->extract, BLOCK_HEADING, digit >= '1' && digit <= '6' ? (unsigned)(digit - '0') : 6, 0,
                      buffer_slice(&notebook->text));
        return true;
    }
    if (!is_text(type, "code")) {
        extract_block(notebook->extract, BLOCK_PARAGRAPH, 0, 0, buffer_slice(&notebook->text));
        return true;
    }
    extract_block(notebook->extract, BLOCK_CODE, 0, 0, buffer_slice(&notebook->text));
    size_t count = outputs != NULL && outputs->kind == JSON_ARRAY ? outputs->count : 0;
    notebook->left_out += count > OUTPUTS_MAX ? count - OUTPUTS_MAX : 0;
    for (size_t i = 0; i < count && i < OUTPUTS_MAX; i++)
        if (!add_output(notebook, &outputs->items[i], error))
            return false;
    return true;
}

static bool add_cells(struct notebook *notebook, const struct json_value *cells, struct error *error)
{
    for (size_t i = 0; i < cells->count; i++)
        if (!add_cell(notebook, &cells->items[i], error))
            return false;
    return true;
}

static bool is_list(const struct json_value *value)
{
    return value != NULL && value->kind == JSON_ARRAY;
}

/* In nbformat 3, cells stand in sheets. */
static bool add_all(struct notebook *notebook, const struct json_value *root, struct error *error)
{
    const struct json_value *cells = json_get(root, "cells"), *sheets = json_get(root, "worksheets");
    if (is_list(cells))
        return add_cells(notebook, cells, error);
    if (!is_list(sheets))
        return error_set(error, ERROR_INVALID, "it is not a Jupyter notebook: it has no list \"cells\"");
    for (size_t i = 0; i < sheets->count; i++) {
        cells = json_get(&sheets->items[i], "cells");
        if (is_list(cells) && !add_cells(notebook, cells, error))
            return false;
    }
    return true;
}

static void add_heads(struct notebook *notebook, const struct json_value *root)
{
    const struct json_value *metadata = json_get(root, "metadata");
    const struct json_value *language = metadata != NULL ? json_get(metadata, "language_info") : NULL;
    const struct json_value *name = language != NULL ? json_get(language, "name") : NULL;
    const struct json_value *title = metadata != NULL ? json_get(metadata, "title") : NULL;
    if (name != NULL && name->kind == JSON_TEXT)
        extract_head(notebook->extract, "code_language", name->text);
    if (title != NULL && title->kind == JSON_TEXT)
        notebook->extract->blocks.title = arena_line(notebook->extract->arena, title->text);
    if (notebook->cut > 0)
        extract_note(notebook->extract, "%zu long outputs were cut", notebook->cut);
    if (notebook->left_out > 0)
        extract_note(notebook->extract, "%zu outputs of cells with more than %d were left out", notebook->left_out,
                     OUTPUTS_MAX);
}

/* Puts a notebook in another encoding than UTF-8 into it. */
static bool take_encoding(struct extract *extract, struct slice *source, struct buffer *converted, struct error *error)
{
    const char *name;
    size_t at = 0;
    *source = slice_without_mark(*source);
    while (at < source->size && utf8_size(*source, at) > 0)
        at += utf8_size(*source, at);
    if (at == source->size)
        return true;
    if (!encoding_detect(*source, SLICE(""), &name))
        return error_set(error, ERROR_INVALID, "it is not text in any known encoding");
    if (!encoding_to_utf8(*source, name, converted, error))
        return false;
    if (strcmp(name, "utf-8") == 0)
        extract_note(extract, "its UTF-8 is damaged: what could not be read stands as U+FFFD");
    else
        extract_note(extract, "it was read as %s", name);
    *source = buffer_slice(converted);
    return true;
}

static bool read_cells(struct notebook *notebook, struct slice source, struct error *error)
{
    struct json_value root;
    struct error why;
    if (!json_read(source, "", notebook->extract->arena, &root, &why))
        return add_text(notebook, source, &why, error);
    if (!add_all(notebook, &root, error))
        return false;
    add_heads(notebook, &root);
    return true;
}

bool notebook_read(struct slice source, struct extract *extract, struct error *error)
{
    struct notebook notebook = {.extract = extract};
    struct buffer converted;
    buffer_init(&converted, 3 * source.size + KIB);
    buffer_init(&notebook.text, 3 * source.size + KIB);
    bool ok = take_encoding(extract, &source, &converted, error) && read_cells(&notebook, source, error);
    buffer_release(&notebook.text);
    buffer_release(&converted);
    return ok && extract_finish(extract, error);
}
