#include "document.h"
#include <sodium.h>
#include <string.h>

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
    return slice_range(name, 0, name.size - extension.size - (extension.size > 0));
}

static enum text_language language_of(const struct blocks *blocks, struct slice text)
{
    enum text_language stated = text_language_named(blocks->language);
    return stated != LANGUAGE_UNKNOWN ? stated : text_language_of(text);
}

static const struct document_reader {
    const char *name;
    bool (*read)(struct slice source, struct arena *arena, struct blocks *blocks, struct error *error);
} readers[] = {
    [FORMAT_NONE] = {"text", plain_read}, /* named by a person, whatever its name */
    [FORMAT_MARKDOWN] = {"markdown", markdown_read},
    [FORMAT_HTML] = {"html", html_read},
    [FORMAT_CSV] = {"csv", csv_read},
    [FORMAT_TEXT] = {"text", plain_read},
};

static bool read_document(struct loaded *loaded, const struct walk_file *file, const struct settings *settings,
                          const unsigned char *known_hash, struct error *error)
{
    struct store_document *document = &loaded->document;
    document->checked_ns = clock_wall_ns(); /* before reading: a change during it is noticed next time */
    if (!file_read(file->path, settings->document_bytes_max, &loaded->content, error)) {
        if (error->kind == ERROR_LIMIT)
            error_hint(error, "Split it, or raise documents_max_mb in assay.yaml (at most %zu).",
                       LIMIT_DOCUMENT_BYTES_MAX / MIB);
        return false;
    }
    struct slice content = buffer_slice(&loaded->content);
    crypto_hash_sha256(document->hash, (const unsigned char *)content.data, content.size);
    loaded->same = known_hash != NULL && memcmp(document->hash, known_hash, STORE_HASH_BYTES) == 0;
    if (loaded->same)
        return true;
    if (!check_text(content, file->stored, error))
        return false;
    struct blocks blocks;
    const struct document_reader *reader = &readers[walk_format(file->path)];
    struct slice text = without_mark(content);
    if (!reader->read(text, &loaded->arena, &blocks, error))
        return error_wrap(error, "could not read \"%s\"", file->stored);
    if (!take_head(loaded, &blocks, error) ||
        (settings->access != ACCESS_FROM_FILE && !check_unread_head(text, &blocks, error)))
        return error_wrap(error, "could not read \"%s\"", file->stored);
    loaded->blocks = blocks;
    loaded->text = text;
    document->title = arena_line(&loaded->arena, title_of(&blocks, file->stored));
    document->format = slice_from(reader->name);
    document->language = slice_from(text_language_code(language_of(&blocks, text)));
    return true;
}

void load_file(struct loaded *loaded, const struct walk_file *file, const struct settings *settings,
               const unsigned char *known_hash)
{
    *loaded = (struct loaded){0};
    arena_init(&loaded->arena);
    buffer_init(&loaded->content, LIMIT_DOCUMENT_BYTES_MAX + MIB);
    loaded->document.path = slice_from(file->stored);
    loaded->document.modified_ns = file->modified_ns;
    loaded->ok = read_document(loaded, file, settings, known_hash, &loaded->error);
    loaded->document.size = (int64_t)loaded->content.size;
}

void loaded_release(struct loaded *loaded)
{
    buffer_release(&loaded->content);
    arena_release(&loaded->arena);
}
