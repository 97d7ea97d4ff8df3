//go:build !amd64 || noasm

package lanes

func requantVectors[D Code]([]D, []int16, *Map) int { return 0 }

func sumVectors[D Code](_ []D, _, _ []int16, _ *Map) int { return 0 }

func maxVectors[T Code | int32 | float32](_, _ []T) int { return 0 }

func clampVectors(_, _, _ []float32, _, _ float32) int { return 0 }

func quantizeVectors([]int32, []float32, float64, int32, int32) int { return 0 }

func addVectors[T Code | int32]([]int32, []T) int { return 0 }
