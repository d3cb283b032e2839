#include "normalizer.h"
#include "charsmap.h"
#include "members.h"
#include "token_tables.h"

/* The names in tokenizer.json, in this order. */
enum normalizer_type {
    TYPE_SEQUENCE,
    TYPE_BERT,
    TYPE_NFC,
    TYPE_NFD,
    TYPE_NFKC,
    TYPE_NFKD,
    TYPE_LOWERCASE,
    TYPE_STRIP,
    TYPE_STRIP_ACCENTS,
    TYPE_REPLACE,
    TYPE_PREPEND,
    TYPE_NMT,
    TYPE_PRECOMPILED,
    TYPE_BYTE_LEVEL
};
static const char *const type_names[] = {"Sequence",    "BertNormalizer", "NFC",          "NFD",     "NFKC",    "NFKD",
                                         "Lowercase",   "Strip",          "StripAccents", "Replace", "Prepend", "Nmt",
                                         "Precompiled", "ByteLevel"};

static struct normalizer *add(struct normalizers *normalizers, struct normalizer normalizer, struct arena *arena)
{
    normalizers->items = arena_more(arena, normalizers->items, normalizers->count, &normalizers->capacity,
                                    sizeof(*normalizers->items));
    normalizers->items[normalizers->count] = normalizer;
    return &normalizers->items[normalizers->count++];
}

static void add_form(struct normalizers *normalizers, bool is_compatible, bool is_composed, struct arena *arena)
{
    add(normalizers, (struct normalizer){.kind = NORMALIZE_FORM, .is_compatible = is_compatible, .is_composed = is_composed},
        arena);
}

void normalizers_add_bert(struct normalizers *normalizers, const struct bert_normalizer *bert, struct arena *arena)
{
    bool is_first = normalizers->count == 0;
    if (bert->clean_text)
        add(normalizers, (struct normalizer){.kind = NORMALIZE_CLEAN}, arena);
    if (bert->handle_chinese_chars)
        add(normalizers, (struct normalizer){.kind = NORMALIZE_IDEOGRAPHS}, arena);
    if (bert->strip_accents) {
        add_form(normalizers, /* is_compatible= */ false, /* is_composed= */ false, arena);
        add(normalizers, (struct normalizer){.kind = NORMALIZE_WITHOUT, .flags = TOKEN_ACCENT}, arena);
    }
    if (bert->lowercase)
        add(normalizers, (struct normalizer){.kind = NORMALIZE_LOWER}, arena);
    if (is_first) {
        normalizers->bert = *bert;
        normalizers->bert_count = normalizers->count;
    }
}

static bool read_bert(struct normalizers *normalizers, const struct json_value *value, const char *name, struct arena *arena,
                      struct error *error)
{
    struct bert_normalizer bert = {.clean_text = true, .handle_chinese_chars = true, .lowercase = true};
    if (!member_flag(value, name, "clean_text", &bert.clean_text, error) ||
        !member_flag(value, name, "handle_chinese_chars", &bert.handle_chinese_chars, error) ||
        !member_flag(value, name, "lowercase", &bert.lowercase, error))
        return false;
    bert.strip_accents = bert.lowercase; /* null: as lowercase */
    if (!member_flag(value, name, "strip_accents", &bert.strip_accents, error))
        return false;
    normalizers_add_bert(normalizers, &bert, arena);
    return true;
}

static bool read_replace(struct normalizers *normalizers, const struct json_value *value, const char *name, struct arena *arena,
                         struct error *error)
{
    struct normalizer replace = {.kind = NORMALIZE_REPLACE};
    const struct json_value *pattern = json_get(value, "pattern");
    if (pattern == NULL)
        return error_set(error, ERROR_INVALID, "%s has no \"pattern\"", name);
    if (!member_text(value, name, "content", /* is_required= */ true, arena, &replace.content, error) ||
        !pattern_read(&replace.pattern, pattern, name, arena, error))
        return false;
    add(normalizers, replace, arena);
    return true;
}

static bool read_charsmap(struct normalizers *normalizers, const struct json_value *value, const char *name,
                          struct arena *arena, struct error *error)
{
    struct normalizer charsmap = {.kind = NORMALIZE_CHARSMAP};
    const struct json_value *base64;
    if (!json_member(value, name, "precompiled_charsmap", JSON_TEXT, &base64, error))
        return false;
    if (base64 == NULL || base64->text.size == 0)
        return base64 != NULL || error_set(error, ERROR_INVALID, "%s has no \"precompiled_charsmap\"", name);
    if (!charsmap_read(&charsmap.charsmap, base64->text, name, arena, error))
        return false;
    add(normalizers, charsmap, arena);
    return true;
}

static bool read_sequence(struct normalizers *normalizers, const struct json_value *value, const char *name,
                          struct arena *arena, struct error *error)
{
    const struct json_value *items;
    if (!json_member(value, name, "normalizers", JSON_ARRAY, &items, error))
        return false;
    if (items == NULL)
        return error_set(error, ERROR_INVALID, "%s has no \"normalizers\"", name);
    for (size_t i = 0; i < items->count; i++)
        if (!normalizers_read(normalizers, &items->items[i], name, arena, error))
            return false;
    return true;
}

static bool read_strip(struct normalizers *normalizers, const struct json_value *value, const char *name, struct arena *arena,
                       struct error *error)
{
    struct normalizer strip = {.kind = NORMALIZE_STRIP, .left = true, .right = true};
    if (!member_flag(value, name, "strip_left", &strip.left, error) ||
        !member_flag(value, name, "strip_right", &strip.right, error))
        return false;
    add(normalizers, strip, arena);
    return true;
}

static bool read_prepend(struct normalizers *normalizers, const struct json_value *value, const char *name, struct arena *arena,
                         struct error *error)
{
    struct normalizer prepend = {.kind = NORMALIZE_PREPEND};
    if (!member_text(value, name, "prepend", /* is_required= */ true, arena, &prepend.content, error))
        return false;
    add(normalizers, prepend, arena);
    return true;
}

static void add_simple(struct normalizers *normalizers, enum normalizer_type type, struct arena *arena)
{
    switch (type) {
    case TYPE_NFC:
    case TYPE_NFD:
    case TYPE_NFKC:
    case TYPE_NFKD:
        add_form(normalizers, type == TYPE_NFKC || type == TYPE_NFKD, type == TYPE_NFC || type == TYPE_NFKC, arena);
        break;
    case TYPE_STRIP_ACCENTS:
        add(normalizers, (struct normalizer){.kind = NORMALIZE_WITHOUT, .flags = TOKEN_MARK}, arena);
        break;
    case TYPE_LOWERCASE:
        add(normalizers, (struct normalizer){.kind = NORMALIZE_LOWER}, arena);
        break;
    case TYPE_NMT:
        add(normalizers, (struct normalizer){.kind = NORMALIZE_NMT}, arena);
        break;
    default:
        add(normalizers, (struct normalizer){.kind = NORMALIZE_BYTES}, arena);
        break;
    }
}

bool normalizers_read(struct normalizers *normalizers, const struct json_value *value, const char *name, struct arena *arena,
                      struct error *error)
{
    size_t type;
    if (value == NULL || value->kind == JSON_NULL)
        return true;
    if (normalizers->count >= LIMIT_TOKENIZER_PARTS)
        return error_set(error, ERROR_LIMIT, "%s has more than %zu steps", name, LIMIT_TOKENIZER_PARTS);
    if (!member_type(value, name, "type", type_names, ARRAY_COUNT(type_names), &type, error))
        return false;
    switch ((enum normalizer_type)type) {
    case TYPE_SEQUENCE:
        return read_sequence(normalizers, value, name, arena, error);
    case TYPE_BERT:
        return read_bert(normalizers, value, name, arena, error);
    case TYPE_REPLACE:
        return read_replace(normalizers, value, name, arena, error);
    case TYPE_PRECOMPILED:
        return read_charsmap(normalizers, value, name, arena, error);
    case TYPE_STRIP:
        return read_strip(normalizers, value, name, arena, error);
    case TYPE_PREPEND:
        return read_prepend(normalizers, value, name, arena, error);
    default:
        add_simple(normalizers, (enum normalizer_type)type, arena);
        return true;
    }
}

void normalizers_release(struct normalizers *normalizers)
{
    for (size_t i = 0; i < normalizers->count; i++)
        pattern_release(&normalizers->items[i].pattern);
    normalizers->count = 0;
}

static void apply_one(const void *context, struct token_work *work, const struct piece *piece)
{
    const struct normalizer *normalizer = context;
    switch (normalizer->kind) {
    case NORMALIZE_CLEAN:
        normalize_clean(work, piece);
        break;
    case NORMALIZE_IDEOGRAPHS:
        normalize_ideographs(work, piece);
        break;
    case NORMALIZE_FORM:
        normalize_form(work, piece, normalizer->is_compatible, normalizer->is_composed);
        break;
    case NORMALIZE_WITHOUT:
        normalize_without(work, piece, normalizer->flags);
        break;
    case NORMALIZE_LOWER:
        normalize_lower(work, piece);
        break;
    case NORMALIZE_STRIP:
        normalize_strip(work, piece, normalizer->left, normalizer->right);
        break;
    case NORMALIZE_REPLACE:
        normalize_replace(work, piece, &normalizer->pattern, normalizer->content);
        break;
    case NORMALIZE_PREPEND:
        normalize_prepend(work, piece, normalizer->content);
        break;
    case NORMALIZE_NMT:
        normalize_nmt(work, piece);
        break;
    case NORMALIZE_CHARSMAP:
        normalize_charsmap(work, piece, normalizer->charsmap);
        break;
    case NORMALIZE_BYTES:
        normalize_bytes(work, piece);
        break;
    }
}

void normalizers_apply(const struct normalizers *normalizers, struct token_work *work)
{
    for (size_t i = 0; i < normalizers->count; i++)
        token_work_rewrite(work, &normalizers->items[i], apply_one);
}
