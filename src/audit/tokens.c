/* tokens.c - the number of tokens: an estimate for every passage, brought to the model's own scale on a sample.
 *
 * Passages repeat the end of the one before; what is counted is their share of the source's bytes. */
#include "tokens.h"
#include "codec/codec.h"
#include <stdlib.h>
#include <string.h>

enum { SAMPLE = 400 };

/* A file of the model's folder; empty when it is not there. */
static struct slice model_file(const struct model_place *place, const char *name, struct arena *arena)
{
    struct buffer bytes;
    struct error ignored;
    struct slice copy = {"", 0};
    buffer_init(&bytes, LIMIT_TOKENIZER_BYTES);
    if (file_read(path_join(arena, place->folder, name), LIMIT_TOKENIZER_BYTES, &bytes, &ignored))
        copy = arena_slice(arena, buffer_slice(&bytes));
    buffer_release(&bytes);
    return copy;
}

static bool find_model(const struct pile *pile, struct arena *arena, struct model_place *place)
{
    struct error ignored;
    const struct project *project = pile->request->project;
    return strcmp(project->settings.embedding, "none") != 0 &&
           models_find(project->settings.embedding, project->root, arena, place, &ignored);
}

/* The longest text that the model takes. */
static size_t read_passage_max(const struct model_place *place, struct arena *arena)
{
    static const char *const files[][2] = {{"sentence_bert_config.json", "max_seq_length"},
                                           {"config.json", "max_position_embeddings"}};
    for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
        struct slice text = model_file(place, files[i][0], arena);
        struct json_value root;
        struct error ignored;
        const struct json_value *value = NULL;
        if (text.size > 0 && json_read(text, files[i][0], arena, &root, &ignored))
            value = json_get(&root, files[i][1]);
        if (value != NULL && value->is_integer && value->integer > 0)
            return (size_t)value->integer;
    }
    return 0;
}

/* How many of the model's tokens there are for each one estimated, on passages from all over. */
static bool measure(const struct pile *pile, const struct tokenizer *tokenizer, double *ratio)
{
    struct tokenizer_workspace *workspace = tokenizer_workspace_create();
    struct tokens tokens;
    size_t estimated = 0, counted = 0, apart = pile->passage_count / SAMPLE + 1;
    tokens_init(&tokens);
    for (size_t i = 0; i < pile->passage_count; i += apart) {
        tokenizer_encode(tokenizer, workspace, pile->passages[i].text, NULL,
                         &(struct tokenizer_options){.bare = true, .tokens_max = SIZE_MAX}, &tokens);
        counted += tokens.count;
        estimated += text_token_estimate(pile->passages[i].text);
    }
    tokens_release(&tokens);
    tokenizer_workspace_free(workspace);
    *ratio = estimated > 0 ? (double)counted / (double)estimated : 1;
    return estimated > 0;
}

/* The part of a passage that the one before does not hold. */
static double own_share(const struct pile *pile, size_t number)
{
    const struct pile_passage *passage = &pile->passages[number], *before = number > 0 ? passage - 1 : NULL;
    if (before == NULL || before->document != passage->document || before->end <= passage->start || passage->end <= before->end)
        return 1;
    return (double)(passage->end - before->end) / (double)(passage->end - passage->start);
}

bool tokens_count(const struct pile *pile, struct token_count *count, struct findings *findings, struct error *error)
{
    static const char shorten[] = "Set passages.tokens in assay.yaml below what the model reads, and run `assay add` again.";
    struct arena arena;
    struct model_place place;
    struct tokenizer *tokenizer = NULL;
    double ratio = 1, sum = 0;
    *count = (struct token_count){0};
    arena_init(&arena);
    if (find_model(pile, &arena, &place)) {
        struct error ignored;
        struct slice text = model_file(&place, "tokenizer.json", &arena);
        count->passage_max = read_passage_max(&place, &arena);
        if (text.size > 0 && tokenizer_read(&tokenizer, text, "tokenizer.json", &ignored))
            count->exact = measure(pile, tokenizer, &ratio);
        tokenizer_free(tokenizer);
    }
    arena_release(&arena);
    bool ok = true;
    for (size_t i = 0; ok && i < pile->passage_count; i++) {
        double tokens = ratio * (double)text_token_estimate(pile->passages[i].text);
        sum += tokens * own_share(pile, i);
        if (count->passage_max > 0 &&
            tokens > 1.15 * (double)count->passage_max) { /* an estimate: only what is surely too long */
            const struct audit_place at = place_of(pile, findings, i, pile->passages[i].text);
            findings_add(findings, AUDIT_OVERSIZED, AUDIT_MEDIUM, &at, 1, shorten,
                         SLICE_FORMAT ":%lld has about %.0f tokens, the model reads %zu of them", SLICE_ARGUMENT(at.document),
                         (long long)at.line, tokens, count->passage_max);
        }
        ok = i % 4096 != 0 || pile_step(pile, "counting tokens", i, pile->passage_count, error);
    }
    count->tokens = (size_t)sum;
    return ok;
}
