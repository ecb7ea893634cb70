/* What a state is made of, for the files of this folder. */
#ifndef MOONLET_STATE_H
#define MOONLET_STATE_H

#include <stdatomic.h>

#include "codec.h"
#include "engine.h"

/** Bytes that grow. */
typedef struct bytes {
  uint8_t *data;
  size_t length, capacity;
} bytes;

static bool bytes_set(bytes *to, const void *data, size_t length);
static bool bytes_add(bytes *to, const void *data, size_t length);

/** What a run left: the info block of ABI.md, as far as hosts read it. */
typedef struct step {
  /** 0, or the status. */
  int status;
  uint32_t task, result, result_length, output, output_length, error_output, error_output_length, dropped;
  double fuel_used;
} step;

/** A list of task numbers. */
typedef struct ids {
  uint32_t *list;
  size_t count, capacity;
} ids;

static bool ids_add(ids *to, uint32_t id);
static bool ids_hold(const ids *held, uint32_t id);
static void ids_remove(ids *from, uint32_t id);

/** A function that the host defined. */
typedef struct definition {
  char *name;
  size_t length;
  moonlet_function *function;
  void *context;
} definition;

/** An object that Lua holds, or a method of one. */
typedef struct entry {
  uint32_t number;
  const moonlet_object *object;
  /** Of a method: its function; `object` is what it belongs to. */
  const moonlet_method *method;
} entry;

/** The objects that Lua holds, in the order of their numbers, which are given in that order. */
typedef struct objects {
  entry *entries;
  size_t count, capacity;
  uint32_t last;
} objects;

struct moonlet {
  const moonlet_module *module;
  void *instance;
  moonlet_options options;
  char *time_zone;
  uint32_t info;
  uint32_t lua_version;
  uint32_t page_limit;
  /** The buffer in the module's memory through which most data go; 0 before it is made. */
  uint32_t buffer;
  /** How often the memory was replaced by another. */
  uint32_t generation;
  /** Evaluations that run, one within the other. */
  unsigned depth;
  bool is_to_be_freed;
  bool has_clocks;
  /** Suspended tasks that running evaluations go on with, and those of a restored state whose results are texts. */
  ids owned, text_tasks;
  atomic_int interrupted;
  double second, millisecond, began;
  definition *functions;
  size_t function_count, function_capacity;
  objects objects;
  /** The results of the last call, and the data of the next. */
  bytes results;
  moonlet_writer request;
  bytes error_bytes;
  moonlet_error error;
};

/* instance.c: one instance of the module. */

static bool instance_open(moonlet *lua, const char **why);
/** What an export answers; 0 where the engine tore the call down, which the next run tells. */
static uint32_t instance_call(moonlet *lua, int export_number, uint32_t first, uint32_t second, uint32_t third, uint32_t fourth);
static double instance_get(moonlet *lua, uint32_t key);
static int instance_set(moonlet *lua, uint32_t key, double value);
static double instance_compact(moonlet *lua);
/** Calls an export with data as its last two arguments, after `before` unless that is -1; TOO_BIG where the data find no room. */
static int instance_give(moonlet *lua, int export_number, int64_t before, const void *data, size_t length);
/** Bytes of memory; NULL where they are not all in it. */
static const uint8_t *instance_read(moonlet *lua, uint32_t at, size_t length);
static step instance_step(moonlet *lua, int answer);
static bool instance_is_poisoned(moonlet *lua);
/** Without the package's own buffer in use. */
static void instance_drop_buffer(moonlet *lua);

/* error.c: each answers the status. */

static int refuse(moonlet *lua, int status, const char *message);
static int refuse_poisoned(moonlet *lua);
/** The error of an export that is no run. */
static int refuse_by_status(moonlet *lua, int status, const char *message);
static int error_of_step(moonlet *lua, const step *left, const bytes *result);
static void error_free(moonlet *lua);

/* options.c */

static const char *options_check(const moonlet_options *options);
static const char *options_apply(moonlet *lua, bool is_new);
static void clocks_set(moonlet *lua);

/* objects.c */

static const entry *objects_entry(const objects *held, uint32_t number);
static uint32_t objects_add(moonlet *lua, const moonlet_object *object, const moonlet_method *method);
/** Takes an entry out; `is_told` has the host hear of it. */
static void objects_forget(moonlet *lua, uint32_t number, bool is_told);
static bool objects_copy(objects *to, const objects *from);
static void objects_free(moonlet *lua);
static int objects_operate(moonlet *lua, const char *operation, moonlet_reader arguments, moonlet_writer *results);

/* state.c */

/** Remembers a function of the host under its name. */
static bool remember(moonlet *lua, const char *path, moonlet_function *function, void *context);
/** What follows when a state's memory was replaced by another. */
static int start_anew(moonlet *lua);

/* run.c */

/** Whether the state may be used by a call; else the error is made, whose status it answers. */
static int begin_use(moonlet *lua);
/** Begins the array that run exports take, in `lua->request`. */
static void begin_request(moonlet *lua);
/** Adds the values of `arguments`, unless it is NULL, and puts the array's length into its head; refuses what is not whole. */
static int end_request(moonlet *lua, const moonlet_writer *arguments);
/** A run export on `lua->request`, and what follows until the task ends, or where `task` is given until it is the host's turn. */
static int evaluate(moonlet *lua, int export_number, int64_t before, moonlet_task *task, moonlet_reader *results);
/** Goes on with a task that is paused before its answer. */
static int evaluate_due(moonlet *lua, moonlet_task *task);
/** Ends a task, whose handlers may use no more than a farewell; the status of `cancel`. */
static int end_task(moonlet *lua, uint32_t task);
/** What the host hears after handlers and finalizers that ran outside of any run. */
static void attend(moonlet *lua);
/** Calls an export that makes a list the result, and copies it to where the host reads it. */
static int take_list(moonlet *lua, int export_number, bytes *into, moonlet_reader *list);
/** Another limit of fuel for handlers and finalizers that the host makes run; nothing could stop them otherwise. */
static void farewell(moonlet *lua, double used);
static void end_farewell(moonlet *lua);

#endif
