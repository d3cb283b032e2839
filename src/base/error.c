/* error.c - filling and wrapping the error object. A message that is too long is cut at a character, never refused. */
#include "error.h"
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Defined here, so not the macros that stand before them. */
#undef error_set
#undef error_system
#undef error_wrap
#undef error_hint

static const char *const kind_names[ERROR_KIND_COUNT] = {
    [ERROR_NONE] = "none",
    [ERROR_INVALID] = "invalid",
    [ERROR_NOT_FOUND] = "not_found",
    [ERROR_CONFLICT] = "conflict",
    [ERROR_LIMIT] = "limit",
    [ERROR_CORRUPT] = "corrupt",
    [ERROR_IO] = "io",
    [ERROR_NO_MEMORY] = "no_memory",
    [ERROR_CANCELLED] = "cancelled",
};

/* Cuts a UTF-8 text so that no half character stands at its end. */
static void cut_at_character(char *text)
{
    size_t size = strlen(text);
    size_t at = size;
    while (at > 0 && ((unsigned char)text[at - 1] & 0xC0) == 0x80)
        at--;
    if (at == 0)
        return;
    unsigned char lead = (unsigned char)text[at - 1];
    size_t wanted = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (size - (at - 1) < wanted)
        text[at - 1] = '\0';
}

PRINTF_LIKE(3, 0) static void format_into(char *out, size_t capacity, const char *format, va_list arguments)
{
    int wanted = vsnprintf(out, capacity, format, arguments);
    if (wanted >= (int)capacity)
        cut_at_character(out);
}

bool error_set(struct error *error, enum error_kind kind, const char *format, ...)
{
    assert(error != NULL);
    assert(kind > ERROR_NONE && kind < ERROR_KIND_COUNT);
    va_list arguments;
    va_start(arguments, format);
    error->kind = kind;
    error->hint[0] = '\0';
    error->is_elsewhere = false;
    error->is_full = false;
    format_into(error->message, sizeof(error->message), format, arguments);
    va_end(arguments);
    return false;
}

static enum error_kind kind_of_errno(int number)
{
    switch (number) {
    case ENOENT:
    case ENOTDIR:
        return ERROR_NOT_FOUND;
    case EEXIST:
    case EBUSY:
        return ERROR_CONFLICT;
    case ENOMEM:
        return ERROR_NO_MEMORY;
    case EMFILE:
    case ENFILE:
    case EFBIG:
        return ERROR_LIMIT;
    case EINVAL:
    case ENAMETOOLONG:
    case EISDIR:
    case ELOOP:
        return ERROR_INVALID;
    default:
        return ERROR_IO;
    }
}

bool error_system(struct error *error, const char *format, ...)
{
    int number = errno;
    char reason[128];
    va_list arguments;
    va_start(arguments, format);
    error->kind = kind_of_errno(number);
    error->hint[0] = '\0';
    error->is_elsewhere = false;
    format_into(error->message, sizeof(error->message), format, arguments);
    va_end(arguments);
    size_t used = strlen(error->message);
    /* GNU strerror_r: thread-safe, and returns the text. The C library starts it with a capital; our messages do not. */
    const char *text = strerror_r(number, reason, sizeof(reason));
    char first = text[0];
    if (first >= 'A' && first <= 'Z' && !(text[1] >= 'A' && text[1] <= 'Z'))
        first = (char)(first - 'A' + 'a');
    snprintf(error->message + used, sizeof(error->message) - used, ": %c%s", first, text[0] ? text + 1 : "");
    if (number == EFBIG)
        error_hint(error, "A file may not grow so far: see the limit of the system (ulimit -f) and of the file system.");
    if (number == EACCES)
        error_hint(
            error,
            "The user who runs this may not do that: run it as the owner of the files, or have the owner allow it (ls -l, "
            "chmod).");
    if (number == EROFS)
        error_hint(error, "It lies on a file system that can only be read.");
    error->is_full = number == ENOSPC || number == EDQUOT;
    if (error->is_full)
        error_hint(error, "The disk is full. Free some space and run the command again; nothing acknowledged is lost.");
    return false;
}

bool error_wrap(struct error *error, const char *format, ...)
{
    char inner[sizeof(error->message)];
    memcpy(inner, error->message, sizeof(inner));
    va_list arguments;
    va_start(arguments, format);
    format_into(error->message, sizeof(error->message), format, arguments);
    va_end(arguments);
    size_t used = strlen(error->message);
    int wanted = snprintf(error->message + used, sizeof(error->message) - used, ": %s", inner);
    if (wanted >= (int)(sizeof(error->message) - used))
        cut_at_character(error->message);
    return false;
}

bool error_hint(struct error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    format_into(error->hint, sizeof(error->hint), format, arguments);
    va_end(arguments);
    return false;
}

void error_clear(struct error *error)
{
    error->kind = ERROR_NONE;
    error->message[0] = '\0';
    error->hint[0] = '\0';
    error->is_elsewhere = false;
    error->is_full = false;
}

const char *error_kind_name(enum error_kind kind)
{
    assert(kind < ERROR_KIND_COUNT);
    return kind_names[kind];
}
