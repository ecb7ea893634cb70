/* Runs Lua programs as the module's `compute` does, each in a fresh state. Standard input holds programs, standard output
   gets transcripts; both are a length (32 bits, little endian) and so many bytes. A transcript is the status, a newline,
   the length of the output, a newline, the output, and the result or the error message. */
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "lua.h"

#include "lauxlib.h"
#include "lualib.h"

/* A program that takes longer than this of the processor does not end by itself. */
#define SECONDS 20

#undef snprintf
#undef fprintf

/* The first argument of a format of Lua's, when it is a float, is the last too. */
static int takes_float(const char *format) {
  size_t length = strlen(format);
  return length > 0 && strchr("aAeEfFgG", format[length - 1]) != NULL;
}

static double one_nan(double x) {
  return isnan(x) ? (double)NAN : x;
}

int native_snprintf(char *buffer, size_t size, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = takes_float(format) ? snprintf(buffer, size, format, one_nan(va_arg(arguments, double)))
                                   : vsnprintf(buffer, size, format, arguments);
  va_end(arguments);
  return length;
}

int native_fprintf(FILE *stream, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = takes_float(format) ? fprintf(stream, format, one_nan(va_arg(arguments, double)))
                                   : vfprintf(stream, format, arguments);
  va_end(arguments);
  return length;
}

lua_Number native_checknumber(lua_State *L, int arg) {
  return one_nan(luaL_checknumber(L, arg));
}

/* As moonlet_handler in src/lua/traceback.c: notes the traceback and leaves the error. No hook sees it, as none does there. */
static int handler(lua_State *L) {
  lua_Hook hook = lua_gethook(L);
  int mask = lua_gethookmask(L), count = lua_gethookcount(L);
  lua_sethook(L, NULL, 0, 0);
  luaL_traceback(L, L, NULL, 1);
  lua_setfield(L, LUA_REGISTRYINDEX, "moonlet traceback");
  lua_pushvalue(L, 1);
  lua_setfield(L, LUA_REGISTRYINDEX, "moonlet error");
  lua_sethook(L, hook, mask, count);
  lua_settop(L, 1);
  return 1;
}

static int call_tostring(lua_State *L) {
  return luaL_callmeta(L, 1, "__tostring");
}

/* As moonlet_describe in src/lua/errors.c, of the value on top, which goes. */
static void describe(lua_State *L) {
  int failed;
  if (lua_isstring(L, -1)) {
    lua_tostring(L, -1);
    return;
  }
  lua_pushcfunction(L, call_tostring);
  lua_pushvalue(L, -2);
  failed = lua_pcall(L, 1, 1, 0);
  if (lua_type(L, -1) != LUA_TSTRING)
    lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, -2));
  else if (failed)
    lua_pushfstring(L, "(error object is a %s value whose __tostring failed: %s)", luaL_typename(L, -2), lua_tostring(L, -1));
}

static int load(lua_State *L) {
  size_t length;
  const char *source = lua_tolstring(L, lua_upvalueindex(1), &length);
  int *loaded = lua_touserdata(L, 1);
  /* The module keeps this much of a chunk's name (src/task/chunk.rs); debug.getinfo shows it. */
  char name[64];
  snprintf(name, sizeof(name), "%s", source);
  *loaded = luaL_loadbufferx(L, source, length, name, NULL);
  return 1;
}

/* As `convert` in src/values/result.rs: `tostring` of the first argument. */
static int to_text(lua_State *L) {
  luaL_tolstring(L, 1, NULL);
  return 1;
}

/* What a run leaves: the result in a stream. */
static int finish_error(lua_State *L, int status, FILE *result) {
  size_t length;
  const char *text;
  int is_noted;
  lua_getfield(L, LUA_REGISTRYINDEX, "moonlet error"); /* 5.5 makes a string of a nil after the handler has seen it */
  is_noted = status == LUA_ERRRUN && (lua_isnil(L, -1) || lua_rawequal(L, -1, -2));
  lua_pop(L, 1);
  describe(L);
  text = lua_tolstring(L, -1, &length);
  fwrite(text, 1, length, result);
  lua_getfield(L, LUA_REGISTRYINDEX, "moonlet traceback");
  if (is_noted && lua_isstring(L, -1)) fprintf(result, "\n%s", lua_tostring(L, -1));
  return status;
}

/* As `body` and `finish` in src/task/run.rs: calls the function, which is the first argument. The second is where the result
   goes; answers a status. */
static int body(lua_State *L) {
  FILE *result = lua_touserdata(L, 2);
  int called, status = LUA_OK;
  lua_settop(L, 1);
  /* The module's handler notes something below itself; how deep a script can go depends on it. */
  lua_pushnil(L);
  lua_pushnil(L);
  lua_pushcfunction(L, handler);
  lua_rotate(L, 1, 3);
  called = lua_pcall(L, 0, LUA_MULTRET, 3);
  lua_sethook(L, NULL, 0, 0);
  if (called != LUA_OK) {
    status = finish_error(L, called, result);
  } else {
    int last = lua_gettop(L);
    lua_checkstack(L, 4);
    for (int index = 4; index <= last; index++) {
      if (index > 4) fputc('\t', result);
      lua_pushcfunction(L, handler);
      lua_pushcfunction(L, to_text);
      lua_pushvalue(L, index);
      called = lua_pcall(L, 1, 1, -3);
      if (called != LUA_OK) {
        fflush(result);
        rewind(result);
        status = finish_error(L, called, result);
        break;
      }
      size_t size;
      const char *text = lua_tolstring(L, -1, &size);
      fwrite(text, 1, size, result);
      lua_settop(L, -3);
    }
  }
  lua_pushinteger(L, status);
  return 1;
}

static int run(lua_State *L, const char *source, size_t length, FILE *result) {
  int loaded = LUA_OK;
  lua_pushlstring(L, source, length);
  lua_pushcclosure(L, load, 1);
  lua_pushlightuserdata(L, &loaded);
  int called = lua_pcall(L, 1, 1, 0);
  if (called != LUA_OK) return finish_error(L, called, result);
  if (loaded != LUA_OK) return finish_error(L, loaded, result);
  lua_pushcfunction(L, body);
  lua_insert(L, -2);
  lua_pushlightuserdata(L, result);
  called = lua_pcall(L, 2, 1, 0);
  return called != LUA_OK ? finish_error(L, called, result) : (int)lua_tointeger(L, -1);
}

static int read_length(FILE *input, uint32_t *length) {
  unsigned char bytes[4];
  if (fread(bytes, 1, 4, input) != 4) return 0;
  *length = bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24;
  return 1;
}

static void write_length(FILE *output, size_t length) {
  for (int shift = 0; shift < 32; shift += 8) fputc((int)(length >> shift & 255), output);
}

int main(void) {
  FILE *programs = fdopen(dup(0), "rb");
  FILE *transcripts = fdopen(dup(1), "wb");
  /* The module's standard input is a file that does not exist. */
  if (freopen("/dev/null", "rb", stdin) == NULL) return 1;
  setenv("TZ", "UTC", 1);
  setenv("LC_ALL", "C", 1);
  uint32_t length;
  while (read_length(programs, &length)) {
    char *source = malloc(length + 1);
    if (fread(source, 1, length, programs) != length) return 1;
    source[length] = 0;
    char *output = NULL, *result = NULL;
    size_t output_size = 0, result_size = 0;
    /* glibc lets the standard streams be replaced. */
    FILE *captured = open_memstream(&output, &output_size);
    FILE *results = open_memstream(&result, &result_size);
    stdout = stderr = captured;
    struct itimerval limit = {{0, 0}, {SECONDS, 0}};
    setitimer(ITIMER_PROF, &limit, NULL);
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    int status = run(L, source, length, results);
    fclose(results);
    fflush(captured);
    char head[64];
    int head_size = snprintf(head, sizeof(head), "%d\n%zu\n", status, output_size);
    write_length(transcripts, head_size + output_size + result_size);
    fwrite(head, 1, head_size, transcripts);
    fwrite(output, 1, output_size, transcripts);
    fwrite(result, 1, result_size, transcripts);
    fflush(transcripts);
    lua_close(L);
    fclose(captured);
    free(output);
    free(result);
    free(source);
  }
  return 0;
}
