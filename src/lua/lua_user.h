/* Every way in which our Lua differs from a plain build of the same C files, charges apart (lua_budget.h). lua.h includes this header
   (LUA_USER_H) after each file has defined its own name (lvm_c, lapi_c, ...), so one header can treat each file differently.
   Each begins with its name in brackets, under which README.md lists it with the test that misses it, and ends before an empty line. */
#ifndef MOONLET_LUA_USER_H
#define MOONLET_LUA_USER_H

struct lua_State;

/* --- Errors */

/* [throw] A tag, a throw and a try_table (lua_try.s) instead of setjmp and longjmp; lower-eh turns them into plain branches. */
typedef void (*moonlet_protected)(struct lua_State *L, void *ud);
extern int lua_try(moonlet_protected f, struct lua_State *L, void *ud);
extern _Noreturn void lua_throw(void);
/* lua_try catches at the innermost level, and raises again when another one is meant (in 5.5 a coroutine that closes
   itself unwinds to its base; an error in a thread without a handler goes to that of the task's thread). */
extern const void *moonlet_target;
extern void moonlet_unwind(struct lua_State *L, int status); /* src/lua/suspend.c */
extern int moonlet_redirects(struct lua_State *L);
extern _Noreturn void moonlet_redirect(struct lua_State *L, int status);
#define LUAI_THROW(L, c)                      \
  do {                                        \
    if (moonlet_redirects(L)) {               \
      int status = (c)->status;               \
      (c)->status = 0; /* nothing happens to it */ \
      moonlet_redirect(L, status);            \
    }                                         \
    moonlet_unwind(L, (c)->status);           \
    moonlet_target = (c);                     \
    lua_throw();                              \
  } while (0)
/* What is torn down takes its message handlers along (src/lua/errors.c). */
struct moonlet_handler;
extern struct moonlet_handler *moonlet_handlers;
#define MOONLET_TRY(L, c, f, ud)                            \
  do {                                                      \
    struct moonlet_handler *handlers = moonlet_handlers;    \
    if (lua_try(f, L, ud)) {                                \
      moonlet_handlers = handlers;                          \
      if (moonlet_target != (c)) lua_throw();               \
    }                                                       \
  } while (0)
#if LUA_VERSION_NUM == 504
#define LUAI_TRY(L, c, a) MOONLET_TRY(L, c, f, ud)
#define luai_jmpbuf int
#else
#define LUAI_TRY(L, c, f, ud) MOONLET_TRY(L, c, f, ud)
#endif

/* [message-handlers] In ldebug.c this is the call of a message handler. */
#if defined(ldebug_c)
#define luaD_callnoyield moonlet_call_handler
#endif

/* [stopped-finalizers] A finalizer that the end of a run tears down has no error to warn of. */
#if defined(lgc_c)
#define luaE_warnerror moonlet_warnerror
#endif

#include "lua_budget.h"

/* --- Suspension (suspend.c) */

#if defined(ldo_c)
/* [units-of-interrupted] An instruction that was interrupted takes as many units as one that was not. */
#define luaV_finishOp moonlet_finish_operation
/* [recount] A thread that goes on keeps its count of C levels. */
extern void moonlet_recount(struct lua_State *L);
#define finishCcall(l, ci) finishCcall(moonlet_finish_##l, ci)
#define moonlet_finish_lua_State lua_State
#define moonlet_finish_L (moonlet_recount(L), L)
/* [pause-mark] What lua_resume takes for a hook that yielded was a pause: its mark goes before the interpreter does. */
#define luaV_execute(l, ci) luaV_execute(moonlet_enter_##l, ci)
#define moonlet_enter_lua_State lua_State
#define moonlet_enter_L ((void)(moonlet_continues && (moonlet_continue(L), 0)), L)
extern int moonlet_continues;
extern void moonlet_continue(struct lua_State *L);
#endif

/* [obstacles] Calls that cannot be left halfway are noted (src/lua/refuse.c). */
#if defined(lapi_c) || defined(lfunc_c) || defined(lgc_c) || defined(ltm_c)
#define luaD_callnoyield(l, function, results) luaD_callnoyield(moonlet_noted_##l, function, results)
#define moonlet_noted_lua_State lua_State
#define moonlet_noted_L (moonlet_note_obstacle(L, 0), L) /* no function between, as some engines count those that are on their stack */
extern void moonlet_note_obstacle(struct lua_State *L, int is_handler);
#define luaD_protectedparser moonlet_protectedparser
#endif

/* [thread-space] Room for struct moonlet_thread (moonlet.h). */
#undef LUA_EXTRASPACE
#define LUA_EXTRASPACE 16

#if defined(lbaselib_c)
/* [chunk-pieces] A chunk is read piece by piece, so that a long one pays as it goes. */
#define luaL_loadbufferx moonlet_loadbufferx
extern int moonlet_loadbufferx(struct lua_State *L, const char *text, __SIZE_TYPE__ size, const char *name, const char *mode);
#endif

#if defined(loslib_c)
/* [exit] os.exit ends the run, not the program. */
#define exit(code) moonlet_exit(L, code)
/* [exit-close] os.exit(code, true) must not destroy the persistent state: its finalizers would run outside any limit. */
#define lua_close(L) ((void)(L))
#endif

/* --- Options */

#if defined(ldo_c)
/* [binary-chunks] Precompiled chunks can crash an instance; they load only when the option BINARY_CHUNKS is set. */
#define luaU_undump moonlet_undump
#endif

#if defined(lapi_c)
/* [finalizers] Those of tables are left out when the option FINALIZERS is 0; and looking for an old object is paid for. */
#define luaC_checkfinalizer moonlet_checkfinalizer
#endif

#if defined(lstate_c) && !defined(MOONLET_MINI)
/* [type-names] The names of types are always there (intrinsics.h). */
extern void moonlet_name_types(struct lua_State *L);
#define luai_userstateopen(L) moonlet_name_types(L)
#endif

/* --- Determinism */

/* [seed] The seed is a value in memory that the host may set. It is mixed, since 5.5 counts on a seed that is no small number: with 0, `#t` walks into a table made to mislead it. */
extern unsigned long long moonlet_seed;
#define MOONLET_SEED ((unsigned int)((moonlet_seed + 0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9 >> 32))
#if LUA_VERSION_NUM == 504
#define luai_makeseed(L) MOONLET_SEED
#else
#define luai_makeseed() MOONLET_SEED
#endif

#if defined(lmathlib_c)
/* [random-seed] math.random starts from the same seed. */
#define time(result) ((long long)moonlet_seed)
#endif

#if defined(lstrlib_c)
/* [one-nan] Engines choose the sign and payload of a NaN differently; they never reach the script. */
#define luaL_checknumber moonlet_checknumber
#endif

#if defined(lapi_c) || defined(lparser_c)
/* [strings-of-the-stack] Lua keeps the last strings that it made from C strings, by their addresses. One on the C stack lies
   elsewhere after a suspension. Names of chunks are made so, too, and pay. */
#define luaS_new moonlet_new_string
#endif

#if defined(lcode_c)
/* [constant-keys] The parser finds constants again in a table, nil and (in 5.5) 0.0 by addresses: of the table, and of a state on the C
   stack. What lies elsewhere has another place there, so that units followed from what else is in memory. */
#include "lobject.h"
#define moonlet_set_key(value, place)     \
  do {                                    \
    (value)->value_.p = (void *)(place);  \
    settt_(value, LUA_VLIGHTUSERDATA);    \
  } while (0)
#undef sethvalue
#define sethvalue(L, value, table) moonlet_set_key(value, 0)
#if LUA_VERSION_NUM != 504
#undef setpvalue
#define setpvalue(value, state) moonlet_set_key(value, 1)
#endif
#endif

#if (defined(lparser_c) || defined(lundump_c)) && LUA_VERSION_NUM != 504
/* [anchors] Likewise functions, and tables of their constants, which the parser keeps alive. */
#define luaD_anchorobj moonlet_anchor
#if defined(lparser_c)
#define luaH_set moonlet_let_go
#endif
#endif

/* --- Defects where size_t has 32 bits, and worst cases */

#if defined(lstrlib_c)
/* [positions] posrelatI makes a size_t of a position in a string; one beyond 32 bits must not come out as a small one. The functions
   that its arguments come from are put in by name, and its definition, whose first word is lua_Integer, stays. */
#define posrelatI(position, length) posrelatI(moonlet_of_##position, length)
#define moonlet_of_lua_Integer lua_Integer
#define moonlet_of_luaL_checkinteger(L, arg) moonlet_position(luaL_checkinteger(L, arg))
#define moonlet_of_luaL_optinteger(L, arg, other) moonlet_position(luaL_optinteger(L, arg, other))
#define moonlet_of_pi moonlet_position(pi)
static inline long long moonlet_position(long long position) {
  return position > 0x7fffffff ? 0x7fffffff : position;
}
#endif

#if defined(ltable_c)
/* [rehash] Keys that are made to collide must not make the growing of a table quadratic. */
#include "lua_rehash.h"
#endif

#if defined(lobject_c)
/* [chunk-name] A chunk's name is cut at its first newline, or after so many bytes; what lies beyond them need not be looked at. */
#include <string.h>
#define strchr(s, c) ((c) == '\n' ? moonlet_newline(s) : strchr(s, c))
static inline char *moonlet_newline(const char *name) {
  const char *end = name + LUA_IDSIZE;
  for (; name < end && *name != '\0'; name++)
    if (*name == '\n') return (char *)name;
  return 0;
}
#endif

#if !defined(MOONLET_MINI) && (defined(lbaselib_c) || defined(lmathlib_c) || defined(lstrlib_c) || defined(ltablib_c) || \
                               defined(lutf8lib_c) || defined(moonlet_arguments))
/* [arguments] Arguments of the functions that scripts call most are looked at without the API (arguments.c). */
extern lua_Integer moonlet_check_integer(struct lua_State *L, int index);
extern lua_Integer moonlet_opt_integer(struct lua_State *L, int index, lua_Integer otherwise);
extern lua_Number moonlet_check_number(struct lua_State *L, int index);
extern const char *moonlet_check_string(struct lua_State *L, int index, __SIZE_TYPE__ *length);
#define luaL_checkinteger(L, index) moonlet_check_integer(L, index)
#define luaL_optinteger(L, index, otherwise) moonlet_opt_integer(L, index, otherwise)
#define luaL_checklstring(L, index, length) moonlet_check_string(L, index, length)
#if !defined(lstrlib_c)
#define luaL_checknumber(L, index) moonlet_check_number(L, index)
#endif
#endif

/* --- Memory */

#if defined(lauxlib_c) || defined(lmem_c)
/* [sizes] Lua knows the size of each block it gives back, so the heap keeps no sizes of its own. */
extern void *moonlet_allocate(__SIZE_TYPE__ size);
extern void *moonlet_reallocate(void *block, __SIZE_TYPE__ old_size, __SIZE_TYPE__ new_size);
extern void moonlet_release(void *block, __SIZE_TYPE__ size);
/* Memory that is asked for is also filled, moved and collected. */
#define realloc(block, size) moonlet_paid_reallocate(block, osize, size)
extern __SIZE_TYPE__ moonlet_heap_used(void);
static inline void *moonlet_pay_memory(void *block, __SIZE_TYPE__ size) {
  /* Lua collects all garbage before it gives up. */
  moonlet_owe(block != NULL ? size >> 5 : moonlet_heap_used() >> 5);
  return block;
}
static inline void *moonlet_paid_reallocate(void *block, __SIZE_TYPE__ old_size, __SIZE_TYPE__ new_size) {
  return moonlet_pay_memory(moonlet_reallocate(block, old_size, new_size), new_size);
}
#if defined(lauxlib_c)
#define free(block) moonlet_release(block, osize)
#else
/* Nor is it asked by way of the function that the state was given, which does the same. */
#define LUA_GCPN 6 /* as lua.h has it further down */
#include "lstate.h"
#define frealloc frealloc, moonlet_memory
static inline void *moonlet_memory(void *ud, void *block, __SIZE_TYPE__ old_size, __SIZE_TYPE__ new_size) {
  (void)ud;
  if (__builtin_constant_p(block == NULL) && block == NULL) return moonlet_pay_memory(moonlet_allocate(new_size), new_size);
  if (new_size != 0) return moonlet_paid_reallocate(block, old_size, new_size);
  moonlet_release(block, old_size);
  return NULL;
}
#endif
#endif

#if defined(lauxlib_c)
/* [external-strings] lua_pushexternalstring must not raise before it owns the string. */
#define lua_pushexternalstring moonlet_pushexternalstring
/* [stopped-buffers] The finalizer of a string buffer gives its memory back also while a run is being stopped, and a buffer that grows
   collects garbage where memory is out. */
#define lua_getallocf moonlet_getallocf
/* [warning-state] A warning names the main thread, of which no suspension is asked. */
#define lua_setwarnf moonlet_setwarnf
#endif

/* --- Output: print stands in src/lua/output.c; the plain one, which nothing calls, needs no code. Warnings go beyond OUTPUT,
   too. */

#if defined(lbaselib_c)
#undef lua_writestring
#define lua_writestring(s, l) ((void)(s))
#define lua_writeline() ((void)0)
#endif

#if defined(lauxlib_c)
/* [warnings] */
extern void (moonlet_write_warning)(const char *text);
#define lua_writestringerror(format, text) moonlet_write_warning(text)
#endif

/* --- What the mini variant leaves out */

#if defined(MOONLET_MINI) && defined(lbaselib_c)
/* [no-files] Nothing calls dofile and loadfile, which library.c takes out. */
#define luaL_loadfilex(L, name, mode) ((void)(name), (void)(mode), LUA_ERRFILE)
#endif

#if defined(MOONLET_MINI) && defined(lstrlib_c)
/* [no-dump] There are no precompiled chunks, so no function can be made one. */
#define lua_dump(L, writer, data, strip) ((void)(writer), (void)(strip), luaL_error(L, "unable to dump given function"))
#endif

#if defined(MOONLET_MINI) && defined(ldebug_c)
/* [left-out-names] The error of who uses what is left out says that it is. */
#define typeerror(l, o, op, extra) moonlet_typeerror_##l, o, op, extra)
#define moonlet_typeerror_lua_State (typeerror)(lua_State
#define moonlet_typeerror_L moonlet_typeerror(L
#define moonlet_typeerror(L, o, op, extra) (typeerror)(L, o, op, moonlet_left_out(L, o, extra))
struct TValue;
extern const char *moonlet_left_out(struct lua_State *L, const struct TValue *o, const char *extra);
#endif

#if defined(loadlib_c)
/* [input-chunk] A searcher reads standard input once its end is there (input.c). */
#define luaL_loadfilex moonlet_loadfilex
#endif

#if defined(ldblib_c)
/* [input-debug] So does debug.debug. */
#define fgets(to, size, f) (moonlet_need_input(L), fgets(to, size, f))
extern void moonlet_need_input(struct lua_State *L);
/* [asker] What debug.getinfo allocates about another thread is allocated for the one that asks (debug.c). */
#define lua_getinfo(of, what, ar) moonlet_getinfo(L, of, what, ar)
struct lua_Debug;
extern int moonlet_getinfo(struct lua_State *L, struct lua_State *of, const char *what, struct lua_Debug *ar);
#endif

/* --- Limits and names */

/* The C stack is this module's own; 200 levels of the worst recursion must fit it and the engines' default stacks. */
#define LUAI_MAXCCALLS 200

/* [small-buffers] The default of 512 bytes on the C stack, at 200 levels, would take half of a small stack for itself. The longest item of
   string.format (120 bytes) still fits without an allocation. */
#undef LUAL_BUFFERSIZE
#define LUAL_BUFFERSIZE 128

#if defined(lstrlib_c)
/* [float-room] string.format asks for room for 308 digits before the point wherever %f stands, which would be an allocation.
   Most numbers have few. */
#undef l_floatatt
#define l_floatatt(attribute) moonlet_float_##attribute
#define moonlet_float_MANT_DIG DBL_MANT_DIG
#define moonlet_float_MAX_10_EXP moonlet_digits(L, arg, form)
extern int moonlet_digits(struct lua_State *L, int arg, const char *form);
/* [item-room] It asks for room for the longest item, too, whatever stands there. */
#define luaL_prepbuffsize(b, size) (luaL_prepbuffsize)(b, moonlet_room_##size)
#define moonlet_room_maxitem moonlet_room(strfrmt, maxitem)
#define moonlet_room_MAX_ITEM MAX_ITEM
#define moonlet_room_1 1
#define moonlet_room_size size
#define moonlet_room_psize psize
#define moonlet_room_sizeof sizeof
extern __SIZE_TYPE__ moonlet_room(const char *item, __SIZE_TYPE__ most);
#endif

#include "lua_library.h"

/* [decimal-point] */
#undef lua_getlocaledecpoint
#define lua_getlocaledecpoint() '.'

/* [paths] There are no folders but those of the names themselves. */
#undef LUA_PATH_DEFAULT
#define LUA_PATH_DEFAULT "./?.lua;./?/init.lua"
#undef LUA_CPATH_DEFAULT
#define LUA_CPATH_DEFAULT "./?.so"

#endif
