/* post_processor_read.c - post-processors from tokenizer.json. */
#include "members.h"
#include "post_processor.h"

enum post_processor_type { TYPE_SEQUENCE, TYPE_TEMPLATE, TYPE_BERT, TYPE_ROBERTA, TYPE_BYTE_LEVEL };
static const char *const type_names[] = {"Sequence", "TemplateProcessing", "BertProcessing", "RobertaProcessing", "ByteLevel"};

static void add(struct post_processors *processors, struct post_processor processor, struct arena *arena)
{
    processors->items = arena_more(arena, processors->items, processors->count, &processors->capacity,
                                   sizeof(*processors->items));
    processors->items[processors->count++] = processor;
}

/* "sep": ["[SEP]", 102] */
static bool read_pair(const struct json_value *value, const char *name, const char *key, uint32_t *id, struct error *error)
{
    const struct json_value *pair;
    if (!json_member(value, name, key, JSON_ARRAY, &pair, error))
        return false;
    if (pair == NULL || pair->count != 2 || pair->items[0].kind != JSON_TEXT || pair->items[1].kind != JSON_NUMBER ||
        !pair->items[1].is_integer || pair->items[1].integer < 0 || pair->items[1].integer > UINT32_MAX)
        return error_set(error, ERROR_INVALID, "\"%s\" of %s is not a token and its number, as in [\"[SEP]\", 102]", key, name);
    *id = (uint32_t)pair->items[1].integer;
    return true;
}

static bool read_ids(struct template_part *part, const struct json_value *tokens, struct slice token, const char *name,
                     struct arena *arena, struct error *error)
{
    const struct json_value *entry = NULL, *ids;
    int shown = (int)(token.size < 80 ? token.size : 80);
    for (size_t i = 0; tokens != NULL && i < tokens->count; i++)
        if (slice_equal(tokens->keys[i], token))
            entry = &tokens->items[i];
    if (entry == NULL)
        return error_set(error, ERROR_INVALID, "the template of %s uses \"%.*s\", which is not in its \"special_tokens\"", name,
                         shown, token.data);
    if (!json_member(entry, name, "ids", JSON_ARRAY, &ids, error))
        return false;
    if (ids == NULL || ids->count > LIMIT_TOKENIZER_PARTS)
        return error_set(error, ERROR_INVALID, "\"%.*s\" in \"special_tokens\" of %s needs \"ids\", at most %zu", shown,
                         token.data, name, LIMIT_TOKENIZER_PARTS);
    uint32_t *numbers = arena_alloc(arena, ids->count + 1, sizeof(*numbers));
    for (size_t i = 0; i < ids->count; i++) {
        const struct json_value *id = &ids->items[i];
        if (id->kind != JSON_NUMBER || !id->is_integer || id->integer < 0 || id->integer > UINT32_MAX)
            return error_set(error, ERROR_INVALID, "an id of \"%.*s\" in \"special_tokens\" of %s is not a token's number",
                             shown, token.data, name);
        numbers[i] = (uint32_t)id->integer;
    }
    part->ids = numbers;
    part->id_count = ids->count;
    return true;
}

/* {"Sequence": {"id": "A", "type_id": 0}} or {"SpecialToken": {"id": "[CLS]", "type_id": 0}} */
static bool read_part(struct template_part *part, const struct json_value *value, const struct json_value *tokens,
                      const char *name, struct arena *arena, struct error *error)
{
    const struct json_value *text = json_get(value, "Sequence"), *token = json_get(value, "SpecialToken"), *id;
    const struct json_value *either = text != NULL ? text : token;
    uint64_t type = 0;
    if (either == NULL || (text != NULL && token != NULL))
        return error_set(error, ERROR_INVALID, "a part of the template of %s is neither a \"Sequence\" nor a \"SpecialToken\"",
                         name);
    if (!json_member(either, name, "id", JSON_TEXT, &id, error) ||
        !member_count(either, name, "type_id", /* is_required= */ true, UINT8_MAX, &type, error))
        return false;
    if (id == NULL)
        return error_set(error, ERROR_INVALID, "a part of the template of %s has no \"id\"", name);
    *part = (struct template_part){.is_text = text != NULL, .type = (uint8_t)type};
    if (text == NULL)
        return read_ids(part, tokens, id->text, name, arena, error);
    part->text = slice_equal_text(id->text, "B") ? 1 : 0;
    if (part->text == 0 && !slice_equal_text(id->text, "A"))
        return error_set(error, ERROR_INVALID, "a \"Sequence\" in the template of %s is \"%.*s\", expected \"A\" or \"B\"",
                         name, (int)(id->text.size < 80 ? id->text.size : 80), id->text.data);
    return true;
}

static bool read_template(struct template *template, const struct json_value *value, const char *key, const char *name,
                          struct arena *arena, struct error *error)
{
    const struct json_value *parts, *tokens;
    if (!json_member(value, name, key, JSON_ARRAY, &parts, error) ||
        !json_member(value, name, "special_tokens", JSON_OBJECT, &tokens, error))
        return false;
    if (parts == NULL || parts->count > LIMIT_TOKENIZER_PARTS)
        return error_set(error, ERROR_INVALID, "%s needs \"%s\" with at most %zu parts", name, key, LIMIT_TOKENIZER_PARTS);
    template->parts = arena_alloc(arena, parts->count + 1, sizeof(*template->parts));
    template->count = parts->count;
    size_t limit = key[0] == 's' ? 1 : 2, texts[2] = {0};
    for (size_t i = 0; i < parts->count; i++) {
        if (!read_part(&template->parts[i], &parts->items[i], tokens, name, arena, error))
            return false;
        if (template->parts[i].is_text && template->parts[i].text >= limit)
            return error_set(error, ERROR_INVALID, "\"%s\" of %s names the second text, of which it has none", key, name);
        if (template->parts[i].is_text && ++texts[template->parts[i].text] > LIMIT_TEMPLATE_TEXTS)
            return error_set(error, ERROR_LIMIT, "\"%s\" of %s puts in the same text more than %zu times", key, name,
                             LIMIT_TEMPLATE_TEXTS);
        template->added += template->parts[i].id_count;
    }
    return true;
}

static bool read_sequence(struct post_processors *processors, const struct json_value *value, const char *name,
                          struct arena *arena, struct error *error)
{
    const struct json_value *items;
    if (!json_member(value, name, "processors", JSON_ARRAY, &items, error))
        return false;
    if (items == NULL)
        return error_set(error, ERROR_INVALID, "%s has no \"processors\"", name);
    for (size_t i = 0; i < items->count; i++)
        if (!post_processors_read(processors, &items->items[i], name, arena, error))
            return false;
    return true;
}

bool post_processors_read(struct post_processors *processors, const struct json_value *value, const char *name,
                          struct arena *arena, struct error *error)
{
    struct post_processor processor = {.trims = true, .adds_space = true};
    size_t type;
    if (value == NULL || value->kind == JSON_NULL)
        return true;
    if (processors->count >= LIMIT_TOKENIZER_PARTS)
        return error_set(error, ERROR_LIMIT, "%s has more than %zu steps", name, LIMIT_TOKENIZER_PARTS);
    if (!member_type(value, name, "type", type_names, ARRAY_COUNT(type_names), &type, error))
        return false;
    if (type == TYPE_SEQUENCE)
        return read_sequence(processors, value, name, arena, error);
    if (type == TYPE_TEMPLATE) {
        processor = (struct post_processor){.kind = PROCESS_TEMPLATE};
        if (!read_template(&processor.single, value, "single", name, arena, error) ||
            !read_template(&processor.pair, value, "pair", name, arena, error))
            return false;
    } else {
        processor.kind = type == TYPE_BERT ? PROCESS_BERT : type == TYPE_ROBERTA ? PROCESS_ROBERTA : PROCESS_TRIM;
        if (!member_flag(value, name, "trim_offsets", &processor.trims, error) ||
            !member_flag(value, name, "add_prefix_space", &processor.adds_space, error))
            return false;
        if (type != TYPE_BYTE_LEVEL && (!read_pair(value, name, "sep", &processor.separator, error) ||
                                        !read_pair(value, name, "cls", &processor.first, error)))
            return false;
        processor.trims = processor.trims && type != TYPE_BERT;
    }
    add(processors, processor, arena);
    size_t added = post_processors_added(processors, /* is_pair= */ true);
    if (added < post_processors_added(processors, /* is_pair= */ false))
        added = post_processors_added(processors, /* is_pair= */ false);
    return added <= LIMIT_ADDED_TOKENS ||
           error_set(error, ERROR_LIMIT, "%s adds %zu tokens to a text, the limit is %zu", name, added, LIMIT_ADDED_TOKENS);
}

void post_processors_add_bert(struct post_processors *processors, uint32_t first, uint32_t separator, struct arena *arena)
{
    add(processors, (struct post_processor){.kind = PROCESS_BERT, .first = first, .separator = separator}, arena);
}
