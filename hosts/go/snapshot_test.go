package moonlet

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"testing"
)

func snapshotOf(t testing.TB, lua *Lua) []byte {
	t.Helper()
	snapshot, err := lua.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return snapshot
}

func TestAStateMoves(t *testing.T) {
	for _, module := range everyModule {
		lua := newState(t, module.option)
		mustEval(t, lua, "x = {5} function f() return x[1] end")
		start(t, lua, "local ok, a = pcall(coroutine.wrap(function() return host.call('ask', x) end)) return a + f()")
		snapshot := snapshotOf(t, lua)
		other := newState(t, module.option, Memory(8<<20), Fuel(1_000_000))
		mustEval(t, other, "y = 1")
		before, stale := start(t, other, "host.call('z')"), mustGet(t, other, "next").(*Function)
		if err := other.Restore(snapshot); err != nil {
			t.Fatal(err)
		}
		task := tasksOf(t, other)[0]
		equal(t, fmt.Sprint(task.Name(), task.Args()), "ask[[5]]")
		resume(t, task, 2)
		equal(t, task.Results().First(), any(int64(7)))
		equal(t, mustGet(t, other, "y"), nil)
		expect(t, before.Resume(ctx), ErrRefused, "another snapshot was restored")
		_, err := stale.Call(ctx)
		expect(t, err, ErrRefused, "older than the snapshot")
		equal(t, stale.Release(), nil)
		// The options of the new state count.
		_, err = other.Eval(ctx, "while true do end")
		expect(t, err, ErrBudget, "")
	}
}

// TestMemoryHash says what all of memory is after many kinds of work, for a comparison of engines.
func TestMemoryHash(t *testing.T) {
	for _, module := range everyModule {
		lua := newState(t, module.option, Deterministic())
		define(t, lua, "add", func(a, b int) int { return a + b })
		mustEval(t, lua, "t = {} for i = 1, 1000 do t[#t + 1] = ('%d %g'):format(add(i, 1), i / 7) end table.sort(t) x = math.sin(1) .. ('a'):rep(1000):gsub('a', '%0b')")
		mustEval(t, lua, "return ...", map[string]any{"b": 1, "a": []float64{0.1, 1e300}, "c": map[int]bool{3: true, 1: false}})
		for _, source := range []string{"error({})", "local function f() return f() + 1 end f()", "return 1 +"} {
			if _, err := lua.Eval(ctx, source); err == nil {
				t.Fatal(source)
			}
		}
		start(t, lua, "local ok, a = pcall(coroutine.wrap(function() return host.call('ask', x) end))")
		t.Logf("memory of %s: %x", module.name, sha256.Sum256(snapshotOf(t, lua)))
	}
}

func TestAResultOfABareHostIsText(t *testing.T) {
	lua := newState(t)
	for _, source := range []string{"host.call('a') return 1, 'x'", "host.call('b') error('oh', 0)"} {
		// A host that knows no MessagePack leaves FORMAT 0.
		if _, err := lua.instance.set(9, 0); err != nil {
			t.Fatal(err)
		}
		start(t, lua, source)
	}
	if err := lua.Restore(snapshotOf(t, lua)); err != nil {
		t.Fatal(err)
	}
	tasks := tasksOf(t, lua)
	resume(t, tasks[0])
	equal(t, tasks[0].Results().First(), any("1\tx"))
	expect(t, tasks[1].Resume(ctx), ErrRuntime, "oh")
}

func TestDamagedSnapshotsAreRefusedAndNothingChanges(t *testing.T) {
	lua := newState(t)
	mustEval(t, lua, "x = 5")
	whole := snapshotOf(t, lua)
	mustEval(t, lua, "x = 6 large = ('x'):rep(1000000)")
	large := snapshotOf(t, lua)
	for at := range header * 8 {
		damaged := bytes.Clone(whole)
		damaged[at/8] ^= 1 << (at % 8)
		expect(t, lua.Restore(damaged), ErrRefused, "")
	}
	for _, length := range []int{0, 1, header - 1, header, header + 1, header + record, len(whole) - 1} {
		expect(t, lua.Restore(whole[:length]), ErrRefused, "")
	}
	for at := header; at < len(whole); at += 9973 {
		damaged := bytes.Clone(whole)
		damaged[at] ^= 0x10
		expect(t, lua.Restore(damaged), ErrRefused, "damaged or cut short")
	}
	expect(t, lua.Restore(append(bytes.Clone(whole), 0)), ErrRefused, "damaged or cut short")
	expect(t, lua.Restore(nil), ErrRefused, "no snapshot")
	expect(t, newState(t, Lua55()).Restore(whole), ErrRefused, "made by Lua 5.4; restore it into a state with the option Lua54")
	expect(t, newState(t, Lua54Mini()).Restore(whole), ErrRefused, "another build")
	expect(t, newState(t, Pages(8)).Restore(large), ErrRefused, "raise Memory or Pages")
	equal(t, mustGet(t, lua, "x"), any(int64(6)))
	if err := lua.Restore(whole); err != nil {
		t.Fatal(err)
	}
	equal(t, mustGet(t, lua, "x"), any(int64(5)))
}

func TestSnapshotsWhosePagesAreOutOfOrder(t *testing.T) {
	lua := newState(t)
	whole := snapshotOf(t, lua)
	swapped := bytes.Clone(whole)
	copy(swapped[header:], whole[header+record:][:record])
	copy(swapped[header+record:], whole[header:][:record])
	seal(swapped)
	expect(t, lua.Restore(swapped), ErrRefused, "out of order")
	fewer := bytes.Clone(whole)
	fewer[20]++
	seal(fewer)
	expect(t, lua.Restore(fewer), ErrRefused, "out of order")
	far := newState(t, Memory(0), Pages(0))
	huge := bytes.Clone(whole)
	last := len(huge) - record
	for _, number := range []uint32{1<<15 + 1, 1<<16 - 1, math.MaxUint32} {
		binary.LittleEndian.PutUint32(huge[last:], number-1)
		binary.LittleEndian.PutUint32(huge[20:], number)
		seal(huge)
		expect(t, far.Restore(huge), ErrRefused, "memory cannot grow")
		isUsable(t, far)
	}
	seal(whole)
	equal(t, lua.Restore(whole), nil)
}

func seal(snapshot []byte) {
	hash := sha256.Sum256(snapshot[header:])
	copy(snapshot[payloadHash:], hash[:])
	hash = sha256.Sum256(snapshot[:headerHash])
	copy(snapshot[headerHash:], hash[:])
}

func TestForks(t *testing.T) {
	lua := newState(t)
	object := &Object{Value: 5}
	define(t, lua, "f", func(o *Object) bool { return o == object })
	define(t, lua, "fork", func() (any, error) {
		fork, err := lua.Fork()
		if err != nil {
			return nil, err
		}
		defer fork.Close()
		return fork.Get(ctx, "x")
	})
	mustEval(t, lua, "x, o = 1, ...", object)
	start(t, lua, "return host.call('ask')")
	fork, err := lua.Fork()
	if err != nil {
		t.Fatal(err)
	}
	defer fork.Close()
	mustEval(t, fork, "x = 2")
	equal(t, mustGet(t, lua, "x"), any(int64(1)))
	equal(t, mustEval(t, fork, "return f(o)").First(), any(true))
	resume(t, tasksOf(t, fork)[0], 5)
	equal(t, len(tasksOf(t, lua)), 1)
	equal(t, mustEval(t, lua, "return fork()").First(), any(int64(1)))
}

func TestObjectsOfAHostThatIsGone(t *testing.T) {
	lua, other := newState(t), newState(t)
	mustEval(t, lua, "o = ...", &Object{Value: 5})
	if err := other.Restore(snapshotOf(t, lua)); err != nil {
		t.Fatal(err)
	}
	_, err := other.Eval(ctx, "o()")
	expect(t, err, ErrRuntime, "belongs to a host that is gone")
	gone := mustGet(t, other, "o").(*Object)
	equal(t, gone.Value, nil)
	equal(t, mustEval(t, other, "return ... == o", gone).First(), any(true))
}
