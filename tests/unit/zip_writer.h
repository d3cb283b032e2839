/* zip_writer.h - small zip archives made in memory, right ones and, by changing their bytes, wrong ones. */
#ifndef TESTS_ZIP_WRITER_H
#define TESTS_ZIP_WRITER_H

#include "base/base.h"

struct zip_writer {
    struct buffer out;
    struct buffer directory;
    size_t count;
};

void zip_writer_init(struct zip_writer *writer);
void zip_writer_release(struct zip_writer *writer);
void zip_writer_add(struct zip_writer *writer, const char *name, struct slice content);      /* stored */
void zip_writer_add_text(struct zip_writer *writer, const char *name, const char *content);  /* the same */
void zip_writer_add_deflated(struct zip_writer *writer, const char *name, struct slice content);

/* Packed bytes as they are, with whatever method, flags, size and sum one says. */
struct zip_writer_entry {
    const char *name;
    struct slice packed;
    size_t size;
    uint32_t sum;
    uint16_t method, flags;
};
void zip_writer_add_raw(struct zip_writer *writer, const struct zip_writer_entry *entry);

/* The whole archive, once all is added; good until the writer is released. */
struct slice zip_writer_finish(struct zip_writer *writer);

#endif
