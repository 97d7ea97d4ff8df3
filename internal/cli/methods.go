package cli

import (
	"fmt"
	"strings"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/kernels/shipped"
	"bitcycle/quantizers"
	"bitcycle/quantizers/autoq"
	"bitcycle/quantizers/bcgd"
	"bitcycle/quantizers/lplr"
	"bitcycle/quantizers/multipoint"
	"bitcycle/quantizers/uniform"
)

// methods is what -q understands.
var methods = []struct {
	name, usage, about string
	parse              func(spec, args string, s *session, sub *subject, machine *arch.Accelerator) (quantizers.Method, error)
}{
	{
		"uniform", "uniform:w=4,a=4", "one width for all layers; first=8,last=8 (0 = as the rest), bn=true re-estimates batch statistics",
		func(spec, args string, _ *session, _ *subject, _ *arch.Accelerator) (quantizers.Method, error) {
			return uniform.Parse(spec, args)
		},
	},
	{
		"autoq", "autoq:algo=aware,budget=0.3", "searches widths per kernel for the machine: algo=aware, autoq, haq, layer, kernel, tile, greedy, …; budget of 8/8 cycles (metric=energy: energy), episodes, floor, rebalance",
		func(spec, args string, s *session, _ *subject, machine *arch.Accelerator) (quantizers.Method, error) {
			return autoq.Parse(spec, args, evaluate.SearchMachine(machine), s.Seed)
		},
	},
	{
		"multipoint", "multipoint:w=4,a=8,tau=1", "sums of low-bit vectors; points=4 at most, solver=hybrid|exact|grid|maxabs, grid=layer|channel, clip=true, snr=DB takes the cheapest mix of bits and points on the machine, first=8,last=8, bn=true",
		func(spec, args string, s *session, sub *subject, machine *arch.Accelerator) (quantizers.Method, error) {
			m, err := multipoint.Parse(spec, args, s.Seed)
			if err != nil {
				return nil, err
			}
			m.Cost = evaluate.LayerCycles(machine, sub.network.Net, m.ActBits)
			return m, nil
		},
	},
	{
		"lplr", "lplr:bits=4,l=8,r=8,a=8", "low-rank low-precision factors of each layer within bits per weight; basis=sqrt-ls|lplr|lsvd, first=8,last=8, bn=true",
		func(spec, args string, s *session, _ *subject, _ *arch.Accelerator) (quantizers.Method, error) {
			return lplr.Parse(spec, args, s.Seed)
		},
	},
	{
		"bcgd", "bcgd:w=1,a=4,epochs=8", "trains the network quantized, by blended coarse gradients; rho=1e-5 (0 = BinaryConnect, 1 = projected gradients), weights=project|bwn|twn, lr=0.01, batch=64, decay=1e-4, kind=mean|ae|pact|min, first=8,last=8 (0 = as the rest), data=SET, shift=0,flip=false, checkpoint=FILE keeps the run, start=FILE takes another run's weights",
		func(spec, args string, s *session, sub *subject, _ *arch.Accelerator) (quantizers.Method, error) {
			n, own := sub.network, ""
			if n.Name == shipped.Name {
				own = "glyphs:train[:8000]"
			}
			return bcgd.Parse(spec, args, s.Seed, s.Workers, bcgd.Loader(n.Mean, n.Std, n.LabelOffset, own))
		},
	},
	{
		"onnx", "onnx:FILE", "the quantized model of the network in FILE, as bitcycle quantize --save writes it",
		func(spec, args string, _ *session, sub *subject, _ *arch.Accelerator) (quantizers.Method, error) {
			return loadModel(spec, args, sub)
		},
	},
	{
		"policy", "policy:FILE", "widths per layer and output channel from a policy file",
		func(_, args string, _ *session, sub *subject, _ *arch.Accelerator) (quantizers.Method, error) {
			return uniform.FromPolicy(args, sub.network.Net)
		},
	},
}

// parseMethod finds the method that spec names and reads its arguments.
func parseMethod(spec string, s *session, sub *subject, machine *arch.Accelerator) (quantizers.Method, error) {
	name, args, _ := strings.Cut(spec, ":")
	var known []string
	for _, m := range methods {
		if m.name == name {
			return m.parse(spec, args, s, sub, machine)
		}
		known = append(known, m.usage)
	}
	return nil, fmt.Errorf("no method %q: want one of %s", name, strings.Join(known, ", "))
}
