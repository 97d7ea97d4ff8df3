package shipped

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"bitcycle/kernels/dataset"
	"bitcycle/kernels/train"
)

// record is "SHA-256  file" of the weights as the generator wrote them.
//
//go:embed weights.sha256
var record string

// TestWeightsAreThoseGenerated guards the embedded file against edits and
// damage; retraining takes minutes and is what "go generate" is for.
func TestWeightsAreThoseGenerated(t *testing.T) {
	sum := sha256.Sum256(weights)
	want := strings.Fields(record)[0]
	if got := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("weights hash to %s: weights.sha256 says %s", got, want)
	}
	if len(weights) > 1<<20 {
		t.Errorf("weights take %d bytes: want less than 1 MB", len(weights))
	}
}

// TestAccuracy checks that the network is good, but not so good that coarse
// quantization could not show.
func TestAccuracy(t *testing.T) {
	im, err := dataset.Load("glyphs:test[:1000]")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Model(2).Evaluate(context.Background(), &train.Data{Images: im, Normalization: Normalization})
	if err != nil {
		t.Fatal(err)
	}
	if top1 := got.Top1(); top1 < 0.93 || top1 > 0.98 {
		t.Errorf("top-1 %.2f %%: want 93 to 98", 100*top1)
	}
}

func ExampleNetwork() {
	net := Network()
	in := net.InputShape()
	fmt.Println(net.Name, in.C, in.H, in.W, len(net.Layers()), "layers")
	weights := 0
	for _, i := range net.Layers() {
		weights += len(net.Nodes[i].Weight) + len(net.Nodes[i].Bias)
	}
	fmt.Println(weights, "weights")
	fmt.Println(net.Nodes[net.Output].Op.Name(), net.Nodes[net.Output].Shape.C)
	// Output:
	// resnet8-glyphs 1 32 32 10 layers
	// 78068 weights
	// dense 20
}
