/* A script that waits for an answer moves into another state, and gets it there. */
#include "programs.h"

static void print_question(moonlet_task *task) {
  printf("asked: ");
  print_next(&task->values);
}

int main(void) {
  moonlet *lua = open_lua(NULL);
  size_t length, count;
  char *source = script("snapshot.lua", &length);
  moonlet_task task;
  must(lua, moonlet_define(lua, "ask", NULL, NULL));
  must(lua, moonlet_start(lua, source, length, NULL, NULL, &task));
  free(source);
  print_question(&task);
  uint8_t *snapshot;
  must(lua, moonlet_snapshot(lua, &snapshot, &length));
  moonlet_free(lua);
  printf("the snapshot is taken, the first instance closed\n");

  static const char *const answers[] = {"Arthur", "the grail"};
  lua = open_lua(NULL);
  must(lua, moonlet_restore(lua, snapshot, length));
  free(snapshot);
  must(lua, moonlet_tasks(lua, &task, 1, &count));
  must(lua, moonlet_request(lua, &task));
  moonlet_writer answer = moonlet_writer_new(lua);
  for (int i = 0; i < 2; i++) {
    print_question(&task);
    moonlet_writer_clear(&answer);
    moonlet_put_text(&answer, answers[i]);
    must(lua, moonlet_resume(lua, &task, &answer));
  }
  print_next(&task.values);
  moonlet_writer_free(&answer);
  moonlet_free(lua);
  return 0;
}
