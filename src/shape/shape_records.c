/* shape_records.c - keys and the audit log, as `assay key list --json` and `assay log verify --json` print them. */
#include "shape.h"

void shape_groups(struct json_writer *json, const char *const *groups, size_t count)
{
    json_key(json, "groups");
    json_array_begin(json);
    for (size_t i = 0; i < count; i++)
        json_text(json, slice_from(groups[i]));
    json_array_end(json);
}

/* {"requests": 1000, "tokens": null, "money": null} */
void shape_quota(struct json_writer *json, struct assay_quota quota)
{
    const struct {
        const char *key;
        double amount;
    } limits[] = {{"requests", quota.requests}, {"tokens", quota.tokens}, {"money", quota.money}};
    json_key(json, "quota");
    json_object_begin(json);
    for (size_t i = 0; i < ARRAY_COUNT(limits); i++) {
        json_key(json, limits[i].key);
        if (limits[i].amount > 0)
            json_real(json, limits[i].amount, 17);
        else
            json_null(json);
    }
    json_object_end(json);
}

void shape_key(struct json_writer *json, const struct assay_key *key)
{
    const struct json_text_member texts[] = {{"name", key->name}, {"hint", key->hint}, {"state", key->state}};
    json_object_begin(json);
    json_texts(json, texts, ARRAY_COUNT(texts));
    shape_groups(json, key->groups, key->group_count);
    json_text_or_null(json, "created", key->created);
    json_text_or_null(json, "expires", key->expires);
    json_text_or_null(json, "revoked", key->revoked);
    shape_quota(json, key->quota);
    json_object_end(json);
}

void shape_log_problem(struct json_writer *json, uint64_t number, const char *message)
{
    json_object_begin(json);
    json_integers(json, &(struct json_integer_member){"entry", (int64_t)number}, 1);
    json_texts(json, &(struct json_text_member){"message", message}, 1);
    json_object_end(json);
}

void shape_log_report(struct json_writer *json, const struct assay_log_report *report)
{
    const struct json_integer_member numbers[] = {
        {"entries", (int64_t)report->entries},       {"answers", (int64_t)report->answers},
        {"erased", (int64_t)report->erased},         {"texts", (int64_t)report->texts},
        {"torn_bytes", (int64_t)report->torn_bytes}, {"heads_lost", (int64_t)report->heads_lost}};
    json_key(json, "ok");
    json_bool(json, report->first_bad == 0 && report->problems == 0);
    json_key(json, "first_bad");
    if (report->first_bad > 0)
        json_integer(json, (int64_t)report->first_bad);
    else
        json_null(json);
    json_texts(json, (const struct json_text_member[]){{"reason", report->reason}, {"root", report->root}}, 2);
    json_integers(json, numbers, ARRAY_COUNT(numbers));
}
