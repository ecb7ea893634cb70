/* What Lua's internal tests need of a module that the shipped one has not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua.h"

#include "lauxlib.h"
#include "lualib.h"

#undef luaL_newstate

extern void *moonlet_reallocate(void *block, size_t old_size, size_t new_size);
extern void moonlet_release(void *block, size_t size);
extern int moonlet_plain_utf8(lua_State *L);

_Noreturn void moonlet_assert_failed(const char *condition, const char *file, int line) {
  fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
  abort();
}

/* A block knows its size. */
union header {
  size_t size;
  char alignment[8];
};

void *malloc(size_t size) {
  union header *block;
  if (size > (size_t)-1 - sizeof(*block)) return NULL;
  block = moonlet_reallocate(NULL, 0, size + sizeof(*block));
  if (block == NULL) return NULL;
  block->size = size;
  return block + 1;
}

void free(void *block) {
  union header *start = (union header *)block - 1;
  if (block != NULL) moonlet_release(start, start->size + sizeof(*start));
}

char *strcat(char *to, const char *from) {
  strcpy(to + strlen(to), from);
  return to;
}

/* Reads an environment variable's value, and there is no environment. */
unsigned long strtoul(const char *text, char **end, int base) {
  (void)text, (void)end, (void)base;
  return 0;
}

/* A module does not end. */
int atexit(void (*function)(void)) {
  (void)function;
  return 0;
}

struct call {
  int (*run)(lua_State *, lua_State *, const char *);
  lua_State *L1;
  const char *code;
};

static void call_run(lua_State *L, void *ud) {
  struct call *call = ud;
  call->run(L, call->L1, call->code);
}

int moonlet_setjmp(const void *target, int (*run)(lua_State *, lua_State *, const char *), lua_State *L, lua_State *L1,
                   const char *code) {
  struct call call = {run, L1, code};
  if (!lua_try(call_run, L, &call)) return 0;
  if (moonlet_target != target) lua_throw(); /* an error of the test itself */
  return 1;
}

LUALIB_API lua_State *luaL_newstate(void) {
#if LUA_VERSION_NUM == 504
  return lua_newstate(debug_realloc, &l_memcontrol);
#else
  return lua_newstate(debug_realloc, &l_memcontrol, luaL_makeseed(NULL));
#endif
}

/* The first state, which is the module's, gets `T`; the tests make states of their own without it. */
int luaopen_utf8(lua_State *L) {
  static int opened = 0;
  if (!opened) {
    opened = 1;
    luaL_requiref(L, "T", luaB_opentests, 1);
    lua_pop(L, 1);
  }
  return moonlet_plain_utf8(L);
}
