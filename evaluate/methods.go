package evaluate

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"bitcycle/arch"
	"bitcycle/internal/strict"
	"bitcycle/kernels/netfile"
	"bitcycle/kernels/onnx"
	"bitcycle/kernels/shipped"
	"bitcycle/quantizers"
	"bitcycle/quantizers/autoq"
	"bitcycle/quantizers/bcgd"
	"bitcycle/quantizers/lplr"
	"bitcycle/quantizers/multipoint"
	"bitcycle/quantizers/stored"
	"bitcycle/quantizers/uniform"
)

// MethodContext is what methods may need beside their arguments. Methods that need
// a network or a machine refuse a context without.
type MethodContext struct {
	Network *netfile.File
	Machine *arch.Accelerator // of methods that go by costs
	Seed    int64
	Workers int // 0 = as many as processors
}

// methods is the registry: what is known of a method, and how its arguments are read.
var methods = []struct {
	quantizers.Info
	parse func(spec, args string, c MethodContext) (quantizers.Method, error)
}{
	{uniform.Info, func(spec, args string, _ MethodContext) (quantizers.Method, error) {
		return method(uniform.Parse(spec, args))
	}},
	{autoq.Info, parseAutoQ},
	{multipoint.Info, parseMultipoint},
	{lplr.Info, func(spec, args string, c MethodContext) (quantizers.Method, error) {
		return method(lplr.Parse(spec, args, c.Seed))
	}},
	{bcgd.Info, parseBCGD},
	{stored.Info, parseStored},
	{uniform.PolicyInfo, parsePolicy},
	{uniform.FloatInfo, func(spec, args string, _ MethodContext) (quantizers.Method, error) {
		return method(uniform.ParseFloat(spec, args))
	}},
}

// method keeps a nil pointer from becoming an interface that is not nil.
func method[M quantizers.Method](m M, err error) (quantizers.Method, error) {
	if err != nil {
		return nil, err
	}
	return m, nil
}

// Methods lists what [ParseMethod] understands.
func Methods() []quantizers.Info {
	infos := make([]quantizers.Info, len(methods))
	for i := range methods {
		infos[i] = methods[i].Info
	}
	return infos
}

// ParseMethod reads a method as it is written after -q: its name, and after a colon
// its arguments, for example "uniform:w=4,a=4". The error of arguments that make no
// sense names all of them, and what is allowed.
func ParseMethod(spec string, c MethodContext) (quantizers.Method, error) {
	name, args, _ := strings.Cut(spec, ":")
	var known []string
	for i := range methods {
		if methods[i].Name == name {
			return methods[i].parse(spec, args, c)
		}
		known = append(known, methods[i].Usage)
	}
	return nil, strict.UnknownBut("method", name, names(), "one of "+strings.Join(known, ", "))
}

func names() []string {
	list := make([]string, len(methods))
	for i := range methods {
		list[i] = methods[i].Name
	}
	return list
}

// Arguments lists the arguments of the method of a name with what each takes, as its
// parser asks for them; nil for a method that takes a file or nothing.
func Arguments(name string) []quantizers.Argument {
	machine := arch.Default(arch.Systolic, 45)
	_, err := ParseMethod(name+":no such argument=1", MethodContext{Network: shipped.File(), Machine: &machine})
	var unknown *quantizers.UnknownArgument
	if !errors.As(err, &unknown) {
		return nil
	}
	return unknown.Known
}

// TakesArgument tells whether the method of a name has an argument: "w" is one of
// uniform, and policy, which takes a file, has none.
func TakesArgument(name, key string) bool {
	return slices.ContainsFunc(Arguments(name), func(a quantizers.Argument) bool { return a.Key == key })
}

// need reports what a method lacks.
func (c MethodContext) need(spec string, network, machine bool) error {
	var errs []error
	if network && (c.Network == nil || c.Network.Net == nil) {
		errs = append(errs, fmt.Errorf("method %q: needs a network", spec))
	}
	if machine && c.Machine == nil {
		errs = append(errs, fmt.Errorf("method %q: needs a machine", spec))
	}
	return errors.Join(errs...)
}

func parseAutoQ(spec, args string, c MethodContext) (quantizers.Method, error) {
	m, err := autoq.Parse(spec, args, c.Seed)
	if err := errors.Join(err, c.need(spec, false, true)); err != nil {
		return nil, err
	}
	m.Machine, m.Workers = SearchMachine(c.Machine), c.Workers
	return m, nil
}

func parseMultipoint(spec, args string, c MethodContext) (quantizers.Method, error) {
	m, err := multipoint.Parse(spec, args, c.Seed)
	if err != nil || !m.LooksAtMachine() {
		return method(m, err)
	}
	if err := c.need(spec, true, true); err != nil {
		return nil, err
	}
	m.Cost = LayerCycles(c.Machine, c.Network.Net, m.ActBits)
	return m, nil
}

// shippedTraining is the training set of the shipped network.
const shippedTraining = "glyphs:train[:8000]"

func parseBCGD(spec, args string, c MethodContext) (quantizers.Method, error) {
	if err := c.need(spec, true, false); err != nil {
		return nil, err
	}
	n, own := c.Network, ""
	if n.Name == shipped.Name {
		own = shippedTraining
	}
	return method(bcgd.Parse(spec, args, c.Seed, c.Workers, bcgd.Loader(n.Mean, n.Std, n.LabelOffset, own)))
}

func parseStored(spec, args string, c MethodContext) (quantizers.Method, error) {
	if q := own(c.Network); args == "" && q != nil {
		return &stored.Method{Spec: spec, Quantized: q}, nil
	}
	if w := emulated(c.Network); args == "" && w != nil {
		return &stored.Emulated{Spec: spec, Widths: w}, nil
	}
	m, err := stored.Parse(spec, args, onnx.Options{})
	if err == nil && c.Network != nil {
		err = m.Check(c.Network.Net)
	}
	return method(m, err)
}

func parsePolicy(spec, args string, c MethodContext) (quantizers.Method, error) {
	if err := c.need(spec, true, false); err != nil {
		return nil, err
	}
	return method(uniform.ParsePolicy(spec, args, c.Network.Net))
}
