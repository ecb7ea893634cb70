/* The library io: io.write and file:write wait for the host where the output is full, as print does (output.c); reading stands in
   input.c. */
#define moonlet_io_c
#define LUA_LIB

#include "lprefix.h"

#include <stdio.h>

#include "lua.h"

#include "lauxlib.h"
#include "lualib.h"

#include "moonlet.h"

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

/* The channel of the file at `index`, which may have been closed while the task was suspended. */
static int channel_at(lua_State *L, int index) {
  luaL_Stream *stream = (luaL_Stream *)lua_touserdata(L, index);
  if (stream->closef == NULL) luaL_error(L, "attempt to use a closed file");
  return moonlet_channel(stream->f);
}

static int write_k(lua_State *L, int status, lua_KContext argument) {
  (void)status;
  moonlet_write_out(L, channel_at(L, -3), argument, write_k);
  return write_from(L, (int)argument + 1);
}

/* Writes the arguments from `argument` on; the file stands on top, and is the result. */
static int write_from(lua_State *L, int argument) {
  for (; argument < lua_gettop(L); argument++) {
    lua_pushinteger(L, 0);
    push_written(L, argument);
    moonlet_write_out(L, channel_at(L, -3), argument, write_k);
  }
  return 1;
}

/* What the library has otherwise. */
extern int moonlet_plain_io_write(lua_State *L), moonlet_plain_file_write(lua_State *L);

static int is_output(luaL_Stream *stream) {
  return stream != NULL && stream->closef != NULL && moonlet_channel(stream->f) >= 0;
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
