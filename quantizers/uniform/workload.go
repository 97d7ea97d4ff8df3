package uniform

import (
	"fmt"
	"strings"

	"bitcycle/kernels/workload"
	"bitcycle/quantizers"
)

// Requantize gives the layers of a workload the widths of a method that needs no
// data: "uniform:w=4,a=4" as in [Parse], or "policy:FILE".
func Requantize(w *workload.Workload, spec string) error {
	layers, err := layersOf(w, spec)
	if err != nil {
		return err
	}
	if err := w.SetWidths(layers); err != nil {
		return fmt.Errorf("method %q: %w", spec, err)
	}
	return nil
}

func layersOf(w *workload.Workload, spec string) ([]workload.LayerWidths, error) {
	switch name, text, _ := strings.Cut(spec, ":"); name {
	case FloatInfo.Name, Info.Name:
		if name == FloatInfo.Name {
			if _, err := ParseFloat(spec, text); err != nil {
				return nil, err
			}
			text = floatBits
		}
		b, _, err := parse(spec, text)
		if err != nil {
			return nil, err
		}
		if b.group > 0 {
			return nil, fmt.Errorf("method %q: group = %d: a workload cannot be cut into groups, a network can", spec, b.group)
		}
		return quantizers.UniformWorkload(w, b.w, b.a, b.first, b.last).Layers, nil
	case PolicyInfo.Name:
		file, err := quantizers.LoadPolicy(text)
		if err != nil {
			return nil, fmt.Errorf("method %q: %w", spec, err)
		}
		p, err := file.ForWorkload(w)
		if err != nil {
			return nil, fmt.Errorf("method %q: %w", spec, err)
		}
		return p.Layers, nil
	}
	return nil, fmt.Errorf("method %q: a workload holds no weights to quantize: want %s or %s", spec, Info.Usage, PolicyInfo.Usage)
}
