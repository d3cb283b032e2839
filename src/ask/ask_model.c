/* ask_model.c - the answer of a language model, sentence by sentence: each is checked against the passages before anybody sees it.
 *
 *   sentences ─▶ marks off ─▶ links and pictures out ─▶ checked ─▶ our marks on, or told that nothing bears it out
 *
 * An answer of which no sentence is borne out by a passage is no answer. */
#include "prompt.h"
#include "structured.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNSUPPORTED_MARK " [not in the documents]"
enum {
    MARKS_MAX = 64,
    MARK_ROUNDS_MAX = 8,
    SENTENCES_MAX = 500 /* that are looked for, no two alike: what follows is not borne out */
};

struct checking {
    struct asking *asking;
    struct buffer text; /* the checked answer */
    size_t supported; /* sentences, by passages or by what functions gave */
    double shares; /* of the supported ones together */
    size_t told; /* what a function did, which no text bears out, or what is only doubted: it is marked, not kept back */
    struct map
        seen; /* sentences with their marks, to the address of their struct support: a model may say the same a thousand times */
    bool *kept; /* which bytes of the model's text stand in it; NULL: nobody asks */
    bool says_none; /* the model wrote that the passages do not hold the answer */
};

/* ---- marks ---- */

/* Takes "[1]" and "[2, 3]" out of the sentence; bit n - 1 of `*marks` for [n]. */
static void take_marks(struct slice sentence, struct buffer *out, uint64_t *marks)
{
    for (size_t at = 0; at < sentence.size;) {
        size_t end = at + 1;
        uint64_t found = 0;
        bool is_mark = sentence.data[at] == '[';
        while (is_mark && end < sentence.size && sentence.data[end] != ']') {
            uint64_t number = 0;
            size_t digits = 0;
            while (end < sentence.size && sentence.data[end] >= '0' && sentence.data[end] <= '9' && digits < 4) {
                number = 10 * number + (uint64_t)(sentence.data[end++] - '0');
                digits++;
            }
            is_mark = digits > 0;
            if (is_mark && number >= 1 && number <= MARKS_MAX)
                found |= 1ULL << (number - 1);
            while (is_mark && end < sentence.size && byte_among(sentence.data[end], ", ;"))
                end++;
        }
        if (is_mark && end < sentence.size && end > at + 1) {
            *marks |= found;
            while (out->size > 0 && out->data[out->size - 1] == ' ')
                out->size--;
            at = end + 1;
        } else {
            buffer_append_byte(out, sentence.data[at++]);
        }
    }
}

/* The sentence without its marks and without what could be loaded. What one step takes out may leave what the other looks for
 * ("<[1]img>", "[<b>1]"): both are done until no mark is left; a bracket of one that is nested deeper goes. */
static void bare_sentence(struct slice sentence, bool undefended, struct buffer *bare, uint64_t *marks)
{
    struct buffer unmarked;
    buffer_init(&unmarked, LIMIT_JSON_BYTES);
    buffer_clear(bare);
    buffer_append_slice(bare, sentence);
    for (size_t round = 0; round < MARK_ROUNDS_MAX; round++) {
        buffer_clear(&unmarked);
        take_marks(buffer_slice(bare), &unmarked, marks);
        if (round > 0 && unmarked.size == bare->size)
            break;
        buffer_clear(bare);
        if (undefended)
            buffer_append_slice(bare, buffer_slice(&unmarked));
        else
            defang(buffer_slice(&unmarked), bare);
        for (size_t i = 0; round + 1 == MARK_ROUNDS_MAX && i < bare->size; i++)
            bare->data[i] = bare->data[i] == '[' ? ' ' : bare->data[i];
    }
    buffer_release(&unmarked);
}

/* ---- sentences ---- */

static bool is_sign(char byte)
{
    return byte > ' ' && byte <= '~';
}

/* Behind the sentence's last sign but before the white space that ends it. Where a sentence ends without any, a blank keeps it apart from the
 * next: both were looked at alone. */
static void put_checked(struct checking *checking, struct slice sentence, const char *behind)
{
    struct slice body = sentence;
    while (body.size > 0 && byte_among(body.data[body.size - 1], " \n\t\r"))
        body.size--;
    struct slice blank = slice_range(sentence, body.size, sentence.size), before = buffer_slice(&checking->text);
    if (before.size > 0 && body.size > 0 && is_sign(before.data[before.size - 1]) && is_sign(body.data[0]))
        buffer_append_byte(&checking->text, ' ');
    buffer_append_slice(&checking->text, body);
    buffer_append_text(&checking->text, behind);
    buffer_append_slice(&checking->text, blank);
}

static bool find_support(struct checking *checking, struct slice sentence, uint64_t marks, struct support *support,
                         struct error *error)
{
    struct asking *asking = checking->asking;
    struct buffer key;
    bool is_new = false, ok = true;
    buffer_init(&key, LIMIT_JSON_BYTES);
    buffer_append_slice(&key, sentence);
    buffer_append(&key, &marks, sizeof(marks));
    struct map_entry *entry = map_put(&checking->seen, buffer_slice(&key), &is_new);
    *support = (struct support){0};
    if (entry != NULL && !is_new) {
        *support = *(const struct support *)(uintptr_t)entry->value;
    } else if (entry != NULL) {
        *support = support_find(asking, sentence, marks);
        ok = support->says_nothing || grounding_check(asking, sentence, support, error);
        struct support *kept = arena_alloc(asking->arena, 1, sizeof(*kept));
        *kept = *support;
        entry->value = (uint64_t)(uintptr_t)kept;
    }
    buffer_release(&key);
    return ok;
}

/* One sentence, without its marks. */
static bool check_sentence(struct checking *checking, struct slice sentence, uint64_t marks, struct error *error)
{
    struct asking *asking = checking->asking;
    struct ask_answer *answer = asking->answer;
    char mark[32] = "";
    if (asking->request->approach == ASK_PROMPT) {
        put_checked(checking, sentence, "");
        return true;
    }
    struct support support;
    if (!find_support(checking, sentence, marks, &support, error))
        return false;
    if (support.says_nothing) {
        put_checked(checking, sentence, "");
        return true;
    }
    answer->sentences++;
    if (support.is_supported) {
        checking->supported++;
        checking->shares += support.share;
        snprintf(mark, sizeof(mark), " [%zu]", cite(asking, support.passage, support.sentence));
        put_checked(checking, sentence, mark);
        return true;
    }
    struct support outcome = support_by_outcomes(asking, sentence);
    if (outcome.is_supported) {
        checking->supported++;
        checking->shares += outcome.share;
        put_checked(checking, sentence, "");
        return true;
    }
    answer->unsupported++;
    bool is_shown = asking->request->unsupported != ASK_REMOVE;
    checking->told += outcome.says_nothing || (support.is_doubted && is_shown);
    if (is_shown)
        put_checked(checking, sentence, asking->request->unsupported == ASK_MARK ? UNSUPPORTED_MARK : "");
    return true;
}

/* Each with the marks that stand in it or right behind it. */
static bool check_sentences(struct checking *checking, struct slice said, struct error *error)
{
    const struct ask_request *request = checking->asking->request;
    struct text_sentences walk = {.text = said};
    struct buffer bare;
    struct slice sentence;
    bool ok = true;
    buffer_init(&bare, LIMIT_JSON_BYTES);
    while (ok && text_sentences_next(&walk, &sentence)) {
        size_t close;
        if (request->is_cancelled != NULL && request->is_cancelled(request->context))
            ok = error_set(error, ERROR_CANCELLED, "the answer was stopped");
        while (walk.at < said.size && said.data[walk.at] == '[' &&
               slice_find(slice_range(said, walk.at, said.size), ']', &close)) {
            walk.at += close + 1;
            sentence.size = walk.at - (size_t)(sentence.data - said.data);
        }
        uint64_t marks = 0;
        bare_sentence(sentence, request->undefended, &bare, &marks);
        checking->says_none = checking->says_none || memmem(bare.data, bare.size, PROMPT_NONE, strlen(PROMPT_NONE)) != NULL;
        size_t before = checking->text.size;
        if (ok && bare.size > 0 && !checking->says_none)
            ok = check_sentence(checking, buffer_slice(&bare), marks, error);
        if (checking->kept != NULL && checking->text.size > before)
            tokens_keep(checking->kept + (sentence.data - said.data), sentence, buffer_slice(&bare));
    }
    buffer_release(&bare);
    return ok;
}

/* ---- the whole ---- */

static void take_result(struct checking *checking)
{
    struct ask_answer *answer = checking->asking->answer;
    bool free_text = answer->approach == ASK_PROMPT || checking->asking->request->unsupported == ASK_KEEP;
    struct slice text = slice_trim(buffer_slice(&checking->text));
    answer->abstained = checking->says_none || text.size == 0 || (checking->supported + checking->told == 0 && !free_text);
    if (!answer->abstained)
        answer->text = arena_slice(checking->asking->arena, text);
    else
        answer->citation_count = 0;
    double supported = answer->sentences > 0 ? (double)checking->supported / (double)answer->sentences : 0;
    answer->confidence = checking->supported > 0 && !answer->abstained
                             ? supported * checking->shares / (double)checking->supported
                             : 0;
}

/* Some servers do not know stops, and some do not tell which one it was. `*stop` is left as it is when none is seen. */
static struct slice before_stops(const struct ask_request *request, const struct llm_answer *said, struct slice *stop)
{
    struct slice text = said->text;
    for (size_t i = 0; i < request->stop_count; i++)
        if (slice_equal(request->stops[i], said->stop))
            *stop = request->stops[i];
    for (size_t i = 0; i < request->stop_count; i++) {
        const char *found = memmem(text.data, text.size, request->stops[i].data, request->stops[i].size);
        if (found == NULL)
            continue;
        text.size = (size_t)(found - text.data);
        *stop = request->stops[i];
    }
    return text;
}

static bool chat(struct checking *checking, const struct llm_message *messages, size_t count, struct error *error)
{
    struct asking *asking = checking->asking;
    const struct ask_request *request = asking->request;
    struct llm_answer said;
    struct llm_request llm_request = {.messages = messages,
                                      .message_count = count,
                                      .tokens_max = request->tokens_max,
                                      .temperature = request->temperature,
                                      .seed = request->seed,
                                      .stops = request->stops,
                                      .stop_count = request->stop_count,
                                      .with_logprobs = request->with_logprobs,
                                      .top_logprobs = request->top_logprobs};
    tools_offer(asking, &llm_request);
    if (!talk(asking, &llm_request, &said, error)) {
        tools_explain(asking, &llm_request, &said, error);
        return false;
    }
    if (!tools_called(asking, &said, error))
        return false;
    asking->answer->model = arena_text(asking->arena, said.model);
    if (asking->answer->calls.size > 0)
        return true;
    checking->kept = tokens_begin(asking, said.text);
    int span = trace_begin(request->trace, "verify", TRACE_INTERNAL);
    bool ok = check_sentences(checking, before_stops(request, &said, &asking->answer->stop), error);
    trace_integer(request->trace, span, "assay.sentences", (int64_t)asking->answer->sentences);
    trace_integer(request->trace, span, "assay.sentences.unsupported", (int64_t)asking->answer->unsupported);
    trace_end(request->trace, span);
    if (!ok || !buffer_finish(&checking->text, "the answer", error))
        return false;
    take_result(checking);
    asking->answer->finish = llm_finish_name(asking->answer->stop.size > 0 ? LLM_FINISHED : said.finish);
    tokens_take(asking, &said, checking->kept);
    return true;
}

bool answer_by_model(struct asking *asking, struct error *error)
{
    struct ask_answer *answer = asking->answer;
    struct checking checking = {.asking = asking};
    struct llm_message *messages;
    size_t count;
    answer->model = arena_text(asking->arena, slice_from(llm_name(asking->request->llm)));
    if (!tools_read(asking, error) || !prompt_build(asking, &messages, &count, error))
        return false;
    bool has_tools = asking->request->tools.size + asking->request->since.size > 0;
    if (answer->approach != ASK_PROMPT && asking->passage_count == 0 &&
        !has_tools) { /* nothing to answer from: nothing is asked */
        answer->abstained = true;
        return true;
    }
    if (asking->request->schema.size > 0)
        return answer_structured(asking, messages, count, error);
    buffer_init(&checking.text, LIMIT_JSON_BYTES);
    map_init(&checking.seen, SENTENCES_MAX);
    bool ok = chat(&checking, messages, count, error);
    map_release(&checking.seen);
    buffer_release(&checking.text);
    return ok;
}
