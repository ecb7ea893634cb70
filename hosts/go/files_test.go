package moonlet

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

//go:embed examples
var examplesFS embed.FS

func TestFilesAreAFileSystem(t *testing.T) {
	lua := newState(t)
	files := lua.Files()
	if err := errors.Join(files.Write("lib/tool.lua", []byte("return {version = 3}")), files.Write("empty", nil), files.Write("\xff", []byte("odd"))); err != nil {
		t.Fatal(err)
	}
	mustEval(t, lua, "io.open('out/x.txt', 'w'):write('v' .. require('lib.tool').version):close()")
	if err := fstest.TestFS(files, "lib/tool.lua", "out/x.txt", "empty"); err != nil {
		t.Fatal(err)
	}
	contents, err := fs.ReadFile(files, "out/x.txt")
	equal(t, string(contents)+fmt.Sprint(err), "v3<nil>")
	odd, err := files.Read("\xff")
	equal(t, string(odd)+fmt.Sprint(err), "odd<nil>")
	sizes, err := files.Sizes()
	equal(t, fmt.Sprintf("%q", fmt.Sprint(sizes, err)), `"map[empty:0 lib/tool.lua:20 out/x.txt:2 \xff:3] <nil>"`)
	if err := files.CopyFrom(examplesFS); err != nil {
		t.Fatal(err)
	}
	matches, err := fs.Glob(files, "examples/h*/main.go")
	equal(t, fmt.Sprint(matches, err), "[examples/hello/main.go examples/host-calls/main.go examples/hostile/main.go] <nil>")
	equal(t, files.Remove("empty"), nil)
}

func TestFilesThatCannotBe(t *testing.T) {
	lua := newState(t, Memory(2<<20), Result(1000))
	files := lua.Files()
	if err := files.Write("large", make([]byte, 5000)); err != nil {
		t.Fatal(err)
	}
	_, err := files.Read("large")
	if expect(t, err, ErrRefused, "larger than Result"); !strings.Contains(err.Error(), "read large") {
		t.Fatal(err)
	}
	_, err = files.Open("large")
	expect(t, err, ErrRefused, "larger than Result")
	for _, name := range []string{"nothing", "", ".", "large/below", "a\x00b", "/dev/null", "x/"} {
		if _, err := files.Read(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v", name, err)
		}
		if err := files.Remove(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v", name, err)
		}
		if _, err := files.Open(name); name != "." && err == nil {
			t.Errorf("%q was opened", name)
		}
		if err := files.Write(name, nil); name != "nothing" && !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("%q: %v", name, err)
		}
	}
	expect(t, files.Write("huge", make([]byte, 4<<20)), ErrRefused, "raise Memory")
	isUsable(t, lua)
}

func TestTheCache(t *testing.T) {
	if isTranslated || os.Getenv("MOONLET_ENGINE") == "interpreter" {
		t.Skip("there is no compiled code")
	}
	folder := filepath.Join(t.TempDir(), "made", "here")
	try := func() error {
		own, err := New(ctx, CacheDir(folder))
		if err != nil {
			return err
		}
		defer own.Close()
		lua, err := own.Lua(Lua54Mini())
		if err != nil {
			return err
		}
		_, err = lua.Eval(ctx, "return 2 + 2")
		return err
	}
	// Several that find it empty at once.
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			if err := try(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	var files []string
	_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			files = append(files, path)
		}
		return err
	})
	if len(files) == 0 {
		t.Fatal("nothing was kept")
	}
	for _, damage := range []func([]byte) []byte{
		func(whole []byte) []byte { return whole[:len(whole)/2] }, func(whole []byte) []byte { return nil },
		func(whole []byte) []byte {
			return slices.Concat(whole[:9000], []byte{whole[9000] ^ 0xff}, whole[9001:])
		},
	} {
		for _, file := range files {
			whole, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, damage(whole), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := try(); err != nil {
				t.Fatal(err)
			}
		}
		if err := try(); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := try(); err == nil || !strings.Contains(err.Error(), "others can write to") {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(ctx, CacheDir(file)); err == nil {
		t.Fatal("a file is no folder")
	}
}
