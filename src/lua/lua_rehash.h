/* How a table that has grown takes its keys in, in time proportional to their number whatever they are. Lua's own way may
   walk along all keys of one place for each of them. Where it turns out to, the keys come in another order: first those whose
   place is free; each of the others then finds its place taken by a key that belongs there, so that none has to move, and
   nothing has to be walked along. */
#ifndef MOONLET_LUA_REHASH_H
#define MOONLET_LUA_REHASH_H

#include <stddef.h>

#include "ltable.h"

#define moonlet_get_key(key, node) ((key)->value_ = keyval(node), settt_(key, keytt(node)))

static Node *mainpositionTV(const Table *t, const TValue *key);

#if LUA_VERSION_NUM == 504
static void luaH_newkey(lua_State *L, Table *t, const TValue *key, TValue *value);

/* Puts a key that the table does not have into it; there is room. */
static void moonlet_put(lua_State *L, Table *t, const TValue *key, TValue *value) {
  if (ttisinteger(key) && l_castS2U(ivalue(key)) - 1u < t->alimit) {
    TValue *slot = &t->array[ivalue(key) - 1];
    slot->value_ = value->value_;
    settt_(slot, rawtt(value));
  }
  else {
    luaH_newkey(L, t, key, value);
  }
}
#define reinsert(l, from, to) moonlet_reinsert_##l, from, to)
#else
static void newcheckedkey(Table *t, const TValue *key, TValue *value);
#define moonlet_put(L, t, key, value) newcheckedkey(t, key, value)
#define reinserthash(l, from, to) moonlet_reinsert_##l, from, to)
#endif

/* Empties the hash part that keys were put into. */
static void moonlet_empty(Table *t) {
  unsigned int i, size = (unsigned int)sizenode(t);
  for (i = 0; i < size; i++) {
    Node *node = gnode(t, i);
    node->u.next = 0;
    setnilkey(node);
    setempty(gval(node));
  }
#if LUA_VERSION_NUM == 504
  t->lastfree = gnode(t, size);
#else
  /* ltable.c keeps it before the nodes; small tables have none. */
  struct nodes { Node *last_free; Node first; };
  ((struct nodes *)(void *)((char *)t->node - offsetof(struct nodes, first)))->last_free = gnode(t, size);
#endif
}

/* Puts the keys of a node vector into an empty one in Lua's order, unless that takes far more steps than there are keys. The fuel
   tells, so a build without a budget always keeps to that order. */
static int moonlet_reinsert_in_order(lua_State *L __attribute__((unused)), Table *from, Table *to) {
  unsigned int i, size = (unsigned int)sizenode(from);
  long long least = moonlet_fuel - 4LL * size - 256;
  for (i = 0; i < size; i++) {
    Node *node = gnode(from, i);
    TValue key;
    if (isempty(gval(node))) continue;
    moonlet_get_key(&key, node);
    moonlet_put(L, to, &key, gval(node));
    if (moonlet_fuel < least) return 0;
  }
  return 1;
}

static void moonlet_reinsert(lua_State *L, Table *from, Table *to) {
  int round;
  if (moonlet_reinsert_in_order(L, from, to)) return;
  moonlet_empty(to);
  for (round = 0; round < 2; round++) {
    unsigned int i, size = (unsigned int)sizenode(from);
    for (i = 0; i < size; i++) {
      Node *node = gnode(from, i);
      TValue key;
      if (isempty(gval(node))) continue;
      moonlet_get_key(&key, node);
      if (round == 0 && !isempty(gval(mainpositionTV(to, &key)))) continue;
      moonlet_put(L, to, &key, gval(node));
      setempty(gval(node));
    }
  }
}

#define moonlet_reinsert_lua_State __attribute__((unused)) moonlet_plain_reinsert(lua_State
#define moonlet_reinsert_L moonlet_reinsert(L

#endif
