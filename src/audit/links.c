/* links.c - where documents lead to: found in the stored bytes, by "](target)", "[name]: target" and href="target".
 *
 * Only links that name a file beside the document can be judged: what has a scheme, begins with / or {, or only names a place in its own page
 * is passed over. A site may add endings or turn folders into index pages: a target counts as there when a document or file has its path, or
 * its path with an ending, or an index page in it. */
#include "anchors.h"
#include "codec/codec.h"
#include <string.h>

static bool is_page(const struct pile_document *document)
{
    return slice_equal_text(document->format, "markdown") || slice_equal_text(document->format, "html");
}

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte = (char)(byte | 0x20);
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* "a%20b" as "a b". */
static struct slice unescape(struct arena *arena, struct slice text)
{
    char *copy = arena_alloc(arena, text.size + 1, 1);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        int high = text.data[i] == '%' && text.size - i > 2 ? hex_digit(text.data[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text.data[i + 2]) : -1;
        copy[size++] = low >= 0 ? (char)(high * 16 + low) : text.data[i];
        i += low >= 0 ? 2 : 0;
    }
    return (struct slice){copy, size};
}

/* The path that a target names, without query and place; empty when it is none that could be judged. */
static struct slice path_part(struct slice target)
{
    for (size_t i = 0; i < target.size; i++) {
        char byte = target.data[i];
        if (byte == '?' || byte == '#') {
            target.size = i;
            break;
        }
        if (byte == ':' || byte == '{' || byte == '<' || byte == '>' || byte == '$' || byte == '*' || (unsigned char)byte < ' ')
            return SLICE("");
    }
    return target.size > 0 && target.data[0] == '/' ? SLICE("") : target;
}

struct looking {
    const struct pile *pile;
    const struct pile_document *from;
    struct arena *arena;
    void (*each)(void *context, const struct link *link);
    void *context;
};

static const char *const endings[] = {"",           ".md",      ".html",        ".markdown", ".htm", "/index.md", "/index.html",
                                      "/README.md", ".html.md", ".html.md.erb", ".txt",      ".erb"};

/* The document or file that a path below the project's folder means; true when there is one. */
static bool resolve(const struct looking *looking, const char *path, struct link *link)
{
    const struct pile *pile = looking->pile;
    const struct project *project = pile->request->project;
    for (size_t i = 0; i < ARRAY_COUNT(endings); i++) {
        const char *whole = arena_format(looking->arena, "%s%s", path, endings[i]);
        const struct pile_document *to = pile_find(pile, slice_from(project_relative(project, whole)));
        if (to != NULL) {
            link->to = to;
            link->to_number = (size_t)(to - pile->documents);
            return true;
        }
    }
    for (size_t i = 0; i < ARRAY_COUNT(endings); i++)
        if (file_exists(arena_format(looking->arena, "%s%s", path, endings[i])))
            return true;
    return false;
}

static void take_link(struct looking *looking, struct slice target, int64_t line)
{
    struct link link = {.from = looking->from, .target = target, .line = line};
    const struct project *project = looking->pile->request->project;
    struct slice part = path_part(slice_trim(target));
    if (part.size == 0 || part.size > 1024 || url_is_web(looking->from->path))
        return; /* what a page of the web leads to lies on the web */
    const char *own = path_join(looking->arena, project->root, arena_text(looking->arena, looking->from->path));
    const char *folder = arena_text(looking->arena, path_folder(own));
    const char *path = path_normal(looking->arena, folder, arena_text(looking->arena, unescape(looking->arena, part)));
    bool there = resolve(looking, path, &link);
    /* a name without an ending may be a page that only the site knows */
    link.broken = !there && path_extension(path).size > 0 && path_extension(path).size <= 5;
    looking->each(looking->context, &link);
}

/* The target behind "](": up to the parenthesis, without a title. */
static struct slice markdown_target(struct slice text, size_t at)
{
    enum { TARGET_BYTES_MAX = 4096 };
    size_t end = at, last = text.size - at < TARGET_BYTES_MAX ? text.size : at + TARGET_BYTES_MAX;
    if (end < text.size && text.data[end] == '<')
        return SLICE("");
    while (end < last && text.data[end] != ')' && text.data[end] != ' ' && text.data[end] != '\n' && text.data[end] != '"')
        end++;
    return end < last && text.data[end] != '\n' ? slice_range(text, at, end) : SLICE("");
}

static struct slice quoted_target(struct slice text, size_t at)
{
    size_t end;
    if (at >= text.size || (text.data[at] != '"' && text.data[at] != '\''))
        return SLICE("");
    return slice_find(slice_range(text, at + 1, text.size), text.data[at], &end) ? slice_range(text, at + 1, at + 1 + end)
                                                                                 : SLICE("");
}

/* Code, where links are examples: between lines that begin with ``` or ~~~. */
static bool is_fence(struct slice text, size_t at)
{
    return text.size - at >= 3 && (memcmp(text.data + at, "```", 3) == 0 || memcmp(text.data + at, "~~~", 3) == 0);
}

static void find_links(struct looking *looking, struct slice text)
{
    int64_t line = 1;
    bool in_code = false, line_start = true;
    for (size_t i = 0; i < text.size; i++) {
        struct slice rest = slice_range(text, i, text.size);
        if (line_start && is_fence(text, i))
            in_code = !in_code;
        line_start = text.data[i] == '\n' || (line_start && text.data[i] == ' ');
        line += text.data[i] == '\n';
        if (in_code)
            continue;
        if (slice_starts_with(rest, SLICE("](")))
            take_link(looking, markdown_target(text, i + 2), line);
        else if (slice_starts_with(rest, SLICE("href=")))
            take_link(looking, quoted_target(text, i + 5), line);
    }
}

bool links_each(const struct pile *pile, void (*each)(void *context, const struct link *link), void *context,
                struct error *error)
{
    struct arena arena;
    struct buffer content;
    bool ok = true;
    arena_init(&arena);
    buffer_init(&content, LIMIT_DOCUMENT_BYTES_MAX + MIB);
    for (size_t i = 0; ok && i < pile->document_count; i++) {
        struct looking looking = {pile, &pile->documents[i], &arena, each, context};
        if (!is_page(looking.from))
            continue;
        buffer_clear(&content);
        ok = store_content(pile->request->project->store, looking.from->id, &content, error);
        if (ok)
            find_links(&looking, buffer_slice(&content));
        arena_clear(&arena);
        ok = ok && (i % 64 != 0 || pile_step(pile, "following links", i, pile->document_count, error));
    }
    buffer_release(&content);
    arena_release(&arena);
    return ok;
}

/* ---- links that lead nowhere, and documents that none leads to ---- */

struct following {
    const struct pile *pile;
    struct findings *findings;
    size_t *incoming; /* links to each document from another one */
    size_t *outgoing;
    size_t links;
    struct anchors anchors;
};

static void follow(void *context, const struct link *link)
{
    static const char mend[] = "Mend the link or remove it: whoever follows an answer to its source ends here.";
    struct following *following = context;
    size_t from = (size_t)(link->from - following->pile->documents);
    if (link->to != NULL && link->to != link->from) {
        following->incoming[link->to_number]++;
        following->outgoing[from]++;
        following->links++;
    }
    anchors_take(&following->anchors, link, from);
    if (!link->broken)
        return;
    struct audit_place place = place_of_document(link->from);
    place.line = place.line_end = link->line;
    place.text = arena_line(following->findings->arena, link->target);
    findings_add(following->findings, AUDIT_BROKEN_LINK, AUDIT_LOW, &place, 1, mend,
                 SLICE_FORMAT ":%lld links to “" SLICE_FORMAT "”, which is not there", SLICE_ARGUMENT(place.document),
                 (long long)link->line, SLICE_ARGUMENT(place.text));
}

static bool is_index(struct slice path)
{
    static const char *const names[] = {"index", "readme", "home", "toc", "summary", "contents"};
    size_t start = path.size;
    while (start > 0 && path.data[start - 1] != '/')
        start--;
    struct slice name = slice_range(path, start, path.size), stem;
    struct slice rest = name;
    for (size_t i = 0; slice_next(&rest, '.', &stem) && i == 0; i++)
        for (size_t j = 0; j < ARRAY_COUNT(names); j++) {
            char small[16] = {0};
            if (stem.size >= sizeof(small))
                continue;
            for (size_t k = 0; k < stem.size; k++)
                small[k] = (char)(stem.data[k] | 0x20);
            if (strcmp(small, names[j]) == 0)
                return true;
        }
    return false;
}

bool check_links(struct pile *pile, struct findings *findings, struct error *error)
{
    static const char lead[] = "Link to it from where a reader would look for it, or remove it.";
    size_t *counts = arena_alloc(pile->arena, 2 * pile->document_count + 1, sizeof(*counts)), pages = 0, linked = 0;
    struct following following = {pile, findings, counts, counts + pile->document_count, 0, {.arena = pile->arena}};
    if (!links_each(pile, follow, &following, error) || !anchors_check(&following.anchors, pile, findings, error))
        return false;
    for (size_t i = 0; i < pile->document_count; i++) {
        pages += is_page(&pile->documents[i]);
        linked += is_page(&pile->documents[i]) && following.incoming[i] > 0;
    }
    for (size_t i = 0; linked * 2 > pages && i < pile->document_count;
         i++) { /* most are linked to: links are how they are found */
        const struct pile_document *document = &pile->documents[i];
        if (!is_page(document) || following.incoming[i] > 0 || is_index(document->path))
            continue;
        const struct audit_place place = place_of_document(document);
        findings_add(findings, AUDIT_ORPHANED, AUDIT_LOW, &place, 1, lead, "no document links to " SLICE_FORMAT,
                     SLICE_ARGUMENT(document->path));
    }
    return true;
}
