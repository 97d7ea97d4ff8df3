package sweep

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Result is what was found out about a point.
type Result struct {
	ID     ID
	Values [MetricCount]float64 // by [Metrics]; NaN where there is none
	Error  string               // why it has no figures
	Note   string               // why a figure is missing
	State  string               // of the simulation of an error rate, JSON, to go on from; "" if there is none
	Right  string               // whether each image got its class, a bit an image in base 64; "" if not measured
}

// MetricCount is the number of [Metrics].
const MetricCount = firstQuality + 20

// newResult is a result without figures.
func newResult(id ID) Result {
	r := Result{ID: id}
	for i := range r.Values {
		r.Values[i] = math.NaN()
	}
	return r
}

// failed is the result of a point that cannot be evaluated.
func failed(id ID, err error) Result {
	r := newResult(id)
	r.Error = err.Error()
	return r
}

// AppendRecord appends the result in JSON, its id first.
func (r *Result) AppendRecord(dst []byte) []byte {
	dst = append(dst, `{"id":"`...)
	dst = append(dst, r.ID.String()...)
	dst = append(dst, '"')
	if r.Error != "" {
		text, err := json.Marshal(r.Error)
		if err != nil {
			panic("sweep: " + err.Error())
		}
		dst = append(append(dst, `,"error":`...), text...)
	}
	for i, v := range r.Values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		dst = append(dst, `,"`...)
		dst = append(dst, Metrics[i].Key...)
		dst = append(dst, `":`...)
		dst = strconv.AppendFloat(dst, v, 'g', -1, 64)
	}
	if r.Note != "" {
		dst = append(append(append(dst, `,"note":"`...), r.Note...), '"')
	}
	if r.State != "" {
		dst = append(append(dst, `,"state":`...), r.State...)
	}
	if r.Right != "" {
		dst = append(append(append(dst, `,"right":"`...), r.Right...), '"')
	}
	return append(dst, '}')
}

// ParseRecord reads what AppendRecord writes.
func ParseRecord(record []byte) (Result, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(record, &fields); err != nil {
		return Result{}, err
	}
	text := textField(fields, "id")
	id, ok := ParseID(text)
	if !ok {
		return Result{}, errors.New("a record without an id")
	}
	r := newResult(id)
	r.Error, r.Right, r.Note, r.State = textField(fields, "error"), textField(fields, "right"), textField(fields, "note"), string(fields["state"])
	for _, key := range []string{"id", "error", "note", "right", "state"} {
		delete(fields, key)
	}
	for key, v := range fields {
		m, err := metricOf(key)
		if err == nil {
			r.Values[m], err = strconv.ParseFloat(string(v), 64)
		}
		if err != nil {
			return Result{}, fmt.Errorf("record %s: %s = %s: no figure", text, key, v)
		}
	}
	return r, nil
}

// textField is a field of text, "" if there is none.
func textField(fields map[string]json.RawMessage, key string) (text string) {
	if json.Unmarshal(fields[key], &text) != nil {
		return ""
	}
	return text
}

// point is a point in the making.
type point struct {
	plan   *Plan
	digits []int
	text   []byte   // that is hashed
	sets   []string // key=value of the hardware, sorted by key
}

// open turns to point i.
func (pt *point) open(i int) {
	p := pt.plan
	p.digits(i, pt.digits)
	pt.sets = pt.sets[:0]
	for k := range p.settings {
		if s := &p.settings[k]; s.machine {
			pt.sets = append(pt.sets, s.key+"="+p.value(s, pt.digits))
		}
	}
}

func (p *Plan) newPoint() *point { return &point{plan: p, digits: make([]int, len(p.space.lengths))} }

// line adds to the text that is hashed.
func (pt *point) line(key, value string) {
	pt.text = append(pt.text, key...)
	pt.text = append(pt.text, '=')
	pt.text = append(pt.text, value...)
	pt.text = append(pt.text, '\n')
}

// begin starts the text with what all kinds of points have.
func (pt *point) begin(hash string) {
	pt.text = append(pt.text[:0], "model="...)
	pt.text = strconv.AppendInt(pt.text, Model, 10)
	pt.text = append(pt.text, '\n')
	pt.line("kind", string(pt.plan.kind))
	pt.line("hardware", hash)
	for _, set := range pt.sets {
		pt.text = append(append(pt.text, set...), '\n')
	}
	if pt.plan.kind == radio {
		return
	}
	pt.line("footing", pt.footing())
}

// footing is what machines have in common.
func (pt *point) footing() string {
	if pt.plan.Spec.Base.AsPublished {
		return "as published"
	}
	return pt.batch() + " " + pt.get("bandwidth_gb_s")
}

func (pt *point) batch() string {
	if b := pt.get("batch"); b != "" {
		return b
	}
	return "1"
}

func (pt *point) get(key string) string { return pt.plan.get(key, pt.digits) }

// ID is the id of a point.
func (p *Plan) ID(i int) ID {
	pt := p.newPoint()
	pt.open(i)
	return p.identify(pt)
}

// Identity names all points in their order by what they are, wherever the files lie that
// say it.
func (p *Plan) Identity() string {
	var text []byte
	pt := p.newPoint()
	for i := range p.n {
		pt.open(i)
		id := p.identify(pt)
		text = append(text, id[:]...)
		if len(text) > 1<<16 {
			sum := idOf(text)
			text = append(text[:0], sum[:]...)
		}
	}
	return idOf(text).String()
}

// Hash names the sweep by all its points and what they are judged by: two plans of one
// hash give the same files.
func (p *Plan) Hash() string {
	text := p.Identity() + p.FolderHash()
	if p.refined() {
		text += fmt.Sprint(p.Spec.Sample)
	}
	if p.facts != nil {
		text += p.facts.hash
	}
	for _, key := range p.Keys {
		text += key + "\x00"
	}
	return idOf([]byte(text)).String()
}

// FolderHash names what is the same in every point and what they are judged by, which
// stays when an axis grows.
func (p *Plan) FolderHash() string {
	base := p.Spec.Base
	base.Groups, base.RelError = 0, 0 // a simulation goes on in the same folder
	text := fmt.Appendf(nil, "%s\n%s\n%v\n%v\n%v\n%v\n", p.Spec.Name, p.kind, base, p.Spec.Minimise, p.Spec.Maximise, p.Spec.Constraints)
	var names []string
	for name, h := range p.hardware {
		if _, varies := p.Spec.axis("machine"); !varies || p.kind == radio {
			names = append(names, name+h.hash)
		}
	}
	slices.Sort(names)
	return idOf(fmt.Append(text, names)).String()[:8]
}
