package evaluate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bitcycle/kernels/onnx"
	"bitcycle/kernels/shipped"
	"bitcycle/quantizers"
	"bitcycle/quantizers/methodtest"
)

// Every registered method keeps the contract of methods, with its default arguments
// where they take seconds.
func TestContract(t *testing.T) {
	network, machine := shipped.File(), load(t, "haq-bismo-edge")
	network.Name = "without training images of its own"
	calib := glyphs(t, "calib", 0, 8)
	t.Setenv("TMPDIR", t.TempDir()) // for what interrupted training keeps
	small := map[string]string{
		"autoq":  "autoq:algo=aware,moves=12",
		"bcgd":   "bcgd:epochs=1,data=glyphs:train[:128]",
		"policy": "policy:" + policyFile(t),
		"onnx":   "onnx:" + modelFile(t),
	}
	for _, info := range Methods() {
		spec, ok := small[info.Name]
		if !ok {
			spec = info.Name
		}
		t.Run(info.Name, func(t *testing.T) {
			methodtest.Suite{
				Spec: spec, Network: network.Net, Calib: calib,
				Parse: func(spec string, seed int64, workers int) (quantizers.Method, error) {
					return ParseMethod(spec, MethodContext{Network: network, Machine: machine, Seed: seed, Workers: workers})
				},
			}.Run(t)
		})
	}
}

// policyFile is a policy of random widths.
func policyFile(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "bits.toml")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := randomPolicy(shipped.Network(), 7).Write(file); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// modelFile is a quantized model of the shipped network.
func modelFile(t *testing.T) string {
	method, err := ParseMethod("uniform:w=4,a=4", MethodContext{})
	if err != nil {
		t.Fatal(err)
	}
	q, err := method.Quantize(t.Context(), shipped.Network(), glyphs(t, "calib", 0, 8), nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "net.onnx")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := onnx.ExportQuantized(file, q); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// A method that lacks something says what, and a bad spelling what there is.
func TestParseMethodSaysWhatIsMissing(t *testing.T) {
	for spec, want := range map[string]string{
		"autoq":                       "needs a machine",
		"multipoint:snr=20":           "needs a network",
		"bcgd":                        "needs a network",
		"policy:bits.toml":            "needs a network",
		"policy:":                     "policy:FILE",
		"onnx:":                       "onnx:FILE",
		"unifrom:w=4":                 `did you mean "uniform"?`,
		"":                            "want one of",
		"uniform:w=99,a=0,bits=3":     "bits",
		"multipoint:first=1,points=9": "0 or 2 to 8",
	} {
		c := MethodContext{}
		if spec == "policy:" {
			c.Network = shipped.File()
		}
		m, err := ParseMethod(spec, c)
		if err == nil || m != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error with %q", spec, err, want)
		}
	}
	_, err := ParseMethod("uniform:w=99,a=0,bits=3,first", MethodContext{})
	for _, part := range []string{"w = 99: must be 0 to 16", "a = 0: must be 1 to 16", `no argument "bits": want a, bn, clip, first, group, last, percentile, scale, w, zero`, `"first": want key=value`} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %v lacks %q", err, part)
		}
	}
}
