/* Errors of every kind, and what each tells; the state goes on after them. */
#include "programs.h"

static const moonlet_error *caught(moonlet *lua, int status) {
  if (status == 0) exit(1);
  const moonlet_error *error = moonlet_last_error(lua);
  printf("%s: %s\n", error->kind, error->message);
  return error;
}

int main(void) {
  moonlet_options options = moonlet_defaults();
  options.memory = 8 << 20;
  moonlet *lua = open_lua(&options);
  must(lua, run_script(lua, "errors.lua", NULL));
  caught(lua, moonlet_eval_chunk(lua, "return 1 +", 10, "=input", NULL, NULL));

  moonlet_writer arguments = moonlet_writer_new(lua);
  moonlet_put_map(&arguments, 0);
  const moonlet_error *error = caught(lua, moonlet_call(lua, "index", &arguments, NULL));
  bool is_named = strstr(error->traceback, "in function 'index'") != NULL;
  printf("at %s, line %d, the traceback names function 'index': %s\n", error->chunk, error->line, is_named ? "true" : "false");

  error = caught(lua, moonlet_call(lua, "refuse", NULL, NULL));
  moonlet_reader raised = error->value;
  moonlet_value table, name, value;
  int64_t code = 0;
  moonlet_value reason = {0};
  moonlet_next(&raised, &table);
  while (moonlet_next(&table.items, &name) && moonlet_next(&table.items, &value)) {
    if (name.length == 4 && memcmp(name.data, "code", 4) == 0) code = value.integer;
    else reason = value;
  }
  printf("code %lld, reason %.*s\n", (long long)code, (int)reason.length, reason.data);

  caught(lua, moonlet_call(lua, "fill", NULL, NULL));
  moonlet_reader results;
  must(lua, moonlet_eval(lua, "return 2 + 2", &results));
  print_next(&results);
  moonlet_writer_free(&arguments);
  moonlet_free(lua);
  return 0;
}
