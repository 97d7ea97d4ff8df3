package train

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math"

	"github.com/nlpodyssey/safetensors"

	"bitcycle/internal/npy"
	"bitcycle/internal/tensors"
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
	file, err := tensors.Parse(data)
	if err != nil {
		return err
	}
	return unpack(m.tensors(), file)
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
	list := f.tensors()
	return pack(list, map[string]string{"run": f.identity(), "state": string(position), "crc32": checksum(position, list)})
}

// checksum is the CRC-32 (IEEE) of a state and the tensors that belong to it.
func checksum(position []byte, list []tensor) string {
	sum := crc32.NewIEEE()
	sum.Write(position)
	for _, t := range list {
		sum.Write(t.bytes())
	}
	return fmt.Sprintf("%08x", sum.Sum32())
}

// bytes are the values as files have them.
func (t *tensor) bytes() []byte {
	raw := make([]byte, 0, 4*len(t.values))
	for _, v := range t.values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	return raw
}

func (f *fit) restore(kept *tensors.File) error {
	if run := kept.Info["run"]; run != f.identity() {
		return fmt.Errorf("%w: %s; this one is %s", ErrOtherRun, run, f.identity())
	}
	if err := json.Unmarshal([]byte(kept.Info["state"]), &f.state); err != nil {
		return fmt.Errorf("its state: %w", err)
	}
	if steps := f.steps(); f.Step < 0 || f.Step > steps {
		return fmt.Errorf("its state: step %d of %d", f.Step, steps)
	}
	list := f.tensors()
	if err := unpack(list, kept); err != nil {
		return err
	}
	if checksum([]byte(kept.Info["state"]), list) != kept.Info["crc32"] {
		return errors.New("its checksum does not match: the file is damaged")
	}
	return nil
}

// pack writes tensors as a safetensors file.
func pack(list []tensor, info map[string]string) ([]byte, error) {
	views := map[string]safetensors.TensorView{}
	for _, t := range list {
		if _, ok := views[t.name]; ok {
			return nil, fmt.Errorf("two nodes are named %s", t.name)
		}
		view, err := safetensors.NewTensorView(safetensors.F32, []uint64{uint64(len(t.values))}, t.bytes())
		if err != nil {
			return nil, err
		}
		views[t.name] = view
	}
	return safetensors.Serialize(views, info)
}

// unpack fills the tensors from a file.
func unpack(list []tensor, file *tensors.File) error {
	for _, t := range list {
		a := file.Find(t.name)
		if a == nil {
			return fmt.Errorf("tensor %s is missing", t.name)
		}
		if a.Type() != "f4" || a.Len() != len(t.values) {
			return fmt.Errorf("tensor %s: %d values of type %s: want %d of type f4", t.name, a.Len(), a.Type(), len(t.values))
		}
		values, err := npy.Floats[float32](a)
		if err != nil {
			return fmt.Errorf("tensor %s: %w", t.name, err)
		}
		copy(t.values, values)
	}
	return nil
}
