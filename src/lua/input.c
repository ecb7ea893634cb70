/* Reading standard input that waits for the host (the option INPUT): io.read, file:read, the iterators of io.lines and
   file:lines, and what reads all of it, loadfile and dofile. What is there is in one piece of memory (src/bytes/input.rs); a format
   that needs more suspends the task, and is tried again when that goes on. Nothing is taken before a format has all it needs. */
#define moonlet_input_c
#define LUA_LIB

#include "lprefix.h"

#include <ctype.h>
#include <string.h>

#include "lua.h"

#include "lauxlib.h"
#include "lualib.h"

#include "moonlet.h"

int moonlet_reads_input(FILE *stream);
int moonlet_names_input(const char *name);
const char *moonlet_input(size_t *length);
size_t moonlet_input_line(size_t *looked);
size_t moonlet_input_taken(void);
int moonlet_input_has_ended(void);
void moonlet_take_input(size_t count);

/* What the library has otherwise. */
extern int moonlet_plain_io_read(lua_State *L), moonlet_plain_io_lines(lua_State *L);
extern int moonlet_plain_file_read(lua_State *L), moonlet_plain_file_lines(lua_State *L);
extern int moonlet_plain_dofile(lua_State *L), moonlet_plain_loadfile(lua_State *L);
static lua_CFunction plain_readline;

/* How a format ends: with nothing pushed but for DONE. */
enum { WAITS, FAILS, DONE };

static int ended_or(int otherwise) {
  return moonlet_input_has_ended() ? FAILS : otherwise;
}

/* Pushes the first `length` bytes of the input and takes `taken`. Answers 0, and takes none, when a finalizer that ran meanwhile
   has read on. */
static int push_input(lua_State *L, size_t length, size_t taken) {
  luaL_Buffer buffer;
  size_t there, before = moonlet_input_taken();
  char *to = luaL_buffinitsize(L, &buffer, length);
  if (moonlet_input_taken() != before) {
    luaL_pushresultsize(&buffer, 0);
    lua_pop(L, 1);
    return 0;
  }
  memcpy(to, moonlet_input(&there), length);
  moonlet_take_input(taken);
  luaL_pushresultsize(&buffer, length);
  return 1;
}

static int read_line(lua_State *L, int chop) {
  for (;;) {
    size_t looked, length, line = moonlet_input_line(&looked);
    moonlet_charge(L, looked >> 3);
    moonlet_input(&length);
    if (line == 0 && (length == 0 || !moonlet_input_has_ended())) return ended_or(WAITS);
    if (line == 0) line = length, chop = 0;
    if (push_input(L, line - (size_t)chop, line)) return DONE;
  }
}

static int read_all(lua_State *L) {
  for (;;) {
    size_t length;
    if (!moonlet_input_has_ended()) return WAITS;
    moonlet_input(&length);
    if (push_input(L, length, length)) return DONE;
  }
}

static int read_bytes(lua_State *L, size_t count) {
  for (;;) {
    size_t length;
    moonlet_input(&length);
    if (length < count || length == 0) {
      if (length == 0 || !moonlet_input_has_ended()) return ended_or(WAITS);
      count = length;
    }
    if (push_input(L, count, count)) return DONE;
  }
}

/* --- Numbers, as read_number in liolib.c reads them. */

#define MAX_NUMERAL 200

struct numeral {
  const char *bytes;
  size_t length;
  size_t used;
  int waits; /* it depends on bytes that are not there yet */
  char text[MAX_NUMERAL + 1];
};

/* The next character, or -1 at the end. */
static int peek(struct numeral *n) {
  if (n->used < n->length) return (unsigned char)n->bytes[n->used];
  if (!moonlet_input_has_ended()) n->waits = 1;
  return -1;
}

static int accept(struct numeral *n) {
  if (n->used >= MAX_NUMERAL) {
    n->text[0] = '\0'; /* too long to be one */
    return 0;
  }
  n->text[n->used] = n->bytes[n->used];
  n->used++;
  return 1;
}

static int accept_one_of(struct numeral *n, const char *two) {
  int c = peek(n);
  return (c == two[0] || c == two[1]) && accept(n);
}

static int accept_digits(struct numeral *n, int hexadecimal) {
  int count = 0;
  for (;; count++) {
    int c = peek(n);
    if (c < 0 || !(hexadecimal ? isxdigit(c) : isdigit(c)) || !accept(n)) return count;
  }
}

static void look_at_numeral(struct numeral *n) {
  int count = 0, hexadecimal = 0;
  accept_one_of(n, "-+");
  if (accept_one_of(n, "00")) {
    if (accept_one_of(n, "xX"))
      hexadecimal = 1;
    else
      count = 1;
  }
  count += accept_digits(n, hexadecimal);
  if (accept_one_of(n, "..")) count += accept_digits(n, hexadecimal);
  if (count > 0 && accept_one_of(n, hexadecimal ? "pP" : "eE")) {
    accept_one_of(n, "-+");
    accept_digits(n, 0);
  }
}

static int read_number(lua_State *L) {
  struct numeral n = {.used = 0, .waits = 0};
  size_t spaces = 0, length;
  const char *bytes = moonlet_input(&length);
  while (spaces < length && isspace((unsigned char)bytes[spaces])) spaces++;
  moonlet_take_input(spaces); /* which no number needs, however it ends */
  moonlet_charge(L, spaces);
  n.bytes = moonlet_input(&n.length);
  look_at_numeral(&n);
  moonlet_charge(L, n.used);
  if (n.waits) return WAITS;
  n.text[n.used] = '\0';
  moonlet_take_input(n.used);
  return lua_stringtonumber(L, n.text) != 0 ? DONE : FAILS;
}

/* --- Reading by formats */

/* Reads by the format at `index`. */
static int read_format(lua_State *L, int index) {
  const char *format;
  if (lua_type(L, index) == LUA_TNUMBER) {
    size_t length, count = (size_t)luaL_checkinteger(L, index);
    if (count > 0) return read_bytes(L, count);
    moonlet_input(&length);
    if (length == 0) return ended_or(WAITS);
    lua_pushliteral(L, "");
    return DONE;
  }
  format = luaL_checkstring(L, index);
  if (*format == '*') format++;
  switch (*format) {
    case 'n': return read_number(L);
    case 'l': return read_line(L, 1);
    case 'L': return read_line(L, 0);
    case 'a': return read_all(L);
    default: return luaL_argerror(L, index, "invalid format");
  }
}

static void wait_for_input(lua_State *L, lua_KContext context, lua_KFunction k) {
  if (!moonlet_suspendable(L)) moonlet_refuse(L, "wait for input");
  moonlet_suspend(L, MOONLET_INPUT, context, k);
}

/* Reads by the formats from `next` on; the results of those from `first`, 1 or 2, to there stand above them all. Answers how many
   results there are. `k` goes on after a suspension, by go_on. */
static int read_formats(lua_State *L, int first, int next, lua_KFunction k) {
  int last = lua_gettop(L) - (next - first);
  for (; next <= last; next++) {
    int ends = read_format(L, next);
    if (ends == WAITS) wait_for_input(L, next * 2 + (first - 1), k);
    if (ends == FAILS) {
      luaL_pushfail(L);
      return next + 1 - first;
    }
  }
  return next - first;
}

static int go_on(lua_State *L, lua_KContext context, lua_KFunction k) {
  return read_formats(L, (int)(context & 1) + 1, (int)(context >> 1), k);
}

/* Reads by the formats on the stack from `first` on; a line where there is none. */
static int read(lua_State *L, int first, lua_KFunction k) {
  if (lua_gettop(L) < first) lua_pushliteral(L, "l");
  luaL_checkstack(L, lua_gettop(L) + LUA_MINSTACK, "too many arguments");
  return read_formats(L, first, first, k);
}

static int read_k(lua_State *L, int status, lua_KContext context) {
  (void)status;
  return go_on(L, context, read_k);
}

/* Whether the file at `index`, if it is one, is standard input that waits. */
static int waits(lua_State *L, int index) {
  luaL_Stream *stream = (luaL_Stream *)luaL_testudata(L, index, LUA_FILEHANDLE);
  return stream != NULL && stream->closef != NULL && moonlet_reads_input(stream->f);
}

int moonlet_io_read(lua_State *L) {
  int ours;
  lua_getfield(L, LUA_REGISTRYINDEX, "_IO_input");
  ours = waits(L, -1);
  lua_pop(L, 1);
  return ours ? read(L, 1, read_k) : moonlet_plain_io_read(L);
}

int moonlet_file_read(lua_State *L) {
  return waits(L, 1) ? read(L, 2, read_k) : moonlet_plain_file_read(L);
}

/* --- Iterators, with the upvalues of those of liolib.c: the file, the number of formats, whether to close the file, the formats. */

static int end_of_step(lua_State *L, int results) {
  if (lua_toboolean(L, -results)) return results;
  if (lua_toboolean(L, lua_upvalueindex(3))) {
    luaL_Stream *stream = (luaL_Stream *)lua_touserdata(L, lua_upvalueindex(1));
    lua_CFunction close = stream->closef;
    lua_settop(L, 0);
    lua_pushvalue(L, lua_upvalueindex(1));
    stream->closef = NULL;
    if (close != NULL) close(L);
  }
  return 0;
}

static int readline_k(lua_State *L, int status, lua_KContext context) {
  (void)status;
  return end_of_step(L, go_on(L, context, readline_k));
}

static int readline(lua_State *L) {
  int i, formats = (int)lua_tointeger(L, lua_upvalueindex(2));
  if (!waits(L, lua_upvalueindex(1))) return plain_readline(L);
  lua_settop(L, 1);
  luaL_checkstack(L, formats, "too many arguments");
  for (i = 1; i <= formats; i++) lua_pushvalue(L, lua_upvalueindex(3 + i));
  return end_of_step(L, read(L, 2, readline_k));
}

/* Puts ours in the place of the iterator that is the first of the results on top of the stack. */
static int replace_iterator(lua_State *L, int results) {
  int upvalues = 0, index = lua_gettop(L) - results + 1;
  plain_readline = lua_tocfunction(L, index);
  luaL_checkstack(L, 256, NULL);
  while (lua_getupvalue(L, index, upvalues + 1) != NULL) upvalues++;
  lua_pushcclosure(L, readline, upvalues);
  lua_replace(L, index);
  return results;
}

int moonlet_io_lines(lua_State *L) {
  return replace_iterator(L, moonlet_plain_io_lines(L));
}

int moonlet_file_lines(lua_State *L) {
  return replace_iterator(L, moonlet_plain_file_lines(L));
}

/* --- What reads all of standard input waits for its end first. */

static void wait_for_end(lua_State *L, lua_KFunction k) {
  const char *name = luaL_optstring(L, 1, NULL);
  if (moonlet_input_has_ended() || (name != NULL && !moonlet_names_input(name))) return;
  wait_for_input(L, 0, k);
}

static int dofile_k(lua_State *L, int status, lua_KContext context) {
  (void)status, (void)context;
  wait_for_end(L, dofile_k);
  return moonlet_plain_dofile(L);
}

int moonlet_dofile(lua_State *L) {
  return dofile_k(L, LUA_OK, 0);
}

static int loadfile_k(lua_State *L, int status, lua_KContext context) {
  (void)status, (void)context;
  wait_for_end(L, loadfile_k);
  return moonlet_plain_loadfile(L);
}

int moonlet_loadfile(lua_State *L) {
  return loadfile_k(L, LUA_OK, 0);
}

/* Called where no such function stands around: by debug.debug and a searcher of require. */
void moonlet_need_input(lua_State *L) {
  if (!moonlet_input_has_ended()) luaL_error(L, "attempt to read standard input before its end is there");
}

/* As luaL_loadfilex, for a searcher. */
int moonlet_loadfilex(lua_State *L, const char *name, const char *mode) {
  if (moonlet_names_input(name)) moonlet_need_input(L);
  return luaL_loadfilex(L, name, mode);
}
