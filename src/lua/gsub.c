/* string.gsub, which can be left at each step of a match and wherever it calls the script. */
#define LUA_CORE
#define moonlet_gsub_c
#define moonlet_arguments

#include "lprefix.h"

#include <ctype.h>
#include <string.h>

#include "lua.h"

#include "lauxlib.h"

#include "lobject.h"
#include "lstate.h"

#include "arguments.h"
#include "moonlet.h"
#include "pattern.h"

/* What is kept while the script is called, then in a userdata at index STATE. */
struct gsub {
  const char *subject, *pattern, *pattern_end;
  size_t length;
  const char *at, *last;
  lua_Integer count, most;
  unsigned char changed, is_anchored;
  unsigned char is_plain; /* the replacement is a string without escapes */
  luaL_Buffer out;
};

struct substitution {
  struct match match;
  struct gsub *state;
  struct gsub own; /* where the script is not called */
};

enum { SUBJECT = 1, PATTERN, REPLACEMENT, STATE };

/* As luaL_addlstring, without a call where there is room. */
static inline void add(luaL_Buffer *out, const char *text, size_t length) {
  if (length > out->size - out->n) {
    luaL_addlstring(out, text, length);
    return;
  }
  memcpy(luaL_buffaddr(out) + luaL_bufflen(out), text, length);
  luaL_addsize(out, length);
}

/* Appends the replacement string at index REPLACEMENT for the match from `s` to `e`. */
static void add_text(const struct match *m, struct gsub *state, const char *s, const char *e) {
  luaL_Buffer *out = &state->out;
  lua_State *L = m->L;
  const TString *replacement = tsvalue(s2v(moonlet_argument(L, REPLACEMENT)));
  const char *text = getstr(replacement), *p;
  size_t length = tsslen(replacement);
  moonlet_owe(1); /* as lua_tolstring */
  while (!state->is_plain && (p = memchr(text, ESCAPE, length)) != NULL) {
    moonlet_owe(1);
    add(out, text, (size_t)(p - text));
    p++;
    if (*p == ESCAPE) {
      luaL_addchar(out, *p);
    }
    else if (*p == '0') {
      add(out, s, (size_t)(e - s));
    }
    else if (isdigit((unsigned char)*p)) {
      const char *start;
      ptrdiff_t size = moonlet_get_capture(m, *p - '1', s, e, &start);
      if (size == POSITION)
        luaL_addvalue(out);
      else
        add(out, start, (size_t)size);
    }
    else {
      luaL_error(L, "invalid use of '%c' in replacement string", ESCAPE);
    }
    length -= (size_t)(p + 1 - text);
    text = p + 1;
  }
  add(out, text, length);
}

/* Appends what the script gave for the match, which is on top of the stack: nil and false leave the text from `last`, where the
   match begins, to `at`. */
static void add_value(lua_State *L, struct gsub *state, const char *s) {
  const TValue *value = s2v(L->top.p - 1);
  if (l_isfalse(value)) {
    lua_pop(L, 1);
    add(&state->out, s, (size_t)(state->at - s));
    return;
  }
  if (!ttisstring(value) && !ttisnumber(value)) luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
  luaL_addvalue(&state->out);
  state->changed = 1;
}

/* Whether the replacement is a function or a table. */
static int calls_script(lua_State *L) {
  const TValue *replacement = s2v(moonlet_argument(L, REPLACEMENT));
  return ttisfunction(replacement) || ttistable(replacement);
}

/* Replaces the match from `s` to `e`. */
static void replace(struct substitution *g, const char *s, const char *e) {
  lua_State *L = g->match.L;
  struct gsub *state = g->state;
  lua_KContext begins = (lua_KContext)(s - g->match.start) + 1;
  state->at = state->last = e;
  switch (ttype(s2v(moonlet_argument(L, REPLACEMENT)))) {
    case LUA_TFUNCTION:
      lua_pushvalue(L, REPLACEMENT);
      moonlet_opaque_callk(L, moonlet_push_captures(&g->match, s, e), 1, begins, moonlet_gsub_k);
      add_value(L, state, s);
      break;
    case LUA_TTABLE:
      moonlet_push_capture(&g->match, 0, s, e);
      if (lua_rawget(L, REPLACEMENT) == LUA_TNIL && lua_getmetatable(L, REPLACEMENT)) {
        lua_pop(L, 2);
        lua_pushvalue(L, REPLACEMENT);
        moonlet_push_capture(&g->match, 0, s, e);
        moonlet_index(L, begins, moonlet_gsub_k);
      }
      add_value(L, state, s);
      break;
    default:
      add_text(&g->match, state, s, e);
      state->changed = 1;
  }
}

/* Appends the subject up to `s`, so that the buffer grows as by one byte after the other. */
static void add_until(struct gsub *state, const char *s) {
  while (state->at != s) {
    luaL_Buffer *out = &state->out;
    size_t length = (size_t)(s - state->at);
    if (out->n == out->size) luaL_prepbuffsize(out, 1);
    if (length > out->size - out->n) length = out->size - out->n;
    luaL_addsize(out, length);
    memcpy(luaL_buffaddr(out) + luaL_bufflen(out) - length, state->at, length);
    state->at += length;
  }
}

static int substitute(struct substitution *g) {
  lua_State *L = g->match.L;
  struct gsub *state = g->state;
  while (state->count < state->most) {
    const char *s = state->at, *e;
    if (!state->is_anchored) {
      s = moonlet_next_place(&g->match, s, state->pattern);
      add_until(state, s);
    }
    e = moonlet_match_at(&g->match, s, state->pattern);
    if (e != NULL && e != state->last) {
      state->count++;
      replace(g, s, e);
    }
    else if (s < g->match.end) {
      luaL_addchar(&state->out, *s);
      state->at++;
    }
    else {
      break;
    }
    if (state->is_anchored) break;
  }
  if (!state->changed) {
    lua_pushvalue(L, SUBJECT);
  }
  else {
    luaL_addlstring(&state->out, state->at, (size_t)(g->match.end - state->at));
    luaL_pushresult(&state->out);
  }
  lua_pushinteger(L, state->count);
  return 2;
}

static void prepare_gsub(lua_State *L, struct substitution *g) {
  const struct gsub *state = g->state;
  moonlet_prepare_match(&g->match, L, state->subject, state->length, state->pattern_end, sizeof(*g), moonlet_gsub_k);
}

/* The script was suspended while it made a replacement for the match that begins at `context` - 1, or with 0 a match was left. */
int moonlet_gsub_k(lua_State *L, int status, lua_KContext context) {
  struct substitution g;
  (void)status;
  if (context == 0) {
    moonlet_take_up_match(L, &g, sizeof(g));
    if (!calls_script(L)) {
      g.state = &g.own;
      moonlet_move_buffer(L, &g.own.out);
    }
    return substitute(&g);
  }
  g.state = lua_touserdata(L, STATE);
  prepare_gsub(L, &g);
  add_value(L, g.state, g.match.start + context - 1);
  if (g.state->is_anchored) g.state->most = g.state->count;
  return substitute(&g);
}

int moonlet_gsub(lua_State *L) {
  struct substitution g;
  size_t length, pattern_length;
  const char *subject = luaL_checklstring(L, SUBJECT, &length);
  const char *pattern = luaL_checklstring(L, PATTERN, &pattern_length);
  int type = lua_type(L, REPLACEMENT);
  lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)length + 1);
  luaL_argexpected(L, type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE, REPLACEMENT,
                   "string/function/table");
  lua_settop(L, REPLACEMENT);
  g.state = &g.own;
  if (calls_script(L)) {
    g.state = lua_newuserdatauv(L, sizeof(*g.state), 0);
    g.state->is_plain = 0;
  }
  else {
    const TString *text;
    if (type == LUA_TNUMBER) lua_tolstring(L, REPLACEMENT, NULL);
    text = tsvalue(s2v(moonlet_argument(L, REPLACEMENT)));
    g.state->is_plain = memchr(getstr(text), ESCAPE, tsslen(text)) == NULL;
  }
  g.state->subject = g.state->at = subject;
  g.state->length = length;
  g.state->last = NULL;
  g.state->count = 0;
  g.state->most = most;
  g.state->changed = 0;
  g.state->is_anchored = *pattern == '^';
  g.state->pattern = pattern + g.state->is_anchored;
  g.state->pattern_end = pattern + pattern_length;
  luaL_buffinit(L, &g.state->out);
  prepare_gsub(L, &g);
  return substitute(&g);
}
