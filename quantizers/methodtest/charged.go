package methodtest

import (
	"sync"
	"testing"

	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

// charged: the widths of the workload that a network lowers to hold every integer that
// is stored or executed, and its products are as large as those.
func charged(t *testing.T, q *kernels.Quantized, images kernels.Batch) {
	if err := q.Validate(); err != nil {
		t.Fatal(err)
	}
	ops := map[string]*workload.Op{}
	w := q.Lower()
	for i := range w.Ops {
		ops[w.Ops[i].Name] = &w.Ops[i]
	}
	for i := range q.Layers {
		name := q.Net.Nodes[q.Layers[i].Node].Name
		op := ops[name]
		if op == nil {
			t.Errorf("layer %s is not charged", name)
			continue
		}
		weightsCharged(t, &q.Layers[i], op)
	}
	tensorsCharged(t, q, images)
}

// weightsCharged: as many vectors of as many weights as the op has, each code within
// the width of its vector.
func weightsCharged(t *testing.T, l *kernels.QLayer, op *workload.Op) {
	if op.VirtualChannels()*op.K != len(l.W) || op.ActBits != l.In.Bits || op.ActSigned != l.In.Signed {
		t.Errorf("%s: %d vectors of %d weights and %d-bit inputs are charged, %d weights and %d bits are executed",
			op.Name, op.VirtualChannels(), op.K, op.ActBits, len(l.W), l.In.Bits)
		return
	}
	for v := range op.VirtualChannels() {
		bits := op.WeightBits.At(v)
		for _, code := range l.W[v*op.K : (v+1)*op.K] {
			if !fits(int(code), bits) {
				t.Errorf("%s, vector %d: code %d at %d bits", op.Name, v, code, bits)
				return
			}
		}
	}
}

// fits tells whether a weight of a width can have the code: two's complement, −1 or 1
// in one bit, nothing in none.
func fits(code int, bits uint8) bool {
	switch bits {
	case 0:
		return code == 0
	case 1:
		return code == 1 || code == -1
	}
	return code >= -1<<(bits-1) && code < 1<<(bits-1)
}

// tensorsCharged executes the network and looks at every tensor between its steps.
func tensorsCharged(t *testing.T, q *kernels.Quantized, images kernels.Batch) {
	images, err := images.For(q.Net)
	if err != nil {
		t.Fatal(err)
	}
	images = images.Slice(0, min(images.N, 4))
	var mu sync.Mutex
	plan, err := kernels.CompileInt(q, kernels.IntOptions{Watch: q.Net.Layers(), Observe: func(node, _ int, codes []int32) {
		lo, hi := q.Grids[node].Range()
		for _, c := range codes {
			if c < lo || c > hi {
				mu.Lock()
				t.Errorf("%s: code %d is stored in %d bits", q.Net.Nodes[node].Name, c, q.Grids[node].Bits)
				mu.Unlock()
				return
			}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Run(images, make([]int32, images.N*plan.Classes)); err != nil {
		t.Fatal(err)
	}
}
