package proof

import (
	"encoding/json"
	"math"
)

// Claim is one statement of a paper beside what we measure.
type Claim struct {
	Text  string
	Paper string // its figure, in words
	Ours  string // our figure, in words
	// Figures are both sides as numbers; nil where the claim is not about a number.
	Figures *Figures
	CI95    *[2]float64 // 95 % interval of ours, in the unit of Figures; nil where there is none
	Holds   bool        // whether ours bears it out
	Note    string      // protocol and differences
	// WallClock tells that the clock on the wall decides: the claim stands apart from
	// those that every run repeats.
	WallClock bool
	// Evidence is what the claim rests on, where that is figures with bars.
	Evidence []Row
}

// Figures are the two sides of a claim in a unit: "fraction", "dB", "values" and so on.
type Figures struct {
	Unit  string
	Paper float64 // NaN where the paper has no figure
	Ours  float64 // NaN where we have none
}

// As is the claim with both sides as numbers; NaN says that there is none.
func (c Claim) As(unit string, paper, ours float64) Claim {
	c.Figures = &Figures{unit, paper, ours}
	return c
}

// storedClaim is a claim in JSON.
type storedClaim struct {
	Text      string      `json:"claim"`                // what is claimed
	Paper     any         `json:"paper"`                // its figure: a number in the unit, words where there is no number, null where the paper has no figure
	Ours      any         `json:"ours"`                 // our figure, as paper
	Unit      string      `json:"unit,omitempty"`       // of numbers: fraction, dB, values, images
	PaperText string      `json:"paper_text,omitempty"` // paper in words, where it is a number
	OursText  string      `json:"ours_text,omitempty"`  // ours in words, where it is a number
	CI95      *[2]float64 `json:"ci95"`                 // 95 % interval of ours, in the unit; null where there is none
	Holds     bool        `json:"holds"`                // whether ours bears it out
	Note      string      `json:"note"`                 // protocol and differences
}

// MarshalJSON writes numbers as numbers.
func (c Claim) MarshalJSON() ([]byte, error) {
	s := storedClaim{Text: c.Text, Paper: c.Paper, Ours: c.Ours, CI95: c.CI95, Holds: c.Holds, Note: c.Note}
	if f := c.Figures; f != nil {
		s.Paper, s.Ours, s.Unit, s.PaperText, s.OursText = figure(f.Paper, c.Paper), figure(f.Ours, c.Ours), f.Unit, c.Paper, c.Ours
	}
	return json.Marshal(s)
}

// figure is a number, else the words for it; nil where there are none.
func figure(x float64, words string) any {
	switch {
	case !math.IsNaN(x) && !math.IsInf(x, 0):
		return x
	case words == "-":
		return nil
	}
	return words
}

// UnmarshalJSON reads what MarshalJSON writes.
func (c *Claim) UnmarshalJSON(text []byte) error {
	var s storedClaim
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	*c = Claim{Text: s.Text, Paper: s.PaperText, Ours: s.OursText, CI95: s.CI95, Holds: s.Holds, Note: s.Note}
	if paper, ok := s.Paper.(string); ok {
		c.Paper = paper
	}
	if ours, ok := s.Ours.(string); ok {
		c.Ours = ours
	}
	if s.Unit != "" {
		*c = c.As(s.Unit, numberOf(s.Paper), numberOf(s.Ours))
	}
	return nil
}

func numberOf(v any) float64 {
	if x, ok := v.(float64); ok {
		return x
	}
	return math.NaN()
}
