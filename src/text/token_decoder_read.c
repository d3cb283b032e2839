/* token_decoder_read.c - decoders from tokenizer.json. */
#include "members.h"
#include "token_decoder.h"

enum token_decoder_type {
    TYPE_SEQUENCE,
    TYPE_WORD_PIECE,
    TYPE_BYTE_LEVEL,
    TYPE_METASPACE,
    TYPE_BPE,
    TYPE_BYTE_FALLBACK,
    TYPE_FUSE,
    TYPE_STRIP,
    TYPE_REPLACE,
    TYPE_CTC
};
static const char *const type_names[] = {"Sequence",     "WordPiece", "ByteLevel", "Metaspace", "BPEDecoder",
                                         "ByteFallback", "Fuse",      "Strip",     "Replace",   "CTC"};

static bool read_sequence(struct token_decoders *decoders, const struct json_value *value, const char *name,
                          struct arena *arena, struct error *error)
{
    const struct json_value *items;
    if (!json_member(value, name, "decoders", JSON_ARRAY, &items, error))
        return false;
    if (items == NULL)
        return error_set(error, ERROR_INVALID, "%s has no \"decoders\"", name);
    for (size_t i = 0; i < items->count; i++)
        if (!token_decoders_read(decoders, &items->items[i], name, arena, error))
            return false;
    return true;
}

static bool read_strip(struct token_decoder *decoder, const struct json_value *value, const char *name, struct error *error)
{
    uint64_t start = 0, stop = 0;
    if (!member_character(value, name, "content", &decoder->character, error) ||
        !member_count(value, name, "start", /* is_required= */ true, UINT32_MAX, &start, error) ||
        !member_count(value, name, "stop", /* is_required= */ true, UINT32_MAX, &stop, error))
        return false;
    decoder->start = (size_t)start;
    decoder->stop = (size_t)stop;
    return true;
}

static bool read_replace(struct token_decoder *decoder, const struct json_value *value, const char *name, struct arena *arena,
                         struct error *error)
{
    const struct json_value *pattern = json_get(value, "pattern");
    if (pattern == NULL)
        return error_set(error, ERROR_INVALID, "%s has no \"pattern\"", name);
    return member_text(value, name, "content", /* is_required= */ true, arena, &decoder->text, error) &&
           pattern_read(&decoder->pattern, pattern, name, arena, error);
}

static bool read_settings(struct token_decoder *decoder, enum token_decoder_type type, const struct json_value *value,
                          const char *name, struct arena *arena, struct error *error)
{
    bool is_splitting;
    switch (type) {
    case TYPE_WORD_PIECE:
        decoder->text = SLICE("##");
        return member_text(value, name, "prefix", /* is_required= */ false, arena, &decoder->text, error) &&
               member_flag(value, name, "cleanup", &decoder->cleans, error);
    case TYPE_METASPACE:
        return metaspace_read(value, name, &decoder->character, &decoder->prepend, &is_splitting, error);
    case TYPE_BPE:
        decoder->text = SLICE("</w>");
        return member_text(value, name, "suffix", /* is_required= */ false, arena, &decoder->text, error);
    case TYPE_STRIP:
        return read_strip(decoder, value, name, error);
    case TYPE_REPLACE:
        return read_replace(decoder, value, name, arena, error);
    case TYPE_CTC:
        decoder->text = SLICE("<pad>");
        decoder->delimiter = SLICE("|");
        return member_text(value, name, "pad_token", /* is_required= */ false, arena, &decoder->text, error) &&
               member_text(value, name, "word_delimiter_token", /* is_required= */ false, arena, &decoder->delimiter, error) &&
               member_flag(value, name, "cleanup", &decoder->cleans, error);
    default:
        return true;
    }
}

bool token_decoders_read(struct token_decoders *decoders, const struct json_value *value, const char *name, struct arena *arena,
                         struct error *error)
{
    struct token_decoder decoder = {.cleans = true};
    size_t type;
    if (value == NULL || value->kind == JSON_NULL)
        return true;
    decoders->is_set = true;
    if (decoders->count >= LIMIT_TOKENIZER_PARTS)
        return error_set(error, ERROR_LIMIT, "%s has more than %zu steps", name, LIMIT_TOKENIZER_PARTS);
    if (!member_type(value, name, "type", type_names, ARRAY_COUNT(type_names), &type, error))
        return false;
    if (type == TYPE_SEQUENCE)
        return read_sequence(decoders, value, name, arena, error);
    decoder.kind = (enum token_decoder_kind)(type - TYPE_WORD_PIECE);
    if (!read_settings(&decoder, (enum token_decoder_type)type, value, name, arena, error))
        return false;
    decoders->items = arena_more(arena, decoders->items, decoders->count, &decoders->capacity, sizeof(*decoders->items));
    decoders->items[decoders->count++] = decoder;
    return true;
}

void token_decoders_release(struct token_decoders *decoders)
{
    for (size_t i = 0; i < decoders->count; i++)
        pattern_release(&decoders->items[i].pattern);
    decoders->count = 0;
}
