/* prompt.c - templates, filled.
 *
 *   system   prompt.system or the built-in one, then the rules (marks, "not in the documents", passages are data): templates.c
 *   turns    what was asked before
 *   user     prompt.user or the built-in one: {examples} {passages} Question: {question}
 *
 *   <passage 2 of 5, 3f1c9a…>                 The number behind the commas is the SHA-256 of all passages and the question, cut: nobody who
 *   Document: docs/returns.md, Refunds        writes a document can know it, so no passage can close its block. It is the same for the same
 *   You have 30 days …                        question, so that a recorded answer is found again.
 *   </passage 3f1c9a…>
 *
 * Tokens are estimated: of a model elsewhere the tokenizer is not known. */
#include "full.h"
#include "prompt.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXAMPLES_MAX = 3, MARK_BYTES = 17, TURNS_MAX = 6, RESERVED_TOKENS = 200 };

#define LEFT_OUT "(left out: text that reads like an instruction)"

/* ---- passages ---- */

/* Text as data: characters without width, which hide words, and control characters go; sentences that read like orders too, and
 * what was not read for them. */
static void put_data(const struct asking *asking, const struct ask_passage *passage, struct buffer *out)
{
    struct slice text = passage->hit->passage.text;
    if (!asking->request->undefended)
        text.size = passage->read_size;
    size_t order = 0, next_order = SIZE_MAX;
    const char *base = passage->sentence_count > 0 ? passage->sentences[0].text.data - passage->first_at : NULL;
    bool in_order = false;
    for (size_t at = 0; at < text.size;) {
        while (!asking->request->undefended && order < passage->sentence_count &&
               (!passage->sentences[order].is_likely_order || (size_t)(passage->sentences[order].text.data - base) < at))
            order++;
        next_order = order < passage->sentence_count && passage->sentences[order].is_likely_order &&
                             !asking->request->undefended
                         ? (size_t)(passage->sentences[order].text.data - base)
                         : SIZE_MAX;
        if (at == next_order) {
            buffer_append_text(out, in_order ? "" : LEFT_OUT);
            at += passage->sentences[order].text.size;
            in_order = true;
            continue;
        }
        uint32_t character;
        size_t size = text_decode(text, at, &character);
        bool hidden = is_hidden(character) || (character < 0x20 && character != '\n' && character != '\t');
        in_order = in_order && character == ' ';
        if (!hidden || asking->request->undefended)
            buffer_append(out, text.data + at, size);
        at += size;
    }
}

static void make_mark(const struct asking *asking, char mark[MARK_BYTES])
{
    crypto_hash_sha256_state state;
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < asking->passage_count; i++) {
        struct slice text = asking->passages[i].hit->passage.text;
        crypto_hash_sha256_update(&state, (const unsigned char *)text.data, text.size);
    }
    crypto_hash_sha256_update(&state, (const unsigned char *)asking->request->question.data, asking->request->question.size);
    crypto_hash_sha256_final(&state, hash);
    for (size_t i = 0; i < (MARK_BYTES - 1) / 2; i++)
        snprintf(mark + 2 * i, 3, "%02x", hash[i]);
}

/* A path reads like an order by itself or with the signs that part its words as blanks, whole or in one of its names. */
static bool orders_by_name(struct arena *arena, struct slice path)
{
    char *words = arena_text(arena, path);
    struct slice rest = path, name;
    bool found = order_is(path);
    for (size_t i = 0; i < path.size; i++)
        if (byte_among(words[i], "/_-.+"))
            words[i] = ' ';
    found = found || order_is((struct slice){words, path.size});
    while (!found && slice_next(&rest, '/', &name))
        found = order_is(slice_range((struct slice){words, path.size}, (size_t)(name.data - path.data),
                                     (size_t)(name.data - path.data) + name.size));
    return found;
}

/* Of one line; whoever writes a document chooses these too. */
static void put_name(const struct asking *asking, struct slice name, struct buffer *out)
{
    struct slice line = arena_line(asking->arena, name);
    for (size_t at = 0; at < line.size;) {
        uint32_t character;
        size_t size = text_decode(line, at, &character);
        if (asking->request->undefended || !is_hidden(character))
            buffer_append(out, line.data + at, size);
        at += size;
    }
}

static void put_passage(const struct asking *asking, size_t number, const char *mark, struct buffer *out)
{
    const struct ask_passage *passage = &asking->passages[number];
    const struct search_hit *hit = passage->hit;
    bool defended = !asking->request->undefended;
    buffer_format(out, "<passage %zu, %s>\nDocument: ", number + 1, mark);
    put_name(asking, defended && orders_by_name(asking->arena, hit->path) ? SLICE(LEFT_OUT) : hit->path, out);
    struct slice rest = hit->passage.headings, heading;
    while (slice_next(&rest, STORE_HEADING_SEPARATOR, &heading)) {
        if (defended && order_is(heading))
            continue;
        buffer_append_text(out, " > ");
        put_name(asking, heading, out);
    }
    if (hit->edition.state != EDITION_IN_FORCE)
        buffer_append_text(out, hit->edition.state == EDITION_DRAFT ? " (a draft, not in force)" : " (no longer in force)");
    buffer_append_byte(out, '\n');
    put_data(asking, passage, out);
    buffer_format(out, "\n</passage %s>\n\n", mark);
}

/* A passage with its block of the prompt. */
struct told_passage {
    size_t passage; /* its number, from 0: the best one is 0 */
    struct slice text;
    const struct store_passage *place;
};

static int by_document(const void *a, const void *b)
{
    const struct told_passage *left = a, *right = b;
    const int64_t before[] = {left->place->document, left->place->start},
                  behind[] = {right->place->document, right->place->start};
    for (size_t i = 0; i < ARRAY_COUNT(before); i++)
        if (before[i] != behind[i])
            return before[i] < behind[i] ? -1 : 1;
    return (left->passage > right->passage) - (left->passage < right->passage);
}

/* Their numbers stay: marks in the answer mean the same in any order. */
static void order_blocks(struct told_passage *blocks, size_t count, enum prompt_order order)
{
    if (order == PROMPT_ORDER_DOCUMENT)
        qsort(blocks, count, sizeof(*blocks), by_document);
    for (size_t i = 0; order == PROMPT_ORDER_LAST && i < count / 2; i++) {
        struct told_passage swapped = blocks[i];
        blocks[i] = blocks[count - 1 - i];
        blocks[count - 1 - i] = swapped;
    }
}

/* The best passages that fit into `tokens`. */
static void put_passages(struct asking *asking, size_t tokens, struct buffer *out)
{
    struct ask_prompt *prompt = &asking->answer->prompt;
    struct told_passage *blocks = arena_alloc(asking->arena, asking->passage_count, sizeof(*blocks));
    struct buffer text;
    char mark[MARK_BYTES];
    size_t used = 0;
    make_mark(asking, mark);
    buffer_init(&text, LIMIT_JSON_BYTES);
    for (size_t i = 0; i < asking->passage_count; i++) {
        buffer_clear(&text);
        put_passage(asking, i, mark, &text);
        used += text_token_estimate(buffer_slice(&text));
        if (used > tokens) /* what lies further back is less like the question */
            break;
        blocks[i] = (struct told_passage){i, arena_slice(asking->arena, buffer_slice(&text)),
                                          &asking->passages[i].hit->passage};
        prompt->flagged += asking->passages[i].has_likely_order;
        prompt->flagged_surely += asking->passages[i].has_sure_order;
        prompt->passages++;
    }
    buffer_release(&text);
    order_blocks(blocks, prompt->passages, asking->project->settings.prompt_order);
    for (size_t i = 0; i < prompt->passages; i++)
        buffer_append_slice(out, blocks[i].text);
    prompt->passages_cut = asking->passage_count - prompt->passages;
    asking->passage_count = prompt->passages;
}

/* ---- examples ---- */

static bool put_examples(struct asking *asking, size_t tokens, struct buffer *out, struct error *error)
{
    struct ask_prompt *prompt = &asking->answer->prompt;
    const struct settings *settings = &asking->project->settings;
    struct prompt_example examples[EXAMPLES_MAX];
    size_t count = 0, used = 0;
    bool is_owner = asking->request->principal.data == NULL && asking->request->secret.data == NULL;
    if (settings->prompt_examples == PROMPT_EXAMPLES_NONE ||
        !is_owner) /* they have no labels that would say who may see them */
        return true;
    if (!examples_pick(asking, settings->prompt_examples == PROMPT_EXAMPLES_FIRST, EXAMPLES_MAX, examples, &count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t before = out->size;
        buffer_append_text(out, i == 0 ? "Examples of the form that is wanted:\n\nInput: " : "Input: ");
        buffer_append_slice(out, examples[i].input);
        buffer_append_text(out, "\nOutput: ");
        buffer_append_slice(out, examples[i].output);
        buffer_append_text(out, "\n\n");
        used += text_token_estimate((struct slice){out->data + before, out->size - before});
        if (used > tokens) {
            out->size = before;
            prompt->examples_cut = count - i;
            break;
        }
        prompt->examples++;
    }
    return true;
}

/* ---- filled ---- */

struct filling {
    struct slice question, passages, examples;
    bool used_question;
};

/* The three names in braces are replaced; any other brace stays. */
static void fill(struct slice text, struct filling *filling, struct buffer *out)
{
    const struct {
        const char *name;
        struct slice value;
    } names[] = {{"{question}", filling->question}, {"{passages}", filling->passages}, {"{examples}", filling->examples}};
    for (size_t at = 0; at < text.size;) {
        size_t which = 0;
        struct slice rest = slice_range(text, at, text.size);
        while (which < ARRAY_COUNT(names) && !slice_starts_with(rest, slice_from(names[which].name)))
            which++;
        if (which == ARRAY_COUNT(names)) {
            buffer_append_byte(out, text.data[at++]);
            continue;
        }
        buffer_append_slice(out, names[which].value);
        filling->used_question = filling->used_question || which == 0;
        at += strlen(names[which].name);
    }
}

/* How many of the last turns fit into `tokens`, which become fewer by them. */
static size_t fit_turns(const struct ask_request *request, size_t *tokens)
{
    size_t turns = 0, used = 0, most = request->turn_count < TURNS_MAX ? request->turn_count : TURNS_MAX;
    for (; turns < most; turns++) {
        const struct ask_turn *turn = &request->turns[request->turn_count - 1 - turns];
        size_t more = text_token_estimate(turn->question) + text_token_estimate(turn->answer);
        if (used + more > *tokens)
            break;
        used += more;
    }
    *tokens -= used;
    return turns;
}

static void put_messages(struct asking *asking, const struct ask_templates *templates, struct filling *filling, size_t turns,
                         struct llm_message **messages, size_t *count)
{
    const struct ask_request *request = asking->request;
    struct llm_message *made = arena_alloc(asking->arena, 2 + 2 * turns, sizeof(*made));
    struct buffer text;
    buffer_init(&text, LIMIT_JSON_BYTES);
    fill(templates->system, filling, &text);
    if (!request->undefended)
        buffer_append_slice(&text, templates->rules);
    buffer_append_slice(&text, templates->tools);
    made[(*count)++] = (struct llm_message){LLM_SYSTEM, arena_slice(asking->arena, buffer_slice(&text))};
    for (size_t i = request->turn_count - turns; i < request->turn_count; i++) {
        made[(*count)++] = (struct llm_message){LLM_USER, request->turns[i].question};
        made[(*count)++] = (struct llm_message){LLM_ASSISTANT, request->turns[i].answer};
    }
    buffer_clear(&text);
    filling->used_question = false;
    fill(templates->user, filling, &text);
    if (!filling->used_question) { /* a template of one's own may forget it */
        buffer_append_text(&text, "\n");
        buffer_append_slice(&text, filling->question);
    }
    made[(*count)++] = (struct llm_message){LLM_USER, arena_slice(asking->arena, buffer_slice(&text))};
    buffer_release(&text);
    *messages = made;
}

static bool find_templates(struct asking *asking, struct ask_templates *templates, struct error *error)
{
    struct ask_prompt *prompt = &asking->answer->prompt;
    if (asking->request->templates != NULL)
        *templates = *asking->request->templates;
    else if (!ask_templates_read(asking->project, asking->arena, templates, error))
        return false;
    ask_templates_suit(templates, asking->request->approach != ASK_PROMPT);
    ask_templates_with_tools(templates, (struct slice){0}); /* of a version that was used with some */
    memcpy(prompt->templates_hash, templates->hash, sizeof(prompt->templates_hash));
    return true;
}

/* Once the passages are put in: which rules of functions are given depends on them. */
static bool complete_templates(struct asking *asking, struct ask_templates *templates, struct error *error)
{
    ask_templates_with_tools(templates, tools_rules(asking));
    memcpy(asking->answer->prompt.hash, templates->hash, sizeof(templates->hash));
    return asking->request->llm == NULL || ask_templates_keep(asking->project, templates, error);
}

bool prompt_build(struct asking *asking, struct llm_message **messages, size_t *count, struct error *error)
{
    struct ask_prompt *prompt = &asking->answer->prompt;
    struct ask_templates templates;
    struct buffer passages, examples;
    *count = 0;
    prompt->budget = asking->project->settings.prompt_tokens;
    if (!find_templates(asking, &templates, error))
        return false;
    buffer_init(&passages, LIMIT_JSON_BYTES);
    buffer_init(&examples, LIMIT_JSON_BYTES);
    size_t fixed = RESERVED_TOKENS + text_token_estimate(templates.system) + text_token_estimate(templates.user) +
                   text_token_estimate(asking->request->question) + tools_tokens(asking);
    size_t left = prompt->budget > fixed ? prompt->budget - fixed : 0;
    size_t for_turns = left / 4, for_examples = left / 4; /* passages have the larger part */
    size_t turns = fit_turns(asking->request, &for_turns);
    left -= left / 4 - for_turns;
    bool ok = put_examples(asking, for_examples, &examples, error);
    if (ok) {
        size_t used = text_token_estimate(buffer_slice(&examples));
        put_passages(asking, left > used ? left - used : 0, &passages);
        ok = asking->request->approach != ASK_FULL || prompt->passages_cut == 0 || full_too_large(prompt->budget, error);
    }
    ok = ok && complete_templates(asking, &templates, error);
    if (ok) {
        struct filling filling = {asking->request->question, buffer_slice(&passages), buffer_slice(&examples), false};
        put_messages(asking, &templates, &filling, turns, messages, count);
        for (size_t i = 0; i < *count; i++)
            prompt->tokens += text_token_estimate((*messages)[i].text);
        prompt->tokens += tools_tokens(asking);
    }
    buffer_release(&passages);
    buffer_release(&examples);
    return ok;
}
