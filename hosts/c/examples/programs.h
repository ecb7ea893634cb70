/* What the programs have in common: the module that they run, the scripts of hosts/programs, and an end for what should not happen. */
#ifndef PROGRAMS_H
#define PROGRAMS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../moonlet.h"

#ifdef WITH_ENGINE
const moonlet_module *test_module(const char *name);
#define MODULE test_module("lua54")
#else
#define MODULE (&moonlet_lua54)
#endif

#ifndef PROGRAMS
#define PROGRAMS "hosts/programs"
#endif

/** Ends the program where a call failed. */
static inline void must(moonlet *lua, int status) {
  if (status == 0) return;
  fprintf(stderr, "%s: %s\n", moonlet_last_error(lua)->kind, moonlet_last_error(lua)->message);
  exit(1);
}

static inline moonlet *open_lua(const moonlet_options *options) {
  const char *why;
  moonlet *lua = moonlet_new(MODULE, options, &why);
  if (lua != NULL) return lua;
  fprintf(stderr, "%s\n", why);
  exit(1);
}

/** All of a file; the caller frees it. */
static inline char *contents(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  char *text = NULL;
  size_t capacity = 0, got;
  *length = 0;
  if (file == NULL) {
    perror(path);
    exit(1);
  }
  do {
    if (capacity - *length < 65536 && (text = realloc(text, capacity += capacity + 65536)) == NULL) exit(1);
    *length += got = fread(text + *length, 1, capacity - *length - 1, file);
  } while (got > 0);
  fclose(file);
  text[*length] = 0;
  return text;
}

/** A script of hosts/programs. */
static inline char *script(const char *name, size_t *length) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", PROGRAMS, name);
  return contents(path, length);
}

/** Runs a script of hosts/programs, whose name errors show. */
static inline int run_script(moonlet *lua, const char *name, moonlet_reader *results) {
  size_t length;
  char *source = script(name, &length), chunk[64];
  snprintf(chunk, sizeof chunk, "@%s", name);
  int status = moonlet_eval_chunk(lua, source, length, chunk, NULL, results);
  free(source);
  return status;
}

/** Prints the next value, a number or a text, and a line's end. */
static inline void print_next(moonlet_reader *values) {
  moonlet_value value = {0};
  moonlet_next(values, &value);
  if (value.type == MOONLET_INTEGER) printf("%lld\n", (long long)value.integer);
  else printf("%.*s\n", (int)value.length, value.data);
}

#endif
