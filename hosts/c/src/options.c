/* The options of a state: their defaults, checks, and how they reach the module. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "state.h"

/** 2^53: beyond it f64 has not every number. */
#define MOST 9007199254740992u

moonlet_options moonlet_defaults(void) {
  moonlet_options options = {0};
  options.memory = 64u << 20;
  options.slice = 1000000;
  options.tasks = 10000;
  options.nesting = 16;
  options.stack = 512u << 10;
  options.libraries = 0xfff; /* All but debug_full; of them those that the module holds. */
  options.finalizers = true;
  return options;
}

const char *options_check(const moonlet_options *options) {
  const uint64_t numbers[] = {options->memory, options->fuel, options->slice, options->output, options->result, options->host_calls, options->tasks};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (numbers[i] >= MOST) return "a limit is below 2^53; 0 means none";
  if (options->pages > 32768) return "pages are at most 32768, which is 2 GiB";
  if (options->stack < 16384) return "stack is at least 16384 bytes; moonlet_defaults() sets it, and all the others";
  if (options->libraries > 0x1fff) return "libraries are MOONLET_LIBRARY_... joined by |";
  return NULL;
}

/** A seed that differs from state to state. */
static uint64_t entropy(const moonlet *lua) {
  uint64_t seed = 0;
#ifdef __unix__
  FILE *file = fopen("/dev/urandom", "rb");
  if (file != NULL) {
    /* No more than is needed: a buffer would take 4 KiB of it. */
    setvbuf(file, NULL, _IONBF, 0);
    size_t got = fread(&seed, sizeof seed, 1, file);
    fclose(file);
    if (got == 1) return seed;
  }
#endif
  struct timespec now = {0};
  timespec_get(&now, TIME_UTC);
  seed = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec + (uint64_t)clock();
  seed ^= (uint64_t)(uintptr_t)lua << 20 ^ (uint64_t)(uintptr_t)&seed;
  seed *= 0x9e3779b97f4a7c15u;
  return seed ^ seed >> 29;
}

const char *options_apply(moonlet *lua, bool is_new) {
  const moonlet_options *options = &lua->options;
  uint32_t held = (uint32_t)instance_get(lua, MOONLET_FIGURE_HELD_LIBRARIES);
  lua->has_clocks = (held & MOONLET_LIBRARY_OS) != 0;
  uint64_t seed = options->has_seed ? options->seed : options->deterministic || !is_new ? 0 : entropy(lua);
  /* A library that is not asked for by its bit alone is no fault where the defaults were asked for. */
  uint32_t libraries = options->libraries == 0xfff ? held & 0xfff : options->libraries;
  const struct {
    uint32_t key;
    double value;
    const char *wrong;
  } settings[] = {
      {MOONLET_OPTION_MEMORY, (double)options->memory, "memory cannot be that"},
      {MOONLET_OPTION_PAGES, lua->page_limit, "pages cannot be that"},
      {MOONLET_OPTION_FUEL, (double)options->fuel, "fuel cannot be that"},
      {MOONLET_OPTION_SLICE, (double)options->slice, "slice cannot be that"},
      {MOONLET_OPTION_OUTPUT, (double)options->output, "output cannot be that; it is below 2^31"},
      {MOONLET_OPTION_RESULT, (double)options->result, "result cannot be that; it is below 2^31"},
      {MOONLET_OPTION_HOST_CALLS, (double)options->host_calls, "host_calls cannot be that"},
      {MOONLET_OPTION_TASKS_LIMIT, (double)options->tasks, "tasks cannot be that"},
      {MOONLET_OPTION_STRINGS, options->strings_as_bytes, "strings_as_bytes cannot be that"},
      {MOONLET_OPTION_NULLS, options->nulls, "nulls cannot be that"},
      {MOONLET_OPTION_INPUT, options->input || options->on_input != NULL, "the mini variants have no standard input; leave out `input` and `on_input`"},
      {MOONLET_OPTION_FINALIZERS, options->finalizers, "finalizers cannot be that"},
      {MOONLET_OPTION_BINARY_CHUNKS, options->binary_chunks, "the mini variants take no precompiled chunks; leave out `binary_chunks`"},
      {MOONLET_OPTION_FORMAT, 1, "the module knows no MessagePack; take module and package from one release"},
      {MOONLET_OPTION_ERROR_OUTPUT, 1, "the module has one output only; take module and package from one release"},
      /* The rest only before the first run. */
      {MOONLET_OPTION_SEED_LOW, (double)(seed & 0xffffffff), "the seed cannot be set"},
      {MOONLET_OPTION_SEED_HIGH, (double)(seed >> 32), "the seed cannot be set"},
      {MOONLET_OPTION_LIBRARIES, libraries, "the module leaves out one of `libraries`, as the mini variants do; take moonlet_lua54 or moonlet_lua55"},
  };
  size_t count = sizeof settings / sizeof *settings - (is_new ? 0 : 3);
  for (size_t i = 0; i < count; i++)
    if (instance_set(lua, settings[i].key, settings[i].value) != MOONLET_STATUS_OK) return settings[i].wrong;
  const char *zone = lua->time_zone;
  if (zone != NULL) {
    int status = instance_give(lua, MOONLET_EXPORT_time_zone, -1, zone, strlen(zone));
    if (status == MOONLET_STATUS_BAD_STATE) return "the mini variants have no time zones; leave out `time_zone`";
    if (status != MOONLET_STATUS_OK)
      return "time_zone is no zone in POSIX's form, such as CET-1CEST,M3.5.0,M10.5.0/3; the last line of a zone's file in zoneinfo is one";
  }
  lua->second = lua->millisecond = -1;
  return NULL;
}

static double wall_clock(const moonlet *lua) {
  const moonlet_options *options = &lua->options;
  if (options->clock != NULL) return options->clock(options->context);
  if (options->deterministic) return 0;
  struct timespec time = {0};
  timespec_get(&time, TIME_UTC);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void clocks_set(moonlet *lua) {
  if (!lua->has_clocks) return;
  double time = wall_clock(lua);
  if (lua->began < 0) lua->began = time;
  /* os.time counts whole seconds; os.clock goes on by milliseconds from 0, and never back. */
  double second = (double)(int64_t)time, millisecond = (double)(int64_t)((time - lua->began) * 1000);
  if (second != lua->second && instance_set(lua, MOONLET_OPTION_CLOCK, second) == MOONLET_STATUS_OK) lua->second = second;
  if (millisecond > lua->millisecond && instance_set(lua, MOONLET_OPTION_MONOTONIC, millisecond / 1000) == MOONLET_STATUS_OK)
    lua->millisecond = millisecond;
}
