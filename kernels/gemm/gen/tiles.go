package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tile is a register tile of a matrix product: up to rows rows of A against a panel of B that is vectors
// registers wide. A step multiplies one unit of A, broadcast, into every lane.
type tile struct {
	isa
	name          string
	a, b, c       element
	rows, vectors int
	unit          int // bytes of A in a step: 4 or 8
	temps         int
	setup         func(temp []reg.VecVirtual) // before the first step
	mac           func(b Op, a, sum reg.VecVirtual, temp []reg.VecVirtual)
	add           func(ops ...Op)
}

// element is a Go type and its size in bytes.
type element struct {
	name string
	size int
}

var (
	f32, f64      = element{"float32", 4}, element{"float64", 8}
	u8, i8        = element{"uint8", 1}, element{"int8", 1}
	i16, i32, i64 = element{"int16", 2}, element{"int32", 4}, element{"int64", 8}
	u64           = element{"uint64", 8}
)

func tiles() {
	for _, t := range []tile{
		{isa: avx512, name: "F32", a: f32, b: f32, c: f32, rows: 14, unit: 4, mac: fmaPS, add: VADDPS},
		{isa: avx512, name: "F64", a: f64, b: f64, c: f64, rows: 14, unit: 8, mac: fmaPD, add: VADDPD},
		{isa: avx512, name: "I8", a: u8, b: i8, c: i32, rows: 14, unit: 4, mac: dotBytes, add: VPADDD},
		{isa: avx512, name: "I16", a: i16, b: i16, c: i32, rows: 14, unit: 4, mac: dotWords, add: VPADDD},
		{isa: avx512, name: "I32", a: i32, b: i64, c: i64, rows: 14, unit: 4, temps: 1, mac: longs, add: VPADDQ},
		{isa: avx2, name: "F32", a: f32, b: f32, c: f32, rows: 6, unit: 4, mac: fmaPS, add: VADDPS},
		{isa: avx2, name: "F64", a: f64, b: f64, c: f64, rows: 6, unit: 8, mac: fmaPD, add: VADDPD},
		{isa: avx2, name: "I8", a: u8, b: i8, c: i32, rows: 5, unit: 4, temps: 2, setup: wordOnes, mac: maddBytes, add: VPADDD},
		{isa: avx2, name: "I16", a: i16, b: i16, c: i32, rows: 5, unit: 4, temps: 1, mac: maddWords, add: VPADDD},
		{isa: avx2, name: "I32", a: i32, b: i64, c: i64, rows: 5, unit: 4, temps: 1, mac: longs, add: VPADDQ},
	} {
		for _, t.vectors = range []int{2, 1} {
			t.declare("acc bool")
			t.blocks(t.body)
		}
	}
}

func fmaPS(b Op, a, sum reg.VecVirtual, _ []reg.VecVirtual)    { VFMADD231PS(b, a, sum) }
func fmaPD(b Op, a, sum reg.VecVirtual, _ []reg.VecVirtual)    { VFMADD231PD(b, a, sum) }
func dotBytes(b Op, a, sum reg.VecVirtual, _ []reg.VecVirtual) { VPDPBUSD(b, a, sum) }
func dotWords(b Op, a, sum reg.VecVirtual, _ []reg.VecVirtual) { VPDPWSSD(b, a, sum) }

func maddWords(b Op, a, sum reg.VecVirtual, temp []reg.VecVirtual) {
	VPMADDWD(b, a, temp[0])
	VPADDD(temp[0], sum, sum)
}

// maddBytes is exact only if sums of two neighbouring products stay in 16 bits.
func maddBytes(b Op, a, sum reg.VecVirtual, temp []reg.VecVirtual) {
	VPMADDUBSW(b, a, temp[0])
	VPMADDWD(temp[1], temp[0], temp[0])
	VPADDD(temp[0], sum, sum)
}

// wordOnes sets the words of temp[1] to one.
func wordOnes(temp []reg.VecVirtual) {
	VPCMPEQW(temp[1], temp[1], temp[1])
	VPSRLW(Imm(15), temp[1], temp[1])
}

// longs multiplies the low halves of lanes of 64 bits.
func longs(b Op, a, sum reg.VecVirtual, temp []reg.VecVirtual) {
	VPMULDQ(b, a, temp[0])
	VPADDQ(temp[0], sum, sum)
}

// strides holds the odd multiples of the byte distance between rows: with the scales 1, 2, 4 and 8 of an
// address they reach every row from one pointer.
type strides map[int]reg.GPVirtual

func newStrides(row reg.GPVirtual, rows int) strides {
	s := strides{1: row}
	for odd := 3; odd < rows; odd += 2 {
		s[odd] = GP64()
		LEAQ(Mem{Base: s[odd-2], Index: row, Scale: 2}, s[odd])
	}
	return s
}

func (s strides) row(base reg.GPVirtual, r int) Mem {
	if r == 0 {
		return Mem{Base: base}
	}
	scale := 1
	for r%2 == 0 {
		r, scale = r/2, scale*2
	}
	return Mem{Base: base, Index: s[r], Scale: uint8(scale)}
}

// width is the number of columns of a panel, a sum to a lane.
func (t tile) width() int { return t.vectors * t.bytes / t.lane() }

// lane is the size of a sum in registers.
func (t tile) lane() int { return max(t.unit, t.c.size) }

const strided = "l struct{segments, steps, rs, cs, ss int}"

// declare begins a function whose last parameter is given.
func (t tile) declare(last string) {
	name := fmt.Sprintf("tile%s%s_%d", t.name, t.isa.name, t.vectors)
	TEXT(name, NOSPLIT, fmt.Sprintf("func(rows, block, panels int, a []%s, %s, b []%s, r struct{panel, cs, ss int}, c []%s, ldc int, %s)",
		t.a.name, strided, t.b.name, t.c.name, last))
	Doc(fmt.Sprintf("%s multiplies rows of A by panels of %d columns, block ≤ %d rows at a time.", name, t.width(), t.rows))
	Pragma("noescape")
}

// loop is what the loops of a tile keep in registers. The jumps from the end of a segment to the next
// one stay in memory, in place of the distance between segments.
type loop struct {
	a            reg.GPVirtual
	rows         strides
	stepA, stepB reg.Register
}

// blocks loads the parameters and repeats the body for the number of rows of each block. A body ends by
// jumping to rowsDone.
func (t tile) blocks(body func(rows int, l loop)) {
	var l loop
	l.a = Load(Param("a").Base(), GP64()).(reg.GPVirtual)
	l.stepA, l.stepB = walk("l", t.a.size), walk("r", t.b.size)
	Store(load(Param("r").Field("panel"), t.b.size), Param("r").Field("panel"))
	l.rows = newStrides(load(Param("l").Field("rs"), t.a.size), t.rows)
	saved := AllocLocal(24)
	begin := map[string]Mem{"panels": saved, "b": saved.Offset(8), "c": saved.Offset(16)}
	for _, name := range []string{"panels", "b", "c"} {
		move(param(name), begin[name])
	}

	Label("block")
	rows := Load(Param("block"), GP64())
	left := Load(Param("rows"), GP64())
	CMPQ(left, rows)
	CMOVQLT(left, rows)
	for r := 1; r < t.rows; r++ {
		CMPQ(rows, Imm(uint64(r)))
		JEQ(LabelRef(fmt.Sprintf("rows%d", r)))
	}
	for r := t.rows; r > 0; r-- {
		body(r, l)
	}

	Label("rowsDone")
	done := Load(Param("block"), GP64())
	SUBQ(done, param("rows"))
	JLE(LabelRef("end"))
	nextA := GP64()
	MOVQ(done, nextA)
	IMULQ(l.rows[1], nextA)
	ADDQ(nextA, l.a)
	IMULQ(load(Param("ldc"), t.c.size), done)
	ADDQ(done, begin["c"])
	for _, name := range []string{"panels", "b", "c"} {
		move(begin[name], param(name))
	}
	JMP(LabelRef("block"))
	Label("end")
	finish()
}

func move(from, to Mem) {
	r := GP64()
	MOVQ(from, r)
	MOVQ(r, to)
}

// walk loads the distance between the steps of an operand, and makes its distance between segments the
// jump from the end of one to the next.
func walk(operand string, size int) (step reg.Register) {
	step, jump := load(Param(operand).Field("cs"), size), load(Param(operand).Field("ss"), size)
	length := Load(Param("l").Field("steps"), GP64())
	IMULQ(step, length)
	SUBQ(length, jump)
	Store(jump, Param(operand).Field("ss"))
	return step
}

// load reads a count of elements and makes it a count of bytes.
func load(from gotypes.Component, size int) reg.GPVirtual {
	r := Load(from, GP64()).(reg.GPVirtual)
	if size > 1 {
		SHLQ(Imm(uint64(log2(size))), r)
	}
	return r
}

func (t tile) body(rows int, l loop) {
	label := func(name string) string { return fmt.Sprintf("%s%d", name, rows) }
	sums := t.regs(rows * t.vectors)
	left, right, temp := t.reg(), t.regs(t.vectors), t.regs(t.temps)

	Label(label("rows"))
	if t.setup != nil {
		t.setup(temp)
	}
	Label(label("panel"))
	for _, r := range sums {
		t.zero(r)
	}
	t.eachRow(rows, 1, func(_ int, at Mem) { PREFETCHT0(at) })
	t.walkSteps(label, l, func(a, b reg.GPVirtual) {
		for v, r := range right {
			VMOVUPS(Mem{Base: b, Disp: v * t.bytes}, r)
		}
		for r := range rows {
			broadcast(t.unit, l.rows.row(a, r), left)
			for v := range right {
				t.mac(right[v], left, sums[r*t.vectors+v], temp)
			}
		}
	})
	acc := Load(Param("acc"), GP8())
	TESTB(acc, acc)
	JEQ(LabelRef(label("store")))
	t.eachRow(rows, t.vectors, func(i int, at Mem) { t.add(at, sums[i], sums[i]) })
	Label(label("store"))
	t.eachRow(rows, t.vectors, func(i int, at Mem) { VMOVUPS(sums[i], at) })
	t.nextPanel(label, t.vectors*t.bytes)
}

// walkSteps repeats a step over all segments of a panel.
func (t tile) walkSteps(label func(string) string, l loop, step func(a, b reg.GPVirtual)) {
	segments, a, b := Load(Param("l").Field("segments"), GP64()), GP64(), Load(Param("b").Base(), GP64()).(reg.GPVirtual)
	MOVQ(l.a, a)
	Label(label("segment"))
	steps := Load(Param("l").Field("steps"), GP64())
	Label(label("step"))
	step(a, b)
	ADDQ(l.stepA, a)
	ADDQ(l.stepB, b)
	DECQ(steps)
	JNE(LabelRef(label("step")))
	ADDQ(field("l", "ss"), a)
	ADDQ(field("r", "ss"), b)
	DECQ(segments)
	JNE(LabelRef(label("segment")))
}

// nextPanel moves B and C on, and ends the body after the last panel.
func (t tile) nextPanel(label func(string) string, bytes int) {
	panel := Load(Param("r").Field("panel"), GP64())
	ADDQ(panel, param("b"))
	ADDQ(Imm(uint64(bytes)), param("c"))
	DECQ(param("panels"))
	JNE(LabelRef(label("panel")))
	JMP(LabelRef("rowsDone"))
}

// field is the place of a field of a parameter.
func field(name, f string) Mem {
	b, err := Param(name).Field(f).Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}

// param is the place of a parameter, of its pointer if it is a slice.
func param(name string) Mem {
	c := Param(name)
	if b, err := c.Resolve(); err == nil {
		return b.Addr
	}
	b, err := c.Base().Resolve()
	if err != nil {
		panic(err)
	}
	return b.Addr
}

// eachRow visits the vectors of every row of C.
func (t tile) eachRow(rows, vectors int, f func(i int, at Mem)) {
	row := Load(Param("c").Base(), GP64()).(reg.GPVirtual)
	ldc := load(Param("ldc"), t.c.size)
	for r := range rows {
		for v := range vectors {
			f(r*vectors+v, Mem{Base: row, Disp: v * t.bytes})
		}
		if r < rows-1 {
			ADDQ(ldc, row)
		}
	}
}

func log2(n int) int {
	l := 0
	for n > 1 {
		n, l = n/2, l+1
	}
	return l
}
