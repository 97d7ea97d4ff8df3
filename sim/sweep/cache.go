package sweep

import (
	"bytes"
	"context"
	"strconv"

	"bitcycle/evaluate"
	"bitcycle/evaluate/yardstick"
	"bitcycle/kernels/workload"
	"bitcycle/sim/sweep/store"
)

// mostCached bounds the points of a sweep of costs that are looked up and kept for others:
// of very many, the folder alone is worth its size.
const mostCached = 100_000

// cache is where points of other sweeps are found; nil for none.
func (p *Plan) cache() *store.Cache {
	if p.kind == costs && p.n > mostCached {
		return nil
	}
	return p.options.Cache
}

// bucket is where the cache keeps a point: with the others of its workload, its
// quantization or its front end.
func (p *Plan) bucket(pt *point) store.Key {
	text := string(p.kind) + " "
	switch p.kind {
	case radio:
		text += p.hardware[pt.get("frontend")].hash
	case measures:
		text += p.lab.key(pt)
	default:
		text += p.workOf(pt).hash
	}
	return store.Key(idOf([]byte(text)))
}

// recall takes the points of other sweeps into the folder and the table, and returns the
// spans of the rest.
func (t *Table) recall(folder *store.Folder, todo []Span) (rest []Span, err error) {
	p := t.plan
	cache := p.cache()
	if cache == nil {
		return todo, nil
	}
	var records [][]byte
	pt := p.newPoint()
	for _, s := range todo {
		for i := s.From; i < s.To; i++ {
			pt.open(i)
			record := cache.Find(p.bucket(pt), store.Key(p.identify(pt)))
			if record == nil {
				rest = extend(rest, i)
				continue
			}
			r, err := ParseRecord(record)
			if err != nil { // of another form: it is found out again
				rest = extend(rest, i)
				continue
			}
			t.set(i, &r)
			t.recalled++
			records = append(records, r.AppendRecord(nil))
		}
	}
	return rest, folder.Append(records)
}

// extend adds a point to ascending spans.
func extend(spans []Span, i int) []Span {
	if n := len(spans); n > 0 && spans[n-1].To == i {
		spans[n-1].To++
		return spans
	}
	return append(spans, Span{i, i + 1})
}

// remember keeps results of a span for other sweeps: those that hang on the point alone,
// not on names of files, as errors do, or on the points beside it.
func (p *Plan) remember(s Span, results []Result, records [][]byte) {
	cache := p.cache()
	if cache == nil {
		return
	}
	var bucket store.Key
	var list [][]byte
	pt := p.newPoint()
	for i := range results {
		if results[i].Error != "" || results[i].Note != "" {
			continue
		}
		pt.open(s.From + i)
		b := p.bucket(pt)
		if b != bucket {
			cache.Add(bucket, list)
			bucket, list = b, nil
		}
		list = append(list, records[i])
	}
	cache.Add(bucket, list)
}

// kept is a measured quantization as files have it.
type kept struct {
	Accuracy evaluate.Accuracy  `json:"accuracy"`
	Right    string             `json:"right"` // packed
	Quality  *yardstick.Quality `json:"quality,omitempty"`
	Workload *workload.Workload `json:"workload"`
}

// quantizationKey names a quantization in files.
func quantizationKey(key string) store.Key {
	return store.Key(idOf([]byte("quantization of model " + strconv.Itoa(Model) + " " + key)))
}

// find returns a quantization that was measured before, nil if there is none.
func (l *lab) find(ctx context.Context, key string) *evaluate.Measured {
	for _, c := range l.memory() {
		var k kept
		if !c.Load(ctx, quantizationKey(key), &k) || k.Workload == nil || k.Workload.Validate() != nil {
			continue
		}
		right, err := unpackBits(k.Right)
		if err != nil || len(right) < k.Accuracy.Images {
			continue
		}
		return &evaluate.Measured{Workload: k.Workload, Accuracy: k.Accuracy, Right: right[:k.Accuracy.Images], Quality: k.Quality}
	}
	return nil
}

// keep puts a quantization where find looks.
func (l *lab) keep(key string, m *evaluate.Measured) {
	for _, c := range l.memory() {
		c.Keep(quantizationKey(key), kept{m.Accuracy, packBits(m.Right), m.Quality, m.Workload})
	}
}

// memory is where quantizations lie.
func (l *lab) memory() []*store.Cache {
	return []*store.Cache{l.plan.options.Kept, l.plan.options.Cache}
}

// findStates takes the simulations of front ends that were run before, in the folder and
// the cache, to go on from.
func (p *Plan) findStates(folder *store.Folder) error {
	if p.kind != radio {
		return nil
	}
	var lines []byte
	take := func(record []byte) {
		if r, err := ParseRecord(record); err == nil && r.State != "" {
			lines = append(append(lines, r.State...), '\n')
		}
	}
	for _, key := range folder.Keys() {
		record, err := folder.Get(key)
		if err != nil {
			return err
		}
		take(record)
	}
	if cache := p.cache(); cache != nil {
		seen := map[store.Key]bool{}
		p.eachCombination(func(s *setting) bool { return s.key == "frontend" }, func(pt *point) {
			if b := p.bucket(pt); !seen[b] {
				seen[b] = true
				for _, record := range cache.Bucket(b) {
					take(record)
				}
			}
		})
	}
	return p.states.Read(bytes.NewReader(lines))
}
