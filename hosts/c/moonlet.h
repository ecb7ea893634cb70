/*
 * Moonlet: reference Lua in a sandbox, for programs in C and C++.
 *
 * A `moonlet` is one Lua state. One thread uses it at a time; `moonlet_interrupt` alone may come from another thread or from a signal
 * handler. There are no globals: states share nothing.
 *
 * Functions answer a status of moonlet_numbers.h, 0 for success. After any other one `moonlet_last_error` tells what was wrong. A state
 * goes on after every error but MOONLET_STATUS_POISONED, after which only `moonlet_restore` and `moonlet_free` make sense.
 *
 * What a call gives to read (results, arguments, errors, lists, files) belongs to the state, and stays until the next call with it.
 */
#ifndef MOONLET_H
#define MOONLET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "moonlet_numbers.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MOONLET_VERSION "0.1.0"

/** One Lua state. */
typedef struct moonlet moonlet;

/** The code of a Lua that states are made of: translated into C, or a file that an engine runs. */
typedef struct moonlet_module moonlet_module;

/** Lua translated into C: of a program only what it names is linked. */
extern const moonlet_module moonlet_lua54, moonlet_lua55, moonlet_lua54_mini, moonlet_lua55_mini;

/* ------------------------------------------------------------------------------------------------ values that are read */

/** What a value is. */
typedef enum moonlet_type {
  MOONLET_NIL,
  MOONLET_BOOLEAN,
  MOONLET_INTEGER,
  MOONLET_NUMBER,
  /** A string that is valid UTF-8. */
  MOONLET_STRING,
  /** Any other string; all of them with the option `strings_as_bytes`. */
  MOONLET_BYTES,
  /** A table whose keys are 1 to n, or an empty one. */
  MOONLET_ARRAY,
  /** Any other table. */
  MOONLET_MAP,
  /** A function, coroutine or userdata of Lua. */
  MOONLET_FUNCTION,
  /** An object of the host. */
  MOONLET_OBJECT
} moonlet_type;

/** Values one after the other: results, arguments, the items of a table. A copy of it is a place to come back to. */
typedef struct moonlet_reader {
  const uint8_t *at, *end;
  moonlet *lua;
} moonlet_reader;

/** A function of Lua in the hands of the host. It is kept until it was released as often as it was received. */
typedef struct moonlet_handle {
  const moonlet *lua;
  uint32_t number, generation;
} moonlet_handle;

struct moonlet_object;

/** A value. What counts of the rest is said by its type. */
typedef struct moonlet_value {
  moonlet_type type;
  bool boolean;
  int64_t integer;
  /** Of an integer too, rounded. */
  double number;
  /** Bytes of a string; no NUL follows. */
  const char *data;
  /** Bytes of a string, items of an array, pairs of a map. */
  size_t length;
  /** The items of an array; of a map key, value, key, value. */
  moonlet_reader items;
  moonlet_handle function;
  /** NULL where the object belongs to a host that is gone. */
  const struct moonlet_object *object;
  uint32_t object_number;
} moonlet_value;

/** Takes the next value; false where there is none. */
bool moonlet_next(moonlet_reader *reader, moonlet_value *value);

/** Take the next value if it is of that type, and leave it where it is not; an integer is a number too, and a float that is whole an integer. */
bool moonlet_next_boolean(moonlet_reader *reader, bool *value);
bool moonlet_next_integer(moonlet_reader *reader, int64_t *value);
bool moonlet_next_number(moonlet_reader *reader, double *value);
bool moonlet_next_string(moonlet_reader *reader, const char **data, size_t *length);
bool moonlet_next_function(moonlet_reader *reader, moonlet_handle *function);

/* ------------------------------------------------------------------------------------------------ values that are written */

/** Builds arguments, results and tables. It belongs to its maker, who frees it; what it is given to only reads it. */
typedef struct moonlet_writer {
  uint8_t *data;
  size_t length, capacity;
  moonlet *lua;
  /** What went wrong first, or NULL; calls refuse the writer with it. */
  const char *wrong;
} moonlet_writer;

/** An empty writer for a state; NULL does where neither functions nor objects are written. */
moonlet_writer moonlet_writer_new(moonlet *lua);
/** Empties it; its memory stays for what comes. */
void moonlet_writer_clear(moonlet_writer *writer);
/** Frees its memory. It is empty then, and may be used again. */
void moonlet_writer_free(moonlet_writer *writer);

void moonlet_put_nil(moonlet_writer *writer);
void moonlet_put_boolean(moonlet_writer *writer, bool value);
void moonlet_put_integer(moonlet_writer *writer, int64_t value);
void moonlet_put_number(moonlet_writer *writer, double value);
/** A string that ends at its NUL. */
void moonlet_put_text(moonlet_writer *writer, const char *text);
/** A string of any bytes. */
void moonlet_put_string(moonlet_writer *writer, const char *data, size_t length);
/** A table: so many values follow, its items from 1 on. */
void moonlet_put_array(moonlet_writer *writer, size_t count);
/** A table: so many pairs follow, a key and its value each. */
void moonlet_put_map(moonlet_writer *writer, size_t count);
/** A function of Lua of the same state. */
void moonlet_put_function(moonlet_writer *writer, moonlet_handle function);
/** A value as it was read, with all that is in it. */
void moonlet_put_value(moonlet_writer *writer, const moonlet_value *value);
/** All values that a reader still has. */
void moonlet_put_rest(moonlet_writer *writer, moonlet_reader reader);

/* ------------------------------------------------------------------------------------------------ functions and objects of the host */

/**
 * A function of the host. It takes its arguments from the reader and puts its results; both are good until it returns. It answers 0, what
 * `moonlet_fail` answered, the status of another call that failed, or MOONLET_RAISE. It may use the state, and may evaluate.
 */
typedef int moonlet_function(moonlet *lua, void *context, moonlet_reader *arguments, moonlet_writer *results);

/** Answered by a function of the host: the one value that it put is raised as an error. */
#define MOONLET_RAISE (-1)

typedef struct moonlet_method {
  const char *name;
  moonlet_function *function;
} moonlet_method;

/**
 * An object of the host that scripts may hold, compare, use as a key and give back. It must stay where it is until `dropped` was called.
 * The same object is the same value in Lua each time.
 */
typedef struct moonlet_object {
  /** Given to all of its functions. */
  void *context;
  /** What a script's `object(...)` does, or NULL. */
  moonlet_function *call;
  /** What its `object:name(...)` does: methods, the last with the name NULL; or NULL. */
  const moonlet_method *methods;
  /** Called once Lua holds it no more, or its state is freed; or NULL. It must not use the state. */
  void (*dropped)(void *context);
} moonlet_object;

/** An object of the host. The writer needs its state. */
void moonlet_put_object(moonlet_writer *writer, const moonlet_object *object);

/* ------------------------------------------------------------------------------------------------ options */

/** What a state may do. 0 means no limit where nothing else is said. */
typedef struct moonlet_options {
  /** Bytes that everything allocated may take; 64 MiB. */
  uint64_t memory;
  /** Pages of 64 KiB that the state's memory may reach into; 0: twice `memory`. So much address space is taken at once. */
  uint32_t pages;
  /** Units that an evaluation may use, about a VM instruction each; no limit. */
  uint64_t fuel;
  /** Units after which interruptions are looked for; 1,000,000. */
  uint64_t slice;
  /** Bytes of output that are held before they are given to `on_output`. */
  uint64_t output;
  /** Bytes of a result. */
  uint64_t result;
  /** Calls of the host's functions in an evaluation. */
  uint64_t host_calls;
  /** Tasks that may be suspended; 10,000. */
  uint64_t tasks;
  /** How deep evaluations nest within functions of the host; 16. */
  unsigned nesting;
  /** Bytes of the C stack that Lua translated into C may use from where a call enters it; 512 KiB. Engines have options of their own. */
  size_t stack;
  /** MOONLET_LIBRARY_...; all that the module holds but `debug_full`. */
  uint32_t libraries;
  /** Equal runs give equal bytes: seed, clocks and time zone are fixed. */
  bool deterministic;
  /** Seed of random numbers and hashing, if `has_seed`; else the system's entropy. */
  bool has_seed;
  uint64_t seed;
  /** Seconds since 1970; NULL: the system's clock. */
  double (*clock)(void *context);
  /** POSIX's form, such as "CET-1CEST,M3.5.0,M10.5.0/3"; NULL: UTC. */
  const char *time_zone;
  /** All strings arrive as MOONLET_BYTES, so that no type depends on content. */
  bool strings_as_bytes;
  /** nil within tables arrives in Lua as `host.null`. */
  bool nulls;
  /** `__gc` runs; true. */
  bool finalizers;
  /** `load` takes precompiled chunks, which can crash the state. */
  bool binary_chunks;
  /** Standard input is a stream that waits for `moonlet_write_input` or `on_input`. */
  bool input;
  /** Given to the functions below and to `clock`. */
  void *context;
  /** Takes what `print` and `io.write` wrote, or `io.stderr` and warnings; NULL: the streams of C. */
  void (*on_output)(void *context, const char *data, size_t length, bool is_error);
  /** Puts more standard input into the buffer, and answers how much; 0 is its end. */
  size_t (*on_input)(void *context, char *buffer, size_t capacity);
} moonlet_options;

/** The defaults. */
moonlet_options moonlet_defaults(void);

/* ------------------------------------------------------------------------------------------------ states */

/** A new state; options NULL are the defaults. NULL where that cannot be, and `why` (unless NULL) is the reason, a text that stays. */
moonlet *moonlet_new(const moonlet_module *module, const moonlet_options *options, const char **why);

/** Frees a state and all that belongs to it. NULL is nothing. Within a function of the host it takes effect when that returns. */
void moonlet_free(moonlet *lua);

/** What the last call that failed ended with. */
typedef struct moonlet_error {
  /** The status; 0 before the first error. */
  int status;
  /** "syntax", "runtime", "memory", "budget", "cancelled", "exit", "poisoned", "refused". */
  const char *kind;
  /** The message, without the traceback. */
  const char *message;
  /** Lua's traceback, or NULL. */
  const char *traceback;
  /** The chunk in which it happened, or NULL, and the line, or 0. */
  const char *chunk;
  int line;
  /** What `os.exit` was given. */
  int exit_code;
  /** The error itself, where the script raised a value that is no string; else it is empty. */
  moonlet_reader value;
} moonlet_error;

const moonlet_error *moonlet_last_error(const moonlet *lua);

/** Runs source text, which ends at its NUL; what it returns, unless `results` is NULL. Errors call it "eval". */
int moonlet_eval(moonlet *lua, const char *source, moonlet_reader *results);

/** As `moonlet_eval`: source of any bytes, by the name that `load` would be given ("@game.lua", "=input"; NULL: "=eval"), with the arguments `...`. */
int moonlet_eval_chunk(moonlet *lua, const char *source, size_t length, const char *name, const moonlet_writer *arguments, moonlet_reader *results);

/** Calls a function by its path: "game.on_key", "game.player:jump". Arguments and results may be NULL. */
int moonlet_call(moonlet *lua, const char *path, const moonlet_writer *arguments, moonlet_reader *results);

/** Calls a function of Lua that the host was given. */
int moonlet_call_function(moonlet *lua, moonlet_handle function, const moonlet_writer *arguments, moonlet_reader *results);

/** Lets go of a function of Lua. */
int moonlet_release(moonlet *lua, moonlet_handle function);

/** Reads a global or a field, "x" or "game.player.name". */
int moonlet_get(moonlet *lua, const char *path, moonlet_reader *value);

/** Sets a global, or a field of a table that is there, to the one value of the writer. */
int moonlet_set(moonlet *lua, const char *path, const moonlet_writer *value);

/**
 * Defines a function of the host as a global, or as a field, "fs.read"; tables on the way are made. With NULL its calls wait for the host,
 * which steps the task (`moonlet_start`).
 */
int moonlet_define(moonlet *lua, const char *path, moonlet_function *function, void *context);

/** Makes the message, as `printf` does, that the function of the host fails with; answers what it is to return. */
int moonlet_fail(moonlet *lua, const char *format, ...);

/** Ends the evaluation that runs, or else the next one, with MOONLET_STATUS_CANCELLED; false takes that back. Any thread and any signal handler may call it. */
void moonlet_interrupt(moonlet *lua, bool is_wanted);

/* ------------------------------------------------------------------------------------------------ tasks */

/** What a task waits for. */
typedef enum moonlet_kind {
  MOONLET_DONE,
  /** `moonlet_resume` without values: a slice was used up. */
  MOONLET_PAUSED,
  /** `moonlet_resume` with results, or `moonlet_raise`. */
  MOONLET_CALL,
  /** `moonlet_write_input`, then `moonlet_resume` without values. */
  MOONLET_INPUT,
  /** `moonlet_resume` without values: the option `output` was reached. */
  MOONLET_OUTPUT
} moonlet_kind;

/** A task that the host steps itself. */
typedef struct moonlet_task {
  uint32_t id;
  moonlet_kind kind;
  /** Of MOONLET_CALL the name of the function and the arguments; of MOONLET_DONE what the task returned. They stay until the next call with the state. */
  const char *name;
  size_t name_length;
  moonlet_reader values;
} moonlet_task;

/** As `moonlet_eval_chunk`, but answers at each pause and each call of a function that waits or is not defined. */
int moonlet_start(moonlet *lua, const char *source, size_t length, const char *name, const moonlet_writer *arguments, moonlet_task *task);

/** Goes on with a task until it waits again or is done. After a refusal it waits as before; any other error is its end. */
int moonlet_resume(moonlet *lua, moonlet_task *task, const moonlet_writer *values);

/** Goes on with the one value raised as an error in the place of the call. */
int moonlet_raise(moonlet *lua, moonlet_task *task, const moonlet_writer *value);

/** Ends a task; its `<close>` handlers run. */
int moonlet_cancel(moonlet *lua, moonlet_task *task);

/** The suspended tasks, the oldest first, with id and kind; at most `capacity` of them are written, and `count` is how many there are. */
int moonlet_tasks(moonlet *lua, moonlet_task *tasks, size_t capacity, size_t *count);

/** Reads once more what a task waits for. */
int moonlet_request(moonlet *lua, moonlet_task *task);

/* ------------------------------------------------------------------------------------------------ files, figures, snapshots */

int moonlet_write_file(moonlet *lua, const char *name, const void *data, size_t length);
int moonlet_read_file(moonlet *lua, const char *name, const char **data, size_t *length);
int moonlet_remove_file(moonlet *lua, const char *name);
/** An array for each file: its name and its size. */
int moonlet_list_files(moonlet *lua, moonlet_reader *files);
/** Adds to standard input; no byte is its end. */
int moonlet_write_input(moonlet *lua, const void *data, size_t length);

typedef struct moonlet_stats {
  uint64_t fuel_used, memory_used, memory_peak;
  uint32_t tasks, handles;
} moonlet_stats;

int moonlet_get_stats(moonlet *lua, moonlet_stats *stats);

/** Collects all garbage and gives memory back; `used` (unless NULL) is the bytes in use. */
int moonlet_compact(moonlet *lua, uint64_t *used);

/** The whole state as bytes, the same in every language, suspended tasks and all. `free` frees them. */
int moonlet_snapshot(moonlet *lua, uint8_t **data, size_t *length);

/** Makes a state what it was when the snapshot was taken. Its options and host functions stay; functions of Lua from before are refused. */
int moonlet_restore(moonlet *lua, const void *data, size_t length);

/** A copy of a state that shares nothing with it but the host's functions and objects. */
int moonlet_fork(moonlet *lua, moonlet **copy);

#ifdef __cplusplus
}
#endif

#endif
