/* print_tokens.c - what the HTML tokenizer makes of pages, for comparing with others (test_html.py).
 *
 *   stdin    cases { MODE NAME SIZE \n SIZE bytes }      MODE: data rcdata rawtext script plaintext cdata; NAME: "-" for none
 *   stdout   a JSON array for each, in the form of html5lib's tests */
#include "codec/html_token.h"
#include "codec/codec.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_or_null(struct json_writer *json, bool is_there, struct slice text)
{
    if (is_there)
        json_text(json, text);
    else
        json_null(json);
}

static void print_token(struct json_writer *json, const struct html_token *token)
{
    static const char *const names[] = {"", "StartTag", "EndTag", "Character", "Comment", "DOCTYPE"};
    json_array_begin(json);
    json_text(json, slice_from(names[token->kind]));
    if (token->kind == HTML_DOCTYPE) {
        print_or_null(json, token->doctype.has_name, token->text);
        print_or_null(json, token->doctype.has_public, token->doctype.public_id);
        print_or_null(json, token->doctype.has_system, token->doctype.system_id);
        json_bool(json, !token->doctype.is_quirky);
    } else
        json_text(json, token->text);
    if (token->kind == HTML_START_TAG) {
        json_object_begin(json);
        for (size_t i = 0; i < token->attribute_count; i++) {
            char name[256];
            snprintf(name, sizeof(name), SLICE_FORMAT, SLICE_ARGUMENT(token->attributes[i].name));
            json_key(json, name);
            json_text(json, token->attributes[i].value);
        }
        json_object_end(json);
        if (token->self_closing)
            json_bool(json, true);
    }
    json_array_end(json);
}

static void print_case(const char *mode, const char *name, struct slice source)
{
    static const char *const modes[] = {"data", "rcdata", "rawtext", "script", "plaintext", "cdata"}; /* ORDER html_mode */
    struct html_tokenizer *tokenizer = malloc(sizeof(*tokenizer));
    struct html_token token;
    struct buffer out;
    struct json_writer json;
    if (tokenizer == NULL)
        exit(1);
    buffer_init(&out, 64 * source.size + MIB);
    html_tokenizer_init(tokenizer, source);
    for (size_t i = 0; i < ARRAY_COUNT(modes); i++)
        if (strcmp(mode, modes[i]) == 0)
            tokenizer->mode = (enum html_mode)i;
    if (strcmp(name, "-") != 0)
        snprintf(tokenizer->raw_name, sizeof(tokenizer->raw_name), "%s", name);
    json_writer_init(&json, &out);
    json_array_begin(&json);
    for (html_next(tokenizer, &token); token.kind != HTML_END_OF_FILE; html_next(tokenizer, &token))
        print_token(&json, &token);
    json_array_end(&json);
    printf("%s\n", buffer_text(&out));
    html_tokenizer_release(tokenizer);
    free(tokenizer);
    buffer_release(&out);
}

int main(void)
{
    char line[256], mode[16], name[64];
    unsigned long size;
    while (fgets(line, sizeof(line), stdin) != NULL) {
        char *end = NULL, *at = strchr(line, ' ');
        if (at == NULL || at - line >= (long)sizeof(mode))
            return 1;
        snprintf(mode, sizeof(mode), "%.*s", (int)(at - line), line);
        char *second = strchr(at + 1, ' ');
        if (second == NULL || second - at > (long)sizeof(name))
            return 1;
        snprintf(name, sizeof(name), "%.*s", (int)(second - at - 1), at + 1);
        size = strtoul(second + 1, &end, 10);
        char *bytes = malloc(size + 1);
        if (bytes == NULL || fread(bytes, 1, size, stdin) != size)
            return 1;
        print_case(mode, name, (struct slice){bytes, size});
        free(bytes);
    }
    return 0;
}
