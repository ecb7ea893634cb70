/* Work that one instruction or API call can multiply, and that pays for itself: in the place of functions of Lua (lua_budget.h says
   where). */
#define LUA_CORE
#define moonlet_charges_c

#include "lprefix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lua.h"

#include "ldebug.h"
#include "ldo.h"
#include "lfunc.h"
#include "lgc.h"
#include "llex.h"
#include "lobject.h"
#include "lstate.h"
#include "lstring.h"
#include "ltable.h"
#include "ltm.h"
#include "lvm.h"

#include "array.h"
#include "moonlet.h"

#if !defined(MOONLET_UNMETERED)

unsigned int moonlet_findindex(lua_State *L, Table *t, TValue *key, unsigned int array);

/* As luaH_next, charged by the empty places passed over (leaf.h has the usual steps, too). */
int moonlet_table_next(lua_State *L, Table *t, StkId key) {
#if LUA_VERSION_NUM == 504
  unsigned int array = luaH_realasize(t);
#else
  unsigned int array = t->asize;
#endif
  unsigned int size = array + (unsigned int)sizenode(t), from = moonlet_findindex(L, t, s2v(key), array), i = from;
  int found = 0;
  for (; i < array && !found; i++) {
    TValue copy;
    const TValue *value = moonlet_element_at(t, i, &copy);
    if (value == NULL) continue;
    setivalue(s2v(key), (lua_Integer)i + 1);
    setobj2s(L, key + 1, value);
    found = 1;
  }
  for (; i < size && !found; i++) {
    const Node *n = gnode(t, i - array);
    if (isempty(gval(n))) continue;
    getnodekey(L, s2v(key), n);
    setobj2s(L, key + 1, gval(n));
    found = 1;
  }
  moonlet_owe((i - from - (unsigned int)found) >> 3);
  return found;
}

/* As luaO_str2num, which reads all of a string that is mostly space, and answers its size with the NUL if it is a number. */
size_t moonlet_str2num(const char *text, TValue *number) {
  size_t size = luaO_str2num(text, number);
  moonlet_owe((size != 0 ? size - 1 : __builtin_strlen(text)) >> 2);
  return size;
}

/* As strtod. */
double moonlet_strtod(const char *text, char **end) {
  char *stop;
  double number = strtod(text, &stop);
  moonlet_owe(8 + ((stop - text) >> 4) + (ptrdiff_t)(moonlet_work() >> 3));
  if (end != NULL) *end = stop;
  return number;
}

static int exponent(double number) {
  unsigned long long bits;
  memcpy(&bits, &number, sizeof(bits));
  return (int)(bits >> 52 & 0x7ff);
}

/* As fmod, a long division. */
double moonlet_fmod(double a, double b) {
  int bits = exponent(a) - exponent(b);
  if (bits > 32) moonlet_owe(bits >> 5);
  return fmod(a, b);
}

/* As strcmp, which the C locale's strcoll is. A comparison calls it for each part that a NUL ends, however short. */
int moonlet_strcoll(const char *a, const char *b) {
  size_t i = 0;
  while (a[i] != '\0' && a[i] == b[i]) i++;
  moonlet_owe(1 + (i >> 3));
  return (unsigned char)a[i] - (unsigned char)b[i];
}

/* As luaH_getshortstr, which charges each step. */
#if LUA_VERSION_NUM == 504
#define find_short_string moonlet_getshortstr
#define find_far_string luaH_getshortstr
#else
#define find_short_string moonlet_Hgetshortstr
#define find_far_string luaH_Hgetshortstr
#endif
const TValue *find_short_string(Table *t, TString *key) {
  static const TValue absent = {ABSTKEYCONSTANT};
  Node *node = gnode(t, lmod(key->hash, sizenode(t)));
  int steps;
  for (steps = 0; steps < 4; steps++) {
    if (keyisshrstr(node) && eqshrstr(keystrval(node), key)) return gval(node);
    if (gnext(node) == 0) return &absent;
    node += gnext(node);
  }
  return find_far_string(t, key);
}
#if LUA_VERSION_NUM == 504
const TValue *moonlet_getstr(Table *t, TString *key) {
  return key->tt == LUA_VSHRSTR ? find_short_string(t, key) : luaH_getstr(t, key);
}

const TValue *moonlet_get_field(Table *t, const TValue *key) {
  return ttisshrstring(key) ? find_short_string(t, tsvalue(key)) : luaH_get(t, key);
}
#else
lu_byte moonlet_getshortstr(Table *t, TString *key, TValue *result) {
  const TValue *value = find_short_string(t, key);
  if (!ttisnil(value)) {
    setobj(((lua_State *)NULL), result, value);
  }
  return ttypetag(value);
}

lu_byte moonlet_get_field(Table *t, const TValue *key, TValue *result) {
  return ttisshrstring(key) ? moonlet_getshortstr(t, tsvalue(key), result) : luaH_get(t, key, result);
}

int moonlet_psetshortstr(Table *t, TString *key, TValue *value) {
  TValue *slot = (TValue *)find_short_string(t, key);
  if (ttisnil(slot)) return luaH_psetshortstr(t, key, value);
  setobj(((lua_State *)NULL), slot, value);
  return HOK;
}

int moonlet_set_field(Table *t, const TValue *key, TValue *value) {
  return ttisshrstring(key) ? moonlet_psetshortstr(t, tsvalue(key), value) : luaH_pset(t, key, value);
}
#endif

/* Charges for the strings that share the place of a short string which was just looked for, beyond the first eight. */
TString *moonlet_pay_place(lua_State *L, TString *string) {
  const stringtable *strings = &G(L)->strt;
  const TString *other = strings->hash[lmod(string->hash, strings->size)];
  int passed = 0;
  for (; other != NULL; other = other->u.hnext) passed++;
  if (passed > 8) moonlet_owe(passed - 8);
  return string;
}

/* As luaF_getlocalname, which looks through a list. */
const char *moonlet_getlocalname(const Proto *f, int number, int pc) {
  moonlet_owe(f->sizelocvars >> 2);
  return luaF_getlocalname(f, number, pc);
}

/* Varargs by the thousand move in one instruction. */
#if LUA_VERSION_NUM == 504
void moonlet_getvarargs(lua_State *L, CallInfo *ci, StkId where, int wanted) {
  moonlet_owe((wanted < 0 ? ci->u.l.nextraargs : wanted) >> 3);
  luaT_getvarargs(L, ci, where, wanted);
}
#else
void moonlet_getvarargs(lua_State *L, CallInfo *ci, StkId where, int wanted, int table) {
  ptrdiff_t place = savestack(L, where);
  luaT_getvarargs(L, ci, where, wanted, table);
  /* Where a table has them, only it knows how many there are. */
  moonlet_owe((wanted < 0 ? L->top.p - restorestack(L, place) : wanted) >> 3);
}
#endif

/* As lua_getstack, which walks to the level. */
int moonlet_getstack(lua_State *L, int level, lua_Debug *ar) {
  if (level > 0) moonlet_owe(level >> 3);
  return lua_getstack(L, level, ar);
}

/* As luaF_findupval, charged by the open upvalues passed over. */
UpVal *moonlet_findupval(lua_State *L, StkId level) {
  size_t steps = 0;
  UpVal *p = L->openupval;
  for (; p != NULL && uplevel(p) > level; p = p->u.open.next) steps++;
  moonlet_owe(steps >> 2);
  return p != NULL && uplevel(p) == level ? p : luaF_findupval(L, level);
}

void moonlet_poscall(lua_State *L, CallInfo *ci, int results) {
  moonlet_owe(results >> 3);
  luaD_poscall(L, ci, results);
}

/* As luaT_gettm, which lvm.c calls at each step along a chain of __index. */
const TValue *moonlet_gettm(Table *events, TMS event, TString *name) {
  moonlet_owe(1);
  return luaT_gettm(events, event, name);
}

/* As luaT_gettmbyobj, which ldo.c calls for what is no function. */
const TValue *moonlet_gettmbyobj(lua_State *L, const TValue *o, TMS event) {
  moonlet_charge(L, (L->top.p - L->ci->func.p) >> 3);
  return luaT_gettmbyobj(L, o, event);
}

/* As luaX_next: one token of the parser. */
void moonlet_next_token(LexState *ls) {
  moonlet_charge(ls->L, 2);
  luaX_next(ls);
}

#endif

#if LUA_VERSION_NUM != 504
/* As lua_pushexternalstring, but owns the string before anything is raised. */
const char *moonlet_pushexternalstring(lua_State *L, const char *text, size_t length, lua_Alloc release, void *ud) {
  TString *string;
  lua_lock(L);
  string = luaS_newextlstr(L, (char *)text, length, release, ud);
  setsvalue2s(L, L->top.p, string);
  L->top.p++;
  luaC_checkGC(L);
  lua_unlock(L);
  return getstr(string);
}
#endif

/* luaC_checkfinalizer looks for the object in the list of all objects, where an old one stands far behind. A finalizer of a
   table is left out when the host said so; userdata, which only the libraries make, keep theirs. */
void moonlet_checkfinalizer(lua_State *L, GCObject *o, Table *mt) {
  global_State *g = G(L);
  if (!moonlet_finalizers && o->tt == LUA_VTABLE) return;
  if (!tofinalize(o) && gfasttm(g, mt, TM_GC) != NULL) {
    size_t steps = 0;
    GCObject *p;
    for (p = g->allgc; p != o && p != NULL; p = p->next) steps++;
    moonlet_owe(steps >> 1);
  }
  luaC_checkfinalizer(L, o, mt);
}
