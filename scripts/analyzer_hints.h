/* analyzer_hints.h - read by clang-tidy before each file of the rooms (but error.c): the functions that tell a failure always
 * return false, which the analyzer cannot see from outside error.c. */
#include "base/error.h"

#define error_set(...) ((void)error_set(__VA_ARGS__), false)
#define error_system(...) ((void)error_system(__VA_ARGS__), false)
#define error_wrap(...) ((void)error_wrap(__VA_ARGS__), false)
#define error_hint(...) ((void)error_hint(__VA_ARGS__), false)
