/* search_ranker.h - the rankers of a handle. Private to api. */
#ifndef API_SEARCH_RANKER_H
#define API_SEARCH_RANKER_H

#include "tell.h"

/* The reranker for a search, opened when it is first needed; it stays the handle's. NULL: the search is to go without, since neither the caller
 * (`wanted`) nor the settings want one, or the settings do and there is none: then assay_reranker_note tells. A caller who wants one where there
 * is none gets an error. */
bool search_ranker(struct assay *assay, bool wanted, struct ranker **ranker, struct error *error) MUST_USE;

/* That which tells whether a passage bears a sentence of the language model out; NULL: there is no such adapter, or no model. */
bool grounding_ranker(struct assay *assay, const struct llm *llm, struct ranker **ranker, struct error *error) MUST_USE;

/* The reranker without a project: that of the project around the current folder, else the installation's. Closed by the caller. */
bool search_ranker_here(struct pool *pool, struct ranker **ranker, struct error *error) MUST_USE;

#endif
