/* by_form.c - an answer that follows a JSON Schema, without a language model: each value is looked for by a question of its own, and taken only
 * where it is of the kind that the schema wants there.
 *
 *   "What does the label cost?"    {"price": number, "currency": "EUR" or "USD"}
 *
 *     price     ─▶ "price: What does the label cost?"     ─▶ candidates with one number      ─▶ "€7.50"    ─▶ 7.5
 *     currency  ─▶ "currency: What does the label cost?"  ─▶ candidates that name a choice   ─▶ …          ─▶ "EUR", or nothing
 *
 * What is not found is null where the schema allows that, and left out where it need not be there; else nothing is answered. */
#include "codec/codec.h"
#include "features.h"
#include "rephrase.h"
#include <math.h>
#include <string.h>

enum {
    VALUES_MAX = 32,
    PLACES_MAX = 1000, /* of the form, however they are nested */
    NESTED_MAX = 8,
    TOLD_BYTES = 200, /* of a description */
    SEARCHES_MAX = 12,
    PASSAGES_OF_ALL = 16 /* that values are looked for in, where each was searched for */
};

struct filling {
    struct asking *asking;
    const struct json_value *schema; /* the whole */
    struct slice asked;
    size_t values, places; /* that the form has */
    struct json_fit fit; /* of what was compared with the schema so far */
    size_t filled;
    double chance; /* of the least sure one */
};

/* What may be missing is rather missing than wrong. */
#define CHANCE_OF_OPTIONAL 0.35

/* A place in the form, of which it is known what may stand there. */
struct place {
    const struct json_value *schema;
    struct slice name; /* "" of the whole and of items */
    struct slice type; /* "string"; empty: any text */
    struct slice told; /* what the schema says of it; empty: nothing */
    bool may_be_null, must; /* the whole is nothing without it */
};

/* ---- the schema ---- */

static bool is_null_type(const struct json_value *schema)
{
    return slice_equal_text(json_text_at(schema, "type"), "null");
}

/* Of several schemas the first that is not that of null. */
static const struct json_value *one_of(const struct json_value *some, bool *may_be_null)
{
    const struct json_value *found = NULL;
    for (size_t i = 0; i < some->count; i++) {
        *may_be_null = *may_be_null || is_null_type(&some->items[i]);
        found = found == NULL && !is_null_type(&some->items[i]) ? &some->items[i] : found;
    }
    return found;
}

/* Follows references and choices to what says the type. */
static struct place place_of(const struct filling *filling, const struct json_value *schema, struct slice name, bool must)
{
    static const char *const several[] = {"anyOf", "oneOf", "allOf"};
    struct place place = {.schema = schema, .name = name, .must = must};
    for (size_t step = 0; step < NESTED_MAX && schema != NULL; step++) {
        const struct json_value *reference = json_get(schema, "$ref"), *next = NULL;
        place.schema = schema;
        place.told = place.told.size > 0 ? place.told : slice_trim(json_text_at(schema, "description"));
        if (reference != NULL)
            next = json_schema_target(filling->schema, reference);
        for (size_t i = 0; i < ARRAY_COUNT(several) && next == NULL; i++) {
            const struct json_value *some = json_get(schema, several[i]);
            next = some != NULL && some->kind == JSON_ARRAY ? one_of(some, &place.may_be_null) : NULL;
        }
        schema = next;
    }
    const struct json_value *type = json_get(place.schema, "type");
    for (size_t i = 0; type != NULL && type->kind == JSON_ARRAY && i < type->count; i++) {
        bool is_null = slice_equal_text(type->items[i].text, "null");
        place.may_be_null = place.may_be_null || is_null;
        place.type = !is_null && place.type.size == 0 ? type->items[i].text : place.type;
    }
    if (type != NULL && type->kind == JSON_TEXT)
        place.type = type->text;
    if (place.type.size == 0 && json_get(place.schema, "properties") != NULL)
        place.type = SLICE("object");
    place.may_be_null = place.may_be_null || slice_equal_text(place.type, "null");
    return place;
}

static bool is_type(const struct place *place, const char *type)
{
    return slice_equal_text(place->type, type);
}

static bool is_required(const struct json_value *schema, struct slice name)
{
    const struct json_value *required = json_get(schema, "required");
    for (size_t i = 0; required != NULL && required->kind == JSON_ARRAY && i < required->count; i++)
        if (slice_equal(required->items[i].text, name))
            return true;
    return false;
}

/* Counts values, and refuses what cannot be looked for. `must`: something has to stand there. */
static bool look_through(struct filling *filling, const struct json_value *schema, struct slice name, bool must, size_t depth,
                         struct error *error)
{
    struct place place = place_of(filling, schema, name, must);
    const struct json_value *parts = json_get(place.schema, "properties"), *items = json_get(place.schema, "items");
    if (depth > NESTED_MAX)
        return error_set(error, ERROR_LIMIT, "the schema's objects are more than %d deep", NESTED_MAX);
    if (++filling->places > PLACES_MAX)
        return error_set(error, ERROR_LIMIT, "the schema has more than %d places", PLACES_MAX);
    if (json_get(place.schema, "const") != NULL || is_type(&place, "null"))
        return true;
    if (is_type(&place, "object")) {
        for (size_t i = 0; parts != NULL && parts->kind == JSON_OBJECT && i < parts->count; i++)
            if (!look_through(filling, &parts->items[i], parts->keys[i], must && is_required(place.schema, parts->keys[i]),
                              depth + 1, error))
                return false;
        return true;
    }
    if (is_type(&place, "array") && items != NULL)
        return look_through(filling, items, name, false, depth + 1, error);
    if (is_type(&place, "boolean") && must && !place.may_be_null) {
        error_set(error, ERROR_INVALID, "the schema's \"" SLICE_FORMAT "\" is a yes or no, which only a language model tells",
                  SLICE_ARGUMENT(name));
        return error_hint(error,
                          "Leave it out of \"required\", or name a language model with --model, or as `model` in assay.yaml.");
    }
    if (++filling->values > VALUES_MAX)
        return error_set(error, ERROR_LIMIT, "the schema has more than %d values", VALUES_MAX);
    return true;
}

/* ---- a value ---- */

/* "refundDays", "refund_days" as words. */
static struct slice words_of(struct arena *arena, struct slice name)
{
    char *words = arena_alloc(arena, 2 * name.size + 1, 1);
    size_t size = 0;
    for (size_t i = 0; i < name.size; i++) {
        char byte = name.data[i];
        bool is_upper = byte >= 'A' && byte <= 'Z';
        if (is_upper && i > 0 && name.data[i - 1] >= 'a' && name.data[i - 1] <= 'z')
            words[size++] = ' ';
        words[size++] = byte == '_' || byte == '-' || byte == '.' ? ' ' : is_upper ? (char)(byte - 'A' + 'a') : byte;
    }
    return slice_trim((struct slice){words, size});
}

/* It is searched for: no sign of it means what it would in a search. */
static struct slice without_syntax(struct arena *arena, struct slice text)
{
    char *copy = arena_text(arena, text);
    for (size_t i = 0; i < text.size; i++)
        copy[i] = byte_among(copy[i], "\"*~") ? ' ' : copy[i];
    return slice_trim((struct slice){copy, text.size});
}

/* What is asked for the place; where it is the only one, that was asked already. */
static struct slice question_for(const struct filling *filling, const struct place *place)
{
    struct arena *arena = filling->asking->arena;
    struct slice told = place->told;
    if (filling->values == 1 || (told.size == 0 && place->name.size == 0))
        return filling->asked;
    if (told.size == 0)
        told = words_of(arena, place->name);
    told = without_syntax(arena, slice_cut(told, TOLD_BYTES));
    if (slice_ends_with(told, SLICE("?")))
        return told;
    const char *begin = is_type(place, "integer")  ? "How many "
                        : is_type(place, "number") ? "How much is the "
                                                   : "What is the ";
    return slice_from(
        arena_format(arena, "%s" SLICE_FORMAT "? " SLICE_FORMAT, begin, SLICE_ARGUMENT(told), SLICE_ARGUMENT(filling->asked)));
}

struct fitting {
    struct filling *filling;
    const struct place *place;
    struct arena *arena;
    struct slice json; /* of the last text that fitted */
    struct error error; /* why it does not fit, or why the schema is broken */
};

static struct slice quoted(struct arena *arena, struct slice text)
{
    struct json_writer json;
    struct buffer out;
    buffer_init(&out, LIMIT_JSON_BYTES);
    json_writer_init(&json, &out);
    json_text(&json, text);
    struct slice copy = arena_slice(arena, buffer_slice(&out));
    buffer_release(&out);
    return copy;
}

static bool as_number(struct slice text, bool whole, struct arena *arena, struct slice *json)
{
    struct quantity found, other;
    size_t at = 0;
    if (!quantity_next(text, &at, &found) || quantity_next(text, &at, &other) || (whole && found.number != floor(found.number)))
        return false;
    *json = slice_from(arena_format(arena, whole ? "%.0f" : "%.15g", found.number));
    return true;
}

static bool is_letter_or_digit(char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || (byte & 0x80) != 0;
}

static bool same_letter(char a, char b)
{
    a = a == '_' || a == '-' ? ' ' : a;
    return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b);
}

/* The first of the schema's choices that the text names; of two at one place the longer. */
static bool as_choice(struct slice text, const struct json_value *choices, struct slice *json, struct arena *arena)
{
    const struct json_value *best = NULL;
    size_t best_at = SIZE_MAX;
    for (size_t i = 0; i < choices->count; i++) {
        struct slice choice = choices->items[i].kind == JSON_TEXT ? choices->items[i].text : SLICE("");
        for (size_t at = 0; choice.size > 0 && at + choice.size <= text.size && at <= best_at; at++) {
            size_t same = 0;
            while (same < choice.size && same_letter(choice.data[same], text.data[at + same]))
                same++;
            bool begins = at == 0 || !is_letter_or_digit(text.data[at - 1]),
                 ends = at + same == text.size || !is_letter_or_digit(text.data[at + same]);
            if (same < choice.size || !begins || !ends)
                continue;
            if (at < best_at || choice.size > best->text.size) {
                best = &choices->items[i];
                best_at = at;
            }
            break;
        }
    }
    if (best == NULL)
        return false;
    *json = quoted(arena, best->text);
    return true;
}

static bool may_stand(void *context, struct slice text)
{
    struct fitting *fitting = context;
    const struct place *place = fitting->place;
    const struct json_value *choices = json_get(place->schema, "enum");
    struct json_value value;
    struct slice json = {0};
    bool is_number = is_type(place, "number") || is_type(place, "integer");
    if (is_type(place, "boolean"))
        return false;
    if (is_number ? !as_number(text, is_type(place, "integer"), fitting->arena, &json)
                  : choices != NULL && choices->kind == JSON_ARRAY && !as_choice(text, choices, &json, fitting->arena))
        return false;
    if (!is_number && choices == NULL)
        json = quoted(fitting->arena, text);
    fitting->json = json;
    struct json_fit *fit = &fitting->filling->fit;
    return !fit->is_broken && json_read(json, "a value", fitting->arena, &value, &fitting->error) &&
           json_fits(fit, &value, place->schema, &fitting->error);
}

/* `*json` empty: nothing was found. */
static bool fill_value(struct filling *filling, const struct place *place, struct slice *json, struct error *error)
{
    struct asking *asking = filling->asking;
    struct ask_answer *answer = asking->answer;
    struct builtin_choice chosen;
    struct arena scratch;
    struct fitting fitting = {.filling = filling, .place = place, .arena = &scratch};
    answer->asked = question_for(filling, place);
    asking->question = question_terms(asking, answer->asked, language_of(asking, answer->asked));
    asking->marks = NULL;
    arena_init(&scratch);
    bool ok = builtin_choose(asking, may_stand, &fitting, &chosen, error);
    if (ok && filling->fit.is_broken) {
        *error = fitting.error;
        answer->schema_refused = true;
        ok = false;
    }
    bool is_needed = place->must && !place->may_be_null;
    if (ok && chosen.is_likely && (is_needed || chosen.chance >= CHANCE_OF_OPTIONAL) &&
        may_stand(&fitting, chosen.best->text)) {
        struct slice text = fitting.json;
        if (json_get(place->schema, "enum") == NULL && !is_type(place, "number") && !is_type(place, "integer"))
            text = quoted(&scratch, defanged(&scratch, chosen.best->text));
        *json = arena_slice(asking->arena, text);
        (void)cite_run(asking, chosen.best->passage, chosen.best->sentence, chosen.best->last);
        filling->filled++;
        answer->sentences++;
        filling->chance = fmin(filling->chance, chosen.chance);
    } else if (ok && chosen.best != NULL && filling->values == 1) {
        filling->chance = chosen.chance; /* of none being told, more or less */
    }
    arena_release(&scratch);
    return ok;
}

/* ---- the form ---- */

static bool fill(struct filling *filling, const struct json_value *schema, struct slice name, bool must, struct slice *json,
                 struct error *error);

static void forget(struct filling *filling, const struct filling *before, size_t citations, size_t sentences)
{
    filling->filled = before->filled;
    filling->chance = before->chance;
    filling->asking->answer->citation_count = citations;
    filling->asking->answer->sentences = sentences;
}

static bool fill_object(struct filling *filling, const struct place *place, struct slice *json, struct error *error)
{
    const struct json_value *parts = json_get(place->schema, "properties");
    struct json_writer writer;
    struct buffer text;
    const struct filling before = *filling;
    const struct ask_answer *answer = filling->asking->answer;
    size_t citations = answer->citation_count, sentences = answer->sentences;
    bool ok = true, lacks = false;
    buffer_init(&text, LIMIT_JSON_BYTES);
    json_writer_init(&writer, &text);
    json_object_begin(&writer);
    for (size_t i = 0; ok && !lacks && parts != NULL && parts->kind == JSON_OBJECT && i < parts->count; i++) {
        struct slice part = {0};
        bool is_needed = is_required(place->schema, parts->keys[i]);
        ok = fill(filling, &parts->items[i], parts->keys[i], is_needed && place->must && !place->may_be_null, &part, error);
        lacks = part.size == 0 && is_needed;
        if (!ok || part.size == 0)
            continue;
        json_key(&writer, arena_text(filling->asking->arena, parts->keys[i]));
        json_raw(&writer, part);
    }
    json_object_end(&writer);
    ok = ok && buffer_finish(&text, "the answer", error);
    if (ok && !lacks && filling->filled > before.filled)
        *json = arena_slice(filling->asking->arena, buffer_slice(&text));
    else if (ok) /* nothing of it is given: nothing of it is cited */
        forget(filling, &before, citations, sentences);
    buffer_release(&text);
    return ok;
}

static bool fill(struct filling *filling, const struct json_value *schema, struct slice name, bool must, struct slice *json,
                 struct error *error)
{
    struct place place = place_of(filling, schema, name, must);
    const struct json_value *items = json_get(place.schema, "items"), *only = json_get(place.schema, "const");
    const struct ask_request *request = filling->asking->request;
    struct arena *arena = filling->asking->arena;
    bool ok = true;
    if (request->is_cancelled != NULL && request->is_cancelled(request->context))
        return error_set(error, ERROR_CANCELLED, "the answer was stopped");
    if (only != NULL) {
        *json = slice_range(request->schema, only->at, only->end);
    } else if (is_type(&place, "null")) {
        *json = SLICE("null");
    } else if (is_type(&place, "object") && json_get(place.schema, "properties") == NULL) {
        *json = SLICE("{}");
    } else if (is_type(&place, "object")) {
        ok = fill_object(filling, &place, json, error);
    } else if (is_type(&place, "array") && items != NULL) { /* one is found, or none */
        ok = fill(filling, items, name, must, json, error);
        *json = ok && json->size > 0 ? slice_from(arena_format(arena, "[" SLICE_FORMAT "]", SLICE_ARGUMENT(*json))) : SLICE("");
    } else {
        ok = fill_value(filling, &place, json, error);
    }
    if (ok && json->size == 0 && place.may_be_null)
        *json = SLICE("null");
    return ok;
}

/* Also the schema's rules for all of it together. */
static bool take_form(struct filling *filling, struct slice json)
{
    struct ask_answer *answer = filling->asking->answer;
    struct json_value value;
    struct error ignored;
    if (json.size == 0 || filling->filled == 0 || !json_read(json, "the answer", filling->asking->arena, &value, &ignored) ||
        !json_follows(&value, filling->schema, &ignored))
        return false;
    answer->text = json;
    answer->abstained = false;
    return true;
}

static bool begin(struct filling *filling, struct asking *asking, struct json_value *schema, struct error *error)
{
    *filling = (struct filling){
        .asking = asking, .schema = schema, .asked = asking->answer->asked, .chance = 1, .fit = {.root = schema}};
    bool ok = json_read(asking->request->schema, "the schema", asking->arena, schema, error) &&
              look_through(filling, schema, SLICE(""), true, 0, error) &&
              (filling->values > 0 || error_set(error, ERROR_INVALID, "the schema names no value that could be looked for"));
    asking->answer->schema_refused = !ok;
    return ok;
}

/* The questions for values, in their order. */
static void list_questions(const struct filling *filling, const struct json_value *schema, struct slice name,
                           struct slice *questions, size_t *count)
{
    struct place place = place_of(filling, schema, name, false);
    const struct json_value *parts = json_get(place.schema, "properties"), *items = json_get(place.schema, "items");
    if (is_type(&place, "object"))
        for (size_t i = 0; parts != NULL && parts->kind == JSON_OBJECT && i < parts->count; i++)
            list_questions(filling, &parts->items[i], parts->keys[i], questions, count);
    else if (is_type(&place, "array") && items != NULL)
        list_questions(filling, items, name, questions, count);
    else if (*count < SEARCHES_MAX && json_get(place.schema, "const") == NULL && !is_type(&place, "boolean") &&
             !is_type(&place, "null"))
        questions[(*count)++] = question_for(filling, &place);
}

bool form_search(struct asking *asking, search_one *search, struct error *error)
{
    struct json_value schema;
    struct filling filling;
    struct slice questions[SEARCHES_MAX];
    size_t count = 0;
    if (!begin(&filling, asking, &schema, error))
        return false;
    if (filling.values > 1)
        list_questions(&filling, &schema, SLICE(""), questions, &count);
    return rephrase_search_each(asking, questions, count, PASSAGES_OF_ALL, search, error);
}

bool answer_by_form(struct asking *asking, struct error *error)
{
    struct ask_answer *answer = asking->answer;
    struct json_value schema;
    struct slice json = {0};
    struct filling filling;
    answer->model = builtin_name(asking->request);
    answer->abstained = true;
    if (!begin(&filling, asking, &schema, error))
        return false;
    bool ok = fill(&filling, &schema, SLICE(""), true, &json, error);
    answer->asked = filling.asked;
    if (ok && !take_form(&filling, json)) {
        answer->citation_count = 0;
        answer->sentences = 0;
    }
    answer->confidence = filling.filled > 0 || filling.values == 1 ? filling.chance : 0;
    return ok;
}
