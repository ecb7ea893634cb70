package moonlet;

/** The numbers of ABI 1 (ABI.md). Written by the tests from src/abi/numbers.txt. */
final class Numbers {
    private Numbers() {}

    static final int STATUS_OK = 0;
    static final int STATUS_YIELD = 1;
    static final int STATUS_ERRRUN = 2;
    static final int STATUS_ERRSYNTAX = 3;
    static final int STATUS_ERRMEM = 4;
    static final int STATUS_ERRERR = 5;
    static final int STATUS_PAUSED = 16;
    static final int STATUS_OUTPUT = 17;
    static final int STATUS_BUDGET = 18;
    static final int STATUS_CANCELLED = 19;
    static final int STATUS_EXIT = 20;
    static final int STATUS_INPUT = 21;
    static final int STATUS_RESULT = 22;
    static final int STATUS_BAD_ARGUMENT = 32;
    static final int STATUS_BAD_STATE = 33;
    static final int STATUS_BAD_DATA = 34;
    static final int STATUS_TOO_BIG = 35;
    static final int STATUS_POISONED = 36;

    static final int OPTION_MEMORY = 1;
    static final int OPTION_FUEL = 2;
    static final int OPTION_SLICE = 3;
    static final int OPTION_OUTPUT = 4;
    static final int OPTION_RESULT = 5;
    static final int OPTION_HOST_CALLS = 6;
    static final int OPTION_LIBRARIES = 7;
    static final int OPTION_BINARY_CHUNKS = 8;
    static final int OPTION_FORMAT = 9;
    static final int OPTION_FINALIZERS = 10;
    static final int OPTION_TASKS_LIMIT = 11;
    static final int OPTION_STRINGS = 12;
    static final int OPTION_PAGES = 13;
    static final int OPTION_NULLS = 14;
    static final int OPTION_INPUT = 15;
    static final int OPTION_CLOCK = 16;
    static final int OPTION_MONOTONIC = 17;
    static final int OPTION_TIME_ZONE = 18;
    static final int OPTION_SEED_LOW = 19;
    static final int OPTION_SEED_HIGH = 20;
    static final int OPTION_ERROR_OUTPUT = 21;

    static final int FIGURE_MEMORY_USED = 32;
    static final int FIGURE_MEMORY_PEAK = 33;
    static final int FIGURE_FUEL_USED = 34;
    static final int FIGURE_TASKS = 35;
    static final int FIGURE_HANDLES = 36;
    static final int FIGURE_EXIT_CODE = 37;
    static final int FIGURE_LUA_VERSION_NUM = 38;
    static final int FIGURE_HELD_LIBRARIES = 39;

    static final int LIBRARY_BASE = 1;
    static final int LIBRARY_PACKAGE = 2;
    static final int LIBRARY_COROUTINE = 4;
    static final int LIBRARY_DEBUG = 8;
    static final int LIBRARY_IO = 16;
    static final int LIBRARY_MATH = 32;
    static final int LIBRARY_OS = 64;
    static final int LIBRARY_STRING = 128;
    static final int LIBRARY_TABLE = 256;
    static final int LIBRARY_UTF8 = 512;
    static final int LIBRARY_MSGPACK = 1024;
    static final int LIBRARY_HOST = 2048;
    static final int LIBRARY_DEBUG_FULL = 4096;

    static final int EXTENSION_HANDLE = 1;
    static final int EXTENSION_REFERENCE = 2;

    static final int INFO_ANSWER = 0;
    static final int INFO_STATUS = 4;
    static final int INFO_TASK = 8;
    static final int INFO_KIND = 12;
    static final int INFO_RESULT_PTR = 16;
    static final int INFO_RESULT_LEN = 20;
    static final int INFO_OUTPUT_PTR = 24;
    static final int INFO_OUTPUT_LEN = 28;
    static final int INFO_ERROR_OUTPUT_PTR = 32;
    static final int INFO_ERROR_OUTPUT_LEN = 36;
    static final int INFO_FUEL_USED = 40;
    static final int INFO_MEMORY_USED = 48;
    static final int INFO_DROPPED = 56;
    static final int INFO_TASKS = 60;
}
