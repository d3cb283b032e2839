#include "archive.h"
#include "document.h"
#include "pdf.h"
#include "tidy.h"
#include <string.h>

#define FORMATS_READ                                                                                                           \
    "Read are text in all its forms, PDF, office documents, e-mail, EPUB, and archives of them (docs/formats.md)."

static struct slice without_mark(struct slice text)
{
    return slice_starts_with(text, SLICE("\xEF\xBB\xBF")) ? slice_range(text, 3, text.size) : text;
}

/* Why bytes that no encoding fits are no text. */
static bool refuse_text(struct slice text, const char *path, struct error *error)
{
    size_t bad_at;
    if (slice_find(text, '\0', &bad_at))
        error_set(error, ERROR_INVALID, "\"%s\" is not text: byte %zu is zero", path, bad_at);
    else
        error_set(error, ERROR_INVALID, "\"%s\" is not text in any known encoding", path);
    return error_hint(error, "Take it out of the folder, or give it the ending of its real format.");
}

static bool is_hexadecimal(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Exports of Notion put a number of 32 hexadecimal digits behind each page's name: "Travel policy 0123456789abcdef0123456789abcdef". */
static struct slice without_number(struct slice name)
{
    enum { DIGITS = 32 };
    if (name.size <= DIGITS + 1)
        return name;
    size_t at = name.size - DIGITS;
    for (size_t i = at; i < name.size; i++)
        if (!is_hexadecimal(name.data[i]))
            return name;
    return name.data[at - 1] == ' ' || name.data[at - 1] == '-' ? slice_trim(slice_range(name, 0, at - 1)) : name;
}

/* What the document calls itself, else its first heading of the highest level, else its file's name. */
static struct slice title_of(const struct blocks *blocks, const char *path)
{
    if (blocks->title.size > 0)
        return slice_cut(blocks->title, LIMIT_TITLE_BYTES);
    const struct block *best = NULL;
    for (size_t i = 0; i < blocks->count; i++)
        if (blocks->items[i].kind == BLOCK_HEADING && (best == NULL || blocks->items[i].level < best->level))
            best = &blocks->items[i];
    if (best != NULL)
        return slice_cut(slice_trim(best->text), LIMIT_TITLE_BYTES);
    struct slice name = path_name(path), extension = path_extension(path);
    return without_number(slice_range(name, 0, name.size - extension.size - (extension.size > 0)));
}

static enum text_language language_of(const struct blocks *blocks, struct slice text)
{
    enum text_language stated = text_language_named(blocks->language);
    return stated != LANGUAGE_UNKNOWN ? stated : text_language_of(text);
}

/* ---- readers ---- */

static const uint64_t READERS_UNKNOWN = UINT64_MAX; /* it is read once they are known */

typedef bool text_reader(struct slice source, struct arena *arena, struct blocks *blocks, struct error *error);

/* Formats that are text: passages' places count in the file itself. */
static text_reader *const text_readers[FORMAT_COUNT] = {
    [FORMAT_TEXT] = plain_read,
    [FORMAT_MARKDOWN] = markdown_read,
    [FORMAT_HTML] = html_read,
    [FORMAT_CSV] = csv_read,
};

typedef bool extract_reader(struct slice source, struct extract *extract, struct error *error);

static bool letter_read(struct slice source, struct extract *extract, struct error *error)
{
    return mail_read(source, extract, error) && extract_finish(extract, error);
}

/* Formats whose text stands apart from their bytes: passages' places count in the text that the reader makes. They are read in workers. */
static extract_reader *const extract_readers[FORMAT_COUNT] = {
    [FORMAT_DOCX] = docx_read, [FORMAT_PPTX] = pptx_read,         [FORMAT_XLSX] = xlsx_read, [FORMAT_ODT] = odf_read,
    [FORMAT_ODS] = odf_read,   [FORMAT_ODP] = odf_read,           [FORMAT_EPUB] = epub_read, [FORMAT_MAIL] = letter_read,
    [FORMAT_RTF] = rtf_read,   [FORMAT_NOTEBOOK] = notebook_read,
};

enum { JOB_TELL_KIND = FORMAT_COUNT }; /* of a zip archive that is too large for a document; else jobs are formats */

/* What a worker gives back: u8 kind (archive_kind_encode), u8 1 when files are attached to a mail, then the extract, of a document. */
static bool load_in_worker(unsigned job, struct slice source, struct buffer *output, struct error *error)
{
    struct arena arena;
    struct extract extract;
    struct file_kind kind = {.format = (enum file_format)job};
    if (job == FORMAT_ZIP || job == JOB_TELL_KIND)
        kind = archive_kind_of_zip(source);
    else if (job >= FORMAT_COUNT || extract_readers[job] == NULL)
        return error_set(error, ERROR_INVALID, "there is no reader of this number");
    buffer_append_byte(output, (char)archive_kind_encode(&kind));
    buffer_append_byte(output, kind.format == FORMAT_MAIL && archive_mail_has_files(source));
    if (job == JOB_TELL_KIND || extract_readers[kind.format] == NULL)
        return true;
    arena_init(&arena);
    extract_init(&extract, &arena, LIMIT_EXTRACT_BYTES);
    bool ok = extract_readers[kind.format](source, &extract, error);
    if (ok)
        extract_encode(&extract, output);
    extract_release(&extract);
    arena_release(&arena);
    return ok;
}

struct taking {
    struct loaded *loaded;
    struct extract *extract;
    bool has_files;
};

static bool take_output(void *context, struct slice output, struct error *error)
{
    struct taking *taking = context;
    struct bytes bytes = bytes_from(output);
    struct file_kind kind;
    uint8_t code = bytes_u8(&bytes), has_files = bytes_u8(&bytes);
    bool is_zip = taking->loaded->kind.format == FORMAT_ZIP;
    if (bytes.failed || has_files > 1 || (is_zip && !archive_kind_decode(code, &kind)) ||
        (!is_zip && code != taking->loaded->kind.format))
        return error_set(error, ERROR_CORRUPT, "what its reader gave back is damaged");
    if (is_zip)
        taking->loaded->kind = kind;
    taking->has_files = has_files == 1;
    struct slice rest = bytes_slice(&bytes, bytes_left(&bytes));
    return rest.size == 0 || extract_decode(rest, taking->extract, error);
}

static struct workers *load_workers(size_t count_max)
{
    static const struct worker_limits limits = {.wall_ms = 1000 * LIMIT_READER_SECONDS,
                                                .wall_ms_per_mib = 1000,
                                                .memory_bytes = LIMIT_READER_MEMORY,
                                                .output_bytes = LIMIT_EXTRACT_BYTES + GIB,
                                                .advice = "Split the document, or save it in another format"};
    return workers_create(load_in_worker, &limits, count_max);
}

void loader_init(struct loader *loader, const struct settings *settings, size_t thread_count)
{
    *loader = (struct loader){
        .settings = settings, .workers = load_workers(thread_count), .unpacker = {.workers = unpack_workers()}};
    loader->grammars = grammars_create(thread_count);
}

void loader_release(struct loader *loader)
{
    workers_free(loader->workers);
    workers_free(loader->unpacker.workers);
    grammars_free(loader->grammars);
    *loader = (struct loader){0};
}

static void note(struct loaded *loaded, const char *text)
{
    loaded->notes = arena_more(&loaded->arena, loaded->notes, loaded->note_count, &loaded->note_capacity, sizeof(char *));
    loaded->notes[loaded->note_count++] = text;
}

/* What all documents have once their blocks are there; `text`, the end of the content, is what the blocks' places count in. */
static bool take_blocks(struct loaded *loaded, const struct walk_file *file, struct slice text, const struct blocks *blocks,
                        struct error *error)
{
    struct store_document *document = &loaded->document;
    loaded->blocks = *blocks;
    loaded->text = text;
    document->title = arena_line(&loaded->arena, title_of(blocks, file->stored));
    document->language = slice_from(text_language_code(language_of(blocks, text)));
    return take_head(loaded, blocks, error);
}

/* The text that was made of the source takes its place. */
static void replace_content(struct loaded *loaded, struct buffer *text)
{
    struct slice bytes = buffer_slice(text);
    sha256(loaded->document.content_hash, bytes.data, bytes.size);
    loaded->document.is_extracted = true;
    buffer_release(&loaded->content);
    loaded->content = *text;
}

/* The blocks as they are kept: clean, and without what the settings want hidden. `*text` is what their places count in, of the content or,
 * when `*is_new`, of `tidying->made`. */
static bool tidy(struct loaded *loaded, struct tidying *tidying, struct slice *text, struct blocks *blocks, struct error *error)
{
    tidying->arena = &loaded->arena;
    tidying->format = loaded->kind.format;
    if (!tidy_blocks(tidying, *text, blocks, error))
        return false;
    if (tidying->is_new)
        *text = buffer_slice(&tidying->made.text);
    if (tidying->repaired > 0)
        note(loaded, arena_format(&loaded->arena, "%zu characters that had been read in a wrong encoding were put right",
                                  tidying->repaired));
    loaded->masked = tidying->masked;
    return true;
}

/* Puts text in another encoding than UTF-8 into UTF-8. */
static bool take_encoding(struct loaded *loaded, const struct walk_file *file, enum file_format format, struct error *error)
{
    struct slice source = buffer_slice(&loaded->content);
    struct buffer converted;
    const char *name;
    size_t at;
    if (loaded->is_converted || (text_is_utf8(source, &at) && !slice_find(source, '\0', &at)))
        return true;
    struct slice declared = format == FORMAT_HTML || format == FORMAT_CODE ? html_encoding(source) : SLICE("");
    if (loaded->page != NULL && loaded->page->charset[0] != '\0')
        declared = slice_from(loaded->page->charset);
    if (!encoding_detect(source, declared, &name))
        return refuse_text(source, file->stored, error);
    buffer_init(&converted, 3 * source.size + KIB);
    if (!encoding_to_utf8(source, name, &converted, error)) {
        buffer_release(&converted);
        return error_wrap(error, "could not read \"%s\" as %s", file->stored, name);
    }
    replace_content(loaded, &converted);
    loaded->is_converted = true;
    bool is_damaged = strcmp(name, "utf-8") == 0;
    note(loaded, is_damaged ? "its UTF-8 is damaged: what could not be read stands as U+FFFD"
                            : arena_format(&loaded->arena, "it was read as %s", name));
    return true;
}

/* One value, or one a line; what only looks like JSON is text. */
static bool read_json(struct loaded *loaded, struct slice text, struct blocks *blocks, struct error *error)
{
    struct error why, of_lines;
    struct broken_lines broken = {0};
    if (json_document_read(text, "", &loaded->arena, blocks, &why))
        return true;
    if (json_lines_read(text, "", &loaded->arena, blocks, &broken, &of_lines) && blocks->count > broken.count) {
        if (broken.count > 0)
            note(loaded, arena_format(&loaded->arena, "%zu of its lines are no JSON, the first one is line %zu: %s",
                                      broken.count, broken.first_line, broken.reason));
        return true;
    }
    note(loaded, arena_format(&loaded->arena, "it is no JSON, and was read as text: %s", why.message));
    return plain_read(text, &loaded->arena, blocks, error);
}

static bool read_blocks(struct loaded *loaded, const struct walk_file *file, enum file_format format, struct slice text,
                        const struct code_tree *tree, struct blocks *blocks, struct error *error)
{
    if (format == FORMAT_JSON)
        return read_json(loaded, text, blocks, error);
    if (format == FORMAT_CODE)
        return code_read_parts(text, file->stored, tree->parts, tree->count, &loaded->arena, blocks, error);
    return text_readers[format](text, &loaded->arena, blocks, error);
}

static bool read_text(struct loaded *loaded, const struct walk_file *file, const struct settings *settings,
                      const struct code_tree *tree, struct error *error)
{
    struct blocks blocks;
    enum file_format format = loaded->kind.format;
    if (!take_encoding(loaded, file, format, error))
        return false;
    struct slice text = without_mark(buffer_slice(&loaded->content));
    struct tidying tidying = {.settings = settings};
    if (!read_blocks(loaded, file, format, text, tree, &blocks, error) ||
        (settings->access != ACCESS_FROM_FILE && !check_unread_head(text, &blocks, error)))
        return error_wrap(error, "could not read \"%s\"", file->stored);
    if (!tidy(loaded, &tidying, &text, &blocks, error) || !take_blocks(loaded, file, text, &blocks, error)) {
        extract_release(&tidying.made);
        return error_wrap(error, "could not read \"%s\"", file->stored);
    }
    if (tidying.is_new)
        replace_content(loaded, &tidying.made.text);
    return true;
}

/* Only the head of a Markdown document says who may see it: what comes from a reader that may have been taken over says nothing of that. */
static void drop_access(struct blocks *blocks, struct arena *arena)
{
    struct head_value *kept = arena_alloc(arena, blocks->head_count + 1, sizeof(*kept));
    size_t count = 0;
    for (size_t i = 0; i < blocks->head_count; i++)
        if (!is_access_key(blocks->head[i].key))
            kept[count++] = blocks->head[i];
    blocks->head = kept;
    blocks->head_count = count;
    blocks->states_access = false;
}

static bool take_extract(struct loaded *loaded, const struct walk_file *file, const struct settings *settings,
                         struct extract *extract, bool has_files, struct error *error)
{
    struct tidying tidying = {.settings = settings, .is_extracted = true};
    struct slice text = buffer_slice(&extract->text);
    drop_access(&extract->blocks, &loaded->arena);
    if (!tidy(loaded, &tidying, &text, &extract->blocks, error) || !take_blocks(loaded, file, text, &extract->blocks, error)) {
        extract_release(&tidying.made);
        return false;
    }
    for (size_t i = 0; i < extract->note_count; i++)
        note(loaded, extract->notes[i]);
    if (loaded->kind.format == FORMAT_MAIL && !loaded->is_member && has_files) {
        loaded->source = loaded->content;
        buffer_init(&loaded->content, 1);
    }
    replace_content(loaded, tidying.is_new ? &tidying.made.text : &extract->text);
    if (tidying.is_new)
        extract_release(extract);
    return true;
}

/* ---- what a file is ---- */

void hint_damaged(struct error *error)
{
    if (error->hint[0] == '\0' && (error->kind == ERROR_CORRUPT || error->kind == ERROR_INVALID))
        error_hint(error, "Mend or convert it, or copy it anew, and run `assay add` again.");
}

/* LOAD_FAILED where somebody expects it to be read, else LOAD_SKIPPED. */
static enum load_outcome refuse_kind(struct loaded *loaded, const struct walk_file *file, const struct file_kind *kind)
{
    struct slice content = buffer_slice(&loaded->content);
    size_t zero_at;
    if (kind->format != FORMAT_OTHER)
        error_set(&loaded->error, ERROR_INVALID, "\"%s\" is %s, which cannot be read here", file->stored,
                  format_what(kind->format));
    else if (office_old_is(content))
        (void)office_old_refuse(content, &loaded->error);
    else if (kind->what != NULL)
        error_set(&loaded->error, ERROR_INVALID, "\"%s\" is %s", file->stored, kind->what);
    else if (slice_find(content, '\0', &zero_at))
        error_set(&loaded->error, ERROR_INVALID, "\"%s\" is not text: byte %zu is zero", file->stored, zero_at);
    else
        error_set(&loaded->error, ERROR_INVALID, "\"%s\" is not text, and of no known format", file->stored);
    if (office_old_is(content)) /* says itself what to do */
        error_wrap(&loaded->error, "could not read \"%s\"", file->stored);
    else
        error_hint(&loaded->error, "%s", kind->hint != NULL ? kind->hint : FORMATS_READ);
    return kind->is_told || file->is_named || format_is_promised(file->stored) ? LOAD_FAILED : LOAD_SKIPPED;
}

/* An office document may be as large as any other, though a zip archive may be larger. */
static bool check_size(struct loaded *loaded, const struct walk_file *file, const struct settings *settings)
{
    if (format_is_container(loaded->kind.format) || loaded->content.size <= settings->document_bytes_max)
        return true;
    error_set(&loaded->error, ERROR_LIMIT, "\"%s\" has %zu bytes, the limit is %zu", file->stored, loaded->content.size,
              settings->document_bytes_max);
    return error_hint(&loaded->error, "Split it, or raise documents_max_mb in assay.yaml (at most %zu).",
                      LIMIT_DOCUMENT_BYTES_MAX / MIB);
}

/* In a container, archives are taken apart where it is: one that comes as its member comes from a reader that may have been taken over. */
static enum load_outcome take_container(struct loaded *loaded, const struct walk_file *file)
{
    if (!loaded->is_member)
        return LOAD_CONTAINER;
    error_set(&loaded->error, ERROR_INVALID, "\"%s\" is an archive within what is one already", file->stored);
    return LOAD_FAILED;
}

/* Gives the bytes to a worker, or PDF to programs of its own. */
static enum worker_outcome read_confined(struct taking *taking, const struct walk_file *file, uint64_t readers,
                                         const struct loader *loader, struct error *error)
{
    const struct loaded *loaded = taking->loaded;
    struct slice source = buffer_slice(&loaded->content);
    enum file_format format = loaded->kind.format;
    if (format == FORMAT_PDF)
        return pdf_read(source, file->stored, taking->extract, error) ? WORKER_DONE : WORKER_FAILED;
    if (readers == READERS_UNKNOWN)
        return WORKER_NONE;
    bool is_too_large = source.size > loader->settings->document_bytes_max;
    unsigned job = format == FORMAT_ZIP && is_too_large ? JOB_TELL_KIND : (unsigned)format;
    return workers_run(loader->workers, readers, job, source, take_output, taking, error);
}

/* The text that the reader makes takes the place of the source. What a zip archive is, is known only then. */
static enum load_outcome read_extract(struct loaded *loaded, const struct walk_file *file, uint64_t readers,
                                      const struct loader *loader)
{
    struct extract extract;
    struct error *error = &loaded->error;
    extract_init(&extract, &loaded->arena, LIMIT_EXTRACT_BYTES);
    struct taking taking = {.loaded = loaded, .extract = &extract};
    enum worker_outcome outcome = read_confined(&taking, file, readers, loader, error);
    bool is_document = extract_readers[loaded->kind.format] != NULL || loaded->kind.format == FORMAT_PDF;
    if (outcome == WORKER_DONE && !is_document) {
        extract_release(&extract);
        return loaded->kind.format == FORMAT_OTHER ? refuse_kind(loaded, file, &loaded->kind) : take_container(loaded, file);
    }
    loaded->document.format = slice_from(format_name(loaded->kind.format));
    if (outcome == WORKER_DONE && !check_size(loaded, file, loader->settings)) {
        extract_release(&extract);
        return LOAD_FAILED;
    }
    if (outcome == WORKER_DONE && take_extract(loaded, file, loader->settings, &extract, taking.has_files, error))
        return LOAD_READ;
    extract_release(&extract);
    if (outcome == WORKER_NONE)
        return LOAD_DEFERRED;
    error_wrap(error, "could not read \"%s\"", file->stored);
    hint_damaged(error);
    return LOAD_FAILED;
}

/* A grammar that lies there and is of no use is told once, with the first document that would have used it. */
static void tell_useless(struct loaded *loaded, int grammar, const struct loader *loader)
{
    const char *reason = grammars_take_reason(loader->grammars, grammar, &loaded->arena);
    if (reason != NULL)
        note(loaded,
             arena_format(
                 &loaded->arena,
                 "the grammar \"%s\" of tree-sitter is not used, so code is cut without it, here and in other files: %s",
                 grammar_name(grammar), reason));
}

static bool is_too_large(struct loaded *loaded, struct slice text)
{
    if (text.size <= LIMIT_GRAMMAR_BYTES)
        return false;
    note(loaded, arena_format(&loaded->arena,
                              "it is larger than the %zu MiB that tree-sitter is given, so it was cut without its grammar",
                              LIMIT_GRAMMAR_BYTES / MIB));
    return true;
}

static void ask_grammar(struct loaded *loaded, struct slice text, uint64_t readers, const struct loader *loader,
                        struct code_tree *tree)
{
    struct error error;
    enum worker_outcome outcome = grammars_parse(loader->grammars, loaded->grammar, readers, text, &loaded->arena, tree,
                                                 &error);
    if (outcome == WORKER_NONE)
        return;
    if (outcome == WORKER_FAILED)
        note(loaded,
             arena_format(&loaded->arena, "the grammar \"%s\" of tree-sitter did not read it, so it was cut without: %s",
                          grammar_name(loaded->grammar), error.message));
    tell_useless(loaded, loaded->grammar, loader);
    loaded->grammar = GRAMMAR_NONE;
}

/* Asks a grammar for the parts of source code; none: they are found without it. False: there is no worker, and the document is to wait. */
static bool find_parts(struct loaded *loaded, const struct walk_file *file, uint64_t readers, const struct loader *loader,
                       struct code_tree *tree)
{
    struct error error;
    struct slice text = buffer_slice(&loaded->content);
    int grammar = loader->grammars != NULL ? grammar_of(text, file->stored) : GRAMMAR_NONE;
    *tree = (struct code_tree){NULL, 0};
    loaded->grammar = GRAMMAR_NONE;
    if (grammar == GRAMMAR_NONE)
        return true;
    if (!grammars_have(loader->grammars, grammar)) {
        tell_useless(loaded, grammar, loader);
        return true;
    }
    if (is_too_large(loaded, text))
        return true;
    if (readers == READERS_UNKNOWN) {
        loaded->grammar = grammar;
        return false;
    }
    if (!take_encoding(loaded, file, FORMAT_CODE, &error)) /* which read_text tells */
        return true;
    text = without_mark(buffer_slice(&loaded->content));
    if (is_too_large(loaded, text))
        return true;
    loaded->grammar = grammar;
    ask_grammar(loaded, text, readers, loader, tree);
    return loaded->grammar == GRAMMAR_NONE;
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
        if (kind->format == FORMAT_OTHER && !office_old_is(buffer_slice(&loaded->content))) {
            loaded->outcome = refuse_kind(loaded, file, kind);
            return false;
        }
        limit = format_is_container(kind->format) ? LIMIT_CONTAINER_BYTES : limit;
        buffer_clear(&loaded->content);
    }
    /* Who sees it was found by what stood at its path: a link that was put there since must not bring another file in. */
    if (file_read_same(file->path, &file->identity, limit, &loaded->content, &loaded->error))
        return true;
    if (loaded->error.kind == ERROR_CONFLICT)
        error_hint(&loaded->error, "Add it again.");
    else if (loaded->error.kind == ERROR_LIMIT && limit == LIMIT_CONTAINER_BYTES)
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

static enum load_outcome read_kind(struct loaded *loaded, const struct walk_file *file, uint64_t readers,
                                   const struct loader *loader)
{
    const struct file_kind *kind = &loaded->kind;
    loaded->document.format = slice_from(format_name(kind->format));
    if (format_is_container(kind->format) && kind->format != FORMAT_ZIP)
        return take_container(loaded, file);
    if (kind->format == FORMAT_PDF || kind->format == FORMAT_ZIP || extract_readers[kind->format] != NULL)
        return read_extract(loaded, file, readers, loader);
    if (text_readers[kind->format] == NULL && kind->format != FORMAT_JSON && kind->format != FORMAT_CODE)
        return refuse_kind(loaded, file, kind);
    struct code_tree tree = {NULL, 0};
    if (kind->format == FORMAT_CODE && !find_parts(loaded, file, readers, loader, &tree))
        return LOAD_DEFERRED;
    if (!read_text(loaded, file, loader->settings, &tree, &loaded->error))
        return LOAD_FAILED;
    if (kind->belies_its_name)
        note(loaded,
             arena_format(&loaded->arena, "it is %s, whatever its name says, and was read as that", format_what(kind->format)));
    return LOAD_READ;
}

void load_file(struct loaded *loaded, const struct walk_file *file, bool is_there, const struct loader *loader,
               const struct load_known *known)
{
    struct store_document *document = &loaded->document;
    document->path = slice_from(file->stored);
    document->modified_ns = file->modified_ns;
    document->changed_ns = file->changed_ns;
    document->inode = (int64_t)file->identity.number;
    document->checked_ns = clock_wall_ns(); /* before reading: a change during it is noticed next time */
    if (!is_there && !read_source(loaded, file, loader->settings, &loaded->kind))
        return;
    struct slice content = buffer_slice(&loaded->content);
    document->size = (int64_t)content.size;
    sha256(document->hash, content.data, content.size);
    if (is_hash(known->document, document->hash) || is_hash(known->container, document->hash)) {
        loaded->outcome = LOAD_SAME;
        return;
    }
    size_t head = content.size < FORMAT_HEAD_BYTES ? content.size : FORMAT_HEAD_BYTES;
    loaded->page = file->page;
    loaded->kind = format_of(slice_range(content, 0, head), file->page != NULL ? file->page->name : file->stored);
    if (loaded->kind.format == FORMAT_OTHER)
        loaded->outcome = refuse_kind(loaded, file, &loaded->kind);
    else
        loaded->outcome = check_size(loaded, file, loader->settings) ? read_kind(loaded, file, READERS_UNKNOWN, loader)
                                                                     : LOAD_FAILED;
}

bool loader_start(struct loader *loader, uint64_t readers, const struct loader_need *need, struct error *error)
{
    for (int i = 0; i < GRAMMAR_COUNT; i++)
        if (need->grammars[i] > 0)
            grammars_start(loader->grammars, i, readers, need->grammars[i]);
    return need->documents == 0 || workers_start(loader->workers, readers, need->documents, error);
}

void load_deferred(struct loaded *loaded, const struct walk_file *file, uint64_t readers, const struct loader *loader)
{
    loaded->outcome = read_kind(loaded, file, readers, loader);
}

void loaded_init(struct loaded *loaded)
{
    *loaded = (struct loaded){.grammar = GRAMMAR_NONE};
    arena_init(&loaded->arena);
    buffer_init(&loaded->content, LIMIT_CONTAINER_BYTES + MIB);
    buffer_init(&loaded->source, 1);
}

void loaded_release(struct loaded *loaded)
{
    buffer_release(&loaded->content);
    buffer_release(&loaded->source);
    arena_release(&loaded->arena);
}
