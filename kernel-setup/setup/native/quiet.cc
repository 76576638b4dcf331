// TensorFlow's library writes two lines to stderr while it is being loaded, before it reads any log level. This
// addon lets the loader turn stderr away for just that long.
#include <fcntl.h>
#include <node_api.h>
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

static napi_value Init(napi_env env, napi_value exports) {
  napi_value hush, restore;
  napi_create_function(env, "hush", NAPI_AUTO_LENGTH, Hush, nullptr, &hush);
  napi_create_function(env, "restore", NAPI_AUTO_LENGTH, Restore, nullptr, &restore);
  napi_set_named_property(env, exports, "hush", hush);
  napi_set_named_property(env, exports, "restore", restore);
  return exports;
}

NAPI_MODULE(NODE_GYP_MODULE_NAME, Init)
