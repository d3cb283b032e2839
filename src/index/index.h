/* index.h - full-text search: terms in, the best passages out.
 *
 * The index knows passages by number and words as bytes. It sees neither text nor the catalog: the caller cuts text into terms
 * (text/), hands them in, and looks the found numbers up (store/). Everything here can be rebuilt from the catalog.
 *
 *   builder ──encode──▶ segment (bytes; docs/format/segment.md) ──▶ in memory, or sealed in a file and mapped
 *   index = the segments in ascending order of passages, each with the passages deleted since it was written
 *
 * A segment never changes. Passages come in ascending order, and the segments of an index do not overlap, so merging is
 * appending. Scores are BM25 as Lucene has it, over the live passages of all segments, with exact lengths:
 *
 *   idf(t) = ln(1 + (N - df + 0.5) / (df + 0.5))
 *   score  = Σ_t idf(t) · tf / (tf + k1 · (1 - b + b · length / mean length))
 *
 * N, df and the mean length count live passages only: a deleted passage leaves no trace in a score.
 *
 * Searching, merging and asking change nothing: any number of threads may do so at once. Whoever adds, deletes or replaces must be
 * alone. */
#ifndef INDEX_INDEX_H
#define INDEX_INDEX_H

#include "base/base.h"

typedef uint64_t passage_id; /* 1 and up; given once, never again */

/* ---- writing ---- */

struct segment_builder;
struct segment_builder *segment_builder_create(void) MUST_USE;
void segment_builder_free(struct segment_builder *builder);

/* Adds a passage with its terms in reading order (a repeated term counts again). `passage` is larger than all before. Terms
 * longer than LIMIT_TERM_BYTES are cut. A passage without terms is allowed: it counts for N and the mean length. */
bool segment_builder_add(struct segment_builder *builder, passage_id passage, const struct slice *terms, size_t term_count,
                         struct error *error) MUST_USE;

size_t segment_builder_passage_count(const struct segment_builder *builder);
size_t segment_builder_bytes(const struct segment_builder *builder); /* memory held, about */

/* Encodes what was added. The builder is empty afterwards and can be used again. */
bool segment_builder_encode(struct segment_builder *builder, struct buffer *out, struct error *error) MUST_USE;

/* ---- segments ---- */

struct segment;

/* Maps a file and verifies it: every checksum, every offset, the order of terms and passages. A damaged one is ERROR_CORRUPT, with
 * file, byte offset and what was being read. */
bool segment_open(struct segment **segment, const char *path, struct error *error) MUST_USE;

/* The same for bytes in memory, which the segment takes over (and frees) on success; `name` for messages. */
bool segment_open_bytes(struct segment **segment, struct buffer *bytes, const char *name, struct error *error) MUST_USE;

void segment_close(struct segment *segment);
size_t segment_passage_count(const struct segment *segment);
passage_id segment_first_passage(const struct segment *segment); /* 0 when empty */
passage_id segment_last_passage(const struct segment *segment);
size_t segment_size_bytes(const struct segment *segment);

/* Checks what segment_open takes on trust, because no memory depends on it: that frequencies add up to the lengths of the passages
 * and to the counts of the terms. For `assay doctor`. */
bool segment_check(const struct segment *segment, struct error *error) MUST_USE;

/* ---- the index ---- */

struct index;
struct index *index_create(void) MUST_USE;
void index_free(struct index *index);

/* Takes the segment over. Its passages are larger than all before, else ERROR_INVALID (the caller still owns it then). */
bool index_add_segment(struct index *index, struct segment *segment, struct error *error) MUST_USE;

/* Hides a passage from searches and statistics; false when it is not there, or deleted already. */
bool index_delete(struct index *index, passage_id passage);

size_t index_passage_count(const struct index *index); /* live */
size_t index_segment_count(const struct index *index);
bool index_contains(const struct index *index, passage_id passage); /* live */

/* Adds the live passages of segments first … first+count-1 to an empty builder: merging is this, encoding, and replacing. */
bool index_merge(const struct index *index, size_t first, size_t count, struct segment_builder *builder,
                 struct error *error) MUST_USE;

/* Puts the merged segment in the place of those it was made of and closes them. Passages deleted since the merging are deleted in
 * it too. It has all their live passages and no others, else ERROR_INVALID (the caller still owns it then). */
bool index_replace(struct index *index, size_t first, size_t count, struct segment *segment, struct error *error) MUST_USE;

/* One thing looked for: a word with its variants (the same word as several languages' stemmers give it). A passage that has
 * any of them counts as having the word, as often as it has all of them together. */
#define INDEX_VARIANTS_MAX 32
#define INDEX_WEIGHT_MAX 1e6F
#define INDEX_K1_MAX 1000
struct index_word {
    const struct slice *variants;
    size_t variant_count; /* 1 … INDEX_VARIANTS_MAX; a repeated one counts once */
    float weight; /* 1 for a plain word; a word that stands twice in a question weighs 2; 1/MAX … MAX */
};

struct index_query {
    const struct index_word *words;
    size_t word_count; /* 0 … LIMIT_QUERY_TERMS */
    float k1; /* 1.2; 0 … INDEX_K1_MAX */
    float b; /* 0.75; 0 … 1 */
    size_t k; /* results wanted, 1 … LIMIT_RESULTS */
};

struct index_hit {
    passage_id passage;
    float score;
};

/* Fills `hits` (room for k) with the best, highest score first, equal scores by ascending passage. Only passages that have at least
 * one word. A word's contributions are added in the order of `words`: results repeat bit for bit, whatever the segments. */
bool index_search(const struct index *index, const struct index_query *query, struct index_hit *hits, size_t *hit_count,
                  struct error *error) MUST_USE;

#endif
