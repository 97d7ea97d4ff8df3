package silicon

import (
	"bytes"
	"flag"
	"fmt"
	"strings"
	"testing"

	"bitcycle/internal/proof"
	"bitcycle/internal/proof/golden"
	"bitcycle/internal/testdata"
)

var update = flag.Bool("update", false, "rewrite docs/validation.md and its pictures")

// TestValidationPage holds docs/validation.md and its pictures to what is computed from
// the rows that ship:
//
//	go test ./internal/proof/silicon -run ValidationPage -update
func TestValidationPage(t *testing.T) {
	sources, tallies := Compare(golden.Shipped())
	testdata.Text(t, "../../../docs/validation.md", []byte(validationPage(sources, tallies)+tinyWidths(t)), *update)
	for _, set := range Sets() {
		for _, p := range Plots(set.File, sources) {
			var b bytes.Buffer
			if err := p.Scatter.WriteSVG(&b); err != nil {
				t.Fatal(err)
			}
			testdata.Text(t, "../../../docs/pictures/validation-"+p.Name+".svg", b.Bytes(), *update)
		}
	}
}

// tinyWidths is the comparison that no row has: below 8 bits.
func tinyWidths(t *testing.T) string {
	t.Helper()
	lines, err := tinyLines(golden.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString(`
## MLPerf Tiny at 8, 4 and 2 bits

Latency and energy of an inference, measured at 8 bits where a row ships (the mean, where there are several), and ours with weights of 8, 4 and 2 bits. A machine without a
kernel below 8 bits says so; nothing is extrapolated. Energies of the fpgaConvNet boards and of the 16×16 array (gemmini-default) are no board's: arithmetic alone, or a chip's without its standby.
What fewer bits save in energy on GAP9 is time alone: the figure per multiply-accumulate was fitted at 8 bits. Rows of ic and vww are in the half that is kept: their cells are empty.
` + "`bitcycle sweep mlperf-tiny`" + ` prints the same and has it in files ([sweeps.md](sweeps.md#beside-what-others-measured)).

| network | machine | measured [ms] | measured [µJ] | 8 bits | 4 bits | 2 bits | room |
|---|---|---|---|---|---|---|---|
`)
	for _, l := range lines {
		b.WriteString(l.String() + "\n")
	}
	return b.String()
}

const pageHead = `<!-- made from the rows that ship by go test ./internal/proof/silicon -run ValidationPage -update -->

# How true it is

Machines beside figures that others measured on silicon or RTL, or computed with a simulator of theirs. Of every set one half
ships and is compared here; the other half has the same files and columns, and ` + "`bitcycle validate --golden DIR`" + ` takes it.
Rows that are not modelled are counted, not hidden; one that cannot be read or run keeps no other from being compared. ` + "`bitcycle validate --rows`" + ` lists every row, with those that are left and why, ` + "`--plot DIR`" + ` draws these pictures,
and ` + "`list machines`" + ` has what each machine reached.

Errors are |ours/theirs − 1|; the bias is the mean of ours/theirs − 1, below 0 where we are too fast; the rank is Spearman's.
In the pictures the line is equality and the dashed ones ±10 %.

Constants found on these rows are few, and each stands in its machine's file with a ` + "`source`" + ` that begins "fitted to".
`

func validationPage(sources []proof.Source, tallies []Tally) string {
	var b strings.Builder
	b.WriteString(pageHead)
	for _, set := range Sets() {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", set.Title, set.Includes)
		for _, p := range Plots(set.File, sources) {
			fmt.Fprintf(&b, "\n![%s: ours against theirs](pictures/validation-%s.svg)\n", set.Title, p.Name)
		}
		b.WriteString("\n| figure | rows | mean [%] | median [%] | bias [%] | worst [%] | | rank | bar | |\n|---|---|---|---|---|---|---|---|---|---|\n")
		for i := range sources {
			s := &sources[i]
			if s.Set != set.File {
				continue
			}
			rank, verdict := "", "holds"
			if s.Rank != nil {
				rank = fmt.Sprintf("%.3f", *s.Rank)
			}
			if !s.Pass {
				verdict = "misses"
			}
			fmt.Fprintf(&b, "| %s | %d | %.1f | %.1f | %+.1f | %.1f | %s | %s | %s | %s |\n",
				s.Name, s.Rows, 100*s.MeanError, 100*s.MedianError, 100*s.Bias, 100*s.WorstError, s.WorstRow, rank, s.Bar, verdict)
		}
		for _, tally := range tallies {
			if tally.File == set.File {
				fmt.Fprintf(&b, "\nRows of `%s`.\n", tally)
			}
		}
		if set.Unexplained != "" {
			fmt.Fprintf(&b, "\n**Unexplained.** %s\n", set.Unexplained)
		}
	}
	return b.String()
}
