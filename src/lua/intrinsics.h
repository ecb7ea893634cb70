/* Included by leaf.c, before the interpreter without calls: functions of the libraries that scripts call most, where they are given what they mostly
   are. The interpreter does them itself, where a C function would have to be left for and come back from.

   Each needs no memory, raises no error and answers the units that the C function takes, or -1 where that is left to it, so that nobody can
   tell who did it. The one result stands in the place of the function. */

extern int moonlet_abs(lua_State *L), moonlet_byte(lua_State *L), moonlet_char(lua_State *L), moonlet_floor(lua_State *L), moonlet_max(lua_State *L),
    moonlet_min(lua_State *L), moonlet_select(lua_State *L), moonlet_setmetatable(lua_State *L), moonlet_sqrt(lua_State *L),
    moonlet_sub(lua_State *L), moonlet_type(lua_State *L);
extern TString *moonlet_type_names[LUA_NUMTYPES];

/* At the most. */
#define MOONLET_INTRINSIC_UNITS 3

#define intrinsic static inline __attribute__((always_inline)) int

/* No collection is due, which a function that makes a string would begin. */
static inline int is_no_collection_due(lua_State *L) {
  luaC_condGC(L, { return 0; }, (void)0);
  return 1;
}

/* A position from 1 on, where that is in a string of such a length, or 0. The position may count from the end. */
static inline size_t position_in(lua_Integer position, size_t length) {
  lua_Unsigned at = l_castS2U(position);
  if (position < 0) at += length + 1;
  return at - 1 < length ? (size_t)at : 0;
}

/* The string of one byte, if there is one that is not garbage, and whose place so few share that they cost nothing (moonlet_pay_place). */
intrinsic set_byte(lua_State *L, StkId to, char byte) {
  global_State *g = G(L);
  unsigned int hash = g->seed ^ 1;
  int sharing = 0;
  TString *string, *found = NULL;
  hash ^= (hash << 5) + (hash >> 2) + cast_byte(byte);
  for (string = g->strt.hash[lmod(hash, g->strt.size)]; string != NULL; string = string->u.hnext) {
    if (string->shrlen == 1 && getshrstr(string)[0] == byte) found = string;
    if (++sharing > 8) return 0;
  }
  if (found == NULL || isdead(g, found) || !is_no_collection_due(L)) return 0;
  setsvalue2s(L, to, found);
  return 1;
}

intrinsic do_byte(StkId function, int given) {
  const TValue *string = s2v(function + 1), *position = s2v(function + 2);
  size_t at;
  if ((unsigned)given - 1u > 1 || !ttisstring(string) || (given == 2 && !ttisinteger(position))) return -1;
  at = position_in(given == 1 ? 1 : ivalue(position), tsslen(tsvalue(string)));
  if (at == 0) return -1;
  setivalue(s2v(function), cast_byte(getstr(tsvalue(string))[at - 1]));
  return 2;
}

/* Of one byte. */
intrinsic do_sub(lua_State *L, StkId function, int given) {
  const TValue *string = s2v(function + 1), *first = s2v(function + 2), *last = s2v(function + 3);
  size_t at;
  if (given != 3 || !ttisstring(string) || !ttisinteger(first) || !ttisinteger(last) || ivalue(first) != ivalue(last)) return -1;
  at = position_in(ivalue(first), tsslen(tsvalue(string)));
  if (at == 0 || !set_byte(L, function, getstr(tsvalue(string))[at - 1])) return -1;
  return 1;
}

intrinsic do_char(lua_State *L, StkId function, int given) {
  const TValue *code = s2v(function + 1);
  if (given != 1 || !ttisinteger(code) || l_castS2U(ivalue(code)) > 255 || !set_byte(L, function, (char)ivalue(code))) return -1;
  return 1;
}

/* The range is looked at without large constants, which V8 would make whenever the interpreter is entered. */
intrinsic do_floor(StkId function, int given) {
  const TValue *number = s2v(function + 1);
  lua_Number below;
  lua_Integer whole;
  if (given != 1) return -1;
  if (ttisinteger(number)) {
    setivalue(s2v(function), ivalue(number));
    return 1;
  }
  if (!ttisfloat(number)) return -1;
  below = l_floor(fltvalue(number));
  whole = __builtin_wasm_trunc_saturate_s_i64_f64(below);
  if (cast_num(whole) != below || l_castU2S(l_castS2U(whole) << 1) >> 1 != whole) return -1;
  setivalue(s2v(function), whole);
  return 1;
}

intrinsic do_sqrt(StkId function, int given) {
  const TValue *number = s2v(function + 1);
  if (given != 1 || !ttisfloat(number)) return -1;
  setfltvalue(s2v(function), l_mathop(sqrt)(fltvalue(number)));
  return 1;
}

intrinsic do_abs(StkId function, int given) {
  const TValue *number = s2v(function + 1);
  if (given != 1) return -1;
  if (ttisinteger(number)) {
    lua_Integer n = ivalue(number);
    setivalue(s2v(function), n < 0 ? intop(-, 0, n) : n);
    return 1;
  }
  if (!ttisfloat(number)) return -1;
  setfltvalue(s2v(function), l_mathop(fabs)(fltvalue(number)));
  return 1;
}

/* The greater of two numbers of a kind, or the less one: the second where it is beyond the first. */
intrinsic do_extreme(lua_State *L, StkId function, int given, int is_max) {
  const TValue *a = s2v(function + 1 + is_max), *b = s2v(function + 2 - is_max);
  int is_less;
  if (given != 2) return -1;
  if (ttisinteger(a) && ttisinteger(b))
    is_less = ivalue(b) < ivalue(a);
  else if (ttisfloat(a) && ttisfloat(b))
    is_less = luai_numlt(fltvalue(b), fltvalue(a));
  else
    return -1;
  setobjs2s(L, function, function + 1 + is_less);
  return 2;
}

intrinsic do_select(lua_State *L, StkId function, int given, int results) {
  const TValue *which = s2v(function + 1);
  if (given < 1) return -1;
  if (ttisinteger(which)) {
    lua_Unsigned from = l_castS2U(ivalue(which));
    if (from - 1 >= (lua_Unsigned)given - 1 || results < 0) return -1;
    setobjs2s(L, function, function + 1 + from);
    return 0;
  }
  if (!ttisstring(which) || getstr(tsvalue(which))[0] != '#') return -1;
  setivalue(s2v(function), given - 1);
  return 2;
}

intrinsic do_type(lua_State *L, StkId function, int given) {
  if (given != 1 || !is_no_collection_due(L)) return -1;
  setsvalue2s(L, function, moonlet_type_names[ttype(s2v(function + 1))]);
  return 1;
}

/* A metatable that is known to have no __gc, for a table that has none. */
intrinsic do_setmetatable(lua_State *L, StkId function, int given) {
  const TValue *object = s2v(function + 1), *events = s2v(function + 2);
  if (given != 2 || !ttistable(object) || !ttistable(events) || hvalue(object)->metatable != NULL || isblack(hvalue(object)) ||
      !(hvalue(events)->flags & (1u << TM_GC)))
    return -1;
  hvalue(object)->metatable = hvalue(events);
  setobjs2s(L, function, function + 1);
  return 3;
}

intrinsic moonlet_do(lua_State *L, StkId function, int results) {
  lua_CFunction called = fvalue(s2v(function));
  int given = cast_int(L->top.p - function) - 1;
  if (called == moonlet_byte) return do_byte(function, given);
  if (called == moonlet_sub) return do_sub(L, function, given);
  if (called == moonlet_floor) return do_floor(function, given);
  if (called == moonlet_sqrt) return do_sqrt(function, given);
#if !defined(ltests_h) /* which opens states without moonlet_name_types */
  if (called == moonlet_type) return do_type(L, function, given);
#endif
  if (called == moonlet_select) return do_select(L, function, given, results);
  if (called == moonlet_setmetatable) return do_setmetatable(L, function, given);
  if (called == moonlet_char) return do_char(L, function, given);
  if (called == moonlet_max) return do_extreme(L, function, given, 1);
  if (called == moonlet_min) return do_extreme(L, function, given, 0);
  if (called == moonlet_abs) return do_abs(function, given);
  return -1;
}
#undef intrinsic
