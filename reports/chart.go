package reports

// Chart is a picture that a page draws of the rows of a table, as files have them. The
// page computes nothing but where a row lies, and the front of the two axes shown.
type Chart struct {
	Kind  string   `json:"kind"` // points, stack, roofline or curves
	Title string   `json:"title"`
	Note  string   `json:"note,omitempty"`
	Table string   `json:"table"` // the name of one of the document's
	Label []string `json:"label"` // keys of the columns that name a row

	// Axes of points are a choice, the first two shown; of a roofline intensity, rate
	// and the size of a dot; of curves x, y and, where there is one, a reference y.
	Axes []Axis `json:"axes"`
	// Groups are the keys by which points can be coloured; curves have one line a value
	// of the first.
	Groups []string `json:"groups,omitempty"`
	Shape  string   `json:"shape,omitempty"` // key by which points differ in shape
	Front  string   `json:"front,omitempty"` // key of what tells that a point is on the front of all objectives
	Limits []Limit  `json:"limits,omitempty"`
	Roofs  []Roof   `json:"roofs,omitempty"`
	// Guides are lines y = k·x, each a k, of axes with one unit.
	Guides []float64 `json:"guides,omitempty"`
}

// Axis is a column as a picture shows it.
type Axis struct {
	Key  string  `json:"key"`
	Name string  `json:"name"`           // for people, with the unit
	Unit float64 `json:"unit"`           // divides the values
	Log  bool    `json:"log,omitempty"`  // decades rather than steps
	Best string  `json:"best,omitempty"` // min or max; "" has no front
	Low  string  `json:"low,omitempty"`  // keys of the ends of an interval
	High string  `json:"high,omitempty"`
}

// Limit is a constraint on an axis.
type Limit struct {
	Key   string  `json:"key"`
	Value float64 `json:"value"`
	Name  string  `json:"name"`
}

// Roof is what an array and its memory can reach at most.
type Roof struct {
	Name          string  `json:"name"`
	Peak          float64 `json:"peak"`            // MACs per cycle
	BytesPerCycle float64 `json:"bytes_per_cycle"` // of memory; 0 is without limit
}

// Attachment is a text that belongs to a report, such as a machine with every default
// filled in.
type Attachment struct{ Name, Text string }
