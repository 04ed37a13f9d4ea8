#pragma once
#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// Linux' own, which the C library shows to programs with _GNU_SOURCE only.
int accept4(int descriptor, struct sockaddr *peer, socklen_t *length, int flags);

/// Milliseconds since the client last sent anything, the end of the handshake included; 0 when the kernel does not
/// tell, as of a Unix socket.
static inline uint32_t server_connection_silence(int descriptor) {
    struct tcp_info info = {0};
    socklen_t length = sizeof info;
    return getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) == 0 ? info.tcpi_last_ack_recv : 0;
}

/// Bytes that the client ever sent; -1 when the kernel does not tell, as of a Unix socket.
static inline int64_t server_connection_received(int descriptor) {
    // `tcpi_bytes_received` of linux/tcp.h (since Linux 4.1), which cannot be included beside netinet/tcp.h.
    enum { OFFSET = 128 };
    unsigned char info[OFFSET + sizeof(int64_t)];
    socklen_t length = sizeof info;
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, info, &length) != 0 || length < sizeof info) return -1;
    int64_t count;
    memcpy(&count, info + OFFSET, sizeof count);
    return count;
}

/// A descriptor that is readable once it was raised; -1 and `errno` when there is none left.
static inline int server_wake_open(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

static inline void server_wake_raise(int descriptor) {
    // Fails only when the counter is full: then it is raised anyway.
    (void)eventfd_write(descriptor, 1);
}

static inline void server_wake_lower(int descriptor) {
    eventfd_t count;
    (void)eventfd_read(descriptor, &count);
}

// Swift cannot call functions with a variable list of arguments; these name the arguments that the server gives.

/// What the server's daemon is started with. Everything must stay valid until `server_daemon_start` returns;
/// `context` until the daemon is stopped.
struct server_daemon_options {
    void *context;
    unsigned int connections;
    size_t connection_memory;
    MHD_AccessHandlerCallback answer;
    void *(*request_line)(void *context, const char *target, struct MHD_Connection *connection);
    MHD_RequestCompletedCallback completed;
    MHD_NotifyConnectionCallback connection_changed;
    size_t (*unescape)(void *context, struct MHD_Connection *connection, char *text);
    MHD_LogCallback log;
    /// PEM, or NULL for plain HTTP.
    const char *certificate;
    const char *key;
    const char *priorities;
    /// Whether connections may rest while their answers are made: only where some do, for it costs the others time.
    int rests;
};

/// Starts a daemon with one polling thread and no listening socket: connections come by `MHD_add_connection`.
static inline struct MHD_Daemon *server_daemon_start(const struct server_daemon_options *options) {
    // Not epoll: with its edges the library (0.9.75) misses an end of stream that arrives together with data, and
    // the connection of a client that is gone stays until its deadline.
    unsigned int flags = MHD_USE_POLL | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC
        | MHD_USE_ERROR_LOG | (options->rests ? MHD_ALLOW_SUSPEND_RESUME : 0) | (options->certificate ? MHD_USE_TLS : 0);
    const struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)options->certificate},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)options->key},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)options->priorities},
        {MHD_OPTION_END, 0, NULL},
    };
    const struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    // The logger comes first: what the library says about the options that follow goes to it as well.
    return MHD_start_daemon(
        flags, 0, NULL, NULL, options->answer, options->context,
        MHD_OPTION_EXTERNAL_LOGGER, options->log, options->context,
        MHD_OPTION_CONNECTION_LIMIT, options->connections,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, options->connection_memory,
        MHD_OPTION_URI_LOG_CALLBACK, options->request_line, options->context,
        MHD_OPTION_NOTIFY_COMPLETED, options->completed, options->context,
        MHD_OPTION_NOTIFY_CONNECTION, options->connection_changed, options->context,
        MHD_OPTION_UNESCAPE_CALLBACK, options->unescape, options->context,
        MHD_OPTION_ARRAY, options->certificate ? tls : none,
        MHD_OPTION_END);
}

/// The connection's socket; -1 when the library does not tell.
static inline int server_connection_socket(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}
