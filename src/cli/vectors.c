/* vectors.c - rows of numbers in the forms that programs and people read. */
#include "vectors.h"
#include "numbers.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_PRINTED = 1 << 20 };

static const char *const format_names[] = {"json", "jsonl", "npy", "text"};

bool vector_format_chosen(const struct invocation *invocation, enum vector_format usual, enum vector_format *format)
{
    const char *name = invocation_option(invocation, "format");
    *format = invocation->json ? FORMAT_JSON : usual;
    if (name == NULL)
        return true;
    for (size_t i = 0; i < ARRAY_COUNT(format_names); i++)
        if (strcmp(format_names[i], name) == 0) {
            *format = (enum vector_format)i;
            if (!invocation->json || *format == FORMAT_JSON)
                return true;
            wrong_use(invocation, "Leave one of them out.", "--json and --format %s do not go together", name);
            return false;
        }
    wrong_use(invocation, "Known: json, jsonl, npy, text.", "unrecognized format \"%.60s\"", name);
    return false;
}

void vectors_begin(struct vector_writer *writer, const struct invocation *invocation, enum vector_format format,
                   const char *row_key, size_t columns)
{
    *writer = (struct vector_writer){
        .invocation = invocation, .format = format, .row_key = row_key, .columns = columns, .npy_at = -1};
    buffer_init(&writer->head, MIB);
    buffer_init(&writer->text, LIMIT_VECTORS_BYTES);
    if (format != FORMAT_NPY)
        return;
    int flags = fcntl(STDOUT_FILENO, F_GETFL);
    if (flags >= 0 && (flags & O_APPEND) == 0) /* what is appended cannot be written at another place */
        writer->npy_at = (int64_t)lseek(STDOUT_FILENO, 0, SEEK_CUR);
    writer->held = writer->npy_at < 0;
}

void vectors_release(struct vector_writer *writer)
{
    buffer_release(&writer->head);
    buffer_release(&writer->text);
}

static bool write_failed(struct error *error)
{
    return error_system(error, "could not write to standard output");
}

static bool print(struct vector_writer *writer, struct error *error)
{
    struct slice text = buffer_slice(&writer->text);
    writer->started = writer->started || text.size > 0;
    errno = 0;
    if ((text.size > 0 && fwrite(text.data, 1, text.size, stdout) != text.size) || fflush(stdout) != 0)
        return write_failed(error);
    buffer_clear(&writer->text);
    return true;
}

static void begin_document(struct vector_writer *writer)
{
    if (writer->started || writer->rows > 0)
        return;
    if (writer->format == FORMAT_JSON)
        buffer_append_slice(&writer->text, buffer_slice(&writer->head));
    if (writer->format == FORMAT_NPY && !writer->held)
        npy_head(&writer->text, 0, writer->columns);
}

static void append_row(struct buffer *out, const float *row, size_t columns, char between)
{
    for (size_t i = 0; i < columns; i++) {
        if (i > 0)
            buffer_append_byte(out, between);
        append_f32(out, row[i]);
    }
}

/* "   1  0.0123 -0.0456 … (384)  length 1.000  the text's first words" */
static void print_glance(const struct vector_writer *writer, const float *row, struct slice text)
{
    enum { NUMBERS = 4, TEXT_BYTES = 40 };
    double squares = 0;
    printf("%5zu ", writer->rows + 1);
    for (size_t i = 0; i < writer->columns; i++) {
        squares += (double)row[i] * (double)row[i];
        if (i < NUMBERS)
            printf(" %7.4f", (double)row[i]);
    }
    if (writer->columns > NUMBERS)
        printf(" … (%zu)  length %.3f", writer->columns, sqrt(squares));
    if (text.size > 0) {
        size_t size = text.size <= TEXT_BYTES ? text.size : TEXT_BYTES;
        while (size > 0 && size < text.size && ((unsigned char)text.data[size] & 0xC0) == 0x80)
            size--;
        fputs("  ", stdout);
        output_text(stdout, slice_range(text, 0, size));
        fputs(size < text.size ? "…" : "", stdout);
    }
    putchar('\n');
}

static void append_formatted(struct vector_writer *writer, const float *row)
{
    struct buffer *out = &writer->text;
    switch (writer->format) {
    case FORMAT_JSON:
        buffer_append_text(out, writer->rows > 0 ? ",[" : "[");
        append_row(out, row, writer->columns, ',');
        buffer_append_byte(out, ']');
        break;
    case FORMAT_JSONL:
        buffer_format(out, "{\"index\":%zu,\"%s\":[", writer->rows, writer->row_key);
        append_row(out, row, writer->columns, ',');
        buffer_append_text(out, "]}\n");
        break;
    case FORMAT_NPY:
        for (size_t i = 0; i < writer->columns; i++) {
            uint32_t bits;
            memcpy(&bits, &row[i], sizeof(bits));
            buffer_u32(out, bits);
        }
        break;
    case FORMAT_TEXT:
    case FORMAT_GLANCE:
        append_row(out, row, writer->columns, ' ');
        buffer_append_byte(out, '\n');
        break;
    }
}

bool vectors_write(struct vector_writer *writer, const float *rows, size_t count, const struct slice *texts,
                   struct error *error)
{
    begin_document(writer);
    for (size_t i = 0; i < count; i++, rows += writer->columns) {
        if (writer->format == FORMAT_GLANCE)
            print_glance(writer, rows, texts != NULL ? texts[i] : SLICE(""));
        else
            append_formatted(writer, rows);
        writer->rows++;
        if (!writer->held && writer->text.size >= TEXT_PRINTED && !print(writer, error))
            return false;
    }
    if (writer->text.failed) {
        error_set(error, ERROR_LIMIT, "the vectors have more than %zu bytes, too many to hold for a pipe", LIMIT_VECTORS_BYTES);
        return error_hint(error, "Send the output into a file: assay embed --format npy … > vectors.npy");
    }
    return writer->held || print(writer, error);
}

/* Writes the head with the number of rows: over the one that was printed first (it is as long), or before what was held back. */
static bool finish_npy(struct vector_writer *writer, struct error *error)
{
    buffer_clear(&writer->head);
    npy_head(&writer->head, writer->rows, writer->columns);
    struct slice head = buffer_slice(&writer->head);
    errno = 0;
    if (writer->held)
        return (fwrite(head.data, 1, head.size, stdout) == head.size || write_failed(error)) && print(writer, error);
    if (!print(writer, error))
        return false;
    if (lseek(STDOUT_FILENO, (off_t)writer->npy_at, SEEK_SET) < 0 ||
        write(STDOUT_FILENO, head.data, head.size) != (ssize_t)head.size || lseek(STDOUT_FILENO, 0, SEEK_END) < 0)
        return write_failed(error);
    return true;
}

bool vectors_end(struct vector_writer *writer, struct error *error)
{
    begin_document(writer);
    if (writer->format == FORMAT_NPY)
        return finish_npy(writer, error);
    if (writer->format == FORMAT_JSON)
        buffer_append_text(&writer->text, "]}\n");
    return print(writer, error);
}

enum exit_code vectors_failure(const struct vector_writer *writer, const struct assay_error *error)
{
    return output_failure_midway(writer->invocation, writer->started, error);
}
