/* follow.c - "And for members?" is no question to search for; "How long is the refund window for members?" is.
 *
 * Without a model: a question that leans on the ones before (leaning.h) is put into the place of what it replaces there (exchanged.h), or takes over
 * their words that say something. */
#include "follow.h"
#include "asked_names.h"
#include "exchanged.h"
#include "leaning.h"
#include "small_talk.h"
#include <string.h>

enum { TURNS_SHOWN = 6, REWRITTEN_TOKENS = 120, REWRITTEN_BYTES = 1000 };

/* "And E-3300?" asks for another code, "and in Germany?" for another name: the old one does not go with it. */
static bool is_replaced(struct slice word, const struct slice *names, size_t count, bool by_code, bool by_name)
{
    for (size_t i = 0; i < count; i++)
        if (word.data >= names[i].data && word.data < names[i].data + names[i].size)
            return is_code(names[i]) ? by_code : by_name;
    return false;
}

/* The words of `before` that say something and that the question does not have. */
static void carry_words(struct asking *asking, struct slice before, struct slice question, bool is_another, struct buffer *out)
{
    enum text_language language = text_language_of(before);
    struct terms own = terms_of(asking, question, text_language_of(question));
    struct terms said = terms_of(asking, before, language);
    struct slice names[NAMES_MAX], old[NAMES_MAX];
    size_t count = names_find(question, names), old_count = names_find(before, old);
    bool by_code = false, by_name = false;
    for (size_t i = 0; i < count; i++) {
        by_code = by_code || is_code(names[i]);
        by_name = by_name || !is_code(names[i]);
    }
    struct text_term term;
    analyzer_start(asking->analyzer, before, language);
    while (analyzer_next(asking->analyzer, &term)) {
        struct slice word = slice_range(before, term.start, term.end);
        if (!terms_have(&said, term.term) || terms_have(&own, term.term) ||
            (is_another && is_replaced(word, old, old_count, by_code, by_name)))
            continue;
        buffer_append_byte(out, ' ');
        buffer_append_slice(out, word);
    }
}

/* The question with what it takes over from the one before, which takes over nothing any more. */
static struct slice lean_on(struct asking *asking, struct slice before, struct slice question, enum leaning leaning)
{
    struct buffer text;
    buffer_init(&text, LIMIT_QUERY_BYTES);
    if (leaning != LEANS_AS_ANOTHER || !exchange(before, question, &text)) {
        buffer_append_slice(&text, question);
        carry_words(asking, before, question, leaning == LEANS_AS_ANOTHER, &text);
    }
    struct slice whole = text.failed ? question : arena_slice(asking->arena, buffer_slice(&text));
    buffer_release(&text);
    return whole;
}

/* Questions may lean on one that leans itself: as far back as they do. */
static struct slice carry_over(struct asking *asking)
{
    const struct ask_request *request = asking->request;
    struct slice questions[TURNS_SHOWN + 1] = {request->question};
    enum leaning leanings[TURNS_SHOWN + 1] = {leaning_of(asking, request->question)};
    size_t last = 0;
    for (size_t i = request->turn_count; i > 0 && last < TURNS_SHOWN && leanings[last] != LEANS_NOT; i--) {
        struct slice before = request->turns[i - 1].question;
        if (is_small_talk(before))
            continue;
        questions[++last] = before;
        leanings[last] = leaning_of(asking, before);
    }
    struct slice whole = questions[last];
    for (; last > 0; last--)
        whole = lean_on(asking, whole, questions[last - 1], leanings[last - 1]);
    return whole;
}

static bool rewrite(struct asking *asking, struct slice *rewritten, struct error *error)
{
    const struct ask_request *request = asking->request;
    struct buffer text;
    struct llm_answer answer;
    buffer_init(&text, 4 * MIB);
    size_t first = request->turn_count > TURNS_SHOWN ? request->turn_count - TURNS_SHOWN : 0;
    for (size_t i = first; i < request->turn_count; i++) {
        buffer_append_text(&text, "Question: ");
        buffer_append_slice(&text, request->turns[i].question);
        buffer_append_text(&text, "\nAnswer: ");
        buffer_append_slice(&text, slice_cut(request->turns[i].answer, REWRITTEN_BYTES));
        buffer_append_text(&text, "\n\n");
    }
    buffer_append_text(&text, "Last question: ");
    buffer_append_slice(&text, request->question);
    const struct llm_message messages[] = {
        {LLM_SYSTEM,
         SLICE("Write the last question so that it can be understood without the conversation before it. Keep its language. "
               "Write the question alone.")},
        {LLM_USER, buffer_slice(&text)}};
    const struct llm_request chat = {.messages = messages,
                                     .message_count = ARRAY_COUNT(messages),
                                     .tokens_max = REWRITTEN_TOKENS,
                                     .temperature = 0,
                                     .seed = request->seed};
    bool ok = buffer_finish(&text, "the conversation", error) && talk(asking, &chat, &answer, error);
    if (ok)
        *rewritten = slice_cut(slice_trim(answer.text), REWRITTEN_BYTES);
    buffer_release(&text);
    return ok;
}

bool follow_up(struct asking *asking, struct error *error)
{
    const struct ask_request *request = asking->request;
    struct ask_answer *answer = asking->answer;
    answer->asked = request->question;
    if (request->turn_count == 0)
        return true;
    if (request->llm != NULL && request->approach == ASK_RAG) {
        struct slice rewritten;
        if (!rewrite(asking, &rewritten, error))
            return error_wrap(error, "could not rewrite the question");
        answer->asked = rewritten.size > 0 ? rewritten : request->question;
        return true;
    }
    answer->asked = carry_over(asking);
    return true;
}
