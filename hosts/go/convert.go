package moonlet

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"sync"
)

// field is a field of a struct that stands for a field of a table.
type field struct {
	name      string
	index     []int
	omitEmpty bool
}

var fieldCache sync.Map // from reflect.Type to []field

// fieldsOf lists the fields of a struct's type: exported ones, by their names, or by what a tag says: `lua:"name"`, `lua:"name,omitempty"`,
// `lua:"-"`. Those of embedded structs without a tag are the outer one's.
func fieldsOf(t reflect.Type) []field {
	if found, ok := fieldCache.Load(t); ok {
		return found.([]field)
	}
	fields := []field{}
	for _, f := range reflect.VisibleFields(t) {
		tag := f.Tag.Get("lua")
		name, rest, _ := strings.Cut(tag, ",")
		if !f.IsExported() || tag == "-" || throughHidden(t, f.Index) || f.Anonymous && tag == "" && structOf(f.Type).Kind() == reflect.Struct {
			continue
		}
		if name == "" {
			name = f.Name
		}
		fields = append(fields, field{name, f.Index, rest == "omitempty"})
	}
	fieldCache.Store(t, fields)
	return fields
}

// throughHidden tells whether a field lies behind an embedded pointer that reflection cannot set.
func throughHidden(t reflect.Type, index []int) bool {
	for _, at := range index[:len(index)-1] {
		outer := structOf(t).Field(at)
		if t = outer.Type; t.Kind() == reflect.Pointer && !outer.IsExported() {
			return true
		}
	}
	return false
}

func structOf(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// As makes a T of what [Lua.Eval], [Lua.Call] or [Lua.Get] answered: of the first result where there are several.
//
//	sum, err := moonlet.As[int](lua.Eval(ctx, "return 1 + 2"))
//
// Structs are made from tables, by the names of their fields or by tags: `lua:"name"`. A number is made a whole one only where nothing is lost.
func As[T any, V any](value V, err error) (T, error) {
	var target T
	if err != nil {
		return target, err
	}
	var given any = value
	if results, ok := given.(Results); ok {
		given = results.First()
	}
	err = assign(reflect.ValueOf(&target).Elem(), given)
	return target, err
}

// typeName is what Lua calls the type of a value.
func typeName(value any) string {
	switch v := value.(type) {
	case nil:
		return "nil"
	case bool:
		return "boolean"
	case int64, float64:
		return "number"
	case string:
		return "string"
	case []any, map[any]any:
		return "table"
	case *Object:
		return fmt.Sprintf("object of %T", v.Value)
	}
	return "function"
}

func mismatch(wanted reflect.Type, got any) error {
	return fmt.Errorf("%s expected, got %s", wanted, typeName(got))
}

// assign sets a value of Go from one of Lua.
func assign(target reflect.Value, value any) error {
	t := target.Type()
	if value == nil {
		switch t.Kind() {
		case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice, reflect.Func:
			target.SetZero()
			return nil
		}
		return mismatch(t, value)
	}
	given := reflect.ValueOf(value)
	if given.Type().AssignableTo(t) {
		target.Set(given)
		return nil
	}
	if object, ok := value.(*Object); ok {
		if held := reflect.ValueOf(object.Value); held.IsValid() && held.Type().AssignableTo(t) {
			target.Set(held)
			return nil
		}
		return mismatch(t, value)
	}
	switch v := value.(type) {
	case bool:
		if t.Kind() == reflect.Bool {
			target.SetBool(v)
			return nil
		}
	case int64:
		if done, err := assignInteger(target, v); done {
			return err
		}
	case float64:
		if target.CanFloat() {
			target.SetFloat(v)
			return nil
		}
		if target.CanInt() || target.CanUint() {
			if v != math.Trunc(v) || v < math.MinInt64 || v >= 1<<63 {
				return fmt.Errorf("the number %v has no integer representation", v)
			}
			_, err := assignInteger(target, int64(v))
			return err
		}
	case string:
		if t.Kind() == reflect.String {
			target.SetString(v)
			return nil
		}
		if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
			target.SetBytes([]byte(v))
			return nil
		}
	case []any:
		if done, err := assignSequence(target, v); done {
			return err
		}
	case map[any]any:
		if done, err := assignTable(target, v); done {
			return err
		}
	}
	if t.Kind() == reflect.Pointer && t.Elem().Kind() != reflect.Pointer {
		made := reflect.New(t.Elem())
		if err := assign(made.Elem(), value); err != nil {
			return err
		}
		target.Set(made)
		return nil
	}
	return mismatch(t, value)
}

func assignInteger(target reflect.Value, v int64) (bool, error) {
	fits := true
	switch {
	case target.CanInt():
		fits = !target.OverflowInt(v)
		target.SetInt(v)
	case target.CanUint():
		fits = v >= 0 && !target.OverflowUint(uint64(v))
		target.SetUint(uint64(v))
	case target.CanFloat():
		target.SetFloat(float64(v))
	default:
		return false, nil
	}
	if !fits {
		return true, fmt.Errorf("the number %d does not fit into %s", v, target.Type())
	}
	return true, nil
}

func assignSequence(target reflect.Value, items []any) (bool, error) {
	t := target.Type()
	switch t.Kind() {
	case reflect.Slice:
		target.Set(reflect.MakeSlice(t, len(items), len(items)))
	case reflect.Array:
		if t.Len() != len(items) {
			return true, fmt.Errorf("%s expected, got a table of %d values", t, len(items))
		}
	case reflect.Map:
		table := make(map[any]any, len(items))
		for at, item := range items {
			table[int64(at+1)] = item
		}
		return assignTable(target, table)
	case reflect.Struct:
		// An empty table is a sequence without values.
		if len(items) == 0 {
			target.SetZero()
			return true, nil
		}
		return false, nil
	default:
		return false, nil
	}
	for at, item := range items {
		if item == nil {
			target.Index(at).SetZero()
			continue
		}
		if err := assign(target.Index(at), item); err != nil {
			return true, fmt.Errorf("value %d: %w", at+1, err)
		}
	}
	return true, nil
}

func assignTable(target reflect.Value, table map[any]any) (bool, error) {
	t := target.Type()
	switch t.Kind() {
	case reflect.Map:
		made := reflect.MakeMapWithSize(t, len(table))
		for key, item := range table {
			madeKey, madeItem := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
			if err := assign(madeKey, key); err != nil {
				return true, fmt.Errorf("the key %v: %w", key, err)
			}
			if item != nil {
				if err := assign(madeItem, item); err != nil {
					return true, fmt.Errorf("%v: %w", key, err)
				}
			}
			if !madeKey.Comparable() {
				return true, fmt.Errorf("a %s cannot be a key of %s", typeName(key), t)
			}
			made.SetMapIndex(madeKey, madeItem)
		}
		target.Set(made)
	case reflect.Struct:
		target.SetZero()
		for _, field := range fieldsOf(t) {
			item := table[field.name]
			if item == nil {
				continue
			}
			place := target
			for at, index := range field.index {
				if at > 0 && place.Kind() == reflect.Pointer {
					if place.IsNil() {
						place.Set(reflect.New(place.Type().Elem()))
					}
					place = place.Elem()
				}
				place = place.Field(index)
			}
			if err := assign(place, item); err != nil {
				return true, fmt.Errorf("%s: %w", field.name, err)
			}
		}
	default:
		return false, nil
	}
	return true, nil
}
