/*
 * The tasks of the host packages, here and with Lua's own C interface, which takes both into one program: a line of JSON for each. Times are the medians of
 * several rounds in turns, in microseconds.
 */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../moonlet.h"
#include "lauxlib.h"
#include "lualib.h"

#define ROUNDS 9
#define STATES 100

static const char definitions[] = "function empty() end function echo(x) return x end function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end";
static const char loop[] = "for i = 1, 1000 do add(i, 1) end";
static const char join[] = "local t = {} for i = 1, 1000 do t[i] = ('%d:%s'):format(i, 'x') end return #table.concat(t)";

static moonlet *ours;
static lua_State *theirs;
static moonlet_writer arguments;
static const char *program;

static void must(bool is_well, const char *why) {
  if (is_well) return;
  fprintf(stderr, "%s\n", why);
  exit(1);
}

static void well(int status) { must(status == MOONLET_STATUS_OK, moonlet_last_error(ours)->message); }
static void native(int status) { must(status == LUA_OK, status == LUA_OK ? "" : lua_tostring(theirs, -1)); }

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

/* ------------------------------------------------------------------------------------------------ the tasks */

static moonlet *our_state(void) {
  const char *why;
  moonlet *made = moonlet_new(&moonlet_lua54, NULL, &why);
  must(made != NULL, why);
  return made;
}

static lua_State *their_state(void) {
  lua_State *made = luaL_newstate();
  must(made != NULL, "there is no memory for a state of native Lua");
  luaL_openlibs(made);
  return made;
}

static void our_create(void) { moonlet_free(our_state()); }
static void their_create(void) { lua_close(their_state()); }

static void our_first(void) {
  moonlet *made = our_state();
  must(moonlet_eval(made, "return 1", NULL) == MOONLET_STATUS_OK, "return 1 fails");
  moonlet_free(made);
}

static void their_first(void) {
  lua_State *made = their_state();
  must(luaL_dostring(made, "return 1") == LUA_OK, "return 1 fails");
  lua_close(made);
}

static void our_empty(void) { well(moonlet_call(ours, "empty", NULL, NULL)); }
static void their_empty(void) {
  lua_getglobal(theirs, "empty");
  native(lua_pcall(theirs, 0, 0, 0));
}

static void our_source(const char *source) {
  moonlet_reader results;
  well(moonlet_eval(ours, source, &results));
}

static void their_source(const char *source) {
  native(luaL_dostring(theirs, source));
  lua_settop(theirs, 0);
}

static void our_hello(void) { our_source("return 'hello'"); }
static void their_hello(void) { their_source("return 'hello'"); }
static void our_loop(void) { our_source(loop); }
static void their_loop(void) { their_source(loop); }
static void our_join(void) { our_source(join); }
static void their_join(void) { their_source(join); }

static int our_add(moonlet *lua, void *context, moonlet_reader *given, moonlet_writer *results) {
  int64_t a, b;
  (void)context;
  if (!moonlet_next_integer(given, &a) || !moonlet_next_integer(given, &b)) return moonlet_fail(lua, "add takes two integers");
  moonlet_put_integer(results, a + b);
  return 0;
}

static int their_add(lua_State *lua) {
  lua_pushinteger(lua, luaL_checkinteger(lua, 1) + luaL_checkinteger(lua, 2));
  return 1;
}

static void our_fib(void) {
  moonlet_reader results;
  int64_t number;
  moonlet_writer_clear(&arguments);
  moonlet_put_integer(&arguments, 24);
  well(moonlet_call(ours, "fib", &arguments, &results));
  must(moonlet_next_integer(&results, &number) && number == 46368, "fib(24) is 46368");
}

static void their_fib(void) {
  lua_getglobal(theirs, "fib");
  lua_pushinteger(theirs, 24);
  native(lua_pcall(theirs, 1, 1, 0));
  must(lua_tointeger(theirs, -1) == 46368, "fib(24) is 46368");
  lua_settop(theirs, 0);
}

/** Stops at the limit, though the script catches errors. A hook of native Lua does not stop it. */
static void our_stop(void) {
  moonlet_options options = moonlet_defaults();
  options.fuel = 1000000;
  moonlet *made = moonlet_new(&moonlet_lua54, &options, NULL);
  must(made != NULL && moonlet_eval(made, "while true do pcall(error) end", NULL) == MOONLET_STATUS_BUDGET, "the hostile script was not stopped");
  moonlet_free(made);
}

/* ------------------------------------------------------------------------------------------------ values there and back */

static void our_row(int n) {
  char name[32];
  snprintf(name, sizeof name, "row %d", n);
  moonlet_put_map(&arguments, 4);
  moonlet_put_text(&arguments, "id");
  moonlet_put_integer(&arguments, n);
  moonlet_put_text(&arguments, "name");
  moonlet_put_text(&arguments, name);
  moonlet_put_text(&arguments, "tags");
  moonlet_put_array(&arguments, 2);
  moonlet_put_text(&arguments, "a");
  moonlet_put_text(&arguments, "b");
  moonlet_put_text(&arguments, "x");
  moonlet_put_number(&arguments, n / 7.0);
}

static void their_row(int n) {
  lua_createtable(theirs, 0, 4);
  lua_pushinteger(theirs, n);
  lua_setfield(theirs, -2, "id");
  lua_pushfstring(theirs, "row %d", n);
  lua_setfield(theirs, -2, "name");
  lua_createtable(theirs, 2, 0);
  lua_pushstring(theirs, "a");
  lua_rawseti(theirs, -2, 1);
  lua_pushstring(theirs, "b");
  lua_rawseti(theirs, -2, 2);
  lua_setfield(theirs, -2, "tags");
  lua_pushnumber(theirs, n / 7.0);
  lua_setfield(theirs, -2, "x");
}

/** Reads all of it; how many values that are no tables. */
static size_t our_walk(moonlet_reader values) {
  size_t count = 0;
  for (moonlet_value value; moonlet_next(&values, &value);) count += value.type == MOONLET_ARRAY || value.type == MOONLET_MAP ? our_walk(value.items) : 1;
  return count;
}

/** The same of the table on top: its items, or, of a table without any, keys and values. */
static size_t their_walk(void) {
  size_t count = 0;
  bool has_items = lua_rawlen(theirs, -1) > 0;
  luaL_checkstack(theirs, 3, NULL);
  for (lua_pushnil(theirs); lua_next(theirs, -2) != 0; lua_pop(theirs, 1)) {
    count += !has_items;
    count += lua_type(theirs, -1) == LUA_TTABLE ? their_walk() : 1;
  }
  return count;
}

static void our_echo(size_t expected) {
  moonlet_reader results;
  well(moonlet_call(ours, "echo", &arguments, &results));
  must(our_walk(results) == expected, "echo answers something else");
}

/** Takes what lies above the function. */
static void their_echo(size_t expected) {
  native(lua_pcall(theirs, 1, 1, 0));
  must(their_walk() == expected, "echo answers something else");
  lua_settop(theirs, 0);
}

#define KILOBYTE_VALUES (2 + 1 + 100 + 1 + 40)
#define ROWS 20000
#define ROW_VALUES (4 + 3 + 2)

static char text[501];

static void our_kilobyte(void) {
  char key[16];
  moonlet_writer_clear(&arguments);
  moonlet_put_map(&arguments, 3);
  moonlet_put_text(&arguments, "name");
  moonlet_put_text(&arguments, text);
  moonlet_put_text(&arguments, "numbers");
  moonlet_put_array(&arguments, 100);
  for (int n = 0; n < 100; n++) moonlet_put_integer(&arguments, n);
  moonlet_put_text(&arguments, "flags");
  moonlet_put_map(&arguments, 20);
  for (int n = 0; n < 20; n++) {
    snprintf(key, sizeof key, "key %d", n);
    moonlet_put_text(&arguments, key);
    moonlet_put_boolean(&arguments, true);
  }
  our_echo(KILOBYTE_VALUES);
}

static void their_kilobyte(void) {
  char key[16];
  lua_getglobal(theirs, "echo");
  lua_createtable(theirs, 0, 3);
  lua_pushstring(theirs, text);
  lua_setfield(theirs, -2, "name");
  lua_createtable(theirs, 100, 0);
  for (int n = 0; n < 100; n++) {
    lua_pushinteger(theirs, n);
    lua_rawseti(theirs, -2, n + 1);
  }
  lua_setfield(theirs, -2, "numbers");
  lua_createtable(theirs, 0, 20);
  for (int n = 0; n < 20; n++) {
    snprintf(key, sizeof key, "key %d", n);
    lua_pushboolean(theirs, 1);
    lua_setfield(theirs, -2, key);
  }
  lua_setfield(theirs, -2, "flags");
  their_echo(KILOBYTE_VALUES);
}

static void our_megabyte(void) {
  moonlet_writer_clear(&arguments);
  moonlet_put_array(&arguments, ROWS);
  for (int n = 0; n < ROWS; n++) our_row(n);
  our_echo(ROWS * ROW_VALUES);
}

static void their_megabyte(void) {
  lua_getglobal(theirs, "echo");
  lua_createtable(theirs, ROWS, 0);
  for (int n = 0; n < ROWS; n++) {
    their_row(n);
    lua_rawseti(theirs, -2, n + 1);
  }
  their_echo(ROWS * ROW_VALUES);
}

/* ------------------------------------------------------------------------------------------------ figures */

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double times[ROUNDS]) {
  qsort(times, ROUNDS, sizeof *times, by_size);
  return times[ROUNDS / 2];
}

static void tell(const char *task, bool is_ours, double value, const char *unit) {
  printf("{\"task\": \"%s\", \"host\": \"%s\", \"value\": %.4f, \"unit\": \"%s\"}\n", task, is_ours ? "moonlet in C" : LUA_RELEASE " in C", value, unit);
  fflush(stdout);
}

/** Times both in turns. `within` is how often it is done in each. */
static void pair(const char *task, int count, int within, void (*us)(void), void (*them)(void)) {
  void (*const runs[2])(void) = {us, them};
  double times[2][ROUNDS];
  for (int round = 0; round < ROUNDS; round++)
    for (int at = 0; at < 2; at++) {
      if (runs[at] == NULL) continue;
      double began = now();
      for (int i = 0; i < count; i++) runs[at]();
      times[at][round] = (now() - began) / count / within;
    }
  tell(task, true, median(times[0]), "us");
  if (them != NULL) tell(task, false, median(times[1]), "us");
}

/** A process of its own that does what the word says. */
static void process(const char *what) {
  pid_t child = fork();
  if (child == 0) {
    execl(program, program, what, (char *)NULL);
    _exit(127);
  }
  int status;
  must(child > 0 && waitpid(child, &status, 0) == child && status == 0, "the program does not run by itself");
}

static double process_time(const char *what) {
  double times[ROUNDS];
  for (int round = 0; round < ROUNDS; round++) {
    double began = now();
    process(what);
    times[round] = now() - began;
  }
  return median(times);
}

/** KiB of this process that are in memory. */
static double resident(void) {
  long all, pages;
  FILE *file = fopen("/proc/self/statm", "r");
  must(file != NULL && fscanf(file, "%ld %ld", &all, &pages) == 2, "there is no /proc/self/statm");
  fclose(file);
  return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1024;
}

static void memory(void) {
  moonlet *ours_all[STATES];
  lua_State *theirs_all[STATES];
  double before = resident();
  for (int i = 0; i < STATES; i++) theirs_all[i] = their_state();
  double between = resident();
  for (int i = 0; i < STATES; i++) ours_all[i] = our_state();
  double after = resident();
  for (int i = 0; i < STATES; i++) {
    lua_close(theirs_all[i]);
    moonlet_free(ours_all[i]);
  }
  tell("memory of a state, of 100", true, (after - between) / STATES, "KiB");
  tell("memory of a state, of 100", false, (between - before) / STATES, "KiB");
}

int main(int count, char **words) {
  program = words[0];
  if (count == 2 && strcmp(words[1], "ours") == 0) return our_first(), 0;
  if (count == 2 && strcmp(words[1], "theirs") == 0) return their_first(), 0;
  if (count == 2 && strcmp(words[1], "nothing") == 0) return 0;
  if (count != 1) {
    fputs("usage: tasks, which prints a line of JSON for each figure\n", stderr);
    return 2;
  }
  memset(text, 'x', sizeof text - 1);
  /* First, while nothing that was freed is there to be used again. */
  memory();
  ours = our_state();
  theirs = their_state();
  arguments = moonlet_writer_new(ours);
  well(moonlet_eval(ours, definitions, NULL));
  native(luaL_dostring(theirs, definitions));
  well(moonlet_define(ours, "add", our_add, NULL));
  lua_register(theirs, "add", their_add);
  pair("create", 20, 1, our_create, their_create);
  pair("create, first result", 20, 1, our_first, their_first);
  double nothing = process_time("nothing");
  tell("import to first result", true, process_time("ours") - nothing, "us");
  tell("import to first result", false, process_time("theirs") - nothing, "us");
  pair("empty call", 2000, 1, our_empty, their_empty);
  pair("hello", 2000, 1, our_hello, their_hello);
  pair("1 kB of values", 200, 1, our_kilobyte, their_kilobyte);
  pair("1 MB of values", 1, 1, our_megabyte, their_megabyte);
  pair("host call", 5, 1000, our_loop, their_loop);
  pair("fib(24)", 1, 1, our_fib, their_fib);
  pair("1,000 pieces of text, formatted and joined", 10, 1, our_join, their_join);
  pair("hostile script stopped: 1,000,000 units of `while true do pcall(error) end`", 1, 1, our_stop, NULL);
  moonlet_writer_free(&arguments);
  moonlet_free(ours);
  lua_close(theirs);
  return 0;
}
