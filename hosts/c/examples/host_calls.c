/* Functions of the host: plain, failing, one that gets a Lua function. */
#include "programs.h"

static int add(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results) {
  int64_t a, b;
  (void)context;
  if (!moonlet_next_integer(arguments, &a) || !moonlet_next_integer(arguments, &b)) return moonlet_fail(lua, "add takes two integers");
  moonlet_put_integer(results, a + b);
  return 0;
}

static int lookup(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results) {
  const char *name = "";
  size_t length = 0;
  (void)context, (void)results;
  moonlet_next_string(arguments, &name, &length);
  return moonlet_fail(lua, "no such name: %.*s", (int)length, name);
}

static int twice(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results) {
  moonlet_handle function;
  moonlet_reader answer;
  (void)context;
  if (!moonlet_next_function(arguments, &function)) return moonlet_fail(lua, "twice takes a function and a text");
  moonlet_writer text = moonlet_writer_new(lua);
  moonlet_put_rest(&text, *arguments);
  int status = 0;
  for (int time = 0; time < 2 && status == 0; time++) {
    status = moonlet_call_function(lua, function, &text, &answer);
    moonlet_writer_clear(&text);
    if (status == 0) moonlet_put_rest(&text, answer);
  }
  moonlet_put_rest(results, (moonlet_reader){text.data, text.data + text.length, lua});
  moonlet_writer_free(&text);
  moonlet_release(lua, function);
  return status;
}

static int later(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results) {
  (void)lua, (void)context;
  moonlet_put_rest(results, *arguments);
  return 0;
}

int main(void) {
  moonlet *lua = open_lua(NULL);
  must(lua, moonlet_define(lua, "add", add, NULL));
  must(lua, moonlet_define(lua, "lookup", lookup, NULL));
  must(lua, moonlet_define(lua, "twice", twice, NULL));
  must(lua, moonlet_define(lua, "later", later, NULL));
  must(lua, run_script(lua, "host-calls.lua", NULL));
  moonlet_free(lua);
  return 0;
}
