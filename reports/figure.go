package reports

import (
	"io"
	"os"
	"path/filepath"

	"bitcycle/internal/files"
)

// Figure is a picture of a report.
type Figure struct {
	Name  string // of its file, without extension
	Write func(w io.Writer) error
}

// WriteFigures writes figures as SVG to a folder and says what it wrote.
func WriteFigures(folder string, figures []Figure) (said []string, err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	for _, f := range figures {
		path := filepath.Join(folder, f.Name+".svg")
		if err := files.Write(path, f.Write); err != nil {
			return said, err
		}
		said = append(said, "wrote "+path)
	}
	return said, nil
}
