/* The back end on wasm3 0.5. Each state has a runtime of its own, which parses the module anew: wasm3 compiles functions as they are called first. */
#include "moonlet_wasm3.h"

#include <stdlib.h>
#include <string.h>

#include "../src/engine.h"

/* wasm3 has no public way for a host to grow a memory. */
#include "m3_env.h"
#include "wasm3.h"

/** Bytes of wasm3's own stack, which holds the locals of the module's functions. */
#define STACK (512u << 10)

typedef struct parsed {
  struct moonlet_module module;
  const uint8_t *bytes;
  uint32_t length;
} parsed;

typedef struct instance {
  IM3Environment environment;
  IM3Runtime runtime;
  IM3Function functions[MOONLET_EXPORT_COUNT];
} instance;

static const struct {
  const char *name;
  unsigned arguments;
} exports[] = {
#define X(name, count) {#name, count},
    MOONLET_EXPORTS(X)
#undef X
};

static void close_instance(void *given) {
  instance *of = given;
  if (of->runtime != NULL) m3_FreeRuntime(of->runtime);
  if (of->environment != NULL) m3_FreeEnvironment(of->environment);
  free(of);
}

static void *open_instance(const struct moonlet_module *module, uint32_t pages, size_t stack, const char **why) {
  const parsed *from = module->data;
  instance *of = calloc(1, sizeof *of);
  IM3Module code = NULL;
  (void)stack;
  *why = "there is no memory for another state";
  if (of == NULL) return NULL;
  of->environment = m3_NewEnvironment();
  of->runtime = of->environment != NULL ? m3_NewRuntime(of->environment, STACK, NULL) : NULL;
  if (of->runtime != NULL) {
    of->runtime->memoryLimit = pages < 32768 ? pages * MOONLET_PAGE : 0;
    *why = "wasm3 takes these bytes for no module; give those of lua54.wasm, lua55.wasm or a mini variant";
    if (m3_ParseModule(of->environment, &code, from->bytes, from->length) == m3Err_none) {
      if (m3_LoadModule(of->runtime, code) == m3Err_none) {
        int found = 0;
        *why = "this is no module of Moonlet: one of its exports is not there";
        while (found < MOONLET_EXPORT_COUNT && m3_FindFunction(&of->functions[found], of->runtime, exports[found].name) == m3Err_none) found++;
        if (found == MOONLET_EXPORT_COUNT) return of;
      } else {
        m3_FreeModule(code);
      }
    }
  }
  close_instance(of);
  return NULL;
}

static bool call_export(void *given, int number, moonlet_slot *slots, const char **why) {
  instance *of = given;
  const void *arguments[4] = {&slots[0], &slots[1], &slots[2], &slots[3]}, *answer[1] = {&slots[0]};
  M3Result result = m3_Call(of->functions[number], exports[number].arguments, arguments);
  if (result == m3Err_none && number != MOONLET_EXPORT_dealloc) result = m3_GetResults(of->functions[number], 1, answer);
  if (result == m3Err_none) return true;
  *why = result == m3Err_trapStackOverflow ? "the script needs more stack than wasm3 was given; restore a snapshot, or make a new state"
                                           : "wasm3 stopped the state within a call; restore a snapshot, or make a new state";
  return false;
}

static uint8_t *memory_of(void *given, size_t *length) {
  instance *of = given;
  uint32_t size = 0;
  uint8_t *memory = m3_GetMemory(of->runtime, &size, 0);
  *length = size;
  return memory;
}

static bool grow(void *given, uint32_t pages) {
  instance *of = given;
  return ResizeMemory(of->runtime, of->runtime->memory.numPages + pages) == m3Err_none;
}

const moonlet_module *moonlet_wasm3_new(const void *bytes, size_t length, const char **why) {
  const char *unread;
  if (why == NULL) why = &unread;
  *why = "the bytes of the module are NULL; read lua54.wasm into memory";
  if (bytes == NULL) return NULL;
  *why = "wasm3 takes these bytes for no module; give those of lua54.wasm, lua55.wasm or a mini variant";
  if (length < 8 || length > UINT32_MAX || memcmp(bytes, "\0asm", 4) != 0) return NULL;
  parsed *made = calloc(1, sizeof *made);
  *why = "there is no memory for the module";
  if (made == NULL) return NULL;
  made->module = (struct moonlet_module){"wasm3", made, open_instance, close_instance, call_export, memory_of, grow};
  made->bytes = bytes;
  made->length = (uint32_t)length;
  return &made->module;
}

void moonlet_wasm3_free(const moonlet_module *module) {
  if (module != NULL) free(module->data);
}
