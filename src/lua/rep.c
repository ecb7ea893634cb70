/* string.rep, which can be left after each copy. */
#define moonlet_rep_c
#define moonlet_arguments
#define LUA_LIB

#include "lprefix.h"

#include <limits.h>
#include <string.h>

#include "lua.h"

#include "lauxlib.h"

#include "moonlet.h"

/* Bytes that the result may have, as in lstrlib.c. */
#if LUA_VERSION_NUM == 504
#define MOST INT_MAX
#else
#define MOST UINT_MAX
#endif

struct rep {
  luaL_Buffer out;
  const char *text, *separator;
  size_t length, separator_length, used;
  lua_Integer left;
};

static int rep_k(lua_State *L, int status, lua_KContext context);

static void copy(struct rep *r, const char *text, size_t length) {
  memcpy(luaL_buffaddr(&r->out) + r->used, text, length);
  r->used += length;
  moonlet_owe(1);
}

static int rep(lua_State *L, struct rep *r) {
  for (; r->left > 1; r->left--) {
    if (moonlet_fuel <= 0 && moonlet_must_leave(L)) {
      if (moonlet_park(L, r, sizeof(*r), NULL, 0)) moonlet_leave(L, 0, rep_k);
      moonlet_put_off(L);
    }
    copy(r, r->text, r->length);
    if (r->separator_length > 0) copy(r, r->separator, r->separator_length);
  }
  copy(r, r->text, r->length);
  luaL_pushresultsize(&r->out, r->used);
  return 1;
}

static int rep_k(lua_State *L, int status, lua_KContext context) {
  struct rep r;
  (void)status, (void)context;
  moonlet_unpark(L, &r, sizeof(r), NULL);
  moonlet_move_buffer(L, &r.out);
  return rep(L, &r);
}

int moonlet_rep(lua_State *L) {
  struct rep r;
  r.text = luaL_checklstring(L, 1, &r.length);
  r.left = luaL_checkinteger(L, 2);
  r.separator = luaL_optlstring(L, 3, "", &r.separator_length);
  r.used = 0;
  if (r.left <= 0 || (r.length | r.separator_length) == 0) {
    lua_pushliteral(L, "");
    return 1;
  }
  if (r.length > MOST - r.separator_length || (lua_Integer)(r.length + r.separator_length) > (lua_Integer)MOST / r.left)
    return luaL_error(L, "resulting string too large");
  luaL_buffinitsize(L, &r.out, (size_t)r.left * (r.length + r.separator_length) - r.separator_length);
  return rep(L, &r);
}
