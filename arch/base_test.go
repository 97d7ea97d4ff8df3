package arch

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"bitcycle/internal/strict"
)

// fromScratch is Load with nothing kept from before and no quick way: every document is
// parsed anew and the settings are merged as trees.
func fromScratch[T any, P subject[T]](c *catalog, name string, set []string) (*T, error) {
	c = &catalog{what: c.what, folder: c.folder, root: c.root}
	doc, err := c.open(name, ".")
	if err != nil {
		return nil, err
	}
	read, err := c.stack(doc, nil)
	if err != nil {
		return nil, err
	}
	b := newBase[T, P](c, read)
	tree, err := b.under(set)
	if err != nil {
		return nil, err
	}
	return assemble[T, P](c, tree)
}

// texts are values of settings: some for every type, in every spelling that TOML has or
// has not.
var texts = []string{
	"1", "8", "32", "100", "0", "-1", "+4", "007", "0x10", "1_000", "4096", "65536", "1048576", "99999999999999999999", "9007199254740993",
	"1.5", "0.25", "1e3", "1E-2", "5.", ".5", "1e999", "-0", "-0.0", "inf", "nan", "64 KiB", "64KiB", "1.5 GHz", "0.3 B", "0x1B", "12 parsecs",
	"true", "false", "True", "ws", "os", "tile", "lane", "lpt", "flat", "ideal", "dram", "split", "max", "steady", "fitted", "none", "edp", "idd",
	"both", "explicit", "const", "table", "ddr3-1600", "bg ba ro co", `"ws"`, `'os'`, `"8"`, "[8]", "[2, 4, 8]", "[]", "{value = 2}",
	`{value = 2, source = "x"}`, `{ rows = 3 }`, "", " 16 ", "\t16", " 16", "16 # lanes", "16\n", "\x01", "2020-01-01", "systolic", "bitserial", "fusion", "28", "45",
}

// drawSettings draws settings of the keys of a description, and of keys that it lacks.
func drawSettings(t *rapid.T, keys []string) []string {
	key := rapid.OneOf(
		rapid.SampledFrom(keys), rapid.SampledFrom(keys),
		rapid.SampledFrom([]string{
			"array.rows", "array.cols", "buffers.weights.bytes", "buffers.inputs.bytes", "buffers.outputs.bytes", "memory.bits_per_cycle",
			"array", "array.rowz", "energy.mac", "energy.mac.source", "sources.array", "sources.x", "unconfirmed", "base", "", "a.b.c", "energy.dram_pj_per_bit.value", " batch ",
		}),
	)
	size := rapid.Custom(func(t *rapid.T) string {
		key := rapid.SampledFrom([]string{"array.rows", "array.cols", "buffers.weights.bytes", "buffers.inputs.bytes", "memory.bits_per_cycle", "energy.mac.pj_per_mac"}).Draw(t, "size")
		return fmt.Sprint(key, "=", rapid.IntRange(1, 1<<15).Draw(t, "of"))
	})
	setting := rapid.Custom(func(t *rapid.T) string {
		text := rapid.OneOf(rapid.SampledFrom(texts), rapid.SampledFrom(texts[:12]), rapid.Map(rapid.IntRange(1, 1<<18), func(n int) string { return fmt.Sprint(n) }))
		return key.Draw(t, "key") + "=" + text.Draw(t, "value")
	})
	any := rapid.OneOf(setting, setting, setting, size, size, size, rapid.SampledFrom([]string{"x", "=", "array.rows"}))
	return rapid.OneOf(rapid.SliceOfN(any, 0, 5), rapid.SliceOfN(size, 0, 4), rapid.SliceOfN(setting, 1, 1)).Draw(t, "set")
}

// keysIn lists the values of a description.
func keysIn(t reflect.Type, prefix string) []string {
	var keys []string
	for name, i := range strict.FieldsOf(t).Index {
		if f := t.Field(i).Type; f.Kind() == reflect.Struct && f != constantType {
			keys = append(keys, keysIn(f, prefix+name+".")...)
		} else {
			keys = append(keys, prefix+name)
		}
	}
	return slices.Sorted(slices.Values(keys))
}

// same holds a variant against the one from scratch, error and all.
func same[T any](t *rapid.T, got *T, err error, want *T, wantErr error) {
	if fmt.Sprint(err) != fmt.Sprint(wantErr) {
		t.Fatalf("got %v\nwant %v", err, wantErr)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
}

// A machine that is kept and set is the machine that is parsed with the settings.
func TestWithIsLoad(t *testing.T) {
	write(t, map[string]string{
		"mine.toml": "base = \"bitfusion-eyeriss-45nm\"\nunconfirmed = [\"array.rows\", \"energy.sram\"]\n[memory]\npreset = \"./x.toml\"\n[energy.sram]\nmodel = \"table\"\nsource = \"mine\"\n",
		"bare.toml": "engine = \"simd\"\n",
		"bad.toml":  "engine = \"systolic\"\nbatch = 0\n[array]\nrows = \"many\"\n",
	})
	names := []string{"mine.toml", "bare.toml", "bad.toml"}
	for _, s := range List() {
		names = append(names, s.Name)
	}
	keys := keysIn(machines.root, "")
	quick, set := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "machine")
		b, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		for range 10 {
			settings := drawSettings(t, keys)
			got, err := b.With(settings...)
			want, wantErr := fromScratch[Accelerator](machines, name, settings)
			same(t, got, err, want, wantErr)
			if err == nil && len(settings) > 0 {
				set++
				if b.of.quickly(settings) != nil {
					quick++
				}
			}
		}
	})
	if t.Logf("%d of %d good ones in the quick way", quick, set); quick < set/3 {
		t.Error("the quick way is hardly taken")
	}
}

func TestFrontEndWithIsLoad(t *testing.T) {
	var names []string
	for _, s := range ListFrontEnds() {
		names = append(names, s.Name)
	}
	keys := keysIn(frontEnds.root, "")
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "front end")
		b, err := OpenFrontEnd(name)
		if err != nil {
			t.Fatal(err)
		}
		settings := drawSettings(t, keys)
		got, err := b.With(settings...)
		want, wantErr := fromScratch[FrontEnd](frontEnds, name, settings)
		same(t, got, err, want, wantErr)
	})
}

// Variants share nothing: scribbling over one leaves the next as it would be, also when
// many are made at a time.
func TestVariantsAreApart(t *testing.T) {
	for _, name := range []string{"xpulpnn-8core-22nm", "haq-bismo-cloud", "bitfusion-eyeriss-45nm"} {
		b, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		want, err := fromScratch[Accelerator](machines, name, []string{"batch=3"})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 50 {
					a, err := b.With("batch=3")
					if err != nil {
						t.Error(err)
						return
					}
					if diff := cmp.Diff(want, a); diff != "" {
						t.Error(diff)
						return
					}
					scribble(a)
				}
			})
		}
		wg.Wait()
	}
}

func scribble(a *Accelerator) {
	for i := range a.Array.WeightWidths {
		a.Array.WeightWidths[i] = 1
	}
	for i := range a.Array.ActWidths {
		a.Array.ActWidths[i] = 1
	}
	for i := range a.Unconfirmed {
		a.Unconfirmed[i] = "x"
	}
	clear(a.Array.MACsPerCycle)
	for key := range maps.Clone(a.Sources) {
		a.Sources[key] = "x"
	}
}

// The settings of a sweep over a machine's sizes.
func BenchmarkWith(b *testing.B) {
	for _, name := range []string{"scalesim-32x32", "haq-bismo-cloud", "gemmini-default", "bitfusion-eyeriss-45nm", "xpulpnn-8core-22nm"} {
		base, err := Open(name)
		if err != nil {
			b.Fatal(err)
		}
		size := []string{"array.rows=48", "array.cols=24"}
		if name == "xpulpnn-8core-22nm" {
			size = []string{"array.cores=4", "batch=2"}
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := base.With(size[0], size[1], "buffers.inputs.bytes=131072", "memory.bits_per_cycle=96"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
