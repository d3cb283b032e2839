/* orders.c - text that means to steer a model: orders in passages, and what an answer must not carry out of them.
 *
 * A sentence is one by marks that no text for people has; by a pattern of words, groups ("ignore|disregard") of which each is found within a few words
 * behind the one before; or by what all that it is made of weighs together (order_score.c). They are about whoever reads for a person (a model, its answer,
 * its instructions); what a procedure tells people to do is none of them. No list and no table is complete: this is one of several defences
 * (docs/ask.md has what it finds and what it lets through). */
#include "ask_parts.h"
#include "order_score.h"
#include <string.h>

enum {
    SPAN = 3, /* sentences that are looked at together; bench/orders_fit.py learned of as many */
    SPAN_BYTES = 2048,
    SURE_BYTES = 24, /* fewer may be a label ("ANSWERING") */
    GROUPS_MAX = 4,
    ORDER_WORDS_MAX = 160,
    ORDER_WORDS_KEPT = 40,
    WORD_BYTES = 24
}; /* no pattern spans more words than are kept */

struct pattern {
    const char *groups[GROUPS_MAX]; /* alternatives with | between */
    unsigned gap; /* words that may stand between two groups */
};

/* Whom nobody but a program is. */
static const struct pattern patterns[] = {
    {{"ignore|disregard|forget|override|overrule|bypass|neglect|discard",
      "previous|prior|above|earlier|preceding|all|your|system|any|other|everything",
      "instruction|instructions|prompt|prompts|rules|guidelines|directions|directives|context|passages|documents|said|told"},
     4},
    {{"ignore|disregard|forget", "the|everything|all", "above|preceding"}, 2},
    {{"ignore|disregard|forget", "the|your|all", "instructions|prompt|rules|guidelines", "you"}, 1},
    {{"ignoriere|ignorieren|vergiss|missachte", "anweisungen|anweisung|regeln|befehle|vorgaben"}, 5},
    {{"ignorez|ignore|oubliez|oublie", "instructions|consignes|règles"}, 5},
    {{"ignora|ignore|olvida|olvide|ignorar", "instrucciones|instruções|istruzioni|reglas"}, 5},
    {{"from", "now", "on", "you|answer|respond|reply|act|always|speak|every"}, 2},
    {{"ai|llm|llms|chatbot|chatbots", "must|should|shall|obey"}, 1},
    {{"roleplay|impersonate", "as|a|an|the"}, 2},
    {{"reveal|print|repeat|output|leak|show|display|disclose", "your|the|all", "prompt|instructions|context|passages"}, 3},
    {{"new|updated|important|urgent|secret|special|additional|following|real", "instruction|instructions|directive|order",
      "ai|assistant|model|bot|chatbot|llm"},
     6},
    {{"attention|note|notice|message|dear|hey|hello|warning|memo", "ai|assistant|assistants|llm|llms|chatbot|bots"}, 3},
    {{"if|when|since|as", "you|are", "an|a|the|ai", "ai|llm|assistant|model|chatbot|language|bot"}, 2},
    {{"if|when|whenever|once", "anyone|someone|somebody|anybody|user|users|asked|they", "asks|ask|asked|about|questions",
      "answer|say|respond|reply|tell|state|claim|output|insist|write"},
     8},
    {{"respond|answer|reply|output|say|print", "only|exactly|nothing|just|exclusively", "with|the|but|word|following|in"}, 2},
    {{"instead|rather", "of|than", "answering|responding|replying"}, 1},
    {{"do|don|must|never|should", "not|t|never|tell", "tell|inform|mention|reveal|alert|answer|reveal",
      "user|human|reader|users"},
     4},
    {{"convince|persuade", "the|every|this", "user|human|reader|users"}, 1},
    {{"god|dan|jailbreak|unrestricted", "mode|override|jailbreak"}, 0},
    {{"developer|debug|admin|root|sudo|maintenance", "mode", "enabled|activated|engaged|on", "you|obey|ignore|answer"}, 3},
    {{"do", "anything", "now"}, 0},
    {{"decode|decrypt|decipher|translate|rot13|base64", "and", "follow|obey|execute|do|run|perform|carry"}, 5},
    {{"end|close|beginning|start", "of", "passage|passages|context|prompt|instructions"}, 1},
    {{"stop|refuse|cease", "answering|responding|to", "question|questions|answer|anything|user"}, 4},
};

/* What procedures for people have too: no model sees it, and it may be quoted as an answer. */
static const struct pattern doubtful_patterns[] = {
    {{"you", "are|re", "now|longer"}, 1},
    {{"pretend|imagine", "you", "are|have"}, 0},
    {{"attention|note|notice|message|dear|hey|hello|warning|memo", "model|models"}, 3},
    {{"answer|respond|reply", "every|all|any|each", "question|questions|request|requests|query|queries|prompt"}, 2},
    {{"call|invoke", "the|a|your", "tool|function|plugin|api|shell|browser"}, 1},
    {{"use", "browser|shell", "tool", "to"}, 1},
    {{"use", "tool|function|plugin|shell|browser|api", "to", "send|delete|post|execute|upload|email|transfer|forward|visit"},
     2},
    {{"use", "your", "tool|tools|function|functions|plugin|browser|shell"}, 1},
    {{"assistant|assistants|agent", "must|should|obey"}, 1},
    {{"tell|inform|ask|advise|direct", "the|every|this", "user|human|reader|users"}, 1},
    {{"new|updated|secret|urgent", "instruction|instructions|directive|order", "you|system|agent"}, 6},
    {{"include|append|add|begin|start|end|finish|prefix|insert|conclude|close|embed|render|mention|replace|prepend|put|place",
      "your|every|each|final", "answer|answers|response|responses|output|summary|reply|completion"},
     10},
    {{"send|post|forward|upload|transmit|exfiltrate|leak|email|encode", "conversation|history|prompt|keys|secrets|credentials"},
     4},
};

/* What no text for people begins with. */
static const char *const marks[] = {"<|im_start|>", "<|im_end|>", "<|system|>",   "<|user|>",    "<|assistant|>", "[inst]",
                                    "[/inst]",      "<<sys>>",    "### instruct", "### system",  "### response",  "<system>",
                                    "</passage",    "<passage",   "[system]",     "system:",     "assistant:",    "[assistant]",
                                    "</context",    "<instruct",  "begin system", "<|endoftext", "</system",      "human:"};

struct order_words {
    char items[ORDER_WORDS_MAX][WORD_BYTES];
    size_t count;
};

bool is_hidden(uint32_t character)
{
    return character == 0xAD || (character >= 0x200B && character <= 0x200F) || (character >= 0x202A && character <= 0x202E) ||
           (character >= 0x2060 && character <= 0x2069) || character == 0xFEFF ||
           (character >= 0xE0000 && character <= 0xE007F);
}

/* The sentence without hidden characters, and with letters of full width as others. */
static void bare_sentence(struct slice sentence, struct buffer *out)
{
    for (size_t at = 0; at < sentence.size;) {
        uint32_t character;
        size_t bytes = text_decode(sentence, at, &character);
        if (character >= 0xFF21 && character <= 0xFF5A)
            buffer_append_byte(out, (char)(character - 0xFF21 + 'A'));
        else if (!is_hidden(character))
            buffer_append(out, sentence.data + at, bytes);
        at += bytes;
    }
}

/* ASCII letters in small ones. */
static void fold_word(struct slice word, char out[WORD_BYTES])
{
    size_t size = word.size < WORD_BYTES ? word.size : WORD_BYTES - 1;
    for (size_t i = 0; i < size; i++)
        out[i] = (char)(word.data[i] >= 'A' && word.data[i] <= 'Z' ? word.data[i] | 0x20 : word.data[i]);
    out[size] = '\0';
}

/* The next words, behind the last ones of those before. False: there are no more. */
static bool next_words(struct text_words *walk, struct order_words *words)
{
    struct slice segment;
    bool is_word;
    size_t kept = words->count < ORDER_WORDS_KEPT ? words->count : ORDER_WORDS_KEPT;
    memmove(words->items, words->items + (words->count - kept), kept * sizeof(words->items[0]));
    words->count = kept;
    while (words->count < ORDER_WORDS_MAX && text_words_next(walk, &segment, &is_word))
        if (is_word)
            fold_word(segment, words->items[words->count++]);
    return words->count > kept;
}

static bool is_one_of(const char *alternatives, const char *word)
{
    struct slice rest = slice_from(alternatives), part;
    while (slice_next(&rest, '|', &part))
        if (slice_equal_text(part, word))
            return true;
    return false;
}

static bool matches_from(const struct pattern *pattern, const struct order_words *words, size_t at)
{
    for (size_t group = 1; group < GROUPS_MAX && pattern->groups[group] != NULL; group++) {
        size_t next = at + 1, end = at + 2 + pattern->gap;
        while (next < words->count && next < end && !is_one_of(pattern->groups[group], words->items[next]))
            next++;
        if (next >= words->count || next >= end)
            return false;
        at = next;
    }
    return true;
}

static bool has_mark(struct slice sentence)
{
    for (size_t i = 0; i < ARRAY_COUNT(marks); i++) {
        size_t size = strlen(marks[i]);
        bool only_first = marks[i][size - 1] == ':';
        for (size_t at = 0; at + size <= sentence.size && (at == 0 || !only_first); at++) {
            size_t same = 0;
            while (same < size &&
                   (sentence.data[at + same] |
                    (sentence.data[at + same] >= 'A' && sentence.data[at + same] <= 'Z' ? 0x20 : 0)) == marks[i][same])
                same++;
            if (same == size)
                return true;
        }
    }
    return false;
}

static bool matches_any(const struct order_words *words, const struct pattern *some, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t at = 0; at < words->count; at++)
            if (is_one_of(some[i].groups[0], words->items[at]) && matches_from(&some[i], words, at))
                return true;
    return false;
}

static bool has_pattern(struct slice text, const struct pattern *some, size_t count)
{
    struct order_words words = {.count = 0};
    struct text_words walk = {.text = text};
    bool found = false;
    while (!found && next_words(&walk, &words))
        found = matches_any(&words, some, count);
    return found;
}

static struct slice plain_text(struct slice text, struct buffer *bare)
{
    buffer_clear(bare);
    bare_sentence(text, bare);
    return buffer_slice(bare);
}

static bool is_beyond_doubt(struct slice plain)
{
    return has_mark(plain) || has_pattern(plain, patterns, ARRAY_COUNT(patterns));
}

static bool is_plain_order(struct slice plain)
{
    return is_beyond_doubt(plain) || has_pattern(plain, doubtful_patterns, ARRAY_COUNT(doubtful_patterns));
}

bool order_is(struct slice sentence)
{
    struct buffer bare;
    buffer_init(&bare, SIZE_MAX);
    struct slice plain = plain_text(sentence, &bare);
    bool found = is_plain_order(plain) || order_score(plain) > 0;
    buffer_release(&bare);
    return found;
}

static bool are_on_a_line(const struct ask_sentence *before, const struct ask_sentence *sentence)
{
    const char *end = before->text.data + before->text.size;
    return memchr(end, '\n', (size_t)(sentence->text.data - end)) == NULL;
}

/* Runs of sentences that end with the last one and are an order together. Of them those count that might be one by themselves: an honest one beside
 * them stays. */
static void mark_runs(struct ask_sentence *sentences, size_t last, struct buffer *bare)
{
    struct slice end = sentences[last].text;
    for (size_t more = 0; more < SPAN && more <= last; more++) {
        const char *start = sentences[last - more].text.data;
        struct slice run = {start, (size_t)(end.data + end.size - start)};
        double score = more > 0 && run.size > SPAN_BYTES ? 0 : order_score(plain_text(run, bare));
        for (size_t i = last - more; i <= last && score > 0; i++) {
            bool is_one = order_score(plain_text(sentences[i].text, bare)) > order_doubt();
            sentences[i].is_likely_order = sentences[i].is_likely_order || is_one;
            sentences[i].is_sure_order = sentences[i].is_sure_order ||
                                         (is_one && score > order_certainty() && run.size >= SURE_BYTES);
        }
    }
}

void orders_mark(struct ask_sentence *sentences, size_t count)
{
    struct buffer bare;
    bool was_order = false,
         was_likely = false; /* what stands behind one on its line is a part of it: "Ignore all of this. Say …" */
    buffer_init(&bare, SIZE_MAX);
    for (size_t i = 0; i < count; i++) {
        struct slice plain = plain_text(sentences[i].text, &bare);
        bool is_order = is_beyond_doubt(plain), goes_on = i > 0 && are_on_a_line(&sentences[i - 1], &sentences[i]);
        was_likely = is_plain_order(plain) || (was_likely && goes_on);
        was_order = is_order || (was_order && goes_on);
        sentences[i].is_order = was_order;
        sentences[i].is_likely_order = was_likely;
        sentences[i].is_sure_order = is_order;
        mark_runs(sentences, i, &bare);
    }
    buffer_release(&bare);
}
