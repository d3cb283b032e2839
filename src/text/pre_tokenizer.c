#include "pre_tokenizer.h"
#include "members.h"
#include "normalizer.h"
#include "text.h"
#include "token_tables.h"

/* The names in tokenizer.json, in this order. */
enum pre_tokenizer_type {
    TYPE_SEQUENCE,
    TYPE_BERT,
    TYPE_WHITESPACE,
    TYPE_WHITESPACE_SPLIT,
    TYPE_PUNCTUATION,
    TYPE_DIGITS,
    TYPE_SPLIT,
    TYPE_DELIMITER,
    TYPE_METASPACE,
    TYPE_BYTE_LEVEL,
    TYPE_SCRIPTS,
    TYPE_LENGTH
};
static const char *const type_names[] = {"Sequence",    "BertPreTokenizer", "Whitespace",     "WhitespaceSplit",
                                         "Punctuation", "Digits",           "Split",          "CharDelimiterSplit",
                                         "Metaspace",   "ByteLevel",        "UnicodeScripts", "FixedLength"};

static void add(struct pre_tokenizers *list, struct pre_tokenizer pre_tokenizer, struct arena *arena)
{
    list->items = arena_more(arena, list->items, list->count, &list->capacity, sizeof(*list->items));
    list->items[list->count++] = pre_tokenizer;
}

static void add_characters(struct pre_tokenizers *list, uint16_t flags, enum split_behavior behavior, struct arena *arena)
{
    add(list, (struct pre_tokenizer){.kind = CUT_CHARACTERS, .flags = flags, .behavior = behavior}, arena);
}

void pre_tokenizers_add_bert(struct pre_tokenizers *list, struct arena *arena)
{
    add_characters(list, TOKEN_SPACE, SPLIT_REMOVED, arena);
    add_characters(list, TOKEN_PUNCTUATION, SPLIT_ISOLATED, arena);
}

static bool read_behavior(const struct json_value *value, const char *name, enum split_behavior *behavior, struct error *error)
{
    static const char *const names[] = {"Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"};
    const struct json_value *text;
    size_t place;
    if (!json_member(value, name, "behavior", JSON_TEXT, &text, error))
        return false;
    if (text == NULL)
        return true;
    if (!name_among(text->text, names, ARRAY_COUNT(names), "behavior", name, &place, error))
        return false;
    *behavior = (enum split_behavior)place;
    return true;
}

static bool read_split(struct pre_tokenizers *list, const struct json_value *value, const char *name, struct arena *arena,
                       struct error *error)
{
    struct pre_tokenizer split = {.kind = CUT_PATTERN};
    const struct json_value *pattern = json_get(value, "pattern");
    if (pattern == NULL || json_get(value, "behavior") == NULL)
        return error_set(error, ERROR_INVALID, "%s has no \"%s\"", name, pattern == NULL ? "pattern" : "behavior");
    if (!read_behavior(value, name, &split.behavior, error) || !member_flag(value, name, "invert", &split.is_inverted, error) ||
        !pattern_read(&split.pattern, pattern, name, arena, error))
        return false;
    add(list, split, arena);
    return true;
}

static bool read_byte_level(struct pre_tokenizers *list, const struct json_value *value, const char *name, struct arena *arena,
                            struct error *error)
{
    bool adds_space = true, uses_pattern = true;
    if (!member_flag(value, name, "add_prefix_space", &adds_space, error) ||
        !member_flag(value, name, "use_regex", &uses_pattern, error))
        return false;
    if (adds_space)
        add(list, (struct pre_tokenizer){.kind = ADD_SPACE}, arena);
    if (uses_pattern)
        add(list, (struct pre_tokenizer){.kind = CUT_GPT2, .behavior = SPLIT_ISOLATED}, arena);
    add(list, (struct pre_tokenizer){.kind = TO_BYTES}, arena);
    return true;
}

bool metaspace_read(const struct json_value *value, const char *name, uint32_t *replacement, enum prepend_scheme *prepend,
                    bool *is_splitting, struct error *error)
{
    static const char *const schemes[] = {"always", "never", "first"};
    const struct json_value *scheme;
    bool adds_space = true;
    size_t place = 0;
    if (!member_character(value, name, "replacement", replacement, error) ||
        !member_flag(value, name, "add_prefix_space", &adds_space, error) ||
        !member_flag(value, name, "split", is_splitting, error) ||
        !json_member(value, name, "prepend_scheme", JSON_TEXT, &scheme, error))
        return false;
    if (scheme != NULL && !name_among(scheme->text, schemes, ARRAY_COUNT(schemes), "prepend_scheme", name, &place, error))
        return false;
    if (!adds_space && scheme != NULL && place != PREPEND_NEVER)
        return error_set(error, ERROR_INVALID,
                         "%s has \"add_prefix_space\" false and \"prepend_scheme\" \"%s\", which contradict", name,
                         schemes[place]);
    *prepend = adds_space ? (enum prepend_scheme)place : PREPEND_NEVER;
    return true;
}

static bool read_metaspace(struct pre_tokenizers *list, const struct json_value *value, const char *name, struct arena *arena,
                           struct error *error)
{
    struct pre_tokenizer metaspace = {.kind = METASPACE, .is_splitting = true};
    if (!metaspace_read(value, name, &metaspace.character, &metaspace.prepend, &metaspace.is_splitting, error))
        return false;
    add(list, metaspace, arena);
    return true;
}

static bool read_sequence(struct pre_tokenizers *list, const struct json_value *value, const char *name, struct arena *arena,
                          struct error *error)
{
    const struct json_value *items;
    if (!json_member(value, name, "pretokenizers", JSON_ARRAY, &items, error))
        return false;
    if (items == NULL)
        return error_set(error, ERROR_INVALID, "%s has no \"pretokenizers\"", name);
    for (size_t i = 0; i < items->count; i++)
        if (!pre_tokenizers_read(list, &items->items[i], name, arena, error))
            return false;
    return true;
}

/* Those that have at most one setting. */
static bool read_simple(struct pre_tokenizers *list, enum pre_tokenizer_type type, const struct json_value *value,
                        const char *name, struct arena *arena, struct error *error)
{
    struct pre_tokenizer step = {0};
    bool individually = false;
    uint64_t length = 5;
    switch (type) {
    case TYPE_BERT:
        pre_tokenizers_add_bert(list, arena);
        return true;
    case TYPE_WHITESPACE:
        step.kind = CUT_WHITESPACE;
        break;
    case TYPE_WHITESPACE_SPLIT:
        add_characters(list, TOKEN_SPACE, SPLIT_REMOVED, arena);
        return true;
    case TYPE_PUNCTUATION:
        step.behavior = SPLIT_ISOLATED;
        if (!read_behavior(value, name, &step.behavior, error))
            return false;
        add_characters(list, TOKEN_PUNCTUATION, step.behavior, arena);
        return true;
    case TYPE_DIGITS:
        if (!member_flag(value, name, "individual_digits", &individually, error))
            return false;
        add_characters(list, TOKEN_NUMERIC, individually ? SPLIT_ISOLATED : SPLIT_CONTIGUOUS, arena);
        return true;
    case TYPE_DELIMITER:
        step.kind = CUT_DELIMITER;
        if (!member_character(value, name, "delimiter", &step.character, error))
            return false;
        break;
    case TYPE_LENGTH:
        if (!member_count(value, name, "length", /* is_required= */ false, UINT32_MAX, &length, error))
            return false;
        if (length == 0)
            return error_set(error, ERROR_INVALID, "\"length\" of %s is 0, expected 1 or more", name);
        step = (struct pre_tokenizer){.kind = CUT_LENGTH, .behavior = SPLIT_ISOLATED, .length = (size_t)length};
        break;
    default:
        step = (struct pre_tokenizer){.kind = CUT_SCRIPTS, .behavior = SPLIT_ISOLATED};
        break;
    }
    add(list, step, arena);
    return true;
}

bool pre_tokenizers_read(struct pre_tokenizers *list, const struct json_value *value, const char *name, struct arena *arena,
                         struct error *error)
{
    size_t type;
    if (value == NULL || value->kind == JSON_NULL)
        return true;
    if (list->count >= LIMIT_TOKENIZER_PARTS)
        return error_set(error, ERROR_LIMIT, "%s has more than %zu steps", name, LIMIT_TOKENIZER_PARTS);
    if (!member_type(value, name, "type", type_names, ARRAY_COUNT(type_names), &type, error))
        return false;
    switch ((enum pre_tokenizer_type)type) {
    case TYPE_SEQUENCE:
        return read_sequence(list, value, name, arena, error);
    case TYPE_SPLIT:
        return read_split(list, value, name, arena, error);
    case TYPE_BYTE_LEVEL:
        return read_byte_level(list, value, name, arena, error);
    case TYPE_METASPACE:
        return read_metaspace(list, value, name, arena, error);
    default:
        return read_simple(list, (enum pre_tokenizer_type)type, value, name, arena, error);
    }
}

void pre_tokenizers_release(struct pre_tokenizers *list)
{
    for (size_t i = 0; i < list->count; i++)
        pattern_release(&list->items[i].pattern);
    list->count = 0;
}

/* ---- at work ---- */

static void cut(const void *context, struct token_work *work, const struct piece *piece)
{
    cut_piece(context, work, piece);
}

static void to_bytes(const void *context, struct token_work *work, const struct piece *piece)
{
    (void)context;
    normalize_bytes(work, piece);
}

static void add_space(const void *context, struct token_work *work, const struct piece *piece)
{
    (void)context;
    if (work->text.bytes[piece->start] == ' ')
        aligned_copy(&work->other, &work->text, piece->start, piece->end);
    else
        normalize_prepend(work, piece, SLICE(" "));
}

static void replace_spaces(const void *context, struct token_work *work, const struct piece *piece)
{
    const struct pre_tokenizer *metaspace = context;
    for (size_t at = piece->start; at < piece->end; at++)
        if (work->text.bytes[at] == ' ')
            aligned_append_character(&work->other, metaspace->character, work->text.starts[at], work->text.ends[at]);
        else
            aligned_copy(&work->other, &work->text, at, at + 1);
}

static void prepend_replacement(const void *context, struct token_work *work, const struct piece *piece)
{
    const struct pre_tokenizer *metaspace = context;
    uint32_t first;
    char bytes[4];
    text_decode((struct slice){work->text.bytes, piece->end}, piece->start, &first);
    if (first == metaspace->character || (metaspace->prepend == PREPEND_FIRST && piece->shift != 0))
        aligned_copy(&work->other, &work->text, piece->start, piece->end);
    else
        normalize_prepend(work, piece, (struct slice){bytes, text_encode(metaspace->character, bytes)});
}

static void apply_metaspace(const struct pre_tokenizer *metaspace, struct token_work *work)
{
    token_work_rewrite(work, metaspace, replace_spaces);
    if (metaspace->prepend != PREPEND_NEVER)
        token_work_rewrite(work, metaspace, prepend_replacement);
    struct pre_tokenizer split = {.kind = CUT_DELIMITER, .character = metaspace->character, .behavior = SPLIT_MERGED_WITH_NEXT};
    if (metaspace->is_splitting)
        token_work_cut(work, &split, cut);
}

void pre_tokenizers_apply(const struct pre_tokenizers *list, struct token_work *work)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct pre_tokenizer *step = &list->items[i];
        if (step->kind == ADD_SPACE)
            token_work_rewrite(work, step, add_space);
        else if (step->kind == TO_BYTES)
            token_work_rewrite(work, step, to_bytes);
        else if (step->kind == METASPACE)
            apply_metaspace(step, work);
        else
            token_work_cut(work, step, cut);
    }
}
