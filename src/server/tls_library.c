/* tls_library.c - finds each function by its name. What is found stays loaded until the process ends. */
#include "tls_library.h"
#include <dlfcn.h>

const struct tls_library *tls_library(struct error *error)
{
    static struct tls_library library; /* asked for by one thread: the server's loop */
    static bool is_there;
    if (is_there)
        return &library;
    void *handle = dlopen("libssl.so.3", RTLD_NOW | RTLD_LOCAL);
    bool ok = handle != NULL;
#define TLS_FIND(name) ok = ok && library_find(handle, #name, &library.name); /* what libcrypto has is found through libssl */
    TLS_FUNCTIONS(TLS_FIND)
#undef TLS_FIND
    is_there = ok;
    if (ok)
        return &library;
    const char *why = dlerror();
    error_set(error, ERROR_NOT_FOUND, "TLS goes by OpenSSL 3, which cannot be loaded: %s",
              why != NULL ? why : "something is missing in it");
    error_hint(error, "Install it (Debian and Ubuntu: libssl3), or serve without --tls-cert behind a proxy that has TLS.");
    return NULL;
}
