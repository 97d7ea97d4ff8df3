// Package files finds, opens and writes files: one bounded way in, [Open], and one
// way out that leaves a whole file or none, [Write].
package files

import (
	"os"
	"path/filepath"
)

// Shared returns the folder that the environment variable names, else
// shared/folder beside the repository (found from the working directory
// upward), else "".
func Shared(env, folder string) string {
	if dir := os.Getenv(env); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	for {
		candidate := filepath.Join(dir, "shared", folder)
		if info, err := os.Stat(candidate); err == nil && info.IsDir() {
			return candidate
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}
