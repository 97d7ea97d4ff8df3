package queue

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"bitcycle/sim/sweep"
)

// subject names a span of a job below a prefix.
func subject(prefix, job string, s sweep.Span) string {
	return fmt.Sprintf("%s%s.%d-%d", prefix, job, s.From, s.To)
}

// parseSubject reads what subject writes.
func parseSubject(prefix, text string) (job string, s sweep.Span, err error) {
	rest, ok := strings.CutPrefix(text, prefix)
	job, span, cut := strings.Cut(rest, ".")
	from, to, two := strings.Cut(span, "-")
	var errFrom, errTo error
	s.From, errFrom = strconv.Atoi(from)
	s.To, errTo = strconv.Atoi(to)
	if !ok || !cut || !two || errFrom != nil || errTo != nil || s.From < 0 || s.From >= s.To {
		return "", s, fmt.Errorf("subject %q: not a span", text)
	}
	return job, s, nil
}

// maxResults bounds the results of a span, unpacked.
const maxResults = 256 << 20

// pack writes results, a line each, deflated.
func pack(results []sweep.Result) ([]byte, error) {
	var lines []byte
	for i := range results {
		lines = append(results[i].AppendRecord(lines), '\n')
	}
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestSpeed)
	if err == nil {
		_, err = w.Write(lines)
	}
	if err == nil {
		err = w.Close()
	}
	return out.Bytes(), err
}

// unpack reads what pack writes.
func unpack(data []byte) ([]sweep.Result, error) {
	r := flate.NewReader(bytes.NewReader(data))
	defer r.Close()
	lines, err := io.ReadAll(io.LimitReader(r, maxResults))
	if err != nil {
		return nil, err
	}
	if len(lines) == maxResults {
		return nil, errors.New("results of a span that are larger than any")
	}
	var results []sweep.Result
	for line := range bytes.Lines(lines) {
		one, err := sweep.ParseRecord(line)
		if err != nil {
			return nil, err
		}
		results = append(results, one)
	}
	return results, nil
}
