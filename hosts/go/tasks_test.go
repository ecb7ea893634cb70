package moonlet

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"
)

func start(t testing.TB, lua *Lua, source string, arguments ...any) *Task {
	t.Helper()
	task, err := lua.Start(ctx, source, arguments...)
	if err != nil {
		t.Fatal(err)
	}
	return task
}

func resume(t testing.TB, task *Task, values ...any) {
	t.Helper()
	if err := task.Resume(ctx, values...); err != nil {
		t.Fatal(err)
	}
}

func tasksOf(t testing.TB, lua *Lua) []*Task {
	t.Helper()
	tasks, err := lua.Tasks()
	if err != nil {
		t.Fatal(err)
	}
	return tasks
}

func TestTasksInAnyOrder(t *testing.T) {
	lua := newState(t)
	define(t, lua, "ask", nil)
	define(t, lua, "double", func(n int) int { return 2 * n })
	one, two := start(t, lua, "return double(ask('one', 1)) + double(ask('two'))"), start(t, lua, "return nobody and 1 or host.call('undefined', nil)")
	equal(t, one.Kind(), TaskCall)
	equal(t, one.Name(), "ask")
	equal(t, fmt.Sprint(one.Args()), "[one 1]")
	equal(t, two.Name(), "undefined")
	if tasks := tasksOf(t, lua); len(tasks) != 2 || tasks[0] != one || tasks[1] != two {
		t.Fatal(tasks)
	}
	resume(t, two, "x", "y")
	equal(t, fmt.Sprint(two.Results()), "[x]")
	equal(t, two.Name()+fmt.Sprint(two.Args(), one.Results()), "[] []")
	resume(t, one, 1)
	equal(t, fmt.Sprint(one.Args()), "[two]")
	resume(t, one, 2)
	equal(t, one.Results().First(), any(int64(6)))
	expect(t, one.Resume(ctx), ErrRefused, "has ended")
	equal(t, one.Cancel(), nil)
	equal(t, len(tasksOf(t, lua)), 0)
	_, err := lua.Eval(ctx, "ask()")
	expect(t, err, ErrRuntime, `"ask" waits, which only a task that the host steps can do; use Lua.Start`)
}

func TestATaskThatFails(t *testing.T) {
	lua := newState(t)
	task := start(t, lua, "local ok, e = pcall(host.call, 'ask') host.call(e)")
	if err := task.Fail(ctx, fmt.Errorf("reading: %w", io.EOF)); err != nil {
		t.Fatal(err)
	}
	equal(t, task.Name(), "reading: EOF")
	err := task.Fail(ctx, io.ErrUnexpectedEOF)
	if expect(t, err, ErrRuntime, "unexpected EOF"); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal(err)
	}
	equal(t, task.Kind(), TaskDone)
	if task, err := lua.Start(ctx, "return +"); task != nil || !errors.Is(err, ErrSyntax) {
		t.Fatal(task, err)
	}
}

func TestARefusedAnswerLeavesATaskWaiting(t *testing.T) {
	lua := newState(t, Memory(1<<20))
	task := start(t, lua, "return host.call('ask')")
	expect(t, task.Resume(ctx, make(chan int)), ErrRefused, "Lua has no form")
	expect(t, task.Resume(ctx, strings.Repeat("x", 10_000_000)), ErrRefused, "do not fit")
	done, cancel := context.WithCancel(ctx)
	cancel()
	expect(t, task.Resume(done, 1), ErrCancelled, "")
	equal(t, task.Kind(), TaskCall)
	resume(t, task, 5)
	equal(t, task.Results().First(), any(int64(5)))
}

func TestPauses(t *testing.T) {
	lua := newState(t, Slice(1000))
	define(t, lua, "f", func() {})
	task, pauses := start(t, lua, "for i = 1, 10000 do end return 'done'"), 0
	for task.Kind() == TaskPaused {
		pauses++
		expect(t, task.Resume(ctx, 1), ErrRefused, "")
		resume(t, task)
	}
	if pauses < 5 || task.Results().First() != any("done") {
		t.Fatal(pauses, task.Results())
	}
	// One that asks without end pauses too, also when it is found anew.
	task = start(t, lua, "while true do f() end")
	for range 3 {
		equal(t, task.Kind(), TaskPaused)
		expect(t, task.Resume(ctx, 1), ErrRefused, "takes no value")
		resume(t, task)
	}
	snapshot, err := lua.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(task.Cancel(), lua.Restore(snapshot)); err != nil {
		t.Fatal(err)
	}
	found := tasksOf(t, lua)[0]
	equal(t, found.Name(), "f")
	resume(t, found)
	equal(t, found.Kind(), TaskPaused)
	limited, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	var err2 error
	for err2 == nil {
		err2 = found.Resume(limited)
	}
	expect(t, err2, ErrCancelled, "")
	equal(t, found.Cancel(), nil)
	isUsable(t, lua)
}

func TestATaskThatIsCancelledWithinItsStep(t *testing.T) {
	lua := newState(t, Slice(0))
	define(t, lua, "f", func() {})
	limited, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	task, err := lua.Start(limited, "while true do f() end")
	if expect(t, err, ErrCancelled, ""); task != nil {
		t.Fatal(task)
	}
	equal(t, mustStats(t, lua).Tasks, 0)
}

func TestATaskWhileItRunsCannotGoOn(t *testing.T) {
	lua := newState(t)
	var task *Task
	define(t, lua, "again", func() error { return task.Resume(ctx) })
	define(t, lua, "end", func() error { return task.Cancel() })
	task = start(t, lua, "host.call('wait') local _, a = pcall(again) local _, b = pcall(_ENV['end']) return a, b")
	resume(t, task)
	equal(t, task.Kind(), TaskDone)
	for _, said := range task.Results() {
		if !strings.Contains(said.(string), "not suspended in its state any more") {
			t.Fatal(task.Results())
		}
	}
}

func TestCancelling(t *testing.T) {
	var out bytes.Buffer
	lua := newState(t, Stdout(&out))
	task := start(t, lua, "local x <close> = setmetatable({}, {__close = function() print('closed') end}) host.call('wait')")
	equal(t, task.Cancel(), nil)
	equal(t, out.String(), "closed\n")
	equal(t, task.Kind(), TaskDone)
	task = start(t, lua, "local x <close> = setmetatable({}, {__close = function() error('oh') end}) host.call('wait')")
	expect(t, task.Cancel(), ErrRuntime, "oh")
	task = start(t, lua, "local x <close> = setmetatable({}, {__close = function() while true do end end}) host.call('wait')")
	expect(t, task.Cancel(), ErrBudget, "")
	isUsable(t, lua)
}

func TestOutputOfTasks(t *testing.T) {
	var out bytes.Buffer
	lua := newState(t, Stdout(&out), Output(4))
	task := start(t, lua, "print('abcdef') return 1")
	equal(t, task.Kind(), TaskOutput)
	equal(t, out.String(), "abcd")
	for task.Kind() == TaskOutput {
		resume(t, task)
	}
	equal(t, out.String(), "abcdef\n")
}

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

//go:embed examples
var examplesFS embed.FS

func TestFilesAreAFileSystem(t *testing.T) {
	lua := newState(t)
	files := lua.Files()
	if err := errors.Join(files.Write("lib/tool.lua", []byte("return {version = 3}")), files.Write("empty", nil), files.Write("\xff", []byte("odd"))); err != nil {
		t.Fatal(err)
	}
	mustEval(t, lua, "io.open('out/x.txt', 'w'):write('v' .. require('lib.tool').version):close()")
	if err := fstest.TestFS(files, "lib/tool.lua", "out/x.txt", "empty"); err != nil {
		t.Fatal(err)
	}
	contents, err := fs.ReadFile(files, "out/x.txt")
	equal(t, string(contents)+fmt.Sprint(err), "v3<nil>")
	odd, err := files.Read("\xff")
	equal(t, string(odd)+fmt.Sprint(err), "odd<nil>")
	sizes, err := files.Sizes()
	equal(t, fmt.Sprintf("%q", fmt.Sprint(sizes, err)), `"map[empty:0 lib/tool.lua:20 out/x.txt:2 \xff:3] <nil>"`)
	if err := files.CopyFrom(examplesFS); err != nil {
		t.Fatal(err)
	}
	matches, err := fs.Glob(files, "examples/h*/main.go")
	equal(t, fmt.Sprint(matches, err), "[examples/hello/main.go examples/host-calls/main.go examples/hostile/main.go] <nil>")
	equal(t, files.Remove("empty"), nil)
}

func TestFilesThatCannotBe(t *testing.T) {
	lua := newState(t, Memory(2<<20), Result(1000))
	files := lua.Files()
	if err := files.Write("large", make([]byte, 5000)); err != nil {
		t.Fatal(err)
	}
	_, err := files.Read("large")
	if expect(t, err, ErrRefused, "larger than Result"); !strings.Contains(err.Error(), "read large") {
		t.Fatal(err)
	}
	_, err = files.Open("large")
	expect(t, err, ErrRefused, "larger than Result")
	for _, name := range []string{"nothing", "", ".", "large/below", "a\x00b", "/dev/null", "x/"} {
		if _, err := files.Read(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v", name, err)
		}
		if err := files.Remove(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v", name, err)
		}
		if _, err := files.Open(name); name != "." && err == nil {
			t.Errorf("%q was opened", name)
		}
		if err := files.Write(name, nil); name != "nothing" && !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("%q: %v", name, err)
		}
	}
	expect(t, files.Write("huge", make([]byte, 4<<20)), ErrRefused, "raise Memory")
	isUsable(t, lua)
}

func TestTheCache(t *testing.T) {
	if isTranslated || os.Getenv("MOONLET_ENGINE") == "interpreter" {
		t.Skip("there is no compiled code")
	}
	folder := filepath.Join(t.TempDir(), "made", "here")
	try := func() error {
		own, err := New(ctx, CacheDir(folder))
		if err != nil {
			return err
		}
		defer own.Close()
		lua, err := own.Lua(Lua54Mini())
		if err != nil {
			return err
		}
		_, err = lua.Eval(ctx, "return 2 + 2")
		return err
	}
	// Several that find it empty at once.
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			if err := try(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	var files []string
	_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			files = append(files, path)
		}
		return err
	})
	if len(files) == 0 {
		t.Fatal("nothing was kept")
	}
	for _, damage := range []func([]byte) []byte{
		func(whole []byte) []byte { return whole[:len(whole)/2] }, func(whole []byte) []byte { return nil },
		func(whole []byte) []byte {
			return slices.Concat(whole[:9000], []byte{whole[9000] ^ 0xff}, whole[9001:])
		},
	} {
		for _, file := range files {
			whole, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, damage(whole), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := try(); err != nil {
				t.Fatal(err)
			}
		}
		if err := try(); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := try(); err == nil || !strings.Contains(err.Error(), "others can write to") {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(ctx, CacheDir(file)); err == nil {
		t.Fatal("a file is no folder")
	}
}
