/* A long computation in slices, between which the host does other things. */
#include "programs.h"

int main(void) {
  moonlet_options options = moonlet_defaults();
  options.slice = 10000;
  moonlet *lua = open_lua(&options);
  size_t length;
  char *source = script("pause.lua", &length);
  moonlet_task task;
  must(lua, moonlet_start(lua, source, length, NULL, NULL, &task));
  free(source);
  moonlet_reader results;
  int64_t sum = 0;
  must(lua, moonlet_eval(lua, "return 1 + 1", &results));
  moonlet_next_integer(&results, &sum);
  printf("paused, meanwhile 1 + 1 is %lld\n", (long long)sum);
  int pauses = 0;
  for (; task.kind == MOONLET_PAUSED; pauses++) must(lua, moonlet_resume(lua, &task, NULL));
  printf("paused more than once: %s\n", pauses > 1 ? "true" : "false");
  print_next(&task.values);
  moonlet_free(lua);
  return 0;
}
