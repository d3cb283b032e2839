/* tls_library.h - OpenSSL, loaded when a server is started with a certificate: linked, it would lengthen every start of the program. Private. */
#ifndef SERVER_TLS_LIBRARY_H
#define SERVER_TLS_LIBRARY_H

#include "base/base.h"
#include <openssl/err.h>
#include <openssl/ssl.h>

#define TLS_FUNCTIONS(X)                                                                                                       \
    X(ERR_clear_error)                                                                                                         \
    X(ERR_get_error)                                                                                                           \
    X(ERR_reason_error_string)                                                                                                 \
    X(SSL_CTX_check_private_key)                                                                                               \
    X(SSL_CTX_ctrl)                                                                                                            \
    X(SSL_CTX_free)                                                                                                            \
    X(SSL_CTX_new)                                                                                                             \
    X(SSL_CTX_set_default_passwd_cb)                                                                                           \
    X(SSL_CTX_set_options)                                                                                                     \
    X(SSL_CTX_use_PrivateKey_file)                                                                                             \
    X(SSL_CTX_use_certificate_chain_file)                                                                                      \
    X(SSL_free)                                                                                                                \
    X(SSL_get_error)                                                                                                           \
    X(SSL_is_init_finished)                                                                                                    \
    X(SSL_new)                                                                                                                 \
    X(SSL_read)                                                                                                                \
    X(SSL_set_accept_state)                                                                                                    \
    X(SSL_set_fd)                                                                                                              \
    X(SSL_shutdown)                                                                                                            \
    X(SSL_write)                                                                                                               \
    X(TLS_server_method)

struct tls_library {
#define TLS_MEMBER(name) __typeof__(name) *(name);
    TLS_FUNCTIONS(TLS_MEMBER)
#undef TLS_MEMBER
};

/* Loaded once for the process. NULL: it is not installed, or not of version 3. */
const struct tls_library *tls_library(struct error *error);

#endif
