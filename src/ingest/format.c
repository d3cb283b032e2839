/* format.c - the table of formats. Three looks, each at less certain signs than the one before:
 *
 *   magic   bytes that a format must begin with, or have at a fixed place
 *   text?   no zero bytes and hardly any control characters, in UTF-8 or in another encoding; or a byte order mark
 *   signs   <html>, the lines of a letter's head, {"…": what a text says of itself; else its name's ending */
#include "format.h"
#include "text/text.h"
#include <string.h>
#include <strings.h>

/* ---- magic ---- */

#define UNPACK "Unpack it, and add the folder."
#define SAVE_AS "Save it as .docx, .xlsx, .pptx or .pdf, and add that."

static const struct magic {
    size_t at;
    struct slice bytes;
    enum file_format format;
    const char *what, *hint;
    bool is_told;
} magics[] = {
    {0, SLICE_CONSTANT("PK\x03\x04"), FORMAT_ZIP, NULL, NULL, false},
    {0, SLICE_CONSTANT("PK\x05\x06"), FORMAT_ZIP, NULL, NULL, false}, /* without entries */
    {0, SLICE_CONSTANT("\x1F\x8B\x08"), FORMAT_GZIP, NULL, NULL, false},
    {257, SLICE_CONSTANT("ustar"), FORMAT_TAR, NULL, NULL, false},
    {0, SLICE_CONSTANT("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), FORMAT_OTHER, "an old or encrypted Office document", SAVE_AS, true},
    {0, SLICE_CONSTANT("{\\rtf"), FORMAT_RTF, NULL, NULL, false},
    {0, SLICE_CONSTANT("version https://git-lfs.github.com/spec/"), FORMAT_OTHER, "a Git LFS pointer, and not the file itself",
     "Fetch the files: git lfs pull.", true},
    {0, SLICE_CONSTANT("\x89PNG\r\n\x1A\n"), FORMAT_OTHER, "a PNG image", NULL, false},
    {0, SLICE_CONSTANT("\xFF\xD8\xFF"), FORMAT_OTHER, "a JPEG image", NULL, false},
    {0, SLICE_CONSTANT("GIF8"), FORMAT_OTHER, "a GIF image", NULL, false},
    {0, SLICE_CONSTANT("II*\0"), FORMAT_OTHER, "a TIFF image", NULL, false},
    {0, SLICE_CONSTANT("MM\0*"), FORMAT_OTHER, "a TIFF image", NULL, false},
    {8, SLICE_CONSTANT("WEBPVP8"), FORMAT_OTHER, "a WebP image", NULL, false},
    {8, SLICE_CONSTANT("WAVEfmt"), FORMAT_OTHER, "a WAV recording", NULL, false},
    {8, SLICE_CONSTANT("AVI LIST"), FORMAT_OTHER, "an AVI film", NULL, false},
    {0, SLICE_CONSTANT("\0\0\x01\0"), FORMAT_OTHER, "an icon", NULL, false},
    {0, SLICE_CONSTANT("8BPS\0\x01"), FORMAT_OTHER, "a Photoshop image", NULL, false},
    {4, SLICE_CONSTANT("ftyphei"), FORMAT_OTHER, "a HEIC image", NULL, false},
    {4, SLICE_CONSTANT("ftypavif"), FORMAT_OTHER, "an AVIF image", NULL, false},
    {4, SLICE_CONSTANT("ftyp"), FORMAT_OTHER, "an MP4 film", NULL, false},
    {0, SLICE_CONSTANT("ID3"), FORMAT_OTHER, "an MP3 recording", NULL, false},
    {0, SLICE_CONSTANT("OggS\0"), FORMAT_OTHER, "an Ogg recording", NULL, false},
    {0, SLICE_CONSTANT("fLaC\0"), FORMAT_OTHER, "a FLAC recording", NULL, false},
    {0, SLICE_CONSTANT("\x1A\x45\xDF\xA3"), FORMAT_OTHER, "a Matroska film", NULL, false},
    {0,
     SLICE_CONSTANT("\x7F"
                    "ELF"),
     FORMAT_OTHER, "a program", NULL, false},
    {0, SLICE_CONSTANT("\xCF\xFA\xED\xFE"), FORMAT_OTHER, "a program", NULL, false},
    {0, SLICE_CONSTANT("\xCA\xFE\xBA\xBE"), FORMAT_OTHER, "a program", NULL, false},
    {0, SLICE_CONSTANT("\0asm\x01"), FORMAT_OTHER, "a program", NULL, false},
    {0, SLICE_CONSTANT("!<arch>\n"), FORMAT_OTHER, "a library or Debian package", NULL, false},
    {0, SLICE_CONSTANT("\xED\xAB\xEE\xDB"), FORMAT_OTHER, "an RPM package", NULL, false},
    {0, SLICE_CONSTANT("SQLite format 3\0"), FORMAT_OTHER, "an SQLite database", NULL, false},
    {0, SLICE_CONSTANT("PAR1"), FORMAT_OTHER, "a Parquet table", NULL, false},
    {0, SLICE_CONSTANT("\x89HDF\r\n"), FORMAT_OTHER, "an HDF5 file", NULL, false},
    {0, SLICE_CONSTANT("\x93NUMPY"), FORMAT_OTHER, "a NumPy array", NULL, false},
    {0, SLICE_CONSTANT("GGUF"), FORMAT_OTHER, "a GGUF model", NULL, false},
    {0, SLICE_CONSTANT("PACK\0\0\0"), FORMAT_OTHER, "a Git pack", NULL, false},
    {0, SLICE_CONSTANT("7z\xBC\xAF\x27\x1C"), FORMAT_OTHER, "a 7z archive", UNPACK, false},
    {0, SLICE_CONSTANT("Rar!\x1A\x07"), FORMAT_OTHER, "a RAR archive", UNPACK, false},
    {0,
     SLICE_CONSTANT("\xFD"
                    "7zXZ\0"),
     FORMAT_OTHER, "packed by xz", UNPACK, false},
    {0, SLICE_CONSTANT("BZh"), FORMAT_OTHER, "packed by bzip2", UNPACK, false},
    {0, SLICE_CONSTANT("\x28\xB5\x2F\xFD"), FORMAT_OTHER, "packed by zstd", UNPACK, false},
    {0, SLICE_CONSTANT("\x04\x22\x4D\x18"), FORMAT_OTHER, "packed by lz4", UNPACK, false},
    {0, SLICE_CONSTANT("wOFF"), FORMAT_OTHER, "a font", NULL, false},
    {0, SLICE_CONSTANT("wOF2"), FORMAT_OTHER, "a font", NULL, false},
    {0, SLICE_CONSTANT("\0\x01\0\0\0"), FORMAT_OTHER, "a font", NULL, false},
    {0, SLICE_CONSTANT("OTTO\0"), FORMAT_OTHER, "a font", NULL, false},
    {0, SLICE_CONSTANT("AT&TFORM"), FORMAT_OTHER, "a DjVu document", "Save it as PDF, and add that.", true},
};

static bool has_at(struct slice head, size_t at, struct slice bytes)
{
    return head.size >= at + bytes.size && memcmp(head.data + at, bytes.data, bytes.size) == 0;
}

/* Signs of three letters and fewer begin many a text too: only with a byte that no text has does such a file count as one. */
static bool is_weak(const struct magic *magic)
{
    bool has_control = false;
    for (size_t i = 0; i < magic->bytes.size; i++)
        has_control = has_control || (unsigned char)magic->bytes.data[i] < ' ' || (unsigned char)magic->bytes.data[i] > 0x7E;
    return magic->format == FORMAT_OTHER && !magic->is_told && !has_control && magic->bytes.size < 7;
}

static bool has_binary(struct slice head)
{
    for (size_t i = 0; i < head.size; i++)
        if (head.data[i] == '\0' || (unsigned char)head.data[i] >= 0x80)
            return true;
    return false;
}

/* PDF's sign may stand behind other bytes, within the first kilobyte. */
static bool is_pdf(struct slice head)
{
    size_t within = head.size < 1024 ? head.size : 1024;
    const char *at = within >= 5 ? memmem(head.data, within, "%PDF-", 5) : NULL;
    return at != NULL &&
           (at == head.data || memchr(head.data, '\0', within) != NULL || has_binary(slice_range(head, 0, within)));
}

static const struct magic *find_magic(struct slice head)
{
    for (size_t i = 0; i < ARRAY_COUNT(magics); i++)
        if (has_at(head, magics[i].at, magics[i].bytes) && (!is_weak(&magics[i]) || has_binary(head)))
            return &magics[i];
    return NULL;
}

static bool is_bitmap(struct slice head)
{
    return has_at(head, 0, SLICE("BM")) && head.size >= 26 && has_at(head, 6, SLICE("\0\0\0\0")) &&
           has_at(head, 15, SLICE("\0\0"));
}

static bool is_windows_program(struct slice head)
{
    return has_at(head, 0, SLICE("MZ")) && memchr(head.data, '\0', head.size) != NULL;
}

/* ---- text ---- */

static bool has_byte_order_mark(struct slice head)
{
    return has_at(head, 0, SLICE("\xFF\xFE")) || has_at(head, 0, SLICE("\xFE\xFF")) || has_at(head, 0, SLICE("\0\0\xFE\xFF"));
}

/* UTF-16 without a mark: nearly every second byte of what Western languages write is zero, and the others are not. */
static bool is_wide_text(struct slice head)
{
    size_t zeros[2] = {0};
    for (size_t i = 0; i < head.size; i++)
        zeros[i & 1] += head.data[i] == '\0';
    size_t half = head.size / 2;
    return head.size >= 8 && ((zeros[0] == 0 && zeros[1] * 10 >= half * 7) || (zeros[1] == 0 && zeros[0] * 10 >= half * 7));
}

/* The head may end within a character. */
static bool is_utf8(struct slice head)
{
    size_t bad_at;
    return text_is_utf8(head, &bad_at) || (head.size == FORMAT_HEAD_BYTES && head.size - bad_at < 4);
}

/* No zero byte, and UTF-8; or else few control characters but those that texts have: tabs, line ends, form feeds, the escape of coloured
 * output and of ISO-2022. Most files are UTF-8, which is seen fastest. */
static bool is_text(struct slice head)
{
    size_t controls = 0;
    if (has_byte_order_mark(head))
        return true;
    if (head.size > 0 && memchr(head.data, 0, head.size) != NULL)
        return is_wide_text(head);
    if (is_utf8(head))
        return true;
    for (size_t i = 0; i < head.size; i++) {
        unsigned char byte = (unsigned char)head.data[i];
        controls += byte < '\b' || (byte > '\r' && byte < ' ' && byte != 0x1B);
    }
    return controls * 50 <= head.size;
}

static bool starts_with_word(struct slice text, const char *word)
{
    size_t size = strlen(word);
    return text.size >= size && strncasecmp(text.data, word, size) == 0;
}

/* Behind a byte order mark, white space, XML's first line and comments. */
static struct slice skip_prologue(struct slice text)
{
    if (slice_starts_with(text, SLICE("\xEF\xBB\xBF")))
        text = slice_range(text, 3, text.size);
    for (;;) {
        while (text.size > 0 && strchr(" \t\r\n\f", text.data[0]) != NULL && text.data[0] != '\0')
            text = slice_range(text, 1, text.size);
        const char *end = NULL;
        if (slice_starts_with(text, SLICE("<!--")))
            end = memmem(text.data, text.size, "-->", 3);
        else if (slice_starts_with(text, SLICE("<?xml")))
            end = memmem(text.data, text.size, "?>", 2);
        if (end == NULL)
            return text;
        text = slice_range(text, (size_t)(end - text.data) + 2, text.size);
        if (text.size > 0 && text.data[0] == '>')
            text = slice_range(text, 1, text.size);
    }
}

static bool is_html(struct slice head)
{
    static const char *const begins[] = {"<!doctype html", "<html", "<head>", "<body"};
    struct slice text = skip_prologue(head);
    for (size_t i = 0; i < ARRAY_COUNT(begins); i++)
        if (starts_with_word(text, begins[i]))
            return true;
    return false;
}

/* ---- letters ---- */

/* "Name: …": printable ASCII without blanks before the colon. */
static bool is_header_line(struct slice line, struct slice *name)
{
    size_t at = 0;
    while (at < line.size && line.data[at] > ' ' && line.data[at] < 0x7F && line.data[at] != ':')
        at++;
    *name = slice_range(line, 0, at);
    return at > 0 && at < line.size && line.data[at] == ':';
}

static bool is_named_one_of(struct slice name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (name.size == strlen(names[i]) && strncasecmp(name.data, names[i], name.size) == 0)
            return true;
    return false;
}

/* The lines up to the first empty one are headers, and among them are one that every letter has and one that nobody writes by hand. */
static bool is_letter(struct slice head)
{
    static const char *const common[] = {"From", "To", "Subject", "Date", "Sender"};
    static const char *const machine[] = {"Message-ID",  "Received",     "MIME-Version",
                                          "Return-Path", "Delivered-To", "DKIM-Signature"};
    bool has_common = false, has_machine = false;
    struct slice rest = head, line, name;
    for (size_t count = 0; slice_next(&rest, '\n', &line); count++) {
        if (rest.size == 0 && count > 0)
            break; /* the head's last line may be cut */
        if (line.size > 0 && line.data[line.size - 1] == '\r')
            line.size--;
        if (line.size == 0)
            return has_common && has_machine;
        if (count > 0 && (line.data[0] == ' ' || line.data[0] == '\t'))
            continue;
        if (!is_header_line(line, &name))
            return false;
        has_common = has_common || is_named_one_of(name, common, ARRAY_COUNT(common));
        has_machine = has_machine || is_named_one_of(name, machine, ARRAY_COUNT(machine));
    }
    return has_common && has_machine;
}

/* "From somebody@example.com Mon Jan  5 10:20:30 2026", then headers. */
static bool is_mbox(struct slice head)
{
    struct slice rest = head, line, name;
    if (!slice_starts_with(head, SLICE("From ")) || !slice_next(&rest, '\n', &line) || line.size < 20)
        return false;
    size_t digits = 0;
    for (size_t i = 5; i < line.size; i++)
        digits += line.data[i] >= '0' && line.data[i] <= '9';
    return digits >= 8 && memchr(line.data, ':', line.size) != NULL && slice_next(&rest, '\n', &line) &&
           is_header_line(line, &name);
}

/* ---- names ---- */

static const struct ending {
    const char *name;
    enum file_format format;
    bool is_firm; /* a text so named is this, whatever it looks like */
} endings[] = {
    {"md", FORMAT_MARKDOWN, true},  {"markdown", FORMAT_MARKDOWN, true}, {"mdown", FORMAT_MARKDOWN, true},
    {"mkd", FORMAT_MARKDOWN, true}, {"mdx", FORMAT_MARKDOWN, true},      {"html", FORMAT_HTML, true},
    {"htm", FORMAT_HTML, true},     {"xhtml", FORMAT_HTML, true},        {"csv", FORMAT_CSV, true},
    {"tsv", FORMAT_CSV, true},      {"tab", FORMAT_CSV, true},           {"txt", FORMAT_TEXT, false},
    {"text", FORMAT_TEXT, false},   {"rst", FORMAT_TEXT, false},         {"adoc", FORMAT_TEXT, false},
    {"log", FORMAT_TEXT, false},    {"vtt", FORMAT_TEXT, false},         {"srt", FORMAT_TEXT, false},
    {"json", FORMAT_JSON, true},    {"jsonl", FORMAT_JSON, true},        {"ndjson", FORMAT_JSON, true},
    {"eml", FORMAT_MAIL, true},     {"mbox", FORMAT_MBOX, false},        {"pdf", FORMAT_PDF, false},
    {"docx", FORMAT_DOCX, false},   {"docm", FORMAT_DOCX, false},        {"dotx", FORMAT_DOCX, false},
    {"pptx", FORMAT_PPTX, false},   {"pptm", FORMAT_PPTX, false},        {"ppsx", FORMAT_PPTX, false},
    {"xlsx", FORMAT_XLSX, false},   {"xlsm", FORMAT_XLSX, false},        {"odt", FORMAT_ODT, false},
    {"ods", FORMAT_ODS, false},     {"odp", FORMAT_ODP, false},          {"epub", FORMAT_EPUB, false},
    {"zip", FORMAT_ZIP, false},     {"tar", FORMAT_TAR, false},          {"tgz", FORMAT_GZIP, false},
    {"gz", FORMAT_GZIP, false},     {"doc", FORMAT_OTHER, false},        {"xls", FORMAT_OTHER, false},
    {"ppt", FORMAT_OTHER, false},   {"rtf", FORMAT_RTF, false},          {"ipynb", FORMAT_NOTEBOOK, false},
    {"png", FORMAT_OTHER, false},   {"jpg", FORMAT_OTHER, false},        {"jpeg", FORMAT_OTHER, false},
    {"gif", FORMAT_OTHER, false},   {"exe", FORMAT_OTHER, false},
};

static const struct ending *find_ending(const char *name)
{
    struct slice extension = path_extension(name);
    for (size_t i = 0; i < ARRAY_COUNT(endings); i++)
        if (extension.size == strlen(endings[i].name) && strncasecmp(extension.data, endings[i].name, extension.size) == 0)
            return &endings[i];
    return NULL;
}

bool format_is_promised(const char *name)
{
    const struct ending *ending = find_ending(name);
    return ending != NULL && ending->format != FORMAT_OTHER;
}

bool format_is_text(enum file_format format)
{
    return format <= FORMAT_MBOX;
}

bool format_is_container(enum file_format format)
{
    return format == FORMAT_ZIP || format == FORMAT_TAR || format == FORMAT_GZIP || format == FORMAT_MBOX;
}

/* {"name": … or [{"name": …: what is written so is JSON, or its reader says that it is not. */
static bool is_json(struct slice head)
{
    struct slice text = skip_prologue(head);
    if (text.size == 0 || (text.data[0] != '{' && text.data[0] != '['))
        return false;
    text = skip_prologue(slice_range(text, 1, text.size));
    return text.size > 1 && (text.data[0] == '"' || (head.data[0] == '[' && text.data[0] == '{'));
}

/* JSON that is named so, or whose first member has cells. */
static bool is_notebook(struct slice head, const struct ending *ending)
{
    struct slice text = skip_prologue(head);
    if (!slice_starts_with(text, SLICE("{")) || !is_json(head))
        return false;
    if (ending != NULL && ending->format == FORMAT_NOTEBOOK)
        return true;
    text = skip_prologue(slice_range(text, 1, text.size));
    return slice_starts_with(text, SLICE("\"cells\"")) && memmem(text.data, text.size, "\"cell_type\"", 11) != NULL;
}

static enum file_format format_of_text(struct slice head, const struct ending *ending)
{
    if (is_notebook(head, ending))
        return FORMAT_NOTEBOOK;
    if (ending != NULL && ending->is_firm && !(ending->format != FORMAT_HTML && is_html(head)))
        return ending->format;
    if (is_html(head))
        return FORMAT_HTML;
    if (is_mbox(head))
        return FORMAT_MBOX;
    if (is_letter(head))
        return FORMAT_MAIL;
    if (is_json(head))
        return FORMAT_JSON;
    return ending == NULL ? FORMAT_CODE : FORMAT_TEXT; /* of no known ending: the reader of code knows more of them */
}

static struct file_kind other_kind(const char *what)
{
    return (struct file_kind){.format = FORMAT_OTHER, .what = what};
}

/* Of no bytes: text, as many programs leave it, where the name does not promise what cannot be empty. */
static struct file_kind empty_kind(struct slice head, const struct ending *ending)
{
    if (ending == NULL || format_is_text(ending->format))
        return (struct file_kind){.format = format_of_text(head, ending)};
    bool is_old_office = slice_equal_text(slice_from(ending->name), "doc") ||
                         slice_equal_text(slice_from(ending->name), "xls") || slice_equal_text(slice_from(ending->name), "ppt");
    return (struct file_kind){.format = FORMAT_OTHER,
                              .what = "empty: 0 bytes; a broken copy?",
                              .hint = "Copy it anew, and run `assay add`; or take it out of the folder.",
                              .is_told = ending->format != FORMAT_OTHER || is_old_office};
}

struct file_kind format_of(struct slice head, const char *name)
{
    const struct ending *ending = find_ending(name);
    const struct magic *magic = find_magic(head);
    struct file_kind kind = {.format = FORMAT_PDF};
    if (head.size == 0)
        kind = empty_kind(head, ending);
    else if (is_pdf(head))
        magic = NULL;
    else if (magic != NULL)
        kind = (struct file_kind){magic->format, magic->what, magic->hint, magic->is_told, false};
    else if (is_bitmap(head))
        kind = other_kind("a BMP image");
    else if (is_windows_program(head))
        kind = other_kind("a program");
    else if (is_text(head))
        kind = (struct file_kind){.format = format_of_text(head, ending)};
    else
        kind = other_kind(NULL);
    kind.belies_its_name = ending != NULL && format_is_text(kind.format) && !format_is_text(ending->format);
    return kind;
}

/* ---- words ---- */

static const struct {
    const char *name, *what;
} words[FORMAT_COUNT] = {
    [FORMAT_TEXT] = {"text", "text"},
    [FORMAT_MARKDOWN] = {"markdown", "Markdown"},
    [FORMAT_HTML] = {"html", "HTML"},
    [FORMAT_CSV] = {"csv", "a table of values"},
    [FORMAT_JSON] = {"json", "JSON"},
    [FORMAT_CODE] = {"code", "source code"},
    [FORMAT_MAIL] = {"mail", "an e-mail"},
    [FORMAT_MBOX] = {"mbox", "a mailbox"},
    [FORMAT_PDF] = {"pdf", "a PDF document"},
    [FORMAT_ZIP] = {"zip", "a zip archive"},
    [FORMAT_DOCX] = {"docx", "a Word document"},
    [FORMAT_PPTX] = {"pptx", "a PowerPoint presentation"},
    [FORMAT_XLSX] = {"xlsx", "an Excel workbook"},
    [FORMAT_ODT] = {"odt", "an OpenDocument text"},
    [FORMAT_ODS] = {"ods", "an OpenDocument spreadsheet"},
    [FORMAT_ODP] = {"odp", "an OpenDocument presentation"},
    [FORMAT_EPUB] = {"epub", "an EPUB book"},
    [FORMAT_RTF] = {"rtf", "an RTF document"},
    [FORMAT_NOTEBOOK] = {"notebook", "a Jupyter notebook"},
    [FORMAT_TAR] = {"tar", "a tar archive"},
    [FORMAT_GZIP] = {"gzip", "packed by gzip"},
    [FORMAT_OTHER] = {"other", "of no known format"},
};

const char *format_name(enum file_format format)
{
    return words[format].name;
}

const char *format_what(enum file_format format)
{
    return words[format].what;
}
