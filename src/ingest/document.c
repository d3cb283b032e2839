#include "archive.h"
#include "document.h"
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FORMATS_READ "Read are text in all its forms (Markdown, HTML, CSV, source code) and archives of it (zip, tar)."

static struct slice without_mark(struct slice text)
{
    return slice_starts_with(text, SLICE("\xEF\xBB\xBF")) ? slice_range(text, 3, text.size) : text;
}

static bool check_text(struct slice text, const char *path, struct error *error)
{
    size_t bad_at;
    if (slice_starts_with(text, SLICE("\xFF\xFE")) || slice_starts_with(text, SLICE("\xFE\xFF"))) {
        error_set(error, ERROR_INVALID, "\"%s\" is UTF-16, expected UTF-8", path);
        return error_hint(error, "Convert it: iconv -f UTF-16 -t UTF-8 FILE > NEW.");
    }
    if (slice_find(text, '\0', &bad_at)) {
        error_set(error, ERROR_INVALID, "\"%s\" is not text: byte %zu is zero", path, bad_at);
        return error_hint(error, "Take it out of the folder, or give it the ending of its real format.");
    }
    if (!text_is_utf8(text, &bad_at)) {
        error_set(error, ERROR_INVALID, "\"%s\" is not UTF-8: byte %zu is 0x%02X", path, bad_at,
                  (unsigned char)text.data[bad_at]);
        return error_hint(error, "Convert it, for instance: iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW.");
    }
    return true;
}

struct slice cut_text(struct slice text, size_t size_max)
{
    if (text.size <= size_max)
        return text;
    while (size_max > 0 && ((unsigned char)text.data[size_max] & 0xC0) == 0x80)
        size_max--;
    return slice_range(text, 0, size_max);
}

/* Exports of Notion put a number of 32 hexadecimal digits behind each page's name: "Travel policy 0123456789abcdef0123456789abcdef". */
static struct slice without_number(struct slice name)
{
    enum { DIGITS = 32 };
    if (name.size <= DIGITS + 1)
        return name;
    size_t at = name.size - DIGITS;
    for (size_t i = at; i < name.size; i++)
        if (memchr("0123456789abcdef", name.data[i], 16) == NULL)
            return name;
    return name.data[at - 1] == ' ' || name.data[at - 1] == '-' ? slice_trim(slice_range(name, 0, at - 1)) : name;
}

/* What the document calls itself, else its first heading of the highest level, else its file's name. */
static struct slice title_of(const struct blocks *blocks, const char *path)
{
    if (blocks->title.size > 0)
        return cut_text(blocks->title, LIMIT_TITLE_BYTES);
    const struct block *best = NULL;
    for (size_t i = 0; i < blocks->count; i++)
        if (blocks->items[i].kind == BLOCK_HEADING && (best == NULL || blocks->items[i].level < best->level))
            best = &blocks->items[i];
    if (best != NULL)
        return cut_text(slice_trim(best->text), LIMIT_TITLE_BYTES);
    struct slice name = path_name(path), extension = path_extension(path);
    return without_number(slice_range(name, 0, name.size - extension.size - (extension.size > 0)));
}

static enum text_language language_of(const struct blocks *blocks, struct slice text)
{
    enum text_language stated = text_language_named(blocks->language);
    return stated != LANGUAGE_UNKNOWN ? stated : text_language_of(text);
}

/* ---- readers ---- */

typedef bool text_reader(struct slice source, struct arena *arena, struct blocks *blocks, struct error *error);

/* Formats that are text: passages' places count in the file itself. */
static text_reader *const text_readers[FORMAT_COUNT] = {
    [FORMAT_TEXT] = plain_read, [FORMAT_MARKDOWN] = markdown_read, [FORMAT_HTML] = html_read,  [FORMAT_CSV] = csv_read,
    [FORMAT_JSON] = plain_read, [FORMAT_CODE] = plain_read,        [FORMAT_MAIL] = plain_read, [FORMAT_MBOX] = plain_read,
};

typedef bool extract_reader(struct slice source, struct extract *extract, struct error *error);

/* Formats whose text stands apart from their bytes: passages' places count in the text that the reader makes. */
static extract_reader *const extract_readers[FORMAT_COUNT] = {[FORMAT_DOCX] = docx_read, [FORMAT_PPTX] = pptx_read};

/* What all documents have once their blocks are there; `text` is what the blocks' places count in. */
static bool take_blocks(struct loaded *loaded, const struct walk_file *file, const struct settings *settings, struct slice text,
                        const struct blocks *blocks, struct error *error)
{
    struct store_document *document = &loaded->document;
    if (!take_head(loaded, blocks, error))
        return false;
    cut_passages(text, blocks, settings, &loaded->arena, &loaded->passages);
    document->title = arena_line(&loaded->arena, title_of(blocks, file->stored));
    document->language = slice_from(text_language_code(language_of(blocks, text)));
    return true;
}

static bool read_text(struct loaded *loaded, const struct walk_file *file, const struct settings *settings,
                      enum file_format format, struct error *error)
{
    struct slice content = buffer_slice(&loaded->content), text = without_mark(content);
    struct blocks blocks;
    if (!check_text(content, file->stored, error))
        return false;
    if (!text_readers[format](text, &loaded->arena, &blocks, error) ||
        (settings->access != ACCESS_FROM_FILE && !check_unread_head(text, &blocks, error)) ||
        !take_blocks(loaded, file, settings, text, &blocks, error))
        return error_wrap(error, "could not read \"%s\"", file->stored);
    size_t mark = content.size - text.size; /* ranges count from the file's first byte */
    for (size_t i = 0; i < loaded->passages.count; i++) {
        loaded->passages.items[i].start += (int64_t)mark;
        loaded->passages.items[i].end += (int64_t)mark;
    }
    return true;
}

/* The text that the reader makes takes the place of the source. */
static bool read_extract(struct loaded *loaded, const struct walk_file *file, const struct settings *settings,
                         extract_reader *reader, struct error *error)
{
    struct extract extract;
    extract_init(&extract, &loaded->arena, LIMIT_EXTRACT_BYTES);
    bool ok = reader(buffer_slice(&loaded->content), &extract, error) &&
              take_blocks(loaded, file, settings, buffer_slice(&extract.text), &extract.blocks, error);
    if (ok) {
        struct slice text = buffer_slice(&extract.text);
        crypto_hash_sha256(loaded->document.content_hash, (const unsigned char *)text.data, text.size);
        loaded->document.is_extracted = true;
        buffer_release(&loaded->content);
        loaded->content = extract.text;
        return true;
    }
    extract_release(&extract);
    return error_wrap(error, "could not read \"%s\"", file->stored);
}

/* ---- what a file is ---- */

void loaded_note(struct loaded *loaded, const char *format, ...)
{
    char text[512];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    loaded->notes = arena_more(&loaded->arena, loaded->notes, loaded->note_count, &loaded->note_capacity, sizeof(char *));
    loaded->notes[loaded->note_count++] = arena_text(&loaded->arena, slice_from(text));
}

/* LOAD_FAILED where somebody expects it to be read, else LOAD_SKIPPED. */
static enum load_outcome refuse_kind(struct loaded *loaded, const struct walk_file *file, const struct file_kind *kind)
{
    struct slice content = buffer_slice(&loaded->content);
    size_t zero_at;
    if (kind->format != FORMAT_OTHER)
        error_set(&loaded->error, ERROR_INVALID, "\"%s\" is %s, which cannot be read here", file->stored,
                  format_what(kind->format));
    else if (kind->what != NULL)
        error_set(&loaded->error, ERROR_INVALID, "\"%s\" is %s", file->stored, kind->what);
    else if (slice_find(content, '\0', &zero_at))
        error_set(&loaded->error, ERROR_INVALID, "\"%s\" is not text: byte %zu is zero", file->stored, zero_at);
    else
        error_set(&loaded->error, ERROR_INVALID, "\"%s\" is not text, and of no known format", file->stored);
    error_hint(&loaded->error, "%s", kind->hint != NULL ? kind->hint : FORMATS_READ);
    return kind->is_told || file->is_named || format_is_promised(file->stored) ? LOAD_FAILED : LOAD_SKIPPED;
}

/* Reads a large file's beginning first: what cannot be read need not be. Fills `kind`; false with the outcome when that was all. */
static bool read_source(struct loaded *loaded, const struct walk_file *file, const struct settings *settings,
                        struct file_kind *kind)
{
    enum { SMALL_BYTES = 64 << 10 };
    size_t limit = settings->document_bytes_max;
    loaded->outcome = LOAD_FAILED;
    if (file->size > SMALL_BYTES) {
        if (!file_read_head(file->path, FORMAT_HEAD_BYTES, &loaded->content, &loaded->error))
            return false;
        *kind = format_of(buffer_slice(&loaded->content), file->stored);
        if (kind->format == FORMAT_OTHER) {
            loaded->outcome = refuse_kind(loaded, file, kind);
            return false;
        }
        limit = format_is_container(kind->format) ? LIMIT_CONTAINER_BYTES : limit;
        buffer_clear(&loaded->content);
    }
    if (file_read(file->path, limit, &loaded->content, &loaded->error))
        return true;
    if (loaded->error.kind == ERROR_LIMIT && limit == LIMIT_CONTAINER_BYTES)
        error_hint(&loaded->error, "Unpack it, and add the folder.");
    else if (loaded->error.kind == ERROR_LIMIT)
        error_hint(&loaded->error, "Split it, or raise documents_max_mb in assay.yaml (at most %zu).",
                   LIMIT_DOCUMENT_BYTES_MAX / MIB);
    return false;
}

static bool is_hash(const unsigned char *known, const unsigned char hash[STORE_HASH_BYTES])
{
    return known != NULL && memcmp(hash, known, STORE_HASH_BYTES) == 0;
}

static enum load_outcome read_kind(struct loaded *loaded, const struct walk_file *file, const struct settings *settings,
                                   const struct file_kind *kind)
{
    extract_reader *extract = extract_readers[kind->format];
    loaded->document.format = slice_from(format_name(kind->format));
    if (format_is_container(kind->format)) {
        loaded->format = kind->format;
        return LOAD_CONTAINER;
    }
    if (extract == NULL && text_readers[kind->format] == NULL)
        return refuse_kind(loaded, file, kind);
    bool ok = extract != NULL ? read_extract(loaded, file, settings, extract, &loaded->error)
                              : read_text(loaded, file, settings, kind->format, &loaded->error);
    if (ok && kind->belies_its_name)
        loaded_note(loaded, "it is %s, whatever its name says, and was read as that", format_what(kind->format));
    return ok ? LOAD_READ : LOAD_FAILED;
}

void load_file(struct loaded *loaded, const struct walk_file *file, bool is_member, const struct settings *settings,
               const struct load_known *known)
{
    struct store_document *document = &loaded->document;
    struct file_kind kind;
    document->path = slice_from(file->stored);
    document->modified_ns = file->modified_ns;
    document->checked_ns = clock_wall_ns(); /* before reading: a change during it is noticed next time */
    if (!is_member && !read_source(loaded, file, settings, &kind))
        return;
    struct slice content = buffer_slice(&loaded->content);
    document->size = (int64_t)content.size;
    crypto_hash_sha256(document->hash, (const unsigned char *)content.data, content.size);
    if (is_hash(known->document, document->hash) || is_hash(known->container, document->hash)) {
        loaded->outcome = LOAD_SAME;
        return;
    }
    size_t head = content.size < FORMAT_HEAD_BYTES ? content.size : FORMAT_HEAD_BYTES;
    kind = format_of(slice_range(content, 0, head), file->stored);
    if (kind.format == FORMAT_ZIP)
        kind = container_kind_of_zip(content);
    loaded->outcome = kind.format == FORMAT_OTHER ? refuse_kind(loaded, file, &kind) : read_kind(loaded, file, settings, &kind);
}

void loaded_init(struct loaded *loaded)
{
    *loaded = (struct loaded){0};
    arena_init(&loaded->arena);
    buffer_init(&loaded->content, LIMIT_CONTAINER_BYTES + MIB);
}

void loaded_release(struct loaded *loaded)
{
    buffer_release(&loaded->content);
    arena_release(&loaded->arena);
}
