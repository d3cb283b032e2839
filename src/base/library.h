/* library.h - libraries that are loaded when they are needed. */
#ifndef BASE_LIBRARY_H
#define BASE_LIBRARY_H

#include "attributes.h"
#include <stdbool.h>

/* Puts the function or object of that name into the pointer at `place`. False: the loaded library `handle` has none. */
bool library_find(void *handle, const char *name, void *place) MUST_USE;

#endif
