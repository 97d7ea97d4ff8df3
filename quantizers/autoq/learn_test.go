package autoq

import (
	"context"
	"fmt"
	"testing"
)

func TestLearnProbe(t *testing.T) {
	for _, al := range []string{"autoq", "autoq-plain", "autoq+", "flat", "haq+"} {
		for seed := range uint64(3) {
			p := toy(5, 16, 8, 4)
			r, err := Run(context.Background(), p, Options{Algorithm: al, Budget: 0.3, Seed: seed, Agent: AgentOptions{Episodes: 150, Warmup: 30, Hidden: 48, Updates: 60, Batch: 32}})
			if err != nil {
				t.Fatal(err)
			}
			fmt.Printf("%s %d best %.3f ", al, seed, r.Accuracy)
			for e := 0; e < 150; e += 30 {
				s := 0.0
				for _, x := range r.Rewards[e : e+30] {
					s += x / 30
				}
				fmt.Printf(" %.3f", s)
			}
			fmt.Println()
		}
	}
	for _, al := range []string{"tile", "kernel", "layer", "greedy", "aware", "hawq"} {
		r, err := Run(context.Background(), toy(5, 16, 8, 4), Options{Algorithm: al, Budget: 0.3})
		fmt.Println(al, r, err)
	}
}
