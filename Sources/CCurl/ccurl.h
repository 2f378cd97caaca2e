#ifndef HOTFIX_CCURL_H
#define HOTFIX_CCURL_H

#include <curl/curl.h>

// Swift imports neither variadic functions nor macros that hold a cast, so each shape of curl's
// variadic calls that the package needs stands here under a name of its own.

typedef size_t (*hotfix_data_callback)(char *data, size_t size, size_t count, void *context);
typedef int (*hotfix_prerequest_callback)(void *context, char *remote, char *local, int remote_port, int local_port);

static const int hotfix_prerequest_ok = CURL_PREREQFUNC_OK;
static const size_t hotfix_write_error = CURL_WRITEFUNC_ERROR;

static inline CURLcode hotfix_setopt_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode hotfix_setopt_off(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode hotfix_setopt_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode hotfix_setopt_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode hotfix_setopt_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode hotfix_setopt_data_callback(CURL *handle, CURLoption option, hotfix_data_callback value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode hotfix_setopt_prerequest(CURL *handle, hotfix_prerequest_callback value) {
    return curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, value);
}

static inline CURLcode hotfix_getinfo_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode hotfix_getinfo_off(CURL *handle, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLMcode hotfix_multi_setopt_long(CURLM *handle, CURLMoption option, long value) {
    return curl_multi_setopt(handle, option, value);
}

#endif
