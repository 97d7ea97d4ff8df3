package sweep

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"reflect"
	"strings"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
)

// ID names a point by what it is: half of a SHA-256 of its settings, with machines,
// workloads, networks and images by their content.
type ID [16]byte

// String writes the id in 32 hexadecimal digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// ParseID reads what String writes.
func ParseID(text string) (id ID, ok bool) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(id) {
		return id, false
	}
	copy(id[:], b)
	return id, true
}

// idOf hashes text.
func idOf(text []byte) (id ID) {
	sum := sha256.Sum256(text)
	copy(id[:], sum[:])
	return id
}

// digest is the hash of what write writes.
func digest(write func(w io.Writer) error) (string, error) {
	h := sha256.New()
	if err := write(h); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)[:16]), nil
}

// hashOfMachine hashes what decides the figures of a machine or a front end: every value
// but its name, its description and where values come from.
func hashOfMachine(machine any) (string, error) {
	return digest(func(w io.Writer) error {
		writeValues(w, "", reflect.ValueOf(machine).Elem())
		return nil
	})
}

var constant = reflect.TypeFor[arch.Constant]()

// writeValues writes key = value of all that is not told apart from figures.
func writeValues(w io.Writer, prefix string, v reflect.Value) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		key := prefix + field.Tag.Get("toml")
		switch f := v.Field(i); {
		case prefix == "" && strings.Contains(" name description sources unconfirmed ", " "+key+" "), field.Tag.Get("toml") == "source":
		case f.Type() == constant:
			fmt.Fprintf(w, "%s=%v\n", key, f.Field(0).Interface())
		case f.Kind() == reflect.Struct:
			writeValues(w, key+".", f)
		default:
			fmt.Fprintf(w, "%s=%v\n", key, f.Interface())
		}
	}
}

// hashOfWorkload hashes shapes and widths; the name of the workload is left out.
func hashOfWorkload(of *workload.Workload) (string, error) {
	nameless := *of
	nameless.Name = ""
	return digest(func(w io.Writer) error { return workload.Write(w, &nameless) })
}
