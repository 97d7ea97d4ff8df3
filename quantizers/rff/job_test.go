package rff

import (
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// A job is the encoder that its parts describe, and its error is that of the codes.
func TestJobEncodes(t *testing.T) {
	x := mat.NewDense(4, 2, []float64{1, 2, 2, 1, 3, 3, 0.5, 2.5})
	s, m, err := ParseScheme("rff:scheme=beta,m=96,lambda=12", "scheme=beta,m=96,lambda=12")
	if err != nil {
		t.Fatal(err)
	}
	e, err := Job{Scheme: s, Features: m, Kernel: "gaussian", Seed: 3}.Encode(x)
	if err != nil {
		t.Fatal(err)
	}
	if e.Gamma != 0.5 || e.Points != 4 || e.Compared != 4 || e.Recipe() != (Recipe{Kernel: "gaussian", Gamma: 0.5, D: 2, Seed: 3}) {
		t.Errorf("%+v", e)
	}
	kernel, err := NamedKernel("gaussian", 0.5)
	if err != nil {
		t.Fatal(err)
	}
	encoder := Encoder{Features: Draw(kernel, 2, 96, 3), Scheme: s, Seed: 3}
	codes, _, err := encoder.Encode(x)
	if err != nil {
		t.Fatal(err)
	}
	exact := KernelMatrix(kernel, x, x)
	var diff mat.Dense
	diff.Sub(codes.Gram(codes), exact)
	if want := mat.Norm(&diff, 2) / mat.Norm(exact, 2); e.KernelError != want || want == 0 {
		t.Errorf("kernel error %v, want %v", e.KernelError, want)
	}
}

func TestParseSchemeRejects(t *testing.T) {
	for text, want := range map[string]string{
		"scheme=fm": "must be one of msq, stocq, sd, beta",
		"bits=9":    "bits = 9",
		"m=0":       "m = 0",
		"lamda=3":   `no argument "lamda"`,
	} {
		if _, _, err := ParseScheme("rff:"+text, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
