#include "log.h"
#include "clock.h"
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

static atomic_int level_max = LOG_WARNING;

void log_set_level(enum log_level level)
{
    atomic_store(&level_max, (int)level);
}

void log_line(enum log_level level, const char *format, ...)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    if ((int)level > atomic_load(&level_max))
        return;
    char text[1024], time[CLOCK_TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    clock_text(clock_wall_ns(), time);
    flockfile(stderr);
    fprintf(stderr, "%s %s ", time, names[level]);
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            fprintf(stderr, "\\x%02x", (unsigned char)*c);
        else
            putc(*c, stderr);
    putc('\n', stderr);
    funlockfile(stderr);
}

void log_ready(struct slice line)
{
    ssize_t ignored = write(STDERR_FILENO, line.data, line.size);
    (void)ignored;
}
