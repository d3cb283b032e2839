/* package.h - office documents as packages: a zip of XML parts that point to each other by relationships. Private to this room.
 *
 *   _rels/.rels                        rId1 ─▶ word/document.xml   rId2 ─▶ docProps/core.xml
 *   word/document.xml                  the part that a document begins with
 *   word/_rels/document.xml.rels       rId1 ─▶ word/styles.xml  …  what that part points to
 *
 * Readers follow relationships to the few parts that they read, never from those on, so that circles lead nowhere. */
#ifndef CODEC_PACKAGE_H
#define CODEC_PACKAGE_H

#include "codec.h"
#include "xml.h"

struct package {
    struct zip zip;
    struct arena arena; /* the names */
    size_t part_count; /* read so far: parts that refer to one again and again are refused */
};

struct relation {
    struct slice id;
    struct slice type; /* the last part of its address: "styles", "slide" */
    struct slice target; /* a part's name; empty when it leads out of the package */
};

struct relations {
    struct relation *items;
    const struct relation **by_id;
    size_t count;
};

/* `kind` is for messages: "a Word document". Older files of the same programs are refused with what to do about them. */
bool package_open(struct package *package, struct slice source, const char *kind, struct error *error) MUST_USE;
void package_release(struct package *package);

/* Appends a part to an empty buffer that was not initialised yet. */
bool package_part(struct package *package, struct slice name, struct buffer *out, struct error *error) MUST_USE;
bool package_has(const struct package *package, struct slice name);

/* What a part points to ("": the package itself); nothing when it says nothing. */
bool relations_read(struct package *package, struct slice part, struct relations *relations, struct error *error) MUST_USE;
const struct relation *relation_of_id(const struct relations *relations, struct slice id); /* NULL when there is none */
const struct relation *relation_of_type(const struct relations *relations,
                                        const char *type); /* the first with a target; NULL */

/* The part that a document begins with: what the package says, else `usual` where that is there; empty when there is neither. */
struct slice package_main(struct package *package, const struct relations *relations, const char *usual);

/* A document that begins with another kind's element: says which kind it is. Always false. */
bool package_refuse_root(const char *kind, struct slice root, struct error *error);

/* `target` as it is written in part `from`: relative to its folder, or to the root; percent signs decoded. */
struct slice package_resolve(struct arena *arena, struct slice from, struct slice target);

/* Title, author, dates and the like from docProps/core.xml, where there is one that can be read. */
void package_properties(struct package *package, const struct relations *relations, struct extract *extract);

/* One property from the core's or another format's metadata: Dublin Core names, their values as extract_head wants them. */
void property_add(struct extract *extract, struct slice name, struct slice value);

#endif
