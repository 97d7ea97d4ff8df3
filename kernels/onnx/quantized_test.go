package onnx

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bitcycle/internal/testdata"
	"bitcycle/kernels"
)

// executeInt runs a quantized model in integers and returns its outputs.
func executeInt(t *testing.T, m *Model, x []float32) [][]float32 {
	t.Helper()
	e := newExecution(t, m, x)
	p, err := kernels.CompileInt(m.Quantized, kernels.IntOptions{Workers: 1, Watch: e.watch, Observe: func(node, image int, codes []int32) {
		scale := m.Quantized.Grids[node].Scale
		e.got[image][node] = convert(codes, func(c int32) float32 { return float32(float64(c) * scale) })
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(e.batch, make([]int32, e.batch.N*p.Classes)); err != nil {
		t.Fatal(err)
	}
	return e.outputs(t)
}

// executeEither runs a quantized model in integers, or in float32 if it is no integers.
func executeEither(t *testing.T, m *Model, x []float32) [][]float32 {
	t.Helper()
	if m.Quantized == nil {
		return execute(t, m, x)
	}
	return executeInt(t, m, x)
}

// quantizedCase is a line of the table of small quantized models.
type quantizedCase struct {
	name  string
	macs  int64
	scale float64 // of the output; 0 if it is not quantized
	codes []int
}

func quantizedCases(t *testing.T) (root string, cases []quantizedCase) {
	t.Helper()
	root = filepath.Dir(testdata.Data(t, "../cases/import/README.md"))
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, part, _ := strings.Cut(string(text), "\n## quantized/")
	part, _, _ = strings.Cut(part, "\n## ")
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z0-9_]+)` \\| (\\d+) \\| (\\S+) \\| ([^|]*) \\|").FindAllStringSubmatch(part, -1) {
		c := quantizedCase{name: m[1]}
		c.macs, _ = strconv.ParseInt(m[2], 10, 64)
		c.scale, _ = strconv.ParseFloat(m[3], 64)
		for _, f := range strings.Fields(m[4]) {
			if v, err := strconv.Atoi(f); err == nil {
				c.codes = append(c.codes, v)
			}
		}
		cases = append(cases, c)
	}
	if len(cases) != 40 {
		t.Fatalf("%d cases", len(cases))
	}
	return filepath.Join(root, "quantized"), cases
}

// refusedQuantized lists the cases that are refused, with what is said.
var refusedQuantized = map[string]string{
	"qonnx_zero_scale": `node "Conv_3" (Conv): scale "w1s": grid scale 0: must be positive`,
}

// inFloat lists the cases and models that are executed in float32, with what is said of
// their integers.
var inFloat = map[string]string{
	"dynamic_matmulinteger": "dynamic quantization: scale and zero point depend on the data of each run",
	"dynamic_convinteger":   "dynamic quantization: scale and zero point depend on the data of each run",

	"espcn_subpixel_quant":   `its input, "x.7", is not quantized`,
	"qonnx_eltwise_chanlast": `its input, "global_in", is not quantized`,
	"qonnx_fp8":              "codes of floating point: no grid of integers",
}

// roundedInFloat lists the cases with codes that lie halfway between two: which of
// them onnxruntime takes hangs on the order of its float32 operations.
var roundedInFloat = set("qoperator_add")

// Every small quantized model gives the codes that are stored beside it, or is
// refused for a reason.
func TestQuantizedCases(t *testing.T) {
	root, cases := quantizedCases(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.check(t, filepath.Join(root, c.name)) })
	}
}

func (c *quantizedCase) check(t *testing.T, path string) {
	m, err := Load(path+".onnx", Options{})
	if want, listed := refusedQuantized[c.name]; listed || err != nil {
		if err == nil || !listed || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), path) {
			t.Fatalf("%v, listed with %q", err, want)
		}
		t.Log(err)
		return
	}
	if macs, _, _ := costOf(m); macs != c.macs {
		t.Errorf("%d MACs, want %d", macs, c.macs)
	}
	x, _ := readValues(t, path+".in.npy")
	want, _ := readValues(t, path+".out.npy")
	checkInFloat(t, m, c.name)
	if m.Quantized == nil {
		near(t, "output", execute(t, m, x)[0], want, 1e-6)
		return
	}
	got := executeInt(t, m, x)[0]
	off := 0
	for i := range want {
		a, b := math.Round(float64(got[i])/c.scale), math.Round(float64(want[i])/c.scale)
		if a != b {
			off++
		}
		if math.Abs(a-b) > 1 || i < len(c.codes) && int(b) != c.codes[i] {
			t.Errorf("code %d is %v, want %v", i, a, b)
		}
	}
	if off > 0 && !roundedInFloat[c.name] {
		t.Errorf("%d of %d codes differ", off, len(want))
	}
	if codes, err := os.Stat(path + ".w1codes.npy"); err == nil && codes.Size() > 0 {
		w, _ := readValues(t, path+".w1codes.npy")
		for i, v := range m.Quantized.Layers[0].W {
			if float32(v) != w[i] {
				t.Fatalf("weight %d is %d, want %v", i, v, w[i])
			}
		}
	}
}

// checkInFloat holds a model to the list of those that are executed in float32.
func checkInFloat(t *testing.T, m *Model, name string) {
	t.Helper()
	want, listed := inFloat[name]
	if listed != (m.Quantized == nil) || listed && !slices.ContainsFunc(m.Notes, func(note string) bool { return strings.Contains(note, want) }) {
		t.Errorf("integers: %v, notes %q, listed with %q", m.Quantized != nil, m.Notes, want)
	}
}

// foreignQuantized lists the quantized models of others, with what is said of those
// that are refused.
var foreignQuantized = map[string]string{
	"deeploy_cnn_linear1": "", "deeploy_cnn_linear2": "", "deeploy_minimobilenet": "", "deeploy_mlperf_anomalydetection": "",
	"deeploy_mlperf_imageclassification": "", "deeploy_mlperf_keywordspotting": "",
	"deeploy_icct":                  "",
	"deeploy_transformer_deepquant": "", "espcn_subpixel_quant": "", "finn_tfc": "",
	"mlperf_qdq_ad_autoencoder": "", "mlperf_qdq_ic_resnet": "", "mlperf_qdq_kws_dscnn": "",
	"qonnx_eltwise_chanlast": "", "qonnx_fp8": "",
	"qonnxzoo_tfc_1w1a": "", "qonnxzoo_tfc_2w2a": "", "tract_qrelu_1": "", "tract_qtanh_1": "", "tract_qtdnn_i32_biases": "",
}

// Quantized models of every exporter compute what is stored beside them, within a
// step of the output's grid and with the same classes; those of whole numbers
// exactly.
func TestForeignQuantized(t *testing.T) {
	dir := filepath.Dir(testdata.Data(t, "onnx/index.tsv"))
	inputs, golden := map[string]map[string]string{}, map[string][]map[string]string{}
	for _, row := range readTable(t, filepath.Join(dir, "inputs.tsv")) {
		if row["input"] == "0" {
			inputs[row["model"]] = row
		}
	}
	for _, row := range readTable(t, filepath.Join(dir, "golden.tsv")) {
		golden[row["model"]] = append(golden[row["model"]], row)
	}
	for name, refusal := range foreignQuantized {
		t.Run(name, func(t *testing.T) {
			in := inputs[name]
			dims := readDims(in["dims"])
			opt := Options{Inputs: map[string][]int64{in["name"]: dims}}
			if name == "deeploy_cnn_linear1" || name == "deeploy_icct" { // their inputs beside them are negative
				opt.Codes = "int8"
			}
			m, err := Load(filepath.Join(dir, name+".onnx"), opt)
			if refusal != "" || err != nil {
				if err == nil || refusal == "" || !strings.Contains(err.Error(), refusal) {
					t.Errorf("%v, listed with %q", err, refusal)
				}
				return
			}
			checkInFloat(t, m, name)
			if strings.HasPrefix(name, "deeploy") && golden[name] == nil {
				x, _ := readValues(t, filepath.Join(dir, "golden", name+".given_in0.npy"))
				want, _ := readValues(t, filepath.Join(dir, "golden", name+".given_out0.npy"))
				if got := executeInt(t, m, x)[0]; !slices.Equal(got, want) {
					t.Errorf("%v, want %v", got, want)
				}
				return
			}
			seed, err := strconv.ParseUint(in["seed"], 10, 32)
			if err != nil {
				t.Fatal(err)
			}
			x := recipe(t, in["recipe"], uint32(seed), int(product(dims)))
			want, _ := readValues(t, filepath.Join(dir, "golden", golden[name][0]["file"]))
			checkQuantizedOutput(t, m, executeEither(t, m, x)[0], want)
		})
	}
}

func checkQuantizedOutput(t *testing.T, m *Model, got, want []float32) {
	t.Helper()
	step, allowed := 1e-5, 0 // of float32
	if m.Quantized != nil {
		step, allowed = m.Quantized.Grids[m.Outputs[0].Node].Scale, len(want)
	} else if g, ok := m.Net.Nodes[m.Outputs[0].Node].Op.(kernels.Quantize); ok {
		step, allowed = g.Grids[0].Scale, len(want)/200 // that lie on the edge of two codes
	}
	worst, off := 0.0, 0
	for i, w := range want {
		d := math.Abs(float64(got[i] - w))
		worst = max(worst, d)
		if d > step/2 {
			off++
		}
	}
	t.Logf("%d of %d values differ, by %.4g at most; steps of %v", off, len(want), worst, step)
	if worst > max(step, 1e-5)*1.001 && m.Quantized != nil || off > allowed || len(got) < len(want) {
		t.Errorf("%d values differ, by %v at most; steps are %v", off, worst, step)
	}
	if len(want) > 1 && m.Quantized != nil && kernels.Argmax(got) != kernels.Argmax(want) {
		t.Error("classes differ")
	}
}
