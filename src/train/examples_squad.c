/* examples_squad.c - questions on passages as SQuAD 1.1 and 2.0 have them:
 *
 *   data[] ▸ paragraphs[] ▸ { context, qas[] ▸ { id, question, is_impossible, answers[] ▸ { text, answer_start } } }
 *
 * answer_start counts characters; an example counts bytes. That the answer stands there is proved for each. */
#include "examples_parts.h"
#include "text/text.h"
#include <assert.h>
#include <stdio.h>

enum { STRIDE = 64 };

/* Where characters stand in a text: the bytes of every 64th. */
struct characters {
    struct slice text;
    size_t *marks;
    size_t count;
};

static void characters_init(struct characters *characters, struct slice text, struct arena *arena)
{
    *characters = (struct characters){text, arena_alloc(arena, text.size / STRIDE + 1, sizeof(size_t)), 0};
    for (size_t at = 0; at < text.size; characters->count++) {
        uint32_t character;
        if (characters->count % STRIDE == 0)
            characters->marks[characters->count / STRIDE] = at;
        at += text_decode(text, at, &character);
    }
}

/* False: there are not so many. */
static bool characters_byte(const struct characters *characters, int64_t number, size_t *byte)
{
    if (number < 0 || (uint64_t)number >= characters->count)
        return false;
    size_t at = characters->marks[(size_t)number / STRIDE];
    for (size_t i = 0; i < (size_t)number % STRIDE; i++) {
        uint32_t character;
        at += text_decode(characters->text, at, &character);
    }
    *byte = at;
    return true;
}

struct squad_reading {
    struct examples_reader *reader;
    struct characters characters;
    struct slice context;
    size_t counted; /* bytes of the source whose line ends are counted */
    size_t entry, paragraph; /* which of "data", which of its "paragraphs" */
};

static void find_line(struct squad_reading *reading, const struct json_value *value)
{
    struct examples_reader *reader = reading->reader;
    for (; reading->counted < value->at; reading->counted++)
        reader->line += reader->source.data[reading->counted] == '\n';
}

static bool take_answer(struct squad_reading *reading, const struct json_value *value, struct example_answer *answer)
{
    struct examples_reader *reader = reading->reader;
    const struct json_value *text = json_get(value, "text"), *start = json_get(value, "answer_start");
    if (text == NULL || text->kind != JSON_TEXT)
        return example_reject(reader, FAULT_MISSING_KEY, "an answer has no \"text\"");
    if (start == NULL || start->kind != JSON_NUMBER || !start->is_integer)
        return example_reject(reader, FAULT_MISSING_KEY, "an answer has no \"answer_start\"");
    struct slice wanted = text->text, rest;
    size_t at;
    bool is_there = wanted.size > 0 && characters_byte(&reading->characters, start->integer, &at);
    if (is_there) {
        rest = slice_range(reading->context, at, reading->context.size);
        is_there = slice_starts_with(rest, wanted);
    }
    if (!is_there)
        return example_reject(reader, FAULT_MISPLACED_ANSWER,
                              "the answer \"%.*s\" does not stand at character %lld of its context",
                              (int)(wanted.size < 60 ? wanted.size : 60), wanted.data, (long long)start->integer);
    *answer = (struct example_answer){slice_range(rest, 0, wanted.size), at};
    return true;
}

static bool take_answers(struct squad_reading *reading, const struct json_value *item, struct example *example)
{
    struct examples_reader *reader = reading->reader;
    const struct json_value *answers = json_get(item, "answers"), *impossible = json_get(item, "is_impossible");
    bool is_impossible = impossible != NULL && impossible->kind == JSON_BOOL && impossible->boolean;
    if (is_impossible)
        return true;
    if (answers == NULL || answers->kind != JSON_ARRAY)
        return example_reject(reader, FAULT_MISSING_KEY, "the question has no \"answers\"");
    if (answers->count == 0 && impossible == NULL)
        return example_reject(reader, FAULT_EMPTY, "\"answers\" is empty, and nothing says \"is_impossible\"");
    struct example_answer *kept = arena_alloc(&reader->examples->arena, answers->count + 1, sizeof(*kept));
    for (size_t i = 0; i < answers->count; i++)
        if (!take_answer(reading, &answers->items[i], &kept[i]))
            return false;
    example->answers = kept;
    example->answer_count = answers->count;
    return true;
}

static bool take_question(struct squad_reading *reading, const struct json_value *item, size_t at, struct error *error)
{
    struct examples_reader *reader = reading->reader;
    snprintf(reader->where, sizeof(reader->where), "data[%zu].paragraphs[%zu].qas[%zu]", reading->entry, reading->paragraph,
             at);
    struct example example = {.text = {"", 0}, .tools = {"", 0}, .context = reading->context};
    find_line(reading, item);
    bool is_taken = item->kind == JSON_OBJECT
                        ? example_text(reader, item, "question", &example.text) && take_answers(reading, item, &example)
                        : example_reject(reader, FAULT_DATA_TYPE, "%s, expected a question", json_kind_name(item->kind));
    return !is_taken || example_add(reader, example, error);
}

static bool take_paragraph(struct squad_reading *reading, const struct json_value *paragraph, struct error *error)
{
    struct examples_reader *reader = reading->reader;
    const struct json_value *context = json_get(paragraph, "context"), *items = json_get(paragraph, "qas");
    find_line(reading, paragraph);
    snprintf(reader->where, sizeof(reader->where), "data[%zu].paragraphs[%zu]", reading->entry, reading->paragraph);
    bool has_context = context != NULL && context->kind == JSON_TEXT && slice_trim(context->text).size > 0 &&
                       context->text.size <= LIMIT_EXAMPLE_BYTES;
    if (!has_context || items == NULL || items->kind != JSON_ARRAY) {
        example_reject(reader, FAULT_MISSING_KEY, "a paragraph has no \"%s\"", has_context ? "qas" : "context");
        return true;
    }
    arena_clear(&reader->scratch);
    reading->context = example_keep(reader, context->text); /* not trimmed: the places count in it as it is */
    characters_init(&reading->characters, reading->context, &reader->scratch);
    for (size_t i = 0; i < items->count; i++)
        if (!take_question(reading, &items->items[i], i, error))
            return false;
    return true;
}

bool examples_take_squad(struct examples_reader *reader, const struct json_value *root, struct error *error)
{
    const struct json_value *data = json_get(root, "data");
    struct squad_reading reading = {.reader = reader};
    assert(data != NULL && data->kind == JSON_ARRAY);
    reader->line = 1;
    for (size_t i = 0; i < data->count; i++) {
        const struct json_value *paragraphs = json_get(&data->items[i], "paragraphs");
        if (paragraphs == NULL || paragraphs->kind != JSON_ARRAY) {
            find_line(&reading, &data->items[i]);
            snprintf(reader->where, sizeof(reader->where), "data[%zu]", i);
            example_reject(reader, FAULT_MISSING_KEY, "an entry of \"data\" has no \"paragraphs\"");
            continue;
        }
        reading.entry = i;
        for (size_t j = 0; j < paragraphs->count; j++) {
            reading.paragraph = j;
            if (!take_paragraph(&reading, &paragraphs->items[j], error))
                return false;
        }
    }
    return true;
}
