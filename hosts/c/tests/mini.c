#include "test.h"

static int add(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results) {
  int64_t a, b;
  (void)context;
  if (!moonlet_next_integer(arguments, &a) || !moonlet_next_integer(arguments, &b)) return moonlet_fail(lua, "add takes two integers");
  moonlet_put_integer(results, a + b);
  return 0;
}

static void one(const char *name) {
  NEW(lua, name, options.fuel = 1000000);
  const char *data;
  size_t length;
  CHECK(moonlet_define(lua, "add", add, NULL) == 0);
  CHECK_INTEGER(lua, "return add(1, 2) + #('x'):rep(3) + math.floor(1.5)", 7);
  CHECK(moonlet_eval(lua, "while true do end", NULL) == MOONLET_STATUS_BUDGET);
  CHECK_ERROR(lua, moonlet_eval(lua, "io.write('x')", NULL), MOONLET_STATUS_ERRRUN, "which the mini variant leaves out");
  CHECK_ERROR(lua, moonlet_write_file(lua, "x", "y", 1), MOONLET_STATUS_BAD_STATE, "take moonlet_lua54 or moonlet_lua55");
  CHECK_ERROR(lua, moonlet_read_file(lua, "x", &data, &length), MOONLET_STATUS_BAD_STATE, "take moonlet_lua54 or moonlet_lua55");
  CHECK_ERROR(lua, moonlet_write_input(lua, "x", 1), MOONLET_STATUS_BAD_STATE, "take moonlet_lua54 or moonlet_lua55");
  moonlet_free(lua);
  const char *why = NULL;
  moonlet_options options;
#define REFUSED(change)                                                                                                       \
  options = moonlet_defaults(), change, why = NULL;                                                                           \
  CHECK(moonlet_new(test_module(name), &options, &why) == NULL && why != NULL && strstr(why, "mini variants") != NULL)
  REFUSED(options.input = true);
  REFUSED(options.binary_chunks = true);
  REFUSED(options.time_zone = "CET-1");
  REFUSED(options.libraries = MOONLET_LIBRARY_BASE | MOONLET_LIBRARY_IO);
}

void test_mini(void) {
  one("lua54-mini");
  one("lua55-mini");
}
