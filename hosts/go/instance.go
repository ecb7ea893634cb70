package moonlet

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"moonlet/internal/abi"
)

const (
	page = 1 << 16
	// Calls cost more than bytes, so most data go into one buffer that stays.
	room = 4096
)

// export is the number of an export that the package calls.
type export int

const (
	exportAlloc export = iota
	exportDealloc
	exportEval
	exportCall
	exportResume
	exportRaise
	exportRelease
	exportDropped
	exportTasks
	exportRequest
	exportCancel
	exportCompact
	exportInfoPtr
	exportBuildIDPtr
	exportABIVersion
	exportSet
	exportGet
	exportOutputClear
	exportErrorOutputClear
	exportWriteFile
	exportReadFile
	exportRemoveFile
	exportListFiles
	exportTimeZone
	exportWriteInput
	exportCount
)

var exports = [exportCount]struct {
	name                string
	parameters, results int
}{
	{"alloc", 1, 1}, {"dealloc", 2, 0}, {"eval", 2, 1}, {"call", 2, 1}, {"resume", 3, 1}, {"raise", 3, 1}, {"release", 2, 1}, {"dropped", 0, 1},
	{"tasks", 0, 1}, {"request", 1, 1}, {"cancel", 1, 1}, {"compact", 0, 1}, {"info_ptr", 0, 1}, {"build_id_ptr", 0, 1}, {"abi_version", 0, 1},
	{"set", 2, 1}, {"get", 1, 1}, {"output_clear", 0, 1}, {"error_output_clear", 0, 1}, {"write_file", 4, 1}, {"read_file", 2, 1},
	{"remove_file", 2, 1}, {"list_files", 0, 1}, {"time_zone", 2, 1}, {"write_input", 2, 1},
}

// instance is one instance of the module: bytes in, bytes out (ABI.md).
type instance struct {
	machine *machine
	stack   [4]uint64
	info    uint32
	// The buffer of room bytes, or 0 before it is needed.
	buffer uint32
	lua    int
}

// step is what a run left. The bytes are the module's, until the next call.
type step struct {
	status               int
	task                 uint32
	result               []byte
	hasOutput, hasErrors bool
	hasDropped           bool
	fuel                 float64
}

func newInstance(r *Runtime, m module) (*instance, error) {
	made, err := r.engine.instantiate(m)
	if err != nil {
		return nil, err
	}
	in := &instance{machine: made}
	if err = in.check(); err != nil {
		made.close()
		return nil, fmt.Errorf("this is no module of Moonlet: %w", err)
	}
	return in, nil
}

func (in *instance) check() error {
	version, err := in.call(exportABIVersion)
	if err != nil {
		return err
	}
	if version>>16 != 1 {
		return fmt.Errorf("it has ABI %d, and this package knows ABI 1", version>>16)
	}
	if in.info, err = in.call(exportInfoPtr); err != nil {
		return err
	}
	lua, err := in.figure(abi.FigureLuaVersionNum)
	in.lua = int(lua)
	return err
}

// invoke calls an export with what stands in the stack.
func (in *instance) invoke(e export) error {
	if err := in.machine.call(e, in.stack[:]); err != nil {
		if in.machine.isClosed() {
			return closed()
		}
		return &Error{Kind: ErrPoisoned, Status: abi.StatusPoisoned, cause: err,
			Message: fmt.Sprintf("the engine stopped the state within a call (%v); restore a snapshot, or make a new state", firstLine(err))}
	}
	return nil
}

// call calls an export of integers.
func (in *instance) call(e export, arguments ...uint32) (uint32, error) {
	for at, argument := range arguments {
		in.stack[at] = uint64(argument)
	}
	err := in.invoke(e)
	return uint32(in.stack[0]), err
}

func (in *instance) set(key int, value float64) (int, error) {
	in.stack[0], in.stack[1] = uint64(key), math.Float64bits(value)
	err := in.invoke(exportSet)
	return int(uint32(in.stack[0])), err
}

func (in *instance) figure(key int) (float64, error) {
	in.stack[0] = uint64(key)
	err := in.invoke(exportGet)
	return math.Float64frombits(in.stack[0]), err
}

// read shows bytes of memory, until the next call: none where memory does not reach so far, as a snapshot of a stranger may have it.
func (in *instance) read(at, length uint32) []byte {
	memory := in.machine.memory()
	if uint64(at)+uint64(length) > uint64(len(memory)) {
		return nil
	}
	return memory[at:][:length]
}

// put copies data into a new buffer; 0 where there is no memory for it.
func (in *instance) put(data []byte) (uint32, error) {
	if len(data) > math.MaxInt32 {
		return 0, nil
	}
	at, err := in.call(exportAlloc, uint32(len(data)))
	if err == nil && at != 0 {
		copy(in.read(at, uint32(len(data))), data)
	}
	return at, err
}

// give calls an export with data as its last two arguments; what it answers.
func (in *instance) give(e export, data []byte, before ...uint32) (answer int, err error) {
	at, length := uint32(0), uint32(len(data))
	switch {
	case len(data) == 0:
	case len(data) <= room:
		if in.buffer == 0 {
			if in.buffer, err = in.put(make([]byte, room)); err != nil {
				return 0, err
			}
		}
		at = in.buffer
		copy(in.read(at, uint32(len(data))), data)
	default:
		if at, err = in.put(data); err != nil {
			return 0, err
		}
	}
	if at == 0 && length > 0 {
		if in.isPoisoned() {
			return 0, poisoned()
		}
		return 0, refused(abi.StatusTooBig, "%d bytes do not fit into the state's memory; raise Memory, or free something in the script", len(data))
	}
	for i, argument := range before {
		in.stack[i] = uint64(argument)
	}
	in.stack[len(before)], in.stack[len(before)+1] = uint64(at), uint64(length)
	err = in.invoke(e)
	answer = int(int32(in.stack[0]))
	if err == nil && at != in.buffer && length > 0 {
		_, err = in.call(exportDealloc, at, length)
	}
	return answer, err
}

// run calls a run export. A refusal is an error.
func (in *instance) run(e export, data []byte, before ...uint32) (step, error) {
	answer, err := in.give(e, data, before...)
	if err != nil {
		return step{}, err
	}
	s := step{status: statusOf(answer)}
	if s.status == abi.StatusPoisoned {
		return s, poisoned()
	}
	info := in.block()
	s.task = binary.LittleEndian.Uint32(info[abi.InfoTask:])
	s.hasOutput = binary.LittleEndian.Uint32(info[abi.InfoOutputLen:]) != 0
	s.hasErrors = binary.LittleEndian.Uint32(info[abi.InfoErrorOutputLen:]) != 0
	s.hasDropped = binary.LittleEndian.Uint32(info[abi.InfoDropped:]) != 0
	s.fuel = math.Float64frombits(binary.LittleEndian.Uint64(info[abi.InfoFuelUsed:]))
	s.result = in.result()
	if s.status >= abi.StatusBadArgument {
		fields, _ := decode(s.result, nil)
		told, _ := fields.(map[any]any)
		return s, errorOf(s.status, told)
	}
	return s, nil
}

// statusOf is what an answer by the rule of runs says: a length is OK.
func statusOf(answer int) int { return max(-answer, abi.StatusOk) }

// block shows the info block.
func (in *instance) block() []byte { return in.read(in.info, abi.InfoTasks+4) }

func (in *instance) isPoisoned() bool {
	return binary.LittleEndian.Uint32(in.block()[abi.InfoStatus:]) == abi.StatusPoisoned
}

// part shows the bytes of which pointer and length stand at an offset of the info block.
func (in *instance) part(offset uint32) []byte {
	info := in.block()[offset:]
	return in.read(binary.LittleEndian.Uint32(info), binary.LittleEndian.Uint32(info[4:]))
}

// result shows the last result.
func (in *instance) result() []byte { return in.part(abi.InfoResultPtr) }

// take takes the output at an offset of the info block.
func (in *instance) take(offset uint32, clear export) ([]byte, error) {
	taken := append([]byte(nil), in.part(offset)...)
	_, err := in.call(clear)
	return taken, err
}

// list calls an export that makes a list the result.
func (in *instance) list(e export) ([]any, error) {
	answer, err := in.call(e)
	if err != nil {
		return nil, err
	}
	if status := statusOf(int(int32(answer))); status != abi.StatusOk {
		return nil, refusal(status, "there is no memory for the list; raise Memory")
	}
	listed, err := decode(in.result(), nil)
	items, _ := listed.([]any)
	return items, err
}

// buildID is what names the build.
func (in *instance) buildID() ([]byte, error) {
	at, err := in.call(exportBuildIDPtr)
	return append([]byte(nil), in.read(at, 32)...), err
}

// dropBuffer gives the package's own buffer back: nothing of it is part of the state.
func (in *instance) dropBuffer() error {
	if in.buffer == 0 {
		return nil
	}
	at := in.buffer
	in.buffer = 0
	_, err := in.call(exportDealloc, at, room)
	return err
}

// image shows all of memory.
func (in *instance) image() []byte { return in.machine.memory() }

// load makes memory what an image of so many pages says, and zero beyond. Nothing has changed where memory cannot grow so far.
func (in *instance) load(pages int64, fill func(memory []byte)) error {
	if missing := pages - int64(len(in.image())/page); missing > 0 && (pages > 1<<15 || !in.machine.grow(uint32(missing))) {
		return refused(abi.StatusTooBig, "memory cannot grow to %d pages of 64 KiB", pages)
	}
	memory := in.image()
	clear(memory)
	fill(memory)
	in.buffer = 0
	return nil
}

// firstLine leaves out the engine's own stack.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
