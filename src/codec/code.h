/* code.h - source code cut into lines of which is known what they are. Private to this room. */
#ifndef CODEC_CODE_H
#define CODEC_CODE_H

#include "codec.h"

/* What a language looks like, as far as it takes to find its parts. */
struct code_language {
    const char *name;
    const char *extensions; /* "py pyi" */
    const char *interpreters; /* behind #! */
    const char *line_comments; /* "//", "#"; several behind spaces */
    const char *comment_begin, *comment_end; /* NULL: none */
    const char *quotes; /* of texts that end in their line */
    const char *long_quotes; /* of those that may not, behind spaces */
    const char *open, *close; /* what nests */
    bool by_indent; /* parts end where indentation does, else where nesting does */
    bool has_semicolons; /* a line that ends without one goes on in the next */
    bool has_directives; /* lines that begin with "#" are for the preprocessor */
    bool has_here_texts; /* <<END … END */
    bool has_patterns; /* "/" may begin a regular expression */
};

/* By the file's name, else by its first line ("#!"); NULL: none that is known. */
const struct code_language *code_language_of(struct slice source, const char *name);

struct code_line {
    size_t start, end; /* without its line end */
    unsigned indent;
    unsigned depth;       /* of nesting at its beginning */
    char first, last;     /* of its code; '\0': there is none */
    bool is_blank;
    bool is_inside;       /* it begins within a text */
    bool in_comment;      /* it begins within a comment */
    bool is_directive;
};

struct code_lines {
    struct code_line *items;
    size_t count;
};

/* All lines, and behind them one that says how the last one ended. */
void code_scan(struct slice source, const struct code_language *language, struct arena *arena, struct code_lines *lines);

/* Whether the word stands at the beginning of the text, and ends there. */
bool code_starts_with_word(struct slice text, struct slice word);

#endif
