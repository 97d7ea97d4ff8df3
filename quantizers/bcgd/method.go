package bcgd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/train"
	"bitcycle/quantizers"
)

// Method trains a network on a data set until it is quantized.
type Method struct {
	Spec    string // as the user wrote it
	Config  Config
	Data    *train.Data   // as the network sees it: its normalization, labels as classes
	Augment train.Augment // of the training images
	// Trained, if not nil, is called with the trained network and its loss curve.
	Trained func(n *Network, h train.History)
}

// Interrupted is the error of training that was stopped and can be continued.
type Interrupted struct {
	Spec       string // the method that goes on
	Checkpoint string // its file
	Err        error
}

// Error tells how to go on.
func (e *Interrupted) Error() string {
	return fmt.Sprintf("what is trained is kept in %s; to go on, give the same command with the method %s", e.Checkpoint, e.Spec)
}

// Unwrap returns the context's error.
func (e *Interrupted) Unwrap() error { return e.Err }

// Info describes the method.
var Info = quantizers.Info{
	Name: "bcgd", Usage: "bcgd:w=1,a=4,epochs=8",
	About: "trains the network quantized, by blended coarse gradients (Yin et al., Res. Math. Sci. 2019)",
	Keys: map[string]string{
		"w": "weight bits", "a": "activation bits", "epochs": "of training; 0 = fit ranges and project weights only",
		"weights": "rule of weights: projections of the paper (project, lloyd, exact), or rivals with a scale for each channel (bwn) or a threshold (twn)",
		"rho":     "of the blend of float and quantized weights: 0 = BinaryConnect, 1 = projected gradients", "lr": "learning rate, falling tenfold at 60 and 85 % of the time",
		"decay": "of weights", "batch": "images of a step", "kind": "coarse gradient of the activations' range",
		"first": "weight bits of the first layer; 0 = as the rest", "last": "weight and activation bits of the last layer; 0 = as the rest",
		"shift": "augment by shifts of at most so many pixels", "flip": "augment by mirror images",
		"checkpoint": "file that keeps the run, to go on from", "start": "file of another run of this network whose weights to start at", "data": "training images (list data); the shipped network has its own",
	},
}

// Parse reads "w=1,a=4,epochs=10,rho=1e-5,lr=0.01,kind=mean,first=8,last=8,
// weights=project|lloyd|exact|bwn|twn,batch=64,decay=1e-4,shift=0,flip=false,checkpoint=FILE,start=FILE,data=SET";
// spec is the whole method as written. load returns SET, or for "" the set that
// goes with the network, as the network sees it.
func Parse(spec, text string, seed int64, workers int, load func(set string) (*train.Data, error)) (*Method, error) {
	m := &Method{Spec: spec}
	args := quantizers.ParseArgs(spec, text)
	c := Defaults(args.Int("w", 1, 1, 8), args.Int("a", 4, 1, 8), args.Int("epochs", 8, 0, 10000))
	c.Weights = WeightRule(args.Choice("weights", string(Projected), string(Projected), string(Iterated), string(Nearest), string(ChannelScaled), string(Threshold)))
	if !c.Weights.projects() {
		c.Rho = 0
	}
	c.Rho = args.Float("rho", c.Rho, 0, 1)
	c.Rate = args.Float("lr", c.Rate, 1e-9, 10)
	c.WeightDecay = args.Float("decay", c.WeightDecay, 0, 1)
	c.Batch = args.Int("batch", c.Batch, 1, 4096)
	c.Kind = AlphaKind(args.Choice("kind", string(ThreeValued), string(ThreeValued), string(Exactly), string(TwoValued), string(Smallest)))
	c.FirstBits, c.LastBits = args.Int("first", 8, 0, 8), args.Int("last", 8, 0, 8)
	m.Augment = train.Augment{Shift: args.Int("shift", 0, 0, 32), Flip: args.Bool("flip", false)}
	c.Seed, c.Workers = uint64(seed), workers
	c.Checkpoint, c.Start = args.Text("checkpoint", ""), args.Text("start", "")
	set := args.Text("data", "")
	if err := args.Err(); err != nil {
		return nil, err
	}
	m.Config = c
	err := c.Validate()
	if c.Start != "" {
		if _, bad := os.Stat(c.Start); bad != nil {
			err = errors.Join(err, fmt.Errorf("start: %w", bad))
		}
	}
	if err == nil {
		m.Data, err = load(set)
	}
	if err != nil {
		return nil, fmt.Errorf("method %q: %w", spec, err)
	}
	return m, nil
}

// Name returns the method as written.
func (m *Method) Name() string { return m.Spec }

// Quantize trains from the network's weights. Ranges come from training images,
// so that calib is not needed. If the context ends, the error is [Interrupted].
func (m *Method) Quantize(ctx context.Context, net *kernels.Network, _ kernels.Batch, progress func(done, total int)) (*kernels.Quantized, error) {
	plain, varied := *m.Data, *m.Data
	plain.Augment, varied.Augment = train.Augment{}, m.Augment
	c := m.Config
	c.Progress = func(p train.Progress) {
		if progress != nil {
			progress(p.Epoch*p.Steps+p.Step, c.Epochs*p.Steps)
		}
	}
	remove, err := c.own()
	if err != nil {
		return nil, err
	}
	n, err := FromNetwork(ctx, net, &plain, c)
	if err != nil {
		return nil, errors.Join(err, remove())
	}
	h, err := n.Train(ctx, &varied, nil)
	if err != nil && ctx.Err() != nil {
		return nil, &Interrupted{m.resumed(c.Checkpoint), c.Checkpoint, err}
	}
	if err := errors.Join(err, remove()); err != nil {
		return nil, err
	}
	if m.Trained != nil {
		m.Trained(n, h)
	}
	return n.Quantized(ctx, &plain)
}

// own gives the configuration a checkpoint if it has none, which remove deletes.
func (c *Config) own() (remove func() error, err error) {
	if c.Checkpoint != "" || c.Epochs == 0 {
		return func() error { return nil }, nil
	}
	folder, err := os.MkdirTemp("", "bitcycle-bcgd-")
	c.Checkpoint = filepath.Join(folder, "checkpoint.safetensors")
	return func() error { return os.RemoveAll(folder) }, err
}

// resumed is the method that goes on from the checkpoint.
func (m *Method) resumed(checkpoint string) string {
	if m.Config.Checkpoint != "" {
		return m.Spec
	}
	separator := ","
	if !strings.Contains(m.Spec, ":") {
		separator = ":"
	}
	return m.Spec + separator + "checkpoint=" + checkpoint
}

// Loader loads training data for a network with that normalization of images
// and that offset from labels to classes; otherwise is the default set, "" if
// there is none.
func Loader(mean, std []float32, offset int, otherwise string) func(set string) (*train.Data, error) {
	return func(set string) (*train.Data, error) {
		if set == "" {
			set = otherwise
		}
		if set == "" {
			return nil, errors.New("this network needs its training images: give data=SET")
		}
		images, err := dataset.Load(set)
		if err != nil {
			return nil, err
		}
		return Shifted(images, mean, std, offset), nil
	}
}

// Shifted returns images as a network sees them, offset added to their labels.
func Shifted(images *dataset.Images, mean, std []float32, offset int) *train.Data {
	if offset != 0 {
		moved := *images
		moved.Labels = nil
		for _, l := range images.Labels {
			moved.Labels = append(moved.Labels, l+offset)
		}
		images = &moved
	}
	return &train.Data{Images: images, Normalization: dataset.Normalization{Mean: mean, Std: std}}
}
