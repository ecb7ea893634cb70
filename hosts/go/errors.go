package moonlet

import (
	"fmt"

	"moonlet/internal/abi"
)

// Kind is the way in which a run ended. The kinds are errors themselves, for [errors.Is].
type Kind string

// The kinds of an [Error].
const (
	// ErrSyntax is a source that is no Lua. Where it ends too early the message ends in "near <eof>".
	ErrSyntax Kind = "syntax"
	// ErrRuntime is an error that the script did not catch; or, with the status 22, a result that is over the option [Result], nests
	// deeper than 128, or is marked as an array and is none.
	ErrRuntime Kind = "runtime"
	// ErrMemory is more than the options [Memory] or [Pages] allow.
	ErrMemory Kind = "memory"
	// ErrBudget is used up [Fuel].
	ErrBudget Kind = "budget"
	// ErrCancelled is a task that the host ended, as when its context is done; the context's error is wrapped.
	ErrCancelled Kind = "cancelled"
	// ErrExit is a call of os.exit.
	ErrExit Kind = "exit"
	// ErrPoisoned is a call that the engine tore down: restore a snapshot into the state, or make a new one.
	ErrPoisoned Kind = "poisoned"
	// ErrRefused is a call of which nothing ran: the state is closed or in use, values have no form in Lua, data do not fit.
	ErrRefused Kind = "refused"
)

// Error says what the kind is of.
func (k Kind) Error() string { return string(k) }

// Error is what a run of Lua ended with. The state stays usable, but after [ErrPoisoned].
type Error struct {
	// Kind is one of the constants.
	Kind Kind
	// Status is the number of ABI.md.
	Status int
	// Message is the message alone, without the traceback.
	Message string
	// Traceback is Lua's, or empty.
	Traceback string
	// Chunk is the name of the chunk in which it happened, or empty.
	Chunk string
	// Line is the line in that chunk, from 1, or 0.
	Line int
	// Value is the error itself where the script raised a value that is no string, else nil.
	Value any
	// ExitCode is what os.exit was given: 0 for true or nothing, 1 for false.
	ExitCode int

	cause error
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

// Unwrap is the host's own error behind it: what a host function returned, why a context was done, what the engine said.
func (e *Error) Unwrap() error { return e.cause }

// Is tells [errors.Is] that the error is of a kind.
func (e *Error) Is(target error) bool {
	kind, ok := target.(Kind)
	return ok && kind == e.Kind
}

func kindOf(status int) Kind {
	switch status {
	case abi.StatusErrsyntax:
		return ErrSyntax
	case abi.StatusErrmem:
		return ErrMemory
	case abi.StatusBudget:
		return ErrBudget
	case abi.StatusCancelled:
		return ErrCancelled
	case abi.StatusExit:
		return ErrExit
	case abi.StatusPoisoned:
		return ErrPoisoned
	}
	if status >= abi.StatusBadArgument {
		return ErrRefused
	}
	return ErrRuntime
}

// errorOf makes the error of a status from the map that the module told of it.
func errorOf(status int, fields map[any]any) *Error {
	e := &Error{Kind: kindOf(status), Status: status, Value: fields["value"]}
	e.Message, _ = fields["message"].(string)
	e.Traceback, _ = fields["traceback"].(string)
	e.Chunk, _ = fields["chunk"].(string)
	if line, ok := fields["line"].(int64); ok {
		e.Line = int(line)
	}
	return e
}

// refused makes the error of what was not even begun.
func refused(status int, format string, arguments ...any) *Error {
	return &Error{Kind: ErrRefused, Status: status, Message: fmt.Sprintf(format, arguments...)}
}

func closed() *Error {
	return refused(abi.StatusBadState, "this Lua state is closed; make a new one")
}

func poisoned() *Error {
	return &Error{Kind: ErrPoisoned, Status: abi.StatusPoisoned,
		Message: "an earlier call was torn down within the state; restore a snapshot, or make a new state"}
}

// leftOut says what is wrong where a module lacks what is asked of it.
const leftOut = "the module leaves that out, as the mini variants do; take moonlet.Lua54 or moonlet.Lua55"

// refusal makes the error of an export that is no run: the format says what is wrong, unless the state is poisoned or a mini variant.
func refusal(status int, format string, arguments ...any) *Error {
	switch status {
	case abi.StatusPoisoned:
		return poisoned()
	case abi.StatusBadState:
		return refused(status, leftOut)
	}
	return refused(status, format, arguments...)
}
