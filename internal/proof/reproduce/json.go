package reproduce

import (
	"bitcycle/internal/proof"
	"bitcycle/reports"
)

// JSON returns the report as JSON says it: what every run repeats, and what the clock on
// the wall had a part in, nil if nothing.
func (r *Report) JSON() (result, wallClock any) {
	repeated := map[string]any{"claims": r.claims(false), "tables": reports.AllRows(r.Tables)}
	claims, tables := r.claims(true), reports.ClockRows(r.Tables)
	if len(claims)+len(tables) == 0 {
		return repeated, nil
	}
	return repeated, map[string]any{"claims": claims, "tables": tables}
}

func (r *Report) claims(wallClock bool) []proof.Claim {
	out := []proof.Claim{}
	for _, c := range r.Claims {
		if c.WallClock == wallClock {
			out = append(out, c)
		}
	}
	return out
}
