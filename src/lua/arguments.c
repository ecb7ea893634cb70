/* Arguments of C functions as they mostly are, without the API, at its units. What is anything else is left to lauxlib.c's functions. */
#define LUA_CORE
#define moonlet_arguments_c

#include "lprefix.h"

#include "lua.h"

#include "lauxlib.h"

#include "arguments.h"
#include "moonlet.h"

lua_Integer moonlet_check_integer(lua_State *L, int index) {
  StkId value = moonlet_argument(L, index);
  if (value < L->top.p && ttisinteger(s2v(value))) return ivalue(s2v(value));
  return (luaL_checkinteger)(L, index);
}

lua_Integer moonlet_opt_integer(lua_State *L, int index, lua_Integer otherwise) {
  StkId value = moonlet_argument(L, index);
  if (value >= L->top.p || ttisnil(s2v(value))) return otherwise;
  return moonlet_check_integer(L, index);
}

lua_Number moonlet_check_number(lua_State *L, int index) {
  StkId value = moonlet_argument(L, index);
  if (value < L->top.p && ttisfloat(s2v(value))) return fltvalue(s2v(value));
  return (luaL_checknumber)(L, index);
}

const char *moonlet_check_string(lua_State *L, int index, size_t *length) {
  StkId value = moonlet_argument(L, index);
  if (value < L->top.p && ttisstring(s2v(value))) {
    moonlet_charge(L, 1);
    if (length != NULL) *length = tsslen(tsvalue(s2v(value)));
    return getstr(tsvalue(s2v(value)));
  }
  return (luaL_checklstring)(L, index, length);
}
