/* What the host has a state run. */
#include <string.h>

#include "state.h"

/* What runs in Lua. No library is needed for these: a state may have none. */
#define GET "local keys, value = {...}, _ENV for i = 1, #keys do value = value[keys[i]] end return value"
/* nil at the end of a table's constructor is no item, so the number of keys is told. */
#define SET "local count, value = ... local keys, place = {...}, _ENV for i = 3, count + 1 do place = place[keys[i]] end place[keys[count + 2]] = value"
#define DEFINE \
  "local name = ... local keys, place = {...}, _ENV for i = 2, #keys - 1 do local inner = place[keys[i]] " \
  "if inner == nil then inner = {} place[keys[i]] = inner end place = inner end place[keys[#keys]] = host.define(name)"

static int begin_source(moonlet *lua, const char *source, size_t length, const char *name, const moonlet_writer *arguments) {
  int status = begin_use(lua);
  if (status != MOONLET_STATUS_OK) return status;
  if (source == NULL && length > 0) return refuse(lua, MOONLET_STATUS_BAD_ARGUMENT, "the source is NULL; give Lua's text, or the length 0");
  begin_request(lua);
  moonlet_put_string(&lua->request, source, length);
  moonlet_put_text(&lua->request, name != NULL ? name : "=eval");
  return end_request(lua, arguments);
}

int moonlet_eval_chunk(moonlet *lua, const char *source, size_t length, const char *name, const moonlet_writer *arguments, moonlet_reader *results) {
  int status = begin_source(lua, source, length, name, arguments);
  return status != MOONLET_STATUS_OK ? status : evaluate(lua, MOONLET_EXPORT_eval, -1, NULL, results);
}

int moonlet_eval(moonlet *lua, const char *source, moonlet_reader *results) {
  if (lua != NULL && source == NULL) return refuse(lua, MOONLET_STATUS_BAD_ARGUMENT, "the source is NULL; give Lua's text");
  return moonlet_eval_chunk(lua, source, source != NULL ? strlen(source) : 0, NULL, NULL, results);
}

int moonlet_start(moonlet *lua, const char *source, size_t length, const char *name, const moonlet_writer *arguments, moonlet_task *task) {
  if (lua != NULL && task == NULL) return refuse(lua, MOONLET_STATUS_BAD_ARGUMENT, "the task is NULL; give a place for it");
  int status = begin_source(lua, source, length, name, arguments);
  return status != MOONLET_STATUS_OK ? status : evaluate(lua, MOONLET_EXPORT_eval, -1, task, NULL);
}

int moonlet_call(moonlet *lua, const char *path, const moonlet_writer *arguments, moonlet_reader *results) {
  int status = begin_use(lua);
  if (status != MOONLET_STATUS_OK) return status;
  if (path == NULL) return refuse(lua, MOONLET_STATUS_BAD_ARGUMENT, "the path is NULL; give one such as \"game.on_key\"");
  begin_request(lua);
  moonlet_put_text(&lua->request, path);
  status = end_request(lua, arguments);
  return status != MOONLET_STATUS_OK ? status : evaluate(lua, MOONLET_EXPORT_call, -1, NULL, results);
}

int moonlet_call_function(moonlet *lua, moonlet_handle function, const moonlet_writer *arguments, moonlet_reader *results) {
  int status = begin_use(lua);
  if (status != MOONLET_STATUS_OK) return status;
  begin_request(lua);
  moonlet_put_function(&lua->request, function);
  status = end_request(lua, arguments);
  return status != MOONLET_STATUS_OK ? status : evaluate(lua, MOONLET_EXPORT_call, -1, NULL, results);
}

int moonlet_release(moonlet *lua, moonlet_handle function) {
  int status = begin_use(lua);
  if (status != MOONLET_STATUS_OK) return status;
  begin_request(lua);
  moonlet_put_function(&lua->request, function);
  status = end_request(lua, NULL);
  if (status != MOONLET_STATUS_OK) return status;
  status = instance_give(lua, MOONLET_EXPORT_release, -1, lua->request.data, lua->request.length);
  if (status < 0) status = -status;
  return status == MOONLET_STATUS_OK ? status : refuse_by_status(lua, status, "this function was released already; get it anew");
}

/* ---------------------------------------------------------------------------------------------- globals and functions of the host */

/** The number of keys of a path, "game.player.name"; 0 where it is none. */
static size_t count_keys(const char *path) {
  size_t count = 1;
  if (path == NULL || *path == 0 || *path == '.') return 0;
  for (; *path != 0; path++)
    if (*path == '.') {
      if (path[1] == '.' || path[1] == 0) return 0;
      count++;
    }
  return count;
}

static void put_keys(moonlet *lua, const char *path) {
  for (;;) {
    size_t length = strcspn(path, ".");
    moonlet_put_string(&lua->request, path, length);
    if (path[length] == 0) return;
    path += length + 1;
  }
}

/** Begins a run of a chunk of the package's that takes a path. */
static int begin_chunk(moonlet *lua, const char *source, const char *name, const char *path) {
  int status = begin_use(lua);
  if (status != MOONLET_STATUS_OK) return status;
  if (count_keys(path) == 0) return refuse(lua, MOONLET_STATUS_BAD_ARGUMENT, "this is no path; one looks like \"x\" or \"game.player.name\"");
  begin_request(lua);
  moonlet_put_text(&lua->request, source);
  moonlet_put_text(&lua->request, name);
  return MOONLET_STATUS_OK;
}

int moonlet_get(moonlet *lua, const char *path, moonlet_reader *value) {
  int status = begin_chunk(lua, GET, "=get", path);
  if (status != MOONLET_STATUS_OK) return status;
  put_keys(lua, path);
  status = end_request(lua, NULL);
  return status != MOONLET_STATUS_OK ? status : evaluate(lua, MOONLET_EXPORT_eval, -1, NULL, value);
}

int moonlet_set(moonlet *lua, const char *path, const moonlet_writer *value) {
  int status = begin_chunk(lua, SET, "=set", path);
  if (status != MOONLET_STATUS_OK) return status;
  if (value != NULL && value->wrong != NULL) return refuse(lua, MOONLET_STATUS_BAD_DATA, value->wrong);
  if (value == NULL || moonlet_count(value->data, value->data + value->length) != 1)
    return refuse(lua, MOONLET_STATUS_BAD_ARGUMENT, "a writer with one whole value is needed; put nil to clear the field");
  moonlet_put_integer(&lua->request, (int64_t)count_keys(path));
  moonlet_put_encoded(&lua->request, value->data, value->length);
  put_keys(lua, path);
  status = end_request(lua, NULL);
  return status != MOONLET_STATUS_OK ? status : evaluate(lua, MOONLET_EXPORT_eval, -1, NULL, NULL);
}

int moonlet_define(moonlet *lua, const char *path, moonlet_function *function, void *context) {
  int status = begin_chunk(lua, DEFINE, "=define", path);
  if (status != MOONLET_STATUS_OK) return status;
  if ((lua->options.libraries & MOONLET_LIBRARY_HOST) == 0)
    return refuse(lua, MOONLET_STATUS_BAD_STATE, "this state has no host functions: add MOONLET_LIBRARY_HOST to `libraries`");
  moonlet_put_text(&lua->request, path);
  put_keys(lua, path);
  status = end_request(lua, NULL);
  if (status == MOONLET_STATUS_OK) status = evaluate(lua, MOONLET_EXPORT_eval, -1, NULL, NULL);
  if (status != MOONLET_STATUS_OK) return status;
  return remember(lua, path, function, context) ? status : refuse(lua, MOONLET_STATUS_ERRMEM, "there is no memory for another function");
}
