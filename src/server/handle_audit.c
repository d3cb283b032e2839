/* handle_audit.c - what is wrong with the documents, as `assay audit` finds it. It sees every document, so it is for who may. */
#include "exchange.h"
#include "shape/shape.h"

enum { FINDINGS_MAX = 500 };

static bool goes_on(void *context, const char *stage, size_t done, size_t total)
{
    (void)stage;
    (void)done;
    (void)total;
    return respond_stream_goes_on(context);
}

void handle_audit(struct exchange *exchange)
{
    struct json_writer json;
    struct assay_audit_result *result;
    struct assay_error error;
    const struct assay_audit_options options = {.on_progress = goes_on, .context = exchange};
    if (!assay_audit(exchange->hands->assay, &options, &result, &error)) {
        respond_error(exchange, &error);
        return;
    }
    respond_begin(exchange, &json);
    shape_audit(&json, assay_audit_report(result), &(struct shape_audit_options){.limit = FINDINGS_MAX});
    assay_audit_free(result);
    respond_json(exchange, &exchange->text);
}
