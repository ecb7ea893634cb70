/*
 * The back end on wasmtime. Of its C API this declares what it uses, as version 50 has it; versions before 29 lay some of these structures out otherwise.
 */
#include "moonlet_wasmtime.h"

#include <stdlib.h>
#include <string.h>

#include "../src/engine.h"

typedef struct wasm_engine_t wasm_engine_t;
typedef struct wasm_trap_t wasm_trap_t;
typedef struct wasmtime_module wasmtime_module_t;
typedef struct wasmtime_store wasmtime_store_t;
typedef struct wasmtime_context wasmtime_context_t;
typedef struct wasmtime_error wasmtime_error_t;

typedef struct wasmtime_func {
  uint64_t store;
  void *within;
} wasmtime_func_t;

typedef struct wasmtime_memory {
  struct {
    uint64_t store;
    uint32_t first;
  } within;
  uint32_t second;
} wasmtime_memory_t;

typedef struct wasmtime_instance {
  uint64_t store;
  size_t within;
} wasmtime_instance_t;

enum { WASMTIME_EXTERN_FUNC = 0, WASMTIME_EXTERN_MEMORY = 3 };

typedef struct wasmtime_extern {
  uint8_t kind;
  union {
    wasmtime_func_t func;
    wasmtime_memory_t memory;
    /* As large as the largest of them. */
    uint64_t room[4];
  } of;
} wasmtime_extern_t;

typedef union wasmtime_val_raw {
  int32_t i32;
  double f64;
  uint8_t v128[16];
} wasmtime_val_raw_t;

wasm_engine_t *wasm_engine_new(void);
void wasm_engine_delete(wasm_engine_t *);
void wasm_trap_delete(wasm_trap_t *);
wasmtime_error_t *wasmtime_module_new(wasm_engine_t *, const uint8_t *, size_t, wasmtime_module_t **);
void wasmtime_module_delete(wasmtime_module_t *);
wasmtime_store_t *wasmtime_store_new(wasm_engine_t *, void *, void (*)(void *));
wasmtime_context_t *wasmtime_store_context(wasmtime_store_t *);
void wasmtime_store_limiter(wasmtime_store_t *, int64_t, int64_t, int64_t, int64_t, int64_t);
void wasmtime_store_delete(wasmtime_store_t *);
wasmtime_error_t *wasmtime_instance_new(wasmtime_context_t *, const wasmtime_module_t *, const wasmtime_extern_t *, size_t, wasmtime_instance_t *, wasm_trap_t **);
bool wasmtime_instance_export_get(wasmtime_context_t *, const wasmtime_instance_t *, const char *, size_t, wasmtime_extern_t *);
wasmtime_error_t *wasmtime_func_call_unchecked(wasmtime_context_t *, const wasmtime_func_t *, wasmtime_val_raw_t *, size_t, wasm_trap_t **);
uint8_t *wasmtime_memory_data(const wasmtime_context_t *, const wasmtime_memory_t *);
size_t wasmtime_memory_data_size(const wasmtime_context_t *, const wasmtime_memory_t *);
wasmtime_error_t *wasmtime_memory_grow(wasmtime_context_t *, const wasmtime_memory_t *, uint64_t, uint64_t *);
void wasmtime_error_delete(wasmtime_error_t *);

/** A compiled module, and the engine that compiled it. */
typedef struct compiled {
  struct moonlet_module module;
  wasm_engine_t *engine;
  wasmtime_module_t *code;
} compiled;

typedef struct instance {
  wasmtime_store_t *store;
  wasmtime_context_t *context;
  wasmtime_memory_t memory;
  wasmtime_func_t functions[MOONLET_EXPORT_COUNT];
} instance;

static const struct {
  const char *name;
  unsigned arguments;
} exports[] = {
#define X(name, count) {#name, count},
    MOONLET_EXPORTS(X)
#undef X
};

/** Whether a call succeeded; what it left is freed. */
static bool is_done(wasmtime_error_t *error, wasm_trap_t *trap) {
  if (error != NULL) wasmtime_error_delete(error);
  if (trap != NULL) wasm_trap_delete(trap);
  return error == NULL && trap == NULL;
}

static void close_instance(void *given) {
  instance *of = given;
  wasmtime_store_delete(of->store);
  free(of);
}

/** Finds the exports. */
static bool bind_exports(instance *of, const wasmtime_instance_t *made) {
  wasmtime_extern_t found;
  if (!wasmtime_instance_export_get(of->context, made, "memory", 6, &found) || found.kind != WASMTIME_EXTERN_MEMORY) return false;
  of->memory = found.of.memory;
  for (int i = 0; i < MOONLET_EXPORT_COUNT; i++) {
    if (!wasmtime_instance_export_get(of->context, made, exports[i].name, strlen(exports[i].name), &found) || found.kind != WASMTIME_EXTERN_FUNC) return false;
    of->functions[i] = found.of.func;
  }
  return true;
}

static void *open_instance(const struct moonlet_module *module, uint32_t pages, size_t stack, const char **why) {
  const compiled *made_of = module->data;
  instance *of = calloc(1, sizeof *of);
  wasmtime_instance_t made;
  wasm_trap_t *trap = NULL;
  /* wasmtime has a limit of its own: half a MiB, which suffices. */
  (void)stack;
  *why = "there is no memory for another state";
  if (of == NULL) return NULL;
  of->store = wasmtime_store_new(made_of->engine, NULL, NULL);
  of->context = wasmtime_store_context(of->store);
  wasmtime_store_limiter(of->store, (int64_t)pages * MOONLET_PAGE, -1, -1, -1, -1);
  if (is_done(wasmtime_instance_new(of->context, made_of->code, NULL, 0, &made, &trap), trap)) {
    *why = "this is no module of Moonlet: one of its exports is not there";
    if (bind_exports(of, &made)) return of;
  } else {
    *why = "wasmtime cannot make an instance of the module: is it one of Moonlet, and is there memory?";
  }
  close_instance(of);
  return NULL;
}

static bool call_export(void *given, int number, moonlet_slot *slots, const char **why) {
  instance *of = given;
  wasmtime_val_raw_t raw[4] = {{0}};
  unsigned count = exports[number].arguments;
  wasm_trap_t *trap = NULL;
  for (unsigned i = 0; i < count; i++) {
    if (number == MOONLET_EXPORT_set && i == 1) raw[i].f64 = slots[i].f64;
    else raw[i].i32 = (int32_t)slots[i].i32;
  }
  if (!is_done(wasmtime_func_call_unchecked(of->context, &of->functions[number], raw, count > 0 ? count : 1, &trap), trap)) {
    *why = "wasmtime stopped the state within a call; restore a snapshot, or make a new state";
    return false;
  }
  if (number == MOONLET_EXPORT_get || number == MOONLET_EXPORT_compact) slots[0].f64 = raw[0].f64;
  else slots[0].i32 = (uint32_t)raw[0].i32;
  return true;
}

static uint8_t *memory_of(void *given, size_t *length) {
  instance *of = given;
  *length = wasmtime_memory_data_size(of->context, &of->memory);
  return wasmtime_memory_data(of->context, &of->memory);
}

static bool grow(void *given, uint32_t pages) {
  instance *of = given;
  uint64_t before;
  return is_done(wasmtime_memory_grow(of->context, &of->memory, pages, &before), NULL);
}

const moonlet_module *moonlet_wasmtime_new(const void *bytes, size_t length, const char **why) {
  const char *unread;
  if (why == NULL) why = &unread;
  *why = "the bytes of the module are NULL; read lua54.wasm into memory";
  if (bytes == NULL) return NULL;
  *why = "there is no memory for the module";
  compiled *made = calloc(1, sizeof *made);
  if (made == NULL) return NULL;
  made->module = (struct moonlet_module){"wasmtime", made, open_instance, close_instance, call_export, memory_of, grow};
  made->engine = wasm_engine_new();
  if (made->engine != NULL && is_done(wasmtime_module_new(made->engine, bytes, length, &made->code), NULL)) return &made->module;
  *why = "wasmtime takes these bytes for no module; give those of lua54.wasm, lua55.wasm or a mini variant";
  moonlet_wasmtime_free(&made->module);
  return NULL;
}

void moonlet_wasmtime_free(const moonlet_module *module) {
  if (module == NULL) return;
  compiled *made = module->data;
  if (made->code != NULL) wasmtime_module_delete(made->code);
  if (made->engine != NULL) wasm_engine_delete(made->engine);
  free(made);
}
