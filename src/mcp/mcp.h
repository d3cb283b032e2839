/* mcp.h - the Model Context Protocol: programs that work with a language model search, ask and read the project through it.
 *
 *   {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "search", "arguments": {"query": "refund window"}, "_meta": …}}
 *   {"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": …}], "structuredContent": {…}}}
 *
 * One message in, at most one out, and before it, for who sent a progressToken, how far it is. Nothing is kept from one to the next, so the
 * same function serves standard input and HTTP. Two eras are spoken: since 2026-07-28 every request tells its version in _meta; before that
 * a client began with "initialize". What a request tells decides. Tools are search, ask, get_document and, for who sees everything, audit;
 * documents are resources too. Nothing that the caller may not see is found, listed or read: each question goes through assay.h with the
 * caller's key. */
#ifndef MCP_MCP_H
#define MCP_MCP_H

#include "base/base.h"
#include <assay.h>

struct mcp_caller {
    struct assay *assay;
    const char *principal, *secret; /* as for assay_search_options: neither is the owner */
    const char *asker; /* as for assay_ask_options */
    bool sees_all; /* may audit, which looks at every document */
    bool (*going)(void *context); /* false: nobody waits any more; NULL: it goes on */
    /* Told of what the project or the model behind it is at fault for, and the caller is told no more than `told`; NULL: he is told all. */
    const char *(*on_fault)(void *context, const struct assay_error *error);
    /* Told of what was found or answered, for who counts it; may be NULL. */
    void (*on_search)(void *context, const struct assay_results *results);
    void (*on_answer)(void *context, const struct assay_answer *answer);
    void (*on_used)(void *context,
                    const struct assay_answer *answer); /* one that failed: what it used all the same; may be NULL */
    /* A field of HTTP beside the message ("Mcp-Name"), which must agree with it; data NULL: it is absent. NULL: there is no HTTP. */
    struct slice (*field)(void *context, const char *name);
    /* Takes what is said before the reply: how far it is; NULL: nothing is. */
    void (*on_message)(void *context, struct slice message);
    void *context;
};

#define MCP_MESSAGE_BYTES_MAX ((size_t)4 << 20)

/* Answers one message, or an array of them. Returns HTTP's status; 202: there is nothing to answer, and `out` stays empty. */
unsigned mcp_answer(const struct mcp_caller *caller, struct slice message, struct buffer *out);

#endif
