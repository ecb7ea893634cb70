#include <signal.h>
#include <time.h>

#include "test.h"

static const char *const loops[] = {"while true do end", "while true do pcall(error) end", "local function f() return f() end f()", "for s in ('x'):rep(1e5):gmatch('.-b') do end"};

static void fuel(void) {
  NEW(lua, "lua54", options.fuel = 1000000);
  for (size_t i = 0; i < sizeof loops / sizeof *loops; i++) {
    CHECK(moonlet_eval(lua, loops[i], NULL) == MOONLET_STATUS_BUDGET && strcmp(moonlet_last_error(lua)->kind, "budget") == 0);
    CHECK_INTEGER(lua, "return 2 + 2", 4);
  }
  moonlet_stats stats;
  CHECK(moonlet_get_stats(lua, &stats) == 0 && stats.fuel_used > 0 && stats.memory_used > 0 && stats.memory_peak >= stats.memory_used);
  moonlet_free(lua);
}

static void memory(void) {
  NEW(lua, "lua54", options.memory = 4u << 20; options.fuel = 1000000000);
  static const char *const scripts[] = {"local t = {} while true do t[#t + 1] = {} end", "local s = 'x' while true do s = s .. s end", "local function f() return 1 + f() end return f()"};
  for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
    CHECK(moonlet_eval(lua, scripts[i], NULL) == MOONLET_STATUS_ERRMEM);
    CHECK_INTEGER(lua, "return 2 + 2", 4);
  }
  moonlet_free(lua);
  /* A result over its limit, and a small state. */
  NEW(small, "lua54", options.result = 100);
  CHECK(moonlet_eval(small, "return ('x'):rep(200)", NULL) == MOONLET_STATUS_RESULT);
  CHECK_INTEGER(small, "return 2 + 2", 4);
  moonlet_free(small);
  NEW(few, "lua54", options.memory = 0; options.pages = 8);
  CHECK(moonlet_eval(few, "return ('x'):rep(1e6)", NULL) == MOONLET_STATUS_ERRMEM);
  CHECK_INTEGER(few, "return 2 + 2", 4);
  moonlet_free(few);
}

static void recursion(void) {
  NEW(lua, "lua54", );
  /* Every way of nesting calls of C ends in an error of Lua's. */
  static const char *const scripts[] = {
      "local function f() return (string.gsub('x', '.', f)) end return f()",
      "local function f() local t = setmetatable({}, {__index = f}) return t.x end return f()",
      "local function f(a, b) table.sort({3, 2, 1}, f) return a < b end table.sort({1, 2, 3}, f)",
      "local function f() return (load(f)) end error(select(2, load(f)))",
      "local t = setmetatable({}, {}) getmetatable(t).__tostring = function() return tostring(t) end return tostring(t)",
      "local co co = function() return coroutine.wrap(co)() end co()",
      "return load('return ' .. ('('):rep(500) .. '1' .. (')'):rep(500))()",
  };
  for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
    int status = moonlet_eval(lua, scripts[i], NULL);
    CHECK(status == MOONLET_STATUS_ERRRUN || status == MOONLET_STATUS_ERRERR);
    if (status == MOONLET_STATUS_POISONED) printf("%s: %s\n", scripts[i], moonlet_last_error(lua)->message);
    CHECK_INTEGER(lua, "return 2 + 2", 4);
  }
  moonlet_free(lua);
}

static moonlet *running;

static void on_signal(int number) {
  (void)number;
  moonlet_interrupt(running, true);
}

static int interrupt(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results) {
  (void)context, (void)arguments, (void)results;
  moonlet_interrupt(lua, true);
  return 0;
}

static int nested(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results) {
  (void)context, (void)arguments, (void)results;
  return moonlet_eval(lua, "interrupt() while true do end", NULL);
}

static void interruptions(void) {
  kept output = {0};
  NEW(lua, "lua54", options.on_output = keep; options.context = &output);
  running = lua;
  signal(SIGINT, on_signal);
  raise(SIGINT);
  CHECK_ERROR(lua, moonlet_eval(lua, "x = 1", NULL), MOONLET_STATUS_CANCELLED, "interrupted before it began");
  CHECK_INTEGER(lua, "return x == nil and 1 or 0", 1);
  moonlet_interrupt(lua, true);
  moonlet_interrupt(lua, false);
  CHECK_INTEGER(lua, "return 2 + 2", 4);
  moonlet_define(lua, "interrupt", interrupt, NULL);
  moonlet_define(lua, "nested", nested, NULL);
  CHECK_ERROR(lua, moonlet_eval(lua, "interrupt() while true do end", NULL), MOONLET_STATUS_CANCELLED, "was interrupted");
  CHECK_ERROR(lua, moonlet_eval(lua, "local c <close> = setmetatable({}, {__close = function() print('closed') end}) interrupt() while true do pcall(error) end", NULL), MOONLET_STATUS_CANCELLED, "was interrupted");
  CHECK(strcmp(output.text[0], "closed\n") == 0);
  /* Handlers cannot hold it up, and pcall cannot catch it in an evaluation within. */
  CHECK_ERROR(lua, moonlet_eval(lua, "local c <close> = setmetatable({}, {__close = function() while true do end end}) interrupt() while true do end", NULL), MOONLET_STATUS_CANCELLED, "was interrupted");
  CHECK_ERROR(lua, moonlet_eval(lua, "while true do pcall(nested) end", NULL), MOONLET_STATUS_CANCELLED, "was interrupted");
  CHECK_INTEGER(lua, "return 2 + 2", 4);
  moonlet_stats stats;
  CHECK(moonlet_get_stats(lua, &stats) == 0 && stats.tasks == 0);
  signal(SIGINT, SIG_DFL);
  moonlet_free(lua);
}

static double fixed_clock(void *context) { return *(double *)context; }

static void clocks_and_seeds(void) {
  double time = 1e9;
  NEW(lua, "lua54", options.clock = fixed_clock; options.context = &time; options.time_zone = "CET-1CEST,M3.5.0,M10.5.0/3");
  CHECK_INTEGER(lua, "return os.time()", 1000000000);
  CHECK_INTEGER(lua, "return os.clock() * 1000 // 1", 0);
  time += 2.5;
  CHECK_INTEGER(lua, "return os.time()", 1000000002);
  CHECK_INTEGER(lua, "return os.clock() * 1000 // 1", 2500);
  CHECK_INTEGER(lua, "return tonumber(os.date('%H', 1000000000))", 3);
  moonlet_free(lua);
  NEW(now, "lua54", );
  struct timespec wall;
  int64_t told = integer_of(now, "return os.time()");
  timespec_get(&wall, TIME_UTC);
  int64_t is = (int64_t)wall.tv_sec;
  CHECK(told >= is - 2 && told <= is);
  NEW(other, "lua54", );
  CHECK(integer_of(now, "return math.random(0)") != integer_of(other, "return math.random(0)"));
  moonlet_free(now);
  moonlet_free(other);
  NEW(first, "lua54", options.deterministic = true);
  NEW(second, "lua54", options.deterministic = true);
  CHECK(integer_of(first, "return math.random(0)") == integer_of(second, "return math.random(0)"));
  CHECK_INTEGER(first, "return os.time()", 0);
  moonlet_free(first);
  moonlet_free(second);
  NEW(seeded, "lua54", options.has_seed = true; options.seed = 0x123456789abcdef0u);
  NEW(equal, "lua54", options.has_seed = true; options.seed = 0x123456789abcdef0u);
  CHECK(integer_of(seeded, "return math.random(0)") == integer_of(equal, "return math.random(0)"));
  moonlet_free(seeded);
  moonlet_free(equal);
}

static size_t lines(void *context, char *buffer, size_t capacity) {
  int *left = context;
  (void)capacity;
  if (*left == 0) return 0;
  return (size_t)sprintf(buffer, "line %d\n", (*left)--);
}

static void input_and_output(void) {
  kept output = {0};
  NEW(lua, "lua54", options.on_output = keep; options.context = &output; options.output = 16);
  CHECK(moonlet_eval(lua, "for i = 1, 10 do print(i, ('x'):rep(5)) end io.stderr:write('wrong') warn('@on') warn('odd')", NULL) == 0);
  CHECK(output.length[0] == 81 && memcmp(output.text[0], "1\txxxxx\n2\t", 10) == 0);
  CHECK(strcmp(output.text[1], "wrongLua warning: odd\n") == 0);
  CHECK_ERROR(lua, moonlet_eval(lua, "print('before') error('x')", NULL), MOONLET_STATUS_ERRRUN, "x");
  CHECK(strstr(output.text[0], "before\n") != NULL);
  moonlet_free(lua);
  int left = 3;
  NEW(reads, "lua54", options.on_input = lines; options.context = &left);
  CHECK_INTEGER(reads, "local n = 0 for line in io.lines() do n = n + #line end return n", 18);
  moonlet_free(reads);
  NEW(waits, "lua54", options.input = true);
  CHECK_ERROR(waits, moonlet_eval(waits, "return io.read()", NULL), MOONLET_STATUS_INPUT, "waits for input");
  CHECK(moonlet_write_input(waits, "abc", 3) == 0 && moonlet_write_input(waits, NULL, 0) == 0);
  CHECK_INTEGER(waits, "return #io.read('a')", 3);
  moonlet_free(waits);
}

static void switches(void) {
  NEW(lua, "lua54", options.finalizers = false; options.libraries = MOONLET_LIBRARY_BASE | MOONLET_LIBRARY_STRING);
  CHECK_INTEGER(lua, "n = 0 setmetatable({}, {__gc = function() n = n + 1 end}) collectgarbage() return n", 0);
  CHECK_INTEGER(lua, "return os == nil and io == nil and table == nil and string ~= nil and 1 or 0", 1);
  CHECK_ERROR(lua, moonlet_eval(lua, "load(string.dump(load('return 1')))()", NULL), MOONLET_STATUS_ERRRUN, "");
  moonlet_free(lua);
  NEW(binary, "lua54", options.binary_chunks = true; options.libraries = MOONLET_LIBRARY_BASE | MOONLET_LIBRARY_STRING);
  CHECK_INTEGER(binary, "return load(string.dump(load('return 1')))()", 1);
  moonlet_free(binary);
}

void test_limits(void) {
  fuel();
  memory();
  recursion();
  interruptions();
  clocks_and_seeds();
  input_and_output();
  switches();
}
