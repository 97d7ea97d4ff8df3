package reproduce

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"math"
	"path/filepath"
	"sync"

	"gonum.org/v1/gonum/mat"

	"bitcycle/internal/proof"
	experiments "bitcycle/internal/proof/experiments/lplr"
	"bitcycle/quantizers/lplr"
	"bitcycle/quantizers/lplr/matrix"
	"bitcycle/reports"
)

// pictureTable compresses pictures, one matrix per colour channel.
func pictureTable(ctx context.Context, o Options, r *Report) error {
	paths, err := filepath.Glob(filepath.Join(o.DataRoot, "images", "*.png"))
	if err != nil || len(paths) == 0 {
		r.Assumptions = append(r.Assumptions, "no pictures in the data folder")
		return err
	}
	if o.Quick {
		paths = paths[:min(3, len(paths))]
	}
	t := &reports.Table{Title: "picture compression: PSNR in dB, mean over the colour channels", Columns: []reports.Column{
		reports.Text("picture", "picture"), reports.Number("bits", "bits/entry"), reports.Text("plan", "chosen plan"),
		reports.Scaled("lplr_db", "LPLR 8/8", 1, 2), reports.Scaled("chosen_db", "chosen", 1, 2),
		reports.Scaled("naive_db", "naive", 1, 2), reports.Scaled("clipped_db", "clipped", 1, 2),
	}}
	var sheet [][]image.Image
	wins, naiveWins := 0, 0
	for i, path := range paths {
		o.step("pictures", i, len(paths))
		channels, err := loadPlanes(path, o.Seed)
		if err != nil {
			return err
		}
		rows, err := compressPicture(ctx, channels, o.Seed)
		if err != nil {
			return err
		}
		strip := []image.Image{paint(originals(channels))}
		for _, row := range rows {
			t.Add(filepath.Base(path), row.bits, row.plan, row.lplr, row.chosen, row.naive, row.clipped)
			strip = append(strip, row.picture)
		}
		sheet = append(sheet, append(strip, rows[0].naivePicture))
		if few := rows[0]; few.chosen > max(few.naive, few.clipped) {
			wins++
		}
		if many := rows[len(rows)-1]; many.naive > max(many.chosen, many.lplr) {
			naiveWins++
		}
	}
	t.Notes = append(t.Notes, fmt.Sprintf("at 4 bits naive quantization is the better of the two in %d of %d pictures: factorization pays where bits are few", naiveWins, len(paths)))
	r.Tables = append(r.Tables, t)
	r.Claims = append(r.Claims, proof.Claim{
		Text: "pictures at 1 bit per entry: factorization beats naive quantization", Paper: "yes (Jupiter, brain MRI)",
		Ours: fmt.Sprintf("%d of %d pictures", wins, len(paths)), Holds: wins*2 > len(paths), Note: "PSNR of the chosen plan against the better of min/max and symmetric range",
	})
	if o.Folder == "" {
		return nil
	}
	t.Notes = append(t.Notes, "contact sheet, from left to right: original, chosen plan at 1, 2 and 4 bits, naive at 1 bit")
	name := filepath.Join(o.Folder, "lplr-contact-sheet.png")
	r.Files = append(r.Files, name)
	return writeSheet(name, sheet)
}

// pictureRow is a picture at one budget.
type pictureRow struct {
	bits                         int
	plan                         string
	lplr, chosen, naive, clipped float64
	picture, naivePicture        image.Image
}

// plane is a colour channel with its singular triplets.
type plane struct {
	a    *mat.Dense
	norm float64
	svd  lplr.SVD
}

// loadPlanes reads a picture and decomposes its channels side by side.
func loadPlanes(path string, seed int64) ([]plane, error) {
	channels, err := matrix.Load(context.Background(), path)
	if err != nil {
		return nil, err
	}
	planes := make([]plane, len(channels))
	var wg sync.WaitGroup
	for i, ch := range channels {
		wg.Go(func() {
			n, d := ch.A.Dims()
			planes[i] = plane{ch.A, mat.Norm(ch.A, 2), lplr.LeadingSVD(ch.A, min(n, d, 512), seed)}
		})
	}
	wg.Wait()
	return planes, nil
}

// originals are the channels as they are.
func originals(planes []plane) []*mat.Dense {
	var out []*mat.Dense
	for i := range planes {
		out = append(out, planes[i].a)
	}
	return out
}

// at compresses a plane within bits per entry by the plan of least expected error.
func (p *plane) at(bits int, seed int64) (lplr.Plan, *lplr.Factors, error) {
	n, d := p.a.Dims()
	plan, err := lplr.ChooseFrom(p.svd, p.norm, lplr.Budget{N: n, D: d, BitsPerEntry: float64(bits), Ratio: 1}, seed)
	if err != nil {
		return plan, nil, err
	}
	if plan.Basis == lplr.SVDSqrt && plan.Rank <= len(p.svd.S) {
		return plan, lplr.FromSVD(p.a, p.svd, plan.Options), nil
	}
	f, err := lplr.Factorize(p.a, plan.Options)
	return plan, f, err
}

// compressPicture compresses a picture at 1, 2 and 4 bits per entry.
func compressPicture(ctx context.Context, channels []plane, seed int64) ([]pictureRow, error) {
	var rows []pictureRow
	for _, bits := range []int{1, 2, 4} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		row, err := compressAt(channels, bits, seed)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func compressAt(channels []plane, bits int, seed int64) (pictureRow, error) {
	row := pictureRow{bits: bits}
	var planes, naives []*mat.Dense
	share := 1 / float64(len(channels))
	for i := range channels {
		a := channels[i].a
		plan, best, err := channels[i].at(bits, seed)
		if err != nil {
			return row, err
		}
		n, d := a.Dims()
		rank := lplr.Budget{N: n, D: d, BitsPerEntry: float64(bits), Ratio: 1}.Rank(8, 8)
		plain, err := lplr.Factorize(a, lplr.Options{Rank: rank, BitsL: 8, BitsR: 8, Seed: seed})
		if err != nil {
			return row, err
		}
		dense := best.Dense()
		planes = append(planes, dense)
		row.plan = fmt.Sprintf("%s m=%d %d/%d", plan.Basis, plan.Rank, plan.BitsL, plan.BitsR)
		row.chosen += share * psnr(a, dense)
		row.lplr += share * psnr(a, plain.Dense())
		naive := lplr.Naive(a, bits).Dense()
		naives = append(naives, naive)
		row.naive += share * psnr(a, naive)
		row.clipped += share * psnr(a, experiments.NaiveClipped(a, bits).Dense())
	}
	row.picture, row.naivePicture = paint(planes), paint(naives)
	return row, nil
}

// psnr is the peak signal-to-noise ratio of values in [0, 1] in decibels.
func psnr(a, b *mat.Dense) float64 {
	rows, cols := a.Dims()
	e := lplr.RelativeError(a, b) * mat.Norm(a, 2)
	return -10 * math.Log10(e*e/float64(rows*cols))
}

func paint(planes []*mat.Dense) image.Image {
	h, w := planes[0].Dims()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	level := func(c, i, j int) uint8 {
		return uint8(math.Round(255 * min(max(planes[min(c, len(planes)-1)].At(i, j), 0), 1)))
	}
	for i := range h {
		for j := range w {
			out.SetRGBA(j, i, color.RGBA{level(0, i, j), level(1, i, j), level(2, i, j), 255})
		}
	}
	return out
}
