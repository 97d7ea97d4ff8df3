package netfile

import (
	"compress/gzip"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bitcycle/internal/npy"
	"bitcycle/internal/strict"
	"bitcycle/internal/testdata"
	"bitcycle/kernels"
	"bitcycle/kernels/onnx"
)

// golden lists the published logits of every network: network file, file of
// logits, and the data set whose first records they belong to.
var golden = []struct{ network, logits, data string }{
	{"resnet20", "cifar10/resnet20_cifar10_golden_lossless64", "cifar10/cifar10-train4000-lossless.bin.gz"},
	{"resnet20", "cifar10/resnet20_cifar10_golden_jpegtest64", "cifar10/cifar10-test10k-jpegcopy.bin.gz"},
	{"resnet20-jpegft", "cifar10/resnet20_cifar10_jpegft_golden_lossless64", "cifar10/cifar10-train4000-lossless.bin.gz"},
	{"resnet20-jpegft", "cifar10/resnet20_cifar10_jpegft_golden_jpegtest64", "cifar10/cifar10-test10k-jpegcopy.bin.gz"},
	{"resnet32", "cifar10/resnet32_cifar10_golden_lossless64", "cifar10/cifar10-train4000-lossless.bin.gz"},
	{"resnet32", "cifar10/resnet32_cifar10_golden_jpegtest64", "cifar10/cifar10-test10k-jpegcopy.bin.gz"},
	{"resnet56", "cifar10/resnet56_cifar10_golden_lossless64", "cifar10/cifar10-train4000-lossless.bin.gz"},
	{"resnet56", "cifar10/resnet56_cifar10_golden_jpegtest64", "cifar10/cifar10-test10k-jpegcopy.bin.gz"},
	{"resnet8", "cifar10/resnet8_mlperftiny_golden_lossless64", "cifar10/cifar10-train4000-lossless.bin.gz"},
	{"resnet8", "cifar10/resnet8_mlperftiny_golden_jpegtest64", "cifar10/cifar10-test10k-jpegcopy.bin.gz"},
	{"resnet8-large", "cifar10/resnet8large_mlperftiny_golden_lossless64", "cifar10/cifar10-train4000-lossless.bin.gz"},
	{"resnet8-large", "cifar10/resnet8large_mlperftiny_golden_jpegtest64", "cifar10/cifar10-test10k-jpegcopy.bin.gz"},
	{"mobilenetv1-0.5", "imagenet/mobilenetv1_0.5_dequant_224_golden64", "imagenet-sample/golden64_u8_nhwc.bin.gz"},
	{"mobilenetv2", "imagenet/mobilenetv2_1.0_224_golden64", "imagenet-sample/golden64_u8_nhwc.bin.gz"},
	{"squeezenet1.1", "imagenet/squeezenet1.1_golden64", "imagenet-sample/golden64_u8_nhwc.bin.gz"},
	{"lenet", "mnist/lenet_mnist_golden_t10k64", "mnist/t10k-images-idx3-ubyte.gz"},
	{"mlp", "mnist/mlp_mnist_golden_t10k64", "mnist/t10k-images-idx3-ubyte.gz"},
	{"kws", "kws/kws_dscnn_float_golden_kws64", "speech-commands-kws/kws01-features-int8-1000x490.bin.gz"},
}

// variants are models that differ from a network file's only in how they are written.
var variants = []struct{ network, model, logits, data string }{
	{"resnet20", "cifar10/resnet20_cifar10_folded", "cifar10/resnet20_cifar10_golden_lossless64", "cifar10/cifar10-train4000-lossless.bin.gz"},
	{"kws", "kws/kws_dscnn_int8dequant", "kws/kws_dscnn_int8dequant_golden_kws64", "speech-commands-kws/kws01-features-int8-1000x490.bin.gz"},
}

func TestGoldenLogits(t *testing.T) {
	for _, c := range golden {
		t.Run(filepath.Base(c.logits), func(t *testing.T) {
			f, err := Load(testdata.Data(t, "networks/"+c.network+".toml"), onnx.Options{})
			if err != nil {
				t.Fatal(err)
			}
			checkLogits(t, f, c.logits, c.data)
		})
	}
	for _, c := range variants {
		t.Run(filepath.Base(c.model), func(t *testing.T) {
			f, err := Load(testdata.Data(t, "networks/"+c.network+".toml"), onnx.Options{})
			if err != nil {
				t.Fatal(err)
			}
			plain, err := Load(testdata.Data(t, "models/"+c.model+".onnx"), onnx.Options{})
			if err != nil {
				t.Fatal(err)
			}
			f.Net = plain.Net
			checkLogits(t, f, c.logits, c.data)
		})
	}
}

// checkLogits compares a network's logits on the first records of a data set with golden ones.
func checkLogits(t *testing.T, f *File, logits, data string) {
	t.Helper()
	want := readNPY(t, testdata.Data(t, "models/"+logits+".npy"))
	n := len(want) / f.Net.Nodes[f.Net.Output].Shape.Size()
	if n > 8 && f.Net.InputShape().H > 100 {
		n = 8 // 64 large images take seconds and show no more
	}
	x := firstRecords(t, data, n, f)
	p, err := kernels.Compile(f.Net, kernels.PlanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float32, n*p.Classes)
	if err := p.Run(x, got); err != nil {
		t.Fatal(err)
	}
	for i, v := range got {
		if math.Abs(float64(v-want[i])) > 1e-3 {
			t.Fatalf("image %d, class %d: %v, want %v", i/p.Classes, i%p.Classes, v, want[i])
		}
	}
}

func readNPY(t *testing.T, path string) []float32 {
	t.Helper()
	a, err := npy.Load(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	x, err := npy.Floats[float32](a)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// firstRecords returns the first n records of a data set as input of a network.
func firstRecords(t *testing.T, data string, n int, f *File) kernels.Batch {
	t.Helper()
	var x kernels.Batch
	var err error
	switch path := testdata.Data(t, data); {
	case strings.HasPrefix(data, "cifar10/"):
		raw, pixels := unzip(t, path, n*3073), make([]uint8, 0, n*3072)
		for i := range n {
			for p := range 1024 {
				for c := range 3 {
					pixels = append(pixels, raw[i*3073+1+c*1024+p])
				}
			}
		}
		x, err = kernels.Normalize(pixels, n, kernels.Shape{C: 3, H: 32, W: 32}, f.Mean, f.Std)
	case strings.HasPrefix(data, "mnist/"):
		x, err = kernels.Normalize(unzip(t, path, 16+n*784)[16:], n, kernels.Shape{C: 1, H: 28, W: 28}, f.Mean, f.Std)
	case strings.HasPrefix(data, "imagenet"):
		x, err = kernels.Normalize(unzip(t, path, n*224*224*3), n, kernels.Shape{C: 3, H: 224, W: 224}, f.Mean, f.Std)
	case strings.HasPrefix(data, "speech"):
		var q []int8
		for _, b := range unzip(t, path, n*490) {
			q = append(q, int8(b))
		}
		x, err = kernels.Normalize(q, n, kernels.Shape{C: 1, H: 49, W: 10}, f.Mean, f.Std)
	}
	if err == nil {
		x, err = x.For(f.Net)
	}
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func unzip(t *testing.T, path string, n int) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data := make([]byte, n)
	if _, err := io.ReadFull(z, data); err != nil {
		t.Fatal(err)
	}
	return data
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`name = "x"`, `net.toml: onnx: the path of the model is missing`},
		{"onnx = \"none.onnx\"", `net.toml:1:8: onnx = "none.onnx": none.onnx: no such file or directory`},
		{"[input]\nmaen = [1]", `net.toml:2: no key "input.maen" (did you mean "input.mean"?)`},
	} {
		dir := t.TempDir()
		t.Chdir(dir)
		if err := os.WriteFile("net.toml", []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := Load("net.toml", onnx.Options{})
		if fmt.Sprint(err) != c.want {
			t.Errorf("%q: got %v, want %s", c.text, err, c.want)
		}
	}
}

// A checkpoint of llama2.c is a network of so many tokens.
func TestLanguageModel(t *testing.T) {
	path := testdata.Data(t, "models/language/stories260K.bin")
	f, err := Load(path, onnx.Options{Inputs: map[string][]int64{"tokens": {16}}})
	if err != nil || f.Name != "stories260K" || f.Net.InputShape() != (kernels.Shape{C: 1, H: 16, W: 1}) {
		t.Fatalf("%+v, %v", f, err)
	}
	for want, inputs := range map[string]map[string][]int64{
		"513 tokens: must be 1 to 512": {"tokens": {513}}, "there is tokens=N": {"x": {1, 3}},
	} {
		if _, err := Load(path, onnx.Options{Inputs: inputs}); err == nil || !strings.HasPrefix(err.Error(), path) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// A network file names a dictionary in its own folder or below it, as it does its model.
func TestDictionariesLieBeside(t *testing.T) {
	outer := t.TempDir()
	inner := filepath.Join(outer, "net")
	if err := os.Mkdir(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(outer, "signs.txt"), filepath.Join(inner, "signs.txt")} {
		if err := os.WriteFile(path, []byte("a\nb\r\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(inner, "n.toml")
	for name, refused := range map[string]bool{"signs.txt": false, "../signs.txt": true, filepath.Join(outer, "signs.txt"): true} {
		if err := os.WriteFile(path, fmt.Appendf(nil, "onnx = \"n.onnx\"\n[text]\ndictionary = %q\n", name), 0o600); err != nil {
			t.Fatal(err)
		}
		doc, err := strict.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		var d description
		if err := doc.Decode(&d); err != nil {
			t.Fatal(err)
		}
		var f File
		switch err := d.Text.of(doc, &f, path); {
		case refused && (err == nil || !strings.Contains(err.Error(), "lies outside") || !strings.Contains(err.Error(), "n.toml:3")):
			t.Errorf("%s: %v", name, err)
		case !refused && (err != nil || !slices.Equal(f.Text.Signs, []string{"", "a", "b"})):
			t.Errorf("%s: %v, %v", name, f.Text, err)
		}
	}
}
