/* Included by leaf.h: the usual case of some instructions, which stands before what lvm.c has for all cases. Compilers that keep in registers, or
   on the stack, what any of the cases will need do so before they know which one it is; here nothing waits. And macros of lvm.c that go on at once
   where it goes on once its cases have met. */

/* To the instruction at pc, which stands further on. */
#define moonlet_go_on          \
  {                            \
    moonlet_goes(fetched, pc); \
    continue;                  \
  }

/* The instruction is read again, so that nothing that was found out for the usual case is kept for the others. */
#define moonlet_unusual (i = ((const volatile Instruction *)pc)[-1])

#define moonlet_usual(op)                               \
  if ((op) == OP_FORLOOP) moonlet_usual_loop;           \
  if ((op) == OP_GETTABLE) moonlet_usual_element;       \
  if ((op) == OP_GETFIELD) moonlet_usual_field(vRB(i)); \
  if ((op) == OP_GETTABUP) moonlet_usual_field(cl->upvals[GETARG_B(i)]->v.p);

#if LUA_VERSION_NUM == 504
#define moonlet_loop_count(ra) ((ra) + 1)
#define moonlet_loop_step(ra) ((ra) + 2)
#define moonlet_loop_index(ra) (ra)
#define moonlet_set_control_variable(ra, n) setivalue(s2v((ra) + 3), n)
#else
#define moonlet_loop_count(ra) (ra)
#define moonlet_loop_step(ra) ((ra) + 1)
#define moonlet_loop_index(ra) ((ra) + 2)
#define moonlet_set_control_variable(ra, n) ((void)0)
#endif

/* A loop over integers. */
#define moonlet_usual_loop                                                                          \
  {                                                                                                 \
    StkId ra_ = RA(i);                                                                              \
    if (ttisinteger(s2v(moonlet_loop_step(ra_)))) {                                                 \
      lua_Unsigned count_ = l_castS2U(ivalue(s2v(moonlet_loop_count(ra_))));                        \
      lua_Integer index_;                                                                           \
      if (count_ == 0) continue;                                                                    \
      index_ = intop(+, ivalue(s2v(moonlet_loop_index(ra_))), ivalue(s2v(moonlet_loop_step(ra_)))); \
      chgivalue(s2v(moonlet_loop_count(ra_)), l_castU2S(count_ - 1));                               \
      chgivalue(s2v(moonlet_loop_index(ra_)), index_);                                              \
      moonlet_set_control_variable(ra_, index_);                                                    \
      pc -= GETARG_Bx(i);                                                                           \
      moonlet_goes(fetched, pc);                                                                    \
      if (l_unlikely(!moonlet_has(0))) goto next;                                                   \
      continue;                                                                                     \
    }                                                                                               \
  }

/* An element of the array part. */
#define moonlet_usual_element                                                           \
  {                                                                                     \
    const TValue *t_ = vRB(i), *key_ = vRC(i);                                          \
    if (ttisinteger(key_) && ttistable(t_)) {                                           \
      const Table *table_ = hvalue(t_);                                                 \
      lua_Unsigned place_ = l_castS2U(ivalue(key_)) - 1u;                               \
      if (place_ < moonlet_size(table_) && !moonlet_is_nil(table_, (unsigned)place_)) { \
        moonlet_copy(table_, (unsigned)place_, RA(i));                                  \
        continue;                                                                       \
      }                                                                                 \
    }                                                                                   \
    moonlet_unusual;                                                                    \
  }

/* A name that has a value. */
#define moonlet_usual_field(t)                                                              \
  {                                                                                         \
    __label__ unusual;                                                                      \
    const TValue *t_ = (t);                                                                 \
    if (ttistable(t_)) {                                                                    \
      const TValue *value_ = moonlet_find_near_string(hvalue(t_), tsvalue(KC(i)), unusual); \
      if (!isempty(value_)) {                                                               \
        setobj2s(L, RA(i), value_);                                                         \
        continue;                                                                           \
      }                                                                                     \
    }                                                                                       \
  unusual:                                                                                  \
    moonlet_unusual;                                                                        \
  }

/* A condition that does not hold leads on. */
#undef docondjump
#define docondjump()         \
  if (cond != GETARG_k(i)) { \
    pc++;                    \
    moonlet_go_on;           \
  }                          \
  else                       \
    donextjump(ci);

/* Numbers of which one is a float at least. An integer beyond those that are all floats is compared by the other interpreter: V8 makes the
   constants that this needs whenever the function is entered. */
#define LTnum(a, b) luai_numlt(moonlet_as_float(a), moonlet_as_float(b))
#define LEnum(a, b) luai_numle(moonlet_as_float(a), moonlet_as_float(b))
#define moonlet_as_float(o)                                               \
  __extension__({                                                         \
    const TValue *number_ = (o);                                          \
    if (ttisinteger(number_) && !l_intfitsf(ivalue(number_))) goto leave; \
    ttisinteger(number_) ? cast_num(ivalue(number_)) : fltvalue(number_); \
  })

/* --- Arithmetic: past the call of a metamethod, which follows */

/* Keeps an address that would be reckoned once more where it is used. */
#define moonlet_pin(address) __asm__("" : "+r"(address))
#undef op_arithI
#define op_arithI(L, iop, fop)                           \
  {                                                      \
    const TValue *v1 = vRB(i);                           \
    int imm = GETARG_sC(i);                              \
    moonlet_pin(v1);                                     \
    if (ttisinteger(v1)) {                               \
      lua_Integer n = ivalue(v1);                        \
      pc++;                                              \
      setivalue(s2v(RA(i)), iop(L, n, imm));             \
      moonlet_go_on;                                     \
    }                                                    \
    if (ttisfloat(v1)) {                                 \
      lua_Number n = fltvalue(v1);                       \
      pc++;                                              \
      setfltvalue(s2v(RA(i)), fop(L, n, cast_num(imm))); \
      moonlet_go_on;                                     \
    }                                                    \
  }
#undef op_arith_aux
#define op_arith_aux(L, a, b, iop, fop)             \
  {                                                 \
    const TValue *a_ = (a), *b_ = (b);              \
    moonlet_pin(a_);                                \
    moonlet_pin(b_);                                \
    if (ttisinteger(a_) && ttisinteger(b_)) {       \
      lua_Integer i1 = ivalue(a_), i2 = ivalue(b_); \
      pc++;                                         \
      setivalue(s2v(RA(i)), iop(L, i1, i2));        \
      moonlet_go_on;                                \
    }                                               \
    op_arithf_aux(L, a_, b_, fop);                  \
  }
#undef op_arithf_aux
#define op_arithf_aux(L, a, b, fop)               \
  {                                               \
    lua_Number n1, n2;                            \
    if (tonumberns(a, n1) && tonumberns(b, n2)) { \
      pc++;                                       \
      setfltvalue(s2v(RA(i)), fop(L, n1, n2));    \
      moonlet_go_on;                              \
    }                                             \
  }
