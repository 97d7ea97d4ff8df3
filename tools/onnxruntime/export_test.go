// Package onnxruntime tests that onnxruntime loads and computes what is exported. It is
// a module of its own, because it needs node and npm.
//
//	go test -C tools/onnxruntime ./...
//
// onnxruntime-node lies in $BITCYCLE_NODE_MODULES, else it is installed from npm into
// the cache of the user; without node or without npm's registry the test is skipped,
// and fails under CI=true.
package onnxruntime

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"bitcycle/evaluate"
	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/onnx"
	"bitcycle/kernels/shipped"
)

const version = "1.20.1"

// modules returns the folder in which node finds onnxruntime-node.
func modules(t *testing.T) string {
	t.Helper()
	lacks := t.Skipf
	if os.Getenv("CI") == "true" {
		lacks = t.Fatalf
	}
	if folder := os.Getenv("BITCYCLE_NODE_MODULES"); folder != "" {
		return folder
	}
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			lacks("onnxruntime-node: %v", err)
		}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		lacks("onnxruntime-node: %v", err)
	}
	folder := filepath.Join(cache, "bitcycle", "onnxruntime-node-"+version)
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "onnxruntime-node")); err == nil {
		return filepath.Join(folder, "node_modules")
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		lacks("onnxruntime-node: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	install := exec.CommandContext(ctx, "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder, "onnxruntime-node@"+version)
	if out, err := install.CombinedOutput(); err != nil {
		lacks("onnxruntime-node: %v\n%s", err, out)
	}
	return filepath.Join(folder, "node_modules")
}

// write and read handle little-endian values.
func write(t *testing.T, path string, x []float32) {
	t.Helper()
	data := make([]byte, 0, 4*len(x))
	for _, v := range x {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []float32 {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, len(data)/4)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return x
}

// chw brings images as a batch holds them into the order of ONNX.
func chw(x kernels.Batch) []float32 {
	out := make([]float32, len(x.Data))
	pixels := x.Pixels()
	for i := range out {
		image, rest := i/x.Size(), i%x.Size()
		out[i] = x.Data[image*x.Size()+rest%pixels*x.C+rest/pixels]
	}
	return out
}

// onnxruntime gives the classes and, within the few codes that its rounding of halves
// and its float32 move, the numbers that bitcycle executes.
func TestExportedNetworksRunInOnnxruntime(t *testing.T) {
	folder, nodeModules := t.TempDir(), modules(t)
	network := shipped.File()
	load := func(name string) *dataset.Images {
		images, err := dataset.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		return images
	}
	calib, images := load("glyphs:calib[:64]"), load("glyphs[:200]")
	x, err := kernels.Normalize(images.Pixels, images.N, kernels.Shape{C: images.C, H: images.H, W: images.W}, network.Mean, network.Std)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "x"), chw(x))
	for _, spec := range []string{"uniform:w=8,a=8", "uniform:w=4,a=4", "uniform:w=5,a=6,scale=layer", "multipoint:w=3,a=8"} {
		t.Run(spec, func(t *testing.T) {
			method, err := evaluate.ParseMethod(spec, evaluate.MethodContext{Network: network, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			q, err := evaluate.Quantize(t.Context(), network, method, calib, nil)
			if err != nil {
				t.Fatal(err)
			}
			model := filepath.Join(folder, "net.onnx")
			f, err := os.Create(model)
			if err != nil {
				t.Fatal(err)
			}
			if err := onnx.ExportQuantized(f, q); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), "node", "run.js", model, filepath.Join(folder, "x"), filepath.Join(folder, "y"),
				fmt.Sprintf("%dx%dx%dx%d", x.N, x.C, x.H, x.W))
			cmd.Env = append(os.Environ(), "NODE_PATH="+nodeModules)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("onnxruntime: %v\n%s", err, out)
			}
			compare(t, q, x, read(t, filepath.Join(folder, "y")))
		})
	}
}

func compare(t *testing.T, q *kernels.Quantized, x kernels.Batch, theirs []float32) {
	t.Helper()
	plan, err := kernels.CompileInt(q, kernels.IntOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ours := make([]int32, x.N*plan.Classes)
	if err := plan.Run(x, ours); err != nil {
		t.Fatal(err)
	}
	if len(theirs) != len(ours) {
		t.Fatalf("%d values, want %d", len(theirs), len(ours))
	}
	var squares, noise float64
	same := 0
	for i := range x.N {
		a, b := ours[i*plan.Classes:(i+1)*plan.Classes], theirs[i*plan.Classes:(i+1)*plan.Classes]
		if kernels.Argmax(a) == kernels.Argmax(b) {
			same++
		}
		for c := range a {
			v := float64(a[c]) * plan.Grid().Scale
			squares, noise = squares+v*v, noise+(v-float64(b[c]))*(v-float64(b[c]))
		}
	}
	db := 10 * math.Log10(squares/noise)
	t.Logf("%d of %d classes are the same; numbers differ by %.1f dB", same, x.N, -db)
	if same < x.N*98/100 || db < 25 {
		t.Errorf("%d of %d classes are the same, %.1f dB", same, x.N, db)
	}
}
