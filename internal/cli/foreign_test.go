package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/internal/testdata"
	"bitcycle/kernels/workload"
	"bitcycle/sim"
)

// foreignModel is a line of the index of foreign models.
type foreignModel struct {
	path   string
	inputs []string // as --input takes them
	macs   int64    // of a run
}

// vadMACs are the MACs of one window of silero at 16 kHz, for which the index has no
// figure: 4 frames of a short-time transform (258·256), convolutions 129→128→64→64→128
// of 3 taps over 4, 2, 1 and 1 places, an LSTM cell of 128 and a classifier.
const vadMACs = 4*258*256 + 4*3*129*128 + 2*3*128*64 + 3*64*64 + 3*64*128 + 4*128*256 + 128

var countedByHand = map[string]int64{"silero_vad": vadMACs, "silero_vad_16k_op15": vadMACs, "silero_vad_half": vadMACs}

func foreignModels(t *testing.T) []foreignModel {
	t.Helper()
	dir := filepath.Dir(testdata.Data(t, "onnx/index.tsv"))
	inputs := map[string][]string{}
	for _, row := range tabs(t, filepath.Join(dir, "inputs.tsv")) {
		dims := row["dims"]
		if dims == "scalar" { // one number, on which branches depend
			dims = strings.TrimPrefix(row["recipe"], "c:")
		}
		if dims != "" && dims[0] >= '0' && dims[0] <= '9' {
			inputs[row["model"]] = append(inputs[row["model"]], row["name"]+"="+dims)
		}
	}
	var models []foreignModel
	for _, row := range tabs(t, filepath.Join(dir, "index.tsv")) {
		m := foreignModel{path: filepath.Join(dir, row["file"]), inputs: inputs[strings.TrimSuffix(row["file"], ".onnx")]}
		for _, column := range []string{"macs", "macs_act_x_act", "macs_recurrent"} {
			n, _ := strconv.ParseInt(row[column], 10, 64)
			m.macs += n
		}
		if n, ok := countedByHand[strings.TrimSuffix(row["file"], ".onnx")]; ok {
			m.macs = n
		}
		models = append(models, m)
	}
	return models
}

func tabs(t *testing.T, path string) (rows []map[string]string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.LazyQuotes = '\t', true
	lines, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, v := range line {
			row[lines[0][i]] = v
		}
		rows = append(rows, row)
	}
	return rows
}

// Every foreign model checks clean, costs on three machines what it multiplies, and
// is a workload file that loads back.
func TestForeignModelsCost(t *testing.T) {
	var machines []*arch.Accelerator
	for _, name := range []string{"gemmini-default", "haq-bismo-edge", "bitfusion-eyeriss-45nm"} {
		m, err := arch.Load(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		machines = append(machines, m)
	}
	for _, m := range foreignModels(t) {
		name := strings.TrimSuffix(filepath.Base(m.path), ".onnx")
		t.Run(name, func(t *testing.T) {
			flags := modelFlags{Input: m.inputs}
			if _, _, err := checkNetwork(m.path, flags); err != nil {
				t.Fatal(err)
			}
			network, err := flags.shapes(m.path)
			if err != nil {
				t.Fatal(err)
			}
			w, err := evaluate.Workload(network, "")
			if err != nil {
				t.Fatal(err)
			}
			for _, machine := range machines {
				costs(t, machine, w, m.macs)
			}
			var text bytes.Buffer
			if err := workload.Write(&text, w); err != nil {
				t.Fatal(err)
			}
			back, err := workload.Parse(name+".toml", text.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			costs(t, machines[0], back, m.macs)
		})
	}
}

func costs(t *testing.T, machine *arch.Accelerator, w *workload.Workload, macs int64) {
	t.Helper()
	if w.MACs() != macs {
		t.Errorf("%d MACs, want %d", w.MACs(), macs)
	}
	r, err := sim.Run(context.Background(), machine, w, sim.Options{})
	if err != nil {
		t.Errorf("%s: %v", machine.Name, err)
	} else if r.Totals.Cycles < 1 && macs > 0 {
		t.Errorf("%s: %d cycles", machine.Name, r.Totals.Cycles)
	}
}

// The commands take a network without images.
func TestNetworkWithoutImages(t *testing.T) {
	model := testdata.Data(t, "onnx/light_squeezenet.onnx")
	dir := t.TempDir()
	policy, shapes := filepath.Join(dir, "bits.toml"), filepath.Join(dir, "net.toml")
	cycles := func(args ...string) (n float64) {
		t.Helper()
		var out, errs bytes.Buffer
		if status := Main(append(args, "--json"), &out, &errs); status != 0 {
			t.Fatalf("%v: %s", args, &errs)
		}
		var doc struct {
			Result struct {
				Totals struct {
					Cycles float64
					MACs   int64
				}
			}
		}
		if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		if doc.Result.Totals.MACs != 349151936 {
			t.Errorf("%v: %d MACs", args, doc.Result.Totals.MACs)
		}
		return doc.Result.Totals.Cycles
	}
	runs := func(status int, want string, args ...string) {
		t.Helper()
		var out, errs bytes.Buffer
		if got := Main(args, &out, &errs); got != status || !strings.Contains(out.String()+errs.String(), want) {
			t.Errorf("%v: status %d, %s%s", args, got, &out, &errs)
		}
	}
	const machine = "haq-bismo-edge"
	eight := cycles("run", "-n", model, "-m", machine)
	four := cycles("run", "-n", model, "-m", machine, "-q", "uniform:w=4,a=4")
	if four >= eight {
		t.Errorf("%v cycles at four bits, %v at eight", four, eight)
	}
	runs(0, "saved "+policy, "quantize", "uniform:w=4,a=4", "-n", model, "--save", policy)
	if got := cycles("run", "-n", model, "-m", machine, "-q", "policy:"+policy); got != four {
		t.Errorf("%v cycles by the policy file, %v by the method", got, four)
	}
	runs(0, "", "show", model, "-q", "uniform:w=4,a=4", "--out", shapes)
	if got := cycles("run", "-w", shapes, "-m", machine); got != four {
		t.Errorf("%v cycles of the workload file, %v of the network", got, four)
	}
	runs(0, "light_squeezenet", "compare", "-n", model, "-m", "gemmini-default,haq-bismo-edge", "-q", "uniform:w=4,a=4")
	runs(2, "looks at images and weights: give --data and --calib", "run", "-n", model, "-q", "lplr")
	runs(2, `no input "y" to give dimensions to: there are "data_0"`, "run", "-n", model, "--input", "y=1x3x224x224")
	runs(2, "does not fit", "run", "-n", model, "--input", "data_0=1x3x10x10")
	open := testdata.Data(t, "onnx/ppocrv2_cls.onnx")
	runs(2, "give them, for example --input x=1x3x224x224", "run", "-n", open)
	custom := testdata.Data(t, "onnx/stream_swiglu.onnx") // with an operator of its own
	runs(0, "charged as vector work", "run", "-n", custom, "-m", "gemmini-default")
	branches := testdata.Data(t, "onnx/silero_vad.onnx")
	runs(2, `if on "sr", say what that is, for example --input sr=1`, "run", "-n", branches, "--input", "input=1x576", "--input", "state=2x1x128")
	runs(0, `input "sr" is taken as 16000`, "run", "-n", branches, "-m", "gemmini-default",
		"--input", "input=1x576", "--input", "state=2x1x128", "--input", "sr=16000")
	recurrent := testdata.Data(t, "onnx/tract_byte_lstm.onnx")
	runs(2, "--cost-only charges it as", "run", "-n", custom, "--data", "glyphs", "--calib", "glyphs")
	runs(2, "network tract_byte_lstm reads 50×1×1", "run", "-n", recurrent, "--data", "glyphs", "--calib", "glyphs", "--input", "input=1x50")
}
