/* spend.c - the day's sum in its file. */
#include "spend.h"
#include <math.h>
#include <stdio.h>

#define DAY_NS (24 * INT64_C(3600000000000))
#define SUM_MOST 1e12
enum { SPEND_BYTES_MAX = 100, DAY_TEXT_BYTES = 10 };

struct spent {
    int64_t day;
    double sum;
};

static void day_text(int64_t day, char text[CLOCK_TEXT_BYTES])
{
    clock_text(day * DAY_NS, text);
    text[DAY_TEXT_BYTES] = '\0';
}

static bool refuse_file(const struct spend *spend, struct error *error)
{
    error_set(error, ERROR_CORRUPT, "\"%s\" does not say what was spent today", spend->file);
    return error_hint(error, "Remove it to count today's spending from 0 again.");
}

static bool read_file(const struct spend *spend, struct spent *spent, struct error *error)
{
    struct buffer text;
    struct slice rest, day, sum;
    int64_t day_ns;
    *spent = (struct spent){0};
    if (!file_exists(spend->file))
        return true;
    buffer_init(&text, SPEND_BYTES_MAX);
    bool ok = file_read(spend->file, SPEND_BYTES_MAX, &text, error);
    rest = slice_trim(buffer_slice(&text));
    if (ok && (!slice_next(&rest, ' ', &day) || !slice_next(&rest, '\n', &sum) || !clock_date(day, &day_ns) ||
               !slice_to_double(sum, &spent->sum) || !(spent->sum >= 0) || spent->sum > SUM_MOST))
        ok = refuse_file(spend, error);
    if (ok)
        spent->day = day_ns / DAY_NS;
    buffer_release(&text);
    return ok;
}

static bool write_file(const struct spend *spend, const struct spent *spent, bool durable, struct error *error)
{
    char day[CLOCK_TEXT_BYTES], line[SPEND_BYTES_MAX];
    day_text(spent->day, day);
    /* Of one length always: it is written over in place, and no digit of an older sum stays behind. */
    int size = snprintf(line, sizeof(line), "%s %026.9f\n", day, spent->sum);
    return file_write_at(spend->file, 0, (struct slice){line, (size_t)size}, durable, error);
}

/* The sum of today. A clock that was set back a little begins no new day; a day that is far ahead was never true. */
static bool read_today(const struct spend *spend, struct spent *spent, struct error *error)
{
    int64_t today = clock_wall_ns() / DAY_NS;
    if (!read_file(spend, spent, error))
        return false;
    if (spent->day < today || spent->day > today + 1)
        *spent = (struct spent){today, 0};
    return true;
}

static bool refuse_request(const struct spend *spend, const struct spent *spent, double most, struct error *error)
{
    char next[CLOCK_TEXT_BYTES];
    day_text(spent->day + 1, next);
    error_set(error, ERROR_LIMIT,
              "today's requests have cost %.4f %s, and one of up to %.4f more would pass the limit of %g %s a day", spent->sum,
              spend->currency, most, spend->day_most, spend->currency);
    return error_hint(error, "The limit is limits.spend_per_day of assay.yaml; it opens again at %s 00:00 UTC.", next);
}

bool spend_set_aside(const struct spend *spend, double most, struct spend_part *part, struct error *error)
{
    struct file_lock lock;
    struct spent spent;
    *part = (struct spend_part){0};
    if (spend->file == NULL)
        return true;
    if (!file_lock_wait(&lock, spend->lock, "what was spent", error))
        return false;
    bool ok = read_today(spend, &spent, error);
    if (ok && spent.sum + most > spend->day_most)
        ok = refuse_request(spend, &spent, most, error);
    if (ok) {
        *part = (struct spend_part){spent.day, most};
        spent.sum += most;
        ok = write_file(spend, &spent, true, error);
    }
    file_lock_release(&lock);
    return ok;
}

/* What is not written down durably here was set aside durably before: a sum that is too high opens again the next day. */
bool spend_settle(const struct spend *spend, const struct spend_part *part, double cost, struct error *error)
{
    struct file_lock lock;
    struct spent spent;
    if (spend->file == NULL || part->day == 0)
        return true;
    if (!file_lock_wait(&lock, spend->lock, "what was spent", error))
        return false;
    bool ok = read_today(spend, &spent, error);
    if (ok && spent.day == part->day) { /* a day that has passed is not looked at again */
        spent.sum = fmax(spent.sum - part->most + cost, 0);
        ok = write_file(spend, &spent, false, error);
    }
    file_lock_release(&lock);
    return ok;
}
