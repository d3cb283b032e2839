/* archive_kind.c - what a zip archive is: a document made of files, or an archive of documents. */
#include "archive.h"

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
        {SLICE_CONSTANT("application/vnd.oasis.opendocument."),
         {.format = FORMAT_OTHER, .what = "an OpenDocument drawing, chart or formula"}},
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
            kind = (struct file_kind){.format = FORMAT_OTHER, .what = "a Java archive"};
    }
    arena_release(&arena);
    return kind;
}
