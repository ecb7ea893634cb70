/* Functions of the standard library that stand in for Lua's own: print, io.write and file:write wait when the output
   buffer is full, require lets a suspension pass, and a few pay for their work. */
#define moonlet_library_c
#define LUA_LIB

#include "lprefix.h"

#include <stdio.h>
#include <string.h>

#include "lua.h"

#include "lauxlib.h"
#include "lualib.h"

#include "moonlet.h"

/* Bytes that the output buffer still takes (src/bytes/output.rs). */
size_t moonlet_output_room(void);
int moonlet_take_overflow(void);

/* --- Output. Text that does not fit is written as far as it does; then the task is suspended until the host has drained
   the buffer. Where it cannot be suspended that is an error, and nothing more is written. */

/* Writes text for which there is room. */
static void put(lua_State *L, const char *text, size_t length) {
  moonlet_owe(length >> 6);
  if (fwrite(text, 1, length, stdout) < length) {
    moonlet_take_overflow();
    luaL_error(L, "not enough memory for the output");
  }
}

/* Writes what is left of the string at `index` from `offset` on, all of it or until the buffer is full; how much of the
   string has been written then. */
static size_t write_part(lua_State *L, int index, size_t offset) {
  size_t length, part, room = moonlet_output_room();
  const char *string = lua_tolstring(L, index, &length);
  part = length - offset < room ? length - offset : room;
  put(L, string + offset, part);
  return offset + part;
}

/* Writes the string on top of the stack and pops it, from the offset that stands below it on. Suspends in between;
   `k` goes on with the same two on the stack. */
static void write_out(lua_State *L, lua_KContext context, lua_KFunction k) {
  size_t offset = (size_t)lua_tointeger(L, -2);
  size_t length = lua_rawlen(L, -1);
  if (length - offset > moonlet_output_room() && !moonlet_suspendable(L))
    moonlet_refuse(L, "wait for room in the output buffer");
  offset = write_part(L, -1, offset);
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
  write_out(L, argument, print_k);
  return print_from(L, (int)argument + 1, arguments);
}

static int print_from(lua_State *L, int argument, int arguments) {
  for (; argument <= arguments; argument++) {
    size_t length;
    const char *text = luaL_tolstring(L, argument, &length);
    int first = argument == 1, last = argument == arguments;
    if (length + 2 <= moonlet_output_room()) {
      if (!first) put(L, "\t", 1);
      put(L, text, length);
      if (last) put(L, "\n", 1);
      lua_pop(L, 1);
      continue;
    }
    lua_pushstring(L, first ? "" : "\t");
    lua_insert(L, -2);
    lua_pushstring(L, last ? "\n" : "");
    lua_concat(L, 3);
    lua_pushinteger(L, 0);
    lua_insert(L, -2);
    write_out(L, argument, print_k);
  }
  return 0;
}

static int base_print(lua_State *L) {
  int arguments = lua_gettop(L);
  if (arguments > 0) return print_from(L, 1, arguments);
  lua_pushinteger(L, 0);
  lua_pushliteral(L, "\n");
  write_out(L, 0, print_k);
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

static int write_k(lua_State *L, int status, lua_KContext argument) {
  (void)status;
  write_out(L, argument, write_k);
  return write_from(L, (int)argument + 1);
}

/* Writes the arguments from `argument` on; the file stands on top, and is the result. */
static int write_from(lua_State *L, int argument) {
  for (; argument < lua_gettop(L); argument++) {
    lua_pushinteger(L, 0);
    push_written(L, argument);
    write_out(L, argument, write_k);
  }
  return 1;
}

/* What the library had before. */
static lua_CFunction plain_io_write, plain_file_write, plain_collectgarbage, plain_utf8_offset;

static int is_output(luaL_Stream *stream) {
  return stream != NULL && stream->closef != NULL && (stream->f == stdout || stream->f == stderr);
}

static int io_write(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, "_IO_output");
  if (is_output((luaL_Stream *)luaL_testudata(L, -1, LUA_FILEHANDLE))) return write_from(L, 1);
  lua_pop(L, 1);
  return plain_io_write(L);
}

static int file_write(lua_State *L) {
  if (!is_output((luaL_Stream *)luaL_testudata(L, 1, LUA_FILEHANDLE))) return plain_file_write(L);
  lua_pushvalue(L, 1);
  return write_from(L, 2);
}

/* --- require, as loadlib.c has it, but searchers and loaders may be suspended. The stack: name, package.loaded,
   searchers, messages so far, and what is called. Its upvalue is the table `package`. */

enum { NAME = 1, LOADED, SEARCHERS, MESSAGES };

static int call_loader(lua_State *L);

static int search_from(lua_State *L, lua_Integer number);

/* A searcher has answered with two values. */
static int search_k(lua_State *L, int status, lua_KContext number) {
  (void)status;
  if (lua_isfunction(L, -2)) return call_loader(L);
  if (lua_isstring(L, -2)) {
    lua_pushvalue(L, MESSAGES);
    lua_pushliteral(L, "\n\t");
    lua_pushvalue(L, -4);
    lua_concat(L, 3);
    lua_replace(L, MESSAGES);
  }
  lua_pop(L, 2);
  return search_from(L, number + 1);
}

static int search_from(lua_State *L, lua_Integer number) {
  if (lua_rawgeti(L, SEARCHERS, number) == LUA_TNIL)
    return luaL_error(L, "module '%s' not found:%s", lua_tostring(L, NAME), lua_tostring(L, MESSAGES));
  lua_pushvalue(L, NAME);
  lua_callk(L, 1, 2, (lua_KContext)number, search_k);
  return search_k(L, LUA_OK, (lua_KContext)number);
}

/* The loader has answered with one value; below it stands the loader's data. */
static int load_k(lua_State *L, int status, lua_KContext context) {
  const char *name = lua_tostring(L, NAME);
  (void)status, (void)context;
  if (lua_isnil(L, -1))
    lua_pop(L, 1);
  else
    lua_setfield(L, LOADED, name);
  if (lua_getfield(L, LOADED, name) == LUA_TNIL) {
    lua_pushboolean(L, 1);
    lua_copy(L, -1, -2);
    lua_setfield(L, LOADED, name);
  }
  lua_insert(L, -2);
  return 2;
}

/* The stack ends in a loader and its data. */
static int call_loader(lua_State *L) {
  lua_insert(L, -2);
  lua_pushvalue(L, NAME);
  lua_pushvalue(L, -3);
  lua_callk(L, 2, 1, 0, load_k);
  return load_k(L, LUA_OK, 0);
}

static int require(lua_State *L) {
  const char *name = luaL_checkstring(L, NAME);
  lua_settop(L, NAME);
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_getfield(L, LOADED, name);
  if (lua_toboolean(L, -1)) return 1;
  lua_pop(L, 1);
  if (lua_getfield(L, lua_upvalueindex(1), "searchers") != LUA_TTABLE)
    return luaL_error(L, "'package.searchers' must be a table");
  lua_pushliteral(L, "");
  return search_from(L, 1);
}

/* --- Functions that pay for work in which no API call shows */

/* Bytes of a chunk that are read at once. */
#define PIECE 4096

struct chunk {
  const char *text;
  size_t size;
};

/* A lua_Reader. */
static const char *next_piece(lua_State *L, void *data, size_t *size) {
  struct chunk *chunk = data;
  const char *piece = chunk->text;
  (void)L;
  *size = chunk->size < PIECE ? chunk->size : PIECE;
  chunk->text += *size;
  chunk->size -= *size;
  moonlet_charge(L, *size >> 3);
  return piece;
}

/* As luaL_loadbufferx. */
int moonlet_loadbufferx(lua_State *L, const char *text, size_t size, const char *name, const char *mode) {
  struct chunk chunk = {text, size};
  return lua_load(L, next_piece, &chunk, name, mode);
}

/* A collection goes over all of memory. */
static int collectgarbage(lua_State *L) {
  const char *what = luaL_optstring(L, 1, "collect");
  if (strcmp(what, "count") != 0 && strcmp(what, "isrunning") != 0) {
    int kilobytes = lua_gc(L, LUA_GCCOUNT);
    if (kilobytes > 0) /* -1 where the collector already runs */
      moonlet_charge(L, strcmp(what, "collect") == 0 ? kilobytes * 32LL : kilobytes * 4LL);
  }
  return plain_collectgarbage(L);
}

static int continues_character(char byte) {
  return (byte & 0xC0) == 0x80;
}

/* How far utf8.offset walks back from `from`, counted from 0, to the start of the `n`-th character before it, or of the one
   that it stands in. */
static lua_Integer walk_back(const char *s, lua_Integer from, lua_Integer n) {
  lua_Integer to = from;
  if (n == 0)
    while (to > 0 && continues_character(s[to])) to--;
  for (; n < 0 && to > 0; n++)
    do to--;
    while (to > 0 && continues_character(s[to]));
  return from - to;
}

/* utf8.offset pays for its walk: back before it, since it may fail afterwards, and forth once it is known. */
static int utf8_offset(lua_State *L) {
  size_t length;
  const char *s = luaL_checklstring(L, 1, &length);
  lua_Integer n = luaL_checkinteger(L, 2), to;
  lua_Integer from = luaL_optinteger(L, 3, n >= 0 ? 1 : (lua_Integer)length + 1);
  int results;
  if (from < 0) from += (lua_Integer)length + 1;
  if (n <= 0) {
    if (1 <= from && from <= (lua_Integer)length + 1) moonlet_charge(L, walk_back(s, from - 1, n) >> 2);
    return plain_utf8_offset(L);
  }
  results = plain_utf8_offset(L);
  to = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : (lua_Integer)length + 1;
  moonlet_charge(L, (to - from) >> 2);
  return results;
}

/* --- Putting them in place */

/* Puts `function` into the table on top of the stack and answers what stood there. */
static lua_CFunction replace(lua_State *L, const char *name, lua_CFunction function) {
  lua_CFunction plain;
  lua_getfield(L, -1, name);
  plain = lua_tocfunction(L, -1);
  lua_pop(L, 1);
  lua_pushcfunction(L, function);
  lua_setfield(L, -2, name);
  return plain;
}

int moonlet_open_base(lua_State *L) {
  luaopen_base(L);
  replace(L, "print", base_print);
  plain_collectgarbage = replace(L, "collectgarbage", collectgarbage);
  return 1;
}

int moonlet_open_io(lua_State *L) {
  luaopen_io(L);
  plain_io_write = replace(L, "write", io_write);
  luaL_getmetatable(L, LUA_FILEHANDLE);
  lua_getfield(L, -1, "__index");
  plain_file_write = replace(L, "write", file_write);
  lua_pop(L, 2);
  return 1;
}

int moonlet_open_package(lua_State *L) {
  luaopen_package(L);
  lua_pushvalue(L, -1);
  lua_pushcclosure(L, require, 1);
  lua_setglobal(L, "require");
  return 1;
}

int moonlet_open_utf8(lua_State *L) {
  luaopen_utf8(L);
  plain_utf8_offset = replace(L, "offset", utf8_offset);
  return 1;
}
