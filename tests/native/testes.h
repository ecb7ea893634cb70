/* What makes the official suites take the same way in a native build as in the module (LUA_USER_H): its seeds. */
#ifndef MOONLET_NATIVE_TESTES_H
#define MOONLET_NATIVE_TESTES_H

/* What src/lua/lua_user.h makes of the seed 0. */
#define SEED ((unsigned int)(0x9e3779b97f4a7c15 * 0xbf58476d1ce4e5b9 >> 32))
#if LUA_VERSION_NUM == 504
#define luai_makeseed(L) SEED
#else
#define luai_makeseed() SEED
#endif

#if defined(lmathlib_c)
#define time(result) ((time_t)0)
#endif

#if defined(ltablib_c) && LUA_VERSION_NUM == 504
#define l_randomizePivot() 0u /* of the module's clocks, which stand still */
#endif

/* The depths at which the module stops (src/lua/lua_user.h). */
#define LUAI_MAXCCALLS 200

/* With Lua's internal tests: their header does the rest. */
#if defined(WITH_LTESTS)
#include <string.h>

#include "ltests.h"
#endif

#endif
