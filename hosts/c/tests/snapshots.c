#include "test.h"

static void moves(void) {
  NEW(lua, "lua54", );
  NEW(other, "lua54", );
  uint8_t *data;
  size_t length, count;
  moonlet_task task;
  const char source[] = "local a = ask('first') local b = ask('second') return a + b";
  moonlet_eval(lua, "x = {1, 'two'} function f() return #x[2] end", NULL);
  moonlet_write_file(lua, "file", "contents", 8);
  moonlet_define(lua, "ask", NULL, NULL);
  CHECK(moonlet_start(lua, source, sizeof source - 1, NULL, NULL, &task) == 0);
  CHECK(moonlet_snapshot(lua, &data, &length) == 0 && length > 128 && memcmp(data, "MOONSNAP", 8) == 0);
  CHECK(moonlet_restore(other, data, length) == 0);
  const char *contents;
  size_t size;
  CHECK_INTEGER(other, "return f()", 3);
  CHECK(moonlet_read_file(other, "file", &contents, &size) == 0 && size == 8);
  moonlet_task moved;
  CHECK(moonlet_tasks(other, &moved, 1, &count) == 0 && count == 1 && moonlet_request(other, &moved) == 0 && is_text(&moved.values, "first"));
  moonlet_writer answer = moonlet_writer_new(other);
  moonlet_put_integer(&answer, 20);
  int64_t number = 0;
  CHECK(moonlet_resume(other, &moved, &answer) == 0 && is_text(&moved.values, "second"));
  CHECK(moonlet_resume(other, &moved, &answer) == 0 && moonlet_next_integer(&moved.values, &number) && number == 40);
  /* The first is as it was; what was done since is undone. */
  moonlet_eval(lua, "x = nil y = {} for i = 1, 1e5 do y[i] = i end", NULL);
  CHECK(moonlet_restore(lua, data, length) == 0);
  CHECK_INTEGER(lua, "return y == nil and f()", 3);
  CHECK(moonlet_tasks(lua, &moved, 1, &count) == 0 && count == 1 && moved.id == task.id);
  /* Equal states give equal bytes. */
  uint8_t *again;
  size_t length_again;
  NEW(third, "lua54", );
  CHECK(moonlet_restore(third, data, length) == 0 && moonlet_snapshot(third, &again, &length_again) == 0);
  CHECK(moonlet_restore(third, again, length_again) == 0);
  CHECK_INTEGER(third, "return f()", 3);
  free(again);
  free(data);
  moonlet_writer_free(&answer);
  moonlet_free(third);
  moonlet_free(other);
  moonlet_free(lua);
}

static int restore_it(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results) {
  const moonlet_reader *snapshot = context;
  (void)arguments, (void)results;
  return moonlet_restore(lua, snapshot->at, (size_t)(snapshot->end - snapshot->at));
}

static void what_is_older(void) {
  NEW(lua, "lua54", );
  uint8_t *data;
  size_t length;
  moonlet_reader read;
  moonlet_handle function;
  moonlet_define(lua, "ask", NULL, NULL);
  moonlet_task task;
  CHECK(moonlet_start(lua, "return ask()", 12, NULL, NULL, &task) == 0);
  CHECK(moonlet_eval(lua, "return print", &read) == 0 && moonlet_next_function(&read, &function) && moonlet_snapshot(lua, &data, &length) == 0);
  CHECK(moonlet_restore(lua, data, length) == 0);
  CHECK_ERROR(lua, moonlet_call_function(lua, function, NULL, NULL), MOONLET_STATUS_BAD_DATA, "older than the snapshot");
  CHECK_ERROR(lua, moonlet_release(lua, function), MOONLET_STATUS_BAD_DATA, "older than the snapshot");
  moonlet_reader snapshot = {data, data + length, NULL};
  moonlet_define(lua, "back", restore_it, &snapshot);
  CHECK_ERROR(lua, moonlet_eval(lua, "back()", NULL), MOONLET_STATUS_BAD_STATE, "a snapshot was restored while this evaluation ran");
  CHECK_INTEGER(lua, "return 2 + 2", 4);
  CHECK(moonlet_resume(lua, &task, NULL) == 0 && task.kind == MOONLET_DONE);
  free(data);
  moonlet_free(lua);
}

static void damaged(void) {
  NEW(lua, "lua54", );
  NEW(newer, "lua55", );
  NEW(mini, "lua54-mini", );
  NEW(small, "lua54", options.memory = 256u << 10);
  uint8_t *data, *copy;
  size_t length;
  moonlet_eval(lua, "x = ('x'):rep(3e6)", NULL);
  CHECK(moonlet_snapshot(lua, &data, &length) == 0);
  copy = malloc(length);
  for (size_t cut = 0; cut < length; cut += cut < 200 ? 1 : 9973) CHECK(moonlet_restore(lua, data, cut) == MOONLET_STATUS_BAD_DATA);
  for (size_t bit = 0; bit < 128 * 8; bit++) {
    memcpy(copy, data, length);
    copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
    CHECK(moonlet_restore(lua, copy, length) == MOONLET_STATUS_BAD_DATA);
  }
  memcpy(copy, data, length);
  copy[length / 2] ^= 1;
  CHECK_ERROR(lua, moonlet_restore(lua, copy, length), MOONLET_STATUS_BAD_DATA, "damaged or cut short");
  CHECK_ERROR(lua, moonlet_restore(lua, "no snapshot", 11), MOONLET_STATUS_BAD_DATA, "no snapshot, or not even its header");
  CHECK_ERROR(newer, moonlet_restore(newer, data, length), MOONLET_STATUS_BAD_DATA, "made by Lua 5.4; restore it into a state of moonlet_lua54");
  CHECK_ERROR(mini, moonlet_restore(mini, data, length), MOONLET_STATUS_BAD_DATA, "another build of the module");
  CHECK_ERROR(small, moonlet_restore(small, data, length), MOONLET_STATUS_BAD_DATA, "raise `memory` or `pages`");
  CHECK_INTEGER(lua, "return #x", 3000000);
  CHECK_INTEGER(small, "return 2 + 2", 4);
  free(copy);
  free(data);
  moonlet_free(small);
  moonlet_free(mini);
  moonlet_free(newer);
  moonlet_free(lua);
}

static void forks(void) {
  NEW(lua, "lua54", options.fuel = 100000);
  moonlet_eval(lua, "x = 1 function bump() x = x + 1 return x end", NULL);
  moonlet *copy = NULL;
  CHECK(moonlet_fork(lua, &copy) == 0 && copy != NULL);
  CHECK_INTEGER(copy, "return bump()", 2);
  CHECK_INTEGER(lua, "return x", 1);
  CHECK(moonlet_eval(copy, "while true do end", NULL) == MOONLET_STATUS_BUDGET);
  moonlet_free(copy);
  CHECK_INTEGER(lua, "return bump()", 2);
  moonlet_free(lua);
}

void test_snapshots(void) {
  moves();
  what_is_older();
  damaged();
  forks();
}
