/* kept_tokens.c - what the provider tells of the tokens that a model wrote, for those that stand in the answer. A text is checked, unmarked and cut before
 * it is given: what was left out of it must not come in by its tokens.
 *
 *   written:   Refunds take 14 days [1]. They are free [2].
 *   kept:      ######################## .................     (nothing bears the second sentence out)
 *   tokens:    those of which every byte but white space is kept */
#include "ask_parts.h"
#include <string.h>

void tokens_keep(bool *kept, struct slice written, struct slice given)
{
    size_t at = 0;
    for (size_t i = 0; kept != NULL && i < written.size; i++) {
        /* what was put in, or written otherwise, is found nowhere */
        while (at < given.size && memchr(written.data + i, given.data[at], written.size - i) == NULL)
            at++;
        kept[i] = at < given.size && written.data[i] == given.data[at];
        at += kept[i];
    }
}

/* Its bytes as the provider tells them: a character may be of several tokens. False: they are not told. */
static bool token_bytes(const struct json_value *token, struct arena *arena, struct slice *bytes)
{
    const struct json_value *told = json_get(token, "bytes");
    if (told == NULL || told->kind != JSON_ARRAY) {
        const struct json_value *text = json_get(token, "token");
        *bytes = json_text_at(token, "token");
        return text != NULL && text->kind == JSON_TEXT;
    }
    char *copy = arena_alloc(arena, told->count + 1, 1);
    for (size_t i = 0; i < told->count; i++) {
        const struct json_value *byte = &told->items[i];
        if (byte->kind != JSON_NUMBER || !byte->is_integer || byte->integer < 0 || byte->integer > UINT8_MAX)
            return false;
        copy[i] = (char)byte->integer;
    }
    *bytes = (struct slice){copy, told->count};
    return true;
}

static bool stands(const bool *kept, struct slice token, size_t at)
{
    bool any = false;
    for (size_t i = 0; i < token.size; i++) {
        if (!kept[at + i] && !byte_among(token.data[i], " \n\t\r"))
            return false;
        any = any || kept[at + i];
    }
    return any;
}

/* Members of a token, or of one that might have stood in its place. */
static void write_odds(const struct json_value *token, struct slice bytes, struct json_writer *json)
{
    const struct json_value *logprob = json_get(token, "logprob");
    json_key(json, "token");
    json_text(json, json_text_at(token, "token"));
    json_key(json, "logprob");
    if (logprob != NULL && logprob->kind == JSON_NUMBER)
        json_raw(json, logprob->text);
    else
        json_null(json);
    json_key(json, "bytes");
    json_array_begin(json);
    for (size_t i = 0; i < bytes.size; i++)
        json_integer(json, (unsigned char)bytes.data[i]);
    json_array_end(json);
}

static void write_token(const struct json_value *token, struct slice bytes, struct arena *arena, struct json_writer *json)
{
    const struct json_value *others = json_get(token, "top_logprobs");
    json_object_begin(json);
    write_odds(token, bytes, json);
    json_key(json, "top_logprobs");
    json_array_begin(json);
    for (size_t i = 0; others != NULL && others->kind == JSON_ARRAY && i < others->count; i++) {
        struct slice other;
        if (others->items[i].kind != JSON_OBJECT || !token_bytes(&others->items[i], arena, &other))
            continue;
        json_object_begin(json);
        write_odds(&others->items[i], other, json);
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
}

/* False: the tokens are not those of the text. */
static bool write_tokens(const struct json_value *tokens, struct slice written, const bool *kept, struct arena *arena,
                         struct json_writer *json)
{
    size_t at = 0;
    json_array_begin(json);
    for (size_t i = 0; i < tokens->count; i++) {
        const struct json_value *token = &tokens->items[i];
        struct slice bytes;
        if (token->kind != JSON_OBJECT || !token_bytes(token, arena, &bytes) ||
            !slice_starts_with(slice_range(written, at, written.size), bytes))
            return false;
        if (stands(kept, bytes, at))
            write_token(token, bytes, arena, json);
        at += bytes.size;
    }
    json_array_end(json);
    return true;
}

void tokens_take(struct asking *asking, const struct llm_answer *said, const bool *kept)
{
    struct arena scratch;
    struct json_value tokens;
    struct json_writer json;
    struct buffer text;
    struct error ignored;
    if (kept == NULL || said->logprobs.size == 0)
        return;
    arena_init(&scratch);
    buffer_init(&text, 2 * said->logprobs.size + KIB);
    json_writer_init(&json, &text);
    if (json_read(said->logprobs, "the tokens", &scratch, &tokens, &ignored) && tokens.kind == JSON_ARRAY &&
        write_tokens(&tokens, said->text, kept, &scratch, &json) && buffer_finish(&text, "the tokens", &ignored))
        asking->answer->logprobs = arena_slice(asking->arena, buffer_slice(&text));
    buffer_release(&text);
    arena_release(&scratch);
}

bool *tokens_begin(const struct asking *asking, struct slice written)
{
    return asking->request->with_logprobs ? arena_alloc(asking->arena, written.size + 1, sizeof(bool)) : NULL;
}
