/* Included at the beginning of moonlet_execute_leaf (leaf.c). Macros of lvm.c that would call a function either leave, so that
   moonlet_execute_all executes the instruction, from its beginning: until then nothing has changed, or only what will be changed likewise;
   or they ask moonlet_execute_most for the call, with which the instruction ends. */

#undef luaV_concat
#undef luaV_equalobj
#undef luaV_finishget
#undef luaV_finishset
#undef luaV_idiv
#undef luaV_mod
#undef luaV_modf
#undef luaV_objlen
#undef luaV_tointegerns

static const TValue moonlet_absent = {ABSTKEYCONSTANT};

/* An instruction takes a unit, and nobody counts it: the fuel is kept as `until`, the address of the instruction before which it would end if all were executed
   one after the other from pc on. So until changes only where pc goes elsewhere, and the fuel lasts to the end of the function as long
   as until is not before it; where it is, moonlet_execute_all counts. */
#define moonlet_end(closure) ((size_t)((closure)->p->code + (closure)->p->sizecode))
size_t until, end;          /* addresses; of the running function's end, or beyond it */
const Instruction *fetched; /* pc as the instruction was fetched */
int is_way_back = 0;
StkId called; /* no Lua function */
int wanted;   /* results, or moonlet_in_tail: in one variable, as each more is one that engines put in place at each way out of what follows */
#define moonlet_in_tail (LUA_MULTRET - 1)
#define moonlet_most_units 0x3ffffff /* of which until and end tell who is ahead, wherever they are */

/* Read anew, whatever a compiler knows of it. */
#define moonlet_again(type, place) (*(type volatile *)&(place))

#if defined(MOONLET_UNMETERED)
#define moonlet_goes(from, to) ((void)0)
#define moonlet_take(units) ((void)0)
#define moonlet_has(units) 1
#define moonlet_put_aside() ((void)0)
#define moonlet_take_back() ((void)0)
#else
#define moonlet_goes(from, to) ((void)(until += (size_t)(to) - (size_t)(from)))
/* Units beside that of the instruction, which moonlet_has was asked about. */
#define moonlet_take(units) (until -= (size_t)(units) * sizeof(Instruction))
/* Past other code, which has registers to itself so. */
#define moonlet_put_aside() (moonlet_exit_record.d = until)
#define moonlet_take_back() (until = moonlet_again(size_t, moonlet_exit_record.d))
#define moonlet_has(units) ((int)(until - end) >= (units) * (int)sizeof(Instruction))
#endif

#define moonlet_leave __extension__({ goto leave; })
/* In the place of an expression, where lvm.c has gone on to the next instruction already. */
#define moonlet_leave_late __extension__({ pc--; goto leave; })
/* Ends the instruction with a call. What it is not given is not written. */
#define moonlet_ask(what, ...)                                     \
  __extension__({                                                  \
    moonlet_goes(fetched, pc);                                     \
    moonlet_exit_record.exit = MOONLET_##what;                     \
    moonlet_put(moonlet_number(__VA_ARGS__), __VA_ARGS__);         \
    goto out;                                                      \
  })
#define moonlet_fifth(a, b, c, d, e, ...) e
#define moonlet_number(...) moonlet_fifth(__VA_ARGS__, 4, 3, 2, 1, 0)
#define moonlet_put(number, ...) moonlet_put_(number, __VA_ARGS__)
#define moonlet_put_(number, ...) moonlet_put##number(__VA_ARGS__)
#define moonlet_put1(x) (moonlet_exit_record.a = (x))
#define moonlet_put2(x, y) (moonlet_put1(x), moonlet_exit_record.b = (y))
#define moonlet_put3(x, y, z) (moonlet_put2(x, y), moonlet_exit_record.c = (z))
#define moonlet_put4(w, x, y, z) (moonlet_put3(w, x, y), moonlet_exit_record.d = (z))
#define moonlet_arg(x) ((size_t)(x))

/* The first four steps along a chain (charges.c). */
#define moonlet_find_short_string(t, key) moonlet_find_near_string(t, key, leave)
#define moonlet_find_near_string(t, key, far)                              \
  __extension__({                                                          \
    const Table *table_ = (t);                                             \
    const TString *name_ = (key);                                          \
    const Node *node_ = gnode(table_, lmod(name_->hash, sizenode(table_))); \
    const TValue *found_ = &moonlet_absent;                                \
    int steps_ = 4;                                                        \
    for (;;) {                                                             \
      if (keyisshrstr(node_) && eqshrstr(keystrval(node_), name_)) {       \
        found_ = gval(node_);                                              \
        break;                                                             \
      }                                                                    \
      if (gnext(node_) == 0) break;                                        \
      if (--steps_ == 0) goto far;                                         \
      node_ += gnext(node_);                                               \
    }                                                                      \
    found_;                                                                \
  })

if (0) {
  /* Room for a call must be there even so, that the stack may be the one after a C function. pc and until are read again: if they waited,
     wasmtime would keep on its stack what all instructions need. OP_RETURN, which follows a tail call, returns what it has pushed: its unit is given
     beforehand. */
intrinsic:
  if (ttislcf(s2v(called)) && (unsigned)(wanted - moonlet_in_tail) <= 3u && moonlet_has(MOONLET_INTRINSIC_UNITS) &&
      ci->next != NULL && L->stack_last.p - L->top.p > LUA_MINSTACK) {
    int units;
    moonlet_put_aside();
    units = moonlet_do(L, called, wanted);
    if (units >= 0) {
      L->top.p = called + (wanted != 0);
      moonlet_take_back();
      moonlet_take(units);
      pc = moonlet_again(const Instruction *, ci->u.l.savedpc);
      goto fetch;
    }
  }
  if (wanted == moonlet_in_tail) {
    moonlet_take(1);
    moonlet_ask(TAILCALL, moonlet_arg(called), moonlet_arg(L->top.p - called));
  }
  moonlet_ask(CALL, moonlet_arg(called), moonlet_arg(wanted));
leave:
  pc--;
next: /* is to be executed by the other one */
  moonlet_exit_record.exit = MOONLET_LEFT;
  goto out;
left: /* where it was entered */
#if defined(MOONLET_UNMETERED)
  moonlet_exit_record.exit = MOONLET_LEFT; /* here, and below in the other build, so that each fetches instructions by code on one line */
#endif
  return;
finished:
  moonlet_exit_record.exit = MOONLET_FINISHED;
out:
  ci->u.l.savedpc = pc;
#if !defined(MOONLET_UNMETERED)
  moonlet_fuel += (long long)((until - (size_t)pc) / sizeof(Instruction));
#endif
  return;
}
#define return goto finished

/* Past the labels of lvm.c and into its loop, which so has one beginning: a compiler that finds another loop around it moves what does not change in the
   inner one out, into more variables than there are registers. */
trap = 0;
#if !defined(MOONLET_UNMETERED)
moonlet_again(enum moonlet_exit, moonlet_exit_record.exit) = MOONLET_LEFT; /* should it be left at once */
#endif
cl = ci_func(ci);
k = cl->p->k;
pc = ci->u.l.savedpc;
base = ci->func.p + 1;
end = moonlet_end(cl);
/* Without a budget, too, so that the code of both begins alike. */
if (moonlet_fuel < (long long)((end - (size_t)pc) / sizeof(Instruction))) goto left;
#if !defined(MOONLET_UNMETERED)
until = (size_t)pc;
{
  int units = (int)moonlet_fuel & moonlet_most_units;
  moonlet_fuel -= units;
  moonlet_take(-units);
}
#endif
goto fetch;

#undef vmfetch
#define vmfetch() { fetch: i = *pc; }

/* From a function into another one, or back: lvm.c looks at `trap` once pc has changed, too. No function ends further on than it is long. */
#undef ci_func
#define ci_func(call)                                                                        \
  __extension__({                                                                            \
    LClosure *entered_ = clLvalue(s2v((call)->func.p));                                      \
    end = (size_t)(call)->u.l.savedpc + (size_t)entered_->p->sizecode * sizeof(Instruction); \
    moonlet_goes(pc, (call)->u.l.savedpc);                                                   \
    trap = !moonlet_has(0);                                                                  \
    entered_;                                                                                \
  })
#undef luaG_tracecall
#define luaG_tracecall(L) __extension__({ goto next; 0; })

/* Only a way back brings the end nearer. */
#undef vmbreak
#define vmbreak                                                \
  {                                                            \
    moonlet_goes(fetched, pc);                                 \
    if (is_way_back && l_unlikely(!moonlet_has(0))) goto next; \
    break;                                                     \
  }
#define moonlet_is_way_back(op)                                                                \
  ((op) == OP_JMP || ((op) >= OP_EQ && (op) <= OP_TESTSET) || (op) == OP_FORLOOP ||              \
   (op) == OP_TFORLOOP || (op) == OP_TFORCALL || (op) == OP_TFORPREP)

/* Whether what is open from a level on can be closed without anybody's code: before anything has changed, as a way out afterwards is none. */
#define moonlet_can_close(level)                                                                    \
  __extension__({                                                                                   \
    StkId level_ = (level);                                                                         \
    const UpVal *open_ = L->openupval;                                                              \
    while (open_ != NULL && uplevel(open_) >= level_ && iswhite(open_)) open_ = open_->u.open.next; \
    L->tbclist.p < level_ && (open_ == NULL || uplevel(open_) < level_);                            \
  })
#define moonlet_close(level)                                                      \
  __extension__({                                                                 \
    StkId level_ = (level);                                                       \
    UpVal *open_;                                                                 \
    while ((open_ = L->openupval) != NULL && uplevel(open_) >= level_) {          \
      UpVal *next_ = open_->u.open.next, **previous_ = open_->u.open.previous;    \
      *previous_ = next_;                                                         \
      if (next_) next_->u.open.previous = previous_;                              \
      setobj(L, &open_->u.value, open_->v.p);                                     \
      open_->v.p = &open_->u.value;                                               \
    }                                                                             \
  })

#define moonlet_returned (GETARG_B(i) != 0 ? GETARG_B(i) - 1 : cast_int(L->top.p - RA(i))) /* by OP_RETURN */
/* Instructions that are left from the beginning: some always, some as they are given. */
#define moonlet_is_left(op)                                                                    \
  ((op) == OP_TBC || (op) == OP_EXTRAARG ||                                                    \
   ((op) == OP_SETLIST && (TESTARG_k(i) || isblack(hvalue(s2v(RA(i)))))) ||                    \
   (((op) == OP_RETURN || (op) == OP_TAILCALL) && TESTARG_k(i) && !moonlet_can_close(base)) || \
   ((op) == OP_RETURN && !moonlet_has(moonlet_returned >> 3)) ||                               \
   ((op) == OP_CLOSE && !moonlet_can_close(RA(i))) || ((op) == OP_TFORPREP && !l_isfalse(s2v(RA(i) + 3))))
#undef vmcase
#define vmcase(op)                         \
  case op:                                 \
    pc++;                                  \
    __asm__ volatile("" : "+r"(pc));       \
    fetched = pc;                          \
    if (moonlet_is_left(op)) goto leave;   \
    is_way_back = moonlet_is_way_back(op); \
    moonlet_usual(op)

#include "quick.h"

/* --- What lvm.c does around its calls */

#undef updatetrap
#define updatetrap(ci) ((void)0)
#undef updatestack
#define updatestack(ci) ((void)0)
#undef savestate
#define savestate(L, ci) ((void)0)
#undef Protect
#define Protect(exp) (L->top.p = ci->top.p, (exp))
#undef ProtectNT
#define ProtectNT(exp) (exp)
#undef halfProtect
#define halfProtect(exp) Protect(exp)
#undef checkGC
#define checkGC(L, c) ((void)0)

/* --- Its calls */

#define luaG_errnnil(...) moonlet_leave
#undef luaC_barrier
#define luaC_barrier(L, p, v)                                    \
  __extension__({                                                \
    if (iscollectable(v) && isblack(p) && iswhite(gcvalue(v)))   \
      moonlet_ask(BARRIER, moonlet_arg(obj2gco(p)), moonlet_arg(gcvalue(v))); \
  })
#undef luaC_barrierback
#define luaC_barrierback(L, p, v)                                \
  __extension__({                                                \
    if (iscollectable(v) && isblack(p) && iswhite(gcvalue(v)))   \
      moonlet_ask(BARRIER_BACK, moonlet_arg(p));                 \
  })

/* A key that is a variable of the instruction is kept until then. */
#if LUA_VERSION_NUM == 504
#define moonlet_was_absent(slot) ((slot) == &moonlet_absent)
#define moonlet_is_of_table(slot) ((slot) != NULL)
#else
#define moonlet_was_absent(tag) ((tag) == LUA_VABSTKEY)
#define moonlet_is_of_table(tag) ((tag) != LUA_VNOTABLE)
#endif
#define moonlet_ask_with_key(what, t, key, ...)                        \
  __extension__({                                                      \
    const TValue *key_ = (key);                                        \
    if ((#key)[0] == '&') {                                            \
      setobj(L, &moonlet_kept_key, key_);                              \
      key_ = &moonlet_kept_key;                                        \
    }                                                                  \
    moonlet_ask(what, moonlet_arg(t), moonlet_arg(key_), __VA_ARGS__); \
  })
/* As luaV_finishget for a name that a table or a string lacks, where nothing but tables stands along the way. */
#define moonlet_look(t, is_table, key, to, far)                                                   \
  {                                                                                               \
    Table *events_ = (is_table) ? hvalue(t)->metatable : G(L)->mt[LUA_TSTRING];                   \
    int metatables_ = (is_table) ? 0 : -1;                                                        \
    if (!moonlet_has(9)) goto far;                                                                \
    for (;;) {                                                                                    \
      const TValue *value_;                                                                       \
      if (events_ == NULL || events_->flags & (1u << TM_INDEX)) {                                 \
        if (metatables_ < 0) goto far;                                                            \
        setnilvalue(s2v(to));                                                                     \
        break;                                                                                    \
      }                                                                                           \
      value_ = moonlet_find_near_string(events_, G(L)->tmname[TM_INDEX], far);                    \
      if (!ttistable(value_) || ++metatables_ > 8) goto far;                                      \
      events_ = hvalue(value_)->metatable;                                                        \
      value_ = moonlet_find_near_string(hvalue(value_), tsvalue(key), far);                       \
      if (!ttisnil(value_)) {                                                                     \
        setobj2s(L, to, value_);                                                                  \
        break;                                                                                    \
      }                                                                                           \
    }                                                                                             \
    moonlet_take(metatables_); /* as moonlet_gettm, which is not asked about a string */          \
  }
#define luaV_finishget(L, t, key, to, slot)                                                   \
  __extension__({                                                                             \
    __label__ far;                                                                            \
    if ((#t)[0] == 'r' && (#key)[0] == 'r' && (moonlet_is_of_table(slot) || ttisstring(t)) && \
        ttisshrstring(key)) {                                                                 \
      moonlet_look(t, moonlet_is_of_table(slot), key, to, far);                               \
    }                                                                                         \
    else if (moonlet_is_of_table(slot) && hvalue(t)->metatable == NULL) {                     \
      setnilvalue(s2v(to));                                                                   \
    }                                                                                         \
    else {                                                                                    \
    far:                                                                                      \
      moonlet_ask_with_key(GET, t, key, moonlet_arg(to), moonlet_arg(slot));                  \
    }                                                                                         \
  })
#define moonlet_ask_to_set(t, key, value, slot) \
  moonlet_ask_with_key(SET, t, key, moonlet_arg(value), moonlet_arg(slot))
#if LUA_VERSION_NUM == 504
/* A key that has no value, but a place, in a table without __newindex. */
#define luaV_finishset(L, t, key, value, slot)                                                    \
  __extension__({                                                                                 \
    Table *set_ = moonlet_is_of_table(slot) ? hvalue(t) : NULL;                                   \
    if (set_ == NULL || moonlet_was_absent(slot) ||                                               \
        (set_->metatable != NULL && !(set_->metatable->flags & (1u << TM_NEWINDEX))))             \
      moonlet_ask_to_set(t, key, value, slot);                                                    \
    setobj2t(L, (TValue *)(slot), value);                                                         \
    invalidateTMcache(set_);                                                                      \
    luaC_barrierback(L, obj2gco(set_), value);                                                    \
  })
#else
#define luaV_finishset(L, t, key, value, slot) moonlet_ask_to_set(t, key, value, slot)
#endif
#define luaV_objlen(L, to, o) moonlet_ask(LEN, moonlet_arg(to), moonlet_arg(o))
#define luaV_concat(L, n) moonlet_ask(CONCAT, moonlet_arg(n))
#define luaH_new(L) \
  __extension__({ moonlet_ask(TABLE, moonlet_arg(ra), moonlet_arg(b), moonlet_arg(c)); (Table *)NULL; })
#define luaH_resize(...) ((void)0)
#define luaH_resizearray(...) moonlet_leave
#define luaH_realasize(t)                    \
  __extension__({                            \
    if (!isrealasize(t)) goto leave;         \
    (t)->alimit;                             \
  })
#define pushclosure(L, p, upvals, base, to) \
  moonlet_ask(CLOSURE, moonlet_arg(p), moonlet_arg(upvals), moonlet_arg(base), moonlet_arg(to))
#define luaD_hookcall(...) ((void)0)
#define luaF_newtbcupval(...) ((void)0) /* see moonlet_is_left */
#define luaF_close(L, level, status, is_yieldable) moonlet_close(level)
#define luaF_closeupval(L, level) moonlet_close(level)
#define luaT_trybinTM(L, a, b, to, event) \
  moonlet_ask(BINARY, moonlet_arg(a), moonlet_arg(b), moonlet_arg(to), moonlet_arg(event))
#define luaT_trybiniTM(L, a, n, flip, to, event) \
  moonlet_ask(BINARY_INTEGER, moonlet_arg(a), moonlet_arg((n) * 2 + (flip)), moonlet_arg(to), moonlet_arg(event))
#define luaT_trybinassocTM(L, a, b, flip, to, event) \
  moonlet_ask(BINARY_CONSTANT, moonlet_arg(a), moonlet_arg(b), moonlet_arg(to), moonlet_arg((event) * 2 + (flip)))
#define luaT_callorderiTM(...) __extension__({ goto leave; 0; })
#define lessthanothers(...) __extension__({ goto leave; 0; })
#define lessequalothers(...) __extension__({ goto leave; 0; })
#define luaV_tointegerns(...) __extension__({ goto leave; 0; })

/* L->hookmask, which moonlet_execute_most has seen to be 0. */
#define hookmask nci * 0

/* --- Arithmetic */

/* Keeps the store of an integer apart from that of a float, which a compiler would make one of, for which the integer must go into a float register. */
#undef setivalue
#define setivalue(to, n)           \
  {                                \
    TValue *integer_ = (to);       \
    val_(integer_).i = (n);        \
    settt_(integer_, LUA_VNUMINT); \
    __asm__ volatile("");          \
  }

#define luaV_modf(L, a, b) __extension__({ moonlet_leave_late; (lua_Number)0; })
#undef luai_numpow
#define luai_numpow(L, a, b)            \
  __extension__({                       \
    if ((b) != 2) moonlet_leave_late;   \
    (a) * (a);                          \
  })
#define moonlet_is_special(n) (l_castS2U(n) + 1u <= 1u) /* 0 or -1 */
#define luaV_mod(L, m, n)                                    \
  __extension__({                                            \
    lua_Integer rest_;                                       \
    if (l_unlikely(moonlet_is_special(n))) moonlet_leave_late; \
    rest_ = (m) % (n);                                       \
    if (rest_ != 0 && (rest_ ^ (n)) < 0) rest_ += (n);       \
    rest_;                                                   \
  })
#define luaV_idiv(L, m, n)                                   \
  __extension__({                                            \
    lua_Integer whole_;                                      \
    if (l_unlikely(moonlet_is_special(n))) moonlet_leave_late; \
    whole_ = (m) / (n);                                      \
    if (((m) ^ (n)) < 0 && (m) % (n) != 0) whole_ -= 1;      \
    whole_;                                                  \
  })

/* Values whose equality asks no metatable. */
#define luaV_equalobj(L, a, b)                                                                     \
  __extension__({                                                                                  \
    const TValue *a_ = (a), *b_ = (b);                                                             \
    int equal_ = 0;                                                                                \
    if (ttypetag(a_) != ttypetag(b_)) {                                                            \
      if (ttype(a_) == ttype(b_) && (ttisnumber(a_) || ttisstring(a_))) goto leave;                \
    }                                                                                              \
    else                                                                                           \
      switch (ttypetag(a_)) {                                                                      \
        case LUA_VNIL:                                                                             \
        case LUA_VFALSE:                                                                           \
        case LUA_VTRUE: equal_ = 1; break;                                                         \
        case LUA_VNUMINT: equal_ = ivalue(a_) == ivalue(b_); break;                                \
        case LUA_VNUMFLT: equal_ = luai_numeq(fltvalue(a_), fltvalue(b_)); break;                  \
        case LUA_VSHRSTR: equal_ = eqshrstr(tsvalue(a_), tsvalue(b_)); break;                      \
        case LUA_VTABLE:                                                                           \
          equal_ = hvalue(a_) == hvalue(b_);                                                       \
          if (!equal_ && (hvalue(a_)->metatable != NULL || hvalue(b_)->metatable != NULL)) goto leave; \
          break;                                                                                   \
        default: goto leave;                                                                       \
      }                                                                                            \
    equal_;                                                                                        \
  })

/* --- Loops: integers only */

#if LUA_VERSION_NUM == 504
#define moonlet_set_loop(ra, count, by, first) \
  { setivalue(s2v((ra) + 3), first); if (!skip_) setivalue(s2v((ra) + 1), count); }
#else
#define moonlet_set_loop(ra, count, by, first)     \
  if (!skip_) {                                    \
    setivalue(s2v(ra), count);                     \
    setivalue(s2v((ra) + 1), by);                  \
    setivalue(s2v((ra) + 2), first);               \
  }
#endif
#define forprep(L, ra)                                                                             \
  __extension__({                                                                                  \
    const TValue *init_ = s2v(ra), *limit_ = s2v((ra) + 1), *step_ = s2v((ra) + 2);                \
    lua_Integer first_, last_, by_;                                                                \
    lua_Unsigned count_;                                                                           \
    int skip_;                                                                                     \
    if (!ttisinteger(init_) || !ttisinteger(limit_) || !ttisinteger(step_) || ivalue(step_) == 0)  \
      goto leave;                                                                                  \
    first_ = ivalue(init_), last_ = ivalue(limit_), by_ = ivalue(step_);                           \
    skip_ = by_ > 0 ? first_ > last_ : first_ < last_;                                             \
    if (by_ > 0) {                                                                                 \
      count_ = l_castS2U(last_) - l_castS2U(first_);                                               \
      if (by_ != 1) count_ /= l_castS2U(by_);                                                      \
    }                                                                                              \
    else                                                                                           \
      count_ = (l_castS2U(first_) - l_castS2U(last_)) / (l_castS2U(-(by_ + 1)) + 1u);              \
    moonlet_set_loop(ra, l_castU2S(count_), by_, first_);                                          \
    skip_;                                                                                         \
  })

/* --- Calls of Lua functions for which there is room, and returns from them */

#if LUA_VERSION_NUM == 504
#define moonlet_set_call(call, results) (call->nresults = (short)(results), call->callstatus = 0)
#define moonlet_wanted(call) (call->nresults)
#else
#define moonlet_set_call(call, results) (call->callstatus = cast_uint((results) + 1))
#define moonlet_wanted(call) (get_nresults(call->callstatus))
#endif

#define luaD_precall(L, function, results)                                                    \
  __extension__({                                                                             \
    CallInfo *next_ = ci->next;                                                               \
    const Proto *p_;                                                                          \
    int given_;                                                                               \
    if (!ttisLclosure(s2v(function))) {                                                       \
      called = (function);                                                                    \
      wanted = (results);                                                                     \
      goto intrinsic;                                                                         \
    }                                                                                         \
    p_ = clLvalue(s2v(function))->p;                                                          \
    if (l_unlikely(next_ == NULL || L->stack_last.p - L->top.p <= p_->maxstacksize)) goto leave; \
    given_ = cast_int(L->top.p - (function)) - 1;                                             \
    L->ci = next_;                                                                            \
    next_->func.p = (function);                                                               \
    moonlet_set_call(next_, results);                                                         \
    next_->top.p = (function) + 1 + p_->maxstacksize;                                         \
    next_->u.l.savedpc = p_->code;                                                            \
    for (; given_ < p_->numparams; given_++) setnilvalue(s2v(L->top.p++));                    \
    next_;                                                                                    \
  })
#define luaD_pretailcall(L, call, function, n, delta)                                         \
  __extension__({                                                                             \
    StkId from_ = (function), to_;                                                            \
    const Proto *p_;                                                                          \
    int given_ = (n), arg_;                                                                   \
    if (ttislcf(s2v(from_)) || ttisCclosure(s2v(from_))) {                                    \
      called = from_;                                                                         \
      wanted = moonlet_in_tail;                                                               \
      moonlet_take(-1);                                                                       \
      goto intrinsic;                                                                         \
    }                                                                                         \
    if (!ttisLclosure(s2v(from_))) goto leave;                                                \
    p_ = clLvalue(s2v(from_))->p;                                                             \
    if (L->stack_last.p - L->top.p <= p_->maxstacksize - (delta)) goto leave;                 \
    ci->func.p -= (delta);                                                                    \
    to_ = ci->func.p;                                                                         \
    for (arg_ = 0; arg_ < given_; arg_++) setobjs2s(L, to_ + arg_, from_ + arg_);             \
    for (; given_ <= p_->numparams; given_++) setnilvalue(s2v(to_ + given_));                 \
    ci->top.p = to_ + 1 + p_->maxstacksize;                                                   \
    ci->u.l.savedpc = p_->code;                                                               \
    ci->callstatus |= CIST_TAIL;                                                              \
    L->top.p = to_ + given_;                                                                  \
    -1;                                                                                       \
  })
#undef luaD_poscall
#define luaD_poscall(L, call, n)                                                              \
  __extension__({                                                                             \
    StkId to_ = ci->func.p, from_ = L->top.p - (n);                                           \
    int count_ = (n), wanted_ = moonlet_wanted(ci), value_;                                   \
    moonlet_take(count_ >> 3); /* as moonlet_poscall */                                       \
    if (wanted_ == LUA_MULTRET) wanted_ = count_;                                             \
    if (count_ > wanted_) count_ = wanted_;                                                   \
    for (value_ = 0; value_ < count_; value_++) setobjs2s(L, to_ + value_, from_ + value_);   \
    for (; value_ < wanted_; value_++) setnilvalue(s2v(to_ + value_));                        \
    L->top.p = to_ + wanted_;                                                                 \
    L->ci = ci->previous;                                                                     \
  })

/* Arguments of a variadic function: few, where there is room. */
#define moonlet_adjust(n, proto)                                        \
  __extension__({                                                       \
    StkId from_ = ci->func.p, to_ = L->top.p;                           \
    int given_ = cast_int(to_ - from_) - 1, fixed_ = (n), arg_;         \
    if (l_unlikely(L->stack_last.p - to_ <= (proto)->maxstacksize + 1)) \
      moonlet_ask(ADJUST, moonlet_arg(n), moonlet_arg(proto));          \
    ci->u.l.nextraargs = given_ - fixed_;                               \
    setobjs2s(L, to_, from_);                                           \
    for (arg_ = 1; arg_ <= fixed_; arg_++) {                            \
      setobjs2s(L, to_ + arg_, from_ + arg_);                           \
      setnilvalue(s2v(from_ + arg_));                                   \
    }                                                                   \
    L->top.p = to_ + arg_;                                              \
    ci->func.p = to_;                                                   \
    ci->top.p += given_ + 1;                                            \
  })
#define moonlet_copy_varargs(is_table, to, wanted, table)                                     \
  __extension__({                                                                             \
    int have_ = ci->u.l.nextraargs, wanted_ = (wanted), all_ = wanted_ < 0, arg_;             \
    StkId from_ = ci->func.p - have_;                                                         \
    if (all_) wanted_ = have_;                                                                \
    if ((is_table) || wanted_ >= 8 || (all_ && L->stack_last.p - L->top.p <= have_))          \
      moonlet_ask(VARARGS, moonlet_arg(to), moonlet_arg(wanted), moonlet_arg(table));         \
    if (all_) L->top.p = (to) + have_;                                                        \
    for (arg_ = 0; arg_ < wanted_ && arg_ < have_; arg_++) setobjs2s(L, (to) + arg_, from_ + arg_); \
    for (; arg_ < wanted_; arg_++) setnilvalue(s2v((to) + arg_));                             \
  })

/* --- The functions of `for` that next, pairs and ipairs give, where the next element is near */

#if LUA_VERSION_NUM == 504
#define moonlet_has_size(t) isrealasize(t)
#define moonlet_size(t) ((t)->alimit)
#define moonlet_is_nil(t, n) isempty(&(t)->array[n])
#define moonlet_copy(t, n, to) setobj2s(L, to, &(t)->array[n])
#define moonlet_set_control(to) setobjs2s(L, (to) - 2, to)
#else
#define moonlet_has_size(t) 1
#define moonlet_size(t) ((t)->asize)
#define moonlet_is_nil(t, n) tagisempty(*getArrTag(t, n))
#define moonlet_copy(t, n, to) /* over the table itself */            \
  __extension__({                                                     \
    const Table *copied_ = (t);                                       \
    farr2val(copied_, n, *getArrTag(copied_, n), s2v(to));            \
  })
#define moonlet_set_control(to) ((void)0)
#endif
extern int moonlet_next(lua_State *L), moonlet_next_element(lua_State *L);
#define moonlet_walked(to) hvalue(s2v((to) + 1))
/* Values that wait take registers from others. */
#define moonlet_forget() __asm__ volatile("" ::: "memory")
#define luaD_call(L, function, results)                                                                        \
  __extension__({                                                                                              \
    __label__ other;                                                                                           \
    StkId to_ = (function);                                                                                    \
    lua_Unsigned place_ = 0;                                                                                   \
    if ((results) != 2 || !ttislcf(s2v(to_)) || !ttistable(s2v(to_ + 1)) || !moonlet_has(2)) goto other;       \
    if (ttisinteger(s2v(to_ + 2))) {                                                                           \
      place_ = l_castS2U(ivalue(s2v(to_ + 2)));                                                                \
      if (fvalue(s2v(to_)) != moonlet_next_element && (fvalue(s2v(to_)) != moonlet_next || place_ == 0)) goto other; \
    }                                                                                                          \
    else if (fvalue(s2v(to_)) != moonlet_next || !ttisnil(s2v(to_ + 2))) goto other;                           \
    moonlet_forget();                                                                                          \
    if (!moonlet_has_size(moonlet_walked(to_)) || place_ >= moonlet_size(moonlet_walked(to_)) ||               \
        moonlet_is_nil(moonlet_walked(to_), (unsigned int)place_))                                             \
      goto other;                                                                                              \
    setivalue(s2v(to_), l_castU2S(place_ + 1));                                                                \
    moonlet_copy(moonlet_walked(to_), (unsigned int)place_, to_ + 1);                                          \
    moonlet_take(2);                                                                                           \
    moonlet_forget();                                                                                          \
    i = *pc++; /* OP_TFORLOOP, with which this one goes on */                                                  \
    moonlet_set_control(to_);                                                                                  \
    pc -= GETARG_Bx(i);                                                                                        \
    vmbreak;                                                                                                   \
  other:                                                                                                       \
    moonlet_ask(ITERATE, moonlet_arg(to_), moonlet_arg(results));                                              \
  })

/* --- Keys of tables */

#undef luaH_get
#undef luaH_getshortstr
#undef luaH_Hgetshortstr
#undef luaH_getstr
#undef luaH_pset
#undef luaH_psetshortstr
/* An integer in the hash part, within four steps. One that goes on, or would, takes a unit (ltable.c's gnext). */
#define moonlet_find_integer(t, n)                                                                 \
  __extension__({                                                                                  \
    const Table *table_ = (t);                                                                     \
    lua_Unsigned key_ = l_castS2U(n);                                                              \
    const Node *node_;                                                                             \
    const TValue *found_ = &moonlet_absent;                                                        \
    int steps_ = 0;                                                                                \
    if (key_ > cast_uint(INT_MAX) || !moonlet_has(4)) goto leave;                                  \
    node_ = gnode(table_, cast_uint(key_) % cast_uint((sizenode(table_) - 1) | 1));                \
    for (;;) {                                                                                     \
      if (keyisinteger(node_) && l_castS2U(keyival(node_)) == key_) {                              \
        found_ = gval(node_);                                                                      \
        break;                                                                                     \
      }                                                                                            \
      if (++steps_ > 4) goto leave;                                                                \
      if (gnext(node_) == 0) break;                                                                \
      node_ += gnext(node_);                                                                       \
    }                                                                                              \
    moonlet_take(steps_);                                                                          \
    found_;                                                                                        \
  })

#if LUA_VERSION_NUM == 504

#define luaT_adjustvarargs(L, n, call, p) moonlet_adjust(n, p)
#undef luaT_getvarargs
#define luaT_getvarargs(L, call, to, wanted) moonlet_copy_varargs(0, to, wanted, 0)

#define luaH_getshortstr(t, key) moonlet_find_short_string(t, key)
#define luaH_getstr(t, key)                                    \
  __extension__({                                              \
    if (l_unlikely(key->tt != LUA_VSHRSTR)) goto leave;        \
    moonlet_find_short_string(t, key);                         \
  })
#define luaH_get(t, o)                                         \
  __extension__({                                              \
    if (l_unlikely(!ttisshrstring(o))) goto leave;             \
    moonlet_find_short_string(t, tsvalue(o));                  \
  })
#define luaH_getint(t, n)                        \
  __extension__({                                \
    if (l_unlikely(!isrealasize(t))) goto leave; \
    moonlet_find_integer(t, n);                  \
  })

#else

#define luaT_adjustvarargs(L, call, proto)                                    \
  __extension__({                                                             \
    if ((proto)->flag & PF_VATAB) moonlet_ask(ADJUST, 0, moonlet_arg(proto)); \
    moonlet_adjust((proto)->numparams, proto);                                \
    setnilvalue(s2v(ci->func.p + (proto)->numparams + 1));                    \
  })
#undef luaT_getvarargs
#define luaT_getvarargs(L, call, to, wanted, table) moonlet_copy_varargs((table) >= 0, to, wanted, table)
#define luaT_getvararg(...) moonlet_leave

#define moonlet_get(found, to)                          \
  __extension__({                                       \
    const TValue *value_ = (found);                     \
    if (!ttisnil(value_)) setobj(L, to, value_);        \
    ttypetag(value_);                                   \
  })
#define luaH_getshortstr(t, key, to) moonlet_get(moonlet_find_short_string(t, key), to)
#define luaH_get(t, o, to)                                     \
  __extension__({                                              \
    if (l_unlikely(!ttisshrstring(o))) goto leave;             \
    luaH_getshortstr(t, tsvalue(o), to);                       \
  })
#define luaH_getint(t, n, to) moonlet_get(moonlet_find_integer(t, n), to)
/* A name that has a value. */
#define luaH_psetshortstr(t, key, value)                         \
  __extension__({                                                \
    TValue *slot_ = (TValue *)moonlet_find_short_string(t, key); \
    if (ttisnil(slot_)) goto leave;                              \
    setobj(L, slot_, value);                                     \
    HOK;                                                         \
  })
/* An integer that has a place, and a value or a table without metamethods. */
#define luaH_psetint(t, n, value)                               \
  __extension__({                                               \
    TValue *slot_ = (TValue *)moonlet_find_integer(t, n);       \
    int set_ = slot_ == &moonlet_absent ? HNOTFOUND : HOK;      \
    if (set_ == HOK) {                                          \
      if (ttisnil(slot_) && (t)->metatable != NULL) goto leave; \
      setobj(L, slot_, value);                                  \
    }                                                           \
    set_;                                                       \
  })
#define luaH_pset(t, o, value)                                 \
  __extension__({                                              \
    if (l_unlikely(!ttisshrstring(o))) goto leave;             \
    luaH_psetshortstr(t, tsvalue(o), value);                   \
  })

#endif
