package proof

import "bitcycle/internal/stat"

// Source is the comparison with the figures of one origin. Its errors are those
// of the rows that are not only shown.
type Source struct {
	Name        string   `json:"name"`              // of what we are held against
	Machine     string   `json:"machine,omitempty"` // the shipped machine that is held against it, where it is one
	Set         string   `json:"set,omitempty"`     // the file of measured rows that it is made of
	Kind        string   `json:"kind,omitempty"`    // what made the figures: RTL, silicon, simulator, closed form or count
	Rows        int      `json:"rows"`              // figures that count
	Exact       int      `json:"exact"`             // of these, equal ones
	MeanError   float64  `json:"mean_error"`        // over the figures that count, fractions
	MedianError float64  `json:"median_error"`      // as mean_error
	P95Error    float64  `json:"p95_error"`         // as mean_error
	WorstError  float64  `json:"worst_error"`       // as mean_error
	WorstRow    string   `json:"worst_row"`         // whose error that is
	Bias        float64  `json:"bias"`              // mean of got/want − 1 over the figures that count: below 0 we are too low
	Rank        *float64 `json:"rank,omitempty"`    // Spearman's rank correlation of got and want, where rows are alike
	Bar         string   `json:"bar"`               // what passing takes
	Pass        bool     `json:"pass"`              // whether it does
	Note        string   `json:"note,omitempty"`    // what is compared, and what the remaining differences are
	Detail      []Row    `json:"detail,omitempty"`  // with --rows
}

// NewSource summarizes rows; pass decides whether they meet the bar. A source
// without a row that counts does not pass.
func NewSource(name, bar, note string, rows []Row, pass func(s *Source) bool) Source {
	s := Source{Name: name, Bar: bar, Note: note, Detail: rows}
	var errs []float64
	for _, r := range rows {
		if r.Verdict == Shown {
			continue
		}
		s.Rows++
		if r.Exact {
			s.Exact++
		}
		errs = append(errs, r.Error)
		s.MeanError += r.Error
		if r.Got < r.Want {
			s.Bias -= r.Error
		} else {
			s.Bias += r.Error
		}
		if r.Error > s.WorstError || s.WorstRow == "" {
			s.WorstError, s.WorstRow = r.Error, r.name()
		}
	}
	if s.Rows == 0 {
		return s
	}
	s.MeanError /= float64(s.Rows)
	s.Bias /= float64(s.Rows)
	s.MedianError = stat.NearestRank(errs, 0.5)
	s.P95Error = stat.NearestRank(errs, 0.95)
	s.Pass = pass(&s)
	for _, x := range []*float64{&s.MeanError, &s.MedianError, &s.P95Error, &s.WorstError, &s.Bias} {
		*x = finite(*x)
	}
	return s
}

// AllExact passes sources whose rows are all exact.
func AllExact(s *Source) bool { return s.Exact == s.Rows }

// NoneFails passes sources none of whose rows misses a bar of its own.
func NoneFails(s *Source) bool {
	for _, r := range s.Detail {
		if r.Verdict == Fails {
			return false
		}
	}
	return true
}

// MeanWithin passes sources by their mean error.
func MeanWithin(limit float64) func(*Source) bool {
	return func(s *Source) bool { return s.MeanError <= limit }
}

// WorstWithin passes sources by their largest error.
func WorstWithin(limit float64) func(*Source) bool {
	return func(s *Source) bool { return s.WorstError <= limit }
}
