package workload

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
)

// ReadSCALESim reads a topology in the dialect of SCALE-Sim (versions 2 and 3): a
// header, then one layer a line, either a convolution
//
//	name, ifmap height, ifmap width, filter height, filter width, channels, filters, stride
//
// or, when the header names M, N and K, a matrix product of an M×K by a K×N matrix.
// As in SCALE-Sim there is no padding, a last partial window counts as an output, and
// a word is 8 bits. What else the dialect has:
//
//   - The order of the columns is the header's where it names them all, else the one
//     above. Without a header, lines of seven numbers are convolutions.
//   - A ninth column is what its header says: "Batch Size" is a batch, "Sparsity" is
//     N:M, which must be dense (1:1); without a name it is the horizontal stride if it
//     is a number. Columns of other names, and text in columns without one, are notes.
//   - A convolution with DP in its name or a note #dw is depthwise: every channel has
//     the filters of its own.
//   - A convolution of one channel whose filter is a whole row of the ifmap is what
//     SCALE-Sim makes of M, N, K, and is read as that product.
//   - Commas or tabs separate fields; the last one may be missing. Lines with a name
//     alone are headings.
//
// path is what errors call it; they name line, layer, column and value, all of them
// up to maxProblems.
func ReadSCALESim(path string, r io.Reader) (*Workload, error) {
	in, room, err := topologyReader(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	w := &Workload{Name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), Ops: make([]Op, 0, room)}
	var layout *columns
	var errs []error
	for len(errs) < maxProblems {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		line, _ := in.FieldPos(0)
		if record = trimmed(record); len(record) < 2 { // blank, or a heading
			continue
		}
		if layout == nil {
			header := true
			if layout, header, err = columnsOf(record); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", path, line, err)
			}
			if header {
				continue
			}
		}
		op, err := layout.op(record)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: layer %q, %w", path, line, record[0], err))
			continue
		}
		w.Ops = append(w.Ops, op)
	}
	if len(w.Ops) == 0 && errs == nil {
		return nil, fmt.Errorf("%s: holds no layer: want a header line and one layer a line", path)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return w, nil
}

// maxProblems bounds how many bad layers of a topology are reported at once.
const maxProblems = 20

// mostRoom bounds for how many layers room is made before they are read.
const mostRoom = 1 << 17

// topologyReader finds out what separates fields and skips a byte order mark. It returns
// for how many layers to make room.
func topologyReader(r io.Reader) (in *csv.Reader, room int, err error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, 0, err
	}
	document := strings.TrimPrefix(string(text), "\ufeff")
	in = csv.NewReader(strings.NewReader(document))
	in.FieldsPerRecord = -1
	in.TrimLeadingSpace, in.LazyQuotes = true, true
	for line := range strings.Lines(document) {
		if line = strings.TrimSpace(line); line != "" {
			if !strings.Contains(line, ",") && strings.Contains(line, "\t") {
				in.Comma, in.TrimLeadingSpace = '\t', false
			}
			break
		}
	}
	return in, min(strings.Count(document, "\n")+1, mostRoom), nil
}

// trimmed returns the fields of a line without spaces around them and without the
// empty ones at the end; what is left of a line without a name is its numbers.
func trimmed(record []string) []string {
	for i := range record {
		record[i] = strings.TrimSpace(record[i])
	}
	for len(record) > 0 && record[len(record)-1] == "" {
		record = record[:len(record)-1]
	}
	return slices.Clip(record)
}
