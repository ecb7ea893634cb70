/* A match that can be left and taken up again (pattern.c), for those who match. */
#ifndef MOONLET_PATTERN_H
#define MOONLET_PATTERN_H

#include <stddef.h>

#include "lua.h"

/* As in lstrlib.c. */
#define LUA_MAXCAPTURES 32

#define ESCAPE '%'

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
  const char *first, *first_end; /* the item by which a place to begin is found; NULL until it was looked for */
  int first_units; /* what a match takes that fails for it; 0 where places are not found so */
  struct {
    const char *start;
    ptrdiff_t length;
  } capture[LUA_MAXCAPTURES];
};

/* Makes a match ready that `size` bytes from it on are kept of while it is left, and that goes on in `k` then. */
void moonlet_prepare_match(struct match *m, lua_State *L, const char *subject, size_t length, const char *pattern_end, size_t size, lua_KFunction k);
/* Matches at `s`, or goes on with the match that was left: where the match ends, NULL for none. */
const char *moonlet_match_at(struct match *m, const char *s, const char *p);
/* The first place from `s` on where a match of `p` can begin, going by its first item: at each place before, a match is paid for that fails. `s` itself
   where a match was left, or the fuel may not last. */
const char *moonlet_next_place(struct match *m, const char *s, const char *p);
/* Takes back the `size` bytes that were kept of a match. */
void moonlet_take_up_match(lua_State *L, void *match, size_t size);
/* The length of a capture, or of the whole match from `s` to `e` when there are none, and where it is; a position is pushed. */
ptrdiff_t moonlet_get_capture(const struct match *m, int index, const char *s, const char *e, const char **start);
void moonlet_push_capture(const struct match *m, int index, const char *s, const char *e);
/* Pushes all captures; the whole match, from `s`, stands for none. How many. */
int moonlet_push_captures(const struct match *m, const char *s, const char *e);

#endif
