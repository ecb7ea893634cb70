/* Scripts that only a limit ends; the state goes on after them. */
#include "programs.h"

int main(void) {
  static const char *const functions[] = {"spin", "fill", "match", "recurse"};
  moonlet_options options = moonlet_defaults();
  options.memory = 8 << 20;
  options.fuel = 10000000;
  moonlet *lua = open_lua(&options);
  must(lua, run_script(lua, "hostile.lua", NULL));
  for (int i = 0; i < 4; i++) {
    moonlet_call(lua, functions[i], NULL, NULL);
    printf("%s: %s\n", functions[i], moonlet_last_error(lua)->kind);
  }
  moonlet_reader results;
  must(lua, moonlet_eval(lua, "return 2 + 2", &results));
  print_next(&results);
  moonlet_free(lua);
  return 0;
}
