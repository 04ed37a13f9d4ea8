#pragma once
#include <curl/curl.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

// curl_easy_setopt and curl_easy_getinfo take variable arguments, which Swift cannot pass. One function for
// each type of argument keeps the types that the manual names.

static inline CURLcode handover_set_long(CURL *handle, CURLoption option, long value) {
    return (curl_easy_setopt)(handle, option, value);
}

static inline CURLcode handover_set_text(CURL *handle, CURLoption option, const char *value) {
    return (curl_easy_setopt)(handle, option, value);
}

static inline CURLcode handover_set_pointer(CURL *handle, CURLoption option, void *value) {
    return (curl_easy_setopt)(handle, option, value);
}

static inline CURLcode handover_set_lines(CURL *handle, CURLoption option, struct curl_slist *value) {
    return (curl_easy_setopt)(handle, option, value);
}

static inline CURLcode handover_set_writer(CURL *handle, CURLoption option, curl_write_callback value) {
    return (curl_easy_setopt)(handle, option, value);
}

// Copies `count` bytes as the request's body.
static inline CURLcode handover_set_body(CURL *handle, const void *bytes, long count) {
    CURLcode code = (curl_easy_setopt)(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
    // It must come second: the copy takes as many bytes as the option before says.
    return code != CURLE_OK ? code : (curl_easy_setopt)(handle, CURLOPT_COPYPOSTFIELDS, bytes);
}

static inline long handover_get_long(CURL *handle, CURLINFO info) {
    long value = 0;
    return (curl_easy_getinfo)(handle, info, &value) == CURLE_OK ? value : 0;
}

static inline void *handover_get_private(CURL *handle) {
    char *value = NULL;
    return (curl_easy_getinfo)(handle, CURLINFO_PRIVATE, &value) == CURLE_OK ? value : NULL;
}

static inline CURLMcode handover_multi_set_long(CURLM *handle, CURLMoption option, long value) {
    return (curl_multi_setopt)(handle, option, value);
}

// Macros with casts, which Swift does not see.
static const long handover_auth_basic = (long)CURLAUTH_BASIC;
static const long handover_auth_bearer = (long)CURLAUTH_BEARER;
static const long handover_tls_1_2 = (long)CURL_SSLVERSION_TLSv1_2;
static const long handover_http_1_1 = (long)CURL_HTTP_VERSION_1_1;
static const long handover_netrc_ignored = (long)CURL_NETRC_IGNORED;
static const long handover_global_default = (long)CURL_GLOBAL_DEFAULT;

// Of the system, and in no Swift module: what the request thread is woken by, and its name in `top -H` (15
// bytes).

static inline int handover_eventfd(void) {
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

static inline void handover_name_thread(const char *name) {
    prctl(PR_SET_NAME, name, 0, 0, 0);
}
