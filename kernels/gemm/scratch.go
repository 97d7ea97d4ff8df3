package gemm

import "unsafe"

// Scratch is the working memory of one goroutine. The zero value is ready; it grows to the largest
// product it has served and then allocates no more.
type Scratch struct {
	a32 []float32
	a8  []uint8
	a16 []int16
	ai  []int32
	acc []int32
	sum []int64
	w64 []uint64
}

// grow returns (*s)[:n], reallocating only when the capacity is too small. The content is arbitrary.
func grow[E any](s *[]E, n int) []E {
	if cap(*s) < n {
		*s = make([]E, n+n/4)
	}
	return (*s)[:n]
}

// bytesOf views signed bytes as unsigned ones.
func bytesOf(s []int8) []uint8 {
	return unsafe.Slice((*uint8)(unsafe.Pointer(unsafe.SliceData(s))), len(s))
}
