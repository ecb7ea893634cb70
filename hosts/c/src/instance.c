/* One instance of the module: bytes in, bytes out. */
#include <string.h>

#include "state.h"

/** Most data go through one buffer that stays: a call costs more than the bytes. */
#define BUFFER 4096u

static bool call_export(moonlet *lua, int export_number, moonlet_slot *slots) {
  const char *why = NULL;
  if (lua->module->call(lua->instance, export_number, slots, &why)) return true;
  /* The mark of a call that was torn down stays in the info block, and the reason where the error is made. */
  lua->error = (moonlet_error){.status = MOONLET_STATUS_POISONED, .message = why != NULL ? why : "the engine stopped the state within a call"};
  return false;
}

uint32_t instance_call(moonlet *lua, int export_number, uint32_t first, uint32_t second, uint32_t third, uint32_t fourth) {
  moonlet_slot slots[4] = {{first}, {second}, {third}, {fourth}};
  return call_export(lua, export_number, slots) ? slots[0].i32 : 0;
}

double instance_get(moonlet *lua, uint32_t key) {
  moonlet_slot slots[4] = {{key}};
  return call_export(lua, MOONLET_EXPORT_get, slots) ? slots[0].f64 : 0;
}

int instance_set(moonlet *lua, uint32_t key, double value) {
  moonlet_slot slots[4] = {{key}};
  slots[1].f64 = value;
  return call_export(lua, MOONLET_EXPORT_set, slots) ? (int)slots[0].i32 : MOONLET_STATUS_POISONED;
}

double instance_compact(moonlet *lua) {
  moonlet_slot slots[4] = {{0}};
  return call_export(lua, MOONLET_EXPORT_compact, slots) ? slots[0].f64 : 0;
}

const uint8_t *instance_read(moonlet *lua, uint32_t at, size_t length) {
  size_t all;
  const uint8_t *memory = lua->module->memory(lua->instance, &all);
  return length <= all && at <= all - length ? memory + at : NULL;
}

static bool write_memory(moonlet *lua, uint32_t at, const void *data, size_t length) {
  size_t all;
  uint8_t *memory = lua->module->memory(lua->instance, &all);
  if (length > all || at > all - length) return false;
  memcpy(memory + at, data, length);
  return true;
}

static uint32_t info_field(const uint8_t *block, int at) {
  const uint8_t *field = block + at;
  return (uint32_t)field[0] | (uint32_t)field[1] << 8 | (uint32_t)field[2] << 16 | (uint32_t)field[3] << 24;
}

bool instance_is_poisoned(moonlet *lua) {
  const uint8_t *block = instance_read(lua, lua->info, 64);
  return block == NULL || info_field(block, MOONLET_INFO_STATUS) == MOONLET_STATUS_POISONED;
}

step instance_step(moonlet *lua, int answer) {
  const uint8_t *block = instance_read(lua, lua->info, 64);
  step found = {.status = answer < 0 ? -answer : 0};
  if (block == NULL || info_field(block, MOONLET_INFO_STATUS) == MOONLET_STATUS_POISONED) found.status = MOONLET_STATUS_POISONED;
  /* Of a state that was torn down the block tells nothing but that. */
  if (found.status == MOONLET_STATUS_POISONED) return found;
  found.task = info_field(block, MOONLET_INFO_TASK);
  found.result = info_field(block, MOONLET_INFO_RESULT_PTR);
  found.result_length = info_field(block, MOONLET_INFO_RESULT_LEN);
  found.output = info_field(block, MOONLET_INFO_OUTPUT_PTR);
  found.output_length = info_field(block, MOONLET_INFO_OUTPUT_LEN);
  found.error_output = info_field(block, MOONLET_INFO_ERROR_OUTPUT_PTR);
  found.error_output_length = info_field(block, MOONLET_INFO_ERROR_OUTPUT_LEN);
  found.dropped = info_field(block, MOONLET_INFO_DROPPED);
  uint64_t bits = info_field(block, MOONLET_INFO_FUEL_USED) | (uint64_t)info_field(block, MOONLET_INFO_FUEL_USED + 4) << 32;
  memcpy(&found.fuel_used, &bits, 8);
  return found;
}

/** A new buffer with the data; 0 where memory is out. */
static uint32_t put_data(moonlet *lua, const void *data, size_t length) {
  uint32_t at = length < 0x80000000u ? instance_call(lua, MOONLET_EXPORT_alloc, (uint32_t)length, 0, 0, 0) : 0;
  return at != 0 && (data == NULL || write_memory(lua, at, data, length)) ? at : 0;
}

static int give_at(moonlet *lua, int export_number, int64_t before, uint32_t at, size_t length) {
  uint32_t last = (uint32_t)length;
  return (int)(before < 0 ? instance_call(lua, export_number, at, last, 0, 0) : instance_call(lua, export_number, (uint32_t)before, at, last, 0));
}

int instance_give(moonlet *lua, int export_number, int64_t before, const void *data, size_t length) {
  if (length == 0) return give_at(lua, export_number, before, 0, 0);
  if (length <= BUFFER) {
    if (lua->buffer == 0) lua->buffer = put_data(lua, NULL, BUFFER);
    if (lua->buffer != 0 && write_memory(lua, lua->buffer, data, length)) return give_at(lua, export_number, before, lua->buffer, length);
  }
  uint32_t at = put_data(lua, data, length);
  if (at == 0) return instance_is_poisoned(lua) ? -MOONLET_STATUS_POISONED : -MOONLET_STATUS_TOO_BIG;
  int answer = give_at(lua, export_number, before, at, length);
  instance_call(lua, MOONLET_EXPORT_dealloc, at, (uint32_t)length, 0, 0);
  return answer;
}

void instance_drop_buffer(moonlet *lua) {
  if (lua->buffer != 0) instance_call(lua, MOONLET_EXPORT_dealloc, lua->buffer, BUFFER, 0, 0);
  lua->buffer = 0;
}

bool instance_open(moonlet *lua, const char **why) {
  lua->instance = lua->module->open(lua->module, lua->page_limit != 0 ? lua->page_limit : 32768, lua->options.stack, why);
  if (lua->instance == NULL) return false;
  if (instance_call(lua, MOONLET_EXPORT_abi_version, 0, 0, 0, 0) >> 16 != 1) {
    *why = "the module has another ABI than 1; take module and package from one release";
    return false;
  }
  lua->info = instance_call(lua, MOONLET_EXPORT_info_ptr, 0, 0, 0, 0);
  lua->lua_version = (uint32_t)instance_get(lua, MOONLET_FIGURE_LUA_VERSION_NUM);
  return true;
}
