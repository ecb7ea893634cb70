/* Functions of the libraries that are ours: the table of the library names ours, and Lua's definition becomes that of a function nobody
   calls, or of one that ours calls. lua_user.h includes this header. */
#ifndef MOONLET_LUA_LIBRARY_H
#define MOONLET_LUA_LIBRARY_H

#define moonlet_forgo(name) moonlet_plain_##name(lua_State *L) __attribute__((unused)); static int moonlet_plain_##name(lua_State *L)
#define moonlet_keep(name) moonlet_unused_##name(void) __attribute__((unused)); int moonlet_plain_##name(lua_State *L)

#if defined(lbaselib_c)
/* [next-function] The interpreter knows the function, and does what it does (leaf.h). */
extern int moonlet_next(struct lua_State *L) __attribute__((alias("luaB_next")));
/* [base-functions] */
extern int luaB_print(struct lua_State *L) __asm__("moonlet_print");
extern int luaB_ipairs(struct lua_State *L) __asm__("moonlet_ipairs");
extern int luaB_pcall(struct lua_State *L) __asm__("moonlet_pcall");
extern int moonlet_finish_pcall(struct lua_State *L, int status, lua_KContext context) __attribute__((alias("finishpcall")));
extern int luaB_setmetatable(struct lua_State *L) __asm__("moonlet_setmetatable");
#define luaB_setmetatable(l) moonlet_keep(setmetatable)
extern int luaB_collectgarbage(struct lua_State *L) __asm__("moonlet_collectgarbage");
#define luaB_print(l) moonlet_forgo(print)
#define luaB_ipairs(l) moonlet_forgo(ipairs)
#define luaB_pcall(l) moonlet_forgo(pcall)
#define luaB_collectgarbage(l) moonlet_keep(collectgarbage)
#if !defined(MOONLET_MINI)
extern int luaB_dofile(struct lua_State *L) __asm__("moonlet_dofile");
extern int luaB_loadfile(struct lua_State *L) __asm__("moonlet_loadfile");
#define luaB_dofile(l) moonlet_keep(dofile)
#define luaB_loadfile(l) moonlet_keep(loadfile)
#endif
#endif

#if defined(liolib_c)
/* [file-functions] */
extern int io_read(struct lua_State *L) __asm__("moonlet_io_read");
extern int io_lines(struct lua_State *L) __asm__("moonlet_io_lines");
extern int io_write(struct lua_State *L) __asm__("moonlet_io_write");
extern int f_read(struct lua_State *L) __asm__("moonlet_file_read");
extern int f_lines(struct lua_State *L) __asm__("moonlet_file_lines");
extern int f_write(struct lua_State *L) __asm__("moonlet_file_write");
#define io_read(l) moonlet_keep(io_read)
#define io_lines(l) moonlet_keep(io_lines)
#define io_write(l) moonlet_keep(io_write)
#define f_read(l) moonlet_keep(file_read)
#define f_lines(l) moonlet_keep(file_lines)
#define f_write(l) moonlet_keep(file_write)
#endif

#if defined(lutf8lib_c)
/* [offset] It pays for its walk. */
extern int byteoffset(struct lua_State *L) __asm__("moonlet_utf8_offset");
#define byteoffset(l) moonlet_keep(utf8_offset)
#endif

#if defined(ltablib_c)
/* [table-loops] */
extern int sort(struct lua_State *L) __asm__("moonlet_sort");
extern int tconcat(struct lua_State *L) __asm__("moonlet_concat");
extern int tinsert(struct lua_State *L) __asm__("moonlet_insert");
extern int tremove(struct lua_State *L) __asm__("moonlet_remove");
extern int tmove(struct lua_State *L) __asm__("moonlet_move");
#define sort(l) moonlet_forgo(sort)
#define tconcat(l) moonlet_forgo(concat)
#define tinsert(l) moonlet_forgo(insert)
#define tremove(l) moonlet_forgo(remove)
#define tmove(l) moonlet_forgo(move)
#endif

#if defined(lstrlib_c)
/* [string-loops] */
extern int str_find(struct lua_State *L) __asm__("moonlet_find");
extern int str_match(struct lua_State *L) __asm__("moonlet_match");
extern int gmatch(struct lua_State *L) __asm__("moonlet_gmatch");
extern int str_gsub(struct lua_State *L) __asm__("moonlet_gsub");
extern int str_rep(struct lua_State *L) __asm__("moonlet_rep");
#define str_rep(l) moonlet_forgo(rep)
#define str_find(l) moonlet_forgo(find)
#define str_match(l) moonlet_forgo(match)
#define gmatch(l) moonlet_forgo(gmatch)
#define str_gsub(l) moonlet_forgo(gsub)
/* [string-bytes] The usual calls of these are bytes.c's, which leaves the others to Lua's own. */
extern int str_byte(struct lua_State *L) __asm__("moonlet_byte");
extern int str_char(struct lua_State *L) __asm__("moonlet_char");
extern int str_sub(struct lua_State *L) __asm__("moonlet_sub");
#define str_byte(l) moonlet_keep(byte)
#define str_char(l) moonlet_keep(char)
#define str_sub(l) moonlet_keep(sub)
/* [string-arithmetic] A metamethod that an operand of a string has may be suspended. */
extern void moonlet_call_operand(struct lua_State *L, int arguments, int results);
#define lua_callk(L, n, r, context, k) moonlet_call_operand(L, n, r)
#endif

#endif
