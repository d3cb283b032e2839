/* audit.c - one check after the other, on one state of the catalog; then the score. */
#include "audit.h"
#include "pile.h"
#include "reach.h"
#include "tokens.h"
#include "ingest/ingest.h"
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int compare_languages(const void *a, const void *b)
{
    const struct audit_language *x = a, *y = b;
    return x->documents != y->documents ? (x->documents < y->documents) - (x->documents > y->documents)
                                        : slice_compare(x->code, y->code);
}

static void count_languages(const struct pile *pile, struct audit_report *report)
{
    size_t capacity = 0;
    for (size_t i = 0; i < pile->document_count; i++) {
        struct slice code = pile->documents[i].language_code;
        size_t at = 0;
        while (at < report->language_count && !slice_equal(report->languages[at].code, code))
            at++;
        if (at == report->language_count) {
            report->languages = arena_more(&report->arena, report->languages, report->language_count, &capacity,
                                           sizeof(*report->languages));
            report->languages[report->language_count++] = (struct audit_language){code, 0};
        }
        report->languages[at].documents++;
    }
    if (report->language_count > 1)
        qsort(report->languages, report->language_count, sizeof(*report->languages), compare_languages);
}

struct refusing {
    const struct pile *pile;
    struct findings *findings;
};

static void tell_refused(void *context, const char *path, const struct error *error)
{
    static const char mend[] = "Mend or convert the file and run `assay add`; nothing in it can be found until then.";
    struct refusing *refusing = context;
    const struct audit_place place = {.document = arena_slice(refusing->pile->arena, slice_from(path))};
    const char *remedy = error->hint[0] != '\0' ? arena_text(refusing->pile->arena, slice_from(error->hint)) : mend;
    bool is_named = strstr(error->message, path) != NULL;
    findings_add(refusing->findings, AUDIT_UNREADABLE, AUDIT_HIGH, &place, 1, remedy, "%s%s%s", is_named ? "" : path,
                 is_named ? "" : ": ", error->message);
}

/* A pipe, or a link that leads nowhere: no text is lost with it. */
static bool holds_nothing(const struct pile *pile, struct slice document)
{
    struct stat status;
    const char *path = path_join(pile->arena, pile->request->project->root, arena_text(pile->arena, document));
    if (lstat(path, &status) != 0)
        return false; /* a member of an archive */
    return stat(path, &status) != 0 ? errno == ENOENT || errno == ELOOP : !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

bool check_refused(struct pile *pile, struct findings *findings, struct error *error)
{
    struct refusing refusing = {pile, findings};
    size_t before = findings->count;
    if (!pile_step(pile, "looking for files", 0, 0, error) ||
        !ingest_each_refused(pile->request->project, tell_refused, &refusing, error))
        return false;
    for (size_t i = before; i < findings->count; i++)
        if (holds_nothing(pile, findings->items[i].places[0].document))
            findings->items[i].severity = AUDIT_LOW;
    return true;
}

/* What is done within the read transaction. */
static bool check_all(struct pile *pile, struct findings *findings, struct reach *reach, struct token_count *tokens,
                      struct error *error)
{
    return pile_read(pile, pile->request, pile->arena, error) && check_duplicates(pile, findings, error) &&
           pile_count_terms(pile, error) && check_contradictions(pile, findings, error) && check_stale(pile, findings, error) &&
           check_revoked(pile, findings, error) && check_quality(pile, findings, error) && check_links(pile, findings, error) &&
           check_exposed(pile, findings, error) && check_boilerplate(pile, findings, error) &&
           check_refused(pile, findings, error) && tokens_count(pile, tokens, findings, error) &&
           reach_by_words(pile, reach, error);
}

bool audit_project(const struct audit_request *request, struct audit_report *report, struct error *error)
{
    struct pile pile = {.request = request, .arena = &report->arena};
    struct findings findings = {.arena = &report->arena};
    struct reach reach;
    struct token_count tokens;
    *report = (struct audit_report){0};
    arena_init(&report->arena);
    assert(!request->deep || request->embedder != NULL);
    if (!project_refresh(request->project, error))
        return false;
    bool ok = check_all(&pile, &findings, &reach, &tokens, error);
    project_release(request->project);
    ok = ok && (!request->deep || reach_by_meaning(&pile, &reach, error));
    if (ok) {
        reach_tell(&pile, &reach, &findings);
        report->documents = pile.document_count;
        report->passages = pile.passage_count;
        report->tokens = tokens.tokens;
        report->exact_tokens = tokens.exact;
        report->fits_in_context = tokens.tokens < AUDIT_CONTEXT_TOKENS;
        count_languages(&pile, report);
        findings_finish(&findings, pile.document_count, report);
    }
    pile_release(&pile);
    return ok;
}

void audit_release(struct audit_report *report)
{
    arena_release(&report->arena);
    *report = (struct audit_report){0};
}
