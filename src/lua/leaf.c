/* moonlet_execute_leaf: the interpreter of the same lvm.c, with leaf.h in the place of ljumptab.h (execute.c says why). The other functions of
   lvm.c, which are there once more under other names, are not linked. */
#define moonlet_leaf_c

#define luaV_execute moonlet_execute_leaf
#define luaV_concat moonlet_leaf_concat
#define luaV_equalobj moonlet_leaf_equalobj
#define luaV_finishget moonlet_leaf_finishget
#define luaV_finishOp moonlet_leaf_finishOp
#define luaV_finishset moonlet_leaf_finishset
#define luaV_flttointeger moonlet_leaf_flttointeger
#define luaV_flttointns moonlet_leaf_flttointns
#define luaV_idiv moonlet_leaf_idiv
#define luaV_lessequal moonlet_leaf_lessequal
#define luaV_lessthan moonlet_leaf_lessthan
#define luaV_mod moonlet_leaf_mod
#define luaV_modf moonlet_leaf_modf
#define luaV_objlen moonlet_leaf_objlen
#define luaV_shiftl moonlet_leaf_shiftl
#define luaV_tointeger moonlet_leaf_tointeger
#define luaV_tointegerns moonlet_leaf_tointegerns
#define luaV_tonumber_ moonlet_leaf_tonumber_

/* An instruction that leaves at once needs no variables. */
#pragma clang diagnostic ignored "-Wunused-variable"
#pragma clang diagnostic ignored "-Wunused-but-set-variable"
#pragma clang diagnostic ignored "-Wunused-value"
#pragma clang diagnostic ignored "-Wunused-function"

/* As lvm.c begins, for what stands before it. */
#define lvm_c
#define LUA_CORE

#include "lprefix.h"

#include <math.h>

#include "lua.h"

#include "lgc.h"
#include "lobject.h"
#include "lstate.h"
#include "lstring.h"
#include "ltm.h"
#include "lvm.h"

#include "intrinsics.h"

#include "lvm.c"

#undef return
#undef pushclosure

/* For moonlet_execute_most: the function is static in lvm.c. */
extern void moonlet_pushclosure(lua_State *L, Proto *p, UpVal **upvals, StkId base, StkId to);
void moonlet_pushclosure(lua_State *L, Proto *p, UpVal **upvals, StkId base, StkId to) {
  pushclosure(L, p, upvals, base, to);
}
