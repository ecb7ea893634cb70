/* The coroutine library, as lcorolib.c has it but for three things: a suspension by the host passes through, the thread
   of a task looks like the main thread, and a thread that the host has suspended looks like one that runs. */
#include "lprefix.h"

#include "lua.h"

#include "lauxlib.h"
#include "lualib.h"

#include "moonlet.h"

static lua_State *check_thread(lua_State *L) {
  lua_State *thread = lua_tothread(L, 1);
  luaL_argexpected(L, thread, 1, "thread");
  return thread;
}

/* Resumes a coroutine with `values` on its stack. Answers the number of results, moved to L, or -1 and a message. */
static int advance(lua_State *L, lua_State *thread, int values, lua_KFunction k) {
  int results;
  int status = moonlet_resume(L, thread, values, &results);
  if (status == LUA_YIELD && moonlet_thread(thread)->is_suspended) {
    moonlet_thread(L)->is_suspended = 1;
    lua_yieldk(L, 0, 0, k);
  }
  if (status == LUA_OK || status == LUA_YIELD) {
    if (!lua_checkstack(L, results + 1)) {
      lua_pop(thread, results);
      lua_pushliteral(L, "too many results to resume");
      return -1;
    }
    moonlet_owe(results >> 3);
    lua_xmove(thread, L, results);
    return results;
  }
  lua_xmove(thread, L, 1);
  return -1;
}

/* Starts or goes on with a coroutine that the script resumes with the `values` on top of L's stack. */
static int start(lua_State *L, lua_State *thread, int values, lua_KFunction k) {
  if (!lua_checkstack(thread, values)) {
    lua_pushliteral(L, "too many arguments to resume");
    return -1;
  }
  if (moonlet_thread(thread)->is_suspended) {
    lua_pushliteral(L, "cannot resume non-suspended coroutine");
    return -1;
  }
  moonlet_owe(values >> 3);
  lua_xmove(L, thread, values);
  return advance(L, thread, values, k);
}

/* Goes on with a coroutine within which the host has suspended the task. */
static int proceed(lua_State *L, lua_State *thread, lua_KFunction k) {
  return advance(L, thread, thread == moonlet_waiting ? moonlet_values : 0, k);
}

static int finish_resume(lua_State *L, int results) {
  if (results < 0) {
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
  }
  lua_pushboolean(L, 1);
  lua_insert(L, -(results + 1));
  return results + 1;
}

static int resume_k(lua_State *L, int status, lua_KContext context) {
  (void)status, (void)context;
  return finish_resume(L, proceed(L, lua_tothread(L, 1), resume_k));
}

static int co_resume(lua_State *L) {
  lua_State *thread = check_thread(L);
  return finish_resume(L, start(L, thread, lua_gettop(L) - 1, resume_k));
}

static int finish_wrap(lua_State *L, lua_State *thread, int results) {
  int status;
  if (results >= 0) return results;
  status = moonlet_thread(thread)->is_suspended ? LUA_OK : lua_status(thread);
  if (status != LUA_OK && status != LUA_YIELD) { /* it failed: its to-be-closed variables are closed, its message moved */
    moonlet_thread(thread)->outer = L;
    status = lua_closethread(thread, L);
    lua_xmove(thread, L, 1);
  }
  if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  moonlet_rethrows = status == LUA_ERRMEM;
  return lua_error(L);
}

static int wrap_k(lua_State *L, int status, lua_KContext context) {
  lua_State *thread = lua_tothread(L, lua_upvalueindex(1));
  (void)status, (void)context;
  return finish_wrap(L, thread, proceed(L, thread, wrap_k));
}

static int call_wrapped(lua_State *L) {
  lua_State *thread = lua_tothread(L, lua_upvalueindex(1));
  return finish_wrap(L, thread, start(L, thread, lua_gettop(L), wrap_k));
}

static int co_create(lua_State *L) {
  lua_State *thread;
  luaL_checktype(L, 1, LUA_TFUNCTION);
  thread = lua_newthread(L);
  moonlet_prepare_thread(thread, 0);
  lua_pushvalue(L, 1);
  lua_xmove(L, thread, 1);
  return 1;
}

static int co_wrap(lua_State *L) {
  co_create(L);
  lua_pushcclosure(L, call_wrapped, 1);
  return 1;
}

static int co_yield(lua_State *L) {
  if (moonlet_thread(L)->is_task) {
    lua_pushliteral(L, "attempt to yield from outside a coroutine");
    return lua_error(L);
  }
  if (lua_isyieldable(L) && moonlet_is_opaque(L)) {
    lua_pushliteral(L, "attempt to yield across a C-call boundary");
    return lua_error(L);
  }
  return lua_yield(L, lua_gettop(L));
}

static int co_isyieldable(lua_State *L) {
  lua_State *thread = lua_isnone(L, 1) ? L : check_thread(L);
  lua_pushboolean(L, !moonlet_thread(thread)->is_task && lua_isyieldable(thread) && !moonlet_is_opaque(thread));
  return 1;
}

static int co_running(lua_State *L) {
  lua_pushthread(L);
  lua_pushboolean(L, moonlet_thread(L)->is_task);
  return 2;
}

enum thread_status { RUNNING, DEAD, SUSPENDED, NORMAL };

static const char *const status_names[] = {"running", "dead", "suspended", "normal"};

static enum thread_status status_of(lua_State *L, lua_State *thread) {
  lua_Debug ar;
  if (L == thread) return RUNNING;
  if (moonlet_thread(thread)->is_suspended) return NORMAL;
  if (lua_status(thread) == LUA_YIELD) return SUSPENDED;
  if (lua_status(thread) != LUA_OK) return DEAD;
  if (lua_getstack(thread, 0, &ar)) return NORMAL;
  return lua_gettop(thread) == 0 ? DEAD : SUSPENDED;
}

static int co_status(lua_State *L) {
  lua_pushstring(L, status_names[status_of(L, check_thread(L))]);
  return 1;
}

static int co_close(lua_State *L) {
#if LUA_VERSION_NUM == 504
  lua_State *thread = check_thread(L);
#else
  lua_State *thread = lua_isnone(L, 1) ? L : check_thread(L);
#endif
  enum thread_status status = status_of(L, thread);
#if LUA_VERSION_NUM != 504
  if (status == RUNNING) {
    if (moonlet_thread(thread)->is_task) return luaL_error(L, "cannot close main thread");
    lua_closethread(thread, L); /* does not return */
  }
#endif
  if (status != DEAD && status != SUSPENDED)
    return luaL_error(L, "cannot close a %s coroutine", status_names[status]);
  moonlet_thread(thread)->outer = L;
  if (lua_closethread(thread, L) == LUA_OK) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushboolean(L, 0);
  lua_xmove(thread, L, 1);
  return 2;
}

static const luaL_Reg functions[] = {
  {"create", co_create},   {"resume", co_resume}, {"running", co_running},         {"status", co_status}, {"wrap", co_wrap},
  {"yield", co_yield},     {"close", co_close},   {"isyieldable", co_isyieldable}, {NULL, NULL},
};

int moonlet_open_coroutine(lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}
