/* output.h - what the program prints: results on standard output, progress and errors on standard error. Private to cli. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "command.h"

/* Tells an error: as JSON on standard output with --json, else as "assay: message" and its hint on standard error. */
void output_error(const struct invocation *invocation, const struct assay_error *error);

/* The same, with the exit code that fits. */
enum exit_code output_failure(const struct invocation *invocation, const struct assay_error *error);

/* The same for a command that prints as it goes: when a part is on standard output already, or it takes no more, the error goes to
 * standard error. */
enum exit_code output_failure_midway(const struct invocation *invocation, bool started, const struct assay_error *error);

/* An error of the rooms below as one of assay.h. */
void output_from_inner(struct assay_error *error, const struct error *inner);
bool output_to_inner(struct error *inner, const struct assay_error *error); /* the other way; always false */

/* Prints a JSON document that was written into `buffer`. */
enum exit_code output_json(const struct invocation *invocation, const struct buffer *buffer);

/* In the place of what can be told of documents only. */
void output_no_documents(void);
/* "Not in the documents" is no answer of a project that has none. */
bool output_has_documents(struct assay *assay);

void output_warning(const char *message, const char *hint);

/* That the settings ask for reranking and there is no reranker, if so. */
void output_reranker_note(const struct invocation *invocation, struct assay *assay);

/* True when standard output takes colours: a terminal, and NO_COLOR not set. */
bool output_has_colour(void);
size_t output_width(void); /* columns, at most 110 */

#define STYLE_BOLD "\033[1m"
#define STYLE_DIM "\033[2m"
#define STYLE_MATCH "\033[1;33m"
#define STYLE_PLAIN "\033[0m"

/* How many bytes of the text at `at` (< text.size) a terminal must not get, and how they are shown instead: control characters, what turns
 * the direction of writing, single bytes of either. 0: it may. */
enum { OUTPUT_ESCAPED_BYTES = 8 };
size_t output_escaped(struct slice text, size_t at, char shown[OUTPUT_ESCAPED_BYTES]);

/* Text from documents, made safe for a terminal: control characters, line breaks too, are shown, not sent. */
void output_text(FILE *out, struct slice text);
void output_lines(FILE *out, struct slice text); /* the same, but line ends stay */

/* Where a passage stands: "docs/returns.md:12-14", or a page. */
void output_place(const char *document, size_t page, bool is_extracted, size_t line, size_t line_end);

/* "1,234" · "4.5 MB" · "0.83 s"; in the caller's room. */
#define NUMBER_TEXT_BYTES 32
const char *number_text(char text[NUMBER_TEXT_BYTES], size_t number);
const char *size_text(char text[NUMBER_TEXT_BYTES], size_t bytes);
const char *time_text(char text[NUMBER_TEXT_BYTES], double milliseconds);

/* Progress of long work: a bar with rate and time left on a terminal, a plain line now and then elsewhere. */
struct progress {
    bool shown, is_terminal, drawn;
    bool is_followed; /* by another program, which said how often it wants a line: ASSAY_PROGRESS_MS */
    const char *stage;
    uint64_t every_ns, start_ns, last_ns;
};
void progress_init(struct progress *progress, const struct invocation *invocation);
void progress_init_stream(struct progress *progress, const struct invocation *invocation); /* hidden when results scroll by */
/* `total` 0: not known. */
void progress_step(struct progress *progress, const char *stage, size_t done, size_t total);
void progress_clear(struct progress *progress); /* before other lines are printed */

/* True once the person has pressed Ctrl-C (a second time ends the program at once). */
void interrupt_watch(void);
bool interrupted(void);

#endif
