package cli

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/internal/files"
	"bitcycle/internal/strict"
	"bitcycle/kernels/workload"
	"bitcycle/kernels/workload/zoo"
	"bitcycle/quantizers"
	"bitcycle/sim/sweep"
)

type showCmd struct {
	Name    string `arg:"" predictor:"hardware" help:"Shipped machine, front end, workload or sweep, or the path of a file of one, or of a policy; a network becomes a workload."`
	Method  string `short:"q" help:"Widths of a network's layers: uniform:… (default w=8,a=8) or policy:FILE." placeholder:"METHOD"`
	Network string `short:"n" predictor:"networks" help:"Of a policy: the network whose layers it is filled in for. Default: ${network}." placeholder:"NETWORK"`
	modelFlags
}

// Help shows an example.
func (showCmd) Help() string {
	return "The output is TOML that can be read back.\n\nExample: bitcycle show haq-bismo-cloud --set array.rows=8\n         bitcycle show sd-zf-256\n         bitcycle show resnet18 --out mine.toml\n         bitcycle show few.toml -n net.onnx   # a policy, every layer of the network filled in\n         bitcycle show net.onnx -q uniform:w=4,a=4 --out net.workload.toml"
}

// Run writes the effective input.
func (c showCmd) Run(s *session) error {
	text, err := c.text(s)
	if err != nil {
		return input(err)
	}
	if s.Out != "" {
		return input(files.Save(s.Out, text))
	}
	_, err = s.stdout.Write(text)
	return err
}

func (c showCmd) text(s *session) ([]byte, error) {
	var out bytes.Buffer
	kind, err := kindOf(c.Name)
	if err != nil {
		return nil, err
	}
	switch kind {
	case "workload":
		w, err := zoo.Load(c.Name)
		if err != nil {
			return nil, err
		}
		err = workload.Write(&out, w)
		return out.Bytes(), err
	case "network":
		f, err := c.shapes(c.Name)
		if err != nil {
			return nil, err
		}
		w, err := evaluate.Workload(f, c.Method)
		if err != nil {
			return nil, err
		}
		err = workload.Write(&out, w)
		return out.Bytes(), err
	case "sweep":
		spec, err := sweep.Load(c.Name)
		if err != nil {
			return nil, err
		}
		err = spec.Write(&out)
		return out.Bytes(), err
	case "machine":
		a, err := arch.Load(c.Name, s.Set)
		if err != nil {
			return nil, err
		}
		for _, line := range a.Trust() {
			fmt.Fprintf(&out, "# %s\n", line)
		}
		err = arch.Encode(&out, a)
		return out.Bytes(), err
	case "frontend":
		f, err := arch.LoadFrontEnd(c.Name, s.Set)
		if err != nil {
			return nil, err
		}
		err = arch.EncodeFrontEnd(&out, f)
		return out.Bytes(), err
	}
	return c.policy()
}

// policy is a policy with the widths of every layer of a network.
func (c showCmd) policy() ([]byte, error) {
	file, err := quantizers.LoadPolicy(c.Name)
	if err != nil {
		return nil, err
	}
	network, err := c.shapes(c.Network)
	if err != nil {
		return nil, err
	}
	p, err := file.For(network.Net)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = p.Write(&out)
	return out.Bytes(), err
}

// kindOf tells what a name or file is: machine, frontend, network, workload, sweep or
// policy.
func kindOf(name string) (string, error) {
	switch {
	case strings.HasSuffix(strings.ToLower(name), ".csv"), zoo.Has(name):
		return "workload", nil
	case strings.HasSuffix(strings.ToLower(name), ".onnx"), strings.HasSuffix(strings.ToLower(name), ".bin"):
		return "network", nil
	case !strings.ContainsAny(name, `/\.`):
		return hardware(name), nil
	}
	text, err := files.Read(context.Background(), name, files.Document)
	if err != nil {
		return "", err
	}
	switch doc := strict.New(name, text); {
	case doc.Has("op"):
		return "workload", nil
	case doc.Has("axes"), doc.Has("zip"):
		return "sweep", nil
	case doc.Has("layer"), doc.Has("default"), doc.Has("strategy"), quantizers.ByOrder(text):
		return "policy", nil
	case doc.Has("onnx"):
		return "network", nil
	}
	return hardware(name), nil
}

// hardware tells machines, front ends and shipped sweeps apart; what is neither is taken for a machine,
// whose loading says what is wrong.
func hardware(name string) string {
	if kind, err := arch.Kind(name); err == nil {
		return kind
	}
	if slices.ContainsFunc(sweep.List(), func(one sweep.Shipped) bool { return one.Name == name }) {
		return "sweep"
	}
	return "machine"
}
