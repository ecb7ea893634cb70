package moonlet

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"moonlet/internal/abi"
)

// TaskKind says what a [Task] waits for.
type TaskKind string

// The kinds of a task.
const (
	// TaskDone waits for nothing: it has ended.
	TaskDone TaskKind = "done"
	// TaskPaused waits for Resume: its slice was used up, by one run or between answers of the host's functions.
	TaskPaused TaskKind = "paused"
	// TaskCall waits for Resume with values or Fail: Name and Args say what it asks of the host.
	TaskCall TaskKind = "call"
	// TaskInput waits for [Lua.WriteInput], then Resume.
	TaskInput TaskKind = "input"
	// TaskOutput waits for Resume: the option [Output] was reached, and what it wrote has been delivered.
	TaskOutput TaskKind = "output"
)

// Task is a task that comes back to the host wherever it is suspended.
type Task struct {
	lua   *Lua
	id    uint32
	state atomic.Pointer[event]
}

// Kind says what it waits for.
func (t *Task) Kind() TaskKind { return t.state.Load().kind }

// Name is the name of the host function that it waits for, where Kind is [TaskCall].
func (t *Task) Name() string {
	if state := t.state.Load(); state.kind == TaskCall {
		name, _ := state.values[0].(string)
		return name
	}
	return ""
}

// Args is what that function is called with.
func (t *Task) Args() []any {
	if state := t.state.Load(); state.kind == TaskCall {
		return state.values[1:]
	}
	return nil
}

// Results are what it returned, once it is done.
func (t *Task) Results() Results {
	if state := t.state.Load(); state.kind == TaskDone {
		return state.values
	}
	return nil
}

// Start starts a task and runs it until it is done, its slice is used up, or it calls a host function that waits or is not defined.
func (l *Lua) Start(ctx context.Context, source string, arguments ...any) (*Task, error) {
	return l.StartNamed(ctx, "=eval", source, arguments...)
}

// StartNamed is [Lua.Start] with the name that errors show.
func (l *Lua) StartNamed(ctx context.Context, name, source string, arguments ...any) (*Task, error) {
	t := &Task{lua: l}
	values := append([]any{source, name}, arguments...)
	if _, err := l.conduct(ctx, t, func(*evaluation) (step, error) { return l.give(exportEval, values) }); err != nil {
		return nil, err
	}
	return t, nil
}

// Tasks lists the suspended tasks that the host steps, the oldest first; after a restore those of the snapshot.
func (l *Lua) Tasks() ([]*Task, error) {
	if err := l.enter(); err != nil {
		return nil, err
	}
	defer l.leave()
	listed, err := l.listTasks()
	if err != nil {
		return nil, err
	}
	var found []*Task
	for _, listed := range listed {
		task, isKept := l.kept[listed.id]
		if !isKept {
			continue
		}
		if task == nil {
			task = &Task{lua: l, id: listed.id}
			ev := &event{kind: suspensions[listed.status]}
			if ev.kind == TaskCall {
				if _, err := l.instance.call(exportRequest, listed.id); err != nil {
					return nil, err
				}
				request, err := decode(l.instance.result(), l)
				if err != nil {
					return nil, err
				}
				ev.values, _ = request.([]any)
			}
			task.state.Store(ev)
			l.kept[listed.id] = task
		}
		found = append(found, task)
	}
	return found, nil
}

type listedTask struct {
	id             uint32
	status, format int
	fuel           float64
}

func (l *Lua) listTasks() ([]listedTask, error) {
	items, err := l.instance.list(exportTasks)
	var found []listedTask
	for _, item := range items {
		var task listedTask
		if parts, ok := item.([]any); ok && len(parts) == 4 {
			id, _ := parts[0].(int64)
			status, _ := parts[1].(int64)
			format, _ := parts[2].(int64)
			task.fuel, _ = As[float64](parts[3], nil)
			task.id, task.status, task.format = uint32(id), int(status), int(format)
		}
		found = append(found, task)
	}
	return found, err
}

// Resume goes on until the next suspension or the end: with the results of the host call, with no values after a pause. It answers the error that the
// task ended with. After [ErrRefused] it waits as before.
func (t *Task) Resume(ctx context.Context, values ...any) error {
	return t.goOn(ctx, len(values) > 0, func(e *evaluation) (step, error) {
		if len(values) == 0 {
			return t.lua.run(exportResume, nil, t.id)
		}
		return t.lua.give(exportResume, values, t.id)
	})
}

// Fail goes on with an error in the place of the host call's results, as if the function had returned it.
func (t *Task) Fail(ctx context.Context, err error) error {
	return t.goOn(ctx, true, func(e *evaluation) (step, error) { return e.raise(err) })
}

// goOn takes the task up from where the host has it.
func (t *Task) goOn(ctx context.Context, hasValue bool, begin func(*evaluation) (step, error)) error {
	l := t.lua
	_, err := l.conduct(ctx, t, func(e *evaluation) (step, error) {
		state := t.state.Load()
		if err := t.check(); err != nil {
			return step{}, err
		}
		if state.isDue && hasValue {
			return step{}, refused(abi.StatusBadState, "the task is paused and takes no value; Resume it without")
		}
		// While it runs it is nobody's to go on with, and a run that is given up ends it.
		delete(l.kept, t.id)
		e.task = t.id
		if state.isDue {
			s, err := e.answer(state.values)
			if err != nil {
				t.state.Store(&event{kind: TaskDone})
			}
			return s, err
		}
		s, err := begin(e)
		if errors.Is(err, ErrRefused) {
			l.kept[t.id], e.task = t, 0
		} else if err != nil {
			t.state.Store(&event{kind: TaskDone})
		}
		return s, err
	})
	return err
}

func (t *Task) check() error {
	if t.lua.kept[t.id] != t {
		return refused(abi.StatusBadArgument, "this task is not suspended in its state any more: it has ended, it runs, or another snapshot was restored")
	}
	return nil
}

// become notes where a run left the task.
func (t *Task) become(ev event, err error) {
	if err != nil {
		ev = event{kind: TaskDone}
	}
	t.state.Store(&ev)
	if ev.kind != TaskDone {
		t.id = ev.task
		t.lua.kept[t.id] = t
	}
}

// Cancel ends it. Its __close handlers run; the error is that of one that failed. A task that has ended stays as it is.
func (t *Task) Cancel() error {
	l := t.lua
	if err := l.enter(); err != nil {
		return err
	}
	defer l.leave()
	if t.Kind() == TaskDone {
		return nil
	}
	if err := t.check(); err != nil {
		return err
	}
	listed, err := l.listTasks()
	if err != nil {
		return err
	}
	delete(l.kept, t.id)
	t.state.Store(&event{kind: TaskDone})
	at := slices.IndexFunc(listed, func(task listedTask) bool { return task.id == t.id })
	return l.cancel(t.id, listed[max(at, 0)].fuel)
}
