/* Tables whose elements are where they seem to be, for functions of the libraries. */
#ifndef MOONLET_ARRAY_H
#define MOONLET_ARRAY_H

#include "lgc.h"
#include "lobject.h"
#include "ltable.h"

/* The table, if it has no metatable; else NULL. */
static inline Table *moonlet_plain_table(const TValue *t) {
  return ttistable(t) && hvalue(t)->metatable == NULL ? hvalue(t) : NULL;
}

#if LUA_VERSION_NUM == 504
#define moonlet_places(t) ((t)->alimit)
#define moonlet_length(L, t) ((lua_Integer)luaH_getn(t))
#else
#define moonlet_places(t) ((t)->asize)
#define moonlet_length(L, t) ((lua_Integer)luaH_getn(L, t))
#endif

/* Whether the array part has a place for an element. */
static inline int moonlet_has_place(const Table *t, lua_Unsigned index) {
  return index - 1 < moonlet_places(t);
}

/* What is at a place of the array part, from 0 on, if not nil; else NULL. `copy` has room for it. */
static inline const TValue *moonlet_element_at(const Table *t, unsigned int place, TValue *copy) {
#if LUA_VERSION_NUM == 504
  (void)copy;
  return isempty(&t->array[place]) ? NULL : &t->array[place];
#else
  if (tagisempty(*getArrTag(t, place))) return NULL;
  farr2val(t, place, *getArrTag(t, place), copy);
  return copy;
#endif
}

/* An element in the array part, and not nil; else NULL. */
static inline const TValue *moonlet_element(const Table *t, lua_Unsigned index, TValue *copy) {
  return moonlet_has_place(t, index) ? moonlet_element_at(t, (unsigned int)index - 1, copy) : NULL;
}

/* Sets an element that has a place in the array part. */
static inline void moonlet_set_element(lua_State *L, Table *t, lua_Unsigned index, const TValue *value) {
  unsigned int place = (unsigned int)index - 1;
#if LUA_VERSION_NUM == 504
  setobj2t(L, &t->array[place], value);
#else
  fval2arr(t, place, getArrTag(t, place), value);
#endif
  luaC_barrierback(L, obj2gco(t), value);
}

#endif
