//go:build !nonats

package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"bitcycle/kernels/gemm"
	"bitcycle/sim/sweep"
	"bitcycle/sim/sweep/queue"
)

// natsCommands are the commands that need NATS. The tag nonats builds a program without.
type natsCommands struct {
	Worker workerCmd `cmd:"" help:"Help with the sweeps of a server."`
}

// natsFlags run a sweep on several machines.
type natsFlags struct {
	Listen  string `help:"Run on workers too: be their server at this address (127.0.0.1:0 takes a free port). Beyond this machine --token-file and --tls-cert are wanted." placeholder:"HOST:PORT"`
	NATS    string `name:"nats" help:"Run on the workers of this NATS server, which has JetStream." placeholder:"URL"`
	TLSCert string `name:"tls-cert" help:"Certificate of --listen, PEM." placeholder:"FILE"`
	TLSKey  string `name:"tls-key" help:"Its key, PEM." placeholder:"FILE"`
	Mixed   bool   `help:"Workers of other versions and kernels may help: figures may then differ in the last digits."`
	NoWork  bool   `name:"no-work" help:"Coordinate alone; without, this process works too with --listen."`
	linkFlags
}

// linkFlags say how to reach a server.
type linkFlags struct {
	TokenFile string        `name:"token-file" help:"File of the token that the server wants; nobody else may read it." placeholder:"FILE"`
	TLSCA     string        `name:"tls-ca" help:"Certificates to trust, PEM." placeholder:"FILE"`
	Patience  time.Duration `help:"How long the server may be out of reach." default:"60s" placeholder:"DURATION"`
}

// link is that to a server.
func (f linkFlags) link(ctx context.Context, url string) (queue.Link, error) {
	token, err := queue.Token(ctx, f.TokenFile)
	return queue.Link{URL: url, Token: token, CA: f.TLSCA, Patience: f.Patience}, err
}

func (f *natsFlags) distributed() bool { return f.Listen != "" || f.NATS != "" }

// build is what this process computes with.
func build() queue.Build { return queue.Build{Version: version(), Kernel: gemm.Path()} }

// cluster runs a plan on the workers of a server.
func (c sweepCmd) cluster(ctx context.Context, s *session, plan *sweep.Plan) error {
	if c.Listen != "" && c.NATS != "" {
		return input(errors.New("--listen is a server and --nats joins one: give one of them"))
	}
	link, err := c.link(ctx, c.NATS)
	if err != nil {
		return input(err)
	}
	helpers := &helperList{}
	runner := queue.Coordinator{Link: link, Build: build(), Mixed: c.Mixed, Helpers: helpers.add}
	if c.Listen == "" {
		err := s.sweep(ctx, plan, runner, "nats "+c.NATS)
		helpers.tell(s)
		return err
	}
	store := filepath.Join(s.folder(plan), "nats")
	if plan.Finished(s.folder(plan)) {
		return s.sweep(ctx, plan, runner, "nats")
	}
	server, err := queue.Start(queue.Listen{Address: c.Listen, Token: link.Token, Cert: c.TLSCert, Key: c.TLSKey, Folder: store})
	if err != nil {
		return input(fmt.Errorf("--listen %w", err))
	}
	defer server.Stop()
	runner.Link.URL, runner.Link.Here = server.URL(), server
	if !s.Quiet {
		fmt.Fprintf(s.stderr, "bitcycle: workers may join: bitcycle worker --nats %s\n", server.URL())
	}
	stop := func() {}
	if !c.NoWork {
		stop = c.help(ctx, s, runner.Link)
	}
	err = s.sweep(ctx, plan, runner, "nats")
	stop()
	helpers.tell(s)
	if err == nil {
		server.Stop()
		err = os.RemoveAll(store) // all of it is in the folder now
	}
	return err
}

// help works in this process until stop is called.
func (c sweepCmd) help(ctx context.Context, s *session, link queue.Link) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		w := s.worker(link, c.modelFlags)
		w.Log = nil
		if err := w.Work(ctx); err != nil {
			complain(s.stderr, err)
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// worker is one with the flags of the session.
func (s *session) worker(link queue.Link, model modelFlags) queue.Worker {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	w := queue.Worker{Link: link, Build: build(), Host: host, Workers: s.Workers, Options: sweep.Options{Network: model.opener(), Workers: s.Workers}}
	if !s.Quiet {
		w.Log = func(text string) { fmt.Fprintf(s.stderr, "bitcycle: %s\n", text) }
	}
	return w
}

// helperList is who helped.
type helperList struct {
	mu   sync.Mutex
	seen []string
}

func (h *helperList) add(worker string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.Contains(h.seen, worker) {
		h.seen = append(h.seen, worker)
	}
}

// tell names them.
func (h *helperList) tell(s *session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.seen) > 0 && !s.Quiet {
		slices.Sort(h.seen)
		fmt.Fprintf(s.stderr, "bitcycle: results came from %s\n", strings.Join(h.seen, "; "))
	}
}

type workerCmd struct {
	NATS  string `name:"nats" required:"" help:"Server to serve, that of sweep --listen or a cluster's." placeholder:"URL"`
	Cache string `help:"Folder for files that this machine lacks; default: the system's folder for temporary files." placeholder:"DIR"`
	linkFlags
	modelFlags
}

// Help shows an example.
func (workerCmd) Help() string {
	return `Examples:
  bitcycle worker --nats nats://127.0.0.1:4222 -j 2
  bitcycle worker --nats tls://head:4222 --token-file token --tls-ca ca.pem

It takes spans of whatever sweeps are offered, and leaves when the server has been out of reach for --patience or after Ctrl-C,
when what it has begun is done.`
}

// Run serves until it is told to stop.
func (c workerCmd) Run(ctx context.Context, s *session) error {
	link, err := c.link(ctx, c.NATS)
	if err != nil {
		return input(err)
	}
	w := s.worker(link, c.modelFlags)
	w.Folder = c.Cache
	return input(w.Work(ctx))
}
