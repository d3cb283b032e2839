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

/* Where in a passage a term stands. Every term is indexed as text; those of the title and the headings once more by themselves. */
enum index_field { INDEX_TEXT, INDEX_TITLE, INDEX_HEADINGS, INDEX_FIELDS };

/* ---- writing ---- */

struct segment_builder;
struct segment_builder *segment_builder_create(void) MUST_USE;
void segment_builder_free(struct segment_builder *builder);

/* Adds a passage with its terms in reading order (a repeated term counts again). `passage` is larger than all before. Terms
 * longer than LIMIT_TERM_BYTES are cut. A passage without terms is allowed: it counts for N and the mean length. */
bool segment_builder_add(struct segment_builder *builder, passage_id passage, const struct slice *terms, size_t term_count,
                         struct error *error) MUST_USE;

/* The same for a passage in parts, in reading order. A phrase does not run from one part into the next. */
struct index_text {
    enum index_field field;
    const struct slice *terms;
    size_t term_count;
    const uint32_t *places; /* for each term the number of its word in the text, never falling; NULL: 0, 1, 2 … */
    const uint32_t *
        numbers; /* for each term a number that no other has (0: it has none), so that it need not be looked up; NULL: none have */
};
bool segment_builder_add_texts(struct segment_builder *builder, passage_id passage, const struct index_text *texts,
                               size_t text_count, struct error *error) MUST_USE;

/* From here on terms have other numbers. */
void segment_builder_forget_numbers(struct segment_builder *builder);

/* Phrases need to know where the terms stand. To be asked for before the first passage; stays so when the builder is used again. */
void segment_builder_keep_positions(struct segment_builder *builder);

size_t segment_builder_passage_count(const struct segment_builder *builder);
size_t segment_builder_bytes(const struct segment_builder *builder); /* memory held, about */

/* Encodes what was added. The builder is empty afterwards and can be used again. */
bool segment_builder_encode(struct segment_builder *builder, struct buffer *out, struct error *error) MUST_USE;

/* ---- segments ---- */

struct segment;

/* Maps a file and verifies it: every checksum, the frame, the passages. A damaged one is ERROR_CORRUPT, with file, byte offset and what
 * was being read. Terms and postings are looked at when they are read: a file that was forged, checksums and all, makes searching and
 * merging fail with ERROR_CORRUPT, and nothing worse. */
bool segment_open(struct segment **segment, const char *path, struct error *error) MUST_USE;

/* The same for bytes in memory, which the segment takes over (and frees) on success; `name` for messages. */
bool segment_open_bytes(struct segment **segment, struct buffer *bytes, const char *name, struct error *error) MUST_USE;

void segment_close(struct segment *segment);

/* One more owner, who closes it too: an index that is made anew can take over what the one before has open. */
struct segment *segment_share(struct segment *segment) MUST_USE;
size_t segment_passage_count(const struct segment *segment);
passage_id segment_first_passage(const struct segment *segment); /* 0 when empty */
passage_id segment_last_passage(const struct segment *segment);
size_t segment_size_bytes(const struct segment *segment);

/* Checks what segment_open leaves out: the order of terms, every posting and position, that frequencies add up to the lengths of the
 * passages. For `assay doctor`. */
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
size_t index_passages_in(const struct index *index, size_t first, size_t count); /* the same, of some segments */
size_t index_segment_count(const struct index *index);
struct segment *index_segment(const struct index *index, size_t number); /* the index's own: share it to keep it */
bool index_contains(const struct index *index, passage_id passage); /* live */

/* Encodes the live passages of segments first … first+count-1 as one segment, on the threads of a pool (NULL: on this one): merging is
 * this, and replacing. It has positions when all of them have. The bytes are those of one that was built from the passages. */
bool index_merge(const struct index *index, size_t first, size_t count, struct pool *pool, struct buffer *out,
                 struct error *error) MUST_USE;

/* Puts the merged segment in the place of those it was made of and closes them. Passages deleted since the merging are deleted in
 * it too. It has all their live passages and no others, else ERROR_INVALID (the caller still owns it then). */
bool index_replace(struct index *index, size_t first, size_t count, struct segment *segment, struct error *error) MUST_USE;

/* ---- who may see what ---- */

/* Passages first … last, both included. */
struct index_range {
    passage_id first, last;
};

/* What a search may see: the live passages within some ranges. To a search with a view nothing else exists: it is neither
 * scored nor counted (N, df and the mean length are the view's). Good until the index changes: it is made anew then. */
struct index_view;

/* `ranges` ascend and do not overlap. */
struct index_view *index_view_create(const struct index *index, const struct index_range *ranges, size_t range_count) MUST_USE;
void index_view_free(struct index_view *view);
size_t index_view_passage_count(const struct index_view *view);
bool index_view_contains(const struct index_view *view, passage_id passage);

/* ---- searching for words ---- */

/* One thing looked for: a word with its variants (the same word as several languages' stemmers give it). A passage that has
 * any of them counts as having the word, as often as it has all of them together. */
#define INDEX_VARIANTS_MAX 32
#define INDEX_WEIGHT_MAX 1e6F
#define INDEX_K1_MAX 1000
struct index_word {
    const struct slice *variants;
    size_t variant_count; /* 1 … INDEX_VARIANTS_MAX; a repeated one counts once */
    float weight; /* 1 for a plain word; a word that stands twice in a question weighs 2; 1/MAX … MAX */
    enum index_field field; /* where it is looked for */
    bool required; /* passages without it are no hits */
};

/* Words that stand one after the other, each place with its variants. Passages without it are no hits; it adds nothing to scores: its
 * words do, as words of the question. Needs positions in every segment. */
#define INDEX_PHRASE_MAX 64
struct index_phrase {
    const struct index_word *places; /* variants and their number are looked at, and the field must be INDEX_TEXT */
    size_t place_count; /* 1 … INDEX_PHRASE_MAX */
};

struct index_query {
    const struct index_word *words;
    size_t word_count; /* 0 … LIMIT_QUERY_TERMS */
    float k1; /* 1.2; 0 … INDEX_K1_MAX */
    float b; /* 0.75; 0 … 1 */
    size_t k; /* results wanted, 1 … LIMIT_RESULTS */
    const struct index_view *view; /* NULL: all live passages */
    const struct index_phrase *phrases;
    size_t phrase_count;
    /* What a word of the text adds when it stands in the title (INDEX_TITLE) or the headings: this much of what it would score as a
     * word of that field. 0: nothing; up to INDEX_WEIGHT_MAX. [INDEX_TEXT] is not looked at. */
    float field_weights[INDEX_FIELDS];
};

struct index_hit {
    passage_id passage;
    float score;
};

/* Fills `hits` (room for k) with the best, highest score first, equal scores by ascending passage. Only passages that have at least
 * one word. A word's contributions are added in the order of `words`: results repeat bit for bit, whatever the segments. */
bool index_search(const struct index *index, const struct index_query *query, struct index_hit *hits, size_t *hit_count,
                  struct error *error) MUST_USE;

/* What a score is made of: one part for each word and field that it is looked for in, in the order in which they are added. */
struct index_part_of_score {
    size_t word;
    enum index_field field;
    float weight; /* the word's and the field's, times idf */
    uint64_t documents; /* that have it and can be seen (df) */
    uint32_t frequency; /* in this passage (tf) */
    float score;
};
struct index_explanation {
    struct index_part_of_score *parts; /* room for word_count · INDEX_FIELDS */
    size_t part_count;
    float score; /* the parts' scores added in order: that of index_search, to the last bit */
    bool is_hit; /* it has a word, and every phrase and required word */
    uint32_t length; /* terms of the passage */
    double mean_length; /* of all that can be seen */
};

/* ERROR_NOT_FOUND when the view does not show the passage. */
bool index_explain(const struct index *index, const struct index_query *query, passage_id passage,
                   struct index_explanation *explanation, struct error *error) MUST_USE;

/* Terms of the index that begin like `text` (prefix), or differ from it by no more than `edits` characters put in, left out, exchanged,
 * or swapped with their neighbours (fuzzy). Only terms of passages that the view shows. The most frequent ones first, equal ones in byte order, up to `max`; in `arena`. */
enum index_likeness { INDEX_PREFIX, INDEX_FUZZY };
#define INDEX_EDITS_MAX 2
bool index_expand(const struct index *index, const struct index_view *view, enum index_field field,
                  enum index_likeness likeness, struct slice text, unsigned edits, struct arena *arena, struct slice *terms,
                  size_t max, size_t *count, struct error *error) MUST_USE;

/* ---- vectors ---- */

/* Vectors of length 1, one a passage, and the nearest of them by inner product. A vector is kept as a code: 16-bit numbers times one
 * factor, whose high bytes alone are an 8-bit code. A search walks by the 8-bit codes and scores what it found by all 16 bits.
 *
 *   builder ──encode──▶ vector segment (bytes; docs/format/vectors.md) ──▶ in memory, or sealed in a file and mapped
 *   vector_index = the segments in ascending order of passages, each with the passages deleted since
 *
 * Small segments are searched one by one, large ones along a graph (HNSW: Malkov and Yashunin 2016). Results depend on the segments
 * and the question alone, never on the number of threads.
 *
 * What a view hides, or what is deleted, is in no result. An exact search gives the same bytes as in an index that never had it. Along
 * the graph, what is hidden leads the way too: which of the visible ones are found may depend on it, their scores and order not. */

size_t vector_code_bytes(size_t dimensions); /* dimensions: 1 … LIMIT_VECTOR_DIMENSIONS, everywhere */

/* Of any numbers: those beyond -1 … 1 are cut, NaN is 0. */
void vector_encode(unsigned char *code, const float *vector, size_t dimensions);
void vector_decode(float *vector, const unsigned char *code, size_t dimensions);

struct pool;

struct vector_build {
    size_t links; /* neighbours of a node (M); twice as many on the lowest level; 0: 16 */
    size_t breadth; /* candidates looked at for each (efConstruction); 0: 200 */
    size_t graph_least; /* rows from which a graph is built; 0: where it begins to pay, as measured */
    struct pool *pool; /* NULL: this thread alone */
    bool (*step)(void *context, size_t done, size_t total); /* may be NULL; false stops with ERROR_CANCELLED */
    void *context;
};

struct vector_builder;
struct vector_builder *vector_builder_create(size_t dimensions) MUST_USE;
void vector_builder_free(struct vector_builder *builder);

/* `passage` is larger than all before; `code` as vector_encode made it, else ERROR_CORRUPT. */
bool vector_builder_add(struct vector_builder *builder, passage_id passage, const unsigned char *code,
                        struct error *error) MUST_USE;
size_t vector_builder_count(const struct vector_builder *builder);

/* Builds the graph, if there is to be one, and encodes. The builder is empty afterwards and can be used again. */
bool vector_builder_encode(struct vector_builder *builder, const struct vector_build *how, struct buffer *out,
                           struct error *error) MUST_USE;

struct vector_segment;
bool vector_segment_open(struct vector_segment **segment, const char *path, struct error *error) MUST_USE;
bool vector_segment_open_bytes(struct vector_segment **segment, struct buffer *bytes, const char *name,
                               struct error *error) MUST_USE;
void vector_segment_close(struct vector_segment *segment);
struct vector_segment *vector_segment_share(struct vector_segment *segment) MUST_USE;
size_t vector_segment_count(const struct vector_segment *segment);
size_t vector_segment_dimensions(const struct vector_segment *segment);
passage_id vector_segment_first(const struct vector_segment *segment); /* 0 when empty */
passage_id vector_segment_last(const struct vector_segment *segment);
size_t vector_segment_size_bytes(const struct vector_segment *segment);

struct vector_index;
struct vector_index *vector_index_create(size_t dimensions) MUST_USE;
void vector_index_free(struct vector_index *index);

/* As index_add_segment, index_delete and index_replace. */
bool vector_index_add_segment(struct vector_index *index, struct vector_segment *segment, struct error *error) MUST_USE;
bool vector_index_delete(struct vector_index *index, passage_id passage);
bool vector_index_replace(struct vector_index *index, size_t first, size_t count, struct vector_segment *segment,
                          struct error *error) MUST_USE;
size_t vector_index_count(const struct vector_index *index); /* live */
size_t vector_index_segment_count(const struct vector_index *index);
struct vector_segment *vector_index_segment(const struct vector_index *index, size_t number);

/* Merges segments first … first+count-1, without what is deleted, into one: the largest one's graph is extended, not built anew, where
 * that is cheaper. */
bool vector_index_merge(const struct vector_index *index, size_t first, size_t count, const struct vector_build *how,
                        struct buffer *out, struct error *error) MUST_USE;

struct vector_view;
struct vector_view *vector_view_create(const struct vector_index *index, const struct index_range *ranges,
                                       size_t range_count) MUST_USE;
void vector_view_free(struct vector_view *view);
size_t vector_view_count(const struct vector_view *view); /* vectors it shows */

struct vector_query {
    const float *vector; /* of length 1 */
    size_t k; /* 1 … LIMIT_RESULTS */
    size_t breadth; /* candidates kept along the way (ef), at least k; more find more; 0: enough for recall 0.95 and better */
    bool exact; /* look at every vector */
    const struct vector_view *view; /* NULL: all live ones */
};

/* Fills `hits` (room for k) with the nearest, nearest first, equal ones by ascending passage; min(k, visible) of them, always. */
bool vector_search(const struct vector_index *index, const struct vector_query *query, struct index_hit *hits,
                   size_t *hit_count, struct error *error) MUST_USE;

/* Many questions of the same kind, each answered as vector_search does: their vectors stand one after the other from query->vector on,
 * the results of question i at hits + i·k, hit_counts[i] of them. On the pool's threads; NULL: this one alone. Exact ones are taken
 * together, which is faster than one by one. */
bool vector_search_many(const struct vector_index *index, const struct vector_query *query, size_t count, struct pool *pool,
                        struct index_hit *hits, size_t *hit_counts, struct error *error) MUST_USE;

#endif
