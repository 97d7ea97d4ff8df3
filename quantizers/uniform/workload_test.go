package uniform

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bitcycle/kernels/workload"
	"bitcycle/kernels/workload/zoo"
)

func TestRequantize(t *testing.T) {
	w, err := zoo.Load("bert-base")
	if err != nil {
		t.Fatal(err)
	}
	if err := Requantize(w, "uniform:w=3,a=5,last=6"); err != nil {
		t.Fatal(err)
	}
	layers := w.Layers()
	for i := range w.Ops {
		op := &w.Ops[i]
		if op.Kind > workload.MatMul {
			continue
		}
		weight, act := uint8(3), uint8(5)
		switch {
		case op.Name == layers[0]:
			weight, act = 8, 8
		case op.Name == layers[len(layers)-1]:
			weight, act = 6, 6
		case op.Dynamic: // both operands are activations
			weight = 5
		}
		if op.WeightBits.Min() != weight || op.WeightBits.Max() != weight || op.ActBits != act {
			t.Errorf("%s: %v and %d bits, want %d and %d", op.Name, op.WeightBits, op.ActBits, weight, act)
		}
	}
}

func TestRequantizeByPolicy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bits.toml")
	text := "schema = 1\n[[layer]]\nname = \"fc1\"\nact_bits = 3\nweight_bits = 2\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w := &workload.Workload{Name: "w", Ops: []workload.Op{{Name: "fc1", Kind: workload.MatMul, M: 2, K: 2, N: 1, Groups: 1, Batch: 1, WeightBits: workload.Widths{8}, ActBits: 8}}}
	if err := Requantize(w, "policy:"+path); err != nil || w.Ops[0].ActBits != 3 || w.Ops[0].WeightBits.At(1) != 2 {
		t.Errorf("%+v, %v", w.Ops[0], err)
	}
	for spec, want := range map[string]string{
		"policy:" + path + "x": "no such file",
		"uniform:w=17":         "w = 17: must be 0 to 16",
		"multipoint:w=3":       "want uniform:w=4,a=4 or policy:FILE",
	} {
		if err := Requantize(w, spec); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "method ") {
			t.Errorf("%s: %v, want %q", spec, err, want)
		}
	}
	for text, want := range map[string]uint8{"[default]\nact_bits = 3\nweight_bits = 5\n": 5, "[[6, 2]]": 6} {
		if err := os.WriteFile(path+"2", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Requantize(w, "policy:"+path+"2"); err != nil || w.Ops[0].WeightBits.At(1) != want {
			t.Errorf("%s: %+v, %v", text, w.Ops[0], err)
		}
	}
	w.Ops[0].Name = "fc2"
	if err := Requantize(w, "policy:"+path); err == nil || !strings.Contains(err.Error(), `name = "fc1": workload w has no such layer (did you mean "fc2"?)`) {
		t.Error(err)
	}
}
