//go:build race

package gemm

// raceDetector drops pooled memory at random.
const raceDetector = true
