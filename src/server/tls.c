/* tls.c - TLS 1.2 and 1.3 by OpenSSL, on sockets that do not wait. */
#include "tls.h"
#include "tls_library.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct tls {
    const struct tls_library *library;
    SSL_CTX *context;
};

struct tls_session {
    const struct tls_library *library;
    SSL *ssl;
    bool wants_room;
};

/* A key that is locked is refused, not asked about at a terminal. */
static int no_password(char *room, int size, int writes, void *context)
{
    (void)writes;
    (void)context;
    if (size > 0)
        room[0] = '\0';
    return -1;
}

static bool fail(const struct tls_library *library, const char *what, const char *path, const char *hint, struct error *error)
{
    unsigned long code = library->ERR_get_error();
    const char *reason = ERR_SYSTEM_ERROR(code) ? strerror(ERR_GET_REASON(code)) : library->ERR_reason_error_string(code);
    library->ERR_clear_error();
    error_set(error, ERROR_INVALID, "the %s \"%s\" cannot be used: %s", what, path,
              reason != NULL ? reason : "it is not as it should be");
    return error_hint(error, "%s", hint);
}

static bool prepare(struct tls *tls, const char *certificate, const char *key, struct error *error)
{
    static const uint64_t options = SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE;
    static const long modes = SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS;
    const struct tls_library *library = tls->library;
    library->ERR_clear_error();
    tls->context = library->SSL_CTX_new(library->TLS_server_method());
    if (tls->context == NULL)
        return error_set(error, ERROR_NO_MEMORY, "OpenSSL could not be started");
    library->SSL_CTX_set_default_passwd_cb(tls->context, no_password);
    (void)library->SSL_CTX_set_options(tls->context, options);
    (void)library->SSL_CTX_ctrl(tls->context, SSL_CTRL_MODE, modes, NULL);
    if (library->SSL_CTX_ctrl(tls->context, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, NULL) != 1)
        return error_set(error, ERROR_INVALID, "OpenSSL here has no TLS 1.2");
    if (library->SSL_CTX_use_certificate_chain_file(tls->context, certificate) != 1)
        return fail(library, "certificate", certificate,
                    "It is a file in PEM form: the server's certificate, then those that signed it.", error);
    if (library->SSL_CTX_use_PrivateKey_file(tls->context, key, SSL_FILETYPE_PEM) != 1 ||
        library->SSL_CTX_check_private_key(tls->context) != 1)
        return fail(library, "key", key, "It is the certificate's own key, in PEM form, not locked by a password.", error);
    return true;
}

bool tls_open(struct tls **tls, const char *certificate, const char *key, struct error *error)
{
    const struct tls_library *library = tls_library(error);
    if (library == NULL)
        return false;
    struct tls *opened = memory_alloc(1, sizeof(*opened));
    *opened = (struct tls){.library = library};
    if (prepare(opened, certificate, key, error)) {
        *tls = opened;
        return true;
    }
    tls_close(opened);
    return false;
}

void tls_close(struct tls *tls)
{
    if (tls == NULL)
        return;
    tls->library->SSL_CTX_free(tls->context);
    free(tls);
}

struct tls_session *tls_begin(struct tls *tls, int descriptor)
{
    SSL *ssl = tls->library->SSL_new(tls->context);
    if (ssl == NULL || tls->library->SSL_set_fd(ssl, descriptor) != 1) {
        tls->library->SSL_free(ssl);
        return NULL;
    }
    tls->library->SSL_set_accept_state(ssl);
    struct tls_session *session = memory_alloc(1, sizeof(*session));
    *session = (struct tls_session){.library = tls->library, .ssl = ssl};
    return session;
}

void tls_end(struct tls_session *session)
{
    if (session == NULL)
        return;
    session->library->SSL_free(session->ssl);
    free(session);
}

/* What recv or send would have said. */
static ssize_t outcome(struct tls_session *session, int count)
{
    if (count > 0)
        return count;
    int code = session->library->SSL_get_error(session->ssl, count);
    session->library->ERR_clear_error();
    session->wants_room = code == SSL_ERROR_WANT_WRITE;
    if (code == SSL_ERROR_ZERO_RETURN)
        return 0;
    errno = code == SSL_ERROR_WANT_READ || code == SSL_ERROR_WANT_WRITE ? EAGAIN : EPROTO;
    return -1;
}

ssize_t tls_receive(struct tls_session *session, int descriptor, void *room, size_t size)
{
    if (session == NULL)
        return recv(descriptor, room, size, 0);
    session->wants_room = false;
    session->library->ERR_clear_error();
    return outcome(session, session->library->SSL_read(session->ssl, room, size < INT32_MAX ? (int)size : INT32_MAX));
}

ssize_t tls_send(struct tls_session *session, int descriptor, const void *bytes, size_t size)
{
    if (session == NULL)
        return send(descriptor, bytes, size, MSG_NOSIGNAL);
    if (!session->library->SSL_is_init_finished(session->ssl)) { /* whom nothing can be told yet is left */
        errno = EPROTO;
        return -1;
    }
    session->library->ERR_clear_error();
    return outcome(session, session->library->SSL_write(session->ssl, bytes, size < INT32_MAX ? (int)size : INT32_MAX));
}

bool tls_wants_room(const struct tls_session *session)
{
    return session != NULL && session->wants_room;
}

void tls_shut(struct tls_session *session, int descriptor)
{
    if (session != NULL && session->library->SSL_is_init_finished(session->ssl)) {
        (void)session->library->SSL_shutdown(session->ssl);
        session->library->ERR_clear_error();
    }
    (void)shutdown(descriptor, SHUT_WR);
}
