/* What a program may do wrong with memory that is the package's: AddressSanitizer and valgrind find each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../moonlet.h"

int main(int count, char **words) {
  moonlet *lua = moonlet_new(&moonlet_lua54_mini, NULL, NULL);
  moonlet_reader read;
  moonlet_value value;
  const char *fault = count == 2 ? words[1] : "";
  if (lua == NULL) return 1;
  if (strcmp(fault, "state") == 0) {
    moonlet_free(lua);
    moonlet_eval(lua, "return 1", NULL);
  } else if (strcmp(fault, "results") == 0) {
    /* Results stay until the next call, and end with the state. */
    if (moonlet_eval(lua, "return ('x'):rep(1000)", &read) != 0 || !moonlet_next(&read, &value)) return 1;
    moonlet_free(lua);
    if (value.data[500] == 'x') puts("read");
  } else if (strcmp(fault, "writer") == 0) {
    moonlet_writer written = moonlet_writer_new(lua), copy;
    moonlet_put_text(&written, "text");
    copy = written;
    moonlet_writer_free(&written);
    moonlet_eval_chunk(lua, "return 1", 8, NULL, &copy, NULL);
  } else if (strcmp(fault, "length") == 0) {
    char *source = malloc(8);
    if (source == NULL) return 1;
    memcpy(source, "return 1", 8);
    moonlet_eval_chunk(lua, source, 80, NULL, NULL, NULL);
    free(source);
  } else {
    fputs("usage: faults state|results|writer|length\n", stderr);
    return 2;
  }
  return 0;
}
