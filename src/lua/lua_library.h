/* Functions of the libraries that are ours: the table of the library names ours, and Lua's definition becomes that of a function nobody
   calls, or of one that ours calls. lua_user.h includes this header. */
#ifndef MOONLET_LUA_LIBRARY_H
#define MOONLET_LUA_LIBRARY_H

#define moonlet_ours(theirs, name) extern int theirs(struct lua_State *L) __asm__("moonlet_" #name)
#define moonlet_forgo(name) moonlet_plain_##name(lua_State *L) __attribute__((unused)); static int moonlet_plain_##name(lua_State *L)
#define moonlet_keep(name) moonlet_unused_##name(void) __attribute__((unused)); int moonlet_plain_##name(lua_State *L)

#if defined(lbaselib_c)
/* [next-function] The interpreter knows the function, and does what it does (leaf.h). */
extern int moonlet_next(struct lua_State *L) __attribute__((alias("luaB_next")));
/* [base-functions] What waits for the host, pays for more, or is called most. */
moonlet_ours(luaB_print, print);
moonlet_ours(luaB_ipairs, ipairs);
moonlet_ours(luaB_pcall, pcall);
moonlet_ours(luaB_setmetatable, setmetatable);
moonlet_ours(luaB_collectgarbage, collectgarbage);
extern int moonlet_finish_pcall(struct lua_State *L, int status, lua_KContext context) __attribute__((alias("finishpcall")));
#define luaB_print(l) moonlet_forgo(print)
#define luaB_ipairs(l) moonlet_forgo(ipairs)
#define luaB_pcall(l) moonlet_forgo(pcall)
#define luaB_setmetatable(l) moonlet_keep(setmetatable)
#define luaB_collectgarbage(l) moonlet_keep(collectgarbage)
#if !defined(MOONLET_MINI)
moonlet_ours(luaB_dofile, dofile);
moonlet_ours(luaB_loadfile, loadfile);
#define luaB_dofile(l) moonlet_keep(dofile)
#define luaB_loadfile(l) moonlet_keep(loadfile)
#endif
#endif

#if defined(lbaselib_c) && !defined(MOONLET_MINI)
/* [base-intrinsics] The interpreter knows these, too (intrinsics.h). */
extern int moonlet_select(struct lua_State *L) __attribute__((alias("luaB_select")));
extern int moonlet_type(struct lua_State *L) __attribute__((alias("luaB_type")));
#endif

#if defined(lmathlib_c) && !defined(MOONLET_MINI)
/* [math-intrinsics] Likewise. */
extern int moonlet_abs(struct lua_State *L) __attribute__((alias("math_abs")));
extern int moonlet_floor(struct lua_State *L) __attribute__((alias("math_floor")));
extern int moonlet_max(struct lua_State *L) __attribute__((alias("math_max")));
extern int moonlet_min(struct lua_State *L) __attribute__((alias("math_min")));
extern int moonlet_sqrt(struct lua_State *L) __attribute__((alias("math_sqrt")));
#endif

#if defined(liolib_c)
/* [file-functions] Reading waits for the host, and writing passes the host's channels, before Lua's own do the rest. */
moonlet_ours(io_read, io_read);
moonlet_ours(io_lines, io_lines);
moonlet_ours(io_write, io_write);
moonlet_ours(f_read, file_read);
moonlet_ours(f_lines, file_lines);
moonlet_ours(f_write, file_write);
#define io_read(l) moonlet_keep(io_read)
#define io_lines(l) moonlet_keep(io_lines)
#define io_write(l) moonlet_keep(io_write)
#define f_read(l) moonlet_keep(file_read)
#define f_lines(l) moonlet_keep(file_lines)
#define f_write(l) moonlet_keep(file_write)
#endif

#if defined(lutf8lib_c)
/* [offset] It pays for its walk. */
moonlet_ours(byteoffset, utf8_offset);
#define byteoffset(l) moonlet_keep(utf8_offset)
#endif

#if defined(ltablib_c)
/* [table-loops] They can be left halfway. */
moonlet_ours(sort, sort);
moonlet_ours(tconcat, concat);
moonlet_ours(tinsert, insert);
moonlet_ours(tremove, remove);
moonlet_ours(tmove, move);
#define sort(l) moonlet_forgo(sort)
#define tconcat(l) moonlet_forgo(concat)
#define tinsert(l) moonlet_forgo(insert)
#define tremove(l) moonlet_forgo(remove)
#define tmove(l) moonlet_forgo(move)
#endif

#if defined(lstrlib_c)
/* [string-loops] Likewise. */
moonlet_ours(str_find, find);
moonlet_ours(str_match, match);
moonlet_ours(gmatch, gmatch);
moonlet_ours(str_gsub, gsub);
moonlet_ours(str_rep, rep);
#define str_rep(l) moonlet_forgo(rep)
#define str_find(l) moonlet_forgo(find)
#define str_match(l) moonlet_forgo(match)
#define gmatch(l) moonlet_forgo(gmatch)
#define str_gsub(l) moonlet_forgo(gsub)
/* [string-bytes] The usual calls of these are bytes.c's, which leaves the others to Lua's own. */
moonlet_ours(str_byte, byte);
moonlet_ours(str_char, char);
moonlet_ours(str_sub, sub);
#define str_byte(l) moonlet_keep(byte)
#define str_char(l) moonlet_keep(char)
#define str_sub(l) moonlet_keep(sub)
/* [string-arithmetic] A metamethod that an operand of a string has may be suspended. */
extern void moonlet_call_operand(struct lua_State *L, int arguments, int results);
#define lua_callk(L, n, r, context, k) moonlet_call_operand(L, n, r)
#endif

#endif
