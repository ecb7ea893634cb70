package moonlet

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"moonlet/internal/abi"
)

// Suspensions by status, and what a task waits for then.
var suspensions = map[int]TaskKind{
	abi.StatusYield: TaskCall, abi.StatusPaused: TaskPaused, abi.StatusOutput: TaskOutput, abi.StatusInput: TaskInput,
}

// What handlers and finalizers may use where the host ends something: nothing could stop them otherwise.
const farewellFuel = 1_000_000

// Errors of host functions that an evaluation remembers, to tell what the script's error was.
const remembered = 16

// evaluation is a task on its way, from the host's call to its end.
type evaluation struct {
	lua       *Lua
	ctx       context.Context
	life      uint64
	isStepped bool
	// The task while it is suspended and nobody else's, else 0; one that is left so is cancelled, as when the host panics.
	task uint32
	// Units that the task has used.
	fuel   float64
	raised []raised
}

// raised is an error of the host, and what the script got for it.
type raised struct {
	value any
	err   error
}

// event is how a run came back to the host.
type event struct {
	kind   TaskKind
	values []any
	task   uint32
	// Whether the task is paused before its host call, the values, is answered.
	isDue bool
}

// conduct runs a task until it ends, or, for a Task that the host steps, until it is the host's turn.
func (l *Lua) conduct(ctx context.Context, t *Task, begin func(*evaluation) (step, error)) (event, error) {
	if err := l.enter(); err != nil {
		return event{}, err
	}
	defer l.leave()
	e, err := l.evaluation(ctx, t != nil)
	if err != nil {
		return event{}, err
	}
	defer e.end()
	s, err := begin(e)
	if err != nil {
		return event{}, err
	}
	ev, err := e.drive(s)
	if t != nil {
		t.become(ev, err)
	}
	return ev, err
}

// evaluation begins one; its end is to be called.
func (l *Lua) evaluation(ctx context.Context, isStepped bool) (*evaluation, error) {
	if ctx == nil {
		return nil, refused(abi.StatusBadArgument, "the context is nil; pass context.Background()")
	}
	if l.depth > l.settings.nesting {
		return nil, refused(abi.StatusBadState, "evaluations within host functions nest deeper than %d; return to the script first, or raise Nesting", l.settings.nesting)
	}
	e := &evaluation{lua: l, ctx: ctx, life: l.life, isStepped: isStepped}
	if err := e.checkContext(); err != nil {
		return nil, err
	}
	l.depth++
	return e, nil
}

func (e *evaluation) checkContext() error {
	if e.ctx.Err() == nil {
		return nil
	}
	cause := context.Cause(e.ctx)
	return &Error{Kind: ErrCancelled, Status: abi.StatusCancelled, Message: fmt.Sprintf("the script was cancelled: %v", cause), cause: cause}
}

// checkLife looks whether the task is still there after the host was at work.
func (e *evaluation) checkLife() error {
	switch {
	case e.lua.instance == nil:
		e.task = 0
		return refused(abi.StatusBadState, "the Lua state was closed while this evaluation ran")
	case e.life != e.lua.life:
		e.task = 0
		return refused(abi.StatusBadState, "a snapshot was restored while this evaluation ran, which ended it")
	}
	return nil
}

// end ends a task that was given up. What ended the evaluation is what the host is told.
func (e *evaluation) end() {
	e.lua.depth--
	if e.task != 0 && e.checkLife() == nil {
		_ = e.lua.cancel(e.task, e.fuel)
	}
}

// give calls a run export with an array of values.
func (l *Lua) give(e export, values []any, before ...uint32) (step, error) {
	data, err := encodeArray(l.scratch[:0], values, l)
	return l.runEncoded(e, data, err, before)
}

// giveOne calls it with a single value.
func (l *Lua) giveOne(e export, value any, before ...uint32) (step, error) {
	data, err := encodeOne(l.scratch[:0], value, l)
	return l.runEncoded(e, data, err, before)
}

func (l *Lua) runEncoded(e export, data []byte, err error, before []uint32) (step, error) {
	if err != nil {
		l.objects.settle(true)
		var refusal *Error
		if errors.As(err, &refusal) {
			return step{}, refusal
		}
		return step{}, &Error{Kind: ErrRefused, Status: abi.StatusBadData, Message: err.Error(), cause: err}
	}
	// Large data are not kept for the next call.
	if cap(data) <= page {
		l.scratch = data
	}
	return l.run(e, data, before...)
}

// run calls a run export.
func (l *Lua) run(e export, data []byte, before ...uint32) (step, error) {
	err := l.releaseForgotten(releaseAtOnce)
	if err == nil {
		err = l.tellTime()
	}
	var s step
	if err == nil {
		s, err = l.instance.run(e, data, before...)
	}
	l.objects.settle(err != nil)
	return s, err
}

// drive goes on from a step to the end, or to the host's turn.
func (e *evaluation) drive(s step) (event, error) {
	l, began := e.lua, s.fuel
	var err error
	for err == nil {
		kind := suspensions[s.status]
		isText := l.texts[e.task]
		e.task, e.fuel = 0, s.fuel
		if kind != "" {
			e.task = s.task
		}
		values, failure := e.read(s, kind, isText)
		if err = l.attend(s.hasDropped, s.hasOutput, s.hasErrors); err != nil {
			break
		}
		switch {
		case failure != nil:
			return event{}, failure
		case kind == "":
			return event{kind: TaskDone, values: values}, nil
		}
		if err = e.checkLife(); err != nil {
			break
		}
		if e.isStepped && (kind != TaskCall || l.isWaiting(values)) {
			return e.hand(event{kind: kind, values: values}), nil
		}
		if err = e.checkContext(); err != nil {
			break
		}
		switch kind {
		case TaskCall:
			// Each answer begins another slice; a task that asks without end is to let its host in all the same.
			if slice := l.settings.limits[abi.OptionSlice]; e.isStepped && slice > 0 && s.fuel-began > float64(slice) {
				return e.hand(event{kind: TaskPaused, values: values, isDue: true}), nil
			}
			s, err = e.answer(values)
		case TaskInput:
			if err = e.feed(); err == nil {
				s, err = l.run(exportResume, nil, e.task)
			}
		default:
			s, err = l.run(exportResume, nil, e.task)
		}
	}
	return event{}, err
}

// hand leaves the task to the host.
func (e *evaluation) hand(ev event) event {
	ev.task, e.task = e.task, 0
	return ev
}

// read makes the values of a run's end, of a request, or the error.
func (e *evaluation) read(s step, kind TaskKind, isText bool) ([]any, error) {
	if isText && kind == "" {
		if s.status == abi.StatusOk {
			return []any{string(s.result)}, nil
		}
		return nil, errorOf(s.status, map[any]any{"message": string(s.result)})
	}
	if kind != "" && kind != TaskCall {
		return nil, nil
	}
	found, err := decode(s.result, e.lua)
	if err != nil {
		return nil, err
	}
	if values, ok := found.([]any); ok && (len(values) > 0 || kind == "") {
		return values, nil
	}
	fields, _ := found.(map[any]any)
	failure := errorOf(s.status, fields)
	for _, raised := range e.raised {
		if text, ok := raised.value.(string); ok && failure.Value == nil && strings.HasSuffix(failure.Message, text) || !ok && reflect.DeepEqual(raised.value, failure.Value) {
			failure.cause = raised.err
		}
	}
	if failure.Kind == ErrExit {
		code, err := e.lua.instance.figure(abi.FigureExitCode)
		failure.ExitCode = int(code)
		if err != nil {
			return nil, err
		}
	}
	return nil, failure
}

// attend hears what Lua dropped, and writes the output.
func (l *Lua) attend(hasDropped, hasOutput, hasErrors bool) error {
	if !hasDropped && !hasOutput && !hasErrors {
		return nil
	}
	var dropped []*Object
	if hasDropped {
		numbers, err := l.instance.list(exportDropped)
		if err != nil {
			return err
		}
		for _, number := range numbers {
			number, _ := number.(int64)
			if object := l.objects.forget(uint32(number)); object != nil && object.OnDrop != nil {
				dropped = append(dropped, object)
			}
		}
	}
	var output, errorOutput []byte
	var err error
	if hasOutput {
		output, err = l.instance.take(abi.InfoOutputPtr, exportOutputClear)
	}
	if hasErrors && err == nil {
		errorOutput, err = l.instance.take(abi.InfoErrorOutputPtr, exportErrorOutputClear)
	}
	if err != nil {
		return err
	}
	l.outside(func() {
		for _, object := range dropped {
			object.OnDrop(object.Value)
		}
		if len(output) > 0 {
			_, err = l.settings.stdout.Write(output)
		}
		if len(errorOutput) > 0 && err == nil {
			_, err = l.settings.stderr.Write(errorOutput)
		}
	})
	if err != nil {
		return &Error{Kind: ErrCancelled, Status: abi.StatusCancelled, Message: fmt.Sprintf("writing what the script printed failed: %v", err), cause: err}
	}
	return nil
}

// attendToHandlers does so after handlers or finalizers that ran outside of any run.
func (l *Lua) attendToHandlers() error {
	if l.instance.isPoisoned() {
		return nil
	}
	return l.attend(true, true, true)
}

// isWaiting tells whether nobody but who steps the task answers a request.
func (l *Lua) isWaiting(request []any) bool {
	name, _ := request[0].(string)
	return !isOperation(name) && l.functions[name] == nil
}

func isOperation(name string) bool {
	return name == "__call" || name == "__index" || name == "__newindex"
}

// answer calls what a request asks for, and goes on with the outcome.
func (e *evaluation) answer(request []any) (step, error) {
	l := e.lua
	c := &Call{Args: request[1:], ctx: e.ctx, lua: l}
	c.Name, _ = request[0].(string)
	function, err := l.functionFor(c)
	if err == nil {
		l.outside(func() { err = function(c) })
		if err := e.checkLife(); err != nil {
			return step{}, err
		}
		if err := e.checkContext(); err != nil {
			return step{}, err
		}
	}
	if err == nil {
		s, refusal := l.give(exportResume, c.results, e.task)
		if !errors.Is(refusal, ErrRefused) {
			return s, refusal
		}
		// The script may catch it, and the fault is the host's.
		err = fmt.Errorf("what the host function %q returned cannot go to Lua: %w", c.Name, refusal)
		l.outside(func() { l.settings.warn(err) })
		if err := e.checkLife(); err != nil {
			return step{}, err
		}
	}
	return e.raise(err)
}

func (l *Lua) functionFor(c *Call) (hostFunction, error) {
	if isOperation(c.Name) {
		// By host.call any script can ask so for anything.
		if len(c.Args) > 0 {
			if object, ok := c.Args[0].(*Object); ok {
				c.Args = c.Args[1:]
				return func(c *Call) error { return object.operate(c.Name, c) }, nil
			}
		}
		return nil, fmt.Errorf("host.call(%q, ...) takes an object of the host", c.Name)
	}
	function, isDefined := l.functions[c.Name]
	switch {
	case !isDefined:
		return nil, fmt.Errorf("the host has no function %q; define it first", c.Name)
	case function == nil:
		return nil, fmt.Errorf("the host function %q waits, which only a task that the host steps can do; use Lua.Start", c.Name)
	}
	return function, nil
}

// raise goes on with an error in the place of an answer: its text, or the value of one that has a value. Where that is refused the script gets
// the refusal.
func (e *evaluation) raise(err error) (step, error) {
	value := raisedValue(err)
	if len(e.raised) == remembered {
		e.raised = e.raised[1:]
	}
	e.raised = append(e.raised, raised{value, err})
	s, refusal := e.lua.giveOne(exportRaise, value, e.task)
	if errors.Is(refusal, ErrRefused) {
		return e.lua.giveOne(exportRaise, refusal.Error(), e.task)
	}
	return s, refusal
}

// feed adds to standard input what the script waits for.
func (e *evaluation) feed() error {
	l := e.lua
	if l.settings.stdin == nil {
		return refused(abi.StatusInput, "the script waits for input: give Stdin a reader, or step the task by Lua.Start and use WriteInput")
	}
	piece := make([]byte, room)
	count, err := 0, error(nil)
	l.outside(func() {
		for count == 0 && err == nil {
			count, err = l.settings.stdin.Read(piece)
		}
	})
	if err := e.checkLife(); err != nil {
		return err
	}
	// An error of the reader is the end, unless it comes with data; then it comes again.
	return l.writeInput(piece[:count])
}

// farewell gives the task that has used so much a little more, at most what the option Fuel allows.
func (l *Lua) farewell(used float64, work func() error) error {
	usual := float64(l.settings.limits[abi.OptionFuel])
	moment := used + farewellFuel
	if usual > 0 {
		moment = min(moment, usual)
	}
	if _, err := l.instance.set(abi.OptionFuel, moment); err != nil {
		return err
	}
	err := work()
	if _, failed := l.instance.set(abi.OptionFuel, usual); err == nil {
		err = failed
	}
	return err
}

// cancel ends a suspended task, whose __close handlers run. The error is that of a handler.
func (l *Lua) cancel(task uint32, used float64) error {
	var failure error
	err := l.farewell(used, func() error {
		status, err := l.instance.call(exportCancel, task)
		switch {
		case err != nil:
			return err
		case status == abi.StatusPoisoned:
			return poisoned()
		case status != abi.StatusOk:
			fields, _ := decode(l.instance.result(), l)
			told, _ := fields.(map[any]any)
			failure = errorOf(int(status), told)
		}
		return nil
	})
	if err == nil {
		err = l.attendToHandlers()
	}
	if err != nil {
		return err
	}
	return failure
}
