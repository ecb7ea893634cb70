/* Evaluates a script, and calls a function that it defined. */
#include "programs.h"

int main(void) {
  moonlet *lua = open_lua(NULL);
  moonlet_reader results;
  must(lua, run_script(lua, "hello.lua", &results));
  print_next(&results);

  moonlet_writer arguments = moonlet_writer_new(lua);
  moonlet_put_text(&arguments, "world");
  must(lua, moonlet_call(lua, "greet", &arguments, &results));
  print_next(&results);
  moonlet_writer_free(&arguments);
  moonlet_free(lua);
  return 0;
}
