package reproduce

import (
	"context"
	"fmt"
	"path/filepath"

	"gonum.org/v1/gonum/mat"

	"bitcycle/internal/proof"
	experiments "bitcycle/internal/proof/experiments/lplr"
	"bitcycle/kernels/dataset"
	"bitcycle/quantizers/lplr"
	"bitcycle/quantizers/lplr/matrix"
	"bitcycle/reports"
)

// neighbourTable classifies digits by their nearest compressed training images.
func neighbourTable(ctx context.Context, o Options, r *Report) error {
	train, test := 6000, 2000
	if o.Quick {
		train, test = 2000, 500
	}
	t := &reports.Table{Title: fmt.Sprintf("3-nearest neighbours on pixels, %d compressed training images, %d test images", train, test), Columns: []reports.Column{
		reports.Text("data", "data"), reports.Number("bits", "bits/entry"), reports.Text("method", "method"),
		reports.Scaled("relative_error", "relative error", 1, 4), reports.Percent("accuracy", "accuracy [%]", 2),
	}}
	for _, set := range []struct{ name, train, test string }{
		{"MNIST", "mnist:" + filepath.Join(o.DataRoot, "mnist") + ":train", "mnist:" + filepath.Join(o.DataRoot, "mnist")},
		{"Fashion-MNIST", "fashion:" + filepath.Join(o.DataRoot, "fashion-mnist") + ":train", "fashion:" + filepath.Join(o.DataRoot, "fashion-mnist")},
	} {
		o.step("neighbours "+set.name, 0, 1)
		if err := ctx.Err(); err != nil {
			return err
		}
		base, err := dataset.Load(fmt.Sprintf("%s[:%d]", set.train, train))
		if err != nil {
			return err
		}
		queries, err := dataset.Load(fmt.Sprintf("%s[:%d]", set.test, test))
		if err != nil {
			return err
		}
		if err := neighbours(o, r, t, set.name, base, queries); err != nil {
			return err
		}
	}
	r.Tables = append(r.Tables, t)
	return nil
}

func neighbours(o Options, r *Report, t *reports.Table, name string, base, queries *dataset.Images) error {
	a, q := pixels(base), pixels(queries)
	accuracy := func(b *mat.Dense) float64 {
		got := experiments.Neighbours(b, base.Labels, q, 3, 10)
		right := 0
		for i, label := range queries.Labels {
			if got[i] == label {
				right++
			}
		}
		return float64(right) / float64(len(got))
	}
	n, d := a.Dims()
	full := accuracy(a)
	t.Add(name, 8, "none", 0.0, full)
	for _, bits := range []int{1, 2, 4} {
		budget := lplr.Budget{N: n, D: d, BitsPerEntry: float64(bits), Ratio: 1}
		for _, basis := range []lplr.Basis{lplr.SketchBasis, lplr.SVDSqrt, lplr.DirectUSV} {
			f, err := lplr.Factorize(a, lplr.Options{Rank: budget.Rank(8, 8), BitsL: 8, BitsR: 8, Basis: basis, Seed: o.Seed})
			if err != nil {
				return err
			}
			dense := f.Dense()
			got := accuracy(dense)
			t.Add(name, bits, string(basis)+" 8/8", lplr.RelativeError(a, dense), got)
			if bits == 1 && basis == lplr.SketchBasis {
				r.Claims = append(r.Claims, proof.Claim{
					Text: name + ": nearest neighbours at 1 bit per entry keep the accuracy", Paper: "CIFAR-10 embeddings 92 % (91 % uncompressed)",
					Ours: fmt.Sprintf("%.2f %% (%.2f %% uncompressed)", 100*got, 100*full), Holds: got > full-0.03,
					Note: "pixels instead of deep embeddings, whole-matrix protocol; the paper's scripts compress class by class",
				}.As("fraction", 0.92, got))
			}
		}
		naive := lplr.Naive(a, bits).Dense()
		t.Add(name, bits, "naive", lplr.RelativeError(a, naive), accuracy(naive))
	}
	return nil
}

func pixels(images *dataset.Images) *mat.Dense {
	size := images.H * images.W * images.C
	out := mat.NewDense(images.N, size, nil)
	for i, p := range images.Pixels {
		out.Set(i/size, i%size, float64(p)/255)
	}
	return out
}

// recallTable compresses word vectors and counts the neighbours that they keep.
func recallTable(ctx context.Context, o Options, r *Report) error {
	const file, k = "embeddings/wordvecs1000_f32.npy", 10
	all, err := matrix.Load(context.Background(), filepath.Join(o.DataRoot, filepath.FromSlash(file)))
	if err != nil {
		r.Assumptions = append(r.Assumptions, "word vectors left out: "+err.Error())
		return nil
	}
	a := all[0].A
	n, d := a.Dims()
	t := &reports.Table{Title: fmt.Sprintf("word vectors, %d×%d: share of the %d nearest neighbours kept", n, d, k), Columns: []reports.Column{
		reports.Number("bits", "bits/entry"), reports.Text("method", "method"), reports.Scaled("relative_error", "relative error", 1, 4), reports.Percent("recall", "recall [%]", 1),
	}}
	for _, bits := range []int{1, 2, 4} {
		if err := ctx.Err(); err != nil {
			return err
		}
		add := func(name string, b *mat.Dense) {
			t.Add(bits, name, lplr.RelativeError(a, b), experiments.Recall(a, b, k))
		}
		budget := lplr.Budget{N: n, D: d, BitsPerEntry: float64(bits), Ratio: 1}
		plan, err := lplr.ChooseFrom(lplr.LeadingSVD(a, min(a.RawMatrix().Rows, a.RawMatrix().Cols, 256), o.Seed), mat.Norm(a, 2), budget, o.Seed)
		if err != nil {
			return err
		}
		for _, opts := range []lplr.Options{{Rank: budget.Rank(8, 8), BitsL: 8, BitsR: 8, Seed: o.Seed, Basis: lplr.SketchBasis}, plan.Options} {
			f, err := lplr.Factorize(a, opts)
			if err != nil {
				return err
			}
			add(fmt.Sprintf("%s %d/%d, m=%d", opts.Basis, opts.BitsL, opts.BitsR, opts.Rank), f.Dense())
		}
		add("naive", lplr.Naive(a, bits).Dense())
		add("naive clipped", experiments.NaiveClipped(a, bits).Dense())
	}
	t.Notes = append(t.Notes, "the vectors' spectrum is flat: one bit of each entry keeps more neighbours than a few exact directions")
	r.Tables = append(r.Tables, t)
	return nil
}
