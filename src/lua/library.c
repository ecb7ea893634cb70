/* Functions of the standard library that stand in for Lua's own. Some pay for work in which no API call shows; the others
   stand in files of their own. */
#define LUA_CORE
#define LUA_LIB
#define moonlet_library_c
#define moonlet_arguments

#include "lprefix.h"

#include <string.h>

#include "lua.h"

#include "lauxlib.h"
#include "lualib.h"

#include "lgc.h"

#include "arguments.h"
#include "moonlet.h"

/* What the libraries have otherwise. */
extern int moonlet_plain_collectgarbage(lua_State *L);
extern int moonlet_plain_setmetatable(lua_State *L);
extern int moonlet_plain_utf8_offset(lua_State *L);

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
int moonlet_collectgarbage(lua_State *L) {
  const char *what = luaL_optstring(L, 1, "collect");
  if (strcmp(what, "count") != 0 && strcmp(what, "isrunning") != 0) {
    int kilobytes = lua_gc(L, LUA_GCCOUNT);
    if (kilobytes > 0) /* -1 where the collector already runs */
      moonlet_charge(L, strcmp(what, "collect") == 0 ? kilobytes * 32LL : kilobytes * 4LL);
  }
  return moonlet_plain_collectgarbage(L);
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
int moonlet_utf8_offset(lua_State *L) {
  size_t length;
  const char *s = luaL_checklstring(L, 1, &length);
  lua_Integer n = luaL_checkinteger(L, 2), to;
  lua_Integer from = luaL_optinteger(L, 3, n >= 0 ? 1 : (lua_Integer)length + 1);
  int results;
  if (from < 0) from += (lua_Integer)length + 1;
  if (n <= 0) {
    if (1 <= from && from <= (lua_Integer)length + 1) moonlet_charge(L, walk_back(s, from - 1, n) >> 2);
    return moonlet_plain_utf8_offset(L);
  }
  results = moonlet_plain_utf8_offset(L);
  to = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : (lua_Integer)length + 1;
  moonlet_charge(L, (to - from) >> 2);
  return results;
}

/* A table that has no metatable gets one at once, at the units that Lua's own takes. */
int moonlet_setmetatable(lua_State *L) {
  StkId t = moonlet_argument(L, 1);
  if (L->top.p - t != 2 || !ttistable(s2v(t)) || !ttistable(s2v(t + 1)) || hvalue(s2v(t))->metatable != NULL)
    return moonlet_plain_setmetatable(L);
  moonlet_owe(2);
  return lua_setmetatable(L, 1);
}

extern int moonlet_finish_pcall(lua_State *L, int status, lua_KContext context);

/* pcall puts `true` below the function without the API, at its units. */
int moonlet_pcall(lua_State *L) {
  StkId function = moonlet_argument(L, 1), value = L->top.p;
  int arguments = (int)(value - function) - 1;
  if (arguments < 0) luaL_checkany(L, 1);
  moonlet_owe(2);
  for (; value > function; value--) setobjs2s(L, value, value - 1);
  setbtvalue(s2v(function));
  L->top.p++;
  return moonlet_finish_pcall(L, lua_pcallk(L, arguments, LUA_MULTRET, 0, 0, moonlet_finish_pcall), 0);
}

#if defined(MOONLET_MINI)
/* Takes a function that the module leaves out from the table on top of the stack. */
static void take_out(lua_State *L, const char *name) {
  lua_pushnil(L);
  lua_setfield(L, -2, name);
}

int moonlet_open_base(lua_State *L) {
  luaopen_base(L);
  take_out(L, "dofile");
  take_out(L, "loadfile");
  return 1;
}
#endif
