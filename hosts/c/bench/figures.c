/* Prints levels of C calls, and milliseconds at best of a new state with its first result, of fib(24), and of 10,000 texts formatted and joined, as JSON. */
#define _POSIX_C_SOURCE 199309L /* clock_gettime */

#include <time.h>

#include "../examples/programs.h"

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static double shortest(void (*work)(moonlet *, const char *), moonlet *lua, const char *script) {
  double best = 1e300;
  for (int i = 0; i < 9; i++) {
    double began = now(), took;
    work(lua, script);
    took = now() - began;
    if (took < best) best = took;
  }
  return best;
}

static void run(moonlet *lua, const char *script) {
  moonlet_reader results;
  must(lua, run_script(lua, script, &results));
}

static void start(moonlet *lua, const char *script) {
  moonlet *other = open_lua(NULL);
  moonlet_reader results;
  (void)lua;
  must(other, moonlet_eval(other, script, &results));
  moonlet_free(other);
}

int main(void) {
  moonlet *lua = open_lua(NULL);
  moonlet_reader results;
  int64_t depth = 0;
  must(lua, run_script(lua, "figures/depth.lua", &results));
  moonlet_next_integer(&results, &depth);
  printf("{\"depth\": %d, \"start_ms\": %.6f, ", (int)depth, shortest(start, lua, "return 1"));
  printf("\"fib_ms\": %.6f, ", shortest(run, lua, "figures/fib.lua"));
  printf("\"strings_ms\": %.6f}\n", shortest(run, lua, "figures/strings.lua"));
  moonlet_free(lua);
  return 0;
}
