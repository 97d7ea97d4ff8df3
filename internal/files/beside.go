package files

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
)

var outside atomic.Bool

// AllowOutside lets files name others anywhere, see [Beside].
func AllowOutside(allow bool) { outside.Store(allow) }

// Beside returns the path of a file that another one names: from the folder of that one,
// and below it, links followed. Files of the data folder may name others of it.
func Beside(by, name string) (string, error) {
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(by), path)
	}
	if outside.Load() {
		return path, nil
	}
	from, to := real(by), real(path)
	for _, folder := range append(dataFolders(from), filepath.Dir(from)) {
		if below(folder, from) && below(folder, to) {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s lies outside the folder of the file that names it: --allow-outside reads it all the same", Printable(name))
}

// real is where a path leads, absolute; of one that is not there, as far as it is.
func real(path string) string {
	if p, err := filepath.Abs(path); err == nil {
		path = p
	}
	if p, err := filepath.EvalSymlinks(path); err == nil {
		return p
	}
	folder, name := filepath.Split(path)
	if folder = filepath.Clean(folder); folder == path {
		return path
	}
	return filepath.Join(real(folder), name)
}

// dataFolders are $BITCYCLE_DATA, and the folder shared/data that a file lies in.
func dataFolders(file string) []string {
	var list []string
	if dir := os.Getenv("BITCYCLE_DATA"); dir != "" {
		list = append(list, real(dir))
	}
	shared := filepath.Join("shared", "data") + string(filepath.Separator)
	if at := strings.LastIndex(file, string(filepath.Separator)+shared); at >= 0 {
		list = append(list, file[:at+len(shared)])
	}
	return list
}

// below tells whether a file lies in a folder or below it.
func below(folder, file string) bool {
	rel, err := filepath.Rel(folder, file)
	return err == nil && filepath.IsLocal(rel)
}
