/* scope.c - where a question first says which document it is about, that one alone is searched for the rest.
 *
 *   Consider the lease between Arden Ltd. and Birch & Sons; when does it end?
 *            └──────────────── named ─────────────────────┘  └──── asked ────┘
 *
 * Searched for as a whole, such a question finds where those names stand, which is the first page, and not what is asked. The document is the one whose
 * title, path and best passages have what is named, rare words counting more, and clearly more of it than any other has. */
#include "scope.h"
#include "asked_names.h"
#include "span_parts.h"
#include "text/text.h"
#include <math.h>
#include <string.h>

enum { DOCUMENTS_MAX = 16, HITS = 24, NAMED_BYTES_MAX = 400, BEGINNING_BYTES = 2000 };

#define TOLD_LEAST 0.7 /* of what is named, in the document that is meant */
#define LEAD_LEAST 0.1 /* of what is named, more than in the next one */

/* First words, in small letters: behind the first a document must come, behind others much may ("In May, who …?"). */
static const char
    sure_openers[] = "consider |considering |looking at |look at |betrachte |considérons |considérant |considere ";
static const char openers[] =
    "according to |as per |based on |with regard to |with respect to |with reference to |regarding |concerning |referring to |"
    "from |per |under |within |inside |in |for |about |as for |"
    "laut |gemäß |nach |in |im |für |bezüglich |selon |d'après |dans |según |de acuerdo con |en |secondo |nel |volgens "
    "|segundo ";
/* They only look like the first ones: "In terms of price, which plan is best?" */
static const char no_openers[] = "in terms of ";
/* What documents are called. */
static const char kinds[] =
    "handbook|manual|policy|guide|guideline|guidelines|agreement|contract|lease|report|document|paper|article|study|terms|faq|"
    "catalog|catalogue|brochure|statement|regulation|regulations|charter|bylaws|minutes|datasheet|specification|filing|notice|"
    "handbuch|richtlinie|leitfaden|vertrag|bericht|dokument|satzung|ordnung|protokoll|"
    "manuel|politique|contrat|rapport|règlement|política|contrato|informe|reglamento|manuale|contratto|regolamento";
/* With which a question begins behind a comma. */
static const char asking_words[] =
    "what|who|whom|whose|when|where|which|why|how|is|are|was|were|do|does|did|can|could|may|must|should|shall|will|would|has|"
    "have|"
    "was|wer|wem|wen|wann|wo|welche|welcher|welches|wie|warum|ist|sind|darf|kann|muss|gibt|hat|"
    "que|quel|quelle|quels|quelles|qui|quand|où|combien|comment|pourquoi|est|peut|faut|"
    "qué|quién|cuándo|dónde|cuál|cuánto|cómo|es|hay|puede|che|chi|quando|dove|quale|quanto|come|wat|wie|wanneer|waar|welke|hoe";

/* ---- the question ---- */

static size_t opener_at(struct slice question, const char *alternatives)
{
    char small[24] = {0};
    for (size_t i = 0; i + 1 < sizeof(small) && i < question.size; i++)
        small[i] = byte_small(question.data[i]);
    return span_one_at((struct slice){small, strlen(small)}, 0, alternatives);
}

static bool begins_question(struct slice text)
{
    struct span_word first = span_word_at(text, 0);
    return first.size > 0 && span_word_is(&first, asking_words);
}

/* Where the document's name ends: a semicolon or a colon, or a comma that a question begins behind; none of them in quotation marks. 0: nowhere. */
static size_t name_end(struct slice question, size_t from)
{
    bool is_quoted = false;
    for (size_t i = from; i < question.size && i < NAMED_BYTES_MAX; i++) {
        char byte = question.data[i];
        bool opens = span_starts(question, i, "“"), closes = span_starts(question, i, "”");
        is_quoted = byte == '"' ? !is_quoted : opens || (is_quoted && !closes);
        bool goes_on = i + 1 < question.size && question.data[i + 1] == ' ';
        if (is_quoted || !goes_on || !byte_among(byte, ";:,"))
            continue;
        if (byte != ',' || begins_question(slice_trim(slice_range(question, i + 1, question.size))))
            return i;
    }
    return 0;
}

struct scope scope_split(struct slice question)
{
    question = slice_trim(question);
    size_t sure = opener_at(question, sure_openers), opener = sure > 0 ? sure : opener_at(question, openers);
    size_t end = name_end(question, opener);
    if (end <= opener || opener_at(question, no_openers) > 0 || (opener == 0 && begins_question(question)))
        return (struct scope){0};
    struct scope scope = {.named = slice_trim(slice_range(question, opener, end)),
                          .asked = slice_trim(slice_range(question, end + 1, question.size)),
                          .is_sure = sure > 0};
    bool is_document = scope.is_sure || span_has_word(scope.named, kinds);
    return is_document && scope.named.size > 0 && scope.asked.size > 0 ? scope : (struct scope){0};
}

/* ---- the document ---- */

struct named_document {
    struct slice path;
    double told; /* of what is named, by its weights */
    bool *has; /* each word */
};

struct naming {
    struct asking *asking;
    struct terms named; /* without short words */
    const struct search_result *search;
    struct named_document documents[DOCUMENTS_MAX];
    size_t count;
};

static bool says_something(const struct naming *naming, const struct search_word *word)
{
    bool says = false;
    for (size_t i = 0; i < word->variant_count && !says; i++)
        says = word->variants[i].size > 1 && terms_have(&naming->named, word->variants[i]);
    return says;
}

static struct named_document *document_of(struct naming *naming, const struct search_hit *hit)
{
    for (size_t i = 0; i < naming->count; i++)
        if (slice_equal(naming->documents[i].path, hit->path))
            return &naming->documents[i];
    if (naming->count == DOCUMENTS_MAX)
        return NULL;
    struct named_document *document = &naming->documents[naming->count++];
    *document = (struct named_document){.path = hit->path,
                                        .has = arena_alloc(naming->asking->arena, naming->search->word_count, sizeof(bool))};
    memset(document->has, 0, naming->search->word_count * sizeof(bool));
    return document;
}

static void mark_told(struct naming *naming, struct named_document *document, enum text_language language, struct slice text)
{
    struct terms terms = terms_of(naming->asking, text, language);
    for (size_t i = 0; i < naming->search->word_count; i++)
        for (size_t j = 0; j < naming->search->words[i].variant_count && !document->has[i]; j++)
            document->has[i] = terms_have(&terms, naming->search->words[i].variants[j]);
}

/* A document's path and title name it; where the question has names, so does its beginning, as of contracts; where it surely means one, all of it. */
static void mark_hit(struct naming *naming, const struct search_hit *hit, const struct scope *scope)
{
    struct slice names[NAMES_MAX];
    struct named_document *document = document_of(naming, hit);
    enum text_language language = text_language_indexed(text_language_named(hit->language));
    if (document == NULL)
        return;
    mark_told(naming, document, language, hit->title);
    mark_told(naming, document, language, hit->path);
    bool is_first = hit->passage.start < BEGINNING_BYTES && names_find(scope->named, names) > 0;
    if (!scope->is_sure && !is_first)
        return;
    mark_told(naming, document, language, hit->passage.headings);
    mark_told(naming, document, language, hit->passage.text);
}

/* That has what is named, and clearly more of it than any other; NULL: none, or several. */
static const struct named_document *choose(struct naming *naming)
{
    const struct search_result *search = naming->search;
    const struct named_document *best = NULL;
    double all = 0, next = 0;
    for (size_t i = 0; i < search->word_count; i++) {
        if (!says_something(naming, &search->words[i]))
            continue;
        double weight = log(1 + (double)search->searched / (double)(search->words[i].documents + 1));
        all += weight;
        for (size_t j = 0; j < naming->count; j++)
            naming->documents[j].told += naming->documents[j].has[i] ? weight : 0;
    }
    for (size_t i = 0; i < naming->count; i++)
        if (best == NULL || naming->documents[i].told > best->told)
            best = &naming->documents[i];
    for (size_t i = 0; i < naming->count; i++)
        if (&naming->documents[i] != best && naming->documents[i].told > next)
            next = naming->documents[i].told;
    bool is_meant = best != NULL && all > 0 && best->told >= TOLD_LEAST * all && best->told - next >= LEAD_LEAST * all;
    return is_meant ? best : NULL;
}

/* path = "…", and what the request itself asks for. */
static bool set_scope(struct asking *asking, struct slice path, struct error *error)
{
    struct buffer filter;
    buffer_init(&filter, MIB);
    if (asking->request->filter.size > 0)
        buffer_format(&filter, "(" SLICE_FORMAT ") and ", SLICE_ARGUMENT(asking->request->filter));
    buffer_append_text(&filter, "path = ");
    store_filter_write_text(&filter, path);
    bool ok = buffer_finish(&filter, "the filter for a document", error);
    if (ok)
        asking->scope = arena_slice(asking->arena, buffer_slice(&filter));
    buffer_release(&filter);
    return ok;
}

bool scope_find(struct asking *asking, struct error *error)
{
    const struct ask_request *request = asking->request;
    struct scope scope = scope_split(asking->answer->asked);
    struct search_result found = {0};
    if (scope.named.size == 0)
        return true;
    const struct search_request search = {.question = scope.named,
                                          .k = HITS,
                                          .mode = RETRIEVE_TEXT,
                                          .principal = request->principal,
                                          .secret = request->secret,
                                          .filter = request->filter,
                                          .tell_words = true,
                                          .plain = true};
    arena_init(&found.arena);
    bool ok = answer_search(asking->project, &search, &found, error);
    struct naming naming = {.asking = asking,
                            .named = terms_of(asking, scope.named, text_language_indexed(text_language_of(scope.named))),
                            .search = &found};
    for (size_t i = 0; ok && i < found.count; i++)
        mark_hit(&naming, &found.hits[i], &scope);
    const struct named_document *document = ok ? choose(&naming) : NULL;
    if (document != NULL) {
        asking->answer->asked = scope.asked;
        ok = set_scope(asking, document->path, error);
    }
    search_result_release(&found);
    return ok;
}
