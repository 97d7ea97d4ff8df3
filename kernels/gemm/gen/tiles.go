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
	elem, sum     string // element types of A and B, and of C
	step          string // doc: what a step does
	rows, vectors int
	unit          int // bytes of A in a step: 4 or 8
	size          int // bytes of an element of A
	temps         int
	mac           func(b Op, a, sum reg.VecVirtual, temp []reg.VecVirtual)
	add           func(ops ...Op)
}

func tiles() {
	for _, t := range []tile{
		{isa: avx512, name: "F32", elem: "float32", sum: "float32", rows: 14, unit: 4, size: 4, mac: fmaPS, add: VADDPS},
		{isa: avx512, name: "F64", elem: "float64", sum: "float64", rows: 14, unit: 8, size: 8, mac: fmaPD, add: VADDPD},
		{isa: avx512, name: "I8", elem: "uint8", sum: "int32", rows: 14, unit: 4, size: 1, mac: dotBytes, add: VPADDD},
		{isa: avx512, name: "I16", elem: "int16", sum: "int32", rows: 14, unit: 4, size: 2, mac: dotWords, add: VPADDD},
		{isa: avx2, name: "F32", elem: "float32", sum: "float32", rows: 6, unit: 4, size: 4, mac: fmaPS, add: VADDPS},
		{isa: avx2, name: "F64", elem: "float64", sum: "float64", rows: 6, unit: 8, size: 8, mac: fmaPD, add: VADDPD},
		{isa: avx2, name: "I16", elem: "int16", sum: "int32", rows: 5, unit: 4, size: 2, temps: 2, mac: maddWords, add: VPADDD},
	} {
		for _, t.vectors = range []int{2, 1} {
			t.write()
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

func (t tile) width() int { return t.vectors * t.bytes / t.unit }

func (t tile) write() {
	name := fmt.Sprintf("tile%s%s_%d", t.name, t.isa.name, t.vectors)
	TEXT(name, NOSPLIT, fmt.Sprintf("func(rows, panels int, a []%[1]s, l struct{segments, steps, rs, cs, ss int}, b []%[2]s, skip int, c []%[3]s, ldc int, acc bool)",
		t.elem, t.right(), t.sum))
	Doc(fmt.Sprintf("%s multiplies 1..%d rows of A by panels of %d columns.", name, t.rows, t.width()))
	Pragma("noescape")

	a, b, cs, jump, s := t.prologue()
	for r := t.rows; r > 0; r-- {
		t.body(r, a, b, cs, jump, s)
	}
}

// prologue loads the parameters and jumps to the body for the number of rows.
func (t tile) prologue() (a, b reg.GPVirtual, cs, jump reg.Register, s strides) {
	a = Load(Param("a").Base(), GP64()).(reg.GPVirtual)
	b = Load(Param("b").Base(), GP64()).(reg.GPVirtual)
	rs := t.load(Param("l").Field("rs"), t.size).(reg.GPVirtual)
	cs = t.load(Param("l").Field("cs"), t.size)
	jump = t.load(Param("l").Field("ss"), t.size) // from the end of a segment to the next
	length := Load(Param("l").Field("steps"), GP64())
	IMULQ(cs, length)
	SUBQ(length, jump)
	skip := t.load(Param("skip"), t.vectors*t.bytes)
	Store(skip, Param("skip"))
	rows := Load(Param("rows"), GP64())
	s = newStrides(rs, t.rows)
	for r := 1; r < t.rows; r++ {
		CMPQ(rows, Imm(uint64(r)))
		JEQ(LabelRef(fmt.Sprintf("rows%d", r)))
	}
	return a, b, cs, jump, s
}

// right is the element type of packed B.
func (t tile) right() string {
	if t.elem == "uint8" {
		return "int8"
	}
	return t.elem
}

// load reads a count of elements and makes it a count of bytes.
func (t tile) load(from gotypes.Component, size int) reg.Register {
	r := Load(from, GP64())
	if size > 1 {
		SHLQ(Imm(uint64(log2(size))), r)
	}
	return r
}

func (t tile) body(rows int, a, b reg.GPVirtual, cs, jump reg.Register, s strides) {
	label := func(name string) string { return fmt.Sprintf("%s%d", name, rows) }
	sums := t.regs(rows * t.vectors)
	left, right, temp := t.reg(), t.regs(t.vectors), t.regs(t.temps)
	width := t.vectors * t.bytes

	Label(label("rows"))
	Label(label("panel"))
	for _, r := range sums {
		t.zero(r)
	}
	t.eachRow(rows, 1, func(_ int, at Mem) { PREFETCHT0(at) })
	segments, at := Load(Param("l").Field("segments"), GP64()), GP64()
	MOVQ(a, at)

	Label(label("segment"))
	steps := Load(Param("l").Field("steps"), GP64())
	Label(label("step"))
	for v, r := range right {
		VMOVUPS(Mem{Base: b, Disp: v * t.bytes}, r)
	}
	for r := range rows {
		broadcast(t.unit, s.row(at, r), left)
		for v := range right {
			t.mac(right[v], left, sums[r*t.vectors+v], temp)
		}
	}
	ADDQ(cs, at)
	ADDQ(Imm(uint64(width)), b)
	DECQ(steps)
	JNE(LabelRef(label("step")))
	ADDQ(jump, at)
	DECQ(segments)
	JNE(LabelRef(label("segment")))

	acc := Load(Param("acc"), GP8())
	TESTB(acc, acc)
	JEQ(LabelRef(label("store")))
	t.eachRow(rows, t.vectors, func(i int, at Mem) { t.add(at, sums[i], sums[i]) })
	Label(label("store"))
	t.eachRow(rows, t.vectors, func(i int, at Mem) { VMOVUPS(sums[i], at) })
	ADDQ(param("skip"), b)
	ADDQ(Imm(uint64(width)), param("c"))
	DECQ(param("panels"))
	JNE(LabelRef(label("panel")))
	finish()
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
	ldc := t.load(Param("ldc"), t.sumSize())
	for r := range rows {
		for v := range vectors {
			f(r*vectors+v, Mem{Base: row, Disp: v * t.bytes})
		}
		if r < rows-1 {
			ADDQ(ldc, row)
		}
	}
}

func (t tile) sumSize() int {
	if t.sum == "float64" {
		return 8
	}
	return 4
}

func log2(n int) int {
	l := 0
	for n > 1 {
		n, l = n/2, l+1
	}
	return l
}
