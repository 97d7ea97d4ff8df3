//go:build unix

package files

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// lock makes the process the only one to write a file, until it closes it. If another
// one is, the error names it.
func lock(file *os.File) error {
	want := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart}
	err := unix.FcntlFlock(file.Fd(), unix.F_SETLK, &want)
	if !errors.Is(err, unix.EACCES) && !errors.Is(err, unix.EAGAIN) {
		return err
	}
	if err := unix.FcntlFlock(file.Fd(), unix.F_GETLK, &want); err != nil || want.Type == unix.F_UNLCK {
		return errors.New("another process is writing it")
	}
	return fmt.Errorf("process %d is writing it", want.Pid)
}
