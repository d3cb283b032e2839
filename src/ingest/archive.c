/* archive.c - archives, and the names in them.
 *
 * Nothing is ever unpacked onto a disk: a name is only a part of a document's path in the catalog. It is made safe all the same, so that
 * no member takes another's place, or lies where it seems to have other readers: a name that leads out of the archive is not taken, and of
 * those that stand in it several times the last one is, as by the programs that unpack. Names, bytes and members are counted over the
 * archive and those in it together. */
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

enum name_verdict { NAME_TAKEN, NAME_HIDDEN, NAME_LEFT_OVER, NAME_UNSAFE };

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

/* What the visits of an archive and of those in it have in common. */
struct unpacking {
    const struct archive_visitor *visitor;
    struct map paths; /* below the outermost archive, of what was taken */
    size_t bytes_left, members_left;
    bool is_stopped; /* by the visitor, and not by what was read */
    bool is_over;    /* bytes or members */
};

struct visit {
    struct unpacking *all;
    const struct archive_visitor *visitor;
    struct slice prefix; /* of paths: "" or "inner.zip/" */
    unsigned depth;
    struct arena arena;
    struct map last; /* of each name, the number of the member that has it last, plus one; in a mail, how many files have it */
    size_t files; /* of a mail */
    struct buffer path, content;
};

static void visit_init(struct visit *visit, struct unpacking *all, struct slice prefix, unsigned depth)
{
    *visit = (struct visit){.all = all, .visitor = all->visitor, .prefix = prefix, .depth = depth};
    arena_init(&visit->arena);
    map_init(&visit->last, 2 * LIMIT_ARCHIVE_ENTRIES);
    buffer_init(&visit->path, 4 * LIMIT_PATH_BYTES);
    buffer_init(&visit->content, all->visitor->member_bytes_max);
}

static void visit_release(struct visit *visit)
{
    map_release(&visit->last);
    buffer_release(&visit->path);
    buffer_release(&visit->content);
    arena_release(&visit->arena);
}

/* Before each member; false: this is the end of all visits. */
static bool next_member(struct visit *visit, struct error *error)
{
    struct unpacking *all = visit->all;
    if (!visit->visitor->go_on(visit->visitor->context, error)) {
        all->is_stopped = true;
        return false;
    }
    if (all->members_left == 0) {
        all->is_over = true;
        return error_set(error, ERROR_LIMIT, "it and the archives in it have over %zu entries", LIMIT_ARCHIVE_ENTRIES);
    }
    all->members_left--;
    return true;
}

static bool count_bytes(struct visit *visit, size_t size, struct error *error)
{
    struct unpacking *all = visit->all;
    if (size <= all->bytes_left) {
        all->bytes_left -= size;
        return true;
    }
    all->is_over = true;
    return error_set(error, ERROR_LIMIT, "its members, and those of archives in it, are over %zu GiB unpacked",
                     LIMIT_CONTAINER_UNPACKED / GIB);
}

/* The member's path below the outermost archive. */
static struct slice outer_path(struct visit *visit, struct slice path)
{
    return slice_from(
        arena_format(&visit->arena, SLICE_FORMAT SLICE_FORMAT, SLICE_ARGUMENT(visit->prefix), SLICE_ARGUMENT(path)));
}

static void tell_refused(struct visit *visit, struct slice path, const struct error *error, enum archive_refusal refusal)
{
    visit->visitor->refuse(visit->visitor->context, outer_path(visit, path), error, refusal);
}

static void refuse(struct visit *visit, struct slice path, enum archive_refusal refusal, const char *why, const char *hint)
{
    struct error error;
    error_set(&error, ERROR_INVALID, "it %s", why);
    error_hint(&error, "%s", hint);
    tell_refused(visit, path, &error, refusal);
}

/* "./a.md", as `tar -c .` writes it: the dot says nothing. */
static struct slice without_dot(struct slice name)
{
    while (slice_starts_with(name, SLICE("./")))
        name = slice_range(name, 2, name.size);
    return name;
}

/* Puts the member's path, made safe, into visit->path. */
static enum name_verdict safe_path(struct visit *visit, struct slice name)
{
    buffer_clear(&visit->path);
    if (name.size >= LIMIT_PATH_BYTES || !zip_name_is_safe(name))
        return NAME_UNSAFE;
    enum name_verdict verdict = join_parts(name, &visit->path);
    return verdict == NAME_HIDDEN || visit->path.size == 0 || visit->path.failed ? NAME_HIDDEN : verdict;
}

/* Before any member is visited: notes which one has a name last. */
static void note_name(struct visit *visit, struct slice raw, size_t number)
{
    if (safe_path(visit, without_dot(readable_name(raw, &visit->arena))) != NAME_TAKEN)
        return;
    struct map_entry *entry = map_put(&visit->last, buffer_slice(&visit->path), NULL);
    if (entry != NULL)
        entry->value = number + 1;
}

/* Puts the member's path, made safe, into visit->path; false: it is passed over. */
static bool take_name(struct visit *visit, struct slice raw, size_t number)
{
    bool is_new;
    struct slice name = without_dot(readable_name(raw, &visit->arena));
    enum name_verdict verdict = safe_path(visit, name);
    struct slice path = buffer_slice(&visit->path);
    if (verdict == NAME_UNSAFE) {
        refuse(visit, arena_line(&visit->arena, slice_cut(name, ARCHIVE_SHOWN_BYTES)), ARCHIVE_NONE,
               "leads out of its archive, or is no name", "");
        return false;
    }
    if (verdict == NAME_HIDDEN)
        return false;
    if (verdict == NAME_LEFT_OVER) {
        refuse(visit, path, ARCHIVE_NONE, "is what a program left beside a file", "");
        return false;
    }
    const struct map_entry *last = map_get(&visit->last, path);
    if (last != NULL && last->value != number + 1) {
        refuse(visit, path, ARCHIVE_NONE, "stands twice in its archive; the last is taken", "");
        return false;
    }
    if (map_put(&visit->all->paths, outer_path(visit, path), &is_new) != NULL && is_new)
        return true;
    refuse(visit, path, ARCHIVE_NONE, "has a name that a member of an archive in its archive has, too", "");
    return false;
}

static bool visit_members(struct visit *visit, enum file_format format, struct slice source, const char *name,
                          struct error *error);

/* An archive in an archive, or what is attached to a mail in one. What is wrong with it costs only itself. */
static bool visit_inner(struct visit *visit, enum file_format format, struct slice path, struct error *error)
{
    struct visit inner;
    struct error why;
    if (visit->depth >= (format == FORMAT_MAIL ? MAIL_DEPTH_MAX : ARCHIVE_DEPTH_MAX)) {
        if (format == FORMAT_MAIL)
            return true; /* it is read itself, and says what is attached */
        refuse(visit, path, ARCHIVE_LOST, "is an archive within an archive within an archive",
               "Unpack the outer one, and add the folder.");
        return true;
    }
    const char *name = arena_text(&visit->arena, path);
    visit_init(&inner, visit->all, slice_from(arena_format(&visit->arena, "%s/", outer_path(visit, path).data)),
               visit->depth + 1);
    bool ok = visit_members(&inner, format, buffer_slice(&visit->content), name, &why);
    visit_release(&inner);
    if (ok)
        return true;
    if (visit->all->is_stopped || visit->all->is_over) {
        *error = why;
        return false;
    }
    tell_refused(visit, slice_from(name), &why, ARCHIVE_LOST);
    return true;
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
    if (kind.format == FORMAT_MAIL && !visit_inner(visit, FORMAT_MAIL, path, error))
        return false;
    visit->all->is_stopped = !visitor->each(visitor->context, outer_path(visit, path), &visit->content, error);
    return !visit->all->is_stopped;
}

/* ---- zip ---- */

static bool visit_entry(struct visit *visit, struct zip *zip, size_t number, struct error *error)
{
    const struct zip_entry *entry = &zip->items[number];
    struct error why;
    if (!next_member(visit, error))
        return false;
    if (entry->is_folder || !take_name(visit, entry->name, number))
        return true;
    if (entry->is_link) {
        refuse(visit, buffer_slice(&visit->path), ARCHIVE_ODD, "is a link, and those are not followed in archives", "");
        return true;
    }
    bool is_read = entry->size <= visit->visitor->member_bytes_max;
    if (is_read && !count_bytes(visit, entry->size, error)) /* before, since what is damaged was unpacked too */
        return false;
    buffer_clear(&visit->content);
    if (!zip_read_entry(zip, entry, visit->visitor->member_bytes_max, &visit->content, &why)) {
        tell_refused(visit, buffer_slice(&visit->path), &why, ARCHIVE_LOST);
        return true;
    }
    return hand_over(visit, error);
}

static bool visit_zip(struct visit *visit, struct slice source, struct error *error)
{
    struct zip zip;
    if (!zip_open(source, LIMIT_CONTAINER_UNPACKED, &visit->arena, &zip, error))
        return false;
    for (size_t i = 0; i < zip.count; i++)
        if (!zip.items[i].is_folder)
            note_name(visit, zip.items[i].name, i);
    for (size_t i = 0; i < zip.count; i++)
        if (!visit_entry(visit, &zip, i, error))
            return false;
    return true;
}

/* ---- tar ---- */

static bool visit_tar_entry(struct visit *visit, const struct tar_entry *entry, size_t number, struct error *error)
{
    if (entry->kind == TAR_FOLDER || !take_name(visit, entry->name, number))
        return true;
    if (entry->kind != TAR_FILE) {
        refuse(visit, buffer_slice(&visit->path), ARCHIVE_ODD, "is a link or a device, and those are not followed in archives",
               "");
        return true;
    }
    if (entry->content.size > visit->visitor->member_bytes_max) {
        refuse(visit, buffer_slice(&visit->path), ARCHIVE_LOST, "is larger than a document may be",
               "Raise documents_max_mb in assay.yaml.");
        return true;
    }
    buffer_clear(&visit->content);
    buffer_append_slice(&visit->content, entry->content);
    return count_bytes(visit, entry->content.size, error) && hand_over(visit, error);
}

/* Which names stand there last is known only at the end, so the headers are read twice. */
static void note_tar_names(struct visit *visit, struct slice source)
{
    struct tar tar;
    struct tar_entry entry;
    struct error damaged; /* told by whoever reads the members up to there */
    bool is_end = false;
    tar_open(&tar, source, &visit->arena);
    for (size_t number = 0; tar_next(&tar, &entry, &is_end, &damaged) && !is_end; number++)
        if (entry.kind != TAR_FOLDER)
            note_name(visit, entry.name, number);
}

static bool visit_tar(struct visit *visit, struct slice source, struct error *error)
{
    struct tar tar;
    struct tar_entry entry;
    bool is_end = false;
    note_tar_names(visit, source);
    tar_open(&tar, source, &visit->arena);
    for (size_t number = 0;; number++) {
        if (!tar_next(&tar, &entry, &is_end, error))
            return false;
        if (is_end)
            return true;
        if (!next_member(visit, error) || !visit_tar_entry(visit, &entry, number, error))
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
    struct error of_size;
    bool ok = next_member(visit, error) && gzip_read(source, name, &unpacked, error);
    if (!count_bytes(visit, unpacked.size, ok ? error : &of_size))
        ok = false;
    struct slice inner = buffer_slice(&unpacked);
    if (ok && tar_is(inner)) {
        ok = visit_tar(visit, inner, error);
    } else if (ok && inner.size > visit->visitor->member_bytes_max) {
        refuse(visit, packed_name(name), ARCHIVE_LOST, "is larger than a document may be",
               "Raise documents_max_mb in assay.yaml.");
    } else if (ok && take_name(visit, packed_name(name), 0)) {
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
    bool is_new;
    if (!next_member(visit, error))
        return false;
    buffer_clear(&visit->path);
    buffer_format(&visit->path, "%06zu.eml", number + 1);
    if (map_put(&visit->all->paths, outer_path(visit, buffer_slice(&visit->path)), &is_new) == NULL || !is_new) {
        refuse(visit, buffer_slice(&visit->path), ARCHIVE_NONE, "has a name that another member of the archive has, too", "");
        return true;
    }
    if (message.size > visit->visitor->member_bytes_max) {
        refuse(visit, buffer_slice(&visit->path), ARCHIVE_LOST, "is larger than a document may be",
               "Raise documents_max_mb in assay.yaml.");
        return true;
    }
    buffer_clear(&visit->content);
    buffer_append_slice(&visit->content, message);
    return count_bytes(visit, message.size, error) && hand_over(visit, error);
}

/* ---- what is attached to mails ---- */

/* Not pictures that a page shows, nor what proves who wrote a mail. */
static bool is_file(const struct mail_part *part)
{
    static const char *const signatures[] = {"application/pkcs7-signature", "application/x-pkcs7-signature",
                                             "application/pgp-signature", "application/pgp-keys"};
    for (size_t i = 0; i < ARRAY_COUNT(signatures); i++)
        if (slice_equal_text(part->type, signatures[i]))
            return false;
    return part->bytes.size > 0 && !(part->is_inline && slice_starts_with(part->type, SLICE("image/")));
}

/* A mail's name for a file may be a path on its writer's disk, or missing. */
static struct slice file_name(struct visit *visit, const struct mail_part *part, size_t number)
{
    static const char *const endings[][2] = {
        {"text/html", ".html"}, {"text/csv", ".csv"}, {"text/markdown", ".md"}, {"application/json", ".json"}};
    size_t start = part->name.size;
    while (start > 0 && part->name.data[start - 1] != '/' && part->name.data[start - 1] != '\\')
        start--;
    struct slice name = slice_trim(slice_range(part->name, start, part->name.size));
    if (name.size > 0)
        return name;
    const char *ending = "";
    for (size_t i = 0; i < ARRAY_COUNT(endings); i++)
        ending = slice_equal_text(part->type, endings[i][0]) ? endings[i][1] : ending;
    return slice_from(arena_format(&visit->arena, "attachment-%zu%s", number, ending));
}

/* Files of one name in a mail are different files: "a.pdf", "a (2).pdf". */
static bool take_file_name(struct visit *visit, struct slice name)
{
    bool is_new;
    if (safe_path(visit, name) != NAME_TAKEN)
        return take_name(visit, name, 0); /* says why not */
    struct map_entry *seen = map_put(&visit->last, name, NULL);
    size_t dot = name.size;
    while (dot > 0 && name.data[dot - 1] != '.')
        dot--;
    dot = dot > 1 ? dot - 1 : name.size;
    while (seen != NULL && seen->value++ < LIMIT_ARCHIVE_ENTRIES) {
        if (seen->value > 1) {
            buffer_clear(&visit->path);
            buffer_append_slice(&visit->path, slice_range(name, 0, dot));
            buffer_format(&visit->path, " (%llu)", (unsigned long long)seen->value);
            buffer_append_slice(&visit->path, slice_range(name, dot, name.size));
        }
        if (map_put(&visit->all->paths, outer_path(visit, buffer_slice(&visit->path)), &is_new) != NULL && is_new)
            return true;
    }
    return false;
}

static bool take_file(void *context, const struct mail_part *part, struct error *error)
{
    struct visit *visit = context;
    if (!is_file(part))
        return true;
    if (!next_member(visit, error) || !count_bytes(visit, part->bytes.size, error))
        return false;
    if (!take_file_name(visit, file_name(visit, part, ++visit->files)))
        return true;
    if (part->bytes.size > visit->visitor->member_bytes_max) {
        refuse(visit, buffer_slice(&visit->path), ARCHIVE_LOST, "is larger than a document may be",
               "Raise documents_max_mb in assay.yaml.");
        return true;
    }
    buffer_clear(&visit->content);
    buffer_append_slice(&visit->content, part->bytes);
    return hand_over(visit, error);
}

static bool find_file(void *context, const struct mail_part *part, struct error *error)
{
    (void)context, (void)error;
    return !is_file(part);
}

bool archive_mail_has_files(struct slice source)
{
    struct arena arena;
    struct error found;
    arena_init(&arena);
    bool has_none = mail_each_part(source, &arena, find_file, NULL, &found);
    arena_release(&arena);
    return !has_none;
}

static bool visit_members(struct visit *visit, enum file_format format, struct slice source, const char *name,
                          struct error *error)
{
    switch (format) {
    case FORMAT_MAIL:
        return mail_each_part(source, &visit->arena, take_file, visit, error);
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
    struct unpacking all = {.visitor = visitor, .bytes_left = LIMIT_CONTAINER_UNPACKED, .members_left = LIMIT_ARCHIVE_ENTRIES};
    struct visit visit;
    map_init(&all.paths, 2 * LIMIT_ARCHIVE_ENTRIES);
    visit_init(&visit, &all, SLICE(""), 1);
    bool ok = visit_members(&visit, format, source, name, error);
    *is_stopped = all.is_stopped;
    visit_release(&visit);
    map_release(&all.paths);
    return ok;
}
