package moonlet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"slices"
	"unicode/utf8"
)

// encoder writes values in the form that the module takes (ABI.md, "MessagePack").
type encoder struct {
	out   []byte
	links links
}

// encodeArray writes an array of all values.
func encodeArray(out []byte, values []any, links links) ([]byte, error) {
	e := encoder{out, links}
	e.length(len(values), 0x90, 15, 0xdc)
	for at, value := range values {
		if err := e.value(value, 0); err != nil {
			return nil, fmt.Errorf("value %d: %w", at+1, err)
		}
	}
	return e.out, nil
}

// encodeOne writes one value, and no array around it.
func encodeOne(out []byte, value any, links links) ([]byte, error) {
	e := encoder{out, links}
	err := e.value(value, 0)
	return e.out, err
}

func (e *encoder) length(length int, short byte, most int, long byte) {
	switch {
	case length <= most:
		e.out = append(e.out, short|byte(length))
	case length <= math.MaxUint16:
		e.out = binary.BigEndian.AppendUint16(append(e.out, long), uint16(length))
	default:
		e.out = binary.BigEndian.AppendUint32(append(e.out, long+1), uint32(length))
	}
}

func (e *encoder) value(value any, depth int) error {
	switch v := value.(type) {
	case nil:
		e.out = append(e.out, 0xc0)
	case bool:
		e.boolean(v)
	case int:
		e.integer(int64(v))
	case int64:
		e.integer(v)
	case float64:
		e.float(v)
	case string:
		return e.text(v)
	case []byte:
		return e.binary(v)
	case []any:
		if depth++; depth > depthLimit {
			return errDeep
		}
		e.length(len(v), 0x90, 15, 0xdc)
		for _, item := range v {
			if err := e.value(item, depth); err != nil {
				return err
			}
		}
	case *Key:
		if v == nil {
			return fmt.Errorf("a Key is nil; take one that came from Lua")
		}
		return e.value(v.Value, depth)
	case *Function, *Object:
		return e.foreign(v)
	default:
		return e.reflected(reflect.ValueOf(value), depth)
	}
	return nil
}

var errDeep = fmt.Errorf("the value nests deeper than %d, in a cycle perhaps", depthLimit)

func (e *encoder) boolean(v bool) {
	if v {
		e.out = append(e.out, 0xc3)
	} else {
		e.out = append(e.out, 0xc2)
	}
}

func (e *encoder) integer(v int64) {
	switch {
	case v >= -32 && v < 128:
		e.out = append(e.out, byte(v))
	case v >= 0 && v <= math.MaxUint8:
		e.out = append(e.out, 0xcc, byte(v))
	case v >= 0 && v <= math.MaxUint16:
		e.out = binary.BigEndian.AppendUint16(append(e.out, 0xcd), uint16(v))
	case v >= 0 && v <= math.MaxUint32:
		e.out = binary.BigEndian.AppendUint32(append(e.out, 0xce), uint32(v))
	case v >= 0:
		e.out = binary.BigEndian.AppendUint64(append(e.out, 0xcf), uint64(v))
	case v >= math.MinInt8:
		e.out = append(e.out, 0xd0, byte(v))
	case v >= math.MinInt16:
		e.out = binary.BigEndian.AppendUint16(append(e.out, 0xd1), uint16(v))
	case v >= math.MinInt32:
		e.out = binary.BigEndian.AppendUint32(append(e.out, 0xd2), uint32(v))
	default:
		e.out = binary.BigEndian.AppendUint64(append(e.out, 0xd3), uint64(v))
	}
}

func (e *encoder) float(v float64) {
	bits := math.Float64bits(v)
	if v != v {
		bits = 0x7ff8000000000000
	}
	e.out = binary.BigEndian.AppendUint64(append(e.out, 0xcb), bits)
}

func (e *encoder) text(v string) error {
	if !utf8.ValidString(v) {
		return e.binary([]byte(v))
	}
	if len(v) > math.MaxInt32 {
		return errLong
	}
	if len(v) > 31 && len(v) <= math.MaxUint8 {
		e.out = append(e.out, 0xd9, byte(len(v)))
	} else {
		e.length(len(v), 0xa0, 31, 0xda)
	}
	e.out = append(e.out, v...)
	return nil
}

var errLong = fmt.Errorf("a string of 2 GiB does not fit into Lua's memory")

func (e *encoder) binary(v []byte) error {
	if len(v) > math.MaxInt32 {
		return errLong
	}
	if len(v) <= math.MaxUint8 {
		e.out = append(e.out, 0xc4, byte(len(v)))
	} else {
		e.length(len(v), 0, -1, 0xc5)
	}
	e.out = append(e.out, v...)
	return nil
}

func (e *encoder) foreign(value any) error {
	kind, number, err := e.links.toLua(value)
	e.out = binary.BigEndian.AppendUint32(append(e.out, 0xd6, kind), number)
	return err
}

func (e *encoder) reflected(v reflect.Value, depth int) error {
	switch v.Kind() {
	case reflect.Bool:
		e.boolean(v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.integer(v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		if v.Uint() > math.MaxInt64 {
			return fmt.Errorf("%d does not fit into Lua's 64-bit integers; pass a float64 or a string", v.Uint())
		}
		e.integer(int64(v.Uint()))
	case reflect.Float32, reflect.Float64:
		e.float(v.Float())
	case reflect.String:
		return e.text(v.String())
	case reflect.Func:
		return e.foreign(v.Interface())
	case reflect.Pointer:
		return e.pointer(v, depth)
	case reflect.Slice, reflect.Array:
		return e.sequence(v, depth+1)
	case reflect.Map:
		return e.table(v, depth+1)
	case reflect.Struct:
		return e.structure(v, depth+1)
	default:
		return fmt.Errorf("Lua has no form of %s; pass nil, a bool, number, string, []byte, slice, map, struct, function, or a *moonlet.Object", v.Type())
	}
	return nil
}

// pointer writes what a pointer points to. A pointer to itself ends nowhere.
func (e *encoder) pointer(v reflect.Value, depth int) error {
	for range depthLimit {
		if v.Kind() != reflect.Pointer && v.Kind() != reflect.Interface {
			return e.value(v.Interface(), depth)
		}
		if v.IsNil() {
			e.out = append(e.out, 0xc0)
			return nil
		}
		switch held := v.Interface().(type) {
		case *Function, *Object, *Key:
			return e.value(held, depth)
		}
		v = v.Elem()
	}
	return errDeep
}

func (e *encoder) sequence(v reflect.Value, depth int) error {
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
		return e.binary(v.Bytes())
	}
	if depth > depthLimit {
		return errDeep
	}
	e.length(v.Len(), 0x90, 15, 0xdc)
	for at := range v.Len() {
		if err := e.value(v.Index(at).Interface(), depth); err != nil {
			return err
		}
	}
	return nil
}

// table writes a map in the order of its keys' bytes: one of Go has none, and equal runs are to give equal tables.
func (e *encoder) table(v reflect.Value, depth int) error {
	if depth > depthLimit {
		return errDeep
	}
	e.length(v.Len(), 0x80, 15, 0xde)
	type entry struct{ start, value, end int }
	entries := make([]entry, 0, v.Len())
	begin := len(e.out)
	for iterator := v.MapRange(); iterator.Next(); {
		start := len(e.out)
		key := iterator.Key().Interface()
		if float, ok := key.(float64); ok && float != float {
			return fmt.Errorf("NaN cannot be a key of a Lua table")
		}
		if err := e.value(key, depth); err != nil {
			return err
		}
		value := len(e.out)
		if err := e.value(iterator.Value().Interface(), depth); err != nil {
			return fmt.Errorf("%v: %w", key, err)
		}
		entries = append(entries, entry{start, value, len(e.out)})
	}
	written := e.out
	slices.SortFunc(entries, func(a, b entry) int { return bytes.Compare(written[a.start:a.value], written[b.start:b.value]) })
	ordered := make([]byte, 0, len(written)-begin)
	for _, entry := range entries {
		ordered = append(ordered, written[entry.start:entry.end]...)
	}
	copy(written[begin:], ordered)
	return nil
}

func (e *encoder) structure(v reflect.Value, depth int) error {
	if depth > depthLimit {
		return errDeep
	}
	fields := fieldsOf(v.Type())
	e.length(len(fields), 0x80, 15, 0xde)
	for _, field := range fields {
		if err := e.text(field.name); err != nil {
			return err
		}
		value, err := v.FieldByIndexErr(field.index)
		switch {
		case err != nil || field.omitEmpty && value.IsZero():
			// A nil value is no entry.
			e.out = append(e.out, 0xc0)
		default:
			if err := e.value(value.Interface(), depth); err != nil {
				return fmt.Errorf("%s: %w", field.name, err)
			}
		}
	}
	return nil
}
