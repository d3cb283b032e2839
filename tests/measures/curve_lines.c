/* curve_lines.c - reads {"target": t, "seed": s, "points": [[examples, right cases, cases], ...]} a line, prints what is forecast from these points as
 * JSON: for bench/forecasts.py. */
#include "codec/codec.h"
#include "decide/decide.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { POINTS_MAX = 16, CASES_MAX = 100000 };

static const char *const answers[] = {
    [CURVE_REACHED] = "reached", [CURVE_NEEDS] = "needs", [CURVE_WILL_NOT] = "will not", [CURVE_UNCLEAR] = "unclear"};

static double number_of(const struct json_value *value)
{
    if (value == NULL || value->kind != JSON_NUMBER) {
        fputs("expected a number\n", stderr);
        exit(2);
    }
    return value->real;
}

static struct curve_point read_point(const struct json_value *value)
{
    struct curve_point point;
    if (value->kind != JSON_ARRAY || value->count != 3) {
        fputs("a point is [examples, right cases, cases]\n", stderr);
        exit(2);
    }
    double right = number_of(&value->items[1]), cases = number_of(&value->items[2]);
    size_t count = cases >= 1 && cases <= CASES_MAX ? (size_t)cases : 1;
    double *scores = memory_alloc(count, sizeof(*scores));
    for (size_t i = 0; i < count; i++)
        scores[i] = (double)i < right;
    const struct clustered clustered = {.values = scores, .count = count};
    curve_point_of(&clustered, number_of(&value->items[0]), &point);
    free(scores);
    return point;
}

static void print_number(const char *name, double value)
{
    if (isfinite(value))
        printf(", \"%s\": %.9g", name, value);
    else
        printf(", \"%s\": null", name);
}

static bool forecast_line(const struct json_value *root, struct error *error)
{
    const struct json_value *points = json_get(root, "points");
    struct curve_point read[POINTS_MAX];
    struct curve_forecast forecast;
    size_t count = points != NULL && points->kind == JSON_ARRAY && points->count <= POINTS_MAX ? points->count : 0;
    for (size_t i = 0; i < count; i++)
        read[i] = read_point(&points->items[i]);
    if (!curve_forecast(read, count, number_of(json_get(root, "target")), (uint64_t)number_of(json_get(root, "seed")),
                        &forecast, error))
        return false;
    printf("{\"answer\": \"%s\"", answers[forecast.answer]);
    print_number("needed", forecast.needed);
    print_number("low", forecast.needed_interval.low);
    print_number("high", forecast.needed_interval.high);
    print_number("reaching", forecast.share_reaching);
    puts("}");
    return true;
}

int main(void)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    bool ok = true;
    while (ok && (size = getline(&line, &capacity, stdin)) > 0) {
        struct arena arena;
        struct json_value root;
        struct error error;
        arena_init(&arena);
        ok = json_read((struct slice){line, (size_t)size}, "line", &arena, &root, &error) && forecast_line(&root, &error);
        if (!ok)
            fprintf(stderr, "%s\n", error.message);
        arena_release(&arena);
    }
    free(line);
    return ok ? 0 : 1;
}
