# The front door: each target is a line over the build driver (cargo xtask --help).
.PHONY: help run test dist soak conformance engines differential faults determinism slices

help:
	@echo "make run [SCRIPT=path.lua] [LUA=lua55]   build the module and run a script through it (a tour without SCRIPT)"
	@echo "make test                                run every test and check"
	@echo "make dist                                pack dist/: both modules, hashes, sizes"
	@echo "make soak [COUNT=1000000]                call compute that often; memory stays flat"
	@echo "make conformance                         Lua's official test suites, here and in native Lua"
	@echo "make engines                             the suites and the golden scripts on Node, wasmi and pywasm3"
	@echo "make differential [PROGRAMS=100000] [SEED=1]   random programs here and in native Lua"
	@echo "make faults                              every allocation fails, every page is refused"
	@echo "make slices                              pauses after every k-th unit change nothing"
	@echo "make determinism [STEPS=100000]          equal memory after each call on wasmtime and Node"

SCRIPT ?= examples/tour.lua
LUA ?= lua54
COUNT ?= 1000000
PROGRAMS ?= 100000
SEED ?= 1
STEPS ?= 100000

run:
	@cargo xtask run --lua $(LUA) "$(SCRIPT)"

test:
	@cargo xtask test

dist:
	@cargo xtask dist

soak:
	@cargo xtask soak $(COUNT)

conformance:
	@cargo xtask conformance

engines:
	@cargo xtask engines

differential:
	@cargo xtask differential --programs $(PROGRAMS) --seed $(SEED)

faults:
	@cargo xtask faults

determinism:
	@cargo xtask determinism --steps $(STEPS)

slices:
	@cargo xtask slices
