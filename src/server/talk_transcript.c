/* talk_transcript.c - a prompt that is a conversation written down, as clients do who know completions alone.
 *
 *     Be brief.                        before the first line with a role: instructions
 *     system: Answer in one line.      passed over, as system messages are
 *     user: What is the refund window?
 *     assistant: 30 days.              what was said
 *     user: And for digital goods?     what is asked
 *     assistant:                       the place for the answer: without it, a prompt is one question
 */
#include "conversation.h"

static const struct label {
    const char *word;
    enum talk_role role;
} labels[] = {{"system", TALK_ROLE_PASSED}, {"developer", TALK_ROLE_PASSED},    {"user", TALK_ROLE_USER},
              {"human", TALK_ROLE_USER},    {"assistant", TALK_ROLE_ASSISTANT}, {"ai", TALK_ROLE_ASSISTANT}};

/* The role that a line begins with, and what stands behind it; TALK_ROLE_OTHER: none. */
static enum talk_role take_label(struct slice line, struct slice *text)
{
    size_t colon;
    if (!slice_find(line, ':', &colon))
        return TALK_ROLE_OTHER;
    for (size_t i = 0; i < ARRAY_COUNT(labels); i++) {
        struct slice word = slice_from(labels[i].word);
        if (word.size == colon && /* so that it is the word itself, whatever its capitals */
            slice_has_letters(slice_range(line, 0, colon), word)) {
            *text = slice_range(line, colon + 1, line.size);
            return labels[i].role;
        }
    }
    return TALK_ROLE_OTHER;
}

static bool is_transcript(struct slice prompt)
{
    struct slice rest = prompt, line, text, last = {0};
    enum talk_role role = TALK_ROLE_OTHER;
    bool asks = false;
    while (slice_next(&rest, '\n', &line)) {
        if (slice_trim(line).size == 0)
            continue;
        role = take_label(line, &text);
        last = text;
        asks = asks || role == TALK_ROLE_USER;
    }
    return asks && role == TALK_ROLE_ASSISTANT && slice_trim(last).size == 0;
}

static void note(struct talk *talk, enum talk_role role, struct slice text)
{
    text = slice_trim(text);
    if ((role == TALK_ROLE_USER || role == TALK_ROLE_ASSISTANT) && text.size > 0)
        talk_note_message(talk, role, arena_text(&talk->exchange->arena, text));
}

bool talk_read_prompt(struct talk *talk, struct slice prompt)
{
    struct slice rest = prompt, line, text, said = {0};
    enum talk_role role = TALK_ROLE_PASSED;
    talk->question = NULL;
    talk->options.turn_count = 0;
    bool is_question = prompt.size > LIMIT_QUERY_BYTES || memchr(prompt.data, '\0', prompt.size) != NULL ||
                       !is_transcript(prompt);
    if (is_question)
        return talk_read_question(talk, prompt);
    while (slice_next(&rest, '\n', &line)) {
        enum talk_role next = take_label(line, &text);
        if (next != TALK_ROLE_OTHER) {
            note(talk, role, said);
            role = next;
            said = text;
        } else if (said.data != NULL) {
            said = (struct slice){said.data, (size_t)(line.data + line.size - said.data)};
        }
    }
    return talk_end_conversation(talk); /* the last label is the place for the answer */
}
