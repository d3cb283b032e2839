/* replay.h - answers kept by request, so that a measurement can be done again without the provider. Private to llm.
 *
 * One line of JSON an answer: {"request":"SHA-256 of the request's body","model","text","finish","usage":{…},"took_ms"}, and where it is asked for
 * the body itself, "sent". The body holds neither key nor address, so a file can be handed on. The last line of a request counts; a line that was
 * cut off by a crash is passed over.
 *
 * A cache is of this machine, and two servers may have models of one name: its lines also say the "server", which is hashed before the body. */
#ifndef LLM_REPLAY_H
#define LLM_REPLAY_H

#include "llm.h"

struct replay;

/* Either may be NULL, not both. The file to replay must be there; the one to record into is made. */
bool replay_open(struct replay **replay, const char *record, const char *from, struct error *error) MUST_USE;
void replay_keep_requests(struct replay *replay); /* from now on with the body of each request, where it is not large */
void replay_close(struct replay *replay); /* NULL is fine */

/* Both at once: finds what was kept, also since it was opened; with `anew` only since then. The file is made when it is not there. `server`: who
 * answers; no key. */
bool replay_open_cache(struct replay **replay, const char *path, const char *server, bool anew, struct error *error) MUST_USE;

bool replay_answers(const struct replay *replay); /* from a file: nothing else is asked */
bool replay_caches(const struct replay *replay);

/* The kept answer of that body; ERROR_NOT_FOUND when there is none. */
bool replay_find(struct replay *replay, struct slice body, struct arena *arena, struct llm_answer *answer,
                 struct error *error) MUST_USE;

/* Calls each() for what a cache holds of a server with the body of its request, the oldest first. A file that is not there holds nothing. */
bool replay_each(const char *path, const char *server,
                 bool (*each)(void *context, struct slice body, const struct llm_answer *answer), void *context,
                 struct error *error) MUST_USE;

/* Keeps an answer, durably; into a cache, if that can be done. Does nothing without a file to record into. */
bool replay_keep(struct replay *replay, struct slice body, const struct llm_answer *answer, struct error *error) MUST_USE;

#endif
