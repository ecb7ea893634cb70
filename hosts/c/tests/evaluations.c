#include "test.h"

static void results(moonlet *lua) {
  moonlet_reader read;
  moonlet_value value;
  CHECK(moonlet_eval(lua, "return", &read) == 0 && !moonlet_next(&read, &value));
  CHECK(moonlet_eval(lua, "return nil, true, 7, 0.5, 'x', '\\xff', {1, 2}, {a = 1}, print", &read) == 0);
  CHECK(moonlet_next(&read, &value) && value.type == MOONLET_NIL);
  CHECK(moonlet_next(&read, &value) && value.type == MOONLET_BOOLEAN && value.boolean);
  CHECK(moonlet_next(&read, &value) && value.type == MOONLET_INTEGER && value.integer == 7 && value.number == 7);
  CHECK(moonlet_next(&read, &value) && value.type == MOONLET_NUMBER && value.number == 0.5);
  CHECK(moonlet_next(&read, &value) && value.type == MOONLET_STRING && value.length == 1 && value.data[0] == 'x');
  CHECK(moonlet_next(&read, &value) && value.type == MOONLET_BYTES && value.length == 1 && value.data[0] == '\xff');
  CHECK(moonlet_next(&read, &value) && value.type == MOONLET_ARRAY && value.length == 2);
  int64_t one = 0, two = 0;
  CHECK(moonlet_next_integer(&value.items, &one) && moonlet_next_integer(&value.items, &two) && one == 1 && two == 2);
  CHECK(moonlet_next(&read, &value) && value.type == MOONLET_MAP && value.length == 1 && is_text(&value.items, "a"));
  CHECK(moonlet_next(&read, &value) && value.type == MOONLET_FUNCTION);
  CHECK(!moonlet_next(&read, &value));
  CHECK(moonlet_release(lua, value.function) != 0); /* The last read made no value. */
}

static void arguments_and_names(moonlet *lua) {
  moonlet_reader read;
  moonlet_writer written = moonlet_writer_new(lua);
  moonlet_put_integer(&written, 20);
  moonlet_put_array(&written, 2);
  moonlet_put_text(&written, "a");
  moonlet_put_nil(&written);
  const char source[] = "local n, t = ... return n + 1, t[1], select('#', ...)";
  CHECK(moonlet_eval_chunk(lua, source, sizeof source - 1, "@x.lua", &written, &read) == 0);
  int64_t number = 0;
  CHECK(moonlet_next_integer(&read, &number) && number == 21 && is_text(&read, "a") && moonlet_next_integer(&read, &number) && number == 2);
  CHECK_ERROR(lua, moonlet_eval_chunk(lua, "error('no')", 11, "@x.lua", NULL, NULL), MOONLET_STATUS_ERRRUN, "x.lua:1: no");
  CHECK_ERROR(lua, moonlet_eval(lua, "error('no')", NULL), MOONLET_STATUS_ERRRUN, "eval:1: no");
  /* NUL and any byte pass. */
  CHECK(moonlet_eval_chunk(lua, "return #'\0\xff'", 12, NULL, NULL, &read) == 0 && moonlet_next_integer(&read, &number) && number == 2);
  CHECK(moonlet_eval_chunk(lua, NULL, 0, NULL, NULL, &read) == 0);
  moonlet_writer_free(&written);
}

static void calls(moonlet *lua) {
  moonlet_reader read;
  moonlet_value value;
  int64_t number = 0;
  CHECK(moonlet_eval(lua, "game = {player = {hp = 5}} local methods = {} function methods:hit(n) self.hp = self.hp - n return self.hp end setmetatable(game.player, {__index = methods}) return methods.hit", &read) == 0);
  moonlet_handle hit;
  CHECK(moonlet_next_function(&read, &hit));
  moonlet_writer written = moonlet_writer_new(lua);
  moonlet_put_integer(&written, 2);
  CHECK(moonlet_call(lua, "game.player:hit", &written, &read) == 0 && moonlet_next_integer(&read, &number) && number == 3);
  CHECK(moonlet_get(lua, "game.player", &read) == 0 && moonlet_next(&read, &value));
  moonlet_writer_clear(&written);
  moonlet_put_value(&written, &value);
  moonlet_put_integer(&written, 1);
  CHECK(moonlet_call_function(lua, hit, &written, &read) == 0 && moonlet_next_integer(&read, &number) && number == 2);
  CHECK(moonlet_release(lua, hit) == 0);
  CHECK_ERROR(lua, moonlet_release(lua, hit), MOONLET_STATUS_BAD_ARGUMENT, "released already");
  CHECK_ERROR(lua, moonlet_call_function(lua, hit, NULL, NULL), MOONLET_STATUS_BAD_DATA, "unknown handle");
  CHECK_ERROR(lua, moonlet_call(lua, "nothing.here", NULL, NULL), MOONLET_STATUS_ERRRUN, "nothing");
  moonlet_writer_free(&written);
}

static void globals(moonlet *lua) {
  moonlet_reader read;
  int64_t number = 0;
  moonlet_value value;
  moonlet_writer written = moonlet_writer_new(lua);
  moonlet_put_integer(&written, 5);
  CHECK(moonlet_set(lua, "x", &written) == 0 && moonlet_get(lua, "x", &read) == 0 && moonlet_next_integer(&read, &number) && number == 5);
  moonlet_eval(lua, "t = {u = {}}", NULL);
  CHECK(moonlet_set(lua, "t.u.v", &written) == 0);
  CHECK_INTEGER(lua, "return t.u.v", 5);
  moonlet_writer_clear(&written);
  moonlet_put_nil(&written);
  CHECK(moonlet_set(lua, "t.u.v", &written) == 0 && moonlet_get(lua, "t.u.v", &read) == 0 && moonlet_next(&read, &value) && value.type == MOONLET_NIL);
  CHECK_ERROR(lua, moonlet_get(lua, "none.of.it", &read), MOONLET_STATUS_ERRRUN, "index a nil value");
  CHECK_ERROR(lua, moonlet_set(lua, "none.of.it", &written), MOONLET_STATUS_ERRRUN, "index a nil value");
  moonlet_writer_free(&written);
}

static void errors(moonlet *lua) {
  CHECK(moonlet_eval(lua, "local t = nil\nreturn t.x", NULL) == MOONLET_STATUS_ERRRUN);
  const moonlet_error *error = moonlet_last_error(lua);
  CHECK(strcmp(error->kind, "runtime") == 0 && strcmp(error->chunk, "eval") == 0 && error->line == 2 && strstr(error->traceback, "eval:2: in main chunk") != NULL);
  CHECK(moonlet_eval(lua, "return 1 +", NULL) == MOONLET_STATUS_ERRSYNTAX && strcmp(moonlet_last_error(lua)->kind, "syntax") == 0);
  CHECK(moonlet_eval(lua, "error({code = 7})", NULL) == MOONLET_STATUS_ERRRUN);
  moonlet_reader raised = moonlet_last_error(lua)->value;
  moonlet_value value;
  int64_t code = 0;
  CHECK(moonlet_next(&raised, &value) && value.type == MOONLET_MAP && is_text(&value.items, "code") && moonlet_next_integer(&value.items, &code) && code == 7);
  CHECK(moonlet_eval(lua, "os.exit(3)", NULL) == MOONLET_STATUS_EXIT && moonlet_last_error(lua)->exit_code == 3 && strcmp(moonlet_last_error(lua)->kind, "exit") == 0);
  CHECK(moonlet_eval(lua, "return string.rep('x', 1e9)", NULL) == MOONLET_STATUS_ERRMEM && strcmp(moonlet_last_error(lua)->kind, "memory") == 0);
  CHECK(moonlet_eval(lua, "local t = {} t[1] = t return t", NULL) == MOONLET_STATUS_RESULT && strcmp(moonlet_last_error(lua)->kind, "runtime") == 0);
  CHECK(moonlet_eval(lua, "error('\\xff\\0')", NULL) == MOONLET_STATUS_ERRRUN && moonlet_eval(lua, "error(('x'):rep(1e6))", NULL) == MOONLET_STATUS_ERRRUN);
  CHECK(strlen(moonlet_last_error(lua)->message) == 1000000 + strlen("eval:1: "));
  CHECK(moonlet_eval(lua, "error(setmetatable({}, {__tostring = function() error('again') end}))", NULL) == MOONLET_STATUS_ERRRUN);
  CHECK_INTEGER(lua, "return 2 + 2", 4);
}

void test_evaluations(void) {
  NEW(lua, "lua54", );
  results(lua);
  arguments_and_names(lua);
  calls(lua);
  globals(lua);
  errors(lua);
  moonlet_reader read;
  CHECK(moonlet_eval(lua, "return ('x'):rep(3e6), {1}", &read) == 0);
  moonlet_value value;
  CHECK(moonlet_next(&read, &value) && value.length == 3000000 && moonlet_next(&read, &value) && value.type == MOONLET_ARRAY);
  moonlet_free(lua);
  NEW(newer, "lua55", options.strings_as_bytes = true);
  CHECK(moonlet_get(newer, "_VERSION", &read) == 0 && moonlet_next(&read, &value) && value.type == MOONLET_BYTES && memcmp(value.data, "Lua 5.5", 7) == 0);
  CHECK(moonlet_eval(newer, "error('x')", NULL) == MOONLET_STATUS_ERRRUN && strcmp(moonlet_last_error(newer)->message, "eval:1: x") == 0);
  moonlet_free(newer);
  NEW(nulls, "lua54", options.nulls = true);
  moonlet_writer written = moonlet_writer_new(nulls);
  moonlet_put_array(&written, 2);
  moonlet_put_nil(&written);
  moonlet_put_nil(&written);
  CHECK(moonlet_eval_chunk(nulls, "local t = ... return #t", 23, NULL, &written, &read) == 0 && moonlet_next(&read, &value) && value.integer == 2);
  moonlet_writer_free(&written);
  moonlet_free(nulls);
}
