/* States: made, freed, copied. */
#include <stdlib.h>
#include <string.h>

#include "state.h"

static void release_state(moonlet *lua) {
  for (size_t i = 0; i < lua->function_count; i++) free(lua->functions[i].name);
  free(lua->functions);
  objects_free(lua);
  if (lua->instance != NULL) lua->module->close(lua->instance);
  free(lua->time_zone);
  free(lua->owned.list);
  free(lua->text_tasks.list);
  free(lua->results.data);
  moonlet_writer_free(&lua->request);
  error_free(lua);
  free(lua);
}

/** A state without its options in force; NULL, and the reason. */
static moonlet *open_state(const moonlet_module *module, const moonlet_options *options, const char **why) {
  *why = options_check(options);
  if (*why != NULL) return NULL;
  moonlet *lua = calloc(1, sizeof *lua);
  *why = "there is no memory for another state";
  if (lua == NULL) return NULL;
  lua->module = module;
  lua->options = *options;
  lua->request = moonlet_writer_new(lua);
  lua->began = lua->second = lua->millisecond = -1;
  uint64_t pages = options->pages != 0 ? options->pages : (2 * options->memory + MOONLET_PAGE - 1) / MOONLET_PAGE;
  lua->page_limit = pages < 32768 ? (uint32_t)pages : options->pages != 0 ? options->pages : 0;
  atomic_init(&lua->interrupted, 0);
  if (options->time_zone != NULL && (lua->time_zone = malloc(strlen(options->time_zone) + 1)) == NULL) {
    release_state(lua);
    return NULL;
  }
  if (lua->time_zone != NULL) memcpy(lua->time_zone, options->time_zone, strlen(options->time_zone) + 1);
  if (instance_open(lua, why)) return lua;
  release_state(lua);
  return NULL;
}

moonlet *moonlet_new(const moonlet_module *module, const moonlet_options *options, const char **why) {
  const char *unread;
  moonlet_options defaults = moonlet_defaults();
  if (why == NULL) why = &unread;
  *why = "the module is NULL; pass &moonlet_lua54, or what moonlet_wasmtime_new answered";
  if (module == NULL) return NULL;
  moonlet *lua = open_state(module, options != NULL ? options : &defaults, why);
  if (lua == NULL) return NULL;
  if (!lua->options.deterministic) {
    /* A restored state may hold numbers that another process gave. Nobody can tell which, so each begins somewhere else. */
    uint64_t place = (uint64_t)(uintptr_t)lua * 0x9e3779b97f4a7c15u;
    lua->objects.last = (uint32_t)(place >> 34);
  }
  *why = options_apply(lua, true);
  if (*why == NULL) return lua;
  release_state(lua);
  return NULL;
}

void moonlet_free(moonlet *lua) {
  if (lua == NULL) return;
  if (lua->depth > 0) lua->is_to_be_freed = true;
  else release_state(lua);
}

/** Remembers a function under its name. */
bool remember(moonlet *lua, const char *path, moonlet_function *function, void *context) {
  size_t length = strlen(path);
  for (size_t i = 0; i < lua->function_count; i++)
    if (lua->functions[i].length == length && memcmp(lua->functions[i].name, path, length) == 0) {
      lua->functions[i].function = function;
      lua->functions[i].context = context;
      return true;
    }
  if (lua->function_count == lua->function_capacity) {
    size_t capacity = lua->function_capacity * 2 + 8;
    definition *grown = realloc(lua->functions, capacity * sizeof *grown);
    if (grown == NULL) return false;
    lua->functions = grown;
    lua->function_capacity = capacity;
  }
  char *name = malloc(length + 1);
  if (name == NULL) return false;
  memcpy(name, path, length + 1);
  lua->functions[lua->function_count++] = (definition){name, length, function, context};
  return true;
}

void moonlet_interrupt(moonlet *lua, bool is_wanted) {
  if (lua != NULL) atomic_store(&lua->interrupted, is_wanted);
}

/* ---------------------------------------------------------------------------------------------- copies */

/** What follows when a state's memory was replaced by another. */
int start_anew(moonlet *lua) {
  lua->generation++;
  lua->buffer = 0;
  lua->owned.count = lua->text_tasks.count = 0;
  const char *wrong = options_apply(lua, false);
  if (wrong != NULL) return refuse(lua, MOONLET_STATUS_BAD_STATE, wrong);
  bytes listed = {0};
  moonlet_reader list;
  moonlet_value one, id, field;
  if (take_list(lua, MOONLET_EXPORT_tasks, &listed, &list) == MOONLET_STATUS_OK)
    while (moonlet_next(&list, &one))
      if (moonlet_next(&one.items, &id) && moonlet_next(&one.items, &field) && moonlet_next(&one.items, &field) && field.integer == 0)
        ids_add(&lua->text_tasks, (uint32_t)id.integer);
  free(listed.data);
  return MOONLET_STATUS_OK;
}

/** Copies functions and objects of the host. */
static bool copy_host(moonlet *to, const moonlet *from) {
  for (size_t i = 0; i < from->function_count; i++) {
    const definition *one = &from->functions[i];
    if (!remember(to, one->name, one->function, one->context)) return false;
  }
  return objects_copy(&to->objects, &from->objects);
}

int moonlet_fork(moonlet *lua, moonlet **copy) {
  int status = begin_use(lua);
  if (status != MOONLET_STATUS_OK) return status;
  if (copy == NULL) return refuse(lua, MOONLET_STATUS_BAD_ARGUMENT, "the place for the copy is NULL");
  *copy = NULL;
  if (instance_is_poisoned(lua)) return refuse_poisoned(lua);
  const char *why;
  moonlet_options options = lua->options;
  options.time_zone = lua->time_zone;
  moonlet *made = open_state(lua->module, &options, &why);
  if (made == NULL) return refuse(lua, MOONLET_STATUS_TOO_BIG, why);
  instance_drop_buffer(lua);
  size_t length, own;
  const uint8_t *memory = lua->module->memory(lua->instance, &length);
  made->module->memory(made->instance, &own);
  bool is_large = own >= length || made->module->grow(made->instance, (uint32_t)((length - own) / MOONLET_PAGE));
  if (is_large) {
    uint8_t *to = made->module->memory(made->instance, &own);
    memcpy(to, memory, length);
    memset(to + length, 0, own - length);
  }
  if (!is_large || !copy_host(made, lua) || start_anew(made) != MOONLET_STATUS_OK) {
    /* Its objects are those of the other state, which still hears of them. */
    made->objects.count = 0;
    release_state(made);
    return refuse(lua, MOONLET_STATUS_TOO_BIG, "there is no memory for a copy of the state");
  }
  *copy = made;
  return MOONLET_STATUS_OK;
}
