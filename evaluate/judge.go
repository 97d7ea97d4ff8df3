package evaluate

import (
	"context"
	"fmt"
	"slices"

	"bitcycle/evaluate/yardstick"
	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
)

// judgeChunk is how many images go through both networks at a time: all of their outputs
// are in memory.
const judgeChunk = 16

// Classifies reports whether images have classes and nothing else to judge a network by.
func Classifies(images *dataset.Images) bool {
	return images.Labels != nil && images.Boxes == nil && images.Next == nil && images.Texts == nil && images.Targets == nil
}

// Judge executes a quantized network beside the float one on images and judges both by
// what is known of the images; where nothing is, outputs are held against each other. q is
// nil for the float network itself. progress may be nil.
func Judge(ctx context.Context, network *netfile.File, q *kernels.Quantized, images *dataset.Images, workers int, progress func(done, total int)) (*yardstick.Quality, error) {
	y, err := yardstick.Of(network, images)
	if err != nil {
		return nil, err
	}
	j, err := newJudge(network, q, workers)
	if err != nil {
		return nil, err
	}
	var mine, theirs []yardstick.Seen
	for start := 0; start < images.N; start += judgeChunk {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n := min(judgeChunk, images.N-start)
		if err := j.run(images.Slice(start, start+n)); err != nil {
			return nil, err
		}
		for i := range n {
			j.differ(i)
			if y == nil {
				continue
			}
			float, quantized := j.outputs(i)
			for _, one := range []struct {
				of *[]yardstick.Seen
				by []yardstick.Output
			}{{&theirs, float}, {&mine, quantized}} {
				seen, err := y.See(start+i, one.by)
				if err != nil {
					return nil, err
				}
				*one.of = append(*one.of, seen)
			}
		}
		if progress != nil {
			progress(start+n, images.N)
		}
	}
	return j.quality(y, images, mine, theirs), nil
}

// quality sums up what was seen.
func (j *judge) quality(y yardstick.Yardstick, images *dataset.Images, mine, theirs []yardstick.Seen) *yardstick.Quality {
	out := &yardstick.Quality{Task: "outputs", Unit: "images", Count: images.N, Outputs: j.errors}
	if y == nil {
		return out
	}
	out.Task, out.Unit, out.Count = y.Task(), y.Unit(), 0
	for i := range images.N {
		out.Count += y.Count(i)
	}
	out.Figures = yardstick.Judge(y, mine, theirs)
	return out
}

// judge runs two networks side by side.
type judge struct {
	network    *netfile.File
	names      []string // of the outputs
	nodes      []int    // that give them, in the float network
	float, int [][][]float32
	plan       *kernels.Plan
	integers   *kernels.IntPlan // nil for the float network itself
	errors     []yardstick.Error
}

func newJudge(network *netfile.File, q *kernels.Quantized, workers int) (*judge, error) {
	j := &judge{network: network}
	if m := network.Model; m != nil && len(m.Outputs) > 0 {
		for _, o := range m.Outputs {
			j.names, j.nodes = append(j.names, o.Name), append(j.nodes, o.Node)
		}
	} else {
		out := network.Net.Output
		j.names, j.nodes = []string{network.Net.Nodes[out].Name}, []int{out}
	}
	for _, name := range j.names {
		j.errors = append(j.errors, yardstick.Error{Name: name})
	}
	keep := func(into *[][][]float32, nodes []int) {
		*into = make([][][]float32, judgeChunk)
		for i := range *into {
			(*into)[i] = make([][]float32, len(nodes))
		}
	}
	keep(&j.float, j.nodes)
	var err error
	j.plan, err = kernels.Compile(network.Net, kernels.PlanOptions{Workers: workers, Watch: distinct(j.nodes), Observe: func(node, image int, values []float32) {
		for k, n := range j.nodes {
			if n == node {
				j.float[image][k] = append(j.float[image][k][:0], values...)
			}
		}
	}})
	if err != nil || q == nil {
		return j, err
	}
	nodes, err := j.nodesOf(q)
	if err != nil {
		return nil, err
	}
	keep(&j.int, nodes)
	j.integers, err = kernels.CompileInt(q, kernels.IntOptions{Workers: workers, Watch: distinct(nodes), Observe: func(node, image int, codes []int32) {
		grid := q.Grids[node]
		for k, n := range nodes {
			if n != node {
				continue
			}
			values := slices.Grow(j.int[image][k][:0], len(codes))[:len(codes)]
			for i, code := range codes {
				values[i] = float32(grid.Scale * float64(code))
			}
			j.int[image][k] = values
		}
	}})
	return j, err
}

func distinct(nodes []int) []int { return slices.Compact(slices.Sorted(slices.Values(nodes))) }

// nodesOf finds the outputs among the nodes of a quantized network by their names.
func (j *judge) nodesOf(q *kernels.Quantized) ([]int, error) {
	net := j.network.Net
	var nodes []int
	for k, n := range j.nodes {
		at := slices.IndexFunc(q.Net.Nodes, func(one kernels.Node) bool { return one.Name == net.Nodes[n].Name })
		switch {
		case n == net.Output:
			at = q.Net.Output
		case at < 0:
			return nil, fmt.Errorf("output %q is not computed by the quantized network", j.names[k])
		}
		nodes = append(nodes, at)
	}
	return nodes, nil
}

// run executes both networks on a chunk of images.
func (j *judge) run(images *dataset.Images) error {
	batch, err := inputs(j.network, images)
	if err != nil {
		return err
	}
	if err := j.plan.Run(batch, make([]float32, batch.N*j.plan.Classes)); err != nil {
		return err
	}
	if j.integers == nil {
		return nil
	}
	return j.integers.Run(batch, make([]int32, batch.N*j.integers.Classes))
}

// quantized are the values of image i of the chunk, of the float network if it is judged.
func (j *judge) quantized(i int) [][]float32 {
	if j.integers == nil {
		return j.float[i]
	}
	return j.int[i]
}

// differ adds to the errors what the outputs of image i differ by.
func (j *judge) differ(i int) {
	for k, y := range j.quantized(i) {
		j.errors[k].Add(j.float[i][k], y)
	}
}

// outputs are those of image i of the chunk.
func (j *judge) outputs(i int) (float, quantized []yardstick.Output) {
	for k, y := range j.quantized(i) {
		float, quantized = append(float, j.output(k, j.float[i][k])), append(quantized, j.output(k, y))
	}
	return float, quantized
}

// output puts values in the order of axes of the model's file.
func (j *judge) output(k int, stored []float32) yardstick.Output {
	shape := j.network.Net.Nodes[j.nodes[k]].Shape
	if m := j.network.Model; m != nil && len(m.Outputs) > 0 {
		tensor := &m.Outputs[k]
		if values, err := tensor.Values(stored, shape); err == nil {
			out := yardstick.Output{Name: j.names[k], Values: slices.Clone(values)}
			for d, n := range tensor.Dims {
				if d > 0 || n > 0 && n != int64(j.network.Images()) {
					out.Dims = append(out.Dims, int(n))
				}
			}
			return out
		}
	}
	return yardstick.Output{Name: j.names[k], Dims: []int{shape.Pixels(), shape.C}, Values: slices.Clone(stored)}
}

// classified is the quality of classes: top-1 with its score interval.
func classified(a *Accuracy) *yardstick.Quality {
	return &yardstick.Quality{Task: "classification", Unit: "images", Count: a.Images, Figures: []yardstick.Figure{{
		Scale: yardstick.Scale{Name: "top1", Title: "top-1", Percent: true},
		Value: a.Top1, Float: a.FloatTop1, CI95: a.CI95, Change: a.Top1 - a.FloatTop1,
	}}}
}
