/* test_ingest_pdf.c - PDF files through poppler's programs: those made here, hostile ones among them, and all real ones that are there. */
#include "ingest/pdf.h"
#include "compare.h"
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct result {
    bool ok;
    struct arena arena;
    struct extract extract;
    struct error error;
};

static struct result read_bytes(struct slice source)
{
    struct result result = {0};
    arena_init(&result.arena);
    extract_init(&result.extract, &result.arena, 64 * MIB);
    result.ok = pdf_read(source, "x.pdf", &result.extract, &result.error);
    return result;
}

static void release(struct result *result)
{
    extract_release(&result->extract);
    arena_release(&result->arena);
}

/* ---- PDF files, written ---- */

struct pdf_writer {
    struct buffer out;
    size_t places[64];
    size_t count;
};

static void writer_init(struct pdf_writer *writer)
{
    *writer = (struct pdf_writer){.count = 1};
    buffer_init(&writer->out, 64 * MIB);
    buffer_append_text(&writer->out, "%PDF-1.7\n");
}

/* Objects get the numbers 1, 2, 3 … in the order in which they are written. */
static void object(struct pdf_writer *writer, const char *text)
{
    writer->places[writer->count] = writer->out.size;
    buffer_format(&writer->out, "%zu 0 obj\n%s\nendobj\n", writer->count, text);
    writer->count++;
}

static void stream(struct pdf_writer *writer, const char *entries, const char *content)
{
    writer->places[writer->count] = writer->out.size;
    buffer_format(&writer->out, "%zu 0 obj\n<< /Length %zu %s >>\nstream\n%s\nendstream\nendobj\n", writer->count,
                  strlen(content), entries, content);
    writer->count++;
}

static void finish(struct pdf_writer *writer, const char *trailer)
{
    size_t start = writer->out.size;
    buffer_format(&writer->out, "xref\n0 %zu\n0000000000 65535 f \n", writer->count);
    for (size_t i = 1; i < writer->count; i++)
        buffer_format(&writer->out, "%010zu 00000 n \n", writer->places[i]);
    buffer_format(&writer->out, "trailer\n<< /Size %zu /Root 1 0 R %s >>\nstartxref\n%zu\n%%%%EOF\n", writer->count, trailer,
                  start);
}

#define PAGE                                                                                                                   \
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F 5 0 R /B 6 0 R >> >> >>"
#define FONT "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
#define FONT_BOLD "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>"

/* One page; `catalog`: what else stands in the catalog. */
static void simple(struct pdf_writer *writer, const char *content, const char *catalog, const char *trailer)
{
    char root[2048];
    writer_init(writer);
    snprintf(root, sizeof(root), "<< /Type /Catalog /Pages 2 0 R %s >>", catalog);
    object(writer, root);
    object(writer, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
    object(writer, PAGE);
    stream(writer, "", content);
    object(writer, FONT);
    object(writer, FONT_BOLD);
    object(writer, "<< /Title (Terms of sale) /Author (Jane Doe) /CreationDate (D:20250730134813+05'30') >>");
    finish(writer, trailer);
}

#define HELLO "BT /B 20 Tf 72 720 Td (Refunds) Tj ET BT /F 11 Tf 72 690 Td (You have thirty days to send goods back.) Tj ET"

static void a_document_is_read(void **state)
{
    (void)state;
    struct pdf_writer writer;
    simple(&writer, HELLO, "", "/Info 7 0 R");
    struct result result = read_bytes(buffer_slice(&writer.out));
    expect_ok(result.ok, &result.error);
    compare_text("text", buffer_slice(&result.extract.text), "Refunds\n\nYou have thirty days to send goods back.\n");
    compare_text("title", result.extract.blocks.title, "Terms of sale");
    assert_int_equal(result.extract.blocks.items[0].kind, BLOCK_HEADING);
    assert_int_equal(result.extract.blocks.items[1].page, 1);
    assert_int_equal(result.extract.blocks.head_count, 2);
    release(&result);
    buffer_release(&writer.out);
}

/* What is not to be followed: actions, forms and files outside are passed over, the text stays. */
static void nothing_is_run_or_fetched(void **state)
{
    (void)state;
    static const char *const catalogs[] = {
        "/OpenAction << /S /JavaScript /JS (app.launchURL\\('http://127.0.0.1:9/'\\);) >>",
        "/OpenAction << /S /Launch /F (/bin/sh) /Win << /F (cmd.exe) >> >>",
        "/OpenAction << /S /URI /URI (http://127.0.0.1:9/x) >>",
        "/OpenAction << /S /GoToR /F << /FS /URL /F (http://127.0.0.1:9/y.pdf) >> /D [0 /Fit] >>",
        "/AcroForm << /XFA (<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>) /Fields [] >>",
        "/Names << /EmbeddedFiles << /Names [(a) << /F (../../../../tmp/planted) /EF << /F 4 0 R >> >>] >> >>",
    };
    for (size_t i = 0; i < ARRAY_COUNT(catalogs); i++) {
        struct pdf_writer writer;
        simple(&writer, HELLO, catalogs[i], "");
        struct result result = read_bytes(buffer_slice(&writer.out));
        expect_ok(result.ok, &result.error);
        compare_text("text", buffer_slice(&result.extract.text), "Refunds\n\nYou have thirty days to send goods back.\n");
        release(&result);
        buffer_release(&writer.out);
    }
    assert_false(file_exists("/tmp/planted"));
}

/* Each of these is refused with a reason, or read; none crashes or goes on without end. */
static void expect_an_end(struct slice source, const char *what)
{
    struct result result = read_bytes(source);
    if (!result.ok && (result.error.kind == ERROR_NONE || result.error.message[0] == '\0'))
        fail_msg("%s: refused without a reason", what);
    release(&result);
}

static void loops_and_lies(void **state)
{
    (void)state;
    static const struct {
        const char *what, *pages, *kid;
    } cases[] = {
        {"a tree of pages that holds itself", "<< /Type /Pages /Kids [2 0 R] /Count 5 >>", PAGE},
        {"two nodes that hold each other", "<< /Type /Pages /Kids [3 0 R] /Count 5 >>",
         "<< /Type /Pages /Kids [2 0 R] /Count 5 /Parent 2 0 R >>"},
        {"a million pages said, one there", "<< /Type /Pages /Kids [3 0 R] /Count 1000000 >>", PAGE},
        {"fewer than no pages", "<< /Type /Pages /Kids [3 0 R] /Count -7 >>", PAGE},
        {"no pages", "<< /Type /Pages /Kids [] /Count 0 >>", PAGE},
        {"content that is its own page", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
         "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 1e30 -1e30] /Contents 3 0 R /Resources 3 0 R >>"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct pdf_writer writer;
        writer_init(&writer);
        object(&writer, "<< /Type /Catalog /Pages 2 0 R >>");
        object(&writer, cases[i].pages);
        object(&writer, cases[i].kid);
        stream(&writer, "", HELLO);
        object(&writer, FONT);
        object(&writer, FONT_BOLD);
        finish(&writer, "");
        expect_an_end(buffer_slice(&writer.out), cases[i].what);
        buffer_release(&writer.out);
    }
}

/* A form that draws itself twice, and that one twice again: 2^13 times a word; and text without end. */
static void bombs(void **state)
{
    (void)state;
    struct pdf_writer writer;
    writer_init(&writer);
    object(&writer, "<< /Type /Catalog /Pages 2 0 R >>");
    object(&writer, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
    object(&writer, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> "
                    "/XObject << /X 6 0 R >> >> >>");
    stream(&writer, "", "/X Do");
    object(&writer, FONT);
    for (size_t i = 6; i < 20; i++) {
        char entries[256];
        snprintf(
            entries, sizeof(entries),
            "/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /Font << /F 5 0 R >> /XObject << /X %zu 0 R >> >>",
            i + 1);
        stream(&writer, entries, i < 19 ? "/X Do /X Do" : "BT /F 11 Tf 72 690 Td (word) Tj ET");
    }
    finish(&writer, "");
    expect_an_end(buffer_slice(&writer.out), "forms that draw forms");
    buffer_release(&writer.out);
    size_t size = MIB;
    char *content = memory_alloc(size + 1, 1);
    for (size_t at = 0; at + 40 <= size; at += 40)
        memcpy(content + at, "BT /F 9 Tf 9 9 Td (many words) Tj ET     \n", 40);
    for (size_t at = 0; at < size; at++)
        content[at] = content[at] != '\0' ? content[at] : ' ';
    simple(&writer, content, "", "");
    expect_an_end(buffer_slice(&writer.out), "text without end");
    buffer_release(&writer.out);
    free(content);
}

static void cut_anywhere(void **state)
{
    (void)state;
    struct pdf_writer writer;
    simple(&writer, HELLO, "", "/Info 7 0 R");
    struct slice whole = buffer_slice(&writer.out);
    for (size_t size = 0; size < whole.size; size += 61)
        expect_an_end(slice_range(whole, 0, size), "a file that is cut");
    struct result result = read_bytes(SLICE("no PDF at all"));
    expect_error(result.ok, &result.error, ERROR_INVALID, "poppler cannot read it: ");
    release(&result);
    buffer_release(&writer.out);
}

static void pages_without_text(void **state)
{
    (void)state;
    struct pdf_writer writer;
    simple(&writer, "0 0 m 100 100 l S", "", "");
    struct result result = read_bytes(buffer_slice(&writer.out));
    expect_error(result.ok, &result.error, ERROR_INVALID, "its pages hold no text");
    release(&result);
    buffer_release(&writer.out);
    /* a scan: one image over the page */
    simple(&writer, "q 612 0 0 792 0 0 cm BI /W 100 /H 100 /BPC 1 /CS /G /F /AHx ID FF> EI Q", "", "");
    result = read_bytes(buffer_slice(&writer.out));
    assert_false(result.ok);
    if (!program_is_installed("tesseract"))
        assert_non_null(
            strstr(result.error.message, "page 1 of \"x.pdf\" holds only images: install tesseract-ocr to read them"));
    release(&result);
    buffer_release(&writer.out);
}

static void passwords(void **state)
{
    (void)state;
    struct pdf_writer writer;
    simple(&writer, HELLO, "",
           "/ID [(0123456789abcdef) (0123456789abcdef)] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 "
           "/O (AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA) /U (BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB) >>");
    struct result result = read_bytes(buffer_slice(&writer.out));
    expect_error(result.ok, &result.error, ERROR_INVALID, "it needs a password");
    assert_non_null(strstr(result.error.hint, "qpdf --decrypt"));
    release(&result);
    buffer_release(&writer.out);
}

static void *read_often(void *context)
{
    const struct buffer *source = context;
    for (size_t i = 0; i < 10; i++) {
        struct result result = read_bytes(buffer_slice(source));
        bool ok = result.ok && result.extract.blocks.count == 2;
        release(&result);
        if (!ok)
            return context;
    }
    return NULL;
}

static void threads(void **state)
{
    (void)state;
    pthread_t workers[4];
    struct pdf_writer writer;
    simple(&writer, HELLO, "", "");
    for (size_t i = 0; i < ARRAY_COUNT(workers); i++)
        assert_int_equal(pthread_create(&workers[i], NULL, read_often, &writer.out), 0);
    for (size_t i = 0; i < ARRAY_COUNT(workers); i++) {
        void *failed;
        pthread_join(workers[i], &failed);
        assert_null(failed);
    }
    buffer_release(&writer.out);
}

/* ---- real ones ---- */

static size_t read_folder(const char *path, size_t *refused)
{
    size_t count = 0;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char file[LIMIT_PATH_BYTES];
        struct stat status;
        snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
        if (entry->d_name[0] == '.' || stat(file, &status) != 0)
            continue;
        if (S_ISDIR(status.st_mode))
            count += read_folder(file, refused);
        else if (slice_equal_text(path_extension(file), "pdf")) {
            struct buffer source;
            struct error error = {0};
            buffer_init(&source, 64 * MIB);
            expect_ok(file_read(file, 64 * MIB, &source, &error), &error);
            struct result result = read_bytes(buffer_slice(&source));
            if (!result.ok && result.error.message[0] == '\0')
                fail_msg("%s: refused without a reason", file);
            *refused += !result.ok;
            release(&result);
            buffer_release(&source);
            count++;
        }
    }
    closedir(folder);
    return count;
}

static void real_documents(void **state)
{
    (void)state;
    /* beside the project, or where ASSAY_TEST_DOCUMENTS says */
    const char *named = getenv("ASSAY_TEST_DOCUMENTS");
    size_t refused = 0, count = read_folder(named != NULL ? named : SOURCE_ROOT "/../shared/data/messy-documents", &refused);
    if (count == 0) {
        print_message("no ../shared/data/messy-documents here\n");
        skip();
    }
    print_message("%zu files, %zu of them refused with a reason\n", count, refused);
    assert_true(2 * refused < count);
}

int main(void)
{
    if (!program_is_installed("pdftohtml")) {
        struct result result = read_bytes(SLICE("%PDF-1.7"));
        print_message("poppler-utils is not installed: %s\n", result.error.message);
        return !result.ok && result.error.kind == ERROR_NOT_FOUND ? 0 : 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_is_read), cmocka_unit_test(nothing_is_run_or_fetched),
        cmocka_unit_test(loops_and_lies),     cmocka_unit_test(bombs),
        cmocka_unit_test(cut_anywhere),       cmocka_unit_test(pages_without_text),
        cmocka_unit_test(passwords),          cmocka_unit_test(threads),
        cmocka_unit_test(real_documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
