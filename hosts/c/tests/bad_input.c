#include "test.h"

static void options_that_are_none(void) {
  const char *why = NULL;
  const moonlet_module *module = test_module("lua54");
  moonlet_options options = moonlet_defaults();
  CHECK(moonlet_new(NULL, &options, &why) == NULL && strstr(why, "the module is NULL; pass &moonlet_lua54") != NULL);
  CHECK(moonlet_new(NULL, NULL, NULL) == NULL);
#define REFUSED(change, words)                                                                        \
  options = moonlet_defaults(), change, why = NULL;                                                   \
  CHECK(moonlet_new(module, &options, &why) == NULL && why != NULL && strstr(why, words) != NULL)
  REFUSED(options.memory = UINT64_MAX, "below 2^53");
  REFUSED(options.fuel = (uint64_t)1 << 60, "below 2^53");
  REFUSED(options.pages = 40000, "at most 32768");
  REFUSED(options.stack = 10, "stack is at least");
  REFUSED(memset(&options, 0, sizeof options), "stack is at least 16384 bytes; moonlet_defaults() sets it");
  REFUSED(options.libraries = 1u << 20, "MOONLET_LIBRARY_");
  REFUSED(options.time_zone = "nowhere", "no zone in POSIX's form");
  REFUSED(options.time_zone = "", "no zone in POSIX's form");
  /* The text of an option is copied. */
  char zone[] = "CET-1";
  options = moonlet_defaults();
  options.time_zone = zone;
  moonlet *lua = moonlet_new(module, &options, NULL), *copy = NULL;
  zone[0] = '?';
  CHECK(lua != NULL && moonlet_fork(lua, &copy) == 0);
  moonlet_free(copy);
  moonlet_free(lua);
}

static void no_state(void) {
  moonlet_reader read;
  moonlet_task task = {0};
  moonlet_handle handle = {0};
  uint8_t *bytes;
  const char *data;
  size_t length;
  moonlet_stats stats;
  CHECK_ERROR(NULL, moonlet_eval(NULL, "return 1", &read), MOONLET_STATUS_BAD_ARGUMENT, "the state is NULL");
  CHECK(moonlet_eval_chunk(NULL, "", 0, NULL, NULL, NULL) != 0 && moonlet_call(NULL, "f", NULL, NULL) != 0 && moonlet_call_function(NULL, handle, NULL, NULL) != 0);
  CHECK(moonlet_get(NULL, "x", &read) != 0 && moonlet_set(NULL, "x", NULL) != 0 && moonlet_define(NULL, "f", NULL, NULL) != 0 && moonlet_fail(NULL, "x") != 0);
  CHECK(moonlet_start(NULL, "", 0, NULL, NULL, &task) != 0 && moonlet_resume(NULL, &task, NULL) != 0 && moonlet_raise(NULL, &task, NULL) != 0 && moonlet_cancel(NULL, &task) != 0);
  CHECK(moonlet_tasks(NULL, NULL, 0, &length) != 0 && moonlet_request(NULL, &task) != 0 && moonlet_release(NULL, handle) != 0);
  CHECK(moonlet_write_file(NULL, "x", "", 0) != 0 && moonlet_read_file(NULL, "x", &data, &length) != 0 && moonlet_remove_file(NULL, "x") != 0 && moonlet_list_files(NULL, &read) != 0);
  CHECK(moonlet_write_input(NULL, "", 0) != 0 && moonlet_get_stats(NULL, &stats) != 0 && moonlet_compact(NULL, NULL) != 0);
  CHECK(moonlet_snapshot(NULL, &bytes, &length) != 0 && moonlet_restore(NULL, "", 0) != 0 && moonlet_fork(NULL, NULL) != 0);
  moonlet_free(NULL);
  moonlet_interrupt(NULL, true);
  moonlet_writer_free(NULL);
}

static void nothing_where_something_is_needed(moonlet *lua) {
  size_t length;
  uint8_t *bytes;
  const char *data;
  moonlet_reader none = {NULL, NULL, NULL};
  moonlet_value value;
  moonlet_handle handle = {lua, 0, 0};
  CHECK_ERROR(lua, moonlet_eval(lua, NULL, NULL), MOONLET_STATUS_BAD_ARGUMENT, "the source is NULL");
  CHECK_ERROR(lua, moonlet_eval_chunk(lua, NULL, 5, NULL, NULL, NULL), MOONLET_STATUS_BAD_ARGUMENT, "the source is NULL");
  CHECK_ERROR(lua, moonlet_start(lua, "", 0, NULL, NULL, NULL), MOONLET_STATUS_BAD_ARGUMENT, "the task is NULL");
  CHECK_ERROR(lua, moonlet_call(lua, NULL, NULL, NULL), MOONLET_STATUS_BAD_ARGUMENT, "the path is NULL");
  CHECK_ERROR(lua, moonlet_call_function(lua, handle, NULL, NULL), MOONLET_STATUS_BAD_DATA, "this is no function of Lua");
  static const char *const paths[] = {NULL, "", ".", "a.", ".a", "a..b"};
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    CHECK_ERROR(lua, moonlet_get(lua, paths[i], NULL), MOONLET_STATUS_BAD_ARGUMENT, "this is no path");
    CHECK_ERROR(lua, moonlet_define(lua, paths[i], NULL, NULL), MOONLET_STATUS_BAD_ARGUMENT, "this is no path");
  }
  CHECK_ERROR(lua, moonlet_set(lua, "x", NULL), MOONLET_STATUS_BAD_ARGUMENT, "one whole value");
  CHECK_ERROR(lua, moonlet_resume(lua, NULL, NULL), MOONLET_STATUS_BAD_ARGUMENT, "the task is NULL");
  CHECK_ERROR(lua, moonlet_cancel(lua, NULL), MOONLET_STATUS_BAD_ARGUMENT, "the task is NULL");
  CHECK_ERROR(lua, moonlet_tasks(lua, NULL, 1, &length), MOONLET_STATUS_BAD_ARGUMENT, "is NULL");
  CHECK_ERROR(lua, moonlet_write_file(lua, NULL, "", 0), MOONLET_STATUS_BAD_ARGUMENT, "the file's name is NULL");
  CHECK_ERROR(lua, moonlet_read_file(lua, "x", NULL, &length), MOONLET_STATUS_BAD_ARGUMENT, "is NULL");
  CHECK_ERROR(lua, moonlet_read_file(lua, NULL, &data, &length), MOONLET_STATUS_BAD_ARGUMENT, "the file's name is NULL");
  CHECK_ERROR(lua, moonlet_list_files(lua, NULL), MOONLET_STATUS_BAD_ARGUMENT, "is NULL");
  CHECK_ERROR(lua, moonlet_write_input(lua, NULL, 1), MOONLET_STATUS_BAD_ARGUMENT, "the input is NULL");
  CHECK_ERROR(lua, moonlet_get_stats(lua, NULL), MOONLET_STATUS_BAD_ARGUMENT, "is NULL");
  CHECK_ERROR(lua, moonlet_snapshot(lua, &bytes, NULL), MOONLET_STATUS_BAD_ARGUMENT, "is NULL");
  CHECK_ERROR(lua, moonlet_restore(lua, NULL, 100), MOONLET_STATUS_BAD_ARGUMENT, "the snapshot is NULL");
  CHECK_ERROR(lua, moonlet_fork(lua, NULL), MOONLET_STATUS_BAD_ARGUMENT, "is NULL");
  CHECK_ERROR(lua, moonlet_fail(lua, NULL), MOONLET_STATUS_BAD_ARGUMENT, "the format of moonlet_fail is NULL");
  CHECK(!moonlet_next(&none, &value) && !moonlet_next_string(&none, &data, &length));
  moonlet_task unknown = {.id = 77, .kind = MOONLET_CALL};
  CHECK_ERROR(lua, moonlet_resume(lua, &unknown, NULL), MOONLET_STATUS_BAD_ARGUMENT, "");
  CHECK_ERROR(lua, moonlet_cancel(lua, &unknown), MOONLET_STATUS_BAD_ARGUMENT, "not suspended any more");
  CHECK_ERROR(lua, moonlet_request(lua, &unknown), MOONLET_STATUS_BAD_ARGUMENT, "not suspended any more");
}

static void values_that_are_none(moonlet *lua) {
  moonlet_writer written = moonlet_writer_new(lua), bare = moonlet_writer_new(NULL);
  moonlet_reader read;
#define WRONG(writing, words)                                                                                            \
  moonlet_writer_clear(&written), writing;                                                                               \
  CHECK_ERROR(lua, moonlet_eval_chunk(lua, "return 1", 8, NULL, &written, &read), MOONLET_STATUS_BAD_DATA, words)
  WRONG(moonlet_put_array(&written, 2), "as many values as its length says");
  WRONG((moonlet_put_map(&written, 1), moonlet_put_integer(&written, 1)), "as many values as its length says");
  WRONG(moonlet_put_array(&written, SIZE_MAX), "");
  WRONG(moonlet_put_string(&written, NULL, 3), "a string is NULL and has a length");
  WRONG(moonlet_put_object(&written, NULL), "the object is NULL");
  WRONG(moonlet_put_value(&written, &(moonlet_value){.type = (moonlet_type)99}), "its type is none of moonlet_type");
  WRONG(moonlet_put_rest(&written, (moonlet_reader){(const uint8_t *)"\xc1", (const uint8_t *)"\xc1" + 1, lua}), "no encoded value");
  WRONG((moonlet_put_map(&written, 1), moonlet_put_nil(&written), moonlet_put_nil(&written)), "nil");
  WRONG((moonlet_put_map(&written, 1), moonlet_put_number(&written, 0.0 / 0.0), moonlet_put_nil(&written)), "NaN");
  moonlet_writer_clear(&written);
  for (int i = 0; i < 200; i++) moonlet_put_array(&written, 1);
  moonlet_put_nil(&written);
  CHECK_ERROR(lua, moonlet_eval_chunk(lua, "return 1", 8, NULL, &written, &read), MOONLET_STATUS_BAD_DATA, "128 deep");
  static const moonlet_object object = {NULL, NULL, NULL, NULL};
  moonlet_put_object(&bare, &object);
  CHECK_ERROR(lua, moonlet_eval_chunk(lua, "return 1", 8, NULL, &bare, &read), MOONLET_STATUS_BAD_DATA, "the writer has no state");
  moonlet_writer_free(&written);
  moonlet_writer_free(&bare);
  CHECK_INTEGER(lua, "return 2 + 2", 4);
}

/** Whether an access beyond memory ends the call, not the program (translated.h). */
#ifdef MOONLET_GUARD_PAGES
#define CAN_BE_TORN_DOWN false
#else
#define CAN_BE_TORN_DOWN true
#endif

/** A chunk that breaks its instance: `debug` in full opens the way to it. */
#define BREAK "debug.setupvalue(coroutine.wrap(function() end), 1, 5) local f = coroutine.wrap(print) debug.setupvalue(f, 1, 5) f()"

static void torn_down(void) {
  NEW(lua, "lua54", options.libraries = MOONLET_LIBRARY_BASE | MOONLET_LIBRARY_COROUTINE | MOONLET_LIBRARY_DEBUG_FULL);
  uint8_t *data, *none;
  const char *text;
  size_t length, other;
  moonlet_reader read;
  moonlet_stats stats;
  moonlet *copy;
  CHECK(moonlet_snapshot(lua, &data, &length) == 0);
  CHECK(moonlet_eval(lua, BREAK, NULL) == MOONLET_STATUS_POISONED && strcmp(moonlet_last_error(lua)->kind, "poisoned") == 0);
  CHECK(strstr(moonlet_last_error(lua)->message, "restore a snapshot, or make a new state") != NULL);
#define POISONED(call) CHECK_ERROR(lua, call, MOONLET_STATUS_POISONED, "torn down within the state; restore a snapshot")
  POISONED(moonlet_eval(lua, "return 1", &read));
  POISONED(moonlet_call(lua, "print", NULL, NULL));
  POISONED(moonlet_snapshot(lua, &none, &other));
  POISONED(moonlet_fork(lua, &copy));
  POISONED(moonlet_get_stats(lua, &stats));
  POISONED(moonlet_tasks(lua, NULL, 0, &other));
  POISONED(moonlet_read_file(lua, "x", &text, &other));
  POISONED(moonlet_remove_file(lua, "x"));
  POISONED(moonlet_write_file(lua, "x", "y", 1));
  POISONED(moonlet_list_files(lua, &read));
  POISONED(moonlet_write_input(lua, "x", 1));
  POISONED(moonlet_compact(lua, NULL));
  CHECK(moonlet_restore(lua, data, length) == 0);
  CHECK_INTEGER(lua, "return 2 + 2", 4);
  free(data);
  moonlet_free(lua);
}

void test_bad_input(void) {
  options_that_are_none();
  no_state();
  NEW(lua, "lua54", );
  nothing_where_something_is_needed(lua);
  values_that_are_none(lua);
  moonlet_free(lua);
  if (CAN_BE_TORN_DOWN) torn_down();
}
