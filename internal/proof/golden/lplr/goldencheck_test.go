package goldencheck

import (
	"os"
	"testing"

	"bitcycle/internal/testdata"
)

func TestGoldenVectors(t *testing.T) {
	file, err := os.Open(testdata.Golden(t, "methods/lplr.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := Check(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if !row.Pass {
			t.Errorf("%s (%s): %s", row.ID, row.Kind, row.Note)
		}
	}
}
