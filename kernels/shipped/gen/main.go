// Command gen trains the shipped network and writes its weights and their hash
// into the working directory. Progress goes to stderr.
package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/signal"
	"runtime"

	"bitcycle/internal/files"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/gemm"
	"bitcycle/kernels/shipped"
	"bitcycle/kernels/train"
)

const (
	seed   = 1
	epochs = 10
	file   = "weights.safetensors"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	m, err := train.New(shipped.Spec(), seed, runtime.NumCPU())
	if err != nil {
		return err
	}
	data, test, err := splits()
	if err != nil {
		return err
	}
	history, err := train.Fit(ctx, m, data, test, train.Options{
		Epochs: epochs, Batch: 128, Seed: seed,
		Rate:     train.Cosine(0.1, epochs, 0.5),
		Rule:     train.Rule{Momentum: 0.9, Decay: 5e-4},
		Progress: progress,
	})
	if err != nil {
		return err
	}
	last := history[len(history)-1]
	fmt.Fprintf(os.Stderr, "\ntest loss %.4f, top-1 %.2f %% of %d images, instruction set %s\n",
		last.Test.Loss(), 100*last.Test.Top1(), last.Test.Images, gemm.Path())
	return write(m)
}

func splits() (data, test *train.Data, err error) {
	images, err := dataset.Load("glyphs:train")
	if err != nil {
		return nil, nil, err
	}
	held, err := dataset.Load("glyphs:test")
	if err != nil {
		return nil, nil, err
	}
	data = &train.Data{Images: images, Normalization: shipped.Normalization, Augment: train.Augment{Shift: 2}}
	return data, &train.Data{Images: held, Normalization: shipped.Normalization}, nil
}

func progress(p train.Progress) {
	if p.Step%20 == 0 || p.Step == p.Steps {
		fmt.Fprintf(os.Stderr, "\repoch %d/%d step %d/%d loss %.4f top-1 %.4f ",
			p.Epoch+1, epochs, p.Step, p.Steps, p.Running.Loss(), p.Running.Top1())
	}
}

// write stores the weights and their hash.
func write(m *train.Model) error {
	weights, err := m.Weights()
	if err != nil {
		return err
	}
	if err := files.Save(file, weights); err != nil {
		return err
	}
	record := fmt.Sprintf("%x  %s\n", sha256.Sum256(weights), file)
	return files.Save("weights.sha256", []byte(record))
}
