/* Lua's official suite in its form for users: the module, hosts/programs/figures/conformance.lua, and the suite's files, which are put into the state. */
#include "../examples/programs.h"

const moonlet_module *test_module(const char *name);

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash != NULL ? slash + 1 : path;
}

static double fixed_clock(void *context) {
  (void)context;
  return 1767225600;
}

int main(int count, char **words) {
  if (count < 3) {
    fputs("usage: conformance MODULE FILE...\n", stderr);
    return 2;
  }
  const char *why;
  moonlet_options options = moonlet_defaults();
  options.memory = 0;
  options.pages = 8192;
  options.stack = 4u << 20;
  options.has_seed = options.binary_chunks = true;
  options.clock = fixed_clock;
  options.libraries |= MOONLET_LIBRARY_DEBUG_FULL;
  moonlet *lua = moonlet_new(test_module(words[1]), &options, &why);
  if (lua == NULL) {
    fprintf(stderr, "%s\n", why);
    return 1;
  }
  must(lua, moonlet_write_file(lua, "a", NULL, 0));
  for (int i = 2; i < count; i++) {
    size_t length;
    char *text = contents(words[i], &length);
    must(lua, moonlet_write_file(lua, base_name(words[i]), text, length));
    free(text);
  }
  moonlet_reader results;
  must(lua, run_script(lua, "figures/conformance.lua", &results));
  moonlet_free(lua);
  return 0;
}
