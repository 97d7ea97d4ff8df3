// Outside is a program of another module: all that it needs of bitcycle is public.
package main

import (
	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/shipped"
	"bitcycle/kernels/workload"
	"bitcycle/mimo"
	"bitcycle/reports"
	"bitcycle/sim"
	"context"
	"fmt"
	"log"
	"strings"
)

func main() {
	for _, part := range []func(context.Context) error{
		handMade, twoMachines, ownMethod, compared, written, foreign, timed, built, features, link, uplink, frontEnd, language,
	} {
		if err := part(context.Background()); err != nil {
			log.Fatal(err)
		}
	}
}

// handMade charges a hand-made workload to a hand-made machine.
func handMade(ctx context.Context) error {
	machine := arch.Default(arch.BitSerial, 28)
	machine.Name, machine.Array.Rows = "mine", 16
	work := &workload.Workload{Name: "product", Ops: []workload.Op{{
		Name: "product", Kind: workload.MatMul, M: 64, K: 576, N: 100, Groups: 1, Batch: 1,
		WeightBits: workload.Widths{4}, ActBits: 8,
	}}}
	cost, err := sim.Run(ctx, &machine, work, sim.Options{})
	if err != nil {
		return err
	}
	table := reports.Layers(work.Name, cost, nil).String()
	fmt.Println(work.Name, "on", machine.Name, "takes", cost.Totals.Cycles, "cycles; a table of", strings.Count(table, "\n"), "lines")
	return nil
}

// twoMachines quantizes a network once and prices it on two machines.
func twoMachines(ctx context.Context) error {
	network := shipped.File()
	calib, err := dataset.Load("glyphs:calib[:32]")
	if err != nil {
		return err
	}
	method, err := evaluate.ParseMethod("uniform:w=4,a=4", evaluate.MethodContext{Network: network, Seed: 1})
	if err != nil {
		return err
	}
	q, err := evaluate.Quantize(ctx, network, method, calib, nil)
	if err != nil {
		return err
	}
	for _, name := range []string{"haq-bismo-edge", "multipoint-int8-array"} {
		machine, err := arch.Load(name, []string{"batch=1"})
		if err != nil {
			return err
		}
		cost, err := sim.Run(ctx, machine, q.Lower(), sim.Options{})
		if err != nil {
			return err
		}
		fmt.Println(network.Name, "on", name, "takes", cost.Totals.Cycles, "cycles")
	}
	return nil
}

// ownMethod evaluates a method that bitcycle does not know.
func ownMethod(ctx context.Context) error {
	machine, err := arch.Load("haq-bismo-edge", nil)
	if err != nil {
		return err
	}
	calib, err := dataset.Load("glyphs:calib[:32]")
	if err != nil {
		return err
	}
	images, err := dataset.Load("glyphs[:100]")
	if err != nil {
		return err
	}
	out, err := evaluate.Run(ctx, evaluate.Job{Machine: machine, Network: shipped.File(), Method: falling{}, Calib: calib, Data: images})
	if err != nil {
		return err
	}
	fmt.Printf("%s takes %.2f bits a weight, more than 80 %% of %d images right: %v\n",
		falling{}.Name(), out.Cost.Totals.WeightBitsMean, out.Accuracy.Images, out.Accuracy.Top1 > 0.8)
	return nil
}

// link finds the error rate of an array with one-bit converters.
func link(ctx context.Context) error {
	l := mimo.Link{Scenario: mimo.DefaultScenario(), Scheme: mimo.Scheme{Precoder: "sd-zf"}, SNRdB: 20, Seed: 1}
	state, err := mimo.Simulate(ctx, l, mimo.Stop{Channels: 8}, mimo.State{}, mimo.Options{})
	if err != nil {
		return err
	}
	r := state.Tally.Result(l.SNRdB)
	fmt.Println(l.Scheme.Precoder, "gets more than 98 % of", r.Tally.Symbols, "symbols right:", r.SER < 0.02)
	return nil
}

// uplink adds up what one user's receivers can decode behind two kinds of converter.
func uplink(context.Context) error {
	s := mimo.DefaultScenario()
	s.Users = 1
	channel := s.Draw(mimo.Stream(1, 0, 0))
	for _, c := range []mimo.Converter{mimo.SigmaDelta, mimo.OneBitADC} {
		rates, err := mimo.UplinkRates(mimo.Receiver{Converter: c, Detector: "zf"}, channel, mimo.Params{Power: 1, NoiseVar: 1}, 1000, mimo.Stream(1, 0, 1))
		if err != nil {
			return err
		}
		fmt.Printf("%s converters leave %.0f bit/s/Hz\n", c, rates.Model[0])
	}
	return nil
}

// frontEnd prices the front end that such an array needs.
func frontEnd(ctx context.Context) error {
	fe, err := arch.LoadFrontEnd("sd-zf-256", nil)
	if err != nil {
		return err
	}
	cost, err := evaluate.FrontEnd{FrontEnd: fe, Precoder: "sd-zf"}.Cost(ctx)
	if err != nil {
		return err
	}
	fmt.Println(fe.Name, "keeps up with its symbols:", cost.Deadline)
	return nil
}
