/* string.find, match, gmatch and gsub: the matches, captures and errors of lstrlib.c, by a matcher without recursion, so that a
   match can be left at each of its steps. */
#define LUA_CORE
#define moonlet_pattern_c

#include "lprefix.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "lua.h"

#include "lauxlib.h"

#include "lobject.h"
#include "lstate.h"

#include "moonlet.h"

/* Levels of a match, as in lstrlib.c. */
#define MAXCCALLS 200

/* As in lstrlib.c. */
#define LUA_MAXCAPTURES 32

#define ESCAPE '%'
#define SPECIALS "^$*+?.([%-"

/* Lengths of captures that have none. */
#define UNFINISHED (-1)
#define POSITION (-2)

struct match {
  lua_State *L;
  lua_KFunction k;     /* goes on when the match was left */
  unsigned short size; /* of the structure that this one begins */
  unsigned char levels; /* captures, finished or not */
  unsigned char depth; /* of `tries` */
  const char *start, *end, *pattern_end;
  const char *at, *item, *low; /* where it was left; `low` is where a repetition that was being counted begins, or NULL */
  struct {
    const char *start;
    ptrdiff_t length;
  } capture[LUA_MAXCAPTURES];
};

/* What to do when what was tried last fails. */
enum kind { OPENED, CLOSED, OPTION, GREEDY, LAZY };

struct try {
  const char *at, *next; /* the subject, and the pattern after the item */
  const char *low;       /* GREEDY: no less than this; LAZY: the item */
  unsigned char kind, capture;
};

/* Those of the match that runs; a match calls nothing of the script. */
static struct try tries[MAXCCALLS - 1];

/* --- Items */

static const char *item_end(const struct match *m, const char *p) {
  switch (*p++) {
    case ESCAPE:
      if (p == m->pattern_end) luaL_error(m->L, "malformed pattern (ends with '%%')");
      return p + 1;
    case '[':
      if (*p == '^') p++;
      do {
        if (p == m->pattern_end) luaL_error(m->L, "malformed pattern (missing ']')");
        if (*(p++) == ESCAPE && p < m->pattern_end) p++;
      } while (*p != ']');
      return p + 1;
    default:
      return p;
  }
}

static int in_class(int c, int class) {
  int is;
  switch (class | 0x20) {
    case 'a': is = isalpha(c); break;
    case 'c': is = iscntrl(c); break;
    case 'd': is = isdigit(c); break;
    case 'g': is = isgraph(c); break;
    case 'l': is = islower(c); break;
    case 'p': is = ispunct(c); break;
    case 's': is = isspace(c); break;
    case 'u': is = isupper(c); break;
    case 'w': is = isalnum(c); break;
    case 'x': is = isxdigit(c); break;
    case 'z': is = c == 0; break;
    default: return class == c;
  }
  return (class & 0x20) ? is : !is;
}

/* Whether the set from `p` to its bracket `last` holds the byte. */
static int in_set(int c, const char *p, const char *last) {
  int holds = 1;
  if (p[1] == '^') {
    holds = 0;
    p++;
  }
  while (++p < last) {
    if (*p == ESCAPE) {
      p++;
      if (in_class(c, (unsigned char)*p)) return holds;
    }
    else if (p[1] == '-' && p + 2 < last) {
      p += 2;
      if ((unsigned char)p[-2] <= c && c <= (unsigned char)*p) return holds;
    }
    else if ((unsigned char)*p == c) {
      return holds;
    }
  }
  return !holds;
}

/* Whether the item from `p` to `end` takes the byte at `s`. A step of a match; the search for the end of a set went before. */
static inline int takes(const struct match *m, const char *s, const char *p, const char *end) {
  int c;
  moonlet_owe(1 + ((end - p) >> 3));
  if (s >= m->end) return 0;
  c = (unsigned char)*s;
  switch (*p) {
    case '.': return 1;
    case ESCAPE: return in_class(c, (unsigned char)p[1]);
    case '[': return in_set(c, p, end - 1);
    default: return (unsigned char)*p == c;
  }
}

/* --- Captures */

static int check_capture(const struct match *m, int digit) {
  int index = digit - '1';
  if (index < 0 || index >= m->levels || m->capture[index].length == UNFINISHED)
    luaL_error(m->L, "invalid capture index %%%d", index + 1);
  return index;
}

static int capture_to_close(const struct match *m) {
  int level = m->levels;
  for (level--; level >= 0; level--)
    if (m->capture[level].length == UNFINISHED) return level;
  return luaL_error(m->L, "invalid pattern capture");
}

/* The length of a capture, or of the whole match from `s` to `e` when there are none, and where it is; a position is pushed. */
static ptrdiff_t get_capture(const struct match *m, int index, const char *s, const char *e, const char **start) {
  ptrdiff_t length;
  if (index >= m->levels) {
    if (index != 0) luaL_error(m->L, "invalid capture index %%%d", index + 1);
    *start = s;
    return e - s;
  }
  length = m->capture[index].length;
  *start = m->capture[index].start;
  if (length == UNFINISHED) luaL_error(m->L, "unfinished capture");
  if (length == POSITION) lua_pushinteger(m->L, *start - m->start + 1);
  return length;
}

static void push_capture(const struct match *m, int index, const char *s, const char *e) {
  const char *start;
  ptrdiff_t length = get_capture(m, index, s, e, &start);
  if (length != POSITION) lua_pushlstring(m->L, start, (size_t)length);
}

/* Pushes all captures; the whole match, from `s`, stands for none. How many. */
static int push_captures(const struct match *m, const char *s, const char *e) {
  int i, count = m->levels == 0 && s != NULL ? 1 : m->levels;
  luaL_checkstack(m->L, count, "too many captures");
  for (i = 0; i < count; i++) push_capture(m, i, s, e);
  return count;
}

/* --- The matcher */

static void push_try(struct match *m, enum kind kind, const char *at, const char *next, const char *low) {
  struct try *t = &tries[m->depth];
  if (m->depth == MAXCCALLS - 1) luaL_error(m->L, "pattern too complex");
  m->depth++;
  t->at = at;
  t->next = next;
  t->low = low;
  t->kind = (unsigned char)kind;
  moonlet_owe(1);
}

/* %b(): where the balance is reached; NULL where it is not. */
static const char *match_balance(const struct match *m, const char *s, const char *p) {
  const char *from = s;
  int depth = 1;
  if (p >= m->pattern_end - 1) luaL_error(m->L, "malformed pattern (missing arguments to '%%b')");
  if (*s != *p) return NULL;
  while (++s < m->end) {
    if (*s == p[1]) {
      if (--depth == 0) break;
    }
    else if (*s == *p) {
      depth++;
    }
  }
  moonlet_owe((s - from) >> 4);
  return s < m->end ? s + 1 : NULL;
}

/* %f[set]: what follows the set where it begins here. */
static const char *match_frontier(const struct match *m, const char *s, const char *p) {
  const char *end;
  int before = s == m->start ? 0 : (unsigned char)s[-1];
  if (*p != '[') luaL_error(m->L, "missing '[' after '%%f' in pattern");
  end = item_end(m, p);
  moonlet_owe((end - p) >> 2);
  return !in_set(before, p, end - 1) && in_set((unsigned char)*s, p, end - 1) ? end : NULL;
}

/* %1: what follows when the capture stands here again. */
static const char *match_back(const struct match *m, const char *s, int digit) {
  int index = check_capture(m, digit);
  size_t length = (size_t)m->capture[index].length;
  moonlet_owe(1);
  if ((size_t)(m->end - s) < length) return NULL;
  moonlet_owe(length >> 6);
  return memcmp(m->capture[index].start, s, length) == 0 ? s + length : NULL;
}

/* Leaves the match where a suspension is due; returns when it cannot happen. */
static __attribute__((noinline, cold)) void leave(struct match *m, const char *s, const char *p, const char *low) {
  if (!moonlet_must_leave(m->L)) return;
  m->at = s;
  m->item = p;
  m->low = low;
  if (moonlet_park(m->L, m, m->size, tries, m->depth * sizeof(tries[0]))) moonlet_leave(m->L, 0, m->k);
  m->at = NULL;
  moonlet_put_off(m->L);
}

/* Takes back what was tried last, until there is something else to try: then where in the pattern, and in `s` where in the subject.
   NULL when nothing is left. */
static const char *back(struct match *m, const char **s) {
  while (m->depth > 0) {
    struct try *t = &tries[m->depth - 1];
    switch (t->kind) {
      case OPENED:
        m->levels--;
        break;
      case CLOSED:
        m->capture[t->capture].length = UNFINISHED;
        break;
      case OPTION:
        m->depth--;
        *s = t->at;
        return t->next;
      case GREEDY:
        if (t->at == t->low) break;
        moonlet_owe(1);
        *s = --t->at;
        return t->next;
      default:
        if (!takes(m, t->at, t->low, t->next - 1)) break;
        moonlet_owe(1);
        *s = ++t->at;
        return t->next;
    }
    m->depth--;
  }
  return NULL;
}

/* Goes on from `s` with the pattern from `p`: the end of the match, or NULL. With `low` the bytes from there to `s` are taken by the
   item at `p`, which is repeated. */
static const char *run(struct match *m, const char *s, const char *p, const char *low) {
  const char *end;
  if (low != NULL) {
    end = item_end(m, p);
    goto count;
  }
  for (;;) {
    const char *found;
    if (moonlet_fuel <= 0) leave(m, s, p, NULL);
    if (p == m->pattern_end) return s;
    switch (*p) {
      case '(': {
        int is_position = p[1] == ')';
        if (m->levels >= LUA_MAXCAPTURES) luaL_error(m->L, "too many captures");
        push_try(m, OPENED, NULL, NULL, NULL);
        m->capture[m->levels].start = s;
        m->capture[m->levels].length = is_position ? POSITION : UNFINISHED;
        m->levels++;
        p += is_position ? 2 : 1;
        continue;
      }
      case ')': {
        int index = capture_to_close(m);
        m->capture[index].length = s - m->capture[index].start;
        push_try(m, CLOSED, NULL, NULL, NULL);
        tries[m->depth - 1].capture = (unsigned char)index;
        p++;
        continue;
      }
      case '$':
        if (p + 1 != m->pattern_end) break;
        if (s == m->end) return s;
        goto failed;
      case ESCAPE:
        switch (p[1]) {
          case 'b':
            if ((found = match_balance(m, s, p + 2)) == NULL) goto failed;
            s = found;
            p += 4;
            continue;
          case 'f':
            if ((found = match_frontier(m, s, p + 2)) == NULL) goto failed;
            p = found;
            continue;
          case '0': case '1': case '2': case '3': case '4':
          case '5': case '6': case '7': case '8': case '9':
            if ((found = match_back(m, s, (unsigned char)p[1])) == NULL) goto failed;
            s = found;
            p += 2;
            continue;
          default:
            break;
        }
        break;
      default:
        break;
    }
    end = item_end(m, p);
    if (!takes(m, s, p, end)) {
      if (*end != '*' && *end != '?' && *end != '-') goto failed;
      p = end + 1;
      continue;
    }
    switch (*end) {
      case '?':
        push_try(m, OPTION, s, end + 1, NULL);
        s++;
        p = end + 1;
        continue;
      case '-':
        push_try(m, LAZY, s, end + 1, p);
        p = end + 1;
        continue;
      case '+':
      case '*':
        if (*end == '+') s++;
        low = s;
      count:
        while (takes(m, s, p, end)) {
          s++;
          if (moonlet_fuel <= 0) leave(m, s, p, low);
        }
        push_try(m, GREEDY, s, end + 1, low);
        p = end + 1;
        continue;
      default:
        s++;
        p = end;
        continue;
    }
  failed:
    if ((p = back(m, &s)) == NULL) return NULL;
  }
}

/* Prepares for matches in `subject`; the pattern is from where it ends. `size` is that of the structure around. */
static void prepare(struct match *m, lua_State *L, const char *subject, size_t length, const char *pattern_end, size_t size,
                    lua_KFunction k) {
  m->L = L;
  m->k = k;
  m->size = (unsigned short)size;
  m->start = subject;
  m->end = subject + length;
  m->pattern_end = pattern_end;
  m->at = NULL;
}

/* Matches at `s`, or goes on with the match that was left. */
static const char *match(struct match *m, const char *s, const char *p) {
  const char *at = m->at;
  if (at != NULL) {
    m->at = NULL;
    return run(m, at, m->item, m->low);
  }
  m->levels = 0;
  m->depth = 0;
  moonlet_owe(1);
  return run(m, s, p, NULL);
}

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
    const char *end = match(&s->match, s->at, s->pattern);
    if (end == NULL) continue;
    if (!s->is_find) return push_captures(&s->match, s->at, end);
    lua_pushinteger(L, s->at - s->match.start + 1);
    lua_pushinteger(L, end - s->match.start);
    return push_captures(&s->match, NULL, NULL) + 2;
  } while (s->at++ < s->match.end && !s->is_anchored);
  luaL_pushfail(L);
  return 1;
}

static int search_k(lua_State *L, int status, lua_KContext context) {
  struct search s;
  (void)status, (void)context;
  moonlet_unpark(L, &s, sizeof(s), tries);
  return search(&s);
}

/* Whether the pattern has no special characters. */
static int is_plain(const char *pattern, size_t length) {
  size_t at = 0;
  moonlet_owe(length >> 4);
  do {
    moonlet_owe(1);
    if (strpbrk(pattern + at, SPECIALS)) return 0;
    at += strlen(pattern + at) + 1; /* it may have more after a NUL */
  } while (at <= length);
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
  prepare(&s.match, L, subject, length, pattern + pattern_length, sizeof(s), search_k);
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
    const char *end = match(&s->match, s->at, s->pattern);
    if (end != NULL && end != s->all->last) {
      s->all->at = s->all->last = end;
      return push_captures(&s->match, s->at, end);
    }
  }
  return 0;
}

static int step_k(lua_State *L, int status, lua_KContext context) {
  struct step s;
  (void)status, (void)context;
  moonlet_unpark(L, &s, sizeof(s), tries);
  return step(&s);
}

static int next_match(lua_State *L) {
  struct step s;
  size_t length, pattern_length;
  const char *subject = lua_tolstring(L, lua_upvalueindex(1), &length);
  s.pattern = lua_tolstring(L, lua_upvalueindex(2), &pattern_length);
  s.all = lua_touserdata(L, lua_upvalueindex(3));
  s.at = s.all->at;
  prepare(&s.match, L, subject, length, s.pattern + pattern_length, sizeof(s), step_k);
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

/* --- string.gsub */

/* What is kept while the script is called, then in a userdata at index STATE. */
struct gsub {
  const char *subject, *pattern, *pattern_end;
  size_t length;
  const char *at, *last;
  lua_Integer count, most;
  unsigned char changed, is_anchored;
  luaL_Buffer out;
};

struct substitution {
  struct match match;
  struct gsub *state;
  struct gsub own; /* where the script is not called */
};

enum { SUBJECT = 1, PATTERN, REPLACEMENT, STATE };

/* Appends the replacement string at index REPLACEMENT for the match from `s` to `e`. */
static void add_text(const struct match *m, luaL_Buffer *out, const char *s, const char *e) {
  size_t length;
  lua_State *L = m->L;
  const char *text = lua_tolstring(L, REPLACEMENT, &length);
  const char *p;
  while ((p = memchr(text, ESCAPE, length)) != NULL) {
    moonlet_owe(1);
    luaL_addlstring(out, text, (size_t)(p - text));
    p++;
    if (*p == ESCAPE) {
      luaL_addchar(out, *p);
    }
    else if (*p == '0') {
      luaL_addlstring(out, s, (size_t)(e - s));
    }
    else if (isdigit((unsigned char)*p)) {
      const char *start;
      ptrdiff_t size = get_capture(m, *p - '1', s, e, &start);
      if (size == POSITION)
        luaL_addvalue(out);
      else
        luaL_addlstring(out, start, (size_t)size);
    }
    else {
      luaL_error(L, "invalid use of '%c' in replacement string", ESCAPE);
    }
    length -= (size_t)(p + 1 - text);
    text = p + 1;
  }
  luaL_addlstring(out, text, length);
}

/* Appends what the script gave for the match, which is on top of the stack: nil and false leave the text from `last`, where the
   match begins, to `at`. */
static void add_value(lua_State *L, struct gsub *state, const char *s) {
  if (!lua_toboolean(L, -1)) {
    lua_pop(L, 1);
    luaL_addlstring(&state->out, s, (size_t)(state->at - s));
    return;
  }
  if (!lua_isstring(L, -1)) luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
  luaL_addvalue(&state->out);
  state->changed = 1;
}

/* Whether the replacement is a function or a table. */
static int calls_script(lua_State *L) {
  int type = lua_type(L, REPLACEMENT);
  return type == LUA_TFUNCTION || type == LUA_TTABLE;
}

/* Replaces the match from `s` to `e`. */
static void replace(struct substitution *g, const char *s, const char *e) {
  lua_State *L = g->match.L;
  struct gsub *state = g->state;
  lua_KContext begins = (lua_KContext)(s - g->match.start) + 1;
  state->at = state->last = e;
  switch (lua_type(L, REPLACEMENT)) {
    case LUA_TFUNCTION:
      lua_pushvalue(L, REPLACEMENT);
      moonlet_opaque_callk(L, push_captures(&g->match, s, e), 1, begins, moonlet_gsub_k);
      add_value(L, state, s);
      break;
    case LUA_TTABLE:
      push_capture(&g->match, 0, s, e);
      if (lua_rawget(L, REPLACEMENT) == LUA_TNIL && lua_getmetatable(L, REPLACEMENT)) {
        lua_pop(L, 2);
        lua_pushvalue(L, REPLACEMENT);
        push_capture(&g->match, 0, s, e);
        moonlet_index(L, begins, moonlet_gsub_k);
      }
      add_value(L, state, s);
      break;
    default:
      add_text(&g->match, &state->out, s, e);
      state->changed = 1;
  }
}

static int substitute(struct substitution *g) {
  lua_State *L = g->match.L;
  struct gsub *state = g->state;
  while (state->count < state->most) {
    const char *s = state->at, *e = match(&g->match, s, state->pattern);
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
  prepare(&g->match, L, state->subject, state->length, state->pattern_end, sizeof(*g), moonlet_gsub_k);
}

/* The script was suspended while it made a replacement for the match that begins at `context` - 1, or with 0 a match was left. */
int moonlet_gsub_k(lua_State *L, int status, lua_KContext context) {
  struct substitution g;
  (void)status;
  if (context == 0) {
    moonlet_unpark(L, &g, sizeof(g), tries);
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
  if (calls_script(L)) g.state = lua_newuserdatauv(L, sizeof(*g.state), 0);
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
