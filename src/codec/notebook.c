/* notebook.c - Jupyter notebooks (nbformat 3 and 4) as a person reads them.
 *
 *   {"cells": [{"cell_type": "markdown", "source": ["# Sales\n", "by region"]},      heading Sales, paragraph by region
 *              {"cell_type": "code", "source": "total = 7\nprint(total)",             code      total = 7⏎print(total)
 *               "outputs": [{"output_type": "stream", "text": "7\n"}]}]}              code      7
 *
 * Of an output that is there in several forms, Markdown is read, else plain text; pictures, pages and widgets are not, nor what stands for
 * them ("<Figure size 640x480 with 1 Axes>"). Long outputs are cut. */
#include "codec.h"
#include <string.h>

enum { OUTPUT_BYTES_MAX = 4096, OUTPUTS_MAX = 64 /* of one cell */ };

struct notebook {
    struct extract *extract;
    struct buffer text; /* of the cell or output at hand */
    size_t cut;         /* outputs */
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

static bool add_markdown(struct notebook *notebook, struct error *error)
{
    struct blocks blocks;
    if (!markdown_read(buffer_slice(&notebook->text), notebook->extract->arena, &blocks, error))
        return false;
    for (size_t i = 0; i < blocks.count; i++)
        extract_block(notebook->extract, blocks.items[i].kind, blocks.items[i].level, 0, blocks.items[i].text);
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

static void add_output_text(struct notebook *notebook)
{
    drop_escapes(&notebook->text);
    struct slice text = buffer_slice(&notebook->text);
    if (is_stand_in(text))
        return;
    notebook->cut += text.size > OUTPUT_BYTES_MAX;
    extract_block(notebook->extract, BLOCK_CODE, 0, 0, slice_cut(text, OUTPUT_BYTES_MAX));
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
        return add_markdown(notebook, error);
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
        return !has_text || add_markdown(notebook, error);
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
    notebook->cut += count > OUTPUTS_MAX;
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
        extract_note(notebook->extract, "long outputs of %zu of its cells were cut", notebook->cut);
}

bool notebook_read(struct slice source, struct extract *extract, struct error *error)
{
    struct json_value root;
    struct notebook notebook = {.extract = extract};
    buffer_init(&notebook.text, source.size + KIB);
    bool ok = json_read(source, "the notebook", extract->arena, &root, error) && add_all(&notebook, &root, error);
    if (ok)
        add_heads(&notebook, &root);
    buffer_release(&notebook.text);
    return ok && extract_finish(extract, error);
}
