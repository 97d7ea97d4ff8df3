package arch

import (
	"errors"
	"maps"
	"reflect"
	"sync"

	"bitcycle/internal/strict"
)

// Base is a machine as its file describes it, read once to be varied many times: a
// sweep opens its machine and calls [Base.With] for every point. It is never changed
// and safe for concurrent use.
type Base struct {
	of *base[Accelerator, *Accelerator]
}

// Open reads a machine by the name or path that [Load] takes. Shipped ones are read
// once per process. What [Base.With] may still put right is not reported here: the
// error is that the file cannot be read, is no TOML, or that its bases are not.
func Open(nameOrPath string) (*Base, error) {
	b, err := openBase[Accelerator](machines, nameOrPath)
	if err != nil {
		return nil, err
	}
	return &Base{b}, nil
}

// With returns the machine with key=value settings on top, exactly as [Load] with the
// same file and settings: "array.rows=32", "buffers.inputs.bytes=64 KiB". What follows
// from the values is derived, everything is validated, the error lists every problem.
// The machine is the caller's own. It takes some microseconds where the settings are
// numbers and words of known keys, no more than a hundred times that elsewhere.
func (b *Base) With(set ...string) (*Accelerator, error) { return b.of.with(set) }

// FrontEndBase is to front ends what [Base] is to machines.
type FrontEndBase struct {
	of *base[FrontEnd, *FrontEnd]
}

// OpenFrontEnd reads a front end as [Open] reads a machine.
func OpenFrontEnd(nameOrPath string) (*FrontEndBase, error) {
	b, err := openBase[FrontEnd](frontEnds, nameOrPath)
	if err != nil {
		return nil, err
	}
	return &FrontEndBase{b}, nil
}

// With returns the front end with settings on top, exactly as [LoadFrontEnd] does.
func (b *FrontEndBase) With(set ...string) (*FrontEnd, error) { return b.of.with(set) }

// subject is what documents describe: a machine or a front end.
type subject[T any] interface {
	*T
	// clone shares nothing that can change; there is room for so many more sources.
	clone(room int) *T
	// refuse is the error of a tree that describes something else.
	refuse(tree *strict.Node) error
	// start fills what the document is silent about.
	start(d *decoder, tree *strict.Node)
	// besideFile completes paths that start at the file which names them; it reports those
	// that lead out of its folder.
	besideFile(tree *strict.Node) *KeyError
	// derive fills what follows from other values, of the keys that are unset.
	derive(unset func(key string) bool)
	// faults are the values and rules that are broken, but for those of remarks.
	faults() []*KeyError
	// remarks are what is said about values, by key.
	remarks() (sources *map[string]string, unconfirmed *[]string)
}

// base is a document over its bases: as a tree, and decoded when it is first wanted.
type base[T any, P subject[T]] struct {
	of     *catalog
	layers // never changed

	plain func() *T        // the tree decoded, nothing derived; nil if it has problems
	quick func() *quick[T] // what settings do to it
}

func newBase[T any, P subject[T]](c *catalog, read layers) *base[T, P] {
	b := &base[T, P]{of: c, layers: read}
	b.plain = sync.OnceValue(func() *T {
		v, d, err := decoded[T, P](b.tree)
		if err != nil || d.Err() != nil || len(c.checkKeys(v.remarks())) > 0 {
			return nil
		}
		return v
	})
	b.quick = sync.OnceValue(func() *quick[T] {
		v := P(b.plain()).clone(0)
		engine := Engine(b.tree.Text("engine"))
		q := &quick[T]{
			spots: spotsOf(c.root, engine, b.tree), open: map[string]bool{},
			remarks: func(v *T) (*map[string]string, *[]string) { return P(v).remarks() },
		}
		P(v).derive(func(key string) bool {
			q.open[key] = b.tree.Find(key) == nil
			return false
		})
		return q
	})
	return b
}

// openBase reads a document by shipped name or by path. Shipped ones are kept.
func openBase[T any, P subject[T]](c *catalog, nameOrPath string) (*base[T, P], error) {
	if kept, ok := c.bases.Load(nameOrPath); ok {
		return kept.(*base[T, P]), nil
	}
	if !c.ships(nameOrPath) {
		read, err := c.load(nameOrPath, ".", nil)
		if err != nil {
			return nil, err
		}
		return newBase[T, P](c, read), nil
	}
	read, err := c.shippedLayers(nameOrPath)
	if err != nil {
		return nil, err
	}
	kept, _ := c.bases.LoadOrStore(nameOrPath, newBase[T, P](c, read))
	return kept.(*base[T, P]), nil
}

// with lays settings over the document: in the quick way where it can, else in the way
// that finds the words for every problem.
func (b *base[T, P]) with(set []string) (*T, error) {
	if v := b.quickly(set); v != nil {
		return v, nil
	}
	tree, err := b.under(set)
	if err != nil {
		return nil, err
	}
	return assemble[T, P](b.of, tree)
}

// quickly sets the values in a copy of the decoded document. It is nil for settings that
// it does not understand and for whatever is not valid.
func (b *base[T, P]) quickly(set []string) *T {
	plain := b.plain()
	if plain == nil {
		return nil
	}
	v := P(plain).clone(len(set))
	if len(set) == 0 {
		P(v).derive(func(key string) bool { return b.tree.Find(key) == nil })
	} else {
		q := b.quick()
		for _, one := range set {
			if !q.set(v, one) {
				return nil
			}
		}
		P(v).derive(func(key string) bool { return q.open[key] && !named(key, set) })
	}
	if len(P(v).faults()) > 0 {
		return nil
	}
	return v
}

// roomy is a copy of a map that takes so many more keys without growing; nil if there are
// none.
func roomy(m map[string]string, more int) map[string]string {
	if m == nil {
		return nil
	}
	c := make(map[string]string, len(m)+more)
	maps.Copy(c, m)
	return c
}

// under is the tree of the document with settings on top.
func (b *base[T, P]) under(set []string) (*strict.Node, error) {
	tree := b.tree.Clone()
	var errs []error
	for i, one := range set {
		top, err := strict.ParseSet(one, b.layer+1+i)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		b.of.merge(tree, top)
	}
	return tree, errors.Join(errs...)
}

// assemble turns a tree into what it describes.
func assemble[T any, P subject[T]](c *catalog, tree *strict.Node) (*T, error) {
	v, d, err := decoded[T, P](tree)
	if err != nil {
		return nil, err
	}
	v.derive(func(key string) bool { return tree.Find(key) == nil })
	for _, e := range append(v.faults(), c.checkKeys(v.remarks())...) {
		d.report(tree, e)
	}
	if err := d.Err(); err != nil {
		return nil, err
	}
	return v, nil
}

// decoded fills what a tree describes; the decoder has the problems.
func decoded[T any, P subject[T]](tree *strict.Node) (P, *decoder, error) {
	v, d := P(new(T)), newDecoder()
	if err := v.refuse(tree); err != nil {
		return nil, nil, err
	}
	v.start(d, tree)
	d.Table("", tree, reflect.ValueOf(v).Elem())
	if e := v.besideFile(tree); e != nil {
		d.report(tree, e)
	}
	return v, d, nil
}
