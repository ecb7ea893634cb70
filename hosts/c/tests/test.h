/* What the tests have in common: checks that count, and states of the engine that is tested. */
#ifndef TEST_H
#define TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../moonlet.h"

extern int failures, checks;

/** A module by the name of its file, "lua54"; the engine is the one that the tests were linked with. */
const moonlet_module *test_module(const char *name);

#define CHECK(condition)                                                    \
  do {                                                                      \
    checks++;                                                               \
    if (!(condition)) {                                                     \
      failures++;                                                           \
      printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);        \
    }                                                                       \
  } while (0)

/** The last call failed with a status and a message that holds these words. */
#define CHECK_ERROR(lua, call, wanted, words)                                                                                         \
  do {                                                                                                                                \
    int status_ = (call);                                                                                                             \
    const char *said_ = moonlet_last_error(lua)->message;                                                                             \
    checks++;                                                                                                                         \
    if (status_ != (wanted) || said_ == NULL || strstr(said_, words) == NULL) {                                                       \
      failures++;                                                                                                                     \
      printf("%s:%d: %s: status %d, %s; wanted %d, %s\n", __FILE__, __LINE__, #call, status_, said_ ? said_ : "(none)", wanted, words); \
    }                                                                                                                                 \
  } while (0)

/** What a source returns is that integer. */
#define CHECK_INTEGER(lua, source, wanted) CHECK(integer_of(lua, source) == (wanted))

/** A new state with the defaults, changed by statements on `options`. */
#define NEW(lua, name, changes)                                                   \
  moonlet *lua;                                                                   \
  {                                                                               \
    const char *why_ = NULL;                                                      \
    moonlet_options options = moonlet_defaults();                                 \
    changes;                                                                      \
    lua = moonlet_new(test_module(name), &options, &why_);                        \
    if (lua == NULL) {                                                            \
      printf("%s:%d: %s\n", __FILE__, __LINE__, why_);                            \
      exit(1);                                                                    \
    }                                                                             \
  }

/** What a source returns as an integer; INT64_MIN after an error. */
int64_t integer_of(moonlet *lua, const char *source);
/** Whether what is read next is that text. */
bool is_text(moonlet_reader *reader, const char *text);

/** The output of a state whose `on_output` is `keep`, as one text each. */
typedef struct kept {
  char text[2][4096];
  size_t length[2];
} kept;
void keep(void *context, const char *data, size_t length, bool is_error);

void test_codec(void);
void test_evaluations(void);
void test_host_functions(void);
void test_objects(void);
void test_limits(void);
void test_tasks(void);
void test_files(void);
void test_snapshots(void);
void test_bad_input(void);
void test_mini(void);
void test_soak(void);

#endif
