# The front door: each target is a line over the build driver (cargo xtask --help).
.PHONY: help run test dist soak

help:
	@echo "make run [SCRIPT=path.lua] [LUA=lua55]   build the module and run a script through it (a tour without SCRIPT)"
	@echo "make test                                run every test and check"
	@echo "make dist                                pack dist/: both modules, hashes, sizes"
	@echo "make soak [COUNT=1000000]                call compute that often; memory stays flat"

SCRIPT ?= examples/tour.lua
LUA ?= lua54
COUNT ?= 1000000

run:
	@cargo xtask run --lua $(LUA) "$(SCRIPT)"

test:
	@cargo xtask test

dist:
	@cargo xtask dist

soak:
	@cargo xtask soak $(COUNT)
