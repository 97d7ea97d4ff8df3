package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"bitcycle/internal/files"
	"bitcycle/kernels/gemm"
	"bitcycle/sim/sweep"
	"bitcycle/sim/sweep/store"
)

// cacheFlags say where points are found that other runs have finished.
type cacheFlags struct {
	Cache   string `help:"Folder of points that other runs have finished; default: the system's cache folder." placeholder:"DIR"`
	NoCache bool   `name:"no-cache" help:"Run every point that the result folder lacks."`
}

// openCache returns the cache, nil for none.
func (f cacheFlags) openCache() (*store.Cache, error) {
	if f.NoCache {
		return nil, nil
	}
	if f.Cache != "" {
		c, err := store.OpenCache(store.CacheFolder(f.Cache, models()))
		return c, input(err)
	}
	folder, err := os.UserCacheDir()
	if err != nil {
		return nil, nil // no home: nothing is kept
	}
	c, err := store.OpenCache(store.CacheFolder(filepath.Join(folder, "bitcycle", "sweeps"), models()))
	if err != nil {
		return nil, nil
	}
	return c, nil
}

// models names what computes: the version of the models and the arithmetic kernels, and of
// a program that is no release itself, whose models may be under way.
func models() string {
	name := strconv.Itoa(sweep.Model) + "-" + gemm.Path()
	if released == "" {
		name += "-" + thisProgram()
	}
	return name
}

// thisProgram is the hash of the running program.
var thisProgram = sync.OnceValue(func() string {
	path, err := os.Executable()
	if err != nil {
		return "unknown"
	}
	file, err := files.Open(context.Background(), path, files.Data)
	if err != nil {
		return "unknown"
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "unknown"
	}
	return hex.EncodeToString(hash.Sum(nil)[:6])
})

// tellRecalled says how many points were found in the cache.
func (s *session) tellRecalled(table *sweep.Table) {
	if n := table.Recalled(); n > 0 && !s.Quiet {
		fmt.Fprintf(s.stderr, "bitcycle: %d of %d points were known from other runs (--no-cache runs them)\n", n, table.Len())
	}
}
