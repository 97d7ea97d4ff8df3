package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bitcycle/internal/npy/npytest"
	"bitcycle/internal/testdata"
	"bitcycle/kernels/dataset"
)

// glyphFile writes images of the shipped set as an array, and what lies beside it.
func glyphFile(t *testing.T, beside string, file []byte) string {
	t.Helper()
	im := dataset.Glyphs("calib", 0, 20, dataset.GlyphSeed)
	path := filepath.Join(t.TempDir(), "x.npy")
	for name, data := range map[string][]byte{path: npytest.File(t, im.Pixels, 20, 32, 32, 1), strings.TrimSuffix(path, ".npy") + beside: file} {
		if data == nil {
			continue
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// runs returns the result in JSON and what was said beside it.
func runs(t *testing.T, args ...string) (result map[string]any, said string) {
	t.Helper()
	var out, errs bytes.Buffer
	if status := Main(append(args, "--json"), &out, &errs); status != 0 {
		t.Fatalf("%v: status %d: %s", args, status, errs.String())
	}
	var doc struct {
		Result map[string]any `json:"result"`
	}
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Result, errs.String()
}

// Without labels outputs are held against the float network's, with targets there is the
// mean squared error, with classes top-1 as ever.
func TestQualityByWhatIsKnown(t *testing.T) {
	targets := make([]float32, 20*20)
	for name, c := range map[string]struct {
		beside string
		file   []byte
		has    []string
		lacks  []string
	}{
		"nothing": {"", nil, []string{"sqnr_db", "cosine", "max_error", "outputs"}, []string{"top1", "mse", "ci95"}},
		"targets": {".targets.npy", npytest.File(t, targets, 20, 20), []string{"mse", "float_mse", "mse_ci95", "mse_change", "mse_change_ci95", "ci95", "sqnr_db"}, []string{"top1"}},
		"labels":  {".labels.npy", npytest.File(t, make([]uint8, 20), 20, 1), []string{"top1", "float_top1", "images", "ci95"}, []string{"mse", "sqnr_db"}},
	} {
		path := glyphFile(t, c.beside, c.file)
		result, _ := runs(t, "run", "--data", "npy:"+path, "--calib", "glyphs:calib[100:116]", "-q", "uniform:w=4,a=4,bn=false")
		accuracy, _ := result["accuracy"].(map[string]any)
		for _, key := range c.has {
			if accuracy[key] == nil {
				t.Errorf("%s: no %s in %v", name, key, accuracy)
			}
		}
		for _, key := range c.lacks {
			if accuracy[key] != nil {
				t.Errorf("%s: %s = %v", name, key, accuracy[key])
			}
		}
	}
}

// The float network against itself: no change, no difference.
func TestQualityOfFloat(t *testing.T) {
	path := glyphFile(t, ".targets.npy", npytest.File(t, make([]float32, 20*20), 20, 20))
	result, _ := runs(t, "run", "--data", "npy:"+path, "-q", "float")
	a := result["accuracy"].(map[string]any)
	if a["mse"] != a["float_mse"] || a["mse_change"] != 0.0 || a["max_error"] != 0.0 || a["cosine"] != 1.0 || a["sqnr_db"] != nil {
		t.Errorf("%v", a)
	}
}

// compare has the figure and its change in every row, whatever it is.
func TestCompareByTask(t *testing.T) {
	path := glyphFile(t, ".targets.npy", npytest.File(t, make([]float32, 20*20), 20, 20))
	result, _ := runs(t, "compare", "--no-cache", "-m", "haq-bismo-cloud,bitfusion-eyeriss-45nm", "--data", "npy:"+path, "-q", "float", "-q", "uniform:w=2,a=4,bn=false")
	rows, _ := result["rows"].([]any)
	if len(rows) != 4 {
		t.Fatalf("%d rows", len(rows))
	}
	for i, row := range rows {
		r := row.(map[string]any)
		change, _ := r["mse_change"].(float64)
		if r["mse"] == nil || r["float_mse"] == nil || r["top1"] != nil || (change == 0) != (i < 2) {
			t.Errorf("row %d: %v", i, r)
		}
	}
}

// Images that are calibrated on and measured are told of, and so is what is chosen where
// nobody says what to calibrate on.
func TestCalibrationIsSaid(t *testing.T) {
	path := glyphFile(t, "", nil)
	_, said := runs(t, "run", "--data", "npy:"+path, "--calib", "npy:"+path+"[:5]", "-q", "uniform:w=8,a=8,bn=false")
	if !strings.Contains(said, "5 of 5 images of npy:"+path+"[:5] are measured as well as calibrated on") {
		t.Errorf("the same images: %s", said)
	}
	_, said = runs(t, "run", "--images", "20", "--calib", "glyphs:calib[:16]", "-q", "uniform:w=8,a=8,bn=false")
	if strings.Contains(said, "warning") {
		t.Errorf("other images: %s", said)
	}
}

// A text of the shipped vocabulary, by a language model.
func TestPerplexityOfShippedText(t *testing.T) {
	model := testdata.Data(t, "models/language/stories260K.bin")
	result, said := runs(t, "run", "-n", model, "--input", "tokens=32", "--data", "tokens:stories-sampled[:10]", "-q", "uniform:w=8,a=8,bn=false")
	a := result["accuracy"].(map[string]any)
	perplexity, _ := a["perplexity"].(float64)
	float, _ := a["float_perplexity"].(float64)
	if a["tokens"] != 256.0 || !(float > 1.5 && float < 12) || !(perplexity < 2*float) || a["task"] != "language" {
		t.Errorf("%v", a)
	}
	if !strings.Contains(said, "calibrated on tokens:stories-sampled[8:10], measured on tokens:stories-sampled[0:8]") {
		t.Errorf("said %s", said)
	}
}

// A detector described by its network file, on pictures with boxes.
func TestDetectorOfTwoPictures(t *testing.T) {
	model, data := testdata.Data(t, "models/detection/yolox_nano.onnx"), testdata.Data(t, "coco128")
	file := filepath.Join(t.TempDir(), "yolox.toml")
	text := "onnx = \"" + model + "\"\n[input]\nfit = \"letterbox\"\nseat = \"corner\"\nfill = 114\norder = \"bgr\"\n[detect]\nhead = \"yolox\"\nstrides = [8, 16, 32]\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	result, _ := runs(t, "run", "--allow-outside", "-n", file, "--data", "boxes:"+data+"[:2]", "--calib", "boxes:"+data+":train[:1]", "-q", "float")
	a := result["accuracy"].(map[string]any)
	if m, _ := a["map50"].(float64); !(m > 0.2) || a["images"] != 2.0 || a["map"] == nil {
		t.Errorf("%v", a)
	}
}

// A picture with alpha is read as stored, with a warning, as a matrix too.
func TestAlphaIsWarnedOf(t *testing.T) {
	folder := filepath.Dir(testdata.Data(t, "../cases/import/images/matrix_rgb.png"))
	plain, said := runs(t, "quantize", "lplr", "--matrix", filepath.Join(folder, "matrix_rgb.png"), "--bits", "2")
	if strings.Contains(said, "warning") {
		t.Errorf("without alpha: %s", said)
	}
	alpha, said := runs(t, "quantize", "lplr", "--matrix", filepath.Join(folder, "matrix_rgba.png"), "--bits", "2")
	if !strings.Contains(said, "matrix_rgba.png: alpha is dropped, colours are those stored") {
		t.Errorf("with alpha: %s", said)
	}
	a, _ := json.Marshal(plain)
	b, _ := json.Marshal(alpha)
	if !bytes.Equal(bytes.ReplaceAll(b, []byte("rgba"), []byte("rgb")), a) {
		t.Errorf("the errors are others:\n%s\n%s", a, b)
	}
}
