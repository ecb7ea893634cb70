/* string.byte, string.char and string.sub of what programs that read text byte by byte give them, without an API call for each argument. All else
   is left to lstrlib.c. */
#define moonlet_bytes_c
#define LUA_LIB

#include "lprefix.h"

#include "lua.h"

#include "lualib.h"

#include "arguments.h"
#include "moonlet.h"

#define argument(L, number) s2v(moonlet_argument(L, number))

#define bytes_of(s) getstr(tsvalue(s))
#define length_of(s) tsslen(tsvalue(s))

/* lstrlib.c's own */
extern int moonlet_plain_byte(lua_State *L);
extern int moonlet_plain_char(lua_State *L);
extern int moonlet_plain_sub(lua_State *L);

static int count(lua_State *L) {
  return cast_int(L->top.p - L->ci->func.p) - 1;
}

/* Whether the arguments are a string and `least` to `most` integers. */
static int are_plain(lua_State *L, int least, int most) {
  int given = count(L), i;
  if (given <= least || given > most + 1 || !ttisstring(argument(L, 1))) return 0;
  for (i = 2; i <= given; i++)
    if (!ttisinteger(argument(L, i))) return 0;
  return 1;
}

/* A position that counts from the end as one that counts from the beginning; 0 or less where there is nothing. */
static lua_Integer from_start(lua_Integer position, lua_Integer length) {
  return position < 0 && position >= -length ? position + length + 1 : position;
}

int moonlet_byte(lua_State *L) {
  if (are_plain(L, 0, 1)) {
    lua_Integer length = (lua_Integer)length_of(argument(L, 1));
    lua_Integer at = from_start(count(L) == 1 ? 1 : ivalue(argument(L, 2)), length);
    if (at > 0 && at <= length) {
      moonlet_charge(L, 2); /* as two API calls */
      setivalue(s2v(L->top.p), (unsigned char)bytes_of(argument(L, 1))[at - 1]);
      L->top.p++;
      return 1;
    }
  }
  return moonlet_plain_byte(L);
}

int moonlet_char(lua_State *L) {
  if (count(L) == 1 && ttisinteger(argument(L, 1)) && l_castS2U(ivalue(argument(L, 1))) <= 255) {
    char byte = (char)ivalue(argument(L, 1));
    lua_pushlstring(L, &byte, 1);
    return 1;
  }
  return moonlet_plain_char(L);
}

int moonlet_sub(lua_State *L) {
  if (are_plain(L, 1, 2)) {
    lua_Integer length = (lua_Integer)length_of(argument(L, 1));
    lua_Integer first = from_start(ivalue(argument(L, 2)), length);
    lua_Integer last = count(L) == 2 ? length : from_start(ivalue(argument(L, 3)), length);
    if (first < 1) first = 1;
    if (last > length) last = length;
    if (first <= last) {
      lua_pushlstring(L, bytes_of(argument(L, 1)) + first - 1, (size_t)(last - first) + 1);
      return 1;
    }
  }
  return moonlet_plain_sub(L);
}
