package trace

import (
	"bufio"
	"encoding/json"
	"io"
	"strconv"
)

// chrome writes the JSON array form of Chrome's trace events, times in microseconds. The
// machine is process 1, a track a thread.
type chrome struct {
	w     *bufio.Writer
	err   error
	any   bool
	named [OnChip]bool // tracks
}

func newChrome(w io.Writer) *chrome {
	c := &chrome{w: bufio.NewWriter(w)}
	for t := Layers; t < LoadUnit; t++ {
		c.name(t)
	}
	return c
}

// name names a track; those of units when they are first used.
func (c *chrome) name(t Track) {
	if !c.named[t] {
		c.named[t] = true
		c.put(map[string]any{"ph": "M", "name": "thread_name", "pid": 1, "tid": int(t), "args": map[string]any{"name": names[t]}})
	}
}

func (c *chrome) Begin(t Track, ns int64, name string, fields []Field) {
	c.name(t)
	args := make(map[string]any, len(fields))
	for _, f := range fields {
		args[f.Key] = f.Value
	}
	c.put(map[string]any{"ph": "B", "name": name, "pid": 1, "tid": int(t), "ts": micros(ns), "args": args})
}

func (c *chrome) End(t Track, ns int64) {
	c.put(map[string]any{"ph": "E", "pid": 1, "tid": int(t), "ts": micros(ns)})
}

func (c *chrome) Value(t Track, ns int64, value int64) {
	c.put(map[string]any{"ph": "C", "name": names[t], "pid": 1, "ts": micros(ns), "args": map[string]any{"bytes": value}})
}

// micros writes nanoseconds as microseconds without rounding.
func micros(ns int64) json.Number {
	return json.Number(strconv.FormatInt(ns/1000, 10) + "." + strconv.FormatInt(1000+ns%1000, 10)[1:])
}

// put appends an object to the array; keys are sorted, so that equal runs write equal files.
func (c *chrome) put(object map[string]any) {
	if c.err != nil {
		return
	}
	text, err := json.Marshal(object)
	if err != nil {
		c.err = err
		return
	}
	before := ",\n"
	if !c.any {
		before, c.any = "[\n", true
	}
	if _, c.err = c.w.WriteString(before); c.err == nil {
		_, c.err = c.w.Write(text)
	}
}

func (c *chrome) Close() error {
	if c.err == nil {
		_, c.err = c.w.WriteString("\n]\n")
	}
	if c.err == nil {
		c.err = c.w.Flush()
	}
	return c.err
}
