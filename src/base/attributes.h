/* attributes.h - the compiler promises used across the tree. */
#ifndef BASE_ATTRIBUTES_H
#define BASE_ATTRIBUTES_H

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_at, arguments_at) __attribute__((format(printf, format_at, arguments_at)))
#define ARRAY_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
