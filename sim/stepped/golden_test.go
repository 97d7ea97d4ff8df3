package stepped

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"testing"

	"bitcycle/arch"
	"bitcycle/internal/testdata"
	"bitcycle/kernels/workload"
)

// golden is a worked example of the hardware model. Widths come as a number or
// one for each channel.
type golden struct {
	ID, Model string
	Inputs    struct {
		M, K, N, R, C, Dm, Dk, Dn int
		A, Lat, Issue             int
		W                         widths
		Overlap                   bool
		Drain, Reconfig           int
		Sync, Order               string
	}
	Expect struct {
		Total int64
		Parts struct{ Compute, Fill, Imbalance, WLoad, Output int64 }
	}
}

type widths []uint8

func (w *widths) UnmarshalJSON(text []byte) error {
	var one int
	if json.Unmarshal(text, &one) == nil {
		*w = widths{uint8(one)}
		return nil
	}
	var many []int
	err := json.Unmarshal(text, &many)
	for _, b := range many {
		*w = append(*w, uint8(b))
	}
	return err
}

// caseOf draws operands for an example.
func (g *golden) caseOf(rng *rand.Rand) Case {
	in := &g.Inputs
	c := Case{Op: workload.Op{
		Name: g.ID, Kind: workload.MatMul, M: in.M, K: in.K, N: in.N, Groups: 1, Batch: 1,
		WeightBits: workload.Widths(in.W), ActBits: uint8(in.A), ActSigned: true,
	}}
	c.Machine.Engine = arch.Systolic
	c.Machine.Array = arch.Array{
		Rows: in.R, Cols: in.C, Dataflow: g.Model, ShadowWeights: in.Overlap, DrainCycles: in.Drain,
		NativeWeightBits: 8, NativeActBits: 8, Pack: true,
		WeightWidths: []int{2, 4, 8}, ActWidths: []int{2, 4, 8},
		Sync: in.Sync, Order: in.Order, FillCycles: -1, ReconfigCycles: in.Reconfig,
	}
	switch g.Model {
	case "fusion":
		c.Machine.Engine = arch.Fusion
	case "bitserial":
		c.Machine.Engine = arch.BitSerial
		c.Machine.Array = arch.Array{
			Rows: in.Dm, Cols: in.Dn, Dot: in.Dk, LatencyCycles: in.Lat, IssueCycles: in.Issue,
			Sync: in.Sync, Order: in.Order,
		}
	}
	c.draw(rng)
	return c
}

func TestWorkedExamples(t *testing.T) {
	text, err := os.ReadFile(testdata.Golden(t, "cycles/examples.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []golden
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, g := range cases {
		switch g.Model {
		case "ws", "os", "is", "fusion", "bitserial":
		default:
			continue
		}
		seen++
		c := g.caseOf(rand.New(rand.NewPCG(1, 2)))
		got, err := c.Run()
		if err != nil {
			t.Errorf("%s: %v", g.ID, err)
			continue
		}
		parts := g.Expect.Parts
		want := Cycles{Compute: parts.Compute, Fill: parts.Fill, Imbalance: parts.Imbalance, WeightLoad: parts.WLoad, Output: parts.Output}
		if got.Cycles != want || got.Cycles.Total() != g.Expect.Total {
			t.Errorf("%s: %+v, want %+v", g.ID, got.Cycles, want)
		}
		if !sameOutputs(got.Outputs, c.product()) {
			t.Errorf("%s: wrong product", g.ID)
		}
	}
	if seen < 14 {
		t.Errorf("%d examples of arrays in the golden file, want at least 14", seen)
	}
}

// product is the plain triple loop.
func (c *Case) product() []int64 {
	op := &c.Op
	n := op.N * op.Batch
	out := make([]int64, op.VirtualChannels()*n)
	for row := range op.VirtualChannels() {
		g := row / op.M
		for i := range n {
			for k := range op.K {
				out[row*n+i] += int64(c.Weights[row*op.K+k]) * int64(c.Acts[(g*op.K+k)*n+i])
			}
		}
	}
	return out
}

func sameOutputs(got, want []int64) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		if got[i] != want[i] {
			return false
		}
	}
	return true
}
