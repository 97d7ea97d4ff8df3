package workload

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"bitcycle/internal/testdata"
)

func TestReadSCALESim(t *testing.T) {
	w, err := ReadSCALESim("t.csv", strings.NewReader("Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides, Stride width,\nconv1,10,11,3,3,2,4,2,3,\n\nlast,5,5,5,5,1,2,1,\n"))
	if err != nil {
		t.Fatal(err)
	}
	op := &w.Ops[0]
	if op.K != 18 || op.M != 4 || op.Out != [2]int{5, 4} || len(w.Ops) != 2 || w.Ops[1].N != 1 {
		t.Errorf("conv1 = %+v", op)
	}
	w, err = ReadSCALESim("g.csv", strings.NewReader("Layer, M, N, K,\nfc,7,8,9,\n"))
	if err != nil || w.Ops[0].N != 7 || w.Ops[0].M != 8 || w.Ops[0].K != 9 {
		t.Errorf("fc = %+v, %v", w, err)
	}
	for _, text := range []string{"", "h\n", "h,a\nconv,1,2\n", "h,a\nconv,1,2,x,4,5,6,7\n", "h,a\nconv,2,2,3,3,1,1,1\n"} {
		if _, err := ReadSCALESim("bad.csv", strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), "bad.csv") {
			t.Errorf("%q: error %v", text, err)
		}
	}
}

const convHeader = "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,"

// What SCALE-Sim's users write, with the sizes that are right by the header, by
// SCALE-Sim's own reader or by arithmetic.
func TestSCALESimDialect(t *testing.T) {
	conv := func(m, k, n int) Op {
		return Op{Kind: Conv, Groups: 1, Batch: 1, M: m, K: k, N: n}
	}
	product := func(m, k, n int) Op { return Op{Kind: MatMul, Groups: 1, Batch: 1, M: m, K: k, N: n} }
	batch := conv(64, 576, 54*54)
	batch.Batch = 8
	depthwise := Op{Kind: Depthwise, Groups: 64, Batch: 1, M: 1, K: 9, N: 56 * 56}
	paper := Op{Kind: Depthwise, Groups: 1, Batch: 1, M: 1, K: 9, N: 110 * 110}
	two := conv(64, 576, 54*54)
	for name, c := range map[string]struct {
		text string
		want []Op
	}{
		"batch":             {convHeader + " Batch Size,\nconv1, 56, 56, 3, 3, 64, 64, 1, 8,\n", []Op{batch}},
		"batch left out":    {convHeader + "batch size,\nconv1, 56, 56, 3, 3, 64, 64, 1,\n", []Op{two}},
		"dense":             {convHeader + " Sparsity,\nconv1, 56, 56, 3, 3, 64, 64, 1, 1:1,\n", []Op{two}},
		"dense, no name":    {convHeader + "\nconv1, 56, 56, 3, 3, 64, 64, 1, 4:4,\n", []Op{two}},
		"depthwise by name": {convHeader + "\nDPConv1, 58, 58, 3, 3, 64, 1, 1,\n", []Op{depthwise}},
		"depthwise by note": {convHeader + "\n\nConv2_dw, 112, 112, 3, 3, 1, 1, 1,#dw\n", []Op{paper}},
		"product":           {"Layer,M,N,K,\ng,1024,64,4096,\n", []Op{product(64, 4096, 1024)}},
		"product, M K N":    {"Layer,M,K,N,\nfc,1,4096,1000,\n", []Op{product(1000, 4096, 1)}},
		"product as conv":   {convHeader + "\ng,1024,4096,1,4096,1,64,1,\n", []Op{product(64, 4096, 1024)}},
		"products":          {"Layer,M,N,K,\nfc6,1,4096,25088,\nqktv,10000,64,10000,\n", []Op{product(4096, 25088, 1), product(64, 10000, 10000)}},
		"dense layer":       {convHeader + "\nfc6,7,7,7,7,512,4096,1,\n", []Op{conv(4096, 25088, 1)}},
		"no header":         {"conv1, 56, 56, 3, 3, 64, 64, 1,\nconv2, 56, 56, 3, 3, 64, 64, 1,\n", []Op{two, two}},
		"tabs":              {"Layer name\t IFMAP Height\t IFMAP Width\t Filter Height\t Filter Width\t Channels\t Num Filter\t Strides\t \nc\t56\t56\t3\t3\t64\t64\t1\t\n", []Op{two}},
		"byte order mark":   {"\ufeff" + convHeader + "\nc,56,56,3,3,64,64,1\n", []Op{two}},
		"headings":          {convHeader + "\n,,,,,,,,\nAlphaGoZero,\nc,56,56,3,3,64,64,1,\nSeq LSTM,,,\nd,56,56,3,3,64,64,1,\n", []Op{two, two}},
		"notes":             {convHeader + ",,Eh,Ew,e2\nc,56,56,3,3,64,64,1,,,54,54,2916\nd,56,56,3,3,64,64,1,the second\n", []Op{two, two}},
		"header's order":    {"Layer name, Num Filter, Channels, Filter Width, Filter Height, IFMAP Width, IFMAP Height, Strides\nc,64,32,1,3,10,20,1\n", []Op{conv(64, 96, 18*10)}},
		"typo in the header": {
			"Layer, IFMAP Width, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides\nc,20,10,3,1,32,64,1\n",
			[]Op{conv(64, 96, 18*10)},
		},
		"two strides": {convHeader + "\nc,11,11,3,3,1,2,2,4,\n", []Op{conv(2, 9, 5*3)}},
	} {
		w, err := ReadSCALESim("t.csv", strings.NewReader(c.text))
		if err != nil || len(w.Ops) != len(c.want) {
			t.Errorf("%s: %+v, %v", name, w, err)
			continue
		}
		for i, want := range c.want {
			got := w.Ops[i]
			if got.Kind != want.Kind || got.Groups != want.Groups || got.Batch != want.Batch || got.M != want.M || got.K != want.K || got.N != want.N {
				t.Errorf("%s: op %d is %+v, want %+v", name, i, got, want)
			}
		}
		if err := w.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Errors name line, layer, column and value, all at once, and what is allowed.
func TestSCALESimRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                "t.csv: holds no layer",
		convHeader + "\n": "t.csv: holds no layer",
		convHeader + " Sparsity,\nconv1, 56, 56, 3, 3, 64, 64, 1, 2:4,\n": `t.csv:2: layer "conv1", Sparsity = "2:4": sparse weights are not modelled: must be 1:1`,
		"Layer,M,N,K,Sparsity\ng,1,2,8,4:2\n":                             `t.csv:2: layer "g", Sparsity = "4:2": must be N:M`,
		convHeader + "\nc,1,B,1,1,H,H,1,\nd,1,2,3,\n":                     "t.csv:2: layer \"c\", IFMAP Width = \"B\": must be 1 to 67108864\nt.csv:3: layer \"d\", Filter Width is missing: want 7 numbers",
		"Layer,M,N,K\ng,1,2\n":                                            `t.csv:2: layer "g", K is missing: want 3 numbers`,
		"g,1,2,3\n":                                                       "t.csv:1: a layer where the header is expected",
		convHeader + "\nc,5,5,1,1,1,1,1,2O\n":                             `t.csv:2: layer "c", column 9 = "2O": must be 1 to`,
		convHeader + "\nc,5,5,6,1,1,1,1\n":                                `t.csv:2: layer "c", filter 6×1: must not be larger than the ifmap, 5×5`,
		convHeader + "Batch,batch size\nc,5,5,1,1,1,1,1,1,2\n":            "t.csv:1: the header names a column twice",
		convHeader + strings.Repeat("\nc,x,1,1,1,1,1,1", 99):              "t.csv:21: layer",
	} {
		_, err := ReadSCALESim("t.csv", strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
		if err != nil && strings.Count(err.Error(), "\n") >= maxProblems {
			t.Errorf("%q: more than %d problems at once", text, maxProblems)
		}
	}
}

func TestLoadPublishedTopologies(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(testdata.Golden(t, "peers/scalesim/topologies"), "*.csv"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no topologies: %v", err)
	}
	for _, path := range paths {
		w, err := Load(path)
		if err != nil {
			t.Error(err)
			continue
		}
		if err := w.Validate(); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := Load(filepath.Join(t.TempDir(), "missing.toml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

func FuzzReadSCALESim(f *testing.F) {
	f.Add("name,h,w,fh,fw,c,n,s\nconv,10,10,3,3,2,4,1,\n")
	f.Add("Layer,M,N,K\nfc,1,2,3\n")
	f.Add("Layer,M,N,K\nfc,9223372036854775807,2,3\nfc,1099511627776,1099511627776,1\nfc,-1,0,1e9\n")
	f.Add("Layer,M,N,K\n\x1b[2J,1,2,3\n\"\x00\",nan,inf,1\n")
	f.Add("\ufeffL\tM\tK\tN\nDP\t1\t2\t3\n")
	f.Add("DP,10,10,3,3,2,4,1,#dw\nh\nc,9,9,1,9,1,1,1,2:4,x\n")
	f.Fuzz(func(t *testing.T, text string) {
		if w, err := ReadSCALESim("fuzz.csv", strings.NewReader(text)); err == nil {
			if err := w.Validate(); err != nil {
				t.Fatalf("an invalid workload was read: %v", err)
			}
		}
	})
}
