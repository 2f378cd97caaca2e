#ifndef HOTFIX_CCURL_H
#define HOTFIX_CCURL_H

#include <curl/curl.h>

// The functions of libcurl that the package calls, under their own names. The library and the twenty others that it needs are
// loaded by the first call of one of them (ccurl.c), for that takes longer than all that a command does which asks nobody.

// What kept libcurl from being loaded; NULL once it is. Without it every function says that it failed.
const char *hotfix_curl_missing(void);

// Swift imports neither variadic functions nor macros that hold a cast, so each shape of curl's
// variadic calls that the package needs stands here under a name of its own.

typedef size_t (*hotfix_data_callback)(char *data, size_t size, size_t count, void *context);
typedef int (*hotfix_prerequest_callback)(void *context, char *remote, char *local, int remote_port, int local_port);

static const int hotfix_prerequest_ok = CURL_PREREQFUNC_OK;
static const size_t hotfix_write_error = CURL_WRITEFUNC_ERROR;

CURLcode hotfix_setopt_long(CURL *handle, CURLoption option, long value);
CURLcode hotfix_setopt_off(CURL *handle, CURLoption option, curl_off_t value);
CURLcode hotfix_setopt_string(CURL *handle, CURLoption option, const char *value);
CURLcode hotfix_setopt_pointer(CURL *handle, CURLoption option, void *value);
CURLcode hotfix_setopt_list(CURL *handle, CURLoption option, struct curl_slist *value);
CURLcode hotfix_setopt_data_callback(CURL *handle, CURLoption option, hotfix_data_callback value);
CURLcode hotfix_setopt_prerequest(CURL *handle, hotfix_prerequest_callback value);
CURLcode hotfix_getinfo_long(CURL *handle, CURLINFO info, long *value);
CURLcode hotfix_getinfo_off(CURL *handle, CURLINFO info, curl_off_t *value);
CURLMcode hotfix_multi_setopt_long(CURLM *handle, CURLMoption option, long value);

#endif
