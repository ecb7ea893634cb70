/* Where an error happened: the traceback and the position of the last one that the host may be told of. They are written into
   memory of their own, so that a stop and the end of memory have them too. */
#define LUA_CORE
#define moonlet_traceback_c

#include "lprefix.h"

#include <stdio.h>
#include <string.h>

#include "lua.h"

#include "ldebug.h"
#include "ldo.h"
#include "lgc.h"
#include "lobject.h"
#include "lstate.h"
#include "lstring.h"
#include "ltable.h"
#include "lvm.h"

#include "moonlet.h"

/* Levels that are shown, the first ones and the last ones, as luaL_traceback does. */
#define FIRST 10
#define LAST 11

/* Letters of a function's name that are shown. */
#define NAME 60

/* Bytes of a traceback: most have room for all those levels. */
#define TEXT 2304

/* Entries of the loaded modules that a traceback looks at to name its functions. */
#define ENTRIES 16384

/* Fuel that nothing here uses up. */
#define PLENTY (1LL << 62)

/* The same in trace.rs. */
struct moonlet_trace {
  lua_State *task; /* whose it is */
  int status;      /* of the error */
  int line;        /* 0 where it is not known */
  unsigned int length;
  char chunk[LUA_IDSIZE];
  char head[160]; /* for what the host is told before it */
  char text[TEXT];
} moonlet_trace;

/* The thread of the task whose errors are noted; NULL when the host would not be told. */
lua_State *moonlet_traced = NULL;

int moonlet_rethrows = 0;

/* What looking for names still may take. */
static int entries;

/* One level after the other, from a call outwards. */
struct level {
  lua_State *L;
  CallInfo *ci;
  int goes_on; /* in the thread that resumed this one */
};

/* Whether there is a level, if need be in the next thread. */
static int find_level(struct level *level) {
  while (level->ci == &level->L->base_ci) {
    lua_State *outer = level->goes_on ? moonlet_outer(level->L) : NULL;
    if (outer == NULL) return 0;
    level->L = outer;
    level->ci = outer->ci;
  }
  return 1;
}

static void add(int length) {
  unsigned int room = TEXT - 1 - moonlet_trace.length;
  moonlet_trace.length += length < (int)room ? (unsigned int)length : room;
}

#define ADD(...) add(snprintf(moonlet_trace.text + moonlet_trace.length, TEXT - moonlet_trace.length, __VA_ARGS__))

static void add_name(const char *what, const char *module, const char *name) {
  ADD("%s '%.*s%s%.*s%s'", what, NAME, module, *module != '\0' ? "." : "", NAME, name,
      memchr(name, '\0', NAME + 1) == NULL ? "..." : "");
}

/* The string that is the key of an entry, or NULL. */
static const char *key_of(const Node *node) {
  return novariant(keytt(node)) == LUA_TSTRING ? getstr(keystrval(node)) : NULL;
}

/* The key under which a table holds the function, or NULL. */
static const char *find_in(const Table *t, const TValue *function) {
  int i;
  for (i = 0; i < (int)sizenode(t) && entries > 0; i++, entries--) {
    const Node *node = gnode(t, i);
    if (ttypetag(gval(node)) == ttypetag(function) && luaV_rawequalobj(gval(node), function) && key_of(node) != NULL)
      return key_of(node);
  }
  return NULL;
}

/* Adds the name that a loaded module has for the function, in the order of luaL_traceback. */
static int add_global_name(lua_State *L, const TValue *function) {
  const Table *loaded = hvalue(&G(L)->l_registry);
  int i;
  for (i = 0; i < (int)sizenode(loaded); i++, entries--) {
    const char *key = key_of(gnode(loaded, i));
    if (key != NULL && strcmp(key, "_LOADED") == 0) break;
    if (entries <= 0) return 0;
  }
  if (i == (int)sizenode(loaded) || !ttistable(gval(gnode(loaded, i)))) return 0;
  loaded = hvalue(gval(gnode(loaded, i)));
  for (i = 0; i < (int)sizenode(loaded) && entries > 0; i++, entries--) {
    const TValue *value = gval(gnode(loaded, i));
    const char *module = key_of(gnode(loaded, i)), *name;
    if (module == NULL) continue;
    if (luaV_rawequalobj(value, function)) {
      add_name("function", "", module);
      return 1;
    }
    if (ttistable(value) && (name = find_in(hvalue(value), function)) != NULL) {
      add_name("function", strcmp(module, "_G") == 0 ? "" : module, name);
      return 1;
    }
  }
  return 0;
}

/* Adds what luaL_traceback calls the function. */
static void add_function(lua_State *L, CallInfo *ci, const lua_Debug *ar) {
#if LUA_VERSION_NUM == 504
  if (add_global_name(L, s2v(ci->func.p))) return;
  if (*ar->namewhat != '\0')
    add_name(ar->namewhat, "", ar->name);
  else if (*ar->what == 'm')
    ADD("main chunk");
#else
  if (*ar->namewhat != '\0')
    add_name(ar->namewhat, "", ar->name);
  else if (*ar->what == 'm')
    ADD("main chunk");
  else if (add_global_name(L, s2v(ci->func.p)))
    return;
#endif
  else if (*ar->what != 'C')
    ADD("function <%s:%d>", ar->short_src, ar->linedefined);
  else
    ADD("?");
}

static void get_info(struct level *level, const char *what, lua_Debug *ar) {
  ar->i_ci = level->ci;
  lua_getinfo(level->L, what, ar);
}

/* Bytes kept for the line that stands for levels without room, and for the one that tells how many were skipped. */
#define SPARE 48

/* Whether there was room for the level. */
static int add_level(struct level *level) {
  lua_Debug ar;
  unsigned int length = moonlet_trace.length;
  get_info(level, "Slnt", &ar);
  if (ar.currentline <= 0)
    ADD("\n\t%s: in ", ar.short_src);
  else
    ADD("\n\t%s:%d: in ", ar.short_src, ar.currentline);
  add_function(level->L, level->ci, &ar);
  if (ar.istailcall) ADD("\n\t(...tail calls...)");
  if (moonlet_trace.length < TEXT - SPARE) return 1;
  moonlet_trace.length = length;
  ADD("\n\t...");
  return 0;
}

/* The position is that of the innermost Lua function. */
static void note_position(struct level *level) {
  lua_Debug ar;
  get_info(level, "Sl", &ar);
  if (ar.currentline <= 0) return;
  moonlet_trace.line = ar.currentline;
  memcpy(moonlet_trace.chunk, ar.short_src, LUA_IDSIZE);
}

/* Notes the levels from `first` outwards. */
static void note_levels(struct level first, int status) {
  struct level level;
  unsigned int levels = 0, i;
  moonlet_trace.task = moonlet_traced;
  moonlet_trace.status = status;
  moonlet_trace.line = 0;
  moonlet_trace.length = 0;
  moonlet_trace.text[0] = '\0';
  entries = ENTRIES;
  for (level = first; find_level(&level); level.ci = level.ci->previous, levels++)
    if (moonlet_trace.line == 0 && isLua(level.ci)) note_position(&level);
  if (moonlet_trace.line == 0 && levels <= 1) return; /* the host's own step */
  ADD("stack traceback:");
  for (i = 0, level = first; find_level(&level); level.ci = level.ci->previous, i++) {
    if (levels <= FIRST + LAST + 1 || i < FIRST || i >= levels - LAST) {
      if (!add_level(&level)) break;
    }
    else if (i == FIRST)
      ADD("\n\t...\t(skipping %u levels)", levels - FIRST - LAST - 1);
  }
  moonlet_owe((levels + (unsigned int)(ENTRIES - entries)) >> 3);
}

/* The same, where nothing may be raised: the fuel is taken afterwards, unless there is none. */
static void note(lua_State *L, CallInfo *ci, int status) {
  struct level first = {L, ci, status != LUA_ERRRUN};
  long long fuel = moonlet_fuel;
  moonlet_fuel = PLENTY;
  note_levels(first, status);
  moonlet_fuel = moonlet_stopping ? fuel : fuel - (PLENTY - moonlet_fuel);
}

/* Called in ldo.c before memory being out is thrown, and in budget.c before a stop is, the first time. */
void moonlet_note_place(lua_State *L, int status) {
  int has_place = moonlet_rethrows && status == LUA_ERRMEM;
  moonlet_rethrows = 0;
  if (has_place || moonlet_traced == NULL) return;
  if (G(L) != G(moonlet_traced)) return; /* a state of Lua's internal tests */
  if (moonlet_trace.task == moonlet_traced && moonlet_trace.status == MOONLET_BUDGET) return;
  lua_unlock(L);
  note(L, L->ci, status);
  lua_lock(L);
}

/* --- An error that the script does not catch. Until its __close handlers have run the task can be suspended, and others leave
   errors of their own, so a copy of what is known stands at the bottom of the task's stack, with the error that it belongs to. */

#define ERROR(L) s2v((L)->stack.p + 2)
#define COPY(L) s2v((L)->stack.p + 3)

static size_t copy_size(const struct moonlet_trace *trace) {
  return offsetof(struct moonlet_trace, text) + trace->length + 1;
}

/* May raise (memory). */
static void copy(lua_State *L, void *ud) {
  Udata *copied = luaS_newudata(L, copy_size(&moonlet_trace), 0);
  (void)ud;
  memcpy(getudatamem(copied), &moonlet_trace, copy_size(&moonlet_trace));
  setuvalue(L, COPY(L), copied);
}

/* The message handler of a task, which leaves the error as it is. */
int moonlet_handler(lua_State *L) {
  lua_State *traced = moonlet_traced;
  int open = moonlet_open_reserve(1);
  note(L, L->ci->previous, LUA_ERRRUN);
  lua_lock(L);
  setobj(L, ERROR(L), s2v(L->ci->func.p + 1));
  setnilvalue(COPY(L));
  moonlet_traced = NULL; /* where there is no memory for a copy, what is known stays as it is */
  luaD_rawrunprotected(L, copy, NULL);
  moonlet_traced = traced;
  lua_unlock(L);
  moonlet_open_reserve(open);
  return 1;
}

/* Brings back what is known of the error on top of the stack, of a task's thread. */
void moonlet_recall(lua_State *L) {
  /* 5.5 makes a string of a nil after the handler has seen it. */
  int is_same = ttisnil(ERROR(L)) || luaV_rawequalobj(ERROR(L), s2v(L->top.p - 1));
  moonlet_trace.status = is_same && moonlet_trace.task == L ? moonlet_trace.status : LUA_OK;
  if (is_same && ttisfulluserdata(COPY(L))) {
    const Udata *copied = uvalue(COPY(L));
    const struct moonlet_trace *trace = (const struct moonlet_trace *)getudatamem(copied);
    /* A script that reaches it by the library debug may have put something else there. */
    if (copied->len > offsetof(struct moonlet_trace, text) && trace->length < TEXT && copied->len == copy_size(trace))
      memcpy(&moonlet_trace, trace, copied->len);
  }
}

/* Whether the errors of the running calls go to that handler. */
int moonlet_has_handler(lua_State *L) {
  const TValue *handler = s2v(restorestack(L, L->errfunc));
  return L->errfunc != 0 && ttislcf(handler) && fvalue(handler) == moonlet_handler;
}

/* Notes the position that the message of a syntax error, on top of the stack, starts with, in a chunk of that name. */
void moonlet_note_syntax(lua_State *L, const char *name) {
  const char *message = lua_tostring(L, -1);
  size_t length;
  moonlet_trace.task = moonlet_traced;
  moonlet_trace.status = LUA_ERRSYNTAX;
  moonlet_trace.line = 0;
  moonlet_trace.length = 0;
  luaO_chunkid(moonlet_trace.chunk, name, strlen(name));
  length = strlen(moonlet_trace.chunk);
  if (message == NULL || strncmp(message, moonlet_trace.chunk, length) != 0 || message[length] != ':') return;
  for (message += length + 1; *message >= '0' && *message <= '9'; message++)
    moonlet_trace.line = moonlet_trace.line * 10 + (*message - '0');
}
