package moonlet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
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
