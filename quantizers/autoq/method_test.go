package autoq

import (
	"context"
	"testing"

	"bitcycle/kernels"
	"bitcycle/kernels/shipped"
)

func TestParseRejects(t *testing.T) {
	for _, args := range []string{"algo=none", "budget=2", "metric=area", "episodes=-1", "speed=3"} {
		if _, err := Parse("autoq:"+args, args, 1); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
}

func TestNeedsAMachine(t *testing.T) {
	m, err := Parse("autoq", "", 1)
	if err != nil {
		t.Fatal(err)
	}
	net := shipped.Network()
	shape := net.InputShape()
	calib := kernels.Batch{N: 1, Shape: shape, Data: make([]float32, shape.Size())}
	if _, err := m.Quantize(context.Background(), net, calib, nil); err == nil {
		t.Error("a search without a machine ends without an error")
	}
}
