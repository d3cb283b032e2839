/* tokenizer_read.c - a tokenizer from tokenizer.json, or from a BERT vocabulary alone. */
#include "members.h"
#include "piece_cache.h"
#include "token_tables.h"
#include "tokenizer_parts.h"
#include <stdlib.h>

const char *const model_names[4] = {"BPE", "WordPiece", "WordLevel", "Unigram"};

static bool model_id(const void *context, struct slice token, uint32_t *id)
{
    const struct tokenizer *tokenizer = context;
    switch (tokenizer->model) {
    case MODEL_BPE:
        return bpe_id(tokenizer->bpe, token, id);
    case MODEL_UNIGRAM:
        return unigram_id(tokenizer->unigram, token, id);
    default:
        return vocabulary_id(&tokenizer->words.tokens, token, id);
    }
}

static bool model_token(const struct tokenizer *tokenizer, uint32_t id, struct slice *token)
{
    switch (tokenizer->model) {
    case MODEL_BPE:
        return bpe_token(tokenizer->bpe, id, token);
    case MODEL_UNIGRAM:
        return unigram_token(tokenizer->unigram, id, token);
    default:
        return vocabulary_token(&tokenizer->words.tokens, id, token);
    }
}

static size_t model_count(const struct tokenizer *tokenizer)
{
    switch (tokenizer->model) {
    case MODEL_BPE:
        return bpe_count(tokenizer->bpe);
    case MODEL_UNIGRAM:
        return unigram_count(tokenizer->unigram);
    default:
        return tokenizer->words.tokens.count;
    }
}

/* Files of old versions name no type; their members tell. */
static bool model_type(const struct json_value *model, const char *name, size_t *type, struct error *error)
{
    if (model->kind == JSON_OBJECT && json_get(model, "type") == NULL) {
        const struct json_value *vocab = json_get(model, "vocab");
        *type = json_get(model, "merges") != NULL                      ? MODEL_BPE
                : json_get(model, "continuing_subword_prefix") != NULL ? MODEL_WORD_PIECE
                : vocab != NULL && vocab->kind == JSON_ARRAY           ? MODEL_UNIGRAM
                                                                       : MODEL_WORD_LEVEL;
        return true;
    }
    return member_type(model, name, "type", model_names, ARRAY_COUNT(model_names), type, error);
}

static bool read_model(struct tokenizer *tokenizer, const struct json_value *model, const char *name, struct error *error)
{
    size_t type;
    if (model == NULL)
        return error_set(error, ERROR_INVALID, "%s has no \"model\"", name);
    if (!model_type(model, name, &type, error))
        return false;
    tokenizer->model = (enum model_kind)type;
    if (type == MODEL_BPE)
        return bpe_read(&tokenizer->bpe, model, name, error);
    if (type == MODEL_UNIGRAM)
        return unigram_read(&tokenizer->unigram, model, name, error);
    return word_piece_read(&tokenizer->words, model, type == MODEL_WORD_LEVEL, name, error);
}

static bool read_truncation(struct truncation *truncation, const struct json_value *value, const char *name,
                            struct error *error)
{
    static const char *const strategies[] = {"LongestFirst", "OnlyFirst", "OnlySecond"};
    static const char *const directions[] = {"Right", "Left"};
    const struct json_value *strategy, *direction;
    uint64_t max = 0;
    size_t place = 0;
    if (value == NULL || value->kind == JSON_NULL)
        return true;
    if (!member_count(value, name, "max_length", /* is_required= */ true, INT64_MAX, &max, error) ||
        !json_member(value, name, "strategy", JSON_TEXT, &strategy, error) ||
        !json_member(value, name, "direction", JSON_TEXT, &direction, error))
        return false;
    if (strategy != NULL &&
        !name_among(strategy->text, strategies, ARRAY_COUNT(strategies), "truncation strategy", name, &place, error))
        return false;
    truncation->strategy = (enum truncation_strategy)place;
    place = 0;
    if (direction != NULL &&
        !name_among(direction->text, directions, ARRAY_COUNT(directions), "truncation direction", name, &place, error))
        return false;
    truncation->is_left = place == 1;
    truncation->tokens_max = (size_t)max;
    return true;
}

/* The parts, each of which complains as "normalizer of NAME". */
static bool read_parts(struct tokenizer *tokenizer, const struct json_value *root, const char *name, struct arena *arena,
                       struct error *error)
{
    const char *of[6];
    static const char *const keys[] = {"normalizer", "pre_tokenizer", "model", "truncation", "post_processor", "decoder"};
    if (root->kind != JSON_OBJECT)
        return error_set(error, ERROR_INVALID, "%s is %s, expected an object", name, json_kind_name(root->kind));
    for (size_t i = 0; i < ARRAY_COUNT(of); i++)
        of[i] = arena_format(arena, "the %s of %s", keys[i], name);
    if (!normalizers_read(&tokenizer->normalizers, json_get(root, "normalizer"), of[0], &tokenizer->arena, error) ||
        !pre_tokenizers_read(&tokenizer->pre_tokenizers, json_get(root, "pre_tokenizer"), of[1], &tokenizer->arena, error) ||
        !read_model(tokenizer, json_get(root, "model"), of[2], error) ||
        !read_truncation(&tokenizer->truncation, json_get(root, "truncation"), of[3], error) ||
        !post_processors_read(&tokenizer->processors, json_get(root, "post_processor"), of[4], &tokenizer->arena, error) ||
        !token_decoders_read(&tokenizer->decoders, json_get(root, "decoder"), of[5], &tokenizer->arena, error))
        return false;
    const struct json_value *added;
    struct token_lookup lookup = {model_id, tokenizer, model_count(tokenizer)};
    if (!json_member(root, name, "added_tokens", JSON_ARRAY, &added, error))
        return false;
    return added == NULL ||
           added_tokens_read(&tokenizer->added, added, name, &lookup, &tokenizer->normalizers, &tokenizer->arena, error);
}

static bool is_cut(const struct pre_tokenizer *step, uint16_t flags, enum split_behavior behavior)
{
    return step->kind == CUT_CHARACTERS && step->flags == flags && step->behavior == behavior && !step->is_inverted;
}

/* What one scan can do (bert_scan.h). */
static bool is_bert(const struct tokenizer *tokenizer)
{
    const struct pre_tokenizers *cuts = &tokenizer->pre_tokenizers;
    return tokenizer->normalizers.bert_count > 0 && tokenizer->normalizers.count == tokenizer->normalizers.bert_count &&
           cuts->count == 2 && is_cut(&cuts->items[0], TOKEN_SPACE, SPLIT_REMOVED) &&
           is_cut(&cuts->items[1], TOKEN_PUNCTUATION, SPLIT_ISOLATED) && tokenizer->model == MODEL_WORD_PIECE &&
           tokenizer->added.normalized.first_count == 0 && !post_processors_trim(&tokenizer->processors);
}

static struct tokenizer *create(const char *name)
{
    struct tokenizer *tokenizer = memory_alloc(1, sizeof(*tokenizer));
    arena_init(&tokenizer->arena);
    added_tokens_init(&tokenizer->added);
    tokenizer->serial = piece_cache_serial();
    tokenizer->name = arena_text(&tokenizer->arena, slice_from(name));
    return tokenizer;
}

/* Gives it to the caller, or frees what was made of one that cannot be read. */
static bool hand_over(struct tokenizer **tokenizer, struct tokenizer *made, bool ok)
{
    if (ok) {
        made->is_bert = is_bert(made);
        *tokenizer = made;
    } else {
        tokenizer_free(made);
    }
    return ok;
}

bool tokenizer_read(struct tokenizer **tokenizer, struct slice source, const char *name, struct error *error)
{
    struct json_value root;
    struct arena arena;
    if (source.size > LIMIT_TOKENIZER_BYTES)
        return error_set(error, ERROR_LIMIT, "%s has %zu bytes, the limit is %zu", name, source.size, LIMIT_TOKENIZER_BYTES);
    arena_init(&arena);
    struct tokenizer *made = create(name);
    bool ok = json_read(source, name, &arena, &root, error) && read_parts(made, &root, name, &arena, error);
    arena_release(&arena);
    return hand_over(tokenizer, made, ok);
}

/* As BERT's: the tokens of its template, all of which are special. */
static bool add_bert_tokens(struct tokenizer *tokenizer, const char *name, struct error *error)
{
    static const char list[] = "[{\"content\":\"[PAD]\",\"special\":true},{\"content\":\"[UNK]\",\"special\":true},"
                               "{\"content\":\"[CLS]\",\"special\":true},{\"content\":\"[SEP]\",\"special\":true},"
                               "{\"content\":\"[MASK]\",\"special\":true}]";
    struct json_value root;
    struct arena arena;
    uint32_t first, separator;
    if (!model_id(tokenizer, SLICE("[CLS]"), &first) || !model_id(tokenizer, SLICE("[SEP]"), &separator))
        return error_set(error, ERROR_INVALID, "the vocabulary %s lacks \"[CLS]\" or \"[SEP]\"", name);
    post_processors_add_bert(&tokenizer->processors, first, separator, &tokenizer->arena);
    struct token_lookup lookup = {model_id, tokenizer, model_count(tokenizer)};
    struct json_value decoder = {.kind = JSON_OBJECT, .count = 1};
    decoder.keys = &(struct slice)SLICE_CONSTANT("type");
    decoder.items = &(struct json_value){.kind = JSON_TEXT, .text = SLICE_CONSTANT("WordPiece")};
    arena_init(&arena);
    bool ok = token_decoders_read(&tokenizer->decoders, &decoder, name, &tokenizer->arena, error) &&
              json_read(slice_from(list), name, &arena, &root, error) &&
              added_tokens_read(&tokenizer->added, &root, name, &lookup, &tokenizer->normalizers, &tokenizer->arena, error);
    arena_release(&arena);
    return ok;
}

bool tokenizer_read_vocabulary(struct tokenizer **tokenizer, struct slice vocabulary, bool lowercase, const char *name,
                               struct error *error)
{
    struct tokenizer *made = create(name);
    struct bert_normalizer bert = {
        .clean_text = true, .handle_chinese_chars = true, .strip_accents = lowercase, .lowercase = lowercase};
    normalizers_add_bert(&made->normalizers, &bert, &made->arena);
    pre_tokenizers_add_bert(&made->pre_tokenizers, &made->arena);
    made->model = MODEL_WORD_PIECE;
    bool ok = word_piece_read_lines(&made->words, vocabulary, name, error) && add_bert_tokens(made, name, error);
    return hand_over(tokenizer, made, ok);
}

void tokenizer_free(struct tokenizer *tokenizer)
{
    if (tokenizer == NULL)
        return;
    normalizers_release(&tokenizer->normalizers);
    pre_tokenizers_release(&tokenizer->pre_tokenizers);
    token_decoders_release(&tokenizer->decoders);
    added_tokens_release(&tokenizer->added);
    word_piece_release(&tokenizer->words);
    bpe_free(tokenizer->bpe);
    unigram_free(tokenizer->unigram);
    arena_release(&tokenizer->arena);
    free(tokenizer);
}

/* ---- looking up ---- */

size_t tokenizer_count(const struct tokenizer *tokenizer)
{
    size_t count = model_count(tokenizer);
    uint32_t id;
    for (size_t i = 0; i < tokenizer->added.by_content.count; i++)
        count += !model_id(tokenizer, tokenizer->added.by_content.entries[i].key, &id);
    return count;
}

bool tokenizer_token(const struct tokenizer *tokenizer, uint32_t id, struct slice *token)
{
    const struct added_token *added = added_tokens_by_id(&tokenizer->added, id);
    if (added == NULL)
        return model_token(tokenizer, id, token);
    *token = added->shown;
    return true;
}

bool tokenizer_id(const struct tokenizer *tokenizer, struct slice token, uint32_t *id)
{
    const struct added_token *added = added_tokens_by_content(&tokenizer->added, token);
    if (added == NULL)
        return model_id(tokenizer, token, id);
    *id = added->id;
    return true;
}

const char *tokenizer_kind(const struct tokenizer *tokenizer)
{
    return model_names[tokenizer->model];
}
