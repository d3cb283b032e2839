/* train_probe.c - trains on a file of lines "LABEL TAB TEXT", for bench_train.py: prints losses, and writes gradients.
 *
 *   train_probe BASE FILE OUTPUTS [key=value …]
 *
 *   threads=2 precision=f32|bf16 scope=all|lora|head batch=32 steps=20 rate=1e-4 dropout=0 seed=1 rank=8 epochs=1 mean=1 tokens=N
 *   dora=1          with scope=lora: lengths of rows apart;  target=all-linear
 *   moments=8       AdamW's in 8 bits
 *   gradients=FILE  of the first batch: for each tensor its name, rows and columns, a line end, then its numbers in f32
 *   save=FOLDER     what was trained;  merged=FOLDER;  adapter=FOLDER: goes on from it;  logits=FILE: of all texts, in f32
 *   folder=FOLDER   checkpoints, every checkpoint=N steps;  resume=1;  test=FILE: accuracy on it at the end */
#include "train/train.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct settings {
    int count;
    char **arguments;
};

static const char *setting(const struct settings *settings, const char *key, const char *usual)
{
    size_t size = strlen(key);
    for (int i = 0; i < settings->count; i++)
        if (strncmp(settings->arguments[i], key, size) == 0 && settings->arguments[i][size] == '=')
            return settings->arguments[i] + size + 1;
    return usual;
}

static double number(const struct settings *settings, const char *key, double usual)
{
    const char *text = setting(settings, key, NULL);
    return text != NULL ? strtod(text, NULL) : usual;
}

static void check(bool ok, const struct error *error)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", error->message);
    exit(1);
}

static struct train_example *read_examples(const char *path, struct buffer *text, size_t *count)
{
    struct error error = {0};
    buffer_init(text, (size_t)1 << 30);
    check(file_read(path, (size_t)1 << 30, text, &error), &error);
    struct slice rest = buffer_slice(text), line;
    struct train_example *examples = NULL;
    size_t capacity = 0;
    *count = 0;
    while (slice_next(&rest, '\n', &line)) {
        size_t tab;
        uint64_t label;
        if (!slice_find(line, '\t', &tab) || !slice_to_u64(slice_range(line, 0, tab), &label))
            continue;
        examples = memory_more(examples, *count, &capacity, sizeof(*examples));
        examples[(*count)++] = (struct train_example){.first = slice_range(line, tab + 1, line.size), .label = label};
    }
    return examples;
}

static void write_gradients(struct trainer *trainer, const struct train_example *examples, size_t count, const char *path)
{
    struct error error = {0};
    double loss;
    check(trainer_gradients(trainer, examples, count, &loss, &error), &error);
    FILE *file = fopen(path, "wb");
    const struct parameter *parameter;
    for (size_t i = 0; file != NULL && (parameter = trainer_learned(trainer, i)) != NULL; i++) {
        fprintf(file, "%s %zu %zu %d\n", parameter->name, parameter->rows, parameter->columns, parameter->turned);
        fwrite(parameter->gradients, sizeof(float), parameter->count, file);
    }
    if (file != NULL)
        fclose(file);
    printf("loss %.9g\n", loss);
}

static bool told(void *context, const struct train_progress *progress)
{
    (void)context;
    printf("step %zu loss %.9g norm %.6g seconds %.4f tokens %llu\n", progress->step, progress->loss, progress->gradient_norm,
           progress->seconds, (unsigned long long)progress->tokens);
    fflush(stdout);
    return true;
}

static void accuracy(struct trainer *trainer, const char *path, const char *logits)
{
    struct error error = {0};
    struct buffer text;
    size_t count, right = 0, outputs = trainer_outputs(trainer);
    struct train_example *examples = read_examples(path, &text, &count);
    float *out = memory_alloc(count, outputs * sizeof(*out));
    check(trainer_predict(trainer, examples, count, out, &error), &error);
    for (size_t i = 0; i < count; i++) {
        size_t best = 0;
        for (size_t j = 1; j < outputs; j++)
            best = out[i * outputs + j] > out[i * outputs + best] ? j : best;
        right += best == examples[i].label;
    }
    FILE *file = logits != NULL ? fopen(logits, "wb") : NULL;
    if (file != NULL) {
        fwrite(out, sizeof(float), count * outputs, file);
        fclose(file);
    }
    printf("accuracy %.4f of %zu\n", (double)right / (double)count, count);
    free(out);
    free(examples);
    buffer_release(&text);
}

static struct train_recipe recipe_of(const struct settings *settings, size_t outputs)
{
    const char *scope = setting(settings, "scope", "all"), *schedule = setting(settings, "schedule", "constant");
    static const char *targets[8];
    struct train_recipe recipe = {
        .task = TRAIN_CLASSIFY,
        .scope = strcmp(scope, "lora") == 0   ? TRAIN_LORA
                 : strcmp(scope, "head") == 0 ? TRAIN_HEAD
                                              : TRAIN_ALL,
        .outputs = outputs,
        .precision = strcmp(setting(settings, "precision", "f32"), "bf16") == 0 ? MODEL_BF16 : MODEL_F32,
        .mean_pooling = number(settings, "mean", 0) != 0,
        .lora = {.rank = (size_t)number(settings, "rank", 8), .alpha = (float)number(settings, "alpha", 16)},
        .epochs = (size_t)number(settings, "epochs", 1),
        .steps_max = (size_t)number(settings, "steps", 0),
        .batch_examples = (size_t)number(settings, "batch", 32),
        .tokens_max = (size_t)number(settings, "tokens", 0),
        .learning_rate = (float)number(settings, "rate", 1e-4),
        .head_learning_rate = (float)number(settings, "head_rate", 0),
        .weight_decay = (float)number(settings, "decay", 0),
        .moments_8bit = number(settings, "moments", 32) < 32,
        .clip = (float)number(settings, "clip", 0),
        .warmup = (float)number(settings, "warmup", 0),
        .dropout = (float)number(settings, "dropout", 0),
        .seed = (uint64_t)number(settings, "seed", 1),
        .checkpoint_steps = (size_t)number(settings, "checkpoint", 0),
        .schedule = strcmp(schedule, "linear") == 0   ? TRAIN_LINEAR
                    : strcmp(schedule, "cosine") == 0 ? TRAIN_COSINE
                                                      : TRAIN_CONSTANT,
    };
    recipe.lora.dropout = (float)number(settings, "lora_dropout", 0);
    recipe.lora.weight_decomposed = number(settings, "dora", 0) != 0;
    targets[0] = setting(settings, "target", NULL);
    if (targets[0] != NULL) {
        recipe.lora.targets = targets;
        recipe.lora.target_count = 1;
    }
    return recipe;
}

int main(int count, char **arguments)
{
    if (count < 4) {
        fprintf(stderr, "usage: train_probe BASE FILE OUTPUTS [key=value …]\n");
        return 2;
    }
    struct settings settings = {count - 4, arguments + 4};
    struct error error = {0};
    struct buffer text;
    size_t examples_count;
    struct train_example *examples = read_examples(arguments[2], &text, &examples_count);
    struct train_recipe recipe = recipe_of(&settings, (size_t)strtoul(arguments[3], NULL, 10));
    struct pool *pool = pool_create((size_t)number(&settings, "threads", 2));
    struct trainer_options options = {.base = arguments[1],
                                      .pool = pool,
                                      .folder = setting(&settings, "folder", NULL),
                                      .adapter = setting(&settings, "adapter", NULL)};
    struct trainer *trainer;
    check(trainer_create(&trainer, &recipe, &options, &error), &error);
    const char *gradients = setting(&settings, "gradients", NULL);
    if (gradients != NULL)
        write_gradients(trainer, examples, examples_count < recipe.batch_examples ? examples_count : recipe.batch_examples,
                        gradients);
    struct train_calls calls = {.progress = told};
    struct train_result result;
    if (number(&settings, "train", gradients == NULL) != 0)
        check(trainer_run(trainer, examples, examples_count, number(&settings, "resume", 0) != 0, &calls, &result, &error),
              &error);
    if (setting(&settings, "test", NULL) != NULL)
        accuracy(trainer, setting(&settings, "test", NULL), setting(&settings, "logits", NULL));
    if (setting(&settings, "save", NULL) != NULL)
        check(trainer_save(trainer, setting(&settings, "save", NULL), &error), &error);
    if (setting(&settings, "merged", NULL) != NULL)
        check(trainer_save_merged(trainer, setting(&settings, "merged", NULL), &error), &error);
    trainer_free(trainer);
    free(examples);
    buffer_release(&text);
    pool_free(pool);
    return 0;
}
