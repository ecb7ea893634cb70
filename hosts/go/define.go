package moonlet

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"moonlet/internal/abi"
)

// hostFunction answers a call; what it returns is raised in the script.
type hostFunction func(*Call) error

// Call is a call of a function of the host by a script, for functions that take any arguments: func(*moonlet.Call) error.
type Call struct {
	// Name is the name by which the function was defined.
	Name string
	// Args are the arguments: nil, bool, int64, float64, string, []any, map[any]any, *Function, *Object.
	Args []any

	ctx     context.Context
	lua     *Lua
	results []any
}

// Context is that of the evaluation.
func (c *Call) Context() context.Context { return c.ctx }

// Lua is the state that the call comes from, which may be used meanwhile.
func (c *Call) Lua() *Lua { return c.lua }

// Return adds to the results of the call.
func (c *Call) Return(values ...any) { c.results = append(c.results, values...) }

// Scan sets what the targets point to from the arguments, as parameters of a function would be.
func (c *Call) Scan(targets ...any) error {
	for at, target := range targets {
		place := reflect.ValueOf(target)
		if place.Kind() != reflect.Pointer || place.IsNil() {
			return fmt.Errorf("target %d of Scan is no pointer but %T", at+1, target)
		}
		if err := c.assign(place.Elem(), at); err != nil {
			return err
		}
	}
	return nil
}

// assign sets a value from the argument at a place from 0.
func (c *Call) assign(target reflect.Value, at int) error {
	var argument any
	if at < len(c.Args) {
		argument = c.Args[at]
	}
	if err := assign(target, argument); err != nil {
		return fmt.Errorf("bad argument #%d to '%s' (%w)", at+1, c.Name, err)
	}
	return nil
}

type raiseError struct{ value any }

func (e raiseError) Error() string { return fmt.Sprint(e.value) }

// Raise makes an error that a host function returns to raise a value of Lua. Any other error raises its text.
func Raise(value any) error { return raiseError{value} }

func raisedValue(err error) any {
	var raise raiseError
	if errors.As(err, &raise) {
		return raise.value
	}
	var lua *Error
	if errors.As(err, &lua) && lua.Value != nil {
		return lua.Value
	}
	return err.Error()
}

// Define defines a function of the host as a global, or as a field, "fs.read"; tables on the way are made.
//
// It is any function of Go. Arguments are made its parameters' types as [As] does, a missing one is nil, those beyond are left out; a first
// parameter of the type context.Context is that of the evaluation, and a variadic one takes the rest. Its results are those of the call; if the
// last is an error that is not nil, it is raised in the script, where it is its text, and wrapped by the error of the evaluation if the script
// lets it pass. A func(*moonlet.Call) or func(*moonlet.Call) error takes and gives any number of values. With nil the calls wait for the host: see [Lua.Start].
func (l *Lua) Define(name string, function any) error {
	return l.DefineAll(map[string]any{name: function})
}

// DefineAll defines many functions at once.
func (l *Lua) DefineAll(functions map[string]any) error {
	made := map[string]hostFunction{}
	for name, function := range functions {
		var err error
		if function == nil {
			made[name] = nil
		} else if made[name], err = hostFunctionOf(function); err != nil {
			return refused(abi.StatusBadArgument, "%q: %v", name, err)
		}
	}
	// The order of a map would be seen in the order of Lua's tables.
	for _, name := range slices.Sorted(maps.Keys(made)) {
		keys, err := keysOf(name)
		if err != nil {
			return err
		}
		if _, err := l.EvalNamed(context.Background(), "=define", chunkDefine, name, keys); err != nil {
			return fmt.Errorf("defining %q (the state needs the library host): %w", name, err)
		}
		if err := l.enter(); err != nil {
			return err
		}
		l.functions[name] = made[name]
		l.leave()
	}
	return nil
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

// hostFunctionOf makes a host function of any function of Go.
func hostFunctionOf(value any) (hostFunction, error) {
	switch function := value.(type) {
	case func(*Call) error:
		if function != nil {
			return function, nil
		}
	case func(*Call):
		if function != nil {
			return func(c *Call) error { function(c); return nil }, nil
		}
	}
	v := reflect.ValueOf(value)
	if v.Kind() != reflect.Func || v.IsNil() {
		return nil, fmt.Errorf("a function of Go was expected, not %T; use Set for other values", value)
	}
	t := v.Type()
	first := 0
	if t.NumIn() > 0 && t.In(0) == contextType {
		first = 1
	}
	for at := first; at < t.NumIn(); at++ {
		if kind := t.In(at).Kind(); kind == reflect.Chan || kind == reflect.Func || kind == reflect.Complex128 || kind == reflect.Complex64 || kind == reflect.UnsafePointer {
			return nil, fmt.Errorf("no value of Lua can be the parameter %s; use any, a *moonlet.Function, or func(*moonlet.Call)", t.In(at))
		}
	}
	fails := t.NumOut() > 0 && t.Out(t.NumOut()-1) == errorType
	return func(c *Call) error { return invoke(c, v, first, fails) }, nil
}

// invoke calls a function of Go by reflection.
func invoke(c *Call, function reflect.Value, first int, fails bool) error {
	t := function.Type()
	given := make([]reflect.Value, 0, t.NumIn())
	if first == 1 {
		given = append(given, reflect.ValueOf(c.ctx))
	}
	fixed := t.NumIn()
	if t.IsVariadic() {
		fixed--
	}
	for at := first; at < fixed; at++ {
		parameter := reflect.New(t.In(at)).Elem()
		if err := c.assign(parameter, at-first); err != nil {
			return err
		}
		given = append(given, parameter)
	}
	for at := fixed - first; t.IsVariadic() && at < len(c.Args); at++ {
		parameter := reflect.New(t.In(fixed).Elem()).Elem()
		if err := c.assign(parameter, at); err != nil {
			return err
		}
		given = append(given, parameter)
	}
	results := function.Call(given)
	if fails {
		last := results[len(results)-1]
		results = results[:len(results)-1]
		if !last.IsNil() {
			return last.Interface().(error)
		}
	}
	for _, result := range results {
		c.Return(result.Interface())
	}
	return nil
}
