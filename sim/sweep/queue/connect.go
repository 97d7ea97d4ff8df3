package queue

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"bitcycle/internal/files"
)

// Link says how to reach a server.
type Link struct {
	URL   string
	Token string
	CA    string // file of certificates to trust beside the system's
	// Patience is how long a server may be out of reach before that is an error.
	Patience time.Duration
	// Here is a server of this process, in the place of an URL.
	Here *Server
}

// conn is a connection with what lies on the server.
type conn struct {
	nc    *nats.Conn
	js    jetstream.JetStream
	jobs  jetstream.KeyValue
	files jetstream.ObjectStore
	lost  chan struct{} // closed when the server has been away for too long
	since atomic.Int64  // when it went, in Unix nanoseconds; 0: it is there
}

// dial connects and makes the streams, unless they are there.
func dial(ctx context.Context, l Link) (*conn, error) {
	c := &conn{lost: make(chan struct{})}
	options := []nats.Option{
		nats.Name("bitcycle"), nats.MaxReconnects(-1), nats.ReconnectWait(200 * time.Millisecond), nats.Timeout(wait),
		nats.DisconnectErrHandler(func(*nats.Conn, error) { c.since.CompareAndSwap(0, time.Now().UnixNano()) }),
		nats.ReconnectHandler(func(*nats.Conn) { c.since.Store(0) }),
	}
	if l.Token != "" {
		options = append(options, nats.Token(l.Token))
	}
	if l.Here != nil {
		options = append(options, nats.InProcessServer(l.Here.of))
	} else if l.CA != "" {
		pool, err := trusted(ctx, l.CA)
		if err != nil {
			return nil, err
		}
		options = append(options, nats.Secure(&tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13}))
	}
	url := l.URL
	if l.Here != nil {
		url = nats.DefaultURL // a pipe: no name to verify
	}
	var err error
	if c.nc, err = nats.Connect(url, options...); err != nil {
		return nil, fmt.Errorf("%s: %w", l.URL, err)
	}
	if err := c.open(ctx); err != nil {
		c.nc.Close()
		return nil, fmt.Errorf("%s: %w", l.URL, err)
	}
	go c.watch(ctx, l.Patience)
	return c, nil
}

func trusted(ctx context.Context, path string) (*x509.CertPool, error) {
	text, err := files.Read(ctx, path, files.Document)
	if err != nil {
		return nil, err
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s: no certificates", path)
	}
	return pool, nil
}

// open makes streams and buckets.
func (c *conn) open(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, wait)
	defer stop()
	var err error
	if c.js, err = jetstream.New(c.nc, jetstream.WithDefaultTimeout(wait)); err != nil {
		return err
	}
	for _, s := range []jetstream.StreamConfig{
		{Name: workStream, Subjects: []string{workPrefix + ">"}, Retention: jetstream.WorkQueuePolicy},
		{Name: doneStream, Subjects: []string{donePrefix + ">"}},
	} {
		if _, err := c.js.CreateOrUpdateStream(ctx, s); err != nil {
			return err
		}
	}
	if c.jobs, err = c.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: jobBucket}); err != nil {
		return err
	}
	c.files, err = c.js.CreateOrUpdateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: fileBucket})
	return err
}

// watch closes lost when the server has been away for too long.
func (c *conn) watch(ctx context.Context, patience time.Duration) {
	if patience <= 0 {
		return
	}
	tick := time.NewTicker(patience / 20)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if at := c.since.Load(); at != 0 && time.Since(time.Unix(0, at)) > patience {
				close(c.lost)
				return
			}
		}
	}
}

func (c *conn) close() { c.nc.Close() }

// consumer is the one that all workers share.
func (c *conn) consumer(ctx context.Context) (jetstream.Consumer, error) {
	return c.js.CreateOrUpdateConsumer(ctx, workStream, jetstream.ConsumerConfig{
		Durable: workers, AckPolicy: jetstream.AckExplicitPolicy, AckWait: deadline, MaxDeliver: maxOffers, MaxAckPending: -1,
	})
}

// stored tells whether an error of publishing says that there are results already.
func stored(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence
}

// Token reads the token of a file.
func Token(ctx context.Context, path string) (string, error) {
	if path == "" {
		return "", nil
	}
	text, err := files.Read(ctx, path, files.Description)
	if err != nil {
		return "", err
	}
	token := trim(string(text))
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%s: others may read the token: chmod 600 %s", path, path)
	}
	if token == "" {
		return "", fmt.Errorf("%s: no token", path)
	}
	return token, nil
}
