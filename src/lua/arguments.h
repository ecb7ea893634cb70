/* The arguments of the C function that runs, where they stand on Lua's stack. */
#ifndef MOONLET_ARGUMENTS_H
#define MOONLET_ARGUMENTS_H

#include "lobject.h"
#include "lstate.h"

/* The place of an argument, from 1 on. From the top of the stack on it holds anything. */
static inline StkId moonlet_argument(lua_State *L, int number) {
  return L->ci->func.p + number;
}

#endif
