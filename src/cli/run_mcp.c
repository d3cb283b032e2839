/* run_mcp.c - `assay mcp`: messages of the Model Context Protocol, a line each, from standard input; replies on standard output. */
#include "as_option.h"
#include "output.h"
#include "mcp/mcp.h"

/* False: nobody reads it any more. */
static bool write_line(struct slice message)
{
    return fwrite(message.data, 1, message.size, stdout) == message.size && fputc('\n', stdout) != EOF && fflush(stdout) == 0;
}

static void on_message(void *context, struct slice message)
{
    (void)context;
    (void)write_line(message); /* the reply, which comes behind it, shows it too */
}

/* False: nobody reads the replies any more. */
static bool reply(const struct mcp_caller *caller, struct slice message, struct buffer *out)
{
    buffer_clear(out);
    (void)mcp_answer(caller, message, out);
    return out->size == 0 || write_line(buffer_slice(out));
}

static enum exit_code serve(const struct invocation *invocation, const struct mcp_caller *caller)
{
    struct lines lines;
    struct buffer out;
    struct error inner;
    const struct slice *batch;
    size_t count = 1;
    bool ok = true, is_read = true;
    buffer_init(&out, LIMIT_JSON_BYTES);
    lines_init(&lines, NULL, 0);
    while (is_read && ok && count > 0) {
        ok = lines_next(&lines, 1, &batch, &count, &inner);
        if (ok && count > 0 && slice_trim(batch[0]).size > 0)
            is_read = reply(caller, batch[0], &out);
    }
    lines_release(&lines);
    buffer_release(&out);
    if (ok)
        return EXIT_DONE;
    struct assay_error error;
    output_from_inner(&error, &inner);
    return output_failure_midway(invocation, true, &error);
}

enum exit_code run_mcp(struct invocation *invocation)
{
    struct assay *assay = NULL;
    struct assay_error error;
    struct as_option as;
    if (!assay_open(&assay, &(struct assay_open_options){.folder = invocation_option(invocation, "project")}, &error) ||
        !as_option_read(invocation, assay, &as, &error)) {
        assay_close(assay);
        return output_failure_midway(invocation, true, &error); /* standard output is for replies alone */
    }
    const struct mcp_caller caller = {.assay = assay,
                                      .principal = as.principal,
                                      .asker = as.asker,
                                      .sees_all = as.principal == NULL,
                                      .on_message = on_message};
    enum exit_code code = serve(invocation, &caller);
    assay_close(assay);
    return code;
}
