package moonlet

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"

	"moonlet/internal/abi"
)

// The stored form of a state (ABI.md, "Snapshots").
const (
	letters     = "MOONSNAP"
	form        = 2
	header      = 128
	headerHash  = 96
	payloadHash = 64
	record      = 4 + page
)

// Snapshot answers the whole state as bytes, the same in every language, suspended tasks and all. Garbage is collected first; finalizers run.
func (l *Lua) Snapshot() ([]byte, error) {
	if err := l.usable(); err != nil {
		return nil, err
	}
	defer l.leave()
	if err := l.instance.dropBuffer(); err != nil {
		return nil, err
	}
	if _, err := l.compact(); err != nil {
		return nil, err
	}
	version, err := l.instance.call(exportABIVersion)
	if err != nil {
		return nil, err
	}
	build, err := l.instance.buildID()
	if err != nil {
		return nil, err
	}
	image := l.instance.image()
	out := append(make([]byte, 0, header+len(image)+len(image)/page*4), letters...)
	out = out[:header]
	pages := 0
	var zeros [page]byte
	for number := range len(image) / page {
		if contents := image[number*page:][:page]; !bytes.Equal(contents, zeros[:]) {
			pages = number + 1
			out = append(binary.LittleEndian.AppendUint32(out, uint32(number)), contents...)
		}
	}
	hash := sha256.Sum256(out[header:])
	for at, number := range []uint32{form, version, uint32(l.instance.lua), uint32(pages)} {
		binary.LittleEndian.PutUint32(out[8+4*at:], number)
	}
	copy(out[24:], build)
	binary.LittleEndian.PutUint64(out[56:], uint64(len(out)-header))
	copy(out[payloadHash:], hash[:])
	hash = sha256.Sum256(out[:headerHash])
	copy(out[headerHash:], hash[:])
	return out, nil
}

// Restore makes the state what it was when the snapshot was taken, whatever it is now. The options of this state count, and its host functions; functions
// and tasks from before are refused afterwards. A snapshot that is damaged, of another build or another Lua, or too large, is refused, and the state
// is as before.
func (l *Lua) Restore(snapshot []byte) error {
	if err := l.enter(); err != nil {
		return err
	}
	defer l.leave()
	build, err := l.instance.buildID()
	if err != nil {
		return err
	}
	pages, err := l.check(snapshot, build)
	if err != nil {
		return err
	}
	err = l.instance.load(pages, func(memory []byte) {
		for at := header; at < len(snapshot); at += record {
			copy(memory[int(binary.LittleEndian.Uint32(snapshot[at:]))*page:], snapshot[at+4:][:page])
		}
	})
	if err != nil {
		return err
	}
	return l.startAnew()
}

// check looks whether a snapshot is one for this state; the pages that it needs.
func (l *Lua) check(data, build []byte) (int64, error) {
	no := func(format string, arguments ...any) (int64, error) {
		return 0, refused(abi.StatusBadData, format, arguments...)
	}
	if len(data) < header || string(data[:len(letters)]) != letters {
		return no("these bytes are no snapshot, or not even its header")
	}
	number := func(at int) int64 { return int64(binary.LittleEndian.Uint32(data[at:])) }
	payload := data[header:]
	if found := number(8); found != form {
		return no("the snapshot has form %d, and this package knows form %d; use a newer package", found, form)
	}
	if hash := sha256.Sum256(data[:headerHash]); !bytes.Equal(hash[:], data[headerHash:header]) {
		return no("the snapshot's header is damaged; restore an older one")
	}
	if lua := number(16); lua != int64(l.instance.lua) {
		return no("the snapshot was made by Lua %d.%d; restore it into a state with the option Lua%d%d", lua/100, lua%100, lua/100, lua%100)
	}
	if !bytes.Equal(data[24:56], build) {
		return no("the snapshot was made by another build of the module; use the package it was made with")
	}
	hash := sha256.Sum256(payload)
	if binary.LittleEndian.Uint64(data[56:]) != uint64(len(payload)) || len(payload)%record != 0 || !bytes.Equal(hash[:], data[payloadHash:headerHash]) {
		return no("the snapshot is damaged or cut short; restore an older one")
	}
	pages, next := number(20), int64(0)
	if most := l.settings.limits[abi.OptionPages]; most > 0 && pages > most {
		return no("the snapshot needs %d pages of memory, and this state may have %d; raise Memory or Pages", pages, most)
	}
	for at := header; at < len(data); at += record {
		if number(at) < next {
			return no("the snapshot's pages are out of order; restore an older one")
		}
		next = number(at) + 1
	}
	if next != pages {
		return no("the snapshot's pages are out of order; restore an older one")
	}
	return pages, nil
}

// startAnew begins another life of the state, after its memory was replaced.
func (l *Lua) startAnew() error {
	l.life++
	l.lastTime = [2]int64{-1, -1}
	l.kept, l.texts = map[uint32]*Task{}, map[uint32]bool{}
	if err := l.settings.apply(l.instance, nil); err != nil {
		return err
	}
	listed, err := l.listTasks()
	for _, task := range listed {
		l.kept[task.id] = nil
		if task.format == 0 {
			l.texts[task.id] = true
		}
	}
	return err
}

// Fork makes a copy of the state that shares nothing with it but its host functions and objects.
func (l *Lua) Fork() (*Lua, error) {
	if err := l.usable(); err != nil {
		return nil, err
	}
	defer l.leave()
	fork, err := l.runtime.newLua(l.settings)
	if err != nil {
		return nil, err
	}
	for name, function := range l.functions {
		fork.functions[name] = function
	}
	fork.objects = l.objects.copy()
	if err = l.instance.dropBuffer(); err == nil {
		image := l.instance.image()
		err = fork.instance.load(int64(len(image)/page), func(memory []byte) { copy(memory, image) })
	}
	if err == nil {
		err = fork.startAnew()
	}
	if err != nil {
		_ = fork.Close()
		return nil, err
	}
	return fork, nil
}
