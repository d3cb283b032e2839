/* robots.c - robots.txt (RFC 9309): which paths of a host a program may ask for.
 *
 *   User-agent: assay        ┐ the groups that name us, all of them together; when there are none, those for *
 *   Disallow: /drafts/       │ the longest pattern that fits decides, Allow before Disallow at equal lengths
 *   Allow: /drafts/a*.html$  ┘ * any bytes, $ the end
 *
 * A pattern and a path are compared in one spelling: letters that need no escape without it, all others with one. As a pattern is a row of
 * texts that have to follow each other, each found at the first place behind the one before, a comparison takes time in proportion to both. */
#include "codec.h"
#include <math.h>

enum { ROBOTS_BYTES_MAX = 500 << 10 }; /* what is read of a file, as the RFC asks at least */

struct robots_rule {
    struct slice pattern; /* in the one spelling */
    size_t size;          /* as it was written */
    bool is_allowed;
};

struct group {
    struct robots_rule *rules;
    size_t count, capacity;
    unsigned delay_ms;
    bool is_there;
};

struct reading {
    struct arena *arena;
    struct slice agent;
    struct group ours, any;
    bool in_ours, in_any;  /* whom the lines at hand are for */
    bool in_names;         /* the last line that counts was a User-agent */
    struct slice *sitemaps;
    size_t sitemap_count, sitemap_capacity;
};

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte = (char)(byte | 0x20);
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static bool needs_no_escape(unsigned char byte)
{
    unsigned char small = byte | 0x20;
    return (small >= 'a' && small <= 'z') || (byte >= '0' && byte <= '9') || byte_among((char)byte, "-._~");
}

static struct slice one_spelling(struct slice text, struct arena *arena)
{
    static const char digits[] = "0123456789ABCDEF";
    char *out = arena_alloc(arena, 3 * text.size + 1, 1);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        int high = byte == '%' && text.size - i > 2 ? hex_digit(text.data[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text.data[i + 2]) : -1;
        bool is_escape = low >= 0;
        if (is_escape) {
            byte = (unsigned char)(high * 16 + low);
            i += 2;
        }
        if (is_escape ? needs_no_escape(byte) : byte > ' ' && byte < 0x7F) {
            out[size++] = (char)byte;
        } else {
            out[size++] = '%';
            out[size++] = digits[byte >> 4];
            out[size++] = digits[byte & 15];
        }
    }
    return (struct slice){out, size};
}

/* ---- reading ---- */

static bool is_key(struct slice key, const char *name)
{
    return key.size == strlen(name) && strncasecmp(key.data, name, key.size) == 0;
}

/* The product's name, without version and comment: "assay" of "Assay/0.1". */
static struct slice product(struct slice name)
{
    size_t size = 0;
    while (size < name.size &&
           (((name.data[size] | 0x20) >= 'a' && (name.data[size] | 0x20) <= 'z') || byte_among(name.data[size], "-_")))
        size++;
    return slice_range(name, 0, size);
}

static void take_agent(struct reading *reading, struct slice name)
{
    struct slice token = product(name);
    if (!reading->in_names)
        reading->in_ours = reading->in_any = false;
    reading->in_names = true;
    bool is_ours = token.size == reading->agent.size && strncasecmp(token.data, reading->agent.data, token.size) == 0;
    bool is_any = slice_starts_with(name, SLICE("*"));
    reading->in_ours = reading->in_ours || is_ours;
    reading->in_any = reading->in_any || is_any;
    reading->ours.is_there = reading->ours.is_there || is_ours;
    reading->any.is_there = reading->any.is_there || is_any;
}

static void add_rule(struct group *group, struct arena *arena, const struct robots_rule *rule)
{
    group->rules = arena_more(arena, group->rules, group->count, &group->capacity, sizeof(*group->rules));
    group->rules[group->count++] = *rule;
}

static void take_rule(struct reading *reading, struct slice pattern, bool is_allowed)
{
    reading->in_names = false;
    if (pattern.size == 0 || (!reading->in_ours && !reading->in_any))
        return; /* an empty one says nothing */
    const struct robots_rule rule = {one_spelling(pattern, reading->arena), pattern.size, is_allowed};
    if (reading->in_ours)
        add_rule(&reading->ours, reading->arena, &rule);
    if (reading->in_any)
        add_rule(&reading->any, reading->arena, &rule);
}

static void take_delay(struct reading *reading, struct slice text)
{
    double seconds;
    if (!slice_to_double(text, &seconds) || !(seconds > 0))
        return;
    unsigned ms = (unsigned)(fmin(seconds, 86400) * 1000);
    if (reading->in_ours)
        reading->ours.delay_ms = ms;
    if (reading->in_any)
        reading->any.delay_ms = ms;
}

static void take_sitemap(struct reading *reading, struct slice address)
{
    if (address.size == 0 || reading->sitemap_count == LIMIT_SITEMAPS)
        return;
    reading->sitemaps = arena_more(reading->arena, reading->sitemaps, reading->sitemap_count, &reading->sitemap_capacity,
                                   sizeof(*reading->sitemaps));
    reading->sitemaps[reading->sitemap_count++] = arena_slice(reading->arena, address);
}

static void take_line(struct reading *reading, struct slice line)
{
    size_t at;
    if (slice_find(line, '#', &at))
        line = slice_range(line, 0, at);
    if (!slice_find(line, ':', &at))
        return;
    struct slice key = slice_trim(slice_range(line, 0, at)), value = slice_trim(slice_range(line, at + 1, line.size));
    if (is_key(key, "user-agent"))
        take_agent(reading, value);
    else if (is_key(key, "allow") || is_key(key, "disallow"))
        take_rule(reading, value, is_key(key, "allow"));
    else if (is_key(key, "crawl-delay"))
        take_delay(reading, value);
    else if (is_key(key, "sitemap"))
        take_sitemap(reading, value);
}

void robots_read(struct slice source, struct slice agent, struct arena *arena, struct robots *robots)
{
    struct reading reading = {.arena = arena, .agent = agent};
    if (source.size > ROBOTS_BYTES_MAX)
        source.size = ROBOTS_BYTES_MAX;
    if (slice_starts_with(source, SLICE("\xEF\xBB\xBF")))
        source = slice_range(source, 3, source.size);
    while (source.size > 0) {
        size_t end = 0;
        while (end < source.size && source.data[end] != '\n' && source.data[end] != '\r')
            end++;
        take_line(&reading, slice_range(source, 0, end));
        source = slice_range(source, end + (end < source.size), source.size);
    }
    const struct group *group = reading.ours.is_there ? &reading.ours : &reading.any;
    *robots = (struct robots){.rules = group->rules,
                              .rule_count = group->count,
                              .delay_ms = group->delay_ms,
                              .sitemaps = reading.sitemaps,
                              .sitemap_count = reading.sitemap_count};
}

/* ---- asking ---- */

/* Whether the pattern fits the beginning of the path, or, when it ends with $, all of it. */
static bool fits(struct slice pattern, struct slice path)
{
    bool is_whole = slice_ends_with(pattern, SLICE("$"));
    size_t at = 0, star;
    if (is_whole)
        pattern.size--;
    for (bool is_first = true;; is_first = false) {
        bool is_last = !slice_find(pattern, '*', &star);
        struct slice part = slice_range(pattern, 0, is_last ? pattern.size : star);
        struct slice rest = slice_range(path, at, path.size);
        if (is_first && !slice_starts_with(rest, part))
            return false;
        if (is_last && is_whole)
            return slice_ends_with(rest, part) && (!is_first || rest.size == part.size);
        if (!is_first && part.size > 0) {
            const char *found = memmem(rest.data, rest.size, part.data, part.size);
            if (found == NULL)
                return false;
            at += (size_t)(found - rest.data);
        }
        at += part.size;
        if (is_last)
            return true;
        pattern = slice_range(pattern, star + 1, pattern.size);
    }
}

bool robots_allows(const struct robots *robots, struct slice target)
{
    struct arena arena;
    size_t longest = 0;
    bool is_allowed = true;
    if (slice_equal_text(target, "/robots.txt"))
        return true;
    arena_init(&arena);
    struct slice path = one_spelling(target, &arena);
    for (size_t i = 0; i < robots->rule_count; i++) {
        const struct robots_rule *rule = &robots->rules[i];
        bool counts = rule->size > longest || (rule->size == longest && rule->is_allowed);
        if (counts && fits(rule->pattern, path)) {
            longest = rule->size;
            is_allowed = rule->is_allowed;
        }
    }
    arena_release(&arena);
    return is_allowed;
}
