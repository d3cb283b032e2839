/* by_writer.c - an answer without a language model, in the built-in writer's words: some of them its own, some copied from a passage.
 *
 *   passages ─▶ their text, orders blanked out ─▶ writer ─▶ text and its chance ─▶ the sentence that bears it out cited
 *
 * Asked with the approach tune it sees no passage; an answer in a JSON form has no marks, and cites for each text in it. */
#include "ask_parts.h"
#include <string.h>

/* How much the search's opinion of a passage counts beside the writer's, whose scores are logarithms of odds. */
#define SEARCH_WEIGHT 2.0

/* What bears the text out is cited; 0: nothing does. */
static size_t cite_support(struct asking *asking, struct slice text)
{
    struct support support = support_find(asking, text, 0);
    asking->answer->sentences += !support.says_nothing;
    asking->answer->unsupported += !support.says_nothing && !support.is_supported;
    return support.is_supported ? cite(asking, support.passage, support.sentence) : 0;
}

/* A plain answer, with its mark. */
static void take_text(struct asking *asking, const struct writer_answer *written)
{
    struct ask_answer *answer = asking->answer;
    const struct ask_passage *passage = written->passage < asking->passage_count ? &asking->passages[written->passage] : NULL;
    size_t mark = 0;
    if (passage != NULL && written->end > written->start) { /* it stands there, word for word */
        mark = cite(asking, written->passage, passage_sentence_at(passage, written->start));
        answer->sentences = 1;
    } else if (asking->passage_count > 0) {
        mark = cite_support(asking, written->text);
    }
    answer->text = defanged(asking->arena, written->text);
    if (mark > 0)
        answer->text = slice_from(arena_format(asking->arena, SLICE_FORMAT " [%zu]", SLICE_ARGUMENT(answer->text), mark));
}

/* The texts of an answer in a form, each made safe by itself. */
static void take_value(struct asking *asking, const struct json_value *value, struct json_writer *json)
{
    bool is_object = value->kind == JSON_OBJECT;
    if (value->kind == JSON_TEXT) {
        if (asking->passage_count > 0)
            (void)cite_support(asking, value->text);
        json_text(json, defanged(asking->arena, value->text));
    } else if (value->kind == JSON_NUMBER) {
        json_raw(json, value->text);
    } else if (value->kind == JSON_BOOL) {
        json_bool(json, value->boolean);
    } else if (value->kind == JSON_NULL) {
        json_null(json);
    } else {
        (is_object ? json_object_begin : json_array_begin)(json);
        for (size_t i = 0; i < value->count; i++) { /* nesting is bounded by the form */
            if (is_object)
                json_key(json, arena_text(asking->arena, value->keys[i]));
            take_value(asking, &value->items[i], json);
        }
        (is_object ? json_object_end : json_array_end)(json);
    }
}

static bool take_json(struct asking *asking, struct slice text, struct error *error)
{
    struct json_value value;
    struct json_writer json;
    struct buffer safe;
    if (!json_read(text, "the answer", asking->arena, &value, error))
        return false;
    buffer_init(&safe, LIMIT_JSON_BYTES);
    json_writer_init(&json, &safe);
    take_value(asking, &value, &json);
    asking->answer->text = arena_slice(asking->arena, buffer_slice(&safe));
    bool ok = buffer_finish(&safe, "the answer", error);
    buffer_release(&safe);
    return ok;
}

static bool write_answer(struct asking *asking, const struct form *form, struct error *error)
{
    struct ask_answer *answer = asking->answer;
    struct writer *writer = asking->request->writer;
    size_t count = asking->passage_count;
    struct slice *texts = arena_alloc(asking->arena, count + 1, sizeof(*texts));
    double *bonus = arena_alloc(asking->arena, count + 1, sizeof(*bonus));
    struct writer_answer written;
    for (size_t i = 0; i < count; i++) {
        texts[i] = passage_to_read(asking, &asking->passages[i]);
        bonus[i] = SEARCH_WEIGHT * passage_share(asking, i);
    }
    const struct writer_request request = {
        .question = answer->asked, .passages = texts, .count = count, .bonus = bonus, .form = form};
    answer->model = "builtin:writer";
    answer->abstained = true;
    answer->is_calibrated = true;
    bool needs_passages = answer->approach != ASK_TUNE && writer_info(writer)->passages == WRITER_EACH;
    if (count == 0 && needs_passages) /* nothing to write from */
        return true;
    if (!writer_write(writer, &request, asking->arena, &written, error))
        return false;
    answer->confidence = written.chance;
    answer->abstained = !written.answers;
    if (!written.answers)
        return true;
    if (form != NULL || writer_info(writer)->form != NULL)
        return take_json(asking, written.text, error);
    take_text(asking, &written);
    return true;
}

bool answer_by_writer(struct asking *asking, struct error *error)
{
    const struct ask_request *request = asking->request;
    struct form *form = NULL;
    if (request->schema.size > 0 && !writer_read_form(request->writer, request->schema, &form, error))
        return false;
    bool ok = write_answer(asking, form, error);
    form_free(form);
    return ok;
}
