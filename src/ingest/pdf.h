/* pdf.h - PDF files, read by poppler's programs. Private to this room. */
#ifndef INGEST_PDF_H
#define INGEST_PDF_H

#include "codec/codec.h"

/* Reads a PDF into `extract` (extract_init was called), and ends with extract_finish. `path` is for messages. Poppler's programs run confined
 * and within limits (base/program.h): what they cannot read costs this document. Pages that hold only images are read by tesseract where it is
 * installed; else a note tells them, and a document without any text is refused. May be called from several threads. */
bool pdf_read(struct slice source, const char *path, struct extract *extract, struct error *error) MUST_USE;

#endif
