/* table.sort: the comparisons and moves of ltablib.c, in their order, without recursion, so that it can be left at each
   comparison. */
#define LUA_CORE
#define moonlet_sort_c

#include "lprefix.h"

#include <limits.h>

#include "lua.h"

#include "lauxlib.h"

#include "ldebug.h"
#include "lgc.h"
#include "lobject.h"
#include "lstate.h"
#include "ltable.h"
#include "ltm.h"
#include "lvm.h"

#include "array.h"
#include "moonlet.h"

/* The stack: table, order, `range` and `place` of the state as numbers, ranges that are still to be sorted, then the elements in
   question. */
enum { TABLE = 1, ORDER, RANGE, PLACE };

struct sort {
  unsigned int lo, up; /* the range that is being sorted */
  int randomized;      /* whether its pivot is chosen at random */
  unsigned int i, j;   /* the places that are compared with the pivot; `i` is the pivot's before */
};

/* What is compared. */
enum phase { ENDS, PIVOT_LOW, PIVOT_UP, RISING, FALLING, DONE };

/* Where the two stand on the stack. */
static const signed char operands[][2] = {{-1, -2}, {-2, -1}, {-1, -2}, {-1, -2}, {-3, -1}};

/* Ranges up to this size have a pivot from the middle. */
#define SMALL 100u

static lua_Integer pack_range(unsigned int lo, unsigned int up, int randomized) {
  return (lua_Integer)((unsigned long long)lo | (unsigned long long)up << 31 | (unsigned long long)randomized << 62);
}

static void unpack_range(struct sort *s, lua_Integer range) {
  s->lo = (unsigned int)range & INT_MAX;
  s->up = (unsigned int)(range >> 31) & INT_MAX;
  s->randomized = (int)(range >> 62) & 1;
}

static TValue *slot(lua_State *L, int index) {
  return s2v(L->ci->func.p + index);
}

static void save(lua_State *L, const struct sort *s) {
  setivalue(slot(L, RANGE), pack_range(s->lo, s->up, s->randomized));
  setivalue(slot(L, PLACE), (lua_Integer)((unsigned long long)s->i | (unsigned long long)s->j << 32));
}

static void restore(lua_State *L, struct sort *s) {
  lua_Unsigned place = l_castS2U(ivalue(slot(L, PLACE)));
  unpack_range(s, ivalue(slot(L, RANGE)));
  s->i = (unsigned int)place;
  s->j = (unsigned int)(place >> 32);
}

static Table *plain_table(lua_State *L) {
  return moonlet_plain_table(slot(L, TABLE));
}

static void push(lua_State *L, const TValue *value) {
  setobj2s(L, L->top.p, value);
  L->top.p++;
}

/* Not inlined, being asked for in many places. */
static __attribute__((noinline)) void get(lua_State *L, unsigned int index) {
  Table *t = plain_table(L);
  TValue copy;
  const TValue *value = t ? moonlet_element(t, index, &copy) : NULL;
  moonlet_owe(1);
  if (value)
    push(L, value);
  else
    lua_geti(L, TABLE, (lua_Integer)index);
}

/* Stores the element on top of the stack. */
static __attribute__((noinline)) void set(lua_State *L, unsigned int index) {
  Table *t = plain_table(L);
  TValue copy;
  moonlet_owe(1);
  if (t && moonlet_element(t, index, &copy))
    moonlet_set_element(L, t, index, s2v(--L->top.p));
  else
    lua_seti(L, TABLE, (lua_Integer)index);
}

/* Stores the two elements on top of the stack. */
static void set_two(lua_State *L, unsigned int top, unsigned int below) {
  set(L, top);
  set(L, below);
}

/* Takes what a comparison has answered off the stack. */
static int answer(lua_State *L) {
  L->top.p--;
  return !l_isfalse(s2v(L->top.p));
}

/* Whether the function below its two arguments says so. */
static int ask(lua_State *L, enum phase phase) {
  moonlet_opaque_callk(L, 2, 1, (lua_KContext)phase << 1, moonlet_sort_k);
  return answer(L);
}

/* Pushes what decides on the order of two elements that are neither numbers nor strings; whether there is such a thing. */
static int push_metamethod(lua_State *L, const TValue *a, const TValue *b) {
  const TValue *method = luaT_gettmbyobj(L, a, TM_LT);
  if (notm(method)) method = luaT_gettmbyobj(L, b, TM_LT);
  if (notm(method)) return 0;
  push(L, method);
  return 1;
}

/* Whether two elements have an order of their own. */
static int are_ordered(const TValue *a, const TValue *b) {
  return (ttisnumber(a) && ttisnumber(b)) || (ttisstring(a) && ttisstring(b));
}

static int is_less(lua_State *L, const TValue *a, const TValue *b) {
  return ttisinteger(a) && ttisinteger(b) ? ivalue(a) < ivalue(b) : luaV_lessthan(L, a, b);
}

/* Whether the first of the phase's two elements is less than the second. */
static int compare(lua_State *L, const struct sort *s, enum phase phase) {
  int first = operands[phase][0], second = operands[phase][1];
  if (ttisnil(slot(L, ORDER))) {
    const TValue *a = s2v(L->top.p + first), *b = s2v(L->top.p + second);
    if (moonlet_fuel <= 0 && moonlet_must_leave(L)) {
      save(L, s);
      moonlet_leave(L, (lua_KContext)phase << 1 | 1, moonlet_sort_k);
    }
    moonlet_owe(1);
    if (are_ordered(a, b)) return is_less(L, a, b);
    if (!push_metamethod(L, a, b)) {
      moonlet_hold(L);
      luaG_ordererror(L, a, b);
    }
  }
  else {
    push(L, slot(L, ORDER));
  }
  save(L, s);
  push(L, s2v(L->top.p + first - 1));
  push(L, s2v(L->top.p + second - 2));
  return ask(L, phase);
}

/* As choosePivot of ltablib.c. */
static unsigned int choose_pivot(lua_State *L, const struct sort *s) {
  unsigned int quarter = (s->up - s->lo) / 4;
#if LUA_VERSION_NUM == 504
  unsigned int random = moonlet_random_pivot();
  (void)L;
#else
  unsigned int random = luaL_makeseed(L) ^ s->lo ^ s->up;
#endif
  return random % (quarter * 2) + (s->lo + quarter);
}

/* From here on only scan is to be fast: it does nearly all steps, and the others come between its ways. */

/* Begins with the range, or one that is still to be sorted when it needs no sorting. `ranges` is how many there are. */
static __attribute__((minsize)) enum phase begin(lua_State *L, struct sort *s) {
  while (s->lo >= s->up) {
    if (lua_gettop(L) == PLACE) return DONE;
    unpack_range(s, lua_tointeger(L, -1));
    lua_pop(L, 1);
  }
  get(L, s->lo);
  get(L, s->up);
  return ENDS;
}

static __attribute__((minsize)) enum phase end(lua_State *L, struct sort *s) {
  s->lo = s->up;
  return begin(L, s);
}

/* The pivot stands in its place `i`: the smaller part comes first. */
static __attribute__((minsize)) enum phase split(lua_State *L, struct sort *s) {
  unsigned int lo = s->lo, up = s->up, p = s->i, size;
  int lower = p - lo < up - p;
  if (lower) {
    size = p - lo;
    lo = p + 1;
    s->up = p - 1;
  }
  else {
    size = up - p;
    up = p - 1;
    s->lo = p + 1;
  }
  lua_pushinteger(L, pack_range(lo, up, s->randomized || (up - lo) / 128 > size));
  return begin(L, s);
}

static void check_order(lua_State *L, int is_within) {
  if (!is_within) luaL_error(L, "invalid order function for sorting");
}

/* Goes along from both sides, above the pivot on the stack, to the next comparison: all the way without another where elements of a plain table have
   an order of their own. */
static enum phase scan(lua_State *L, struct sort *s) {
  Table *t = ttisnil(slot(L, ORDER)) ? plain_table(L) : NULL;
  const TValue *pivot = s2v(L->top.p - 1), *low, *high;
  TValue low_copy, high_copy;
  for (;;) {
    for (;; s->i++) {
      if (!t || moonlet_fuel <= 0 || !(low = moonlet_element(t, s->i, &low_copy)) || !are_ordered(low, pivot)) {
        get(L, s->i);
        return RISING;
      }
      moonlet_owe(2);
      if (!is_less(L, low, pivot)) break;
      check_order(L, s->i != s->up - 1);
    }
    for (s->j--;; s->j--) {
      if (moonlet_fuel <= 0 || !(high = moonlet_element(t, s->j, &high_copy)) || !are_ordered(high, pivot)) {
        push(L, low);
        get(L, s->j);
        return FALLING;
      }
      moonlet_owe(2);
      if (!is_less(L, pivot, high)) break;
      check_order(L, s->j >= s->i);
    }
    if (s->j < s->i) {
      push(L, low);
      set_two(L, s->up - 1, s->i);
      return split(L, s);
    }
    moonlet_owe(2);
#if LUA_VERSION_NUM == 504
    low_copy = *low; /* where it lies is about to change */
    low = &low_copy;
#endif
    moonlet_set_element(L, t, s->i++, high);
    moonlet_set_element(L, t, s->j, low);
  }
}

/* The pivot is the middle one of three: moves it out of the way. */
static __attribute__((minsize)) enum phase partition(lua_State *L, struct sort *s) {
  if (s->up - s->lo == 2) return end(L, s);
  get(L, s->i);
  push(L, s2v(L->top.p - 1));
  get(L, s->up - 1);
  set_two(L, s->i, s->up - 1);
  s->i = s->lo + 1;
  s->j = s->up - 1;
  return scan(L, s);
}

/* Does what follows from a comparison, up to the next one. */
static __attribute__((minsize)) enum phase advance(lua_State *L, struct sort *s, enum phase phase, int less) {
  switch (phase) {
    case ENDS:
      if (less)
        set_two(L, s->lo, s->up);
      else
        L->top.p -= 2;
      if (s->up - s->lo == 1) return end(L, s);
      s->i = s->up - s->lo < SMALL || !s->randomized ? (s->lo + s->up) / 2 : choose_pivot(L, s);
      get(L, s->i);
      get(L, s->lo);
      return PIVOT_LOW;
    case PIVOT_LOW:
      if (less) {
        set_two(L, s->i, s->lo);
        return partition(L, s);
      }
      L->top.p--;
      get(L, s->up);
      return PIVOT_UP;
    case PIVOT_UP:
      if (less)
        set_two(L, s->i, s->up);
      else
        L->top.p -= 2;
      return partition(L, s);
    case RISING:
      if (!less) {
        get(L, --s->j);
        return FALLING;
      }
      check_order(L, s->i != s->up - 1);
      L->top.p--;
      s->i++;
      return scan(L, s);
    case FALLING:
      if (less) {
        check_order(L, s->j >= s->i);
        L->top.p--;
        get(L, --s->j);
        return FALLING;
      }
      if (s->j >= s->i) {
        set_two(L, s->i++, s->j);
        return scan(L, s);
      }
      L->top.p--;
      set_two(L, s->up - 1, s->i);
      return split(L, s);
    default:
      return DONE;
  }
}

static int sort_from(lua_State *L, struct sort *s, enum phase phase) {
  while (phase != DONE) phase = advance(L, s, phase, compare(L, s, phase));
  return 0;
}

/* The comparison of a phase was suspended, or before it the sorting. */
int moonlet_sort_k(lua_State *L, int status, lua_KContext context) {
  struct sort s;
  enum phase phase = (enum phase)(context >> 1);
  (void)status;
  restore(L, &s);
  if (!(context & 1)) phase = advance(L, &s, phase, answer(L));
  return sort_from(L, &s, phase);
}

int moonlet_sort(lua_State *L) {
  lua_Integer n = moonlet_table_length(L, MOONLET_READ | MOONLET_WRITE);
  struct sort s = {1, (unsigned int)n, 0, 0, 0};
  if (n <= 1) return 0;
  luaL_argcheck(L, n < INT_MAX, 1, "array too big");
  if (!lua_isnoneornil(L, ORDER)) luaL_checktype(L, ORDER, LUA_TFUNCTION);
  lua_settop(L, PLACE);
  if (n > 255) luaL_checkstack(L, 48, NULL); /* a range for each halving, the elements, a call */
  return sort_from(L, &s, begin(L, &s));
}
