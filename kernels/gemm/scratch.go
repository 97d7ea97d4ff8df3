package gemm

import "unsafe"

// Scratch is the working memory of one goroutine. The zero value is ready; it grows to the largest
// product it has served and then allocates no more.
type Scratch struct {
	f32     work[float32, float32, float32]
	f64     work[float64, float64, float64]
	i8      work[uint8, int8, int32]
	i16     work[int16, int16, int32]
	i32     work[int32, int64, int64]
	bytes   widen
	flip    flip
	epi     floatSink
	ints    intSink
	longs   longSink
	bits    bitRows
	depth32 depth32
	depth8  depth8
	grad    gradient
	edge    []int32 // a tile wider than C
	sums    []int32 // finished rows on their way to another type
}

// grow returns (*s)[:n], reallocating only when the capacity is too small. The content is arbitrary.
func grow[E number](s *[]E, n int) []E {
	if cap(*s) < n {
		*s = aligned[E](n + n/4)
	}
	*s = (*s)[:n]
	return *s
}

// aligned allocates n zeros that begin at a multiple of 64 bytes, so that no vector load crosses a
// cache line.
func aligned[E number](n int) []E {
	var e E
	size := int(unsafe.Sizeof(e))
	s := make([]E, n+64/size)
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(s)))) & 63 / size
	return s[skip : skip+n : skip+n]
}

// bytesOf views signed bytes as unsigned ones.
func bytesOf(s []int8) []uint8 {
	return unsafe.Slice((*uint8)(unsafe.Pointer(unsafe.SliceData(s))), len(s))
}
