/* members.h - the members of the objects in a tokenizer.json, with the complaint that each deserves. `name` says whose they are:
 * "normalizer of \"tokenizer.json\"". */
#ifndef TEXT_MEMBERS_H
#define TEXT_MEMBERS_H

#include "codec/codec.h"

/* A copy of the text in the arena; absent or null: *text as it was, unless it is required. */
bool member_text(const struct json_value *object, const char *name, const char *key, bool is_required, struct arena *arena,
                 struct slice *text, struct error *error) MUST_USE;

/* Absent or null: *flag as it was. */
bool member_flag(const struct json_value *object, const char *name, const char *key, bool *flag, struct error *error) MUST_USE;

/* A whole number of 0 … max; absent or null: *count as it was, unless it is required. */
bool member_count(const struct json_value *object, const char *name, const char *key, bool is_required, uint64_t max,
                  uint64_t *count, struct error *error) MUST_USE;

/* One character as a text. */
bool member_character(const struct json_value *object, const char *name, const char *key, uint32_t *character,
                      struct error *error) MUST_USE;

/* The place of a text in a list of names, which a complaint shows: `what` is "type of normalizer". */
bool name_among(struct slice text, const char *const *names, size_t count, const char *what, const char *name, size_t *place,
                struct error *error) MUST_USE;

/* The member "type", as a place in the list. */
bool member_type(const struct json_value *object, const char *name, const char *what, const char *const *names, size_t count,
                 size_t *place, struct error *error) MUST_USE;

#endif
