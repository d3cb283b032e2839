/* archive_kind.c - what a zip archive is: a document made of files, or an archive of documents. */
#include "archive.h"

/* Archives that hold no documents. */
static const char *const others[] = {"a Java archive", "an OpenDocument drawing, chart or formula"};
enum { OTHER_JAVA, OTHER_DRAWING };

unsigned char archive_kind_encode(const struct file_kind *kind)
{
    for (size_t i = 0; kind->format == FORMAT_OTHER && i < ARRAY_COUNT(others); i++)
        if (kind->what == others[i])
            return (unsigned char)(FORMAT_COUNT + i);
    return (unsigned char)kind->format;
}

bool archive_kind_decode(unsigned char code, struct file_kind *kind)
{
    static const enum file_format formats[] = {FORMAT_ZIP, FORMAT_DOCX, FORMAT_PPTX, FORMAT_XLSX,
                                               FORMAT_ODT, FORMAT_ODS,  FORMAT_ODP,  FORMAT_EPUB};
    bool is_known = code >= FORMAT_COUNT && code < FORMAT_COUNT + ARRAY_COUNT(others);
    *kind = (struct file_kind){.format = FORMAT_OTHER, .what = is_known ? others[code - FORMAT_COUNT] : NULL};
    for (size_t i = 0; !is_known && i < ARRAY_COUNT(formats); i++)
        if (code == formats[i]) {
            kind->format = formats[i];
            return true;
        }
    return is_known;
}

static bool has_folder(const struct zip *zip, struct slice folder)
{
    for (size_t i = 0; i < zip->count; i++)
        if (slice_starts_with(zip->items[i].name, folder))
            return true;
    return false;
}

/* The entry "mimetype" of OpenDocument and EPUB says what the archive is. */
static struct file_kind kind_by_type(struct zip *zip)
{
    static const struct {
        struct slice start;
        struct file_kind kind;
    } types[] = {
        {SLICE_CONSTANT("application/epub+zip"), {.format = FORMAT_EPUB}},
        {SLICE_CONSTANT("application/vnd.oasis.opendocument.text"), {.format = FORMAT_ODT}},
        {SLICE_CONSTANT("application/vnd.oasis.opendocument.spreadsheet"), {.format = FORMAT_ODS}},
        {SLICE_CONSTANT("application/vnd.oasis.opendocument.presentation"), {.format = FORMAT_ODP}},
        {SLICE_CONSTANT("application/vnd.oasis.opendocument."), {.format = FORMAT_OTHER}},
    };
    struct file_kind kind = {.format = FORMAT_ZIP};
    struct buffer type;
    struct error error;
    const struct zip_entry *entry = zip_find(zip, SLICE("mimetype"));
    buffer_init(&type, KIB);
    if (entry != NULL && zip_read_entry(zip, entry, KIB, &type, &error))
        for (size_t i = 0; i < ARRAY_COUNT(types) && kind.format == FORMAT_ZIP; i++)
            if (slice_starts_with(buffer_slice(&type), types[i].start))
                kind = types[i].kind;
    if (kind.format == FORMAT_OTHER)
        kind.what = others[OTHER_DRAWING];
    buffer_release(&type);
    return kind;
}

struct file_kind archive_kind_of_zip(struct slice source)
{
    struct arena arena;
    struct zip zip;
    struct error error;
    struct file_kind kind = {.format = FORMAT_ZIP};
    arena_init(&arena);
    if (zip_open(source, MIB, &arena, &zip, &error)) {
        if (zip_find(&zip, SLICE("[Content_Types].xml")) == NULL)
            kind = kind_by_type(&zip);
        else if (has_folder(&zip, SLICE("word/")))
            kind.format = FORMAT_DOCX;
        else if (has_folder(&zip, SLICE("ppt/")))
            kind.format = FORMAT_PPTX;
        else if (has_folder(&zip, SLICE("xl/")))
            kind.format = FORMAT_XLSX;
        if (kind.format == FORMAT_ZIP && zip_find(&zip, SLICE("META-INF/MANIFEST.MF")) != NULL)
            kind = (struct file_kind){.format = FORMAT_OTHER, .what = others[OTHER_JAVA]};
    }
    arena_release(&arena);
    return kind;
}
