package main

import (
	"archive/zip"
	"compress/flate"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// pack packs the files that users of the module need into a zip, in a folder named moonlet. Its dates are those of the commit.
func pack(ctx context.Context, _ []string) error {
	if err := translate(ctx, nil); err != nil {
		return err
	}
	version, err := projectVersion()
	if err != nil {
		return err
	}
	told, err := output(ctx, ".", nil, "git", "log", "-1", "--format=%ct")
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseInt(strings.TrimSpace(told), 10, 64)
	if err != nil {
		return err
	}
	names := []string{"LICENSE", "README.md", "go.mod", "go.sum"}
	for _, pattern := range []string{"*.go", "*.wasm", "internal/abi/*.go", "internal/lua*/*.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return err
		}
		names = append(names, found...)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
	slices.Sort(names)
	place := filepath.Join(dist, fmt.Sprintf("moonlet-go-%s.zip", version))
	out, err := os.Create(place)
	if err != nil {
		return err
	}
	defer out.Close()
	archive := zip.NewWriter(out)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	for _, name := range names {
		header := &zip.FileHeader{Name: "moonlet/" + filepath.ToSlash(name), Method: zip.Deflate, Modified: time.Unix(seconds, 0).UTC()}
		entry, err := archive.CreateHeader(header)
		if err != nil {
			return err
		}
		if err := copyFile(entry, name); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	length, err := out.Seek(0, io.SeekCurrent)
	fmt.Printf("%s (%d bytes)\n", place, length)
	return err
}

// projectVersion is the one version that all packages have.
func projectVersion() (string, error) {
	manifest, err := os.ReadFile("../../Cargo.toml")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(manifest)) {
		if version, ok := strings.CutPrefix(line, "version = \""); ok {
			version, _, _ = strings.Cut(version, "\"")
			return version, nil
		}
	}
	return "", fmt.Errorf("no version of the workspace stands in Cargo.toml")
}
