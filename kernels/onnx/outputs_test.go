package onnx

import (
	"fmt"
	"hash/crc32"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"bitcycle/internal/testdata"
)

// recipe makes the values of an input: its elements' numbers, hashed.
func recipe(t *testing.T, name string, seed uint32, n int) []float32 {
	t.Helper()
	kind, arg, _ := strings.Cut(name, ":")
	scale := 1.0
	if base, times, ok := strings.Cut(kind, "*"); ok {
		kind = base
		var err error
		if scale, err = strconv.ParseFloat(times, 64); err != nil {
			t.Fatal(err)
		}
	}
	v, _ := strconv.ParseFloat(arg, 64)
	x := make([]float32, n)
	for i := range x {
		h := uint32(i+1)*0x9E3779B1 + seed
		h ^= h >> 16
		h *= 0x85EBCA6B
		h ^= h >> 13
		h *= 0xC2B2AE35
		h ^= h >> 16
		switch kind {
		case "u":
			x[i] = float32((float64(h>>8)/(1<<23) - 1) * scale)
		case "p":
			x[i] = float32(float64(h>>8) / (1 << 24))
		case "b":
			x[i] = float32(h >> 24)
		case "i", "f":
			x[i] = float32(h % uint32(v))
		case "c":
			x[i] = float32(v)
		default:
			t.Fatalf("recipe %q", name)
		}
	}
	return x
}

// tooLarge lists models of some kilobytes that fill in weights of hundreds of megabytes:
// they cost, and are refused where they are to be executed.
var tooLarge = map[string]string{
	"light_vgg19":        `tensor "fc6_w_0": constants that the model computes take more than 104 MB`,
	"light_bvlc_alexnet": `tensor "fc6_w_0": constants that the model computes take more than 104 MB`,
}

// Foreign models compute what onnxruntime computes.
func TestForeignOutputs(t *testing.T) {
	dir := filepath.Dir(testdata.Data(t, "onnx/index.tsv"))
	inputs := map[string][]map[string]string{}
	for _, row := range readTable(t, filepath.Join(dir, "inputs.tsv")) {
		inputs[row["model"]] = append(inputs[row["model"]], row)
	}
	golden, names := map[string][]map[string]string{}, []string{}
	for _, row := range readTable(t, filepath.Join(dir, "golden.tsv")) {
		if name := row["model"]; golden[name] == nil {
			names = append(names, name)
		}
		golden[row["model"]] = append(golden[row["model"]], row)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			opt := Options{Inputs: map[string][]int64{}}
			for _, in := range inputs[name] {
				opt.Inputs[in["name"]] = readDims(in["dims"])
			}
			maps.Copy(opt.Inputs, chosenBranches[name])
			m, err := Open(filepath.Join(dir, name+".onnx"), opt)
			if err == nil {
				err = m.Executable()
			}
			if _, quantized := foreignQuantized[name]; quantized { // TestForeignQuantized executes it
				return
			}
			if want := tooLarge[name]; want != "" {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%v, want %s", err, want)
				}
				t.Log(err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var x []float32
			for _, in := range inputs[name] {
				if chosenBranches[name][in["name"]] != nil {
					continue
				}
				x = append(x, madeInput(t, in)...)
			}
			compareOutputs(t, m, execute(t, m, x), golden[name], filepath.Join(dir, "golden"))
		})
	}
}

// madeInput makes an input by its recipe.
func madeInput(t *testing.T, in map[string]string) []float32 {
	t.Helper()
	seed, err := strconv.ParseUint(in["seed"], 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	x := recipe(t, in["recipe"], uint32(seed), int(product(readDims(in["dims"]))))
	if sum := fmt.Sprintf("%08x", crc32.ChecksumIEEE(floatTensor("x", x).raw)); in["type"] == "float32" && sum != in["crc32"] {
		t.Fatalf("input has the sum %s, want %s", sum, in["crc32"])
	}
	return x
}

// Transformers compute what their own repository ships beside them: onnxruntime does
// not know the normalization of the one, and refuses the products of the other.
func TestGivenOutputs(t *testing.T) {
	dir := filepath.Dir(testdata.Data(t, "onnx/index.tsv"))
	for _, name := range []string{
		"deeploy_autoencoder1d", "deeploy_cct_fp32_1_16_16_64", "deeploy_cct_fp32_2_32_32_128", "deeploy_microllama1", "deeploy_tinyvit_demo",
	} {
		t.Run(name, func(t *testing.T) {
			m, err := Load(filepath.Join(dir, name+".onnx"), Options{})
			if err != nil {
				t.Fatal(err)
			}
			var x []float32
			for k := 0; ; k++ {
				path := filepath.Join(dir, "golden", fmt.Sprintf("%s.given_in%d.npy", name, k))
				if _, err := os.Stat(path); err != nil {
					break
				}
				v, _ := readValues(t, path)
				x = append(x, v...)
			}
			want, _ := readValues(t, filepath.Join(dir, "golden", name+".given_out0.npy"))
			near(t, "output", execute(t, m, x)[0], want, 1e-5)
		})
	}
}

// compareOutputs holds outputs against stored ones by name.
func compareOutputs(t *testing.T, m *Model, got [][]float32, golden []map[string]string, dir string) {
	at := map[string]int{}
	for k, o := range m.Outputs {
		at[o.Name] = k
	}
	for _, row := range golden {
		k, ok := at[row["name"]]
		if !ok {
			t.Errorf("output %q is not computed", row["name"])
			continue
		}
		want, _ := readValues(t, filepath.Join(dir, row["file"]))
		count, _ := strconv.Atoi(row["count"])
		if len(got[k]) != count {
			t.Errorf("output %q: %d values, want %d", row["name"], len(got[k]), count)
			continue
		}
		var most, spread float64
		for _, w := range want {
			most = max(most, math.Abs(float64(w)))
		}
		spread, _ = strconv.ParseFloat(row["spread"], 64)
		near(t, row["name"], got[k][:len(want)], want, 1e-5+10*spread/most)
	}
}

func readDims(text string) []int64 {
	dims := []int64{}
	for _, d := range strings.Split(text, "x") {
		if v, err := strconv.ParseInt(d, 10, 64); err == nil {
			dims = append(dims, v)
		}
	}
	return dims
}
