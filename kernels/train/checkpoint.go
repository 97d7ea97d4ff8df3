package train

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/nlpodyssey/safetensors"
)

// tensor is a named part of a model's state.
type tensor struct {
	name   string
	values []float32
}

// tensors lists the weights and running statistics, in the order of the
// network.
func (m *Model) tensors() []tensor {
	var list []tensor
	for _, p := range m.Params {
		list = append(list, tensor{p.Name, p.Value})
	}
	for _, n := range m.norms {
		list = append(list, tensor{n.name + ".mean", n.mean}, tensor{n.name + ".var", n.vari})
	}
	return list
}

// Weights returns the weights and running statistics as a safetensors file.
// Convolutions are [channels][kh][kw][c].
func (m *Model) Weights() ([]byte, error) { return pack(m.tensors(), nil) }

// SetWeights restores what Weights returned.
func (m *Model) SetWeights(data []byte) error {
	return unpack(m.tensors(), data)
}

// tensors is the run's state: weights, statistics, momentum.
func (f *fit) tensors() []tensor {
	list := f.m.tensors()
	for _, p := range f.m.Params {
		list = append(list, tensor{p.Name + ".velocity", p.velocity})
	}
	return list
}

// ErrOtherRun is the error of a checkpoint that does not fit.
var ErrOtherRun = errors.New("belongs to another run")

// identity describes the run that a checkpoint belongs to.
func (f *fit) identity() string {
	return fmt.Sprintf("network %s, %d images of %s, batch %d, seed %d, rule %+v",
		f.m.Spec.Name, f.data.Images.N, f.data.Images.Name, f.o.Batch, f.o.Seed, f.o.Rule)
}

func (f *fit) bytes() ([]byte, error) {
	position, err := json.Marshal(f.state)
	if err != nil {
		return nil, err
	}
	return pack(f.tensors(), map[string]string{"run": f.identity(), "state": string(position)})
}

func (f *fit) restore(data []byte) error {
	info, err := readInfo(data)
	if err != nil {
		return err
	}
	if info["run"] != f.identity() {
		return fmt.Errorf("%w: %s; this one is %s", ErrOtherRun, info["run"], f.identity())
	}
	if err := json.Unmarshal([]byte(info["state"]), &f.state); err != nil {
		return err
	}
	return unpack(f.tensors(), data)
}

func readInfo(data []byte) (map[string]string, error) {
	_, meta, err := safetensors.ReadMetadata(data)
	if err != nil {
		return nil, err
	}
	return meta.Metadata(), nil
}

// pack writes tensors as a safetensors file.
func pack(list []tensor, info map[string]string) ([]byte, error) {
	views := map[string]safetensors.TensorView{}
	for _, t := range list {
		if _, ok := views[t.name]; ok {
			return nil, fmt.Errorf("two nodes are named %s", t.name)
		}
		raw := make([]byte, 0, 4*len(t.values))
		for _, v := range t.values {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
		}
		view, err := safetensors.NewTensorView(safetensors.F32, []uint64{uint64(len(t.values))}, raw)
		if err != nil {
			return nil, err
		}
		views[t.name] = view
	}
	return safetensors.Serialize(views, info)
}

// unpack fills the tensors from a safetensors file.
func unpack(list []tensor, data []byte) error {
	file, err := safetensors.Deserialize(data)
	if err != nil {
		return err
	}
	for _, t := range list {
		view, ok := file.Tensor(t.name)
		if !ok {
			return fmt.Errorf("tensor %s is missing", t.name)
		}
		raw := view.Data()
		if view.DType() != safetensors.F32 || len(raw) != 4*len(t.values) {
			return fmt.Errorf("tensor %s: %d bytes of %s: want %d values of F32", t.name, len(raw), view.DType(), len(t.values))
		}
		for i := range t.values {
			t.values[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		}
	}
	return nil
}
