package onnx

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bitcycle/internal/npy"
	"bitcycle/internal/testdata"
	"bitcycle/kernels"
)

// importCase is a line of the table of small models made by hand.
type importCase struct {
	path string
	macs int64
}

// importCases reads the lines of a section of the table.
func importCases(t *testing.T, section string) []importCase {
	t.Helper()
	root := filepath.Dir(testdata.Data(t, "../cases/import/README.md"))
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, part, _ := strings.Cut(string(text), "\n## "+section+"/")
	part, _, _ = strings.Cut(part, "\n## ")
	line := regexp.MustCompile("(?m)^\\| `([a-zA-Z0-9_]+)(?:\\.onnx)?` \\| (.*)$")
	said := regexp.MustCompile(`(\d+) MACs`)
	var cases []importCase
	for _, m := range line.FindAllStringSubmatch(part, -1) {
		c := importCase{path: filepath.Join(root, section, m[1]), macs: -1}
		if found := said.FindStringSubmatch(m[2]); found != nil {
			c.macs, _ = strconv.ParseInt(found[1], 10, 64)
		} else if cells := strings.Split(m[2], " | "); section == "idioms" {
			c.macs, _ = strconv.ParseInt(cells[2], 10, 64)
		}
		cases = append(cases, c)
	}
	if len(cases) == 0 {
		t.Fatalf("no cases in %s", section)
	}
	return cases
}

// readValues returns the values of a NumPy file and its dimensions.
func readValues(t *testing.T, path string) (x []float32, dims []int64) {
	t.Helper()
	a, err := npy.Load(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	if x, err = npy.Floats[float32](a); err != nil {
		t.Fatal(err)
	}
	return x, convert(a.Shape, func(d int) int64 { return int64(d) })
}

// execution is a run of a model on values in the order of its file.
type execution struct {
	m     *Model
	batch kernels.Batch
	watch []int
	got   []map[int][]float32 // by image, of the nodes that are outputs
}

func newExecution(t *testing.T, m *Model, x []float32) *execution {
	t.Helper()
	shape := m.Net.InputShape()
	size := shape.Size()
	e := &execution{m: m, batch: kernels.Batch{N: len(x) / size, Shape: shape}}
	for i := range e.batch.N {
		image, err := m.Input.Stored(x[i*size:(i+1)*size], shape)
		if err != nil {
			t.Fatal(err)
		}
		e.batch.Data = append(e.batch.Data, image...)
		e.got = append(e.got, map[int][]float32{})
	}
	for _, o := range m.Outputs {
		if !slices.Contains(e.watch, o.Node) {
			e.watch = append(e.watch, o.Node)
		}
	}
	return e
}

// outputs returns the values of all outputs, image after image.
func (e *execution) outputs(t *testing.T) [][]float32 {
	t.Helper()
	out := make([][]float32, len(e.m.Outputs))
	for k, o := range e.m.Outputs {
		for i := range e.got {
			y, err := o.Values(e.got[i][o.Node], e.m.Net.Nodes[o.Node].Shape)
			if err != nil {
				t.Fatal(err)
			}
			out[k] = append(out[k], y...)
		}
	}
	return out
}

// execute runs a model in numbers and returns its outputs.
func execute(t *testing.T, m *Model, x []float32) [][]float32 {
	t.Helper()
	e := newExecution(t, m, x)
	p, err := kernels.Compile(m.Net, kernels.PlanOptions{Workers: 1, Watch: e.watch, Observe: func(node, image int, v []float32) {
		e.got[image][node] = slices.Clone(v)
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(e.batch, make([]float32, e.batch.N*p.Classes)); err != nil {
		t.Fatal(err)
	}
	return e.outputs(t)
}

// near holds values against others, within tolerance of the largest magnitude.
func near(t *testing.T, what string, got, want []float32, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d values, want %d", what, len(got), len(want))
		return
	}
	most, worst, at := 0.0, 0.0, 0
	for i, w := range want {
		most = max(most, math.Abs(float64(w)))
		if d := math.Abs(float64(got[i] - w)); d > worst || d != d {
			worst, at = d, i
		}
	}
	if !(worst <= tolerance*most) {
		t.Errorf("%s: value %d is %v, want %v (largest magnitude %v)", what, at, got[at], want[at], most)
	}
}

// notExecuted lists the cases whose operators are not executed, with what is said
// of the first.
var notExecuted = map[string]string{
	"id_Conv3d": `node "n0_Conv" (Conv): 3-D Conv is not supported`,
}

// Every idiom costs what it multiplies and computes what is stored beside it,
// unless its operators are not executed, which it then says.
func TestIdioms(t *testing.T) {
	for _, section := range []string{"idioms", "keras"} {
		for _, c := range importCases(t, section) {
			t.Run(filepath.Base(c.path), func(t *testing.T) { c.check(t) })
		}
	}
}

func (c importCase) check(t *testing.T) {
	in := c.path + ".in.npy"
	x, dims := readValues(t, in)
	opt := Options{Shapes: true}
	if strings.HasPrefix(filepath.Base(c.path), "id_symbolic") {
		opt.Inputs = map[string][]int64{"x": dims}
	}
	m, err := Open(c.path+".onnx", opt)
	if err != nil {
		t.Fatal(err)
	}
	weights, activations, _ := costOf(m)
	if weights+activations != c.macs {
		t.Errorf("%d and %d MACs, want %d", weights, activations, c.macs)
	}
	opt.Shapes = false
	if m, err = Open(c.path+".onnx", opt); err != nil {
		t.Fatal(err)
	}
	name := filepath.Base(c.path)
	err = m.Executable()
	if want, listed := notExecuted[name]; listed || err != nil {
		if err == nil || !listed || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, listed with %q", err, want)
		}
		return
	}
	for k := 1; ; k++ { // further inputs come behind
		more := c.path + fmt.Sprintf(".in%d.npy", k)
		if _, err := os.Stat(more); err != nil {
			break
		}
		y, _ := readValues(t, more)
		x = append(x, y...)
	}
	tolerance := 1e-5
	if name == "id_fp16_model" {
		tolerance = 2e-3
	}
	for k, y := range execute(t, m, x) {
		file := c.path + ".out.npy"
		if k > 0 {
			file = c.path + fmt.Sprintf(".out%d.npy", k)
		}
		want, _ := readValues(t, file)
		near(t, fmt.Sprintf("output %d", k), y, want, tolerance)
	}
}

// Files with weights beside them, and files that are none.
func TestFiles(t *testing.T) {
	root := filepath.Dir(testdata.Data(t, "../cases/import/files/plain.onnx"))
	x, _ := readValues(t, filepath.Join(root, "ext.in.npy"))
	want, _ := readValues(t, filepath.Join(root, "ext.out.npy"))
	for _, name := range []string{"plain", "ext_one_file"} {
		m, err := Open(filepath.Join(root, name+".onnx"), Options{})
		if err != nil || m.Executable() != nil {
			t.Fatalf("%s: %v, %v", name, err, m.Executable())
		}
		near(t, name, execute(t, m, x)[0], want, 1e-5)
	}
	m, err := Open(filepath.Join(root, "ext_missing.onnx"), Options{Shapes: true})
	if err != nil {
		t.Fatal(err)
	}
	if macs, _, _ := costOf(m); macs != 7840 || len(m.Notes) != 1 {
		t.Errorf("weights that are missing: %d MACs, %q", macs, m.Notes)
	}
	for name, want := range map[string]string{
		"ext_missing": "no such file or directory", "ext_short": "bytes, fewer than", "ext_parent": "outside the model's folder",
		"lfs_pointer": "a Git LFS pointer", "truncated": "the file ends early", "empty": "the file is empty",
	} {
		_, err := Load(filepath.Join(root, name+".onnx"), Options{})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", name, err, want)
		} else {
			t.Log(err)
		}
	}
}
