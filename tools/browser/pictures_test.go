package browser

import (
	"bytes"
	"flag"
	"image"
	_ "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

var update = flag.Bool("update", false, "take the pictures of docs/ anew")

// pictures are those of docs/getting-started.md and of the tutorial of docs/sweeps.md: the
// command that the page has, with the shipped network in the place of net.onnx, and the
// chart of the report.
var pictures = map[string]struct {
	command []string
	page    string // that the command writes
	chart   string
}{
	"run": {[]string{"run", "-m", "gemmini-default", "--images", "20", "--html", "run.html"}, "run.html", ".charts"},
	"compare": {[]string{
		"compare", "-m", "gemmini-default,bitfusion-eyeriss-45nm", "-q", "uniform:w=8,a=8", "-q", "uniform:w=4,a=4", "-q", "uniform:w=2,a=4",
		"--images", "20", "--html", "compare.html",
	}, "compare.html", "section.chart.points"},
	"sweep": {[]string{
		"sweep", "-m", "gemmini-default", "-w", "resnet18", "-q", "uniform:w=8,a=8", "--axis", "array.cols=8,16,32", "--axis", "memory.bits_per_cycle=32,64,128", "--out", "arrays",
	}, "arrays/report.html", "section.chart.points"},
	"mine": {[]string{
		"sweep", "-m", "gemmini-default", "-n", "resnet8-glyphs", "--axis", "array.rows=8:64:x2", "--axis", "array.cols=8:64:x2",
		"--axis", "buffers.inputs.bytes=32KiB,128KiB,512KiB", "--axis", "memory.bits_per_cycle=32,64,128,256",
		"--minimise", "latency_per_image_s", "--minimise", "area_mm2", "--constraint", "energy_per_image_pj<=2.2e8", "--out", "mine",
	}, "mine/report.html", "section.chart.points .plot"},
}

// Pictures of the pages are there, small, and of what the pages show; -update takes them:
//
//	go test -C tools/browser -run Pictures -update
func TestPictures(t *testing.T) {
	for name, p := range pictures {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("../../docs/pictures", name+".png")
			if *update {
				shoot(t, path, p.command, p.page, p.chart)
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			picture, _, err := image.DecodeConfig(bytes.NewReader(text))
			if err != nil || len(text) > 100<<10 || picture.Width < 600 {
				t.Errorf("%s: %d bytes, %+v, %v: want a picture of at least 600 pixels in at most 100 KiB", path, len(text), picture, err)
			}
		})
	}
}

// shoot takes the picture of a report's chart.
func shoot(t *testing.T, path string, command []string, page, chart string) {
	t.Helper()
	work := t.TempDir()
	c := exec.Command(program, append(command, "--quiet")...)
	c.Dir = work
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	b := open(t, filepath.Join(work, page))
	b.scheme("light")
	picture, err := chromedp.Run(b.ctx, chromedp.Screenshot(chromedp.CSS(chart)))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, picture, 0o644); err != nil {
		t.Fatal(err)
	}
}
