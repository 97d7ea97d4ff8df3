package rff

import (
	"iter"
	"sync"

	"gonum.org/v1/gonum/mat"

	"bitcycle/kernels/gemm"
)

// The single-precision path works on tiles of this many rows and features.
const (
	tileRows     = maxRows
	tileFeatures = 256
)

// narrowed are features in single precision.
type narrowed struct {
	omega panel // M×D: frequency i in row i
	xi    []float32
}

// panel is a row-major matrix.
type panel struct {
	rows, cols, stride int
	data               []float32
}

func newPanel(rows, cols int) panel {
	return panel{rows: rows, cols: cols, stride: cols, data: make([]float32, rows*cols)}
}

func (p *panel) row(i int) []float32 { return p.data[i*p.stride:][:p.cols] }

func newNarrowed(f *Features) *narrowed {
	t := &narrowed{omega: newPanel(f.M, f.D), xi: make([]float32, f.M)}
	narrow(t.xi, f.Xi)
	narrow(t.omega.data, f.Omega)
	return t
}

// mapTile writes features from, from+1, … of the rows of x to the rows of z.
func (t *narrowed) mapTile(z, x panel, from int) {
	omega := t.omega.data[from*t.omega.stride:]
	gemm.Float32(false, true, z.rows, z.cols, x.cols, x.data, x.stride, omega, t.omega.stride, false, z.data, z.stride)
	for r := range z.rows {
		gemm.CosF32(z.row(r), z.row(r), t.xi[from:from+z.cols], 1)
	}
}

// encodeSingle is Encode in single precision.
func (e *Encoder) encodeSingle(x *mat.Dense) (*Codes, Diagnostics) {
	n, _ := x.Dims()
	codes := NewCodes(e.Scheme, e.Features.M, n)
	t := newNarrowed(e.Features)
	var total Diagnostics
	var mu sync.Mutex
	parallel(n, e.Workers, func(pieces iter.Seq2[int, int]) {
		tile := newTile(e, codes)
		for lo, hi := range pieces {
			tile.encode(t, x, lo, hi)
		}
		mu.Lock()
		defer mu.Unlock()
		for _, lane := range tile.lanes {
			total.Add(lane.diagnostics())
		}
	})
	return codes, total
}

// tile is the working memory of one worker.
type tile struct {
	codes *Codes
	x, z  panel
	wide  []float64
	lanes []*lane
}

func newTile(e *Encoder, codes *Codes) *tile {
	d := e.Features.D
	t := &tile{
		codes: codes,
		x:     newPanel(tileRows, d),
		z:     newPanel(tileRows, tileFeatures),
		wide:  make([]float64, tileFeatures),
	}
	for range tileRows {
		t.lanes = append(t.lanes, newLane(e.Scheme, e.Seed, codes.Width))
	}
	return t
}

// encode writes the codes of rows lo to hi-1.
func (t *tile) encode(features *narrowed, x *mat.Dense, lo, hi int) {
	rows := hi - lo
	t.x.rows, t.z.rows = rows, rows
	for r := range rows {
		narrow(t.x.row(r), x.RawRowView(lo+r))
		t.lanes[r].begin(uint64(lo + r))
	}
	used := t.codes.Scheme.Used(t.codes.M)
	for from := 0; from < used; from += tileFeatures {
		t.z.cols = min(tileFeatures, used-from)
		features.mapTile(t.z, t.x, from)
		for r := range rows {
			t.lanes[r].push(t.z.row(r), t.wide)
		}
	}
	for r := range rows {
		t.codes.Set(lo+r, t.lanes[r].ints)
	}
}

func narrow(dst []float32, src []float64) {
	for i, v := range src {
		dst[i] = float32(v)
	}
}

// lane quantizes one row of a tile: folded if the scheme allows it.
type lane struct {
	ints   []int32
	fold   fold
	folded bool
	stream *Stream
}

func newLane(s Scheme, seed uint64, width int) *lane {
	l := &lane{ints: make([]int32, 0, width)}
	if l.fold, l.folded = newFold(s); !l.folded {
		l.stream = s.NewStream(seed)
	}
	return l
}

func (l *lane) begin(row uint64) {
	l.ints = l.ints[:0]
	if l.folded {
		l.fold.begin()
	} else {
		l.stream.Begin(row)
	}
}

func (l *lane) push(z []float32, wide []float64) {
	if l.folded {
		l.ints = l.fold.push(l.ints, z)
		return
	}
	for i, v := range z {
		wide[i] = float64(v)
	}
	l.ints = l.stream.Push(l.ints, wide[:len(z)])
}

func (l *lane) diagnostics() Diagnostics {
	if l.folded {
		return Diagnostics{}
	}
	return l.stream.Diagnostics()
}
