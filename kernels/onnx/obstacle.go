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
	// Costs tells that the nodes can be charged to a machine all the same; Moves
	// that they then cost nothing, because they only say where values lie.
	Costs, Moves bool
}

func (o Obstacle) String() string {
	text := fmt.Sprintf("node %q (%s): %s", o.First, o.Operator, o.Reason)
	if o.Nodes > 1 {
		text = fmt.Sprintf("%s: %d nodes, first %q: %s", o.Operator, o.Nodes, o.First, o.Reason)
	}
	return text
}

// Charged says what a machine is charged for the nodes.
func (o Obstacle) Charged() string {
	if o.Moves {
		return "only says where values lie"
	}
	return "is charged as vector work"
}

// mostObstacles bounds how many obstacles are told at once.
const mostObstacles = 20

// obstacles collects what is in the way, by operator.
type obstacles []*Obstacle

func (o *obstacles) add(n *node, err error, costs, moves bool) {
	for _, have := range *o {
		if have.Operator == n.op && have.Costs == costs {
			have.Nodes++
			have.Moves = have.Moves && moves
			return
		}
	}
	reason := strings.ReplaceAll(err.Error(), "\n", "; ")
	*o = append(*o, &Obstacle{Operator: n.op, First: nodeName(n), Nodes: 1, Reason: reason, Costs: costs, Moves: moves})
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
		if hint && have.Costs {
			text += "; --cost-only " + strings.Replace(have.Charged(), "is charged as", "charges it as", 1)
		}
		errs = append(errs, errors.New(text))
	}
	return errors.Join(errs...)
}

// fatal returns the obstacles that leave a network without a cost, too.
func (o obstacles) fatal() obstacles {
	var out obstacles
	for _, have := range o {
		if !have.Costs {
			out = append(out, have)
		}
	}
	return out
}

// Executable reports all that keeps the model from being executed.
func (m *Model) Executable() error {
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
// the network's input has them.
func (t *Tensor) Stored(x []float32, shape kernels.Shape) ([]float32, error) {
	chw, err := kernels.Apply(kernels.Reorder{From: "CHW" + "D", To: t.order(), Out: shape}, []kernels.Shape{{C: len(x), H: 1, W: 1}}, [][]float32{x})
	if err != nil {
		return nil, err
	}
	return kernels.Apply(kernels.Reorder{From: "DHWC", To: "CDHW", Out: kernels.Shape{C: len(x), H: 1, W: 1}}, []kernels.Shape{shape}, [][]float32{chw})
}

// Values returns the values of one image, given in channel, depth, row, column
// order, in the order of the file.
func (t *Tensor) Values(chw []float32, shape kernels.Shape) ([]float32, error) {
	if t.perm != nil {
		out := make([]float32, len(chw))
		for i, at := range t.perm {
			out[i] = chw[at]
		}
		return out, nil
	}
	return kernels.Apply(kernels.Reorder{From: t.order(), To: "CHWD", Out: kernels.Shape{C: len(chw), H: 1, W: 1}}, []kernels.Shape{shape}, [][]float32{chw})
}
