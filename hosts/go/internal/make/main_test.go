package main

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// TestMain is the command itself where the tests start it so.
func TestMain(m *testing.M) {
	if os.Getenv("MOONLET_MAKE") != "" {
		os.Args = append(os.Args[:1], strings.Fields(os.Getenv("MOONLET_MAKE"))...)
		main()
		return
	}
	os.Exit(m.Run())
}

func TestAWrongCommandSaysHow(t *testing.T) {
	for _, words := range []string{" ", "nothing", "pack x", "soak 5"} {
		command := exec.Command(os.Args[0])
		command.Env = append(os.Environ(), "MOONLET_MAKE="+words)
		printed, err := command.Output()
		var ended *exec.ExitError
		if !errors.As(err, &ended) || ended.ExitCode() != 2 || len(printed) > 0 || !strings.HasPrefix(string(ended.Stderr), "usage: ") {
			t.Errorf("%q: %s %v", words, printed, err)
		}
	}
}

func TestWhatACommandStartedEndsWithIt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("groups of processes are POSIX's")
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	command := prepare(ctx, ".", nil, "sh", "-c", "trap '' INT TERM HUP; (sleep 1000; true) & echo runs; wait")
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stdout = writer
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(reader)
	if !lines.Scan() || lines.Text() != "runs" {
		t.Fatal(lines.Text())
	}
	cancel()
	if err := command.Wait(); err == nil {
		t.Fatal("it ended well")
	}
	// The pipe ends once nobody has it any more.
	if lines.Scan() {
		t.Fatal(lines.Text())
	}
}
