package sweep

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"bitcycle/evaluate"
	"bitcycle/internal/files"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
	"bitcycle/kernels/onnx"
	"bitcycle/quantizers"
)

// What measured sweeps take where nobody says.
const (
	shippedCalib = "glyphs:calib[:256]"
	mostCalib    = 256
)

// lab measures each distinct quantization once: a network, a method with its arguments,
// the images it was calibrated on and those it is judged on, and the machine where the
// method looks at it. Points of one quantization stand side by side and run as one span,
// so that it is in memory once.
type lab struct {
	plan     *Plan
	networks map[string]*subject
	images   map[string]*images
	looks    map[string]bool   // methods that look at the machine
	specs    map[string]string // methods with the content of files they name

	mu    sync.Mutex
	last  string // key of the quantization at hand
	made  *evaluate.Measured
	err   error
	float map[string][]int // classes of the float network by network and images
}

type subject struct {
	file *netfile.File
	hash string
}

type images struct {
	*dataset.Images
	hash string
}

// prepareLab loads networks and images, parses the methods and puts the points of each
// quantization side by side.
func (p *Plan) prepareLab(ctx context.Context) error {
	if p.kind != measures {
		return nil
	}
	l := &lab{plan: p, networks: map[string]*subject{}, images: map[string]*images{}, looks: map[string]bool{}, specs: map[string]string{}, float: map[string][]int{}}
	p.lab = l
	errs := l.loadNetworks()
	errs = append(errs, l.loadImages(ctx)...)
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if p.Spec.Base.Lazy && p.figure() != top1 {
		return fmt.Errorf("lazy = true: goes by classes of images, one by one; %s is of all of them", Metrics[p.figure()].Key)
	}
	if err := l.parseMethods(); err != nil {
		return err
	}
	p.group()
	return nil
}

func (l *lab) loadNetworks() (errs []error) {
	for _, name := range l.plan.Spec.values("network") {
		file, err := l.plan.options.Network(name, true)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		s := &subject{file: file}
		s.hash, err = digest(func(w io.Writer) error {
			fmt.Fprintln(w, file.LabelOffset, file.Mean, file.Std)
			if file.Detect != nil || file.Text != nil {
				fmt.Fprintf(w, "%+v %+v\n", file.Detect, file.Text)
			}
			if file.Model != nil && file.Model.Quantized != nil {
				q := file.Model.Quantized
				fmt.Fprintf(w, "%#v %#v %#v\n", q.Layers, q.Factors, q.Grids)
			}
			if onnx.Export(io.Discard, file.Net) == nil {
				return onnx.Export(w, file.Net)
			}
			for i := range file.Net.Nodes { // it has no ONNX form
				n := &file.Net.Nodes[i]
				fmt.Fprintf(w, "%s %T %+v %v %v %v\n", n.Name, n.Op, n.Op, n.Inputs, n.Weight, n.Bias)
			}
			return nil
		})
		errs = append(errs, err)
		l.networks[name] = s
	}
	return slices.DeleteFunc(errs, func(err error) bool { return err == nil })
}

// parseMethods reads the method of every combination of arguments, for what it says of
// itself.
func (l *lab) parseMethods() error {
	var errs []error
	all := 0
	l.plan.eachCombination(func(s *setting) bool { return s.method || s.key == "method" || s.key == "network" }, func(pt *point) {
		all++
		spec := pt.method()
		m, err := evaluate.ParseMethod(specOr(spec), evaluate.MethodContext{Network: l.networks[pt.get("network")].file, Machine: l.plan.anyMachine(), Seed: pt.seed(), Workers: l.plan.options.Workers})
		if err != nil {
			errs = append(errs, err)
			return
		}
		l.looks[spec] = quantizers.LooksAtMachine(m)
		if l.specs[spec], err = contentOf(specOr(spec)); err != nil {
			errs = append(errs, err)
		}
	})
	if len(errs) == all {
		return errs[0]
	}
	return nil
}

// specOr is a method, the one that networks have where nobody gives one.
func specOr(spec string) string {
	if spec == "" {
		return evaluate.DefaultWidths
	}
	return spec
}

// contentOf is a method with the hashes of files in the place of their names.
func contentOf(spec string) (string, error) {
	name, args, _ := strings.Cut(spec, ":")
	parts := strings.Split(args, ",")
	for i, part := range parts {
		key, path, keyed := strings.Cut(part, "=")
		if !keyed {
			path = key
		}
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			continue
		}
		text, err := files.Read(context.Background(), path, files.Data)
		if err != nil {
			return "", err
		}
		parts[i] = key + "=" + idOf(text).String()
	}
	return name + ":" + strings.Join(parts, ","), nil
}

func (pt *point) seed() int64 {
	if n, err := strconv.ParseInt(pt.get("seed"), 10, 64); err == nil {
		return n
	}
	return 1
}

// key names the quantization of a point.
func (l *lab) key(pt *point) string {
	spec := pt.method()
	content := l.specs[spec]
	if content == "" {
		content = specOr(spec)
	}
	text := fmt.Sprintf("%s %s %s %d %s", l.networks[pt.get("network")].hash, l.data(pt).hash, l.calib(pt).hash, pt.seed(), content)
	if l.looks[spec] {
		text += " on " + l.plan.hardware[pt.get("machine")].hash + " " + strings.Join(pt.sets, " ") + " " + pt.footing()
	}
	return text
}

// group puts the points of one quantization side by side.
func (p *Plan) group() {
	groups := map[string]int{}
	var members [][]int64
	pt := p.newPoint()
	for i := range p.n {
		pt.open(i)
		key := p.lab.key(pt)
		g, known := groups[key]
		if !known {
			g = len(members)
			groups[key] = g
			members = append(members, nil)
		}
		members[g] = append(members[g], p.flat(i))
	}
	p.chosen, p.groups = nil, nil
	for _, list := range members {
		p.chosen = append(p.chosen, list...)
		p.groups = append(p.groups, len(p.chosen))
	}
}

// flat is the number of a point in the space.
func (p *Plan) flat(i int) int64 {
	if p.chosen != nil {
		return p.chosen[i]
	}
	return int64(i)
}

// groupEnd is the end of the group that a point is in.
func (p *Plan) groupEnd(i int) int {
	g, _ := slices.BinarySearch(p.groups, i+1)
	return p.groups[g]
}

// Quantizations is the number of distinct quantizations, 0 where none is measured.
func (p *Plan) Quantizations() int { return len(p.groups) }

// measure finds the accuracy of a point's quantization and its cost on the machine.
func (e *Evaluator) measure(ctx context.Context, r *Result) error {
	m, err := e.plan.lab.measured(ctx, e)
	if err != nil {
		return err
	}
	if err := e.price(&work{workload: m.Workload, bytes: evaluate.WeightBytes(m.Workload)}, r); err != nil {
		return err
	}
	if m.Quality != nil {
		r.quality(m.Quality)
	} else {
		r.accuracy(&m.Accuracy, m.Right)
	}
	return nil
}

// accuracy takes what was measured.
func (r *Result) accuracy(a *evaluate.Accuracy, right []bool) {
	r.Values[top1], r.Values[top1Lo], r.Values[top1Hi], r.Values[floatTop1] = a.Top1, a.CI95[0], a.CI95[1], a.FloatTop1
	r.Right = packBits(right)
}

// packBits writes a bit an image, in base 64.
func packBits(right []bool) string {
	packed := make([]byte, (len(right)+7)/8)
	for i, r := range right {
		if r {
			packed[i/8] |= 1 << (i % 8)
		}
	}
	return base64.StdEncoding.EncodeToString(packed)
}

// measured returns the quantization of the point, which is made if it is not the last one.
func (l *lab) measured(ctx context.Context, e *Evaluator) (*evaluate.Measured, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := l.key(&e.point)
	if key == l.last {
		return l.made, l.err
	}
	if l.made, l.err = l.find(ctx, key), nil; l.made == nil {
		if l.made, l.err = l.make(ctx, e); l.err == nil {
			l.keep(key, l.made)
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	l.last = key
	return l.made, l.err
}

func (l *lab) make(ctx context.Context, e *Evaluator) (*evaluate.Measured, error) {
	method, err := l.method(e)
	if err != nil {
		return nil, err
	}
	float, err := l.floatClasses(ctx, e)
	if err != nil {
		return nil, err
	}
	stage := method.Name()
	if l.looks[e.method()] {
		stage += " on " + e.get("machine")
	}
	return evaluate.MeasureMethod(ctx, l.job(e, method), float, l.stage(stage))
}

// stage reports progress under a name.
func (l *lab) stage(name string) func(done, total int) {
	if l.plan.options.Progress == nil {
		return nil
	}
	return func(done, total int) { l.plan.options.Progress(name, done, total) }
}

// Measured is what the method of a point makes of its network, found out unless it was
// before.
func (p *Plan) Measured(ctx context.Context, i int) (*evaluate.Measured, error) {
	e := p.NewEvaluator()
	e.open(i)
	return p.lab.measured(ctx, e)
}

// method is the method of the point, made for its machine if it looks at it.
func (l *lab) method(e *Evaluator) (quantizers.Method, error) {
	with := evaluate.MethodContext{Network: l.networks[e.get("network")].file, Seed: e.seed(), Workers: l.plan.options.Workers}
	spec := e.method()
	if l.looks[spec] {
		var err error
		if with.Machine, err = e.machine(); err != nil {
			return nil, err
		}
	}
	return evaluate.ParseMethod(specOr(spec), with)
}

// job is the network, the method and the images of a point.
func (l *lab) job(e *Evaluator, method quantizers.Method) evaluate.Job {
	return evaluate.Job{
		Network: l.networks[e.get("network")].file, Method: method,
		Calib: l.calib(&e.point).Images, Data: l.data(&e.point).Images, Workers: l.plan.options.Workers,
	}
}

// floatClasses are those of the float network on the point's images, found once.
func (l *lab) floatClasses(ctx context.Context, e *Evaluator) ([]int, error) {
	network, data := l.networks[e.get("network")], l.data(&e.point)
	if !evaluate.Classifies(data.Images) {
		return nil, nil
	}
	both := network.hash + data.hash
	if l.float[both] == nil {
		classes, err := evaluate.FloatClasses(ctx, network.file, data.Images, l.plan.options.Workers, l.stage("float"))
		if err != nil {
			return nil, err
		}
		l.float[both] = classes
	}
	return l.float[both], nil
}
