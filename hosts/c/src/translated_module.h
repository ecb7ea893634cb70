/*
 * The end of a module that was translated into C: how its instances are made, and how its exports are called. Before it stand TRANSLATED_NAME, the
 * pages that memory begins with and may have at most, the first value of the globals, `segments` and `table`.
 */

/** What of the stack is left to functions that call no other, and to what the C library does for them. */
#define TRANSLATED_LEAVES 8192

static void translated_close(void *given) {
  translated *instance = given;
#ifdef MOONLET_GUARD_PAGES
  munmap(instance->data, (size_t)8 << 30);
#elif MOONLET_HAS_MMAP
  munmap(instance->data, instance->bound + TRANSLATED_SLACK);
#else
  free(instance->data);
#endif
  free(instance);
}

/** Address space for so many bytes, all zero. */
static u8 *translated_reserve(size_t bytes) {
#ifdef MOONLET_GUARD_PAGES
  /* An address has 32 bits, and the constant that is added to it as many. */
  u8 *data = mmap(NULL, (size_t)8 << 30, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (data != MAP_FAILED && mprotect(data, bytes, PROT_READ | PROT_WRITE) == 0) return data;
  if (data != MAP_FAILED) munmap(data, (size_t)8 << 30);
  return NULL;
#elif MOONLET_HAS_MMAP
  /* Pages that are not touched take no memory. */
  u8 *data = mmap(NULL, bytes + TRANSLATED_SLACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return data != MAP_FAILED ? data : NULL;
#else
  return calloc(bytes + TRANSLATED_SLACK, 1);
#endif
}

static void *translated_open(const struct moonlet_module *module, uint32_t pages, size_t stack, const char **why) {
  (void)module;
  u32 most = pages > TRANSLATED_PAGES ? pages : TRANSLATED_PAGES;
  if (most > TRANSLATED_MOST_PAGES) most = TRANSLATED_MOST_PAGES;
  translated *instance = calloc(1, sizeof *instance);
  if (instance != NULL) {
    instance->bound = (size_t)most * MOONLET_PAGE;
    instance->data = translated_reserve(instance->bound);
  }
  if (instance == NULL || instance->data == NULL) {
    free(instance);
    *why = "there is no address space for the state's memory; lower `memory` or `pages`";
    return NULL;
  }
  instance->pages = TRANSLATED_PAGES;
  instance->most_pages = most;
  instance->stack = stack;
  instance->w2c_g0 = TRANSLATED_G0;
  instance->w2c_g1 = TRANSLATED_G1;
  for (size_t i = 0; i < sizeof segments / sizeof *segments; i++) memcpy(instance->data + segments[i].at, segments[i].data, segments[i].length);
  return instance;
}

static uint8_t *translated_memory(void *given, size_t *length) {
  translated *instance = given;
  *length = (size_t)instance->pages * MOONLET_PAGE;
  return instance->data;
}

static bool translated_grow_by(void *given, uint32_t pages) { return translated_grow(given, pages) != UINT32_MAX; }

static void translated_dispatch(translated *instance, int export_number, moonlet_slot *slots) {
#define I(at) slots[at].i32
  switch (export_number) {
  case MOONLET_EXPORT_alloc: I(0) = EXPORT_alloc(instance, I(0)); break;
  case MOONLET_EXPORT_dealloc: EXPORT_dealloc(instance, I(0), I(1)); break;
  case MOONLET_EXPORT_compute: I(0) = EXPORT_compute(instance, I(0), I(1)); break;
  case MOONLET_EXPORT_eval: I(0) = EXPORT_eval(instance, I(0), I(1)); break;
  case MOONLET_EXPORT_call: I(0) = EXPORT_call(instance, I(0), I(1)); break;
  case MOONLET_EXPORT_release: I(0) = EXPORT_release(instance, I(0), I(1)); break;
  case MOONLET_EXPORT_dropped: I(0) = EXPORT_dropped(instance); break;
  case MOONLET_EXPORT_task: I(0) = EXPORT_task(instance); break;
  case MOONLET_EXPORT_tasks: I(0) = EXPORT_tasks(instance); break;
  case MOONLET_EXPORT_request: I(0) = EXPORT_request(instance, I(0)); break;
  case MOONLET_EXPORT_resume: I(0) = EXPORT_resume(instance, I(0), I(1), I(2)); break;
  case MOONLET_EXPORT_raise: I(0) = EXPORT_raise(instance, I(0), I(1), I(2)); break;
  case MOONLET_EXPORT_cancel: I(0) = EXPORT_cancel(instance, I(0)); break;
  case MOONLET_EXPORT_compact: slots[0].f64 = EXPORT_compact(instance); break;
  case MOONLET_EXPORT_status: I(0) = EXPORT_status(instance); break;
  case MOONLET_EXPORT_info_ptr: I(0) = EXPORT_info_ptr(instance); break;
  case MOONLET_EXPORT_reset: I(0) = EXPORT_reset(instance); break;
  case MOONLET_EXPORT_abi_version: I(0) = EXPORT_abi_version(instance); break;
  case MOONLET_EXPORT_build_id_ptr: I(0) = EXPORT_build_id_ptr(instance); break;
  case MOONLET_EXPORT_set: I(0) = EXPORT_set(instance, I(0), slots[1].f64); break;
  case MOONLET_EXPORT_get: slots[0].f64 = EXPORT_get(instance, I(0)); break;
  case MOONLET_EXPORT_output_clear: I(0) = EXPORT_output_clear(instance); break;
  case MOONLET_EXPORT_error_output_clear: I(0) = EXPORT_error_output_clear(instance); break;
  case MOONLET_EXPORT_write_file: I(0) = EXPORT_write_file(instance, I(0), I(1), I(2), I(3)); break;
  case MOONLET_EXPORT_read_file: I(0) = EXPORT_read_file(instance, I(0), I(1)); break;
  case MOONLET_EXPORT_time_zone: I(0) = EXPORT_time_zone(instance, I(0), I(1)); break;
  case MOONLET_EXPORT_write_input: I(0) = EXPORT_write_input(instance, I(0), I(1)); break;
  case MOONLET_EXPORT_remove_file: I(0) = EXPORT_remove_file(instance, I(0), I(1)); break;
  case MOONLET_EXPORT_list_files: I(0) = EXPORT_list_files(instance); break;
  }
#undef I
}

static bool translated_call(void *given, int export_number, moonlet_slot *slots, const char **why) {
  translated *instance = given;
  jmp_buf here;
  /* A call from within a function of the host has what is left of the stack of the first. */
  if (instance->depth == 0) {
    uintptr_t now = (uintptr_t)&here, room = instance->stack - TRANSLATED_LEAVES;
    instance->stack_end = now > room ? now - room : 0;
  }
  jmp_buf *const outer = instance->trap;
  instance->trap = &here;
  int reason = setjmp(here);
  if (reason == 0) {
    instance->depth++;
    translated_dispatch(instance, export_number, slots);
  }
  instance->depth--;
  instance->trap = outer;
  if (reason == 0) return true;
  *why = reason == TRAP_STACK ? "the script needs more of the C stack than the option `stack` allows: raise it, on a thread that has as much, then restore a snapshot"
         : reason == TRAP_BOUNDS ? "the module accessed memory beyond its own, and was stopped; restore a snapshot, or make a new state"
                                 : "the module came to an instruction that cannot be run, and was stopped; restore a snapshot, or make a new state";
  return false;
}

const moonlet_module TRANSLATED_NAME = {"wasm2c", NULL, translated_open, translated_close, translated_call, translated_memory, translated_grow_by};
