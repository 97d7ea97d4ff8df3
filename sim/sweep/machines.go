package sweep

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"bitcycle/arch"
)

// hardware is a machine or a front end by its content.
type hardware struct {
	base    *arch.Base
	front   *arch.FrontEndBase
	machine *arch.Accelerator // without settings of axes
	hash    string
}

// findHardware loads the machines, and sees that each key of the hardware is one of some
// of them.
func (p *Plan) findHardware() (errs []error) {
	if p.kind == radio {
		return p.findFrontEnds()
	}
	for _, name := range p.Spec.values("machine") {
		base, err := arch.Open(name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		h := &hardware{base: base}
		if h.machine, err = base.With(p.Spec.Base.Set...); err != nil {
			errs = append(errs, err)
			continue
		}
		if h.hash, err = machineHash(h.machine); err != nil {
			errs = append(errs, err)
		}
		p.hardware[name] = h
	}
	if len(errs) > 0 {
		return errs
	}
	return p.checkKeys(func(h *hardware, set string) error {
		_, err := h.base.With(p.over([]string{set})...)
		return err
	})
}

// over puts settings of a point over those of the base.
func (p *Plan) over(sets []string) []string {
	if len(p.Spec.Base.Set) == 0 {
		return sets
	}
	return append(slices.Clone(p.Spec.Base.Set), sets...)
}

// anyMachine is one of the machines.
func (p *Plan) anyMachine() *arch.Accelerator { return p.hardware[p.Spec.values("machine")[0]].machine }

// checkKeys reports keys of the hardware that no machine of the sweep has.
func (p *Plan) checkKeys(try func(h *hardware, set string) error) (errs []error) {
	for i := range p.settings {
		s := &p.settings[i]
		if !s.machine {
			continue
		}
		var unknown error
		known := false
		for _, h := range p.hardware {
			err := try(h, s.key+"="+p.Spec.values(s.key)[0])
			if err == nil || !strings.Contains(err.Error(), "no key") {
				known = true
				break
			}
			unknown = err
		}
		if !known {
			errs = append(errs, fmt.Errorf("%s: %w", p.placeOf(s), unknown))
		}
	}
	return errs
}

// placeOf tells where a setting was written.
func (p *Plan) placeOf(s *setting) string {
	if s.axis >= 0 {
		return p.Spec.Axes[s.axis].At
	}
	return "base"
}

// machineHash is that of a machine and of the memory part it names.
func machineHash(m *arch.Accelerator) (string, error) {
	hash, err := hashOfMachine(m)
	if err != nil || m.Memory.Kind != "dram" {
		return hash, err
	}
	part, err := arch.LoadDRAM(m.Memory.Preset)
	if err != nil {
		return "", err
	}
	dram, err := hashOfMachine(part)
	return hash + "+" + dram, err
}

// findFooting makes a footing for each batch and bandwidth.
func (p *Plan) findFooting() (errs []error) {
	batches, bandwidths := p.Spec.values("batch"), p.Spec.values("bandwidth_gb_s")
	if len(batches) == 0 {
		batches = []string{""}
	}
	if len(bandwidths) == 0 {
		bandwidths = []string{""}
	}
	for _, batch := range batches {
		for _, bandwidth := range bandwidths {
			f := &arch.Footing{Batch: 1}
			var err error
			if batch != "" {
				if f.Batch, err = strconv.Atoi(batch); err != nil || f.Batch < 1 {
					errs = append(errs, fmt.Errorf("batch = %s: must be a whole number of at least 1", batch))
				}
			}
			if bandwidth != "" {
				gbs, err := strconv.ParseFloat(bandwidth, 64)
				if err != nil || !(gbs > 0) || math.IsInf(gbs, 0) {
					errs = append(errs, fmt.Errorf("bandwidth_gb_s = %s: must be above 0", bandwidth))
				}
				f.IdealBytesPerS = gbs * 1e9
			}
			if p.Spec.Base.AsPublished {
				f = nil
			}
			p.footing[batch+" "+bandwidth] = f
		}
	}
	return errs
}
