/*
 * Lua's official test suite in its form for users, on a bare instance, then a script whose numbers are easily rounded otherwise: what they print, then the
 * SHA-256 of all memory. On every processor that is the same.
 */
/* A folder of the host that qemu shows to a 32-bit program has numbers of 64 bits. */
#define _FILE_OFFSET_BITS 64

#include "../../src/library.c"

#include <dirent.h>

const moonlet_module *test_module(const char *name);

static int in_order(const void *first, const void *second) { return strcmp(*(char *const *)first, *(char *const *)second); }

static char *whole(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  char *text = malloc(4u << 20);
  *length = file != NULL && text != NULL ? fread(text, 1, 4u << 20, file) : 0;
  if (file != NULL) fclose(file);
  return text;
}

/** Puts every file of a folder into the state, in order. */
static void put_files(moonlet *lua, const char *folder) {
  char *names[200], path[2048];
  size_t count = 0;
  DIR *open = opendir(folder);
  for (struct dirent *entry; open != NULL && (entry = readdir(open)) != NULL && count < 199;)
    if (strchr(entry->d_name, '.') != NULL && entry->d_name[0] != '.') {
      names[count] = malloc(strlen(entry->d_name) + 1);
      strcpy(names[count++], entry->d_name);
    }
  if (open != NULL) closedir(open);
  qsort(names, count, sizeof *names, in_order);
  moonlet_write_file(lua, "a", NULL, 0);
  for (size_t i = 0; i < count; i++) {
    size_t length;
    snprintf(path, sizeof path, "%s/%s", folder, names[i]);
    char *text = whole(path, &length);
    if (moonlet_write_file(lua, names[i], text, length) != 0) printf("%s: %s\n", names[i], moonlet_last_error(lua)->message);
    free(text);
    free(names[i]);
  }
}

static void print_hash(moonlet *lua, const char *of) {
  uint8_t digest[32];
  size_t length;
  const uint8_t *memory = lua->module->memory(lua->instance, &length);
  moonlet_sha256(memory, length, digest);
  printf("\n%s: ", of);
  for (int i = 0; i < 32; i++) printf("%02x", digest[i]);
  printf("\n");
}

/** A run of a chunk as text; its output goes where the program's does. */
static int run_chunk(moonlet *lua, const char *chunk) {
  bytes result = {0};
  step left = run(lua, MOONLET_EXPORT_compute, -1, chunk, strlen(chunk), &result);
  fwrite(instance_read(lua, left.output, left.output_length), 1, left.output_length, stdout);
  if (left.status != 0) printf("status %d: %.*s\n", left.status, (int)result.length, result.data);
  instance_call(lua, MOONLET_EXPORT_output_clear, 0, 0, 0, 0);
  free(result.data);
  return left.status;
}

static moonlet *bare(const char *module) {
  const char *why = NULL;
  moonlet_options options = moonlet_defaults();
  options.memory = 0;
  options.pages = 8192;
  options.stack = 4u << 20;
  moonlet *lua = open_state(test_module(module), &options, &why);
  if (lua == NULL) {
    printf("%s\n", why);
    exit(1);
  }
  return lua;
}

int main(int count, char **words) {
  if (count != 4) {
    fputs("usage: suite MODULE FOLDER SCRIPT\n", stderr);
    return 2;
  }
  moonlet *lua = bare(words[1]);
  size_t length;
  char *script = whole(words[3], &length);
  script[length] = 0;
  int failed = run_chunk(lua, script);
  /* The script makes a NaN, whose sign is the processor's; what no longer holds it is zeroed here. */
  instance_compact(lua);
  print_hash(lua, "memory after the script");
  release_state(lua);
  free(script);
  if (strcmp(words[2], "-") != 0) {
    lua = bare(words[1]);
    instance_set(lua, MOONLET_OPTION_LIBRARIES, instance_get(lua, MOONLET_FIGURE_HELD_LIBRARIES));
    instance_set(lua, MOONLET_OPTION_BINARY_CHUNKS, 1);
    instance_set(lua, MOONLET_OPTION_CLOCK, 1767225600);
    put_files(lua, words[2]);
    failed |= run_chunk(lua, "local all = loadfile('all.lua') local getenv = os.getenv os.getenv = function(name) if name == 'PATH' then return '/' end return getenv(name) end "
                             "_U = true arg = {[0] = 'lua'} return all()");
    print_hash(lua, "memory after the suite");
    release_state(lua);
  }
  return failed;
}
