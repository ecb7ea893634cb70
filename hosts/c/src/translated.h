/*
 * What a module that wasm2c translated into C stands on. The produced file includes this first and translated_module.h last; it takes the
 * place of wasm2c's own runtime, which keeps its state in globals and may install signal handlers. Here all state is in the instance.
 *
 * Each function has the memory's place and length in variables of its own. They never change while an instance lives: all the address space that
 * its memory may grow to is taken when it is made. An access is checked against that, so none leaves it.
 *
 * MOONLET_GUARD_PAGES, on 64-bit systems with mmap: 8 GiB of address space that cannot be touched take the place of the checks. An access beyond
 * memory, which only a fault of this package or `binary_chunks` could bring about, then ends the program instead of the call.
 */
#ifndef MOONLET_TRANSLATED_H
#define MOONLET_TRANSLATED_H

#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"

#if defined(__unix__) || defined(__APPLE__)
#define MOONLET_HAS_MMAP 1
#include <sys/mman.h>
#else
#define MOONLET_HAS_MMAP 0
#endif

#ifdef __FAST_MATH__
#error "Lua's numbers are IEEE 754's: compile this file without -ffast-math"
#endif
#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0
#error "Lua's numbers are IEEE 754's: on 32-bit x86 compile with -msse2 -mfpmath=sse"
#endif
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "WebAssembly's memory is little endian, and this code reads it as it is: a big-endian processor needs an engine"
#endif
#if defined(MOONLET_GUARD_PAGES) && (!MOONLET_HAS_MMAP || UINTPTR_MAX <= 0xffffffff)
#error "MOONLET_GUARD_PAGES needs mmap and 64-bit addresses: leave it out"
#endif

/* A product and a sum stay two roundings, whatever the compiler does by default. */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif

#if defined(__GNUC__) || defined(__clang__)
#define TRANSLATED_LIKELY(x) __builtin_expect(!!(x), 1)
#define TRANSLATED_INLINE static inline __attribute__((always_inline, unused))
#define TRANSLATED_COLD __attribute__((noinline, cold))
#else
#define TRANSLATED_LIKELY(x) (x)
#define TRANSLATED_INLINE static inline
#define TRANSLATED_COLD
#endif

/* The names that wasm2c gives to types. */
typedef uint8_t u8;
typedef int8_t s8;
typedef uint16_t u16;
typedef int16_t s16;
typedef uint32_t u32;
typedef int32_t s32;
typedef uint64_t u64;
typedef int64_t s64;
typedef float f32;
typedef double f64;

/** An instance. */
typedef struct translated {
  u8 *data;
  /** Bytes that may be accessed: what memory may grow to. */
  size_t bound;
  /** The C stack must not reach below this. */
  uintptr_t stack_end;
  u32 pages, most_pages;
  /** The module's globals. */
  u32 w2c_g0, w2c_g1;
  size_t stack;
  unsigned depth;
  jmp_buf *trap;
} translated;

enum { TRAP_BOUNDS = 1, TRAP_STACK, TRAP_UNREACHABLE, TRAP_CALL_INDIRECT, TRAP_DIV_BY_ZERO, TRAP_INT_OVERFLOW, TRAP_INVALID_CONVERSION };

static TRANSLATED_COLD _Noreturn void translated_trap(translated *instance, int reason) { longjmp(*instance->trap, reason); }

#define TRAP(reason) (translated_trap(instance, TRAP_##reason), 0)
#define UNREACHABLE translated_trap(instance, TRAP_UNREACHABLE)

/* At the start of each function; `LEAF` of one that calls no other, which the room below the stack's end is for. */
#define FUNC_PROLOGUE_LEAF          \
  u8 *const memory = instance->data; \
  const u64 bound = instance->bound; \
  (void)memory, (void)bound
#define FUNC_PROLOGUE  \
  FUNC_PROLOGUE_LEAF; \
  char here;           \
  if (!TRANSLATED_LIKELY((uintptr_t)&here >= instance->stack_end)) translated_trap(instance, TRAP_STACK)
#define FUNC_EPILOGUE

/** The table of functions, which never changes. */
typedef void (*translated_function)(void);
typedef struct translated_entry {
  u32 type;
  translated_function function;
} translated_entry;

#define CALL_INDIRECT(signature, type_number, at, ...)                                                                            \
  ((void)(TRANSLATED_LIKELY((at) < sizeof table / sizeof *table && table[at].type == (type_number)) || TRAP(CALL_INDIRECT)), \
   ((signature)table[at].function)(__VA_ARGS__))

/* ---------------------------------------------------------------------------------------------- memory */

/* So many bytes beyond the bound are the instance's too, and nobody's: what begins below the bound ends within them, and with a small constant added it does. So the check
   of an address is the same for all fields of one structure, and is made once. */
#define TRANSLATED_SLACK 4096u

#ifdef MOONLET_GUARD_PAGES
#define TRANSLATED_CHECK(address, added) ((void)bound, (void)instance)
#else
#define TRANSLATED_CHECK(address, added) \
  if (!TRANSLATED_LIKELY((added) < TRANSLATED_SLACK - 8 ? (address) < bound : (u64)(address) + (added) < bound)) translated_trap(instance, TRAP_BOUNDS)
#endif

#define TRANSLATED_LOAD(name, in_memory, extended, result)                                                             \
  TRANSLATED_INLINE result load_##name(translated *instance, const u8 *memory, u64 bound, u32 address, u32 added) {    \
    in_memory value;                                                                                                   \
    TRANSLATED_CHECK(address, added);                                                                                  \
    memcpy(&value, memory + (u64)address + added, sizeof value);                                                       \
    return (result)(extended)value;                                                                                    \
  }
#define TRANSLATED_STORE(name, in_memory, given)                                                                       \
  TRANSLATED_INLINE void store_##name(translated *instance, u8 *memory, u64 bound, u32 address, u32 added, given number) { \
    in_memory value = (in_memory)number;                                                                               \
    TRANSLATED_CHECK(address, added);                                                                                  \
    memcpy(memory + (u64)address + added, &value, sizeof value);                                                       \
  }

TRANSLATED_LOAD(i32, u32, u32, u32)
TRANSLATED_LOAD(i64, u64, u64, u64)
TRANSLATED_LOAD(f32, f32, f32, f32)
TRANSLATED_LOAD(f64, f64, f64, f64)
TRANSLATED_LOAD(i32_8_s, s8, s32, u32)
TRANSLATED_LOAD(i64_8_s, s8, s64, u64)
TRANSLATED_LOAD(i32_8_u, u8, u32, u32)
TRANSLATED_LOAD(i64_8_u, u8, u64, u64)
TRANSLATED_LOAD(i32_16_s, s16, s32, u32)
TRANSLATED_LOAD(i64_16_s, s16, s64, u64)
TRANSLATED_LOAD(i32_16_u, u16, u32, u32)
TRANSLATED_LOAD(i64_16_u, u16, u64, u64)
TRANSLATED_LOAD(i64_32_s, s32, s64, u64)
TRANSLATED_LOAD(i64_32_u, u32, u64, u64)
TRANSLATED_STORE(i32, u32, u32)
TRANSLATED_STORE(i64, u64, u64)
TRANSLATED_STORE(f32, f32, f32)
TRANSLATED_STORE(f64, f64, f64)
TRANSLATED_STORE(i32_8, u8, u32)
TRANSLATED_STORE(i32_16, u16, u32)
TRANSLATED_STORE(i64_8, u8, u64)
TRANSLATED_STORE(i64_16, u16, u64)
TRANSLATED_STORE(i64_32, u32, u64)

#define i32_load(address, added) load_i32(instance, memory, bound, address, added)
#define i64_load(address, added) load_i64(instance, memory, bound, address, added)
#define f32_load(address, added) load_f32(instance, memory, bound, address, added)
#define f64_load(address, added) load_f64(instance, memory, bound, address, added)
#define i32_load8_s(address, added) load_i32_8_s(instance, memory, bound, address, added)
#define i64_load8_s(address, added) load_i64_8_s(instance, memory, bound, address, added)
#define i32_load8_u(address, added) load_i32_8_u(instance, memory, bound, address, added)
#define i64_load8_u(address, added) load_i64_8_u(instance, memory, bound, address, added)
#define i32_load16_s(address, added) load_i32_16_s(instance, memory, bound, address, added)
#define i64_load16_s(address, added) load_i64_16_s(instance, memory, bound, address, added)
#define i32_load16_u(address, added) load_i32_16_u(instance, memory, bound, address, added)
#define i64_load16_u(address, added) load_i64_16_u(instance, memory, bound, address, added)
#define i64_load32_s(address, added) load_i64_32_s(instance, memory, bound, address, added)
#define i64_load32_u(address, added) load_i64_32_u(instance, memory, bound, address, added)
#define i32_store(address, added, value) store_i32(instance, memory, bound, address, added, value)
#define i64_store(address, added, value) store_i64(instance, memory, bound, address, added, value)
#define f32_store(address, added, value) store_f32(instance, memory, bound, address, added, value)
#define f64_store(address, added, value) store_f64(instance, memory, bound, address, added, value)
#define i32_store8(address, added, value) store_i32_8(instance, memory, bound, address, added, value)
#define i32_store16(address, added, value) store_i32_16(instance, memory, bound, address, added, value)
#define i64_store8(address, added, value) store_i64_8(instance, memory, bound, address, added, value)
#define i64_store16(address, added, value) store_i64_16(instance, memory, bound, address, added, value)
#define i64_store32(address, added, value) store_i64_32(instance, memory, bound, address, added, value)

/* A length is no offset that guard pages would catch, so these are checked always. */
TRANSLATED_INLINE void fill(translated *instance, u8 *memory, u64 bound, u64 at, u32 value, u32 length) {
  if (!TRANSLATED_LIKELY(at + length <= bound)) translated_trap(instance, TRAP_BOUNDS);
  memset(memory + at, (int)(value & 0xff), length);
}

TRANSLATED_INLINE void copy(translated *instance, u8 *memory, u64 bound, u64 to, u64 from, u32 length) {
  if (!TRANSLATED_LIKELY(to + length <= bound && from + length <= bound)) translated_trap(instance, TRAP_BOUNDS);
  memmove(memory + to, memory + from, length);
}

#define memory_fill(at, value, length) fill(instance, memory, bound, at, value, length)
#define memory_copy(to, from, length) copy(instance, memory, bound, to, from, length)

static inline u32 translated_grow(translated *instance, u32 pages) {
  u32 before = instance->pages;
  if (pages > instance->most_pages - before) return UINT32_MAX;
  instance->pages += pages;
  return before;
}

/* ---------------------------------------------------------------------------------------------- numbers, as WebAssembly has them */

#define DIV_U(x, y) ((y) == 0 ? TRAP(DIV_BY_ZERO) : (x) / (y))
#define REM_U(x, y) ((y) == 0 ? TRAP(DIV_BY_ZERO) : (x) % (y))

#define TRANSLATED_INTEGERS(bits)                                                                                                 \
  TRANSLATED_INLINE u##bits div_##bits(translated *instance, u##bits x, u##bits y) {                                              \
    if (!TRANSLATED_LIKELY(y != 0)) translated_trap(instance, TRAP_DIV_BY_ZERO);                                                  \
    if (!TRANSLATED_LIKELY(!((s##bits)x == INT##bits##_MIN && (s##bits)y == -1))) translated_trap(instance, TRAP_INT_OVERFLOW);   \
    return (u##bits)((s##bits)x / (s##bits)y);                                                                                    \
  }                                                                                                                               \
  TRANSLATED_INLINE u##bits rem_##bits(translated *instance, u##bits x, u##bits y) {                                              \
    if (!TRANSLATED_LIKELY(y != 0)) translated_trap(instance, TRAP_DIV_BY_ZERO);                                                  \
    return (s##bits)y == -1 ? 0 : (u##bits)((s##bits)x % (s##bits)y);                                                             \
  }                                                                                                                               \
  TRANSLATED_INLINE u##bits I##bits##_ROTL(u##bits x, u##bits y) { return x << (y & (bits - 1)) | x >> (-y & (bits - 1)); }       \
  TRANSLATED_INLINE u##bits I##bits##_ROTR(u##bits x, u##bits y) { return x >> (y & (bits - 1)) | x << (-y & (bits - 1)); }       \
  TRANSLATED_INLINE u##bits trunc_sat_s_##bits(f64 x) {                                                                           \
    if (!(x >= (f64)INT##bits##_MIN)) return x != x ? 0 : (u##bits)INT##bits##_MIN;                                               \
    return x < -(f64)INT##bits##_MIN ? (u##bits)(s##bits)x : (u##bits)INT##bits##_MAX;                                            \
  }                                                                                                                               \
  TRANSLATED_INLINE u##bits trunc_sat_u_##bits(f64 x) {                                                                           \
    if (!(x > -1)) return 0;                                                                                                      \
    return x < -2 * (f64)INT##bits##_MIN ? (u##bits)x : UINT##bits##_MAX;                                                         \
  }

TRANSLATED_INTEGERS(32)
TRANSLATED_INTEGERS(64)

#define I32_DIV_S(x, y) div_32(instance, x, y)
#define I64_DIV_S(x, y) div_64(instance, x, y)
#define I32_REM_S(x, y) rem_32(instance, x, y)
#define I64_REM_S(x, y) rem_64(instance, x, y)
#define I32_TRUNC_SAT_S_F32(x) trunc_sat_s_32(x)
#define I32_TRUNC_SAT_S_F64(x) trunc_sat_s_32(x)
#define I32_TRUNC_SAT_U_F32(x) trunc_sat_u_32(x)
#define I32_TRUNC_SAT_U_F64(x) trunc_sat_u_32(x)
#define I64_TRUNC_SAT_S_F32(x) trunc_sat_s_64(x)
#define I64_TRUNC_SAT_S_F64(x) trunc_sat_s_64(x)
#define I64_TRUNC_SAT_U_F32(x) trunc_sat_u_64(x)
#define I64_TRUNC_SAT_U_F64(x) trunc_sat_u_64(x)

#if defined(__GNUC__) || defined(__clang__)
#define I32_CLZ(x) ((x) != 0 ? (u32)__builtin_clz(x) : 32)
#define I64_CLZ(x) ((x) != 0 ? (u64)__builtin_clzll(x) : 64)
#define I32_CTZ(x) ((x) != 0 ? (u32)__builtin_ctz(x) : 32)
#define I64_CTZ(x) ((x) != 0 ? (u64)__builtin_ctzll(x) : 64)
#define I32_POPCNT(x) ((u32)__builtin_popcount(x))
#define I64_POPCNT(x) ((u64)__builtin_popcountll(x))
#else
TRANSLATED_INLINE u64 I64_POPCNT(u64 x) {
  u64 count = 0;
  for (; x != 0; x &= x - 1) count++;
  return count;
}
/* Ones below the lowest one; ones from the highest one down. */
TRANSLATED_INLINE u64 I64_CTZ(u64 x) { return I64_POPCNT(~x & (x - 1)); }
TRANSLATED_INLINE u64 I64_CLZ(u64 x) {
  for (int shift = 1; shift < 64; shift *= 2) x |= x >> shift;
  return 64 - I64_POPCNT(x);
}
#define I32_POPCNT(x) ((u32)I64_POPCNT(x))
#define I32_CTZ(x) ((u32)I64_CTZ((x) | (u64)1 << 32))
#define I32_CLZ(x) ((u32)I64_CLZ(x) - 32)
#endif

#define TRANSLATED_REINTERPRET(name, from, to) \
  TRANSLATED_INLINE to name(from value) {      \
    to bits;                                   \
    memcpy(&bits, &value, sizeof bits);        \
    return bits;                               \
  }

TRANSLATED_REINTERPRET(f32_reinterpret_i32, u32, f32)
TRANSLATED_REINTERPRET(i32_reinterpret_f32, f32, u32)
TRANSLATED_REINTERPRET(f64_reinterpret_i64, u64, f64)
TRANSLATED_REINTERPRET(i64_reinterpret_f64, f64, u64)

/* What a NaN's bits are beyond being one is left open. */
#define wasm_quiet(x) (x)
#define wasm_quietf(x) (x)
#define wasm_floor floor
#define wasm_ceil ceil
#define wasm_trunc trunc
#define wasm_nearbyint nearbyint
#define wasm_sqrt sqrt
#define wasm_fabs fabs

#endif
