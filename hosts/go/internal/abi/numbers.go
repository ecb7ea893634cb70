// Package abi has the numbers of ABI 1 (ABI.md). Written by the tests from src/abi/numbers.txt.
package abi

// The numbers of kind status.
const (
	StatusOk          = 0
	StatusYield       = 1
	StatusErrrun      = 2
	StatusErrsyntax   = 3
	StatusErrmem      = 4
	StatusErrerr      = 5
	StatusPaused      = 16
	StatusOutput      = 17
	StatusBudget      = 18
	StatusCancelled   = 19
	StatusExit        = 20
	StatusInput       = 21
	StatusResult      = 22
	StatusBadArgument = 32
	StatusBadState    = 33
	StatusBadData     = 34
	StatusTooBig      = 35
	StatusPoisoned    = 36
)

// The numbers of kind option.
const (
	OptionMemory       = 1
	OptionFuel         = 2
	OptionSlice        = 3
	OptionOutput       = 4
	OptionResult       = 5
	OptionHostCalls    = 6
	OptionLibraries    = 7
	OptionBinaryChunks = 8
	OptionFormat       = 9
	OptionFinalizers   = 10
	OptionTasksLimit   = 11
	OptionStrings      = 12
	OptionPages        = 13
	OptionNulls        = 14
	OptionInput        = 15
	OptionClock        = 16
	OptionMonotonic    = 17
	OptionTimeZone     = 18
	OptionSeedLow      = 19
	OptionSeedHigh     = 20
	OptionErrorOutput  = 21
)

// The numbers of kind figure.
const (
	FigureMemoryUsed    = 32
	FigureMemoryPeak    = 33
	FigureFuelUsed      = 34
	FigureTasks         = 35
	FigureHandles       = 36
	FigureExitCode      = 37
	FigureLuaVersionNum = 38
	FigureHeldLibraries = 39
)

// The numbers of kind library.
const (
	LibraryBase      = 1
	LibraryPackage   = 2
	LibraryCoroutine = 4
	LibraryDebug     = 8
	LibraryIo        = 16
	LibraryMath      = 32
	LibraryOs        = 64
	LibraryString    = 128
	LibraryTable     = 256
	LibraryUtf8      = 512
	LibraryMsgpack   = 1024
	LibraryHost      = 2048
	LibraryDebugFull = 4096
)

// The numbers of kind extension.
const (
	ExtensionHandle    = 1
	ExtensionReference = 2
)

// The numbers of kind info.
const (
	InfoAnswer         = 0
	InfoStatus         = 4
	InfoTask           = 8
	InfoKind           = 12
	InfoResultPtr      = 16
	InfoResultLen      = 20
	InfoOutputPtr      = 24
	InfoOutputLen      = 28
	InfoErrorOutputPtr = 32
	InfoErrorOutputLen = 36
	InfoFuelUsed       = 40
	InfoMemoryUsed     = 48
	InfoDropped        = 56
	InfoTasks          = 60
)

// Options has the names of options by their numbers.
var Options = map[int]string{
	1:  "MEMORY",
	2:  "FUEL",
	3:  "SLICE",
	4:  "OUTPUT",
	5:  "RESULT",
	6:  "HOST_CALLS",
	7:  "LIBRARIES",
	8:  "BINARY_CHUNKS",
	9:  "FORMAT",
	10: "FINALIZERS",
	11: "TASKS_LIMIT",
	12: "STRINGS",
	13: "PAGES",
	14: "NULLS",
	15: "INPUT",
	16: "CLOCK",
	17: "MONOTONIC",
	18: "TIME_ZONE",
	19: "SEED_LOW",
	20: "SEED_HIGH",
	21: "ERROR_OUTPUT",
}

// Libraries has the bits of libraries by their names.
var Libraries = map[string]int64{
	"base":       1,
	"package":    2,
	"coroutine":  4,
	"debug":      8,
	"io":         16,
	"math":       32,
	"os":         64,
	"string":     128,
	"table":      256,
	"utf8":       512,
	"msgpack":    1024,
	"host":       2048,
	"debug_full": 4096,
}
