/* output.c - errors, numbers for people, colours. */
#include "output.h"
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void print_error_json(const struct assay_error *error)
{
    struct buffer buffer;
    struct json_writer json;
    buffer_init(&buffer, MIB);
    json_writer_init(&json, &buffer);
    json_object_begin(&json);
    json_key(&json, "error");
    json_object_begin(&json);
    const struct json_text_member members[] = {
        {"kind", assay_error_kind_name(error->kind)}, {"message", error->message}, {"hint", error->hint}};
    json_texts(&json, members, ARRAY_COUNT(members));
    json_object_end(&json);
    json_object_end(&json);
    puts(buffer_text(&buffer));
    buffer_release(&buffer);
}

void output_no_documents(void)
{
    puts("There are no documents yet: put some into the folders of `documents` in assay.yaml, then run `assay add`.");
}

static bool stop_at_first(void *context, const struct assay_document *document)
{
    (void)document;
    *(bool *)context = true;
    return false;
}

bool output_has_documents(struct assay *assay)
{
    struct assay_error ignored;
    bool has = false;
    return !assay_list(assay, stop_at_first, &has, &ignored) || has;
}

void output_warning(const char *message, const char *hint)
{
    fputs("assay: ", stderr);
    output_text(stderr, slice_from(message));
    fputc('\n', stderr);
    if (hint != NULL && hint[0] != '\0') {
        fputs("       ", stderr);
        output_text(stderr, slice_from(hint));
        fputc('\n', stderr);
    }
}

void output_error(const struct invocation *invocation, const struct assay_error *error)
{
    if (invocation->json)
        print_error_json(error);
    else
        output_warning(error->message, error->hint);
}

enum exit_code output_failure(const struct invocation *invocation, const struct assay_error *error)
{
    output_error(invocation, error);
    return EXIT_FAILED;
}

enum exit_code output_failure_midway(const struct invocation *invocation, bool started, const struct assay_error *error)
{
    if (!started && !ferror(stdout))
        return output_failure(invocation, error);
    output_warning(error->message, error->hint);
    if (ferror(stdout)) { /* told here; nothing more is to be tried */
        __fpurge(stdout);
        clearerr(stdout);
    }
    return EXIT_FAILED;
}

void output_from_inner(struct assay_error *error, const struct error *inner)
{
    error->kind = (enum assay_error_kind)inner->kind;
    memcpy(error->message, inner->message, sizeof(error->message));
    memcpy(error->hint, inner->hint, sizeof(error->hint));
}

bool output_to_inner(struct error *inner, const struct assay_error *error)
{
    inner->kind = (enum error_kind)error->kind;
    memcpy(inner->message, error->message, sizeof(inner->message));
    memcpy(inner->hint, error->hint, sizeof(inner->hint));
    return false;
}

enum exit_code output_json(const struct invocation *invocation, const struct buffer *buffer)
{
    struct error inner;
    if (!buffer_finish(buffer, "the JSON document", &inner)) {
        struct assay_error error;
        output_from_inner(&error, &inner);
        return output_failure(invocation, &error);
    }
    struct slice text = buffer_slice(buffer);
    fwrite(text.data, 1, text.size, stdout);
    putchar('\n');
    return EXIT_DONE;
}

bool output_has_colour(void)
{
    const char *no_color = getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) && (no_color == NULL || no_color[0] == '\0');
}

size_t output_width(void)
{
    enum { WIDTH_USUAL = 100, WIDTH_LEAST = 40, WIDTH_MOST = 110 };
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return WIDTH_USUAL;
    return size.ws_col < WIDTH_LEAST ? WIDTH_LEAST : size.ws_col > WIDTH_MOST ? WIDTH_MOST : size.ws_col;
}

/* Bytes of the character at `at` that turns the direction of writing, or ends a line as some terminals see it, or 0. */
static size_t turning_size(struct slice text, size_t at, unsigned *number)
{
    const unsigned char *bytes = (const unsigned char *)text.data + at;
    if (text.size - at >= 2 && bytes[0] == 0xD8 && bytes[1] == 0x9C) {
        *number = 0x61C;
        return 2;
    }
    if (text.size - at < 3 || bytes[0] != 0xE2 || (bytes[1] != 0x80 && bytes[1] != 0x81))
        return 0;
    *number = 0x2000 + (bytes[1] & 1u) * 0x40 + (bytes[2] & 0x3Fu);
    bool turns = *number == 0x200E || *number == 0x200F || (*number >= 0x2028 && *number <= 0x202E) ||
                 (*number >= 0x2066 && *number <= 0x2069);
    return turns ? 3 : 0;
}

/* Not part of a character: a terminal of eight bits obeys U+0080 … U+009F as single bytes. */
static bool is_stray(struct slice text, size_t at)
{
    for (size_t back = 1; back <= 3 && back <= at; back++) {
        unsigned char byte = (unsigned char)text.data[at - back];
        if (byte < 0x80)
            return true;
        if (byte >= 0xC0)
            return byte < 0xC2 || byte > 0xF4 || back >= (byte < 0xE0 ? 2u : byte < 0xF0 ? 3u : 4u);
    }
    return true;
}

size_t output_escaped(struct slice text, size_t at, char shown[OUTPUT_ESCAPED_BYTES])
{
    unsigned char byte = (unsigned char)text.data[at];
    unsigned number = byte;
    if (byte >= 0x20 && byte < 0x7F)
        return 0;
    size_t size = byte >= 0xC2 ? turning_size(text, at, &number) : 0;
    if (size > 0) {
        snprintf(shown, OUTPUT_ESCAPED_BYTES, "\\u%04x", number);
        return size;
    }
    size = byte < 0x20 || byte == 0x7F || (byte >= 0x80 && byte < 0xA0 && is_stray(text, at)) ? 1 : 0;
    if (byte == 0xC2 && at + 1 < text.size && (unsigned char)text.data[at + 1] < 0xA0) { /* U+0080 … U+009F */
        number = (unsigned char)text.data[at + 1];
        size = 2;
    }
    if (size > 0)
        snprintf(shown, OUTPUT_ESCAPED_BYTES, "\\x%02x", number & 0xFF);
    return size;
}

void output_text(FILE *out, struct slice text)
{
    char shown[OUTPUT_ESCAPED_BYTES];
    for (size_t i = 0, size; i < text.size; i += size > 0 ? size : 1) {
        size = output_escaped(text, i, shown);
        if (size > 0)
            fputs(shown, out);
        else
            fputc((unsigned char)text.data[i], out);
    }
}

const char *number_text(char text[NUMBER_TEXT_BYTES], size_t number)
{
    char digits[NUMBER_TEXT_BYTES];
    int count = snprintf(digits, sizeof(digits), "%zu", number);
    char *out = text;
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            *out++ = ',';
        *out++ = digits[i];
    }
    *out = '\0';
    return text;
}

const char *size_text(char text[NUMBER_TEXT_BYTES], size_t bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    double value = (double)bytes;
    size_t unit = 0;
    while (value >= 1000 && unit + 1 < ARRAY_COUNT(units)) {
        value /= 1000;
        unit++;
    }
    snprintf(text, NUMBER_TEXT_BYTES, unit > 0 && value < 10 ? "%.1f %s" : "%.0f %s", value, units[unit]);
    return text;
}

const char *time_text(char text[NUMBER_TEXT_BYTES], double milliseconds)
{
    if (milliseconds < 1000)
        snprintf(text, NUMBER_TEXT_BYTES, milliseconds < 10 ? "%.1f ms" : "%.0f ms", milliseconds);
    else if (milliseconds < 120000)
        snprintf(text, NUMBER_TEXT_BYTES, "%.1f s", milliseconds / 1000);
    else
        snprintf(text, NUMBER_TEXT_BYTES, "%.0f min", milliseconds / 60000);
    return text;
}

static atomic_bool was_interrupted;

static void on_interrupt(int number)
{
    atomic_store(&was_interrupted, true);
    signal(number, SIG_DFL); /* the second time is for real */
}

void interrupt_watch(void)
{
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = SA_RESTART};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool interrupted(void)
{
    return atomic_load(&was_interrupted);
}

/* A page, or lines; of text that was read out of something else, its lines say nothing to a person. */
void output_place(const char *document, size_t page, bool is_extracted, size_t line, size_t line_end)
{
    output_text(stdout, slice_from(document));
    if (page > 0)
        printf(", page %zu", page);
    else if (!is_extracted && line_end > line)
        printf(":%zu-%zu", line, line_end);
    else if (!is_extracted)
        printf(":%zu", line);
}

void output_lines(FILE *out, struct slice text)
{
    size_t end;
    while (slice_find(text, '\n', &end)) {
        output_text(out, slice_range(text, 0, end));
        fputc('\n', out);
        text = slice_range(text, end + 1, text.size);
    }
    output_text(out, text);
}

void output_reranker_note(const struct invocation *invocation, struct assay *assay)
{
    struct assay_error note;
    if (!invocation->quiet && assay_reranker_note(assay, &note))
        output_warning(note.message, "Searched without it. `assay tune rerank` makes one.");
}
