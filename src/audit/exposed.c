/* exposed.c - secrets and personal data in passages, gathered by document and kind. What is found is never shown: places have the text
 * around it, masked.
 *
 * Addresses of a role (info@…, support@…) are there to be written to, and names that are kept for examples are nobody's: both are passed
 * over. */
#include "pile.h"
#include "text/text.h"
#include <stdlib.h>
#include <string.h>

enum { PLACES_MAX = 20, AROUND_BYTES = 80 };

static const char
    rotate[] = "Whoever reads answers may read it: take it out of the document, and have it replaced where it is valid. "
               "`sensitive: mask` in assay.yaml keeps such out of the index.";
static const char take_out[] =
    "Take it out, give the document labels that keep it to those who need it, or set `sensitive: mask` in assay.yaml.";

/* ---- what is hidden in texts that are shown ---- */

struct piece {
    struct slice whole, part; /* the part lies in the whole */
    struct buffer *out;
    size_t taken; /* of the part */
};

static bool mask_in_piece(void *context, enum sensitive_kind kind, size_t start, size_t end)
{
    struct piece *piece = context;
    size_t first = (size_t)(piece->part.data - piece->whole.data), last = first + piece->part.size;
    if (!(SENSITIVE_SECRETS >> kind & 1) || end <= first || start >= last)
        return true;
    size_t from = start > first ? start - first : 0, until = end < last ? end - first : piece->part.size;
    buffer_append_slice(piece->out, slice_range(piece->part, piece->taken, from));
    buffer_format(piece->out, "[%s]", sensitive_kind_label(kind));
    piece->taken = until;
    return true;
}

struct slice hide_secrets(struct arena *arena, struct slice whole, struct slice part)
{
    struct buffer out;
    bool lies_within = part.size > 0 && part.data >= whole.data && part.data + part.size <= whole.data + whole.size;
    struct piece piece = {.whole = lies_within ? whole : part, .part = part, .out = &out};
    buffer_init(&out, LIMIT_DOCUMENT_BYTES_MAX);
    (void)sensitive_each(piece.whole, mask_in_piece, &piece);
    if (piece.taken > 0) {
        buffer_append_slice(&out, slice_range(part, piece.taken, part.size));
        part = arena_slice(arena, buffer_slice(&out));
    }
    buffer_release(&out);
    return part;
}

/* ---- addresses that are no secret ---- */

static bool is_one_of(struct slice text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text.size == strlen(words[i]) && strncasecmp(text.data, words[i], text.size) == 0)
            return true;
    return false;
}

static bool is_for_examples(struct slice domain)
{
    static const char *const names[] = {"example.com", "example.org", "example.net", "example.edu"};
    static const char *const endings[] = {"test", "example", "invalid", "localhost"};
    size_t last = domain.size, before;
    while (last > 0 && domain.data[last - 1] != '.')
        last--;
    for (before = last > 0 ? last - 1 : 0; before > 0 && domain.data[before - 1] != '.';)
        before--;
    return is_one_of(slice_range(domain, last, domain.size), endings, ARRAY_COUNT(endings)) ||
           is_one_of(slice_range(domain, before, domain.size), names, ARRAY_COUNT(names));
}

static bool is_nobody(struct slice address)
{
    static const char *const roles[] = {"info",      "support",  "help",     "helpdesk", "contact", "contacts",  "sales",
                                        "office",    "admin",    "service",  "services", "hello",   "team",      "press",
                                        "privacy",   "security", "noreply",  "no-reply", "jobs",    "webmaster", "billing",
                                        "marketing", "orders",   "feedback", "accounts", "abuse",   "legal",     "postmaster",
                                        "returns",   "media",    "git",      "it"};
    size_t at;
    if (!slice_find(address, '@', &at))
        return false;
    return is_one_of(slice_range(address, 0, at), roles, ARRAY_COUNT(roles)) ||
           is_for_examples(slice_range(address, at + 1, address.size));
}

/* ---- gathering ---- */

struct gathered {
    struct audit_place places[PLACES_MAX];
    size_t place_count, passages, values; /* how many different ones */
    size_t last_passage; /* plus one */
};

struct gathering {
    struct pile *pile;
    struct findings *findings;
    struct gathered kinds[SENSITIVE_KIND_COUNT];
    struct map seen; /* values, by kind and hash */
    size_t passage;
    const struct buffer *masked; /* the passage's text */
};

/* The text around the first mask of a kind. */
static struct slice around(const struct buffer *masked, enum sensitive_kind kind, struct arena *arena)
{
    struct slice text = buffer_slice(masked), mask = slice_from(arena_format(arena, "[%s]", sensitive_kind_label(kind)));
    const char *found = memmem(text.data, text.size, mask.data, mask.size);
    if (found == NULL)
        return mask;
    size_t at = (size_t)(found - text.data), start = at, end = at + mask.size;
    while (start > 0 && at - start < AROUND_BYTES && text.data[start - 1] != '\n')
        start--;
    while (start < at && ((unsigned char)text.data[start] & 0xC0) == 0x80)
        start++;
    while (end < text.size && end - at - mask.size < AROUND_BYTES && text.data[end] != '\n')
        end++;
    while (end < text.size && ((unsigned char)text.data[end] & 0xC0) == 0x80)
        end--;
    return slice_trim(slice_range(text, start, end));
}

static bool gather(void *context, enum sensitive_kind kind, size_t start, size_t end)
{
    struct gathering *gathering = context;
    struct gathered *gathered = &gathering->kinds[kind];
    struct slice value = slice_range(gathering->pile->passages[gathering->passage].text, start, end);
    uint64_t key[2] = {(uint64_t)kind, map_hash(value)};
    bool is_new = false;
    if (kind == SENSITIVE_EMAIL && is_nobody(value))
        return true;
    (void)map_put(&gathering->seen, (struct slice){(const char *)key, sizeof(key)}, &is_new);
    gathered->values += is_new;
    if (gathered->last_passage == gathering->passage + 1)
        return true;
    gathered->last_passage = gathering->passage + 1;
    if (gathered->passages++ < PLACES_MAX)
        gathered->places[gathered->place_count++] = place_of(gathering->pile, gathering->findings, gathering->passage,
                                                             around(gathering->masked, kind, gathering->findings->arena));
    return true;
}

static enum audit_severity severity_of(enum sensitive_kind kind)
{
    switch (kind) {
    case SENSITIVE_PRIVATE_KEY:
    case SENSITIVE_ACCESS_KEY:
    case SENSITIVE_TOKEN:
    case SENSITIVE_SECRET:
        return AUDIT_HIGH;
    case SENSITIVE_CARD:
    case SENSITIVE_IBAN:
    case SENSITIVE_SSN:
        return AUDIT_MEDIUM;
    case SENSITIVE_EMAIL:
    case SENSITIVE_PHONE:
    case SENSITIVE_IP_ADDRESS:
    case SENSITIVE_KIND_COUNT:
        break;
    }
    return AUDIT_LOW;
}

static void tell_kinds(struct gathering *gathering)
{
    for (size_t i = 0; i < SENSITIVE_KIND_COUNT; i++) {
        const struct gathered *gathered = &gathering->kinds[i];
        enum audit_severity severity = severity_of((enum sensitive_kind)i);
        if (gathered->passages == 0)
            continue;
        const struct audit_place *place = &gathered->places[0];
        const char *label = sensitive_kind_label((enum sensitive_kind)i),
                   *plural = slice_ends_with(slice_from(label), SLICE("s")) ? "es" : "s";
        findings_add(gathering->findings, AUDIT_SENSITIVE, severity, gathered->places, gathered->place_count,
                     severity == AUDIT_HIGH ? rotate : take_out, SLICE_FORMAT ":%lld: %zu %s%s%s",
                     SLICE_ARGUMENT(place->document), (long long)place->line, gathered->values, label,
                     gathered->values == 1 ? "" : plural, gathered->passages > 1 ? ", here and further down" : "");
    }
}

static bool note_any(void *context, enum sensitive_kind kind, size_t start, size_t end)
{
    (void)kind, (void)start, (void)end;
    *(bool *)context = true;
    return false;
}

bool check_exposed(struct pile *pile, struct findings *findings, struct error *error)
{
    struct gathering *gathering = memory_alloc(1, sizeof(*gathering));
    struct buffer masked;
    bool ok = true;
    *gathering = (struct gathering){.pile = pile, .findings = findings, .masked = &masked};
    map_init(&gathering->seen, UINT32_MAX / 4);
    buffer_init(&masked, LIMIT_DOCUMENT_BYTES_MAX);
    for (size_t i = 0; ok && i < pile->document_count; i++) {
        const struct pile_document *document = &pile->documents[i];
        memset(gathering->kinds, 0, sizeof(gathering->kinds));
        map_clear(&gathering->seen);
        for (size_t j = document->first; j < document->first + document->count; j++) {
            struct slice text = pile->passages[j].text;
            bool is_found = false;
            (void)sensitive_each(text, note_any, &is_found);
            if (!is_found)
                continue;
            buffer_clear(&masked);
            sensitive_mask(text, SENSITIVE_ALL, &masked);
            gathering->passage = j;
            (void)sensitive_each(text, gather, gathering);
        }
        tell_kinds(gathering);
        ok = i % 64 != 0 || pile_step(pile, "looking for secrets", i, pile->document_count, error);
    }
    buffer_release(&masked);
    map_release(&gathering->seen);
    free(gathering);
    return ok;
}
