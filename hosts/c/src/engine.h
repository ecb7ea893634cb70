/* What a back end provides: a memory, and calls of the module's exports (ABI.md). */
#ifndef MOONLET_ENGINE_H
#define MOONLET_ENGINE_H

#include "../moonlet.h"

/** The exports that hosts call: name, number of arguments. All are i32, but the second argument of `set` and what `get` and `compact` answer: f64. */
#define MOONLET_EXPORTS(X)                                                                                                          \
  X(alloc, 1) X(dealloc, 2) X(compute, 2) X(eval, 2) X(call, 2) X(release, 2) X(dropped, 0) X(task, 0) X(tasks, 0) X(request, 1)      \
  X(resume, 3) X(raise, 3) X(cancel, 1) X(compact, 0) X(status, 0) X(info_ptr, 0) X(reset, 0) X(abi_version, 0) X(build_id_ptr, 0)   \
  X(set, 2) X(get, 1) X(output_clear, 0) X(error_output_clear, 0) X(write_file, 4) X(read_file, 2) X(time_zone, 2) X(write_input, 2) \
  X(remove_file, 2) X(list_files, 0)

enum {
#define X(name, count) MOONLET_EXPORT_##name,
  MOONLET_EXPORTS(X)
#undef X
  MOONLET_EXPORT_COUNT
};

/** An argument or an answer. */
typedef union moonlet_slot {
  uint32_t i32;
  double f64;
} moonlet_slot;

#define MOONLET_PAGE 65536u

struct moonlet_module {
  /** What runs it: "wasm2c", "wasmtime", ... */
  const char *engine;
  /** The back end's own. */
  void *data;
  /** An instance whose memory may have so many pages, and which may use so many bytes of the C stack; NULL, and the reason. */
  void *(*open)(const struct moonlet_module *module, uint32_t pages, size_t stack, const char **why);
  void (*close)(void *instance);
  /** Calls an export: arguments in the slots, the answer in the first. False where the engine tore the call down, and the reason. */
  bool (*call)(void *instance, int export_number, moonlet_slot *slots, const char **why);
  /** Where memory begins now, and how long it is. */
  uint8_t *(*memory)(void *instance, size_t *length);
  bool (*grow)(void *instance, uint32_t pages);
};

#endif
