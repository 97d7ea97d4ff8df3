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

// ActBits returns the width of the factors of products of activations: what
// "uniform:…" asks for of activations, else the widest of the policy, 8 if it has
// no layers.
func ActBits(spec string, policy *quantizers.Policy) (uint8, error) {
	if name, text, _ := strings.Cut(spec, ":"); name == Info.Name {
		b, _, err := parse(spec, text)
		return b.a, err
	}
	a := uint8(0)
	for _, l := range policy.Layers {
		a = max(a, l.ActBits)
	}
	if a == 0 {
		a = 8
	}
	return a, nil
}
