/* The functions that lua_user.h puts before, or in place of, functions of Lua. They stand in C because they use what
   Lua's headers keep to themselves. */
#define LUA_CORE
#define moonlet_guard_c

#include "lprefix.h"

#include <float.h>
#include <string.h>

#include "lua.h"

#include "lauxlib.h"
#include "ldebug.h"
#include "ldo.h"
#include "lgc.h"
#include "lobject.h"
#include "lstate.h"
#include "lstring.h"
#include "ltable.h"
#include "lundump.h"

#include "moonlet.h"

/* The protected call that the last throw was meant for. */
const void *moonlet_target = NULL;

/* What the host chose (src/abi/settings.rs). */
unsigned long long moonlet_seed = 0;
int moonlet_binary_chunks = 0;
int moonlet_finalizers = 1;

/* The code that os.exit was given. */
int moonlet_exit_code = 0;

/* os.exit: ends the run, whatever the script protects itself with. */
_Noreturn void moonlet_exit(lua_State *L, int code) {
  moonlet_exit_code = code;
  moonlet_stop(MOONLET_EXIT);
  moonlet_tick(L);
  __builtin_unreachable(); /* scripts run inside a protected call */
}

/* Refuses a precompiled chunk, in the words of checkmode in ldo.c. */
static void refuse_binary(lua_State *L) {
  luaO_pushfstring(L, "attempt to load a %s chunk (mode is '%s')", "binary", "t");
  luaD_throw(L, LUA_ERRSYNTAX);
}

#if defined(MOONLET_MINI)
/* There is none, and none is allowed. */
#define luaU_undump(...) NULL
#endif

#if LUA_VERSION_NUM == 504
LClosure *moonlet_undump(lua_State *L, ZIO *z, const char *name) {
  (void)z, (void)name;
  if (!moonlet_binary_chunks) refuse_binary(L);
  return luaU_undump(L, z, name);
}
#else
LClosure *moonlet_undump(lua_State *L, ZIO *z, Table *anchor, const char *name, int fixed) {
  (void)z, (void)anchor, (void)name, (void)fixed;
  if (!moonlet_binary_chunks) refuse_binary(L);
  return luaU_undump(L, z, anchor, name, fixed);
}
#endif

/* Who resizes a buffer, and with what. */
static lua_State *resizing;
static lua_Alloc plain_alloc;

/* Collects garbage where there is no memory for a larger buffer, as Lua does for objects. A block may be freed with it long after
   that thread. */
static void *buffer_alloc(void *ud, void *block, size_t old_size, size_t new_size) {
  void *moved = plain_alloc(ud, block, old_size, new_size);
  if (moved == NULL && new_size > 0 && completestate(G(resizing)) && !G(resizing)->gcstopem) {
    luaC_fullgc(resizing, 1);
    moved = plain_alloc(ud, block, old_size, new_size);
  }
  return moved;
}

/* As lua_getallocf, which would raise again while a run is being stopped. */
lua_Alloc moonlet_getallocf(lua_State *L, void **ud) {
  resizing = L;
  plain_alloc = G(L)->frealloc;
  *ud = G(L)->ud;
  return buffer_alloc;
}

/* As lua_setwarnf, which would ask whether the main thread can be suspended, and put a suspension off. */
void moonlet_setwarnf(lua_State *L, lua_WarnFunction f, void *ud) {
  G(L)->ud_warn = ud;
  G(L)->warnf = f;
}

/* Engines differ in the sign and payload of a NaN, so the string library sees one NaN only. */
lua_Number moonlet_checknumber(lua_State *L, int arg) {
  lua_Number n = luaL_checknumber(L, arg);
  return n == n ? n : (lua_Number)__builtin_nan("");
}

/* Two digits as a number, which is all that an item may have. */
static size_t two_digits(const char **text) {
  size_t number = 0;
  int i;
  for (i = 0; i < 2 && '0' <= **text && **text <= '9'; i++) number = 10 * number + (size_t)(*(*text)++ - '0');
  return number;
}

/* Bytes that an item may take, of which the text after the percent sign is given: what a number needs without a width and a
   precision, and both; none for a string that is added as it is. Not for floats with more than nine digits before the point. */
static size_t item_room(const char *item, size_t most) {
  const char *at = item;
  size_t width, precision = 0;
  while (*at == '-' || *at == '+' || *at == '#' || *at == '0' || *at == ' ') at++;
  width = two_digits(&at);
  if (*at == '.') {
    at++;
    precision = two_digits(&at);
  }
  else if (*at == 's' || *at == 'q')
    return at == item ? 0 : most;
  return width + precision + 32;
}

/* Bytes that string.format asks for, where it stands in its format: after a percent sign, or, to ask for more, after the letter. */
size_t moonlet_room(const char *item, size_t most) {
  return item[-1] == '%' ? item_room(item, most) : most;
}

/* What has to be added to 110 for the bytes that an item "%f" may take. */
int moonlet_digits(lua_State *L, int arg, const char *form) {
  lua_Number n = lua_tonumber(L, arg);
  return -1e9 < n && n < 1e9 ? (int)item_room(form + 1, 0) - 110 : DBL_MAX_10_EXP;
}

/* Where the stack ends and the data begin (the linker's). */
extern char __global_base;

/* As luaS_new, but does not look for a string by an address on the C stack. A string that it knows was compared. */
TString *moonlet_new_string(lua_State *L, const char *text) {
  TString *string = text < &__global_base ? luaS_newlstr(L, text, strlen(text)) : luaS_new(L, text);
  if (string->tt == LUA_VLNGSTR) moonlet_owe(string->u.lnglen >> 4);
  return string;
}

#if LUA_VERSION_NUM != 504
/* As luaD_anchorobj, but keeps the tables of functions, of which the last one goes first, by numbers from 1 on, and the one closure
   by 0. */
void moonlet_anchor(lua_State *L, Table *anchors, GCObject *object) {
  lua_Integer key = object->tt == LUA_VTABLE ? (lua_Integer)luaH_getn(L, anchors) + 1 : 0;
  setgcovalue(L, s2v(L->top.p), object);
  L->top.p++;
  luaH_setint(L, anchors, key, s2v(L->top.p - 1));
  luaC_barrierback(L, obj2gco(anchors), s2v(L->top.p - 1));
  L->top.p--;
}

/* As luaH_set where the parser has done with the table of a function, which is the last one. */
void moonlet_let_go(lua_State *L, Table *anchors, const TValue *key, TValue *nil) {
  (void)key;
  luaH_setint(L, anchors, (lua_Integer)luaH_getn(L, anchors), nil);
}
/* What lstring.c keeps to itself there. */
static unsigned int luaS_hash(const char *text, size_t length, unsigned int seed) {
  unsigned int hash = seed ^ (unsigned int)length;
  while (length > 0) hash ^= (hash << 5) + (hash >> 2) + (unsigned char)text[--length];
  return hash;
}
#endif

/* The short string of that text, if there is one that is not garbage. */
static TString *known_string(lua_State *L, const char *text, size_t length) {
  global_State *g = G(L);
  TString *string = NULL;
  if (length <= LUAI_MAXSHORTLEN) {
    string = g->strt.hash[lmod(luaS_hash(text, length, g->seed), g->strt.size)];
    while (string != NULL && (length != (size_t)string->shrlen || memcmp(text, getstr(string), length) != 0))
      string = string->u.hnext;
  }
  return string != NULL && !isdead(g, string) ? string : NULL;
}

/* Pushes a value that no memory has to be had for, of a type and variant, by its bits, or by a string's text and length; 0 where
   it cannot be had so. Never raises. */
int moonlet_push_free(lua_State *L, int type, unsigned long long bits, const char *text) {
  TValue *place = s2v(L->top.p);
  TString *string;
  lua_Number number;
  if (L->top.p >= L->ci->top.p) return 0;
  switch (type) {
    case LUA_TNIL:
      setnilvalue(place);
      break;
    case LUA_TBOOLEAN:
      if (bits != 0) { setbtvalue(place); } else { setbfvalue(place); }
      break;
    case LUA_VNUMINT:
      setivalue(place, l_castU2S(bits));
      break;
    case LUA_VNUMFLT:
      memcpy(&number, &bits, sizeof(number));
      setfltvalue(place, number);
      break;
    default:
      string = known_string(L, text, (size_t)bits);
      if (string == NULL) return 0;
      setsvalue2s(L, L->top.p, string);
  }
  L->top.p++;
  return 1;
}

/* Whether the string at `index` is the name of a global with a value, which then takes its place: a path that no code of a
   script can be asked about. Never raises; the units are those of the API calls that would do the same. */
int moonlet_find_global(lua_State *L, int index) {
  TValue *place = s2v(L->ci->func.p + index);
  const TString *path = tsvalue(place);
  const char *text = getstr(path);
  size_t length = tsslen(path);
#if LUA_VERSION_NUM == 504
  const TValue *globals, *value;
#else
  TValue found;
  const TValue *globals = &found, *value = &found;
#endif
  while (length > 0)
    if (text[--length] == '.' || text[length] == ':') return 0;
  moonlet_owe(4);
#if LUA_VERSION_NUM == 504
  globals = luaH_getint(hvalue(&G(L)->l_registry), LUA_RIDX_GLOBALS);
  if (!ttistable(globals)) return 0;
  value = luaH_get(hvalue(globals), place);
  if (isempty(value)) return 0;
#else
  if (luaH_getint(hvalue(&G(L)->l_registry), LUA_RIDX_GLOBALS, &found) != ctb(LUA_VTABLE)) return 0;
  if (tagisempty(luaH_get(hvalue(globals), place, &found))) return 0;
#endif
  moonlet_owe(1);
  setobj(L, place, value);
  return 1;
}

/* Takes values off the stack; never raises. */
void moonlet_drop(lua_State *L, int values) {
  L->top.p -= values;
}

/* Puts the bottom of a task's stack onto its thread, on which there is room: its body, two places for what the message handler notes
   (traceback.c), the handler, and the values on top of L's stack. Never raises. */
void moonlet_seat(lua_State *L, lua_State *thread, lua_CFunction body, lua_CFunction handler, int values) {
  StkId to = thread->top.p;
  setfvalue(s2v(to), body);
  setnilvalue(s2v(to + 1));
  setnilvalue(s2v(to + 2));
  setfvalue(s2v(to + 3), handler);
  L->top.p -= values;
  thread->top.p = to + 4 + values;
  while (values-- > 0) setobjs2s(thread, to + 4 + values, L->top.p + values);
}

size_t moonlet_strlen(const char *s) {
  size_t length = strlen(s);
  moonlet_owe(length >> 6);
  return length;
}

char *moonlet_strchr(const char *s, int c) {
  char *found = strchr(s, c);
  moonlet_owe(1 + ((found != NULL ? (size_t)(found - s) : strlen(s)) >> 4));
  return found;
}

char *moonlet_strstr(const char *s, const char *part) {
  char *found = strstr(s, part);
  moonlet_owe(2 + ((found != NULL ? (size_t)(found - s) : strlen(s)) >> 5) + (strlen(part) >> 2));
  return found;
}

/* Lua's sets that begin with no letter have none. */
size_t moonlet_strspn(const char *s, const char *set) {
  size_t length = *s >= 'A' && *set < 'A' ? 0 : strspn(s, set);
  moonlet_owe(length >> 3);
  return length;
}

#if defined(MOONLET_MINI)
/* What the full module has as global names, and this one has not. */
static const char *const left_out[] = {"debug", "dofile", "io", "loadfile", "msgpack", "os", "package", "require"};

/* What an error says of the value that it is about, such as " (global 'io')"; of one that is left out, that it is. */
const char *moonlet_left_out(lua_State *L, const TValue *o, const char *extra) {
  static const char global[] = " (global '";
  size_t i, start = sizeof(global) - 1;
  if (!ttisnil(o) || strncmp(extra, global, start) != 0) return extra;
  for (i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++) {
    size_t length = strlen(left_out[i]);
    if (strncmp(extra + start, left_out[i], length) == 0 && extra[start + length] == '\'')
      return luaO_pushfstring(L, " (global '%s', which the mini variant leaves out)", left_out[i]);
  }
  return extra;
}
#endif
