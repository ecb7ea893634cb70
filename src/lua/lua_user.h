/* Every way in which our Lua differs from a plain build of the same C files. lua.h includes this header (LUA_USER_H)
   after each file has defined its own name (lvm_c, lapi_c, ...), so one header can treat each file differently.
   The functions named moonlet_* stand in src/lua/guard.c and src/bytes/alloc.rs, lua_try and lua_throw in src/lua/lua_try.s. */
#ifndef MOONLET_LUA_USER_H
#define MOONLET_LUA_USER_H

struct lua_State;

/* --- Errors: a tag, a throw and a try_table instead of setjmp and longjmp; lower-eh turns them into plain branches. */

typedef void (*moonlet_protected)(struct lua_State *L, void *ud);
extern int lua_try(moonlet_protected f, struct lua_State *L, void *ud);
extern _Noreturn void lua_throw(void);

/* lua_try catches at the innermost level, and raises again when another one is meant (in 5.5 a coroutine that closes
   itself unwinds to its base; an error in a thread without a handler goes to that of the task's thread). */
extern const void *moonlet_target;
extern void moonlet_unwind(struct lua_State *L); /* src/lua/suspend.c */
extern int moonlet_redirects(struct lua_State *L);
extern _Noreturn void moonlet_redirect(struct lua_State *L, int status);
#define LUAI_THROW(L, c)                      \
  do {                                        \
    if (moonlet_redirects(L)) {               \
      int status = (c)->status;               \
      (c)->status = 0; /* nothing happens to it */ \
      moonlet_redirect(L, status);            \
    }                                         \
    moonlet_unwind(L);                        \
    moonlet_target = (c);                     \
    lua_throw();                              \
  } while (0)
#define MOONLET_TRY(L, c, f, ud) \
  if (lua_try(f, L, ud) && moonlet_target != (c)) lua_throw()
#if LUA_VERSION_NUM == 504
#define LUAI_TRY(L, c, a) MOONLET_TRY(L, c, f, ud)
#define luai_jmpbuf int
#else
#define LUAI_TRY(L, c, f, ud) MOONLET_TRY(L, c, f, ud)
#endif

#include "lua_budget.h"

/* --- Suspension (src/lua/suspend.c): a thread that goes on after one keeps its count of C levels. */

#if defined(ldo_c)
extern void moonlet_recount(struct lua_State *L);
#define luaV_finishOp moonlet_finish_operation
#define finishCcall(l, ci) finishCcall(moonlet_finish_##l, ci)
#define moonlet_finish_lua_State lua_State
#define moonlet_finish_L (moonlet_recount(L), L)
#define luaV_execute(l, ci) luaV_execute(moonlet_enter_##l, ci)
#define moonlet_enter_lua_State lua_State
#define moonlet_enter_L ((void)(moonlet_continues && (moonlet_continue(L), 0)), L)
extern int moonlet_continues;
extern void moonlet_continue(struct lua_State *L);
#endif

/* Room for struct moonlet_thread (src/lua/moonlet.h). */
#undef LUA_EXTRASPACE
#define LUA_EXTRASPACE 16

/* A chunk is read piece by piece, so that a long one pays as it goes (src/lua/library.c). */
#if defined(lbaselib_c)
#define luaL_loadbufferx moonlet_loadbufferx
extern int moonlet_loadbufferx(struct lua_State *L, const char *text, __SIZE_TYPE__ size, const char *name, const char *mode);
#endif

#if defined(loslib_c)
#define exit(code) moonlet_exit(L, code)
/* os.exit(code, true) must not destroy the persistent state: its finalizers would run outside any limit. */
#define lua_close(L) ((void)(L))
#endif

/* --- Precompiled chunks can crash an instance; they load only when the option BINARY_CHUNKS is set. Finalizers are
   left out when the option FINALIZERS is 0. */

#if defined(ldo_c)
#define luaU_undump moonlet_undump
#endif

#if defined(lapi_c)
#define luaC_checkfinalizer moonlet_checkfinalizer
#endif

/* --- Determinism: the seed is a value in memory that the host may set, and the sign and payload of a NaN, which
   engines choose differently, never reach the script. */

extern unsigned long long moonlet_seed;

/* Mixed, since 5.5 counts on a seed that is no small number: with 0, `#t` walks into a table made to mislead it. */
#define MOONLET_SEED ((unsigned int)((moonlet_seed + 0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9 >> 32))

#if LUA_VERSION_NUM == 504
#define luai_makeseed(L) MOONLET_SEED
#else
#define luai_makeseed() MOONLET_SEED
#endif

#if defined(lmathlib_c)
#define time(result) ((long long)moonlet_seed)
#endif

#if defined(lstrlib_c)
#define luaL_checknumber moonlet_checknumber
#endif

/* Lua keeps the last strings that it made from C strings, by their addresses. One on the C stack lies elsewhere after a
   suspension. */
#if defined(lapi_c)
#define luaS_new moonlet_new_string
#endif
/* Likewise the place of the constant 0.0 in the parser's table followed from where its state lies on the C stack; the function's
   own address serves as well. */
#if defined(lcode_c) && LUA_VERSION_NUM != 504
#include "lobject.h"
#undef setpvalue
#define setpvalue(value, state)             \
  do {                                      \
    (value)->value_.p = (state)->f;         \
    settt_(value, LUA_VLIGHTUSERDATA);      \
  } while (0)
#endif

/* --- posrelatI makes a size_t of a position in a string; one beyond 32 bits must not come out as a small one. The
   functions that its arguments come from are put in by name, and its definition, whose first word is lua_Integer, stays. */

#if defined(lstrlib_c)
#define posrelatI(position, length) posrelatI(moonlet_of_##position, length)
#define moonlet_of_lua_Integer lua_Integer
#define moonlet_of_luaL_checkinteger(L, arg) moonlet_position(luaL_checkinteger(L, arg))
#define moonlet_of_luaL_optinteger(L, arg, other) moonlet_position(luaL_optinteger(L, arg, other))
#define moonlet_of_pi moonlet_position(pi)
static inline long long moonlet_position(long long position) {
  return position > 0x7fffffff ? 0x7fffffff : position;
}
#endif

/* --- Keys that are made to collide must not make the growing of a table quadratic. */

#if defined(ltable_c)
#include "lua_rehash.h"
#endif

/* A chunk's name is cut at its first newline, or after so many bytes; what lies beyond them need not be looked at. */
#if defined(lobject_c)
#include <string.h>
#define strchr(s, c) ((c) == '\n' ? moonlet_newline(s) : strchr(s, c))
static inline char *moonlet_newline(const char *name) {
  const char *end = name + LUA_IDSIZE;
  for (; name < end && *name != '\0'; name++)
    if (*name == '\n') return (char *)name;
  return 0;
}
#endif

/* --- Memory: Lua knows the size of each block it gives back, so the heap keeps no sizes of its own. */

#if defined(lauxlib_c)
extern void *moonlet_reallocate(void *block, __SIZE_TYPE__ old_size, __SIZE_TYPE__ new_size);
extern void moonlet_release(void *block, __SIZE_TYPE__ size);
/* Memory that is asked for is also filled, moved and collected. */
#define realloc(block, size) moonlet_paid_reallocate(block, osize, size)
extern __SIZE_TYPE__ moonlet_heap_used(void);
static inline void *moonlet_paid_reallocate(void *block, __SIZE_TYPE__ old_size, __SIZE_TYPE__ new_size) {
  void *result = moonlet_reallocate(block, old_size, new_size);
  /* Lua collects all garbage before it gives up. */
  moonlet_owe(result != NULL ? new_size >> 5 : moonlet_heap_used() >> 5);
  return result;
}
#define free(block) moonlet_release(block, osize)
/* lua_pushexternalstring must not raise before it owns the string. */
#define lua_pushexternalstring moonlet_pushexternalstring
/* The finalizer of a string buffer gives its memory back also while a run is being stopped. */
#define lua_getallocf moonlet_getallocf
/* A warning is written piece by piece, and none is left out when a run is being stopped. */
#define lua_setwarnf moonlet_setwarnf
#endif

/* --- Output: print stands in src/lua/library.c; the plain one, which nothing calls, needs no code. What does not fit the
   output buffer elsewhere (a buffer of setvbuf, warn) is an error. */

#if defined(lbaselib_c)
#undef lua_writestring
#define lua_writestring(s, l) ((void)(s))
#define lua_writeline() ((void)0)
#endif

#if defined(liolib_c)
#define luaL_fileresult moonlet_fileresult
#endif

/* --- Limits and names */

/* The C stack is this module's own; 200 levels of the worst recursion must fit it and the engines' default stacks. */
#define LUAI_MAXCCALLS 200

/* The default of 512 bytes on the C stack, at 200 levels, would take half of a small stack for itself. The longest item of
   string.format (120 bytes) still fits without an allocation. */
#undef LUAL_BUFFERSIZE
#define LUAL_BUFFERSIZE 128

/* table.sort calls itself up to 27 deep, which LUAI_MAXCCALLS does not count: its calls of the script count for more. */
#if defined(ltablib_c)
extern void moonlet_sort_call(struct lua_State *L, int arguments, int results);
extern int moonlet_sort_compare(struct lua_State *L, int a, int b, int operation);
#define lua_callk(L, n, r, context, k) moonlet_sort_call(L, n, r)
#define lua_compare moonlet_sort_compare
#endif

#undef lua_getlocaledecpoint
#define lua_getlocaledecpoint() '.'

#undef LUA_PATH_DEFAULT
#define LUA_PATH_DEFAULT "./?.lua;./?/init.lua"
#undef LUA_CPATH_DEFAULT
#define LUA_CPATH_DEFAULT "./?.so"

#endif
