/* The modules that were translated into C, by the names of their files. */
#include "test.h"

const moonlet_module *test_module(const char *name) {
  if (strcmp(name, "lua54") == 0) return &moonlet_lua54;
  if (strcmp(name, "lua55") == 0) return &moonlet_lua55;
  if (strcmp(name, "lua54-mini") == 0) return &moonlet_lua54_mini;
  if (strcmp(name, "lua55-mini") == 0) return &moonlet_lua55_mini;
  return NULL;
}
