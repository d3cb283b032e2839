/* parts.h - what the files of this room share about the index's parts. Private. */
#ifndef PROJECT_PARTS_H
#define PROJECT_PARTS_H

#include "project.h"

/* One segment of the index: passages first … last of the catalog. */
struct index_part {
    int64_t first, last;
    size_t passages; /* when it was written */
    char *file;      /* its name in the index folder; NULL: in memory only */
    size_t bytes;    /* of its file, or that it would have */
};

/* Builders and analyzers for each compute thread; made when first needed. */
struct builder_set *builder_set_create(size_t thread_count) MUST_USE;
void builder_set_free(struct builder_set *set);

/* Builds the live passages first … last of the catalog into segments in memory and appends them to the index. */
bool parts_build(struct project *project, int64_t first, int64_t last, struct error *error) MUST_USE;

/* Appends a segment, which the index takes over, also on failure. `file` may be NULL. */
bool parts_append(struct project *project, struct segment *segment, int64_t first, int64_t last, const char *file,
                  struct error *error) MUST_USE;

void parts_clear(struct project *project); /* nothing is loaded afterwards */

/* The same for vectors. */
void vectors_clear(struct project *project);
bool vectors_seal(struct project *project, struct error *error) MUST_USE;

/* The first part to merge, counting from the end; all of them when many passages of the files are deleted; `count`: none. `live`:
 * passages of all parts that are not deleted. Files are left as they are that would make one of more than PARTS_MERGED_BYTES_MAX. */
#define PARTS_MERGED_BYTES_MAX (LIMIT_SEGMENT_BYTES / 4 * 3)
size_t parts_merge_start(const struct index_part *parts, size_t count, size_t live);

/* Writes what stands for passages segment->first … segment->last and names it in the catalog, by `replace`, in the place of what did
 * before. Without passages there is no file. */
typedef bool replace_segments(struct store *store, const struct store_segment *segment, struct error *error);
bool parts_publish(struct project *project, struct store_segment *segment, struct slice encoded, const char *ending,
                   replace_segments *replace, struct error *error) MUST_USE;
/* Adds a language to a list of different ones. */
void note_language(enum text_language languages[LANGUAGE_COUNT], size_t *count, struct slice code);

void views_clear(struct project *project); /* before the index changes */
void editions_clear(struct project *project); /* with the views */

bool working_folder(struct arena *arena, const char **folder, struct error *error) MUST_USE;

/* The path of something in .assay/. */
char *state_path(struct arena *arena, const struct project *project, const char *name) MUST_USE;
char *index_path(struct arena *arena, const struct project *project, const char *file) MUST_USE;

/* True for names that sealing gives, whole or half written: nothing else in the folder is ours. */
bool index_file_name(const char *name);

/* Removes what writers that were killed left in the index folder: files that the catalog does not name. */
bool parts_sweep(struct project *project, struct error *error) MUST_USE;

#endif
