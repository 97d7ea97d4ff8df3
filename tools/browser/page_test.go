// Package browser tests the pages of reports in a real browser. It is a module of its
// own, so that the product does not depend on what drives one.
//
//	go test -C tools/browser ./...
//
// The browser is $BITCYCLE_BROWSER, else Debian's chromium-headless-shell or chromium;
// without one the tests are skipped, and fail under CI=true.
package browser

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// pages are the reports that are looked at, by what makes them.
var pages = map[string][]string{
	"compare":  {"compare", "-w", "resnet18", "-q", "uniform:w=8,a=8", "-q", "uniform:w=4,a=4", "-q", "uniform:w=2,a=4"},
	"run":      {"run", "--images", "20"},
	"mimo":     {"mimo", "--blocks", "4"},
	"validate": {"validate"},
	"list":     {"list", "machines"},
	"paper":    {"reproduce", "lplr", "--quick"},
	"sweep":    {"sweep", "arrays", "-w", "tiny-ds-cnn"},
	"report":   {"report", "run.json", "compare.json", "mimo.json"}, // of the commands above
}

// stored are the reports whose JSON another one draws again.
var stored = map[string][]string{"report": {"run", "compare", "mimo"}}

var program, folder string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if folder, err = os.MkdirTemp("", "pages"); err != nil {
			panic(err)
		}
		defer os.RemoveAll(folder)
		program = filepath.Join(folder, "bitcycle")
		build := exec.Command("go", "build", "-o", program, ".")
		build.Dir = "../.."
		if out, err := build.CombinedOutput(); err != nil {
			panic(string(out))
		}
		return m.Run()
	}())
}

// page makes a report and returns where its page lies, with the JSON of the same command.
func page(t *testing.T, name string) (path string, result []byte) {
	t.Helper()
	for _, one := range stored[name] {
		_, text := page(t, one)
		if err := os.WriteFile(filepath.Join(folder, one+".json"), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	path = filepath.Join(folder, name+".html")
	cmd := exec.Command(program, append(slices.Clone(pages[name]), "--quiet", "--json", "--html", path)...)
	cmd.Dir = folder // where a sweep keeps its results
	out, err := cmd.Output()
	if err != nil && name != "validate" { // whose sources may be absent
		t.Fatalf("%s: %v", name, err)
	}
	return path, out
}

// open starts a browser and waits until the page has drawn itself. A message on its
// console, an exception or a request beyond the file is an error.
func open(t *testing.T, path string) *tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(executable(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1000, 2000), chromedp.WSURLReadTimeout(time.Minute))
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, stop = context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	b := &tab{t, ctx}
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err == nil && (m.IsException() || m.Type == "error") {
				t.Errorf("%s: console: %s", filepath.Base(path), m)
			}
		}
	}()
	b.do(chromedp.Navigate("file://"+path), chromedp.WaitReady(chromedp.CSS(`html[data-ready="1"]`)))
	if n := read[int](b, `performance.getEntriesByType('resource').length`); n > 0 {
		t.Errorf("%s makes %d requests", filepath.Base(path), n)
	}
	return b
}

func executable(t *testing.T) string {
	t.Helper()
	for _, name := range []string{os.Getenv("BITCYCLE_BROWSER"), "/usr/lib/chromium/chromium-headless-shell", "chromium", "chromium-headless-shell"} {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no browser: install chromium-headless-shell or set BITCYCLE_BROWSER")
	}
	t.Skip("no browser: install chromium-headless-shell or set BITCYCLE_BROWSER")
	return ""
}

// tab is a page in the browser.
type tab struct {
	t   *testing.T
	ctx context.Context
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// read evaluates an expression of the page.
func read[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

func (b *tab) scheme(name string) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
		return err
	}))
}

// Every report's page opens without a request or a message, has its pictures, stays
// small, and prints without an empty page.
func TestPages(t *testing.T) {
	pictures := map[string]int{"compare": 3, "run": 3, "mimo": 2, "validate": 1, "list": 0, "paper": 2, "sweep": 1, "report": 9}
	for name := range pages {
		t.Run(name, func(t *testing.T) {
			path, _ := page(t, name)
			b := open(t, path)
			if n := read[int](b, `[...document.querySelectorAll('.chart .plot > svg:first-child')].filter(s => s.childElementCount > 0).length`); n != pictures[name] {
				t.Errorf("%d pictures, want %d", n, pictures[name])
			}
			if info, err := os.Stat(path); err != nil || info.Size() > 2<<20 {
				t.Errorf("%v bytes, %v", info.Size(), err)
			}
			prints(t, b, name)
		})
	}
}

// prints makes a PDF and counts the words of each of its pages.
func prints(t *testing.T, b *tab, name string) {
	t.Helper()
	pdf, err := chromedp.Run(b.ctx, chromedp.PrintToPDF())
	if err != nil {
		t.Fatal(err)
	}
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("no pdftotext (poppler-utils) to look for empty pages with")
	}
	path := filepath.Join(t.TempDir(), name+".pdf")
	if err := os.WriteFile(path, pdf, 0o644); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command(tool, "-layout", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	sheets := strings.Split(strings.TrimSuffix(string(text), "\f"), "\f")
	for i, sheet := range sheets {
		if len(strings.Fields(sheet)) == 0 {
			t.Errorf("sheet %d of %d is empty", i+1, len(sheets))
		}
	}
}

// Points are selected by dragging, stepped through by keys, and sorted by heads.
func TestPointsAnswer(t *testing.T) {
	path, _ := page(t, "compare")
	b := open(t, path)
	count := func() string { return read[string](b, `document.querySelector('.count').textContent`) }
	if got := count(); got != "9 of 9 points" {
		t.Fatal(got)
	}
	r := read[[]float64](b, `(() => { const r = document.querySelector('.points .over').getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; })()`)
	b.do(chromedp.DragAndDropXY(r[0]+.01*r[2], r[1]+.01*r[3], r[0]+.5*r[2], r[1]+.99*r[3], 3))
	if got := count(); got == "9 of 9 points" || got == "0 of 9 points" {
		t.Errorf("after dragging over half of the picture: %s", got)
	}
	b.do(chromedp.Focus(chromedp.CSS(".points .plot")), chromedp.KeyEvent(kb.Escape))
	if got := count(); got != "9 of 9 points" {
		t.Errorf("after Esc: %s", got)
	}
	tip := func() string { return read[string](b, `document.querySelector('.points .tip').textContent`) }
	b.do(chromedp.KeyEvent(kb.ArrowRight))
	first := tip()
	b.do(chromedp.KeyEvent(kb.ArrowRight))
	if second := tip(); first == "" || second == first {
		t.Errorf("keys: %q, then %q", first, second)
	}
	b.do(chromedp.KeyEvent("f"))
	if got := tip(); !strings.Contains(got, "on the front") {
		t.Errorf("f: %q", got)
	}
	b.do(chromedp.Click(chromedp.CSS(".points .picked thead th:nth-child(4) button")))
	energies := read[[]float64](b, `[...document.querySelectorAll('.points .picked tbody tr')].map(r => +r.cells[3].dataset.v)`)
	if !slices.IsSorted(energies) || len(energies) != 9 {
		t.Errorf("sorted by energy: %v", energies)
	}
}

// Results side by side have a point each, named after their files, and the energies that
// their own JSON has.
func TestStoredResultsSideBySide(t *testing.T) {
	path, _ := page(t, "report")
	b := open(t, path)
	if got := read[string](b, `document.querySelector('.count').textContent`); got != "10 of 10 points" {
		t.Errorf("%s, want one of run and nine of compare", got)
	}
	names := read[[]string](b, `[...document.querySelectorAll('table[data-name=figures] tbody tr')].map(r => r.cells[0].textContent)`)
	if want := append([]string{"run"}, slices.Repeat([]string{"compare"}, 9)...); !slices.Equal(names, want) {
		t.Errorf("results %q", names)
	}
	var run struct {
		Result struct {
			Batch  float64 `json:"batch"`
			Totals struct {
				Energy float64 `json:"energy_pj"`
			} `json:"totals"`
		} `json:"result"`
	}
	text, err := os.ReadFile(filepath.Join(folder, "run.json"))
	if err == nil {
		err = json.Unmarshal(text, &run)
	}
	if err != nil {
		t.Fatal(err)
	}
	heads := read[[]string](b, `[...document.querySelectorAll('table[data-name=figures] thead th')].map(h => h.textContent)`)
	column := slices.Index(heads, "energy/image [µJ]")
	cells := read[[]string](b, `[...document.querySelector('table[data-name=figures] tbody tr').cells].map(c => c.dataset.v ?? c.textContent)`)
	if column < 0 {
		t.Fatalf("heads %q", heads)
	}
	if got, err := strconv.ParseFloat(cells[column], 64); err != nil || math.Abs(got*run.Result.Batch-run.Result.Totals.Energy) > 1e-9*run.Result.Totals.Energy {
		t.Errorf("energy of run is %v, JSON has %v for a batch of %v", got, run.Result.Totals.Energy, run.Result.Batch)
	}
}

// The marks keep apart from the paper in light and in dark.
func TestDark(t *testing.T) {
	path, _ := page(t, "compare")
	b := open(t, path)
	paper := `getComputedStyle(document.body).backgroundColor`
	b.scheme("light")
	light := read[string](b, paper)
	b.scheme("dark")
	if dark := read[string](b, paper); dark == light {
		t.Errorf("paper is %s in both", dark)
	}
	inked := `(() => { const c = document.querySelector('canvas'), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 0; return n; })()`
	if n := read[int](b, inked); n < 100 {
		t.Errorf("%d pixels of points in the dark", n)
	}
}

// What the page shows is what JSON says.
func TestFiguresEqualJSON(t *testing.T) {
	path, text := page(t, "compare")
	b := open(t, path)
	var document struct {
		Result struct {
			Rows []map[string]any `json:"rows"`
		} `json:"result"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	cells := read[[][]string](b, `[...document.querySelectorAll('table[data-name=compare] tbody tr')].map(r => [...r.cells].map(c => c.dataset.v ?? c.textContent))`)
	heads := read[[]string](b, `[...document.querySelectorAll('table[data-name=compare] thead th')].map(h => h.textContent)`)
	column := slices.Index(heads, "energy/image [µJ]")
	if len(cells) != len(document.Result.Rows) || len(cells) == 0 || column < 0 {
		t.Fatalf("%d rows, JSON has %d; heads %q", len(cells), len(document.Result.Rows), heads)
	}
	for i, row := range document.Result.Rows {
		got, err := strconv.ParseFloat(cells[i][column], 64)
		if want := row["energy_per_image_pj"].(float64); err != nil || math.Abs(got-want) > 1e-12*want {
			t.Errorf("row %d: the page has %v, JSON %v", i, got, want)
		}
	}
	var kept struct{ Version string }
	if err := json.Unmarshal([]byte(read[string](b, `document.getElementById('json').textContent`)), &kept); err != nil || kept.Version == "" {
		t.Errorf("JSON in the page: %v", err)
	}
}

// Nothing that axe-core knows stands between the page and those who do not see it.
func TestAccessible(t *testing.T) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		t.Skip("no npm to fetch axe-core with")
	}
	modules := t.TempDir()
	if out, err := exec.Command(npm, "install", "--prefix", modules, "--no-audit", "--no-fund", "axe-core@4").CombinedOutput(); err != nil {
		t.Skipf("npm cannot fetch axe-core: %s", out)
	}
	axe, err := os.ReadFile(filepath.Join(modules, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"compare", "run", "mimo", "report"} {
		path, _ := page(t, name)
		b := open(t, path)
		for _, scheme := range []string{"light", "dark"} {
			b.scheme(scheme)
			read[int](b, string(axe)+";0")
			found, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](`axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target).join(' ')))`, chromedp.EvalAwaitPromise))
			if err != nil {
				t.Fatal(err)
			}
			for _, violation := range found {
				t.Errorf("%s, %s: %s", name, scheme, violation)
			}
		}
	}
}
