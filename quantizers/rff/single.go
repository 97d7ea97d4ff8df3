package rff

import (
	"iter"
	"math"
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/mat"
)

// The single-precision path works on tiles of this many rows and features.
const (
	tileRows     = rowsAtOnce
	tileFeatures = 128
)

// turns are features in single precision with phases in turns, so that the cosine
// needs no multiplication to reduce its argument.
type turns struct {
	omega blas32.General // D×M: frequency i in column i, over 2π
	xi    []float32
}

func newTurns(f *Features) *turns {
	t := &turns{omega: blas32.General{Rows: f.D, Cols: f.M, Stride: f.M, Data: make([]float32, f.D*f.M)}}
	for i := range f.M {
		for j := range f.D {
			t.omega.Data[j*f.M+i] = float32(f.Omega[i*f.D+j] / (2 * math.Pi))
		}
		t.xi = append(t.xi, float32(f.Xi[i]/(2*math.Pi)))
	}
	return t
}

// mapTile writes features from, from+1, … of the rows of x to the rows of z.
func (t *turns) mapTile(z, x blas32.General, from int) {
	for r := range z.Rows {
		copy(z.Data[r*z.Stride:][:z.Cols], t.xi[from:])
	}
	omega := t.omega
	omega.Cols, omega.Data = z.Cols, omega.Data[from:]
	blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, x, omega, 1, z)
	for r := range z.Rows {
		cosTurns(z.Data[r*z.Stride:][:z.Cols])
	}
}

// encodeSingle is Encode in single precision.
func (e *Encoder) encodeSingle(x *mat.Dense) (*Codes, Diagnostics) {
	n, _ := x.Dims()
	codes := NewCodes(e.Scheme, e.Features.M, n)
	t := newTurns(e.Features)
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
	x, z  blas32.General
	wide  []float64
	lanes []*lane
}

func newTile(e *Encoder, codes *Codes) *tile {
	d := e.Features.D
	t := &tile{
		codes: codes,
		x:     blas32.General{Cols: d, Stride: d, Data: make([]float32, tileRows*d)},
		z:     blas32.General{Stride: tileFeatures, Data: make([]float32, tileRows*tileFeatures)},
		wide:  make([]float64, tileFeatures),
	}
	for range tileRows {
		t.lanes = append(t.lanes, newLane(e.Scheme, e.Seed, codes.Width))
	}
	return t
}

// encode writes the codes of rows lo to hi-1.
func (t *tile) encode(features *turns, x *mat.Dense, lo, hi int) {
	rows := hi - lo
	t.x.Rows, t.z.Rows = rows, rows
	for r := range rows {
		for j, v := range x.RawRowView(lo + r) {
			t.x.Data[r*t.x.Stride+j] = float32(v)
		}
		t.lanes[r].begin(uint64(lo + r))
	}
	used := t.codes.Scheme.Used(t.codes.M)
	for from := 0; from < used; from += tileFeatures {
		t.z.Cols = min(tileFeatures, used-from)
		features.mapTile(t.z, t.x, from)
		for r := range rows {
			t.lanes[r].push(t.z.Data[r*t.z.Stride:][:t.z.Cols], t.wide)
		}
	}
	for r := range rows {
		t.codes.Set(lo+r, t.lanes[r].ints)
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
