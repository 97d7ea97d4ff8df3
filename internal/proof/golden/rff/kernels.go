package goldencheck

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"

	"bitcycle/quantizers/rff"
	"bitcycle/quantizers/rff/learn"
)

// checkPipeline repeats points → features → kernel matrices.
func checkPipeline(t *trial) {
	omega := t.matrix(t.inputs, "Omega")
	d, m := omega.Dims()
	f := &rff.Features{D: d, M: m, Xi: t.flat(t.inputs, "xi")}
	for i := range m {
		f.Omega = append(f.Omega, mat.Col(nil, i, omega)...)
	}
	z := f.MapRows(t.matrix(t.inputs, "X"), 1)
	t.compare("Z", z.RawMatrix().Data)
	if !t.outputs.given("kernels") {
		return
	}
	t.seen["kernels"] = true
	var kernels fields
	if err := json.Unmarshal(t.outputs["kernels"], &kernels); err != nil {
		t.problem("kernels: %v", err)
	}
	for name := range kernels {
		g, err := namedKernel(name, z)
		if err != nil {
			t.problem("kernels: %v", err)
			continue
		}
		t.agree(name, g.RawMatrix().Data, t.flat(kernels, name))
	}
}

// schemeName is, for example, msq_K2, r2_K3_step23_lam3 or beta15_K1_lam4.
var schemeName = regexp.MustCompile(`^(msq|r\d+|beta\d+)_K(\d+)(?:_step(\d+))?(?:_lam(\d+))?$`)

// namedKernel returns the kernel estimate that a name of the vectors stands for.
func namedKernel(name string, z *mat.Dense) (*mat.Dense, error) {
	switch name {
	case "rff":
		return rff.FloatKernel(z, z), nil
	case "semi":
		return rff.SemiKernel(z, z), nil
	case "full_1bit":
		return rff.SignKernel(z, z), nil
	}
	part := schemeName.FindStringSubmatch(name)
	if part == nil {
		return nil, fmt.Errorf("%q: unknown estimator", name)
	}
	a := rff.Alphabet{K: atoi(part[2])}
	if part[3] != "" {
		a.Step = digitsOf(part[3])
	}
	method, lambda := part[1], max(atoi(part[4]), 1)
	if method == "msq" {
		return rff.LevelKernel(a, z, z), nil
	}
	s := rff.NewBeta(decimal(strings.TrimPrefix(method, "beta")), lambda, a)
	if order, isOrder := strings.CutPrefix(method, "r"); isOrder {
		s = rff.NewSigmaDelta(atoi(order), lambda, a)
	}
	codes, _, err := rff.Quantize(s, z, 1, 1)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", name, err)
	}
	return codes.Gram(codes), nil
}

// decimal reads the digits of a β without its point: 15 is 1.5, 116 is 1.16.
func decimal(digits string) float64 {
	return atof(digits[:1] + "." + digits[1:])
}

// digitsOf reads the digits of a step: 2 is 2, 04 is 0.4, 23 is 2/3.
func digitsOf(digits string) float64 {
	switch {
	case len(digits) == 1:
		return atof(digits)
	case digits[0] == '0':
		return decimal(digits)
	case len(digits) == 2:
		return atof(digits[:1]) / atof(digits[1:])
	}
	panic(fmt.Sprintf("step%s: cannot be read", digits))
}

// The digits come from a regular expression; an absent group reads as 0.
func atoi(digits string) int { return int(atof(digits)) }

func atof(digits string) float64 {
	v, _ := strconv.ParseFloat(digits, 64)
	return v
}

// checkBits repeats the storage accounts of condensed Sigma-Delta codes.
func checkBits(t *trial) {
	var rows []struct {
		Lambda   float64 `json:"lam"`
		P        float64 `json:"p"`
		Real     float64 `json:"bits_real"`
		Codebook float64 `json:"bits_exact_codebook"`
		Plain    float64 `json:"plain"`
	}
	t.seen["rows"] = true
	if err := json.Unmarshal(t.outputs["rows"], &rows); err != nil {
		t.problem("rows: %v", err)
		return
	}
	cases := t.rows(t.inputs, "m_lt_r_K")
	if len(cases) != len(rows) {
		t.problem("%d rows for %d inputs", len(rows), len(cases))
		return
	}
	for i, in := range cases {
		m, lt, r := int(in[0]), int(in[1]), int(in[2])
		s := rff.NewSigmaDelta(r, rff.BlockLength(r, lt), rff.Alphabet{K: int(in[3])})
		b, want := s.Bits(m), rows[i]
		t.compareIntegers("rows", []float64{float64(b.Lambda), float64(b.P), float64(b.Codebook)},
			[]float64{want.Lambda, want.P, want.Codebook})
		t.agree("rows", []float64{b.Real, b.Plain}, []float64{want.Real, want.Plain})
	}
}

func checkRidge(t *trial) {
	y := t.flat(t.inputs, "y")
	w, err := learn.Ridge(t.matrix(t.inputs, "F"), mat.NewDense(len(y), 1, y), t.number(t.params, "mu", 1))
	if err != nil {
		t.problem("%v", err)
		return
	}
	t.compare("w", w.RawMatrix().Data)
	if t.inputs.given("Ftest") {
		var predicted mat.Dense
		predicted.Mul(t.matrix(t.inputs, "Ftest"), w)
		t.compare("pred", predicted.RawMatrix().Data)
	}
}

func checkMMD(t *trial) {
	mmd2 := learn.MMD2(t.matrix(t.inputs, "Kxx"), t.matrix(t.inputs, "Kyy"), t.matrix(t.inputs, "Kxy"))
	t.compare("mmd2", []float64{mmd2})
}
