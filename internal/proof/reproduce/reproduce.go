// Package reproduce repeats the headline experiments of the papers behind the
// methods and sets the papers' figures beside ours.
package reproduce

import (
	"context"

	"bitcycle/internal/proof"
	"bitcycle/internal/strict"
	"bitcycle/mimo"
	"bitcycle/reports"
)

// Report is the outcome of one reproduction.
type Report struct {
	Claims      []proof.Claim
	Tables      []*reports.Table
	Charts      []reports.Chart // the papers' figures, of these tables
	Assumptions []string
	Files       []string // written beside the report
}

// Options tell how much to do.
type Options struct {
	Quick    bool
	Seed     int64
	Workers  int
	Folder   string // for contact sheets; "" writes none
	Pictures bool   // what pictures alone show is wanted too
	DataRoot string // real data sets; "" leaves out what needs them
	Progress func(stage string, done, total int)
	Store    *mimo.States // of link-level simulations, for interrupted runs; nil keeps none
	Resume   string       // folder where finished parts are kept and found; "" keeps none
}

func (o Options) step(stage string, done, total int) {
	if o.Progress != nil {
		o.Progress(stage, done, total)
	}
}

// Paper is a paper whose headline is reproduced.
type Paper struct {
	Name, Title string
	run         func(ctx context.Context, o Options) (*Report, error)
}

// Papers lists what Run knows.
func Papers() []Paper {
	return []Paper{
		{"autoq", "Lou, Guo, Kim, Liu, Jiang: AutoQ: Automated Kernel-Wise Neural Network Quantization, ICLR 2020", autoqReport},
		{"bcgd", "Yin, Zhang, Lyu, Osher, Qi, Xin: Blended Coarse Gradient Descent for Full Quantization of Deep Neural Networks, Res. Math. Sci. 6:14, 2019", bcgdReport},
		{"lplr", "Saha, Srivastava, Pilanci: Matrix Compression via Randomized Low Rank and Low Precision Factorization, NeurIPS 2023", lplrReport},
		{"mimo", "Shao, Ma, Li, Swindlehurst: One-Bit Sigma-Delta MIMO Precoding, IEEE J. Sel. Topics Signal Process. 13(5), 2019", mimoReport},
		{"multipoint", "Liu, Ye, Zhou, Liu: Post-training Quantization with Multiple Points: Mixed Precision without Mixed Precision, AAAI 2021", multipointReport},
		{"rff", "Zhang, Kannan, Cloninger, Saab: Sigma-Delta and distributed noise-shaping quantization methods for random Fourier features, Inf. Inference 13(1), 2024", rffReport},
	}
}

// Run reproduces a paper.
func Run(ctx context.Context, paper string, o Options) (*Report, error) {
	var names []string
	for _, p := range Papers() {
		if p.Name == paper {
			return p.run(ctx, o)
		}
		names = append(names, p.Name)
	}
	return nil, strict.Unknown("paper", paper, names)
}
