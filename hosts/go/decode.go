package moonlet

import (
	"encoding/binary"
	"fmt"
	"math"

	"moonlet/internal/abi"
)

// Tables may nest that deep, besides the array around all values.
const depthLimit = 128

// links makes the values that stand for what only one of both sides has.
type links interface {
	// toLua answers the ext type and the number of a value.
	toLua(value any) (kind byte, number uint32, err error)
	// fromLua answers the value of an ext type and number.
	fromLua(kind byte, number uint32) (any, error)
}

// Key is a key of a Lua table that a map of Go cannot hold, a table that is. It equals only itself; sent back it is its value.
type Key struct{ Value any }

type decoder struct {
	data  []byte
	links links
}

var errMalformed = fmt.Errorf("malformed MessagePack")

// decode makes the one value that data are: nil, bool, int64, float64, string, []any, map[any]any, or what the links make.
func decode(data []byte, links links) (any, error) {
	d := decoder{data, links}
	value, err := d.value(0)
	if err == nil && len(d.data) > 0 {
		err = errMalformed
	}
	if err != nil {
		return nil, err
	}
	return value, nil
}

// take cuts off the next bytes.
func (d *decoder) take(count int) ([]byte, error) {
	if count > len(d.data) {
		return nil, errMalformed
	}
	taken := d.data[:count]
	d.data = d.data[count:]
	return taken, nil
}

// number reads an unsigned number of 1, 2, 4 or 8 bytes.
func (d *decoder) number(size int) (uint64, error) {
	bytes, err := d.take(size)
	if err != nil {
		return 0, err
	}
	switch size {
	case 1:
		return uint64(bytes[0]), nil
	case 2:
		return uint64(binary.BigEndian.Uint16(bytes)), nil
	case 4:
		return uint64(binary.BigEndian.Uint32(bytes)), nil
	}
	return binary.BigEndian.Uint64(bytes), nil
}

func (d *decoder) value(depth int) (any, error) {
	// One array stands around all values.
	if depth > depthLimit+1 {
		return nil, errMalformed
	}
	head, err := d.take(1)
	if err != nil {
		return nil, err
	}
	first := head[0]
	switch {
	case first < 0x80 || first >= 0xe0:
		return int64(int8(first)), nil
	case first < 0x90:
		return d.table(uint64(first&15), depth)
	case first < 0xa0:
		return d.array(uint64(first&15), depth)
	case first < 0xc0:
		return d.text(uint64(first & 31))
	}
	switch first {
	case 0xc0:
		return nil, nil
	case 0xc2, 0xc3:
		return first == 0xc3, nil
	case 0xca:
		bits, err := d.number(4)
		return float64(math.Float32frombits(uint32(bits))), err
	case 0xcb:
		bits, err := d.number(8)
		return math.Float64frombits(bits), err
	case 0xcc, 0xcd, 0xce, 0xcf:
		number, err := d.number(1 << (first - 0xcc))
		if number > math.MaxInt64 {
			return nil, errMalformed
		}
		return int64(number), err
	case 0xd0, 0xd1, 0xd2, 0xd3:
		size := 1 << (first - 0xd0)
		number, err := d.number(size)
		shift := 64 - 8*size
		return int64(number<<shift) >> shift, err
	case 0xd6:
		return d.foreign()
	}
	size, ok := lengths[first]
	if !ok {
		return nil, errMalformed
	}
	length, err := d.number(size)
	switch {
	case err != nil:
		return nil, err
	case first >= 0xde:
		return d.table(length, depth)
	case first >= 0xdc:
		return d.array(length, depth)
	}
	return d.text(length)
}

// Room for so many values is made at once, so that false lengths within each other take little memory.
const reserve = 1024

// lengths has the size of the length that follows a byte.
var lengths = map[byte]int{0xc4: 1, 0xc5: 2, 0xc6: 4, 0xd9: 1, 0xda: 2, 0xdb: 4, 0xdc: 2, 0xdd: 4, 0xde: 2, 0xdf: 4}

func (d *decoder) text(length uint64) (any, error) {
	if length > uint64(len(d.data)) {
		return nil, errMalformed
	}
	bytes, err := d.take(int(length))
	return string(bytes), err
}

func (d *decoder) array(length uint64, depth int) (any, error) {
	// Each value has a byte at least.
	if length > uint64(len(d.data)) {
		return nil, errMalformed
	}
	items := make([]any, 0, min(length, reserve))
	for range length {
		item, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

func (d *decoder) table(length uint64, depth int) (any, error) {
	if 2*length > uint64(len(d.data)) {
		return nil, errMalformed
	}
	table := make(map[any]any, min(length, reserve))
	for range length {
		key, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		switch key.(type) {
		case []any, map[any]any:
			key = &Key{key}
		}
		if table[key], err = d.value(depth + 1); err != nil {
			return nil, err
		}
	}
	return table, nil
}

func (d *decoder) foreign() (any, error) {
	kind, err := d.number(1)
	if err != nil {
		return nil, err
	}
	number, err := d.number(4)
	if err != nil {
		return nil, err
	}
	if d.links == nil || kind != abi.ExtensionHandle && kind != abi.ExtensionReference {
		return nil, errMalformed
	}
	return d.links.fromLua(byte(kind), uint32(number))
}
