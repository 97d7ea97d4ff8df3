package sweep

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bitcycle/internal/strict"
)

// Write writes the sweep in full as TOML; reading it from any folder gives the same sweep.
func (s *Spec) Write(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "schema = 1\nname = %s\n", strict.Quote(s.Name))
	if s.Description != "" {
		fmt.Fprintf(out, "description = %s\n", strict.Quote(s.Description))
	}
	if s.Measured != "" {
		fmt.Fprintf(out, "measured = %s\n", strict.Quote(absolute("machine", s.Measured)))
	}
	fmt.Fprint(out, "\n[base]\n")
	for _, key := range slices.Sorted(maps.Keys(s.Base.Settings)) {
		fmt.Fprintf(out, "%s = %s\n", quotedKey(key), literal(absolute(key, s.Base.Settings[key])))
	}
	if len(s.Base.Set) > 0 {
		fmt.Fprintf(out, "set = %s\n", quotedList(s.Base.Set))
	}
	for _, one := range []struct {
		key   string
		value any
		given bool
	}{{"as_published", s.Base.AsPublished, s.Base.AsPublished}, {"lazy", s.Base.Lazy, s.Base.Lazy}, {"images", s.Base.Images, s.Base.Images > 0}, {"groups", s.Base.Groups, s.Base.Groups > 0}, {"rel_error", s.Base.RelError, s.Base.RelError > 0}} {
		if one.given {
			fmt.Fprintf(out, "%s = %v\n", one.key, one.value)
		}
	}
	s.writeAxes(out)
	if s.Sample.Count > 0 {
		fmt.Fprintf(out, "\n[sample]\ncount = %d\nrule = %q\nseed = %d\n", s.Sample.Count, s.Sample.Rule, s.Sample.Seed)
	}
	if len(s.Minimise)+len(s.Maximise) > 0 {
		fmt.Fprintf(out, "\n[objectives]\nminimise = %s\nmaximise = %s\n", quotedList(s.Minimise), quotedList(s.Maximise))
	}
	if len(s.Constraints) > 0 {
		fmt.Fprint(out, "\n[constraints]\n")
		for _, c := range s.Constraints {
			fmt.Fprintf(out, "%s = %s\n", c.Metric, strict.Quote(c.Op+" "+strconv.FormatFloat(c.Value, 'g', -1, 64)))
		}
	}
	return out.Flush()
}

// writeAxes writes single axes, then those that move together.
func (s *Spec) writeAxes(out io.Writer) {
	fmt.Fprint(out, "\n[axes]\n")
	for i := range s.Axes {
		if a := &s.Axes[i]; len(a.Keys) == 1 {
			writeAxis(out, a, 0)
		}
	}
	for i := range s.Axes {
		if a := &s.Axes[i]; len(a.Keys) > 1 {
			fmt.Fprint(out, "\n[[zip]]\n")
			for k := range a.Keys {
				writeAxis(out, a, k)
			}
		}
	}
}

func writeAxis(out io.Writer, a *Axis, k int) {
	var list []string
	for _, v := range a.Values {
		list = append(list, literal(absolute(a.Keys[k], v[k])))
	}
	fmt.Fprintf(out, "%s = [%s]\n", quotedKey(a.Keys[k]), strings.Join(list, ", "))
}

// absolute makes a path of a file absolute.
func absolute(key, value string) string {
	if !slices.Contains([]string{"machine", "frontend", "workload", "network"}, key) || !hasFile("", value) {
		return value
	}
	if path, err := filepath.Abs(value); err == nil {
		return path
	}
	return value
}

func quotedKey(key string) string {
	if strings.ContainsFunc(key, func(r rune) bool { return !(r == '_' || 'a' <= r && r <= 'z' || '0' <= r && r <= '9') }) {
		return strict.Quote(key)
	}
	return key
}

func quotedList(list []string) string {
	quoted := make([]string, len(list))
	for i, v := range list {
		quoted[i] = strict.Quote(v)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// literal writes a value so that textOf reads it back: numbers and bools as such.
func literal(text string) string {
	if x, ok := number(text); ok && x.text() == text || text == "true" || text == "false" {
		return text
	}
	return strict.Quote(text)
}
