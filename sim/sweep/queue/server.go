package queue

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Listen says where a server of this process listens, and to whom.
type Listen struct {
	Address   string // host:port; port 0 takes a free one
	Token     string // that clients must know; "" on loopback alone
	Cert, Key string // files of its certificate; "" on loopback alone
	Folder    string // of its store
}

// Server is a NATS server with JetStream in this process. What it acknowledges is on disk.
type Server struct{ of *server.Server }

// Start starts a server. Beyond loopback it wants a token and a certificate.
func Start(l Listen) (*Server, error) {
	host, port, err := net.SplitHostPort(l.Address)
	if err != nil {
		return nil, fmt.Errorf("%q: want host:port", l.Address)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("%q: port = %q: want 0 to 65535", l.Address, port)
	}
	if !loopback(host) && (l.Token == "" || l.Cert == "") {
		return nil, fmt.Errorf("%q: beyond this machine a token (--token-file) and a certificate (--tls-cert, --tls-key) are wanted", l.Address)
	}
	o := &server.Options{
		ServerName: "bitcycle", Host: host, Port: int(number), JetStream: true, StoreDir: l.Folder, SyncAlways: true,
		NoSigs: true, NoLog: true, Authorization: l.Token, MaxPayload: 8 << 20,
	}
	if number == 0 {
		o.Port = server.RANDOM_PORT
	}
	if l.Cert != "" {
		pair, err := tls.LoadX509KeyPair(l.Cert, l.Key)
		if err != nil {
			return nil, err
		}
		o.TLS, o.TLSTimeout = true, 5
		o.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13}
	}
	s, err := server.NewServer(o)
	if err != nil {
		return nil, err
	}
	go s.Start()
	if !s.ReadyForConnections(wait) {
		s.Shutdown()
		return nil, errors.New("the server does not start: is the address taken?")
	}
	return &Server{s}, nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// URL is where clients find the server.
func (s *Server) URL() string { return s.of.ClientURL() }

// Stop ends the server and waits for its store.
func (s *Server) Stop() {
	s.of.Shutdown()
	done := make(chan struct{})
	go func() {
		s.of.WaitForShutdown()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(wait):
	}
}
