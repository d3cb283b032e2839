/* duplicates.c - the same text twice: whole documents, then passages of documents that are not copies of each other. */
#include "pile.h"
#include "alike/alike.h"
#include "differ.h"
#include <stdlib.h>
#include <string.h>

#define LEAST_LIKE 0.5      /* likeness of near-duplicates: about one word in eight exchanged */
enum { WORDS_LEAST = 12, DOCUMENT_WORDS_LEAST = 20, PLACES_SHOWN = 20 };

static const char
    keep_one[] = "Keep one and remove the others, or let them point to it: copies drift apart, and crowd out other answers.";
static const char thin_out[] = "Keep what is said once, or leave the document out: its copies crowd out other answers.";
static const char merge[] = "Decide which one holds, merge what is new in the other, and remove it.";

struct texts {
    struct alike_text *items;
    struct slice *parts;
};

static bool step(void *context, size_t done, size_t total)
{
    const struct pile *pile = context;
    struct error ignored;
    return pile_step(pile, "comparing", done, total, &ignored);
}

static bool find(struct pile *pile, const struct alike_text *texts, size_t count, size_t words_least, struct alike_found *found,
                 struct error *error)
{
    const struct alike_search search = {.texts = texts,
                                        .count = count,
                                        .least = LEAST_LIKE,
                                        .words_least = words_least,
                                        .pool = pile->request->project->pool,
                                        .step = step,
                                        .context = pile};
    return alike_find(&search, found, error);
}

/* The members of a group, in order of their numbers. */
struct group {
    const uint32_t *members;
    size_t count;
    double likeness; /* the least one of its pairs */
    bool same;
};

static int compare_numbers(const void *a, const void *b, void *context)
{
    const uint32_t *groups = context, *x = a, *y = b;
    if (groups[*x] != groups[*y])
        return groups[*x] < groups[*y] ? -1 : 1;
    return (*x > *y) - (*x < *y);
}

/* Calls each() for every group of two and more. */
static void each_group(const struct alike_found *found, size_t count, void (*each)(void *context, const struct group *group),
                       void *context)
{
    uint32_t *order = memory_alloc(count, sizeof(*order));
    double *least = memory_alloc(count, sizeof(*least));
    bool *differs = memory_alloc(count, sizeof(*differs));
    for (size_t i = 0; i < count; i++) {
        order[i] = (uint32_t)i;
        least[i] = 1;
    }
    for (size_t i = 0; i < found->count; i++) {
        const struct alike_pair *pair = &found->pairs[i];
        uint32_t group = found->groups[pair->first];
        if ((double)pair->likeness < least[group])
            least[group] = (double)pair->likeness;
        differs[group] = differs[group] || !pair->same;
    }
    if (count > 1)
        qsort_r(order, count, sizeof(*order), compare_numbers, found->groups);
    for (size_t first = 0, end; first < count; first = end) {
        uint32_t group = found->groups[order[first]];
        for (end = first + 1; end < count && found->groups[order[end]] == group;)
            end++;
        if (end > first + 1)
            each(context, &(struct group){order + first, end - first, least[group], !differs[group]});
    }
    free(order);
    free(least);
    free(differs);
}

struct checking {
    struct pile *pile;
    struct findings *findings;
    uint32_t *document_groups; /* of each document */
    struct map told; /* the documents of a group of passages → the finding, plus one: told once, with all its places */
};

/* What the first two differ in: the first passages that are not the same. */
static const char *differing_words(const struct checking *checking, const struct pile_document *a,
                                   const struct pile_document *b)
{
    const struct pile *pile = checking->pile;
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        struct slice first = pile->passages[a->first + i].text, second = pile->passages[b->first + i].text;
        if (!slice_equal(first, second))
            return differ_show(first, second, checking->findings->arena);
    }
    return "";
}

/* A document's bytes without its white space, passage by passage. */
struct text_bytes {
    const struct pile_passage *passages;
    size_t count, passage, at;
};

static int next_byte(struct text_bytes *bytes)
{
    for (; bytes->passage < bytes->count; bytes->passage++, bytes->at = 0) {
        struct slice text = bytes->passages[bytes->passage].text;
        while (bytes->at < text.size) {
            char byte = text.data[bytes->at++];
            if (!byte_among(byte, " \t\r\n"))
                return (unsigned char)byte;
        }
    }
    return -1;
}

static bool same_text(const struct pile *pile, const struct pile_document *a, const struct pile_document *b)
{
    struct text_bytes one = {.passages = pile->passages + a->first, .count = a->count};
    struct text_bytes other = {.passages = pile->passages + b->first, .count = b->count};
    for (;;) {
        int byte = next_byte(&one);
        if (byte != next_byte(&other))
            return false;
        if (byte < 0)
            return true;
    }
}

/* Among documents that are nearly the same, those that are copies. */
static void tell_copies(struct checking *checking, const struct group *group)
{
    enum { COMPARED_MAX = 256 };
    const struct pile *pile = checking->pile;
    bool told[COMPARED_MAX] = {false};
    size_t count = group->count < COMPARED_MAX ? group->count : COMPARED_MAX;
    for (size_t i = 0; i < count; i++) {
        struct audit_place places[PLACES_SHOWN];
        const struct pile_document *first = &pile->documents[group->members[i]], *second = NULL;
        size_t copies = 1;
        places[0] = place_of_document(first);
        for (size_t j = i + 1; j < count && !told[i]; j++) {
            const struct pile_document *other = &pile->documents[group->members[j]];
            if (told[j] || !same_text(pile, first, other))
                continue;
            told[j] = true;
            second = second == NULL ? other : second;
            if (copies < PLACES_SHOWN)
                places[copies] = place_of_document(other);
            copies++;
        }
        if (second != NULL)
            findings_add(checking->findings, AUDIT_DUPLICATE, AUDIT_HIGH, places, copies < PLACES_SHOWN ? copies : PLACES_SHOWN,
                         keep_one, "%zu documents have the same text: " SLICE_FORMAT " and " SLICE_FORMAT "%s", copies,
                         SLICE_ARGUMENT(first->path), SLICE_ARGUMENT(second->path), copies > 2 ? " …" : "");
    }
}

static void tell_documents(void *context, const struct group *group)
{
    struct checking *checking = context;
    struct audit_place places[PLACES_SHOWN];
    const struct pile_document *documents = checking->pile->documents, *first = &documents[group->members[0]],
                               *second = &documents[group->members[1]];
    size_t count = group->count < PLACES_SHOWN ? group->count : PLACES_SHOWN;
    for (size_t i = 0; i < count; i++)
        places[i] = place_of_document(&documents[group->members[i]]);
    for (size_t i = 0; i < group->count; i++)
        checking->document_groups[group->members[i]] = group->members[0];
    if (group->same)
        findings_add(checking->findings, AUDIT_DUPLICATE, AUDIT_HIGH, places, count, keep_one,
                     "%zu documents have the same text: " SLICE_FORMAT " and " SLICE_FORMAT "%s", group->count,
                     SLICE_ARGUMENT(first->path), SLICE_ARGUMENT(second->path), group->count > 2 ? " …" : "");
    else {
        tell_copies(checking, group);
        for (size_t i = 2; i < group->count && i < PLACES_SHOWN && same_text(checking->pile, first, second); i++)
            second = &documents[group->members[i]];
        findings_add(checking->findings, AUDIT_NEAR_DUPLICATE, AUDIT_MEDIUM, places, count, merge,
                     "%zu documents are nearly the same (%.0f %%): " SLICE_FORMAT " and " SLICE_FORMAT "%s%s", group->count,
                     100 * group->likeness, SLICE_ARGUMENT(first->path), SLICE_ARGUMENT(second->path),
                     group->count > 2 ? " …" : "", differing_words(checking, first, second));
    }
}

/* ---- what mails quote ---- */

/* What is quoted in a document, or all else of it; `parts` has room for its passages. */
static struct alike_text part_of_mail(const struct pile *pile, const struct pile_document *document, bool is_quoted,
                                      struct slice *parts)
{
    struct alike_text text = {.parts = parts};
    for (size_t i = document->first; i < document->first + document->count; i++)
        if (pile->passages[i].is_quoted == is_quoted)
            parts[text.part_count++] = pile->passages[i].text;
    return text;
}

/* A mail is like another one when its own words are, and both quote the same. A reply is no copy of the mail that it quotes, and what is quoted below
 * the words of a form letter may stand nowhere else. */
static bool are_alike(const struct pile *pile, const struct alike_pair *pair)
{
    const struct pile_document *first = &pile->documents[pair->first], *second = &pile->documents[pair->second];
    unsigned char one[ALIKE_DIGEST_BYTES], other[ALIKE_DIGEST_BYTES];
    struct slice *parts = memory_alloc(first->count + second->count + 1, sizeof(*parts)), *behind = parts + first->count;
    struct alike_text quoted = part_of_mail(pile, first, /* is_quoted= */ true, parts),
                      other_quoted = part_of_mail(pile, second, /* is_quoted= */ true, behind);
    bool has_quotes = quoted.part_count + other_quoted.part_count > 0;
    alike_digest(&quoted, one);
    alike_digest(&other_quoted, other);
    bool are = !has_quotes || pair->same;
    if (!are && memcmp(one, other, sizeof(one)) == 0) {
        struct alike_text own = part_of_mail(pile, first, /* is_quoted= */ false, parts),
                          other_own = part_of_mail(pile, second, /* is_quoted= */ false, behind);
        are = alike_likeness(&own, &other_own) >= LEAST_LIKE;
    }
    free(parts);
    return are;
}

/* Keeps the pairs of documents that are alike, and the groups that those make. There may be other pairs in a group: what is joined by one that is
 * taken out alone is not told. */
static void keep_alike(const struct pile *pile, struct alike_found *found)
{
    size_t kept = 0;
    for (size_t i = 0; i < found->count; i++)
        if (are_alike(pile, &found->pairs[i]))
            found->pairs[kept++] = found->pairs[i];
    found->count = kept;
    alike_found_group(found, pile->document_count);
}

static bool check_documents(struct checking *checking, struct error *error)
{
    struct pile *pile = checking->pile;
    struct slice *parts = memory_alloc(pile->passage_count + 1, sizeof(*parts));
    struct alike_text *texts = memory_alloc(pile->document_count + 1, sizeof(*texts));
    struct alike_found found = {0};
    for (size_t i = 0; i < pile->passage_count; i++)
        parts[i] = pile->passages[i].text;
    for (size_t i = 0; i < pile->document_count; i++)
        texts[i] = (struct alike_text){parts + pile->documents[i].first, pile->documents[i].count};
    bool ok = find(pile, texts, pile->document_count, DOCUMENT_WORDS_LEAST, &found, error);
    if (ok)
        keep_alike(pile, &found);
    if (ok)
        each_group(&found, pile->document_count, tell_documents, checking);
    alike_found_release(&found);
    free(parts);
    free(texts);
    return ok;
}

/* ---- passages ---- */

static size_t word_count(struct slice text)
{
    struct text_words words = {.text = text};
    struct slice segment;
    bool is_word;
    size_t count = 0;
    while (count < WORDS_LEAST && text_words_next(&words, &segment, &is_word))
        count += is_word;
    return count;
}

/* The documents of the places as a key, and whether they tell something that the documents' groups have not told. */
static bool key_of(const struct checking *checking, const struct group *group, struct buffer *key)
{
    const struct pile_passage *passages = checking->pile->passages;
    uint32_t first = passages[group->members[0]].document, last = first;
    bool news = false;
    buffer_append_byte(key, group->same ? 's' : 'n');
    buffer_u32(key, first);
    for (size_t i = 1; i < group->count; i++) {
        uint32_t document = passages[group->members[i]].document;
        news = news || checking->document_groups[document] != checking->document_groups[first];
        if (document != last)
            buffer_u32(key, document);
        last = document;
    }
    return news;
}

/* Adds the group's places to a finding about the same documents, when there is one. */
static bool add_to_told(struct checking *checking, struct slice key, const struct audit_place *places, size_t count)
{
    struct map_entry *entry = map_put(&checking->told, key, NULL);
    if (entry->value == 0) {
        entry->value = checking->findings->count + 1;
        return false;
    }
    struct audit_finding *finding = &checking->findings->items[entry->value - 1];
    if (finding->place_count + count > (size_t)4 * PLACES_SHOWN)
        return true;
    struct audit_place *all = arena_alloc(checking->findings->arena, finding->place_count + count, sizeof(*all));
    memcpy(all, finding->places, finding->place_count * sizeof(*all));
    memcpy(all + finding->place_count, places, count * sizeof(*all));
    finding->places = all;
    finding->place_count += count;
    return true;
}

static void tell_group(struct checking *checking, const struct group *group)
{
    struct pile *pile = checking->pile;
    struct audit_place places[PLACES_SHOWN];
    struct buffer key;
    const struct pile_passage *first = &pile->passages[group->members[0]], *second = &pile->passages[group->members[1]];
    size_t count = group->count < PLACES_SHOWN ? group->count : PLACES_SHOWN;
    buffer_init(&key, MIB);
    if (key_of(checking, group, &key) && word_count(first->text) >= WORDS_LEAST) {
        for (size_t i = 0; i < count; i++)
            places[i] = place_of(pile, checking->findings, group->members[i], pile->passages[group->members[i]].text);
        struct slice paths[] = {pile_document_of(pile, first)->path, pile_document_of(pile, second)->path};
        if (add_to_told(checking, buffer_slice(&key), places, count))
            ;
        else if (group->same)
            findings_add(checking->findings, AUDIT_DUPLICATE, AUDIT_LOW, places, count, keep_one,
                         "the same passage stands in %zu places: " SLICE_FORMAT ":%lld and " SLICE_FORMAT ":%lld%s",
                         group->count, SLICE_ARGUMENT(paths[0]), (long long)first->line, SLICE_ARGUMENT(paths[1]),
                         (long long)second->line, group->count > 2 ? " …" : "");
        else
            findings_add(checking->findings, AUDIT_NEAR_DUPLICATE, AUDIT_LOW, places, count, merge,
                         "%zu passages are nearly the same (%.0f %%): " SLICE_FORMAT ":%lld and " SLICE_FORMAT ":%lld%s%s",
                         group->count, 100 * group->likeness, SLICE_ARGUMENT(paths[0]), (long long)first->line,
                         SLICE_ARGUMENT(paths[1]), (long long)second->line, group->count > 2 ? " …" : "",
                         differ_show(first->text, second->text, checking->findings->arena));
    }
    buffer_release(&key);
}

static bool is_of_quoting(const struct pile *pile, const struct pile_passage *passage)
{
    const struct pile_document *document = pile_document_of(pile, passage);
    for (size_t i = document->first; i < document->first + document->count; i++)
        if (pile->passages[i].is_quoted)
            return true;
    return false;
}

/* Those of a group that are not quoted, and not a form letter's words above different quotes. */
static void tell_passages(void *context, const struct group *group)
{
    struct checking *checking = context;
    uint32_t *members = memory_alloc(group->count, sizeof(*members));
    struct group own = {.members = members, .likeness = group->likeness, .same = group->same};
    for (size_t i = 0; i < group->count; i++) {
        const struct pile_passage *passage = &checking->pile->passages[group->members[i]];
        if (!passage->is_quoted && (group->same || !is_of_quoting(checking->pile, passage)))
            members[own.count++] = group->members[i];
    }
    if (own.count > 1)
        tell_group(checking, &own);
    free(members);
}

/* Half and more of a document's passages are copies of others of it: a log, a filler, a conversion that ran wild. */
static void tell_repeats(struct checking *checking, const uint32_t *firsts)
{
    enum { REPEATS_LEAST = 5 };
    struct pile *pile = checking->pile;
    for (size_t i = 0; i < pile->document_count; i++) {
        const struct pile_document *document = &pile->documents[i];
        size_t repeats = 0, example = 0;
        for (size_t j = document->first; j < document->first + document->count; j++)
            if (firsts[j] != j && pile->passages[firsts[j]].document == i &&
                word_count(pile->passages[j].text) >= WORDS_LEAST) {
                example = repeats == 0 ? firsts[j] : example;
                repeats++;
            }
        if (repeats < REPEATS_LEAST || 2 * repeats < document->count)
            continue;
        const struct audit_place place = place_of(pile, checking->findings, example, pile->passages[example].text);
        findings_add(checking->findings, AUDIT_DUPLICATE, AUDIT_MEDIUM, &place, 1, thin_out,
                     "%zu of the %zu passages of " SLICE_FORMAT " repeat others of it", repeats, document->count,
                     SLICE_ARGUMENT(document->path));
    }
}

/* Marks copies, and lists them behind the first of their text, which is in each pair of them. */
static void join_copies(struct checking *checking, const struct alike_found *found)
{
    struct pile *pile = checking->pile;
    uint32_t *firsts = memory_alloc(pile->passage_count + 1, sizeof(*firsts));
    uint32_t *lasts = memory_alloc(pile->passage_count + 1, sizeof(*lasts));
    for (size_t i = 0; i < pile->passage_count; i++)
        firsts[i] = lasts[i] = (uint32_t)i;
    for (size_t i = 0; i < found->count; i++) {
        const struct alike_pair *pair = &found->pairs[i];
        if (!pair->same)
            continue;
        pile->passages[pair->second].is_copy = true;
        pile->passages[lasts[pair->first]].next_copy = pair->second + 1;
        lasts[pair->first] = pair->second;
        firsts[pair->second] = pair->first;
    }
    tell_repeats(checking, firsts);
    free(firsts);
    free(lasts);
}

static bool check_passages(struct checking *checking, struct error *error)
{
    struct pile *pile = checking->pile;
    struct alike_text *texts = memory_alloc(pile->passage_count + 1, sizeof(*texts));
    struct alike_found found = {0};
    for (size_t i = 0; i < pile->passage_count; i++)
        texts[i] = (struct alike_text){&pile->passages[i].text, 1};
    bool ok = find(pile, texts, pile->passage_count, WORDS_LEAST, &found, error);
    if (ok)
        join_copies(checking, &found);
    if (ok)
        each_group(&found, pile->passage_count, tell_passages, checking);
    alike_found_release(&found);
    free(texts);
    return ok;
}

bool check_duplicates(struct pile *pile, struct findings *findings, struct error *error)
{
    struct checking checking = {
        .pile = pile, .findings = findings, .document_groups = memory_alloc(pile->document_count + 1, sizeof(uint32_t))};
    for (size_t i = 0; i < pile->document_count; i++)
        checking.document_groups[i] = (uint32_t)i;
    map_init(&checking.told, UINT32_MAX / 4);
    bool ok = check_documents(&checking, error) && check_passages(&checking, error);
    map_release(&checking.told);
    free(checking.document_groups);
    return ok;
}
