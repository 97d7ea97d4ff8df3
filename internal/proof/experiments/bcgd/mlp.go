// Package bcgd measures blended coarse gradient descent where that takes
// seconds: the two-layer theory by Monte Carlo, and a small perceptron on
// Gaussian clusters under identical seeds with and without blending.
package bcgd

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"

	"golang.org/x/sync/errgroup"

	"bitcycle/quantizers/bcgd"
)

// Clusters is a classification task: each class is a mixture of Gaussian
// clusters around random prototypes.
type Clusters struct {
	Inputs, Classes       int
	X, TestX              []float64 // rows×Inputs
	Labels, TestLabels    []int
	rowsTrain, rowsTested int
}

// NewClusters draws 48 standard normal prototypes in 24 dimensions, 6 for each
// of 8 classes, and 4000 training and 2000 test points around them with noise
// of deviation 0.62.
func NewClusters(seed uint64) *Clusters {
	const inputs, classes, perClass, noise = 24, 8, 6, 0.62
	rng := rand.New(rand.NewPCG(seed, 0x636c7573))
	prototypes := make([]float64, classes*perClass*inputs)
	for i := range prototypes {
		prototypes[i] = rng.NormFloat64()
	}
	draw := func(rows int) (x []float64, labels []int) {
		for range rows {
			p := rng.IntN(classes * perClass)
			labels = append(labels, p%classes)
			for j := range inputs {
				x = append(x, prototypes[p*inputs+j]+noise*rng.NormFloat64())
			}
		}
		return x, labels
	}
	c := &Clusters{Inputs: inputs, Classes: classes, rowsTrain: 4000, rowsTested: 2000}
	c.X, c.Labels = draw(c.rowsTrain)
	c.TestX, c.TestLabels = draw(c.rowsTested)
	return c
}

// Training is the outcome of one run.
type Training struct {
	Best      float64 // best test accuracy over the epochs, as the paper reports
	LastThree float64 // mean test accuracy of the last three epochs
	LateFlips float64 // weight levels that change per epoch, mean of the last three epochs
}

// Setting is one way to train the perceptron.
type Setting struct {
	WeightBits, ActBits int // 0 = float
	Rho                 float64
	Kind                bcgd.AlphaKind
}

const (
	epochs    = 20
	batchSize = 100
)

// schedule multiplies the rate by 0.1 at 60 % and 85 % of the epochs.
func schedule(base float64, epoch int) float64 {
	switch {
	case epoch >= epochs*85/100:
		return base * 0.01
	case epoch >= epochs*60/100:
		return base * 0.1
	}
	return base
}

// Pretrain trains the float network 24-64-64-8 for 20 epochs at rate 0.05.
func Pretrain(ctx context.Context, data *Clusters, seed uint64) (*MLP, Training, error) {
	rng := rand.New(rand.NewPCG(seed, 0x696e6974))
	sizes := []int{data.Inputs, 64, 64, data.Classes}
	net := &MLP{Acts: make([]*Resolution, len(sizes)-2)}
	for l := range len(sizes) - 1 {
		w := make([]float64, sizes[l]*sizes[l+1])
		for i := range w {
			w[i] = rng.NormFloat64() * math.Sqrt(2/float64(sizes[l]))
		}
		net.Layers = append(net.Layers, NewDense(sizes[l], sizes[l+1], 0, w))
		if l < len(sizes)-2 {
			net.Norms = append(net.Norms, NewBatchNorm(sizes[l+1]))
		}
	}
	result, err := fit(ctx, net, data, 0.05, 0, seed)
	return net, result, err
}

// Quantize trains a quantized copy of the float network for 20 epochs at rate
// 0.01, all three layers quantized.
func Quantize(ctx context.Context, float *MLP, data *Clusters, s Setting, seed uint64) (Training, error) {
	net := clone(float, s)
	return fit(ctx, net, data, 0.01, s.Rho, seed)
}

// clone copies the weights and statistics of a float network into one that
// trains under the setting.
func clone(float *MLP, s Setting) *MLP {
	net := &MLP{}
	for _, l := range float.Layers {
		net.Layers = append(net.Layers, NewDense(l.In, l.Out, s.WeightBits, append([]float64(nil), l.W...)))
	}
	for _, b := range float.Norms {
		c := NewBatchNorm(len(b.Gamma))
		copy(c.Gamma, b.Gamma)
		copy(c.Beta, b.Beta)
		copy(c.RunMean, b.RunMean)
		copy(c.RunVar, b.RunVar)
		net.Norms = append(net.Norms, c)
		var act *Resolution
		if s.ActBits > 0 {
			act = &Resolution{Activation: bcgd.Activation{Bits: s.ActBits, Alpha: bcgd.InitialAlpha(s.ActBits), Kind: s.Kind, Rate: 0.01}}
		}
		net.Acts = append(net.Acts, act)
	}
	return net
}

func fit(ctx context.Context, net *MLP, data *Clusters, rate, rho float64, seed uint64) (Training, error) {
	rng := rand.New(rand.NewPCG(seed, 0x73687566))
	order := make([]int, data.rowsTrain)
	for i := range order {
		order[i] = i
	}
	var result Training
	x, labels := make([]float64, batchSize*data.Inputs), make([]int, batchSize)
	for epoch := range epochs {
		if err := ctx.Err(); err != nil {
			return result, err
		}
		rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		sgd := SGD{Rate: schedule(rate, epoch), Momentum: 0.9, WeightDecay: 1e-4}
		flips := 0
		for start := 0; start+batchSize <= len(order); start += batchSize {
			for i, row := range order[start : start+batchSize] {
				copy(x[i*data.Inputs:(i+1)*data.Inputs], data.X[row*data.Inputs:(row+1)*data.Inputs])
				labels[i] = data.Labels[row]
			}
			net.Forward(x, true)
			flips += net.Changed
			net.Backward(labels)
			net.Step(rho, sgd)
		}
		accuracy := net.Accuracy(data.TestX, data.TestLabels)
		result.Best = max(result.Best, accuracy)
		if epoch >= epochs-3 {
			result.LastThree += accuracy / 3
			result.LateFlips += float64(flips) / 3
		}
	}
	return result, nil
}

// Blending compares BinaryConnect (ρ = 0) with blending under the same seeds.
type Blending struct {
	Seeds           int
	Float           float64   // mean best accuracy of the float networks
	Rhos            []float64 // blending parameters
	Best, LastThree []float64 // mean accuracy by ρ
	LateFlips       []float64 // mean late level changes per epoch by ρ
	// Gain is the mean of LastThree at each ρ minus that at ρ = 0, with its standard error.
	Gain, GainError []float64
}

// Compare trains with every ρ from the same float networks for seeds
// 0..seeds−1, seeds in parallel. The result does not depend on how many at once.
func Compare(ctx context.Context, weightBits, actBits int, rhos []float64, seeds int) (*Blending, error) {
	floats := make([]Training, seeds)
	runs := make([][]Training, seeds)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for seed := range seeds {
		group.Go(func() error {
			data := NewClusters(uint64(seed))
			float, pre, err := Pretrain(ctx, data, uint64(seed))
			if err != nil {
				return err
			}
			floats[seed] = pre
			for _, rho := range rhos {
				r, err := Quantize(ctx, float, data, Setting{weightBits, actBits, rho, bcgd.ThreeValued}, uint64(seed))
				if err != nil {
					return err
				}
				runs[seed] = append(runs[seed], r)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return summarize(rhos, floats, runs), nil
}

func summarize(rhos []float64, floats []Training, runs [][]Training) *Blending {
	n, seeds := len(rhos), len(runs)
	out := &Blending{Seeds: seeds, Rhos: rhos}
	for _, f := range floats {
		out.Float += f.Best / float64(seeds)
	}
	mean := func(of func(seed int) float64) (mean, stderr float64) {
		values := make([]float64, seeds)
		for seed := range values {
			values[seed] = of(seed)
		}
		return meanAndError(values)
	}
	for i := range n {
		best, _ := mean(func(seed int) float64 { return runs[seed][i].Best })
		last, _ := mean(func(seed int) float64 { return runs[seed][i].LastThree })
		flips, _ := mean(func(seed int) float64 { return runs[seed][i].LateFlips })
		gain, stderr := mean(func(seed int) float64 { return runs[seed][i].LastThree - runs[seed][0].LastThree })
		out.Best, out.LastThree, out.LateFlips = append(out.Best, best), append(out.LastThree, last), append(out.LateFlips, flips)
		out.Gain, out.GainError = append(out.Gain, gain), append(out.GainError, stderr)
	}
	return out
}

func meanAndError(x []float64) (mean, stderr float64) {
	n := float64(len(x))
	for _, v := range x {
		mean += v / n
	}
	for _, v := range x {
		stderr += (v - mean) * (v - mean)
	}
	if n > 1 {
		stderr = math.Sqrt(stderr / (n - 1) / n)
	}
	return mean, stderr
}
