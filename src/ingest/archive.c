/* archive.c - archives, and the names in them.
 *
 * Nothing is ever unpacked onto a disk: a name is only a part of a document's path in the catalog. It is made safe all the same, so that
 * no member takes another's place, or lies where it seems to have other readers: a name that leads out of the archive, or stands in it
 * twice, is not taken. */
#include "archive.h"
#include "text/text.h"
#include <string.h>

/* Old zip programs write names in the code page of the first PC: its upper half. */
static const char *const upper_half[128] = {
    "Ç", "ü", "é", "â", "ä", "à", "å", "ç", "ê", "ë", "è", "ï", "î", "ì", "Ä", "Å", "É", "æ", "Æ", "ô", "ö", "ò",
    "û", "ù", "ÿ", "Ö", "Ü", "¢", "£", "¥", "₧", "ƒ", "á", "í", "ó", "ú", "ñ", "Ñ", "ª", "º", "¿", "⌐", "¬", "½",
    "¼", "¡", "«", "»", "░", "▒", "▓", "│", "┤", "╡", "╢", "╖", "╕", "╣", "║", "╗", "╝", "╜", "╛", "┐", "└", "┴",
    "┬", "├", "─", "┼", "╞", "╟", "╚", "╔", "╩", "╦", "╠", "═", "╬", "╧", "╨", "╤", "╥", "╙", "╘", "╒", "╓", "╫",
    "╪", "┘", "┌", "█", "▄", "▌", "▐", "▀", "α", "ß", "Γ", "π", "Σ", "σ", "µ", "τ", "Φ", "Θ", "Ω", "δ", "∞", "φ",
    "ε", "∩", "≡", "±", "≥", "≤", "⌠", "⌡", "÷", "≈", "°", "∙", "·", "√", "ⁿ", "²", "■", " ",
};

static struct slice readable_name(struct slice raw, struct arena *arena)
{
    size_t bad_at;
    struct buffer out;
    if (text_is_utf8(raw, &bad_at))
        return raw;
    buffer_init(&out, 4 * raw.size + 1);
    for (size_t i = 0; i < raw.size; i++) {
        unsigned char byte = (unsigned char)raw.data[i];
        if (byte < 0x80)
            buffer_append_byte(&out, raw.data[i]);
        else
            buffer_append_text(&out, upper_half[byte - 0x80]);
    }
    struct slice name = arena_slice(arena, buffer_slice(&out));
    buffer_release(&out);
    return name;
}

enum name_verdict { NAME_TAKEN, NAME_HIDDEN, NAME_LEFT_OVER };

/* The parts of a safe name, without empty ones, joined again by "/". */
static enum name_verdict join_parts(struct slice name, struct buffer *out)
{
    struct slice rest = name, part = {"", 0};
    enum name_verdict verdict = NAME_TAKEN;
    while (rest.size > 0) {
        size_t end = 0;
        while (end < rest.size && rest.data[end] != '/' && rest.data[end] != '\\')
            end++;
        part = slice_range(rest, 0, end);
        rest = slice_range(rest, end + (end < rest.size), rest.size);
        if (part.size == 0)
            continue;
        if (part.data[0] == '.' || slice_equal_text(part, "__MACOSX"))
            verdict = NAME_HIDDEN;
        if (out->size > 0)
            buffer_append_byte(out, '/');
        buffer_append_slice(out, part);
    }
    bool is_left_over = slice_ends_with(part, SLICE("~")) || slice_starts_with(part, SLICE("~$"));
    return verdict == NAME_TAKEN && is_left_over ? NAME_LEFT_OVER : verdict;
}

struct visit {
    const struct archive_visitor *visitor;
    struct slice prefix; /* of paths: "" or "inner.zip/" */
    unsigned depth;
    bool is_stopped; /* by each(), and not by what was read */
    struct arena arena;
    struct map names; /* that were met */
    struct buffer path, content;
};

static void visit_init(struct visit *visit, const struct archive_visitor *visitor, struct slice prefix, unsigned depth)
{
    *visit = (struct visit){.visitor = visitor, .prefix = prefix, .depth = depth};
    arena_init(&visit->arena);
    map_init(&visit->names, 2 * LIMIT_ARCHIVE_ENTRIES);
    buffer_init(&visit->path, 4 * LIMIT_PATH_BYTES);
    buffer_init(&visit->content, visitor->member_bytes_max);
}

static void visit_release(struct visit *visit)
{
    map_release(&visit->names);
    buffer_release(&visit->path);
    buffer_release(&visit->content);
    arena_release(&visit->arena);
}

/* The member's path below the outermost archive. */
static struct slice outer_path(struct visit *visit, struct slice path)
{
    return slice_from(
        arena_format(&visit->arena, SLICE_FORMAT SLICE_FORMAT, SLICE_ARGUMENT(visit->prefix), SLICE_ARGUMENT(path)));
}

static void tell_refused(struct visit *visit, struct slice path, const struct error *error, bool is_odd)
{
    visit->visitor->refuse(visit->visitor->context, outer_path(visit, path), error, is_odd);
}

static void refuse(struct visit *visit, struct slice path, bool is_odd, const char *why, const char *hint)
{
    struct error error;
    error_set(&error, ERROR_INVALID, "it %s", why);
    error_hint(&error, "%s", hint);
    tell_refused(visit, path, &error, is_odd);
}

/* "./a.md", as `tar -c .` writes it: the dot says nothing. */
static struct slice without_dot(struct slice name)
{
    while (slice_starts_with(name, SLICE("./")))
        name = slice_range(name, 2, name.size);
    return name;
}

/* Puts the member's path, made safe, into visit->path; false: it is passed over. */
static bool take_name(struct visit *visit, struct slice raw)
{
    bool is_new;
    struct slice name = without_dot(readable_name(raw, &visit->arena));
    buffer_clear(&visit->path);
    if (raw.size >= LIMIT_PATH_BYTES || !zip_name_is_safe(name)) {
        struct slice shown = slice_range(name, 0, name.size < 200 ? name.size : 200);
        refuse(visit, arena_line(&visit->arena, shown), true, "leads out of its archive, or is no name", "");
        return false;
    }
    enum name_verdict verdict = join_parts(name, &visit->path);
    struct slice path = buffer_slice(&visit->path);
    if (verdict == NAME_HIDDEN || path.size == 0 || visit->path.failed)
        return false;
    if (verdict == NAME_LEFT_OVER) {
        refuse(visit, path, true, "is what a program left beside a file", "");
        return false;
    }
    if (map_put(&visit->names, path, &is_new) != NULL && is_new)
        return true;
    refuse(visit, path, true, "stands twice in its archive; the first is taken", "");
    return false;
}

static bool visit_members(struct visit *visit, enum file_format format, struct slice source, const char *name,
                          struct error *error);

/* An archive in an archive. What is wrong with it costs only itself. */
static bool visit_inner(struct visit *visit, enum file_format format, struct slice path, struct error *error)
{
    struct visit inner;
    struct error why;
    if (visit->depth == ARCHIVE_DEPTH_MAX) {
        refuse(visit, path, false, "is an archive within an archive within an archive",
               "Unpack the outer one, and add the folder.");
        return true;
    }
    const char *name = arena_text(&visit->arena, path);
    visit_init(&inner, visit->visitor, slice_from(arena_format(&visit->arena, "%s/", outer_path(visit, path).data)),
               visit->depth + 1);
    bool ok = visit_members(&inner, format, buffer_slice(&visit->content), name, &why);
    visit->is_stopped = inner.is_stopped;
    visit_release(&inner);
    if (!ok && visit->is_stopped)
        *error = why;
    else if (!ok)
        tell_refused(visit, slice_from(name), &why, false);
    return !visit->is_stopped;
}

static bool hand_over(struct visit *visit, struct error *error)
{
    const struct archive_visitor *visitor = visit->visitor;
    struct slice source = buffer_slice(&visit->content), path = arena_slice(&visit->arena, buffer_slice(&visit->path));
    size_t head = source.size < FORMAT_HEAD_BYTES ? source.size : FORMAT_HEAD_BYTES;
    struct file_kind kind = format_of(slice_range(source, 0, head), arena_text(&visit->arena, path));
    if (kind.format == FORMAT_ZIP)
        kind = archive_kind_of_zip(source);
    if (format_is_container(kind.format))
        return visit_inner(visit, kind.format, path, error);
    visit->is_stopped = !visitor->each(visitor->context, outer_path(visit, path), &visit->content, error);
    return !visit->is_stopped;
}

/* ---- zip ---- */

static bool visit_entry(struct visit *visit, struct zip *zip, const struct zip_entry *entry, struct error *error)
{
    struct error why;
    if (entry->is_folder || !take_name(visit, entry->name))
        return true;
    if (entry->is_link) {
        refuse(visit, buffer_slice(&visit->path), true, "is a link, and those are not followed in archives", "");
        return true;
    }
    buffer_clear(&visit->content);
    if (zip_read_entry(zip, entry, visit->visitor->member_bytes_max, &visit->content, &why))
        return hand_over(visit, error);
    tell_refused(visit, buffer_slice(&visit->path), &why, false);
    return true;
}

static bool visit_zip(struct visit *visit, struct slice source, struct error *error)
{
    struct zip zip;
    if (!zip_open(source, LIMIT_CONTAINER_UNPACKED, &visit->arena, &zip, error))
        return false;
    for (size_t i = 0; i < zip.count; i++)
        if (!visit_entry(visit, &zip, &zip.items[i], error))
            return false;
    return true;
}

/* ---- tar ---- */

static bool visit_tar(struct visit *visit, struct slice source, struct error *error)
{
    struct tar tar;
    struct tar_entry entry;
    bool is_end = false;
    tar_open(&tar, source, &visit->arena);
    for (;;) {
        if (!tar_next(&tar, &entry, &is_end, error))
            return false;
        if (is_end)
            return true;
        if (entry.kind == TAR_FOLDER || !take_name(visit, entry.name))
            continue;
        if (entry.kind != TAR_FILE) {
            refuse(visit, buffer_slice(&visit->path), true, "is a link or a device, and those are not followed in archives",
                   "");
            continue;
        }
        if (entry.content.size > visit->visitor->member_bytes_max) {
            refuse(visit, buffer_slice(&visit->path), false, "is larger than a document may be",
                   "Raise documents_max_mb in assay.yaml.");
            continue;
        }
        buffer_clear(&visit->content);
        buffer_append_slice(&visit->content, entry.content);
        if (!hand_over(visit, error))
            return false;
    }
}

/* ---- gzip ---- */

/* The name of what a file "notes.md.gz" holds. */
static struct slice packed_name(const char *name)
{
    struct slice last = path_name(name), extension = path_extension(name);
    return extension.size > 0 ? slice_range(last, 0, last.size - extension.size - 1) : last;
}

static bool visit_gzip(struct visit *visit, struct slice source, const char *name, struct error *error)
{
    size_t ratio_max = 8 * MIB + source.size * LIMIT_ARCHIVE_RATIO;
    struct buffer unpacked;
    buffer_init(&unpacked, ratio_max < LIMIT_CONTAINER_BYTES ? ratio_max : LIMIT_CONTAINER_BYTES);
    bool ok = gzip_read(source, name, &unpacked, error);
    struct slice inner = buffer_slice(&unpacked);
    if (ok && tar_is(inner)) {
        ok = visit_tar(visit, inner, error);
    } else if (ok && inner.size > visit->visitor->member_bytes_max) {
        refuse(visit, packed_name(name), false, "is larger than a document may be", "Raise documents_max_mb in assay.yaml.");
    } else if (ok && take_name(visit, packed_name(name))) {
        buffer_release(&visit->content);
        visit->content = unpacked;
        buffer_init(&unpacked, 1);
        ok = hand_over(visit, error);
    }
    buffer_release(&unpacked);
    return ok;
}

/* ---- mailboxes ---- */

/* A letter's name is its number: one that is added at the end changes no other's. */
static bool take_letter(void *context, size_t number, struct slice message, struct error *error)
{
    struct visit *visit = context;
    buffer_clear(&visit->path);
    buffer_format(&visit->path, "%06zu.eml", number + 1);
    if (message.size > visit->visitor->member_bytes_max) {
        refuse(visit, buffer_slice(&visit->path), false, "is larger than a document may be",
               "Raise documents_max_mb in assay.yaml.");
        return true;
    }
    buffer_clear(&visit->content);
    buffer_append_slice(&visit->content, message);
    return hand_over(visit, error);
}

static bool visit_members(struct visit *visit, enum file_format format, struct slice source, const char *name,
                          struct error *error)
{
    switch (format) {
    case FORMAT_MBOX:
        return mbox_each(source, take_letter, visit, error);
    case FORMAT_ZIP:
        return visit_zip(visit, source, error);
    case FORMAT_TAR:
        return visit_tar(visit, source, error);
    default:
        return visit_gzip(visit, source, name, error);
    }
}

bool archive_visit(enum file_format format, struct slice source, const char *name, const struct archive_visitor *visitor,
                   bool *is_stopped, struct error *error)
{
    struct visit visit;
    visit_init(&visit, visitor, SLICE(""), 1);
    bool ok = visit_members(&visit, format, source, name, error);
    *is_stopped = visit.is_stopped;
    visit_release(&visit);
    return ok;
}

/* ---- documents made of files ---- */

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
