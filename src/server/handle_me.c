/* handle_me.c - who asks, what the key is good for, and what of the project it may know: what the page begins with. */
#include "exchange.h"

static void write_flag(struct json_writer *json, const char *key, bool is)
{
    json_key(json, key);
    json_bool(json, is);
}

void handle_me(struct exchange *exchange)
{
    struct json_writer json;
    struct assay_error error;
    struct assay_documents_total totals;
    struct assay *assay = exchange->hands->assay;
    const struct assay_documents_options options = {.secret = exchange->as};
    if (!assay_documents_count(assay, &options, NULL, &totals, &error)) {
        respond_error(exchange, &error);
        return;
    }
    const struct json_text_member texts[] = {{"object", "key"}, {"name", exchange->key.name}, {"version", assay_version()}};
    respond_begin(exchange, &json);
    json_object_begin(&json);
    json_texts(&json, texts, ARRAY_COUNT(texts));
    json_key(&json, "project");
    json_text(&json, path_name(assay_folder(assay)));
    write_flag(&json, "is_admin", exchange->key.is_admin);
    write_flag(&json, "may_measure", exchange->key.may_measure);
    write_flag(&json, "may_write", exchange->key.may_write);
    json_integers(&json, &(struct json_integer_member){"documents", (int64_t)totals.documents}, 1);
    json_object_end(&json);
    respond_json(exchange, &exchange->text);
}
