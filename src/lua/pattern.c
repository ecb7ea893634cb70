/* The matches, captures and errors of lstrlib.c, by a matcher without recursion, so that a match can be left at each of its steps. */
#define LUA_CORE
#define moonlet_pattern_c

#include "lprefix.h"

#include <stddef.h>
#include <string.h>

#include "lua.h"

#include "lauxlib.h"

#include "lobject.h"
#include "lstate.h"

#include "moonlet.h"
#include "pattern.h"

#include "items.h"

/* Levels of a match, as in lstrlib.c. */
#define MAXCCALLS 200

/* What to do when what was tried last fails. */
enum kind { OPENED, CLOSED, OPTION, GREEDY, LAZY };

struct try {
  const char *at, *next; /* the subject, and the pattern after the item */
  const char *low;       /* GREEDY: no less than this; LAZY: the item */
  unsigned char kind, capture;
};

/* Those of the match that runs; a match calls nothing of the script. */
static struct try tries[MAXCCALLS - 1];

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

ptrdiff_t moonlet_get_capture(const struct match *m, int index, const char *s, const char *e, const char **start) {
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

void moonlet_push_capture(const struct match *m, int index, const char *s, const char *e) {
  const char *start;
  ptrdiff_t length = moonlet_get_capture(m, index, s, e, &start);
  if (length != POSITION) lua_pushlstring(m->L, start, (size_t)length);
}

int moonlet_push_captures(const struct match *m, const char *s, const char *e) {
  int i, count = m->levels == 0 && s != NULL ? 1 : m->levels;
  luaL_checkstack(m->L, count, "too many captures");
  for (i = 0; i < count; i++) moonlet_push_capture(m, i, s, e);
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
   NULL when nothing is left. An item that is repeated is taken or given back at once up to where the pattern can go on, where the
   fuel lasts, at the cost of the steps that this saves. */
static const char *back(struct match *m, const char **s) {
  const char *at;
  ptrdiff_t item, rest;
  int needed;
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
        at = t->at;
        if (at == t->low) break;
        needed = needed_byte(m, t->next, 1, at - t->low, &rest);
        do t->at--;
        while (needed >= 0 && t->at != t->low && (unsigned char)*t->at != needed);
        moonlet_owe((at - t->at) * (1 + rest) - rest);
        *s = t->at;
        return t->next;
      default:
        at = t->at;
        item = cost_of(t->low, t->next - 1);
        needed = needed_byte(m, t->next, 1 + item, m->end - at, &rest);
        while (at < m->end && takes_byte((unsigned char)*at, t->low, t->next - 1)) {
          at++;
          if (needed < 0 || at == m->end || (unsigned char)*at == needed) {
            moonlet_owe((at - t->at) * (1 + item + rest) - rest);
            *s = t->at = at;
            return t->next;
          }
        }
        moonlet_owe(item + (at - t->at) * (1 + item + rest));
    }
    m->depth--;
  }
  return NULL;
}

/* Goes on from `s` with the pattern from `p`: the end of the match, or NULL. With `low` the bytes from there to `s` are taken by the
   item at `p`, which is repeated. */
static const char *run(struct match *m, const char *s, const char *p, const char *low) {
  const char *end;
  ptrdiff_t cost;
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
        cost = cost_of(p, end);
        if (moonlet_fuel > (long long)cost * (m->end - s + 1)) { /* at each byte, and where it ends */
          found = span(m, s, p, end, 1);
          moonlet_owe((long long)cost * (found - s + 1));
          s = found;
        }
        else {
          while (takes(m, s, p, end)) {
            s++;
            if (moonlet_fuel <= 0) leave(m, s, p, low);
          }
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
void moonlet_prepare_match(struct match *m, lua_State *L, const char *subject, size_t length, const char *pattern_end, size_t size,
                    lua_KFunction k) {
  m->L = L;
  m->k = k;
  m->size = (unsigned short)size;
  m->start = subject;
  m->end = subject + length;
  m->pattern_end = pattern_end;
  m->at = NULL;
  m->first = NULL;
}

/* Looks for the item by which places are found where a match can begin. */
static inline void find_first(struct match *m, const char *p) {
  const char *end;
  int units = 1;
  m->first = p;
  m->first_units = 0;
  for (; *p == '('; p += p[1] == ')' ? 2 : 1) units++;
  if (p >= m->pattern_end || units > LUA_MAXCAPTURES || *p == ')' || (*p == '$' && p + 1 == m->pattern_end)) return;
  if (*p == ESCAPE && p[1] == 'f') {
    if (p[2] != '[') return;
    end = item_end(m, p + 2);
    units += (end - (p + 2)) >> 2;
  }
  else {
    if (*p == ESCAPE && (p[1] == 'b' || (classes[(unsigned char)p[1]] & DIGIT) != 0)) return;
    end = item_end(m, p);
    if (*end == '*' || *end == '?' || *end == '-') return;
    units += cost_of(p, end);
  }
  m->first = p;
  m->first_end = end;
  m->first_units = units;
}

/* The first place from `s` on where the set from `p` to its bracket `last` begins. */
static const char *find_frontier(const struct match *m, const char *s, const char *p, const char *last) {
  int is_in, was_in = in_set(s == m->start ? 0 : (unsigned char)s[-1], p, last);
  for (; s < m->end; s++, was_in = is_in) {
    is_in = in_set((unsigned char)*s, p, last);
    if (is_in && !was_in) break;
  }
  return s;
}

const char *moonlet_next_place(struct match *m, const char *s, const char *p) {
  const char *first, *to;
  if (m->at != NULL) return s;
  if (m->first == NULL) find_first(m, p);
  if (m->first_units == 0 || moonlet_fuel <= (long long)m->first_units * (m->end - s + 1)) return s;
  first = m->first;
  to = first[0] == ESCAPE && first[1] == 'f' ? find_frontier(m, s, first + 2, m->first_end - 1) : span(m, s, first, m->first_end, 0);
  moonlet_owe((long long)m->first_units * (to - s));
  return to;
}

const char *moonlet_match_at(struct match *m, const char *s, const char *p) {
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

void moonlet_take_up_match(lua_State *L, void *match, size_t size) {
  moonlet_unpark(L, match, size, tries);
}
