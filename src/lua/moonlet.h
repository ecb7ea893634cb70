/* What the C files of src/ share, and their Rust callers use by the same names (src/task/, src/lua/meter.rs). */
#ifndef MOONLET_H
#define MOONLET_H

#include <stddef.h>
#include <stdio.h>

#include "lua.h"

#include "lauxlib.h"

/* Statuses of ABI 1 that the C side brings about. */
#define MOONLET_YIELD 1
#define MOONLET_PAUSED 16
#define MOONLET_OUTPUT 17
#define MOONLET_BUDGET 18
#define MOONLET_EXIT 20
#define MOONLET_INPUT 21
/* A suspension that the task loop takes up again at once. */
#define MOONLET_INTERNAL -1

/* Units between two internal suspensions, at which an engine can change to faster code. */
#define MOONLET_QUANTUM 4000000ULL

/* Units used and allowed; ~0 allows all. */
struct moonlet_meter {
  unsigned long long task, fuel; /* by the running task */
  unsigned long long run, slice; /* since the host's call */
  unsigned long long quantum;    /* since the last internal suspension */
  long long granted;             /* what moonlet_fuel was last set to: what is missing is used, too */
};
extern struct moonlet_meter moonlet_meter;

/* The status that ends the run, from the step that stops it until control is back at the host; else 0. */
extern int moonlet_stopping;

extern int moonlet_finalizers;

/* A message handler that runs (errors.c). */
struct moonlet_handler {
  struct moonlet_handler *outer;
  lua_State *thread;
  ptrdiff_t region;   /* errfunc of the calls whose errors it handles */
  ptrdiff_t function; /* its place on the stack; the error stands below it */
  int was_refused;    /* a suspension */
};
void moonlet_note_place(lua_State *L, int status);
int moonlet_has_handler(lua_State *L);
extern int moonlet_rethrows; /* what is thrown next has its place already */
void moonlet_push_handled_text(lua_State *L);
void moonlet_describe(lua_State *L, int index);
int moonlet_open_reserve(int open);

void moonlet_start_meter(void);
void moonlet_stop_meter(void);
void moonlet_stop(int status);
void moonlet_end_stop(void);
void moonlet_look_again(void);

/* What is kept with each thread, at the end of its extra space. */
struct moonlet_thread {
  signed char is_task;      /* the thread of a task, which the script takes for the main thread */
  signed char is_suspended; /* by the host's will, so no script may resume it */
  unsigned char is_unwound : 1; /* an error was thrown, and nCcalls says nothing */
  unsigned char is_handler : 1; /* what `obstacle` calls is a message handler */
  unsigned char is_opaque : 1;  /* functions that plain Lua cannot leave halfway may stand in it */
  unsigned char is_parked : 1;  /* `obstacle` is what a C function keeps that was left */
  signed char leaving;      /* C levels that are gone when the call which lua_resume finishes has ended */
  lua_State *outer;         /* who resumed it last, or closes it */
  int base_calls;           /* C calls below it, as nCcalls counts them */
  void *obstacle;           /* the CallInfo of the outermost call that cannot be left halfway, as long as there is one */
};
#define moonlet_thread(L) ((struct moonlet_thread *)(void *)(L) - 1)

/* Whether a task runs, as opposed to the host's own steps. */
extern int moonlet_in_task;
/* Bytes that the heap's blocks take (src/bytes/alloc.rs). */
size_t moonlet_heap_used(void);

/* Slots of a thread's stack that it keeps between tasks. */
#define MOONLET_SLOTS 96

int moonlet_suspendable(lua_State *L);
int moonlet_is_host(lua_State *L);
void moonlet_prepare_thread(lua_State *L, int is_task);
lua_State *moonlet_outer(lua_State *L);
extern int moonlet_blocks;
extern lua_State *moonlet_blocking;
extern int moonlet_continues;
_Noreturn void moonlet_pause(lua_State *L, int kind);
_Noreturn void moonlet_suspend(lua_State *L, int kind, lua_KContext context, lua_KFunction k);
void moonlet_note_obstacle(lua_State *L, int is_handler);
int moonlet_refuse(lua_State *L, const char *what);

/* Calls from functions that plain Lua cannot leave halfway: a suspension passes, a yield of the script does not. */
void moonlet_opaque_callk(lua_State *L, int arguments, int results, lua_KContext context, lua_KFunction k);
int moonlet_is_opaque(lua_State *L);
int moonlet_next_k(lua_State *L, int status, lua_KContext context);
int moonlet_sort_k(lua_State *L, int status, lua_KContext context);
int moonlet_gsub_k(lua_State *L, int status, lua_KContext context);
int moonlet_resume(lua_State *from, lua_State *thread, int values, int *results);

/* C functions that are left halfway: they ask where moonlet_fuel is not above zero. */
int moonlet_must_leave(lua_State *L);
_Noreturn void moonlet_leave(lua_State *L, lua_KContext context, lua_KFunction k);
void moonlet_put_off(lua_State *L);
int moonlet_park(lua_State *L, const void *state, size_t size, const void *more, size_t more_size);
void moonlet_unpark(lua_State *L, void *state, size_t size, void *more);
void moonlet_drop_parked(lua_State *L);
void moonlet_move_buffer(lua_State *L, luaL_Buffer *buffer);

/* Of the string library (src/lua/bytes.c). */
int moonlet_byte(lua_State *L);
int moonlet_char(lua_State *L);
int moonlet_sub(lua_State *L);

/* What table.c and sort.c have of the table library. */
enum { MOONLET_READ = 1, MOONLET_WRITE = 2, MOONLET_LENGTH = 4 };
void moonlet_check_table(lua_State *L, int argument, int uses);
lua_Integer moonlet_table_length(lua_State *L, int uses);
unsigned int moonlet_random_pivot(void);

/* Output (src/lua/output.c, src/bytes/output.rs). Room is bytes until OUTPUT is reached. */
enum { MOONLET_STDOUT, MOONLET_STDERR };
size_t moonlet_output_room(int channel);
int moonlet_output_is_empty(int channel);
int moonlet_write_output(int channel, const char *text, size_t length);
int moonlet_channel(FILE *stream); /* -1 for a file */
void moonlet_output_over(void);
void moonlet_write_out(lua_State *L, int channel, lua_KContext context, lua_KFunction k);
int moonlet_print(lua_State *L);

/* Indexing (src/lua/index.c). */
void moonlet_index(lua_State *L, lua_KContext context, lua_KFunction k);
int moonlet_ipairs(lua_State *L);
int moonlet_find_function(lua_State *L);

/* The thread that the last suspension began in, and the number of values on its stack that it is resumed with. */
extern lua_State *moonlet_waiting;
extern int moonlet_values;

#endif
