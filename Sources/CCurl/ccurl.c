// Type checks of the variadic calls are macros that take the functions' names; the functions themselves are meant here.
#define CURL_DISABLE_TYPECHECK
#include "ccurl.h"

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>

#define FUNCTIONS(X) \
    X(easy_cleanup) X(easy_getinfo) X(easy_init) X(easy_setopt) X(easy_strerror) X(free) X(getdate) X(global_init) \
    X(multi_add_handle) X(multi_cleanup) X(multi_info_read) X(multi_init) X(multi_perform) X(multi_poll) \
    X(multi_remove_handle) X(multi_setopt) X(multi_wakeup) X(slist_append) X(slist_free_all) X(url) X(url_cleanup) \
    X(url_get) X(url_set) X(url_strerror)

#define MEMBER(name) __typeof__(&curl_##name) name;
static struct { FUNCTIONS(MEMBER) } library;

static char missing[512];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
    // It stays until the process ends, and each function that it needs itself is looked up when it is called.
    void *file = dlopen("libcurl.so.4", RTLD_LAZY | RTLD_LOCAL);
#define FIND(name) && (library.name = (__typeof__(library.name))dlsym(file, "curl_" #name)) != NULL
    if (file != NULL FUNCTIONS(FIND)) return;
    const char *reason = dlerror();
    snprintf(missing, sizeof missing, "%s", reason != NULL ? reason : "libcurl.so.4 lacks a function");
}

static int is_loaded(void) {
    pthread_once(&once, load);
    return missing[0] == '\0';
}

const char *hotfix_curl_missing(void) { return is_loaded() ? NULL : missing; }

// A function of libcurl, and what it returns where there is no libcurl.
#define FORWARD(type, name, parameters, arguments, otherwise) \
    type curl_##name parameters { return is_loaded() ? library.name arguments : (otherwise); }
#define FORWARD_VOID(name, parameters, arguments) \
    void curl_##name parameters { if (is_loaded()) library.name arguments; }

FORWARD(CURLcode, global_init, (long flags), (flags), CURLE_FAILED_INIT)
FORWARD(time_t, getdate, (const char *text, const time_t *unused), (text, unused), -1)
FORWARD_VOID(free, (void *memory), (memory))
FORWARD(struct curl_slist *, slist_append, (struct curl_slist *list, const char *text), (list, text), NULL)
FORWARD_VOID(slist_free_all, (struct curl_slist *list), (list))

FORWARD(CURL *, easy_init, (void), (), NULL)
FORWARD_VOID(easy_cleanup, (CURL *handle), (handle))
FORWARD(const char *, easy_strerror, (CURLcode code), (code), missing)

FORWARD(CURLM *, multi_init, (void), (), NULL)
FORWARD(CURLMcode, multi_cleanup, (CURLM *multi), (multi), CURLM_INTERNAL_ERROR)
FORWARD(CURLMcode, multi_add_handle, (CURLM *multi, CURL *handle), (multi, handle), CURLM_INTERNAL_ERROR)
FORWARD(CURLMcode, multi_remove_handle, (CURLM *multi, CURL *handle), (multi, handle), CURLM_INTERNAL_ERROR)
FORWARD(CURLMcode, multi_perform, (CURLM *multi, int *running), (multi, running), CURLM_INTERNAL_ERROR)
FORWARD(CURLMcode, multi_wakeup, (CURLM *multi), (multi), CURLM_INTERNAL_ERROR)
FORWARD(CURLMsg *, multi_info_read, (CURLM *multi, int *left), (multi, left), NULL)
FORWARD(
    CURLMcode, multi_poll, (CURLM *multi, struct curl_waitfd *more, unsigned int count, int patience, int *ready),
    (multi, more, count, patience, ready), CURLM_INTERNAL_ERROR)

FORWARD(CURLU *, url, (void), (), NULL)
FORWARD_VOID(url_cleanup, (CURLU *url), (url))
FORWARD(CURLUcode, url_get, (CURLU *url, CURLUPart part, char **text, unsigned int flags), (url, part, text, flags),
    CURLUE_OUT_OF_MEMORY)
FORWARD(CURLUcode, url_set, (CURLU *url, CURLUPart part, const char *text, unsigned int flags), (url, part, text, flags),
    CURLUE_OUT_OF_MEMORY)
FORWARD(const char *, url_strerror, (CURLUcode code), (code), missing)

#define VARIADIC(type, name, function, handle, which, value, otherwise) \
    type hotfix_##name(handle subject, which key, value argument) { \
        return is_loaded() ? library.function(subject, key, argument) : (otherwise); \
    }
#define SETOPT(name, value) VARIADIC(CURLcode, setopt_##name, easy_setopt, CURL *, CURLoption, value, CURLE_FAILED_INIT)
#define GETINFO(name, value) VARIADIC(CURLcode, getinfo_##name, easy_getinfo, CURL *, CURLINFO, value, CURLE_FAILED_INIT)

SETOPT(long, long)
SETOPT(off, curl_off_t)
SETOPT(string, const char *)
SETOPT(pointer, void *)
SETOPT(list, struct curl_slist *)
SETOPT(data_callback, hotfix_data_callback)
GETINFO(long, long *)
GETINFO(off, curl_off_t *)
VARIADIC(CURLMcode, multi_setopt_long, multi_setopt, CURLM *, CURLMoption, long, CURLM_INTERNAL_ERROR)

CURLcode hotfix_setopt_prerequest(CURL *handle, hotfix_prerequest_callback value) {
    return is_loaded() ? library.easy_setopt(handle, CURLOPT_PREREQFUNCTION, value) : CURLE_FAILED_INIT;
}
