/* drift_questions.c - do people ask what the test cases ask, and what a model was trained on?
 *
 *   likeness     cosine of vectors; without an embedding model, of words weighed by how rare they are
 *   unlike       a question less like its nearest test case than 19 of 20 test cases are like theirs: of questions of the same kind, 5 % are
 *   labels       each question has that of its nearest test case, the test cases that of their nearest other one, so that both err alike; where all
 *                that came in has labels of its own, both have their own
 *
 * Test cases are compared as often as there are questions, squared: both are cut to a few hundred, evenly. */
#include "drift_parts.h"
#include "eval/eval.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    QUESTIONS_MOST = 500,
    TESTS_MOST = 1000,
    LEAST = 20,
    NAMED_MOST = 5,
    LABEL_TEXT_BYTES = 80,
    SHUFFLES = 2000,
    SHOWN_BYTES = 200
};
#define UNLIKE_MOST 0.10 /* of questions: what is less matters little, however sure it is */
#define UNLIKE_CHANCE 0.05
#define LABEL_CHANCE 0.01
#define LABEL_DISTANCE 0.10

struct texts {
    struct slice *items, *labels; /* labels: of test cases; empty: none */
    uint64_t *entries; /* of the log; 0: it comes from a file */
    size_t count, capacity, label_capacity, entry_capacity;
};

static void add_text(struct looking *looking, struct texts *texts, struct slice text, struct slice label, uint64_t entry)
{
    struct slice trimmed = slice_trim(text);
    if (trimmed.size == 0 || trimmed.size > LIMIT_QUERY_BYTES)
        return;
    texts->items = arena_more(looking->arena, texts->items, texts->count, &texts->capacity, sizeof(*texts->items));
    texts->labels = arena_more(looking->arena, texts->labels, texts->count, &texts->label_capacity, sizeof(*texts->labels));
    texts->entries = arena_more(looking->arena, texts->entries, texts->count, &texts->entry_capacity, sizeof(*texts->entries));
    texts->entries[texts->count] = entry;
    texts->labels[texts->count] = arena_slice(looking->arena, label);
    texts->items[texts->count++] = arena_slice(looking->arena, trimmed);
}

/* What the two are called. */
struct words {
    const char *known, *there, *asked, *remedy;
};

static const struct words *words_of(const struct looking *looking)
{
    static const struct words tests = {"test case", "the test cases", "questions asked lately",
                                       "Add test cases of what is asked."},
                              inputs = {"example that it was trained on", "what it was trained on", "inputs",
                                        "Add examples of what comes in, and tune it again."};
    return looking->inputs != NULL ? &inputs : &tests;
}

/* ---- where they come from ---- */

static struct slice member_text(const struct json_value *object, const char *key)
{
    const struct json_value *value = json_get(object, key);
    if (value != NULL && value->kind == JSON_ARRAY && value->count > 0)
        value = &value->items[0];
    return value != NULL && value->kind == JSON_TEXT ? value->text : SLICE("");
}

static struct slice question_of(const struct json_value *object)
{
    static const char *const keys[] = {"question", "input", "text", "query"};
    struct slice text = SLICE("");
    for (size_t i = 0; i < ARRAY_COUNT(keys) && text.size == 0; i++)
        text = member_text(object, keys[i]);
    return text;
}

/* A line is a JSON object with "question" or "input", or a question as it stands. Its label: the first tag, else the answer. */
static void take_line(struct looking *looking, struct texts *texts, struct slice line)
{
    struct json_value root;
    struct error ignored = {0};
    struct arena scratch;
    arena_init(&scratch);
    if (slice_trim(line).size > 0 && slice_trim(line).data[0] != '{') {
        add_text(looking, texts, line, SLICE(""), 0);
    } else if (json_read(line, "a question", &scratch, &root, &ignored)) {
        struct slice label = member_text(&root, "tags");
        label = label.size > 0 ? label : member_text(&root, "answer");
        add_text(looking, texts, question_of(&root), label.size <= LABEL_TEXT_BYTES ? label : SLICE(""), 0);
    }
    arena_release(&scratch);
}

static bool read_lines(struct looking *looking, const char *path, struct texts *texts, struct error *error)
{
    struct lines lines;
    const struct slice *batch;
    size_t count = 0;
    bool ok;
    lines_init(&lines, &path, 1);
    while ((ok = lines_next(&lines, 64, &batch, &count, error)) && count > 0)
        for (size_t i = 0; i < count; i++)
            take_line(looking, texts, batch[i]);
    lines_release(&lines);
    return ok;
}

struct log_reading {
    struct looking *looking;
    struct texts *texts;
};

static bool take_entry(void *context, const struct ledger_entry *entry, struct error *error)
{
    struct log_reading *reading = context;
    (void)error;
    if (entry->kind == LEDGER_ANSWER && entry->personal != NULL)
        add_text(reading->looking, reading->texts, member_text(entry->personal, "question"), SLICE(""), entry->number);
    return true;
}

static bool read_questions(struct looking *looking, struct texts *texts, struct error *error)
{
    const struct drift_run *run = looking->run;
    struct ledger_head head = {0};
    struct log_reading reading = {looking, texts};
    if (run->questions != NULL)
        return read_lines(looking, run->questions, texts, error);
    if (run->ledger == NULL)
        return true;
    if (!ledger_head(run->ledger, &head, error) && error->kind != ERROR_CORRUPT) /* damaged ones hide no others */
        return false;
    uint64_t first = head.entries > QUESTIONS_MOST ? head.entries - QUESTIONS_MOST + 1 : 1;
    return head.entries == 0 || ledger_each(run->ledger, first, head.entries, take_entry, &reading, error);
}

/* Each once, and no more than `most` of them, evenly. */
static void thin_out(struct texts *texts, size_t most)
{
    struct map seen;
    size_t kept = 0, all;
    map_init(&seen, UINT32_MAX / 4);
    for (size_t i = 0; i < texts->count; i++) {
        bool is_new = false;
        map_put(&seen, texts->items[i], &is_new);
        if (!is_new)
            continue;
        texts->labels[kept] = texts->labels[i];
        texts->entries[kept] = texts->entries[i];
        texts->items[kept++] = texts->items[i];
    }
    map_release(&seen);
    all = kept;
    texts->count = all < most ? all : most;
    for (size_t i = 0; i < texts->count && all > most; i++) {
        texts->items[i] = texts->items[i * all / most];
        texts->labels[i] = texts->labels[i * all / most];
        texts->entries[i] = texts->entries[i * all / most];
    }
}

/* ---- likeness ---- */

struct likeness {
    size_t dimensions;
    float *vectors; /* of all texts, of length 1; test cases first */
};

/* Words as places of a vector: two words may share one, of many. */
static void words_as_vectors(const struct slice *texts, size_t count, struct likeness *likeness)
{
    enum { PLACES = 4096 };
    uint32_t *have = memory_alloc(PLACES, sizeof(*have));
    struct buffer words;
    struct slice rest, word;
    likeness->dimensions = PLACES;
    likeness->vectors = memory_alloc(count * PLACES, sizeof(*likeness->vectors));
    buffer_init(&words, LIMIT_TEXT_BYTES);
    for (size_t i = 0; i < count; i++) {
        float *vector = likeness->vectors + i * PLACES;
        buffer_clear(&words);
        grade_normalize(texts[i], &words);
        for (rest = buffer_slice(&words); slice_next(&rest, ' ', &word);) {
            uint32_t hash = 2166136261u;
            for (size_t j = 0; j < word.size; j++)
                hash = (hash ^ (unsigned char)word.data[j]) * 16777619u;
            vector[(hash ^ hash >> 15) % PLACES] = 1;
        }
        for (size_t j = 0; j < PLACES; j++)
            have[j] += vector[j] > 0;
    }
    for (size_t i = 0; i < count; i++) {
        float *vector = likeness->vectors + i * PLACES;
        double square = 0;
        for (size_t j = 0; j < PLACES; j++) {
            vector[j] *= (float)log(1 + (double)count / (1 + (double)have[j]));
            square += (double)vector[j] * (double)vector[j];
        }
        for (size_t j = 0; j < PLACES && square > 0; j++)
            vector[j] = (float)((double)vector[j] / sqrt(square));
    }
    buffer_release(&words);
    free(have);
}

static bool make_vectors(struct looking *looking, const struct texts *tests, const struct texts *asked,
                         struct likeness *likeness, struct error *error)
{
    size_t count = tests->count + asked->count;
    struct slice *all = arena_alloc(looking->arena, count, sizeof(*all));
    for (size_t i = 0; i < count; i++)
        all[i] = i < tests->count ? tests->items[i] : asked->items[i - tests->count];
    const struct tokenizer *tokenizer;
    size_t tokens_max;
    if (looking->run->embedder != NULL && looking->now->embedding.size > 0) {
        const struct passage_model model = embedder_for_passages(looking->run->embedder);
        if (model.measure(model.context, &tokenizer, &tokens_max))
            return model.embed(model.context, all, count, &likeness->vectors, &likeness->dimensions, error);
    }
    words_as_vectors(all, count, likeness);
    return true;
}

struct nearest {
    size_t test;
    double likeness;
};

/* The test case most like a text; not the text itself. */
static struct nearest nearest_of(const struct likeness *likeness, size_t tests, size_t text)
{
    struct nearest best = {0, -2};
    const float *vector = likeness->vectors + text * likeness->dimensions;
    for (size_t i = 0; i < tests; i++) {
        const float *other = likeness->vectors + i * likeness->dimensions;
        double sum = 0;
        for (size_t j = 0; j < likeness->dimensions; j++)
            sum += (double)vector[j] * (double)other[j];
        if (i != text && sum > best.likeness)
            best = (struct nearest){i, sum};
    }
    return best;
}

static int ascending(const void *a, const void *b)
{
    const double *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static int by_likeness(const void *a, const void *b)
{
    const struct nearest *left = a, *right = b;
    return (left->likeness > right->likeness) - (left->likeness < right->likeness);
}

struct distances {
    struct nearest *all; /* of test cases, then of questions */
    double border; /* what 19 of 20 test cases reach */
    size_t beyond; /* test cases that do not */
};

static void measure_distances(struct looking *looking, const struct likeness *likeness, const struct texts *tests,
                              const struct texts *asked, struct distances *distances)
{
    double *sorted = arena_alloc(looking->arena, tests->count, sizeof(*sorted));
    distances->all = arena_alloc(looking->arena, tests->count + asked->count, sizeof(*distances->all));
    for (size_t i = 0; i < tests->count + asked->count; i++)
        distances->all[i] = nearest_of(likeness, tests->count, i);
    for (size_t i = 0; i < tests->count; i++)
        sorted[i] = distances->all[i].likeness;
    qsort(sorted, tests->count, sizeof(*sorted), ascending);
    distances->beyond = tests->count / 20;
    distances->border = sorted[distances->beyond];
}

/* The logarithm of how many ways there are to choose `some` of `all`. */
static double choices(size_t all, size_t some)
{
    return lgamma((double)all + 1) - lgamma((double)some + 1) - lgamma((double)(all - some) + 1);
}

/* The chance of `unlike` questions or more beyond the border, if test cases and questions were drawn alike. The border is itself one of `tests` draws:
 * each order of all of them is as likely, and those count in which so many questions come before the test case that is the border. */
static double unlike_chance(size_t tests, size_t beyond, size_t asked, size_t unlike)
{
    double sum = 0;
    for (size_t i = unlike; i <= asked; i++)
        sum += exp(choices(i + beyond, beyond) + choices(asked - i + tests - beyond - 1, tests - beyond - 1) -
                   choices(asked + tests, tests));
    return sum < 1 ? sum : 1;
}

/* What somebody asked is theirs: a report goes further than the log, and says where it stands there. */
static void write_asked(struct looking *looking, const struct texts *asked, size_t number)
{
    if (asked->entries[number] > 0) {
        json_integers(looking->json, &(struct json_integer_member){"entry", (int64_t)asked->entries[number]}, 1);
    } else {
        json_key(looking->json, "question");
        json_text(looking->json, asked->items[number]);
    }
}

static const char *name_asked(struct looking *looking, const struct texts *asked, size_t number)
{
    if (asked->entries[number] > 0)
        return arena_format(looking->arena, "`assay log show %llu`", (unsigned long long)asked->entries[number]);
    return arena_format(looking->arena, "\"%s\"", arena_text(looking->arena, slice_cut(asked->items[number], SHOWN_BYTES)));
}

static void tell_unlike(struct looking *looking, const struct texts *tests, const struct texts *asked,
                        const struct distances *distances)
{
    struct statistics_interval interval;
    struct nearest *sorted = arena_alloc(looking->arena, asked->count, sizeof(*sorted)); /* `test`: the question's number */
    size_t unlike = 0;
    for (size_t i = 0; i < asked->count; i++) {
        sorted[i] = (struct nearest){i, distances->all[tests->count + i].likeness};
        unlike += sorted[i].likeness < distances->border;
    }
    qsort(sorted, asked->count, sizeof(*sorted), by_likeness);
    statistics_wilson(unlike, asked->count, &interval);
    const double share = (double)unlike / (double)asked->count,
                 chance = unlike_chance(tests->count, distances->beyond, asked->count, unlike);
    json_integers(looking->json, &(struct json_integer_member){"unlike", (int64_t)unlike}, 1);
    json_key(looking->json, "share");
    json_real(looking->json, share, 6);
    json_pair(looking->json, "interval", interval.low, interval.high, 6);
    json_key(looking->json, "chance");
    json_real(looking->json, chance, 6);
    json_key(looking->json, "farthest");
    json_array_begin(looking->json);
    for (size_t i = 0; i < NAMED_MOST && i < unlike; i++) {
        json_object_begin(looking->json);
        write_asked(looking, asked, sorted[i].test);
        json_key(looking->json, "nearest");
        json_text(looking->json, tests->items[distances->all[tests->count + sorted[i].test].test]);
        json_key(looking->json, "likeness");
        json_real(looking->json, sorted[i].likeness, 4);
        json_object_end(looking->json);
    }
    json_array_end(looking->json);
    if (share <= UNLIKE_MOST || chance > UNLIKE_CHANCE)
        return;
    looking->verdict = DRIFT_FOUND;
    looking_say(looking, arena_format(looking->arena,
                                      "%zu of %zu %s (%.0f %%) are like no %s; of such of their kind 5 %% or "
                                      "so would be (chance %.2g). The farthest: %s. %s",
                                      unlike, asked->count, words_of(looking)->asked, 100 * share, words_of(looking)->known,
                                      chance, name_asked(looking, asked, sorted[0].test), words_of(looking)->remedy));
}

/* ---- the mix of labels ---- */

struct label_mix {
    struct map names; /* label → its number */
    const struct slice **order; /* by number */
    uint32_t *labels; /* of test cases, then of questions */
    size_t tests, asked, count;
};

/* Half of the sum of differences of shares: 0 the same mix, 1 none in common. */
static double mix_distance(const struct label_mix *mix, const uint32_t *labels, double *difference)
{
    double sum = 0;
    memset(difference, 0, mix->count * sizeof(*difference));
    for (size_t i = 0; i < mix->tests + mix->asked; i++)
        difference[labels[i]] += i < mix->tests ? 1 / (double)mix->tests : -1 / (double)mix->asked;
    for (size_t i = 0; i < mix->count; i++)
        sum += fabs(difference[i]) / 2;
    return sum;
}

/* The chance of a mix so far apart, if questions and test cases were shuffled. */
static double mix_chance(struct looking *looking, const struct label_mix *mix, double distance, double *scratch)
{
    size_t all = mix->tests + mix->asked, as_far = 0;
    uint32_t *labels = arena_alloc(looking->arena, all, sizeof(*labels));
    struct random random;
    random_init(&random, 1);
    memcpy(labels, mix->labels, all * sizeof(*labels));
    for (size_t round = 0; round < SHUFFLES; round++) {
        for (size_t i = all - 1; i > 0; i--) {
            size_t j = (size_t)random_below(&random, i + 1);
            uint32_t kept = labels[i];
            labels[i] = labels[j];
            labels[j] = kept;
        }
        as_far += mix_distance(mix, labels, scratch) >= distance - 1e-12;
    }
    return (double)(as_far + 1) / (SHUFFLES + 1);
}

static uint32_t number_label(struct label_mix *mix, const struct slice *label)
{
    bool is_new = false;
    struct map_entry *entry = map_put(&mix->names, *label, &is_new);
    if (is_new) {
        mix->order[mix->count] = label;
        entry->value = mix->count++;
    }
    return (uint32_t)entry->value;
}

static bool has_labels(const struct looking *looking, const struct texts *texts)
{
    if (looking->inputs == NULL)
        return false;
    for (size_t i = 0; i < texts->count; i++)
        if (texts->labels[i].size == 0)
            return false;
    return true;
}

/* False: labels are none, or nearly as many as test cases. */
static bool number_labels(struct looking *looking, const struct texts *tests, const struct texts *asked,
                          const struct distances *distances, struct label_mix *mix)
{
    uint32_t *of_test = arena_alloc(looking->arena, tests->count, sizeof(*of_test));
    size_t labelled = 0;
    mix->order = arena_alloc(looking->arena, tests->count + asked->count, sizeof(*mix->order));
    for (size_t i = 0; i < tests->count; i++) {
        of_test[i] = number_label(mix, &tests->labels[i]);
        labelled += tests->labels[i].size > 0;
    }
    mix->labels = arena_alloc(looking->arena, mix->tests + mix->asked, sizeof(*mix->labels));
    for (size_t i = 0; i < mix->tests + mix->asked; i++)
        if (!has_labels(looking, asked))
            mix->labels[i] = of_test[distances->all[i].test];
        else
            mix->labels[i] = i < tests->count ? of_test[i] : number_label(mix, &asked->labels[i - tests->count]);
    return labelled * 2 >= tests->count && mix->count >= 2 && mix->count * 4 <= tests->count;
}

static void tell_labels(struct looking *looking, const struct label_mix *mix)
{
    double *difference = arena_alloc(looking->arena, mix->count, sizeof(*difference)),
           *scratch = arena_alloc(looking->arena, mix->count, sizeof(*scratch)),
           distance = mix_distance(mix, mix->labels, difference), chance = mix_chance(looking, mix, distance, scratch);
    size_t most = 0;
    json_key(looking->json, "label_distance");
    json_real(looking->json, distance, 6);
    json_key(looking->json, "label_chance");
    json_real(looking->json, chance, 6);
    json_key(looking->json, "labels");
    json_object_begin(looking->json);
    for (size_t i = 0; i < mix->count; i++) {
        json_key(looking->json, arena_text(looking->arena, *mix->order[i]));
        json_real(looking->json, -difference[i], 6); /* more often asked than tested */
        most = difference[i] < difference[most] ? i : most;
    }
    json_object_end(looking->json);
    if (chance > LABEL_CHANCE || distance < LABEL_DISTANCE)
        return;
    looking->verdict = DRIFT_FOUND;
    looking_say(looking,
                arena_format(looking->arena,
                             "The mix of labels of %s is another one (%.2f apart, chance %.3f): \"%s\" comes %.0f points "
                             "more often than in %s.",
                             words_of(looking)->asked, distance, chance, arena_text(looking->arena, *mix->order[most]),
                             -100 * difference[most], words_of(looking)->there));
}

static void look_at_labels(struct looking *looking, const struct texts *tests, const struct texts *asked,
                           const struct distances *distances)
{
    struct label_mix mix = {.tests = tests->count, .asked = asked->count};
    map_init(&mix.names, UINT32_MAX / 4);
    if (number_labels(looking, tests, asked, distances, &mix))
        tell_labels(looking, &mix);
    map_release(&mix.names);
}

/* ---- together ---- */

static bool compare(struct looking *looking, const struct texts *tests, const struct texts *asked, struct error *error)
{
    struct likeness likeness = {0};
    struct distances distances;
    if (!looking_step(looking, "comparing questions", 0, 0, error) || !make_vectors(looking, tests, asked, &likeness, error))
        return false;
    looking->verdict = DRIFT_NONE;
    measure_distances(looking, &likeness, tests, asked, &distances);
    tell_unlike(looking, tests, asked, &distances);
    look_at_labels(looking, tests, asked, &distances);
    free(likeness.vectors);
    return true;
}

bool look_at_questions(struct looking *looking, struct error *error)
{
    struct texts tests = {0}, asked = {0};
    const char *path = tests_of(looking->run, looking->arena);
    if ((file_exists(path) && !read_lines(looking, path, &tests, error)) || !read_questions(looking, &asked, error))
        return false;
    thin_out(&tests, TESTS_MOST);
    thin_out(&asked, QUESTIONS_MOST);
    json_integers(looking->json,
                  (const struct json_integer_member[]){{"tests", (int64_t)tests.count}, {"questions", (int64_t)asked.count}},
                  2);
    json_key(looking->json, "tests_changed");
    json_bool(looking->json, !slice_equal(looking->before->tests, looking->now->tests));
    if (tests.count >= LEAST && asked.count >= LEAST)
        return compare(looking, &tests, &asked, error);
    looking_say(looking,
                arena_format(looking->arena,
                             "Too few to compare: different questions asked lately: %zu, test cases: %zu; %d of each are "
                             "needed.",
                             asked.count, tests.count, LEAST));
    return true;
}

bool look_at_inputs(struct looking *looking, struct error *error)
{
    struct texts trained = {0}, asked = {0};
    const struct drift_inputs *inputs = looking->inputs;
    for (size_t i = 0; i < inputs->trained_count; i++)
        add_text(looking, &trained, inputs->trained[i].text, inputs->trained[i].label, 0);
    for (size_t i = 0; i < inputs->fresh_count; i++)
        add_text(looking, &asked, inputs->fresh[i].text, inputs->fresh[i].label, 0);
    if (inputs->fresh_count == 0 && !read_questions(looking, &asked, error))
        return false;
    thin_out(&trained, TESTS_MOST);
    thin_out(&asked, QUESTIONS_MOST);
    json_integers(looking->json,
                  (const struct json_integer_member[]){{"examples", (int64_t)trained.count}, {"inputs", (int64_t)asked.count}},
                  2);
    if (trained.count >= LEAST && asked.count >= LEAST)
        return compare(looking, &trained, &asked, error);
    looking_say(looking,
                arena_format(looking->arena, "Too few to compare: different inputs: %zu, examples: %zu; %d of each are needed.",
                             asked.count, trained.count, LEAST));
    return true;
}
