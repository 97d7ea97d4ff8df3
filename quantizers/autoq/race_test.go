//go:build race

package autoq

// raceDetector drops pooled memory at random.
const raceDetector = true
