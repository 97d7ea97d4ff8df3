//go:build hostile && unix

package hostile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"bitcycle/internal/npy/npytest"
	"bitcycle/kernels/onnx"
	"bitcycle/kernels/shipped"
)

// build compiles the program as it is documented.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "bitcycle")
	cmd := exec.Command("go", "build", "-o", program, "bitcycle")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// plant writes a good file for every reader.
func plant(t *testing.T, program, folder string) {
	t.Helper()
	put := func(name string, content []byte) {
		path := filepath.Join(folder, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, content, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	put("w.csv", []byte("Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\nConv1, 18, 18, 3, 3, 3, 16, 1,\nDPConv2, 16, 16, 3, 3, 16, 1, 2,\nFC, 1, 1, 1, 1, 64, 10, 1,\n"))
	put("w.toml", []byte("name = \"w\"\n\n[[op]]\nname = \"a\"\nkind = \"conv\"\nin = [8, 16, 16]\nkernel = [3, 3]\nstride = 2\npad = 1\nout_channels = 16\nweight_bits = 4\nact_bits = 8\n\n[[op]]\nname = \"b\"\nkind = \"matmul\"\nm = 10\nk = 64\nn = 4\nweight_bits = [1, 2, 3, 4, 5, 6, 7, 8, 4, 4]\n"))
	put("m.cfg", []byte("[general]\nrun_name = x\n\n[architecture_presets]\nArrayHeight: 32\nArrayWidth: 32\nIfmapSramSzkB: 64\nFilterSramSzkB: 64\nOfmapSramSzkB: 64\nIfmapOffset: 0\nFilterOffset: 10000000\nOfmapOffset: 20000000\nDataflow: ws\nBandwidth: 10\n\n[run_presets]\nInterfaceBandwidth: USER\n"))
	put("n.toml", []byte("onnx = \"n.onnx\"\nname = \"n\"\n"))
	put("s.toml", []byte("name = \"s\"\n\n[base]\nmachine = \"gemmini-default\"\nworkload = \"resnet18\"\n\n[axes]\n\"array.rows\" = { from = 8, to = 32, times = 2 }\n\"memory.bits_per_cycle\" = [16, 32]\n\n[objectives]\nminimise = [\"latency_per_image_s\", \"energy_per_image_pj\"]\n"))
	put("t.csv", []byte("a,b,c,label\n.5,1.5,-2,0\n1,2,3,1\n.25,.5,-1e-1,0\n-.5,1,2,1\n"))
	put("a.csv", []byte(".5,1.5,-2\n1,2,3\n.25,.5,-1e-1\n"))
	put("t.libsvm", []byte("1 1:.5 3:1.5\n-1 2:2\n1 1:1 2:2 3:3\n-1 3:-.5\n"))
	arrays(t, put)
	pictures(t, put)
	record := make([]byte, 4*3073) // CIFAR-10: a label, then red, green, blue
	for i := range record {
		if i%3073 > 0 {
			record[i] = byte(i * i)
		}
	}
	put("c.bin", record)
	var model bytes.Buffer
	if err := onnx.Export(&model, shipped.Network()); err != nil {
		t.Fatal(err)
	}
	put("float.onnx", model.Bytes())
	for _, args := range []string{
		"show haq-bismo-edge --out m.toml", "show gemmini-default --set array.rows=4 --set array.cols=4 --out small.toml",
		"show sd-zf-256 --out f.toml",
		"quantize uniform:w=4,a=4 --calib glyphs:calib[:8] --save n.onnx",
		"quantize bcgd:epochs=1,data=glyphs:train[:16],checkpoint=c.safetensors --calib glyphs:calib[:4]",
		"quantize lplr --matrix a.csv --save a.lplr", "quantize rff --table t.csv --save a.rff",
		"run -w w.csv -m haq-bismo-edge --json --out r.json",
		"mimo --snr 5 --blocks 2 --resume k.jsonl",
	} {
		if o := try(program, folder, args); o.ended != "result" {
			t.Fatalf("%s: %s: %s", args, o.ended, o.said)
		}
	}
	put("p.toml", []byte("[default]\nweight_bits = 8\nact_bits = 8\n\n[[layer]]\nname = \"Conv1\"\nweight_bits = 4\nact_bits = 4\n"))
}

// arrays writes one matrix in every format, and images with labels.
func arrays(t *testing.T, put func(name string, content []byte)) {
	values := make([]float32, 12)
	for i := range values {
		values[i] = float32(i*i)/7 - 3
	}
	matrix := npytest.File(t, values, 4, 3)
	put("a.npy", matrix)
	put("a.npz", npytest.Archive(t, map[string][]byte{"a.npy": matrix}))
	head := `{"w":{"dtype":"F32","shape":[4,3],"data_offsets":[0,48]}}`
	put("a.safetensors", slices.Concat(binary.LittleEndian.AppendUint64(nil, uint64(len(head))), []byte(head), matrix[len(matrix)-48:]))
	pixels := make([]uint8, 2*32*32)
	for i := range pixels {
		pixels[i] = uint8(i * 7)
	}
	put("d.npy", npytest.File(t, pixels, 2, 32, 32, 1))
	put("d.labels.npy", npytest.File(t, []int32{1, 3}, 2))
}

func pictures(t *testing.T, put func(name string, content []byte)) {
	m := image.NewGray(image.Rect(0, 0, 32, 32))
	for i := range m.Pix {
		m.SetGray(i%32, i/32, color.Gray{Y: byte(i * 11)})
	}
	var asPNG, asJPEG bytes.Buffer
	if err := errors.Join(png.Encode(&asPNG, m), jpeg.Encode(&asJPEG, m, nil)); err != nil {
		t.Fatal(err)
	}
	put("a.png", asPNG.Bytes())
	put("a.jpg", asJPEG.Bytes())
	put("i/images/a.png", asPNG.Bytes())
	put("i/labels.csv", []byte("file,label\na.png,3\n"))
}
