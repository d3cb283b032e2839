/* curl_library.c - finds each function by its name. What is found stays loaded until the process ends. */
#include "curl_library.h"
#include <dlfcn.h>
#include <pthread.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct curl_library library;
static struct error failure; /* kind ERROR_NONE: it is there */

static void load(void)
{
    void *handle = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    bool ok = handle != NULL;
#define CURL_FIND(name) ok = ok && library_find(handle, "curl_" #name, &library.name);
    CURL_FUNCTIONS(CURL_FIND)
#undef CURL_FIND
    if (!ok) {
        const char *why = dlerror();
        error_set(&failure, ERROR_NOT_FOUND, "what goes over the network goes by libcurl, which cannot be loaded: %s",
                  why != NULL ? why : "something is missing in it");
        error_hint(&failure, "Install it (Debian and Ubuntu: libcurl4). Everything else works without.");
    } else if (library.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        error_set(&failure, ERROR_NO_MEMORY, "libcurl could not be started");
    }
}

const struct curl_library *curl_library(struct error *error)
{
    pthread_once(&once, load);
    if (failure.kind == ERROR_NONE)
        return &library;
    *error = failure;
    return NULL;
}
