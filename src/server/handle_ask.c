/* handle_ask.c - our own way to ask: what `assay ask --json` tells, over HTTP. */
#include "conversation.h"
#include "shape/shape.h"

/* What was asked before, and answered: [{"question", "answer"}]. */
static bool read_turns(struct talk *talk, const struct json_value *list)
{
    struct exchange *exchange = talk->exchange;
    if (list == NULL)
        return true;
    if (list->count > TALK_TURNS_MAX)
        return talk_refuse(exchange, "turns", "has more turns than are remembered, 20: send the last ones");
    for (size_t i = 0; i < list->count; i++) {
        const struct json_value *turn = &list->items[i];
        const struct json_value *question = turn->kind == JSON_OBJECT ? json_get(turn, "question") : NULL;
        const struct json_value *answer = turn->kind == JSON_OBJECT ? json_get(turn, "answer") : NULL;
        if (question == NULL || answer == NULL)
            return talk_refuse(exchange, "turns", "has one that is not {\"question\", \"answer\"}");
        if (!request_line(exchange, "turns", question, &talk->turns[i].question) ||
            !request_line(exchange, "turns", answer, &talk->turns[i].answer))
            return false;
    }
    talk->options.turns = talk->turns;
    talk->options.turn_count = list->count;
    return true;
}

/* Which passages it is answered from. */
static bool read_search(struct talk *talk, const struct json_value *root)
{
    static const char *const modes[] = {"auto", "hybrid", "text", "vector"};
    struct exchange *exchange = talk->exchange;
    struct assay_error error;
    const struct json_value *mode, *filter;
    int64_t k;
    if (!request_whole(exchange, root, "k", 1, LIMIT_RESULTS, 0, &k) ||
        !request_member(exchange, root, "mode", JSON_TEXT, &mode) ||
        !request_member(exchange, root, "filter", JSON_TEXT, &filter) ||
        (filter != NULL && !request_line(exchange, "filter", filter, &talk->options.filter)))
        return false;
    talk->options.k = (size_t)k;
    if (talk->options.filter != NULL && !assay_filter_check(talk->options.filter, &error)) {
        respond_refusal(exchange, 400, "invalid_filter", "filter", "%s", error.message);
        return false;
    }
    for (size_t i = 0; mode != NULL && i < ARRAY_COUNT(modes); i++)
        if (slice_equal_text(mode->text, modes[i]))
            talk->options.mode = modes[i];
    return mode == NULL || talk->options.mode != NULL ||
           talk_refuse(exchange, "mode", "is neither auto, hybrid, text nor vector");
}

static bool read_asked(struct talk *talk, const struct json_value *root)
{
    static const char *const known[] = {"question", "turns", "k", "mode", "filter", "schema"};
    struct exchange *exchange = talk->exchange;
    const struct json_value *turns, *schema;
    if (!request_knows(exchange, root, known, ARRAY_COUNT(known)))
        return false;
    const struct json_value *question = json_get(root, "question");
    if (question == NULL) {
        respond_refusal(exchange, 400, "missing_required_parameter", "question", "\"question\" is missing");
        return false;
    }
    return request_line(exchange, "question", question, &talk->question) &&
           request_member(exchange, root, "turns", JSON_ARRAY, &turns) &&
           request_member(exchange, root, "schema", JSON_OBJECT, &schema) && read_turns(talk, turns) &&
           read_search(talk, root) && (schema == NULL || talk_read_schema(talk, schema, "schema"));
}

void handle_ask(struct exchange *exchange)
{
    struct json_value root;
    struct json_writer json;
    struct assay_answer answer = {0};
    struct talk talk;
    talk_begin(&talk, exchange, "question");
    if (!request_json(exchange, &root) || !read_asked(&talk, &root) || !talk_ask(&talk, "schema", &answer))
        return;
    respond_begin(exchange, &json);
    shape_answer(&json, &answer);
    respond_json(exchange, &exchange->text);
    talk_release(&talk, &answer);
}
