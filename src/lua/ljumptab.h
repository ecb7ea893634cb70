/* Stands in the place of Lua's own file of that name, which lvm.c includes where the interpreter begins: one that fetches an
   instruction charges for it (budget.c), and the other interpreter goes on wherever it can (execute.c). The jumps stay those of lvm.c, a switch,
   of which compilers for WebAssembly make what they make of a table of labels. */

#if defined(moonlet_leaf_c)
#include "leaf.h"
#else

extern int moonlet_traceexec(lua_State *L, int trap, const Instruction *pc);

/* [fetch] Each instruction takes a unit. */
#undef vmfetch
#if defined(MOONLET_MINI)
#define moonlet_is_ready 0
#else
#define moonlet_is_ready (moonlet_fuel >= cl->p->code + cl->p->sizecode - pc && !(trap | L->hookmask))
#endif
#if defined(MOONLET_UNMETERED)
#define moonlet_is_due 0
#else
#define moonlet_is_due (--moonlet_fuel < 0)
#endif
#define vmfetch()                                                   \
  {                                                                 \
    if (!L->hookmask) trap |= ci->u.l.trap; /* of a pause put off */ \
    if (moonlet_is_ready) {                                         \
      ci->u.l.savedpc = pc;                                         \
      if (moonlet_execute_most(L, ci) == MOONLET_FINISHED) return;  \
      ci = L->ci;                                                   \
      cl = ci_func(ci);                                             \
      k = cl->p->k;                                                 \
      pc = ci->u.l.savedpc;                                         \
      trap = ci->u.l.trap;                                          \
      updatebase(ci);                                               \
    }                                                               \
    if (l_unlikely(moonlet_is_due | trap)) {                        \
      trap = moonlet_traceexec(L, trap, pc);                        \
      updatebase(ci);                                               \
    }                                                               \
    i = *(pc++);                                                    \
  }

#endif
