/* A script on its way from host to host. */
#include "programs.h"

static const char usage[] =
    "usage: chain start OUT        runs rich.lua until it waits for `ask`, and writes the snapshot to OUT\n"
    "       chain go NAME IN OUT   restores IN, answers the call that waits with NAME and its arguments but the first; writes the next\n"
    "                              snapshot to OUT, or prints the result\n";

static void go_on(moonlet *lua, moonlet_task *task, const char *out) {
  while (task->kind == MOONLET_PAUSED) must(lua, moonlet_resume(lua, task, NULL));
  if (task->kind == MOONLET_DONE) {
    print_next(&task->values);
    return;
  }
  uint8_t *snapshot;
  size_t length;
  must(lua, moonlet_snapshot(lua, &snapshot, &length));
  FILE *file = fopen(out, "wb");
  if (file == NULL || fwrite(snapshot, 1, length, file) != length || fclose(file) != 0) {
    perror(out);
    exit(1);
  }
  free(snapshot);
}

int main(int count, char **words) {
  bool is_start = count == 3 && strcmp(words[1], "start") == 0;
  if (!is_start && !(count == 5 && strcmp(words[1], "go") == 0)) {
    fputs(usage, stderr);
    return 2;
  }
  moonlet *lua = open_lua(NULL);
  moonlet_task task;
  size_t length, found;
  if (is_start) {
    char *source = script("rich.lua", &length);
    must(lua, moonlet_define(lua, "ask", NULL, NULL));
    must(lua, moonlet_start(lua, source, length, NULL, NULL, &task));
    free(source);
  } else {
    char *snapshot = contents(words[3], &length);
    must(lua, moonlet_restore(lua, snapshot, length));
    free(snapshot);
    must(lua, moonlet_tasks(lua, &task, 1, &found));
    must(lua, moonlet_request(lua, &task));
    moonlet_value first;
    moonlet_next(&task.values, &first);
    moonlet_writer answer = moonlet_writer_new(lua);
    moonlet_put_text(&answer, words[2]);
    moonlet_put_rest(&answer, task.values);
    must(lua, moonlet_resume(lua, &task, &answer));
    moonlet_writer_free(&answer);
  }
  go_on(lua, &task, words[count - 1]);
  moonlet_free(lua);
  return 0;
}
