/* Errors: what the last call that failed ended with. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

#define LEFT_OUT "the module leaves that out, as the mini variants do; take moonlet_lua54 or moonlet_lua55"

bool bytes_add(bytes *to, const void *data, size_t length) {
  if (length > to->capacity - to->length) {
    size_t wanted = to->length + length > 2 * to->capacity ? to->length + length : 2 * to->capacity;
    uint8_t *grown = wanted < length ? NULL : realloc(to->data, wanted);
    if (grown == NULL) return false;
    to->data = grown;
    to->capacity = wanted;
  }
  if (length > 0) memcpy(to->data + to->length, data, length);
  to->length += length;
  return true;
}

bool bytes_set(bytes *to, const void *data, size_t length) {
  to->length = 0;
  return bytes_add(to, data, length);
}

static const char *kind_of(int status) {
  switch (status) {
  case MOONLET_STATUS_ERRSYNTAX: return "syntax";
  case MOONLET_STATUS_ERRRUN:
  case MOONLET_STATUS_ERRERR:
  case MOONLET_STATUS_RESULT: return "runtime";
  case MOONLET_STATUS_ERRMEM: return "memory";
  case MOONLET_STATUS_BUDGET: return "budget";
  case MOONLET_STATUS_CANCELLED: return "cancelled";
  case MOONLET_STATUS_EXIT: return "exit";
  case MOONLET_STATUS_POISONED: return "poisoned";
  default: return "refused";
  }
}

int refuse(moonlet *lua, int status, const char *message) {
  lua->error = (moonlet_error){.status = status, .kind = kind_of(status), .message = message};
  return status;
}

int refuse_poisoned(moonlet *lua) {
  /* What the engine said stands there, if this was the call that it tore down. */
  const char *why = lua->error.status == MOONLET_STATUS_POISONED && lua->error.kind == NULL ? lua->error.message : NULL;
  return refuse(lua, MOONLET_STATUS_POISONED,
                why != NULL ? why : "an earlier call was torn down within the state; restore a snapshot, or make a new state");
}

int refuse_by_status(moonlet *lua, int status, const char *message) {
  if (status == MOONLET_STATUS_POISONED) return refuse_poisoned(lua);
  return refuse(lua, status, status == MOONLET_STATUS_BAD_STATE ? LEFT_OUT : message);
}

const moonlet_error *moonlet_last_error(const moonlet *lua) {
  static const moonlet_error none = {MOONLET_STATUS_BAD_ARGUMENT, "refused", "the state is NULL; moonlet_new told why", NULL, NULL, 0, 0, {NULL, NULL, NULL}};
  return lua == NULL ? &none : &lua->error;
}

/** A field of an error map as a text with a NUL; NULL where there is none. Texts that hold a NUL end there. */
static const char *error_text(moonlet *lua, const moonlet_value *value, size_t *at) {
  if (value->type != MOONLET_STRING && value->type != MOONLET_BYTES) return NULL;
  char *text = (char *)lua->error_bytes.data + *at;
  memcpy(text, value->data, value->length);
  text[value->length] = 0;
  *at += value->length + 1;
  return text;
}

int error_of_step(moonlet *lua, const step *left, const bytes *result) {
  if (left->status == MOONLET_STATUS_POISONED) return refuse_poisoned(lua);
  const uint8_t *found = result->data;
  size_t length = result->length;
  if (length == 0)
    return refuse_by_status(lua, left->status, "the data do not fit into the state's memory; raise `memory`, or free something in the script");
  /* The map itself, and behind it the texts, which are shorter than it. */
  if (!bytes_set(&lua->error_bytes, found, length) || !bytes_add(&lua->error_bytes, found, length))
    return refuse(lua, left->status, "there is no memory for the error's text");
  moonlet_error error = {.status = left->status, .kind = kind_of(left->status), .message = "an error without a message"};
  moonlet_reader reader = {lua->error_bytes.data, lua->error_bytes.data + length, lua};
  moonlet_value map, name, value;
  if (moonlet_next(&reader, &map) && map.type == MOONLET_MAP) {
    const uint8_t *start = map.items.at;
    while (moonlet_next(&map.items, &name) && (start = map.items.at, moonlet_next(&map.items, &value))) {
      size_t at = length + (size_t)(name.data - (const char *)lua->error_bytes.data);
#define IS(text) (name.length == sizeof text - 1 && memcmp(name.data, text, name.length) == 0)
      if (IS("message")) error.message = error_text(lua, &value, &at);
      else if (IS("traceback")) error.traceback = error_text(lua, &value, &at);
      else if (IS("chunk")) error.chunk = error_text(lua, &value, &at);
      else if (IS("line")) error.line = (int)value.integer;
      else if (IS("value")) error.value = (moonlet_reader){start, map.items.at, lua};
#undef IS
    }
  } else if (map.type != MOONLET_NIL || length > 0) {
    /* A task of a restored state may have errors in the form of texts. */
    lua->error_bytes.data[length] = 0;
    error.message = (const char *)lua->error_bytes.data;
  }
  if (left->status == MOONLET_STATUS_EXIT) error.exit_code = (int)instance_get(lua, MOONLET_FIGURE_EXIT_CODE);
  lua->error = error;
  return left->status;
}

int moonlet_fail(moonlet *lua, const char *format, ...) {
  if (lua == NULL) return MOONLET_STATUS_BAD_ARGUMENT;
  if (format == NULL) return refuse(lua, MOONLET_STATUS_BAD_ARGUMENT, "the format of moonlet_fail is NULL; give a text as for printf");
  va_list values, again;
  va_start(values, format);
  va_copy(again, values);
  int length = vsnprintf(NULL, 0, format, values);
  va_end(values);
  const char *message = "the host's function failed, and its message could not be made";
  /* What is shown may be the last error, so that goes only then. */
  char *text = length >= 0 ? malloc((size_t)length + 1) : NULL;
  if (text != NULL) {
    vsnprintf(text, (size_t)length + 1, format, again);
    free(lua->error_bytes.data);
    lua->error_bytes = (bytes){(uint8_t *)text, (size_t)length, (size_t)length + 1};
    message = text;
  }
  va_end(again);
  return refuse(lua, MOONLET_STATUS_ERRRUN, message);
}

void error_free(moonlet *lua) { free(lua->error_bytes.data); }
