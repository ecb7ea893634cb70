/* Stands in the place of Lua's own file of that name, which lvm.c includes where the interpreter begins: one that fetches an
   instruction charges for it (budget.c). The jumps stay those of lvm.c, a switch, of which compilers for WebAssembly make what
   they make of a table of labels. */

extern int moonlet_traceexec(lua_State *L, int trap, const Instruction *pc);

/* [fetch] Each instruction takes a unit. */
#undef vmfetch
#if defined(MOONLET_UNMETERED)
#define moonlet_is_due 0
#else
#define moonlet_is_due (--moonlet_fuel < 0)
#endif
#define vmfetch()                               \
  {                                             \
    if (l_unlikely(moonlet_is_due | trap)) {    \
      trap = moonlet_traceexec(L, trap, pc);    \
      updatebase(ci);                           \
    }                                           \
    i = *(pc++);                                \
  }
