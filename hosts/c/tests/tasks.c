#include "test.h"

static int add(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results) {
  int64_t a = 0, b = 0;
  (void)lua, (void)context;
  moonlet_next_integer(arguments, &a);
  moonlet_next_integer(arguments, &b);
  moonlet_put_integer(results, a + b);
  return 0;
}

static bool is_call(const moonlet_task *task, const char *name) {
  return task->kind == MOONLET_CALL && task->name_length == strlen(name) && memcmp(task->name, name, task->name_length) == 0;
}

static int start(moonlet *lua, const char *source, moonlet_task *task) { return moonlet_start(lua, source, strlen(source), NULL, NULL, task); }

static void calls(void) {
  NEW(lua, "lua54", );
  moonlet_task task;
  int64_t number = 0;
  moonlet_writer answer = moonlet_writer_new(lua);
  CHECK(start(lua, "return 5", &task) == 0 && task.kind == MOONLET_DONE && moonlet_next_integer(&task.values, &number) && number == 5);
  CHECK_ERROR(lua, moonlet_resume(lua, &task, NULL), MOONLET_STATUS_BAD_STATE, "this task has ended; start another");
  CHECK(moonlet_cancel(lua, &task) == 0);
  moonlet_define(lua, "ask", NULL, NULL);
  moonlet_define(lua, "add", add, NULL);
  CHECK(start(lua, "local a = ask('x', 2) local b = host.call('other') return add(a, b)", &task) == 0 && is_call(&task, "ask") && is_text(&task.values, "x"));
  CHECK(moonlet_next_integer(&task.values, &number) && number == 2);
  moonlet_task listed[4];
  size_t count = 0;
  CHECK(moonlet_tasks(lua, listed, 4, &count) == 0 && count == 1 && listed[0].id == task.id && listed[0].kind == MOONLET_CALL);
  CHECK(moonlet_request(lua, &listed[0]) == 0 && is_call(&listed[0], "ask") && is_text(&listed[0].values, "x"));
  CHECK_INTEGER(lua, "return 2 + 2", 4); /* Meanwhile. */
  moonlet_put_integer(&answer, 30);
  CHECK(moonlet_resume(lua, &task, &answer) == 0 && is_call(&task, "other"));
  CHECK(moonlet_resume(lua, &task, &answer) == 0 && task.kind == MOONLET_DONE && moonlet_next_integer(&task.values, &number) && number == 60);
  CHECK(moonlet_tasks(lua, NULL, 0, &count) == 0 && count == 0);
  /* An error in the place of the answer. */
  CHECK(start(lua, "local ok, e = pcall(ask) return e", &task) == 0 && is_call(&task, "ask"));
  moonlet_writer_clear(&answer);
  moonlet_put_text(&answer, "no answer");
  CHECK(moonlet_raise(lua, &task, &answer) == 0 && task.kind == MOONLET_DONE && is_text(&task.values, "no answer"));
  CHECK(start(lua, "ask()", &task) == 0);
  CHECK_ERROR(lua, moonlet_raise(lua, &task, &answer), MOONLET_STATUS_ERRRUN, "no answer");
  CHECK(task.kind == MOONLET_DONE);
  /* Several, in any order; one that is cancelled. */
  moonlet_task first, second;
  CHECK(start(lua, "return 'first', ask()", &first) == 0 && start(lua, "return 'second', ask()", &second) == 0);
  CHECK(moonlet_resume(lua, &second, NULL) == 0 && is_text(&second.values, "second"));
  CHECK(moonlet_cancel(lua, &first) == 0 && first.kind == MOONLET_DONE);
  CHECK(start(lua, "local c <close> = setmetatable({}, {__close = function() error('late', 0) end}) ask()", &task) == 0);
  CHECK_ERROR(lua, moonlet_cancel(lua, &task), MOONLET_STATUS_ERRRUN, "late");
  CHECK(start(lua, "local c <close> = setmetatable({}, {__close = function() while true do end end}) ask()", &task) == 0);
  CHECK(moonlet_cancel(lua, &task) == MOONLET_STATUS_BUDGET);
  /* A refused answer leaves it waiting. */
  CHECK(start(lua, "return ask()", &task) == 0);
  moonlet_writer_clear(&answer);
  moonlet_put_array(&answer, 5);
  CHECK_ERROR(lua, moonlet_resume(lua, &task, &answer), MOONLET_STATUS_BAD_DATA, "put as many values as its length says");
  CHECK(task.kind == MOONLET_CALL);
  CHECK_ERROR(lua, moonlet_raise(lua, &task, &answer), MOONLET_STATUS_BAD_ARGUMENT, "one whole value");
  CHECK_ERROR(lua, moonlet_raise(lua, &task, NULL), MOONLET_STATUS_BAD_ARGUMENT, "one whole value");
  moonlet_writer_clear(&answer);
  moonlet_put_integer(&answer, 8);
  CHECK(moonlet_resume(lua, &task, &answer) == 0 && moonlet_next_integer(&task.values, &number) && number == 8);
  moonlet_writer_free(&answer);
  moonlet_free(lua);
}

static int go_on_with_it(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results) {
  (void)arguments, (void)results;
  return moonlet_resume(lua, context, NULL);
}

static void pauses(void) {
  kept output = {0};
  NEW(lua, "lua54", options.slice = 10000; options.on_output = keep; options.context = &output; options.tasks = 2);
  moonlet_task task;
  int paused = 0;
  CHECK(start(lua, "local n = 0 for i = 1, 100000 do n = n + i end return n", &task) == 0);
  moonlet_writer answer = moonlet_writer_new(lua);
  moonlet_put_nil(&answer);
  CHECK_ERROR(lua, moonlet_resume(lua, &task, &answer), MOONLET_STATUS_BAD_STATE, "waits for no values");
  CHECK_ERROR(lua, moonlet_raise(lua, &task, &answer), MOONLET_STATUS_BAD_STATE, "waits for no call");
  while (task.kind == MOONLET_PAUSED) {
    CHECK_INTEGER(lua, "return 1", 1); /* Meanwhile. */
    CHECK(moonlet_resume(lua, &task, NULL) == 0);
    paused++;
  }
  int64_t number = 0;
  CHECK(paused > 5 && task.kind == MOONLET_DONE && moonlet_next_integer(&task.values, &number) && number == 5000050000);
  /* One that asks without end is paused too, before its answer. */
  moonlet_define(lua, "add", add, NULL);
  CHECK(start(lua, "local n = 0 while n < 3000 do n = add(n, 1) end return n", &task) == 0 && task.kind == MOONLET_PAUSED);
  for (paused = 0; task.kind == MOONLET_PAUSED && moonlet_resume(lua, &task, NULL) == 0;) paused++;
  CHECK(paused > 0 && task.kind == MOONLET_DONE && moonlet_next_integer(&task.values, &number) && number == 3000);
  /* One that an evaluation goes on with is no task of the host's. */
  moonlet_define(lua, "ask", NULL, NULL);
  moonlet_define(lua, "go_on", go_on_with_it, &task);
  CHECK(start(lua, "return ask()", &task) == 0 && task.kind == MOONLET_CALL);
  moonlet_task other = task;
  CHECK(start(lua, "return ask()", &other) == 0);
  CHECK_ERROR(lua, moonlet_eval(lua, "return 1", NULL), MOONLET_STATUS_BAD_STATE, "");
  CHECK(moonlet_cancel(lua, &other) == 0);
  CHECK(moonlet_eval(lua, "go_on()", NULL) == 0 && task.kind == MOONLET_DONE);
  CHECK_ERROR(lua, moonlet_resume(lua, &other, NULL), MOONLET_STATUS_BAD_STATE, "has ended");
  moonlet_interrupt(lua, true);
  CHECK(start(lua, "return 1", &task) == MOONLET_STATUS_CANCELLED);
  CHECK(start(lua, "while true do end", &task) == 0 && task.kind == MOONLET_PAUSED);
  moonlet_interrupt(lua, true);
  CHECK_ERROR(lua, moonlet_resume(lua, &task, NULL), MOONLET_STATUS_CANCELLED, "interrupted");
  size_t count = 9;
  CHECK(moonlet_tasks(lua, NULL, 0, &count) == 0 && count == 0);
  moonlet_writer_free(&answer);
  moonlet_free(lua);
}

static void streams(void) {
  kept output = {0};
  NEW(lua, "lua54", options.input = true; options.output = 4; options.on_output = keep; options.context = &output);
  moonlet_task task;
  CHECK(start(lua, "io.write('abcdefgh') return io.read()", &task) == 0 && task.kind == MOONLET_OUTPUT);
  while (task.kind == MOONLET_OUTPUT && moonlet_resume(lua, &task, NULL) == 0) {}
  CHECK(task.kind == MOONLET_INPUT && strcmp(output.text[0], "abcdefgh") == 0);
  CHECK(moonlet_write_input(lua, "line\n", 5) == 0 && moonlet_resume(lua, &task, NULL) == 0 && task.kind == MOONLET_DONE && is_text(&task.values, "line"));
  moonlet_free(lua);
}

void test_tasks(void) {
  calls();
  pauses();
  streams();
}
