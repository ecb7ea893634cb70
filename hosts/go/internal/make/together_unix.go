//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// endTogether has what a command starts end with it: it is a group of processes.
func endTogether(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
}
