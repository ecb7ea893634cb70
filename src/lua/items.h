/* Items of patterns: where one ends, what it takes and what that costs. Only pattern.c has them, inlined where a match spends its time. */
#ifndef MOONLET_ITEMS_H
#define MOONLET_ITEMS_H

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

/* What ctype.h says of each byte, in the one locale that there is. */
enum { ALPHA = 1, CONTROL = 2, DIGIT = 4, GRAPH = 8, LOWER = 16, PUNCTUATION = 32, SPACE = 64, UPPER = 128, HEXADECIMAL = 256, ZERO = 512 };

static const unsigned short classes[256] = {
  [0] = CONTROL | ZERO,
  [1 ... 8] = CONTROL,
  ['\t' ... '\r'] = CONTROL | SPACE,
  [14 ... 31] = CONTROL,
  [' '] = SPACE,
  ['!' ... '/'] = GRAPH | PUNCTUATION,
  ['0' ... '9'] = GRAPH | DIGIT | HEXADECIMAL,
  [':' ... '@'] = GRAPH | PUNCTUATION,
  ['A' ... 'F'] = GRAPH | ALPHA | UPPER | HEXADECIMAL,
  ['G' ... 'Z'] = GRAPH | ALPHA | UPPER,
  ['[' ... '`'] = GRAPH | PUNCTUATION,
  ['a' ... 'f'] = GRAPH | ALPHA | LOWER | HEXADECIMAL,
  ['g' ... 'z'] = GRAPH | ALPHA | LOWER,
  ['{' ... '~'] = GRAPH | PUNCTUATION,
  [127] = CONTROL,
};

/* By the letter that stands for them. */
static const unsigned short masks[26] = {
  ['a' - 'a'] = ALPHA,
  ['c' - 'a'] = CONTROL,
  ['d' - 'a'] = DIGIT,
  ['g' - 'a'] = GRAPH,
  ['l' - 'a'] = LOWER,
  ['p' - 'a'] = PUNCTUATION,
  ['s' - 'a'] = SPACE,
  ['u' - 'a'] = UPPER,
  ['w' - 'a'] = ALPHA | DIGIT,
  ['x' - 'a'] = HEXADECIMAL,
  ['z' - 'a'] = ZERO,
};

/* The bits of a class, or 0 for what stands for itself. */
static int mask_of(int class) {
  unsigned int letter = (unsigned int)(class | 0x20) - 'a';
  return letter < 26 ? masks[letter] : 0;
}

static int in_class(int c, int class) {
  int mask = mask_of(class);
  if (mask == 0) return class == c;
  return ((classes[c] & mask) != 0) == ((class & 0x20) != 0);
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

/* What a step of a match takes with the item from `p` to `end`; the search for the end of a set went before. */
static inline ptrdiff_t cost_of(const char *p, const char *end) {
  return 1 + ((end - p) >> 3) + ((end - p) >> 5);
}

/* Whether the item takes that byte. */
static inline int takes_byte(int c, const char *p, const char *end) {
  switch (*p) {
    case '.': return 1;
    case ESCAPE: return in_class(c, (unsigned char)p[1]);
    case '[': return in_set(c, p, end - 1);
    default: return (unsigned char)*p == c;
  }
}

/* Whether the item takes the byte at `s`. A step of a match. */
static inline int takes(const struct match *m, const char *s, const char *p, const char *end) {
  moonlet_owe(cost_of(p, end));
  return s < m->end && takes_byte((unsigned char)*s, p, end);
}

/* The byte without which no match goes on with the pattern from `p`, behind what begins and ends captures, and in `rest` the units
   of a step that fails for the want of it. Below zero where there is no such byte, or the fuel may not last for `steps` of them, each
   with so many units more. */
static __attribute__((noinline)) int needed_byte(const struct match *m, const char *p, ptrdiff_t units, ptrdiff_t steps, ptrdiff_t *rest) {
  const char *last = m->pattern_end - 1;
  *rest = 1;
  for (; p < last && (*p == '(' || *p == ')'); p++) {
    if (*p == '(' && p[1] == ')') p++;
    (*rest)++;
  }
  if (p > last || moonlet_fuel <= (long long)(units + *rest) * (steps + 1)) return -1;
  if (*p == ESCAPE) {
    if (p == last || (classes[(unsigned char)*++p] & (ALPHA | DIGIT)) != 0) return -1;
  }
  else if (*p == '.' || *p == '[' || *p == '$' || *p == '(' || *p == ')') {
    return -1;
  }
  return p < last && (p[1] == '*' || p[1] == '?' || p[1] == '-') ? -1 : (unsigned char)*p;
}

/* How far the item takes the bytes from `s` on, or takes none of them. */
static const char *span(const struct match *m, const char *s, const char *p, const char *end, int taken) {
  int mask, wanted;
  switch (*p) {
    case '.': return taken ? m->end : s;
    case '[':
      while (s < m->end && in_set((unsigned char)*s, p, end - 1) == taken) s++;
      return s;
    case ESCAPE:
      mask = mask_of((unsigned char)p[1]);
      wanted = ((p[1] & 0x20) != 0) == taken;
      if (mask) {
        while (s < m->end && ((classes[(unsigned char)*s] & mask) != 0) == wanted) s++;
        return s;
      }
      p++;
      break;
    default: break;
  }
  while (s < m->end && (*s == *p) == taken) s++;
  return s;
}

#endif
