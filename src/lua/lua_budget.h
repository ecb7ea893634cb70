#ifndef MOONLET_LUA_BUDGET_H
#define MOONLET_LUA_BUDGET_H

/* The budget (src/lua/budget.c). moonlet_fuel counts down at each VM instruction and API call, and by the work that
   library functions do between them. Below zero moonlet_tick raises, or grants more; a run that is being stopped gets none,
   so no pcall, handler, __close or coroutine of the script can go on. */

extern long long moonlet_fuel;
extern void moonlet_tick(struct lua_State *L) __attribute__((cold));
extern _Noreturn void moonlet_exit(struct lua_State *L, int code);

/* Lua's internal tests check that who throws holds the lock. */
#define moonlet_hold(L) ((void)0)
#define moonlet_is_held(L) ((void)0)

#if defined(lvm_c)
#include "execute.h"
#endif
#if defined(lvm_c) && !defined(moonlet_leaf_c) && !defined(MOONLET_MINI)
/* [two-interpreters] luaV_execute is in execute.c; the mini variant has one interpreter. */
#define luaV_execute moonlet_execute_all
#endif

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

/* A call of the C library, by units in which `result_` stands for its result, and by the steps that it counted
   (libc_shim::work). */
#define moonlet_paid(units, call)                    \
  __extension__({                                    \
    __typeof__(call) result_ = (call);               \
    moonlet_owe((units) + (int)(moonlet_work() >> 3)); \
    result_;                                         \
  })
extern __SIZE_TYPE__ moonlet_work(void);

/* [lock] Each API function takes a unit. */
#if defined(ldo_c) || defined(moonlet_execute_c) || defined(moonlet_resume_c) || defined(moonlet_suspend_c) || defined(moonlet_charges_c) || \
    defined(moonlet_traceback_c)
/* lua_resume and lua_yieldk are a suspension's own way, which must cost the script nothing; a call costs what its
   instruction does; in charges.c a new string must not be lost to an error before it owns its bytes. */
#define lua_lock(L) ((void)0)
#else
#define lua_lock(L) moonlet_charge(L, 1)
#endif
#define lua_unlock(L) ((void)0)

#if defined(lvm_c)
/* [tracecall] A pause ran no hook. */
#define luaG_tracecall moonlet_tracecall
/* [values] Values by the thousand move in one instruction. */
#define luaT_getvarargs moonlet_getvarargs
#define luaD_poscall moonlet_poscall
/* [index-chain] One step along a chain of __index or __newindex. */
#define luaT_gettm moonlet_gettm
/* [open-upvalues] Upvalues that are open stand in a list. */
#define luaF_findupval moonlet_findupval
/* [string-order] Strings are compared piece by piece, as NULs divide them. */
#define strcoll moonlet_strcoll
extern int moonlet_strcoll(const char *a, const char *b);
#endif

#if defined(lvm_c) || defined(ltm_c)
/* [field-steps] One step along the keys of a table that share a place. Few steps are the rule, and cost nothing where the interpreter
   looks for a field. */
#define luaH_getshortstr moonlet_getshortstr
#define luaH_Hgetshortstr moonlet_Hgetshortstr
#endif
#if defined(lvm_c)
#define luaH_get moonlet_get_field
#if LUA_VERSION_NUM == 504
#define luaH_getstr moonlet_getstr
#else
#define luaH_pset moonlet_set_field
#define luaH_psetshortstr moonlet_psetshortstr
#endif
#endif
#if defined(ltable_c)
/* [key-steps] Likewise everywhere else. */
#include "ltable.h"
#undef gnext
#define gnext(n) (*moonlet_next_node(n))
static inline int *moonlet_next_node(Node *node) {
  moonlet_owe(1);
  return &node->u.next;
}
#endif
#if defined(lstring_c)
/* [string-steps] A short string pays for the others of its place when it is looked for. Few are the rule, and free here, too: how many of them
   are dead depends on when the collector came by, and fuel must not. */
extern struct TString *moonlet_pay_place(struct lua_State *L, struct TString *string);
#define internshrstr(l, text, length) moonlet_intern_##l, text, length)
#define moonlet_intern_lua_State (internshrstr)(lua_State
#define moonlet_intern_L moonlet_intern(L
#define moonlet_intern(L, text, length) moonlet_pay_place(L, (internshrstr)(L, text, length))
#endif

#if defined(lvm_c) || defined(lapi_c) || defined(llex_c)
/* [numerals] A numeral is read. */
#define luaO_str2num moonlet_str2num
#endif

#if defined(lapi_c)
/* [next] Empty places of a table are passed over. */
#define luaH_next moonlet_table_next
#endif

#if defined(ldo_c)
/* [call-chain] An object to call may stand in for another one, and so on; each of them moves the arguments up. */
#define luaT_gettmbyobj moonlet_gettmbyobj
#endif

#if defined(lobject_c) || defined(moonlet_io_c)
/* [number-texts] A number is written out. */
#include <stdio.h>
#define snprintf(...) moonlet_paid(32, snprintf(__VA_ARGS__))
#endif

#if defined(lmathlib_c)
/* [angles] Turns are taken off large angles with many digits of pi. */
#include <math.h>
#define sin(x) sin(moonlet_angle(x))
#define cos(x) cos(moonlet_angle(x))
#define tan(x) tan(moonlet_angle(x))
static inline double moonlet_angle(double x) {
  if (x > 1e6 || x < -1e6) moonlet_owe(16);
  return x;
}
#endif

#if defined(lobject_c)
/* [number-values] A numeral is converted. */
#include <stdlib.h>
#define strtod moonlet_strtod
extern double moonlet_strtod(const char *text, char **end);
#endif

#if defined(lvm_c) || defined(lmathlib_c)
/* [remainders] Numbers are divided whose exponents are far apart. */
#include <math.h>
#define fmod moonlet_fmod
extern double moonlet_fmod(double a, double b);
#endif

/* Some calls are charged by wrapping a static function. Its definition must stay as it is: the name of its first
   argument's type, pasted, stands for itself there. */

#if defined(ltable_c)
/* [find-index] findindex also gets a name that charges.c can call. */
#define findindex(l, t, k, n) moonlet_findindex_##l, t, k, n)
#define moonlet_findindex_L moonlet_findindex(L
#define moonlet_findindex_lua_State                                        \
  moonlet_no_index(void) __attribute__((unused)); \
  unsigned int moonlet_findindex(lua_State
#endif

#if defined(lgc_c)
/* [ephemerons] Keys of weak tables that depend on each other are gone through again and again, in one step that nothing can end.
   Once half of the fuel that was left is used up such a table counts as a strong one, for this collection: what it holds lives
   until the next. */
#define convergeephemerons(g) moonlet_converge_##g)
#define moonlet_converge_global_State (convergeephemerons)(global_State
#define moonlet_converge_g (moonlet_converge(1), (convergeephemerons)(g), moonlet_converge(0)
extern void moonlet_converge(int begin);
#define traverseephemeron(g, h, inverted) moonlet_ephemeron_##g, h, inverted)
#define moonlet_ephemeron_global_State (traverseephemeron)(global_State
#define moonlet_ephemeron_g moonlet_ephemeron(g
#define moonlet_ephemeron(g, h, inverted)                                    \
  (moonlet_owe(8 + (sizenode(h) >> 1)),                                      \
   moonlet_exhausted() ? (traversestrongtable(g, h), 1) : (traverseephemeron)(g, h, inverted))
extern int moonlet_exhausted(void);
#endif

#if defined(lstring_c)
/* [equal-strings] Bytes of strings are compared. */
#define memcmp(a, b, n) (moonlet_owe((n) >> 6), __builtin_memcmp(a, b, n))
#endif

#if defined(lstrlib_c)
/* [pack-option] string.pack: one option of the format. */
#define getoption(h, format, size) getoption(moonlet_option_##h, format, size)
#define moonlet_option_Header Header
#define moonlet_option_h (moonlet_charge(h->L, 1), h)
/* [letters] Letters are changed, or turned around, one by one, once there is memory for them. */
#define luaL_buffinitsize(L, buffer, size) moonlet_pay_letters((luaL_buffinitsize)(L, buffer, size), size)
static inline char *moonlet_pay_letters(char *buffer, __SIZE_TYPE__ size) {
  moonlet_owe(size >> 4);
  return buffer;
}
/* [formats] One item of string.format, or one byte of %q. */
#include <stdio.h>
#define snprintf(...) moonlet_paid(16 + (result_ >> 3), snprintf(__VA_ARGS__))
/* [quoted] A %q pays for its bytes, and a long one ends with the fuel. */
#define luaL_addstring(b, text) (moonlet_charge((b)->L, 0), (luaL_addstring)(b, text))
#define addquoted(b, text, length) moonlet_quote_##b, text, length)
#define moonlet_quote_luaL_Buffer (addquoted)(luaL_Buffer
#define moonlet_quote_b moonlet_quote(b
#define moonlet_quote(b, text, length) (moonlet_charge((b)->L, (length) >> 3), (addquoted)(b, text, length))
#endif

/* [texts] Formats, modes of files, and numbers with a base. */
#if defined(lstrlib_c) || defined(liolib_c) || defined(lbaselib_c)
#include <string.h>
#define strlen(s) moonlet_strlen(s)
#define strspn(s, set) moonlet_strspn(s, set)
extern __SIZE_TYPE__ moonlet_strlen(const char *s);
extern __SIZE_TYPE__ moonlet_strspn(const char *s, const char *set);
#endif

#if defined(lbaselib_c)
/* [digits] Those of numbers with a base. */
#include <ctype.h>
#define isalnum(c) (moonlet_owe(1), isalnum(c))
#endif

#if defined(lutf8lib_c)
/* [utf8] One character. */
#define utf8_decode(s, code, strict) utf8_decode(moonlet_decode_##s, code, strict)
#define moonlet_decode_const const
#define moonlet_decode_s (moonlet_charge(L, 1), s)
#endif

#if defined(ldblib_c) || defined(lauxlib_c)
/* [call-levels] Depths of the call stack are walked to. */
#define lua_getstack moonlet_getstack
#endif

#if defined(ldo_c)
/* [calls-after-error] After an error all calls that are left are looked at. */
#define stackinuse(l) stackinuse(moonlet_calls_##l)
#define moonlet_calls_lua_State lua_State
#define moonlet_calls_L (moonlet_owe((L->top.p - L->stack.p) >> 6), L)
#endif

#if defined(ldebug_c)
/* [variable-names] Names of variables are looked for in the instructions before the one that failed. */
#define findsetreg(p, last, reg) moonlet_instructions_##p, last, reg)
#define moonlet_instructions_const (findsetreg)(const
#define moonlet_instructions_p moonlet_findsetreg(p
#define moonlet_findsetreg(p, last, reg) (moonlet_owe((last) >> 2), (findsetreg)(p, last, reg))
#define luaF_getlocalname moonlet_getlocalname
/* [line-list] Lines are looked for in a list. */
#define getbaseline(f, pc, base) getbaseline(moonlet_lines_##f, pc, base)
#define moonlet_lines_const const
#define moonlet_lines_f (moonlet_owe(f->sizeabslineinfo >> 3), f)
#endif

#if defined(ldebug_c)
/* [active-lines] Each instruction of a function has a line. */
#include "ltable.h"
#define luaH_setint(L, t, key, value) (moonlet_owe(1), luaH_setint(L, t, key, value))
#endif

#if defined(ldblib_c)
/* [option-letters] Texts in which letters are looked for: options of getinfo, each of which is done, and masks of hooks. */
#define luaL_checklstring(L, arg, len) moonlet_paid_text((luaL_checklstring)(L, arg, len))
#define luaL_optlstring(L, arg, other, len) moonlet_paid_text((luaL_optlstring)(L, arg, other, len))
static inline const char *moonlet_paid_text(const char *text) {
  moonlet_owe(__builtin_strlen(text));
  return text;
}
#endif

#if defined(lparser_c)
/* [tokens] The parser pays for each token. */
#define luaX_next moonlet_next_token
/* [parser-names] Names of variables are looked for in a list. */
#define searchvar(fs, n, var) searchvar(moonlet_names_##fs, n, var)
#define moonlet_names_FuncState FuncState
#define moonlet_names_fs (moonlet_charge(fs->ls->L, (fs->nactvar + fs->nups) >> 3), fs)
/* [parser-labels] So are labels, and jumps that wait for them. */
#define findlabel(ls, ...) findlabel(moonlet_labels_##ls, __VA_ARGS__)
#define moonlet_labels_LexState LexState
#define moonlet_labels_ls (moonlet_charge(ls->L, (ls->dyd->label.n + ls->dyd->gt.n) >> 3), ls)
#if LUA_VERSION_NUM == 504
#define solvegoto(ls, ...) solvegoto(moonlet_labels_##ls, __VA_ARGS__)
#endif
#endif
#if defined(lcode_c)
/* [parser-jumps] Jumps that wait for their target are chained. */
#define getjump(fs, pc) getjump(moonlet_jump_##fs, pc)
#define moonlet_jump_FuncState FuncState
#define moonlet_jump_fs (moonlet_charge(fs->ls->L, 1), fs)
#endif

#if defined(loslib_c)
/* [dates] One conversion of os.date. */
#include <time.h>
#define strftime(...) (moonlet_owe(8), strftime(__VA_ARGS__))
#endif

#if defined(loadlib_c) || defined(lauxlib_c) || defined(lbaselib_c) || defined(ldo_c)
/* [parts-of-names] Names of modules and paths are divided and put together, and modes of chunks looked through. */
#include <string.h>
#define strchr(s, c) moonlet_strchr(s, c)
#define strstr(s, part) moonlet_strstr(s, part)
extern char *moonlet_strchr(const char *s, int c);
extern char *moonlet_strstr(const char *s, const char *part);
#endif

#if defined(lauxlib_c) || defined(ldblib_c)
/* [error-output] Warnings, and what debug.debug asks. */
#include <stdio.h>
#define moonlet_write_warning(text) (moonlet_owe(8 + (__builtin_strlen(text) >> 4)), moonlet_write_warning(text))
#define fprintf(...) moonlet_paid(8 + (result_ >> 4), fprintf(__VA_ARGS__))
#endif

#if defined(lauxlib_c)
/* [loaded-files] */
#define fread(to, size, n, f) (moonlet_owe((n) >> 3), fread(to, size, n, f))
#endif

/* [file-names] Names of files are looked up in chains, and a write beyond a file's end fills the gap (libc_shim::filesystem). */
#if defined(liolib_c) || defined(loslib_c) || defined(loadlib_c) || defined(lauxlib_c)
#include <stdio.h>
#define fopen(name, mode) moonlet_paid(2, fopen(name, mode))
#define freopen(name, mode, f) moonlet_paid(2, freopen(name, mode, f))
#define remove(name) moonlet_paid(2, remove(name))
#define rename(from, to) moonlet_paid(2, rename(from, to))
#define tmpnam(to) moonlet_paid(2, tmpnam(to))
#endif

#if defined(liolib_c)
/* [file-bytes] */
#define fread(to, size, n, f) (moonlet_owe((n) >> 6), fread(to, size, n, f))
#define fwrite(from, size, n, f) (moonlet_owe((n) >> 6), moonlet_paid(0, fwrite(from, size, n, f)))
/* [file-letters] A line or a number is read byte by byte. */
#define getc(f) (moonlet_owe(1), getc(f))
/* [file-numbers] A number is written. */
#define fprintf(...) moonlet_paid(32, fprintf(__VA_ARGS__))
/* [number-spaces] Spaces before a number. */
#include <ctype.h>
#define isspace(c) (moonlet_charge(L, 1), isspace(c))
#endif

#endif

#endif
