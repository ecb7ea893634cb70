/* Every way in which our Lua differs from a plain build of the same C files. lua.h includes this header (LUA_USER_H)
   after each file has defined its own name (lvm_c, lapi_c, ...), so one header can treat each file differently.
   The functions named moonlet_* stand in src/lua_guard.c and src/alloc.rs, lua_try and lua_throw in src/lua_try.s. */
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
extern void moonlet_unwind(struct lua_State *L); /* src/suspend.c */
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

/* --- The budget (src/budget.c). moonlet_fuel counts down at each VM instruction and API call, and by the work that
   library functions do between them. Below zero moonlet_tick raises, or grants more; a run that is being stopped gets none,
   so no pcall, handler, __close or coroutine of the script can go on. */

extern long long moonlet_fuel;
extern void moonlet_tick(struct lua_State *L) __attribute__((cold));
extern _Noreturn void moonlet_exit(struct lua_State *L, int code);

/* Lua's internal tests check that who throws holds the lock. */
#define moonlet_hold(L) ((void)0)

#if defined(MOONLET_UNMETERED)
/* For make bench: the same module without a budget. */
#define moonlet_charge(L, units) ((void)(units))
#define moonlet_owe(units) ((void)(units))
#define lua_lock(L) ((void)0)
#define lua_unlock(L) ((void)0)
#else

#define moonlet_charge(L, units) \
  ((void)(__builtin_expect((moonlet_fuel -= (long long)(units)) < 0, 0) ? moonlet_tick(L) : (void)0))
/* Where nothing can be raised; the next instruction or API call sees it. */
#define moonlet_owe(units) ((void)(moonlet_fuel -= (long long)(units)))

#if defined(ldo_c) || defined(moonlet_suspend_c) || defined(moonlet_budget_c)
/* lua_resume and lua_yieldk are a suspension's own way, which must cost the script nothing; in budget.c a new string must
   not be lost to an error before it owns its bytes. */
#define lua_lock(L) ((void)0)
#else
#define lua_lock(L) moonlet_charge(L, 1)
#endif
#define lua_unlock(L) ((void)0)

#if defined(lvm_c)
/* Of all l_unlikely tests in lvm.c only that of vmfetch is spelled `trap`, and one where a function is entered, which so
   takes a unit too; the comparison folds at compile time. */
#undef luai_unlikely
#define luai_unlikely(x)                                                                                            \
  __builtin_expect((sizeof(#x) == sizeof("trap") && __builtin_memcmp(#x, "trap", sizeof(#x)) == 0 && \
                    --moonlet_fuel < 0) |                                                                           \
                       ((x) != 0),                                                                                  \
                   0)
#define luaG_traceexec(L, pc) moonlet_traceexec(L, moonlet_trap_##pc)
#define moonlet_trap_const int trap, const
#define moonlet_trap_pc trap, pc
#define luaG_tracecall moonlet_tracecall
/* Values by the thousand move in one instruction. */
#define luaT_getvarargs moonlet_getvarargs
#define luaD_poscall moonlet_poscall
/* One step along a chain of __index or __newindex. */
#define luaT_gettm moonlet_gettm
/* Upvalues that are open stand in a list. */
#define luaF_findupval moonlet_findupval
#define strcoll moonlet_strcoll
extern int moonlet_strcoll(const char *a, const char *b);
#endif

#if defined(lvm_c) || defined(lapi_c)
#define luaO_str2num moonlet_str2num
#endif

#if defined(lapi_c)
#define luaH_next moonlet_table_next
#endif

/* An object to call may stand in for another one, and so on; each of them moves the arguments up. */
#if defined(ldo_c)
#define luaT_gettmbyobj moonlet_gettmbyobj
#endif

/* A number is written out. */
#if defined(lobject_c)
#include <stdio.h>
#define snprintf(...) (moonlet_owe(8), snprintf(__VA_ARGS__))
#endif

/* Some calls are charged by wrapping a static function. Its definition must stay as it is: the name of its first
   argument's type, pasted, stands for itself there. */
#if defined(ltable_c)
/* findindex also gets a name that budget.c can call. */
#define findindex(l, t, k, n) moonlet_findindex_##l, t, k, n)
#define moonlet_findindex_L moonlet_findindex(L
#define moonlet_findindex_lua_State                                        \
  moonlet_no_index(void) __attribute__((unused)); \
  unsigned int moonlet_findindex(lua_State
#endif

/* Keys of weak tables that depend on each other are gone through again and again, in one step that nothing can end.
   Once the fuel is used up such a table counts as a strong one, for this collection: what it holds lives until the next. */
#if defined(lgc_c)
#define traverseephemeron(g, h, inverted) moonlet_ephemeron_##g, h, inverted)
#define moonlet_ephemeron_global_State (traverseephemeron)(global_State
#define moonlet_ephemeron_g moonlet_ephemeron(g
#define moonlet_ephemeron(g, h, inverted)                                    \
  (moonlet_owe(8 + (sizenode(h) >> 1)),                                      \
   moonlet_exhausted() ? (traversestrongtable(g, h), 1) : (traverseephemeron)(g, h, inverted))
extern int moonlet_exhausted(void);
#endif

#if defined(lstring_c)
#define memcmp(a, b, n) (moonlet_owe((n) >> 6), __builtin_memcmp(a, b, n))
#endif

#if defined(lstrlib_c)
/* One step of a match, and the search for where a set ends that went before it, even at the end of the subject. */
#define singlematch(ms, s, p, ep) singlematch(moonlet_match_##ms, s, p, ep)
#define moonlet_match_MatchState MatchState
#define moonlet_match_ms (moonlet_charge(ms->L, 1 + ((ep - p) >> 3)), ms)
#undef luai_unlikely
#define luai_unlikely(x)                                                                                       \
  __builtin_expect((sizeof(#x) == sizeof("ms->matchdepth-- == 0") &&                                           \
                            __builtin_memcmp(#x, "ms->matchdepth-- == 0", sizeof(#x)) == 0                     \
                        ? (void)(moonlet_fuel--)                                                               \
                        : (void)0,                                                                             \
                    (x) != 0),                                                                                 \
                   0)
/* A set is looked through for each character, for %f[set] without such a step. */
#define matchbracketclass(c, p, ec) matchbracketclass(c, moonlet_set_##p, ec)
#define moonlet_set_const const
#define moonlet_set_p (moonlet_charge(ms->L, (ep - p) >> 3), p)
/* %b(): paid for once it is known how far it went. */
#define matchbalance(ms, s, p) moonlet_balance_##ms, s, p)
#define moonlet_balance_MatchState (matchbalance)(MatchState
#define moonlet_balance_ms moonlet_balance(ms
#define moonlet_balance(ms, s, p) moonlet_pay_balance(ms->L, s, (matchbalance)(ms, s, p), ms->src_end)
static inline const char *moonlet_pay_balance(struct lua_State *L, const char *start, const char *found, const char *end) {
  moonlet_charge(L, ((found != 0 ? found : end) - start) >> 4);
  return found;
}
/* string.find without a pattern. */
#define lmemfind(s1, l1, s2, l2) lmemfind(moonlet_find_##s1, l1, s2, l2)
#define moonlet_find_const const
#define moonlet_find_s (moonlet_begin_find(L), s)
#define memchr(s, c, n) moonlet_memchr_##s, c, n)
#define moonlet_memchr_s1 moonlet_memchr(s1
#define moonlet_memchr_news memchr(news
#define moonlet_memchr_buff memchr(buff
extern void moonlet_begin_find(struct lua_State *L);
extern const void *moonlet_memchr(const void *s, int c, __SIZE_TYPE__ n);
#define memcmp(a, b, n) (moonlet_owe(1 + ((n) >> 6)), __builtin_memcmp(a, b, n))
#define nospecials(p, l) nospecials(moonlet_plain_##p, l)
#define moonlet_plain_const const
#define moonlet_plain_p (moonlet_charge(L, lp >> 4), p)
/* string.pack: one option of the format. */
#define getoption(h, format, size) getoption(moonlet_option_##h, format, size)
#define moonlet_option_Header Header
#define moonlet_option_h (moonlet_charge(h->L, 1), h)
/* string.rep copies as often as it is told, if only nothing. */
#define memcpy(to, from, n) memcpy(moonlet_copy_##to, from, n)
#define moonlet_copy_p (moonlet_charge(L, 1), p)
#define moonlet_copy_dest dest
#define moonlet_copy_form form
#define strlen(s) moonlet_strlen(s)
extern __SIZE_TYPE__ moonlet_strlen(const char *s);
#endif

#if defined(lutf8lib_c)
#define utf8_decode(s, code, strict) utf8_decode(moonlet_decode_##s, code, strict)
#define moonlet_decode_const const
#define moonlet_decode_s (moonlet_charge(L, 1), s)
#endif

/* Depths of the call stack are walked to. */
#if defined(ldblib_c) || defined(lauxlib_c)
#define lua_getstack moonlet_getstack
#endif

/* The parser pays for each token, and where it walks along lists: jumps that wait for their target, labels, names of
   variables. */
#if defined(lparser_c)
#define luaX_next moonlet_next_token
#define searchvar(fs, n, var) searchvar(moonlet_names_##fs, n, var)
#define moonlet_names_FuncState FuncState
#define moonlet_names_fs (moonlet_charge(fs->ls->L, (fs->nactvar + fs->nups) >> 3), fs)
#define findlabel(ls, ...) findlabel(moonlet_labels_##ls, __VA_ARGS__)
#define moonlet_labels_LexState LexState
#define moonlet_labels_ls (moonlet_charge(ls->L, (ls->dyd->label.n + ls->dyd->gt.n) >> 3), ls)
#if LUA_VERSION_NUM == 504
#define solvegoto(ls, ...) solvegoto(moonlet_labels_##ls, __VA_ARGS__)
#endif
#endif
#if defined(lcode_c)
#define getjump(fs, pc) getjump(moonlet_jump_##fs, pc)
#define moonlet_jump_FuncState FuncState
#define moonlet_jump_fs (moonlet_charge(fs->ls->L, 1), fs)
#endif

#if defined(lauxlib_c)
#define fread(to, size, n, f) (moonlet_owe((n) >> 3), fread(to, size, n, f))
#endif

/* Names of files are looked up in chains, and a write beyond a file's end fills the gap (libc_shim::filesystem). */
#if defined(liolib_c) || defined(loslib_c) || defined(loadlib_c) || defined(lauxlib_c)
#include <stdio.h>
#define moonlet_paid_lookup(call)            \
  __extension__({                            \
    __typeof__(call) result_ = (call);       \
    moonlet_owe(moonlet_lookup_work() >> 3); \
    result_;                                 \
  })
extern __SIZE_TYPE__ moonlet_lookup_work(void);
#define fopen(name, mode) moonlet_paid_lookup(fopen(name, mode))
#define freopen(name, mode, f) moonlet_paid_lookup(freopen(name, mode, f))
#define remove(name) moonlet_paid_lookup(remove(name))
#define rename(from, to) moonlet_paid_lookup(rename(from, to))
#define tmpnam(to) moonlet_paid_lookup(tmpnam(to))
#endif

#if defined(liolib_c)
#define fread(to, size, n, f) (moonlet_owe((n) >> 6), fread(to, size, n, f))
#define fwrite(from, size, n, f) (moonlet_owe((n) >> 6), moonlet_paid_lookup(fwrite(from, size, n, f)))
/* Spaces before a number. */
#include <ctype.h>
#define isspace(c) (moonlet_charge(L, 1), isspace(c))
#endif

#endif

/* --- Suspension (src/suspend.c): a thread that goes on after one keeps its count of C levels. */

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

/* Room for struct moonlet_thread (src/moonlet.h). */
#undef LUA_EXTRASPACE
#define LUA_EXTRASPACE 16

/* A chunk is read piece by piece, so that a long one pays as it goes (src/library.c). */
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

/* --- Output: print stands in src/library.c; the plain one, which nothing calls, needs no code. What does not fit the
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

#define lua_getlocaledecpoint() '.'

#undef LUA_PATH_DEFAULT
#define LUA_PATH_DEFAULT "./?.lua;./?/init.lua"
#undef LUA_CPATH_DEFAULT
#define LUA_CPATH_DEFAULT "./?.so"

#endif
