/* Runs all tests, or those that are named. */
#include "test.h"

int failures, checks;

int64_t integer_of(moonlet *lua, const char *source) {
  moonlet_reader results;
  int64_t number;
  if (moonlet_eval(lua, source, &results) != 0) {
    printf("%s: %s\n", source, moonlet_last_error(lua)->message);
    return INT64_MIN;
  }
  return moonlet_next_integer(&results, &number) ? number : INT64_MIN;
}

bool is_text(moonlet_reader *reader, const char *text) {
  const char *data;
  size_t length;
  return moonlet_next_string(reader, &data, &length) && length == strlen(text) && memcmp(data, text, length) == 0;
}

void keep(void *context, const char *data, size_t length, bool is_error) {
  kept *all = context;
  size_t *at = &all->length[is_error];
  if (*at + length >= sizeof all->text[0]) return;
  memcpy(all->text[is_error] + *at, data, length);
  *at += length;
  all->text[is_error][*at] = 0;
}

int main(int count, char **names) {
  static const struct {
    const char *name;
    void (*run)(void);
  } tests[] = {
      {"codec", test_codec}, {"evaluations", test_evaluations}, {"host_functions", test_host_functions}, {"objects", test_objects},
      {"limits", test_limits}, {"tasks", test_tasks}, {"files", test_files}, {"snapshots", test_snapshots}, {"bad_input", test_bad_input},
      {"mini", test_mini}, {"soak", test_soak},
  };
  for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
    bool is_wanted = count < 2;
    for (int named = 1; named < count; named++) is_wanted |= strcmp(names[named], tests[i].name) == 0;
    if (is_wanted) tests[i].run();
  }
  printf("%d checks, %d failed\n", checks, failures);
  return failures > 0 || checks == 0;
}
