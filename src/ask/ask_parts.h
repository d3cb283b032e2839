/* ask_parts.h - one question on its way to an answer. Private to ask. */
#ifndef ASK_PARTS_H
#define ASK_PARTS_H

#include "ask.h"

/* The words of a text that say something, as an index has them. */
struct terms {
    struct slice *items;
    size_t count;
};

struct ask_sentence {
    struct slice text; /* line ends within it are spaces */
    struct terms terms;
    bool is_order; /* to a model, by its words: nothing is made of it */
    bool
        is_likely_order; /* that too, by words that procedures for people have as well, or by what it is made of altogether: no language model sees it */
    bool is_sure_order; /* beyond the doubt that honest sentences leave as well: no function is offered beside it */
};

struct ask_passage {
    const struct search_hit *hit;
    struct slice source; /* the document's bytes from passage.start to passage.end */
    struct terms above; /* of its title and headings */
    struct ask_sentence *sentences;
    size_t sentence_count;
    size_t first_at; /* where the first one stands in the passage's text: they lie in one copy of it */
    size_t read_size; /* of the passage's text: what lies behind was not looked at, and goes into no prompt */
    bool has_order, has_likely_order, has_sure_order; /* a sentence that is one */
};

struct asking {
    struct project *project;
    const struct ask_request *request;
    struct ask_answer *answer;
    struct arena *arena; /* the answer's */
    struct analyzer *analyzer;
    struct slice scope; /* a filter for the document that the question says it is about, see scope.c; empty: for none */
    struct terms question; /* of what was searched for */
    double *weights; /* of each: how much it tells, see passage_lines.c */
    bool is_label_elsewhere; /* others of the kind that the question names one of ("zone G") are told of, this one nowhere */
    bool is_price_elsewhere; /* the amount that was found is told where nothing is called as what the price is asked of */
    bool is_quote_told; /* something stands behind what the question quotes, an error as a rule */
    struct reader_marks *marks; /* of each passage, what the reader says of its tokens; NULL: none reads */
    struct ask_passage *passages; /* one a hit */
    size_t passage_count;
    size_t citation_capacity;
    struct ask_passage *older; /* found too, of editions that others of the passages stand for */
    size_t older_count;
    struct ask_passage *outcomes; /* what called functions gave: as passages, of no document */
    size_t outcome_count;
};

/* ---- ask_passages.c ---- */

/* The stemmed words, without the language's short ones. */
struct terms terms_of(struct asking *asking, struct slice text, enum text_language language);
/* The same of a question, without what asks in it: "Wie hoch", "combien". */
struct terms question_terms(struct asking *asking, struct slice question, enum text_language language);
/* The language of a text, and of one too short to tell that of the best passage. */
enum text_language language_of(const struct asking *asking, struct slice text);
bool terms_have(const struct terms *terms, struct slice term);
bool terms_have_all(const struct terms *terms, const struct terms *wanted); /* false: nothing is wanted */
/* In its title, its headings or a sentence. */
bool passage_has(const struct ask_passage *passage, struct slice term);

/* The title of its document, and its headings: a line each. */
struct slice text_above(struct asking *asking, const struct ask_passage *passage);

/* Cuts the passages' texts into sentences and looks for orders in them. */
void passages_read(struct asking *asking, struct ask_passage *passages, size_t count);

/* ---- run.c ---- */

/* Searches for a text with what the request says of how; what the result had is released. */
bool search_for(struct asking *asking, struct slice text, struct search_result *result, struct error *error) MUST_USE;

/* ---- other_language.c ---- */

/* The language of all passages, in English ("Spanish"), where the question is in another one; NULL: it is not, or none can be told. */
const char *other_language(const struct asking *asking);

/* ---- gate.c: the second look at who may see what, just before a text is used ---- */

/* Asks the catalog anew who asks, and for the right to each passage of the search; takes out what may not, or no longer, be seen. Reads where
 * the rest stands in its source. */
bool gate_passages(struct asking *asking, struct error *error) MUST_USE;

/* Takes in further passages behind those of the search, if they may be seen, and cuts them into sentences. */
bool gate_more(struct asking *asking, const struct search_hit *hits, size_t count, struct error *error) MUST_USE;

/* Who asks, by the catalog as it is now; `*principal` NULL: the owner. */
bool gate_principal(struct asking *asking, const struct store_principal **principal, struct error *error) MUST_USE;

/* ---- quote.c ---- */

/* Where the sentence of the passage stands in the source, to the byte: source[*start … *end). */
bool quote_find(struct slice source, struct slice sentence, size_t *start, size_t *end);

/* ---- support.c ---- */

struct support {
    size_t passage, sentence; /* the best */
    double share; /* of what the sentence says, that stands there: 0 … 1 */
    bool is_supported;
    bool is_doubted; /* by its words it would be, but the grounding model says no, which is not always right */
    bool says_nothing; /* the sentence has no word that could be borne out: "Yes." */
};

/* Looks for what bears the sentence out, first in the passages marked (bits of `marks`, from 0), then in all. */
struct support support_find(struct asking *asking, struct slice sentence, uint64_t marks);

/* The same in one passage. */
struct support support_at(struct asking *asking, size_t passage, struct slice sentence);

/* A second opinion on what is supported, of the request's ranker for that, where there is one: it is borne out by this passage, by one of a few others, or
 * not. */
bool grounding_check(struct asking *asking, struct slice sentence, struct support *support, struct error *error) MUST_USE;

/* The same as support_find in what called functions gave: there is nothing to cite. says_nothing: of what could be looked for there. */
struct support support_by_outcomes(struct asking *asking, struct slice sentence);

/* The citation of a sentence of a passage: its number, from 1; made when there is none yet. */
size_t cite(struct asking *asking, size_t passage, size_t sentence);
/* The same of all sentences from the first to the last. */
size_t cite_run(struct asking *asking, size_t passage, size_t first, size_t last);
/* A sentence of a passage that nothing is answered from, as its document has it. */
struct ask_otherwise otherwise_quote(const struct ask_passage *passage, struct slice sentence);

/* ---- orders.c ---- */

bool order_is(struct slice sentence);
/* Marks the sentences of a passage that are orders, and those that are likely to be, by themselves or together with those beside them. */
void orders_mark(struct ask_sentence *sentences, size_t count);

/* A character without width, or one that turns the direction of writing: they are put into words to hide them. */
bool is_hidden(uint32_t character);

/* Appends the text without what a page could load or lead to: pictures, links' addresses, HTML. */
void defang(struct slice text, struct buffer *out);
struct slice defanged(struct arena *arena, struct slice text); /* a copy that is */

/* Appends a document's own words: as defang, but addresses stay, in code. `source`: where the frames of code stand that the text lacks; empty: nowhere. */
void verbatim(struct slice text, struct slice source, struct buffer *out);

/* ---- by_reader.c: what all share that read passages ---- */

/* The passages as a reader takes them, one a passage; in the arena. */
struct reader_passage *passages_to_read(struct asking *asking);

/* The text of a passage, spaces in the place of what reads like an order: nothing moves, and nothing is answered from there. */
struct slice passage_to_read(struct asking *asking, const struct ask_passage *passage);
/* The sentence that has that byte of it. */
size_t passage_sentence_at(const struct ask_passage *passage, size_t at);
/* Where the part of one of its sentences stands in it. */
size_t passage_offset(const struct ask_passage *passage, struct slice part);
/* Its score in the search as a share of the best one's. */
double passage_share(const struct asking *asking, size_t passage);

/* ---- talk.c ---- */

/* llm_chat with the question's model; request->is_cancelled and context are filled in here, and the usage is counted. */
bool talk(struct asking *asking, const struct llm_request *request, struct llm_answer *said, struct error *error) MUST_USE;

/* ---- kept_tokens.c: what is told of the tokens of a model's text ---- */

/* Which bytes of the text stand in the answer: none yet; NULL: the request does not ask. */
bool *tokens_begin(const struct asking *asking, struct slice written);
/* Marks those of a part of the text that was given so. */
void tokens_keep(bool *kept, struct slice written, struct slice given);
/* Sets answer->logprobs. */
void tokens_take(struct asking *asking, const struct llm_answer *said, const bool *kept);

/* ---- client_tools.c ---- */

/* What came of calls, before a prompt is built. */
bool tools_read(struct asking *asking, struct error *error) MUST_USE;
/* About how many tokens the tools and what came of them have. */
size_t tools_tokens(const struct asking *asking);
/* Rules that go with functions, behind those of the prompt; empty: none is offered. */
struct slice tools_rules(const struct asking *asking);
/* Puts the request's tools, and what came of calls, into a request to the model, but for tools where a text has an order to it. */
void tools_offer(struct asking *asking, struct llm_request *chat);
/* Takes the calls that the model wants. False: it wants one that was not offered. */
bool tools_called(struct asking *asking, const struct llm_answer *said, struct error *error) MUST_USE;
/* Of a request that failed: turns the provider's complaint of the functions into an error that the client may be told. */
void tools_explain(struct asking *asking, const struct llm_request *chat, const struct llm_answer *said, struct error *error);

/* ---- builtin.c, by_form.c, by_reader.c, by_writer.c, ask_model.c: the ways to answer ---- */

bool answer_builtin(struct asking *asking, struct error *error) MUST_USE;
/* Of the weights that gave its confidence: others are another model. */
void builtin_version(const struct ask_request *request, const struct ask_answer *answer, unsigned char hash[STORE_HASH_BYTES]);
bool answer_by_form(struct asking *asking, struct error *error) MUST_USE;
bool answer_by_reader(struct asking *asking, struct error *error) MUST_USE;
bool answer_by_writer(struct asking *asking, struct error *error) MUST_USE;
bool answer_by_model(struct asking *asking, struct error *error) MUST_USE;

#endif
