//go:build race

package train

// raceDetector drops pooled memory at random.
const raceDetector = true
