/* call.h - one message and its reply, and what is offered behind the protocol. Private.
 *
 *   mcp.c, call.c     the protocol: messages, eras, fields of HTTP, errors, lists, progress
 *   mcp_offer         a table of names with the functions that answer to them: that of offer.c, whose rest is tools.c, prompts.c,
 *                     resources.c and complete.c
 *
 * A program that defines a mcp_offer of its own is linked with that, and offers it by the same protocol: tests do. */
#ifndef MCP_CALL_H
#define MCP_CALL_H

#include "mcp.h"
#include "codec/codec.h"

enum mcp_code {
    MCP_PARSE_ERROR = -32700,
    MCP_INVALID_REQUEST = -32600,
    MCP_NO_METHOD = -32601,
    MCP_INVALID_PARAMS = -32602,
    MCP_INTERNAL = -32603,
    MCP_HEADER_MISMATCH = -32020,
    MCP_UNSUPPORTED_VERSION = -32022,
    MCP_NO_RESOURCE = -32002 /* before 2026-07-28; then it is MCP_INVALID_PARAMS */
};

struct mcp_call {
    const struct mcp_caller *caller;
    struct slice message; /* the source of the values */
    struct arena *arena;
    const struct json_value *id; /* NULL: it wants no reply */
    struct slice method;
    const struct json_value *params; /* an object; NULL: none */
    bool is_modern; /* since 2026-07-28 */
    unsigned status; /* HTTP's, of the reply */
    struct json_writer json; /* of the reply */
};

/* ---- what is offered ---- */

/* A tool, a prompt, or a template of resources. */
struct mcp_offered {
    const char *name; /* of a template: its address */
    const char *form; /* as it is listed: JSON */
    bool sees_all; /* for who sees everything */
    void (*answer)(struct mcp_call *call, const struct json_value *arguments); /* an object or NULL; a template has none */
};

struct mcp_offer {
    const char *instructions; /* for the client's model */
    const struct mcp_offered *tools, *prompts, *templates; /* each ends with one without a name */
    void (*list_resources)(struct mcp_call *call);
    void (*read_resource)(struct mcp_call *call, const struct json_value *address);
    /* How the argument of a prompt, or else of a template, may go on; both are there. */
    void (*complete)(struct mcp_call *call, bool is_prompt, struct slice argument, struct slice typed);
};
extern const struct mcp_offer mcp_offer;

#define META_KEY "io.modelcontextprotocol/"

/* ---- the reply: begin … end with members of the result in between, or error_begin … error_end, or what makes all of it ---- */

void call_begin(struct mcp_call *call);
void call_begin_as(struct mcp_call *call, const char *type); /* the result's, which call_begin has as "complete" */
void call_cacheable(struct mcp_call *call, int64_t milliseconds); /* how long the result may be kept; by this caller alone */
void call_end(struct mcp_call *call);
void call_write_server(struct json_writer *json); /* who answers */
void call_write_text(struct mcp_call *call, struct slice text); /* "content" of a tool's result, which is a text alone */
/* How an argument may go on: 100 values at the most, as the protocol has it. */
void call_completed(struct mcp_call *call, const char *const *values, size_t count, bool has_more);

void call_error_begin(struct mcp_call *call, int code, const char *message); /* members of the error may follow */
void call_error_end(struct mcp_call *call);
/* `status` is HTTP's for the newer era; the older one has 200 for whatever was understood. */
void call_fail(struct mcp_call *call, unsigned status, enum mcp_code code, const char *format, ...) PRINTF_LIKE(4, 5);
/* There is no resource at this address (NULL: none was told). */
void call_no_resource(struct mcp_call *call, const struct json_value *address);
/* A tool's result that says what went wrong, so that the model that called it can mend it; always false. */
bool call_refuse(struct mcp_call *call, const char *format, ...) PRINTF_LIKE(2, 3);

/* ---- beside the reply ---- */

/* A member of the params; NULL: absent, or no text where that is asked for. */
const struct json_value *call_param(const struct mcp_call *call, const char *key);
const struct json_value *call_text(const struct mcp_call *call, const char *key);

/* A field of HTTP ("Mcp-Name"), and whether it says what the message has; false: refused. */
struct slice call_field(const struct mcp_call *call, const char *name);
bool call_check_field(struct mcp_call *call, const char *name, struct slice wanted);

/* What the caller is told of an error: the message with its hint, or what on_fault says. */
const char *call_reason(struct mcp_call *call, const struct assay_error *error);

/* Tells who asked for it how far it is: `done`, which grows from one to the next, of `total` (0: that is not known). */
void call_progress(struct mcp_call *call, int64_t done, int64_t total, const char *message);

#endif
