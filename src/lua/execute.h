/* What the two interpreters say to each other (execute.c). */
#ifndef MOONLET_EXECUTE_H
#define MOONLET_EXECUTE_H

#include <stddef.h>

struct CallInfo;
struct TValue;
struct lua_State;

/* How moonlet_execute_leaf came back, and which call it asks moonlet_execute_most for. */
enum moonlet_exit {
  MOONLET_FINISHED, /* the function that luaV_execute was called for has returned */
  MOONLET_LEFT,     /* the instruction at savedpc of the running function is to be executed, or hooks and pauses are to be looked at */
  MOONLET_CALL,
  MOONLET_TAILCALL,
  MOONLET_GET,
  MOONLET_SET,
  MOONLET_LEN,
  MOONLET_CONCAT,
  MOONLET_TABLE,
  MOONLET_CLOSURE,
  MOONLET_VARARGS,
  MOONLET_ADJUST,
  MOONLET_ITERATE,
  MOONLET_BARRIER,
  MOONLET_BARRIER_BACK,
  MOONLET_BINARY,
  MOONLET_BINARY_INTEGER,
  MOONLET_BINARY_CONSTANT
};

/* The exit, and the arguments of what is asked for: addresses and small numbers. */
struct moonlet_exit_record {
  enum moonlet_exit exit;
  size_t a, b, c, d;
};

extern struct moonlet_exit_record moonlet_exit_record;

/* A key that an instruction had in a variable of its own. */
extern struct TValue moonlet_kept_key;

/* lvm.c's interpreter without the instructions that need anybody else's code. Begins at savedpc of `ci`, which is the running function; no hook may be
   set. */
extern void moonlet_execute_leaf(struct lua_State *L, struct CallInfo *ci);
/* lvm.c's interpreter, which lets the other one run wherever it can. */
extern void moonlet_execute_all(struct lua_State *L, struct CallInfo *ci);
/* moonlet_execute_leaf, and the calls that it asks for, until it finishes or leaves. */
extern int moonlet_execute_most(struct lua_State *L, struct CallInfo *ci);

#endif
