/* Functions of the table library whose loops can be left halfway, and go on later. */
#define moonlet_table_c
#define moonlet_arguments
#define LUA_LIB

#include "lprefix.h"

#include <string.h>
#include <time.h>

#include "lua.h"

#include "lauxlib.h"

#include "lgc.h"
#include "ltable.h"

#include "arguments.h"
#include "array.h"
#include "moonlet.h"

static Table *plain_table(lua_State *L, int argument) {
  return moonlet_plain_table(s2v(moonlet_argument(L, argument)));
}

static int has_method(lua_State *L, const char *name, int metatable) {
  lua_pushstring(L, name);
  return lua_rawget(L, metatable) != LUA_TNIL;
}

/* Raises unless the argument is a table, or has the metamethods that let it stand for one. */
void moonlet_check_table(lua_State *L, int argument, int uses) {
  int top = lua_gettop(L);
  if (lua_istable(L, argument)) return;
  if (!lua_getmetatable(L, argument) || ((uses & MOONLET_READ) && !has_method(L, "__index", top + 1)) ||
      ((uses & MOONLET_WRITE) && !has_method(L, "__newindex", top + 1)) ||
      ((uses & MOONLET_LENGTH) &&
       !((LUA_VERSION_NUM != 504 && lua_type(L, argument) == LUA_TSTRING) || has_method(L, "__len", top + 1))))
    luaL_checktype(L, argument, LUA_TTABLE);
  lua_settop(L, top);
}

/* The length of the first argument, which is used as a table. */
lua_Integer moonlet_table_length(lua_State *L, int uses) {
  Table *t = lua_gettop(L) > 0 ? plain_table(L, 1) : NULL;
  if (t) {
    moonlet_charge(L, 2); /* as luaL_len */
    return moonlet_length(L, t);
  }
  moonlet_check_table(L, 1, uses | MOONLET_LENGTH);
  return luaL_len(L, 1);
}

#if LUA_VERSION_NUM == 504 && defined(MOONLET_MINI)
/* There are no clocks, as where both stand at 0. */
unsigned int moonlet_random_pivot(void) {
  return 0;
}
#elif LUA_VERSION_NUM == 504
/* As l_randomizePivot of ltablib.c: the words of both clocks, added. */
unsigned int moonlet_random_pivot(void) {
  clock_t c = clock();
  time_t t = time(NULL);
  unsigned int words[(sizeof(c) + sizeof(t)) / sizeof(unsigned int)], i, sum = 0;
  memcpy(words, &c, sizeof(c));
  memcpy((char *)words + sizeof(c), &t, sizeof(t));
  for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) sum += words[i];
  return sum;
}
#endif

/* --- table.concat */

struct concat {
  luaL_Buffer out;
  lua_Integer i, last;
  const char *separator;
  size_t length;
};

static int concat_k(lua_State *L, int status, lua_KContext context);

/* Appends the element `i`. */
static void add_element(lua_State *L, luaL_Buffer *out, lua_Integer i) {
  lua_geti(L, 1, i);
  if (!lua_isstring(L, -1))
    luaL_error(L, "invalid value (%s) at index %I in table for 'concat'", luaL_typename(L, -1), (LUAI_UACINT)i);
  luaL_addvalue(out);
}

static int concat(lua_State *L, struct concat *c) {
  for (; c->i < c->last; c->i++) {
    if (moonlet_fuel <= 0 && moonlet_must_leave(L)) {
      if (moonlet_park(L, c, sizeof(*c), NULL, 0)) moonlet_leave(L, 0, concat_k);
      moonlet_put_off(L);
    }
    add_element(L, &c->out, c->i);
    luaL_addlstring(&c->out, c->separator, c->length);
  }
  if (c->i == c->last) add_element(L, &c->out, c->i);
  luaL_pushresult(&c->out);
  return 1;
}

static int concat_k(lua_State *L, int status, lua_KContext context) {
  struct concat c;
  (void)status, (void)context;
  moonlet_unpark(L, &c, sizeof(c), NULL);
  moonlet_move_buffer(L, &c.out);
  return concat(L, &c);
}

int moonlet_concat(lua_State *L) {
  struct concat c;
  lua_Integer length = moonlet_table_length(L, MOONLET_READ);
  c.separator = luaL_optlstring(L, 2, "", &c.length);
  c.i = luaL_optinteger(L, 3, 1);
  c.last = luaL_optinteger(L, 4, length);
  luaL_buffinit(L, &c.out);
  return concat(L, &c);
}

/* --- table.insert, table.remove and table.move: they move elements one by one, as many as lengths and positions say, whatever the
   table holds. */

enum moving { INSERTING, REMOVING, MOVING };

struct moves {
  lua_Integer from, to, left, step;
  int source, target; /* their places on the stack */
  enum moving moving;
};

static int move_k(lua_State *L, int status, lua_KContext context);

/* Moves an element where nothing but two arrays is in question, at the cost of the two API calls. */
static int move_one(lua_State *L, const struct moves *m) {
  Table *source = plain_table(L, m->source), *target = plain_table(L, m->target);
  TValue copy;
  const TValue *value = source ? moonlet_element(source, (lua_Unsigned)m->from, &copy) : NULL;
  if (!value || !target || !moonlet_has_place(target, (lua_Unsigned)m->to)) return 0;
  moonlet_owe(2);
  moonlet_set_element(L, target, (lua_Unsigned)m->to, value);
  return 1;
}

/* As lua_seti of the first argument. */
static void set(lua_State *L, lua_Integer to) {
  Table *t = plain_table(L, 1);
  if (t && moonlet_has_place(t, (lua_Unsigned)to)) {
    moonlet_charge(L, 1);
    moonlet_set_element(L, t, (lua_Unsigned)to, s2v(L->top.p - 1));
    L->top.p--;
  }
  else {
    lua_seti(L, 1, to);
  }
}

/* Moves the elements that are left, and does what comes last: `to` is the place after the last one. */
static int move(lua_State *L, struct moves *m) {
  for (; m->left > 0; m->left--) {
    if (moonlet_fuel <= 0 && moonlet_must_leave(L)) {
      if (moonlet_park(L, m, sizeof(*m), NULL, 0)) moonlet_leave(L, 0, move_k);
      moonlet_put_off(L);
    }
    if (!move_one(L, m)) {
      lua_geti(L, m->source, m->from);
      lua_seti(L, m->target, m->to);
    }
    m->from += m->step;
    m->to += m->step;
  }
  switch (m->moving) {
    case INSERTING:
      set(L, m->to);
      return 0;
    case REMOVING:
      lua_pushnil(L);
      set(L, m->to);
      return 1;
    default:
      lua_pushvalue(L, m->target);
      return 1;
  }
}

static int move_k(lua_State *L, int status, lua_KContext context) {
  struct moves m;
  (void)status, (void)context;
  moonlet_unpark(L, &m, sizeof(m), NULL);
  return move(L, &m);
}

int moonlet_insert(lua_State *L) {
  lua_Integer end = (lua_Integer)((lua_Unsigned)moonlet_table_length(L, MOONLET_READ | MOONLET_WRITE) + 1);
  struct moves m = {end - 1, end, 0, -1, 1, 1, INSERTING};
  int arguments = lua_gettop(L);
  if (arguments == 3) {
    lua_Integer position = luaL_checkinteger(L, 2);
    luaL_argcheck(L, (lua_Unsigned)position - 1u < (lua_Unsigned)end, 2, "position out of bounds");
    m.left = end - position;
  }
  else if (arguments != 2) {
    return luaL_error(L, "wrong number of arguments to 'insert'");
  }
  return move(L, &m);
}

int moonlet_remove(lua_State *L) {
  lua_Integer size = moonlet_table_length(L, MOONLET_READ | MOONLET_WRITE);
  lua_Integer position = luaL_optinteger(L, 2, size);
  struct moves m = {position + 1, position, 0, 1, 1, 1, REMOVING};
  if (position != size)
    luaL_argcheck(L, (lua_Unsigned)position - 1u <= (lua_Unsigned)size, 2, "position out of bounds");
  lua_geti(L, 1, position);
  if (position < size) m.left = size - position;
  return move(L, &m);
}

int moonlet_move(lua_State *L) {
  lua_Integer first = luaL_checkinteger(L, 2);
  lua_Integer last = luaL_checkinteger(L, 3);
  lua_Integer to = luaL_checkinteger(L, 4);
  struct moves m = {first, to, 0, 1, 1, !lua_isnoneornil(L, 5) ? 5 : 1, MOVING};
  moonlet_check_table(L, 1, MOONLET_READ);
  moonlet_check_table(L, m.target, MOONLET_WRITE);
  if (last >= first) {
    luaL_argcheck(L, first > 0 || last < LUA_MAXINTEGER + first, 3, "too many elements to move");
    m.left = last - first + 1;
    luaL_argcheck(L, to <= LUA_MAXINTEGER - m.left + 1, 4, "destination wrap around");
    if (!(to > last || to <= first || (m.target != 1 && !lua_compare(L, 1, m.target, LUA_OPEQ)))) {
      m.step = -1; /* the ranges overlap: from the end on */
      m.from += m.left - 1;
      m.to += m.left - 1;
    }
  }
  return move(L, &m);
}
