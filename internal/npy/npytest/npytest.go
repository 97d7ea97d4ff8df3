// Package npytest writes NumPy's files for tests; the program only reads them.
package npytest

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Element is a type that an array may have.
type Element interface {
	bool | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64
}

// File is an .npy file of version 1 with these elements in C order, little-endian.
func File[E Element](t testing.TB, values []E, shape ...int) []byte {
	t.Helper()
	var body bytes.Buffer
	if err := binary.Write(&body, binary.LittleEndian, values); err != nil {
		t.Fatal(err)
	}
	return Raw(descr[E](), false, shape, body.Bytes())
}

func descr[E Element]() string {
	var zero E
	name := fmt.Sprintf("%T", zero)
	if name == "bool" {
		return "|b1"
	}
	return fmt.Sprintf("<%c%d", name[0], binary.Size(zero))
}

// Raw is an .npy file of version 1 with a header that says so, whatever the elements
// are.
func Raw(descr string, fortran bool, shape []int, elements []byte) []byte {
	order := map[bool]string{false: "False", true: "True"}[fortran]
	head := fmt.Sprintf("{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }", descr, order, tuple(shape))
	return Header(1, head, elements)
}

// Header is an .npy file with this text for a header, padded as NumPy does.
func Header(version byte, head string, elements []byte) []byte {
	width := 2
	if version > 1 {
		width = 4
	}
	head += strings.Repeat(" ", 63-(8+width+len(head))%64) + "\n"
	file := append([]byte("\x93NUMPY"), version, 0)
	file = append(file, binary.LittleEndian.AppendUint32(nil, uint32(len(head)))[:width]...)
	return slices.Concat(file, []byte(head), elements)
}

func tuple(shape []int) string {
	words := make([]string, len(shape))
	for i, n := range shape {
		words[i] = fmt.Sprint(n)
	}
	text := strings.Join(words, ", ")
	if len(shape) == 1 {
		text += ","
	}
	return text
}

// Archive is an .npz archive of files, "a.npy" and so on.
func Archive(t testing.TB, members map[string][]byte) []byte {
	t.Helper()
	var names []string
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range names {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write(members[name])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
