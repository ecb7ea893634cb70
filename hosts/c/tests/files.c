#include "test.h"

void test_files(void) {
  NEW(lua, "lua54", options.memory = 2u << 20);
  const char *data = NULL;
  size_t length = 0;
  CHECK(moonlet_write_file(lua, "data/rows.csv", "a,b\n\0", 5) == 0 && moonlet_write_file(lua, "empty", NULL, 0) == 0);
  CHECK(moonlet_read_file(lua, "data/rows.csv", &data, &length) == 0 && length == 5 && memcmp(data, "a,b\n\0", 5) == 0);
  CHECK(moonlet_read_file(lua, "empty", &data, &length) == 0 && length == 0);
  CHECK_INTEGER(lua, "local f = io.open('out', 'w') f:write('from Lua') f:close() return #io.open('data/rows.csv'):read('a')", 5);
  CHECK(moonlet_read_file(lua, "out", &data, &length) == 0 && length == 8 && memcmp(data, "from Lua", 8) == 0);
  moonlet_reader files;
  moonlet_value file;
  int64_t size = 0;
  CHECK(moonlet_list_files(lua, &files) == 0 && moonlet_next(&files, &file) && is_text(&file.items, "data/rows.csv") && moonlet_next_integer(&file.items, &size) && size == 5);
  CHECK(moonlet_next(&files, &file) && moonlet_next(&files, &file) && !moonlet_next(&files, &file));
  CHECK(moonlet_remove_file(lua, "out") == 0);
  CHECK_ERROR(lua, moonlet_remove_file(lua, "out"), MOONLET_STATUS_BAD_ARGUMENT, "there is no file of this name");
  CHECK_ERROR(lua, moonlet_read_file(lua, "out", &data, &length), MOONLET_STATUS_BAD_ARGUMENT, "there is no file of this name");
  CHECK_ERROR(lua, moonlet_write_file(lua, "folder/", "x", 1), MOONLET_STATUS_BAD_ARGUMENT, "this names no file");
  CHECK_ERROR(lua, moonlet_write_file(lua, "", "x", 1), MOONLET_STATUS_BAD_ARGUMENT, "this names no file");
  CHECK_ERROR(lua, moonlet_write_file(lua, "x", NULL, 1), MOONLET_STATUS_BAD_ARGUMENT, "the file's data are NULL");
  char *large = calloc(1, 3u << 20);
  CHECK_ERROR(lua, moonlet_write_file(lua, "large", large, 3u << 20), MOONLET_STATUS_TOO_BIG, "raise `memory`");
  CHECK_ERROR(lua, moonlet_write_input(lua, large, 3u << 20), MOONLET_STATUS_TOO_BIG, "raise `memory`");
  free(large);
  CHECK(moonlet_write_file(lua, "module.lua", "return {answer = 42}", 20) == 0);
  CHECK_INTEGER(lua, "return require('module').answer", 42);
  moonlet_free(lua);
}
