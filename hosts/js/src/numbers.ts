// The numbers of ABI 1 (ABI.md). A test compares them with src/abi/numbers.txt (tests/promises/numbers.rs).

export const enum Status {
  OK = 0,
  YIELD = 1,
  ERRRUN = 2,
  ERRSYNTAX = 3,
  ERRMEM = 4,
  ERRERR = 5,
  PAUSED = 16,
  OUTPUT = 17,
  BUDGET = 18,
  CANCELLED = 19,
  EXIT = 20,
  INPUT = 21,
  RESULT = 22,
  BAD_ARGUMENT = 32,
  BAD_STATE = 33,
  BAD_DATA = 34,
  TOO_BIG = 35,
  POISONED = 36,
}

export const enum Option {
  MEMORY = 1,
  FUEL = 2,
  SLICE = 3,
  OUTPUT = 4,
  RESULT = 5,
  HOST_CALLS = 6,
  LIBRARIES = 7,
  BINARY_CHUNKS = 8,
  FORMAT = 9,
  FINALIZERS = 10,
  TASKS_LIMIT = 11,
  STRINGS = 12,
  PAGES = 13,
  NULLS = 14,
  INPUT = 15,
  CLOCK = 16,
  MONOTONIC = 17,
  TIME_ZONE = 18,
  SEED_LOW = 19,
  SEED_HIGH = 20,
  ERROR_OUTPUT = 21,
}

export const enum Figure {
  MEMORY_USED = 32,
  MEMORY_PEAK = 33,
  FUEL_USED = 34,
  TASKS = 35,
  HANDLES = 36,
  EXIT_CODE = 37,
  LUA_VERSION_NUM = 38,
  HELD_LIBRARIES = 39,
}

export const enum Extension {
  HANDLE = 1,
  REFERENCE = 2,
}

/** Where each part stands in the info block. */
export const enum Info {
  ANSWER = 0,
  STATUS = 4,
  TASK = 8,
  KIND = 12,
  RESULT_PTR = 16,
  RESULT_LEN = 20,
  OUTPUT_PTR = 24,
  OUTPUT_LEN = 28,
  ERROR_OUTPUT_PTR = 32,
  ERROR_OUTPUT_LEN = 36,
  FUEL_USED = 40,
  MEMORY_USED = 48,
  DROPPED = 56,
  TASKS = 60,
}
