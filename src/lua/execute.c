/* lvm.c's interpreter stands in the module twice. Engines keep what a function has in registers only as long as it calls nobody and is
   not too large: moonlet_execute_leaf (leaf.c) is made of the same lvm.c without its calls, and runs nearly all instructions of nearly
   all scripts. It asks for a call by coming back with moonlet_exit_record: moonlet_execute_most makes the call and lets it go on. What it
   cannot do it leaves to moonlet_execute_all, which executes one instruction and lets it go on. */
#define LUA_CORE
#define moonlet_execute_c

#include "lprefix.h"

#include "lua.h"

#include "ldebug.h"
#include "ldo.h"
#include "lfunc.h"
#include "lgc.h"
#include "lmem.h"
#include "lobject.h"
#include "lopcodes.h"
#include "lstate.h"
#include "lstring.h"
#include "ltable.h"
#include "ltm.h"
#include "lvm.h"

#include "execute.h"
#include "moonlet.h"

struct moonlet_exit_record moonlet_exit_record;

TValue moonlet_kept_key;

/* The names of types, by type (intrinsics.h). */
TString *moonlet_type_names[LUA_NUMTYPES];

/* Names that are no reserved words stay as those do. */
void moonlet_name_types(lua_State *L) {
  int type;
  for (type = 0; type < LUA_NUMTYPES; type++) {
    GCObject *name = obj2gco(luaS_new(L, ttypename(type)));
    if (G(L)->allgc == name) luaC_fix(L, name);
    moonlet_type_names[type] = gco2ts(name);
  }
}

/* charges.c, leaf.c */
#if defined(MOONLET_UNMETERED)
#define moonlet_getvarargs luaT_getvarargs
#define moonlet_poscall luaD_poscall
#else
extern void moonlet_poscall(lua_State *L, CallInfo *ci, int results);
#if LUA_VERSION_NUM == 504
extern void moonlet_getvarargs(lua_State *L, CallInfo *ci, StkId to, int wanted);
#else
extern void moonlet_getvarargs(lua_State *L, CallInfo *ci, StkId to, int wanted, int table);
#endif
#endif
extern void moonlet_pushclosure(lua_State *L, Proto *p, UpVal **upvals, StkId base, StkId to);

/* lvm.c's checkGC, with the unit that an API function takes. */
static void check_gc(lua_State *L, StkId top) {
  luaC_condGC(L, L->top.p = top, (void)0);
  moonlet_charge(L, 1);
}

/* The parts of a new table: as luaH_resize, which first looks at those that it had, where they are small. */
static void make_parts(lua_State *L, Table *t, unsigned int array, unsigned int hash) {
  unsigned int i;
  if (hash > 4 || array > 64) {
    luaH_resize(L, t, array, hash);
    return;
  }
  if (hash != 0) {
    unsigned int log = (unsigned int)luaO_ceillog2(hash), size = twoto(log);
    Node *nodes = luaM_newvector(L, size, Node);
    moonlet_owe(size); /* as [key-steps] has it */
    for (i = 0; i < size; i++) {
      gnext(nodes + i) = 0;
      setnilkey(nodes + i);
      setempty(gval(nodes + i));
    }
    t->node = nodes;
    t->lsizenode = cast_byte(log);
#if LUA_VERSION_NUM == 504
    t->lastfree = nodes + size;
#else
    setnodummy(t);
#endif
  }
  if (array != 0) {
#if LUA_VERSION_NUM == 504
    t->array = luaM_newvector(L, array, TValue);
    t->alimit = array;
    for (i = 0; i < array; i++) setempty(t->array + i);
#else
    t->array = (Value *)(void *)luaM_newvector(L, array * (sizeof(Value) + 1) + sizeof(unsigned), lu_byte) + array;
    t->asize = array;
    *lenhint(t) = array / 2;
    for (i = 0; i < array; i++) *getArrTag(t, i) = LUA_VEMPTY;
#endif
  }
}

static void make_table(lua_State *L, StkId to, unsigned int hash, unsigned int array) {
  Table *t;
  L->top.p = to + 1; /* for an emergency collection */
  t = luaH_new(L);
  sethvalue2s(L, to, t);
  make_parts(L, t, array, hash);
  check_gc(L, to + 1);
}

#if LUA_VERSION_NUM == 504
#define set_key(L, node, key) setnodekey(L, node, key)
#define is_absent(slot) ((slot) != 0 && isabstkey((const TValue *)(slot)))
#else
#define set_key(L, node, key) setnodekey(node, key)
#define is_absent(found) ((int)(found) == HNOTFOUND)
#endif

/* Gives a table a name that it does not have where its place is free, as luaV_finishset would; whether it could. */
static int add_name(lua_State *L, const TValue *t, const TValue *name, const TValue *value) {
  Table *h = ttistable(t) ? hvalue(t) : NULL;
  Node *node;
  if (h == NULL || h->metatable != NULL || isdummy(h) || !ttisshrstring(name) || ttisnil(value)) return 0;
  node = gnode(h, lmod(tsvalue(name)->hash, sizenode(h)));
  if (!isempty(gval(node))) return 0;
  set_key(L, node, name);
  setobj2t(L, gval(node), value);
  invalidateTMcache(h);
  luaC_barrierback(L, obj2gco(h), name);
  luaC_barrierback(L, obj2gco(h), value);
  return 1;
}

static void make_closure(lua_State *L, Proto *p, UpVal **upvals, StkId base, StkId to) {
  moonlet_pushclosure(L, p, upvals, base, to);
  check_gc(L, to + 1);
}

#if LUA_VERSION_NUM == 504
#define set_wanted(ci, results) ((ci)->nresults = (short)(results), (ci)->callstatus = CIST_C)
#define wants(ci, results) ((ci)->nresults == (results))
#else
#define set_wanted(ci, results) ((ci)->callstatus = cast_uint((results) + 1) | CIST_C)
#define wants(ci, results) (((ci)->callstatus & (CIST_TBC | CIST_NRESULTS)) == cast_uint((results) + 1))
#endif

#define is_c_function(o) (ttislcf(o) || ttisCclosure(o))

/* As luaD_precall, without its steps for what is rare: a C function that is asked for few results, where there is room and no hook. A call less
   where most come from. */
static inline __attribute__((always_inline)) void call_here(lua_State *L, StkId function, int results) {
  const TValue *called = s2v(function);
  CallInfo *ci = L->ci->next;
  int count;
  if ((unsigned)results > 3 || !is_c_function(called) || ci == NULL ||
      L->stack_last.p - L->top.p <= LUA_MINSTACK) {
    luaD_precall(L, function, results);
    return;
  }
  ci->func.p = function;
  set_wanted(ci, results);
  ci->top.p = L->top.p + LUA_MINSTACK;
  L->ci = ci;
  lua_unlock(L);
  count = (ttislcf(called) ? fvalue(called) : clCvalue(called)->f)(L);
  lua_lock(L);
  if (L->hookmask || !wants(ci, results)) {
    luaD_poscall(L, ci, count);
    return;
  }
  function = ci->func.p;
  if (results > 0) {
    StkId from = L->top.p - count;
    int result = 0;
    do {
      if (result < count) {
        setobjs2s(L, function + result, from + result);
      }
      else
        setnilvalue(s2v(function + result));
    } while (++result < results);
  }
  L->top.p = function + results;
  L->ci = ci->previous;
}

static void call(lua_State *L, StkId function, int results) {
  call_here(L, function, results);
}

#if LUA_VERSION_NUM == 504
#define get_name luaH_getshortstr
#else
#define get_name luaH_Hgetshortstr
#endif

extern int moonlet_next(lua_State *L);

/* Does what `next` does with a table and a name in it that it is called for, and takes as many units: its functions of the API, and the places that
   are passed over. Whether it could. leaf.h does so for arrays. */
static int next_name(lua_State *L, StkId function, int results) {
  const TValue *called = s2v(function), *name = s2v(function + 2);
  const Node *place, *end;
  Table *t;
  long long fuel = moonlet_fuel;
  int passed = 0;
  if (results != 2 || !ttislcf(called) || fvalue(called) != moonlet_next || !ttistable(s2v(function + 1)) || !ttisshrstring(name))
    return 0;
  t = hvalue(s2v(function + 1));
  place = (const Node *)get_name(t, tsvalue(name));
  if (isabstkey(gval(place))) { /* no error in a function that was not called */
    moonlet_fuel = fuel;
    return 0;
  }
  for (end = gnode(t, sizenode(t)); ++place != end && isempty(gval(place));) passed++;
  moonlet_owe((place == end ? 3 : 2) + (passed >> 3));
  if (place == end) {
    setnilvalue(s2v(function));
    setnilvalue(s2v(function + 1));
  }
  else {
    getnodekey(L, s2v(function), place);
    setobj2s(L, function + 1, gval(place));
  }
  return 1;
}

#if LUA_VERSION_NUM == 504
#define set_fresh(ci) ((ci)->callstatus = CIST_FRESH)
#else
#define set_fresh(ci) ((ci)->callstatus |= CIST_FRESH)
#endif

/* As luaD_call. */
static inline __attribute__((always_inline)) void call_function(lua_State *L, StkId function, int results) {
  if (getCcalls(L) >= LUAI_MAXCCALLS - 1 || L->hookmask) {
    luaD_call(L, function, results);
    return;
  }
  L->nCcalls++;
  if (is_c_function(s2v(function)))
    call(L, function, results);
  else {
    CallInfo *ci = luaD_precall(L, function, results);
    if (ci != NULL) {
      set_fresh(ci);
      luaV_execute(L, ci);
    }
  }
  L->nCcalls--;
}

/* As lua_callk, for a fixed number of results. */
void moonlet_opaque_callk(lua_State *L, int arguments, int results, lua_KContext context, lua_KFunction k) {
  moonlet_thread(L)->is_opaque = 1;
  if (!yieldable(L)) {
    lua_callk(L, arguments, results, context, k);
    return;
  }
  moonlet_charge(L, 1); /* as an API function */
  lua_lock(L);
  L->ci->u.c.k = k;
  L->ci->u.c.ctx = context;
  call_function(L, L->top.p - (arguments + 1), results);
  lua_unlock(L);
}

/* A C function in tail position, and the return of the function that calls it; whether that is the one which luaV_execute was called for. */
static int tail_call(lua_State *L, StkId function, int arguments) {
  CallInfo *ci = L->ci;
  const Instruction i = ci->u.l.savedpc[-1];
  int delta = GETARG_C(i) != 0 ? ci->u.l.nextraargs + GETARG_C(i) : 0; /* as lvm.c has it */
  int results = luaD_pretailcall(L, ci, function, arguments, delta);
  ci->func.p -= delta;
  moonlet_poscall(L, ci, results);
  return ci->callstatus & CIST_FRESH;
}

#define get_stack(x) ((StkId)record->x)
#define get_value(x) ((TValue *)record->x)

/* Does what is asked for; whether luaV_execute has finished with it. */
static int call_out(lua_State *L) {
  const struct moonlet_exit_record *record = &moonlet_exit_record;
  switch (record->exit) {
    case MOONLET_FINISHED:
    case MOONLET_LEFT:
    case MOONLET_CALL: break; /* moonlet_execute_most's */
    case MOONLET_TAILCALL: return tail_call(L, get_stack(a), (int)record->b);
#if LUA_VERSION_NUM == 504
    case MOONLET_GET: luaV_finishget(L, get_value(a), get_value(b), get_stack(c), get_value(d)); break;
    case MOONLET_SET:
      if (!is_absent(record->d) || !add_name(L, get_value(a), get_value(b), get_value(c)))
        luaV_finishset(L, get_value(a), get_value(b), get_value(c), get_value(d));
      break;
    case MOONLET_VARARGS: moonlet_getvarargs(L, L->ci, get_stack(a), (int)record->b); break;
    case MOONLET_ADJUST: luaT_adjustvarargs(L, (int)record->a, L->ci, (Proto *)record->b); break;
#else
    case MOONLET_GET: luaV_finishget(L, get_value(a), get_value(b), get_stack(c), (lu_byte)record->d); break;
    case MOONLET_SET:
      if (!is_absent(record->d) || !add_name(L, get_value(a), get_value(b), get_value(c)))
        luaV_finishset(L, get_value(a), get_value(b), get_value(c), (int)record->d);
      break;
    case MOONLET_VARARGS: moonlet_getvarargs(L, L->ci, get_stack(a), (int)record->b, (int)record->c); break;
    case MOONLET_ADJUST: luaT_adjustvarargs(L, L->ci, (Proto *)record->b); break;
#endif
    case MOONLET_LEN: luaV_objlen(L, get_stack(a), get_value(b)); break;
    case MOONLET_CONCAT:
      luaV_concat(L, (int)record->a);
      check_gc(L, L->top.p);
      break;
    case MOONLET_TABLE: make_table(L, get_stack(a), record->b, record->c); break;
    case MOONLET_CLOSURE:
      make_closure(L, (Proto *)record->a, (UpVal **)record->b, get_stack(c), get_stack(d));
      break;
    case MOONLET_ITERATE:
      if (!next_name(L, get_stack(a), (int)record->b)) call_function(L, get_stack(a), (int)record->b);
      moonlet_owe(-1); /* lvm.c goes on to the next instruction without fetching it */
      break;
    case MOONLET_BARRIER: luaC_barrier_(L, (GCObject *)record->a, (GCObject *)record->b); break;
    case MOONLET_BARRIER_BACK: luaC_barrierback_(L, (GCObject *)record->a); break;
    case MOONLET_BINARY: luaT_trybinTM(L, get_value(a), get_value(b), get_stack(c), (TMS)record->d); break;
    case MOONLET_BINARY_INTEGER:
      luaT_trybiniTM(L, get_value(a), (int)record->b >> 1, (int)record->b & 1, get_stack(c), (TMS)record->d);
      break;
    case MOONLET_BINARY_CONSTANT:
      luaT_trybinassocTM(L, get_value(a), get_value(b), (int)record->d & 1, get_stack(c), (TMS)(record->d >> 1));
      break;
  }
  return 0;
}

int moonlet_execute_most(lua_State *L, CallInfo *ci) {
  for (;;) {
    moonlet_execute_leaf(L, ci);
    if (moonlet_exit_record.exit <= MOONLET_LEFT) return moonlet_exit_record.exit;
    if (moonlet_exit_record.exit == MOONLET_CALL) /* most are */
      call_here(L, (StkId)moonlet_exit_record.a, (int)moonlet_exit_record.b);
    else if (call_out(L))
      return MOONLET_FINISHED;
    ci = L->ci;
    if (l_unlikely(ci->u.l.trap | L->hookmask)) return MOONLET_LEFT;
  }
}

void luaV_execute(lua_State *L, CallInfo *ci) {
  if (moonlet_fuel > 0 && !L->hookmask) {
    if (moonlet_execute_most(L, ci) == MOONLET_FINISHED) return;
    ci = L->ci;
  }
  moonlet_execute_all(L, ci);
}
