#include "test.h"

static int add(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results) {
  int64_t a, b;
  (void)context;
  if (!moonlet_next_integer(arguments, &a) || !moonlet_next_integer(arguments, &b)) return moonlet_fail(lua, "%s takes two integers", "add");
  moonlet_put_integer(results, a + b);
  return 0;
}

static int count(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results) {
  (void)lua, (void)arguments, (void)results;
  ++*(int *)context;
  return 0;
}

static int echo(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results) {
  (void)lua, (void)context;
  moonlet_put_rest(results, *arguments);
  return 0;
}

static int twice(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results) {
  moonlet_handle function;
  moonlet_reader answer;
  (void)context;
  if (!moonlet_next_function(arguments, &function)) return moonlet_fail(lua, "twice takes a function");
  moonlet_writer values = moonlet_writer_new(lua);
  moonlet_put_rest(&values, *arguments);
  int status = moonlet_call_function(lua, function, &values, &answer);
  moonlet_writer_clear(&values);
  if (status == 0) moonlet_put_rest(&values, answer);
  if (status == 0) status = moonlet_call_function(lua, function, &values, &answer);
  if (status == 0) moonlet_put_rest(results, answer);
  moonlet_writer_free(&values);
  moonlet_release(lua, function);
  return status;
}

static int raise_table(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results) {
  (void)lua, (void)context, (void)arguments;
  moonlet_put_map(results, 1);
  moonlet_put_text(results, "code");
  moonlet_put_integer(results, 9);
  return MOONLET_RAISE;
}

static int half_a_value(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results) {
  (void)lua, (void)context, (void)arguments;
  moonlet_put_array(results, 3);
  moonlet_put_integer(results, 1);
  return 0;
}

static int raise_nothing(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results) {
  (void)lua, (void)context, (void)arguments, (void)results;
  return MOONLET_RAISE;
}

static int out_of_the_blue(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results) {
  (void)lua, (void)context, (void)arguments, (void)results;
  return 77;
}

static int evaluate_within(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results) {
  (void)context, (void)results, (void)arguments;
  return moonlet_eval(lua, "local t = nil\nreturn t.field", NULL);
}

static int again(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results) {
  int *deepest = context;
  int64_t depth;
  moonlet_next_integer(arguments, &depth);
  if (depth > *deepest) *deepest = (int)depth;
  moonlet_writer next = moonlet_writer_new(lua);
  moonlet_reader answer;
  moonlet_put_integer(&next, depth + 1);
  int status = moonlet_call(lua, "again", &next, &answer);
  if (status == 0) moonlet_put_rest(results, answer);
  moonlet_writer_free(&next);
  return status;
}

static int large(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results) {
  (void)lua, (void)context, (void)arguments;
  char *data = calloc(1, 20u << 20);
  moonlet_put_string(results, data, 20u << 20);
  free(data);
  return 0;
}

static void values_and_errors(void) {
  kept output = {0};
  int counted = 0, deepest = 0;
  NEW(lua, "lua54", options.on_output = keep; options.context = &output; options.memory = 16u << 20);
  CHECK(moonlet_define(lua, "add", add, NULL) == 0 && moonlet_define(lua, "deep.er.count", count, &counted) == 0 && moonlet_define(lua, "echo", echo, NULL) == 0);
  CHECK_INTEGER(lua, "return add(1, 2)", 3);
  CHECK_INTEGER(lua, "return add(2.0, 3)", 5);
  CHECK_INTEGER(lua, "deep.er.count() return select('#', deep.er.count())", 0);
  CHECK(counted == 2);
  CHECK_INTEGER(lua, "local t = echo({1, {x = 'y'}}) return t[2].x == 'y' and select('#', echo(nil, nil)) or -1", 2);
  CHECK_INTEGER(lua, "return type(add) == 'function' and 1 or 0", 1);
  CHECK_ERROR(lua, moonlet_eval(lua, "add('x')", NULL), MOONLET_STATUS_ERRRUN, "add takes two integers");
  CHECK(moonlet_last_error(lua)->line == 1 && strstr(moonlet_last_error(lua)->traceback, "eval:1: in main chunk") != NULL);
  CHECK_INTEGER(lua, "local ok, e = pcall(add) return not ok and e == 'add takes two integers' and 1 or 0", 1);
  moonlet_define(lua, "raise_table", raise_table, NULL);
  CHECK_INTEGER(lua, "local ok, e = pcall(raise_table) return e.code", 9);
  moonlet_define(lua, "twice", twice, NULL);
  CHECK_INTEGER(lua, "return twice(function(n) return n * 3 end, 2)", 18);
  CHECK_ERROR(lua, moonlet_eval(lua, "twice(function() error('inner', 0) end)", NULL), MOONLET_STATUS_ERRRUN, "inner");
  CHECK_ERROR(lua, moonlet_eval(lua, "twice(function() error({code = 4}) end)", NULL), MOONLET_STATUS_ERRRUN, "error object");
  CHECK(moonlet_last_error(lua)->value.at != NULL);
  moonlet_define(lua, "within", evaluate_within, NULL);
  CHECK_ERROR(lua, moonlet_eval(lua, "within()", NULL), MOONLET_STATUS_ERRRUN, "eval:2: attempt to index a nil value (local 't')");
  moonlet_define(lua, "half", half_a_value, NULL);
  CHECK_ERROR(lua, moonlet_eval(lua, "half()", NULL), MOONLET_STATUS_ERRRUN, "what the host function 'half' put cannot go to Lua");
  CHECK(strstr(output.text[1], "cannot go to Lua") != NULL);
  moonlet_define(lua, "nothing", raise_nothing, NULL);
  CHECK_ERROR(lua, moonlet_eval(lua, "nothing()", NULL), MOONLET_STATUS_ERRRUN, "without one whole value");
  moonlet_define(lua, "blue", out_of_the_blue, NULL);
  CHECK_ERROR(lua, moonlet_eval(lua, "blue()", NULL), MOONLET_STATUS_ERRRUN, "failed with the status 77");
  moonlet_define(lua, "large", large, NULL);
  CHECK_ERROR(lua, moonlet_eval(lua, "large()", NULL), MOONLET_STATUS_ERRRUN, "do not fit into the state's memory");
  CHECK_INTEGER(lua, "return pcall(large) and 0 or 1", 1);
  CHECK_ERROR(lua, moonlet_eval(lua, "host.call('nobody')", NULL), MOONLET_STATUS_ERRRUN, "the host has no function 'nobody'; define it first");
  CHECK_ERROR(lua, moonlet_eval(lua, "host.call('\\xff')", NULL), MOONLET_STATUS_ERRRUN, "the host has no function");
  CHECK(moonlet_eval(lua, "host.call({})", NULL) == MOONLET_STATUS_ERRRUN && moonlet_eval(lua, "host.call(nil)", NULL) == MOONLET_STATUS_ERRRUN);
  moonlet_define(lua, "waits", NULL, NULL);
  CHECK_ERROR(lua, moonlet_eval(lua, "waits()", NULL), MOONLET_STATUS_ERRRUN, "use moonlet_start");
  moonlet_define(lua, "again", again, &deepest);
  CHECK_ERROR(lua, moonlet_eval(lua, "again(1)", NULL), MOONLET_STATUS_ERRRUN, "nest too deep; return to the script first, or raise `nesting`");
  CHECK(deepest == 17);
  /* A function that is defined anew is another, and its name may have been taken over by a script. */
  moonlet_define(lua, "add", echo, NULL);
  CHECK_INTEGER(lua, "return add(8)", 8);
  CHECK_ERROR(lua, moonlet_define(lua, "print.x", add, NULL), MOONLET_STATUS_ERRRUN, "index a function value");
  moonlet_stats stats;
  CHECK(moonlet_get_stats(lua, &stats) == 0 && stats.tasks == 0 && stats.handles == 0);
  CHECK_INTEGER(lua, "return 2 + 2", 4);
  moonlet_free(lua);
}

static void without_libraries(void) {
  NEW(bare, "lua54", options.libraries = MOONLET_LIBRARY_HOST);
  CHECK(moonlet_define(bare, "add", add, NULL) == 0);
  CHECK_INTEGER(bare, "return add(1, 2)", 3);
  moonlet_free(bare);
  NEW(alone, "lua54", options.libraries = MOONLET_LIBRARY_BASE);
  CHECK_ERROR(alone, moonlet_define(alone, "add", add, NULL), MOONLET_STATUS_BAD_STATE, "MOONLET_LIBRARY_HOST");
  moonlet_free(alone);
  NEW(few, "lua54", options.host_calls = 3);
  int counted = 0;
  moonlet_define(few, "count", count, &counted);
  CHECK_ERROR(few, moonlet_eval(few, "for i = 1, 4 do count() end", NULL), MOONLET_STATUS_ERRRUN, "host call");
  CHECK(counted == 3);
  moonlet_free(few);
}

static int free_it(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results) {
  (void)context, (void)arguments, (void)results;
  moonlet_free(lua);
  return moonlet_eval(lua, "return 1", NULL);
}

static void freed_from_within(void) {
  NEW(lua, "lua54", );
  moonlet_define(lua, "free_it", free_it, NULL);
  CHECK(moonlet_eval(lua, "free_it()", NULL) == MOONLET_STATUS_BAD_STATE);
}

void test_host_functions(void) {
  values_and_errors();
  without_libraries();
  freed_from_within();
}
