/* The coroutine library, as lcorolib.c has it but for three things: a suspension by the host passes through, the thread
   of a task looks like the main thread, and a thread that the host has suspended looks like one that runs. What a switch does is
   done without the API, at the units that it takes. */
#define LUA_CORE
#define moonlet_coroutine_c

#include "lprefix.h"

#include "lua.h"

#include "lauxlib.h"
#include "lualib.h"

#include "lgc.h"

#include "arguments.h"
#include "moonlet.h"

#define count(L) ((int)((L)->top.p - moonlet_argument(L, 1)))

static lua_State *check_thread(lua_State *L) {
  luaL_argexpected(L, lua_isthread(L, 1), 1, "thread");
  return thvalue(s2v(moonlet_argument(L, 1)));
}

/* As lua_checkstack, whose unit `move` takes where there is room. */
static int has_room(lua_State *L, int values) {
  return L->ci->top.p - L->top.p >= values || lua_checkstack(L, values);
}

/* As lua_xmove, once has_room has looked. */
static void move(lua_State *from, lua_State *to, int values) {
  StkId value = from->top.p - values;
  moonlet_owe(2 + (values >> 3));
  from->top.p = value;
  for (; values > 0; values--, value++, to->top.p++) setobjs2s(to, to->top.p, value);
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
    if (!has_room(L, results + 1)) {
      lua_pop(thread, results);
      lua_pushliteral(L, "too many results to resume");
      return -1;
    }
    move(thread, L, results);
    return results;
  }
  move(thread, L, 1);
  return -1;
}

/* Hands the `values` on top of L's stack to a coroutine that the script resumes. Answers 0, and a message, where that cannot be. */
static int hand_over(lua_State *L, lua_State *thread, int values) {
  if (!has_room(thread, values)) {
    lua_pushliteral(L, "too many arguments to resume");
    return 0;
  }
  if (moonlet_thread(thread)->is_suspended) {
    lua_pushliteral(L, "cannot resume non-suspended coroutine");
    return 0;
  }
  move(L, thread, values);
  return 1;
}

/* Goes on with a coroutine within which the host has suspended the task. */
static int proceed(lua_State *L, lua_State *thread, lua_KFunction k) {
  return advance(L, thread, thread == moonlet_waiting ? moonlet_values : 0, k);
}

/* `true` stands below the results; of a message all that matters is that something does. */
static int finish_resume(lua_State *L, int results) {
  moonlet_owe(2);
  if (results < 0) {
    setbfvalue(s2v(L->top.p - 2));
    return 2;
  }
  return results + 1;
}

static int resume_k(lua_State *L, int status, lua_KContext context) {
  (void)status, (void)context;
  return finish_resume(L, proceed(L, thvalue(s2v(moonlet_argument(L, 1))), resume_k));
}

static int co_resume(lua_State *L) {
  lua_State *thread = check_thread(L);
  int values = count(L) - 1;
  if (!hand_over(L, thread, values)) return finish_resume(L, -1);
  setbtvalue(s2v(L->top.p));
  L->top.p++;
  return finish_resume(L, advance(L, thread, values, resume_k));
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

static lua_State *wrapped(lua_State *L) {
  return thvalue(&clCvalue(s2v(L->ci->func.p))->upvalue[0]);
}

static int wrap_k(lua_State *L, int status, lua_KContext context) {
  lua_State *thread = wrapped(L);
  (void)status, (void)context;
  return finish_wrap(L, thread, proceed(L, thread, wrap_k));
}

static int call_wrapped(lua_State *L) {
  lua_State *thread = wrapped(L);
  int values = count(L);
  return finish_wrap(L, thread, hand_over(L, thread, values) ? advance(L, thread, values, wrap_k) : -1);
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
  if (yieldable(L) && moonlet_is_opaque(L)) {
    lua_pushliteral(L, "attempt to yield across a C-call boundary");
    return lua_error(L);
  }
  return lua_yield(L, count(L));
}

static int co_isyieldable(lua_State *L) {
  lua_State *thread = lua_isnone(L, 1) ? L : check_thread(L);
  lua_pushboolean(L, !moonlet_thread(thread)->is_task && yieldable(thread) && !moonlet_is_opaque(thread));
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
