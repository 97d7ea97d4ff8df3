package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

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
	memory lockedBuffer
}

// lockedBuffer may be read while others write it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) content() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.b.Bytes())
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
	return s.whole(func() error {
		if r.log != nil {
			err = errors.Join(err, r.log.Close())
		}
		if errors.Is(err, context.Canceled) {
			note, bad := r.goOn(s)
			err = errors.Join(err, bad)
			if note != "" {
				fmt.Fprintln(s.stderr, note)
			}
		}
		return err
	})
}

// goOn keeps what memory alone has, and says how to go on; "" if nothing is finished.
func (r *resumable) goOn(s *session) (note string, err error) {
	command := "bitcycle " + s.command
	if r.path == "" {
		if len(r.memory.content()) == 0 {
			return "", nil
		}
		r.path = r.verb + ".resume.jsonl"
		if err := r.remember(); err != nil {
			return "", err
		}
		command += " --resume " + r.path
	}
	return fmt.Sprintf("bitcycle: what was finished is in %s; to go on: %s", r.path, command), nil
}

// lastWords is goOn for a program that ends at once.
func (r *resumable) lastWords(s *session) func() string {
	return func() string {
		note, err := r.goOn(s)
		if err != nil {
			note = "bitcycle: " + err.Error()
		}
		return note
	}
}

// remember adds the rounds in memory to a file.
func (r *resumable) remember() error {
	log, _, err := files.OpenLog(r.path)
	if err != nil {
		return err
	}
	return errors.Join(log.Append(r.memory.content()), log.Close())
}
