//go:build race

package kernels

// raceDetector drops pooled memory at random.
const raceDetector = true
