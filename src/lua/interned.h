/* Short strings that are there already. */
#ifndef MOONLET_INTERNED_H
#define MOONLET_INTERNED_H

#include <string.h>

#include "lgc.h"
#include "lobject.h"
#include "lstate.h"
#include "lstring.h"

#if LUA_VERSION_NUM == 504
#define moonlet_hash luaS_hash
#else
/* What lstring.c keeps to itself there. */
static inline unsigned int moonlet_hash(const char *text, size_t length, unsigned int seed) {
  unsigned int hash = seed ^ (unsigned int)length;
  while (length > 0) hash ^= (hash << 5) + (hash >> 2) + (unsigned char)text[--length];
  return hash;
}
#endif

/* The string of that text, if there is one that is not garbage, and whose place so few share that they cost nothing (moonlet_pay_place). */
static inline TString *moonlet_find_interned(lua_State *L, const char *text, size_t length) {
  global_State *g = G(L);
  TString *string, *found = NULL;
  int sharing = 0;
  if (length > LUAI_MAXSHORTLEN) return NULL;
  string = g->strt.hash[lmod(moonlet_hash(text, length, g->seed), g->strt.size)];
  for (; string != NULL; string = string->u.hnext) {
    if (++sharing > 8) return NULL;
    if (length == (size_t)string->shrlen && memcmp(text, getshrstr(string), length) == 0) found = string;
  }
  return found != NULL && !isdead(g, found) ? found : NULL;
}

#endif
