/* test_text.c - the text room against Unicode's own conformance files, samples written for it (tests/data/text), a plain UTF-8
 * decoder, and hostile bytes. Files of the Unicode Character Database are used where they are installed (Debian: unicode-data). */
#include "compare.h"
#include "text/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <ctype.h>
#include <string.h>

#define UNICODE_FOLDER "/usr/share/unicode/"
#define SEPARATOR '\xFF' /* stands between segments: no byte of UTF-8 */

/* ---- helpers ---- */

static void init_three(struct buffer *a, struct buffer *b, struct buffer *c)
{
    buffer_init(a, 16 * MIB);
    buffer_init(b, 16 * MIB);
    buffer_init(c, 16 * MIB);
}

static void release_three(struct buffer *a, struct buffer *b, struct buffer *c)
{
    buffer_release(a);
    buffer_release(b);
    buffer_release(c);
}

enum unit { UNIT_WORD, UNIT_SENTENCE };

/* The text with a separator behind each segment but the last. */
static void mark(struct buffer *out, struct slice text, enum unit unit)
{
    struct text_words words = {.text = text};
    struct text_sentences sentences = {.text = text};
    struct slice segment;
    bool is_word;
    size_t sum = 0;
    buffer_clear(out);
    while (unit == UNIT_WORD ? text_words_next(&words, &segment, &is_word) : text_sentences_next(&sentences, &segment)) {
        assert_ptr_equal(segment.data, text.data + sum);
        assert_true(segment.size > 0);
        sum += segment.size;
        buffer_append_slice(out, segment);
        if (sum < text.size)
            buffer_append_byte(out, SEPARATOR);
    }
    assert_int_equal(sum, text.size);
}

/* The terms of the text with a separator behind each, all within their limits. */
static void list_terms(struct analyzer *analyzer, struct buffer *out, struct slice text, enum text_language language,
                       char separator)
{
    struct text_term term;
    size_t last_start = 0;
    analyzer_start(analyzer, text, language);
    while (analyzer_next(analyzer, &term)) {
        size_t bad_at;
        assert_in_range(term.term.size, 1, LIMIT_TERM_BYTES);
        assert_true(text_is_utf8(term.term, &bad_at));
        assert_true(term.start < term.end && term.end <= text.size && term.start >= last_start);
        last_start = term.start;
        if (out->size > 0)
            buffer_append_byte(out, separator);
        buffer_append_slice(out, term.term);
    }
    assert_false(out->failed);
}

static void read_file(struct buffer *out, const char *path)
{
    struct error error = {0};
    buffer_init(out, 64 * MIB);
    expect_ok(file_read(path, 64 * MIB, out, &error), &error);
}

static uint32_t hex_number(struct slice digits)
{
    char text[16] = {0};
    assert_true(digits.size > 0 && digits.size < sizeof(text));
    memcpy(text, digits.data, digits.size);
    return (uint32_t)strtoul(text, NULL, 16);
}

static void append_character(struct buffer *out, uint32_t character)
{
    char bytes[4];
    buffer_append(out, bytes, text_encode(character, bytes));
}

/* ---- without capitals ---- */

/* As notes and chats are typed: by Unicode's rules it would be one sentence. */
static void sentences_without_capitals(void **state)
{
    static const char
        text[] = "the depot opens at nine. ask mrs. finch for the key, or prof. teal. it hangs by the door, e.g. on a nail. "
                 "in 1990. the u.s. branch was closed. trams run every ten minutes etc. on sundays, and every five on "
                 "all other days! who pays? the depot";
    static const char wanted[] = "the depot opens at nine. |ask mrs. finch for the key, or prof. teal. |it hangs by the door, "
                                 "e.g. on a nail. |in 1990. |"
                                 "the u.s. branch was closed. |trams run every ten minutes etc. on sundays, and every five on "
                                 "all other days! |who pays? |the depot";
    struct buffer marked;
    (void)state;
    buffer_init(&marked, MIB);
    mark(&marked, slice_from(text), UNIT_SENTENCE);
    for (size_t i = 0; i < marked.size; i++)
        marked.data[i] = marked.data[i] == SEPARATOR ? '|' : marked.data[i];
    if (!slice_equal_text(buffer_slice(&marked), wanted))
        fail_msg("%.*s", (int)marked.size, marked.data);
    buffer_clear(&marked);
    buffer_append_text(&marked, text);
    buffer_append_text(&marked, " of Ghent");
    struct text_sentences walk = {.text = buffer_slice(&marked)};
    struct slice first;
    assert_true(text_sentences_next(&walk, &first)); /* a capital somewhere: whoever wrote it knows where to put them */
    assert_true(first.size > strlen("the depot opens at nine. "));
    buffer_release(&marked);
}

/* ---- UTF-8 ---- */

/* The definition, in the plainest way: bytes that have the shape, whose value needs so many bytes and is a scalar value. */
static size_t plain_decode(const unsigned char *bytes, size_t size, uint32_t *character)
{
    static const struct {
        unsigned char mask, lead, bits;
        uint32_t first, last;
    } shapes[] = {{0x80, 0x00, 0x7F, 0, 0x7F},
                  {0xE0, 0xC0, 0x1F, 0x80, 0x7FF},
                  {0xF0, 0xE0, 0x0F, 0x800, 0xFFFF},
                  {0xF8, 0xF0, 0x07, 0x10000, 0x10FFFF}};
    for (size_t n = 1; n <= 4 && n <= size; n++) {
        if ((bytes[0] & shapes[n - 1].mask) != shapes[n - 1].lead)
            continue;
        uint32_t value = bytes[0] & shapes[n - 1].bits;
        bool is_whole = true;
        for (size_t i = 1; i < n; i++) {
            is_whole = is_whole && (bytes[i] & 0xC0) == 0x80;
            value = value * 64 + bytes[i] % 64;
        }
        bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
        if (is_whole && value >= shapes[n - 1].first && value <= shapes[n - 1].last && !is_surrogate) {
            *character = value;
            return n;
        }
    }
    *character = 0xFFFD;
    return 0;
}

/* Compares decoding from each place, and the check of the whole. The bytes are at the end of their own memory, so that reading
 * past them shows. */
static void compare_decoding(const unsigned char *bytes, size_t size, uint64_t seed)
{
    struct slice text = {(const char *)bytes, size};
    size_t first_bad = size;
    for (size_t at = 0; at < size;) {
        uint32_t got, wanted;
        size_t wanted_size = plain_decode(bytes + at, size - at, &wanted);
        size_t got_size = text_decode(text, at, &got);
        if (got != wanted || got_size != (wanted_size == 0 ? 1 : wanted_size))
            fail_msg("byte %zu (%02x): got %x in %zu bytes, expected %x in %zu (seed %llu)", at, bytes[at], got, got_size,
                     wanted, wanted_size, (unsigned long long)seed);
        if (wanted_size == 0 && first_bad == size)
            first_bad = at;
        if (wanted_size > 0) {
            char back[4];
            assert_int_equal(text_encode(got, back), wanted_size);
            assert_memory_equal(back, bytes + at, wanted_size);
        }
        at += got_size;
    }
    size_t bad_at = size;
    assert_int_equal(text_is_utf8(text, &bad_at), first_bad == size);
    assert_int_equal(bad_at, first_bad);
}

static void utf8_boundaries(void **state)
{
    (void)state;
    static const unsigned char edges[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF,
                                          0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFF};
    size_t count = ARRAY_COUNT(edges), all = count * count * count * count;
    for (size_t size = 1; size <= 4; size++) {
        unsigned char *bytes = malloc(size);
        for (size_t i = 0; i < all; i++) {
            size_t rest = i;
            for (size_t j = 0; j < size; j++, rest /= count)
                bytes[j] = edges[rest % count];
            if (rest == 0) /* else seen before */
                compare_decoding(bytes, size, 0);
        }
        free(bytes);
    }
    for (uint32_t character = 0; character <= 0x110000; character++) {
        char bytes[4];
        uint32_t back;
        struct slice text = {bytes, text_encode(character, bytes)};
        bool is_scalar = character <= 0x10FFFF && (character < 0xD800 || character > 0xDFFF);
        assert_int_equal(text_decode(text, 0, &back), text.size);
        assert_int_equal(back, is_scalar ? character : 0xFFFD);
    }
}

/* Characters of all sizes, ASCII runs and any bytes. */
static size_t random_text(struct random *random, unsigned char *bytes, size_t size_max)
{
    size_t size = 0, wanted = (size_t)random_below(random, size_max + 1);
    while (size + 4 <= wanted) {
        static const uint32_t ends[] = {0x80, 0x80, 0x800, 0x10000, 0x110000};
        uint64_t kind = random_below(random, 6);
        if (kind == 5)
            bytes[size++] = (unsigned char)random_below(random, 256);
        else
            size += text_encode((uint32_t)random_below(random, ends[kind]), (char *)bytes + size);
    }
    return size;
}

static void utf8_random(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    print_message("utf8_random: seed %llu\n", (unsigned long long)seed);
    struct random random;
    random_init(&random, seed);
    for (size_t i = 0; i < 1000000; i++) {
        unsigned char bytes[48];
        size_t size = random_text(&random, bytes, sizeof(bytes));
        unsigned char *own = malloc(size > 0 ? size : 1);
        memcpy(own, bytes, size);
        compare_decoding(own, size, seed);
        free(own);
    }
}

/* ---- the conformance files ---- */

/* "÷ 0041 × 0308 ÷ 0020 ÷ # …": the text, and the text with separators. */
static bool parse_break_line(struct slice line, struct buffer *text, struct buffer *wanted)
{
    struct slice rest, part;
    buffer_clear(text);
    buffer_clear(wanted);
    if (!slice_next(&line, '#', &rest))
        return false;
    rest = slice_trim(rest);
    while (slice_next(&rest, ' ', &part)) {
        if (slice_equal(part, SLICE("÷"))) {
            if (text->size > 0 && slice_trim(rest).size > 0)
                buffer_append_byte(wanted, SEPARATOR);
        } else if (!slice_equal(part, SLICE("×"))) {
            append_character(text, hex_number(part));
            append_character(wanted, hex_number(part));
        }
    }
    return text->size > 0;
}

static void check_break_file(const char *path, enum unit unit, size_t at_least)
{
    if (!file_exists(path)) {
        print_message("%s is not here (Debian: unicode-data)\n", path);
        skip();
    }
    struct buffer file, text, wanted, got;
    read_file(&file, path);
    init_three(&text, &wanted, &got);
    struct slice rest = buffer_slice(&file), line;
    size_t count = 0;
    for (size_t number = 1; slice_next(&rest, '\n', &line); number++) {
        if (!parse_break_line(line, &text, &wanted))
            continue;
        char what[64];
        snprintf(what, sizeof(what), "line %zu", number);
        mark(&got, buffer_slice(&text), unit);
        compare_bytes(what, buffer_slice(&got), buffer_slice(&wanted), 0);
        count++;
    }
    print_message("%s: %zu cases\n", path, count);
    assert_true(count >= at_least);
    buffer_release(&file);
    release_three(&text, &wanted, &got);
}

static void word_conformance(void **state)
{
    (void)state;
    check_break_file(UNICODE_FOLDER "auxiliary/WordBreakTest.txt", UNIT_WORD, 1800);
}

static void sentence_conformance(void **state)
{
    (void)state;
    check_break_file(UNICODE_FOLDER "auxiliary/SentenceBreakTest.txt", UNIT_SENTENCE, 500);
}

/* A text and its NFKC form (columns 1 and 4) have the same terms. */
static void terms_of_normal_forms(void **state)
{
    (void)state;
    FILE *file = popen("gzip -dc '" SOURCE_ROOT "/../shared/data/unicode/NormalizationTest.txt.gz' 2>/dev/null || "
                       "bzip2 -dc " UNICODE_FOLDER "NormalizationTest.txt.bz2 2>/dev/null",
                       "r");
    assert_non_null(file);
    struct analyzer *analyzer = analyzer_create();
    struct buffer terms[2];
    buffer_init(&terms[0], MIB);
    buffer_init(&terms[1], MIB);
    char line[8192];
    size_t count = 0;
    while (fgets(line, sizeof(line), file) != NULL) {
        struct slice rest = slice_from(line), column, part;
        if (line[0] == '#' || line[0] == '@')
            continue;
        for (size_t i = 0; i < 4 && slice_next(&rest, ';', &column); i++) {
            char text[512];
            size_t size = 0;
            while (slice_next(&column, ' ', &part))
                size += text_encode(hex_number(part), text + size);
            if (i == 1 || i == 2)
                continue;
            buffer_clear(&terms[i == 3]);
            list_terms(analyzer, &terms[i == 3], (struct slice){text, size}, LANGUAGE_UNKNOWN, ' ');
        }
        compare_bytes(line, buffer_slice(&terms[0]), buffer_slice(&terms[1]), 0);
        count++;
    }
    pclose(file);
    print_message("terms of %zu texts and their NFKC forms\n", count);
    buffer_release(&terms[0]);
    buffer_release(&terms[1]);
    analyzer_free(analyzer);
    if (count == 0) {
        print_message("NormalizationTest.txt is not here (Debian: unicode-data)\n");
        skip();
    }
    assert_true(count > 18000);
}

/* ---- our samples ---- */

/* Appends the sample with \n, \uXXXX and the like resolved: to `text` without ÷, to `wanted` (may be NULL) with a separator there. */
static void unescape(struct slice sample, struct buffer *text, struct buffer *wanted)
{
    for (size_t at = 0; at < sample.size;) {
        uint32_t character;
        at += text_decode(sample, at, &character);
        if (character == 0xF7) {
            buffer_append_byte(wanted, SEPARATOR);
            continue;
        }
        if (character == '\\') {
            char kind = sample.data[at++];
            character = kind == 'n' ? '\n' : kind == 'r' ? '\r' : '\t';
            if (kind == 'u') {
                character = hex_number(slice_range(sample, at, at + 4));
                at += 4;
            }
        }
        append_character(text, character);
        if (wanted != NULL)
            append_character(wanted, character);
    }
}

static void check_sample(struct analyzer *analyzer, struct slice line, struct slice rest, size_t number)
{
    struct buffer text, wanted, got;
    struct slice language, sample;
    char what[64];
    init_three(&text, &wanted, &got);
    snprintf(what, sizeof(what), "segments.txt, line %zu", number);
    if (line.data[0] == 't') {
        assert_true(slice_next(&rest, '|', &language));
        assert_true(slice_next(&rest, '|', &sample));
        unescape(sample, &text, NULL);
        unescape(rest, &wanted, NULL);
        list_terms(analyzer, &got, buffer_slice(&text), text_language_named(language), ' ');
    } else {
        unescape(rest, &text, &wanted);
        mark(&got, buffer_slice(&text), line.data[0] == 'w' ? UNIT_WORD : UNIT_SENTENCE);
    }
    compare_bytes(what, buffer_slice(&got), buffer_slice(&wanted), 0);
    release_three(&text, &wanted, &got);
}

static void samples(void **state)
{
    (void)state;
    struct analyzer *analyzer = analyzer_create();
    struct buffer file;
    read_file(&file, SOURCE_ROOT "/tests/data/text/segments.txt");
    struct slice rest = buffer_slice(&file), line, kind;
    size_t count = 0;
    for (size_t number = 1; slice_next(&rest, '\n', &line); number++) {
        if (line.size == 0 || line.data[0] == '#')
            continue;
        struct slice content = line;
        assert_true(slice_next(&content, '|', &kind));
        check_sample(analyzer, line, content, number);
        count++;
    }
    assert_true(count >= 60);
    buffer_release(&file);
    analyzer_free(analyzer);
}

static void languages(void **state)
{
    (void)state;
    struct buffer file;
    read_file(&file, SOURCE_ROOT "/tests/data/text/languages.txt");
    struct slice rest = buffer_slice(&file), line, code;
    size_t counts[LANGUAGE_COUNT] = {0};
    while (slice_next(&rest, '\n', &line)) {
        if (line.size == 0 || line.data[0] == '#')
            continue;
        struct slice text = line;
        assert_true(slice_next(&text, '|', &code));
        enum text_language got = text_language_of(text);
        if (!slice_equal_text(code, text_language_code(got)))
            fail_msg("got \"%s\", expected \"" SLICE_FORMAT "\"", text_language_code(got), SLICE_ARGUMENT(line));
        counts[got]++;
    }
    for (size_t i = 0; i < LANGUAGE_COUNT; i++) {
        assert_true(counts[i] >= 2);
        struct slice name = slice_from(text_language_code((enum text_language)i));
        assert_int_equal(text_language_named(name), i);
    }
    buffer_release(&file);
    assert_int_equal(text_language_named(SLICE("EN")), LANGUAGE_ENGLISH);
    assert_int_equal(text_language_named(SLICE("en-GB")), LANGUAGE_ENGLISH);
    assert_int_equal(text_language_named(SLICE("pt_BR")), LANGUAGE_PORTUGUESE);
    assert_int_equal(text_language_named(SLICE("nb")), LANGUAGE_NORWEGIAN);
    assert_int_equal(text_language_named(SLICE("")), LANGUAGE_UNKNOWN);
    assert_int_equal(text_language_named(SLICE("english")), LANGUAGE_UNKNOWN);
    assert_int_equal(text_language_of(SLICE("How long is the refund window?")), LANGUAGE_ENGLISH);
    assert_int_equal(text_language_of(SLICE("refund window")), LANGUAGE_UNKNOWN);
}

static void token_estimates(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t tokens; /* of bert-base-uncased */
    } cases[] = {
        {"Customers can return any product within thirty days of the purchase as long as it has not been used. The money is "
         "sent "
         "back to the account that was used for the payment. She walked down to the harbour every evening to watch the boats "
         "come in, and there was always somebody who would stop to talk with her about the weather.",
         66},
        {"The electrocardiogram showed paroxysmal supraventricular tachycardia; anticoagulation with acenocoumarol was started "
         "in 2019 (target INR 2.5). The committee published its quarterly report on Thursday (see appendix B): exports rose by "
         "4.2 percent, while imports from neighbouring countries declined for the third consecutive year.",
         78},
        {"顾客可以在购买后三十天内退货，只要商品没有使用过。", 25},
        {"", 0},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        size_t got = text_token_estimate(slice_from(cases[i].text));
        if (100 * got < 85 * cases[i].tokens || 100 * got > 115 * cases[i].tokens)
            fail_msg("%zu tokens, expected about %zu: %s", got, cases[i].tokens, cases[i].text);
    }
}

/* The same sum, written one character after the other, of ASCII. */
static size_t estimate_plainly(struct slice text)
{
    static const size_t words[] = {0, 16, 16, 17, 17, 18, 19, 19, 20, 22, 24, 28, 31, 33, 43, 54};
    size_t sum = 0;
    for (size_t at = 0; at < text.size;) {
        size_t count = 0, capitals = 0;
        for (; at < text.size && isalpha((unsigned char)text.data[at]); at++, count++)
            capitals += count > 0 && isupper((unsigned char)text.data[at]);
        if (count > 0) {
            sum += (count < 16 ? words[count] : 54 + (count - 15) * 10) + (capitals > 0 ? 4 * count : 0);
            continue;
        }
        for (; at < text.size && isdigit((unsigned char)text.data[at]); at++)
            count++;
        if (count > 0)
            sum += count < 3 ? 16 : count < 5 ? 20 : 20 + (count - 4) * 9;
        else
            sum += ispunct((unsigned char)text.data[at++]) ? 16 : 0;
    }
    return (sum + 15) / 16;
}

static void token_estimate_of_random_texts(void **state)
{
    (void)state;
    static const char usual[] = "aaabcdeXYZ   .,-12";
    struct random random;
    random_init(&random, test_seed());
    for (size_t round = 0; round < 20000; round++) {
        char text[300];
        size_t size = random_below(&random, sizeof(text));
        uint64_t kinds = 2 + random_below(&random, sizeof(usual) - 3);
        for (size_t i = 0; i < size; i++)
            text[i] = random_below(&random, 30) == 0 ? (char)random_below(&random, 128) : usual[random_below(&random, kinds)];
        size_t got = text_token_estimate((struct slice){text, size}), wanted = estimate_plainly((struct slice){text, size});
        if (got != wanted)
            fail_msg("%zu tokens, not %zu, of \"%.*s\" (seed %llu)", got, wanted, (int)size, text,
                     (unsigned long long)test_seed());
    }
}

/* Text is looked at in windows: where they begin and end changes nothing. */
static void token_estimate_anywhere(void **state)
{
    (void)state;
    char letters[200], mixed[200];
    for (size_t i = 0; i < sizeof(letters); i++) {
        letters[i] = i == 77 ? 'Q' : (char)('a' + i % 26);
        mixed[i] = i % 70 < 64 ? (char)('0' + i % 10) : 'x';
    }
    const struct slice texts[] = {SLICE("The NASA budget of 2026, in 1,234 lines; FooBar-42!"),
                                  SLICE("caf\xC3\xA9s and na\xC3\xAFve 12345\xE6\x97\xA5\xE6\x9C\xAC abc"),
                                  {letters, sizeof(letters)},
                                  {mixed, sizeof(mixed)},
                                  SLICE("x\x7Fy\x01z"),
                                  SLICE("a")};
    char moved[512];
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
        for (size_t before = 0; before < 140; before++) {
            memset(moved, ' ', sizeof(moved));
            memcpy(moved + before, texts[i].data, texts[i].size);
            for (size_t behind = 0; behind < 2; behind++)
                assert_int_equal(text_token_estimate((struct slice){moved, before + texts[i].size + 66 * behind}),
                                 text_token_estimate(texts[i]));
        }
    assert_int_equal(text_token_estimate((struct slice){letters, 77}), 43); /* (54 + 62 * 10) / 16 */
    assert_int_equal(text_token_estimate((struct slice){letters, 200}), 169); /* (54 + 185 * 10 + 200 * 4) / 16 */
}

/* Three parts of a long text decide where they are clear, and only there. */
static void language_of_long_texts(void **state)
{
    (void)state;
    static const char english[] =
        "The refund is paid within ten days, and you will be told when it has been sent to the bank that you have with us. ";
    static const char german[] =
        "Die Rückgabe ist nicht möglich, wenn das Gerät schon mit einer anderen Karte bezahlt wurde und wir es nicht haben. ";
    struct buffer text;
    buffer_init(&text, MIB);
    for (size_t i = 0; i < 40; i++)
        buffer_append_text(&text, "{\"a\": [1, 2], <b>}; ");
    for (size_t i = 0; i < 300; i++)
        buffer_append_text(&text, german);
    assert_int_equal(text_language_of(buffer_slice(&text)), LANGUAGE_GERMAN);
    buffer_clear(&text);
    for (size_t i = 0; i < 10; i++) { /* as much of both in the first pages */
        buffer_append_text(&text, english);
        buffer_append_text(&text, german);
    }
    for (size_t i = 0; i < 300; i++)
        buffer_append_text(&text, german);
    assert_int_equal(text_language_of(buffer_slice(&text)), LANGUAGE_GERMAN);
    buffer_clear(&text);
    for (size_t i = 0; i < 40; i++) /* a licence before what it is of, and one behind it */
        buffer_append_text(&text, english);
    for (size_t i = 0; i < 300; i++)
        buffer_append_text(&text, german);
    assert_int_equal(text_language_of(buffer_slice(&text)), LANGUAGE_GERMAN);
    for (size_t i = 0; i < 40; i++)
        buffer_append_text(&text, english);
    assert_int_equal(text_language_of(buffer_slice(&text)), LANGUAGE_GERMAN);
    buffer_clear(&text);
    for (size_t i = 0; i < 60; i++)
        buffer_append_text(&text, english);
    assert_int_equal(text_language_of(buffer_slice(&text)), LANGUAGE_ENGLISH);
    buffer_release(&text);
}

/* ---- the shorter ways give the same ---- */

/* Words of ASCII and the same with letters and digits beyond it, which take the long way. */
static void ascii_words_like_others(void **state)
{
    (void)state;
    static const char alphabet[] = "aabb1122_'.:,;- \n\"";
    uint64_t seed = test_seed();
    struct random random;
    random_init(&random, seed);
    struct buffer got, wanted, other;
    init_three(&got, &wanted, &other);
    for (size_t round = 0; round < 100000; round++) {
        char text[24];
        size_t size = (size_t)random_below(&random, sizeof(text) + 1);
        buffer_clear(&other);
        for (size_t i = 0; i < size; i++) {
            text[i] = alphabet[random_below(&random, sizeof(alphabet) - 1)];
            append_character(&other, text[i] == 'a'   ? 0xE0
                                     : text[i] == 'b' ? 0x3B2
                                     : text[i] == '1' ? 0x661
                                     : text[i] == '2' ? 0x662
                                                      : (unsigned char)text[i]);
        }
        mark(&got, (struct slice){text, size}, UNIT_WORD);
        mark(&wanted, buffer_slice(&other), UNIT_WORD);
        struct slice marked = buffer_slice(&wanted);
        size_t at = 0, got_at = 0;
        while (at < marked.size && got_at < got.size) { /* separators stand at the same places */
            uint32_t character;
            bool is_separator = marked.data[at] == SEPARATOR;
            at += text_decode(marked, at, &character);
            if (is_separator != (got.data[got_at++] == SEPARATOR))
                fail_msg("\"%.*s\": segments differ at %zu (seed %llu)", (int)size, text, got_at, (unsigned long long)seed);
        }
        assert_true(at == marked.size && got_at == got.size);
    }
    release_three(&got, &wanted, &other);
}

/* Words that were met before are recognised by their letters at once: a fresh analyzer, which has met none, finds the same. */
static void words_met_before_like_new(void **state)
{
    (void)state;
    static const char *const between[] = {" ",  " ",        ". ",       ", ", "'s ", "_", ":", "1",
                                          "\n", "\xC3\xA9", "\xCC\x81", ".x", ";",   "-", "@"};
    struct random random;
    random_init(&random, test_seed());
    struct analyzer *old = analyzer_create();
    struct buffer got, wanted, text;
    init_three(&got, &wanted, &text);
    for (size_t round = 0; round < 400; round++) {
        enum text_language language = (enum text_language)random_below(&random, LANGUAGE_COUNT);
        buffer_clear(&text);
        for (size_t i = random_below(&random, 12); i > 0; i--) {
            char letter = "aiIZ"[random_below(&random, 4)];
            for (size_t size = random_below(&random, 18); size > 0; size--)
                buffer_append_byte(&text, letter);
            buffer_append_text(&text, between[random_below(&random, ARRAY_COUNT(between))]);
        }
        struct analyzer *fresh = analyzer_create();
        buffer_clear(&got);
        buffer_clear(&wanted);
        list_terms(fresh, &wanted, buffer_slice(&text), language, ' ');
        list_terms(old, &got, buffer_slice(&text), language, ' ');
        compare_bytes(buffer_text(&text), buffer_slice(&got), buffer_slice(&wanted), 0);
        analyzer_free(fresh);
    }
    release_three(&got, &wanted, &text);
    analyzer_free(old);
}

/* Between words of ASCII a space beyond it leads the longer way. */
static void languages_like_with_other_spaces(void **state)
{
    (void)state;
    struct buffer file, other;
    read_file(&file, SOURCE_ROOT "/tests/data/text/languages.txt");
    buffer_init(&other, MIB);
    struct slice rest = buffer_slice(&file), line;
    while (slice_next(&rest, '\n', &line)) {
        buffer_clear(&other);
        for (size_t i = 0; i < line.size; i++)
            if (line.data[i] == ' ')
                buffer_append_text(&other, "\xE2\x80\x83");
            else
                buffer_append_byte(&other, line.data[i]);
        if (text_language_of(line) != text_language_of(buffer_slice(&other)))
            fail_msg("\"" SLICE_FORMAT "\"", SLICE_ARGUMENT(line));
    }
    buffer_release(&other);
    buffer_release(&file);
}

/* A cache that has seen everything, one that has seen nothing, and one that is full give the same terms. */
static void caching_changes_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "The refunds were running late; the customer's order FH-2026-104233 wasn't found in order_table.rows.",
        "Häuser, Straßen und größere Gärten. L’île d'or, ﬁnd ＦＵＬＬ \xFF\xFE \u200D😀 e\u0301te\u0301 İstanbul I i ı"};
    struct analyzer *old = analyzer_create();
    struct buffer got, wanted, many;
    init_three(&got, &wanted, &many);
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
            for (enum text_language language = LANGUAGE_UNKNOWN; language < LANGUAGE_COUNT; language++) {
                struct analyzer *fresh = analyzer_create();
                buffer_clear(&got);
                buffer_clear(&wanted);
                list_terms(fresh, &wanted, slice_from(texts[i]), language, ' ');
                list_terms(old, &got, slice_from(texts[i]), language, ' ');
                compare_bytes(text_language_code(language), buffer_slice(&got), buffer_slice(&wanted), 0);
                analyzer_free(fresh);
            }
        /* fill it, and more; terms from before it was full must still be good behind */
        enum { MANY = 210000 };
        struct text_term *terms = calloc(MANY, sizeof(*terms));
        buffer_clear(&many);
        for (size_t i = 0; i < MANY; i++)
            buffer_format(&many, "Word%zu ", i);
        analyzer_start(old, buffer_slice(&many), LANGUAGE_ENGLISH);
        for (size_t i = 0; i < MANY; i++)
            assert_true(analyzer_next(old, &terms[i]));
        for (size_t i = 0; i < MANY; i++) {
            char word[32];
            snprintf(word, sizeof(word), "word%zu", i);
            assert_true(slice_equal_text(terms[i].term, word));
        }
        free(terms);
    }
    release_three(&got, &wanted, &many);
    analyzer_free(old);
}

static void terms_point_to_words(void **state)
{
    (void)state;
    struct slice text = SLICE("  Support.Refund (max_retries) of Häuser’s 3.5, __init__");
    static const char *const words[] = {"Support", "Refund", "max", "retries", "of", "Häuser’s", "3.5", "init"};
    struct analyzer *analyzer = analyzer_create();
    struct text_term term;
    analyzer_start(analyzer, text, LANGUAGE_GERMAN);
    for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
        assert_true(analyzer_next(analyzer, &term));
        compare_text("the word", slice_range(text, term.start, term.end), words[i]);
    }
    assert_false(analyzer_next(analyzer, &term));
    assert_false(analyzer_next(analyzer, &term));
    analyzer_free(analyzer);
}

/* ---- hostile text ---- */

/* A way that is quadratic does not end within the time that a test has. */
static void hostile(void **state)
{
    (void)state;
    static const struct slice units[] = {
        SLICE_CONSTANT("a"),        SLICE_CONSTANT("\u0301"),       SLICE_CONSTANT("\xFF"),   SLICE_CONSTANT("a."),
        SLICE_CONSTANT("aa_"),      SLICE_CONSTANT("a'"),           SLICE_CONSTANT("1,"),     SLICE_CONSTANT(". 1) "),
        SLICE_CONSTANT("\u200D"),   SLICE_CONSTANT("a\u0301'"),     SLICE_CONSTANT("\uFDFA"), SLICE_CONSTANT("\uFDFA "),
        SLICE_CONSTANT("🇩"),        SLICE_CONSTANT("\u0315\u0300"), SLICE_CONSTANT("\0"),     SLICE_CONSTANT("\r\n"),
        SLICE_CONSTANT("\u05D0\""), SLICE_CONSTANT("😀\u200D"),     SLICE_CONSTANT("l'"),     SLICE_CONSTANT("\u0BB5")};
    struct buffer text, out;
    struct analyzer *analyzer = analyzer_create();
    buffer_init(&text, MIB);
    buffer_init(&out, 64 * MIB);
    for (size_t i = 0; i < ARRAY_COUNT(units); i++) {
        buffer_clear(&text);
        while (text.size + units[i].size <= MIB)
            buffer_append_slice(&text, units[i]);
        /* own memory of just the size, for the address sanitizer */
        struct slice whole = {malloc(text.size), text.size};
        memcpy((char *)whole.data, text.data, text.size);
        mark(&out, whole, UNIT_WORD);
        mark(&out, whole, UNIT_SENTENCE);
        for (enum text_language language = LANGUAGE_UNKNOWN; language < LANGUAGE_COUNT; language++) {
            buffer_clear(&out);
            list_terms(analyzer, &out, whole, language, ' ');
        }
        text_language_of(whole);
        assert_true(text_token_estimate(whole) <= whole.size);
        free((char *)whole.data);
    }
    buffer_release(&text);
    buffer_release(&out);
    analyzer_free(analyzer);
}

/* Rows are ended by line ends; '!' before the first one: its source tells that it is a head. */
static void heads_of_tables(void **state)
{
    static const struct {
        const char *table;
        size_t heads;
    } cases[] = {
        {"| | Year ended December 31,\n| 2019 | 2018 | 2017\nBad debt expense | (1.6) | (0.6) | (0.8)", 2},
        {"!Parent\n| 2019 | 2018\n| US$’000 | US$’000\nTotal assets | 383,665 | 336,032", 3},
        {"Parent\n| 2019 | 2018\nTotal assets | 383,665 | 336,032", 2},
        {"! | 2019 (1) | 2018\nImpairment charges | $94.2 | $394.0", 1},
        {"| 2019 | 2018\nNet sales:\nMalaysia | 1,138,380 | 1,118,032", 1},
        {"!| December 31,\n| 2019 | 2018\nTrade accounts | $26,496 | $15,948", 2},
        {"!| Three months ended\nIn millions | May 31, 2019 | May 31, 2018\nRevenue | 12 | 14", 2},
        {"| December 31, 2019 | | December 31, 2018\n(In millions) | Carrying Amount | Fair Value | Carrying Amount | Fair "
         "Value\nLoan | 1 | 2 | 3 | 4",
         2},
        {"All as CO2 equivalent\n| | Emissions in tonnes\nEmissions from: | FY19** | FY18**\nFuel | 59,495 | 66,336", 3},
        {"!Fare | 2023 | 2024\n | Adult | Child\nDay | 4 | 2", 2},
        {"!Done | Job | Person\n | Buy rope | Anna\nx | Paint hull | Ben", 1},
        {"!Plan | Price | Seats\nBasic | €5 | 2\n | €6 | 3", 1},
        {"!Zone | Type | Time\n| Express | 2 days\nNorth | Post | 4 days", 1},
        {"!Name | First | Second\nFounded | 2001 | 1999\nStaff | 12 | 30", 1},
        {"!Item | 2019 | 2018\n | $12 | $14\nTotal | 1 | 2", 1},
        {"Plan | Price\nBasic | 5", 0},
        {"| Adult | Child\nDay | 4 | 2", 0},
        {"| 2019 | 2018\n | 12 | 14", 0},
        {"Voltage | 230 V\nYear | 2019", 0},
        {"!Plan | Price", 1},
        {"| 2019 | 2018", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct slice rows[8], rest = slice_from(cases[i].table), row;
        bool is_told = rest.data[0] == '!';
        size_t count = 0;
        rest = slice_range(rest, is_told, rest.size);
        while (slice_next(&rest, '\n', &row))
            rows[count++] = row;
        size_t heads = text_table_heads(rows, count, is_told);
        if (heads != cases[i].heads)
            fail_msg("%s\n%zu heads, not %zu", cases[i].table, heads, cases[i].heads);
    }
}

static void titles_in_tables(void **state)
{
    (void)state;
    assert_true(text_table_title(SLICE("Net sales:")));
    assert_true(text_table_title(SLICE("Derivatives designated as hedging instruments")));
    assert_false(text_table_title(SLICE("Closed on Sundays.")));
    assert_false(text_table_title(SLICE("Total | 12")));
    assert_false(text_table_title(SLICE("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_of_tables),
        cmocka_unit_test(titles_in_tables),
        cmocka_unit_test(utf8_boundaries),
        cmocka_unit_test(utf8_random),
        cmocka_unit_test(word_conformance),
        cmocka_unit_test(sentence_conformance),
        cmocka_unit_test(sentences_without_capitals),
        cmocka_unit_test(terms_of_normal_forms),
        cmocka_unit_test(samples),
        cmocka_unit_test(languages),
        cmocka_unit_test(token_estimates),
        cmocka_unit_test(token_estimate_of_random_texts),
        cmocka_unit_test(token_estimate_anywhere),
        cmocka_unit_test(language_of_long_texts),
        cmocka_unit_test(ascii_words_like_others),
        cmocka_unit_test(words_met_before_like_new),
        cmocka_unit_test(languages_like_with_other_spaces),
        cmocka_unit_test(caching_changes_nothing),
        cmocka_unit_test(terms_point_to_words),
        cmocka_unit_test(hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
