// TensorFlow's library writes two lines to stderr while it is being loaded, before it reads any log level. This
// addon lets the loader turn stderr away for just that long: that of the process, or that of one thread.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <node_api.h>
#ifdef __linux__
#include <sched.h>
#endif
#include <stdio.h>
#include <unistd.h>

static int kept = -1;

static napi_value Hush(napi_env env, napi_callback_info) {
  if (kept >= 0) return nullptr;
  fflush(stderr);
  int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere < 0) return nullptr;
  kept = fcntl(2, F_DUPFD_CLOEXEC, 3);
  if (kept >= 0) dup2(nowhere, 2);
  close(nowhere);
  return nullptr;
}

static napi_value Restore(napi_env env, napi_callback_info) {
  if (kept < 0) return nullptr;
  fflush(stderr);
  dup2(kept, 2);
  close(kept);
  kept = -1;
  return nullptr;
}

// A thread with file descriptors of its own, of which 2 is nowhere.
static napi_value HushThread(napi_env env, napi_callback_info) {
  bool done = false;
#ifdef __linux__
  int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere >= 0) {
    done = unshare(CLONE_FILES) == 0 && dup2(nowhere, 2) == 2;
    close(nowhere);
  }
#endif
  napi_value result;
  napi_get_boolean(env, done, &result);
  return result;
}

static napi_value Init(napi_env env, napi_value exports) {
  napi_value hush, restore, hush_thread;
  napi_create_function(env, "hush", NAPI_AUTO_LENGTH, Hush, nullptr, &hush);
  napi_create_function(env, "restore", NAPI_AUTO_LENGTH, Restore, nullptr, &restore);
  napi_create_function(env, "hushThread", NAPI_AUTO_LENGTH, HushThread, nullptr, &hush_thread);
  napi_set_named_property(env, exports, "hushThread", hush_thread);
  napi_set_named_property(env, exports, "hush", hush);
  napi_set_named_property(env, exports, "restore", restore);
  return exports;
}

NAPI_MODULE(NODE_GYP_MODULE_NAME, Init)
