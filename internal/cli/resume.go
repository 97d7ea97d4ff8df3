package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"bitcycle/mimo"
)

// resumable keeps the rounds of simulations: in the file of --resume as they come, else
// in memory until an interruption writes them down.
type resumable struct {
	States mimo.States
	verb   string
	path   string
	file   *os.File
	memory bytes.Buffer
}

// openResumable reads the file of --resume, if it is there, and goes on writing it.
func openResumable(verb, path string) (*resumable, error) {
	r := &resumable{verb: verb, path: path}
	r.States.Log = &r.memory
	if path == "" {
		return r, nil
	}
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, input(err)
	}
	whole := text[:bytes.LastIndexByte(text, '\n')+1] // a crash may leave half a line
	if err := r.States.Read(bytes.NewReader(whole)); err != nil {
		return nil, input(fmt.Errorf("%s:%w", path, err))
	}
	if r.file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o644); err != nil {
		return nil, input(err)
	}
	if err := r.file.Truncate(int64(len(whole))); err != nil {
		return nil, errors.Join(err, r.file.Close())
	}
	_, err = r.file.Seek(int64(len(whole)), 0)
	r.States.Log = r.file
	return r, err
}

// close ends the file and, if the run was interrupted, says how to go on. It returns
// err, and what else went wrong.
func (r *resumable) close(s *session, err error) error {
	command := "bitcycle " + s.command
	if r.file != nil {
		err = errors.Join(err, r.file.Close())
	} else if errors.Is(err, context.Canceled) && r.memory.Len() > 0 {
		r.path = r.verb + ".resume.jsonl"
		if bad := appendFile(r.path, r.memory.Bytes()); bad != nil {
			return errors.Join(err, bad)
		}
		command += " --resume " + r.path
	}
	if errors.Is(err, context.Canceled) && r.path != "" {
		fmt.Fprintf(s.stderr, "bitcycle: what was finished is in %s; to go on: %s\n", r.path, command)
	}
	return err
}

func appendFile(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Close())
}
