package golden

import (
	"embed"
	"io/fs"
)

// files is the small set of golden numbers that the product ships: the worked
// examples of the machine model, published figures with their sources, and the
// vectors of the methods.
//
//go:embed files
var files embed.FS

// Shipped is the folder of golden numbers inside the program.
func Shipped() fs.FS {
	shipped, err := fs.Sub(files, "files")
	if err != nil {
		panic("golden: " + err.Error())
	}
	return shipped
}
