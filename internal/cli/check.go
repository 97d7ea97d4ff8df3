package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"bitcycle/arch"
	"bitcycle/kernels/workload/zoo"
	"bitcycle/quantizers"
	"bitcycle/reports"
	"bitcycle/sim/sweep"
)

type checkCmd struct {
	Files []string `arg:"" predictor:"files" help:"Machine, front end, network, ONNX, workload, sweep or policy files; factors and feature codes."`
	modelFlags
}

// Help shows an example.
func (checkCmd) Help() string { return "Example: bitcycle check my-machine.toml net.onnx policy.toml" }

// Run validates every file and says what each is.
func (c checkCmd) Run(s *session) error {
	var valid []reports.Listed
	var errs []error
	for _, name := range c.Files {
		kind, holds, err := checkFile(name, s.Set, c.modelFlags)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		valid = append(valid, reports.Listed{Name: name, Kind: kind, About: holds})
	}
	if len(valid) > 0 {
		if err := s.write(reports.Checked(valid)); err != nil {
			return err
		}
	}
	return input(errors.Join(errs...))
}

func checkFile(name string, set []string, model modelFlags) (kind, holds string, err error) {
	if kind, holds, err = checkArtifact(name); kind != "" || err != nil {
		return kind, holds, err
	}
	if kind, err = kindOf(name); err != nil {
		return "", "", err
	}
	switch kind {
	case "network":
		return checkNetwork(name, model)
	case "workload":
		w, err := zoo.Load(name)
		if err != nil {
			return "", "", err
		}
		return kind, fmt.Sprintf("%s: %d ops, %.2f MMACs", w.Name, len(w.Ops), float64(w.MACs())/1e6), nil
	case "sweep":
		return checkSweep(name, model)
	case "policy":
		p, err := quantizers.LoadPolicy(name)
		if err != nil {
			return "", "", err
		}
		return kind, p.About(), nil
	}
	if kind == "frontend" {
		f, err := arch.LoadFrontEnd(name, set)
		if err != nil {
			return "", "", err
		}
		return kind, fmt.Sprintf("%s: %d antennas, %d-bit converters, modulator %s", f.Name, f.Antennas.Count, f.Converter.Bits, f.Modulator.Kind), nil
	}
	a, err := arch.Load(name, set)
	if err != nil {
		return "", "", err
	}
	return kind, fmt.Sprintf("%s: %s, %d×%d", a.Name, a.Engine, a.Array.Rows, a.Array.Cols), nil
}

// checkSweep finds everything that a sweep names.
func checkSweep(name string, model modelFlags) (kind, holds string, err error) {
	spec, err := sweep.Load(name)
	if err != nil {
		return "", "", err
	}
	plan, err := spec.Plan(context.Background(), sweep.Options{Network: model.opener()})
	if err != nil {
		return "", "", err
	}
	return "sweep", fmt.Sprintf("%s: %d points of %s", spec.Name, plan.Len(), strings.Join(plan.Keys, " × ")), nil
}
