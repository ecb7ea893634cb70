/* States that run a module's file on wasmtime, by its C API: link this with libwasmtime. */
#ifndef MOONLET_WASMTIME_H
#define MOONLET_WASMTIME_H

#include "../moonlet.h"

/** Compiles `lua54.wasm`, `lua55.wasm` or a mini variant for `moonlet_new`. NULL where that cannot be, and the reason. */
const moonlet_module *moonlet_wasmtime_new(const void *bytes, size_t length, const char **why);

/** Frees it, once all states that were made of it are freed. NULL is nothing. */
void moonlet_wasmtime_free(const moonlet_module *module);

#endif
