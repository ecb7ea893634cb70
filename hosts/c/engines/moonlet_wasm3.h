/* States that run a module's file on wasm3, an interpreter for small devices: compile this with wasm3's source. */
#ifndef MOONLET_WASM3_H
#define MOONLET_WASM3_H

#include "../moonlet.h"

/** Takes `lua54.wasm`, `lua55.wasm` or a mini variant for `moonlet_new`. The bytes must stay until it is freed. NULL where that cannot be, and the reason. */
const moonlet_module *moonlet_wasm3_new(const void *bytes, size_t length, const char **why);

/** Frees it, once all states that were made of it are freed. NULL is nothing. */
void moonlet_wasm3_free(const moonlet_module *module);

#endif
