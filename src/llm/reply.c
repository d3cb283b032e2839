/* reply.c - what dialects share in reading answers. A provider's answer is untrusted: bounded, and of any shape. */
#include "dialect.h"

enum { COMPLAINT_BYTES_MAX = 300 };

bool reply_read(struct slice source, struct arena *arena, struct json_value *root, struct error *error)
{
    return json_read(source, "the model's answer", arena, root, error);
}

const struct json_value *reply_get(const struct json_value *object, const char *key)
{
    return object != NULL ? json_get(object, key) : NULL;
}

void reply_text(struct reply *reply, const struct json_value *text)
{
    if (text != NULL && text->kind == JSON_TEXT)
        buffer_append_slice(&reply->text, text->text);
}

void reply_model(struct reply *reply, const struct json_value *model)
{
    if (model == NULL || model->kind != JSON_TEXT)
        return;
    buffer_clear(&reply->model);
    buffer_append_slice(&reply->model, slice_range(model->text, 0, model->text.size < 200 ? model->text.size : 200));
}

void reply_stop(struct reply *reply, const struct json_value *stop)
{
    if (stop == NULL || stop->kind != JSON_TEXT)
        return;
    buffer_clear(&reply->stop);
    buffer_append_slice(&reply->stop, stop->text);
}

void reply_logprobs(struct reply *reply, struct slice source, const struct json_value *logprobs)
{
    const struct json_value *content = reply_get(logprobs, "content");
    for (size_t i = 0; content != NULL && content->kind == JSON_ARRAY && i < content->count; i++) {
        if (reply->logprobs.size > 0)
            buffer_append_byte(&reply->logprobs, ',');
        buffer_append_slice(&reply->logprobs, slice_range(source, content->items[i].at, content->items[i].end));
    }
}

void reply_count(int64_t *count, const struct json_value *object, const char *key)
{
    enum { TOKENS_MAX = 1000000000 };
    const struct json_value *value = reply_get(object, key);
    if (value != NULL && value->kind == JSON_NUMBER && value->is_integer && value->integer >= 0 && value->integer <= TOKENS_MAX)
        *count = value->integer;
}

bool reply_complaint(const struct json_value *root, struct slice *message)
{
    const struct json_value *complaint = reply_get(root, "error");
    if (complaint == NULL || complaint->kind == JSON_NULL)
        return false;
    const struct json_value *text = complaint->kind == JSON_OBJECT ? json_get(complaint, "message") : complaint;
    *message = text != NULL && text->kind == JSON_TEXT ? text->text : SLICE("an error without a message");
    if (message->size > COMPLAINT_BYTES_MAX)
        message->size = COMPLAINT_BYTES_MAX;
    return true;
}
