/* offer.h - what the files share that offer a project's documents. Private. */
#ifndef MCP_OFFER_H
#define MCP_OFFER_H

#include "call.h"

/* tools.c */
extern const struct mcp_offered document_tools[];
/* A passage as a model reads it: "[2] docs/a.md:12-14 (Refunds)", and its text below. */
void append_hit(struct buffer *out, size_t number, const struct assay_hit *hit);
/* Lines `first` to `last` of the document: 128 KiB of them at the most, and then from where it goes on. */
MUST_USE bool append_lines(struct mcp_call *call, const char *path, int64_t first, int64_t last, struct buffer *out,
                           struct assay_error *error);

/* prompts.c */
extern const struct mcp_offered document_prompts[];

/* resources.c */
extern const struct mcp_offered document_templates[];
struct slice document_address(struct arena *arena, const char *path);
void list_documents(struct mcp_call *call);
void read_document(struct mcp_call *call, const struct json_value *address);

/* complete.c */
void complete_path(struct mcp_call *call, bool is_prompt, struct slice argument, struct slice typed);

#endif
