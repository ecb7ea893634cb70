package moonlet

import (
	"fmt"
	"math/rand/v2"
	"sync"

	"moonlet/internal/abi"
)

// Object is a value of the host in the hands of scripts, to whom it is opaque but for its methods. The same *Object is the same object in Lua each time,
// and comes back as itself.
type Object struct {
	// Value is what it stands for. Parameters of host functions of its type get it. It is nil for an object of another host, which a
	// restored snapshot still holds.
	Value any
	// Methods are functions as of [Lua.Define], which scripts call with a colon: object:name(...). They get the arguments after the object.
	Methods map[string]any
	// OnDrop hears that Lua holds the object no more, if it is not nil.
	OnDrop func(value any)

	// What a call of the object does, for functions given as values, and methods.
	call hostFunction
	// Any number of states may ask for methods at once.
	mu      sync.Mutex
	methods map[string]*Object
	// The object that a method belongs to.
	owner   *Object
	unknown bool
}

// objects has what Lua holds, by number.
type objects struct {
	byNumber map[uint32]*Object
	numbers  map[*Object]uint32
	last     uint32
	// Numbers that were given since settle, in case that the call is refused.
	fresh []uint32
}

func newObjects(deterministic bool) objects {
	o := objects{byNumber: map[uint32]*Object{}, numbers: map[*Object]uint32{}}
	if !deterministic {
		// A restored state may hold numbers that another process gave, so each begins somewhere else.
		o.last = rand.Uint32()
	}
	return o
}

// copy makes the same objects by the same numbers, for a copy of the state.
func (o *objects) copy() objects {
	c := newObjects(true)
	c.last = o.last
	for number, object := range o.byNumber {
		c.add(number, object)
	}
	return c
}

func (o *objects) add(number uint32, object *Object) {
	o.byNumber[number] = object
	o.numbers[object] = number
}

// number is the number of an object, a new one where Lua does not hold it.
func (o *objects) number(object *Object) uint32 {
	number, held := o.numbers[object]
	if !held {
		for {
			// No number is given twice: a snapshot of this state may still hold it when it is restored.
			o.last++
			if _, taken := o.byNumber[o.last]; !taken {
				break
			}
		}
		number = o.last
		o.add(number, object)
		o.fresh = append(o.fresh, number)
	}
	return number
}

// object is what a number stands for.
func (o *objects) object(number uint32) *Object {
	object := o.byNumber[number]
	if object == nil {
		object = &Object{unknown: true}
		o.add(number, object)
	}
	return object
}

// settle ends a call. Objects that were new in a refused one Lua never got.
func (o *objects) settle(isRefused bool) {
	if isRefused {
		for _, number := range o.fresh {
			o.forget(number)
		}
	}
	o.fresh = o.fresh[:0]
}

func (o *objects) forget(number uint32) *Object {
	object := o.byNumber[number]
	delete(o.byNumber, number)
	delete(o.numbers, object)
	return object
}

// toLua makes Lua a value of functions and objects, either side's.
func (l *Lua) toLua(value any) (byte, uint32, error) {
	switch v := value.(type) {
	case *Function:
		handle, err := v.handleIn(l)
		return abi.ExtensionHandle, handle, err
	case *Object:
		if v == nil {
			return 0, 0, fmt.Errorf("an Object is nil; make one by &moonlet.Object{Value: ...}")
		}
		return abi.ExtensionReference, l.objects.number(v), nil
	}
	function, err := hostFunctionOf(value)
	if err != nil {
		return 0, 0, err
	}
	return abi.ExtensionReference, l.objects.number(&Object{Value: value, call: function}), nil
}

func (l *Lua) fromLua(kind byte, number uint32) (any, error) {
	if kind == abi.ExtensionHandle {
		return newFunction(l, number), nil
	}
	return l.objects.object(number), nil
}

// method answers the method of an object as an object that can be called, nil where there is none.
func (o *Object) method(name string) (*Object, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if made := o.methods[name]; made != nil {
		return made, nil
	}
	given, ok := o.Methods[name]
	if !ok {
		return nil, nil
	}
	function, err := hostFunctionOf(given)
	if err != nil {
		return nil, err
	}
	if o.methods == nil {
		o.methods = map[string]*Object{}
	}
	made := &Object{Value: given, call: function, owner: o}
	o.methods[name] = made
	return made, nil
}

// isObject tells whether the first of the arguments is an object.
func isObject(arguments []any, object *Object) bool {
	if len(arguments) == 0 {
		return false
	}
	first, ok := arguments[0].(*Object)
	return ok && first == object
}

// operate does what a script does with an object: __call, __index or __newindex.
func (o *Object) operate(operation string, c *Call) error {
	if o.unknown {
		return fmt.Errorf("this object belongs to a host that is gone; make it anew after a restore")
	}
	switch operation {
	case "__call":
		if o.call == nil {
			return fmt.Errorf("attempt to call an object of the host")
		}
		if o.owner != nil {
			if !isObject(c.Args, o.owner) {
				return fmt.Errorf("call the method with a colon: object:name(...)")
			}
			c.Args = c.Args[1:]
		}
		return o.call(c)
	case "__index":
		// By host.call a script can ask without a key, too.
		if len(c.Args) > 0 {
			if name, ok := c.Args[0].(string); ok {
				method, err := o.method(name)
				if method != nil {
					c.Return(method)
				}
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("attempt to set a field of an object of the host")
}
