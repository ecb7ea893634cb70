/* string.find, match and gmatch, which can be left at each step of a match. */
#define LUA_CORE
#define moonlet_find_c
#define moonlet_arguments

#include "lprefix.h"

#include <ctype.h>
#include <string.h>

#include "lua.h"

#include "lauxlib.h"

#include "lobject.h"
#include "lstate.h"

#include "moonlet.h"
#include "pattern.h"

/* As posrelatI of lstrlib.c: where the optional third argument is in a string of that length, counted from 0. */
static size_t start_position(lua_State *L, size_t length) {
  lua_Integer position = luaL_optinteger(L, 3, 1);
  if (position > 0) return position > (lua_Integer)length + 1 ? length + 1 : (size_t)position - 1;
  if (position == 0 || position < -(lua_Integer)length) return 0;
  return (size_t)((lua_Integer)length + position);
}

/* --- string.find and string.match */

struct search {
  struct match match;
  const char *at, *pattern;
  unsigned char is_find, is_anchored;
};

static int search_k(lua_State *L, int status, lua_KContext context);

static int search(struct search *s) {
  lua_State *L = s->match.L;
  do {
    const char *end;
    if (!s->is_anchored) s->at = moonlet_next_place(&s->match, s->at, s->pattern);
    end = moonlet_match_at(&s->match, s->at, s->pattern);
    if (end == NULL) continue;
    if (!s->is_find) return moonlet_push_captures(&s->match, s->at, end);
    lua_pushinteger(L, s->at - s->match.start + 1);
    lua_pushinteger(L, end - s->match.start);
    return moonlet_push_captures(&s->match, NULL, NULL) + 2;
  } while (s->at++ < s->match.end && !s->is_anchored);
  luaL_pushfail(L);
  return 1;
}

static int search_k(lua_State *L, int status, lua_KContext context) {
  struct search s;
  (void)status, (void)context;
  moonlet_take_up_match(L, &s, sizeof(s));
  return search(&s);
}

/* The special characters, each by its distance from the first. */
#define BIT(c) (1ULL << ((c) - '$'))
#define SPECIALS \
  (BIT('$') | BIT('%') | BIT('(') | BIT('*') | BIT('+') | BIT('-') | BIT('.') | BIT('?') | BIT('[') | BIT('^'))

/* Whether the pattern has no special characters. */
static int is_plain(const char *pattern, size_t length) {
  size_t at;
  moonlet_owe((length >> 4) + 1);
  for (at = 0; at < length; at++) {
    unsigned int distance = (unsigned char)pattern[at] - (unsigned int)'$';
    if (distance < 64 && (SPECIALS >> distance & 1) != 0) return 0;
  }
  return 1;
}

static int plain_k(lua_State *L, int status, lua_KContext context);

/* Looks for the text as it is, in the subject from `offset` on. */
static int find_plain(lua_State *L, const char *subject, size_t length, const char *text, size_t wanted, size_t offset) {
  while (offset + wanted <= length) {
    const char *found = subject + offset;
    if (wanted > 0) {
      size_t places = length - offset - wanted + 1;
      found = memchr(found, *text, places);
      moonlet_owe(1 + ((found == NULL ? places : (size_t)(found - subject) - offset) >> 5));
      if (found == NULL) break;
      offset = (size_t)(found - subject);
      moonlet_owe(1 + (wanted >> 6));
    }
    if (wanted == 0 || memcmp(found + 1, text + 1, wanted - 1) == 0) {
      lua_pushinteger(L, (lua_Integer)offset + 1);
      lua_pushinteger(L, (lua_Integer)(offset + wanted));
      return 2;
    }
    offset++;
    if (moonlet_fuel <= 0 && moonlet_must_leave(L)) moonlet_leave(L, (lua_KContext)offset, plain_k);
  }
  luaL_pushfail(L);
  return 1;
}

static int plain_k(lua_State *L, int status, lua_KContext offset) {
  size_t length, wanted;
  const char *subject = lua_tolstring(L, 1, &length), *text = lua_tolstring(L, 2, &wanted);
  (void)status;
  moonlet_owe(-2); /* these calls are none of the script's */
  return find_plain(L, subject, length, text, wanted, (size_t)offset);
}

static int begin_search(lua_State *L, int is_find) {
  struct search s;
  size_t length, pattern_length;
  const char *subject = luaL_checklstring(L, 1, &length);
  const char *pattern = luaL_checklstring(L, 2, &pattern_length);
  size_t offset = start_position(L, length);
  if (offset > length) {
    luaL_pushfail(L);
    return 1;
  }
  if (is_find && (lua_toboolean(L, 4) || is_plain(pattern, pattern_length)))
    return find_plain(L, subject, length, pattern, pattern_length, offset);
  s.is_find = is_find != 0;
  s.is_anchored = *pattern == '^';
  s.at = subject + offset;
  s.pattern = pattern + s.is_anchored;
  moonlet_prepare_match(&s.match, L, subject, length, pattern + pattern_length, sizeof(s), search_k);
  return search(&s);
}

int moonlet_find(lua_State *L) {
  return begin_search(L, 1);
}

int moonlet_match(lua_State *L) {
  return begin_search(L, 0);
}

/* --- string.gmatch */

struct gmatch {
  const char *at, *last; /* the end of the last match */
};

struct step {
  struct match match;
  struct gmatch *all;
  const char *at, *pattern;
};

static int step(struct step *s) {
  for (; s->at <= s->match.end; s->at++) {
    const char *end;
    s->at = moonlet_next_place(&s->match, s->at, s->pattern);
    end = moonlet_match_at(&s->match, s->at, s->pattern);
    if (end != NULL && end != s->all->last) {
      s->all->at = s->all->last = end;
      return moonlet_push_captures(&s->match, s->at, end);
    }
  }
  return 0;
}

static int step_k(lua_State *L, int status, lua_KContext context) {
  struct step s;
  (void)status, (void)context;
  moonlet_take_up_match(L, &s, sizeof(s));
  return step(&s);
}

static int next_match(lua_State *L) {
  struct step s;
  size_t length, pattern_length;
  const char *subject = lua_tolstring(L, lua_upvalueindex(1), &length);
  s.pattern = lua_tolstring(L, lua_upvalueindex(2), &pattern_length);
  s.all = lua_touserdata(L, lua_upvalueindex(3));
  s.at = s.all->at;
  moonlet_prepare_match(&s.match, L, subject, length, s.pattern + pattern_length, sizeof(s), step_k);
  return step(&s);
}

int moonlet_gmatch(lua_State *L) {
  struct gmatch *all;
  size_t length;
  const char *subject = luaL_checklstring(L, 1, &length);
  size_t offset;
  luaL_checkstring(L, 2);
  offset = start_position(L, length);
  lua_settop(L, 2); /* the closure keeps both strings */
  all = lua_newuserdatauv(L, sizeof(*all), 0);
  all->at = subject + offset; /* one byte beyond the end at most */
  all->last = NULL;
  lua_pushcclosure(L, next_match, 3);
  return 1;
}
