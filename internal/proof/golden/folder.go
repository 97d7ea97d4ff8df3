package golden

import (
	"embed"
	"io/fs"
	"os"
)

// files is the small set of golden numbers that the product ships: the worked
// examples of the machine model, published figures with their sources, and the
// vectors of the methods.
//
//go:embed files
var files embed.FS

// Unpack writes the shipped golden numbers below dir.
func Unpack(dir string) error {
	shipped, err := fs.Sub(files, "files")
	if err != nil {
		return err
	}
	return os.CopyFS(dir, shipped)
}
