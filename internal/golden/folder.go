package golden

import (
	"embed"
	"io/fs"
	"os"
	"path/filepath"
)

// files is the small set of golden numbers that the product ships: the worked
// examples of the machine model, published figures with their sources, and the
// vectors of the methods.
//
//go:embed files
var files embed.FS

// Folder returns the folder that the environment variable names, else
// shared/folder beside the repository (found from the working directory
// upward), else "".
func Folder(env, folder string) string {
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

// Unpack writes the shipped golden numbers below dir.
func Unpack(dir string) error {
	shipped, err := fs.Sub(files, "files")
	if err != nil {
		return err
	}
	return os.CopyFS(dir, shipped)
}
