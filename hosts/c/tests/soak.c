/* Many evaluations: memory stays flat. MOONLET_SOAK is another number of them. */
#include "test.h"

static int echo(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results) {
  (void)lua, (void)context;
  moonlet_put_rest(results, *arguments);
  return 0;
}

void test_soak(void) {
  const char *asked = getenv("MOONLET_SOAK");
  long count = asked != NULL ? atol(asked) : 5000;
  NEW(lua, "lua54", );
  moonlet_define(lua, "echo", echo, NULL);
  moonlet_eval(lua, "function f(t) local ok, e = pcall(error, 'x') return echo(t), function() end end", NULL);
  uint64_t before = 0, after = 0;
  moonlet_stats stats;
  for (long i = 0; i < count; i++) {
    moonlet_reader read;
    moonlet_value value;
    moonlet_handle function;
    moonlet_writer written = moonlet_writer_new(lua);
    moonlet_put_array(&written, 2);
    moonlet_put_integer(&written, i);
    moonlet_put_text(&written, "text");
    CHECK(moonlet_call(lua, "f", &written, &read) == 0 && moonlet_next(&read, &value) && value.type == MOONLET_ARRAY && moonlet_next_function(&read, &function));
    CHECK(moonlet_release(lua, function) == 0);
    if (i % 7 == 0) CHECK(moonlet_eval(lua, "error({})", NULL) == MOONLET_STATUS_ERRRUN);
    if (i == count / 10) moonlet_compact(lua, &before);
    moonlet_writer_free(&written);
  }
  moonlet_compact(lua, &after);
  CHECK(after < before + 4096);
  CHECK(moonlet_get_stats(lua, &stats) == 0 && stats.handles == 0 && stats.tasks == 0);
  moonlet_free(lua);
  for (long i = 0; i < count / 100; i++) {
    NEW(another, "lua54", );
    CHECK_INTEGER(another, "return 2 + 2", 4);
    moonlet_free(another);
  }
}
