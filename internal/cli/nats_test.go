//go:build unix && !nonats

package cli

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	crand "crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// member is a process of a cluster that can be killed and started again.
type member struct {
	t     *testing.T
	make  func() *exec.Cmd
	cmd   *exec.Cmd
	errs  *bytes.Buffer
	ended chan error
}

func (m *member) start() {
	m.t.Helper()
	m.cmd, m.errs, m.ended = m.make(), &bytes.Buffer{}, make(chan error, 1)
	m.cmd.Stderr = m.errs
	m.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // with what it starts
	if err := m.cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	cmd, ended := m.cmd, m.ended
	go func() { ended <- cmd.Wait() }()
}

// kill ends the process at once, unless it has ended.
func (m *member) kill() {
	if err := syscall.Kill(-m.cmd.Process.Pid, syscall.SIGKILL); err == nil {
		m.ended <- <-m.ended
	}
}

// freePort is a port of loopback that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// cluster starts a coordinator, two workers and whoever else, kills one of them after the
// other at random moments, and waits for the coordinator to finish. It returns how many
// it killed.
func cluster(t *testing.T, rng *rand.Rand, kills int, coordinator *member, others ...*member) (killed int) {
	t.Helper()
	all := append([]*member{coordinator}, others...)
	for i := len(all) - 1; i >= 0; i-- { // the server, if there is one, comes last in the list
		all[i].start()
	}
	defer func() {
		for _, m := range all {
			m.kill()
		}
	}()
	end := time.After(2 * time.Minute)
	for {
		var pause <-chan time.Time
		if kills > 0 {
			pause = time.After(time.Duration(100+rng.IntN(900)) * time.Millisecond)
		}
		select {
		case err := <-coordinator.ended:
			if err != nil {
				t.Fatalf("coordinator: %v: %s", err, coordinator.errs.String())
			}
			return killed
		case <-pause:
			kills--
			m := all[rng.IntN(len(all))]
			select {
			case err := <-m.ended:
				if m.ended <- err; m == coordinator {
					continue
				}
			default:
			}
			m.kill()
			m.start()
			killed++
		case <-end:
			t.Fatalf("the coordinator does not finish: %s", coordinator.errs.String())
		}
	}
}

// queued is a sweep of a second or two.
var queued = []string{"sweep", "arrays", "-w", "tiny-ds-cnn", "--sample", "2000", "--quiet", "--no-cache"}

func undisturbed(t *testing.T, folder string) string {
	t.Helper()
	if p := start(t, folder, append(queued, "--out", "whole")...); p.status != exitDone {
		t.Fatalf("status %d: %s", p.status, p.errs)
	}
	return filepath.Join(folder, "whole")
}

// TestQueueSurvivesKills kills workers and the coordinator, which is the server too, in
// turn: the files are those of an undisturbed run on one machine.
func TestQueueSurvivesKills(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a sweep on several processes many times")
	}
	folder := t.TempDir()
	whole := undisturbed(t, folder)
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 2))
	dead := 0
	for round := range rounds {
		out, port := fmt.Sprint("embedded", round), freePort(t)
		address := fmt.Sprintf("127.0.0.1:%d", port)
		coordinator := &member{t: t, make: func() *exec.Cmd {
			cmd, _ := prepared(t, folder, append(queued, "--out", out, "--listen", address, "--no-work")...)
			return cmd
		}}
		helpers := helpers(t, folder, "nats://"+address)
		dead += cluster(t, rng, 3, coordinator, helpers...)
		same(t, "embedded server", whole, filepath.Join(folder, out))
		t.Logf("round %d: %d kills so far", round, dead)
	}
}

// helpers are two workers of a server.
func helpers(t *testing.T, folder, url string) []*member {
	one := func() *exec.Cmd {
		cmd, _ := prepared(t, folder, "worker", "--nats", url, "-j", "1", "--patience", "30s", "--quiet")
		return cmd
	}
	two := func() *exec.Cmd { return retry(t, one()) }
	return []*member{{t: t, make: two}, {t: t, make: two}}
}

// retry starts a command again while its server is not there.
func retry(t *testing.T, cmd *exec.Cmd) *exec.Cmd {
	t.Helper()
	shell := exec.Command("sh", append([]string{"-c", `until "$@"; do sleep 0.1; done`, "sh", cmd.Path}, cmd.Args[1:]...)...)
	shell.Dir = cmd.Dir
	return shell
}

// TestQueueOnExternalServer does the same with a server of its own, built from the module,
// that is killed as well.
func TestQueueOnExternalServer(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a server and runs a sweep on several processes many times")
	}
	folder := t.TempDir()
	binary := filepath.Join(folder, "nats-server")
	if text, err := exec.Command("go", "build", "-o", binary, "github.com/nats-io/nats-server/v2").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	whole := undisturbed(t, folder)
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 3))
	dead := 0
	for round := range rounds {
		out, port := fmt.Sprint("external", round), freePort(t)
		store := filepath.Join(folder, fmt.Sprint("store", round))
		url := fmt.Sprintf("nats://127.0.0.1:%d", port)
		server := &member{t: t, make: func() *exec.Cmd {
			return exec.Command(binary, "-a", "127.0.0.1", "-p", fmt.Sprint(port), "-js", "-sd", store)
		}}
		coordinator := &member{t: t, make: func() *exec.Cmd {
			cmd, _ := prepared(t, folder, append(queued, "--out", out, "--nats", url)...)
			return retry(t, cmd)
		}}
		dead += cluster(t, rng, 3, coordinator, append(helpers(t, folder, url), server)...)
		same(t, "external server", whole, filepath.Join(folder, out))
		t.Logf("round %d: %d kills so far", round, dead)
	}
}

// TestQueueGuardsItsDoor: nothing listens beyond loopback without a token and a
// certificate, and a wrong token is refused.
func TestQueueGuardsItsDoor(t *testing.T) {
	folder := t.TempDir()
	put := func(name, text string, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	put("right", "secret\n", 0o600)
	put("wrong", "sesame\n", 0o600)
	put("open", "secret\n", 0o644)
	for _, c := range []struct{ args, want string }{
		{"--listen 0.0.0.0:0", "beyond this machine a token (--token-file) and a certificate"},
		{"--listen :0:0", "want host:port"},
		{"--listen 127.0.0.1:0 --token-file open", "others may read the token"},
		{"--listen 127.0.0.1:0 --nats nats://127.0.0.1:1", "give one of them"},
		{"--nats nats://127.0.0.1:1", "no servers available"},
		{"--listen 127.0.0.1:0 --shard 0/2", "--nats and --listen do not go with it"},
	} {
		p := start(t, folder, append(strings.Fields("sweep arrays -w tiny-ds-cnn --sample 10 --out x"), strings.Fields(c.args)...)...)
		if p.status != exitUsage || !strings.Contains(p.errs, c.want) {
			t.Errorf("%s: status %d: %s, want %q", c.args, p.status, p.errs, c.want)
		}
	}
	address := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	coordinator := &member{t: t, make: func() *exec.Cmd {
		cmd, _ := prepared(t, folder, append(queued, "--out", "guarded", "--listen", address, "--no-work", "--token-file", "right")...)
		return cmd
	}}
	coordinator.start()
	defer coordinator.kill()
	for range 100 {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	for _, token := range []string{"", "wrong"} {
		args := []string{"worker", "--nats", "nats://" + address}
		if token != "" {
			args = append(args, "--token-file", token)
		}
		if p := start(t, folder, args...); p.status != exitUsage || !strings.Contains(p.errs, "Authorization Violation") {
			t.Errorf("token %q: status %d: %s", token, p.status, p.errs)
		}
	}
}

// certificate writes one for loopback and its key.
func certificate(t *testing.T, folder string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), crand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.ParseIP("127.0.0.1")},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(crand.Reader, about, about, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: der}, "key.pem": {Type: "EC PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(filepath.Join(folder, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestQueueOverTLS runs a sweep with a token and a certificate, as docs/clusters.md has it.
func TestQueueOverTLS(t *testing.T) {
	folder := t.TempDir()
	certificate(t, folder)
	if err := os.WriteFile(filepath.Join(folder, "token"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	coordinator := &member{t: t, make: func() *exec.Cmd {
		cmd, _ := prepared(t, folder, "sweep", "arrays", "-w", "tiny-autoencoder", "--sample", "50", "--out", "safe", "--no-work",
			"--listen", fmt.Sprint("0.0.0.0:", port), "--token-file", "token", "--tls-cert", "cert.pem", "--tls-key", "key.pem")
		return cmd
	}}
	work := func(args ...string) *member {
		return &member{t: t, make: func() *exec.Cmd {
			cmd, _ := prepared(t, folder, append([]string{"worker", "--nats", fmt.Sprint("tls://127.0.0.1:", port), "--token-file", "token"}, args...)...)
			return retry(t, cmd)
		}}
	}
	stranger := work() // does not trust the certificate
	stranger.start()
	defer stranger.kill()
	cluster(t, rand.New(rand.NewPCG(1, 1)), 0, coordinator, work("--tls-ca", "cert.pem"))
	if !strings.Contains(coordinator.errs.String(), "results came from") {
		t.Error(coordinator.errs.String())
	}
}
