package moonlet

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"moonlet/internal/abi"
)

// Files is the file system in a state's memory: an [fs.FS] that can be written. Folders need no making. A name that is no valid path of [fs.FS], such as one
// with bytes that are no UTF-8, is reached by Read, Write and Remove alone.
type Files struct{ lua *Lua }

// Files answers the state's files.
func (l *Lua) Files() Files { return Files{l} }

// do calls an export with a name, and answers what it leaves as the result.
func (f Files) do(operation string, e export, name string) ([]byte, error) {
	l := f.lua
	if err := l.enter(); err != nil {
		return nil, err
	}
	defer l.leave()
	answer, err := l.instance.give(e, []byte(name))
	if err != nil {
		return nil, err
	}
	// Of an export that answers a status it is the number itself.
	status := statusOf(answer)
	if e == exportRemoveFile {
		status = answer
	}
	switch status {
	case abi.StatusOk:
		return bytes.Clone(l.instance.result()), nil
	case abi.StatusBadArgument:
		return nil, &fs.PathError{Op: operation, Path: name, Err: fs.ErrNotExist}
	}
	return nil, &fs.PathError{Op: operation, Path: name, Err: refusal(status, "the file is larger than Result or the memory that is left allows")}
}

// Read answers the contents of a file.
func (f Files) Read(name string) ([]byte, error) { return f.do("read", exportReadFile, name) }

// Remove takes a file out. A script that has it open goes on with it.
func (f Files) Remove(name string) error {
	_, err := f.do("remove", exportRemoveFile, name)
	return err
}

// Write puts a file there, or new contents into it.
func (f Files) Write(name string, contents []byte) error {
	l := f.lua
	if err := l.enter(); err != nil {
		return err
	}
	defer l.leave()
	at, err := uint32(0), error(nil)
	if name != "" {
		if at, err = l.instance.put([]byte(name)); err != nil {
			return err
		}
	}
	status, err := l.instance.give(exportWriteFile, contents, at, uint32(len(name)))
	if at != 0 && err == nil {
		_, err = l.instance.call(exportDealloc, at, uint32(len(name)))
	}
	switch {
	case err != nil:
		return &fs.PathError{Op: "write", Path: name, Err: err}
	case status == abi.StatusBadArgument:
		return &fs.PathError{Op: "write", Path: name, Err: fs.ErrInvalid}
	case status != abi.StatusOk:
		return &fs.PathError{Op: "write", Path: name, Err: refusal(status, "%d bytes do not fit into the memory; raise Memory", len(contents))}
	}
	return nil
}

// CopyFrom puts all files of another file system there, such as one of the package embed.
func (f Files) CopyFrom(from fs.FS) error {
	return fs.WalkDir(from, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		contents, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		return f.Write(name, contents)
	})
}

// Sizes answers the sizes of all files by their names.
func (f Files) Sizes() (map[string]int64, error) {
	l := f.lua
	if err := l.enter(); err != nil {
		return nil, err
	}
	defer l.leave()
	items, err := l.instance.list(exportListFiles)
	sizes := make(map[string]int64, len(items))
	for _, item := range items {
		if pair, ok := item.([]any); ok && len(pair) == 2 {
			name, _ := pair[0].(string)
			sizes[name], _ = pair[1].(int64)
		}
	}
	return sizes, err
}

// Open opens a file or a folder for reading, as [fs.FS] has it.
func (f Files) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	contents, err := f.do("open", exportReadFile, name)
	if err == nil {
		return &file{info: info{path.Base(name), int64(len(contents)), false}, Reader: bytes.NewReader(contents)}, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	sizes, failed := f.Sizes()
	if failed != nil {
		return nil, failed
	}
	found := map[string]info{}
	for full, size := range sizes {
		rest, isWithin := strings.CutPrefix("/"+full, strings.TrimSuffix("/"+name, "/.")+"/")
		if isWithin && fs.ValidPath(full) {
			first, _, isFolder := strings.Cut(rest, "/")
			if isFolder {
				size = 0
			}
			found[first] = info{first, size, isFolder}
		}
	}
	if len(found) == 0 && name != "." {
		return nil, err
	}
	folder := &folder{info: info{path.Base(name), 0, true}}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		folder.entries = append(folder.entries, fs.FileInfoToDirEntry(found[name]))
	}
	return folder, nil
}

// info describes a file or folder.
type info struct {
	name     string
	size     int64
	isFolder bool
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.isFolder }
func (i info) Sys() any           { return nil }
func (i info) Mode() fs.FileMode {
	if i.isFolder {
		return fs.ModeDir | 0o555
	}
	return 0o444
}

// file is an open file, as it was when it was opened.
type file struct {
	info
	*bytes.Reader
}

func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *file) Size() int64                { return f.info.size }
func (f *file) Close() error               { return nil }

// folder is an open folder.
type folder struct {
	info
	entries []fs.DirEntry
}

func (f *folder) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *folder) Close() error               { return nil }
func (f *folder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: f.name, Err: errors.New("is a folder")}
}

func (f *folder) ReadDir(count int) ([]fs.DirEntry, error) {
	if count <= 0 {
		count = len(f.entries)
	} else if len(f.entries) == 0 {
		return nil, io.EOF
	}
	count = min(count, len(f.entries))
	taken := f.entries[:count:count]
	f.entries = f.entries[count:]
	return taken, nil
}
