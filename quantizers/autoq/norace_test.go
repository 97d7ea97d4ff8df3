//go:build !race

package autoq

const raceDetector = false
