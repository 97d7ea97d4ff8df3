package proof

// Claim is one statement of a paper beside what we measure.
type Claim struct {
	Text  string      `json:"claim"`
	Paper string      `json:"paper"`
	Ours  string      `json:"ours"`
	CI95  *[2]float64 `json:"ci95"`
	Holds bool        `json:"holds"`
	Note  string      `json:"note"`
	// WallClock tells that the clock on the wall decides: the claim stands apart from
	// those that every run repeats.
	WallClock bool `json:"-"`
	// Evidence is what the claim rests on, where that is figures with bars.
	Evidence []Row `json:"-"`
}
