/* curl_library.h - libcurl, loaded when something is first asked for over the network: with what it needs in its turn, it would more than double the time that every
 * start of the program takes, and nearly none of them fetches anything. Private. */
#ifndef FETCH_CURL_LIBRARY_H
#define FETCH_CURL_LIBRARY_H

#include "base/base.h"
#include <curl/curl.h>

#define CURL_FUNCTIONS(X)                                                                                                      \
    X(easy_cleanup)                                                                                                            \
    X(easy_getinfo)                                                                                                            \
    X(easy_init)                                                                                                               \
    X(easy_perform)                                                                                                            \
    X(easy_reset)                                                                                                              \
    X(easy_setopt)                                                                                                             \
    X(easy_strerror)                                                                                                           \
    X(getdate)                                                                                                                 \
    X(global_init)                                                                                                             \
    X(slist_append)                                                                                                            \
    X(slist_free_all)

struct curl_library {
#define CURL_MEMBER(name) __typeof__(curl_##name) *(name);
    CURL_FUNCTIONS(CURL_MEMBER)
#undef CURL_MEMBER
};

/* The library, initialised; loaded once for the process. NULL: it is not installed, or does not work. Threads may call this. */
const struct curl_library *curl_library(struct error *error);

#endif
