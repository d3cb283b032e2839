/* tokenizer.c - text through the stages, in one of two ways: what BERT's tokenizers do to most text is one scan (bert_scan.c), the
 * rest goes from stage to stage (aligned.h). */
#include "bert_scan.h"
#include "token_tables.h"
#include "tokenizer_parts.h"
#include "utf8_repair.h"
#include <assert.h>
#include <stdlib.h>

#define SPECIAL_ADDED 1u /* in `special`, while the sequence is built */
#define SPECIAL_SECOND 2u /* it is of the second text */

struct tokenizer_workspace {
    uint64_t serial; /* of the tokenizer that the model's workspace belongs to */
    struct bpe_workspace *bpe;
    struct unigram_workspace *unigram;
    struct bert_scan *scan;
    struct token_work work;
    struct piece_tokens pieces;
    struct tokens spare;
    struct sequence sequence;
    struct utf8_repair repairs[2];
};

void tokens_init(struct tokens *tokens)
{
    *tokens = (struct tokens){0};
}

void tokens_release(struct tokens *tokens)
{
    free(tokens->ids);
    free(tokens->starts);
    free(tokens->ends);
    free(tokens->types);
    free(tokens->special);
    tokens_init(tokens);
}

void tokens_reserve(struct tokens *tokens, size_t count)
{
    size_t capacity = memory_grown(tokens->capacity, tokens->count + count);
    tokens->ids = memory_resize(tokens->ids, capacity, sizeof(*tokens->ids));
    tokens->starts = memory_resize(tokens->starts, capacity, sizeof(*tokens->starts));
    tokens->ends = memory_resize(tokens->ends, capacity, sizeof(*tokens->ends));
    tokens->types = memory_resize(tokens->types, capacity, sizeof(*tokens->types));
    tokens->special = memory_resize(tokens->special, capacity, sizeof(*tokens->special));
    tokens->capacity = capacity;
}

void tokens_append(struct tokens *tokens, uint32_t id, uint32_t start, uint32_t end, uint8_t type, uint8_t special)
{
    if (tokens->count == tokens->capacity)
        tokens_reserve(tokens, 1);
    size_t at = tokens->count++;
    tokens->ids[at] = id;
    tokens->starts[at] = start;
    tokens->ends[at] = end;
    tokens->types[at] = type;
    tokens->special[at] = special;
}

/* ---- workspaces ---- */

struct tokenizer_workspace *tokenizer_workspace_create(void)
{
    struct tokenizer_workspace *workspace = memory_alloc(1, sizeof(*workspace));
    piece_tokens_init(&workspace->pieces);
    return workspace;
}

static void forget(struct tokenizer_workspace *workspace)
{
    bpe_workspace_free(workspace->bpe);
    unigram_workspace_free(workspace->unigram);
    bert_scan_free(workspace->scan);
    workspace->scan = NULL;
    workspace->bpe = NULL;
    workspace->unigram = NULL;
}

void tokenizer_workspace_free(struct tokenizer_workspace *workspace)
{
    if (workspace == NULL)
        return;
    forget(workspace);
    token_work_release(&workspace->work);
    piece_tokens_release(&workspace->pieces);
    tokens_release(&workspace->spare);
    free(workspace->sequence.margins);
    free(workspace->sequence.segments);
    utf8_repair_release(&workspace->repairs[0]);
    utf8_repair_release(&workspace->repairs[1]);
    free(workspace);
}

static void belong_to(struct tokenizer_workspace *workspace, const struct tokenizer *tokenizer)
{
    if (workspace->serial == tokenizer->serial)
        return;
    forget(workspace);
    workspace->serial = tokenizer->serial;
    if (tokenizer->model == MODEL_BPE)
        workspace->bpe = bpe_workspace_create();
    else if (tokenizer->model == MODEL_UNIGRAM)
        workspace->unigram = unigram_workspace_create();
    else if (tokenizer->is_bert)
        workspace->scan = bert_scan_create(&tokenizer->normalizers.bert, &tokenizer->words);
}

/* ---- from stage to stage ---- */

static struct token_margin margin_of(struct slice token)
{
    struct token_margin margin = {0};
    bool is_leading = true;
    for (size_t at = 0; at < token.size;) {
        uint32_t character;
        at += text_decode(token, at, &character);
        bool is_space = character == 0x120 || (token_kind_of(character).flags & TOKEN_SPACE); /* 0x120: byte-level */
        is_leading = is_leading && is_space;
        margin.before += is_leading;
        margin.behind = is_space ? margin.behind + 1 : 0;
    }
    return margin;
}

static void append_margin(struct sequence *sequence, size_t at, struct slice token)
{
    if (at >= sequence->margin_capacity) {
        sequence->margin_capacity = memory_grown(sequence->margin_capacity, at + 1);
        sequence->margins = memory_resize(sequence->margins, sequence->margin_capacity, sizeof(*sequence->margins));
    }
    sequence->margins[at] = margin_of(token);
}

static void encode_piece(const struct tokenizer *tokenizer, struct tokenizer_workspace *workspace, const struct piece *piece)
{
    struct slice text = {workspace->work.text.bytes + piece->start, piece->end - piece->start};
    workspace->pieces.count = 0;
    if (piece->is_token)
        piece_tokens_append(&workspace->pieces, piece->id, 0, text.size);
    else if (tokenizer->model == MODEL_BPE)
        bpe_encode(tokenizer->bpe, workspace->bpe, text, &workspace->pieces);
    else if (tokenizer->model == MODEL_UNIGRAM)
        unigram_encode(tokenizer->unigram, workspace->unigram, text, &workspace->pieces);
    else
        word_piece_encode(&tokenizer->words, text, &workspace->pieces);
}

static void encode_stages(const struct tokenizer *tokenizer, struct tokenizer_workspace *workspace, struct slice text,
                          uint8_t part, struct tokens *tokens)
{
    struct token_work *work = &workspace->work;
    bool trims = post_processors_trim(&tokenizer->processors);
    token_work_start(work, text);
    added_tokens_cut(&tokenizer->added, &tokenizer->added.plain, work);
    normalizers_apply(&tokenizer->normalizers, work);
    added_tokens_cut(&tokenizer->added, &tokenizer->added.normalized, work);
    pre_tokenizers_apply(&tokenizer->pre_tokenizers, work);
    workspace->pieces.steps = 0;
    workspace->pieces.steps_max = MIB + LIMIT_PIECE_STEPS * (text.size + work->text.size);
    tokens->is_excess = tokens->is_excess || token_work_is_excess(work);
    for (size_t i = 0; i < work->pieces.count && !tokens->is_excess; i++) {
        const struct piece *piece = &work->pieces.items[i];
        encode_piece(tokenizer, workspace, piece);
        tokens->is_excess = !piece_tokens_step(&workspace->pieces, 0);
        for (size_t j = 0; j < workspace->pieces.count; j++) {
            struct piece_token token = workspace->pieces.items[j];
            uint32_t start = piece->shift + token.start, end = start;
            struct slice value = {work->text.bytes + piece->start, piece->end - piece->start};
            if (token.start < token.end) {
                start = work->text.starts[piece->start + token.start];
                end = work->text.ends[piece->start + token.end - 1];
            }
            if (trims && (piece->is_token || tokenizer_token(tokenizer, token.id, &value)))
                append_margin(&workspace->sequence, tokens->count, value);
            else if (trims)
                append_margin(&workspace->sequence, tokens->count, (struct slice){0});
            tokens_append(tokens, token.id, start, end, part, part ? SPECIAL_SECOND : 0);
        }
    }
}

static void encode_text(const struct tokenizer *tokenizer, struct tokenizer_workspace *workspace, struct slice text,
                        uint8_t part, struct tokens *tokens)
{
    uint8_t special = part ? SPECIAL_SECOND : 0;
    bool is_scanned = workspace->scan != NULL && !token_tree_may_match(&tokenizer->added.plain, text) &&
                      bert_scan(workspace->scan, text, part, special, tokens);
    if (!is_scanned)
        encode_stages(tokenizer, workspace, text, part, tokens);
}

/* ---- truncation ---- */

static void keep(struct segment *segment, size_t count, bool is_left)
{
    if (segment->end - segment->start <= count)
        return;
    if (is_left)
        segment->start = segment->end - count;
    else
        segment->end = segment->start + count;
}

/* The longer text is cut to what the other leaves; when both are long, each gets half. */
static void share(size_t *first, size_t *second, size_t max)
{
    bool is_swapped = *first > *second;
    size_t less = is_swapped ? *second : *first, more;
    more = less > max ? less : max - less > less ? max - less : less;
    if (less + more > max) {
        less = max / 2;
        more = less + max % 2;
    }
    *first = is_swapped ? more : less;
    *second = is_swapped ? less : more;
}

static void truncate_segments(const struct truncation *truncation, size_t max, struct segment *segments, bool is_pair)
{
    size_t first = segments[0].end - segments[0].start, second = is_pair ? segments[1].end - segments[1].start : 0;
    size_t total = first + second;
    if (total <= max)
        return;
    enum truncation_strategy strategy = truncation->strategy;
    if (max == 0)
        first = second = 0;
    else if (!is_pair)
        first = max;
    else if (strategy == TRUNCATE_LONGEST_FIRST)
        share(&first, &second, max);
    else if (strategy == TRUNCATE_ONLY_FIRST)
        first = second < max ? max - second : 0;
    else
        second = first < max ? max - first : 0;
    if (first + second > max) { /* what the strategy spares is too long alone */
        first = first < max ? first : max;
        second = second < max ? second : max;
    }
    keep(&segments[0], first, truncation->is_left);
    if (is_pair)
        keep(&segments[1], second, truncation->is_left);
}

static void shorten(const struct tokenizer *tokenizer, const struct tokenizer_options *options, struct sequence *sequence,
                    bool is_pair)
{
    struct truncation truncation = tokenizer->truncation;
    if (options->tokens_max > 0)
        truncation.tokens_max = options->tokens_max;
    if (truncation.tokens_max == 0)
        return;
    size_t added = options->bare ? 0 : post_processors_added(&tokenizer->processors, is_pair);
    size_t max = truncation.tokens_max > added ? truncation.tokens_max - added : 0;
    truncate_segments(&truncation, max, sequence->segments, is_pair);
}

/* ---- the whole ---- */

/* Closes the gaps that truncation left, which a post-processor that copies would have closed. */
static void close_gaps(struct sequence *sequence)
{
    struct tokens *tokens = sequence->tokens;
    size_t count = 0;
    for (size_t s = 0; s < sequence->segment_count; s++)
        for (size_t i = sequence->segments[s].start; i < sequence->segments[s].end; i++, count++) {
            tokens->ids[count] = tokens->ids[i];
            tokens->starts[count] = tokens->starts[i];
            tokens->ends[count] = tokens->ends[i];
            tokens->types[count] = tokens->types[i];
            tokens->special[count] = tokens->special[i];
        }
    tokens->count = count;
}

/* Places in repaired text become places in the text. */
static void settle(struct tokens *tokens, const struct utf8_repair *repairs)
{
    bool is_repaired = repairs[0].is_used || repairs[1].is_used;
    for (size_t i = 0; i < tokens->count; i++) {
        uint8_t special = tokens->special[i];
        const struct utf8_repair *repair = &repairs[special & SPECIAL_SECOND ? 1 : 0];
        tokens->special[i] = special & SPECIAL_ADDED;
        if (is_repaired && repair->is_used && !tokens->special[i]) {
            tokens->starts[i] = repair->places[tokens->starts[i]];
            tokens->ends[i] = repair->places[tokens->ends[i]];
        }
    }
}

static void set_segment(struct sequence *sequence, size_t at, size_t start, size_t end)
{
    if (at >= sequence->segment_capacity) {
        sequence->segment_capacity = memory_grown(sequence->segment_capacity, at + 1);
        sequence->segments = memory_resize(sequence->segments, sequence->segment_capacity, sizeof(*sequence->segments));
    }
    sequence->segments[at] = (struct segment){start, end};
    sequence->segment_count = at + 1;
}

void tokenizer_encode(const struct tokenizer *tokenizer, struct tokenizer_workspace *workspace, struct slice text,
                      const struct slice *pair, const struct tokenizer_options *options, struct tokens *tokens)
{
    struct sequence *sequence = &workspace->sequence;
    belong_to(workspace, tokenizer);
    tokens->count = 0;
    tokens->is_excess = false;
    sequence->tokens = tokens;
    sequence->spare = &workspace->spare;
    workspace->repairs[1].is_used = false;
    const uint8_t parts = pair != NULL ? 2 : 1;
    for (uint8_t part = 0; part < parts; part++) {
        size_t start = tokens->count;
        sequence->texts[part] = utf8_repaired(&workspace->repairs[part], part == 0 ? text : *pair);
        encode_text(tokenizer, workspace, sequence->texts[part], part, tokens);
        set_segment(sequence, part, start, tokens->count);
    }
    if (tokens->is_excess) {
        tokens->count = 0;
        return;
    }
    shorten(tokenizer, options, sequence, pair != NULL);
    post_processors_apply(&tokenizer->processors, sequence, options->bare);
    if (sequence->tokens == tokens) {
        close_gaps(sequence);
    } else { /* it was built in the spare one */
        struct tokens built = workspace->spare;
        workspace->spare = *tokens;
        *tokens = built;
    }
    settle(tokens, workspace->repairs);
}

bool tokenizer_check(const struct tokenizer *tokenizer, const struct tokens *tokens, struct error *error)
{
    if (!tokens->is_excess)
        return true;
    error_set(error, ERROR_LIMIT, "the tokenizer %s multiplies a text, or takes too long for it", tokenizer->name);
    return error_hint(
        error, "No real tokenizer makes more than %zu times a text, or takes more than %zu steps a byte. Use another one.",
        LIMIT_NORMALIZED_GROWTH, (size_t)LIMIT_PIECE_STEPS);
}
