/* handle_keys.c - keys, made, listed and revoked by who sees every document. A new key's secret is told once, here. */
#include "exchange.h"
#include "shape/shape.h"
#include <string.h>

static bool list_key(void *context, const struct assay_key *key)
{
    shape_key(context, key);
    return true;
}

void handle_keys(struct exchange *exchange)
{
    struct json_writer json;
    struct assay_error error;
    list_begin(exchange, &json);
    if (!assay_key_list(exchange->hands->assay, list_key, &json, &error)) {
        respond_error(exchange, &error);
        return;
    }
    list_end(exchange, &json);
}

/* A text of one line; NULL: refused. */
static const char *line_of(struct exchange *exchange, const struct json_value *value, const char *key)
{
    if (value != NULL && value->kind == JSON_TEXT && value->text.size <= LIMIT_LABEL_BYTES &&
        (value->text.size == 0 || memchr(value->text.data, '\0', value->text.size) == NULL))
        return arena_text(&exchange->arena, value->text);
    respond_refusal(exchange, 400, "invalid_value", key, "\"%s\" is no text, or a long one", key);
    return NULL;
}

/* {"requests": 1000, "tokens": null}: what it may use in a day; null, or nothing, is no limit. */
static bool read_quota(struct exchange *exchange, const struct json_value *root, struct assay_quota *quota)
{
    const struct {
        const char *key;
        double *amount;
    } limits[] = {{"requests", &quota->requests}, {"tokens", &quota->tokens}, {"money", &quota->money}};
    const struct json_value *wanted;
    size_t known = 0;
    if (!request_member(exchange, root, "quota", JSON_OBJECT, &wanted))
        return false;
    for (size_t i = 0; wanted != NULL && i < ARRAY_COUNT(limits); i++) {
        const struct json_value *value = json_get(wanted, limits[i].key);
        known += value != NULL;
        if (value == NULL || value->kind == JSON_NULL)
            continue;
        if (value->kind != JSON_NUMBER || !(value->real > 0)) {
            respond_refusal(exchange, 400, "invalid_value", "quota", "\"%s\" of the quota is no number above 0", limits[i].key);
            return false;
        }
        *limits[i].amount = value->real;
    }
    if (wanted != NULL && known < wanted->count) {
        respond_refusal(exchange, 400, "invalid_value", "quota", "a quota has requests, tokens and money, and nothing else");
        return false;
    }
    return true;
}

static bool read_key_wanted(struct exchange *exchange, struct assay_key_add_options *options)
{
    struct json_value root;
    const struct json_value *groups, *expires;
    if (!request_json(exchange, &root) || (options->name = line_of(exchange, json_get(&root, "name"), "name")) == NULL ||
        !request_member(exchange, &root, "groups", JSON_ARRAY, &groups) ||
        !request_member(exchange, &root, "expires", JSON_TEXT, &expires) || !read_quota(exchange, &root, &options->quota))
        return false;
    if (expires != NULL && (options->expires = line_of(exchange, expires, "expires")) == NULL)
        return false;
    options->group_count = groups != NULL ? groups->count : 0;
    if (options->group_count > LIMIT_KEY_GROUPS) {
        respond_refusal(exchange, 400, "limit", "groups", "a key has at the most %zu groups", LIMIT_KEY_GROUPS);
        return false;
    }
    const char **names = arena_alloc(&exchange->arena, options->group_count, sizeof(*names));
    for (size_t i = 0; i < options->group_count; i++)
        if ((names[i] = line_of(exchange, &groups->items[i], "groups")) == NULL)
            return false;
    options->groups = names;
    return true;
}

void handle_key_make(struct exchange *exchange)
{
    struct json_writer json;
    struct assay_error error;
    struct assay_key_add_options options = {0};
    char secret[ASSAY_SECRET_BYTES];
    if (!read_key_wanted(exchange, &options))
        return;
    if (!assay_key_add(exchange->hands->assay, &options, secret, &error)) {
        respond_error(exchange, &error);
        return;
    }
    respond_begin(exchange, &json);
    json_object_begin(&json);
    json_text_or_null(&json, "object", "key");
    json_text_or_null(&json, "name", options.name);
    json_text_or_null(&json, "key", secret);
    explicit_bzero(secret, sizeof(secret));
    json_object_end(&json);
    respond_json(exchange, &exchange->text);
}

/* Not the one that asks: who locks everybody out of the page shall mean it, and do so with `assay key revoke`. */
void handle_key_revoke(struct exchange *exchange)
{
    struct json_writer json;
    struct assay_error error;
    const char *name = arena_text(&exchange->arena, exchange->match.parts[0]);
    if (strcmp(name, exchange->key.name) == 0) {
        respond_refusal(exchange, 409, "conflict", NULL, "this is the key that asks; `assay key revoke` revokes it too");
        return;
    }
    if (!assay_key_revoke(exchange->hands->assay, name, &error)) {
        respond_error(exchange, &error);
        return;
    }
    respond_begin(exchange, &json);
    json_object_begin(&json);
    json_text_or_null(&json, "revoked", name);
    json_object_end(&json);
    respond_json(exchange, &exchange->text);
}
