package proof

// Claim is one statement of a paper beside what we measure.
type Claim struct {
	Text  string      `json:"claim"` // what is claimed
	Paper string      `json:"paper"` // its figure
	Ours  string      `json:"ours"`  // our figure
	CI95  *[2]float64 `json:"ci95"`  // 95 % interval of ours; null where there is none
	Holds bool        `json:"holds"` // whether ours bears it out
	Note  string      `json:"note"`  // protocol and differences
	// WallClock tells that the clock on the wall decides: the claim stands apart from
	// those that every run repeats.
	WallClock bool `json:"-"`
	// Evidence is what the claim rests on, where that is figures with bars.
	Evidence []Row `json:"-"`
}
