#include "test.h"

typedef struct counter {
  int value, dropped;
} counter;

static int up(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results) {
  counter *of = context;
  int64_t by = 1;
  (void)lua;
  moonlet_next_integer(arguments, &by);
  moonlet_put_integer(results, of->value += (int)by);
  return 0;
}

static void dropped(void *context) { ((counter *)context)->dropped++; }

static const moonlet_method methods[] = {{"up", up}, {NULL, NULL}};

static void in_lua(void) {
  counter one = {0, 0}, two = {0, 0};
  const moonlet_object first = {&one, NULL, methods, dropped}, second = {&two, up, NULL, dropped};
  NEW(lua, "lua54", );
  moonlet_writer written = moonlet_writer_new(lua);
  moonlet_put_object(&written, &first);
  CHECK(moonlet_set(lua, "first", &written) == 0 && moonlet_set(lua, "same", &written) == 0);
  moonlet_writer_clear(&written);
  moonlet_put_object(&written, &second);
  CHECK(moonlet_set(lua, "second", &written) == 0);
  CHECK_INTEGER(lua, "first:up() return first:up(4)", 5);
  CHECK_INTEGER(lua, "return second(7)", 7);
  CHECK_INTEGER(lua, "return first == same and first ~= second and type(first) == 'userdata' and first.none == nil and ({[first] = 3})[same]", 3);
  CHECK_ERROR(lua, moonlet_eval(lua, "first()", NULL), MOONLET_STATUS_ERRRUN, "attempt to call an object of the host");
  CHECK_ERROR(lua, moonlet_eval(lua, "first.x = 1", NULL), MOONLET_STATUS_ERRRUN, "attempt to set a field of an object of the host");
  CHECK_ERROR(lua, moonlet_eval(lua, "first.up(second)", NULL), MOONLET_STATUS_ERRRUN, "call the method with a colon: object:up(...)");
  CHECK_ERROR(lua, moonlet_eval(lua, "first.up()", NULL), MOONLET_STATUS_ERRRUN, "call the method with a colon");
  /* Requests that a script makes up. */
  CHECK_ERROR(lua, moonlet_eval(lua, "host.call('__call', 1)", NULL), MOONLET_STATUS_ERRRUN, "takes an object of the host");
  CHECK_ERROR(lua, moonlet_eval(lua, "host.call('__index')", NULL), MOONLET_STATUS_ERRRUN, "takes an object of the host");
  CHECK_INTEGER(lua, "return host.call('__index', first) == nil and 1 or 0", 1);
  /* It comes back as itself. */
  moonlet_reader read;
  moonlet_value value;
  CHECK(moonlet_get(lua, "same", &read) == 0 && moonlet_next(&read, &value) && value.type == MOONLET_OBJECT && value.object == &first);
  moonlet_writer_clear(&written);
  moonlet_put_value(&written, &value);
  CHECK(moonlet_eval_chunk(lua, "return ... == first and 1", 25, NULL, &written, &read) == 0 && moonlet_next(&read, &value) && value.integer == 1);
  /* The host hears when Lua holds it no more. */
  CHECK(one.dropped == 0);
  moonlet_eval(lua, "first = nil same = nil", NULL);
  CHECK(moonlet_compact(lua, NULL) == 0 && one.dropped == 1 && two.dropped == 0);
  moonlet_free(lua);
  CHECK(one.dropped == 1 && two.dropped == 1);
  moonlet_writer_free(&written);
}

static void of_a_host_that_is_gone(void) {
  counter one = {0, 0};
  const moonlet_object object = {&one, up, NULL, NULL};
  NEW(lua, "lua54", );
  moonlet_writer written = moonlet_writer_new(lua);
  moonlet_put_object(&written, &object);
  moonlet_set(lua, "callback", &written);
  uint8_t *data;
  size_t length;
  CHECK(moonlet_snapshot(lua, &data, &length) == 0);
  NEW(other, "lua54", );
  CHECK(moonlet_restore(other, data, length) == 0);
  CHECK_ERROR(other, moonlet_eval(other, "callback()", NULL), MOONLET_STATUS_ERRRUN, "belongs to a host that is gone");
  moonlet_reader read;
  moonlet_value value;
  CHECK(moonlet_get(other, "callback", &read) == 0 && moonlet_next(&read, &value) && value.type == MOONLET_OBJECT && value.object == NULL);
  moonlet_writer back = moonlet_writer_new(other);
  moonlet_put_value(&back, &value);
  CHECK(moonlet_eval_chunk(other, "return ... == callback and 1", 28, NULL, &back, &read) == 0 && moonlet_next(&read, &value) && value.integer == 1);
  /* In the state itself, and in a copy, it is there. */
  CHECK_INTEGER(lua, "return callback()", 1);
  moonlet *copy = NULL;
  CHECK(moonlet_fork(lua, &copy) == 0);
  CHECK_INTEGER(copy, "return callback()", 2);
  free(data);
  moonlet_writer_free(&written);
  moonlet_writer_free(&back);
  moonlet_free(copy);
  moonlet_free(other);
  moonlet_free(lua);
}

static void functions_of_lua(void) {
  NEW(lua, "lua54", );
  NEW(other, "lua54", );
  moonlet_reader read;
  moonlet_handle function, thread;
  moonlet_stats stats;
  CHECK(moonlet_eval(lua, "return print, coroutine.create(print)", &read) == 0 && moonlet_next_function(&read, &function) && moonlet_next_function(&read, &thread));
  CHECK(moonlet_get_stats(lua, &stats) == 0 && stats.handles == 2);
  moonlet_writer written = moonlet_writer_new(lua);
  moonlet_put_function(&written, function);
  moonlet_put_function(&written, thread);
  moonlet_value value;
  CHECK(moonlet_eval_chunk(lua, "local f, c = ... return f == print and coroutine.status(c) == 'suspended' and 1", 79, NULL, &written, &read) == 0 && moonlet_next(&read, &value) && value.integer == 1);
  CHECK_ERROR(lua, moonlet_call_function(lua, thread, NULL, NULL), MOONLET_STATUS_ERRRUN, "attempt to call a thread value");
  CHECK_ERROR(other, moonlet_call_function(other, function, NULL, NULL), MOONLET_STATUS_BAD_DATA, "belongs to another state");
  CHECK_ERROR(other, moonlet_release(other, function), MOONLET_STATUS_BAD_DATA, "belongs to another state");
  CHECK(moonlet_release(lua, function) == 0 && moonlet_release(lua, thread) == 0);
  CHECK(moonlet_get_stats(lua, &stats) == 0 && stats.handles == 0);
  moonlet_writer_free(&written);
  moonlet_free(other);
  moonlet_free(lua);
}

void test_objects(void) {
  in_lua();
  of_a_host_that_is_gone();
  functions_of_lua();
}
