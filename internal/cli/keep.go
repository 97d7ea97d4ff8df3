package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"bitcycle/internal/files"
)

// keptFolder holds what a long run has finished: the folder of --resume, else
// one of its own that is removed unless the run is interrupted.
type keptFolder struct {
	path   string
	own    bool
	unlock func() error
}

// openFolder is [makeFolder] with others kept out of a folder that they know.
func openFolder(s *session, of, path string) (*keptFolder, error) {
	k, err := makeFolder(s, of, path)
	if err == nil && !k.own {
		k.unlock, err = files.Lock(path)
	}
	return k, input(err)
}

// makeFolder returns the folder for what a run keeps.
func makeFolder(s *session, of, path string) (k *keptFolder, err error) {
	k = &keptFolder{path: path, own: path == ""}
	if k.own {
		k.path, err = os.MkdirTemp("", "bitcycle-"+of+"-")
	} else {
		err = input(os.MkdirAll(path, 0o755))
	}
	s.remember(func() string { return k.goOn(s) })
	return k, err
}

// goOn says how.
func (k *keptFolder) goOn(s *session) string {
	command := "bitcycle " + s.command
	if k.own {
		command += " --resume " + k.path
	}
	return fmt.Sprintf("bitcycle: what was finished is in %s; to go on: %s", k.path, command)
}

// close says how to go on if the run was interrupted, and removes an own folder
// otherwise. It returns err, and what else went wrong.
func (k *keptFolder) close(s *session, err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(s.stderr, k.goOn(s))
	case k.own:
		err = errors.Join(err, os.RemoveAll(k.path))
	}
	if k.unlock != nil {
		err = errors.Join(err, k.unlock())
	}
	return err
}
