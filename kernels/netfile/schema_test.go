package netfile

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"bitcycle/internal/files"
	"bitcycle/internal/schema/schematest"
	"bitcycle/internal/strict"
	"bitcycle/internal/testdata"
	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/onnx"
)

var update = flag.Bool("update", false, "rewrite the schema")

func networkSchema(t *testing.T) *schematest.Node {
	holds := strict.Holds{}
	holds.Needed("onnx")
	holds.Filled("onnx")
	holds.Words("layout", layouts)
	holds.Words("codes", codes)
	holds.Above("input.std", 0, 1e38)
	for key, words := range map[string][]string{
		"input.fit": dataset.Rules, "input.seat": dataset.Seats, "input.scan": dataset.Scans, "input.order": orders,
		"detect.head": heads, "detect.activate": activations,
	} {
		holds.Words(key, words)
	}
	holds.Between("input.fill", 0, 255)
	holds.Between("input.side", 1, mostSide)
	holds.Needed("detect.head")
	holds.Between("detect.classes", 1, 1<<16)
	holds.Between("detect.strides", 1, 1<<12)
	holds.Between("detect.score", 0, 1)
	holds.Between("detect.iou", 0, 1)
	holds.Between("detect.most", 1, 1<<16)
	holds.Needed("text.dictionary")
	holds.Filled("text.dictionary")
	return schematest.Build(t, &schematest.Document{
		Title: "network", About: "An ONNX model and what it does not say: how pixels become inputs, and labels classes",
		Type: reflect.TypeFor[description](), Cases: []schematest.Case{{Holds: holds}},
		Default: func(key string) string {
			return map[string]string{
				"name": "the file's name", "layout": "found out", "codes": "uint8", "input.fit": "refused", "input.seat": "middle", "input.scan": "bilinear", "input.order": "rgb",
				"detect.classes": "80", "detect.score": "0.001", "detect.iou": "0.65", "detect.most": "300", "detect.variances": "[0.1, 0.2]",
			}[key]
		},
	})
}

// The schema is made of the form and its comments.
func TestSchema(t *testing.T) {
	testdata.Text(t, "../../internal/schema/network.json", networkSchema(t).Text(), *update)
}

// The schema and the reader refuse the same.
func TestSchemaAgreesWithTheReader(t *testing.T) {
	takes := schematest.Validator(t, networkSchema(t))
	folder := t.TempDir()
	net := &kernels.Network{Output: 1, Nodes: []kernels.Node{
		{Name: "x", Op: kernels.Input{Shape: kernels.Shape{C: 1, H: 1, W: 1}}},
		{Name: "out", Op: kernels.Dense{Channels: 1}, Inputs: []int{0}, Weight: []float32{1}, Bias: []float32{0}},
	}}
	err := net.InferShapes()
	if err == nil {
		err = files.Write(filepath.Join(folder, "m.onnx"), func(w io.Writer) error { return onnx.Export(w, net) })
	}
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "n.toml")
	for text, good := range map[string]bool{
		"onnx = \"m.onnx\"\n": true, "name = \"x\"\n": false, "onnx = \"\"\n": false, "onnx = \"m.onnx\"\nlayout = \"nchw\"\n": true,
		"onnx = \"m.onnx\"\nlayout = \"chwn\"\n": false, "onnx = \"m.onnx\"\ncodes = \"int8\"\n": true, "onnx = \"m.onnx\"\ncodes = \"float\"\n": false,
		"onnx = \"m.onnx\"\ninput.std = [0]\n": false, "onnx = \"m.onnx\"\ninput = {mean = [0.5], std = [2]}\n": true,
		"onnx = \"m.onnx\"\nlabel_offset = 1.5\n": false, "onnx = \"m.onnx\"\ninputs = [1]\n": false, "onnx = \"m.onnx\"\noffset = 1\n": false,
		"onnx = \"m.onnx\"\ninput = {fit = \"crop\", side = 8, scan = \"area\", order = \"bgr\", fill = 3}\n": true, "onnx = \"m.onnx\"\ninput.fit = \"squeeze\"\n": false,
		"onnx = \"m.onnx\"\ninput.fill = 256\n": false, "onnx = \"m.onnx\"\ninput.order = \"bgra\"\n": false,
		"onnx = \"m.onnx\"\n[detect]\nhead = \"yolox\"\nstrides = [8, 16]\n": true, "onnx = \"m.onnx\"\n[detect]\nhead = \"yolo\"\nstrides = [8]\n": false,
		"onnx = \"m.onnx\"\n[detect]\nhead = \"yolov3\"\nstrides = [8]\nanchors = [[10, 13, 16.5, 30]]\nvariances = [0.1, 0.2]\n": true,
		"onnx = \"m.onnx\"\n[detect]\nstrides = [8]\n": false, "onnx = \"m.onnx\"\n[text]\nspace = true\n": false,
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Open(path, onnx.Options{Shapes: true})
		if schema := takes(text); (err == nil) != good || (schema == nil) != good {
			t.Errorf("the reader says %v, the schema %v\n%s", err, schema, text)
		}
	}
}
