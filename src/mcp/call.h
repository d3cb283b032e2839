/* call.h - one message and its reply, for the files of this room. Private. */
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
    const struct mcp_fields *fields;
    struct slice message; /* the source of the values */
    struct arena *arena;
    const struct json_value *id; /* NULL: it wants no reply */
    struct slice method;
    const struct json_value *params; /* an object; NULL: none */
    bool is_modern; /* since 2026-07-28 */
    unsigned status; /* HTTP's, of the reply */
    struct json_writer json; /* of the reply */
};

/* A reply is whole: either begin … end, with members of the result in between, or fail. */
void call_begin(struct mcp_call *call);
void call_cacheable(struct mcp_call *call, int64_t milliseconds); /* how long the result may be kept; by this caller alone */
void call_end(struct mcp_call *call);
/* `status` is HTTP's for the newer era; the older one has 200 for whatever was understood. */
void call_fail(struct mcp_call *call, unsigned status, enum mcp_code code, const char *format, ...) PRINTF_LIKE(4, 5);

/* There is no resource at this address (NULL: none was told). */
void call_no_resource(struct mcp_call *call, const struct json_value *address);

/* A member of the params that is a text; NULL: absent or another kind. */
const struct json_value *call_text(const struct mcp_call *call, const char *key);

/* What the caller is told of an error: the message with its hint, or what on_fault says. */
const char *call_reason(struct mcp_call *call, const struct assay_error *error);

/* tools.c */
void call_tools_list(struct mcp_call *call);
void call_tools_call(struct mcp_call *call);
/* A passage as a model reads it: "[2] docs/a.md:12-14 (Refunds)", and its text below. */
void call_append_hit(struct buffer *out, size_t number, const struct assay_hit *hit);
/* Lines `first` to `last` of the document: 128 KiB of them at the most, and then from where it goes on. */
MUST_USE bool call_append_lines(struct mcp_call *call, const char *path, int64_t first, int64_t last, struct buffer *out,
                                struct assay_error *error);

/* resources.c */
void call_resources_list(struct mcp_call *call);
void call_resource_templates(struct mcp_call *call);
void call_resources_read(struct mcp_call *call);
struct slice call_address(struct arena *arena, const char *path);
#define MCP_ADDRESS_START "assay://documents/"
#define MCP_ADDRESS_TEMPLATE MCP_ADDRESS_START "{+path}"

/* prompts.c */
void call_prompts_list(struct mcp_call *call);
void call_prompts_get(struct mcp_call *call);
bool call_is_prompt(struct slice name);

/* complete.c */
void call_complete(struct mcp_call *call);

#endif
