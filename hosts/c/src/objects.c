/* Objects of the host that Lua holds: each has a number, under which the module knows it. */
#include <stdlib.h>
#include <string.h>

#include "state.h"

/** The place of a number, or where it would be. Numbers only grow, so the list is in order. */
static size_t place_of(const objects *held, uint32_t number) {
  size_t low = 0, high = held->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (held->entries[middle].number < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

const entry *objects_entry(const objects *held, uint32_t number) {
  size_t at = place_of(held, number);
  return at < held->count && held->entries[at].number == number ? &held->entries[at] : NULL;
}

uint32_t objects_add(moonlet *lua, const moonlet_object *object, const moonlet_method *method) {
  objects *held = &lua->objects;
  for (size_t i = 0; i < held->count; i++)
    if (held->entries[i].object == object && held->entries[i].method == method) return held->entries[i].number;
  /* No number is given twice: a snapshot of this state may still hold it when it is restored. */
  if (held->last == UINT32_MAX) return 0;
  if (held->count == held->capacity) {
    size_t capacity = held->capacity * 2 + 8;
    entry *entries = realloc(held->entries, capacity * sizeof *entries);
    if (entries == NULL) return 0;
    held->entries = entries;
    held->capacity = capacity;
  }
  held->entries[held->count++] = (entry){++held->last, object, method};
  return held->last;
}

void objects_forget(moonlet *lua, uint32_t number, bool is_told) {
  objects *held = &lua->objects;
  size_t at = place_of(held, number);
  if (at == held->count || held->entries[at].number != number) return;
  entry gone = held->entries[at];
  memmove(held->entries + at, held->entries + at + 1, (held->count - at - 1) * sizeof *held->entries);
  held->count--;
  if (is_told && gone.method == NULL && gone.object->dropped != NULL) gone.object->dropped(gone.object->context);
}

bool objects_copy(objects *to, const objects *from) {
  if (from->count > 0) {
    to->entries = malloc(from->count * sizeof *to->entries);
    if (to->entries == NULL) return false;
    memcpy(to->entries, from->entries, from->count * sizeof *to->entries);
  }
  to->count = to->capacity = from->count;
  to->last = from->last;
  return true;
}

void objects_free(moonlet *lua) {
  while (lua->objects.count > 0) objects_forget(lua, lua->objects.entries[lua->objects.count - 1].number, true);
  free(lua->objects.entries);
}

const moonlet_object *moonlet_object_of(moonlet *lua, uint32_t number) {
  const entry *found = objects_entry(&lua->objects, number);
  return found != NULL && found->method == NULL ? found->object : NULL;
}

uint32_t moonlet_number_of(moonlet *lua, const moonlet_object *object) { return objects_add(lua, object, NULL); }

uint32_t moonlet_generation_of(const moonlet *lua) { return lua->generation; }

/** `object[key]`: a method, as a value that scripts call; nil for any other key. */
static int index_of(moonlet *lua, const entry *held, moonlet_reader *arguments, moonlet_writer *results) {
  const char *name;
  size_t length;
  const moonlet_method *method = held->method == NULL ? held->object->methods : NULL;
  const moonlet_object *object = held->object;
  if (moonlet_next_string(arguments, &name, &length))
    for (; method != NULL && method->name != NULL; method++)
      if (strlen(method->name) == length && memcmp(method->name, name, length) == 0) {
        uint32_t number = objects_add(lua, object, method);
        if (number == 0) return moonlet_fail(lua, "there is no memory for another object");
        moonlet_put_extension(results, MOONLET_EXTENSION_REFERENCE, number);
        return MOONLET_STATUS_OK;
      }
  moonlet_put_nil(results);
  return MOONLET_STATUS_OK;
}

int objects_operate(moonlet *lua, const char *operation, moonlet_reader arguments, moonlet_writer *results) {
  moonlet_value value;
  /* The second value says which object, and any script can ask so by host.call. */
  if (!moonlet_next(&arguments, &value) || value.type != MOONLET_OBJECT) return moonlet_fail(lua, "host.call('%s', ...) takes an object of the host", operation);
  const entry *found = objects_entry(&lua->objects, value.object_number);
  if (found == NULL) return moonlet_fail(lua, "this object belongs to a host that is gone; make it anew after a restore");
  if (operation[2] == 'i') return index_of(lua, found, &arguments, results);
  if (operation[2] == 'n') return moonlet_fail(lua, "attempt to set a field of an object of the host");
  const moonlet_object *object = found->object;
  if (found->method == NULL) {
    if (object->call == NULL) return moonlet_fail(lua, "attempt to call an object of the host");
    return object->call(lua, object->context, &arguments, results);
  }
  const moonlet_method *method = found->method;
  moonlet_reader rest = arguments;
  /* A script may call a method with any value in the place of its object. */
  if (!moonlet_next(&rest, &value) || value.type != MOONLET_OBJECT || value.object != object) return moonlet_fail(lua, "call the method with a colon: object:%s(...)", method->name);
  return method->function(lua, object->context, &rest, results);
}
