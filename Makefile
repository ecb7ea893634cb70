# The front door: each target is a line over the build driver (cargo xtask --help).
.PHONY: help run test mini dist packages hosts bench-hosts chain c-cross web web-test cli-test load serve soak soak-hosts pages conformance engines differential faults hostile hooks slices bench bench-embed bench-pairs bench-steady sizes determinism glibc sequences calls fuzz snapshots crash

help:
	@echo "make run [SCRIPT=path.lua] [LUA=lua55]   build the module and run a script through it (a tour without SCRIPT)"
	@echo "make test                                run every test and check"
	@echo "make mini                                promises, hostile scripts and random calls on the mini variants"
	@echo "make dist                                pack dist/: four modules, hashes, sizes"
	@echo "make packages                            put the host packages into dist/, beside the modules"
	@echo "make hosts [HOST=go]                     the host packages on the engines and browsers of their languages: one table; BLESS=1 puts it into README"
	@echo "make bench-hosts                         the host packages beside other Luas of their languages"
	@echo "make chain                               one computation, carried by snapshots through all languages"
	@echo "make c-cross                             the C package on aarch64, riscv64 and 32-bit Arm, by qemu: all as on this machine"
	@echo "make serve                               the playground, and Lua by HTTP, on this machine"
	@echo "make web                                 put the playground into web/dist"
	@echo "make cli-test                            the command, also beside native Lua"
	@echo "make load [SECONDS=60]                   the server under load, hostile scripts among the others"
	@echo "make web-test                            the playground in real browsers"
	@echo "make soak [COUNT=1000000]                call compute that often; memory stays flat"
	@echo "make soak-hosts                          a million evaluations by each host package; memory stays flat"
	@echo "make pages                               the pages that MEMORY comes to, by scripts that use it all up"
	@echo "make conformance                         Lua's official test suites, here and in native Lua"
	@echo "make engines                             the suites and the golden scripts on Node, wasmi and pywasm3"
	@echo "make differential [PROGRAMS=100000] [SEED=1]   random programs here and in native Lua"
	@echo "make faults                              every allocation fails, every page is refused"
	@echo "make hostile                             hostile scripts, each stopped by its limits, and how soon"
	@echo "make hooks                               each way in which our Lua differs, left out: a test falls"
	@echo "make bench [KERNEL=word] [RUNS=9] [LUA=lua55] [HOST=word] [SUITE=folder] [MODULE='a.wasm b.wasm'] [CLOCK=cpu]   time kernels beside native Lua and other Luas"
	@echo "make bench-embed                         what embedding costs, beside mlua and wasmoon: instances, calls, values, snapshots, memory"
	@echo "make bench-pairs [KERNEL=word] [MODULE='a.wasm b.wasm'] [HOST=wasmtime] [TURNS=4]   our module and wasmoon, or two modules, on Node in turns (on wasmtime ours with and without a budget): ratios that a busy machine hardly moves"
	@echo "make bench-steady [KERNEL=word] [MODULE=a.wasm]   count instructions of kernels and opcodes; BLESS=1 writes the golden figures"
	@echo "make sizes                               what is shipped beside the files of others, and where the bytes are; BLESS=1 writes the golden sizes"
	@echo "make slices                              pauses after every k-th unit change nothing"
	@echo "make determinism [STEPS=100000]          equal memory after each call on wasmtime and Node"
	@echo "make glibc [CASES=10000000] [SEED=1]     random calls of the C library and of glibc"
	@echo "make sequences [COUNT=1000000] [SEED=1]  random sequences of calls, against a model"
	@echo "make calls [COUNT=10000000] [SEED=1]     random calls of every library function: none traps"
	@echo "make fuzz [SECONDS=60]                   coverage-guided fuzzing, by cargo-fuzz"
	@echo "make snapshots [SEEDS=20] [FLIPS=10000] [TRAPS=10000]   moved, forked, damaged, after a trap: a copy goes on"
	@echo "make crash [KILLS=1000]                  kill -9 of a host that stores snapshots: nothing lost, nothing twice"

SCRIPT ?= docs/examples/tour.lua
LUA ?= lua54
COUNT ?= 1000000
calls: COUNT = 10000000
PROGRAMS ?= 100000
SEED ?= 1
STEPS ?= 100000
CASES ?= 10000000
SECONDS ?= 60
SEEDS ?= 20
FLIPS ?= 10000
TRAPS ?= 10000
KILLS ?= 1000
RUNS ?= 9

run:
	@cargo xtask run --lua $(LUA) "$(SCRIPT)"

test:
	@cargo xtask test

mini:
	@cargo xtask mini

dist:
	@cargo xtask dist

packages:
	@cargo xtask packages

hosts:
	@cargo xtask hosts $(HOST)

bench-hosts:
	@cargo xtask bench-hosts

chain:
	@cargo xtask chain

c-cross:
	@cargo xtask c cross

serve:
	@cargo xtask serve

web:
	@cargo xtask web

cli-test:
	@cargo xtask cli-test

load:
	@cargo xtask load --seconds $(SECONDS)

web-test:
	@cargo xtask web-test

soak:
	@cargo xtask soak $(COUNT)

soak-hosts:
	@cargo xtask soak-hosts

pages:
	@cargo xtask pages

conformance:
	@cargo xtask conformance

engines:
	@cargo xtask engines

differential:
	@cargo xtask differential --programs $(PROGRAMS) --seed $(SEED)

faults:
	@cargo xtask faults

hostile:
	@cargo xtask hostile

hooks:
	@cargo xtask hooks

bench:
	@cargo xtask bench --lua $(LUA) --runs $(RUNS) $(if $(KERNEL),--kernel "$(KERNEL)") $(if $(HOST),--host "$(HOST)") $(if $(SUITE),--suite "$(SUITE)") $(if $(CLOCK),--clock $(CLOCK)) $(if $(MODULE),--module "$(MODULE)")

bench-embed:
	@cargo xtask bench-embed

bench-pairs:
	@cargo xtask bench-pairs --lua $(LUA) $(if $(HOST),--host $(HOST)) $(if $(KERNEL),--kernel "$(KERNEL)") $(if $(MODULE),--module "$(MODULE)") $(if $(TURNS),--seconds $(TURNS))

bench-steady:
	@cargo xtask bench-steady $(if $(filter command line,$(origin LUA)),--lua $(LUA)) $(if $(KERNEL),--kernel "$(KERNEL)") $(if $(MODULE),--module "$(MODULE)")

sizes:
	@cargo xtask sizes

determinism:
	@cargo xtask determinism --steps $(STEPS)

glibc:
	@cargo xtask glibc --cases $(CASES) --seed $(SEED)

sequences:
	@cargo xtask sequences --count $(COUNT) --seed $(SEED)

calls:
	@cargo xtask calls --count $(COUNT) --seed $(SEED)

fuzz:
	@cargo xtask fuzz --seconds $(SECONDS)

snapshots:
	@cargo xtask snapshots --seeds $(SEEDS) --flips $(FLIPS) --traps $(TRAPS)

crash:
	@cargo xtask crash --kills $(KILLS)

slices:
	@cargo xtask slices
