package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"bitcycle/internal/files"
	"bitcycle/mimo"
)

// resumable keeps the rounds of simulations: in the file of --resume as they come, else
// in memory until an interruption writes them down.
type resumable struct {
	States mimo.States
	verb   string
	path   string
	log    *files.Log
	memory bytes.Buffer
}

// openResumable reads the file of --resume, if it is there, and goes on writing it.
func openResumable(verb, path string) (*resumable, error) {
	r := &resumable{verb: verb, path: path}
	r.States.Log = &r.memory
	if path == "" {
		return r, nil
	}
	log, kept, err := files.OpenLog(path)
	if err != nil {
		return nil, input(err)
	}
	if err := r.States.Read(bytes.NewReader(kept)); err != nil {
		return nil, input(errors.Join(fmt.Errorf("%s:%w", path, err), log.Close()))
	}
	r.log, r.States.Log = log, log
	return r, nil
}

// close ends the file and, if the run was interrupted, says how to go on. It returns
// err, and what else went wrong.
func (r *resumable) close(s *session, err error) error {
	command := "bitcycle " + s.command
	if r.log != nil {
		err = errors.Join(err, r.log.Close())
	} else if errors.Is(err, context.Canceled) && r.memory.Len() > 0 {
		r.path = r.verb + ".resume.jsonl"
		if bad := r.remember(); bad != nil {
			return errors.Join(err, bad)
		}
		command += " --resume " + r.path
	}
	if errors.Is(err, context.Canceled) && r.path != "" {
		fmt.Fprintf(s.stderr, "bitcycle: what was finished is in %s; to go on: %s\n", r.path, command)
	}
	return err
}

// remember adds the rounds in memory to a file.
func (r *resumable) remember() error {
	log, _, err := files.OpenLog(r.path)
	if err != nil {
		return err
	}
	return errors.Join(log.Append(r.memory.Bytes()), log.Close())
}
