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
   itself unwinds to its base; an error in a thread without a handler goes to the main thread's). */
extern const void *moonlet_target;
#define LUAI_THROW(L, c) (moonlet_target = (c), lua_throw())
#define MOONLET_TRY(L, c, f, ud) \
  if (lua_try(f, L, ud) && moonlet_target != (c)) lua_throw()
#if LUA_VERSION_NUM == 504
#define LUAI_TRY(L, c, a) MOONLET_TRY(L, c, f, ud)
#define luai_jmpbuf int
#else
#define LUAI_TRY(L, c, f, ud) MOONLET_TRY(L, c, f, ud)
#endif

/* --- Stopping a run (os.exit): while moonlet_interrupt is set, the next instruction or API call raises again, so
   no pcall, handler, __close or coroutine of the script can swallow it. */

extern int moonlet_interrupt;
extern void moonlet_raise(struct lua_State *L);
extern _Noreturn void moonlet_exit(struct lua_State *L, int code);

#if defined(lvm_c)
/* Of all l_unlikely tests in lvm.c only that of vmfetch is spelled `trap`; the comparison folds at compile time. */
#undef luai_unlikely
#define luai_unlikely(x)                                                                  \
  __builtin_expect(((x) != 0) || (sizeof(#x) == sizeof("trap") &&                         \
                                  __builtin_memcmp(#x, "trap", sizeof(#x)) == 0 &&        \
                                  moonlet_interrupt != 0),                                \
                   0)
#define luaG_traceexec moonlet_traceexec
#endif

#define lua_lock(L) ((void)(__builtin_expect(moonlet_interrupt, 0) ? moonlet_raise(L) : (void)0))
#define lua_unlock(L) ((void)0)

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
#define realloc(block, size) moonlet_reallocate(block, osize, size)
#define free(block) moonlet_release(block, osize)
/* The finalizer of a string buffer gives its memory back also while a run is being stopped. */
#define lua_getallocf moonlet_getallocf
#endif

/* --- Output: what does not fit the output buffer is an error. */

#if defined(lbaselib_c)
extern void moonlet_print(struct lua_State *L, const char *string, __SIZE_TYPE__ length);
#undef lua_writestring
#define lua_writestring(s, l) moonlet_print(L, s, l)
#define lua_writeline() moonlet_print(L, "\n", 1)
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
