package evaluate

import (
	"strings"
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels/workload/zoo"
)

// What cannot run has no price.
func TestPriceOfWhatDoesNotFit(t *testing.T) {
	machine, err := arch.Load("cmix-nn-stm32h7", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"tiny-resnet8": "", "resnet18": "resnet18 on cmix-nn-stm32h7 does not fit: weights 11.2 of 2 MiB, activations 980 of 256 KiB"} {
		w, err := zoo.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := new(Pricer).Price(machine, w); want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}
