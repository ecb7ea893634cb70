/* The least program: it runs the script that it is given, prints the first result, and on the error stream the memory that this took. */
#include <stdio.h>
#include <string.h>

#include "../moonlet.h"

/** Bytes of the process that are in memory, as Linux tells them. */
static long resident(void) {
  long kilobytes = 0;
  char line[128];
  FILE *file = fopen("/proc/self/status", "r");
  while (file != NULL && fgets(line, sizeof line, file) != NULL)
    if (strncmp(line, "VmHWM:", 6) == 0) sscanf(line + 6, "%ld", &kilobytes);
  if (file != NULL) fclose(file);
  return kilobytes;
}

int main(int count, char **words) {
  moonlet_options options = moonlet_defaults();
  options.pages = 16;
  options.stack = 128 << 10;
  moonlet *lua = moonlet_new(&MODULE, &options, NULL);
  moonlet_reader results;
  moonlet_stats stats;
  int64_t number;
  if (count != 2 || lua == NULL) {
    fputs("usage: script SOURCE\n", stderr);
    return 2;
  }
  if (moonlet_eval(lua, words[1], &results) != 0) {
    fprintf(stderr, "%s\n", moonlet_last_error(lua)->message);
    return 1;
  }
  if (moonlet_next_integer(&results, &number)) printf("%lld\n", (long long)number);
  if (moonlet_get_stats(lua, &stats) == 0) fprintf(stderr, "Lua takes %ld bytes, the process %ld KiB\n", (long)stats.memory_peak, resident());
  moonlet_free(lua);
  return 0;
}
