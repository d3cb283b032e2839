#include "clock.h"
#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

uint64_t clock_now_ns(void)
{
    return (uint64_t)read_clock(CLOCK_MONOTONIC);
}

double clock_ms_since(uint64_t start_ns)
{
    return (double)(clock_now_ns() - start_ns) / 1e6;
}

int64_t clock_wall_ns(void)
{
    return read_clock(CLOCK_REALTIME);
}

void clock_text(int64_t wall_ns, char text[CLOCK_TEXT_BYTES])
{
    time_t seconds = (time_t)(wall_ns / 1000000000);
    struct tm parts;
    if (gmtime_r(&seconds, &parts) == NULL || strftime(text, CLOCK_TEXT_BYTES, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        text[0] = '\0';
}

static unsigned digits(struct slice text, size_t start, size_t end)
{
    unsigned number = 0;
    for (size_t i = start; i < end; i++)
        number = 10 * number + (unsigned)(text.data[i] - '0');
    return number;
}

bool clock_date(struct slice text, int64_t *wall_ns)
{
    static const char shape[] = "0000-00-00";
    static const unsigned days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (text.size != sizeof(shape) - 1)
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (shape[i] == '-' ? text.data[i] != '-' : text.data[i] < '0' || text.data[i] > '9')
            return false;
    unsigned year = digits(text, 0, 4), month = digits(text, 5, 7), day = digits(text, 8, 10);
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (year < 1678 || year > 2261 || month < 1 || month > 12 || day < 1 || day > days[month - 1] ||
        (month == 2 && day == 29 && !leap))
        return false;
    struct tm parts = {.tm_year = (int)year - 1900, .tm_mon = (int)month - 1, .tm_mday = (int)day};
    *wall_ns = (int64_t)timegm(&parts) * 1000000000;
    return true;
}
