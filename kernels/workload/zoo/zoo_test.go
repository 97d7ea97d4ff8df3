package zoo

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"bitcycle/kernels/workload"
)

// Every shipped workload is valid, names each op once, and reads back as written.
func TestShippedWorkloads(t *testing.T) {
	taken := map[string]bool{}
	for _, e := range append(List(), Variants()...) {
		w := e.Workload()
		if err := w.Validate(); err != nil || taken[e.Name] || e.About == "" {
			t.Errorf("%s (%s), taken %t: %v", e.Name, e.About, taken[e.Name], err)
		}
		taken[e.Name] = true
		var text bytes.Buffer
		if err := workload.Write(&text, w); err != nil {
			t.Fatal(err)
		}
		back, err := workload.Parse(e.Name+".toml", text.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(w, back) {
			t.Errorf("%s reads back differently", e.Name)
		}
	}
}

// What an op of a convolutional network reads is what the ops before it have made;
// the size of the input is nowhere said. Attention reads parts of projections, the
// last of all tokens, and what is cached.
func TestElementsFlow(t *testing.T) {
	for _, e := range append(List(), Variants()...) {
		w := e.Workload()
		if slices.ContainsFunc(w.Ops, func(op workload.Op) bool { return op.Dynamic }) {
			continue
		}
		for i := range w.Ops {
			op := &w.Ops[i]
			var made int64
			for _, from := range w.Producers(i) {
				if from >= 0 {
					made += w.Ops[from].OutputElements()
				}
			}
			if read := op.InputElements(); read != made && !slices.Contains(op.From, -1) {
				t.Errorf("%s %s reads %d elements of %d", e.Name, op.Name, read, made)
			}
		}
	}
}

func TestLoad(t *testing.T) {
	w, err := Load("resnet18")
	if err != nil || w.Name != "resnet18" {
		t.Fatalf("%v, %v", w, err)
	}
	path := filepath.Join(t.TempDir(), "mine.toml")
	if err := os.WriteFile(path, []byte("[[op]]\nname = \"fc\"\nkind = \"matmul\"\nm = 2\nk = 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if w, err := Load(path); err != nil || w.MACs() != 6 {
		t.Errorf("%v, %v", w, err)
	}
	for name, want := range map[string]string{
		"resnet81":   `did you mean "resnet18"`,
		"zzz":        "one of alexnet, vgg16",
		"./resnet18": "no such file",
	} {
		if _, err := Load(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	if Has("zzz") || !Has("vit-b16") {
		t.Error("Has")
	}
}
