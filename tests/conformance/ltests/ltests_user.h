/* LUA_USER_H of the module with Lua's internal tests: ours (lua_user.h), then Lua's own ltests.h, and what ltests.c needs
   of a C library beyond the shim. */
#ifndef MOONLET_LTESTS_USER_H
#define MOONLET_LTESTS_USER_H

#include <string.h> /* a macro of ltests.h uses memset */

#include "lua_user.h"

/* ltests.h has its own, which check that locks and unlocks match, and its tests a function that gives memory. */
#undef lua_lock
#undef lua_unlock
#undef frealloc
#undef LUA_USE_JUMPTABLE

#include "ltests.h"

#undef LUA_USE_JUMPTABLE
#define LUA_USE_JUMPTABLE 1

/* An API call takes its unit here, too, before it holds the lock. */
#if !defined(ldo_c) && !defined(moonlet_execute_c) && !defined(moonlet_resume_c) && !defined(moonlet_suspend_c) && \
    !defined(moonlet_budget_c) && !defined(moonlet_charges_c)
#undef lua_lock
#define lua_lock(L) (moonlet_charge(L, 1), lua_assert((*getlock(L)->plock)++ == 0))
#endif

/* ltests.h fills all the room that lstrlib.c says there is, which for an item of string.format is more than it asked for ([item-room]). */
#undef l_sprintf
#define l_sprintf(s, sz, f, i) snprintf(s, sz, f, i)

#undef moonlet_hold
#define moonlet_hold(L) ((void)(*getlock(L)->plock || (lua_lock(L), 0)))
#undef moonlet_is_held
#define moonlet_is_held(L) lua_assert(!completestate(G(L)) || *getlock(L)->plock == 1) /* one that is being made has none */

/* Its lock stands before what the module keeps with each thread. */
#undef LUA_EXTRASPACE
#define LUA_EXTRASPACE (sizeof(struct L_EXTRA) + 16)

/* The state is made by debug_realloc (support.c). */
#if defined(lauxlib_c)
#undef luaL_newstate
#define luaL_newstate moonlet_plain_newstate
#endif

/* `T` comes in with the last library (support.c). */
#if defined(lutf8lib_c)
#define luaopen_utf8 moonlet_plain_utf8
#endif

#if defined(ltests_c)
extern int atexit(void (*function)(void));
extern void free(void *block);
extern void *malloc(size_t size);
extern char *strcat(char *to, const char *from);
extern unsigned long strtoul(const char *text, char **end, int base);
#define exit(code) abort()
#define printf(...) fprintf(stdout, __VA_ARGS__)
#define sprintf(buffer, ...) snprintf(buffer, 1000, __VA_ARGS__)

/* The one setjmp stands in checkpanic, before `runC(L, L1, code)`. It is run here, in a protected call, and when nothing
   jumped it is run again with no code. */
extern int moonlet_setjmp(const void *target, int (*run)(lua_State *, lua_State *, const char *), lua_State *L,
                          lua_State *L1, const char *code);
#define setjmp(target) (moonlet_setjmp(target, runC, L, L1, code) ? 1 : (code = "", 0))
#define longjmp(target, value) (moonlet_target = (target), lua_throw())
#endif

#endif
