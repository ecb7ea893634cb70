/* The in-memory file system, standard input, figures. */
#include <string.h>

#include "state.h"

/** A buffer in the module's memory for a name; 0, and the error is made, where there is none. */
static uint32_t put_name(moonlet *lua, const char *name, size_t length) {
  if (name == NULL) {
    refuse(lua, MOONLET_STATUS_BAD_ARGUMENT, "the file's name is NULL; give one such as \"data/rows.csv\"");
    return 0;
  }
  uint32_t at = instance_call(lua, MOONLET_EXPORT_alloc, (uint32_t)length, 0, 0, 0);
  size_t all;
  uint8_t *memory = lua->module->memory(lua->instance, &all);
  if (at != 0 && length <= all && at <= all - length) {
    memcpy(memory + at, name, length);
    return at;
  }
  if (instance_is_poisoned(lua)) refuse_poisoned(lua);
  else refuse(lua, MOONLET_STATUS_TOO_BIG, "the file's name does not fit into the state's memory; raise `memory`");
  return 0;
}

/** Calls an export with a name alone; the status. */
static int by_name(moonlet *lua, int export_number, const char *name) {
  size_t length = name != NULL ? strlen(name) : 0;
  uint32_t at = put_name(lua, name, length);
  if (at == 0) return lua->error.status;
  int answer = (int)instance_call(lua, export_number, at, (uint32_t)length, 0, 0);
  step left = instance_step(lua, answer);
  instance_call(lua, MOONLET_EXPORT_dealloc, at, (uint32_t)length, 0, 0);
  if (left.status == MOONLET_STATUS_POISONED) return refuse_poisoned(lua);
  if (export_number == MOONLET_EXPORT_remove_file && answer > 0) answer = -answer;
  if (answer >= 0) return MOONLET_STATUS_OK;
  return refuse_by_status(lua, -answer,
                          answer == -MOONLET_STATUS_BAD_ARGUMENT ? "there is no file of this name; moonlet_list_files tells which there are"
                                                                 : "the file is over the option `result`, or does not fit into memory; raise them");
}

int moonlet_write_file(moonlet *lua, const char *name, const void *data, size_t length) {
  int status = begin_use(lua);
  if (status != MOONLET_STATUS_OK) return status;
  if (data == NULL && length > 0) return refuse(lua, MOONLET_STATUS_BAD_ARGUMENT, "the file's data are NULL; give bytes, or the length 0");
  size_t name_length = name != NULL ? strlen(name) : 0;
  uint32_t at = put_name(lua, name, name_length);
  if (at == 0) return lua->error.status;
  uint32_t from = length < 0x80000000u ? instance_call(lua, MOONLET_EXPORT_alloc, (uint32_t)length, 0, 0, 0) : 0;
  size_t all;
  uint8_t *memory = lua->module->memory(lua->instance, &all);
  status = MOONLET_STATUS_TOO_BIG;
  if (from != 0 && length <= all && from <= all - length) {
    if (length > 0) memcpy(memory + from, data, length);
    status = (int)instance_call(lua, MOONLET_EXPORT_write_file, at, (uint32_t)name_length, from, (uint32_t)length);
  }
  if (from != 0) instance_call(lua, MOONLET_EXPORT_dealloc, from, (uint32_t)length, 0, 0);
  instance_call(lua, MOONLET_EXPORT_dealloc, at, (uint32_t)name_length, 0, 0);
  if (instance_is_poisoned(lua)) return refuse_poisoned(lua);
  if (status == MOONLET_STATUS_OK) return status;
  return refuse_by_status(lua, status,
                          status == MOONLET_STATUS_BAD_ARGUMENT ? "this names no file; one looks like \"data/rows.csv\""
                                                                : "the file does not fit into the state's memory; raise `memory`");
}

int moonlet_read_file(moonlet *lua, const char *name, const char **data, size_t *length) {
  int status = begin_use(lua);
  if (status != MOONLET_STATUS_OK) return status;
  if (data == NULL || length == NULL) return refuse(lua, MOONLET_STATUS_BAD_ARGUMENT, "the place for the file's data or their length is NULL");
  status = by_name(lua, MOONLET_EXPORT_read_file, name);
  if (status != MOONLET_STATUS_OK) return status;
  step left = instance_step(lua, 0);
  const uint8_t *found = instance_read(lua, left.result, left.result_length);
  if (found == NULL || !bytes_set(&lua->results, found, left.result_length)) return refuse(lua, MOONLET_STATUS_ERRMEM, "there is no memory for the file");
  *data = (const char *)lua->results.data;
  *length = left.result_length;
  return MOONLET_STATUS_OK;
}

int moonlet_remove_file(moonlet *lua, const char *name) {
  int status = begin_use(lua);
  return status != MOONLET_STATUS_OK ? status : by_name(lua, MOONLET_EXPORT_remove_file, name);
}

int moonlet_list_files(moonlet *lua, moonlet_reader *files) {
  int status = begin_use(lua);
  if (status != MOONLET_STATUS_OK) return status;
  if (files == NULL) return refuse(lua, MOONLET_STATUS_BAD_ARGUMENT, "the place for the list is NULL");
  status = take_list(lua, MOONLET_EXPORT_list_files, &lua->results, files);
  return status == MOONLET_STATUS_OK ? status : refuse_by_status(lua, status, "there is no memory for the list of files; raise `memory`");
}

int moonlet_write_input(moonlet *lua, const void *data, size_t length) {
  int status = begin_use(lua);
  if (status != MOONLET_STATUS_OK) return status;
  if (data == NULL && length > 0) return refuse(lua, MOONLET_STATUS_BAD_ARGUMENT, "the input is NULL; give bytes, or the length 0 for its end");
  status = instance_give(lua, MOONLET_EXPORT_write_input, -1, data, length);
  if (instance_is_poisoned(lua)) return refuse_poisoned(lua);
  if (status < 0) status = -status;
  return status == MOONLET_STATUS_OK ? status : refuse_by_status(lua, status, "the input does not fit into the memory; raise `memory`, or write less at a time");
}

int moonlet_get_stats(moonlet *lua, moonlet_stats *stats) {
  int status = begin_use(lua);
  if (status != MOONLET_STATUS_OK) return status;
  if (stats == NULL) return refuse(lua, MOONLET_STATUS_BAD_ARGUMENT, "the place for the figures is NULL");
  if (instance_is_poisoned(lua)) return refuse_poisoned(lua);
  stats->fuel_used = (uint64_t)instance_get(lua, MOONLET_FIGURE_FUEL_USED);
  stats->memory_used = (uint64_t)instance_get(lua, MOONLET_FIGURE_MEMORY_USED);
  stats->memory_peak = (uint64_t)instance_get(lua, MOONLET_FIGURE_MEMORY_PEAK);
  stats->tasks = (uint32_t)instance_get(lua, MOONLET_FIGURE_TASKS);
  stats->handles = (uint32_t)instance_get(lua, MOONLET_FIGURE_HANDLES);
  return MOONLET_STATUS_OK;
}
