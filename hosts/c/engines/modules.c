/* Modules on an engine, by the names of their files, which are in the folder that MOONLET_MODULES names, or in dist/. ENGINE is the engine's name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../moonlet.h"

#define JOINED(first, second, third) first##second##third
#define NAME(first, second, third) JOINED(first, second, third)
#define NEW_MODULE NAME(moonlet_, ENGINE, _new)
#define FREE_MODULE NAME(moonlet_, ENGINE, _free)

const moonlet_module *NEW_MODULE(const void *bytes, size_t length, const char **why);
void FREE_MODULE(const moonlet_module *module);

static struct loaded {
  const char *name;
  const moonlet_module *module;
  char *bytes;
} loaded[4];

static void free_all(void) {
  for (int i = 0; i < 4; i++) {
    FREE_MODULE(loaded[i].module);
    free(loaded[i].bytes);
  }
}

const moonlet_module *test_module(const char *name) {
  static const char *const names[] = {"lua54", "lua55", "lua54-mini", "lua55-mini"};
  const char *folder = getenv("MOONLET_MODULES"), *why = "";
  char path[1024];
  int at = 0;
  while (at < 4 && strcmp(names[at], name) != 0) at++;
  if (at == 4) return NULL;
  if (loaded[at].module != NULL) return loaded[at].module;
  snprintf(path, sizeof path, "%s/%s.wasm", folder != NULL ? folder : "dist", name);
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    perror(path);
    exit(1);
  }
  char *bytes = malloc(1 << 20);
  size_t length = bytes != NULL ? fread(bytes, 1, 1 << 20, file) : 0;
  fclose(file);
  loaded[at] = (struct loaded){name, NEW_MODULE(bytes, length, &why), bytes};
  if (loaded[at].module == NULL) {
    fprintf(stderr, "%s: %s\n", path, why);
    exit(1);
  }
  static int is_told;
  if (!is_told++) atexit(free_all);
  return loaded[at].module;
}
