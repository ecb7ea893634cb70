package moonlet

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"moonlet/internal/abi"
)

type settings struct {
	module        module
	limits        map[int]int64
	libraries     int64
	nesting       int
	seed          *uint64
	clock         func() time.Time
	zone          string
	deterministic bool
	stdout        io.Writer
	stderr        io.Writer
	stdin         io.Reader
	warn          func(error)
}

// Option is an option of [Runtime.Lua].
type Option func(*settings) error

// Lua54 chooses Lua 5.4, which is the default.
func Lua54() Option { return chosen(lua54) }

// Lua55 chooses Lua 5.5.
func Lua55() Option { return chosen(lua55) }

// Lua54Mini chooses Lua 5.4 without files, clocks and the libraries that need them (ABI.md, "Mini").
func Lua54Mini() Option { return chosen(lua54Mini) }

// Lua55Mini chooses Lua 5.5 without files, clocks and the libraries that need them.
func Lua55Mini() Option { return chosen(lua55Mini) }

func chosen(m module) Option {
	return func(s *settings) error {
		s.module = m
		return nil
	}
}

// Module gives the bytes of another module of the same ABI. They may not be changed afterwards.
func Module(contents []byte) Option {
	return func(s *settings) error {
		var err error
		s.module, err = moduleOf(contents)
		return err
	}
}

func limit(name string, key int, value int64) Option {
	return func(s *settings) error {
		if value < 0 || value >= 1<<53 {
			return fmt.Errorf("%s is from 0, which is no limit, to 2^53, not %d", name, value)
		}
		s.limits[key] = value
		return nil
	}
}

func flag(key int, value int64) Option {
	return func(s *settings) error {
		s.limits[key] = value
		return nil
	}
}

// Memory limits what scripts may allocate, in bytes: 64 MiB by default, 0 is no limit.
func Memory(bytes int64) Option { return limit("Memory", abi.OptionMemory, bytes) }

// Pages limits the pages of 64 KiB that the state may reach into; by default there is room for twice [Memory].
func Pages(count int64) Option { return limit("Pages", abi.OptionPages, count) }

// Fuel limits the units that a task may use, about one for each VM instruction. There is no limit by default: then a context alone ends an
// endless loop.
func Fuel(units int64) Option { return limit("Fuel", abi.OptionFuel, units) }

// Slice sets the units after which the context is looked at: 1,000,000 by default. With 0 a script that is running cannot be cancelled.
func Slice(units int64) Option { return limit("Slice", abi.OptionSlice, units) }

// Output limits the bytes that are held before they are written to [Stdout] and [Stderr]; by default they are at the end of each slice.
func Output(bytes int64) Option { return limit("Output", abi.OptionOutput, bytes) }

// Result limits the bytes of a result, and of a file that is read; by default there is no limit.
func Result(bytes int64) Option { return limit("Result", abi.OptionResult, bytes) }

// HostCalls limits the host calls of a task; by default there is no limit.
func HostCalls(count int64) Option { return limit("HostCalls", abi.OptionHostCalls, count) }

// TaskLimit limits suspended tasks: 10,000 by default.
func TaskLimit(count int64) Option { return limit("TaskLimit", abi.OptionTasksLimit, count) }

// Nesting limits how deep evaluations of a state nest within its host functions: 16 by default.
func Nesting(depth int) Option {
	return func(s *settings) error {
		if depth < 0 {
			return fmt.Errorf("Nesting is at least 0, not %d", depth)
		}
		s.nesting = depth
		return nil
	}
}

// Libraries names the libraries that scripts have: base, package, coroutine, debug, io, math, os, string, table, utf8, msgpack, host,
// debug_full. By default all but the last, with which a script can break its state.
func Libraries(names ...string) Option {
	return func(s *settings) error {
		s.libraries = 0
		for _, name := range names {
			bit, ok := abi.Libraries[name]
			if !ok {
				return fmt.Errorf("there is no library %q; there are base, package, coroutine, debug, io, math, os, string, table, utf8, msgpack, host, debug_full", name)
			}
			s.libraries |= bit
		}
		return nil
	}
}

// Seed sets the seed of hashing and of math.random, which comes from the system's entropy by default.
func Seed(seed uint64) Option {
	return func(s *settings) error {
		s.seed = &seed
		return nil
	}
}

// Clock gives the time that os.time, os.date and os.clock read; the system's by default. It is asked at every run.
func Clock(now func() time.Time) Option {
	return func(s *settings) error {
		if now == nil {
			return fmt.Errorf("Clock takes a function such as time.Now; leave it out for the system's")
		}
		s.clock = now
		return nil
	}
}

// TimeZone sets the time zone, in the form of POSIX for TZ, such as "CET-1CEST,M3.5.0,M10.5.0/3"; UTC by default. The last line of a zone's
// file in zoneinfo is one.
func TimeZone(zone string) Option {
	return func(s *settings) error {
		s.zone = zone
		return nil
	}
}

// Deterministic fixes seed, clock and time zone where no other option sets them, so that equal runs give equal results.
func Deterministic() Option {
	return func(s *settings) error {
		s.deterministic = true
		return nil
	}
}

// Nulls has nil within slices, maps and structs arrive as host.null; otherwise it is a hole, or no entry.
func Nulls() Option { return flag(abi.OptionNulls, 1) }

// NoFinalizers has setmetatable ignore __gc.
func NoFinalizers() Option { return flag(abi.OptionFinalizers, 0) }

// BinaryChunks lets load take precompiled chunks, with which a script can break its state.
func BinaryChunks() Option { return flag(abi.OptionBinaryChunks, 1) }

// Stdout takes what scripts print; os.Stdout by default, and nobody if it is nil. An error of it ends the evaluation.
func Stdout(w io.Writer) Option {
	return func(s *settings) error {
		s.stdout = orNobody(w)
		return nil
	}
}

// Stderr takes what scripts write to io.stderr, and warnings; os.Stderr by default.
func Stderr(w io.Writer) Option {
	return func(s *settings) error {
		s.stderr = orNobody(w)
		return nil
	}
}

func orNobody(w io.Writer) io.Writer {
	if w == nil {
		return io.Discard
	}
	return w
}

// Stdin is read when a script reads more standard input than there is. With nil scripts wait for [Lua.WriteInput], in a task that the host steps.
// Without this option standard input is the file /dev/stdin.
func Stdin(r io.Reader) Option {
	return func(s *settings) error {
		s.limits[abi.OptionInput], s.stdin = 1, r
		return nil
	}
}

// Warn takes errors that no caller would see: a result of a host function that Lua has no form of, also where the script catches the error. By
// default they are logged by the package log.
func Warn(warn func(error)) Option {
	return func(s *settings) error {
		if warn == nil {
			return fmt.Errorf("Warn takes a function; leave it out for the package log")
		}
		s.warn = warn
		return nil
	}
}

func newSettings(options []Option) (*settings, error) {
	s := &settings{
		module:    lua54,
		limits:    map[int]int64{abi.OptionMemory: 64 << 20, abi.OptionSlice: 1_000_000, abi.OptionTasksLimit: 10_000, abi.OptionFormat: 1, abi.OptionErrorOutput: 1, abi.OptionFinalizers: 1},
		libraries: -1, nesting: 16, stdout: os.Stdout, stderr: os.Stderr, warn: func(err error) { log.Print(err) },
	}
	for at, option := range options {
		if option == nil {
			return nil, fmt.Errorf("option %d is nil", at+1)
		}
		if err := option(s); err != nil {
			return nil, err
		}
	}
	// A restored state has those of another host, so all are set.
	for _, key := range []int{abi.OptionFuel, abi.OptionOutput, abi.OptionResult, abi.OptionHostCalls, abi.OptionBinaryChunks, abi.OptionStrings, abi.OptionNulls, abi.OptionInput, abi.OptionTimeZone} {
		s.limits[key] += 0
	}
	if _, set := s.limits[abi.OptionPages]; !set {
		s.limits[abi.OptionPages] = (2*s.limits[abi.OptionMemory] + page - 1) / page
	}
	if s.clock == nil && s.deterministic {
		s.clock = func() time.Time { return time.Unix(0, 0) }
	}
	return s, nil
}

// begin sets what only a new state takes, then the rest.
func (s *settings) begin(in *instance) error {
	seed := s.seed
	if seed == nil {
		seed = new(uint64)
		if !s.deterministic {
			var entropy [8]byte
			// It never fails.
			_, _ = rand.Read(entropy[:])
			*seed = binary.LittleEndian.Uint64(entropy[:])
		}
	}
	first := map[int]int64{abi.OptionSeedLow: int64(uint32(*seed)), abi.OptionSeedHigh: int64(*seed >> 32)}
	if s.libraries >= 0 {
		first[abi.OptionLibraries] = s.libraries
	}
	return s.apply(in, first)
}

// apply sets every option, after others.
func (s *settings) apply(in *instance, first map[int]int64) error {
	for _, options := range []map[int]int64{first, s.limits} {
		for key, value := range options {
			status, err := in.set(key, float64(value))
			if err != nil {
				return err
			}
			if status != abi.StatusOk {
				return refusal(status, "the option %s cannot be %d", abi.Options[key], value)
			}
		}
	}
	if s.zone == "" {
		return nil
	}
	status, err := in.give(exportTimeZone, []byte(s.zone))
	if err == nil && status != abi.StatusOk {
		err = refusal(status, "%q is no time zone in the form of POSIX, such as CET-1CEST,M3.5.0,M10.5.0/3; the last line of a zone's file in zoneinfo is one", s.zone)
	}
	return err
}
