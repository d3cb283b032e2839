/* query.c - finds the marks in a question. A mark that is not complete is no mark: a quotation mark without its second, a star that stands
 * alone. */
#include "query.h"
#include <string.h>

struct parser {
    struct query_syntax *syntax;
    struct arena *arena;
    size_t capacity;
    char *text; /* a copy of the question, made when there is something to take out; NULL: nothing yet */
};

static void add_mark(struct parser *parser, struct query_mark mark)
{
    struct query_syntax *syntax = parser->syntax;
    syntax->marks = arena_more(parser->arena, syntax->marks, syntax->count, &parser->capacity, sizeof(*syntax->marks));
    syntax->marks[syntax->count++] = mark;
}

static void take_out(struct parser *parser, size_t start, size_t end)
{
    if (parser->text == NULL) {
        parser->text = arena_text(parser->arena, parser->syntax->text);
        parser->syntax->text.data = parser->text;
    }
    memset(parser->text + start, ' ', end - start);
}

/* A byte of a word: a letter, a digit, or any byte of a character beyond ASCII. */
static bool is_word_byte(char byte)
{
    unsigned char value = (unsigned char)byte;
    return value >= 0x80 || (value >= '0' && value <= '9') || (value >= 'A' && value <= 'Z') || (value >= 'a' && value <= 'z');
}

static bool word_at(struct slice text, size_t at)
{
    return at < text.size && is_word_byte(text.data[at]);
}

/* "title:" at `at`, in any case; returns its bytes, 0 when it is not there. */
static size_t field_name(struct slice text, size_t at, enum index_field *field)
{
    static const struct {
        const char *name;
        enum index_field field;
    } names[] = {{"title:", INDEX_TITLE}, {"heading:", INDEX_HEADINGS}, {"headings:", INDEX_HEADINGS}};
    if (at > 0 && word_at(text, at - 1))
        return 0;
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        size_t size = strlen(names[i].name), same = 0;
        while (same < size && at + same < text.size && (text.data[at + same] | 0x20) == (names[i].name[same] | 0x20))
            same++;
        if (same == size && word_at(text, at + size)) {
            *field = names[i].field;
            return size;
        }
    }
    return 0;
}

/* A phrase that begins at the quotation mark; returns where to go on. */
static size_t parse_phrase(struct parser *parser, size_t at)
{
    struct slice text = parser->syntax->text;
    const char *close = memchr(text.data + at + 1, '"', text.size - at - 1);
    if (close == NULL)
        return at + 1;
    size_t end = (size_t)(close - text.data);
    add_mark(parser, (struct query_mark){.kind = QUERY_PHRASE, .start = at + 1, .end = end});
    take_out(parser, at, at + 1);
    take_out(parser, end, end + 1);
    return end + 1;
}

/* A star or a tilde, which means something directly behind a word only. */
static void parse_suffix(struct parser *parser, size_t at)
{
    struct slice text = parser->syntax->text;
    size_t start = at;
    while (start > 0 && is_word_byte(text.data[start - 1]))
        start--;
    if (start == at || word_at(text, at + 1))
        return;
    enum query_kind kind = text.data[at] == '*' ? QUERY_PREFIX : QUERY_FUZZY;
    add_mark(parser, (struct query_mark){.kind = kind, .start = start, .end = at});
    take_out(parser, at, at + 1);
}

static size_t parse_field(struct parser *parser, size_t at, size_t name_size, enum index_field field)
{
    struct slice text = parser->syntax->text;
    size_t start = at + name_size, end = start;
    while (word_at(text, end))
        end++;
    add_mark(parser, (struct query_mark){.kind = QUERY_FIELD, .field = field, .start = start, .end = end});
    take_out(parser, at, start);
    return start;
}

void query_parse(struct query_syntax *syntax, struct slice question, struct arena *arena)
{
    *syntax = (struct query_syntax){.text = question};
    struct parser parser = {.syntax = syntax, .arena = arena};
    for (size_t at = 0; at < question.size;) {
        enum index_field field = INDEX_TEXT;
        size_t name_size = field_name(syntax->text, at, &field);
        if (name_size > 0) {
            at = parse_field(&parser, at, name_size, field);
        } else if (question.data[at] == '"') {
            at = parse_phrase(&parser, at);
        } else {
            if (question.data[at] == '*' || question.data[at] == '~')
                parse_suffix(&parser, at);
            at++;
        }
    }
}

const struct query_mark *query_find(const struct query_syntax *syntax, enum query_kind kind, size_t start, size_t end)
{
    for (size_t i = 0; i < syntax->count; i++) {
        const struct query_mark *mark = &syntax->marks[i];
        if (mark->kind == kind && mark->start <= start && end <= mark->end)
            return mark;
    }
    return NULL;
}

unsigned query_edits(struct slice word)
{
    size_t letters = 0;
    for (size_t i = 0; i < word.size; i++)
        letters += ((unsigned char)word.data[i] & 0xC0) != 0x80;
    return letters < 4 ? 0 : letters < 8 ? 1 : 2;
}
