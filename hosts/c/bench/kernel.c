/* Runs a kernel of benches/kernels as it is, on Moonlet or, with NATIVE, on native Lua; prints the seconds of processor time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char source[1 << 20];

/** The kernel, after a line that sets `arg` and drops what it prints. */
static size_t read_kernel(const char *path, const char *argument) {
  size_t length = (size_t)snprintf(source, sizeof source, "arg = {[0] = 'kernel', '%s'} print = function() end io = {write = print, stdout = {write = print}} ", argument);
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    perror(path);
    exit(1);
  }
  length += fread(source + length, 1, sizeof source - length - 1, file);
  fclose(file);
  return length;
}

#ifdef NATIVE
#include "lauxlib.h"
#include "lualib.h"

static const char *run(size_t length) {
  lua_State *lua = luaL_newstate();
  luaL_openlibs(lua);
  return luaL_loadbuffer(lua, source, length, "kernel") || lua_pcall(lua, 0, 0, 0) ? lua_tostring(lua, -1) : NULL;
}
#else
#include "../moonlet.h"

static const char *run(size_t length) {
  moonlet_options options = moonlet_defaults();
  options.memory = 1u << 30;
  options.fuel = (uint64_t)1 << 50;
  moonlet *lua = moonlet_new(&moonlet_lua54, &options, NULL);
  return lua == NULL || moonlet_eval_chunk(lua, source, length, "=kernel", NULL, NULL) != 0 ? moonlet_last_error(lua)->message : NULL;
}
#endif

int main(int count, char **words) {
  if (count != 3) {
    fputs("usage: kernel FILE ARGUMENT\n", stderr);
    return 2;
  }
  size_t length = read_kernel(words[1], words[2]);
  clock_t start = clock();
  const char *wrong = run(length);
  printf("%.4f\n", (double)(clock() - start) / CLOCKS_PER_SEC);
  if (wrong != NULL) fprintf(stderr, "%s: %s\n", words[1], wrong);
  return wrong != NULL;
}
