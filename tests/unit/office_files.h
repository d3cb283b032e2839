/* office_files.h - small office documents made of parts, and what a reader makes of them as text. */
#ifndef TESTS_OFFICE_FILES_H
#define TESTS_OFFICE_FILES_H

#include "codec/codec.h"

#define OFFICE_SPACE "http://schemas.openxmlformats.org/"
#define OFFICE_RELATIONS OFFICE_SPACE "officeDocument/2006/relationships"
#define OFFICE_PACKAGE OFFICE_SPACE "package/2006/relationships"

struct office_part {
    const char *name, *content;
};

typedef bool office_reader(struct slice source, struct extract *extract, struct error *error);

/* The archive of the parts, up to the first without a name, deflated; its bytes are in `out`. */
void office_archive(const struct office_part *parts, struct buffer *out);

/* Appends a line for each block: "heading 2 p3: text", without level and page where there are none; and for each note. Checks their places. */
void office_show(const struct extract *extract, struct buffer *shown);

/* Reads an exact copy of the bytes; false with the reason. What was read is shown. */
bool office_try(office_reader *read, struct slice source, struct buffer *shown, struct error *error);

/* Fails the test unless the parts are read as `wanted`, or refused with an error of that kind whose message has `part`. */
void office_expect(office_reader *read, const struct office_part *parts, const char *wanted);
void office_refused(office_reader *read, const struct office_part *parts, enum error_kind kind, const char *part);

/* Cuts the document at each byte, and flips bits in it: an error with a reason, or some text, and nothing worse. */
void office_damage(office_reader *read, const struct office_part *parts);

#endif
