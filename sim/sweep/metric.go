package sweep

import (
	"fmt"
	"strconv"
	"strings"

	"bitcycle/internal/strict"
)

// Metric is a figure of a point.
type Metric struct {
	Key      string  // of files, with its unit
	Head     string  // for people
	Unit     float64 // the readable unit in units of the figure
	Decimals int
	Goal     int    // −1: less is better, 1: more is better, 0: neither
	EndOf    string // the figure whose interval begins or ends here, "" for a figure of its own
}

// Metrics lists every figure that points may have, in the order of files. Costs are per
// image on one footing; a point has those of its kind.
var Metrics = []Metric{
	{"latency_per_image_s", "latency/image [ms]", 1e-3, 4, -1, ""},
	{"interval_per_image_s", "interval/image [ms]", 1e-3, 4, -1, ""},
	{"energy_per_image_pj", "energy/image [µJ]", 1e6, 2, -1, ""},
	{"energy_delay_js", "energy·delay/image [nJ·s]", 1e-9, 4, -1, ""},
	{"dram_bytes_per_image", "DRAM/image [KiB]", 1 << 10, 1, -1, ""},
	{"cycles_per_run", "cycles/run", 1, 0, -1, ""},
	{"area_mm2", "area [mm²]", 1, 3, -1, ""},
	{"weight_bytes", "weights [KiB]", 1 << 10, 1, -1, ""},
	{"latency_per_image_low_s", "latency/image from [ms]", 1e-3, 4, -1, "latency_per_image_s"},
	{"latency_per_image_high_s", "latency/image to [ms]", 1e-3, 4, -1, "latency_per_image_s"},
	{"energy_per_image_low_pj", "energy/image from [µJ]", 1e6, 2, -1, "energy_per_image_pj"},
	{"energy_per_image_high_pj", "energy/image to [µJ]", 1e6, 2, -1, "energy_per_image_pj"},
	{"top1", "top-1 [%]", 0.01, 2, 1, ""},
	{"top1_lo", "top-1 from [%]", 0.01, 2, 1, "top1"},
	{"top1_hi", "top-1 to [%]", 0.01, 2, 1, "top1"},
	{"float_top1", "float top-1 [%]", 0.01, 2, 0, ""},
	{"ser", "SER", 1, 5, -1, ""},
	{"ser_lo", "SER from", 1, 5, -1, "ser"},
	{"ser_hi", "SER to", 1, 5, -1, "ser"},
	{"latency_s", "latency [µs]", 1e-6, 3, -1, ""},
	{"power_w", "power [W]", 1, 3, -1, ""},
	{"energy_per_bit_j", "energy/bit [nJ]", 1e-9, 4, -1, ""},
	{"slack", "slack [%]", 0.01, 1, 1, ""},
	{"map", "mAP@.5:.95 [%]", 0.01, 2, 1, ""},
	{"map_lo", "mAP@.5:.95 from [%]", 0.01, 2, 1, "map"},
	{"map_hi", "mAP@.5:.95 to [%]", 0.01, 2, 1, "map"},
	{"float_map", "float mAP@.5:.95 [%]", 0.01, 2, 0, ""},
	{"perplexity", "perplexity", 1, 3, -1, ""},
	{"perplexity_lo", "perplexity from", 1, 3, -1, "perplexity"},
	{"perplexity_hi", "perplexity to", 1, 3, -1, "perplexity"},
	{"float_perplexity", "float perplexity", 1, 3, 0, ""},
	{"char_accuracy", "character accuracy [%]", 0.01, 2, 1, ""},
	{"char_accuracy_lo", "character accuracy from [%]", 0.01, 2, 1, "char_accuracy"},
	{"char_accuracy_hi", "character accuracy to [%]", 0.01, 2, 1, "char_accuracy"},
	{"float_char_accuracy", "float character accuracy [%]", 0.01, 2, 0, ""},
	{"mse", "MSE", 1, 5, -1, ""},
	{"mse_lo", "MSE from", 1, 5, -1, "mse"},
	{"mse_hi", "MSE to", 1, 5, -1, "mse"},
	{"float_mse", "float MSE", 1, 5, 0, ""},
	{"map50", "mAP@.5 [%]", 0.01, 2, 1, ""},
	{"sqnr_db", "SQNR of outputs [dB]", 1, 2, 1, ""},
	{"cosine", "cosine of outputs", 1, 5, 1, ""},
	{"max_error", "largest error of outputs", 1, 5, -1, ""},
}

// The places of figures in [Metrics].
const (
	latency = iota
	interval
	energy
	edp
	dram
	cycles
	area
	weights
	latencyLow
	latencyHigh
	energyLow
	energyHigh
	top1
	top1Lo
	top1Hi
	floatTop1
	ser
	serLo
	serHi
	pathLatency
	power
	energyPerBit
	slack
	firstQuality // of what does not tell classes, by name alone
)

// Interval is the places of the ends of a figure's interval; not ok where it has none.
func Interval(metric int) (low, high int, ok bool) {
	for i := range Metrics {
		if Metrics[i].EndOf == Metrics[metric].Key {
			return i, i + 1, true
		}
	}
	return 0, 0, false
}

// metricOf finds a figure by its key.
func metricOf(key string) (int, error) {
	for i := range Metrics {
		if Metrics[i].Key == key {
			return i, nil
		}
	}
	return 0, strict.Unknown("figure", key, metricKeys())
}

func metricKeys() []string {
	var keys []string
	for i := range Metrics {
		keys = append(keys, Metrics[i].Key)
	}
	return keys
}

// Constraint is a bound that points of the front keep.
type Constraint struct {
	Metric string
	Op     string // one of ops
	Value  float64
}

// ops are the comparisons of bounds.
var ops = []string{"<=", ">=", "==", "!=", "<", ">"}

// String writes the constraint as people read it.
func (c Constraint) String() string {
	return fmt.Sprintf("%s %s %s", c.Metric, c.Op, strconv.FormatFloat(c.Value, 'g', -1, 64))
}

// keeps tells whether a value keeps the bound; one that is not known does not.
func (c Constraint) keeps(x float64) bool {
	switch c.Op {
	case "<=":
		return x <= c.Value
	case ">=":
		return x >= c.Value
	case "<":
		return x < c.Value
	case ">":
		return x > c.Value
	case "==":
		return x == c.Value
	}
	return x != c.Value && x == x
}

// parseBound reads ">= 0.9".
func parseBound(metric, text string) (Constraint, error) {
	for _, op := range ops {
		rest, ok := strings.CutPrefix(strings.TrimSpace(text), op)
		if !ok {
			continue
		}
		x, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
		if err != nil || x != x {
			break
		}
		return Constraint{metric, op, x}, nil
	}
	return Constraint{}, fmt.Errorf("want a bound such as \"<= 4\" or \">= 0.9\"")
}

// boundsForm reads the table constraints.
type boundsForm []Constraint

// UnmarshalNode reads the table.
func (b *boundsForm) UnmarshalNode(d *strict.Decoder, key string, n *strict.Node) {
	for _, c := range children("", n) {
		text, _ := c.node.Leaf.(string)
		bound, err := parseBound(c.key, text)
		if err == nil {
			_, err = metricOf(c.key)
		}
		if err != nil {
			d.Value(c.node.At, key+"."+c.key, c.node.Leaf, err.Error())
			continue
		}
		*b = append(*b, bound)
	}
}
