package onnx

import (
	"errors"
	"fmt"
	"strings"

	"bitcycle/kernels"
)

// Obstacle is a kind of node that keeps a network from being executed.
type Obstacle struct {
	Operator string
	First    string // name of the first such node
	Nodes    int
	Reason   string // of the first
	Charge   Charge
}

func (o Obstacle) String() string {
	text := fmt.Sprintf("node %q (%s): %s", o.First, o.Operator, o.Reason)
	if o.Nodes > 1 {
		text = fmt.Sprintf("%s: %d nodes, first %q: %s", o.Operator, o.Nodes, o.First, o.Reason)
	}
	return text
}

// Charge is what a machine is charged for nodes that are not executed.
type Charge string

// The charges.
const (
	NoCharge      Charge = "" // it is not known what work they are
	ChargeMoves   Charge = "no work: it only says where values lie"
	ChargeVector  Charge = "vector work"
	ChargeProduct Charge = "a matrix product"
)

// mostObstacles bounds how many obstacles are told at once.
const mostObstacles = 20

// obstacles collects what is in the way, by operator and kind of reason.
type obstacles []*Obstacle

func (o *obstacles) add(n *node, err error, charge Charge) {
	reason := strings.ReplaceAll(err.Error(), "\n", "; ")
	for _, have := range *o {
		if have.Operator == n.op && have.Charge == charge && kindOf(have.Reason) == kindOf(reason) {
			have.Nodes++
			return
		}
	}
	*o = append(*o, &Obstacle{Operator: n.op, First: nodeName(n), Nodes: 1, Reason: reason, Charge: charge})
}

// kindOf is a reason without the names and numbers in it.
func kindOf(reason string) string {
	quoted := false
	return strings.Map(func(r rune) rune {
		if r == '"' {
			quoted = !quoted
		}
		if quoted || r >= '0' && r <= '9' || r == '-' {
			return -1
		}
		return r
	}, reason)
}

func (o obstacles) list() []Obstacle {
	var out []Obstacle
	for _, have := range o {
		out = append(out, *have)
	}
	return out
}

// err joins obstacles, at most [mostObstacles]; nil if there are none.
func (o obstacles) err(hint bool) error {
	var errs []error
	for i, have := range o {
		if i == mostObstacles {
			errs = append(errs, fmt.Errorf("%d more operators", len(o)-i))
			break
		}
		text := have.String()
		if hint && have.Charge != NoCharge {
			text += "; --cost-only charges it as " + string(have.Charge)
		}
		errs = append(errs, errors.New(text))
	}
	return errors.Join(errs...)
}

// fatal returns the obstacles that leave a network without a cost, too.
func (o obstacles) fatal() obstacles {
	var out obstacles
	for _, have := range o {
		if have.Charge == NoCharge {
			out = append(out, have)
		}
	}
	return out
}

// Executable reports all that keeps the model from being executed.
func (m *Model) Executable() error {
	if m.refusal != nil {
		return m.refusal
	}
	var all obstacles
	for i := range m.Obstacles {
		all = append(all, &m.Obstacles[i])
	}
	return all.err(true)
}

// Tensor is an input or an output of a model, in the order of axes of its file.
type Tensor struct {
	Name string
	Node int // of the network
	Dims []int64
	axes []axis
	perm []int
}

// order returns the axes of one image as letters, outermost first.
func (t *Tensor) order() string { return letters(t.axes) }

// letters writes axes, images left out, as kernels.Reorder names them; an axis
// that is left out has length 1.
func letters(axes []axis) string {
	out := ""
	for _, a := range axes {
		if a != axisN {
			out += string("NCHWD"[a])
		}
	}
	for _, a := range "CHWD" {
		if !strings.ContainsRune(out, a) {
			out += string(a)
		}
	}
	return out
}

// Stored returns the values of one image, which are in the order of the file, as
// a network's batch holds them: depth, row, column, channel.
func (t *Tensor) Stored(x []float32, shape kernels.Shape) ([]float32, error) {
	chw, err := laidOut(x, allAxes, t.order(), kernels.Shape{C: len(x), H: 1, W: 1}, shape)
	if err != nil {
		return nil, err
	}
	return laidOut(chw, storedAxes, allAxes, shape, kernels.Shape{C: len(x), H: 1, W: 1})
}

// Values returns the values of one image, as a network stores them, in the order
// of the file.
func (t *Tensor) Values(x []float32, shape kernels.Shape) ([]float32, error) {
	chw, err := laidOut(x, allAxes, storedAxes, kernels.Shape{C: len(x), H: 1, W: 1}, shape)
	if err != nil {
		return nil, err
	}
	if t.perm == nil {
		return laidOut(chw, t.order(), allAxes, shape, kernels.Shape{C: len(x), H: 1, W: 1})
	}
	out := make([]float32, len(chw))
	for i, at := range t.perm {
		out[i] = chw[at]
	}
	return out, nil
}

const allAxes, storedAxes = "CDHW", "DHWC"

func laidOut(x []float32, from, to string, in, out kernels.Shape) ([]float32, error) {
	return kernels.Apply(kernels.Reorder{From: from, To: to, Out: out}, []kernels.Shape{in}, [][]float32{x})
}
