/* told_further.c - what stands behind a sentence and makes it an answer.
 *
 *   To rotate the key there is a script.              "How do I rotate the key?": it says that there is a way
 *   Run `bin/rotate` on the vault.                    ▶ and the next one what is done
 *
 *   Deleting a label takes two steps.
 *   1. Take it out of the settings.                   ▶ all of the steps, or of the lines of code, right behind it
 *   2. Delete it.
 *
 *   Never log on as root.                             "Why must we not log on as root?"
 *   This keeps the audit trail whole.                 ▶ points back and gives the reason
 *
 *   Designers are on the day rota.                    "Do designers have to be on the night rota?"
 *   They need not be on the night rota.               ▶ points back and has more of what is asked
 */
#include "told_further.h"
#include "line_parts.h"
#include "line_runs.h"
#include "span_parts.h"
#include <string.h>

enum { FURTHER_BYTES = 1000, HEAD_BYTES = 64, SENTENCES_MORE = 1, CODE_LINES_MAX = 12 };

/* ---- code ---- */

static bool is_fence_at(struct slice source, size_t at)
{
    return span_starts(source, at, "```") || span_starts(source, at, "~~~");
}

/* It is a line between fences, or in a frame of HTML. */
static bool is_code_line(const struct ask_passage *passage, size_t sentence)
{
    size_t start, end, fences = 0;
    if (!quote_find(passage->source, passage->sentences[sentence].text, &start, &end))
        return false;
    for (size_t at = 0; at < start; at++) {
        bool begins = at == 0 || passage->source.data[at - 1] == '\n';
        while (begins && at < start && passage->source.data[at] == ' ')
            at++;
        fences += begins && is_fence_at(passage->source, at);
    }
    if (fences % 2 == 1)
        return true;
    struct slice before = slice_range(passage->source, 0, start);
    const char *frame = NULL, *at = before.data;
    while ((at = memmem(at, (size_t)(before.data + before.size - at), "<pre", 4)) != NULL)
        frame = at++;
    return frame != NULL && memmem(frame, (size_t)(before.data + before.size - frame), "</pre", 5) == NULL;
}

/* ---- what is done ---- */

bool tells_action(const struct ask_passage *passage, size_t sentence)
{
    static const char
        acts[] = "run|click|go|open|select|use|enter|set|add|choose|press|type|navigate|find|create|copy|ask|contact|call|send|"
                 "follow|edit|update|remove|delete|check|make|put|sign|log|install|download|visit|fill|submit|email|write|"
                 "search|start|stop|restart|turn|switch|hold|push|pull|connect|upload|save|tap|take|place|change|attach|"
                 "raise|request|merge|deploy|complete|bring|do|please";
    const struct slice text = passage->sentences[sentence].text;
    size_t start, end;
    for (size_t at = 0; at < text.size; at++) {
        struct span_word word = span_word_at(text, at);
        if ((at == 0 || (at > 2 && span_starts(text, at - 2, ", "))) &&
            span_word_is(&word, acts)) /* "If it is locked, │ask …" */
            return true;
    }
    if (span_has_word(text, "you|we"))
        return true;
    if (!quote_find(passage->source, text, &start, &end))
        return false;
    struct slice source = slice_range(passage->source, start, end);
    return memchr(source.data, '`', source.size) != NULL || memmem(source.data, source.size, "<code", 5) != NULL;
}

static bool goes_on(const struct ask_passage *passage, size_t sentence)
{
    return sentence + 1 < passage->sentence_count && !passage->sentences[sentence + 1].is_order &&
           !line_has_bar(passage->sentences[sentence + 1].text);
}

/* The last of the steps, or lines of code, that stand right behind it; itself: none do. */
static size_t block_behind(const struct ask_passage *passage, size_t sentence)
{
    struct line_run run;
    size_t next = sentence + 1, last = sentence;
    if (!goes_on(passage, sentence) || lines_between(passage, next) == 0)
        return sentence;
    if (run_of_steps(passage, next, &run) && run.first == next)
        return run.last;
    while (goes_on(passage, last) && last - sentence < CODE_LINES_MAX && is_code_line(passage, last + 1))
        last++;
    return last;
}

static size_t last_of_steps(const struct ask_passage *passage, size_t first)
{
    size_t last = first, block;
    while ((block = block_behind(passage, last)) == last && !tells_action(passage, last) && last - first < SENTENCES_MORE &&
           goes_on(passage, last) && lines_between(passage, last + 1) < 2)
        last++;
    bool is_told = block > last || tells_action(passage, last);
    return is_told ? block : first;
}

/* ---- why ---- */

static bool gives_reason(struct slice text)
{
    static const char reasons[] = "because|since|so|therefore|otherwise|to|due|reason|prevents|prevent|ensures|ensure|avoid|"
                                  "avoids|helps|allows|means|causes|lets|weil|damit|sonst|deshalb|car|parce|porque|para";
    return span_has_word(text, reasons);
}

/* "This keeps …", "They need not …", and no "This policy …" */
static bool points_back(struct slice text)
{
    static const char pronouns[] = "it|they|he|she|otherwise|because|sonst|dies|das|cela|ceci|esto";
    static const char verbs[] =
        "can|could|will|would|may|might|must|shall|should|are|were|have|had|do|did|need|also|in|to|all|ensure|prevent|help";
    struct span_words words;
    span_words_read(slice_cut(text, HEAD_BYTES), &words);
    bool is_pointing = span_words_at(&words, 0, "this|that|these|those") && words.count > 1;
    const struct span_word *next = is_pointing ? &words.items[1] : NULL;
    return span_words_at(&words, 0, pronouns) ||
           (is_pointing && (span_word_is(next, verbs) ||
                            (span_words_at(&words, 0, "this|that") && next->size > 1 && next->bytes[next->size - 1] == 's')));
}

static size_t last_of_reason(const struct ask_passage *passage, size_t first)
{
    bool is_next = goes_on(passage, first) && lines_between(passage, first + 1) < 2;
    return is_next && points_back(passage->sentences[first + 1].text) && gives_reason(passage->sentences[first + 1].text)
               ? first + 1
               : first;
}

/* ---- whether it is so ---- */

static bool says_more(const struct asking *asking, const struct ask_passage *passage, size_t sentence)
{
    for (size_t i = 0; i < asking->question.count; i++) {
        struct slice term = asking->question.items[i];
        if (terms_have(&passage->sentences[sentence + 1].terms, term) &&
            !terms_have(&passage->sentences[sentence].terms, term) && !terms_have(&passage->above, term))
            return true;
    }
    return false;
}

static size_t last_of_truth(const struct asking *asking, const struct ask_passage *passage, size_t first)
{
    bool is_next = goes_on(passage, first) && lines_between(passage, first + 1) < 2;
    return is_next && points_back(passage->sentences[first + 1].text) && says_more(asking, passage, first) ? first + 1 : first;
}

struct candidate told_further(const struct asking *asking, enum wide_kind kind, const struct candidate *item)
{
    const struct ask_passage *passage = &asking->passages[item->passage];
    struct candidate further = *item;
    bool is_sentence = item->last == item->sentence && slice_equal(item->text, passage->sentences[item->sentence].text);
    if (!is_sentence || line_has_bar(item->text) || is_code_line(passage, item->sentence))
        return further;
    size_t last = kind == WIDE_STEPS   ? last_of_steps(passage, item->sentence)
                  : kind == WIDE_WHY   ? last_of_reason(passage, item->sentence)
                  : kind == WIDE_TRUTH ? last_of_truth(asking, passage, item->sentence)
                                       : item->sentence;
    while (last > item->sentence && text_of_sentences(passage, item->sentence, last).size > FURTHER_BYTES)
        last--;
    further.last = last;
    if (last > item->sentence)
        further.text = text_of_sentences(passage, item->sentence, last);
    return further;
}
