/* tls.h - what goes over a connection, with TLS or without. Private.
 *
 * tls_receive and tls_send are as recv and send of a socket that does not wait: -1 with errno EAGAIN, when there is nothing yet. Of the bytes of one
 * record, none stays behind when there is room for TLS_RECORD_BYTES: so epoll tells of all that is there. */
#ifndef SERVER_TLS_H
#define SERVER_TLS_H

#include "base/base.h"
#include <sys/types.h>

enum { TLS_RECORD_BYTES = 16 * 1024 };

struct tls; /* a certificate with its key */
struct tls_session; /* of one connection; NULL is a connection without TLS */

bool tls_open(struct tls **tls, const char *certificate, const char *key, struct error *error) MUST_USE;
void tls_close(struct tls *tls); /* NULL is fine; sessions that were begun go on */

/* NULL: no memory. */
struct tls_session *tls_begin(struct tls *tls, int descriptor);
void tls_end(struct tls_session *session);

ssize_t tls_receive(struct tls_session *session, int descriptor, void *room, size_t size);
ssize_t tls_send(struct tls_session *session, int descriptor, const void *bytes, size_t size);
bool tls_wants_room(const struct tls_session *session); /* it could not go on because the socket takes nothing more */
void tls_shut(struct tls_session *session, int descriptor); /* nothing more is sent */

#endif
