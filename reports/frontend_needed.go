package reports

import (
	"fmt"
	"slices"
	"strings"

	"bitcycle/evaluate"
)

// neededRow is the ratio at which a front end reaches an error rate in JSON.
type neededRow struct {
	FrontEnd  string  `json:"frontend"`   // name
	Precoder  string  `json:"precoder"`   // or detector
	TargetSER float64 `json:"target_ser"` // symbol error rate to be reached
	evaluate.Needed
}

// neededRows are in the order of the ratios, those that do not reach the rate last; nil
// without a target.
func neededRows(runs []evaluate.FrontEndOutcome, target float64) []neededRow {
	if target == 0 {
		return nil
	}
	rows := make([]neededRow, len(runs))
	for i := range runs {
		rows[i] = neededRow{runs[i].FrontEnd.FrontEnd.Name, runs[i].FrontEnd.Precoder, target, evaluate.NeededSNR(runs[i].Curve, target)}
	}
	slices.SortStableFunc(rows, func(a, b neededRow) int {
		switch {
		case a.Reached && (!b.Reached || a.SNRdB < b.SNRdB):
			return -1
		case b.Reached && (!a.Reached || b.SNRdB < a.SNRdB):
			return 1
		}
		return 0
	})
	return rows
}

// neededLines say who reaches the rate with the least ratio, and who does not.
func neededLines(r *frontEndsResult) []string {
	var lines []string
	for i := range r.Needed {
		n := &r.Needed[i]
		name := n.Precoder
		if r.several() {
			name = n.FrontEnd + ", " + name
		}
		if !n.Reached {
			lines = append(lines, fmt.Sprintf("%s does not reach SER %g: %.3g at best", name, n.TargetSER, n.LeastSER))
			continue
		}
		line := fmt.Sprintf("%s reaches SER %g at %.1f dB, 95 %% interval %.1f to %.1f", name, n.TargetSER, n.SNRdB, n.CI95[0], n.CI95[1])
		if first := &r.Needed[0]; i > 0 {
			line += fmt.Sprintf(", %.1f dB more than the first", n.SNRdB-first.SNRdB)
		}
		lines = append(lines, line)
	}
	return lines
}

func neededTable(r *frontEndsResult) *Table {
	t := &Table{Name: "needed", Title: fmt.Sprintf("where SER %g is reached", r.Needed[0].TargetSER), Columns: []Column{
		Text("frontend", "front end").Ranked(Must).ID(), Text("precoder", "precoder").Ranked(Must).ID(), Number("target_ser", ""),
		Scaled("snr_db", "SNR [dB]", 1, 1).Ranked(Must), Scaled("snr_ci95_low_db", "95 % from", 1, 1).Ranked(80), Scaled("snr_ci95_high_db", "to", 1, 1).Ranked(80),
		Text("reached", "reached").Ranked(Must), Significant("least_ser", "least SER", 3).Ranked(40),
		Scaled("latency_s", "latency [µs]", 1e-6, 3).Ranked(60), Text("deadline", "deadline").Ranked(70), Significant("total_fom_w", "fom [W]", 4).Ranked(50), Significant("total_binw_w", "binw [W]", 4).Ranked(45),
	}}
	for i := range r.Needed {
		n := &r.Needed[i]
		var snr, low, high any
		if n.Reached {
			snr, low, high = n.SNRdB, n.CI95[0], n.CI95[1]
		}
		cells := []any{n.FrontEnd, n.Precoder, n.TargetSER, snr, low, high, n.Reached, n.LeastSER}
		at := slices.IndexFunc(r.Costs, func(c frontEndCost) bool { return c.FrontEnd == n.FrontEnd && c.Precoder == n.Precoder })
		if at < 0 {
			t.Add(append(cells, nil, nil, nil, nil)...)
			continue
		}
		c := &r.Costs[at]
		t.Add(append(cells, c.LatencyS, c.Deadline, c.FOMW, c.BinwW)...)
	}
	t.hide("target_ser")
	return t
}

// frontEndNames are the distinct ones.
func frontEndNames(runs []evaluate.FrontEndOutcome) []string {
	var names []string
	for i := range runs {
		if name := runs[i].FrontEnd.FrontEnd.Name; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// parameters say what the front ends of a plot are.
func parameters(runs []evaluate.FrontEndOutcome) string {
	several := len(frontEndNames(runs)) > 1
	var parts []string
	for i := range runs {
		fe := runs[i].FrontEnd.FrontEnd
		one := fmt.Sprintf("N = %d, K = %d, %d-QAM, %d-bit converters", fe.Antennas.Count, fe.Job.Users, fe.Job.QAM, fe.Converter.Bits)
		if several {
			one = fe.Name + ": " + one
		}
		if !slices.Contains(parts, one) {
			parts = append(parts, one)
		}
	}
	return strings.Join(parts, "; ")
}

// radiated is the power that the front ends radiate.
func radiated(runs []evaluate.FrontEndOutcome) string {
	var parts []string
	for i := range runs {
		if one := fmt.Sprintf("%.4g W", runs[i].FrontEnd.FrontEnd.PA.RadiatedW); !slices.Contains(parts, one) {
			parts = append(parts, one)
		}
	}
	return strings.Join(parts, " or ")
}
