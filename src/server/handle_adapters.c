/* handle_adapters.c - what was tuned in the project: each adapter with what it came from, and its figures before and after. */
#include "exchange.h"

struct adapters {
    struct exchange *exchange;
    struct json_writer json;
};

/* One whose provenance cannot be read is told as such. */
static bool write_adapter(void *context, const char *name, struct assay_text provenance)
{
    struct adapters *adapters = context;
    const struct slice text = {provenance.data, provenance.size};
    struct json_value root;
    struct error ignored;
    if (text.size > 0 && json_read(text, name, &adapters->exchange->arena, &root, &ignored) && root.kind == JSON_OBJECT) {
        json_object_begin(&adapters->json);
        json_text_or_null(&adapters->json, "folder", name); /* its own name may be the one that it was made under */
        for (size_t i = 0; i < root.count; i++) {
            json_key(&adapters->json, arena_text(&adapters->exchange->arena, root.keys[i]));
            json_again(&adapters->json, &root.items[i]);
        }
        json_object_end(&adapters->json);
    } else {
        json_object_begin(&adapters->json);
        json_text_or_null(&adapters->json, "name", name);
        json_text_or_null(&adapters->json, "problem", "its provenance.json cannot be read");
        json_object_end(&adapters->json);
    }
    return true;
}

void handle_adapters(struct exchange *exchange)
{
    struct assay_error error;
    struct adapters adapters = {.exchange = exchange};
    list_begin(exchange, &adapters.json);
    if (!assay_adapter_list(exchange->hands->assay, write_adapter, &adapters, &error)) {
        respond_error(exchange, &error);
        return;
    }
    list_end(exchange, &adapters.json);
}
