/* print, io.write and file:write. Text that does not fit the output buffer is written as far as it does; then the task is
   suspended until the host has drained the buffer. Where it cannot be suspended the output goes on, as far as memory
   does, and the suspension follows at the next chance. */
#define moonlet_output_c
#define LUA_LIB

#include "lprefix.h"

#include <stdio.h>

#include "lua.h"

#include "lauxlib.h"

#include "moonlet.h"

/* Writes text, whether or not the buffer has room for it. */
static void put(lua_State *L, FILE *stream, const char *text, size_t length) {
  moonlet_owe(length >> 6);
  if (fwrite(text, 1, length, stream) < length) luaL_error(L, "not enough memory for the output");
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
static size_t write_part(lua_State *L, FILE *stream, int index, size_t offset) {
  size_t length, room = moonlet_output_room(stream);
  const char *string = lua_tolstring(L, index, &length);
  size_t part = length - offset;
  if (part > room && moonlet_suspendable(L)) {
    part = whole_characters(string + offset, room);
    if (part == 0 && moonlet_output_is_empty(stream)) part = room;
  }
  put(L, stream, string + offset, part);
  if (part > room) moonlet_output_over();
  return offset + part;
}

/* Writes the string on top of the stack and pops it, from the offset that stands below it on. Suspends in between;
   `k` goes on with the same two on the stack. */
static void write_out(lua_State *L, FILE *stream, lua_KContext context, lua_KFunction k) {
  size_t length = lua_rawlen(L, -1);
  size_t offset = write_part(L, stream, -1, (size_t)lua_tointeger(L, -2));
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
  write_out(L, stdout, argument, print_k);
  return print_from(L, (int)argument + 1, arguments);
}

static int print_from(lua_State *L, int argument, int arguments) {
  for (; argument <= arguments; argument++) {
    size_t length;
    const char *text = luaL_tolstring(L, argument, &length);
    int first = argument == 1, last = argument == arguments;
    if (length + 2 <= moonlet_output_room(stdout)) {
      if (!first) put(L, stdout, "\t", 1);
      put(L, stdout, text, length);
      if (last) put(L, stdout, "\n", 1);
      lua_pop(L, 1);
      continue;
    }
    lua_pushstring(L, first ? "" : "\t");
    lua_insert(L, -2);
    lua_pushstring(L, last ? "\n" : "");
    lua_concat(L, 3);
    lua_pushinteger(L, 0);
    lua_insert(L, -2);
    write_out(L, stdout, argument, print_k);
  }
  return 0;
}

int moonlet_print(lua_State *L) {
  int arguments = lua_gettop(L);
  if (arguments > 0) return print_from(L, 1, arguments);
  lua_pushinteger(L, 0);
  lua_pushliteral(L, "\n");
  write_out(L, stdout, 0, print_k);
  return 0;
}

/* Pushes the argument as io.write shows it. */
static void push_written(lua_State *L, int argument) {
  if (lua_type(L, argument) == LUA_TNUMBER) {
#if LUA_VERSION_NUM == 504
    char text[64];
    if (lua_isinteger(L, argument))
      lua_integer2str(text, sizeof(text), lua_tointeger(L, argument));
    else
      lua_number2str(text, sizeof(text), lua_tonumber(L, argument));
    lua_pushstring(L, text);
#else
    luaL_tolstring(L, argument, NULL);
#endif
  }
  else {
    luaL_checkstring(L, argument);
    lua_pushvalue(L, argument);
  }
}

/* Suspended in a write: its arguments, the file, the offset, the text. */
static int write_from(lua_State *L, int argument);

/* The stream at `index`, which may have been closed while the task was suspended. */
static FILE *stream_at(lua_State *L, int index) {
  luaL_Stream *stream = (luaL_Stream *)lua_touserdata(L, index);
  if (stream->closef == NULL) luaL_error(L, "attempt to use a closed file");
  return stream->f;
}

static int write_k(lua_State *L, int status, lua_KContext argument) {
  (void)status;
  write_out(L, stream_at(L, -3), argument, write_k);
  return write_from(L, (int)argument + 1);
}

/* Writes the arguments from `argument` on; the file stands on top, and is the result. */
static int write_from(lua_State *L, int argument) {
  for (; argument < lua_gettop(L); argument++) {
    lua_pushinteger(L, 0);
    push_written(L, argument);
    write_out(L, stream_at(L, -3), argument, write_k);
  }
  return 1;
}

/* What the library had before. */
lua_CFunction moonlet_plain_io_write, moonlet_plain_file_write;

static int is_output(luaL_Stream *stream) {
  return stream != NULL && stream->closef != NULL && moonlet_is_output(stream->f);
}

int moonlet_io_write(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, "_IO_output");
  if (is_output((luaL_Stream *)luaL_testudata(L, -1, LUA_FILEHANDLE))) return write_from(L, 1);
  lua_pop(L, 1);
  return moonlet_plain_io_write(L);
}

int moonlet_file_write(lua_State *L) {
  if (!is_output((luaL_Stream *)luaL_testudata(L, 1, LUA_FILEHANDLE))) return moonlet_plain_file_write(L);
  lua_pushvalue(L, 1);
  return write_from(L, 2);
}

/* Called in lauxlib.c after a part of a warning was written. */
void moonlet_warning_written(void) {
  if (moonlet_output_room(stderr) == 0) moonlet_output_over();
}
