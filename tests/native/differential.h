/* What makes a native build of Lua comparable with the module, byte for byte. lua.h includes this header (LUA_USER_H).
   Only what the module promises to settle is settled here: the seed of hashing, and the sign of a NaN, which processors
   choose differently. */
#ifndef MOONLET_NATIVE_DIFFERENTIAL_H
#define MOONLET_NATIVE_DIFFERENTIAL_H

#include <stdio.h>

/* What src/lua/lua_user.h makes of the seed 0: then `pairs` goes the same way. */
#define SEED ((unsigned int)(0x9e3779b97f4a7c15 * 0xbf58476d1ce4e5b9 >> 32))
#if LUA_VERSION_NUM == 504
#define luai_makeseed(L) SEED
#else
#define luai_makeseed() SEED
#endif

extern int native_snprintf(char *buffer, size_t size, const char *format, ...);
extern int native_fprintf(FILE *stream, const char *format, ...);
#define snprintf native_snprintf
#define fprintf native_fprintf

/* A string that outgrows this gets a memory block, whose release is a call that debug.sethook shows. */
#undef LUAL_BUFFERSIZE
#define LUAL_BUFFERSIZE 128

/* Where the module looks for modules. */
#undef LUA_PATH_DEFAULT
#define LUA_PATH_DEFAULT "./?.lua;./?/init.lua"
#undef LUA_CPATH_DEFAULT
#define LUA_CPATH_DEFAULT "./?.so"

/* The module's clock stands at 0 until its host sets it. */
#if defined(loslib_c)
#define time(result) ((time_t)0)
#endif

/* string.pack shows a NaN's bits. */
#if defined(lstrlib_c)
#define luaL_checknumber native_checknumber
extern lua_Number native_checknumber(lua_State *L, int arg);
#endif

#endif
