/* What makes a native build of Lua comparable with the module, byte for byte. lua.h includes this header (LUA_USER_H).
   Only what the module promises to settle is settled here: the seed of hashing, and the sign of a NaN, which processors
   choose differently. */
#ifndef MOONLET_NATIVE_DIFFERENTIAL_H
#define MOONLET_NATIVE_DIFFERENTIAL_H

#include <stdio.h>

#if LUA_VERSION_NUM == 504
#define luai_makeseed(L) 0u
#else
#define luai_makeseed() 0u
#endif

extern int native_snprintf(char *buffer, size_t size, const char *format, ...);
extern int native_fprintf(FILE *stream, const char *format, ...);
#define snprintf native_snprintf
#define fprintf native_fprintf

/* string.pack shows a NaN's bits. */
#if defined(lstrlib_c)
#define luaL_checknumber native_checknumber
extern lua_Number native_checknumber(lua_State *L, int arg);
#endif

#endif
