/* print, what io.write has in common with it (io.c), and warnings. Text that does not fit the output buffer is written as far as it
   does; then the task is suspended until the host has drained the buffer. Where it cannot be suspended the output goes on, as far
   as memory does, and the suspension follows at the next chance. */
#define moonlet_output_c
#define LUA_LIB

#include "lprefix.h"

#include <string.h>

#include "lua.h"

#include "lauxlib.h"

#include "moonlet.h"

/* Writes text, whether or not the buffer has room for it. */
static void put(lua_State *L, int channel, const char *text, size_t length) {
  moonlet_owe(length >> 6);
  if (!moonlet_write_output(channel, text, length)) luaL_error(L, "not enough memory for the output");
}

static int continues_character(char byte) {
  return (byte & 0xC0) == 0x80;
}

/* How many of the `room` bytes, which end within the text, leave no UTF-8 character cut in two. */
static size_t whole_characters(const char *text, size_t room) {
  size_t start = room;
  unsigned char lead;
  while (start > 0 && room - start < 3 && continues_character(text[start])) start--;
  lead = (unsigned char)text[start];
  return start + (lead < 0xC0 ? 1u : lead < 0xE0 ? 2u : lead < 0xF0 ? 3u : 4u) > room ? start : room;
}

/* Writes what is left of the string at `index` from `offset` on, all of it or until the buffer is full; how much of the
   string has been written then. */
static size_t write_part(lua_State *L, int channel, int index, size_t offset) {
  size_t length, room = moonlet_output_room(channel);
  const char *string = lua_tolstring(L, index, &length);
  size_t part = length - offset;
  if (part > room && moonlet_suspendable(L)) {
    part = whole_characters(string + offset, room);
    if (part == 0 && moonlet_output_is_empty(channel)) part = room;
  }
  put(L, channel, string + offset, part);
  if (part > room) moonlet_output_over();
  return offset + part;
}

/* Writes the string on top of the stack and pops it, from the offset that stands below it on. Suspends in between;
   `k` goes on with the same two on the stack. */
void moonlet_write_out(lua_State *L, int channel, lua_KContext context, lua_KFunction k) {
  size_t length = lua_rawlen(L, -1);
  size_t offset = write_part(L, channel, -1, (size_t)lua_tointeger(L, -2));
  if (offset < length) {
    lua_pushinteger(L, (lua_Integer)offset);
    lua_replace(L, -3);
    moonlet_suspend(L, MOONLET_OUTPUT, context, k);
  }
  lua_pop(L, 2);
}

/* Suspended in print: its arguments, the offset, the text. `argument` is the one that the text shows. */
static int print_from(lua_State *L, int argument, int arguments);

static int print_k(lua_State *L, int status, lua_KContext argument) {
  int arguments = lua_gettop(L) - 2;
  (void)status;
  moonlet_write_out(L, MOONLET_STDOUT, argument, print_k);
  return print_from(L, (int)argument + 1, arguments);
}

static int print_from(lua_State *L, int argument, int arguments) {
  for (; argument <= arguments; argument++) {
    size_t length;
    const char *text = luaL_tolstring(L, argument, &length);
    int first = argument == 1, last = argument == arguments;
    if (length + 2 <= moonlet_output_room(MOONLET_STDOUT)) {
      if (!first) put(L, MOONLET_STDOUT, "\t", 1);
      put(L, MOONLET_STDOUT, text, length);
      if (last) put(L, MOONLET_STDOUT, "\n", 1);
      lua_pop(L, 1);
      continue;
    }
    lua_pushstring(L, first ? "" : "\t");
    lua_insert(L, -2);
    lua_pushstring(L, last ? "\n" : "");
    lua_concat(L, 3);
    lua_pushinteger(L, 0);
    lua_insert(L, -2);
    moonlet_write_out(L, MOONLET_STDOUT, argument, print_k);
  }
  return 0;
}

int moonlet_print(lua_State *L) {
  int arguments = lua_gettop(L);
  if (arguments > 0) return print_from(L, 1, arguments);
  lua_pushinteger(L, 0);
  lua_pushliteral(L, "\n");
  moonlet_write_out(L, MOONLET_STDOUT, 0, print_k);
  return 0;
}

/* Called in lauxlib.c for a part of a warning; what memory has no room for is left out. */
void (moonlet_write_warning)(const char *text) {
  moonlet_write_output(MOONLET_STDERR, text, strlen(text));
  if (moonlet_output_room(MOONLET_STDERR) == 0) moonlet_output_over();
}
