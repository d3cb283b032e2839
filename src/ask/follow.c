/* follow.c - "And for members?" is no question to search for; "And for members? refund window" is.
 *
 * Without a model: a question leans on the one before when it points back ("it", "those"), begins as a continuation ("and", "what about"), or has
 * next to no words of its own. It then takes over the words of the question before that say something. */
#include "follow.h"
#include "span_parts.h"
#include <string.h>

enum { OWN_WORDS_LEAST = 2, TURNS_SHOWN = 6, REWRITTEN_TOKENS = 120, REWRITTEN_BYTES = 1000 };

static const char
    pointing[] = "it|its|they|them|their|theirs|that|this|those|these|he|she|him|her|his|hers|there|then|one|ones|same|"
                 "es|sie|er|ihn|ihm|diese|dieser|dieses|das|dort|il|elle|ils|elles|ce|cela";
static const char continuing[] = "and|but|or|so|also|und|oder|aber|et|ou|mais|what about|how about";

static bool begins_so(struct slice question)
{
    struct slice rest = slice_from(continuing), part;
    while (slice_next(&rest, '|', &part)) {
        size_t same = 0;
        while (same < part.size && same < question.size && (question.data[same] | 0x20) == (part.data[same] | 0x20))
            same++;
        if (same == part.size && same < question.size && question.data[same] == ' ')
            return true;
    }
    return false;
}

static bool leans(struct asking *asking, struct slice question)
{
    struct text_term term;
    analyzer_start(asking->analyzer, question, LANGUAGE_UNKNOWN);
    while (analyzer_next(asking->analyzer, &term))
        if (span_is_one_of(pointing, term.term))
            return true;
    return begins_so(slice_trim(question)) || terms_of(asking, question, text_language_of(question)).count < OWN_WORDS_LEAST;
}

/* The words of `before` that say something and that the question does not have. */
static void carry_words(struct asking *asking, struct slice before, struct buffer *out)
{
    enum text_language language = text_language_of(before);
    struct terms own = terms_of(asking, asking->request->question, text_language_of(asking->request->question));
    struct terms said = terms_of(asking, before, language);
    struct text_term term;
    analyzer_start(asking->analyzer, before, language);
    while (analyzer_next(asking->analyzer, &term)) {
        if (!terms_have(&said, term.term) || terms_have(&own, term.term))
            continue;
        buffer_append_byte(out, ' ');
        buffer_append_slice(out, slice_range(before, term.start, term.end));
    }
}

/* Questions may lean on one that leans itself: as far back as they do. */
static void carry_over(struct asking *asking, struct buffer *out)
{
    const struct ask_request *request = asking->request;
    buffer_append_slice(out, request->question);
    struct slice current = request->question;
    for (size_t i = request->turn_count; i > 0 && request->turn_count - i < TURNS_SHOWN && leans(asking, current); i--) {
        current = request->turns[i - 1].question;
        carry_words(asking, current, out);
    }
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
    struct buffer text;
    buffer_init(&text, LIMIT_QUERY_BYTES);
    carry_over(asking, &text);
    if (!text.failed)
        answer->asked = arena_slice(asking->arena, buffer_slice(&text));
    buffer_release(&text);
    return true;
}
