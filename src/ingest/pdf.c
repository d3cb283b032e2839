/* pdf.c - poppler's programs as a reader of PDF: pdfinfo says what the document is, pdftohtml where its text stands, and codec/pdf_*.c makes blocks
 * of that. For scanned pages pdfimages says whether they hold images, pdftoppm draws them, and tesseract reads them.
 *
 * None of their code is in this process: it is large, and the bytes that it reads come from anywhere. */
#include "pdf.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OCR_DPI = 200, IMAGE_SIDE_MIN = 64, RANGES_SHOWN = 8 };

struct pdf_job {
    struct slice source;
    const char *path;
    struct extract *extract;
    struct buffer xml; /* of pdftohtml, and of the pages that were scanned */
    uint64_t deadline_ns;
};

/* ---- programs ---- */

/* What is left of the document's time, for the next program. */
static struct program_limits limits_left(const struct pdf_job *job, unsigned seconds_max)
{
    uint64_t now_ns = clock_now_ns(), left_ms = job->deadline_ns > now_ns ? (job->deadline_ns - now_ns) / 1000000 : 0;
    uint64_t wall_ms = left_ms < seconds_max * UINT64_C(1000) ? left_ms : seconds_max * UINT64_C(1000);
    return (struct program_limits){.wall_ms = wall_ms > 0 ? (unsigned)wall_ms : 1,
                                   .cpu_seconds = (unsigned)(wall_ms / 1000) + 1,
                                   .memory_bytes = LIMIT_PDF_MEMORY_BYTES};
}

static bool tell_how_to_install(struct error *error)
{
    if (error->kind == ERROR_NOT_FOUND) {
        error_set(error, ERROR_NOT_FOUND, "PDF files are read by poppler's programs, which are not installed");
        error_hint(error, "Install them: apt-get install poppler-utils.");
    }
    return false;
}

/* The first line of what a program complained of, without the place in the file that poppler puts before it. */
static struct slice reason_of(struct program_end *end)
{
    struct slice rest = slice_from(end->complaint), line;
    while (slice_next(&rest, '\n', &line)) {
        line = slice_trim(line);
        size_t colon;
        if (slice_starts_with(line, SLICE("Syntax ")) && slice_find(line, ':', &colon))
            line = slice_trim(slice_range(line, colon + 1, line.size));
        bool is_passed_over = slice_ends_with(line, SLICE("(continuing anyway)"));
        if (line.size > 0 && !is_passed_over)
            return line;
    }
    return SLICE("poppler does not say why");
}

/* Appends a program's output; its code other than 0 says that the document cannot be read. */
static bool run(struct pdf_job *job, const char *const *arguments, struct slice input, struct buffer *output,
                struct error *error)
{
    struct program_end end;
    const struct program_limits limits = limits_left(job, LIMIT_PDF_SECONDS);
    if (!program_run(arguments, input, output, &limits, &end, error))
        return tell_how_to_install(error);
    if (end.code == 0)
        return true;
    if (strstr(end.complaint, "Incorrect password") != NULL) {
        error_set(error, ERROR_INVALID, "it needs a password");
        return error_hint(error, "Save a copy without one, for instance: qpdf --decrypt --password=… FILE NEW.");
    }
    struct slice reason = reason_of(&end);
    return error_set(error, ERROR_INVALID, "poppler cannot read it: %.*s", (int)reason.size, reason.data);
}

/* ---- what the document says of itself, and its text ---- */

static bool read_info(struct pdf_job *job, struct error *error)
{
    static const char *const arguments[] = {"pdfinfo", "-rawdates", "-enc", "UTF-8", "/dev/fd/0", NULL};
    struct pdf_info info;
    struct buffer output;
    buffer_init(&output, 4 * MIB);
    bool ok = run(job, arguments, job->source, &output, error);
    if (ok)
        pdf_info_read(buffer_slice(&output), job->extract, &info);
    buffer_release(&output);
    if (ok && info.page_count > LIMIT_PDF_PAGES) {
        error_set(error, ERROR_LIMIT, "it says that it has %llu pages, the limit is %zu", (unsigned long long)info.page_count,
                  LIMIT_PDF_PAGES);
        return error_hint(error, "Split it, for instance: qpdf --split-pages=1000 FILE PART.pdf.");
    }
    if (ok && info.page_count == 0)
        return error_set(error, ERROR_INVALID, "it has no pages");
    return ok;
}

static bool read_text(struct pdf_job *job, struct error *error)
{
    static const char *const arguments[] = {"pdftohtml", "-xml",  "-i",      "-hidden",   "-fontfullname",
                                            "-enc",      "UTF-8", "-stdout", "/dev/fd/0", NULL};
    return run(job, arguments, job->source, &job->xml, error);
}

/* ---- scanned pages ---- */

/* Which pages without text hold an image large enough to be one of a page; the others are empty. */
static void keep_scanned(struct slice list, struct pdf_empty *empty)
{
    size_t kept = 0;
    struct slice line;
    bool *has_image = memory_alloc(empty->count + 1, sizeof(*has_image));
    while (slice_next(&list, '\n', &line)) {
        /* page num type width height … */
        uint64_t values[5] = {0};
        struct slice part;
        for (size_t i = 0; i < 5 && slice_next(&line, ' ', &part);) {
            if (part.size == 0)
                continue;
            (void)slice_to_u64(part, &values[i]); /* "image" is none */
            i++;
        }
        if (values[3] < IMAGE_SIDE_MIN || values[4] < IMAGE_SIDE_MIN)
            continue;
        for (size_t i = 0; i < empty->count; i++)
            has_image[i] = has_image[i] || empty->pages[i] == values[0];
    }
    for (size_t i = 0; i < empty->count; i++)
        if (has_image[i])
            empty->pages[kept++] = empty->pages[i];
    empty->count = kept;
    free(has_image);
}

/* One page, drawn and read, appended to the document's XML. */
static bool read_scanned(struct pdf_job *job, unsigned page, struct error *error)
{
    char number[16], dpi[16];
    snprintf(number, sizeof(number), "%u", page);
    snprintf(dpi, sizeof(dpi), "%d", OCR_DPI);
    const char *const draw[] = {"pdftoppm", "-r", dpi, "-gray", "-f", number, "-l", number, "/dev/fd/0", NULL};
    const char *const recognize[] = {"tesseract", "stdin", "stdout", "--dpi", dpi, "tsv", NULL};
    struct buffer image, table;
    buffer_init(&image, LIMIT_PDF_OUTPUT_BYTES);
    buffer_init(&table, 16 * MIB);
    bool ok = run(job, draw, job->source, &image, error) && run(job, recognize, buffer_slice(&image), &table, error);
    if (ok)
        pdf_ocr_write(buffer_slice(&table), page, OCR_DPI, &job->xml);
    buffer_release(&image);
    buffer_release(&table);
    return ok;
}

/* "pages 3, 4, 9-12", the first ranges of them. */
static void name_pages(const unsigned *pages, size_t count, struct buffer *out)
{
    buffer_append_text(out, count == 1 ? "page " : "pages ");
    size_t ranges = 0;
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && pages[end] == pages[end - 1] + 1;)
            end++;
        if (++ranges > RANGES_SHOWN) {
            buffer_format(out, " and %zu more", count - i);
            return;
        }
        buffer_format(out, end - i > 1 ? "%s%u-%u" : "%s%u", i > 0 ? ", " : "", pages[i], pages[end - 1]);
    }
}

/* Tells in the head which pages were not read; `is_all`: the document has no other, and is refused. */
static bool tell_unread(struct pdf_job *job, const struct pdf_empty *scanned, enum error_kind kind, const char *why,
                        struct error *error)
{
    struct buffer text;
    buffer_init(&text, KIB);
    name_pages(scanned->pages, scanned->count, &text);
    bool is_all = scanned->count == scanned->page_count;
    if (is_all)
        error_set(error, kind, "%s of \"%s\" hold%s only images%s", buffer_text(&text), job->path,
                  scanned->count == 1 ? "s" : "", why);
    buffer_format(&text, " hold%s only images%s", scanned->count == 1 ? "s" : "", why);
    if (!is_all)
        extract_note(job->extract, "%s", buffer_text(&text));
    buffer_release(&text);
    return !is_all;
}

/* Pages in ascending order, as many as time and LIMIT_OCR_PAGES allow; the rest is told. */
static bool recognize_pages(struct pdf_job *job, struct pdf_empty *scanned, struct error *error)
{
    size_t read = 0;
    job->deadline_ns = clock_now_ns() + LIMIT_OCR_SECONDS * UINT64_C(1000000000);
    while (read < scanned->count && read < LIMIT_OCR_PAGES && read_scanned(job, scanned->pages[read], error))
        read++;
    if (read == scanned->count)
        return true;
    const char *why = read == LIMIT_OCR_PAGES ? ", and are too many to read them all" : ", and tesseract did not read them";
    scanned->pages += read;
    scanned->count -= read;
    return tell_unread(job, scanned, ERROR_LIMIT, why, error);
}

/* Pages without text that hold images are scanned; those that hold none are empty. */
static bool read_images(struct pdf_job *job, struct error *error)
{
    static const char *const list[] = {"pdfimages", "-list", "/dev/fd/0", NULL};
    struct pdf_empty empty;
    struct buffer images;
    if (!pdf_pages_empty(buffer_slice(&job->xml), job->extract->arena, &empty, error))
        return false;
    if (empty.count == 0)
        return true;
    buffer_init(&images, LIMIT_PDF_OUTPUT_BYTES);
    bool ok = run(job, list, job->source, &images, error);
    if (ok)
        keep_scanned(buffer_slice(&images), &empty);
    buffer_release(&images);
    if (!ok || empty.count == 0)
        return ok;
    if (!program_is_installed("tesseract"))
        return tell_unread(job, &empty, ERROR_NOT_FOUND, ": install tesseract-ocr to read them", error);
    return recognize_pages(job, &empty, error);
}

static bool read_all(struct pdf_job *job, struct error *error)
{
    if (!read_info(job, error) || !read_text(job, error) || !read_images(job, error) ||
        !pdf_layout_read(buffer_slice(&job->xml), job->extract, error))
        return false;
    return job->extract->blocks.count > 0 || error_set(error, ERROR_INVALID, "its pages hold no text");
}

bool pdf_read(struct slice source, const char *path, struct extract *extract, struct error *error)
{
    struct pdf_job job = {.source = source,
                          .path = path,
                          .extract = extract,
                          .deadline_ns = clock_now_ns() + LIMIT_PDF_SECONDS * UINT64_C(1000000000)};
    buffer_init(&job.xml, LIMIT_PDF_OUTPUT_BYTES);
    bool ok = read_all(&job, error);
    buffer_release(&job.xml);
    return ok;
}
