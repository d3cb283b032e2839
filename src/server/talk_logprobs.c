/* talk_logprobs.c - how likely the tokens of an answer were: those of a language model that stand in it, or the labels of a fine-tuned classifier. */
#include "conversation.h"
#include <math.h>

enum { OTHERS_MAX = 20 };

bool talk_read_logprobs(struct talk *talk, const struct json_value *root, bool wants, const char *key)
{
    struct exchange *exchange = talk->exchange;
    struct assay_server_settings settings;
    int64_t others;
    if (!request_whole(exchange, root, "top_logprobs", 0, OTHERS_MAX, 0, &others))
        return false;
    if (!wants)
        return others == 0 ||
               talk_refuse(exchange, "top_logprobs", arena_format(&exchange->arena, "goes with \"%s\" alone", key));
    talk->options.logprobs = true;
    talk->options.top_logprobs = (unsigned)others;
    if (talk->tuned.id != NULL) /* a classifier has them, a writer is refused once it is opened */
        return true;
    assay_server_settings(exchange->hands->assay, &settings);
    if (settings.has_language_model && !settings.tells_logprobs)
        return talk_refuse(exchange, key, "is not supported: the API of the model that `model` of assay.yaml names has none");
    return talk_needs_model(talk, key, "logprobs of tokens");
}

static void write_label(struct json_writer *json, const struct assay_tuned_answer *said, size_t i)
{
    const char *label = said->labels[i];
    json_texts(json, &(struct json_text_member){"token", label}, 1);
    json_key(json, "logprob");
    json_real(json, fmax(log((double)said->chances[i]), -100), 6);
    json_key(json, "bytes");
    json_array_begin(json);
    for (; *label != '\0'; label++)
        json_integer(json, (unsigned char)*label);
    json_array_end(json);
}

bool talk_label_logprobs(struct talk *talk, const struct assay_tuned_answer *said, struct assay_answer *answer)
{
    struct exchange *exchange = talk->exchange;
    struct json_writer json;
    struct buffer text;
    struct error error;
    if (said->label_count == 0)
        return talk_refuse(exchange, "logprobs",
                           "is not supported by this model: it writes texts; one that gives labels has them");
    buffer_init(&text, LIMIT_JSON_BYTES);
    json_writer_init(&json, &text);
    json_array_begin(&json);
    json_object_begin(&json);
    write_label(&json, said, 0);
    json_key(&json, "top_logprobs");
    json_array_begin(&json);
    for (size_t i = 0; i < said->label_count && i < talk->options.top_logprobs; i++) {
        json_object_begin(&json);
        write_label(&json, said, i);
        json_object_end(&json);
    }
    json_array_end(&json);
    json_object_end(&json);
    json_array_end(&json);
    answer->logprobs = arena_text(&exchange->arena, buffer_slice(&text));
    bool ok = buffer_finish(&text, "the labels", &error);
    buffer_release(&text);
    return ok || respond_inner(exchange, &error);
}

void talk_write_logprobs(struct json_writer *json, const char *key, const struct assay_answer *answer)
{
    json_key(json, key);
    json_raw(json, answer->logprobs != NULL ? slice_from(answer->logprobs) : SLICE("[]"));
}
