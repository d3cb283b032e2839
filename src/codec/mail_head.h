/* mail_head.h - the fields at the beginning of a mail and of each of its parts. Private to this room. */
#ifndef CODEC_MAIL_HEAD_H
#define CODEC_MAIL_HEAD_H

#include "codec.h"

/* Cuts a message or part at its first empty line. What does not begin with a field has an empty head. */
void mail_split(struct slice message, struct slice *head, struct slice *body);

/* The value of the first field of that name, in one line, still encoded; empty when there is none. */
struct slice mail_field(struct slice head, const char *name, struct arena *arena);

/* The same as a person reads it: encoded words decoded, in UTF-8. */
struct slice mail_field_text(struct slice head, const char *name, struct arena *arena);
struct slice mail_decode_words(struct slice value, struct arena *arena);

/* What stands before the first ";", in small letters: "text/plain". */
struct slice mail_main_value(struct slice value, struct arena *arena);

/* A parameter behind it, with RFC 2231's continuations and encodings: charset, boundary, filename. Empty when there is none. */
struct slice mail_parameter(struct slice value, const char *name, struct arena *arena);

/* A date of RFC 5322 as "2024-05-01T10:30:00Z"; empty when it is none. */
struct slice mail_date(struct slice value, struct arena *arena);

/* Takes a line off `rest`: up to LF, CR LF, or CR. */
bool mail_next_line(struct slice *rest, struct slice *line);

/* mail_decode.c: appends what base64 and quoted-printable stand for; what is neither is passed over or kept as it is. */
void base64_decode(struct slice text, struct buffer *out);
void quoted_printable_decode(struct slice text, bool is_word, struct buffer *out); /* is_word: "_" is a space */

bool slice_equal_lower(struct slice text, const char *lower); /* whatever the case of its ASCII letters */

/* mail_text.c: the lines of a body, or the blocks of a page, into blocks. `level` is that of the heading above. */
void mail_add_plain(struct extract *extract, struct slice text, unsigned level, bool is_flowed, bool drops_space);
void mail_add_page(struct extract *extract, struct slice page, const struct blocks *blocks, unsigned level);
unsigned mail_level(unsigned above, unsigned level); /* of a heading so many below another one */

#endif
