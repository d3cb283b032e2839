/* test_store_filter.c - filters: what is read and refused, and which documents they let through, against a plain restatement of the
 * comparisons over random documents and random filters. */
#include "compare.h"
#include "store/store.h"
#include <stdio.h>
#include <string.h>

/* ---- reading ---- */

static void forms(void **state)
{
    (void)state;
    static const struct {
        const char *source, *text;
    } cases[] = {
        {"year >= 2024 and team = \"legal\"", "\"year\" >= 2024 and \"team\" = \"legal\""},
        {"a=b", "\"a\" = \"b\""},
        {" a\t!=\n'b' ", "\"a\" != \"b\""},
        {"a=1 or b=2 and c=3", "\"a\" = 1 or \"b\" = 2 and \"c\" = 3"},
        {"(a=1 or b=2) and c=3", "(\"a\" = 1 or \"b\" = 2) and \"c\" = 3"},
        {"((a=1)) and (b=2 and c=3)", "\"a\" = 1 and (\"b\" = 2 and \"c\" = 3)"},
        {"not a=1 and not not b=2", "not \"a\" = 1 and not not \"b\" = 2"},
        {"NOT (a=1 OR b=2)", "not (\"a\" = 1 or \"b\" = 2)"},
        {"exists a and exists \"a b\"", "exists \"a\" and exists \"a b\""},
        {"a in (1, 'x y',2024-05-01)", "\"a\" in (1, \"x y\", 2024-05-01)"},
        {"a IN(b)", "\"a\" in (\"b\")"},
        {"a <= 2024-02-29", "\"a\" <= 2024-02-29"},
        {"a < 2024-05", "\"a\" < \"2024-05\""},
        {"a < -1.5e3", "\"a\" < -1.5e3"},
        {"a > \"2\"", "\"a\" > \"2\""},
        {"path = docs/hr/x.md", "\"path\" = \"docs/hr/x.md\""},
        {"a = \"say \\\"so\\\" \\\\\"", "\"a\" = \"say \\\"so\\\" \\\\\""},
        {"\"in\" = 'and'", "\"in\" = \"and\""},
        {"k\xC3\xA9 = \xE6\x97\xA5", "\"k\xC3\xA9\" = \"\xE6\x97\xA5\""},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct error error = {0};
        struct arena arena;
        struct buffer text;
        const struct store_filter *filter = NULL;
        arena_init(&arena);
        buffer_init(&text, MIB);
        expect_ok(store_filter_read(slice_from(cases[i].source), &arena, &filter, &error), &error);
        store_filter_write(filter, &text);
        compare_text(cases[i].source, buffer_slice(&text), cases[i].text);
        /* what was written reads as the same */
        struct buffer again;
        buffer_init(&again, MIB);
        expect_ok(store_filter_read(buffer_slice(&text), &arena, &filter, &error), &error);
        store_filter_write(filter, &again);
        compare_text("again", buffer_slice(&again), cases[i].text);
        buffer_release(&again);
        buffer_release(&text);
        arena_release(&arena);
    }
}

static void refuse(struct slice source, enum error_kind kind, const char *message)
{
    struct error error = {0};
    struct arena arena;
    const struct store_filter *filter;
    arena_init(&arena);
    expect_error(store_filter_read(source, &arena, &filter, &error), &error, kind, message);
    arena_release(&arena);
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *source, *message;
    } cases[] = {
        {"", "the filter ends at character 1, expected a key"},
        {"   ", "the filter ends at character 4, expected a key"},
        {"a", "the filter ends at character 2, expected one of = != < <= > >= in"},
        {"a =", "the filter ends at character 4, expected a value"},
        {"a == 1", "the filter has \"=\" at character 4, expected a value"},
        {"a = 1 b", "the filter has \"b\" at character 7, expected \"and\", \"or\" or the end"},
        {"\xC3\xA9 = 1 ;", "the filter has \";\" at character 7, expected a word"},
        {"(a = 1", "the filter ends at character 7, expected \"and\", \"or\" or \")\""},
        {"a = 1)", "the filter has \")\" at character 6"},
        {"and = 1", "the filter has \"and\" at character 1, expected a key"},
        {"a = or", "the filter has \"or\" at character 5, expected a value"},
        {"a = 'x", "the filter's string at character 5 has no end"},
        {"a = \"x\\\"", "the filter's string at character 5 has no end"},
        {"a in 1", "the filter has \"1\" at character 6, expected \"(\""},
        {"a in ()", "the filter has \")\" at character 7, expected a value"},
        {"a in (1 2)", "the filter has \"2\" at character 9, expected \",\" or \")\""},
        {"a = 2024-02-30", "expected a date that there is"},
        {"a = 2023-02-29", "expected a date that there is"},
        {"exists", "the filter ends at character 7, expected a key"},
        {"a = 1 and", "the filter ends at character 10, expected a key"},
        {"a ! 1", "the filter has \"!\" at character 3"},
        {"a = 1; DROP TABLE documents", "the filter has \";\" at character 6"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        refuse(slice_from(cases[i].source), ERROR_INVALID, cases[i].message);
    refuse((struct slice){"a = 1\0", 6}, ERROR_INVALID, "at character 6");
}

/* `count` times `part`, between `before` and `after`. */
static struct slice repeated(struct buffer *out, const char *part, size_t count, const char *middle, const char *after)
{
    buffer_clear(out);
    for (size_t i = 0; i < count; i++)
        buffer_append_text(out, part);
    buffer_append_text(out, middle);
    for (size_t i = 0; i < count; i++)
        buffer_append_text(out, after);
    return buffer_slice(out);
}

static bool count_visible(void *context, int64_t first, int64_t last, struct slice language, struct error *error)
{
    (void)first;
    (void)last;
    (void)language;
    (void)error;
    ++*(size_t *)context;
    return true;
}

/* What is just within the limits also runs. */
static void limits(void **state)
{
    (void)state;
    struct error error = {0};
    struct arena arena;
    struct buffer text;
    struct store *store;
    char *folder = test_folder_create();
    arena_init(&arena);
    buffer_init(&text, MIB);
    expect_ok(store_open(&store, path_join(&arena, folder, "assay.db"), STORE_WRITE, &error), &error);
    const struct slice within[] = {
        arena_slice(&arena, repeated(&text, "(", LIMIT_FILTER_DEPTH, "a = 1", ")")),
        arena_slice(&arena, repeated(&text, "not ", LIMIT_FILTER_DEPTH, "a = 1", "")),
        arena_slice(&arena, repeated(&text, "a = 1 or ", LIMIT_FILTER_PARTS / 2 - 1, "a = 1", "")),
        arena_slice(&arena, repeated(&text, "a = 1 and ", LIMIT_FILTER_PARTS / 2 - 1, "a = 1", "")),
        arena_slice(&arena, repeated(&text, "not (a = 1 and ", LIMIT_FILTER_DEPTH / 2, "a = 1", ")")),
        arena_slice(&arena,
                    repeated(&text, "not (a = 1 or not b != c and ", LIMIT_FILTER_DEPTH / 2 - 1, "not a in (1, 2)", ")")),
        arena_slice(&arena, repeated(&text, "a = 1 and (b = 1 or c = 1 and ", LIMIT_FILTER_DEPTH, "a = 2024-05-01", ")")),
        arena_slice(&arena, repeated(&text, "a = 1 or c = 1 and not ", LIMIT_FILTER_DEPTH, "modified = 2024-05-01", "")),
        arena_slice(&arena,
                    repeated(&text, "(a = 1 or c = 1 and (", LIMIT_FILTER_DEPTH / 2, "modified in (2024-05-01, 1, a)", "))")),
        arena_slice(&arena, repeated(&text, "exists a or ", LIMIT_FILTER_PARTS - 1, "exists b", "")),
    };
    for (size_t i = 0; i < ARRAY_COUNT(within); i++) {
        const struct store_filter *filter;
        size_t count = 0;
        expect_ok(store_filter_read(within[i], &arena, &filter, &error), &error);
        expect_ok(store_visible(store, NULL, filter, count_visible, &count, &error), &error);
    }
    refuse(repeated(&text, "(", LIMIT_FILTER_DEPTH + 1, "a = 1", ")"), ERROR_LIMIT, "nested more than 12 deep");
    refuse(repeated(&text, "not ", LIMIT_FILTER_DEPTH + 1, "a = 1", ""), ERROR_LIMIT, "nested more than 12 deep");
    refuse(repeated(&text, "a = 1 or ", LIMIT_FILTER_PARTS / 2, "a = 1", ""), ERROR_LIMIT, "more than 256");
    refuse(repeated(&text, "(", 8000, "", ""), ERROR_LIMIT, "nested more than 12 deep");
    refuse(repeated(&text, "x", LIMIT_FILTER_BYTES + 1, "", ""), ERROR_LIMIT, "the limit is 8192");
    buffer_clear(&text);
    buffer_append_text(&text, "a in (1");
    for (size_t i = 0; i < LIMIT_FILTER_PARTS; i++)
        buffer_append_text(&text, ",1");
    buffer_append_text(&text, ")");
    refuse(buffer_slice(&text), ERROR_LIMIT, "more than 256");
    store_close(store);
    buffer_release(&text);
    arena_release(&arena);
    test_folder_remove(folder);
}

/* ---- which documents ---- */

enum { DOCUMENTS = 48, VALUES_MAX = 6, GROUPS = 4 };

static const char *const keys[] = {"year", "team", "due", "odd key"};
static const char *const texts[] = {
    "2023",       "2024",       "2024.50", "-1",       "legal", "sales", "2024-05-01", "2024-05-01T10:00:00Z",
    "2024-06-30", "2024-06-3x", "Legal",   "\xC3\xA9", "1e2",   "100",   "it's",       "%"};
static const char *const groups[GROUPS] = {"hr", "legal", "sales", "public"};

struct world {
    struct {
        char path[32];
        int64_t size, modified_ns;
        const char *language;
        size_t count;
        size_t key[VALUES_MAX], text[VALUES_MAX];
        bool quoted[VALUES_MAX];
        uint64_t labels; /* bit i: groups[i] */
    } documents[DOCUMENTS];
};

struct element {
    struct slice text;
    bool is_number;
    double number;
};

/* The values that a document has for a key; the restatement of what docs/access.md says. */
static size_t elements_of(const struct world *world, size_t document, const char *key, struct element *elements, char *room)
{
    size_t count = 0;
    const char *path = world->documents[document].path;
    if (strcmp(key, "path") == 0)
        elements[count++] = (struct element){.text = slice_from(path)};
    else if (strcmp(key, "language") == 0)
        elements[count++] = (struct element){.text = slice_from(world->documents[document].language)};
    else if (strcmp(key, "size") == 0) {
        int size = snprintf(room, 32, "%lld", (long long)world->documents[document].size);
        elements[count++] = (struct element){{room, (size_t)size}, true, (double)world->documents[document].size};
    } else if (strcmp(key, "modified") == 0) {
        clock_text(world->documents[document].modified_ns, room);
        elements[count++] = (struct element){.text = slice_from(room)};
    } else if (strcmp(key, "folder") == 0) {
        for (size_t i = 1; path[i] != '\0'; i++)
            if (path[i] == '/')
                elements[count++] = (struct element){.text = {path, i}};
    }
    for (size_t i = 0; i < world->documents[document].count; i++)
        if (strcmp(keys[world->documents[document].key[i]], key) == 0) {
            struct element *element = &elements[count++];
            *element = (struct element){.text = slice_from(texts[world->documents[document].text[i]])};
            element->is_number = !world->documents[document].quoted[i] && slice_to_double(element->text, &element->number);
        }
    return count;
}

static bool starts_with_date(struct slice text)
{
    for (size_t i = 0; i < 10; i++)
        if (text.size < 10 || ((i == 4 || i == 7) ? text.data[i] != '-' : text.data[i] < '0' || text.data[i] > '9'))
            return false;
    return true;
}

enum value_kind { AS_TEXT, AS_NUMBER, AS_DATE };

static bool fits(const struct element *element, const char *operator, enum value_kind kind, struct slice value)
{
    int order;
    double number = 0;
    if (kind == AS_NUMBER) {
        bool read = slice_to_double(value, &number);
        assert_true(read);
        if (!element->is_number)
            return false;
        order = element->number < number ? -1 : element->number > number;
    } else if (kind == AS_DATE) {
        if (!starts_with_date(element->text))
            return false;
        order = slice_compare(slice_range(element->text, 0, 10), value);
    } else {
        order = slice_compare(element->text, value);
    }
    return strcmp(operator, "=") == 0    ? order == 0
           : strcmp(operator, "<") == 0  ? order < 0
           : strcmp(operator, "<=") == 0 ? order <= 0
           : strcmp(operator, ">") == 0  ? order > 0
                                         : order >= 0;
}

struct making {
    const struct world *world;
    struct random *random;
    struct buffer *out;
};

/* Writes a value as a filter has it, and tells how it is to be compared. */
static enum value_kind make_value(struct making *making, const char *text)
{
    double number;
    bool is_date = strlen(text) == 10 && starts_with_date(slice_from(text));
    bool is_number = slice_to_double(slice_from(text), &number);
    if ((is_date || is_number) && random_below(making->random, 4) > 0) {
        buffer_append_text(making->out, text);
        return is_date ? AS_DATE : AS_NUMBER;
    }
    buffer_format(making->out, "\"%s\"", text);
    return AS_TEXT;
}

static uint64_t make_leaf(struct making *making)
{
    static const char *const all_keys[] = {"year",     "team", "due",      "odd key", "path",
                                           "language", "size", "modified", "folder",  "none"};
    static const char *const operators[] = {"=", "!=", "<", "<=", ">", ">=", "in", "exists"};
    static const char *const more[] = {"d/a/f01", "d/a", "en", "7", "2024-05-02", "1970-01-01T00:00:07Z"};
    const char *key = all_keys[random_below(making->random, ARRAY_COUNT(all_keys))];
    const char *operator= operators[random_below(making->random, ARRAY_COUNT(operators))];
    struct element elements[VALUES_MAX + 8];
    char room[32];
    uint64_t seen = 0;
    if (strcmp(operator, "exists") == 0) {
        buffer_format(making->out, "exists \"%s\"", key);
        for (size_t i = 0; i < DOCUMENTS; i++)
            seen |= (uint64_t)(elements_of(making->world, i, key, elements, room) > 0) << i;
        return seen;
    }
    bool is_in = strcmp(operator, "in") == 0, is_not = strcmp(operator, "!=") == 0;
    size_t count = is_in ? 1 + random_below(making->random, 3) : 1;
    buffer_format(making->out, "\"%s\" %s%s", key, operator, is_in ? "(" : "");
    for (size_t v = 0; v < count; v++) {
        size_t at = (size_t)random_below(making->random, ARRAY_COUNT(texts) + ARRAY_COUNT(more));
        const char *value = at < ARRAY_COUNT(texts) ? texts[at] : more[at - ARRAY_COUNT(texts)];
        buffer_append_text(making->out, v > 0 ? "," : " ");
        enum value_kind kind = make_value(making, value);
        for (size_t i = 0; i < DOCUMENTS; i++) {
            size_t have = elements_of(making->world, i, key, elements, room);
            for (size_t e = 0; e < have; e++)
                seen |= (uint64_t)fits(&elements[e], is_in || is_not ? "=" : operator, kind, slice_from(value)) << i;
        }
    }
    buffer_append_text(making->out, is_in ? ")" : "");
    return is_not ? ~seen : seen;
}

/* A random filter as text, and the documents that it lets through. */
static uint64_t make_filter(struct making *making, unsigned depth)
{
    uint64_t kind = depth == 0 ? 9 : random_below(making->random, 8);
    if (kind == 0) {
        buffer_append_text(making->out, "not (");
        uint64_t inner = make_filter(making, depth - 1);
        buffer_append_text(making->out, ")");
        return ~inner;
    }
    if (kind > 4)
        return make_leaf(making);
    buffer_append_text(making->out, "(");
    uint64_t seen = make_filter(making, depth - 1);
    for (uint64_t i = 1 + random_below(making->random, 2); i > 0; i--) {
        buffer_append_text(making->out, kind < 3 ? " and " : " or ");
        uint64_t part = make_filter(making, depth - 1);
        seen = kind < 3 ? seen & part : seen | part;
    }
    buffer_append_text(making->out, ")");
    return seen;
}

static void make_document(struct world *world, size_t i, struct random *random)
{
    snprintf(world->documents[i].path, sizeof(world->documents[i].path), "d/%c/f%02zu", i % 3 ? 'a' : 'b', i);
    world->documents[i].language = i % 2 ? "en" : "de";
    world->documents[i].modified_ns = (int64_t)random_below(random, 20) * 1000000000;
    world->documents[i].size = 7;
    world->documents[i].labels = random_below(random, 1 << GROUPS) & random_below(random, 1 << GROUPS);
    world->documents[i].count = (size_t)random_below(random, VALUES_MAX + 1);
    for (size_t v = 0; v < world->documents[i].count; v++) {
        world->documents[i].key[v] = (size_t)random_below(random, ARRAY_COUNT(keys));
        world->documents[i].text[v] = (size_t)random_below(random, ARRAY_COUNT(texts));
        world->documents[i].quoted[v] = random_below(random, 4) == 0;
    }
}

/* Two passages a document: document i has 2i+1 and 2i+2. */
static void put_document(struct store *store, const struct world *world, size_t i)
{
    struct error error = {0};
    struct store_value values[VALUES_MAX] = {0};
    struct slice labels[GROUPS];
    size_t label_count = 0;
    for (size_t v = 0; v < world->documents[i].count; v++) {
        struct store_value *value = &values[v];
        value->key = slice_from(keys[world->documents[i].key[v]]);
        value->text = slice_from(texts[world->documents[i].text[v]]);
        value->is_number = !world->documents[i].quoted[v] && slice_to_double(value->text, &value->number);
    }
    for (size_t g = 0; g < GROUPS; g++)
        if (world->documents[i].labels >> g & 1)
            labels[label_count++] = slice_from(groups[g]);
    struct store_document document = {.path = slice_from(world->documents[i].path),
                                      .format = SLICE("text"),
                                      .language = slice_from(world->documents[i].language),
                                      .size = world->documents[i].size,
                                      .modified_ns = world->documents[i].modified_ns,
                                      .metadata = values,
                                      .metadata_count = world->documents[i].count};
    document.hash[0] = (unsigned char)i;
    const struct store_passage passage = {.text = SLICE("x"), .end = 1, .line = 1, .line_end = 1};
    const struct store_passage passages[] = {passage, passage};
    expect_ok(store_put_document(store, &document, SLICE("content"), passages, 2, labels, label_count, &error), &error);
}

static bool mark_visible(void *context, int64_t first, int64_t last, struct slice language, struct error *error)
{
    uint64_t *seen = context;
    (void)error;
    assert_true(first % 2 == 1 && last == first + 1 && first / 2 < DOCUMENTS);
    compare_text("language", language, first / 2 % 2 ? "en" : "de");
    assert_true(*seen >> (first / 2) == 0); /* ascending */
    *seen |= (uint64_t)1 << (first / 2);
    return true;
}

static uint64_t labelled(const struct world *world, uint64_t wanted)
{
    uint64_t seen = 0;
    for (size_t i = 0; i < DOCUMENTS; i++)
        seen |= (uint64_t)((world->documents[i].labels & wanted) != 0) << i;
    return seen;
}

static void against_restatement(void **state)
{
    (void)state;
    const uint64_t all = ((uint64_t)1 << DOCUMENTS) - 1;
    struct error error = {0};
    struct random random;
    uint64_t seed = test_seed();
    random_init(&random, seed);
    for (size_t round = 0; round < 8; round++) {
        static struct world world;
        struct arena arena;
        struct store *store;
        char *folder = test_folder_create();
        arena_init(&arena);
        expect_ok(store_open(&store, path_join(&arena, folder, "assay.db"), STORE_WRITE, &error), &error);
        expect_ok(store_begin(store, STORE_WRITE, &error), &error);
        for (size_t i = 0; i < DOCUMENTS; i++) {
            make_document(&world, i, &random);
            put_document(store, &world, i);
        }
        expect_ok(store_commit(store, &error), &error);
        for (size_t query = 0; query < 250; query++) {
            struct buffer text;
            buffer_init(&text, MIB);
            struct making making = {&world, &random, &text};
            const struct store_filter *filter;
            uint64_t wanted = make_filter(&making, 3) & all, got = 0, who = random_below(&random, 1 << (GROUPS - 1));
            struct slice own[GROUPS];
            struct store_principal principal = {.key = 1, .groups = own};
            for (size_t g = 0; g + 1 < GROUPS; g++)
                if (who >> g & 1)
                    own[principal.group_count++] = slice_from(groups[g]);
            bool is_owner = random_below(&random, 4) == 0;
            if (!is_owner)
                wanted &= labelled(&world, who | 1 << (GROUPS - 1)); /* and "public" */
            expect_ok(store_filter_read(buffer_slice(&text), &arena, &filter, &error), &error);
            expect_ok(store_visible(store, is_owner ? NULL : &principal, filter, mark_visible, &got, &error), &error);
            if (got != wanted)
                fail_msg("seed %llu round %zu: %s: got %llx, wanted %llx", (unsigned long long)seed, round, buffer_text(&text),
                         (unsigned long long)got, (unsigned long long)wanted);
            buffer_release(&text);
        }
        store_close(store);
        arena_release(&arena);
        test_folder_remove(folder);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(forms), cmocka_unit_test(refused), cmocka_unit_test(limits),
                                       cmocka_unit_test(against_restatement)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
