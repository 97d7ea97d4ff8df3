package workload

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// field is what a column of a topology holds.
type field uint8

const (
	ifmapHeight field = iota
	ifmapWidth
	filterHeight
	filterWidth
	channelCount
	filterCount
	strideHeight // of both directions unless there is a strideWidth
	strideWidth
	batchSize
	sparsity
	productM
	productN
	productK
	note
	fields
)

// convColumns and productColumns are the fields after the name, in SCALE-Sim's order.
var (
	convColumns    = []field{ifmapHeight, ifmapWidth, filterHeight, filterWidth, channelCount, filterCount, strideHeight}
	productColumns = []field{productM, productN, productK}
)

// fieldNames are the names that headers have, in lower case with single spaces.
var fieldNames = map[string]field{
	"ifmap height": ifmapHeight, "ifmap width": ifmapWidth, "filter height": filterHeight, "filter width": filterWidth,
	"channels": channelCount, "channel": channelCount, "num filter": filterCount, "num filters": filterCount,
	"strides": strideHeight, "stride": strideHeight, "stride height": strideHeight, "strides height": strideHeight,
	"stride width": strideWidth, "strides width": strideWidth, "batch size": batchSize, "batch": batchSize, "sparsity": sparsity,
	"m": productM, "n": productN, "k": productK,
}

// columns tells what the columns of a topology hold.
type columns struct {
	product bool
	holds   []field  // by column; columns beyond have no name
	heads   []string // as the file writes them; nil without a header
}

// columnsOf reads the first line: a header, or the first layer of a file without one.
func columnsOf(first []string) (*columns, bool, error) {
	if numbers := leadingNumbers(first[1:]); numbers >= len(convColumns) {
		return &columns{holds: positional(convColumns)}, false, nil
	} else if numbers > 0 {
		return nil, false, fmt.Errorf("a layer where the header is expected: want Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides or Layer, M, N, K")
	}
	c := &columns{heads: first, holds: []field{note}}
	seen := [fields]int{}
	for _, head := range first[1:] {
		f, known := fieldNames[strings.Join(strings.Fields(strings.ToLower(strings.ReplaceAll(head, "_", " "))), " ")]
		if !known {
			f = note
		}
		c.holds = append(c.holds, f)
		seen[f]++
	}
	for _, one := range []field{strideWidth, batchSize, sparsity} {
		if seen[one] > 1 {
			return nil, false, errors.New("the header names a column twice")
		}
	}
	if c.product = each(seen, productColumns); c.product {
		return c, true, nil
	}
	if !each(seen, convColumns) { // SCALE-Sim reads by position, whatever the header says
		named := c.holds
		c.holds = positional(convColumns)
		c.holds = append(c.holds, named[min(len(named), len(c.holds)):]...)
	}
	return c, true, nil
}

// positional is the name and then the fields in order.
func positional(of []field) []field { return append([]field{note}, of...) }

// each reports whether each of the fields is there once.
func each(seen [fields]int, of []field) bool {
	for _, f := range of {
		if seen[f] != 1 {
			return false
		}
	}
	return true
}

// leadingNumbers counts the fields that are integers before the first that is not.
func leadingNumbers(record []string) int {
	for i, text := range record {
		if _, err := strconv.Atoi(text); err != nil {
			return i
		}
	}
	return len(record)
}

// at returns what column i of a layer holds. Where the header has no name, a number
// in the first column after those that are needed is a horizontal stride, as in
// SCALE-Sim 2, N:M is a sparsity, and text is a note.
func (c *columns) at(i int, text string) field {
	if i < len(c.holds) && (c.holds[i] != note || i < len(c.heads) && c.heads[i] != "") {
		return c.holds[i]
	}
	switch {
	case text == "" || strings.HasPrefix(text, "#"):
		return note
	case strings.Contains(text, ":"):
		return sparsity
	case !c.product && i == len(convColumns)+1 && text[0] <= '9':
		return strideWidth
	}
	return note
}

// head names column i for errors.
func (c *columns) head(i int) string {
	if i < len(c.heads) && c.heads[i] != "" {
		return c.heads[i]
	}
	return fmt.Sprintf("column %d", i+1)
}
